"""Warnings about gradient flow: thresholds, the numbers that are compared with them, and remedies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median

from autograd.view.flow_record import DEAD_AFTER, TANH_LIMIT, LayerRecord

WINDOW = 10
"""Most numbers are medians over this many recorded steps: one odd batch is not the network's fault."""

ACCUMULATING = 1.0
"""A gradient that is never cleared grows by at least this many sweeps per step; several sweeps in a step are fine."""
VANISHING = 1e-3
"""A layer whose gradient is this small relative to that of a later one learns a thousand times as slowly."""
EXPLODING = 1e2
"""A gradient this many times as long as the parameters replaces them in one step at a learning rate of 0.01."""
DEAD = 0.4
"""The share of dead units that too high a learning rate can cause (Stanford's CS231n, "Neural Networks 1")."""
SATURATED = 0.5
"""The share of saturated outputs of a layer before the last; the output layer may be saturated where it is right."""
TOO_LARGE, TOO_SMALL = -0.5, -6.0
"""Limits of the update:data ratio, log10: a third of the weights in one step, and a millionth."""
SETTLED = 3
"""The ratio is judged from this many recorded steps on: weights that start at zero need some."""

REMEDIES = {
    "nan or inf": "Lower the learning rate, clip the gradients (clip_grad_norm_), look for nan in the data; "
    "detect_anomaly() names the operation.",
    "gradient only accumulates": "Call optimizer.zero_grad() in each step.",
    "vanishing gradient": "Use ReLU instead of sigmoid or tanh, He or Xavier initialisation, normalisation, or "
    "residual connections.",
    "exploding gradient": "Use He or Xavier initialisation, standardised inputs and targets, normalisation, or "
    "clip_grad_norm_.",
    "dead units": "Use a smaller learning rate, He initialisation with biases of zero, or LeakyReLU.",
    "saturated units": "Use smaller first weights (Xavier initialisation), standardised inputs, or ReLU.",
    "updates too large": "Use a smaller learning rate, or clip_grad_norm_.",
    "updates too small": "Use a larger learning rate, unless the network has learned what it can.",
}


@dataclass(frozen=True)
class FlowWarning:
    """A warning: its kind, its layer, the number behind it, and the threshold that it has passed."""

    kind: str
    layer: str
    """The path of the layer, or of the parameter."""
    number: float
    threshold: float
    message: str
    """The number and the threshold in words."""

    @property
    def remedy(self) -> str:
        """What usually helps."""
        return REMEDIES[self.kind]

    def __str__(self) -> str:
        return f"{self.kind} in {self.layer}: {self.message}. {self.remedy}"


def warnings_of(layers: list[LayerRecord], steps: list[int]) -> list[FlowWarning]:
    """All warnings about the last recorded steps. If any number is nan or inf, only where it first appeared."""
    broken = next(_not_finite(layers, steps), None)
    if broken:
        return [broken]
    judged = (_accumulating(layers, steps), _vanishing(layers), _exploding(layers), _dead(layers), _saturated(layers))
    return [warning for found in (*judged, _updates(layers)) for warning in found]


def recent(numbers: Sequence[float | None]) -> float | None:
    """The median over the last recorded steps that have a number."""
    found = [x for x in numbers[-WINDOW:] if x is not None]
    return median(found) if found else None


def _not_finite(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """Outputs in the order of the forward pass; then gradients in that of the backward pass."""
    for index, step in enumerate(steps):
        for layer in layers:
            outputs = layer.activations[index]
            if outputs and outputs.not_finite:
                message = f"{outputs.not_finite} of its outputs were not finite at step {step} (threshold 0)"
                yield FlowWarning("nan or inf", layer.name, outputs.not_finite, 0, message)
        for layer in reversed(layers):
            norm = layer.gradient_norm[index] if layer.parameters else None
            if norm is not None and not isfinite(norm):
                message = f"its gradient norm was {norm} at step {step} (threshold: a finite number)"
                yield FlowWarning("nan or inf", layer.name, norm, 0, message)


def _accumulating(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """The first layer whose gradient accumulates more sweeps in every step."""
    for layer in layers:
        for before, now in [parameter.sweeps[-2:] for parameter in layer.parameters if len(steps) > 1]:
            growth = (now - before) / (steps[-1] - steps[-2])
            if before and growth >= ACCUMULATING:
                message = (
                    f"it was a sum over {before} sweeps at step {steps[-2]}, over {now} at step {steps[-1]}: "
                    f"{growth:g} more in each step (threshold {ACCUMULATING:g})"
                )
                yield FlowWarning("gradient only accumulates", layer.name, growth, ACCUMULATING, message)
                return


def _vanishing(layers: list[LayerRecord]) -> Iterator[FlowWarning]:
    """The layer whose gradient is smallest relative to the largest of the layers after it."""
    found = []
    largest, where = 0.0, ""
    for layer in reversed(layers):
        norm = recent(layer.gradient_norm)
        if norm is None:
            continue
        if norm < VANISHING * largest:
            found.append((norm / largest, layer.name, where))
        largest, where = max((largest, where), (norm, layer.name))
    if found:
        ratio, name, where = min(found)
        message = f"its gradient norm is {ratio:.2g} times that of {where} (threshold {VANISHING:g}{_more(len(found))})"
        yield FlowWarning("vanishing gradient", name, ratio, VANISHING, message)


def _exploding(layers: list[LayerRecord]) -> Iterator[FlowWarning]:
    """The layer whose gradient is longest relative to its parameters."""
    lengths = [
        (norm / max(1.0, recent(layer.parameter_norm) or 0.0), layer.name)
        for layer in layers
        if (norm := recent(layer.gradient_norm)) is not None
    ]
    found = [(length, name) for length, name in lengths if length > EXPLODING]
    if found:
        length, name = max(found)
        message = (
            f"its gradient is {length:.3g} times as long as its parameters (threshold {EXPLODING:g}{_more(len(found))})"
        )
        yield FlowWarning("exploding gradient", name, length, EXPLODING, message)


def _more(found: int) -> str:
    """How many layers have passed a threshold, if the worst is not the only one."""
    return f", passed by {found} layers" if found > 1 else ""


def _dead(layers: list[LayerRecord]) -> Iterator[FlowWarning]:
    for layer in layers:
        share = next((share for share in reversed(layer.dead) if share is not None), 0.0)
        if share >= DEAD:
            message = (
                f"{share:.0%} of its units were zero for at least {DEAD_AFTER} recorded samples in a row "
                f"(threshold {DEAD:.0%})"
            )
            yield FlowWarning("dead units", layer.name, share, DEAD, message)


def _saturated(layers: list[LayerRecord]) -> Iterator[FlowWarning]:
    last = max((index for index, layer in enumerate(layers) if layer.parameters), default=0)
    for layer in layers[:last]:
        share = recent(layer.saturated)
        if share is not None and share > SATURATED:
            message = (
                f"{share:.0%} of its outputs have less than {1 - TANH_LIMIT**2:.0%} of the largest derivative "
                f"(threshold {SATURATED:.0%})"
            )
            yield FlowWarning("saturated units", layer.name, share, SATURATED, message)


def _updates(layers: list[LayerRecord]) -> Iterator[FlowWarning]:
    """The weights that move the most, and those that move the least."""
    ratios = [
        (ratio, parameter.name)
        for layer in layers
        for parameter in layer.parameters
        if parameter.is_weight and len(parameter.update_ratio) >= SETTLED
        if (ratio := recent(parameter.update_ratio)) is not None
    ]
    large, name = max(ratios, default=(TOO_LARGE, ""))
    if large > TOO_LARGE:
        yield FlowWarning("updates too large", name, large, TOO_LARGE, _ratio_message(large, TOO_LARGE))
    small, name = min(ratios, default=(TOO_SMALL, ""))
    if small < TOO_SMALL:
        yield FlowWarning("updates too small", name, small, TOO_SMALL, _ratio_message(small, TOO_SMALL))


def _ratio_message(ratio: float, threshold: float) -> str:
    return f"log10 of update:data is {ratio:.1f} (threshold {threshold:g}, usual is about -3)"
