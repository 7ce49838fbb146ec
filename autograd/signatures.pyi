"""The types of the operations, as functions and as methods, for type checkers and editors; nothing imports it.

Written from the table by `python -m tests.support.signatures`: change a row, or a function, and run that.
"""

# The first signature that fits counts, as in NumPy's stubs: one for numbers comes before one for whatever is left.
# mypy: disable-error-code="overload-overlap"
# pyright: reportOverlappingOverload=false, reportInconsistentOverload=false

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from autograd.functions.linalg import SVD, Eigh, Slogdet
from autograd.op import Interval, Op, Operand, Rule, Structural
from autograd.tensor import Tensor
from autograd.typing import Axis, Bools, Floats, Index, Integers, Number, Shape
from autograd.value import Value

Array = NDArray[Any]
Tracked = Tensor | Value | Sequence[Tensor | Value | Sequence[Tensor | Value]]
Operands = Tensor | Value | ArrayLike | Sequence[object]  # mypy takes [tensor, array] for a list of objects

class OfNoOtherType: ...

F = TypeVar("F", bound=np.floating[Any])
P = ParamSpec("P")
R = TypeVar("R")
X = TypeVar("X")
Unannotated = TypeVar("Unannotated", bound=Callable[Concatenate[OfNoOtherType, ...], Any])
"""A function without annotations: no other accepts an argument of this type."""


__all__ = ['abs', 'acos', 'acosh', 'add', 'append', 'array_split', 'asin', 'asinh', 'astype', 'atan', 'atan2', 'atanh', 'atleast_1d', 'atleast_2d', 'atleast_3d', 'average', 'avg_pool2d', 'broadcast_to', 'cbrt', 'ceil', 'cholesky', 'clip', 'column_stack', 'concatenate', 'conj', 'conv1d', 'conv2d', 'convolve', 'cos', 'cosh', 'cross', 'cross_entropy', 'cumprod', 'cumsum', 'deg2rad', 'det', 'diag', 'diagonal', 'diff', 'div', 'dot', 'dsplit', 'dstack', 'eigh', 'eigvalsh', 'einsum', 'elu', 'equal', 'erf', 'erfc', 'exp', 'exp2', 'expand_dims', 'expm1', 'fftshift', 'flatten', 'flip', 'fliplr', 'flipud', 'floor', 'floor_divide', 'fmax', 'fmin', 'gelu', 'getitem', 'gradient', 'greater', 'greater_equal', 'hsplit', 'hstack', 'hypot', 'ifftshift', 'inner', 'inv', 'isfinite', 'isinf', 'isnan', 'kron', 'leaky_relu', 'less', 'less_equal', 'linear', 'linspace', 'log', 'log10', 'log1p', 'log2', 'log_softmax', 'logaddexp', 'logaddexp2', 'logsumexp', 'matmul', 'matrix_power', 'matrix_transpose', 'max', 'max_pool', 'max_pool2d', 'maximum', 'mean', 'median', 'min', 'minimum', 'moveaxis', 'mul', 'multi_dot', 'nan_to_num', 'neg', 'norm', 'normal_cdf', 'normal_pdf', 'not_equal', 'one_hot', 'outer', 'overlap_add', 'pad', 'partition', 'pinv', 'pos', 'pow', 'prod', 'ptp', 'rad2deg', 'ravel', 'real', 'reciprocal', 'relu', 'remainder', 'repeat', 'reshape', 'roll', 'rollaxis', 'rot90', 'round', 'scatter', 'select', 'set_at', 'sigmoid', 'sign', 'silu', 'sin', 'sinc', 'sinh', 'slogdet', 'softmax', 'softplus', 'solve', 'sort', 'split', 'sqrt', 'square', 'squeeze', 'stack', 'std', 'sub', 'sum', 'sum_to', 'svd', 'svdvals', 'swapaxes', 'take', 'take_along_axis', 'tan', 'tanh', 'tensordot', 'tile', 'trace', 'transpose', 'tril', 'triu', 'trunc', 'unstack', 'var', 'vdot', 'vecdot', 'vsplit', 'vstack', 'where', 'windows', 'grad', 'value_and_grad', 'elementwise_grad', 'jacobian', 'hessian', 'jvp', 'vjp', 'hvp', 'vmap', 'checkpoint', 'elementwise', 'structural']

class ValueOperations(Operand):
    @overload
    def clip(self, a_min: Value | Number | None = None, a_max: Value | Number | None = None, *, min: Value | Number | None = None, max: Value | Number | None = None) -> Value:
        """The entries limited to the interval from `a_min` to `a_max`; at a bound the gradient goes to `a`.

        Example:
            >>> import numpy as np
            >>> import autograd
            >>> autograd.clip(np.array([-1.0, 0.5, 2.0]), 0.0, 1.0)
            array([0. , 0.5, 1. ])"""
    @overload
    def clip(self, a_min: Tensor | Value | Array | Number | None = None, a_max: Tensor | Value | Array | Number | None = None, *, min: Tensor | Value | Array | Number | None = None, max: Tensor | Value | Array | Number | None = None) -> Tensor: ...
    def gelu(self) -> Value:
        """The exact GELU: x times the probability that a standard normal variable is at most x.

        These are two operations on the tape, so that the backward pass need not compute the probability again. The
        value is accurate to 5 ulp and the derivative to 8, close to its zero at -0.752 to 8 ulp of the probability; below
        -37.5, where the probability is subnormal, both have fewer digits.

        Example:
            >>> import autograd
            >>> round(autograd.gelu(1.0), 6), autograd.grad(autograd.gelu)(0.0)
            (0.841345, 0.5)"""
    @overload
    def __add__(self, y: Value | Number, /) -> Value:
        """add, entry by entry, of floats, arrays, Values and Tensors."""
    @overload
    def __add__(self, y: Tensor | Value | Array | Number, /) -> Tensor: ...
    @overload
    def __radd__(self, y: Number, /) -> Value:
        """add, entry by entry, of floats, arrays, Values and Tensors."""
    @overload
    def __radd__(self, y: Array, /) -> Tensor: ...
    @overload
    def __sub__(self, y: Value | Number, /) -> Value:
        """sub, entry by entry, of floats, arrays, Values and Tensors."""
    @overload
    def __sub__(self, y: Tensor | Value | Array | Number, /) -> Tensor: ...
    @overload
    def __rsub__(self, y: Number, /) -> Value:
        """sub, entry by entry, of floats, arrays, Values and Tensors."""
    @overload
    def __rsub__(self, y: Array, /) -> Tensor: ...
    @overload
    def __mul__(self, y: Value | Number, /) -> Value:
        """mul, entry by entry, of floats, arrays, Values and Tensors."""
    @overload
    def __mul__(self, y: Tensor | Value | Array | Number, /) -> Tensor: ...
    @overload
    def __rmul__(self, y: Number, /) -> Value:
        """mul, entry by entry, of floats, arrays, Values and Tensors."""
    @overload
    def __rmul__(self, y: Array, /) -> Tensor: ...
    @overload
    def __truediv__(self, y: Value | Number, /) -> Value:
        """x / y; x / 0 is inf or nan with NumPy's RuntimeWarning. The derivative in y is accurate to 8 ulp where x / y is a normal number."""
    @overload
    def __truediv__(self, y: Tensor | Value | Array | Number, /) -> Tensor: ...
    @overload
    def __rtruediv__(self, y: Number, /) -> Value:
        """x / y; x / 0 is inf or nan with NumPy's RuntimeWarning. The derivative in y is accurate to 8 ulp where x / y is a normal number."""
    @overload
    def __rtruediv__(self, y: Array, /) -> Tensor: ...
    @overload
    def __floordiv__(self, y: Value | Number, /) -> Value:
        """The largest integer not above x / y; its derivative is zero."""
    @overload
    def __floordiv__(self, y: Tensor | Value | Array | Number, /) -> Tensor: ...
    @overload
    def __rfloordiv__(self, y: Number, /) -> Value:
        """The largest integer not above x / y; its derivative is zero."""
    @overload
    def __rfloordiv__(self, y: Array, /) -> Tensor: ...
    @overload
    def __mod__(self, y: Value | Number, /) -> Value:
        """x - y * (x // y), with the sign of y, as Python's %."""
    @overload
    def __mod__(self, y: Tensor | Value | Array | Number, /) -> Tensor: ...
    @overload
    def __rmod__(self, y: Number, /) -> Value:
        """x - y * (x // y), with the sign of y, as Python's %."""
    @overload
    def __rmod__(self, y: Array, /) -> Tensor: ...
    @overload
    def __pow__(self, y: Value | Number, /) -> Value:
        """x ** y. The derivative of x**0 is 0, and 0**y does not depend on y for y >= 0. For negative x the exponent must be an integer, and the derivative in it is nan. The derivatives are accurate to 8 ulp where x ** y and x ** (y - 1) are normal numbers; for y < 0.5 the rounding of y - 1 adds |log(x) * (y - 1)| ulp."""
    @overload
    def __pow__(self, y: Tensor | Value | Array | Number, /) -> Tensor: ...
    @overload
    def __rpow__(self, y: Number, /) -> Value:
        """x ** y. The derivative of x**0 is 0, and 0**y does not depend on y for y >= 0. For negative x the exponent must be an integer, and the derivative in it is nan. The derivatives are accurate to 8 ulp where x ** y and x ** (y - 1) are normal numbers; for y < 0.5 the rounding of y - 1 adds |log(x) * (y - 1)| ulp."""
    @overload
    def __rpow__(self, y: Array, /) -> Tensor: ...
    def __neg__(self) -> Value:
        """neg, entry by entry, of floats, arrays, Values and Tensors."""
    def __pos__(self) -> Value:
        """pos, entry by entry, of floats, arrays, Values and Tensors."""
    def __abs__(self) -> Value:
        """The absolute value; its derivative at 0 is 0."""
    def __floor__(self) -> Value:
        """floor, entry by entry, of floats, arrays, Values and Tensors."""
    def __ceil__(self) -> Value:
        """ceil, entry by entry, of floats, arrays, Values and Tensors."""
    def __trunc__(self) -> Value:
        """trunc, entry by entry, of floats, arrays, Values and Tensors."""
    def abs(self) -> Value:
        """The absolute value; its derivative at 0 is 0."""
    @overload
    def pow(self, y: Value | Number, /) -> Value:
        """x ** y. The derivative of x**0 is 0, and 0**y does not depend on y for y >= 0. For negative x the exponent must be an integer, and the derivative in it is nan. The derivatives are accurate to 8 ulp where x ** y and x ** (y - 1) are normal numbers; for y < 0.5 the rounding of y - 1 adds |log(x) * (y - 1)| ulp."""
    @overload
    def pow(self, y: Tensor | Value | Array | Number, /) -> Tensor: ...
    def square(self) -> Value:
        """square, entry by entry, of floats, arrays, Values and Tensors."""
    def reciprocal(self) -> Value:
        """reciprocal, entry by entry, of floats, arrays, Values and Tensors."""
    def sqrt(self) -> Value:
        """The square root; its derivative at 0 is inf."""
    def cbrt(self) -> Value:
        """The cube root, also of negative numbers; its derivative at 0 is inf, elsewhere accurate to 9 ulp, since C libraries compute the cube root to 4."""
    def exp(self) -> Value:
        """exp, entry by entry, of floats, arrays, Values and Tensors."""
    def exp2(self) -> Value:
        """exp2, entry by entry, of floats, arrays, Values and Tensors."""
    def expm1(self) -> Value:
        """expm1, entry by entry, of floats, arrays, Values and Tensors."""
    def log(self) -> Value:
        """The natural logarithm; log(0) is -inf with NumPy's RuntimeWarning."""
    def log2(self) -> Value:
        """log2, entry by entry, of floats, arrays, Values and Tensors."""
    def log10(self) -> Value:
        """log10, entry by entry, of floats, arrays, Values and Tensors."""
    def log1p(self) -> Value:
        """log1p, entry by entry, of floats, arrays, Values and Tensors."""
    @overload
    def logaddexp(self, y: Value | Number, /) -> Value:
        """log(exp(x) + exp(y)) without overflow. Close to 0, where max(x, y) cancels the rest, it is accurate to 4 ulp of max(x, y). The rounding of x - y adds |x - y| / 2 ulp to the smaller derivative, and to the value where max(x, y) is close to 0."""
    @overload
    def logaddexp(self, y: Tensor | Value | Array | Number, /) -> Tensor: ...
    def sin(self) -> Value:
        """sin, entry by entry, of floats, arrays, Values and Tensors."""
    def cos(self) -> Value:
        """cos, entry by entry, of floats, arrays, Values and Tensors."""
    def tan(self) -> Value:
        """tan, entry by entry, of floats, arrays, Values and Tensors."""
    def asin(self) -> Value:
        """asin, entry by entry, of floats, arrays, Values and Tensors."""
    def acos(self) -> Value:
        """acos, entry by entry, of floats, arrays, Values and Tensors."""
    def atan(self) -> Value:
        """atan, entry by entry, of floats, arrays, Values and Tensors."""
    @overload
    def atan2(self, x: Value | Number, /) -> Value:
        """The angle of the point (x, y), ordinate first; its derivatives at the origin are 0."""
    @overload
    def atan2(self, x: Tensor | Value | Array | Number, /) -> Tensor: ...
    @overload
    def hypot(self, y: Value | Number, /) -> Value:
        """The length of the vector (x, y); its derivatives at the origin are nan."""
    @overload
    def hypot(self, y: Tensor | Value | Array | Number, /) -> Tensor: ...
    def sinh(self) -> Value:
        """sinh, entry by entry, of floats, arrays, Values and Tensors."""
    def cosh(self) -> Value:
        """cosh, entry by entry, of floats, arrays, Values and Tensors."""
    def tanh(self) -> Value:
        """tanh, entry by entry, of floats, arrays, Values and Tensors."""
    def asinh(self) -> Value:
        """asinh, entry by entry, of floats, arrays, Values and Tensors."""
    def acosh(self) -> Value:
        """acosh, entry by entry, of floats, arrays, Values and Tensors."""
    def atanh(self) -> Value:
        """atanh, entry by entry, of floats, arrays, Values and Tensors."""
    def sigmoid(self) -> Value:
        """The logistic function 1 / (1 + exp(-x))."""
    def softplus(self) -> Value:
        """log(1 + exp(x)), the smooth relu."""
    def relu(self) -> Value:
        """max(x, 0); its derivative at 0 is 0, and at nan 1, as in PyTorch."""
    @overload
    def leaky_relu(self, negative_slope: Value | Number = 0.01, /) -> Value:
        """x where it is positive, negative_slope * x elsewhere; its derivative at 0 is the slope."""
    @overload
    def leaky_relu(self, negative_slope: Tensor | Value | Array | Number = 0.01, /) -> Tensor: ...
    @overload
    def elu(self, alpha: Value | Number = 1.0, /) -> Value:
        """x where it is positive, alpha * (exp(x) - 1) elsewhere; its derivative at 0 is alpha. The derivative in x is accurate to 8 ulp where exp(x) is a normal number."""
    @overload
    def elu(self, alpha: Tensor | Value | Array | Number = 1.0, /) -> Tensor: ...
    def silu(self) -> Value:
        """x * sigmoid(x), also known as swish. Close to its zero at -1.278 the derivative is accurate to 8 ulp of sigmoid(x)."""
    def normal_pdf(self) -> Value:
        """The density of the standard normal distribution, exp(-x**2 / 2) / sqrt(2 pi). The derivative is accurate to 8 ulp where the density is a normal number, for |x| < 37.6."""
    def normal_cdf(self) -> Value:
        """The cumulative distribution function of the standard normal distribution, (1 + erf(x / sqrt(2))) / 2, accurate in its lower tail; `ndtr` in SciPy and PyTorch."""
    def erf(self) -> Value:
        """erf, entry by entry, of floats, arrays, Values and Tensors."""
    def erfc(self) -> Value:
        """1 - erf(x), accurate also where erf(x) is almost 1."""
    @overload
    def minimum(self, y: Value | Number, /) -> Value:
        """The smaller of x and y. At a tie, also of 0.0 and -0.0, it is x, and each gets half of the gradient."""
    @overload
    def minimum(self, y: Tensor | Value | Array | Number, /) -> Tensor: ...
    @overload
    def maximum(self, y: Value | Number, /) -> Value:
        """The larger of x and y. At a tie, also of 0.0 and -0.0, it is x, and each gets half of the gradient."""
    @overload
    def maximum(self, y: Tensor | Value | Array | Number, /) -> Tensor: ...
    def floor(self) -> Value:
        """floor, entry by entry, of floats, arrays, Values and Tensors."""
    def ceil(self) -> Value:
        """ceil, entry by entry, of floats, arrays, Values and Tensors."""
    def trunc(self) -> Value:
        """trunc, entry by entry, of floats, arrays, Values and Tensors."""
    def sign(self) -> Value:
        """sign, entry by entry, of floats, arrays, Values and Tensors."""
    @overload
    def __lt__(self, y: Value | Number, /) -> bool:
        """less: a bool, or an array of bools; not recorded."""
    @overload
    def __lt__(self, y: Tensor | Value | Array | Number, /) -> Bools: ...
    @overload
    def __le__(self, y: Value | Number, /) -> bool:
        """less_equal: a bool, or an array of bools; not recorded."""
    @overload
    def __le__(self, y: Tensor | Value | Array | Number, /) -> Bools: ...
    @overload
    def __gt__(self, y: Value | Number, /) -> bool:
        """greater: a bool, or an array of bools; not recorded."""
    @overload
    def __gt__(self, y: Tensor | Value | Array | Number, /) -> Bools: ...
    @overload
    def __ge__(self, y: Value | Number, /) -> bool:
        """greater_equal: a bool, or an array of bools; not recorded."""
    @overload
    def __ge__(self, y: Tensor | Value | Array | Number, /) -> Bools: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __round__(self, ndigits: int | None = None) -> Value: ...
    def round(self, decimals: int = 0) -> Value:
        """Rounded to the given number of decimals, halves to even; the derivative is zero."""
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any: ...
    def __array_function__(self, function: Any, types: Any, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any: ...

class TensorOperations(Operand):
    def sum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The sum over one axis, several, or all."""
    def mean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The mean over one axis, several, or all."""
    def max(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The largest entry over one axis, several, or all; entries that tie get equal parts of the gradient."""
    def min(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The smallest entry over one axis, several, or all; entries that tie get equal parts of the gradient."""
    def amax(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The largest entry over one axis, several, or all; entries that tie get equal parts of the gradient."""
    def amin(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The smallest entry over one axis, several, or all; entries that tie get equal parts of the gradient."""
    def astype(self, dtype: DTypeLike) -> Tensor:
        """The array as float32 or float64; as integers or bools, an array that is not tracked.

        Raises:
            TypeError: the dtype is another one.

        Example:
            >>> import numpy as np
            >>> from autograd import Tensor
            >>> t = Tensor([0.5, 2.5])
            >>> t.astype(np.float32), t.astype(int)
            (Tensor(data=[0.5, 2.5], dtype=float32), array([0, 2]))"""
    def clip(self, a_min: Tensor | Value | Array | Number | None = None, a_max: Tensor | Value | Array | Number | None = None, *, min: Tensor | Value | Array | Number | None = None, max: Tensor | Value | Array | Number | None = None) -> Tensor:
        """The entries limited to the interval from `a_min` to `a_max`; at a bound the gradient goes to `a`.

        Example:
            >>> import numpy as np
            >>> import autograd
            >>> autograd.clip(np.array([-1.0, 0.5, 2.0]), 0.0, 1.0)
            array([0. , 0.5, 1. ])"""
    def gelu(self) -> Tensor:
        """The exact GELU: x times the probability that a standard normal variable is at most x.

        These are two operations on the tape, so that the backward pass need not compute the probability again. The
        value is accurate to 5 ulp and the derivative to 8, close to its zero at -0.752 to 8 ulp of the probability; below
        -37.5, where the probability is subnormal, both have fewer digits.

        Example:
            >>> import autograd
            >>> round(autograd.gelu(1.0), 6), autograd.grad(autograd.gelu)(0.0)
            (0.841345, 0.5)"""
    def logsumexp(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """log(sum(exp(x))) without overflow."""
    def softmax(self, axis: Axis = -1) -> Tensor:
        """exp(x) / sum(exp(x)) along an axis, without overflow."""
    def log_softmax(self, axis: Axis = -1) -> Tensor:
        """x - logsumexp(x) along an axis, the logarithm of the softmax."""
    def var(self, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Tensor:
        """The variance: the sum of squared deviations from the mean, divided by the count minus ddof, at least 0."""
    def std(self, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Tensor:
        """The standard deviation; if all entries are equal, its derivative is 0 and the second one nan."""
    def prod(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The product over one axis, several, or all, with correct derivatives where entries are zero."""
    def cumsum(self, axis: int | None = None) -> Tensor:
        """The cumulative sum along an axis; by default that of the flattened array."""
    def cumprod(self, axis: int | None = None) -> Tensor:
        """The cumulative product along an axis; by default that of the flattened array."""
    def norm(self, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The norm of vectors or matrices; by default the square root of the sum of squares.

        The derivative of a vector norm at 0 is 0; the second one does not exist there and is nan.

        Raises:
            AxisError: an axis is out of range.
            ValueError: an axis is repeated, or the norm is unknown.

        Example:
            >>> import numpy as np
            >>> import autograd
            >>> autograd.norm(np.array([[3.0, 4.0], [0.0, 2.0]]), axis=1)
            array([5., 2.])"""
    def ravel(self, order: str = 'C') -> Tensor:
        """All entries as a vector: rows first, or columns first in the order "F"."""
    def swapaxes(self, axis1: int, axis2: int) -> Tensor:
        """Two axes exchanged."""
    def squeeze(self, axis: Axis = None) -> Tensor:
        """The array without its axes of length 1, or without the given ones."""
    def repeat(self, repeats: Shape, axis: int | None = None) -> Tensor:
        """Each entry repeated, along an axis or by default in the flattened array.

        Example:
            >>> import numpy as np
            >>> import autograd
            >>> autograd.repeat(np.array([1.0, 2.0]), 2)
            array([1., 1., 2., 2.])"""
    def take(self, indices: ArrayLike, axis: int | None = None) -> Tensor:
        """The entries at these indices along an axis; by default in the flattened array."""
    def dot(self, b: Tensor | Value | Array | Number) -> Tensor:
        """The dot product: a sum of products over the last axis of `a` and the second to last of `b`."""
    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """The diagonals of the matrices on two axes, along the last axis of the result."""
    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """The sum of the diagonal of the matrices on two axes."""
    def values(self) -> Any:
        """The entries as Values on the same tape: nested lists of this shape; one Value for a single number.

        Example:
            >>> from autograd import Tensor
            >>> x = Tensor([1.0, 2.0])
            >>> first, second = x.values()
            >>> (first * second).backward()
            >>> x.grad
            array([2., 1.])"""
    def __add__(self, y: Tensor | Value | Array | Number, /) -> Tensor:
        """add, entry by entry, of floats, arrays, Values and Tensors."""
    def __radd__(self, y: Array | Number, /) -> Tensor:
        """add, entry by entry, of floats, arrays, Values and Tensors."""
    def __sub__(self, y: Tensor | Value | Array | Number, /) -> Tensor:
        """sub, entry by entry, of floats, arrays, Values and Tensors."""
    def __rsub__(self, y: Array | Number, /) -> Tensor:
        """sub, entry by entry, of floats, arrays, Values and Tensors."""
    def __mul__(self, y: Tensor | Value | Array | Number, /) -> Tensor:
        """mul, entry by entry, of floats, arrays, Values and Tensors."""
    def __rmul__(self, y: Array | Number, /) -> Tensor:
        """mul, entry by entry, of floats, arrays, Values and Tensors."""
    def __truediv__(self, y: Tensor | Value | Array | Number, /) -> Tensor:
        """x / y; x / 0 is inf or nan with NumPy's RuntimeWarning. The derivative in y is accurate to 8 ulp where x / y is a normal number."""
    def __rtruediv__(self, y: Array | Number, /) -> Tensor:
        """x / y; x / 0 is inf or nan with NumPy's RuntimeWarning. The derivative in y is accurate to 8 ulp where x / y is a normal number."""
    def __floordiv__(self, y: Tensor | Value | Array | Number, /) -> Tensor:
        """The largest integer not above x / y; its derivative is zero."""
    def __rfloordiv__(self, y: Array | Number, /) -> Tensor:
        """The largest integer not above x / y; its derivative is zero."""
    def __mod__(self, y: Tensor | Value | Array | Number, /) -> Tensor:
        """x - y * (x // y), with the sign of y, as Python's %."""
    def __rmod__(self, y: Array | Number, /) -> Tensor:
        """x - y * (x // y), with the sign of y, as Python's %."""
    def __pow__(self, y: Tensor | Value | Array | Number, /) -> Tensor:
        """x ** y. The derivative of x**0 is 0, and 0**y does not depend on y for y >= 0. For negative x the exponent must be an integer, and the derivative in it is nan. The derivatives are accurate to 8 ulp where x ** y and x ** (y - 1) are normal numbers; for y < 0.5 the rounding of y - 1 adds |log(x) * (y - 1)| ulp."""
    def __rpow__(self, y: Array | Number, /) -> Tensor:
        """x ** y. The derivative of x**0 is 0, and 0**y does not depend on y for y >= 0. For negative x the exponent must be an integer, and the derivative in it is nan. The derivatives are accurate to 8 ulp where x ** y and x ** (y - 1) are normal numbers; for y < 0.5 the rounding of y - 1 adds |log(x) * (y - 1)| ulp."""
    def __neg__(self) -> Tensor:
        """neg, entry by entry, of floats, arrays, Values and Tensors."""
    def __pos__(self) -> Tensor:
        """pos, entry by entry, of floats, arrays, Values and Tensors."""
    def __abs__(self) -> Tensor:
        """The absolute value; its derivative at 0 is 0."""
    def __floor__(self) -> Tensor:
        """floor, entry by entry, of floats, arrays, Values and Tensors."""
    def __ceil__(self) -> Tensor:
        """ceil, entry by entry, of floats, arrays, Values and Tensors."""
    def __trunc__(self) -> Tensor:
        """trunc, entry by entry, of floats, arrays, Values and Tensors."""
    def abs(self) -> Tensor:
        """The absolute value; its derivative at 0 is 0."""
    def pow(self, y: Tensor | Value | Array | Number, /) -> Tensor:
        """x ** y. The derivative of x**0 is 0, and 0**y does not depend on y for y >= 0. For negative x the exponent must be an integer, and the derivative in it is nan. The derivatives are accurate to 8 ulp where x ** y and x ** (y - 1) are normal numbers; for y < 0.5 the rounding of y - 1 adds |log(x) * (y - 1)| ulp."""
    def square(self) -> Tensor:
        """square, entry by entry, of floats, arrays, Values and Tensors."""
    def reciprocal(self) -> Tensor:
        """reciprocal, entry by entry, of floats, arrays, Values and Tensors."""
    def sqrt(self) -> Tensor:
        """The square root; its derivative at 0 is inf."""
    def cbrt(self) -> Tensor:
        """The cube root, also of negative numbers; its derivative at 0 is inf, elsewhere accurate to 9 ulp, since C libraries compute the cube root to 4."""
    def exp(self) -> Tensor:
        """exp, entry by entry, of floats, arrays, Values and Tensors."""
    def exp2(self) -> Tensor:
        """exp2, entry by entry, of floats, arrays, Values and Tensors."""
    def expm1(self) -> Tensor:
        """expm1, entry by entry, of floats, arrays, Values and Tensors."""
    def log(self) -> Tensor:
        """The natural logarithm; log(0) is -inf with NumPy's RuntimeWarning."""
    def log2(self) -> Tensor:
        """log2, entry by entry, of floats, arrays, Values and Tensors."""
    def log10(self) -> Tensor:
        """log10, entry by entry, of floats, arrays, Values and Tensors."""
    def log1p(self) -> Tensor:
        """log1p, entry by entry, of floats, arrays, Values and Tensors."""
    def logaddexp(self, y: Tensor | Value | Array | Number, /) -> Tensor:
        """log(exp(x) + exp(y)) without overflow. Close to 0, where max(x, y) cancels the rest, it is accurate to 4 ulp of max(x, y). The rounding of x - y adds |x - y| / 2 ulp to the smaller derivative, and to the value where max(x, y) is close to 0."""
    def sin(self) -> Tensor:
        """sin, entry by entry, of floats, arrays, Values and Tensors."""
    def cos(self) -> Tensor:
        """cos, entry by entry, of floats, arrays, Values and Tensors."""
    def tan(self) -> Tensor:
        """tan, entry by entry, of floats, arrays, Values and Tensors."""
    def asin(self) -> Tensor:
        """asin, entry by entry, of floats, arrays, Values and Tensors."""
    def acos(self) -> Tensor:
        """acos, entry by entry, of floats, arrays, Values and Tensors."""
    def atan(self) -> Tensor:
        """atan, entry by entry, of floats, arrays, Values and Tensors."""
    def atan2(self, x: Tensor | Value | Array | Number, /) -> Tensor:
        """The angle of the point (x, y), ordinate first; its derivatives at the origin are 0."""
    def hypot(self, y: Tensor | Value | Array | Number, /) -> Tensor:
        """The length of the vector (x, y); its derivatives at the origin are nan."""
    def sinh(self) -> Tensor:
        """sinh, entry by entry, of floats, arrays, Values and Tensors."""
    def cosh(self) -> Tensor:
        """cosh, entry by entry, of floats, arrays, Values and Tensors."""
    def tanh(self) -> Tensor:
        """tanh, entry by entry, of floats, arrays, Values and Tensors."""
    def asinh(self) -> Tensor:
        """asinh, entry by entry, of floats, arrays, Values and Tensors."""
    def acosh(self) -> Tensor:
        """acosh, entry by entry, of floats, arrays, Values and Tensors."""
    def atanh(self) -> Tensor:
        """atanh, entry by entry, of floats, arrays, Values and Tensors."""
    def sigmoid(self) -> Tensor:
        """The logistic function 1 / (1 + exp(-x))."""
    def softplus(self) -> Tensor:
        """log(1 + exp(x)), the smooth relu."""
    def relu(self) -> Tensor:
        """max(x, 0); its derivative at 0 is 0, and at nan 1, as in PyTorch."""
    def leaky_relu(self, negative_slope: Tensor | Value | Array | Number = 0.01, /) -> Tensor:
        """x where it is positive, negative_slope * x elsewhere; its derivative at 0 is the slope."""
    def elu(self, alpha: Tensor | Value | Array | Number = 1.0, /) -> Tensor:
        """x where it is positive, alpha * (exp(x) - 1) elsewhere; its derivative at 0 is alpha. The derivative in x is accurate to 8 ulp where exp(x) is a normal number."""
    def silu(self) -> Tensor:
        """x * sigmoid(x), also known as swish. Close to its zero at -1.278 the derivative is accurate to 8 ulp of sigmoid(x)."""
    def normal_pdf(self) -> Tensor:
        """The density of the standard normal distribution, exp(-x**2 / 2) / sqrt(2 pi). The derivative is accurate to 8 ulp where the density is a normal number, for |x| < 37.6."""
    def normal_cdf(self) -> Tensor:
        """The cumulative distribution function of the standard normal distribution, (1 + erf(x / sqrt(2))) / 2, accurate in its lower tail; `ndtr` in SciPy and PyTorch."""
    def erf(self) -> Tensor:
        """erf, entry by entry, of floats, arrays, Values and Tensors."""
    def erfc(self) -> Tensor:
        """1 - erf(x), accurate also where erf(x) is almost 1."""
    def minimum(self, y: Tensor | Value | Array | Number, /) -> Tensor:
        """The smaller of x and y. At a tie, also of 0.0 and -0.0, it is x, and each gets half of the gradient."""
    def maximum(self, y: Tensor | Value | Array | Number, /) -> Tensor:
        """The larger of x and y. At a tie, also of 0.0 and -0.0, it is x, and each gets half of the gradient."""
    def floor(self) -> Tensor:
        """floor, entry by entry, of floats, arrays, Values and Tensors."""
    def ceil(self) -> Tensor:
        """ceil, entry by entry, of floats, arrays, Values and Tensors."""
    def trunc(self) -> Tensor:
        """trunc, entry by entry, of floats, arrays, Values and Tensors."""
    def sign(self) -> Tensor:
        """sign, entry by entry, of floats, arrays, Values and Tensors."""
    def __matmul__(self, y: Tensor | Value | Array | Number, /) -> Tensor:
        """The matrix product, also of stacks of matrices; a vector is a row on the left, a column on the right."""
    def __rmatmul__(self, y: Array | Number, /) -> Tensor:
        """The matrix product, also of stacks of matrices; a vector is a row on the left, a column on the right."""
    def __lt__(self, y: Tensor | Value | Array | Number, /) -> Bools:
        """less: a bool, or an array of bools; not recorded."""
    def __le__(self, y: Tensor | Value | Array | Number, /) -> Bools:
        """less_equal: a bool, or an array of bools; not recorded."""
    def __gt__(self, y: Tensor | Value | Array | Number, /) -> Bools:
        """greater: a bool, or an array of bools; not recorded."""
    def __ge__(self, y: Tensor | Value | Array | Number, /) -> Bools:
        """greater_equal: a bool, or an array of bools; not recorded."""
    def __eq__(self, other: object, /) -> Bools: ...  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
    def __ne__(self, other: object, /) -> Bools: ...  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
    def __hash__(self) -> int: ...
    def __round__(self, ndigits: int | None = None) -> Tensor: ...
    def round(self, decimals: int = 0) -> Tensor:
        """Rounded to the given number of decimals, halves to even; the derivative is zero."""
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any: ...
    def __array_function__(self, function: Any, types: Any, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any: ...

@overload
def abs(x: Number, /) -> float:
    """The absolute value; its derivative at 0 is 0."""
@overload
def abs(x: Number | Array, /) -> Floats: ...
@overload
def abs(x: Value | Number, /) -> Value: ...
@overload
def abs(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def acos(x: Number, /) -> float:
    """acos, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def acos(x: Number | Array, /) -> Floats: ...
@overload
def acos(x: Value | Number, /) -> Value: ...
@overload
def acos(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def acosh(x: Number, /) -> float:
    """acosh, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def acosh(x: Number | Array, /) -> Floats: ...
@overload
def acosh(x: Value | Number, /) -> Value: ...
@overload
def acosh(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def add(x: Number, y: Number, /) -> float:
    """add, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def add(x: Number | Array, y: Number | Array, /) -> Floats: ...
@overload
def add(x: Value | Number, y: Value | Number, /) -> Value: ...
@overload
def add(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def append(arr: Tracked, values: Operands, axis: int | None = None) -> Tensor:
    """The array followed by the values along an axis; by default, both are flattened."""
@overload
def append(arr: ArrayLike, values: ArrayLike, axis: int | None = None) -> Floats: ...
@overload
def append(arr: Operands, values: Operands, axis: int | None = None) -> Tensor: ...

@overload
def array_split(ary: Tracked, indices_or_sections: Shape | Integers, axis: int = 0) -> list[Tensor]:
    """The array split along an axis, into a number of parts, the first ones longer by 1 if need be, or at indices.

    Raises:
        ValueError: the number of parts is not positive."""
@overload
def array_split(ary: ArrayLike, indices_or_sections: Shape | Integers, axis: int = 0) -> list[Floats]: ...
@overload
def array_split(ary: Operands, indices_or_sections: Shape | Integers, axis: int = 0) -> list[Tensor]: ...

@overload
def asin(x: Number, /) -> float:
    """asin, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def asin(x: Number | Array, /) -> Floats: ...
@overload
def asin(x: Value | Number, /) -> Value: ...
@overload
def asin(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def asinh(x: Number, /) -> float:
    """asinh, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def asinh(x: Number | Array, /) -> Floats: ...
@overload
def asinh(x: Value | Number, /) -> Value: ...
@overload
def asinh(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def astype(x: Tracked, dtype: DTypeLike) -> Tensor:
    """The array as float32 or float64; as integers or bools, an array that is not tracked.

    Raises:
        TypeError: the dtype is another one.

    Example:
        >>> import numpy as np
        >>> from autograd import Tensor
        >>> t = Tensor([0.5, 2.5])
        >>> t.astype(np.float32), t.astype(int)
        (Tensor(data=[0.5, 2.5], dtype=float32), array([0, 2]))"""
@overload
def astype(x: ArrayLike, dtype: DTypeLike) -> Floats: ...
@overload
def astype(x: Operands, dtype: DTypeLike) -> Tensor: ...

@overload
def atan(x: Number, /) -> float:
    """atan, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def atan(x: Number | Array, /) -> Floats: ...
@overload
def atan(x: Value | Number, /) -> Value: ...
@overload
def atan(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def atan2(y: Number, x: Number, /) -> float:
    """The angle of the point (x, y), ordinate first; its derivatives at the origin are 0."""
@overload
def atan2(y: Number | Array, x: Number | Array, /) -> Floats: ...
@overload
def atan2(y: Value | Number, x: Value | Number, /) -> Value: ...
@overload
def atan2(y: Tensor | Value | Array | Number, x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def atanh(x: Number, /) -> float:
    """atanh, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def atanh(x: Number | Array, /) -> Floats: ...
@overload
def atanh(x: Value | Number, /) -> Value: ...
@overload
def atanh(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def atleast_1d(*arys: Tracked) -> Tensor:
    """Arrays with at least one axis."""
@overload
def atleast_1d(*arys: ArrayLike) -> Floats: ...
@overload
def atleast_1d(*arys: Operands) -> Tensor: ...

@overload
def atleast_2d(*arys: Tracked) -> Tensor:
    """Arrays with at least two axes; a vector becomes a row."""
@overload
def atleast_2d(*arys: ArrayLike) -> Floats: ...
@overload
def atleast_2d(*arys: Operands) -> Tensor: ...

@overload
def atleast_3d(*arys: Tracked) -> Tensor:
    """With three axes at least; the new ones of a vector are around it, that of a matrix is behind it."""
@overload
def atleast_3d(*arys: ArrayLike) -> Floats: ...
@overload
def atleast_3d(*arys: Operands) -> Tensor: ...

@overload
def average(a: Tracked, axis: Axis = None, weights: Operands | None = None, keepdims: bool = False) -> Tensor:
    """The weighted mean.

    Args:
        a: an array.
        axis: one axis, several, or by default all.
        weights: an array of the shape of `a`, or with the lengths of the axes; by default all equal.
        keepdims: whether the axes are kept, with length 1.

    Raises:
        TypeError: the weights have another shape than `a`, and no axis is given.
        ValueError: the weights have neither the shape of `a` nor the lengths of the axes.

    Example:
        >>> import autograd
        >>> autograd.average([1.0, 3.0], weights=[3.0, 1.0]).item()
        1.5"""
@overload
def average(a: NDArray[F], axis: None = None, weights: NDArray[F] | None = None, keepdims: Literal[False] = False) -> F: ...
@overload
def average(a: ArrayLike, axis: Axis = None, weights: ArrayLike | None = None, keepdims: bool = False) -> Any: ...
@overload
def average(a: Operands, axis: Axis = None, weights: Operands | None = None, keepdims: bool = False) -> Tensor: ...

@overload
def avg_pool2d(x: Tracked, size: Shape, stride: Shape | None = None, padding: Shape = 0) -> Tensor:
    """The mean of each window on the last two axes, zeros in the padding included.

    Args:
        x: (…, height, width).
        size: the window's; a number, or a pair.
        stride: the step of the window; by default its size.
        padding: how far windows reach beyond either end of each axis.

    Returns:
        (…, places down, places across).

    Raises:
        ValueError: the window does not fit into `x`.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.avg_pool2d(np.arange(8.0).reshape(2, 4), 2)
        array([[2.5, 4.5]])"""
@overload
def avg_pool2d(x: ArrayLike, size: Shape, stride: Shape | None = None, padding: Shape = 0) -> Floats: ...
@overload
def avg_pool2d(x: Operands, size: Shape, stride: Shape | None = None, padding: Shape = 0) -> Tensor: ...

@overload
def broadcast_to(x: Tracked, /, shape: Shape = ()) -> Tensor:
    """The array repeated along new axes and along those of length 1, as broadcasting does."""
@overload
def broadcast_to(x: ArrayLike, /, shape: Shape = ()) -> Floats: ...
@overload
def broadcast_to(x: Operands, /, shape: Shape = ()) -> Tensor: ...

@overload
def cbrt(x: Number, /) -> float:
    """The cube root, also of negative numbers; its derivative at 0 is inf, elsewhere accurate to 9 ulp, since C libraries compute the cube root to 4."""
@overload
def cbrt(x: Number | Array, /) -> Floats: ...
@overload
def cbrt(x: Value | Number, /) -> Value: ...
@overload
def cbrt(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def ceil(x: Number, /) -> float:
    """ceil, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def ceil(x: Number | Array, /) -> Floats: ...
@overload
def ceil(x: Value | Number, /) -> Value: ...
@overload
def ceil(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def cholesky(x: Tracked, /) -> Tensor:
    """The lower triangular factor of a positive definite matrix."""
@overload
def cholesky(x: ArrayLike, /) -> Floats: ...
@overload
def cholesky(x: Operands, /) -> Tensor: ...

@overload
def clip(a: Number, a_min: Number | None = None, a_max: Number | None = None, *, min: Number | None = None, max: Number | None = None) -> float:
    """The entries limited to the interval from `a_min` to `a_max`; at a bound the gradient goes to `a`.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.clip(np.array([-1.0, 0.5, 2.0]), 0.0, 1.0)
        array([0. , 0.5, 1. ])"""
@overload
def clip(a: Number | Array, a_min: Number | Array | None = None, a_max: Number | Array | None = None, *, min: Number | Array | None = None, max: Number | Array | None = None) -> Floats: ...
@overload
def clip(a: Value | Number, a_min: Value | Number | None = None, a_max: Value | Number | None = None, *, min: Value | Number | None = None, max: Value | Number | None = None) -> Value: ...
@overload
def clip(a: Tensor | Value | Array | Number, a_min: Tensor | Value | Array | Number | None = None, a_max: Tensor | Value | Array | Number | None = None, *, min: Tensor | Value | Array | Number | None = None, max: Tensor | Value | Array | Number | None = None) -> Tensor: ...

@overload
def column_stack(tup: Tracked) -> Tensor:
    """Vectors as the columns of a matrix; matrices side by side."""
@overload
def column_stack(tup: ArrayLike) -> Floats: ...
@overload
def column_stack(tup: Operands) -> Tensor: ...

@overload
def concatenate(arrays: Tracked, axis: int | None = 0) -> Tensor:
    """Arrays joined along an existing axis; flattened first if it is None."""
@overload
def concatenate(arrays: ArrayLike, axis: int | None = 0) -> Floats: ...
@overload
def concatenate(arrays: Operands, axis: int | None = 0) -> Tensor: ...

@overload
def conj(x: Number) -> float:
    """The number itself: all numbers here are real."""
@overload
def conj(x: Number | Array) -> Floats: ...
@overload
def conj(x: Value | Number) -> Value: ...
@overload
def conj(x: Tensor | Value | Array | Number) -> Tensor: ...

@overload
def conv1d(x: Tracked, weight: Operands, bias: Operands | None = None, stride: Shape = 1, padding: Shape = 0, dilation: Shape = 1) -> Tensor:
    """The convolution of deep learning, a cross-correlation, along the last axis.

    Args:
        x: (batch, channels in, length).
        weight: (channels out, channels in, size).
        bias: (channels out,).
        stride: the step of the window.
        padding: the number of zeros added at either end.
        dilation: the distance between neighbouring entries of the window.

    Returns:
        (batch, channels out, places).

    Raises:
        ValueError: the shapes do not fit together, or the window does not fit into `x`.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> x, difference = np.array([[[1.0, 4.0, 9.0, 16.0]]]), np.array([[[-1.0, 1.0]]])
        >>> autograd.conv1d(x, difference)
        array([[[3., 5., 7.]]])"""
@overload
def conv1d(x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None, stride: Shape = 1, padding: Shape = 0, dilation: Shape = 1) -> Floats: ...
@overload
def conv1d(x: Operands, weight: Operands, bias: Operands | None = None, stride: Shape = 1, padding: Shape = 0, dilation: Shape = 1) -> Tensor: ...

@overload
def conv2d(x: Tracked, weight: Operands, bias: Operands | None = None, stride: Shape = 1, padding: Shape = 0, dilation: Shape = 1) -> Tensor:
    """The convolution of deep learning, a cross-correlation, over the last two axes.

    Args:
        x: (batch, channels in, height, width).
        weight: (channels out, channels in, window height, window width).
        bias: (channels out,).
        stride: the step of the window; a number, or a pair.
        padding: the number of zeros added at either end of each axis; a number, or a pair.
        dilation: the distance between neighbouring entries of the window; a number, or a pair.

    Returns:
        (batch, channels out, places down, places across).

    Raises:
        ValueError: the shapes do not fit together, or the window does not fit into `x`.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.conv2d(np.ones((1, 1, 3, 4)), np.ones((1, 1, 2, 2)), stride=2)
        array([[[[4., 4.]]]])"""
@overload
def conv2d(x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None, stride: Shape = 1, padding: Shape = 0, dilation: Shape = 1) -> Floats: ...
@overload
def conv2d(x: Operands, weight: Operands, bias: Operands | None = None, stride: Shape = 1, padding: Shape = 0, dilation: Shape = 1) -> Tensor: ...

@overload
def convolve(a: Tracked, v: Operands, mode: str = 'full') -> Tensor:
    """The convolution of two vectors: with every overlap, or ("valid") the whole ones, or ("same") as many as entries.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.convolve(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0]))
        array([1., 3., 5., 3.])"""
@overload
def convolve(a: ArrayLike, v: ArrayLike, mode: str = 'full') -> Floats: ...
@overload
def convolve(a: Operands, v: Operands, mode: str = 'full') -> Tensor: ...

@overload
def cos(x: Number, /) -> float:
    """cos, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def cos(x: Number | Array, /) -> Floats: ...
@overload
def cos(x: Value | Number, /) -> Value: ...
@overload
def cos(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def cosh(x: Number, /) -> float:
    """cosh, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def cosh(x: Number | Array, /) -> Floats: ...
@overload
def cosh(x: Value | Number, /) -> Value: ...
@overload
def cosh(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def cross(a: Tracked, b: Operands, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor:
    """The cross product of vectors of three entries.

    Args:
        a: vectors.
        b: others.
        axisa: the axis of `a` that is the vectors.
        axisb: that of `b`.
        axisc: that of the result.
        axis: all three of them.

    Raises:
        ValueError: these axes do not have length 3."""
@overload
def cross(a: ArrayLike, b: ArrayLike, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Floats: ...
@overload
def cross(a: Operands, b: Operands, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor: ...

@overload
def cross_entropy(logits: Tracked, labels: ArrayLike, /, mean: bool = False) -> Tensor:
    """-log_softmax(logits) at the label of each row, or the mean of these; the last axis of the logits is that of the classes."""
@overload
def cross_entropy(logits: ArrayLike, labels: ArrayLike, /, mean: bool = False) -> Any: ...
@overload
def cross_entropy(logits: Operands, labels: ArrayLike, /, mean: bool = False) -> Tensor: ...

@overload
def cumprod(a: Tracked, axis: int | None = None) -> Tensor:
    """The cumulative product along an axis; by default that of the flattened array."""
@overload
def cumprod(a: ArrayLike, axis: int | None = None) -> Floats: ...
@overload
def cumprod(a: Operands, axis: int | None = None) -> Tensor: ...

@overload
def cumsum(a: Tracked, axis: int | None = None) -> Tensor:
    """The cumulative sum along an axis; by default that of the flattened array."""
@overload
def cumsum(a: ArrayLike, axis: int | None = None) -> Floats: ...
@overload
def cumsum(a: Operands, axis: int | None = None) -> Tensor: ...

@overload
def deg2rad(x: Number) -> float:
    """Degrees as radians."""
@overload
def deg2rad(x: Number | Array) -> Floats: ...
@overload
def deg2rad(x: Value | Number) -> Value: ...
@overload
def deg2rad(x: Tensor | Value | Array | Number) -> Tensor: ...

@overload
def det(x: Tracked, /) -> Tensor:
    """The determinant of a matrix, or of each in a stack."""
@overload
def det(x: ArrayLike, /) -> Any: ...
@overload
def det(x: Operands, /) -> Tensor: ...

@overload
def diag(v: Tracked, k: int = 0) -> Tensor:
    """The diagonal of a matrix; or, for a vector, the matrix with that diagonal and zeros elsewhere.

    Raises:
        ValueError: `v` is neither a vector nor a matrix."""
@overload
def diag(v: ArrayLike, k: int = 0) -> Floats: ...
@overload
def diag(v: Operands, k: int = 0) -> Tensor: ...

@overload
def diagonal(a: Tracked, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The diagonals of the matrices on two axes, along the last axis of the result."""
@overload
def diagonal(a: ArrayLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Floats: ...
@overload
def diagonal(a: Operands, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor: ...

@overload
def diff(a: Tracked, n: int = 1, axis: int = -1, prepend: Operands | None = None, append: Operands | None = None) -> Tensor:
    """The n-th differences of neighbours along an axis, after entries were put before or behind it.

    Raises:
        ValueError: n is negative."""
@overload
def diff(a: ArrayLike, n: int = 1, axis: int = -1, prepend: ArrayLike | None = None, append: ArrayLike | None = None) -> Floats: ...
@overload
def diff(a: Operands, n: int = 1, axis: int = -1, prepend: Operands | None = None, append: Operands | None = None) -> Tensor: ...

@overload
def div(x: Number, y: Number, /) -> float:
    """x / y; x / 0 is inf or nan with NumPy's RuntimeWarning. The derivative in y is accurate to 8 ulp where x / y is a normal number."""
@overload
def div(x: Number | Array, y: Number | Array, /) -> Floats: ...
@overload
def div(x: Value | Number, y: Value | Number, /) -> Value: ...
@overload
def div(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def dot(a: Tracked, b: Operands) -> Tensor:
    """The dot product: a sum of products over the last axis of `a` and the second to last of `b`."""
@overload
def dot(a: ArrayLike, b: ArrayLike) -> Any: ...
@overload
def dot(a: Operands, b: Operands) -> Tensor: ...

@overload
def dsplit(ary: Tracked, indices_or_sections: Shape | Integers) -> list[Tensor]:
    """Parts behind each other, along the third axis."""
@overload
def dsplit(ary: ArrayLike, indices_or_sections: Shape | Integers) -> list[Floats]: ...
@overload
def dsplit(ary: Operands, indices_or_sections: Shape | Integers) -> list[Tensor]: ...

@overload
def dstack(tup: Tracked) -> Tensor:
    """Arrays joined along the third axis."""
@overload
def dstack(tup: ArrayLike) -> Floats: ...
@overload
def dstack(tup: Operands) -> Tensor: ...

def eigh(a: Operands, UPLO: str = 'L') -> Eigh:
    """The eigenvalues and eigenvectors of a symmetric matrix, of which the lower triangle is read, or the upper ("U").

    The derivative is that of a symmetric matrix: it is symmetric, whichever triangle is read.
    The eigenvectors of equal eigenvalues have no derivative: it is nan. So are second derivatives of equal eigenvalues."""

@overload
def eigvalsh(a: Tracked, UPLO: str = 'L') -> Tensor:
    """The eigenvalues of a symmetric matrix in ascending order; second derivatives of equal ones are nan."""
@overload
def eigvalsh(a: ArrayLike, UPLO: str = 'L') -> Floats: ...
@overload
def eigvalsh(a: Operands, UPLO: str = 'L') -> Tensor: ...

@overload
def einsum(*operands: Tracked, optimize: bool | str = False) -> Tensor:
    """The sum of products given by the subscripts, in all of NumPy's forms.

    Args:
        operands: the subscripts and the arrays; or arrays, each followed by a list of its axes.
        optimize: whether to multiply the arrays in the order of `np.einsum_path`, a few at a time, instead of all at
            once: True, the name of a method, or a path.

    Raises:
        ValueError: the subscripts do not match the number of operands or their axes.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.einsum("ii->i", np.array([[1.0, 2.0], [3.0, 4.0]]))
        array([1., 4.])"""
@overload
def einsum(*operands: ArrayLike, optimize: bool | str = False) -> Any: ...
@overload
def einsum(*operands: Operands, optimize: bool | str = False) -> Tensor: ...

@overload
def elu(x: Number, alpha: Number = 1.0, /) -> float:
    """x where it is positive, alpha * (exp(x) - 1) elsewhere; its derivative at 0 is alpha. The derivative in x is accurate to 8 ulp where exp(x) is a normal number."""
@overload
def elu(x: Number | Array, alpha: Number | Array = 1.0, /) -> Floats: ...
@overload
def elu(x: Value | Number, alpha: Value | Number = 1.0, /) -> Value: ...
@overload
def elu(x: Tensor | Value | Array | Number, alpha: Tensor | Value | Array | Number = 1.0, /) -> Tensor: ...

@overload
def equal(x: Number, y: Number, /) -> bool:
    """equal: a bool, or an array of bools; not recorded."""
@overload
def equal(x: Number | Array, y: Number | Array, /) -> Bools: ...
@overload
def equal(x: Value | Number, y: Value | Number, /) -> bool: ...
@overload
def equal(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Bools: ...

@overload
def erf(x: Number, /) -> float:
    """erf, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def erf(x: Number | Array, /) -> Floats: ...
@overload
def erf(x: Value | Number, /) -> Value: ...
@overload
def erf(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def erfc(x: Number, /) -> float:
    """1 - erf(x), accurate also where erf(x) is almost 1."""
@overload
def erfc(x: Number | Array, /) -> Floats: ...
@overload
def erfc(x: Value | Number, /) -> Value: ...
@overload
def erfc(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def exp(x: Number, /) -> float:
    """exp, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def exp(x: Number | Array, /) -> Floats: ...
@overload
def exp(x: Value | Number, /) -> Value: ...
@overload
def exp(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def exp2(x: Number, /) -> float:
    """exp2, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def exp2(x: Number | Array, /) -> Floats: ...
@overload
def exp2(x: Value | Number, /) -> Value: ...
@overload
def exp2(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def expand_dims(a: Tracked, axis: Shape) -> Tensor:
    """The array with new axes of length 1 at these positions in the result."""
@overload
def expand_dims(a: ArrayLike, axis: Shape) -> Floats: ...
@overload
def expand_dims(a: Operands, axis: Shape) -> Tensor: ...

@overload
def expm1(x: Number, /) -> float:
    """expm1, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def expm1(x: Number | Array, /) -> Floats: ...
@overload
def expm1(x: Value | Number, /) -> Value: ...
@overload
def expm1(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def fftshift(x: Tracked, axes: Axis = None) -> Tensor:
    """The second half of each axis before the first, so that the frequency 0 is in the middle."""
@overload
def fftshift(x: ArrayLike, axes: Axis = None) -> Floats: ...
@overload
def fftshift(x: Operands, axes: Axis = None) -> Tensor: ...

def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The axes from `start_dim` to `end_dim` joined into one, as in PyTorch: `flatten(images, 1)`.

    Raises:
        AxisError: an axis is out of range.
        ValueError: `start_dim` is behind `end_dim`.

    Example:
        >>> import numpy as np
        >>> flatten(np.zeros((5, 2, 3, 4)), 1).shape, flatten(np.zeros((5, 2, 3, 4)), 1, 2).shape
        ((5, 24), (5, 6, 4))"""

@overload
def flip(m: Tracked, axis: Axis = None) -> Tensor:
    """The entries in reverse order along one axis, several, or all."""
@overload
def flip(m: ArrayLike, axis: Axis = None) -> Floats: ...
@overload
def flip(m: Operands, axis: Axis = None) -> Tensor: ...

@overload
def fliplr(m: Tracked) -> Tensor:
    """The columns in reverse order."""
@overload
def fliplr(m: ArrayLike) -> Floats: ...
@overload
def fliplr(m: Operands) -> Tensor: ...

@overload
def flipud(m: Tracked) -> Tensor:
    """The rows in reverse order."""
@overload
def flipud(m: ArrayLike) -> Floats: ...
@overload
def flipud(m: Operands) -> Tensor: ...

@overload
def floor(x: Number, /) -> float:
    """floor, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def floor(x: Number | Array, /) -> Floats: ...
@overload
def floor(x: Value | Number, /) -> Value: ...
@overload
def floor(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def floor_divide(x: Number, y: Number, /) -> float:
    """The largest integer not above x / y; its derivative is zero."""
@overload
def floor_divide(x: Number | Array, y: Number | Array, /) -> Floats: ...
@overload
def floor_divide(x: Value | Number, y: Value | Number, /) -> Value: ...
@overload
def floor_divide(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def fmax(x1: Number, x2: Number) -> float:
    """The larger of two entries; of a number and a nan the number. At a tie each has half of the derivative."""
@overload
def fmax(x1: Number | Array, x2: Number | Array) -> Floats: ...
@overload
def fmax(x1: Value | Number, x2: Value | Number) -> Value: ...
@overload
def fmax(x1: Tensor | Value | Array | Number, x2: Tensor | Value | Array | Number) -> Tensor: ...

@overload
def fmin(x1: Number, x2: Number) -> float:
    """The smaller of two entries; of a number and a nan the number. At a tie each has half of the derivative."""
@overload
def fmin(x1: Number | Array, x2: Number | Array) -> Floats: ...
@overload
def fmin(x1: Value | Number, x2: Value | Number) -> Value: ...
@overload
def fmin(x1: Tensor | Value | Array | Number, x2: Tensor | Value | Array | Number) -> Tensor: ...

@overload
def gelu(x: Number) -> float:
    """The exact GELU: x times the probability that a standard normal variable is at most x.

    These are two operations on the tape, so that the backward pass need not compute the probability again. The
    value is accurate to 5 ulp and the derivative to 8, close to its zero at -0.752 to 8 ulp of the probability; below
    -37.5, where the probability is subnormal, both have fewer digits.

    Example:
        >>> import autograd
        >>> round(autograd.gelu(1.0), 6), autograd.grad(autograd.gelu)(0.0)
        (0.841345, 0.5)"""
@overload
def gelu(x: Number | Array) -> Floats: ...
@overload
def gelu(x: Value | Number) -> Value: ...
@overload
def gelu(x: Tensor | Value | Array | Number) -> Tensor: ...

@overload
def getitem(x: Tracked, index: Index, /) -> Tensor:
    """x[index], for every index that NumPy supports; the gradients of an entry selected several times are added."""
@overload
def getitem(x: ArrayLike, index: Index, /) -> Any: ...
@overload
def getitem(x: Operands, index: Index, /) -> Tensor: ...

@overload
def gradient(f: Tracked, *varargs: Operands, axis: Axis = None, edge_order: int = 1) -> Tensor:
    """The derivatives along axes by differences of neighbours: central ones inside, one-sided ones at the ends.

    Args:
        f: the values.
        varargs: the distance of neighbours, or their coordinates, for all axes or for each one; 1 unless given.
        axis: one, or several; all unless given.
        edge_order: 1.

    Returns:
        An array; for several axes a tuple of them.

    Raises:
        ValueError: an axis has one entry, the spacings are not one for each axis, or the order is another one."""
@overload
def gradient(f: ArrayLike, *varargs: ArrayLike, axis: Axis = None, edge_order: int = 1) -> Floats: ...
@overload
def gradient(f: Operands, *varargs: Operands, axis: Axis = None, edge_order: int = 1) -> Tensor: ...

@overload
def greater(x: Number, y: Number, /) -> bool:
    """greater: a bool, or an array of bools; not recorded."""
@overload
def greater(x: Number | Array, y: Number | Array, /) -> Bools: ...
@overload
def greater(x: Value | Number, y: Value | Number, /) -> bool: ...
@overload
def greater(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Bools: ...

@overload
def greater_equal(x: Number, y: Number, /) -> bool:
    """greater_equal: a bool, or an array of bools; not recorded."""
@overload
def greater_equal(x: Number | Array, y: Number | Array, /) -> Bools: ...
@overload
def greater_equal(x: Value | Number, y: Value | Number, /) -> bool: ...
@overload
def greater_equal(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Bools: ...

@overload
def hsplit(ary: Tracked, indices_or_sections: Shape | Integers) -> list[Tensor]:
    """The array split along the second axis, a vector along the first."""
@overload
def hsplit(ary: ArrayLike, indices_or_sections: Shape | Integers) -> list[Floats]: ...
@overload
def hsplit(ary: Operands, indices_or_sections: Shape | Integers) -> list[Tensor]: ...

@overload
def hstack(tup: Tracked) -> Tensor:
    """Arrays side by side: joined along the second axis, vectors along the first."""
@overload
def hstack(tup: ArrayLike) -> Floats: ...
@overload
def hstack(tup: Operands) -> Tensor: ...

@overload
def hypot(x: Number, y: Number, /) -> float:
    """The length of the vector (x, y); its derivatives at the origin are nan."""
@overload
def hypot(x: Number | Array, y: Number | Array, /) -> Floats: ...
@overload
def hypot(x: Value | Number, y: Value | Number, /) -> Value: ...
@overload
def hypot(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def ifftshift(x: Tracked, axes: Axis = None) -> Tensor:
    """What undoes `fftshift`."""
@overload
def ifftshift(x: ArrayLike, axes: Axis = None) -> Floats: ...
@overload
def ifftshift(x: Operands, axes: Axis = None) -> Tensor: ...

@overload
def inner(a: Tracked, b: Operands) -> Tensor:
    """The sum of products over the last axes of both arrays."""
@overload
def inner(a: ArrayLike, b: ArrayLike) -> Any: ...
@overload
def inner(a: Operands, b: Operands) -> Tensor: ...

@overload
def inv(x: Tracked, /) -> Tensor:
    """The inverse of a matrix, or of each in a stack."""
@overload
def inv(x: ArrayLike, /) -> Floats: ...
@overload
def inv(x: Operands, /) -> Tensor: ...

@overload
def isfinite(x: Number, /) -> bool:
    """isfinite: a bool, or an array of bools; not recorded."""
@overload
def isfinite(x: Number | Array, /) -> Bools: ...
@overload
def isfinite(x: Value | Number, /) -> bool: ...
@overload
def isfinite(x: Tensor | Value | Array | Number, /) -> Bools: ...

@overload
def isinf(x: Number, /) -> bool:
    """isinf: a bool, or an array of bools; not recorded."""
@overload
def isinf(x: Number | Array, /) -> Bools: ...
@overload
def isinf(x: Value | Number, /) -> bool: ...
@overload
def isinf(x: Tensor | Value | Array | Number, /) -> Bools: ...

@overload
def isnan(x: Number, /) -> bool:
    """isnan: a bool, or an array of bools; not recorded."""
@overload
def isnan(x: Number | Array, /) -> Bools: ...
@overload
def isnan(x: Value | Number, /) -> bool: ...
@overload
def isnan(x: Tensor | Value | Array | Number, /) -> Bools: ...

@overload
def kron(a: Tracked, b: Operands) -> Tensor:
    """The Kronecker product: a block for each entry of `a`, which is that entry times `b`."""
@overload
def kron(a: ArrayLike, b: ArrayLike) -> Floats: ...
@overload
def kron(a: Operands, b: Operands) -> Tensor: ...

@overload
def leaky_relu(x: Number, negative_slope: Number = 0.01, /) -> float:
    """x where it is positive, negative_slope * x elsewhere; its derivative at 0 is the slope."""
@overload
def leaky_relu(x: Number | Array, negative_slope: Number | Array = 0.01, /) -> Floats: ...
@overload
def leaky_relu(x: Value | Number, negative_slope: Value | Number = 0.01, /) -> Value: ...
@overload
def leaky_relu(x: Tensor | Value | Array | Number, negative_slope: Tensor | Value | Array | Number = 0.01, /) -> Tensor: ...

@overload
def less(x: Number, y: Number, /) -> bool:
    """less: a bool, or an array of bools; not recorded."""
@overload
def less(x: Number | Array, y: Number | Array, /) -> Bools: ...
@overload
def less(x: Value | Number, y: Value | Number, /) -> bool: ...
@overload
def less(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Bools: ...

@overload
def less_equal(x: Number, y: Number, /) -> bool:
    """less_equal: a bool, or an array of bools; not recorded."""
@overload
def less_equal(x: Number | Array, y: Number | Array, /) -> Bools: ...
@overload
def less_equal(x: Value | Number, y: Value | Number, /) -> bool: ...
@overload
def less_equal(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Bools: ...

@overload
def linear(x: Tracked, weight: Operands, bias: Operands, /) -> Tensor:
    """x @ weightᵀ + bias, a linear layer: x of shape (…, inputs), weight (outputs, inputs), bias (outputs,)."""
@overload
def linear(x: ArrayLike, weight: ArrayLike, bias: ArrayLike, /) -> Any: ...
@overload
def linear(x: Operands, weight: Operands, bias: Operands, /) -> Tensor: ...

@overload
def linspace(start: Tracked, stop: Operands, num: int = 50, endpoint: bool = True) -> Tensor:
    """So many evenly spaced numbers from `start` to `stop`, which is the last one unless `endpoint` is false."""
@overload
def linspace(start: ArrayLike, stop: ArrayLike, num: int = 50, endpoint: bool = True) -> Floats: ...
@overload
def linspace(start: Operands, stop: Operands, num: int = 50, endpoint: bool = True) -> Tensor: ...

@overload
def log(x: Number, /) -> float:
    """The natural logarithm; log(0) is -inf with NumPy's RuntimeWarning."""
@overload
def log(x: Number | Array, /) -> Floats: ...
@overload
def log(x: Value | Number, /) -> Value: ...
@overload
def log(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def log10(x: Number, /) -> float:
    """log10, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def log10(x: Number | Array, /) -> Floats: ...
@overload
def log10(x: Value | Number, /) -> Value: ...
@overload
def log10(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def log1p(x: Number, /) -> float:
    """log1p, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def log1p(x: Number | Array, /) -> Floats: ...
@overload
def log1p(x: Value | Number, /) -> Value: ...
@overload
def log1p(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def log2(x: Number, /) -> float:
    """log2, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def log2(x: Number | Array, /) -> Floats: ...
@overload
def log2(x: Value | Number, /) -> Value: ...
@overload
def log2(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def log_softmax(x: Tracked, /, axis: Axis = -1) -> Tensor:
    """x - logsumexp(x) along an axis, the logarithm of the softmax."""
@overload
def log_softmax(x: ArrayLike, /, axis: Axis = -1) -> Floats: ...
@overload
def log_softmax(x: Operands, /, axis: Axis = -1) -> Tensor: ...

@overload
def logaddexp(x: Number, y: Number, /) -> float:
    """log(exp(x) + exp(y)) without overflow. Close to 0, where max(x, y) cancels the rest, it is accurate to 4 ulp of max(x, y). The rounding of x - y adds |x - y| / 2 ulp to the smaller derivative, and to the value where max(x, y) is close to 0."""
@overload
def logaddexp(x: Number | Array, y: Number | Array, /) -> Floats: ...
@overload
def logaddexp(x: Value | Number, y: Value | Number, /) -> Value: ...
@overload
def logaddexp(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def logaddexp2(x1: Number, x2: Number) -> float:
    """log2(2**x1 + 2**x2) without overflow."""
@overload
def logaddexp2(x1: Number | Array, x2: Number | Array) -> Floats: ...
@overload
def logaddexp2(x1: Value | Number, x2: Value | Number) -> Value: ...
@overload
def logaddexp2(x1: Tensor | Value | Array | Number, x2: Tensor | Value | Array | Number) -> Tensor: ...

@overload
def logsumexp(x: Tracked, /, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """log(sum(exp(x))) without overflow."""
@overload
def logsumexp(x: NDArray[F], /, axis: None = None, keepdims: Literal[False] = False) -> F: ...
@overload
def logsumexp(x: ArrayLike, /, axis: Axis = None, keepdims: bool = False) -> Any: ...
@overload
def logsumexp(x: Operands, /, axis: Axis = None, keepdims: bool = False) -> Tensor: ...

@overload
def matmul(x: Tracked, y: Operands, /) -> Tensor:
    """The matrix product, also of stacks of matrices; a vector is a row on the left, a column on the right."""
@overload
def matmul(x: ArrayLike, y: ArrayLike, /) -> Any: ...
@overload
def matmul(x: Operands, y: Operands, /) -> Tensor: ...

@overload
def matrix_power(a: Tracked, n: int) -> Tensor:
    """The n-th power of a square matrix, or of each in a stack; for negative n that of its inverse.

    Raises:
        LinAlgError: the matrices are not square."""
@overload
def matrix_power(a: ArrayLike, n: int) -> Floats: ...
@overload
def matrix_power(a: Operands, n: int) -> Tensor: ...

@overload
def matrix_transpose(x: Tracked) -> Tensor:
    """The last two axes exchanged."""
@overload
def matrix_transpose(x: ArrayLike) -> Floats: ...
@overload
def matrix_transpose(x: Operands) -> Tensor: ...

@overload
def max(x: Tracked, /, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest entry over one axis, several, or all; entries that tie get equal parts of the gradient."""
@overload
def max(x: NDArray[F], /, axis: None = None, keepdims: Literal[False] = False) -> F: ...
@overload
def max(x: ArrayLike, /, axis: Axis = None, keepdims: bool = False) -> Any: ...
@overload
def max(x: Operands, /, axis: Axis = None, keepdims: bool = False) -> Tensor: ...

@overload
def max_pool(x: Tracked, /) -> Tensor:
    """The largest entry over the last two axes; of entries that tie, the first gets the gradient."""
@overload
def max_pool(x: ArrayLike, /) -> Floats: ...
@overload
def max_pool(x: Operands, /) -> Tensor: ...

@overload
def max_pool2d(x: Tracked, size: Shape, stride: Shape | None = None, padding: Shape = 0) -> Tensor:
    """The largest entry of each window on the last two axes; of entries that tie, the first gets the gradient.

    Args:
        x: (…, height, width).
        size: the window's; a number, or a pair.
        stride: the step of the window; by default its size.
        padding: how far windows reach beyond either end of each axis.

    Returns:
        (…, places down, places across).

    Raises:
        ValueError: the window does not fit into `x`.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.max_pool2d(np.arange(8.0).reshape(2, 4), 2)
        array([[5., 7.]])"""
@overload
def max_pool2d(x: ArrayLike, size: Shape, stride: Shape | None = None, padding: Shape = 0) -> Floats: ...
@overload
def max_pool2d(x: Operands, size: Shape, stride: Shape | None = None, padding: Shape = 0) -> Tensor: ...

@overload
def maximum(x: Number, y: Number, /) -> float:
    """The larger of x and y. At a tie, also of 0.0 and -0.0, it is x, and each gets half of the gradient."""
@overload
def maximum(x: Number | Array, y: Number | Array, /) -> Floats: ...
@overload
def maximum(x: Value | Number, y: Value | Number, /) -> Value: ...
@overload
def maximum(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def mean(x: Tracked, /, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean over one axis, several, or all."""
@overload
def mean(x: NDArray[F], /, axis: None = None, keepdims: Literal[False] = False) -> F: ...
@overload
def mean(x: ArrayLike, /, axis: Axis = None, keepdims: bool = False) -> Any: ...
@overload
def mean(x: Operands, /, axis: Axis = None, keepdims: bool = False) -> Tensor: ...

@overload
def median(a: Tracked, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The median, for an even count the mean of the two middle entries; nan if any entry is, or if there is none."""
@overload
def median(a: NDArray[F], axis: None = None, keepdims: Literal[False] = False) -> F: ...
@overload
def median(a: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Any: ...
@overload
def median(a: Operands, axis: Axis = None, keepdims: bool = False) -> Tensor: ...

@overload
def min(x: Tracked, /, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The smallest entry over one axis, several, or all; entries that tie get equal parts of the gradient."""
@overload
def min(x: NDArray[F], /, axis: None = None, keepdims: Literal[False] = False) -> F: ...
@overload
def min(x: ArrayLike, /, axis: Axis = None, keepdims: bool = False) -> Any: ...
@overload
def min(x: Operands, /, axis: Axis = None, keepdims: bool = False) -> Tensor: ...

@overload
def minimum(x: Number, y: Number, /) -> float:
    """The smaller of x and y. At a tie, also of 0.0 and -0.0, it is x, and each gets half of the gradient."""
@overload
def minimum(x: Number | Array, y: Number | Array, /) -> Floats: ...
@overload
def minimum(x: Value | Number, y: Value | Number, /) -> Value: ...
@overload
def minimum(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def moveaxis(a: Tracked, source: Shape, destination: Shape) -> Tensor:
    """Axes moved to other positions, with the others in their order.

    Raises:
        AxisError: an axis is out of range.
        ValueError: an axis is repeated, or there are not as many sources as destinations."""
@overload
def moveaxis(a: ArrayLike, source: Shape, destination: Shape) -> Floats: ...
@overload
def moveaxis(a: Operands, source: Shape, destination: Shape) -> Tensor: ...

@overload
def mul(x: Number, y: Number, /) -> float:
    """mul, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def mul(x: Number | Array, y: Number | Array, /) -> Floats: ...
@overload
def mul(x: Value | Number, y: Value | Number, /) -> Value: ...
@overload
def mul(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def multi_dot(arrays: Tracked) -> Tensor:
    """The product of several matrices, computed from left to right."""
@overload
def multi_dot(arrays: ArrayLike) -> Any: ...
@overload
def multi_dot(arrays: Operands) -> Tensor: ...

@overload
def nan_to_num(x: Tracked, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """The entries, with numbers in place of nan and of infinities: by default 0 and the largest of the dtype."""
@overload
def nan_to_num(x: ArrayLike, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Floats: ...
@overload
def nan_to_num(x: Operands, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor: ...

@overload
def neg(x: Number, /) -> float:
    """neg, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def neg(x: Number | Array, /) -> Floats: ...
@overload
def neg(x: Value | Number, /) -> Value: ...
@overload
def neg(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def norm(x: Tracked, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The norm of vectors or matrices; by default the square root of the sum of squares.

    The derivative of a vector norm at 0 is 0; the second one does not exist there and is nan.

    Raises:
        AxisError: an axis is out of range.
        ValueError: an axis is repeated, or the norm is unknown.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.norm(np.array([[3.0, 4.0], [0.0, 2.0]]), axis=1)
        array([5., 2.])"""
@overload
def norm(x: NDArray[F], ord: float | str | None = None, axis: None = None, keepdims: Literal[False] = False) -> F: ...
@overload
def norm(x: ArrayLike, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False) -> Any: ...
@overload
def norm(x: Operands, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False) -> Tensor: ...

@overload
def normal_cdf(x: Number, /) -> float:
    """The cumulative distribution function of the standard normal distribution, (1 + erf(x / sqrt(2))) / 2, accurate in its lower tail; `ndtr` in SciPy and PyTorch."""
@overload
def normal_cdf(x: Number | Array, /) -> Floats: ...
@overload
def normal_cdf(x: Value | Number, /) -> Value: ...
@overload
def normal_cdf(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def normal_pdf(x: Number, /) -> float:
    """The density of the standard normal distribution, exp(-x**2 / 2) / sqrt(2 pi). The derivative is accurate to 8 ulp where the density is a normal number, for |x| < 37.6."""
@overload
def normal_pdf(x: Number | Array, /) -> Floats: ...
@overload
def normal_pdf(x: Value | Number, /) -> Value: ...
@overload
def normal_pdf(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def not_equal(x: Number, y: Number, /) -> bool:
    """not_equal: a bool, or an array of bools; not recorded."""
@overload
def not_equal(x: Number | Array, y: Number | Array, /) -> Bools: ...
@overload
def not_equal(x: Value | Number, y: Value | Number, /) -> bool: ...
@overload
def not_equal(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Bools: ...

def one_hot(classes: ArrayLike, num_classes: int) -> NDArray[np.float64]:
    """The one-hot encoding of classes, which are integers: a row for each, 1.0 at the class, 0.0 elsewhere; an array.

    Raises:
        TypeError: the classes are not integers.
        ValueError: a class is negative or not below `num_classes`.

    Example:
        >>> import autograd
        >>> autograd.one_hot([2, 0], 3)
        array([[0., 0., 1.],
               [1., 0., 0.]])"""

@overload
def outer(a: Tracked, b: Operands) -> Tensor:
    """The matrix of all products of an entry of `a` and one of `b`, both flattened."""
@overload
def outer(a: ArrayLike, b: ArrayLike) -> Floats: ...
@overload
def outer(a: Operands, b: Operands) -> Tensor: ...

@overload
def overlap_add(x: Tracked, /, shape: Shape = (), strides: Sequence[int] = (), dilations: Sequence[int] = ()) -> Tensor:
    """The sum of windows at their places in an array of that shape: the transpose of windows."""
@overload
def overlap_add(x: ArrayLike, /, shape: Shape = (), strides: Sequence[int] = (), dilations: Sequence[int] = ()) -> Floats: ...
@overload
def overlap_add(x: Operands, /, shape: Shape = (), strides: Sequence[int] = (), dilations: Sequence[int] = ()) -> Tensor: ...

@overload
def pad(array: Tracked, pad_width: ArrayLike, mode: str = 'constant', constant_values: Operands = 0.0) -> Tensor:
    """The array padded with a constant; in the modes "edge", "reflect", "symmetric", "wrap" with its own entries.

    Raises:
        TypeError: `pad_width` is not of integers.
        ValueError: `pad_width` is negative, or the mode is another one.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.pad(np.array([1.0, 2.0]), 1, "edge")
        array([1., 1., 2., 2.])"""
@overload
def pad(array: ArrayLike, pad_width: ArrayLike, mode: str = 'constant', constant_values: ArrayLike = 0.0) -> Floats: ...
@overload
def pad(array: Operands, pad_width: ArrayLike, mode: str = 'constant', constant_values: Operands = 0.0) -> Tensor: ...

@overload
def partition(a: Tracked, kth: Shape, axis: int | None = -1) -> Tensor:
    """The entries along an axis, smaller ones before the `kth` and larger ones behind it: sorted, in fact."""
@overload
def partition(a: ArrayLike, kth: Shape, axis: int | None = -1) -> Floats: ...
@overload
def partition(a: Operands, kth: Shape, axis: int | None = -1) -> Tensor: ...

@overload
def pinv(a: Tracked, rcond: ArrayLike | None = None, hermitian: bool = False, *, rtol: Any = ...) -> Tensor:
    """The pseudo-inverse of a matrix, or of each in a stack.

    Singular values below `rcond` (or `rtol`) times the largest count as 0; the default is 1e-15, with `rtol=None` the
    machine epsilon times the longer side. The derivative is that along changes that preserve the rank, since the
    pseudo-inverse jumps where the rank changes; for a `hermitian` matrix it is symmetric.

    Raises:
        ValueError: both `rcond` and `rtol` are given.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.pinv(np.array([[1.0, 1.0], [1.0, 1.0]])).round(2)
        array([[0.25, 0.25],
               [0.25, 0.25]])"""
@overload
def pinv(a: ArrayLike, rcond: ArrayLike | None = None, hermitian: bool = False, *, rtol: Any = ...) -> Floats: ...
@overload
def pinv(a: Operands, rcond: ArrayLike | None = None, hermitian: bool = False, *, rtol: Any = ...) -> Tensor: ...

@overload
def pos(x: Number, /) -> float:
    """pos, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def pos(x: Number | Array, /) -> Floats: ...
@overload
def pos(x: Value | Number, /) -> Value: ...
@overload
def pos(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def pow(x: Number, y: Number, /) -> float:
    """x ** y. The derivative of x**0 is 0, and 0**y does not depend on y for y >= 0. For negative x the exponent must be an integer, and the derivative in it is nan. The derivatives are accurate to 8 ulp where x ** y and x ** (y - 1) are normal numbers; for y < 0.5 the rounding of y - 1 adds |log(x) * (y - 1)| ulp."""
@overload
def pow(x: Number | Array, y: Number | Array, /) -> Floats: ...
@overload
def pow(x: Value | Number, y: Value | Number, /) -> Value: ...
@overload
def pow(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def prod(a: Tracked, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The product over one axis, several, or all, with correct derivatives where entries are zero."""
@overload
def prod(a: NDArray[F], axis: None = None, keepdims: Literal[False] = False) -> F: ...
@overload
def prod(a: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Any: ...
@overload
def prod(a: Operands, axis: Axis = None, keepdims: bool = False) -> Tensor: ...

@overload
def ptp(a: Tracked, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest minus the smallest entry."""
@overload
def ptp(a: NDArray[F], axis: None = None, keepdims: Literal[False] = False) -> F: ...
@overload
def ptp(a: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Any: ...
@overload
def ptp(a: Operands, axis: Axis = None, keepdims: bool = False) -> Tensor: ...

@overload
def rad2deg(x: Number) -> float:
    """Radians as degrees."""
@overload
def rad2deg(x: Number | Array) -> Floats: ...
@overload
def rad2deg(x: Value | Number) -> Value: ...
@overload
def rad2deg(x: Tensor | Value | Array | Number) -> Tensor: ...

@overload
def ravel(a: Tracked, order: str = 'C') -> Tensor:
    """All entries as a vector: rows first, or columns first in the order "F"."""
@overload
def ravel(a: ArrayLike, order: str = 'C') -> Floats: ...
@overload
def ravel(a: Operands, order: str = 'C') -> Tensor: ...

@overload
def real(val: Number) -> float:
    """The number itself: all numbers here are real."""
@overload
def real(val: Number | Array) -> Floats: ...
@overload
def real(val: Value | Number) -> Value: ...
@overload
def real(val: Tensor | Value | Array | Number) -> Tensor: ...

@overload
def reciprocal(x: Number, /) -> float:
    """reciprocal, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def reciprocal(x: Number | Array, /) -> Floats: ...
@overload
def reciprocal(x: Value | Number, /) -> Value: ...
@overload
def reciprocal(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def relu(x: Number, /) -> float:
    """max(x, 0); its derivative at 0 is 0, and at nan 1, as in PyTorch."""
@overload
def relu(x: Number | Array, /) -> Floats: ...
@overload
def relu(x: Value | Number, /) -> Value: ...
@overload
def relu(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def remainder(x: Number, y: Number, /) -> float:
    """x - y * (x // y), with the sign of y, as Python's %."""
@overload
def remainder(x: Number | Array, y: Number | Array, /) -> Floats: ...
@overload
def remainder(x: Value | Number, y: Value | Number, /) -> Value: ...
@overload
def remainder(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def repeat(a: Tracked, repeats: Shape, axis: int | None = None) -> Tensor:
    """Each entry repeated, along an axis or by default in the flattened array.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.repeat(np.array([1.0, 2.0]), 2)
        array([1., 1., 2., 2.])"""
@overload
def repeat(a: ArrayLike, repeats: Shape, axis: int | None = None) -> Floats: ...
@overload
def repeat(a: Operands, repeats: Shape, axis: int | None = None) -> Tensor: ...

@overload
def reshape(x: Tracked, /, shape: Shape = (-1,)) -> Tensor:
    """The entries in another shape; one length may be -1."""
@overload
def reshape(x: ArrayLike, /, shape: Shape = (-1,)) -> Floats: ...
@overload
def reshape(x: Operands, /, shape: Shape = (-1,)) -> Tensor: ...

@overload
def roll(a: Tracked, shift: Shape, axis: Axis = None) -> Tensor:
    """The entries shifted along an axis; those shifted beyond its end come back at its start."""
@overload
def roll(a: ArrayLike, shift: Shape, axis: Axis = None) -> Floats: ...
@overload
def roll(a: Operands, shift: Shape, axis: Axis = None) -> Tensor: ...

@overload
def rollaxis(a: Tracked, axis: int, start: int = 0) -> Tensor:
    """An axis moved to before another one, or behind the last; see also `moveaxis`."""
@overload
def rollaxis(a: ArrayLike, axis: int, start: int = 0) -> Floats: ...
@overload
def rollaxis(a: Operands, axis: int, start: int = 0) -> Tensor: ...

@overload
def rot90(m: Tracked, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Tensor:
    """Turned by so many quarters in the plane of two axes, from the first towards the second.

    Raises:
        ValueError: the two axes are the same."""
@overload
def rot90(m: ArrayLike, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Floats: ...
@overload
def rot90(m: Operands, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Tensor: ...

@overload
def round(a: Number, decimals: int = 0) -> float:
    """Rounded to the given number of decimals, halves to even; the derivative is zero.

    Example:
        >>> import autograd
        >>> autograd.round(2.5), autograd.round(0.125, 2)
        (2.0, 0.12)"""
@overload
def round(a: Number | Array, decimals: int = 0) -> Floats: ...
@overload
def round(a: Value | Number, decimals: int = 0) -> Value: ...
@overload
def round(a: Tensor | Value | Array | Number, decimals: int = 0) -> Tensor: ...

@overload
def scatter(x: Tracked, index: Index, /, shape: Shape = ()) -> Tensor:
    """Zeros of that shape with x added at the index; if the index repeats an entry, its values are added."""
@overload
def scatter(x: ArrayLike, index: Index, /, shape: Shape = ()) -> Floats: ...
@overload
def scatter(x: Operands, index: Index, /, shape: Shape = ()) -> Tensor: ...

@overload
def select(condlist: Tracked, choicelist: Operands, default: Operands = 0.0) -> Tensor:
    """For each entry the choice whose condition is the first to hold; `default` where none does.

    Raises:
        ValueError: there are not as many choices as conditions."""
@overload
def select(condlist: ArrayLike, choicelist: ArrayLike, default: ArrayLike = 0.0) -> Floats: ...
@overload
def select(condlist: Operands, choicelist: Operands, default: Operands = 0.0) -> Tensor: ...

@overload
def set_at(x: Tracked, values: Operands, index: Index, /) -> Tensor:
    """A copy of x with these values at the index, as `x.at[index].set(values)`."""
@overload
def set_at(x: ArrayLike, values: ArrayLike, index: Index, /) -> Floats: ...
@overload
def set_at(x: Operands, values: Operands, index: Index, /) -> Tensor: ...

@overload
def sigmoid(x: Number, /) -> float:
    """The logistic function 1 / (1 + exp(-x))."""
@overload
def sigmoid(x: Number | Array, /) -> Floats: ...
@overload
def sigmoid(x: Value | Number, /) -> Value: ...
@overload
def sigmoid(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def sign(x: Number, /) -> float:
    """sign, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def sign(x: Number | Array, /) -> Floats: ...
@overload
def sign(x: Value | Number, /) -> Value: ...
@overload
def sign(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def silu(x: Number, /) -> float:
    """x * sigmoid(x), also known as swish. Close to its zero at -1.278 the derivative is accurate to 8 ulp of sigmoid(x)."""
@overload
def silu(x: Number | Array, /) -> Floats: ...
@overload
def silu(x: Value | Number, /) -> Value: ...
@overload
def silu(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def sin(x: Number, /) -> float:
    """sin, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def sin(x: Number | Array, /) -> Floats: ...
@overload
def sin(x: Value | Number, /) -> Value: ...
@overload
def sin(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def sinc(x: Number) -> float:
    """sin(pi x) / (pi x), and 1 at 0; close to 0 by its series, whose derivatives do not cancel."""
@overload
def sinc(x: Number | Array) -> Floats: ...
@overload
def sinc(x: Value | Number) -> Value: ...
@overload
def sinc(x: Tensor | Value | Array | Number) -> Tensor: ...

@overload
def sinh(x: Number, /) -> float:
    """sinh, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def sinh(x: Number | Array, /) -> Floats: ...
@overload
def sinh(x: Value | Number, /) -> Value: ...
@overload
def sinh(x: Tensor | Value | Array | Number, /) -> Tensor: ...

def slogdet(a: Operands) -> Slogdet:
    """The sign of the determinant, and the logarithm of its absolute value."""

@overload
def softmax(x: Tracked, /, axis: Axis = -1) -> Tensor:
    """exp(x) / sum(exp(x)) along an axis, without overflow."""
@overload
def softmax(x: ArrayLike, /, axis: Axis = -1) -> Floats: ...
@overload
def softmax(x: Operands, /, axis: Axis = -1) -> Tensor: ...

@overload
def softplus(x: Number, /) -> float:
    """log(1 + exp(x)), the smooth relu."""
@overload
def softplus(x: Number | Array, /) -> Floats: ...
@overload
def softplus(x: Value | Number, /) -> Value: ...
@overload
def softplus(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def solve(a: Tracked, b: Operands, /) -> Tensor:
    """The solution y of a @ y = b."""
@overload
def solve(a: ArrayLike, b: ArrayLike, /) -> Floats: ...
@overload
def solve(a: Operands, b: Operands, /) -> Tensor: ...

@overload
def sort(a: Tracked, axis: int | None = -1, kind: str | None = None) -> Tensor:
    """The entries in ascending order along an axis; equal ones keep their order, whatever `kind` of sort is named."""
@overload
def sort(a: ArrayLike, axis: int | None = -1, kind: str | None = None) -> Floats: ...
@overload
def sort(a: Operands, axis: int | None = -1, kind: str | None = None) -> Tensor: ...

@overload
def split(ary: Tracked, indices_or_sections: Shape | Integers, axis: int = 0) -> list[Tensor]:
    """The array split along an axis, into a number of equal parts or at these indices.

    Raises:
        ValueError: the axis cannot be parted into as many equal ones.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.split(np.arange(4.0), 2)
        [array([0., 1.]), array([2., 3.])]"""
@overload
def split(ary: ArrayLike, indices_or_sections: Shape | Integers, axis: int = 0) -> list[Floats]: ...
@overload
def split(ary: Operands, indices_or_sections: Shape | Integers, axis: int = 0) -> list[Tensor]: ...

@overload
def sqrt(x: Number, /) -> float:
    """The square root; its derivative at 0 is inf."""
@overload
def sqrt(x: Number | Array, /) -> Floats: ...
@overload
def sqrt(x: Value | Number, /) -> Value: ...
@overload
def sqrt(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def square(x: Number, /) -> float:
    """square, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def square(x: Number | Array, /) -> Floats: ...
@overload
def square(x: Value | Number, /) -> Value: ...
@overload
def square(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def squeeze(a: Tracked, axis: Axis = None) -> Tensor:
    """The array without its axes of length 1, or without the given ones."""
@overload
def squeeze(a: ArrayLike, axis: Axis = None) -> Floats: ...
@overload
def squeeze(a: Operands, axis: Axis = None) -> Tensor: ...

@overload
def stack(arrays: Tracked, /, axis: Axis = 0) -> Tensor:
    """Arrays or Values of one shape joined along a new axis."""
@overload
def stack(arrays: ArrayLike, /, axis: Axis = 0) -> Floats: ...
@overload
def stack(arrays: Operands, /, axis: Axis = 0) -> Tensor: ...

@overload
def std(a: Tracked, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Tensor:
    """The standard deviation; if all entries are equal, its derivative is 0 and the second one nan."""
@overload
def std(a: NDArray[F], axis: None = None, ddof: float = 0, keepdims: Literal[False] = False) -> F: ...
@overload
def std(a: ArrayLike, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any: ...
@overload
def std(a: Operands, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Tensor: ...

@overload
def sub(x: Number, y: Number, /) -> float:
    """sub, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def sub(x: Number | Array, y: Number | Array, /) -> Floats: ...
@overload
def sub(x: Value | Number, y: Value | Number, /) -> Value: ...
@overload
def sub(x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def sum(x: Tracked, /, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum over one axis, several, or all."""
@overload
def sum(x: NDArray[F], /, axis: None = None, keepdims: Literal[False] = False) -> F: ...
@overload
def sum(x: ArrayLike, /, axis: Axis = None, keepdims: bool = False) -> Any: ...
@overload
def sum(x: Operands, /, axis: Axis = None, keepdims: bool = False) -> Tensor: ...

@overload
def sum_to(x: Tracked, /, shape: Shape = ()) -> Tensor:
    """The sum over the axes along which an array of that shape would be broadcast: the transpose of broadcast_to."""
@overload
def sum_to(x: ArrayLike, /, shape: Shape = ()) -> Floats: ...
@overload
def sum_to(x: Operands, /, shape: Shape = ()) -> Tensor: ...

def svd(a: Operands, full_matrices: bool = True, compute_uv: bool = True) -> SVD | Any:
    """The singular value decomposition; for matrices that are not square, without the vectors of the null space.

    The vectors of equal singular values have no derivative: it is nan. So are the second derivatives of equal values,
    and, for matrices that are not square, whatever depends on the vectors of a singular value of 0.

    Raises:
        TypeError: `full_matrices` is True, and the matrix is not square."""

@overload
def svdvals(x: Tracked) -> Tensor:
    """The singular values of a matrix in descending order."""
@overload
def svdvals(x: ArrayLike) -> Floats: ...
@overload
def svdvals(x: Operands) -> Tensor: ...

@overload
def swapaxes(a: Tracked, axis1: int, axis2: int) -> Tensor:
    """Two axes exchanged."""
@overload
def swapaxes(a: ArrayLike, axis1: int, axis2: int) -> Floats: ...
@overload
def swapaxes(a: Operands, axis1: int, axis2: int) -> Tensor: ...

@overload
def take(a: Tracked, indices: ArrayLike, axis: int | None = None) -> Tensor:
    """The entries at these indices along an axis; by default in the flattened array."""
@overload
def take(a: ArrayLike, indices: ArrayLike, axis: int | None = None) -> Floats: ...
@overload
def take(a: Operands, indices: ArrayLike, axis: int | None = None) -> Tensor: ...

@overload
def take_along_axis(arr: Tracked, indices: ArrayLike, axis: int | None = -1) -> Tensor:
    """The entries of each vector along the axis at its own indices.

    Raises:
        IndexError: the indices are not integers.
        ValueError: the indices have not as many axes as the array."""
@overload
def take_along_axis(arr: ArrayLike, indices: ArrayLike, axis: int | None = -1) -> Floats: ...
@overload
def take_along_axis(arr: Operands, indices: ArrayLike, axis: int | None = -1) -> Tensor: ...

@overload
def tan(x: Number, /) -> float:
    """tan, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def tan(x: Number | Array, /) -> Floats: ...
@overload
def tan(x: Value | Number, /) -> Value: ...
@overload
def tan(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def tanh(x: Number, /) -> float:
    """tanh, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def tanh(x: Number | Array, /) -> Floats: ...
@overload
def tanh(x: Value | Number, /) -> Value: ...
@overload
def tanh(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def tensordot(a: Tracked, b: Operands, axes: int | Sequence[Shape] = 2) -> Tensor:
    """The sum of products over axes of `a` and `b`.

    Args:
        a: an array.
        b: an array.
        axes: the number of last axes of `a` and first axes of `b` to sum over; or a list of axes for each.

    Raises:
        AxisError: an axis is out of range.
        ValueError: the axes have different lengths in `a` and `b`, or one is repeated."""
@overload
def tensordot(a: ArrayLike, b: ArrayLike, axes: int | Sequence[Shape] = 2) -> Any: ...
@overload
def tensordot(a: Operands, b: Operands, axes: int | Sequence[Shape] = 2) -> Tensor: ...

@overload
def tile(A: Tracked, reps: Shape) -> Tensor:
    """The array repeated along each axis.

    Example:
        >>> import numpy as np
        >>> import autograd
        >>> autograd.tile(np.array([1.0, 2.0]), 2)
        array([1., 2., 1., 2.])"""
@overload
def tile(A: ArrayLike, reps: Shape) -> Floats: ...
@overload
def tile(A: Operands, reps: Shape) -> Tensor: ...

@overload
def trace(a: Tracked, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The sum of the diagonal of the matrices on two axes."""
@overload
def trace(a: ArrayLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any: ...
@overload
def trace(a: Operands, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor: ...

@overload
def transpose(x: Tracked, /, axes: Sequence[int] | None = None) -> Tensor:
    """The axes in another order; by default reversed."""
@overload
def transpose(x: ArrayLike, /, axes: Sequence[int] | None = None) -> Floats: ...
@overload
def transpose(x: Operands, /, axes: Sequence[int] | None = None) -> Tensor: ...

@overload
def tril(m: Tracked, k: int = 0) -> Tensor:
    """The lower triangle, with zeros above it; a vector stands for a square matrix with equal rows."""
@overload
def tril(m: ArrayLike, k: int = 0) -> Floats: ...
@overload
def tril(m: Operands, k: int = 0) -> Tensor: ...

@overload
def triu(m: Tracked, k: int = 0) -> Tensor:
    """The upper triangle, with zeros below it; a vector stands for a square matrix with equal rows."""
@overload
def triu(m: ArrayLike, k: int = 0) -> Floats: ...
@overload
def triu(m: Operands, k: int = 0) -> Tensor: ...

@overload
def trunc(x: Number, /) -> float:
    """trunc, entry by entry, of floats, arrays, Values and Tensors."""
@overload
def trunc(x: Number | Array, /) -> Floats: ...
@overload
def trunc(x: Value | Number, /) -> Value: ...
@overload
def trunc(x: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def unstack(x: Tracked, axis: int = 0) -> tuple[Tensor, ...]:
    """The subarrays along an axis, as a tuple, without that axis."""
@overload
def unstack(x: ArrayLike, axis: int = 0) -> tuple[Floats, ...]: ...
@overload
def unstack(x: Operands, axis: int = 0) -> tuple[Tensor, ...]: ...

@overload
def var(a: Tracked, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Tensor:
    """The variance: the sum of squared deviations from the mean, divided by the count minus ddof, at least 0."""
@overload
def var(a: NDArray[F], axis: None = None, ddof: float = 0, keepdims: Literal[False] = False) -> F: ...
@overload
def var(a: ArrayLike, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any: ...
@overload
def var(a: Operands, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Tensor: ...

@overload
def vdot(a: Tracked, b: Operands) -> Tensor:
    """The dot product of two flattened arrays."""
@overload
def vdot(a: ArrayLike, b: ArrayLike) -> Any: ...
@overload
def vdot(a: Operands, b: Operands) -> Tensor: ...

@overload
def vecdot(x1: Tracked, x2: Operands, axis: int = -1) -> Tensor:
    """The dot products of vectors along an axis of both arrays.

    Raises:
        ValueError: the vectors have different lengths."""
@overload
def vecdot(x1: ArrayLike, x2: ArrayLike, axis: int = -1) -> Any: ...
@overload
def vecdot(x1: Operands, x2: Operands, axis: int = -1) -> Tensor: ...

@overload
def vsplit(ary: Tracked, indices_or_sections: Shape | Integers) -> list[Tensor]:
    """The array split along the first axis."""
@overload
def vsplit(ary: ArrayLike, indices_or_sections: Shape | Integers) -> list[Floats]: ...
@overload
def vsplit(ary: Operands, indices_or_sections: Shape | Integers) -> list[Tensor]: ...

@overload
def vstack(tup: Tracked) -> Tensor:
    """Arrays below each other: joined along the first axis; a vector is a row."""
@overload
def vstack(tup: ArrayLike) -> Floats: ...
@overload
def vstack(tup: Operands) -> Tensor: ...

@overload
def where(condition: Number, x: Number, y: Number, /) -> float:
    """x where the condition holds, y elsewhere. Both are operands: the one not taken gets the gradient 0."""
@overload
def where(condition: Number | Array, x: Number | Array, y: Number | Array, /) -> Floats: ...
@overload
def where(condition: Value | Number, x: Value | Number, y: Value | Number, /) -> Value: ...
@overload
def where(condition: Tensor | Value | Array | Number, x: Tensor | Value | Array | Number, y: Tensor | Value | Array | Number, /) -> Tensor: ...

@overload
def windows(x: Tracked, /, sizes: Sequence[int] = (), strides: Sequence[int] = (), dilations: Sequence[int] = ()) -> Tensor:
    """All windows on the last axes, with axes for their places, followed by axes for the entries inside them."""
@overload
def windows(x: ArrayLike, /, sizes: Sequence[int] = (), strides: Sequence[int] = (), dilations: Sequence[int] = ()) -> Floats: ...
@overload
def windows(x: Operands, /, sizes: Sequence[int] = (), strides: Sequence[int] = (), dilations: Sequence[int] = ()) -> Tensor: ...

@overload
def grad(f: Unannotated, argnums: int | Sequence[int] = 0, *, argnum: int | Sequence[int] | None = None) -> Any:
    """The gradient of a function whose result is one number.

    Args:
        f: the function.
        argnums: the position of the argument; a tuple or list of positions gives a tuple of gradients.
        argnum: the same, as HIPS autograd calls it.

    With a result in the place of a function, it is PyTorch's `grad(outputs, inputs, grad_outputs=, create_graph=,
    allow_unused=)`: a tuple with the gradient for each of the inputs, leaves or results, which changes no `.grad`.

    Raises:
        TypeError: on the call, if the result is not one floating-point number.

    Example:
        >>> grad(lambda x: x**3)(2.0)
        12.0
        >>> grad(grad(grad(lambda x: x**3)))(2.0)
        6.0
        >>> grad(lambda p: p["w"] * 3.0 + p["b"])({"w": 2.0, "b": 1.0})
        {'w': 3.0, 'b': 1.0}
        >>> x = Value(2.0)
        >>> grad(x**3, x)
        (12.0,)"""
@overload
def grad(f: Callable[Concatenate[Tensor | Value, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Any: ...
@overload
def grad(f: Callable[Concatenate[Value, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[float | Value, P], float]: ...
@overload
def grad(f: Callable[Concatenate[Tensor, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[ArrayLike | Tensor, P], Floats]: ...
@overload
def grad(f: Callable[Concatenate[X, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[X, P], X]: ...
@overload
def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, *, argnum: int | Sequence[int] | None = None) -> Any: ...
@overload
def grad(outputs: Tensor | Value | Sequence[Tensor | Value], inputs: Tensor | Value | Iterable[Tensor | Value], grad_outputs: Any = None, retain_graph: bool | None = None, create_graph: bool = False, only_inputs: bool = True, allow_unused: bool | None = None, *, materialize_grads: bool = False) -> tuple[Any, ...]: ...

@overload
def value_and_grad(f: Unannotated, argnums: int | Sequence[int] = 0, *, argnum: int | Sequence[int] | None = None) -> Any:
    """The value and the gradient of a function whose result is one number; takes what `grad` takes.

    Example:
        >>> value_and_grad(lambda x: x * x)(3.0)
        (9.0, 6.0)"""
@overload
def value_and_grad(f: Callable[Concatenate[Tensor | Value, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Any: ...
@overload
def value_and_grad(f: Callable[Concatenate[Value, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[float | Value, P], tuple[float, float]]: ...
@overload
def value_and_grad(f: Callable[Concatenate[Tensor, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[ArrayLike | Tensor, P], tuple[float, Floats]]: ...
@overload
def value_and_grad(f: Callable[Concatenate[X, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[X, P], tuple[float, X]]: ...
@overload
def value_and_grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, *, argnum: int | Sequence[int] | None = None) -> Any: ...

@overload
def elementwise_grad(f: Unannotated, argnums: int | Sequence[int] = 0, *, argnum: int | Sequence[int] | None = None) -> Any:
    """The derivative of each entry of the result with respect to the same entry of the argument.

    It is the gradient of the sum of the result, and meant for elementwise functions.

    Example:
        >>> import numpy as np
        >>> elementwise_grad(np.square)(np.array([1.0, 2.0, 3.0]))
        array([2., 4., 6.])"""
@overload
def elementwise_grad(f: Callable[Concatenate[Tensor | Value, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Any: ...
@overload
def elementwise_grad(f: Callable[Concatenate[Value, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[float | Value, P], float]: ...
@overload
def elementwise_grad(f: Callable[Concatenate[Tensor, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[ArrayLike | Tensor, P], Floats]: ...
@overload
def elementwise_grad(f: Callable[Concatenate[X, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[X, P], X]: ...
@overload
def elementwise_grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, *, argnum: int | Sequence[int] | None = None) -> Any: ...

@overload
def jacobian(f: Unannotated, argnums: int | Sequence[int] = 0, *, argnum: int | Sequence[int] | None = None) -> Any:
    """All first derivatives of a function: an array with the axes of the result, then those of the argument.

    It pulls back a basis of the result or pushes forward one of the arguments, whichever is smaller. For a nested
    result or argument it is a nested structure of such arrays, with that of the result outside.

    Raises:
        TypeError: on the call, if the result contains bools or integers.

    Example:
        >>> import numpy as np
        >>> jacobian(lambda x: x[:2] * x[2])(np.array([1.0, 2.0, 3.0]))
        array([[3., 0., 1.],
               [0., 3., 2.]])"""
@overload
def jacobian(f: Callable[Concatenate[Tensor | Value, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Any: ...
@overload
def jacobian(f: Callable[Concatenate[Value, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[float | Value, P], Any]: ...
@overload
def jacobian(f: Callable[Concatenate[Tensor, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[ArrayLike | Tensor, P], Floats]: ...
@overload
def jacobian(f: Callable[Concatenate[Array, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[ArrayLike, P], Floats]: ...
@overload
def jacobian(f: Callable[Concatenate[X, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[X, P], Any]: ...
@overload
def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, *, argnum: int | Sequence[int] | None = None) -> Any: ...

@overload
def hessian(f: Unannotated, argnums: int | Sequence[int] = 0, *, argnum: int | Sequence[int] | None = None) -> Any:
    """All second derivatives of a function whose result is one number: an array with the argument's axes twice.

    Example:
        >>> import numpy as np
        >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
        array([[6., 2.],
               [2., 0.]])"""
@overload
def hessian(f: Callable[Concatenate[Tensor | Value, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Any: ...
@overload
def hessian(f: Callable[Concatenate[Value, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[float | Value, P], float]: ...
@overload
def hessian(f: Callable[Concatenate[Tensor, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[ArrayLike | Tensor, P], Floats]: ...
@overload
def hessian(f: Callable[Concatenate[Array, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[ArrayLike, P], Floats]: ...
@overload
def hessian(f: Callable[Concatenate[X, P], Any], argnums: Literal[0] = 0, *, argnum: None = None) -> Callable[Concatenate[X, P], Any]: ...
@overload
def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, *, argnum: int | Sequence[int] | None = None) -> Any: ...

@overload
def jvp(f: Unannotated, args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of `f`, and its derivative along the tangents, computed in forward mode.

    Args:
        f: the function.
        args: its arguments.
        tangents: a tangent for each argument, with its structure and shapes.

    Raises:
        TypeError: the arguments or the tangents are not a tuple or list.
        ValueError: the tangents have another structure or other shapes than the arguments.

    Example:
        >>> jvp(lambda x, w: x * w, (3.0, 4.0), (1.0, 0.0))
        (12.0, 4.0)"""
@overload
def jvp(f: Callable[..., Value], args: Sequence[Any], tangents: Sequence[Any]) -> tuple[float, float]: ...
@overload
def jvp(f: Callable[..., Tensor], args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]: ...
@overload
def jvp(f: Callable[..., R], args: Sequence[Any], tangents: Sequence[Any]) -> tuple[R, R]: ...

@overload
def vjp(f: Unannotated, *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of `f`, and its pullback, which maps a cotangent of the value to cotangents of the arguments.

    Returns:
        The value, and a function that takes a cotangent with the value's structure and shapes and returns a
        tuple with one cotangent for each argument.

    Raises:
        ValueError: by the pullback, if the cotangent has another structure or other shapes.
        RuntimeError: by the pullback, if data that it reads has been assigned to since.

    Example:
        >>> y, pullback = vjp(lambda x, w: x * w, 3.0, 4.0)
        >>> y, pullback(1.0)
        (12.0, (4.0, 3.0))"""
@overload
def vjp(f: Callable[..., Value], *args: Any) -> tuple[float, Callable[[Number], tuple[Any, ...]]]: ...
@overload
def vjp(f: Callable[..., Tensor], *args: Any) -> tuple[Any, Callable[[ArrayLike], tuple[Any, ...]]]: ...
@overload
def vjp(f: Callable[..., R], *args: Any) -> tuple[R, Callable[[R], tuple[Any, ...]]]: ...

def hvp(f: Callable[..., Any], args: Any, vectors: X) -> X:
    """The Hessian of `f` times the vectors, without forming the Hessian: the vectors pulled back through the gradient.

    Args:
        f: a function whose result is one number.
        args: its arguments, as a tuple; or its only argument.
        vectors: a vector for each argument, of the same structure and shapes.

    Returns:
        The products, with the structure and shapes of the vectors.

    Raises:
        ValueError: the vectors have another structure or other shapes than the arguments.

    Example:
        >>> import numpy as np
        >>> hvp(lambda x: x[0] ** 2 * x[1], np.array([1.0, 3.0]), np.array([1.0, 0.0]))
        array([6., 2.])"""

@overload
def vmap(f: Unannotated, in_axes: int | Sequence[int | None] | None = 0) -> Any:
    """A function that maps `f` over an axis of each argument, and stacks the results along axis 0.

    `f` is recorded on two samples, and runs as one program on all of them. It is called for each sample if they are
    few, take different branches, draw random numbers or assign to leaves; or if `f` does what cannot be recorded, such
    as `float(x)`. Under `jit` a branch that depends on the sample is an error. Along axes of length 0, `f` is called
    once, on a sample of ones, for the shapes of its results.

    Args:
        f: a function of single samples.
        in_axes: the axis of each argument, None for one that is not mapped; one number for all arguments.

    Raises:
        ValueError: the mapped axes have different lengths, or there is none; or they have length 0, and `f` raises on
            ones.
        TypeError: under `jit` a branch depends on the sample.

    Example:
        >>> import numpy as np
        >>> vmap(lambda x, w: x @ w, in_axes=(0, None))(np.eye(2), np.array([3.0, 4.0]))
        array([3., 4.])
        >>> vmap(np.sum)(np.empty((0, 2)))
        array([], dtype=float64)"""
@overload
def vmap(f: Callable[..., Tensor | Value | Array | float], in_axes: int | Sequence[int | None] | None = 0) -> Callable[..., Floats]: ...
@overload
def vmap(f: Callable[..., Any], in_axes: int | Sequence[int | None] | None = 0) -> Any: ...

def checkpoint(f: Callable[P, R]) -> Callable[P, R]:
    """A function like `f` that stores only its arguments and its result, and runs again in the backward sweep.

    It trades time for memory: what `f` computes on the way is not stored. The second run draws the same random numbers
    as the first, from the generators of `random`, NumPy and this package, and from those that can be reached from `f`
    and its arguments: through attributes, items, closures and globals. Other side effects of `f` happen twice. What
    `jit` records is not run twice: a checkpoint makes no difference there.

    Args:
        f: a function that returns one number or array.

    Raises:
        TypeError: on the call, if `f` returns something else.
        RuntimeError: in the sweep, if the second run returns another value than the first, or the data of a Value that
            `f` has read has changed in between.

    Example:
        >>> from autograd import Tensor
        >>> x = Tensor([1.0, 2.0])
        >>> checkpoint(lambda x: (x.exp() * x).sum())(x).backward()
        >>> x.grad
        array([ 5.43656366, 22.1671683 ])"""

class ElementwiseOp(Op):
    @overload
    def __call__(self, *inputs: Number) -> float: ...
    @overload
    def __call__(self, *inputs: Number | Array) -> Floats: ...
    @overload
    def __call__(self, *inputs: Value | Number) -> Value: ...
    @overload
    def __call__(self, *inputs: Tensor | Value | Array | Number) -> Tensor: ...

def elementwise(name: str, scalar: Callable[..., Any], array: Callable[..., Any], *rules: Rule | None, symbol: str = '', tex: str = '', operands: str = '', defaults: tuple[float, ...] = (), domain: tuple[Interval, ...] = (), special: Mapping[Any, Any] | None = None, aliases: tuple[Callable[..., Any], ...] = (), doc: str = '') -> ElementwiseOp:
    """Defines an operation that works entry by entry, so that its Jacobian is diagonal: a row like those of the table.

    Args:
        name: its name on the tape and in pictures.
        scalar: computes its value on floats.
        array: computes its value on arrays, with broadcasting.
        rules: for each operand the local derivative `rule(y, *inputs)`, where y is the result, written with operations
            that work on floats, arrays, Values and Tensors alike; None for an operand without derivative.
        symbol: its formula, with {0}, {1}, … for the operands; by default a call.
        tex: the same in LaTeX.
        operands: their names, separated by spaces.
        defaults: the default values of the last operands.
        domain: the interval of each operand on which the value is finite.
        special: points at a kink, a zero or an edge of the domain, and the partials promised there.
        aliases: NumPy's other functions for this operation.
        doc: its docstring.

    Example:
        >>> import autograd
        >>> double = autograd.elementwise("double", lambda x: 2 * x, lambda x: 2 * x, lambda y, x: 2.0)
        >>> autograd.grad(double)(3.0), double(np.array([1.0, 2.0]))
        (2.0, array([2., 4.]))"""

class StructuralOp(Structural):
    @overload
    def __call__(self, *inputs: ArrayLike, **options: Any) -> Floats: ...
    @overload
    def __call__(self, *inputs: Operands, **options: Any) -> Tensor: ...

def structural(name: str, array: Callable[..., Any], *pullbacks: Rule | None, symbol: str = '', tex: str = '', operands: str = '', parameters: Mapping[str, Any] | None = None, variadic: bool = False, aliases: tuple[Callable[..., Any], ...] = (), doc: str = '') -> StructuralOp:
    """Defines an operation on whole arrays: a row like those of the table.

    Args:
        name: its name on the tape and in pictures.
        array: computes its value, `array(*inputs, **parameters)`; a new array.
        pullbacks: for each operand the rule `pullback(adjoint, y, *inputs, **parameters)`, which computes the operand's
            contribution from the adjoint of the result y, written with operations that work on arrays and Tensors
            alike; None for an operand without derivative. A variadic operation has one rule for all operands, which
            returns a function from an operand's position to its contribution.
        symbol: its formula, with {0}, {1}, … for the operands; by default a call.
        tex: the same in LaTeX.
        operands: their names, separated by spaces.
        parameters: arguments that are not operands (an axis, a shape), with their defaults.
        variadic: whether it takes one sequence of any number of operands.
        aliases: NumPy's functions for this operation.
        doc: its docstring.

    Example:
        >>> import autograd
        >>> reverse = autograd.structural("reverse", lambda x: x[::-1].copy(), lambda g, y, x: g[::-1])
        >>> autograd.jacobian(reverse)(np.array([1.0, 2.0]))
        array([[0., 1.],
               [1., 0.]])"""
