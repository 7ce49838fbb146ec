"""A program of one sample on all samples at once: each operation once, on arrays whose first axis is that of the lanes.

An elementwise operation broadcasts. An operation on whole arrays has a line here that says how it batches; what has
none is computed lane by lane.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from autograd import arrays
from autograd.op import Op, Structural
from autograd.replay import questions
from autograd.replay.program import Form, Program
from autograd.replay.reference import computed


class LaneIndex(NamedTuple):
    """An index that differs from lane to lane: its parts, and which of them have an axis of lanes."""

    parts: tuple[Any, ...]
    varies: tuple[bool, ...]

    def of_lane(self, lane: int) -> tuple[Any, ...]:
        return tuple([part[lane] if varies else part for part, varies in zip(self.parts, self.varies, strict=True)])


class OneByOne(Exception):  # noqa: N818 - control flow: the line of a row that does not hold for these operands
    """These operands do not batch."""


class OnLanes(NamedTuple):
    """An operation on lanes: its operands, of which those that vary have the lanes as their first axis."""

    op: Op
    operands: tuple[Any, ...]
    varies: tuple[bool, ...]
    forms: tuple[Form, ...]
    form: Form
    lanes: int

    @property
    def x(self) -> Any:
        """The first operand."""
        return self.operands[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the result on all lanes."""
        return (self.lanes, *self.form.shape)

    def parameter(self, name: str) -> Any:
        return self.op.parameters[name]  # type: ignore[attr-defined]

    def aligned(self, position: int, rank: int) -> Any:
        """An operand with so many axes for a sample, so that it broadcasts."""
        x = self.operands[position]
        if not self.varies[position]:
            return x
        own = x.shape[1:]
        return x.reshape((self.lanes, *(1,) * (rank - len(own)), *own)) if len(own) < rank else x

    def expanded(self, position: int) -> Any:
        """An operand with an axis of lanes."""
        x = self.operands[position]
        return x if self.varies[position] else np.broadcast_to(x, (self.lanes, *np.shape(x)))


def _elementwise(call: OnLanes) -> Any:
    rank, form = len(call.form.shape), call.form
    xs = [call.aligned(position, rank) for position in range(len(call.operands))]
    strong = [f.dtype for f in call.forms if not f.is_number and f.dtype is not None]
    for position, (x, own) in enumerate(zip(xs, call.forms, strict=True)):
        if not call.varies[position] or not own.is_number:
            continue
        if own.dtype == float and strong and np.result_type(*strong) == np.float32:
            xs[position] = x.astype(np.float32)  # a number of Python does not widen an array
        elif own.dtype == bool and form.is_number and form.dtype is not None and form.dtype.kind == "i":
            xs[position] = x.astype(form.dtype)  # True + True is 2
    return call.op.array(*xs)


def _along_axes(call: OnLanes) -> Any:
    """A row with a parameter `axis`, which is one axis, several, or None for all."""
    axis, rank = call.parameter("axis"), call.x.ndim - 1
    if axis is None or not rank:
        x, axis = call.x.reshape((call.lanes, -1)), 1
    else:
        x, axis = call.x, tuple([a % rank + 1 for a in axis]) if isinstance(axis, tuple) else axis % rank + 1
    return call.op.array(x, **{**call.op.parameters, "axis": axis}).reshape(call.shape)  # type: ignore[attr-defined]


def _last_axes(call: OnLanes) -> Any:
    """A row that works on the last axes, and takes stacks."""
    return call.op.on_arrays(*[call.expanded(position) for position in range(len(call.operands))])


def _transposed(call: OnLanes) -> Any:
    rank = call.x.ndim - 1
    axes = call.parameter("axes") or range(rank)[::-1]
    return np.transpose(call.x, (0, *[axis % rank + 1 for axis in axes]))


def _summed(call: OnLanes) -> Any:
    shape = call.form.shape
    return arrays.sum_to(call.x, (call.lanes, *(1,) * (call.x.ndim - 1 - len(shape)), *shape)).reshape(call.shape)


def _joined(call: OnLanes) -> Any:
    """Of concatenate and stack."""
    axis = call.parameter("axis") % len(call.form.shape) + 1
    return call.op.array(*[call.expanded(position) for position in range(len(call.operands))], axis=axis)


def _index(call: OnLanes) -> LaneIndex:
    given = [
        (call.operands[part.position], call.varies[part.position])
        if isinstance(part, questions.Part)
        else (part, False)
        for part in call.parameter("template")
    ]
    return LaneIndex(tuple([part for part, _ in given]), tuple([varies for _, varies in given]))


def _with_lanes(call: OnLanes, index: Any) -> tuple[Any, ...]:
    """An index of one sample as an index of all lanes."""
    if isinstance(index, LaneIndex):
        return _gathered(call, index)
    parts = index if isinstance(index, tuple) else (index,)
    advanced = [place for place, part in enumerate(parts) if isinstance(part, list | np.ndarray)]
    if advanced:
        chosen = [place for place, part in enumerate(parts) if isinstance(part, list | np.ndarray | int | np.integer)]
        if len(chosen) <= max(chosen) - min(chosen):  # the axes of separated arrays come first
            raise OneByOne
    return (slice(None), *parts)


def _gathered(call: OnLanes, index: LaneIndex) -> tuple[Any, ...]:
    if not all(
        isinstance(part, int | np.integer | np.ndarray) and np.asarray(part).dtype != bool for part in index.parts
    ):
        raise OneByOne
    ranks = [np.ndim(part) - varies for part, varies in zip(index.parts, index.varies, strict=True)]
    rank = max(ranks)
    parts = [
        np.reshape(part, (call.lanes, *(1,) * (rank - own), *part.shape[1:])) if varies else part
        for part, varies, own in zip(index.parts, index.varies, ranks, strict=True)
    ]
    return (np.arange(call.lanes).reshape((-1, *(1,) * rank)), *parts)


def _getitem(call: OnLanes) -> Any:
    return call.expanded(0)[_with_lanes(call, call.operands[1])]


def _scatter(call: OnLanes) -> Any:
    return arrays.scattered(call.expanded(0), _with_lanes(call, call.operands[1]), call.shape)


def _cross_entropy(call: OnLanes) -> Any:
    losses = arrays.cross_entropy(call.expanded(0), call.expanded(1), False)
    return losses.reshape((call.lanes, -1)).mean(axis=1) if call.parameter("mean") else losses


def _matmul(call: OnLanes) -> Any:
    x, y = call.operands
    rank_x, rank_y = (len(form.shape) for form in call.forms)
    if call.varies == (True, False) and rank_y <= 2:
        return x @ y
    if call.varies == (False, True) and rank_x == 2 and rank_y == 1:
        return y @ x.T
    x = x[..., None, :] if rank_x == 1 else x
    y = y[..., :, None] if rank_y == 1 else y
    rank = max(rank_x, rank_y, 2)
    x, y = (
        _padded(z, own, rank) if varies else z
        for z, own, varies in ((x, max(rank_x, 2), call.varies[0]), (y, max(rank_y, 2), call.varies[1]))
    )
    return np.matmul(x, y).reshape(call.shape)


def _padded(x: Any, own: int, rank: int) -> Any:
    return x.reshape((len(x), *(1,) * (rank - own), *x.shape[1:]))


def _linear(call: OnLanes) -> Any:
    if call.varies == (True, False, False):
        return arrays.linear(*call.operands)
    x, weight, _ = call.operands
    rank = len(call.form.shape)
    weight = weight.mT
    if call.varies[1]:
        weight = weight if rank == 1 else _padded(weight, 2, max(rank, 2))
    row = x[..., None, :] if rank == 1 and call.varies[1] else x
    y = row @ weight
    y = y.reshape((call.lanes, *call.form.shape)) if call.varies[0] or call.varies[1] else y
    return y + call.aligned(2, rank)


def _einsum(call: OnLanes) -> Any:
    terms, result = arrays.einsum_terms(call.parameter("subscripts"))
    if any("." in term for term in terms):
        raise OneByOne
    lane = next(letter for letter in "zyxwvutsrqponmlkjihgfedcbaABCDEFGH" if letter not in "".join([*terms, result]))
    terms = [lane + term if varies else term for term, varies in zip(terms, call.varies, strict=True)]
    return np.einsum(f"{','.join(terms)}->{lane}{result}", *call.operands)


def _solve(call: OnLanes) -> Any:
    a, b = call.operands
    rank_a, rank_b = (len(form.shape) for form in call.forms)
    b = b[..., None] if rank_b == 1 else b
    rank = max(rank_a, rank_b)
    a = _padded(a, rank_a, rank) if call.varies[0] else a
    b = _padded(b, max(rank_b, 2), rank) if call.varies[1] else b
    return np.linalg.solve(a, b).reshape(call.shape)


Rule = Callable[[OnLanes], Any]

LINES: dict[str, Rule] = {
    "reshape": lambda call: call.x.reshape(call.shape),
    "broadcast_to": lambda call: arrays.spread(call.aligned(0, len(call.form.shape)), call.shape),
    "sum_to": _summed,
    "transpose": _transposed,
    "getitem": _getitem,
    "scatter": _scatter,
    "concatenate": _joined,
    "stack": _joined,
    "overlap_add": lambda call: call.op.array(call.x, **{**call.op.parameters, "shape": call.shape}),  # type: ignore[attr-defined]
    "cross_entropy": _cross_entropy,
    "matmul": _matmul,
    "linear": _linear,
    "einsum": _einsum,
    "solve": _solve,
    "index": _index,
    "entry": lambda call: call.x[:, call.operands[1]],
    "number": lambda call: call.x.reshape(call.lanes),
}
"""How a row batches."""
ALONG_AXES = (
    *("sum", "mean", "max", "min", "prod", "cumsum", "cumprod", "logsumexp", "softmax", "log_softmax", "length"),
    *("p_norm", "argmax", "argmin", "argsort", "any", "all", "largest"),
)
ON_STACKS = (
    *("astype", "windows", "max_pool", "inv", "pinv", "det", "logabsdet", "cholesky", "eigenpairs", "singular_triples"),
    *("as_type", "first_equal", "indicator", "sign_of_det"),
)
LINES |= dict.fromkeys(ALONG_AXES, _along_axes) | dict.fromkeys(ON_STACKS, _last_axes)


def line_of(op: Op) -> Rule | None:
    """How a row batches; None if it is computed lane by lane."""
    if not isinstance(op, Structural):
        return _elementwise
    if "mapped" in op.derived:
        rule: Rule = op.derived["mapped"].batched
        return rule
    return LINES.get(op.name) if op.in_table else None


def one_by_one(call: OnLanes) -> Any:
    """An operation lane by lane."""
    results = []
    for lane in range(call.lanes):
        primals = [
            x if not varies else x.of_lane(lane) if isinstance(x, LaneIndex) else _sample(x, lane, form)
            for x, varies, form in zip(call.operands, call.varies, call.forms, strict=True)
        ]
        results.append(call.op.on_arrays(*primals))
    return np.stack([np.asarray(result) for result in results])


def _sample(x: Any, lane: int, form: Form) -> Any:
    return x[lane].item() if form.is_number else np.asarray(x[lane])


class Instruction(NamedTuple):
    """An entry to compute: whether it varies, how it batches, and the slots that nothing reads afterwards."""

    slot: int
    op: Op
    operands: tuple[int, ...]
    line: Rule | None
    varies: bool
    last: tuple[int, ...]


class Batched:
    """A program as a function of all samples at once; `varying` says which of its inputs have an axis of lanes."""

    def __init__(self, program: Program, varying: Sequence[bool]) -> None:
        self.program = program
        self.varies = [False] * len(program)
        for slot, varies in zip(program.inputs, varying, strict=True):
            self.varies[slot] = varies
        listed = program.operands.tolist()
        operands = [tuple(listed[a:b]) for a, b in pairwise(program.start.tolist())]
        code, kept = program.code.tolist(), {*program.outputs, *program.inputs, *program.constants}
        last_use: dict[int, int] = {}
        for slot, given in enumerate(operands):
            self.varies[slot] = self.varies[slot] or any(self.varies[x] for x in given)
            last_use |= dict.fromkeys(given, slot)
        ends: dict[int, list[int]] = {}
        for x, slot in last_use.items():
            if x not in kept:
                ends.setdefault(slot, []).append(x)
        rows = [op and (op, line_of(op)) for op in program.rows]
        self.instructions = [
            Instruction(slot, row[0], operands[slot], row[1], self.varies[slot], tuple(ends.get(slot, ())))
            for slot in range(len(program))
            if (row := rows[code[slot]]) is not None
        ]
        self.forms = [program.forms[form] for form in program.form.tolist()]
        self.looped: set[str] = set()

    def __call__(self, inputs: Sequence[Any], lanes: int) -> list[Any]:
        """The results; those that vary have an axis of lanes."""
        program, forms, varies = self.program, self.forms, self.varies
        numbers: list[Any] = [None] * len(program)
        for slot, number in (*program.constants.items(), *zip(program.inputs, inputs, strict=True)):
            numbers[slot] = number
        with np.errstate(all="ignore"):
            for slot, op, operands, line, is_varying, last in self.instructions:
                primals = tuple([numbers[x] for x in operands])
                if is_varying:
                    own = tuple([forms[x] for x in operands]), forms[slot]
                    call = OnLanes(op, primals, tuple([varies[x] for x in operands]), *own, lanes)
                    numbers[slot] = self._on_lanes(call, line)
                else:
                    numbers[slot] = computed(program, slot, op, list(primals))
                for x in last:
                    numbers[x] = None
        return [numbers[slot] for slot in program.outputs]

    def _on_lanes(self, call: OnLanes, line: Rule | None) -> Any:
        try:
            if line is None:
                raise OneByOne
            result = line(call)
        except OneByOne:
            self.looped.add(call.op.name)
            result = one_by_one(call)
        if isinstance(result, LaneIndex) or result.dtype == call.form.dtype:
            return result
        return result.astype(call.form.dtype)
