"""Commands that read the graph: centrality, concentration, dependence, exposure, cut sets."""

from __future__ import annotations

from typing import Literal, cast

import click

import chainnet as cn
from chainnet.addresses import MOST_OF_A_TABLE
from chainnet.commands._output import Request, Sheet, cited, command, prints, with_sources
from chainnet.commands._sources import Source
from chainnet.commands.completing import nodes

_CLOSURES = ["plant", "firm", "country", "product", "country-product"]


@command("centrality --top 10", "centrality --measures reverse_pagerank,betweenness --on firm")
@click.option(
    "--measures", metavar="NAMES", default="betweenness,pagerank", help="Joined by commas; all is every one."
)
@click.option("--on", type=click.Choice(["full", "firm", "product"]), default="full", help="Which graph.")
@click.option(
    "--links",
    metavar="FILE",
    type=Source(most=MOST_OF_A_TABLE),
    help="Of a link table (CSV, Parquet) instead of the graph.",
)
@click.option("--samples", type=click.IntRange(1), metavar="N", help="Estimate betweenness from N pivots.")
@click.option("--seed", type=int, default=0, help="Of the pivots.")
@prints(top=20)
def centrality(
    request: Request,
    *,
    measures: str,
    on: Literal["full", "firm", "product"],
    links: str | None,
    samples: int | None,
    seed: int,
) -> Sheet:
    """Rank nodes by their place in the graph.

    Highest in the first measure first. On the full graph firms lead to what they make, and
    products to the firms that need them; the firm graph joins makers to users, the product graph
    joins inputs to what is made of them. With --links firms lead to their customers.
    """
    names = None if measures == "all" else [name.strip() for name in measures.split(",")]
    if links is not None:
        rows = cn.read_links(links)
        table = cn.centrality(rows, measures=names, samples=samples, seed=seed)
        told = f"{rows.attrs['rows']} rows read, {rows.attrs['used_rows']} used."
        return Sheet(table, notes=[told, *(str(fault) for fault in rows.attrs["faults"])])
    table = cn.centrality(request.network, measures=names, on=on, samples=samples, seed=seed)
    note = (
        f"On the {table.attrs['graph']} graph. {table.attrs['assumed_shares']} of the firms' shares of the"
        " world's output are assumed."
    )
    return Sheet(table, notes=[note])


@command("concentration --by country --top 10", "concentration --format csv -o concentration.csv")
@click.option("--by", type=click.Choice(["firm", "country", "hq", "region"]), default="firm")
@prints(date=True, top=0)
def concentration(request: Request, *, by: Literal["firm", "country", "hq", "region"]) -> Sheet:
    """Show how concentrated each product is.

    HHI of its makers with bounds, the largest shares and who holds them, most concentrated first.
    """
    table = cn.concentration(request.network, by=by, date=request.date)
    table = table.sort_values("hhi", ascending=False, kind="stable")
    return Sheet(table)


@command(
    "dependence samsung --single", "dependence 삼성전자 --by country --tiers 2", "dependence KOR --sources"
)
@click.argument("buyer", required=False, shell_complete=nodes)
@click.option("--by", type=click.Choice(["firm", "country", "hq"]), default="firm", help="Whom to rely on.")
@click.option("--tiers", type=click.IntRange(1, 10), default=1, help="How far upstream.")
@click.option("--single", is_flag=True, help="Only where nine tenths or more come from one.")
@click.option("--sources", is_flag=True, help="Say what the references are.")
@prints(date=True)
def dependence(
    request: Request,
    *,
    buyer: str | None,
    by: Literal["firm", "country", "hq"],
    tiers: int,
    single: bool,
    sources: bool,
) -> Sheet:
    """Show from whom buyers get each input.

    BUYER is a firm or a country; without it every firm is shown. A sole source is the only maker
    there is; a single source is the one that the buyer relies on; possible: the listed supplier
    may be it; own: the buyer makes it itself.

    The step says how the share is known: 1 the buyer's own figures, 2 its own plants, 3 listed
    suppliers, 4 its country's figures, 5 the world market.
    """
    network = request.network
    table = cn.dependence(network, buyer=buyer, by=by, tiers=tiers, date=request.date)
    table = table[table["source"].isin(["sole", "single"])] if single else table
    brief = table.drop(columns=["suppliers", "unknown", "status"])
    brief = brief.drop(columns=(["buyer"] if buyer else []) + (["tier"] if tiers == 1 else []))
    if not sources:
        return Sheet(table, [("", brief)])
    return Sheet(with_sources(network, table), [("", brief), ("Sources", cited(network, table["ref"]))])


@command("exposure samsung:dram", "exposure KOR:hbm --by country-product --include-capital")
@click.argument("target", shell_complete=nodes)
@click.option("--by", type=click.Choice(_CLOSURES), default="firm", help="What closes.")
@click.option("--include-capital", is_flag=True, help="Treat tools as if they were consumed.")
@prints(date=True, top=20)
def exposure(request: Request, *, target: str, by: str, include_capital: bool) -> Sheet:
    """Show who upstream hurts a target.

    How much of its output TARGET (plants of one product) loses when each closes and nobody steps in.
    """
    table = cn.exposure(
        request.network,
        target,
        by=cast('Literal["plant", "firm", "country", "product", "country-product"]', by),
        include_capital=include_capital,
        date=request.date,
    )
    return Sheet(table)


@command("cutsets sk_hynix:hbm", "cutsets samsung:dram --size 2 --by country")
@click.argument("target", shell_complete=nodes)
@click.option("--size", type=click.Choice(["1", "2"]), default="1", help="Largest size of a set.")
@click.option("--by", type=click.Choice(["plant", "firm", "country"]), default="firm", help="What closes.")
@prints(date=True)
def cutsets(request: Request, *, target: str, size: str, by: Literal["plant", "firm", "country"]) -> Sheet:
    """List closures that stop a target.

    The smallest sets of closures after which TARGET (plants of one product) loses 95 % or more.
    """
    number = cast("Literal[1, 2]", int(size))
    return Sheet(cn.cut_sets(request.network, target, size=number, by=by, date=request.date))
