"""What levers on time do: pure functions on a scenario, or on the arrays of the day-by-day model.

Each takes what it changes and the levers, and returns it changed. Levers add up in any order:
stocks add, factors of a qualification multiply, and of licences and of alerts the best counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from chainnet.economy import Economy, Group
from chainnet.kernels import BoolArray, FloatArray
from chainnet.levers import Lever
from chainnet.scenarios import Control, Scenario, level_at


def eased(economy: Economy, scenario: Scenario, levers: Sequence[Lever]) -> Scenario:
    """Return a scenario with the licences and announcements that levers bring.

    A lever acts on a control whose flows all lie between its two countries: a broader control is
    not theirs to ease.

    Parameters
    ----------
    economy
        The economy, which knows where plants are.
    scenario
        What happens, resolved.
    levers
        The levers.

    Returns
    -------
    Scenario
        The same scenario where no lever touches it.
    """
    if not levers:
        return scenario
    controls = tuple(
        kept for control in scenario.controls if (kept := _eased(economy, control, levers)) is not None
    )
    return scenario if controls == scenario.controls else replace(scenario, controls=controls)


def _eased(economy: Economy, control: Control, levers: Sequence[Lever]) -> Control | None:
    exporters, importers = (
        {economy.nodes[i].country for i in np.flatnonzero(economy.mask(side))}
        for side in (control.exporter, control.importer)
    )
    mine = [lever for lever in levers if exporters == {lever.country} and importers == {lever.buyer}]
    notice = max((lever.value for lever in mine if lever.effect == "alert"), default=0.0)
    if notice > 0:
        first = control.start if control.announced is None else control.announced
        control = replace(control, announced=min(first, control.start - round(notice)))
    waits = [
        lever.value
        for lever in mine
        if lever.effect == "licence" and (not lever.product or _covers(economy, lever, control))
    ]
    return licensed(control, round(min(waits))) if waits else control


def _covers(economy: Economy, lever: Lever, control: Control) -> bool:
    """Say whether all that is controlled is of the lever's product."""
    members = economy.network.with_members
    return control.product is not None and members(control.product) <= members(lever.product)


def licensed(control: Control, days: int) -> Control | None:
    """Return a control of which no licence takes longer than some days; None where nothing is held back.

    Parameters
    ----------
    control
        The control.
    days
        Days from its start until all of the flow is licensed.

    Returns
    -------
    Control or None
        The control, eased.

    Examples
    --------
    >>> import chainnet as cn
    >>> control = cn.Scenario.parse("JPN>KOR:hf_liquid@0+90").controls[0]
    >>> licensed(control, 30).levels(0, 60) == [0.0] * 30 + [1.0] * 30
    True
    """
    if days <= 0:
        return None
    last = control.start + days
    if control.days is not None and control.days <= days:
        return control
    path = control.path or ((float(control.start), control.passes),)
    before = tuple((day, level) for day, level in path if day < last - 1)
    return replace(
        control, days=None, path=(*before, (last - 1.0, level_at(path, last - 1)), (float(last), 1.0))
    )


def noticed(economy: Economy, scenario: Scenario, levers: Sequence[Lever]) -> FloatArray:
    """Return by how many days each node learns sooner of what happens.

    Parameters
    ----------
    economy
        The economy.
    scenario
        What happens: a lever acts on what lies in its country.
    levers
        The levers.

    Returns
    -------
    numpy.ndarray
        Days, one a node.
    """
    days = np.zeros(len(economy.nodes))
    if not levers:
        return days
    hit = np.zeros(len(economy.nodes), dtype=bool)
    for shock in scenario.shocks:
        hit |= economy.mask(shock.selector)
    for control in scenario.controls:
        hit |= economy.mask(control.exporter)
    places = {economy.nodes[i].country for i in np.flatnonzero(hit)}
    for lever in levers:
        if lever.effect == "alert" and lever.country in places:
            told = _is_at(economy, range(len(economy.nodes)), lever.buyer)
            days[told] = np.maximum(days[told], lever.value)
    return days


def stocked(
    economy: Economy, groups: Sequence[Group], cover: FloatArray, levers: Sequence[Lever]
) -> FloatArray:
    """Return the cover of each need with the stocks that levers add.

    Parameters
    ----------
    economy, groups
        The economy, and its needs.
    cover
        Days of use, one a need.
    levers
        The levers.

    Returns
    -------
    numpy.ndarray
        Days of use, one a need.
    """
    for lever in levers:
        if lever.effect == "stockpile":
            cover = cover + lever.value * _concerned(economy, groups, lever)
    return cover


def qualified(
    economy: Economy, groups: Sequence[Group], days: FloatArray, levers: Sequence[Lever]
) -> FloatArray:
    """Return the qualification time of each need with the factors of levers.

    A factor for one supplier counts for the part of the product's makers that this supplier is.

    Parameters
    ----------
    economy, groups
        The economy, and its needs.
    days
        Days to qualify a new supplier, one a need.
    levers
        The levers.

    Returns
    -------
    numpy.ndarray
        Days, one a need.
    """
    for lever in levers:
        if lever.effect == "qualification":
            part = _part_of(economy, lever)
            days = days * (1 - part * (1 - lever.value) * _concerned(economy, groups, lever))
    return days


def _part_of(economy: Economy, lever: Lever) -> float:
    """Return the share of a lever's supplier in its product's output; 1 where any supplier is meant."""
    if not lever.firm:
        return 1.0
    members = economy.network.with_members(lever.product)
    makers = [node for node in economy.nodes if node.product in members]
    whole = sum(node.share for node in makers)
    return sum(node.share for node in makers if node.firm == lever.firm) / whole if whole > 0 else 0.0


def _concerned(economy: Economy, groups: Sequence[Group], lever: Lever) -> BoolArray:
    """Say which needs a lever means."""
    members = economy.network.with_members(lever.product) if lever.product else None
    inputs = [members is None or not members.isdisjoint(group.inputs) for group in groups]
    buyers = [group.buyer for group in groups]
    chosen: BoolArray = np.array(inputs, dtype=bool)
    for place in (lever.buyer, lever.country):
        if place:
            chosen &= _is_at(economy, buyers, place)
    return chosen


def _is_at(economy: Economy, nodes: Iterable[int], place: str) -> BoolArray:
    """Say which nodes are of a firm, or in a country."""
    about = [economy.nodes[i] for i in nodes]
    return np.array([place in (node.firm, node.country) for node in about], dtype=bool)
