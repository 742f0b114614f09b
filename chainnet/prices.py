"""What prices did when supply was lost, or only feared for: the record, and a rule of thumb from it.

No elasticity is fitted: a few events in thirty years, of spot, retail and contract prices, say how
far prices went and no more. The range is that of the highest prices on record, the cases where
prices stood still or fell included.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from chainnet.cascade import disrupt
from chainnet.network import SupplyNetwork
from chainnet.scenarios import Scenario, parse_selector
from chainnet.tables import records

if TYPE_CHECKING:
    from chainnet.simulation import Run

#: Output below this was lost; what lies between is rounding.
_NORMAL = 0.99
_SEEN = 1e-9
#: Days over which a loss is averaged, as the recorded ones are.
_QUARTER = 90


def price_responses(network: SupplyNetwork) -> pd.DataFrame:
    """Return what prices did in the recorded events, a row for each series of prices.

    A series counts as one of *lost* supply where the event's observations show output or shipments
    of its product below normal, and otherwise as one of supply that was *feared* for: what the
    product is made from was hit, and none of the product is known to be lost. The price in one
    country is judged by the observations of that country alone: a control on exports leaves plenty
    at home.

    Parameters
    ----------
    network
        The network, with its observations.

    Returns
    -------
    DataFrame
        ``event, product, series, kind`` (spot, contract, retail …), ``supply`` (lost or feared),
        ``lost`` (largest share of the world's supply of the product on record as lost; NaN where no
        such figure is recorded), ``peak`` and ``lowest`` (price over the price before: highest and
        lowest on record), ``refs``; in the order of the observations.

    Examples
    --------
    Fear alone once doubled the price of memory; so did the loss of three hard disks in ten.

    >>> import chainnet as cn
    >>> table = cn.price_responses(cn.load("japan-korea"))
    >>> table.loc[table["event"].isin(["1993-sumitomo-niihama-resin", "2011-thai-floods-hdd"]),
    ...           ["product", "kind", "supply", "lost", "peak"]].round(2)
      product                  kind  supply  lost  peak
    0    dram                  spot  feared   0.0  2.12
    1    dram              contract  feared   0.0  1.00
    7     hdd                retail    lost   0.3  2.31
    8     hdd  average of all sales    lost   0.3  1.28
    """
    known = [row for row in records(network.observations) if not math.isnan(row["value"])]
    prices: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in known:
        if row["quantity"] == "price" and row["unit"] == "share" and row["selector"]:
            prices[row["event"], row["series"], row["selector"]].append(row)
    supplies: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in known:
        if row["quantity"] in ("output", "shipment") and row["selector"]:
            supplies[row["event"]].append(row)
    found = [
        _response(network, own, supplies[event], key=(event, series, selector))
        for (event, series, selector), own in prices.items()
    ]
    columns = ["event", "product", "series", "kind", "supply", "lost", "peak", "lowest", "refs"]
    return pd.DataFrame(found, columns=columns)


def _response(
    network: SupplyNetwork,
    prices: list[dict[str, Any]],
    supplies: list[dict[str, Any]],
    *,
    key: tuple[str, str, str],
) -> dict[str, Any]:
    event, series, selector = key
    meant = parse_selector(selector).resolve(network)
    product = meant.get("product")
    anywhere = meant.terms == (("product", product),)
    resolved = [(row, parse_selector(row["selector"]).resolve(network)) for row in supplies]
    about = [row for row, of in resolved if of == meant or (anywhere and of.get("product") == product)]
    world = [
        row["value"]
        for row, of in resolved
        if anywhere and of == meant and row["unit"] == "share" and not (row["exporter"] or row["importer"])
    ]
    is_lost = any(_is_lost(row) for row in about)
    values = [row["value"] for row in prices]
    return {
        "event": event,
        "product": product or "",
        "series": series,
        "kind": prices[0]["coverage"],
        "supply": "lost" if is_lost else "feared",
        "lost": max(0.0, 1 - min(world)) if world else math.nan if is_lost or not about else 0.0,
        "peak": max(values),
        "lowest": min(values),
        "refs": ";".join(dict.fromkeys(ref for row in prices for ref in row["ref"].split(";"))),
    }


def _is_lost(row: dict[str, Any]) -> bool:
    """Whether a row tells of lost supply; in tonnes there is no normal, but nothing is a loss."""
    return bool(row["value"] < _NORMAL if row["unit"] == "share" else row["value"] == 0)


def price_pressure(network: SupplyNetwork, run: Run) -> pd.DataFrame:
    """Return the range of prices that the record suggests for the products that run short.

    A rule of thumb: from the lowest to the highest peak of the recorded series of lost supply,
    whatever the product and the depth of the loss. A loss deeper than any on record is marked, and
    the range is then the least to expect; both are means of some months, as the record has no days.
    A product that only sells less, because its buyers stand still, is not short and left out.

    Parameters
    ----------
    network
        The network, with its observations.
    run
        What :func:`chainnet.simulate` returned.

    Returns
    -------
    DataFrame
        One row a product that is hit, held back or made from what is, deepest loss first:
        ``product``; ``loss`` (of its worst 90 days, or of the run if that is shorter: at least
        0.01); ``price_low, price_high`` (highest price over the price before; NaN where nothing is
        recorded); ``records`` (how many series of prices the range rests on); ``beyond`` (whether
        the loss is deeper than any on record).

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> run = cn.simulate(net, cn.Scenario.parse("western_digital:hdd@0+60"), days=120)
    >>> cn.price_pressure(net, run)[["product", "price_low", "price_high", "beyond"]]
      product  price_low  price_high  beyond
    0     hdd      0.924        2.31   False
    """
    responses = price_responses(network)
    lost = responses[responses["supply"] == "lost"]
    output = run.by("product").rolling(min(_QUARTER, run.days)).mean().min()
    hit = 1 - output[output.index.isin(_short(network, run.scenario)) & (output <= _NORMAL)]
    hit = hit.sort_values(ascending=False, kind="stable")
    return pd.DataFrame(
        {
            "product": hit.index,
            "loss": hit.to_numpy(),
            "price_low": lost["peak"].min(),
            "price_high": lost["peak"].max(),
            "records": len(lost),
            "beyond": hit.to_numpy() > np.nanmax([0.0, *lost["lost"]]),
        }
    )


def _short(network: SupplyNetwork, scenario: Scenario) -> set[str]:
    """Return the products that shocks and controls can make short: all else only sells less."""
    # Tools as if consumed: a fab without spare parts is short, too.
    outcome = disrupt(network, scenario, include_capital=True).by("product")
    held = {name for item in scenario.controls if item.product for name in network.with_members(item.product)}
    return held | set(outcome.loc[outcome["loss"] > _SEEN, "product"])
