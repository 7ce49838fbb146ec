"""The README tells the truth: its list of operations is the table's. Its examples are run as doctests."""

from tests.support.operators import README, written


def test_the_list_of_operations_is_that_of_the_table():
    text = README.read_text("utf-8")
    assert written(text) == text, "python -m tests.support.operators writes it anew"
