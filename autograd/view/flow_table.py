"""Gradient flow in a terminal: one line per layer, with its gradient norm as a bar."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, isfinite, log10
from typing import Any

from rich.bar import Bar
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.measure import Measurement
from rich.table import Table

from autograd.view.flow_record import LayerRecord
from autograd.view.flow_warnings import FlowWarning
from autograd.view.style import printable
from autograd.view.terminal import WIDEST, Encodable, plain_text

BAR, BLUE, RED = 18, "#2f86d1", "red"
LEAST_DECADES = 3


COLUMNS = ("", "layer", "gradient", "bar", "update:data", "dead", "saturated")
DISPENSABLE = ("saturated", "dead", "bar", "update:data")
"""What a narrow terminal does without, the least important first."""


def flow_table(layers: list[LayerRecord], steps: list[int], warnings: list[FlowWarning]) -> Encodable:
    """The last recorded step: one line per layer, with its gradient norm as a bar; and the warnings."""
    return Encodable(Group(FlowTable(layers, steps, warnings), *(plain_text(f"! {warning}") for warning in warnings)))


class FlowTable:
    """The table of the layers, in as many columns as there is room for."""

    def __init__(self, layers: list[LayerRecord], steps: list[int], warnings: list[FlowWarning]) -> None:
        self.layers, self.steps, self.warnings = layers, steps, warnings

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns: tuple[str, ...] = COLUMNS
        unlimited = options.update(max_width=WIDEST)
        for dispensable in DISPENSABLE:
            if Measurement.get(console, unlimited, self.table(columns)).maximum <= options.max_width:
                break
            columns = tuple(column for column in columns if column != dispensable)
        yield self.table(columns)

    def table(self, columns: Sequence[str]) -> Table:
        """The table with these columns."""
        low, high = decades([norm for layer in self.layers for norm in layer.gradient_norm[-1:]])
        table = Table(title=f"Gradient flow{at_step(self.steps)}", title_justify="left")
        for heading in columns:
            scale = f"1e{low}" + f"1e{high}".rjust(BAR - len(f"1e{low}"))
            is_number = heading not in ("", "layer", "bar")
            table.add_column(
                scale if heading == "bar" else heading,
                justify="right" if is_number else "left",
                no_wrap=heading != "gradient",
            )
        for layer in self.layers:
            cells = self.cells(layer, low, high)
            table.add_row(*(cells[column] for column in columns))
        return table

    def cells(self, layer: LayerRecord, low: int, high: int) -> dict[str, Any]:
        """What the columns show of a layer."""
        norm = latest(layer.gradient_norm)
        is_alarming = any(_concerns(warning, layer) for warning in self.warnings)
        share = 0.0 if norm is None else _bar_length(norm, low, high)
        ratios = [ratio for p in layer.parameters if p.is_weight for ratio in finite(p.update_ratio[-1:])]
        return {
            "": "!" if is_alarming else "",
            "layer": plain_text(title_of(layer)),
            "gradient": "" if norm is None else f"{norm:.1e}",
            "bar": Bar(1.0, 0.0, share, width=BAR, color=RED if is_alarming else BLUE),
            "update:data": " ".join(f"{ratio:.1f}" for ratio in ratios),
            "dead": percent(latest(layer.dead)),
            "saturated": percent(latest(layer.saturated)),
        }


def at_step(steps: list[int]) -> str:
    """The end of a heading: the step that is shown."""
    return f" at step {steps[-1]}" if steps else ": nothing recorded yet"


def title_of(layer: LayerRecord) -> str:
    """The title of a layer: its path and its kind."""
    return printable(layer.name if layer.name == layer.kind else f"{layer.name} {layer.kind}")


def _concerns(warning: FlowWarning, layer: LayerRecord) -> bool:
    return warning.layer in {layer.name, *(parameter.name for parameter in layer.parameters)}


def latest(numbers: Sequence[float | None]) -> float | None:
    """The number of the last recorded step; None if it has none."""
    return numbers[-1] if numbers else None


def finite(numbers: Sequence[float | None]) -> list[float]:
    """The numbers that are neither missing nor nan nor inf."""
    return [x for x in numbers if x is not None and isfinite(x)]


def percent(share: float | None) -> str:
    """A share in percent; empty for None."""
    return "" if share is None else f"{share:.0%}"


def decades(norms: Sequence[float | None]) -> tuple[int, int]:
    """The powers of ten between which the norms lie, at least `LEAST_DECADES` apart."""
    found = [log10(norm) for norm in finite(norms) if norm > 0]
    high = ceil(max(found, default=0.0))
    return min(floor(min(found, default=0.0)), high - LEAST_DECADES), high


def _bar_length(norm: float, low: int, high: int) -> float:
    """The position of a norm between two powers of ten, from 0 to 1; that of nan and inf is 1."""
    if not isfinite(norm):
        return 1.0
    return (log10(norm) - low) / (high - low) if norm > 0 else 0.0
