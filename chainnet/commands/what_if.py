"""Commands that ask what happens: disrupt, events, run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

import chainnet as cn
from chainnet.commands._output import Request, Sheet, command, is_file, prints
from chainnet.commands._sources import Source
from chainnet.commands.completing import nodes

if TYPE_CHECKING:
    import pandas as pd

    from chainnet.scenarios import Rationing

_STEPPING_IN = {
    "none": "nobody steps in for what is lost",
    "qualified": "qualified suppliers step in with their slack",
    "market": "the rest of the market steps in",
}
_SEEN = 1e-9
#: Less than this, in days of normal output, is not worth a line.
_WORTH = 0.005
#: Days of normal output that a product must gain to be named.
_GAINED = 0.5
#: How many products a sentence names.
_NAMED = 5
_Level = Literal["product", "firm", "country", "plant"]
_LEVELS: list[_Level] = ["product", "firm", "country", "plant"]
_rationing = click.option(
    "--rationing",
    type=click.Choice(["proportional", "own_first", "network_first"]),
    help="Whom suppliers that are short serve first.  [default: the file's, or proportional]",
)


def _with_rationing(scenario: cn.Scenario, rule: Rationing | None) -> cn.Scenario:
    return scenario if rule is None else replace(scenario, policy=replace(scenario.policy, rationing=rule))


@command(
    "disrupt JPN:photoresist_all",
    "disrupt tel=0.5 region/Kumamoto --by firm",
    "disrupt 'JPN>KOR:hf_liquid' --replaceability qualified",
    "disrupt KOR:dram --lost-sales --by firm",
)
@click.argument("shocks", nargs=-1, shell_complete=nodes, required=True, metavar="SHOCK...")
@click.option("--replaceability", type=click.Choice(list(_STEPPING_IN)), default="none", help="Who steps in.")
@click.option("--include-capital", is_flag=True, help="Treat tools as if they were consumed.")
@click.option("--by", type=click.Choice(_LEVELS), default="product")
@click.option("--lost-sales", is_flag=True, help="Show who sells less because customers stop, instead.")
@click.option(
    "--days",
    type=click.IntRange(0, 3650),
    default=365,
    help="Days to look at one by one; 0 leaves them out.",
)
@_rationing
@prints(date=True, top=20)
def disrupt(  # noqa: PLR0913, one argument an option
    request: Request,
    *,
    shocks: tuple[str, ...],
    replaceability: Literal["none", "qualified", "market"],
    include_capital: bool,
    by: _Level,
    lost_sales: bool,
    days: int,
    rationing: Rationing | None,
) -> Sheet:
    """Show what stops when something stops, and when.

    First how far output falls when plants close or flows are held back and nothing else happens:
    who depends. Then what is lost day by day, with stocks, slack and requalification. SHOCK is
    SELECTOR[=CAPACITY][@START[+DAYS]], such as tokyo_electron, JPN:photoresist_euv=0.2 or
    region/Kumamoto; or FROM>TO[:PRODUCT], such as 'JPN>KOR:hf_liquid' (in quotes: the shell reads >).
    """
    network = request.network
    scenario = cn.Scenario.parse(*shocks, date=request.date)
    outcome = cn.disrupt(network, scenario, replaceability=replaceability, include_capital=include_capital)
    notes = _assumptions(outcome, replaceability, include_capital=include_capital)
    if lost_sales:
        return Sheet(cn.lost_sales(outcome, by), notes=[*notes, _SALES])
    table = outcome.plants if by == "plant" else outcome.by(by)
    parts = _losses_and_tools(table, include_capital=include_capital)
    below = []
    if days:
        run = cn.simulate(network, _with_rationing(scenario, rationing), days=days)
        summary = run.summary(by)
        parts.append((_TITLE.format(days=days), _worth_a_line(summary)))
        late = [str(shock) for shock in scenario.shocks if shock.start >= days]
        late += [str(control) for control in scenario.controls if control.start >= days]
        if late:
            notes.append(
                f"Starts after the {days} days looked at, so that nothing happens: {', '.join(late)}."
            )
        notes += [_DAILY, *_above_normal(summary, by)]
        pressure = cn.price_pressure(network, run)
        below = _about_prices(network, pressure)
        table = _with_days(table, summary)
        if by == "product":
            prices = pressure.set_index("product")[["price_low", "price_high"]]
            table = table.join(prices, on="product")
    return Sheet(table, parts, below, notes=notes)


_TITLE = "Day by day, {days} days: first day below 95 %, deepest loss, days until back, days of output lost."
_DAILY = (
    "Day by day: stocks, slack, requalification and spare parts are counted; most of their numbers are"
    " assumed (see parameters.csv). Makers of what is then bought less lose output, too."
)

_SALES = (
    "Sales lost: share of normal sales that customers who make less do not take. How an input's use is"
    " split between the products made with it is assumed: alike (low, high: all of it in one of them)."
    " Materials are taken to be sold to the makers of this graph as far as shares of the world's output"
    " allow; what goes elsewhere is not lost."
)


def _about_prices(network: cn.SupplyNetwork, pressure: pd.DataFrame) -> list[str]:
    """Say how far prices went when supply was lost, and when it was only feared for."""
    if pressure.empty:
        return []
    responses = cn.price_responses(network)
    lost, feared = (responses[responses["supply"] == word] for word in ("lost", "feared"))
    if lost.empty:
        return ["Price pressure: this graph records no prices of lost supply."]
    lines = [f"Price pressure, a rule of thumb: {_record(lost)}."]
    beyond = pressure.loc[pressure["beyond"], "product"].tolist()
    if beyond:
        named = ", ".join(beyond[:_NAMED])
        named += f" and {len(beyond) - _NAMED} more" if len(beyond) > _NAMED else ""
        most = f"{max(0.0, lost['lost'].max()):.2f} of the world's supply over some months"
        lines.append(f"At least that for {named}: their loss is deeper than any on record ({most}).")
    if len(feared):
        lines.append(f"Where supply was only feared for: {_record(feared)}.")
    return lines


def _record(responses: pd.DataFrame) -> str:
    low, high = responses["peak"].min(), responses["peak"].max()
    return (
        f"{low:.2f} to {high:.2f} times the price before, at the highest ({len(responses)} recorded series)"
    )


def _worth_a_line(summary: pd.DataFrame) -> pd.DataFrame:
    return summary[(summary["days_lost"] > _WORTH) | summary["time_to_survive"].notna()]


def _above_normal(summary: pd.DataFrame, by: _Level) -> list[str]:
    """Name the products that end above normal: not of what is hit, but of what those use who step in."""
    gains = summary[(summary["days_lost"] < -_GAINED) & (by == "product")].sort_values("days_lost")
    if gains.empty:
        return []
    named = [f"{row['name']} {-row['days_lost']:.1f}" for row in gains.head(_NAMED).to_dict("records")]
    more = f" and {len(gains) - _NAMED} more" if len(gains) > _NAMED else ""
    told = (
        f"Ends above normal, by days of output: {', '.join(named)}{more}. Only some makers of what is made of"
        " it are taken to use it, and they step in for those that stop (what is nobody's in particular uses"
        " nothing here). Read it as not losing."
    )
    return [told]


def _with_days(table: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Put the figures of the simulated days beside those of the structural model."""
    keys = [name for name in ("plant", "firm", "country", "product") if name in table.columns]
    # A plant's row tells of its firm, country and product, too: the plant alone is the key.
    keys = keys[:1] if "plant" in keys else keys
    names = table[keys].agg(":".join, axis=1)
    found = summary.set_index("name").reindex(names)
    return table.assign(**{name: found[name].to_numpy() for name in found.columns})


@command("events", "events --format csv")
@prints(top=0)
def events(request: Request) -> Sheet:
    """List the recorded events that `chainnet run` knows: those of the bundled graph."""
    import pandas as pd

    del request
    network = cn.load("japan-korea")
    found = [cn.event(name, network) for name in cn.events()]
    table = pd.DataFrame(
        {
            "event": [event.id for event in found],
            "start": [event.date or "" for event in found],
            "days": [float(event.days or 365) for event in found],
            "name": [event.name for event in found],
            "refs": [";".join(event.refs) for event in found],
        }
    )
    return Sheet(table, [("", table.drop(columns="refs"))])


@command(
    "run 2019-export-controls-hf", "run fire.toml --days 180 --by firm", "run fire.toml --paths -o fire.csv"
)
@click.argument("scenario", metavar="EVENT|FILE", type=Source())
@click.option("--days", type=click.IntRange(1, 3650), help="Days to look at.  [default: the file's, or 365]")
@click.option("--by", type=click.Choice(_LEVELS), default="product")
@click.option("--flows", metavar="PRODUCT", help="Show who ships this product to whom, by month, instead.")
@click.option("--paths", is_flag=True, help="Show output by day instead, a column each.")
@_rationing
@prints(top=20)
def run(  # noqa: PLR0913, one argument an option
    request: Request,
    *,
    scenario: str,
    days: int | None,
    by: _Level,
    flows: str | None,
    paths: bool,
    rationing: Rationing | None,
) -> Sheet:
    """Run a recorded event or a scenario file (TOML), day by day."""
    known = is_file(scenario)
    network, what = (
        request.situation([scenario]) if known else (request.network, cn.event(scenario, request.network))
    )
    told = _idle_in_file(network, what, Path(scenario).name) if known else []
    result = cn.simulate(network, _with_rationing(what, rationing), days=days)
    notes = [*told, f"{what.name}, {what.date or 'no date'}: {result.days} days.", _DAILY]
    if flows is not None:
        return Sheet(result.flows(network.names.resolve(flows, ["product"])[1]), notes=notes)
    if paths:
        table = result.by(by)
        moved = table.columns[(table - 1).abs().max() > _SEEN]
        return Sheet(table[moved].rename_axis("day").reset_index(), notes=notes)
    summary = result.summary(by)
    notes += _above_normal(summary, by)
    return Sheet(summary, [("", _worth_a_line(summary))], notes=notes)


def _idle_in_file(network: cn.SupplyNetwork, scenario: cn.Scenario, file: str) -> list[str]:
    """Say which controls mean no flow; refuse a file whose shocks mean no plant, or that does nothing."""
    from chainnet.cascade import idle_controls, idle_shocks
    from chainnet.economy import compile_network
    from chainnet.responses import means_something

    economy = compile_network(network, scenario.date, scenario.shares)
    no_plant = f"means no plant in production in {economy.date}"
    no_flow = f"cuts no flow in {economy.date}: nobody there buys it from there"
    faults = [
        cn.Fault("no-such-plant", no_plant, file, None, "shock", str(shock))
        for shock in idle_shocks(economy, scenario)
    ]
    idle_flows = [
        cn.Fault("no-such-flow", no_flow, file, None, "control", str(each))
        for each in idle_controls(economy, scenario)
    ]
    if faults or (idle_flows and not means_something(network, scenario)):
        raise cn.DataError([*faults, *idle_flows])
    return [str(fault) for fault in idle_flows]


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
    notes = [about, *_assumed_output(plants)]
    if known:
        notes.append(f"Losses passed on to {len(passed_on)} plants rest on purchases that are: {known}.")
    return notes


def _assumed_output(plants: pd.DataFrame) -> list[str]:
    """Name the products of which it is assumed how much the plants that a shock closes make."""
    closed = plants[plants["through"] == "closed by the shock"]
    made = closed["product"].value_counts()
    assumed = closed.loc[closed["share_status"] == "assumed", "product"].value_counts()
    named = [f"{name} ({n} of {made[str(name)]} plants)" for name, n in assumed.items()]
    if not named:
        return []
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    which = ", ".join(named[:_NAMED]) + more
    return [
        f"How much of the world's output the plants hit hold is assumed for {which};"  # noqa: ISC004
        " the column assumed tells of purchases only. `chainnet show NAME` gives the ranges."
    ]
