"""A node: what it knows of its operation, its operands and itself."""

import math

import numpy as np
import pytest

from autograd import Tensor, Value, detect_anomaly


def test_labels_can_be_given_and_changed_at_any_time():
    x = Value(2.0, label="x")
    y = x.sin()
    assert (x.label, y.label) == ("x", "")
    y.label, x.label = "y", "7"
    assert (x.label, y.label, y.op.name) == ("7", "y", "sin")
    assert repr(y).endswith("label='y')")
    y.backward()
    assert x.grad == math.cos(2)


def test_nodes_know_their_operation_inputs_and_partials():
    x = Value(2.0)
    y = 3 - x
    assert (y.op.name, y.inputs, y.partials) == ("sub", (3.0, x), (None, -1.0))
    assert (x.op, x.inputs, x.partials, x.is_leaf, y.is_leaf) == (None, (), (), True, False)


@pytest.mark.parametrize("leaf", [Value(2.0).detach(), (Tensor([1.0, 2.0]) * 2.0).detach()], ids=["Value", "Tensor"])
def test_a_detached_result_can_be_labelled_and_become_a_leaf(leaf):
    leaf.label = "w"
    assert leaf.requires_grad_() is leaf
    loss = (leaf * leaf).sum() if isinstance(leaf, Tensor) else leaf * leaf
    loss.backward()
    assert leaf.label == "w"
    assert leaf.sweeps == 1
    np.testing.assert_array_equal(leaf.grad, 2 * leaf.data)


def test_a_label_under_detect_anomaly_keeps_the_line():
    x = Value(2.0)
    with detect_anomaly():
        y = x * x
    line = y.line
    y.label = "y"
    y.returned_by("layers.0")
    y.returned_by("")
    assert (y.label, y.line, y.module) == ("y", line, "layers.0")
    assert __file__ in line


def test_a_leaf_is_no_modules_result():
    x = Value(2.0, label="x")
    x.returned_by("layers.0")
    assert (x.module, x.label) == ("", "x")
