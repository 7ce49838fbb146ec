"""How long `import autograd` takes, beside `import numpy`, in fresh interpreters."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.bench.measure import Result, paired

# An installed package has its bytecode on disk, so a checkout may write it too.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def importing(module: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True, env=ENVIRONMENT)


def results() -> list[Result]:
    times = paired(lambda: importing("autograd"), lambda: importing("numpy"), rounds=15)
    return [
        Result(
            "import autograd / import numpy, whole process",
            times.ratio,
            "x",
            1.5,
            f"{times.ours * 1e3:.0f} ms against {times.theirs * 1e3:.0f} ms",
        )
    ]
