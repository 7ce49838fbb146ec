"""The chain rule for one derivative, in words: every path, its product of local derivatives, and their sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from math import isclose, isfinite, log10, prod
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from autograd.atomic import write_by_suffix
from autograd.characters import encodable, visible
from autograd.formula import operand_text
from autograd.node import LinearMap, Node, Zero, is_tracked, primal_of
from autograd.tape import Computed, Tape
from autograd.view import mathml
from autograd.view.adapter import adopted, mirrored
from autograd.view.figures import abridged, factor, figure, figure_text, fits_a_line, local_figure, size_of
from autograd.view.graph import formula_of
from autograd.view.steps import seed_of
from autograd.view.style import printable
from autograd.view.terminal import Encodable, plain_text

PATHS = 12
"""If there are more paths than this, the factored form is shown, adjoint by adjoint."""

LINES = 40
END = 6
"""How many nodes of a long path are shown at either end."""


@dataclass(frozen=True)
class Path:
    """One path from an input to the output."""

    names: tuple[str, ...]
    factors: tuple[float, ...]

    @property
    def product(self) -> float:
        """The product of the local derivatives along the path."""
        return prod(self.factors)


Term = tuple[str, Any, Any]
"""A node that uses the operand, its adjoint, and its local derivative: numbers, or figures of arrays."""


@dataclass(frozen=True)
class Explanation:
    """The chain rule for d output / d wrt; returned by `explain`."""

    output: str
    wrt: str
    count: int
    """The number of paths."""
    paths: list[Path] | None
    """The paths; None if there are too many, or if arrays are on them."""
    adjoints: list[tuple[str, list[Term], Any]]
    """The factored form: for each node, from the output down, its name, its terms, and their sum."""
    total: Any
    """A float; for a Tensor, an array."""
    grad: Any
    """The `.grad` of `wrt`; None before a sweep."""
    agrees: bool | None
    """Whether `.grad` is the total; None before a sweep."""
    why: str
    """Whether `.grad` agrees, and if not, the likely reason."""
    legend: dict[str, str]
    """The formulas of the unlabelled nodes on the paths: "v1" is "x * x"."""
    digits: int

    def lines(self) -> Iterator[str]:
        """The explanation, line by line."""
        derivative = f"∂{self.output}/∂{self.wrt}"
        if not self.count:
            yield f"{derivative} = 0: no path leads from {self.wrt} to {self.output}"
            if size_of(figure(self.grad)):
                yield f"{self.wrt}.grad {is_now(self.grad, self.digits)}, from a sweep of another output"
            return
        if self.paths is None:
            paths = f"{counted(self.count)} path{'s' * (self.count > 1)}"
            yield f"{derivative} is a sum over {paths}; factored, adjoint by adjoint:"
            yield from abridged_lines([self._adjoint_line(*adjoint) for adjoint in self.adjoints])
        else:
            yield f"{derivative} is a sum over {self.count} path{'s' * (self.count > 1)}:"
            for path in self.paths:
                factors = " · ".join(path_ends(list(map(self._n, path.factors)))) or "1"
                yield f"  {' → '.join(path_ends(list(path.names)))}:  {factors} = {self._n(path.product)}"
            if self.count > 1:
                yield f"  sum: {' + '.join(self._n(path.product) for path in self.paths)} = {self._n(self.total)}"
        yield from abridged_lines([f"  where {name} = {formula}" for name, formula in self.legend.items()])
        conclusion = equal_to if fits_a_line(figure(self.total)) else is_now
        yield f"{derivative} {conclusion(self.total, self.digits)}; {self.why}"

    def _adjoint_line(self, name: str, terms: list[Term], total: Any) -> str:
        products = [f"∂{self.output}/∂{user} · {factor(local, self.digits)}" for user, _, local in terms]
        few = products if isinstance(total, float) else abridged(products)
        sum_of_products = f" = {' + '.join(few)}" if few else ""
        comma = "" if fits_a_line(total) else ","
        return f"  ∂{self.output}/∂{name}{sum_of_products}{comma} {equal_to(total, self.digits)}"

    def _n(self, x: float) -> str:
        return figure_text(x, self.digits)

    def __str__(self) -> str:
        return encodable(visible("\n".join(self.lines())))

    def __rich__(self) -> Encodable:
        return Encodable(plain_text("\n".join(self.lines())))

    def latex(self) -> str:
        """The sum of products in LaTeX; only its value if there are too many paths."""
        left = rf"\frac{{\partial {in_latex(self.output)}}}{{\partial {in_latex(self.wrt)}}}"
        if self.paths is None or not self.count:
            return in_latex_sized(left, figure(self.total), self.digits)
        along = " + ".join(map(self._product_in_latex, self.paths))
        return rf"\begin{{aligned}}{left} &= {along} \\ &= {number_in_latex(self.total, self.digits)}\end{{aligned}}"

    def mathml(self) -> str:
        """The same in MathML, which a page shows without a script and without a network."""
        left, words = mathml.derivative(self.output, self.wrt), visible("; ".join(self.lines()))
        if self.paths is None or not self.count:
            total = figure(self.total)
            sized = left if isinstance(total, float) else mathml.norm(left)
            return mathml.equation(sized, mathml.number(size_of(total), self.digits), words=words)
        along = mathml.joined([self._product_in_mathml(path) for path in self.paths], "+")
        return mathml.equation(left, along, mathml.number(self.total, self.digits), words=words)

    def _product_in_mathml(self, path: Path) -> str:
        factors = [mathml.number(factor, self.digits) for factor in path.factors] or [mathml.number(1.0, self.digits)]
        return mathml.product(path_ends(factors), " → ".join(path_ends(list(path.names))))

    def save(self, path: str | FilePath) -> FilePath:
        """Writes the lines to a file ending in .txt, or the formula in LaTeX to one ending in .tex; returns the path.

        Raises:
            ValueError: the file has another suffix.
        """
        return write_by_suffix(
            path,
            {".txt": lambda: "\n".join([*self.lines(), ""]).encode(), ".tex": lambda: f"{self.latex()}\n".encode()},
        )

    def _product_in_latex(self, path: Path) -> str:
        factors = r" \cdot ".join(path_ends([number_in_latex(factor, self.digits) for factor in path.factors])) or "1"
        names = r" \to ".join(map(in_latex, path_ends(list(path.names))))
        return rf"\underbrace{{{factors}}}_{{{names}}}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if self.paths is None:  # the factored form reads better as text than as a formula of many lines
            return {"text/plain": str(self)}
        return {
            "text/html": self.mathml(),
            "text/latex": f"$\\displaystyle {self.latex()}$",
            "text/plain": str(self),
        }


def explain(output: Computed, wrt: Computed, *, paths: int = PATHS, digits: int = 4) -> Explanation:
    """Explains d output / d wrt by the chain rule: every path from one to the other, with numbers.

    Args:
        output: the Value or Tensor to differentiate; if it has several entries, their sum.
        wrt: a Value or Tensor that `output` was computed from.
        paths: if there are more paths than this, the factored form is shown, adjoint by adjoint; also if arrays
            are on the paths, since products of their local derivatives are not numbers.
        digits: the number of significant digits.

    Raises:
        TypeError: `output` or `wrt` is neither a Value or Tensor nor a number of another engine.

    Example:
        >>> from autograd import Value, explain
        >>> x = Value(2.0, label="x")
        >>> y = x * x + 3 * x
        >>> y.backward()
        >>> print(explain(y, x))
        ∂v3/∂x is a sum over 3 paths:
          x → v1 → v3:  2 · 1 = 2
          x → v1 → v3:  2 · 1 = 2
          x → v2 → v3:  3 · 1 = 3
          sum: 2 + 2 + 3 = 7
          where v1 = x * x
          where v2 = 3 * x
          where v3 = v1 + v2
        ∂v3/∂x = 7; x.grad agrees
    """
    output, wrt = both_adopted(output, wrt)
    nodes = Tape.of(output).nodes
    names = {node: printable(node.label) or f"v{i}" for i, node in enumerate(nodes)}
    names.setdefault(wrt, printable(wrt.label) or "the input")
    count = path_counts(nodes, wrt)
    adjoints, total, size = factored(nodes, wrt, count, names)
    found = count.get(output, 0)
    few = found <= paths
    grad = None if isinstance(wrt.adjoint, Zero) else primal_of(wrt.adjoint)
    agrees = None if grad is None else agrees_with(grad, total, size)
    by_number = not any(isinstance(partial, LinearMap) for node in count for _, partial in edges(node))
    return Explanation(
        output=names[output] if size_in_entries(output) == 1 else f"sum({names[output]})",
        wrt=names[wrt],
        count=found,
        paths=list(walks(output, wrt, count, names)) if few and by_number else None,
        adjoints=adjoints,
        total=total,
        grad=grad,
        agrees=agrees,
        why=reason(names[wrt], grad, agrees, wrt, output),
        legend={names[n]: formula_in_names(n, names) for n in nodes if n in count and n.op and not n.label}
        if few
        else {},
        digits=digits,
    )


def both_adopted(output: Computed, wrt: Computed) -> tuple[Node, Node]:
    """Both as nodes of this engine, in one graph."""
    if isinstance(output, Node):
        return output, adopted(wrt)
    mirror = mirrored(output)
    return mirror[id(output)], mirror.get(id(wrt)) or adopted(wrt)


def path_counts(nodes: list[Node], wrt: Node) -> dict[Node, int]:
    """The number of paths from `wrt` to each node that depends on it; counted along the tape, in linear time."""
    count: dict[Node, int] = {}
    for node in nodes:
        arriving = sum(count.get(operand, 0) for operand, _ in edges(node))
        if node is wrt or arriving:
            count[node] = 1 if node is wrt else arriving
    return count


def edges(node: Node) -> Iterator[tuple[Node, Any]]:
    """The operands that a gradient flows to, with their local derivatives."""
    for operand, partial in zip(node.inputs, node.partials, strict=True):
        if partial is not None:
            yield operand, primal_of(partial)


def walks(output: Node, wrt: Node, count: dict[Node, int], names: dict[Node, str]) -> Iterator[Path]:
    """Every path, found from the output backwards."""
    start: Trail = (output, None, None)
    unfinished = [start]
    while unfinished:
        trail = unfinished.pop()
        if trail[0] is wrt:
            yield path_of(trail, names)
            continue
        for operand, partial in reversed(list(edges(trail[0]))):
            if operand in count:
                unfinished.append((operand, partial, trail))


Trail = tuple[Node, Any, Any]
"""A node, the partial of the arrow that leaves it, and the trail from there on: paths share their ends."""


def path_of(trail: Trail, names: dict[Node, str]) -> Path:
    """The path along a trail, from the input to the output."""
    passed, factors = [names[trail[0]]], []
    while trail[2] is not None:
        factors.append(trail[1])
        trail = trail[2]
        passed.append(names[trail[0]])
    return Path(tuple(passed), tuple(factors))


def formula_in_names(node: Node, names: dict[Node, str]) -> str:
    """The operation of a node, with the names of its operands."""
    operands = [names[x] if is_tracked(x) else constant_text(x) for x in node.inputs]
    return formula_of(node.op, operands) or names[node]


def constant_text(x: Any) -> str:
    """A constant operand inside a formula."""
    return operand_text(x) if isinstance(x, np.ndarray | tuple | Node) else figure_text(x)


def factored(
    nodes: list[Node], wrt: Node, count: dict[Node, int], names: dict[Node, str]
) -> tuple[list[tuple[str, list[Term], Any]], Any, float]:
    """The adjoint of each node on the way, from the output down to the input: its terms and their sum.

    Also returns the last sum, and the sum of its terms' absolute values, which its rounding depends on.
    """
    terms: dict[Node, list[Term]] = {}
    adjoint: dict[Node, Any] = {node: node.fresh_zero() for node in nodes} | {nodes[-1]: seed_of(nodes[-1])}
    size = 0.0
    lines = []
    for node in reversed(nodes):
        if node not in count:
            continue
        lines.append((names[node], terms.get(node, []), figure(adjoint[node])))
        if node is wrt:
            continue
        for operand, partial in edges(node):
            if operand in count:
                with np.errstate(all="ignore"):
                    contribution = adjoint[node] * partial
                adjoint[operand] = adjoint[operand] + contribution
                size += abs(size_of(figure(contribution))) if operand is wrt else 0.0
                terms.setdefault(operand, []).append((names[node], figure(adjoint[node]), local_figure(partial)))
    return lines, adjoint.get(wrt, 0.0) if lines else 0.0, size


def size_in_entries(node: Node) -> int:
    """The number of entries of a node's data."""
    return int(np.size(node._data))


def reason(name: str, grad: Any, agrees: bool | None, wrt: Node, output: Node) -> str:
    """Whether the gradient agrees, and if not, the likely reason."""
    if grad is None:
        return f"{name}.grad is not computed yet: call backward()"
    if agrees:
        return f"{name}.grad agrees"
    finding = f"{name}.grad {is_now(grad, 4)}"
    if wrt.sweeps > 1:
        return f"{finding}, since it has accumulated over {wrt.sweeps} sweeps"
    if not np.array_equal(primal_of(output.adjoint), seed_of(output)):
        return f"{finding}, since backward() was called on something else"
    return f"{finding}: it was set by hand, or other uses of {name} were swept as well"


def agrees_with(grad: Any, total: Any, size: float) -> bool:
    """Whether they are equal up to the rounding of a sum with terms of that size; nan agrees with nan."""
    if isinstance(grad, float) and isinstance(total, float):
        return isclose(grad, total, rel_tol=1e-9, abs_tol=1e-12 * size) or (grad != grad and total != total)
    precision = float(np.finfo(np.asarray(grad).dtype).eps)
    size = size if np.isfinite(size) else 0.0
    return bool(np.allclose(grad, total, rtol=1e6 * precision, atol=1e3 * precision * size, equal_nan=True))


def equal_to(x: Any, digits: int) -> str:
    """The right-hand side of an equation: a number or a few entries, or the norm and the shape of an array."""
    x = figure(x)
    return (
        f"= {figure_text(x, digits)}"
        if fits_a_line(x)
        else f"of norm {figure_text(x.norm, digits)} and shape {x.shape}"
    )


def is_now(x: Any, digits: int) -> str:
    """The same as part of a sentence."""
    x = figure(x)
    return (
        f"is {figure_text(x, digits)}"
        if fits_a_line(x)
        else f"has norm {figure_text(x.norm, digits)} and shape {x.shape}"
    )


def in_latex_sized(derivative: str, x: Any, digits: int) -> str:
    """An equation for a derivative that is a number, or for the norm of one that is an array."""
    left = derivative if isinstance(x, float) else rf"\left\lVert {derivative} \right\rVert"
    return f"{left} = {number_in_latex(size_of(x), digits)}"


def counted(count: int) -> str:
    """A count in digits; a large one as a power of ten.

    Example:
        >>> counted(2**10), counted(2**20_000)
        ('1,024', 'about 10^6020')
    """
    return f"{count:,}" if count < 10**15 else f"about 10^{int(count.bit_length() * log10(2.0))}"


def path_ends(words: list[str]) -> list[str]:
    """The names or factors along a path; of a long one, those at either end."""
    return words if len(words) <= 2 * END else [*words[: END - 1], "…", *words[-END:]]


def abridged_lines(lines: list[str]) -> list[str]:
    """The lines; of many, the first and the last, and how many are left out."""
    if len(lines) <= LINES:
        return lines
    half = LINES // 2
    return [*lines[:half], f"  … {len(lines) - 2 * half} lines left out …", *lines[-half:]]


def number_in_latex(x: float, digits: int) -> str:
    """A number in a formula: 8.2e-09 as a power of ten.

    Example:
        >>> print(number_in_latex(8.25e-9, 4))
        8.25 \\cdot 10^{-9}
    """
    if not isfinite(x):
        return r"\text{nan}" if x != x else r"\infty" if x > 0 else r"(-\infty)"
    mantissa, _, exponent = figure_text(x, digits).partition("e")
    formula = rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
    return f"({formula})" if x < 0 else formula


MATH_FOR = {"\\": r"\backslash ", "~": r"\sim ", "^": r"\wedge "} | {c: f"\\{c}" for c in "{}$&#_%"}


def in_latex(name: str) -> str:
    r"""A name as text inside a formula; characters that are special in LaTeX stand outside of \text.

    Example:
        >>> print(in_latex("w_1"))
        \text{w}\_\text{1}
    """
    runs = groupby(name, key=lambda c: c not in MATH_FOR)
    return "".join(
        rf"\text{{{''.join(run)}}}" if is_text else "".join(MATH_FOR[c] for c in run) for is_text, run in runs
    )
