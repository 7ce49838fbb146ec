"""The tests mirror the modules of the packages; `tests.support.oracle` knows the mathematics and none of the code."""
