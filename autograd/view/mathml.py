"""Formulas as MathML, which browsers show without a script and without a network."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from autograd.characters import xml_text
from autograd.markup import element
from autograd.view.figures import figure_text


def equation(left: str, *right: str, words: str) -> str:
    """A formula of its own: a left side, and one line for each right side; in words for those who listen.

    Example:
        >>> equation(name("y"), name("x"), words="y = x")[:46]
        '<math display="block" alttext="y = x"><mtable '
    """
    aside = ["text-align:right", "text-align:left"]
    rows = [
        element("mtr", *(element("mtd", cell, style=style) for cell, style in zip(cells, aside, strict=True)))
        for cells in zip([left, *[element("mrow", "")] * (len(right) - 1)], map(_equal, right), strict=True)
    ]
    return element("math", element("mtable", *rows, displaystyle="true"), display="block", alttext=words)


def derivative(output: str, wrt: str) -> str:
    """∂output/∂wrt, as a fraction."""
    return element("mfrac", *(element("mrow", element("mo", "∂"), name(label)) for label in (output, wrt)))


def norm(formula: str) -> str:
    """The norm of an array."""
    bar = element("mo", "‖")
    return element("mrow", bar, formula, bar)


def product(factors: Sequence[str], path: str) -> str:
    """Factors over a line, below which a path is named; a brace would need a font for mathematics."""
    underlined = element("mrow", joined(factors, "·"), style="border-bottom:1px solid;padding-bottom:2px")
    return element("munder", underlined, name(path))


def joined(parts: Sequence[str], operator: str) -> str:
    """Formulas with an operator between them."""
    between = element("mo", operator)
    return element("mrow", between.join(parts))


def number(x: float, digits: int) -> str:
    """A number: 8.2e-09 as a power of ten, a negative one in brackets.

    Example:
        >>> number(-2.0, 4)
        '<mrow><mo>(</mo><mo form="prefix">-</mo><mn>2</mn><mo>)</mo></mrow>'
    """
    if not isfinite(x):
        size = element("mtext", "nan" if x != x else "∞")
    else:
        mantissa, _, exponent = figure_text(abs(x), digits).partition("e")
        size = element("mn", mantissa)
        if exponent:
            size += element("mo", "·") + element("msup", element("mn", "10"), element("mn", str(int(exponent))))
    if x < 0:
        return element("mrow", element("mo", "("), element("mo", "-", form="prefix"), size, element("mo", ")"))
    return element("mrow", size)


def name(label: str) -> str:
    """A name as text."""
    return element("mtext", xml_text(label))


def _equal(right: str) -> str:
    return element("mrow", element("mo", "="), right)
