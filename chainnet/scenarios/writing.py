"""Scenarios as TOML, such that the file read again means the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from chainnet.errors import UsageError
from chainnet.scenarios import KINDS, Control, Levels, Scenario, Selector, Shock
from chainnet.schema import ID_PATTERN


def as_toml(scenario: Scenario) -> str:
    """Write a scenario as TOML.

    Parameters
    ----------
    scenario
        The scenario, its names looked up in a network.

    Returns
    -------
    str
        The content of a scenario file.

    Raises
    ------
    UsageError
        A name has not been looked up in a network yet, so that its kind is not known; or the date is
        not a full one, which a file must have.

    Examples
    --------
    >>> import chainnet as cn
    >>> scenario = cn.Scenario.parse("JPN:photoresist_euv=0.2@0+90").resolve(cn.load("japan-korea"))
    >>> print(as_toml(scenario))
    name = "JPN:photoresist_euv=0.2@0+90"
    <BLANKLINE>
    [[shock]]
    country = "JPN"
    product = "photoresist_euv"
    capacity = 0.2
    start = 0
    days = 90
    <BLANKLINE>
    """
    if scenario.date is not None and len(scenario.date) < len("2021-03-19"):
        raise UsageError(f"a scenario file holds a full date, such as {scenario.date[:4]}-01-01.")
    top: dict[str, object] = {"name": scenario.name}
    if re.fullmatch(ID_PATTERN, scenario.id):
        top = {"id": scenario.id, **top}
    top |= {name: text for name in ("name_ja", "name_ko") if (text := getattr(scenario, name))}
    top |= {"start": _Date(scenario.date)} if scenario.date else {}
    top |= {"days": scenario.days} if scenario.days is not None else {}
    top |= {"refs": list(scenario.refs)} if scenario.refs else {}
    parts = [_lines(top)]
    parts += [_lines(_shock(shock), "[[shock]]") for shock in scenario.shocks]
    parts += [_lines(_control(control), "[[control]]") for control in scenario.controls]
    parts += [_lines({"product": d.product, "path": _path(d.path)}, "[[demand]]") for d in scenario.demands]
    for share in scenario.shares:
        row = {"product": share.product, "supplier": share.supplier, "share": share.share}
        row |= {"buyer": share.buyer} if share.buyer else {}
        parts.append(_lines(row | ({"ref": share.ref} if share.ref else {}), "[[share]]"))
    policy: dict[str, object] = {"rationing": scenario.policy.rationing}
    if scenario.policy.detection_days is not None:
        policy["detection_days"] = scenario.policy.detection_days
    if policy != {"rationing": "proportional"}:
        parts.append(_lines(policy, "[policy]"))
    chosen = {"with": list(scenario.added), "without": list(scenario.removed)}
    if any(chosen.values()):
        parts.append(_lines({key: names for key, names in chosen.items() if names}, "[partnerships]"))
    return "\n".join(parts)


class _Date(str):
    """A date, which TOML writes without quotes."""

    __slots__ = ()


def _shock(shock: Shock) -> dict[str, object]:
    row: dict[str, object] = dict(_terms(shock.selector))
    if shock.path:
        row["capacity"] = _path(shock.path)
    else:
        row |= {"capacity": shock.capacity, "start": shock.start}
        row |= {"days": shock.days} if shock.days is not None else {}
    return row | ({"wip_lost": shock.wip_lost} if shock.wip_lost else {})


def _control(control: Control) -> dict[str, object]:
    for side in (control.exporter, control.importer):
        _terms(side)
    row: dict[str, object] = {"exporter": str(control.exporter), "importer": str(control.importer)}
    row |= {"products": [control.product]} if control.product else {}
    row |= {"announced": control.announced} if control.announced is not None else {}
    row |= {"start": control.start}
    row |= {"days": control.days} if control.days is not None else {}
    return row | {"permits": _path(control.path) if control.path else control.passes}


def _terms(selector: Selector) -> Iterable[tuple[str, str]]:
    if any(kind not in KINDS for kind, _ in selector.terms):
        raise UsageError(f"'{selector}' has yet to be looked up in a network: scenario.resolve(network).")
    return selector.terms


def _path(path: Levels) -> list[list[float]]:
    return [[day, level] for day, level in path]


def _lines(row: Mapping[str, object], head: str = "") -> str:
    lines = [head] if head else []
    return "\n".join([*lines, *(f"{key} = {_value(value)}" for key, value in row.items())]) + "\n"


def _value(value: object) -> str:
    if isinstance(value, _Date):
        return str(value)
    if isinstance(value, str):
        # Strings of JSON are strings of TOML, but for one control character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    number = float(str(value))
    return str(int(number)) if number.is_integer() else repr(number)
