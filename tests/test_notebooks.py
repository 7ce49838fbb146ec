"""Every lecture runs from top to bottom in a clean kernel, and is committed with its outputs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
LONG = ("04", "05", "06", "07")
"""Lectures that train networks for more than ten seconds."""


@pytest.mark.filterwarnings("default")  # the kernel's own packages may warn
@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[pytest.mark.slow] * path.name.startswith(LONG)) for path in NOTEBOOKS],
    ids=lambda path: path.stem,
)
def test_the_lecture_runs_from_a_clean_kernel(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_lecture_is_committed_with_its_outputs_and_no_error(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [out for cell in cells for out in cell.outputs if out.output_type == "error"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_pictures_are_committed_as_png_beside_their_svg(path):
    bundles = [
        output.data
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "data" in output
    ]
    pictures = [
        bundle
        for bundle in bundles
        if "image/svg+xml" in bundle or bundle.get("text/plain", "").startswith("<Picture of")
    ]
    assert pictures
    assert all("image/png" in bundle for bundle in pictures)
