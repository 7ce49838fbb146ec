"""The chain rule for one derivative, in words: every path, its product of local derivatives, and their sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from math import isclose, isfinite, log10, prod
from typing import Any

from rich.text import Text

from autograd.sweep import plain
from autograd.tape import Node, Tape
from autograd.view.foreign import adopted, mirrored
from autograd.view.style import number, printable

PATHS = 12
"""Over so many paths the factored form is given, adjoint by adjoint."""

LINES = 40
END = 6
"""How much of a long path is shown from either end."""


@dataclass(frozen=True)
class Path:
    """One way from an input to the output."""

    names: tuple[str, ...]
    factors: tuple[float, ...]

    @property
    def product(self) -> float:
        """What a change of the input becomes along this path."""
        return prod(self.factors)


@dataclass(frozen=True)
class Explanation:
    """Why d output / d wrt is what it is; made by `explain`."""

    output: str
    wrt: str
    count: int
    """How many paths there are."""
    paths: list[Path] | None
    """The paths; None if they are over the budget."""
    adjoints: list[tuple[str, list[tuple[str, float, float]], float]]
    """The factored form: per node, from the output down, its terms (user, adjoint, local) and their sum."""
    total: float
    grad: float | None
    """What the last sweeps left in `.grad`; None if there was none."""
    agrees: bool | None
    """Whether `.grad` is the total; None before a sweep."""
    why: str
    """Whether `.grad` agrees, and if not, the likely reason."""
    legend: dict[str, str]
    """What the nodes without a label on the paths are: "v1" is "x * x"."""
    digits: int

    def lines(self) -> Iterator[str]:
        """The explanation, line by line."""
        derivative = f"∂{self.output}/∂{self.wrt}"
        if not self.count:
            yield f"{derivative} = 0: no path leads from {self.wrt} to {self.output}"
            if self.grad:
                yield f"{self.wrt}.grad is {self._n(self.grad)}, from the sweep of something else"
            return
        if self.paths is None:
            yield f"{derivative} is a sum over {counted(self.count)} paths; factored, adjoint by adjoint:"
            yield from shortened([self._adjoint_line(*adjoint) for adjoint in self.adjoints])
        else:
            yield f"{derivative} is a sum over {self.count} path{'s' * (self.count > 1)}:"
            for path in self.paths:
                factors = " · ".join(ends(list(map(self._n, path.factors)))) or "1"
                yield f"  {' → '.join(ends(list(path.names)))}:  {factors} = {self._n(path.product)}"
            if self.count > 1:
                yield f"  sum: {' + '.join(self._n(path.product) for path in self.paths)} = {self._n(self.total)}"
        yield from shortened([f"  where {name} = {written}" for name, written in self.legend.items()])
        yield f"{derivative} = {self._n(self.total)}; {self.why}"

    def _adjoint_line(self, name: str, terms: list[tuple[str, float, float]], total: float) -> str:
        products = " + ".join(f"∂{self.output}/∂{user} · {self._n(local)}" for user, _, local in terms)
        return f"  ∂{self.output}/∂{name} = {products + ' = ' if products else ''}{self._n(total)}"

    def _n(self, x: float) -> str:
        return number(x, self.digits)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __rich__(self) -> Text:
        return Text(str(self))

    def latex(self) -> str:
        """The sum of products in LaTeX; over the budget only its value."""
        left = rf"\frac{{\partial {in_latex(self.output)}}}{{\partial {in_latex(self.wrt)}}}"
        if self.paths is None or not self.count:
            return f"{left} = {number_in_latex(self.total, self.digits)}"
        along = " + ".join(map(self._product_in_latex, self.paths))
        return rf"\begin{{aligned}}{left} &= {along} \\ &= {number_in_latex(self.total, self.digits)}\end{{aligned}}"

    def _product_in_latex(self, path: Path) -> str:
        factors = r" \cdot ".join(ends([number_in_latex(factor, self.digits) for factor in path.factors])) or "1"
        names = r" \to ".join(map(in_latex, ends(list(path.names))))
        return rf"\underbrace{{{factors}}}_{{{names}}}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if self.paths is None:  # the factored form reads better as text than as a formula of many lines
            return {"text/plain": str(self)}
        return {"text/latex": f"$\\displaystyle {self.latex()}$", "text/plain": str(self)}


def explain(output: Any, wrt: Any, paths: int = PATHS, digits: int = 4) -> Explanation:
    """The chain rule for d output / d wrt: every path from one to the other, with numbers.

    Args:
        output: what is differentiated.
        wrt: with respect to what: a Value that `output` was computed from.
        paths: over so many paths the factored form is given, adjoint by adjoint.
        digits: significant digits of the numbers.

    Raises:
        TypeError: one of them is neither a Value nor a number of another engine.

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
    adjoints = factored(nodes, wrt, count, names)
    total = adjoints[-1][2] if adjoints else 0.0
    size = sum(abs(above * local) for _, above, local in adjoints[-1][1]) if adjoints else 0.0
    found = count.get(output, 0)
    few = found <= paths
    grad = plain(wrt.adjoint)
    agrees = None if grad is None else close(grad, total, size)
    return Explanation(
        output=names[output],
        wrt=names[wrt],
        count=found,
        paths=list(walks(output, wrt, count, names)) if few else None,
        adjoints=adjoints,
        total=total,
        grad=grad,
        agrees=agrees,
        why=verdict(names[wrt], grad, agrees, wrt, output),
        legend={names[n]: written(n, names) for n in nodes if n in count and n.op and not n.label} if few else {},
        digits=digits,
    )


def both_adopted(output: Any, wrt: Any) -> tuple[Node, Node]:
    """Both as nodes of ours, in one graph."""
    if isinstance(output, Node):
        return output, adopted(wrt)
    mirror = mirrored(output)
    return mirror[id(output)], mirror.get(id(wrt)) or adopted(wrt)


def path_counts(nodes: list[Node], wrt: Node) -> dict[Node, int]:
    """How many paths lead from `wrt` to each node that it leads to; counted along the tape, in linear time."""
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
            yield operand, plain(partial)


def walks(output: Node, wrt: Node, count: dict[Node, int], names: dict[Node, str]) -> Iterator[Path]:
    """Every path, walked from the output back."""
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
    """The path that a trail from its input to the output is."""
    passed, factors = [names[trail[0]]], []
    while trail[2] is not None:
        factors.append(trail[1])
        trail = trail[2]
        passed.append(names[trail[0]])
    return Path(tuple(passed), tuple(factors))


def written(node: Node, names: dict[Node, str]) -> str:
    """The operation of a node with its operands' names."""
    operands = [names[x] if isinstance(x, Node) else number(x) for x in node.inputs]
    return node.op.written(*operands) if node.op else names[node]


def factored(
    nodes: list[Node], wrt: Node, count: dict[Node, int], names: dict[Node, str]
) -> list[tuple[str, list[tuple[str, float, float]], float]]:
    """The adjoint of each node on the way, from the output down to the input: its terms and their sum."""
    terms: dict[Node, list[tuple[str, float, float]]] = {}
    adjoint: dict[Node, float] = {}
    lines = []
    for node in reversed(nodes):
        if node not in count:
            continue
        adjoint[node] = sum(above * local for _, above, local in terms[node]) if node in terms else 1.0
        lines.append((names[node], terms.get(node, []), adjoint[node]))
        if node is not wrt:
            for operand, partial in edges(node):
                if operand in count:
                    terms.setdefault(operand, []).append((names[node], adjoint[node], partial))
    return lines


def verdict(name: str, grad: float | None, agrees: bool | None, wrt: Node, output: Node) -> str:
    """Whether the gradient agrees, and if not, the likely reason."""
    if grad is None:
        return f"{name}.grad is not computed yet: call backward()"
    if agrees:
        return f"{name}.grad agrees"
    if wrt.sweeps > 1:
        return f"{name}.grad is {number(grad)}, since it has accumulated over {wrt.sweeps} sweeps"
    if plain(output.adjoint) != 1.0:
        return f"{name}.grad is {number(grad)}, since backward() was called on something else"
    return f"{name}.grad is {number(grad)}: it was set by hand, or other uses of {name} were swept as well"


def close(grad: float, total: float, size: float) -> bool:
    """Whether they are equal up to the rounding of a sum whose terms have that size; nan agrees with nan."""
    return isclose(grad, total, rel_tol=1e-9, abs_tol=1e-12 * size) or (grad != grad and total != total)


def counted(count: int) -> str:
    """A count in digits, or its power of ten where nobody would read them.

    Example:
        >>> counted(2**10), counted(2**20_000)
        ('1,024', 'about 10^6020')
    """
    return f"{count:,}" if count < 10**15 else f"about 10^{int(count.bit_length() * log10(2.0))}"


def ends(words: list[str]) -> list[str]:
    """A long list with a mark for its middle."""
    return words if len(words) <= 2 * END else [*words[: END - 1], "…", *words[-END:]]


def shortened(lines: list[str]) -> list[str]:
    """A long list with its middle left out."""
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
    mantissa, _, exponent = number(x, digits).partition("e")
    formula = rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
    return f"({formula})" if x < 0 else formula


MATH_FOR = {"\\": r"\backslash ", "~": r"\sim ", "^": r"\wedge "} | {c: f"\\{c}" for c in "{}$&#_%"}


def in_latex(name: str) -> str:
    r"""A name as text inside a formula, whatever it contains: what is special in LaTeX stands outside of \text.

    Example:
        >>> print(in_latex("w_1"))
        \text{w}\_\text{1}
    """
    runs = groupby(name, key=lambda c: c not in MATH_FOR)
    return "".join(
        rf"\text{{{''.join(run)}}}" if is_text else "".join(MATH_FOR[c] for c in run) for is_text, run in runs
    )
