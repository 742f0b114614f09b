"""Output over time: the worst hit, with the spread over the parameters' ranges and what was recorded."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from chainnet.backtests import period_days
from chainnet.errors import UsageError
from chainnet.kernels import FloatArray
from chainnet.network import SupplyNetwork
from chainnet.scenarios import Scenario
from chainnet.simulation import Level, Run, simulate
from chainnet.tables import records
from chainnet.uncertainties import QUANTILES, draw_parameters

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Okabe and Ito's colours, which the colour-blind can tell apart.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def timeline(
    network: SupplyNetwork,
    scenario: Scenario | str,
    *,
    level: Level = "country",
    top: int = 5,
    n: int = 20,
    days: int | None = None,
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
    import plotly.graph_objects as go

    if not 1 <= top <= len(_COLOURS):
        raise UsageError(f"cannot draw {top} lines; give 1 to {len(_COLOURS)}.")
    run = simulate(network, scenario, days=days)
    paths = run.by(level)
    names = _worst(paths, top)
    if not names:
        raise UsageError(f"nothing loses output in these {run.days} days: there is nothing to draw.")
    drawn = [
        simulate(network, scenario, days=days, parameters=p).by(level)[names].to_numpy()
        for p in draw_parameters(network, n=n)
    ]
    figure = go.Figure()
    for k, name in enumerate(names):
        label = html.escape(_label(network, name), quote=False)
        if drawn:
            low, _, high = np.quantile(np.array([d[:, k] for d in drawn]), QUANTILES, axis=0)
            figure.add_trace(_band(go, (low, high), _COLOURS[k]))
        line = {"color": _COLOURS[k], "dash": _DASHES[k], "width": 2.5}
        figure.add_trace(
            go.Scatter(
                y=(100 * paths[name]).round(3),
                name=label,
                line=line,
                hovertemplate=f"{label}<br>day %{{x}}: %{{y:.1f}} % of normal<extra></extra>",
            )
        )
    for trace in _recorded(go, network, run, names):
        figure.add_trace(trace)
    figure.update_layout(
        width=1352,
        height=560,
        margin={"l": 60, "r": 20, "t": 20, "b": 110},
        plot_bgcolor="#ffffff",
        xaxis={"title": "days after the start", "gridcolor": "#e8ecef", "zeroline": False},
        yaxis={"title": "output, % of normal", "gridcolor": "#e8ecef", "rangemode": "tozero"},
        legend={"orientation": "h", "y": -0.2},
        font={"size": 13},
        meta={"lang": "en"},
    )
    return figure


def timeline_table(
    network: SupplyNetwork, scenario: Scenario | str, *, level: Level = "country", days: int | None = None
) -> pd.DataFrame:
    """Return the table beneath a timeline: when it bites, how deep, how long.

    Parameters
    ----------
    network, scenario, level, days
        As for :func:`timeline`.

    Returns
    -------
    DataFrame
        Rows of :meth:`chainnet.simulation.Run.summary` that lose something, rounded.
    """
    summary = simulate(network, scenario, days=days).summary(level)
    summary = summary[summary["peak_loss"] > _SEEN]
    rounded = summary.round({"peak_loss": 3, "days_lost": 1})
    return rounded.assign(name=[_label(network, name) for name in rounded["name"]])


_SEEN = 0.005


def _worst(paths: pd.DataFrame, top: int) -> list[str]:
    lowest = paths.min().sort_values(kind="stable")
    return [str(name) for name in lowest.index[lowest < 1 - _SEEN][:top]]


def _label(network: SupplyNetwork, name: str) -> str:
    parts = [network.label(part) for part in name.split(":")]
    return ", ".join(parts)


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


def _recorded(go: object, network: SupplyNetwork, run: Run, names: Sequence[str]) -> list[object]:
    """Return the recorded targets of the event that the lines drawn are about."""
    targets = network.observations
    targets = targets[(targets["event"] == run.scenario.id) & (targets["role"] == "target")]
    found = []
    for target in records(targets):
        plain = target["selector"] in names and not (target["exporter"] or target["importer"])
        if target["quantity"] in ("output", "shipment") and plain:
            days = period_days(target["period"], run.scenario, run.days)
            if len(days):
                colour = _COLOURS[list(names).index(target["selector"])]
                text = html.escape(f"recorded: {target['series']}, {target['period']}", quote=False)
                found.append(
                    go.Scatter(  # type: ignore[attr-defined]
                        x=[max(int(days[0]), 0), int(days[-1])],
                        y=[100 * target["value"]] * 2,
                        mode="lines+markers",
                        name=text,
                        line={"color": colour, "width": 1},
                        marker={"symbol": "diamond", "size": 9, "color": colour},
                        hovertemplate=f"{text}<br>%{{y:.1f}} % of normal<extra></extra>",
                    )
                )
    return found
