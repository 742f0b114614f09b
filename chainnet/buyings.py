"""What a firm in a country buys of one input, and the move of a part of it to another maker.

A *buying* gathers the needs of a firm's plants in one country for one input: they buy it from the
same makers. Moving a part of it changes a few weights of the compiled economy, and nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from chainnet.economy import Economy, Group
from chainnet.kernels import FloatArray, Links
from chainnet.ladder import Purchase
from chainnet.makers import TINY


@dataclass(frozen=True, eq=False)
class Buying:
    """An input that plants of a firm in a country need.

    Parameters
    ----------
    economy
        The economy that it is part of.
    firm, country, product
        Who buys, where its plants stand, and what it buys.
    capital
        Whether it is a tool, which stops no output when it stays away.
    numbers
        The needs, by their place among the groups of the economy.
    """

    economy: Economy
    firm: str
    country: str
    product: str
    capital: bool
    numbers: tuple[int, ...]

    @cached_property
    def groups(self) -> list[Group]:
        """The needs themselves."""
        return [self.economy.groups[number] for number in self.numbers]

    @cached_property
    def plants(self) -> dict[str, list[int]]:
        """Nodes of the plants that buy, by what they make."""
        found: dict[str, list[int]] = defaultdict(list)
        for group in self.groups:
            found[self.economy.nodes[group.buyer].product].append(group.buyer)
        return dict(sorted(found.items()))

    @cached_property
    def purchases(self) -> list[tuple[int, float, Purchase]]:
        """Supplying node, share of this input, and how that is known; without what is nobody's."""
        group = self.groups[0]
        whole = len(group.inputs)
        return [
            (node, purchase.share * whole, purchase)
            for product, (node, purchase) in zip(group.products, group.purchases, strict=True)
            if product == self.product and node >= 0
        ]

    @cached_property
    def shares(self) -> dict[int, float]:
        """Share of this input that each node supplies."""
        found: dict[int, float] = defaultdict(float)
        for node, share, _ in self.purchases:
            found[node] += share
        return dict(found)

    @cached_property
    def weights(self) -> FloatArray:
        """How much each node counts in what is made of the input: a row a product, adding up to 1."""
        weights = np.zeros((len(self.plants), len(self.economy.nodes)))
        for row, nodes in zip(weights, self.plants.values(), strict=True):
            shares = np.array([self.economy.nodes[i].share for i in nodes])
            row[nodes] = shares / shares.sum() if shares.sum() > TINY else 1 / len(nodes)
        return weights

    @cached_property
    def sizes(self) -> FloatArray:
        """Share of the world's output of each product that is made of the input here."""
        made = [[self.economy.nodes[i].share for i in nodes] for nodes in self.plants.values()]
        return np.array([sum(shares) for shares in made])


def buyings(economy: Economy, countries: Collection[str]) -> list[Buying]:
    """Return what firms with plants in some countries buy; planned plants buy nothing yet.

    Parameters
    ----------
    economy
        The economy.
    countries
        Where the buying plants stand.

    Returns
    -------
    list of Buying
        In the order of firm, country and input.

    Examples
    --------
    >>> import chainnet as cn
    >>> from chainnet.economy import compile_network
    >>> found = buyings(compile_network(cn.load("japan-korea")), ["KOR"])
    >>> ("samsung_em", "abf_film") in {(buying.firm, buying.product) for buying in found}
    True
    """
    found: dict[tuple[str, str, str, bool], list[int]] = defaultdict(list)
    for number, group in enumerate(economy.groups):
        node = economy.nodes[group.buyer]
        if node.firm and node.step != "planned" and node.country in countries:
            for product in group.inputs:
                found[node.firm, node.country, product, group.capital].append(number)
    return [Buying(economy, *key, tuple(numbers)) for key, numbers in sorted(found.items())]


def moved(buying: Buying, taken: Mapping[int, float], given: Mapping[int, float]) -> Links:
    """Return the consumed links of an economy after a part of a buying has moved.

    Parameters
    ----------
    buying
        What is bought. Tools are not among the consumed links: moving them changes nothing there.
    taken
        Share of the input that each supplying node loses, at most what it supplies.
    given
        Share of the input that each node gains.

    Returns
    -------
    Links
        The links; the economy's own where nothing of them moves.

    Examples
    --------
    >>> import chainnet as cn
    >>> from chainnet.economy import compile_network
    >>> economy = compile_network(cn.load("japan-korea"))
    >>> moved(buyings(economy, ["KOR"])[0], {}, {}) is economy.links
    True
    """
    links = buying.economy.links
    new = [(node, share) for node, share in given.items() if share > 0]
    kept = {node: 1 - share / buying.shares[node] for node, share in taken.items() if share > 0}
    if buying.capital or not (new or kept):
        return links
    places = _places(buying.economy)
    weight, sizes = links.weight.copy(), np.diff(links.group_start)
    ends: list[int] = []
    values: list[float] = []
    for number, group in zip(buying.numbers, buying.groups, strict=True):
        place = places[number]
        for edge in range(links.group_start[place], links.group_start[place + 1]):
            weight[edge] *= kept.get(int(links.supplier[edge]), 1.0)
        ends += [int(links.group_start[place + 1])] * len(new)
        # Inputs that replace each other share the need.
        values += [share / len(group.inputs) for _, share in new]
        sizes[place] += len(new)
    return links._replace(
        supplier=np.insert(links.supplier, ends, [node for node, _ in new] * len(buying.numbers)),
        weight=np.insert(weight, ends, values),
        group_start=np.concatenate([[0], np.cumsum(sizes)]),
    )


@lru_cache(maxsize=4)
def _places(economy: Economy) -> dict[int, int]:
    """Place of each need among the consumed links."""
    kept = [
        number
        for number, group in enumerate(economy.groups)
        if not group.capital and any(node >= 0 for node, _ in group.purchases)
    ]
    return {number: place for place, number in enumerate(kept)}
