"""What to write here for the words of PyTorch: hints for error messages.

The language of arrays is NumPy's. A word of PyTorch that NumPy does not have is an error that names NumPy's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from types import ModuleType
from typing import Any, NoReturn, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

_DEVICE = "leave it out: every array is in the CPU's memory"

ATTRIBUTES = {
    "T_": "use t.T",
    "add": "use t + u",
    "add_": "use t.data += ..., or t = t + ... on the tape",
    "bmm": "use t @ u",
    "bool": "use t.data.astype(bool)",
    "chunk": "use np.array_split(t, n, axis)",
    "clamp": "use t.clip(low, high)",
    "clamp_min": "use np.maximum(t, low)",
    "clamp_max": "use np.minimum(t, high)",
    "clone": "use t.copy()",
    "clamp_": "use t.data = t.data.clip(low, high)",
    "contiguous": "leave it out",
    "copy_": "use t.data = ...",
    "cpu": _DEVICE,
    "cuda": _DEVICE,
    "device": _DEVICE,
    "detach_": "use t = t.detach()",
    "det": "use autograd.det(t)",
    "diag": "use np.diag(t)",
    "dim": "use t.ndim",
    "div": "use t / u",
    "div_": "use t.data /= ..., or t = t / ... on the tape",
    "double": "use t.astype(np.float64)",
    "eq": "use t == u",
    "expand": "use np.broadcast_to(t, shape)",
    "expand_as": "use np.broadcast_to(t, u.shape)",
    "fill_": "use t.data[...] = ...",
    "flip": "use np.flip(t, axis)",
    "float": "use t.astype(np.float32)",
    "gather": "use np.take_along_axis(t, indices, axis)",
    "ge": "use t >= u",
    "grad_fn": "t.op is the operation that made it, t.inputs are its operands",
    "gt": "use t > u",
    "half": "use t.astype(np.float32): there is no half precision",
    "index_select": "use t.take(indices, axis)",
    "indices": "t.max(axis) and t.sort(...) give the entries alone: use t.argmax(axis), t.argsort(axis)",
    "int": "use t.data.astype(int)",
    "inverse": "use autograd.inv(t)",
    "is_cuda": _DEVICE,
    "is_floating_point": "every Tensor holds floats: True",
    **dict.fromkeys(("isfinite", "isinf", "isnan"), "use NumPy's function of that name, of t"),
    "le": "use t <= u",
    "long": "use t.data.astype(int)",
    "lt": "use t < u",
    "masked_fill": "use autograd.where(mask, value, t)",
    "masked_fill_": "use t = autograd.where(mask, value, t)",
    "masked_select": "use t[mask]",
    "matmul": "use t @ u",
    "median": "use np.median(t)",
    "mm": "use t @ u",
    "mul": "use t * u",
    "mul_": "use t.data *= ..., or t = t * ... on the tape",
    "mv": "use t @ u",
    "narrow": "use t[start : start + length], with : for each axis before",
    "ne": "use t != u",
    "neg": "use -t",
    "ndimension": "use t.ndim",
    "nelement": "use t.size",
    **{f"new_{name}": f"use np.{name}(shape)" for name in ("empty", "full", "ones", "zeros")},
    "nonzero": "use t.data.nonzero()",
    "normal_": "use nn.init.normal_(t, mean, std)",
    "numel": "use t.size",
    "numpy": "use t.data",
    "outer": "use np.outer(t, u)",
    "pin_memory": _DEVICE,
    "permute": "use t.transpose(...)",
    "register_hook": "module.register_full_backward_hook is called with gradients; or t.retain_grad() keeps this one",
    "repeat_interleave": "use t.repeat(n)",
    "roll": "use np.roll(t, shift, axis)",
    "scatter": "use t.at[index].set(values)",
    "scatter_": "use t = t.at[index].set(values)",
    "scatter_add_": "use t = t.at[index].add(values)",
    "split": "use np.split(t, n, axis): n parts, or a list of the places between them",
    "squeeze_": "use t = t.squeeze()",
    "sub": "use t - u",
    "sub_": "use t.data -= ..., or t = t - ... on the tape",
    "t": "use t.T",
    "to": "use t.astype(np.float32) for another dtype; there are no devices",
    "tile": "use np.tile(t, n)",
    "topk": "use np.sort(t, axis) and t.argsort(axis)",
    "tril": "use np.tril(t)",
    "triu": "use np.triu(t)",
    "type_as": "use t.astype(u.dtype)",
    "type": "use t.dtype, and t.astype(dtype)",
    "unbind": "use list(t)",
    "unflatten": "use t.reshape(...)",
    "uniform_": "use nn.init.uniform_(t, low, high)",
    "unique": "use np.unique(t.data)",
    "unsqueeze": "use t[:, None] or np.expand_dims(t, axis)",
    "view": "use t.reshape(...)",
    "view_as": "use t.reshape(u.shape)",
    "where": "use autograd.where(condition, t, u)",
    "zero_": "use t.data[...] = 0.0",
    "zero_grad": "use t.grad = None",
}
"""For attributes of a Tensor."""

_PLAIN = "use NumPy's, and Tensor(...) of it where its gradient is wanted"
_OURS_TOO = "use NumPy's, which takes Tensors"

NAMES = {
    **{
        name: ATTRIBUTES[name]
        for name in (
            *("chunk", "clone", "eq", "gather", "ge", "gt", "index_select", "is_floating_point", "le", "lt"),
            *("masked_fill", "mv", "narrow", "ne", "numel", "permute", "t", "topk", "unbind", "unflatten", "unsqueeze"),
        )
    },
    **dict.fromkeys(("all", "allclose", "any", "argmax", "argmin", "argsort", "linalg", "nonzero"), _OURS_TOO),
    **dict.fromkeys(("float32", "float64", "int32", "int64", "uint8", "inf", "nan", "pi"), "use NumPy's"),
    **dict.fromkeys(("bool", "double", "long"), "use NumPy's dtypes: np.bool, np.double, np.int64"),
    **dict.fromkeys(("float", "half", "bfloat16", "float16"), "use np.float32 or np.float64"),
    **dict.fromkeys(("isclose", "meshgrid"), "use NumPy's"),
    **dict.fromkeys(("bincount", "quantile", "searchsorted", "cov", "corrcoef"), "use NumPy's, of t.data"),
    **dict.fromkeys(("set_printoptions", "tril_indices", "triu_indices"), "use NumPy's"),
    **dict.fromkeys(("logical_and", "logical_not", "logical_or", "unique"), "use NumPy's, of t.data"),
    "count_nonzero": _OURS_TOO,
    "Function": "use elementwise or structural for an operation of your own",
    "Variable": "use Tensor",
    **dict.fromkeys(("DoubleTensor", "FloatTensor"), "use Tensor"),
    **dict.fromkeys(("BoolTensor", "IntTensor", "LongTensor"), "use np.array(data)"),
    "Size": "a shape is a tuple",
    "addmm": "use a + t @ u",
    "autograd": "its names are here: import autograd",
    "backends": _DEVICE,
    "baddbmm": "use a + t @ u",
    "compile": "leave it out",
    "cosine_similarity": "use nn.functional.cosine_similarity",
    "detach": "use t.detach()",
    "dropout": "use nn.functional.dropout",
    "dtype": "use np.dtype",
    "fft": "use np.fft",
    "get_default_dtype": "it is float64",
    "is_grad_enabled": "a network knows by model.training, which model.eval() makes False",
    "is_tensor": "use isinstance(t, Tensor)",
    "set_num_threads": "set OMP_NUM_THREADS=1 before NumPy is imported",
    "swapdims": "use swapaxes(t, first, second)",
    "as_tensor": "use Tensor(data, requires_grad=False), or the array itself",
    "from_numpy": "use Tensor(array, requires_grad=False), or the array itself",
    "amax": "use max(t, axis)",
    "amin": "use min(t, axis)",
    "cat": "use concatenate(tensors, axis)",
    "clamp": "use clip(t, low, high)",
    "cuda": _DEVICE,
    "device": _DEVICE,
    "mm": "use t @ u",
    "bmm": "use t @ u",
    "backward": "use loss.backward()",
    "concat": "use concatenate(tensors, axis)",
    "distributions": "use nn.distributions",
    "func": "its functions are here: grad, vjp, jvp, jacobian, hessian, vmap; functional_call is in nn",
    "functional": "its functions are here: jacobian, hessian, vjp, jvp, hvp, each of a function",
    "gradcheck": "use check_grads(f, args)",
    "inference_mode": "use no_grad",
    "inverse": "use inv(t)",
    **dict.fromkeys(("jacfwd", "jacrev"), "use jacobian"),
    "lerp": "use a + weight * (b - a)",
    "masked_select": "use t[mask]",
    "movedim": "use moveaxis(t, source, destination)",
    "multiply": "use t * u",
    "nn": "use import nn",
    "optim": "use nn.optim",
    "repeat_interleave": "use repeat(t, n, axis)",
    "rsqrt": "use 1.0 / sqrt(t)",
    "set_default_dtype": "a Tensor has the dtype of its data, float64 or float32",
    "set_detect_anomaly": "use detect_anomaly()",
    "set_grad_enabled": "use no_grad, enable_grad",
    "utils": "use nn.DataLoader, nn.TensorDataset, nn.random_split",
    **dict.fromkeys(("arange", "empty", "eye", "full", "ones", "zeros"), _PLAIN),
    **dict.fromkeys(("empty_like", "full_like", "ones_like", "zeros_like"), _PLAIN),
    **dict.fromkeys(
        (
            "Generator",
            "bernoulli",
            "multinomial",
            "normal",
            "rand",
            "rand_like",
            "randn",
            "randn_like",
            "randint",
            "randperm",
        ),
        "use a np.random.default_rng(seed), and Tensor(...) of its numbers where their gradient is wanted",
    ),
    "Generator": "use np.random.default_rng(seed), and hand it to what takes generator=",
    **dict.fromkeys(("save", "load"), "use model.save(file) and model.load(file)"),
}
"""For names of the package."""

CALLS = {
    "max": "maximum(x, y) is the larger of two",
    "min": "minimum(x, y) is the smaller of two",
    "transpose": "swapaxes(x, first, second) exchanges two axes",
}
"""For functions that PyTorch calls in another way as well."""

KEYWORDS = {
    "dim": "axis=",
    "dims": "axis=",
    "keepdim": "keepdims=",
    "unbiased": "ddof=1 for PyTorch's default; NumPy's is ddof=0",
    "correction": "ddof=, which is 0 by default as in NumPy",
    "descending": "np.sort(t)[::-1] or t.argsort()[::-1]",
}
"""For arguments of functions and methods."""


def hint(name: str, words: Mapping[str, str]) -> str:
    """What to add to an error about a name that is not here; nothing where PyTorch does not have it either.

    Example:
        >>> hint("numel", ATTRIBUTES)
        '; use t.size'
        >>> hint("colour", ATTRIBUTES)
        ''
    """
    return f"; {words[name]}" if name in words else ""


def keyword_hint(names: Iterable[str]) -> str:
    """The same for arguments.

    Example:
        >>> keyword_hint(["dim", "colour"])
        '; for dim= NumPy has axis='
    """
    return "".join(f"; for {name}= NumPy has {KEYWORDS[name]}" for name in names if name in KEYWORDS)


def explaining_keywords(function: F) -> F:
    """A function or method whose errors about unknown arguments name NumPy's."""

    @wraps(function)
    def explained(*inputs: Any, **options: Any) -> Any:
        try:
            return function(*inputs, **options)
        except TypeError as error:
            if text := keyword_hint(options):
                raise TypeError(f"{error}{text}") from None
            raise

    return cast(F, explained)


class TensorModule(ModuleType):
    """The module `autograd.tensor`, which users of PyTorch call."""

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(
            "autograd.tensor is a module: np.array(data) is what torch.tensor(data) is, and autograd.Tensor(data) "
            "what it is with requires_grad=True"
        )


class Size(int):
    """The number of entries, which PyTorch's users call."""

    def __call__(self, *_: Any) -> NoReturn:
        raise TypeError(
            "t.size is the number of entries, as in NumPy: use t.shape for t.size(), t.shape[0] for t.size(0)"
        )


class Entries:
    """The method `t.values`, which users of PyTorch take for the maxima in `t.max(axis).values`."""

    __slots__ = ("_method",)

    def __init__(self, method: Callable[[], Any]) -> None:
        self._method = method

    def __call__(self) -> Any:
        return self._method()

    def __getitem__(self, _: Any) -> NoReturn:
        raise TypeError(repr(self))

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{name!r} of {self!r}")

    def __repr__(self) -> str:
        return "t.values is a method, for the entries as Values: t.max(axis) gives the maxima without .values"
