"""Every operation, one row each, and nothing else.

A row holds the name, the primal on floats and on arrays, and one rule per operand for its local
derivative. A rule sees the result and the inputs, and is written with the operations of this same
table: that is why one rule serves floats, arrays, source code and derivatives of any order.

First come the elementwise rows, whose rules are partials; then the structural ones, for operations on
whole arrays, whose rules are pullbacks. A rule too long for its row stands beside it as a function.

Where the textbook's form would lose digits or overflow, the row has a form that does not, and says so.
At kinks and ties the rows follow PyTorch; `special` states the partials that are promised there.
"""

# A row is read as a row:
# fmt: off

from __future__ import annotations

import math
import operator
from math import inf, nan, pi, sqrt as root
from typing import Any

import numpy as np

from autograd import arrays, special
from autograd.node import primal_of
from autograd.op import REALS, Op, Structural, elementwise, predicate, structural

POSITIVE = (0.0, inf)
WITHIN_ONE = (-1.0, 1.0)

def _one_if_zero(y: Any) -> Any:
    """A divisor whose zeros do no harm, where the dividend is zero as well."""
    return where(y == 0, 1.0, y)

# Arithmetic

add = elementwise("add", operator.add, np.add,
    lambda z, x, y: 1.0,
    lambda z, x, y: 1.0,
    symbol="{0} + {1}", tex="{0} + {1}")

sub = elementwise("sub", operator.sub, np.subtract,
    lambda z, x, y: 1.0,
    lambda z, x, y: -1.0,
    symbol="{0} - {1}", tex="{0} - {1}")

mul = elementwise("mul", operator.mul, np.multiply,
    lambda z, x, y: y,
    lambda z, x, y: x,
    symbol="{0} * {1}", tex=r"{0} \cdot {1}")

div = elementwise("div", operator.truediv, np.true_divide,
    lambda z, x, y: 1.0 / y,
    lambda z, x, y: -z / y,
    symbol="{0} / {1}", tex=r"\frac{{{0}}}{{{1}}}", domain=(REALS, POSITIVE),
    doc="x / y; x / 0 is inf or nan with NumPy's RuntimeWarning.")

floor_divide = elementwise("floor_divide", operator.floordiv, np.floor_divide,
    lambda z, x, y: 0.0,
    lambda z, x, y: 0.0,
    symbol="{0} // {1}", tex=r"\left\lfloor\frac{{{0}}}{{{1}}}\right\rfloor", domain=(REALS, POSITIVE),
    doc="The largest whole number not above x / y; its derivative is zero.")

remainder = elementwise("remainder", operator.mod, np.remainder,
    lambda z, x, y: 1.0,
    lambda z, x, y: -floor_divide(x, y),
    symbol="{0} % {1}", tex=r"{0} \bmod {1}", domain=(REALS, POSITIVE),
    doc="x - y * (x // y), with the sign of y, as Python's %.")

pow = elementwise("pow", math.pow, np.power,
    # x**0 is constant, also at x = 0, where 0 * 0**-1 would be nan
    lambda z, x, y: y * x ** where((x == 0) & (y == 0), 1.0, y - 1),
    # 0**y is zero for every y > 0, where 0 * log(0) would be nan
    lambda z, x, y: z * log(where((x == 0) & (y >= 0), 1.0, x)),
    symbol="{0} ** {1}", tex="{0}^{{{1}}}", domain=(POSITIVE, REALS),
    special={(0.0, 0.0): (0.0, 0.0), (2.0, 0.0): (0.0, math.log(2.0)), (0.0, 1.0): (1.0, 0.0),
             (0.0, 2.0): (0.0, 0.0), (0.0, 0.5): (inf, 0.0), (-2.0, 2.0): (-4.0, nan), (-2.0, 3.0): (12.0, nan)},
    aliases=(np.float_power,),
    doc="x ** y. The derivative of x**0 is 0, and 0**y does not depend on y for y >= 0. A negative x takes "
        "whole exponents; its derivative in the exponent is nan.")

neg = elementwise("neg", operator.neg, np.negative,
    lambda y, x: -1.0,
    symbol="-{0}", tex="-{0}")

pos = elementwise("pos", operator.pos, np.positive,
    lambda y, x: 1.0,
    symbol="+{0}", tex="+{0}")

abs = elementwise("abs", operator.abs, np.absolute,
    lambda y, x: sign(x),
    tex=r"\left|{0}\right|", special={0.0: 0.0}, aliases=(np.fabs,),
    doc="The absolute value; its derivative at 0 is 0.")

square = elementwise("square", lambda x: x * x, np.square,
    lambda y, x: 2 * x,
    tex="{0}^{{2}}")

reciprocal = elementwise("reciprocal", lambda x: 1 / x, np.reciprocal,
    lambda y, x: -y * y,
    tex=r"\frac{{1}}{{{0}}}", domain=(POSITIVE,))

# Powers and logarithms

sqrt = elementwise("sqrt", math.sqrt, np.sqrt,
    lambda y, x: 0.5 / y,
    tex=r"\sqrt{{{0}}}", domain=(POSITIVE,), special={0.0: inf},
    doc="The square root; its derivative at 0 is inf.")

cbrt = elementwise("cbrt", math.cbrt, np.cbrt,
    lambda y, x: 1 / (3 * y * y),
    tex=r"\sqrt[3]{{{0}}}", special={0.0: inf},
    doc="The cube root, also of negative numbers; its derivative at 0 is inf.")

exp = elementwise("exp", math.exp, np.exp,
    lambda y, x: y,
    tex="e^{{{0}}}")

exp2 = elementwise("exp2", math.exp2, np.exp2,
    lambda y, x: math.log(2) * y,
    tex="2^{{{0}}}")

expm1 = elementwise("expm1", math.expm1, np.expm1,
    lambda y, x: exp(x),  # y + 1 has no digits left below x = -37
    tex="e^{{{0}}} - 1")

log = elementwise("log", math.log, np.log,
    lambda y, x: 1 / x,
    tex=r"\ln\left({0}\right)", domain=(POSITIVE,), special={0.0: inf},
    doc="The natural logarithm; log(0) is -inf with NumPy's RuntimeWarning.")

log2 = elementwise("log2", math.log2, np.log2,
    lambda y, x: 1 / (math.log(2) * x),
    tex=r"\log_{{2}}\left({0}\right)", domain=(POSITIVE,))

log10 = elementwise("log10", math.log10, np.log10,
    lambda y, x: 1 / (math.log(10) * x),
    tex=r"\log_{{10}}\left({0}\right)", domain=(POSITIVE,))

log1p = elementwise("log1p", math.log1p, np.log1p,
    lambda y, x: 1 / (1 + x),
    tex=r"\ln\left(1 + {0}\right)", domain=((-1.0, inf),), special={-1.0: inf})

logaddexp = elementwise("logaddexp", special.logaddexp, np.logaddexp,
    lambda z, x, y: sigmoid(x - y),
    lambda z, x, y: sigmoid(y - x),
    tex=r"\ln\left(e^{{{0}}} + e^{{{1}}}\right)",
    special={(0.0, 0.0): (0.5, 0.5), (1000.0, -1000.0): (1.0, 0.0)})

# Trigonometry

sin = elementwise("sin", math.sin, np.sin,
    lambda y, x: cos(x),
    tex=r"\sin\left({0}\right)")

cos = elementwise("cos", math.cos, np.cos,
    lambda y, x: -sin(x),
    tex=r"\cos\left({0}\right)")

tan = elementwise("tan", math.tan, np.tan,
    lambda y, x: 1 + y * y,
    tex=r"\tan\left({0}\right)")

asin = elementwise("asin", math.asin, np.arcsin,
    lambda y, x: 1 / sqrt((1 - x) * (1 + x)),  # 1 - x*x loses digits near 1
    tex=r"\arcsin\left({0}\right)", domain=(WITHIN_ONE,), special={-1.0: inf, 1.0: inf})

acos = elementwise("acos", math.acos, np.arccos,
    lambda y, x: -1 / sqrt((1 - x) * (1 + x)),
    tex=r"\arccos\left({0}\right)", domain=(WITHIN_ONE,), special={-1.0: -inf, 1.0: -inf})

atan = elementwise("atan", math.atan, np.arctan,
    lambda y, x: 1 / (1 + x * x),
    tex=r"\arctan\left({0}\right)")

atan2 = elementwise("atan2", math.atan2, np.arctan2,
    lambda z, y, x: x / _one_if_zero(hypot(x, y)) / _one_if_zero(hypot(x, y)),  # x*x + y*y overflows beyond 1e154
    lambda z, y, x: -y / _one_if_zero(hypot(x, y)) / _one_if_zero(hypot(x, y)),
    tex=r"\operatorname{{atan2}}\left({0}, {1}\right)", operands="y x", special={(0.0, 0.0): (0.0, 0.0)},
    doc="The angle of the point (x, y), ordinate first; its derivatives at the origin are 0.")

hypot = elementwise("hypot", math.hypot, np.hypot,
    lambda z, x, y: x / z,
    lambda z, x, y: y / z,
    tex=r"\sqrt{{{0}^{{2}} + {1}^{{2}}}}", special={(0.0, 0.0): (nan, nan)},
    doc="The length of the vector (x, y); its derivatives at the origin are nan.")

sinh = elementwise("sinh", math.sinh, np.sinh,
    lambda y, x: cosh(x),
    tex=r"\sinh\left({0}\right)")

cosh = elementwise("cosh", math.cosh, np.cosh,
    lambda y, x: sinh(x),
    tex=r"\cosh\left({0}\right)")

tanh = elementwise("tanh", math.tanh, np.tanh,
    lambda y, x: 4 * sigmoid(2 * x) * sigmoid(-2 * x),  # 1 - y*y has no digits left beyond |x| = 19
    tex=r"\tanh\left({0}\right)", special={0.0: 1.0, 1000.0: 0.0, -1000.0: 0.0})

asinh = elementwise("asinh", math.asinh, np.arcsinh,
    lambda y, x: 1 / hypot(x, 1),  # 1 + x*x overflows beyond 1e154
    tex=r"\operatorname{{arsinh}}\left({0}\right)")

acosh = elementwise("acosh", math.acosh, np.arccosh,
    lambda y, x: 1 / (sqrt(x - 1) * sqrt(x + 1)),
    tex=r"\operatorname{{arcosh}}\left({0}\right)", domain=((1.0, inf),), special={1.0: inf})

atanh = elementwise("atanh", math.atanh, np.arctanh,
    lambda y, x: 1 / ((1 - x) * (1 + x)),
    tex=r"\operatorname{{artanh}}\left({0}\right)", domain=(WITHIN_ONE,), special={-1.0: inf, 1.0: inf})

# Activations and the error function

sigmoid = elementwise("sigmoid", special.sigmoid, special.sigmoid_array,
    lambda y, x: y * sigmoid(-x),  # y * (1 - y) has no digits left beyond x = 37
    tex=r"\sigma\left({0}\right)", special={0.0: 0.25, 1000.0: 0.0, -1000.0: 0.0},
    doc="The logistic function 1 / (1 + exp(-x)).")

softplus = elementwise("softplus", special.softplus, special.softplus_array,
    lambda y, x: sigmoid(x),
    special={0.0: 0.5, 1000.0: 1.0, -1000.0: 0.0},
    doc="log(1 + exp(x)), the smooth relu.")

relu = elementwise("relu", special.relu, lambda x: np.maximum(x, 0.0),
    lambda y, x: y > 0.0,
    special={0.0: 0.0},
    doc="max(x, 0); its derivative at 0 is 0.")

leaky_relu = elementwise("leaky_relu", special.leaky_relu, special.leaky_relu_array,
    lambda y, x, slope: where(x > 0, 1.0, slope),
    lambda y, x, slope: where(x > 0, 0.0, x),
    operands="x negative_slope", defaults=(0.01,), special={(0.0, 0.01): (0.01, 0.0)},
    doc="x where it is positive, negative_slope * x elsewhere; its derivative at 0 is the slope.")

elu = elementwise("elu", special.elu, special.elu_array,
    lambda y, x, alpha: where(x > 0, 1.0, alpha * exp(minimum(x, 0))),
    lambda y, x, alpha: where(x > 0, 0.0, expm1(minimum(x, 0))),
    operands="x alpha", defaults=(1.0,), special={(0.0, 1.0): (1.0, 0.0), (0.0, 2.0): (2.0, 0.0)},
    doc="x where it is positive, alpha * (exp(x) - 1) elsewhere; its derivative at 0 is alpha.")

gelu = elementwise("gelu", lambda x: x * special.normal_cdf(x), special.gelu_array,
    lambda y, x: 0.5 * erfc(-x * root(0.5)) + x * exp(-0.5 * x * x) / root(2 * pi),
    special={0.0: 0.5, 1000.0: 1.0, -1000.0: 0.0},
    doc="x times the share of a standard normal variable below x: the exact form, with the error function.")

silu = elementwise("silu", lambda x: x * special.sigmoid(x), lambda x: x * special.sigmoid_array(x),
    lambda y, x: sigmoid(x) * (1 + x * sigmoid(-x)),
    special={0.0: 0.5, 1000.0: 1.0, -1000.0: 0.0},
    doc="x * sigmoid(x), also known as swish.")

erf = elementwise("erf", math.erf, special.erf_array,
    lambda y, x: 2 / root(pi) * exp(-x * x),
    tex=r"\operatorname{{erf}}\left({0}\right)")

erfc = elementwise("erfc", math.erfc, special.erfc_array,
    lambda y, x: -2 / root(pi) * exp(-x * x),
    tex=r"\operatorname{{erfc}}\left({0}\right)",
    doc="1 - erf(x), to full precision where erf(x) is almost 1.")

# Choice

minimum = elementwise("minimum", special.minimum, np.minimum,
    lambda z, x, y: where(x == y, 0.5, where(x > y, 0.0, 1.0)),
    lambda z, x, y: where(x == y, 0.5, where(x < y, 0.0, 1.0)),
    tex=r"\min\left({0}, {1}\right)", special={(1.0, 1.0): (0.5, 0.5)},
    doc="The smaller of x and y; at a tie each has half of the derivative.")

maximum = elementwise("maximum", special.maximum, np.maximum,
    lambda z, x, y: where(x == y, 0.5, where(x < y, 0.0, 1.0)),
    lambda z, x, y: where(x == y, 0.5, where(x > y, 0.0, 1.0)),
    tex=r"\max\left({0}, {1}\right)", special={(1.0, 1.0): (0.5, 0.5)},
    doc="The larger of x and y; at a tie each has half of the derivative.")

clip = elementwise("clip", special.clip, np.clip,
    lambda y, x, low, high: where((x >= low) & (x <= high), 1.0, 0.0),
    lambda y, x, low, high: where((x < low) & (low <= high), 1.0, 0.0),
    lambda y, x, low, high: where((x > high) | (low > high), 1.0, 0.0),
    operands="x low high", special={(0.0, 0.0, 1.0): (1.0, 0.0, 0.0), (1.0, 0.0, 1.0): (1.0, 0.0, 0.0)},
    doc="x, but at least low and at most high; at a bound the derivative is that of x, beyond one that of the bound.")

where = elementwise("where", lambda condition, x, y: x if condition else y, np.where,
    None,
    lambda z, condition, x, y: 1.0 * (condition != 0),
    lambda z, condition, x, y: 1.0 * (condition == 0),
    operands="condition x y", symbol="{1} if {0} else {2}",
    tex=r"\begin{{cases}}{1} & \text{{if }} {0}\\{2} & \text{{otherwise}}\end{{cases}}",
    doc="x where the condition holds, y elsewhere. Both are operands: the one not taken gets the gradient 0.")

# Steps: constant wherever they have a derivative, so it is zero

floor = elementwise("floor", lambda x: float(math.floor(x)), np.floor,
    lambda y, x: 0.0,
    tex=r"\left\lfloor {0} \right\rfloor", special={1.0: 0.0})

ceil = elementwise("ceil", lambda x: float(math.ceil(x)), np.ceil,
    lambda y, x: 0.0,
    tex=r"\left\lceil {0} \right\rceil", special={1.0: 0.0})

round = elementwise("round", special.round_half_even, np.rint,
    lambda y, x: 0.0,
    special={0.5: 0.0}, aliases=(np.round,),
    doc="The nearest whole number, halves to the even one.")

trunc = elementwise("trunc", lambda x: float(math.trunc(x)), np.trunc,
    lambda y, x: 0.0,
    special={1.0: 0.0})

sign = elementwise("sign", special.sign, np.sign,
    lambda y, x: 0.0,
    tex=r"\operatorname{{sgn}}\left({0}\right)", special={0.0: 0.0})

# Questions, answered with a bool

less = predicate("less", operator.lt, np.less, symbol="{0} < {1}")
less_equal = predicate("less_equal", operator.le, np.less_equal, symbol="{0} <= {1}", tex=r"{0} \le {1}")
greater = predicate("greater", operator.gt, np.greater, symbol="{0} > {1}")
greater_equal = predicate("greater_equal", operator.ge, np.greater_equal, symbol="{0} >= {1}", tex=r"{0} \ge {1}")
equal = predicate("equal", operator.eq, np.equal, symbol="{0} == {1}", tex="{0} = {1}")
not_equal = predicate("not_equal", operator.ne, np.not_equal, symbol="{0} != {1}", tex=r"{0} \ne {1}")
isfinite = predicate("isfinite", math.isfinite, np.isfinite, symbol="isfinite({0})", operands="x")
isinf = predicate("isinf", math.isinf, np.isinf, symbol="isinf({0})", operands="x")
isnan = predicate("isnan", math.isnan, np.isnan, symbol="isnan({0})", operands="x")

# Operations on whole arrays: a rule is a pullback, from the adjoint g of the result to the operand's.

# Shape and place

reshape = structural("reshape", lambda x, shape: np.reshape(x, shape),
    lambda g, y, x, shape: g.reshape(x.shape),
    parameters={"shape": (-1,)}, aliases=(np.reshape,),
    doc="The same entries in another shape; one length may be -1.")

transpose = structural("transpose", lambda x, axes: np.transpose(x, axes),
    lambda g, y, x, axes: transpose(g, axes and tuple(np.argsort([axis % x.ndim for axis in axes]).tolist())),
    parameters={"axes": None}, tex=r"{0}^{{\top}}", aliases=(np.transpose,),
    doc="The axes in another order; reversed, unless it is given.")

broadcast_to = structural("broadcast_to", lambda x, shape: arrays.spread(x, shape),
    lambda g, y, x, shape: sum_to(g, x.shape),
    parameters={"shape": ()}, aliases=(np.broadcast_to,),
    doc="The array repeated along new axes and along those of length 1, as broadcasting does.")

sum_to = structural("sum_to", lambda x, shape: arrays.sum_to(x, shape),
    lambda g, y, x, shape: broadcast_to(g, x.shape),
    parameters={"shape": ()},
    doc="The sum over the axes along which an array of that shape would be broadcast: undoes broadcast_to.")

astype = structural("astype", lambda x, dtype: x.astype(dtype),
    lambda g, y, x, dtype: astype(g, str(x.dtype)),
    parameters={"dtype": "float64"}, aliases=(np.astype,),
    doc="The array as float32 or float64.")

getitem = structural("getitem", operator.getitem,
    lambda g, y, x, index: scatter(g, index, shape=x.shape),
    None,
    operands="x index", symbol="{0}[{1}]", tex=r"{0}_{{{1}}}",
    doc="x[index], for every index that NumPy knows; entries taken several times add their gradients.")

scatter = structural("scatter", arrays.scattered,
    lambda g, y, x, index, shape: g[index],
    None,
    operands="x index", parameters={"shape": ()},
    doc="Zeros of a shape to which x is added at the index; repeated places add up.")

set_at = structural("set_at", arrays.replaced,
    lambda g, y, x, values, index: set_at(g, 0.0, index),
    lambda g, y, x, values, index: g[index] * arrays.last_written(x.shape, index),
    None,
    operands="x values index", symbol="{0} with [{2}] = {1}", tex=r"{0}\left[{2} := {1}\right]",
    doc="A copy of x with values at the index; `x.at[index].set(values)`.")

concatenate = structural("concatenate", lambda *parts, axis: np.concatenate(parts, axis),
    lambda g, y, *parts, axis: arrays.split_like(g, parts, axis).__getitem__,
    operands="arrays", variadic=True, parameters={"axis": 0}, aliases=(np.concatenate,),
    doc="Arrays joined along an axis that they have.")

stack = structural("stack", lambda *parts, axis: np.stack(parts, axis),
    lambda g, y, *parts, axis: lambda place: g[arrays.along(axis, place, g.ndim)],
    operands="arrays", variadic=True, parameters={"axis": 0}, aliases=(np.stack,),
    doc="Arrays or Values of one shape side by side along a new axis.")

windows = structural("windows", arrays.windows,
    lambda g, y, x, sizes, strides, dilations: overlap_add(g, x.shape, strides, dilations),
    parameters={"sizes": (), "strides": (), "dilations": ()},
    doc="All windows on the last axes, as axes for their places and then axes inside them.")

overlap_add = structural("overlap_add", arrays.overlapped,
    lambda g, y, x, shape, strides, dilations: windows(g, x.shape[x.ndim - len(strides):], strides, dilations),
    parameters={"shape": (), "strides": (), "dilations": ()},
    doc="Windows added up at the places that they have in an array of that shape: undoes windows.")

# Sums, products and the like along axes

sum = structural("sum", arrays.total,
    lambda g, y, x, axis, keepdims: g if axis is None else g.reshape(arrays.keepdims_shape(x.shape, axis)),
    parameters={"axis": None, "keepdims": False}, tex=r"\sum {0}", aliases=(np.sum,),
    doc="The sum over one axis, several, or all.")

mean = structural("mean", arrays.mean,
    lambda g, y, x, axis, keepdims: (g if axis is None else g.reshape(arrays.keepdims_shape(x.shape, axis)))
        / arrays.count(x.shape, axis),
    parameters={"axis": None, "keepdims": False}, aliases=(np.mean,),
    doc="The mean over one axis, several, or all.")

def _to_extremes(g: Any, y: Any, x: Any, axis: Any) -> Any:
    kept = arrays.keepdims_shape(x.shape, axis)
    chosen = x == y.reshape(kept)
    return g.reshape(kept) * (chosen / np.sum(chosen, axis=axis, keepdims=True))

max = structural("max", lambda x, axis, keepdims: np.max(x, axis=axis, keepdims=keepdims),
    lambda g, y, x, axis, keepdims: _to_extremes(g, y, x, axis),
    parameters={"axis": None, "keepdims": False}, tex=r"\max {0}", aliases=(np.max, np.amax),
    doc="The largest entry over one axis, several, or all; those that tie share the gradient evenly.")

min = structural("min", lambda x, axis, keepdims: np.min(x, axis=axis, keepdims=keepdims),
    lambda g, y, x, axis, keepdims: _to_extremes(g, y, x, axis),
    parameters={"axis": None, "keepdims": False}, tex=r"\min {0}", aliases=(np.min, np.amin),
    doc="The smallest entry over one axis, several, or all; those that tie share the gradient evenly.")

max_pool = structural("max_pool", arrays.max_inside,
    lambda g, y, x: g[..., None, None] * arrays.first_equal(x, y),
    tex=r"\max {0}",
    doc="The largest entry over the last two axes; of those that tie the first has the gradient.")

def _flipped(x: Any, axis: Any) -> Any:
    return x[arrays.along(axis, slice(None, None, -1), x.ndim)]

def _product_before(x: Any, axis: Any) -> Any:
    """The product of all entries before each one along the axis."""
    ones = np.ones_like(x[arrays.along(axis, slice(1), x.ndim)])
    return concatenate([ones, cumprod(x[arrays.along(axis, slice(-1), x.ndim)], axis)], axis)

def _product_of_others(x: Any, axis: Any) -> Any:
    """The product of all other entries along the axis, without a division, so that zeros are no trouble."""
    return _product_before(x, axis) * _flipped(_product_before(_flipped(x, axis), axis), axis)

def _running_product_pullback(g: Any, y: Any, x: Any, axis: Any) -> Any:
    if not np.any(x == 0):
        return _flipped(cumsum(_flipped(g * y, axis), axis), axis) / x
    # dx[i] = y[i-1] r[i] with r[i] = g[i] + x[i+1] r[i+1]: no division either
    entries = [arrays.along(axis, i, x.ndim) for i in range(x.shape[axis])]
    r = [g[entries[-1]]]
    for here, after in zip(entries[-2::-1], entries[:0:-1], strict=True):
        r.append(g[here] + x[after] * r[-1])
    return _product_before(x, axis) * stack(r[::-1], axis)

prod = structural("prod", lambda x, axis: np.prod(x, axis=axis),
    lambda g, y, x, axis: g.reshape(arrays.keepdims_shape(x.shape, axis)) * _product_of_others(x, axis),
    parameters={"axis": -1}, tex=r"\prod {0}",
    doc="The product along an axis, with the right derivatives where entries are zero.")

cumsum = structural("cumsum", lambda x, axis: np.cumsum(x, axis=axis),
    lambda g, y, x, axis: _flipped(cumsum(_flipped(g, axis), axis), axis),
    parameters={"axis": -1},
    doc="The running sum along an axis.")

cumprod = structural("cumprod", lambda x, axis: np.cumprod(x, axis=axis),
    lambda g, y, x, axis: _running_product_pullback(g, y, x, axis),
    parameters={"axis": -1},
    doc="The running product along an axis, with the right derivatives where entries are zero.")

logsumexp = structural("logsumexp", arrays.logsumexp,
    lambda g, y, x, axis, keepdims:
        g.reshape(arrays.keepdims_shape(x.shape, axis)) * exp(x - y.reshape(arrays.keepdims_shape(x.shape, axis))),
    parameters={"axis": None, "keepdims": False}, tex=r"\ln \sum e^{{{0}}}",
    doc="log(sum(exp(x))) without overflow.")

softmax = structural("softmax", arrays.softmax,
    lambda g, y, x, axis: y * (g - (g * y).sum(axis=axis, keepdims=True)),
    parameters={"axis": -1},
    doc="exp(x) / sum(exp(x)) along an axis, without overflow.")

log_softmax = structural("log_softmax", arrays.log_softmax,
    lambda g, y, x, axis: g - exp(y) * g.sum(axis=axis, keepdims=True),
    parameters={"axis": -1}, tex=r"\ln \operatorname{{softmax}}\left({0}\right)",
    doc="x - logsumexp(x) along an axis: the logarithms of the softmax.")

def _cross_entropy_pullback(g: Any, x: Any, labels: Any, mean: bool) -> Any:
    g = g / labels.size if mean else g[..., None]
    if type(g) is type(x) is np.ndarray:  # nobody else holds the softmax: half of the time
        return arrays.softmax_minus_indicator(x, labels, g)
    return g * (softmax(x) - arrays.indicator(labels, x))

cross_entropy = structural("cross_entropy", arrays.cross_entropy,
    lambda g, y, x, labels, mean: _cross_entropy_pullback(g, x, labels, mean),
    None,
    operands="logits labels", parameters={"mean": False},
    doc="-log_softmax(logits) at the label of each row, or the mean of these; the classes are the "
        "last axis of the logits.")

length = structural("length", arrays.euclidean,
    lambda g, y, x, axis, keepdims:
        g.reshape(arrays.keepdims_shape(x.shape, axis))
        * (x / _one_if_zero(y.reshape(arrays.keepdims_shape(x.shape, axis)))),
    parameters={"axis": None, "keepdims": False}, symbol="norm({0})", tex=r"\left\lVert {0} \right\rVert",
    doc="The root of the sum of squares; its derivative at 0 is 0.")

# Products

def _as_matrix(g: Any, x: Any, z: Any) -> Any:
    """The adjoint of x @ z as stacked matrices, where x is a vector (a row) or z is (a column)."""
    g = g[..., None] if z.ndim == 1 else g
    return g[..., None, :] if x.ndim == 1 else g

def _product(x: Any, z: Any) -> Any:
    """The product of two matrices by `dot`, which finds BLAS sooner, unless an array would meet a Tensor in it."""
    return x.dot(z) if type(x) is type(z) else x @ z

matmul = structural("matmul", arrays.matmul,
    lambda g, y, x, z: _product(g, z.T) if x.ndim == 2 == z.ndim else _left_adjoint(g, x, z),
    lambda g, y, x, z: _right_matrix_adjoint(g, x, z) if x.ndim == 2 == z.ndim else _right_adjoint(g, x, z),
    operands="x y", symbol="{0} @ {1}", tex=r"{0} \, {1}", aliases=(np.matmul, np.linalg.matmul),
    doc="The matrix product, of stacks of matrices as well; a vector is a row on the left, a column on the right.")

linear = structural("linear", arrays.linear,
    lambda g, y, x, weight, bias: _product(g, weight) if g.ndim == 2 else g @ weight,
    lambda g, y, x, weight, bias: _product(_rows(g).T, _rows(x)),
    lambda g, y, x, weight, bias: sum_to(g, bias.shape),
    operands="x weight bias", symbol="{0} @ {1}ᵀ + {2}", tex=r"{0} \, {1}^\top + {2}",
    doc="x @ weightᵀ + bias, a layer of a network: (…, inputs) to (…, outputs) by a weight (outputs, inputs).")

def _rows(x: Any) -> Any:
    return x if x.ndim == 2 else x.reshape((-1, x.shape[-1]))

def _right_matrix_adjoint(g: Any, x: Any, z: Any) -> Any:
    """xᵀ g, in memory as z is: so the gradient of w in x @ w.T lies as w does, which optimizers read twice as fast."""
    return _product(g.T, x).T if arrays.is_transposed(z) else _product(x.T, g)

def _left_adjoint(g: Any, x: Any, z: Any) -> Any:
    adjoint = _as_matrix(g, x, z) @ (z[:, None] if z.ndim == 1 else z).mT
    return adjoint if x.ndim > 1 else sum_to(adjoint, (1, *x.shape)).reshape(x.shape)

def _right_adjoint(g: Any, x: Any, z: Any) -> Any:
    adjoint = (x[None, :] if x.ndim == 1 else x).mT @ _as_matrix(g, x, z)
    return adjoint if z.ndim > 1 else sum_to(adjoint, (*z.shape, 1)).reshape(z.shape)

def _einsum_contribution(place: int, g: Any, inputs: Any, subscripts: Any) -> Any:
    terms, result = arrays.einsum_terms(subscripts)
    own, shape = terms[place], inputs[place].shape
    others = terms[:place] + terms[place + 1:]
    unique = "".join(dict.fromkeys(own))
    known = "".join(letter for letter in unique if letter in result or any(letter in term for term in others))
    adjoint = einsum([g, *inputs[:place], *inputs[place + 1:]], f"{','.join([result, *others])}->{known}")
    lengths = dict(zip(own, shape, strict=True))
    # an axis of length 1 was stretched to that of another operand; what only this operand has was summed, and
    # each of its entries counts alike
    stretched = zip(known, adjoint.shape, strict=True)
    adjoint = sum_to(adjoint, tuple(1 if lengths[letter] == 1 else length for letter, length in stretched))
    found = dict(zip(known, adjoint.shape, strict=True))
    if found != lengths:
        adjoint = adjoint.reshape(tuple(found.get(letter, 1) for letter in lengths))
        adjoint = broadcast_to(adjoint, tuple(lengths.values()))
    if unique != own:  # a repeated letter took the diagonal
        adjoint = scatter(adjoint, arrays.diagonal_index(own, lengths), shape)
    return adjoint

einsum = structural("einsum", lambda *factors, subscripts: np.einsum(subscripts, *factors),
    lambda g, y, *inputs, subscripts: lambda place: _einsum_contribution(place, g, inputs, subscripts),
    operands="arrays", variadic=True, parameters={"subscripts": ""},
    doc="The sum of products that the subscripts describe.")

# Equations and spectra

inv = structural("inv", np.linalg.inv,
    lambda g, y, x: -(y.mT @ g @ y.mT),
    tex="{0}^{{-1}}", aliases=(np.linalg.inv,),
    doc="The inverse of a matrix, or of each in a stack.")

def _columns(x: Any, z: Any) -> Any:
    """x as stacked columns, where the right side z of an equation is a vector."""
    return x[..., None] if z.ndim == 1 else x

solve = structural("solve", np.linalg.solve,
    lambda g, y, x, z: -(solve(x.mT, _columns(g, z)) @ _columns(y, z).mT),
    lambda g, y, x, z: solve(x.mT, _columns(g, z))[..., 0] if z.ndim == 1 else solve(x.mT, g),
    operands="a b", aliases=(np.linalg.solve,),
    doc="The solution y of a @ y = b.")

def _cofactors(y: Any, x: Any) -> Any:
    """The derivative of the determinant; of a matrix near a singular one without its inverse, by a polynomial."""
    largest_it_could_be = np.prod(np.linalg.norm(primal_of(x), axis=-1), axis=-1)  # J. Hadamard's inequality
    if np.all(np.abs(primal_of(y)) > 1e-6 * largest_it_could_be):
        return y[..., None, None] * inv(x).mT
    # U. Le Verrier and D. K. Faddeev: the adjugate by powers and traces
    identity = np.eye(x.shape[-1], dtype=x.dtype)
    adjugate = identity + 0 * x
    for k in range(1, x.shape[-1]):
        product = x @ adjugate
        adjugate = (product * identity).sum(axis=(-2, -1), keepdims=True) / k * identity - product
    return adjugate.mT

det = structural("det", np.linalg.det,
    lambda g, y, x: g[..., None, None] * _cofactors(y, x),
    tex=r"\det {0}", aliases=(np.linalg.det,),
    doc="The determinant of a matrix, or of each in a stack.")

logabsdet = structural("logabsdet", lambda x: np.linalg.slogdet(x)[1],
    lambda g, y, x: g[..., None, None] * inv(x).mT,
    tex=r"\ln \left|\det {0}\right|",
    doc="The logarithm of the determinant's size, which neither overflows nor underflows.")

def _symmetric(x: Any) -> Any:
    return (x + x.mT) / 2

def _cholesky_pullback(g: Any, y: Any, x: Any) -> Any:
    # I. Murray, "Differentiation of the Cholesky decomposition", arXiv:1602.07527, 2016
    n = x.shape[-1]
    halved = (y.mT @ g) * (np.tri(n, dtype=x.dtype) - np.eye(n, dtype=x.dtype) / 2)
    return _symmetric(solve(y.mT, solve(y.mT, halved.mT).mT))

cholesky = structural("cholesky", np.linalg.cholesky,
    lambda g, y, x: _cholesky_pullback(g, y, x),
    aliases=(np.linalg.cholesky,),
    doc="The lower triangular factor of a positive definite matrix.")

def _inverse_gaps(s: Any) -> Any:
    """1 / (s[j] - s[i]), and 0 on the diagonal and where two are equal."""
    gaps = s[..., None, :] - s[..., :, None]
    return where(gaps == 0, 0.0, 1 / _one_if_zero(gaps))

def _eigenpairs_pullback(g: Any, y: Any, x: Any) -> Any:
    # M. Giles, "Collected matrix derivative results for forward and reverse mode AD", 2008, section 3.1
    values, vectors = y[..., 0, :], y[..., 1:, :]
    inner = _inverse_gaps(values) * (vectors.mT @ g[..., 1:, :]) + g[..., :1, :] * np.eye(x.shape[-1])
    return _symmetric(vectors @ inner @ vectors.mT)

eigenpairs = structural("eigenpairs", arrays.eigenpairs,
    lambda g, y, x: _eigenpairs_pullback(g, y, x),
    doc="The eigenvalues of a symmetric matrix, a row, above the eigenvectors, columns.")

def _parts(triples: Any, x: Any) -> Any:
    """Left vectors, singular values, right vectors."""
    m = x.shape[-2]
    return triples[..., :m, :], triples[..., m, :], triples[..., m + 1:, :]

def _singular_triples_pullback(g: Any, y: Any, x: Any) -> Any:
    # J. Townsend, "Differentiating the singular value decomposition", 2016
    u, s, v = _parts(y, x)
    gu, gs, gv = _parts(g, x)
    gaps, inverse = _inverse_gaps(s * s), 1 / _one_if_zero(s)
    from_u, from_v = u.mT @ gu, v.mT @ gv
    inner = gaps * (from_u - from_u.mT) * s[..., None, :] + s[..., :, None] * gaps * (from_v - from_v.mT)
    inner = inner + gs[..., None, :] * np.eye(s.shape[-1])
    beyond_u = (gu - u @ from_u) * inverse[..., None, :]
    beyond_v = (gv - v @ from_v) * inverse[..., None, :]
    return u @ inner @ v.mT + beyond_u @ v.mT + u @ beyond_v.mT

singular_triples = structural("singular_triples", arrays.singular_triples,
    lambda g, y, x: _singular_triples_pullback(g, y, x),
    doc="The left singular vectors, columns, above the singular values, a row, above the right ones, columns.")

ROWS: dict[str, Op] = {op.name: op for op in list(vars().values()) if isinstance(op, Op)}
ELEMENTWISE = {name: op for name, op in ROWS.items() if not isinstance(op, Structural)}
for _op in ROWS.values():
    object.__setattr__(_op, "in_table", True)
BY_NUMPY_FUNCTION: dict[Any, Op] = {function: op for op in ROWS.values() for function in (op.array, *op.aliases)}
