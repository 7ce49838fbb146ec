"""Recording: what a node holds, what is not recorded, who owns a gradient, and the shortest code that does it."""

import copy
import gc
import inspect
import pickle
import signal
import sys
import threading
import tracemalloc

import numpy as np
import pytest

import autograd
from autograd import Tape, Tensor, Value, detect_anomaly, elementwise, no_grad, structural
from autograd.table import ELEMENTWISE

# A method of Value is a slide


@pytest.mark.parametrize("name", ["__mul__", "__add__", "__sub__", "__truediv__", "tanh", "exp", "__rsub__"])
def test_the_code_of_a_method_fits_a_slide(name):
    lines = inspect.getsource(getattr(Value, name)).strip().splitlines()
    assert len(lines) <= 28
    assert max(map(len, lines)) <= 90


def test_the_product_of_two_values_takes_twenty_lines_and_nothing_that_floats_cannot_raise_is_guarded():
    source = inspect.getsource(Value.__mul__)
    assert len(source.strip().splitlines()) <= 20
    assert "try" not in source
    assert "try" in inspect.getsource(Value.__truediv__)


# What is not recorded


@pytest.mark.parametrize("operand", [Value(3.0), Value(3.0).detach(), 3.0, 3, np.float64(3.0), True])
@pytest.mark.parametrize("name", ["add", "mul", "sub", "div", "pow", "maximum", "hypot"])
def test_under_no_grad_every_pair_of_numbers_gives_the_same_constant(name, operand):
    op, x = autograd.table.ROWS[name], Value(2.0)
    recorded = op(x, operand).data, op(operand, x).data
    with no_grad():
        found = [op(x, operand), op(operand, x)]
    assert tuple(y.data for y in found) == recorded
    for y in found:
        assert (y.requires_grad, y.inputs, y.grad, y.label, y.is_leaf, y.op) == (False, (), 0.0, "", True, None)
        assert repr(y).endswith("detached)")


def test_a_value_and_an_array_under_no_grad_are_a_tensor():
    with no_grad():
        for y in (Value(2.0) * Tensor([1.0, 2.0]), np.array([1.0, 2.0]) * Value(2.0), Tensor([1.0, 2.0]) * Value(2.0)):
            assert isinstance(y, Tensor)
            assert (y.tolist(), y.requires_grad) == ([2.0, 4.0], False)


@pytest.mark.parametrize("leaf", [Value(2.0).detach(), (Tensor([1.0, 2.0]) * 2.0).detach()], ids=["Value", "Tensor"])
def test_a_detached_result_can_be_labelled_and_become_a_leaf(leaf):
    leaf.label = "w"
    assert leaf.requires_grad_() is leaf
    loss = (leaf * leaf).sum() if isinstance(leaf, Tensor) else leaf * leaf
    loss.backward()
    assert leaf.label == "w"
    assert leaf.sweeps == 1
    np.testing.assert_array_equal(leaf.grad, 2 * leaf.data)


def test_a_detached_array_that_becomes_a_leaf_can_be_trained():
    with no_grad():
        leaves = [Tensor([1.0, 2.0]) * 1.0, (Tensor([1.0, 2.0]) * 1.0).detach()]
    for leaf in leaves:
        before = leaf + 0.0
        (leaf.requires_grad_() ** 2).sum().backward()
        leaf.data -= 0.5 * leaf.grad
        assert leaf.data.tolist() == [0.0, 0.0]
        assert before.data.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("x", [Tensor([3.0], label="x"), Value(3.0, label="x")])
def test_a_leaf_that_is_tracked_again_keeps_its_place_on_the_tape(x):
    y = x * x
    x.requires_grad_()
    assert [entry.operation for entry in Tape.of(y)] == ["x", "v0 * v0"]
    x.requires_grad_(False).requires_grad_()
    assert [entry.operation for entry in Tape.of(y)] == ["x", "v0 * v0"]


class NamedTensor(Tensor):
    """What a user may derive from Tensor."""


class NamedValue(Value):
    """What a user may derive from Value."""


@pytest.mark.parametrize("leaf", [NamedTensor([3.0]), NamedValue(3.0)])
def test_an_instance_of_a_derived_class_stays_tracked(leaf):
    assert leaf.requires_grad_() is leaf
    with pytest.raises(TypeError, match=r"requires_grad_\(\) on a Named.*use .detach\(\) for a constant"):
        leaf.requires_grad_(False)


# Gradients are nobody else's


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


def test_a_rule_that_keeps_what_it_returns_does_not_own_the_gradient():
    held = np.ones(2)
    keep = structural("keep", lambda x: x * 1.0, lambda g, y, x: held)
    x = Tensor([1.0, 2.0])
    keep(x).sum().backward()
    x.grad[...] = 9.0
    assert held.tolist() == [1.0, 1.0]


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


# Rules of one's own are read each time


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


@pytest.mark.parametrize(
    "same",
    [
        structural("same", lambda x: x, lambda g, y, x: g),
        elementwise("same", lambda x: x, lambda x: x, lambda y, x: 1.0),
    ],
)
def test_an_operation_may_return_its_operand(same):
    x = Tensor([1.0, 2.0])
    y = same(x)
    y.sum().backward()
    x.data -= x.grad
    assert (x.data.tolist(), y.data.tolist()) == ([0.0, 1.0], [1.0, 2.0])


def test_an_operation_may_return_an_array_that_its_author_keeps():
    held = np.array([1.0, 2.0])
    constant = structural("constant", lambda x: held, lambda g, y, x: 0.0 * g)
    y = constant(Tensor([5.0, 6.0]))
    held += 1.0
    assert y.data.tolist() == [1.0, 2.0]


def test_what_an_operation_returns_becomes_floats():
    is_positive = elementwise("is_positive", lambda x: x > 0, lambda x: x > 0, lambda y, x: 0.0)
    y = is_positive(Tensor([1.0, -1.0]))
    assert (y.dtype, y.tolist()) == (np.float64, [1.0, 0.0])
    v = is_positive(Value(1.0))
    assert type(v.data) is float
    turned = structural("turned", lambda x: x * 1j, lambda g, y, x: g)
    with pytest.raises(TypeError, match="turned: complex numbers are out of scope"):
        turned(Tensor([1.0]))


def test_a_row_of_ones_own_is_copied_with_what_refers_to_it_and_pickled_by_nobody():
    row = elementwise("mine", lambda x: x, lambda x: x * 1.0, lambda y, x: 1.0)
    assert copy.deepcopy({"activation": row})["activation"] is row
    assert copy.copy(row) is row
    with pytest.raises(TypeError, match="so it cannot be pickled"):
        pickle.dumps(row)


def test_a_row_of_the_table_keeps_its_parameters_when_it_is_pickled():
    over_rows = autograd.sum.bound((0, True))
    assert pickle.loads(pickle.dumps(over_rows)) is over_rows
    assert pickle.loads(pickle.dumps(autograd.sum)) is autograd.sum
    assert pickle.loads(pickle.dumps(autograd.exp)) is autograd.exp


def test_equal_parameters_of_other_types_are_told_apart():
    part = structural("part", lambda x, k: x[k], lambda g, y, x, k: np.zeros(x.shape), parameters={"k": 0})
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    assert [part(x, k=k).shape for k in (1, True, 1)] == [(2,), (1, 2, 2), (2,)]
    assert part(x, k=1).op is part(x, k=1).op


def test_a_row_of_ones_own_may_have_any_name():
    double = elementwise("twice {x}_1", lambda x: 2.0 * x, lambda x: 2.0 * x, lambda y, x: 2.0)
    y = double(Value(1.0, label="x"))
    assert y.op.written("x") == "twice {x}_1(x)"
    assert r"twice {x}\_1" in y.op.tex.format("x")
    total = structural("{sum}", lambda *parts: parts[0] + parts[1], lambda g, y, *parts: lambda place: g, variadic=True)
    assert total([Tensor(1.0), Tensor(2.0)]).op.written("a", "b") == "{sum}([a, b])"


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


# Operations on any number of operands


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
    _, pullback = autograd.vjp(lambda a, b: add([a, b]), np.ones(2), np.ones(2))
    found = {}
    first = threading.Thread(target=lambda: found.update(first=pullback(np.full(2, 1.0))))
    first.start()
    first_in_rule.wait(10)
    found["second"] = pullback(np.full(2, 2.0))
    second_is_done.set()
    first.join()
    assert [part.tolist() for part in found["first"]] == [[1.0, 1.0]] * 2
    assert [part.tolist() for part in found["second"]] == [[2.0, 2.0]] * 2


# What a node says of itself


def test_karpathys_trace_reads_our_values():
    def trace(root):
        nodes, edges = set(), set()

        def build(v):
            if v not in nodes:
                nodes.add(v)
                for child in v._prev:
                    edges.add((child, v))
                    build(child)

        build(root)
        return nodes, edges

    x, w, b = Value(2.0, label="x"), Value(-3.0, label="w"), Value(6.7, label="b")
    n = x * w + b
    o = (2 * n) ** 2
    nodes, edges = trace(o.tanh())
    assert sorted(v._op for v in nodes) == ["", "", "", "", "*", "*", "**2", "+", "tanh"]
    assert len(edges) == 8
    assert all(isinstance(v, Value) for v in nodes)
    assert all(f"{v.label} | data {v.data:.4f} | grad {v.grad:.4f}" for v in nodes)
    assert (n._prev, x._prev) == ({b, next(iter(n._prev - {b}))}, set())


@pytest.mark.parametrize("op", ELEMENTWISE.values(), ids=lambda op: op.name)
def test_every_operation_has_a_short_text(op):
    if op.is_predicate:
        return
    y = op(*[Value(1.5 if op.name == "acosh" else 0.5) for _ in op.operands])
    assert y._op
    assert "{" not in y._op


def test_a_label_under_detect_anomaly_keeps_the_line():
    x = Value(2.0)
    with detect_anomaly():
        y = x * x
    line = y.line
    y.label = "y"
    y.returned_by("layers.0")
    y.returned_by("")
    assert (y.label, y.line, y.module) == ("y", line, "layers.0")
    assert "test_recorder.py" in line


def test_a_leaf_is_no_modules_result():
    x = Value(2.0, label="x")
    x.returned_by("layers.0")
    assert (x.module, x.label) == ("", "x")


def test_a_tape_keeps_the_same_operations_with_and_without_the_quick_way():
    a, b = Tensor([[1.0, 2.0]]), Tensor([[3.0], [4.0]])

    def program():
        return ((a @ b + 1.0) * np.ones((1, 1)) - a.sum()).exp().sum()

    quick = [entry.operation for entry in Tape.of(program())]
    with Tape() as tape:
        program()
    assert [entry.operation for entry in tape] == quick


# Ctrl-C


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
