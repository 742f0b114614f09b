"""How far a country's imports of a product hang on single partners, over the years."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import pandas as pd

from chainnet.errors import UsageError
from chainnet.exchange.places import place
from chainnet.exchange.tradefiles import Trade

_SEEN = 1e-9


def trade_dependence(
    trade: Trade,
    importer: str,
    *,
    hs: Iterable[str] = (),
    every: Literal["year", "month"] = "year",
    by: Literal["product", "partner"] = "product",
) -> pd.DataFrame:
    """Tell on whom a country's imports depend, by product and over time.

    Parameters
    ----------
    trade
        Imports, as :func:`read_trade` gives them.
    importer
        The country.
    hs
        Products by the beginning of their code, each added up; none: every code of the table.
    every
        ``year`` adds months up; ``month`` needs monthly figures.
    by
        ``product``: one row a product and period, with its concentration; ``partner``: one row a
        partner, with its share.

    Returns
    -------
    DataFrame
        By product: ``hs, period, value, hhi, low, high, n_eff, cr1, cr3, leader, to_75, unknown``.
        Shares are of all imports; what comes from no single country is ``unknown``: ``hhi`` and
        ``low`` take it as finely split, ``high`` as in one further hand. ``to_75``: how many
        partners it takes to reach 75 %; 0: unknown. By partner: ``hs, period, partner, value,
        share``; the blank partner is the unknown part.

    Raises
    ------
    UsageError
        No such country, or it imports nothing here; a table of years asked for months.

    References
    ----------
    Herfindahl (1950); Hirschman (1964), American Economic Review 54(5), 761.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame(
    ...     [("2019", "JPN", "KOR", "281111", 46.0), ("2019", "CHN", "KOR", "281111", 54.0)],
    ...     columns=["period", "exporter", "importer", "hs", "value"],
    ... )
    >>> table = trade_dependence(Trade(flows, "USD", "example", 2, 2, flows.head(0)), "KOR")
    >>> table[["hs", "period", "leader", "cr1"]].to_numpy().tolist()
    [['281111', '2019', 'CHN', 0.54]]
    """
    to = place(importer)
    flows = trade.flows[trade.flows["importer"] == to]
    if flows.empty:
        raise UsageError(f"nothing is imported by {importer!r} in this table.")
    if every not in ("year", "month") or by not in ("product", "partner"):
        raise UsageError("every is year or month, and by is product or partner.")
    if every == "month" and (flows["period"].str.len() == 4).any():
        raise UsageError("the table holds years, not months.")
    period = flows["period"].str.slice(0, 4) if every == "year" else flows["period"]
    # One code alone is not its figures one by one, and a code given twice is not traded twice.
    prefixes = tuple(dict.fromkeys([hs] if isinstance(hs, str) else hs))
    flows = flows.assign(period=period)
    if prefixes:
        parts = [flows[flows["hs"].str.startswith(code)].assign(hs=code) for code in prefixes]
        flows = pd.concat(parts)
    sums = flows.groupby(["hs", "period", "exporter"], sort=True)["value"].sum().reset_index()
    sums = sums.rename(columns={"exporter": "partner"})
    totals = sums.groupby(["hs", "period"])["value"].transform("sum")
    sums["share"] = (sums["value"] / totals.where(totals > 0)).astype("float64")
    if by == "partner":
        order = ["hs", "period", "value"]
        return sums.sort_values(order, ascending=[True, True, False], kind="stable").reset_index(drop=True)
    groups = sums.groupby(["hs", "period"], sort=True)
    return pd.DataFrame([_measures(str(code), str(when), group) for (code, when), group in groups])


def _measures(code: str, period: str, group: pd.DataFrame) -> dict[str, object]:
    known = group[(group["partner"] != "") & (group["value"] > 0)]
    known = known.sort_values(["share", "partner"], ascending=[False, True], kind="stable")
    shares = known["share"].to_numpy(dtype=float)
    unknown = max(0.0, 1.0 - float(shares.sum())) if len(group) else 1.0
    unknown = unknown if unknown > _SEEN else 0.0
    hhi = float((shares**2).sum())
    enough = int(np.searchsorted(np.cumsum(shares), 0.75 - _SEEN)) + 1
    return {
        "hs": code,
        "period": period,
        "value": float(group["value"].sum()),
        "hhi": hhi,
        "low": hhi,
        "high": hhi + unknown**2,
        "n_eff": 1 / hhi if hhi > 0 else float("nan"),
        "cr1": float(shares[0]) if len(shares) else float("nan"),
        "cr3": float(shares[:3].sum()),
        "leader": str(known["partner"].iloc[0]) if len(known) else "",
        "to_75": enough if float(shares.sum()) >= 0.75 - _SEEN else 0,
        "unknown": unknown,
    }
