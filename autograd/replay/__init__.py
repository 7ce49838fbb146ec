"""The tape as a program: what a function did is recorded once, and replayed on other numbers.

`autograd.jit` and `autograd.Program` are here; importing the package loads none of its modules.
"""
