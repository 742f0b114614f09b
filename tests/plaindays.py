"""The day-by-day model once more, slowly and in plain Python: what the kernel is checked against.

It reads the same arrays and follows the same rules, written for the eye: lists and dictionaries,
one step after the other, no array arithmetic.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any


def help_from(
    asks: dict[Any, float], offers: dict[Any, float], there: dict[str, Any], volume: Any
) -> dict[Any, float]:
    """Return the part of each ask that is met by what nodes offer it, by (ask, node)."""
    met: dict[Any, float] = defaultdict(float)
    reach = {ask: sum(part for (a, _), part in offers.items() if a == ask) for ask in asks}
    for i, most in there["free"].items():
        mine = {
            ask: offers[ask, i] * min(1.0, asks[ask] / reach[ask])
            for ask in asks
            if offers.get((ask, i), 0.0) > 0 and asks[ask] > 0
        }
        total = sum(mine.values())
        if total > 0:
            wanted = min(total, most)
            part = min(wanted, there["goods"][i] * volume[i]) / total
            there["asked"][i] += wanted / volume[i]
            there["goods"][i] = max(0.0, there["goods"][i] - total * part / volume[i])
            there["free"][i] = max(0.0, most - wanted)
            for ask, share in mine.items():
                met[ask] += share * part
    return met


def receive(amount: float, g: int, comes: dict[int, float], lacks: dict[int, float]) -> None:
    """Book what a group gets from whoever steps in."""
    comes[g] += amount
    lacks[g] = max(0.0, lacks[g] - amount)


def plain_days(plants: Any, needs: Any, rules: Any, events: Any, days: int) -> list[list[float]]:  # noqa: C901, PLR0912, PLR0915
    """Return the output of each node on each day."""
    nodes, groups = range(len(plants.product)), range(len(needs.buyer))
    edges = {g: range(int(needs.start[g]), int(needs.start[g + 1])) for g in groups}
    wip = {i: [1.0] * int(plants.lead[i]) for i in nodes}  # oldest first
    waiting = dict.fromkeys(nodes, 0.0)
    goods = {i: float(plants.finished[i]) for i in nodes}
    ramp, plan = dict.fromkeys(nodes, 0.0), dict.fromkeys(nodes, 1.0)
    stock = {g: float(needs.cover[g]) for g in groups}
    under_way = {g: [1.0] * int(needs.transit[g]) for g in groups}  # next to arrive first
    shortage_days, stay = dict.fromkeys(groups, 0), defaultdict(float)
    held = {i: float(plants.held[i]) for i in nodes}  # at customers outside the network
    ranks = sorted({rules.outside_rank, *map(int, needs.rank)})
    result = []

    def capacity(i: int, day: int) -> float:
        row = events.hit[i]
        return 1.0 if row < 0 or day < 0 else float(events.capacity[row][day])

    for day in range(days):

        def permit(row: int, table: Any = events.permits, day: int = day) -> float:
            return 1.0 if row < 0 else float(table[row][day])

        cap = {i: capacity(i, day) for i in nodes}
        for i in nodes:
            if cap[i] < 1 and capacity(i, day - 1) >= 1:
                kept = 1 - events.lost_work[events.hit[i]]
                wip[i] = [part * kept for part in wip[i]]
                waiting[i] *= kept

        # Orders: what is used, and what refills stocks.
        use, order = {}, {}
        for g in groups:
            buyer = needs.buyer[g]
            using = min(plan[buyer], 1.0, cap[buyer] * (1 + ramp[buyer]))
            gap = needs.cover[g] + needs.transit[g] - stock[g] - sum(under_way[g])
            order[g] = max(0.0, using + gap / rules.refill)
            use[g] = min(order[g], using)
        first, second = defaultdict(float), defaultdict(float)  # by (node, rank)
        demand, sold = {}, {}
        for i in nodes:
            demand[i] = float((events.demand[i] if len(events.demand) > 1 else events.demand[0])[day])
            sold[i] = max(0.0, demand[i] + (plants.held[i] - held[i]) / rules.refill)
            first[i, rules.outside_rank] += plants.outside[i] * min(sold[i], demand[i])
            second[i, rules.outside_rank] += plants.outside[i] * max(0.0, sold[i] - demand[i])
        for g in groups:
            for e in edges[g]:
                i, row, rank = needs.supplier[e], needs.path[e], needs.rank[e]
                part = needs.volume[g] * needs.weight[e] * (1 - stay[e]) * permit(row) / plants.volume[i]
                first[i, rank] += part * use[g]
                second[i, rank] += part * (order[g] * permit(row, events.rush) - use[g])

        # Plants finish and ship.
        made, fill, more, served, asked = {}, {}, {}, {}, {}
        for i in nodes:
            waiting[i] += wip[i].pop(0)
            made[i] = min(waiting[i], cap[i] * (1 + ramp[i]))
            waiting[i] -= made[i]
            goods[i] += made[i]
            wanted = sum(first[i, r] for r in ranks)
            asked[i] = wanted + sum(second[i, r] for r in ranks)
            served[i] = 1.0 if goods[i] >= wanted else goods[i] / wanted
            for told, orders in ((fill, first), (more, second)):
                for r in ranks:
                    told[i, r] = 1.0 if goods[i] >= orders[i, r] else goods[i] / orders[i, r]
                    goods[i] = max(0.0, goods[i] - orders[i, r])
            use_outside, r = min(sold[i], demand[i]), rules.outside_rank
            held[i] += use_outside * fill[i, r] + (sold[i] - use_outside) * more[i, r]
            held[i] = max(0.0, held[i] - demand[i])
        result.append([made[i] for i in nodes])
        free = {i: max(0.0, cap[i] * (1 + plants.slack[i]) - 1) * served[i] * plants.volume[i] for i in nodes}
        asked_more = defaultdict(float)

        # What comes, and who lacks something.
        comes, lacks = {}, {}
        for g in groups:
            comes[g] = needs.nobody[g] * use[g]
            for e in edges[g]:
                i, row = needs.supplier[e], needs.path[e]
                rush = order[g] * permit(row, events.rush) - use[g]
                sent = use[g] * fill[i, needs.rank[e]] + rush * more[i, needs.rank[e]]
                comes[g] += sent * needs.weight[e] * (1 - stay[e]) * permit(row)
            beyond = needs.nobody[g] * (order[g] - use[g])
            lacks[g] = max(0.0, order[g] - beyond - comes[g])
            shortage_days[g] += lacks[g] > 1e-9
        seekers = [g for g in groups if lacks[g] > 1e-9 and shortage_days[g] > needs.detection[g]]

        there = {"free": free, "goods": goods, "asked": asked_more}
        # Present and qualified suppliers: each buyer asks its own.
        asks = {g: lacks[g] * needs.volume[g] for g in seekers}
        offers = {
            (g, needs.supplier[e]): free[needs.supplier[e]] * permit(needs.path[e])
            for g in seekers
            for e in edges[g]
        }
        for g, volume in help_from(asks, offers, there, plants.volume).items():
            receive(volume / needs.volume[g], g, comes, lacks)

        def through(zone: int, i: int) -> float:
            return permit(events.zone_paths[zone][i])

        # Other sites of the suppliers that fail, little by little.
        missing = {}
        for g in seekers:
            for e in edges[g]:
                arrives = (1 - stay[e]) * permit(needs.path[e]) * fill[needs.supplier[e], needs.rank[e]]
                missing[e] = needs.weight[e] * max(0.0, 1 - arrives)
        parts, asks = {}, defaultdict(float)
        for g in seekers:
            total = sum(missing[e] for e in edges[g])
            step = min(1.0, (shortage_days[g] - needs.detection[g]) / max(needs.same_site[g], 1.0))
            for e in edges[g]:
                parts[g, e] = step * lacks[g] / total * missing[e] * needs.volume[g] if total > 0 else 0.0
                asks[plants.maker[needs.supplier[e]], needs.zone[g]] += parts[g, e]
        offers = {
            ((m, z), i): free[i] * through(z, i) for (m, z) in asks for i in nodes if plants.maker[i] == m
        }
        met = help_from(asks, offers, there, plants.volume)
        for g in seekers:
            keys = {e: (plants.maker[needs.supplier[e]], needs.zone[g]) for e in edges[g]}
            volume = sum(parts[g, e] * met[k] / asks[k] for e, k in keys.items() if asks[k] > 0)
            receive(volume / needs.volume[g], g, comes, lacks)

        # All other makers, little by little.
        parts, asks = {}, defaultdict(float)
        for g in seekers:
            step = min(1.0, (shortage_days[g] - needs.detection[g]) / max(needs.qualification[g], 1.0))
            parts[g] = step * lacks[g] * needs.volume[g]
            asks[needs.product[g], needs.zone[g]] += parts[g]
        offers = {
            ((k, z), i): free[i] * through(z, i) for (k, z) in asks for i in nodes if plants.product[i] == k
        }
        met = help_from(asks, offers, there, plants.volume)
        for g in seekers:
            key = needs.product[g], needs.zone[g]
            if asks[key] > 0:
                receive(parts[g] * met[key] / asks[key] / needs.volume[g], g, comes, lacks)
            total = sum(missing[e] for e in edges[g])
            if needs.sticky[g] > 0 and total > 0 and order[g] > 0:
                served = max(0.0, 1 - lacks[g] / (total * order[g]))
                for e in edges[g]:
                    if needs.weight[e] > 0:
                        left = needs.sticky[g] * served * missing[e] / needs.weight[e]
                        stay[e] = max(min(stay[e], served), left)

        for g in groups:
            under_way[g].append(comes[g])
            stock[g] += under_way[g].pop(0)

        # New work.
        for i in nodes:
            missing_goods = plants.finished[i] + plants.lead[i] - 1 - goods[i] - sum(wip[i]) - waiting[i]
            plan[i] = max(0.0, asked[i] + asked_more[i] + missing_goods / rules.refill)
            begin = min(plan[i], cap[i] * (1 + ramp[i]))
            own = [g for g in groups if needs.buyer[g] == i]
            begin = min([begin, *(stock[g] for g in own if needs.critical[g])])
            cut = sum(
                needs.impact[g] * (1 - stock[g] / begin)
                for g in own
                if not needs.critical[g] and begin > stock[g]
            )
            begin *= max(0.0, 1 - cut)
            for g in own:
                stock[g] = max(0.0, stock[g] - begin)
            wip[i].append(begin)
            goal = plants.slack[i] if plan[i] > cap[i] + 1e-9 else 0.0
            ramp[i] += (goal - ramp[i]) / rules.ramp
    return result
