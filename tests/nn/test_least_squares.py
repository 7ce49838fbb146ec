"""Levenberg-Marquardt beside MINPACK's: the problems that its authors test it on, and fits to measurements.

J. J. Moré, B. S. Garbow and K. E. Hillstrom, Testing unconstrained optimization software, 1981; and NIST's Statistical
Reference Datasets.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, jacobian
from nn import optim


@dataclass(frozen=True)
class Problem:
    """Residuals, where the search starts, and what SciPy's `least_squares(method="lm", x_scale="jac")` finds."""

    residuals: Callable[[Any], Any]
    start: Sequence[float]
    squares: float
    """The sum of squares that MINPACK finds."""
    evaluations: int
    """How often it evaluates the residuals, until it stops by its default tolerances."""


def rosenbrock(x):
    return autograd.stack([10.0 * (x[1] - x[0] ** 2), 1.0 - x[0]])


def helical_valley(x):
    turn = autograd.atan2(x[1], x[0]) / (2.0 * np.pi)
    return autograd.stack([10.0 * (x[2] - 10.0 * turn), 10.0 * (autograd.sqrt(x[0] ** 2 + x[1] ** 2) - 1.0), x[2]])


def powell_singular(x):
    return autograd.stack(
        [
            x[0] + 10.0 * x[1],
            np.sqrt(5.0) * (x[2] - x[3]),
            (x[1] - 2.0 * x[2]) ** 2,
            np.sqrt(10.0) * (x[0] - x[3]) ** 2,
        ]
    )


def freudenstein_roth(x):
    return autograd.stack(
        [-13.0 + x[0] + ((5.0 - x[1]) * x[1] - 2.0) * x[1], -29.0 + x[0] + ((x[1] + 1.0) * x[1] - 14.0) * x[1]]
    )


def bard(x):
    y = np.array([0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39])
    u = np.arange(1.0, 16.0)
    return y - (x[0] + u / ((16.0 - u) * x[1] + np.minimum(u, 16.0 - u) * x[2]))


def kowalik_osborne(x):
    y = np.array([0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246])
    u = np.array([4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])
    return y - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])


def meyer(x):
    y = [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872]
    return x[0] * autograd.exp(x[1] / (45.0 + 5.0 * np.arange(1.0, 17.0) + x[2])) - np.array(y, float)


def brown_dennis(x):
    t = np.arange(1.0, 21.0) / 5.0
    return (x[0] + t * x[1] - np.exp(t)) ** 2 + (x[2] + x[3] * np.sin(t) - np.cos(t)) ** 2


def misra1a(b):
    x = np.array([77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0])
    y = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78]
    return b[0] * (1.0 - autograd.exp(-b[1] * x)) - np.array(y)


def boxbod(b):
    y = np.array([109.0, 149.0, 149.0, 191.0, 213.0, 224.0])
    return b[0] * (1.0 - autograd.exp(-b[1] * np.array([1.0, 2.0, 3.0, 5.0, 7.0, 10.0]))) - y


def rat42(b):
    x = np.array([9.0, 14.0, 21.0, 28.0, 42.0, 57.0, 63.0, 70.0, 79.0])
    y = np.array([8.93, 10.80, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08])
    return b[0] / (1.0 + autograd.exp(b[1] - b[2] * x)) - y


PROBLEMS = {
    "Rosenbrock": Problem(rosenbrock, (-1.2, 1.0), 0.0, 21),
    "helical valley": Problem(helical_valley, (-1.0, 0.0, 0.0), 0.0, 11),
    "Powell's singular function": Problem(powell_singular, (3.0, -1.0, 0.0, 1.0), 0.0, 37),
    "Freudenstein and Roth": Problem(freudenstein_roth, (0.5, -2.0), 48.98425373, 14),
    "Bard": Problem(bard, (1.0, 1.0, 1.0), 0.008214877307, 6),
    "Kowalik and Osborne": Problem(kowalik_osborne, (0.25, 0.39, 0.415, 0.39), 0.0003075056046, 18),
    "Meyer": Problem(meyer, (0.02, 4000.0, 250.0), 87.94585517, 126),
    "Brown and Dennis": Problem(brown_dennis, (25.0, 5.0, -5.0, -1.0), 85822.20564, 266),
    "Misra1a from afar": Problem(misra1a, (500.0, 1e-4), 0.1245513889, 19),
    "Misra1a": Problem(misra1a, (250.0, 5e-4), 0.1245513889, 5),
    "BoxBOD": Problem(boxbod, (100.0, 0.75), 1168.008877, 9),
    "Rat42 from afar": Problem(rat42, (100.0, 1.0, 0.1), 8.056522934, 10),
    "Rat42": Problem(rat42, (75.0, 2.5, 0.07), 8.056522934, 6),
}


def squares(problem, point):
    r = np.asarray(problem.residuals(np.asarray(point)))
    return float(r @ r)


def after(problem, evaluations):
    """The sum of squares when the residuals were evaluated so often, apart from the evaluations for derivatives."""
    p = Tensor(problem.start)
    optimizer = optim.LevenbergMarquardt([p])
    tries = 1

    def residuals():
        nonlocal tries
        r = problem.residuals(p)
        tries += not r.requires_grad
        return r

    while tries < evaluations:
        optimizer.step(residuals)
    return squares(problem, p.data)


@pytest.mark.parametrize("name", PROBLEMS)
def test_about_as_many_evaluations_as_minpack_takes_lead_as_far(name):
    problem = PROBLEMS[name]
    found = after(problem, 1.15 * problem.evaluations + 2)
    assert found <= (1.01 * problem.squares if problem.squares else 1e-9 * squares(problem, problem.start))


def test_the_scale_of_the_parameters_is_kept_with_the_optimizer():
    problem = PROBLEMS["Brown and Dennis"]
    p, q = Tensor(problem.start), Tensor(problem.start)
    once, first = optim.LevenbergMarquardt([p]), optim.LevenbergMarquardt([q])
    for _ in range(20):
        once.step(lambda: problem.residuals(p))
    for _ in range(10):
        first.step(lambda: problem.residuals(q))
    second = optim.LevenbergMarquardt([q])
    second.load_state_dict(first.state_dict())
    for _ in range(10):
        second.step(lambda: problem.residuals(q))
    assert q.data.tolist() == p.data.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBLEMS)
def test_the_recorded_numbers_are_those_of_minpack_itself(name):
    optimize = pytest.importorskip("scipy.optimize")
    problem = PROBLEMS[name]
    found = optimize.least_squares(
        lambda x: np.asarray(problem.residuals(x)),
        problem.start,
        jac=lambda x: np.asarray(jacobian(problem.residuals)(x)),
        method="lm",
        x_scale="jac",
    )
    assert 2.0 * found.cost == pytest.approx(problem.squares, rel=1e-4, abs=1e-12)
    assert abs(found.nfev - problem.evaluations) <= 2
