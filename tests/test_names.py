"""The names that users type: what a star import brings, what `dir` lists and an editor completes, what `help` says."""

import builtins
import pydoc
import re
import subprocess
import sys
from operator import attrgetter
from types import ModuleType

import pytest

import autograd
import nn
import nn.functional
import nn.optim.lr_scheduler
from autograd import Tensor, Value

NODES = {"Value": Value, "a Value": Value(1.0), "Tensor": Tensor, "a Tensor": Tensor([1.0])}
CONSTANTS = {"a constant Value": Value(1.0).detach(), "a constant Tensor": Tensor([1.0]).detach()}


LOADED_WHEN_USED = {"course", "plot"}
"""Modules that `from nn import *` leaves: `plot` needs matplotlib."""


@pytest.mark.parametrize("package", [autograd, nn], ids=lambda package: package.__name__)
def test_a_star_import_brings_what_users_type_and_shadows_no_builtin(package):
    brought: dict[str, object] = {}
    exec(f"from {package.__name__} import *", brought)
    del brought["__builtins__"]
    assert not [name for name in brought if hasattr(builtins, name)]
    listed = {name for name in dir(package) if not hasattr(builtins, name)}
    assert set(brought) == listed - {"__version__"} - LOADED_WHEN_USED


def test_a_star_import_brings_the_views_the_transforms_and_the_operations():
    wanted = {"Value", "Tensor", "Tape", "draw", "draw_diff", "explain", "step_through", "GradientFlow", "diagnose"}
    wanted |= {"grad", "jacobian", "vmap", "no_grad", "tanh", "stack", "where", "check_grads", "view"}
    assert wanted <= set(autograd.__all__)


def test_builtins_of_other_meaning_are_there_by_their_full_name():
    assert {"abs", "max", "min", "pow", "round", "sum"} == set(dir(autograd)) - set(autograd.__all__) - {"__version__"}
    assert autograd.sum([1.0, 2.0]) == 3.0


@pytest.mark.parametrize(
    ("package", "modules"),
    [
        (autograd, {"view"}),
        (nn, {"datasets", "distributions", "functional", "init", "metrics", "optim", "schedule", "utils"}),
    ],
    ids=["autograd", "nn"],
)
def test_dir_lists_what_users_type_and_nothing_else(package, modules):
    listed = {name: getattr(package, name) for name in set(dir(package)) - LOADED_WHEN_USED}
    assert {name for name, given in listed.items() if isinstance(given, ModuleType)} == modules
    assert not {"Any", "TYPE_CHECKING", "INSTEAD", "Operand", "import_module", "installation"} & set(listed)
    assert not [name for name in listed if name.startswith("_") and name != "__version__"]


@pytest.mark.parametrize("package", [autograd, nn], ids=lambda package: package.__name__)
def test_dir_lists_all_that_a_package_takes_from_its_modules(package):
    names = {
        name
        for name, given in vars(package).items()
        if getattr(given, "__module__", "").startswith(("autograd.", "nn.")) and not isinstance(given, ModuleType)
    }
    assert {name for name in names if not name.startswith("_")} <= set(dir(package))


MODULES = {
    "nn.datasets": {"penguins", "moons"},
    "nn.distributions": {"Normal"},
    "nn.functional": {"relu", "conv2d", "cross_entropy"},
    "nn.init": {"xavier_uniform_"},
    "nn.metrics": {"accuracy"},
    "nn.optim": {"SGD", "Adam", "lr_scheduler"},
    "nn.optim.lr_scheduler": {"StepLR"},
    "nn.schedule": {"StepLR"},
    "nn.utils": {"clip_grad_norm_"},
}


@pytest.mark.parametrize("name", MODULES)
def test_the_modules_of_nn_complete_what_users_type_and_nothing_else(name):
    module = attrgetter(name.partition(".")[2])(nn)
    listed = dir(module)
    assert MODULES[name] <= set(listed)
    assert [x for x in listed if x.startswith("_") or x in ("np", "Any", "Tensor", "autograd", "annotations")] == []
    assert [x for x in listed if x.startswith("check_") or x.endswith("_of")] == []
    brought: dict[str, object] = {}
    exec(f"from {module.__name__} import *", brought)
    assert set(brought) - {"__builtins__"} == set(listed)


def test_dir_is_the_same_whatever_was_imported():
    code = "import autograd, nn; before = dir(autograd), dir(nn); {}; print((dir(autograd), dir(nn)) == before)"
    more = "import autograd.numpy, autograd.test_util, nn.demo; autograd.draw, autograd.view.terminal, nn.fit"
    run = subprocess.run([sys.executable, "-c", code.format(more)], capture_output=True, text=True, check=False)
    assert run.stdout == "True\n", run.stderr


def test_layers_complete():
    completed = [name for name in dir(nn) if name.startswith("Co")]
    assert {"Conv1d", "Conv2d", "CosineAnnealingLR"} <= set(completed)


@pytest.mark.parametrize("which", [*NODES, *CONSTANTS])
def test_dir_of_a_node_lists_what_users_type_and_nothing_else(which):
    node = (NODES | CONSTANTS)[which]
    names = dir(node)
    assert {"data", "grad", "label", "op", "inputs", "backward", "detach", "item", "tanh", "__add__"} <= set(names)
    assert not [name for name in names if name.startswith("_") and not name.startswith("__")]
    engine = {"adjoint", "apply", "as_node", "fingerprints", "fresh_zero", "own", "precedence", "unbroadcast_to"}
    assert not engine & set(names)


@pytest.mark.parametrize("which", [Value, Tensor], ids=lambda kind: kind.__name__)
def test_all_that_dir_lists_of_a_node_is_described(which):
    names = [name for name in dir(which) if not name.startswith("_")]
    assert [name for name in names if not getattr(which, name).__doc__ and name != "requires_grad"] == []


@pytest.mark.parametrize("package", [autograd, nn], ids=lambda package: package.__name__)
def test_help_reads_as_a_page(package):
    shown = pydoc.plain(pydoc.render_doc(package))
    page, rest = shown.split("PACKAGE CONTENTS")
    assert 30 <= page.count("\n") <= 60
    assert max(map(len, page.splitlines())) <= 120
    assert not re.search(r"\b(TYPE_CHECKING|INSTEAD|_\w*OF|_LAZY|class Any|class Operand)\b", rest)


@pytest.mark.parametrize("package", [autograd, nn], ids=lambda package: package.__name__)
def test_every_name_on_the_page_exists(package):
    """Names stand in indented lines, apart by commas, with their arguments, before two spaces."""
    lines = re.findall(r"^    ([A-Za-z].*?)(?:,|  .*)?$", package.__doc__, re.MULTILINE)
    names = [name for line in lines for name in re.sub(r"\(.*\)", "", line).split(", ")]
    assert len(names) > 15
    for name in set(names) - LOADED_WHEN_USED:
        attrgetter(name)(package)


def test_every_name_of_nn_is_on_its_page():
    assert [name for name in dir(nn) if not re.search(rf"\b{name}\b", nn.__doc__)] == []
