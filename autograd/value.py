"""A float on the tape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from autograd import functions, sweep
from autograd.methods import Method, Reflected, compile_methods
from autograd.mode import DEFAULT_MODE, current_mode, current_recorder
from autograd.node import (
    UNSET,
    Node,
    Note,
    Noted,
    change_class,
    checked_label,
    constant_maker,
    fill_slots,
    is_result,
    primal_of,
    serials,
)
from autograd.op import Op, as_float
from autograd.operators import RECORDING_METHODS, Operators
from autograd.recorder import record

if TYPE_CHECKING:
    from autograd.signatures import ValueOperations
    from autograd.typing import Floats, Number
else:
    ValueOperations = Operators


class Value(Node, ValueOperations):
    """One float whose operations are recorded, so that `backward` gives derivatives.

    A Value is its own entry on the tape: `op` computed it from `inputs`, with the local derivatives
    `partials`. The constructor makes a leaf, which has no operands.

    Args:
        data: a real number.
        label: a name for pictures and tables.
        requires_grad: whether operations on it are recorded; if False, it is a constant.

    Raises:
        TypeError: `data` is not a real number, or `label` not a string.

    Example:
        >>> from autograd import Value
        >>> x = Value(2.0, label="x")
        >>> y = x * x + 3 * x
        >>> y.backward()
        >>> y.data, x.grad
        (10.0, 7.0)
    """

    __slots__ = ()
    precedence = 1

    if not TYPE_CHECKING:  # in signatures.pyi
        clip = Method(functions.clip)
        gelu = Method(functions.gelu)

    def __init__(self, data: Number, label: str = "", requires_grad: bool = True) -> None:
        self._data = _checked(data)
        if type(label) is not str:
            label = checked_label(label)
        self._row = Noted(None, Note(label)) if label else None
        self._adjoint = self._left = self._right = self._accumulated = None
        self._sweeps = 0
        self._serial = next(serials)
        if not requires_grad:
            change_class(self, Constant)

    @property
    def data(self) -> float:
        """The number, a float. Assignments to it are not recorded."""
        recorder = current_recorder()
        return self._data if recorder is None else recorder.data_of(self)  # type: ignore[no-any-return]

    @data.setter
    def data(self, number: Number | Floats) -> None:  # an array is an error, but `p.data -= p.grad` fits both classes
        if (recorder := current_recorder()) is not None:
            recorder.assign(self, number)
        else:
            self._data = _checked(number, "data")

    @property
    def grad(self) -> float | Any:  # a Value too, but seldom: a union with it would complain at `v.data -= v.grad`
        """The derivative of the output with respect to this Value; 0.0 before a sweep has reached it.

        On a leaf it is the sum over all sweeps since it was last set to zero; elsewhere it is the
        adjoint of the last sweep. A float, or a Value after `backward(create_graph=True)`.
        """
        if (recorder := current_recorder()) is not None:
            return recorder.grad_of(self)
        return 0.0 if self.adjoint is None else self.adjoint

    @grad.setter
    def grad(self, number: Number | Value | None) -> None:
        if (recorder := current_recorder()) is not None:
            recorder.assign_grad(self, number)
            return
        grad = number if number is None or isinstance(number, Value) else _checked(number, "grad")
        cleared = grad is None or (type(grad) is float and grad == 0.0)
        if not self.is_leaf:
            self._adjoint = None if cleared else grad
            return
        self._accumulated = None if cleared else grad
        if cleared:
            self._sweeps = 0

    def item(self) -> float:
        """The number, a float, as in NumPy and PyTorch."""
        return self.data

    def detach(self) -> Value:
        """A constant with the same number, through which no gradient flows."""
        if (recorder := current_recorder()) is not None:
            return recorder.detached(self)  # type: ignore[no-any-return]
        detached: Value = constant(self._data)
        fill_slots(detached)  # a leaf, not a result: it has no gradient, and to ask for it is no mistake
        return detached

    def backward(
        self, gradient: Number | Value | None = None, retain_graph: bool | None = None, create_graph: bool = False
    ) -> None:
        """Computes the gradients of everything this Value was computed from.

        Leaves add them to the gradients that they have; interior nodes show the adjoints of this sweep.

        Args:
            gradient: the adjoint to start from; by default 1.0.
            retain_graph: has no effect, as the tape stays as long as something refers to it.
            create_graph: record the sweep itself, so that the gradients can be differentiated again.

        Raises:
            RuntimeError: this Value is a constant; or, with `create_graph`, data has changed since the
                operations were recorded.
            FloatingPointError: under `detect_anomaly`, at the first nan or inf.

        Example:
            >>> x = Value(2.0)
            >>> (x**3).backward(create_graph=True)
            >>> first = x.grad
            >>> x.grad = 0
            >>> first.backward()
            >>> first.data, x.grad
            (12.0, 12.0)
        """
        if (recorder := current_recorder()) is not None:
            recorder.backward(self, gradient, create_graph)
            return
        if gradient is None:
            gradient = 1.0
        elif not (create_graph and isinstance(gradient, Value)):
            gradient = _checked(primal_of(gradient) if isinstance(gradient, Value) else gradient, "gradient")
        if create_graph:
            sweep.backward_on_tape(self, gradient)
        else:
            sweep.backward(self, gradient)

    # What the sweep asks of a node

    def fresh_zero(self) -> float:
        return float("0")

    def as_node(self, adjoint: Any) -> Value:
        return adjoint if isinstance(adjoint, Value) else constant(adjoint)

    def unbroadcast_to(self, operand: Any) -> Any:
        return functions.operand(self).unbroadcast_to(operand) if hasattr(operand, "shape") else self

    # Operations: the general path, for every kind of operand in every mode. The methods compiled from the
    # table below do the same, faster, for the common kinds in the default mode.

    @classmethod
    def apply(cls, op: Op, inputs: tuple[Any, ...]) -> Any:
        if (recorder := current_recorder()) is not None:
            return recorder.apply(op, inputs)
        numbers = [x._data if isinstance(x, Value) else as_float(op.name, x) for x in inputs]
        primal = op.value(*numbers)
        if op.is_predicate:
            return primal
        primal = as_float(op.name, primal)
        mode = current_mode() or DEFAULT_MODE
        tracked = [
            isinstance(x, Value) and x.requires_grad and rule is not None
            for x, rule in zip(inputs, op.rules, strict=True)
        ]
        if not (mode.recording and any(tracked)):
            return constant(primal)
        operands = [x if tracked[i] else numbers[i] for i, x in enumerate(inputs)]
        partials = [op.partial(i, primal, *numbers) if is_tracked else None for i, is_tracked in enumerate(tracked)]
        return record(object.__new__(Value), op, primal, operands, partials, numbers, mode)

    def requires_grad_(self, requires_grad: bool = True) -> Value:
        """Makes this leaf a constant, or tracked again, in place, so that optimizers still refer to it.

        Raises:
            RuntimeError: this Value is not a leaf.
            TypeError: it is an instance of a class derived from Value.

        Example:
            >>> from autograd import Value
            >>> weight = Value(3.0).requires_grad_(False)
            >>> weight, (weight * Value(2.0)).inputs
            (Value(data=3.0, requires_grad=False), (3.0, Value(data=2.0, grad=0.0)))
        """
        if not self.is_leaf:
            raise RuntimeError(f"requires_grad_() on {self!r}: it is not a leaf; v.detach() returns a constant")
        if requires_grad == self.requires_grad:
            return self
        if requires_grad:
            fill_slots(self)
        change_class(self, Value if requires_grad else Constant)
        return self

    # micrograd's attributes, where a constant exponent is part of the operation and not an operand

    @property
    def _prev(self) -> set[Value]:
        operands = self.inputs[:1] if self._is_power else self.inputs
        known = [x for x in operands if isinstance(x, Value | float)]
        return {x if isinstance(x, Value) else Value(x, requires_grad=False) for x in known}

    @property
    def _op(self) -> str:
        row = self.op
        if row is None:
            return ""
        sign = row.symbol.replace("{0}", "").replace("{1}", "").strip()
        return f"**{self._right:g}" if self._is_power else row.name if set(sign) & {"(", "{"} else sign

    @property
    def _is_power(self) -> bool:
        return self.op is not None and self.op.name == "pow" and isinstance(self._right, float)

    # What NumPy and Python expect of a number

    def __bool__(self) -> bool:
        return bool(self.data != 0.0)

    if not TYPE_CHECKING:  # so that type checkers complain as well, and know that `array * v` is a Tensor

        def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
            raise TypeError(
                f"{self!r} cannot become an array, since its gradient would be lost: "
                "use autograd.stack for a Tensor of Values, v.data for the number"
            )

        def __float__(self) -> float:
            raise TypeError(
                f"float({self!r}) would lose the gradient: use a method (v.exp(), v.sqrt(), ...) or autograd.exp(v) "
                "to stay on the tape, v.data or v.item() for the number"
            )

        def __int__(self) -> int:
            raise TypeError(f"int({self!r}) would lose the gradient: use int(v.data), or v.trunc() on the tape")

    def __format__(self, specification: str) -> str:
        return format(self.data, specification) if specification else repr(self)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data!r}, {self._standing()}{label})"

    def _standing(self) -> str:
        return f"grad={self.grad if isinstance(self.grad, float) else self.grad.data!r}"

    @property
    def zero_grad(self) -> NoReturn:
        # a property, since a __getattr__ for all names would make each read of a slot four times as slow
        raise AttributeError(f"{type(self).__name__!r} object has no attribute 'zero_grad'; use v.grad = 0.0")

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles of a leaf are leaves with the same number and label."""
        if not self.is_leaf:
            raise TypeError(
                f"{self!r} was computed, and only leaves can be copied or pickled: use v.data for the number, "
                "v.detach() for a constant"
            )
        return type(self), (self.data, self.label)


class Constant(Value):
    """A Value that is not tracked, as with `requires_grad=False`, from `detach` and under `no_grad`.

    Operations treat it as its number.
    """

    __slots__ = ()
    _is_tracked = False

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            return UNSET[name] if name in UNSET else object.__getattribute__(self, name)  # raises what it raised

        @property
        def grad(self) -> Any:
            """0.0, as no sweep reaches a constant, or what was assigned; of a computed one it is an error to ask."""
            if is_result(self):
                raise RuntimeError(f"grad of {self!r}: {sweep.OF_A_CONSTANT}")
            return Value.grad.fget(self)

        @grad.setter
        def grad(self, number: Any) -> None:
            Value.grad.fset(self, number)

    def backward(
        self, gradient: Number | Value | None = None, retain_graph: bool | None = None, create_graph: bool = False
    ) -> NoReturn:
        raise RuntimeError(f"backward() on {self!r}: {sweep.OF_A_CONSTANT}")

    def __float__(self) -> float:
        number: float = self._data
        return number

    def __int__(self) -> int:
        return int(self.data)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.asarray(self.data, dtype)

    def _standing(self) -> str:
        return "requires_grad=False"


constant = constant_maker(Constant)
"""A result that is not recorded."""

compile_methods(Value, Constant, RECORDING_METHODS)
for _name, _method in RECORDING_METHODS.items():
    if not isinstance(_method, Reflected):
        _method.op.recorders[Value] = getattr(Value, _name)
        _method.op.recorders[Constant] = getattr(Constant, _name)


def _checked(data: Any, name: str = "Value") -> float:
    """`data` as a float; raises TypeError, with what to write instead, if it is not a real number."""
    if type(data) is float:
        return data
    if isinstance(data, Value):
        if data._is_traced:
            return data.unread()  # type: ignore[attr-defined, no-any-return]
        raise TypeError(f"{data!r} is already a Value: use it as it is, or v.detach() for a constant")
    if isinstance(data, Node):
        raise TypeError(
            "a Value holds one number, not a Tensor: t.values() are Values on its tape, t.item() is a number"
        )
    if isinstance(data, np.ndarray | list | tuple):
        raise TypeError(
            f"a Value holds one number, not {type(data).__name__} {np.shape(data)}: "
            "use Tensor(data), or data.item() for an array of one entry"
        )
    return as_float(name, data)
