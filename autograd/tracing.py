"""One call of a function, recorded on inputs of its own, and its derivatives: the tape read backwards or forwards.

The reading backwards is the reverse sweep; the reading forwards carries a tangent from each node to those that
were computed from it:

    R. E. Wengert, "A simple automatic derivative evaluation program", CACM 7(8), 1964.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import index
from typing import Any

import numpy as np

from autograd import functions, sweep, table, tree
from autograd.anomaly import raise_if_assigned, raise_if_data_changed
from autograd.arrays import raise_if_masked_or_matrix
from autograd.jacobian import LocalJacobian, unbroadcast
from autograd.mode import current_mode, current_recorder, enable_grad
from autograd.node import ZERO, Node, Pair, ancestors, is_tracked, primal_of, serials
from autograd.op import Structural
from autograd.tensor import Tensor
from autograd.value import Value

Function = Callable[..., Any]


def _not_set() -> Any:
    raise NotImplementedError


load_mapped: Callable[[], Any] = _not_set
"""Loads `replay.mapped`, which lies above this module; the package sets it."""

FEWEST_SAMPLES = 64
"""From so many samples on, `vmap` of a gradient takes less time as one program than as a loop."""
FEWEST_ROWS = 16
"""From so many rows on, a Hessian does."""

Argnums = int | Sequence[int]


class Trace:
    """One call of a function, recorded on inputs of its own.

    Serial numbers distinguish what the call creates from what existed before. A result is tracked beyond the call
    only if it depends on something older that is tracked: an argument, or a Value or Tensor that the function
    captured. What the function itself creates, such as `Value(2.0)`, is a constant to its derivatives.

    Args:
        f: the function.
        args: its positional arguments.
        argnums: the position or positions of the arguments to differentiate with respect to.
        options: its keyword arguments.

    Raises:
        TypeError: there is no argument at a position in `argnums`, or `f` returns something that is not a number.
        ValueError: `argnums` contains a position twice.
    """

    def __init__(
        self, f: Function, args: tuple[Any, ...], argnums: Argnums, options: dict[str, Any] | None = None
    ) -> None:
        raise_unless_function(f)
        places = _places(f, args, argnums)
        self._is_single = not isinstance(argnums, Sequence)
        self._recorder = current_recorder()
        fresh_leaf = fresh_input if self._recorder is None else self._recorder.fresh
        start = next(serials)
        with enable_grad():
            fresh = [tree.mapped(fresh_leaf, x) if place in places else x for place, x in enumerate(args)]
            first_operation = next(serials)
            self.output = f(*fresh, **(options or {}))
        self.arguments = tuple([fresh[place] for place in places])
        self.inputs = list(tree.leaves(self.arguments))
        self.outputs = list(tree.leaves(self.output))
        if self._recorder is not None:
            self._recorder.close(self.inputs)
            self.is_tracked = True
            return
        _check_numbers(f, self.outputs or [None])
        self._ancestry = ancestors(*filter(is_tracked, self.outputs), since=first_operation)
        self.is_tracked = _is_recording() and depends_on_older(self._ancestry[1], start)

    @property
    def value(self) -> Any:
        """The function's result: numbers and arrays, unless it is tracked beyond the call."""
        return self.output if self.is_tracked else plain(self.output)

    def for_arguments(self, results: tuple[Any, ...]) -> Any:
        """The results as a tuple if `argnums` is a sequence, otherwise the only one."""
        return results[0] if self._is_single else results

    def pullback(self, cotangent: Any) -> tuple[Any, ...]:
        """The cotangents of the arguments for a cotangent of the output."""
        seeds = tree.leaves(tree.mapped(in_form_of, self.output, cotangent))
        result: tuple[Any, ...] = tree.rebuilt(self.arguments, self._pulled(list(seeds)))
        return result

    def pushforward(self, tangents: tuple[Any, ...]) -> Any:
        """The tangent of the output for tangents of the arguments."""
        given = tree.leaves(tree.mapped(in_form_of, self.arguments, tangents))
        return tree.rebuilt(self.output, self._pushed(list(given)))

    def jacobian_by_rows(self) -> Any:
        """One pullback for each entry of the output."""
        return tree.rebuilt(self.output, [self._rows(i) for i in range(len(self.outputs))])

    def jacobian_by_columns(self) -> Any:
        """One pushforward for each entry of the arguments."""
        by_input = [self._columns(i) for i in range(len(self.inputs))]
        by_output = zip(*by_input, strict=True) if by_input else [()] * len(self.outputs)
        return tree.rebuilt(self.output, [self._for_inputs(columns) for columns in by_output])

    def _pulled(self, seeds: list[Any]) -> list[Any]:
        """An adjoint for each input."""
        if self._recorder is not None:
            return self._recorder.pulled(self.outputs, self.inputs, seeds)  # type: ignore[no-any-return]
        if not _is_recording():
            seeds = list(map(primal_of, seeds))
        swept = [(x, seed) for x, seed in zip(self.outputs, seeds, strict=True) if is_tracked(x)]
        adjoints = sweep.adjoints(
            self._ancestry,
            [x for x, _ in swept],
            self.inputs,
            [seed for _, seed in swept],
            on_tape=self.is_tracked and _is_recording(),
        )
        return [_for_caller(zero_like(x) if a is ZERO else a) for x, a in zip(self.inputs, adjoints, strict=True)]

    def _pushed(self, tangents: list[Any]) -> list[Any]:
        """A tangent for each output."""
        if self._recorder is not None:
            return self._recorder.pushed(self.outputs, self.inputs, tangents)  # type: ignore[no-any-return]
        if not _is_recording():
            tangents = list(map(primal_of, tangents))
        found = dict(zip(self.inputs, tangents, strict=True))
        on_tape = self.is_tracked and _is_recording()
        raise_if_assigned(*self._ancestry)
        with enable_grad(), np.errstate(all="ignore"):
            _sweep_forwards(self._ancestry[0], found, on_tape)
        return [_for_caller(found[x] if isinstance(x, Node) and x in found else zero_like(x)) for x in self.outputs]

    def _rows(self, position: int) -> Any:
        """The derivatives of one output, with its axes first."""
        output = self.outputs[position]
        shape = np.shape(primal_of(output))
        together = self._along_basis(position, by_rows=True)
        if together is not None:
            return self._for_inputs([x.reshape((*shape, *x.shape[1:])) for x in together])
        zeros = list(map(zero_like, self.outputs))
        rows = [self._pulled([*zeros[:position], unit, *zeros[position + 1 :]]) for unit in _units(output)] or [
            list(map(zero_like, self.inputs))
        ]
        return self._for_inputs([_stacked(parts, shape, 0) for parts in zip(*rows, strict=True)])

    def _columns(self, position: int) -> list[Any]:
        """The derivatives of each output with respect to one input, with the input's axes last."""
        x = self.inputs[position]
        shape = np.shape(primal_of(x))
        together = self._along_basis(position, by_rows=False)
        if together is not None:
            return [functions.moveaxis(y, 0, -1).reshape((*y.shape[1:], *shape)) for y in together]
        zeros = list(map(zero_like, self.inputs))
        columns = [self._pushed([*zeros[:position], unit, *zeros[position + 1 :]]) for unit in _units(x)] or [
            list(map(zero_like, self.outputs))
        ]
        return [_stacked(parts, shape, -1) for parts in zip(*columns, strict=True)]

    def _along_basis(self, position: int, by_rows: bool) -> list[Any] | None:
        """The pullbacks of a basis of an output, or pushforwards of one of an input, along their first axis.

        All at once, in a recording of the tape; None where a loop is faster, or the results are to be on the tape.
        """
        ends = self.outputs if by_rows else self.inputs
        size = np.size(primal_of(ends[position]))
        if self._recorder is not None:
            if size < 2:
                return None
            return self._recorded_basis(self._recorder, self.outputs, self.inputs, position, by_rows)
        if size < FEWEST_ROWS or (self.is_tracked and _is_recording()):
            return None
        raise_if_assigned(*self._ancestry)
        mapped = load_mapped()
        recording, handles = mapped.tape_recorded(self._ancestry[0], [*self._ancestry[1], *self.inputs])
        outputs = [handles.get(x, x) if isinstance(x, Node) else x for x in self.outputs]
        inputs = [handles[x] for x in self.inputs]
        try:
            with recording, np.errstate(all="ignore"):
                found = self._recorded_basis(recording, outputs, inputs, position, by_rows)
        except Exception:  # a user's rule that reads numbers, or a branch of a rule that the samples differ in
            return None
        return [recording.numbers[x.slot] for x in found]

    def _recorded_basis(
        self, recorder: Any, outputs: list[Any], inputs: list[Any], position: int, by_rows: bool
    ) -> list[Any]:
        ends = outputs if by_rows else inputs
        move = recorder.pulled if by_rows else recorder.pushed
        zeros = list(map(zero_like, self.outputs if by_rows else self.inputs))

        def along(unit: Any) -> Any:
            return move(outputs, inputs, [*zeros[:position], unit, *zeros[position + 1 :]])

        found: list[Any] = load_mapped().along_basis(ends[position], along)
        return found

    def _for_inputs(self, results: Sequence[Any]) -> Any:
        """One result for each input, in the structure of the arguments."""
        return self.for_arguments(tree.rebuilt(self.arguments, results))


def _places(f: Function, args: tuple[Any, ...], argnums: Argnums) -> tuple[int, ...]:
    """The positions in `argnums`, as nonnegative numbers."""
    try:
        chosen = [index(place) for place in (argnums if isinstance(argnums, Sequence) else (argnums,))]
    except TypeError:
        raise TypeError(f"argnums must be an integer or a sequence of integers, not {argnums!r}") from None
    if not all(-len(args) <= place < len(args) for place in chosen):
        raise TypeError(f"{name_of(f)} got {len(args)} arguments, and none at argnums={argnums}")
    places = tuple([place % len(args) for place in chosen])
    if len(set(places)) < len(places):
        raise ValueError(f"argnums={argnums} names one of the {len(args)} arguments of {name_of(f)} twice")
    return places


def fresh_input(x: Any) -> Node:
    """A new input for an argument: a leaf; or, if it is tracked already, its copy on the tape."""
    if is_tracked(x):
        return table.pos(x)  # type: ignore[no-any-return]
    x = primal_of(x)
    return Tensor(x) if isinstance(x, ARRAY) else Value(x)  # type: ignore[arg-type]  # a Tensor was tracked


def depends_on_older(starts: Sequence[Node], start: int) -> bool:
    """Whether some of the nodes that a call started from were there before the serial number `start`."""
    return any(not node.is_leaf or node._serial < start for node in starts)


def _is_recording() -> bool:
    mode = current_mode()
    return mode is None or mode.recording


def _check_numbers(f: Function, outputs: Sequence[Any]) -> None:
    for output in outputs:
        number = primal_of(output)
        if not isinstance(number, float | int) and np.asarray(number).dtype.kind not in "fiub":
            raise TypeError(f"{name_of(f)} returned {output!r}, not a number, an array, or a nested structure of them")


# The forms of results, cotangents and tangents


def plain(result: Any) -> Any:
    """The numbers and arrays of a result, off the tape and nobody else's."""
    return tree.mapped(lambda x: _for_caller(primal_of(x)), result)


def _for_caller(x: Any) -> Any:
    """A result for the caller: a float, a NumPy scalar, or a copy of an array."""
    if type(x) is not np.ndarray:
        return x
    return np.array(x) if x.ndim else x[()]


ARRAY = (Tensor, np.ndarray, np.float32)
"""What has a dtype to preserve, numbers of single precision included; other numbers become Python floats."""


def in_form_of(x: Any, given: Any) -> Any:
    """A cotangent or tangent in the form of `x`: a float or an array of its dtype, or a Value or a Tensor."""
    if np.shape(primal_of(given)) != np.shape(primal_of(x)):
        raise ValueError(f"expected a cotangent or tangent for {kind_of(x)}, got shape {np.shape(primal_of(given))}")
    if is_tracked(given) or (isinstance(given, Node) and given._is_traced):
        return _node_in_form_of(x, given)
    if not isinstance(x, ARRAY):
        return float(primal_of(given))
    raise_if_masked_or_matrix(given, "a cotangent or tangent")
    return np.asarray(primal_of(given)).astype(_float_dtype(x), casting="same_kind", copy=False)


def _node_in_form_of(x: Any, given: Any) -> Any:
    if not isinstance(x, ARRAY):
        return given.values() if isinstance(given, Tensor) else given
    tensor = functions.operand(given)
    return tensor if tensor.dtype == _float_dtype(x) else table.astype(tensor, str(_float_dtype(x)))


def dtype_of(x: Any) -> Any:
    """The dtype of a number or array."""
    number = primal_of(x)
    return number.dtype if hasattr(number, "dtype") else np.asarray(number).dtype


def _float_dtype(x: Any) -> Any:
    """The dtype of derivatives of an array: its own, or float64 for integers and bools."""
    return x.dtype if x.dtype.kind == "f" else np.dtype(float)


def one_like(x: Any) -> Any:
    """The cotangent 1 of a single number."""
    return np.ones(x.shape, x.dtype) if isinstance(x, ARRAY) else 1.0


def zero_like(x: Any) -> Any:
    return np.zeros(x.shape, _float_dtype(x)) if isinstance(x, ARRAY) else 0.0


def _units(x: Any) -> Any:
    """The standard basis of the cotangents or tangents of `x`."""
    if not isinstance(x, ARRAY):
        yield 1.0
        return
    for entry in range(x.size):
        unit = zero_like(x)
        unit.flat[entry] = 1.0
        yield unit


def _stacked(parts: Sequence[Any], shape: tuple[int, ...], axis: int) -> Any:
    """The parts, one for each entry of an array of that shape, as one array with its axes first or last.

    For an empty array there is one part, which only shows the form.
    """
    if not shape:
        return parts[0]
    stacked = functions.operand(list(parts))[: math.prod(shape)]
    if axis == 0:
        return stacked.reshape((*shape, *stacked.shape[1:]))
    return functions.moveaxis(stacked, 0, -1).reshape((*stacked.shape[1:], *shape))


# The tape read forwards


def _sweep_forwards(operations: Sequence[Node], tangents: dict[Node, Any], on_tape: bool) -> None:
    """Computes the tangents of everything that depends on the inputs, oldest node first: ẏ = Σ ∂y/∂x · ẋ."""
    if on_tape:
        raise_if_data_changed(list(operations))
    for node in reversed(operations):
        if isinstance(node, Pair) or node in tangents:
            continue
        inputs, partials = node.inputs, node.partials
        wanted = [partial is not None and x in tangents for x, partial in zip(inputs, partials, strict=True)]
        locals_ = sweep.partials_on_tape(node, wanted) if on_tape else partials
        for x, local, is_wanted in zip(inputs, locals_, wanted, strict=True):
            if is_wanted:
                contribution = _contribution(local, tangents[x], node, on_tape)
                tangents[node] = tangents[node] + contribution if node in tangents else contribution


def _contribution(local: Any, tangent: Any, node: Node, on_tape: bool) -> Any:
    """∂y/∂x · ẋ of one operand."""
    if not isinstance(local, LocalJacobian):
        return local * tangent
    if isinstance(local.op, Structural):
        return _transposed(local, tangent, node, on_tape)
    rule: Any = local.op.rule(local.position)
    return unbroadcast(rule(*local.primals) * tangent, node._data)


def _transposed(local: LocalJacobian, tangent: Any, node: Node, on_tape: bool) -> Any:
    """The pushforward of an operation that has a pullback.

    A pullback is linear in the adjoint, and its own pullback is the pushforward, so no second rule is needed.
    """
    adjoint = Tensor(np.zeros_like(node._data)) if isinstance(node, Tensor) else Value(0.0)
    contribution = adjoint * local
    if not is_tracked(contribution):
        return zero_like(node)
    ancestry = ancestors(contribution, since=adjoint._serial)
    pushed = sweep.adjoints(ancestry, [contribution], [adjoint], [tangent], on_tape)[0]
    return zero_like(node) if pushed is ZERO else pushed


# Functions and results in error messages


def name_of(f: Function) -> str:
    """The name of a function, or of the class of a callable."""
    return getattr(f, "__name__", None) or type(f).__name__


def raise_unless_function(f: Any) -> None:
    """Raises TypeError if a transform got something else, such as a result that was computed already."""
    if not callable(f):
        raise TypeError(
            f"expected a function, got {type(f).__name__}: write grad(f)(x), and for a result y that exists already "
            "grad(y, x), or y.backward() and x.grad"
        )


def kind_of(x: Any) -> str:
    """The form of a result: a structure, an array with its shape, a number."""
    if isinstance(x, list | tuple | dict):
        return f"a {type(x).__name__}"
    return f"an array of shape {np.shape(primal_of(x))}" if np.ndim(primal_of(x)) else "a number"
