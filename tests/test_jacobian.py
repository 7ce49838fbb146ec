"""Local Jacobians: rules applied, contributions copied where needed and brought to the operand's shape and dtype."""

import gc
import sys
import threading
import tracemalloc

import numpy as np
import pytest

from autograd import Tensor, Value, elementwise, jacobian, structural, vjp


def test_a_rule_that_keeps_what_it_returns_does_not_own_the_gradient():
    held = np.ones(2)
    keep = structural("keep", lambda x: x * 1.0, lambda g, y, x: held)
    x = Tensor([1.0, 2.0])
    keep(x).sum().backward()
    x.grad[...] = 9.0
    assert held.tolist() == [1.0, 1.0]


def test_a_rule_reads_its_globals_and_closures_each_time():
    scale = [1.0]
    scaled = elementwise("scaled", lambda x: x, lambda x: x * 1.0, lambda y, x: scale[0])
    x = Tensor([1.0, 2.0])
    scaled(x).sum().backward()
    scale[0] = 0.5
    scaled(x).sum().backward()
    assert x.grad.tolist() == [1.5, 1.5]


def test_a_rule_may_return_a_constant_array():
    weighted = elementwise("weighted", lambda x: x, lambda x: x * 1.0, lambda y, x: np.array([1.0, 3.0]))
    x = Tensor([1.0, 2.0])
    weighted(x).sum().backward()
    assert x.grad.tolist() == [1.0, 3.0]


def test_rows_of_one_use_leave_nothing_behind():
    def one_step():
        data = np.ones(50_000)
        row = structural("once", lambda x: x * 1.0, lambda g, y, x: g * data)
        row(Tensor(np.ones(50_000))).sum().backward()

    one_step()
    gc.collect()
    gc.disable()  # nothing that is in a circle would go
    tracemalloc.start()
    try:
        for _ in range(20):
            one_step()
        assert tracemalloc.get_traced_memory()[0] < 400_000
    finally:
        tracemalloc.stop()
        gc.enable()


def calls(program):
    """How many function calls a program makes: a measure of its time that no busy machine changes."""
    count = 0

    def trace(*_):
        nonlocal count
        count += 1

    sys.setprofile(trace)
    try:
        program()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_sweep_over_hundreds_of_joined_tensors_takes_time_in_proportion(create_graph):
    def sweep(count):
        parts = [Tensor([float(i)]) for i in range(count)]
        joined = (np.concatenate(parts) ** 2.0).sum()
        found = calls(lambda: joined.backward(create_graph=create_graph))
        assert parts[-1].grad.tolist() == [2.0 * count - 2]
        return found

    assert sweep(800) < 2.2 * sweep(400)


def test_the_adjoint_of_joined_arrays_is_released():
    parts = [Tensor(np.ones(20_000)) for _ in range(2)]
    joined = np.concatenate(parts)
    loss = (joined * 2.0).sum()
    del joined
    gc.collect()
    tracemalloc.start()
    loss.backward()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1.1 * 2 * 160_000  # the gradients of the parts, and no more


def test_what_has_no_derivative_names_the_operation_and_the_operand():
    singular = Tensor(np.ones((2, 2)), label="covariance")
    logabsdet = np.linalg.slogdet(singular)[1]
    with pytest.raises(np.linalg.LinAlgError, match=r"logabsdet: Singular matrix.*with respect to x of shape \(2, 2\)"):
        logabsdet.backward()
    with pytest.raises(np.linalg.LinAlgError, match=r"logabsdet: .*Singular matrix.*respect to covariance of shape"):
        logabsdet.backward(create_graph=True)
    with pytest.raises(np.linalg.LinAlgError, match=r"logabsdet: Singular matrix"):
        jacobian(lambda x: np.linalg.slogdet(x)[1])(np.ones((2, 2)))


def test_a_mean_of_nothing_divides_by_zero_in_the_sweep_too():
    x = Tensor(np.zeros((2, 0)))
    with pytest.warns(RuntimeWarning):
        y = x.mean(axis=1)
    y.sum().backward(create_graph=True)
    assert x.grad.shape == (2, 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_have_the_shape_and_dtype_of_their_data(dtype):
    x, b = Tensor(np.ones((4, 3), dtype)), Tensor(np.ones((1, 3), dtype))
    scale = Tensor(np.ones((), dtype))
    y = np.tanh(x @ x.T @ x * 2.0 + b) * scale
    assert y.dtype == dtype
    y.sum().backward()
    for t in (x, b, scale, y):
        assert type(t.grad) is np.ndarray
        assert (t.grad.shape, t.grad.dtype) == (t.shape, t.dtype)


def test_a_float32_tensor_beside_float64_gets_a_float32_gradient():
    x, y = Tensor(np.ones(2, np.float32)), Tensor(np.ones(2))
    product = x * y
    product.sum().backward()
    assert (product.dtype, x.grad.dtype, y.grad.dtype) == (np.float64, np.float32, np.float64)


def test_a_value_broadcasts_over_a_tensor_and_gets_the_sum_of_its_gradients():
    v, t = Value(2.0), Tensor([[1.0, 2.0], [3.0, 4.0]])
    y = v * t + v
    assert isinstance(y, Tensor)
    y.sum().backward()
    assert (v.grad, type(v.grad)) == (14.0, float)
    assert (t.grad == 2.0).all()


def test_a_rule_of_many_operands_does_not_own_the_gradients_either():
    held = np.ones(2)
    keep = structural(
        "keep", lambda *parts: parts[0] + parts[1], lambda g, y, *parts: lambda place: held, variadic=True
    )
    a, b = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    keep([a, b]).sum().backward()
    a.grad[...] = 9.0
    assert (b.grad.tolist(), held.tolist()) == ([1.0, 1.0], [1.0, 1.0])


def test_a_rule_cannot_write_to_the_adjoint_that_others_will_read():
    def doubled_in_place(g, y, x):
        g *= 2.0
        return g

    double = structural("double", lambda x: 2.0 * x, doubled_in_place)
    x = Tensor([1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        (double(x) + x).sum().backward()
    assert x.grad is None


def test_a_rule_with_a_contribution_of_another_shape_is_named():
    wrong = structural("wrong", lambda x: x * 1.0, lambda g, y, x: np.ones(3))
    x = Tensor([1.0, 2.0], label="w")
    with pytest.raises(
        ValueError, match=r"wrong: the rule gave a contribution of shape \(3,\), .* to x of shape \(2,\)"
    ):
        wrong(x).sum().backward()


def test_threads_may_share_the_pullback_of_joined_operands():
    first_in_rule, second_at_0, first_at_0, second_is_done = (threading.Event() for _ in range(4))

    def rule(g, y, *parts):
        if g[0] == 1.0:
            first_in_rule.set()
            second_at_0.wait(10)

        def contribution(place):
            if place == 0:
                (first_at_0 if g[0] == 1.0 else second_at_0).set()
                (second_is_done if g[0] == 1.0 else first_at_0).wait(10)
            return g

        return contribution

    add = structural("add", lambda *parts: parts[0] + parts[1], rule, variadic=True)
    _, pullback = vjp(lambda a, b: add([a, b]), np.ones(2), np.ones(2))
    found = {}
    first = threading.Thread(target=lambda: found.update(first=pullback(np.full(2, 1.0))))
    first.start()
    first_in_rule.wait(10)
    found["second"] = pullback(np.full(2, 2.0))
    second_is_done.set()
    first.join()
    assert [part.tolist() for part in found["first"]] == [[1.0, 1.0]] * 2
    assert [part.tolist() for part in found["second"]] == [[2.0, 2.0]] * 2
