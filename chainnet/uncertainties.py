"""How far a result hangs on the assumptions: the same run under many drawings of the parameters.

Each parameter of the day-by-day model has a range. A drawing takes one quantile for each name, so
that all covers are long or short together, and reads it off a triangle from the lower end over the
value to the upper end. The graph's own figures (cover, qualification, lead time of one need or
product) are stretched by the same factor as the general value.
"""

from __future__ import annotations

import math
from types import MappingProxyType

import numpy as np
import pandas as pd

from chainnet.errors import UsageError
from chainnet.kernels import FloatArray
from chainnet.network import SupplyNetwork
from chainnet.parameters import Parameters, parameters_of
from chainnet.ranges import triangle
from chainnet.scenarios import Scenario
from chainnet.simulation import Level, simulate
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
    rows = records(network.parameters)
    names = sorted({row["parameter"] for row in rows})
    rng = np.random.default_rng(seed)
    return [_drawing(network, rows, dict(zip(names, rng.random(len(names)), strict=True))) for _ in range(n)]


def _drawing(network: SupplyNetwork, rows: list[dict[str, float | str]], at: dict[str, float]) -> Parameters:
    usual = parameters_of(network)
    drawn = {(str(row["parameter"]), str(row["product"])): _triangle(row, at) for row in rows}
    factors = {
        name: value / usual.given[name, ""]
        for (name, product), value in drawn.items()
        if not product and usual.given[name, ""] > 0 and value > 0
    }
    # A factor stretches every value of its name: what is drawn by itself is told beforehand.
    given = {key: value / factors.get(key[0], 1.0) for key, value in drawn.items()}
    return Parameters(MappingProxyType(given), MappingProxyType(factors))


def _triangle(row: dict[str, float | str], at: dict[str, float]) -> float:
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
    base = simulate(network, scenario, days=days).summary(level).set_index("name")
    lost, hit = [], []
    for parameters in draw_parameters(network, n=n, seed=seed):
        summary = simulate(network, scenario, days=days, parameters=parameters).summary(level)
        summary = summary.set_index("name").loc[base.index]
        lost.append(summary["days_lost"].to_numpy())
        hit.append(summary["time_to_survive"].notna().to_numpy())
    low, median, high = np.quantile(np.array(lost), QUANTILES, axis=0)
    table = pd.DataFrame(
        {
            "name": base.index,
            "days_lost": base["days_lost"].to_numpy(),
            "low": low,
            "median": median,
            "high": high,
            "hit": np.mean(hit, axis=0),
        }
    )
    return table.sort_values(["days_lost", "high", "name"], ascending=[False, False, True], ignore_index=True)


def sensitivity(
    network: SupplyNetwork,
    scenario: Scenario | str,
    of: str,
    *,
    n: int = 32,
    seed: int = 0,
    days: int | None = None,
) -> pd.DataFrame:
    """Say which assumption drives a result: Sobol indices of the days lost.

    The first-order index of a parameter is the part of the variance of the result that would go if
    it were known; the total index also counts what it does together with others. A result that
    does not move at all has no variance to explain: its indices are 0.

    Parameters
    ----------
    network
        The network.
    scenario
        What happens.
    of
        Whose days of normal output lost: a country and product, such as ``KOR:dram``.
    n
        Base sample, a power of two; the model is run n × (parameters + 2) times.
    seed
        Of the random numbers.
    days
        How many days to look at; None is what the scenario says, else 365.

    Returns
    -------
    DataFrame
        ``parameter, first, total, ranged`` (how many rows of its values have a range), largest
        total first. With a small ``n`` the indices are rough, and may lie a little outside [0, 1].

    Raises
    ------
    UsageError
        ``n`` is no power of two, or there is no such output.

    References
    ----------
    Sobol (2001), Mathematics and Computers in Simulation 55, 271; Saltelli et al. (2010), Computer
    Physics Communications 181, 259; computed by ``scipy.stats.sobol_indices``.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> table = cn.sensitivity(net, "tok:photoresist_euv@0+10", "KOR:dram", n=2, days=40)
    >>> float(table["total"].abs().max())
    0.0
    """
    from scipy.stats import sobol_indices, uniform

    if n < 2 or n & (n - 1):
        raise UsageError(f"a base sample of {n} is no power of two; give 2, 4, 8, 16, …")
    rows = records(network.parameters)
    names = sorted({str(row["parameter"]) for row in rows})
    if of not in simulate(network, scenario, days=days).by("country"):
        raise UsageError(f"{of!r} is no output; write a country and a product, such as KOR:dram.")

    def lost(quantiles: FloatArray) -> FloatArray:
        results = []
        for column in quantiles.T:
            at = {name: float(value) for name, value in zip(names, column, strict=True)}
            run = simulate(network, scenario, days=days, parameters=_drawing(network, rows, at))
            results.append(float((1 - run.by("country")[of]).sum()))
        # What is rounding in a result that does not move must not pass for variance.
        return np.round(np.array(results), 9)

    sample = np.random.default_rng(seed)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = sobol_indices(func=lost, n=n, dists=[uniform()] * len(names), rng=sample)
    ranged = [sum(row["parameter"] == name and row["low"] < row["high"] for row in rows) for name in names]
    table = pd.DataFrame(
        {
            "parameter": names,
            "first": np.nan_to_num(found.first_order),
            "total": np.nan_to_num(found.total_order),
            "ranged": ranged,
        }
    )
    return table.sort_values(["total", "parameter"], ascending=[False, True], ignore_index=True)
