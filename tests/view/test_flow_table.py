"""Gradient flow as a table in a terminal."""

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
