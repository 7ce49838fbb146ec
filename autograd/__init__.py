"""Reverse-mode automatic differentiation with a tape that you can look at.

    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> y = x * x
    >>> y.backward()
    >>> x.grad
    6.0

`Value` is a float on the tape and `Tensor` a NumPy array; `y.backward()` sweeps the tape in reverse.

Pictures and tables, of what was computed:

    draw(y)               the graph, with values, gradients and local derivatives
    draw_diff(before, y)  what changed between two runs of one program
    step_through(y)       the forward and the backward pass as a film
    explain(y, x)         the chain rule for one derivative, path by path
    Tape.of(y)            the tape as a table; `with Tape() as tape:` keeps all that runs inside
    GradientFlow(model)   what reaches each layer in training
    diagnose(y)           the mistakes in an engine that you wrote yourself
    view.doctor()         which program draws the pictures

Derivatives of functions, to any order:

    grad, value_and_grad, elementwise_grad, jacobian, hessian, hvp, vjp, jvp, vmap
    check_grads(f, args)  compared with finite differences
    checkpoint(f)         runs f again in the sweep instead of storing its arrays
    jit(f)                records f once as a program, and replays it on other numbers

Modes, as context managers or decorators:

    no_grad, enable_grad, detect_anomaly

Random numbers, for layers, batches and splits that are given no `generator=`:

    manual_seed(0)        the same numbers in each run

Operations: each is a function here (`autograd.tanh`), a method (`v.tanh()`), and NumPy's function of that
meaning (`np.tanh(v)`). `dir(autograd)` lists them, `help(autograd.tanh)` describes one, and `elementwise` and
`structural` define new ones. A star import leaves out those that Python has as builtins, such as `sum`.

`import autograd.numpy as np` and what else programs for HIPS autograd import is here too; networks are in `nn`.
The pages in `autograd/docs` list all operations, measure the speed and describe the architecture.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd import installation as installation, state as state, table as table, tracing as _tracing, view as view
from autograd.caller import absent as _absent
from autograd.check import check_grads as check_grads
from autograd.hips import (
    INSTEAD,
    deriv as deriv,
    grad_and_aux as grad_and_aux,
    hessian_tensor_product as hessian_tensor_product,
    hessian_vector_product as hessian_vector_product,
    make_ggnvp as make_ggnvp,
    make_hvp as make_hvp,
    make_jvp as make_jvp,
    make_jvp_reversemode as make_jvp_reversemode,
    make_vjp as make_vjp,
    multigrad_dict as multigrad_dict,
    tensor_jacobian_product as tensor_jacobian_product,
    vector_jacobian_product as vector_jacobian_product,
)
from autograd.mode import detect_anomaly as detect_anomaly, enable_grad as enable_grad, no_grad as no_grad
from autograd.op import Operand as _Operand
from autograd.pytorch import NAMES
from autograd.replay.displayed import Displayed as _Displayed
from autograd.tape import Tape as Tape
from autograd.tensor import Tensor as Tensor
from autograd.value import Value as Value

if TYPE_CHECKING:
    from pathlib import Path

    from autograd.signatures import *
else:
    from autograd.checkpoints import checkpoint as checkpoint
    from autograd.functions import (
        append as append,
        array_split as array_split,
        astype as astype,
        atleast_1d as atleast_1d,
        atleast_2d as atleast_2d,
        atleast_3d as atleast_3d,
        average as average,
        avg_pool2d as avg_pool2d,
        clip as clip,
        column_stack as column_stack,
        concatenate as concatenate,
        conj as conj,
        conv1d as conv1d,
        conv2d as conv2d,
        convolve as convolve,
        cross as cross,
        cumprod as cumprod,
        cumsum as cumsum,
        deg2rad as deg2rad,
        diag as diag,
        diagonal as diagonal,
        diff as diff,
        dot as dot,
        dsplit as dsplit,
        dstack as dstack,
        eigh as eigh,
        eigvalsh as eigvalsh,
        einsum as einsum,
        expand_dims as expand_dims,
        fftshift as fftshift,
        flatten as flatten,
        flip as flip,
        fliplr as fliplr,
        flipud as flipud,
        fmax as fmax,
        fmin as fmin,
        gelu as gelu,
        gradient as gradient,
        hsplit as hsplit,
        hstack as hstack,
        ifftshift as ifftshift,
        inner as inner,
        kron as kron,
        linspace as linspace,
        logaddexp2 as logaddexp2,
        matrix_power as matrix_power,
        matrix_transpose as matrix_transpose,
        max_pool2d as max_pool2d,
        median as median,
        moveaxis as moveaxis,
        multi_dot as multi_dot,
        nan_to_num as nan_to_num,
        norm as norm,
        one_hot as one_hot,
        outer as outer,
        pad as pad,
        partition as partition,
        pinv as pinv,
        prod as prod,
        ptp as ptp,
        rad2deg as rad2deg,
        ravel as ravel,
        real as real,
        repeat as repeat,
        roll as roll,
        rollaxis as rollaxis,
        rot90 as rot90,
        round as round,
        select as select,
        sinc as sinc,
        slogdet as slogdet,
        sort as sort,
        split as split,
        squeeze as squeeze,
        std as std,
        svd as svd,
        svdvals as svdvals,
        swapaxes as swapaxes,
        take as take,
        take_along_axis as take_along_axis,
        tensordot as tensordot,
        tile as tile,
        trace as trace,
        tril as tril,
        triu as triu,
        unstack as unstack,
        var as var,
        vdot as vdot,
        vecdot as vecdot,
        vsplit as vsplit,
        vstack as vstack,
    )
    from autograd.op import elementwise as elementwise, structural as structural
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
        broadcast_to as broadcast_to,
        cbrt as cbrt,
        ceil as ceil,
        cholesky as cholesky,
        cos as cos,
        cosh as cosh,
        cross_entropy as cross_entropy,
        det as det,
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
        getitem as getitem,
        greater as greater,
        greater_equal as greater_equal,
        hypot as hypot,
        inv as inv,
        isfinite as isfinite,
        isinf as isinf,
        isnan as isnan,
        leaky_relu as leaky_relu,
        less as less,
        less_equal as less_equal,
        linear as linear,
        log as log,
        log1p as log1p,
        log2 as log2,
        log10 as log10,
        log_softmax as log_softmax,
        logaddexp as logaddexp,
        logsumexp as logsumexp,
        matmul as matmul,
        max as max,
        max_pool as max_pool,
        maximum as maximum,
        mean as mean,
        min as min,
        minimum as minimum,
        mul as mul,
        neg as neg,
        normal_cdf as normal_cdf,
        normal_pdf as normal_pdf,
        not_equal as not_equal,
        overlap_add as overlap_add,
        pos as pos,
        pow as pow,
        reciprocal as reciprocal,
        relu as relu,
        remainder as remainder,
        reshape as reshape,
        scatter as scatter,
        set_at as set_at,
        sigmoid as sigmoid,
        sign as sign,
        silu as silu,
        sin as sin,
        sinh as sinh,
        softmax as softmax,
        softplus as softplus,
        solve as solve,
        sqrt as sqrt,
        square as square,
        stack as stack,
        sub as sub,
        sum as sum,
        sum_to as sum_to,
        tan as tan,
        tanh as tanh,
        transpose as transpose,
        trunc as trunc,
        where as where,
        windows as windows,
    )
    from autograd.transforms import (
        elementwise_grad as elementwise_grad,
        grad as grad,
        hessian as hessian,
        hvp as hvp,
        jacobian as jacobian,
        jvp as jvp,
        value_and_grad as value_and_grad,
        vjp as vjp,
        vmap as vmap,
    )

__version__ = "0.2.0"


# The modules of `view` and `replay`, and that of random numbers, are loaded when one of their names is first used.


def _load_mapped() -> Any:
    return import_module("autograd.replay.mapped")


_tracing.load_mapped = _load_mapped

if TYPE_CHECKING:  # `from autograd import atomic` imports these
    from autograd import (
        atomic as atomic,
        caller as caller,
        characters as characters,
        javascript as javascript,
        markup as markup,
        randomness as randomness,
    )
    from autograd.randomness import manual_seed as manual_seed
    from autograd.replay.jit import jit as jit
    from autograd.replay.program import Program as Program
    from autograd.view.diagnose import diagnose as diagnose
    from autograd.view.dot import draw as draw, draw_diff as draw_diff
    from autograd.view.explain import explain as explain
    from autograd.view.flow import GradientFlow as GradientFlow
    from autograd.view.steps import step_through as step_through

_MODULE_OF = {
    "GradientFlow": "view.flow",
    "Program": "replay.program",
    "draw": "view.dot",
    "draw_diff": "view.dot",
    "explain": "view.explain",
    "diagnose": "view.diagnose",
    "jit": "replay.jit",
    "manual_seed": "randomness",
    "step_through": "view.steps",
}


_PYTHONS = frozenset({"dict", "isinstance", "list", "tuple"})
"""Names that HIPS autograd has at the top level as well: a star import would put them in place of Python's."""


def __getattr__(name: str) -> Any:
    if name in _PYTHONS:
        return getattr(import_module("autograd.builtins"), name)
    if name not in _MODULE_OF:
        if instead := INSTEAD.get(name) or NAMES.get(name):
            raise _absent("autograd", name, instead)
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
    globals()[name] = getattr(import_module(f"autograd.{_MODULE_OF[name]}"), name)
    return globals()[name]


_LIKE_BUILTINS = ["abs", "max", "min", "pow", "round", "sum"]
"""Operations that a star import would put in place of Python's functions: they are typed as `autograd.sum`."""

# fmt: off
__all__ = [
    "GradientFlow", "Program", "Tape", "Tensor", "Value", "acos", "acosh", "add", "append", "array_split", "asin",
    "asinh", "astype", "atan", "atan2", "atanh", "atleast_1d", "atleast_2d", "atleast_3d", "average", "avg_pool2d",
    "broadcast_to", "cbrt", "ceil", "check_grads", "checkpoint", "cholesky", "clip", "column_stack", "concatenate",
    "conj", "conv1d", "conv2d", "convolve", "cos", "cosh", "cross", "cross_entropy", "cumprod", "cumsum", "deg2rad",
    "deriv", "det", "detect_anomaly", "diag", "diagnose", "diagonal", "diff", "div", "dot", "draw", "draw_diff",
    "dsplit", "dstack", "eigh", "eigvalsh", "einsum", "elementwise", "elementwise_grad", "elu", "enable_grad", "equal",
    "erf", "erfc", "exp", "exp2", "expand_dims", "explain", "expm1", "fftshift", "flatten", "flip", "fliplr", "flipud",
    "floor", "floor_divide", "fmax", "fmin", "gelu", "getitem", "grad", "grad_and_aux", "gradient", "greater",
    "greater_equal", "hessian", "hessian_tensor_product", "hessian_vector_product", "hsplit", "hstack", "hvp", "hypot",
    "ifftshift", "inner", "inv", "isfinite", "isinf", "isnan", "jacobian", "jit", "jvp", "kron", "leaky_relu", "less",
    "less_equal", "linear", "linspace", "log", "log1p", "log2", "log10", "log_softmax", "logaddexp", "logaddexp2",
    "logsumexp", "make_ggnvp", "make_hvp", "make_jvp", "make_jvp_reversemode", "make_vjp", "manual_seed", "matmul",
    "matrix_power", "matrix_transpose", "max_pool", "max_pool2d", "maximum", "mean", "median", "minimum", "moveaxis",
    "mul", "multi_dot", "multigrad_dict", "nan_to_num", "neg", "no_grad", "norm", "normal_cdf", "normal_pdf",
    "not_equal", "one_hot", "outer", "overlap_add", "pad", "partition", "pinv", "pos", "prod", "ptp", "rad2deg",
    "ravel", "real", "reciprocal", "relu", "remainder", "repeat", "reshape", "roll", "rollaxis", "rot90", "scatter",
    "select", "set_at", "sigmoid", "sign", "silu", "sin", "sinc", "sinh", "slogdet", "softmax", "softplus", "solve",
    "sort", "split", "sqrt", "square", "squeeze", "stack", "std", "step_through", "structural", "sub", "sum_to", "svd",
    "svdvals", "swapaxes", "take", "take_along_axis", "tan", "tanh", "tensor_jacobian_product", "tensordot", "tile",
    "trace", "transpose", "tril", "triu", "trunc", "unstack", "value_and_grad", "var", "vdot", "vecdot",
    "vector_jacobian_product", "view", "vjp", "vmap", "vsplit", "vstack", "where", "windows",
]
# fmt: on
"""What users type, but for those: written out, since type checkers read it as well."""


def __dir__() -> list[str]:
    return [*__all__, *_LIKE_BUILTINS, "__version__"]


# Operations on arrays return Tensors, also those on an array and a Value, or on a list of Values.

_Operand.among_arrays = Tensor


# Tapes are displayed as tables, by modules that are loaded when first needed.


def _tape_for_rich(tape: Tape) -> Any:
    from autograd.view import tape_table

    return tape_table.tape_table(tape)


def _tape_as_text(tape: Tape) -> str:
    from autograd.view import tape_table

    return tape_table.tape_text(tape)


def _tape_as_html(tape: Tape) -> str:
    from autograd.view import tape_table

    return tape_table.tape_html(tape)


def _tape_saved(tape: Tape, path: "str | Path") -> "Path":
    from autograd.view import tape_table, terminal

    return terminal.save_table(path, tape_table.tape_table(tape).shown)


def _adopted(output: Any) -> Any:
    from autograd.view import adapter

    return adapter.adopted(output)


Tape.adopt = staticmethod(_adopted)  # type: ignore[method-assign]
Tape.__rich__ = _tape_for_rich  # type: ignore[attr-defined]
Tape.__str__ = _tape_as_text  # type: ignore[assignment, method-assign]
Tape.save = _tape_saved  # type: ignore[assignment, method-assign]
Tape._repr_html_ = _tape_as_html  # type: ignore[attr-defined]


def _view_of(shown: Any) -> Any:
    return import_module(f"autograd.view.{shown.view}")


_Displayed.as_table = lambda shown: _view_of(shown).as_table(shown)
_Displayed.as_text = lambda shown: _view_of(shown).as_plain_text(shown)
_Displayed.as_html = lambda shown: _view_of(shown).as_html(shown)
