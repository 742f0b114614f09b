"""Partnerships as counterfactuals: the graph with them and without them.

A partnership in force is already in the tables; its effects say which rows stand for it. Taking
it away removes those rows, adding a proposed one puts its rows in, as if it worked today. What
is assumed about it is printed with every result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pandas as pd

from chainnet.cascade import disrupt
from chainnet.checks import stranded_purchases
from chainnet.closures import STOPPED, stopping_firms
from chainnet.concentrations import concentration
from chainnet.dependences import SINGLE, dependence
from chainnet.errors import UnknownNameError, UsageError
from chainnet.markets import as_of
from chainnet.network import SupplyNetwork
from chainnet.scenarios import Scenario
from chainnet.tables import records

_Change = Callable[
    [SupplyNetwork, pd.DataFrame, pd.DataFrame, dict[str, Any]], tuple[pd.DataFrame, pd.DataFrame]
]

#: Effects that change who makes or buys what; the others act on time, and not in this model.
STRUCTURAL = ("add_plant", "qualify")


def partnership_table(network: SupplyNetwork) -> pd.DataFrame:
    """Partnerships with what each changes in the structure of the graph today.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    DataFrame
        ``partnership, name, state, operational, effects`` (how many of each kind),
        ``in_force`` (``yes``, ``partly``, ``no``; empty where nothing structural is known) and
        ``status`` of its figures.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = partnership_table(cn.load("japan-korea")).set_index("partnership")
    >>> table.loc["jasm-1", "in_force"], table.loc["samsung-yokohama", "in_force"]
    ('yes', '')
    """
    effects = network.effects
    rows = []
    for row in records(network.partnerships):
        own = effects[effects["partnership"] == row["partnership"]]
        counts = own["effect"].value_counts().sort_index()
        structural = own[own["effect"].isin(STRUCTURAL)]
        active = [_in_force(network, effect) for effect in records(structural)]
        rows.append(
            {
                **{key: row[key] for key in ("partnership", "name", "state", "operational")},
                "effects": ", ".join(f"{n} {effect}" for effect, n in counts.items()),
                "in_force": "" if not active else "yes" if all(active) else "partly" if any(active) else "no",
                "status": ", ".join(sorted(set(own["status"]))),
            }
        )
    return pd.DataFrame(rows)


def _in_force(network: SupplyNetwork, effect: dict[str, Any]) -> bool:
    if effect["effect"] == "add_plant":
        plants = network.plants
        row = plants[plants["plant"] == effect["plant"]]
        if row.empty or row["role"].iloc[0] != "production":
            return False
        return str(row["start"].iloc[0])[:4] <= as_of(network)
    rows = _sourcing_rows(network.sourcing, effect)
    # A supplier that is only qualified does not ship yet.
    ships = (rows["state"] == "active") | (not effect["share"] > 0)
    return bool((ships & (rows["year"] <= float(as_of(network)))).any())


def _sourcing_rows(sourcing: pd.DataFrame, effect: dict[str, Any]) -> pd.DataFrame:
    same = (sourcing["buyer"] == effect["buyer"]) & (sourcing["product"] == effect["product"])
    ships = sourcing["state"].isin(["active", "qualified"])
    rows: pd.DataFrame = sourcing[same & ships & (sourcing["supplier"] == effect["firm"])]
    return rows


def with_partnerships(
    network: SupplyNetwork, partnerships: Iterable[str], *, lapsed: bool = False
) -> SupplyNetwork:
    """Return the network with partnerships at work today; those in force already change nothing.

    Parameters
    ----------
    network
        The network.
    partnerships
        Their ids.
    lapsed
        Allow lapsed ones.

    Returns
    -------
    SupplyNetwork
        A new network, checked.

    Raises
    ------
    UnknownNameError
        There is no such partnership.
    UsageError
        It has lapsed, and ``lapsed`` is not given.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> cn.with_partnerships(net, []) is net
    True
    """
    return _apply(network, _effects_of(network, partnerships, lapsed=lapsed), _add)


def without_partnerships(network: SupplyNetwork, partnerships: Iterable[str]) -> SupplyNetwork:
    """Return the network as if partnerships in force did not exist.

    Parameters
    ----------
    network
        The network.
    partnerships
        Their ids.

    Returns
    -------
    SupplyNetwork
        A new network, checked. What a removed plant made is nobody's in particular, unless its
        firm makes the product elsewhere too and only its total is known.

    Raises
    ------
    UnknownNameError
        There is no such partnership.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> "jasm_f1-logic_mature" in set(cn.without_partnerships(net, ["jasm-1"]).plants["plant"])
    False
    """
    return _apply(network, _effects_of(network, partnerships, lapsed=True), _take)


def _effects_of(network: SupplyNetwork, partnerships: Iterable[str], *, lapsed: bool) -> list[dict[str, Any]]:
    table = network.partnerships.set_index("partnership")
    chosen = list(dict.fromkeys(partnerships))
    for name in chosen:
        if name not in table.index:
            raise UnknownNameError(name, table.index, "partnership")
        if table.loc[name, "state"] == "lapsed" and not lapsed:
            raise UsageError(f"{name} has lapsed; allow it with lapsed=True (--lapsed).")
    effects = network.effects
    return [
        effect
        for effect in records(effects[effects["partnership"].isin(chosen)])
        if effect["effect"] in STRUCTURAL
    ]


def _apply(network: SupplyNetwork, effects: Sequence[dict[str, Any]], change: _Change) -> SupplyNetwork:
    plants, sourcing = network.plants, network.sourcing
    for effect in effects:
        plants, sourcing = change(network, plants, sourcing, effect)
    if plants.equals(network.plants) and sourcing.equals(network.sourcing):
        return network
    return network.replace(plants=plants, sourcing=sourcing)


def _append(frame: pd.DataFrame, row: dict[str, Any]) -> pd.DataFrame:
    new = {
        column: row.get(column, float("nan") if frame[column].dtype == "float64" else "")
        for column in frame.columns
    }
    index = int(frame.index.max()) + 1 if len(frame) else 2
    return pd.concat([frame, pd.DataFrame([new], index=[index]).astype(frame.dtypes.to_dict())])


def _add(
    network: SupplyNetwork, plants: pd.DataFrame, sourcing: pd.DataFrame, effect: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    if _in_force(network, effect):
        return plants, sourcing
    if effect["effect"] == "add_plant":
        return _add_plant(network, plants, effect), sourcing
    return plants, _qualify(network, sourcing, effect)


def _add_plant(network: SupplyNetwork, plants: pd.DataFrame, effect: dict[str, Any]) -> pd.DataFrame:
    share, year = effect["share"], float(as_of(network))
    if share > 0:
        plants = _make_room(network, plants, effect)
    figure = (
        {"share": share, "share_of": "location", "basis": "capacity", "year": year}
        if not math.isnan(share)
        else {}
    )
    row = {key: effect[key] for key in ("plant", "firm", "product", "country", "region", "status", "ref")}
    new = {
        **row,
        **figure,
        "role": "production",
        "start": "",
        "note": f"as if at work: {effect['partnership']}",
    }
    old = plants[plants["plant"] == effect["plant"]]
    if len(old):
        new = {**old.iloc[0].to_dict(), **new, "region": old["region"].iloc[0]}
        plants = plants.drop(index=old.index)
    return _append(plants, new)


def _make_room(network: SupplyNetwork, plants: pd.DataFrame, effect: dict[str, Any]) -> pd.DataFrame:
    """Scale the others' shares so that the new plant fits into the whole."""
    share, firm, home = effect["share"], effect["firm"], network.home[effect["firm"]]
    rows = plants[
        (plants["product"] == effect["product"]) & plants["share"].notna() & (plants["role"] == "production")
    ]
    rows = rows[rows["plant"] != effect["plant"]]
    booked = rows[(rows["firm"] == firm) & (rows["share_of"] == "hq")]
    if booked["share"].sum() > 0:
        # The firm's total is known: the new plant takes its part from the firm's others.
        factor = max(0.0, 1 - share / booked["share"].sum())
        plants.loc[booked.index, "share"] *= factor
        return plants
    own_country = np.where(
        rows["share_of"] == "hq", rows["country"] == home, rows["country"] == effect["country"]
    )
    others = rows[~((rows["firm"] == "") & own_country)]
    plants.loc[others.index, "share"] *= 1 - share
    return plants


def _qualify(network: SupplyNetwork, sourcing: pd.DataFrame, effect: dict[str, Any]) -> pd.DataFrame:
    share, year = effect["share"], float(as_of(network))
    same = (sourcing["buyer"] == effect["buyer"]) & (sourcing["product"] == effect["product"])
    row = {key: effect[key] for key in ("buyer", "product", "status", "ref")}
    row |= {
        "supplier": effect["firm"],
        "year": year,
        "basis": "purchases",
        "note": f"as if at work: {effect['partnership']}",
    }
    sourcing = sourcing[~(same & (sourcing["supplier"] == effect["firm"]))].copy()
    if not share > 0:
        return _append(sourcing, {**row, "state": "qualified"})
    same = same.reindex(sourcing.index)
    numeric = sourcing[
        same & sourcing["share"].notna() & (sourcing["state"] == "active") & (sourcing["year"] <= year)
    ]
    numeric = numeric[numeric["year"] == numeric["year"].max()]
    # The newest figures share what the new supplier leaves.
    sourcing.loc[numeric.index, "share"] *= 1 - share
    sourcing.loc[numeric.index, "year"] = year
    return _append(sourcing, {**row, "share": share, "state": "active"})


def _take(
    network: SupplyNetwork, plants: pd.DataFrame, sourcing: pd.DataFrame, effect: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    if effect["effect"] == "qualify":
        return plants, sourcing.drop(index=_sourcing_rows(sourcing, effect).index)
    row = plants[plants["plant"] == effect["plant"]]
    if row.empty:
        return plants, sourcing
    gone = row.iloc[0]
    siblings = plants[
        (plants["firm"] == gone["firm"])
        & (plants["product"] == gone["product"])
        & (plants["role"] == "production")
        & (plants["plant"] != gone["plant"])
    ]
    # A partnership may stand for a part of what the plant makes.
    part = min(effect["share"], gone["share"]) if effect["share"] > 0 else gone["share"]
    if gone["share_of"] == "hq" and part > 0 and siblings["share"].sum() > 0:
        plants.loc[siblings.index, "share"] *= 1 + part / siblings["share"].sum()
    if part < gone["share"]:
        plants.loc[row.index, "share"] -= part
        return plants, sourcing
    plants = plants.drop(index=row.index)
    # Nobody buys from a firm that no longer makes the product, nor does one that makes nothing.
    left = {**network.tables, "plants": plants, "sourcing": sourcing}
    sourcing = sourcing.drop(index=stranded_purchases(left))
    return plants, sourcing


def compare(
    before: SupplyNetwork,
    after: SupplyNetwork,
    *,
    scenario: Scenario | None = None,
    only: Literal["JPN", "KOR"] | None = None,
) -> pd.DataFrame:
    """Structural dependence of one network beside another.

    Parameters
    ----------
    before, after
        Two networks, such as one without and one with a partnership.
    scenario
        Also compare the structural loss under this shock.
    only
        Count only buyers in this country (by head office).

    Returns
    -------
    DataFrame
        ``measure, before, after, change``:

        - pairs of buyer and input that rely on one firm, or on one country (90 % or more);
        - mean HHI of the products, by firm and by country;
        - single firms whose closure stops a maker of a device (size-1 cut sets);

        the pairs and cut sets are those of buyers that both networks have, since a new plant
        depends on others like any plant and makes nobody else depend more;

        - loss of each device under the scenario, by country.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> bool((cn.compare(net, net)["change"] == 0).all())
    True
    """
    old, new = _readings(before, scenario, only), _readings(after, scenario, only)
    rows = []
    for name in dict.fromkeys([*old, *new]):
        one, two = old.get(name, {}), new.get(name, {})
        # A new plant is a new buyer: what it depends on is no change for those who were there.
        both = (
            one.keys() & two.keys()
            if name in (_PAIRS["firm"], _PAIRS["country"], _STOP)
            else one.keys() | two.keys()
        )
        rows.append((name, sum(one.get(k, 0.0) for k in both), sum(two.get(k, 0.0) for k in both)))
    table = pd.DataFrame(rows, columns=["measure", "before", "after"])
    return table.assign(change=table["after"] - table["before"])


_PAIRS = {by: f"buyer-input pairs with {SINGLE:.0%} or more from one {by}" for by in ("firm", "country")}
_STOP = f"single firms that stop a device maker (loss of {STOPPED:.0%} or more)"


@lru_cache(maxsize=4)
def _readings(
    network: SupplyNetwork, scenario: Scenario | None, only: str | None
) -> dict[str, dict[Hashable, float]]:
    """Return readings by measure; those that count say what they count, to be compared one by one."""
    found: dict[str, dict[Hashable, float]] = {}
    by: Literal["firm", "country"]
    for by in ("firm", "country"):
        pairs = dependence(network, by=by)
        if only:
            pairs = pairs[pairs["buyer"].map(network.home) == only]
        keys = zip(pairs["buyer"], pairs["makes"], pairs["input"], strict=True)
        single = pairs["source"].isin(["sole", "single"]).astype(float)
        found[_PAIRS[by]] = dict(zip(keys, single, strict=True))
    for by in ("firm", "country"):
        found[f"mean HHI by {by}"] = {"": float(concentration(network, by=by)["hhi"].mean())}
    stops = stopping_firms(network, loss=0.0)
    if only:
        stops = stops[stops["target"].str.split(":").str[0].map(network.home) == only]
    counts = (stops["loss"] >= STOPPED).groupby(stops["target"]).sum()
    found[_STOP] = {str(target): float(n) for target, n in counts.items()}
    if scenario is not None:
        devices = network.products.set_index("product")["class"]
        losses = disrupt(network, scenario).by("country")
        for row in records(losses[losses["product"].map(devices) == "device"]):
            if only is None or row["country"] == only:
                name = f"loss of {row['country']}:{row['product']} under {scenario.name}"
                found[name] = {"": float(row["loss"])}
    return found


def compare_partnerships(
    network: SupplyNetwork,
    partnerships: Sequence[str] | None = None,
    *,
    scenario: Scenario | None = None,
    only: Literal["JPN", "KOR"] | None = None,
    together: bool = False,
) -> pd.DataFrame:
    """Compare structural dependence without and with each partnership.

    Parameters
    ----------
    network
        The network.
    partnerships
        Their ids; None is all that have not lapsed.
    scenario
        Also compare the structural loss under this shock.
    only
        Count only buyers in this country (by head office).
    together
        Take them away, and add them, all at once instead of one by one.

    Returns
    -------
    DataFrame
        ``partnership, measure, before, after, change``. A partnership without structural effects
        changes nothing yet: its rows hold no measure.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.compare_partnerships(cn.load("japan-korea"), ["samsung-yokohama"])
    >>> table["measure"].tolist()
    ['no structural effect']
    """
    table = network.partnerships
    chosen = (
        list(table.loc[table["state"] != "lapsed", "partnership"])
        if partnerships is None
        else list(partnerships)
    )
    sets = [chosen] if together else [[name] for name in chosen]
    frames = []
    for names in sets:
        label = " + ".join(names)
        if not _effects_of(network, names, lapsed=True):
            nothing = pd.DataFrame(
                [{"measure": "no structural effect", "before": 0.0, "after": 0.0, "change": 0.0}]
            )
            frames.append(nothing.assign(partnership=label))
            continue
        before, after = without_partnerships(network, names), with_partnerships(network, names, lapsed=True)
        frames.append(compare(before, after, scenario=scenario, only=only).assign(partnership=label))
    columns = ["partnership", "measure", "before", "after", "change"]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)
