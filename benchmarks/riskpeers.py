"""Other layouts of the same index: plain scipy.sparse, and losses scattered into firm × industry."""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from chainnet.synthetic import SyntheticEconomy

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Matrices(NamedTuple):
    """The index as matrices.

    Parameters
    ----------
    inputs
        (G, n) weight of each supplier in a group of inputs: an essential product, or all others.
    buyer, column
        (G,) who buys; the product + 1, or 0 for all that is not essential.
    orders
        (n, n) share of each seller's sales by customer.
    sales, industry
        (n,) by firm. An industry is a market.
    """

    inputs: sparse.csr_matrix
    buyer: IntArray
    column: IntArray
    orders: sparse.csr_matrix
    sales: FloatArray
    industry: IntArray


def matrices(firms: SyntheticEconomy) -> Matrices:
    """Put a link table into matrices, by pandas and scipy alone."""
    n, links = len(firms.industries), firms.links
    industry = firms.industries.to_numpy()
    product = industry[links["supplier"]]
    code = firms.essential.to_numpy()[product, industry[links["buyer"]]]
    table = links.assign(column=np.where(code == 2, product + 1, 0))
    bought = links.groupby("buyer")["value"].transform("sum")
    of_product = table.groupby(["buyer", "column"])["value"].transform("sum")
    weight = table["value"] / np.where(code == 2, of_product, bought)
    kept = table[code > 0]
    number = kept.groupby(["buyer", "column"]).ngroup().to_numpy()
    groups = kept[["buyer", "column"]].drop_duplicates().sort_values(["buyer", "column"])
    inputs = sparse.csr_matrix((weight[code > 0], (number, kept["supplier"])), (len(groups), n))
    sales = np.bincount(links["supplier"], links["value"], n)
    share = links["value"] / sales[links["supplier"]]
    orders = sparse.csr_matrix((share, (links["supplier"], links["buyer"])), (n, n))
    return Matrices(inputs, groups["buyer"].to_numpy(), groups["column"].to_numpy(), orders, sales, industry)


def plain(m: Matrices, closed: IntArray, eps: float, width: int = 64) -> pd.DataFrame:
    """Close some firms, so many at once, until all of them have settled."""
    parts = [_plain(m, closed[k : k + width], eps) for k in range(0, len(closed), width)]
    return pd.DataFrame(np.concatenate(parts), columns=["esri", "downstream", "upstream", "rounds"])


def _plain(m: Matrices, closed: IntArray, eps: float) -> FloatArray:
    n, count = len(m.sales), len(closed)
    shock = np.zeros((n, count))
    shock[closed, np.arange(count)] = 1.0
    first = np.flatnonzero(np.diff(m.buyer, prepend=-1))
    members = sparse.csr_matrix((np.ones(n), (m.industry, np.arange(n))))
    result = np.zeros((count, 4))
    running = np.arange(count)
    down, up = shock.copy(), shock.copy()
    rounds = 0
    while len(running):
        left = (members @ (m.sales[:, None] * (1.0 - down)))[m.industry]
        own = np.broadcast_to(m.sales[:, None], left.shape)
        sigma = np.divide(own, left, out=np.ones_like(left), where=left > own)
        new_down = shock.copy()
        lost = np.maximum.reduceat(m.inputs @ (sigma * down), first, axis=0)
        new_down[m.buyer[first]] = np.minimum(1.0, np.maximum(shock[m.buyer[first]], lost))
        new_up = np.minimum(1.0, np.maximum(shock, m.orders @ up))
        settled = np.maximum(new_down - down, new_up - up).max(axis=0) <= eps
        down, up, rounds = new_down, new_up, rounds + 1
        each = np.stack([np.maximum(down, up), down, up])[:, :, settled]
        result[running[settled], :3] = np.einsum("i,kis->sk", m.sales / m.sales.sum(), each)
        result[running[settled], 3] = rounds
        running, shock, down, up = running[~settled], shock[:, ~settled], down[:, ~settled], up[:, ~settled]
    return result


def scattered(m: Matrices, closed: IntArray, eps: float) -> FloatArray:
    """Close some firms one by one; each lost supplier's customers are looked up in firm × industry.

    The layout of ESRIcascade.jl: a dense table of firms and products that is cleared by a list of
    what was touched, and a full pass over all orders.
    """
    by_supplier = m.inputs.tocsc()
    parts = (by_supplier.indptr, m.buyer[by_supplier.indices], m.column[by_supplier.indices])
    orders = (m.orders.indptr, m.orders.indices, m.orders.data)
    return _scatter((*parts, by_supplier.data), orders, (m.sales, m.industry), closed, eps)


@nb.njit(cache=True)
def _scatter(supply, orders, firms, closed, eps):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, C901
    start, buyer, column, weight = supply
    first, customer, share = orders
    sales, industry = firms
    n, kinds = len(sales), industry.max() + 1
    lost, touched = np.zeros((n, kinds + 1)), np.zeros((len(buyer), 2), dtype=np.int32)
    result, left = np.zeros((len(closed), 4)), np.zeros(kinds)
    for s in range(len(closed)):
        down, up, rounds, fall = np.zeros(n), np.zeros(n), 0, 1.0
        down[closed[s]] = up[closed[s]] = 1.0
        while fall > eps or rounds == 0:
            left[:] = 0.0
            for i in range(n):
                left[industry[i]] += sales[i] * (1.0 - down[i])
            count = 0
            for i in range(n):
                if down[i] > 0.0:
                    total = left[industry[i]]
                    part = down[i] * (sales[i] / total if total > sales[i] else 1.0)
                    for e in range(start[i], start[i + 1]):
                        j, k = buyer[e], column[e]
                        if lost[j, k] == 0.0:
                            touched[count, 0], touched[count, 1] = j, k
                            count += 1
                        lost[j, k] += weight[e] * part
            new_down, new_up, fall = np.zeros(n), np.zeros(n), 0.0
            for q in range(count):
                j, k = touched[q, 0], touched[q, 1]
                new_down[j] = max(new_down[j], min(1.0, lost[j, k]))
                lost[j, k] = 0.0
            for i in range(n):
                for e in range(first[i], first[i + 1]):
                    new_up[i] += share[e] * up[customer[e]]
                new_up[i] = min(1.0, new_up[i])
            new_down[closed[s]] = new_up[closed[s]] = 1.0
            for i in range(n):
                fall = max(fall, new_down[i] - down[i], new_up[i] - up[i])
            down, up, rounds = new_down, new_up, rounds + 1
        for i in range(n):
            result[s, 0] += sales[i] * max(down[i], up[i])
            result[s, 1] += sales[i] * down[i]
            result[s, 2] += sales[i] * up[i]
        result[s, :3] /= sales.sum()
        result[s, 3] = rounds
    return result
