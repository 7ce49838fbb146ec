"""Modules: what they find in their attributes, their modes, their state, their hooks, and their representation."""

import copy
import pickle

import numpy as np
import pytest
from numpy.random import default_rng

import nn
from autograd import Tensor, Value, no_grad


class Two(nn.Module):
    """Two layers, one of them in a dict, a list of Values, a buffer, and things that are nothing of the kind."""

    def __init__(self):
        self.name = "two"
        self.scale = [Value(2.0, label="a"), Value(3.0)]
        self.first = nn.Linear(2, 3, generator=default_rng(0))
        self.more = {"second": nn.Linear(3, 1, generator=default_rng(1))}
        self.register_buffer("offset", [0.5])

    def forward(self, x):
        return self.more["second"](self.first(x).tanh()) * self.scale[0] + self.offset


def names(model):
    return [name for name, _ in model.named_parameters()]


def trained(model):
    return [name for name, parameter in model.named_parameters() if parameter.requires_grad]


# What it is made of


def test_parameters_are_found_in_attributes_lists_and_dicts_its_own_first():
    assert names(Two()) == [
        *("scale.0", "scale.1"),
        *("first.weight", "first.bias"),
        *("more.second.weight", "more.second.bias"),
    ]


def test_results_of_operations_kept_in_attributes_are_no_parameters():
    model = Two()
    model.last = model(Tensor(np.ones((1, 2))))
    with no_grad():
        model.evaluated = model(np.ones((1, 2)))
    assert "last" not in names(model)
    assert set(model.state_dict()) == set(Two().state_dict())


def test_a_shared_weight_is_one_parameter_with_two_places_in_the_state():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].weight = model[0].weight
    assert names(model) == ["0.weight", "0.bias", "1.bias"]
    assert list(model.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    model.to(np.float32).requires_grad_(False).requires_grad_()
    assert model[1].weight is model[0].weight


def test_modules_know_their_paths_also_where_they_are_put_together_later():
    inner = nn.Sequential(nn.ReLU(), nn.Residual(nn.Linear(2, 2)))
    outer = nn.Sequential(nn.Flatten(), inner)
    assert [path for path, _ in outer.named_modules()] == ["", "0", "1", "1.0", "1.1", "1.1.0"]
    assert all(module._path == path for path, module in outer.named_modules())


def test_results_carry_the_path_of_the_innermost_module_that_made_them():
    outer = nn.Sequential(nn.Sequential(nn.Linear(2, 2), nn.ReLU()), nn.Residual(nn.Linear(2, 2)))
    y = outer(Tensor(np.ones((1, 2))))
    assert y.module == "1"
    assert {x.module for x in y.inputs} == {"0.1", "1.0"}


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match=r"Module: define forward\(self"):
        nn.Module()(1.0)


# Lists and sequences


def test_a_sequence_is_indexed_sliced_extended_and_changed():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    model.append(nn.Linear(3, 1))
    model[1] = nn.Tanh()
    assert (len(model), repr(model[1]), repr(model[-1])) == (3, "Tanh()", "Linear(in_features=3, out_features=1)")
    part = model[1:]
    assert isinstance(part, nn.Sequential)
    assert (len(part), part[1] is model[2], model[2]._path) == (2, True, "2")


def test_a_list_of_modules_gives_its_parameters_to_its_owner():
    class Parallel(nn.Module):
        def __init__(self):
            self.branches = nn.ModuleList(nn.Linear(2, 1) for _ in range(2))

        def forward(self, x):
            return sum(branch(x) for branch in self.branches)

    assert names(Parallel()) == [f"branches.{i}.{name}" for i in (0, 1) for name in ("weight", "bias")]
    assert Parallel()(np.ones((4, 2))).shape == (4, 1)


def test_what_is_no_module_does_not_go_into_a_sequence():
    with pytest.raises(TypeError, match=r"Sequential: expected modules, such as Linear\(2, 3\), got <ufunc 'tanh'>"):
        nn.Sequential(nn.Linear(2, 2), np.tanh)


# Modes


def test_train_and_eval_reach_every_module():
    model = nn.Sequential(nn.Dropout(0.5), nn.Sequential(nn.Dropout(0.5)))
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    assert model(np.ones(3)).tolist() == [1.0, 1.0, 1.0]
    assert all(module.training for module in model.train().modules())


def test_apply_calls_the_inside_first():
    seen = []
    nn.Sequential(nn.ReLU(), nn.Tanh()).apply(lambda module: seen.append(type(module).__name__))
    assert seen == ["ReLU", "Tanh", "Sequential"]


def test_zero_grad_clears_tensors_and_values():
    model = Two()
    model(np.ones((1, 2))).sum().backward()
    model.zero_grad()
    assert model.first.weight.grad is None
    assert model.scale[0].grad == 0.0


def test_a_frozen_layer_is_not_trained_but_saved():
    model = nn.Sequential(nn.Linear(2, 3, generator=default_rng(0)), nn.Linear(3, 1, generator=default_rng(0)))
    model[0].requires_grad_(False)
    assert trained(model) == ["1.weight", "1.bias"]
    assert names(model) == list(model.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    model(np.ones((1, 2))).sum().backward()
    assert model[0].weight.grad is None
    model[0].requires_grad_()
    assert trained(model) == names(model)


@pytest.mark.parametrize(
    ("use", "instead"),
    [
        (lambda model: model.cuda(), "'cuda'; leave it out"),
        (lambda model: model.double(), "'double'; use model.to"),
        (lambda model: model.register_parameter("w", None), "assign an nn.Parameter to an attribute"),
        (lambda model: model.colour, "'Linear' object has no attribute 'colour'$"),
    ],
)
def test_methods_of_pytorchs_modules_name_what_to_write_instead(use, instead):
    with pytest.raises(AttributeError, match=instead):
        use(nn.Linear(1, 1))
    assert not hasattr(nn.Linear(1, 1), "cuda")
    with pytest.raises(ValueError, match="got 'cpu'; there are no devices"):
        nn.Linear(1, 1).to("cpu")


def test_a_loop_over_the_parameters_freezes_and_unfreezes_them():
    model = nn.Linear(2, 1)
    for requires_grad in (False, True):  # as a GAN does with its discriminator, in each step
        for parameter in model.parameters():
            parameter.requires_grad = requires_grad
        assert trained(model) == (names(model) if requires_grad else [])
    model.requires_grad_(False).zero_grad()
    nn.MLP(2, [1]).requires_grad_(False).zero_grad()


def test_a_constant_put_in_the_place_of_a_parameter_is_saved():
    layer = nn.Linear(2, 1)
    layer.weight = nn.Parameter([[1.0, 2.0]], requires_grad=False)
    assert (trained(layer), list(layer.state_dict())) == (["bias"], ["weight", "bias"])


def test_only_an_nn_parameter_takes_the_place_of_another():
    layer = nn.Linear(2, 1)
    with pytest.raises(TypeError, match=r"Linear.weight is a parameter; only another nn.Parameter .* got a Tensor"):
        layer.weight = Tensor([[1.0, 2.0]])
    with pytest.raises(TypeError, match="got ndarray"):
        layer.weight = np.ones((1, 2))
    layer.bias = None
    assert names(layer) == ["weight"]


# What belongs to a module


class Equation(nn.Module):
    """A network with the points at which an equation is to hold, and what else people keep in attributes."""

    def __init__(self):
        self.points = Tensor(np.linspace(0.0, 1.0, 5)[:, None])
        self.known = {"left": Tensor([0.0]), "right": [Tensor([1.0])]}
        self.frequency = nn.Parameter([1.0])
        self.scales = [nn.Parameter([1.0]), {"inner": nn.Parameter([2.0])}]
        self.table = nn.Parameter([3.0], requires_grad=False)
        self.weight = Value(2.0)
        self.layer = nn.Linear(1, 1, generator=default_rng(0))

    def forward(self, x):
        self.last = Value(1.0)
        self.seen = [Value(2.0), nn.Parameter([0.0])]
        self.made = nn.Linear(1, 1)
        self.layer.note = nn.Parameter([5.0])
        return self.layer(self.scales[0] * (x * self.frequency).sin()) * self.weight + self.known["left"]


def test_only_parameters_values_and_modules_are_trained():
    model = Equation()
    first, last = ["frequency", "scales.0", "scales.1.inner"], ["weight", "layer.weight", "layer.bias"]
    assert names(model) == list(model.state_dict()) == [*first, "table", *last]
    assert trained(model) == [*first, *last]


def test_points_stay_where_they_are_under_an_optimizer():
    model = Equation()
    before = model.points.data.copy()
    optimizer = nn.Adam(model.parameters(), lr=0.1)
    slope = model(model.points)
    slope.sum().backward()
    optimizer.step()
    assert np.array_equal(model.points.data, before)
    assert model.frequency.data.tolist() != [1.0]


def test_nothing_that_is_assigned_while_a_module_is_called_belongs_to_it():
    model = Equation()
    before = list(model.state_dict())
    model(np.ones((2, 1)))
    assert list(model.state_dict()) == [*before, "layer.note"]  # the inner module was not being called
    assert [name for name, _ in model.named_children()] == ["layer"]
    model.last = Value(3.0)
    assert "last" in names(model)


def test_a_parameter_replaced_while_the_module_is_called_stays_one():
    class Renewed(nn.Module):
        def __init__(self):
            self.weight = nn.Parameter([1.0])

        def forward(self, x):
            self.weight = nn.Parameter(self.weight.data * 2.0)
            return x * self.weight

    model = Renewed()
    model(1.0)
    assert (names(model), model.weight.data.tolist()) == (["weight"], [2.0])


@pytest.mark.parametrize("kind", [list, tuple, lambda rows: dict(enumerate(rows))])
def test_a_long_list_of_plain_things_is_not_looked_into(kind):
    class Row(tuple):
        """Counts how often it is looked into."""

        looks = 0

        def __iter__(self):
            Row.looks += 1
            return super().__iter__()

    model = nn.Linear(1, 1)
    model.memory = kind([Row((0.0, 1.0)) for _ in range(100_000)])
    model.zero_grad()
    model.state_dict()
    assert Row.looks < 100


def test_a_long_list_of_parameters_or_modules_is():
    model = nn.Module()
    model.weights = [Value(float(i)) for i in range(200)]
    model.layers = [(i, nn.Linear(1, 1)) for i in range(150)]
    assert len(names(model)) == 200 + 2 * 150


def test_lists_may_be_filled_later():
    model = nn.Module()
    model.layers, model.weights = [], []
    for _ in range(2):
        model.layers.append(nn.Linear(1, 1))
        model.weights.append(Value(1.0))
    assert len(model.parameters()) == 6


def test_values_can_be_frozen_and_trained_again():
    model = nn.MLP(2, [2, 1], generator=default_rng(0))
    before = model([1.0, 2.0]).data
    assert trained(model.requires_grad_(False)) == []
    assert model([1.0, 2.0]).data == before
    assert len(model.state_dict()) == len(model.parameters()) == len(trained(model.requires_grad_())) == 9


def test_to_changes_parameters_and_buffers():
    model = nn.BatchNorm1d(2).to(np.float32)
    dtypes = {name: str(x.dtype) for name, x in model.state_dict().items()}
    assert dtypes.pop("num_batches_tracked") == "int64"
    assert set(dtypes.values()) == {"float32"}
    with pytest.raises(ValueError, match="expected float32 or float64"):
        model.to(np.int64)


def test_an_optimizer_knows_what_was_frozen_and_what_was_converted():
    layer = nn.Linear(2, 1, generator=default_rng(0))
    optimizer = nn.SGD(layer.parameters(), lr=0.1)
    layer.requires_grad_(False).requires_grad_(True).to(np.float32)
    before = layer.weight.data.copy()
    layer(np.ones((1, 2))).sum().backward()
    optimizer.step()
    np.testing.assert_allclose(layer.weight.data, before - 0.1, rtol=1e-6)


def test_buffers_stay_buffers_when_all_is_trained_again():
    layer = nn.BatchNorm1d(2).requires_grad_(False).requires_grad_()
    assert names(layer) == ["weight", "bias"]


def test_each_parameter_can_be_frozen_by_itself():
    layer = nn.Linear(2, 1)
    layer.bias.requires_grad_(False)
    assert (trained(layer), list(layer.state_dict())) == (["weight"], ["weight", "bias"])
    with pytest.raises(RuntimeError, match=r"requires_grad_\(\) on .*: it is not a leaf"):
        layer(np.ones((1, 2))).requires_grad_(False)


@pytest.mark.parametrize("kept", ["features", "hidden"])
def test_outputs_kept_in_attributes_stay_out_of_the_state_whatever_the_mode(kept):
    class Keeping(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(2, 2)
            self.hidden = np.zeros(2)

        def forward(self, x):
            output = self.layer(x + self.hidden)
            setattr(self, kept, output if kept == "features" else output.detach())
            return output

    model = Keeping()
    for _ in range(2):
        model(np.ones((1, 2)))
        with no_grad():
            model(np.ones((1, 2)))
    assert list(model.state_dict()) == ["layer.weight", "layer.bias"]
    model.hidden = np.zeros(2)
    Keeping().load_state_dict(model.state_dict())


def test_buffers_keep_their_kind_of_numbers():
    module = nn.Module()
    module.register_buffer("mask", np.tri(2, dtype=bool))
    module.register_buffer("places", np.arange(2))
    assert (module.mask.dtype, np.ones((2, 2))[module.mask].sum(), np.ones(3)[module.places].sum()) == (bool, 3, 2)
    with pytest.raises(TypeError, match="name: expected numbers for a buffer"):
        module.register_buffer("name", "text")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: setattr(m[0], "weight", np.ones((1, 2))), "0 Linear.weight is a parameter.* got ndarray"),
        (lambda m: setattr(m[0], "weight", m[0].weight * 2), "0 Linear.weight is a parameter.*result of an operation"),
        (lambda m: setattr(m[1], "running_mean", 3.0), "1 BatchNorm1d.running_mean is a buffer.* got float"),
        (lambda m: m.__setitem__(0, 3), "Sequential.0 is a module.* got int"),
    ],
    ids=range(4),
)
def test_nothing_is_lost_by_writing_something_else_over_it(change, message):
    model = nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1))
    before = list(model.state_dict())
    with pytest.raises(TypeError, match=message):
        change(model)
    assert list(model.state_dict()) == before


class Averaging(nn.Module):
    """The running mean of what it sees, kept in the way that is usual with PyTorch."""

    def __init__(self, in_place):
        super().__init__()
        self.in_place = in_place
        self.register_buffer("running_mean", np.zeros(2))

    def forward(self, x):
        with no_grad():
            mean = x.mean(0)
            if self.in_place:
                self.running_mean += 0.5 * (mean - self.running_mean)
            else:
                self.running_mean = 0.5 * self.running_mean + 0.5 * mean
        return x - self.running_mean


@pytest.mark.parametrize("in_place", [True, False])
def test_a_buffer_takes_what_is_computed_without_recording(in_place):
    model = Averaging(in_place)
    x = Tensor([[1.0, 2.0], [3.0, 6.0]])
    outputs = [model(x) for _ in range(2)]
    assert type(model.running_mean) is np.ndarray
    assert model.running_mean.flags.writeable
    assert model.state_dict()["running_mean"].tolist() == [1.5, 3.0]
    outputs[-1].sum().backward()
    assert x.grad.tolist() == [[1.0, 1.0], [1.0, 1.0]]
    with pytest.raises(TypeError, match=r"running_mean is a buffer.* got the result of an operation"):
        model.running_mean = x.mean(0)


def test_an_attribute_named_path_is_the_users():
    model = nn.ReLU()
    model.path = "model.npz"
    assert nn.Sequential(model)[0].path == "model.npz"


def test_a_copy_of_a_model_shares_nothing():
    model = Two()
    other = copy.deepcopy(model)
    other.first.weight.data += 1.0
    assert not np.array_equal(model.first.weight.data, other.first.weight.data)
    assert model.first.weight.label == other.first.weight.label == "weight"


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_of_a_model_with_hooks_has_none_and_the_model_keeps_its_own(copied):
    calls = []
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    model[0].register_forward_pre_hook(lambda *_: calls.append("before"))
    model.register_forward_hook(lambda *_: calls.append("after"))
    model.register_full_backward_hook(lambda *_: calls.append("backward"))
    other = copied(model)
    x = np.ones((4, 2))
    before = other(x).data
    assert calls == []
    output = model(x)
    output.sum().backward()
    assert np.array_equal(output.data, before)
    assert calls == ["before", "after", "backward"]


# State


def test_the_state_is_a_copy_and_comes_back():
    model, other = Two(), Two()
    state = model.state_dict()
    state["first.weight"] += 1.0
    assert not np.array_equal(state["first.weight"], model.first.weight.data)
    other.load_state_dict(state)
    assert np.array_equal(other.first.weight.data, state["first.weight"])


def test_a_state_from_another_model_is_reported_in_a_list_and_nothing_is_changed():
    model = Two()
    before = model.state_dict()
    state = before | {"first.weight": np.ones((3, 4)), "head.bias": np.ones(2), "first.bias": np.ones(3)}
    del state["offset"]
    with pytest.raises(ValueError, match="does not fit Two, and nothing was changed") as error:
        model.load_state_dict(state)
    said = str(error.value)
    assert "mismatch: first.weight: expected (3, 2), got (3, 4)" in said
    assert "missing: offset" in said
    assert "unexpected: head.bias" in said
    assert all(np.array_equal(before[name], x) for name, x in model.state_dict().items())


def test_a_loose_load_returns_the_keys_that_differ():
    model = Two()
    state = model.state_dict() | {"head.bias": np.ones(2)}
    state["first.bias"] = np.full(3, 9.0)
    del state["offset"]
    left = model.load_state_dict(state, strict=False)
    assert (left.missing_keys, left.unexpected_keys) == (["offset"], ["head.bias"])
    assert model.first.bias.data.tolist() == [9.0, 9.0, 9.0]


def test_what_is_no_dict_is_no_state():
    with pytest.raises(TypeError, match="expected a dict of arrays by their paths, got str"):
        nn.Linear(1, 1).load_state_dict("model.npz")


def test_text_is_no_state():
    model = nn.Linear(1, 1)
    with pytest.raises(ValueError, match="bias: expected numbers, got <U3"):
        model.load_state_dict(model.state_dict() | {"bias": np.array(["one"])})


def test_loading_is_a_change_that_the_engine_notices():
    model = nn.Linear(2, 1)
    y = model(Tensor(np.ones((1, 2)))).sum()
    model.load_state_dict(model.state_dict())
    with pytest.raises(RuntimeError, match="was assigned to after"):
        y.backward()


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_a_model_is_saved_and_loaded(tmp_path, ending):
    model, other = Two(), Two()
    model.first.weight.data *= 3.0
    assert other.load(model.save(tmp_path / f"model.{ending}")) is other
    assert all(np.array_equal(x, other.state_dict()[name]) for name, x in model.state_dict().items())


def test_a_file_of_another_model_changes_nothing(tmp_path):
    file = nn.Linear(2, 3).save(tmp_path / "model.npz")
    model = Two()
    before = model.state_dict()
    with pytest.raises(ValueError, match="does not fit Two"):
        model.load(file)
    assert all(np.array_equal(before[name], x) for name, x in model.state_dict().items())


# Hooks


def test_a_forward_hook_sees_inputs_and_output_until_it_is_removed():
    layer, seen = nn.ReLU(), []
    handle = layer.register_forward_hook(lambda module, inputs, output: seen.append((module, inputs, output)))
    output = layer(np.array([-1.0]))
    assert (seen[0][0] is layer, seen[0][1][0].tolist(), seen[0][2] is output) == (True, [-1.0], True)
    handle.remove()
    handle.remove()
    layer(np.array([-1.0]))
    assert len(seen) == 1


def test_forward_hooks_can_put_something_else_in_the_place_of_inputs_and_output():
    layer = nn.ReLU()
    with (
        layer.register_forward_pre_hook(lambda module, inputs: -inputs[0]),
        layer.register_forward_hook(lambda module, inputs, output: output + 10.0),
    ):
        assert layer(np.array([-2.0, 3.0])).tolist() == [12.0, 10.0]
    assert layer(np.array([-2.0, 3.0])).tolist() == [0.0, 3.0]


def test_a_backward_hook_receives_the_gradients_of_inputs_and_outputs_in_each_sweep():
    layer, received = nn.Linear(2, 1, generator=default_rng(0)), []
    layer.register_full_backward_hook(lambda module, before, after: received.append((before, after)))
    x = Tensor(np.ones((3, 2)))
    loss = (layer(x) * 2.0).sum()
    for _ in range(2):
        x.grad = None
        loss.backward()
        (grad_input,), (grad_output,) = received.pop()
        assert np.array_equal(grad_input, x.grad)
        assert grad_output.tolist() == [[2.0], [2.0], [2.0]]


def test_a_backward_hook_changes_no_gradient():
    plain, hooked = nn.Linear(2, 2, generator=default_rng(0)), nn.Linear(2, 2, generator=default_rng(0))
    hooked.register_full_backward_hook(lambda *_: None)
    for layer in (plain, hooked):
        layer(Tensor(np.ones((3, 2)))).tanh().sum().backward(create_graph=True)
    for p, q in zip(plain.parameters(), hooked.parameters(), strict=True):
        assert np.array_equal(p.grad.data, q.grad.data)


def test_a_backward_hook_on_a_first_layer_has_no_gradient_of_its_input():
    layer, received = nn.Linear(2, 1), []
    layer.register_full_backward_hook(lambda module, before, after: received.append(before))
    layer(np.ones((3, 2))).sum().backward()
    assert received == [(None,)]


def test_a_backward_hook_works_on_layers_of_values_and_on_pairs_of_outputs():
    model, received = nn.MLP(2, [3, 1], generator=default_rng(0)), []
    model.layers[1].register_full_backward_hook(lambda module, before, after: received.append(before[0]))
    hidden = model.layers[0]([1.0, -1.0])
    model.layers[1](hidden).backward()
    weights = [w.data for w in model.layers[1].neurons[0].w]
    assert received[0].tolist() == weights
    cell = nn.LSTM(2, 3)
    cell.register_full_backward_hook(lambda module, before, after: received.append([np.shape(g) for g in before]))
    outputs, _ = cell(Tensor(np.ones((4, 1, 2))))
    outputs.sum().backward()
    assert received[1] == [(4, 1, 2)]


def test_a_backward_hook_that_returns_something_is_an_error():
    layer = nn.ReLU()
    layer.register_full_backward_hook(lambda module, before, after: before)
    with pytest.raises(TypeError, match="a backward hook cannot replace gradients"):
        layer(Tensor([1.0])).sum().backward()


# How it shows itself


def test_a_model_prints_as_in_pytorch():
    assert repr(nn.Sequential(nn.Linear(2, 3), nn.Residual(nn.ReLU()))) == (
        "Sequential(\n  (0): Linear(in_features=2, out_features=3)\n  (1): Residual(\n    (0): ReLU()\n  )\n)"
    )


def test_a_summary_counts_every_parameter_once_and_shows_output_shapes():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.Flatten(), nn.Linear(16, 10))
    summary = nn.summary(model, np.zeros((2, 1, 4, 4)))
    assert summary.trained == sum(p.size for p in model.parameters()) == sum(line.parameters for line in summary.lines)
    assert summary.untrained == 9
    assert [line.shape for line in summary.lines] == ["(2, 10)", *["(2, 4, 2, 2)"] * 3, "(2, 16)", "(2, 10)"]
    assert all(text in str(summary) for text in ("Conv2d(1, 4, kernel_size=(3, 3))", "(2, 4, 2, 2)", "218 parameters"))
    html = summary._repr_mimebundle_([], [])["text/html"]
    assert "Conv2d" in html
    assert model.training
    assert model[1].num_batches_tracked.item() == 0.0


def test_a_summary_without_input_has_no_shapes():
    assert [line.shape for line in nn.summary(nn.MLP(2, [1])).lines] == ["", "", ""]
    with pytest.raises(TypeError, match="expected a Module, got list"):
        nn.summary([nn.Linear(1, 1)])


def test_a_summary_leaves_the_model_in_its_mode_also_where_the_input_does_not_fit():
    model = nn.Sequential(nn.Dropout(0.1), nn.Linear(3, 1))
    model[0].eval()
    with pytest.raises(ValueError, match="Linear"):
        nn.summary(model, np.zeros((1, 2)))
    assert [module.training for module in model.modules()] == [True, False, True]
    assert model._hooks is None or not model._hooks.of_kind["after"]


# The door


def test_names_are_those_of_their_modules_and_others_an_error():
    assert (nn.Conv2d, nn.LSTM, nn.AdamW) == (nn.conv.Conv2d, nn.recurrent.LSTM, nn.optim.AdamW)
    with pytest.raises(AttributeError, match="Conv9d"):
        nn.Conv9d  # noqa: B018
