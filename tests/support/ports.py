"""The programs of `tests/ports`, run by PyTorch and by us; `python -m tests.support.ports` records PyTorch's losses.

The tests compare with that file, so that they need no PyTorch; one marked slow compares with PyTorch itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

Run = Callable[[int], list[float]]

FOLDER = Path(__file__).parents[1] / "ports"
FILE = FOLDER / "pytorch.json"
PROGRAMS = sorted(
    file.stem for file in FOLDER.glob("*.py") if file.stem not in ("__init__", "conftest") and file.stem[:5] != "test_"
)
STEPS = 12
MARK = "  # here: "
VERSION = "2.13.0"


def begin(model: Any, seed: int = 0) -> Any:
    """The model, its random parameters replaced by numbers that either engine can have; zeros and ones stay."""
    generator = np.random.default_rng(seed)
    for parameter in model.parameters():
        data = np.asarray(parameter.data)
        drawn = generator.normal(size=data.shape) / np.sqrt(np.prod(data.shape[1:]))
        data[...] = np.where((data == 0.0) | (data == 1.0), data, drawn)
    return model


def source(name: str) -> str:
    return (FOLDER / f"{name}.py").read_text(encoding="utf-8")


def differing(name: str) -> list[tuple[str, str]]:
    """The lines of a program that are others here: PyTorch's and ours."""
    lines = [line.split(MARK) for line in source(name).splitlines() if MARK in line]
    return [(theirs.strip(), ours.strip()) for theirs, ours in lines]


def rewritten(line: str) -> str:
    theirs, mark, ours = line.partition(MARK)
    return theirs[: len(theirs) - len(theirs.lstrip())] + ours if mark else line


def _run_of(name: str, lines: list[str]) -> Run:
    program: dict[str, Any] = {"__name__": f"tests.ports.{name}"}
    exec(compile("\n".join(lines), FOLDER / f"{name}.py", "exec"), program)
    run: Run = program["run"]
    return run


def ours(name: str) -> Run:
    """The program with our lines."""
    return _run_of(name, [rewritten(line) for line in source(name).splitlines()])


@contextmanager
def _doubles() -> Iterator[None]:
    """PyTorch's layers and arrays are of double precision inside, as ours are."""
    import torch

    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


def theirs(name: str) -> Run:
    """The program as it stands, in double precision."""
    with _doubles():
        return _doubles()(_run_of(name, source(name).splitlines()))


def recorded() -> dict[str, list[float]]:
    """By program the losses that PyTorch gave."""
    losses: dict[str, list[float]] = json.loads(FILE.read_text(encoding="utf-8"))["losses"]
    return losses


def main() -> None:
    import torch

    if torch.__version__.partition("+")[0] != VERSION:
        raise SystemExit(f"the losses are PyTorch {VERSION}'s, and this is {torch.__version__}")
    torch.set_num_threads(1)
    header = {"torch": torch.__version__, "numpy": np.__version__, "by": "python -m tests.support.ports"}
    lines = [f"{json.dumps(name)}: {json.dumps(theirs(name)(STEPS))}" for name in PROGRAMS]
    text = f'{{"header": {json.dumps(header)},\n"losses": {{\n' + ",\n".join(lines) + "\n}}\n"
    FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
