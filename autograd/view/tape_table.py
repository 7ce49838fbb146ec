"""The tape as the textbook's table: one line per operation, in the order in which they ran."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from autograd.characters import xml_text
from autograd.formula import operand_text
from autograd.tape import Entry, Tape
from autograd.view.figures import (
    ArrayFigure,
    abridged,
    figure,
    figure_text,
    fits_a_line,
    gradient_text,
    local_figure,
    shape_text,
)
from autograd.view.graph import formula_of
from autograd.view.style import printable
from autograd.view.terminal import Encodable, as_text, plain_text

HEAD, TAIL = 40, 20
"""How many entries of a long tape are shown at its beginning and at its end."""

ALONE, ENTRY = 6, 4
"""The digits of a number, and of the entries of an array."""

HEADINGS = ("", "label", "operation", "value", "local derivatives", "gradient")


def tape_table(tape: Tape) -> Encodable:
    """The tape as a rich table; of a long one, its head and its tail."""
    table = Table(title=f"Tape of {len(tape)} entries", title_justify="left")
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading in ("value", "gradient") else "left", no_wrap=True)
    for cells in _lines(tape):
        table.add_row(*map(plain_text, cells))
    return Encodable(table)


def tape_text(tape: Tape) -> str:
    """The same as plain text, however narrow the terminal."""
    return as_text(tape_table(tape))


def tape_html(tape: Tape) -> str:
    """The same as HTML for notebooks, readable on light and dark pages. Never raises."""
    try:
        return _html(tape)
    except Exception as error:
        return f"<pre>no table of this tape: {xml_text(repr(error))}</pre>"


def _html(tape: Tape) -> str:
    cell = "padding:2px 10px;text-align:{}"
    aligned = ["right" if heading in ("", "value", "gradient") else "left" for heading in HEADINGS]

    def row(tag: str, cells: tuple[str, ...]) -> str:
        return "<tr>{}</tr>".format(
            "".join(
                f'<{tag} style="{cell.format(align)}">{xml_text(text)}</{tag}>'
                for text, align in zip(cells, aligned, strict=True)
            )
        )

    lines = "".join(row("td", cells) for cells in _lines(tape))
    return (
        f"<table><caption>Tape of {len(tape)} entries</caption>"
        f"<thead>{row('th', HEADINGS)}</thead><tbody>{lines}</tbody></table>"
    )


def _lines(tape: Tape) -> Iterator[tuple[str, ...]]:
    left_out = len(tape) - HEAD - TAIL
    if left_out <= 0:
        yield from map(_line, tape)
        return
    yield from map(_line, tape[:HEAD])
    yield "…", "", f"{left_out} entries left out", "", "", ""
    yield from map(_line, tape[-TAIL:])


def _line(entry: Entry) -> tuple[str, ...]:
    return (
        f"v{entry.index}",
        printable(entry.label),
        formula_of(entry.node.op, list(map(operand_text, entry.inputs))) or "input",
        _value_cell(entry),
        ", ".join(
            abridged(["–" if partial is None else _figure_cell(local_figure(partial)) for partial in entry.partials])
        ),
        _gradient_cell(figure(entry.adjoint)),
    )


def _value_cell(entry: Entry) -> str:
    dtype = shape_text(entry.value).partition(") ")[2]
    return f"{_figure_cell(figure(entry.value))} {dtype}".rstrip()


def _gradient_cell(gradient: Any) -> str:
    return (
        "not yet"
        if gradient is None
        else _figure_cell(gradient)
        if fits_a_line(gradient)
        else gradient_text(gradient, ENTRY)
    )


def _figure_cell(x: Any) -> str:
    return figure_text(x, ENTRY if isinstance(x, ArrayFigure) else ALONE)
