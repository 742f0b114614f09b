"""From a state to what the explorer shows: numbers, figures and tables, as pure functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from chainnet.cascade import Outcome, disrupt
from chainnet.comparisons import compare
from chainnet.errors import UsageError
from chainnet.explorer.states import State
from chainnet.explorer.words import word
from chainnet.figures import dumbbells
from chainnet.figures.telling import happening
from chainnet.figures.timelines import lines, path_label, worst
from chainnet.figures.views import View, pick
from chainnet.figures.words import say
from chainnet.network import SupplyNetwork
from chainnet.partnerships import arranged
from chainnet.reports.facts import Days, Subject, days, losses, subject_of
from chainnet.reports.sentences import day_by_day, depends
from chainnet.reports.sheets import day_sheet
from chainnet.responses import means_something
from chainnet.scenarios import Scenario
from chainnet.simulation import Run, simulate

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: How many lines the comparison of days has.
_MOST_LINES = 12
#: Less than this, in days of normal output, is no change.
_SEEN = 0.005


@dataclass(frozen=True)
class Situation:
    """A state put before the models.

    Parameters
    ----------
    network
        The network, with and without the partnerships of the state.
    scenario
        What happens; None where nothing does.
    outcome, run
        What the two models say of it; None where nothing happens.
    """

    network: SupplyNetwork
    scenario: Scenario | None
    outcome: Outcome | None
    run: Run | None


def situation(network: SupplyNetwork, state: State) -> Situation:
    """Put a state before the models.

    Parameters
    ----------
    network
        The network of the explorer.
    state
        What is asked.

    Returns
    -------
    Situation
        What happens; worked out once, whatever the language and the focus.

    Raises
    ------
    UsageError
        Two partnerships contradict each other, or the shock hits nothing.

    Examples
    --------
    >>> import chainnet as cn
    >>> found = situation(cn.load("japan-korea"), State(shocks=("JPN:photoresist_euv",), days=60))
    >>> found.run.days
    60
    """
    return _situation(network, replace(state, lang="en", focus=""))


@lru_cache(maxsize=16)
def _situation(network: SupplyNetwork, state: State) -> Situation:
    asked = state.scenario(network)
    if asked is None:
        return Situation(network, None, None, None)
    changed, what = arranged(network, asked)
    if not (what.shocks or what.controls or what.demands):
        return Situation(changed, None, None, None)
    outcome = disrupt(changed, what)
    if not means_something(changed, what):
        raise UsageError(f"{what.name} hits nothing: no plant and no flow in the graph is meant by it.")
    return Situation(changed, what, outcome, simulate(changed, what))


def subject(found: Situation, state: State) -> Subject:
    """Return whose losses are asked for."""
    return subject_of(found.network, state.focus or None)


def picture(found: Situation, state: State) -> View:
    """Return what the picture of the chain shows.

    Parameters
    ----------
    found
        What happens.
    state
        What is asked; a country in focus leaves the picture whole.

    Returns
    -------
    View
        For :func:`chainnet.figures.draw`.
    """
    whose = subject(found, state)
    focus = whose.name if whose.kind in ("firm", "product") else None
    view = pick(found.network, focus=focus, outcome=found.outcome, lang=state.lang)
    if not view.cards and focus:
        view = pick(found.network, focus=focus, lang=state.lang)
    return view


def sentences(found: Situation, state: State, told: Days | None) -> list[str]:
    """Return the answer in words: who depends, and what the days say once their spread is known.

    Parameters
    ----------
    found
        What happens.
    state
        What is asked.
    told
        What the days take from the subject; None where nothing happens.

    Returns
    -------
    list of str
        Plain text.
    """
    if found.outcome is None:
        return [word("nothing_yet", state.lang)]
    whose = subject(found, state)
    first = depends(whose, losses(whose, found.outcome), state.lang)
    second = day_by_day(whose, told, state.lang) if told and told.drawn else word("drawing", state.lang)
    return [text[0].upper() + text[1:] if whose.kind == "all" else text for text in (first, second)]


def table(found: Situation, state: State, told: Days) -> pd.DataFrame:
    """Return the table of losses in the language asked for."""
    whose = subject(found, state)
    lost = pd.DataFrame(columns=["name", "loss", "assumed"])
    lost = lost if found.outcome is None else losses(whose, found.outcome)
    return day_sheet(whose, lost, told, state.lang)


def timeline(found: Situation, state: State, told: Days) -> go.Figure | None:
    """Return output by day of what is hit worst; None where nothing falls."""
    whose = subject(found, state)
    names = worst(told.run.by(whose.level)[told.table["name"].tolist()])
    if not names:
        return None
    figure = lines(told.run, names, level=whose.level, drawn=told.drawn, lang=state.lang)
    return figure.update_layout(width=None, height=460, autosize=True, legend={"y": -0.28})


def changed_days(network: SupplyNetwork, found: Situation, state: State) -> pd.DataFrame:
    """Return the days lost of the subject without and with what the state does to partnerships.

    Parameters
    ----------
    network
        The network of the explorer.
    found
        What happens with the partnerships of the state.
    state
        What is asked.

    Returns
    -------
    DataFrame
        A comparison as :func:`chainnet.compare` returns it: a line for each product that changes.
    """
    columns = ["partnership", "measure", "before", "after", "change", "low", "high"]
    if found.run is None:
        return pd.DataFrame(columns=columns)
    after = days(subject(found, state), found.run, 0).table.set_index("name")["days_lost"]
    both = pd.DataFrame({"before": _days_before(network, state), "after": after}).dropna()
    both["change"] = both["after"] - both["before"]
    both = both[both["change"].abs() > _SEEN]
    both = both.reindex(both["change"].abs().sort_values(ascending=False, kind="stable").index)
    both = both.head(_MOST_LINES).round(2) + 0.0
    names = [path_label(found.run, str(name), state.lang) for name in both.index]
    measure = word("compare_days", state.lang, what=what_happens(found, state))
    return both.assign(partnership=names, measure=measure, low=float("nan"), high=float("nan"))[columns]


def _days_before(network: SupplyNetwork, state: State) -> pd.Series[float]:
    """Return the days lost of the subject without what the state does to partnerships."""
    before = situation(network, replace(state, added=(), removed=()))
    if before.run is None:
        return pd.Series(dtype=float)
    return days(subject(before, state), before.run, 0).table.set_index("name")["days_lost"]


def what_happens(found: Situation, state: State) -> str:
    """Return what happens, in words; nothing where nothing does."""
    return "" if found.scenario is None else asked_in_words(found.network, state)


def asked_in_words(network: SupplyNetwork, state: State) -> str:
    """Return what a state asks, in words: the name of an event, or the shocks and their days.

    Parameters
    ----------
    network
        The network.
    state
        What is asked.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> import chainnet as cn
    >>> asked_in_words(cn.load("japan-korea"), State(shocks=("JPN:hf_liquid@0+90",)))
    'Japan · Semiconductor-grade hydrofluoric acid (days 0–90)'
    """
    what = state.scenario(network)
    if what is None:
        return ""
    if state.event:
        return what.label(state.lang)
    parts = []
    for text in state.shocks:
        one = Scenario.parse(text).resolve(network)
        each = one.shocks[0] if one.shocks else one.controls[0]
        span = word("for_good", state.lang, start=each.start)
        if each.days is not None:
            span = word("span", state.lang, start=each.start, end=each.start + each.days)
        parts.append(f"{happening(network, one, state.lang)} ({span})")
    return " + ".join(parts)


def changed_structure(network: SupplyNetwork, found: Situation, state: State) -> pd.DataFrame:
    """Return what the partnerships change in dependence itself: measure, before, after, change."""
    rows = compare(network, found.network)
    rows = rows.round(4)
    rows = rows[rows["change"] != 0]
    rows["measure"] = [dumbbells.measure_name(name, state.lang) for name in rows["measure"]]
    heads = {name: say(f"col_{name}", state.lang) for name in ("measure", "before", "after", "change")}
    return rows[list(heads)].rename(columns=heads)
