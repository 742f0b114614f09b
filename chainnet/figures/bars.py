"""Bars: how concentrated the makers of each product are, with what is unknown as a range."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from chainnet.concentrations import concentration as measured
from chainnet.errors import UsageError
from chainnet.figures.canvas import safe
from chainnet.figures.charts import PATTERNS, beneath, frame, short, told, widest
from chainnet.figures.looks import ACCENT, GREY, INK, SEEN
from chainnet.figures.sources import cited, years
from chainnet.figures.words import Lang, country_name, hedged, percent, say
from chainnet.markets import markets
from chainnet.network import SupplyNetwork
from chainnet.tables import records

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Height of a bar with its gap, in pixels.
_ROW = 22


def concentration_table(
    network: SupplyNetwork, *, by: Literal["firm", "country"] = "firm", lang: Lang = "en"
) -> pd.DataFrame:
    """Return how concentrated each product is, most concentrated first, in words.

    Parameters
    ----------
    network
        The network.
    by
        Whose shares: of each ``firm``, or of the ``country`` where it is made.
    lang
        Language of the names.

    Returns
    -------
    DataFrame
        The columns of :func:`chainnet.concentration` (``hhi`` is NaN where nothing is known), with
        ``name``, ``leader_name``, ``year`` and ``source``. Families stand for themselves only where
        none of their members is in the network.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.figures.concentration_table(cn.load("japan-korea"))
    >>> table.set_index("product").loc["euv_scanner", ["leader_name", "year"]].tolist()
    ['ASML', '2025']
    """
    table = measured(network, by=by)
    table = table[[not network.families.get(product) for product in table["product"]]]
    table = table.assign(hhi=table["hhi"].where(table["hhi"] > SEEN))
    table = table.sort_values(["hhi", "product"], ascending=[False, True], ignore_index=True)
    rows = records(table)
    return table.assign(
        name=[network.label(row["product"], lang) for row in rows],
        leader_name=[
            " / ".join(
                network.label(one, lang) if by == "firm" else country_name(one, lang)
                for one in row["leader"].split(" / ")
            )
            for row in rows
        ],
        year=[_year(network, row, by) for row in rows],
        source=["; ".join(cited(network, row["ref"].split(";"), lang)) for row in rows],
    )


def _year(network: SupplyNetwork, row: dict[str, Any], by: str) -> str:
    makers = markets(network).market(row["product"]).makers
    leaders = row["leader"].split(" / ")
    own = [maker for maker in makers if (maker.firm if by == "firm" else maker.country) in leaders]
    return ", ".join(map(str, years(network, own)[-1:]))


def concentration(table: pd.DataFrame, *, top: int = 30, lang: Lang = "en") -> go.Figure:
    """Draw how concentrated products are: a bar a product, its bounds, and who is the largest.

    Parameters
    ----------
    table
        What :func:`concentration_table` returned.
    top
        How many products, the most concentrated first; the rest is counted below.
    lang
        Language.

    Returns
    -------
    plotly.graph_objects.Figure
        Plain bars rest on observed figures, hatched ones on estimated, dotted ones on assumed.

    Raises
    ------
    UsageError
        There is no bar, or ``top`` is less than 1.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.figures.concentration_table(cn.load("japan-korea"))
    >>> len(cn.figures.concentration(table, top=5).layout.yaxis.ticktext)
    5
    """
    import plotly.graph_objects as go

    if top < 1:
        raise UsageError(f"cannot draw {top} bars; give 1 or more.")
    rows = records(table[table["hhi"].notna()].head(top))
    if not rows:
        raise UsageError("there is nothing to draw: no share is known of any product.")
    figure = go.Figure()
    for status, pattern in PATTERNS.items():
        own = [(k, row) for k, row in enumerate(rows) if row["status"] == status]
        if own:
            figure.add_trace(_bars(own, (say(status, lang), pattern), lang))
    leaders = [f"{row['leader_name']} {hedged(row['cr1'], row['status'])}" for row in rows]
    for k, (row, leader) in enumerate(zip(rows, leaders, strict=True)):
        figure.add_annotation(
            x=max(row["high"], row["hhi"]),
            y=k,
            text=short(leader, 300),
            xanchor="left",
            xshift=8,
            showarrow=False,
            font={"size": 12, "color": INK},
        )
    left = widest((row["name"] for row in rows), 320) + 20
    right = widest(leaders, 300) + 20
    rest = len(table) - len(rows)
    if rest:
        figure.add_annotation(**beneath(say("not_drawn", lang, n=rest), shift=-46))
    high = _ROW * len(rows)
    return frame(
        figure,
        (left + 620 + right, 16 + high + 108),
        lang,
        margin={"l": left, "r": right, "t": 16, "b": 108},
        xaxis={
            "title": safe(say("hhi", lang)),
            "range": [0, 1.01],
            "gridcolor": "#e8ecef",
            "zeroline": False,
        },
        yaxis={
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(range(len(rows))),
            "ticktext": [short(row["name"], 320) for row in rows],
            "tickfont": {"size": 12},
            "showgrid": False,
            "zeroline": False,
        },
        bargap=0.25,
        legend={"orientation": "h", "x": 0, "y": -70 / high, "yanchor": "top", "itemclick": False},
        showlegend=True,
    )


def _bars(own: list[tuple[int, dict[str, Any]]], look: tuple[str, str], lang: Lang) -> object:
    import plotly.graph_objects as go

    rows = [row for _, row in own]
    return go.Bar(
        orientation="h",
        x=[row["hhi"] for row in rows],
        y=[k for k, _ in own],
        name=look[0],
        marker={
            "color": ACCENT,
            "line": {"color": ACCENT, "width": 1},
            "pattern": {
                "shape": look[1],
                "fillmode": "replace",
                "fgcolor": ACCENT,
                "size": 5,
                "solidity": 0.4,
            },
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [max(0.0, row["high"] - row["hhi"]) for row in rows],
            "arrayminus": [max(0.0, row["hhi"] - row["low"]) for row in rows],
            "color": GREY,
            "thickness": 1.2,
            "width": 3,
        },
        hovertext=[_told(row, lang) for row in rows],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _told(row: dict[str, Any], lang: Lang) -> str:
    value = f"{row['hhi']:.2f} ({row['low']:.2f}–{row['high']:.2f})"
    words = [percent(row["cr1"]), say(row["status"], lang)]
    words += [say("year", lang, value=row["year"])] if row["year"] else []
    return told(
        [
            row["name"],
            f"{say('hhi', lang)}: {value}",
            say("largest_one", lang, name=row["leader_name"], value=", ".join(words)),
            f"{say('unknown', lang)}: {percent(row['unknown'])}"
            if not math.isclose(row["unknown"], 0)
            else "",
            say("source", lang, value=row["source"]) if row["source"] else "",
        ]
    )
