"""What is wrong with how gradients flow: thresholds, the numbers that are compared with them, and remedies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median

from autograd.view.flow_record import DEAD_AFTER, TANH_LIMIT, Layer

WINDOW = 10
"""Most of what is judged is the median of so many recorded steps: one odd batch is no fault of the network."""

ACCUMULATING = 1.0
"""By so many sweeps a gradient grows in each step if nobody clears it; several sweeps into one step are no fault."""
VANISHING = 1e-3
"""A layer whose gradient is this small beside that of a later one learns a thousand times as slowly."""
EXPLODING = 1e2
"""A gradient this long, in lengths of the parameters, replaces them all in one step at a learning rate of 0.01."""
DEAD = 0.4
"""The share of dead units that a learning rate set too high can cause (Stanford's CS231n, "Neural Networks 1")."""
SATURATED = 0.5
"""The share of saturated outputs in a layer that others follow; an output layer may well be sure of itself."""
TOO_LARGE, TOO_SMALL = -0.5, -6.0
"""The update:data ratio, log10: a third of the weights in one step, or a millionth."""
SETTLED = 3
"""From so many recorded steps on that ratio is judged: weights that begin at zero need some."""

REMEDIES = {
    "nan or inf": "Lower the learning rate, clip the gradients (clip_grad_norm_), look for nan in the data; "
    "under detect_anomaly() the operation is named.",
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
    """Something wrong: what, where, the number behind it, and the threshold that it has passed."""

    kind: str
    layer: str
    """The path of the layer, or of the parameter."""
    number: float
    threshold: float
    says: str
    """The number and the threshold in words."""

    @property
    def remedy(self) -> str:
        """What usually helps."""
        return REMEDIES[self.kind]

    def __str__(self) -> str:
        return f"{self.kind} in {self.layer}: {self.says}. {self.remedy}"


def warnings_of(layers: list[Layer], steps: list[int]) -> list[FlowWarning]:
    """All that is wrong with what was recorded last. Where numbers are nan or inf, only where they arose."""
    broken = next(_not_finite(layers, steps), None)
    if broken:
        return [broken]
    judged = (_accumulating(layers, steps), _vanishing(layers), _exploding(layers), _dead(layers), _saturated(layers))
    return [warning for found in (*judged, _updates(layers)) for warning in found]


def recent(numbers: Sequence[float | None]) -> float | None:
    """The median of the last recorded steps, of those that have a number."""
    found = [x for x in numbers[-WINDOW:] if x is not None]
    return median(found) if found else None


def _not_finite(layers: list[Layer], steps: list[int]) -> Iterator[FlowWarning]:
    """Outputs in the order in which they came about, forward; then gradients, backward."""
    for place, step in enumerate(steps):
        for layer in layers:
            outputs = layer.activations[place]
            if outputs and outputs.not_finite:
                says = f"{outputs.not_finite} of its outputs were, at step {step} (threshold: 0)"
                yield FlowWarning("nan or inf", layer.name, outputs.not_finite, 0, says)
        for layer in reversed(layers):
            norm = layer.gradient_norm[place] if layer.parameters else None
            if norm is not None and not isfinite(norm):
                says = f"its gradient norm was {norm} at step {step} (threshold: any number is finite)"
                yield FlowWarning("nan or inf", layer.name, norm, 0, says)


def _accumulating(layers: list[Layer], steps: list[int]) -> Iterator[FlowWarning]:
    """The first layer whose gradient holds more sweeps each time."""
    for layer in layers:
        for before, now in [parameter.sweeps[-2:] for parameter in layer.parameters if len(steps) > 1]:
            growth = (now - before) / (steps[-1] - steps[-2])
            if before and growth >= ACCUMULATING:
                says = (
                    f"it was a sum over {before} sweeps at step {steps[-2]}, over {now} at step {steps[-1]}: "
                    f"{growth:g} more in each step (threshold {ACCUMULATING:g})"
                )
                yield FlowWarning("gradient only accumulates", layer.name, growth, ACCUMULATING, says)
                return


def _vanishing(layers: list[Layer]) -> Iterator[FlowWarning]:
    """The layer whose gradient is smallest beside the largest of the layers after it."""
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
        says = f"its gradient norm is {ratio:.2g} times that of {where} (threshold {VANISHING:g}{_more(len(found))})"
        yield FlowWarning("vanishing gradient", name, ratio, VANISHING, says)


def _exploding(layers: list[Layer]) -> Iterator[FlowWarning]:
    """The layer whose gradient is longest beside its parameters."""
    lengths = [
        (norm / max(1.0, recent(layer.parameter_norm) or 0.0), layer.name)
        for layer in layers
        if (norm := recent(layer.gradient_norm)) is not None
    ]
    found = [(length, name) for length, name in lengths if length > EXPLODING]
    if found:
        length, name = max(found)
        says = (
            f"its gradient is {length:.3g} times as long as its parameters (threshold {EXPLODING:g}{_more(len(found))})"
        )
        yield FlowWarning("exploding gradient", name, length, EXPLODING, says)


def _more(found: int) -> str:
    """How many layers beside the worst have passed a threshold."""
    return f", passed by {found} layers" if found > 1 else ""


def _dead(layers: list[Layer]) -> Iterator[FlowWarning]:
    for layer in layers:
        share = next((share for share in reversed(layer.dead) if share is not None), 0.0)
        if share >= DEAD:
            says = (
                f"{share:.0%} of its units gave zero for at least {DEAD_AFTER} recorded samples in a row "
                f"(threshold {DEAD:.0%})"
            )
            yield FlowWarning("dead units", layer.name, share, DEAD, says)


def _saturated(layers: list[Layer]) -> Iterator[FlowWarning]:
    last = max((place for place, layer in enumerate(layers) if layer.parameters), default=0)
    for layer in layers[:last]:
        share = recent(layer.saturated)
        if share is not None and share > SATURATED:
            says = (
                f"{share:.0%} of its outputs leave less than {1 - TANH_LIMIT**2:.0%} of the largest derivative "
                f"(threshold {SATURATED:.0%})"
            )
            yield FlowWarning("saturated units", layer.name, share, SATURATED, says)


def _updates(layers: list[Layer]) -> Iterator[FlowWarning]:
    """The weights that move most, and those that move least."""
    ratios = [
        (ratio, parameter.name)
        for layer in layers
        for parameter in layer.parameters
        if parameter.is_weight and len(parameter.update_ratio) >= SETTLED
        if (ratio := recent(parameter.update_ratio)) is not None
    ]
    large, name = max(ratios, default=(TOO_LARGE, ""))
    if large > TOO_LARGE:
        yield FlowWarning("updates too large", name, large, TOO_LARGE, _ratio_says(large, TOO_LARGE))
    small, name = min(ratios, default=(TOO_SMALL, ""))
    if small < TOO_SMALL:
        yield FlowWarning("updates too small", name, small, TOO_SMALL, _ratio_says(small, TOO_SMALL))


def _ratio_says(ratio: float, threshold: float) -> str:
    return f"log10 of update:data is {ratio:.1f} (threshold {threshold:g}, usual is about -3)"
