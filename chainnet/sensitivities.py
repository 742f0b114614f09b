"""Which assumption drives a result: Sobol indices, and Morris screening of elementary effects.

Both ask the day-by-day model at many sets of parameters. Sobol indices say which part of the spread
of the result goes back to which parameter; Morris screening says by how many days the result moves
when one parameter moves, with fewer runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import pandas as pd

from chainnet.errors import UsageError
from chainnet.kernels import FloatArray
from chainnet.network import SupplyNetwork
from chainnet.parallel import in_parallel
from chainnet.parameters import Parameters
from chainnet.scenarios import Scenario, parse_selector
from chainnet.simulation import Level, days_lost, output_by
from chainnet.tables import records
from chainnet.uncertainties import QUANTILES, parameters_at, varied

#: Results at points of the unit cube: (inputs, points) in, (points,) out.
Model = Callable[[FloatArray], FloatArray]
Method = Literal["sobol", "morris"]
#: Steps from the lower to the upper end on which Morris screening looks; 4 is usual.
_LEVELS = 4


def sensitivity(  # noqa: PLR0913, what is asked, and how well it is to be known
    network: SupplyNetwork,
    scenario: Scenario | str,
    of: str,
    *,
    method: Method = "sobol",
    n: int = 32,
    seed: int = 0,
    days: int | None = None,
) -> pd.DataFrame:
    """Say which assumption drives a result, the days of normal output lost.

    ``sobol``: the first-order index of a parameter is the part of the variance of the result that
    would go if it were known; the total index also counts what it does together with others.
    ``morris``: the elementary effect of a parameter is the change of the result, in days, when it
    alone goes from the lower (5 %) to the upper (95 %) quantile of its range, at the slope of a
    part of the way; ``mu_star`` is the mean size of the effect over many starting points, and a
    ``sigma`` as large as that says that it hangs on the other parameters or is not a straight line.
    Where the result does not move at all, everything is 0.

    Parameters
    ----------
    network
        The network.
    scenario
        What happens.
    of
        Whose days lost: ``dram``, ``KOR:dram`` or ``samsung:dram``.
    method
        ``sobol``, or ``morris``, which needs ``pip install 'chainnet[sensitivity]'``.
    n
        Sobol: base sample, a power of two; the model is run n × (parameters + 2) times. Morris:
        starting points, at least 2; the model is run n × (parameters + 1) times.
    seed
        Of the random numbers.
    days
        How many days to look at; None is what the scenario says, else 365.

    Returns
    -------
    DataFrame
        ``parameter``; ``value, low, high, unit`` for all products (NaN where only single products
        have one); ``first, total`` or ``mu_star, sigma``; ``ranged``: how many rows of its values
        have a range. The parameter that matters most comes first. With a small ``n`` Sobol indices
        are rough, and may lie a little outside [0, 1]. ``attrs["runs"]``: how often the model was run.

    Raises
    ------
    UsageError
        ``n`` does not suit the method, there is no such method or output, the network has no table
        of parameters, or what the method needs is not installed.

    References
    ----------
    Sobol (2001), Mathematics and Computers in Simulation 55, 271, doi:10.1016/S0378-4754(00)00270-6;
    Saltelli et al. (2010), Computer Physics Communications 181, 259, doi:10.1016/j.cpc.2009.09.018.
    Morris (1991), Technometrics 33, 161, doi:10.1080/00401706.1991.10484804; Campolongo et al.
    (2007), Environmental Modelling & Software 22, 1509, doi:10.1016/j.envsoft.2006.10.004.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> table = cn.sensitivity(net, "tok:photoresist_euv@0+10", "KOR:dram", n=2, days=40)
    >>> float(table["total"].abs().max())
    0.0
    """
    names = varied(network)
    if not names:
        raise UsageError("the graph has no table of parameters: there is nothing to vary.")
    level, name = _output_meant(network, of)
    # Once without threads: what all runs share is prepared here, and a bad scenario is told.
    outputs, _ = output_by(network, scenario, level, days=days)
    if name not in outputs:
        raise UsageError(f"nobody makes {of!r}; write a product, or a country or firm and its product.")
    place = outputs.index(name)

    def lost_with(parameters: Parameters) -> float:
        _, output = output_by(network, scenario, level, days=days, parameters=parameters)
        return float(days_lost(output[:, place : place + 1])[0])

    runs: list[int] = []

    def lost(quantiles: FloatArray) -> FloatArray:
        runs.append(quantiles.shape[1])
        sets = parameters_at(network, [dict(zip(names, at, strict=True)) for at in quantiles.T.tolist()])
        # What is rounding in a result that does not move must not pass for variance.
        return np.round(list(in_parallel(lost_with, sets)), 9)

    if method == "sobol":
        found = sobol(lost, len(names), n=n, seed=seed)
    elif method == "morris":
        low, _, high = QUANTILES
        found = morris(lambda unit: lost(low + (high - low) * unit), len(names), n=n, seed=seed)
    else:
        raise UsageError(f"no method {method!r}; use sobol or morris.")
    table = pd.concat([_ranges(network, names), pd.DataFrame(found)], axis=1)
    table.attrs["runs"] = sum(runs)
    by = "total" if method == "sobol" else "mu_star"
    return table.sort_values([by, "parameter"], ascending=[False, True], ignore_index=True)


def _output_meant(network: SupplyNetwork, of: str) -> tuple[Level, str]:
    """Return the level at which an output is added up, and its name there."""
    meant = dict(parse_selector(of).resolve(network).terms)
    level: Level = "firm" if "firm" in meant else "country" if "country" in meant else "product"
    kinds = list(dict.fromkeys([level, "product"]))
    if set(meant) != set(kinds):
        raise UsageError(f"{of!r} is no output; write dram, KOR:dram or samsung:dram.")
    return level, ":".join(meant[kind] for kind in kinds)


def _ranges(network: SupplyNetwork, names: list[str]) -> pd.DataFrame:
    rows = records(network.parameters)
    general = {row["parameter"]: row for row in rows if not row["product"]}
    columns = ["value", "low", "high", "unit"]
    table = pd.DataFrame([general.get(name, {}) for name in names]).reindex(columns=columns)
    table.insert(0, "parameter", names)
    ranged = [sum(row["parameter"] == name and row["low"] < row["high"] for row in rows) for name in names]
    return table.assign(unit=table["unit"].fillna(""), ranged=ranged)


def sobol(model: Model, count: int, *, n: int, seed: int) -> dict[str, FloatArray]:
    """Compute the first-order and total Sobol indices of a function on the unit cube.

    Parameters
    ----------
    model
        Takes points (count, m), returns results (m,).
    count
        How many inputs it has.
    n
        Base sample, a power of two.
    seed
        Of the random numbers.

    Returns
    -------
    dict
        ``first`` and ``total``, one number an input; 0 where the results do not vary.

    Examples
    --------
    >>> found = sobol(lambda at: 4 * at[0] + 3 * at[1], 2, n=1024, seed=0)
    >>> found["first"].round(2).tolist()  # 16/25 and 9/25 of the variance
    [0.64, 0.36]
    """
    from scipy.stats import sobol_indices, uniform

    if n < 2 or n & (n - 1):
        raise UsageError(f"a base sample of {n} is no power of two; give 2, 4, 8, 16, …")
    sample = np.random.default_rng(seed)
    with np.errstate(invalid="ignore", divide="ignore"):
        # scipy fails on a single input: a second one that does nothing stands beside it.
        dists = [uniform()] * max(count, 2)
        found = sobol_indices(func=lambda at: model(at[:count]), n=n, dists=dists, rng=sample)
    first, total = np.nan_to_num(found.first_order), np.nan_to_num(found.total_order)
    return {"first": first[:count], "total": total[:count]}


def morris(model: Model, count: int, *, n: int, seed: int) -> dict[str, FloatArray]:
    """Compute the mean size and the spread of the elementary effects of a function on the unit cube.

    Parameters
    ----------
    model
        Takes points (count, m), returns results (m,).
    count
        How many inputs it has.
    n
        How many starting points, at least 2.
    seed
        Of the random numbers.

    Returns
    -------
    dict
        ``mu_star`` and ``sigma``, one number an input.

    Raises
    ------
    UsageError
        There are fewer than 2 starting points, or SALib is not installed.

    Examples
    --------
    >>> found = morris(lambda at: 4 * at[0] - 3 * at[1], 2, n=4, seed=0)
    >>> found["mu_star"].round(9).tolist()
    [4.0, 3.0]
    """
    if n < 2:
        raise UsageError(f"Morris screening from {n} starting points has no spread; give at least 2.")
    try:
        from SALib.analyze.morris import analyze
        from SALib.sample.morris import sample
    except ImportError as error:
        raise UsageError("Morris screening needs SALib: pip install 'chainnet[sensitivity]'") from error
    problem = {
        "num_vars": count,
        "names": [str(k) for k in range(count)],
        "bounds": [[0.0, 1.0]] * count,
    }
    points = sample(problem, n, num_levels=_LEVELS, seed=seed)
    found = analyze(problem, points, model(points.T), num_levels=_LEVELS, seed=seed)
    return {name: np.asarray(found[name], dtype=np.float64) for name in ("mu_star", "sigma")}
