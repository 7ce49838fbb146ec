"""`state`: what `jit` records of arrays that change, random numbers, and actions."""

import numpy as np
import pytest

from autograd import Tensor, Value, grad, jit, state

CALLS = 6


def test_random_numbers_are_drawn_anew_at_each_replay_and_in_the_same_order():
    generators = [np.random.default_rng(0) for _ in range(2)]

    def noisy(x, rng):
        noise = state.draw(rng, "normal", 0.0, 1.0, 3)
        return x * noise + state.draw(rng, "random", 3)

    replayed = jit(noisy)
    for _ in range(CALLS):
        assert np.array_equal(replayed(np.ones(3), generators[0]), noisy(np.ones(3), generators[1]))
    assert generators[0].random() == generators[1].random()


def test_a_sweep_sees_the_numbers_that_its_call_drew():
    rng, same = np.random.default_rng(0), np.random.default_rng(0)
    weight = Tensor([1.0, 2.0, 3.0])
    total = jit(lambda x: (weight * x * state.draw(rng, "random", 3)).sum())
    for call in range(CALLS):
        weight.grad = None
        total(Tensor([1.0, 2.0, float(call)])).backward()
        assert np.array_equal(weight.grad, np.array([1.0, 2.0, call]) * same.random(3))
    assert rng.random() == same.random()


def test_derivatives_of_a_random_function_of_any_order():
    rng, same = np.random.default_rng(0), np.random.default_rng(0)
    function = jit(lambda x: x**3 * state.draw(rng, "random"))
    for _ in range(CALLS):
        assert grad(grad(function))(2.0) == pytest.approx(12.0 * same.random(), rel=1e-14)


def test_a_branch_taken_back_draws_no_number_twice():
    rng, same = np.random.default_rng(0), np.random.default_rng(0)

    def drawn(x, rng):
        noise = state.draw(rng, "random")
        return noise if x > 0 else -noise

    replayed = jit(lambda x: drawn(x, rng))
    for x in (1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0, -1.0):
        assert replayed(x) == drawn(x, same)


def test_an_array_is_read_and_written_at_each_call():
    mean = np.zeros(2)

    @jit
    def average(x):
        state.write(mean, 0.5 * state.read(mean) + 0.5 * x)
        return state.read(mean).sum()

    expected = np.zeros(2)
    for call in range(CALLS):
        x = np.array([1.0, float(call)])
        expected = 0.5 * expected + 0.5 * x
        assert average(x) == expected.sum()
        assert np.array_equal(mean, expected)


def test_an_array_keeps_its_dtype_and_shape():
    single, count = np.zeros(2, np.float32), np.array(0)

    @jit
    def change(x):
        state.write(single, x)
        state.write(count, state.read(count) + 1)

    for _ in range(CALLS):
        change(0.1)
    assert (single.dtype, single.tolist()) == (np.float32, [np.float32(0.1)] * 2)
    assert count == CALLS


def test_an_argument_cannot_be_written_to():
    with pytest.raises(TypeError, match="written to: jit cannot follow it; return the new array"):
        jit(lambda x: state.write(x, 0.0))(np.ones(2))


def test_actions_happen_once_a_call_after_the_assignments_before_them():
    weight, seen = Value(1.0), []

    def note(number):
        seen.append((number, weight.data, weight.grad))

    @jit
    def step(x):
        weight.data = weight.data + x
        state.act(note, weight.data * x)
        weight.grad = 2.0

    for _ in range(CALLS):
        step(1.0)
    assert seen == [(float(y), float(y), 0.0 if y == 2 else 2.0) for y in range(2, CALLS + 2)]


def test_what_an_action_may_change_cannot_be_read_after_it():
    weight = Value(1.0)

    @jit
    def step():
        state.act(print, changes=lambda: [weight])
        return weight * 2.0

    with pytest.raises(RuntimeError, match=r"test_state.py:\d+: .*is read after .*test_state.py:\d+ changed it"):
        step()


def test_an_error_in_a_recording_calls_no_action():
    seen = []

    @jit
    def failing(x):
        state.act(seen.append, x)
        raise KeyError

    for _ in range(3):
        with pytest.raises(KeyError):
            failing(1.0)
    assert seen == []


def test_without_jit_each_happens_at_once():
    array, seen = np.zeros(2), []
    state.write(array, 1.0)
    state.act(seen.append, Value(2.0))
    assert (state.read(array) is array, array.tolist(), seen, state.is_recorded()) == (True, [1.0, 1.0], [2.0], False)
    state.forbid("this", "that")
    with pytest.raises(TypeError, match=r"test_state.py:\d+: this: jit cannot follow it; that"):
        jit(lambda: state.forbid("this", "that"))()
