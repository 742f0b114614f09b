"""Who depends on whom: single and sole sources of each buyer, tier by tier.

A *sole source* is the only maker there is; a *single source* is the one that a buyer relies on.
What is unknown is shown as a range, and every share says on which rung of the ladder of
:mod:`chainnet.markets` it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import pandas as pd

from chainnet.economy import Economy, compile_network
from chainnet.errors import UnknownNameError, UsageError
from chainnet.ladder import Purchase
from chainnet.makers import Maker, weakest
from chainnet.markets import markets
from chainnet.names import find_country
from chainnet.network import SupplyNetwork

#: On whom a buyer may rely: a firm, the makers in a country, those with head office in it.
Seller = Literal["firm", "country", "hq"]

#: A buyer that takes at least this much from one hand relies on it: single-sourced.
SINGLE = 0.9
_SEEN = 1e-9
#: A sole maker's published share may be rounded.
_ROUNDING = 0.02
#: So many suppliers that are alike are named.
_NAMED = 3


def dependence(
    network: SupplyNetwork,
    *,
    buyer: str | None = None,
    by: Seller = "firm",
    tiers: int = 1,
    date: str | None = None,
) -> pd.DataFrame:
    """From whom buyers get each input, and where they rely on one.

    Parameters
    ----------
    network
        The network.
    buyer
        A firm, or a country for all makers in it, in any language; None is every firm.
    by
        Whom to rely on: a ``firm``, the makers in a ``country``, or those with their head office
        in one (``hq``).
    tiers
        How far upstream: 1 is the buyer's own purchases, 2 those of its suppliers as far as they
        end up with the buyer, and so on.
    date
        A year or date; None is the network's own year.

    Returns
    -------
    DataFrame
        One row for each buyer, product made and input:

        - ``supplier``, ``share``: the largest supplier and its share of the purchases, with
          ``low`` and ``high``; up to three that no figure tells apart are joined by a slash;
          ``suppliers``: how many are known; ``unknown``: share that is
          nobody's in particular;
        - ``source``: ``own`` (mostly made by the buyer itself), ``sole`` (the only maker there
          is), ``single`` (90 % or more from one), ``possible`` (the range allows it), or empty;
          makers without a name in one country are not one supplier;
        - ``importance``, ``use``, ``tier``; ``step``: the rung of the ladder (1 to 5) that most of
          the supplier's share stands on; ``status``, ``ref``: the weakest status and all
          references of what stands there.

    Raises
    ------
    UnknownNameError
        No firm or country bears that name.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.dependence(cn.load("japan-korea"), buyer="삼성전자")
    >>> table.query("input == 'euv_scanner'")[["supplier", "source"]].drop_duplicates().values.tolist()
    [['asml', 'sole']]
    """
    if by not in ("firm", "country", "hq"):
        raise UsageError(f"cannot show dependence by {by!r}; use firm, country or hq.")
    if not 1 <= tiers <= 10:
        raise UsageError(f"{tiers} tiers make no sense; use 1 to 10.")
    rows = _rows(compile_network(network, date), buyer, by, tiers)
    columns = [
        "buyer",
        "makes",
        "input",
        "supplier",
        "share",
        "low",
        "high",
        "source",
        "suppliers",
        "unknown",
    ]
    columns += ["importance", "use", "tier", "step", "status", "ref"]
    return pd.DataFrame(rows, columns=columns)


def purchase_concentration(
    network: SupplyNetwork, *, by: Seller = "firm", date: str | None = None
) -> pd.DataFrame:
    """Return how concentrated each buyer's purchases of each input are.

    Parameters
    ----------
    network
        The network.
    by
        Whose shares: each ``firm``, the makers in a ``country``, or those with their head office in
        one (``hq``).
    date
        A year or date; None is the network's own year.

    Returns
    -------
    DataFrame
        ``buyer, makes, input`` and ``hhi``: Herfindahl-Hirschman index in [0, 1]; what is nobody's in
        particular counts as finely split.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = purchase_concentration(cn.load("japan-korea")).set_index(["buyer", "makes", "input"])
    >>> float(table.loc[("samsung", "dram", "euv_scanner"), "hhi"])
    1.0
    """
    rows = _rows(compile_network(network, date), None, by, 1)
    return pd.DataFrame(rows, columns=["buyer", "makes", "input", "hhi"])


@lru_cache(maxsize=8)
def _rows(economy: Economy, buyer: str | None, by: Seller, tiers: int) -> tuple[dict[str, object], ...]:
    rows: list[dict[str, object]] = []
    for name, nodes in _buyers(economy.network, economy, buyer).items():
        for made in sorted({economy.nodes[i].product for i in nodes}):
            own = [i for i in nodes if economy.nodes[i].product == made]
            rows += _climb_tiers(economy, name, made, own, by, tiers)
    return tuple(rows)


def _buyers(network: SupplyNetwork, economy: Economy, buyer: str | None) -> dict[str, list[int]]:
    every: dict[str, list[int]] = defaultdict(list)
    if buyer is None:
        for i, node in enumerate(economy.nodes):
            if node.firm:
                every[node.firm].append(i)
        return dict(sorted(every.items()))
    firms = network.names.find(buyer, ["firm"])
    code = find_country(buyer)
    if len(firms) == 1:
        chosen, name = [i for i, node in enumerate(economy.nodes) if node.firm == firms[0][1]], firms[0][1]
    elif code is not None:
        chosen, name = (
            [i for i, node in enumerate(economy.nodes) if node.country == code and node.step != "planned"],
            code,
        )
    else:
        raise UnknownNameError(buyer, network.names.of(["firm"]), "firm or country")
    if not chosen:
        raise UsageError(f"{name} makes nothing in this graph by {economy.date}, so it needs nothing.")
    return {name: chosen}


class _Part(NamedTuple):
    """A purchase of one of the buyer's plants, with that plant's weight and number, and the supplier's."""

    weight: float
    plant: int
    supplier: int
    purchase: Purchase

    @property
    def share(self) -> float:
        return self.weight * self.purchase.share


def _climb_tiers(
    economy: Economy, buyer: str, made: str, own: Sequence[int], by: Seller, tiers: int
) -> list[dict[str, object]]:
    total = sum(economy.nodes[i].share for i in own)
    weights = {i: economy.nodes[i].share / total if total > 0 else 1 / len(own) for i in own}
    rows: list[dict[str, object]] = []
    seen: set[str] = {made}
    current: dict[str, dict[int, float]] = {made: weights}
    for tier in range(1, tiers + 1):
        upstream: dict[str, dict[int, float]] = {}
        for product, nodes in current.items():
            for group, inputs in _inputs_of(economy, nodes).items():
                parts, need = inputs
                row = _summary(economy, group, parts, by)
                rows.append({"buyer": buyer, "makes": product, "input": group, "tier": tier, **need, **row})
                arriving: dict[int, float] = defaultdict(float)
                for part in parts:
                    arriving[part.supplier] += part.share
                into = upstream.setdefault(group, {})
                for node, share in arriving.items():
                    if node >= 0:
                        into[node] = max(into.get(node, 0.0), share)
        current = {product: nodes for product, nodes in upstream.items() if product not in seen}
        seen |= set(current)
    return rows


def _inputs_of(economy: Economy, nodes: dict[int, float]) -> dict[str, tuple[list[_Part], dict[str, object]]]:
    """Purchases of some plants of one product, by input, weighted by the plants."""
    found: dict[str, tuple[list[_Part], dict[str, object]]] = {}
    whole = sum(nodes.values())
    for group in economy.groups_of(nodes):
        weight = nodes[group.buyer] / whole if whole > 0 else 1 / len(nodes)
        scale = len(group.inputs)
        need: dict[str, object] = {
            "importance": "critical" if group.critical else "important",
            "use": "capital" if group.capital else "consumed",
        }
        for product, (node, purchase) in zip(group.products, group.purchases, strict=True):
            parts, _ = found.setdefault(product, ([], need))
            parts.append(_Part(weight * scale, group.buyer, node, purchase))
    return found


_NOBODY: dict[str, object] = {
    "supplier": "",
    "share": 0.0,
    "low": 0.0,
    "high": 1.0,
    "source": "",
    "suppliers": 0,
    "hhi": 0.0,
    "step": 5,
    "status": "assumed",
    "ref": "",
}


def _summary(economy: Economy, product: str, parts: Iterable[_Part], by: Seller) -> dict[str, object]:
    """Describe the largest supplier of an input, and what is known of it."""
    sold: dict[str, list[_Part]] = defaultdict(list)
    unknown = 0.0
    for part in parts:
        if part.purchase.maker is None:
            unknown += part.share
        else:
            sold[_seller(part.purchase.maker, by)].append(part)
    if not sold:
        return {**_NOBODY, "unknown": unknown}
    shares = {seller: sum(part.share for part in own) for seller, own in sold.items()}
    leader = min(shares, key=lambda seller: (-shares[seller], seller))
    alike = [seller for seller in sorted(shares) if shares[leader] - shares[seller] <= _SEEN]
    share = min(1.0, shares[leader])
    step, status, ref = _standing(sold[leader])
    listed = any(part.purchase.step == 3 for part in sold[leader])
    # Makers without a name in one country are several: nobody's sole or single source.
    one = by != "firm" or any(part.purchase.maker and part.purchase.maker.firm for part in sold[leader])
    sole = one and _is_sole(economy, product, by)
    low, high = _bounds(sold, leader)
    return {
        # Suppliers that no figure tells apart are named together.
        "supplier": " / ".join(alike) if len(alike) <= _NAMED else f"{len(alike)} alike",
        "share": share,
        # Who buys at all buys from the only maker.
        "low": share if sole else low,
        "high": high,
        "source": _source(share, high, step, sole=sole, listed=listed) if one else "",
        "suppliers": sum(value > _SEEN for value in shares.values()),
        "hhi": sum(value**2 for value in shares.values()),
        "unknown": unknown,
        "step": step,
        "status": status,
        "ref": ref,
    }


def _standing(parts: Sequence[_Part]) -> tuple[int, str, str]:
    """Return the rung that most of a supplier's share stands on, its weakest status and its references."""
    rungs: dict[int, float] = defaultdict(float)
    for part in parts:
        rungs[part.purchase.step] += part.share
    # Of rungs that hold as much, the lower one: sums of floats must not decide.
    most = max(rungs.values())
    step = max(rung for rung, share in rungs.items() if most - share <= _SEEN)
    there = [part.purchase for part in parts if part.purchase.step == step and part.share >= min(_SEEN, most)]
    refs = dict.fromkeys(
        ref for row in sorted({purchase.ref for purchase in there}) for ref in row.split(";")
    )
    return step, weakest(purchase.status for purchase in there), ";".join(refs)


def _bounds(sold: dict[str, list[_Part]], seller: str) -> tuple[float, float]:
    """Return what a seller holds at least and at most.

    A figure of the buyer's own is exact for the firm that it names, whatever its plants; if they
    stand in several countries, each country may hold all of it or none. All else is a guess that
    may be nothing, or the whole of what its rung was filled with.
    """
    elsewhere = {
        (part.plant, part.purchase.maker.firm)
        for other, parts in sold.items()
        if other != seller
        for part in parts
        if part.purchase.maker and part.purchase.step == 1
    }
    figures: dict[tuple[int, str], tuple[float, float]] = {}
    guesses: dict[tuple[int, int], float] = {}
    for part in sold[seller]:
        maker, most = part.purchase.maker, part.weight * part.purchase.high
        if part.purchase.step == 1 and maker:
            key = (part.plant, maker.firm)
            figures[key] = (0.0 if key in elsewhere else part.weight * part.purchase.least, most)
        else:
            rung = (part.plant, part.purchase.step)
            guesses[rung] = max(guesses.get(rung, 0.0), most)
    low = sum(least for least, _ in figures.values())
    high = sum(most for _, most in figures.values()) + sum(guesses.values())
    return min(1.0, low), min(1.0, high)


def _seller(maker: Maker, by: Seller) -> str:
    if by == "firm":
        return maker.firm or f"other makers ({maker.country})"
    return maker.home if by == "hq" else maker.country


def _is_sole(economy: Economy, product: str, by: Seller) -> bool:
    market = markets(economy.network, economy.date).market(product)
    sellers = {_seller(maker, by) for maker in market.makers if maker.share > _SEEN}
    return len(sellers) == 1 and market.unattributed <= _ROUNDING


def _source(share: float, high: float, step: int, *, sole: bool, listed: bool) -> str:
    if step == 2:
        return "own"
    if share >= SINGLE - _SEEN:
        return "sole" if sole else "single"
    # A supplier that is listed without a share may have all of it.
    return "possible" if listed and high >= SINGLE - _SEEN else ""


def single_sourced(network: SupplyNetwork, *, by: Seller = "firm", date: str | None = None) -> pd.DataFrame:
    """Buyers and inputs that rely on one firm, or on the makers of one country.

    Parameters
    ----------
    network
        The network.
    by
        A ``firm``, a ``country`` or a country's head offices (``hq``).
    date
        A year or date; None is the network's own year.

    Returns
    -------
    DataFrame
        The rows of :func:`dependence` whose source is ``sole`` or ``single``.

    Examples
    --------
    >>> import chainnet as cn
    >>> "asml" in set(single_sourced(cn.load("japan-korea"))["supplier"])
    True
    """
    table = dependence(network, by=by, date=date)
    return table[table["source"].isin(["sole", "single"])].reset_index(drop=True)
