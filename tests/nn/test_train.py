"""`fit`: what it does in an epoch, when it stops, and errors for bad input."""

import re
import signal
import threading

import numpy as np
import pytest
from numpy.random import default_rng

import nn
from autograd import Value
from autograd.view import terminal
from autograd.view.terminal import Terminal
from nn.lr_finder import RangeTest, find_lr
from nn.metrics import accuracy, mae, roc_auc
from nn.schedule import ExponentialLR, ReduceLROnPlateau
from nn.search import sweep
from nn.train import fit

X = np.random.default_rng(0).normal(size=(40, 3))
CLASSES = (X[:, 0] > X[:, 1]).astype(int)
NUMBERS = X @ np.array([[1.0], [-2.0], [0.5]])


def network(outputs=1, seed=0):
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Linear(3, 8, generator=rng), nn.Tanh(), nn.Linear(8, outputs, generator=rng))


def fitted(model, optimizer=None, data=(X, NUMBERS), loss=nn.mse_loss, **options):
    optimizer = optimizer or nn.SGD(model.parameters(), lr=0.05)
    return fit(
        model, loss, optimizer, data, **({"epochs": 3, "generator": default_rng(0), "progress": False} | options)
    )


def state(model):
    return {name: numbers.tolist() for name, numbers in model.state_dict().items()}


# An epoch


def test_the_steps_are_those_of_a_loop_written_by_hand():
    model, by_hand = network(), network()
    history = fitted(model, batch_size=16, epochs=2, max_norm=0.5)
    optimizer, losses = nn.SGD(by_hand.parameters(), lr=0.05), []
    loader = nn.DataLoader((X, NUMBERS), batch_size=16, shuffle=True, generator=default_rng(0))
    for _ in range(2):
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = nn.mse_loss(by_hand(x), y)
            loss.backward()
            nn.clip_grad_norm_(by_hand.parameters(), 0.5)
            optimizer.step()
            total += loss.item() * len(x)
        losses.append(total / len(X))
    assert state(model) == state(by_hand)
    assert history["loss"] == losses


def test_the_history_has_losses_rates_and_metrics_of_both_parts():
    model = network(outputs=2)
    optimizer = nn.Adam(model.parameters(), lr=0.05)
    history = fitted(
        model,
        optimizer,
        (X, CLASSES),
        nn.cross_entropy,
        epochs=20,
        validation_data=(X, CLASSES),
        metrics=[accuracy],
        schedule=ExponentialLR(optimizer, 0.5),
    )
    assert list(history.to_dict()) == ["epoch", "loss", "accuracy", "lr", "val_loss", "val_accuracy"]
    assert history["lr"][:3] == [0.05, 0.025, 0.0125]
    predicted = model(X).data.argmax(axis=1)
    assert history["val_accuracy"][-1] == accuracy(CLASSES, predicted) > 0.9


def test_metrics_of_numbers_get_the_outputs_and_may_have_names():
    model = network()
    history = fitted(model, metrics={"error": mae}, validation_data=(X, NUMBERS))
    assert history["val_error"][-1] == mae(NUMBERS, model(X).data)


def test_a_plateau_schedule_watches_the_validation_loss():
    model = network()
    optimizer = nn.SGD(model.parameters(), lr=1e-9)
    schedule = ReduceLROnPlateau(optimizer, patience=0)
    history = fitted(model, optimizer, validation_data=(X, NUMBERS), schedule=[schedule], epochs=4)
    assert history["lr"] == pytest.approx([1e-9] * 4)
    assert schedule.best == history["val_loss"][0]
    fitted(model, optimizer, schedule=schedule, epochs=1)
    assert schedule.last_epoch == 5


def test_a_network_of_values_is_called_row_by_row():
    model = nn.MLP(3, [4, 2], generator=default_rng(0))
    history = fitted(model, data=(X, CLASSES), loss=nn.cross_entropy, validation_data=(X, CLASSES), metrics=[accuracy])
    predicted = [int(row[1].data > row[0].data) for row in map(model, X.tolist())]
    assert history["val_accuracy"][-1] == accuracy(CLASSES, predicted)
    assert history["loss"][2] < history["loss"][0]


def test_a_model_may_take_several_inputs():
    class Difference(nn.Module):
        def __init__(self):
            self.scale = Value(0.0)

        def forward(self, x, y):
            return self.scale * (x - y)

    model = Difference()
    fitted(model, data=(X[:, 0], X[:, 1], X[:, 0] - X[:, 1]), epochs=30)
    assert model.scale.data == pytest.approx(1.0, abs=1e-3)


def test_lbfgs_searches_along_its_lines():
    model = network()
    optimizer = nn.LBFGS(model.parameters(), line_search_fn="strong_wolfe")
    history = fitted(model, optimizer, batch_size=40, metrics={"error": mae})
    assert history["loss"][-1] < 1e-2 * history["loss"][0]


def test_dropout_is_on_in_training_off_in_validation_and_off_afterwards():
    modes = []

    class Watched(nn.Dropout):
        def forward(self, x):
            modes.append(self.training)
            return super().forward(x)

    model = nn.Sequential(nn.Linear(3, 1), Watched(0.5))
    fitted(model, epochs=2, batch_size=40, validation_data=(X, NUMBERS))
    assert modes == [False, True, False, True, False]  # the first to see whether the validation data fit
    assert not model.training


def test_validation_records_nothing():
    tracked = []

    def loss(outputs, targets):
        tracked.append(outputs.requires_grad)
        return nn.mse_loss(outputs, targets)

    fitted(network(), loss=loss, epochs=1, batch_size=40, validation_data=(X, NUMBERS))
    assert tracked == [False, True, False]


def test_callbacks_are_called_after_each_step_and_epoch():
    steps, epochs, calls = [], [], []
    model = network()
    history = fitted(model, batch_size=20, on_step=[steps.append, lambda: calls.append(1)], on_epoch=epochs.append)
    assert [(step.epoch, step.step) for step in steps] == [(1, 1), (1, 2), (2, 3), (2, 4), (3, 5), (3, 6)]
    assert len(calls) == 6
    assert [epoch.numbers["loss"] for epoch in epochs] == history["loss"]
    assert np.mean([step.loss for step in steps[:2]]) == pytest.approx(history["loss"][0])


def test_gradients_are_there_in_a_callback_after_the_step():
    model = network()
    norms = []
    fitted(model, epochs=1, on_step=lambda: norms.append(np.abs(model[0].weight.grad).sum()))
    assert all(norm > 0 for norm in norms)


def test_no_epochs_change_nothing():
    model = network()
    history = fitted(model, epochs=0)
    assert history.epochs == 0
    assert state(model) == state(network())


# When it stops


def overfitted(**options):
    rng = np.random.default_rng(1)
    model = network()
    validation = (X[:10], NUMBERS[:10] + 0.5)
    optimizer = nn.Adam(model.parameters(), lr=0.05)
    data = (X[10:], NUMBERS[10:] + rng.normal(size=(30, 1)))
    return model, validation, fitted(model, optimizer, data, validation_data=validation, **options)


def test_early_stopping_gives_the_weights_of_the_best_epoch_back():
    model, (x, y), history = overfitted(epochs=500, patience=5)
    assert history.epochs == history.best_epoch + 5 < 500
    assert nn.mse_loss(model(x), y).item() == min(history["val_loss"])
    assert history.stopped.startswith("stopped early: the validation loss has not improved for 5 epochs")


def test_the_best_weights_come_back_also_when_all_epochs_were_used():
    _, _, long = overfitted(epochs=500, patience=5)
    model, (x, y), history = overfitted(epochs=long.best_epoch + 2, patience=5)
    assert history.stopped == ""
    assert nn.mse_loss(model(x), y).item() == long["val_loss"][long.best_epoch - 1]


def test_an_equal_loss_is_no_improvement():
    model = network()
    optimizer = nn.SGD(model.parameters(), lr=1e-300)
    history = fitted(model, optimizer, validation_data=(X, NUMBERS), epochs=50, patience=3)
    assert (history.epochs, history.best_epoch) == (4, 1)


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_stops_after_the_step_and_keeps_what_was_learned(ctrl_c, times):
    steps = []

    def press(step):
        steps.append(step)
        if step.step == 3:
            for _ in range(times):
                ctrl_c()

    model = network()
    history = fitted(model, batch_size=20, epochs=10, on_step=press)
    assert len(steps) == 3
    assert (history.epochs, history.stopped) == (1, "interrupted in epoch 2")
    assert state(model) != state(network())
    assert not model.training
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


class Shifted:
    """A data set of one's own: each sample is drawn anew, shifted a little."""

    def __init__(self, targets=NUMBERS):
        self.targets = targets
        self.rng = np.random.default_rng(0)
        self.drawn = []

    def __len__(self):
        return len(X)

    def __getitem__(self, index):
        self.drawn.append(index)
        return X[index] + 0.01 * self.rng.normal(size=3), self.targets[index]


def test_a_data_set_of_ones_own_is_drawn_anew_in_each_epoch():
    data = Shifted()
    loader = nn.DataLoader(data, batch_size=16, shuffle=True, generator=default_rng(0))
    history = fitted(network(), data=loader, validation_data=nn.DataLoader(Shifted(), 8), generator=None, epochs=4)
    assert sorted(data.drawn) == sorted([*range(len(X))] * 4)
    assert history["loss"][-1] < history["loss"][0]
    assert history["val_loss"][-1] < history["val_loss"][0]


def test_parts_of_a_data_set_and_arrays_in_one_are_trained_on():
    first, second = nn.random_split(nn.TensorDataset(X, NUMBERS), [30, 10], generator=default_rng(0))
    history = fitted(network(), data=nn.DataLoader(first, 10), validation_data=nn.DataLoader(second), generator=None)
    assert history.epochs == 3
    whole = nn.DataLoader(nn.TensorDataset(X, NUMBERS), 10)
    arrays = nn.DataLoader((X, NUMBERS), 10)
    histories = [fitted(network(), data=loader, generator=None) for loader in (whole, arrays)]
    assert histories[0]["loss"] == histories[1]["loss"]


def test_a_data_set_without_targets_is_reported():
    class Inputs(Shifted):
        def __getitem__(self, index):
            return X[index]

    model = network()
    before = state(model)
    with pytest.raises(ValueError, match=r"expected samples \(x, y\) of inputs and targets, got batches of ndarray"):
        fitted(model, data=nn.DataLoader(Inputs(), 8), generator=None)
    assert state(model) == before


def test_a_metric_that_does_not_fit_is_reported_before_training():
    model = network()
    before = state(model)
    with pytest.raises(ValueError, match="class") as caught:
        fitted(model, metrics=[accuracy])
    assert state(model) == before
    tried, where = caught.value.__notes__
    assert (tried, where) == (
        "in the metric accuracy, of outputs of shape (40, 1)",
        "in trying the metrics before training",
    )


def test_metrics_may_be_scikit_learns():
    theirs = pytest.importorskip("sklearn.metrics")
    scores = {
        "precision": lambda targets, predictions: theirs.precision_score(targets, predictions, zero_division=0.0),
        "recall": theirs.recall_score,
        "f1": lambda targets, predictions: theirs.f1_score(targets, predictions, average="macro"),
        "area": theirs.roc_auc_score,
    }
    model = network()
    data = X, CLASSES.astype(float)[:, None]
    history = fitted(
        model, data=data, loss=nn.binary_cross_entropy_with_logits, epochs=20, validation_data=data, metrics=scores
    )
    logits = model(X).data[:, 0]
    called = logits > 0
    precision, recall = CLASSES[called].mean(), called[CLASSES == 1].mean()
    other_precision, other_recall = 1 - CLASSES[~called].mean(), 1 - called[CLASSES == 0].mean()
    both = [(precision, recall), (other_precision, other_recall)]
    assert history["val_precision"][-1] == pytest.approx(precision)
    assert history["val_recall"][-1] == pytest.approx(recall)
    assert history["val_f1"][-1] == pytest.approx(np.mean([2 * p * r / (p + r) for p, r in both]))
    assert history["val_area"][-1] == pytest.approx(np.mean(logits[CLASSES == 1][:, None] > logits[CLASSES == 0]))
    assert recall > 0.5
    history = fitted(model, data=data, loss=nn.binary_cross_entropy_with_logits, metrics=[theirs.recall_score])
    assert "recall_score" in history


class Several(nn.Module):
    """A network that gives its output and its hidden units, in a tuple or dict."""

    def __init__(self, kind):
        self.kind, self.hidden, self.out = (
            kind,
            nn.Linear(3, 4, generator=np.random.default_rng(0)),
            nn.Linear(4, 1, generator=np.random.default_rng(1)),
        )

    def forward(self, x):
        hidden = self.hidden(x).tanh()
        return (self.out(hidden), hidden) if self.kind is tuple else {"y": self.out(hidden), "hidden": hidden}


@pytest.mark.parametrize(("kind", "part"), [(tuple, "outputs[0]"), (dict, "outputs['y']")])
def test_a_loss_of_one_output_of_several_is_shown_how_to_take_it(kind, part):
    model = Several(kind)
    before = state(model)
    words = f"loss: the model gives a {kind.__name__} of 2 outputs, which the loss gets whole"
    with pytest.raises(ValueError, match=words) as caught:
        fitted(model)
    assert f"lambda outputs, targets: loss({part}, targets)" in str(caught.value)
    assert caught.value.__notes__ == ["in epoch 1, step 1 (batch 1 of 2)"]
    assert state(model) == before
    with pytest.raises(ValueError, match=words):
        find_lr(model, nn.mse_loss, nn.SGD(model.parameters()), (X, NUMBERS))

    take = eval(f"lambda outputs: {part}")
    loss = lambda outputs, targets: nn.mse_loss(take(outputs), targets)  # noqa: E731  (as it is typed)
    history = fitted(model, loss=loss, epochs=20, validation_data=(X, NUMBERS))
    assert history["loss"][-1] < history["loss"][0]


@pytest.mark.parametrize("kind", [tuple, dict])
def test_metrics_of_several_outputs_are_refused_before_training(kind):
    model = Several(kind)
    before = state(model)
    take = {tuple: lambda outputs: outputs[0], dict: lambda outputs: outputs["y"]}[kind]
    with pytest.raises(ValueError, match=f"metrics: the model gives a {kind.__name__} of 2 outputs"):
        fitted(model, loss=lambda outputs, targets: nn.mse_loss(take(outputs), targets), metrics=[mae])
    assert state(model) == before


def test_metrics_are_tried_on_rows_of_each_class():
    order = np.argsort(CLASSES, kind="stable")
    history = fitted(
        network(),
        data=(X[order], CLASSES[order, None].astype(float)),
        loss=nn.binary_cross_entropy_with_logits,
        metrics=[lambda targets, scores: roc_auc(targets.ravel(), scores.ravel())],
        batch_size=4,
    )
    assert history.epochs == 3


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
@pytest.mark.parametrize(
    ("loss", "last", "at", "below"),
    [
        (nn.binary_cross_entropy_with_logits, nn.Identity(), 0.0, 0.0),
        (nn.BCEWithLogitsLoss(), nn.Identity(), 0.0, 0.0),
        (nn.binary_cross_entropy, nn.Sigmoid(), 0.5, 0.0),
        (nn.hinge_loss, nn.Identity(), 0.0, -1.0),
    ],
    ids=["logits", "module", "probabilities", "margins"],
)
def test_one_output_a_row_is_a_score_of_the_class_one(loss, last, at, below, shape):
    seen = {}

    def right(targets, predictions):
        seen["predictions"], seen["targets"] = predictions, targets
        return accuracy(targets.ravel(), predictions.ravel())

    def area(targets, scores):
        seen["scores"] = scores
        return roc_auc(targets.ravel(), scores.ravel())

    model = nn.Sequential(network(), last, nn.Flatten(0) if shape == (-1,) else nn.Identity())
    targets = np.where(CLASSES == 1, 1.0, below).reshape(shape)
    loader = nn.DataLoader((X, targets), 16)
    history = fitted(model, data=loader, loss=loss, metrics=[right, area], generator=None, epochs=30)
    assert history["right"][-1] > 0.8
    assert set(np.unique(seen["predictions"]).tolist()) <= {1.0, below}
    assert seen["predictions"].shape == seen["targets"].shape
    assert np.array_equal(seen["predictions"] == 1.0, (seen["scores"] > at).reshape(seen["targets"].shape))


def test_ctrl_c_goes_through_a_fit_inside_a_sweep(ctrl_c):
    def trained(lr):
        model = network()
        press = {0.2: lambda: ctrl_c()}.get(lr, lambda: None)
        return fitted(model, nn.SGD(model.parameters(), lr=lr), on_step=press)["loss"][-1]

    found = sweep(trained, {"lr": [0.05, 0.1, 0.2, 0.3]}, progress=False)
    assert [row["lr"] for row in found.rows] == [0.05, 0.1]
    assert found.stopped == "interrupted after 2 of 4 trials"
    assert "interrupted after 2 of 4 trials" in " ".join(str(found).split())
    assert found.best()["lr"] in (0.05, 0.1)
    with pytest.raises(KeyboardInterrupt):
        sweep(trained, {"lr": [0.2, 0.3]}, progress=False)
    assert fitted(network(), on_step=lambda: ctrl_c()).stopped == "interrupted in epoch 1"


def test_ctrl_c_in_the_validation_leaves_that_epoch_out(ctrl_c):
    def loss(outputs, targets):
        if not outputs.requires_grad:
            ctrl_c()
        return nn.mse_loss(outputs, targets)

    assert fitted(network(), loss=loss, validation_data=(X, NUMBERS)).stopped == "interrupted in epoch 1"


def test_it_trains_in_another_thread_and_beside_a_handler_of_somebody_else():
    histories = []
    thread = threading.Thread(target=lambda: histories.append(fitted(network())))
    thread.start()
    thread.join()
    mine = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        histories.append(fitted(network()))
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, mine)
    assert histories[0]["loss"] == histories[1]["loss"]


def test_a_training_in_the_background_goes_on_ignoring_ctrl_c():
    mine = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        history = fitted(network(), on_step=lambda: signal.raise_signal(signal.SIGINT))
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, mine)
    assert (history.epochs, history.stopped) == (3, "")


# nan and inf


def broken(x, row, column, number=np.nan):
    x = x.copy()
    x[row, column] = number
    return x


def test_nan_in_the_data_is_reported_with_its_row_and_column_and_nothing_is_broken():
    model = nn.Sequential(
        nn.Linear(3, 8, generator=default_rng(0)), nn.BatchNorm1d(8), nn.Linear(8, 1, generator=default_rng(1))
    )
    data = nn.DataLoader((broken(X, 17, 2), NUMBERS), batch_size=10)
    with pytest.raises(FloatingPointError) as caught:
        fitted(model, data=data, generator=None)
    assert str(caught.value).startswith("epoch 1, step 2 (batch 2 of 4): the loss is nan: the inputs contain nan")
    assert "nan or inf entries in all inputs: 1, the first nan in row 17, column 2" in str(caught.value)
    assert all(np.isfinite(numbers).all() for numbers in model.state_dict().values())
    assert model[1].num_batches_tracked.item() == 1


def test_inf_in_the_targets_and_in_the_validation_data_is_reported_as_such():
    with pytest.raises(FloatingPointError, match=r"the loss is inf: the targets contain .* inf in row 5, column 0"):
        fitted(network(), data=(X, broken(NUMBERS, 5, 0, np.inf)))
    with pytest.raises(FloatingPointError, match=r"validation before training: .* first nan in row 9, column 1"):
        fitted(network(), validation_data=(broken(X, 9, 1), NUMBERS))


def test_the_first_layer_that_puts_out_nan_is_named():
    class Log(nn.Module):
        def forward(self, x):
            return np.log(x)

    model = nn.Sequential(
        nn.Linear(3, 4, generator=default_rng(0)),
        nn.Dropout(0.5, generator=default_rng(0)),
        Log(),
        nn.Linear(4, 1, generator=default_rng(1)),
    )
    before = model[1].generator.bit_generator.state
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"epoch 1, step 1 .* in the output of 2 Log\(\)"),
    ):
        fitted(model)
    assert model[1].generator.bit_generator.state == before


def test_weights_that_a_step_has_broken_are_named():
    model = network()
    optimizer = nn.SGD(model.parameters(), lr=0.05)

    def break_weights(step):
        if step.step == 2:
            model[2].weight.data[0, 3] = np.inf

    with pytest.raises(FloatingPointError, match=r"step 3 .* of 2 Linear.*, whose weight already contained nan or inf"):
        fitted(model, optimizer, on_step=break_weights, batch_size=10)


def test_a_loss_function_that_makes_nan_is_named():
    with pytest.raises(FloatingPointError, match="all layers have finite outputs"):
        fitted(network(), loss=lambda outputs, targets: np.nan * nn.mse_loss(outputs, targets))


# Bad input


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"data": (X[:0], NUMBERS[:0])}, ValueError, "there are no rows"),
        ({"data": (X, NUMBERS[:-1])}, ValueError, r"same number of rows, got \[40, 39\]"),
        ({"data": [X, NUMBERS]}, TypeError, r"data: expected \(inputs, targets\) or a DataLoader of them, got list"),
        ({"data": nn.DataLoader(X)}, ValueError, r"data: expected inputs and targets, \(x, y\), got one array"),
        ({"data": nn.DataLoader((X, NUMBERS)), "batch_size": 8}, ValueError, "DataLoader has its own batch_size"),
        ({"validation_data": (X, CLASSES[:3])}, ValueError, r"same number of rows, got \[40, 3\]"),
        ({"batch_size": 0}, ValueError, "batch_size: expected an integer of at least 1, got 0"),
        ({"epochs": -1}, ValueError, "epochs: expected an integer of at least 0, got -1"),
        ({"epochs": 1.5}, ValueError, "epochs: expected an integer of at least 0, got 1.5"),
        ({"patience": 3}, ValueError, "patience: early stopping needs validation_data"),
        ({"patience": 0, "validation_data": (X, NUMBERS)}, ValueError, "patience: expected an integer of at least 1"),
        ({"max_norm": 0.0}, ValueError, "max_norm: expected a positive number, got 0.0"),
        ({"metrics": ["accuracy"]}, TypeError, "metrics: expected functions"),
        ({"metrics": {"loss": mae}}, ValueError, "metrics: 'loss' is reserved"),
        ({"metrics": [mae, mae]}, ValueError, "metrics: expected different names"),
        ({"on_step": [3]}, TypeError, "on_step: expected functions, got 3"),
        ({"loss": "mse"}, TypeError, "loss: expected a function"),
        ({"loss": lambda outputs, targets: 0.5}, ValueError, "loss: expected a scalar that depends on"),
        ({"loss": lambda outputs, y: (outputs - y) ** 2}, ValueError, r"got an array of shape \(32, 1\)"),
        ({"optimizer": nn.SGD(network().parameters())}, ValueError, "it has no parameter of this model"),
        ({"optimizer": 0.1}, TypeError, "optimizer: expected one such as"),
        ({"schedule": ExponentialLR(nn.SGD([Value(1.0)]), 0.5)}, ValueError, "belongs to a different optimizer"),
        ({"schedule": [0.5]}, TypeError, "schedule: expected a schedule of nn.schedule"),
        ({"resume": True}, ValueError, "resume: expected the file to resume from"),
        ({"learning_rate": 0.1}, TypeError, "unexpected keyword argument 'learning_rate'"),
    ],
)
def test_bad_input_is_reported_before_anything_is_changed(options, error, words):
    model = network()
    with pytest.raises(error, match=words):
        fitted(model, **options)
    assert state(model) == state(network())


# What is shown


@pytest.fixture
def no_terminal(monkeypatch):
    monkeypatch.delenv("FORCE_COLOR", raising=False)  # rich would take any stream for a terminal


def test_without_a_terminal_there_are_at_most_about_twenty_plain_lines(capsys, no_terminal):
    fitted(network(), epochs=45, progress=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 15
    assert re.fullmatch(r"epoch 45/45  loss \d\.\d+  lr 0\.05", lines[-1])


def test_a_stop_is_the_last_line_after_the_numbers_of_the_last_epoch(capsys, no_terminal):
    overfitted(epochs=500, patience=3, progress=True)
    *_, numbers, stop = capsys.readouterr().out.splitlines()
    assert numbers.startswith("epoch ")
    assert stop.startswith("stopped early: the validation loss has not improved for 3 epochs")


def test_nothing_is_shown_if_that_is_asked_for(capsys):
    fitted(network(), progress=False)
    assert capsys.readouterr().out == ""


def test_a_terminal_gets_a_bar(capsys, monkeypatch):
    monkeypatch.setattr(terminal, "Terminal", lambda: Terminal(force_terminal=True, width=100))
    fitted(network(), progress=True)
    assert "epoch 3/3 ━━━━━━━━━━━━━━━━━━━━━━━━" in re.sub("\x1b[^mK]*[mK]", "", capsys.readouterr().out)


def test_a_notebook_gets_a_bar_under_the_cell(monkeypatch):
    pages = []

    class Handle:
        def update(self, page, raw):
            pages.append(page)

    display = pytest.importorskip("IPython.display")
    monkeypatch.setattr(display, "display", lambda page, raw, display_id: Handle())
    monkeypatch.setattr(terminal, "Terminal", lambda: Terminal(force_jupyter=True))
    fitted(network(), progress=True)
    assert re.fullmatch(r"epoch 3/3  loss \d\.\d+  lr 0\.05", pages[-1]["text/plain"])
    assert '<progress max="3" value="3"></progress>' in pages[-1]["text/html"]


# The learning-rate finder


def regression(optimizer=nn.SGD):
    model = nn.Sequential(
        nn.Linear(3, 8, generator=default_rng(0)),
        nn.BatchNorm1d(8),
        nn.Dropout(0.1, generator=default_rng(1)),
        nn.Linear(8, 1, generator=default_rng(2)),
    )
    return model, optimizer(model.parameters(), lr=0.125)


@pytest.mark.parametrize("optimizer", [nn.SGD, nn.Adam])
def test_the_finder_suggests_a_rate_that_learns(optimizer):
    model, optimizer = regression(optimizer)
    test = find_lr(model, nn.mse_loss, optimizer, (X, NUMBERS), generator=default_rng(0))
    assert len(test.rates) == len(test.losses) <= 100
    assert test.rates[0] == 1e-7
    optimizer.param_groups[0]["lr"] = test.suggestion
    history = fitted(model, optimizer, epochs=30)
    assert history["loss"][-1] < 0.3 * history["loss"][0]


def test_the_finder_leaves_everything_as_it_was():
    model, optimizer = regression(nn.Adam)
    loader = nn.DataLoader((X, NUMBERS), 16, shuffle=True, generator=default_rng(0))
    fitted(model, optimizer, loader, generator=None)
    model[0].train()
    before, gradient = state(model), model[0].weight.grad.tolist()
    states = optimizer.state_dict(), model[2].generator.bit_generator.state, loader.generator.bit_generator.state
    find_lr(model, nn.mse_loss, optimizer, loader)
    assert state(model) == before
    assert model[0].weight.grad.tolist() == gradient
    assert [module.training for module in model.modules()] == [False, True, False, False, False]
    assert repr(optimizer.state_dict()) == repr(states[0])
    assert (model[2].generator.bit_generator.state, loader.generator.bit_generator.state) == states[1:]


def test_a_test_that_was_too_short_suggests_nothing():
    model, optimizer = regression()
    test = find_lr(model, nn.mse_loss, optimizer, (X, NUMBERS), lowest=1.0, highest=1e9, generator=default_rng(0))
    with pytest.raises(ValueError, match="decrease lowest or increase steps"):
        _ = test.suggestion


@pytest.mark.parametrize(
    ("options", "words"), [({"lowest": 0.0}, "0 < lowest < highest"), ({"steps": 0}, "steps: expected an integer")]
)
def test_the_finder_says_what_is_wrong_with_its_arguments(options, words):
    model, optimizer = regression()
    with pytest.raises(ValueError, match=words):
        find_lr(model, nn.mse_loss, optimizer, (X, NUMBERS), **options)


def test_the_finder_raises_if_the_data_are_broken():
    model, optimizer = regression()
    with pytest.raises(FloatingPointError, match="the inputs contain nan or inf"):
        find_lr(model, nn.mse_loss, optimizer, (broken(X, 0, 0), NUMBERS), batch_size=40)


def test_a_range_test_has_a_picture():
    picture = RangeTest([1e-3, 1e-2, 1e-1], [2.0, 1.0, 3.0]).plot()
    assert {">-3<", ">-2<", ">-1<"} <= set(re.findall(r">-\d<", picture.svg))


# What would be lost, or come too late


def test_a_broken_gradient_under_a_finite_loss_stops_before_the_step(tmp_path):
    class Root(nn.Module):
        def __init__(self):
            self.inner = nn.Linear(3, 1, generator=default_rng(0))
            self.inner.weight.data[:] = 0.0
            self.inner.bias.data[:] = 0.0

        def forward(self, x):
            return np.sqrt(abs(self.inner(x)))

    model = Root()
    before = state(model)
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"step 1 .*the loss is finite, but the gradient of inner.weight"),
    ):
        fitted(model, checkpoint=tmp_path / "last.npz")
    assert state(model) == before


def test_validation_data_that_do_not_fit_are_reported_before_anything_is_changed():
    model = network()
    before = state(model)
    with pytest.raises(ValueError, match="expected an input of shape") as error:
        fitted(model, validation_data=(X[:, :2], NUMBERS))
    assert error.value.__notes__ == ["in validation before training"]
    assert (state(model), model.training) == (before, True)


def test_an_optimizer_of_residuals_and_the_name_of_a_metric_are_reported():
    model = network()
    with pytest.raises(TypeError, match="LevenbergMarquardt needs residuals"):
        fitted(model, optimizer=nn.LevenbergMarquardt(model.parameters()))
    with pytest.raises(TypeError, match=r"such as nn\.metrics\.accuracy, got 'accuracy'"):
        fitted(model, metrics="accuracy")


def test_a_history_is_asked_and_gone_through_like_a_dict():
    history = fitted(network(), epochs=2)
    assert "loss" in history
    assert "accuracy" not in history
    assert list(history) == ["loss", "lr"]
    assert dict(history) == history.numbers
