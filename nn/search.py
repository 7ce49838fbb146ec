"""Hyperparameter search: evaluates a function on a grid, or on random samples, of its parameters."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future
from contextlib import nullcontext
from importlib import import_module
from inspect import Parameter, signature
from io import StringIO
from itertools import product
from math import nan
from numbers import Real
from pathlib import Path
from statistics import fmean
from traceback import format_exc
from typing import Any

import numpy as np
from rich.table import Table

from autograd import atomic, caller, randomness, view
from nn.checks import check_generator, check_int, explaining_keywords
from nn.conversion import Array, without_axes
from nn.curve import SvgImage
from nn.heatmap import heatmap_svg
from nn.interrupts import going_through
from nn.progress import display
from nn.tabular import AsTable

Row = dict[str, Any]
Choices = Mapping[str, Sequence[Any] | Array | Callable[[np.random.Generator], Any]]
"""By parameter the values to try, or a function that draws one."""

RESULT, ERROR = "result", "error"
"""Names of the columns for a result that is a single number, and for the error of a failed trial."""

SHOWN = 40
"""Maximum number of rows displayed."""


class Sweep(AsTable):
    """The result of `sweep`: a table, for terminals and notebooks, with a row for each trial."""

    def __init__(self, rows: list[Row], parameters: list[str], stopped: str = "") -> None:
        self.stopped = stopped
        """Why there are fewer trials than planned; empty if all ran."""
        self.rows = rows
        """For each trial the parameters, the "seed" if the function takes one, and the results or the "error"."""
        self.parameters = parameters

    @property
    def columns(self) -> list[str]:
        """The names of parameters and results, in order of appearance."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def best(self, by: str = RESULT, mode: str = "min") -> Row:
        """The parameters with the best mean result over repeats and seeds, and the means of all their results.

        Parameters with a failed trial are ignored.

        Args:
            by: the name of the result.
            mode: "min" if smaller is better, "max" if larger is better.

        Raises:
            ValueError: there is no such result, it is not a number in any trial without failure, or the mode is
                unknown.
        """
        if mode not in ("min", "max"):
            raise ValueError(f'mode: expected "min" or "max", got {mode!r}')
        found = [row[by] for row in self.rows if by in row]
        if not found or by in self.parameters:
            raise ValueError(f"by: no result {by!r} to compare; the columns are {', '.join(self.columns)}")
        candidates = [mean for group in self._groups(self.parameters) if by in (mean := self._mean(group))]
        candidates = [row for row in candidates if row[by] == row[by]]
        if not candidates:
            raise ValueError(f"by: expected numbers to compare as {by!r}, got {_in_short(found[0])}")
        return min(candidates, key=lambda row: row[by] if mode == "min" else -row[by])

    def to_dict(self) -> dict[str, list[Any]]:
        """The columns by name, with None for missing entries, as `pandas.DataFrame` accepts them."""
        return {name: [row.get(name) for row in self.rows] for name in self.columns}

    def to_csv(self, file: str | Path) -> Path:
        """Writes the table to a CSV file with a header line; returns its path."""
        stream = StringIO()
        writer = csv.DictWriter(stream, self.columns)
        writer.writeheader()
        writer.writerows(self.rows)
        return atomic.write_atomically(file, stream.getvalue().encode())

    def heatmap(self, x: str, y: str, z: str = RESULT) -> SvgImage:
        """A heat map of the mean of a result over two parameters.

        Args:
            x: the parameter for the columns.
            y: the parameter for the rows.
            z: the result.

        Raises:
            ValueError: there is no such parameter or result.
        """
        if unknown := [name for name in (x, y, z) if name not in self.columns]:
            raise ValueError(f"no column {', '.join(unknown)}; the columns are {', '.join(self.columns)}")
        columns, rows = (list(dict.fromkeys(row[name] for row in self.rows)) for name in (x, y))
        means = {(group[0][x], group[0][y]): self._mean(group).get(z, nan) for group in self._groups([x, y])}
        numbers = [[means.get((column, row), nan) for column in columns] for row in rows]
        return SvgImage(heatmap_svg(numbers, [*map(_short, rows)], [*map(_short, columns)], f"mean of {z}", y, x))

    def _groups(self, names: list[str]) -> Iterator[list[Row]]:
        """The trials with the same values of these parameters."""
        groups: dict[str, list[Row]] = {}
        for row in self.rows:
            groups.setdefault(repr([row[name] for name in names]), []).append(row)
        yield from groups.values()

    def _mean(self, group: list[Row]) -> Row:
        """The parameters, and the means of the numeric results that all trials of the group have."""
        first = {name: group[0][name] for name in self.parameters}
        results = [name for name in group[0] if name not in (*self.parameters, "seed")]
        numeric = [name for name in results if all(isinstance(row.get(name), Real) for row in group)]
        return first | {name: fmean(row[name] for row in group) for name in numeric}

    def _table(self) -> Table:
        plain = view.terminal.plain_text
        failed = sum(ERROR in row for row in self.rows)
        caption = f"{len(self.rows)} trials" + (f", {failed} failed" if failed else "")
        caption += f"; {self.stopped}" if self.stopped else ""
        caption += f", the first {SHOWN} shown" if len(self.rows) > SHOWN else ""
        table = Table(caption=caption, caption_justify="left")
        for name in self.columns:
            table.add_column(plain(name), justify="left" if name == ERROR else "right")
        for row in self.rows[:SHOWN]:
            table.add_row(*(plain(_short(row.get(name, ""))) for name in self.columns))
        return table


@explaining_keywords
def sweep(
    function: Callable[..., object],
    parameters: Choices,
    *,
    trials: int | None = None,
    repeats: int = 1,
    generator: np.random.Generator | None = None,
    workers: int | None = None,
    backend: str | None = None,
    progress: bool = True,
) -> Sweep:
    """Calls `function(**parameters)` for every combination of parameters, or for random ones.

    If the function has an argument `seed` it is passed an int, and if it has an argument `generator` a
    `numpy.random.Generator`: different ones for each trial, independent of the backend and the number of workers.
    After `autograd.manual_seed` so are the numbers that a trial draws without a `generator=`. The rows are in the order
    of the trials, whichever finishes first.

    A trial that raises does not stop the others; its error is part of the table. Ctrl-C ends the sweep with the trial
    that is under way; the rows of those that have finished are returned, and `stopped` says so. A worker process that
    dies, for example because memory ran out, ends it in the same way, with a warning. On a dask cluster another worker
    runs its trials again, and the sweep ends only if several workers die in the same trial.

    Args:
        function: returns a number, as a float, a Value, or a Tensor or array without axes; or a dict of such results.
        parameters: for each name a list of values to try; or, with `trials`, a function that draws a value from a
            Generator. A list for "seed" repeats every combination with each seed.
        trials: number of random combinations; by default all combinations are tried. Random search is more efficient
            if there are many parameters (J. Bergstra and Y. Bengio, JMLR 2012).
        repeats: number of times to try each combination.
        generator: for what is drawn and for the trials; by default that of `autograd.manual_seed`.
        workers: number of processes; -1 for one per core. By default the trials run in this process, or with a
            `backend` on all that it has.
        backend: where joblib runs them: "loky", processes of this machine; "dask", all workers of the cluster that the
            current `distributed.Client` is connected to; "ray", those of Ray, which returns all rows at the end; or
            another name that joblib knows. By default "loky", or what `joblib.parallel_config` has set.
        progress: whether to show the progress.

    Raises:
        ModuleNotFoundError: joblib, or what its backend needs, is not installed.
        RuntimeError: every trial failed, or a worker process died before any trial had finished.
        TypeError: the function does not accept the parameters.
        ValueError: there is nothing to try, a parameter is not a list, or it is a function and `trials` is not given;
            the backend is unknown, or it is "dask" and there is no Client.

    Example:
        >>> result = sweep(lambda x, y: (x - 1) ** 2 + y, {"x": [0, 1, 2], "y": [0.5, 0.25]}, progress=False)
        >>> result.best()
        {'x': 1, 'y': 0.25, 'result': 0.25}
        >>> rates = {"lr": lambda rng: 10 ** rng.uniform(-3, 0)}
        >>> result = sweep(lambda lr, seed: lr, rates, trials=5, progress=False)
        >>> len(result.rows), result.columns
        (5, ['lr', 'seed', 'result'])
    """
    generator = check_generator(generator)
    if not isinstance(parameters, Mapping) or not parameters:
        raise ValueError(f"parameters: expected a dict of lists to try, got {parameters!r}")
    combinations = list(_drawn(parameters, trials, generator) if trials is not None else _grid(parameters))
    planned = [combination for combination in combinations for _ in range(check_int("repeats", repeats))]
    takes = _seeds_taken(function, parameters)
    seeds = np.random.SeedSequence(generator.integers(2**32, size=4).tolist()).spawn(len(planned))
    is_seeded = randomness.DEFAULT.is_seeded
    calls = [
        (function, given, _seeded(takes, seed), seed if is_seeded else None)
        for given, seed in zip(planned, seeds, strict=True)
    ]
    rows: list[Row] = []
    traces: list[str] = []
    stopped = ""
    with display("trial", len(calls), progress) as shown:
        try:
            for row, trace in _run(calls, workers, backend):
                rows.append(row)
                traces.append(trace)
                shown.report(len(rows), "  ".join(f"{name} {_short(x)}" for name, x in row.items()))
                if trace:
                    shown.say(f"failed: {_failure(row)}")
        except KeyboardInterrupt:
            if not rows:
                raise
            stopped = f"interrupted after {len(rows)} of {len(calls)} trials"
            shown.say(stopped)
        except _lost_workers() as error:
            if not rows:
                raise
            stopped = f"stopped after {len(rows)} of {len(calls)} trials, since a worker process died"
            caller.warn_at_caller(f"sweep {stopped}: {error}")
    if all(traces):
        raise RuntimeError(f"every trial failed, the first with {_failure(rows[0])}\n\n{traces[0]}")
    return Sweep(rows, [name for name in parameters if name != "seed"], stopped)


def _grid(parameters: Choices) -> Iterator[Row]:
    choices = {name: _choices(name, x, "; functions need trials=") for name, x in parameters.items()}
    for values in product(*choices.values()):
        yield dict(zip(choices, values, strict=True))


def _drawn(parameters: Choices, trials: int, generator: np.random.Generator) -> Iterator[Row]:
    draws = {name: x if callable(x) else _one_of(_choices(name, x)) for name, x in parameters.items()}
    for _ in range(check_int("trials", trials)):
        yield {name: without_axes(draw(generator)) for name, draw in draws.items()}


def _choices(name: str, given: object, hint: str = "") -> list[Any]:
    if not isinstance(given, list | tuple | range | np.ndarray) or not len(given):
        raise ValueError(f"{name}: expected a list of values to try, got {given!r}{hint}")
    return [without_axes(x) for x in given]


def _one_of(choices: list[Any]) -> Callable[[np.random.Generator], Any]:
    return lambda generator: choices[generator.integers(len(choices))]


def _seeds_taken(function: Callable[..., object], parameters: Choices) -> tuple[str, ...]:
    """Which of the arguments `seed` and `generator` the function has and the parameters do not set."""
    if not callable(function):
        raise TypeError(f"function: expected a function of {', '.join(parameters)}, got {function!r}")
    expected = signature(function)
    named = [x.name for x in expected.parameters.values() if x.kind is not Parameter.POSITIONAL_ONLY]
    takes = tuple(name for name in ("seed", "generator") if name in named and name not in parameters)
    try:
        expected.bind(**dict.fromkeys((*parameters, *takes)))
    except TypeError as error:
        hint = "; the random generator is passed as generator" if "rng" in named else ""
        raise TypeError(
            f"the function cannot be called with {', '.join((*parameters, *takes))}: {error}{hint}"
        ) from None
    return takes


def _seeded(takes: tuple[str, ...], seed: np.random.SeedSequence) -> Row:
    given = {"seed": int(seed.generate_state(1)[0]), "generator": np.random.default_rng(seed)}
    return {name: given[name] for name in takes}


Call = tuple[Callable[..., object], Row, Row, np.random.SeedSequence | None]


NEEDED = {"dask": "distributed", "ray": "ray"}
"""By backend of joblib what it needs; the others come with joblib."""


def _run(calls: list[Call], workers: int | None, backend: str | None) -> Iterable[tuple[Row, str]]:
    if workers not in (None, -1):
        check_int("workers", workers)
    if backend is None and workers in (None, 1):
        return (_trial(*call) for call in calls)
    try:
        joblib = import_module("joblib")
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            'workers, backend: several workers need joblib; pip install "wengert[parallel]"'
        ) from None
    n_jobs = -1 if workers is None else workers
    if backend is None:
        run = _parallel(joblib, n_jobs)
    else:
        _check_backend(backend, joblib)
        with joblib.parallel_config(backend=backend) as chosen:
            run = _parallel(joblib, n_jobs)
        if backend == "dask":
            _report_lost_tasks(chosen["backend"])
    return run(joblib.delayed(_trial)(*call) for call in calls)


def _check_backend(backend: str, joblib: Any) -> None:
    known = joblib.parallel.BACKENDS
    if backend not in known and backend not in NEEDED:
        names = ", ".join(sorted({*known, *NEEDED}))
        raise ValueError(f"backend: expected one that joblib knows, {names}; got {backend!r}")
    try:
        if backend in NEEDED:
            import_module(NEEDED[backend])
        if backend == "ray" and backend not in known:
            import_module("ray.util.joblib").register_ray()
    except ModuleNotFoundError:
        package = NEEDED[backend]
        raise ModuleNotFoundError(f"backend: {backend!r} needs {package}; pip install {package}") from None


def _report_lost_tasks(backend: Any) -> None:
    """Tells joblib of tasks that a dask cluster gives up: joblib 1.6 waits forever for their results."""
    submit, retrieve = backend.submit, backend.retrieve_result_callback

    def submitted(batch: Any, callback: Callable[[Any], None]) -> Future[Any]:
        future: Future[Any] = submit(batch, callback)
        future.add_done_callback(lambda done: callback(done) if done.exception() else None)
        return future

    def retrieved(out: Any) -> Any:
        return retrieve(out.result() if isinstance(out, Future) else out)

    backend.submit, backend.retrieve_result_callback = submitted, retrieved


def _parallel(joblib: Any, n_jobs: int) -> Any:
    try:
        return joblib.Parallel(n_jobs, return_as="generator")
    except ValueError:  # Ray's workers, and multiprocessing's, give all results at the end
        return joblib.Parallel(n_jobs)


def _lost_workers() -> tuple[type[Exception], ...]:
    """What joblib's backends raise when a worker process dies."""
    distributed = sys.modules.get("distributed")
    return (BrokenExecutor, distributed.KilledWorker) if distributed else (BrokenExecutor,)


def _trial(
    function: Callable[..., object], parameters: Row, seeds: Row, default: np.random.SeedSequence | None
) -> tuple[Row, str]:
    """The row of one trial, and the traceback if it failed; the default generator is started from the seed, if any."""
    row = parameters | {name: x for name, x in seeds.items() if name == "seed"}
    try:
        with going_through(), randomness.started_from(default) if default else nullcontext():
            results = function(**parameters, **seeds)
        return row | _results(results, reserved=(*row, ERROR)), ""
    except Exception as error:
        return row | {ERROR: f"{type(error).__name__}: {error}"}, format_exc()


def _results(returned: object, reserved: tuple[str, ...]) -> Row:
    results = {
        name: without_axes(x) for name, x in (returned if isinstance(returned, Mapping) else {RESULT: returned}).items()
    }
    if not results.keys().isdisjoint(reserved):
        raise ValueError(f"results: the names {', '.join(reserved)} are reserved, got {', '.join(map(str, results))}")
    return results


def _in_short(x: object) -> str:
    shape = getattr(x, "shape", None)
    return repr(x) if isinstance(x, str | Real) else type(x).__name__ + (f" of shape {shape}" if shape else "")


def _short(x: object) -> str:
    return f"{x:.4g}" if isinstance(x, float) else str(x)


def _failure(row: Row) -> str:
    given = ", ".join(f"{name}={x!r}" for name, x in row.items() if name != ERROR)
    return f"{given}: {row[ERROR]}"
