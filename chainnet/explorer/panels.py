"""The form of the explorer: what can be chosen, in the language asked for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from chainnet.errors import DataError
from chainnet.explorer.states import Draft, State, parted
from chainnet.explorer.words import word
from chainnet.figures.words import LANGS, Lang, country_name
from chainnet.names import country_codes
from chainnet.network import SupplyNetwork
from chainnet.partnerships import partnership_table
from chainnet.scenarios import Scenario
from chainnet.scenarios.files import event, events
from chainnet.tables import records

if TYPE_CHECKING:
    from dash.development.base_component import Component

#: The languages, each in itself.
_TONGUES: dict[Lang, str] = {"en": "English", "ja": "日本語", "ko": "한국어"}
#: Fields of the form that make one shock, in the order of Draft.
FIELDS = ("firm", "product", "country", "region", "importer", "left", "start", "lasts")


def named(name: str) -> dict[str, Any]:
    """Return the attribute that names a component for those who cannot see it."""
    return {"aria-label": name}


class Toggles(NamedTuple):
    """Partnerships that can be switched: those that the graph holds, and those that can be put in."""

    held: tuple[str, ...]
    possible: tuple[str, ...]


@lru_cache(maxsize=8)
def toggles(network: SupplyNetwork) -> Toggles:
    """Return the partnerships that can be switched.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    Toggles
        ``held``: at work in the graph, which can be taken out; ``possible``: with an effect, not lapsed
        and not in the graph, which can be put in.

    Examples
    --------
    >>> import chainnet as cn
    >>> found = toggles(cn.load("japan-korea"))
    >>> "jasm-1" in found.held, "jsr-cheongju" in found.possible
    (True, True)
    """
    table = partnership_table(network)
    held = table["in_force"].isin(["yes", "partly"])
    possible = ~held & (table["effects"] != "") & (table["state"] != "lapsed")
    return Toggles(*(tuple(table.loc[which, "partnership"]) for which in (held, possible)))


@lru_cache(maxsize=8)
def known_events(network: SupplyNetwork) -> tuple[Scenario, ...]:
    """Return the recorded events that speak of a network, the newest first.

    Parameters
    ----------
    network
        The network; of another than the bundled one an event may name what is not in it.

    Returns
    -------
    tuple of Scenario
        The events.

    Examples
    --------
    >>> import chainnet as cn
    >>> len(known_events(cn.load("japan-korea"))) == len(cn.events())
    True
    """
    found = []
    for key in sorted(events(), reverse=True):
        with suppress(DataError):
            found.append(event(key, network))
    return tuple(found)


def form(network: SupplyNetwork, state: State) -> list[Component]:
    """Return the form, filled in with a state.

    Parameters
    ----------
    network
        The network.
    state
        What is asked.

    Returns
    -------
    list of Component
        The parts of the form.
    """
    from dash import html

    lang = state.lang
    kept, draft = parted(state, network)
    return [
        html.Fieldset(
            [html.Legend(word("happens", lang)), *_happens(network, state, draft or Draft(), kept)]
        ),
        html.Fieldset([html.Legend(word("partnerships", lang)), *_partnerships(network, state)]),
        html.Fieldset([html.Legend(word("looks", lang)), *_looks(network, state)]),
    ]


def _happens(network: SupplyNetwork, state: State, draft: Draft, kept: Sequence[str]) -> list[Component]:
    from dash import html

    lang = state.lang
    told = [{"label": each.label(lang), "value": each.id} for each in known_events(network)]
    options = {kind: _options(network, kind, lang) for kind in ("firm", "product", "country", "region")}
    importers = [*options["country"], *options["firm"]]
    return [
        _field("event", word("event", lang), _choice("event", told, state.event, lang)),
        html.P(word("own", lang), className="or"),
        *(
            _field(kind, word(kind, lang), _choice(kind, options[kind], getattr(draft, kind), lang))
            for kind in options
        ),
        html.P(word("own_note", lang), className="hint"),
        _field("importer", word("importer", lang), _choice("importer", importers, draft.importer, lang)),
        html.Div(
            [
                _number("left", f"{draft.left:g}", lang),
                _number("start", str(draft.start), lang),
                _number("lasts", "" if draft.days is None else str(draft.days), lang),
            ],
            className="three",
        ),
        html.Button(word("another", lang), id="another", type="button"),
        html.Div(kept_shocks(kept, lang), id="kept"),
    ]


def kept_shocks(kept: Sequence[str], lang: Lang) -> list[Component]:
    """Return the shocks that were added, each with a button that takes it out."""
    from dash import html

    if not kept:
        return []
    rows = [
        html.Li(
            [
                html.Code(text),
                html.Button(
                    "×",
                    id={"type": "drop", "index": number},
                    type="button",
                    title=word("drop", lang, what=text),
                    **named(word("drop", lang, what=text)),
                ),
            ]
        )
        for number, text in enumerate(kept)
    ]
    return [html.P(word("kept", lang), className="or"), html.Ul(rows, className="kept")]


def _partnerships(network: SupplyNetwork, state: State) -> list[Component]:
    from dash import dcc, html

    lang = state.lang
    held, others = toggles(network)
    lists = [
        ("held", word("in_force", lang), held, [name for name in held if name not in state.removed]),
        ("put", word("possible", lang), others, [name for name in others if name in state.added]),
    ]
    rest = int((network.partnerships["state"] != "lapsed").sum()) - len(held) - len(others)
    table = network.partnerships.set_index("partnership")
    parts: list[Component] = []
    for key, heading, names, ticked in lists:
        options = [
            {"label": f"{table['name'][name]} ({word(table['state'][name], lang)})", "value": name}
            for name in names
        ]
        parts += [
            html.Label(heading, id=f"{key}-name", className="or"),
            html.Div(
                dcc.Checklist(options, ticked, id=key, labelClassName="tick"),
                className="ticks",
                role="group",
                **named(heading),
            ),
        ]
    return [*parts, *([html.P(word("no_effect", lang, n=rest), className="hint")] if rest > 0 else [])]


def _looks(network: SupplyNetwork, state: State) -> list[Component]:
    from dash import html

    lang = state.lang
    whose = [option for kind in ("country", "firm", "product") for option in _options(network, kind, lang)]
    return [
        _field("focus", word("focus", lang), _choice("focus", whose, state.focus, lang, "everybody")),
        _number("days", "" if state.days is None else str(state.days), lang),
        html.Div(
            [
                html.Button(word("save", lang), id="save", type="button"),
                html.Button(word("report", lang), id="mail", type="button"),
                html.A(
                    word("reset", lang), href="/" if lang == "en" else f"/?lang={lang}", className="button"
                ),
            ],
            className="buttons",
        ),
        html.P(word("save_note", lang), className="hint"),
    ]


def tongues(state: State) -> list[Component]:
    """Return links to the same state in each language."""
    from dash import html

    return [
        html.A(
            _TONGUES[lang],
            href=f"/{replace(state, lang=lang).query()}",
            lang=lang,
            className="here" if lang == state.lang else "",
        )
        for lang in LANGS
    ]


def _field(name: str, label: str, control: Component) -> Component:
    from dash import html

    return html.Div([html.Label(label, htmlFor=name), control], className="field")


def _number(name: str, value: str, lang: Lang) -> Component:
    """Return a field for a number: a field for text, which keeps a wrong number so that it can be told."""
    from dash import dcc

    return _field(
        name, word(name, lang), dcc.Input(value, "text", id=name, debounce=True, inputMode="numeric")
    )


def _choice(
    name: str, options: list[dict[str, Any]], value: str, lang: Lang, blank: str = "none"
) -> Component:
    from dash import dcc

    words: Any = {"search": word("search", lang), "no_options_found": word("no_options", lang)}
    words |= {"clear_search": word("clear", lang), "clear_selection": word("clear", lang)}
    known = {option["value"] for option in options}
    return dcc.Dropdown(
        options, value if value in known else None, id=name, placeholder=word(blank, lang), labels=words
    )


def _options(network: SupplyNetwork, kind: str, lang: Lang) -> list[dict[str, Any]]:
    """Return what may be chosen: names in the language, found by all names, in their order."""
    if kind == "region":
        rows = network.plants.loc[network.plants["region"] != "", ["region", "country"]].drop_duplicates()
        return [
            {"label": f"{row['region']}, {country_name(row['country'], lang)}", "value": row["region"]}
            for row in sorted(records(rows), key=lambda row: (row["country"], row["region"]))
        ]
    if kind == "country":
        codes = sorted(set(network.plants["country"]) & country_codes())
        found = [(country_name(code, lang), code, code) for code in codes]
    else:
        table = network.firms if kind == "firm" else network.products
        names = ("name", "name_ja", "name_ko", "aliases", kind)
        found = [
            (network.label(row[kind], lang), row[kind], " ".join(str(row.get(name, "")) for name in names))
            for row in records(table)
        ]
    ordered = sorted(found, key=lambda one: (one[0].casefold(), one[1]))
    return [
        {"label": label, "value": value, "search": f"{label} {search}"} for label, value, search in ordered
    ]
