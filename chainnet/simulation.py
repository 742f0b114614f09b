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

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from chainnet.economy import Economy, Group, compile_network
from chainnet.effects import eased, noticed, qualified, stocked
from chainnet.errors import UsageError
from chainnet.kernels import BoolArray, FloatArray, IntArray
from chainnet.markets import markets
from chainnet.network import SupplyNetwork
from chainnet.parameters import Parameters, parameters_of, slack_of
from chainnet.scenarios import Control, Policy, Scenario, Shock, level_at
from chainnet.tables import records

if TYPE_CHECKING:
    from chainnet.daykernel import Happenings, Needs, Plants

Level = Literal["plant", "firm", "product", "country"]
#: Output below this counts as lost: from here on survival is over, and recovery is not.
SURVIVES = 0.95
#: What a maker without a known share weighs.
_LEAST = 1e-6
_SEEN = 1e-9
_MOST_DAYS = 10_000
#: Days of a month of flows.
_MONTH = 30


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
    """

    economy: Economy
    scenario: Scenario
    days: int
    output: pd.DataFrame
    stocks: pd.DataFrame
    books: pd.DataFrame
    rest: pd.DataFrame
    _flows: FloatArray
    _countries: tuple[str, ...]
    _products: tuple[str, ...]

    @property
    def loss(self) -> pd.DataFrame:
        """Loss of each plant on each day, 1 − output."""
        return 1 - self.output

    def by(self, level: Level) -> pd.DataFrame:
        """Output by day of each product and firm, product, or product and country.

        Each plant weighs as much as its share of the product's world output; of a whole product
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
        sums = sums_of(self.economy, level)
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
        month, exporter, importer = np.nonzero(np.broadcast_to(volume.sum(axis=0) > _LEAST**2, volume.shape))
        lengths = np.bincount(np.arange(self.days) // _MONTH)
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
def sums_of(economy: Economy, level: Level) -> Sums:
    """Return how output adds up at a level; see :meth:`Run.by`.

    Parameters
    ----------
    economy
        The economy.
    level
        ``firm``, ``product`` or ``country``.

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
    table = table[table["step"] != "planned"].reset_index(drop=True)
    keep = (table["firm"] != "") | (level != "firm")
    shown, table = np.flatnonzero(keep), table[keep]
    parts = (table[column].tolist() for column in columns[level])
    labels = np.array([":".join(part) for part in zip(*parts, strict=True)], dtype=object)
    keys, place = np.unique(labels, return_inverse=True)
    share = table["share"].to_numpy()
    total = np.bincount(place, share, len(keys))
    # Makers without any share of the world's output count alike.
    alike = 1 / np.bincount(place)
    part = np.where(total[place] > _SEEN, share / np.maximum(total[place], _LEAST), alike[place])
    others = np.zeros(len(keys))
    if level == "product":
        nobody = np.array([economy.unattributed.get(str(key), 0.0) for key in keys])
        others = np.where(total > _SEEN, nobody / np.maximum(total + nobody, _LEAST), 0.0)
        part *= 1 - others[place]
    weights = np.zeros((len(keep), len(keys)))
    weights[shown, place] = part
    number = {name: k for k, name in enumerate(_products(economy))}
    products = np.array([number[str(key).rpartition(":")[2]] for key in keys], dtype=np.int64)
    return Sums(tuple(str(key) for key in keys), weights, others, products)


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
    raw = _simulated(network, scenario, days, parameters, whole=True)
    output, rest, stocks, flows, books = raw.arrays
    economy, early = raw.economy, raw.early
    names = [node.plant for node in economy.nodes]
    inputs = pd.MultiIndex.from_tuples(
        [(names[group.buyer], "/".join(group.inputs)) for group in raw.groups], names=["plant", "input"]
    )
    return Run(
        economy,
        raw.scenario,
        raw.days,
        pd.DataFrame(output[early:, raw.shown], columns=[names[i] for i in raw.shown]),
        pd.DataFrame(stocks[early:], columns=inputs),
        pd.DataFrame(books.T, index=names, columns=["made", "shipped", "ordered", "left"]),
        pd.DataFrame(rest[early:], columns=_products(economy)),
        flows,
        _countries(economy),
        _products(economy),
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
    raw = _simulated(network, scenario, days, parameters, whole=False)
    output, rest = (array[raw.early :] for array in raw.arrays[:2])
    if level == "plant":
        return tuple(raw.economy.nodes[i].plant for i in raw.shown), output[:, raw.shown]
    sums = sums_of(raw.economy, level)
    return sums.names, sums.of(output[:, raw.shown], rest)


class _Raw(NamedTuple):
    """A run before its tables are made: the arrays of the kernel, and what they are of."""

    economy: Economy
    scenario: Scenario
    days: int
    early: int
    shown: list[int]
    groups: tuple[Group, ...]
    arrays: tuple[FloatArray, ...]


def _simulated(
    network: SupplyNetwork,
    scenario: Scenario | str,
    days: int | None,
    parameters: Parameters | None,
    *,
    whole: bool,
) -> _Raw:
    scenario = (Scenario.parse(scenario) if isinstance(scenario, str) else scenario).resolve(network)
    days = days or scenario.days or 365
    if not 1 <= days <= _MOST_DAYS:
        raise UsageError(f"cannot look at {days} days; give 1 to {_MOST_DAYS}.")
    from chainnet.cascade import must_hit
    from chainnet.daykernel import Rules, run_days

    economy = compile_network(network.plain, scenario.date, scenario.shares)
    must_hit(economy, scenario)
    scenario = eased(economy, scenario, network.levers)
    used = parameters if parameters is not None else parameters_of(network)
    plants, needs, groups = _arrays(economy, _Frozen(used))
    needs = needs._replace(
        cover=stocked(economy, groups, needs.cover, network.levers),
        qualification=qualified(economy, groups, needs.qualification, network.levers),
    )
    # Days before day 0 are run, too: stocks are built up after a control is announced.
    early = -min([0, *map(_begins, scenario.shocks), *map(_begins, scenario.controls)])
    happenings, needs = _happenings(economy, scenario, needs, (-early, days), used)
    needs, outside_rank = _policy(economy, scenario.policy, needs, used)
    sooner = noticed(economy, scenario, network.levers)[needs.buyer]
    needs = needs._replace(detection=np.maximum(0.0, needs.detection - sooner))
    rules = Rules(max(1.0, used.value("refill_days")), max(1.0, used.value("ramp_days")), outside_rank)
    months = np.maximum(np.arange(-early, days), 0) // _MONTH if whole else np.zeros(0, dtype=np.int64)
    arrays = run_days(plants, needs, rules, happenings, days + early, keep=whole, months=months)
    shown = [i for i, node in enumerate(economy.nodes) if node.step != "planned"]
    return _Raw(economy, scenario, days, early, shown, groups, arrays)


def _begins(event: Shock | Control) -> int:
    """Return the first day on which an event does anything."""
    first = min(event.start, *(int(day) for day, _ in event.path[:1]), event.start)
    announced = event.announced if isinstance(event, Control) else None
    return first if announced is None else min(first, announced)


def _countries(economy: Economy) -> tuple[str, ...]:
    return tuple(sorted({node.country for node in economy.nodes}))


def _products(economy: Economy) -> tuple[str, ...]:
    return tuple(economy.network.products["product"])


class _Frozen:
    """Parameters by identity, so that what was prepared with them is found again."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self._key = (tuple(sorted(parameters.given.items())), tuple(sorted(parameters.factors.items())))

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and self._key == other._key


@lru_cache(maxsize=4)
def _arrays(economy: Economy, frozen: _Frozen) -> tuple[Plants, Needs, tuple[Group, ...]]:
    """Put an economy with its stocks and times into the arrays of the kernel."""
    p, about, rows = frozen.parameters, _products_about(economy), _rows_of_needs(economy)
    plants, needs, tool, no_cover = _without_times(economy)
    families = {row["product"]: row["family"] for row in about}
    different = {id(row): row for row in rows}

    def of(name: str) -> FloatArray:
        """By product."""
        return np.array(
            [p.value(name, row["product"], row["family"], row.get(name, math.nan)) for row in about]
        )

    def days(name: str) -> FloatArray:
        """By group. Many groups share a row of needs: each is looked up once."""
        found = {
            key: p.value(name, row["input"], families[row["input"]], row.get(name, math.nan))
            for key, row in different.items()
        }
        return np.array([found[id(row)] for row in rows])

    # Devices go into computers and cars, which are not in the network; materials go into devices.
    sold = np.array([_outside(p, row) for row in about])[plants.product]
    within = plants.outside < 1
    plants = plants._replace(
        volume=np.where(within, plants.volume / (1 - sold), plants.volume),
        outside=np.where(within, sold, 1.0),
        lead=np.maximum(1, np.rint(of("lead_days"))).astype(np.int64)[plants.product],
        finished=of("finished_days")[plants.product],
        slack=np.array([slack_of(p, row) for row in about])[plants.product],
        held=of("cover_days")[plants.product],
    )
    needs = needs._replace(
        impact=np.where(tool, np.minimum(1.0, days("spare_impact")), needs.impact),
        cover=np.where(tool & no_cover, days("spare_parts_days"), days("cover_days")),
        transit=np.rint(of("transit_days")).astype(np.int64)[needs.product],
        qualification=days("qualification_days"),
        same_site=days("same_site_days"),
        sticky=np.minimum(1.0, days("sticky")),
    )
    return plants, needs, groups_in_use(economy)


@lru_cache(maxsize=4)
def _without_times(economy: Economy) -> tuple[Plants, Needs, BoolArray, BoolArray]:
    """Return the arrays of the kernel as far as no parameter counts; which needs are tools or lack a cover.

    Of a plant that sells within the network, ``volume`` is what it sells there and ``outside`` 0.
    """
    from chainnet.daykernel import Needs, Plants

    nodes, groups, edges, use = (
        economy.nodes,
        groups_in_use(economy),
        _edges(economy),
        volumes_of_use(economy),
    )
    number = {name: k for k, name in enumerate(_products(economy))}
    countries = {name: k for k, name in enumerate(_countries(economy))}
    makers = {key: k for k, key in enumerate(sorted({(n.firm or n.plant, n.product) for n in nodes}))}
    supplier = np.array([i for own in edges for i, _ in own], dtype=np.int64)
    weight = np.array([share for own in edges for _, share in own], dtype=np.float64)
    sizes = [len(own) for own in edges]
    volume = np.bincount(supplier, weight * np.repeat(use, sizes), len(nodes)).astype(np.float64)
    capital = np.array([group.capital for group in groups], dtype=np.bool_)
    plants = Plants(
        product=np.array([number[node.product] for node in nodes], dtype=np.int64),
        maker=np.array([makers[node.firm or node.plant, node.product] for node in nodes], dtype=np.int64),
        country=np.array([countries[node.country] for node in nodes], dtype=np.int64),
        volume=np.where(volume > 0, volume, [max(node.share, _LEAST) for node in nodes]),
        outside=np.where(volume > 0, 0.0, 1.0),
        lead=np.ones(len(nodes), dtype=np.int64),
        finished=np.zeros(len(nodes)),
        slack=np.zeros(len(nodes)),
        held=np.zeros(len(nodes)),
    )
    nothing = np.zeros(len(groups))
    needs = Needs(
        start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        buyer=np.array([group.buyer for group in groups], dtype=np.int64),
        critical=np.array([group.critical for group in groups], dtype=np.bool_) & ~capital,
        impact=np.array([group.impact for group in groups], dtype=np.float64),
        cover=nothing,
        transit=nothing.astype(np.int64),
        detection=nothing,
        qualification=nothing,
        same_site=nothing,
        sticky=nothing,
        volume=use,
        product=np.array([number[group.inputs[0]] for group in groups], dtype=np.int64),
        zone=nothing.astype(np.int64),
        nobody=np.array([max(0.0, 1 - sum(share for _, share in own)) for own in edges]),
        supplier=supplier,
        weight=weight,
        path=np.full(len(supplier), -1, dtype=np.int64),
        rank=np.zeros(len(supplier), dtype=np.int64),
    )
    no_cover = np.array([math.isnan(row["cover_days"]) for row in _rows_of_needs(economy)], dtype=np.bool_)
    return plants, needs, capital, no_cover


@lru_cache(maxsize=4)
def _products_about(economy: Economy) -> tuple[dict[str, Any], ...]:
    return tuple(records(economy.network.products))


def _outside(p: Parameters, about: dict[str, Any]) -> float:
    product = about["product"]
    given = [key for key in (product, about["family"]) if ("outside_share", key) in p.given]
    devices = about["stage"] in ("device", "packaging", "end_use")
    return min(0.99, p.value("outside_share", product, about["family"])) if devices or given else 0.0


@lru_cache(maxsize=4)
def _rows_of_needs(economy: Economy) -> tuple[dict[str, Any], ...]:
    """Return the row of needs behind each group: the one of the buyer's own, else the one for all makers."""
    rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in records(economy.network.needs):
        rows[row["product"], row["input"]].append(row)

    def row_of(group: Group) -> dict[str, Any]:
        buyer = economy.nodes[group.buyer]
        found = rows[buyer.product, group.inputs[0]]
        own = [row for row in found if buyer.firm and buyer.firm in row["applies_to"].split(";")]
        return next(iter(own), found[0])

    return tuple(row_of(group) for group in groups_in_use(economy))


@lru_cache(maxsize=4)
def groups_in_use(economy: Economy) -> tuple[Group, ...]:
    """Return the needs that are in the model: planned plants use nothing yet, and nobody never fails.

    Parameters
    ----------
    economy
        The economy.

    Returns
    -------
    tuple of Group
        In the order of the economy's groups.
    """
    return tuple(
        group
        for group in economy.groups
        if economy.nodes[group.buyer].step != "planned" and any(i >= 0 for i, _ in group.purchases)
    )


@lru_cache(maxsize=4)
def volumes_of_use(economy: Economy) -> FloatArray:
    """Return each group's share of the world's use of its input.

    The products that use an input take equal parts of it, and their makers a part each in
    proportion to their output: assumed, for want of figures.

    Parameters
    ----------
    economy
        The economy.

    Returns
    -------
    numpy.ndarray
        One number for each of :func:`groups_in_use`.
    """
    nodes, groups = economy.nodes, groups_in_use(economy)
    users: dict[str, set[str]] = defaultdict(set)
    made: dict[str, float] = defaultdict(float)
    for node in nodes:
        made[node.product] += node.share
    for group in groups:
        for product in set(group.products):
            users[product].add(nodes[group.buyer].product)

    def volume(group: Group) -> float:
        buyer = nodes[group.buyer]
        whole, among = made[buyer.product], len(users[group.inputs[0]])
        return max(buyer.share / whole, _LEAST) / among if whole > 0 and among else _LEAST

    return np.array([volume(group) for group in groups])


@lru_cache(maxsize=4)
def _edges(economy: Economy) -> list[list[tuple[int, float]]]:
    """Return the suppliers of each group, those that are qualified but ship nothing at present included."""
    at = markets(economy.network, economy.date)
    makers: dict[str, list[int]] = defaultdict(list)
    for i, node in enumerate(economy.nodes):
        if node.step != "planned":
            makers[node.product].append(i)
    found = []
    for group in groups_in_use(economy):
        buyer = economy.nodes[group.buyer]
        own: dict[int, float] = {}
        for i, part in group.purchases:
            if i >= 0:
                own[i] = own.get(i, 0.0) + part.share
        for product in group.inputs:
            names = at.qualified(buyer.firm, buyer.country, product)
            for i in makers[product]:
                if names & {economy.nodes[i].firm, economy.nodes[i].country} - {""}:
                    own.setdefault(i, 0.0)
        found.append(list(own.items()))
    return found


def _happenings(
    economy: Economy, scenario: Scenario, needs: Needs, span: tuple[int, int], p: Parameters
) -> tuple[Happenings, Needs]:
    """Put what happens into the arrays of the kernel."""
    from chainnet.daykernel import Happenings

    n, length = len(economy.nodes), span[1] - span[0]
    hit = np.full(n, -1, dtype=np.int64)
    capacity = np.ones((n, length))
    lost = np.zeros(n)
    for shock in scenario.shocks:
        mask = economy.mask(shock.selector)
        capacity[mask] = np.minimum(capacity[mask], shock.levels(*span))
        lost[mask] = np.maximum(lost[mask], shock.wip_lost)
    rows = np.flatnonzero((capacity < 1).any(axis=1))
    hit[rows] = np.arange(len(rows))
    permits, rush, needs, zone_paths = _flows(economy, scenario.controls, needs, span, p)
    happenings = Happenings(
        hit=hit,
        capacity=capacity[rows] if len(rows) else np.ones((1, length)),
        lost_work=lost[rows] if len(rows) else np.zeros(1),
        permits=permits,
        rush=rush,
        zone_paths=zone_paths,
        demand=_demand(economy, scenario, span),
    )
    return happenings, needs


def _policy(economy: Economy, policy: Policy, needs: Needs, p: Parameters) -> tuple[Needs, int]:
    """Return the needs with who notices when and who is served first, and the rank of outside customers."""
    told = policy.detection_days
    detection = np.full(len(needs.buyer), p.value("detection_days") if told is None else told)
    rank, outside_rank = needs.rank, 0
    if policy.rationing == "network_first":
        outside_rank = 1
    elif policy.rationing == "own_first":
        firm = np.array([node.firm or node.plant for node in economy.nodes])
        country = np.array([node.country for node in economy.nodes])
        buyer = np.repeat(needs.buyer, np.diff(needs.start))
        abroad = country[needs.supplier] != country[buyer]
        rank = np.where(firm[needs.supplier] == firm[buyer], 0, 1 + abroad).astype(np.int64)
        outside_rank = 2
    return needs._replace(detection=detection, rank=rank), outside_rank


def _demand(economy: Economy, scenario: Scenario, span: tuple[int, int]) -> FloatArray:
    if not scenario.demands:
        return np.ones((1, span[1] - span[0]))
    path = np.ones((len(economy.nodes), span[1] - span[0]))
    for demand in scenario.demands:
        names = economy.network.with_members(demand.product)
        of = np.array([node.product in names for node in economy.nodes])
        path[of] *= [level_at(demand.path, day) for day in range(*span)]
    return path


def _flows(
    economy: Economy, controls: Sequence[Control], needs: Needs, span: tuple[int, int], p: Parameters
) -> tuple[FloatArray, FloatArray, Needs, IntArray]:
    """Return permits by row and day, the orders before a control, and who lies behind which row."""
    length, nodes = span[1] - span[0], economy.nodes
    if not controls:
        ones = np.ones((1, length))
        return ones, ones, needs, np.full((1, len(nodes)), -1, dtype=np.int64)
    exports, imports = [], []
    products = np.array([node.product for node in nodes], dtype=object)
    for control in controls:
        of = _is_product(economy, control, products)
        exports.append(economy.mask(control.exporter) & of)
        imports.append(economy.mask(control.importer))
    # Rows are sets of controls that hold at once: of them the lowest permit counts.
    held = np.array(exports).T @ (2 ** np.arange(len(controls)))
    behind = np.array(imports).T @ (2 ** np.arange(len(controls)))
    zones, zone = np.unique(behind[needs.buyer], return_inverse=True)
    sets = sorted({int(a) & int(b) for a in np.unique(held) for b in zones} - {0})
    row = {mask: k for k, mask in enumerate(sets)} | {0: -1}
    zone_paths = np.array([[row[int(a) & int(b)] for a in held] for b in zones], dtype=np.int64)
    buyer = np.repeat(needs.buyer, np.diff(needs.start))
    met = held[needs.supplier] & behind[buyer]
    path = np.array([row[int(mask)] for mask in met], dtype=np.int64)
    permits, rush = np.ones((max(1, len(sets)), length)), np.ones((max(1, len(sets)), length))
    for k, mask in enumerate(sets):
        for c, control in enumerate(controls):
            if mask >> c & 1:
                permits[k] = np.minimum(permits[k], control.levels(*span))
                if control.announced is not None and control.passes < 1:
                    told = slice(max(0, control.announced - span[0]), max(0, control.start - span[0]))
                    rush[k, told] = max(1.0, p.value("stock_building"))
    return permits, rush, needs._replace(path=path, zone=zone.astype(np.int64)), zone_paths


def _is_product(economy: Economy, control: Control, products: np.ndarray) -> BoolArray:
    if control.product is None:
        return np.ones(len(products), dtype=np.bool_)
    found: BoolArray = np.isin(products, list(economy.network.with_members(control.product)))
    return found
