"""Rules that know the curvature: Newton, Levenberg and Marquardt, L-BFGS. All parameters are one vector."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from math import sqrt
from typing import Any

import numpy as np

from autograd import Tensor, Value, enable_grad, no_grad, stack
from nn.optim.line_search import Trial, largest, strong_wolfe
from nn.optim.optimizer import Array, Closure, Optimizer, Options, Part, is_number, size


class _OfWhole(Optimizer):
    """Base of the rules that see all parameters as one vector, so there is one group only."""

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        if self.param_groups:
            raise ValueError(f"{type(self).__name__} moves all parameters as one vector: expected one group of them")
        super().add_param_group(param_group)

    def _vector(self, of_part: Callable[[Part], Any]) -> Array:
        pieces = [(part, of_part(part)) for part in self._parts[0]]
        return np.concatenate([np.zeros(size(part)) if x is None else np.ravel(x) for part, x in pieces], dtype=float)

    def _point(self) -> Array:
        return self._vector(lambda part: part.numbers())

    def _gradient(self) -> Array:
        return self._vector(lambda part: part.gradient())

    def _go_to(self, point: Array) -> None:
        for part, piece in self._split(point):
            part.place(piece)

    def _show_gradient(self, gradient: Array) -> None:
        for part, piece in self._split(gradient):
            part.place_gradient(piece)

    def _split(self, vector: Array) -> Iterator[tuple[Part, Array]]:
        first = 0
        for part in self._parts[0]:
            yield part, vector[first : first + size(part)].reshape(part.shape)
            first += size(part)

    def _gradients_on_tape(self, output: Any, adjoint: Any = None) -> Iterator[tuple[Any, Array | None]]:
        """The gradient by each number of the vector: a node that can be swept, and the adjoint to sweep it from."""
        self.zero_grad()
        output.backward(adjoint, create_graph=True)
        gradients = [p.grad for part in self._parts[0] for p in part.parameters]
        shapes = [np.shape(p.data) for part in self._parts[0] for p in part.parameters]
        self.zero_grad()
        for gradient, shape in zip(gradients, shapes, strict=True):
            for entry in range(int(np.prod(shape, dtype=int))):
                chosen = np.zeros(shape)
                chosen.flat[entry] = 1.0
                tracked = isinstance(gradient, Tensor | Value) and gradient.requires_grad
                yield (gradient if tracked else None), (chosen if isinstance(gradient, Tensor) else None)

    @contextmanager
    def _back_if_raised(self) -> Iterator[Array]:
        """Gives the point where the parameters are, and takes them back there if anything is raised."""
        start = self._point()
        try:
            yield start
        except BaseException:
            self._go_to(start)
            raise


class Newton(_OfWhole):
    """Newton's method: goes to where the gradient of the quadratic model vanishes, p - lr · (H + damping · 1)⁻¹ g.

    The Hessian H comes from the tape, one sweep of the gradient for each number of the parameters (as `hvp` does it):
    for small problems. Without damping it goes to the next stationary point, be it a saddle or a maximum.

    Example:
        >>> from autograd import Value
        >>> x, y = Value(4.0), Value(-3.0)
        >>> optimiser = Newton([x, y])
        >>> loss = optimiser.step(lambda: x * x + x * y + 2.0 * y * y)
        >>> x.data, y.data
        (0.0, 0.0)
    """

    def __init__(self, params: Iterable[Any], lr: float = 1.0, damping: float = 0.0) -> None:
        super().__init__(params, {"lr": lr, "damping": damping})

    def step(self, closure: Closure | None = None) -> Any:
        """Moves the parameters.

        Args:
            closure: computes the loss and returns it; no `backward()` is needed.

        Returns:
            The loss before the step. The gradient there is left in the parameters' `grad`.

        Raises:
            numpy.linalg.LinAlgError: the Hessian is singular; nothing is changed then.
            FloatingPointError: nan or inf in a derivative; nothing is changed then.
        """
        loss = _called(self, closure)
        point, group = self._point(), self.param_groups[0]
        rows = [self._row(gradient, chosen) for gradient, chosen in self._gradients_on_tape(loss)]
        self.zero_grad()
        loss.backward()
        gradient = self._gradient()
        hessian = np.array(rows) + group["damping"] * np.eye(len(point))
        if not (np.isfinite(hessian).all() and np.isfinite(gradient).all()):
            raise FloatingPointError("Newton: the gradient or the Hessian of the loss has nan or inf in it")
        try:
            step = np.linalg.solve(hessian, gradient)
        except np.linalg.LinAlgError:
            raise np.linalg.LinAlgError("Newton: the Hessian is singular; a positive damping helps") from None
        self._go_to(point - group["lr"] * step)
        return loss

    def _row(self, gradient: Any, chosen: Array | None) -> Array:
        """A row of the Hessian."""
        self.zero_grad()
        if gradient is not None:
            gradient.backward(chosen)
        return self._gradient()


SMALLEST_DAMPING = 1e-30


class LevenbergMarquardt(_OfWhole):
    """Damped Gauss-Newton for least squares: p + δ with (JᵀJ + damping · 1) δ = -Jᵀr, for residuals r.

    A step that does not make Σr² smaller is taken back and tried again with ten times the damping; after one that
    does, the damping is a tenth (K. Levenberg, 1944; D. W. Marquardt, 1963). The Jacobian J comes from the tape.

    Example:
        >>> from autograd import Value
        >>> slope, offset = Value(0.0), Value(0.0)
        >>> optimiser = LevenbergMarquardt([slope, offset])
        >>> for _ in range(5):
        ...     loss = optimiser.step(lambda: [slope * x + offset - y for x, y in [(0, 1), (1, 3), (2, 5)]])
        >>> round(slope.data, 6), round(offset.data, 6)
        (2.0, 1.0)
    """

    TRIES = 20

    def __init__(self, params: Iterable[Any], damping: float = 1e-3, factor: float = 10.0) -> None:
        super().__init__(params, {"damping": damping, "factor": factor})

    def _check_group(self, options: Options) -> None:
        if not options["damping"] > 0:
            raise ValueError(f"damping: expected a positive number, got {options['damping']!r}")
        if not (is_number(options["factor"]) and options["factor"] > 1):
            raise ValueError(f"factor: expected a number above 1, got {options['factor']!r}")

    def step(self, closure: Closure | None = None) -> float:
        """Moves the parameters, unless no try makes Σr² smaller.

        Args:
            closure: computes the residuals and returns them, as a Tensor or a list of Values.

        Returns:
            Σr²/2 before the step. Its gradient is left in the parameters' `grad`.

        Raises:
            FloatingPointError: nan or inf in the residuals or their derivatives; nothing is changed then.
        """
        with enable_grad():
            residuals = _residuals(_called(self, closure))
        r = residuals.data.astype(float)
        jacobian = self._jacobian(residuals)
        if not (np.isfinite(r).all() and np.isfinite(jacobian).all()):
            raise FloatingPointError("LevenbergMarquardt: the residuals or their derivatives have nan or inf in them")
        loss = float(r @ r) / 2
        with self._back_if_raised() as start:
            damping = self._better(start, closure, jacobian, r)
            if damping is None:
                self._go_to(start)
            else:
                self.param_groups[0]["damping"] = damping
        self._show_gradient(jacobian.T @ r)
        return loss

    def _better(self, start: Array, closure: Any, jacobian: Array, r: Array) -> float | None:
        """Goes to a better point and gives the damping for the next step; None if all tries are worse."""
        damping, factor = (self.param_groups[0][name] for name in ("damping", "factor"))
        goal = np.concatenate([-r, np.zeros(len(start))])
        for _ in range(self.TRIES):
            damped = np.vstack([jacobian, sqrt(damping) * np.eye(len(start))])
            self._go_to(start + np.linalg.lstsq(damped, goal)[0])
            with no_grad(), np.errstate(all="ignore"):
                there = _residuals(closure()).data.astype(float)
                if there @ there <= r @ r:
                    return max(float(damping / factor), SMALLEST_DAMPING)
            damping *= factor
        return None

    def _jacobian(self, residuals: Any) -> Array:
        """Jᵀu is linear in the adjoint u of the residuals, so the gradient of its entries by u are the columns of J."""
        adjoint = Tensor(np.zeros(residuals.shape, residuals.dtype))
        columns = []
        for column, chosen in self._gradients_on_tape(residuals, adjoint):
            adjoint.grad = None
            if column is not None:
                column.backward(chosen)
            columns.append(np.zeros(adjoint.shape) if adjoint.grad is None else adjoint.grad)
        return np.array(columns, float).T


def _called(optimiser: Optimizer, closure: Closure | None) -> Any:
    if closure is None:
        raise TypeError(f"{type(optimiser).__name__}.step takes a function that computes the loss, and calls it")
    with enable_grad():
        return closure()


def _residuals(given: Any) -> Any:
    """The residuals as one Tensor of one axis."""
    if isinstance(given, Value):
        given = [given]
    if not isinstance(given, Tensor) and not len(given):
        raise ValueError("residuals: there are none")
    return (given if isinstance(given, Tensor) else stack(list(given))).reshape(-1)


class LBFGS(_OfWhole):
    """Limited-memory BFGS: Newton's method by a model of the Hessian from the last steps and gradient differences.

    J. Nocedal, 1980; with `line_search_fn="strong_wolfe"` each step has a length after which the loss and its slope
    are smaller (J. Nocedal and S. J. Wright, Numerical Optimization, algorithms 3.5 and 3.6, with the safeguards of
    M. Schmidt's minFunc, as in PyTorch).

    Args:
        params: Values or Tensors.
        lr: the length of the first trial along each direction.
        max_iter: how many directions a call of `step` takes.
        max_eval: after how many evaluations of the loss it ends, also within a line search; 5/4 of `max_iter` unless
            given.
        tolerance_grad: it ends if no entry of the gradient is larger.
        tolerance_change: it ends if the parameters or the loss change by less.
        history_size: how many steps are remembered.
        line_search_fn: "strong_wolfe", or None for steps of length `lr`.

    Example:
        >>> from autograd import Value
        >>> x, y = Value(-1.0), Value(1.5)
        >>> optimiser = LBFGS([x, y], line_search_fn="strong_wolfe", max_iter=50)
        >>> def rosenbrock():
        ...     optimiser.zero_grad()
        ...     loss = (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2
        ...     loss.backward()
        ...     return loss
        >>> loss = optimiser.step(rosenbrock)
        >>> round(x.data, 4), round(y.data, 4)
        (1.0, 1.0)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        options = {"lr": lr, "max_iter": max_iter, "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval}
        options |= {"tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change}
        super().__init__(params, options | {"history_size": history_size, "line_search_fn": line_search_fn})
        self._memory: dict[str, Any] = {}

    def _check_group(self, options: Options) -> None:
        for name in ("max_iter", "max_eval", "history_size"):
            if not isinstance(options[name], int | np.integer) or options[name] < 1:
                raise ValueError(f"{name}: expected a whole number from 1 on, got {options[name]!r}")
        for name in ("tolerance_grad", "tolerance_change"):
            if not (is_number(options[name]) and options[name] >= 0):
                raise ValueError(f"{name}: expected a number of at least 0, got {options[name]!r}")
        if options["line_search_fn"] not in (None, "strong_wolfe"):
            raise ValueError(f'line_search_fn: expected "strong_wolfe" or None, got {options["line_search_fn"]!r}')

    def step(self, closure: Closure | None = None) -> Any:
        """Takes up to `max_iter` steps.

        Args:
            closure: clears the gradients, computes the loss, calls its `backward()`, and returns it. It is called
                several times. If it raises, the parameters are as they were.

        Returns:
            What the closure returned at first.
        """
        with self._back_if_raised():
            return self._iterate(closure)

    def _iterate(self, closure: Closure | None) -> Any:
        group = self.param_groups[0]
        first = _called(self, closure)
        loss, gradient = _number(first), self._gradient()
        memory = self._memory or {"func_evals": 0, "n_iter": 0, "old_dirs": [], "old_stps": []}
        memory = memory | {"func_evals": memory["func_evals"] + 1}
        evaluations = 1
        is_there = largest(gradient) <= group["tolerance_grad"]
        for iteration in range(1, 1 if is_there else group["max_iter"] + 1):
            memory["n_iter"] += 1
            direction = _quasi_newton_direction(gradient, memory, group["history_size"])
            memory.update(d=direction, prev_flat_grad=gradient, t=group["lr"])
            if memory["n_iter"] == 1:
                memory["t"] *= min(1.0, 1.0 / float(abs(gradient).sum()))
            slope = float(gradient @ direction)
            if slope > -group["tolerance_change"]:
                break
            before, start, used = loss, self._point(), 0
            if group["line_search_fn"] is not None:
                along, now = self._along(start, direction, closure), Trial(0.0, loss, gradient, slope)
                most = group["max_eval"] - evaluations
                found, used = strong_wolfe(along, memory["t"], now, direction, most)
                memory["t"], loss, gradient = found.length, found.loss, found.gradient
            self._go_to(start + memory["t"] * direction)
            if group["line_search_fn"] is None and iteration < group["max_iter"]:
                loss, gradient, used = _number(_called(self, closure)), self._gradient(), 1
            evaluations += used
            memory["func_evals"] += used
            if (
                evaluations >= group["max_eval"]
                or largest(gradient) <= group["tolerance_grad"]
                or largest(memory["t"] * direction) <= group["tolerance_change"]
                or abs(loss - before) < group["tolerance_change"]
            ):
                break
        self._memory = memory
        return first

    def _along(self, start: Array, direction: Array, closure: Closure | None) -> Callable[[float], Trial]:
        def trial(length: float) -> Trial:
            self._go_to(start + length * direction)
            loss = _number(_called(self, closure))
            gradient = self._gradient()
            return Trial(length, loss, gradient, float(gradient @ direction))

        return trial

    def _saved_state(self) -> dict[int, dict[str, Any]]:
        return {0: deepcopy(self._memory)} if self._memory else {}

    def _restore_state(self, saved: Any, groups: list[Options]) -> None:
        memory = saved.get(0, {}) if isinstance(saved, Mapping) else {}
        size = len(self._point())
        vectors = [*memory.get("old_dirs", ()), *memory.get("old_stps", ())]
        vectors += [memory[name] for name in ("d", "prev_flat_grad") if name in memory]
        if memory and "n_iter" not in memory:
            raise ValueError(f"state_dict: expected n_iter, func_evals, old_dirs, …, got {', '.join(map(str, memory))}")
        for vector in vectors:
            if np.shape(vector) != (size,):
                raise ValueError(f"state_dict: expected vectors of {size} numbers, got one of shape {np.shape(vector)}")
        self._memory = deepcopy(dict(memory))


def _quasi_newton_direction(gradient: Array, memory: dict[str, Any], history_size: int) -> Array:
    """-H⁻¹g by the two loops over the remembered steps s and gradient differences y: Nocedal and Wright, 7.4."""
    if memory["n_iter"] == 1:
        memory["H_diag"] = 1.0
        return -gradient
    y, s = gradient - memory["prev_flat_grad"], memory["t"] * memory["d"]
    if y @ s > 1e-10:
        memory["old_dirs"] = [*memory["old_dirs"], y][-history_size:]
        memory["old_stps"] = [*memory["old_stps"], s][-history_size:]
        memory["H_diag"] = float(y @ s / (y @ y))
    pairs = [(y, s, 1.0 / (y @ s)) for y, s in zip(memory["old_dirs"], memory["old_stps"], strict=True)]
    direction, shares = -gradient, []
    for y, s, scale in reversed(pairs):
        shares.append(scale * (s @ direction))
        direction -= shares[-1] * y
    direction *= memory["H_diag"]
    for (y, s, scale), share in zip(pairs, reversed(shares), strict=True):
        direction += (share - scale * (y @ direction)) * s
    return direction


def _number(loss: Any) -> float:
    return float(loss.item() if isinstance(loss, Tensor | Value) else loss)
