"""Economies drawn at random, for those whose data is confidential, and for benchmarks.

What is drawn has the shape of the published firm networks: few firms have many customers, few others
many suppliers, few have most of the sales, and few industries most of the firms. It is nobody's
economy: nothing in it is fitted to data. :func:`chainnet.link_statistics` tells how it compares.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from chainnet.errors import UsageError
from chainnet.linktables import Series

#: How fast firms with many links become rare, as in the published firm networks.
_TAIL = 1.4
#: By how much links of firms with many of them are larger, so that sales are in few hands.
_GROWTH = 0.25
#: Revenue per sales in the links: a fifth of all is from elsewhere.
_REVENUE = 1.25
#: Links for each firm, if none are asked for.
_LINKS = 5
#: Of all pairs that there could be, at most so many are linked: the last ones would be drawn for ever.
_DENSEST = 1 / 4


class SyntheticEconomy(NamedTuple):
    """A link table and what goes with it, as :func:`chainnet.systemic_risk` reads it; firms are 0, 1, 2."""

    links: pd.DataFrame
    industries: Series
    essential: pd.DataFrame
    revenue: Series


def synthetic_economy(
    firms: int, links: int | None = None, *, industries: int = 64, seed: int = 0
) -> SyntheticEconomy:
    """Draw who buys from whom, for how much, among firms of several industries.

    The numbers of customers and of suppliers have power-law tails of exponent 1.4, independently. Values
    are log-normal, and larger between firms with many links, so that sales are in fewer hands than links.
    The k-th largest industry has 1/k as many firms as the largest; half of the industries make goods, which
    are essential to each other, and nothing else is. A fifth of each firm's revenue is not in the links.

    Parameters
    ----------
    firms
        How many there are, 4 or more.
    links
        How many pairs are linked; None is five for each firm.
    industries
        How many there are at most.
    seed
        The same seed draws the same economy, bit by bit.

    Returns
    -------
    SyntheticEconomy
        ``links`` (supplier, buyer, value), ``industries`` and ``revenue`` by firm, ``essential``.

    Raises
    ------
    UsageError
        A number makes no sense, or there are too many links for so few firms.

    Examples
    --------
    >>> economy = synthetic_economy(100, 300, industries=5, seed=1)
    >>> len(economy.links), len(economy.industries), economy.essential.shape
    (300, 100, (5, 5))
    """
    most = int(firms * (firms - 1) * _DENSEST)
    count = min(_LINKS * firms, most) if links is None else links
    if firms < 4 or industries < 1:
        raise UsageError(f"cannot draw {firms} firms of {industries} industries; give 4 firms, 1 industry.")
    if not 1 <= count <= most:
        raise UsageError(f"cannot draw {count} links of {firms} firms; give 1 to {most}.")
    rng = np.random.default_rng(seed)
    often = [rng.pareto(_TAIL, firms) + 1.0 for _ in range(2)]
    ends = [np.cumsum(each) for each in often]
    pairs = np.zeros(0, dtype=np.int64)
    while len(pairs) < count:
        supplier, buyer = (np.searchsorted(end, rng.random(count) * end[-1]) for end in ends)
        pairs = np.unique(np.append(pairs, (supplier * firms + buyer)[supplier != buyer]))
    supplier, buyer = np.divmod(rng.permutation(pairs)[:count], firms)
    value = rng.lognormal(0, 1, count) * (often[0][supplier] * often[1][buyer]) ** _GROWTH
    part = rng.permutation(1.0 / np.arange(1, industries + 1))
    goods = np.arange(industries) < industries // 2
    firm = pd.RangeIndex(firms, name="firm")
    revenue = np.bincount(supplier, value, firms) * _REVENUE
    return SyntheticEconomy(
        links=pd.DataFrame({"supplier": supplier, "buyer": buyer, "value": value}),
        industries=pd.Series(rng.choice(industries, firms, p=part / part.sum()), firm, name="industry"),
        essential=pd.DataFrame(np.where(np.outer(goods, goods), 2, 1)).rename_axis("industry"),
        revenue=pd.Series(revenue, firm, name="revenue"),
    )
