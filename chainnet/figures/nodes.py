"""Firms and products as nodes of a picture: who supplies what, and what needs it, from a picked view."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import heappop, heappush
from typing import Any, Literal, NamedTuple

from chainnet.figures.looks import SEEN
from chainnet.figures.views import Card, Link, Row, View
from chainnet.figures.words import say
from chainnet.makers import weakest
from chainnet.tables import records

Kind = Literal["firm", "product", "more"]


class Made(NamedTuple):
    """A maker of a product, as the view has it: the card and the row in it."""

    card: Card
    row: Row


@dataclass(frozen=True)
class Node:
    """A firm, a product, or the makers of one product that are drawn as one.

    Parameters
    ----------
    key, kind, label, stage
        What it is, and in which stage it stands; of a firm, that of most of what it makes here.
    made
        Of a firm: what it makes; of several makers: who they are.
    card
        Of a product: its card in the view, if it has one of its own there.
    loss, exposure, closed, held
        What a shock does to it. Of a firm: to what it loses most of.
    focus
        Whether it is in focus.
    """

    key: str
    kind: Kind
    label: str
    stage: str
    made: tuple[Made, ...] = ()
    card: Card | None = None
    loss: float = 0.0
    exposure: float = 0.0
    closed: bool = False
    held: bool = False
    focus: bool = False


class Edge(NamedTuple):
    """From a firm to what it makes (``supplies``), or from an input to what needs it.

    ``use`` of the second: consumed or capital; ``live``: a shock's loss runs through it; ``about``: what
    is known of it.
    """

    source: str
    target: str
    use: str
    status: str
    live: bool
    about: Made | Link


@dataclass(frozen=True)
class Web:
    """The nodes and edges of a picture, by their keys.

    Parameters
    ----------
    view
        Where they are from.
    nodes
        Nodes by key, sorted.
    edges
        Edges, sorted.
    """

    view: View
    nodes: dict[str, Node]
    edges: tuple[Edge, ...]

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """Edges as pairs of keys."""
        return [(edge.source, edge.target) for edge in self.edges]

    @cached_property
    def degree(self) -> Counter[str]:
        """Number of edges of each node."""
        return Counter(key for pair in self.pairs for key in pair)

    @cached_property
    def leaves(self) -> dict[str, list[str]]:
        """By product, the makers that have no other edge here, the largest first."""
        found: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            node = self.nodes[edge.source]
            if node.kind != "product" and not node.focus and self.degree[node.key] == 1:
                found[edge.target].append(edge)
        return {
            product: [edge.source for edge in sorted(edges, key=self._size)]
            for product, edges in found.items()
        }

    def _size(self, edge: Edge) -> tuple[bool, bool, float, float, str]:
        node = self.nodes[edge.source]
        row = node.made[0].row
        return node.kind == "more", not row.named, -row.loss, -row.share, node.key

    @cached_property
    def steps(self) -> dict[str, int]:
        """How many needs lie between what the shock itself hits and each node, on the way of the loss.

        Only nodes that the loss reaches are in it.
        """
        after: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for edge in self.edges:
            if edge.live and (edge.use != "supplies" or self.nodes[edge.source].focus):
                # What the firm in focus makes is lost with the firm.
                after[edge.source].append((edge.target, int(edge.use != "supplies")))
        found = {key: 0 for key, node in self.nodes.items() if node.closed or node.held}
        waiting = [(0, key) for key in sorted(found)]
        while waiting:
            step, key = heappop(waiting)
            for target, more in after[key]:
                if found.get(target, step + more + 1) > step + more:
                    found[target] = step + more
                    heappush(waiting, (step + more, target))
        for key, node in self.nodes.items():
            # A firm loses what it makes: the loss reaches it with the input, as it does the product.
            own = [found[m.card.key] for m in node.made if m.card.key in found and m.row.loss > SEEN]
            if node.kind != "product" and key not in found and own:
                found[key] = min(own)
        return found

    def folded(self, most: int) -> Web:
        """Return the same with at most so many makers of one product alone beside it, the rest as one."""
        rest = {product: keys[most:] for product, keys in self.leaves.items() if len(keys) > most + 1}
        gone = {key: product for product, keys in rest.items() for key in keys}
        nodes = {key: node for key, node in self.nodes.items() if key not in gone}
        edges = [edge for edge in self.edges if edge.source not in gone]
        for product, keys in rest.items():
            own = [self.nodes[key] for key in keys]
            first = next(edge for edge in self.edges if edge.source == keys[0])
            nodes[f"+{product}"] = replace(
                own[0],
                key=f"+{product}",
                kind="more",
                label=say("more", self.view.lang, n=len(own)),
                made=tuple(made for node in own for made in node.made),
                loss=max(node.loss for node in own),
                closed=any(node.closed for node in own),
            )
            live = any(edge.live for edge in self.edges if edge.source in keys)
            edges.append(first._replace(source=f"+{product}", live=live))
        return Web(self.view, dict(sorted(nodes.items())), tuple(sorted(edges, key=lambda e: e[:3])))


def web_of(view: View) -> Web:
    """Return the nodes and edges of a view.

    Products stand for themselves, and so does each firm that makes one of them; makers without a
    name are no nodes. With an outcome only the firms that it hits are there. A firm in focus
    stands between what it needs and what it makes, and what it makes loses as much as it does.

    Parameters
    ----------
    view
        What is shown.

    Returns
    -------
    Web
        Nodes and edges.

    Examples
    --------
    >>> import chainnet as cn
    >>> from chainnet.figures.views import pick
    >>> web = web_of(pick(cn.load("japan-korea"), focus="asml"))
    >>> ("euv_optics", "asml") in web.pairs, ("asml", "euv_scanner") in web.pairs
    (True, True)
    """
    cards = {card.key: card for card in view.cards}
    own = next((card for card in view.cards if card.firm), None)
    stages = {row["product"]: row["stage"] for row in records(view.network.products)} if own else {}
    nodes = {card.key: _product(card) for card in view.cards if not card.firm}
    made: dict[str, list[Made]] = defaultdict(list)
    for card in nodes.values():
        for row in card.card.rows if card.card else ():
            if row.label and (view.outcome is None or row.loss > SEEN or row.closed or row.exposure > SEEN):
                made[row.key].append(Made(cards[card.key], row))
    if own:
        for row in own.rows:
            nodes[row.key] = Node(
                row.key,
                "product",
                row.label,
                stages[row.key],
                (Made(own, row),),
                loss=row.loss,
                exposure=row.exposure,
                closed=row.closed,
            )
            made[own.key].append(Made(replace(own, key=row.key, label=row.label, stage=stages[row.key]), row))
    nodes |= {key: _firm(view, key, rows) for key, rows in made.items()}
    edges = [
        Edge(key, m.card.key, "supplies", m.row.status, _carries(nodes[key], m.row), m)
        for key, rows in made.items()
        for m in rows
    ]
    edges += _needs(view, own)
    return Web(view, dict(sorted(nodes.items())), tuple(sorted(edges, key=lambda edge: edge[:3])))


def _carries(firm: Node, row: Row) -> bool:
    """Tell whether a loss runs from a firm to a product: it starts there, or leads through the focus."""
    return row.closed or (firm.focus and row.loss > SEEN)


def _product(card: Card) -> Node:
    return Node(
        card.key,
        "product",
        card.label,
        card.stage,
        card=card,
        loss=card.loss,
        exposure=card.exposure,
        closed=card.closed,
        held=card.held,
        focus=card.focus,
    )


def _firm(view: View, key: str, made: Iterable[Made]) -> Node:
    rows = sorted(made, key=lambda m: (-m.row.loss, -m.row.share, m.card.key))
    stages = Counter(m.card.stage for m in rows)
    return Node(
        key,
        "firm",
        view.network.label(key, view.lang),
        max(sorted(stages), key=stages.__getitem__),
        tuple(rows),
        loss=rows[0].row.loss,
        exposure=max(m.row.exposure for m in rows),
        closed=any(m.row.closed for m in rows),
        focus=view.focus == ("firm", key),
    )


def _needs(view: View, own: Card | None) -> list[Edge]:
    """Needs between products; those of a firm in focus lead to it, and on from what it makes."""
    made = {row.key for row in own.rows} if own else set()
    plants = view.outcome.plants if view.outcome else None
    live = set() if plants is None else set(zip(plants["through"], plants["product"], strict=True))
    found = [
        Edge(link.source, link.target, link.use, link.status, link.live, link)
        for whole in view.links
        for link in (_parts(whole, live) if whole.needs[0]["input"] in made else [whole])
    ]
    for need in records(view.network.needs) if own else ():
        if need["input"] in made and need["product"] in made and need["input"] != need["product"]:
            link = Link(need["input"], need["product"], need["use"], need["status"], (need,))
            carries = (link.source, link.target) in live
            found.append(Edge(link.source, link.target, link.use, link.status, carries, link))
    return list({(edge.source, edge.target, edge.use): edge for edge in found}.values())


def _parts(link: Link, live: set[tuple[str, str]]) -> list[Link]:
    """Return what leads from a firm in focus as links from each of its products."""
    parts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for need in link.needs:
        parts[need["input"]].append(need)
    return [
        Link(
            source,
            link.target,
            "consumed" if any(need["use"] == "consumed" for need in needs) else "capital",
            weakest(need["status"] for need in needs),
            tuple(needs),
            any((source, need["product"]) in live for need in needs),
        )
        for source, needs in sorted(parts.items())
    ]
