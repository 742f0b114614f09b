"""What a link table looks like: the measures by which firm networks of countries are compared."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from chainnet.errors import DataError
from chainnet.kernels import FloatArray
from chainnet.linktables import Series, read_partition, read_trades

#: A tail has at least so many firms, and begins at one of so many places.
_FEWEST, _BEGINNINGS = 50, 60


class Tail(NamedTuple):
    """P(X ≥ x) falls as x to the power of −exponent from ``begins`` on, where there are ``firms``."""

    exponent: float
    begins: float
    firms: int


def link_statistics(links: pd.DataFrame, industries: Series | None = None) -> pd.DataFrame:
    """Measure a link table as firm networks of countries are: degrees, tails, concentration, components.

    Use it to see how an economy of your own compares with published ones, or one that was drawn with yours.

    Parameters
    ----------
    links
        One row a purchase, with columns ``supplier``, ``buyer`` (firms) and ``value``, as of
        :func:`chainnet.read_links`. Rows of one pair are summed; those of value 0 are no links.
    industries
        Industry by firm; None leaves them out.

    Returns
    -------
    pandas.DataFrame
        By measure: ``value``, and ``meaning`` in words. Tails are fitted by maximum likelihood above the
        place where a power law fits best (Clauset, Shalizi & Newman 2009); NaN where fewer than 50 firms
        are left, or all are alike.

    Raises
    ------
    DataError
        The table cannot be used; all faults are listed.

    References
    ----------
    Clauset, Shalizi & Newman (2009), SIAM Review 51, 661. doi:10.1137/070710111

    Examples
    --------
    >>> import pandas as pd
    >>> links = pd.DataFrame(
    ...     [("mine", "smelter", 20), ("smelter", "fab", 60), ("fab", "smelter", 10)],
    ...     columns=["supplier", "buyer", "value"],
    ... )
    >>> table = link_statistics(links)
    >>> table.loc[["firms", "reciprocity", "sales_hhi"], "value"].round(3).tolist()
    [3.0, 0.667, 0.506]
    """
    names = pd.Index(np.asarray(pd.concat([links["supplier"], links["buyer"]]).unique()))
    trades, _, faults = read_trades(links, names)
    if faults or trades is None:
        raise DataError(faults)
    # Firms all of whose links are of value 0 have none.
    linked, ends = np.unique([trades.supplier, trades.buyer], return_inverse=True)
    names, n, (supplier, buyer) = names[linked], len(linked), ends.reshape(2, -1)
    degrees = [np.bincount(end, minlength=n) for end in (supplier, buyer)]
    sales, bought = (np.bincount(end, trades.value, n).astype(np.float64) for end in (supplier, buyer))
    graph = sparse.csr_matrix((np.ones(len(supplier), dtype=np.int64), (supplier, buyer)), (n, n))
    rows = [
        ("firms", n, "firms with a link"),
        ("links", len(trades.value), "pairs of a supplier and a buyer"),
        ("links_per_firm", len(trades.value) / n, "customers, and suppliers, of a firm in the mean"),
        *_of_degrees("customers", degrees[0]),
        *_of_degrees("suppliers", degrees[1]),
        *_of_amounts("sales", sales),
        *_of_amounts("purchases", bought),
        ("link_median", float(np.median(trades.value)), "value of a link in the median"),
        ("link_spread", float(np.log(trades.value).std()), "standard deviation of the logarithm of values"),
        ("reciprocity", graph.multiply(graph.T).sum() / graph.sum(), "share of links that also run back"),
        ("largest_component", _largest(graph, "weak"), "share of firms in the largest connected part"),
        ("strong_component", _largest(graph, "strong"), "the same where all reach each other along links"),
        *_of_industries(names, industries),
    ]
    table = pd.DataFrame(rows, columns=["measure", "value", "meaning"]).astype({"value": float})
    return table.set_index("measure")


Rows = list[tuple[str, float, str]]


def _of_degrees(name: str, degree: Any) -> Rows:  # noqa: ANN401
    tail = fitted_tail(degree.astype(np.float64), whole=True)
    return [
        (
            f"{name}_median",
            float(np.median(degree)),
            f"{name} of a firm in the median, or none",
        ),
        (f"{name}_most", float(degree.max()), f"{name} of the firm with most"),
        *_of_tail(name, tail),
    ]


def _of_tail(name: str, tail: Tail | None) -> Rows:
    exponent, begins, count = tail or (np.nan, np.nan, np.nan)
    return [
        (f"{name}_tail", exponent, f"exponent of the tail: P(≥ x) falls as x^-exponent; {name} by firm"),
        (f"{name}_tail_from", begins, "where that tail begins"),
        (f"{name}_tail_firms", count, "firms in it"),
    ]


def _of_amounts(name: str, amount: FloatArray) -> Rows:
    share = np.sort(amount)[::-1] / amount.sum()
    top = max(1, len(share) // 100)
    return [
        *_of_tail(name, fitted_tail(amount, whole=False)),
        (f"{name}_top_1%", float(share[:top].sum()), f"share of all {name} of the largest 1 % of firms"),
        (f"{name}_hhi", float((share**2).sum()), f"Herfindahl-Hirschman index of {name}, 0 to 1"),
    ]


def _largest(graph: Any, connection: str) -> float:  # noqa: ANN401
    _, part = csgraph.connected_components(graph, directed=True, connection=connection)
    return float(np.bincount(part).max() / len(part))


def _of_industries(firms: pd.Index[Any], industries: Series | None) -> Rows:
    if industries is None:
        return []
    part, kinds, faults = read_partition(firms, industries, "industries")
    if faults:
        raise DataError(faults)
    count = np.bincount(part, minlength=len(kinds))
    return [
        ("industries", len(kinds), "industries of firms with a link"),
        ("industry_median", float(np.median(count)), "firms of an industry in the median"),
        ("industry_largest", float(count.max() / count.sum()), "share of firms in the largest industry"),
    ]


def fitted_tail(values: FloatArray, *, whole: bool) -> Tail | None:
    """Fit a power law to the largest of some amounts, from where it fits best.

    Parameters
    ----------
    values
        Amounts; those of 0 or less are left out.
    whole
        Whether they are counts.

    Returns
    -------
    Tail or None
        None where there is none to fit.

    Examples
    --------
    >>> import numpy as np
    >>> tail = fitted_tail((np.arange(2000) + 0.5) ** (-1 / 1.3), whole=False)
    >>> round(tail.exponent, 2)
    1.3
    """
    x = np.sort(values[values > 0])
    log = np.log(x)
    above = np.append(np.cumsum(log[::-1])[::-1], 0.0)
    best, least = None, np.inf
    ranks = np.geomspace(_FEWEST, max(_FEWEST, len(x)), _BEGINNINGS).astype(np.int64)
    for low in np.unique(x[len(x) - ranks[ranks <= len(x)]]):
        at = int(np.searchsorted(x, low))
        count = len(x) - at
        # Counts stand for what rounds to them: the published approximation, good from 6 or so.
        half = 0.5 if whole else 0.0
        spread = above[at] - count * np.log(low - half)
        if spread <= 0 or x[-1] == low:
            continue
        exponent = count / spread
        points, first = np.unique(x[at:], return_index=True)
        fitted = ((points - half) / (low - half)) ** -exponent
        gap = np.abs(1 - first / count - fitted).max()
        if gap < least:
            best, least = Tail(float(exponent), float(low), count), gap
    return best
