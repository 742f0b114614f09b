"""Partnerships as counterfactuals: the graph with them and without them.

A partnership in force is already in the tables; its effects say which rows stand for it. Taking
it away removes those rows, adding a proposed one puts its rows in, as if it worked today. What a
partnership changes in time (stocks, qualification, licences, alerts) is in no table: it acts only
when it is put in, as a lever of the network. What is assumed is printed with every result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from chainnet.checks import stranded_purchases
from chainnet.errors import UnknownNameError, UsageError
from chainnet.levers import TIMES, lever
from chainnet.markets import as_of
from chainnet.network import SupplyNetwork
from chainnet.ranges import triangle
from chainnet.scenarios import Scenario
from chainnet.tables import append_row, records

_Change = Callable[
    [SupplyNetwork, pd.DataFrame, pd.DataFrame, dict[str, Any]], tuple[pd.DataFrame, pd.DataFrame]
]

#: Effects that change who makes or buys what; the others act on time or on cost.
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
    columns = ["partnership", "name", "state", "operational", "effects", "in_force", "status"]
    return pd.DataFrame(rows, columns=columns)


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
    network: SupplyNetwork,
    partnerships: Iterable[str],
    *,
    lapsed: bool = False,
    at: Mapping[str, float] | None = None,
) -> SupplyNetwork:
    """Return the network with partnerships at work today.

    Plants and purchases of those in force are in the tables already. Effects on time act from now
    on: see :attr:`chainnet.SupplyNetwork.levers`.

    Parameters
    ----------
    network
        The network.
    partnerships
        Their ids.
    lapsed
        Allow lapsed ones.
    at
        At which quantile of its ranges each partnership acts; None, and for those left out, at the
        values of effects.csv.

    Returns
    -------
    SupplyNetwork
        A new network, checked.

    Raises
    ------
    UnknownNameError
        There is no such partnership.
    UsageError
        One has lapsed, and ``lapsed`` is not given; or two contradict each other.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> cn.with_partnerships(net, []) is net
    True
    """
    effects = effects_of(network, partnerships, lapsed=lapsed, at=at)
    changed = _apply(network, [row for row in effects if row["effect"] in STRUCTURAL], _add)
    kept = {held.partnership: held for held in network.levers}
    levers = [lever(row) for row in effects if row["effect"] in TIMES and row["partnership"] not in kept]
    return changed.with_levers([*network.levers, *levers]) if levers else changed


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
        A new network, checked. What a removed plant made, its firm makes elsewhere if only the
        firm's total is known, else everybody else in proportion; what a removed supplier sold goes
        back to whom it replaced, if the effect says so, else to the others.

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
    chosen = set(partnerships)
    effects = [
        row for row in effects_of(network, chosen, lapsed=True, together=False) if row["effect"] in STRUCTURAL
    ]
    # Purchases first: with its plant gone, nobody would know what a supplier sold.
    changed = _apply(network, sorted(effects, key=lambda row: row["effect"], reverse=True), _take)
    levers = [held for held in network.levers if held.partnership not in chosen]
    return changed.with_levers(levers) if len(levers) < len(network.levers) else changed


def arranged(network: SupplyNetwork, scenario: Scenario) -> tuple[SupplyNetwork, Scenario]:
    """Put the partnerships that a scenario names into the network, and take out those it does without.

    Parameters
    ----------
    network
        The network.
    scenario
        What happens, and which partnerships are at work and which are not.

    Returns
    -------
    network : SupplyNetwork
        The network that the scenario speaks of.
    scenario : Scenario
        What happens to it; no partnership is left in it.

    Raises
    ------
    UnknownNameError
        There is no such partnership.
    UsageError
        One is to be there and not to be there; or two contradict each other.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> what = cn.Scenario("A day without JASM", removed=("jasm-1",))
    >>> cn.arranged(net, what)[1]
    Scenario(name='A day without JASM', ...)
    """
    both = sorted(set(scenario.added) & set(scenario.removed))
    if both:
        raise UsageError(f"{scenario.name} is to be with and without {', '.join(both)}: choose one.")
    changed = without_partnerships(network, scenario.removed) if scenario.removed else network
    return with_partnerships(changed, scenario.added), replace(scenario, added=(), removed=())


def effects_of(
    network: SupplyNetwork,
    partnerships: Iterable[str],
    *,
    lapsed: bool = False,
    at: Mapping[str, float] | None = None,
    together: bool = True,
) -> list[dict[str, Any]]:
    """Return the effects of partnerships.

    Parameters
    ----------
    network
        The network.
    partnerships
        Their ids.
    lapsed
        Allow lapsed ones.
    at
        At which quantile of its ranges each partnership acts.
    together
        Whether all are to act at once, so that none may contradict another.

    Returns
    -------
    list of dict
        Rows of effects.csv.

    Raises
    ------
    UnknownNameError
        There is no such partnership.
    UsageError
        One has lapsed, and ``lapsed`` is not given; or two contradict each other.
    """
    table = network.partnerships.set_index("partnership")
    chosen = list(dict.fromkeys(partnerships))
    for name in chosen:
        if name not in table.index:
            raise UnknownNameError(name, table.index, "partnership")
        if table.loc[name, "state"] == "lapsed" and not lapsed:
            raise UsageError(f"{name} has lapsed; allow it with lapsed=True (--lapsed).")
        against = set(str(table.loc[name, "excludes"]).split(";")) & set(chosen) if together else None
        if against:
            raise UsageError(f"{name} contradicts {', '.join(sorted(against))}: choose one of them.")
    effects = network.effects
    rows = records(effects[effects["partnership"].isin(chosen)])
    return [_drawn(row, at[row["partnership"]]) if at and row["partnership"] in at else row for row in rows]


def assumptions(network: SupplyNetwork, partnerships: Iterable[str]) -> list[str]:
    """Say in words what partnerships are taken to do, an effect a line, with its range and status.

    Parameters
    ----------
    network
        The network.
    partnerships
        Their ids.

    Returns
    -------
    list of str
        Such as ``p: 30 more days of stock of neon at KOR (15 to 100), assumed``.

    Examples
    --------
    >>> import chainnet as cn
    >>> assumptions(cn.load("japan-korea"), ["tok-songdo"])[0]
    "tok-songdo: tok makes 0.06 of the world's photoresist_euv in KOR (0.02 to 0.15), assumed"
    """
    rows = effects_of(network, partnerships, lapsed=True, together=False)
    return [f"{row['partnership']}: {_told(row)}" for row in rows]


def _told(row: dict[str, Any]) -> str:
    if row["effect"] in TIMES:
        return str(lever(row))
    known = not math.isnan(row["share"])
    ranged = f" ({row['low']:.2g} to {row['high']:.2g})" if row["low"] < row["high"] else ""
    if row["effect"] == "tariff":
        text = f"the tariff on {row['product']} from {row['country']} into {row['buyer']}"
        return f"{text} goes from {row['before']:.3g} to {row['after']:.3g}{ranged}, {row['status']}"
    if row["effect"] == "exchange_rate":
        text = f"swings of {row['country']}'s currency against {row['buyer']}'s"
        return f"{text} go from {row['before']:.3g} to {row['after']:.3g}{ranged}, {row['status']}"
    part = f"{row['share']:.2g}" if known else "an unknown part"
    if row["effect"] == "add_plant":
        text = f"{row['firm']} makes {part} of the world's {row['product']} in {row['country']}"
    else:
        text = f"{row['buyer']} buys {part} of its {row['product']} from {row['firm']}"
    return f"{text}{ranged}, {row['status']}"


def _drawn(row: dict[str, Any], quantile: float) -> dict[str, Any]:
    """Return an effect at a quantile of its range."""
    drawn = {
        name: triangle(row["low"], row[name], row["high"], quantile)
        for name in ("share", "days", "factor")
        if not any(math.isnan(row[part]) for part in ("low", name, "high"))
    }
    return {**row, **drawn}


def _apply(network: SupplyNetwork, effects: Sequence[dict[str, Any]], change: _Change) -> SupplyNetwork:
    plants, sourcing = network.plants, network.sourcing
    for effect in effects:
        plants, sourcing = change(network, plants, sourcing, effect)
    if plants.equals(network.plants) and sourcing.equals(network.sourcing):
        return network
    return network.replace(plants=plants, sourcing=sourcing)


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
    return append_row(plants, new)


def _make_room(network: SupplyNetwork, plants: pd.DataFrame, effect: dict[str, Any]) -> pd.DataFrame:
    """Scale the others' shares so that the new plant fits into the whole."""
    share = effect["share"]
    booked = _siblings(plants, effect)
    booked = booked[booked["share_of"] == "hq"]
    if booked["share"].sum() > 0:
        # The firm's total is known: the new plant takes its part from the firm's others.
        plants.loc[booked.index, "share"] *= max(0.0, 1 - share / booked["share"].sum())
        return plants
    return _scale_others(network, plants, effect, 1 - share)


def _siblings(plants: pd.DataFrame, plant: Mapping[str, Any]) -> pd.DataFrame:
    """Return the other plants of the firm that make the product."""
    same = (plants["firm"] == plant["firm"]) & (plants["product"] == plant["product"])
    rows: pd.DataFrame = plants[same & (plants["role"] == "production") & (plants["plant"] != plant["plant"])]
    return rows


def _scale_others(
    network: SupplyNetwork, plants: pd.DataFrame, plant: Mapping[str, Any], factor: float
) -> pd.DataFrame:
    """Scale the shares of everybody else; a country's total that holds the plant keeps the rest."""
    rows = plants[
        (plants["product"] == plant["product"])
        & plants["share"].notna()
        & (plants["role"] == "production")
        & (plants["plant"] != plant["plant"])
    ]
    home = network.home[plant["firm"]]
    own = np.where(rows["share_of"] == "hq", rows["country"] == home, rows["country"] == plant["country"])
    total = rows[(rows["firm"] == "") & own].index
    plants.loc[rows.index, "share"] *= factor
    plants.loc[total, "share"] += 1 - factor
    plants.loc[rows.index, "share"] = plants.loc[rows.index, "share"].clip(0, 1)
    return plants


def _qualify(network: SupplyNetwork, sourcing: pd.DataFrame, effect: dict[str, Any]) -> pd.DataFrame:
    share, year = effect["share"], float(as_of(network))
    row = {key: effect[key] for key in ("buyer", "product", "status", "ref")}
    row |= {
        "supplier": effect["firm"],
        "year": year,
        "basis": "purchases",
        "note": f"as if at work: {effect['partnership']}",
    }
    same = (sourcing["buyer"] == effect["buyer"]) & (sourcing["product"] == effect["product"])
    sourcing = sourcing[~(same & (sourcing["supplier"] == effect["firm"]))].copy()
    if not share > 0:
        return append_row(sourcing, {**row, "state": "qualified"})
    numeric = _newest_figures(sourcing, effect, year)
    replaced = numeric[numeric["supplier"] == effect["replaces"]]
    if len(replaced):
        sourcing.loc[replaced.index, "share"] = (replaced["share"] - share).clip(lower=0)
    else:
        # The newest figures share what the new supplier leaves.
        sourcing.loc[numeric.index, "share"] *= 1 - share
    sourcing.loc[numeric.index, "year"] = year
    sourcing.loc[numeric.index, ["low", "high"]] = float("nan")
    return append_row(sourcing, {**row, "share": share, "state": "active"})


def _newest_figures(sourcing: pd.DataFrame, effect: dict[str, Any], year: float) -> pd.DataFrame:
    same = (sourcing["buyer"] == effect["buyer"]) & (sourcing["product"] == effect["product"])
    numeric = sourcing[
        same & sourcing["share"].notna() & (sourcing["state"] == "active") & (sourcing["year"] <= year)
    ]
    rows: pd.DataFrame = numeric[numeric["year"] == numeric["year"].max()]
    return rows


def _disqualify(network: SupplyNetwork, sourcing: pd.DataFrame, effect: dict[str, Any]) -> pd.DataFrame:
    """Take a supplier away; what it sold goes back to whom it replaced, if that is known."""
    year = float(as_of(network))
    numeric = _newest_figures(sourcing, effect, year)
    sold = numeric.loc[numeric["supplier"] == effect["firm"], "share"].sum()
    sourcing = sourcing.drop(index=_sourcing_rows(sourcing, effect).index)
    if not effect["replaces"] or not sold:
        return sourcing
    before = numeric[numeric["supplier"] == effect["replaces"]]
    if len(before):
        sourcing.loc[before.index, "share"] += sold
        sourcing.loc[before.index, ["low", "high"]] = float("nan")
        return sourcing
    same = (sourcing["buyer"] == effect["buyer"]) & (sourcing["product"] == effect["product"])
    sourcing = sourcing[~(same & (sourcing["supplier"] == effect["replaces"]))]
    row = {key: effect[key] for key in ("buyer", "product", "ref")}
    row |= {"supplier": effect["replaces"], "share": sold, "basis": "purchases", "state": "active"}
    newest = float(numeric["year"].max())
    note = f"as if without {effect['partnership']}"
    return append_row(sourcing, {**row, "year": newest, "status": "assumed", "note": note})


def _take(
    network: SupplyNetwork, plants: pd.DataFrame, sourcing: pd.DataFrame, effect: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    if effect["effect"] == "qualify":
        return plants, _disqualify(network, sourcing, effect)
    row = plants[plants["plant"] == effect["plant"]]
    if row.empty or not _in_force(network, effect):
        return plants, sourcing
    gone = row.iloc[0]
    siblings = _siblings(plants, gone)
    # A partnership may stand for a part of what the plant makes.
    part = min(gone["share"], effect["share"]) if effect["share"] > 0 else gone["share"]
    plants.loc[row.index, "share"] -= part
    if gone["share_of"] == "hq" and part > 0 and siblings["share"].sum() > 0:
        # The firm's total is known: its others make the part.
        plants.loc[siblings.index, "share"] *= 1 + part / siblings["share"].sum()
    elif 0 < part < 1:
        # Everybody else makes it, in proportion: as in adding a plant, turned round.
        plants = _scale_others(network, plants, gone, 1 / (1 - part))
        plants.loc[row.index, "share"] /= 1 - part
    if part < gone["share"]:
        return plants, sourcing
    plants = plants.drop(index=row.index)
    # Nobody buys from a firm that no longer makes the product, nor does one that makes nothing.
    left = {**network.tables, "plants": plants, "sourcing": sourcing}
    sourcing = sourcing.drop(index=stranded_purchases(left))
    return plants, sourcing
