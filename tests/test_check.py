"""check_grads: agrees with right derivatives of any order, and names the worst of wrong ones."""

from dataclasses import replace

import micrograd.engine
import pytest

from autograd import Value, atan2, check_grads, table, where


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: x**3 - 2 * x, [1.5]),
        (lambda x, w: (x * w + x).tanh() / w, [0.5, -1.5]),
        (lambda y, x: atan2(y, x) * x.exp(), [0.3, 1.2]),
        (lambda x: where(x > 0, x * x, -x), [-0.7]),
        (lambda x, y: x + 1.0, [2.0, 3.0]),
        (lambda x: 5.0, [2.0]),
    ],
)
def test_right_derivatives_agree_to_the_third_order(f, args):
    assert check_grads(f, args, order=3).error < 1e-6


def test_a_wrong_rule_is_shown_with_both_numbers():
    wrong = replace(table.tanh, rules=(lambda y, x: 1 - y,))
    with pytest.raises(
        AssertionError, match=r"argument 0 is 0\.5378.* by the engine and 0\.7864.* by finite differences"
    ):
        check_grads(lambda x: wrong(x), [0.5], order=1)


def test_a_rule_right_only_to_the_first_order_is_caught_at_the_second():
    captured = replace(table.exp, rules=(lambda y, x: float(y.data) if isinstance(y, Value) else y,))
    check_grads(lambda x: captured(x), [0.5], order=1)
    with pytest.raises(AssertionError, match="of order 2 with respect to argument 0 and 0"):
        check_grads(lambda x: captured(x), [0.5], order=2)


def test_a_detached_argument_is_noticed():
    with pytest.raises(AssertionError, match="is 0 by the engine and 3"):
        check_grads(lambda x: x.detach() * 3.0, [2.0])


def test_another_engine_is_checked_too():
    x, w = micrograd.engine.Value(0.5), micrograd.engine.Value(-1.5)
    assert check_grads(lambda x, w: (x * w + x).relu() + w * w, [x, w]).error < 1e-8


def test_an_engine_that_forgets_to_add_is_caught():
    class Forgetful(micrograd.engine.Value):
        def __mul__(self, other):
            out = Forgetful(self.data * other.data, (self, other), "*")

            def backward():
                self.grad = out.grad * other.data
                other.grad = out.grad * self.data

            out._backward = backward
            return out

    with pytest.raises(AssertionError, match=r"is 3 by the engine and 6"):
        check_grads(lambda x: x * x, [Forgetful(3.0)])


def test_what_is_no_number_is_refused():
    with pytest.raises(TypeError, match="check_grads: expected a number, got 'a'"):
        check_grads(lambda x: x, ["a"])
