"""What a partnership should lower: readings of a network that add up to one number.

An objective is a pure function of a network; lower is better. It is the sum of its parts, so that
it can be told which partnerships touch the same part and which do not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from chainnet.closures import STOPPED, stopping_firms
from chainnet.dependences import dependence, purchase_concentration
from chainnet.errors import UnknownNameError, UsageError
from chainnet.names import find_country
from chainnet.network import SupplyNetwork
from chainnet.responses import device_outcomes
from chainnet.scenarios import Scenario

Name = Literal["days_lost", "hhi", "pairs", "cut_sets"]
#: What is measured, in words.
MEANINGS: dict[str, str] = {
    "days_lost": "days of normal output lost, mean over the scenarios and over the products of the stages"
    " device, packaging and end use",
    "hhi": "concentration by country (HHI) of what makers of devices buy, mean over buyers and inputs",
    "pairs": "pairs of buyer and input taken to rest on one firm",
    "cut_sets": "single firms that alone stop a maker of a device, counted for each maker",
}
_MEANS = ("days_lost", "hhi")


@dataclass(frozen=True)
class Objective:
    """A reading of a network that should be low; call it with a network.

    Parameters
    ----------
    name
        Which reading; see :func:`objective`.
    scenarios
        What happens, for ``days_lost``.
    only
        Count only this country.
    population
        What is counted; None is whatever the network at hand holds.
    """

    name: Name
    scenarios: tuple[Scenario, ...] = ()
    only: str | None = None
    population: tuple[tuple[str, ...], ...] | None = None

    def __call__(self, network: SupplyNetwork) -> float:
        """Return the reading."""
        return math.fsum(self.parts(network).values())

    def parts(self, network: SupplyNetwork) -> dict[tuple[str, ...], float]:
        """Return what the reading is the sum of: by buyer and input, by maker, or by scenario and product."""
        found = self._readings(network)
        keys = tuple(found) if self.population is None else self.population
        if not keys and self.name in _MEANS:
            where = f" in {self.only}" if self.only else ""
            raise UsageError(f"{self.name} has nothing to look at{where}: no product, or no scenario hits.")
        scale = 1 / len(keys) if self.name in _MEANS else 1.0
        return {key: found.get(key, 0.0) * scale for key in keys}

    def among(self, network: SupplyNetwork) -> Objective:
        """Return the objective that counts only what a network holds.

        A new plant depends on others like any plant and makes nobody else depend more: what is new in
        another network is not counted.
        """
        return replace(self, population=tuple(self._readings(network)))

    def _readings(self, network: SupplyNetwork) -> dict[tuple[str, ...], float]:
        if self.name == "days_lost":
            return _days_lost(network, self.scenarios, self.only)
        if self.name == "hhi":
            return purchase_hhi(network, only=self.only)
        return (single_pairs if self.name == "pairs" else stops)(network, only=self.only)


def objective(name: str, *, scenarios: Iterable[Scenario] = (), only: str | None = None) -> Objective:
    """Return an objective: a function of a network that is lower where dependence is lower.

    Parameters
    ----------
    name
        - ``days_lost``: days of normal output lost by the day-by-day model, mean over the scenarios
          and over the products of the stages device, packaging and end use, each alike; a rival's
          gain makes up for nobody's loss. A scenario that hits nothing costs nothing.
        - ``hhi``: Herfindahl-Hirschman index, by country, of what makers of devices buy: mean over
          (buyer, product made, input). What is nobody's in particular counts as finely split.
        - ``pairs``: how many (buyer, product made, input) are taken to rest on one firm (90 % or
          more; on more than the world market's shares, unless there is a sole source).
        - ``cut_sets``: how many single firms stop a maker of a device (a loss of 95 % or more), added
          up over the makers.
    scenarios
        For ``days_lost``: what happens; for example :func:`recorded_shocks`.
    only
        A country: only buyers with their head office there; of days lost, only output made there.

    Returns
    -------
    Objective
        Call it with a network.

    Raises
    ------
    UsageError
        There is no such objective or country, or it lacks scenarios.

    Examples
    --------
    >>> import chainnet as cn
    >>> hhi = cn.objective("hhi", only="KOR")
    >>> 0 < hhi(cn.load("japan-korea")) < 1
    True
    """
    if name not in get_args(Name):
        raise UnknownNameError(name, get_args(Name), "objective", f"; use {', '.join(get_args(Name))}")
    chosen = tuple(scenarios)
    if (name == "days_lost") != bool(chosen):
        need = "needs scenarios (--shock)" if name == "days_lost" else "looks at no scenarios"
        raise UsageError(f"the objective {name} {need}.")
    country = find_country(only) if only else None
    if only and country is None:
        raise UsageError(f"no country {only!r}; give a code such as KOR.")
    return Objective(cast("Name", name), chosen, country)


def _days_lost(
    network: SupplyNetwork, scenarios: tuple[Scenario, ...], only: str | None
) -> dict[tuple[str, ...], float]:
    table = device_outcomes(network, scenarios, level="country" if only else "product", only=only)
    products = table["name"].str.rpartition(":")[2]
    keys = zip([""] * len(table), products, table["scenario"].astype(str), strict=True)
    return dict(zip(keys, table["days_lost"].astype(float), strict=True))


def purchase_hhi(network: SupplyNetwork, *, only: str | None = None) -> dict[tuple[str, ...], float]:
    """Return how concentrated, by country, what makers of devices buy is.

    Parameters
    ----------
    network
        The network.
    only
        A country: only buyers with their head office there.

    Returns
    -------
    dict
        Herfindahl-Hirschman index by (buyer, product made, input); what is nobody's in particular
        counts as finely split.

    Examples
    --------
    >>> import chainnet as cn
    >>> hhi = purchase_hhi(cn.load("japan-korea"), only="KOR")
    >>> hhi["samsung", "dram", "euv_scanner"]
    1.0
    """
    table = purchase_concentration(network, by="country")
    devices = network.products.set_index("product")["class"] == "device"
    inside = table["makes"].map(devices) & ((table["buyer"].map(network.home) == only) | (only is None))
    rows = table[inside]
    keys = zip(rows["buyer"], rows["makes"], rows["input"], strict=True)
    return dict(zip(keys, rows["hhi"].astype(float), strict=True))


def single_pairs(
    network: SupplyNetwork, *, by: Literal["firm", "country"] = "firm", only: str | None = None
) -> dict[tuple[str, ...], float]:
    """Say of each buyer and input whether it is taken to rest on one hand.

    Parameters
    ----------
    network
        The network.
    by
        On one ``firm``, or on one foreign ``country``.
    only
        A country: only buyers with their head office there.

    Returns
    -------
    dict
        1 or 0 by (buyer, product made, input).

    Examples
    --------
    >>> import chainnet as cn
    >>> single_pairs(cn.load("japan-korea"))["samsung", "dram", "euv_scanner"]
    1.0
    """
    pairs = dependence(network, by=by)
    home = pairs["buyer"].map(network.home)
    # What rests on the world market alone (rung 5) is one fact of that market, and not one of each buyer.
    known = (pairs["step"] <= 4) | (pairs["source"] == "sole")
    single = pairs["source"].isin(["sole", "single"]) & known & (pairs["supplier"] != home)
    keys = zip(pairs["buyer"], pairs["makes"], pairs["input"], strict=True)
    inside = home == only if only else home.notna()
    return {key: float(s) for key, s, ok in zip(keys, single, inside, strict=True) if ok}


def stops(network: SupplyNetwork, *, only: str | None = None) -> dict[tuple[str, ...], float]:
    """Count the single firms whose closure stops each maker of a device.

    Parameters
    ----------
    network
        The network.
    only
        A country: only makers with their head office there.

    Returns
    -------
    dict
        Firms by maker and device, such as ``("samsung", "dram")``.

    Examples
    --------
    >>> import chainnet as cn
    >>> stops(cn.load("japan-korea"))["samsung", "dram"] >= 0
    True
    """
    table = stopping_firms(network, loss=0.0)
    if only:
        table = table[table["target"].str.split(":").str[0].map(network.home) == only]
    counts = (table["loss"] >= STOPPED).groupby(table["target"]).sum()
    return {tuple(str(target).split(":")): float(n) for target, n in counts.items()}
