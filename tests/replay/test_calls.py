"""A call of a jitted function as one entry of the tape, whose captured Values are one bundle."""

import gc
import threading

import numpy as np
import pytest

from autograd import Tape, Tensor, Value, detect_anomaly, grad, hessian, jit, tanh
from autograd.gradients import gradients
from autograd.node import Bundle
from autograd.replay.calls import FEWEST


def leaves(count=2 * FEWEST):
    return [Value(x, label=f"w{i}") for i, x in enumerate(np.random.default_rng(0).normal(size=count))]


def loss_of(weights):
    """A function of one number that captures all weights."""

    def loss(x):
        total = 0.0
        for i, w in enumerate(weights):
            total = total + tanh(w * x + i) * w
        return total

    return loss


def called(weights, transform=lambda f: jit(f, backend="python"), warm=3):
    f = transform(loss_of(weights))
    for _ in range(warm):
        f(0.5).backward()
    for w in weights:
        w.grad = 0.0
    return f


def of(weights):
    return [w.grad for w in weights]


def both(use, count=2 * FEWEST):
    """What `use(weights, f)` returns with the function itself and with a jitted one, and the gradients after it."""
    found = []
    for transform in (lambda f: f, lambda f: jit(f, backend="python")):
        weights = leaves(count)
        f = called(weights, transform)
        found.append((use(weights, f), of(weights)))
    return found


def is_bundled(y):
    return isinstance(y._right, Bundle)


def test_many_captured_values_are_one_bundle_and_few_are_not():
    many, few = leaves(FEWEST), leaves(FEWEST - 1)
    assert is_bundled(called(many)(Value(0.5)))
    assert not is_bundled(called(few)(Value(0.5)))


def test_tensors_and_values_are_in_one_bundle():
    found = []
    for transform in (lambda f: f, lambda f: jit(f, backend="python")):
        rng = np.random.default_rng(0)
        weights = [Tensor(rng.normal(size=(3, 3))) for _ in range(3)] + leaves(3)
        first, second, third, a, b, c = weights

        def loss(x, first=first, second=second, third=third, a=a, b=b, c=c):
            return (np.tanh(np.tanh(x @ first) @ second + a) * b + third * c).sum()

        f = transform(loss)
        for scale in (1.0, 2.0, -1.0, 0.5):
            f(np.eye(3)).backward(scale)
        y = f(np.eye(3))
        assert is_bundled(y) or f is loss
        first.data = first.data + 1.0
        with pytest.raises(RuntimeError, match="assigned to"):
            y.backward()
        found.append(of(weights))
        assert first.grad.flags.writeable
    for x, y in zip(*found, strict=True):
        np.testing.assert_array_equal(x, y)


def test_a_gradient_that_is_the_adjoint_itself_is_nobody_elses():
    weights = [Tensor(np.ones(3)) for _ in range(FEWEST)]
    f = jit(lambda x: sum(weights) + x)
    adjoint = np.array([1.0, 2.0, 3.0])
    for _ in range(3):
        for w in weights:
            w.grad = None
        f(1.0).backward(adjoint)
    for w in weights:
        w.grad[:] += 1.0
        np.testing.assert_array_equal(w.grad, adjoint + 1.0)


@pytest.mark.parametrize("argument", [0.5, Value(0.5)])
def test_gradients_accumulate_bit_for_bit_as_in_eager_mode(argument):
    def use(weights, f):
        seen = []
        for scale in (1.0, 2.0, -0.5):
            f(argument).backward(scale)
            seen.append((of(weights), [w.sweeps for w in weights]))
        return seen

    eager, replayed = both(use)
    assert replayed == eager


def test_a_weight_that_is_assigned_between_calls():
    def use(weights, f):
        for _ in range(3):
            f(0.5).backward()
            for w in weights:
                w.data -= 0.1 * w.grad
        return [w.data for w in weights]

    eager, replayed = both(use)
    assert replayed == eager


def test_leaves_that_other_operations_use_as_well():
    def use(weights, f):
        y = f(0.5) * weights[0] + sum(w * w for w in weights)
        y.backward()
        return y.data

    (y, of_eager), (replayed_y, of_replayed) = both(use)
    assert replayed_y == y
    np.testing.assert_allclose(of_replayed, of_eager, rtol=1e-14)


def test_several_calls_on_one_tape():
    def use(weights, f):
        (f(0.5) * 2.0 + f(-1.0) * f(0.25)).backward()

    (_, of_eager), (_, of_replayed) = both(use)
    np.testing.assert_allclose(of_replayed, of_eager, rtol=1e-13)


def test_frozen_leaves_get_no_gradient_and_can_be_tracked_again():
    def use(weights, f):
        seen = []
        for frozen in (weights[:3], weights[:1], weights[:-1], weights, []):
            for w in weights:
                w.requires_grad_(True)
                w.grad = 0.0
            for w in frozen:
                w.requires_grad_(False)
            x = Value(0.5)
            f(x).backward()
            seen.append((x.grad, of(weights)))
        return seen

    (eager, _), (replayed, _) = both(use)
    np.testing.assert_allclose(
        [x for a, b in replayed for x in (a, *b)], [x for a, b in eager for x in (a, *b)], rtol=1e-14
    )


def test_the_gradient_flows_through_captured_results():
    found = []
    for transform in (lambda f: f, jit):
        roots = leaves()
        weights = [w * w for w in roots]
        f = transform(loss_of(weights))
        for _ in range(4):
            f(0.5).backward()
        found.append(of(roots))
    np.testing.assert_allclose(*found, rtol=1e-13)


def test_gradients_of_captured_leaves_with_create_graph_and_of_the_second_order():
    def use(weights, f):
        first = gradients(f(0.5) ** 2, weights, create_graph=True)
        second = gradients(sum(g * g for g in first), weights)
        return [g.data for g in first], list(second)

    (eager, _), (replayed, _) = both(use)
    for a, b in zip(replayed, eager, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_backward_with_create_graph_and_then_backward_of_the_gradients():
    def use(weights, f):
        x = Value(0.5)
        f(x).backward(create_graph=True)
        penalty = sum(w.grad * w.grad for w in weights) + x.grad
        for w in weights:
            w.grad = 0.0
        penalty.backward()

    (_, of_eager), (_, of_replayed) = both(use)
    np.testing.assert_allclose(of_replayed, of_eager, rtol=1e-12)


@pytest.mark.parametrize("transform", [grad, lambda f: grad(grad(f)), lambda f: grad(grad(grad(f)))])
def test_transforms_of_what_captures_many_leaves(transform):
    weights = leaves()
    f = loss_of(weights)
    fast = called(weights)
    assert np.isclose(transform(fast)(0.3), transform(f)(0.3), rtol=1e-12)
    assert of(weights) == [0.0] * len(weights)


def test_a_hessian_through_a_function_that_captures_many_leaves():
    weights = leaves()
    f, fast = loss_of(weights), called(weights)
    at = np.array([0.3, -0.2])
    expected = hessian(lambda x: f(x[0]) * f(x[1]))(at)
    np.testing.assert_allclose(hessian(lambda x: fast(x[0]) * fast(x[1]))(at).data, expected.data, rtol=1e-12)


def test_tapes_and_pictures_show_the_leaves():
    weights = leaves()
    f = called(weights)
    y = f(Value(0.5))
    assert is_bundled(y)
    assert {entry.label for entry in Tape.of(y)} >= {w.label for w in weights}
    assert len(y.inputs) == len(weights) + 1
    y.backward()
    assert all(w.grad for w in weights)
    with Tape() as tape:
        f(Value(0.5))
    assert len(tape) == len(weights) + 2
    assert "w3" in repr(list(tape))


def test_an_anomaly_in_the_sweep_is_found():
    weights = leaves()
    y = called(weights)(Value(0.5)) * float("inf")
    with detect_anomaly(), pytest.raises(FloatingPointError):
        y.backward()
    assert of(weights) == [0.0] * len(weights)


def test_an_error_in_the_sweep_leaves_all_gradients(monkeypatch):
    weights = leaves()
    y = called(weights)(0.5)
    x = Value(1.0)
    monkeypatch.setattr("autograd.replay.calls._swept", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        (y * x).backward()
    assert [*of(weights), x.grad] == [0.0] * (len(weights) + 1)


def test_threads_that_share_the_leaves():
    weights = leaves()
    f = called(weights)
    f(0.5).backward()
    expected = np.array(of(weights))
    for w in weights:
        w.grad = 0.0

    def work():
        for _ in range(20):
            f(0.5).backward()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_allclose(of(weights), 160 * expected, rtol=1e-12)


def test_a_call_leaves_no_cycles():
    weights = leaves()
    f = called(weights)
    gc.collect()
    gc.disable()
    try:
        for use in (Value.backward, lambda y: y.inputs, lambda y: y):
            for _ in range(10):
                use(f(0.5))
        assert gc.collect() == 0
    finally:
        gc.enable()
