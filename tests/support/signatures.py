"""The types of the operations, from the table: `python -m tests.support.signatures` writes `autograd/signatures.pyi`.

An operation has a signature for each kind of operand. Which, follows from its row: an elementwise one gives a float
for numbers, an array for arrays, a Value for Values and numbers, else a Tensor; one on whole arrays gives an array for
arrays and lists of numbers, else a Tensor. Of a function composed of rows the annotations say which of the two it is.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from textwrap import indent
from typing import Any, NamedTuple

import autograd
from autograd.functions import FUNCTIONS
from autograd.methods import Method
from autograd.op import Op, Structural
from autograd.operators import RECORDING_METHODS
from autograd.table import ROWS

STUB = Path(autograd.__file__).with_name("signatures.pyi")

HEAD = '''\
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

'''


class Kind(NamedTuple):
    """Operands, and what an operation makes of them; the first kind that fits counts."""

    operand: str
    result: str
    truth: str = ""


ELEMENTWISE = [
    Kind("Number", "float", "bool"),
    Kind("Number | Array", "Floats", "Bools"),
    Kind("Value | Number", "Value", "bool"),
    Kind("Tensor | Value | Array | Number", "Tensor", "Bools"),
]
ON_ARRAYS = [Kind("ArrayLike", "Floats"), Kind("Operands", "Tensor")]
OF_VALUE, OF_TENSOR = ELEMENTWISE[2:]
LEFT_OF_VALUE = [Kind("Number", "Value"), Kind("Array", "Tensor")]
LEFT_OF_TENSOR = [Kind("Array | Number", "Tensor")]

PARAMETERS = {
    "axis": "Axis",
    "axes": "Sequence[int] | None",
    "shape": "Shape",
    "sizes": "Sequence[int]",
    "strides": "Sequence[int]",
    "dilations": "Sequence[int]",
    "keepdims": "bool",
    "mean": "bool",
    "index": "Index",
    "labels": "ArrayLike",
}
"""The types of what is not differentiated, in rows on whole arrays."""

MAY_BE_NUMBERS = {"getitem", "matmul", "linear", "det", "cross_entropy"}
"""The rows, besides the reductions, whose result for arrays may be a NumPy number, which has no axes."""


class Signature(NamedTuple):
    """The parameters of an operation, and its result, in the words of `autograd.typing`."""

    parameters: list[inspect.Parameter]
    result: str


def signature_of(op: Callable[..., Any]) -> Signature:
    """The signature of a row or of a function composed of rows."""
    parameters = list(inspect.signature(op).parameters.values())
    if not isinstance(op, Op):
        return Signature(parameters, str(inspect.signature(op).return_annotation))
    if not isinstance(op, Structural):
        result = "bool" if op.is_predicate else "Numbers"
        return Signature([x.replace(annotation="Numbers") for x in parameters], result)
    differentiated = {name for name, rule in zip(op.operands, op.rules, strict=True) if rule is not None}
    types = {x.name: "Arrays" if x.name in differentiated else PARAMETERS[x.name] for x in parameters}
    result = "Reduced" if "keepdims" in types or op.name in MAY_BE_NUMBERS else "Arrays"
    return Signature([x.replace(annotation=types[x.name]) for x in parameters], result)


def typed(annotation: str, kind: Kind) -> str:
    """An annotation for operands of one kind."""
    return re.sub(r"\b(Numbers|Arrays)\b", kind.operand, annotation)


def result_of(result: str, kind: Kind) -> str:
    """What is returned for operands of one kind."""
    if result == "bool":
        return kind.truth
    reduced = "Any" if kind is ON_ARRAYS[0] else kind.result
    return typed(result.replace("Reduced", reduced), Kind(kind.result, kind.result))


def written(parameters: Iterable[inspect.Parameter], kind: Kind, first: str = "") -> str:
    """The parameters of a function, or of a method, whose first one is given."""
    texts = [first] if first else []
    previous = None
    for x in parameters:
        if previous is x.POSITIONAL_ONLY is not x.kind:
            texts.append("/")
        if x.kind is x.KEYWORD_ONLY and previous not in (x.KEYWORD_ONLY, x.VAR_POSITIONAL):
            texts.append("*")
        star = "*" if x.kind is x.VAR_POSITIONAL else ""
        is_optional = x.default is None and "None" not in x.annotation and x.annotation != "Axis"
        annotation = typed(x.annotation, kind) + (" | None" if is_optional else "")
        texts.append(f"{star}{x.name}: {annotation}" + ("" if x.default is x.empty else f" = {default_of(x)}"))
        previous = x.kind
    if previous is inspect.Parameter.POSITIONAL_ONLY:
        texts.append("/")
    return ", ".join(texts)


def default_of(parameter: inspect.Parameter) -> str:
    return repr(parameter.default) if isinstance(parameter.default, bool | int | float | str | tuple | None) else "..."


def overloaded(name: str, variants: list[tuple[str, str]], doc: str | None) -> str:
    """A function with a signature for each pair of parameters and result; the first one has the docstring."""
    variants = list(dict.fromkeys(variants))
    decorator = "@overload\n" if len(variants) > 1 else ""
    bodies = [f'\n    """{indent(doc, "    ").strip()}"""' if doc else " ..."] + [" ..."] * (len(variants) - 1)
    lines = [f"{decorator}def {name}({p}) -> {r}:{body}\n" for (p, r), body in zip(variants, bodies, strict=True)]
    return "".join(lines)


def function(name: str, op: Callable[..., Any]) -> str:
    """A function of the package, with a signature for each kind of operand."""
    parameters, result = signature_of(op)
    is_elementwise = any(x.annotation == "Numbers" for x in parameters)
    kinds = ELEMENTWISE if is_elementwise else ON_ARRAYS
    if not re.search(r"\b(Numbers|Arrays|Reduced|bool)\b", result):
        return overloaded(name, [(written(parameters, kinds[-1]), result)], inspect.getdoc(op))
    variants = [(written(parameters, kind), result_of(result, kind)) for kind in kinds]
    if not is_elementwise:  # before the others for lists of which nothing is known
        tracked = [x.replace(annotation=x.annotation.replace("Arrays", "Tracked")) for x in parameters[:1]]
        given = (written([*tracked, *parameters[1:]], kinds[-1]), result_of(result, kinds[-1]))
        variants.insert(0, given)
    if any(x.name == "keepdims" for x in parameters):
        over_all = {"axis": "None", "keepdims": "Literal[False]"}
        total = [x.replace(annotation=over_all.get(x.name, x.annotation)) for x in parameters]
        variants.insert(1, (written(total, Kind("NDArray[F]", "F")), "F"))
    return overloaded(name, variants, inspect.getdoc(op))


def method(name: str, op: Callable[..., Any], own: Kind, others: list[Kind]) -> str:
    """A method of Values or Tensors, with a signature for each kind of the other operands."""
    (_, *rest), result = signature_of(op)
    if re.fullmatch("__r(?!ound)[a-z]+__", name):
        others = LEFT_OF_VALUE if own is OF_VALUE else LEFT_OF_TENSOR
    if not any(re.search(r"\b(Numbers|Arrays)\b", x.annotation) for x in rest):
        others = [own]
    texts = [(written(rest, kind, "self"), result_of(result, kind if kind in others else own)) for kind in others]
    return overloaded(name, texts, inspect.getdoc(op))


COMPARISONS = {"__lt__": "less", "__le__": "less_equal", "__gt__": "greater", "__ge__": "greater_equal"}

SPECIAL = """\
def __eq__(self, other: object, /) -> {truth}: ...{ignored}
def __ne__(self, other: object, /) -> {truth}: ...{ignored}
def __hash__(self) -> int: ...
def __round__(self, ndigits: int | None = None) -> {own}: ...
def round(self, decimals: int = 0) -> {own}:
    \"\"\"Rounded to the given number of decimals, halves to even; the derivative is zero.\"\"\"
def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any: ...
def __array_function__(self, function: Any, types: Any, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any: ...
"""

IGNORED = "  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]"


def methods(owner: type, own: Kind, others: list[Kind], named: dict[str, Callable[..., Any]]) -> str:
    """The class of the methods that are operations, from which `owner` inherits for type checkers."""
    named = named | {special: ROWS[name] for special, name in COMPARISONS.items()}
    texts = [method(name, op, own, others) for name, op in named.items()]
    ignored = IGNORED if own.truth != "bool" else ""
    special = SPECIAL.format(own=own.result, truth=own.truth, ignored=ignored)
    return f"class {owner.__name__}Operations(Operand):\n" + indent("".join([*texts, special]), "    ")


TRANSFORMED = {
    "grad": ("float", "Floats", "X", "X"),
    "value_and_grad": ("tuple[float, float]", "tuple[float, Floats]", "tuple[float, X]", "tuple[float, X]"),
    "elementwise_grad": ("float", "Floats", "X", "X"),
    "jacobian": ("Any", "Floats", "Floats", "Any"),
    "hessian": ("float", "Floats", "Floats", "Any"),
}
"""What the derivative of a function returns whose first argument is a Value, a Tensor, an array, or something else."""

CHOICE = "argnums: Literal[0] = 0, *, argnum: None = None"
ANY_CHOICE = "argnums: int | Sequence[int] = 0, *, argnum: int | Sequence[int] | None = None"

OF_RESULTS = ", ".join(
    [
        "outputs: Tensor | Value | Sequence[Tensor | Value]",
        "inputs: Tensor | Value | Iterable[Tensor | Value]",
        "grad_outputs: Any = None",
        "retain_graph: bool | None = None",
        "create_graph: bool = False",
        "only_inputs: bool = True",
        "allow_unused: bool | None = None",
        "*",
        "materialize_grads: bool = False",
    ]
)
"""The parameters of PyTorch's `grad`."""


def transform(name: str) -> str:
    """A transform that takes a function and gives one that computes its derivatives."""
    arguments = [("Value", "float | Value"), ("Tensor", "ArrayLike | Tensor"), ("X", "X"), ("X", "X")]
    if name in ("jacobian", "hessian"):
        arguments[2] = ("Array", "ArrayLike")
    first = [
        (f"f: Unannotated, {ANY_CHOICE}", "Any"),
        (f"f: Callable[Concatenate[Tensor | Value, P], Any], {CHOICE}", "Any"),
    ]
    typed_ones = [
        (f"f: Callable[Concatenate[{own}, P], Any], {CHOICE}", f"Callable[Concatenate[{given}, P], {result}]")
        for (own, given), result in zip(arguments, TRANSFORMED[name], strict=True)
    ]
    last = [(f"f: Callable[..., Any], {ANY_CHOICE}", "Any")]
    if name == "grad":
        last.append((OF_RESULTS, "tuple[Any, ...]"))
    return overloaded(name, [*first, *typed_ones, *last], inspect.getdoc(getattr(autograd, name)))


OTHER_TRANSFORMS = {
    "jvp": [
        ("f: Unannotated, args: Sequence[Any], tangents: Sequence[Any]", "tuple[Any, Any]"),
        ("f: Callable[..., Value], args: Sequence[Any], tangents: Sequence[Any]", "tuple[float, float]"),
        ("f: Callable[..., Tensor], args: Sequence[Any], tangents: Sequence[Any]", "tuple[Any, Any]"),
        ("f: Callable[..., R], args: Sequence[Any], tangents: Sequence[Any]", "tuple[R, R]"),
    ],
    "vjp": [
        ("f: Unannotated, *args: Any", "tuple[Any, Callable[[Any], tuple[Any, ...]]]"),
        ("f: Callable[..., Value], *args: Any", "tuple[float, Callable[[Number], tuple[Any, ...]]]"),
        ("f: Callable[..., Tensor], *args: Any", "tuple[Any, Callable[[ArrayLike], tuple[Any, ...]]]"),
        ("f: Callable[..., R], *args: Any", "tuple[R, Callable[[R], tuple[Any, ...]]]"),
    ],
    "hvp": [("f: Callable[..., Any], args: Any, vectors: X", "X")],
    "vmap": [
        ("f: Unannotated, in_axes: int | Sequence[int | None] | None = 0", "Any"),
        (
            "f: Callable[..., Tensor | Value | Array | float], in_axes: int | Sequence[int | None] | None = 0",
            "Callable[..., Floats]",
        ),
        ("f: Callable[..., Any], in_axes: int | Sequence[int | None] | None = 0", "Any"),
    ],
    "checkpoint": [("f: Callable[P, R]", "Callable[P, R]")],
}


class Definition(NamedTuple):
    """A function that defines a row: the class of what it returns, which has the same signatures as all rows."""

    base: str
    result: str
    kinds: list[Kind]


DEFINITIONS = {
    "elementwise": Definition("Op", "ElementwiseOp", ELEMENTWISE),
    "structural": Definition("Structural", "StructuralOp", ON_ARRAYS),
}


def definition(name: str) -> str:
    """The class of a user's operation, and the function that defines it."""
    base, result, kinds = DEFINITIONS[name]
    options = ", **options: Any" if base == "Structural" else ""
    calls = [(f"self, *inputs: {kind.operand}{options}", kind.result) for kind in kinds]
    call = indent(overloaded("__call__", calls, None), "    ")
    op = getattr(autograd, name)
    parameters = list(inspect.signature(op).parameters.values())
    function = overloaded(name, [(written(parameters, kinds[0]), result)], inspect.getdoc(op))
    return f"class {result}({base}):\n{call}\n{function}"


def transforms() -> Iterator[str]:
    """The functions that take functions."""
    yield from map(transform, TRANSFORMED)
    for name, variants in OTHER_TRANSFORMS.items():
        yield overloaded(name, variants, inspect.getdoc(getattr(autograd, name)))


def operations_of(owner: type) -> dict[str, Callable[..., Any]]:
    """The operations that are methods of a class, by the method's name."""
    declared = {name: x for name, x in vars(owner).items() if isinstance(x, Method)} | RECORDING_METHODS
    return {name: x.op for name, x in declared.items() if not name.startswith("_") or isinstance(x.op, Op)}


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The operations that users call as functions."""
    for name in sorted(dir(autograd)):
        given = getattr(autograd, name)
        if isinstance(given, Op) or FUNCTIONS.get(name) is given:
            yield name, given


def stub() -> str:
    """The text of `autograd/signatures.pyi`."""
    exported = ", ".join(map(repr, [*(name for name, _ in functions()), *TRANSFORMED, *OTHER_TRANSFORMS, *DEFINITIONS]))
    of_values = operations_of(autograd.Value)
    of_tensors = operations_of(autograd.Tensor) | {"__matmul__": ROWS["matmul"], "__rmatmul__": ROWS["matmul"]}
    return "\n".join(
        [
            HEAD,
            f"__all__ = [{exported}]\n",
            methods(autograd.Value, OF_VALUE, [OF_VALUE, OF_TENSOR], of_values),
            methods(autograd.Tensor, OF_TENSOR, [OF_TENSOR], of_tensors),
            *(function(name, op) for name, op in functions()),
            *transforms(),
            *map(definition, DEFINITIONS),
        ]
    )


if __name__ == "__main__":
    STUB.write_text(stub(), "utf-8")
