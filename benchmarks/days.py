"""How long a year takes, day by day: the bundled graph, a national economy, and plain numpy beside it.

Run it with the Python that chainnet is installed in: ``python benchmarks/days.py``. The economy
is drawn at random: firms of 100 industries, each buying from three industries on average. The
plain numpy version follows the same rules without the parts that only a shortage needs (other
sites, other makers, sticky parts), so that it has less to do. Times are those of one run after
the compiler has done its work; ``--runs`` takes the shortest of several.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import chainnet
from chainnet.daykernel import Happenings, Needs, Plants, Rules, run_days

DAYS = 365
INDUSTRIES = 100


def drawn_economy(firms: int, links: int, seed: int = 0) -> tuple[Plants, Needs, Rules, Happenings]:
    """Draw an economy of about that many firms and links, one firm in a thousand of which closes."""
    rng = np.random.default_rng(seed)
    industry = np.sort(rng.integers(0, INDUSTRIES, firms))
    members = [np.flatnonzero(industry == k) for k in range(INDUSTRIES)]
    groups = int(links / 5 * 3)
    buyer = np.sort(rng.integers(0, firms, groups))
    of = rng.integers(0, INDUSTRIES, groups)
    sizes = rng.multinomial(links - groups, np.full(groups, 1 / groups)) + 1
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    supplier = np.concatenate([rng.choice(members[k], size) for k, size in zip(of, sizes, strict=True)])
    weight = 1.0 / np.repeat(sizes, sizes)
    use = rng.lognormal(0, 1, firms)[buyer]
    bought = np.bincount(supplier, weight * np.repeat(use, sizes), firms)
    plants = Plants(
        product=industry,
        maker=np.arange(firms),
        country=np.zeros(firms, dtype=np.int64),
        volume=np.where(bought > 0, bought * 1.25, 1.0),
        outside=np.where(bought > 0, 0.2, 1.0),
        lead=rng.integers(1, 30, firms),
        finished=np.full(firms, 10.0),
        slack=np.full(firms, 0.1),
        held=np.full(firms, 30.0),
    )
    needs = Needs(
        start=start,
        buyer=buyer,
        critical=rng.random(groups) < 0.5,
        impact=np.full(groups, 0.3),
        cover=rng.uniform(10, 60, groups),
        transit=rng.integers(0, 7, groups),
        detection=np.full(groups, 7.0),
        qualification=np.full(groups, 180.0),
        same_site=np.full(groups, 90.0),
        sticky=np.full(groups, 0.3),
        volume=use,
        product=of,
        zone=np.zeros(groups, dtype=np.int64),
        nobody=np.zeros(groups),
        supplier=supplier,
        weight=weight,
        path=np.full(len(supplier), -1, dtype=np.int64),
        rank=np.zeros(len(supplier), dtype=np.int64),
    )
    closed = rng.choice(firms, max(1, firms // 1000), replace=False)
    hit = np.full(firms, -1, dtype=np.int64)
    hit[closed] = 0
    capacity = np.ones((1, DAYS))
    capacity[0, 10:100] = 0.0
    one = np.ones((1, DAYS))
    nowhere = np.full((1, firms), -1, dtype=np.int64)
    happenings = Happenings(hit, capacity, np.zeros(1), one, one, nowhere, one)
    return plants, needs, Rules(60.0, 30.0, 0), happenings


def plain(plants: Plants, needs: Needs, rules: Rules, events: Happenings) -> np.ndarray:  # noqa: PLR0915
    """Run the days in numpy, whole arrays at a time; nobody steps in for what is short."""
    firms, groups, supplier = len(plants.product), len(needs.buyer), needs.supplier
    group = np.repeat(np.arange(groups), np.diff(needs.start))
    share = needs.volume[group] * needs.weight / plants.volume[supplier]
    longest, far = int(plants.lead.max()), int(needs.transit.max()) + 1
    line = (np.arange(longest)[:, None] < plants.lead).astype(float)
    ready, extra, goods = np.zeros(firms), np.zeros(firms), plants.finished.copy()
    work, plan = plants.lead.astype(float), np.ones(firms)
    held = plants.held.copy()
    stock, coming = needs.cover.copy(), needs.transit.astype(float)
    moving = (np.arange(far)[:, None] < needs.transit).astype(float)
    output = np.ones((DAYS, firms))
    each, every = np.arange(firms), np.arange(groups)
    first = np.flatnonzero(np.diff(needs.buyer, prepend=-1))
    buys = needs.buyer[first]
    for t in range(DAYS):
        cap = np.where(events.hit >= 0, events.capacity[0, t], 1.0)
        most = cap * (1 + extra)
        using = np.minimum(np.minimum(plan, 1.0), most)[needs.buyer]
        orders = np.maximum(0.0, using + (needs.cover + needs.transit - stock - coming) / rules.refill)
        use = np.minimum(orders, using)
        sold = np.maximum(0.0, 1.0 + (plants.held - held) / rules.refill)
        wanted = plants.outside * np.minimum(sold, 1.0) + np.bincount(supplier, share * use[group], firms)
        refill = plants.outside * np.maximum(sold - 1.0, 0.0)
        refill += np.bincount(supplier, share * (orders - use)[group], firms)
        head = t % plants.lead
        ready += line[head, each]
        line[head, each] = 0.0
        done = np.minimum(ready, most)
        ready -= done
        work -= done
        output[t] = done
        goods += done
        fill = np.where(goods >= wanted, 1.0, goods / wanted)
        left = np.maximum(0.0, goods - wanted)
        more = np.where(left >= refill, 1.0, left / np.maximum(refill, 1e-300))
        goods = np.maximum(0.0, left - refill)
        held += np.minimum(sold, 1.0) * fill + np.maximum(sold - 1.0, 0.0) * more - 1.0
        held = np.maximum(0.0, held)
        part = needs.weight * (use[group] * fill[supplier] + (orders - use)[group] * more[supplier])
        got = np.add.reduceat(part, needs.start[:-1])
        moving[(t + needs.transit) % far, every] = got
        stock += moving[t % far]
        coming += got - moving[t % far]
        moving[t % far] = 0.0
        plan = np.maximum(
            0.0,
            wanted + refill + (plants.finished + plants.lead - 1 - goods - work) / rules.refill,
        )
        begin = np.minimum(plan, most)
        scarce = np.minimum.reduceat(np.where(needs.critical, stock, np.inf), first)
        begin[buys] = np.minimum(begin[buys], scarce)
        asked = np.maximum(begin[needs.buyer], 1e-300)
        short = np.where(needs.critical, 0.0, needs.impact * np.maximum(0.0, 1 - stock / asked))
        begin[buys] *= np.maximum(0.0, 1 - np.add.reduceat(short, first))
        stock = np.maximum(0.0, stock - begin[needs.buyer])
        line[head, each] = begin
        work += begin
        extra += (np.where(plan > cap + 1e-9, plants.slack, 0.0) - extra) / rules.ramp
    return output


def shortest(work: Callable[[], Any], runs: int) -> float:
    """Return the seconds of the shortest of several runs."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print the times, and the ratio to plain numpy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=100_000)
    parser.add_argument("--links", type=int, default=500_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    network = chainnet.load("japan-korea")
    scenario = chainnet.Scenario.parse(network, "JPN>KOR:hf_liquid@0+90")
    none = np.zeros(0, dtype=np.int64)
    table = Table("what", "seconds", "goal")
    start = time.perf_counter()
    chainnet.simulate(network, scenario, days=DAYS)
    table.add_row("bundled graph, the first run of a process", f"{time.perf_counter() - start:.3f}", "")
    seconds = shortest(lambda: chainnet.simulate(network, scenario, days=DAYS), 5 * given.runs)
    table.add_row(f"bundled graph, {DAYS} days", f"{seconds:.3f}", "0.050")
    economy = drawn_economy(given.firms, given.links)
    size = f"{given.firms:,} firms, {given.links:,} links, {DAYS} days"
    numba = shortest(lambda: run_days(*economy, days=DAYS, keep=False, months=none), given.runs)
    table.add_row(size, f"{numba:.2f}", "10")
    numpy = shortest(lambda: plain(*economy), 1)
    table.add_row("the same in plain numpy, without substitution", f"{numpy:.2f}", "")
    table.add_row("plain numpy / kernel", f"{numpy / numba:.1f}", "")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024)
    table.add_row("peak memory of all this, MB", f"{peak:.0f}", "1024")
    Console().print(table)


if __name__ == "__main__":
    main()
