"""The line of the program that called into the package."""

import inspect

from autograd import Value, detect_anomaly
from autograd.caller import caller_line
from nn import MLP


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
