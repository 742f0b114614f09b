"""What is asked of the explorer, as a frozen value: in the address of the page, and as a scenario."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from chainnet.coalitions import known_partnerships
from chainnet.errors import ChainnetError, UnknownNameError, UsageError
from chainnet.figures.words import LANGS, Lang
from chainnet.network import SupplyNetwork
from chainnet.reports.facts import subject_of
from chainnet.scenarios import Control, Scenario, Selector, Shock
from chainnet.scenarios.files import MOST_DAYS, event, events

#: An address longer than this, or with more shocks, was not written by the explorer.
_LONGEST, _MOST_SHOCKS = 8_000, 20
_MANY = ("shock", "with", "without")
_ONE = ("event", "days", "focus", "lang")


@dataclass(frozen=True)
class State:
    """What is asked.

    Parameters
    ----------
    shocks
        Shocks and controls, as the command line writes them.
    event
        A recorded event, instead of shocks.
    added, removed
        Partnerships put in, and taken out.
    days
        How many days to look at; None is the event's own, or 365.
    focus
        Whose losses: a firm, a product, a country; blank is everybody.
    lang
        Language.
    """

    shocks: tuple[str, ...] = ()
    event: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    days: int | None = None
    focus: str = ""
    lang: Lang = "en"

    def query(self) -> str:
        """Return the state as the query of an address, ``?`` included; blank where nothing is asked."""
        pairs = [("event", self.event), *(("shock", shock) for shock in self.shocks)]
        pairs += [("with", name) for name in self.added]
        pairs += [("without", name) for name in self.removed]
        pairs += [("days", "" if self.days is None else str(self.days)), ("focus", self.focus)]
        pairs += [("lang", self.lang if self.lang != "en" else "")]
        told = urlencode([pair for pair in pairs if pair[1]], safe=":>@/")
        return f"?{told}" if told else ""

    def scenario(self, network: SupplyNetwork) -> Scenario | None:
        """Return what happens, partnerships included; None where neither anything happens nor is changed."""
        if not (self.event or self.shocks or self.added or self.removed):
            return None
        what = event(self.event, network) if self.event else Scenario.parse(*self.shocks).resolve(network)
        days = self.days or what.days or 365
        return replace(what, days=days, added=self.added, removed=self.removed)


def language(query: str) -> Lang:
    """Return the language that the query of an address asks for, even where the rest cannot be read.

    Parameters
    ----------
    query
        The query.

    Returns
    -------
    str
        ``en`` where none is asked for, or one that is not known.

    Examples
    --------
    >>> language("?shock=nonsense&lang=ko")
    'ko'
    """
    asked = [value for key, value in parse_qsl(query[:_LONGEST].removeprefix("?")) if key == "lang"]
    return next((known for known in LANGS if known in asked), "en")


def read_query(query: str, network: SupplyNetwork) -> State:
    """Read a state from the query of an address, and check all that it names.

    Parameters
    ----------
    query
        What stands behind the ``?``, with or without it.
    network
        The network whose names may be used.

    Returns
    -------
    State
        The state, in the identifiers of the network.

    Raises
    ------
    UsageError
        The address is no state of the explorer, or names what the network has not.

    Examples
    --------
    >>> import chainnet as cn
    >>> read_query("?shock=일본:photoresist_euv@0%2B90&days=120", cn.load("japan-korea"))
    State(shocks=('JPN:photoresist_euv@0+90',), event='', ..., days=120, focus='', lang='en')
    """
    if len(query) > _LONGEST:
        raise UsageError(f"the address has {len(query):,} characters; at most {_LONGEST:,} are read.")
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    given: dict[str, list[str]] = {key: [] for key in (*_MANY, *_ONE)}
    for key, value in pairs:
        if key not in given:
            raise UsageError(f"{key!r} is nothing that the explorer is asked. It reads {', '.join(given)}.")
        given[key].append(value)
    twice = [key for key in _ONE if len(given[key]) > 1]
    if twice:
        raise UsageError(f"{twice[0]} stands in the address more than once.")
    state = State(
        shocks=_shocks(given["shock"], network),
        event=next(iter(given["event"]), ""),
        added=tuple(known_partnerships(network, given["with"])),
        removed=tuple(known_partnerships(network, given["without"])),
        days=_days(next(iter(given["days"]), "")),
        focus=_focus(next(iter(given["focus"]), ""), network),
        lang=language(query),
    )
    if state.event and state.event not in events():
        raise UnknownNameError(state.event, events(), "event", "is recorded")
    if state.event and state.shocks:
        raise UsageError("the address names an event and also shocks: choose one.")
    if given["lang"] and given["lang"] != [state.lang]:
        raise UsageError(f"no language {given['lang'][0]!r}; use {', '.join(LANGS)}.")
    return state


#: What people ask first.
_EXAMPLES = (
    State(shocks=("JPN:photoresist_all@0+90",)),
    State(event="2019-export-controls-hf"),
    State(shocks=("JPN>KOR:hf_liquid@0+180",), focus="KOR"),
    State(shocks=("region/Kumamoto@0+60",)),
    State(shocks=("JPN:photoresist_arf@0+180",), removed=("dongwoo-iksan",), focus="samsung"),
)


@lru_cache(maxsize=8)
def examples(network: SupplyNetwork) -> tuple[State, ...]:
    """Return states to begin with: of those that people ask first, what the network knows.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    tuple of State
        The states.

    Examples
    --------
    >>> import chainnet as cn
    >>> len(examples(cn.load("japan-korea")))
    5
    """
    found = []
    for state in _EXAMPLES:
        with suppress(ChainnetError):
            found.append(read_query(state.query(), network))
    return tuple(found)


def _shocks(texts: list[str], network: SupplyNetwork) -> tuple[str, ...]:
    if len(texts) > _MOST_SHOCKS:
        raise UsageError(f"the address names {len(texts)} shocks; at most {_MOST_SHOCKS} are read.")
    # One by one: a scenario sorts shocks and controls apart.
    found = [Scenario.parse(text).resolve(network) for text in texts]
    return tuple(str(each) for one in found for each in (*one.shocks, *one.controls))


def _days(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= MOST_DAYS:
        raise UsageError(f"{text!r} is no number of days from 1 to {MOST_DAYS}.")
    return int(text)


def _focus(text: str, network: SupplyNetwork) -> str:
    return subject_of(network, text).name if text else ""


@dataclass(frozen=True)
class Draft:
    """One shock as the fields of the form hold it.

    Parameters
    ----------
    firm, product, country, region
        Which plants: all that are given must hold.
    importer
        To whom nothing is sold: then flows are held back, and nobody is closed.
    left
        Share that is left, in percent.
    start, days
        First day and duration; None is for good.
    """

    firm: str = ""
    product: str = ""
    country: str = ""
    region: str = ""
    importer: str = ""
    left: float = 0
    start: int = 0
    days: int | None = 90

    @property
    def names_something(self) -> bool:
        """Whether there is anything to close."""
        return any((self.firm, self.product, self.country, self.region))

    def text(self) -> str:
        """Return the shock as the command line writes it, or nothing."""
        if not self.names_something:
            return ""
        kinds = ("firm", "country", "region") if self.importer else ("firm", "product", "country", "region")
        terms = tuple((kind, getattr(self, kind)) for kind in kinds if getattr(self, kind))
        level = self.left / 100
        if not self.importer:
            return str(Shock(Selector(terms), level, self.start, self.days))
        kind = "country" if self.importer.isupper() else "firm"
        importer = Selector(((kind, self.importer),))
        product = self.product or None
        if not terms:
            raise UsageError("Say from whom: a firm, a country or a region.")
        return str(Control(Selector(terms), importer, product, level, self.start, self.days))


def parted(state: State, network: SupplyNetwork) -> tuple[tuple[str, ...], Draft | None]:
    """Part the shocks of a state into those that are kept and the last one, if the form's fields hold it.

    Parameters
    ----------
    state
        What is asked.
    network
        The network.

    Returns
    -------
    kept : tuple of str
        Shocks beside the form's fields.
    draft : Draft or None
        What the fields hold.

    Examples
    --------
    >>> import chainnet as cn
    >>> parted(State(shocks=("asml", "tel")), cn.load("japan-korea"))[0]
    ('asml',)
    """
    draft = drafted(state.shocks[-1], network) if state.shocks else None
    return state.shocks[: len(state.shocks) - (draft is not None)], draft


def drafted(text: str, network: SupplyNetwork) -> Draft | None:
    """Return a shock as the fields of the form hold it; None where they cannot.

    Parameters
    ----------
    text
        The shock, as the command line writes it.
    network
        The network.

    Returns
    -------
    Draft or None
        The fields.

    Examples
    --------
    >>> import chainnet as cn
    >>> drafted("JPN>KOR:hf_liquid=0.2@0+90", cn.load("japan-korea"))
    Draft(firm='', product='hf_liquid', country='JPN', region='', importer='KOR', left=20.0, ...)
    >>> drafted("hq:JPN", cn.load("japan-korea")) is None
    True
    """
    asked = Scenario.parse(text).resolve(network)
    events: list[Shock | Control] = [*asked.shocks, *asked.controls]
    for each in events:
        selector = each.selector if isinstance(each, Shock) else each.exporter
        fields = dict(selector.terms)
        level = each.capacity if isinstance(each, Shock) else each.passes
        if isinstance(each, Control):
            if len(each.importer.terms) > 1 or each.importer.terms[0][0] not in ("firm", "country"):
                return None
            fields |= {"importer": each.importer.terms[0][1], "product": each.product or ""}
        if set(fields) <= {"firm", "product", "country", "region", "importer"}:
            return Draft(**fields, left=100 * level, start=each.start, days=each.days)
    return None
