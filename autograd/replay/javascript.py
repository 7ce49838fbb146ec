"""A program as JavaScript: a function of numbers and flat arrays, for pages that compute by themselves.

An entry of shape () is a number there, any other a Float64Array of its entries, row by row. The rows on numbers are
written by `autograd.javascript`; here are those on arrays, as loops. What only moves entries becomes steps through
places, found by running the row on the places themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import copysign, prod
from typing import Any, NamedTuple

import numpy as np

from autograd import arrays
from autograd.javascript import Expression, value_source
from autograd.op import Op, Structural
from autograd.replay import questions
from autograd.replay.passes import simplified
from autograd.replay.program import Guard, Program

Shape = tuple[int, ...]
Lines = Sequence[str]


def javascript_of(program: Program) -> str:
    """An expression whose value is the program as a function; see `Program.javascript`."""
    return Script(simplified(program), [leaf.source for leaf in program.captured]).text()


class Stride(NamedTuple):
    """Where an operand is in loops: how far its entry moves with each axis, and where it is at their beginning."""

    steps: Sequence[int]
    start: str = ""

    def at(self, variables: Sequence[str]) -> str:
        """The place as a sum."""
        terms = [v if step == 1 else f"{step} * {v}" for v, step in zip(variables, self.steps, strict=True) if step]
        return " + ".join([self.start] * bool(self.start) + terms)


def looped(shape: Shape, places: Sequence[Stride], body: Callable[..., Lines], letter: str = "i") -> list[str]:
    """Loops over the axes of a shape around a body, which is given where the operands are.

    Axes that all operands pass through as if they were one become one loop; those of length 1 need none.
    """
    lengths: list[int] = []
    steps: list[list[int]] = []
    for length, now in zip(shape, zip(*[place.steps for place in places], strict=True), strict=True):
        if length == 1:
            continue
        if lengths and all(before == step * length for before, step in zip(steps[-1], now, strict=True)):
            lengths[-1] *= length
            steps[-1] = list(now)
        else:
            lengths.append(length)
            steps.append(list(now))
    variables = [f"{letter}{number}" for number in range(len(lengths))]
    along = list(zip(*steps, strict=True)) if steps else [()] * len(places)
    lines = body(*[Stride(x, place.start).at(variables) for x, place in zip(along, places, strict=True)])
    heads = " ".join(f"for (let {v} = 0; {v} < {n}; {v}++)" for v, n in zip(variables, lengths, strict=True))
    if len(lines) == 1:
        return [f"{heads} {lines[0]}".strip()]
    return [f"{heads} {{".strip(), *[f"  {line}" for line in lines], "}"]


def steps_through(shape: Shape) -> list[int]:
    """How far an entry moves with each axis of an array: not at all along axes of length 1, which are broadcast."""
    return [prod(shape[axis + 1 :]) if length > 1 else 0 for axis, length in enumerate(shape)]


def broadcast_steps(shape: Shape, target: Shape) -> list[int]:
    """The same with each axis of a shape that the array is broadcast to."""
    return [0] * (len(target) - len(shape)) + steps_through(shape)


class Written(NamedTuple):
    """An entry of the program, as it is named in JavaScript."""

    name: str
    shape: Shape

    def at(self, place: str) -> str:
        """The number at a place."""
        return f"{self.name}[{place or 0}]" if self.shape else self.name

    @property
    def steps(self) -> list[int]:
        return steps_through(self.shape)


class Script:
    """What is known while a program is written."""

    def __init__(self, program: Program, captured: Sequence[Any]) -> None:
        if program.drawn or any(effect.kind == "act" for effect in program.effects):
            raise TypeError(
                f"{program.name}: no JavaScript for random numbers and actions, such as an optimizer's step"
            )
        self.program = program
        self.captured = captured
        """What the function is given besides the inputs, whether the simplified program needs it or not."""
        self.before: list[str] = []
        """Arrays, which are made once."""
        self.body: list[str] = []
        self.written: dict[int, Written] = {}
        self.count = 0
        """The number of names."""

    def text(self) -> str:
        """The whole text."""
        program = self.program
        slot_of = {id(leaf.source): leaf.slot for leaf in program.captured}
        given = [*program.inputs, *[slot_of.get(id(source)) for source in self.captured]]
        names = [self._name() for _ in given]
        for slot, name in zip(given, names, strict=True):
            if slot is not None:
                self.written[slot] = Written(name, program.form_of(slot).shape)
        guards: dict[int, list[Guard]] = {}
        for guard in program.guards:
            guards.setdefault(guard.slot, []).append(guard)
        for slot, op, operands in program:
            if op is not None:
                self._add(slot, op, operands)
            elif slot in program.constants:
                self._constant(slot, program.constants[slot])
            for guard in guards.get(slot, []):
                self.body.append(f'if ({self._asked(guard)}) throw new Error("another path");')
        assigned = [effect.slot for effect in program.effects if effect.slot >= 0]
        results = ", ".join(self.written[slot].name for slot in (*program.outputs, *assigned))
        inside = "\n".join(f"    {line}" for line in [*self.body, f"return [{results}];"])
        outside = "".join(f"  {line}\n" for line in self.before)
        return f"(() => {{\n{outside}  return ({', '.join(names)}) => {{\n{inside}\n  }};\n}})()"

    def _asked(self, guard: Guard) -> str:
        """The condition that a question is answered otherwise than in the recording."""
        number = self.written[guard.slot].name
        if guard.expected is True:
            return f"!{number}"
        return number if guard.expected is False else f"{number} !== {_number(guard.expected)}"

    def _constant(self, slot: int, x: Any) -> None:
        """An array or number; what rows alone read, such as an index, is not written."""
        form = self.program.form_of(slot)
        if form.dtype is None:
            return
        name = self._name() if form.shape else _number(x)
        if form.shape:
            self.before.append(f"const {name} = {_array('Float64Array', x)};")
        self.written[slot] = Written(name, form.shape)

    def _name(self) -> str:
        self.count += 1
        return f"v{self.count - 1}"

    def _add(self, slot: int, op: Op, slots: Sequence[int]) -> None:
        shape = self.program.form_of(slot).shape
        operands = [self.written[x] for x in slots if x in self.written]
        if (op in questions.COPIES or op.name == "sum_to") and operands[0].shape == shape:
            self.written[slot] = operands[0]
        elif not isinstance(op, Structural):
            self._elementwise(slot, op, operands, shape)
        elif not op.in_table:
            raise self._resists(op)
        elif op.name in MOVING and all(x in self.program.constants for x in slots[1:]):
            places = op.on_arrays(_places(operands[0].shape), *[self.program.constants[x] for x in slots[1:]])
            self._move(slot, np.asarray(places, np.int64), operands[0], shape)
        elif op.name in JOINING:
            self._join(self._result(slot, shape), op, operands)
        elif op.name == "scatter" and slots[1] in self.program.constants:
            self._scatter(self._result(slot, shape), operands[0], self.program.constants[slots[1]])
        elif op.name in WRITERS:
            WRITERS[op.name](self, self._result(slot, shape), operands, op.parameters)
        else:
            raise self._resists(op)

    def _resists(self, op: Op) -> TypeError:
        return TypeError(f"{self.program.name}: there is no JavaScript for {op.name}")

    def _result(self, slot: int, shape: Shape) -> Written:
        """The name of an entry; an array is made once, and a number declared."""
        name = self._name()
        if shape:
            self.before.append(f"const {name} = new Float64Array({prod(shape)});")
        else:
            self.body.append(f"let {name};")
        self.written[slot] = Written(name, shape)
        return self.written[slot]

    def loop(self, shape: Shape, places: Sequence[Stride], body: Callable[..., Lines]) -> None:
        """Adds loops."""
        self.body += looped(shape, places, body)

    def _elementwise(self, slot: int, op: Op, operands: Sequence[Written], shape: Shape) -> None:
        def source(*places: str) -> str:
            found = value_source(op, *[x.at(at) for x, at in zip(operands, places, strict=True)])
            if found is None:
                raise self._resists(op)
            return found

        if not shape:
            self._number(slot, source(*[""] * len(operands)))
            return
        result = self._result(slot, shape)
        places = [Stride(broadcast_steps(x.shape, shape)) for x in (result, *operands)]
        self.loop(shape, places, lambda here, *there: [f"{result.at(here)} = {source(*there)};"])

    def _number(self, slot: int, source: str) -> None:
        self.written[slot] = Written(self._name(), ())
        self.body.append(f"const {self.written[slot].name} = {source};")

    def _move(self, slot: int, places: Any, x: Written, shape: Shape) -> None:
        """An array of entries of another one."""
        if not shape:
            self._number(slot, x.at(str(places)))
        elif x.shape and np.array_equal(np.ravel(places), np.arange(prod(x.shape))):
            self.written[slot] = Written(x.name, shape)
        else:
            result = self._result(slot, shape)
            self._mapped(places, lambda here, there: [f"{result.at(here)} = {x.at(there)};"])

    def _mapped(self, places: Any, line: Callable[[str, str], Lines]) -> None:
        """Loops over entries and the places that belong to them, which move by as much with each step along an axis."""
        start = int(places.flat[0]) if places.size else 0
        steps = [int(places.take(min(1, n - 1), axis).flat[0]) - start for axis, n in enumerate(places.shape)]
        there = Stride(steps, str(start) if start else "")
        self.loop(places.shape, [Stride(steps_through(places.shape)), there], line)

    def _join(self, result: Written, op: Op, parts: Sequence[Written]) -> None:
        """Arrays one after the other, or side by side."""
        ends = np.cumsum([0, *[prod(part.shape) for part in parts]])
        joined = op.on_arrays(*[_places(part.shape) + end for part, end in zip(parts, ends[:-1], strict=True)])
        target = np.argsort(joined, axis=None)
        for part, start, end in zip(parts, ends[:-1], ends[1:], strict=True):
            self._mapped(target[start:end].reshape(part.shape), partial(_copied, result, part))

    def _scatter(self, result: Written, x: Written, index: Any) -> None:
        """The entries of an array, added to zeros at their places."""
        self.body.append(f"{result.name}.fill(0);")
        places = np.broadcast_to(_places(result.shape)[index], x.shape)
        self._mapped(places, lambda here, there: [f"{result.at(there)} += {x.at(here)};"])

    def slices(self, x: Written, axes: Sequence[int], body: Callable[..., Lines]) -> None:
        """Loops over the slices of an array along axes; the body is given the number of the slice, and a function.

        That function makes a loop over the entries of the slice, around lines about one entry: it is given the entry's
        place in the array, and its number in the slice.
        """
        kept = [axis for axis in range(len(x.shape)) if axis not in axes]
        outer, inner = tuple(x.shape[axis] for axis in kept), tuple(x.shape[axis] for axis in axes)

        def lines(slice_number: str, start: str) -> Lines:
            def each(line: Callable[[str, str], Lines]) -> Lines:
                places = [Stride([x.steps[axis] for axis in axes], start), Stride(steps_through(inner))]
                return looped(inner, places, line, "k")

            return body(slice_number, each)

        self.loop(outer, [Stride(steps_through(outer)), Stride([x.steps[axis] for axis in kept])], lines)


Operands = Sequence[Written]
Parameters = Mapping[str, Any]
Writer = Callable[[Script, Written, Operands, Parameters], None]


def _reduced(
    script: Script, y: Written, x: Written, axes: Sequence[int], start: str, update: str, end: str = "r"
) -> None:
    """A reduction along axes: `update` is the next result, from r and an entry x; `end` what becomes of the last."""

    def lines(here: str, each: Any) -> Lines:
        entries = each(lambda at, _: [f"r = {update.format(x=x.at(at))};"])
        return [f"let r = {start};", *entries, f"{y.at(here)} = {end};"]

    script.slices(x, axes, lines)


def _axes(x: Written, parameters: Parameters) -> Sequence[int]:
    return arrays.reduced_axes(x.shape, parameters.get("axis"))


def _sum(script: Script, y: Written, operands: Operands, parameters: Parameters) -> None:
    _reduced(script, y, operands[0], _axes(operands[0], parameters), "0", "r + {x}")


def _mean(script: Script, y: Written, operands: Operands, parameters: Parameters) -> None:
    axes = _axes(operands[0], parameters)
    count = prod(operands[0].shape[axis] for axis in axes)
    _reduced(script, y, operands[0], axes, "0", "r + {x}", f"r / {count}")


def _max(script: Script, y: Written, operands: Operands, parameters: Parameters) -> None:
    _reduced(script, y, operands[0], _axes(operands[0], parameters), "-Infinity", "Math.max(r, {x})")


def _min(script: Script, y: Written, operands: Operands, parameters: Parameters) -> None:
    _reduced(script, y, operands[0], _axes(operands[0], parameters), "Infinity", "Math.min(r, {x})")


def _all(script: Script, y: Written, operands: Operands, parameters: Parameters) -> None:
    _reduced(script, y, operands[0], _axes(operands[0], parameters), "1", "{x} ? r : 0")


def _any(script: Script, y: Written, operands: Operands, parameters: Parameters) -> None:
    _reduced(script, y, operands[0], _axes(operands[0], parameters), "0", "{x} ? 1 : r")


def _sum_to(script: Script, y: Written, operands: Operands, parameters: Parameters) -> None:
    (x,) = operands
    _reduced(script, y, x, arrays.broadcast_axes(y.shape, x.shape), "0", "r + {x}")


def _of_slices(end: Callable[[Written, Written, str, Any], Lines]) -> Writer:
    """The writer of a row that needs m, the largest entry of each slice, and s, the sum of all exp(x - m)."""

    def write(script: Script, y: Written, operands: Operands, parameters: Parameters) -> None:
        x = operands[0]

        def lines(here: str, each: Any) -> Lines:
            return [
                "let m = -Infinity, s = 0;",
                *each(lambda at, _: [f"m = Math.max(m, {x.at(at)});"]),
                "if (m === -Infinity) m = 0;",
                *each(lambda at, _: [f"s += Math.exp({x.at(at)} - m);"]),
                *end(x, y, here, each),
            ]

        script.slices(x, _axes(x, parameters), lines)

    return write


@_of_slices
def _logsumexp(x: Written, y: Written, here: str, each: Any) -> Lines:
    return [f"{y.at(here)} = Math.log(s) + m;"]


@_of_slices
def _softmax(x: Written, y: Written, here: str, each: Any) -> Lines:
    return each(lambda at, _: [f"{y.at(at)} = Math.exp({x.at(at)} - m) / s;"])  # type: ignore[no-any-return]


@_of_slices
def _log_softmax(x: Written, y: Written, here: str, each: Any) -> Lines:
    return each(lambda at, _: [f"{y.at(at)} = {x.at(at)} - m - Math.log(s);"])  # type: ignore[no-any-return]


def _cross_entropy(script: Script, y: Written, operands: Operands, parameters: Parameters) -> None:
    """The losses of all rows of scores, or their mean."""
    scores, labels = operands
    is_mean = parameters["mean"]

    def lines(here: str, each: Any) -> Lines:
        chosen = each(lambda at, number: [f"if ({number or 0} === {labels.at(here)}) c = {scores.at(at)} - m;"])
        return [
            "let m = -Infinity, s = 0, c = NaN;",
            *each(lambda at, _: [f"m = Math.max(m, {scores.at(at)});"]),
            *each(lambda at, _: [f"s += Math.exp({scores.at(at)} - m);"]),
            *chosen,
            f"{y.name} += Math.log(s) - c;" if is_mean else f"{y.at(here)} = Math.log(s) - c;",
        ]

    if is_mean:
        script.body.append(f"{y.name} = 0;")
    script.slices(scores, (len(scores.shape) - 1,), lines)
    if is_mean and prod(labels.shape) != 1:
        script.body.append(f"{y.name} /= {prod(labels.shape)};")


def _indicator(script: Script, y: Written, operands: Operands, parameters: Parameters) -> None:
    """1 at the label of each row, 0 elsewhere."""
    labels = operands[0]
    script.slices(
        y,
        (len(y.shape) - 1,),
        lambda here, each: each(lambda at, n: [f"{y.at(at)} = {n or 0} === {labels.at(here)} ? 1 : 0;"]),
    )


def _matmul(script: Script, z: Written, operands: Operands, parameters: Parameters) -> None:
    x, y = operands
    left = x.shape if len(x.shape) > 1 else (1, *x.shape)
    right = y.shape if len(y.shape) > 1 else (*y.shape, 1)
    stack = np.broadcast_shapes(left[:-2], right[:-2])
    shape = (*stack, left[-2], right[-1])
    *of_x, x_step = broadcast_steps(left, (*stack, *left[-2:]))
    *of_y, y_step, y_across = broadcast_steps(right, (*stack, *right[-2:]))
    _products(script, z, shape, left[-1], (x, [*of_x, 0], x_step), (y, [*of_y, 0, y_across], y_step))


def _linear(script: Script, y: Written, operands: Operands, parameters: Parameters) -> None:
    x, weight, bias = operands
    shape = (*x.shape[:-1], weight.shape[0])
    *of_x, x_step = x.steps
    across, weight_step = weight.steps
    of_weight = [0] * len(of_x) + [across]
    _products(script, y, shape, x.shape[-1], (x, [*of_x, 0], x_step), (weight, of_weight, weight_step), bias)


Factor = tuple[Written, Sequence[int], int]
"""An array, how far its entry moves with the axes of a product, and with the terms of each sum."""


def _products(script: Script, z: Written, shape: Shape, count: int, x: Factor, y: Factor, bias: Any = None) -> None:
    """Sums of so many products."""
    added = [bias] if bias is not None else []

    def lines(here: str, at_x: str, at_y: str, *at_bias: str) -> Lines:
        rest = "".join(f" + {term.at(at)}" for term, at in zip(added, at_bias, strict=True))
        if count == 1:
            return [f"{z.at(here)} = {x[0].at(at_x)} * {y[0].at(at_y)}{rest};"]
        terms = [Stride([x[2]], at_x), Stride([y[2]], at_y)]
        loop = looped((count,), terms, lambda i, j: [f"r += {x[0].at(i)} * {y[0].at(j)};"], "k")
        return ["let r = 0;", *loop, f"{z.at(here)} = r{rest};"]

    places = [Stride(steps_through(shape)), Stride(x[1]), Stride(y[1])]
    script.loop(shape, [*places, *[Stride(broadcast_steps(term.shape, shape)) for term in added]], lines)


def _copied(y: Written, x: Written, here: str, there: str) -> Lines:
    return [f"{y.at(there)} = {x.at(here)};"]


MOVING = {"reshape", "transpose", "broadcast_to", "astype", "getitem", "number", "entry"}
JOINING = {"stack", "concatenate"}
WRITERS: dict[str, Writer] = {
    "sum": _sum,
    "mean": _mean,
    "max": _max,
    "min": _min,
    "all": _all,
    "any": _any,
    "largest": _max,
    "sum_to": _sum_to,
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "cross_entropy": _cross_entropy,
    "indicator": _indicator,
    "matmul": _matmul,
    "linear": _linear,
}
"""The rows on arrays that are loops of their own, by name."""


def _places(shape: Shape) -> Any:
    return np.arange(prod(shape)).reshape(shape)


def _number(x: Any) -> str:
    """A number of a formula as JavaScript."""
    return f"({_literal(x)})" if copysign(1.0, x) < 0 else _literal(x)


def _array(kind: str, x: Any) -> str:
    """An array of JavaScript."""
    return f"{kind}.of({', '.join(map(_literal, np.ravel(x).tolist()))})"


def _literal(x: Any) -> str:
    return Expression.number(x) if type(x) is float else str(int(x))
