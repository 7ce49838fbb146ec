"""Hyperparameter sweeps: which trials are run, with which seeds, and their table."""

import csv
import os
import re
import signal
import sys
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from numpy.random import default_rng

import autograd
import nn
from autograd import Tensor, Value
from nn.search import sweep

GRID = {"lr": [0.1, 0.5, 1.0], "width": [4, 8]}


def distance(lr, width):
    return (lr - 0.5) ** 2 + width


def noisy(lr, width, seed):
    rng = np.random.default_rng(seed)
    return {"loss": lr + rng.normal(), "width_seen": width, "process": os.getpid()}


def swept(function, parameters, **options):
    return sweep(function, parameters, **({"progress": False} | options))


def without_process(found):
    return [{name: x for name, x in row.items() if name != "process"} for row in found.rows]


# What is run


def test_a_grid_tries_every_combination_in_order():
    found = swept(distance, GRID)
    assert [(row["lr"], row["width"]) for row in found.rows] == [(lr, w) for lr in GRID["lr"] for w in GRID["width"]]
    assert found.best() == {"lr": 0.5, "width": 4, "result": 4.0}
    assert found.best(mode="max") == {"lr": 1.0, "width": 8, "result": 8.25}


def test_random_trials_are_drawn_from_lists_and_functions():
    ranges = {"lr": lambda rng: 10 ** rng.uniform(-4, -1), "width": [4, 8, 16]}
    found = swept(distance, ranges, trials=30, generator=default_rng(0))
    assert len({row["lr"] for row in found.rows}) == 30
    assert all(1e-4 <= row["lr"] <= 1e-1 for row in found.rows)
    assert {row["width"] for row in found.rows} == {4, 8, 16}
    assert swept(distance, ranges, trials=30, generator=default_rng(0)).rows == found.rows
    assert swept(distance, ranges, trials=30, generator=default_rng(1)).rows != found.rows


def test_each_trial_has_a_seed_of_its_own_which_the_table_keeps():
    found = swept(noisy, GRID, repeats=2, generator=default_rng(0))
    assert len({row["seed"] for row in found.rows}) == 12
    row = found.rows[7]
    assert noisy(row["lr"], row["width"], row["seed"])["loss"] == row["loss"]


def test_a_function_may_take_a_generator():
    found = swept(lambda lr, generator: generator.normal(), {"lr": [0.1, 0.1]}, generator=default_rng(0))
    assert found.rows[0]["result"] != found.rows[1]["result"]
    assert found.columns == ["lr", "result"]


def test_a_seed_among_the_parameters_is_a_parameter():
    assert [row["result"] for row in swept(lambda seed: seed, {"seed": [3, 4]}).rows] == [3, 4]


def test_the_number_of_workers_changes_no_result():
    pytest.importorskip("joblib")
    alone, together = (swept(noisy, GRID, repeats=2, generator=default_rng(0), workers=workers) for workers in (1, 2))
    assert without_process(alone) == without_process(together)
    assert {row["process"] for row in alone.rows} == {os.getpid()}
    assert os.getpid() not in {row["process"] for row in together.rows}


@pytest.fixture
def cluster():
    """Two workers on this machine, which dask starts again when they die."""
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster):
        yield


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_results(cluster):
    joblib = pytest.importorskip("joblib")
    alone = without_process(swept(noisy, GRID, repeats=2, generator=default_rng(0)))
    found = [swept(noisy, GRID, repeats=2, generator=default_rng(0), backend="dask")]
    with joblib.parallel_config(backend="dask"):
        found.append(swept(noisy, GRID, repeats=2, generator=default_rng(0), workers=-1))
    for rows in found:
        assert without_process(rows) == alone
        assert os.getpid() not in {row["process"] for row in rows.rows}


def deadly(folder, deaths):
    """A function whose trial 5, once the first has finished, kills the process in which it runs, that many times."""

    def trial(place, seed):
        if place == 5 and len(list(folder.glob("death*"))) < deaths:
            while not (folder / "first").exists():
                time.sleep(0.01)
            time.sleep(0.5)  # its row arrives
            (folder / f"death{os.getpid()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        loss = np.random.default_rng(seed).normal() + nn.Linear(2, 1).weight.data.sum()
        time.sleep(0.1)
        if place == 0:
            (folder / "first").touch()
        return {"loss": loss}

    return trial


def fatal(place):
    os.kill(os.getpid(), signal.SIGKILL)


PLACES = {"place": list(range(12))}
LOST = r"sweep stopped after \d+ of 12 trials, since a worker process died: "


@pytest.mark.slow
def test_when_a_worker_of_the_cluster_is_killed_its_trials_run_again(cluster, tmp_path):
    rows = []
    for deaths, backend in ((0, None), (1, "dask")):
        autograd.manual_seed(0)
        rows.append(swept(deadly(tmp_path, deaths), PLACES, backend=backend).rows)
    assert len(list(tmp_path.glob("death*"))) == 1
    assert [row["place"] for row in rows[1]] == PLACES["place"]
    assert rows[0] == rows[1]


@pytest.mark.slow
def test_a_trial_that_kills_every_worker_it_gets_ends_the_sweep_and_the_rows_before_it_are_kept(cluster, tmp_path):
    alone = swept(deadly(tmp_path, 0), PLACES, generator=default_rng(0)).rows
    with pytest.warns(RuntimeWarning, match=LOST):
        found = swept(deadly(tmp_path, 100), PLACES, generator=default_rng(0), backend="dask")
    assert [row["seed"] for row in found.rows] == [row["seed"] for row in alone[: len(found.rows)]]
    assert 1 <= len(found.rows) <= 5


def test_when_a_process_of_this_machine_is_killed_the_rows_before_are_kept_and_a_warning_says_so(tmp_path):
    pytest.importorskip("joblib")
    with pytest.warns(RuntimeWarning, match=LOST) as seen:
        found = swept(deadly(tmp_path, 1), PLACES, workers=2)
    assert seen[0].filename == __file__
    assert found.stopped == f"stopped after {len(found.rows)} of 12 trials, since a worker process died"
    assert f"{len(found.rows)} trials; {found.stopped}" in " ".join(str(found).split())
    assert [row["place"] for row in found.rows] == PLACES["place"][: len(found.rows)]


def test_a_killed_process_is_an_error_if_no_trial_has_finished():
    pytest.importorskip("joblib")
    with pytest.raises(RuntimeError, match=r"worker process .* was unexpectedly terminated"):
        swept(fatal, PLACES, workers=2)


def test_a_backend_that_joblib_was_told_of_needs_not_give_its_rows_one_by_one(monkeypatch):
    joblib = pytest.importorskip("joblib")

    class AllAtOnce(joblib.parallel.ThreadingBackend):
        supports_return_generator = False

    monkeypatch.setitem(joblib.parallel.BACKENDS, "all_at_once", AllAtOnce)
    alone = swept(noisy, GRID, generator=default_rng(0))
    assert swept(noisy, GRID, generator=default_rng(0), backend="all_at_once").rows == alone.rows


@pytest.mark.parametrize(("backend", "package"), [("dask", "distributed"), ("ray", "ray")])
def test_a_backend_that_is_not_installed_names_its_package(backend, package, monkeypatch):
    pytest.importorskip("joblib")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModuleNotFoundError, match=f"backend: '{backend}' needs {package}; pip install {package}"):
        swept(distance, GRID, backend=backend)


def test_an_unknown_backend_is_answered_with_those_of_joblib():
    pytest.importorskip("joblib")
    with pytest.raises(ValueError, match=r"expected one that joblib knows, dask, loky, .*, threading; got 'dusk'"):
        swept(distance, GRID, backend="dusk")


@pytest.mark.slow
def test_without_a_client_the_error_says_how_to_make_one():
    pytest.importorskip("joblib")
    pytest.importorskip("distributed")
    with pytest.raises(ValueError, match=r"client = Client\(\)"):
        swept(distance, GRID, backend="dask")


def from_the_default_generator(learning_rate):
    first = nn.Linear(2, 1).weight.data.sum()
    time.sleep(0.02)  # another thread draws now
    return first + 2.0 * nn.Linear(2, 1).weight.data.sum() + learning_rate


def test_after_manual_seed_what_trials_draw_is_the_same_for_any_number_of_workers():
    pytest.importorskip("joblib")
    rows, rest = [], []
    for options in ({}, {"workers": 2}, {"backend": "loky"}, {"workers": 3, "backend": "threading"}):
        autograd.manual_seed(3)
        rows.append(swept(from_the_default_generator, {"learning_rate": [0.0, 0.0, 1.0]}, **options).rows)
        rest.append(nn.Linear(2, 1).weight.data.tolist())
    assert rows[1:] == rows[:1] * 3
    assert rest[1:] == rest[:1] * 3
    assert rows[0][0]["result"] != rows[0][1]["result"]


def test_what_a_trial_does_to_the_default_generator_ends_with_it():
    rest = []
    for trial in (lambda x: x, lambda x: autograd.manual_seed(x).random() + nn.Linear(2, 1).weight.data.sum()):
        autograd.manual_seed(3)
        swept(trial, {"x": [1, 2]})
        rest.append(nn.Linear(2, 1).weight.data.tolist())
    assert rest[0] == rest[1]


@pytest.mark.parametrize("options", [{"workers": 2}, {"backend": "loky"}])
def test_several_workers_without_joblib_name_the_extra(options, monkeypatch):
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(ModuleNotFoundError, match=r"wengert\[parallel\]"):
        swept(distance, GRID, **options)


# What fails


def diverging(lr, width):
    if lr > 0.5:
        raise FloatingPointError("the loss is nan")
    return distance(lr, width)


def test_a_trial_that_fails_is_reported_with_its_parameters_and_stops_no_other(capsys):
    found = sweep(diverging, GRID)
    assert found.rows[-1] == {"lr": 1.0, "width": 8, "error": "FloatingPointError: the loss is nan"}
    assert found.best() == {"lr": 0.5, "width": 4, "result": 4.0}
    assert found.best(mode="max")["lr"] == 0.1
    assert "failed: lr=1.0, width=8: FloatingPointError: the loss is nan" in capsys.readouterr().out
    assert "6 trials, 2 failed" in str(found)


def test_parameters_of_which_a_repeat_failed_are_not_the_best():
    def lucky(lr, seed):
        if lr == 0.1 and seed % 2:
            raise ValueError("odd")
        return lr

    found = swept(lucky, {"lr": [0.1, 0.2]}, repeats=8, generator=default_rng(0))
    assert found.best()["lr"] == 0.2


def test_if_all_trials_fail_the_error_says_where():
    with pytest.raises(RuntimeError, match=r"every trial failed, the first with lr=1.0, width=4") as caught:
        swept(diverging, {"lr": [1.0], "width": [4]})
    assert 'raise FloatingPointError("the loss is nan")' in str(caught.value)


def test_a_result_with_the_name_of_a_parameter_fails():
    with pytest.raises(RuntimeError, match="results: the names lr, error are reserved, got lr, loss"):
        swept(lambda lr: {"lr": lr, "loss": 1.0}, {"lr": [1.0]})


@pytest.mark.parametrize(
    ("parameters", "options", "error", "words"),
    [
        ({}, {}, ValueError, "parameters: expected a dict"),
        ({"lr": [], "width": [1]}, {}, ValueError, "lr: expected a list of values to try, got"),
        ({"lr": 0.1, "width": [1]}, {}, ValueError, "lr: expected a list of values to try, got 0.1"),
        ({"lr": lambda rng: 1.0, "width": [1]}, {}, ValueError, "functions need trials="),
        ({"lr": [0.1], "depth": [1]}, {}, TypeError, "cannot be called with lr, depth"),
        (GRID, {"trials": 0}, ValueError, "trials: expected an integer"),
        (GRID, {"repeats": 0}, ValueError, "repeats: expected an integer"),
        (GRID, {"workers": 0}, ValueError, "workers: expected an integer"),
    ],
)
def test_bad_input_is_reported_before_anything_runs(parameters, options, error, words):
    with pytest.raises(error, match=words):
        swept(distance, parameters, **options)


def test_a_function_that_asks_for_rng_hears_of_generator():
    with pytest.raises(TypeError, match="'rng'; the random generator is passed as generator"):
        swept(lambda lr, rng: lr, {"lr": [0.1]})


# The table


def test_the_best_is_the_mean_over_repeats():
    found = swept(lambda lr, seed: {"loss": lr + seed % 2}, {"lr": [0.0, 0.25]}, repeats=20, generator=default_rng(0))
    means = {lr: np.mean([row["loss"] for row in found.rows if row["lr"] == lr]) for lr in (0.0, 0.25)}
    assert found.best("loss")["loss"] == pytest.approx(min(means.values()))


def test_an_unknown_result_is_an_error_that_says_what_there_is():
    found = swept(distance, GRID)
    with pytest.raises(ValueError, match="no result 'accuracy' to compare; the columns are lr, width, result"):
        found.best("accuracy")
    with pytest.raises(ValueError, match='mode: expected "min" or "max"'):
        found.best(mode="largest")
    with pytest.raises(ValueError, match="no column depth; the columns are lr, width, result"):
        found.heatmap("lr", "depth")


@pytest.mark.parametrize("kind", [Value, Tensor, np.array, np.float32, int])
def test_a_number_of_any_kind_is_a_result(kind):
    found = swept(lambda x: kind(x**2), {"x": [2.0, 1.0]})
    assert found.best() == {"x": 1.0, "result": 1.0}
    assert [type(row["result"]) for row in found.rows] == [int if kind is int else float] * 2
    assert swept(lambda x: {"loss": kind(x)}, {"x": [2.0, 1.0]}).best("loss", mode="max")["loss"] == 2.0


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (Tensor([1.0, 2.0]), "got ndarray of shape (2,)"),
        (nn.History({"loss": [1.0]}), "got History"),
        (None, "got NoneType"),
        ("good", "got 'good'"),
        (np.nan, "got nan"),
    ],
)
def test_a_result_that_is_no_number_is_not_compared(result, words):
    found = swept(lambda x: result, {"x": [1, 2]})
    with pytest.raises(ValueError, match=re.escape(f"expected numbers to compare as 'result', {words}")):
        found.best()


def test_it_becomes_columns_a_file_and_a_table(tmp_path):
    found = swept(diverging, GRID)
    columns = found.to_dict()
    assert columns["width"] == [4, 8] * 3
    assert columns["error"][:4] == [None] * 4
    with found.to_csv(tmp_path / "found.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0] == {"lr": "0.1", "width": "4", "result": "4.16", "error": ""}
    assert "│ 0.1 │     4 │   4.16 │" in str(found)
    assert "4.16" in found._repr_mimebundle_([], [])["text/html"]


def test_a_heatmap_has_a_cell_for_each_pair_that_has_a_result():
    picture = swept(diverging, GRID, repeats=2).heatmap("lr", "width")
    svg = ET.fromstring(picture.svg)
    texts = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("4.16") == 1
    assert {"lr", "width", "8", "0.5", "mean of result"} <= set(texts)
    assert len(list(svg.iter("{http://www.w3.org/2000/svg}rect"))) == 1 + 4


def test_a_list_of_seeds_repeats_every_combination_with_the_same_ones():
    def noisy(x, seed):
        return x + seed

    found = sweep(noisy, {"x": [3, 1, 2], "seed": [0, 10]}, progress=False)
    assert [(row["x"], row["seed"]) for row in found.rows] == [(3, 0), (3, 10), (1, 0), (1, 10), (2, 0), (2, 10)]
    assert found.best() == {"x": 1, "result": 6.0}
