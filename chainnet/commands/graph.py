"""Commands about the graph itself: info, validate, show, search, diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import chainnet as cn
from chainnet.commands._output import Request, Sheet, command, prints
from chainnet.commands.completing import nodes

if TYPE_CHECKING:
    import pandas as pd


@command("info", "--graph my-graph/ info --format json")
@prints()
def info(request: Request) -> Sheet:
    """Tell what the graph holds.

    How many rows, how far their figures are known, under which licence, and on whose word.
    """
    from chainnet.commands._cards import info_table

    table = info_table(request.network, request.folder)
    titles = {"graph": "", "table": "rows", "status": "rows", "publisher": "rows"}
    parts = [
        ("", table.loc[table["part"] == part, ["item", "value"]].set_axis([part, title], axis=1))
        for part, title in titles.items()
    ]
    parts[-1] = ("", parts[-1][1].head(10))
    return Sheet(table, parts)


@command("validate my-graph/", "validate my-graph/ --format csv -o faults.csv")
@click.argument("folder", metavar="DIR")
@prints()
def validate(_request: Request, *, folder: str) -> Sheet:
    """Check a graph's folder.

    Lists at once all that is wrong in DIR, with place, value and remedy, and all that is odd.
    The exit code is 3 when something is wrong.
    """
    import pandas as pd

    faults = cn.inspect(folder)[1]
    columns = ["kind", "code", "place", "column", "value", "message", "remedy"]
    rows = [
        ("warning" if f.warning else "fault", f.code, f.place, f.column, f.value, f.message, f.remedy)
        for f in faults
    ]
    wrong = sum(not fault.warning for fault in faults)
    note = f"{folder}: {_count(wrong, 'fault')}, {_count(len(faults) - wrong, 'warning')}."
    table = pd.DataFrame(rows, columns=columns)
    return Sheet(table, notes=[note], exit_code=cn.DataError.exit_code if wrong else 0)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@command("show samsung", "show euv_scanner", "show 일본", "show region/Kumamoto", "show jasm-1")
@click.argument("node", shell_complete=nodes)
@prints(date=True)
def show(request: Request, *, node: str) -> Sheet:
    """Show all about a node, with its sources.

    NODE is a firm, product, country, region, plant or partnership.
    """
    from chainnet.commands._cards import card

    table = card(request.network, node, request.date)
    return Sheet(table, [(part.capitalize(), _part(table, part)) for part in table["part"].unique()])


def _part(table: pd.DataFrame, part: str) -> pd.DataFrame:
    rows = table[table["part"] == part].drop(columns="part")
    return rows[["item", "url", "detail"]] if part == "sources" else rows


@command("search 삼성", "search resist")
@click.argument("text")
@prints()
def search(request: Request, *, text: str) -> Sheet:
    """Find names in English, Japanese or Korean.

    TEXT is part of a name or id of a firm, product, partnership, country or region.
    """
    from chainnet.commands._cards import found

    table = found(request.network, text)
    if len(table):
        return Sheet(table)
    near = cn.UnknownNameError(text, request.network.names.spellings, "name that holds")
    return Sheet(table, notes=[str(near)])


@command(
    "diff japan-korea my-graph/",
    "--overlay my-rows/ diff japan-korea",
    "diff my-graph/ my-graph/ -o changes.csv",
)
@click.argument("before", metavar="A")
@click.argument("after", metavar="[B]", required=False)
@prints()
def diff(request: Request, *, before: str, after: str | None) -> Sheet:
    """Tell in which rows and cells two graphs differ.

    A and B are names of bundled graphs or folders. Without B, it is the graph of --graph, with
    what --overlay lays over it.
    """
    a = Request(before, request.without).network
    b = request.network if after is None else Request(after, request.without).network
    table = cn.difference(a, b)
    counts = table.drop_duplicates(["table", "key"])["change"].value_counts()
    told = ", ".join(f"{int(counts.get(word, 0))} {word}" for word in ("added", "removed", "changed"))
    return Sheet(table, notes=[f"Rows: {told}."])
