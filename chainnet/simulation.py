"""The day-by-day what-if: when it bites, how deep, how long.

Each plant holds stocks of its inputs and of finished goods, and work in progress over its
production lead time. It orders what it plans to use plus a part of what its stocks lack, starts
what capacity, demand and stocks allow, and ships in proportion to orders where it is short. A
buyer that lacks something notices after some days; its present and qualified suppliers then step
in with what they can make above normal, other sites of a failing supplier little by little until
they are requalified, and all other makers until they are qualified. A part of what moved stays.
A control lets through what is licensed; before it starts, buyers who know of it order more.

Capital goods act through spare parts only: a tool maker's stop does not touch the installed base
until the stock of spare parts is used up, and takes a small part of output then.

Stocks refer to normal output and not to present demand: targets that follow demand amplify orders
for ever. The arithmetic is in :mod:`chainnet.daykernel`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from chainnet.cards import card
from chainnet.cascade import must_hit
from chainnet.dayarrays import Frozen, arrays_of, countries_of, happenings_of, products_of, with_policy
from chainnet.dayvalues import Happenings, Needs, Plants, Rules
from chainnet.dayvolumes import LEAST
from chainnet.economy import Economy, Group, compile_network
from chainnet.effects import eased, noticed, qualified, stocked
from chainnet.errors import UsageError
from chainnet.kernels import FloatArray, IntArray
from chainnet.network import SupplyNetwork
from chainnet.parameters import Parameters, parameters_of
from chainnet.scenarios import Control, Scenario, Shock
from chainnet.tables import records

Level = Literal["plant", "firm", "product", "country"]
#: Output below this counts as lost: from here on survival is over, and recovery is not.
SURVIVES = 0.95
_SEEN = 1e-9
_MOST_DAYS = 10_000
#: Days of a month of flows.
MONTH = 30
#: Rows of the card that a notebook shows.
_CARD = 8


@dataclass(frozen=True, eq=False)
class Run:
    """What a scenario does, day by day.

    Parameters
    ----------
    economy, scenario, days
        What was run, for how long.
    output
        Output of each plant on each day, as a share of normal output: days × plants.
    stocks
        Stock of each input at each plant at the end of each day, in days of normal use: days ×
        (plant, input).
    books
        Of each plant, over all days: days of normal output made, shipped and ordered, and left.
    rest
        Deliveries, relative to normal, of the part of each product that is nobody's in particular.
    parameters
        The times and rates it was run with.
    """

    economy: Economy
    scenario: Scenario
    days: int
    output: pd.DataFrame
    stocks: pd.DataFrame
    books: pd.DataFrame
    rest: pd.DataFrame
    parameters: Parameters
    _flows: FloatArray
    _countries: tuple[str, ...]
    _products: tuple[str, ...]

    @property
    def loss(self) -> pd.DataFrame:
        """Loss of each plant on each day, 1 − output."""
        return 1 - self.output

    def by(self, level: Level) -> pd.DataFrame:
        """Output by day of each product and firm, product, or product and country.

        Each plant weighs as much as its share of the product's world output, or what is bought from
        it where that share is assumed and less (see :mod:`chainnet.dayvolumes`); of a whole product
        also the part that is nobody's in particular counts: no shock hits it, and it never makes
        more than normal, but it sells less when its customers buy less.

        Parameters
        ----------
        level
            ``plant``, ``firm``, ``product`` or ``country``.

        Returns
        -------
        DataFrame
            Days × names such as ``samsung:dram``; 1 is normal.
        """
        if level == "plant":
            return self.output
        sums = sums_of(self.economy, level, Frozen(self.parameters))
        values = sums.of(self.output.to_numpy(), self.rest.to_numpy())
        return pd.DataFrame(values, columns=list(sums.names))

    def summary(self, level: Level = "product") -> pd.DataFrame:
        """Say when it bites, how deep and how long, most days lost first.

        Parameters
        ----------
        level
            ``plant``, ``firm``, ``product`` or ``country``.

        Returns
        -------
        DataFrame
            ``name``; ``time_to_survive``: the first day with output below 95 %; ``peak_loss``;
            ``time_to_recover``: days from there until output is and stays at 95 % or above; both
            are NaN where output never falls below, and the second also where it does not come
            back in time; ``days_lost``: days of normal output lost until the last day, less what is
            made up for by then (below zero: a rival that gained).
        """
        path = self.by(level)
        values = path.to_numpy()
        below = values < SURVIVES
        ever = below.any(axis=0)
        first = np.where(ever, below.argmax(axis=0), np.nan)
        last = np.where(ever, len(values) - below[::-1].argmax(axis=0), np.nan)
        table = pd.DataFrame(
            {
                "name": path.columns,
                "time_to_survive": first,
                "peak_loss": _settled((1 - values).max(axis=0, initial=0.0)),
                "time_to_recover": np.where(last < len(values), last - first, np.nan),
                "days_lost": days_lost(values),
            }
        )
        return table.sort_values(["days_lost", "name"], ascending=[False, True], ignore_index=True)

    def _repr_html_(self) -> str:
        """Return a card for notebooks: what happens, and the products that lose most."""
        table = self.summary()
        lost = table[table["days_lost"] > 0]
        label = self.economy.network.label
        rows = [
            (
                label(row["name"]),
                f"{row['days_lost']:.1f}",
                f"{row['peak_loss']:.1%}",
                "never" if np.isnan(row["time_to_survive"]) else f"{row['time_to_survive']:.0f}",
            )
            for row in records(lost.head(_CARD))
        ]
        heads = ("product", "days of output lost", "peak loss", "first day below 95 %")
        facts = {"days": f"{self.days:,}", "products that lose": f"{len(lost):,}"}
        return card(f"Run: {self.scenario.name}", facts, heads=heads, rows=rows)

    def flows(self, product: str) -> pd.DataFrame:
        """Show who ships a product to whom, month by month.

        Only what is bought by plants of the network is counted, and of it only what comes from
        known places. Volumes are shares of the world's normal use a day.

        Parameters
        ----------
        product
            The product; of a family, all its members together.

        Returns
        -------
        DataFrame
            ``month`` (0 is the first 30 days), ``exporter``, ``importer``, ``volume`` (mean of a
            day) and ``share``: of all that the importer buys in that month.
        """
        names = self.economy.network.with_members(product)
        chosen = [k for k, name in enumerate(self._products) if name in names]
        if not chosen:
            raise UsageError(f"no product {product!r} in this run.")
        volume = self._flows[:, chosen].sum(axis=1)
        # Whoever ships in one month is shown in all of them.
        month, exporter, importer = np.nonzero(np.broadcast_to(volume.sum(axis=0) > LEAST**2, volume.shape))
        lengths = np.bincount(np.arange(self.days) // MONTH)
        bought = volume.sum(axis=1)
        countries = np.array(self._countries)
        return pd.DataFrame(
            {
                "month": month,
                "exporter": countries[exporter],
                "importer": countries[importer],
                "volume": volume[month, exporter, importer] / lengths[month],
                "share": volume[month, exporter, importer]
                / np.maximum(bought[month, importer], np.finfo(float).tiny),
            }
        )


@dataclass(frozen=True, eq=False)
class Sums:
    """How the output of plants adds up to that of firms, products or countries.

    Parameters
    ----------
    names
        What it adds up to, such as ``samsung:dram``.
    parts
        Weight of each plant in each of them: plants × names.
    others, products
        Of each of them, the part that is nobody's in particular, and the number of its product.
    """

    names: tuple[str, ...]
    parts: FloatArray
    others: FloatArray
    products: IntArray

    def of(self, output: FloatArray, rest: FloatArray) -> FloatArray:
        """Return output by day and name from that of plants, and the deliveries of nobody's part."""
        made: FloatArray = 1 - (1 - output) @ self.parts - (1 - rest[:, self.products]) * self.others
        return made


@lru_cache(maxsize=8)
def sums_of(economy: Economy, level: Level, frozen: Frozen | None = None) -> Sums:
    """Return how output adds up at a level; see :meth:`Run.by`.

    Parameters
    ----------
    economy
        The economy.
    level
        ``firm``, ``product`` or ``country``.
    frozen
        Parameters: plants weigh what they make in the day-by-day model; None: their shares of the
        world's output.

    Returns
    -------
    Sums
        Names and weights.

    Raises
    ------
    UsageError
        There is no such level.
    """
    columns = {"firm": ["firm", "product"], "product": ["product"], "country": ["country", "product"]}
    if level not in columns:
        raise UsageError(f"cannot add up by {level!r}; use plant, {', '.join(columns)}.")
    table = economy.table
    made, bought, whole = made_in(economy, frozen)
    works = (table["step"] != "planned").to_numpy()
    keep = works & ((table["firm"] != "") | (level != "firm")).to_numpy()
    parts = (table.loc[keep, column].tolist() for column in columns[level])
    labels = np.array([":".join(part) for part in zip(*parts, strict=True)], dtype=object)
    keys, place = np.unique(labels, return_inverse=True)
    number = {name: k for k, name in enumerate(products_of(economy))}
    products = np.array([number[str(key).rpartition(":")[2]] for key in keys], dtype=np.int64)
    share = made[keep]
    total = np.bincount(place, share, len(keys))
    # Makers without any share of the world's output count alike.
    alike = 1 / np.bincount(place)
    part = np.where(total[place] > _SEEN, share / np.maximum(total[place], LEAST), alike[place])
    others = np.zeros(len(keys))
    if level == "product":
        everyone = total + whole[products]
        part *= np.where(total > _SEEN, total / np.maximum(everyone, LEAST), 1.0)[place]
        others = np.where(total > _SEEN, bought[products] / np.maximum(everyone, LEAST), 0.0)
    weights = np.zeros((int(works.sum()), len(keys)))
    weights[np.flatnonzero(keep[works]), place] = part
    return Sums(tuple(str(key) for key in keys), weights, others, products)


def made_in(economy: Economy, frozen: Frozen | None) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what plants make on a normal day, and of each product what is nobody's in particular.

    Parameters
    ----------
    economy
        The economy.
    frozen
        Parameters: what is made in the day-by-day model; None: shares of the world's output.

    Returns
    -------
    made : (n,)
        Of each plant.
    bought, whole : (products,)
        Of what is nobody's in particular, what the network buys, and all.
    """
    nobody = np.array([economy.unattributed.get(name, 0.0) for name in products_of(economy)])
    if frozen is None:
        return np.array([node.share for node in economy.nodes]), nobody, nobody
    plants, needs, _ = arrays_of(economy, frozen)
    bought = np.zeros(len(nobody))
    np.add.at(bought, needs.product, needs.nobody * needs.volume)
    return plants.volume, bought, np.maximum(nobody, bought)


def _settled(values: FloatArray) -> FloatArray:
    """Return zero for what is only a rounding error: neither a loss nor a gain."""
    return np.where(np.abs(values) < _SEEN, 0.0, values)


def days_lost(output: FloatArray) -> FloatArray:
    """Return the days of normal output lost of each column of days × names, less what is made up for."""
    return _settled((1 - output).sum(axis=0))


def simulate(
    network: SupplyNetwork,
    scenario: Scenario | str,
    *,
    days: int | None = None,
    parameters: Parameters | None = None,
) -> Run:
    """Say when a disruption bites, how deep and how long.

    Parameters
    ----------
    network
        The network.
    scenario
        What happens, by day; or one shock or control as text.
    days
        How many days to look at; None is what the scenario says, else 365.
    parameters
        Times and rates; None is the graph's own set.

    Returns
    -------
    Run
        Output, stocks and flows by day.

    Raises
    ------
    UsageError
        The scenario hits nothing, or the days are absurd.

    Examples
    --------
    A resist stop of ten days is shorter than the stocks of the fabs.

    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> run = cn.simulate(net, cn.Scenario.parse("tok:photoresist_euv@0+10"), days=90)
    >>> bool((run.by("product")["dram"] > 0.999).all())
    True
    """
    from chainnet.daylanes import run_days

    ready = _prepared(network, scenario, days, parameters)
    economy, early = ready.economy, ready.early
    output, rest, stocks, flows, books = run_days(
        *(ready.plants, ready.needs, ready.rules, ready.happenings),
        days=ready.days + early,
        keep=True,
        months=np.maximum(np.arange(-early, ready.days), 0) // MONTH,
    )
    names = [node.plant for node in economy.nodes]
    inputs = pd.MultiIndex.from_tuples(
        [(names[group.buyer], "/".join(group.inputs)) for group in ready.groups], names=["plant", "input"]
    )
    return Run(
        economy,
        ready.scenario,
        ready.days,
        pd.DataFrame(output[early:, ready.shown], columns=[names[i] for i in ready.shown]),
        pd.DataFrame(stocks[early:], columns=inputs),
        pd.DataFrame(books.T, index=names, columns=["made", "shipped", "ordered", "left"]),
        pd.DataFrame(rest[early:], columns=products_of(economy)),
        ready.frozen.parameters,
        flows,
        countries_of(economy),
        products_of(economy),
    )


def output_by(
    network: SupplyNetwork,
    scenario: Scenario | str,
    level: Level,
    *,
    days: int | None = None,
    parameters: Parameters | None = None,
) -> tuple[tuple[str, ...], FloatArray]:
    """Return what :meth:`Run.by` returns, for many runs of which nothing else is asked.

    Parameters
    ----------
    network, scenario, days, parameters
        As for :func:`simulate`.
    level
        ``plant``, ``firm``, ``product`` or ``country``.

    Returns
    -------
    names : tuple of str
        Whose output.
    output : numpy.ndarray
        Days × names; 1 is normal.
    """
    return outputs_by(network, [scenario], [level], days=days, parameters=parameters)[0][0]


def outputs_by(
    network: SupplyNetwork,
    scenarios: Sequence[Scenario | str],
    levels: Sequence[Level],
    *,
    days: int | None = None,
    parameters: Parameters | None = None,
) -> list[list[tuple[tuple[str, ...], FloatArray]]]:
    """Return what :func:`output_by` returns, of several scenarios at several levels.

    Scenarios with one economy and one way of rationing run side by side, which takes a third of the
    time; each has the same numbers, to the last bit, as alone.

    Parameters
    ----------
    network, days, parameters
        As for :func:`simulate`.
    scenarios
        What happens, in each.
    levels
        Of ``plant``, ``firm``, ``product`` and ``country``.

    Returns
    -------
    list of list of tuple
        Of each scenario, names and output (days × names; 1 is normal) of each level.
    """
    from chainnet.daylanes import Case, run_together

    ready = [_prepared(network, scenario, days, parameters) for scenario in scenarios]
    alike: dict[object, list[int]] = {}
    for k, known in enumerate(ready):
        key = (known.scenario.date, known.scenario.shares, known.scenario.policy.rationing)
        alike.setdefault(key, []).append(k)
    found: dict[int, list[tuple[tuple[str, ...], FloatArray]]] = {}
    for numbers in alike.values():
        cases = [Case(ready[k].needs, ready[k].happenings, ready[k].days + ready[k].early) for k in numbers]
        outputs = run_together(ready[numbers[0]].plants, ready[numbers[0]].rules, cases)
        for k, (output, rest) in zip(numbers, outputs, strict=True):
            early = ready[k].early
            found[k] = [_of_level(ready[k], level, output[early:], rest[early:]) for level in levels]
    return [found[k] for k in range(len(ready))]


def _of_level(
    ready: _Prepared, level: Level, output: FloatArray, rest: FloatArray
) -> tuple[tuple[str, ...], FloatArray]:
    made = output[:, ready.shown]
    if level == "plant":
        return tuple(ready.economy.nodes[i].plant for i in ready.shown), made
    sums = sums_of(ready.economy, level, ready.frozen)
    return sums.names, sums.of(made, rest)


class _Prepared(NamedTuple):
    """A run before it is run: the arrays of the kernel, and what they are of."""

    economy: Economy
    scenario: Scenario
    days: int
    early: int
    shown: list[int]
    frozen: Frozen
    groups: tuple[Group, ...]
    plants: Plants
    needs: Needs
    rules: Rules
    happenings: Happenings


def _prepared(
    network: SupplyNetwork, scenario: Scenario | str, days: int | None, parameters: Parameters | None
) -> _Prepared:
    scenario = (Scenario.parse(scenario) if isinstance(scenario, str) else scenario).resolve(network)
    days = (scenario.days or 365) if days is None else days
    if not 1 <= days <= _MOST_DAYS:
        raise UsageError(f"cannot look at {days} days; give 1 to {_MOST_DAYS}.")
    economy = compile_network(network.plain, scenario.date, scenario.shares)
    must_hit(economy, scenario)
    scenario = eased(economy, scenario, network.levers)
    used = parameters if parameters is not None else parameters_of(network)
    frozen = Frozen(used)
    plants, needs, groups = arrays_of(economy, frozen)
    needs = needs._replace(
        cover=stocked(economy, groups, needs.cover, network.levers),
        qualification=qualified(economy, groups, needs.qualification, network.levers),
    )
    # Days before day 0 are run, too: stocks are built up after a control is announced.
    early = -min([0, *map(_begins, scenario.shocks), *map(_begins, scenario.controls)])
    happenings, needs = happenings_of(economy, scenario, needs, (-early, days), used)
    needs, outside_rank = with_policy(economy, scenario.policy, needs, used)
    sooner = noticed(economy, scenario, network.levers)[needs.buyer]
    needs = needs._replace(detection=np.maximum(0.0, needs.detection - sooner))
    rules = Rules(max(1.0, used.value("refill_days")), max(1.0, used.value("ramp_days")), outside_rank)
    shown = [i for i, node in enumerate(economy.nodes) if node.step != "planned"]
    return _Prepared(economy, scenario, days, early, shown, frozen, groups, plants, needs, rules, happenings)


def _begins(event: Shock | Control) -> int:
    """Return the first day on which an event does anything."""
    first = min([event.start, *(int(day) for day, _ in event.path[:1])])
    announced = event.announced if isinstance(event, Control) else None
    return first if announced is None else min(first, announced)
