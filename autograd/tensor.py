"""An array on the tape."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

import numpy as np

from autograd import functions, pytorch, sweep, table
from autograd.anomaly import described
from autograd.arrays import broadcasts, is_frozen, raise_if_masked_or_matrix
from autograd.jacobian import local_jacobians
from autograd.methods import Method, Reflected
from autograd.mode import DEFAULT_MODE, current_mode, current_recorder
from autograd.node import (
    UNSET,
    Node,
    Note,
    Noted,
    Zero,
    change_class,
    checked_label,
    fill_slots,
    is_result,
    primal_of,
    serials,
)
from autograd.op import Op, Structural, as_float, holds_operand, named_as
from autograd.operators import RECORDING_METHODS, Operators
from autograd.recorder import ArrayRecorders, record, safe_constant
from autograd.value import Value

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from autograd.signatures import TensorOperations
    from autograd.typing import Axis, Bools, Floats, Index, Integers, Shape
else:
    TensorOperations = Operators


class Tensor(Node, TensorOperations):
    """An array of floats whose operations are recorded, so that `backward` gives derivatives.

    A Tensor is its own entry on the tape, as a Value is. NumPy's functions work on it, and so does
    arithmetic with arrays, numbers and Values. The data of results is read-only.

    Args:
        data: numbers, as an array or (nested) lists; copied. float32 and float64 are preserved, integers
            and bools become float64.
        label: a name for pictures and tables.
        requires_grad: whether operations on it are recorded; if False, it is a constant.

    Raises:
        TypeError: `data` is complex or not numeric, or contains Values; or `label` is not a string.

    Example:
        >>> from autograd import Tensor
        >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]], label="x")
        >>> y = (x * x).sum()
        >>> y.backward()
        >>> x.grad
        array([[2., 4.],
               [6., 8.]])
    """

    __slots__ = ()
    precedence = 2

    _tracked_class: ClassVar[type[Tensor]]
    _constant_class: ClassVar[type[Tensor]]

    def __init_subclass__(cls, constant_of: type[Tensor] | None = None) -> None:
        """Gives a subclass the class of its constants, and the quick way of operations; results are plain Tensors."""
        if constant_of is None:
            cls._tracked_class = cls
            type(cls.__name__, (cls, ConstantTensor), {"__slots__": (), "__module__": cls.__module__}, constant_of=cls)
        else:
            constant_of._constant_class = cls
        if constant_of is not Tensor:
            _take_the_quick_way(cls, is_tracked=constant_of is None)

    def __new__(cls, data: ArrayLike = 0.0, label: str = "", requires_grad: bool = True) -> Self:
        return object.__new__(cls if requires_grad else cls._constant_class)  # type: ignore[return-value]

    def __init__(self, data: ArrayLike, label: str = "", requires_grad: bool = True) -> None:
        self._data = _own_array(data)
        if type(label) is not str:
            label = checked_label(label)
        self._row = Noted(None, Note(label)) if label else None
        self._adjoint = self._left = self._changed = self._accumulated = None
        self._sweeps = 0
        self._serial = next(serials)

    @property
    def data(self) -> Floats:
        """The array. Assignments to it, `t.data -= step` included, are not recorded.

        Raises:
            RuntimeError: on assignment, if this Tensor is not a leaf.
            ValueError: on assignment of another shape.
        """
        recorder = current_recorder()
        return self._data if recorder is None else recorder.data_of(self)

    @data.setter
    def data(self, numbers: ArrayLike) -> None:
        if not self.is_leaf:
            raise RuntimeError(
                f"{described(self)} is not a leaf, and its data follows from that of its operands: assign to the "
                "data of a leaf, or make a new Tensor"
            )
        if (recorder := current_recorder()) is not None:
            recorder.assign(self, numbers)
            return
        if numbers is not self._data:
            changed = _own_array(numbers, "data")
            if changed.shape != self.shape:
                raise ValueError(
                    f"the data of {self._name_and_shape()} cannot become an array of shape {changed.shape}; "
                    "make a new Tensor"
                )
            self._data = changed.astype(self.dtype, copy=False)
        self._changed = next(serials)

    @property
    def grad(self) -> Floats | Any:  # None or a Tensor too: a union with them would complain at `t.data -= t.grad`
        """The gradient of the output with respect to this Tensor, of its shape and dtype; None before a sweep.

        On a leaf it is the sum over all sweeps since it was last cleared; elsewhere it is the adjoint of
        the last sweep. An array, or a Tensor after `backward(create_graph=True)`.

        Raises:
            RuntimeError: this Tensor is a large result whose gradient was released during `backward()`.
        """
        if (recorder := current_recorder()) is not None:
            return recorder.grad_of(self)
        if self._left is None:
            return self._accumulated
        if isinstance(self._adjoint, sweep.Released):
            raise RuntimeError(
                f"the gradient of {self._name()} was released: results of more than {sweep.LARGE >> 10} KiB release "
                "theirs during backward(), unless t.retain_grad() is called before it"
            )
        return None if isinstance(self._adjoint, Zero) else self._adjoint

    @grad.setter
    def grad(self, numbers: ArrayLike | Tensor | None) -> None:
        if (recorder := current_recorder()) is not None:
            recorder.assign_grad(self, numbers)
            return
        grad = (
            numbers
            if numbers is None or isinstance(numbers, Tensor)
            else _own_array(numbers, "grad").astype(self.dtype)
        )
        if grad is not None and grad.shape != self.shape:
            raise ValueError(f"the gradient of {self._name_and_shape()} must have that shape, not {grad.shape}")
        if self._left is not None:
            self._adjoint = grad
            return
        self._accumulated = grad
        if grad is None or not primal_of(grad).any():
            self._sweeps = 0

    def backward(
        self,
        gradient: ArrayLike | Node | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
    ) -> None:
        """Computes the gradients of everything this Tensor was computed from.

        Leaves add them to the gradients that they have; interior nodes show the adjoints of this sweep.

        Args:
            gradient: the adjoint to start from, of this Tensor's shape; by default 1.0, for a single entry.
            retain_graph: has no effect, as the tape stays as long as something refers to it.
            create_graph: record the sweep itself, so that the gradients can be differentiated again.

        Raises:
            RuntimeError: this Tensor has more than one entry and no gradient is given; or data was
                assigned to since the operations were recorded; or this Tensor is a constant.
            ValueError: the gradient has another shape.
            FloatingPointError: under `detect_anomaly`, at the first nan or inf.

        Example:
            >>> from autograd import Tensor
            >>> x = Tensor([1.0, 2.0])
            >>> (x * x).backward(gradient=[1.0, 10.0])
            >>> x.grad
            array([ 2., 40.])
        """
        if (recorder := current_recorder()) is not None:
            recorder.backward(self, gradient, create_graph)
            return
        seed = self._seed(gradient, create_graph)
        if create_graph:
            sweep.backward_on_tape(self, seed)
        else:
            sweep.backward(self, seed)

    def _seed(self, gradient: Any, create_graph: bool) -> Any:
        if gradient is None:
            if self.size != 1:
                raise RuntimeError(
                    f"backward() on {self._name_and_shape()}: only a single number has a gradient; "
                    "reduce it first (.sum(), .mean()), or pass gradient=, an array of that shape"
                )
            return _ones(self.shape, self.dtype)
        if isinstance(gradient, Node):
            gradient = functions.operand(gradient) if create_graph else gradient._data
        else:
            gradient = _own_array(gradient, "gradient")
        if np.shape(gradient) != self.shape:
            raise ValueError(
                f"backward() on {self._name_and_shape()}: gradient= must have that shape, not {np.shape(gradient)}"
            )
        return gradient if isinstance(gradient, Node) else np.array(gradient, self.dtype)

    # What the sweep asks of a node

    def fresh_zero(self) -> Zero:
        return Zero()

    def as_node(self, adjoint: Any) -> Tensor:
        return adjoint if isinstance(adjoint, Tensor) else constant(np.array(adjoint, self.dtype))

    def own(self, adjoint: Any, is_shared: bool) -> Any:
        if isinstance(adjoint, Node):
            return adjoint
        is_own = type(adjoint) is np.ndarray and adjoint.base is None and adjoint.flags.writeable and not is_shared
        return adjoint if is_own else np.array(adjoint)

    def unbroadcast_to(self, operand: Any) -> Any:
        shape = getattr(operand, "shape", None)
        if shape is None:  # a float, or a Value
            return table.sum(self).values()
        contribution = self
        if self.shape != shape:
            contribution = (table.broadcast_to if broadcasts(self.shape, shape) else table.sum_to)(self, shape)
        return contribution if contribution.dtype == operand.dtype else table.astype(contribution, str(operand.dtype))

    # The attributes and methods of arrays

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self._data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._data.ndim

    @property
    def size(self) -> int:
        """The number of entries."""
        return pytorch.Size(self._data.size)

    @property
    def dtype(self) -> np.dtype[np.floating[Any]]:
        """float64 or float32."""
        return self._data.dtype

    @property
    def nbytes(self) -> int:
        """The bytes of the entries."""
        return self._data.nbytes

    @property
    def T(self) -> Tensor:  # noqa: N802 - NumPy's name
        """The axes reversed."""
        return table.transpose(self)

    @property
    def mT(self) -> Tensor:  # noqa: N802 - NumPy's name
        """The last two axes exchanged."""
        return functions.matrix_transpose(self)

    @property
    def at(self) -> Places:
        """The functional form of item assignment: `t.at[index].set(values)`."""
        return Places(self)

    if not TYPE_CHECKING:  # in signatures.pyi
        sum = Method(table.sum)
        mean = Method(table.mean)
        max = Method(table.max)
        min = Method(table.min)
        amax = Method(table.max)
        amin = Method(table.min)
        astype = Method(functions.astype)
        clip = Method(functions.clip)
        gelu = Method(functions.gelu)
        logsumexp = Method(table.logsumexp)
        softmax = Method(table.softmax)
        log_softmax = Method(table.log_softmax)
        var = Method(functions.var)
        std = Method(functions.std)
        prod = Method(functions.prod)
        cumsum = Method(functions.cumsum)
        cumprod = Method(functions.cumprod)
        norm = Method(functions.norm)
        ravel = Method(functions.ravel)
        swapaxes = Method(functions.swapaxes)
        squeeze = Method(functions.squeeze)
        repeat = Method(functions.repeat)
        take = Method(functions.take)
        dot = Method(functions.dot)
        diagonal = Method(functions.diagonal)
        trace = Method(functions.trace)

    def reshape(self, *shape: Shape) -> Tensor:
        """The entries in another shape, given as a tuple or as lengths; one length may be -1."""
        return table.reshape(self, _one_tuple(shape))

    def flatten(self, order: str | int = "C", end_dim: int = -1, *, start_dim: int = 0) -> Tensor:
        """The entries as a vector; as in PyTorch the axes from the given one to `end_dim` as one: `t.flatten(1)`."""
        if isinstance(order, int):
            start_dim = order
        elif (start_dim, end_dim) == (0, -1):
            return functions.ravel(self, order)
        return functions.flatten(self, start_dim, end_dim)

    def transpose(self, *axes: Shape | None) -> Tensor:
        """The axes in another order, given as a tuple or as axes; by default reversed."""
        if len(axes) == 2 and self.ndim > 1:
            self._check_transposition(*axes)
        return table.transpose(self, _one_tuple(axes) if axes else None)

    def _check_transposition(self, first: Any, second: Any) -> None:
        """Raises where two axes as arguments can only mean PyTorch's exchange of axes."""
        if self.ndim > 2 or (first % 2, second % 2) == (0, 1):
            raise ValueError(
                f"t.transpose({first}, {second}) of {self._name()} would be the order of all axes, as in NumPy: use "
                f"t.swapaxes({first}, {second}) to exchange two, t.transpose((...)) for another order"
            )

    @pytorch.explaining_keywords
    def argmax(self, axis: int | None = None, *, keepdims: bool = False) -> np.intp | Integers | Any:
        """The index of the largest entry: an integer, or an array of them; not tracked."""
        data: Any = self.data
        return data.argmax(axis, keepdims=keepdims)

    @pytorch.explaining_keywords
    def argmin(self, axis: int | None = None, *, keepdims: bool = False) -> np.intp | Integers | Any:
        """The index of the smallest entry: an integer, or an array of them; not tracked."""
        data: Any = self.data
        return data.argmin(axis, keepdims=keepdims)

    @pytorch.explaining_keywords
    def argsort(self, axis: int | None = -1) -> Integers:
        """The indices that sort the entries: an array of integers; not tracked."""
        return self.data.argsort(axis)

    @pytorch.explaining_keywords
    def all(self, axis: Axis = None, *, keepdims: bool = False) -> np.bool_ | Bools | Any:
        """Whether all entries are nonzero: a bool, or an array of them; not tracked."""
        data: Any = self.data
        return data.all(axis, keepdims=keepdims)

    @pytorch.explaining_keywords
    def any(self, axis: Axis = None, *, keepdims: bool = False) -> np.bool_ | Bools | Any:
        """Whether any entry is nonzero: a bool, or an array of them; not tracked."""
        data: Any = self.data
        return data.any(axis, keepdims=keepdims)

    def sort(self, *_: Any, **__: Any) -> NoReturn:
        """Raises TypeError: NumPy's method sorts in place."""
        raise TypeError("t.sort() would sort in place, which is not recorded: use np.sort(t) or autograd.sort(t)")

    def __getitem__(self, index: Index) -> Tensor:
        return table.getitem(self, _index(index))

    def __setitem__(self, index: Any, values: Any) -> NoReturn:
        raise TypeError(
            "t[index] = values would lose the gradient: write t = t.at[index].set(values), or "
            "t = t.at[index].add(values); autograd.where, np.concatenate and np.stack build Tensors as well; "
            "t.data[index] = values, of a leaf, is not recorded"
        )

    def __delitem__(self, index: Any) -> NoReturn:
        raise TypeError("del t[index] is not supported: select the rest, t[...] or np.concatenate([t[:i], t[i + 1:]])")

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        return iter(functions.unstack(self)) if self.ndim else iter(self._data)  # NumPy's own TypeError

    def __contains__(self, number: Any) -> bool:
        return bool((self.data == primal_of(number)).any())

    if not TYPE_CHECKING:  # to which any attribute would be one

        def __getattr__(self, name: str) -> NoReturn:
            said = pytorch.hint(name, pytorch.ATTRIBUTES)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{said}")

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Makes this leaf a constant, or tracked again, in place, so that optimizers still refer to it.

        Raises:
            RuntimeError: this Tensor is not a leaf.

        Example:
            >>> from autograd import Tensor
            >>> weight = Tensor([1.0, 2.0]).requires_grad_(False)
            >>> weight, (weight * 2.0).requires_grad
            (Tensor(data=[1., 2.], requires_grad=False), False)
        """
        if not self.is_leaf:
            raise RuntimeError(f"requires_grad_() on {self._name()}: it is not a leaf; t.detach() returns a constant")
        if requires_grad == self.requires_grad:
            return self
        if requires_grad:
            fill_slots(self)
            if not self._data.flags.writeable:  # an operation gave it
                self._data = self._data.copy()
        change_class(self, self._tracked_class if requires_grad else self._constant_class)
        return self

    def values(self) -> Any:
        """The entries as Values on the same tape: nested lists of this shape; one Value for a single number.

        Example:
            >>> from autograd import Tensor
            >>> x = Tensor([1.0, 2.0])
            >>> first, second = x.values()
            >>> (first * second).backward()
            >>> x.grad
            array([2., 1.])
        """
        if self.size <= functions.FEW or not self.ndim:
            return _values(self, ())
        if self.ndim == 1:
            return [value for part in functions.groups(self, 0) for value in part.values()]
        return [row.values() for row in functions.unstack(self)]

    def item(self) -> float:
        """The only entry, a float.

        Raises:
            ValueError: there are several entries, or none.
        """
        return self.data.item()

    def tolist(self) -> Any:
        """The entries as nested lists of floats."""
        return self.data.tolist()

    def detach(self) -> Tensor:
        """A constant with the same entries, through which no gradient flows."""
        if (recorder := current_recorder()) is not None:
            return recorder.detached(self)
        detached = constant(self._data if is_frozen(self._data) else self._data.copy())
        fill_slots(detached)  # a leaf, not a result: it has no gradient, and to ask for it is no mistake
        return detached

    def copy(self) -> Tensor:
        """A copy, which is recorded: gradients flow through it."""
        return table.pos(self)

    # What Python and NumPy expect of numbers

    def __bool__(self) -> bool:
        return bool(self.data)

    if not TYPE_CHECKING:  # so that type checkers complain as well, and know that `array @ t` is a Tensor

        def __float__(self) -> float:
            raise TypeError(
                f"float({self._name()}) would lose the gradient: use a method (t.exp(), t.sqrt(), ...) or "
                f"autograd.exp(t) to stay on the tape, {self._plain()}"
            )

        def __int__(self) -> int:
            plain = "int(t.item())" if self.size == 1 else "t.data.astype(int) for the array"
            raise TypeError(f"int({self._name()}) would lose the gradient: use {plain}")

        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            raise TypeError(
                f"{self._name()} cannot become an array, since its gradient would be lost: use t.data or t.detach() "
                "for the array, autograd.stack or autograd.concatenate to join Tensors, and of a table its .to_numpy()"
            )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if len(inputs) == 2 and method == "__call__" and not options and ufunc in RECORDED_UFUNCS:
            return table.BY_NUMPY_FUNCTION[ufunc].recorders[Tensor](*inputs)  # array @ tensor, array * tensor, …
        return super().__array_ufunc__(ufunc, method, *inputs, **options)

    def __format__(self, specification: str) -> str:
        return format(self._data.item(), specification) if specification and self.size == 1 else repr(self)

    def __repr__(self) -> str:
        name = type(self)._tracked_class.__name__
        written = np.array2string(self._data, separator=", ", prefix=f"{name}(data=", threshold=100)
        dtype = "" if self.dtype == np.float64 else f", dtype={self.dtype}"
        label = f", label={self.label!r}" if self.label else ""
        return f"{name}(data={written}{dtype}{self._standing()}{label})"

    def _standing(self) -> str:
        return ""

    def _name(self) -> str:
        return f"Tensor {self.label!r}" if self.label else f"a Tensor of shape {self.shape}"

    def _plain(self) -> str:
        return "t.item() for the number" if self.size == 1 else "t.data for the array"

    def _name_and_shape(self) -> str:
        return f"{self._name()} of shape {self.shape}" if self.label else self._name()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles of a leaf are leaves with the same data and label."""
        if not self.is_leaf:
            raise TypeError(
                f"{self._name()} was computed, and only leaves can be copied and pickled: use t.data for the array, "
                "as in plt.plot(t.data), or t.detach() for a constant"
            )
        return self._tracked_class, (self.data, self.label, self.requires_grad)

    # Operations: the general path, for every kind of operand in every mode. The recorders below do the same,
    # faster, for the common kinds in the default mode.

    @classmethod
    def apply(cls, op: Op, inputs: tuple[Any, ...]) -> Any:
        if (recorder := current_recorder()) is not None:
            return recorder.apply(op, inputs)
        if isinstance(op, Structural):
            inputs = tuple([array_operand(op, i, x) for i, x in enumerate(inputs)])
        primals = tuple([x._data if isinstance(x, Node) else constant_primal(op, i, x) for i, x in enumerate(inputs)])
        try:
            primal = op.on_arrays(*primals)
        except (ValueError, IndexError) as error:
            raise with_shapes(error, op, inputs, primals) from None
        if op.is_predicate:
            return primal
        if not op.in_table:
            primal = _own_floats(op, primal)
        mode = current_mode() or DEFAULT_MODE
        tracked = [isinstance(x, Node) and x.requires_grad and op.rule(i) is not None for i, x in enumerate(inputs)]
        if not (mode.recording and any(tracked)):
            return constant(primal)
        places = [i for i, is_tracked in enumerate(tracked) if is_tracked]
        numbers = [x if tracked[i] or not op.needs(i, places) else safe_constant(x) for i, x in enumerate(primals)]
        operands = [x if tracked[i] else record_arrays.labelled(x, numbers[i]) for i, x in enumerate(inputs)]
        data = _read_only(primal)
        partials = local_jacobians(op, (data, *numbers), tracked)
        return record(object.__new__(Tensor), op, data, operands, partials, numbers, mode)


class ConstantTensor(Tensor, constant_of=Tensor):
    """A Tensor that is not tracked, as with `requires_grad=False`, from `detach` and under `no_grad`."""

    __slots__ = ()
    _is_tracked = False

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            return UNSET[name] if name in UNSET else super().__getattr__(name)

        @property
        def grad(self) -> Any:
            """None, as no sweep reaches a constant, or what was assigned; of a computed one it is an error to ask."""
            if is_result(self):
                raise RuntimeError(f"grad of {self._name()}: {sweep.OF_A_CONSTANT}")
            return Tensor.grad.fget(self)

        @grad.setter
        def grad(self, numbers: Any) -> None:
            Tensor.grad.fset(self, numbers)

    def backward(
        self,
        gradient: ArrayLike | Node | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
    ) -> NoReturn:
        raise RuntimeError(f"backward() on {self._name()}: {sweep.OF_A_CONSTANT}")

    def __float__(self) -> float:
        return float(self._data)

    def __int__(self) -> int:
        return int(self._data)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self._data, dtype, copy=copy)

    def _standing(self) -> str:
        return ", requires_grad=False"


# Item assignment


class Places:
    """The entries of a Tensor at an index, as `t.at[index]`, for the functional form of item assignment.

    Example:
        >>> from autograd import Tensor
        >>> t = Tensor([1.0, 2.0, 3.0])
        >>> t.at[0].set(9.0).tolist(), t.at[[1, 1]].add(0.5).tolist()
        ([9.0, 2.0, 3.0], [1.0, 3.0, 3.0])
    """

    def __init__(self, tensor: Tensor, index: Index = ...) -> None:
        self.tensor = tensor
        self.index = _index(index)

    def __getitem__(self, index: Index) -> Places:
        return Places(self.tensor, index)

    def set(self, values: ArrayLike | Node) -> Tensor:
        """A Tensor with these values at the index; if the index repeats an entry, the last value counts."""
        return table.set_at(self.tensor, values, self.index)

    def add(self, values: ArrayLike | Node) -> Tensor:
        """A Tensor with these values added at the index; if the index repeats an entry, all its values are added."""
        tensor = self.tensor
        taken = tensor.detach()[self.index].shape
        added = table.scatter(table.broadcast_to(functions.operand(values), taken), self.index, tensor.shape)
        return tensor + functions.astype(added, tensor.dtype)


def constant(array: Any) -> ConstantTensor:
    """A result that is not recorded: only one of its slots is filled."""
    constant = object.__new__(ConstantTensor)
    constant._data = _read_only(array)
    return constant


@lru_cache(maxsize=64)
def _ones(shape: tuple[int, ...], dtype: Any) -> Any:
    """The adjoint that `backward()` starts from."""
    return _read_only(np.ones(shape, dtype))


def _read_only(array: Any) -> Any:
    array = np.asarray(array)
    array.setflags(write=False)
    return array


def _recording_method(name: str, method: Method) -> Any:
    """The operation as a method of Tensor; its recorder itself, without a descriptor in between."""
    recorder: Any = method.op.recorders[Tensor]
    if isinstance(method, Reflected):
        return named_as(lambda b, a: recorder(a, b), f"Tensor.{name}", method.op.operands[::-1])
    recorder.__doc__ = method.op.__doc__
    return recorder


def _augmented(sign: str) -> Any:
    """The augmented assignment `t += …`: `t = t + …`, or an error where `t` would stop being trained."""

    def method(self: Tensor, other: Any) -> Any:
        mode = current_mode()
        if mode is not None and not mode.recording and self.is_leaf and self.requires_grad:
            raise TypeError(
                f"t {sign}= ... under no_grad() would replace {self._name()} by a constant, which is not trained: "
                f"write t.data {sign}= ..."
            )
        return NotImplemented

    return method


class _EntriesMethod(Method):
    """The method `values`, which says what it is where it is taken for PyTorch's."""

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self.op if instance is None else pytorch.Entries(partial(self.op, instance))


Tensor.values = _EntriesMethod(Tensor.values)  # type: ignore[method-assign, assignment]
for _name, _sign in {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "**"}.items():
    setattr(Tensor, f"__i{_name}__", _augmented(_sign))
Tensor._tracked_class = Tensor
record_arrays = ArrayRecorders(Tensor, ConstantTensor, Tensor.apply)
Op.recorder_of[Tensor] = record_arrays
Op.recorder_of[ConstantTensor] = lambda op: op.recorders.get(Tensor)
for _op in table.ROWS.values():
    _op.__post_init__()


def _take_the_quick_way(subclass: type[Tensor], is_tracked: bool) -> None:
    """Makes the operations of the table, and those to come, as quick on nodes of a subclass as on Tensors."""
    record_arrays.include(subclass, is_tracked)
    Op.recorder_of[subclass] = Op.recorder_of[ConstantTensor]
    for row in table.ROWS.values():
        for op in (row, *[bound for bound in row.derived.values() if isinstance(bound, Op)]):
            if recorder := op.recorders.get(Tensor):
                op.recorders[subclass] = recorder


RECORDED_UFUNCS = {f for f, op in table.BY_NUMPY_FUNCTION.items() if isinstance(f, np.ufunc) and Tensor in op.recorders}
for _name, _method in (
    RECORDING_METHODS | {"__matmul__": Method(table.matmul), "__rmatmul__": Reflected(table.matmul)}
).items():
    setattr(Tensor, _name, _recording_method(_name, _method))


def _values(tensor: Tensor, index: tuple[int, ...]) -> Any:
    if len(index) < tensor.ndim:
        return [_values(tensor, (*index, i)) for i in range(tensor.shape[len(index)])]
    mode = current_mode() or DEFAULT_MODE
    if mode.recorder is not None:
        return mode.recorder.entries(tensor, index)
    number = float(tensor._data[index])
    if not (mode.recording and tensor.requires_grad):
        return Value(number).detach()
    numbers = (tensor._data, index)
    partials = local_jacobians(table.getitem, (number, *numbers), [True, False])
    return record(object.__new__(Value), table.getitem, number, (tensor, index), partials, numbers, mode)


# Data and operands


def _own_array(data: Any, name: str = "Tensor") -> Any:
    """A copy of these numbers as a float32 or float64 array; raises TypeError, which names what they are for."""
    if isinstance(data, Node):
        if data._is_traced:
            return data.unread()  # type: ignore[attr-defined]
        raise TypeError(f"{data!r} is already on the tape: use it as it is, or its .data for a copy of the numbers")
    if holds_operand(data):
        raise TypeError(f"{name}: expected numbers; use autograd.stack for a Tensor of Values or Tensors")
    raise_if_masked_or_matrix(data, name)
    try:
        array = np.array(data)
    except ValueError:
        raise ValueError(f"{name}: expected rows of equal length; pad the shorter ones") from None
    if array.dtype.kind not in "fiub":
        raise _not_real(name, array.dtype)
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)


def _own_floats(op: Op, primal: Any) -> Any:
    """What a row outside the table gave, as float32 or float64, and as an array that nobody can write to."""
    array = np.asarray(primal)
    if array.dtype.kind not in "fiub":
        raise _not_real(op.name, array.dtype)
    is_final = is_frozen(array) and array.dtype.char in "df"
    return array if is_final else array.astype(array.dtype if array.dtype.char in "df" else np.float64)


def _not_real(caller: str, dtype: Any) -> TypeError:
    if dtype.kind in "US":
        hint = "" if caller in ("data", "grad", "gradient") else "; for categories use autograd.one_hot(labels, n)"
        return TypeError(f"{caller}: expected real numbers, got text{hint}")
    if dtype.kind == "c":
        return TypeError(f"{caller}: complex numbers are out of scope; compute with the real and the imaginary part")
    return TypeError(f"{caller}: expected real numbers, got an array of {dtype}; convert it, e.g. with .astype(float)")


def array_operand(op: Structural, position: int, x: Any) -> Any:
    """The operand as something with a shape, except an index and the Values that `stack` joins."""
    if op.operands[0 if op.variadic else position] == "index":
        return _index(x)
    if op.rule(position) is None or isinstance(x, Tensor) or (op.variadic and isinstance(x, Value)):
        return x
    return functions.operand(x)


def constant_primal(op: Op, position: int, x: Any) -> Any:
    """The primal of an operand that is not a node."""
    if isinstance(x, np.ndarray):
        raise_if_masked_or_matrix(x, op.name)
        if x.dtype.kind not in "fiub":
            raise _not_real(op.name, x.dtype)
        return x.astype(np.float64) if x.dtype.char == "g" else x
    if isinstance(x, float | int | np.floating):
        return float(x) if isinstance(x, np.longdouble) else x
    if isinstance(op, Structural) and op.rule(position) is None:
        return x
    if isinstance(x, list | tuple):
        return np.asarray(x)
    return as_float(op.name, x)


def with_shapes(error: Exception, op: Op, inputs: tuple[Any, ...], primals: tuple[Any, ...]) -> Exception:
    """NumPy's error, with the operation and the label and shape of each operand."""
    operands = [
        f"{getattr(x, 'label', '') or name}: {np.shape(primal)}"
        for name, x, primal in zip(op.operands * len(inputs), inputs, primals, strict=False)
        if not isinstance(primal, tuple)
    ]
    lengths = re.search(r"core dimension.*size (\d+) is different from (\d+)", str(error))
    said = f"an axis of length {lengths[2]} meets one of length {lengths[1]}" if lengths else str(error).strip()
    return type(error)(f"{op.name}: {said} (operands {', '.join(operands)})")


def _one_tuple(lengths: tuple[Any, ...]) -> Any:
    """`(2, 3)`, both from `f(2, 3)` and from `f((2, 3))`."""
    return lengths[0] if len(lengths) == 1 and isinstance(lengths[0], tuple | list) else lengths


def _index(index: Any) -> tuple[Any, ...]:
    """An index as a tuple, with lists as arrays, and with copies of arrays that could change."""
    if getattr(index, "_is_traced", False) and not isinstance(index, Node):
        return index
    return tuple([_index_part(part) for part in (index if isinstance(index, tuple) else (index,))])


def _index_part(part: Any) -> Any:
    if isinstance(part, Node):
        if part._is_traced:
            return part
        raise TypeError(f"an index must be integers, not {part!r}: use t.data.astype(int), or an array of integers")
    if isinstance(part, list):
        part = np.array(part, dtype=None if part else int)
    elif isinstance(part, np.ndarray) and not is_frozen(part):
        part = part.copy() if (recorder := current_recorder()) is None else recorder.captured_index(part)
    return part


sys.modules[__name__].__class__ = pytorch.TensorModule
