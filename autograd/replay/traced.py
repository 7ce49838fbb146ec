"""Handles of a recording: what a function gets in place of numbers while `jit` records it.

A handle stands for an entry of the program. Operations on it are recorded; its number cannot be read, since the
number of one recording must not find its way into the replay on others.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from autograd import arrays, functions
from autograd.caller import EXPLAINED, caller_line, shorten
from autograd.methods import Method, Reflected
from autograd.mode import current_mode
from autograd.node import Node
from autograd.op import Op
from autograd.operators import RECORDING_METHODS
from autograd.replay import questions
from autograd.tensor import Tensor
from autograd.value import Value


class CannotFollowError(TypeError, ValueError, ArithmeticError):
    """A number is read during a recording.

    The fast paths of operations catch what numbers out of their domain raise, and then go the general way, which
    records.
    """


class Unread:
    """The data of a handle: it has a shape and a dtype, and its numbers cannot be read."""

    __slots__ = ("dtype", "handle", "shape")

    def __init__(self, handle: Any, shape: tuple[int, ...], dtype: Any) -> None:
        self.handle = handle
        self.shape = shape
        self.dtype = dtype

    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: int(np.prod(self.shape)))
    nbytes = property(lambda self: self.size * self.dtype.itemsize)

    def __len__(self) -> int:
        return len(np.empty(self.shape))  # raises what NumPy raises

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise cannot_follow(f".{name} of a traced array")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise cannot_follow("an array of a traced value")

    def __array_ufunc__(self, *_: Any, **__: Any) -> NoReturn:
        raise cannot_follow("a NumPy function of a traced value")

    def _read(self, *_: Any) -> NoReturn:
        raise cannot_follow("the number of a traced value is read")

    __bool__ = __float__ = __int__ = __index__ = __getitem__ = __iter__ = __lt__ = __le__ = __gt__ = __ge__ = _read
    __neg__ = __pos__ = __abs__ = __floor__ = __ceil__ = __trunc__ = __round__ = _read
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _read
    __pow__ = __rpow__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __matmul__ = __rmatmul__ = _read
    __eq__ = __ne__ = _read
    __hash__ = None  # type: ignore[assignment]


def cannot_follow(what: str, instead: str = "") -> CannotFollowError:
    """The error for a use that would read a number during recording."""
    line = caller_line()
    return CannotFollowError(f"{line}: {what}: jit cannot follow it; {instead or INSTEAD}")


INSTEAD = "use an operation of autograd (autograd.exp(x), autograd.where(...)), or pass the number as an argument"


class Traced:
    """What both kinds of handles have: a recording and a slot in it."""

    __slots__ = ()
    _is_traced = True
    slot: int
    recording: Any

    def __init_subclass__(cls) -> None:
        """Takes every method of the table to the recording."""
        for name, method in RECORDING_METHODS.items():
            setattr(cls, name, _recorded(method))

    def __init__(self, recording: Any, slot: int) -> None:
        self.recording = recording
        self.slot = slot  # type: ignore[misc]  # a slot of the subclasses: two bases with slots cannot be joined

    @property
    def _data(self) -> Any:
        return self.unread()

    @classmethod
    def apply(cls, op: Op, inputs: tuple[Any, ...]) -> Any:
        return active_recording().apply(op, inputs)

    def _read(self) -> NoReturn:
        raise cannot_follow(f"the number of a {type(self).__name__} is read")

    _adjoint = _left = _right = _left_partial = _right_partial = _serial = property(_read)
    _row = property(lambda self: None)

    @property
    def op(self) -> Op | None:
        """The operation of the entry."""
        row: Op | None = self.recording.rows[self.recording.code[self.slot]]
        return row

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The operands of the entry: handles, and raw numbers for constants."""
        return tuple([self.recording.operand(slot) for slot in self.recording.operands[self.slot]])

    @property
    def requires_grad(self) -> bool:
        return bool(self.recording.is_tracked(self.slot))

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        self.requires_grad_(requires_grad)

    @property
    def is_leaf(self) -> bool:
        return False

    @property
    def data(self) -> Any:
        return self.recording.data_of(self)

    @data.setter
    def data(self, numbers: Any) -> None:
        raise cannot_follow(
            "an assignment to the data of a result", "assign to the data of a leaf, or use another name"
        )

    @property
    def grad(self) -> Any:
        return self.recording.grad_of(self)

    @grad.setter
    def grad(self, numbers: Any) -> None:
        self.recording.raise_if_argument(self)
        self.recording.adjoints.pop(self.slot, None)
        if numbers is not None and not (isinstance(numbers, float | int) and numbers == 0):
            self.recording.adjoints[self.slot] = self.recording.slot_of(numbers)

    def detach(self) -> Any:
        """A handle without a derivative."""
        return self.recording.detached(self)

    def item(self) -> Any:
        """The only entry, as a number that is not tracked."""
        return self.recording.number(self.recording.data_of(self))

    def unread(self) -> Unread:
        """The data of a leaf that the function makes of this number or array."""
        form = self.recording.forms[self.slot]
        return Unread(self, form.shape, form.dtype)

    def retain_grad(self) -> None:
        """Nothing: an adjoint in a recording is an entry like others."""

    def returned_by(self, module: str, headline: str = "") -> None:
        """Notes the module that returned this."""
        self.recording.modules.setdefault(self.slot, module)

    @property
    def label(self) -> str:
        return str(self.recording.labels.get(self.slot, ""))

    @label.setter
    def label(self, text: str) -> None:
        self.recording.labels[self.slot] = str(text)

    def backward(self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False) -> None:
        self.recording.backward(self, gradient, create_graph)

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        raise cannot_follow("requires_grad_() of a traced value", "call it outside")

    def __bool__(self) -> bool:
        return bool(self.recording.answer(self, bool))

    def __float__(self) -> NoReturn:
        raise cannot_follow("float() of a traced value")

    def __int__(self) -> NoReturn:
        raise cannot_follow("int() of a traced value", "use .trunc(), or pass the number as an argument of type int")

    def __index__(self) -> int:
        raise cannot_follow("a traced value as an index of Python", "index an array, or pass an argument of type int")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise cannot_follow(
            "np.asarray or np.array of a traced value, or an array indexed by it",
            "use it as it is, autograd.stack(...), or state.read(array)[index]",
        )

    def __format__(self, specification: str) -> NoReturn:
        raise cannot_follow("the number of a traced value is formatted", "return it, and print what jit returns")

    def __reduce__(self) -> NoReturn:
        raise cannot_follow("a copy of a traced value")

    def __and__(self, other: Any) -> Any:
        return questions.both(self, other)

    def __or__(self, other: Any) -> Any:
        return questions.either(self, other)

    def __xor__(self, other: Any) -> Any:
        return questions.differ(self, other)

    def __invert__(self) -> Any:
        return questions.invert(self)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __hash__(self) -> int:
        """That of a node is its identity, and that of a float its number, by which sets and dicts find it."""
        if not self.recording.is_node(self.slot):
            raise cannot_follow("a traced value in a set, or as a key of a dict", "compare it, or pass it as a Value")
        return object.__hash__(self)


NUMBERS_AND_NODES = (float, int, Node)


def _recorded(method: Method) -> Any:
    """A method of the table for handles: of two operands it takes numbers and nodes straight to the recording.

    The general way, by the classes of all operands, takes twice as long.
    """
    op = method.op
    is_reflected = isinstance(method, Reflected)
    if len(op.operands) != 2 or op.defaults:
        return Reflected(op) if is_reflected else Method(op)

    def operation(own: Any, other: Any) -> Any:
        operands = (other, own) if is_reflected else (own, other)
        if not isinstance(other, NUMBERS_AND_NODES):
            return op(*operands)
        try:
            return active_recording().apply(op, operands)
        except EXPLAINED as error:
            shorten(error)
            raise

    return operation


class TracedValue(Traced, Value):
    """A handle of a number."""

    __slots__ = ("recording", "slot")
    precedence = 11

    def is_integer(self) -> bool:
        return bool(self.recording.answer(self.floor() == self, bool))

    def __repr__(self) -> str:
        return f"TracedValue(v{self.slot})"


class TracedTensor(Traced, Tensor):
    """A handle of an array."""

    __slots__ = ("recording", "slot")
    precedence = 12

    def __new__(cls, recording: Any, slot: int) -> TracedTensor:
        return object.__new__(cls)

    def __getitem__(self, index: Any) -> Any:
        """The entries; one of an array of float64 that is no Tensor is a number, as in NumPy."""
        part = super().__getitem__(index)
        is_array = part.ndim or part.dtype != float or self.recording.is_node(self.slot)
        return part if is_array else self.recording.number(part)

    def __iadd__(self, other: Any) -> Any:  # type: ignore[misc]  # it gives way to __add__
        """What `x = x + other` gives, but for an argument that is no Tensor: NumPy would change the caller's array."""
        recording = self.recording
        if self.slot in recording.inputs and not (recording.is_for_one_call or recording.is_node(self.slot)):
            raise cannot_follow("an augmented assignment to an array that is an argument", "write x = x + y")
        return NotImplemented

    __isub__ = __imul__ = __itruediv__ = __ifloordiv__ = __imod__ = __ipow__ = __imatmul__ = __iadd__

    def values(self) -> Any:
        """The entries as handles of numbers, in nested lists of this shape."""
        return self.recording.entries(self, ())

    def tolist(self) -> Any:
        """The entries as handles that are not tracked."""
        return self.recording.entries(self.recording.data_of(self), ())

    def copy(self) -> Any:
        return self

    def argmax(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        return self.recording.asked(np.argmax, [self], {"axis": axis, "keepdims": keepdims})

    def argmin(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        return self.recording.asked(np.argmin, [self], {"axis": axis, "keepdims": keepdims})

    def argsort(self, axis: Any = -1) -> Any:
        return self.recording.asked(np.argsort, [self], {"axis": axis})

    def any(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        return self.recording.asked(np.any, [self], {"axis": axis, "keepdims": keepdims})

    def all(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        return self.recording.asked(np.all, [self], {"axis": axis, "keepdims": keepdims})

    def astype(self, dtype: Any, **_: Any) -> Any:
        """The entries as float32 or float64, or as integers or bools without a derivative."""
        if np.dtype(dtype).kind == "f" and self.dtype.kind == "f":
            return functions.astype(self, dtype)
        return self.recording.asked(arrays.as_type, [self], {"dtype": np.dtype(dtype).name})

    def __contains__(self, number: Any) -> bool:
        return bool((self == number).any())

    def __repr__(self) -> str:
        return f"TracedTensor(v{self.slot}, shape={self.shape})"


class TracedIndex:
    """A handle of an index with traced parts."""

    __slots__ = ("recording", "slot")
    _is_traced = True

    def __init__(self, recording: Any, slot: int) -> None:
        self.recording = recording
        self.slot = slot


def active_recording() -> Any:
    """The recording of this thread."""
    mode = current_mode()
    if mode is None or mode.recorder is None:
        raise RuntimeError(
            "a traced value outlived its recording: a function under jit stored it in a list, an attribute or a global "
            "variable; return it instead"
        )
    return mode.recorder
