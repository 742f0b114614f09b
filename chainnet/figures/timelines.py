"""Output over time: the worst hit, with the spread over the parameters' ranges and what was recorded."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from chainnet.backtests import period_days
from chainnet.errors import UsageError
from chainnet.figures.charts import widest
from chainnet.figures.words import FONTS, Lang, country_name, say
from chainnet.kernels import FloatArray
from chainnet.network import SupplyNetwork
from chainnet.parallel import in_parallel
from chainnet.parameters import Parameters
from chainnet.scenarios import Scenario
from chainnet.simulation import Level, Run, output_by, simulate
from chainnet.tables import records
from chainnet.uncertainties import QUANTILES, draw_parameters

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Okabe and Ito's colours, which the colour-blind can tell apart.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
#: A path that falls by less than this loses nothing.
_SEEN = 0.005
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def timeline(  # noqa: PLR0913, what is drawn, and how
    network: SupplyNetwork,
    scenario: Scenario | str,
    *,
    level: Level = "country",
    top: int = 5,
    n: int = 20,
    days: int | None = None,
    lang: Lang = "en",
) -> go.Figure:
    """Draw output by day of what is hit worst.

    Parameters
    ----------
    network
        The network.
    scenario
        What happens; of a recorded event the targets of its record are drawn too.
    level
        Lines of each ``plant``, ``firm`` and product, ``product``, or ``country`` and product.
    top
        How many lines, 1 to 6: those with the lowest output.
    n
        Drawings of the parameters for the bands (5 % to 95 %); 0 leaves them out.
    days
        How many days to look at; None is what the scenario says, else 365.
    lang
        ``en``, ``ja`` or ``ko``.

    Returns
    -------
    plotly.graph_objects.Figure
        The figure.

    Raises
    ------
    UsageError
        Nothing is hit, or ``top`` is out of range.

    Examples
    --------
    >>> import chainnet as cn
    >>> figure = cn.figures.timeline(cn.load("japan-korea"), "JPN:photoresist_arf@0+60", n=0, days=120)
    >>> len(figure.data) > 0
    True
    """
    if not 1 <= top <= len(_COLOURS):
        raise UsageError(f"cannot draw {top} lines; give 1 to {len(_COLOURS)}.")
    run = simulate(network, scenario, days=days)
    names = worst(run.by(level), top)
    if not names:
        raise UsageError(f"nothing loses output in these {run.days} days: there is nothing to draw.")
    return lines(run, names, level=level, drawn=drawings(network, run, level=level, n=n), lang=lang)


def worst(paths: pd.DataFrame, top: int = len(_COLOURS)) -> list[str]:
    """Return the names of the paths that fall deepest, as far as they fall at all.

    Parameters
    ----------
    paths
        Output by day, a column each.
    top
        How many at most.

    Returns
    -------
    list of str
        Names of columns, the deepest first.

    Examples
    --------
    >>> worst(pd.DataFrame({"a": [1.0, 0.8], "b": [1.0, 1.0], "c": [1.0, 0.2]}))
    ['c', 'a']
    """
    lowest = paths.min().sort_values(kind="stable")
    return [str(name) for name in lowest.index[lowest < 1 - _SEEN][:top]]


def drawings(network: SupplyNetwork, run: Run, *, level: Level, n: int) -> list[pd.DataFrame]:
    """Return what a run would have been with other parameters, drawn from their ranges.

    Parameters
    ----------
    network
        The network of the run.
    run
        The run.
    level
        What a column is: ``plant``, ``firm``, ``product`` or ``country``.
    n
        How many drawings.

    Returns
    -------
    list of DataFrame
        Output by day, as of :meth:`chainnet.simulation.Run.by`, for each drawing.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> run = cn.simulate(net, "JPN:photoresist_arf@0+60", days=90)
    >>> [len(paths) for paths in drawings(net, run, level="product", n=2)]
    [90, 90]
    """

    def draw(parameters: Parameters) -> pd.DataFrame:
        names, output = output_by(network, run.scenario, level, days=run.days, parameters=parameters)
        return pd.DataFrame(output, columns=list(names))

    return list(in_parallel(draw, draw_parameters(network, n=n)))


def lines(
    run: Run, names: Sequence[str], *, level: Level, drawn: Sequence[pd.DataFrame] = (), lang: Lang = "en"
) -> go.Figure:
    """Draw output by day of some of what a run tells of.

    Parameters
    ----------
    run
        The run.
    names
        Which lines, at most 6: names such as ``samsung:dram``.
    level
        What they are: ``plant``, ``firm``, ``product`` or ``country``.
    drawn
        What :func:`drawings` returned, for the bands; none: no bands.
    lang
        ``en``, ``ja`` or ``ko``.

    Returns
    -------
    plotly.graph_objects.Figure
        The figure; all text in it is escaped.

    Examples
    --------
    >>> import chainnet as cn
    >>> run = cn.simulate(cn.load("japan-korea"), "JPN:photoresist_arf@0+60", days=90)
    >>> figure = lines(run, ["photoresist_arf"], level="product", lang="ko")
    >>> figure.data[0].name
    'ArF 포토레지스트'
    """
    import plotly.graph_objects as go

    paths = run.by(level)
    figure = go.Figure()
    for k, name in enumerate(names):
        if drawn:
            values = np.array([each[name].to_numpy() for each in drawn])
            low, _, high = np.quantile(values, QUANTILES, axis=0)
            figure.add_trace(_band(go, (low, high), _COLOURS[k]))
        label = html.escape(path_label(run, name, lang), quote=False)
        figure.add_trace(
            go.Scatter(
                y=(100 * paths[name]).round(3),
                name=label,
                meta=label,
                line={"color": _COLOURS[k], "dash": _DASHES[k], "width": 2.5},
                hovertemplate=f"%{{meta}}<br>{say('told_output', lang)}<extra></extra>",
            )
        )
    for trace in _recorded(go, run, names, lang):
        figure.add_trace(trace)
    # Entries of the legend are as wide as the widest; below the first line of them others need room.
    told = [trace.name for trace in figure.data if trace.name]
    rows = math.ceil(sum([50 + widest(told, 1200, 13)] * len(told)) / 1200)
    figure.update_layout(
        width=1352,
        height=540 + 20 * rows,
        margin={"l": 60, "r": 20, "t": 20, "b": 90 + 20 * rows},
        plot_bgcolor="#ffffff",
        xaxis={"title": say("axis_days", lang), "gridcolor": "#e8ecef", "zeroline": False},
        yaxis={"title": say("axis_output", lang), "gridcolor": "#e8ecef", "rangemode": "tozero"},
        legend={"orientation": "h", "y": -0.2},
        font={"size": 13, "family": FONTS[lang]},
        meta={"lang": lang},
    )
    return figure


def timeline_table(
    network: SupplyNetwork,
    scenario: Scenario | str,
    *,
    level: Level = "country",
    days: int | None = None,
    lang: Lang = "en",
) -> pd.DataFrame:
    """Return the table beneath a timeline: when it bites, how deep, how long.

    Parameters
    ----------
    network, scenario, level, days, lang
        As for :func:`timeline`.

    Returns
    -------
    DataFrame
        Rows of :meth:`chainnet.Run.summary` that lose something, rounded.
    """
    run = simulate(network, scenario, days=days)
    summary = run.summary(level)
    summary = summary[summary["peak_loss"] > _SEEN]
    rounded = summary.round({"peak_loss": 3, "days_lost": 1})
    return rounded.assign(name=[path_label(run, name, lang) for name in rounded["name"]])


def path_label(run: Run, name: str, lang: Lang = "en") -> str:
    """Return what a path of a run is called, as plain text.

    Parameters
    ----------
    run
        The run.
    name
        Name of the path, such as ``samsung:dram``.
    lang
        Language.

    Returns
    -------
    str
        Such as ``Samsung Electronics, DRAM``.

    Examples
    --------
    >>> import chainnet as cn
    >>> run = cn.simulate(cn.load("japan-korea"), "JPN:photoresist_arf@0+60", days=2)
    >>> path_label(run, "KOR:dram")
    'Korea, DRAM'
    """
    network = run.economy.network
    parts = name.split(":")
    return ", ".join(country_name(p, lang) if p.isupper() else network.label(p, lang) for p in parts)


def _band(go: object, bounds: tuple[FloatArray, FloatArray], colour: str) -> object:
    low, high = bounds
    day = np.arange(len(low))
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return go.Scatter(  # type: ignore[attr-defined]
        x=np.concatenate([day, day[::-1]]),
        y=100 * np.concatenate([high, low[::-1]]).round(5),
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},0.15)",
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )


def _recorded(go: object, run: Run, names: Sequence[str], lang: Lang) -> list[object]:
    """Return the recorded targets of the event that the lines drawn are about."""
    targets = run.economy.network.observations
    targets = targets[(targets["event"] == run.scenario.id) & (targets["role"] == "target")]
    found = []
    for target in records(targets):
        plain = target["selector"] in names and not (target["exporter"] or target["importer"])
        if target["quantity"] in ("output", "shipment") and plain:
            days = period_days(target["period"], run.scenario, run.days)
            if len(days):
                colour = _COLOURS[list(names).index(target["selector"])]
                words = say("recorded", lang, value=f"{target['series']}, {target['period']}")
                text = html.escape(words, quote=False)
                found.append(
                    go.Scatter(  # type: ignore[attr-defined]
                        x=[max(int(days[0]), 0), int(days[-1])],
                        y=[100 * target["value"]] * 2,
                        mode="lines+markers",
                        name=text,
                        meta=text,
                        line={"color": colour, "width": 1},
                        marker={"symbol": "diamond", "size": 9, "color": colour},
                        hovertemplate=f"%{{meta}}<br>{say('told_output', lang)}<extra></extra>",
                    )
                )
    return found
