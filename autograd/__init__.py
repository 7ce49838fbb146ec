"""Reverse-mode automatic differentiation with a tape that you can look at.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> y = x * x
    >>> y.backward()
    >>> x.grad
    6.0

`Value` is a float on the tape, `backward` sweeps the tape in reverse, `draw` shows it as a graph and
`Tape.of` as a table. Every operation is a function here (`autograd.tanh`), a method (`v.tanh()`) and
NumPy's function of that meaning (`np.tanh(v)`).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd import installation as installation, table as table, view as view
from autograd.check import check_grads as check_grads
from autograd.table import (
    abs as abs,
    acos as acos,
    acosh as acosh,
    add as add,
    asin as asin,
    asinh as asinh,
    atan as atan,
    atan2 as atan2,
    atanh as atanh,
    cbrt as cbrt,
    ceil as ceil,
    cos as cos,
    cosh as cosh,
    div as div,
    elu as elu,
    equal as equal,
    erf as erf,
    erfc as erfc,
    exp as exp,
    exp2 as exp2,
    expm1 as expm1,
    floor as floor,
    floor_divide as floor_divide,
    gelu as gelu,
    greater as greater,
    greater_equal as greater_equal,
    hypot as hypot,
    isfinite as isfinite,
    isinf as isinf,
    isnan as isnan,
    leaky_relu as leaky_relu,
    less as less,
    less_equal as less_equal,
    log as log,
    log1p as log1p,
    log2 as log2,
    log10 as log10,
    logaddexp as logaddexp,
    maximum as maximum,
    minimum as minimum,
    mul as mul,
    neg as neg,
    not_equal as not_equal,
    pos as pos,
    pow as pow,
    reciprocal as reciprocal,
    relu as relu,
    remainder as remainder,
    round as round,
    sigmoid as sigmoid,
    sign as sign,
    silu as silu,
    sin as sin,
    sinh as sinh,
    softplus as softplus,
    sqrt as sqrt,
    square as square,
    sub as sub,
    tan as tan,
    tanh as tanh,
    trunc as trunc,
    where as where,
)
from autograd.tape import Tape as Tape, detect_anomaly as detect_anomaly, enable_grad as enable_grad, no_grad as no_grad
from autograd.value import Value as Value

__version__ = "0.1.0"


# The rooms of `view` are loaded when one of their names is first used: a program that never looks never waits.

if TYPE_CHECKING:
    from autograd.view.dot import draw as draw, draw_diff as draw_diff
    from autograd.view.explain import explain as explain
    from autograd.view.foreign import diagnose as diagnose
    from autograd.view.steps import step_through as step_through

_ROOM_OF = {"draw": "dot", "draw_diff": "dot", "explain": "explain", "diagnose": "foreign", "step_through": "steps"}


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
    globals()[name] = getattr(import_module(f"autograd.view.{_ROOM_OF[name]}"), name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOM_OF})


# How a tape shows itself: as a table, by rooms that are loaded when they are needed.


def _tape_for_rich(tape: Tape) -> Any:
    from autograd.view import table

    return table.tape_table(tape)


def _tape_as_text(tape: Tape) -> str:
    from autograd.view import table

    return table.tape_text(tape)


def _tape_as_html(tape: Tape) -> str:
    from autograd.view import table

    return table.tape_html(tape)


def _adopted(output: Any) -> Any:
    from autograd.view import foreign

    return foreign.adopted(output)


Tape.adopt = staticmethod(_adopted)  # type: ignore[method-assign]
Tape.__rich__ = _tape_for_rich  # type: ignore[attr-defined]
Tape.__str__ = _tape_as_text  # type: ignore[assignment, method-assign]
Tape._repr_html_ = _tape_as_html  # type: ignore[attr-defined]
