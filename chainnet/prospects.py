"""What stands for and against a new link: its state, its time, the supplier's capacity, the record."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from chainnet.buyings import Buying
from chainnet.economy import Economy
from chainnet.errors import DataError
from chainnet.kernels import BoolArray
from chainnet.makers import TINY
from chainnet.markets import markets
from chainnet.network import SupplyNetwork
from chainnet.parameters import parameters_of, slack_of
from chainnet.scenarios import Control, Scenario
from chainnet.scenarios.files import event, events
from chainnet.tables import records


class _Held(NamedTuple):
    """A control: from which nodes, to which nodes, of which products (None: all)."""

    exporters: BoolArray
    importers: BoolArray
    products: Collection[str] | None


class _Event(NamedTuple):
    """A recorded event on the plants of today: nodes hit, and flows held back."""

    name: str
    hit: BoolArray
    held: tuple[_Held, ...]


class Prospects:
    """What is known of the links of an economy that are not built yet.

    Parameters
    ----------
    economy
        The economy.
    """

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.parameters = parameters_of(economy.network)
        self._about = {row["product"]: row for row in records(economy.network.products)}

    def state(self, buying: Buying, supplier: str) -> str:
        """Return the state of a row that names buyer and supplier; empty where there is none."""
        at = markets(self.economy.network, self.economy.date)
        return at.state(buying.firm, buying.country, buying.product, supplier)

    def days(self, buying: Buying, state: str, *, same_firm: bool) -> float:
        """Return the days until a new supplier is qualified: the longest of what the buyer makes."""
        if state == "qualified":
            return 0.0
        name = "same_site_days" if same_firm else "qualification_days"
        family = self._about[buying.product]["family"]
        rows = [self._need(buying, made) for made in buying.plants]
        return max(
            self.parameters.value(name, buying.product, family, row.get(name, math.nan)) for row in rows
        )

    def _need(self, buying: Buying, made: str) -> dict[str, Any]:
        """Return the row of the buyer's own, else the one for all makers."""
        rows = self._needs[made, buying.product]
        own = [row for row in rows if buying.firm in row["applies_to"].split(";")]
        return (own or [row for row in rows if not row["applies_to"]])[0]

    @cached_property
    def _needs(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in records(self.economy.network.needs):
            found.setdefault((row["product"], row["input"]), []).append(row)
        return found

    def capacity(self, buying: Buying, amount: float, makers: Iterable[int]) -> dict[str, object]:
        """Return the largest part of the makers' output that a share of a buying may take.

        The buyer's part of the world's use of an input is at most its largest part of the world's
        output of anything that it makes of it, if all use alike for the same output. NaN where a
        share is unknown.
        """
        output = self._known(makers)
        made = float(np.max([self._known(nodes) for nodes in buying.plants.values()]))
        most = amount * made / output if output > TINY else math.nan
        slack = slack_of(self.parameters, self._about[buying.product])
        verdict = "unknown" if math.isnan(most) else "enough" if most <= slack else "maybe not"
        return {"takes_at_most": most, "slack": slack, "capacity": verdict}

    def _known(self, nodes: Iterable[int]) -> float:
        """Share of the world's output of some plants; NaN where it is unknown."""
        makers = [self.economy.nodes[i] for i in nodes]
        guessed = any(maker.status == "assumed" for maker in makers)
        return math.nan if guessed else math.fsum(maker.share for maker in makers)

    def softened(self, buying: Buying, deliveries: Collection[int], instead: Collection[int]) -> list[str]:
        """Return the recorded events that hit deliveries from some nodes, and none of others.

        Parameters
        ----------
        buying
            What is delivered.
        deliveries, instead
            Nodes of the present supplier, and of the new one.
        """
        return [
            each.name
            for each in self._record
            if _hits(each, buying, deliveries) and not _hits(each, buying, instead)
        ]

    @cached_property
    def _record(self) -> list[_Event]:
        return [
            self._on_plants(name, scenario)
            for name in events()
            if (scenario := _read(name, self.economy.network)) is not None
        ]

    def _on_plants(self, name: str, scenario: Scenario) -> _Event:
        held = tuple(self._held(control) for control in scenario.controls if control.passes < 1)
        return _Event(name, self.economy.capacity(scenario) < 1, held)

    def _held(self, control: Control) -> _Held:
        mask, network = self.economy.mask, self.economy.network
        products = None if control.product is None else network.with_members(control.product)
        return _Held(mask(control.exporter), mask(control.importer), products)


def _read(name: str, network: SupplyNetwork) -> Scenario | None:
    """Read a recorded event; None where a graph holds none of its plants."""
    try:
        return event(name, network)
    except DataError:
        return None


def _hits(what: _Event, buying: Buying, suppliers: Collection[int]) -> bool:
    nodes = list(suppliers)
    buyers = [group.buyer for group in buying.groups]
    return bool(what.hit[nodes].any()) or any(
        (held.products is None or buying.product in held.products)
        and held.exporters[nodes].any()
        and held.importers[buyers].any()
        for held in what.held
    )
