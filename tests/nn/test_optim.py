"""The optimizers: PyTorch's numbers, on Tensors and on Values; resuming; curvature; clipping; what bad input gets."""

import copy
import re
import tracemalloc

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value
from nn import optim, schedule
from tests.nn.recording import is_expected, recorded
from tests.nn.torch_optim import CLIPS, FIRST_ORDER, ROSENBROCK, START, Engine, by_torch, loss_at, written

RECORDED = recorded("torch_optim")


def as_tensors(arrays):
    return [Tensor(x) for x in arrays]


def as_values(arrays):
    return [Value(x) for array in arrays for x in array.ravel()]


def flat(arrays):
    return [float(x) for array in arrays for x in array.ravel()]


ON_TENSORS = Engine(optim, schedule, optim, np.sin, as_tensors)
ON_VALUES = Engine(optim, schedule, optim, np.sin, as_values, flat)

both_kinds = pytest.mark.parametrize("engine", [ON_TENSORS, ON_VALUES], ids=["tensors", "values"])


def check(engine, name, expected):
    rows = engine.run(name)
    if len(rows) != len(expected):
        rows = written(name, rows)
    for row, theirs in zip(rows, expected, strict=True):
        np.testing.assert_allclose(row, theirs, rtol=1e-10, atol=1e-10, err_msg=name)


# PyTorch's numbers


@both_kinds
@pytest.mark.parametrize("name", [*FIRST_ORDER, *ROSENBROCK, *CLIPS])
def test_parameters_are_those_written_down_of_pytorch(engine, name):
    check(engine, name, RECORDED[name])


@pytest.mark.slow
def test_parameters_and_rates_are_those_of_pytorch_here_and_now():
    torch = pytest.importorskip("torch")
    assert is_expected(torch)
    for name, rows in by_torch().items():
        check(ON_TENSORS, name, rows)
        np.testing.assert_allclose(
            np.concatenate(RECORDED[name]), np.concatenate(written(name, rows)), rtol=1e-13, atol=1e-13
        )


def test_the_steps_written_down_move_the_parameters():
    for name in FIRST_ORDER:
        first, *_, last = RECORDED[name]
        assert np.abs(np.subtract(first, last)).min() > 1e-5, name


# What else a step does


def quadratic(parameters):
    return loss_at(1, parameters, [1.0] * len(parameters), np.sin)


@pytest.mark.parametrize("rule", [optim.SGD, optim.Adagrad, optim.RMSprop, optim.Adam, optim.AdamW])
def test_a_tensor_without_a_gradient_stays_and_begins_no_state(rule):
    used, unused = Tensor([1.0, 2.0]), Tensor([3.0])
    optimizer = rule([used, unused], lr=0.1, weight_decay=0.5)
    quadratic([used]).backward()
    optimizer.step()
    assert unused.data.tolist() == [3.0]
    assert used.data.tolist() != [1.0, 2.0]
    assert 1 not in optimizer.state_dict()["state"]


@pytest.mark.parametrize("rule", [optim.SGD, optim.Adagrad, optim.RMSprop, optim.Adam, optim.AdamW])
def test_the_gradient_and_the_array_of_a_parameter_stay_the_same_objects(rule):
    p = Tensor(START[0])
    optimizer = rule([p], lr=0.1, weight_decay=0.1, maximize=True)
    quadratic([p]).backward()
    array, gradient, numbers = p.data, p.grad, p.grad.copy()
    optimizer.step()
    assert p.data is array
    assert p.grad is gradient
    np.testing.assert_array_equal(gradient, numbers)


def test_the_engine_notices_that_a_step_moved_what_was_recorded():
    p = Tensor([1.0, 2.0])
    optimizer = optim.SGD([p], lr=0.1)
    loss = (p * p * p).sum()
    loss.backward()
    optimizer.step()
    with pytest.raises(RuntimeError):
        loss.backward()


@pytest.mark.parametrize("rule", [optim.SGD, optim.Adagrad, optim.RMSprop, optim.Adam, optim.AdamW])
def test_a_step_allocates_no_arrays(rule):
    p = Tensor(np.ones((300, 300)))
    optimizer = rule([p], lr=1e-3, weight_decay=0.1, maximize=True)
    p.grad = np.ones(p.shape)
    optimizer.step()
    tracemalloc.start()
    optimizer.step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < p.data.nbytes / 2


def test_float32_stays_float32():
    for rule in (optim.SGD, optim.Adagrad, optim.RMSprop, optim.Adam, optim.AdamW):
        p = Tensor(np.ones(3, np.float32))
        optimizer = rule([p], lr=np.float64(0.1), weight_decay=0.1)
        (p * p).sum().backward()
        optimizer.step()
        assert p.data.dtype == np.float32
        assert all(x.dtype == np.float32 for x in optimizer.state_dict()["state"].get(0, {}).values() if np.ndim(x))


@pytest.mark.parametrize("to", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [nn.SGD, nn.Adam, nn.AdamW, nn.RMSprop, nn.Adagrad, nn.Adadelta, nn.LBFGS])
def test_a_model_converted_after_the_optimizer_was_made_takes_the_same_steps(kind, to):
    x = np.random.default_rng(0).normal(size=(20, 2)).astype(to)

    def trained(*, early):
        model = (
            nn.Linear(2, 2, generator=np.random.default_rng(0))
            .to(np.float32)
            .to(np.float64 if to is np.float32 else np.float32)
        )
        if early:
            optimizer = kind(model.parameters(), lr=0.1)
        model.to(to)
        if not early:
            optimizer = kind(model.parameters(), lr=0.1)

        def closure():
            optimizer.zero_grad()
            loss = nn.mse_loss(model(x), x)
            loss.backward()
            return loss

        for _ in range(3):
            optimizer.step(closure)
        return {name: array.tolist() for name, array in model.state_dict().items()}

    assert trained(early=True) == trained(early=False)


@pytest.mark.parametrize(("before", "after"), [(np.float32, np.float64), (np.float64, np.float32)])
def test_the_state_of_an_optimizer_follows_a_model_converted_between_steps(before, after):
    model = nn.Linear(2, 2, generator=np.random.default_rng(0)).to(before)
    optimizer = nn.Adam(model.parameters())
    for dtype in (before, after):
        model.to(dtype)(np.ones((3, 2), dtype)).sum().backward()
        optimizer.step()
    state = optimizer.state_dict()["state"][0]
    assert {state["exp_avg"].dtype, state["exp_avg_sq"].dtype} == {np.dtype(after)}
    assert state["step"] == 2


def test_gradients_that_are_on_the_tape_are_followed_too():
    p, v = Tensor([1.0, 2.0]), Value(3.0)
    optimizer = optim.SGD([p, v], lr=0.5)
    ((p * p).sum() + v * v).backward(create_graph=True)
    optimizer.step()
    optimizer.zero_grad()
    assert (p.data.tolist(), v.data) == ([0.0, 0.0], 0.0)
    assert (p.grad, v.grad) == (None, 0.0)


def test_a_closure_is_called_and_its_loss_returned():
    x = Value(3.0)
    optimizer = optim.SGD([x], lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = x * x
        loss.backward()
        return loss

    with autograd.no_grad():
        assert optimizer.step(closure).data == 9.0
    assert x.data == 0.0


def test_groups_have_options_of_their_own():
    a, b = Tensor([1.0]), Value(1.0)
    optimizer = optim.SGD([{"params": [a], "weight_decay": 0.5}, {"params": b, "lr": 0.1}], lr=1.0)
    a.grad, b.grad = [0.0], 1.0
    optimizer.step()
    assert (a.data.tolist(), b.data) == ([0.5], 0.9)
    assert repr(optimizer).startswith("SGD(lr=1.0, momentum=0.0, dampening=0.0, weight_decay=0.5")


# Rows of an embedding


@pytest.mark.parametrize("maximize", [False, True])
def test_rows_without_gradient_are_left_out_with_exactly_the_dense_result(maximize):
    rng = np.random.default_rng(0)
    sparse = Tensor(rng.normal(size=(40, 3)))
    flattened = Tensor(sparse.data.ravel())
    rows, whole = (optim.Adagrad([p], lr=0.3, lr_decay=0.1, maximize=maximize) for p in (sparse, flattened))
    for step in range(12):
        gradient = np.zeros((40, 3))
        gradient[rng.integers(0, 40, size=5)] = rng.normal(size=(5, 3))
        gradient[:, 0] *= step % 2  # zero in the first column is not zero in the row
        sparse.grad, flattened.grad = gradient, gradient.ravel()
        rows.step()
        whole.step()
        np.testing.assert_array_equal(sparse.data.ravel(), flattened.data)
        ours, theirs = (o.state_dict()["state"][0]["sum"].ravel() for o in (rows, whole))
        np.testing.assert_array_equal(ours, theirs)


def test_few_rows_of_many_cost_little():
    p = Tensor(np.ones((50_000, 8)))
    optimizer = optim.Adagrad([p], lr=0.1)
    gradient = np.zeros(p.shape)
    gradient[[3, 70, 4000]] = 1.0
    p.grad = gradient
    optimizer.step()
    work = optimizer._parts[0][0].spare
    work[...] = 7.0
    optimizer.step()
    assert (work == 7.0).all()  # the buffer for the dense step was not used


# Resuming


KINDS = [
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.05}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1}),
    ("RMSprop", {"lr": 0.01, "momentum": 0.9, "centered": True}),
    ("Adam", {"lr": 0.1, "amsgrad": True}),
    ("AdamW", {"lr": 0.1}),
]


@both_kinds
@pytest.mark.parametrize(("kind", "options"), KINDS, ids=str)
def test_training_resumes_bit_for_bit(engine, kind, options):
    def trained(steps, parameters, state=None):
        optimizer = getattr(optim, kind)(parameters, **options)
        if state is not None:
            optimizer.load_state_dict(state)
        for step in steps:
            engine._stepped(optimizer, parameters, step)
        return [np.copy(p.data) for p in parameters], optimizer.state_dict()

    through, _ = trained(range(12), engine.made(START))
    numbers, state = trained(range(5), engine.made(START))
    parameters = engine.made(numbers)
    again, _ = trained(range(5, 12), parameters, copy.deepcopy(state))
    np.testing.assert_array_equal(np.concatenate([*map(np.ravel, again)]), np.concatenate([*map(np.ravel, through)]))


def test_lbfgs_resumes_bit_for_bit():
    def rosenbrock(start, state, steps):
        x = Tensor(start)
        optimizer = optim.LBFGS([x], max_iter=2, line_search_fn="strong_wolfe")
        if state:
            optimizer.load_state_dict(state)

        def closure():
            optimizer.zero_grad()
            loss = (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()
            loss.backward()
            return loss

        for _ in range(steps):
            optimizer.step(closure)
        return x.data, optimizer.state_dict()

    through, _ = rosenbrock([-1.0, 1.5, 0.3], None, 8)
    half, state = rosenbrock([-1.0, 1.5, 0.3], None, 4)
    again, _ = rosenbrock(half, state, 4)
    np.testing.assert_array_equal(again, through)


def test_a_state_dict_is_a_copy_with_numbers_from_zero_on_through_all_groups():
    a, v, w = Tensor([1.0, 2.0]), Value(3.0), Value(4.0)
    optimizer = optim.Adam([{"params": [v, a]}, {"params": [w], "lr": 0.5}])
    quadratic([a, v, w]).backward()
    optimizer.step()
    state = optimizer.state_dict()
    assert [group["params"] for group in state["param_groups"]] == [[0, 1], [2]]
    assert [group["lr"] for group in state["param_groups"]] == [1e-3, 0.5]
    assert {number: np.shape(of["exp_avg"]) for number, of in state["state"].items()} == {0: (), 1: (2,), 2: ()}
    assert [of["step"] for of in state["state"].values()] == [1, 1, 1]
    assert isinstance(state["state"][0]["exp_avg"], float)
    state["state"][1]["exp_avg"][:] = 99.0
    assert optimizer.state_dict()["state"][1]["exp_avg"].max() < 99.0


def stepped_adam(*parameters):
    optimizer = optim.Adam(parameters, lr=0.25)
    for p in parameters:
        p.grad = np.ones(p.shape) if isinstance(p, Tensor) else 1.0
    optimizer.step()
    return optimizer


def changed(state, **options):
    state = copy.deepcopy(state)
    state["param_groups"][0].update(options)
    return state


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (dict, 'expected a dict with "state" and "param_groups"'),
        (lambda: {"state": {}, "param_groups": 3}, '"param_groups" to be a list of dicts'),
        (lambda: stepped_adam(Tensor([1.0, 2.0])).state_dict(), "expected groups of [2] parameters, got groups of [1]"),
        (
            lambda: stepped_adam(Tensor([1.0, 2.0]), Tensor([1.0])).state_dict(),
            "expected exp_avg of shape () for parameter 1, got (1,)",
        ),
        (
            lambda: stepped_adam(Tensor([1.0]), Value(1.0)).state_dict(),
            "expected exp_avg of shape (2,) for parameter 0, got (1,)",
        ),
        (lambda: optim.SGD([Tensor([1.0]), Value(1.0)]).state_dict(), "expected the options of Adam, which are lr"),
        (
            lambda: changed(stepped_adam(Tensor([1.0, 2.0]), Value(0.0)).state_dict(), amsgrad=True),
            "expected step, exp_avg, exp_avg_sq, max_exp_avg_sq for parameter 0, got step, exp_avg, exp_avg_sq",
        ),
        (
            lambda: changed(stepped_adam(Tensor([1.0, 2.0]), Value(0.0)).state_dict(), lr=-1.0),
            "lr: expected a positive",
        ),
        (
            lambda: stepped_adam(Tensor([1.0, 2.0]), Value(0.0)).state_dict() | {"state": {7: {}}},
            "expected a state for parameters 0 to 1, got one for [7]",
        ),
    ],
)
def test_the_state_of_another_optimizer_is_refused_and_nothing_changed(state, message):
    optimizer = stepped_adam(Tensor([1.0, 2.0]), Value(0.0))
    before = repr(optimizer.state_dict())
    with pytest.raises(ValueError, match=re.escape(message)):
        optimizer.load_state_dict(state())
    assert repr(optimizer.state_dict()) == before


# Curvature


def test_newton_is_at_the_minimum_of_a_quadratic_after_one_step_with_tensors_and_values_together():
    p, v = Tensor([1.0, -2.0]), Value(4.0)
    matrix = np.array([[3.0, 1.0], [1.0, 2.0]])
    optimizer = optim.Newton([p, v])
    loss = optimizer.step(lambda: p @ matrix @ p / 2 - p.sum() * v + 3.0 * v * v - v)
    assert isinstance(loss, Tensor)
    hessian = np.block([[matrix, -np.ones((2, 1))], [-np.ones((1, 2)), np.full((1, 1), 6.0)]])
    expected = np.linalg.solve(hessian, [0.0, 0.0, 1.0])
    np.testing.assert_allclose([*p.data, v.data], expected, atol=1e-14)


def test_newton_has_the_hessian_of_autograd():
    x = np.array([0.4, -0.7, 1.2])
    p = Tensor(x)

    def f(t):
        return (t**4).sum() + np.sin(t[0] * t[1] * t[2])

    optim.Newton([p], lr=0.5, damping=0.3).step(lambda: f(p))
    hessian = np.column_stack([autograd.hvp(f, x, v) for v in np.eye(3)])
    gradient = autograd.grad(f)(x)
    np.testing.assert_allclose(p.data, x - 0.5 * np.linalg.solve(hessian + 0.3 * np.eye(3), gradient), rtol=1e-13)
    np.testing.assert_allclose(p.grad, gradient, rtol=1e-14)


def test_newton_converges_quadratically():
    x = Value(2.0)
    optimizer = optim.Newton([x])
    errors = []
    for _ in range(6):
        optimizer.step(lambda: x.exp() - 3.0 * x)
        errors.append(abs(x.data - np.log(3.0)))
    assert errors[-1] < 1e-15
    assert errors[2] < errors[1] ** 2


@pytest.mark.parametrize(
    ("loss", "error"),
    [
        (lambda x, y: (x + y) ** 2, np.linalg.LinAlgError),
        (lambda x, y: 2.0 * x + y, np.linalg.LinAlgError),
        (lambda x, y: x * x + np.float64("nan") * y * y, FloatingPointError),
    ],
)
def test_newton_refuses_what_has_no_step_and_changes_nothing(loss, error):
    x, y = Value(1.0), Value(2.0)
    with pytest.raises(error, match="Newton: the"):
        optim.Newton([x, y]).step(lambda: loss(x, y))
    assert (x.data, y.data) == (1.0, 2.0)


TIMES = np.linspace(0.0, 4.0, 15)
DECAY = 2.5 * np.exp(-1.3 * TIMES) + 0.5


@pytest.mark.parametrize("kind", ["tensor", "values"])
def test_levenberg_and_marquardt_find_a_decay_from_its_numbers(kind):
    p = Tensor([1.0, 0.1, 0.0])
    values = [Value(1.0), Value(0.1), Value(0.0)]

    def of_tensor():
        return p[0] * np.exp(-p[1] * TIMES) + p[2] - DECAY

    def of_values():
        height, rate, rest = values
        return [height * (-rate * t).exp() + rest - y for t, y in zip(TIMES, DECAY, strict=True)]

    optimizer = optim.LevenbergMarquardt([p] if kind == "tensor" else values)
    losses = [optimizer.step(of_tensor if kind == "tensor" else of_values) for _ in range(15)]
    assert losses == sorted(losses, reverse=True)
    found = p.data if kind == "tensor" else [v.data for v in values]
    np.testing.assert_allclose(found, [2.5, 1.3, 0.5], rtol=1e-9)


def test_a_step_of_gauss_and_newton_is_that_of_the_normal_equations():
    rng = np.random.default_rng(0)
    matrix, target = rng.normal(size=(6, 3)), rng.normal(size=6)
    p = Tensor(np.zeros(3))
    optimizer = optim.LevenbergMarquardt([p], damping=0.5)
    loss = optimizer.step(lambda: matrix @ p - target)
    assert loss == pytest.approx(target @ target / 2)
    curvature = matrix.T @ matrix
    expected = np.linalg.solve(curvature + 0.5 * np.diag(np.diag(curvature)), matrix.T @ target)
    np.testing.assert_allclose(p.data, expected, rtol=1e-12)
    np.testing.assert_allclose(p.grad, -matrix.T @ target, rtol=1e-12)
    assert optimizer.param_groups[0]["damping"] == 0.05


def test_a_step_does_not_depend_on_the_units_of_the_parameters():
    def path(unit):
        p = Tensor([50.0, 0.3 / unit])
        optimizer = optim.LevenbergMarquardt([p])
        for _ in range(5):
            optimizer.step(lambda: p[0] / (1.0 + np.exp(4.0 - unit * p[1] * TIMES)) - 80.0 * DECAY)
        return p.data * [1.0, unit]

    np.testing.assert_allclose(path(1e-6), path(1.0), rtol=1e-8)


@pytest.mark.parametrize("start", [[500.0, 1e-4], [250.0, 5e-4]])
def test_the_least_squares_of_misra_are_those_certified_by_nist(start):
    """Misra1a of the Statistical Reference Datasets, whose parameters differ by a factor of a million."""
    x = np.array([77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0])
    y = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78]
    p = Tensor(start)
    optimizer = optim.LevenbergMarquardt([p])
    for _ in range(60):
        optimizer.step(lambda: p[0] * (1.0 - np.exp(-p[1] * x)) - y)
    np.testing.assert_allclose(p.data, [2.3894212918e2, 5.5015643181e-4], rtol=1e-7)


def test_a_try_that_is_worse_is_taken_back_with_more_damping():
    x = Value(3.0)
    optimizer = optim.LevenbergMarquardt([x], damping=1e-6)
    before = optimizer.step(lambda: [x.atan()])  # the undamped step overshoots: to -9.5
    assert abs(x.data) < 3.0
    assert before == pytest.approx(np.arctan(3.0) ** 2 / 2)
    assert optimizer.param_groups[0]["damping"] > 1e-6


def test_where_no_try_is_better_nothing_moves():
    x = Value(0.0)
    optimizer = optim.LevenbergMarquardt([x])
    calls = iter([0.0] + [1.0] * 50)
    optimizer.step(lambda: [x + next(calls)])
    assert (x.data, optimizer.param_groups[0]["damping"]) == (0.0, 1e-3)


def test_residuals_that_are_not_finite_or_none_are_refused():
    x = Value(1.0)
    optimizer = optim.LevenbergMarquardt([x])
    with pytest.raises(FloatingPointError, match="nan or inf"):
        optimizer.step(lambda: [x * float("nan")])
    with pytest.raises(ValueError, match="residuals: expected at least one"):
        optimizer.step(list)
    assert x.data == 1.0


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_curvature_is_there_under_no_grad_and_of_either_dtype(dtype):
    p, v = Tensor(np.array([1.0, 2.0], dtype)), Value(4.0)
    with autograd.no_grad():
        optim.Newton([v, p]).step(lambda: (p * p).sum() + v * v)
        assert (p.data.tolist(), v.data) == ([0.0, 0.0], 0.0)
        optim.LevenbergMarquardt([v, p], damping=1e-12).step(lambda: [p[0] - 3.0, p[1] + v, v - 1.0])
    np.testing.assert_allclose([*p.data, v.data], [3.0, -1.0, 1.0], rtol=1e-6)
    assert p.data.dtype == p.grad.dtype == dtype


def test_a_parameter_that_has_no_part_in_it_stays():
    x, y, t = Value(1.0), Value(2.0), Tensor([5.0])
    optim.LevenbergMarquardt([x, y, t]).step(lambda: [x - 3.0])
    assert (y.data, t.data.tolist()) == (2.0, [5.0])
    optim.Newton([x, y, t], damping=1e-9).step(lambda: x * x)
    assert (y.data, t.data.tolist()) == (2.0, [5.0])


def test_a_closure_that_raises_leaves_lbfgs_as_it_was():
    x = Tensor([-1.0, 1.5])
    optimizer = optim.LBFGS([x], line_search_fn="strong_wolfe")
    calls = iter([False] * 4 + [True])

    def closure():
        if next(calls):
            raise KeyboardInterrupt
        optimizer.zero_grad()
        loss = 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2
        loss.backward()
        return loss

    with pytest.raises(KeyboardInterrupt):
        optimizer.step(closure)
    assert x.data.tolist() == [-1.0, 1.5]
    assert optimizer.state_dict()["state"] == {}


def test_a_line_search_comes_back_from_where_the_loss_is_nan():
    x = Value(0.5)
    optimizer = optim.LBFGS([x], lr=100.0, line_search_fn="strong_wolfe", max_iter=30)

    def closure():
        optimizer.zero_grad()
        with np.errstate(invalid="ignore", divide="ignore"):
            loss = x - x.log()
            loss.backward()
        return loss

    optimizer.step(closure)
    assert x.data == pytest.approx(1.0, abs=1e-5)


# Clipping


def test_clipping_has_pytorchs_name_as_well():
    assert nn.utils.clip_grad_norm_ is optim.clip_grad_norm_
    assert nn.utils.clip_grad_value_ is optim.clip_grad_value_


def test_clipping_changes_arrays_in_place_and_leaves_what_has_no_gradient():
    p, unused = Tensor([3.0, 4.0]), Tensor([1.0])
    p.grad = [3.0, 4.0]
    gradient = p.grad
    assert optim.clip_grad_norm_(iter([p, unused]), 1.0) == 5.0
    assert p.grad is gradient
    np.testing.assert_allclose(gradient, [0.6, 0.8], rtol=1e-6)
    assert unused.grad is None
    assert optim.clip_grad_norm_([unused], 1.0) == 0.0


def test_gradients_on_the_tape_become_numbers_when_clipped():
    p, v = Tensor([3.0]), Value(4.0)
    ((p * p).sum() + v * v).backward(create_graph=True)
    optim.clip_grad_value_([p, v], 1.0)
    assert (p.grad.tolist(), v.grad) == ([1.0], 1.0)


def test_a_norm_that_is_not_finite_is_refused_if_that_is_asked_for():
    v = Value(1.0)
    v.grad = float("inf")
    with pytest.raises(RuntimeError, match="the norm of the gradients is inf"):
        optim.clip_grad_norm_([v], 1.0, error_if_nonfinite=True)
    assert v.grad == float("inf")


# Frozen parameters


STEPS_WITH_A_CLOSURE = {
    "Newton": lambda parameters: optim.Newton(parameters),
    "LevenbergMarquardt": lambda parameters: optim.LevenbergMarquardt(parameters),
    "LBFGS": lambda parameters: optim.LBFGS(parameters, max_iter=3),
}
STEPS = {
    "SGD": lambda parameters: optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=0.1),
    "AdamW": lambda parameters: optim.AdamW(parameters, lr=0.1, weight_decay=0.1),
    **STEPS_WITH_A_CLOSURE,
}


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("leaf", [nn.Parameter, Value], ids=["parameters", "values"])
def test_a_frozen_parameter_stays_and_the_others_move_as_without_it(leaf, name):
    def end(frozen, trained):
        given = [frozen, *trained] if frozen is not None else trained
        optimizer = STEPS[name](given)

        def residuals():
            a, b = trained
            return [a * b - 2.0, a - 3.0 * b]

        def loss():
            optimizer.zero_grad()
            total = sum(r * r for r in residuals())
            if name != "Newton":
                total.backward()
            return total

        for _ in range(3):
            if name in STEPS_WITH_A_CLOSURE:
                optimizer.step(residuals if name == "LevenbergMarquardt" else loss)
            else:
                loss()
                optimizer.step()
        return [float(p.data) for p in trained]

    frozen = leaf(5.0).requires_grad_(False)
    moved = end(frozen, [leaf(3.0), leaf(1.0)])
    np.testing.assert_allclose(moved, end(None, [leaf(3.0), leaf(1.0)]), rtol=1e-12)
    assert moved != [3.0, 1.0]
    assert float(frozen.data) == 5.0


def test_a_group_of_frozen_parameters_is_trained_once_they_are_not():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    model[0].requires_grad_(False)
    optimizer = optim.Adam([{"params": model[0].parameters(), "lr": 0.01}, {"params": model[1].parameters()}])

    def moved():
        before = model[0].weight.data.copy()
        optimizer.zero_grad()
        (model(np.ones((4, 2))) ** 2).mean().backward()
        optimizer.step()
        return (model[0].weight.data != before).any()

    assert not moved()
    model[0].requires_grad_()
    assert moved()


# Bad input


X = Value(1.0)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: optim.SGD([]), "parameters: expected at least one"),
        (lambda: optim.SGD(X), "expected a list of Values or Tensors, such as [x] or model.parameters(), got Value"),
        (lambda: optim.SGD([1.0]), "parameters[0]: expected a Value or a Tensor, got 1.0"),
        (lambda: optim.SGD([X, X * 2.0]), "parameters[1]: expected a leaf, got the result of an operation"),
        (lambda: optim.SGD([X.detach()]), "parameters[0]: expected requires_grad=True, got a constant"),
        (
            lambda: optim.SGD([Tensor([1.0], requires_grad=False)]),
            "parameters[0]: expected requires_grad=True, got a constant",
        ),
        (lambda: optim.SGD([X, X]), "parameters[1]: it is given twice"),
        (lambda: optim.SGD([{"params": [X]}, {"params": [X]}]), "parameters[0]: it is given twice"),
        (
            lambda: optim.SGD([{"params": [X], "learning_rate": 1.0}]),
            "SGD: unknown options ['learning_rate']; expected some of lr",
        ),
        (lambda: optim.SGD([{"lr": 1.0}]), 'expected a dict with "params" and options'),
        (lambda: optim.SGD([X], lr=0.0), "lr: expected a positive learning rate, got 0.0"),
        (lambda: optim.SGD([X], lr=-1.0), "lr: expected a positive learning rate, got -1.0"),
        (lambda: optim.SGD([X], lr=float("nan")), "lr: expected a positive learning rate, got nan"),
        (lambda: optim.SGD([X], lr="0.1"), "lr: expected a positive learning rate, got '0.1'"),
        (lambda: optim.SGD([X], momentum=-0.1), "momentum: expected a number of at least 0, got -0.1"),
        (lambda: optim.SGD([X], weight_decay=None), "weight_decay: expected a number of at least 0, got None"),
        (lambda: optim.SGD([X], dampening="a"), "dampening: expected a number, got 'a'"),
        (lambda: optim.SGD([X], nesterov=True), "nesterov: expected a positive momentum and no dampening"),
        (lambda: optim.SGD([X], nesterov=1), "nesterov: expected True or False, got 1"),
        (lambda: optim.Adam([X], betas=(0.9, 1.0)), "betas: expected two numbers in [0, 1), got (0.9, 1.0)"),
        (lambda: optim.Adam([X], betas=0.9), "betas: expected two numbers, such as (0.9, 0.999), got 0.9"),
        (lambda: optim.Adam([X], eps=-1.0), "eps: expected a number of at least 0, got -1.0"),
        (
            lambda: optim.LBFGS([{"params": [X]}, {"params": [Value(1.0)]}]),
            "LBFGS: expected one group, since all parameters are one vector",
        ),
        (
            lambda: optim.LBFGS([X], line_search_fn="wolfe"),
            "line_search_fn: expected \"strong_wolfe\" or None, got 'wolfe'",
        ),
        (lambda: optim.LBFGS([X], max_iter=0), "max_iter: expected an integer of at least 1, got 0"),
        (lambda: optim.LBFGS([X], tolerance_grad=-1), "tolerance_grad: expected a number of at least 0, got -1"),
        (lambda: optim.LevenbergMarquardt([X], damping=0.0), "damping: expected a positive number, got 0.0"),
        (lambda: optim.LevenbergMarquardt([X], factor=1.0), "factor: expected a number above 1, got 1.0"),
        (lambda: optim.clip_grad_norm_([X], 0.0), "expected positive max_norm and norm_type, got 0.0, 2.0"),
        (lambda: optim.clip_grad_value_([X], -1.0), "clip_value: expected a positive number, got -1.0"),
    ],
)
def test_bad_optimizers_are_refused_by_name(build, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        build()


def test_a_group_that_is_refused_is_not_added():
    optimizer = optim.SGD([X])
    with pytest.raises(ValueError):
        optimizer.add_param_group({"params": [Value(1.0), 2.0]})
    assert len(optimizer.param_groups) == len(optimizer._parts) == 1


@pytest.mark.parametrize("rule", [optim.Newton, optim.LevenbergMarquardt, optim.LBFGS])
def test_rules_of_second_order_need_a_closure(rule):
    with pytest.raises(TypeError, match="step: expected a closure that computes the loss"):
        rule([Value(1.0)]).step()


def test_vectors_of_other_parameters_are_refused_by_lbfgs():
    small, large = Tensor([1.0]), Tensor([1.0, 2.0])
    optimizers = [optim.LBFGS([p], lr=0.1) for p in (small, large)]
    for p, optimizer in zip((small, large), optimizers, strict=True):

        def closure(p=p, optimizer=optimizer):
            optimizer.zero_grad()
            loss = (p * p * p * p).sum()
            loss.backward()
            return loss

        optimizer.step(closure)
    with pytest.raises(ValueError, match=r"expected vectors of shape \(2,\), got"):
        optimizers[1].load_state_dict(optimizers[0].state_dict())
    with pytest.raises(ValueError, match="expected n_iter"):
        optimizers[1].load_state_dict(optimizers[1].state_dict() | {"state": {0: {"momentum_buffer": 1.0}}})


@pytest.mark.parametrize("kind", [optim.Adam, optim.RMSprop])
def test_one_large_gradient_in_float32_does_not_stop_a_parameter_for_good(kind):
    x = Tensor(np.zeros(1, np.float32))
    optimizer = kind([x], lr=0.1)
    x.grad = np.full(1, 1e20, np.float32)
    optimizer.step()
    assert all(np.isfinite(kept).all() for kept in optimizer.state_dict()["state"][0].values())
