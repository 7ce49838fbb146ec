"""The reverse sweep: gradients of every order, accumulation, memory, threads."""

import gc
import math
import os
import signal
import subprocess
import sys
import threading
import tracemalloc

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st
from mpmath import mp, mpf

import autograd
from autograd import Tensor, Value, detect_anomaly, no_grad
from autograd.node import Node
from tests.support import oracle
from tests.support.threads import in_threads

# Sharing


def test_both_uses_of_an_operand_count():
    x = Value(3.0)
    (x * x).backward()
    assert x.grad == 6.0


def test_shared_subexpressions_collect_the_shares_of_all_their_uses():
    x = Value(0.5)
    shared = x.exp()
    y = shared * shared + shared.sin() - shared / x
    y.backward()
    e = math.exp(0.5)
    assert shared.grad == pytest.approx(2 * e + math.cos(e) - 1 / 0.5)
    assert x.grad == pytest.approx(e * (2 * e + math.cos(e) - 2) + e / 0.25)


def test_a_ladder_of_shared_nodes_takes_time_in_its_length_not_in_its_paths():
    x = y = Value(1.0)
    for _ in range(200):
        y = y + y
    y.backward()
    assert x.grad == 2.0**200


def test_a_sweep_leaves_alone_what_the_output_does_not_depend_on():
    x, bystander = Value(2.0), Value(5.0)
    aside = x * bystander
    (x * 3).backward()
    assert (x.grad, bystander.grad, aside.grad) == (3.0, 0.0, 0.0)


def test_where_gives_the_branch_not_taken_a_zero_gradient():
    x, y = Value(2.0), Value(3.0)
    autograd.where(x > 1, x * x, y).backward()
    assert (x.grad, y.grad) == (4.0, 0.0)


@pytest.mark.parametrize("create_graph", [False, True])
def test_where_takes_a_value_as_its_condition(create_graph):
    condition, x, y = Value(1.0), Value(2.0), Value(3.0)
    autograd.where(condition, x * x, y).backward(create_graph=create_graph)
    assert (condition.grad, x.grad, y.grad) == (0.0, 4.0, 0.0)


# Accumulation


def test_leaves_accumulate_over_sweeps_and_interior_nodes_show_the_last():
    x = Value(2.0)
    square = x * x
    cube = square * x
    cube.backward()
    assert (x.grad, square.grad, cube.grad) == (12.0, 2.0, 1.0)
    cube.backward()
    assert (x.grad, square.grad, cube.grad) == (24.0, 2.0, 1.0)
    assert (x.sweeps, square.sweeps) == (2, 1)


def test_gradients_of_several_outputs_add_up_on_a_leaf():
    x = Value(2.0)
    (x * 3).backward()
    (x * x).backward()
    assert x.grad == 7.0


def test_a_gradient_set_to_zero_by_hand_starts_anew():
    x = Value(2.0)
    (x * x).backward()
    x.grad = 0
    assert (x.grad, x.sweeps) == (0.0, 0)
    (x * x).backward()
    assert (x.grad, x.sweeps) == (4.0, 1)


def test_a_gradient_set_to_none_reads_as_zero():
    x = Value(2.0)
    (x * x).backward()
    x.grad = None
    assert x.grad == 0.0


def test_a_sweep_adds_to_a_gradient_set_by_hand():
    x = Value(2.0)
    x.grad = 10
    (x * x).backward()
    assert x.grad == 14.0
    x.grad *= 0.5
    assert x.grad == 7.0


def test_the_gradient_of_an_interior_node_can_be_set_and_does_not_leak_into_the_next_sweep():
    x = Value(2.0)
    square = x * x
    y = square * 3
    square.grad = 100.0
    y.backward()
    assert (square.grad, x.grad) == (3.0, 12.0)


def test_a_sweep_starts_from_the_given_gradient():
    x = Value(2.0)
    (x * x).backward(gradient=0.5)
    (x * x).backward(-1)
    assert x.grad == -2.0
    (x * x).backward(0.0)
    assert x.grad == -2.0


def test_backward_on_a_leaf_is_the_derivative_of_a_number_in_itself():
    x = Value(2.0)
    x.backward()
    x.backward(3)
    assert x.grad == 4.0


@pytest.mark.parametrize("data", [0.5, 8.0])
def test_changing_data_after_the_operation_does_not_change_what_was_recorded(data):
    x = Value(2.0)
    y = x * x
    x.data = data
    y.backward()
    assert x.grad == 4.0


def test_a_first_order_sweep_under_no_grad_is_the_same_sweep():
    x = Value(2.0)
    y = x * x
    with no_grad():
        y.backward()
    assert x.grad == 4.0


# Higher orders


def derivatives(function, x, orders):
    """The derivatives of increasing order, each by a sweep over the tape of the sweep before."""
    leaf = Value(x)
    output, found = function(leaf), []
    for _ in range(orders):
        leaf.grad = 0
        output.backward(create_graph=True)
        output = leaf.grad
        found.append(output.data)
    leaf.grad = 0
    return found


def test_powers_have_derivatives_of_every_order():
    assert derivatives(lambda x: x**4, 2.0, 4) == [32.0, 48.0, 48.0, 24.0]
    assert derivatives(lambda x: x * x * x * x, 2.0, 4) == [32.0, 48.0, 48.0, 24.0]


@pytest.mark.parametrize("x", [0.3, -1.2, 2.0])
@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "silu", "normal_cdf", "erf", "atan", "asinh", "tan"])
def test_smooth_functions_have_right_derivatives_up_to_the_fifth(name, x):
    found = derivatives(getattr(autograd, name), x, 5)
    expected = [oracle.derivative_along(oracle.ORACLES[name].function, 0, (x,), order) for order in range(1, 6)]
    assert found == pytest.approx([float(e) for e in expected], rel=1e-11)


def test_the_third_derivative_of_tanh_at_zero():
    assert derivatives(autograd.tanh, 0.0, 3) == [1.0, 0.0, -2.0]


def test_mixed_second_derivatives_do_not_depend_on_the_order():
    def mixed(first, second):
        inputs = {"x": Value(0.7), "y": Value(1.3)}
        ((inputs["x"] * inputs["y"]).sin() * inputs["x"].exp()).backward(create_graph=True)
        gradient = inputs[first].grad
        inputs[first].grad = inputs[second].grad = 0
        gradient.backward()
        return inputs[second].grad

    assert mixed("x", "y") == pytest.approx(mixed("y", "x"), rel=1e-14)


def test_a_gradient_penalty_trains_through_the_gradient():
    w, x = Value(1.5), Value(0.4)
    (w * x).tanh().backward(create_graph=True)
    slope = x.grad
    w.grad = x.grad = 0
    (slope * slope).backward()
    # slope = w sech²(wx), so its derivative in w is sech² - 2 w x tanh sech²
    s, t = 1 / math.cosh(0.6) ** 2, math.tanh(0.6)
    assert w.grad == pytest.approx(2 * 1.5 * s * (s - 2 * 1.5 * 0.4 * t * s), rel=1e-13)


def test_the_gradient_that_a_sweep_starts_from_may_itself_be_tracked():
    x, seed = Value(3.0), Value(2.0)
    (x * x).backward(seed, create_graph=True)
    gradient = x.grad
    x.grad = 0
    gradient.backward()
    assert (gradient.data, seed.grad, x.grad) == (12.0, 6.0, 4.0)


def test_create_graph_adds_to_the_gradient_that_is_there():
    x = Value(2.0)
    (x * x).backward()
    (x * x).backward(create_graph=True)
    assert x.grad.data == 8.0
    (x * x).backward()
    assert x.grad.data == 12.0
    x.grad = 0


def test_create_graph_changes_neither_the_first_tape_nor_its_adjoints():
    x = Value(2.0)
    square = x * x
    y = square * x
    y.backward()
    before = (square.partials, y.partials, square.data, y.data)
    y.backward(create_graph=True)
    assert (square.partials, y.partials, square.data, y.data) == before
    assert (square.grad, y.grad) == (2.0, 1.0)
    x.grad = 0
    y.backward()
    assert x.grad == 12.0


def test_create_graph_works_under_no_grad():
    x = Value(2.0)
    y = x**3
    with no_grad():
        y.backward(create_graph=True)
    gradient = x.grad
    x.grad = 0
    gradient.backward()
    assert x.grad == 12.0


# Against an independent oracle

UNARY = ["neg", "abs", "square", "exp", "expm1", "sin", "cos", "tanh", "atan", "asinh", "sigmoid", "softplus", "relu",
         "leaky_relu", "elu", "silu", "normal_pdf", "normal_cdf", "erf", "erfc", "pos"]  # fmt: skip
OF_POSITIVE = ["cbrt", "log", "log2", "log10", "log1p", "sqrt", "reciprocal"]
OF_UNIT = ["asin", "acos", "atanh", "tan"]
BINARY = ["add", "sub", "mul", "logaddexp", "hypot", "minimum", "maximum", "atan2"]
STEPS = ["floor", "ceil", "round", "trunc", "sign"]

# Operands brought into the domain: 1 + x² is positive, tanh(x) / 2 inside the unit interval, 2 + x² above one
INTO_DOMAIN = {
    "positive": lambda f, x: f("add", f("square", x), 1.0),
    "unit": lambda f, x: f("mul", f("tanh", x), 0.5),
    "above one": lambda f, x: f("add", f("square", x), 2.0),
}
DOMAIN = dict.fromkeys(OF_POSITIVE, "positive") | dict.fromkeys(OF_UNIT, "unit")
DOMAIN |= {"acosh": "above one", "sinh": "unit", "cosh": "unit", "exp": "unit", "exp2": "unit", "expm1": "unit"}
DIVISIONS = ["div", "remainder", "floor_divide"]
EVERY = [*UNARY, "exp2", *OF_POSITIVE, *OF_UNIT, "acosh", "sinh", "cosh", *BINARY, *DIVISIONS, *STEPS, "pow", "where"]


def apply_step(f, nodes, step):
    """The next node of a random program, by `f(name, *operands)`."""
    name, i, j, constant = step
    x, y = nodes[i % len(nodes)], nodes[j % len(nodes)]
    if name in DOMAIN:
        return f(name, INTO_DOMAIN[DOMAIN[name]](f, x))
    if name in DIVISIONS:
        return f(name, x, f("add", f("square", y), 1.0))
    if name == "pow":
        return f("pow", f("add", f("square", x), 1.0), f("tanh", y))
    if name in {"atan2", "hypot"}:
        return f(name, x, f("add", f("square", y), 1.0))
    if name == "where":
        return f("where", constant > 0, x, y)
    if name in {"leaky_relu", "elu"}:
        return f(name, x, abs(constant))
    if name in BINARY:
        return f(name, x, y)
    return f(name, x)


def run_program(f, inputs, steps, tame):
    """A random program in which any node may use any earlier one; the last is a sum, so that much is shared."""
    nodes = list(inputs)
    for step in steps:
        nodes.append(tame(apply_step(f, nodes, step)))
    total = nodes[-1]
    for node in nodes[-4:-1]:
        total = f("add", total, node)
    return total


def on_values(name, *operands):
    return getattr(autograd, name)(*operands)


def in_mpmath(name, *operands):
    """The oracle's value; a program that comes close to a kink or a jump has no derivative, and is dismissed."""
    assume(name not in DISTANCE_TO_KINK or DISTANCE_TO_KINK[name](*operands) > 1e-6)
    return oracle.ORACLES[name].function(*operands)


def distance_to_whole(x):
    return abs(x - mp.nint(x))


DISTANCE_TO_KINK = dict.fromkeys(["abs", "relu", "leaky_relu", "elu", "sign"], lambda x, *rest: abs(x))
DISTANCE_TO_KINK |= dict.fromkeys(["minimum", "maximum"], lambda x, y: abs(x - y))
DISTANCE_TO_KINK |= dict.fromkeys(["floor", "ceil", "round", "trunc"], lambda x: distance_to_whole(2 * x))
DISTANCE_TO_KINK |= dict.fromkeys(["remainder", "floor_divide"], lambda x, y: distance_to_whole(x / y))


steps_of_programs = st.lists(
    st.tuples(st.sampled_from(EVERY), st.integers(0, 30), st.integers(0, 30), st.floats(-2, 2)), min_size=1, max_size=12
)
inputs_of_programs = st.lists(st.floats(-2, 2).map(lambda x: round(x, 3) + 0.00037), min_size=1, max_size=3)


def total_of_mpmath(steps):
    def program(*inputs):
        return run_program(in_mpmath, inputs, steps, tame=lambda x: x / 2)

    return program


@given(inputs_of_programs, steps_of_programs)
def test_random_programs_have_the_gradient_of_the_oracle(numbers, steps):
    inputs = [Value(x) for x in numbers]
    output = run_program(on_values, inputs, steps, tame=lambda x: x / 2)
    output.backward()
    with mp.workdps(40):
        expected = float(total_of_mpmath(steps)(*map(mpf, numbers)))
    assert output.data == pytest.approx(expected, rel=1e-9, abs=1e-9)
    for i, x in enumerate(inputs):
        expected = float(oracle.derivative_along(total_of_mpmath(steps), i, numbers))
        assert x.grad == pytest.approx(expected, rel=1e-8, abs=1e-8)


@given(inputs_of_programs, steps_of_programs)
def test_both_sweeps_give_random_programs_the_same_gradient(numbers, steps):
    first, second = ([Value(x) for x in numbers] for _ in range(2))
    run_program(on_values, first, steps, tame=lambda x: x / 2).backward()
    run_program(on_values, second, steps, tame=lambda x: x / 2).backward(create_graph=True)
    found = [x.grad if isinstance(x.grad, float) else x.grad.data for x in second]
    for x in second:
        x.grad = 0
    assert found == pytest.approx([x.grad for x in first], rel=1e-12, abs=1e-12)


@given(inputs_of_programs, steps_of_programs)
def test_a_tape_or_a_search_for_anomalies_changes_no_gradient_of_random_programs(numbers, steps):
    plain, recorded = ([Value(x) for x in numbers] for _ in range(2))
    run_program(on_values, plain, steps, tame=lambda x: x / 2).backward()
    with autograd.Tape(), detect_anomaly():
        run_program(on_values, recorded, steps, tame=lambda x: x / 2).backward()
    assert [x.grad for x in recorded] == [x.grad for x in plain]


# Length and memory


def chain(x, operation, length):
    y = x
    for _ in range(length):
        y = operation(y)
    return y


def test_a_chain_of_a_million_operations_goes_forward_backward_and_away():
    x = Value(1.0)
    y = chain(x, lambda y: y * 1.0000001, 1_000_000)
    y.backward()
    assert x.grad == pytest.approx(1.0000001**1_000_000, rel=1e-9)
    del y  # deallocation does not recurse either


def test_a_long_chain_has_higher_derivatives_too():
    x = Value(1.0)
    y = chain(x, lambda y: y + y * 1e-9, 20_000)
    y.backward(create_graph=True)
    assert x.grad.data == pytest.approx(math.exp(2e-5), rel=1e-9)
    x.grad = None
    del y


@pytest.mark.parametrize("operation", [lambda y: y * 1.0000001, autograd.sin], ids=["times a constant", "sin"])
def test_a_node_takes_less_than_two_hundred_bytes_after_backward(operation):
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        x = Value(1.0)
        y = chain(x, operation, 20_000)
        y.backward()
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        assert (after - before) / 20_000 < 200
        assert y.grad == 1.0
    finally:
        tracemalloc.stop()


@pytest.fixture
def without_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def living_nodes():
    return sum(issubclass(type(x), Node) for x in gc.get_objects())  # isinstance asks PyTorch's objects, which warn


def expression(x):
    return autograd.where(x > 0, (x * x).sin() + x.tanh() ** x, x) / 3


@pytest.mark.usefixtures("without_collector")
def test_the_memory_of_a_graph_returns_at_once_without_the_collector():
    before = living_nodes()
    x = Value(0.7)
    y = expression(x)
    y.backward()
    assert living_nodes() > before + 5
    del y
    assert living_nodes() == before + 1
    assert x.grad != 0.0


@pytest.mark.usefixtures("without_collector")
def test_the_memory_of_a_graph_of_gradients_returns_once_the_leafs_gradient_is_cleared():
    before = living_nodes()
    x = Value(0.7)
    y = expression(x)
    y.backward(create_graph=True)
    second = x.grad
    x.grad = None
    second.backward()
    del y, second
    assert living_nodes() == before + 1
    assert x.grad != 0.0


@pytest.mark.usefixtures("without_collector")
def test_ten_thousand_training_steps_leave_nothing_behind():
    w, b = Value(0.5), Value(0.1)

    def step(i):
        loss = ((w * (i % 7) + b).tanh() - 0.3) ** 2
        w.grad = b.grad = 0
        loss.backward()
        for p in (w, b):
            p.data -= 0.01 * p.grad

    for i in range(100):
        step(i)
    tracemalloc.start()
    try:
        objects, (memory, _) = len(gc.get_objects()), tracemalloc.get_traced_memory()
        for i in range(10_000):
            step(i)
        assert len(gc.get_objects()) <= objects + 5
        assert tracemalloc.get_traced_memory()[0] - memory < 10_000
    finally:
        tracemalloc.stop()
    assert gc.collect() == 0


# Threads and exceptions


@pytest.fixture
def eager_switching(monkeypatch):
    import sys

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("eager_switching")
def test_sweeps_of_several_threads_over_shared_leaves_lose_no_update():
    x, y = Value(2.0), Value(3.0)

    def work(i):
        for _ in range(300):
            (x * y + x).backward()

    in_threads(4, work)
    assert (x.grad, y.grad, x.sweeps) == (1200 * 4.0, 1200 * 2.0, 1200)


@pytest.mark.usefixtures("eager_switching")
def test_sweeps_of_several_threads_over_one_output_lose_no_update():
    x = Value(2.0)
    square = x * x
    y = square * x

    def work(i):
        for _ in range(200):
            y.backward(create_graph=i % 2 == 0)

    in_threads(4, work)
    assert x.grad.data == 800 * 12.0
    assert square.grad == 2.0
    x.grad = None


FORKING = """
import os, threading
import numpy as np
from autograd import Tensor, Value, structural

inside, forked = threading.Event(), threading.Event()

def rule(adjoint, y, x):
    inside.set()
    forked.wait(60)
    return adjoint

slow = structural("slow", np.copy, rule)
thread = threading.Thread(target=lambda: slow(Tensor([1.0])).backward([1.0]))
thread.start()
inside.wait(60)
child = os.fork()
if not child:
    x = Value(3.0)
    (x * x).backward()
    os._exit(x.grad != 6.0)
status = os.waitpid(child, 0)[1]
forked.set()
thread.join()
os._exit(status != 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_a_child_forked_while_another_thread_sweeps_sweeps_too():
    subprocess.run([sys.executable, "-c", FORKING], check=True, timeout=60)


def test_an_error_in_a_sweep_leaves_the_leaves_gradients_as_they_were():
    x, y = Value(0.0), Value(2.0)
    (x * y).backward()
    with pytest.raises(FloatingPointError), detect_anomaly():
        (y * x.sqrt()).backward()
    assert (x.grad, y.grad, x.sweeps, y.sweeps) == (2.0, 0.0, 1, 1)


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_gradient_to_start_from_may_be_a_value_also_for_a_tensor_of_one_number(create_graph):
    x, seed = Tensor(3.0), Value(2.0)
    (x * x).backward(gradient=seed, create_graph=create_graph)
    assert x.grad.item() == 12.0
    if create_graph:
        gradient, x.grad = x.grad, None
        gradient.backward()
        assert (seed.grad, x.grad.item()) == (6.0, 4.0)


def test_an_error_in_a_rule_leaves_the_leaves_gradients_as_they_were(monkeypatch):
    def broken(y, x):
        raise RuntimeError("broken rule")

    x, y = Value(1.0), Value(2.0)
    output = x.sin() * y
    output.backward()
    object.__setattr__(autograd.sin, "rules", (broken,))
    try:
        with pytest.raises(RuntimeError, match="broken rule"):
            output.backward(create_graph=True)
    finally:
        object.__setattr__(autograd.sin, "rules", (lambda y, x: autograd.cos(x),))
    assert (x.grad, y.grad) == (2 * math.cos(1), math.sin(1))
    output.backward()
    assert (x.sweeps, y.sweeps) == (2, 2)


def test_an_error_while_gradients_are_added_leaves_the_leaves_gradients_as_they_were():
    x, y = Value(1.0), Value(1e308)
    y.grad = Value(1.0)
    x.grad = Value(1.7e308)
    with pytest.raises(FloatingPointError), detect_anomaly():
        (x * y).backward()
    assert (x.grad.data, y.grad.data) == (1.7e308, 1.0)


def test_the_leaves_of_a_sum_get_gradients_of_their_own():
    a, b = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    (a + b).sum().backward()
    a.grad[...] = 7.0
    assert b.grad.tolist() == [1.0, 1.0]


def test_the_seed_is_not_the_gradient_of_the_leaf_it_reaches():
    x = Tensor([[1.0]])
    x.backward()
    x.grad[...] = 5.0
    y = Tensor([[1.0]])
    y.backward()
    assert y.grad.tolist() == [[1.0]]


def test_the_gradient_of_a_number_is_an_array_after_every_sweep():
    x = Tensor(2.0)
    for sweeps in (1, 2, 3):
        (x * x + x).backward()
        assert type(x.grad) is np.ndarray
        assert (x.grad.shape, x.grad.item()) == ((), 5.0 * sweeps)


def test_entries_of_a_sum_can_be_set_and_the_sweep_goes_through():
    x = Tensor([1.0, 2.0])
    total = x.sum()
    (total.at[...].set(3.0) + total + total * total).backward()
    assert x.grad.tolist() == [7.0, 7.0]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer that interrupts")
def test_an_interrupt_leaves_all_gradients_added_or_none():
    leaves = [Value(1.0) for _ in range(3000)]
    total = sum(leaves)

    class Interrupted(Exception):  # noqa: N818
        pass

    def interrupt(*_):
        raise Interrupted

    before, errors = signal.signal(signal.SIGALRM, interrupt), np.geterr()
    torn = interrupted = 0
    try:
        for i in range(60):
            try:
                signal.setitimer(signal.ITIMER_REAL, 1e-4 + i * 5e-5)
                total.backward()
                signal.setitimer(signal.ITIMER_REAL, 0)
            except Interrupted:
                interrupted += 1
            torn += len({(leaf.grad, leaf.sweeps) for leaf in leaves}) > 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        np.seterr(**errors)  # the interrupt may come while NumPy's own context manager ends
    assert interrupted
    assert not torn


def test_threads_that_sweep_over_shared_leaves_lose_no_contribution():
    x = Tensor(np.ones(4))

    def work():
        for _ in range(100):
            (x * 2.0).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert x.grad.tolist() == [800.0] * 4


def test_sweeps_of_several_threads_over_shared_leaves_lose_nothing():
    w = Tensor(np.zeros(50))
    barrier = threading.Barrier(4)

    def work():
        barrier.wait()
        for _ in range(50):
            (w * 1.0 + w).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (w.grad == 400.0).all()
    assert w.sweeps == 200
