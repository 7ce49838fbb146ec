"""Gradient flow in a terminal: one line per layer, with its gradient norm as a bar."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, isfinite, log10

from rich.bar import Bar
from rich.console import Group
from rich.table import Table

from autograd.view.flow_record import LayerRecord
from autograd.view.flow_warnings import FlowWarning
from autograd.view.style import printable
from autograd.view.terminal import Encodable, plain_text

BAR, BLUE, RED = 18, "#2f86d1", "red"
LEAST_DECADES = 3


def flow_table(layers: list[LayerRecord], steps: list[int], warnings: list[FlowWarning]) -> Encodable:
    """The last recorded step: one line per layer, with its gradient norm as a bar; and the warnings."""
    low, high = decades([norm for layer in layers for norm in layer.gradient_norm[-1:]])
    scale = f"1e{low}" + f"1e{high}".rjust(BAR - len(f"1e{low}"))
    table = Table(title=f"Gradient flow{at_step(steps)}", title_justify="left")
    for heading in ("", "layer"):
        table.add_column(heading, no_wrap=True)
    table.add_column("gradient", justify="right")
    table.add_column(scale, no_wrap=True)
    for heading in ("update:data", "dead", "saturated"):
        table.add_column(heading, justify="right", no_wrap=True)
    for layer in layers:
        norm = latest(layer.gradient_norm)
        is_alarming = any(_concerns(warning, layer) for warning in warnings)
        share = 0.0 if norm is None else _bar_length(norm, low, high)
        table.add_row(
            "!" if is_alarming else "",
            plain_text(title_of(layer)),
            "" if norm is None else f"{norm:.1e}",
            Bar(1.0, 0.0, share, width=BAR, color=RED if is_alarming else BLUE),
            " ".join(f"{ratio:.1f}" for p in layer.parameters if p.is_weight for ratio in finite(p.update_ratio[-1:])),
            *(percent(latest(shares)) for shares in (layer.dead, layer.saturated)),
        )
    return Encodable(Group(table, *(plain_text(f"! {warning}") for warning in warnings)))


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
