"""Lost demand: who loses sales when customers stop.

The other direction of the structural what-if (:mod:`chainnet.cascade`), after the upstream cascade of
Diem, Borsos, Reisch, Kertész & Thurner 2022 (doi:10.1038/s41598-022-11522-z): a supplier sells less by
what its customers take less, and buys less in turn. A graph knows shares, not sales: how much of an
input each product uses is assumed, and ranged.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from chainnet.cascade import Outcome
from chainnet.dayarrays import Frozen, arrays_of
from chainnet.errors import UsageError
from chainnet.kernels import FloatArray, IntArray, Links, upstream
from chainnet.parameters import Parameters, parameters_of

Level = Literal["plant", "firm", "product", "country"]
_KEYS: dict[str, list[str]] = {
    "plant": ["plant", "firm", "country", "product"],
    "firm": ["firm", "product"],
    "product": ["product"],
    "country": ["country", "product"],
}
_SEEN = 1e-9


def lost_sales(outcome: Outcome, by: Level = "firm", *, parameters: Parameters | None = None) -> pd.DataFrame:
    """Say who sells less because customers stop, and how much less.

    Customers that make less, closed or short of an input, buy less of everything that they consume;
    so do, in turn, those who supply them. Of each plant's sales the part that went to them is lost.

    Parameters
    ----------
    outcome
        What a scenario does, from :func:`chainnet.disrupt`.
    by
        ``plant``, ``firm``, ``product`` or ``country``: plants count by what they sell.
    parameters
        Of them ``outside_share`` matters; None is the network's own.

    Returns
    -------
    DataFrame
        Those who lose more sales than they lose output of their own, largest first: ``sales_lost``,
        share of their normal sales in [0, 1]; ``output_lost``, what they cannot make themselves;
        ``low`` and ``high``: the range of ``sales_lost`` over how an input's use is split between the
        products made with it (assumed: alike); ``customer``: whose purchases are the largest part of
        the loss. Sales of tools and to makers that are in no table are never lost.

    Raises
    ------
    UsageError
        There is no such level.

    References
    ----------
    Diem et al. (2022), Scientific Reports 12, 7719. doi:10.1038/s41598-022-11522-z

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> lost = cn.lost_sales(cn.disrupt(net, "KOR:dram"), by="product").set_index("product")
    >>> bool(lost.loc["silicon_wafer_300", "sales_lost"] > 0)
    True
    """
    if by not in _KEYS:
        raise UsageError(f"cannot add up by {by!r}; use {', '.join(_KEYS)}.")
    economy = outcome.economy
    links, sales, known, sold = _sales(outcome, parameters or parameters_of(economy.network))
    share = sales * known
    passes = economy.passes(outcome.scenario, links)
    left, _ = upstream(links, share, outcome.values, passes=passes)
    through = np.ones(len(share)) if passes is None else passes
    buyer = np.repeat(links.group_buyer, np.diff(links.group_start))
    lost = share * (1 - through * left[buyer])
    low, high = _range(outcome, links.supplier, buyer, (sales, lost))
    table = economy.table[["plant", "firm", "country", "product"]].assign(
        sold=sold, output_lost=outcome.loss.to_numpy(), sales_lost=1 - left, low=low, high=high
    )
    table["customer"] = _customers(outcome, links.supplier, buyer, lost)
    table = table[economy.table["step"].to_numpy() != "planned"]
    if by == "firm":
        table = table[table["firm"] != ""]
    return _added_up(table, _KEYS[by])


def _sales(outcome: Outcome, parameters: Parameters) -> tuple[Links, FloatArray, FloatArray, FloatArray]:
    """Return who buys what is consumed, the share of the supplier's sales of each edge, and all sales.

    Makers that are in no table buy their part, too, and never stop: the third array is the part of the
    makers that are known, by edge.
    """
    economy = outcome.economy
    plants, needs, groups = arrays_of(economy, Frozen(parameters))
    consumed = ~np.array([group.capital for group in groups], dtype=np.bool_)
    sizes = np.diff(needs.start)
    kept = np.repeat(consumed, sizes) & (needs.weight > 0)
    group = np.repeat(np.arange(len(groups)), sizes)[kept]
    first = np.flatnonzero(np.diff(group, prepend=-1))
    made = np.bincount(plants.product, [node.share for node in economy.nodes])
    known = np.minimum(1.0, made)[plants.product[needs.buyer]]
    links = Links(
        n=len(economy.nodes),
        supplier=needs.supplier[kept],
        weight=needs.weight[kept],
        group_start=np.append(first, len(group)),
        group_buyer=needs.buyer[group[first]],
        group_critical=needs.critical[group[first]],
        group_impact=needs.impact[group[first]],
    )
    sales = needs.volume[group] * links.weight / plants.volume[links.supplier]
    return links, sales, known[group], plants.volume


def _range(
    outcome: Outcome, supplier: IntArray, buyer: IntArray, edges: tuple[FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most that each plant loses: as if all were sold to one of the products."""
    sales, lost = edges
    own: FloatArray = 1 - outcome.values  # noqa: PD011 - an array
    products = outcome.economy.table["product"].to_numpy()
    sums = (
        pd.DataFrame({"supplier": supplier, "product": products[buyer], "sales": sales, "lost": lost})
        .groupby(["supplier", "product"])[["sales", "lost"]]
        .sum()
    )
    part = (sums["lost"] / sums["sales"]).groupby("supplier").agg(["min", "max"])
    within = sums["sales"].groupby("supplier").sum()
    low, high = own.copy(), own.copy()
    at = part.index.to_numpy()
    low[at] = np.maximum(own[at], part["min"] * within)
    high[at] = np.maximum(own[at], part["max"] * within)
    return low, high


def _customers(outcome: Outcome, supplier: IntArray, buyer: IntArray, lost: FloatArray) -> list[str]:
    """Return, by plant, who takes the largest part of what is lost: a firm or a country, and its product."""
    nodes = outcome.economy.nodes
    names = [f"{node.firm or node.country}:{node.product}" for node in nodes]
    sums: dict[int, dict[str, float]] = {}
    for i, j, part in zip(supplier.tolist(), buyer.tolist(), lost.tolist(), strict=True):
        if part > _SEEN:
            own = sums.setdefault(i, {})
            own[names[j]] = own.get(names[j], 0.0) + part
    return [
        min(sums[i], key=lambda name: (-sums[i][name], name)) if i in sums else "" for i in range(len(nodes))
    ]


def _added_up(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    measures = ["sales_lost", "output_lost", "low", "high"]
    weighed = table.assign(**{name: table[name] * table["sold"] for name in measures})
    # The customer of whoever loses most stands for all.
    weighed = weighed.sort_values(["sales_lost", "plant"], ascending=[False, True], kind="stable")
    sums = weighed.groupby(keys, sort=True).agg(
        **{name: (name, "sum") for name in [*measures, "sold"]},
        customer=("customer", "first"),
    )
    sums[measures] = sums[measures].div(sums["sold"], axis=0)
    sums = sums[sums["sales_lost"] > sums["output_lost"] + _SEEN].reset_index()
    order = ["sales_lost", *keys]
    return sums.sort_values(order, ascending=[False, *[True] * len(keys)], ignore_index=True)[
        [*keys, *measures, "customer"]
    ]
