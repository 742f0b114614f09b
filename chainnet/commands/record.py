"""Commands that judge the day-by-day model: backtest, uncertainty, sensitivity, survive."""

from __future__ import annotations

from typing import Literal

import click

import chainnet as cn
from chainnet.commands._output import Request, Sheet, command, prints
from chainnet.commands._progress import watched
from chainnet.commands._sources import Source
from chainnet.commands.completing import nodes

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
@click.argument(
    "shocks", nargs=-1, type=Source(), shell_complete=nodes, required=True, metavar="SHOCK...|EVENT"
)
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
    network, what = request.situation(shocks)
    with watched("Drawing"):
        table = cn.uncertainty(network, what, n=runs, seed=seed, days=days, level=by)
    shown = table[(table["high"] > _WORTH) | (table["hit"] > 0)]
    return Sheet(table, [("", shown)], notes=[f"{runs} drawings of the parameters, seed {seed}."])


#: Days of output lost that are worth a line.
_WORTH = 0.05


@command(
    "sensitivity JPN:photoresist_euv@0+90 --of KOR:dram --runs 2 --days 200",
    "sensitivity renesas-naka-2021 --of mcu_auto --method morris --runs 2",
)
@click.argument(
    "shocks", nargs=-1, type=Source(), shell_complete=nodes, required=True, metavar="SHOCK...|EVENT"
)
@click.option("--of", required=True, metavar="TARGET", help="Whose days lost, such as KOR:dram.")
@click.option(
    "--method",
    type=click.Choice(["sobol", "morris"]),
    default="sobol",
    help="Parts of the spread, or days per parameter (needs the extra 'sensitivity').",
)
@click.option(
    "--runs",
    type=click.IntRange(2, 10_000),
    default=32,
    help="Sobol: base sample, a power of two; Morris: starting points. Each runs once a parameter and more.",
)
@click.option("--seed", type=int, default=0, help="Of the random numbers.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days to look at.  [default: the event's, or 365]")
@prints(date=True, top=20)
def sensitivity(  # noqa: PLR0913, one argument an option
    request: Request,
    *,
    shocks: tuple[str, ...],
    of: str,
    method: Literal["sobol", "morris"],
    runs: int,
    seed: int,
    days: int | None,
) -> Sheet:
    """Show which assumption drives the days lost.

    Sobol: first is the part of the spread that would go if the parameter were known, total counts
    what it does together with others, too. Morris: mu_star is by how many days the result moves as
    the parameter alone goes from its 5 % to its 95 % quantile; a sigma as large as that: it hangs on
    the others, or is no straight line.
    """
    network, what = request.situation(shocks)
    with watched("Running"):
        table = cn.sensitivity(network, what, of, method=method, n=runs, seed=seed, days=days)
    what_of = "base sample" if method == "sobol" else "starting points"
    note = f"Days of {of} lost, in {table.attrs['runs']} runs of the model: {what_of} {runs}, seed {seed}."
    still = not table[["total" if method == "sobol" else "mu_star"]].any(axis=None)
    return Sheet(table, notes=[note, *(_STILL if still else [])])


_STILL = ["It loses the same whatever the parameters are: there is nothing to explain."]


@command("survive samsung:dram", "survive sk_hynix:hbm --by country-product --recover 180")
@click.argument("target", shell_complete=nodes)
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
