"""Warnings about gradient flow: thresholds, the numbers that are compared with them, causes, and remedies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite, sqrt
from statistics import median

from autograd.view.flow_record import DEAD_AFTER, RECTIFIERS, TANH_LIMIT, LayerRecord, ParameterRecord

WINDOW = 10
"""Most numbers are medians over so many recorded steps, the first or the last: one odd batch is nobody's fault."""

ACCUMULATING = 1.0
"""A gradient that is never cleared grows by at least this many sweeps per step; several sweeps in a step are fine."""
VANISHING = 1e-3
"""A layer whose gradient is this small relative to that of a later one learns a thousand times as slowly."""
EXPLODING = 1e2
"""A gradient this many times as long as the parameters replaces them in one step at a learning rate of 0.01."""
HARMFUL = 0.1
"""The share of the parameters' length that a step may have whatever the gradient."""
DEAD = 0.4
"""The share of dead units that too high a learning rate can cause (Stanford's CS231n, "Neural Networks 1")."""
SATURATED = 0.5
"""The share of saturated outputs of a layer before the last; the output layer may be saturated where it is right."""
ENOUGH = 100
"""Of fewer outputs the share says little: of one sample, two of three units may well be saturated."""
UNSCALED = 10.0
"""The size of inputs beyond which they are a cause: standardised inputs have a root mean square of 1."""

REPLACED, THROWN = 2.0, 10.0
"""An update twice as long as the weights is too large if they become `GROWN` times as long; ten times in any case."""
GROWN = 4.0
UPDATE_TOO_LARGE = 10**-0.5
"""A third of the weights in a usual step."""
NATURAL_SHARE = 1 / 3
"""Of the length that LeCun's first weights have, so that weights that start near zero may grow."""
UPDATE_TOO_SMALL = -6.0
"""The update:data ratio, log10: a millionth."""
SETTLED = 3
"""Whether anything moves, or lasts, is judged over this many recorded steps: weights that start at zero need some."""

ROUNDING = 1e-6
"""Relative to their length, equal units differ by less than this: in float32 each is rounded in its own way."""

SQUASHING = {"sigmoid", "tanh"}


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
    remedy: str
    """What usually helps a network with these activations."""

    def __str__(self) -> str:
        return f"{self.kind} in {self.layer}: {self.message}. {self.remedy}"


def warnings_of(layers: list[LayerRecord], steps: list[int]) -> list[FlowWarning]:
    """What is wrong with the network, by its causes.

    What a cause explains is not warned of: a learning rate that is too large kills units, units that are dead let no
    gradient through, and without a gradient there are no updates.
    """
    if not steps:
        return []
    found = [*_accumulating(layers, steps)]
    if equal := next(_equal_weights(layers, steps), None):
        return [*found, equal]
    found += _cut_off(layers, steps)
    consequences = [*_nan_inputs(layers, steps)] or [*_unstable(layers, steps)] or [*_starved(layers, steps)]
    return found + consequences


def _unstable(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """The cause of numbers that grow without bound; else where the first of them was nan or inf."""
    candidates = (
        _exploding_at_first(layers, steps),
        _too_large(layers, steps),
        _not_finite(layers, steps),
        _exploding(layers, steps),
    )
    cause = next((warning for candidate in candidates for warning in candidate), None)
    if cause is not None:
        yield next(_unscaled(layers, steps), cause) if cause.kind != "nan or inf" else cause


def _starved(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """The cause of a gradient that does not arrive: of several, the one that was there first."""
    for judge in (_saturated_at_first, _vanishing_at_first, _dead, _saturated, _vanishing, _too_small):
        found = [*judge(layers, steps)]
        if found:
            unscaled = [] if judge is _too_small else [*_unscaled(layers, steps)]
            yield from unscaled or found
            return


def recent(numbers: Sequence[float | None]) -> float | None:
    """The median over the last recorded steps that have a number."""
    return _median(numbers[-WINDOW:])


def _median(numbers: Sequence[float | None]) -> float | None:
    found = [x for x in numbers if x is not None]
    return median(found) if found else None


def _activations(layers: list[LayerRecord]) -> set[str]:
    return {layer.function for layer in layers if layer.function}


def _weights(layers: list[LayerRecord]) -> list[ParameterRecord]:
    return [parameter for layer in layers for parameter in layer.parameters if parameter.is_weight]


def _more(found: int) -> str:
    """How many layers have passed a threshold, if the worst is not the only one."""
    return f", passed by {found} layers" if found > 1 else ""


# What the program does not do


def _accumulating(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """The first layer that learns and whose gradient accumulates more sweeps in every step."""
    for layer in layers:
        for parameter in layer.parameters:
            if len(steps) < 2 or (len(steps) >= SETTLED and not any(parameter.update_norm)):
                continue
            before, now = parameter.sweeps[-2:]
            growth = (now - before) / (steps[-1] - steps[-2])
            is_cleared = any(later <= earlier for earlier, later in pairwise(parameter.sweeps[-WINDOW:]))
            if before and growth >= ACCUMULATING and not is_cleared:
                message = (
                    f"it was a sum over {before} sweeps at step {steps[-2]}, over {now} at step {steps[-1]}: "
                    f"{growth:g} more in each step (threshold {ACCUMULATING:g})"
                )
                remedy = "Call optimizer.zero_grad() in each step."
                yield FlowWarning("gradient only accumulates", layer.name, growth, ACCUMULATING, message, remedy)
                return


def _cut_off(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """Layers that no gradient reaches, although it reaches others; and those that the optimizer does not move."""
    trained = [layer for layer in layers if layer.parameters]
    if len(steps) < 2 and not any(layer.gradient_norm[-1] is None for layer in trained):
        return
    reached = [layer for layer in trained if any(layer.gradient_norm)]
    for why, those in _without_gradient(layers, trained, steps).items():
        if those and reached:
            yield _cut(those, 0.0, *CUT_OFF[why])
    still = [
        layer
        for layer in reached
        if len(steps) >= SETTLED and not any(x for p in layer.parameters for x in p.update_norm)
    ]
    if still:
        yield _cut(still, 0.0, *CUT_OFF["still" if len(still) < len(reached) else "all still"])


CUT_OFF = {
    "unused": ("it is not called in a training step", "Use it in forward, or remove it."),
    "detached": (
        "it is called, but no gradient has reached it",
        "Look between it and the loss for detach(), .data, no_grad() and conversions to NumPy.",
    ),
    "zero": (
        "its gradient is exactly zero",
        "Look between it and the loss for a multiplication by zero, and for results that are never used.",
    ),
    "still": (
        "it has a gradient, but its parameters do not move",
        "Give all parameters to the optimizer: optimizer = SGD(model.parameters(), lr).",
    ),
    "all still": (
        "no parameter of the model moves",
        "Call optimizer.step() before flow.step(), and give the optimizer model.parameters() with a rate above zero.",
    ),
}
"""Why a layer does not learn at all, and what to do about it."""


def _without_gradient(
    layers: list[LayerRecord], trained: list[LayerRecord], steps: list[int]
) -> dict[str, list[LayerRecord]]:
    found: dict[str, list[LayerRecord]] = {"unused": [], "detached": [], "zero": []}
    is_explained = any(_is_silent(layer) for layer in layers)
    for layer in trained:
        if all(norm is None for norm in layer.gradient_norm):
            found["detached" if any(layer.calls) else "unused"].append(layer)
        elif len(steps) > 1 and not any(layer.gradient_norm) and not is_explained:
            found["zero"].append(layer)
    return found


def _is_silent(layer: LayerRecord) -> bool:
    """Whether a layer of units explains that gradients before it are exactly zero: all are off, or saturated."""
    size = layer.output_size[-1] if layer.output_size else None
    if layer.function in RECTIFIERS:
        return size == 0.0 or _latest(layer.dead) >= DEAD
    return _latest(layer.saturated) > SATURATED


def _cut(found: list[LayerRecord], number: float, why: str, remedy: str) -> FlowWarning:
    others = f", as of {len(found) - 1} more" if len(found) > 1 else ""
    return FlowWarning("cut off", found[0].name, number, 0.0, f"{why}{others} (threshold 0)", remedy)


def _latest(shares: Sequence[float | None]) -> float:
    """The last share that is known; 0 if none is."""
    return next((share for share in reversed(shares) if share is not None), 0.0)


def _equal_weights(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """The first hidden layer whose units all have the same weights, still after the step, but for rounding."""
    hidden = _weights(layers)[:-1]
    found = [(_apart(p, -1), p) for p in hidden if _apart(p, 0) <= ROUNDING and _apart(p, -1) <= ROUNDING]
    if found:
        number, equal = found[0]
        layer = next(layer for layer in layers if equal in layer.parameters)
        message = (
            "all of its units have the same weights, so they compute and learn the same "
            f"(they differ by {number:.2g} of their length, threshold {ROUNDING:g}{_more(len(found))})"
        )
        remedy = "Start from random weights: those of nn.Linear, nn.init.kaiming_normal_ or nn.init.xavier_normal_."
        yield FlowWarning("equal weights", layer.name, number, ROUNDING, message, remedy)


def _apart(parameter: ParameterRecord, index: int) -> float:
    """How far apart its units are, relative to the length of one."""
    spread = parameter.unit_spread[index]
    if not spread:
        return inf if spread is None else 0.0
    length = parameter.norm[index] / sqrt(parameter.units)
    return spread / length if length else inf


# What grows without bound


def _nan_inputs(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """The first layer that reads nan or inf, if its inputs had them before any other number."""
    for index, step in enumerate(steps):
        for layer in layers:
            size = layer.input_size[index]
            if size is not None and not isfinite(size):
                message = f"the inputs of the network contain nan or inf at step {step} (threshold 0)"
                remedy = "Find and replace them in the data: np.isfinite(x).all()."
                yield FlowWarning("nan or inf", layer.name, size, 0.0, message, remedy)
                return
        if any(_breaks(layer, index) for layer in layers):
            return


def _breaks(layer: LayerRecord, index: int) -> bool:
    """Whether an output or a gradient is nan or inf in a recorded step."""
    outputs = layer.activations[index]
    norm = layer.gradient_norm[index] if layer.parameters else None
    return bool(outputs and outputs.not_finite) or (norm is not None and not isfinite(norm))


def _not_finite(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """Outputs in the order of the forward pass; then gradients in that of the backward pass."""
    remedy = (
        "Lower the learning rate, clip the gradients (clip_grad_norm_), look for log, sqrt and divisions of zero; "
        "detect_anomaly() names the operation."
    )
    for index, step in enumerate(steps):
        for layer in layers:
            outputs = layer.activations[index]
            if outputs and outputs.not_finite:
                message = f"{outputs.not_finite} of its outputs were not finite at step {step} (threshold 0)"
                yield FlowWarning("nan or inf", layer.name, outputs.not_finite, 0, message, remedy)
        for layer in reversed(layers):
            norm = layer.gradient_norm[index] if layer.parameters else None
            if norm is not None and not isfinite(norm):
                message = f"its gradient norm was {norm} at step {step} (threshold: a finite number)"
                yield FlowWarning("nan or inf", layer.name, norm, 0, message, remedy)


def _exploding_at_first(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """The same before the first step, when no learning rate has done any harm."""
    yield from _exploding(layers, steps[:1])


def _exploding(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """The layer whose gradient is longest relative to its parameters, if that does harm."""
    count = len(steps)
    lengths = [
        (norm / max(1.0, recent(layer.parameter_norm[:count]) or 0.0), layer)
        for layer in layers
        if (norm := recent(layer.gradient_norm[:count])) is not None
    ]
    found = [(length, layer.name) for length, layer in lengths if length > EXPLODING]
    if found and (_grows(layers) or any(_moves(layer, count) for length, layer in lengths if length > EXPLODING)):
        length, name = max(found)
        when = "was, before the first step, " if count == 1 else "is "
        message = (
            f"its gradient {when}{length:.3g} times as long as its parameters "
            f"(threshold {EXPLODING:g}{_more(len(found))})"
        )
        start = "Xavier" if _activations(layers) & SQUASHING else "He"
        remedy = f"Use {start} initialisation, standardised inputs and targets, normalisation, or clip_grad_norm_."
        yield FlowWarning("exploding gradient", name, length, EXPLODING, message, remedy)


def _grows(layers: list[LayerRecord]) -> bool:
    """Whether outputs were far larger than inputs at first: a large gradient may also be a sum over samples."""
    sizes = [layer.output_size[0] for layer in layers if layer.output_size[0] is not None]
    read = [layer.input_size[0] for layer in layers if layer.input_size[0] is not None]
    return bool(sizes) and not max(sizes) <= EXPLODING * max([1.0, *read])


def _moves(layer: LayerRecord, count: int) -> bool:
    """Whether steps with that gradient were a tenth as long as its weights."""
    updates = [recent(p.update_norm[:count]) for p in layer.parameters]
    return sqrt(sum(x * x for x in updates if x)) > HARMFUL * (recent(layer.parameter_norm[:count]) or 0.0)


def _unscaled(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """The layer that reads the largest inputs of the network, unless it normalises them."""
    sizes = [
        (size, layer.name)
        for layer in layers
        if layer.parameters and "Norm" not in layer.kind and "Embedding" not in layer.kind
        if (size := layer.input_size[0]) is not None and size > UNSCALED
    ]
    if sizes:
        size, name = max(sizes)
        message = (
            f"the root mean square of the inputs is {size:.3g} (threshold {UNSCALED:g}, of standardised ones it is 1)"
        )
        remedy = "Standardise the inputs: subtract their mean, and divide by their standard deviation."
        yield FlowWarning("unscaled inputs", name, size, UNSCALED, message, remedy)


def _too_large(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """The weights that an update has thrown, or made grow; or that move too far in a usual step."""
    judged = [(number, threshold, p.name) for p in _weights(layers) for number, threshold in _large_updates(p)]
    if judged:
        number, threshold, name = max(judged)
        message = (
            f"an update was {number:.2g} times as long as the weights (threshold {threshold:.2g}, usual is about 0.001)"
        )
        remedy = "Use a learning rate a tenth as large, or less."
        yield FlowWarning("learning rate too large", name, number, threshold, message, remedy)


def _large_updates(parameter: ParameterRecord) -> Iterator[tuple[float, float]]:
    """The relative length of an update and the threshold that it passes, for each threshold that is passed."""
    natural = NATURAL_SHARE * sqrt(parameter.units)
    lengths = [max(norm, natural) for norm in parameter.norm]
    updates = [
        update / length if isfinite(update) else 0.0  # nan or inf was there before: the first of them is the cause
        for update, length in zip(parameter.update_norm, lengths, strict=True)
    ]
    largest = max(updates, default=0.0)
    after = [length if isfinite(length) else inf for length in lengths]
    if largest > THROWN:
        yield largest, THROWN
    elif largest > REPLACED and max(after) > GROWN * lengths[0]:
        yield largest, REPLACED
    elif len(updates) >= WINDOW and (usual := median(updates[-WINDOW:])) > UPDATE_TOO_LARGE:
        yield usual, UPDATE_TOO_LARGE


# What does not arrive


def _dead(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    remedy = "Use a smaller learning rate, He initialisation with biases of zero, or LeakyReLU."
    for layer in layers:
        share = _latest(layer.dead)
        if share >= DEAD:
            message = (
                f"{share:.0%} of its units were zero for at least {DEAD_AFTER} recorded samples in a row "
                f"(threshold {DEAD:.0%})"
            )
            yield FlowWarning("dead units", layer.name, share, DEAD, message, remedy)
            return  # the layers after it are dead because their inputs are constant


def _saturated_at_first(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    yield from _saturated(layers, steps[:1])


def _saturated(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    count = len(steps)
    last = max((index for index, layer in enumerate(layers) if layer.parameters), default=0)
    found = [
        (share, layer.name)
        for layer in layers[:last]
        if (share := recent(layer.saturated[:count])) is not None and share > SATURATED
        if sum(sum(h.counts) for h in layer.activations[:count][-WINDOW:] if h) >= ENOUGH
    ]
    if found:
        share, name = found[0]  # the others follow from it: their inputs are at the ends of its range
        message = (
            f"{share:.0%} of its outputs have less than {1 - TANH_LIMIT**2:.0%} of the largest derivative "
            f"(threshold {SATURATED:.0%}{_more(len(found))})"
        )
        remedy = "Use smaller first weights (Xavier initialisation), standardised inputs, normalisation, or ReLU."
        yield FlowWarning("saturated units", name, share, SATURATED, message, remedy)


def _vanishing(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """The layer whose gradient is smallest relative to the largest of the layers after it."""
    found = [*_small(layers, [recent(layer.gradient_norm) for layer in layers])]
    yield from _smallest(found, "is", layers)


def _vanishing_at_first(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """The same before the first step, if it lasted: a gradient that vanished there is not there for later steps."""
    lasting = _small(layers, [_median(layer.gradient_norm[:SETTLED]) for layer in layers])
    found = [*_small(layers, [next(iter(layer.gradient_norm), None) for layer in layers])]
    yield from _smallest(found if any(lasting) else [], "was, before the first step,", layers)


def _smallest(found: list[tuple[float, str, str]], when: str, layers: list[LayerRecord]) -> Iterator[FlowWarning]:
    if found:
        ratio, name, where = min(found)
        message = (
            f"its gradient norm {when} {ratio:.2g} times that of {where} (threshold {VANISHING:g}{_more(len(found))})"
        )
        yield FlowWarning("vanishing gradient", name, ratio, VANISHING, message, _against_vanishing(layers))


def _small(layers: list[LayerRecord], norms: list[float | None]) -> Iterator[tuple[float, str, str]]:
    """Gradients that are not zero, but small relative to a later one: the ratio, the layer, and the later one."""
    largest, where = 0.0, ""
    for layer, norm in zip(reversed(layers), reversed(norms), strict=True):
        if not norm:
            continue
        if norm < VANISHING * largest:
            yield norm / largest, layer.name, where
        largest, where = max((largest, where), (norm, layer.name))


def _against_vanishing(layers: list[LayerRecord]) -> str:
    functions = _activations(layers)
    squashing = sorted(functions & SQUASHING)
    if squashing:
        return (
            f"Use ReLU instead of {' and '.join(squashing)}, Xavier initialisation, normalisation, or skip connections."
        )
    start = "He initialisation" if functions else "He or Xavier initialisation"
    return f"Use {start}, normalisation, or skip connections."


def _too_small(layers: list[LayerRecord], steps: list[int]) -> Iterator[FlowWarning]:
    """The weights that have moved the furthest in any step, if even they have hardly moved."""
    ratios = [
        (max(moved), parameter.name)
        for parameter in _weights(layers)
        if len(moved := [x for x in parameter.update_ratio if x is not None and isfinite(x)]) >= SETTLED
    ]
    if ratios and max(ratios)[0] < UPDATE_TOO_SMALL:
        ratio, name = max(ratios)
        message = (
            f"log10 of update:data has been {ratio:.1f} at most, and of all other weights less "
            f"(threshold {UPDATE_TOO_SMALL:g}, usual is about -3)"
        )
        remedy = "Use a larger learning rate."
        yield FlowWarning("learning rate too small", name, ratio, UPDATE_TOO_SMALL, message, remedy)
