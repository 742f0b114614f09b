"""The parts of the explorer's answer: words, figures and tables as components, all text escaped by them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from chainnet.errors import ChainnetError
from chainnet.explorer import answers
from chainnet.explorer.answers import Situation
from chainnet.explorer.panels import named
from chainnet.explorer.states import State, examples, read_query
from chainnet.explorer.words import word
from chainnet.figures import dumbbells
from chainnet.figures.drawing import draw
from chainnet.figures.sources import data_line
from chainnet.figures.telling import listing, note, title
from chainnet.figures.words import Lang, say
from chainnet.network import SupplyNetwork
from chainnet.partnerships import assumptions
from chainnet.reports.facts import DRAWINGS, Days, days
from chainnet.reports.sentences import subject_name
from chainnet.reports.words import tell

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from dash.development.base_component import Component

Parts = list[Any]


def trouble(why: str) -> Component:
    """Return a message of what went wrong, which screen readers tell at once."""
    from dash import html

    return html.P(why, className="trouble", role="alert")


def answer_section(found: Situation, state: State, told: Days | None) -> Parts:
    """Return the answer in sentences.

    Parameters
    ----------
    found, state, told
        What happens, what is asked, and what the days take.

    Returns
    -------
    list
        Components.
    """
    from dash import html

    said = answers.sentences(found, state, told)
    what = answers.what_happens(found, state)
    heading = f"{word('answer', state.lang)}: {what}" if what else word("answer", state.lang)
    return [html.H2(heading), *map(html.P, said), *(_examples(found, state) if not what else [])]


def _examples(found: Situation, state: State) -> Parts:
    """Return links to what people ask first."""
    from dash import html

    lines = []
    for example in examples(found.network):
        asked = replace(example, lang=state.lang)
        whose = answers.subject(found, asked)
        words = answers.asked_in_words(found.network, asked)
        name = f" – {subject_name(whose, state.lang)}" if asked.focus else ""
        lines.append(html.Li(html.A(f"{words}{name}", href=f"/{asked.query()}")))
    if not lines:
        return []
    return [html.P(word("examples", state.lang)), html.Ul(lines, className="examples")]


def timeline_section(found: Situation, state: State, told: Days | None) -> Parts:
    """Return output over time, with its bands once they are known.

    Parameters
    ----------
    found, state, told
        What happens, what is asked, and what the days take.

    Returns
    -------
    list
        Components; none where nothing falls.
    """
    from dash import html

    figure = answers.timeline(found, state, told) if told else None
    if told is None or figure is None:
        return []
    heading = word("timeline", state.lang)
    words = say("note_timeline", state.lang, n=len(told.drawn)) if told.drawn else word("drawing", state.lang)
    return [html.H2(heading), _graph(figure, heading), *_paragraphs(words)]


def losses_section(found: Situation, state: State, told: Days | None) -> Parts:
    """Return the table of losses.

    Parameters
    ----------
    found, state, told
        What happens, what is asked, and what the days take.

    Returns
    -------
    list
        Components; none where nothing happens.
    """
    from dash import html

    if told is None:
        return []
    heading = word("losses", state.lang)
    return [html.H2(heading), _table(answers.table(found, state, told), heading, state.lang)]


def chain_section(found: Situation, state: State) -> Parts:
    """Return the picture of the chain, with its note and table.

    Parameters
    ----------
    found, state
        What happens, and what is asked.

    Returns
    -------
    list
        Components.
    """
    from dash import html

    view = answers.picture(found, state)
    heading = word("chain" if view.outcome is None else "network", state.lang)
    table = _table(listing(view, brief=True), title(view), state.lang)
    return [
        html.H2(heading),
        _graph(draw(view), title(view)),
        *_paragraphs(note(view)),
        html.Details([html.Summary(say("table", state.lang)), table]),
    ]


def compare_section(network: SupplyNetwork, found: Situation, state: State) -> Parts:
    """Return what the partnerships change; nothing where none is put in or taken out.

    Parameters
    ----------
    network
        The network of the explorer, with the partnerships of its data.
    found, state
        What happens, and what is asked.

    Returns
    -------
    list
        Components.
    """
    from dash import html

    if not (state.added or state.removed):
        return []
    lang = state.lang
    parts: Parts = [html.H2(word("compare", lang))]
    if found.run is not None:
        rows = answers.changed_days(network, found, state)
        if rows.empty:
            parts.append(html.P(word("compare_none", lang)))
        else:
            figure = dumbbells.compare(rows, lang=lang).update_layout(width=None, autosize=True)
            parts.append(_graph(figure, word("compare", lang)))
    structure = answers.changed_structure(network, found, state)
    heading = word("structure", lang)
    parts.append(html.H3(heading))
    parts.append(_table(structure, heading, lang) if len(structure) else html.P(word("same", lang)))
    told = assumptions(network, [*state.added, *state.removed])
    return [*parts, html.H3(word("taken", lang)), html.Ul([html.Li(text) for text in told])]


def reading_section(network: SupplyNetwork, lang: Lang) -> Parts:
    """Return how the numbers are to be read, and of which data they are."""
    from dash import html

    words = [tell(key, lang) for key in ("limits", "ladder", "grades")]
    return [
        html.H2(word("assumptions", lang)),
        *map(html.P, [say("statuses", lang), *words, data_line(network, lang)]),
    ]


def _graph(figure: go.Figure, name: str) -> Component:
    from dash import dcc, html

    graph = dcc.Graph(figure=figure, config={"displayModeBar": False, "responsive": True})
    return html.Div(graph, className="wide", role="img", **named(name))


def _paragraphs(text: str) -> Parts:
    from dash import html

    return [html.P(line, className="hint") for line in text.splitlines() if line]


def _table(table: pd.DataFrame, name: str, lang: Lang) -> Component:
    from dash import html

    if table.empty:
        return html.P(say("none", lang))
    rows = [html.Tr([_cell(value) for value in row]) for row in table.itertuples(index=False, name=None)]
    head = html.Tr([html.Th(str(column), scope="col") for column in table.columns])
    drawn = html.Table([html.Thead(head), html.Tbody(rows)], **named(name))
    return html.Div(drawn, className="rows")


def _cell(value: object) -> Component:
    from dash import html

    text = "" if value is None or value != value else str(value)  # noqa: PLR0124, NaN is not itself
    number = isinstance(value, int | float) or text.endswith(" %") or text == "–"
    return html.Td(text, className="number" if number else "")


def answered(network: SupplyNetwork, query: str | None) -> list[Any]:
    """Return what the models say of a state, and the state once that is known: for four sections and a store.

    Parameters
    ----------
    network
        The network of the explorer.
    query
        The state; None where there is none yet.

    Returns
    -------
    list
        Components of four sections; the query, None where it has no answer.
    """
    if query is None:
        return [[], [], [], [], None]
    state = read_query(query, network)
    try:
        found = answers.situation(network, state)
        told = None if found.run is None else days(answers.subject(found, state), found.run, 0)
        parts = [part(found, state, told) for part in (answer_section, timeline_section, losses_section)]
        return [*parts, chain_section(found, state), query]
    except ChainnetError as error:
        return [[trouble(word("cannot", state.lang, why=str(error)))], [], [], [], None]


def spread_out(network: SupplyNetwork, query: str | None) -> list[Any]:
    """Return the sections that show the spread over the parameters' ranges.

    Parameters
    ----------
    network
        The network of the explorer.
    query
        The state; None where there is nothing to show.

    Returns
    -------
    list
        Components of three sections, or ``no_update``.
    """
    from dash import no_update

    state = read_query(query or "", network)
    found = answers.situation(network, state) if query is not None else None
    if found is None or found.run is None:
        return [no_update] * 3
    drawn = days(answers.subject(found, state), found.run, DRAWINGS)
    return [part(found, state, drawn) for part in (answer_section, timeline_section, losses_section)]
