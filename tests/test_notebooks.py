"""The course: every lecture and every solution runs in a clean kernel, and has the form that lecturers rely on."""

from __future__ import annotations

import ast
import doctest
import importlib.util
import re
from copy import deepcopy
from pathlib import Path

import pytest

pytest.importorskip("nbclient")

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
_specification = importlib.util.spec_from_file_location("notebooks.build", NOTEBOOKS / "build.py")
build = importlib.util.module_from_spec(_specification)
_specification.loader.exec_module(build)

QUICK = ("00", "01b", "02", "03", "13")
"""Lectures that run in ten seconds: their outputs are the same on every run."""

SOON = ("01b", "02", "03")
"""Lectures and solutions that do not wait for the slow tests."""

CPUINFO = Path("/proc/cpuinfo")
HAS_AVX512 = CPUINFO.exists() and "avx512f" in CPUINFO.read_text("utf-8")

MOST_BYTES = 400_000
LONGEST_CELL = 25
FACTS = ["you learn", "you need", "time", "for"]


def cases(paths):
    def number(path):
        return path.name.partition("_")[0]

    return [pytest.param(path, marks=[pytest.mark.slow] * (number(path) not in SOON), id=path.stem) for path in paths]


LECTURES = [pytest.param(path, id=path.stem) for path in build.lectures()]
SOLUTIONS = [pytest.param(path, id=path.stem) for path in build.solutions()]
VARIANTS = [
    pytest.param(path, variant, id=f"{path.stem}-{place}")
    for path in build.lectures()
    for cell in build.read(path).cells
    for place, variant in enumerate(cell.metadata.get("variants", []))
]


def tags(cell):
    return set(cell.metadata.get("tags", []))


def output_of(notebook):
    return [[dict(output) for output in cell.outputs] for cell in build.code_cells(notebook)]


@pytest.mark.filterwarnings("default")  # the kernel's own packages may warn
@pytest.mark.parametrize("path", cases(build.lectures()))
def test_the_lecture_runs_from_a_clean_kernel_and_gives_the_outputs_that_it_is_committed_with(path, tmp_path):
    committed = build.read(path)
    again = deepcopy(committed)
    build.run(again, tmp_path)
    assert list(build.complaints(again)) == []
    if path.name.startswith(QUICK):
        assert output_of(again) == output_of(committed)


@pytest.mark.slow
@pytest.mark.skipif(not HAS_AVX512, reason="the kernel needs AVX-512, and the processor may not have it")
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", LECTURES)
def test_its_claims_hold_with_another_kernel_of_the_processor(path, tmp_path):
    build.run(build.read(path), tmp_path, {"OPENBLAS_CORETYPE": "SkylakeX"})


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", cases(build.solutions()))
def test_every_solution_passes_its_checks(path, tmp_path):
    solution = build.read(path)
    build.run(solution, tmp_path)
    assert list(build.complaints(solution)) == []


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("path", "variant"), VARIANTS)
def test_what_a_lecture_invites_to_try_can_be_tried(path, variant, tmp_path):
    notebook = build.read(path)
    notebook.cells = list(cells_up_to(notebook, variant.get("until")))
    for old, new in zip(*(each(variant[side]) for side in ("replace", "by")), strict=True):
        changed = [cell for cell in build.code_cells(notebook) if old in cell.source]
        assert [cell.source.count(old) for cell in changed] == [1]
        changed[0].source = changed[0].source.replace(old, new)
    notebook.cells = [cell for cell in notebook.cells if "check" not in tags(cell)]
    build.run(notebook, tmp_path)


def each(texts):
    """One text or several."""
    return [texts] if isinstance(texts, str) else texts


def cells_up_to(notebook, heading):
    """The cells before a section and in it."""
    was_there = False
    for cell in notebook.cells:
        starts = cell.cell_type == "markdown" and re.search(r"^## ", cell.source, re.MULTILINE)
        if was_there and starts:
            return
        was_there = was_there or (heading is not None and bool(starts) and f"## {heading}" in cell.source)
        yield cell
    assert heading is None or was_there, f"there is no section {heading!r}"


@pytest.mark.parametrize("path", LECTURES)
def test_the_lecture_is_committed_with_its_outputs_and_without_complaints(path):
    notebook = build.read(path)
    counts = [cell.execution_count for cell in build.code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))
    assert list(build.complaints(notebook)) == []
    assert not [out for outputs in output_of(notebook) for out in outputs if out["output_type"] == "error"]


@pytest.mark.parametrize("path", LECTURES)
def test_the_lecture_opens_in_colab_and_says_what_it_teaches_whom_and_how_long_it_takes(path):
    notebook = build.read(path)
    first, second = notebook.cells[:2]
    assert re.match(r"# \w+ · ", first.source)
    assert build.badge(path) in first.source
    assert list(build.facts_of(notebook)) == FACTS
    assert second.source == build.SETUP
    assert "setup" in tags(second)


@pytest.mark.parametrize("path", LECTURES)
def test_every_cell_is_on_the_core_path_or_beside_it(path):
    for cell in build.read(path).cells:
        assert len(tags(cell) & {"core", "more"}) == 1, cell.source[:80]


@pytest.mark.parametrize("path", LECTURES)
def test_no_cell_of_code_is_longer_than_a_slide(path):
    for cell in build.code_cells(build.read(path)):
        assert len(cell.source.splitlines()) <= LONGEST_CELL, cell.source[:80]


@pytest.mark.parametrize("path", LECTURES)
def test_what_holds_a_claim_stands_in_a_collapsed_cell(path):
    checked = 0
    for cell in build.code_cells(build.read(path)):
        has_assert = bool(re.search(r"^\s*assert\b", cell.source, re.MULTILINE))
        assert has_assert == ("check" in tags(cell)), cell.source[:80]
        if has_assert:
            checked += 1
            assert cell.metadata.get("jupyter", {}).get("source_hidden"), cell.source[:80]
    assert checked


@pytest.mark.parametrize("path", LECTURES)
def test_results_show_themselves_instead_of_being_printed(path):
    for cell in build.code_cells(build.read(path)):
        source = re.sub(r"^( *)%.*$", r"\1pass", cell.source, flags=re.MULTILINE)
        calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
        assert "print" not in {getattr(function, "id", "") for function in calls}, cell.source[:80]


@pytest.mark.parametrize("path", LECTURES)
def test_the_lecture_has_a_summary_sources_and_a_picture_to_drag(path):
    notebook = build.read(path)
    headings = [
        heading
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for heading in re.findall(r"^## (.+)$", cell.source, re.MULTILINE)
    ]
    assert "Summary" in headings
    assert headings[-1] == "Sources"
    shown = [
        output.get("data", {}).get("text/html", "") for cell in build.code_cells(notebook) for output in cell.outputs
    ]
    assert [html for html in shown if "<script" in html or "<iframe" in html]


@pytest.mark.parametrize("path", [*LECTURES, *SOLUTIONS])
def test_the_notebook_is_small(path):
    assert path.stat().st_size < MOST_BYTES


@pytest.mark.parametrize("path", LECTURES)
def test_pictures_are_seen_where_nobody_trusts_the_page(path):
    for outputs in output_of(build.read(path)):
        for output in outputs:
            data = output.get("data", {})
            assert "image/svg+xml" not in data
            html = data.get("text/html", "")
            assert "image/png" not in data or not html, "one format a picture"
            if "<svg" in html or "<iframe" in html:
                assert '<img src="data:image/' in html
            assert all('alt="' in image for image in re.findall(r"<img [^>]*>", html))


@pytest.mark.parametrize("path", SOLUTIONS)
def test_the_exercises_are_those_of_the_solutions_without_the_answers(path):
    target = NOTEBOOKS / "exercises" / path.name
    expected = build.tidy(build.exercise_of(build.read(path), target))
    assert build.read(target) == expected


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", SOLUTIONS)
def test_an_exercise_that_nobody_has_answered_says_so_at_every_check(path, tmp_path):
    exercise = build.read(NOTEBOOKS / "exercises" / path.name)
    assert "SOLUTION" not in "".join(cell.source for cell in exercise.cells)
    build.run(exercise, tmp_path, to_the_end=True)
    checks = [cell for cell in build.code_cells(exercise) if "check" in tags(cell)]
    assert len(checks) >= len([cell for cell in exercise.cells if "answer" in tags(cell)]) >= 1
    for cell in checks:
        assert [output.ename for output in cell.outputs if output.output_type == "error"], cell.source


def test_the_readme_has_the_tables_of_the_lectures_as_they_are():
    text = (NOTEBOOKS / "README.md").read_text("utf-8")
    assert build.with_tables(text) == text
    drawn = build.pictures()
    assert {path: path.read_bytes() for path in (NOTEBOOKS / "pictures" / "lectures").iterdir()} == drawn


@pytest.mark.parametrize("path", LECTURES[:1])
def test_slides_show_the_core_path_alone(path):
    slides = build.slides_of(build.read(path))
    assert not [cell for cell in slides.cells if tags(cell) & {"more", "check", "setup"}]
    assert slides.cells[0].metadata["slideshow"]["slide_type"] == "slide"


def test_the_examples_in_the_script_are_right():
    assert doctest.testmod(build).failed == 0


def test_a_warning_or_a_missing_picture_is_a_complaint():
    notebook = build.nbformat.v4.new_notebook(cells=[build.nbformat.v4.new_code_cell("draw(y)")])
    notebook.cells[0].outputs = [
        build.nbformat.v4.new_output("stream", name="stderr", text="RuntimeWarning: overflow"),
        build.nbformat.v4.new_output("execute_result", data={"text/plain": "<Picture of 3 boxes and 2 arrows>"}),
    ]
    assert len(list(build.complaints(notebook))) == 2
