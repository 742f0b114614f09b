"""What the charts share: the frame, the steps of a share in the legend, what is told on hover, the table."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from chainnet.figures.canvas import Face, safe, text_width, wrap
from chainnet.figures.looks import COUNTRIES, INK, OTHER, STEPS
from chainnet.figures.words import FONTS, Lang, country_name, hedged, percent, say

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Axes that only the legend needs.
HIDDEN = {"visible": False, "fixedrange": True}
#: Shares whose holder nobody knows.
UNKNOWN = "#d9d9d9"
#: How a number is filled by how far it is known: plain, hatched, dotted.
PATTERNS = {"observed": "", "estimated": "/", "assumed": "."}
_WIDE = 70


def frame(figure: go.Figure, size: tuple[float, float], lang: Lang, **layout: object) -> go.Figure:
    """Give a figure its size, letters and white ground.

    Parameters
    ----------
    figure
        The figure, which is changed.
    size
        Width and height in pixels.
    lang
        Language, for the fonts and the page.
    **layout
        More of Plotly's layout.

    Returns
    -------
    plotly.graph_objects.Figure
        The figure.
    """
    figure.update_layout(
        width=round(size[0]),
        height=round(size[1]),
        plot_bgcolor="#ffffff",
        font={"size": 13, "family": FONTS[lang], "color": INK},
        hoverlabel={"align": "left", "bgcolor": "#ffffff", "font": {"size": 12, "color": INK}},
        meta={"lang": lang},
        **layout,
    )
    return figure


def short(text: str, width: float, size: float = 12) -> str:
    """Cut a text to a width in pixels, and escape it.

    Parameters
    ----------
    text
        Plain text.
    width, size
        Room, and size of the letters.

    Returns
    -------
    str
        One line for Plotly.

    Examples
    --------
    >>> short("<b>", 100)
    '&lt;b&gt;'
    """
    return safe(wrap(text, width, Face(size, INK), 1)[0])


def widest(texts: Iterable[str], most: float, size: float = 12) -> float:
    """Return the room in pixels that the widest of some texts takes, at most ``most``."""
    return min(most, max((text_width(text, size) for text in texts), default=0.0))


def told(lines: Iterable[str]) -> str:
    """Return what is told on hover: plain lines, escaped, the first one bold.

    Parameters
    ----------
    lines
        Plain text; empty lines are left out.

    Returns
    -------
    str
        A text for Plotly.

    Examples
    --------
    >>> told(["A & B", "", "27 %"])
    '<b>A &amp; B</b><br>27 %'
    """
    first, *rest = filter(None, lines)
    wrapped = [part for line in rest for part in textwrap.wrap(line, _WIDE)[:4]]
    return "<br>".join([f"<b>{safe(first)}</b>", *map(safe, wrapped)])


def figure_lines(row: Mapping[str, Any], what: str, lang: Lang) -> list[str]:
    """Return what is told of a number: its value, how far it is known, its year, bounds and source.

    Parameters
    ----------
    row
        ``value`` (NaN: unknown), ``status``, ``year``, ``source``, and ``low`` and ``high`` if there
        are bounds.
    what
        Which number it is.
    lang
        Language.

    Returns
    -------
    list of str
        Plain lines.

    Examples
    --------
    >>> row = {"value": 0.5, "low": 0.5, "high": 0.5, "status": "observed", "year": "2025", "source": "X"}
    >>> figure_lines(row, "share", "en")
    ['share: 50 %, observed, year 2025', 'Source: X']
    """
    known = not math.isnan(row["value"])
    parts = [written(row["value"], row["status"], lang)]
    parts += [say(row["status"], lang)] if known and row["status"] else []
    parts += [say("year", lang, value=row["year"])] if row["year"] else []
    lines = [f"{what}: {', '.join(parts)}"]
    if row.get("high", 0.0) - row.get("low", 0.0) > 1e-9:
        lines.append(say("bounds", lang, low=percent(row["low"]), high=percent(row["high"])))
    return [*lines, *([say("source", lang, value=row["source"])] if row["source"] else [])]


def written(value: float, status: str, lang: Lang) -> str:
    """Write a share so that its status shows, or that it is unknown."""
    if math.isnan(value):
        return say("unknown", lang)
    return hedged(value, status) if status else percent(value)


def keys_of_steps(lang: Lang, *, unknown: bool) -> list[Any]:
    """Return traces that draw nothing but the steps of a share in the legend.

    Parameters
    ----------
    lang
        Language.
    unknown
        Whether there is something unknown.

    Returns
    -------
    list
        Traces.
    """
    ends = [0, *(round(100 * most) for most, _, _ in STEPS)]
    names = [f"{low}–{high} %" for low, high in pairwise(ends)]
    keys = [(name, fill) for name, (_, fill, _) in zip(names, STEPS, strict=True)]
    return _keys([*keys, *([(say("unknown", lang), UNKNOWN)] if unknown else [])])


def keys_of_countries(codes: Iterable[str], lang: Lang, *, unknown: bool) -> list[Any]:
    """Return traces that draw nothing but the colours of countries in the legend.

    Parameters
    ----------
    codes
        The countries in the picture.
    lang
        Language.
    unknown
        Whether there is something unknown.

    Returns
    -------
    list
        Traces.
    """
    held = set(codes)
    keys = [(country_name(code, lang), colour) for code, colour in COUNTRIES.items() if code in held]
    keys += [(say("elsewhere", lang), OTHER)] if held - set(COUNTRIES) else []
    keys += [(say("unknown", lang), UNKNOWN)] if unknown else []
    return _keys(keys)


def _keys(keys: Iterable[tuple[str, str]]) -> list[Any]:
    import plotly.graph_objects as go

    return [
        go.Scatter(
            x=[None],
            y=[None],
            mode="markers",
            name=safe(name),
            marker={"symbol": "square", "size": 14, "color": fill, "line": {"color": "#8a949e", "width": 1}},
        )
        for name, fill in keys
    ]


def beneath(text: str, y: float = 0, shift: float = -8) -> dict[str, Any]:
    """Return an annotation below the chart: a plain line, at the left.

    Parameters
    ----------
    text
        Plain text.
    y, shift
        Where, as a part of the chart's height and in pixels from there.

    Returns
    -------
    dict
        For ``add_annotation``.
    """
    return {
        "text": safe(text),
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": y,
        "xanchor": "left",
        "yanchor": "top",
        "yshift": shift,
        "showarrow": False,
        "align": "left",
        "font": {"size": 12, "color": "#5b6570"},
    }


def readable(table: pd.DataFrame, heads: Mapping[str, str], lang: Lang) -> pd.DataFrame:
    """Return a table as people read it: named columns, shares in percent, what is unknown said so.

    Parameters
    ----------
    table
        A table of a chart.
    heads
        The columns to show, and their names.
    lang
        Language.

    Returns
    -------
    DataFrame
        Texts.

    Examples
    --------
    >>> readable(pd.DataFrame({"value": [0.25], "x": [1]}), {"value": "Share"}, "en").to_dict("list")
    {'Share': ['25 %']}
    """
    columns = {}
    for name, head in heads.items():
        cells = table[name].tolist()
        if name == "status":
            cells = [say(cell, lang) if cell else "" for cell in cells]
        columns[head] = [percent(cell) if isinstance(cell, float) else cell for cell in cells]
    return pd.DataFrame(columns)
