"""Scenario files: shocks, controls, demand and shares of an event, in TOML.

Every key of a file must be known: a misspelt one would otherwise silently do nothing. All faults
of a file are reported at once, each with its key.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from chainnet.addresses import is_address, refuse_address
from chainnet.bundled import graphs_folder
from chainnet.datasets import load
from chainnet.errors import DataError, Fault, UnknownNameError, UsageError
from chainnet.names import find_country
from chainnet.network import SupplyNetwork
from chainnet.scenarios import (
    KINDS,
    RATIONINGS,
    Control,
    Demand,
    Levels,
    Policy,
    Rationing,
    Scenario,
    Selector,
    Share,
    Shock,
    level_at,
    parse_selector,
)
from chainnet.schema import ID_PATTERN

#: Longer than this is a slip of the pen, not an event.
MOST_DAYS = 3650
#: A scenario file is short; a larger one is a mistake.
_MOST_BYTES = 2**20
_LARGEST = 10**300

_LISTS = ("shock", "control", "demand", "share")
_TOP = (
    "id",
    "name",
    "name_ja",
    "name_ko",
    "start",
    "days",
    "refs",
    "note",
    *_LISTS,
    "policy",
    "partnerships",
)
_KEYS = {
    "shock": (*KINDS, "capacity", "start", "days", "wip_lost", "refs", "note"),
    "control": (
        "exporter",
        "importer",
        "products",
        "announced",
        "start",
        "days",
        "fraction",
        "permits",
        "refs",
        "note",
    ),
    "demand": ("product", "path", "refs", "note"),
    "share": ("product", "supplier", "share", "buyer", "year", "ref", "note"),
    "policy": ("detection_days", "rationing", "refs", "note"),
    "partnerships": ("with", "without", "note"),
}


def events(graph: str = "japan-korea") -> tuple[str, ...]:
    """Return the ids of the recorded events that come with a graph.

    Parameters
    ----------
    graph
        Name of a bundled graph.

    Returns
    -------
    tuple of str
        Ids that :func:`event` takes.

    Examples
    --------
    >>> isinstance(events(), tuple)
    True
    """
    return tuple(sorted(path.stem for path in (graphs_folder() / graph / "events").glob("*.toml")))


def event(name: str, network: SupplyNetwork | None = None) -> Scenario:
    """Return a recorded event of the bundled graph as a scenario.

    Parameters
    ----------
    name
        Its id; see :func:`events`.
    network
        The network whose names it uses; None is the bundled one.

    Returns
    -------
    Scenario
        The event.

    Raises
    ------
    UnknownNameError
        There is no such event.

    Examples
    --------
    >>> all(event(name).id == name for name in events()[:1])
    True
    """
    if name not in events():
        raise UnknownNameError(name, events(), "event", "is recorded")
    return read_scenario(graphs_folder() / "japan-korea" / "events" / f"{name}.toml", network)


def read_scenario(path: str | Path, network: SupplyNetwork | None = None) -> Scenario:
    r"""Read a scenario file; see :meth:`chainnet.Scenario.read`.

    Parameters
    ----------
    path
        The file.
    network
        The network whose names may be used; None is the bundled one.

    Returns
    -------
    Scenario
        What the file says.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "fire.toml"
    ...     _ = file.write_text('name = "Fire"\n[[shock]]\nfirm = "tel"\ncapacity = [[0, 0], [30, 1]]')
    ...     read_scenario(file).shocks[0].path
    ((0.0, 0.0), (30.0, 1.0))
    """
    if is_address(path):
        refuse_address(path)
    path = Path(path)
    try:
        data = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else None
    except OSError as error:
        raise DataError(
            [Fault("unreadable", f"cannot be read: {error.strerror or error}", str(path))]
        ) from error
    if data is None:
        raise DataError([Fault("too-large", f"has more than {_MOST_BYTES:,} bytes", path.name)])
    return scenario_in(data, path.name, network if network is not None else load())


def scenario_in(data: bytes, file: str, network: SupplyNetwork) -> Scenario:
    """Read the content of a scenario file.

    Parameters
    ----------
    data
        The content.
    file
        How the file is called, in faults; without its ending the scenario's id if it gives none.
    network
        The network whose names may be used.

    Returns
    -------
    Scenario
        What it says.

    Raises
    ------
    DataError
        Everything that is wrong with it, at once.

    Examples
    --------
    >>> scenario_in(b'name = "Nothing"', "x.toml", load()).name
    'Nothing'
    """
    try:
        content = tomllib.loads(data.decode("utf-8"))
        _must_be_moderate(content)
    except RecursionError as error:
        raise DataError([Fault("too-deep", "has lists within lists without end", file)]) from error
    except ValueError as error:  # those of tomllib and UTF-8 are such, and numbers of 5,000 digits
        raise DataError([Fault("broken-toml", f"is not well-formed TOML: {error}", file)]) from error
    reader = _Reader(file, network)
    scenario = reader.scenario(content, Path(file).stem)
    if reader.faults:
        raise DataError(reader.faults)
    return scenario


def _must_be_moderate(value: object) -> None:
    """Raise a ValueError where an integer is too long for a number of any other kind."""
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise ValueError("a number of more than 300 digits")
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _must_be_moderate(each)


class _Reader:
    """Turns the content of a file into a scenario, and gathers what is wrong with it."""

    def __init__(self, file: str, network: SupplyNetwork) -> None:
        self.file = file
        self.network = network
        self.faults: list[Fault] = []

    def fault(self, code: str, message: str, key: str, value: object = "", remedy: str = "") -> None:
        """Note a fault of a key."""
        self.faults.append(Fault(code, message, self.file, None, key, str(value), remedy))

    @contextmanager
    def naming(self, key: str) -> Iterator[None]:
        """Turn an unknown name, or a malformed selector, into a fault of a key."""
        try:
            yield
        except UnknownNameError as error:
            self.fault("unknown-name", str(error).rstrip("."), key, error.name)
        except UsageError as error:
            self.fault("bad-selector", str(error).rstrip("."), key)

    def scenario(self, content: Mapping[str, Any], stem: str) -> Scenario:
        """Read the whole file."""
        self._known_keys(content, _TOP, "")
        tables = {name: self._tables(content, name) for name in _LISTS}
        policy, partnerships = (self._table(content, name) for name in ("policy", "partnerships"))
        identifier = self._text(content, "id", "", stem)
        if not re.fullmatch(ID_PATTERN, identifier):
            self.fault("bad-id", "is not an identifier", "id", identifier, "Use a lower-case slug.")
        days = self._number(content, "days", "", None, (1, MOST_DAYS), whole=True)
        shocks = [self._shock(row, key) for key, row in tables["shock"]]
        controls = [control for key, row in tables["control"] for control in self._controls(row, key)]
        self._overlaps(controls)
        detection = self._number(policy, "detection_days", "policy.", None, (0, 365))
        return Scenario(
            self._text(content, "name", "", identifier),
            tuple(shock for shock in shocks if shock is not None),
            tuple(controls),
            self._date(content),
            demands=tuple(d for key, row in tables["demand"] if (d := self._demand(row, key))),
            shares=tuple(s for key, row in tables["share"] if (s := self._share(row, key))),
            policy=Policy(detection, self._rationing(policy)),
            days=None if days is None else int(days),
            id=identifier,
            refs=self._refs(content),
            name_ja=self._text(content, "name_ja", "", ""),
            name_ko=self._text(content, "name_ko", "", ""),
            added=self._partnerships(partnerships, "with"),
            removed=self._partnerships(partnerships, "without"),
        )

    # The parts of a file

    def _table(self, content: Mapping[str, Any], name: str) -> dict[str, Any]:
        row = content.get(name, {})
        if not isinstance(row, dict):
            self.fault("not-a-table", "is not a table", name, row, f"Write [{name}].")
            return {}
        self._known_keys(row, _KEYS[name], f"{name}.")
        return row

    def _partnerships(self, row: Mapping[str, Any], name: str) -> tuple[str, ...]:
        names, known = row.get(name, []), set(self.network.partnerships["partnership"])
        key = f"partnerships.{name}"
        if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
            self.fault("not-a-list", "is not a list of partnerships", key, names)
            return ()
        for each in names:
            if each not in known:
                near = get_close_matches(each, known, n=1)
                remedy = f"Did you mean {near[0]}?" if near else "See `chainnet partnerships list`."
                self.fault("unknown-name", "is no partnership", key, each, remedy)
        return tuple(dict.fromkeys(each for each in names if each in known))

    def _tables(self, content: Mapping[str, Any], name: str) -> list[tuple[str, dict[str, Any]]]:
        rows = content.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self.fault("not-a-table", "is not a list of tables", name, remedy=f"Write [[{name}]].")
            return []
        found = [(f"{name}[{number}].", row) for number, row in enumerate(rows, 1)]
        for key, row in found:
            self._known_keys(row, _KEYS[name], key)
        return found

    def _known_keys(self, row: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        for key in row:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                remedy = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
                self.fault("unknown-key", "is no key of a scenario", f"{where}{key}", row[key], remedy)

    def _shock(self, row: dict[str, Any], key: str) -> Shock | None:
        selector = self._selector({kind: row[kind] for kind in KINDS if kind in row}, key)
        start = self._number(row, "start", key, 0, (-365, MOST_DAYS), whole=True)
        days = self._number(row, "days", key, None, (1, MOST_DAYS), whole=True)
        lost = self._number(row, "wip_lost", key, 0.0, (0, 1))
        level, path = self._levels(row, "capacity", key, "capacity")
        if path and ("days" in row or "start" in row):
            remedy = "Give the days in the path, or a number with start and days."
            self.fault("path-and-days", "holds a path of capacity and also start or days", key, "", remedy)
        if selector is None:
            return None
        first = int(path[0][0]) if path else int(start or 0)
        return Shock(selector, level, first, None if days is None else int(days), path, lost or 0.0)

    def _controls(self, row: dict[str, Any], key: str) -> list[Control]:
        sides = []
        for side in ("exporter", "importer"):
            text = self._text(row, side, key, "")
            if not text:
                self.fault("missing-key", f"has no {side}", f"{key}{side}", "", "Name a country or a firm.")
            with self.naming(f"{key}{side}"):
                sides += [parse_selector(text).resolve(self.network)] if text else []
        products = row.get("products", [None])
        if not isinstance(products, list) or not products:
            self.fault("not-a-list", "is not a list of products", f"{key}products", products)
            products = []
        names: list[str | None] = []
        for product in products:
            with self.naming(f"{key}products"):
                names.append(self._product(product) if product is not None else None)
        start = self._number(row, "start", key, 0, (-365, MOST_DAYS), whole=True) or 0
        days = self._number(row, "days", key, None, (1, MOST_DAYS), whole=True)
        announced = self._number(row, "announced", key, None, (-365, MOST_DAYS), whole=True)
        fraction = self._number(row, "fraction", key, 1.0, (0, 1))
        if announced is not None and announced > start:
            self.fault("announced-late", "is later than the start", f"{key}announced", announced)
        level, path = self._levels(row, "permits", key, "share")
        if path and "days" in row:
            self.fault("path-and-days", "holds a path of permits and also days", key)
        covered = 1.0 if fraction is None else fraction
        if path and path[0][0] < start:
            self.fault("early-licence", "begins before the control", f"{key}permits", path[0][0])
        if path and path[0][0] > start:
            # Until the first licence nothing of what is covered passes.
            path = ((float(start), path[0][1]), *path)
        path = tuple((day, 1 - covered + covered * value) for day, value in path)
        if len(sides) < 2:
            return []
        length = None if days is None else int(days)
        told = None if announced is None else int(announced)
        passes = 1 - covered + covered * level
        return [Control(sides[0], sides[1], name, passes, int(start), length, path, told) for name in names]

    def _overlaps(self, controls: list[Control]) -> None:
        for one, two in combinations(controls, 2):
            same = (one.exporter, one.importer) == (two.exporter, two.importer)
            family = self.network.families
            mine = {one.product, *family.get(one.product or "", ())}
            yours = {two.product, *family.get(two.product or "", ())}
            meet = one.product is None or two.product is None or bool(mine & yours)
            if same and meet and _span(one)[0] < _span(two)[1] and _span(two)[0] < _span(one)[1]:
                remedy = "One control of a flow at a time: put its licences into one path of permits."
                self.fault("overlapping-licences", "is controlled twice at once", "control", two, remedy)

    def _demand(self, row: dict[str, Any], key: str) -> Demand | None:
        path = self._levels(row, "path", key, "demand")[1]
        if not path:
            self.fault("missing-key", "has no path", f"{key}path", "", "Write path = [[0, 0.9], [90, 1]].")
        with self.naming(f"{key}product"):
            return Demand(self._product(row.get("product", "")), path)
        return None

    def _share(self, row: dict[str, Any], key: str) -> Share | None:
        if "share" not in row:
            self.fault("missing-key", "has no share", f"{key}share")
        share = self._number(row, "share", key, 0.0, (0, 1))
        self._number(row, "year", key, None, (1900, 2200), whole=True)
        with self.naming(key.rstrip(".")):
            product = self._product(row.get("product", ""))
            supplier = self._party(row.get("supplier", ""))
            buyer = self._party(row["buyer"]) if row.get("buyer") else ""
            return Share(product, supplier, share or 0.0, buyer, self._text(row, "ref", key, ""))
        return None

    def _rationing(self, policy: Mapping[str, Any]) -> Rationing:
        value = self._text(policy, "rationing", "policy.", "proportional")
        for rule in RATIONINGS:
            if value == rule:
                return rule
        remedy = f"Use {', '.join(RATIONINGS)}."
        self.fault("unknown-rule", "is no rule of rationing", "policy.rationing", value, remedy)
        return "proportional"

    # Cells

    def _product(self, text: object) -> str:
        return self.network.names.resolve(str(text), ["product"])[1]

    def _party(self, text: object) -> str:
        hits = self.network.names.find(str(text), ["firm"])
        country = find_country(str(text))
        return country if country and not hits else self.network.names.resolve(str(text), ["firm"])[1]

    def _selector(self, terms: dict[str, Any], key: str) -> Selector | None:
        if not terms:
            remedy = f"Give one or more of {', '.join(KINDS)}."
            self.fault("no-selector", "names no plant", key.rstrip("."), "", remedy)
            return None
        wrong = [kind for kind, name in terms.items() if not isinstance(name, str)]
        for kind in wrong:
            self.fault("not-text", "is not text", f"{key}{kind}", terms[kind])
        if wrong:
            return None
        with self.naming(key.rstrip(".")):
            return Selector(tuple(terms.items())).resolve(self.network)
        return None

    def _text(self, row: Mapping[str, Any], name: str, where: str, default: str) -> str:
        value = row.get(name, default)
        if not isinstance(value, str) or not (value or default == ""):
            self.fault("not-text", "is not text", f"{where}{name}", value)
            return default
        return value

    def _refs(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        refs = row.get("refs", [])
        if not isinstance(refs, list) or not all(isinstance(ref, str) for ref in refs):
            self.fault("not-a-list", "is not a list of references", "refs", refs)
            return ()
        return tuple(refs)

    def _date(self, content: Mapping[str, Any]) -> str | None:
        value = content.get("start")
        if value is None or (type(value) is dt.date and 1900 <= value.year <= 2200):
            return None if value is None else value.isoformat()
        self.fault("bad-date", "is not a date", "start", value, "Write 2021-03-19, without quotes.")
        return None

    def _number(
        self,
        row: Mapping[str, Any],
        name: str,
        where: str,
        default: float | None,
        bounds: tuple[float, float],
        *,
        whole: bool = False,
    ) -> float | None:
        value = row.get(name, default)
        if value is None or (name not in row):
            return default
        if not _is_number(value) or (whole and not float(value).is_integer()):
            self.fault("not-a-number", f"is not a {'whole ' * whole}number", f"{where}{name}", value)
            return default
        if not bounds[0] <= value <= bounds[1]:
            remedy = f"It lies in [{bounds[0]:g}, {bounds[1]:g}]."
            self.fault("out-of-range", "is out of range", f"{where}{name}", value, remedy)
            return default
        return float(value)

    def _levels(self, row: Mapping[str, Any], name: str, where: str, what: str) -> tuple[float, Levels]:
        """Read a level, or a path of days and levels; return the lowest level and the path."""
        value, key = row.get(name, 0.0), f"{where}{name}"
        most = 10.0 if what == "demand" else 1.0
        if _is_number(value) and what != "demand":
            level = self._number(row, name, where, 0.0, (0.0, most))
            return (0.0 if level is None else level), ()
        pairs = value if isinstance(value, list) else []
        good = pairs and all(isinstance(p, list) and len(p) == 2 and all(map(_is_number, p)) for p in pairs)
        if not good:
            if name in row:
                remedy = "Write pairs of day and level, such as [[0, 0.2], [90, 1.0]]."
                self.fault("not-a-path", "is not a path", key, value, remedy)
            return 0.0, ()
        before = len(self.faults)
        for day, level in pairs:
            if not -365 <= day <= MOST_DAYS:
                self.fault("out-of-range", "is an absurd day", key, day, f"Days lie in [-365, {MOST_DAYS}].")
            if not 0 <= level <= most:
                self.fault("out-of-range", f"is not a {what}", key, level, f"It lies in [0, {most:g}].")
        if any(right[0] <= left[0] for left, right in pairwise(pairs)):
            days = ", ".join(f"{day:g}" for day, _ in pairs)
            self.fault("days-not-rising", "has days that do not rise", key, days)
        if len(self.faults) > before:
            return 0.0, ()
        path = tuple((float(day), float(level)) for day, level in pairs)
        return min(level for _, level in path), path


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _span(control: Control) -> tuple[float, float]:
    """First and last day on which a control holds anything back."""
    if not control.path:
        return control.start, math.inf if control.days is None else control.start + control.days
    last = control.path[-1]
    return control.start, last[0] if level_at(control.path, last[0]) >= 1 else math.inf
