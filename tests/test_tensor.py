"""A Tensor is an array on the tape: its data, its gradients, its mixing with Values, and its safety."""

import copy
import gc
import pickle
import tracemalloc
import weakref

import numpy as np
import pytest

import autograd
from autograd import Tape, Tensor, Value, enable_grad, no_grad


def gradient(f, *arrays, **options):
    """The gradients of the sum of a function of Tensors."""
    tensors = [Tensor(x) for x in arrays]
    f(*tensors).sum().backward(**options)
    return [t.grad for t in tensors]


# Data


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        ([1, 2], np.float64, (2,)),
        (3, np.float64, ()),
        (True, np.float64, ()),
        (np.ones((2, 1), np.float32), np.float32, (2, 1)),
        (np.float32(1), np.float32, ()),
        (np.ones(2, int), np.float64, (2,)),
        (np.ones(2, bool), np.float64, (2,)),
        (np.ones(2, np.float16), np.float64, (2,)),
        ([], np.float64, (0,)),
        (np.empty((0, 3)), np.float64, (0, 3)),
        (np.broadcast_to(1.0, (2, 3)), np.float64, (2, 3)),
        (range(3), np.float64, (3,)),
    ],
)
def test_floats_keep_their_precision_and_all_else_becomes_float64(data, dtype, shape):
    t = Tensor(data)
    assert t.dtype == dtype
    assert t.shape == shape
    assert (t.size, t.ndim) == (np.size(data) if not isinstance(data, range) else 3, len(shape))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([1j], "complex numbers are out of scope"),
        (["a"], "expected real numbers"),
        ([object()], "expected real numbers"),
        (Value(1.0), "already on the tape"),
        (Tensor([1.0]), "already on the tape"),
        ([Value(1.0), 2.0], "autograd.stack for a Tensor of Values"),
        ([[1.0], [Tensor(1.0)]], "autograd.stack"),
        (None, "expected real numbers"),
    ],
)
def test_data_that_is_no_array_of_real_numbers_is_refused_with_the_way_out(data, message):
    with pytest.raises(TypeError, match=message):
        Tensor(data)


def test_a_tensor_does_not_share_memory_with_what_it_was_made_of():
    array = np.ones(2)
    t = Tensor(array)
    array[0] = 9.0
    assert t.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1,), (2, 3)])
def test_tensors_of_any_shape_have_gradients(shape):
    (grad,) = gradient(lambda x: x * x + 1.0, np.full(shape, 3.0))
    assert grad.shape == shape
    assert (grad == 6.0).all()


def test_a_gradient_is_none_before_a_sweep_and_can_be_cleared_and_set():
    x = Tensor([1.0, 2.0])
    assert x.grad is None
    (x * 2.0).sum().backward()
    (x * 3.0).sum().backward()
    assert x.grad.tolist() == [5.0, 5.0]
    assert x.sweeps == 2
    x.grad = None
    assert (x.grad, x.sweeps) == (None, 0)
    x.grad = [1, 2]
    assert x.grad.dtype == float
    with pytest.raises(ValueError, match=r"of shape \(2,\) must have that shape, not \(3,\)"):
        x.grad = np.ones(3)


def test_the_update_that_every_lecture_writes_works():
    w = Tensor([[1.0, 2.0]], label="w")
    for _ in range(3):
        w.grad = None
        (w * w).sum().backward()
        w.data -= 0.25 * w.grad
    assert w.data.tolist() == [[0.125, 0.25]]
    w.data = [[1, 2]]
    assert w.data.dtype == float
    with pytest.raises(ValueError, match=r"Tensor 'w' of shape \(1, 2\) cannot become an array of shape \(3,\)"):
        w.data = np.ones(3)


def test_gradients_belong_to_nobody_else():
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    seed = np.ones(2)
    (x + y).backward(seed)
    x.grad *= 5.0
    assert y.grad.tolist() == [1.0, 1.0]
    assert seed.tolist() == [1.0, 1.0]
    z = Tensor(np.ones((2, 2)))
    z.sum().backward()
    z.grad[0, 0] = 7.0
    assert z.grad.tolist() == [[7.0, 1.0], [1.0, 1.0]]


def test_interior_nodes_show_the_last_sweep():
    x = Tensor([2.0])
    y = x * x
    z = (y * x).sum()
    z.backward()
    z.backward()
    assert y.grad.tolist() == [2.0]
    assert x.grad.tolist() == [24.0]


def test_only_a_single_number_starts_a_sweep_by_itself():
    x = Tensor([1.0, 2.0], label="x")
    with pytest.raises(RuntimeError, match=r"shape \(2,\): only a single number.*gradient="):
        (x * 2.0).backward()
    with pytest.raises(ValueError, match=r"gradient= must have that shape, not \(3,\)"):
        (x * 2.0).backward(np.ones(3))
    (x * 2.0).backward([1.0, 10.0])
    assert x.grad.tolist() == [2.0, 20.0]
    one_entry = Tensor([[4.0]])
    (one_entry * 3.0).backward()
    assert one_entry.grad.tolist() == [[3.0]]


def test_derivatives_of_third_order_by_create_graph():
    x = Tensor([1.0, 2.0])
    (x**4).sum().backward(create_graph=True)
    for expected in ([12.0, 48.0], [24.0, 48.0]):
        grad, x.grad = x.grad, None
        grad.sum().backward(create_graph=True)
        assert x.grad.tolist() == expected


# Mixing with Values


@pytest.mark.parametrize("product", [lambda v, a: v * a, lambda v, a: a * v, lambda v, a: np.multiply(a, v)])
def test_a_value_and_an_array_make_a_tensor(product):
    v = Value(2.0)
    y = product(v, np.array([1.0, 3.0]))
    assert isinstance(y, Tensor)
    assert y.tolist() == [2.0, 6.0]
    y.sum().backward()
    assert v.grad == 4.0


def test_values_stack_to_tensors_in_any_nesting():
    a, b = Value(1.0), Value(2.0)
    t = autograd.stack([a, b, 3.0])
    assert t.tolist() == [1.0, 2.0, 3.0]
    (t * t).sum().backward()
    assert (a.grad, b.grad) == (2.0, 4.0)
    square = autograd.sum([[a, b], [b, 0.0]], axis=0)
    assert square.tolist() == [3.0, 2.0]


def test_tensors_give_their_values_back():
    t = Tensor([[1.0, 2.0], [3.0, 4.0]])
    rows = t.values()
    assert [[v.data for v in row] for row in rows] == [[1.0, 2.0], [3.0, 4.0]]
    (rows[0][1] * rows[1][0] * rows[1][0]).backward()
    assert t.grad.tolist() == [[0.0, 9.0], [12.0, 0.0]]
    total = t.sum().values()
    assert isinstance(total, Value)
    total.backward()
    assert t.grad.tolist() == [[1.0, 10.0], [13.0, 1.0]]


def test_a_mixed_graph_has_second_derivatives():
    v, t = Value(3.0), Tensor([1.0, 2.0])
    first, second = (v * t).values()
    (first * second).backward(create_graph=True)  # v² t0 t1
    grad, v.grad, t.grad = v.grad, 0.0, None
    grad.backward()
    assert v.grad == 4.0
    assert t.grad.tolist() == [12.0, 6.0]


def test_iterating_unpacking_and_membership():
    t = Tensor([1.0, 2.0, 3.0])
    a, *_, c = t
    assert a.shape == ()
    (a * c).backward()
    assert t.grad.tolist() == [3.0, 0.0, 1.0]
    assert len(t) == 3
    assert 2.0 in t
    assert 5.0 not in t
    with pytest.raises(TypeError, match="0-d"):
        iter(Tensor(1.0))


def test_many_values_and_parts_are_as_right_as_few_and_take_no_square_of_the_time():
    numbers = np.arange(20_000.0)
    t = Tensor(numbers)
    values = t.values()
    assert [v.data for v in values[:3]] == [0.0, 1.0, 2.0]
    assert values[-1].data == 19_999.0
    sum(v * v for v in values).backward()
    assert np.array_equal(t.grad, 2 * numbers)
    rows = Tensor(numbers.reshape(100, 200))
    sum((row * i).sum() for i, row in enumerate(rows)).backward()
    assert rows.grad[:, 0].tolist() == list(range(100))
    assert len(Tensor(numbers.reshape(100, 200)).values()[3]) == 200


# Safety


def test_arrays_that_operations_produce_are_read_only():
    x = Tensor([1.0, 2.0])
    for y in (x * 2.0, x.reshape(2, 1), x[0:1], x.sum(), x.T):
        with pytest.raises(ValueError, match="read-only"):
            y.data[...] = 5.0
        with pytest.raises((ValueError, RuntimeError), match=r"read-only|is not a leaf"):
            y.data = y.data + 1.0
    x.data[0] = 7.0
    assert x.data.flags.writeable


@pytest.mark.parametrize(
    "product",
    [
        lambda t, a: t * a,
        lambda t, a: a * t,
        lambda t, a: a.reshape(1, 2) @ t,
        lambda t, a: t @ a.reshape(2, 1),
        lambda t, a: np.einsum("i,i", t, a),
        lambda t, a: autograd.where(a, t, 2 * t),
        lambda t, a: autograd.conv1d(t.reshape(1, 1, 2), a.reshape(1, 1, 2)),
    ],
)
def test_a_constant_array_that_changes_after_the_forward_pass_does_no_harm(product):
    t, a = Tensor([1.0, 2.0]), np.array([3.0, 4.0])
    expected = Tensor([1.0, 2.0])
    product(expected, a.copy()).sum().backward()
    y = product(t, a).sum()
    a[:] = 0.0
    y.backward()
    assert t.grad.tolist() == expected.grad.tolist()


def test_an_index_array_that_changes_after_the_forward_pass_does_no_harm():
    t, places, mask = Tensor([1.0, 2.0, 3.0]), np.array([0, 2]), np.array([True, False, True])
    y = t[places].sum() + t[mask].sum()
    places[:] = 1
    mask[:] = False
    y.backward()
    assert t.grad.tolist() == [2.0, 0.0, 2.0]


def test_a_read_only_view_of_an_array_that_changes_does_no_harm():
    t, base = Tensor([1.0, 2.0]), np.array([3.0])
    y = (t * np.broadcast_to(base, 2)).sum()
    base[0] = 0.0
    y.backward()
    assert t.grad.tolist() == [3.0, 3.0]
    p = Tensor([3.0, 4.0])
    frozen = p.reshape(2, 1).detach()
    p.data -= 1.0
    assert frozen.tolist() == [[3.0], [4.0]]


def test_an_untracked_tensor_that_changes_after_the_forward_pass_does_no_harm():
    t, frozen = Tensor([1.0, 2.0]), Tensor([3.0, 4.0], requires_grad=False)
    y = (t * frozen).sum()
    frozen.data *= 0.0
    y.backward()
    assert t.grad.tolist() == [3.0, 4.0]


def test_views_are_safe():
    x = Tensor([1.0, 2.0, 3.0, 4.0])
    even, grid = x[::2], x.reshape(2, 2)
    (even.sum() * grid.T[0, 1]).backward()
    assert x.grad.tolist() == [3.0, 0.0, 7.0, 0.0]


@pytest.mark.parametrize("product", [lambda t, x: t @ x, lambda t, x: x @ t, lambda t, x: t[0] * x[:1].reshape(())])
def test_arrays_of_objects_are_refused_where_the_result_is_one_number(product):
    with pytest.raises(TypeError, match="expected real numbers, got an array of object"):
        product(Tensor([1.0, 2.0]), np.array([3, 4], object))


def test_item_assignment_names_the_functional_form_which_exists():
    t = Tensor([1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match=r"t = t\.at\[index\]\.set\(values\).*t\.data\[index\] = values"):
        t[0] = 5.0
    with pytest.raises(TypeError, match="select the rest"):
        del t[0]
    v = Value(5.0)
    u = t.at[0].set(v)
    assert u.tolist() == [5.0, 2.0, 3.0]
    (u * u).sum().backward()
    assert t.grad.tolist() == [0.0, 4.0, 6.0]
    assert v.grad == 10.0


def test_of_values_set_at_one_place_the_last_counts_and_gets_the_gradient():
    t, values = Tensor(np.zeros(3)), Tensor([1.0, 2.0, 3.0])
    y = t.at[[1, 0, 1]].set(values)
    assert y.tolist() == [2.0, 3.0, 0.0]
    y.sum().backward()
    assert values.grad.tolist() == [0.0, 1.0, 1.0]
    assert t.grad.tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize("added", [0.5, [0.5], np.array([0.5]), np.float64(0.5)])
def test_a_float32_tensor_keeps_its_precision_where_entries_are_added_or_set(added):
    t = Tensor(np.array([1.0, 2.0], np.float32))
    assert (t.at[:1].add(added).dtype, t.at[:1].set(added).dtype) == (np.float32, np.float32)


def test_an_augmented_assignment_to_a_name_makes_a_new_tensor():
    t = Tensor([1.0])
    u = t
    u += 1.0
    u *= t
    assert t.tolist() == [1.0]
    u.backward()
    assert t.grad.tolist() == [3.0]


def test_an_update_that_would_replace_a_parameter_by_a_constant_is_refused():
    w = Tensor([1.0], label="w")
    with no_grad():
        with pytest.raises(TypeError, match=r"replace Tensor 'w' by a constant.*write t.data -= ..."):
            w -= 0.1
        y = w * 2.0
        y += 1.0
    assert y.tolist() == [3.0]


# What Python expects


@pytest.mark.parametrize(
    ("convert", "message"),
    [
        (float, r"t.exp\(\).*t.item\(\)"),
        (int, r"int\(t.item\(\)\)"),
        (np.asarray, r"t.data or t.detach\(\)"),
        (lambda t: np.array([t, t]), "autograd.stack"),
        (complex, "float|complex"),
        (lambda t: [1, 2][t], "ind"),
        (lambda t: np.ones(3)[t], "t.data"),
        (lambda t: Tensor([1.0, 2.0])[t], r"index must be integers.*t.data.astype\(int\)"),
    ],
)
def test_conversions_that_would_lose_the_gradient_are_refused(convert, message):
    with pytest.raises((TypeError, IndexError), match=message):
        convert(Tensor(1.0))


def test_truth_formats_and_comparisons():
    t = Tensor([[1.5]], label="t")
    assert t
    assert f"{t:.2f}" == "1.50"
    assert repr(t) == "Tensor(data=[[1.5]], label='t')"
    assert repr(Tensor(np.ones(2, np.float32))) == "Tensor(data=[1., 1.], dtype=float32)"
    assert "..." in repr(Tensor(np.zeros(1000)))
    assert type(t > 1) is np.ndarray
    assert (Tensor([1.0, 2.0]) == Tensor([1.0, 3.0])).tolist() == [True, False]
    assert (Value(2.0) >= Tensor([1.0, 3.0])).tolist() == [True, False]
    assert sorted([Tensor(3.0), Tensor(1.0)], key=Tensor.item)[0].item() == 1.0
    assert min(Tensor(3.0), Tensor(1.0)).item() == 1.0
    with pytest.raises(ValueError, match="ambiguous"):
        bool(Tensor([1.0, 2.0]))
    assert len({t, t, Tensor([[1.5]])}) == 2


def test_leaves_can_be_copied_and_pickled_and_results_cannot():
    t = Tensor([1.0, 2.0], label="t")
    for twin in (copy.copy(t), copy.deepcopy(t), pickle.loads(pickle.dumps(t))):
        assert (twin.tolist(), twin.label, twin.grad) == ([1.0, 2.0], "t", None)
    constant = copy.copy(t.detach())
    assert not constant.requires_grad
    with pytest.raises(TypeError, match="only leaves can be copied"):
        copy.copy(t * 2.0)


@pytest.mark.parametrize(("name", "hint"), [("numpy", "t.data"), ("view", "t.reshape"), ("clone", "t.copy")])
def test_names_of_pytorch_that_are_not_here_name_ours(name, hint):
    with pytest.raises(AttributeError, match=rf"no attribute '{name}'; use {hint}"):
        getattr(Tensor([1.0]), name)
    with pytest.raises(AttributeError, match=r"no attribute 'nonsense'$"):
        Tensor([1.0]).nonsense  # noqa: B018


# Constants and modes


def test_constants_have_no_gradient_and_say_so():
    t = Tensor([1.0, 2.0])
    for constant in (t.detach(), Tensor([1.0, 2.0], requires_grad=False)):
        assert not constant.requires_grad
        assert np.asarray(constant).tolist() == [1.0, 2.0]
        y = (constant * 2.0).sum()
        assert float(y) == 6.0
        with pytest.raises(RuntimeError, match="is a constant"):
            y.backward()
    with no_grad():
        hidden = t * t
        with enable_grad():
            seen = t * t
    assert (hidden.requires_grad, seen.requires_grad) == (False, True)
    assert "requires_grad=False" in repr(hidden)


def test_a_detached_copy_does_not_follow_its_leaf():
    t = Tensor([1.0])
    frozen = t.detach()
    t.data += 1.0
    assert frozen.tolist() == [1.0]


def test_the_tape_keeps_tensors_and_values_together():
    v, t = Value(2.0), Tensor([1.0, 2.0], label="t")
    with Tape() as tape:
        y = np.sum(v * t, axis=0)
    assert [entry.operation for entry in tape] == ["input", "t", "v0 * v1", "sum(v2, axis=0)"]
    assert len(Tape.of(y)) == 4


def test_labels_and_operands_are_public():
    x, w = Tensor([[1.0]], label="x"), Tensor([[2.0]], label="w")
    y = x @ w
    y.label = "y"
    assert (y.label, y.op.name, y.inputs[0] is x, y.inputs[1] is w) == ("y", "matmul", True, True)
    assert x.is_leaf
    assert not y.is_leaf


# Memory and threads


def test_memory_returns_at_once_when_the_output_goes():
    x = Tensor(np.ones(10))
    gc.disable()
    try:
        y = np.tanh(x * 2.0)
        data = weakref.ref(y.data)
        z = autograd.concatenate([y, y, x]).sum()
        z.backward()
        del y, z
        assert data() is None
    finally:
        gc.enable()


def test_a_chain_of_a_hundred_thousand_operations_works():
    y = x = Tensor([1.0])
    for _ in range(100_000):
        y = y + 1e-5
    y.backward()
    assert x.grad.tolist() == [1.0]
    del y


def test_stacking_ten_thousand_values_takes_linear_time():
    values = [Value(float(i)) for i in range(10_000)]
    autograd.stack(values).sum().backward()
    assert values[-1].grad == 1.0


def test_a_deep_chain_needs_little_more_than_the_arrays_that_its_rules_read():
    tracemalloc.start()
    x = y = Tensor(np.full(20_000, 0.5))
    for _ in range(50):
        y = np.sin(y)
    loss = y.sum()
    del y
    loss.backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= 1.3 * 50 * x.nbytes


def test_gradients_of_large_interior_arrays_stay_where_they_are_retained():
    x = Tensor(np.ones(20_000), label="x")
    kept = np.sin(x)
    kept.retain_grad()
    loss = np.exp(kept * 2.0).sum()
    loss.backward()
    assert kept.grad.shape == x.grad.shape == x.shape
    with pytest.raises(RuntimeError, match=r"was released: results of more than 64 KiB.*t.retain_grad\(\)"):
        loss.inputs[0].grad  # noqa: B018
    assert "‖g‖ = 141.4" in autograd.draw(loss, contributions=True).source


@pytest.mark.parametrize("transposed", [False, True])
def test_the_gradient_of_a_weight_lies_in_memory_as_the_weight_does(transposed):
    weight = Tensor(np.ones((3, 4)))
    loss = np.ones((2, 4)) @ weight.T if transposed else np.ones((2, 3)) @ weight
    loss.sum().backward()
    assert weight.grad.flags.c_contiguous


@pytest.mark.parametrize("scale", [1.0, 1e4, 1e9, 1e15, 1e30])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_gradient_of_cross_entropy_is_softmax_minus_the_label_however_large_the_logits(dtype, scale):
    logits = (np.random.default_rng(0).normal(size=(50, 7)) * scale).astype(dtype)
    labels = np.arange(50) % 7
    x = Tensor(logits)
    autograd.cross_entropy(x, labels).sum().backward()
    expected = np.exp(logits - logits.max(axis=1, keepdims=True))
    expected = expected / expected.sum(axis=1, keepdims=True) - np.eye(7)[labels]
    np.testing.assert_allclose(x.grad, expected, atol=1e-6 if dtype == "float32" else 1e-14)


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


def test_an_instance_of_a_class_derived_from_tensor_keeps_it():
    leaf = NamedTensor([3.0])
    assert isinstance(leaf.requires_grad_(False), NamedTensor)
    assert type(leaf.requires_grad_()) is NamedTensor


def test_an_instance_of_a_class_derived_from_value_stays_tracked():
    leaf = NamedValue(3.0)
    assert leaf.requires_grad_() is leaf
    with pytest.raises(TypeError, match=r"requires_grad of a Named.*use .detach\(\) for a constant"):
        leaf.requires_grad_(False)
