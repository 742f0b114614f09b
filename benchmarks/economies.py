"""Economies drawn at random for the benchmarks: plants and needs, regions and sectors.

Link tables of firms are drawn by :func:`chainnet.synthetic_economy`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chainnet.dayvalues import Happenings, Needs, Plants, Rules

DAYS = 365
#: The first day of every shock, and the first day after it.
SHOCK = (10, 100)
INDUSTRIES = 100

FloatArray = npt.NDArray[np.float64]
Economy = tuple[Plants, Needs, Rules, Happenings]


def shock(closed: npt.NDArray[np.bool_], left: float) -> Happenings:
    """Leave some plants that share of their capacity during the days of the shock."""
    capacity, one = np.ones((1, DAYS)), np.ones((1, DAYS))
    capacity[0, slice(*SHOCK)] = left
    hit = np.where(closed, 0, -1)
    return Happenings(hit, capacity, np.zeros(1), one, one, np.full((1, len(closed)), -1), one)


def drawn_firms(firms: int, links: int, seed: int = 0) -> Economy:
    """Draw that many firms and links, one firm in a thousand of which closes."""
    rng = np.random.default_rng(seed)
    industries = min(INDUSTRIES, firms)
    rest = rng.integers(0, industries, firms - industries)
    industry = np.sort(np.concatenate([np.arange(industries), rest]))
    begin, end = np.searchsorted(industry, [np.arange(industries), np.arange(1, industries + 1)])
    groups = links * 3 // 5
    buyer = np.sort(rng.integers(0, firms, groups))
    of = rng.integers(0, industries, groups)
    sizes = 1 + np.bincount(rng.integers(0, groups, links - groups), minlength=groups)
    industry_of_link = np.repeat(of, sizes)
    supplier = rng.integers(begin[industry_of_link], end[industry_of_link])
    weight = np.repeat(1.0 / sizes, sizes)
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
        start=np.concatenate([[0], np.cumsum(sizes)]),
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
        path=np.full(links, -1),
        rank=np.zeros(links, dtype=np.int64),
    )
    closed = np.zeros(firms, dtype=bool)
    closed[rng.choice(firms, max(1, firms // 1000), replace=False)] = True
    return plants, needs, Rules(refill=60.0, ramp=30.0, outside_rank=0), shock(closed, 0.0)


class Table(NamedTuple):
    """An input-output table of regions × sectors, and what is common to both models of it.

    Parameters
    ----------
    regions, sectors
        How many. Industry (r, s) has the number r · sectors + s.
    flows
        (n, n) what industry i sells to industry j in a day.
    final, output
        (n,) final demand, and output, of a day.
    cover, refill, ramp
        Days of stock of every input, in which a gap is ordered back, and in which slack is reached.
    slack, left
        Output above normal, and the share of its capacity that the first region keeps in the shock.
    """

    regions: int
    sectors: int
    flows: FloatArray
    final: FloatArray
    output: FloatArray
    cover: int = 20
    refill: int = 60
    ramp: int = 365
    slack: float = 0.25
    left: float = 0.2


def drawn_table(regions: int, sectors: int, inputs: int, sources: int, seed: int = 0) -> Table:
    """Draw a table in which each industry buys from so many sectors, and of each from so many regions.

    Inputs are half of the output, and final demand is what balances it.
    """
    rng = np.random.default_rng(seed)
    n = regions * sectors
    used = rng.permuted(np.tile(np.arange(sectors) < inputs, (n, 1)), axis=1)
    sold = rng.permuted(np.tile(np.arange(regions) < sources, (n, sectors, 1)), axis=2)
    part = rng.uniform(0.5, 1.5, (n, sectors, regions)) * used[:, :, None] * sold
    part *= 0.5 / part.sum(axis=(1, 2), keepdims=True)
    coefficients = part.transpose(2, 1, 0).reshape(n, n)
    final = rng.lognormal(0, 1, n)
    output = np.linalg.solve(np.eye(n) - coefficients, final)
    return Table(regions, sectors, coefficients * output, final, output)


def economy(table: Table) -> Economy:
    """Read a table as plants and needs: all needs critical, no transport, nobody steps in.

    Output takes a day, the shortest that the kernel knows.
    """
    n = len(table.output)
    region, sector = np.divmod(np.arange(n), table.sectors)
    # Links in the order of buyer, sector, region: those of one buyer and sector are one need.
    by_buyer = table.flows.reshape(table.regions, table.sectors, n).transpose(2, 1, 0)
    buyer, of, origin = np.nonzero(by_buyer)
    first = np.flatnonzero(np.diff(buyer * table.sectors + of, prepend=-1))
    flow, groups = by_buyer[buyer, of, origin], len(first)
    start = np.append(first, len(buyer))
    volume = np.add.reduceat(flow, first)
    plants = Plants(
        product=sector,
        maker=np.arange(n),
        country=region,
        volume=table.output,
        outside=table.final / table.output,
        lead=np.ones(n, dtype=np.int64),
        finished=np.zeros(n),
        slack=np.full(n, table.slack),
        held=np.zeros(n),
    )
    needs = Needs(
        start=start,
        buyer=buyer[first],
        critical=np.ones(groups, dtype=bool),
        impact=np.ones(groups),
        cover=np.full(groups, float(table.cover)),
        transit=np.zeros(groups, dtype=np.int64),
        detection=np.full(groups, np.inf),
        qualification=np.full(groups, 180.0),
        same_site=np.full(groups, 90.0),
        sticky=np.zeros(groups),
        volume=volume,
        product=of[first],
        zone=np.zeros(groups, dtype=np.int64),
        nobody=np.zeros(groups),
        supplier=origin * table.sectors + of,
        weight=flow / np.repeat(volume, np.diff(start)),
        path=np.full(len(buyer), -1),
        rank=np.zeros(len(buyer), dtype=np.int64),
    )
    rules = Rules(float(table.refill), float(table.ramp), outside_rank=0)
    return plants, needs, rules, shock(region == 0, table.left)
