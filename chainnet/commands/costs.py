"""The command about prices: costs."""

from __future__ import annotations

from typing import Literal

import click

import chainnet as cn
from chainnet.commands._output import Request, Sheet, command, prints

_NOTE = (
    "Relative change of the cost of sales, in the maker's own currency. Tariffs are passed on in full, a"
    " swing by three quarters (20 to 100 %, assumed); nobody buys elsewhere. Tools count as depreciation,"
    " as if all had been bought after the change. Duty drawback and quota tariffs are not known."
)
_PERCENT = {"change": "change %", "low": "low %", "high": "high %", "at_once": "at once %"}
#: Less than this is not worth a line.
_WORTH = 5e-6


@command(
    "costs --tariff 'JPN>KOR:photoresist_all=0.065:0' --by country",
    "costs --swing KRW=-0.10 --by firm",
    "costs cptpp-accession --by country",
)
@click.argument("partnership", nargs=-1, metavar="[ID]...")
@click.option(
    "--tariff", multiple=True, metavar="FLOW=BEFORE:AFTER", help="A tariff that changes; repeatable."
)
@click.option(
    "--swing", multiple=True, metavar="CURRENCY=CHANGE", help="A currency against all others; repeatable."
)
@click.option("--by", type=click.Choice(["product", "country", "firm"]), default="product")
@prints(top=20)
def costs(
    request: Request,
    *,
    partnership: tuple[str, ...],
    tariff: tuple[str, ...],
    swing: tuple[str, ...],
    by: Literal["product", "country", "firm"],
) -> Sheet:
    """Show who pays how much more under tariffs and exchange rates.

    A tariff is EXPORTER>IMPORTER:PRODUCT=BEFORE:AFTER, such as 'JPN>KOR:hf_liquid=0.055:0' (in
    quotes: the shell reads >), as a share of the price. A swing is KRW=-0.10: the won loses 10 %.

    ID is a partnership: its tariffs as they change, and the part of a swing that it spares.

    The range is that of the cost shares and of what is passed on; at once: before any tool is
    replaced; assumed: the part of the change
    that rests on assumed cost shares, purchases or places.
    """
    tariffs, swings = cn.costs_of_partnerships(request.network, partnership)
    tariffs += [cn.Tariff.parse(text) for text in tariff]
    swings += [cn.Swing.parse(text) for text in swing]
    if not tariffs and not swings:
        raise cn.UsageError("nothing changes: give --tariff, --swing or a partnership that changes either.")
    table = cn.cost_effects(request.network, tariffs, swings, level=by)
    moved = table[table["change"].abs() >= _WORTH]
    shown = moved.assign(**{name: 100 * moved[name] for name in _PERCENT}).rename(columns=_PERCENT)
    idle = [f"Touches no purchase: {', '.join(table.attrs['idle'])}."] if table.attrs["idle"] else []
    told = [
        text for text in cn.assumptions(request.network, partnership) if "tariff" in text or "swings" in text
    ]
    return Sheet(table, [("", shown)], notes=[_NOTE, *told, *idle])
