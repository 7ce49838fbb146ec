"""Methods that are operations, bound to an instance or read from the class; their docstrings and generated code."""

import inspect
import pydoc
from inspect import isclass, signature

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value

CLASSES = sorted(
    {x for package in (autograd, nn) for name in dir(package) if isclass(x := getattr(package, name))}, key=repr
)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_help_shows_every_class_and_every_attribute_of_a_class_can_be_read(cls):
    assert cls.__name__ in pydoc.render_doc(cls)
    assert [name for name in dir(cls) if not hasattr(cls, name)] in ([], ["__abstractmethods__"])


@pytest.mark.parametrize(
    "shown", [autograd, nn, autograd.tanh, autograd.sum, autograd.grad], ids=lambda shown: shown.__name__
)
def test_help_shows_modules_and_operations(shown):
    assert pydoc.render_doc(shown)


def test_a_method_of_the_class_is_the_operation():
    tensors = [Tensor([1.0, 2.0]), Tensor([3.0])]
    assert [x.item() for x in map(Tensor.sum, tensors)] == [3.0, 3.0]
    assert hasattr(Tensor, "sum")
    assert Tensor.sum(Tensor(np.ones((2, 3))), axis=0).shape == (3,)
    assert Value.clip(Value(3.0), 0.0, 1.0).data == 1.0
    assert list(signature(Tensor.sum).parameters) == ["x", "axis", "keepdims"]


@pytest.mark.parametrize("kind", [Value, Tensor])
@pytest.mark.parametrize("name", ["__radd__", "__rsub__", "__rtruediv__", "__rfloordiv__", "__rmod__", "__rpow__"])
def test_a_reflected_method_of_the_class_takes_its_right_operand_first(kind, name):
    forward = getattr(kind, name.replace("r", "", 1))
    assert getattr(kind, name)(kind(3.0), 7.0).data == forward(kind(7.0), 3.0).data


@pytest.mark.parametrize("name", ["__mul__", "__add__", "__sub__", "__truediv__", "tanh", "exp", "__rsub__"])
def test_the_code_of_a_method_fits_a_slide(name):
    lines = inspect.getsource(getattr(Value, name)).strip().splitlines()
    assert len(lines) <= 31
    assert max(map(len, lines)) <= 90


def test_the_product_of_two_values_takes_few_lines_and_nothing_that_floats_cannot_raise_is_guarded():
    source = inspect.getsource(Value.__mul__)
    assert len(source.strip().splitlines()) <= 24
    assert "OUT_OF_DOMAIN" not in source
    assert "OUT_OF_DOMAIN" in inspect.getsource(Value.__truediv__)
