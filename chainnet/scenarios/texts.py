"""Scenarios as one line of JSON, and back: what a store keeps of a case, and what workers are sent."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache
from typing import Any

from chainnet.scenarios import Control, Demand, Policy, Scenario, Selector, Share, Shock

_PARTS: dict[str, type[Any]] = {
    "shocks": Shock,
    "controls": Control,
    "demands": Demand,
    "shares": Share,
    "policy": Policy,
    "selector": Selector,
    "exporter": Selector,
    "importer": Selector,
}

_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def scenario_text(scenario: Scenario) -> str:
    """Return a scenario as JSON: the same scenario, the same text; what is as usual is left out.

    Parameters
    ----------
    scenario
        The scenario.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> print(scenario_text(Scenario.parse("tok@0+90")))
    {"name":"tok@0+90","shocks":[{"days":90,"selector":[["","tok"]]}]}
    """
    return _JSON.encode(_plain(scenario))


def scenario_of(text: str) -> Scenario:
    """Return the scenario that a text tells of; see :func:`scenario_text`.

    Parameters
    ----------
    text
        One line of JSON.

    Returns
    -------
    Scenario
        The scenario.

    Examples
    --------
    >>> scenario = Scenario.parse("JPN>KOR:hf_liquid=0.5", "tok")
    >>> scenario_of(scenario_text(scenario)) == scenario
    True
    """
    found: Scenario = _made(Scenario, json.loads(text))
    return found


def scenario_words(scenario: Scenario) -> str:
    """Return the shocks and controls of a scenario as they are written on the command line.

    Parameters
    ----------
    scenario
        The scenario.

    Returns
    -------
    str
        Joined by ``; ``; of a path of capacities only the lowest is told.

    Examples
    --------
    >>> scenario_words(Scenario.parse("tok=0.5", "JPN>KOR:hf_liquid"))
    'tok=0.5; JPN>KOR:hf_liquid'
    """
    return "; ".join(str(event) for event in (*scenario.shocks, *scenario.controls))


def _plain(value: Any) -> Any:  # noqa: ANN401, whatever a scenario is made of
    if isinstance(value, Selector):
        return value.terms
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    content = {}
    for name, usual in _usual(value.__class__):
        part = getattr(value, name)
        if part != usual:
            content[name] = _plain(part) if name in _PARTS else part
    return content


@cache
def _usual(kind: Any) -> tuple[tuple[str, Any], ...]:  # noqa: ANN401, a class
    """Return the parts of a kind, and what they are if nothing is said. Sweeps write a million scenarios."""
    return tuple((part.name, part.default) for part in fields(kind))  # MISSING differs from everything


def _made(kind: type[Any], content: Any) -> Any:  # noqa: ANN401, a part of a scenario
    if kind is Selector:
        return Selector(_frozen(content))
    values = {}
    for name, value in content.items():
        part = _PARTS.get(name)
        if part is None:
            values[name] = _frozen(value)
        elif part in (Policy, Selector):
            values[name] = _made(part, value)
        else:
            values[name] = tuple(_made(part, item) for item in value)
    return kind(**values)


def _frozen(value: Any) -> Any:  # noqa: ANN401, JSON
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
