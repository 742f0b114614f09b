"""How long it takes to close each firm of a national economy, and what other layouts take.

Link tables are drawn by :func:`chainnet.synthetic_economy`, 5 links a firm, 64 industries; no sales leave
the network, so that cascades are long. Firms are closed at the published stop, 1e-2. Of large tables some
firms are closed, drawn at random, and all are said to take as long each.

What is counted are seconds of the processor, all of it on one core: where something else runs, they are
not longer for waiting, but may be for a cache and a memory that are shared. Ours and the others alternate,
and the shortest of the runs counts. What two cores gain is told by the clock, and is told wrong where
something else runs. The others are plain scipy.sparse with 64 firms at once; the layout of
ESRIcascade.jl written anew in numba, which closes one firm at a time and scatters what is lost into a dense
table of firms and products; and fastcascade, where it is installed (:mod:`rpeers`).

The limit is what memory allows if nothing that a round fetches is in a cache already, at the rate of a
triad measured in the same process: per link and direction an index and a weight for all lanes and a
loss for each, and per firm eight numbers for each lane. The share of the bandwidth is that traffic in the
time that a closure takes; it may be more than all of it where a table fits into a cache.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from unittest.mock import patch

import numba as nb
import numpy as np
from measuring import MISSING, NONE, Block, Plan, peak, shortest
from riskpeers import matrices, plain, scattered
from rpeers import fastcascade

import chainnet
from chainnet.assessments import Stop, assess, closures
from chainnet.riskarrays import Compiled, compiled
from chainnet.synthetic import SyntheticEconomy, synthetic_economy

LINKS, LANES, TOP, EPS = 5, 64, 50, 1e-2
#: Firms that are closed by us, by plain scipy.sparse, by the scattered layout and by fastcascade, by size.
CLOSED = {1_000: (1_000, 256, 256, 64), 10_000: (10_000, 256, 256, 64), 100_000: (4096, 64, 32, 8)}
SMALL, LARGE = (256, 64, 64, 16), (1_024, 0, 0, 0)
PEERS = {"plain": "plain scipy.sparse", "scattered": "scattered", "fastcascade": "fastcascade"}
#: Of all sizes, and by size: seconds, ms and MB.
GOALS = {"limit": "2", "share": "50", "cores": "1.5", "scattered ratio": "2", "fastcascade ratio": "100"} | {
    f"{peer} gap": "1e-12" for peer in PEERS
}
GOALS_OF = {
    10_000: {"all": "4"},
    100_000: {"all": "480", "memory": "2048", "whole": "2048"},
    1_000_000: {"memory": "6144", "whole": "6144", "compile": "15", "closure": "120", "upstream": "60"},
}


def counts(firms: int) -> tuple[int, ...]:
    """Return how many firms are closed, by us and by each of the peers."""
    return tuple(min(firms, k) for k in CLOSED.get(firms, SMALL if firms < 100_000 else LARGE))


def lines(firms: int) -> dict[str, str]:
    """Return what is told of a size."""
    ours, *others = counts(firms)
    told = {
        "compile": "compiling, s",
        "closure": f"a closure (mean of {ours:,}), ms",
        "each": "a closure and firm, ns",
        "rounds": "rounds",
        "all": "all firms, s of one core",
        "memory": "peak memory of the process, MB",
        "rate": "bandwidth of a triad, GB/s",
        "limit": "closure / limit of memory",
        "share": "share of that bandwidth, %",
    }
    if all(others):
        told["cores"] = "one core / two cores, by the clock"
        for peer, words in PEERS.items():
            told[peer] = f"{words}, a closure, ms"
            told[f"{peer} ratio"] = f"{words} / ours"
            told[f"{peer} gap"] = f"{words}, largest difference"
    return told | {
        "top": f"the {TOP} riskiest, s, with compiling",
        "closed": "firms closed for it",
        "upstream": "upstream risk of all firms, s",
        "whole": "peak memory of all of it, MB",
    }


def blocks(plan: Plan) -> list[Block]:
    """Return a block a size."""
    return [
        Block(
            f"Systemic risk: {firms:,} firms, {LINKS * firms:,} links",
            lines(firms),
            closing,
            (firms, plan.runs),
            GOALS | GOALS_OF.get(firms, {}),
            firms,
        )
        for firms in plan.sizes
    ]


@nb.njit(cache=True)
def _triad(a, b, c):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    for i in range(a.shape[0]):
        a[i] = b[i] + 3.0 * c[i]


def bandwidth() -> float:
    """Return bytes a second of a triad, by one core."""
    a, b, c = (np.ones(8_000_000) for _ in range(3))
    _triad(a, b, c)
    return 24 * len(a) / shortest(lambda: _triad(a, b, c), 25)


def limit(firms: int, links: int, rounds: float, rate: float) -> float:
    """Return the seconds that memory allows for a closure of so many rounds."""
    return rounds * (2 * links * (12 / LANES + 8) + 64 * firms) / rate


def read(firms: SyntheticEconomy) -> Compiled:
    """Compile a drawn link table."""
    return compiled(firms.links, firms.industries, essential=firms.essential)


def alone(table: Compiled, at: np.ndarray, runs: int) -> float:
    """Return the seconds of one core for a closure."""
    with patch("os.cpu_count", return_value=1):
        return shortest(lambda: assess(table.table, closures(at), Stop(EPS)), runs) / len(at)


def walled(table: Compiled, at: np.ndarray, cores: int, runs: int) -> float:
    """Return the seconds of the clock on so many cores."""
    with patch("os.cpu_count", return_value=cores):
        return shortest(lambda: assess(table.table, closures(at), Stop(EPS)), runs, clock=time.perf_counter)


def closing(firms: int, runs: int) -> dict[str, str]:
    """Time all steps for a link table of so many firms."""
    drawn = synthetic_economy(firms, LINKS * firms)
    read(synthetic_economy(100, 500))
    compiling = shortest(lambda: read(drawn), 1)
    table = read(drawn)
    ours, *others = counts(firms)
    at = np.random.default_rng(1).permutation(firms)[:ours]
    assess(table.table, closures(at[:4]), Stop(EPS))
    found = assess(table.table, closures(at), Stop(EPS))
    seconds = alone(table, at, runs)
    memory = peak()
    rate = bandwidth()
    rounds = float(found.rounds.mean())
    least = limit(firms, LINKS * firms, rounds, rate)
    told = {
        "compile": f"{compiling:.2f}",
        "closure": f"{seconds * 1e3:.3f}",
        "each": f"{seconds * 1e9 / firms:.1f}",
        "rounds": f"{rounds:.2f}",
        "all": f"{seconds * firms:.1f}",
        "memory": f"{memory:.0f}",
        "rate": f"{rate / 1e9:.1f}",
        "limit": f"{seconds / least:.2f}",
        "share": f"{100 * least / seconds:.0f}",
    }
    if all(others):
        clock = [walled(table, at, cores, runs) for cores in (1, 2)]
        told["cores"] = f"{clock[0] / clock[1]:.2f}"
        told |= beside(drawn, table, at, others, runs)
    return told | shortcuts(drawn)


def beside(
    drawn: SyntheticEconomy, table: Compiled, at: np.ndarray, others: list[int], runs: int
) -> dict[str, str]:
    """Time other layouts, and ours beside each of them, of the same firms."""
    told: dict[str, str] = {}
    m = matrices(drawn)
    scattered(m, at[:1], EPS)
    for (peer, layout), count in zip({"plain": plain, "scattered": scattered}.items(), others, strict=False):
        some = at[:count]
        ours, theirs = np.inf, np.inf
        for _ in range(runs):
            theirs = min(theirs, shortest(lambda: layout(m, some, EPS), 1) / count)  # noqa: B023
            ours = min(ours, alone(table, at, 1))
        told |= compared(peer, theirs, ours, np.asarray(layout(m, some, EPS))[:, 0], table, some)
    some = at[: others[-1]]
    answer = fastcascade(drawn, some, EPS)
    if answer is None:
        return told | {"fastcascade": MISSING, "fastcascade ratio": NONE, "fastcascade gap": NONE}
    return told | compared("fastcascade", answer.seconds, alone(table, at, runs), answer.esri, table, some)


def compared(
    peer: str, theirs: float, ours: float, esri: np.ndarray, table: Compiled, some: np.ndarray
) -> Mapping[str, str]:
    """Tell how a peer compares."""
    gap = np.abs(esri - assess(table.table, closures(some), Stop(EPS)).esri).max()
    return {peer: f"{theirs * 1e3:.3f}", f"{peer} ratio": f"{theirs / ours:.1f}", f"{peer} gap": f"{gap:.0e}"}


def shortcuts(drawn: SyntheticEconomy) -> dict[str, str]:
    """Time the search for the riskiest firms, and the closed form of the upstream risk."""
    found: list[object] = []

    def search() -> None:
        top = chainnet.systemic_risk(
            drawn.links, drawn.industries, essential=drawn.essential, top=TOP, drift_eps=None
        )
        found.append(top.attrs["closed"])

    def upstream() -> None:
        chainnet.upstream_risk(drawn.links, drawn.industries.index, revenue=drawn.revenue)

    return {
        "top": f"{shortest(search, 1):.2f}",
        "closed": f"{found[0]:,}",
        "upstream": f"{shortest(upstream, 1):.2f}",
        "whole": f"{peak():.0f}",
    }
