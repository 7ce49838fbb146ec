"""Every row and function has PyTorch's value, gradients and second derivatives.

PyTorch's numbers were written down once by `tests.peers.record`; where PyTorch is installed, its live ones are
compared as well.
"""

import json
import warnings

import numpy as np
import pytest

from autograd import Tape, Tensor
from autograd.functions import FUNCTIONS
from autograd.table import ROWS
from tests.peers.case import Results, check, our_results
from tests.peers.cases import CASES, INSIDE, LISTED, WITHOUT_CASE
from tests.peers.record import FILE, VERSION, entry, recorded, results

RECORDED = recorded()

EACH = [(name, dtype) for name, case in CASES.items() for dtype in case.dtypes]

each_case = pytest.mark.parametrize(("name", "dtype"), EACH)


def ours(case, dtype):
    with warnings.catch_warnings():
        if case.warns:
            warnings.simplefilter("ignore", RuntimeWarning)
        return case.by_us(dtype)


@each_case
def test_values_and_derivatives_are_those_written_down_of_pytorch(name, dtype):
    check(ours(CASES[name], dtype), results(RECORDED[name][dtype], dtype), CASES[name], dtype)


@pytest.mark.slow
def test_values_and_derivatives_are_those_of_pytorch_here_and_now():
    torch = pytest.importorskip("torch")
    assert torch.__version__.partition("+")[0] == VERSION
    assert disagreements(ours) == []


@pytest.mark.slow
def test_the_numbers_written_down_are_those_of_pytorch_here_and_now():
    pytest.importorskip("torch")
    assert disagreements(lambda case, dtype: results(RECORDED[case.name][dtype], dtype)) == []


def disagreements(compute):
    """Of all cases those in which PyTorch's numbers are others than those that are computed, or nothing is."""
    found = []
    for name, dtype in EACH:
        case = CASES[name]
        expected = case.by_torch(dtype)
        try:
            check(compute(case, dtype), expected, case, dtype)
        except Exception as error:
            found.append(f"{case.name}, {dtype}: {error}")
    return found


def test_the_file_names_its_versions_holds_all_cases_and_is_small():
    header = json.loads(FILE.read_text(encoding="utf-8"))["header"]
    assert header["numpy"]
    assert header["torch"].partition("+")[0] == VERSION
    assert {name: list(of_dtype) for name, of_dtype in RECORDED.items()} == {
        name: list(case.dtypes) for name, case in CASES.items()
    }
    assert FILE.stat().st_size < 340_000


def test_no_two_cases_have_one_name():
    assert [case.name for case in LISTED] == list(CASES)


def test_every_differentiable_row_and_function_has_a_case():
    rows = {name for name, op in ROWS.items() if not op.is_predicate}
    covered = {case.function for case in CASES.values()} - {"network"}
    assert rows | set(FUNCTIONS) == covered | set(INSIDE) | set(WITHOUT_CASE)
    assert covered.isdisjoint(WITHOUT_CASE)


@pytest.mark.parametrize("row", [name for name, op in ROWS.items() if not op.is_predicate])
def test_the_cases_of_a_row_record_it(row):
    wanted = INSIDE.get(row, row)
    assert any(row in rows_recorded(case) for case in CASES.values() if case.function == wanted)


def rows_recorded(case):
    with warnings.catch_warnings(), Tape() as tape:
        warnings.simplefilter("ignore", RuntimeWarning)
        case.by_us("float64")
    return {node.op.name for node in tape.nodes if node.op is not None and node.inputs}


def test_a_wrong_derivative_is_caught():
    case = CASES["sin"]
    expected = results(RECORDED["sin"]["float64"], "float64")
    wrong = our_results(lambda x: np.sin(x) + 1e-9 * (x - Tensor(x.data, requires_grad=False)), case, "float64")
    with pytest.raises(AssertionError, match=r"sin, float64: gradients\[0\]"):
        check(wrong, expected, case, "float64")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("numbers", [[[0.1, -np.inf], [np.nan, 1 / 3]], np.zeros((2, 0)), 0.7])
def test_arrays_are_read_as_they_were_written(numbers, dtype):
    for array in (np.array(numbers, "float64"), np.array(numbers, "float32")):
        stored = json.loads(json.dumps(entry(Results(array, [array], []), dtype)))
        back = results(stored, dtype)
        for one in (back.value, *back.gradients):
            assert one.dtype == array.dtype
            np.testing.assert_array_equal(one, array, strict=True)
