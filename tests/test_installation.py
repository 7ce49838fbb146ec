"""The check for another distribution that installs a package named autograd."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.process import ROOT, python


@pytest.mark.parametrize("metadata", ["autograd-1.7.dist-info", "autograd-1.3.egg-info"])
def test_the_other_autograd_installed_beside_us_is_an_error_with_the_commands_that_mend_it(tmp_path, metadata):
    (tmp_path / metadata).mkdir()
    run = python("import sys; sys.path.append(sys.argv[1]); import autograd", str(tmp_path))
    assert run.returncode == 1
    assert "ImportError" in run.stderr
    for said in (str(tmp_path / metadata), "pip uninstall -y autograd wengert", "pip install wengert", "HIPS autograd"):
        assert said in run.stderr


def our_packages(folder: Path) -> None:
    for package in ("autograd", "nn"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))


def their_package(folder: Path) -> None:
    (folder / "autograd").mkdir(parents=True, exist_ok=True)
    (folder / "autograd" / "__init__.py").write_text("from .differential_operators import grad\n")
    (folder / "autograd" / "differential_operators.py").write_text("def grad(f):\n    return f\n")


def mixed(folder: Path) -> None:
    our_packages(folder)
    their_package(folder)
    (folder / "autograd-1.8.0.dist-info").mkdir()


def theirs_first(folder: Path) -> None:
    their_package(folder)
    our_packages(folder / "ours")


def theirs_uninstalled_again(folder: Path) -> None:
    mixed(folder)
    (folder / "autograd-1.8.0.dist-info").rmdir()
    for name in ("__init__.py", "differential_operators.py"):
        (folder / "autograd" / name).unlink()


@pytest.mark.parametrize("installed", [mixed, theirs_first, theirs_uninstalled_again])
def test_nn_beside_another_autograd_is_an_error_with_the_commands_that_mend_it(tmp_path, installed):
    installed(tmp_path)
    code = "import sys; sys.path[:0] = [sys.argv[1], sys.argv[1] + '/ours']; import nn"
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert run.returncode == 1
    assert "ImportError" in run.stderr
    for said in (str(tmp_path / "autograd"), "pip uninstall -y autograd wengert", "pip install wengert"):
        assert said in run.stderr


@pytest.mark.parametrize("metadata", ["autograd_gamma-0.5.dist-info", "autograd-utils.py", "wengert-0.1.0.dist-info"])
def test_other_distributions_beside_us_do_no_harm(tmp_path, metadata):
    (tmp_path / metadata).mkdir()
    run = python("import sys; sys.path.append(sys.argv[1]); import autograd", str(tmp_path))
    assert run.returncode == 0, run.stderr
