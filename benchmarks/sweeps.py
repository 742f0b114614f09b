"""What a sweep's store costs, and what it costs to go on with one.

One thread does the cases, and what is counted are seconds of the processor, of the shortest of several
runs. The peer is the same work in a plain loop: no store, no engine, no table. *Stopped half way and gone
on* is a sweep of which half was done by another run: what it takes beyond one that was never stopped is
what it spends on the cases that are there. (A run that is killed also does again what was in flight, at
most two blocks a worker.)
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count as count_from
from itertools import islice
from pathlib import Path

from measuring import Block, Plan, shortest

import chainnet
from chainnet.scenarios import Scenario
from chainnet.scenarios.texts import scenario_text
from chainnet.stores import opened
from chainnet.studies import answer
from chainnet.sweeps import Closures, outcomes, study_of

GOALS = {"part": "1.02"}
LINES = {
    "case": "with store and table, ms a case",
    "loop": "plain loop, ms a case",
    "ratio": "with store and table / plain loop",
    "part": "stopped half way and gone on / done at once",
}
DAYS = 365


def blocks(plan: Plan) -> list[Block]:
    """Return a block a kind of sweep: structural, and day by day."""
    many, few = (60, 3) if plan.quick else (4_000, 100)
    return [
        Block(f"A sweep: {count:,} pairs of firms, {kind}", LINES, measuring, (count, days, plan.runs), GOALS)
        for count, days, kind in ((many, None, "structural"), (few, DAYS, f"{DAYS} days"))
    ]


def loop(network: chainnet.SupplyNetwork, cases: Sequence[Scenario], days: int | None) -> None:
    """Do the cases, and nothing else."""
    study = study_of(network, (), days)
    texts = [scenario_text(case) for case in cases]
    for start in range(0, len(texts), study.block):
        outcomes(study.context, texts[start : start + study.block])


def swept(network: chainnet.SupplyNetwork, cases: Sequence[Scenario], days: int | None, store: Path) -> bytes:
    """Sweep on one thread, and return the table."""
    with ThreadPoolExecutor(1) as one:
        return chainnet.sweep(network, cases, days=days, store=store, engine=one).to_csv().encode()


def stopped(
    network: chainnet.SupplyNetwork, cases: Sequence[Scenario], days: int | None, store: Path
) -> None:
    """Do half of the cases, stop, and go on."""
    study = study_of(network, (), days)
    with ThreadPoolExecutor(1) as one, opened(store, study.identity) as kept:
        answer(study, map(scenario_text, cases[: len(cases) // 2]), kept, one)
    swept(network, cases, days, store)


def measuring(count: int, days: int | None, runs: int) -> dict[str, str]:
    """Time one kind of sweep of the bundled graph."""
    network = chainnet.load("japan-korea")
    cases = list(islice(pairs(network), count))
    with tempfile.TemporaryDirectory() as folder:
        stores = (Path(folder) / f"{number}.sqlite" for number in count_from(0))
        full = next(stores)
        table = swept(network, cases, days, full)
        plain = shortest(lambda: loop(network, cases, days), runs)
        whole = shortest(lambda: swept(network, cases, days, next(stores)), runs)
        halves = shortest(lambda: stopped(network, cases, days, next(stores)), runs)
        if swept(network, cases, days, full) != table:
            raise SystemExit("a sweep that went on ended in another table")
    return {
        "case": f"{1e3 * whole / count:.2f}",
        "loop": f"{1e3 * plain / count:.2f}",
        "ratio": f"{whole / plain:.3f}",
        "part": f"{halves / whole:.3f}",
    }


def pairs(network: chainnet.SupplyNetwork) -> Closures:
    """Return all pairs of firms."""
    return chainnet.closure_cases(network, "firm", size=2)
