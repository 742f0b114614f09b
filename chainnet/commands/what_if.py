"""Commands that ask what happens: disrupt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

import chainnet as cn
from chainnet.commands._output import Request, Sheet, command, prints

if TYPE_CHECKING:
    import pandas as pd

_STEPPING_IN = {
    "none": "nobody steps in for what is lost",
    "qualified": "qualified suppliers step in with their slack",
    "market": "the rest of the market steps in",
}
_SEEN = 1e-9


@command(
    "disrupt JPN:photoresist_all",
    "disrupt tel=0.5 region/Kumamoto --by firm",
    "disrupt 'JPN>KOR:hf_liquid' --replaceability qualified",
)
@click.argument("shocks", nargs=-1, required=True, metavar="SHOCK...")
@click.option("--replaceability", type=click.Choice(list(_STEPPING_IN)), default="none", help="Who steps in.")
@click.option("--include-capital", is_flag=True, help="Treat tools as if they were consumed.")
@click.option("--by", type=click.Choice(["product", "firm", "country", "plant"]), default="product")
@prints(date=True, top=20)
def disrupt(
    request: Request,
    *,
    shocks: tuple[str, ...],
    replaceability: Literal["none", "qualified", "market"],
    include_capital: bool,
    by: Literal["product", "firm", "country", "plant"],
) -> Sheet:
    """Show what stops when something stops.

    How far output falls when plants close or flows are held back. SHOCK is
    SELECTOR[=CAPACITY][@START[+DAYS]], such as tokyo_electron, JPN:photoresist_euv=0.2 or
    region/Kumamoto; or FROM>TO[:PRODUCT], such as 'JPN>KOR:hf_liquid' (in quotes: the shell reads >).
    """
    network = request.network
    scenario = cn.Scenario.parse(*shocks, date=request.date)
    outcome = cn.disrupt(network, scenario, replaceability=replaceability, include_capital=include_capital)
    table = outcome.plants if by == "plant" else outcome.by(by)
    notes = _assumptions(outcome, replaceability, include_capital=include_capital)
    return Sheet(table, _losses_and_tools(table, include_capital=include_capital), notes=notes)


def _losses_and_tools(table: pd.DataFrame, *, include_capital: bool) -> list[tuple[str, pd.DataFrame]]:
    about = [name for name in ("plant", "firm", "country", "product") if name in table.columns]
    measures = [name for name in ("share", "loss", "world_loss", "assumed") if name in table.columns]
    reasons = [name for name in ("through", "step", "status", "ref") if name in table.columns]
    if "step" in table.columns:
        table = table.assign(step=table["step"].where(table["step"] > 0))
    parts = [("", table.loc[table["loss"] > _SEEN, [*about, *measures, *reasons]])]
    tools = table.loc[table["capital_exposure"] > _SEEN, [*about, "capital_exposure"]]
    if len(tools):
        title = "Capital exposure: share of the makers of installed tools that is hit."
        title += "" if include_capital else " Output goes on."
        tools = tools.sort_values("capital_exposure", ascending=False, kind="stable")
        parts.append((title, tools))
    return parts


def _assumptions(outcome: cn.Outcome, replaceability: str, *, include_capital: bool) -> list[str]:
    plants = outcome.plants
    passed_on = plants[(plants["loss"] > _SEEN) & (plants["through"] != "closed by the shock")]
    counts = passed_on["status"].value_counts()
    known = ", ".join(
        f"{counts[word]} {word}" for word in ("observed", "estimated", "assumed") if word in counts
    )
    tools = "tools count as if they were consumed" if include_capital else "tools go on working"
    about = (
        f"Year {outcome.economy.date}. In this model {_STEPPING_IN[replaceability]}, {tools}, and there is"
        " no time: no stocks, no repair. It shows who depends, not what will be lost."
    )
    if not known:
        return [about]
    return [about, f"Losses passed on to {len(passed_on)} plants rest on purchases that are: {known}."]
