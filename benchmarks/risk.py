"""How long it takes to close each firm of a national economy, and what other layouts take.

Run it with the Python that chainnet is installed in: ``python benchmarks/risk.py``. Link tables are
drawn by :func:`chainnet.synthetic_economy`, 5 links a firm, 64 industries; no sales leave the network,
so that cascades are long. Firms are closed at the published stop, 1e-2. Each size runs in a process of
its own. Of large tables some firms are closed, drawn at random, and all are said to take as long each.

What is counted are seconds of the processor, all of it on one core: where something else runs, they are
not longer for waiting, but may be for a cache and a memory that are shared. Ours and the others alternate,
and the shortest of ``--runs`` counts. What two cores gain is told by the clock, and is told wrong where
something else runs. The others are plain scipy.sparse with
64 firms at once, and the layout of ESRIcascade.jl written anew in numba: one firm at a time, what is
lost scattered into a dense table of firms and products.

The limit is what memory allows if nothing that a round fetches is in a cache already, at the rate of a
triad measured in the same process: per link and direction an index and a weight for all lanes and a
loss for each, and per firm eight numbers for each lane.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from unittest.mock import patch

import numba as nb
import numpy as np
from days import fresh, shortest
from rich.console import Console
from rich.table import Table
from riskpeers import matrices, plain, scattered

import chainnet
from chainnet.assessments import Stop, assess, closures
from chainnet.riskarrays import Compiled, compiled
from chainnet.synthetic import SyntheticEconomy, synthetic_economy

LINKS, LANES, TOP = 5, 64, 50
SIZES = (1_000, 10_000, 100_000)
#: Firms that are closed by us and by the others, by size.
CLOSED = {1_000: (1_000, 256, 256), 10_000: (10_000, 256, 256), 100_000: (4096, 64, 32)}
SMALL, LARGE = (256, 64, 64), (256, 0, 0)
#: All firms, s; memory, MB; compiling, s; a closure, ms; the upstream risk, s.
GOALS = {
    10_000: {"all": "4"},
    100_000: {"all": "480", "memory": "2048"},
    1_000_000: {"memory": "6144", "compile": "15", "closure": "120", "upstream": "60"},
}

Rows = list[tuple[str, ...]]


@nb.njit(cache=True)
def _triad(a, b, c):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    for i in range(a.shape[0]):
        a[i] = b[i] + 3.0 * c[i]


def bandwidth() -> float:
    """Return bytes a second of a triad, by one core."""
    a, b, c = (np.ones(8_000_000) for _ in range(3))
    _triad(a, b, c)
    return 24 * len(a) / shortest(lambda: _triad(a, b, c), 9)


def limit(firms: int, links: int, rounds: float, rate: float) -> float:
    """Return the seconds that memory allows for a closure of so many rounds."""
    return rounds * (2 * links * (12 / LANES + 8) + 64 * firms) / rate


def read(firms: SyntheticEconomy) -> Compiled:
    """Compile a drawn link table."""
    return compiled(firms.links, firms.industries, essential=firms.essential)


def peak() -> float:
    """Return the peak memory of this process in MB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (2**20 if sys.platform == "darwin" else 2**10)


def alone(table: Compiled, at: np.ndarray, runs: int) -> float:
    """Return the seconds of one core for a closure."""
    with patch("os.cpu_count", return_value=1):
        return shortest(lambda: assess(table.table, closures(at), Stop()), runs) / len(at)


def walled(table: Compiled, at: np.ndarray, cores: int, runs: int) -> float:
    """Return the seconds of the clock on so many cores."""
    times = []
    with patch("os.cpu_count", return_value=cores):
        for _ in range(runs):
            start = time.perf_counter()
            assess(table.table, closures(at), Stop())
            times.append(time.perf_counter() - start)
    return min(times)


def closing(firms: int, runs: int) -> Rows:
    """Time all steps for a link table of so many firms."""
    drawn = synthetic_economy(firms, LINKS * firms)
    read(synthetic_economy(100, 500))
    compiling = shortest(lambda: read(drawn), 1)
    table = read(drawn)
    ours, flat, scatter = (min(firms, k) for k in CLOSED.get(firms, SMALL if firms < 100_000 else LARGE))
    at = np.random.default_rng(1).permutation(firms)[:ours]
    assess(table.table, closures(at[:4]), Stop())
    found = assess(table.table, closures(at), Stop())
    rate = bandwidth()
    seconds = alone(table, at, runs)
    memory = peak()
    least = limit(firms, LINKS * firms, float(found.rounds.mean()), rate)
    goal = GOALS.get(firms, {})
    rows: Rows = [
        (f"{firms:,} firms, {LINKS * firms:,} links", ""),
        ("  compiling, s", f"{compiling:.2f}", goal.get("compile", "")),
        (f"  a closure (mean of {ours:,}), ms", f"{seconds * 1e3:.3f}", goal.get("closure", "")),
        ("  a closure and firm, ns", f"{seconds * 1e9 / firms:.1f}"),
        ("  rounds", f"{found.rounds.mean():.2f}"),
        ("  all firms, s of one core", f"{seconds * firms:.1f}", goal.get("all", "")),
        ("  peak memory of the process, MB", f"{memory:.0f}", goal.get("memory", "")),
        ("  bandwidth of a triad, GB/s", f"{rate / 1e9:.1f}"),
        ("  closure / limit of memory", f"{seconds / least:.2f}", "2"),
    ]
    if firms in CLOSED:
        clock = [walled(table, at, cores, runs) for cores in (1, 2)]
        rows.append(("  one core / two cores, by the clock", f"{clock[0] / clock[1]:.2f}", "1.5"))
    return rows + others(drawn, table, at, (flat, scatter), runs) + shortcuts(drawn, table)


def others(
    drawn: SyntheticEconomy, table: Compiled, at: np.ndarray, counts: tuple[int, int], runs: int
) -> Rows:
    """Time other layouts, and ours beside each of them, of the same firms."""
    rows: Rows = []
    if not all(counts):
        return rows
    m = matrices(drawn)
    scattered(m, at[:1], 1e-2)
    layouts = (("plain scipy.sparse", plain, counts[0]), ("scattered", scattered, counts[1]))
    for name, layout, count in layouts:
        some = at[:count]
        ours, theirs = np.inf, np.inf
        for _ in range(runs):
            theirs = min(theirs, shortest(lambda: layout(m, some, 1e-2), 1) / count)  # noqa: B023
            ours = min(ours, alone(table, at, 1))
        gap = np.abs(
            np.asarray(layout(m, some, 1e-2))[:, 0] - assess(table.table, closures(some), Stop()).esri
        )
        rows += [
            (f"  {name}, a closure, ms", f"{theirs * 1e3:.3f}"),
            (f"  {name} / ours", f"{theirs / ours:.1f}", "2" if name == "scattered" else ""),
            (f"  {name}, largest difference", f"{gap.max():.0e}", "1e-12"),
        ]
    return rows


def shortcuts(drawn: SyntheticEconomy, table: Compiled) -> Rows:
    """Time the search for the riskiest firms, and the closed form of the upstream risk."""
    found: list[object] = []

    def search() -> None:
        top = chainnet.systemic_risk(
            drawn.links, drawn.industries, essential=drawn.essential, top=TOP, drift_eps=None
        )
        found.append(top.attrs["closed"])

    def upstream() -> None:
        chainnet.upstream_risk(drawn.links, drawn.industries.index, revenue=drawn.revenue)

    goal = GOALS.get(len(table.firms), {})
    return [
        (f"  the {TOP} riskiest, s, with compiling", f"{shortest(search, 1):.2f}"),
        ("  firms closed for it", f"{found[0]:,}"),
        ("  upstream risk of all firms, s", f"{shortest(upstream, 1):.2f}", goal.get("upstream", "")),
        ("  peak memory of all of it, MB", f"{peak():.0f}", goal.get("memory", "")),
    ]


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--firms", type=int, nargs="+", default=SIZES, help="sizes; a million takes minutes")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    table = Table("what", "measured", "goal", title="Systemic risk", title_justify="left")
    for firms in given.firms:
        for row in fresh(closing, firms, given.runs):
            table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
