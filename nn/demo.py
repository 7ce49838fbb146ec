"""The main story, from data to picture: `make demo`, or `python -m nn.demo`.

Trains a multi-layer perceptron of single numbers to tell three species of penguins apart by four
measurements, and draws one of its neurons with the gradients that just moved it.
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
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from autograd import Value, draw, no_grad
from nn.curve import curve_svg
from nn.datasets import Dataset, load
from nn.losses import cross_entropy
from nn.optim import SGD
from nn.scalar import MLP, Neuron

SEED = 7
EPOCHS = 60
LEARNING_RATE = 0.5
VALIDATION_SHARE = 0.2
PROMISED_ACCURACY = 0.97


@dataclass(frozen=True)
class Part:
    """Rows of a data set, standardised, and their classes."""

    inputs: list[list[float]]
    classes: list[int]


@dataclass(frozen=True)
class Epoch:
    """What is reported of one pass over the training data."""

    loss: float
    validation_loss: float
    accuracy: float
    validation_accuracy: float


def main(folder: Path = Path("demo-output")) -> int:
    """Trains, reports and draws into the folder; 0 if the validation accuracy is what was promised."""
    console = Console()
    data = load("penguins")
    console.print(f"{data.dropped} rows without measurements dropped; {len(data)} penguins left.", highlight=False)
    training, validation = split(data)
    console.print(
        f"{len(training.classes)} to train on, {len(validation.classes)} to check on; seed {SEED}.\n", highlight=False
    )
    model = MLP(len(data.feature_names), [16, len(data.class_names)], rng=SEED)
    started = time.perf_counter()
    history = train(model, training, validation, console)
    seconds = time.perf_counter() - started

    console.print(f"\n{model!r} trained in {seconds:.1f} s, {len(history)} epochs.", highlight=False)
    console.print(confusion_table(model, validation, data.class_names))
    console.print(gradient_table(model))
    for path, what in write_pictures(model, validation, data, history, folder):
        console.print(f"wrote {path}: {what}", highlight=False, soft_wrap=True)
    console.print(
        "\nNext: open the pictures; then notebooks/01_derivatives_and_the_tape.ipynb, or in Python\n"
        "    from autograd import Value, draw; x = Value(2.0, label='x'); y = x * x + x; y.backward(); draw(y)",
        highlight=False,
        soft_wrap=True,
    )
    return verdict(history[-1].validation_accuracy, console)


def split(data: Dataset) -> tuple[Part, Part]:
    """Training and validation rows, standardised by the training rows' mean and spread."""
    order = np.random.default_rng(SEED).permutation(len(data))
    held_out = round(VALIDATION_SHARE * len(data))
    validation, training = order[:held_out], order[held_out:]
    mean = data.features[training].mean(axis=0)
    spread = data.features[training].std(axis=0)

    def part(rows: NDArray[np.int64]) -> Part:
        return Part(((data.features[rows] - mean) / spread).tolist(), data.targets[rows].tolist())

    return part(training), part(validation)


def train(model: MLP, training: Part, validation: Part, console: Console) -> list[Epoch]:
    """Gradient descent on the mean cross-entropy of all training rows, with a progress bar."""
    optimiser = SGD(model.parameters(), lr=LEARNING_RATE)
    history: list[Epoch] = []
    columns = [TextColumn("epoch {task.completed}/{task.total}"), BarColumn(bar_width=24), TimeElapsedColumn()]
    with Progress(*columns, TextColumn("{task.fields[report]}"), console=console) as progress:
        task = progress.add_task("training", total=EPOCHS, report="")
        for _ in range(EPOCHS):
            optimiser.zero_grad()
            loss, accuracy = evaluate(model, training)
            loss.backward()
            optimiser.step()
            with no_grad():
                validation_loss, validation_accuracy = evaluate(model, validation)
            history.append(Epoch(loss.data, validation_loss.data, accuracy, validation_accuracy))
            report = f"loss {loss:.4f}  training {accuracy:.1%}  validation {validation_accuracy:.1%}"
            progress.update(task, advance=1, report=report)
    return history


def evaluate(model: MLP, part: Part) -> tuple[Value, float]:
    """The mean cross-entropy over the rows, and the share of rows whose class is told rightly."""
    outputs = [model(row) for row in part.inputs]
    losses = [cross_entropy(logits, target) for logits, target in zip(outputs, part.classes, strict=True)]
    hits = sum(told(logits) == target for logits, target in zip(outputs, part.classes, strict=True))
    return sum(losses[1:], losses[0]) / len(losses), hits / len(losses)


def told(logits: list[Value]) -> int:
    """The class with the largest logit."""
    return max(range(len(logits)), key=lambda k: logits[k].data)


def confusion_table(model: MLP, part: Part, names: tuple[str, ...]) -> Table:
    """How many validation penguins of each species were told to be which."""
    with no_grad():
        answers = [told(model(row)) for row in part.inputs]
    table = Table(title="Validation: species (row) told to be (column)", title_justify="left")
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    for actual, name in enumerate(names):
        counts = [
            sum((target, answer) == (actual, k) for target, answer in zip(part.classes, answers, strict=True))
            for k in range(len(names))
        ]
        table.add_row(name, *(f"[bold]{n}[/]" if k == actual else str(n) for k, n in enumerate(counts)))
    return table


def gradient_table(model: MLP) -> Table:
    """The length of the loss's gradient in each layer's parameters, at the last step."""
    table = Table(title="Gradient at the last step", title_justify="left")
    table.add_column("layer")
    table.add_column("parameters", justify="right")
    table.add_column("gradient norm", justify="right")
    for i, layer in enumerate(model.layers):
        parameters = layer.parameters()
        norm = sqrt(fsum(p.grad**2 for p in parameters))
        table.add_row(f"layers.{i}  {layer!r}", str(len(parameters)), f"{norm:.2e}")
    return table


def write_pictures(model: MLP, part: Part, data: Dataset, history: list[Epoch], folder: Path) -> list[tuple[Path, str]]:
    """A neuron with its gradients as SVG and PNG, and the loss over the epochs; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = draw(neuron_at_work(model, part, data.feature_names))
    what = "one hidden neuron on one penguin, with the gradients of its loss"
    written = [(picture.save_picture(folder / "neuron.svg"), what)]
    with suppress(RuntimeError):  # without a `dot` program there is SVG only; autograd.view.doctor() says so
        written.append((picture.save_picture(folder / "neuron.png"), what))
    path = folder / "loss.svg"
    losses = {"training": [e.loss for e in history], "validation": [e.validation_loss for e in history]}
    path.write_text(curve_svg(losses, title="Mean cross-entropy"), encoding="utf-8")
    return [*written, (path, "the loss over the epochs")]


def neuron_at_work(model: MLP, part: Part, feature_names: tuple[str, ...]) -> Value:
    """The output of the hidden neuron that one penguin's loss would change most, after the sweep of that loss.

    Only this neuron gets the measurements as Values, so their gradients are what it alone passes on.
    """
    row, species = part.inputs[0], part.classes[0]
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


def verdict(accuracy: float, console: Console) -> int:
    """Says whether the promise is kept; the exit status."""
    if accuracy < PROMISED_ACCURACY:
        console.print(f"\n[bold red]Validation accuracy {accuracy:.1%}, below the promised {PROMISED_ACCURACY:.0%}.")
        return 1
    console.print(f"\n[bold green]Validation accuracy {accuracy:.1%}[/] (promised: {PROMISED_ACCURACY:.0%}).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
