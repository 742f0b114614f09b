"""Before and after as dumbbells: what partnerships change, a panel a measure, with the interval."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from chainnet.errors import UsageError

if TYPE_CHECKING:
    import plotly.graph_objects as go

_BEFORE, _AFTER, _LINE = "#8a949e", "#0072b2", "#b9c2ca"
#: Less than this is no change.
_SEEN = 1e-9
#: Height of a line of a panel, and of its title and axis.
_ROW, _HEAD = 30, 74


def compare(table: pd.DataFrame) -> go.Figure:
    """Draw what partnerships change: a panel a measure, a line a partnership.

    Parameters
    ----------
    table
        What :func:`chainnet.compare_partnerships` or :func:`chainnet.compare` returned. Lines that
        change nothing, and have no interval that does, are left out.

    Returns
    -------
    plotly.graph_objects.Figure
        A hollow dot before, a full one after, and the 90 % interval where there is one.

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
    figure = make_subplots(
        rows=len(panels),
        cols=1,
        subplot_titles=[html.escape(name, quote=False) for name in measures],
        row_heights=heights,
        vertical_spacing=min(0.9 / max(len(panels) - 1, 1), 62 / sum(heights)) if len(panels) > 1 else 0,
    )
    for number, panel in enumerate(panels, 1):
        for trace in _traces(panel, first=number == 1):
            figure.add_trace(trace, row=number, col=1)
        low, high = _reach(panel)
        figure.update_xaxes(range=[low, high], row=number, col=1)
    labels = rows["partnership"].str.len().max()
    figure.update_layout(
        width=1000,
        height=sum(heights) + 90,
        margin={"l": int(min(420, 60 + 7 * labels)), "r": 30, "t": 40, "b": 70},
        plot_bgcolor="#ffffff",
        legend={"orientation": "h", "y": -60 / (sum(heights) + 1), "yanchor": "top"},
        font={"size": 13},
        meta={"lang": "en"},
    )
    figure.update_xaxes(gridcolor="#e8ecef", zeroline=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_annotations(x=0, xanchor="left", font={"size": 13})
    return figure


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
    spread = named[["change", "low", "high"]].abs().max(axis=1) > _SEEN
    return named[spread].reset_index(drop=True)


def _reach(panel: pd.DataFrame) -> tuple[float, float]:
    """Return a span of the axis that holds all of a panel with some room."""
    ends = [panel["before"], panel["after"], panel["before"] + panel["low"], panel["before"] + panel["high"]]
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def _traces(panel: pd.DataFrame, *, first: bool) -> list[object]:
    import plotly.graph_objects as go

    names = [html.escape(str(name), quote=False) for name in panel["partnership"]]
    before, after = panel["before"], panel["after"]
    text = [
        f"{name}<br>{one:.4g} → {two:.4g}" + (f", 90 %: {low:+.3g} to {high:+.3g}" if low == low else "")  # noqa: PLR0124
        for name, one, two, low, high in zip(names, before, after, panel["low"], panel["high"], strict=True)
    ]
    line = go.Scatter(
        x=[x for one, two in zip(before, after, strict=True) for x in (one, two, None)],
        y=[y for name in names for y in (name, name, None)],
        mode="lines",
        line={"color": _LINE, "width": 3},
        hoverinfo="skip",
        showlegend=False,
    )
    about = {"y": names, "mode": "markers", "text": text, "hovertemplate": "%{text}<extra></extra>"}
    hollow = {"size": 11, "color": "#ffffff", "line": {"color": _BEFORE, "width": 2}}
    known = panel["low"].notna().any()
    spread = {
        "type": "data",
        "symmetric": False,
        "array": (before + panel["high"] - after).clip(lower=0),
        "arrayminus": (after - before - panel["low"]).clip(lower=0),
        "color": _AFTER,
        "thickness": 1.5,
    }
    return [
        line,
        go.Scatter(x=before, name="before", marker=hollow, showlegend=first, **about),
        go.Scatter(
            x=after,
            name="after, with its 90 % interval" if known else "after",
            marker={"size": 11, "color": _AFTER},
            error_x=spread if known else None,
            showlegend=first,
            **about,
        ),
    ]
