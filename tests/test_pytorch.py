"""Words of PyTorch: each works, or is an error that names what to write instead."""

import doctest
import importlib
from inspect import signature
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value
from autograd.pytorch import ATTRIBUTES, NAMES

t = Tensor([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])
cube = Tensor(np.arange(24.0).reshape(2, 3, 4))


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("to", "t.astype"),
        ("cpu", "leave it out"),
        ("cuda", "leave it out"),
        ("device", "leave it out"),
        ("numel", "t.size"),
        ("contiguous", "leave it out"),
        ("expand", "np.broadcast_to"),
        ("clamp", "t.clip"),
        ("masked_fill", "autograd.where"),
        ("split", "np.split"),
        ("grad_fn", "t.op"),
        ("view", "t.reshape"),
        ("zero_grad", "t.grad = None"),
        ("unsqueeze", "np.expand_dims"),
        ("dim", "t.ndim"),
        ("t", "t.T"),
        ("indices", "t.argmax"),
        ("copy_", "t.data = "),
        ("gt", "t > u"),
        ("register_hook", "register_full_backward_hook"),
        ("uniform_", "nn.init.uniform_"),
        ("detach_", "t = t.detach()"),
        ("masked_select", "mask"),
        ("new_zeros", "np.zeros"),
        ("isnan", "NumPy's"),
    ],
)
def test_attributes_of_pytorchs_tensors_name_numpys(name, instead):
    with pytest.raises(AttributeError, match=f"'Tensor' object has no attribute '{name}'; .*{instead}"):
        getattr(t, name)
    assert not hasattr(t.detach(), name)


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("Variable", "Tensor"),
        ("zeros", "NumPy's"),
        ("randn", "default_rng"),
        ("from_numpy", "Tensor"),
        ("cat", "concatenate"),
        ("argmax", "NumPy's, which takes Tensors"),
        ("unsqueeze", "np.expand_dims"),
        ("permute", "t.transpose"),
        ("inverse", "inv"),
        ("nn", "import nn"),
        ("multinomial", "default_rng"),
        ("zeros_like", "NumPy's"),
        ("Function", "elementwise or structural"),
        ("is_tensor", "isinstance"),
        ("is_grad_enabled", "model.training"),
        ("LongTensor", "np.array"),
        ("long", "np.int64"),
        ("eq", "t == u"),
        ("compile", "leave it out"),
        ("backends", "leave it out"),
        ("narrow", "start : start"),
        ("functional", "jacobian"),
    ],
)
def test_names_of_pytorch_name_ours(name, instead):
    with pytest.raises(ImportError, match=rf"autograd.{name} is not here: .*{instead}"):
        exec(f"from autograd import {name}")


@pytest.mark.parametrize("name", ["compile", "cuda", "optim", "tensors"])
def test_a_program_that_asks_whether_there_is_a_name_of_pytorch_is_told(name):
    assert not hasattr(autograd, name)
    assert getattr(autograd, name, None) is None


def test_a_name_that_is_looked_up_names_ours_too():
    with pytest.raises(AttributeError, match=r"autograd\.optim is not here: use nn\.optim"):
        _ = autograd.optim


@pytest.mark.parametrize(("name", "instead"), [("Dataset", "needs no base"), ("ParameterList", "list of nn.Parameter")])
def test_names_of_its_modules_name_ours(name, instead):
    with pytest.raises(ImportError, match=rf"nn\.{name} is not here: .*{instead}"):
        exec(f"from nn import {name}")
    with pytest.raises(AttributeError, match=instead):
        getattr(nn, name)
    assert not hasattr(nn, name)


@pytest.mark.parametrize("name", sorted(name for name in NAMES if "NumPy's" in NAMES[name]))
def test_what_a_name_of_pytorch_is_to_be_replaced_by_is_in_numpy(name):
    assert hasattr(np, name)
    if "takes Tensors" in NAMES[name] and name not in ("linalg", "allclose"):
        np.testing.assert_array_equal(getattr(np, name)(t), getattr(np, name)(t.data))


def test_no_name_of_the_package_is_said_to_be_missing():
    assert [name for name in NAMES if name in autograd.__all__] == []


def test_the_module_of_tensors_is_not_what_makes_them():
    with pytest.raises(TypeError, match=r"np.array\(data\) is what torch.tensor\(data\) is, and autograd.Tensor"):
        autograd.tensor([1.0, 2.0])
    assert importlib.import_module("autograd.tensor").Tensor is Tensor


@pytest.mark.parametrize(
    ("call", "instead"),
    [
        (lambda: t.sum(dim=1), "axis="),
        (lambda: t.mean(axis=0, keepdim=True), "keepdims="),
        (lambda: t.softmax(dim=-1), "axis="),
        (lambda: autograd.max(t, dim=0), "axis="),
        (lambda: t.var(unbiased=False), "ddof=1 for PyTorch's default"),
        (lambda: t.std(dim=0, unbiased=True), "axis=.*ddof="),
        (lambda: t.var(correction=1), "ddof="),
        (lambda: t.cumsum(dim=0), "axis="),
        (lambda: t.prod(dim=0, keepdim=True), "axis=.*keepdims="),
        (lambda: t.norm(dim=0), "axis="),
        (lambda: t.argmax(dim=1), "axis="),
        (lambda: t.all(dim=0), "axis="),
        (lambda: autograd.sum(t, dim=0, keepdim=True), "axis=.*keepdims="),
        (lambda: autograd.softmax(t, dim=0), "axis="),
        (lambda: autograd.stack([t, t], dim=1), "axis="),
        (lambda: autograd.flip(t, dims=[0]), "for dims= NumPy has axis="),
    ],
)
def test_arguments_of_pytorch_name_numpys(call, instead):
    with pytest.raises(TypeError, match=instead):
        call()


FUNCTIONS = {
    name: function
    for name, function in vars(autograd).items()
    if callable(function)
    and {"axis", "keepdims"} & set(getattr(function, "__signature__", signature(function)).parameters)
}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_with_an_axis_names_it_for_pytorchs(name):
    given = [np.ones((2, 3))] * sum(
        p.default is p.empty and p.name != "axis" for p in signature(FUNCTIONS[name]).parameters.values()
    )
    with pytest.raises(TypeError, match=r"for dim= NumPy has axis="):
        FUNCTIONS[name](*given, dim=0)


@pytest.mark.parametrize(
    "method", ["argmax", "argmin", "all", "any", "sum", "mean", "max", "min", "prod", "var", "std"]
)
def test_the_arguments_that_the_hints_name_are_there(method):
    ours, numpys = (getattr(x, method)(axis=1, keepdims=True) for x in (t, t.data))
    np.testing.assert_allclose(getattr(ours, "data", ours), numpys)


@pytest.mark.parametrize(
    ("call", "instead"),
    [
        (lambda: autograd.max(t, t), r"got Tensor as axis: .*; maximum\(x, y\)"),
        (lambda: autograd.min(t, t.detach()), r"got ConstantTensor as axis: .*; minimum\(x, y\)"),
        (lambda: autograd.transpose(t, 0, 1), r"got 3 arguments; swapaxes"),
        (lambda: autograd.sum(t, t), r"got Tensor as axis: .*\(\[a, b\]\)$"),
    ],
)
def test_calls_of_pytorch_name_ours(call, instead):
    with pytest.raises(TypeError, match=instead):
        call()


def test_the_size_is_a_number_and_says_so_when_it_is_called():
    assert (t.size, t.size + 1, f"{t.size}", np.zeros(t.size).shape) == (6, 7, "6", (6,))
    for call in (lambda: t.size(), lambda: t.size(0), lambda: t.size(-1)):
        with pytest.raises(TypeError, match=r"t.shape for t.size\(\), t.shape\[0\] for t.size\(0\)"):
            call()


def test_the_exchange_of_two_axes_is_named():
    for matrix_axes in ((0, 1), (-2, -1), (0, -1)):
        with pytest.raises(ValueError, match=r"use t.swapaxes"):
            t.transpose(*matrix_axes)
    for axes in ((1, 2), (0, 1), (-2, -1)):
        with pytest.raises(ValueError, match=rf"use t.swapaxes\({axes[0]}, {axes[1]}\) to exchange two"):
            cube.transpose(*axes)
    assert t.transpose(1, 0).shape == t.transpose().shape == (3, 2)
    assert t.transpose((0, 1)).shape == np.transpose(t, (0, 1)).shape == (2, 3)
    assert cube.transpose(2, 0, 1).shape == (4, 2, 3)


@pytest.mark.parametrize(
    "use",
    [lambda v: v.sum(), lambda v: v[0], lambda v: v + 1.0, lambda v: t - v, lambda v: np.exp(v)],
)
def test_the_maxima_have_no_values(use):
    with pytest.raises((TypeError, AttributeError)) as raised:
        use(t.max(1).values)
    assert "Entries" in str(raised.value) or "without .values" in str(raised.value)


def test_values_are_a_method_all_the_same():
    first = Tensor([1.0, 2.0]).values()[0]
    assert isinstance(first, Value)
    assert "nested lists" in Tensor.values.__doc__


def test_a_value_is_cleared_by_assignment():
    v = Value(1.0)
    with pytest.raises(AttributeError, match=r"'Value' object has no attribute 'zero_grad'; use v\.grad = 0\.0"):
        v.zero_grad()
    assert not hasattr(v, "shape")
    with pytest.raises(AttributeError, match="zero_grad"):
        v.detach().zero_grad()


def test_no_attribute_is_said_to_be_missing():
    assert [name for name in ATTRIBUTES if hasattr(Tensor, name)] == []


def test_a_name_that_nobody_has_gets_no_hint():
    with pytest.raises(AttributeError, match=r"has no attribute 'colour'$"):
        t.colour  # noqa: B018


def test_what_can_only_be_pytorchs_works():
    assert cube.flatten(1).shape == cube.flatten(start_dim=1).shape == autograd.flatten(cube, 1).shape == (2, 12)
    assert cube.flatten(0, 1).shape == cube.flatten(end_dim=1).shape == (6, 4)
    assert cube.flatten().shape == cube.flatten("F").shape == (24,)
    assert autograd.flatten(Tensor(2.0)).shape == Tensor(2.0).flatten().shape == (1,)
    assert cube.amax(1, keepdims=True).shape == (2, 1, 4)
    assert (t.amax(), t.amin(0).tolist()) == (4.0, [0.5, -2.0, -1.0])
    with pytest.raises(ValueError, match=r"start_dim=2 is behind end_dim=1 of shape \(2, 3, 4\)"):
        cube.flatten(2, 1)
    with pytest.raises(np.exceptions.AxisError):
        cube.flatten(3)


def test_the_page_for_users_of_pytorch_tells_the_truth():
    page = Path(autograd.__file__).parent / "docs" / "pytorch.md"
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert tried > 10
    assert not failed


def test_the_tape_is_kept_whether_it_is_asked_for_or_not():
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward(None, False)
    assert x.grad.tolist() == [4.0, 8.0]
    v = Value(3.0)
    (v * v).backward(retain_graph=True, create_graph=True)
    assert isinstance(v.grad, Value)
