"""The report: what was asked, the answer in five sentences, figures with their tables, sources: one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from chainnet.cascade import Outcome, disrupt
from chainnet.errors import UsageError
from chainnet.figures.drawing import draw
from chainnet.figures.pages import Section, page
from chainnet.figures.telling import happening, listing, note
from chainnet.figures.timelines import lines, worst
from chainnet.figures.views import View, pick
from chainnet.figures.words import LANGS, Lang, say
from chainnet.markets import as_of
from chainnet.network import SupplyNetwork
from chainnet.reports.facts import DRAWINGS, Days, Subject, days, losses, subject_of
from chainnet.reports.sentences import answer, subject_name
from chainnet.reports.sheets import (
    day_sheet,
    manifest,
    parameter_rows,
    parameter_sheet,
    source_sheet,
    suppliers,
)
from chainnet.reports.words import tell
from chainnet.scenarios import Scenario
from chainnet.simulation import simulate

__all__ = ["report"]


def report(
    network: SupplyNetwork,
    *,
    focus: str | None = None,
    scenario: Scenario | str | None = None,
    lang: Lang = "en",
) -> str:
    """Write a report on whom somebody depends on, or on what a scenario takes from them.

    One HTML file that asks the network for nothing: what was asked, the answer in five sentences
    made from the numbers, pictures each with its table, what is assumed, the sources, and how it
    was made. Same input, same bytes.

    Parameters
    ----------
    network
        The network.
    focus
        A firm, a product or a country, in any language; None is everything.
    scenario
        What happens; None: nothing, the report tells of dependence alone.
    lang
        ``en``, ``ja`` or ``ko``.

    Returns
    -------
    str
        The content of an HTML file, up to 6 MB.

    Raises
    ------
    UnknownNameError
        Nothing bears the name in focus.
    UsageError
        The firm in focus makes nothing, or the scenario hits nothing in this network.

    Examples
    --------
    >>> import chainnet as cn
    >>> text = cn.report(cn.load("japan-korea"), focus="도쿄일렉트론", lang="ko")
    >>> text.startswith("<!DOCTYPE html>")
    True
    """
    if lang not in LANGS:
        raise UsageError(f"no language {lang!r}; use {', '.join(LANGS)}.")
    subject = subject_of(network, focus)
    event = None if scenario is None else _event(subject, scenario)
    views = _views(subject, lang, event)
    rows = network.parameters.head(0)
    if event is not None:
        rows = parameter_rows(network, event.outcome.by("product")["product"])
    sources = source_sheet(network, _refs(subject, views, event, rows), lang)
    sections = [
        Section(
            tell("answer", lang), points=answer(subject, lang, (event.losses, event.days) if event else None)
        ),
        *([_by_day(subject, lang, event)] if event else []),
        *(
            Section(heading, draw(view), note(view), table=listing(view, brief=True))
            for heading, view in views
        ),
        Section(_said("suppliers", subject, lang), table=suppliers(subject, lang)),
        Section(tell("assumptions", lang), points=_assumptions(lang, event)),
        Section(tell("parameters", lang), table=parameter_sheet(network, rows, lang)),
        Section(tell("sources", lang), table=sources, addresses=tell("col_address", lang)),
        Section(tell("manifest", lang), table=manifest(subject, event.scenario if event else None, lang)),
    ]
    # A section without anything to show is left out.
    full = [
        part for part in sections if part.points or part.note or (part.table is not None and len(part.table))
    ]
    title, asked = _asked(subject, lang, event)
    title = title[0].upper() + title[1:] if subject.kind == "all" else title
    return page(None, title=title, note=asked, sections=full, lang=lang)


@dataclass(frozen=True)
class _Event:
    """A scenario, and what the two models say of it."""

    scenario: Scenario
    outcome: Outcome
    losses: pd.DataFrame
    days: Days


def _event(subject: Subject, scenario: Scenario | str) -> _Event:
    network = subject.network
    what = (Scenario.parse(scenario) if isinstance(scenario, str) else scenario).resolve(network)
    outcome = disrupt(network, what)
    return _Event(what, outcome, losses(subject, outcome), days(subject, simulate(network, what)))


def _said(key: str, subject: Subject, lang: Lang, **fields: object) -> str:
    return tell(key, lang, name=subject_name(subject, lang), **fields)


def _asked(subject: Subject, lang: Lang, event: _Event | None) -> tuple[str, str]:
    """Return the title, and what was asked: the question, and of which data."""
    network = subject.network
    tables = {name: len(network.table(name)) for name in ("firms", "products", "plants")}
    data = tell("data", lang, graph=network.name, year=as_of(network), **tables)
    if event is None:
        return _said("title", subject, lang), f"{_said('question', subject, lang)}\n{data}"
    words = _happening(network, event.scenario, lang)
    question = _said("question_scenario", subject, lang, scenario=words)
    return _said("title_scenario", subject, lang, scenario=words), f"{question}\n{data}"


def _happening(network: SupplyNetwork, scenario: Scenario, lang: Lang) -> str:
    """Return what happens, and when, in words; recorded events bear their own name."""
    if scenario.id:
        return tell("event", lang, what=scenario.label(lang))
    stop = tell("stop", lang, what=happening(network, replace(scenario, controls=()), lang))
    cut = tell("cut", lang, what=happening(network, replace(scenario, shocks=()), lang))
    words = " + ".join([*([stop] if scenario.shocks else []), *([cut] if scenario.controls else [])])
    spans = {(shock.start, shock.days) for shock in scenario.shocks}
    spans |= {(control.start, control.days) for control in scenario.controls}
    if len(spans) > 1:
        return words
    ((start, length),) = spans
    if length is None:
        return f"{words} ({tell('from', lang, start=start)})"
    return f"{words} ({tell('when', lang, start=start, end=start + length)})"


def _views(subject: Subject, lang: Lang, event: _Event | None) -> list[tuple[str, View]]:
    """Return what is drawn as a chain, with headings."""
    network, outcome = subject.network, event.outcome if event else None
    views = []
    if subject.kind in ("firm", "product"):
        view = pick(network, focus=subject.name, outcome=outcome, lang=lang)
        views.append((_said("around", subject, lang), view))
    if subject.kind == "all" and outcome is None:
        views.append((say("title_all", lang), pick(network, lang=lang)))
    # What takes nothing from anybody has no cascade to draw.
    if outcome is not None and len(outcome.by("product")):
        views.append((tell("cascade", lang), pick(network, outcome=outcome, lang=lang)))
    return views


def _by_day(subject: Subject, lang: Lang, event: _Event) -> Section:
    told = event.days
    names = worst(told.run.by(subject.level)[told.table["name"].tolist()])
    table, heading = day_sheet(subject, event.losses, told, lang), tell("by_day", lang)
    if not names:
        text = _said("nothing_lost", subject, lang, days=told.run.days)
        return Section(heading, note=text, table=table)
    figure = lines(told.run, names, level=subject.level, drawn=told.drawn, lang=lang)
    figure.update_layout(width=1000, height=520)
    return Section(heading, figure, tell("bands", lang, n=DRAWINGS), table=table)


def _assumptions(lang: Lang, event: _Event | None) -> tuple[str, ...]:
    general = [say("statuses", lang), *(tell(key, lang) for key in ("limits", "ladder", "grades"))]
    days_too = [tell("bands", lang, n=DRAWINGS)] if event else []
    return (*general, say("structural", lang), *days_too)


def _refs(
    subject: Subject, views: Sequence[tuple[str, View]], event: _Event | None, parameters: pd.DataFrame
) -> list[str]:
    """Return the cells of references behind all that is shown."""
    refs = [*subject.rows["ref"], *parameters["ref"], *(event.scenario.refs if event else ())]
    for _, view in views:
        refs += [
            ref for card in view.cards for ref in (card.ref, *(r for row in card.rows for r in row.refs))
        ]
        refs += [need["ref"] for link in view.links for need in link.needs]
    return refs
