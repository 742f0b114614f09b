"""Structural dependence of one network beside another: what partnerships change, and what not yet."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Literal

import pandas as pd

from chainnet.cascade import disrupt
from chainnet.closures import STOPPED, stopping_firms
from chainnet.concentrations import concentration
from chainnet.dependences import SINGLE, dependence
from chainnet.network import SupplyNetwork
from chainnet.partnerships import STRUCTURAL, effects_of, with_partnerships, without_partnerships
from chainnet.scenarios import Scenario
from chainnet.tables import records


def compare(
    before: SupplyNetwork,
    after: SupplyNetwork,
    scenarios: Sequence[Scenario] = (),
    *,
    only: Literal["JPN", "KOR"] | None = None,
) -> pd.DataFrame:
    """Structural dependence of one network beside another.

    Parameters
    ----------
    before, after
        Two networks, such as one without and one with a partnership.
    scenarios
        Also compare the structural loss under each of these.
    only
        Count only buyers in this country (by head office).

    Returns
    -------
    DataFrame
        ``measure, before, after, change``:

        - pairs of buyer and input that are known to rest on one firm, or on one foreign country
          (90 % or more; on more than the world market's shares, unless there is a sole source);
        - products made by one firm, or in one country (90 % or more), and mean HHI: of the whole
          world, so not with ``only``;
        - single firms whose closure stops a maker of a device (size-1 cut sets);

        the pairs and cut sets are those of buyers that both networks have, since a new plant
        depends on others like any plant and makes nobody else depend more;

        - loss of each device under each scenario, by country.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> bool((cn.compare(net, net)["change"] == 0).all())
    True
    """
    chosen = tuple(scenarios)
    old, new = _readings(before, chosen, only), _readings(after, chosen, only)
    rows = []
    for name in dict.fromkeys([*old, *new]):
        one, two = old.get(name, {}), new.get(name, {})
        # A new plant is a new buyer: what it depends on is no change for those who were there.
        both = one.keys() & two.keys() if name in _OF_BUYERS else one.keys() | two.keys()
        rows.append((name, sum(one.get(k, 0.0) for k in both), sum(two.get(k, 0.0) for k in both)))
    table = pd.DataFrame(rows, columns=["measure", "before", "after"])
    change = table["after"] - table["before"]
    return table.assign(change=change.where(change.abs() > _DUST, 0.0))


_DUST = 1e-12
_PAIRS = {
    "firm": f"pairs of buyer and input known to rest on one firm ({SINGLE:.0%} or more)",
    "country": f"pairs of buyer and input known to rest on one foreign country ({SINGLE:.0%} or more)",
}
_STOP = f"single firms that stop a device maker (loss of {STOPPED:.0%} or more)"
_OF_BUYERS = (*_PAIRS.values(), _STOP)


@lru_cache(maxsize=4)
def _readings(
    network: SupplyNetwork, scenarios: tuple[Scenario, ...], only: str | None
) -> dict[str, dict[Hashable, float]]:
    """Return readings by measure; those that count say what they count, to be compared one by one."""
    found: dict[str, dict[Hashable, float]] = {}
    by: Literal["firm", "country"]
    for by in ("firm", "country"):
        pairs = dependence(network, by=by)
        home = pairs["buyer"].map(network.home)
        # What rests on the world market alone (rung 5) is counted once, by product, below.
        known = (pairs["step"] <= 4) | (pairs["source"] == "sole")
        single = pairs["source"].isin(["sole", "single"]) & known & (pairs["supplier"] != home)
        keys = zip(pairs["buyer"], pairs["makes"], pairs["input"], strict=True)
        inside = home == only if only else home.notna()
        found[_PAIRS[by]] = {key: float(s) for key, s, ok in zip(keys, single, inside, strict=True) if ok}
    if not only:
        for by in ("firm", "country"):
            table = concentration(network, by=by)
            place = "by one firm" if by == "firm" else "in one country"
            found[f"products made {place} ({SINGLE:.0%} or more)"] = {
                "": float((table["cr1"] >= SINGLE).sum())
            }
            found[f"mean HHI by {by}"] = {"": float(table["hhi"].mean())}
    stops = stopping_firms(network, loss=0.0)
    if only:
        stops = stops[stops["target"].str.split(":").str[0].map(network.home) == only]
    counts = (stops["loss"] >= STOPPED).groupby(stops["target"]).sum()
    found[_STOP] = {str(target): float(n) for target, n in counts.items()}
    for scenario in scenarios:
        found |= _device_losses(network, scenario, only)
    return found


def _device_losses(
    network: SupplyNetwork, scenario: Scenario, only: str | None
) -> dict[str, dict[Hashable, float]]:
    devices = network.products.set_index("product")["class"]
    losses = disrupt(network, scenario).by("country")
    return {
        f"loss of {row['country']}:{row['product']} under {scenario.name}": {"": float(row["loss"])}
        for row in records(losses[losses["product"].map(devices) == "device"])
        if only is None or row["country"] == only
    }


def compare_partnerships(
    network: SupplyNetwork,
    partnerships: Sequence[str] | None = None,
    scenarios: Sequence[Scenario] = (),
    *,
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
    scenarios
        Also compare the structural loss under each of these.
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
        if not any(row["effect"] in STRUCTURAL for row in effects_of(network, names, lapsed=True)):
            nothing = pd.DataFrame(
                [{"measure": "no structural effect", "before": 0.0, "after": 0.0, "change": 0.0}]
            )
            frames.append(nothing.assign(partnership=label))
            continue
        before, after = without_partnerships(network, names), with_partnerships(network, names, lapsed=True)
        frames.append(compare(before, after, scenarios, only=only).assign(partnership=label))
    columns = ["partnership", "measure", "before", "after", "change"]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)
