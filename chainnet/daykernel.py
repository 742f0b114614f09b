"""The day-by-day kernel: flat arrays in, output by plant and day out.

One day, in this order: buyers order; plants finish what has been long enough in the line and ship
what they have, in proportion to orders where they are short; what a buyer then still lacks is
asked from others, once it has noticed; plants start new work as far as their capacity, the demand
and the stock of their inputs allow. See :mod:`chainnet.simulation` for the words behind it. Nothing is
checked here.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from chainnet.kernels import BoolArray, FloatArray, IntArray
from chainnet.lanes import any_less, every, fetch_pair, load, pick, store


class Plants(NamedTuple):
    """Nodes, (n,) arrays. Volumes are shares of the world's use of a product; time is in days.

    Parameters
    ----------
    product, maker, country
        Numbers of the product, of the firm with its product, and of the country.
    volume
        What a plant makes on a normal day.
    outside
        Part of it that is sold outside the network.
    lead, finished
        Days from start to finish (at least 1), and finished goods in stock, in days of output.
    slack
        Output above normal that it can ramp up to, as a share of normal output.
    held
        Days of stock at its customers outside the network.
    """

    product: IntArray
    maker: IntArray
    country: IntArray
    volume: FloatArray
    outside: FloatArray
    lead: IntArray
    finished: FloatArray
    slack: FloatArray
    held: FloatArray


class Needs(NamedTuple):
    """Groups (G,) sorted by buyer, and their edges (m,): group g holds start[g]:start[g + 1].

    Parameters
    ----------
    start, buyer
        Where the edges of each group start (G + 1,), and the node that buys.
    critical, impact
        Whether nothing is made without it; output lost when an important one is gone.
    cover, transit, detection, qualification, same_site
        Days of stock and of transport; days until a shortage is noticed; days to qualify a new
        supplier, and another site of a present one.
    sticky
        The part of what was moved to others that stays with them.
    volume, product, zone
        What it uses on a normal day; the number of the product that others would step in with;
        the number of the set of controls that it lies behind.
    nobody
        Share of the purchases that is nobody's in particular, and always arrives.
    supplier, weight, path, rank
        Of each edge: the node, its share of the purchases (0: qualified only), the row of the
        permits that hold for it, -1 for none, and its rank at a supplier that is short: 0 is served
        first, those of one rank in proportion to their orders.
    """

    start: IntArray
    buyer: IntArray
    critical: BoolArray
    impact: FloatArray
    cover: FloatArray
    transit: IntArray
    detection: FloatArray
    qualification: FloatArray
    same_site: FloatArray
    sticky: FloatArray
    volume: FloatArray
    product: IntArray
    zone: IntArray
    nobody: FloatArray
    supplier: IntArray
    weight: FloatArray
    path: IntArray
    rank: IntArray


class Rules(NamedTuple):
    """Days in which stocks are refilled and slack is ramped up; the rank of customers outside the network."""

    refill: float
    ramp: float
    outside_rank: int


class Happenings(NamedTuple):
    """What happens, by day.

    Parameters
    ----------
    hit, capacity, lost_work
        (n,) row of ``capacity`` (k, days) of a shocked node, -1 for others; (k,) the share of
        its work in progress that is destroyed on the first day.
    permits, rush
        (c, days) what passes of a flow, and by how much buyers order more before it stops.
    zone_paths
        (z, n) the row of ``permits`` for the deliveries of a node into a zone, -1 for none.
    demand
        (n, days) or (1, days) outside demand relative to normal.
    """

    hit: IntArray
    capacity: FloatArray
    lost_work: FloatArray
    permits: FloatArray
    rush: FloatArray
    zone_paths: IntArray
    demand: FloatArray


class Lanes(NamedTuple):
    """What happens in scenarios side by side, (…, lanes); see :mod:`chainnet.daylanes`.

    Parameters
    ----------
    node, lane, capacity, lost_work
        Of each shocked node of each lane, in the order of the nodes: which, where, its capacity by
        day (h, days), and the share of its work in progress that is destroyed on the first day.
    path, permits, rush
        (m,) the row of each edge, -1 for none; by row · days + day, what passes in each lane and by
        how much its buyers order more.
    zone, zones, lane_zone, some, zone_paths
        (G,) the region of the buyer; how many zones each lane has, and which of them a region is
        (r, lanes); a region of each zone (z, lanes); the row for deliveries of a node into a region
        (r, n).
    bought, demand
        (n,) the row of each node's demand; by row · days + day, the demand relative to normal.
    kind, detection
        Of each lane, the row of ``detection`` (k, G): days until a shortage is noticed.
    """

    node: IntArray
    lane: IntArray
    capacity: FloatArray
    lost_work: FloatArray
    path: IntArray
    permits: FloatArray
    rush: FloatArray
    zone: IntArray
    zones: IntArray
    lane_zone: IntArray
    some: IntArray
    zone_paths: IntArray
    bought: IntArray
    demand: FloatArray
    kind: IntArray
    detection: FloatArray


class State(NamedTuple):
    """What the kernel works in: rows of lanes, all zero; from numpy, which asks for large pages.

    Parameters
    ----------
    plants, using
        Eight rows of each node, in the order of the names below; and what it plans to use.
    stocks
        Two rows of each group: in stock, and under way.
    line, moving
        Each plant's and each group's own ring: what was begun lead days ago stands at the head.
    wishes, fills
        Two rows of each node and rank: orders of what is used, and of what refills a stock; and the
        part of each that is met.
    stay
        Of each edge, the part that others have taken over.
    clock, orders, got, lacking, seekers
        Of groups that lack something: for how many days, what they ordered, got and lack; by lane,
        the groups that have noticed.
    books
        Of each node, (4 · n, lanes); of length 0, none are kept.
    """

    plants: FloatArray
    using: FloatArray
    stocks: FloatArray
    line: FloatArray
    moving: FloatArray
    wishes: FloatArray
    fills: FloatArray
    stay: FloatArray
    clock: FloatArray
    orders: FloatArray
    got: FloatArray
    lacking: FloatArray
    seekers: npt.NDArray[np.int32]
    books: FloatArray


class Found(NamedTuple):
    """What comes out, by lane: see :func:`run_days`. Flows and stocks of length 0 are not kept."""

    output: FloatArray
    rest: FloatArray
    stocks: FloatArray
    flows: FloatArray


class _Tables(NamedTuple):
    """What no day changes.

    Parameters
    ----------
    ranks, place, normal
        How many ranks; of each edge, its supplier's row of wishes, and of its supplier's output what
        it takes on a normal day.
    own, first, ring
        Where the groups of a node start, its line, and the ring of a group.
    moved
        Whether others have taken over any part of a group.
    makers, maker, products, product
        Where the plants of each maker start, and the plants; the same of products.
    whole
        Of each product, what is nobody's in particular.
    """

    ranks: int
    place: npt.NDArray[np.int32]
    normal: FloatArray
    own: IntArray
    first: IntArray
    ring: IntArray
    moved: BoolArray
    makers: IntArray
    maker: IntArray
    products: IntArray
    product: IntArray
    whole: FloatArray


class _Scratch(NamedTuple):
    """While others step in.

    Parameters
    ----------
    free, goods, taken
        (lanes, n) what a plant can make above normal, its goods, and what it is asked for.
    claimed, claim, short, ask_site, ask_all, have
        Of one lane: claims by node and by edge, what is short by edge; what groups ask of other
        sites and of all makers; what there is by zone.
    """

    free: FloatArray
    goods: FloatArray
    taken: FloatArray
    claimed: FloatArray
    claim: FloatArray
    short: FloatArray
    ask_site: FloatArray
    ask_all: FloatArray
    have: FloatArray


class _Market(NamedTuple):
    """What is asked of the plants of each key (maker or product) by zone, what comes, and from where."""

    start: IntArray
    member: IntArray
    want: FloatArray
    arrived: FloatArray
    origins: FloatArray
    asked: BoolArray
    keys: IntArray


#: Rows of a node in the state.
_CAP, _SERVED, _GOODS, _ASKED, _EXTRA, _READY, _WORK, _HELD = range(8)
_ROWS = 8
#: So many edges before they are needed, rows are asked for; and so many plants.
_AHEAD, _SOON = 12, 6


@nb.njit(cache=True, nogil=True)
def _sorted_by(key, keys):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Return where the nodes of each key start, and the nodes."""
    start, node = np.zeros(keys + 1, dtype=np.int64), np.zeros(key.shape[0], dtype=np.int64)
    for i in range(key.shape[0]):
        start[key[i] + 1] += 1
    for k in range(keys):
        start[k + 1] += start[k]
    after = start[:-1].copy()
    for i in range(key.shape[0]):
        node[after[key[i]]] = i
        after[key[i]] += 1
    return start, node


@nb.njit(cache=True, nogil=True)
def _tables(plants, needs, rules):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    n, groups, edges = plants.product.shape[0], needs.buyer.shape[0], needs.supplier.shape[0]
    products, makers = plants.product.max() + 1, plants.maker.max() + 1
    for g in range(groups):
        products = max(products, needs.product[g] + 1)
    ranks = rules.outside_rank + 1
    for e in range(edges):
        ranks = max(ranks, needs.rank[e] + 1)
    first, ring = np.zeros(n + 1, dtype=np.int64), np.zeros(groups + 1, dtype=np.int64)
    for i in range(n):
        first[i + 1] = first[i] + plants.lead[i]
    place, normal, whole = np.zeros(edges, dtype=np.int32), np.zeros(edges), np.zeros(products)
    for g in range(groups):
        ring[g + 1] = ring[g] + needs.transit[g]
        whole[needs.product[g]] += needs.nobody[g] * needs.volume[g]
        for e in range(needs.start[g], needs.start[g + 1]):
            place[e] = 2 * (needs.supplier[e] * ranks + needs.rank[e])
            normal[e] = needs.volume[g] * needs.weight[e] / plants.volume[needs.supplier[e]]
    own = _sorted_by(needs.buyer, n)[0]
    by_maker, by_product = _sorted_by(plants.maker, makers), _sorted_by(plants.product, products)
    moved = np.zeros(groups, dtype=np.bool_)
    return _Tables(
        ranks, place, normal, own, first, ring, moved,
        by_maker[0], by_maker[1], by_product[0], by_product[1], whole,
    )  # fmt: skip


@nb.njit(cache=True, nogil=True)
def _market(start, member, zones, countries):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    keys = start.shape[0] - 1
    return _Market(
        start, member, np.zeros((keys, zones)), np.zeros((keys, zones)), np.zeros((keys, zones, countries)),
        np.zeros(keys, dtype=np.bool_), np.zeros(keys, dtype=np.int64),
    )  # fmt: skip


@nb.njit(cache=True, nogil=True)
def _forget(market, asking):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    for q in range(asking):
        k = market.keys[q]
        market.asked[k] = False
        market.want[k] = 0.0
        market.arrived[k] = 0.0
        market.origins[k] = 0.0


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _share_out(t, b, days, market, asking, plants, events, scratch, counting):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, C901, PLR0912, PLR0913, PLR0917
    """Fill what is asked of each key from the free output of its plants, as far as goods last."""
    zones, have = events.zones[b], scratch.have
    free, goods, taken = scratch.free[b], scratch.goods[b], scratch.taken[b]
    for q in range(asking):
        k = market.keys[q]
        want = market.want[k]
        have[:] = 0.0
        for at in range(market.start[k], market.start[k + 1]):
            i = market.member[at]
            if free[i] > 0.0:
                for z in range(zones):
                    if want[z] > 0.0:
                        row = events.zone_paths[events.some[z, b], i]
                        have[z] += free[i] * (events.permits[row * days + t, b] if row >= 0 else 1.0)
        for at in range(market.start[k], market.start[k + 1]):
            i = market.member[at]
            total = 0.0
            if free[i] > 0.0:
                for z in range(zones):
                    if want[z] > 0.0 and have[z] > 0.0:
                        row = events.zone_paths[events.some[z, b], i]
                        passes = events.permits[row * days + t, b] if row >= 0 else 1.0
                        total += free[i] * passes * min(1.0, want[z] / have[z])
            if total > 0.0:
                asked = min(1.0, free[i] / total)
                sent = min(asked, goods[i] * plants.volume[i] / total)
                for z in range(zones):
                    if want[z] > 0.0 and have[z] > 0.0:
                        row = events.zone_paths[events.some[z, b], i]
                        passes = events.permits[row * days + t, b] if row >= 0 else 1.0
                        part = free[i] * passes * min(1.0, want[z] / have[z]) * sent
                        market.arrived[k, z] += part
                        if counting:
                            market.origins[k, z, plants.country[i]] += part
                taken[i] += total * asked / plants.volume[i]
                goods[i] = max(0.0, goods[i] - total * sent / plants.volume[i])
                free[i] = max(0.0, free[i] - total * asked)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _by_lane(plants, state, scratch, width):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Lay out by lane what plants can make above normal, and their goods."""
    rows, row = state.plants, np.zeros((1, len(width)))
    for i in range(plants.product.shape[0]):
        above = load(rows, _ROWS * i + _CAP, width) * (1.0 + plants.slack[i]) - 1.0
        above = pick(0.0, above, above, 0.0)
        store(row, 0, above * load(rows, _ROWS * i + _SERVED, width) * plants.volume[i])
        for b in range(len(width)):
            scratch.free[b, i] = row[0, b]
            scratch.goods[b, i] = rows[_ROWS * i + _GOODS, b]
            scratch.taken[b, i] = 0.0


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _by_node(plants, state, scratch, width):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Put back what is left of the goods, and what was asked for."""
    for i in range(plants.product.shape[0]):
        for b in range(len(width)):
            state.plants[_ROWS * i + _GOODS, b] = scratch.goods[b, i]
            state.plants[_ROWS * i + _ASKED, b] += scratch.taken[b, i]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _step_in(t, b, days, seeking, plants, needs, events, state, tables, scratch, markets, counts):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, C901, PLR0912, PLR0913, PLR0915, PLR0917
    """Let others step in for the buyers of a lane that have noticed what they lack."""
    (site, world), (flows, months) = markets, counts
    n, seekers, counting = plants.product.shape[0], state.seekers[b], flows.shape[1] > 0
    free, goods, taken = scratch.free[b], scratch.goods[b], scratch.taken[b]
    claim, claimed, short = scratch.claim, scratch.claimed, scratch.short
    ask_site, ask_all, keeping = scratch.ask_site, scratch.ask_all, state.books.shape[0] > 0
    got, lacking, clock, detection = state.got, state.lacking, state.clock, events.detection[events.kind[b]]
    # Present and qualified suppliers step in at once, with what they can make above normal.
    for q in range(seeking):
        g = seekers[q]
        total = 0.0
        for e in range(needs.start[g], needs.start[g + 1]):
            s = needs.supplier[e]
            row = events.path[e]
            claim[e] = free[s] * (events.permits[row * days + t, b] if row >= 0 else 1.0)
            total += claim[e]
        cut = min(1.0, lacking[g, b] * needs.volume[g] / total) if total > 0.0 else 0.0
        for e in range(needs.start[g], needs.start[g + 1]):
            claim[e] *= cut
            claimed[needs.supplier[e]] += claim[e]
    for q in range(seeking):
        g = seekers[q]
        helped = 0.0
        for e in range(needs.start[g], needs.start[g + 1]):
            s = needs.supplier[e]
            if claim[e] > 0.0:
                most = min(free[s], goods[s] * plants.volume[s])
                sent = claim[e] * min(1.0, most / claimed[s])
                helped += sent / needs.volume[g]
                if counting:
                    of, to = plants.country[s], plants.country[needs.buyer[g]]
                    flows[b, months[t], plants.product[s], of, to] += sent
        got[g, b] += helped
        lacking[g, b] = max(0.0, lacking[g, b] - helped)
    for i in range(n):
        if claimed[i] > 0.0:
            wish = min(claimed[i], free[i])
            sent = min(wish, goods[i] * plants.volume[i])
            taken[i] += wish / plants.volume[i]
            goods[i] = max(0.0, goods[i] - sent / plants.volume[i])
            if keeping:
                state.books[n + i, b] += sent / plants.volume[i]
            free[i] -= wish
            claimed[i] = 0.0

    # Then other sites of the suppliers that fail, and at last all other makers, little by little.
    at_sites = at_world = 0
    for q in range(seeking):
        g = seekers[q]
        z = events.lane_zone[events.zone[g], b]
        total = 0.0
        for e in range(needs.start[g], needs.start[g + 1]):
            row = events.path[e]
            passes = events.permits[row * days + t, b] if row >= 0 else 1.0
            part = (1.0 - state.stay[e, b]) * passes * state.fills[tables.place[e], b]
            short[e] = needs.weight[e] * max(0.0, 1.0 - part)
            total += short[e]
        since = clock[g, b] - detection[g]
        step = min(1.0, since / max(needs.same_site[g], 1.0))
        ask_site[g] = step * lacking[g, b] / total if total > 0.0 else 0.0
        for e in range(needs.start[g], needs.start[g + 1]):
            ask = ask_site[g] * short[e] * needs.volume[g]
            m = plants.maker[needs.supplier[e]]
            site.want[m, z] += ask
            if ask > 0.0 and not site.asked[m]:
                site.asked[m] = True
                site.keys[at_sites] = m
                at_sites += 1
    before = goods.copy() if keeping else goods
    _share_out(t, b, days, site, at_sites, plants, events, scratch, counting)
    for q in range(seeking):
        g = seekers[q]
        helped = 0.0
        z = events.lane_zone[events.zone[g], b]
        for e in range(needs.start[g], needs.start[g + 1]):
            m = plants.maker[needs.supplier[e]]
            ask = ask_site[g] * short[e]
            if ask > 0.0 and site.arrived[m, z] > 0.0:
                helped += ask * site.arrived[m, z] / site.want[m, z]
                if counting:
                    for c in range(site.origins.shape[2]):
                        part = ask * needs.volume[g] * site.origins[m, z, c] / site.want[m, z]
                        k = plants.product[needs.supplier[e]]
                        flows[b, months[t], k, c, plants.country[needs.buyer[g]]] += part
        got[g, b] += helped
        lacking[g, b] = max(0.0, lacking[g, b] - helped)
        since = clock[g, b] - detection[g]
        step = min(1.0, since / max(needs.qualification[g], 1.0))
        ask_all[g] = step * lacking[g, b]
        k = needs.product[g]
        world.want[k, z] += ask_all[g] * needs.volume[g]
        if ask_all[g] > 0.0 and not world.asked[k]:
            world.asked[k] = True
            world.keys[at_world] = k
            at_world += 1
    _share_out(t, b, days, world, at_world, plants, events, scratch, counting)
    if keeping:
        for i in range(n):
            state.books[n + i, b] += before[i] - goods[i]
    for q in range(seeking):
        g = seekers[q]
        k, z = needs.product[g], events.lane_zone[events.zone[g], b]
        if ask_all[g] > 0.0 and world.arrived[k, z] > 0.0:
            helped = ask_all[g] * world.arrived[k, z] / world.want[k, z]
            got[g, b] += helped
            lacking[g, b] = max(0.0, lacking[g, b] - helped)
            if counting:
                for c in range(world.origins.shape[2]):
                    part = ask_all[g] * needs.volume[g] * world.origins[k, z, c] / world.want[k, z]
                    flows[b, months[t], k, c, plants.country[needs.buyer[g]]] += part
        # A part of what others took over stays with them, as long as they deliver it.
        total = 0.0
        for e in range(needs.start[g], needs.start[g + 1]):
            total += short[e]
        if needs.sticky[g] > 0.0 and total > 0.0 and state.orders[g, b] > 0.0:
            served = max(0.0, 1.0 - lacking[g, b] / (total * state.orders[g, b]))
            for e in range(needs.start[g], needs.start[g + 1]):
                if needs.weight[e] > 0.0:
                    left = needs.sticky[g] * served * short[e] / needs.weight[e]
                    state.stay[e, b] = max(min(state.stay[e, b], served), left)
                    tables.moved[g] = True
    _forget(site, at_sites)
    _forget(world, at_world)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _sell_outside(t, plants, rules, events, state, ranks, width, days):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, PLR0913, PLR0917
    """Take the orders of customers outside the network, before any others."""
    for i in range(plants.product.shape[0]):
        demand = load(events.demand, events.bought[i] * days + t, width)
        asked = demand + (plants.held[i] - load(state.plants, _ROWS * i + _HELD, width)) / rules.refill
        sold = pick(0.0, asked, asked, 0.0)
        use = pick(sold, demand, sold, demand)
        for k in range(2 * ranks * i, 2 * ranks * (i + 1)):
            store(state.wishes, k, every(0.0, width))
        outer = 2 * (ranks * i + rules.outside_rank)
        store(state.wishes, outer, plants.outside[i] * use)
        store(state.wishes, outer + 1, plants.outside[i] * (sold - use))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _begin_and_order(t, now, plants, needs, rules, events, state, tables, found, width, days):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, C901, PLR0912, PLR0913, PLR0915, PLR0917
    """Let plants start new work at the end of the day before, and order on day t."""
    n, h, last = plants.product.shape[0], 0, needs.supplier.shape[0] - 1
    rows, stocks, wishes = state.plants, state.stocks, state.wishes
    for i in range(n):
        at, o, end = _ROWS * i, tables.own[i], tables.own[i + 1]
        cap, extra, plan = load(rows, at + _CAP, width), load(rows, at + _EXTRA, width), every(1.0, width)
        if t > 0:
            total, work = load(rows, at + _ASKED, width), load(rows, at + _WORK, width)
            if state.books.shape[0] > 0:
                store(state.books, 2 * n + i, load(state.books, 2 * n + i, width) + total)
            gap = plants.finished[i] + plants.lead[i] - 1.0 - load(rows, at + _GOODS, width) - work
            wish = total + gap / rules.refill
            plan = pick(0.0, wish, wish, 0.0)
            most = cap * (1.0 + extra)
            begin = pick(plan, most, plan, most)
            important = False
            for g in range(o, end):
                if needs.critical[g]:
                    stock = load(stocks, 2 * g, width)
                    begin = pick(stock, begin, stock, begin)
                else:
                    important = True
            if important:
                cut = every(0.0, width)
                for g in range(o, end):
                    if not needs.critical[g]:
                        stock = load(stocks, 2 * g, width)
                        cut = cut + pick(stock, begin, needs.impact[g] * (1.0 - stock / begin), 0.0)
                left = 1.0 - cut
                begin = begin * pick(0.0, left, left, 0.0)
            for g in range(o, end):
                left = load(stocks, 2 * g, width) - begin
                store(stocks, 2 * g, pick(0.0, left, left, 0.0))
                if found.stocks.shape[1] > 0:
                    for b in range(found.stocks.shape[0]):
                        found.stocks[b, t - 1, g] = stocks[2 * g, b]
            # Where the head of its line stood on that day.
            head = now[plants.lead[i]] - 1
            store(state.line, tables.first[i] + (head if head >= 0 else plants.lead[i] - 1), begin)
            store(rows, at + _WORK, work + begin)
            goal = pick(cap + 1e-9, plan, plants.slack[i], every(0.0, width))
            extra = extra + (goal - extra) / rules.ramp
            store(rows, at + _EXTRA, extra)
        if t == days:
            continue
        while h < events.node.shape[0] and events.node[h] == i:
            b, level = events.lane[h], events.capacity[h, t]
            rows[at + _CAP, b] = level
            begun = level < 1.0 and (t == 0 or events.capacity[h, t - 1] >= 1.0)
            if begun and events.lost_work[h] > 0.0:
                kept = 1.0 - events.lost_work[h]
                for k in range(tables.first[i], tables.first[i + 1]):
                    state.line[k, b] *= kept
                rows[at + _READY, b] *= kept
                rows[at + _WORK, b] *= kept
            h += 1
        # Buyers order what they plan to use, and a part of what their stock lacks.
        most = load(rows, at + _CAP, width) * (1.0 + extra)
        planned = pick(plan, 1.0, plan, 1.0)
        using = pick(most, planned, most, planned)
        store(state.using, i, using)
        for g in range(o, end):
            gap = (
                needs.cover[g]
                + needs.transit[g]
                - load(stocks, 2 * g, width)
                - load(stocks, 2 * g + 1, width)
            )
            wish = using + gap / rules.refill
            orders = pick(0.0, wish, wish, 0.0)
            used = pick(orders, using, orders, using)
            refill = orders - used
            for e in range(needs.start[g], needs.start[g + 1]):
                if tables.normal[e] > 0.0:
                    row, k = events.path[e], tables.place[e]
                    fetch_pair(wishes, tables.place[min(e + _AHEAD, last)], width)
                    part, more = every(tables.normal[e], width), refill
                    if tables.moved[g]:
                        part = part * (1.0 - load(state.stay, e, width))
                    if row >= 0:
                        part = part * load(events.permits, row * days + t, width)
                        more = orders * load(events.rush, row * days + t, width) - used
                    store(wishes, k, load(wishes, k, width) + part * used)
                    store(wishes, k + 1, load(wishes, k + 1, width) + part * more)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _ship(t, now, plants, rules, events, state, tables, found, width, days):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, PLR0913, PLR0917
    """Let plants finish, and ship what they have."""
    n, ranks, rows, books = plants.product.shape[0], tables.ranks, state.plants, state.books
    wishes, fills = state.wishes, state.fills
    for i in range(n):
        soon = min(i + _SOON, n - 1)
        fetch_pair(state.line, tables.first[soon] + now[plants.lead[soon]], width)
        at = _ROWS * i
        line = load(state.line, tables.first[i] + now[plants.lead[i]], width)
        ready = load(rows, at + _READY, width) + line
        most = load(rows, at + _CAP, width) * (1.0 + load(rows, at + _EXTRA, width))
        done = pick(ready, most, ready, most)
        store(rows, at + _READY, ready - done)
        # By lane, through a row that is written anew below.
        store(rows, at + _ASKED, done)
        for b in range(found.output.shape[0]):
            found.output[b, t, i] = rows[at + _ASKED, b]
        goods = load(rows, at + _GOODS, width) + done
        store(rows, at + _WORK, load(rows, at + _WORK, width) - done)
        # What is used goes before what refills a stock: else large stocks would drain small ones.
        asked, left = every(0.0, width), goods
        for k in range(2 * ranks * i, 2 * ranks * (i + 1), 2):
            wish = load(wishes, k, width)
            store(fills, k, pick(left, wish, left / wish, every(1.0, width)))
            after = left - wish
            left = pick(0.0, after, after, 0.0)
            asked = asked + wish
        store(rows, at + _SERVED, pick(goods, asked, goods / asked, every(1.0, width)))
        for k in range(2 * ranks * i + 1, 2 * ranks * (i + 1), 2):
            wish = load(wishes, k, width)
            store(fills, k, pick(left, wish, left / wish, every(1.0, width)))
            after = left - wish
            left = pick(0.0, after, after, 0.0)
            asked = asked + wish
        store(rows, at + _ASKED, asked)
        store(rows, at + _GOODS, left)
        if books.shape[0] > 0:
            store(books, i, load(books, i, width) + done)
            store(books, n + i, load(books, n + i, width) + (goods - left))
        k = 2 * (i * ranks + rules.outside_rank)
        demand, held = load(events.demand, events.bought[i] * days + t, width), load(rows, at + _HELD, width)
        wish = demand + (plants.held[i] - held) / rules.refill
        sold = pick(0.0, wish, wish, 0.0)
        use = pick(sold, demand, sold, demand)
        held = held + (use * load(fills, k, width) + (sold - use) * load(fills, k + 1, width)) - demand
        store(rows, at + _HELD, pick(0.0, held, held, 0.0))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _receive(t, now, plants, needs, rules, events, state, tables, found, work, months, width, days):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, C901, PLR0912, PLR0913, PLR0915, PLR0917
    """Let buyers receive what arrives; return how many groups must first seek others, in any lane."""
    rest, part_of, late, seeking = work
    stocks, fills, clock = state.stocks, state.fills, state.clock
    lates, last, counting = 0, needs.supplier.shape[0] - 1, found.flows.shape[1] > 0
    for i in range(plants.product.shape[0]):
        using = load(state.using, i, width)
        for g in range(tables.own[i], tables.own[i + 1]):
            stock, under_way = load(stocks, 2 * g, width), load(stocks, 2 * g + 1, width)
            # What it ordered, once more: that takes less time than to keep it.
            wish = using + (needs.cover[g] + needs.transit[g] - stock - under_way) / rules.refill
            orders = pick(0.0, wish, wish, 0.0)
            used = pick(orders, using, orders, using)
            refill = orders - used
            # What is nobody's in particular goes on as normal: it never makes up for a loss.
            nobody = needs.nobody[g]
            got = nobody * used
            if nobody > 0.0:
                k = needs.product[g]
                store(rest, k, load(rest, k, width) + got * needs.volume[g])
            for e in range(needs.start[g], needs.start[g + 1]):
                if needs.weight[e] > 0.0:
                    row, k = events.path[e], tables.place[e]
                    fetch_pair(fills, tables.place[min(e + _AHEAD, last)], width)
                    part, more = every(needs.weight[e], width), refill
                    if tables.moved[g]:
                        part = part * (1.0 - load(state.stay, e, width))
                    if row >= 0:
                        part = part * load(events.permits, row * days + t, width)
                        more = orders * load(events.rush, row * days + t, width) - used
                    part = (used * load(fills, k, width) + more * load(fills, k + 1, width)) * part
                    got = got + part
                    if counting:
                        store(part_of, 0, part)
                        s = needs.supplier[e]
                        of, to = plants.country[s], plants.country[i]
                        for b in range(found.flows.shape[0]):
                            if part_of[0, b] > 0.0:
                                volume = part_of[0, b] * needs.volume[g]
                                found.flows[b, months[t], plants.product[s], of, to] += volume
            above = orders - using
            lacking = orders - nobody * pick(0.0, above, above, 0.0) - got
            if any_less(1e-9, lacking):
                store(state.lacking, g, lacking)
                seeks = False
                for b in range(seeking.shape[0]):
                    if state.lacking[g, b] > 1e-9:
                        clock[g, b] += 1.0
                        if clock[g, b] > events.detection[events.kind[b], g]:
                            state.seekers[b, seeking[b]] = g
                            seeking[b] += 1
                            seeks = True
                if seeks:
                    store(state.orders, g, orders)
                    store(state.got, g, got)
                    late[lates] = g
                    lates += 1
                    continue
            comes = got
            if needs.transit[g] > 0:
                k = tables.ring[g] + now[needs.transit[g]]
                comes = load(state.moving, k, width)
                store(state.moving, k, got)
            store(stocks, 2 * g, stock + comes)
            store(stocks, 2 * g + 1, under_way + got - comes)
    return lates


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _receive_late(lates, late, now, needs, state, tables, width):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, PLR0913, PLR0917
    """Let those receive that sought others."""
    for q in range(lates):
        g = late[q]
        got = load(state.got, g, width)
        comes = got
        if needs.transit[g] > 0:
            k = tables.ring[g] + now[needs.transit[g]]
            comes = load(state.moving, k, width)
            store(state.moving, k, got)
        store(state.stocks, 2 * g, load(state.stocks, 2 * g, width) + comes)
        store(state.stocks, 2 * g + 1, load(state.stocks, 2 * g + 1, width) + got - comes)


@nb.njit(cache=True, nogil=True)
def _start(plants, needs, state):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Set everything to a normal day."""
    state.line[:] = 1.0
    state.moving[:] = 1.0
    for i in range(plants.product.shape[0]):
        state.plants[_ROWS * i + _CAP] = 1.0
        state.plants[_ROWS * i + _WORK] = plants.lead[i]
        state.plants[_ROWS * i + _GOODS] = plants.finished[i]
        state.plants[_ROWS * i + _HELD] = plants.held[i]
    for g in range(needs.buyer.shape[0]):
        state.stocks[2 * g] = needs.cover[g]
        state.stocks[2 * g + 1] = needs.transit[g]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def run_lanes(plants, needs, rules, events, state, found, months, width, days):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, C901, PLR0912, PLR0913, PLR0917
    """Run the days of scenarios side by side.

    Parameters
    ----------
    plants, needs, rules, events
        The economy, its rules, and what happens; of the needs, path, zone and detection are not read.
    state, found
        To work in, and what to fill; see :func:`chainnet.daylanes.run_together`.
    months
        (days,) the row of the flows in which a day counts.
    width, days
        A tuple as long as there are lanes, and how many days.
    """
    n, lanes = plants.product.shape[0], len(width)
    tables = _tables(plants, needs, rules)
    countries = plants.country.max() + 1 if found.flows.shape[1] > 0 else 0
    zones = events.some.shape[0]
    site = _market(tables.makers, tables.maker, zones, countries)
    markets = (site, _market(tables.products, tables.product, zones, countries))
    edges, groups, products = needs.supplier.shape[0], needs.buyer.shape[0], tables.whole.shape[0]
    scratch = _Scratch(
        np.zeros((lanes, n)), np.zeros((lanes, n)), np.zeros((lanes, n)), np.zeros(n), np.zeros(edges),
        np.zeros(edges), np.zeros(groups), np.zeros(groups), np.zeros(zones),
    )  # fmt: skip
    late, seeking = np.zeros(groups, dtype=np.int64), np.zeros(lanes, dtype=np.int64)
    rest = np.zeros((products, lanes))
    work = (rest, np.zeros((1, lanes)), late, seeking)
    longest = 1
    for i in range(n):
        longest = max(longest, plants.lead[i])
    for g in range(groups):
        longest = max(longest, needs.transit[g])
    # Where a ring of each length stands.
    now = np.zeros(longest + 1, dtype=np.int64)
    _start(plants, needs, state)
    for t in range(days + 1):
        for k in range(1, longest + 1):
            now[k] = t % k
        if t < days:
            _sell_outside(t, plants, rules, events, state, tables.ranks, width, days)
        _begin_and_order(t, now, plants, needs, rules, events, state, tables, found, width, days)
        if t == days:
            break
        _ship(t, now, plants, rules, events, state, tables, found, width, days)
        rest[:] = 0.0
        seeking[:] = 0
        lates = _receive(
            t, now, plants, needs, rules, events, state, tables, found, work, months, width, days
        )
        for b in range(found.rest.shape[0]):
            for k in range(products):
                found.rest[b, t, k] = rest[k, b] / tables.whole[k] if tables.whole[k] > 0.0 else 1.0
        if lates > 0:
            _by_lane(plants, state, scratch, width)
        for b in range(lanes):
            if seeking[b] > 0:
                _step_in(
                    t, b, days, seeking[b], plants, needs, events, state, tables, scratch, markets,
                    (found.flows, months),
                )  # fmt: skip
        if lates > 0:
            _by_node(plants, state, scratch, width)
        _receive_late(lates, late, now, needs, state, tables, width)
    if state.books.shape[0] > 0:
        for i in range(n):
            state.books[3 * n + i] = state.plants[_ROWS * i + _GOODS]
