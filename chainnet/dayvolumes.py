"""How much each plant makes, and how much its buyers use: volumes that agree with each other.

Shares of the world's output, the part of a product that a buyer uses, and the part of its purchases
that comes from each supplier have three different sources, and need not agree: a maker of 5 % of the
world's output may be the only supplier that a buyer of 40 % names. Orders that move between such
makers would then grow or shrink on the way. Here what is assumed gives way to what is sourced: a
plant whose share is assumed makes at least what is bought from it; a plant whose share is sourced
makes that share, and where more would be bought from it, all that the network buys of the product is
taken to be less of the world's use. What the network does not buy is sold outside of it.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from chainnet.economy import Economy, Group
from chainnet.kernels import BoolArray, FloatArray, IntArray
from chainnet.markets import markets

#: What a maker without a known share weighs.
LEAST = 1e-6
#: So much may a volume still move, and so often is it worked out anew where users make what they use.
_SAME, _ROUNDS = 1e-15, 1000


class Trade(NamedTuple):
    """Who buys what from whom, whatever the volumes are.

    Parameters
    ----------
    product, share, sourced
        Of each plant: the number of its product, its share of the world's output (at least
        ``LEAST``), and whether that share is sourced.
    buyer, among, scale
        Of each group: who buys, how many products use the input, and the number of its scale:
        products that replace each other have one.
    user, used, part
        Of each input of each group: the group, the number of the product, and its part of the need.
    group, supplier, weight
        Of each edge: the group, the plant, and its share of the purchases.
    """

    product: IntArray
    share: FloatArray
    sourced: BoolArray
    buyer: IntArray
    among: FloatArray
    scale: IntArray
    user: IntArray
    used: IntArray
    part: FloatArray
    group: IntArray
    supplier: IntArray
    weight: FloatArray


def settled_volumes(trade: Trade, within: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what plants make, what groups use, and what is bought from plants, of the world's use.

    The products that use an input take equal parts of it, and their makers a part each in
    proportion to what they make: assumed, for want of figures.

    Parameters
    ----------
    trade
        Who buys from whom.
    within
        Of each product, the part of the world's output that the network buys, as far as its makers
        can deliver that.

    Returns
    -------
    made : (n,)
        The share of the world's output where that is sourced; else at least what is bought.
    use : (G,)
        What each group uses.
    bought : (n,)
        What the network buys from each plant: nowhere more than it makes.
    """
    n, products = len(trade.product), len(within)
    made, first = trade.share, np.flatnonzero(np.bincount(trade.used, minlength=products))
    scale_of = np.zeros(products, dtype=np.int64)
    scale_of[trade.used] = trade.scale[trade.user]
    firm = trade.sourced[trade.supplier] & (trade.weight > 0)
    at, theirs = trade.supplier[firm], trade.scale[trade.group[firm]]
    for _ in range(_ROUNDS):
        whole = np.bincount(trade.product, made, products)
        use = made[trade.buyer] / whole[trade.product[trade.buyer]] / trade.among
        bought = np.bincount(trade.supplier, trade.weight * use[trade.group], n)
        used = np.bincount(trade.used, trade.part * use[trade.user], products)
        scale = np.full(products, np.inf)
        np.minimum.at(scale, scale_of[first], within[first] / used[first])
        np.minimum.at(scale, theirs, made[at] / bought[at])
        use = use * scale[trade.scale]
        bought = np.bincount(trade.supplier, trade.weight * use[trade.group], n)
        new = np.where(trade.sourced, trade.share, np.maximum(trade.share, bought))
        moved, made = np.abs(new - made).max(initial=0.0), new
        if moved <= _SAME:
            break
    return made, use, np.minimum(bought, made)


@lru_cache(maxsize=4)
def trade_of(economy: Economy) -> Trade:
    """Put who buys what from whom into arrays.

    Parameters
    ----------
    economy
        The economy.

    Returns
    -------
    Trade
        The arrays.
    """
    nodes, groups, edges = economy.nodes, groups_in_use(economy), edges_of(economy)
    number = {name: k for k, name in enumerate(economy.network.products["product"])}
    scale = list(range(len(number)))
    for group in groups:
        own = {scale[number[name]] for name in group.inputs}
        scale = [min(own) if k in own else k for k in scale] if len(own) > 1 else scale
    sizes = [len(own) for own in edges]
    share = np.array([max(node.share, LEAST) for node in nodes])
    sourced = np.array([node.status != "assumed" and node.share > LEAST for node in nodes], dtype=np.bool_)
    inputs = [
        (g, number[name], 1 / len(group.inputs)) for g, group in enumerate(groups) for name in group.inputs
    ]
    return Trade(
        product=np.array([number[node.product] for node in nodes], dtype=np.int64),
        share=share,
        sourced=sourced,
        buyer=np.array([group.buyer for group in groups], dtype=np.int64),
        among=_users(economy),
        scale=np.array([scale[number[group.inputs[0]]] for group in groups], dtype=np.int64),
        user=np.array([g for g, _, _ in inputs], dtype=np.int64),
        used=np.array([k for _, k, _ in inputs], dtype=np.int64),
        part=np.array([part for _, _, part in inputs], dtype=np.float64),
        group=np.repeat(np.arange(len(groups)), sizes),
        supplier=np.array([i for own in edges for i, _ in own], dtype=np.int64),
        weight=np.array([part for own in edges for _, part in own], dtype=np.float64),
    )


def _users(economy: Economy) -> FloatArray:
    """Return how many products use the input of each group."""
    groups = groups_in_use(economy)
    users: dict[str, set[str]] = defaultdict(set)
    for group in groups:
        for product in set(group.products):
            users[product].add(economy.nodes[group.buyer].product)
    return np.array([max(1, len(users[group.inputs[0]])) for group in groups], dtype=np.float64)


@lru_cache(maxsize=4)
def groups_in_use(economy: Economy) -> tuple[Group, ...]:
    """Return the needs that are in the model: planned plants use nothing yet, and nobody never fails.

    Parameters
    ----------
    economy
        The economy.

    Returns
    -------
    tuple of Group
        In the order of the economy's groups.
    """
    return tuple(
        group
        for group in economy.groups
        if economy.nodes[group.buyer].step != "planned" and any(i >= 0 for i, _ in group.purchases)
    )


@lru_cache(maxsize=4)
def edges_of(economy: Economy) -> tuple[tuple[tuple[int, float], ...], ...]:
    """Return the suppliers of each group, those that are qualified but ship nothing at present included.

    Parameters
    ----------
    economy
        The economy.

    Returns
    -------
    tuple
        Of each of :func:`groups_in_use`, nodes and their shares of the purchases.
    """
    at = markets(economy.network, economy.date)
    makers: dict[str, list[int]] = defaultdict(list)
    for i, node in enumerate(economy.nodes):
        if node.step != "planned":
            makers[node.product].append(i)
    found = []
    for group in groups_in_use(economy):
        buyer = economy.nodes[group.buyer]
        own: dict[int, float] = {}
        for i, part in group.purchases:
            if i >= 0:
                own[i] = own.get(i, 0.0) + part.share
        for product in group.inputs:
            names = at.qualified(buyer.firm, buyer.country, product)
            for i in makers[product]:
                if names & {economy.nodes[i].firm, economy.nodes[i].country} - {""}:
                    own.setdefault(i, 0.0)
        found.append(tuple(own.items()))
    return tuple(found)


@lru_cache(maxsize=4)
def volumes_of_use(economy: Economy) -> FloatArray:
    """Return each group's share of the world's use of its input, by the shares of the world's output alone.

    The products that use an input take equal parts of it, and their makers a part each in
    proportion to their output: assumed, for want of figures.

    Parameters
    ----------
    economy
        The economy.

    Returns
    -------
    numpy.ndarray
        One number for each of :func:`groups_in_use`.
    """
    trade = trade_of(economy)
    whole = np.bincount(
        trade.product, [node.share for node in economy.nodes], trade.product.max(initial=0) + 1
    )
    of = whole[trade.product[trade.buyer]]
    return np.where(
        of > 0, np.maximum(trade.share[trade.buyer] / np.maximum(of, LEAST), LEAST) / trade.among, LEAST
    )
