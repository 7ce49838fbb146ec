"""Repetitions in sequences: loops, loops in loops, and sequences that have none."""

import random
import time

import pytest
from hypothesis import given, strategies as st

from autograd.view.repeats import Repetition, repetitions


def alone(symbols):
    """Each element is used by the next one only."""
    return [min(i + 1, len(symbols) - 1) for i in range(len(symbols))]


@given(st.integers(1, 9), st.integers(3, 20), st.integers(0, 5), st.integers(0, 5))
def test_a_block_that_comes_several_times_is_found_wherever_it_is(period, count, before, after):
    block = list(range(period))
    symbols = [*range(100, 100 + before), *block * count, *range(200, 200 + after)]
    assert repetitions(symbols, alone(symbols)) == [Repetition(before, period, count)]


@pytest.mark.parametrize("symbols", [[], [1], [1, 1], [1, 2, 1, 2], list(range(50))])
def test_what_comes_twice_is_no_repetition(symbols):
    assert repetitions(symbols, alone(symbols)) == []


def test_of_loops_in_a_loop_the_outer_one_is_found():
    symbols = [*([1, 2] * 10), 3] * 6
    assert repetitions(symbols, alone(symbols)) == [Repetition(0, 21, 6)]


def test_a_block_begins_where_the_fewest_elements_are_in_use():
    symbols = [5, *[1, 2, 3] * 10, 6]
    last_use = alone(symbols)
    for i in range(2, 32, 3):
        last_use[i] = min(i + 2, 31)  # 2 is also used by the 1 of the next block, so the state is what 1 leaves
    (found,) = repetitions(symbols, last_use)
    assert symbols[found.start] == 2


def test_a_hundred_thousand_random_elements_take_about_a_second():
    draws = random.Random(0)
    symbols = [draws.randrange(20) for _ in range(100_000)]
    start = time.process_time()
    repetitions(symbols, alone(symbols))
    assert time.process_time() - start < 5.0
