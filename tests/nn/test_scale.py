"""The map of scale: where lines cross, what takes over from where, and the measurements that come with the package."""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from itertools import pairwise

import numpy as np
import pytest

import nn
from autograd import Tape, Value, cos, relu, sin
from nn.course.scale import FILE, LOOK_OF, Change, ScaleMap, crossing, scale_map
from tests.bench import scale

SIZES = [1_000, 10_000, 100_000, 1_000_000]


def measured(tool, seconds, once=None, too_slow=False, family="numbers"):
    """A line of the map, a point for each of the seconds."""
    return [
        {
            "family": family,
            "tool": tool,
            "operations": size,
            "parameters": size // 2,
            "too_slow": too_slow and place == len(seconds) - 1,
            "seconds": of_step,
            "bytes": 200 * size,
            "once_seconds": once,
            "once_bytes": None if once is None else 900 * size,
        }
        for place, (size, of_step) in enumerate(zip(SIZES, seconds, strict=False))
    ]


def map_of(*lines):
    points = [point for line in lines for point in line]
    limits = {"step_seconds": 3.0, "process_seconds": 60.0}
    return ScaleMap({"date": "2020-01-01", "machine": {}, "versions": {}, "limits": limits, "points": points})


@pytest.fixture
def costs():
    """Small fixed costs and large ones for each operation, and the other way round."""
    eager = measured("eager", [1e-6 * size for size in SIZES[:3]], too_slow=True)
    replayed = measured("replayed", [1e-3 + 1e-8 * size for size in SIZES], once=1.0)
    return map_of(eager, replayed)


@pytest.mark.parametrize(("fixed", "each", "other_fixed", "other_each"), [(0, 1.0, 300, 0), (10, 2.0, 5_000, 0.0)])
def test_lines_cross_where_their_formulas_do(fixed, each, other_fixed, other_each):
    sizes = np.geomspace(1, 1e6, 2_000)
    found = crossing({x: fixed + each * x for x in sizes}, {x: other_fixed + other_each * x for x in sizes})
    assert math.isclose(found, (other_fixed - fixed) / (each - other_each), rel_tol=1e-2)


def test_from_a_crossing_on_the_other_stays_lower():
    assert crossing({1: 1.0, 10: 1.0, 100: 1.0, 1000: 1.0}, {1: 0.5, 10: 2.0, 100: 0.5, 1000: 2.0}) is None
    assert 10 < crossing({1: 1.0, 10: 1.0, 100: 1.0}, {1: 0.5, 10: 2.0, 100: 0.5}) < 100


def test_what_stops_is_overtaken_there_by_what_goes_on():
    assert crossing({1: 1.0, 10: 1.0}, {1: 2.0, 10: 2.0, 100: 2.0}) == 100
    assert crossing({1: 1.0, 10: 1.0}, {1: 2.0}) is None


def test_recording_is_shared_among_the_steps(costs):
    assert costs.costs("numbers", "replayed")[1_000] == pytest.approx(1.01e-3)
    assert costs.costs("numbers", "replayed", steps=10)[1_000] == pytest.approx(0.1 + 1.01e-3)
    assert costs.costs("numbers", "eager", steps=10) == costs.costs("numbers", "eager")


def test_the_more_steps_the_earlier_it_pays_to_record(costs):
    found = [costs.crossing("numbers", "eager", "replayed", steps) for steps in (1, 100, 10_000, None)]
    assert found[0] == 1_000_000  # where the other has stopped
    assert all(before > after for before, after in pairwise(found))


def test_a_change_must_be_worth_it():
    small = map_of(measured("Values", [1.0, 1.0, 1.0]), measured("Tensors", [0.9, 0.9, 0.9]))
    assert small.changes("numbers", ["Values", "Tensors"]) == [Change(1_000, "Values")]
    assert small.changes("numbers", ["Tensors", "Values"]) == [Change(1_000, "Tensors")]
    large = map_of(measured("Values", [1.0, 1.0, 1.0]), measured("Tensors", [1.1, 0.9, 0.5]))
    first, second = large.changes("numbers", ["Values", "Tensors"])
    assert (first, second.tool) == (Change(1_000, "Values"), "Tensors")
    assert 1_000 < second.size < 10_000  # where the lines cross, though it is worth a change only later


def test_a_size_that_was_too_slow_is_not_reached(costs):
    assert costs.reach("numbers", ["eager"]) == 10_000
    assert costs.reach("numbers", ["eager", "replayed"]) == 1_000_000
    assert costs.changes("numbers", ["eager"]) == [Change(1_000, "eager")]


def test_changes_name_the_fastest_and_where_it_takes_over(costs):
    first, second = costs.changes("numbers", ["eager", "replayed"])
    assert first == Change(1_000, "eager")
    assert second.tool == "replayed"
    assert 1_000 < second.size < 10_000
    assert costs.changes("numbers", ["replayed"]) == [Change(1_000, "replayed")]


def test_memory_is_that_of_the_peak_and_what_is_small_is_left_out(costs):
    assert costs.costs("numbers", "eager", "bytes") == {10_000: 2e6, 100_000: 2e7}
    assert costs.costs("numbers", "replayed", "bytes")[1_000_000] == 9e8


def test_it_says_where_a_tool_stopped_and_why(costs):
    assert costs.stop("numbers", "eager") == (100_000, "a step takes over 3 s")
    assert costs.stop("numbers", "replayed") is None
    unknown = measured("slow", [None], too_slow=True)
    assert map_of(unknown).stop("numbers", "slow") == (1_000, "not ready after 60 s")


def test_a_tool_without_measurements_is_an_error_that_names_the_others(costs):
    with pytest.raises(ValueError, match="no measurements of 'abacus' for 'numbers'; there are: numbers: eager, "):
        costs.of("numbers", "abacus")


def test_a_chart_has_a_line_for_each_tool_on_logarithmic_axes():
    pytest.importorskip("matplotlib")
    figure, axes = nn.plot.figure()
    costs = map_of(measured("Values", [1.0, 2.0]), measured("Tensors", [1.0, 0.5]))
    costs.chart(axes, "numbers", ["Values", "Tensors"], steps=100)
    assert [line.get_label() for line in axes.lines] == ["Values", "Tensors"]
    assert (axes.get_xscale(), axes.get_yscale(), axes.get_xlabel()) == ("log", "log", "operations")
    assert figure.png()


def test_every_tool_that_is_measured_has_a_look_of_its_own():
    tools = {tool for family in scale.FAMILIES.values() for tool in family.tools}
    assert set(LOOK_OF) == tools
    assert len(set(LOOK_OF.values())) == len(tools)


# The measurements that come with the package


@pytest.fixture(scope="module")
def committed():
    return scale_map()


def test_the_committed_map_has_its_families_from_small_to_large(committed):
    assert committed.families == ["numbers", "irregular", "arrays"]
    assert {"Values", "jit, python"} <= set(committed.tools("irregular"))
    assert {"Values", "jit, numpy", "NumPy by hand"} <= set(committed.tools("numbers"))
    assert {"Tensors", "jit, numpy", "NumPy by hand"} <= set(committed.tools("arrays"))
    for family in ("numbers", "arrays"):
        sizes = [point.size for point in committed.of(family, "NumPy by hand")]
        assert sizes == sorted(sizes)
        assert sizes[0] < 1_500
        assert sizes[-1] > 9e6


def test_a_tool_that_did_not_stop_went_all_the_way(committed):
    for family in committed.families:
        last = max(point.size for point in committed.points if point.family == family)
        for tool in committed.tools(family):
            points = committed.of(family, tool)
            assert [point.too_slow for point in points[:-1]] == [False] * (len(points) - 1)
            assert points[-1].too_slow or points[-1].size == last


def test_the_committed_map_says_when_and_on_what_it_was_measured_but_not_where():
    text = FILE.read_text("utf-8")
    given = json.loads(text)
    assert set(given) == {"date", "machine", "versions", "limits", "batch", "points"}
    assert set(given["machine"]) == {"processor", "cores", "system"}
    assert {"python", "numpy"} <= set(given["versions"])
    assert "/" not in text


# The programs that are measured


def installed():
    for name, family in scale.FAMILIES.items():
        for tool, built in family.tools.items():
            light = built.package in ("numpy", "micrograd", "casadi")
            if light and importlib.util.find_spec(built.package) and scale.is_there(tool, built):
                yield pytest.param(name, tool, id=f"{name}-{tool}")


@pytest.mark.parametrize(("family", "tool"), list(installed()))
def test_every_tool_computes_the_same(family, tool):
    tools = scale.FAMILIES[family].tools
    step, eager = tools[tool].build(3), tools["Values"].build(3)
    limit = sys.getrecursionlimit()
    for _ in range(3):
        assert math.isclose(step()[0], eager()[0], rel_tol=1e-12)
    assert sys.getrecursionlimit() == limit


@pytest.mark.parametrize("width", [2, 5])
def test_the_operations_of_the_network_of_numbers_are_those_on_its_tape(width):
    sample, layers, leaves = scale.on_leaves(width, Value)
    entries = len(Tape.of(scale.loss_of(sample, layers, relu)))
    assert len(leaves) == scale.parameters_of_numbers(width)
    assert entries - len(leaves) == scale.operations_of_numbers(width)


@pytest.mark.parametrize("steps", [1, 4])
def test_the_operations_of_the_pendulum_are_those_on_its_tape(steps):
    leaves = list(map(Value, scale.START))
    entries = len(Tape.of(scale.energy(steps, *leaves, sin, cos)))
    assert entries - len(leaves) == scale.operations_of_pendulum(steps)


@pytest.mark.parametrize("size", scale.SIZES)
def test_sizes_are_what_they_are_called(size):
    numbers, pendulum, arrays = scale.FAMILIES.values()
    assert math.isclose(numbers.operations_of(numbers.width_of(size)), size, rel_tol=0.1)
    assert math.isclose(pendulum.operations_of(pendulum.width_of(size)), size, rel_tol=0.1)
    assert math.isclose(arrays.parameters_of(arrays.width_of(size)), size, rel_tol=0.1)


def test_the_parameters_of_the_network_of_arrays_are_counted():
    _, _, parameters = scale.arrays(7)
    assert sum(p.size for p in parameters) == scale.parameters_of_arrays(7)
