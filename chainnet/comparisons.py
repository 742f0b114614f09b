"""One network beside another: what partnerships change in dependence and in what shocks cost, and what not.

Every measure is a sum or a mean of parts (a buyer and an input, a maker, a product under a
scenario); only parts that both networks have are counted, since a new plant depends on others like
any plant and makes nobody else depend more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd

from chainnet.cascade import disrupt
from chainnet.closures import STOPPED, stopping_pairs
from chainnet.coalitions import DUST, known_partnerships
from chainnet.concentrations import concentration
from chainnet.dependences import SINGLE
from chainnet.network import SupplyNetwork
from chainnet.objectives import purchase_hhi, single_pairs, stops
from chainnet.parameters import Parameters
from chainnet.partnerships import effects_of, with_partnerships, without_partnerships
from chainnet.responses import device_outcomes, means_something
from chainnet.scenarios import Scenario
from chainnet.tables import records
from chainnet.uncertainties import QUANTILES, draw_parameters

Country = Literal["JPN", "KOR"]
#: Parts of a measure by what they are of; the first is the buyer, blank where there is none.
_Parts = Mapping[tuple[str, ...], float]
_COLUMNS = ["measure", "before", "after", "change", "low", "high"]

_FIRM = f"pairs of buyer and input taken to rest on one firm ({SINGLE:.0%} or more)"
_PLACE = f"pairs of buyer and input taken to rest on one foreign country ({SINGLE:.0%} or more)"
_HHI = "mean HHI by country of what makers of devices buy"
_STOP = f"single firms that stop a device maker (loss of {STOPPED:.0%} or more)"
_TWO = "pairs of firms that together stop a device maker, and neither alone"
_DAYS = "mean days of device output lost"
_LASTS = "mean days until device output falls below 95%"
#: What is said of a partnership of which no effect is known.
NO_EFFECT = "no known effect"
_MEANS = (_HHI, _DAYS, _LASTS)
_WORLD = {
    "one_firm": f"products made by one firm ({SINGLE:.0%} or more)",
    "one_country": f"products made in one country ({SINGLE:.0%} or more)",
    "hhi_firm": "mean HHI by firm",
    "hhi_country": "mean HHI by country",
}
#: Short names of the measures; those of losses under a scenario have none.
MEASURES: Mapping[str, str] = {
    "firm": _FIRM,
    "place": _PLACE,
    "hhi": _HHI,
    **_WORLD,
    "stop": _STOP,
    "two": _TWO,
    "days": _DAYS,
    "lasts": _LASTS,
}


@dataclass(frozen=True)
class _Drawing:
    """Two networks to be set side by side, and the parameters that hold in both."""

    before: SupplyNetwork
    after: SupplyNetwork
    parameters: Parameters | None = None


def compare(  # noqa: PLR0913, what is compared, and how far it is known
    before: SupplyNetwork,
    after: SupplyNetwork,
    scenarios: Sequence[Scenario] = (),
    *,
    only: Country | None = None,
    buyers: bool = False,
    n: int = 0,
    seed: int = 0,
) -> pd.DataFrame:
    """Set one network beside another: dependence, and what scenarios cost.

    Parameters
    ----------
    before, after
        Two networks, such as one without and one with a partnership.
    scenarios
        What happens, for the days lost: for example :func:`chainnet.recorded_shocks`. Of one without
        an id, asked by hand, also the structural losses are compared.
    only
        Count only buyers with their head office in this country; of what scenarios cost, only output
        made there.
    buyers
        A row for each buyer instead of one for all.
    n, seed
        Drawings of the parameters and of the levers' ranges for the interval, and their seed; 0
        leaves it out.

    Returns
    -------
    DataFrame
        ``measure, before, after, change`` and the 90 % interval ``low`` to ``high`` of the change;
        with ``buyers`` also ``buyer``:

        - pairs of buyer and input that are taken to rest on one firm, or on one foreign country
          (90 % or more; on more than the world market's shares, unless there is a sole source);
        - mean HHI, by country, of what makers of devices buy;
        - products made by one firm, or in one country (90 % or more), and mean HHI: of the whole
          world, so neither with ``only`` nor with ``buyers``;
        - single firms whose closure stops a maker of a device (size-1 cut sets), and pairs of firms
          of which neither does so alone (size 2);
        - mean, over the scenarios and the products made, of the days of device output lost, and of
          the days until output falls below 95 % (or the length of the scenario).

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> bool((cn.compare(net, net)["change"] == 0).all())
    True
    """
    drawings = [_Drawing(before, after)]
    if n:
        names = sorted({lever.partnership for net in (before, after) for lever in net.levers})
        for parameters, at in zip(
            draw_parameters(before, n=n, seed=seed), _quantiles(names, n, seed), strict=True
        ):
            one, two = (
                net.with_levers([lever.at(at[lever.partnership]) for lever in net.levers])
                if net.levers
                else net
                for net in (before, after)
            )
            drawings.append(_Drawing(one, two, parameters))
    return _compared(drawings, tuple(scenarios), only, buyers=buyers)


def _quantiles(names: Sequence[str], n: int, seed: int) -> list[dict[str, float]]:
    rng = np.random.default_rng([seed, 1])
    return [dict(zip(names, rng.random(len(names)), strict=True)) for _ in range(n)]


def _compared(
    drawings: Iterable[_Drawing], scenarios: tuple[Scenario, ...], only: Country | None, *, buyers: bool
) -> pd.DataFrame:
    rows: dict[tuple[str, str], tuple[float, float]] = {}
    changes: dict[tuple[str, str], list[float]] = {}
    for number, drawing in enumerate(drawings):
        old, new = (
            {
                **_structure(net.plain, scenarios, only),
                **_daily(net, scenarios, only, drawing.parameters, buyers),
            }
            for net in (drawing.before, drawing.after)
        )
        for name in dict.fromkeys([*old, *new]):
            for buyer, (one, two) in _sides(name, old.get(name, {}), new.get(name, {}), buyers).items():
                if number == 0:
                    rows[name, buyer] = one, two
                elif (name, buyer) in rows:
                    changes.setdefault((name, buyer), []).append(two - one)
    found = []
    for (name, buyer), (one, two) in rows.items():
        drawn = changes.get((name, buyer))
        low, _, high = np.quantile(drawn, QUANTILES) if drawn else (np.nan,) * 3
        found.append((buyer, name, one, two, *(_settled(x) for x in (two - one, low, high))))
    table = pd.DataFrame(found, columns=["buyer", *_COLUMNS])
    return table if buyers else table[_COLUMNS]


def _settled(value: float) -> float:
    return 0.0 if abs(value) < DUST else float(value)


def _sides(name: str, old: _Parts, new: _Parts, buyers: bool) -> dict[str, tuple[float, float]]:  # noqa: FBT001
    """Return the value before and after, by buyer."""
    keys = old.keys() & new.keys() if any(key[0] for key in old) else old.keys() | new.keys()
    owners = sorted({key[0] for key in keys} - {""}) if buyers else [""]
    found = {}
    for owner in owners:
        own = [key for key in sorted(keys) if not buyers or key[0] == owner]
        scale = len(own) if name in _MEANS else 1
        one, two = (sum(side.get(key, 0.0) for key in own) / max(scale, 1) for side in (old, new))
        found[owner] = one, two
    return found


@lru_cache(maxsize=8)
def _structure(
    network: SupplyNetwork, scenarios: tuple[Scenario, ...], only: Country | None
) -> dict[str, _Parts]:
    """Return the readings of the structure by measure."""
    found: dict[str, _Parts] = {
        _FIRM: single_pairs(network, by="firm", only=only),
        # What rests on the world market alone is counted once, by product, below.
        _PLACE: single_pairs(network, by="country", only=only),
        _HHI: purchase_hhi(network, only=only),
    }
    if not only:
        by: Literal["firm", "country"]
        for by in ("firm", "country"):
            table = concentration(network, by=by)
            found[_WORLD[f"one_{by}"]] = {("",): float((table["cr1"] >= SINGLE).sum())}
            found[_WORLD[f"hhi_{by}"]] = {("",): float(table["hhi"].mean())}
    found[_STOP] = stops(network, only=only)
    found[_TWO] = _stopping_pairs(network, only)
    for scenario in scenarios:
        if not scenario.id:
            found |= _device_losses(network, scenario, only)
    return found


def _stopping_pairs(network: SupplyNetwork, only: Country | None) -> _Parts:
    every = stops(network, only=only)
    pairs = stopping_pairs(network)["target"].value_counts()
    return {key: float(pairs.get(":".join(key), 0)) for key in every}


def _device_losses(network: SupplyNetwork, scenario: Scenario, only: Country | None) -> dict[str, _Parts]:
    if not means_something(network, scenario.resolve(network)):
        return {}
    devices = network.products.set_index("product")["class"]
    losses = disrupt(network, scenario).by("country")
    return {
        f"loss of {row['country']}:{row['product']} under {scenario.name}": {("",): float(row["loss"])}
        for row in records(losses[losses["product"].map(devices) == "device"])
        if only is None or row["country"] == only
    }


def _daily(
    network: SupplyNetwork,
    scenarios: tuple[Scenario, ...],
    only: Country | None,
    parameters: Parameters | None,
    buyers: bool,  # noqa: FBT001
) -> dict[str, _Parts]:
    if not scenarios:
        return {}
    level: Literal["firm", "country", "product"] = "firm" if buyers else "country" if only else "product"
    table = device_outcomes(network, scenarios, level=level, only=only, parameters=parameters)
    owners = table["name"].str.partition(":")[0] if buyers else [""] * len(table)
    keys = list(zip(owners, table["name"], table["scenario"].astype(str), strict=True))
    return {
        _DAYS: dict(zip(keys, table["days_lost"].astype(float), strict=True)),
        _LASTS: dict(zip(keys, table["time_to_survive"].astype(float), strict=True)),
    }


def compare_partnerships(  # noqa: PLR0913, what is compared, and how far it is known
    network: SupplyNetwork,
    partnerships: Sequence[str] | None = None,
    scenarios: Sequence[Scenario] = (),
    *,
    only: Country | None = None,
    together: bool = False,
    buyers: bool = False,
    n: int = 0,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare what is with and without each partnership, as if it worked today.

    Parameters
    ----------
    network
        The network.
    partnerships
        Their ids; None is all that have not lapsed.
    scenarios
        What happens, for the days lost; see :func:`compare`.
    only
        Count only this country; see :func:`compare`.
    together
        Take them away, and add them, all at once instead of one by one.
    buyers
        A row for each buyer instead of one for all.
    n, seed
        Drawings for the 90 % interval: of the parameters, and of each partnership's own ranges; 0
        leaves it out.

    Returns
    -------
    DataFrame
        The columns of :func:`compare`, after ``partnership``. Of a partnership without any effect
        that is known the only row says so.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.compare_partnerships(cn.load("japan-korea"), ["tel-hwaseong"])
    >>> bool((table["change"] == 0).all())
    True
    """
    chosen = known_partnerships(network, partnerships, lapsed=True)
    frames = []
    for names in [chosen] if together and chosen else [[name] for name in chosen]:
        if effects_of(network, names, lapsed=True):
            found = _compared(
                _with_and_without(network, names, n, seed), tuple(scenarios), only, buyers=buyers
            )
        else:
            found = pd.DataFrame([{"measure": NO_EFFECT, "before": 0.0, "after": 0.0, "change": 0.0}])
        frames.append(found.assign(partnership=" + ".join(names)))
    columns = ["partnership", *(["buyer"] if buyers else []), *_COLUMNS]
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return rows.reindex(columns=columns)


def _with_and_without(network: SupplyNetwork, names: Sequence[str], n: int, seed: int) -> Iterable[_Drawing]:
    before = without_partnerships(network, names)
    yield _Drawing(before, with_partnerships(network, names, lapsed=True))
    if n:
        drawn = draw_parameters(network, n=n, seed=seed)
        for parameters, at in zip(drawn, _quantiles(sorted(names), n, seed), strict=True):
            # Put in anew: those in force stand in the tables at the values of effects.csv.
            after = with_partnerships(before, names, lapsed=True, at=at)
            yield _Drawing(before, after, parameters)
