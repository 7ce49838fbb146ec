"""Layers, losses, optimizers and training steps of `nn` under `jit`: the same numbers as without, bit for bit."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, jit
from tests.replay.test_everything import same

CALLS = 6
RNG = np.random.default_rng(0)
IMAGES, ROWS, SEQUENCES = RNG.normal(size=(4, 2, 6, 6)), RNG.normal(size=(4, 3)), RNG.normal(size=(5, 4, 3))


def seeded():
    return np.random.default_rng(7)


LAYERS = {
    "linear": (lambda: nn.Linear(3, 2, generator=seeded()), ROWS),
    "without bias": (lambda: nn.Linear(3, 2, bias=False, generator=seeded()), ROWS),
    "embedding": (lambda: nn.Embedding(9, 2, padding_idx=1, generator=seeded()), np.array([[0, 1, 8], [4, 4, 1]])),
    "flatten": (nn.Flatten, IMAGES),
    "dropout": (lambda: nn.Dropout(0.4, generator=seeded()), ROWS),
    "dropout of all": (lambda: nn.Dropout(1.0, generator=seeded()), ROWS),
    "dropout of channels": (lambda: nn.Dropout2d(0.4, generator=seeded()), IMAGES),
    "batch norm": (lambda: nn.BatchNorm1d(3), ROWS),
    "batch norm, average": (lambda: nn.BatchNorm1d(3, momentum=None), ROWS),
    "batch norm of images": (lambda: nn.BatchNorm2d(2), IMAGES),
    "layer norm": (lambda: nn.LayerNorm(3), ROWS),
    "RMS norm": (lambda: nn.RMSNorm(3), ROWS),
    "group norm": (lambda: nn.GroupNorm(2, 2), IMAGES),
    "instance norm": (lambda: nn.InstanceNorm2d(2), IMAGES),
    "convolution": (lambda: nn.Conv2d(2, 3, 3, padding="same", generator=seeded()), IMAGES),
    "grouped convolution": (lambda: nn.Conv2d(2, 4, 3, groups=2, stride=2, generator=seeded()), IMAGES),
    "max pool": (lambda: nn.MaxPool2d(2), IMAGES),
    "average pool": (lambda: nn.AvgPool2d(3, stride=1, padding=1), IMAGES),
    "RNN": (lambda: nn.RNN(3, 4, generator=seeded()), SEQUENCES),
    "GRU": (lambda: nn.GRU(3, 4, num_layers=2, generator=seeded()), SEQUENCES),
    "LSTM": (lambda: nn.LSTM(3, 4, bidirectional=True, generator=seeded()), SEQUENCES),
    "LSTM cell": (lambda: nn.LSTMCell(3, 4, generator=seeded()), ROWS),
    "encoder": (
        lambda: nn.TransformerEncoderLayer(4, 2, 8, dropout=0.3, generator=seeded()),
        RNG.normal(size=(5, 3, 4)),
    ),
    "softplus": (lambda: nn.Softplus(2.0), ROWS),
    "sequence": (
        lambda: nn.Sequential(
            nn.Linear(3, 8, generator=seeded()), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5, generator=seeded())
        ),
        ROWS,
    ),
    **{
        name: (getattr(nn, name), ROWS)
        for name in ("ReLU", "Sigmoid", "Tanh", "GELU", "SiLU", "LeakyReLU", "ELU", "Softmax", "LogSoftmax", "Identity")
    },
}


def total(output):
    """A number that depends on all entries."""
    parts = output if isinstance(output, tuple) else (output,)
    return sum(
        (total(x) if isinstance(x, tuple) else (x * np.cos(np.arange(x.size)).reshape(x.shape)).sum()) for x in parts
    )


def layer_steps(make, inputs, wrap, training):
    """What some calls give: outputs, gradients, buffers."""
    layer = make().train(training)

    @wrap
    def step(x):
        layer.zero_grad()
        tensor = Tensor(x) if x.dtype.kind == "f" else x
        output = layer(tensor)
        loss = total(output)
        if getattr(loss, "requires_grad", False):
            loss.backward()
        return loss.item(), tensor.grad if tensor is not x else None

    found = []
    for call in range(CALLS):
        x = np.roll(inputs, call) if inputs.dtype.kind == "i" else inputs * (1.0 + 0.1 * call)
        found.append(step(x))
        found.append([np.array(p.grad) for p in layer.parameters()])
        found.append([np.array(buffer) for _, buffer in layer.named_buffers()])
        for p in layer.parameters():
            p.data -= 0.01
    return found


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_recorded(name, training):
    make, inputs = LAYERS[name]
    eager = layer_steps(make, inputs, lambda f: f, training)
    assert same(layer_steps(make, inputs, lambda f: jit(f, backend="python"), training), eager)


CLASSES, SIGNS, HALVES = np.array([0, 2, 1, 2]), np.array([1.0, -1.0, 1.0, -1.0]), np.array([0.0, 1.0, 0.5, 1.0])
PROBABILITIES = np.abs(ROWS) / np.abs(ROWS).sum(axis=1, keepdims=True)
LOSSES = {
    "mse": (nn.mse_loss, ROWS, ROWS[::-1].copy()),
    "l1": (nn.l1_loss, ROWS, ROWS[::-1].copy()),
    "huber": (nn.huber_loss, ROWS, ROWS[::-1].copy()),
    "hinge": (nn.hinge_loss, ROWS[:, 0].copy(), SIGNS),
    "binary cross entropy": (
        lambda x, y: nn.binary_cross_entropy(autograd.sigmoid(x), y, weight=np.arange(4.0)), ROWS[:, 0].copy(), HALVES,
    ),
    "with logits": (
        lambda x, y: nn.binary_cross_entropy_with_logits(x, y, pos_weight=2.0), ROWS[:, 0].copy(), HALVES,
    ),
    "cross entropy": (nn.cross_entropy, ROWS, CLASSES),
    "smooth": (lambda x, y: nn.cross_entropy(x, y, weight=np.ones(3), label_smoothing=0.1), ROWS, CLASSES),
    "ignoring": (lambda x, y: nn.cross_entropy(x, y, ignore_index=2), ROWS, CLASSES),
    "of probabilities": (nn.cross_entropy, ROWS, PROBABILITIES),
    "nll": (lambda x, y: nn.nll_loss(autograd.log_softmax(x), y), ROWS, CLASSES),
    "kl": (lambda x, y: nn.kl_div(autograd.log_softmax(x), y, reduction="batchmean"), ROWS, PROBABILITIES),
    "as a module": (nn.CrossEntropyLoss(), ROWS, CLASSES),
    "summed": (lambda x, y: nn.mse_loss(x, y, reduction="sum") + nn.l2_penalty([x]), ROWS, ROWS[::-1].copy()),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_recorded(name):
    loss, inputs, targets = LOSSES[name]

    def step(x, y):
        tensor = Tensor(x)
        found = loss(tensor, y)
        found.backward()
        return found.item(), tensor.grad

    replayed = jit(step, backend="python")
    for call in range(CALLS):
        given = inputs * (1.0 + 0.1 * call), np.roll(targets, call, axis=0)
        assert same(replayed(*given), step(*given))


OF_NUMBERS = [
    *(nn.mse_loss, nn.l1_loss, nn.huber_loss, nn.hinge_loss),
    *(nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits),
]


@pytest.mark.parametrize("loss", OF_NUMBERS, ids=lambda loss: loss.__name__)
def test_a_loss_of_single_numbers_is_recorded(loss):
    replayed = jit(loss, backend="python")
    for probability in (0.3, 0.6, 0.9):
        assert replayed(probability, 1.0) == loss(probability, 1.0)
        assert replayed(Value(probability), 1.0).data == loss(Value(probability), 1.0).data


PREDICTED, SCORES = np.array([0, 2, 2, 1]), np.array([0.1, 0.9, 0.2, 0.35])
METRICS = {
    "accuracy": (nn.metrics.accuracy, CLASSES, PREDICTED),
    "confusion matrix": (lambda t, p: nn.metrics.confusion_matrix(t, p, labels=[2, 1, 0]), CLASSES, PREDICTED),
    "ROC": (lambda t, s: nn.metrics.roc_auc(t, scores=s), SIGNS, SCORES),
    "R2": (nn.metrics.r2, ROWS, ROWS[::-1].copy()),
    "mean absolute error": (nn.metrics.mae, ROWS, ROWS[::-1].copy()),
    "root mean squared error": (nn.metrics.rmse, ROWS, ROWS[::-1].copy()),
    "of a Tensor": (lambda t, p: nn.metrics.rmse(t, Tensor(p) * 2.0), ROWS, ROWS[::-1].copy()),
    "of lists of Values": (lambda t, p: nn.metrics.mae([Value(1.0) * t[0], t[1]], [p[0], p[1]]), SIGNS, SCORES),
    "as a branch": (lambda t, p: 1.0 if nn.metrics.accuracy(t, p) > 0.4 else -1.0, CLASSES, PREDICTED),
}


@pytest.mark.parametrize("backend", ["auto", "python", "reference"])
@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_recorded(name, backend):
    metric, targets, predictions = METRICS[name]
    replayed = jit(metric, backend=backend)
    for call in range(CALLS):
        given = np.roll(targets, call, axis=0), predictions
        found, expected = replayed(*given), metric(*given)
        assert type(found) is type(expected)
        assert same(found, expected)


def test_the_classes_of_a_confusion_matrix_are_part_of_the_path():
    with pytest.raises(TypeError, match=r"confusion_matrix, which has a row for each class.*pass labels="):
        jit(nn.metrics.confusion_matrix)(CLASSES, PREDICTED)


def test_errors_of_metrics_are_those_of_eager_calls():
    replayed = jit(nn.metrics.mae)
    for _ in range(3):
        replayed(ROWS, 2.0 * ROWS)
    with pytest.raises(ValueError, match="mae: 12 numbers are nan or inf"):
        replayed(ROWS, np.nan * ROWS)


OPTIMIZERS = {
    "SGD": lambda p: nn.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "Adam": lambda p: nn.Adam(p, lr=0.05),
    "AdamW": lambda p: nn.AdamW(p, lr=0.05),
    "RMSprop": lambda p: nn.RMSprop(p, lr=0.05),
    "Adagrad": lambda p: nn.Adagrad(p, lr=0.05),
    "Adadelta": nn.Adadelta,
}


def train(make_optimizer, wrap, scalar=False):
    """The losses and final parameters of a training with clipping and a schedule, all of it in one function."""
    if scalar:
        model = nn.MLP(3, [4, 1], activation="tanh", generator=seeded())
    else:
        model = nn.Sequential(nn.Linear(3, 4, generator=seeded()), nn.Tanh(), nn.Linear(4, 3, generator=seeded()))
    optimizer = make_optimizer(model.parameters())
    schedule = nn.schedule.StepLR(optimizer, step_size=2)
    plateau = nn.schedule.ReduceLROnPlateau(optimizer, patience=0)

    @wrap
    def step(x, y):
        optimizer.zero_grad()
        if scalar:
            loss = sum((model(row) - float(i)) ** 2 for i, row in enumerate(x.tolist()))
        else:
            loss = nn.cross_entropy(model(x), y)
        loss.backward()
        norm = nn.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        schedule.step()
        plateau.step(loss)
        return loss.item(), norm

    found = [step(ROWS * (1 + 0.1 * call), np.roll(CLASSES, call)) for call in range(CALLS)]
    gradients = [np.array(p.grad) for p in model.parameters()]
    return found, [np.array(p.data) for p in model.parameters()], gradients, [g["lr"] for g in optimizer.param_groups]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_whole_training_step_is_the_eager_one_bit_for_bit(name):
    eager = train(OPTIMIZERS[name], lambda f: f)
    assert same(train(OPTIMIZERS[name], lambda f: jit(f, backend="python")), eager)


def test_a_whole_training_step_of_values_is_the_eager_one_bit_for_bit():
    eager = train(OPTIMIZERS["Adam"], lambda f: f, scalar=True)
    assert same(train(OPTIMIZERS["Adam"], lambda f: jit(f, backend="python"), scalar=True), eager)


def test_gradients_may_be_cleared_after_the_step():
    weight = Tensor([1.0, 2.0])
    optimizer = nn.SGD([weight], lr=0.1)

    @jit
    def step(x):
        ((weight * x) ** 2).sum().backward()
        optimizer.step()
        optimizer.zero_grad()

    for _ in range(CALLS):
        step(1.0)
    assert weight.grad is None
    assert np.allclose(weight.data, np.array([1.0, 2.0]) * 0.8**CALLS)


def test_parameters_read_after_the_step_are_an_error():
    weight = Tensor([1.0, 2.0])
    optimizer = nn.SGD([weight], lr=0.1)

    @jit
    def step(x):
        optimizer.zero_grad()
        (weight * x).sum().backward()
        optimizer.step()
        return weight.sum()

    with pytest.raises(RuntimeError, match=r"is read after .* changed it by an action, such as an optimizer's step"):
        step(1.0)
    assert weight.data.tolist() == [1.0, 2.0]


def test_optimizers_that_call_their_closure_again_name_what_to_jit():
    weight = Tensor([1.0, 2.0])
    optimizer = nn.LBFGS([weight])

    def closure():
        optimizer.zero_grad()
        loss = (weight**2).sum()
        loss.backward()
        return loss

    with pytest.raises(TypeError, match=r"the step of LBFGS.*jit the closure instead: step\(jit\(closure\)\)"):
        jit(lambda: optimizer.step(closure))()
    for _ in range(3):
        optimizer.step(jit(closure))
    assert np.allclose(weight.data, 0.0)


def test_modes_of_a_module_have_programs_of_their_own():
    model = nn.Sequential(nn.Linear(3, 4, generator=seeded()), nn.Dropout(0.5, generator=seeded()))
    apply = jit(lambda x: model(x))
    for _ in range(3):
        model.train()
        assert (apply(ROWS).data == 0.0).any()
        model.eval()
        assert not (apply(ROWS).data == 0.0).any()
    model[1].p = 0.0
    model.train()
    assert not (apply(ROWS).data == 0.0).any()


def test_a_module_may_be_an_argument():
    apply = jit(lambda model, x: model(x))
    models = [nn.Linear(3, 2, generator=np.random.default_rng(seed)) for seed in range(2)]
    for _ in range(3):
        for model in models:
            model.weight.data = model.weight.data * 1.5
            assert np.array_equal(apply(model, ROWS).data, model(ROWS).data)


def test_parameters_that_are_frozen_between_calls_get_no_gradient():
    model = nn.Linear(3, 2, generator=seeded())

    @jit
    def step(x):
        model.zero_grad()
        loss = (model(x) ** 2).sum()
        if loss.requires_grad:
            loss.backward()
        return loss.item()

    for _ in range(3):
        step(ROWS)
    model.requires_grad_(False)
    for _ in range(3):
        step(ROWS)
        assert model.weight.grad is None
    model.requires_grad_()
    step(ROWS)
    assert model.weight.grad is not None


def test_a_functional_call_differentiates_by_parameters():
    model = nn.Linear(3, 1, generator=seeded())

    def loss(weight, x):
        return (nn.functional_call(model, {"weight": weight}, x) ** 2).sum()

    derivative, replayed = autograd.grad(loss), jit(autograd.grad(loss))
    for call in range(CALLS):
        weight = np.array([[1.0, 2.0, call]])
        assert same(replayed(weight, ROWS).data, derivative(weight, ROWS).data)


def test_gradients_of_two_sweeps_are_added_in_the_eager_order():
    numbers = []
    for wrap in (lambda f: f, lambda f: jit(f, backend="python")):
        weight = Value(0.1)

        @wrap
        def step(x, weight=weight):
            (weight * x).backward()
            (weight * (x * 0.7)).backward()

        for call in range(CALLS):
            step(0.1 * call + 0.3)
        numbers.append(weight.grad)
    assert numbers[0] == numbers[1]


def squares(outputs, targets):
    """A loss of Values, in micrograd's way."""
    return sum((output - target) ** 2 for output, target in zip(outputs, targets, strict=True))


def fitted(scalar, jit, loss=None, **options):
    """The history, weights and flow of a training by `nn.fit`."""
    x = np.linspace(-1.0, 1.0, 24).reshape(-1, 2)
    if scalar:
        model = nn.MLP(2, [3, 1], activation="tanh", generator=seeded())
    else:
        parts = nn.Linear(2, 8, generator=seeded()), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.2, generator=seeded())
        model = nn.Sequential(*parts, nn.Linear(8, 1, generator=seeded()))
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    targets = x[:, 0] * x[:, 1] if scalar else (x[:, :1] * x[:, 1:])
    loss = loss or (squares if scalar else nn.mse_loss)
    with autograd.GradientFlow(model, every=3) as flow:
        history = nn.fit(
            model, loss, optimizer, (x, targets), epochs=4, batch_size=5, validation_data=(x, targets), max_norm=1.0,
            generator=seeded(), progress=False, jit=jit, metrics=nn.metrics.rmse if not scalar else (),
            on_step=lambda report: flow.step(), **options,
        )  # fmt: skip
    return history, [np.array(p.data) for p in model.parameters()], model.state_dict(), flow.to_dict()


@pytest.mark.parametrize("scalar", [False, True], ids=["Tensors", "Values"])
def test_fit_by_jit_gives_the_same_history_weights_buffers_and_flow_bit_for_bit(scalar):
    eager, replayed = fitted(scalar, False), fitted(scalar, "python")
    assert eager[0].numbers == replayed[0].numbers
    assert same(eager[1], replayed[1])
    assert same(list(eager[2].values()), list(replayed[2].values()))
    assert eager[3] == replayed[3]


def test_fit_by_jit_replays_networks_of_values_in_steps_of_numpy():
    eager, replayed = fitted(True, False), fitted(True, True)
    assert np.allclose(eager[0]["loss"], replayed[0]["loss"], rtol=1e-9)
    assert_close(replayed[3], eager[3])


def test_fit_by_jit_reports_a_nan_as_without_and_leaves_the_weights():
    def loss(outputs, y):
        return (autograd.log(outputs - 10.0) * y).mean()

    found = []
    for backend in (False, True):
        with pytest.raises(FloatingPointError) as error, np.errstate(all="ignore"):
            fitted(False, backend, loss)
        found.append(str(error.value))
    assert found[0] == found[1]


def assert_close(found, expected):
    """Asserts that nested records are equal, their numbers within 1e-12."""
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        found, expected = list(found.values()), list(expected.values())
    if isinstance(expected, list):
        assert len(found) == len(expected)
        for mine, theirs in zip(found, expected, strict=True):
            assert_close(mine, theirs)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)
    else:
        assert found == expected


class Functional(nn.Module):
    """A network whose activation is a function, and whose cell is called in a loop."""

    def __init__(self):
        self.first, self.cell = nn.Linear(3, 8, generator=seeded()), nn.RNNCell(8, 2, generator=seeded())

    def forward(self, x):
        h = autograd.maximum(self.first(x), 0.0)
        state = None
        for _ in range(3):
            state = self.cell(h, state)
        return state


WATCHED = {
    "functions": (Functional, [ROWS]),
    "Values": (lambda: nn.MLP(2, [8, 8, 1], activation="relu", generator=seeded()), ROWS.ravel().tolist()),
    "Tensors": (
        lambda: nn.Sequential(nn.Linear(3, 8, generator=seeded()), nn.ReLU(), nn.Linear(8, 2, generator=seeded())),
        [ROWS],
    ),
    "images": (
        lambda: nn.Sequential(nn.Conv2d(2, 3, 3, generator=seeded()), nn.BatchNorm2d(3), nn.Sigmoid(), nn.Flatten()),
        [IMAGES],
    ),
    "a tuple": (lambda: nn.LSTM(3, 4, generator=seeded()), [SEQUENCES]),
}


def watched(name, wrap, every=2):
    """What GradientFlow records of some steps, and the jitted function."""
    make, inputs = WATCHED[name]
    model = make()

    @wrap
    def step(*x):
        model.zero_grad()
        if name == "Values":
            loss = sum((model(list(pair)) - 1.0) ** 2 for pair in zip(x[::2], x[1::2], strict=True))
        else:
            loss = total(model(*x))
        loss.backward()
        for p in model.parameters():
            p.data -= 0.01 * p.grad
        return loss.item()

    with autograd.GradientFlow(model, every=every) as flow:
        for call in range(13):
            step(*[x * (1.0 + 0.1 * call) for x in inputs])
            flow.step()
    return flow.to_dict(), step


@pytest.mark.parametrize("backend", ["auto", "python", "reference"])
@pytest.mark.parametrize("name", WATCHED)
def test_gradient_flow_records_from_a_program_as_it_does_without(name, backend):
    found, step = watched(name, lambda f: jit(f, backend=backend))
    assert_close(found, watched(name, lambda f: f)[0])
    assert len(step.programs) == 2  # of watched steps, and of the others


def test_watched_steps_of_values_are_replayed_in_steps_of_numpy():
    _, step = watched("Values", jit, every=1)
    assert [program.stats().is_rolled for program in step.programs] == [True]


def test_gradient_flow_sees_the_samples_of_vmap():
    model = nn.MLP(2, [3, 1], activation="tanh", generator=seeded())
    records = []
    for wrap in (lambda f: f, jit):
        step = wrap(lambda x, y: autograd.vmap(lambda x, y: model([x, y]))(x, y).sum().backward())
        with autograd.GradientFlow(model) as flow:
            for _ in range(4):
                model.zero_grad()
                step(ROWS[:, 0].copy(), ROWS[:, 1].copy())
                flow.step()
        records.append(flow.to_dict())
    assert_close(records[1], records[0])
    assert len(records[0]["layers"]["layers.0"]["activation_histogram"][-1]["counts"]) > 1


def test_a_step_of_gradient_flow_comes_after_the_function():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    with autograd.GradientFlow(model) as flow:

        @jit
        def step(x):
            model(x).sum().backward()
            flow.step()

        with pytest.raises(TypeError, match=r"GradientFlow.step\(\): jit cannot follow it; call it after the function"):
            step(np.ones((2, 2)))


def test_fit_by_jit_computes_steps_with_other_hooks_without_it():
    model = nn.Sequential(nn.Linear(2, 1, generator=seeded()))
    outputs = []
    model.register_forward_hook(lambda module, inputs, output: outputs.append(output))
    nn.fit(
        model, nn.mse_loss, nn.SGD(model.parameters(), lr=0.1), (np.ones((8, 2)), np.ones((8, 1))),
        epochs=3, batch_size=4, progress=False, jit=True,
    )  # fmt: skip
    assert [output.data.shape for output in outputs] == [(4, 1)] * 6


def replace_a_parameter(model):
    model[0].weight = nn.Parameter(np.eye(2))


def replace_a_layer(model):
    model[2] = nn.Linear(2, 1)


def replace_a_value(model):
    model[3].scales = [Value(5.0)]


def replace_an_array(model):
    model[3].shift = np.ones(1)


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.scales = [Value(2.0)]
        self.shift = np.zeros(1)

    def forward(self, x):
        return x * self.scales[0] + self.shift


@pytest.mark.parametrize("replace", [replace_a_parameter, replace_a_layer, replace_a_value, replace_an_array])
def test_parameters_and_layers_that_are_replaced_between_calls_are_seen(replace):
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1), Scaled())
    x = np.array([[1.0, 2.0]])
    functions = [jit(model), jit(lambda x: model(x))]
    for _ in range(3):
        before = [function(x).data for function in functions]
    replace(model)
    for function in functions:
        np.testing.assert_allclose(function(x).data, model(x).data, rtol=1e-12)
    assert not np.allclose(before, model(x).data)
