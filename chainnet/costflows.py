"""Purchases as arrays, through which changes of cost run, and how plants are averaged."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from chainnet.costshares import CostShare, cost_shares
from chainnet.economy import Economy, compile_network
from chainnet.errors import ConvergenceError
from chainnet.kernels import BoolArray, FloatArray, IntArray
from chainnet.makers import TINY
from chainnet.network import SupplyNetwork

#: Whose costs are told, by level.
KEYS = {"product": ["product"], "firm": ["firm", "product"], "country": ["country", "product"]}
_MOST_ROUNDS = 2000
#: No tariff on a chain of purchases makes anything a million million times as dear.
_ENDLESS = 1e12


@dataclass(frozen=True, eq=False)
class Flows:
    """Purchases that come from some plant, one entry each.

    Parameters
    ----------
    economy
        Its nodes are the plants.
    buyer, supplier, product
        Numbers of two plants, and the input that is bought.
    weight, low, high
        Share of the purchase in the buyer's cost, and its range over that of the cost share.
    capital
        Whether the input is a capital good.
    assumed
        Whether the cost share, the purchase or the supplier's place is assumed.
    """

    economy: Economy
    buyer: IntArray
    supplier: IntArray
    product: np.ndarray
    weight: FloatArray
    low: FloatArray
    high: FloatArray
    capital: BoolArray
    assumed: BoolArray

    @cached_property
    def countries(self) -> tuple[np.ndarray, np.ndarray]:
        """The countries of the suppliers and of the buyers."""
        places = np.array([node.country for node in self.economy.nodes], dtype=object)
        return places[self.supplier], places[self.buyer]

    def add_up(self, values: FloatArray) -> FloatArray:
        """Return the sums of the purchases' values by buyer."""
        sums = np.bincount(self.buyer, weights=values, minlength=len(self.economy.nodes))
        return sums.astype(np.float64)


@lru_cache(maxsize=4)
def flows_of(network: SupplyNetwork) -> Flows:
    """Return the purchases of a network, in its own year.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    Flows
        What is nobody's in particular is left out.

    Examples
    --------
    >>> import chainnet as cn
    >>> flows = flows_of(cn.load("japan-korea"))
    >>> bool(flows.add_up(flows.weight).max() < 1)
    True
    """
    economy = compile_network(network)
    found: list[tuple[int, int, str, float, CostShare, bool, bool]] = []
    for j, node in enumerate(economy.nodes):
        groups = economy.groups_of([j])
        costs = cost_shares(network, node.product, [group.inputs for group in groups])
        for group, cost in zip(groups, costs, strict=True):
            for product, (i, buy) in zip(group.products, group.purchases, strict=True):
                if buy.maker is not None and buy.share > TINY:
                    guess = cost.assumed or buy.status == "assumed" or not buy.maker.placed
                    found.append((j, i, product, buy.share, cost, group.capital, guess))
    share = np.array([row[3] for row in found], dtype=np.float64)
    weight, low, high = (
        np.array([getattr(row[4], name) for row in found], dtype=np.float64) * share
        for name in ("share", "low", "high")
    )
    return Flows(
        economy,
        buyer=np.array([row[0] for row in found], dtype=np.int64),
        supplier=np.array([row[1] for row in found], dtype=np.int64),
        product=np.array([row[2] for row in found], dtype=object),
        weight=weight,
        low=low,
        high=high,
        capital=np.array([row[5] for row in found], dtype=bool),
        assumed=np.array([row[6] for row in found], dtype=bool),
    )


def settle(step: Callable[[FloatArray], FloatArray], n: int) -> FloatArray:
    """Repeat a step from zero until nothing moves.

    Parameters
    ----------
    step
        What turns values into the next ones; without cycles it is needed once a tier.
    n
        How many values there are.

    Returns
    -------
    numpy.ndarray
        The values that the step leaves as they are.

    Raises
    ------
    ConvergenceError
        The values grow without end.

    Examples
    --------
    >>> settle(lambda d: 0.5 * d + 1, 1).round(9).tolist()
    [2.0]
    """
    values = np.zeros(n)
    for _ in range(_MOST_ROUNDS):
        new = step(values)
        gap = np.abs(new - values).max(initial=0.0)
        if gap <= 1e-15 * (1 + np.abs(new).max(initial=0.0)):
            return new
        if np.abs(new).max() > _ENDLESS:
            break
        values = new
    raise ConvergenceError("costs grow without end: a cycle of purchases under tariffs this high.")


def by_level(flows: Flows, nodes: pd.DataFrame, level: str) -> pd.DataFrame:
    """Average the plants, weighed by their share of the world's output.

    Parameters
    ----------
    flows
        The purchases, with the plants.
    nodes
        Measures, one row a plant, among them ``gross`` and ``sure``.
    level
        ``product``, ``firm`` or ``country``.

    Returns
    -------
    DataFrame
        Names and means, and ``assumed``: what part of gross is not sure.
    """
    economy, measures = flows.economy, list(nodes.columns)
    table = pd.concat([economy.table.drop(columns=["low", "high"]), nodes], axis=1)
    table = table[table["step"] != "planned"]
    table = table[table["firm"] != ""] if level == "firm" else table
    by = table.groupby(KEYS[level], sort=True)
    plain = by[measures].mean()
    sums = table[measures].mul(table["share"], axis=0).groupby([table[key] for key in KEYS[level]]).sum()
    share = by["share"].sum()
    if level == "product":
        # What is nobody's in particular is made at the cost that it had.
        share = share + pd.Series(economy.unattributed, dtype=np.float64).reindex(share.index).fillna(0.0)
    means = sums.div(share.where(share > 0), axis=0).fillna(plain)
    gross = means["gross"].where(means["gross"] > 0, math.inf)
    means["assumed"] = (1 - means["sure"] / gross).where(means["gross"] > 0, 0.0).clip(0, 1)
    return means.reset_index()


def largest_inputs(flows: Flows, parts: FloatArray, level: str) -> pd.Series[str]:
    """Return the input that brings most of the change.

    Parameters
    ----------
    flows
        The purchases.
    parts
        What each adds to its buyer's cost.
    level
        ``product``, ``firm`` or ``country``.

    Returns
    -------
    Series
        Products by name; without the makers whose cost does not change.
    """
    table = flows.economy.table.loc[flows.buyer, [*KEYS[level], "share", "step"]].reset_index(drop=True)
    table = table.assign(input=flows.product, part=parts, weighed=parts * table["share"])
    table = table[(table["step"] != "planned") & (table["part"] != 0)]
    sums = table.groupby([*KEYS[level], "input"], sort=True)[["weighed", "part"]].sum().abs()
    sums = sums.sort_values(["weighed", "part"], ascending=False, kind="stable").reset_index("input")
    return sums.groupby(level=KEYS[level])["input"].first()
