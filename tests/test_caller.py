"""The line of the program that called into the package."""

import inspect
import traceback

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, detect_anomaly
from autograd.caller import caller_line
from nn import MLP
from tests.support.process import python


def this_line():
    frame = inspect.currentframe().f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def test_the_line_is_that_of_the_caller():
    assert caller_line() == this_line()


def test_lines_of_this_package_and_of_compiled_methods_are_passed_over():
    with detect_anomaly():
        product, line = Value(2.0) * 3.0, this_line()
        network, network_line = MLP(2, [1])([1.0, 2.0]), this_line()
    assert (product.line, network.line) == (line, network_line)


# Warnings

WARNING_LINES = [
    "Value(0.0).log()",
    "autograd.log(Value(0.0))",
    "np.log(Value(0.0))",
    "1 / Value(0.0)",
    "Value(-1.0) ** 0.5",
    "autograd.log(0.0)",
    "grad(autograd.log)(0.0)",
    "Tensor([0.0]).log()",
    "autograd.log(Tensor([0.0]))",
    "np.log(Tensor([0.0]))",
    "1 / Tensor([0.0])",
    "Tensor([1e200]).square()",
    "Tensor([0.0]).detach().log()",
    "nn.mse_loss(Tensor([1e200]), Tensor([0.0]))",
    "jacobian(np.log)(np.zeros(1))",
    "Tensor([1e308, 1e308]).sum()",
    "Tensor([1e308, 1e308]).mean(axis=0)",
    "Tensor([1e308, 1e308]) @ Tensor([1.0, 1.0])",
    "Tensor([1e308, 1e308]).prod()",
    "Tensor([1e308, 1e308]).cumsum()",
    "Tensor([1e308]).astype(np.float32)",
    "Tensor([np.inf, 0.0]).softmax()",
    "autograd.log(np.zeros(1))",
    "autograd.sum(np.array([1e308, 1e308]))",
    "autograd.matmul(np.array([1e308, 1e308]), np.ones(2))",
]


def test_each_line_of_a_program_warns_once_and_for_itself(tmp_path):
    imports = "import numpy as np, autograd, nn\nfrom autograd import Tensor, Value, grad, jacobian\n"
    program = tmp_path / "program.py"
    program.write_text(imports + "for _ in range(2):\n" + "".join(f"    {line}\n" for line in WARNING_LINES))
    run = python(f"import runpy; runpy.run_path({str(program)!r})")
    assert run.returncode == 0, run.stderr
    warned = [line for line in run.stderr.splitlines() if "Warning:" in line]
    assert [line.partition(": ")[0] for line in warned] == [f"{program}:{4 + i}" for i in range(len(WARNING_LINES))]


@pytest.mark.parametrize("compute", [lambda: Value(0.0).log(), lambda: Tensor([0.0]).log()])
def test_what_numpy_is_told_to_do_about_errors_holds(compute):
    with np.errstate(divide="ignore"):
        compute()
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError, match="divide by zero"):
        compute()


def test_a_gradient_beyond_the_domain_warns_of_nothing():
    for zero in (Value(0.0), Tensor(0.0)):
        (zero**0.5).backward()


# Tracebacks

WRONG = [
    lambda: Value(1.0) + "a",
    lambda: "a" + Value(1.0),
    lambda: Value(1.0) * None,
    lambda: Value(1.0).detach() * "a",
    lambda: autograd.tanh("a"),
    lambda: autograd.add(Value(1.0)),
    lambda: Tensor([1.0]) + "a",
    lambda: Tensor([1.0, 2.0]) + np.ones(3),
    lambda: Tensor([1.0, 2.0]) @ np.ones((3, 2)),
]


def frames_beneath(wrong):
    with pytest.raises((TypeError, ValueError)) as caught:
        wrong()
    beneath = traceback.extract_tb(caught.value.__traceback__)
    return [frame.name for frame in beneath if frame.filename != __file__]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: inspect.getsource(wrong).strip())
def test_an_error_points_at_the_users_line(wrong):
    assert frames_beneath(wrong) == []


def test_the_frames_of_a_users_own_function_stay():
    def rule(g, y, x):
        return g + Value(1.0) + "a"

    own = autograd.structural("own", np.copy, rule)
    with pytest.raises(TypeError, match="expected a number") as caught:
        autograd.grad(lambda x: own(x).sum())(np.ones(1))
    assert "rule" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]


def test_an_anomaly_outside_the_domain_does_not_show_the_error_of_math_as_well():
    with detect_anomaly(), np.errstate(all="ignore"), pytest.raises(FloatingPointError) as caught:
        Value(0.0).log()
    assert caught.value.__context__ is None


def test_an_error_is_shown_once():
    with pytest.raises(TypeError, match="labels must be integers") as caught:
        autograd.cross_entropy(Tensor(np.ones((2, 3))), Tensor([0.0, 1.0]))
    assert "another exception" not in "".join(traceback.format_exception(caught.value))
