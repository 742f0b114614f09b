"""How long a user waits: whole commands, and the first calls of the library.

Run it with the Python that chainnet is installed in: ``python benchmarks/startup.py``.
Each time is the shortest of several runs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

import chainnet
from chainnet.explorer.panels import toggles
from chainnet.explorer.sections import answered

SHOCK = "JPN:photoresist_all"
TARGET = "samsung:hbm"


def command(*words: str) -> Callable[[], object]:
    """Return a process to run from start to end; one that fails is an error, not a time."""
    return lambda: subprocess.run(words, check=True, capture_output=True)


def shortest(work: Callable[[], object], runs: int) -> float:
    """Return the seconds of the shortest of several runs, after one that is not counted."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def cases() -> list[tuple[str, Callable[[], object], float | None]]:
    """Return what is timed: words, work, and the goal in seconds."""
    script = str(Path(sysconfig.get_path("scripts")) / "chainnet")
    network = chainnet.load("japan-korea")
    scenario = chainnet.Scenario.parse(SHOCK)

    def cut_sets() -> object:
        return chainnet.cut_sets(network, TARGET, size=2, by="firm")

    def report() -> object:
        return chainnet.report(network, focus="sk_hynix", scenario="JPN>KOR:hf_liquid@0+90", lang="ko")

    days = iter(range(100, 365))

    def explored() -> object:
        # Another question each time: nothing is known of it beforehand.
        return answered(network, f"?shock={SHOCK}@0%2B90&days={next(days)}")

    def arranged() -> object:
        return answered(network, f"?shock={SHOCK}@0%2B90&days={next(days)}&without={next(gone)}")

    gone = iter(toggles(network).held)
    return [
        ("process: python -c pass", command(sys.executable, "-c", "pass"), None),
        ("process: python -c 'import chainnet'", command(sys.executable, "-c", "import chainnet"), None),
        ("process: chainnet --help", command(script, "--help"), 0.4),
        (f"process: chainnet disrupt {SHOCK}", command(script, "disrupt", SHOCK), 1.5),
        ("call: load the graph", lambda: chainnet.load("japan-korea"), 0.15),
        ("call: the explorer's answer, another shock", explored, 1.0),
        ("call: the explorer's answer, another partnership", arranged, 1.0),
        (f"call: disrupt {SHOCK}", lambda: chainnet.disrupt(network, scenario), 0.005),
        ("call: report on Samsung", lambda: chainnet.report(network, focus="samsung"), 10.0),
        ("call: report on SK hynix under a control", report, 10.0),
        (f"call: cut sets of {TARGET}, size 2", cut_sets, 10.0),
    ]


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=7, help="runs of each case (default: 7)")
    runs = parser.parse_args().runs
    table = Table(title=f"Shortest of {runs} runs, in seconds", title_justify="left")
    table.add_column("what")
    for name in ("time", "goal", "met"):
        table.add_column(name, justify="right")
    for words, work, goal in cases():
        seconds = shortest(work, runs)
        met = "" if goal is None else "yes" if seconds <= goal else "no"
        table.add_row(words, f"{seconds:.4f}", "" if goal is None else f"{goal:g}", met)
    Console().print(table)


if __name__ == "__main__":
    main()
