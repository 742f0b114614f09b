"""Scenarios side by side in the day-by-day kernel: what they share is read once for all of them.

Scenarios run together if they have the same plants and stocks, times and ranks, and differ in what
happens, in who lies behind which control, and in when a shortage is noticed. Each has the numbers, to
the last bit, that it has alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from chainnet.dayblocks import in_blocks
from chainnet.daykernel import run_lanes
from chainnet.dayvalues import Blocks, Found, Happenings, Lanes, Needs, Plants, Rules, State
from chainnet.kernels import FloatArray, IntArray

#: Lanes of a block: eight floats are what a processor fetches at once.
WIDTH = 8


class Case(NamedTuple):
    """A scenario: needs as it changes them (path, zone, detection), what happens, and for how long."""

    needs: Needs
    events: Happenings
    days: int


def run_days(  # noqa: PLR0913 - the kernel's arrays
    plants: Plants, needs: Needs, rules: Rules, events: Happenings, *, days: int, keep: bool, months: IntArray
) -> tuple[FloatArray, ...]:
    """Run the days of a scenario.

    Parameters
    ----------
    plants, needs, rules, events
        The economy, its rules, and what happens.
    days
        How many days.
    keep
        Whether to keep stocks and books.
    months
        (days,) the row of the flows in which a day counts; empty: flows are not counted.

    Returns
    -------
    output : (days, n)
        Relative to normal.
    rest : (days, products)
        Deliveries of what is nobody's in particular, relative to normal.
    stocks : (days, G)
        Days of normal use; of length 0 if not kept.
    flows : (rows, products, countries, countries)
        Volumes shipped, by exporter and importer.
    books : (4, n)
        Sums over all days: made, shipped, ordered; and the goods left; of length 0 if not kept.
    """
    found, books = _run(plants, rules, [Case(needs, events, days)], 1, keep=keep, months=months)
    return found.output[0], found.rest[0], found.stocks[0], found.flows[0], books


def run_together(
    plants: Plants, rules: Rules, cases: Sequence[Case]
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Run scenarios of one economy, side by side as far as they are many.

    Parameters
    ----------
    plants, rules
        The economy and its rules.
    cases
        The scenarios; their needs differ in nothing but path, zone and detection.

    Yields
    ------
    tuple
        Output and rest of each, in the order of the cases; see :func:`run_days`.
    """
    for begin in range(0, len(cases), WIDTH):
        block = cases[begin : begin + WIDTH]
        width = WIDTH if len(block) > 1 else 1
        found, _ = _run(plants, rules, block, width, keep=False, months=np.zeros(0, dtype=np.int64))
        for b, case in enumerate(block):
            yield found.output[b, : case.days], found.rest[b, : case.days]


def _run(
    plants: Plants, rules: Rules, cases: Sequence[Case], width: int, *, keep: bool, months: IntArray
) -> tuple[Found, FloatArray]:
    needs, days, count = cases[0].needs, max(case.days for case in cases), len(cases)
    n, groups = len(plants.product), len(needs.buyer)
    products = 1 + int(max(plants.product.max(initial=0), needs.product.max(initial=0)))
    countries, rows = 1 + int(plants.country.max(initial=0)), 1 + int(months.max(initial=-1))
    found = Found(
        output=np.empty((count, days, n)),
        rest=np.empty((count, days, products)),
        stocks=np.empty((count, days if keep else 0, groups)),
        flows=np.zeros((count, rows, products, countries, countries)),
    )
    plants, needs, lanes, blocks = in_blocks(plants, needs, _lanes(cases, width, days))
    state = _state(plants, needs, rules, blocks, width, keep=keep)
    run_lanes(plants, needs, rules, lanes, blocks, state, found, months, (0,) * width, days)
    made, ordered, left = state.books.reshape(3, -1, width)[:, blocks.place if keep else [], 0]
    shipped = plants.finished[blocks.place if keep else []] + made - left
    return found, np.array([made, shipped, ordered, left])


def _state(plants: Plants, needs: Needs, rules: Rules, blocks: Blocks, width: int, *, keep: bool) -> State:
    n, groups, edges = len(plants.product), len(needs.buyer), len(needs.supplier)
    ranks = 1 + max(rules.outside_rank, int(needs.rank.max(initial=0)))
    most, trades = (int(np.diff(starts).max()) for starts in (blocks.plants, blocks.groups))
    return State(
        plants=_rows(8 * n, width),
        using=_rows(n, width),
        done=_rows(n, width),
        stock=_rows(groups, width),
        coming=_rows(groups, width),
        line=_rows(int(plants.lead.sum()), width),
        moving=_rows(int(needs.transit.sum()), width),
        wishes=_rows(2 * most * ranks, width),
        fills=_rows(2 * most * ranks, width),
        free=_rows(most, width),
        stay=_rows(edges, width),
        clock=_rows(groups, width),
        orders=_rows(trades, width),
        got=_rows(trades, width),
        lacking=_rows(trades, width),
        since=_rows(trades, width),
        seekers=np.zeros((width, trades), dtype=np.int32),
        books=_rows(3 * n if keep else 0, width),
    )


def _rows(count: int, width: int) -> FloatArray:
    """Return rows of zeros that begin where a processor fetches: none lies in two of its lines."""
    whole = np.zeros(count * width + 8)
    begin = -whole.ctypes.data % 64 // 8
    return whole[begin : begin + count * width].reshape(count, width)


def _lanes(cases: Sequence[Case], width: int, days: int) -> Lanes:
    n = len(cases[0].events.hit)
    zone, of_zone = _combined([case.needs.zone for case in cases])
    lane_zone = np.zeros((len(of_zone), width), dtype=np.int64)
    for b, case in enumerate(cases):
        lane_zone[:, b] = case.needs.zone[of_zone]
    zones = 1 + lane_zone.max(axis=0, initial=0)
    some = np.zeros((int(zones.max()), width), dtype=np.int64)
    for region, own in enumerate(lane_zone):
        some[own, np.arange(width)] = region
    paths = [
        np.concatenate([case.needs.path, case.events.zone_paths[lane_zone[:, b]].ravel()])
        for b, case in enumerate(cases)
    ]
    row, of_row = _combined(paths)
    permits, rush = np.ones((len(of_row), days, width)), np.ones((len(of_row), days, width))
    behind = np.zeros(len(of_row), dtype=np.bool_)
    for b, (case, path) in enumerate(zip(cases, paths, strict=True)):
        own, events = path[of_row], case.events
        met = own >= 0
        permits[met, : case.days, b] = events.permits[own[met], : case.days]
        rush[met, : case.days, b] = events.rush[own[met], : case.days]
        behind |= met
    row = np.where(behind[row], row, -1) if len(row) else row
    edges = len(cases[0].needs.path)
    bought, demand = _demands(cases, width, days)
    kind, detection = _detections(cases, width)
    return Lanes(
        *_hits(cases, days),
        path=row[:edges].astype(np.int32),
        permits=permits.reshape(-1, width),
        rush=rush.reshape(-1, width),
        zone=zone,
        lane_zone=lane_zone,
        some=some,
        zone_paths=row[edges:].reshape(-1, n),
        crossed=bool((row[edges:] >= 0).any()),
        bought=bought,
        demand=demand,
        kind=kind,
        detection=detection,
    )


def _combined(columns: Sequence[IntArray]) -> tuple[IntArray, IntArray]:
    """Return numbers of the combinations of values (-1 or more) that lanes have, and where each is first."""
    number = np.zeros(len(columns[0]), dtype=np.int64)
    first = np.arange(min(1, len(number)))
    for column in columns:
        if (column != column[:1]).any():
            mixed = number * (int(column.max()) + 2) + column + 1
            _, first, number = np.unique(mixed, return_index=True, return_inverse=True)
    return number, first


def _hits(cases: Sequence[Case], days: int) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Return node, lane, capacity by day and lost work of what is shocked, in the order of the nodes."""
    nodes = [np.flatnonzero(case.events.hit >= 0) for case in cases]
    capacity = np.ones((sum(map(len, nodes)), days))
    begin = 0
    for case, own in zip(cases, nodes, strict=True):
        levels = case.events.capacity[case.events.hit[own], : case.days]
        capacity[begin : begin + len(own), : case.days] = levels
        begin += len(own)
    lost = [case.events.lost_work[case.events.hit[own]] for case, own in zip(cases, nodes, strict=True)]
    node, lane = np.concatenate(nodes), np.repeat(np.arange(len(cases)), [len(own) for own in nodes])
    order = np.argsort(node, kind="stable")
    return node[order], lane[order], capacity[order], np.concatenate(lost)[order]


def _demands(cases: Sequence[Case], width: int, days: int) -> tuple[IntArray, FloatArray]:
    """Return the row of each node's demand, and the rows."""
    n = len(cases[0].events.hit)
    columns, paths = [], []
    for case in cases:
        rows, own = case.events.demand, np.zeros(n, dtype=np.int64)
        if len(rows) > 1:
            rows, inverse = np.unique(rows, axis=0, return_inverse=True)
            own = inverse.reshape(-1)
        columns.append(own)
        paths.append(rows)
    bought, first = _combined(columns)
    demand = np.ones((len(first), days, width))
    for b, (case, own, rows) in enumerate(zip(cases, columns, paths, strict=True)):
        demand[:, : case.days, b] = rows[own[first], : case.days]
    return bought, demand.reshape(-1, width)


def _detections(cases: Sequence[Case], width: int) -> tuple[IntArray, FloatArray]:
    """Return which times each lane has until a shortage is noticed, and the times."""
    kind, different = np.zeros(width, dtype=np.int64), [cases[0].needs.detection]
    for b, case in enumerate(cases):
        same = [k for k, known in enumerate(different) if np.array_equal(known, case.needs.detection)]
        kind[b] = same[0] if same else len(different)
        if not same:
            different.append(case.needs.detection)
    return kind, np.array(different)
