"""Who depends on whom: concentration, single and sole sources, exposure, cut sets.

A *sole source* is the only maker there is; a *single source* is the one that a buyer relies on.
What is unknown is shown as a range, and every share says on which rung of the ladder of
:mod:`chainnet.markets` it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from chainnet.economy import Economy, compile_network
from chainnet.errors import UnknownNameError, UsageError
from chainnet.kernels import FloatArray, IntArray, lost_shares, settle
from chainnet.markets import Maker, Market, Purchase, markets, weakest
from chainnet.names import find_country
from chainnet.network import SupplyNetwork
from chainnet.scenarios import parse_selector

Level = Literal["firm", "country", "hq", "region"]
#: On whom a buyer may rely: a firm, the makers in a country, those with head office in it.
Seller = Literal["firm", "country", "hq"]
Closure = Literal["plant", "firm", "country", "product", "country-product"]

#: A buyer that takes at least this much from one hand relies on it: single-sourced.
SINGLE = 0.9
#: A target whose output falls by at least this much is stopped.
STOPPED = 0.95
_SEEN = 1e-9
#: A sole maker's published share may be rounded.
_ROUNDING = 0.02


def concentration(network: SupplyNetwork, *, by: Level = "firm", date: str | None = None) -> pd.DataFrame:
    """Concentration of the world's output of each product.

    Parameters
    ----------
    network
        The network.
    by
        Whose shares: ``firm``, ``country`` (where it is made), ``hq`` (country of the head
        office) or ``region``.
    date
        A year or date; None is the network's own year.

    Returns
    -------
    DataFrame
        One row a product, in the order of the table:

        - ``hhi``: Herfindahl-Hirschman index in [0, 1] of the shares used; ``low`` takes what is
          unknown as finely split, ``high`` as in one further hand;
        - ``n_eff``: effective number of suppliers, 1/HHI;
        - ``cr1``, ``cr3``: share of the largest one and three; ``leader``: the largest;
        - ``to_75``: how many it takes to reach 75 % (the rule of the ETO dataset); 0: unknown;
        - ``unknown``: share whose holder is unknown; ``status``, ``ref``: of the leader's share.

    References
    ----------
    Herfindahl (1950); Hirschman (1964), American Economic Review 54(5), 761.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.concentration(cn.load("japan-korea")).set_index("product")
    >>> float(table.loc["euv_scanner", "hhi"]), table.loc["euv_scanner", "leader"]
    (1.0, 'asml')
    """
    if by not in ("firm", "country", "hq", "region"):
        raise UsageError(f"cannot measure concentration by {by!r}; use firm, country, hq or region.")
    at = markets(network, date)
    rows = [_concentration(at.market(product), by) for product in network.products["product"]]
    return pd.DataFrame([row for row in rows if row])


def _holder(maker: Maker, by: Level) -> str:
    return {"firm": maker.firm, "country": maker.country, "hq": maker.home, "region": maker.region}[by]


def _concentration(market: Market, by: Level) -> dict[str, object]:
    if not market.makers:
        return {}
    places: dict[str, set[str]] = defaultdict(set)
    for maker in market.makers:
        places[maker.firm or maker.plant].add(_holder(maker, by))
    used: dict[str, float] = defaultdict(float)
    known: dict[str, float] = defaultdict(float)
    for maker in market.makers:
        holder = _holder(maker, by)
        if holder:
            used[holder] += maker.share
        # A country's total is known although its makers are not.
        total_known = maker.step == "figure" or (
            by in ("country", "hq") and maker.step in ("country rest", "other makers")
        )
        if holder and total_known and len(places[maker.firm or maker.plant]) == 1:
            known[holder] += maker.share
    unknown = max(0.0, 1 - sum(known.values()))
    squares = sum(share**2 for share in known.values())
    ranked = sorted(used.items(), key=lambda item: (-item[1], item[0]))
    shares = [share for _, share in ranked]
    leader = ranked[0][0] if ranked else ""
    own = [maker for maker in market.makers if _holder(maker, by) == leader]
    hhi = sum(share**2 for share in shares)
    enough = int(np.searchsorted(np.cumsum(shares), 0.75 - _SEEN)) + 1
    return {
        "product": market.product,
        "hhi": hhi,
        "low": squares,
        "high": squares + unknown**2,
        "n_eff": 1 / hhi if hhi > 0 else float("nan"),
        "cr1": shares[0] if shares else float("nan"),
        "cr3": sum(shares[:3]),
        "leader": leader,
        "to_75": enough if sum(shares) >= 0.75 - _SEEN else 0,
        "unknown": unknown,
        "status": weakest(maker.status for maker in own),
        "ref": ";".join(sorted({ref for maker in own for ref in maker.ref.split(";")})),
    }


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
          ``low`` and ``high``; ``suppliers``: how many are known; ``unknown``: share that is
          nobody's in particular;
        - ``source``: ``own`` (mostly made by the buyer itself), ``sole`` (the only maker there
          is), ``single`` (90 % or more from one), ``possible`` (the range allows it), or empty;
        - ``importance``, ``use``, ``tier``; ``step`` (rung of the ladder, 1 to 5), ``status``,
          ``ref``: where the supplier's share comes from.

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
    economy = compile_network(network, date)
    rows = []
    for name, nodes in _buyers(network, economy, buyer).items():
        for made in sorted({economy.nodes[i].product for i in nodes}):
            own = [i for i in nodes if economy.nodes[i].product == made]
            rows += _climb_tiers(economy, name, made, own, by, tiers)
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
        raise UnknownNameError(buyer, network.names.spellings, "firm or country")
    if not chosen:
        raise UsageError(f"{name} makes nothing in this graph by {economy.date}, so it needs nothing.")
    return {name: chosen}


_Part = tuple[float, float, float, Purchase, int]


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
                for share, _, _, _, node in parts:
                    arriving[node] += share
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
            parts.append(
                (
                    weight * scale * purchase.share,
                    weight * scale * purchase.low,
                    weight * scale * purchase.high,
                    purchase,
                    node,
                )
            )
    return found


_NOBODY: dict[str, object] = {
    "supplier": "",
    "share": 0.0,
    "low": 0.0,
    "high": 1.0,
    "source": "",
    "suppliers": 0,
    "step": 5,
    "status": "assumed",
    "ref": "",
}


def _summary(economy: Economy, product: str, parts: Iterable[_Part], by: Seller) -> dict[str, object]:
    """Describe the largest supplier of an input, and what is known of it."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    largest: dict[str, tuple[float, Purchase]] = {}
    unknown = 0.0
    for share, low, high, purchase, _ in parts:
        if purchase.maker is None:
            unknown += share
            continue
        holder = _seller(purchase.maker, by)
        sums[holder] = [a + b for a, b in zip(sums[holder], (share, low, high), strict=True)]
        if holder not in largest or share > largest[holder][0]:
            largest[holder] = (share, purchase)
    if not sums:
        return {**_NOBODY, "unknown": unknown}
    leader = min(sums, key=lambda name: (-sums[name][0], name))
    share, low, high = (min(1.0, value) for value in sums[leader])
    purchase = largest[leader][1]
    sole = _is_sole(economy, product, by)
    return {
        "supplier": leader,
        "share": share,
        # Who buys at all buys from the only maker.
        "low": share if sole else low,
        "high": high,
        "source": _source(share, high, purchase.step, sole=sole),
        "suppliers": sum(values[0] > _SEEN for values in sums.values()),
        "unknown": unknown,
        "step": purchase.step,
        "status": purchase.status,
        "ref": purchase.ref,
    }


def _seller(maker: Maker, by: Seller) -> str:
    if by == "firm":
        return maker.firm or f"other makers ({maker.country})"
    return maker.home if by == "hq" else maker.country


def _is_sole(economy: Economy, product: str, by: Seller) -> bool:
    market = markets(economy.network, economy.date).market(product)
    sellers = {_seller(maker, by) for maker in market.makers if maker.share > _SEEN}
    return len(sellers) == 1 and market.unattributed <= _ROUNDING


def _source(share: float, high: float, step: int, *, sole: bool) -> str:
    if step == 2:
        return "own"
    if share >= SINGLE:
        return "sole" if sole else "single"
    # A supplier that is listed without a share may have all of it.
    return "possible" if step == 3 and high >= SINGLE else ""


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


def _closures(economy: Economy, by: Closure) -> dict[str, IntArray]:
    """Nodes of every closure of a kind, by its name in the syntax of shocks."""
    parts: dict[str, Callable[[Maker], str]] = {
        "plant": lambda node: node.plant if node.firm else "",
        "firm": lambda node: node.firm,
        "country": lambda node: node.country,
        "product": lambda node: node.product,
        "country-product": lambda node: f"{node.country}:{node.product}",
    }
    if by not in parts:
        raise UsageError(f"cannot close by {by!r}; use {', '.join(parts)}.")
    sets: dict[str, list[int]] = defaultdict(list)
    for i, node in enumerate(economy.nodes):
        name = parts[by](node)
        if name and node.step != "planned":
            sets[name].append(i)
    return {name: np.array(nodes) for name, nodes in sorted(sets.items())}


def _target(network: SupplyNetwork, economy: Economy, target: str) -> FloatArray:
    """Weights of a target's plants: their shares of its output."""
    mask = economy.mask(parse_selector(target).resolve(network))
    if not mask.any():
        raise UsageError(f"{target!r} means no plant in production in {economy.date}.")
    products = {economy.nodes[i].product for i in np.flatnonzero(mask)}
    if len(products) > 1:
        made = ", ".join(sorted(products))
        raise UsageError(f"{target!r} makes {made}: say which, as in {target}:{min(products)}.")
    weights: FloatArray = np.where(mask, [node.share for node in economy.nodes], 0.0)
    if weights.sum() == 0:
        # No plant holds a share of the world's output: they count alike.
        weights = mask.astype(np.float64)
    weights /= weights.sum()
    return weights


_BATCH = 256


def _losses(
    economy: Economy, closed: Sequence[IntArray], weights: FloatArray, *, include_capital: bool
) -> FloatArray:
    """Loss at a target for each set of closed nodes."""
    links = economy.links_with_capital if include_capital else economy.links
    losses = []
    for start in range(0, len(closed), _BATCH):
        batch = closed[start : start + _BATCH]
        psi = np.ones((links.n, len(batch)))
        for k, nodes in enumerate(batch):
            psi[nodes, k] = 0.0
        output, _ = settle(links, psi)
        losses.append(weights @ (1 - output))
    return np.concatenate(losses) if losses else np.zeros(0)


def exposure(
    network: SupplyNetwork,
    target: str,
    *,
    by: Closure = "firm",
    include_capital: bool = False,
    date: str | None = None,
) -> pd.DataFrame:
    """Who upstream hurts a target, and how much: the target's loss when each closes.

    Parameters
    ----------
    network
        The network.
    target
        Plants of one product, such as ``samsung:dram`` or ``KOR:hbm``.
    by
        What closes: every ``plant``, ``firm``, ``country``, ``product`` or ``country-product``.
    include_capital
        Treat capital goods as if they were consumed.
    date
        A year or date; None is the network's own year.

    Returns
    -------
    DataFrame
        ``closure``, ``loss`` of the target's output (with nobody stepping in), and
        ``capital_exposure``: share of the target's tool suppliers that is hit; largest first,
        without those that do nothing.

    Raises
    ------
    UsageError
        The target is not plants of one product.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.exposure(cn.load("japan-korea"), "samsung:dram").set_index("closure")
    >>> float(table.loc["asml", "loss"]), float(table.loc["asml", "capital_exposure"]) > 0.9
    (0.0, True)
    """
    economy = compile_network(network, date)
    weights = _target(network, economy, target)
    closures = _closures(economy, by)
    # Closing the target itself says nothing about its suppliers.
    own = set(np.flatnonzero(weights))
    closures = {name: nodes for name, nodes in closures.items() if not own <= set(nodes)}
    losses = _losses(economy, list(closures.values()), weights, include_capital=include_capital)
    capital = economy.capital_links
    tools = []
    for nodes in closures.values():
        hit = np.ones(capital.n)
        hit[nodes] = 0.0
        at = np.zeros(capital.n)
        if len(capital.supplier):
            np.maximum.at(at, capital.group_buyer, lost_shares(capital, hit))
        tools.append(float(weights @ at))
    table = pd.DataFrame({"closure": list(closures), "loss": losses, "capital_exposure": tools})
    table = table[(table["loss"] > _SEEN) | (table["capital_exposure"] > _SEEN)]
    return table.sort_values(
        ["loss", "capital_exposure", "closure"], ascending=[False, False, True], ignore_index=True
    )


def cut_sets(
    network: SupplyNetwork,
    target: str,
    *,
    size: Literal[1, 2] = 1,
    by: Literal["plant", "firm", "country"] = "firm",
    loss: float = STOPPED,
    date: str | None = None,
) -> pd.DataFrame:
    """Smallest sets of closures that stop a target, exactly.

    Only sets of which no part stops the target by itself are listed. Pairs are found by trying
    every pair whose single losses add up to ``loss``: with nobody stepping in, a pair never
    loses more than its parts together, so no other pair can stop the target.

    Parameters
    ----------
    network
        The network.
    target
        Plants of one product, such as ``samsung:hbm``.
    size
        Largest size of a set, 1 or 2.
    by
        What closes: a ``plant``, a ``firm`` or a ``country``.
    loss
        The target is stopped when it loses at least this share of its output.
    date
        A year or date; None is the network's own year.

    Returns
    -------
    DataFrame
        ``size``, ``closures`` (joined by `` + ``), ``loss``; singles first, largest loss first.

    Raises
    ------
    UsageError
        The target is not plants of one product, or a number is out of range.

    Examples
    --------
    >>> import chainnet as cn
    >>> cuts = cn.cut_sets(cn.load("japan-korea"), "sk_hynix:hbm")
    >>> "namics" in set(cuts["closures"])
    True
    """
    if size not in (1, 2):
        raise UsageError(f"cut sets of size {size} are not offered; use 1 or 2.")
    if not 0 < loss <= 1:
        raise UsageError(f"a loss of {loss} stops nothing; give a share in (0, 1].")
    economy = compile_network(network, date)
    weights = _target(network, economy, target)
    own = set(np.flatnonzero(weights))
    closures = {name: nodes for name, nodes in _closures(economy, by).items() if not own & set(nodes)}
    names = list(closures)
    alone = _losses(economy, list(closures.values()), weights, include_capital=False)
    rows = [
        (1, name, float(value)) for name, value in zip(names, alone, strict=True) if value >= loss - _SEEN
    ]
    if size == 2:
        rest = [k for k in range(len(names)) if _SEEN < alone[k] < loss - _SEEN]
        pairs = [(a, b) for a, b in combinations(rest, 2) if alone[a] + alone[b] >= loss - _SEEN]
        both = [np.concatenate([closures[names[a]], closures[names[b]]]) for a, b in pairs]
        values = _losses(economy, both, weights, include_capital=False)
        rows += [
            (2, f"{names[a]} + {names[b]}", float(value))
            for (a, b), value in zip(pairs, values, strict=True)
            if value >= loss - _SEEN
        ]
    table = pd.DataFrame(rows, columns=["size", "closures", "loss"])
    return table.sort_values(["size", "loss", "closures"], ascending=[True, False, True], ignore_index=True)


def stopping_firms(network: SupplyNetwork, *, loss: float = STOPPED, date: str | None = None) -> pd.DataFrame:
    """Firms that alone stop a maker of a device: cut sets of size 1 for every firm and device.

    Parameters
    ----------
    network
        The network.
    loss
        A maker is stopped when it loses at least this share of its output.
    date
        A year or date; None is the network's own year.

    Returns
    -------
    DataFrame
        ``target`` (firm:product), ``closure`` (the firm closed), ``loss``.

    Examples
    --------
    >>> import chainnet as cn
    >>> cuts = stopping_firms(cn.load("japan-korea"))
    >>> bool((cuts["closure"] == "asml").any())
    False
    """
    economy = compile_network(network, date)
    devices = set(network.products.loc[network.products["class"] == "device", "product"])
    targets: dict[str, list[int]] = defaultdict(list)
    for i, node in enumerate(economy.nodes):
        if node.firm and node.product in devices and node.step != "planned":
            targets[f"{node.firm}:{node.product}"].append(i)
    weights = np.zeros((len(targets), len(economy.nodes)))
    for k, nodes in enumerate(targets.values()):
        shares = np.array([economy.nodes[i].share for i in nodes])
        weights[k, nodes] = shares / shares.sum() if shares.sum() > 0 else 1 / len(nodes)
    closures = _closures(economy, "firm")
    psi = np.ones((len(economy.nodes), len(closures)))
    for k, closed in enumerate(closures.values()):
        psi[closed, k] = 0.0
    lost = weights @ (1 - settle(economy.links, psi)[0])
    rows = [
        (target, closure, float(lost[k, c]))
        for k, target in enumerate(targets)
        for c, closure in enumerate(closures)
        if lost[k, c] >= loss - _SEEN and target.split(":")[0] != closure
    ]
    table = pd.DataFrame(rows, columns=["target", "closure", "loss"])
    return table.sort_values(["target", "loss", "closure"], ascending=[True, False, True], ignore_index=True)
