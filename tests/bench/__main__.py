"""`make bench`: every benchmark, as a table and as bench.json; `python -m tests.bench ports chain`: those alone."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import (
    accelerator,
    chain,
    compiled,
    flow_step,
    imports,
    jax_step,
    lanes,
    loops,
    mnist_step,
    pictures,
    ports,
    replay_step,
    scalar_step,
    tensor_step,
    tensors,
    torch_flow_step,
    variants,
)

BENCHMARKS = (
    scalar_step,
    chain,
    tensor_step,
    replay_step,
    lanes,
    loops,
    compiled,
    mnist_step,
    ports,
    flow_step,
    torch_flow_step,
    tensors,
    variants,
    imports,
    pictures,
    jax_step,
    accelerator,
)


def main() -> None:
    console = Console()
    table = Table(title=f"Python {platform.python_version()}, {platform.machine()}", title_justify="left")
    for heading in ("work", "measured", "at most", "", "detail"):
        table.add_column(heading, justify="right" if heading in ("measured", "at most") else "left")
    results = []
    parts = {benchmark.__name__.rpartition(".")[2]: benchmark for benchmark in BENCHMARKS}
    for benchmark in [parts[name] for name in sys.argv[1:]] or BENCHMARKS:
        with console.status(benchmark.__doc__.splitlines()[0]):
            results += benchmark.results()
    for result in results:
        target = "" if result.target is None else f"{result.target:.3g} {result.unit}"
        verdict = "" if result.target is None else "[green]met[/]" if result.met else "[red]missed[/]"
        table.add_row(result.work, f"{result.measured:.3g} {result.unit}", target, verdict, result.detail)
    console.print(table)
    Path("bench.json").write_text(json.dumps([asdict(r) | {"met": r.met} for r in results], indent=2) + "\n")
    console.print("wrote bench.json")


main()
