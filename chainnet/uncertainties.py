"""How far a result hangs on the assumptions: the same run under many drawings of the parameters.

Each parameter of the day-by-day model has a range. A drawing takes one quantile for each name, so
that all covers are long or short together, and reads it off a triangle from the lower end over the
value to the upper end. The graph's own figures (cover, qualification, lead time of one need or
product) are stretched by the same factor as the general value.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from chainnet.errors import UsageError
from chainnet.kernels import FloatArray
from chainnet.network import SupplyNetwork
from chainnet.parallel import in_parallel
from chainnet.parameters import Parameters, parameters_of
from chainnet.ranges import triangle
from chainnet.scenarios import Scenario
from chainnet.simulation import SURVIVES, Level, days_lost, output_by
from chainnet.tables import records

#: Quantiles that are told: a 90 % interval and the median.
QUANTILES = (0.05, 0.5, 0.95)


def draw_parameters(network: SupplyNetwork, *, n: int, seed: int = 0) -> list[Parameters]:
    """Draw sets of parameters from their ranges.

    Parameters
    ----------
    network
        The network, whose table ``parameters`` holds the ranges.
    n
        How many.
    seed
        Of the random numbers: the same seed gives the same sets.

    Returns
    -------
    list of chainnet.Parameters
        The sets.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> draw_parameters(net, n=1, seed=1) == draw_parameters(net, n=1, seed=1)
    True
    """
    names = varied(network)
    rng = np.random.default_rng(seed)
    return parameters_at(network, [dict(zip(names, rng.random(len(names)), strict=True)) for _ in range(n)])


def varied(network: SupplyNetwork) -> list[str]:
    """Return the names of the parameters that the network's table holds, in alphabetical order."""
    return sorted(set(network.parameters["parameter"]))


def parameters_at(network: SupplyNetwork, quantiles: Iterable[Mapping[str, float]]) -> list[Parameters]:
    """Read sets of parameters off their ranges.

    Parameters
    ----------
    network
        The network, whose table ``parameters`` holds the ranges.
    quantiles
        Of each set, the quantile in (0, 1) of each name.

    Returns
    -------
    list of chainnet.Parameters
        The sets.
    """
    usual, rows = parameters_of(network), records(network.parameters)
    return [_drawing(usual, rows, at) for at in quantiles]


def _drawing(usual: Parameters, rows: list[dict[str, float | str]], at: Mapping[str, float]) -> Parameters:
    drawn = {(str(row["parameter"]), str(row["product"])): _triangle(row, at) for row in rows}
    factors = {
        name: value / usual.given[name, ""]
        for (name, product), value in drawn.items()
        if not product and usual.given[name, ""] > 0 and value > 0
    }
    # A factor stretches every value of its name: what is drawn by itself is told beforehand.
    given = {key: value / factors.get(key[0], 1.0) for key, value in drawn.items()}
    return Parameters(MappingProxyType(given), MappingProxyType(factors))


def _triangle(row: dict[str, float | str], at: Mapping[str, float]) -> float:
    low, value, high = (float(row[name]) for name in ("low", "value", "high"))
    low, high = value if math.isnan(low) else low, value if math.isnan(high) else high
    return triangle(low, value, high, at[str(row["parameter"])])


def uncertainty(
    network: SupplyNetwork,
    scenario: Scenario | str,
    *,
    n: int = 200,
    seed: int = 0,
    days: int | None = None,
    level: Level = "product",
) -> pd.DataFrame:
    """Run a scenario under many drawings of the parameters and tell the spread.

    Parameters
    ----------
    network
        The network.
    scenario
        What happens.
    n, seed
        How many drawings, and the seed of the random numbers.
    days
        How many days to look at; None is what the scenario says, else 365.
    level
        ``plant``, ``firm``, ``product`` or ``country``.

    Returns
    -------
    DataFrame
        ``name``; days of normal output lost: ``days_lost`` at the parameters' own values, and the
        quantiles ``low`` (5 %), ``median`` and ``high`` (95 %); ``hit``: share of the drawings in
        which output falls below 95 %. Most lost first.

    Raises
    ------
    UsageError
        Fewer than one drawing.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> spread = cn.uncertainty(net, "tok:photoresist_euv@0+10", n=3, days=60)
    >>> bool((spread["low"] <= spread["high"]).all())
    True
    """
    if n < 1:
        raise UsageError(f"{n} drawings tell nothing; give at least 1.")
    names, usual = output_by(network, scenario, level, days=days)

    def lost_and_lowest(parameters: Parameters) -> tuple[FloatArray, FloatArray]:
        _, output = output_by(network, scenario, level, days=days, parameters=parameters)
        return days_lost(output), output.min(axis=0)

    found = list(in_parallel(lost_and_lowest, draw_parameters(network, n=n, seed=seed)))
    low, median, high = np.quantile(np.array([lost for lost, _ in found]), QUANTILES, axis=0)
    table = pd.DataFrame(
        {
            "name": names,
            "days_lost": days_lost(usual),
            "low": low,
            "median": median,
            "high": high,
            "hit": np.mean([lowest < SURVIVES for _, lowest in found], axis=0),
        }
    )
    return table.sort_values(["days_lost", "high", "name"], ascending=[False, False, True], ignore_index=True)
