"""Gradient flow as a table in a terminal."""

import sys
from io import StringIO
from types import ModuleType, SimpleNamespace

import pytest
from rich.console import Console

import nn
from autograd import GradientFlow
from tests.support.training import INPUTS, network, trained


def test_a_printed_flow_is_a_table_with_bars_and_warnings():
    lines = str(trained(network(10, nn.Sigmoid))).splitlines()
    assert lines[0] == "Gradient flow at step 12"
    first, last = (next(line for line in lines if f" {name} Linear " in line) for name in ("0", "20"))
    assert "!" in first
    assert first.count("█") < last.count("█")
    assert any(line.startswith("! vanishing gradient in 0: ") for line in lines)


def test_the_table_fits_a_terminal_of_eighty_columns():
    console = Console(width=80, record=True, file=None, quiet=False)
    with console.capture() as captured:
        console.print(trained(network()))
    assert "saturated ┃" in captured.get()


def test_a_live_flow_leaves_its_table_behind(capsys):
    model = network()
    flow = GradientFlow(model, every=1)
    with flow.live():
        for _ in range(3):
            model(INPUTS).sum().backward()
            flow.step()
    assert "Gradient flow at step 3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (80, ["layer", "gradient", "1e-3", "1e0", "update:data", "dead", "saturated"]),
        (64, ["layer", "gradient", "1e-3", "1e0", "update:data"]),
        (48, ["layer", "gradient", "update:data"]),
        (26, ["layer", "gradient"]),
    ],
)
def test_a_narrow_terminal_does_without_the_least_important_columns(width, columns):
    console = Console(width=width, record=True, file=StringIO())
    console.print(trained(network()))
    heading = console.export_text().splitlines()[2]
    assert [word for word in heading.split() if word not in ("┃", "┏", "┓")] == columns


def test_in_a_notebook_a_live_flow_has_a_display_of_its_own(monkeypatch):
    updates = []
    display = ModuleType("IPython.display")
    display.display = lambda shown, display_id: SimpleNamespace(update=updates.append)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setattr("autograd.view.flow.Terminal", lambda: SimpleNamespace(is_jupyter=True))
    monkeypatch.setattr("autograd.view.flow.SECONDS_BETWEEN_FRAMES", 0.0)
    model = network()
    flow = GradientFlow(model, every=1)
    with flow.live():
        for _ in range(3):
            model(INPUTS).sum().backward()
            flow.step()
    assert updates == [flow] * 4
