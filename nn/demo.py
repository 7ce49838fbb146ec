"""The demonstration that `make demo` or `python -m nn.demo` runs.

Trains a multi-layer perceptron over scalars to classify three species of penguins by four measurements, and draws
one of its neurons with the gradients of the last step.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from math import fsum, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from autograd import Value, draw, jit, no_grad, view
from nn.curve import SvgImage, curve_svg
from nn.datasets import Dataset, load
from nn.history import History
from nn.losses import cross_entropy
from nn.optim import SGD
from nn.scalar import MLP, Neuron

SEED = 7
EPOCHS = 60
LEARNING_RATE = 0.5
VALIDATION_FRACTION = 0.2
PROMISED_ACCURACY = 0.97
RECORDINGS = 2
"""So many epochs run through `jit` before it replays: they are recorded."""


@dataclass(frozen=True)
class Samples:
    """Standardised rows of a data set, and their classes."""

    inputs: list[list[float]]
    classes: list[int]


def main(folder: Path = Path("demo-output")) -> int:
    """Trains, reports, and draws into the folder; returns 0 if the promised validation accuracy is reached."""
    console = view.terminal.Terminal()
    data = load("penguins")
    console.print(f"{data.dropped} rows without measurements dropped; {len(data)} penguins left.")
    training, validation = split(data)
    console.print(f"{len(training.classes)} for training, {len(validation.classes)} for validation; seed {SEED}.\n")
    model = MLP(len(data.feature_names), [16, len(data.class_names)], generator=np.random.default_rng(SEED))
    started = time.perf_counter()
    history = train(model, training, validation, console)
    seconds = time.perf_counter() - started

    console.print(f"\n{model!r} trained for {history.epochs} epochs in {seconds:.1f} s.")
    console.print(confusion_table(model, validation, data.class_names))
    console.print(gradient_table(model))
    for path, what in write_pictures(model, validation, data, history, folder):
        console.print(f"wrote {path}: {what}", soft_wrap=True)
    console.print(
        "\nNext: open the pictures; then notebooks/01_derivatives_and_the_tape.ipynb, or in Python\n"
        "    from autograd import Value, draw; x = Value(2.0, label='x'); y = x * x + x; y.backward(); draw(y)",
        soft_wrap=True,
    )
    console.print(f"\n{replay(model, training)}", soft_wrap=True)
    return verdict(history["val_accuracy"][-1], console)


def split(data: Dataset) -> tuple[Samples, Samples]:
    """Training and validation samples, standardised by the mean and standard deviation of the training rows."""
    order = np.random.default_rng(SEED).permutation(len(data))
    held_out = round(VALIDATION_FRACTION * len(data))
    validation, training = order[:held_out], order[held_out:]
    mean = data.features[training].mean(axis=0)
    spread = data.features[training].std(axis=0)

    def samples(rows: NDArray[np.int64]) -> Samples:
        return Samples(((data.features[rows] - mean) / spread).tolist(), data.targets[rows].tolist())

    return samples(training), samples(validation)


def train(model: MLP, training: Samples, validation: Samples, console: view.terminal.Terminal) -> History:
    """Gradient descent on the mean cross-entropy of all training samples, with a progress bar."""
    optimizer = SGD(model.parameters(), lr=LEARNING_RATE)
    history = History()
    columns = [TextColumn("epoch {task.completed}/{task.total}"), BarColumn(bar_width=24), TimeElapsedColumn()]
    with Progress(*columns, TextColumn("{task.fields[report]}"), console=console) as progress:
        task = progress.add_task("training", total=EPOCHS, report="")
        for _ in range(EPOCHS):
            optimizer.zero_grad()
            loss, accuracy = evaluate(model, training)
            loss.backward()
            optimizer.step()
            with no_grad():
                val_loss, val_accuracy = evaluate(model, validation)
            history.append(
                {"loss": loss.data, "val_loss": val_loss.data, "accuracy": accuracy, "val_accuracy": val_accuracy}
            )
            report = f"loss {loss:.4f}  accuracy: training {accuracy:.1%}, validation {val_accuracy:.1%}"
            progress.update(task, advance=1, report=report)
    return history


def replay(trained: MLP, training: Samples) -> str:
    """Trains the same network again through `jit`; returns how long that took, and by how much its weights differ."""
    model = MLP(len(training.inputs[0]), [16, len(trained.layers[-1].neurons)], generator=np.random.default_rng(SEED))
    parameters = model.parameters()

    def step() -> None:
        model.zero_grad()
        losses = [
            cross_entropy(model(x), species) for x, species in zip(training.inputs, training.classes, strict=True)
        ]
        (sum(losses[1:], losses[0]) / len(losses)).backward()
        for parameter in parameters:
            parameter.data -= LEARNING_RATE * parameter.grad

    jitted = jit(step)
    started = time.perf_counter()
    for _ in range(min(RECORDINGS, EPOCHS)):
        jitted()
    recorded = time.perf_counter()
    for _ in range(EPOCHS - RECORDINGS):
        jitted()
    ended = time.perf_counter()
    differences = [abs(p.item() - q.item()) for p, q in zip(parameters, trained.parameters(), strict=True)]
    return (
        f"The same training through autograd.jit: {recorded - started:.1f} s to record and rewrite an epoch, "
        f"{ended - recorded:.2f} s for {max(EPOCHS - RECORDINGS, 0)} more; "
        f"no weight differs by more than {max(differences):.0e}."
    )


def evaluate(model: MLP, samples: Samples) -> tuple[Value, float]:
    """The mean cross-entropy and the accuracy on the samples."""
    outputs = [model(row) for row in samples.inputs]
    losses = [cross_entropy(logits, target) for logits, target in zip(outputs, samples.classes, strict=True)]
    correct = sum(predicted(logits) == target for logits, target in zip(outputs, samples.classes, strict=True))
    return sum(losses[1:], losses[0]) / len(losses), correct / len(losses)


def predicted(logits: list[Value]) -> int:
    """The class with the largest logit."""
    return max(range(len(logits)), key=lambda k: logits[k].data)


def confusion_table(model: MLP, samples: Samples, names: tuple[str, ...]) -> Table:
    """The confusion matrix: how often each species was predicted for each actual species."""
    with no_grad():
        predictions = [predicted(model(row)) for row in samples.inputs]
    table = Table(title="Validation: actual species (row), predicted species (column)", title_justify="left")
    table.add_column("")
    for name in names:
        table.add_column(Text(name), justify="right")
    for actual, name in enumerate(names):
        pairs = list(zip(samples.classes, predictions, strict=True))
        counts = [pairs.count((actual, k)) for k in range(len(names))]
        table.add_row(Text(name), *(Text(str(n), "bold" if k == actual else "") for k, n in enumerate(counts)))
    return table


def gradient_table(model: MLP) -> Table:
    """The norm of the loss gradient of each layer's parameters at the last step."""
    table = Table(title="Gradient at the last step", title_justify="left")
    table.add_column("layer")
    table.add_column("parameters", justify="right")
    table.add_column("gradient norm", justify="right")
    for i, layer in enumerate(model.layers):
        parameters = layer.parameters()
        norm = sqrt(fsum(p.grad**2 for p in parameters))
        table.add_row(Text(f"layers.{i}  {layer!r}"), str(len(parameters)), f"{norm:.2e}")
    return table


def write_pictures(
    model: MLP, samples: Samples, data: Dataset, history: History, folder: Path
) -> list[tuple[Path, str]]:
    """Draws a neuron with its gradients and the loss per epoch; returns the files and what they show."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = draw(neuron_at_work(model, samples, data.feature_names))
    what = "one hidden neuron on one penguin, with the gradients of its loss"
    written = [(picture.save(folder / "neuron.svg"), what)]
    with suppress(RuntimeError):  # PNG needs a `dot` program; autograd.view.doctor() says whether there is one
        written.append((picture.save(folder / "neuron.png"), what))
    losses = {"training": history["loss"], "validation": history["val_loss"]}
    path = SvgImage(curve_svg(losses, title="Mean cross-entropy")).save(folder / "loss.svg")
    return [*written, (path, "the loss of each epoch")]


def neuron_at_work(model: MLP, samples: Samples, feature_names: tuple[str, ...]) -> Value:
    """The output of the active hidden neuron with the largest gradient of one penguin's loss, after the sweep.

    Only this neuron takes the measurements as Values, so their gradients are its contributions alone.
    """
    row, species = samples.inputs[0], samples.classes[0]
    named = [Value(measurement, label=name) for measurement, name in zip(row, feature_names, strict=True)]
    hidden, output = model.layers

    def outputs_after_sweep(chosen: Neuron | None) -> list[Value]:
        activations = [neuron(named if neuron is chosen else row) for neuron in hidden.neurons]
        model.zero_grad()
        cross_entropy(output(activations), species).backward()
        return activations

    trial = outputs_after_sweep(None)
    strongest = max(range(len(trial)), key=lambda i: abs(trial[i].grad) * (trial[i].data > 0))
    activation = outputs_after_sweep(hidden.neurons[strongest])[strongest]
    activation.label = f"neuron {strongest}"
    return activation


def verdict(accuracy: float, console: view.terminal.Terminal) -> int:
    """Prints whether the promised accuracy is reached; returns the exit status."""
    if accuracy < PROMISED_ACCURACY:
        said = f"\nValidation accuracy {accuracy:.1%}, below the promised {PROMISED_ACCURACY:.0%}."
        console.print(said, style="bold red")
        return 1
    console.print(f"\nValidation accuracy {accuracy:.1%} (promised: {PROMISED_ACCURACY:.0%}).", style="bold green")
    return 0


if __name__ == "__main__":
    sys.exit(main())
