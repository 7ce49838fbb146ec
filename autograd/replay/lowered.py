"""Programs as pure functions of JAX, which compiles, differentiates, maps and shards them.

The calls of NumPy that a program consists of are those of `jax.numpy` by their names; rows that are no such calls have
a twin here. Many single numbers are rolled first, as for NumPy: the steps then read and write slices of one array.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from types import FunctionType
from typing import Any

import numpy as np

from autograd import convolutions, table
from autograd.arrays import Shape
from autograd.op import Op, Structural
from autograd.replay import reference
from autograd.replay.fused import fused
from autograd.replay.inlined import NumpyCall, inlined
from autograd.replay.layout import ArrayStep, Region
from autograd.replay.levels import IrregularError
from autograd.replay.lines import function_name, is_numpys, templates
from autograd.replay.passes import simplified
from autograd.replay.pieces import LastWritten
from autograd.replay.program import NUMBER, Form, Program
from autograd.replay.rolled import Rolled, is_scalar, rolled
from autograd.replay.slopes import sloped

try:
    import jax
    import jax.numpy as jnp
    import jax.scipy.linalg
    import jax.scipy.special
    import jax.scipy.stats
except ImportError as error:
    raise ImportError('programs run on JAX where it is installed: pip install "wengert[jax]"') from error
if jax.__version_info__ < (0, 8):
    raise ImportError(
        f'programs run on JAX 0.8 or later, and {jax.__version__} is installed: pip install --upgrade "wengert[jax]"'
    )

Numbers = Sequence[Any] | Any
"""Numbers and arrays, in their order; of numbers alone, one array."""

Function = Callable[[Numbers, Numbers, Numbers], Numbers]
Run = Callable[[Sequence[Any], Sequence[Any]], Sequence[Any]]

FEW = 100
"""Programs of fewer instructions are not rolled: XLA compiles them as quickly."""


class NotLoweredError(TypeError):
    """A row cannot be computed by JAX."""

    def __init__(self, op: Op) -> None:
        super().__init__(
            f"{op.name} cannot run on JAX: its function is NumPy's or SciPy's, or needs the numbers themselves; write "
            "it with operators and methods, which arrays of JAX have, too (x * x, x.sum()), or take another backend"
        )


def to_jax(program: Program) -> Callable[..., tuple[Numbers, Numbers]]:
    """The program as a pure function of arrays of JAX: see `Program.to_jax`."""
    compute = _whole(program)
    results, answers = len(program.outputs), len(program.guards)

    def function(inputs: Numbers, captured: Numbers = (), drawn: Numbers = ()) -> tuple[Numbers, Numbers]:
        wanted = compute(inputs, captured, drawn)
        return wanted[:results], wanted[results + answers :]

    return function


def by_jax(program: Program) -> Run:
    """The program compiled by JAX, in the precision in which it was recorded."""
    function = jax.jit(_whole(program))
    forms = [program.form_of(slot) for slot in program.wanted]

    def run(inputs: Sequence[Any], captured: Sequence[Any]) -> Sequence[Any]:
        try:
            with jax.enable_x64(True):
                wanted = function(_packed(inputs), _packed(captured), _drawn(program))
                found = wanted if isinstance(wanted, tuple) else np.asarray(wanted).tolist()
                return [_on_host(x, form) for x, form in zip(found, forms, strict=True)]
        except jax.errors.JaxRuntimeError as error:
            if "RESOURCE_EXHAUSTED" not in str(error):
                raise
            raise MemoryError(_of_memory(program, [*inputs, *captured])) from error

    return run


def _of_memory(program: Program, arguments: Sequence[Any]) -> str:
    """What to do where a device has too little memory for a program."""
    size = sum(getattr(x, "nbytes", 8) for x in arguments)
    return (
        f"{program.name}: the memory of {jax.devices()[0]} is too small for what the function computes from {size:,} "
        "bytes of arguments and captured leaves: pass fewer samples at a time and add up the gradients, compute in "
        "float32, or share the samples out to several devices (autograd/docs/jax.md)"
    )


def _packed(numbers: Sequence[Any]) -> Any:
    """Numbers as one array, which crosses over to the device at once."""
    return np.array(numbers) if all(type(x) is float for x in numbers) else tuple(numbers)


def _whole(program: Program) -> Function:
    """A function of inputs, captured leaves and random numbers that returns all that the program wants."""
    program = replace(program, outputs=tuple(program.wanted), guards=(), effects=())
    simpler = simplified(program)
    if is_scalar(simpler) and not simpler.drawn and simpler.instructions >= FEW:
        try:
            return _by_steps(program, rolled(fused(sloped(simpler))))
        except IrregularError:
            pass
    return _by_entries(program)


def _drawn(program: Program) -> list[Any]:
    """New random numbers, from NumPy's generators."""
    return [
        reference.computed(program, slot, op, [program.constants[x] for x in program.operands_of(slot)])
        for slot in program.drawn
        if (op := program.row_of(slot)) is not None
    ]


def _on_host(x: Any, form: Form) -> Any:
    """A result as the engine has it: a number of Python, or an array that may be changed."""
    if not form.is_number:
        return np.array(x, form.dtype)
    return float(x) if form.dtype == float else np.asarray(x).astype(form.dtype).item()


class _WithoutOut:
    """A function of JAX under the signature of NumPy's: arrays of JAX do not change, so `out` is left out."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *args: Any, out: Any = None, **options: Any) -> Any:
        return self.function(*args, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.function, name)


WIDE: dict[Any, type] = {np.dtype(float): float, np.dtype(np.int64): int}


def _allowed(dtype: Any) -> Any:
    """The dtype, or that of single precision in its place, unless JAX is told to use double precision."""
    kind = WIDE.get(np.dtype(dtype))
    return dtype if kind is None else jnp.result_type(kind)


class _Module:
    """NumPy in a line of NumPy, with the functions of JAX behind its names."""

    def __getattr__(self, name: str) -> Any:
        if name == "errstate":  # JAX raises nothing, and warns of nothing
            return lambda **_: nullcontext()
        if name in ("float64", "int64"):
            return _allowed(name)
        found = getattr(jnp, name)
        return _WithoutOut(found) if callable(found) and not isinstance(found, type) else found


NAMES: dict[str, Any] = {"np": _Module()}


# Entry by entry


def _by_entries(program: Program) -> Function:
    """A line of JAX for each entry."""
    simpler = simplified(inlined(_on_arrays(program)))
    rows = [op if op is None else lowered_row(op) for op in simpler.rows]

    given = _arguments(program, simpler)
    are_numbers = all(program.form_of(slot) == NUMBER for slot in program.outputs)

    def function(inputs: Numbers, captured: Numbers, drawn: Numbers) -> Numbers:
        numbers: list[Any] = [None] * len(simpler)
        for slot, number in simpler.constants.items():
            numbers[slot] = jnp.asarray(number) if isinstance(number, np.ndarray) else number
        for target, number in zip(given, [*inputs, *captured, *drawn], strict=True):
            if target is not None:
                numbers[target] = number
        for slot, op, operands in simpler:
            if op is not None and numbers[slot] is None:
                form = simpler.form_of(slot)
                given_operands = [numbers[x] for x in operands]
                numbers[slot] = _as_form(_computed(op, rows[simpler.code[slot]], given_operands, form), form)
        results = [numbers[slot] for slot in simpler.outputs]
        return jnp.array(results) if are_numbers else tuple(results)

    return function


def _computed(op: Op, row: Any, operands: Sequence[Any], form: Form) -> Any:
    """The result of a row; a question that JAX cannot trace, such as a metric, is asked on the host, in NumPy."""
    try:
        return row(*operands)
    except (jax.errors.TracerArrayConversionError, jax.errors.ConcretizationTypeError):
        if not op.in_table or op.name in table.ROWS or form.dtype is None:
            raise
    dtype, question = _allowed(form.dtype), _with_parameters(op.array, op)

    def answer(*arrays: Any) -> Any:
        return np.asarray(question(*map(np.asarray, arrays)), dtype)

    shape = jax.eval_shape(lambda: jnp.zeros(form.shape, dtype))
    return jax.pure_callback(answer, shape, *operands, vmap_method="sequential")


def _arguments(program: Program, simpler: Program) -> list[int | None]:
    """The slots of the arguments in the simpler program: inputs, captured leaves, random numbers."""
    left = {id(leaf.source): leaf.slot for leaf in simpler.captured}
    return [*simpler.inputs, *[left.get(id(leaf.source)) for leaf in program.captured], *simpler.drawn]


def _on_arrays(program: Program) -> Program:
    """The program with arrays without axes in place of numbers, so that all rows are calls of NumPy on arrays."""
    forms = [form._replace(is_number=False) for form in program.forms]
    return replace(program, forms=tuple(forms))


def _as_form(x: Any, form: Form) -> Any:
    if form.dtype is None:
        return x
    dtype = _allowed(form.dtype)
    return x if getattr(x, "dtype", dtype) == dtype else x.astype(dtype)


def lowered_row(op: Op) -> Callable[..., Any]:
    """The function of JAX that computes a row."""
    if "mapped" in op.derived:
        return _mapped(op.derived["mapped"])
    if isinstance(op, NumpyCall):
        return _call(op)
    if is_ours(op) and op.name in TWINS:
        return _with_parameters(TWINS[op.name], op)
    if isinstance(op.array, np.ufunc) and not is_numpys(op):
        return _of_scipy(op)
    function = _with_parameters(op.array, op) if isinstance(op, Structural) else _templated(op)
    return function if op.in_table else _named(function, op)


def is_ours(op: Op) -> bool:
    """Whether a row is one of the packages `autograd` and `nn`."""
    return op.in_table or str(getattr(op.array, "__module__", "")).startswith(("autograd.", "nn."))


def _of_scipy(op: Op) -> Callable[..., Any]:
    """JAX's function of the name of a function of SciPy."""
    name = op.array.__name__
    function: Callable[..., Any] | None = SCIPYS.get(name) or getattr(jax.scipy.special, name, None)
    if function is None:
        raise NotLoweredError(op)
    return function


def _named(function: Callable[..., Any], op: Op) -> Callable[..., Any]:
    """A function of a row of one's own, which may be none that JAX can trace."""

    def traced(*operands: Any) -> Any:
        try:
            return function(*operands)
        except Exception as error:
            raise NotLoweredError(op) from error

    return traced


def _with_parameters(function: Callable[..., Any], op: Op) -> Callable[..., Any]:
    parameters = getattr(op, "parameters", {})
    return lambda *operands: function(*operands, **parameters)


def _call(op: NumpyCall) -> Callable[..., Any]:
    names = [f"x{i}" for i in range(len(op.operands))]
    text = op.symbol.format(*names)
    for written, meant in SPELLINGS.items():
        text = text.replace(written, meant)
    lines = [f"def call({', '.join(names)}):", f"    y = {text}"]
    if op.assignment:
        lines.append(f"    {_updated(op.assignment.format(*names, y='y'))}")
    variables = dict(NAMES)
    exec("\n".join([*lines, "    return y"]), variables)
    function: Callable[..., Any] = variables["call"]
    return function


SPELLINGS = {".item()": ".reshape(())", "kind='stable'": "stable=True"}
"""What JAX spells in another way."""


def _updated(assignment: str) -> str:
    """The assignment to some entries of an array as a new array."""
    target, _, value = assignment.partition("] = ")
    name, _, index = target.partition("[")
    return f"{name} = {name}.at[{index}].set(np.asarray({value}).astype({name}.dtype))"


def _templated(op: Op) -> Callable[..., Any]:
    """An elementwise row by its lines of NumPy, or by its own function."""
    names = [f"x{i}" for i in range(len(op.operands))]
    lines = [line.format(*names, "y", "0.0") for line in templates(op)]
    lines = [f"y = {line.removeprefix('y[...] = ')}" for line in lines]
    own = _of_jax(op.array) if is_ours(op) and isinstance(op.array, FunctionType) else op.array
    variables = {**NAMES, function_name(op): own}
    exec("\n    ".join([f"def row({', '.join(names)}):", "y = None", *lines, "return y"]), variables)
    function: Callable[..., Any] = variables["row"]
    return function


def _of_jax(function: FunctionType) -> Callable[..., Any]:
    """A function of this package with the functions of JAX behind the names of NumPy's."""
    variables = {**function.__globals__, **NAMES}
    return FunctionType(function.__code__, variables, function.__name__, function.__defaults__, function.__closure__)


def _mapped(mapped: Any) -> Callable[..., Any]:
    whole = _whole(mapped.program)
    axes = [0 if varies else None for varies in mapped.varying]
    function: Callable[..., Any] = jax.vmap(lambda *inputs: tuple(whole(inputs, (), ())), axes)

    def packed(*operands: Any) -> Any:
        length = len(operands[mapped.varying.index(True)])
        results = function(*operands)
        if mapped.is_summed:
            results = [jnp.sum(x, axis=0) for x in results]
        leading = () if mapped.is_summed else (length,)
        return results[0] if len(results) == 1 else jnp.concatenate([x.reshape((*leading, -1)) for x in results], -1)

    return packed


# Rows that are no calls of NumPy


def _scattered(x: Any, index: Any, shape: Shape) -> Any:
    return jnp.zeros(shape, jnp.asarray(x).dtype).at[index].add(x)


def _last_written(x: Any, index: Any) -> Any:
    turn = jnp.arange(x[index].size).reshape(x[index].shape)
    return jnp.full(x.shape, -1).at[index].max(turn)[index] == turn


def _inside_windows(counts: Shape, sizes: Shape, strides: Shape, dilations: Shape) -> tuple[Any, ...]:
    """The index of all windows on the last axes, of shape (places…, sizes…)."""
    rank = len(sizes)
    index = []
    for axis in range(rank):
        along = strides[axis] * np.arange(counts[axis])[:, None] + dilations[axis] * np.arange(sizes[axis])
        shape = [1] * 2 * rank
        shape[axis], shape[rank + axis] = counts[axis], sizes[axis]
        index.append(along.reshape(shape))
    return (..., *index)


def _windows(x: Any, sizes: Shape, strides: Shape, dilations: Shape) -> Any:
    lengths, none = x.shape[x.ndim - len(sizes) :], (0,) * len(sizes)
    counts = convolutions.places("windows", lengths, sizes, strides, none, dilations)
    return x[_inside_windows(counts, sizes, strides, dilations)]


def _overlapped(w: Any, shape: Shape, strides: Shape, dilations: Shape) -> Any:
    w, rank = jnp.asarray(w), len(strides)
    counts, sizes = w.shape[w.ndim - 2 * rank : w.ndim - rank], w.shape[w.ndim - rank :]
    return jnp.zeros(shape, w.dtype).at[_inside_windows(counts, sizes, strides, dilations)].add(w)


def _of_one_dtype(*arrays: Any) -> list[Any]:
    """The arrays in the widest of their dtypes: JAX's convolution takes two of one."""
    dtype = jnp.result_type(*arrays)
    return [x.astype(dtype) for x in arrays]


def _convolution(x: Any, weight: Any, strides: Shape, paddings: Shape, dilations: Shape) -> Any:
    x, weight = _of_one_dtype(x, weight)
    padding = [(length, length) for length in paddings]
    return jax.lax.conv_general_dilated(x, weight, strides, padding, rhs_dilation=dilations)


def _convolution_input(g: Any, weight: Any, shape: Shape, **settings: Any) -> Any:
    g, weight = _of_one_dtype(g, weight)
    return jax.vjp(lambda x: _convolution(x, weight, **settings), jnp.zeros(shape, g.dtype))[1](g)[0]


def _convolution_weight(x: Any, g: Any, sizes: Shape, **settings: Any) -> Any:
    x, g = _of_one_dtype(x, g)
    weight = jnp.zeros((g.shape[1], x.shape[1], *sizes), x.dtype)
    return jax.vjp(lambda weight: _convolution(x, weight, **settings), weight)[1](g)[0]


def _first_equal(w: Any, y: Any) -> Any:
    hits = (w == y[..., None, None]).reshape((*y.shape, -1))
    return (hits & (jnp.cumsum(hits, axis=-1) == 1)).reshape(w.shape)


def _eigenpairs(x: Any) -> Any:
    values, vectors = jnp.linalg.eigh(x)
    return jnp.concatenate([values[..., None, :], vectors], axis=-2)


def _singular_triples(x: Any) -> Any:
    u, s, vt = jnp.linalg.svd(x, full_matrices=False)
    return jnp.concatenate([u, s[..., None, :], vt.mT], axis=-2)


def _is_far_from_singular(x: Any, det: Any) -> Any:
    largest = jnp.prod(jnp.linalg.norm(x, axis=-1), axis=-1)
    return jnp.all(jnp.abs(det) > 1e-6 * largest)


def _solve(a: Any, b: Any) -> Any:
    return jnp.linalg.solve(a, b[..., None])[..., 0] if b.ndim == 1 else jnp.linalg.solve(a, b)


TWINS: dict[str, Callable[..., Any]] = {
    "broadcast_to": jnp.broadcast_to,
    "scatter": _scattered,
    "last_written": _last_written,
    "windows": _windows,
    "overlap_add": _overlapped,
    "convolution": _convolution,
    "convolution_input": _convolution_input,
    "convolution_weight": _convolution_weight,
    "first_equal": _first_equal,
    "as_type": lambda x, dtype: jnp.asarray(x).astype(_allowed(dtype)),
    "cumsum": jnp.cumsum,
    "cumprod": jnp.cumprod,
    "eigenpairs": _eigenpairs,
    "singular_triples": _singular_triples,
    "is_far_from_singular": _is_far_from_singular,
    "solve": _solve,
    "inv": jnp.linalg.inv,
    "cholesky": jnp.linalg.cholesky,
    "solve_triangular": jax.scipy.linalg.solve_triangular,
    "expm": jax.scipy.linalg.expm,
    "logabsdet": lambda x: jnp.linalg.slogdet(x)[1],
    "sign_of_det": lambda x: jnp.linalg.slogdet(x)[0],
    "maximum": jnp.maximum,
    "minimum": jnp.minimum,
    "clip": lambda x, low, high: jnp.minimum(jnp.maximum(x, low), high),
    "erf": jax.scipy.special.erf,
    "erfc": jax.scipy.special.erfc,
    "normal_pdf": jax.scipy.stats.norm.pdf,
    "normal_cdf": jax.scipy.stats.norm.cdf,
}
"""The rows whose functions are no calls of NumPy, by name."""

SCIPYS: dict[str, Callable[..., Any]] = {
    "psi": jax.scipy.special.digamma,
    "rgamma": lambda x: 1.0 / jax.scipy.special.gamma(x),
    "log_expit": jax.nn.log_sigmoid,
}
"""Functions of SciPy that JAX has under another name."""


# Rolled steps


def _by_steps(program: Program, steps: Rolled) -> Function:
    """A line of JAX for each step; its result is an array, and slices of such arrays are what the next ones read."""
    start = np.zeros(steps.sizes["v"])
    for region in steps.ones:
        start[_places_of(region)] = 1.0
    for place, number in steps.numbers.items():
        start[place] = number
    place_of = {id(leaf.source): place for place, leaf in enumerate(program.captured)}
    leaves = np.array([place_of[id(leaf.source)] for leaf in steps.captured], int)
    written = LastWritten(start)
    written.write(_places_of(steps.shared_inputs))
    written.write(_places_of(steps.leaves))
    rows = {function_name(op): op for op in steps.program.rows if op is not None}
    constants = {name: lowered_row(rows[name]) if name in rows else x for name, x in steps.constants.items()}
    compute = [_step(step, constants, written) for step in steps.steps]
    results = written.read(np.array([place for _, place in steps.results]))

    def function(inputs: Numbers, captured: Numbers, drawn: Numbers) -> Numbers:
        arrays: list[Any] = [start, _vector(inputs), _vector(captured)[leaves]]
        for step in compute:
            arrays.append(step(arrays))
        return results.of(arrays, jnp)

    return function


def _vector(numbers: Numbers) -> Any:
    return jnp.asarray(numbers, float) if len(numbers) else jnp.zeros(0)


def _places_of(region: Region) -> Any:
    return np.arange(region.base, region.base + region.length)


TARGET = re.compile(r"^\{(\d+)\}\[\.\.\.\] = |, out=\{(\d+)\}")
"""What a step writes to."""


def _step(step: ArrayStep, constants: Mapping[str, Any], written: LastWritten) -> Callable[[Sequence[Any]], Any]:
    """One step, as a function from the arrays before it to the one that it computes, with one axis."""
    size = len(written.start)
    found = TARGET.search(step.template)
    assert found is not None, step.template
    target = _viewed(step.texts[int(found[1] or found[2])], size)
    line = TARGET.sub("", step.template)
    if line.startswith("np.take("):
        places = {0: constants[step.texts[1]]}
        line = "{0}"
    else:
        read = {int(place) for place in re.findall(r"\{(\d+)\}", line)}
        places = {i: _viewed(step.texts[i], size) for i in read if _is_view(step.texts[i])}
    names = [f"x{i}" if i in places else text for i, text in enumerate(step.texts)]
    text = f"lambda {', '.join(names[i] for i in places)}: {line.format(*names)}"
    row: Callable[..., Any] = eval(text, {**NAMES, **constants})
    operands = [written.read(x) for x in places.values()]
    written.write(target)

    def compute(arrays: Sequence[Any]) -> Any:
        y = row(*[piece.of(arrays, jnp) for piece in operands])
        return jnp.broadcast_to(jnp.asarray(y, float), target.shape).ravel()

    return compute


def _is_view(text: str) -> bool:
    """Whether a text stands for a view of the workspace, not for a number or the name of a constant."""
    return text.startswith(("v", "strided(v"))


def _viewed(text: str, size: int) -> Any:
    """The places of a view."""
    return eval(text, {"v": np.arange(size), "strided": np.lib.stride_tricks.as_strided})
