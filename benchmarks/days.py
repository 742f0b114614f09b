"""How long a year takes, day by day: the bundled graph, a national economy, and others beside it.

Run it with the Python that chainnet is installed in: ``python benchmarks/days.py``. Economies are
drawn at random: firms of 100 industries, each buying from three industries on average; and
input-output tables of regions × sectors. Times are those of one run after the compiler has done its
work, the shortest of ``--runs``; nobody's setting up is counted. All run on one core, each part in a
process of its own, and what is counted are seconds of the processor: those of the clock where nothing
else runs, but not longer where something does.

Plain numpy follows the same rules without the parts that only a shortage needs (other sites, other
makers, sticky parts), so that it has less to do. BoARIO is another model, of the same table and
shock, with settings that come nearest; what stays different is that it aims at the stock that today's
demand asks for and not at the normal one, reaches slack in proportion to what is short, and ships
on the day of production. The table says how far the two paths of total output lie apart. It is
compared when it is there: ``pip install boario pymrio progressbar2``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, TypeVar

import numpy as np
from economies import DAYS, SHOCK, Economy, drawn_firms, drawn_table, economy
from peers import boario, plain
from rich.console import Console
from rich.table import Table

import chainnet
from chainnet.daylanes import Case, run_days, run_together

#: Scenarios that run together.
TOGETHER = 16
#: Seconds and MB, by firms and links.
GOALS = {(100_000, 500_000): ("10", "1024"), (1_000_000, 5_000_000): ("180", "")}
#: Regions, sectors, and from how many sectors, and regions of each, an industry buys.
TABLES = ((20, 25, 25, 20), (40, 25, 10, 3))

P = ParamSpec("P")
T = TypeVar("T")
Rows = list[tuple[str, ...]]


def kernel(parts: Economy) -> np.ndarray:
    """Return the output by day and plant."""
    return run_days(*parts, days=DAYS, keep=False, months=np.zeros(0, dtype=np.int64))[0]


def shortest(work: Callable[[], object], runs: int) -> float:
    """Return the seconds of the processor of the shortest of several runs."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def fresh(work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Return what the work returns in a new process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments, **options).result()


def bundled(runs: int) -> Rows:
    """Time the bundled graph."""
    network = chainnet.load("japan-korea")
    scenario = chainnet.Scenario.parse("JPN>KOR:hf_liquid@0+90")
    first = shortest(lambda: chainnet.simulate(network, scenario, days=DAYS), 1)
    again = shortest(lambda: chainnet.simulate(network, scenario, days=DAYS), 5 * runs)
    return [
        ("bundled graph, first run of a process, s", f"{first:.3f}"),
        ("bundled graph, s", f"{again:.3f}", "0.050"),
    ]


def kernel_of_firms(firms: int, links: int, runs: int) -> tuple[float, float]:
    """Return seconds, and the peak memory of this process in MB."""
    kernel(drawn_firms(100, 500))
    parts = drawn_firms(firms, links)
    seconds = shortest(lambda: kernel(parts), runs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return seconds, peak / (2**20 if sys.platform == "darwin" else 2**10)


def different(parts: Economy, number: int) -> Case:
    """Return one of many scenarios: other firms close, some runs are shorter, some have a control."""
    plants, needs, _, events = parts
    rng = np.random.default_rng(number)
    firms, days = len(plants.product), DAYS - 30 * (number % 3)
    hit = np.full(firms, -1)
    hit[rng.choice(firms, max(1, firms // 1000), replace=False)] = 0
    events = events._replace(hit=hit)
    if number % 4 == 1:
        permits = np.ones((1, DAYS))
        permits[0, slice(*SHOCK)] = 0.0
        events = events._replace(permits=permits)
        needs = needs._replace(path=np.where(rng.random(len(needs.supplier)) < 0.01, 0, -1))
    return Case(needs, events, days)


def together_of_firms(firms: int, links: int, runs: int) -> tuple[float, float, float]:
    """Return seconds of a scenario by itself and of one among many, and the peak memory in MB."""
    for size in ((100, 500), (firms, links)):
        parts = drawn_firms(*size)
        cases = [different(parts, number) for number in range(TOGETHER)]
        if size == (100, 500):
            kernel(parts)
            run_together(parts[0], parts[2], cases)
    alone = shortest(lambda: kernel(parts), runs)
    each = shortest(lambda: run_together(parts[0], parts[2], cases), runs) / TOGETHER
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return alone, each, peak / (2**20 if sys.platform == "darwin" else 2**10)


def numpy_of_firms(firms: int, links: int, runs: int) -> float:
    """Return seconds."""
    parts = drawn_firms(firms, links)
    return shortest(lambda: plain(*parts), runs)


def firms_and_links(firms: int, links: int, runs: int) -> Rows:
    """Time the kernel, and plain numpy beside it."""
    seconds, peak = fresh(kernel_of_firms, firms, links, runs)
    peer = fresh(numpy_of_firms, firms, links, runs)
    alone, each, all_of_them = fresh(together_of_firms, firms, links, runs)
    goal, most = GOALS.get((firms, links), ("", ""))
    return [
        (f"{firms:,} firms, {links:,} links, s", f"{seconds:.2f}", goal),
        ("  peak memory of the process, MB", f"{peak:.0f}", most),
        ("  plain numpy without substitution, s", f"{peer:.2f}"),
        ("  plain numpy / kernel", f"{peer / seconds:.1f}"),
        (f"  {TOGETHER} scenarios together, a scenario, s", f"{each:.2f}", "2" if most else ""),
        ("  alone / together", f"{alone / each:.1f}"),
        ("  peak memory of the process, MB", f"{all_of_them:.0f}"),
    ]


def regions_and_sectors(shape: tuple[int, int, int, int], runs: int) -> Rows:
    """Time the kernel, and BoARIO beside it; say how far their total outputs lie apart."""
    table = drawn_table(*shape)
    parts = economy(table)
    kernel(parts)
    seconds = shortest(lambda: kernel(parts), 5 * runs)
    rows: Rows = [
        (f"{shape[0]} regions × {shape[1]} sectors, {len(parts[1].supplier):,} links, s", f"{seconds:.3f}")
    ]
    try:
        peers = [boario(table) for _ in range(runs)]
    except ImportError as missing:
        return [*rows, ("  BoARIO: pip install boario pymrio progressbar2", f"not run: {missing}")]
    peer = min(took for took, _ in peers)
    ours, theirs = kernel(parts) @ table.output, peers[0][1].sum(axis=1)
    normal = table.output.sum()
    lost = [f"{DAYS - path.sum() / normal:.2f}" for path in (ours, theirs)]
    return [
        *rows,
        ("  BoARIO, s", f"{peer:.3f}"),
        ("  BoARIO / kernel", f"{peer / seconds:.1f}"),
        ("  largest gap of total output, of normal", f"{np.abs(ours - theirs).max() / normal:.1%}"),
        ("  days of output lost: kernel, BoARIO", ", ".join(lost)),
    ]


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--firms", type=int, default=100_000)
    parser.add_argument("--links", type=int, default=500_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    # For the new processes: the kernel runs on one core, and so shall the others.
    os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    rows = fresh(bundled, given.runs) + firms_and_links(given.firms, given.links, given.runs)
    for shape in TABLES:
        rows += fresh(regions_and_sectors, shape, given.runs)
    table = Table("what", "measured", "goal", title=f"{DAYS} days", title_justify="left")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
