"""Shocks, export controls and scenarios, and the words in which they are asked for.

A shock is ``SELECTOR[=CAPACITY][@START[+DAYS]]``. A selector is terms joined by ``:`` that must
all hold: a firm, a product, a country, ``hq:COUNTRY``, ``region/NAME``. A control of flows is
``FROM>TO[:PRODUCT]``. Names may be English, Japanese or Korean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from chainnet.errors import UnknownNameError, UsageError
from chainnet.names import find_country, fold
from chainnet.network import SupplyNetwork

KINDS = ("firm", "product", "country", "hq", "region", "plant")


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
    """

    selector: Selector
    capacity: float = 0.0
    start: int = 0
    days: int | None = None

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
    """

    exporter: Selector
    importer: Selector
    product: str | None = None
    passes: float = 0.0
    start: int = 0
    days: int | None = None

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


def _suffix(capacity: float, start: int, days: int | None) -> str:
    left = f"={capacity:g}" if capacity else ""
    when = f"@{start}" if start or days is not None else ""
    return f"{left}{when}" + (f"+{days}" if days is not None else "")


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
    """

    name: str
    shocks: tuple[Shock, ...] = ()
    controls: tuple[Control, ...] = ()
    date: str | None = None

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
        """
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
