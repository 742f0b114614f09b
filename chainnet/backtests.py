"""The day-by-day model against the record: every event, the ones where nothing happened included.

One parameter set serves all events. A target of ``observations.csv`` is compared with what the
model says of the same plants or flows in the same days; two simple rivals are computed in the same
run: *nothing ever happens*, and *every shock is a loss of its share for as long as it lasts*.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from chainnet.cascade import disrupt
from chainnet.dayarrays import Frozen, products_of
from chainnet.errors import UnknownNameError
from chainnet.kernels import FloatArray
from chainnet.network import SupplyNetwork
from chainnet.parameters import Parameters
from chainnet.scenarios import Control, Scenario, Shock, parse_selector
from chainnet.scenarios.files import event, events
from chainnet.simulation import MONTH, SURVIVES, Run, made_in, simulate
from chainnet.tables import records
from chainnet.uncertainties import QUANTILES, draw_parameters

#: A target from here on says that nothing was lost.
NOTHING = 0.99
#: Rounding of what is observed: half a point.
_ROUNDING = 0.005


def backtest(
    network: SupplyNetwork, *, names: Sequence[str] | None = None, n: int = 20, seed: int = 0
) -> pd.DataFrame:
    """Score the day-by-day model on the recorded events.

    Parameters
    ----------
    network
        The network, with its observations.
    names
        Ids of events; None is all that have targets.
    n, seed
        Drawings of the parameters for the interval, and the seed of the random numbers; 0 drawings
        leave the interval out.

    Returns
    -------
    DataFrame
        One row a target: ``event, series, quantity, where, period, observed, predicted``, the
        90 % interval ``low`` to ``high`` over the parameter ranges, ``verdict``
        (``inside`` the interval; ``near``: within 10 points or a factor of 2; ``miss``), and the
        rivals ``share_times_days`` and ``nothing``. Shares are of normal output or flow; of a date
        it is the day.

    Raises
    ------
    UnknownNameError
        There is no such event.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.backtest(cn.load("japan-korea"), names=["2021-fukushima-quake"], n=0)
    >>> table["observed"].tolist()
    [1.0]
    """
    targets = network.observations
    targets = targets[(targets["role"] == "target") & targets["value"].notna()]
    known = list(dict.fromkeys(targets["event"]))
    for name in names or ():
        if name not in events():
            raise UnknownNameError(name, events(), "event")
    chosen = [name for name in known if names is None or name in names]
    drawn = draw_parameters(network, n=n, seed=seed)
    found = [
        row for name in chosen for row in _score(network, name, targets[targets["event"] == name], drawn)
    ]
    columns = ["event", "series", "quantity", "where", "period", "observed", "predicted", "low", "high"]
    return pd.DataFrame(found, columns=[*columns, "verdict", "share_times_days", "nothing"])


def _score(
    network: SupplyNetwork, name: str, targets: pd.DataFrame, drawn: Iterable[Parameters]
) -> list[dict[str, Any]]:
    scenario = event(name, network)
    calm = Scenario("calm", date=scenario.date, shares=scenario.shares)
    normal = simulate(network, calm, days=MONTH)
    runs = [simulate(network, scenario), *(simulate(network, scenario, parameters=p) for p in drawn)]
    rows = []
    for target in records(targets):
        days = period_days(target["period"], scenario, runs[0].days)
        values = np.array([_predict(run, normal, target, days) for run in runs])
        low, high = _interval(values[1:])
        is_date = target["quantity"] == "date"
        where = target["selector"] if not (target["exporter"] or target["importer"]) else _flow(target)
        rows.append(
            {
                **{key: target[key] for key in ("event", "series", "quantity", "period")},
                "where": where,
                "observed": target["value"],
                "predicted": values[0],
                "low": low,
                "high": high,
                "verdict": _verdict(target["value"], values[0], (low, high), is_date=is_date),
                "share_times_days": math.nan if is_date else _rival(network, runs[0], target, days),
                "nothing": math.nan if is_date else 1.0,
            }
        )
    return rows


def _flow(target: dict[str, Any]) -> str:
    return f"{target['exporter'] or 'all'}>{target['importer'] or 'all'}:{target['selector']}"


def _interval(values: FloatArray) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if not len(known):
        return math.nan, math.nan
    low, _, high = np.quantile(known, QUANTILES)
    return float(low), float(high)


def period_days(period: str, scenario: Scenario, days: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the days of a period, counted from a scenario's start; days before it are negative.

    Parameters
    ----------
    period
        A day, month or year, or two of them joined by ``/``.
    scenario
        Whose date is day 0.
    days
        Days from here on are left out.

    Returns
    -------
    numpy.ndarray
        The days, ascending.

    Examples
    --------
    >>> period_days("2019-07", Scenario("x", date="2019-07-04"), 365)[[0, -1]].tolist()
    [-3, 27]
    """
    start = date.fromisoformat(_first(scenario.date or "2000"))
    first, _, last = period.partition("/")
    begin = (date.fromisoformat(_first(first)) - start).days
    end = (_after(last or first) - start).days
    return np.arange(begin, min(end, days))


def _first(text: str) -> str:
    return text + "0000-01-01"[len(text) :]


def _after(text: str) -> date:
    """Return the day after a day, month or year."""
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return date.fromordinal(date(*parts).toordinal() + 1)
    if len(parts) == 2:
        return date(parts[0] + parts[1] // 12, parts[1] % 12 + 1, 1)
    return date(parts[0] + 1, 1, 1)


def _predict(
    run: Run, normal: Run, target: dict[str, Any], days: np.ndarray[Any, np.dtype[np.int64]]
) -> float:
    if target["exporter"] or target["importer"]:
        return _ratio_of_flows(run, normal, target, days)
    path = _path(run, target["selector"])
    if target["quantity"] == "date":
        below = np.flatnonzero(path < SURVIVES)
        if not len(below):
            return math.nan
        return float(below[0]) if "onset" in target["unit"] else float(below[-1] + 1)
    inside = days[days >= 0]
    if not len(days):
        return math.nan
    # Before the event output was normal.
    return float((path[inside].sum() + len(days) - len(inside)) / len(days))


def _path(run: Run, selector: str) -> FloatArray:
    """Output of the plants meant, by day, each weighing as much as it makes on a normal day."""
    economy = run.economy
    meant = parse_selector(selector).resolve(economy.network)
    made, bought, whole = made_in(economy, Frozen(run.parameters))
    chosen = np.flatnonzero(economy.mask(meant))
    known = made[chosen].sum()
    path: FloatArray = run.output[[economy.nodes[i].plant for i in chosen]].to_numpy() @ (
        made[chosen] / known
    )
    if [kind for kind, _ in meant.terms] != ["product"]:
        return path
    # Of a whole product the part that is nobody's in particular goes on as the model says.
    product = meant.terms[0][1]
    k = products_of(economy).index(product)
    left: FloatArray = 1 - (1 - path) * known / (known + whole[k])
    left -= (1 - run.rest[product].to_numpy()) * bought[k] / (known + whole[k])
    return left


def _ratio_of_flows(
    run: Run, normal: Run, target: dict[str, Any], days: np.ndarray[Any, np.dtype[np.int64]]
) -> float:
    usual = _volumes(normal, target)
    volumes = _volumes(run, target)
    if not usual.sum() > 0 or not len(days):
        return math.nan
    months = np.clip(days[days >= 0] // MONTH, 0, len(volumes) - 1)
    before = len(days) - len(months)
    return float((volumes[months].sum() / usual[0] + before) / len(days))


def _volumes(run: Run, target: dict[str, Any]) -> FloatArray:
    product = parse_selector(target["selector"]).resolve(run.economy.network).get("product") or ""
    flows = run.flows(product)
    for side in ("exporter", "importer"):
        if target[side]:
            flows = flows[flows[side] == target[side]]
    months = int(np.ceil(run.days / MONTH))
    found: FloatArray = np.zeros(months)
    np.add.at(found, flows["month"].to_numpy(), flows["volume"].to_numpy())
    return found


def _rival(
    network: SupplyNetwork, run: Run, target: dict[str, Any], days: np.ndarray[Any, np.dtype[np.int64]]
) -> float:
    """Every shock is a loss of its share for as long as it lasts: no stocks, nobody steps in."""
    if target["exporter"] or target["importer"] or not len(days):
        return 1.0
    scenario = run.scenario
    happenings: list[Shock | Control] = [*scenario.shocks, *scenario.controls]
    if not happenings:
        return 1.0
    economy = run.economy
    output = disrupt(network, scenario).output.to_numpy()
    weights = economy.weights(parse_selector(target["selector"]).resolve(network))
    loss = float(weights @ (1 - output))
    depth = np.max([1 - np.array(item.levels(0, run.days)) for item in happenings], axis=0)
    depth = depth / depth.max() if depth.max() > 0 else depth
    inside = days[days >= 0]
    return 1 - loss * float(depth[inside].sum()) / len(days)


def _verdict(observed: float, predicted: float, interval: tuple[float, float], *, is_date: bool) -> str:
    low, high = interval
    if math.isnan(predicted):
        return "miss"
    if low - _ROUNDING <= observed <= high + _ROUNDING or abs(predicted - observed) <= _ROUNDING:
        return "inside"
    if is_date:
        return "near" if 0.5 <= (predicted + 1) / (observed + 1) <= 2 else "miss"
    lost, seen = 1 - predicted, 1 - observed
    factor = lost / seen if abs(seen) > _ROUNDING else math.inf
    return "near" if abs(predicted - observed) <= 0.1 or 0.5 <= factor <= 2 else "miss"


def backtest_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Sum a backtest up: how often it was right, and against the two rivals.

    Parameters
    ----------
    table
        What :func:`backtest` returned.

    Returns
    -------
    DataFrame
        ``targets, inside, near, miss`` on targets with a loss, without one, and on dates;
        ``error``: mean absolute error of the shares; ``skill_share_times_days`` and
        ``skill_nothing``: 1 minus the error over that of the rival, positive where the model is
        better.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.backtest(cn.load("japan-korea"), names=["2021-fukushima-quake"], n=0)
    >>> int(backtest_summary(table)["targets"].sum())
    2
    """
    dates = table["quantity"] == "date"
    kinds = {
        "loss": ~dates & (table["observed"] < NOTHING),
        "nothing lost": ~dates & table["observed"].between(NOTHING, 1.05),
        "more than normal": ~dates & (table["observed"] > 1.05),
        "dates": dates,
        "all": dates | ~dates,
    }
    rows = []
    for kind, rows_of in kinds.items():
        own = table[rows_of]
        if not len(own):
            continue
        counts = {verdict: int((own["verdict"] == verdict).sum()) for verdict in ("inside", "near", "miss")}
        shares = own[own["quantity"] != "date"].dropna(subset=["predicted"])
        errors = {
            name: float((shares[name] - shares["observed"]).abs().mean())
            for name in ("predicted", "share_times_days", "nothing")
        }
        skill = {
            f"skill_{name}": 1 - errors["predicted"] / errors[name] if errors[name] > 0 else math.nan
            for name in ("share_times_days", "nothing")
        }
        rows.append({"kind": kind, "targets": len(own), **counts, "error": errors["predicted"], **skill})
    return pd.DataFrame(rows)
