"""`grad(outputs, inputs)` of what is on the tape already, as PyTorch's `torch.autograd.grad`."""

import inspect

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, grad, no_grad


def same(found, expected):
    assert isinstance(found, tuple)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_gradients_are_a_tuple_of_arrays_and_leave_the_nodes_alone():
    x, w = Tensor([1.0, 2.0, 3.0]), Tensor([4.0, 5.0, 6.0])
    loss = (x * x * w).sum()
    same(grad(loss, [x, w]), [2 * x.data * w.data, x.data**2])
    same(grad(loss, (x for x in [w])), [x.data**2])
    same(grad(loss, {"w": w}.values()), [x.data**2])
    same(grad(outputs=loss, inputs=x), [2 * x.data * w.data])
    assert x.grad is w.grad is None
    assert type(grad(loss, x)[0]) is np.ndarray


def test_of_values_they_are_floats():
    x = Value(2.0)
    y = x**3
    assert grad(y, x) == (12.0,)
    (first,) = grad(y, x, create_graph=True)
    assert isinstance(first, Value)
    assert grad(first, x) == (12.0,)
    assert x.grad == 0.0
    assert grad(y, x, grad_outputs=2.0) == grad(y, x, grad_outputs=[Value(2.0)]) == (24.0,)


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_result_may_be_an_input_also_beside_what_it_was_computed_from(create_graph):
    x = Tensor([1.0, 2.0])
    h = x * x
    y = (h * h * x).sum()  # x⁵, and ∂y/∂h = 2 h x

    def gradients(inputs):
        return [primal(g) for g in grad(y, inputs, create_graph=create_graph)]

    def primal(g):
        return g.data if create_graph else g

    for inputs, expected in [
        ([h], [2 * x.data**3]),
        ([x, h], [5 * x.data**4, 2 * x.data**3]),
        ([h, x], [2 * x.data**3, 5 * x.data**4]),
        ([y], [1.0]),
        ([y, x], [1.0, 5 * x.data**4]),
    ]:
        same(tuple(gradients(inputs)), expected)


def test_gradients_of_gradients_through_leaves_and_results():
    x = Tensor([1.0, 2.0])
    h = x * x
    y = (h * h * x).sum()
    of_x, of_h = grad(y, (x, h), create_graph=True)
    same(grad(of_x.sum(), x), [20 * x.data**3])
    same(grad(of_h.sum(), h), [2 * x.data])
    same(grad(of_h.sum(), x), [6 * x.data**2])
    ((third,), (fourth,)) = (grad(g, x) for g in [grad(of_x.sum(), x, create_graph=True)[0][1], of_h[0]])
    same((third, fourth), [[0.0, 240.0], [6.0, 0.0]])


def test_several_outputs_are_added_each_with_its_adjoint():
    x = Tensor([1.0, 2.0])
    outputs = [x * x, x.sum()]
    same(grad(outputs, x, grad_outputs=[np.array([1.0, 10.0]), None]), [[3.0, 41.0]])
    same(grad(outputs[0], x, np.ones(2)), [[2.0, 4.0]])
    adjoint = Tensor([1.0, 10.0])
    (product,) = grad(outputs[0], x, adjoint, create_graph=True)
    same(grad(product.sum(), adjoint), [[2.0, 4.0]])  # an adjoint that is tracked stays on the tape
    same(grad(outputs[0], x, adjoint), [[2.0, 40.0]])


def test_create_graph_records_under_no_grad_as_well():
    x = Tensor([1.0, 2.0])
    y = (x**3).sum()
    with no_grad():
        (first,) = grad(y, x, create_graph=True)
    same(grad(first.sum(), x), [[6.0, 12.0]])


def test_the_result_is_nobody_elses():
    x = Tensor([1.0, 2.0])
    a, b = grad((x + x).sum(), [x, x])
    a += 1.0
    same((b,), [[2.0, 2.0]])
    adjoint = np.ones(2)
    (given,) = grad(x.copy(), x, adjoint)
    given += 1.0
    assert adjoint.tolist() == [1.0, 1.0]


def test_an_input_that_was_not_used_is_an_error_or_none_or_zeros():
    x, unused = Tensor([1.0, 2.0], label="x"), Tensor([3.0], label="unused")
    y = x.sum()
    with pytest.raises(RuntimeError, match=r"no output depends on the input Tensor.*'unused'.*allow_unused=True"):
        grad(y, [x, unused])
    assert grad(y, [unused, x], allow_unused=True)[0] is None
    same(grad(y, [x, unused], materialize_grads=True), [[1.0, 1.0], [0.0]])
    (zero,) = grad(y, unused, create_graph=True, materialize_grads=True)
    assert isinstance(zero, Tensor)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: grad(x.sum()), TypeError, r"expected a function, got Tensor.* grad\(y, x\)"),
        (lambda x: grad(x.sum(), [x, 3.0]), TypeError, "expected Tensors or Values as inputs, not 3.0"),
        (lambda x: grad(x.sum(), 0), TypeError, "as inputs, not 0"),
        (lambda x: grad([x.sum(), 1.0], x), TypeError, "as outputs, not 1.0"),
        (lambda x: grad(x.sum(), x.detach()), RuntimeError, "one of the inputs is a constant"),
        (lambda x: grad(x.detach().sum(), x), RuntimeError, "one of the outputs is a constant"),
        (lambda x: grad(x * x, x), RuntimeError, r"an array of shape \(2,\).*\.sum\(\).*grad_outputs="),
        (lambda x: grad(x * x, x, np.ones(3)), ValueError, r"an array of shape \(2,\), got shape \(3,\)"),
        (lambda x: grad([x.sum(), x.sum()], x, [1.0]), ValueError, "each of 2 outputs, got 1"),
    ],
)
def test_what_cannot_be_meant_is_an_error(call, error, message):
    with pytest.raises(error, match=message):
        call(Tensor([1.0, 2.0]))


def test_data_that_changed_is_an_error():
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    x.data += 1.0
    with pytest.raises(RuntimeError, match="assigned"):
        grad(y, x)


def test_grad_of_a_function_is_what_its_signature_says():
    assert list(inspect.signature(grad).parameters) == ["f", "argnums", "argnum"]
    assert grad(lambda x: x * x)(3.0) == grad(f=lambda x: x * x)(3.0) == 6.0


def derivatives(engine, gradient):
    """First and second derivatives, mixed and along a vector, written once for either engine."""
    x, w = engine([0.3, -0.7, 1.1]), engine([[0.5, -0.2, 0.9], [1.3, 0.4, -0.6]])
    h = (w @ x).tanh()
    y = (h * h).sum() + (x.exp() * h[0]).sum()
    of_x, of_w, of_h = gradient(y, [x, w, h], create_graph=True)
    penalty = (of_x**2).sum() + (of_w**2).sum() + of_h.sum()
    return [of_x, of_w, of_h, *gradient(penalty, (x, w)), *gradient([h, y], x, [engine([1.0, 2.0]), None])]


@pytest.mark.slow
def test_the_numbers_are_pytorchs():
    torch = pytest.importorskip("torch")

    def tensor(data):
        return torch.tensor(data, dtype=torch.float64, requires_grad=True)

    theirs = derivatives(tensor, lambda *args, **options: torch.autograd.grad(*args, **options, retain_graph=True))
    ours = derivatives(Tensor, lambda *args, **options: autograd.grad(*args, **options, retain_graph=True))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(getattr(one, "data", one), other.detach().numpy(), rtol=1e-12)
