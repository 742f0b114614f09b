"""A network compiled once to flat arrays, on which cascades run.

Nodes are plants (every maker of :mod:`chainnet.markets`, and planned plants, which buy but do not
supply). Groups are what a node needs of one product, or of inputs that replace each other; edges
say which node supplies which share of a group.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from chainnet.kernels import FloatArray, Links
from chainnet.ladder import Purchase
from chainnet.makers import Maker
from chainnet.markets import Markets, as_of, markets
from chainnet.network import SupplyNetwork
from chainnet.scenarios import Scenario, Selector, Share
from chainnet.tables import append_row, records

#: Keeps a sum of nothing from being divided by.
_LEAST = 1e-300


@dataclass(frozen=True)
class Group:
    """What one node needs of one product, or of products that replace each other.

    ``products`` says which input each of the ``purchases`` is of.
    """

    buyer: int
    inputs: tuple[str, ...]
    critical: bool
    impact: float
    capital: bool
    products: tuple[str, ...]
    purchases: tuple[tuple[int, Purchase], ...]


@dataclass(frozen=True, eq=False)
class Economy:
    """A network at a date, compiled.

    Parameters
    ----------
    network, date
        What was compiled.
    nodes
        The plants: makers of all markets, then planned plants.
    groups
        Needs in the order of their buyers; edges carry the supplier's node number, -1 where a
        part of the purchases is nobody's in particular.
    """

    network: SupplyNetwork
    date: str
    nodes: tuple[Maker, ...]
    groups: tuple[Group, ...]
    unattributed: dict[str, float]

    @cached_property
    def table(self) -> pd.DataFrame:
        """The nodes as a table, one row each, with the fields of a maker."""
        fields = (
            "plant",
            "firm",
            "product",
            "country",
            "region",
            "home",
            "share",
            "low",
            "high",
            "status",
            "step",
            "placed",
        )
        return pd.DataFrame({name: [getattr(node, name) for node in self.nodes] for name in fields})

    def groups_of(self, nodes: Iterable[int]) -> list[Group]:
        """Return the needs of some nodes, in their order."""
        return [group for node in nodes for group in self._by_buyer.get(node, ())]

    @cached_property
    def _by_buyer(self) -> dict[int, list[Group]]:
        found: dict[int, list[Group]] = {}
        for group in self.groups:
            found.setdefault(group.buyer, []).append(group)
        return found

    @cached_property
    def links(self) -> Links:
        """Arrays of the consumed inputs: what a cascade runs through."""
        return self._links([group for group in self.groups if not group.capital])

    @cached_property
    def links_with_capital(self) -> Links:
        """Arrays with capital goods as if they were consumed."""
        return self._links(list(self.groups))

    @cached_property
    def capital_links(self) -> Links:
        """Arrays of the capital goods alone."""
        return self._links([group for group in self.groups if group.capital])

    def _links(self, groups: Sequence[Group]) -> Links:
        kept = [(group, [(i, p) for i, p in group.purchases if i >= 0]) for group in groups]
        kept = [(group, edges) for group, edges in kept if edges]
        sizes = [len(edges) for _, edges in kept]
        flat = [edge for _, edges in kept for edge in edges]
        return Links(
            n=len(self.nodes),
            supplier=np.array([i for i, _ in flat], dtype=np.int64),
            weight=np.array([purchase.share for _, purchase in flat], dtype=np.float64),
            group_start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            group_buyer=np.array([group.buyer for group, _ in kept], dtype=np.int64),
            group_critical=np.array([group.critical for group, _ in kept], dtype=np.bool_),
            group_impact=np.array([group.impact for group, _ in kept], dtype=np.float64),
            # The impacts of a fab's many inputs are judged one by one: they are no parts of a whole.
            compound=True,
        )

    def mask(self, selector: Selector) -> np.ndarray:
        """Return which nodes a selector means, as an array of booleans.

        Parameters
        ----------
        selector
            The plants meant.

        Returns
        -------
        numpy.ndarray
            One boolean a node; planned plants that do not supply are never meant.
        """
        if selector in self._masks:
            return self._masks[selector].copy()
        wanted = np.array([node.step != "planned" for node in self.nodes], dtype=bool)
        for kind, name in selector.terms:
            names = self.network.with_members(name) if kind == "product" else {name}
            field = {"hq": "home"}.get(kind, kind)
            # A maker that stands in for a member of its family keeps its plant's name before the '@'.
            wanted &= np.array(
                [getattr(node, field).split("@")[0] in names for node in self.nodes], dtype=bool
            )
        self._masks[selector] = wanted.copy()
        return wanted

    @cached_property
    def _masks(self) -> dict[Selector, np.ndarray]:
        return {}

    def weights(self, selector: Selector) -> FloatArray:
        """Return how much each node counts in what a selector means.

        Parameters
        ----------
        selector
            The plants meant.

        Returns
        -------
        numpy.ndarray
            One weight a node: its share of the world's output, scaled so that all add up to 1; all
            alike where none of them holds a share; 0 everywhere where nothing is meant.
        """
        mask = self.mask(selector)
        weights: FloatArray = np.where(mask, [node.share for node in self.nodes], 0.0)
        if not weights.sum() > 0:
            weights = mask.astype(np.float64)
        weights /= max(weights.sum(), _LEAST)
        return weights

    def capacity(self, scenario: Scenario) -> np.ndarray:
        """Return what a scenario's shocks leave of each node's capacity.

        Parameters
        ----------
        scenario
            What happens; two shocks to one plant: the lower capacity counts.

        Returns
        -------
        numpy.ndarray
            One number in [0, 1] a node.
        """
        psi = np.ones(len(self.nodes))
        for shock in scenario.shocks:
            hit = self.mask(shock.selector)
            psi[hit] = np.minimum(psi[hit], shock.capacity)
        return psi

    def passes(self, scenario: Scenario, links: Links) -> np.ndarray | None:
        """Return what a scenario's controls let through of each edge; None where there is none.

        Parameters
        ----------
        scenario
            What happens.
        links
            The edges.

        Returns
        -------
        numpy.ndarray or None
            One number in [0, 1] an edge.
        """
        if not scenario.controls:
            return None
        buyers = np.repeat(links.group_buyer, np.diff(links.group_start))
        of = np.array([self.nodes[i].product for i in links.supplier], dtype=object)
        result = np.ones(len(links.supplier))
        for control in scenario.controls:
            covered = self.mask(control.exporter)[links.supplier] & self.mask(control.importer)[buyers]
            if control.product is not None:
                covered &= np.isin(of, list(self.network.with_members(control.product)))
            result[covered] = np.minimum(result[covered], control.passes)
        return result


def compile_network(
    network: SupplyNetwork, date: str | None = None, shares: tuple[Share, ...] = ()
) -> Economy:
    """Compile a network at a date.

    Parameters
    ----------
    network
        The network.
    date
        A year or date; None is the network's own year.
    shares
        Shares of that date, which replace the figures of their products.

    Returns
    -------
    Economy
        Its flat arrays.

    Examples
    --------
    >>> import chainnet as cn
    >>> economy = compile_network(cn.load("japan-korea"))
    >>> bool(economy.links.weight.max() <= 1)
    True
    """
    date = date or as_of(network)
    return _compile(with_shares(network, shares, date) if shares else network, date)


@lru_cache(maxsize=8)
def with_shares(network: SupplyNetwork, shares: tuple[Share, ...], date: str) -> SupplyNetwork:
    """Return a network with the shares of an event's own time.

    All figures of the products concerned are set aside; a supplier's share is spread evenly over
    its plants of that time. A share of a buyer's purchases is added to its sourcing.

    Parameters
    ----------
    network
        The network.
    shares
        The shares.
    date
        The year or date that they are of.

    Returns
    -------
    SupplyNetwork
        The network of that time.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> then = with_shares(net, (Share("dram", "samsung", 0.3),), "2012")
    >>> float(round(then.plants.query("firm == 'samsung' and product == 'dram'")["share"].sum(), 9))
    0.3
    """
    plants, sourcing, year = network.plants, network.sourcing, float(date[:4])
    references, known = network.references, set(network.references["ref"])
    if "judgement" not in known:
        told = {"ref": "judgement", "url": "judgement", "citation": "The file of the event"}
        references = append_row(references, told)
    world = [share for share in shares if not share.buyer]
    old = plants["product"].isin([share.product for share in world])
    plants.loc[old, "share"] = float("nan")
    plants = plants[~(old & (plants["firm"] == ""))]
    figure = {"share_of": "location", "basis": "volume", "status": "estimated"}
    for share in world:
        mine = (plants["product"] == share.product) & (plants["firm"] == share.supplier)
        mine &= (plants["role"] == "production") & (plants["start"].str.slice(0, 4) <= date[:4])
        if mine.any():
            for name, value in figure.items():
                plants.loc[mine, name] = value
            plants.loc[mine, "year"] = year
            plants.loc[mine, "share"] = share.share / mine.sum()
            continue
        place = network.home.get(share.supplier, share.supplier)
        row: dict[str, object] = figure | {
            "year": year,
            "product": share.product,
            "country": place,
            "role": "production",
        }
        row |= {"firm": share.supplier if share.supplier in network.home else "", "share": share.share}
        row |= {"plant": f"{share.supplier.lower()}-{share.product}-{date[:4]}"[:64]}
        row["ref"] = share.ref if share.ref in known else "judgement"
        plants = append_row(plants, row)
    for share in (share for share in shares if share.buyer):
        about: dict[str, object] = {
            "buyer": share.buyer,
            "product": share.product,
            "supplier": share.supplier,
            "share": share.share,
            "basis": "purchases",
            "state": "active",
            "year": year,
        }
        same = (sourcing["buyer"] == share.buyer) & (sourcing["product"] == share.product)
        sourcing = sourcing[~(same & (sourcing["supplier"] == share.supplier) & (sourcing["year"] == year))]
        about["ref"] = share.ref if share.ref in known else "judgement"
        sourcing = append_row(sourcing, about | {"status": "estimated"})
    tables = {"plants": plants, "sourcing": sourcing, "references": references}
    return network.replace(**{name: table.reset_index(drop=True) for name, table in tables.items()})


@lru_cache(maxsize=8)
def _compile(network: SupplyNetwork, date: str) -> Economy:
    at = markets(network, date)
    products = list(network.products["product"])
    needed = _needed(network)
    # Makers without a share are nodes too: buyers may turn to them, and purchases name them.
    makers = [maker for product in products for maker in at.market(product).makers]
    nodes = makers + _planned(network, at)
    number = {node.plant: i for i, node in enumerate(nodes)}
    groups = [
        group
        for i, node in enumerate(nodes)
        for group in _groups(i, node, needed.get(node.product, []), at, number)
    ]
    unattributed = {product: at.market(product).unattributed for product in products}
    return Economy(network, at.date, tuple(nodes), tuple(groups), unattributed)


def _needed(network: SupplyNetwork) -> dict[str, list[dict[str, Any]]]:
    needed: dict[str, list[dict[str, Any]]] = {}
    for row in records(network.needs):
        if row["importance"] != "minor":
            needed.setdefault(row["product"], []).append(
                {**row, "makers": {f for f in row["applies_to"].split(";") if f}}
            )
    return needed


def _planned(network: SupplyNetwork, at: Markets) -> list[Maker]:
    """Plants that are announced, under construction or not yet producing: they buy, and do not supply."""
    plants = network.plants
    later = plants["role"].eq("production") & (plants["start"].str.slice(0, 4) > at.date[:4])
    rows = plants[(plants["role"].eq("planned") | later) & plants["firm"].ne("")]
    return [
        Maker(
            plant=row["plant"],
            firm=row["firm"],
            product=row["product"],
            country=row["country"],
            region=row["region"],
            home=network.home[row["firm"]],
            share=0.0,
            low=0.0,
            high=0.0,
            status=row["status"],
            step="planned",
            placed=True,
            ref=row["ref"],
        )
        for row in records(rows)
    ]


def _groups(
    i: int, node: Maker, needs: Sequence[dict[str, Any]], at: Markets, number: dict[str, int]
) -> list[Group]:
    together: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for need in needs:
        if not need["makers"] or node.firm in need["makers"]:
            key = ("group", need["group"]) if need["group"] else ("input", need["input"])
            together.setdefault(key, []).append(need)
    return [_group(i, node, members, at, number) for members in together.values()]


def _group(
    i: int, node: Maker, members: Sequence[dict[str, Any]], at: Markets, number: dict[str, int]
) -> Group:
    inputs = tuple(need["input"] for need in members)
    # Inputs that replace each other share the need equally.
    part = 1 / len(inputs)
    bought = [
        (
            product,
            replace(
                buy,
                share=buy.share * part,
                low=buy.low * part,
                high=buy.high * part,
                least=buy.least * part,
            ),
        )
        for product in inputs
        for buy in at.purchases(node.firm, node.country, product)
    ]
    critical = any(need["importance"] == "critical" for need in members)
    return Group(
        buyer=i,
        inputs=inputs,
        critical=critical,
        impact=1.0 if critical else members[0]["impact"],
        capital=members[0]["use"] == "capital",
        products=tuple(product for product, _ in bought),
        purchases=tuple((number[buy.maker.plant] if buy.maker else -1, buy) for _, buy in bought),
    )
