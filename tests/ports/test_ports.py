"""Programs written for PyTorch run here with at most three lines changed, and give the same losses."""

import json

import numpy as np
import pytest

from tests.support import ports


@pytest.mark.parametrize("name", ports.PROGRAMS)
def test_the_losses_are_those_that_pytorch_gave(name):
    losses = ports.ours(name)(ports.STEPS)
    assert len(losses) >= ports.STEPS
    assert all(type(loss) is float for loss in losses)
    np.testing.assert_allclose(losses, ports.recorded()[name], rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("name", ports.PROGRAMS)
def test_the_losses_are_pytorchs(name):
    pytest.importorskip("torch")
    np.testing.assert_allclose(ports.ours(name)(ports.STEPS), ports.theirs(name)(ports.STEPS), rtol=1e-9)


@pytest.mark.parametrize("name", ports.PROGRAMS)
def test_at_most_three_lines_differ(name):
    lines = ports.differing(name)
    assert 1 <= len(lines) <= 3
    for theirs, ours in lines:
        assert "torch" in theirs
        assert ";" not in ours, "one statement a line"


@pytest.mark.parametrize("name", ports.PROGRAMS)
def test_every_step_changes_the_loss(name):
    losses = ports.recorded()[name]
    assert len(set(losses)) == len(losses)


def test_the_file_is_of_one_version_and_holds_every_program():
    written = json.loads(ports.FILE.read_text(encoding="utf-8"))
    assert written["header"]["torch"].partition("+")[0] == ports.VERSION
    assert list(written["losses"]) == ports.PROGRAMS
    assert ports.FILE.stat().st_size < 50_000
