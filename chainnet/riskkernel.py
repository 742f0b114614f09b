"""The kernel of systemic risk: many closures run through one link table at once.

Scenarios run side by side in lanes: a firm's losses in all lanes lie next to each other, so that a
link is read once for all of them and what is fetched is used whole. A lane whose cascade has settled
takes the next scenario. A scenario's numbers are the same, to the last bit, whatever runs beside it:
sums go over firms and links in their order, and never over lanes. See :mod:`chainnet.systemic` for
the words behind it. Nothing is checked here.
"""

# ruff: noqa: FURB136 - written out, a larger of two compiles to one instruction for many lanes
from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from chainnet.kernels import FloatArray
from chainnet.risklanes import gather, narrowed
from chainnet.risknear import Near, forget, start_alone

Ids = npt.NDArray[np.int32]


class LinkTable(NamedTuple):
    """A link table compiled, for any number of cascades. Nothing but arrays: to share, send and save.

    Parameters
    ----------
    groups, links
        (n + 1,) the groups of inputs of firm i are ``groups[i]:groups[i + 1]``; (G + 1,) the links of
        group g are ``links[g]:links[g + 1]``. All inputs of a firm that are not essential are one group.
    supplier, weight
        (m,) who supplies, and what output its buyer loses when all of that is gone.
    customers, customer, share
        (n + 1,) the links by which firm i sells; (k,) to whom, and what share of its sales.
    sellers, seller
        (n + 1,) and (k,) the firms that firm i buys from, what is negligible among it.
    sales, weights
        (n,) sales in the table, and the weight of each firm's loss.
    market
        (n,) within what a firm's lost output can be replaced; of length 0, nobody steps in.
    members, member
        (M + 1,) and (n,) the firms of each market.
    """

    groups: Ids
    links: Ids
    supplier: Ids
    weight: FloatArray
    customers: Ids
    customer: Ids
    share: FloatArray
    sellers: Ids
    seller: Ids
    sales: FloatArray
    weights: FloatArray
    market: Ids
    members: Ids
    member: Ids


class Losses(NamedTuple):
    """Scenarios: in s, each of ``firm[start[s]:start[s + 1]]`` loses a share of output and of demand."""

    start: npt.NDArray[np.int64]
    firm: Ids
    down: FloatArray
    up: FloatArray


class Rules(NamedTuple):
    """When to stop, and 1 / the size of an empty market."""

    relative: bool
    eps: float
    max_rounds: int
    empty: float


@nb.njit(cache=True, nogil=True)
def _round(table, state, work, first, shocks):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, C901, PLR0912
    """Compute one round of all lanes; ``work`` holds, by lane, the largest fall and the three losses."""
    down, old_up, up, passed, volume = state
    fall, loss, loss_down, loss_up, best, each = work
    lane, lost_down, lost_up, after = shocks
    n, lanes = down.shape
    replaceable = table.market.shape[0] > 0
    volume[:] = 0.0
    fall[:] = 0.0
    loss[:] = 0.0
    loss_down[:] = 0.0
    loss_up[:] = 0.0
    for i in range(n):
        g, end = table.groups[i], table.groups[i + 1]
        if g < end:
            gather(best, passed, table.supplier, table.weight, table.links[g], table.links[g + 1])
            for k in range(g + 1, end):
                gather(each, passed, table.supplier, table.weight, table.links[k], table.links[k + 1])
                for b in range(lanes):
                    best[b] = best[b] if best[b] > each[b] else each[b]
        else:
            best[:] = 0.0
        gather(each, old_up, table.customer, table.share, table.customers[i], table.customers[i + 1])
        k = first[i]
        while k >= 0:
            best[lane[k]] = max(best[lane[k]], lost_down[k])
            each[lane[k]] = max(each[lane[k]], lost_up[k])
            k = after[k]
        own_down, own_old, own_up = down[i], old_up[i], up[i]
        for b in range(lanes):
            now = best[b] if best[b] < 1.0 else 1.0
            more = now - own_down[b]
            own_down[b] = now
            fall[b] = fall[b] if fall[b] > more else more
        for b in range(lanes):
            now = each[b] if each[b] < 1.0 else 1.0
            more = now - own_old[b]
            own_up[b] = now
            fall[b] = fall[b] if fall[b] > more else more
        if replaceable:
            sales, left = table.sales[i], volume[table.market[i]]
            for b in range(lanes):
                left[b] += sales * (1.0 - own_down[b])
        weight = table.weights[i]
        for b in range(lanes):
            loss_down[b] += weight * own_down[b]
        for b in range(lanes):
            loss_up[b] += weight * own_up[b]
        for b in range(lanes):
            loss[b] += weight * (own_down[b] if own_down[b] > own_up[b] else own_up[b])


@nb.njit(cache=True, nogil=True)
def _pass_on(table, state, keep, empty):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Pass on what counts of the losses in the next round; lanes that are not kept start from nothing."""
    down, old_up, up, passed, volume = state
    n, lanes = down.shape
    replaceable = table.market.shape[0] > 0
    if replaceable:
        for m in range(volume.shape[0]):
            for b in range(lanes):
                volume[m, b] = 1.0 / volume[m, b] if volume[m, b] > 0.0 else empty
    for i in range(n):
        own_down, own_old, own_up, own = down[i], old_up[i], up[i], passed[i]
        for b in range(lanes):
            own_down[b] *= keep[b]
        for b in range(lanes):
            own_old[b] = own_up[b] * keep[b]
        if replaceable:
            sales, per = table.sales[i], volume[table.market[i]]
            for b in range(lanes):
                part = sales * per[b]
                own[b] = own_down[b] * (part if part < 1.0 else 1.0)
        else:
            for b in range(lanes):
                own[b] = own_down[b]


@nb.njit(cache=True, nogil=True)
def _moved(values, kept, lanes, nothing):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Return what is known of some lanes, in so many lanes."""
    new = np.full(lanes, nothing, dtype=values.dtype)
    new[: kept.shape[0]] = values[kept]
    return new


# --- all scenarios -------------------------------------------------------------------------------


@nb.njit(cache=True, nogil=True)
def run_cascades(table, losses, rules, lanes, most):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, C901, PLR0912, PLR0915
    """Run each scenario until its rule says stop.

    Parameters
    ----------
    table, losses, rules
        The links, the scenarios, and when to stop.
    lanes
        (4, n, lanes) zeros to work in, and left as they come; from numpy, which asks for large pages.
    most
        A scenario runs by itself as long as a round takes no more links than this.

    Returns
    -------
    index : (4, scenarios)
        Weighted losses: of the smaller output, downstream, upstream; the rounds.
    settled : (scenarios,)
        Whether it settled before the most rounds that there may be.
    """
    n, count = table.sales.shape[0], losses.start.shape[0] - 1
    markets = table.members.shape[0] - 1
    index, settled = np.zeros((4, count)), np.ones(count, dtype=np.bool_)
    whole = np.zeros(markets)
    for m in range(markets):
        for k in range(table.members[m], table.members[m + 1]):
            whole[m] += table.sales[table.member[k]]
    near = Near(
        np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n),
        np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.int64), np.zeros(markets), np.zeros(markets),
    )  # fmt: skip
    down, old_up, up, passed = lanes[0], lanes[1], lanes[2], lanes[3]
    width = down.shape[1]
    state = (down, old_up, up, passed, np.zeros((markets, width)))
    fall, loss, loss_down, loss_up = np.zeros(width), np.zeros(width), np.zeros(width), np.zeros(width)
    work = (fall, loss, loss_down, loss_up, np.zeros(width), np.zeros(width))
    size = 1
    for s in range(count):
        size = max(size, losses.start[s + 1] - losses.start[s])
    # The firms that a shock holds down, by firm: each a chain through the places of all lanes.
    first = np.full(n, -1, dtype=np.int64)
    lane = np.zeros(width * size, dtype=np.int64)
    lost_down, lost_up = np.zeros(width * size), np.zeros(width * size)
    after = np.full(width * size, -1, dtype=np.int64)
    shocks = (lane, lost_down, lost_up, after)
    runs = np.full(width, -1, dtype=np.int64)
    rounds, before, keep = np.zeros(width, dtype=np.int64), np.zeros(width), np.ones(width)
    following, running = 0, 0
    while True:
        for b in range(width):
            while runs[b] < 0 and following < count:
                s = following
                following += 1
                hit, took, done, all_, first_, second = start_alone(
                    table, losses, rules, whole, near, s, most
                )
                if done or took == rules.max_rounds:
                    index[0, s], index[1, s], index[2, s], index[3, s] = all_, first_, second, took
                    settled[s] = done
                else:
                    for q in range(hit):
                        i = near.hit[q]
                        down[i, b], old_up[i, b], passed[i, b] = near.down[i], near.up[i], near.passed[i]
                    for k in range(losses.start[s + 1] - losses.start[s]):
                        at, e = b * size + k, losses.start[s] + k
                        i = losses.firm[e]
                        lane[at], lost_down[at], lost_up[at] = b, losses.down[e], losses.up[e]
                        after[at], first[i] = first[i], at
                    runs[b], rounds[b], before[b] = s, took, all_
                    running += 1
                forget(near, hit)
        if running == 0:
            return index, settled
        if following == count and running <= width // 2:
            # The last cascades are long and few: a round is to cost no more than they need.
            kept = np.flatnonzero(runs >= 0)
            while running <= width // 2:
                width //= 2
            down, old_up = narrowed(down, kept, width), narrowed(old_up, kept, width)
            up, passed = narrowed(up, kept, width), narrowed(passed, kept, width)
            state = (down, old_up, up, passed, np.zeros((markets, width)))
            fall, loss, loss_down, loss_up = (
                np.zeros(width),
                np.zeros(width),
                np.zeros(width),
                np.zeros(width),
            )
            work = (fall, loss, loss_down, loss_up, np.zeros(width), np.zeros(width))
            runs, rounds = _moved(runs, kept, width, -1), _moved(rounds, kept, width, 0)
            before, keep = _moved(before, kept, width, 0.0), np.ones(width)
            to = np.zeros(lane.shape[0], dtype=np.int64)
            to[kept] = np.arange(running)
            for k in range(lane.shape[0]):
                lane[k] = to[lane[k]]
        _round(table, state, work, first, shocks)
        keep[:] = 1.0
        for b in range(width):
            s = runs[b]
            if s < 0:
                continue
            rounds[b] += 1
            done = loss[b] <= (1.0 + rules.eps) * before[b] if rules.relative else fall[b] <= rules.eps
            before[b] = loss[b]
            if done or rounds[b] == rules.max_rounds:
                index[0, s], index[1, s], index[2, s] = loss[b], loss_down[b], loss_up[b]
                index[3, s], settled[s] = rounds[b], done
                runs[b], keep[b] = -1, 0.0
                running -= 1
                for e in range(losses.start[s], losses.start[s + 1]):
                    i = losses.firm[e]
                    k, last = first[i], -1
                    while lane[k] != b:
                        k, last = after[k], k
                    if last < 0:
                        first[i] = after[k]
                    else:
                        after[last] = after[k]
        if running > 0 or following < count:
            _pass_on(table, state, keep, rules.empty)


@nb.njit(cache=True, nogil=True)
def count_returns(start, to, share, start_back, of, share_back):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, C901
    """Return the diagonals of U², U³ and U⁴, (3, n).

    Parameters
    ----------
    start, to, share
        U by rows, as scipy.sparse holds it.
    start_back, of, share_back
        The same of its transpose.
    """
    n = start.shape[0] - 1
    found, direct, two = np.zeros((3, n)), np.zeros(n), np.zeros(n)
    for f in range(n):
        if start[f] == start[f + 1] or start_back[f] == start_back[f + 1]:
            continue
        for e in range(start_back[f], start_back[f + 1]):
            direct[of[e]] = share_back[e]
        for e in range(start[f], start[f + 1]):
            found[0, f] += share[e] * direct[to[e]]
            for k in range(start[to[e]], start[to[e] + 1]):
                two[to[k]] += share[e] * share[k]
                found[1, f] += share[e] * share[k] * direct[to[k]]
        for e in range(start_back[f], start_back[f + 1]):
            for k in range(start_back[of[e]], start_back[of[e] + 1]):
                found[2, f] += two[of[k]] * share_back[k] * share_back[e]
        for e in range(start_back[f], start_back[f + 1]):
            direct[of[e]] = 0.0
        for e in range(start[f], start[f + 1]):
            for k in range(start[to[e]], start[to[e] + 1]):
                two[to[k]] = 0.0
    return found
