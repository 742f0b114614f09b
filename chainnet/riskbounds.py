"""What a closure can cost at most, for all firms at once: sparse linear algebra in place of cascades.

Lost demand spreads linearly, so that its end is known in closed form (:func:`demand`). Lost supply
does not: of essential products the scarcest counts, and others step in; but it stays below a linear
spread as long as no market loses much (:func:`most_lost`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from chainnet.kernels import FloatArray

if TYPE_CHECKING:
    from chainnet.riskkernel import LinkTable

#: Shares of a market's volume that may be lost: the smaller, the less each loss counts, but the
#: fewer closures stay within.
_MARKET_LOSSES = (0.05, 0.25, 0.5)
#: A bound is sought until it is within this of the least one of its kind.
_SLACK = 1e-3
#: Nothing is known of what grows beyond this; all there is to lose is 1.
_VAST = 1e3
_MOST_STEPS = 500


class Demand(NamedTuple):
    """By firm: what lost demand costs at most and at least when the firm closes, in the end."""

    most: FloatArray
    least: FloatArray


def demand(spread: Any, weights: FloatArray) -> Demand | None:  # noqa: ANN401 - scipy bears no types
    """Return the upstream index of all firms, in the limit of a stop that waits for ever.

    Let U be the share of each firm's sales that goes to each customer, and N = (I − U)⁻¹. When f
    closes, h solves h = U h beside h_f = 1, and so h = N e_f / N_ff; the index is (vᵀN)_f / N_ff. A
    sparse solve gives vᵀN. N_ff is the mean number of visits to f of a walk from f that follows its
    sales until they leave the network. Returns within four steps are summed exactly; what is left,
    (U⁵N)_ff, is at most (U⁵·1)_f · N_ff, since N_if ≤ N_ff; and at most (U⁴⁻ᵐτ)_f · ((Uᵀ)ᵐc)_f for
    every m, where τ = N·1 and c_f is the largest entry of U in the column of f.

    Parameters
    ----------
    spread
        (n, n) scipy.sparse, U.
    weights
        (n,) v.

    Returns
    -------
    Demand or None
        None where some sales never leave the network, so that N does not exist.
    """
    n = len(weights)
    spread, back = spread.tocsr(), spread.T.tocsr()
    ones = np.ones(n)
    length = _solved(spread, ones)
    # A vector with τ − Uτ ≥ c > 0 proves that N exists, and that N·1 ≤ τ / c.
    gain = float((length - spread @ length).min(initial=1.0)) if np.isfinite(length).all() else 0.0
    if gain <= 0.5 or length.min(initial=1.0) < 0:
        return None
    length /= gain
    visits = _solved(back, weights)
    missed = weights + back @ visits - visits
    # |Nᵀr| sums to no more than |r|·τ.
    error = float(np.abs(missed) @ length)
    if not error <= 1e-6:
        return None
    returns = _returns(spread, back)
    tail = _tail(spread, back, length)
    # From the second return on, walks come back as the first time: 1 / (1 − first returns).
    least = 1.0 / (1.0 - np.minimum(returns[0] + returns[1] + (returns[2] - returns[0] ** 2), 1 - 1e-9))
    within = 1.0 + returns.sum(axis=0)
    alive = np.ones(n)
    for _ in range(5):
        alive = spread @ alive
    with np.errstate(divide="ignore"):
        most = np.maximum(least, np.minimum(within + tail, within / np.maximum(0.0, 1.0 - alive)))
    return Demand(np.minimum(1.0, (visits + error) / least), np.maximum(weights, (visits - error) / most))


def _solved(spread: Any, right: FloatArray) -> FloatArray:  # noqa: ANN401
    """Solve x = right + spread x."""
    n = len(right)
    whole = sparse.identity(n, format="csr") - spread
    x, _ = linalg.bicgstab(whole, right, x0=right + spread @ right, rtol=1e-13, maxiter=_MOST_STEPS)
    solution: FloatArray = x
    return solution


def _returns(spread: Any, back: Any) -> FloatArray:  # noqa: ANN401
    """Return the diagonals of U², U³ and U⁴, (3, n)."""
    from chainnet.riskkernel import count_returns

    found: FloatArray = count_returns(
        spread.indptr, spread.indices, spread.data, back.indptr, back.indices, back.data
    )
    return found


def _tail(spread: Any, back: Any, length: FloatArray) -> FloatArray:  # noqa: ANN401
    onward = [length]
    for _ in range(4):
        onward.append(spread @ onward[-1])
    column = np.asarray(spread.max(axis=0).todense()).ravel()
    bounds = []
    for steps in range(5):
        bounds.append(onward[4 - steps] * column)
        column = back @ column
    tail: FloatArray = np.min(bounds, axis=0)
    return tail


def sales_of(table: LinkTable) -> Any:  # noqa: ANN401
    """Return U of :func:`demand`, (n, n): seller by customer."""
    n = len(table.sales)
    return sparse.csr_matrix((table.share, table.customer, table.customers), (n, n))


def most_lost(table: LinkTable) -> FloatArray:
    """Return, by firm, what no index of its closure exceeds, whatever the stop; at most 1.

    Losses of supply: say that no market ever loses more than the share δ of its volume. Then a lost
    supplier i never counts for more than σ̄_i = min(1, s_i / ((1 − δ) × volume of its market)), and
    neither the scarcest essential input nor the sum of the others exceeds the sum of all. So the
    losses of a round are at most those that closed the firm, plus B times those of the round before,
    B_ji = weight of the link × σ̄_i; and by induction they are, in every round, at most
    M e_f, M = (I − B)⁻¹, and the downstream index at most (vᵀM)_f. By the same token the shares that
    all markets lose together are at most q_f = (uᵀM)_f, u_i = s_i / volume of its market. Where
    q_f ≤ δ, no market did lose more than δ up to this round, nor will it in the next, and the
    bound holds. Where it is larger for all δ that are tried, nothing is known and the bound is 1.

    Losses of demand are at most those of :func:`demand`. The index weighs the larger of the two losses
    of each firm, which is no more than their sum, and f itself counts once.

    M is never computed: a vector y ≥ v + Bᵀy, found by repetition and checked, is at least vᵀM.

    Returns
    -------
    numpy.ndarray
        (n,) bounds. They are of use where firms are many and markets are not in few hands.
    """
    upstream = demand(sales_of(table), table.weights)
    down = np.min([_supply(table, lost) for lost in _MARKET_LOSSES], axis=0)
    up = np.ones(len(down)) if upstream is None else upstream.most
    bound: FloatArray = np.minimum(1.0, (down + up - table.weights) * (1 + 1e-9) + 1e-12)
    return bound


def _supply(table: LinkTable, lost: float) -> FloatArray:
    """Bound the downstream index of each closure that costs no market more than this share; else inf."""
    n = len(table.sales)
    counted, share = np.ones(n), np.zeros(n)
    if len(table.market):
        volume = np.bincount(table.market, table.sales)[table.market]
        np.divide(table.sales, volume, out=share, where=volume > 0)
        counted = np.minimum(1.0, share / (1.0 - lost))
    buyer = np.repeat(np.arange(n, dtype=np.int32), np.diff(table.links[table.groups]))
    weight = table.weight * counted[table.supplier]
    back = sparse.csr_matrix((weight, (table.supplier, buyer)), (n, n))
    bounds = _above(back, np.column_stack([table.weights, share]))
    return np.where(bounds[:, 1] <= lost, bounds[:, 0], np.inf)


def _above(back: Any, right: FloatArray) -> FloatArray:  # noqa: ANN401
    """Return y ≥ right + back y, inf where none is found."""
    # A little everywhere, so that a last small step is small beside it in every firm.
    right = right + 1e-6 * right.mean(axis=0) + 1e-300
    y = right.copy()
    for _ in range(_MOST_STEPS):
        new = right + back @ y
        new[new > _VAST] = np.inf
        if (new <= y + _SLACK * right).all():
            # From y + r, r ≤ slack × right: the step after is at most slack × y larger, and so on.
            y = new * (1 + 2 * _SLACK)
            break
        y = new
    y[~(y >= right + back @ y)] = np.inf
    while True:
        worse = ~(y >= right + back @ y)
        if not worse.any():
            return y
        y[worse] = np.inf
