"""Writes down PyTorch's numbers: `python -m tests.peers.record`, where torch 2.13.0 (CPU) is installed.

The tests compare with this file, so that they need no PyTorch; `.ci/run` compares with PyTorch itself as well.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.peers.case import Case, Results
from tests.peers.cases import CASES

FILE = Path(__file__).with_name("pytorch.json")
VERSION = "2.13.0"


def written(array: Any, dtype: str) -> Any:
    """An array as nested lists of its shortest decimals; with its dtype if it is another, its shape if it is empty."""
    array = np.asarray(array)
    nested: Any = np.array([float(str(x)) for x in array.ravel()]).reshape(array.shape).tolist()
    if array.size == 0 or array.dtype != dtype:
        return {"shape": list(array.shape), "dtype": str(array.dtype), "entries": nested}
    return nested


def read(stored: Any, dtype: str) -> Any:
    """The array that was written."""
    if isinstance(stored, dict):
        return np.array(stored["entries"], stored["dtype"]).reshape(stored["shape"])
    return np.array(stored, dtype)


def entry(results: Results, dtype: str) -> list[Any]:
    """What a case gave, for the file."""
    gradients, second = ([written(x, dtype) for x in part] for part in (results.gradients, results.second))
    return [written(results.value, dtype), gradients, second]


def results(stored: list[Any], dtype: str) -> Results:
    """What a case gave, from the file."""
    value, gradients, second = stored
    return Results(read(value, dtype), [read(x, dtype) for x in gradients], [read(x, dtype) for x in second])


def recorded() -> dict[str, dict[str, Any]]:
    """By case and dtype what PyTorch computed."""
    cases: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["cases"]
    return cases


def by_torch(case: Case) -> dict[str, Any]:
    return {dtype: entry(case.by_torch(dtype), dtype) for dtype in case.dtypes}


def main() -> None:
    import torch

    if torch.__version__.partition("+")[0] != VERSION:
        raise SystemExit(f"the numbers are PyTorch {VERSION}'s, and this is {torch.__version__}")
    torch.set_num_threads(1)
    header = {
        "torch": torch.__version__,
        "numpy": np.__version__,
        "by": "python -m tests.peers.record",
        "each": "[value, gradients of the inputs, gradients of a weighted sum of those]",
    }
    lines = [f"{json.dumps(name)}: {json.dumps(by_torch(case), separators=(',', ':'))}" for name, case in CASES.items()]
    text = f'{{"header": {json.dumps(header)},\n"cases": {{\n' + ",\n".join(lines) + "\n}}\n"
    FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
