"""The modules and their layers: imports go down only, and importing the package imports nothing heavy."""

import ast
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support.process import ROOT, python

LAYERS = {
    "autograd": [
        {
            "formula",
            "special",
            "arrays",
            "tree",
            "installation",
            "caller",
            "mode",
            "atomic",
            "characters",
            "pytorch",
            "randomness",
            "typing",
            "docs",
        },
        {"op", "markup", "convolutions"},
        {"symbol", "node"},
        {"pullbacks", "tape", "jacobian", "state"},
        {"table"},
        {"anomaly", "functions", "javascript", "methods"},
        {"sweep", "recorder", "operators"},
        {"value"},
        {"tensor"},
        {"tracing", "random_states"},
        {"gradients"},
        {"transforms", "checkpoints"},
        {"check", "replay"},
        {"hips"},
        {"builtins", "extend", "test_util"},
        {"core", "misc", "numpy", "scipy", "signatures", "tracer", "wrap_util"},
        {"view"},
        {"__init__"},
    ],
    "nn": [
        {"conversion", "installation"},
        {"checks"},
        {
            "files",
            "hooks",
            "parameter",
            "data",
            "metrics",
            "curve",
            "heatmap",
            "progress",
            "tabular",
            "interrupts",
            "plot",
        },
        {"module", "init", "optim", "datasets", "distributions"},
        {
            "activations",
            "containers",
            "norm",
            "windows",
            "perceptron",
            "losses",
            "schedule",
            "overview",
            "history",
            "stateless",
            "paired",
        },
        {"functional"},
        {"layers"},
        {"conv", "recurrent", "attention", "scalar", "checkpoint"},
        {"learner", "transformer", "exchange"},
        {"train", "lr_finder", "search", "play", "course"},
        {"demo"},
        {"__init__"},
    ],
}
"""The modules of each package, lowest layer first: each may import from those below it, none from its own. A folder
is one module from outside; inside, its modules may import each other as long as no circle arises."""

LAYER = {
    (package, module): height
    for package, layers in LAYERS.items()
    for height, modules in enumerate(layers)
    for module in modules
}


def modules(package: str) -> dict[str, Path]:
    """The modules of a package by their dotted names inside it; a package is known by its own name."""
    root = ROOT / package
    found = {".".join(path.relative_to(root).with_suffix("").parts): path for path in root.rglob("*.py")}
    return {name.removesuffix(".__init__"): path for name, path in found.items()}


MODULES = {package: modules(package) for package in LAYERS}
PLACES = [(package, module) for package, inside in MODULES.items() for module in inside]


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """Each import anywhere in a file, also inside functions: the module and the name taken from it, if any."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            yield from ((node.module or "", alias.name) for alias in node.names)


def module_of(package: str, module: str, name: str) -> str | None:
    """The module an import leads to; None outside the package, and for a stub, which only type checkers read."""
    imported_package, _, inside = module.partition(".")
    if imported_package != package or (ROOT / package / f"{inside}.pyi").exists():
        return None
    below = f"{inside}.{name}".strip(".")
    return below if below in MODULES[package] else inside or "__init__"


def folder(module: str) -> str:
    return module.partition(".")[0]


def targets(package: str, module: str, path: Path) -> set[str]:
    """The modules of the package that a file imports from, other than itself."""
    return {target for imports in imported(path) if (target := module_of(package, *imports)) is not None} - {module}


def upward_imports(package: str, module: str, path: Path) -> list[str]:
    outside = {target for target in targets(package, module, path) if folder(target) != folder(module)}
    return sorted(target for target in outside if LAYER[package, folder(target)] >= LAYER[package, folder(module)])


def exports() -> set[str]:
    """The names that `autograd/__init__.py` gives out."""
    tree = ast.parse(MODULES["autograd"]["__init__"].read_text("utf-8"))
    lazily = [node for branch in tree.body if isinstance(branch, ast.If) for node in (*branch.body, *branch.orelse)]
    imports = [node for node in (*tree.body, *lazily) if isinstance(node, ast.ImportFrom)]
    given = {alias.asname for node in imports for alias in node.names}
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return {name for name in given | defined if name and not name.startswith("_")}


def test_every_module_has_a_layer_and_every_layer_its_modules():
    assert set(LAYER) == {(package, folder(module)) for package, module in PLACES}


@pytest.mark.parametrize("package", LAYERS)
def test_no_imports_go_in_a_circle(package):
    graph = {
        module: targets(package, module, path) for module, path in MODULES[package].items() if module != "__init__"
    }
    assert len(list(TopologicalSorter(graph).static_order())) >= len(graph)


def test_no_two_classes_have_the_same_name():
    paths = [path for inside in MODULES.values() for path in inside.values()]
    names = [node.name for path in paths for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]
    assert [name for name, count in Counter(names).items() if count > 1] == []


@pytest.mark.parametrize(("package", "module"), PLACES)
def test_imports_go_down_only(package, module):
    assert upward_imports(package, module, MODULES[package][module]) == []


def test_an_import_that_goes_up_is_caught(tmp_path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "from autograd import Value\ndef f():\n    from autograd.sweep import backward\n    import autograd.op\n"
    )
    assert upward_imports("autograd", "tape", wrong) == ["__init__", "sweep"]
    wrong.write_text("from autograd import special\nfrom autograd.node import Node\nimport math\n")
    assert upward_imports("autograd", "table", wrong) == []


@pytest.mark.parametrize("path", sorted((ROOT / "nn").rglob("*.py")), ids=lambda path: path.stem)
def test_nn_uses_only_what_autograd_exports(path):
    for module, name in imported(path):
        if module.partition(".")[0] == "autograd":
            assert module == "autograd"
            assert not name or name in exports()


def test_autograd_does_not_know_nn_or_the_tests():
    for path in MODULES["autograd"].values():
        assert {module.partition(".")[0] for module, _ in imported(path)}.isdisjoint({"nn", "tests"})


TESTED_ELSEWHERE = {
    "builtins": "HIPS autograd's names: test_hips",
    "misc": "HIPS autograd's names: test_hips, test_extend",
    "docs": "pages: test_readme",
    "signatures": "types: test_typing",
    "test_util": "HIPS autograd's names: test_hips",
    "tracer": "HIPS autograd's names: test_hips",
    "wrap_util": "HIPS autograd's names: test_core",
}
"""The modules without a test file of their own, each with the reason."""


def test_every_module_of_the_engine_has_its_test_file():
    expected = {path.stem.removeprefix("test_") for path in (ROOT / "tests").glob("test_*.py")}
    engine = {folder(module) for module in MODULES["autograd"]} - {"__init__", "replay", "view"}
    assert sorted(engine - expected - set(TESTED_ELSEWHERE)) == []


def test_every_view_has_its_test_file():
    expected = {path.stem.removeprefix("test_") for path in (ROOT / "tests/view").glob("test_*.py")}
    assert sorted({path.stem for path in (ROOT / "autograd/view").glob("*.py")} - expected) == ["__init__"]


# What an import brings with it


def test_importing_autograd_imports_nothing_heavy():
    heavy = {"rich", "graphviz", "numba", "jax", "matplotlib", "sklearn", "IPython", "mpmath", "nn"}
    run = python("import sys, autograd; print(*{name.partition('.')[0] for name in sys.modules})")
    assert run.returncode == 0, run.stderr
    assert heavy.isdisjoint(run.stdout.split())


def test_importing_nn_imports_nothing_heavy():
    run = python("import sys, nn; print(*{name.partition('.')[0] for name in sys.modules})")
    assert run.returncode == 0, run.stderr
    assert {"rich", "graphviz", "matplotlib", "joblib", "sklearn", "scipy", "IPython"}.isdisjoint(run.stdout.split())


def test_importing_autograd_leaves_the_garbage_collector_alone():
    run = python(
        "import gc; old = gc.get_threshold(); import autograd; print(gc.isenabled(), gc.get_threshold() == old)"
    )
    assert run.stdout == "True True\n", run.stderr


def test_all_exports_exist():
    for name in exports():
        exec(f"from autograd import {name}")  # as users write it: a module is imported on the way
    assert {"Value", "Tape", "no_grad", "enable_grad", "detect_anomaly", "draw", "tanh", "where"} <= exports()
