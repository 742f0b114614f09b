"""What a picture shows: the products, their makers and the needs between them, picked from a network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from chainnet.cascade import Outcome
from chainnet.errors import UsageError
from chainnet.figures.words import Lang
from chainnet.makers import Maker, weakest
from chainnet.markets import markets
from chainnet.network import SupplyNetwork
from chainnet.schema import STAGES
from chainnet.tables import records

Direction = Literal["both", "up", "down"]
_SEEN = 1e-9


@dataclass(frozen=True)
class Row:
    """One maker of one product.

    Parameters
    ----------
    key
        The firm; a country's code for its makers without a name; the product, in a firm's card.
    label
        Its name in the picture's language.
    makers
        Its plants, as the markets know them.
    share, low, high, status
        Share of the product's world output, its bounds, how far it is known.
    loss, exposure
        What a shock does to it: output lost, capital exposure.
    closed, named
        Hit by the shock itself; named in the data as a supplier of the firm in focus.
    """

    key: str
    label: str
    makers: tuple[Maker, ...]
    share: float
    low: float
    high: float
    status: str
    loss: float = 0.0
    exposure: float = 0.0
    closed: bool = False
    named: bool = False

    @property
    def countries(self) -> tuple[str, ...]:
        """Where its plants stand, the country that makes most first, then that of the head office."""
        if not self.makers:
            return ()
        made: dict[str, float] = defaultdict(float)
        for maker in self.makers:
            made[maker.country] += maker.share
        home = self.makers[0].home
        return tuple(sorted(made, key=lambda country: (-round(made[country], 9), country != home, country)))

    @property
    def refs(self) -> tuple[str, ...]:
        """References of its figures."""
        return tuple(sorted({ref for maker in self.makers for ref in maker.ref.split(";")}))


@dataclass(frozen=True)
class Card:
    """One product with its makers, or the firm in focus with what it makes; the most important first.

    Parameters
    ----------
    key, label, stage, definition, ref
        What it is.
    rows
        Its makers; of a firm: its products.
    sole
        The row of its only maker, if it has only one.
    loss, exposure
        What a shock does to its world output.
    closed, held, focus
        Some maker is hit by the shock itself; flows of it are held back; in focus.
    firm
        Whether it is a firm.
    """

    key: str
    label: str
    stage: str
    definition: str
    ref: str
    rows: tuple[Row, ...]
    sole: Row | None = None
    loss: float = 0.0
    exposure: float = 0.0
    closed: bool = False
    held: bool = False
    focus: bool = False
    firm: bool = False


@dataclass(frozen=True)
class Link:
    """One input that a product needs; ``live``: a shock's loss runs through it."""

    source: str
    target: str
    use: str
    status: str
    needs: tuple[dict[str, Any], ...]
    live: bool = False


@dataclass(frozen=True)
class View:
    """A picked part of a network, in one language.

    Parameters
    ----------
    network, lang, outcome
        Where it is from.
    focus
        Kind and identifier of what is in focus.
    cards, links
        Products and needs, sorted by their identifiers.
    families
        Products left out because their members stand for them.
    """

    network: SupplyNetwork
    lang: Lang
    cards: tuple[Card, ...]
    links: tuple[Link, ...]
    focus: tuple[str, str] | None = None
    outcome: Outcome | None = None
    families: tuple[str, ...] = ()


def pick(
    network: SupplyNetwork,
    *,
    focus: str | None = None,
    depth: int | None = None,
    direction: Direction = "both",
    outcome: Outcome | None = None,
    lang: Lang = "en",
) -> View:
    """Pick what to show.

    Parameters
    ----------
    network, focus, depth, direction, outcome, lang
        As for :func:`chainnet.figures.layers`.

    Returns
    -------
    View
        Products, makers and needs.

    Examples
    --------
    >>> import chainnet as cn
    >>> view = pick(cn.load("japan-korea"), focus="photoresist_euv", depth=1, direction="up")
    >>> "resist_pag" in [card.key for card in view.cards]
    True
    """
    if direction not in ("both", "up", "down"):
        raise UsageError(f"no direction {direction!r}; use both, up or down.")
    if depth is not None and depth < 0:
        raise UsageError(
            f"a depth of {depth} makes no sense. Give 0 for the focus alone, 1 for its neighbours …"
        )
    needs = records(network.needs)
    kind, focus = _found(network, focus) if focus else (None, None)
    if depth is None:
        depth = 1 if kind == "firm" else 2
    at = _Losses(outcome) if outcome is not None else None
    if focus and kind:
        shown = _around(network, (kind, focus), needs, depth, direction)
    elif at is not None:
        shown = at.hit | {n["input"] for n in needs if n["product"] in at.struck}
        shown |= {n["product"] for n in needs if n["input"] in at.struck}
    else:
        shown = set(network.products["product"])
    mentioned = {n["product"] for n in needs} | {n["input"] for n in needs}
    families = {f for f, members in network.families.items() if f not in mentioned and shown & set(members)}
    left_out = tuple(sorted(families & shown))
    shown -= families
    named = _named_suppliers(network, focus) if focus and kind == "firm" else {}
    maker = _Cards(network, lang, (kind or "", focus or ""), at, named)
    rows = sorted(records(network.products), key=lambda row: str(row["product"]))
    cards = tuple(maker.card(row) for row in rows if row["product"] in shown)
    links = _links(needs, at, {product: product for product in shown})
    if focus and kind == "firm":
        own = _made(network, focus)
        card = _firm_card(network, focus, [card for card in cards if card.key in own], lang)
        cards = (card, *(card for card in cards if card.key not in own))
        links = _links(needs, at, {p: focus if p in own else p for p in shown}, focus)
    return View(network, lang, cards, links, (kind, focus) if focus and kind else None, outcome, left_out)


def _made(network: SupplyNetwork, firm: str) -> set[str]:
    """Products that a firm makes, or is to make."""
    plants = network.plants
    made = plants["role"].isin(["production", "planned"]) & (plants["firm"] == firm)
    return set(plants.loc[made, "product"])


def _firm_card(network: SupplyNetwork, firm: str, own: Sequence[Card], lang: Lang) -> Card:
    """Put what a firm makes into one card; it stands in the stage of most of it."""
    found = [(card, row) for card in own for row in card.rows if row.key == firm]
    rows = [replace(row, key=card.key, label=card.label, named=False) for card, row in found]
    known = {row.key for row in rows}
    rows += [Row(card.key, card.label, (), 0.0, 0.0, 0.0, "assumed") for card in own if card.key not in known]
    stages = [card.stage for card in own]
    return Card(
        key=firm,
        label=network.label(firm, lang),
        stage=max(STAGES, key=lambda stage: (stages.count(stage), STAGES.index(stage))),
        definition="",
        ref="",
        rows=tuple(sorted(rows, key=_importance)),
        closed=any(row.closed for row in rows),
        focus=True,
        firm=True,
    )


def _found(network: SupplyNetwork, focus: str) -> tuple[str, str]:
    """Return the kind and identifier of what is in focus, by its identifier or a name of it."""
    if focus in network.home:
        return "firm", focus
    if focus in set(network.products["product"]):
        return "product", focus
    return network.names.resolve(focus)  # raises, with a "did you mean"


def _around(
    network: SupplyNetwork,
    focus: tuple[str, str],
    needs: Iterable[dict[str, Any]],
    depth: int,
    direction: Direction,
) -> set[str]:
    """Products within some steps of the focus; a firm stands for what it makes."""
    kind, name = focus
    if kind == "product":
        start = {name, *network.families.get(name, ())}
    else:
        start = _made(network, name)
        if not start:
            raise UsageError(f"{name} makes nothing in this graph, so nothing can be shown around it.")
    inputs: dict[str, set[str]] = defaultdict(set)
    outputs: dict[str, set[str]] = defaultdict(set)
    for need in needs:
        only = {firm for firm in need["applies_to"].split(";") if firm}
        # What only other makers need is not an input of the firm in focus.
        if not (kind == "firm" and need["product"] in start and only and name not in only):
            inputs[need["product"]].add(need["input"])
        outputs[need["input"]].add(need["product"])
    found = set(start)
    for ways, words in ((inputs, ("both", "up")), (outputs, ("both", "down"))):
        edge, seen = set(start), set(start)
        for _ in range(depth if direction in words else 0):
            edge = {after for product in edge for after in ways[product]} - seen
            seen |= edge
        found |= seen
    return found


def _named_suppliers(network: SupplyNetwork, firm: str) -> dict[str, set[str]]:
    """Suppliers by product that the data name for a firm."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in records(network.sourcing):
        if row["buyer"] == firm and row["state"] in ("active", "qualified"):
            for product in (row["product"], *network.families.get(row["product"], ())):
                found[product].add(row["supplier"])
    return found


class _Losses:
    """An outcome, looked up by plant and product."""

    def __init__(self, outcome: Outcome) -> None:
        economy, scenario = outcome.economy, outcome.scenario
        self.date = economy.date
        self.loss = dict(zip(economy.table["plant"], 1 - outcome.values, strict=True))
        self.exposure = dict(zip(economy.table["plant"], outcome.exposure, strict=True))
        products = outcome.by("product").set_index("product")
        self.of_product = {str(key): dict(row) for key, row in products.iterrows()}
        closed = economy.capacity(scenario) < 1
        self.closed = {economy.nodes[i].plant for i in np.flatnonzero(closed)}
        every = economy.links_with_capital
        passes = economy.passes(scenario, every)
        cut = np.zeros(len(every.supplier), dtype=bool) if passes is None else passes < 1
        self.held = {economy.nodes[i].product for i in every.supplier[cut]}
        self.struck = {economy.nodes[i].product for i in np.flatnonzero(closed)} | self.held
        self.hit = set(self.of_product) | self.struck
        plants = outcome.plants
        self.live = set(zip(plants["through"], plants["product"], strict=True))
        self.through: dict[str, str] = dict(zip(plants["plant"], plants["through"], strict=True))


class _Cards:
    """Makes the cards of one picture."""

    def __init__(
        self,
        network: SupplyNetwork,
        lang: Lang,
        focus: tuple[str, str],
        losses: _Losses | None,
        named: dict[str, set[str]],
    ) -> None:
        self.network, self.lang, self.focus, self.losses, self.named = network, lang, focus, losses, named
        self.markets = markets(network, losses.date if losses else None)

    def card(self, product: dict[str, Any]) -> Card:
        """Return the card of a row of products."""
        name = product["product"]
        market = self.markets.market(name)
        together: dict[str, list[Maker]] = defaultdict(list)
        for maker in market.makers:
            together[maker.firm or maker.country].append(maker)
        rows = sorted((self._row(name, key, tuple(own)) for key, own in together.items()), key=_importance)
        sole = market.sole_maker
        found = self.losses.of_product.get(name, {}) if self.losses else {}
        return Card(
            key=name,
            label=self.network.label(name, self.lang),
            stage=product["stage"],
            definition=product["definition"],
            ref=product["ref"],
            rows=tuple(rows),
            sole=rows[0] if sole is not None and len(rows) == 1 and rows[0].key == sole else None,
            loss=float(found.get("loss", 0.0)),
            exposure=float(found.get("capital_exposure", 0.0)),
            closed=any(row.closed for row in rows),
            held=self.losses is not None and name in self.losses.held,
            focus=self.focus[0] == "product"
            and name in (self.focus[1], *self.network.families.get(self.focus[1], ())),
        )

    def _row(self, product: str, key: str, makers: tuple[Maker, ...]) -> Row:
        known = all(maker.step == "figure" for maker in makers)
        share = sum(maker.share for maker in makers)
        weights = [maker.share if share > _SEEN else 1.0 for maker in makers]

        def mean(values: dict[str, Any]) -> float:
            parts = [w * values.get(m.plant, 0.0) for w, m in zip(weights, makers, strict=True)]
            return float(sum(parts) / sum(weights))

        return Row(
            key=key,
            label=self.network.label(key, self.lang) if makers[0].firm else "",
            makers=makers,
            share=share,
            low=share if known else sum(maker.low for maker in makers),
            high=share if known else max(maker.high for maker in makers),
            status=weakest(maker.status for maker in makers),
            loss=mean(self.losses.loss) if self.losses else 0.0,
            exposure=mean(self.losses.exposure) if self.losses else 0.0,
            closed=self.losses is not None and any(m.plant in self.losses.closed for m in makers),
            named=key in self.named.get(product, ()),
        )


def _importance(row: Row) -> tuple[bool, float, float, str]:
    """Sort key: named suppliers of the focus first, then by what is lost, then by share."""
    return (not row.named, -row.loss * max(row.share, 1e-6), -row.share, row.key)


def _links(
    needs: Iterable[dict[str, Any]], losses: _Losses | None, card_of: Mapping[str, str], firm: str = ""
) -> tuple[Link, ...]:
    """Needs between cards; ``card_of`` says where each product shown stands."""
    together: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for need in needs:
        source, target = card_of.get(need["input"]), card_of.get(need["product"])
        only = {name for name in need["applies_to"].split(";") if name}
        of_others = firm != "" and target == firm and only and firm not in only
        if source and target and source != target and not of_others:
            together[source, target].append(need)
    return tuple(
        Link(
            source,
            target,
            "consumed" if any(need["use"] == "consumed" for need in rows) else "capital",
            weakest(need["status"] for need in rows),
            tuple(sorted(rows, key=lambda need: (need["product"], need["input"], need["applies_to"]))),
            losses is not None and any((need["input"], need["product"]) in losses.live for need in rows),
        )
        for (source, target), rows in sorted(together.items())
    )
