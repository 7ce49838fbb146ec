"""What is made from the notebooks, and by them.

    python notebooks/build.py execute [FILE …]   runs lectures and solutions anew and keeps their outputs
    python notebooks/build.py exercises          writes exercises/ from solutions/
    python notebooks/build.py readme             writes the tables and pictures of README.md from the lectures
    python notebooks/build.py slides [FOLDER]    writes the core path of each lecture as reveal.js slides
    python notebooks/build.py pages [FOLDER]     writes each lecture as a page of HTML that needs no network

`execute` stops at the first error, and fails on a warning or a missing picture.
"""

from __future__ import annotations

import os
import re
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat

HERE = Path(__file__).parent
REPOSITORY = "wengert/wengert"
"""Owner and name on GitHub, from which Colab opens a notebook."""

SETUP = """\
# Installs what is missing, as on Google Colab, where another package is called autograd; otherwise it does nothing.
try:
    import nn  # noqa: F401
except ImportError:
    %pip uninstall --quiet --yes autograd
    %pip install --quiet "wengert[notebooks]"\
"""

KERNEL = {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "default"}
"""The kernel that every processor of the last ten years has: the same outputs on all of them."""

LONGEST = 600
"""Seconds that a cell may take on a slow machine."""

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
BLANK = "# YOUR CODE HERE\nraise NotImplementedError"

Notebook = Any
Cell = Any


def lectures() -> list[Path]:
    """The lectures, in their order."""
    return sorted(HERE.glob("*.ipynb"))


def solutions() -> list[Path]:
    """The solutions, in their order."""
    return sorted((HERE / "solutions").glob("*.ipynb"))


def read(path: Path) -> Notebook:
    """A notebook."""
    return nbformat.read(path, as_version=4)


def tidy(notebook: Notebook) -> Notebook:
    """The notebook with the numbers of its cells as their identifiers: nothing in it depends on chance."""
    for place, cell in enumerate(notebook.cells):
        cell.id = f"cell-{place}"
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    return notebook


def write(notebook: Notebook, path: Path) -> None:
    """Writes a notebook."""
    path.parent.mkdir(exist_ok=True)
    nbformat.write(tidy(notebook), path)


def badge(path: Path) -> str:
    """The badge that opens a notebook on Colab."""
    address = f"https://colab.research.google.com/github/{REPOSITORY}/blob/main/notebooks/{path.relative_to(HERE)}"
    return f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({address})"


def complete(notebook: Notebook, path: Path) -> None:
    """Writes the badge and the installation into their places."""
    first, second = notebook.cells[:2]
    first.source = re.sub(r"^(BADGE|\[!\[Open in Colab\].*)$", badge(path), first.source, count=1, flags=re.MULTILINE)
    second.source = SETUP
    second.metadata.setdefault("jupyter", {})["source_hidden"] = True


def run(notebook: Notebook, folder: Path, kernel: dict[str, str] | None = None, to_the_end: bool = False) -> None:
    """Runs a notebook in a folder and keeps its outputs; to the end, if it should go on after an error.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell raises an error.
    """
    from nbclient import NotebookClient

    resources = {"metadata": {"path": str(folder)}}
    options: dict[str, Any] = {"timeout": LONGEST, "record_timing": False, "allow_errors": to_the_end}
    client = NotebookClient(notebook, resources=resources, **options)
    client.execute(env=os.environ | KERNEL | (kernel or {}))
    for cell in code_cells(notebook):
        cell.outputs = joined(cell.outputs)


def joined(outputs: list[Any]) -> list[Any]:
    """The outputs of a cell with neighbouring pieces of one stream as one: how they are cut depends on chance."""
    kept: list[Any] = []
    for output in outputs:
        previous = kept[-1] if kept else None
        is_stream = previous is not None and output.output_type == "stream" == previous.output_type
        if previous is not None and is_stream and previous.name == output.name:
            previous.text += output.text
        else:
            kept.append(output)
    return kept


def code_cells(notebook: Notebook) -> list[Cell]:
    """The cells of code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def complaints(notebook: Notebook) -> Iterator[str]:
    """What is wrong with the outputs of a notebook: warnings, and pictures that are missing."""
    for place, cell in enumerate(code_cells(notebook), 1):
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                yield f"cell {place} warns: {output.text.strip()[:300]}"
            words = output.get("data", {}).get("text/plain", "")
            if re.match(r"<(Picture|LectureFigure|Drag|StepThrough)\b", words) and not _is_seen(output.data):
                yield f"cell {place} has no picture: {words[:80]}"


def _is_seen(bundle: dict[str, str]) -> bool:
    return "image/png" in bundle or "<img" in bundle.get("text/html", "")


def execute(paths: list[Path]) -> None:
    """Runs notebooks anew and keeps their outputs; leaves at the first error, warning or missing picture."""
    for path in paths or [*lectures(), *solutions()]:
        notebook = read(path)
        complete(notebook, path.absolute())
        run(notebook, path.parent)
        found = list(complaints(notebook))
        if found:
            sys.exit(f"{path.name}: " + "\n".join(found))
        write(notebook, path)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB", flush=True)


def exercise_of(solution: Notebook, path: Path) -> Notebook:
    """The notebook of exercises: the answers are blank, no cell has outputs, and nbgrader knows which cells are which."""
    notebook = nbformat.from_dict(solution)
    for place, cell in enumerate(notebook.cells):
        is_answer, is_check = BEGIN in cell.source, cell.source.lstrip().startswith("check(")
        cell.metadata = nbformat.from_dict({"tags": ["answer"] if is_answer else ["check"] if is_check else []})
        if is_answer or is_check:
            cell.metadata["nbgrader"] = {
                "grade": is_check,
                "grade_id": f"{path.stem}-{place}",
                "locked": is_check,
                "schema_version": 3,
                "solution": is_answer,
                "task": False,
            } | ({"points": 1} if is_check else {})
        if cell.cell_type == "code":
            cell.source = without_answers(cell.source)
            cell.outputs, cell.execution_count = [], None
    complete(notebook, path)
    return notebook


def without_answers(source: str) -> str:
    """The code of a cell with a blank for each answer.

    Example:
        >>> print(without_answers("def f(x):\\n    ### BEGIN SOLUTION\\n    return 2 * x\\n    ### END SOLUTION"))
        def f(x):
            # YOUR CODE HERE
            raise NotImplementedError
    """

    def blank(match: re.Match[str]) -> str:
        return "\n".join(match["indent"] + line for line in BLANK.splitlines())

    return re.sub(rf"^(?P<indent> *){BEGIN}\n.*?^ *{END}$", blank, source, flags=re.MULTILINE | re.DOTALL)


def exercises() -> None:
    """Writes the notebooks of exercises."""
    for path in solutions():
        target = HERE / "exercises" / path.name
        write(exercise_of(read(path), target), target)


def title_of(notebook: Notebook) -> str:
    """The title of a lecture, without its number."""
    return str(notebook.cells[0].source.splitlines()[0].partition("·")[2].strip())


def facts_of(notebook: Notebook) -> dict[str, str]:
    """What the table in the first cell says: what you learn, what you need, the time, for whom."""
    return dict(re.findall(r"^\| \*\*(.+?)\*\* \| (.+?) \|$", notebook.cells[0].source, re.MULTILINE))


def marked(notebook: Notebook, mark: str) -> Iterator[tuple[str, str]]:
    """Each entry of that mark in the metadata of a cell, and the heading that the cell stands under."""
    heading = ""
    for cell in notebook.cells:
        found = re.findall(r"^##+ (.+)$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else []
        for entry in cell.metadata.get(mark, []):
            yield entry, found[0] if found else heading
        heading = found[-1] if found else heading


def link(path: Path, heading: str) -> str:
    """A link to a section of a lecture."""
    number = path.name.partition("_")[0]
    return f'[{number}, "{heading}"]({path.name}#{heading.replace(" ", "-")})'


def picture_of(notebook: Notebook) -> tuple[str, bytes]:
    """The central picture of a lecture, in the cell tagged `picture` or else the first: its suffix and its bytes."""
    cells = code_cells(notebook)
    chosen = [cell for cell in cells if "picture" in cell.metadata.get("tags", [])] or cells
    for data in (output.get("data", {}) for cell in chosen for output in cell.outputs):
        if "image/png" in data:
            return ".png", b64decode(data["image/png"])
        if found := re.search('<img src="data:image/(png|svg).*?;base64,([^"]+)"', data.get("text/html", "")):
            return f".{found[1]}", b64decode(found[2])
    raise ValueError(f"the lecture {title_of(notebook)!r} has no picture")


def pictures() -> dict[Path, bytes]:
    """The central pictures of the lectures, by the file in which the README shows them."""
    found = {path: picture_of(read(path)) for path in lectures()}
    return {picture_path(path, suffix): drawn for path, (suffix, drawn) in found.items()}


def picture_path(lecture: Path, suffix: str) -> Path:
    """The file of the central picture of a lecture."""
    return HERE / "pictures" / "lectures" / f"{lecture.name.partition('_')[0]}{suffix}"


def table(names: list[str], rows: list[list[str]]) -> str:
    """A table in markdown."""
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def tables() -> dict[str, str]:
    """The tables of the README by the name of their place."""
    course, claims, concepts = [], [], []
    for path in lectures():
        notebook = read(path)
        facts, number = facts_of(notebook), path.name.partition("_")[0]
        practice = HERE / "exercises" / path.name
        links = f"[exercises](exercises/{path.name})" if practice.exists() else ""
        title = f"[{title_of(notebook)}]({path.name})"
        shown = picture_path(path, picture_of(notebook)[0]).relative_to(HERE).as_posix()
        picture = f'<img src="{shown}" alt="{title_of(notebook)}" width="260">'
        course.append([number, title, picture, facts["you learn"], facts["you need"], facts["time"], links])
        claims += [[number, claim, link(path, heading)] for claim, heading in marked(notebook, "shows")]
        concepts += [[concept, link(path, heading)] for concept, heading in marked(notebook, "concepts")]
    return {
        "course": table(["", "lecture", "", "you learn", "you need", "time", ""], course),
        "claims": table(["lecture", "what it shows", "where"], claims),
        "concepts": table(["concept", "explained in"], sorted(concepts, key=lambda row: row[0].lower())),
    }


def readme() -> None:
    """Writes the tables between their marks, and the pictures."""
    for file, drawn in pictures().items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(drawn)
    path = HERE / "README.md"
    path.write_text(with_tables(path.read_text("utf-8")), "utf-8")


def with_tables(text: str) -> str:
    """The README with its tables as the lectures are now."""
    for name, written in tables().items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n\n{written}\n\n{end}{rest.partition(end)[2]}"
    return text


def without_what_is_collapsed(notebook: Notebook) -> Notebook:
    """The notebook without the code of collapsed cells, and without those that show nothing."""
    hidden = [cell for cell in notebook.cells if cell.metadata.get("jupyter", {}).get("source_hidden")]
    for cell in hidden:
        cell.metadata["transient"] = {"remove_source": True}
    notebook.cells = [cell for cell in notebook.cells if cell not in hidden or cell.outputs]
    return notebook


def slides_of(notebook: Notebook) -> Notebook:
    """The core path of a lecture: a slide for each section, and no cell that installs or checks."""
    aside = {"more", "check", "setup"}
    notebook.cells = [cell for cell in notebook.cells if not aside & set(cell.metadata.get("tags", []))]
    for cell in notebook.cells:
        is_heading = cell.cell_type == "markdown" and re.match("##? ", cell.source)
        is_picture = cell.cell_type == "code" and bool(cell.outputs)
        cell.metadata["slideshow"] = {"slide_type": "slide" if is_heading else "subslide" if is_picture else "-"}
    return page_of(notebook)


def page_of(notebook: Notebook) -> Notebook:
    """A lecture whose formulas are MathML, and whose links lead to the pages of the others."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = as_page(cell.source)
        for data in (output.get("data", {}) for output in cell.get("outputs", [])):
            if "text/markdown" in data:
                data["text/markdown"] = as_page(data["text/markdown"])
    return without_what_is_collapsed(notebook)


def as_page(markdown: str) -> str:
    """Markdown whose formulas are MathML, and whose links lead to pages; code stays as it is."""
    text_and_code = re.split(r"(```.*?```|`[^`]*`)", markdown, flags=re.DOTALL)
    text_and_code[::2] = [re.sub(r"\.ipynb(?=[)#])", ".html", in_mathml(text)) for text in text_and_code[::2]]
    return "".join(text_and_code)


def in_mathml(text: str) -> str:
    """Markdown with its formulas as MathML.

    Example:
        >>> in_mathml("The slope of $x$ costs 5 $.")[:62]
        'The slope of <math xmlns="http://www.w3.org/1998/Math/MathML" '
    """
    from latex2mathml.converter import convert

    text = re.sub(r"\$\$(.+?)\$\$", lambda match: convert(match[1], display="block"), text, flags=re.DOTALL)
    return re.sub(r"\$(?!\s)([^$]+?)(?<!\s)\$", lambda match: convert(match[1]), text)


WRAPPED = "<style>.highlight pre { white-space: pre-wrap }</style>"
"""Long lines of code go on below, on a page without a bar to scroll."""


def export(exporter: Any, written: Callable[[Notebook], Notebook], folder: Path) -> None:
    """Writes a page for each lecture."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in lectures():
        page, _ = exporter.from_notebook_node(written(read(path)))
        (folder / f"{path.stem}.html").write_text(page.replace("</head>", f"{WRAPPED}</head>", 1), "utf-8")
    print(f"wrote {len(lectures())} pages into {folder}")


def slides(folder: Path) -> None:
    """Writes the slides."""
    from nbconvert import SlidesExporter

    export(SlidesExporter(mathjax_url=""), slides_of, folder)


def pages(folder: Path) -> None:
    """Writes the pages."""
    from nbconvert import HTMLExporter

    export(HTMLExporter(mathjax_url="", require_js_url="", jquery_url=""), page_of, folder)


def main() -> None:
    """The commands in the description above."""
    command, *rest = sys.argv[1:] or [""]
    if command == "execute":
        execute([Path(name) for name in rest])
    elif command == "exercises":
        exercises()
    elif command == "readme":
        readme()
    elif command == "slides":
        slides(Path(rest[0]) if rest else HERE.parent / "build" / "slides")
    elif command == "pages":
        pages(Path(rest[0]) if rest else HERE.parent / "build" / "pages")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
