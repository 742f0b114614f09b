"""How makers of devices fare under many scenarios: days of output lost, and how long they last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd

from chainnet.cascade import must_hit
from chainnet.closures import Closure, closing, selector_of
from chainnet.datasets import load
from chainnet.economy import compile_network
from chainnet.errors import UnknownNameError, UsageError
from chainnet.kernels import FloatArray
from chainnet.network import SupplyNetwork
from chainnet.parallel import in_parallel
from chainnet.parameters import Parameters
from chainnet.scenarios import Scenario, Shock
from chainnet.scenarios.files import event, events
from chainnet.simulation import SURVIVES, days_lost, output_by
from chainnet.survival import RECOVER_DAYS

#: Stages whose products count: chips, their packaging, and what they go into.
STAGES = ("device", "packaging", "end_use")


def recorded_shocks(network: SupplyNetwork) -> tuple[Scenario, ...]:
    """Return the shocks of the recorded events, as if they came today.

    The date and the market shares of an event's own time are set aside: the question is what the
    same shock would do now. Events that hit nothing in the network are left out.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    tuple of Scenario
        In the order of :func:`chainnet.events`.

    Examples
    --------
    >>> import chainnet as cn
    >>> {scenario.date for scenario in cn.recorded_shocks(cn.load("japan-korea"))}
    {None}
    """
    bundled = load("japan-korea")
    today = (replace(event(name, bundled), date=None, shares=()) for name in events())
    return tuple(scenario for scenario in today if _hits(network, scenario))


def every_closure(
    network: SupplyNetwork, by: Iterable[Closure] = ("firm", "product", "country-product")
) -> tuple[Scenario, ...]:
    """Return the closure of each firm, product, and product in a country, for 90 days (assumed).

    Parameters
    ----------
    network
        The network.
    by
        What closes.

    Returns
    -------
    tuple of Scenario
        One a closure.

    Examples
    --------
    >>> import chainnet as cn
    >>> any(scenario.name == "JPN:photoresist_euv" for scenario in cn.every_closure(cn.load("japan-korea")))
    True
    """
    economy = compile_network(network.plain)
    return tuple(
        Scenario(name, (Shock(selector_of(name, kind), 0.0, 0, RECOVER_DAYS),), id=f"closure of {name}")
        for kind in by
        for name in closing(economy, kind)
    )


def _hits(network: SupplyNetwork, scenario: Scenario) -> bool:
    try:
        return means_something(network.plain, scenario.resolve(network))
    except UnknownNameError:
        # The event names what this graph does not have.
        return False


@lru_cache(maxsize=256)
def means_something(network: SupplyNetwork, known: Scenario) -> bool:
    """Say whether a scenario hits any plant, flow or demand of a network.

    Parameters
    ----------
    network
        The network.
    known
        What happens, resolved.

    Returns
    -------
    bool
        Whether anything can come of it.
    """
    economy = compile_network(network, known.date, known.shares)
    try:
        must_hit(economy, known)
    except UsageError:
        return False
    flows = economy.passes(known, economy.links_with_capital)
    made = {node.product for node in economy.nodes}
    wanted = any(network.with_members(demand.product) & made for demand in known.demands)
    return bool(known.shocks) or wanted or (flows is not None and bool((flows < 1).any()))


def device_outcomes(
    network: SupplyNetwork,
    scenarios: Iterable[Scenario],
    *,
    level: Literal["product", "firm", "country"] = "product",
    only: str | None = None,
    parameters: Parameters | None = None,
) -> pd.DataFrame:
    """Say what each scenario costs the makers of devices, by the day-by-day model.

    Parameters
    ----------
    network
        The network, with its levers.
    scenarios
        What happens, one after the other; one that hits nothing in this network costs nothing.
    level
        Of each ``product``, or of each product by ``firm`` or ``country``.
    only
        A country: only output made there (level ``country``), or by firms of there (``firm``).
    parameters
        Times and rates; None is the graph's own set.

    Returns
    -------
    DataFrame
        ``scenario`` (its number), ``name`` (such as ``KOR:dram``), ``days_lost``: days of normal
        output, not below 0: a rival's gain makes up for nobody's loss; ``time_to_survive``: the
        first day with output below 95 %, or the length of the scenario where there is none.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> table = cn.device_outcomes(net, [cn.Scenario.parse("samsung:dram@0+30")]).set_index("name")
    >>> bool(table.loc["dram", "days_lost"] > 1)
    True
    """

    def outcome(asked: Scenario) -> tuple[tuple[str, ...], FloatArray]:
        known = asked.resolve(network)
        # With its plant taken away a shock hits nothing, and costs nothing.
        scenario = known if means_something(network.plain, known) else Scenario(asked.name, days=asked.days)
        return output_by(network, scenario, level, parameters=parameters)

    products = network.products
    counted = set(products.loc[products["stage"].isin(STAGES), "product"])
    frames = []
    for number, (keys, paths) in enumerate(in_parallel(outcome, scenarios)):
        chosen = [
            k
            for k, key in enumerate(keys)
            if key.rpartition(":")[2] in counted and _inside(network, key, level, only)
        ]
        names, values = [keys[k] for k in chosen], paths[:, chosen]
        below = values < SURVIVES
        first = np.where(below.any(axis=0), below.argmax(axis=0), len(values))
        lost = np.maximum(0.0, days_lost(values))
        frames.append(
            pd.DataFrame({"scenario": number, "name": names, "days_lost": lost, "time_to_survive": first})
        )
    columns = ["scenario", "name", "days_lost", "time_to_survive"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def _inside(network: SupplyNetwork, name: str, level: str, only: str | None) -> bool:
    if only is None or level == "product":
        return True
    owner, _, _ = name.partition(":")
    return (owner if level == "country" else network.home[owner]) == only
