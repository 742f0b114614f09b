"""Shocks, export controls and scenarios, and the words in which they are asked for.

A shock is ``SELECTOR[=CAPACITY][@START[+DAYS]]``. A selector is terms joined by ``:`` that must
all hold: a firm, a product, a country, ``hq:COUNTRY``, ``region/NAME``. A control of flows is
``FROM>TO[:PRODUCT]``. Names may be English, Japanese or Korean. Files of scenarios, with paths of
capacity and of permits, are read by :mod:`chainnet.scenarios.files`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

from chainnet.errors import UnknownNameError, UsageError
from chainnet.names import find_country, fold
from chainnet.network import SupplyNetwork

KINDS = ("firm", "product", "country", "hq", "region", "plant")
Rationing = Literal["proportional", "own_first", "network_first"]
RATIONINGS: tuple[Rationing, ...] = get_args(Rationing)
#: Days and levels, linear between; normal before the first day, and for good after the last.
Levels = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Selector:
    """Which plants: every term must hold.

    Parameters
    ----------
    terms
        Pairs of kind (firm, product, country, hq, region, plant) and name. The kind is empty
        where a name has yet to be looked up in a network. A product that is a family stands for
        itself and its members.
    """

    terms: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        """Refuse kinds that nothing has."""
        for kind, name in self.terms:
            if kind and kind not in KINDS:
                raise UsageError(f"a selector has no {kind!r} (of {name!r}); use {', '.join(KINDS)}.")

    def get(self, kind: str) -> str | None:
        """Return the name asked for of one kind, or None."""
        return dict(self.terms).get(kind)

    def __str__(self) -> str:
        """Return the selector as it is written on the command line."""
        plain = ("", "firm", "product", "country")
        return ":".join(name if kind in plain else f"{kind}/{name}" for kind, name in self.terms)

    def resolve(self, network: SupplyNetwork) -> Selector:
        """Return the selector with every name looked up in a network.

        Raises
        ------
        UnknownNameError
            A name is not in the network.
        UsageError
            Two terms are of one kind.
        """
        terms = [_look_up(network, kind, name) for kind, name in self.terms]
        kinds = [kind for kind, _ in terms]
        if len(set(kinds)) < len(kinds):
            raise UsageError(f"'{self}' names two of one kind; a plant has one. Give two shocks instead.")
        return Selector(tuple(sorted(terms, key=lambda term: -KINDS.index(term[0]))))

    def without(self, kind: str) -> Selector:
        """Return the selector without its term of one kind."""
        return Selector(tuple(term for term in self.terms if term[0] != kind))


@dataclass(frozen=True)
class Shock:
    """A loss of capacity at some plants.

    Parameters
    ----------
    selector
        Which plants.
    capacity
        What remains of their capacity: 0 is closed, 1 is normal.
    start, days
        First day and duration; no duration means for good.
    path
        Days and capacities, linear between, instead of one capacity; ``capacity`` is then the
        lowest of them, which is what the structural model uses.
    wip_lost
        Share of the work in progress that is destroyed on the first day.
    """

    selector: Selector
    capacity: float = 0.0
    start: int = 0
    days: int | None = None
    path: Levels = ()
    wip_lost: float = 0.0

    def levels(self, first: int, last: int) -> list[float]:
        """Return the capacity on each of the days first, …, last − 1."""
        return _levels(self.path, self.capacity, (self.start, self.days), (first, last))

    def __post_init__(self) -> None:
        """Refuse what is no capacity."""
        _must_be_share(self.capacity, "capacity")

    def __str__(self) -> str:
        """Return the shock as it is written on the command line."""
        return f"{self.selector}{_suffix(self.capacity, self.start, self.days)}"


@dataclass(frozen=True)
class Control:
    """A control of flows from some plants to some others.

    Parameters
    ----------
    exporter, importer
        Whose flows, and to whom.
    product
        Which product; None is all.
    passes
        Share of the flow that is let through.
    start, days
        First day and duration; no duration means for good.
    path
        Days and shares of the flow that are let through, linear between, instead of one share;
        ``passes`` is then the lowest of them.
    announced
        Day on which buyers learn of it, and begin to build up stocks; None: the first day.
    """

    exporter: Selector
    importer: Selector
    product: str | None = None
    passes: float = 0.0
    start: int = 0
    days: int | None = None
    path: Levels = ()
    announced: int | None = None

    def levels(self, first: int, last: int) -> list[float]:
        """Return the share that passes on each of the days first, …, last − 1."""
        return _levels(self.path, self.passes, (self.start, self.days), (first, last))

    def __post_init__(self) -> None:
        """Refuse what is no share of a flow."""
        _must_be_share(self.passes, "share that passes")

    def __str__(self) -> str:
        """Return the control as it is written on the command line."""
        product = f":{self.product}" if self.product else ""
        return f"{self.exporter}>{self.importer}{product}{_suffix(self.passes, self.start, self.days)}"


def _must_be_share(value: float, what: str) -> None:
    if not 0 <= value <= 1:
        raise UsageError(f"{value!r} is no {what}. It lies in [0, 1]: 0 is closed, 1 is normal.")


def _levels(path: Levels, level: float, span: tuple[int, int | None], days: tuple[int, int]) -> list[float]:
    start, length = span
    if not path:
        return [
            level if day >= start and (length is None or day < start + length) else 1.0
            for day in range(*days)
        ]
    return [level_at(path, day) for day in range(*days)]


def level_at(path: Levels, day: float) -> float:
    """Return the level of a path on a day: normal before it begins, its last level after it ends.

    Parameters
    ----------
    path
        Days and levels, days rising.
    day
        The day.

    Returns
    -------
    float
        The level.

    Examples
    --------
    >>> [level_at(((0, 0.0), (10, 1.0)), day) for day in (-1, 0, 5, 20)]
    [1.0, 0.0, 0.5, 1.0]
    """
    if day < path[0][0]:
        return 1.0
    for (left, low), (right, high) in pairwise(path):
        if day < right:
            return low + (high - low) * (day - left) / (right - left)
    return path[-1][1]


def _suffix(capacity: float, start: int, days: int | None) -> str:
    left = f"={capacity:g}" if capacity else ""
    when = f"@{start}" if start or days is not None else ""
    return f"{left}{when}" + (f"+{days}" if days is not None else "")


@dataclass(frozen=True)
class Demand:
    """Outside demand for a product, relative to normal, along a path of days and levels."""

    product: str
    path: Levels


@dataclass(frozen=True)
class Share:
    """A share of the event's own time.

    Parameters
    ----------
    product, supplier
        What, and the firm or country that supplies it.
    share
        Share of the world's output; of the buyer's purchases where there is a buyer.
    buyer
        A firm or country, or blank.
    ref
        Where it comes from.
    """

    product: str
    supplier: str
    share: float
    buyer: str = ""
    ref: str = ""


@dataclass(frozen=True)
class Policy:
    """What is done about it.

    Parameters
    ----------
    detection_days
        Days after which a shortage is noticed; None is the graph's parameter.
    rationing
        Whom a supplier that is short serves first: ``proportional``: all customers in proportion to
        their orders; ``own_first``: plants of its own firm, then those of its own country, then all
        others; ``network_first``: the plants of the network before customers outside it.
    """

    detection_days: float | None = None
    rationing: Rationing = "proportional"


@dataclass(frozen=True)
class Scenario:
    """What happens: shocks and controls, with a name.

    Parameters
    ----------
    name
        How it is called in results.
    shocks, controls
        What is lost, and what is held back.
    date
        When, as far as it matters which plants exist and who buys from whom: a year or a date;
        None is the graph's own year.
    demands
        Outside demand that is not normal.
    shares
        Shares of the event's own time. They replace all figures of their product: makers that
        are not among them have no known share.
    policy
        What is done about it.
    days
        How long to look at it; None leaves that to the caller.
    id, refs
        Its identifier, and where it is told of.
    name_ja, name_ko
        Its name in Japanese and Korean; blank where it has none.
    added, removed
        Partnerships that it takes to be at work, and not to be. They change the network, so
        :func:`chainnet.arranged` must put them there before anything else meets the scenario.
    """

    name: str
    shocks: tuple[Shock, ...] = ()
    controls: tuple[Control, ...] = ()
    date: str | None = None
    demands: tuple[Demand, ...] = field(default=(), kw_only=True)
    shares: tuple[Share, ...] = field(default=(), kw_only=True)
    policy: Policy = field(default=Policy(), kw_only=True)
    days: int | None = field(default=None, kw_only=True)
    id: str = field(default="", kw_only=True)
    refs: tuple[str, ...] = field(default=(), kw_only=True)
    name_ja: str = field(default="", kw_only=True)
    name_ko: str = field(default="", kw_only=True)
    added: tuple[str, ...] = field(default=(), kw_only=True)
    removed: tuple[str, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        """Keep what was given as tuples: a generator would be empty the second time."""
        for name in ("shocks", "controls", "demands", "shares", "refs", "added", "removed"):
            given = getattr(self, name)
            if isinstance(given, str):
                raise UsageError(f"{name} of a scenario are several; {given!r} is one text.")
            object.__setattr__(self, name, tuple(given))

    def label(self, lang: Literal["en", "ja", "ko"] = "en") -> str:
        """Return its name in a language; in English where it has none there."""
        return {"en": self.name, "ja": self.name_ja, "ko": self.name_ko}[lang] or self.name

    @staticmethod
    def read(path: str | Path, network: SupplyNetwork | None = None) -> Scenario:
        """Read a scenario file (TOML).

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

        Raises
        ------
        DataError
            Everything that is wrong with the file, at once.
        """
        from chainnet.scenarios.files import read_scenario

        return read_scenario(path, network)

    def write(self, path: str | Path) -> None:
        """Write a scenario file (TOML) that means the same; see :meth:`read`.

        Parameters
        ----------
        path
            The file.

        Raises
        ------
        UsageError
            A name has not been looked up in a network yet.
        """
        from chainnet.scenarios.writing import as_toml
        from chainnet.tables import write_bytes

        write_bytes(Path(path), as_toml(self).encode("utf-8"))

    @staticmethod
    def parse(*texts: str, date: str | None = None) -> Scenario:
        """Read shocks and controls in the syntax of the command line.

        Parameters
        ----------
        *texts
            Such as ``JPN:photoresist_all``, ``tokyo_electron=0.5``, ``JPN>KOR:hf_liquid@0+90``.
            Names are looked up when the scenario meets a network.
        date
            A year or date; None is the graph's own year.

        Returns
        -------
        Scenario
            All of them at once.

        Raises
        ------
        UsageError
            A text is malformed, or a number lies outside its range.

        Examples
        --------
        >>> scenario = Scenario.parse("일본>한국:hf_liquid@0+90")
        >>> import chainnet as cn
        >>> str(scenario.resolve(cn.load("japan-korea")).controls[0])
        'JPN>KOR:hf_liquid@0+90'
        """
        events = [parse_event(text) for text in texts]
        return Scenario(
            " and ".join(texts) or "nothing happens",
            tuple(event for event in events if isinstance(event, Shock)),
            tuple(event for event in events if isinstance(event, Control)),
            date,
        )

    def resolve(self, network: SupplyNetwork) -> Scenario:
        """Return the scenario with every name looked up in a network.

        Parameters
        ----------
        network
            The network.

        Returns
        -------
        Scenario
            The same, in the identifiers of the network.

        Raises
        ------
        UnknownNameError
            A name is not in the network.
        UsageError
            It names partnerships, which the network would be taken to have.
        """
        if self.added or self.removed:
            raise UsageError(
                f"{self.name} names partnerships ({', '.join([*self.added, *self.removed])}): "
                "put them into the network first, with chainnet.arranged(network, scenario)."
            )
        shocks = tuple(replace(shock, selector=shock.selector.resolve(network)) for shock in self.shocks)
        controls = tuple(_resolve_control(network, control) for control in self.controls)
        return replace(self, shocks=shocks, controls=controls)


def _resolve_control(network: SupplyNetwork, control: Control) -> Control:
    exporter, importer = control.exporter.resolve(network), control.importer.resolve(network)
    product = control.product
    if product is not None:
        product = network.names.resolve(product, ["product"])[1]
    # FROM>TO:PRODUCT: the product is a term of the importer, as it is written.
    product = product or importer.get("product") or exporter.get("product")
    return replace(
        control, exporter=exporter.without("product"), importer=importer.without("product"), product=product
    )


_EVENT = re.compile(r"(?P<what>[^=@]+)(=(?P<left>[^@]*))?(@(?P<start>\d+)(\+(?P<days>\d+))?)?")


def parse_event(text: str) -> Shock | Control:
    """Read one shock or control; see :meth:`Scenario.parse`.

    Parameters
    ----------
    text
        The shock or control.

    Returns
    -------
    Shock or Control
        What it says.

    Examples
    --------
    >>> parse_event("tel=0.5").capacity
    0.5
    """
    match = _EVENT.fullmatch(text.strip())
    if not match:
        raise UsageError(
            f"{text!r} is not a shock. Write SELECTOR[=CAPACITY][@START[+DAYS]] or FROM>TO[:PRODUCT]."
        )
    left = _capacity(match["left"], text)
    start = int(match["start"] or 0)
    days = int(match["days"]) if match["days"] else None
    if days == 0:
        raise UsageError(f"{text!r} lasts 0 days. Give at least 1, or none for a shock that stays.")
    source, arrow, target = match["what"].partition(">")
    if not arrow:
        return Shock(parse_selector(source), left, start, days)
    return Control(parse_selector(source), parse_selector(target), None, left, start, days)


def _capacity(text: str | None, whole: str) -> float:
    if text is None:
        return 0.0
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise UsageError(
            f"{text!r} in {whole!r} is not a capacity. It is what remains, in [0, 1]: 0 closed, 1 normal."
        )
    return value


def parse_selector(text: str) -> Selector:
    """Read a selector, such as ``JPN:photoresist_all`` or ``hq:JPN`` or ``region/Kumamoto``.

    Parameters
    ----------
    text
        Terms joined by ``:``.

    Returns
    -------
    Selector
        The plants meant; names are looked up by :meth:`Selector.resolve`.

    Raises
    ------
    UsageError
        A term is empty.

    Examples
    --------
    >>> parse_selector("hq:JPN:photoresist_euv").terms
    (('hq', 'JPN'), ('', 'photoresist_euv'))
    """
    parts = [part.strip() for part in text.split(":")]
    if not all(parts):
        raise UsageError(f"{text!r} has an empty term. Join terms by ':', as in JPN:photoresist_all.")
    terms: list[tuple[str, str]] = []
    while parts:
        part = parts.pop(0)
        kind, slash, name = part.partition("/")
        if part.casefold() == "hq" and parts:
            terms.append(("hq", parts.pop(0)))
        elif slash and kind in KINDS:
            terms.append((kind, name.strip()))
        else:
            terms.append(("", part))
    return Selector(tuple(terms))


def _look_up(network: SupplyNetwork, kind: str, text: str) -> tuple[str, str]:
    if kind:
        return kind, _named(network, kind, text)
    country = find_country(text)
    # A firm or product that bears a country's name is asked for as firm/NAME.
    if country is not None and not network.names.find(text):
        return "country", country
    hits = network.names.find(text)
    if len(hits) == 1:
        return hits[0]
    plants = network.plants
    if text in set(plants["plant"]):
        return "plant", text
    known = [*network.names.spellings, *plants["region"]]
    if fold(text) in {fold(region) for region in plants["region"] if region}:
        raise UnknownNameError(
            text, [], f"firm, product or country (a region is asked for as region/{text}):"
        )
    raise UnknownNameError(text, known, "firm, product or country")


def _named(network: SupplyNetwork, kind: str, name: str) -> str:
    if kind in ("firm", "product"):
        return network.names.resolve(name, [kind])[1]
    if kind in ("country", "hq"):
        code = find_country(name)
        if code is None:
            raise UnknownNameError(name, [], "country")
        return code
    known: Iterable[str] = {value for value in network.plants[kind] if value}
    found = {fold(value): value for value in known}.get(fold(name))
    if found is None:
        raise UnknownNameError(name, known, kind)
    return found
