"""The tape as a program: what a function did is recorded once, and replayed on other numbers."""

from autograd.replay.jit import Jitted as Jitted, jit as jit
from autograd.replay.program import Program as Program
