"""Every operation, one row each, and nothing else.

A row has a name, the primal on floats and on arrays, and one rule per operand for its local derivative.
A rule takes the result and the inputs, and is written with the operations of this same table: that is why
one rule serves floats, arrays, source code and derivatives of any order.

First come the elementwise rows, whose rules are partials; then the structural ones, for operations on
whole arrays, whose rules are pullbacks. Those too long for a row are in `pullbacks.py`.

Where the textbook formula would lose digits or overflow, the row has one that does not, and says so. Over
the entire float range, a value is accurate to 4 units in the last place (8 in float32) and a partial to 8,
wherever it is a normal number; the docstring of a row says where it is not.
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

from autograd import arrays, convolutions, pullbacks, special
from autograd.node import asked
from autograd.op import REALS, Op, Structural, elementwise, predicate, structural

POSITIVE = (0.0, inf)
WITHIN_ONE = (-1.0, 1.0)

def _one_if_zero(y: Any) -> Any:
    """A divisor with 1 for 0, where the dividend is zero as well."""
    return where(y == 0, 1.0, y)

def _one_less(x: Any, y: Any) -> Any:
    """y - 1, as the exponent of x in the derivative of x**y.

    x**0 is constant, also where 1 / x is inf and 0 * inf would be nan: there 0 * x**1; and at nan: 0 * x**0.
    """
    if isinstance(y, float | int) and y != 0:  # x**2 of an array: NumPy's power by an array is 15 times slower
        return y - 1
    return where(y == 0, where(isfinite(1 / x), y - 1, isinf(1 / x)), y - 1)

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
    doc="x / y; x / 0 is inf or nan with NumPy's RuntimeWarning. The derivative in y is accurate to 8 ulp where x / y "
        "is a normal number.")

floor_divide = elementwise("floor_divide", operator.floordiv, np.floor_divide,
    lambda z, x, y: 0.0,
    lambda z, x, y: 0.0,
    symbol="{0} // {1}", tex=r"\left\lfloor\frac{{{0}}}{{{1}}}\right\rfloor", domain=(REALS, POSITIVE),
    doc="The largest integer not above x / y; its derivative is zero.")

remainder = elementwise("remainder", operator.mod, np.remainder,
    lambda z, x, y: 1.0,
    lambda z, x, y: -floor_divide(x, y),
    symbol="{0} % {1}", tex=r"{0} \bmod {1}", domain=(REALS, POSITIVE),
    doc="x - y * (x // y), with the sign of y, as Python's %.")

pow = elementwise("pow", math.pow, np.power,
    lambda z, x, y: y * x ** _one_less(x, y),
    # 0**y is zero for every y > 0, where 0 * log(0) would be nan
    lambda z, x, y: z * log(where((x == 0) & (y >= 0), 1.0, x)),
    symbol="{0} ** {1}", tex="{0}^{{{1}}}", domain=(POSITIVE, REALS),
    special={(0.0, 0.0): (0.0, 0.0), (2.0, 0.0): (0.0, math.log(2.0)), (0.0, 1.0): (1.0, 0.0),
             (0.0, 2.0): (0.0, 0.0), (0.0, 0.5): (inf, 0.0), (-2.0, 2.0): (-4.0, nan), (-2.0, 3.0): (12.0, nan),
             (nan, 0.0): (0.0, nan)},
    aliases=(np.float_power,),
    doc="x ** y. The derivative of x**0 is 0, and 0**y does not depend on y for y >= 0. For negative x the exponent "
        "must be an integer, and the derivative in it is nan. The derivatives are accurate to 8 ulp where x ** y and "
        "x ** (y - 1) are normal numbers; for y < 0.5 the rounding of y - 1 adds |log(x) * (y - 1)| ulp.")

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
    doc="The cube root, also of negative numbers; its derivative at 0 is inf, elsewhere accurate to 9 ulp, since C "
        "libraries compute the cube root to 4.")

exp = elementwise("exp", math.exp, np.exp,
    lambda y, x: y,
    tex="e^{{{0}}}")

def _exp2_rule(x: Any) -> Any:
    """log(2) * 2**x, which is finite up to x = 1024.5, where 2**x is inf."""
    half = exp2(0.5 * x)
    return math.log(2) * half * half

exp2 = elementwise("exp2", math.exp2, np.exp2,
    lambda y, x: _exp2_rule(x),
    tex="2^{{{0}}}")

expm1 = elementwise("expm1", math.expm1, np.expm1,
    lambda y, x: exp(x),  # y + 1 has no digits left below x = -37
    tex="e^{{{0}}} - 1")

log = elementwise("log", math.log, np.log,
    lambda y, x: 1 / x,
    tex=r"\ln\left({0}\right)", domain=(POSITIVE,), special={0.0: inf},
    doc="The natural logarithm; log(0) is -inf with NumPy's RuntimeWarning.")

log2 = elementwise("log2", math.log2, np.log2,
    lambda y, x: 1 / math.log(2) / x,
    tex=r"\log_{{2}}\left({0}\right)", domain=(POSITIVE,))

log10 = elementwise("log10", math.log10, np.log10,
    lambda y, x: 1 / math.log(10) / x,
    tex=r"\log_{{10}}\left({0}\right)", domain=(POSITIVE,))

log1p = elementwise("log1p", math.log1p, np.log1p,
    lambda y, x: 1 / (1 + x),
    tex=r"\ln\left(1 + {0}\right)", domain=((-1.0, inf),), special={-1.0: inf})

logaddexp = elementwise("logaddexp", special.logaddexp, np.logaddexp,
    lambda z, x, y: sigmoid(x - y),
    lambda z, x, y: sigmoid(y - x),
    tex=r"\ln\left(e^{{{0}}} + e^{{{1}}}\right)",
    special={(0.0, 0.0): (0.5, 0.5), (1000.0, -1000.0): (1.0, 0.0)},
    doc="log(exp(x) + exp(y)) without overflow. Close to 0, where max(x, y) cancels the rest, it is accurate to 4 ulp "
        "of max(x, y). The rounding of x - y adds |x - y| / 2 ulp to the smaller derivative, and to the value where "
        "max(x, y) is close to 0.")

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
    lambda y, x: square(1 / hypot(x, 1)),  # 1 + x*x overflows beyond 1e154
    tex=r"\arctan\left({0}\right)")

atan2 = elementwise("atan2", math.atan2, np.arctan2,
    lambda z, y, x: x / _one_if_zero(hypot(x, y)) / _one_if_zero(hypot(x, y)),  # x*x + y*y overflows beyond 1e154
    lambda z, y, x: -y / _one_if_zero(hypot(x, y)) / _one_if_zero(hypot(x, y)),
    tex=r"\operatorname{{atan2}}\left({0}, {1}\right)", operands="y x", special={(0.0, 0.0): (0.0, 0.0)},
    doc="The angle of the point (x, y), ordinate first; its derivatives at the origin are 0.")

def _over_hypot(z: Any, x: Any, y: Any) -> Any:
    """x / hypot(x, y), scaled so that the length z neither overflows nor is subnormal."""
    scale = where(z > 1, 0.5, 2.0**64)
    return x * scale / hypot(x * scale, y * scale)

hypot = elementwise("hypot", math.hypot, np.hypot,
    lambda z, x, y: _over_hypot(z, x, y),
    lambda z, x, y: _over_hypot(z, y, x),
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

relu = elementwise("relu", special.relu, special.relu_array,
    lambda y, x: y != 0.0,
    special={0.0: 0.0, nan: 1.0},
    doc="max(x, 0); its derivative at 0 is 0, and at nan 1, as in PyTorch.")

leaky_relu = elementwise("leaky_relu", special.leaky_relu, special.leaky_relu_array,
    lambda y, x, slope: where(x > 0, 1.0, slope),
    lambda y, x, slope: where(x > 0, 0.0, x),
    operands="x negative_slope", defaults=(0.01,), special={(0.0, 0.01): (0.01, 0.0)},
    doc="x where it is positive, negative_slope * x elsewhere; its derivative at 0 is the slope.")

elu = elementwise("elu", special.elu, special.elu_array,
    lambda y, x, alpha: where(x > 0, 1.0, alpha * exp(where(x > 0, 0.0, x))),
    lambda y, x, alpha: where(x > 0, 0.0, expm1(where(x > 0, 0.0, x))),
    operands="x alpha", defaults=(1.0,), special={(0.0, 1.0): (1.0, 0.0), (0.0, 2.0): (2.0, 0.0)},
    doc="x where it is positive, alpha * (exp(x) - 1) elsewhere; its derivative at 0 is alpha. The derivative in x is "
        "accurate to 8 ulp where exp(x) is a normal number.")

silu = elementwise("silu", special.silu, special.silu_array,
    lambda y, x: sigmoid(x) + y * sigmoid(-x),
    special={0.0: 0.5, 1000.0: 1.0, -1000.0: 0.0},
    doc="x * sigmoid(x), also known as swish. Close to its zero at -1.278 the derivative is accurate to 8 ulp of "
        "sigmoid(x).")

normal_pdf = elementwise("normal_pdf", special.normal_pdf, special.normal_pdf_array,
    lambda y, x: -x * y,
    tex=r"\varphi\left({0}\right)", special={0.0: 0.0},
    doc="The density of the standard normal distribution, exp(-x**2 / 2) / sqrt(2 pi). The derivative is accurate to "
        "8 ulp where the density is a normal number, for |x| < 37.6.")

normal_cdf = elementwise("normal_cdf", special.normal_cdf, special.normal_cdf_array,
    lambda y, x: normal_pdf(x),
    tex=r"\Phi\left({0}\right)", special={1000.0: 0.0, -1000.0: 0.0},
    doc="The cumulative distribution function of the standard normal distribution, (1 + erf(x / sqrt(2))) / 2, "
        "accurate in its lower tail; `ndtr` in SciPy and PyTorch.")

def _exp_of_minus_square(x: Any) -> Any:
    """exp(-x * x), from the density, which uses an exact square: the rounding of x * x would cost up to 700 ulp."""
    density = normal_pdf(x)
    return 2 * pi * density * density

erf = elementwise("erf", math.erf, special.erf_array,
    lambda y, x: 2 / root(pi) * _exp_of_minus_square(x),
    tex=r"\operatorname{{erf}}\left({0}\right)")

erfc = elementwise("erfc", math.erfc, special.erfc_array,
    lambda y, x: -2 / root(pi) * _exp_of_minus_square(x),
    tex=r"\operatorname{{erfc}}\left({0}\right)",
    doc="1 - erf(x), accurate also where erf(x) is almost 1.")

# Choice

minimum = elementwise("minimum", special.minimum, special.minimum_array,
    lambda z, x, y: where(x == y, 0.5, where(x > y, 0.0, 1.0)),
    lambda z, x, y: where(x == y, 0.5, where(x < y, 0.0, 1.0)),
    tex=r"\min\left({0}, {1}\right)", special={(1.0, 1.0): (0.5, 0.5)}, aliases=(np.minimum,),
    doc="The smaller of x and y. At a tie, also of 0.0 and -0.0, it is x, and each gets half of the gradient.")

maximum = elementwise("maximum", special.maximum, special.maximum_array,
    lambda z, x, y: where(x == y, 0.5, where(x < y, 0.0, 1.0)),
    lambda z, x, y: where(x == y, 0.5, where(x > y, 0.0, 1.0)),
    tex=r"\max\left({0}, {1}\right)", special={(1.0, 1.0): (0.5, 0.5)}, aliases=(np.maximum,),
    doc="The larger of x and y. At a tie, also of 0.0 and -0.0, it is x, and each gets half of the gradient.")

clip = elementwise("clip", special.clip, special.clip_array,
    lambda y, x, low, high: where((x >= low) & (x <= high), 1.0, 0.0),
    lambda y, x, low, high: where((x < low) & (low <= high), 1.0, 0.0),
    lambda y, x, low, high: where((x > high) | (low > high), 1.0, 0.0),
    operands="x low high", special={(0.0, 0.0, 1.0): (1.0, 0.0, 0.0), (1.0, 0.0, 1.0): (1.0, 0.0, 0.0)},
    aliases=(np.clip,),
    doc="x limited to the interval from low to high. At a bound the gradient goes to x, beyond it to the bound.")

where = elementwise("where", lambda condition, x, y: x if condition else y, np.where,
    None,
    lambda z, condition, x, y: 1.0 * (condition != 0),
    lambda z, condition, x, y: 1.0 * (condition == 0),
    operands="condition x y", symbol="{1} if {0} else {2}",
    tex=r"\begin{{cases}}{1} & \text{{if }} {0}\\{2} & \text{{otherwise}}\end{{cases}}",
    doc="x where the condition holds, y elsewhere. Both are operands: the one not taken gets the gradient 0.")

# Step functions, whose derivative is zero wherever there is one

floor = elementwise("floor", special.floor, np.floor,
    lambda y, x: 0.0,
    tex=r"\left\lfloor {0} \right\rfloor", special={1.0: 0.0})

ceil = elementwise("ceil", special.ceil, np.ceil,
    lambda y, x: 0.0,
    tex=r"\left\lceil {0} \right\rceil", special={1.0: 0.0})

round = elementwise("round", special.round_half_even, np.rint,
    lambda y, x: 0.0,
    special={0.5: 0.0}, aliases=(np.round,),
    doc="The nearest integer, halves to even.")

trunc = elementwise("trunc", special.trunc, np.trunc,
    lambda y, x: 0.0,
    special={1.0: 0.0})

sign = elementwise("sign", special.sign, np.sign,
    lambda y, x: 0.0,
    tex=r"\operatorname{{sgn}}\left({0}\right)", special={0.0: 0.0})

# Predicates, which return bools

less = predicate("less", operator.lt, np.less, symbol="{0} < {1}")
less_equal = predicate("less_equal", operator.le, np.less_equal, symbol="{0} <= {1}", tex=r"{0} \le {1}")
greater = predicate("greater", operator.gt, np.greater, symbol="{0} > {1}")
greater_equal = predicate("greater_equal", operator.ge, np.greater_equal, symbol="{0} >= {1}", tex=r"{0} \ge {1}")
equal = predicate("equal", operator.eq, np.equal, symbol="{0} == {1}", tex="{0} = {1}")
not_equal = predicate("not_equal", operator.ne, np.not_equal, symbol="{0} != {1}", tex=r"{0} \ne {1}")
isfinite = predicate("isfinite", math.isfinite, np.isfinite, symbol="isfinite({0})", operands="x")
isinf = predicate("isinf", math.isinf, np.isinf, symbol="isinf({0})", operands="x")
isnan = predicate("isnan", math.isnan, np.isnan, symbol="isnan({0})", operands="x")

# Operations on whole arrays: a rule is a pullback, from the adjoint g of the result to the operand's contribution.

# Shapes and indices

reshape = structural("reshape", lambda x, shape: np.reshape(x, shape),
    lambda g, y, x, shape: g.reshape(x.shape),
    parameters={"shape": (-1,)}, aliases=(np.reshape,),
    doc="The entries in another shape; one length may be -1.")

transpose = structural("transpose", lambda x, axes: np.transpose(x, axes),
    lambda g, y, x, axes: transpose(g, axes and tuple(np.argsort([axis % x.ndim for axis in axes]).tolist())),
    parameters={"axes": None}, tex=r"{0}^{{\top}}", aliases=(np.transpose,),
    doc="The axes in another order; by default reversed.")

broadcast_to = structural("broadcast_to", lambda x, shape: arrays.spread(x, shape),
    lambda g, y, x, shape: sum_to(g, x.shape),
    parameters={"shape": ()}, aliases=(np.broadcast_to,),
    doc="The array repeated along new axes and along those of length 1, as broadcasting does.")

sum_to = structural("sum_to", lambda x, shape: arrays.sum_to(x, shape),
    lambda g, y, x, shape: broadcast_to(g, x.shape),
    parameters={"shape": ()},
    doc="The sum over the axes along which an array of that shape would be broadcast: the transpose of broadcast_to.")

astype = structural("astype", lambda x, dtype: x.astype(dtype),
    lambda g, y, x, dtype: astype(g, str(x.dtype)),
    parameters={"dtype": "float64"}, aliases=(np.astype,),
    doc="The array as float32 or float64.")

getitem = structural("getitem", operator.getitem,
    lambda g, y, x, index: scatter(g, index, shape=x.shape),
    None,
    operands="x index", symbol="{0}[{1}]", tex=r"{0}_{{{1}}}",
    doc="x[index], for every index that NumPy supports; the gradients of an entry selected several times are added.")

scatter = structural("scatter", arrays.scattered,
    lambda g, y, x, index, shape: g[index],
    None,
    operands="x index", parameters={"shape": ()},
    doc="Zeros of that shape with x added at the index; if the index repeats an entry, its values are added.")

set_at = structural("set_at", arrays.replaced,
    lambda g, y, x, values, index: set_at(g, 0.0, index),
    lambda g, y, x, values, index: g[index] * asked(arrays.last_written, x, index),
    None,
    operands="x values index", symbol="{0} with [{2}] = {1}", tex=r"{0}\left[{2} := {1}\right]",
    doc="A copy of x with these values at the index, as `x.at[index].set(values)`.")

concatenate = structural("concatenate", lambda *parts, axis: np.concatenate(parts, axis),
    lambda g, y, *parts, axis: arrays.split_like(g, parts, axis),
    operands="arrays", variadic=True, parameters={"axis": 0}, aliases=(np.concatenate,),
    doc="Arrays joined along an existing axis.")

stack = structural("stack", lambda *parts, axis: np.stack(parts, axis),
    lambda g, y, *parts, axis: lambda place: g[arrays.along(axis, place, g.ndim)],
    operands="arrays", variadic=True, parameters={"axis": 0}, aliases=(np.stack,),
    doc="Arrays or Values of one shape joined along a new axis.")

windows = structural("windows", arrays.windows,
    lambda g, y, x, sizes, strides, dilations: overlap_add(g, x.shape, strides, dilations),
    parameters={"sizes": (), "strides": (), "dilations": ()},
    doc="All windows on the last axes, with axes for their places, followed by axes for the entries inside them.")

overlap_add = structural("overlap_add", arrays.overlapped,
    lambda g, y, x, shape, strides, dilations: windows(g, x.shape[x.ndim - len(strides):], strides, dilations),
    parameters={"shape": (), "strides": (), "dilations": ()},
    doc="The sum of windows at their places in an array of that shape: the transpose of windows.")

# Convolutions. The three are the gradients of sum(g * convolution(x, weight)) in g, x and the weight.

convolution = structural("convolution", convolutions.convolution,
    lambda g, y, x, weight, strides, paddings, dilations:
        convolution_input(g, weight, x.shape, strides, paddings, dilations),
    lambda g, y, x, weight, strides, paddings, dilations:
        convolution_weight(x, g, weight.shape[2:], strides, paddings, dilations),
    operands="x weight", parameters={"strides": (), "paddings": (), "dilations": ()},
    doc="The sums of products with the weight over all windows on the last axes of x, which has so many zeros around "
        "it: x of shape (batch, channels in, lengths…), weight of shape (channels out, channels in, sizes…).")

convolution_input = structural("convolution_input", convolutions.convolution_input,
    lambda h, y, g, weight, shape, strides, paddings, dilations: convolution(h, weight, strides, paddings, dilations),
    lambda h, y, g, weight, shape, strides, paddings, dilations:
        convolution_weight(h, g, weight.shape[2:], strides, paddings, dilations),
    operands="g weight", parameters={"shape": (), "strides": (), "paddings": (), "dilations": ()},
    doc="The transposed convolution: the gradient of sum(g * convolution(x, weight)) in x, of that shape.")

convolution_weight = structural("convolution_weight", convolutions.convolution_weight,
    lambda h, y, x, g, sizes, strides, paddings, dilations:
        convolution_input(g, h, x.shape, strides, paddings, dilations),
    lambda h, y, x, g, sizes, strides, paddings, dilations: convolution(x, h, strides, paddings, dilations),
    operands="x g", parameters={"sizes": (), "strides": (), "paddings": (), "dilations": ()},
    doc="The gradient of sum(g * convolution(x, weight)) in the weight, whose windows have these sizes.")

# Reductions and accumulations along axes

sum = structural("sum", arrays.total,
    lambda g, y, x, axis, keepdims: g if axis is None else g.reshape(arrays.keepdims_shape(x.shape, axis)),
    parameters={"axis": None, "keepdims": False}, tex=r"\sum {0}", aliases=(np.sum,),
    doc="The sum over one axis, several, or all.")

mean = structural("mean", arrays.mean,
    lambda g, y, x, axis, keepdims: (g if axis is None else g.reshape(arrays.keepdims_shape(x.shape, axis)))
        / arrays.count(x.shape, axis),
    parameters={"axis": None, "keepdims": False}, aliases=(np.mean,),
    doc="The mean over one axis, several, or all.")

max = structural("max", lambda x, axis, keepdims: np.max(x, axis=axis, keepdims=keepdims),
    lambda g, y, x, axis, keepdims: pullbacks.extreme(g, y, x, axis),
    parameters={"axis": None, "keepdims": False}, tex=r"\max {0}", aliases=(np.max, np.amax),
    doc="The largest entry over one axis, several, or all; entries that tie get equal parts of the gradient.")

min = structural("min", lambda x, axis, keepdims: np.min(x, axis=axis, keepdims=keepdims),
    lambda g, y, x, axis, keepdims: pullbacks.extreme(g, y, x, axis),
    parameters={"axis": None, "keepdims": False}, tex=r"\min {0}", aliases=(np.min, np.amin),
    doc="The smallest entry over one axis, several, or all; entries that tie get equal parts of the gradient.")

max_pool = structural("max_pool", arrays.max_inside,
    lambda g, y, x: g[..., None, None] * asked(arrays.first_equal, x, y),
    tex=r"\max {0}",
    doc="The largest entry over the last two axes; of entries that tie, the first gets the gradient.")

prod = structural("prod", lambda x, axis: np.multiply.reduce(x, axis=axis),
    pullbacks.prod,
    parameters={"axis": -1}, tex=r"\prod {0}",
    doc="The product along an axis, with correct derivatives where entries are zero.")

cumsum = structural("cumsum", lambda x, axis: np.add.accumulate(np.atleast_1d(x), axis=axis),
    pullbacks.cumsum,
    parameters={"axis": -1},
    doc="The cumulative sum along an axis.")

cumprod = structural("cumprod", lambda x, axis: np.multiply.accumulate(np.atleast_1d(x), axis=axis),
    pullbacks.cumprod,
    parameters={"axis": -1},
    doc="The cumulative product along an axis, with correct derivatives where entries are zero.")

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
    doc="x - logsumexp(x) along an axis, the logarithm of the softmax.")

cross_entropy = structural("cross_entropy", arrays.cross_entropy,
    lambda g, y, x, labels, mean: pullbacks.cross_entropy(g, x, labels, mean),
    None,
    operands="logits labels", parameters={"mean": False},
    doc="-log_softmax(logits) at the label of each row, or the mean of these; the last axis of the logits "
        "is that of the classes.")

length = structural("length", arrays.euclidean,
    lambda g, y, x, axis, keepdims: pullbacks.length(g, y, x, axis),
    parameters={"axis": None, "keepdims": False}, symbol="norm({0})", tex=r"\left\lVert {0} \right\rVert",
    doc="The square root of the sum of squares; its derivative at 0 is 0, the second one nan.")

p_norm = structural("p_norm", arrays.p_norm,
    lambda g, y, x, order, axis, keepdims: pullbacks.p_norm(g, y, x, order, axis),
    parameters={"order": 2.0, "axis": None, "keepdims": False}, tex=r"\left\lVert {0} \right\rVert",
    doc="sum(|x|^order)^(1/order); its derivative at 0 is 0, the second one nan.")

# Products

matmul = structural("matmul", arrays.matmul,
    pullbacks.left_factor,
    pullbacks.right_factor,
    operands="x y", symbol="{0} @ {1}", tex=r"{0} \, {1}", aliases=(np.matmul, np.linalg.matmul),
    doc="The matrix product, also of stacks of matrices; a vector is a row on the left, a column on the right.")

linear = structural("linear", arrays.linear,
    pullbacks.linear_input,
    pullbacks.linear_weight,
    lambda g, y, x, weight, bias: (arrays.sum_to if type(g) is np.ndarray else sum_to)(g, bias.shape),
    operands="x weight bias", symbol="{0} @ {1}ᵀ + {2}", tex=r"{0} \, {1}^\top + {2}",
    doc="x @ weightᵀ + bias, a linear layer: x of shape (…, inputs), weight (outputs, inputs), bias (outputs,).")

einsum = structural("einsum", lambda *factors, subscripts: np.einsum(subscripts, *factors),
    pullbacks.einsum,
    operands="arrays", variadic=True, parameters={"subscripts": ""},
    doc="The sum of products given by the subscripts.")

# Equations and spectra

inv = structural("inv", np.linalg.inv,
    lambda g, y, x: -(y.mT @ g @ y.mT),
    tex="{0}^{{-1}}", aliases=(np.linalg.inv,),
    doc="The inverse of a matrix, or of each in a stack.")

pinv = structural("pinv", lambda x, rcond, hermitian: np.linalg.pinv(x, np.asarray(rcond), hermitian),
    lambda g, y, x, rcond, hermitian: pullbacks.pinv(g, y, x, hermitian),
    parameters={"rcond": 1e-15, "hermitian": False}, tex="{0}^{{+}}",
    doc="The pseudo-inverse, where singular values below rcond times the largest count as 0.")

solve = structural("solve", np.linalg.solve,
    pullbacks.equation_matrix,
    pullbacks.right_side,
    operands="a b", aliases=(np.linalg.solve,),
    doc="The solution y of a @ y = b.")

det = structural("det", np.linalg.det,
    pullbacks.det,
    tex=r"\det {0}", aliases=(np.linalg.det,),
    doc="The determinant of a matrix, or of each in a stack.")

logabsdet = structural("logabsdet", lambda x: np.linalg.slogdet(x)[1],
    lambda g, y, x: g[..., None, None] * inv(x).mT,
    tex=r"\ln \left|\det {0}\right|",
    doc="The logarithm of the absolute value of the determinant, which neither overflows nor underflows.")

cholesky = structural("cholesky", np.linalg.cholesky,
    pullbacks.cholesky,
    aliases=(np.linalg.cholesky,),
    doc="The lower triangular factor of a positive definite matrix.")

eigenpairs = structural("eigenpairs", arrays.eigenpairs,
    pullbacks.eigenpairs,
    doc="The eigenvalues of a symmetric matrix as a row, above the eigenvectors as columns.")

singular_triples = structural("singular_triples", arrays.singular_triples,
    pullbacks.singular_triples,
    doc="The left singular vectors as columns, the singular values as a row, the right vectors as columns, stacked.")

ROWS: dict[str, Op] = {op.name: op for op in list(vars().values()) if isinstance(op, Op)}
ELEMENTWISE = {name: op for name, op in ROWS.items() if not isinstance(op, Structural)}
for _op in ROWS.values():
    object.__setattr__(_op, "in_table", True)
BY_NUMPY_FUNCTION: dict[Any, Op] = {function: op for op in ROWS.values() for function in (op.array, *op.aliases)}
