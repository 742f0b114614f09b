"""Treemaps: who holds the world output of a stage's products."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from chainnet.errors import UsageError
from chainnet.figures.canvas import safe
from chainnet.figures.charts import HIDDEN, UNKNOWN, figure_lines, frame, keys_of_countries, told, written
from chainnet.figures.holdings import Holder, holdings
from chainnet.figures.looks import COUNTRIES, OTHER
from chainnet.figures.sources import cited
from chainnet.figures.words import Lang, percent, say
from chainnet.network import SupplyNetwork
from chainnet.schema import STAGES
from chainnet.tables import records

if TYPE_CHECKING:
    import plotly.graph_objects as go

_COLUMNS = ["product", "name", "holder", "holder_name", "country"]
_COLUMNS += ["value", "low", "high", "status", "year", "source"]


def treemap_table(
    network: SupplyNetwork, stage: str, *, by: Holder = "country", lang: Lang = "en"
) -> pd.DataFrame:
    """Return who holds the world output of each product of a stage.

    Parameters
    ----------
    network
        The network.
    stage
        Such as ``material`` or ``equipment``.
    by
        Who: the ``country`` where it is made, or the ``firm``.
    lang
        Language of the names.

    Returns
    -------
    DataFrame
        One row for each product and holder: ``product, holder`` and their names, ``country`` (of the
        head office, for a firm), ``value`` (NaN: unknown) with its bounds, ``status, year, source``.

    Raises
    ------
    UsageError
        There is no such stage, or nothing in it.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.figures.treemap_table(cn.load("japan-korea"), "equipment", by="firm")
    >>> table.loc[table["product"] == "euv_scanner", ["holder", "value"]].values.tolist()
    [['asml', 1.0]]
    """
    if stage not in STAGES:
        raise UsageError(f"there is no stage {stage!r}; use {', '.join(STAGES)}.")
    products = network.products
    rows = [
        {
            "product": product,
            "name": network.label(product, lang),
            "holder": one.key,
            "holder_name": one.label,
            "country": network.home.get(one.key, one.key),
            "value": one.share if one.known else float("nan"),
            "low": one.low,
            "high": one.high,
            "status": one.status,
            "year": one.year,
            "source": "; ".join(cited(network, one.refs, lang)),
        }
        for product in products.loc[products["stage"] == stage, "product"]
        if not network.families.get(product)
        for one in holdings(network, product, by, lang)
    ]
    if not rows:
        raise UsageError(f"nobody makes anything of the stage {stage!r} in this graph.")
    return pd.DataFrame(rows, columns=_COLUMNS)


def treemap(table: pd.DataFrame, *, lang: Lang = "en") -> go.Figure:
    """Draw who holds the world output of some products: equal areas a product, split by share.

    Parameters
    ----------
    table
        What :func:`treemap_table` returned.
    lang
        Language.

    Returns
    -------
    plotly.graph_objects.Figure
        Coloured by country; what is unknown is grey and hatched.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.figures.treemap_table(cn.load("japan-korea"), "mask")
    >>> cn.figures.treemap(table).data[0].type
    'treemap'
    """
    import plotly.graph_objects as go

    tiles = [tile for _, own in table.groupby("product", sort=False) for tile in _tiles(records(own), lang)]
    figure = go.Figure(
        go.Treemap(
            ids=[tile["id"] for tile in tiles],
            parents=[tile["parent"] for tile in tiles],
            labels=[tile["label"] for tile in tiles],
            values=[tile["value"] for tile in tiles],
            text=[tile["text"] for tile in tiles],
            hovertext=[tile["told"] for tile in tiles],
            hovertemplate="%{hovertext}<extra></extra>",
            texttemplate=["%{label}<br>%{text}" if tile["parent"] else "%{label}" for tile in tiles],
            marker={
                "colors": [tile["colour"] for tile in tiles],
                "pattern": {
                    "shape": [tile["pattern"] for tile in tiles],
                    "fillmode": "overlay",
                    "fgcolor": "#ffffff",
                    "solidity": 0.3,
                },
                "line": {"color": "#ffffff", "width": 1},
                "pad": {"t": 26, "l": 2, "r": 2, "b": 2},
            },
            pathbar={"visible": False},
            tiling={"packing": "squarify"},
            sort=False,
        )
    )
    held = table.loc[table["value"].notna(), "country"]
    for trace in keys_of_countries(held, lang, unknown=any(tile["pattern"] for tile in tiles)):
        figure.add_trace(trace)
    return frame(
        figure,
        (1352, 860),
        lang,
        margin={"l": 4, "r": 4, "t": 4, "b": 50},
        xaxis=HIDDEN,
        yaxis=HIDDEN,
        # A name that does not fit is told on hover.
        uniformtext={"minsize": 11, "mode": "hide"},
        legend={"orientation": "h", "x": 0, "y": -0.01, "yanchor": "top", "itemclick": False},
    )


def _tiles(own: list[dict[str, Any]], lang: Lang) -> list[dict[str, Any]]:
    """Return the tile of a product and those of its holders, with what is nobody's in particular last."""
    product = own[0]["product"]
    known = [row for row in own if not math.isnan(row["value"])]
    left = 1 - sum(row["value"] for row in known)
    guessed = ", ".join(row["holder_name"] for row in own if math.isnan(row["value"]))
    tiles = [_tile(product, "", own[0]["name"], (0.0, "", own[0]["name"], "#eef1f4", ""))]
    for row in known:
        text = written(row["value"], row["status"], lang)
        head = f"{row['holder_name']} – {row['name']}"
        lines = told([head, *figure_lines(row, say("share_of", lang), lang)])
        look = COUNTRIES.get(row["country"], OTHER)
        tiles.append(_tile(product, row["holder"], row["holder_name"], (row["value"], text, lines, look, "")))
    if left > 0.005:
        head = f"{say('unknown', lang)} – {own[0]['name']}"
        lines = told([head, percent(left), guessed])
        tiles.append(_tile(product, "?", say("unknown", lang), (left, percent(left), lines, UNKNOWN, "/")))
    return tiles


def _tile(product: str, holder: str, label: str, about: tuple[float, str, str, str, str]) -> dict[str, Any]:
    value, text, lines, colour, pattern = about
    return {
        "id": f"{product}/{holder}" if holder else product,
        "parent": product if holder else "",
        "label": safe(label),
        "value": value,
        "text": safe(text),
        "told": lines if holder else safe(lines),
        "colour": colour,
        "pattern": pattern,
    }
