"""Which link to build next: makers in one country for single-sourced buyers in another.

A *match* is a firm that takes most of an input from one hand, and a maker of that input in the
other country, with no link between the two on record. Each is tried as a move: the buyer takes a
part of the input from the new maker instead of from its leading supplier. What is then lost less
when that supplier closes, or its country, is the worth of the match.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from chainnet.buyings import Buying, buyings, moved
from chainnet.economy import Economy, compile_network
from chainnet.errors import UsageError
from chainnet.kernels import FloatArray, Links, settle
from chainnet.ladder import Purchase
from chainnet.makers import TINY
from chainnet.names import resolve_country
from chainnet.network import SupplyNetwork
from chainnet.prospects import Prospects
from chainnet.scenarios import Selector

#: A buyer that takes at least this much of an input from one firm is worth a second one.
MIN_SHARE = 0.5
#: What the new supplier takes of the buyer's purchases: assumed.
TAKEN = 0.2
_SEEN = 1e-9
_COLUMNS = [
    *("buyer", "country", "makes", "input", "use", "supplier", "supplier_country", "link", "state"),
    *("leader", "leader_country", "share", "step", "status", "ref"),
    *(
        "loss_removed",
        "world_loss_removed",
        "firm_loss",
        "firm_loss_after",
        "country_loss",
        "country_loss_after",
    ),
    *("share_after", "country_share", "country_share_after"),
    *("hhi_firm", "hhi_firm_after", "hhi_country", "hhi_country_after"),
    *("qualification_days", "sold_today", "takes_at_most", "slack", "capacity", "events"),
]


def match(
    network: SupplyNetwork,
    countries: tuple[str, str] = ("JPN", "KOR"),
    *,
    product: str | None = None,
    buyer: str | None = None,
    min_share: float = MIN_SHARE,
    share: float = TAKEN,
) -> pd.DataFrame:
    """Rank the links between two countries that are not built yet by the loss that each removes.

    Every firm with plants in one country that takes ``min_share`` or more of an input from one
    firm is tried with every maker of that input in the other country that no row of sourcing says
    to supply it. The buyer takes ``share`` of its purchases from the new maker, out of what its
    leading supplier delivers from its main country (at most all of that). Both are then closed in
    turn: the leading supplier's plants for this input, and all plants for it in that country.

    Parameters
    ----------
    network
        The network.
    countries
        Two countries, in any language: plants located there.
    product
        Only this input, or the members of this family.
    buyer
        Only this firm's purchases.
    min_share
        Share of the leading supplier from which on a buyer is looked at.
    share
        Share of the buyer's purchases that the new supplier takes: assumed.

    Returns
    -------
    DataFrame
        One row a match, best first: by ``loss_removed``, then the fall of the two HHIs together,
        then ``world_loss_removed``, then names.

        - ``buyer``, ``country``: who buys, and where its plants stand; ``makes``: what it makes
          of the ``input`` there; ``use``: consumed, or capital (a tool: no output is lost today,
          and what falls is the exposure of its expansion);
        - ``supplier``, ``supplier_country``; ``link``: ``new``, or ``other site`` of the leading
          supplier, which helps against the closure of a country only; ``state`` of a row that
          names the two (candidate, qualified, lapsed);
        - ``leader``, ``leader_country``: the leading supplier and its main country; ``share`` of
          the purchases, with ``step`` (rung of the ladder, 1 to 5; 5 is a guess from the world's
          shares), ``status`` and ``ref``; ``share_after``; ``country_share``,
          ``country_share_after``: all that comes from the main country;
        - ``loss_removed``: mean of ``firm_loss`` − ``firm_loss_after`` (the leader closes) and
          ``country_loss`` − ``country_loss_after`` (its country closes): share of the buyer's
          output, mean of the products in ``makes``, nobody stepping in; ``world_loss_removed``: the
          same as a share of the world's output, of the product of which it is most;
        - ``hhi_firm``, ``hhi_country``, and ``…_after``: concentration of the purchases by
          supplier and by place of production;
        - ``qualification_days``: the longest of the products made, 0 where qualified already;
          ``sold_today``: what the ladder guesses the buyer to take from the supplier today;
        - ``takes_at_most``: upper bound of the part of the supplier's output that the move takes
          (as if all of the input went into what the buyer makes, and all makers used it alike);
          ``slack`` beyond its normal output; ``capacity``: ``enough``, ``maybe not``, or
          ``unknown`` where shares are;
        - ``events``: recorded events that hit the leader's deliveries to the buyer as they are
          today, and not the new supplier's.

    Raises
    ------
    UnknownNameError
        A country, product or buyer is not in the graph.
    UsageError
        Not two countries, or a share out of range.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.match(cn.load("japan-korea"), buyer="SKハイニックス", product="hf_gas")
    >>> bool((table["loss_removed"] >= 0).all())
    True
    """
    if not 0 <= min_share <= 1:
        raise UsageError(f"min_share = {min_share} is no share of purchases; it lies in [0, 1].")
    if not 0 < share <= 1:
        raise UsageError(f"share = {share} is no share that a supplier takes; it lies in (0, 1].")
    economy = compile_network(network)
    one, two = _countries(economy, countries)
    inputs = network.with_members(network.names.resolve(product, ["product"])[1]) if product else None
    firm = network.names.resolve(buyer, ["firm"])[1] if buyer else None
    rows = []
    prospects = Prospects(economy)
    for buying in buyings(economy, {one, two}):
        if (firm in (None, buying.firm)) and (inputs is None or buying.product in inputs):
            other = two if buying.country == one else one
            rows += list(_matches(prospects, buying, other, min_share, share))
    return _ranked(pd.DataFrame(rows, columns=_COLUMNS))


def _countries(economy: Economy, countries: tuple[str, str]) -> tuple[str, str]:
    if len(countries) != 2:
        raise UsageError(f"a match is between two countries; {len(countries)} are given.")
    known = {node.country for node in economy.nodes}
    one, two = (resolve_country(name, known) for name in countries)
    if one == two:
        raise UsageError(f"both countries are {one}; give two different ones.")
    return one, two


class _Leader(NamedTuple):
    """The firm from which most is bought, its main country, and what it delivers from there."""

    firm: str
    country: str
    share: float
    purchase: Purchase
    plants: dict[int, float]


def _leader(buying: Buying) -> _Leader | None:
    nodes = buying.economy.nodes
    firms = _sums((nodes[i].firm, share) for i, share in buying.shares.items() if nodes[i].firm)
    if not firms:
        return None
    firm = _largest(firms)
    own = {i: share for i, share in buying.shares.items() if nodes[i].firm == firm}
    country = _largest(_sums((nodes[i].country, share) for i, share in own.items()))
    there = {i: share for i, share in own.items() if nodes[i].country == country}
    known = max((part for part in buying.purchases if part[0] in own), key=lambda part: part[1])
    return _Leader(firm, country, firms[firm], known[2], there)


def _sums(parts: Iterable[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for name, share in parts:
        found[name] += share
    return dict(found)


def _largest(shares: Mapping[str, float]) -> str:
    return min(shares, key=lambda name: (-shares[name], name))


def _matches(
    prospects: Prospects, buying: Buying, other: str, least: float, share: float
) -> Iterator[dict[str, object]]:
    """Try every maker in the other country as a supplier of what a buyer buys."""
    leader = _leader(buying)
    if leader is None or leader.firm == buying.firm or leader.share < max(least - _SEEN, TINY):
        return
    at_hand = sum(leader.plants.values())
    amount = min(share, at_hand)
    taken = {i: amount * part / at_hand for i, part in leader.plants.items()}
    closed = _closures(buying, leader)
    before = _losses(buying, buying.economy.links, closed)
    for supplier, plants in _makers(buying, other).items():
        site, state = supplier == leader.firm, prospects.state(buying, supplier)
        # Another site of the leader is no second firm; it may be a second country.
        if leader.country == other if site else state == "active":
            continue
        given = {i: amount * part for i, part in plants.items()}
        worth = _worth(buying, before, _losses(buying, moved(buying, taken, given), closed))
        if site and worth["country_loss"] == worth["country_loss_after"] and not buying.capital:
            continue
        yield {
            **_who(buying, leader, supplier, other),
            "state": "" if site else state,
            **worth,
            **_spread(buying, leader, taken, given),
            "qualification_days": prospects.days(buying, state, same_firm=site),
            "sold_today": sum(buying.shares.get(i, 0.0) for i in plants),
            **prospects.capacity(buying, amount, plants),
            "events": ";".join(prospects.softened(buying, leader.plants, plants)),
        }


_CLOSED = ("firm", "country")


def _closures(buying: Buying, leader: _Leader) -> FloatArray:
    """Capacity that is left when the leader's plants for the input close, and when its country's do."""
    product = ("product", buying.product)
    masks = [
        buying.economy.mask(Selector((term, product)))
        for term in (("firm", leader.firm), ("country", leader.country))
    ]
    return np.where(np.column_stack(masks), 0.0, 1.0)


def _worth(buying: Buying, before: FloatArray, after: FloatArray) -> dict[str, float]:
    """Say what a move removes of the losses of each product under each closure."""
    # A move lets nothing fall; what seems to is how finely a cascade settles.
    after = np.where(np.abs(before - after) <= _SEEN, before, after)
    removed = (before - after).mean(axis=1)
    means = {"loss": before.mean(axis=0), "loss_after": after.mean(axis=0)}
    worth = {f"{name}_{key}": float(means[key][k]) for key in means for k, name in enumerate(_CLOSED)}
    return worth | {
        "loss_removed": float(removed.mean()),
        "world_loss_removed": float((buying.sizes * removed).max()),
    }


def _losses(buying: Buying, links: Links, closed: FloatArray) -> FloatArray:
    """Loss of each product that the buyer makes, under each closure; none where a tool is missing."""
    if buying.capital:
        return np.zeros((len(buying.plants), closed.shape[1]))
    output, _ = settle(links, closed, tol=_SEEN)
    losses: FloatArray = buying.weights @ (1 - output)
    return losses


def _makers(buying: Buying, country: str) -> dict[str, dict[int, float]]:
    """Firms that make an input in a country, and which part of it each of their plants there makes."""
    found: dict[str, list[int]] = defaultdict(list)
    for i, node in enumerate(buying.economy.nodes):
        same = (node.product, node.country) == (buying.product, country)
        if same and node.firm not in ("", buying.firm) and node.step != "planned":
            found[node.firm].append(i)
    return {firm: _parts(buying.economy, plants) for firm, plants in sorted(found.items())}


def _parts(economy: Economy, plants: list[int]) -> dict[int, float]:
    total = sum(economy.nodes[i].share for i in plants)
    return {i: economy.nodes[i].share / total if total > TINY else 1 / len(plants) for i in plants}


def _who(buying: Buying, leader: _Leader, supplier: str, country: str) -> dict[str, object]:
    return {
        "buyer": buying.firm,
        "country": buying.country,
        "makes": ";".join(buying.plants),
        "input": buying.product,
        "use": "capital" if buying.capital else "consumed",
        "supplier": supplier,
        "supplier_country": country,
        "link": "other site" if supplier == leader.firm else "new",
        "leader": leader.firm,
        "leader_country": leader.country,
        "step": leader.purchase.step,
        "status": leader.purchase.status,
        "ref": leader.purchase.ref,
    }


def _spread(
    buying: Buying, leader: _Leader, taken: Mapping[int, float], given: Mapping[int, float]
) -> dict[str, object]:
    """Say how the purchases are spread over firms and countries, before and after."""
    nodes, before = buying.economy.nodes, buying.shares
    after = {i: before.get(i, 0.0) - taken.get(i, 0.0) + given.get(i, 0.0) for i in {*before, *given}}
    found: dict[str, object] = {}
    for suffix, shares in (("", before), ("_after", after)):
        # Makers without a name are one hand in each country.
        firms = _sums((nodes[i].firm or nodes[i].country, part) for i, part in shares.items())
        places = _sums((nodes[i].country, part) for i, part in shares.items())
        found |= {f"share{suffix}": firms[leader.firm], f"country_share{suffix}": places[leader.country]}
        for name, parts in (("firm", firms), ("country", places)):
            found[f"hhi_{name}{suffix}"] = sum(part**2 for part in parts.values())
    return found


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Sort matches: the largest loss removed first, then the largest fall of concentration."""
    fall = sum(table[f"hhi_{name}"] - table[f"hhi_{name}_after"] for name in _CLOSED)
    # Rounded, so that what is equal but for the last bits is equal.
    keys = table[["loss_removed", "world_loss_removed"]].assign(fall=fall).round(9)
    numbers, names = ["loss_removed", "fall", "world_loss_removed"], ["buyer", "country", "input", "supplier"]
    order = keys.join(table[names]).sort_values([*numbers, *names], ascending=[*[False] * 3, *[True] * 4])
    return table.loc[order.index].reset_index(drop=True)
