"""NumPy as the language: each idiom on Tensors and Values is tracked, or a TypeError that says what to do."""

import inspect
import pickle
import traceback

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, Value, check_grads, no_grad
from autograd.methods import Reflected
from autograd.operators import RECORDING_METHODS
from autograd.table import ROWS

ARRAY = np.array([0.5, 1.5, 2.5])
MASKED = np.ma.array(ARRAY, mask=[False, True, False])
MATRIX = np.arange(9.0).reshape(3, 3) / 4 - 1


def source(idiom):
    return (
        inspect.getsource(idiom).strip().rstrip(",").removeprefix("lambda t: ")
        if idiom.__name__ == "<lambda>"
        else None
    )


TRACKED = [
    lambda t: np.exp(t) + np.log(t) * np.sqrt(t),
    lambda t: 3.0 * t,
    lambda t: ARRAY * t,
    lambda t: t * ARRAY,
    lambda t: ARRAY - t,
    lambda t: ARRAY / t,
    lambda t: ARRAY**t,
    lambda t: np.float64(2.0) ** t,
    lambda t: 7.1 // t + 7.3 % t,
    lambda t: MATRIX @ t,
    lambda t: t @ MATRIX,
    lambda t: np.add(ARRAY, t),
    lambda t: np.multiply(t, MATRIX),
    lambda t: np.maximum(t, 1.0),
    lambda t: np.minimum(1.0, t),
    lambda t: np.clip(t, 1.0, 2.0),
    lambda t: np.clip(t, None, 2.0),
    lambda t: np.clip(t, a_min=1.0, a_max=None),
    lambda t: t.clip(1.0, 2.0),
    lambda t: np.where(t > 1.0, t, 0.0),
    lambda t: np.where(ARRAY > 1.0, t * t, t),
    lambda t: abs(-t),
    lambda t: np.sign(t) * t,
    lambda t: np.arctan2(t, ARRAY) + np.hypot(t, 2.0),
    lambda t: np.sum(t, axis=0, keepdims=True),
    lambda t: np.mean(t) + np.var(t) + np.std(t),
    lambda t: np.prod(t) + np.cumsum(t),
    lambda t: np.max(t) - np.min(t),
    lambda t: np.linalg.norm(t),
    lambda t: np.dot(t, ARRAY),
    lambda t: np.dot(MATRIX, t),
    lambda t: np.inner(ARRAY, t),
    lambda t: np.outer(t, t),
    lambda t: np.vdot(t, t),
    lambda t: np.kron(t, ARRAY),
    lambda t: np.einsum("i,ij->j", t, MATRIX),
    lambda t: np.tensordot(MATRIX, t, axes=1),
    lambda t: np.cross(t, ARRAY),
    lambda t: np.concatenate([t, ARRAY, t]),
    lambda t: np.concatenate((t, t), axis=-1),
    lambda t: np.stack([t, ARRAY]),
    lambda t: np.hstack([t, t]),
    lambda t: np.vstack([t, ARRAY]),
    lambda t: np.append(t, 1.0),
    lambda t: np.reshape(t, (3, 1)),
    lambda t: t.reshape(3, 1).T,
    lambda t: t[:, None] * t[None, :],
    lambda t: t[::-1],
    lambda t: t[[0, 0, 1]],
    lambda t: t[ARRAY > 1.0],
    lambda t: t[np.newaxis, ..., 1:],
    lambda t: np.expand_dims(t, 0),
    lambda t: np.squeeze(t[None]),
    lambda t: np.transpose(t[None]),
    lambda t: np.broadcast_to(t, (2, 3)),
    lambda t: np.tile(t, 2) + np.repeat(t, 2),
    lambda t: np.pad(t, 1),
    lambda t: np.flip(t) + np.roll(t, 1),
    lambda t: np.diff(t),
    lambda t: np.diag(t),
    lambda t: np.trace(np.outer(t, t)),
    lambda t: np.tril(t * MATRIX),
    lambda t: np.sort(t),
    lambda t: np.reshape(t, (3, 1), order="F"),
    lambda t: np.reshape(t, (3, 1), "F"),
    lambda t: np.sum(t, 0, np.float64, None, True),
    lambda t: np.diff(t, 1, 0, 0.0),
    lambda t: np.linspace(0, t[0], 3),
    lambda t: np.convolve(t, t),
    lambda t: np.sum(t, dtype=float, where=ARRAY > 1, initial=1.0),
    lambda t: np.real(t) + np.conj(t) + np.nan_to_num(t) * (1 + np.imag(t)),
    lambda t: np.select([t > 1], [t], default=0.0),
    lambda t: anp.r_[t, 1.0, 1:4],
    lambda t: anp.c_[t, ARRAY],
    lambda t: np.take(t, [2, 0]),
    lambda t: np.split(t, 3)[1],
    lambda t: np.linalg.inv(np.diag(t)),
    lambda t: np.linalg.solve(np.diag(t), ARRAY),
    lambda t: np.linalg.det(np.diag(t)),
    lambda t: np.linalg.slogdet(np.diag(t))[1],
    lambda t: np.linalg.cholesky(np.diag(t)),
    lambda t: np.linalg.eigh(np.diag(t))[0],
    lambda t: sum(x * x for x in t),
    lambda t: sum(t),
    lambda t: t[0] * t[1] if t[2] > t[1] else t[0],
    lambda t: t.sum() / t.size + len(t) * t.mean(),
    lambda t: t.astype(float) * t.astype("float64"),
    lambda t: np.sum([1.0, 2.0, 3.0] * t),
    lambda t: np.add(t, [1, 2, 3]),
    lambda t: np.median(t) + np.average(t) + np.ptp(t),
    lambda t: np.sum(t[None], 1, None) + np.std(np.stack([t, t * t]), 0, None, None, 1),
    lambda t: np.max(t[None], 0, None, True) + np.median(t[None], 0, None, False, True),
    lambda t: np.take(t, [0], 0, None, "raise") + np.sort(t, 0, None, None) + np.trace(t[None], 0, 0, 1, None, None),
    lambda t: np.einsum("i,i,j->j", t, t, ARRAY * t, optimize=True),
    lambda t: np.reshape(t, (3, 1), "C"),
    lambda t: t.round(1) * t,
    lambda t: np.array_split(t, 2)[0],
    lambda t: anp.array([t[0], t[1] * t[2]], float),
    lambda t: anp.sum([t[0], t[1]], 0, None),
    lambda t: anp.array([t[0], t[1] * t[2]]),
    lambda t: anp.array([[t, t], [t, ARRAY]]),
    lambda t: anp.sum([t[0], t[1]]),
    lambda t: anp.full(2, t[0]),
    lambda t: anp.concatenate([[t[0]], [1.0]]),
]


@pytest.mark.parametrize("idiom", TRACKED, ids=source)
def test_the_idiom_is_tracked(idiom):
    t = Tensor(ARRAY)
    y = idiom(t)
    assert isinstance(y, Tensor)
    assert y.dtype == float
    check_grads(idiom, [ARRAY], order=2)


REFUSED = [
    (lambda t: np.array([t, t]), "autograd.stack"),
    (lambda t: np.asarray(t), r"t.data or t.detach\(\)"),
    (lambda t: np.array(t, dtype=float), r"t.data"),
    (lambda t: np.sum([t, t]), "autograd.stack|t.data"),
    (lambda t: np.full(3, t), "t.data"),
    (lambda t: np.add.reduce(t), "np.sum"),
    (lambda t: np.add.accumulate(t), "np.cumsum"),
    (lambda t: np.multiply.outer(t, t), "np.outer"),
    (lambda t: np.add.at(np.zeros(3), 0, t), r"t.at\[index\].add"),
    (lambda t: np.exp(t, out=np.zeros(3)), r"a = a \+ t"),
    (lambda t: np.zeros(3).__iadd__(t), r"a = a \+ t"),
    (lambda t: np.zeros(3).__setitem__(slice(None), t), r"t\.data"),
    (lambda t: np.exp(t, dtype=np.float32), "dtype"),
    (lambda t: np.mean(t, out=np.zeros(())), "does not take out="),
    (lambda t: np.mean(t, 0, np.float64), "does not take dtype="),
    (lambda t: np.average(t, 0, ARRAY, True), "'returned'"),
    (lambda t: np.add(t, 1, casting="safe"), "casting"),
    (lambda t: t.astype(complex), r"float64 or float32, not complex128; use t.data.astype\('complex128'\)"),
    (lambda t: t.astype(object), "t.data.astype"),
    (lambda t: t.astype(np.float16), "t.data.astype"),
    (lambda t: t.astype(">f8"), "t.data.astype"),
    (lambda t: t.astype(str), "t.data.astype"),
    (lambda t: np.astype(t, "datetime64[s]"), "t.data.astype"),
    (lambda t: anp.array([t[0], t[1]], dtype=complex), "t.data.astype"),
    (lambda t: t.at[:].add(MASKED), "a masked array would lose its mask"),
    (lambda t: t * MASKED, r"mul: a masked array would lose its mask; use x.filled\(0.0\), or autograd.where\(x.mask"),
    (lambda t: MASKED * t, "autograd.where"),
    (lambda t: MASKED - t[0].values(), "autograd.where"),
    (lambda t: t[0].values() - MASKED, "autograd.where"),
    (lambda t: np.ma.add(MASKED, t), "autograd.where"),
    (lambda t: np.where(MASKED > 1.0, t, 0.0), "autograd.where"),
    (lambda t: np.concatenate([t, MASKED]), "autograd.where"),
    (lambda t: np.hstack([MASKED, t]), "autograd.where"),
    (lambda t: Tensor(MASKED), "autograd.where"),
    (lambda t: setattr(Tensor(ARRAY), "data", MASKED), "autograd.where"),
    (lambda t: MATRIX.view(np.matrix) * t, "np.matrix"),
    (lambda t: t @ MATRIX.view(np.matrix), "np.matrix"),
    (lambda t: np.put(t, 0, 1.0), r"t.at\[index\].set"),
    (lambda t: np.copyto(np.zeros(3), t), r"t.at\[index\].set"),
    (lambda t: np.fill_diagonal(np.zeros((3, 3)), t), "t.data"),
    (lambda t: np.nansum(t), r"autograd.where\(np.isnan"),
    (lambda t: np.interp(t, [0, 1], [0, 1]), "not supported"),
    (lambda t: np.fft.fft(t), "np.fft.fft is not supported.*complex numbers are out of scope"),
    (lambda t: np.linalg.qr(np.diag(t)), "np.linalg.svd"),
    (lambda t: np.linalg.eig(np.diag(t)), "np.linalg.eigh"),
    (lambda t: np.insert(t, 0, 1.0), "np.concatenate"),
    (lambda t: np.unique(t), "not supported"),
    (lambda t: np.percentile(t, 50), "not supported"),
    (lambda t: np.frexp(t), "not supported"),
    (lambda t: np.save("nowhere.npy", t), "t.data"),
    (lambda t: np.random.default_rng(0).normal(t), "t.data|t.item"),
    (lambda t: t.__setitem__(0, 1.0), r"t = t.at\[index\].set"),
    (lambda t: t.sort(), "np.sort"),
    (lambda t: 1j * t, "complex"),
    (lambda t: t + np.array(["a", "b", "c"]), "real numbers"),
    (lambda t: t + np.array([None, 1, 2]), "real numbers"),
    (lambda t: t * np.ones(3, complex), "complex numbers are out of scope"),
    (lambda t: t + None, "number|NoneType"),
    (lambda t: t + "a", "number|str"),
    (lambda t: t[t], "must be integers"),
    (lambda t: pickle.dumps(t * 2), r"t.detach\(\)"),
]


@pytest.mark.parametrize(("idiom", "message"), REFUSED, ids=lambda x: None)
def test_the_idiom_is_refused_with_what_to_do(idiom, message):
    with pytest.raises(TypeError, match=message):
        idiom(Tensor(ARRAY))


@pytest.mark.parametrize("idiom", [lambda t: np.fromiter(t, float), lambda t: np.zeros(3).__setitem__(0, t[0])])
def test_what_numpy_refuses_in_its_own_words_has_ours_as_their_cause(idiom):
    with pytest.raises(ValueError, match="setting an array element") as refusal:
        idiom(Tensor(ARRAY))
    assert isinstance(refusal.value.__cause__, TypeError)
    assert "t.item()" in str(refusal.value.__cause__)


PLAIN = [
    (np.shape, (3,)),
    (np.ndim, 1),
    (np.size, 3),
    (np.argmax, 2),
    (lambda t: np.angle(t - 2).tolist(), [np.pi, np.pi, 0.0]),
    (lambda t: bool(np.iscomplex(t).any()), False),
    (np.argmin, 0),
    (lambda t: np.argsort(t).tolist(), [0, 1, 2]),
    (lambda t: t.argmax(), 2),
    (lambda t: np.ones_like(t).tolist(), [1.0, 1.0, 1.0]),
    (lambda t: np.zeros_like(t).tolist(), [0.0, 0.0, 0.0]),
    (lambda t: np.full_like(t, 2.0).tolist(), [2.0, 2.0, 2.0]),
    (lambda t: np.isfinite(t).tolist(), [True] * 3),
    (lambda t: (t > 1).tolist(), [False, True, True]),
    (lambda t: np.greater(1.0, t).tolist(), [True, False, False]),
    (lambda t: bool(np.any(t > 2)), True),
    (lambda t: bool(np.all(t)), True),
    (lambda t: np.any(t[None] > 2, axis=(0,)).tolist(), [False, False, True]),
    (lambda t: np.all(t[None], axis=(0,)).tolist(), [True] * 3),
    (lambda t: np.count_nonzero(t[None], axis=(0, 1)), 3),
    (lambda t: np.allclose(t, ARRAY), True),
    (lambda t: np.array_equal(t, t), True),
    (lambda t: np.count_nonzero(t), 3),
    (lambda t: np.nonzero(t)[0].tolist(), [0, 1, 2]),
    (lambda t: np.searchsorted(t, 1.0), 1),
    (lambda t: np.result_type(t), np.float64),
    (lambda t: t.tolist(), [0.5, 1.5, 2.5]),
    (lambda t: t.astype(int).tolist(), [0, 1, 2]),
    (lambda t: t.astype(bool).tolist(), [True] * 3),
    (lambda t: np.astype(t, np.uint8).dtype, np.uint8),
    (lambda t: t.detach().astype("int32").dtype, np.int32),
]


@pytest.mark.parametrize(("idiom", "answer"), PLAIN, ids=range(len(PLAIN)))
def test_what_has_no_derivative_is_plain(idiom, answer):
    found = idiom(Tensor(ARRAY))
    assert found == answer
    assert not isinstance(found, Tensor)


def test_every_idiom_on_values_is_tracked_or_refused_too():
    v = Value(1.5)
    for f in (
        np.exp,
        np.square,
        lambda v: 2.0 * v,
        lambda v: v * MATRIX,
        lambda v: np.sum(v),
        lambda v: np.stack([v, v]),
    ):
        y = f(v)
        assert isinstance(y, Value | Tensor)
        y.sum().backward() if isinstance(y, Tensor) else y.backward()
    assert v.grad != 0.0


def test_other_precisions_take_part_as_float64_and_never_come_out():
    for x in (
        np.ones(3, np.longdouble),
        np.longdouble(2),
        np.ones(3, np.float16),
        np.float16(2),
        np.ones(3, np.int8),
        True,
    ):
        t = Tensor(ARRAY)
        for y in (t * x, x * t, np.add(t, x), autograd.where(ARRAY > 1, t, x), np.maximum(x, t)):
            assert y.dtype == np.float64
        y.sum().backward()
        assert t.grad.dtype == np.float64


def test_whole_numbers_of_a_tensor_are_an_array_of_their_own():
    t = Tensor([1.0, 2.0])
    places = t.astype(int)
    places += 1
    assert (places.tolist(), t.tolist()) == ([2, 3], [1.0, 2.0])


@pytest.mark.parametrize("x", [Tensor([1.26, -0.35]), Tensor(np.array([1.26, -0.35], np.float32))])
def test_rounding_to_decimals_is_numpys(x):
    for decimals in (0, 1, 2, -1):
        assert x.round(decimals).tolist() == np.round(x.data, decimals).tolist()
        assert np.round(x, decimals).tolist() == x.round(decimals).tolist()
    assert round(x, 1).tolist() == x.round(1).tolist()
    assert round(Value(1.26), 1).data == Value(1.26).round(1).data == 1.3


def test_an_array_that_refused_a_tensor_is_unchanged():
    array = np.ones(3)
    with pytest.raises(TypeError):
        array += Tensor(ARRAY)
    assert array.tolist() == [1.0, 1.0, 1.0]


def test_an_array_takes_a_constant_tensor_in_place():
    array, whole = np.ones(3), np.ones((2, 3))
    same = array
    with no_grad():
        mean = Tensor(ARRAY) * 2.0
    array += mean
    array -= 0.5 * mean
    whole[0] *= mean
    assert array is same
    assert array.tolist() == (1.0 + ARRAY).tolist()
    assert whole.tolist() == [(2.0 * ARRAY).tolist(), [1.0, 1.0, 1.0]]
    assert np.exp(mean, out=np.zeros(3)).tolist() == np.exp(mean.data).tolist()


def test_a_constant_tensor_is_not_written_into():
    constant = Tensor(ARRAY).detach()
    with pytest.raises(TypeError, match=r"a = a \+ t"):
        np.add(constant, 1.0, out=constant)


class Column:
    """Numbers with labels, as a column of pandas or an array of xarray has them.

    Its own operators try to make an array of the other operand, after they have deferred to it as pandas does.
    """

    __pandas_priority__ = 3000

    def _with(self, other):
        if getattr(other, "__pandas_priority__", 0) > self.__pandas_priority__:
            return NotImplemented
        return Column(self.numbers - np.asarray(other))

    __sub__ = __mul__ = __truediv__ = __pow__ = __lt__ = __eq__ = _with

    def __init__(self, numbers):
        self.numbers = numbers

    def to_numpy(self):
        return self.numbers

    def __array__(self, dtype=None, copy=None):
        return self.numbers

    def __float__(self):
        return float(self.numbers)


@pytest.mark.parametrize("x", [Tensor(ARRAY), Value(2.0)])
@pytest.mark.parametrize(
    "idiom",
    [
        lambda x, c: x - c,
        lambda x, c: c - x,
        lambda x, c: c * x,
        lambda x, c: c / x,
        lambda x, c: c**x,
        lambda x, c: np.add(x, c),
        lambda x, c: autograd.where(c, x, 0.0),
    ],
)
def test_a_column_of_a_table_names_to_numpy(idiom, x):
    with pytest.raises(TypeError, match=r"Column has labels, which would be lost: use its \.to_numpy\(\)"):
        idiom(x, Column(ARRAY))
    assert isinstance(idiom(x, Column(ARRAY).to_numpy()), Tensor)


def test_a_product_that_a_table_computes_names_to_numpy():
    with pytest.raises(TypeError, match=r"of a table its \.to_numpy\(\)"):
        ARRAY @ np.asarray(Tensor(ARRAY))  # as DataFrame.dot does


@pytest.mark.parametrize("x", [Tensor(ARRAY), Value(2.0)])
@pytest.mark.parametrize("idiom", [lambda x, c: x < c, lambda x, c: c < x, lambda x, c: c == x, lambda x, c: x != c])
def test_a_comparison_with_a_column_of_a_table_names_to_numpy(idiom, x):
    with pytest.raises(TypeError, match=r"Column has labels, which would be lost: use its \.to_numpy\(\)"):
        idiom(x, Column(ARRAY))


# Names in signatures, tracebacks and errors


KINDS = (Value, type(Value(1.0).detach()), Tensor, type(Tensor([1.0]).detach()))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", RECORDING_METHODS)
def test_the_names_of_a_method_and_of_its_operands_are_those_of_the_row(name, kind):
    method, row = getattr(kind, name), RECORDING_METHODS[name].op
    expected = row.operands[::-1] if isinstance(RECORDING_METHODS[name], Reflected) else row.operands
    parameters = inspect.signature(method).parameters
    assert tuple(parameters) == expected == method.__code__.co_varnames[: len(expected)]
    assert [x.default for x in parameters.values() if x.default is not x.empty] == [*row.defaults]
    assert method.__name__ == method.__code__.co_name
    assert method.__name__ in (name, row.name)
    assert len(set(method.__code__.co_varnames)) == len(method.__code__.co_varnames)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_signature_and_the_name_of_a_function_are_those_of_the_row(row):
    assert (row.__name__, row.__qualname__) == (row.name, row.name)
    assert [*inspect.signature(row).parameters][: len(row.operands)] == [*row.operands]
    recorder = row.recorders.get(Tensor)
    if recorder:
        assert (recorder.__name__, *inspect.signature(recorder).parameters) == (row.name, *row.operands)


@pytest.mark.parametrize("x", [Value(2.0), Value(2.0).detach(), Tensor([2.0]), Tensor([2.0]).detach()])
def test_errors_about_the_arguments_of_a_method_name_those_of_the_row(x):
    with pytest.raises(TypeError, match=r"atan2\(\) missing 1 required positional argument: 'x'"):
        x.atan2()
    with pytest.raises(TypeError, match=r"\blog\(\) takes 1 positional argument but 2 were given"):
        x.log(10)
    with pytest.raises(TypeError, match=r"leaky_relu\(\) got an unexpected keyword argument 'slope'"):
        x.leaky_relu(slope=0.1)
    negative = -x
    assert autograd.leaky_relu(negative, 0.5).item() == negative.leaky_relu(negative_slope=0.5).item() == -1.0


def test_a_traceback_through_an_operation_names_its_row():
    try:
        Tensor([1.0]).hypot("x")
    except TypeError as error:
        frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    assert "recorder" not in frames
