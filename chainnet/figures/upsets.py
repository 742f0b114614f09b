"""Cut sets as dots: which closures must come together to stop a target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from chainnet.closures import cut_sets
from chainnet.errors import UsageError
from chainnet.figures.charts import beneath, frame, short, told, widest
from chainnet.figures.looks import ALARM, INK
from chainnet.figures.words import Lang, country_name, percent, say
from chainnet.network import SupplyNetwork
from chainnet.tables import records

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Size of a dot's cell in pixels.
_WIDE, _HIGH = 40, 28


def cutset_table(
    network: SupplyNetwork,
    target: str,
    *,
    by: Literal["plant", "firm", "country"] = "firm",
    lang: Lang = "en",
) -> pd.DataFrame:
    """Return the cut sets of a target, up to pairs, in words.

    Parameters
    ----------
    network
        The network.
    target
        Plants of one product, such as ``samsung:hbm``.
    by
        What closes.
    lang
        Language of the names.

    Returns
    -------
    DataFrame
        One row for each closure of each set of :func:`chainnet.cut_sets`: ``set`` (its number),
        ``size``, ``closure`` and its ``name``, ``loss`` of the set.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.figures.cutset_table(cn.load("japan-korea"), "sk_hynix:hbm")
    >>> table.loc[table["size"] == 1, "name"].tolist()
    ['NAMICS']
    """
    rows = [
        {
            "set": number,
            "size": found["size"],
            "closure": closure,
            "name": country_name(closure, lang) if by == "country" else network.label(closure, lang),
            "loss": found["loss"],
        }
        for number, found in enumerate(records(cut_sets(network, target, size=2, by=by)), 1)
        for closure in found["closures"].split(" + ")
    ]
    return pd.DataFrame(rows, columns=["set", "size", "closure", "name", "loss"])


def cutsets(table: pd.DataFrame, *, top: int = 30, lang: Lang = "en") -> go.Figure:
    """Draw cut sets: a row a closure, a column a set, a dot where the closure belongs to the set.

    Parameters
    ----------
    table
        What :func:`cutset_table` returned.
    top
        How many sets, single closures first; the rest is counted below.
    lang
        Language.

    Returns
    -------
    plotly.graph_objects.Figure
        Those in most sets stand highest; a closure that is enough by itself is marked in another colour.

    Raises
    ------
    UsageError
        There is no set, or ``top`` is less than 1.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.figures.cutset_table(cn.load("japan-korea"), "sk_hynix:hbm")
    >>> cn.figures.cutsets(table).layout.yaxis.ticktext[0]
    'NAMICS'
    """
    import plotly.graph_objects as go

    if top < 1:
        raise UsageError(f"cannot draw {top} sets; give 1 or more.")
    if table.empty:
        raise UsageError("nothing to draw: no closure and no pair of closures stops the target.")
    shown = table[table["set"] <= top]
    often = shown.groupby("closure").agg(size=("size", "min"), n=("set", "size"), name=("name", "first"))
    often = often.sort_values(["size", "n", "name"], ascending=[True, False, True], kind="stable")
    place = {closure: k for k, closure in enumerate(often.index)}
    sets = [records(own) for _, own in shown.groupby("set", sort=True)]
    figure = go.Figure()
    for number, own in enumerate(sets):
        lines = [
            " + ".join(row["name"] for row in own),
            f"{say('share_lost', lang)}: {percent(own[0]['loss'])}",
        ]
        colour = ALARM if len(own) == 1 else INK
        figure.add_trace(
            go.Scatter(
                x=[number] * len(own),
                y=[place[row["closure"]] for row in own],
                mode="lines+markers",
                line={"color": colour, "width": 3},
                marker={"size": 15, "color": colour},
                hovertext=told(lines),
                hovertemplate="%{hovertext}<extra></extra>",
                showlegend=False,
            )
        )
    names = list(often["name"])
    left = widest(names, 340) + 24
    rest = int(table["set"].nunique()) - len(sets)
    if rest:
        figure.add_annotation(**beneath(say("not_drawn", lang, n=rest), shift=-50))
    figure.add_annotation(**beneath(say("share_lost", lang), shift=-28))
    wide, high = max(_WIDE * len(sets), 480), _HIGH * len(place)
    return frame(
        figure,
        (left + wide + 20, 30 + high + 76),
        lang,
        margin={"l": left, "r": 20, "t": 30, "b": 76},
        xaxis={
            "range": [-0.5, max(len(sets), wide / _WIDE) - 0.5],
            "tickvals": list(range(len(sets))),
            "ticktext": [percent(own[0]["loss"]) for own in sets],
            "tickangle": 0,
            "tickfont": {"size": 11},
            "showgrid": False,
            "zeroline": False,
        },
        yaxis={
            "range": [len(place) - 0.5, -0.5],
            "tickvals": list(place.values()),
            "ticktext": [short(name, 340) for name in names],
            "gridcolor": "#e8ecef",
            "zeroline": False,
        },
    )
