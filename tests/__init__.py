"""The tests mirror the rooms of the house; `tests.oracle` knows the mathematics and none of the code."""
