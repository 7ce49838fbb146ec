"""The README and the pages tell the truth: their lists are those of the code. Their examples are run as doctests."""

import re
import tomllib
from pathlib import Path

import pytest

import autograd.docs
from tests.support.operators import PAGE, written
from tests.support.pictures import PICTURES
from tests.support.process import ROOT
from tests.test_modules import LAYER

README = (ROOT / "README.md").read_text("utf-8")
PAGES = {path.name: path.read_text("utf-8") for path in (ROOT / "autograd" / "docs").glob("*.md")}
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
WRITTEN = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "notebooks/README.md")),
    *(ROOT / "autograd" / "docs").glob("*.md"),
]


def test_the_list_of_operations_is_that_of_the_table():
    text = PAGE.read_text("utf-8")
    assert written(text) == text, "python -m tests.support.operators writes it anew"


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_inside_the_project_leads_to_a_file(path):
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8"))
    inside = [link for link in links if not re.match(r"https?:", link)]
    assert [link for link in inside if not (path.parent / link).exists()] == []


def test_the_readme_links_every_lecture_and_shows_every_picture():
    lectures = [path.name for path in (ROOT / "notebooks").glob("*.ipynb")]
    assert [name for name in lectures if f"(notebooks/{name})" not in README] == []
    assert [name for name in PICTURES if f"(notebooks/pictures/{name}.png)" not in README] == []
    assert "(notebooks/pictures/film.svg)" in README
    pictures = [path for path in (ROOT / "notebooks" / "pictures").iterdir() if path.is_file()]
    beginnings = {f"{name}.png": b"\x89PNG" for name in PICTURES} | {"film.svg": b"<svg"}
    assert {path.name: path.read_bytes()[:4] for path in pictures} == beginnings


def test_the_readme_comes_to_the_point():
    """What it is, why, two commands, an example and the lectures stand before all else, in a hundred lines."""
    headings = re.findall(r"^## (.*)$", README, re.MULTILINE)
    assert headings[:4] == ["Start", "Ten lines", "Lectures", "Looking inside"]
    head = README.split("\n## Looking inside")[0]
    assert head.count("\n") < 100
    why = head.split("\n## Start")[0]
    assert len(re.findall(r"^\| (micrograd|torchviz|MyGrad|HIPS autograd|PyTorch)", why, re.MULTILINE)) == 5


def test_the_times_in_the_readme_are_those_of_make_help():
    told = dict(re.findall(r'echo "make (\w+) +.*: ([^:"]+)"', (ROOT / "Makefile").read_text("utf-8")))
    rows = re.findall(r"^\| `make (\w+)` \|.*\| ([^|]+), plus half a minute of set-up", README, re.MULTILINE)
    assert dict(rows) == {name: told[name] for name in ("demo", "test")}


@pytest.mark.parametrize("package", ["autograd", "nn"])
def test_the_architecture_is_that_of_the_modules(package):
    section = PAGES["architecture.md"].split(f"module in `{package}/`")[1].split("\n## ")[0]
    rows = [line.split("|")[1:3] for line in section.splitlines()[2:] if line.startswith("| ")]
    described = {module: int(layer) for layer, names in rows for module in re.findall(r"`(\w+)(?:\.py|/)`", names)}
    assert described == {module: height + 1 for (where, module), height in LAYER.items() if where == package}


def test_the_modules_of_view_are_in_the_architecture():
    modules = {path.name for path in (ROOT / "autograd" / "view").glob("*.py")} - {"__init__.py"}
    section = PAGES["architecture.md"].split("| `view/` |")[1].splitlines()[0]
    named = set(re.findall(r"`(\w+\.py)`", section))
    assert named <= modules
    assert {name for name in modules - named if not name.startswith("flow_")} == set()


def test_the_modules_of_replay_are_in_the_architecture():
    modules = {path.name for path in (ROOT / "autograd" / "replay").glob("*.py")} - {"__init__.py"}
    section = PAGES["architecture.md"].split("## The tape as a program")[1].split("\n## ")[0]
    assert set(re.findall(r"`(\w+\.py)`", section)) == modules


def test_the_speed_is_measured_beside_the_versions_that_are_installed():
    page = PAGES["speed.md"]
    versions = dict(re.findall(r"(micrograd|torch)==([\d.]+)", " ".join(PROJECT["optional-dependencies"]["bench"])))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert f"micrograd {versions['micrograd']}" in page
    assert f"PyTorch {versions['torch'].removesuffix('.0')}" in page
    assert re.findall(r"HIPS autograd (\d+\.\d+)", page)[0] in re.search(r"autograd==([\d.]+)", makefile)[1]


def test_the_speed_stands_in_one_place():
    table = [line for line in PAGES["speed.md"].splitlines() if line.startswith("| ")]
    assert len(table) > 10
    assert {line.count("|") for line in table} == {5}
    assert [line for line in table if line in README or line in CONTRIBUTING] == []


def test_make_docs_renders_every_page():
    assert {f"{name}.md" for name in re.findall(r"include:: (\w+)\.md", autograd.docs.__doc__)} == set(PAGES) - {
        "README.md"
    }
    assert [name for name in PAGES if name != "README.md" and f"({name})" not in PAGES["README.md"]] == []


# Joining in


def test_every_path_that_contributing_names_exists():
    paths = re.findall(r"`((?:\.ci|\.github|autograd|nn|notebooks|tests|README|CHANGELOG)[\w./]*)`", CONTRIBUTING)
    missing = {path for path in paths if "." in path or "/" in path}
    assert sorted(path for path in missing if not (ROOT / path).exists()) == []


def test_each_test_file_has_the_name_of_a_module_or_stands_in_contributing():
    sources = [path for package in ("autograd", "nn") for path in (ROOT / package).rglob("*.py")]
    modules = {path.parent.name if path.stem == "__init__" else path.stem for path in sources}
    files = [path.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py")]
    others = [path for path in files if path.stem.removeprefix("test_") not in modules]
    assert len(others) > 10
    words = set(re.findall(r"`[^`\n]+`", CONTRIBUTING))
    named = [path for path in others if {f"`{path.as_posix()}`", f"`{path.parent.as_posix()}/`"} & words]
    assert others == named


def test_every_module_that_contributing_runs_is_there():
    modules = re.findall(r"python -m\s+(tests[\w.]+)", CONTRIBUTING)
    assert len(modules) >= 4
    assert [name for name in modules if not (ROOT / f"{name.replace('.', '/')}.py").exists()] == []


def test_the_version_stands_in_one_place_and_heads_the_changes():
    assert "version" not in PROJECT
    assert PROJECT["dynamic"] == ["version"]
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"^## (\S+)$", changes, re.MULTILINE)[0] == autograd.__version__


def test_extras_that_errors_name_exist():
    sources = [path.read_text("utf-8") for package in ("autograd", "nn") for path in (ROOT / package).rglob("*.py")]
    named = {extra for source in sources for extra in re.findall(r"wengert\[(\w+)\]", source)}
    assert named
    assert named <= set(PROJECT["optional-dependencies"])


def test_extras_install_what_is_imported():
    """Each library of an extra is imported by the code, a lecture, a test or a benchmark, or run by make."""
    imports = {"scikit-learn": "sklearn", "pytest-cov": "--cov", "pytest-xdist": "--numprocesses"}
    folders = ("autograd", "nn", "tests", "notebooks")
    files = [path for folder in folders for end in ("py", "ipynb") for path in (ROOT / folder).rglob(f"*.{end}")]
    used = "\n".join(path.read_text("utf-8") for path in [*files, ROOT / "Makefile"] if path != Path(__file__))
    tools = {"jupyterlab", "ipykernel", "nbclient"}  # open and run the lectures
    libraries = {
        re.split("[=><]", library)[0] for extra in PROJECT["optional-dependencies"].values() for library in extra
    }
    unused = {library for library in libraries - tools if not re.search(imports.get(library, library), used)}
    assert unused == set()


def test_workflows_run_on_every_system_and_python():
    yaml = pytest.importorskip("yaml")
    folder = ROOT / ".github" / "workflows"
    jobs = yaml.safe_load((folder / "tests.yml").read_text("utf-8"))["jobs"]
    matrix = jobs["tests"]["strategy"]["matrix"]
    assert {system.split("-")[0] for system in matrix["system"]} == {"ubuntu", "macos", "windows"}
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert jobs["coverage"]["steps"][-1] == {"run": "make coverage"}  # which fails below the floor in pyproject.toml
    publish = yaml.safe_load((folder / "release.yml").read_text("utf-8"))["jobs"]["publish"]
    assert publish["permissions"] == {"id-token": "write"}
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["title"].startswith(PROJECT["name"])
    assert yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
