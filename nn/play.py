"""A network that trains inside one page, on the user's own data, by programs that were recorded from the engine.

The page needs no network, no kernel and no library. It has, for each activation, the forward pass for one sample and
the gradients of its loss, as JavaScript; it sums them over a batch, and takes the step itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import Context
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from autograd import Program, atomic, characters, javascript, jit, markup, sigmoid, softmax, value_and_grad
from nn import losses
from nn.activations import Elementwise, Sigmoid
from nn.containers import Sequential
from nn.conversion import Array, Numbers, as_array
from nn.layers import Linear
from nn.module import Module
from nn.scalar import ACTIVATIONS, MLP
from nn.stateless import functional_call

MOST_SAMPLES = 5000
MOST_WEIGHTS = 5000
MOST_UNITS = 64
"""Of a layer: each has a picture."""
MOST_CLASSES = 8
"""More colours could not be told apart."""
HEIGHT = 760
"""The height of the page in a notebook, until the page itself has found how much it needs."""

COLOURS = ("#2f7fd0", "#e07b1a", "#009e73", "#cc79a7", "#b59f00", "#7a5cc4", "#c43c39", "#7f7f7f")
"""Those of classes: the first two are blue and orange, which the colour-blind can tell apart."""
MOST_POINTS = 500
"""In the still."""

SHOWN = "playground shows nn.MLP, and nn.Sequential of nn.Linear and activations"


class Playground:
    """A network that trains inside one page; returned by `playground`."""

    def __init__(self, network: Network, task: Task, x: Array, features: tuple[int, int]) -> None:
        self.network = network
        self.task = task
        self.x = x
        self.features = features
        self.programs = self._programs()

    @property
    def html(self) -> str:
        """The HTML page."""
        page = Template(_file("play.html"))
        return page.substitute(
            style=_file("play.css"),
            rows=javascript.prelude(),
            programs=self.programs,
            data=characters.safe_json(self._data()),
            script=_file("play.js"),
        )

    def save(self, path: str | Path) -> Path:
        """Writes the page to a file ending in .html; returns the path.

        Raises:
            ValueError: the file has another suffix.
        """
        return atomic.write_by_suffix(path, {".html": lambda: self.html.encode()})

    def _programs(self) -> str:
        """The programs of each activation, and those of the penalties, as a JavaScript object."""
        network, task = self.network, self.task
        x, y = self.x[0], task.targets[0]
        by_activation = ",\n".join(
            f"{characters.safe_json(name)}: {{\n"
            f"sample: {_function(_recorded(value_and_grad(network.loss_of(task, hidden)), network.weights, x, y))},\n"
            f"outputs: {_function(_recorded(network.outputs_of(task, hidden), network.weights, x, y))}\n}}"
            for name, hidden in network.choices.items()
        )
        penalties = ",\n".join(
            f"{name}: {_function(_recorded(value_and_grad(penalty), network.weights, 1.0))}"
            for name, penalty in PENALTIES.items()
        )
        return f"{{\nactivations: {{\n{by_activation}\n}},\npenalties: {{\n{penalties}\n}}\n}}"

    def _data(self) -> dict[str, Any]:
        return {
            "sizes": self.network.sizes,
            "weights": [weight.ravel().tolist() for weight in self.network.weights],
            "layers": self.network.layers,
            "names": self.network.names,
            "trains": self.network.trains,
            "activation": self.network.activation,
            "x": self.x.ravel().tolist(),
            "y": [target.item() for target in self.task.targets],
            "features": list(self.features),
            "task": self.task.kind,
            "classes": self.task.classes,
            "loss": self.task.loss_in_words,
            "colours": COLOURS,
        }

    def _still(self) -> str:
        """The data as an SVG, for pages in which nothing can train."""
        shown = slice(None, None, -(-len(self.x) // MOST_POINTS))
        points = self.x[:, self.features][shown]
        (left, bottom), (right, top) = points.min(axis=0), points.max(axis=0)
        across, up = markup.Axis(left, right, 30.0, 390.0), markup.Axis(bottom, top, 300.0, 50.0)
        parts = [markup.element("rect", width=420, height=330, fill="#ffffff"), markup.text(16, 26, self._in_words())]
        for (x, y), colour in zip(points, self.task.colours()[shown], strict=True):
            parts.append(markup.element("circle", cx=across(x), cy=up(y), r=3, fill=colour))
        return markup.document(420, 330, "Playground", self._in_words(), parts, font_family="sans-serif", font_size=13)

    def _in_words(self) -> str:
        sizes = " → ".join(map(str, self.network.sizes))
        return f"{sizes} on {len(self.x):,} samples; it trains where scripts run"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        frame = f'width="100%" height="{HEIGHT}" style="border:0" title="A network in training"'
        page = f'<iframe srcdoc="{characters.xml_text(self.html)}" {frame}></iframe>'
        return {"text/html": markup.with_still(page, self._still(), self._in_words()), "text/plain": repr(self)}

    def __repr__(self) -> str:
        shape = characters.encodable(" → ".join(map(str, self.network.sizes)))
        return f"<Playground of {shape} on {len(self.x):,} samples; .save('page.html') writes it>"


class Network:
    """What the page knows of a model: its layers, each with its weights and activation."""

    def __init__(self, model: Module) -> None:
        if type(model) is MLP:
            model = model.to_tensors()
        self.linears: list[Linear] = []
        after: list[list[Module]] = []
        for module in _flattened(model):
            if isinstance(module, Linear):
                self.linears.append(module)
                after.append([])
            else:
                after[-1].append(module)
        *self.hidden, self.head = after
        self.sizes = [self.linears[0].in_features, *[linear.out_features for linear in self.linears]]
        parameters = [dict(linear.named_parameters()) for linear in self.linears]
        self.names = [[*named] for named in parameters]
        self.weights = [np.array(p.data, float) for named in parameters for p in named.values()]
        self.trains = [bool(p.requires_grad) for named in parameters for p in named.values()]
        self.layers = [f"Linear({n} → {m})" for n, m in pairwise(self.sizes)]
        _check_size(self.sizes, sum(weight.size for weight in self.weights))
        self.choices, self.activation = self._choices()

    def _choices(self) -> tuple[dict[str, list[list[Module]]], str]:
        """The modules after each hidden layer for each activation that can be chosen, and the name of the model's."""
        if not self.hidden:
            return {"linear": []}, "linear"
        choices: dict[str, list[list[Module]]] = {
            name: [[] if kind is None else [kind()] for _ in self.hidden] for name, kind in ACTIVATIONS.items()
        }
        for name, modules in choices.items():
            if repr(modules) == repr(self.hidden):
                return choices, name
        return {"as given": self.hidden, **choices}, "as given"

    def forward(self, weights: Sequence[Any], x: Any, hidden: Sequence[Sequence[Module]]) -> list[Any]:
        """The outputs of all layers for one sample."""
        outputs, given = [], iter(weights)
        for linear, names, after in zip(self.linears, self.names, [*hidden, self.head], strict=True):
            x = functional_call(linear, {name: next(given) for name in names}, x)
            for module in after:
                x = module(x)
            outputs.append(x)
        return outputs

    def loss_of(self, task: Task, hidden: Sequence[Sequence[Module]]) -> Callable[..., Any]:
        """The loss of a sample as a function of the weights."""

        def loss(weights: Sequence[Any], x: Any, y: Any) -> Any:
            return task.loss(self.forward(weights, x, hidden)[-1], y)

        return loss

    def outputs_of(self, task: Task, hidden: Sequence[Sequence[Module]]) -> Callable[..., Any]:
        """The outputs of all layers for a sample, what is predicted, and the loss, as a function of the weights."""

        def outputs(weights: Sequence[Any], x: Any, y: Any) -> list[Any]:
            found = self.forward(weights, x, hidden)
            return [*found, task.predicted(found[-1]), task.loss(found[-1], y)]

        return outputs


class Task:
    """What a network learns: classes by scores, two classes by one logit or probability, or numbers."""

    def __init__(self, y: Numbers, network: Network, count: int) -> None:
        targets = _targets(y, count)
        outputs = network.sizes[-1]
        self.classes: list[str] = []
        if targets.dtype.kind == "f":
            self.kind = "number"
            self.targets = targets
            if outputs != 1:
                raise ValueError(
                    f"y holds floats, which one output predicts, and the model has {outputs}; labels of classes are "
                    "integers or strings: y.astype(int)"
                )
        else:
            known, self.targets = np.unique(targets, return_inverse=True)
            self.kind = "classes" if outputs > 1 else "two"
            self._name_classes(known, outputs)
            if self.kind == "two":
                self.targets = self.targets.astype(float)
        self.has_probability = self.kind == "two" and [type(module) for module in network.head] == [Sigmoid]

    def _name_classes(self, known: Array, outputs: int) -> None:
        """Labels from 0 to outputs - 1 are the numbers of scores, others are the scores' names in their order."""
        count = max(outputs, 2)
        if known.dtype.kind in "iu" and known.min() >= 0 and known.max() < count:
            known, self.targets = np.arange(count), known[self.targets]
        if len(known) != count:
            scores = "one score, for two classes" if outputs == 1 else f"{outputs} scores, one for each class"
            raise ValueError(f"the model returns {scores}, and y has {len(known)}: {_listed(known)}")
        if count > MOST_CLASSES:
            raise ValueError(f"playground shows up to {MOST_CLASSES} classes, and the model has {count}")
        self.classes = [str(name) for name in known.tolist()]

    def colours(self) -> list[str]:
        """A colour for each target: that of its class, or between blue for the smallest number and orange."""
        if self.kind != "number":
            return [COLOURS[int(target)] for target in self.targets]
        share = markup.Axis(self.targets.min(), self.targets.max(), 0.0, 1.0)
        return [markup.blend(*COLOURS[:2], share(target)) for target in self.targets]

    @property
    def loss_in_words(self) -> str:
        """The name of the loss."""
        return {"classes": "cross-entropy", "two": "binary cross-entropy", "number": "mean squared error"}[self.kind]

    def loss(self, output: Any, y: Any) -> Any:
        """The loss of a sample."""
        if self.kind == "classes":
            return losses.cross_entropy(output, y)
        if self.kind == "number":
            return losses.mse_loss(output[0], y)
        if self.has_probability:
            return losses.binary_cross_entropy(output[0], y)
        return losses.binary_cross_entropy_with_logits(output[0], y)

    def predicted(self, output: Any) -> Any:
        """What the page draws of an output: probabilities, or the number itself."""
        if self.kind == "classes":
            return softmax(output)
        return output if self.kind == "number" or self.has_probability else sigmoid(output)


PENALTIES: dict[str, Callable[..., Any]] = {
    "L1": lambda weights, strength: strength * losses.l1_penalty(weights),
    "L2": lambda weights, strength: strength * losses.l2_penalty(weights),
}


def playground(
    model: MLP | Sequential, x: Numbers, y: Numbers | Sequence[str], *, features: tuple[int, int] | None = None
) -> Playground:
    """A page in which a network trains on your data: its decision surface, its neurons, its loss and gradients, live.

    The page starts from the weights that the model has now, and leaves the model alone. In it the rate, the size of
    batches, the activation and a penalty can be chosen; a click on a weight shows its gradient. It computes what the
    engine computes with `SGD`, from programs that `jit` records. Everything is inside the page.

    Args:
        model: an `MLP`, or a `Sequential` of `Linear` layers and activations, with up to 5,000 weights and 64 units a
            layer.
        x: up to 5,000 samples of shape (samples, features).
        y: a target for each sample. Labels (integers, bools or strings) are classes, for which the model returns a
            score each, or, for two, one logit, or one probability by a last `Sigmoid`: the loss is the cross-entropy.
            Floats are numbers, which one output predicts: the loss is the mean squared error.
        features: the two features that the picture of the decision surface spans; all others have their mean in it.
            Needed if there are more than two.

    Raises:
        TypeError: the model has other modules, such as `Conv2d` or `Dropout`, or x are no numbers.
        ValueError: the shapes do not fit, or something is larger than the page can show.

    Example:
        >>> import nn
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=(100, 2))
        >>> nn.playground(nn.MLP(2, [8, 1], activation="tanh"), x, x[:, 0] * x[:, 1] > 0)
        <Playground of 2 → 8 → 1 on 100 samples; .save('page.html') writes it>
    """
    network = Network(model)
    samples = _samples(x, network.sizes[0])
    return Playground(network, Task(y, network, len(samples)), samples, _features(features, network.sizes[0]))


def _flattened(model: Any) -> list[Module]:
    """The modules of a Sequential, one after the other."""
    if type(model) is not Sequential:
        got = f"{type(model).__name__}" + ("" if isinstance(model, Module) else f": {model!r}")
        raise TypeError(f"{SHOWN}, got {got}")
    modules: list[Module] = []
    for place, module in enumerate(model):
        if type(module) is Sequential:
            modules += _flattened(module)
        elif type(module) is Linear or (isinstance(module, Elementwise) and not list(module.parameters())):
            modules.append(module)
        else:
            raise TypeError(f"{SHOWN}; module {place} is {module!r}: leave it out, or put one of these in its place")
    linears = [id(module) for module in modules if type(module) is Linear]
    if not modules or id(modules[0]) not in linears:
        raise ValueError("playground: the model begins with a Linear layer")
    if len(set(linears)) < len(linears):
        raise ValueError("playground: a layer occurs twice in the model; make a layer of its own for each place")
    return modules


def _check_size(sizes: Sequence[int], weights: int) -> None:
    if weights > MOST_WEIGHTS:
        raise ValueError(f"playground trains up to {MOST_WEIGHTS:,} weights in a page, and the model has {weights:,}")
    if max(sizes) > MOST_UNITS:
        raise ValueError(f"playground draws up to {MOST_UNITS} units a layer, and the model has one of {max(sizes):,}")


def _samples(x: Numbers, features: int) -> Array:
    """The samples as floats."""
    samples = as_array(x)
    if samples.dtype.kind not in "biuf":
        raise TypeError(f"x: expected numbers, got an array of {samples.dtype}")
    if samples.ndim != 2 or samples.shape[1] != features or not len(samples):
        raise ValueError(f"x: expected the shape (samples, {features}), as the model takes it, got {samples.shape}")
    if len(samples) > MOST_SAMPLES:
        raise ValueError(
            f"playground trains on up to {MOST_SAMPLES:,} samples in a page, and x has {len(samples):,}: choose some, "
            f"x[:{MOST_SAMPLES}]"
        )
    samples = samples.astype(float)
    if not np.isfinite(samples).all():
        raise ValueError("x: nan or inf among the samples")
    return samples


def _targets(y: Any, count: int) -> Array:
    """One target for each sample: strings, integers or floats."""
    targets = as_array(y)
    if targets.shape not in ((count,), (count, 1)):
        remedy = "; for one-hot rows, y.argmax(axis=1)" if targets.ndim == 2 and len(targets) == count else ""
        raise ValueError(f"y: expected one target for each of {count:,} samples, got shape {targets.shape}{remedy}")
    targets = targets.ravel()
    if targets.dtype.kind == "O":
        targets = targets.astype(str)
    if targets.dtype.kind == "f" and not np.isfinite(targets).all():
        raise ValueError("y: nan or inf among the targets")
    if targets.dtype.kind not in "biufU":
        raise TypeError(f"y: expected labels or numbers, got an array of {targets.dtype}")
    return targets.astype(float) if targets.dtype.kind == "f" else targets


def _features(features: Any, count: int) -> tuple[int, int]:
    """The two features that the picture spans."""
    if count < 2:
        raise ValueError("playground draws a surface over two features, and the model takes one")
    if features is None:
        if count > 2:
            raise ValueError(
                f"the model takes {count} features: choose the two that the picture spans, features=(0, 1); all others "
                "have their mean in it"
            )
        return 0, 1
    chosen = tuple(features) if isinstance(features, tuple | list) else ()
    are_places = all(isinstance(f, int | np.integer) and 0 <= f < count for f in chosen)
    if len(chosen) != 2 or not are_places or chosen[0] == chosen[1]:
        raise ValueError(f"features: expected two different numbers from 0 to {count - 1}, got {features!r}")
    return int(chosen[0]), int(chosen[1])


def _recorded(function: Callable[..., Any], *arguments: Any) -> Program:
    """The program of a call, whatever mode the caller has switched on."""
    jitted = jit(function)
    Context().run(jitted, *arguments)
    return jitted.programs[0]


def _function(program: Program) -> str:
    """A program as a JavaScript function of its inputs; what it captures, such as the seed of a sweep, is fixed."""
    captured = ", ".join(str(float(leaf.read())) for leaf in program.captured)
    count = len(program.inputs)
    inputs = ", ".join(f"x{place}" for place in range(count))
    called = ", ".join([inputs] * bool(count) + [captured] * bool(captured))
    return f"(f => ({inputs}) => f({called}))({program.javascript()})"


def _listed(names: Array) -> str:
    shown = ", ".join(repr(name) for name in names[:10].tolist())
    return shown + (", …" if len(names) > 10 else "")


def _file(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
