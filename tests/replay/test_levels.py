"""Groups of equal operations: each after those it needs, and as few as the paths allow."""

import numpy as np
from hypothesis import given

from autograd.replay.levels import grouped
from tests.replay.programs import program_of, straight_lines


def groups_of(f, *arguments):
    program = program_of(f, *arguments)
    groups = grouped(program, np.zeros(len(program), bool))
    return [(program.row_of(int(group[0])).name, len(group)) for group in groups]


@given(straight_lines())
def test_each_group_follows_what_it_needs_and_has_one_operation(case):
    function, arguments, _ = case
    program = program_of(function, *arguments)
    done = set(np.flatnonzero(program.code == 0).tolist())
    for group in grouped(program, np.zeros(len(program), bool)):
        assert len(set(program.code[group].tolist())) == 1
        assert all(set(program.operands_of(slot)) <= done for slot in group.tolist())
        done |= set(group.tolist())
    assert len(done) == len(program)


def test_equal_operations_of_one_level_are_one_group():
    assert groups_of(lambda *x: [(y * z).exp() for y in x for z in x], 1.0, 2.0, 3.0) == [("mul", 9), ("exp", 9)]


def test_paths_that_differ_by_an_operation_meet_again():
    """Every other sample is negated first; the cosines wait for it."""

    def f(*numbers):
        ends = [(x.sin() if i % 2 else -(x.sin())).cos().exp() for i, x in enumerate(numbers)]
        return sum(ends)

    assert groups_of(f, *np.linspace(-1.0, 1.0, 10).tolist())[:4] == [("sin", 10), ("neg", 5), ("cos", 10), ("exp", 10)]
