"""Second-order optimizers: Newton, Levenberg-Marquardt, L-BFGS. They treat all parameters as one vector."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from math import sqrt
from typing import Any

import numpy as np

from autograd import Tensor, Value, enable_grad, no_grad, stack, state
from nn.checks import check_int, check_nonnegative, is_finite_number
from nn.conversion import Array, number_of
from nn.optim.line_search import Trial, max_abs, strong_wolfe
from nn.optim.optimizer import Closure, Optimizer, Options, Parameters, Part, State, size


class _VectorOptimizer(Optimizer):
    """Base class of the optimizers that treat all parameters as one vector, and so have a single group."""

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        if self.param_groups:
            raise ValueError(f"{type(self).__name__}: expected one group, since all parameters are one vector")
        super().add_param_group(param_group)

    def _vector(self, array_of: Callable[[Part], Array | None]) -> Array:
        pieces = [(part, array_of(part)) for part in self._parts[0]]
        return np.concatenate([np.zeros(size(part)) if x is None else np.ravel(x) for part, x in pieces], dtype=float)

    def _point(self) -> Array:
        return self._vector(lambda part: part.data())

    def _gradient(self) -> Array:
        return self._vector(lambda part: part.gradient())

    def _go_to(self, point: Array) -> None:
        for part, piece in self._split(point):
            part.assign(piece)

    def _assign_gradient(self, gradient: Array) -> None:
        for part, piece in self._split(gradient):
            part.assign_gradient(piece)

    def _split(self, vector: Array) -> Iterator[tuple[Part, Array]]:
        first = 0
        for part in self._parts[0]:
            yield part, vector[first : first + size(part)].reshape(part.shape)
            first += size(part)

    def _recorded_gradient(self, output: Tensor | Value, adjoint: Any = None) -> Iterator[tuple[Any, Array | None]]:
        """The entries of the gradient, each as a recorded gradient and the cotangent that selects the entry from it."""
        self.zero_grad()
        output.backward(adjoint, create_graph=True)
        gradients = [p.grad for part in self._parts[0] for p in part.parameters]
        shapes = [np.shape(p.data) for part in self._parts[0] for p in part.parameters]
        self.zero_grad()
        for gradient, shape in zip(gradients, shapes, strict=True):
            for entry in range(int(np.prod(shape, dtype=int))):
                selector = np.zeros(shape)
                selector.flat[entry] = 1.0
                tracked = isinstance(gradient, Tensor | Value) and gradient.requires_grad
                yield (gradient if tracked else None), (selector if isinstance(gradient, Tensor) else None)

    def _frozen(self) -> Array:
        """1.0 for each entry that is frozen: in the Hessian's diagonal, where the rest of its row and column is 0."""
        leaves = [p for part in self._parts[0] for p in part.parameters]
        return np.concatenate([np.full(np.size(p.data), float(not p.requires_grad)) for p in leaves])

    @contextmanager
    def _restoring_on_error(self) -> Iterator[Array]:
        """Yields the current point, and restores it if an exception is raised."""
        start = self._point()
        try:
            yield start
        except BaseException:
            self._go_to(start)
            raise


class Newton(_VectorOptimizer):
    """Newton's method: p - lr · (H + damping · 1)⁻¹ g, with gradient g and Hessian H.

    Computing H takes one sweep of the gradient for each entry of the parameters, so it is for small problems. Without
    damping it may converge to a saddle point or a maximum.

    Example:
        >>> from autograd import Value
        >>> x, y = Value(4.0), Value(-3.0)
        >>> optimizer = Newton([x, y])
        >>> loss = optimizer.step(lambda: x * x + x * y + 2.0 * y * y)
        >>> x.data, y.data
        (0.0, 0.0)
    """

    def __init__(self, params: Parameters, lr: float = 1.0, damping: float = 0.0) -> None:
        super().__init__(params, {"lr": lr, "damping": damping})

    def step(self, closure: Closure | None = None) -> Any:
        """Updates the parameters.

        Args:
            closure: computes and returns the loss; it need not call `backward()`.

        Returns:
            The loss before the step. Its gradient is stored in the parameters' `grad`.

        Raises:
            numpy.linalg.LinAlgError: the Hessian is singular; nothing is changed then.
            FloatingPointError: a derivative is nan or inf; nothing is changed then.
        """
        _check_not_recorded(self)
        loss = _called(self, closure)
        point, group = self._point(), self.param_groups[0]
        rows = [self._row(gradient, selector) for gradient, selector in self._recorded_gradient(loss)]
        self.zero_grad()
        loss.backward()
        gradient = self._gradient()
        hessian = np.array(rows) + group["damping"] * np.eye(len(point)) + np.diag(self._frozen())
        if not (np.isfinite(hessian).all() and np.isfinite(gradient).all()):
            raise FloatingPointError("Newton: the gradient or the Hessian of the loss contains nan or inf")
        try:
            step = np.linalg.solve(hessian, gradient)
        except np.linalg.LinAlgError:
            raise np.linalg.LinAlgError("Newton: the Hessian is singular; use a positive damping") from None
        self._go_to(point - group["lr"] * step)
        return loss

    def _row(self, gradient: Any, selector: Array | None) -> Array:
        """A row of the Hessian."""
        self.zero_grad()
        if gradient is not None:
            gradient.backward(selector)
        return self._gradient()


MIN_DAMPING = 1e-30
TINY = float(np.finfo(float).tiny)


class LevenbergMarquardt(_VectorOptimizer):
    """Damped Gauss-Newton for least squares: p + δ with (JᵀJ + damping · D²) δ = -Jᵀr, for residuals r.

    K. Levenberg, 1944; D. W. Marquardt, 1963. J is the Jacobian of the residuals; D is diagonal, with the largest norm
    so far of each column of J (J. Moré, 1978), which makes the steps independent of the parameters' units. A step that
    increases Σr² is retried with more damping. After a successful step the damping changes with the share of the
    predicted decrease that came true: it is doubled at most, and divided by `factor` at most (H. B. Nielsen, 1999).

    Example:
        >>> from autograd import Value
        >>> slope, offset = Value(0.0), Value(0.0)
        >>> optimizer = LevenbergMarquardt([slope, offset])
        >>> for _ in range(5):
        ...     loss = optimizer.step(lambda: [slope * x + offset - y for x, y in [(0, 1), (1, 3), (2, 5)]])
        >>> round(slope.data, 6), round(offset.data, 6)
        (2.0, 1.0)
    """

    TRIES = 20

    def __init__(self, params: Parameters, damping: float = 1e-3, factor: float = 10.0) -> None:
        super().__init__(params, {"damping": damping, "factor": factor})

    def _check_group(self, options: Options) -> None:
        if not options["damping"] > 0:
            raise ValueError(f"damping: expected a positive number, got {options['damping']!r}")
        if not (is_finite_number(options["factor"]) and options["factor"] > 1):
            raise ValueError(f"factor: expected a number above 1, got {options['factor']!r}")

    def step(self, closure: Closure | None = None) -> float:  # type: ignore[override]  # its closure gives residuals
        """Updates the parameters, unless all tries increase Σr².

        Args:
            closure: computes and returns the residuals, as a Tensor or a list of Values.

        Returns:
            Σr²/2 before the step. Its gradient is stored in the parameters' `grad`.

        Raises:
            FloatingPointError: a residual or derivative is nan or inf; nothing is changed then.
        """
        _check_not_recorded(self)
        with enable_grad():
            residuals = _residuals(_called(self, closure))
        r = residuals.data.astype(float)
        jacobian = self._jacobian(residuals)
        if not (np.isfinite(r).all() and np.isfinite(jacobian).all()):
            raise FloatingPointError("LevenbergMarquardt: the residuals or their derivatives contain nan or inf")
        loss = float(r @ r) / 2
        with self._restoring_on_error() as start:
            damping = self._improve(start, closure, jacobian, r)
            if damping is None:
                self._go_to(start)
            else:
                self.param_groups[0]["damping"] = damping
        self._assign_gradient(jacobian.T @ r)
        return loss

    def _improve(self, start: Array, closure: Any, jacobian: Array, r: Array) -> float | None:
        """Moves to a better point and returns the damping for the next step; None if all tries are worse."""
        damping, factor = (self.param_groups[0][name] for name in ("damping", "factor"))
        scale = self._scale(jacobian)
        goal = np.concatenate([-r, np.zeros(len(start))])
        growth = 2.0
        for _ in range(self.TRIES):
            step = np.linalg.lstsq(np.vstack([jacobian, sqrt(damping) * np.diag(scale)]), goal)[0]
            self._go_to(start + step)
            with no_grad(), np.errstate(all="ignore"):
                new = _residuals(closure()).data.astype(float)
                decrease = r @ r - new @ new
            if decrease >= 0.0:
                linear = r + jacobian @ step
                share = decrease / max(r @ r - linear @ linear, decrease, TINY)
                return max(float(damping * max(1.0 / factor, 1.0 - (2.0 * share - 1.0) ** 3)), MIN_DAMPING)
            damping, growth = damping * growth, 2.0 * growth
        return None

    def _state_names(self, group: Options) -> tuple[str, ...]:
        return ("largest_norm",)

    def _scale(self, jacobian: Array) -> Array:
        """The largest norm so far of each column; 1 for a parameter without influence, which stays where it is."""
        for part, norms in self._split(np.linalg.norm(jacobian, axis=0)):
            part.state["largest_norm"] = np.maximum(part.state.get("largest_norm", 0.0), norms.astype(part.dtype))
        scale = self._vector(lambda part: part.state["largest_norm"])
        return np.where(scale == 0.0, 1.0, scale)

    def _jacobian(self, residuals: Tensor) -> Array:
        """The Jacobian by columns: Jᵀu is linear in the adjoint u, so its entries' gradients by u are the columns."""
        adjoint = Tensor(np.zeros(residuals.shape, residuals.dtype))
        columns = []
        for column, selector in self._recorded_gradient(residuals, adjoint):
            adjoint.grad = None
            if column is not None:
                column.backward(selector)
            columns.append(np.zeros(adjoint.shape) if adjoint.grad is None else adjoint.grad)
        return np.array(columns, float).T


def _check_not_recorded(optimizer: Optimizer) -> None:
    what = f"the step of {type(optimizer).__name__}, whose course depends on the loss"
    state.forbid(what, "jit the closure instead: step(jit(closure))")


def _called(optimizer: Optimizer, closure: Closure | None) -> Any:
    if closure is None:
        raise TypeError(f"{type(optimizer).__name__}.step: expected a closure that computes the loss")
    with enable_grad():
        return closure()


def _residuals(given: Tensor | Value | Sequence[Value]) -> Tensor:
    """The residuals as a one-dimensional Tensor."""
    if isinstance(given, Value):
        given = [given]
    if not isinstance(given, Tensor) and not len(given):
        raise ValueError("residuals: expected at least one")
    return (given if isinstance(given, Tensor) else stack(list(given))).reshape(-1)


class LBFGS(_VectorOptimizer):
    """Limited-memory BFGS: Newton's method with the Hessian approximated from recent steps and gradient differences.

    J. Nocedal, 1980. With `line_search_fn="strong_wolfe"` the length of each step satisfies the strong Wolfe conditions
    (J. Nocedal and S. J. Wright, Numerical Optimization, algorithms 3.5 and 3.6, with the safeguards of M. Schmidt's
    minFunc, as in PyTorch).

    Args:
        params: Values or Tensors.
        lr: the step length, or the first one that the line search tries.
        max_iter: maximum number of iterations per call of `step`.
        max_eval: maximum number of loss evaluations per call of `step`; 5/4 of `max_iter` by default.
        tolerance_grad: stops if no entry of the gradient is larger in magnitude.
        tolerance_change: stops if the parameters or the loss change by less.
        history_size: number of steps to remember.
        line_search_fn: "strong_wolfe", or None for steps of length `lr`.

    Example:
        >>> from autograd import Value
        >>> x, y = Value(-1.0), Value(1.5)
        >>> optimizer = LBFGS([x, y], line_search_fn="strong_wolfe", max_iter=50)
        >>> def rosenbrock():
        ...     optimizer.zero_grad()
        ...     loss = (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2
        ...     loss.backward()
        ...     return loss
        >>> loss = optimizer.step(rosenbrock)
        >>> round(x.data, 4), round(y.data, 4)
        (1.0, 1.0)
    """

    def __init__(
        self,
        params: Parameters,
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
        self._memory: State = {}

    def _check_group(self, options: Options) -> None:
        for name in ("max_iter", "max_eval", "history_size"):
            check_int(name, options[name])
        for name in ("tolerance_grad", "tolerance_change"):
            check_nonnegative(name, options[name])
        if options["line_search_fn"] not in (None, "strong_wolfe"):
            raise ValueError(f'line_search_fn: expected "strong_wolfe" or None, got {options["line_search_fn"]!r}')

    def step(self, closure: Closure | None = None) -> Any:
        """Takes up to `max_iter` steps. If the closure raises, the parameters are restored.

        Args:
            closure: clears the gradients, computes the loss, calls its `backward()` and returns it. It is called
                several times.

        Returns:
            The first result of the closure.
        """
        _check_not_recorded(self)
        with self._restoring_on_error():
            return self._iterate(closure)

    def _iterate(self, closure: Closure | None) -> Any:
        group = self.param_groups[0]
        first = _called(self, closure)
        loss, gradient = number_of(first), self._gradient()
        memory = self._memory or {"func_evals": 0, "n_iter": 0, "old_dirs": [], "old_stps": []}
        memory = memory | {"func_evals": memory["func_evals"] + 1}
        evaluations = 1
        converged = max_abs(gradient) <= group["tolerance_grad"]
        for iteration in range(1, 1 if converged else group["max_iter"] + 1):
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
                max_trials = group["max_eval"] - evaluations
                best, used = strong_wolfe(along, memory["t"], now, direction, max_trials)
                memory["t"], loss, gradient = best.length, best.loss, best.gradient
            self._go_to(start + memory["t"] * direction)
            if group["line_search_fn"] is None and iteration < group["max_iter"]:
                loss, gradient, used = number_of(_called(self, closure)), self._gradient(), 1
            evaluations += used
            memory["func_evals"] += used
            if (
                evaluations >= group["max_eval"]
                or max_abs(gradient) <= group["tolerance_grad"]
                or max_abs(memory["t"] * direction) <= group["tolerance_change"]
                or abs(loss - before) < group["tolerance_change"]
            ):
                break
        self._memory = memory
        return first

    def _along(self, start: Array, direction: Array, closure: Closure | None) -> Callable[[float], Trial]:
        def trial(length: float) -> Trial:
            self._go_to(start + length * direction)
            loss = number_of(_called(self, closure))
            gradient = self._gradient()
            return Trial(length, loss, gradient, float(gradient @ direction))

        return trial

    def _saved_state(self) -> dict[int, State]:
        return {0: deepcopy(self._memory)} if self._memory else {}

    def _restore_state(self, saved: object, groups: list[Options]) -> None:
        memory = saved.get(0, {}) if isinstance(saved, Mapping) else {}
        size = len(self._point())
        vectors = [*memory.get("old_dirs", ()), *memory.get("old_stps", ())]
        vectors += [memory[name] for name in ("d", "prev_flat_grad") if name in memory]
        if memory and "n_iter" not in memory:
            raise ValueError(
                f"state_dict: expected n_iter, func_evals, old_dirs, ..., got {', '.join(map(str, memory))}"
            )
        for vector in vectors:
            if np.shape(vector) != (size,):
                raise ValueError(f"state_dict: expected vectors of shape ({size},), got {np.shape(vector)}")
        self._memory = deepcopy(dict(memory))


def _quasi_newton_direction(gradient: Array, memory: State, history_size: int) -> Array:
    """-H⁻¹g by the two-loop recursion over steps s and gradient differences y: Nocedal and Wright, algorithm 7.4."""
    if memory["n_iter"] == 1:
        memory["H_diag"] = 1.0
        return -gradient
    y, s = gradient - memory["prev_flat_grad"], memory["t"] * memory["d"]
    if y @ s > 1e-10:
        memory["old_dirs"] = [*memory["old_dirs"], y][-history_size:]
        memory["old_stps"] = [*memory["old_stps"], s][-history_size:]
        memory["H_diag"] = float(y @ s / (y @ y))
    pairs = [(y, s, 1.0 / (y @ s)) for y, s in zip(memory["old_dirs"], memory["old_stps"], strict=True)]
    direction, alphas = -gradient, []
    for y, s, rho in reversed(pairs):
        alphas.append(rho * (s @ direction))
        direction -= alphas[-1] * y
    direction *= memory["H_diag"]
    for (y, s, rho), alpha in zip(pairs, reversed(alphas), strict=True):
        direction += (alpha - rho * (y @ direction)) * s
    return direction
