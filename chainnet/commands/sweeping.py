"""The command that asks many what-ifs at once: sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

import chainnet as cn
from chainnet.commands._engines import Kind, opened_engine, telling_what_is_kept, with_engine
from chainnet.commands._output import Request, Sheet, command, prints
from chainnet.commands._progress import watched
from chainnet.commands._sources import Source
from chainnet.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

_SEEN = 1e-9


@command(
    "sweep --close country",
    "sweep --close country --target KOR:dram --days 30 --engine processes",
    "sweep --close country --size 2 --store pairs.sqlite -o pairs.csv",
)
@click.argument("files", nargs=-1, metavar="[FILE|DIR]...", type=Source(path=click.Path(exists=True)))
@click.option(
    "--close",
    "by",
    type=click.Choice(["firm", "plant", "country", "product", "country-product"]),
    help="Close each of these, for 90 days.",
)
@click.option("--size", type=click.IntRange(1, 2), default=1, help="How many close at once: 2 is every pair.")
@click.option("--days", type=click.IntRange(1, 3650), help="Also look at so many days, one by one.")
@click.option(
    "--target", "targets", multiple=True, help="Whose output, such as KOR:dram.  [default: each device]"
)
@with_engine
@prints(date=True, top=20)
def sweep(  # noqa: PLR0913, one argument an option
    request: Request,
    *,
    files: tuple[str, ...],
    by: Literal["firm", "plant", "country", "product", "country-product"] | None,
    size: int,
    days: int | None,
    targets: tuple[str, ...],
    store: str | None,
    engine: Kind,
    scheduler: str | None,
) -> Sheet:
    """Ask many what-ifs, one row each: every closure, every pair, or scenarios from files.

    With --close this ranks what is critical: how much of the targets' output each firm, plant, product
    or country takes with it; --size 2 finds pairs that are worse together. For the firms of a link table
    see `chainnet risk`.

    FILE is a scenario (TOML), a folder of them, or a CSV file with a column of shocks (joined by ;)
    and one of names (case). Loss is the structural model's: who depends. With --store the command may
    be killed; the same command goes on where it was. Rows keep the order of the cases in csv and json;
    tables show the largest losses first. Exit code 1: a case failed; its row says why.
    """
    if bool(files) == bool(by):
        raise UsageError("say either what closes (--close) or which files tell what happens.")
    from chainnet.scenarios.lists import read_scenarios

    network = request.network
    cases = (
        cn.closure_cases(network, by, size=size, date=request.date)
        if by
        else read_scenarios(files, network, date=request.date)
    )
    asked = f"{len(cases)} cases were asked for"
    with opened_engine(engine, scheduler) as workers, watched("Sweeping"), telling_what_is_kept(store, asked):
        table = cn.sweep(network, cases, days=days, targets=targets, store=store, engine=workers)
    return _sheet(table, targets, days)


def _sheet(table: pd.DataFrame, targets: tuple[str, ...], days: int | None) -> Sheet:
    failed = int(table.attrs["failed"])
    by = "loss" if days is None else "days_lost"
    each = [name for name in table.columns if targets and name.startswith(("loss ", "days_lost "))]
    about = ["case", "plants", "loss", "worst", "worst_loss"]
    about += [] if days is None else ["days_lost", "most_days_of", "most_days", "first_day"]
    hit = table[(table["loss"] > _SEEN) | (table[by] > _SEEN)]
    hit = hit.sort_values([by, "loss"], ascending=False, kind="stable")
    parts = [("", hit[[*about, *each]])]
    notes = [
        f"{len(table)} cases; {len(hit)} of them lose anything of the targets. Loss is a mean over them."
    ]
    if failed:
        parts.append(
            (f"Failed: {failed} cases.", table.loc[table["error"] != "", ["case", "shocks", "error"]])
        )
        notes.append(f"{failed} cases failed. The same command with the same --store tries them again.")
    return Sheet(table, parts, notes=notes, exit_code=1 if failed else 0)
