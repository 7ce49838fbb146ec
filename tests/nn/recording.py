"""Numbers of PyTorch in files beside the tests, so that these need no PyTorch."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

VERSION = "2.13.0"
HERE = Path(__file__).parent

Rows = list[list[float]]


def file_of(name: str) -> Path:
    return HERE / f"{name}.json"


def recorded(name: str) -> dict[str, Rows]:
    """By case what the file says."""
    cases: dict[str, Rows] = json.loads(file_of(name).read_text(encoding="utf-8"))["cases"]
    return cases


def is_expected(torch: ModuleType) -> bool:
    """Whether the installed PyTorch is the one that is written down."""
    version: str = torch.__version__
    return version.partition("+")[0] == VERSION


def record(name: str, each: str, cases: dict[str, Any]) -> None:
    """Writes the file, a case a line; `each` says what the numbers of a case are."""
    import torch

    if not is_expected(torch):
        raise SystemExit(f"the numbers are PyTorch {VERSION}'s, and this is {torch.__version__}")
    by = f"python -m tests.nn.{name}"
    header = {"torch": torch.__version__, "numpy": np.__version__, "by": by, "each": each}
    lines = [f"{json.dumps(case)}: {json.dumps(rows, separators=(',', ':'))}" for case, rows in cases.items()]
    text = f'{{"header": {json.dumps(header)},\n"cases": {{\n' + ",\n".join(lines) + "\n}}\n"
    file_of(name).write_text(text, encoding="utf-8")
