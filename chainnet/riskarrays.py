"""A link table compiled: checked once, and put into the arrays of the kernel of systemic risk.

What is compiled serves any number of blocks of closures (:func:`chainnet.assessments.assess`): it is
nothing but arrays and names, so that it can be sent to other processes, and saved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from chainnet.errors import DataError
from chainnet.kernels import FloatArray, IntArray
from chainnet.linktables import (
    Series,
    Trades,
    read_codes,
    read_partition,
    read_totals,
    read_trades,
    read_weights,
)

if TYPE_CHECKING:
    from chainnet.riskkernel import Ids, LinkTable


class Compiled(NamedTuple):
    """A link table for the kernel, the names of its firms, and how many rows were summed or 0."""

    table: LinkTable
    firms: pd.Index[Any]
    summed_rows: int
    zero_rows: int


def compiled(  # noqa: PLR0913 - the published index has this many inputs
    links: pd.DataFrame,
    industries: Series,
    *,
    essential: pd.DataFrame,
    market: Series | Literal["industry"] | None = "industry",
    weights: Series | None = None,
    revenue: Series | None = None,
    costs: Series | None = None,
) -> Compiled:
    """Check all tables, raise all faults at once, and turn the tables into arrays.

    Parameters
    ----------
    links, industries, essential, market, weights, revenue, costs
        As for :func:`chainnet.systemic.systemic_risk`.

    Returns
    -------
    Compiled
        The arrays: some 30 bytes for each link, and 50 for each firm.

    Raises
    ------
    DataError
        A table cannot be used; all faults are listed.
    """
    firms = pd.Index(industries.index)
    industry, kinds, faults = read_partition(firms, industries, "industries")
    codes, found = read_codes(essential, kinds)
    faults += found
    place = industry
    if market is not None and not isinstance(market, str):
        place, _, found = read_partition(firms, market, "market")
        faults += found
    trades, (summed, empty), found = read_trades(links, firms)
    faults += found
    if faults or trades is None:
        raise DataError(faults)
    sales, bought = (
        _sums(len(firms), trades.supplier, trades.value),
        _sums(len(firms), trades.buyer, trades.value),
    )
    weight, faults = read_weights(firms, weights, sales)
    all_sales, found_sales = read_totals(firms, revenue, sales, "revenue")
    all_costs, found_costs = read_totals(firms, costs, bought, "costs")
    if faults := faults + found_sales + found_costs:
        raise DataError(faults)
    place = place[: 0 if market is None else None]
    table = _table(trades, (industry, codes), (sales, all_sales), (bought, all_costs), (weight, place))
    return Compiled(table, firms, summed, empty)


def _sums(n: int, node: IntArray, value: FloatArray) -> FloatArray:
    return np.bincount(node, value, n).astype(np.float64)


def _table(
    trades: Trades,
    kinds: tuple[IntArray, IntArray],
    sold: tuple[FloatArray, FloatArray],
    bought: tuple[FloatArray, FloatArray],
    by_firm: tuple[FloatArray, IntArray],
) -> LinkTable:
    from chainnet.riskkernel import LinkTable

    n = len(sold[0])
    order = np.argsort(trades.supplier, kind="stable")
    seller, weights, market = trades.supplier[order], *by_firm
    member = np.argsort(market, kind="stable")
    members = np.searchsorted(market[member], np.arange(market.max(initial=-1) + 2))
    return LinkTable(
        *_inputs(trades, *kinds, *bought),
        customers=_starts(seller, n),
        customer=trades.buyer[order].astype(np.int32),
        share=(trades.value / sold[1][trades.supplier])[order],
        sellers=_starts(trades.buyer, n),
        seller=trades.supplier.astype(np.int32),
        sales=sold[0],
        weights=weights,
        market=market.astype(np.int32),
        members=members.astype(np.int32),
        member=member.astype(np.int32),
    )


def _starts(node: IntArray, n: int) -> Ids:
    """Where the rows of each node begin, and the last ones end; they are sorted by node."""
    starts: Ids = np.append(0, np.cumsum(np.bincount(node, minlength=n))).astype(np.int32)
    return starts


def _inputs(
    trades: Trades, industry: IntArray, codes: IntArray, bought: FloatArray, costs: FloatArray
) -> tuple[Ids, Ids, Ids, FloatArray]:
    """Group each firm's purchases as they count together: an essential product each, all others."""
    product, code = industry[trades.supplier], codes[industry[trades.supplier], industry[trades.buyer]]
    kept = np.flatnonzero(code > 0)
    key = trades.buyer * (len(codes) + 1) + np.where(code == 2, product + 1, 0)
    kept = kept[np.argsort(key[kept], kind="stable")]
    key = key[kept]
    new = np.diff(key, prepend=-1) != 0
    first = np.flatnonzero(new)
    supplier, buyer, value = trades.supplier[kept], trades.buyer[kept], trades.value[kept]
    # An essential product's suppliers share what is bought of it; others' share is of all purchases.
    # Known costs dilute essential products, too: this is the published calibration.
    of_product = np.add.reduceat(value, first)[np.cumsum(new) - 1] if len(kept) else value
    whole = np.where(code[kept] == 2, of_product * (costs[buyer] / bought[buyer]), costs[buyer])
    groups = _starts(buyer[first], len(industry))
    links = np.append(first, len(kept)).astype(np.int32)
    return groups, links, supplier.astype(np.int32), value / whole
