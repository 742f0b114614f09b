"""Before and after as dumbbells: what partnerships change, a panel a measure, with the interval."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from chainnet.closures import STOPPED
from chainnet.comparisons import MEASURES, NO_EFFECT
from chainnet.dependences import SINGLE
from chainnet.errors import ChainnetError, UsageError
from chainnet.figures.canvas import safe
from chainnet.figures.telling import happening
from chainnet.figures.words import FONTS, Lang, say
from chainnet.network import SupplyNetwork
from chainnet.scenarios import Scenario

if TYPE_CHECKING:
    import plotly.graph_objects as go

_BEFORE, _AFTER, _LINE = "#8a949e", "#0072b2", "#b9c2ca"
#: Less than this is no change.
_SEEN = 1e-9
#: Height of a line of a panel, and of its title and axis.
_ROW, _HEAD = 30, 74
_KEYS = {text: key for key, text in MEASURES.items()}
_PARTS = ("name", "what")
_LOSS = re.compile(r"loss of (?P<name>\S+) under (?P<what>.+)", re.DOTALL)


def compare(table: pd.DataFrame, *, network: SupplyNetwork | None = None, lang: Lang = "en") -> go.Figure:
    """Draw what partnerships change: a panel a measure, a line a partnership.

    Parameters
    ----------
    table
        What :func:`chainnet.compare_partnerships` or :func:`chainnet.compare` returned. Lines that
        change nothing, and have no interval that does, are left out.
    network
        The network whose names are written; None leaves identifiers.
    lang
        ``en``, ``ja`` or ``ko``.

    Returns
    -------
    plotly.graph_objects.Figure
        Left a hollow dot before and a full one after; right the change, with its 90 % interval
        where there is one.

    Raises
    ------
    UsageError
        Nothing changes.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> figure = cn.figures.compare(cn.compare_partnerships(net, ["soulbrain-gongju"]))
    >>> len(figure.data) > 0
    True
    """
    from plotly.subplots import make_subplots

    rows = moved(table)
    if rows.empty:
        raise UsageError("nothing changes: there is nothing to draw.")
    measures = list(dict.fromkeys(rows["measure"]))
    panels = [rows[rows["measure"] == measure] for measure in measures]
    heights = [_ROW * len(panel) + _HEAD for panel in panels]
    change = say("change", lang)
    told = [part for name in measures for part in (safe(measure_name(name, lang, network)), change)]
    figure = make_subplots(
        rows=len(panels),
        cols=2,
        column_widths=[0.62, 0.38],
        horizontal_spacing=0.05,
        shared_yaxes=True,
        subplot_titles=told,
        row_heights=heights,
        vertical_spacing=62 / sum(heights) if len(panels) > 1 else 0,
    )
    for number, panel in enumerate(panels, 1):
        for col, traces in (
            (1, _sides(panel, lang, first=number == 1)),
            (2, [_change(panel, lang, first=number == 1)]),
        ):
            for trace in traces:
                figure.add_trace(trace, row=number, col=col)
    labels = rows["partnership"].str.len().max()
    figure.update_layout(
        width=1100,
        height=sum(heights) + 100,
        margin={"l": int(min(420, 60 + 7 * labels)), "r": 30, "t": 80, "b": 40},
        plot_bgcolor="#ffffff",
        legend={"orientation": "h", "y": 1 + 36 / sum(heights), "yanchor": "bottom"},
        font={"size": 13, "family": FONTS[lang]},
        meta={"lang": lang},
    )
    figure.update_xaxes(gridcolor="#e8ecef", zeroline=False, nticks=6)
    figure.update_xaxes(zeroline=True, zerolinecolor=_BEFORE, rangemode="tozero", nticks=5, col=2)
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_annotations(font={"size": 13})
    return figure


def measure_name(measure: str, lang: Lang, network: SupplyNetwork | None = None) -> str:
    """Return the name of a measure of a comparison.

    Parameters
    ----------
    measure
        As in the table.
    lang
        Language.
    network
        The network whose names are written; None leaves identifiers.

    Returns
    -------
    str
        Plain text; a measure without a name in this language as it is.

    Examples
    --------
    >>> measure_name("mean HHI by country", "ko")
    '국가별 HHI 평균'
    """
    key = _KEYS.get(measure)
    if key is not None:
        return say(f"measure_{key}", lang, single=f"{SINGLE:.0%}", stopped=f"{STOPPED:.0%}")
    loss = _LOSS.fullmatch(measure)
    if loss:
        names = {
            part: loss[part] if network is None else _named(network, loss[part], lang) for part in _PARTS
        }
        return say("measure_loss", lang, **names)
    return say("no_effect", lang) if measure == NO_EFFECT else measure


def _named(network: SupplyNetwork, words: str, lang: Lang) -> str:
    """Return the names of what a selector or shocks mean; the words themselves where they mean nothing."""
    try:
        scenario = Scenario.parse(*words.split(" and ")).resolve(network)
    except ChainnetError:
        return words
    return happening(network, scenario, lang)


def moved(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a comparison that change, or may within their interval.

    Parameters
    ----------
    table
        What :func:`chainnet.compare_partnerships` or :func:`chainnet.compare` returned.

    Returns
    -------
    DataFrame
        The rows, with a column ``partnership``.
    """
    named = table if "partnership" in table.columns else table.assign(partnership="after")
    if "buyer" in named.columns:
        named = named.assign(partnership=named["partnership"] + ", " + named["buyer"])
    spread = named[["change", "low", "high"]].abs().max(axis=1) > _SEEN
    return named[spread].reset_index(drop=True)


def _names(panel: pd.DataFrame) -> list[str]:
    return [safe(str(name)) for name in panel["partnership"]]


def _sides(panel: pd.DataFrame, lang: Lang, *, first: bool) -> list[object]:
    import plotly.graph_objects as go

    names, before, after = _names(panel), panel["before"], panel["after"]
    text = [f"{name}<br>{one:.4g} → {two:.4g}" for name, one, two in zip(names, before, after, strict=True)]
    about: dict[str, Any] = {"y": names, "mode": "markers", "showlegend": first}
    about |= {"text": text, "hovertemplate": "%{text}<extra></extra>"}
    return [
        go.Scatter(
            x=[x for one, two in zip(before, after, strict=True) for x in (one, two, None)],
            y=[y for name in names for y in (name, name, None)],
            mode="lines",
            line={"color": _LINE, "width": 3},
            hoverinfo="skip",
            showlegend=False,
        ),
        go.Scatter(
            x=before,
            name=say("before", lang),
            marker={"size": 11, "color": "#ffffff", "line": {"color": _BEFORE, "width": 2}},
            **about,
        ),
        go.Scatter(x=after, name=say("after", lang), marker={"size": 11, "color": _AFTER}, **about),
    ]


def _change(panel: pd.DataFrame, lang: Lang, *, first: bool) -> object:
    import plotly.graph_objects as go

    names, change, low, high = _names(panel), panel["change"], panel["low"], panel["high"]
    text = [
        f"{name}<br>{by:+.4g}" + ("" if np.isnan(least) else f", 90 %: {least:+.3g} – {most:+.3g}")
        for name, by, least, most in zip(names, change, low, high, strict=True)
    ]
    # The interval of a skewed range may lie to one side of the value.
    spread = {"type": "data", "symmetric": False, "color": _AFTER, "thickness": 1.5}
    spread |= {"array": high - change, "arrayminus": change - low}
    known = bool(low.notna().any())
    return go.Scatter(
        x=change,
        y=names,
        mode="markers",
        name=say("change_90" if known else "change", lang),
        marker={"size": 9, "color": _AFTER, "symbol": "diamond"},
        error_x=spread if known else None,
        showlegend=first,
        text=text,
        hovertemplate="%{text}<extra></extra>",
    )
