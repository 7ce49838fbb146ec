"""Which hyper-parameters are best: a function tried with all of them, or with some drawn at random."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from inspect import Parameter, signature
from itertools import product
from math import nan
from numbers import Real
from pathlib import Path
from statistics import fmean
from traceback import format_exc
from typing import Any

import numpy as np
from rich.table import Table

from nn.checks import check_int
from nn.curve import Picture
from nn.data import Rng
from nn.heatmap import heatmap_svg
from nn.progress import display
from nn.tabular import AsTable

Row = dict[str, Any]
RESULT, ERROR = "result", "error"
"""The columns of what is returned if it is one number, and of what is raised."""

SHOWN = 40
"""How many rows of a long table are shown."""


class Sweep(AsTable):
    """The table that `sweep` gives: a row for each trial. It prints in a terminal and shows itself in a notebook."""

    def __init__(self, rows: list[Row], parameters: list[str]) -> None:
        self.rows = rows
        """Of each trial its parameters, its "seed" if it takes one, and its results, or its "error"."""
        self.parameters = parameters

    @property
    def columns(self) -> list[str]:
        """The names of parameters and results, in the order in which they come up."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def best(self, by: str = RESULT, mode: str = "min") -> Row:
        """The parameters with the best result, and the means of their results over all repeats and seeds.

        Parameters for which a trial failed are left out.

        Args:
            by: the name of the result.
            mode: "min" if smaller is better, "max" if larger is.

        Raises:
            ValueError: there is no such result, or the mode is unknown.
        """
        if mode not in ("min", "max"):
            raise ValueError(f'mode: expected "min" or "max", got {mode!r}')
        candidates = [mean for group in self._groups(self.parameters) if by in (mean := self._mean(group))]
        candidates = [row for row in candidates if row[by] == row[by]]
        if not candidates or by in self.parameters:
            raise ValueError(f"by: there is no result {by!r} to compare; there is {', '.join(self.columns)}")
        return min(candidates, key=lambda row: row[by] if mode == "min" else -row[by])

    def to_dict(self) -> dict[str, list[Any]]:
        """The columns by their names, None where a row has nothing: what `pandas.DataFrame` takes."""
        return {name: [row.get(name) for row in self.rows] for name in self.columns}

    def to_csv(self, file: str | Path) -> Path:
        """Writes the table to a file, with the names of the columns in the first line."""
        path = Path(file)
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, self.columns)
            writer.writeheader()
            writer.writerows(self.rows)
        return path

    def heatmap(self, x: str, y: str, z: str = RESULT) -> Picture:
        """The mean of a result for each pair of two parameters, as colours.

        Args:
            x: the parameter of the columns.
            y: that of the rows.
            z: the result.

        Raises:
            ValueError: there is no such parameter or result.
        """
        if unknown := [name for name in (x, y, z) if name not in self.columns]:
            raise ValueError(f"there is no {', '.join(unknown)}; there is {', '.join(self.columns)}")
        columns, rows = (list(dict.fromkeys(row[name] for row in self.rows)) for name in (x, y))
        means = {(group[0][x], group[0][y]): self._mean(group).get(z, nan) for group in self._groups([x, y])}
        numbers = [[means.get((column, row), nan) for column in columns] for row in rows]
        return Picture(heatmap_svg(numbers, [*map(_short, rows)], [*map(_short, columns)], f"mean of {z}", y, x))

    def _groups(self, names: list[str]) -> Iterator[list[Row]]:
        """The trials with the same values of these parameters."""
        groups: dict[str, list[Row]] = {}
        for row in self.rows:
            groups.setdefault(repr([row[name] for name in names]), []).append(row)
        yield from groups.values()

    def _mean(self, group: list[Row]) -> Row:
        """The parameters, and the means of the results that are numbers; none of them if a trial failed."""
        first = {name: group[0][name] for name in self.parameters}
        results = [name for name in group[0] if name not in (*self.parameters, "seed")]
        numeric = [name for name in results if all(isinstance(row.get(name), Real) for row in group)]
        return first | {name: fmean(row[name] for row in group) for name in numeric}

    def __rich__(self) -> Table:
        failed = sum(ERROR in row for row in self.rows)
        caption = f"{len(self.rows)} trials" + (f", {failed} failed" if failed else "")
        caption += f", the first {SHOWN} shown" if len(self.rows) > SHOWN else ""
        table = Table(caption=caption, caption_justify="left")
        for name in self.columns:
            table.add_column(name, justify="left" if name == ERROR else "right")
        for row in self.rows[:SHOWN]:
            table.add_row(*(_short(row.get(name, "")) for name in self.columns))
        return table


def sweep(
    function: Callable[..., Any],
    parameters: Mapping[str, Any],
    *,
    trials: int | None = None,
    repeats: int = 1,
    rng: Rng = None,
    workers: int = 1,
    progress: bool = True,
) -> Sweep:
    """Calls `function(**parameters)` for every combination of parameters, or for some drawn at random.

    A function that has an argument `seed` is given an int, one that has an argument `rng` a
    `numpy.random.Generator`: another one in each trial, and the same whatever the number of workers. A trial that
    raises does not stop the others: its error is in the table.

    Args:
        function: returns a number, or a dict of results.
        parameters: for each name a list of what is tried; or, with `trials`, a function that draws from a Generator.
            A list of seeds, as "seed", repeats every combination with each of them.
        trials: how many combinations are drawn; all are tried unless given (J. Bergstra and Y. Bengio, JMLR 2012,
            on why drawing them is better if there are many).
        repeats: how many times each combination is tried.
        rng: a `numpy.random.Generator` or an int, for the same trials every time.
        workers: how many processes, by joblib; -1 for as many as there are cores. Inside
            `joblib.parallel_config(backend="dask")` they are on the machines of a dask cluster.
        progress: whether to show how far it is.

    Raises:
        ModuleNotFoundError: there are several workers, and joblib is not installed.
        RuntimeError: every trial failed.
        TypeError: the function does not take the parameters.
        ValueError: there is nothing to try, or a parameter is no list; or a function to draw from without `trials`.

    Example:
        >>> found = sweep(lambda x, y: (x - 1) ** 2 + y, {"x": [0, 1, 2], "y": [0.5, 0.25]}, progress=False)
        >>> found.best()
        {'x': 1, 'y': 0.25, 'result': 0.25}
        >>> rates = {"lr": lambda rng: 10 ** rng.uniform(-3, 0)}
        >>> drawn = sweep(lambda lr, seed: lr, rates, trials=5, rng=0, progress=False)
        >>> len(drawn.rows), drawn.columns
        (5, ['lr', 'seed', 'result'])
    """
    generator = np.random.default_rng(rng)
    combinations = list(_drawn(parameters, trials, generator) if trials is not None else _grid(parameters))
    planned = [combination for combination in combinations for _ in range(check_int("repeats", repeats))]
    takes = _seeds_taken(function, parameters)
    seeds = generator.bit_generator.seed_seq.spawn(len(planned))  # type: ignore[attr-defined]
    calls = [(function, given, _seeded(takes, seed)) for given, seed in zip(planned, seeds, strict=True)]
    rows: list[Row] = []
    traces: list[str] = []
    with display("trial", len(calls), progress) as shown:
        for row, trace in _run(calls, workers):
            rows.append(row)
            traces.append(trace)
            shown.report(len(rows), "  ".join(f"{name} {_short(x)}" for name, x in row.items()))
            if trace:
                shown.say(f"failed: {_written(row)}")
    if all(traces):
        raise RuntimeError(f"every trial failed, the first with {_written(rows[0])}\n\n{traces[0]}")
    return Sweep(rows, [name for name in parameters if name != "seed"])


def _grid(parameters: Mapping[str, Any]) -> Iterator[Row]:
    choices = {name: _choices(name, x, "; a function to draw from needs trials") for name, x in parameters.items()}
    for values in product(*choices.values()):
        yield dict(zip(choices, values, strict=True))


def _drawn(parameters: Mapping[str, Any], trials: int, rng: np.random.Generator) -> Iterator[Row]:
    draws = {name: x if callable(x) else _one_of(_choices(name, x)) for name, x in parameters.items()}
    for _ in range(check_int("trials", trials)):
        yield {name: _plain(draw(rng)) for name, draw in draws.items()}


def _choices(name: str, given: Any, hint: str = "") -> list[Any]:
    if not isinstance(given, list | tuple | range | np.ndarray) or not len(given):
        raise ValueError(f"{name}: expected a list of what to try, got {given!r}{hint}")
    return [_plain(x) for x in given]


def _one_of(choices: list[Any]) -> Callable[[np.random.Generator], Any]:
    return lambda rng: choices[rng.integers(len(choices))]


def _plain(x: Any) -> Any:
    return x.item() if isinstance(x, np.generic) else x


def _seeds_taken(function: Callable[..., Any], parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Which of `seed` and `rng` the function takes, and the parameters do not give."""
    if not isinstance(parameters, Mapping) or not parameters:
        raise ValueError(f"parameters: expected a dict of what to try, got {parameters!r}")
    expected = signature(function)
    named = [x.name for x in expected.parameters.values() if x.kind is not Parameter.POSITIONAL_ONLY]
    takes = tuple(name for name in ("seed", "rng") if name in named and name not in parameters)
    try:
        expected.bind(**dict.fromkeys((*parameters, *takes)))
    except TypeError as error:
        raise TypeError(f"the function cannot be called with {', '.join((*parameters, *takes))}: {error}") from None
    return takes


def _seeded(takes: tuple[str, ...], seed: np.random.SeedSequence) -> Row:
    given = {"seed": int(seed.generate_state(1)[0]), "rng": np.random.default_rng(seed)}
    return {name: given[name] for name in takes}


Call = tuple[Callable[..., Any], Row, Row]


def _run(calls: list[Call], workers: int) -> Iterable[tuple[Row, str]]:
    if workers == 1:
        return (_trial(*call) for call in calls)
    if workers != -1:
        check_int("workers", workers)
    try:
        joblib = import_module("joblib")
    except ModuleNotFoundError:
        raise ModuleNotFoundError('several workers need joblib: pip install "wengert[parallel]"') from None
    run = joblib.Parallel(n_jobs=workers, return_as="generator")
    return run(joblib.delayed(_trial)(*call) for call in calls)  # type: ignore[no-any-return]


def _trial(function: Callable[..., Any], parameters: Row, seeds: Row) -> tuple[Row, str]:
    """The row of one trial; and where it failed, if it did."""
    row = parameters | {name: x for name, x in seeds.items() if name == "seed"}
    try:
        results = function(**parameters, **seeds)
        return row | _results(results, taken=(*row, ERROR)), ""
    except Exception as error:
        return row | {ERROR: f"{type(error).__name__}: {error}"}, format_exc()


def _results(returned: Any, taken: tuple[str, ...]) -> Row:
    results = {
        name: _plain(x) for name, x in (returned if isinstance(returned, Mapping) else {RESULT: returned}).items()
    }
    if not results.keys().isdisjoint(taken):
        raise ValueError(f"results: the names {', '.join(taken)} are taken, got {', '.join(map(str, results))}")
    return results


def _short(x: Any) -> str:
    return f"{x:.4g}" if isinstance(x, float) else str(x)


def _written(row: Row) -> str:
    given = ", ".join(f"{name}={x!r}" for name, x in row.items() if name != ERROR)
    return f"{given}: {row[ERROR]}"
