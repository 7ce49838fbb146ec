"""Cases of the elementwise rows."""

# A case is a line.
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from tests.peers.case import Case, given, numbers

INF, NAN = float("inf"), float("nan")

BY_SAME_NAME = {
    "neg": (-2, 2), "abs": (-2, 2), "square": (-2, 2), "reciprocal": (0.3, 3), "sqrt": (0.2, 4),
    "exp": (-3, 3), "exp2": (-3, 3), "expm1": (-3, 3), "log": (0.1, 5), "log2": (0.1, 5), "log10": (0.1, 5),
    "log1p": (-0.9, 4), "sin": (-6, 6), "cos": (-6, 6), "tan": (-1.4, 1.4), "asin": (-0.95, 0.95),
    "acos": (-0.95, 0.95), "atan": (-4, 4), "sinh": (-3, 3), "cosh": (-3, 3), "tanh": (-3, 3), "asinh": (-4, 4),
    "acosh": (1.1, 5), "atanh": (-0.95, 0.95), "sigmoid": (-5, 5), "relu": (-2, 2), "erf": (-2, 2), "erfc": (-2, 2),
    "floor": (-4, 4), "ceil": (-4, 4), "round": (-4, 4), "trunc": (-4, 4), "sign": (-4, 4),
}  # fmt: skip
"""Functions of one operand with PyTorch's name, and the interval for their arguments."""

EDGES = {
    "abs": [0.0, -0.0, INF, -INF], "sqrt": [0.0, INF], "log": [0.0, INF], "log1p": [-1.0, INF], "asin": [-1.0, 1.0],
    "acos": [-1.0, 1.0], "acosh": [1.0, INF], "atanh": [-1.0, 1.0], "tanh": [0.0, 1000.0, -1000.0, INF],
    "sigmoid": [0.0, 1000.0, -1000.0, INF, -INF], "relu": [0.0, -0.0, INF, -INF, NAN], "floor": [1.0, -1.0, 0.0],
    "ceil": [1.0, -1.0, 0.0], "round": [0.5, 1.5, 2.5, -0.5, -1.5], "trunc": [1.0, -1.0, 0.0], "sign": [0.0, -0.0],
    "erf": [0.0, INF, -INF, 30.0], "erfc": [0.0, INF, -INF], "exp": [-INF, INF, -800.0], "reciprocal": [0.0, INF],
    "square": [0.0, -0.0], "log2": [0.0], "log10": [0.0], "atan": [INF, -INF], "neg": [0.0],
}  # fmt: skip
"""Kinks, zeros and ends of the domains."""

NUMPY_NAMES = {
    "neg": np.negative, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "abs": np.fabs, "round": np.round, "sign": np.sign, "exp": np.exp,
    "log": np.log, "sqrt": np.sqrt, "square": np.square, "tanh": np.tanh, "floor": np.floor,
}  # fmt: skip


def by_same_name(name: str) -> Any:
    if name == "floor_divide":
        return whole_quotient
    return lambda torch, *inputs: getattr(torch, name)(*inputs)


def whole_quotient(torch: Any, x: Any, y: Any) -> Any:
    """PyTorch has no derivative of this, not even zero."""
    return torch.floor_divide(x.detach(), y.detach())


def functional(name: str) -> Any:
    return lambda torch, *inputs: getattr(torch.nn.functional, name)(*inputs)


UNARY = [
    *[Case(name, [numbers(2, 3, low=a, high=b)], by_same_name(name)) for name, (a, b) in BY_SAME_NAME.items()],
    *[
        Case(f"{name}/edges", [given(edges)], by_same_name(name), smooth=False, warns=True)
        for name, edges in EDGES.items()
    ],
    *[
        Case(
            f"{name}/numpy", [numbers(2, low=BY_SAME_NAME[name][0], high=BY_SAME_NAME[name][1])], by_same_name(name), f
        )
        for name, f in NUMPY_NAMES.items()
    ],
    *[
        Case(
            f"{name}/scalar", [numbers(low=0.3, high=0.8)], by_same_name(name), lambda x, name=name: getattr(x, name)()
        )
        for name in ("exp", "sin", "tanh", "log", "sigmoid", "sqrt")
    ],
    Case("pos", [numbers(2, 3)], by_same_name("positive")),
    Case("cbrt", [numbers(2, 3, low=0.2)], lambda torch, x: x ** (1 / 3)),
    Case("cbrt/negative", [numbers(2, 3, high=-0.2)], lambda torch, x: -((-x) ** (1 / 3))),
    Case("softplus", [numbers(2, 3, low=-5, high=5)], functional("softplus")),
    Case("softplus/edges", [given([0, 1000, -1000, 40])], lambda torch, x: torch.logaddexp(x, 0 * x), smooth=False),
    Case("normal_pdf", [numbers(2, 3, low=-3, high=3)], lambda torch, x: torch.exp(-x * x / 2) / (2 * torch.pi) ** 0.5),
    Case("normal_cdf", [numbers(2, 3, low=-3, high=3)], lambda torch, x: torch.special.ndtr(x)),
    Case("normal_cdf/edges", [given([0, INF, -INF])], lambda torch, x: torch.special.ndtr(x), smooth=False),
    Case("gelu", [numbers(2, 3, low=-3, high=3)], functional("gelu")),
    Case("gelu/edges", [given([0, 800, -800])], functional("gelu"), smooth=False),
    Case("silu", [numbers(2, 3, low=-5, high=5)], functional("silu")),
    Case("silu/edges", [given([0, 800, -800])], functional("silu"), smooth=False),
    Case("leaky_relu", [numbers(2, 3)], functional("leaky_relu")),
    Case(
        "leaky_relu/slope",
        [numbers(2, 3), numbers(3, low=0.1)],
        lambda torch, x, slope: torch.where(x > 0, x, slope * x),
    ),
    Case("leaky_relu/edges", [given([0, -0.0, INF, -INF])], functional("leaky_relu"), smooth=False),
    Case("elu", [numbers(2, 3)], functional("elu")),
    Case(
        "elu/alpha",
        [numbers(2, 3), numbers(2, 1, low=0.5)],
        lambda torch, x, alpha: torch.where(x > 0, x, alpha * torch.expm1(x)),
    ),
    Case("elu/edges", [given([0, -800, 800, INF, -INF])], functional("elu"), smooth=False),
]

BINARY_NAMES = {
    "add": ("add", -2, 2), "sub": ("sub", -2, 2), "mul": ("mul", -2, 2), "div": ("div", 0.4, 3),
    "floor_divide": ("floor_divide", 0.6, 5), "remainder": ("remainder", 0.6, 5), "pow": ("pow", 0.3, 2.5),
    "logaddexp": ("logaddexp", -4, 4), "atan2": ("atan2", -2, 2), "hypot": ("hypot", -2, 2),
    "minimum": ("minimum", -2, 2), "maximum": ("maximum", -2, 2),
}  # fmt: skip
"""PyTorch's name, and the interval for the arguments."""

SHAPES = {"": [(2, 3), (2, 3)], "/broadcast": [(2, 1), (3,)], "/scalar": [(2, 1, 2), ()], "/grow": [(1,), (2, 1, 3)]}

BINARY_EDGES: dict[str, tuple[list[float], list[float]]] = {
    "maximum": ([1, 1, 2, 0, INF], [1, 2, 1, -0.0, INF]),
    "minimum": ([1, 1, 2, 0, INF], [1, 2, 1, -0.0, INF]),
    "pow": ([0, 0, 0, 2, 0, -2, -2, -2, -1.5, 1e-310, 1e-42], [0, 1, 0.5, 0, 2, 2, 3, -1, 0, 0, 0]),
    "hypot": ([0, 3, 0, -1], [0, 0, -4, 1e-5]),
    "atan2": ([0, 0, 1, -1, 0], [1, -1, 0, 0, 2]),
    "logaddexp": ([0, 1000, -1000, -INF, 3], [0, -1000, -1000, 0, INF]),
    "div": ([0, 1, 0, -2], [2, 0, 0, -0.5]),
    "remainder": ([5, -5, 5, -5, 6, 0], [3, 3, -3, -3, 3, 2]),
    "floor_divide": ([5, -5, 5, -5, 6, 0], [3, 3, -3, -3, 3, 2]),
    "mul": ([0, 0, -3], [0, 2, 0]),
}

BINARY = [
    Case("div/by the number 0", [given([-2, 0, 3])], lambda torch, x: x / 0, lambda x: x / 0, warns=True, smooth=False),
    *[
        Case(name + what, [numbers(*shape, low=low, high=high) for shape in shapes], by_same_name(theirs))
        for name, (theirs, low, high) in BINARY_NAMES.items()
        for what, shapes in SHAPES.items()
    ],
    *[
        Case(f"{name}/edges", [given(xs), given(ys)], by_same_name(BINARY_NAMES[name][0]), smooth=False, warns=True)
        for name, (xs, ys) in BINARY_EDGES.items()
    ],
    Case("atan2/origin", [given([0.0]), given([0.0])], by_same_name("atan2"), smooth=False),
    Case("div/negative", [numbers(2, 3), numbers(3, low=-2, high=-0.4)], by_same_name("div")),
    Case("remainder/negative", [numbers(2, 3), numbers(3, low=-2, high=-0.4)], by_same_name("remainder")),
    Case("floor_divide/negative", [numbers(2, 3), numbers(3, low=-2, high=-0.4)], by_same_name("floor_divide")),
    Case("mul/itself", [numbers(3)], lambda torch, x: x * x, lambda x: x * x),
    Case("div/itself", [numbers(3)], lambda torch, x: x / x, lambda x: x / x, tolerance32=1e-3),
    Case("sub/itself", [numbers(3)], lambda torch, x: x - x, lambda x: x - x),
    Case("pow/itself", [numbers(3, low=0.3)], lambda torch, x: x**x, lambda x: x**x),
    Case("maximum/itself", [numbers(3)], lambda torch, x: torch.maximum(x, x), lambda x: np.maximum(x, x)),
]

ROW = np.array([0.5, -1.5, 2.0])

OPERATORS = [
    Case("add/numbers", [numbers(2, 3)], lambda torch, x: 2 + x + 0.5, lambda x: 2 + x + 0.5),
    Case("sub/numbers", [numbers(2, 3)], lambda torch, x: 2.5 - (x - 1), lambda x: 2.5 - (x - 1)),
    Case("mul/numbers", [numbers(2, 3)], lambda torch, x: 2 * x * 0.3, lambda x: 2 * x * 0.3),
    Case("div/numbers", [numbers(2, 3, low=0.5)], lambda torch, x: 1.5 / x + x / 3, lambda x: 1.5 / x + x / 3),
    Case("pow/exponents", [numbers(2, 3)], lambda torch, x: x**2 + x**3 + x**0 + x**1, lambda x: x**2 + x**3 + x**0 + x**1),
    Case("pow/negative exponents", [numbers(2, 3, high=-0.5)], lambda torch, x: x**-2 + x**-1, lambda x: x**-2.0 + x**-1.0),
    Case("pow/roots", [numbers(2, 3, low=0.3)], lambda torch, x: x**0.5 + x**-1.5, lambda x: x**0.5 + x**-1.5),
    Case("pow/bases", [numbers(2, 3)], lambda torch, x: 2**x + 0.5**x + 1.0**x, lambda x: 2**x + 0.5**x + 1.0**x),
    Case("pow/base 0", [numbers(2, 3, low=0.5)], lambda torch, x: torch.pow(0.0, x), lambda x: 0.0**x, smooth=False),
    Case("pow/zeros", [given([0, 1.5, -2])], lambda torch, x: x**0 + x**1 + x**2 + x**3, lambda x: x**0 + x**1 + x**2 + x**3),
    Case("pow/exponents array", [numbers(2, 3)], lambda torch, x: x ** torch.tensor([2, 1, 3]), lambda x: x ** np.array([2, 1, 3], x.dtype)),
    Case("remainder/numbers", [numbers(2, 3)], lambda torch, x: x % 0.7 + x.detach() // 0.7, lambda x: x % 0.7 + x // 0.7),
    Case("remainder/divisor", [numbers(2, 3, low=0.3)], lambda torch, x: torch.remainder(torch.full_like(x, 5.0), x), lambda x: 5.0 % x),
    Case("mul/array left", [numbers(2, 3)], lambda torch, x: torch.tensor(ROW).to(x) * x, lambda x: ROW.astype(x.dtype) * x),
    Case("sub/array left", [numbers(2, 3)], lambda torch, x: torch.tensor(ROW).to(x) - x, lambda x: ROW.astype(x.dtype) - x),
    Case("div/array left", [numbers(2, 3)], lambda torch, x: torch.tensor(ROW).to(x) / x, lambda x: ROW.astype(x.dtype) / x),
    Case("pow/array left", [numbers(2, 3)], lambda torch, x: torch.tensor(ROW).to(x).abs() ** x, lambda x: np.abs(ROW).astype(x.dtype) ** x),
    Case("add/array grows", [numbers(3)], lambda torch, x: x + torch.ones(2, 2, 3).to(x), lambda x: x + np.ones((2, 2, 3), x.dtype)),
    Case("mul/dtypes", [numbers(2, 3), numbers(3)], lambda torch, x, y: x.float() * y.double(), lambda x, y: x.astype("float32") * y.astype("float64"), tolerance=1e-6),
    Case("mul/Value", [numbers(2), numbers(2, 3)], lambda torch, x, y: x[0] * y + x[1] ** 2, lambda x, y: x.values()[0] * y + x.values()[1] ** 2, dtypes=("float64",)),
    Case("add/dtypes", [numbers(2, 3), numbers(3)], lambda torch, x, y: x.float() + y.double(), lambda x, y: x.astype("float32") + y.astype("float64"), tolerance=1e-6),
    Case("maximum/dtypes", [numbers(2, 3), numbers(3)], lambda torch, x, y: torch.maximum(x.float(), y.double()), lambda x, y: np.maximum(x.astype("float32"), y.astype("float64")), tolerance=1e-6),
    Case("abs/operator", [numbers(2, 3)], lambda torch, x: -abs(x) + +x, lambda x: -abs(x) + +x),
]  # fmt: skip

TRUE = np.array([[True, False, True], [False, False, True]])

CHOICES = [
    Case("where", [TRUE, numbers(2, 3), numbers(2, 3)], by_same_name("where")),
    Case("where/broadcast", [TRUE, numbers(3), numbers(2, 1)], by_same_name("where"), np.where),
    Case("where/condition grows", [TRUE, numbers(), numbers(1)], by_same_name("where"), np.where),
    Case("where/number", [numbers(2, 3)], lambda torch, x: torch.where(x > 0, x * x, 1.5), lambda x: np.where(x > 0, x * x, 1.5)),
    Case("where/safe", [given([0.0, 4.0])], lambda torch, x: torch.where(x > 0, torch.sqrt(torch.where(x > 0, x, 1.0)), 0.0), lambda x: autograd.where(x > 0, autograd.sqrt(autograd.where(x > 0, x, 1.0)), 0.0)),
    Case("maximum/number", [given([-1, 0, 2])], lambda torch, x: torch.maximum(x, 0 * x.detach()), lambda x: np.maximum(x, 0), smooth=False),
    Case("clip", [numbers(2, 3)], lambda torch, x: x.clamp(-1, 1), lambda x: autograd.clip(x, -1, 1)),
    Case("clip/low", [numbers(2, 3)], lambda torch, x: x.clamp(min=0.1), lambda x: np.clip(x, 0.1, None)),
    Case("clip/high", [numbers(2, 3)], lambda torch, x: x.clamp(max=0.1), lambda x: x.clip(None, 0.1)),
    Case("clip/at the bounds", [given([-1, 1, 0, 2, -2])], lambda torch, x: x.clamp(-1, 1), lambda x: np.clip(x, -1, 1), smooth=False),
    Case("clip/tensors", [numbers(2, 3), numbers(3, low=-1, high=-0.5), numbers(2, 1, low=0.3, high=1)], by_same_name("clamp")),
    Case("clip/tensors at the bounds", [given([1, 2, 0, 3, 1.5]), given([1, 1, 1, 1, 1]), given([2, 2, 2, 2, 2])], by_same_name("clamp"), smooth=False),
    Case("clip/crossed bounds", [given([0, 1.5, 3]), given([2, 2, 2]), given([1, 1, 1])], by_same_name("clamp"), smooth=False),
    # where both bounds are equal and x is beyond them PyTorch gives nobody the derivative; here the bound has it
    Case("clip/only low tensor", [numbers(2, 3), numbers(3)], lambda torch, x, low: torch.clamp(x, min=low), lambda x, low: np.clip(x, low, None)),
    Case("clip/only high tensor", [numbers(2, 3), numbers(3)], lambda torch, x, high: torch.clamp(x, max=high), lambda x, high: np.clip(x, None, high)),
]  # fmt: skip

AS_NUMPY = [
    Case("fmax", [numbers(2, 3), numbers(3)], by_same_name("fmax")),
    Case("fmax/with nan", [given([NAN, 1, 2, NAN]), given([0, NAN, 3, NAN])], by_same_name("fmax"), smooth=False),
    Case("fmin", [numbers(2, 3), numbers(3)], by_same_name("fmin")),
    Case("logaddexp2", [numbers(2, 3), numbers(3)], by_same_name("logaddexp2")),
    Case("sinc", [numbers(2, 3)], by_same_name("sinc")),
    Case("sinc/at 0", [given([0])], by_same_name("sinc"), smooth=False),
    Case("deg2rad", [numbers(2, 3)], by_same_name("deg2rad")),
    Case("rad2deg", [numbers(2, 3)], by_same_name("rad2deg")),
    Case("nan_to_num", [given([1, NAN, INF, -INF])], lambda torch, x: torch.nan_to_num(x, 2.0), lambda x: np.nan_to_num(x, nan=2.0), smooth=False),
    Case("real", [numbers(3)], lambda torch, x: torch.real(x) * x, lambda x: np.real(x) * x),
    Case("conj", [numbers(3)], lambda torch, x: torch.conj(x) * x, lambda x: np.conj(x) * x),
    Case("select", [TRUE, numbers(2, 3), numbers(3)], lambda torch, c, x, y: torch.where(c, x, torch.where(~c, y, 0.0)), lambda c, x, y: np.select([c, c == 0], [x, y])),
]  # fmt: skip

CASES = [*UNARY, *BINARY, *OPERATORS, *CHOICES, *AS_NUMPY]
