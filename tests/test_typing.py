"""Types: the programs in `tests/users` as mypy and pyright see them, and as Python runs them."""

import os
import shutil
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.process import ROOT
from tests.support.signatures import STUB, stub

USERS = ROOT / "tests" / "users"
PROGRAMS = sorted(path.stem for path in USERS.glob("*.py") if path.stem not in ("__init__", "mistakes"))
MOST_LOSS = {"micrograd_demo": 1.0, "tensors": 1e-6, "training": 0.6}


def output_of(*command: str) -> str:
    """What a type checker says about the programs, or nothing."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "MYPYPATH": str(ROOT)}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    return "" if run.returncode == 0 else run.stdout + run.stderr


def pyright() -> str | None:
    """The program: Microsoft's, or that of basedpyright, which brings its own node."""
    here = Path(sys.executable).parent
    places = f"{here}{os.pathsep}{os.environ.get('PATH', '')}"
    return shutil.which("basedpyright", path=places) or shutil.which("pyright", path=places)


def test_the_stub_is_what_the_table_says():
    assert STUB.read_text("utf-8") == stub(), "run python -m tests.support.signatures"


@pytest.mark.parametrize("program", PROGRAMS)
def test_users_programs_run(program):
    result = import_module(f"tests.users.{program}").main()
    assert abs(result) <= MOST_LOSS.get(program, 2.0)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed")
def test_mypy_knows_the_types_in_users_programs():
    options = ["--config-file=", "--strict", "--follow-imports=silent", "--cache-dir=.mypy_cache/users"]
    assert output_of(sys.executable, "-m", "mypy", *options, str(USERS)) == ""


@pytest.mark.slow
@pytest.mark.skipif(pyright() is None, reason="neither basedpyright nor pyright is installed")
def test_pyright_knows_the_types_in_users_programs():
    options = ["--project", str(USERS / "pyrightconfig.json"), "--pythonpath", sys.executable]
    assert output_of(pyright() or "", *options) == ""
