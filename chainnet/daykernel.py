"""The day-by-day kernel: flat arrays in, output by plant and day out.

One day, in this order: buyers order; plants finish what has been long enough in the line and ship
what they have, in proportion to orders where they are short; what a buyer then still lacks is
asked from others, once it has noticed; plants start new work as far as their capacity, the demand
and the stock of their inputs allow. All but the last is done block by block, while what a block works
with is near the processor. See :mod:`chainnet.simulation` for the words behind it, and
:mod:`chainnet.dayvalues` for the arrays. Nothing is checked here.
"""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202, C901, PLR0912, PLR0913, PLR0915, PLR0917 - what is compiled bears no types
from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from chainnet.kernels import BoolArray, FloatArray, IntArray
from chainnet.lanes import any_less, every, fetch_line, load, pick, store


class _Tables(NamedTuple):
    """What no day changes.

    Parameters
    ----------
    ranks, place, normal
        How many ranks; of each edge, its supplier's row of wishes in its block, and of its supplier's
        output what it takes on a normal day.
    own, mine
        Where the groups of a node start, and the groups.
    line, apart, ring, gap
        Where the line of a node starts, and how far apart its days are; the same of the ring of a group.
    full
        Of each group, the days in stock and under way that it aims at.
    moved, times
        Whether others have taken over any part of a group; its volume, days to qualify another site
        and another supplier, and its sticky part.
    makers, maker, products, product
        Where the plants of each maker start, and the plants; the same of products.
    whole
        Of each product, what is nobody's in particular.
    """

    ranks: int
    place: npt.NDArray[np.int32]
    normal: FloatArray
    own: IntArray
    mine: IntArray
    line: IntArray
    apart: IntArray
    ring: IntArray
    gap: IntArray
    full: FloatArray
    moved: BoolArray
    times: FloatArray
    makers: IntArray
    maker: IntArray
    products: IntArray
    product: IntArray
    whole: FloatArray


class _Scratch(NamedTuple):
    """While others step in for the buyers of a block.

    Parameters
    ----------
    claimed, claim
        Of one lane: claims by node, and by edge of those that seek.
    short, ask
        By lane: what is short of each edge of those that seek; what they ask of all makers, or sites.
    have, part, passes
        Rows of lanes, by zone: what there is, and the part of it that is wanted; what passes a control.
    """

    claimed: FloatArray
    claim: FloatArray
    short: FloatArray
    ask: FloatArray
    have: FloatArray
    part: FloatArray
    passes: FloatArray


class _Market(NamedTuple):
    """What is asked of the plants of each key (maker or product), what comes, and from where.

    Rows of lanes by key and zone; and by country, as far as it is counted.
    """

    start: IntArray
    member: IntArray
    want: FloatArray
    arrived: FloatArray
    origins: FloatArray
    asked: BoolArray
    keys: IntArray


#: Rows of a node in the state. What it can begin at most is worked out once a day.
_CAP, _MOST, _GOODS, _ASKED, _EXTRA, _READY, _WORK, _HELD = range(8)
_ROWS = 8
#: So many groups before they are needed, far rows are asked for; and so many plants.
_AHEAD, _SOON = 12, 6


#: For functions that compiled ones alone call: a way in from Python takes as long to compile as they.
_WITHIN: Any = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}


@nb.njit(**_WITHIN)
def _sorted_by(key, keys):
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


@nb.njit(**_WITHIN)
def _rings(length):
    """Return where the ring of each node starts, and how far apart its days are.

    Those of neighbours that are as long lie side by side, day by day, so that the same day of
    all of them is read in one go.
    """
    n = length.shape[0]
    first, apart = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    begin = where = 0
    while begin < n:
        end = begin + 1
        while end < n and length[end] == length[begin]:
            end += 1
        for i in range(begin, end):
            first[i] = where + i - begin
            apart[i] = end - begin
        where += (end - begin) * length[begin]
        begin = end
    return first, apart


@nb.njit(**_WITHIN)
def _tables(plants, needs, rules, blocks):
    n, groups, edges = plants.product.shape[0], needs.buyer.shape[0], needs.supplier.shape[0]
    products, makers = plants.product.max() + 1, plants.maker.max() + 1
    for g in range(groups):
        products = max(products, needs.product[g] + 1)
    ranks = rules.outside_rank + 1
    for e in range(edges):
        ranks = max(ranks, needs.rank[e] + 1)
    place, normal, whole = np.zeros(edges, dtype=np.int32), np.zeros(edges), np.zeros(products)
    for block in range(blocks.groups.shape[0] - 1):
        for g in range(blocks.groups[block], blocks.groups[block + 1]):
            whole[needs.product[g]] += needs.nobody[g] * needs.volume[g]
            for e in range(needs.start[g], needs.start[g + 1]):
                place[e] = 2 * ((needs.supplier[e] - blocks.plants[block]) * ranks + needs.rank[e])
                normal[e] = needs.volume[g] * needs.weight[e] / plants.volume[needs.supplier[e]]
    own, mine = _sorted_by(needs.buyer, n)
    line, apart = _rings(plants.lead)
    ring, gap = _rings(needs.transit)
    by_maker, by_product = _sorted_by(plants.maker, makers), _sorted_by(plants.product, products)
    moved, times = np.zeros(groups, dtype=np.bool_), np.zeros((groups, 4))
    for g in range(groups):
        times[g] = needs.volume[g], needs.same_site[g], needs.qualification[g], needs.sticky[g]
    return _Tables(
        ranks, place, normal, own, mine, line, apart, ring, gap, needs.cover + needs.transit, moved, times,
        by_maker[0], by_maker[1], by_product[0], by_product[1], whole,
    )  # fmt: skip


@nb.njit(**_WITHIN, forceinline=True)
def _part(there, wish, one):
    """Return the part of a wish that can be met. Divisions take long, and most wishes are met."""
    return pick(there, wish, there / wish, one) if any_less(there, wish) else one


@nb.njit(**_WITHIN)
def _market(start, member, zones, countries, lanes):
    keys = start.shape[0] - 1
    rows = keys * zones
    return _Market(
        start, member, np.zeros((rows, lanes)), np.zeros((rows, lanes)), np.zeros((rows, countries, lanes)),
        np.zeros(keys, dtype=np.bool_), np.zeros(keys, dtype=np.int64),
    )  # fmt: skip


@nb.njit(**_WITHIN)
def _ask(b, key, zone, zones, wish, market, asking):
    """Ask makers of a key for something; return how many keys are asked."""
    market.want[key * zones + zone, b] += wish
    if wish > 0.0 and not market.asked[key]:
        market.asked[key] = True
        market.keys[asking] = key
        return asking + 1
    return asking


@nb.njit(**_WITHIN, forceinline=True)
def _passes(z, i, t, days, some, zone_paths, permits, row, width):
    """Return what controls let pass from a plant into a zone, in each lane."""
    for b in range(len(width)):
        path = zone_paths[some[z, b], i]
        row[0, b] = permits[path * days + t, b] if path >= 0 else 1.0
    return load(row, 0, width)


@nb.njit(**_WITHIN)
def _share_out(t, low, days, market, asking, plants, events, state, scratch, counting, width):
    """Fill what is asked of each key from the free output of its plants, as far as goods last."""
    zones, nothing, one = events.some.shape[0], every(0.0, width), every(1.0, width)
    some, zone_paths, permits, row = events.some, events.zone_paths, events.permits, scratch.passes
    rows, crossed = state.plants, events.crossed
    for q in range(asking):
        k = market.keys[q]
        for z in range(zones):
            store(scratch.have, z, nothing)
        for at in range(market.start[k], market.start[k + 1]):
            i = market.member[at]
            free = load(state.free, i - low, width)
            for z in range(zones):
                passes = _passes(z, i, t, days, some, zone_paths, permits, row, width) if crossed else one
                store(scratch.have, z, load(scratch.have, z, width) + free * passes)
        for z in range(zones):
            want, have = load(market.want, k * zones + z, width), load(scratch.have, z, width)
            store(scratch.part, z, _part(want, have, one))
        for at in range(market.start[k], market.start[k + 1]):
            i = market.member[at]
            total, free = nothing, load(state.free, i - low, width)
            for z in range(zones):
                passes = _passes(z, i, t, days, some, zone_paths, permits, row, width) if crossed else one
                total = total + free * passes * load(scratch.part, z, width)
            if not any_less(0.0, total):
                continue
            volume, goods = plants.volume[i], load(rows, _ROWS * i + _GOODS, width)
            asked = _part(free, total, one)
            wish, there, sent = total * asked, goods * volume, asked
            if any_less(there, wish):
                sent = pick(there, wish, there / total, asked)
            for z in range(zones):
                passes = _passes(z, i, t, days, some, zone_paths, permits, row, width) if crossed else one
                came = free * passes * load(scratch.part, z, width) * sent
                to = k * zones + z
                store(market.arrived, to, load(market.arrived, to, width) + came)
                if counting:
                    store(row, 0, came)
                    for b in range(len(width)):
                        market.origins[to, plants.country[i], b] += row[0, b]
            left = goods - total * sent / volume
            left = pick(0.0, left, left, 0.0)
            store(rows, _ROWS * i + _GOODS, left)
            store(rows, _ROWS * i + _ASKED, load(rows, _ROWS * i + _ASKED, width) + wish / volume)
            free = free - wish
            store(state.free, i - low, pick(0.0, free, free, 0.0))


@nb.njit(**_WITHIN)
def _forget(market, asking, zones):
    for q in range(asking):
        k = market.keys[q]
        market.asked[k] = False
        for to in range(k * zones, (k + 1) * zones):
            market.want[to] = 0.0
            market.arrived[to] = 0.0
            market.origins[to] = 0.0


@nb.njit(**_WITHIN)
def _can_make(low, high, plants, state, width):
    """Put down what plants can make above normal."""
    for i in range(low, high):
        above = load(state.plants, _ROWS * i + _CAP, width) * (1.0 + plants.slack[i]) - 1.0
        above = pick(0.0, above, above, 0.0)
        store(state.free, i - low, above * load(state.free, i - low, width) * plants.volume[i])


@nb.njit(**_WITHIN)
def _suppliers_help(t, b, low, days, seeking, late, plants, needs, events, state, tables, scratch, counts):
    """Let present and qualified suppliers step in at once, with what they can make above normal."""
    (flows, months), counting, free, rows = counts, counts[0].shape[1] > 0, state.free, state.plants
    claim, claimed, seekers = scratch.claim, scratch.claimed, state.seekers[b]
    at = 0
    for q in range(seeking):
        r = seekers[q]
        g = late[r]
        first, total = at, 0.0
        for e in range(needs.start[g], needs.start[g + 1]):
            path = events.path[e]
            passes = events.permits[path * days + t, b] if path >= 0 else 1.0
            claim[at] = free[needs.supplier[e] - low, b] * passes
            total += claim[at]
            at += 1
        cut = min(1.0, state.lacking[r, b] * tables.times[g, 0] / total) if total > 0.0 else 0.0
        for e in range(needs.start[g], needs.start[g + 1]):
            claim[first] *= cut
            claimed[needs.supplier[e]] += claim[first]
            first += 1
    at = 0
    for q in range(seeking):
        r = seekers[q]
        g = late[r]
        helped, volume = 0.0, tables.times[g, 0]
        for e in range(needs.start[g], needs.start[g + 1]):
            if claim[at] > 0.0:
                s = needs.supplier[e]
                goods = rows[_ROWS * s + _GOODS, b] * plants.volume[s]
                sent = claim[at] * min(1.0, min(free[s - low, b], goods) / claimed[s])
                helped += sent / volume
                if counting:
                    of, to = plants.country[s], plants.country[needs.buyer[g]]
                    flows[b, months[t], plants.product[s], of, to] += sent
            at += 1
        state.got[r, b] += helped
        state.lacking[r, b] = max(0.0, state.lacking[r, b] - helped)
    for q in range(seeking):
        g = late[seekers[q]]
        for e in range(needs.start[g], needs.start[g + 1]):
            s = needs.supplier[e]
            if claimed[s] > 0.0:
                wish, volume, goods = (
                    min(claimed[s], free[s - low, b]),
                    plants.volume[s],
                    rows[_ROWS * s + _GOODS, b],
                )
                left = max(0.0, goods - min(wish, goods * volume) / volume)
                rows[_ROWS * s + _GOODS, b] = left
                rows[_ROWS * s + _ASKED, b] += wish / volume
                free[s - low, b] -= wish
                claimed[s] = 0.0


@nb.njit(**_WITHIN)
def _ask_sites(
    t, b, days, seeking, late, zones, asking, plants, needs, events, state, tables, scratch, market
):
    """Ask other sites of the suppliers that fail, little by little; return how many makers are asked."""
    short, ask, seekers, at = scratch.short[b], scratch.ask[b], state.seekers[b], 0
    for q in range(seeking):
        r = seekers[q]
        g = late[r]
        z, total, first = events.lane_zone[events.zone[g], b], 0.0, at
        for e in range(needs.start[g], needs.start[g + 1]):
            path = events.path[e]
            part = state.fills[tables.place[e], b]
            if path >= 0:
                part *= events.permits[path * days + t, b]
            if tables.moved[g]:
                part *= 1.0 - state.stay[e, b]
            short[at] = needs.weight[e] * max(0.0, 1.0 - part)
            total += short[at]
            at += 1
        step = min(1.0, state.since[r, b] / max(tables.times[g, 1], 1.0))
        ask[q] = step * state.lacking[r, b] / total if total > 0.0 else 0.0
        for e in range(needs.start[g], needs.start[g + 1]):
            wish = ask[q] * short[first] * tables.times[g, 0]
            asking = _ask(b, plants.maker[needs.supplier[e]], z, zones, wish, market, asking)
            first += 1
    return asking


@nb.njit(**_WITHIN)
def _ask_all(
    t, b, seeking, late, zones, asking, plants, needs, events, state, tables, scratch, markets, counts
):
    """Take what sites send, and ask all makers for the rest, little by little; return how many products."""
    (site, world), (flows, months) = markets, counts
    short, ask, seekers, at = scratch.short[b], scratch.ask[b], state.seekers[b], 0
    for q in range(seeking):
        r = seekers[q]
        g = late[r]
        z, helped, volume = events.lane_zone[events.zone[g], b], 0.0, tables.times[g, 0]
        for e in range(needs.start[g], needs.start[g + 1]):
            wish = ask[q] * short[at]
            at += 1
            if wish > 0.0:
                to = plants.maker[needs.supplier[e]] * zones + z
                helped += wish * site.arrived[to, b] / site.want[to, b]
                if flows.shape[1] > 0:
                    for c in range(site.origins.shape[1]):
                        part = wish * volume * site.origins[to, c, b] / site.want[to, b]
                        k = plants.product[needs.supplier[e]]
                        flows[b, months[t], k, c, plants.country[needs.buyer[g]]] += part
        state.got[r, b] += helped
        state.lacking[r, b] = max(0.0, state.lacking[r, b] - helped)
        step = min(1.0, state.since[r, b] / max(tables.times[g, 2], 1.0))
        ask[q] = step * state.lacking[r, b]
        asking = _ask(b, needs.product[g], z, zones, ask[q] * volume, world, asking)
    return asking


@nb.njit(**_WITHIN)
def _take_over(t, b, seeking, late, zones, plants, needs, events, state, tables, scratch, market, counts):
    """Take what other makers send. A part of it stays with them, as long as they deliver it."""
    short, ask, seekers, at, (flows, months) = scratch.short[b], scratch.ask[b], state.seekers[b], 0, counts
    for q in range(seeking):
        r = seekers[q]
        g = late[r]
        begin, end = needs.start[g], needs.start[g + 1]
        if ask[q] > 0.0:
            k = needs.product[g]
            to = k * zones + events.lane_zone[events.zone[g], b]
            helped = ask[q] * market.arrived[to, b] / market.want[to, b]
            state.got[r, b] += helped
            state.lacking[r, b] = max(0.0, state.lacking[r, b] - helped)
            if flows.shape[1] > 0:
                for c in range(market.origins.shape[1]):
                    part = ask[q] * tables.times[g, 0] * market.origins[to, c, b] / market.want[to, b]
                    flows[b, months[t], k, c, plants.country[needs.buyer[g]]] += part
        total = 0.0
        for k in range(at, at + end - begin):
            total += short[k]
        if tables.times[g, 3] > 0.0 and total > 0.0 and state.orders[r, b] > 0.0:
            served = max(0.0, 1.0 - state.lacking[r, b] / (total * state.orders[r, b]))
            for e in range(begin, end):
                if needs.weight[e] > 0.0:
                    left = tables.times[g, 3] * served * short[at + e - begin] / needs.weight[e]
                    state.stay[e, b] = max(min(state.stay[e, b], served), left)
                    tables.moved[g] = True
        at += end - begin


@nb.njit(**_WITHIN)
def _step_in(
    t, span, days, seeking, late, plants, needs, events, state, tables, scratch, markets, counts, width
):
    """Let others step in for the buyers of a block that have noticed what they lack."""
    (site, world), counting, low, zones = markets, counts[0].shape[1] > 0, span[0], events.some.shape[0]
    _can_make(low, span[1], plants, state, width)
    at_sites = at_world = 0
    for b in range(len(width)):
        if seeking[b] > 0:
            _suppliers_help(
                t, b, low, days, seeking[b], late, plants, needs, events, state, tables, scratch, counts
            )
            at_sites = _ask_sites(
                t, b, days, seeking[b], late, zones, at_sites, plants, needs, events, state, tables, scratch,
                site,
            )  # fmt: skip
    _share_out(t, low, days, site, at_sites, plants, events, state, scratch, counting, width)
    for b in range(len(width)):
        if seeking[b] > 0:
            at_world = _ask_all(
                t, b, seeking[b], late, zones, at_world, plants, needs, events, state, tables, scratch,
                markets, counts,
            )  # fmt: skip
    _share_out(t, low, days, world, at_world, plants, events, state, scratch, counting, width)
    for b in range(len(width)):
        if seeking[b] > 0:
            _take_over(
                t, b, seeking[b], late, zones, plants, needs, events, state, tables, scratch, world, counts
            )
    _forget(site, at_sites, zones)
    _forget(world, at_world, zones)


@nb.njit(**_WITHIN)
def _sell_outside(t, span, plants, rules, events, state, ranks, width, days):
    """Take the orders of customers outside the network, before any others."""
    rate = 1.0 / rules.refill
    for i in range(span[0], span[1]):
        demand = load(events.demand, events.bought[i] * days + t, width)
        asked = demand + (plants.held[i] - load(state.plants, _ROWS * i + _HELD, width)) * rate
        sold = pick(0.0, asked, asked, 0.0)
        use = pick(sold, demand, sold, demand)
        own = i - span[0]
        for k in range(2 * ranks * own, 2 * ranks * (own + 1)):
            store(state.wishes, k, every(0.0, width))
        outer = 2 * (ranks * own + rules.outside_rank)
        store(state.wishes, outer, plants.outside[i] * use)
        store(state.wishes, outer + 1, plants.outside[i] * (sold - use))


@nb.njit(**_WITHIN)
def _begin(t, now, plants, needs, rules, events, state, tables, width, days):
    """Let plants start new work at the end of the day before, and plan what they use on day t."""
    n, h, last = plants.product.shape[0], 0, needs.buyer.shape[0] - 1
    rows, stock, mine = state.plants, state.stock, tables.mine
    rate, ramp = 1.0 / rules.refill, 1.0 / rules.ramp
    for i in range(n):
        at, o, end = _ROWS * i, tables.own[i], tables.own[i + 1]
        cap, extra, plan = load(rows, at + _CAP, width), load(rows, at + _EXTRA, width), every(1.0, width)
        if t > 0:
            soon = min(i + _SOON, n - 1)
            fetch_line(state.line, tables.line[soon] + now[plants.lead[soon]] * tables.apart[soon], 0)
            total, work = load(rows, at + _ASKED, width), load(rows, at + _WORK, width)
            gap = plants.finished[i] + plants.lead[i] - 1.0 - load(rows, at + _GOODS, width) - work
            wish = total + gap * rate
            plan = pick(0.0, wish, wish, 0.0)
            most = load(rows, at + _MOST, width)
            begin = pick(plan, most, plan, most)
            important = False
            for k in range(o, end):
                fetch_line(stock, mine[min(k + _AHEAD, last)], 0)
                if needs.critical[mine[k]]:
                    there = load(stock, mine[k], width)
                    begin = pick(there, begin, there, begin)
                else:
                    important = True
            if important:
                cut = every(0.0, width)
                for k in range(o, end):
                    g = mine[k]
                    if not needs.critical[g]:
                        there = load(stock, g, width)
                        if any_less(there, begin):
                            cut = cut + pick(there, begin, needs.impact[g] * (1.0 - there / begin), 0.0)
                left = 1.0 - cut
                begin = begin * pick(0.0, left, left, 0.0)
            for k in range(o, end):
                g = mine[k]
                left = load(stock, g, width) - begin
                store(stock, g, pick(0.0, left, left, 0.0))
            # Where the head of its line stood on that day.
            head = now[plants.lead[i]] - 1
            head = head if head >= 0 else plants.lead[i] - 1
            store(state.line, tables.line[i] + head * tables.apart[i], begin)
            store(rows, at + _WORK, work + begin)
            goal = pick(cap + 1e-9, plan, plants.slack[i], every(0.0, width))
            extra = extra + (goal - extra) * ramp
            store(rows, at + _EXTRA, extra)
        if t == days:
            continue
        while h < events.node.shape[0] and events.node[h] == i:
            b, level = events.lane[h], events.capacity[h, t]
            rows[at + _CAP, b] = level
            begun = level < 1.0 and (t == 0 or events.capacity[h, t - 1] >= 1.0)
            if begun and events.lost_work[h] > 0.0:
                kept = 1.0 - events.lost_work[h]
                for k in range(plants.lead[i]):
                    state.line[tables.line[i] + k * tables.apart[i], b] *= kept
                rows[at + _READY, b] *= kept
                rows[at + _WORK, b] *= kept
            h += 1
        most = load(rows, at + _CAP, width) * (1.0 + extra)
        store(rows, at + _MOST, most)
        planned = pick(plan, 1.0, plan, 1.0)
        store(state.using, i, pick(most, planned, most, planned))


@nb.njit(**_WITHIN)
def _order(t, begin, end, needs, rules, events, state, tables, width, days):
    """Let buyers order what they plan to use, and a part of what their stock lacks."""
    wishes, last, rate = state.wishes, needs.buyer.shape[0] - 1, 1.0 / rules.refill
    for g in range(begin, end):
        fetch_line(state.using, needs.buyer[min(g + _AHEAD, last)], 0)
        using = load(state.using, needs.buyer[g], width)
        stock, coming = load(state.stock, g, width), load(state.coming, g, width)
        wish = using + (tables.full[g] - stock - coming) * rate
        orders = pick(0.0, wish, wish, 0.0)
        used = pick(orders, using, orders, using)
        refill = orders - used
        for e in range(needs.start[g], needs.start[g + 1]):
            if tables.normal[e] > 0.0:
                row, k = events.path[e], tables.place[e]
                part, more = every(tables.normal[e], width), refill
                if tables.moved[g]:
                    part = part * (1.0 - load(state.stay, e, width))
                if row >= 0:
                    part = part * load(events.permits, row * days + t, width)
                    more = orders * load(events.rush, row * days + t, width) - used
                store(wishes, k, load(wishes, k, width) + part * used)
                store(wishes, k + 1, load(wishes, k + 1, width) + part * more)


@nb.njit(**_WITHIN)
def _ship(t, now, span, plants, rules, events, state, tables, width, days):
    """Let plants finish, and ship what they have."""
    n, ranks, rows = plants.product.shape[0], tables.ranks, state.plants
    wishes, fills, rate, one = state.wishes, state.fills, 1.0 / rules.refill, every(1.0, width)
    for i in range(span[0], span[1]):
        soon = min(i + _SOON, n - 1)
        fetch_line(state.line, tables.line[soon] + now[plants.lead[soon]] * tables.apart[soon], 0)
        at, own = _ROWS * i, i - span[0]
        line = load(state.line, tables.line[i] + now[plants.lead[i]] * tables.apart[i], width)
        ready = load(rows, at + _READY, width) + line
        most = load(rows, at + _MOST, width)
        done = pick(ready, most, ready, most)
        store(rows, at + _READY, ready - done)
        store(state.done, i, done)
        goods = load(rows, at + _GOODS, width) + done
        store(rows, at + _WORK, load(rows, at + _WORK, width) - done)
        # What is used goes before what refills a stock: else large stocks would drain small ones.
        asked, left = every(0.0, width), goods
        for k in range(2 * ranks * own, 2 * ranks * (own + 1), 2):
            wish = load(wishes, k, width)
            store(fills, k, _part(left, wish, one))
            after = left - wish
            left = pick(0.0, after, after, 0.0)
            asked = asked + wish
        store(state.free, own, _part(goods, asked, one))
        for k in range(2 * ranks * own + 1, 2 * ranks * (own + 1), 2):
            wish = load(wishes, k, width)
            store(fills, k, _part(left, wish, one))
            after = left - wish
            left = pick(0.0, after, after, 0.0)
            asked = asked + wish
        store(rows, at + _ASKED, asked)
        store(rows, at + _GOODS, left)
        k = 2 * (own * ranks + rules.outside_rank)
        demand, held = load(events.demand, events.bought[i] * days + t, width), load(rows, at + _HELD, width)
        wish = demand + (plants.held[i] - held) * rate
        sold = pick(0.0, wish, wish, 0.0)
        use = pick(sold, demand, sold, demand)
        held = held + (use * load(fills, k, width) + (sold - use) * load(fills, k + 1, width)) - demand
        store(rows, at + _HELD, pick(0.0, held, held, 0.0))


@nb.njit(**_WITHIN)
def _receive(t, now, begin, end, needs, rules, events, state, tables, rest, late, width, days):
    """Let buyers receive what arrives; return how many groups lack something, in any lane."""
    fills, lates, last, rate = state.fills, 0, needs.buyer.shape[0] - 1, 1.0 / rules.refill
    for g in range(begin, end):
        soon = min(g + _AHEAD, last)
        if needs.transit[soon] > 0:
            fetch_line(state.moving, tables.ring[soon] + now[needs.transit[soon]] * tables.gap[soon], 0)
        using = load(state.using, needs.buyer[g], width)
        stock, coming = load(state.stock, g, width), load(state.coming, g, width)
        # What it ordered, once more: that takes less time than to keep it.
        wish = using + (tables.full[g] - stock - coming) * rate
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
                part, more = every(needs.weight[e], width), refill
                if tables.moved[g]:
                    part = part * (1.0 - load(state.stay, e, width))
                if row >= 0:
                    part = part * load(events.permits, row * days + t, width)
                    more = orders * load(events.rush, row * days + t, width) - used
                got = got + (used * load(fills, k, width) + more * load(fills, k + 1, width)) * part
        above = orders - using
        lacking = orders - nobody * pick(0.0, above, above, 0.0) - got
        if any_less(1e-9, lacking):
            store(state.lacking, lates, lacking)
            store(state.orders, lates, orders)
            store(state.got, lates, got)
            fetch_line(state.clock, g, 0)
            fetch_line(state.stay, needs.start[g], 0)
            fetch_line(tables.times, g, 0)
            late[lates] = g
            lates += 1
            continue
        comes = got
        if needs.transit[g] > 0:
            k = tables.ring[g] + now[needs.transit[g]] * tables.gap[g]
            comes = load(state.moving, k, width)
            store(state.moving, k, got)
        store(state.stock, g, stock + comes)
        store(state.coming, g, coming + got - comes)
    return lates


@nb.njit(**_WITHIN)
def _notice(late, lates, seeking, events, state):
    """Let buyers notice what they lack; say whether any has known for long enough to seek others."""
    any_seeks = False
    for b in range(seeking.shape[0]):
        seeking[b] = 0
    for q in range(lates):
        g = late[q]
        for b in range(seeking.shape[0]):
            if state.lacking[q, b] > 1e-9:
                state.clock[g, b] += 1.0
                since = state.clock[g, b] - events.detection[events.kind[b], g]
                if since > 0.0:
                    state.since[q, b] = since
                    state.seekers[b, seeking[b]] = q
                    seeking[b] += 1
                    any_seeks = True
    return any_seeks


@nb.njit(**_WITHIN)
def _receive_late(late, lates, now, needs, state, tables, width):
    """Let those receive that lacked something."""
    for q in range(lates):
        g = late[q]
        got = load(state.got, q, width)
        comes = got
        if needs.transit[g] > 0:
            k = tables.ring[g] + now[needs.transit[g]] * tables.gap[g]
            comes = load(state.moving, k, width)
            store(state.moving, k, got)
        store(state.stock, g, load(state.stock, g, width) + comes)
        store(state.coming, g, load(state.coming, g, width) + got - comes)


@nb.njit(**_WITHIN)
def _count(t, begin, end, plants, needs, rules, events, state, tables, flows, month, width, days):
    """Count what suppliers ship on a day, by product and country."""
    sent, rate = np.zeros((1, len(width))), 1.0 / rules.refill
    for g in range(begin, end):
        using = load(state.using, needs.buyer[g], width)
        stock, coming = load(state.stock, g, width), load(state.coming, g, width)
        wish = using + (tables.full[g] - stock - coming) * rate
        orders = pick(0.0, wish, wish, 0.0)
        used = pick(orders, using, orders, using)
        for e in range(needs.start[g], needs.start[g + 1]):
            row, k, s = events.path[e], tables.place[e], needs.supplier[e]
            part, more = needs.weight[e] * (1.0 - load(state.stay, e, width)), orders - used
            if row >= 0:
                part = part * load(events.permits, row * days + t, width)
                more = orders * load(events.rush, row * days + t, width) - used
            part = (used * load(state.fills, k, width) + more * load(state.fills, k + 1, width)) * part
            store(sent, 0, part * needs.volume[g])
            for b in range(flows.shape[0]):
                if sent[0, b] > 0.0:
                    of, to = plants.country[s], plants.country[needs.buyer[g]]
                    flows[b, month, plants.product[s], of, to] += sent[0, b]


@nb.njit(**_WITHIN)
def _keep(t, n, blocks, state, found, width):
    """Keep the stocks of a day, and add up what was made and ordered."""
    for i in range(n):
        store(state.books, i, load(state.books, i, width) + load(state.done, i, width))
        asked = load(state.plants, _ROWS * i + _ASKED, width)
        store(state.books, n + i, load(state.books, n + i, width) + asked)
        store(state.books, 2 * n + i, load(state.plants, _ROWS * i + _GOODS, width))
    for g in range(state.stock.shape[0]):
        for b in range(found.stocks.shape[0]):
            found.stocks[b, t, blocks.group[g]] = state.stock[g, b]


@nb.njit(**_WITHIN)
def _start(plants, needs, state):
    """Set everything to a normal day."""
    state.line[:] = 1.0
    state.moving[:] = 1.0
    for i in range(plants.product.shape[0]):
        state.plants[_ROWS * i + _CAP] = 1.0
        state.plants[_ROWS * i + _WORK] = plants.lead[i]
        state.plants[_ROWS * i + _GOODS] = plants.finished[i]
        state.plants[_ROWS * i + _HELD] = plants.held[i]
    for g in range(needs.buyer.shape[0]):
        state.stock[g] = needs.cover[g]
        state.coming[g] = needs.transit[g]


@nb.njit(**_WITHIN)
def _note(t, found, rest, done, whole, place):
    """Keep the output of a day, and the deliveries of what is nobody's."""
    for i in range(place.shape[0]):
        for b in range(found.output.shape[0]):
            found.output[b, t, i] = done[place[i], b]
    for b in range(found.rest.shape[0]):
        for k in range(whole.shape[0]):
            found.rest[b, t, k] = rest[k, b] / whole[k] if whole[k] > 0.0 else 1.0


@nb.njit(cache=True, nogil=True, error_model="numpy")
def run_lanes(plants, needs, rules, events, blocks, state, found, months, width, days):
    """Run the days of scenarios side by side.

    Parameters
    ----------
    plants, needs, rules, events
        The economy, its rules, and what happens; of the needs, path, zone and detection are not read.
    blocks
        Plants and groups stand in this order.
    state, found
        To work in, and what to fill; see :func:`chainnet.daylanes.run_together`.
    months
        (days,) the row of the flows in which a day counts.
    width, days
        A tuple as long as there are lanes, and how many days.
    """
    n, lanes = plants.product.shape[0], len(width)
    tables = _tables(plants, needs, rules, blocks)
    countries = plants.country.max() + 1 if found.flows.shape[1] > 0 else 0
    zones = events.some.shape[0]
    site = _market(tables.makers, tables.maker, zones, countries, lanes)
    markets = (site, _market(tables.products, tables.product, zones, countries, lanes))
    groups, products = needs.buyer.shape[0], tables.whole.shape[0]
    trades = purchases = 0
    for block in range(blocks.groups.shape[0] - 1):
        begin, end = blocks.groups[block], blocks.groups[block + 1]
        trades, purchases = max(trades, end - begin), max(purchases, needs.start[end] - needs.start[begin])
    scratch = _Scratch(
        np.zeros(n), np.zeros(purchases), np.zeros((lanes, purchases)), np.zeros((lanes, trades)),
        np.zeros((zones, lanes)), np.zeros((zones, lanes)), np.zeros((1, lanes)),
    )  # fmt: skip
    late, seeking = np.zeros(trades, dtype=np.int64), np.zeros(lanes, dtype=np.int64)
    rest = np.zeros((products, lanes))
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
        _begin(t, now, plants, needs, rules, events, state, tables, width, days)
        if t > 0 and state.books.shape[0] > 0:
            _keep(t - 1, n, blocks, state, found, width)
        if t == days:
            break
        rest[:] = 0.0
        for block in range(blocks.plants.shape[0] - 1):
            span = (blocks.plants[block], blocks.plants[block + 1])
            begin, end = blocks.groups[block], blocks.groups[block + 1]
            _sell_outside(t, span, plants, rules, events, state, tables.ranks, width, days)
            _order(t, begin, end, needs, rules, events, state, tables, width, days)
            _ship(t, now, span, plants, rules, events, state, tables, width, days)
            if found.flows.shape[1] > 0:
                _count(
                    t, begin, end, plants, needs, rules, events, state, tables, found.flows, months[t], width,
                    days,
                )  # fmt: skip
            lates = _receive(t, now, begin, end, needs, rules, events, state, tables, rest, late, width, days)
            if lates == 0:
                continue
            if _notice(late, lates, seeking, events, state):
                _step_in(
                    t, span, days, seeking, late, plants, needs, events, state, tables, scratch, markets,
                    (found.flows, months), width,
                )  # fmt: skip
            _receive_late(late, lates, now, needs, state, tables, width)
        _note(t, found, rest, state.done, tables.whole, blocks.place)
