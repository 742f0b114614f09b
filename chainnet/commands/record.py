"""Commands that judge the day-by-day model: backtest and uncertainty."""

from __future__ import annotations

from typing import Literal

import click

import chainnet as cn
from chainnet.commands._output import Request, Sheet, command, prints

_LEVELS = ["product", "firm", "country", "plant"]


@command("backtest 2011-thai-floods-hdd --runs 0", "backtest 2019-export-controls-hf renesas-naka-2021")
@click.argument("event", nargs=-1, metavar="[EVENT]...")
@click.option("--runs", type=click.IntRange(0, 10_000), default=20, help="Drawings for the interval.")
@click.option("--seed", type=int, default=0, help="Of the random numbers.")
@prints(top=0)
def backtest(request: Request, *, event: tuple[str, ...], runs: int, seed: int) -> Sheet:
    """Score the day-by-day model on the recorded events.

    One line a recorded target: what was observed, what the model says, its 90 % interval over the
    ranges of the parameters, and a verdict: inside the interval, near (within 10 points or a factor
    of 2), or a miss. Then the sums, against two simple rivals.
    """
    table = cn.backtest(request.network, names=event or None, n=runs, seed=seed)
    shown = table.drop(columns=["quantity", "nothing", "period"])
    parts = [("", shown), ("Summary", cn.backtest_summary(table))] if len(table) else [("", shown)]
    note = f"{runs} drawings of the parameters, seed {seed}. One parameter set for all events."
    return Sheet(table, parts, notes=[note])


@command(
    "uncertainty JPN:photoresist_euv@0+90 --runs 20",
    "uncertainty 2021-fukushima-quake --runs 20 --by country",
)
@click.argument("shocks", nargs=-1, required=True, metavar="SHOCK...|EVENT")
@click.option("--runs", type=click.IntRange(1, 10_000), default=200, help="Drawings of the parameters.")
@click.option("--seed", type=int, default=0, help="Of the random numbers.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days to look at.  [default: the event's, or 365]")
@click.option("--by", type=click.Choice(_LEVELS), default="product")
@prints(date=True, top=20)
def uncertainty(
    request: Request,
    *,
    shocks: tuple[str, ...],
    runs: int,
    seed: int,
    days: int | None,
    by: Literal["product", "firm", "country", "plant"],
) -> Sheet:
    """Show how far the days lost hang on the assumptions: the spread over the parameters' ranges."""
    network = request.network
    is_event = len(shocks) == 1 and shocks[0] in cn.events()
    what = cn.event(shocks[0], network) if is_event else cn.Scenario.parse(*shocks, date=request.date)
    table = cn.uncertainty(network, what, n=runs, seed=seed, days=days, level=by)
    shown = table[(table["high"] > _WORTH) | (table["hit"] > 0)]
    return Sheet(table, [("", shown)], notes=[f"{runs} drawings of the parameters, seed {seed}."])


#: Days of output lost that are worth a line.
_WORTH = 0.05


@command("survive samsung:dram", "survive sk_hynix:hbm --by country-product --recover 180")
@click.argument("target")
@click.option(
    "--by", type=click.Choice(["firm", "plant", "country", "product", "country-product"]), default="firm"
)
@click.option("--recover", type=click.IntRange(1, 3650), default=90, help="Days that a closure lasts.")
@click.option("--days", type=click.IntRange(1, 3650), default=365, help="Days to look at.")
@prints(top=20)
def survive(
    request: Request,
    *,
    target: str,
    by: Literal["firm", "plant", "country", "product", "country-product"],
    recover: int,
    days: int,
) -> Sheet:
    """Show how long a target survives each closure upstream, and how exposed it is to it.

    Time to survive: days until output first falls below 95 % when it closes for good. Exposure
    index: what is lost when it closes for --recover days, relative to the worst closure.
    """
    table = cn.time_to_survive(request.network, target, by=by, recover=recover, days=days)
    note = f"That it closes for {recover} days is assumed, and so is most of parameters.csv."
    return Sheet(table, notes=[note])
