"""The programs are read by `tests.support.ports`, and not imported: that would need PyTorch."""

from tests.support.ports import PROGRAMS

collect_ignore = [f"{name}.py" for name in PROGRAMS]
