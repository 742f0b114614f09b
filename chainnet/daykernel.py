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

from chainnet.kernels import BoolArray, FloatArray, IntArray


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


@nb.njit(cache=True, nogil=True)
def _share_out(t, key, keys, plants, events, want, free, goods, taken, arrived, origins):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, C901, PLR0913, PLR0917
    """Fill the wants (keys, zones) from the free output of the plants of each key, as far as goods last."""
    n, zones = key.shape[0], want.shape[1]
    have = np.zeros((keys, zones))
    for i in range(n):
        if free[i] > 0.0:
            for z in range(zones):
                if want[key[i], z] > 0.0:
                    row = events.zone_paths[z, i]
                    have[key[i], z] += free[i] * (events.permits[row, t] if row >= 0 else 1.0)
    for i in range(n):
        k = key[i]
        total = 0.0
        if free[i] > 0.0:
            for z in range(zones):
                if want[k, z] > 0.0 and have[k, z] > 0.0:
                    row = events.zone_paths[z, i]
                    passes = events.permits[row, t] if row >= 0 else 1.0
                    total += free[i] * passes * min(1.0, want[k, z] / have[k, z])
        if total > 0.0:
            asked = min(1.0, free[i] / total)
            sent = min(asked, goods[i] * plants.volume[i] / total)
            for z in range(zones):
                if want[k, z] > 0.0 and have[k, z] > 0.0:
                    row = events.zone_paths[z, i]
                    passes = events.permits[row, t] if row >= 0 else 1.0
                    part = free[i] * passes * min(1.0, want[k, z] / have[k, z]) * sent
                    arrived[k, z] += part
                    origins[k, z, plants.country[i]] += part
            taken[i] += total * asked / plants.volume[i]
            goods[i] = max(0.0, goods[i] - total * sent / plants.volume[i])
            free[i] = max(0.0, free[i] - total * asked)


@nb.njit(cache=True, nogil=True)
def run_days(plants, needs, rules, events, days, keep, months):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, C901, PLR0912, PLR0913, PLR0915, PLR0917
    """Run the days of a scenario.

    Parameters
    ----------
    plants, needs, rules, events
        The economy, its rules, and what happens.
    days
        How many days.
    keep
        Whether to keep the stocks of every day.
    months
        (days,) the row of the flows in which a day counts; empty: flows are not counted.

    Returns
    -------
    output : (days, n)
        Relative to normal.
    rest : (days, products)
        Deliveries of what is nobody's in particular, relative to normal.
    stocks : (days, G), or (1, G) the last ones
        Days of normal use.
    flows : (rows, products, countries, countries)
        Volumes shipped, by exporter and importer.
    books : (4, n)
        Sums over all days: made, shipped, ordered; and the goods left.
    """
    n, groups, edges = plants.product.shape[0], needs.buyer.shape[0], needs.supplier.shape[0]
    products = plants.product.max() + 1
    for g in range(groups):
        products = max(products, needs.product[g] + 1)
    makers, countries = plants.maker.max() + 1, plants.country.max() + 1
    zones = events.zone_paths.shape[0]
    far = 1
    for g in range(groups):
        far = max(far, needs.transit[g] + 1)
    counting = months.shape[0] > 0
    rows = months.max() + 1 if counting else 0
    flows = np.zeros((rows, products, countries, countries))
    output = np.ones((days, n))
    stocks = np.ones((days if keep else 1, groups))
    books = np.zeros((4, n))
    rest, whole = np.zeros((days, products)), np.zeros(products)

    first = np.zeros(n + 1, dtype=np.int64)
    for i in range(n):
        first[i + 1] = first[i] + plants.lead[i]
    line = np.ones(first[n])  # each plant's own ring: what was begun lead days ago stands at the head
    head = first[:-1].copy()
    ready, extra, work = np.zeros(n), np.zeros(n), plants.lead.astype(np.float64)
    goods = plants.finished.copy()
    stock = needs.cover.copy()
    moving, in_transit = np.zeros((far, groups)), needs.transit.astype(np.float64)
    for g in range(groups):
        for d in range(needs.transit[g]):
            moving[d, g] = 1.0
    plan, cap = np.ones(n), np.ones(n)
    ranks, outer = rules.outside_rank + 1, rules.outside_rank
    for e in range(edges):
        ranks = max(ranks, needs.rank[e] + 1)
    # By node and rank, node i's from i * ranks on.
    places = n * ranks
    wanted, refill, fill, more = np.zeros(places), np.zeros(places), np.ones(places), np.ones(places)
    asked, sold, held = np.zeros(n), np.zeros(n), plants.held.copy()
    taken, free, claimed = np.zeros(n), np.zeros(n), np.zeros(n)
    using, orders, used, got = np.ones(groups), np.ones(groups), np.ones(groups), np.zeros(groups)
    lacking, clock = np.zeros(groups), np.zeros(groups)
    claim, stay, short = np.zeros(edges), np.zeros(edges), np.zeros(edges)
    # What every edge reads every day is kept narrow: the time is that of fetching it.
    group, path = np.zeros(edges, dtype=np.int32), needs.path.astype(np.int32)
    place = (needs.supplier * ranks + needs.rank).astype(np.int32)
    normal = np.zeros(edges)  # of its supplier's output, what an edge takes on a normal day
    for g in range(groups):
        for e in range(needs.start[g], needs.start[g + 1]):
            group[e] = g
            normal[e] = needs.volume[g] * needs.weight[e] / plants.volume[needs.supplier[e]]
    seeking = np.zeros(groups, dtype=np.int64)
    ask_site, ask_all = np.zeros(groups), np.zeros(groups)

    for t in range(days):
        for i in range(n):
            k = events.hit[i]
            if k >= 0:
                cap[i] = events.capacity[k, t]
                begun = cap[i] < 1.0 and (t == 0 or events.capacity[k, t - 1] >= 1.0)
                if begun and events.lost_work[k] > 0.0:
                    kept = 1.0 - events.lost_work[k]
                    line[first[i] : first[i + 1]] *= kept
                    ready[i] *= kept
                    work[i] *= kept

        # Buyers order what they plan to use, and a part of what their stock lacks.
        wanted[:] = 0.0
        refill[:] = 0.0
        for i in range(n):
            use = events.demand[i if events.demand.shape[0] > 1 else 0, t]
            sold[i] = max(0.0, use + (plants.held[i] - held[i]) / rules.refill)
            use = min(sold[i], use)
            wanted[i * ranks + outer] = plants.outside[i] * use
            refill[i * ranks + outer] = plants.outside[i] * (sold[i] - use)
        for g in range(groups):
            b = needs.buyer[g]
            gap = needs.cover[g] + needs.transit[g] - stock[g] - in_transit[g]
            using[g] = min(plan[b], 1.0, cap[b] * (1.0 + extra[b]))
            orders[g] = max(0.0, using[g] + gap / rules.refill)
            used[g] = min(orders[g], using[g])
        # Over all edges at once, here and below: most groups have one or two, too few for a fast loop.
        for e in range(edges):
            if normal[e] > 0.0:
                g, row, k = group[e], path[e], place[e]
                passes = events.permits[row, t] if row >= 0 else 1.0
                rush = events.rush[row, t] if row >= 0 else 1.0
                part = normal[e] * (1.0 - stay[e]) * passes
                wanted[k] += part * used[g]
                refill[k] += part * (orders[g] * rush - used[g])

        # Plants finish, and ship what they have.
        for i in range(n):
            ready[i] += line[head[i]]
            line[head[i]] = 0.0
            done = min(ready[i], cap[i] * (1.0 + extra[i]))
            ready[i] -= done
            output[t, i] = done
            goods[i] += done
            work[i] -= done
            books[0, i] += done
            # What is used goes before what refills a stock: else large stocks would drain small ones.
            asked[i], left, served = 0.0, goods[i], 1.0
            for k in range(i * ranks, (i + 1) * ranks):
                fill[k] = 1.0 if left >= wanted[k] else left / wanted[k]
                left = max(0.0, left - wanted[k])
                asked[i] += wanted[k]
            if asked[i] > goods[i]:
                served = goods[i] / asked[i]
            for k in range(i * ranks, (i + 1) * ranks):
                more[k] = 1.0 if left >= refill[k] else left / refill[k]
                left = max(0.0, left - refill[k])
                asked[i] += refill[k]
            books[1, i] += goods[i] - left
            goods[i] = left
            demand = events.demand[i if events.demand.shape[0] > 1 else 0, t]
            use = min(sold[i], demand)
            held[i] += use * fill[i * ranks + outer] + (sold[i] - use) * more[i * ranks + outer]
            held[i] = max(0.0, held[i] - demand)
            free[i] = max(0.0, cap[i] * (1.0 + plants.slack[i]) - 1.0) * served * plants.volume[i]
            taken[i] = 0.0
            claimed[i] = 0.0

        # What arrives, and who lacks something and has noticed.
        whole[:] = 0.0
        lookers = 0
        for g in range(groups):
            # What is nobody's in particular goes on as normal: it never makes up for a loss.
            got[g] = needs.nobody[g] * used[g]
            rest[t, needs.product[g]] += got[g] * needs.volume[g]
            whole[needs.product[g]] += needs.nobody[g] * needs.volume[g]
        for e in range(edges):
            if needs.weight[e] > 0.0:
                g, row, k = group[e], path[e], place[e]
                passes = events.permits[row, t] if row >= 0 else 1.0
                rush = events.rush[row, t] if row >= 0 else 1.0
                part = used[g] * fill[k] + (orders[g] * rush - used[g]) * more[k]
                part *= needs.weight[e] * (1.0 - stay[e]) * passes
                got[g] += part
                if counting and part > 0.0:
                    s = needs.supplier[e]
                    of, to = plants.country[s], plants.country[needs.buyer[g]]
                    flows[months[t], plants.product[s], of, to] += part * needs.volume[g]
        for g in range(groups):
            beyond = needs.nobody[g] * max(0.0, orders[g] - using[g])
            lacking[g] = max(0.0, orders[g] - beyond - got[g])
            if lacking[g] > 1e-9:
                clock[g] += 1.0
                if clock[g] > needs.detection[g]:
                    seeking[lookers] = g
                    lookers += 1

        for k in range(products):
            rest[t, k] = rest[t, k] / whole[k] if whole[k] > 0.0 else 1.0

        if lookers > 0:
            # Present and qualified suppliers step in at once, with what they can make above normal.
            for q in range(lookers):
                g = seeking[q]
                total = 0.0
                for e in range(needs.start[g], needs.start[g + 1]):
                    row = needs.path[e]
                    claim[e] = free[needs.supplier[e]] * (events.permits[row, t] if row >= 0 else 1.0)
                    total += claim[e]
                cut = min(1.0, lacking[g] * needs.volume[g] / total) if total > 0.0 else 0.0
                for e in range(needs.start[g], needs.start[g + 1]):
                    claim[e] *= cut
                    claimed[needs.supplier[e]] += claim[e]
            site = np.zeros((makers, zones))
            site_got = np.zeros((makers, zones))
            world = np.zeros((products, zones))
            world_got = np.zeros((products, zones))
            site_from = np.zeros((makers, zones, countries))
            world_from = np.zeros((products, zones, countries))
            for q in range(lookers):
                g = seeking[q]
                helped = 0.0
                for e in range(needs.start[g], needs.start[g + 1]):
                    s = needs.supplier[e]
                    if claim[e] > 0.0:
                        most = min(free[s], goods[s] * plants.volume[s])
                        sent = claim[e] * min(1.0, most / claimed[s])
                        helped += sent / needs.volume[g]
                        if counting:
                            of, to = plants.country[s], plants.country[needs.buyer[g]]
                            flows[months[t], plants.product[s], of, to] += sent
                got[g] += helped
                lacking[g] = max(0.0, lacking[g] - helped)
            for i in range(n):
                if claimed[i] > 0.0:
                    wish = min(claimed[i], free[i])
                    sent = min(wish, goods[i] * plants.volume[i])
                    taken[i] += wish / plants.volume[i]
                    goods[i] = max(0.0, goods[i] - sent / plants.volume[i])
                    books[1, i] += sent / plants.volume[i]
                    free[i] -= wish

            # Then other sites of the suppliers that fail, and at last all other makers, little by little.
            for q in range(lookers):
                g = seeking[q]
                total = 0.0
                for e in range(needs.start[g], needs.start[g + 1]):
                    row = needs.path[e]
                    passes = events.permits[row, t] if row >= 0 else 1.0
                    part = (1.0 - stay[e]) * passes * fill[place[e]]
                    short[e] = needs.weight[e] * max(0.0, 1.0 - part)
                    total += short[e]
                since = clock[g] - needs.detection[g]
                step = min(1.0, since / max(needs.same_site[g], 1.0))
                ask_site[g] = step * lacking[g] / total if total > 0.0 else 0.0
                for e in range(needs.start[g], needs.start[g + 1]):
                    ask = ask_site[g] * short[e] * needs.volume[g]
                    site[plants.maker[needs.supplier[e]], needs.zone[g]] += ask
            before = goods.copy()
            _share_out(t, plants.maker, makers, plants, events, site, free, goods, taken, site_got, site_from)
            for q in range(lookers):
                g = seeking[q]
                helped = 0.0
                z = needs.zone[g]
                for e in range(needs.start[g], needs.start[g + 1]):
                    m = plants.maker[needs.supplier[e]]
                    ask = ask_site[g] * short[e]
                    if ask > 0.0 and site_got[m, z] > 0.0:
                        helped += ask * site_got[m, z] / site[m, z]
                        if counting:
                            for c in range(countries):
                                part = ask * needs.volume[g] * site_from[m, z, c] / site[m, z]
                                k = plants.product[needs.supplier[e]]
                                flows[months[t], k, c, plants.country[needs.buyer[g]]] += part
                got[g] += helped
                lacking[g] = max(0.0, lacking[g] - helped)
                since = clock[g] - needs.detection[g]
                step = min(1.0, since / max(needs.qualification[g], 1.0))
                ask_all[g] = step * lacking[g]
                world[needs.product[g], z] += ask_all[g] * needs.volume[g]
            _share_out(
                t, plants.product, products, plants, events, world, free, goods, taken, world_got, world_from
            )
            for i in range(n):
                books[1, i] += before[i] - goods[i]
            for q in range(lookers):
                g = seeking[q]
                k, z = needs.product[g], needs.zone[g]
                if ask_all[g] > 0.0 and world_got[k, z] > 0.0:
                    helped = ask_all[g] * world_got[k, z] / world[k, z]
                    got[g] += helped
                    lacking[g] = max(0.0, lacking[g] - helped)
                    if counting:
                        for c in range(countries):
                            part = ask_all[g] * needs.volume[g] * world_from[k, z, c] / world[k, z]
                            flows[months[t], k, c, plants.country[needs.buyer[g]]] += part
                # A part of what others took over stays with them, as long as they deliver it.
                total = 0.0
                for e in range(needs.start[g], needs.start[g + 1]):
                    total += short[e]
                if needs.sticky[g] > 0.0 and total > 0.0 and orders[g] > 0.0:
                    served = max(0.0, 1.0 - lacking[g] / (total * orders[g]))
                    for e in range(needs.start[g], needs.start[g + 1]):
                        if needs.weight[e] > 0.0:
                            left = needs.sticky[g] * served * short[e] / needs.weight[e]
                            stay[e] = max(min(stay[e], served), left)

        now = t % far
        for g in range(groups):
            slot = now + needs.transit[g]
            moving[slot if slot < far else slot - far, g] = got[g]
            in_transit[g] += got[g]
            stock[g] += moving[now, g]
            in_transit[g] -= moving[now, g]
            moving[now, g] = 0.0

        # Plants start new work.
        g = 0
        for i in range(n):
            total = asked[i] + taken[i]
            books[2, i] += total
            gap = plants.finished[i] + plants.lead[i] - 1.0 - goods[i] - work[i]
            plan[i] = max(0.0, total + gap / rules.refill)
            begin = min(plan[i], cap[i] * (1.0 + extra[i]))
            opening = g
            while g < groups and needs.buyer[g] == i:
                if needs.critical[g]:
                    begin = min(begin, stock[g])
                g += 1
            cut = 0.0
            for j in range(opening, g):
                if not needs.critical[j] and begin > stock[j]:
                    cut += needs.impact[j] * (1.0 - stock[j] / begin)
            begin *= max(0.0, 1.0 - cut)
            for j in range(opening, g):
                stock[j] = max(0.0, stock[j] - begin)
                if keep or t == days - 1:
                    stocks[t if keep else 0, j] = stock[j]
            line[head[i]] = begin
            head[i] += 1
            if head[i] == first[i + 1]:
                head[i] = first[i]
            work[i] += begin
            goal = plants.slack[i] if plan[i] > cap[i] + 1e-9 else 0.0
            extra[i] += (goal - extra[i]) / rules.ramp
    books[3] = goods
    return output, rest, stocks, flows, books
