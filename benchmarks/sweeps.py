"""What a sweep's store costs, and what it costs to go on with one.

Run it with the Python that chainnet is installed in: ``python benchmarks/sweeps.py``. One thread does
the cases, and what is counted are seconds of the processor, of the shortest of ``--runs``. The peer is
the same work in a plain loop: no store, no engine, no table. *Going on* is the same sweep on a store
that holds every case already: what a run that was killed spends, on top, on what was done before. (It
also does again what was in flight: at most two blocks a worker.)
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

import chainnet
from chainnet.scenarios import Scenario
from chainnet.sweeps import Closures, outcomes, study_of

#: Going on may cost this part of a sweep.
GOAL = "2 %"
DAYS = 365

Row = tuple[str, ...]


def shortest(work: Callable[[], object], runs: int) -> float:
    """Return the seconds of the processor of the shortest of several runs."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def loop(network: chainnet.SupplyNetwork, cases: Sequence[Scenario], days: int | None) -> None:
    """Do the cases, and nothing else."""
    from chainnet.scenarios.texts import scenario_text

    study = study_of(network, (), days)
    texts = [scenario_text(case) for case in cases]
    for start in range(0, len(texts), study.block):
        outcomes(study.context, texts[start : start + study.block])


def swept(network: chainnet.SupplyNetwork, cases: Sequence[Scenario], days: int | None, store: Path) -> bytes:
    """Sweep on one thread, and return the table."""
    with ThreadPoolExecutor(1) as one:
        return chainnet.sweep(network, cases, days=days, store=store, engine=one).to_csv().encode()


def measured(network: chainnet.SupplyNetwork, count: int, days: int | None, runs: int) -> list[Row]:
    """Time one kind of sweep."""
    cases = list(islice(pairs(network), count))
    with tempfile.TemporaryDirectory() as folder:
        stores = (Path(folder) / f"{number}.sqlite" for number in range(runs + 1))
        full = next(stores)
        table = swept(network, cases, days, full)
        plain = shortest(lambda: loop(network, cases, days), runs)
        whole = shortest(lambda: swept(network, cases, days, next(stores)), runs)
        again = shortest(lambda: swept(network, cases, days, full), runs)
        if swept(network, cases, days, full) != table:
            raise SystemExit("a sweep that went on ended in another table")
    kind = "structural" if days is None else f"{days} days"
    return [
        (f"{count:,} pairs of firms, {kind}, ms a case", f"{1e3 * whole / count:.2f}"),
        ("  plain loop, ms a case", f"{1e3 * plain / count:.2f}"),
        ("  with store and table / plain loop", f"{whole / plain:.3f}"),
        ("  going on, ms a case that is there", f"{1e3 * again / count:.3f}"),
        ("  going on / doing", f"{again / whole:.1%}", GOAL),
    ]


def pairs(network: chainnet.SupplyNetwork) -> Closures:
    """Return all pairs of firms."""
    return chainnet.closure_cases(network, "firm", size=2)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=4_000, help="of the structural model")
    parser.add_argument("--day-cases", type=int, default=100, help="day by day")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    network = chainnet.load("japan-korea")
    rows = measured(network, given.cases, None, given.runs)
    rows += measured(network, given.day_cases, DAYS, given.runs)
    table = Table("what", "measured", "goal", title="Sweeps of the bundled graph", title_justify="left")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
