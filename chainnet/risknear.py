"""One scenario of systemic risk, firm by firm, while few firms are hit.

Only the firms that a loss can reach are looked at. Where that takes too many links the lanes of
:mod:`chainnet.riskkernel` go on, with the same numbers to the last bit. Nothing is checked here.
"""

# ruff: noqa: FURB136 - written out, a smaller of two compiles to one instruction
from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from chainnet.kernels import FloatArray


class Near(NamedTuple):
    """One scenario's state by firm, and the firms hit; by market, what is gone and 1 / what is left."""

    down: FloatArray
    up: FloatArray
    passed: FloatArray
    cap_down: FloatArray
    cap_up: FloatArray
    new_down: FloatArray
    new_up: FloatArray
    seen: npt.NDArray[np.bool_]
    hit: npt.NDArray[np.int64]
    gone: FloatArray
    per: FloatArray


@nb.njit(cache=True, nogil=True)
def _volume(table, whole, near, m):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Return what is left of a market. Where most is gone a difference would round: it is summed anew."""
    left = whole[m] - near.gone[m]
    if left < 0.5 * whole[m]:
        left = 0.0
        for k in range(table.members[m], table.members[m + 1]):
            i = table.member[k]
            left += table.sales[i] * (1.0 - near.down[i])
    return left


@nb.njit(cache=True, nogil=True)
def _counted(table, rules, whole, near, hit):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Compute what counts of the losses of the firms that are hit."""
    if table.market.shape[0] == 0:
        for q in range(hit):
            near.passed[near.hit[q]] = near.down[near.hit[q]]
        return
    for q in range(hit):
        near.gone[table.market[near.hit[q]]] = 0.0
    for q in range(hit):
        i = near.hit[q]
        near.gone[table.market[i]] += table.sales[i] * near.down[i]
    for q in range(hit):
        near.per[table.market[near.hit[q]]] = -1.0
    for q in range(hit):
        i = near.hit[q]
        m = table.market[i]
        if near.per[m] < 0.0:
            left = _volume(table, whole, near, m)
            near.per[m] = 1.0 / left if left > 0.0 else rules.empty
        part = table.sales[i] * near.per[m]
        near.passed[i] = near.down[i] * (part if part < 1.0 else 1.0)


@nb.njit(cache=True, nogil=True)
def _reach(table, near, hit, most):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, C901
    """Add the firms that may be hit in the next round; -1 if that takes more than ``most`` links."""
    cost, known = 0, hit
    for q in range(hit):
        i = near.hit[q]
        cost += table.links[table.groups[i + 1]] - table.links[table.groups[i]]
        cost += table.customers[i + 1] - table.customers[i]
    for q in range(hit):
        i = near.hit[q]
        if near.down[i] > 0.0:
            for e in range(table.customers[i], table.customers[i + 1]):
                j = table.customer[e]
                if not near.seen[j]:
                    near.seen[j] = True
                    near.hit[known] = j
                    known += 1
                    cost += table.links[table.groups[j + 1]] - table.links[table.groups[j]]
                    cost += table.customers[j + 1] - table.customers[j]
        if near.up[i] > 0.0:
            for e in range(table.sellers[i], table.sellers[i + 1]):
                j = table.seller[e]
                if not near.seen[j]:
                    near.seen[j] = True
                    near.hit[known] = j
                    known += 1
                    cost += table.links[table.groups[j + 1]] - table.links[table.groups[j]]
                    cost += table.customers[j + 1] - table.customers[j]
        if cost > most:
            break
    if cost <= most:
        return known
    for q in range(hit, known):
        near.seen[near.hit[q]] = False
    return -1


@nb.njit(cache=True, nogil=True)
def _near_round(table, near, hit):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Compute one round of the firms that may be hit; return the largest fall."""
    fall = 0.0
    for q in range(hit):
        i = near.hit[q]
        worst = near.cap_down[i]
        for g in range(table.groups[i], table.groups[i + 1]):
            lost = 0.0
            for e in range(table.links[g], table.links[g + 1]):
                lost += table.weight[e] * near.passed[table.supplier[e]]
            worst = max(worst, lost)
        missed = 0.0
        for e in range(table.customers[i], table.customers[i + 1]):
            missed += table.share[e] * near.up[table.customer[e]]
        near.new_down[q] = min(1.0, worst)
        near.new_up[q] = min(1.0, max(near.cap_up[i], missed))
        fall = max(fall, near.new_down[q] - near.down[i], near.new_up[q] - near.up[i])
    for q in range(hit):
        near.down[near.hit[q]] = near.new_down[q]
        near.up[near.hit[q]] = near.new_up[q]
    return fall


@nb.njit(cache=True, nogil=True)
def start_alone(table, losses, rules, whole, near, s, most):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, PLR0913, PLR0917
    """Start a scenario; return the firms hit, the rounds, whether it has settled, and three losses."""
    hit, rounds, settled = 0, 0, False
    for k in range(losses.start[s], losses.start[s + 1]):
        i = losses.firm[k]
        near.down[i] = near.cap_down[i] = losses.down[k]
        near.up[i] = near.cap_up[i] = losses.up[k]
        near.seen[i] = True
        near.hit[hit] = i
        hit += 1
    loss, loss_down, loss_up = _weighed(table, near, hit)
    _counted(table, rules, whole, near, hit)
    while rounds < rules.max_rounds and not settled:
        reached = _reach(table, near, hit, most)
        if reached < 0:
            break
        hit, before = reached, loss
        fall = _near_round(table, near, hit)
        rounds += 1
        loss, loss_down, loss_up = _weighed(table, near, hit)
        # Not as a quotient: a closed firm that sells nothing has lost nothing at first.
        settled = loss <= (1.0 + rules.eps) * before if rules.relative else fall <= rules.eps
        if not settled:
            _counted(table, rules, whole, near, hit)
    return hit, rounds, settled, loss, loss_down, loss_up


@nb.njit(cache=True, nogil=True)
def _weighed(table, near, hit):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    loss, loss_down, loss_up = 0.0, 0.0, 0.0
    for q in range(hit):
        i = near.hit[q]
        loss += table.weights[i] * max(near.down[i], near.up[i])
        loss_down += table.weights[i] * near.down[i]
        loss_up += table.weights[i] * near.up[i]
    return loss, loss_down, loss_up


@nb.njit(cache=True, nogil=True)
def forget(near, hit):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Make ready for the next scenario."""
    for q in range(hit):
        i = near.hit[q]
        near.down[i] = near.up[i] = near.passed[i] = near.cap_down[i] = near.cap_up[i] = 0.0
        near.seen[i] = False
