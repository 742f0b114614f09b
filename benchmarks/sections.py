"""What one command measures: its sections, what it is asked for, its rows, and the table it writes."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import days
import layouts
import risk
import startup
import sweeps
from measuring import NONE, Block, Plan, Row

import graphs

SECTIONS: Mapping[str, Callable[[Plan], list[Block]]] = {
    "risk": risk.blocks,
    "days": days.blocks,
    "graphs": graphs.blocks,
    "layouts": layouts.blocks,
    "sweeps": sweeps.blocks,
    "startup": startup.blocks,
}
SIZES, LARGEST, QUICK = (1_000, 10_000, 100_000), 1_000_000, (300,)
#: How numbers grow with the firms: words by section and key.
GROWTH = {
    ("risk", "closure"): "a closure, ms",
    ("risk", "each"): "a closure and firm, ns",
    ("risk", "memory"): "memory for closing, MB",
    ("risk", "share"): "share of the bandwidth of a triad, %",
    ("risk", "plain ratio"): "plain scipy.sparse / ours",
    ("days", "seconds"): "a year day by day, s",
    ("days", "memory"): "memory for the year, MB",
    ("graphs", "compiling"): "table to graph, s",
    ("graphs", "memory"): "memory for measures of graphs, MB",
}
#: Between these lines of a file stands the table.
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"

Found = Mapping[str, str]


class Asked(NamedTuple):
    """What is asked for: sections, and how they are measured."""

    sections: tuple[str, ...]
    plan: Plan


def parser() -> argparse.ArgumentParser:
    """Return what reads the command."""
    made = argparse.ArgumentParser(
        "python benchmarks", description="Measure how long chainnet takes, and others beside it."
    )
    made.add_argument("--only", nargs="+", choices=SECTIONS, metavar="SECTION", help=", ".join(SECTIONS))
    size = made.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="small sizes: to see that all of it runs")
    size.add_argument("--full", action="store_true", help="a million firms, too: an hour or so")
    made.add_argument("--runs", type=int, default=3, help="the shortest of so many counts (default: 3)")
    made.add_argument("-o", "--output", metavar="FILE", help="put the table between the marks of a file")
    return made


def asked(given: argparse.Namespace) -> Asked:
    """Read what was given."""
    sizes = QUICK if given.quick else (*SIZES, LARGEST) if given.full else SIZES
    only = given.only or list(SECTIONS)
    return Asked(tuple(name for name in SECTIONS if name in only), Plan(sizes, given.runs, given.quick))


def command(given: argparse.Namespace) -> str:
    """Return the command that measures the same, wherever its table is put."""
    only = ["--only", *given.only] if given.only else []
    size = [f"--{name}" for name in ("quick", "full") if getattr(given, name)]
    return " ".join(["python benchmarks", *only, *size, f"--runs {given.runs}"])


def growth(blocks: Mapping[str, list[Block]], found: Mapping[str, list[Found]]) -> list[Row]:
    """Return the rows that say how numbers grow with the firms, of what was measured already."""
    made: list[Row] = []
    sizes: list[int] = []
    for (section, key), words in GROWTH.items():
        told = [
            (block.firms, each.get(key, NONE))
            for block, each in zip(blocks.get(section, []), found.get(section, []), strict=True)
            if block.firms
        ]
        if told:
            sizes = [firms for firms, _ in told]
            made.append(Row(words, ", ".join(text for _, text in told)))
    head = [Row(f"Growth: {', '.join(f'{firms:,}' for firms in sizes)} firms")] if made else []
    return head + made


def lines(rows: list[Row], head: list[str]) -> list[str]:
    """Return the lines of a Markdown file that hold the table, and what was written above it."""
    cells = [("**" + row.what + "**", "", "") if not row.measured else row for row in rows]
    table = [f"| {' | '.join(cell)} |" for cell in [("what", "measured", "goal"), ("---",) * 3, *cells]]
    return [BEGIN, "", *(f"- {line}" for line in head), "", *table, "", END]


def put(text: str, made: list[str]) -> str:
    """Return a file's text with another table between its marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no lines {BEGIN} and {END}")
    return before + "\n".join(made) + after


def told(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the command that wrote the table of a file, and its rows without what was measured."""
    part = text.partition(BEGIN)[2].partition(END)[0]
    command = re.findall(r"^- `python benchmarks *(.*)`$", part, re.MULTILINE)
    table = [line[2:-2].split(" | ") for line in part.splitlines() if line.startswith("| ")][2:]
    return command[0], [(what.strip("*"), goal) for what, _, goal in table]
