"""The command that reads tables of trade."""

from __future__ import annotations

import click

import chainnet as cn
from chainnet.addresses import MOST_OF_A_TABLE
from chainnet.commands._output import Request, Sheet, command, prints
from chainnet.commands._sources import Source


@command(
    "trade baci.csv --importer KOR --hs 2811",
    "trade baci.csv --importer 한국 --partners --format csv",
)
@click.argument("file", metavar="FILE", type=Source(most=MOST_OF_A_TABLE))
@click.option("--importer", metavar="COUNTRY", required=True, help="Whose imports.")
@click.option("--hs", metavar="CODE", multiple=True, help="Products whose code begins so. May be repeated.")
@click.option("--partners", is_flag=True, help="Show every partner's share.")
@click.option("--every", type=click.Choice(["year", "month"]), default="year", help="Length of a period.")
@click.option("--encoding", help="Of the file, where it is not UTF-8: cp949, cp932 …")
@prints(top=20)
def trade(
    _request: Request,
    *,
    file: str,
    importer: str,
    hs: tuple[str, ...],
    partners: bool,
    every: str,
    encoding: str | None,
) -> Sheet:
    """Tell on whom a country's imports depend.

    FILE is a CSV of UN Comtrade, BACI, Korea Customs or Japan Customs, or has the columns
    importer, exporter, hs, period and value. Rows that are not used are counted by reason.
    """
    table = cn.read_trade(file, importer=importer, hs=hs, encoding=encoding)
    found = cn.trade_dependence(
        table,
        importer,
        hs=hs,
        every="month" if every == "month" else "year",
        by="partner" if partners else "product",
    )
    notes = [f"{table.layout}, values in {table.unit}: {table.asked:,} of {table.rows:,} rows concern this."]
    counts = table.report.groupby(["code", "message"], sort=True)["value"]
    for (code, message), values in counts:
        shown = ", ".join(sorted(set(values) - {""})[:5])
        notes.append(f"{len(values):,} rows [{code}]: {message}{f' ({shown})' if shown else ''}.")
    return Sheet(found, notes=notes)
