"""The tests of the table are themselves tested: a wrong row, planted on purpose, must not pass."""

import math
from dataclasses import replace

import pytest

from autograd import table
from tests import test_table as checks


def planted(op, **changes):
    """A copy of a row with a mistake; without the methods that were compiled from the right one."""
    return replace(op, **changes)


WRONG_VALUE = planted(table.tanh, scalar=lambda x: math.tanh(x) * (1 + 1e-14))
WRONG_TAIL = planted(table.softplus, scalar=lambda x: math.log(1 + math.exp(min(x, 700.0))))
WRONG_PARTIAL = planted(table.sin, rules=(lambda y, x: -table.cos(x),))
SLIGHTLY_WRONG_PARTIAL = planted(table.exp, rules=(lambda y, x: y * (1 + 1e-11),))
LOST_DIGITS = planted(table.tanh, rules=(lambda y, x: 1 - y * y,))
SWAPPED_PARTIALS = planted(table.div, rules=table.div.rules[::-1])
ONE_PARTIAL_FOR_BOTH = planted(table.mul, rules=(table.mul.rules[0],) * 2)
FIRST_PARTIAL_TWICE = planted(table.div, rules=(table.div.rules[0],) * 2)
MISSING_FACTOR = planted(table.square, rules=(lambda y, x: x,))
CAPTURED_NUMBER = planted(table.sin, rules=(lambda y, x: math.cos(getattr(x, "data", x)),))
CAPTURED_RESULT = planted(table.exp, rules=(lambda y, x: getattr(y, "data", y),))
WRONG_KINK = planted(table.abs, rules=(lambda y, x: table.where(x >= 0, 1.0, -1.0),))
WRONG_TIE = planted(table.maximum, rules=(lambda z, x, y: table.where(x >= y, 1.0, 0.0),) * 2)


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (checks.check_values, WRONG_VALUE),
        (checks.check_values, WRONG_TAIL),
        (checks.check_partials, WRONG_PARTIAL),
        (checks.check_partials, SLIGHTLY_WRONG_PARTIAL),
        (checks.check_partials, LOST_DIGITS),
        (checks.check_partials, SWAPPED_PARTIALS),
        (checks.check_partials, ONE_PARTIAL_FOR_BOTH),
        (checks.check_first_order, WRONG_PARTIAL),
        (checks.check_first_order, SWAPPED_PARTIALS),
        (checks.check_first_order, MISSING_FACTOR),
        (checks.check_second_order, CAPTURED_NUMBER),
        (checks.check_second_order, CAPTURED_RESULT),
        (checks.check_repeated_operand, FIRST_PARTIAL_TWICE),
        (checks.check_repeated_operand, WRONG_TIE),
        (checks.check_special_points, WRONG_KINK),
        (checks.check_special_points, WRONG_TIE),
    ],
)
def test_a_wrong_row_is_caught(check, wrong):
    right = getattr(table, wrong.name)
    check(right)
    with pytest.raises(AssertionError):
        check(wrong)


def test_rules_that_are_right_to_first_order_only_pass_the_first_order_checks():
    for wrong in (CAPTURED_NUMBER, CAPTURED_RESULT):
        checks.check_partials(wrong)
        checks.check_first_order(wrong)
