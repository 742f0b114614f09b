"""How long a target survives each closure, and which closures expose it most.

After Simchi-Levi et al. 2015 (doi:10.1287/inte.2015.0804): the *time to survive* of a closure is how
long it may last before the target's output falls; the *risk-exposure index* is what the target
loses when the closure lasts its time to recover, relative to the worst closure. Both come from the
day-by-day model, so stocks, slack and requalification count.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from chainnet.closures import Closure, exposure, selector_of
from chainnet.economy import compile_network
from chainnet.errors import UsageError
from chainnet.network import SupplyNetwork
from chainnet.parallel import in_parallel
from chainnet.parameters import Parameters
from chainnet.scenarios import Scenario, Shock, parse_selector
from chainnet.simulation import SURVIVES, outputs_by

#: How long a closure lasts where nothing else is said: between a local fire and a heavy quake.
RECOVER_DAYS = 90
#: Closures whose runs, two of each, go side by side.
_TOGETHER = 4


def time_to_survive(
    network: SupplyNetwork,
    target: str,
    *,
    by: Closure = "firm",
    recover: int = RECOVER_DAYS,
    days: int = 365,
    parameters: Parameters | None = None,
) -> pd.DataFrame:
    """Say how long a target survives each closure upstream, and how exposed it is to it.

    Parameters
    ----------
    network
        The network.
    target
        Plants of one product, such as ``samsung:dram``.
    by
        What closes: every ``plant``, ``firm``, ``country``, ``product`` or ``country-product``.
    recover
        Time to recover: how many days a closure lasts for the risk-exposure index. 90 is assumed;
        recorded closures took from a few days to a year.
    days
        How many days to look at.
    parameters
        Times and rates; None is the graph's own set.

    Returns
    -------
    DataFrame
        ``closure``; ``time_to_survive``: the first day with output below 95 % when it closes for
        good (NaN: not within ``days``); ``days_lost``: days of the target's normal output lost when
        it closes for ``recover`` days; ``exposure_index``: the same relative to the worst closure.
        Closures that do nothing in the structural model are left out; shortest time first.

    Raises
    ------
    UsageError
        The target is not plants of one product, or a number of days makes no sense.

    References
    ----------
    Simchi-Levi et al. (2015), Interfaces 45(5), 375. doi:10.1287/inte.2015.0804

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.time_to_survive(cn.load("japan-korea"), "sk_hynix:hbm", days=200)
    >>> bool(table["exposure_index"].between(0, 1).all())
    True
    """
    if not 1 <= recover <= days:
        raise UsageError(f"a closure of {recover} days cannot be looked at in {days} days.")
    reached = exposure(network, target, by=by)
    reached = reached[reached["loss"] > 0]
    economy = compile_network(network.plain)
    weights = economy.weights(parse_selector(target).resolve(network))
    own = {economy.nodes[i].plant: weights[i] for i in np.flatnonzero(weights)}

    def closed(name: str, duration: int | None) -> Scenario:
        return Scenario(name, (Shock(selector_of(name, by), 0.0, 0, duration),))

    def outcomes(names: list[str]) -> list[tuple[str, float, float]]:
        scenarios = [closed(name, duration) for name in names for duration in (None, recover)]
        found = outputs_by(network, scenarios, ["plant"], days=days, parameters=parameters)
        made = [path @ np.array([own.get(plant, 0.0) for plant in plants]) for ((plants, path),) in found]
        rows = []
        for name, for_good, recovered in zip(names, made[::2], made[1::2], strict=True):
            below = np.flatnonzero(for_good < SURVIVES)
            lost = max(0.0, float((1 - recovered).sum()))
            rows.append((name, float(below[0]) if len(below) else math.nan, lost))
        return rows

    names = reached["closure"].tolist()
    together = [names[k : k + _TOGETHER] for k in range(0, len(names), _TOGETHER)]
    rows = [row for some in in_parallel(outcomes, together) for row in some]
    table = pd.DataFrame(rows, columns=["closure", "time_to_survive", "days_lost"])
    worst = table["days_lost"].max() if len(table) else 0.0
    table["exposure_index"] = table["days_lost"] / worst if worst > 0 else 0.0
    order = ["time_to_survive", "days_lost", "closure"]
    return table.sort_values(order, ascending=[True, False, True], ignore_index=True)
