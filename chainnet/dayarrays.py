"""An economy, a scenario and the parameters, put into the arrays of the day-by-day kernel.

What no time or rate touches is prepared once for an economy, the rest once for a set of parameters;
only what a scenario changes is done anew for each run. See :mod:`chainnet.simulation` for the words
behind it, and :mod:`chainnet.dayvalues` for the arrays.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from chainnet.dayvalues import Happenings, Needs, Plants
from chainnet.dayvolumes import edges_of, groups_in_use, settled_volumes, trade_of
from chainnet.economy import Economy, Group
from chainnet.kernels import BoolArray, FloatArray, IntArray
from chainnet.parameters import Parameters, slack_of
from chainnet.scenarios import Control, Policy, Scenario, level_at
from chainnet.tables import records


def countries_of(economy: Economy) -> tuple[str, ...]:
    """Return the countries that the kernel numbers, in its order."""
    return tuple(sorted({node.country for node in economy.nodes}))


def products_of(economy: Economy) -> tuple[str, ...]:
    """Return the products that the kernel numbers, in its order."""
    return tuple(economy.network.products["product"])


class Frozen:
    """Parameters by identity, so that what was prepared with them is found again."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self._key = (tuple(sorted(parameters.given.items())), tuple(sorted(parameters.factors.items())))

    def __hash__(self) -> int:
        """Return a hash of all values."""
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        """Say whether all values are the same."""
        return isinstance(other, Frozen) and self._key == other._key


@lru_cache(maxsize=4)
def arrays_of(economy: Economy, frozen: Frozen) -> tuple[Plants, Needs, tuple[Group, ...]]:
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
    within = 1 - np.array([_outside(p, row) for row in about])
    made, use, bought = settled_volumes(trade_of(economy), within)
    plants = plants._replace(
        volume=made,
        outside=1 - bought / made,
        lead=np.maximum(1, np.rint(of("lead_days"))).astype(np.int64)[plants.product],
        finished=of("finished_days")[plants.product],
        slack=np.array([slack_of(p, row) for row in about])[plants.product],
        held=of("cover_days")[plants.product],
    )
    needs = needs._replace(
        volume=use,
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
    """Return the arrays as far as no parameter counts; which needs are tools, and which lack a cover."""
    nodes, groups, edges = economy.nodes, groups_in_use(economy), edges_of(economy)
    number = {name: k for k, name in enumerate(products_of(economy))}
    countries = {name: k for k, name in enumerate(countries_of(economy))}
    makers = {key: k for k, key in enumerate(sorted({(n.firm or n.plant, n.product) for n in nodes}))}
    supplier = np.array([i for own in edges for i, _ in own], dtype=np.int64)
    sizes = [len(own) for own in edges]
    capital = np.array([group.capital for group in groups], dtype=np.bool_)
    plants = Plants(
        product=np.array([number[node.product] for node in nodes], dtype=np.int64),
        maker=np.array([makers[node.firm or node.plant, node.product] for node in nodes], dtype=np.int64),
        country=np.array([countries[node.country] for node in nodes], dtype=np.int64),
        volume=np.zeros(len(nodes)),
        outside=np.zeros(len(nodes)),
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
        volume=nothing,
        product=np.array([number[group.inputs[0]] for group in groups], dtype=np.int64),
        zone=nothing.astype(np.int64),
        nobody=np.array([max(0.0, 1 - sum(share for _, share in own)) for own in edges]),
        supplier=supplier,
        weight=np.array([share for own in edges for _, share in own], dtype=np.float64),
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
    # Of a material it must be said by name: the usual value is that of devices.
    given = [key for key in (product, about["family"]) if key and ("outside_share", key) in p.given]
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


def happenings_of(
    economy: Economy, scenario: Scenario, needs: Needs, span: tuple[int, int], p: Parameters
) -> tuple[Happenings, Needs]:
    """Put what happens into the arrays of the kernel."""
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


def with_policy(economy: Economy, policy: Policy, needs: Needs, p: Parameters) -> tuple[Needs, int]:
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
