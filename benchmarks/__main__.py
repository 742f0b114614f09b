"""How long chainnet takes, and others beside it: one command, one table.

Run it with the Python that chainnet is installed in: ``python benchmarks``; ``--full`` for a million firms,
``--only risk days`` for some sections, ``--quick`` to see that all of it runs. What is told of each section
stands at the top of its module. Ratios are what to look at: each peer runs in the same run and on the same
data as what it is compared with. The machine must be idle, and the table says whether it was.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from machines import load, machine, versions
from measuring import Row, measured, rows
from rich.console import Console
from rich.table import Table
from sections import BEGIN, SECTIONS, Asked, asked, command, growth, lines, parser, put


def measure(wanted: Asked, made: list[Row], loads: list[float]) -> None:
    """Measure all blocks, one after the other; rows and loads are added as they come."""
    blocks = {name: SECTIONS[name](wanted.plan) for name in wanted.sections}
    found: dict[str, list[dict[str, str]]] = {name: [] for name in blocks}
    for name, each in blocks.items():
        for block in each:
            print(f"{block.title} …", file=sys.stderr)
            found[name].append(dict(measured(block)))
            made += rows(block, found[name][-1])
            loads.append(os.getloadavg()[0])
    made[:0] = growth(blocks, found)


def show(made: list[Row], head: list[str]) -> None:
    """Print the table."""
    table = Table("what", "measured", "goal")
    for row in made:
        if row.measured:
            table.add_row("  " + row.what, row.measured, row.goal)
        else:
            table.add_section()
            table.add_row(row.what, style="bold")
    print("\n".join(head))
    Console(width=None if sys.stdout.isatty() else 110).print(table)


def main() -> None:
    """Measure, print the table, and write it."""
    given = parser().parse_args()
    file = Path(given.output) if given.output else None
    if file and (not file.is_file() or BEGIN not in file.read_text(encoding="utf-8")):
        parser().error(f"{file} has no line {BEGIN}")
    # For the new processes: the kernels run on one core, and so shall the others.
    os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    start, loads = datetime.now(UTC), [os.getloadavg()[0]]
    made: list[Row] = []
    try:
        measure(asked(given), made, loads)
    finally:  # what was measured in an hour is told, whatever ended it
        minutes = (datetime.now(UTC) - start).total_seconds() / 60
        head = [
            f"`{command(given)}`",
            f"{start:%Y-%m-%d}, {start:%H:%M} UTC, {minutes:.0f} minutes",
            machine(),
            versions(),
            load(loads, os.cpu_count() or 1),
        ]
        show(made, head)
    if file:
        text = put(file.read_text(encoding="utf-8"), lines(made, head))
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
