"""Heatmaps: product by country, input by buyer, closed firm by maker; in steps, with what is unknown said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from chainnet.closures import stopping_firms
from chainnet.dependences import dependence
from chainnet.errors import UsageError
from chainnet.figures.charts import (
    UNKNOWN,
    beneath,
    figure_lines,
    frame,
    keys_of_steps,
    short,
    told,
    widest,
    written,
)
from chainnet.figures.holdings import holdings
from chainnet.figures.looks import INK, SEEN, STEPS, step_of
from chainnet.figures.sources import cited
from chainnet.figures.words import Lang, country_name, percent, say
from chainnet.network import SupplyNetwork
from chainnet.tables import records

if TYPE_CHECKING:
    import plotly.graph_objects as go

Kind = Literal["output", "purchases", "losses"]
_KINDS = ("output", "purchases", "losses")
_COLUMNS = ["row", "row_name", "column", "column_name"]
_COLUMNS += ["value", "low", "high", "status", "year", "told", "source"]
_WHAT = {"output": "share_of", "purchases": "share_bought", "losses": "share_lost"}
#: Size of a cell in pixels; most columns of a picture.
_CELL, _MOST = (56, 24), 16
_NAN = float("nan")


def heatmap_table(network: SupplyNetwork, kind: Kind = "output", *, lang: Lang = "en") -> pd.DataFrame:
    """Return the cells of a heatmap.

    Parameters
    ----------
    network
        The network.
    kind
        ``output``: share of each product's world output by country where it is made;
        ``purchases``: share of each input that comes from the buyer's largest supplier;
        ``losses``: output that each maker of a device loses when a firm closes and nobody steps in.
    lang
        Language of the names.

    Returns
    -------
    DataFrame
        One row a cell: ``row, column`` (ids) and their names, ``value`` (NaN: unknown) with ``low``
        and ``high``, ``status``, ``year``, ``told`` (more words), ``source``. Families stand for
        themselves only where none of their members is in the network.

    Raises
    ------
    UsageError
        There is no such kind.

    Examples
    --------
    >>> import chainnet as cn
    >>> cells = cn.figures.heatmap_table(cn.load("japan-korea"))
    >>> cells.loc[cells["row"] == "euv_scanner", ["column", "value"]].values.tolist()
    [['NLD', 1.0]]
    """
    if kind not in _KINDS:
        raise UsageError(f"there is no heatmap of {kind!r}; use {', '.join(_KINDS)}.")
    cells = {"output": _output, "purchases": _purchases, "losses": _losses}[kind](network, lang)
    return pd.DataFrame(cells, columns=_COLUMNS)


def heatmap(cells: pd.DataFrame, kind: Kind = "output", *, top: int = 30, lang: Lang = "en") -> go.Figure:
    """Draw a heatmap in five steps of colour, dark for much.

    Parameters
    ----------
    cells
        What :func:`heatmap_table` returned.
    kind, lang
        As there.
    top
        How many rows: those with the largest values. What is left out is counted below the picture.

    Returns
    -------
    plotly.graph_objects.Figure
        Numbers stand in the cells: ``27 %`` observed, ``≈27 %`` estimated, ``27 %?`` assumed; what is
        unknown is grey and says so; no cell is drawn where there is nothing.

    Raises
    ------
    UsageError
        There is no cell, or ``top`` is less than 1.

    Examples
    --------
    >>> import chainnet as cn
    >>> cells = cn.figures.heatmap_table(cn.load("japan-korea"))
    >>> len(cn.figures.heatmap(cells, top=10).data[0].y)
    10
    """
    import plotly.graph_objects as go

    if top < 1:
        raise UsageError(f"cannot draw {top} rows; give 1 or more.")
    if cells.empty:
        raise UsageError("there is nothing to draw: no cell has anything in it.")
    rows, columns = _order(cells, kind, top)
    names = _names(cells)
    shown = {(cell["row"], cell["column"]): cell for cell in records(cells)}
    grid = [[shown.get((row, column)) for column in columns] for row in rows]
    places = ([f"c{k}" for k in range(len(columns))], [f"r{k}" for k in range(len(rows))])
    figure = go.Figure(
        go.Heatmap(
            x=places[0],
            y=places[1],
            z=[[_step(cell) for cell in line] for line in grid],
            hovertext=[[_told(cell, kind, lang) for cell in line] for line in grid],
            hovertemplate="%{hovertext}<extra></extra>",
            hoverongaps=False,
            zmin=-0.5,
            zmax=len(STEPS) + 1.5,
            colorscale=_scale(["#ffffff", *(fill for _, fill, _ in STEPS), UNKNOWN]),
            showscale=False,
            xgap=2,
            ygap=2,
        )
    )
    figure.add_trace(_written(grid, places, lang))
    for trace in keys_of_steps(lang, unknown=bool(cells["value"].isna().any())):
        figure.add_trace(trace)
    return _framed(figure, ([names[row] for row in rows], [names[c] for c in columns]), cells, lang)


def _written(
    grid: Sequence[Sequence[dict[str, Any] | None]], places: tuple[Sequence[str], Sequence[str]], lang: Lang
) -> object:
    """Return the numbers in the cells, in the letters that their colours bear."""
    import plotly.graph_objects as go

    cells = [
        (x, y, cell)
        for y, line in zip(places[1], grid, strict=True)
        for x, cell in zip(places[0], line, strict=True)
        if cell
    ]
    return go.Scatter(
        x=[x for x, _, _ in cells],
        y=[y for _, y, _ in cells],
        text=[written(cell["value"], cell["status"], lang) for _, _, cell in cells],
        mode="text",
        textfont={
            "size": 11,
            "color": [INK if math.isnan(c["value"]) else step_of(c["value"])[1] for _, _, c in cells],
        },
        hoverinfo="skip",
        showlegend=False,
    )


def _framed(
    figure: go.Figure, labels: tuple[Sequence[str], Sequence[str]], cells: pd.DataFrame, lang: Lang
) -> go.Figure:
    rows, columns = labels
    left = widest(rows, 300) + 20
    slant = 0.71 * widest(columns, 190)
    above = slant + 30
    wide, high = _CELL[0] * len(columns), _CELL[1] * len(rows)
    # The legend and the last, slanted name need room too.
    right = max(slant + 10, 640 - left - wide)
    rest = {"rows": cells["row"].nunique() - len(rows), "columns": cells["column"].nunique() - len(columns)}
    if any(rest.values()):
        figure.add_annotation(**beneath(say("left_out", lang, **rest)))
    return frame(
        figure,
        (left + wide + right, above + high + 84),
        lang,
        margin={"l": left, "r": right, "t": above, "b": 84},
        xaxis={
            "side": "top",
            "range": [-0.5, len(columns) - 0.5],
            "tickangle": -45,
            "tickvals": [f"c{k}" for k in range(len(columns))],
            "ticktext": [short(name, 190) for name in columns],
            "tickfont": {"size": 12},
            "type": "category",
            "showgrid": False,
            "ticks": "",
        },
        yaxis={
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": [f"r{k}" for k in range(len(rows))],
            "ticktext": [short(name, 300) for name in rows],
            "tickfont": {"size": 12},
            "type": "category",
            "showgrid": False,
            "ticks": "",
        },
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": -32 / high,
            "yanchor": "top",
            "itemclick": False,
            "itemdoubleclick": False,
        },
    )


def _scale(colours: Sequence[str]) -> list[tuple[float, str]]:
    """Return a scale that has one flat colour for each whole number."""
    n = len(colours)
    return [(edge / n, colour) for k, colour in enumerate(colours) for edge in (k, k + 1)]


def _step(cell: dict[str, Any] | None) -> int | None:
    if cell is None:
        return None
    if math.isnan(cell["value"]):
        return len(STEPS) + 1
    fill, _ = step_of(cell["value"])
    return next((k for k, (_, colour, _) in enumerate(STEPS, 1) if colour == fill), 0)


def _told(cell: dict[str, Any] | None, kind: Kind, lang: Lang) -> str:
    if cell is None:
        return ""
    head = f"{cell['row_name']} – {cell['column_name']}"
    return told([head, cell["told"], *figure_lines(cell, say(_WHAT[kind], lang), lang)])


def _names(cells: pd.DataFrame) -> dict[str, str]:
    return {
        key: name
        for ids, names in (("row", "row_name"), ("column", "column_name"))
        for key, name in zip(cells[ids], cells[names], strict=True)
    }


def _order(cells: pd.DataFrame, kind: Kind, top: int) -> tuple[list[str], list[str]]:
    """Return the rows and columns to draw: of output beside the country that leads, else by their sums."""
    table = cells.set_index(["row", "column"])["value"].unstack().fillna(0.0)  # noqa: PD010, each cell is there once
    weight = (table.max(axis=1) if kind == "output" else table.sum(axis=1)).round(9)
    kept = table.loc[weight.sort_values(ascending=False, kind="stable").index[:top]]
    # A column with nothing in the rows drawn says nothing.
    kept = kept[sorted(set(cells.loc[cells["row"].isin(kept.index), "column"]))]
    total = kept.sum().round(9)
    if kind != "output":
        return list(kept.index), sorted(kept.columns, key=lambda name: (-total[name], name))[:_MOST]
    leader = kept.idxmax(axis=1)
    led = leader.value_counts()
    columns = sorted(kept.columns, key=lambda name: (-led.get(name, 0), -total[name], name))[:_MOST]
    place = {name: k for k, name in enumerate(columns)}
    rows = sorted(kept.index, key=lambda row: (place.get(str(leader[row]), _MOST), -weight[row], row))
    return rows, columns


def _output(network: SupplyNetwork, lang: Lang) -> list[dict[str, Any]]:
    return [
        {
            "row": product,
            "row_name": network.label(product, lang),
            "column": one.key,
            "column_name": country_name(one.key, lang),
            "value": one.share if one.known else _NAN,
            "low": one.low,
            "high": one.high,
            "status": one.status,
            "year": one.year,
            # An equal part of what is left is what models need, not what anyone knows.
            "told": ""
            if one.known or one.share <= SEEN
            else say("models_use", lang, value=percent(one.share)),
            "source": "; ".join(cited(network, one.refs, lang)),
        }
        for product in network.products["product"]
        if not network.families.get(product)
        for one in holdings(network, product, "country", lang)
    ]


def _purchases(network: SupplyNetwork, lang: Lang) -> list[dict[str, Any]]:
    table = dependence(network)
    table = table.sort_values(["buyer", "input", "share", "makes"], ascending=[True, True, False, True])
    devices = set(network.products.loc[network.products["class"] == "device", "product"])
    makers = set(table.loc[table["makes"].isin(devices), "buyer"])
    most = table[table["buyer"].isin(makers)].drop_duplicates(["buyer", "input"])
    return [
        {
            "row": row["input"],
            "row_name": network.label(row["input"], lang),
            "column": row["buyer"],
            "column_name": network.label(row["buyer"], lang),
            "value": row["share"] if row["share"] > SEEN else _NAN,
            "low": row["low"],
            "high": row["high"],
            "status": row["status"],
            "year": "",
            "told": say(
                "buys_for",
                lang,
                supplier=" / ".join(network.label(name, lang) for name in row["supplier"].split(" / ")),
                product=network.label(row["makes"], lang),
            )
            if row["supplier"]
            else "",
            "source": "; ".join(cited(network, row["ref"].split(";"), lang)),
        }
        for row in records(most)
    ]


def _losses(network: SupplyNetwork, lang: Lang) -> list[dict[str, Any]]:
    table = stopping_firms(network, loss=SEEN)
    return [
        {
            "row": row["closure"],
            "row_name": network.label(row["closure"], lang),
            "column": row["target"],
            "column_name": ": ".join(network.label(name, lang) for name in row["target"].split(":")),
            "value": row["loss"],
            "low": row["loss"],
            "high": row["loss"],
            "status": "",
            "year": "",
            "told": "",
            "source": "",
        }
        for row in records(table)
        if row["loss"] > SEEN
    ]
