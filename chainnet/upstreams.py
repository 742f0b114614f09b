"""The upstream part of the systemic risk of all firms of a link table, in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from chainnet.errors import ConvergenceError, DataError
from chainnet.linktables import Series, faults_of_names, read_totals, read_trades, read_weights
from chainnet.riskbounds import demand


def upstream_risk(
    links: pd.DataFrame,
    firms: Sequence[Any],
    *,
    weights: Series | None = None,
    revenue: Series | None = None,
) -> pd.DataFrame:
    """Compute how much of all output is lost in the end, for lack of customers, when a firm closes.

    It is the column ``upstream`` of :func:`chainnet.systemic_risk` where the cascade is never
    stopped, for every firm from one sparse solve: seconds for a million firms.

    Parameters
    ----------
    links
        One row a purchase, with columns ``supplier``, ``buyer`` (firms) and ``value``.
    firms
        All firms; their order is the result's.
    weights
        Weight of each firm's loss; None is its sales in ``links``. They are scaled to sum to 1.
    revenue
        All sales by firm, where known: what is beyond ``links`` cannot be lost.

    Returns
    -------
    pandas.DataFrame
        By firm: ``upstream``, never too small; ``error``, by how much it may be too large at most.
        The least error is that of a firm to which none of its own sales come back; it is large where
        few sales leave the network.

    Raises
    ------
    DataError
        A table cannot be used; all faults are listed.
    ConvergenceError
        Some firms sell to each other alone, so that what is lost has no end.

    References
    ----------
    Diem et al. (2022), Scientific Reports 12, 7719. doi:10.1038/s41598-022-11522-z

    Examples
    --------
    A mine sells to a smelter, which sells half of its metal to a fab and half elsewhere.

    >>> import pandas as pd
    >>> links = pd.DataFrame(
    ...     [("mine", "smelter", 20), ("smelter", "fab", 30)], columns=["supplier", "buyer", "value"]
    ... )
    >>> risk = upstream_risk(links, ["mine", "smelter", "fab"], revenue=pd.Series({"smelter": 60}))
    >>> risk["upstream"].round(3).to_dict()
    {'mine': 0.4, 'smelter': 1.0, 'fab': 0.5}
    """
    index = pd.Index(firms)
    twice = faults_of_names("firms", index[index.duplicated()].unique(), "duplicate-firm", "stands twice")
    trades, (summed, empty), faults = read_trades(links, index)
    if twice or faults or trades is None:
        raise DataError(twice + faults)
    sales = np.bincount(trades.supplier, trades.value, len(index)).astype(np.float64)
    weight, faults = read_weights(index, weights, sales)
    all_sales, found = read_totals(index, revenue, sales, "revenue")
    if faults + found:
        raise DataError(faults + found)
    share = trades.value / all_sales[trades.supplier]
    spread = sparse.csr_matrix((share, (trades.supplier, trades.buyer)), (len(index), len(index)))
    lost = demand(spread, weight)
    if lost is None:
        raise ConvergenceError(
            "sales of some firms never leave the network, so that there is no end to what is lost. "
            "Give revenue, of which the links are a part"
        )
    columns = {"upstream": lost.most, "error": np.maximum(0.0, lost.most - lost.least)}
    result = pd.DataFrame(columns, index=index.rename("firm"))
    result.attrs = {"summed_rows": summed, "zero_rows": empty}
    return result
