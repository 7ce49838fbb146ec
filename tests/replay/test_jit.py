"""`jit`: the same results, gradients and assignments as eagerly, call after call, whatever changes in between."""

import copy
import itertools
import pickle
import random
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
from autograd import (
    Tensor,
    Value,
    checkpoint,
    enable_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jit,
    jvp,
    no_grad,
    state,
    value_and_grad,
    vmap,
)
from autograd.replay.backends import BACKENDS
from autograd.replay.interpreted import is_installed

OURS = sorted(set(BACKENDS) - {"jax"} - (set() if is_installed() else {"numba"}))
"""The backends that are installed; JAX has tests of its own."""

CALLS = 4
"""The first two calls are recorded, the others replayed."""


def same(a, b):
    """Whether two results are of one type and equal bit for bit, but for the sign of zero."""
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, Value | Tensor):
        return type(a) is type(b) and same(a.data, b.data)
    if isinstance(a, float):  # NumPy's functions of a float give its own kind of float
        return isinstance(b, float) and (a == b or (a != a and b != b))
    if a is None or b is None:
        return a is b
    return type(a) is type(b) and np.array_equal(a, b, equal_nan=not isinstance(a, bool))


def cube(x):
    return x**3 + np.sin(x)


def tangled(x):
    return np.sum(np.tanh(x) ** 2 * x[::-1])


VECTOR = np.array([1.0, 2.0, 3.0])
WEIGHT = Value(1.5)

FUNCTIONS = {
    "a number": (cube, 2.0),
    "grad": (grad(cube), 2.0),
    "grad twice": (grad(grad(cube)), 2.0),
    "grad three times": (grad(grad(grad(cube))), 2.0),
    "value_and_grad": (value_and_grad(cube), 2.0),
    "an array": (tangled, VECTOR),
    "gradient of an array": (grad(tangled), VECTOR),
    "hessian": (hessian(tangled), VECTOR),
    "jacobian": (jacobian(lambda x: np.tanh(x) * x[0]), VECTOR),
    "jvp": (lambda x, v: jvp(tangled, (x,), (v,)), VECTOR, VECTOR + 1),
    "hvp": (lambda x, v: hvp(tangled, x, v), VECTOR, VECTOR + 1),
    "checkpoint": (checkpoint(lambda x: WEIGHT * cube(x)), 2.0),
    "gradient of a checkpoint": (grad(checkpoint(tangled)), VECTOR),
    "hessian of a checkpoint": (hessian(checkpoint(tangled)), VECTOR),
    "vmap": (vmap(lambda row: row @ row), np.arange(6.0).reshape(3, 2)),
    "vmap of value_and_grad": (vmap(value_and_grad(cube)), VECTOR),
    "nested arguments": (lambda p: {"y": p["w"][0] * p["b"], "n": None}, {"w": [2.0, 3.0], "b": VECTOR}),
    "an int and a string": (lambda x, n, how: x**n if how == "power" else x, 3.0, 2, "power"),
    "an argument returned": (lambda x: (x, x), VECTOR),
    "an array without entries": (lambda x: x * 2, np.zeros((0, 3))),
    "single precision": (lambda x: np.tanh(x).sum(axis=0), VECTOR.astype(np.float32)),
    "integers as labels": (lambda x, i: -autograd.log_softmax(x)[i], VECTOR, np.array([0, 2])),
    "the gradient of an index that repeats": (grad(lambda a: (a[[0, 0, 2], 1] ** 2).sum()), np.ones((3, 3))),
    "a mask": (lambda x: autograd.where(x > 1.5, x, 0.0) * (x < 2.5), VECTOR),
    "argmax": (lambda x: x[np.argmax(x)], VECTOR),
    "sorted": (lambda x: autograd.sort(-x), VECTOR),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_results_are_those_of_the_function_itself(name):
    function, *args = FUNCTIONS[name]
    replayed = jit(function)
    for _ in range(CALLS):
        assert same(replayed(*args), function(*args))
    assert len(replayed.programs) == 1


def test_numbers_may_change_between_calls_and_so_may_captured_leaves():
    weight = Value(3.0)
    scaled = jit(lambda x: weight * x)
    for x in (1.0, 2.0, 3.0, 4.0):
        weight.data = x + 1
        assert scaled(x).data == (x + 1) * x


def test_a_captured_array_is_read_at_each_call():
    array = np.ones(3)
    total = jit(lambda x: (x * array).sum())
    assert [total(VECTOR) for _ in range(3)] == [6.0] * 3
    array[:] = 2.0
    assert total(VECTOR) == 12.0


def test_a_call_is_one_entry_of_the_tape():
    weight, x = Value(3.0), Value(2.0)
    square = jit(lambda x: (weight * x) ** 2)
    for _ in range(CALLS):
        y = square(x)
    y.backward()
    assert (y.data, x.grad, weight.grad) == (36.0, 36.0, 24.0)
    assert y.op.name == "<lambda>"


def test_gradients_of_a_call_can_be_differentiated_again():
    weight, x = Value(3.0), Value(2.0)
    square = jit(lambda x: (weight * x) ** 2)
    for _ in range(CALLS):
        y = square(x)
    y.backward(create_graph=True)
    first = x.grad
    x.grad, weight.grad = 0.0, 0.0
    first.backward()
    assert (x.grad, weight.grad) == (18.0, 24.0)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_transforms_of_a_replayed_function_to_any_order(order):
    replayed, derivative = jit(cube), cube
    mine = replayed
    for _ in range(order):
        mine, derivative = grad(mine), grad(derivative)
    for _ in range(CALLS):
        assert mine(1.7) == pytest.approx(derivative(1.7), rel=1e-13)


def test_several_tracked_results_have_gradients():
    weight = Tensor(VECTOR)

    @jit
    def both(x):
        y = weight * x
        return y.sum(), y, (y * y).mean()

    for _ in range(CALLS):
        total, y, mean = both(2.0)
    (total + (y * VECTOR).sum() + 3.0 * mean).backward()
    assert np.allclose(weight.grad, 2.0 + 2.0 * VECTOR + 3.0 * 8.0 * VECTOR / 3.0)


def test_under_no_grad_results_are_constants():
    weight = Value(3.0)
    scaled = jit(lambda x: weight * x)
    for _ in range(CALLS):
        with no_grad():
            assert repr(scaled(2.0)) == "Value(data=6.0, requires_grad=False)"
        assert scaled(2.0).requires_grad
        with no_grad(), enable_grad():
            assert scaled(2.0).requires_grad


# Branches


def test_each_path_through_a_branch_is_recorded():
    @jit
    def branch(x):
        return 2.0 * x if x > 0 else -x

    assert [branch(x) for x in (1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 4.0)] == [2.0, 1.0, 4.0, 2.0, 6.0, 3.0, 8.0]
    assert len(branch.programs) == 2


def test_a_loop_whose_length_depends_on_numbers():
    @jit
    def halvings(x):
        count = 0
        while x > 1.0:
            x, count = x / 2.0, count + 1
        return x, count

    for _ in range(3):
        for x in (1.0, 3.0, 5.0, 0.5, 3.0):
            assert halvings(x) == halvings.function(x)


def test_after_eight_new_paths_in_a_row_it_runs_eagerly_and_says_so():
    @jit
    def steps(x):
        return sum(1.0 for i in range(100) if x > i)

    with pytest.warns(RuntimeWarning, match=r"steps was recorded 8 times in a row.*branch.*test_jit.py:\d+.*where"):
        assert [steps(float(i)) for i in range(20)] == [float(i) for i in range(20)]


def test_leaves_may_be_frozen_between_calls():
    weight, bias = Tensor([1.0, 2.0]), Value(3.0)

    def step(x):
        weight.grad = bias.grad = None
        loss = (weight * x * x).sum() * bias
        if loss.requires_grad:
            loss.backward()
        return loss.item(), weight.grad, bias.grad

    replayed = jit(step)
    for call, (of_weight, of_bias) in enumerate([(True, True), (False, True), (False, False), (True, False)] * 4):
        weight.requires_grad = of_weight
        bias.requires_grad_(of_bias)
        found, expected = replayed(1.0 + call), step(1.0 + call)
        assert found[0] == expected[0]
        assert str(found) == str(expected)
    assert len(replayed.programs) == 4


def test_a_call_is_differentiated_by_the_leaves_that_are_not_frozen():
    model = nn.Linear(3, 1)
    total = jit(lambda x: model(x).sum())
    for is_tracked in [True, True, True, False, False, False, True]:
        model.weight.requires_grad = is_tracked
        model.zero_grad()
        total(np.ones((2, 3))).backward()
        assert (model.weight.grad is not None) == is_tracked


def test_leaves_are_not_frozen_inside():
    weight = Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match=r"test_jit.py:\d+: requires_grad of a leaf .*change it before the call"):
        jit(lambda x: (weight.requires_grad_(False) * x).sum())(1.0)
    assert weight.requires_grad


def test_no_assignment_is_made_on_the_wrong_path():
    total = Value(0.0)

    @jit
    def count(x):
        total.data = total.data + 1.0
        if x > 0:
            total.data = total.data + 10.0
        return x

    for x in (1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0):
        count(x)
    assert total.data == 7 + 40


# Training steps


def network(seed=0):
    return nn.MLP(2, [4, 3, 1])


def trained(model, steps, wrap):
    """The losses, weights and gradients of some steps of gradient descent."""
    points = [([0.5, -1.0], 1.0), ([1.5, 2.0], -1.0), ([-0.5, 0.3], 1.0)]

    @wrap
    def step(rate):
        model.zero_grad()
        losses = [(1 + -side * model([Value(x) for x in point])).relu() for point, side in points]
        loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
        loss.backward()
        for p in model.parameters():
            p.data -= rate * p.grad
        return loss

    losses = [step(0.1 / (i + 1)).data for i in range(steps)]
    return losses, [p.data for p in model.parameters()], [p.grad for p in model.parameters()]


def test_a_training_step_of_a_scalar_network_is_the_eager_one_bit_for_bit():
    random.seed(1)
    model = network()
    start = [p.data for p in model.parameters()]
    eager = trained(model, 6, lambda f: f)
    for p, number in zip(model.parameters(), start, strict=True):
        p.data = number
    assert trained(model, 6, lambda f: jit(f, backend="python")) == eager


def test_a_training_step_of_tensors_is_the_eager_one_bit_for_bit():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 5)), rng.integers(0, 3, 8)
    model = nn.Sequential(nn.Linear(5, 6), nn.ReLU(), nn.Linear(6, 3))
    start = {name: np.array(array) for name, array in model.state_dict().items()}

    def train(wrap):
        model.load_state_dict(start)

        @wrap
        def step(x, y):
            model.zero_grad()
            loss = nn.cross_entropy(model(x), y)
            loss.backward()
            for p in model.parameters():
                p.data -= 0.1 * p.grad
            return loss.item()

        return [step(x, y) for _ in range(6)], [np.array(p.data) for p in model.parameters()]

    assert same(train(jit), train(lambda f: f))


def test_gradients_accumulate_over_calls():
    weight = Value(3.0)

    @jit
    def add(x):
        (weight * x).backward()

    for i in range(1, 6):
        add(2.0)
        assert weight.grad == 2.0 * i


# What cannot be replayed


def test_random_numbers_counters_and_iterators_are_caught_with_their_line():
    counter, numbers = itertools.count(), iter([0.5, 0.25])
    for draw in (random.random, lambda: float(next(counter)), lambda: next(numbers)):
        function = jit(lambda x, draw=draw: x * draw())
        function(1.0)
        with pytest.raises(RuntimeError, match=r"test_jit.py:\d+: constant .* two recordings of one path.*argument"):
            function(1.0)


def test_float_of_a_traced_value_names_what_to_write():
    import math

    with pytest.raises(TypeError, match=r"test_jit.py:\d+: float\(\) of a traced value: jit cannot follow it; use"):
        jit(lambda x: math.exp(x))(1.0)


def test_an_index_of_bools_names_where():
    with pytest.raises(TypeError, match=r"index of bools.*autograd.where"):
        jit(lambda x: x[x > 0])(VECTOR)


def test_a_traced_value_that_outlives_its_call_is_an_error():
    kept = []
    jit(lambda x, where=kept: where.append(x))(1.0)
    with pytest.raises(RuntimeError, match="outlived its recording"):
        kept[0] + 1.0


def test_rebound_variables_are_seen():
    scale = 2.0

    def scaled(x):
        return scale * x

    replayed = jit(scaled)
    assert [replayed(1.0) for _ in range(3)] == [2.0] * 3
    scale = 3.0
    assert [replayed(1.0) for _ in range(3)] == [3.0] * 3


def test_an_exception_inside_leaves_no_program_and_no_assignment():
    weight = Value(1.0)

    @jit
    def failing(x):
        weight.data = 5.0
        raise KeyError("no")

    for _ in range(2):
        with pytest.raises(KeyError):
            failing(1.0)
    assert (weight.data, failing.programs) == (1.0, [])


REPLAY = str(Path(autograd.__file__).parent)


class InterruptedAfter:
    """Raises KeyboardInterrupt when so many lines of this package have run, as Ctrl-C may at any of them."""

    def __init__(self, lines):
        self.left = lines

    def __enter__(self):
        self.before = sys.gettrace()
        sys.settrace(self.trace)

    def __exit__(self, kind, *_):
        sys.settrace(self.before)
        return kind is KeyboardInterrupt

    def trace(self, frame, event, argument):
        if not frame.f_code.co_filename.startswith(REPLAY):
            return None
        if event == "line":
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt
        return self.trace


def step_of_two():
    """A jitted training step of two Values and an array, and a function that returns all that it changes."""
    weight, bias, mean = Value(0.5), Value(-1.0), np.zeros(2)

    def step(x):
        weight.grad = bias.grad = None
        loss = (weight * x + bias - 1.0) ** 2
        loss.backward()
        weight.data -= 0.1 * weight.grad
        bias.data -= 0.1 * bias.grad
        state.write(mean, 0.9 * state.read(mean) + loss.data)
        return loss.data

    return jit(step), step, lambda: (weight.data, bias.data, weight.grad, bias.grad, *mean.tolist())


@pytest.mark.parametrize("interrupted_call", [0, 1, 2], ids=["recorded", "verified", "replayed"])
def test_ctrl_c_at_any_moment_leaves_all_effects_or_none_and_a_function_that_goes_on(interrupted_call):
    _, step, state_now = step_of_two()
    expected = [state_now()]
    for call in range(6):
        step(float(call))
        expected.append(state_now())
    counting = InterruptedAfter(10**9)
    replayed, _, _ = step_of_two()
    for call in range(interrupted_call):
        replayed(float(call))
    with counting:
        replayed(float(interrupted_call))
    lines = 10**9 - counting.left
    for moment in sorted({*range(1, lines, max(1, lines // 60)), *range(max(1, lines - 40), lines + 1)}):
        replayed, _, state_now = step_of_two()
        for call in range(interrupted_call):
            replayed(float(call))
        with InterruptedAfter(moment):
            replayed(float(interrupted_call))
        now = state_now()
        assert now in (expected[interrupted_call], expected[interrupted_call + 1])
        for call in range(expected.index(now), 6):
            replayed(float(call))
        assert state_now() == expected[6]


@pytest.mark.parametrize("backend", OURS)
def test_a_copy_of_a_function_that_was_replayed_computes_with_its_own_numbers(backend):
    def angle_after(angle):
        for step in range(200):
            angle = angle + 0.01 * autograd.sin(angle * (1.0 + 0.1 * step))
        return angle

    angles = np.linspace(0.1, 1.0, 5)
    replayed = jit(vmap(angle_after), backend=backend)
    for _ in range(3):
        replayed(angles)
    copied = copy.deepcopy(replayed)
    for _ in range(4):
        np.testing.assert_allclose(copied(2.0 * angles), [angle_after(2.0 * x) for x in angles.tolist()], rtol=1e-12)


def test_a_copy_of_the_function_of_a_model_is_of_the_copied_model():
    model = network()
    predict = jit(model)
    for _ in range(3):
        predict([0.5, -0.5])
    copied = copy.deepcopy(predict)
    for p in model.parameters():
        p.data = 0.0
    for _ in range(4):
        assert copied([0.5, -0.5]).data == copied.function([0.5, -0.5]).data != 0.0


def test_a_function_that_was_replayed_is_pickled_without_what_is_recorded():
    replayed = jit(cube)
    for _ in range(3):
        replayed(2.0)
    restored = pickle.loads(pickle.dumps(replayed))
    assert restored.programs == []
    assert [restored(2.0) for _ in range(3)] == [cube(2.0)] * 3


def test_eight_threads_call_one_function():
    weight = Tensor(VECTOR)
    function = jit(lambda x: (weight * x).sum())
    failures = []

    def work(x):
        for _ in range(200):
            if function(x).data != (VECTOR * x).sum():
                failures.append(x)

    threads = [threading.Thread(target=work, args=(float(i),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_leaf_that_the_result_does_not_depend_on():
    used, unused = Value(2.0), Value(3.0)

    @jit
    def partly(x):
        unused * x
        return used * x

    assert [partly(x).data for x in (1.0, 2.0, 3.0, 4.0)] == [2.0, 4.0, 6.0, 8.0]


@pytest.mark.parametrize("backend", OURS)
def test_every_backend_trains_the_same_network(backend):
    random.seed(1)
    model = network()
    start = [p.data for p in model.parameters()]
    eager = trained(model, 6, lambda f: f)
    for p, number in zip(model.parameters(), start, strict=True):
        p.data = number
    found = trained(model, 6, lambda f: jit(f, backend=backend))
    for a, b in zip(eager, found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_an_unknown_backend_and_what_is_no_function():
    with pytest.raises(ValueError, match="backend is one of auto, numpy, python, numba, reference, jax, not 'cuda'"):
        jit(cube, backend="cuda")
    with pytest.raises(TypeError, match="jit takes a function, not 3"):
        jit(3)


def test_under_detect_anomaly_the_operation_is_named():
    slope = jit(lambda x: Value(x).sqrt().backward())
    for _ in range(3):
        slope(1.0)
    with autograd.detect_anomaly(), pytest.raises(FloatingPointError, match=r"backward: sqrt.*test_jit.py"):
        slope(0.0)


def test_a_tape_lists_the_call():
    weight = Value(3.0, label="w")
    scaled = jit(lambda x: weight * x)
    for _ in range(3):
        scaled(2.0)
    with autograd.Tape() as tape:
        scaled(2.0)
    assert [entry.operation for entry in tape] == ["w", "<lambda>(2.0, v0)"]


def test_a_function_under_jit_calls_another():
    inner = jit(lambda x: x * x + 1.0)
    outer = jit(lambda x: inner(x) + inner(2.0 * x))
    assert [outer(x) for x in (1.0, 2.0, 3.0, 4.0)] == [7.0, 22.0, 47.0, 82.0]
    assert len(inner.programs) == 0


@pytest.mark.parametrize("backend", OURS)
def test_a_wrong_derivative_is_wrong_through_every_backend(backend):
    wrong = autograd.elementwise("wrong", lambda x: x * x, lambda x: x * x, lambda y, x: 3.0 * x)  # 2 x would be right
    for f, inputs in {
        "a number": (wrong, (2.0,)),
        "an array": (lambda x: wrong(x).sum(), (VECTOR,)),
        "many numbers": (lambda *x: sum(wrong(y) * y for y in x), tuple(np.linspace(0.5, 1.5, 50).tolist())),
    }.values():
        places = tuple(range(len(inputs)))
        replayed = jit(grad(f, places), backend=backend)
        for _ in range(3):
            found = replayed(*inputs)
        exact = grad(f, places)(*inputs)
        assert np.allclose(found, exact, rtol=1e-12)
        assert np.allclose(exact[0], 3.0 * inputs[0] if len(inputs) == 1 else 4.0 * inputs[0] ** 2)
        with pytest.raises(AssertionError):
            autograd.check_grads(jit(f, backend=backend), list(inputs))


def test_a_sweep_from_what_depends_on_nothing_tracked_names_its_line():
    weight = Value(2.0)
    with pytest.raises(RuntimeError, match=r"test_jit.py:\d+: backward\(\) on .* depends on nothing tracked"):
        jit(lambda x: (weight.data * x).backward())(1.0)


@pytest.mark.parametrize("backend", OURS)
def test_a_function_of_ints_alone_or_of_nothing_computes_nothing(backend):
    w = Value(1.0)

    def cleared():
        w.grad = 0.0

    square, nothing, clear = (jit(f, backend=backend) for f in (lambda n: n * n, lambda: None, cleared))
    for _ in range(CALLS):
        w.grad = 5.0
        assert (square(3), nothing(), clear()) == (9, None, None)
        assert w.grad == 0.0


@pytest.mark.parametrize("number", [np.float64(3.0), np.float32(0.1), np.int64(3), np.bool_(True), 3, 0, True])
@pytest.mark.parametrize("backend", OURS)
def test_a_scalar_of_numpy_meets_a_value_or_tensor_as_it_does_eagerly(number, backend):
    def together(v, t):
        return [
            *(number * v, v - number, np.maximum(number, v), autograd.minimum(v, number)),
            *(number * t, t - number, np.maximum(number, t), autograd.where(number > v, number, v)),
        ]

    replayed = jit(together, backend=backend)
    for x in (0.25, 2.0, 4.0, -1.0, 0.25):
        v, t = Value(x), Tensor(np.array([x, 1.0], np.float32))
        found, expected = replayed(v, t), together(v, t)
        assert [type(y.data) for y in found] == [type(y.data) for y in expected]
        assert [getattr(y.data, "dtype", None) for y in found] == [getattr(y.data, "dtype", None) for y in expected]
        for y, z in zip(found, expected, strict=True):
            np.testing.assert_array_equal(y.data, z.data)


def test_a_float_stays_a_float_beside_an_int():
    larger = jit(lambda x: np.maximum(x, 0))
    assert [type(larger(x)) for x in (1.5, -1.5, 2.5, -2.5)] == [float] * 4


@pytest.mark.parametrize("backend", OURS)
@pytest.mark.parametrize(
    "chosen",
    [
        lambda x: autograd.where(x > 0.0, x > 1.0, 2.5 * x),
        lambda x: autograd.where(x > 0.0, 2.5 * x, x > -1.5),
        lambda x: autograd.maximum(x, x > 1.0),
        lambda x: autograd.minimum(x > 1.0, x),
        lambda x: autograd.clip(x > 1.0, 0.5 * x, x),
    ],
)
def test_a_bool_beside_a_float_is_a_float_whichever_is_chosen(chosen, backend):
    numbers = [2.0, 0.5, -1.0, -2.0]
    expected = [chosen(x) for x in numbers]
    replayed = jit(chosen, backend=backend)
    found = [replayed(x) for x in numbers]
    assert same(found, expected)
    for start in range(len(numbers)):
        order = numbers[start:] + numbers[:start]
        on_samples = jit(vmap(chosen), backend=backend)
        for _ in range(3):
            assert on_samples(np.array(order)).tolist() == expected[start:] + expected[:start]


def test_results_of_both_precisions_keep_theirs():
    both = jit(lambda x, t: (x * 2.0, t * t))
    for _ in range(CALLS):
        x, t = Value(2.0), Tensor(np.array([1.0, 3.0], np.float32))
        doubled, squared = both(x, t)
        (doubled + squared.sum()).backward()
        assert (squared.dtype, t.grad.dtype) == (np.float32, np.float32)
        assert (doubled.data, x.grad, t.grad.tolist()) == (4.0, 2.0, [2.0, 6.0])


def test_a_captured_leaf_that_is_returned_is_that_leaf():
    w, interior = Tensor([1.0, 2.0]), Value(3.0) * 2.0

    def step(x):
        w.data = w.data + x
        return w, interior, w * x

    replayed = jit(step)
    for calls in range(1, CALLS + 1):
        leaf, same_node, product = replayed(1.0)
        assert leaf is w
        assert same_node is interior
        np.testing.assert_array_equal(leaf.data, [1.0 + calls, 2.0 + calls])
        np.testing.assert_array_equal(product.data, leaf.data)


def test_a_value_made_inside_is_returned_as_a_value():
    def total(x):
        return sum((Value(x) * i for i in range(3)), Value(0.0))

    replayed = jit(total)
    assert [replayed(x).data for x in (1.0, 2.0, 3.0)] == [3.0, 6.0, 9.0]


@pytest.mark.parametrize("is_captured", [False, True])
def test_an_array_may_be_written_to_between_a_call_and_its_sweep(is_captured):
    w, captured = Tensor([1.0, 2.0]), np.zeros(2)
    replayed = jit((lambda x: (w * w * captured).sum()) if is_captured else (lambda x: (w * w * x).sum()))
    x = captured if is_captured else np.zeros(2)
    for calls in range(1, CALLS + 1):
        x[:] = calls
        w.grad = None
        y = replayed(x)
        x[:] = 100.0
        y.backward()
        np.testing.assert_array_equal(w.grad, 2.0 * w.data * calls)


def test_a_module_made_inside():
    replayed = jit(lambda x: Doubled()(x).sum())
    for calls in range(CALLS):
        assert replayed(Tensor([1.0, float(calls)])).data == 2.0 * (1.0 + calls)


class Doubled(nn.Module):
    def forward(self, x):
        return 2.0 * x


@pytest.mark.parametrize("count", [4, 5])
def test_the_median_of_an_array(count):
    replayed = jit(np.median)
    for seed in range(CALLS):
        x = np.random.default_rng(seed).normal(size=count)
        assert replayed(x) == np.median(x)


def test_a_checkpoint_inside_of_a_captured_leaf():
    w = Tensor([[1.0, 2.0], [3.0, 4.0]])
    replayed = jit(lambda x: autograd.checkpoint(lambda x: np.tanh(w @ x))(x).sum())
    for calls in range(CALLS):
        x = np.array([0.1, 0.1 * calls])
        gradients = []
        for loss in (replayed(x), np.tanh(w @ x).sum()):
            w.grad = None
            loss.backward()
            gradients.append(w.grad)
        np.testing.assert_array_equal(*gradients)
