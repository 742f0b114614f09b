"""The numbers of the day-by-day model: one set for all events, each with its source.

A graph may carry a table ``parameters``; what it does not say is the default here, which is
assumed. What needs.csv and products.csv say of one need or product (cover, qualification, lead
time, …) goes before both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from chainnet.errors import UsageError
from chainnet.network import SupplyNetwork
from chainnet.schema import PARAMETER_DEFAULTS as DEFAULTS
from chainnet.tables import records


@dataclass(frozen=True)
class Parameters:
    """Times and rates of the day-by-day model.

    Parameters
    ----------
    given
        Values by name and product; a blank product means all of them.
    factors
        By name: what every value of that name is multiplied with, those of the graph's own tables
        included. For what-ifs and for uncertainty.

    Examples
    --------
    >>> Parameters().value("cover_days")
    30.0
    >>> Parameters().scaled(cover_days=2).value("cover_days", known=45.0)
    90.0
    """

    given: Mapping[tuple[str, str], float] = field(default_factory=lambda: MappingProxyType({}))
    factors: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def value(self, name: str, product: str = "", family: str = "", known: float = math.nan) -> float:
        """Return a value: what is known of the very thing, else of its product, its family, or all."""
        if math.isnan(known):
            keys = [(name, product), (name, family), (name, "")]
            known = next((self.given[key] for key in keys if key in self.given), DEFAULTS[name])
        return known * self.factors.get(name, 1.0)

    def scaled(self, **factors: float) -> Parameters:
        """Return parameters of which some are multiplied by factors."""
        _must_be_known(factors)
        scaled = {name: self.factors.get(name, 1.0) * factor for name, factor in factors.items()}
        return replace(self, factors=MappingProxyType({**self.factors, **scaled}))

    def having(self, **values: float) -> Parameters:
        """Return parameters of which some have another value for all products."""
        _must_be_known(values)
        kept = {key: value for key, value in self.given.items() if key[0] not in values}
        new = {(name, ""): value for name, value in values.items()}
        return replace(self, given=MappingProxyType({**kept, **new}))


def _must_be_known(given: Mapping[str, float]) -> None:
    for name, value in given.items():
        if name not in DEFAULTS:
            raise UsageError(f"no parameter {name!r}; use {', '.join(DEFAULTS)}.")
        if not (math.isfinite(value) and value >= 0):
            raise UsageError(f"{name} = {value} is not a number of 0 or more.")


def parameters_of(network: SupplyNetwork) -> Parameters:
    """Read the parameters of a network: its own table, where it has one.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    chainnet.Parameters
        Those of the table; for the rest, defaults.

    Examples
    --------
    >>> import chainnet as cn
    >>> parameters_of(cn.load("japan-korea")).value("detection_days") > 0
    True
    """
    rows = records(network.table("parameters"))
    return Parameters(MappingProxyType({(row["parameter"], row["product"]): row["value"] for row in rows}))


def slack_of(parameters: Parameters, about: Mapping[str, Any]) -> float:
    """Return what a plant can make beyond its normal output, as a share of it.

    Parameters
    ----------
    parameters
        The parameters.
    about
        The product: a row of products.csv. Its utilisation goes before the parameter ``slack``.

    Returns
    -------
    float
        The slack.

    Examples
    --------
    >>> slack_of(Parameters(), {"product": "dram", "family": "", "utilisation": 0.5})
    1.0
    """
    known = spare_of(about["utilisation"], math.nan)
    return parameters.value("slack", about["product"], about["family"], known)


def spare_of(utilisation: float, unknown: float) -> float:
    """Return what a plant in normal use can make beyond it, as a share of normal output.

    Parameters
    ----------
    utilisation
        Part of the capacity that is used; NaN where it is not known.
    unknown
        What to return then.

    Returns
    -------
    float
        The spare output.

    Examples
    --------
    >>> spare_of(0.8, 0.1), spare_of(float("nan"), 0.1)
    (0.24999999999999994, 0.1)
    """
    return unknown if math.isnan(utilisation) else (1 - utilisation) / max(utilisation, 0.01)
