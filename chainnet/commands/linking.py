"""The commands for link tables of firms: risk, links, synth."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import chainnet as cn
from chainnet.addresses import MOST_OF_A_TABLE
from chainnet.commands._engines import Kind, opened_engine, telling_what_is_kept, with_engine
from chainnet.commands._output import Request, Sheet, command, prints, save
from chainnet.commands._progress import watched
from chainnet.commands._sources import Source, network_allowed, told_of
from chainnet.errors import ChainnetError, UsageError

if TYPE_CHECKING:
    import pandas as pd

#: Of so many closures it is told what a finer stop would add: each takes as long as ten to forty others.
_DRIFT_OF = 16
_FILE = Source(most=MOST_OF_A_TABLE, path=click.Path(dir_okay=False))


def _with_links(run: Callable[..., None]) -> Callable[..., None]:
    """Give a command the argument LINKS, and how to read it."""
    options = (
        click.argument("links", metavar="LINKS", type=Source(most=MOST_OF_A_TABLE, servers=True)),
        click.option("--query", metavar="SQL", help="Of a database, or of a Parquet file (as table links)."),
        click.option(
            "--parameter",
            "parameters",
            multiple=True,
            metavar="VALUE",
            help="For a ? of the query; with PostgreSQL for $1, $2 …",
        ),
        click.option(
            "--columns",
            metavar="A,B,C",
            default="supplier,buyer,value",
            help="What the columns of supplier, buyer and value are called.",
        ),
    )
    for option in reversed(options):
        run = option(run)
    return run


def _read(links: str, query: str | None, parameters: tuple[str, ...], columns: str) -> pd.DataFrame:
    return cn.read_links(
        links,
        query=query,
        parameters=parameters,
        columns=columns.split(","),
        allow_network=network_allowed(),
    )


def _about(links: pd.DataFrame) -> list[str]:
    """Say how many rows were read, and what became of them."""
    told = links.attrs
    summed = f", {told['summed_rows']} of them summed into others" if told["summed_rows"] else ""
    return [
        f"{told['rows']} rows read, {told['used_rows']} used{summed}.",
        *(str(fault) for fault in told["faults"]),
    ]


@command(
    "risk economy/links.csv --industries economy/industries.csv --essential economy/essential.csv",
    "risk economy/links.csv --industries economy/industries.csv --essential economy/essential.csv"
    " --revenue economy/revenue.csv --top 0 --store risk.sqlite -o risk.csv",
    "risk economy/links.csv --industries economy/industries.csv --revenue economy/revenue.csv --upstream",
)
@_with_links
@click.option("--industries", type=_FILE, required=True, help="A table of firm, industry: all firms.")
@click.option(
    "--essential", type=_FILE, help="A table of product by buying industry: 2 essential, 1 not, 0 negligible."
)
@click.option(
    "--market",
    metavar="industry|none|FILE",
    type=Source(most=MOST_OF_A_TABLE),
    default="industry",
    help="Who replaces lost output: its industry, nobody, or its market in a table of firm, market.",
)
@click.option("--top", type=click.IntRange(0), default=50, help="How many of the riskiest firms; 0 is all.")
@click.option("--firms", type=_FILE, help="Close these alone: a text file, a firm a line.")
@click.option("--eps", type=click.FloatRange(0), default=1e-2, help="Stop once no output falls by more.")
@click.option("--revenue", type=_FILE, help="A table of firm, revenue: all sales, LINKS being a part.")
@click.option("--costs", type=_FILE, help="A table of firm, costs: all purchases, LINKS being a part.")
@click.option("--weights", type=_FILE, help="A table of firm, weight of its loss.  [default: its sales]")
@click.option("--upstream", is_flag=True, help="Lost demand alone, of all firms at once, with no stop.")
@with_engine
@prints()
def risk(  # noqa: PLR0913, one argument an option
    request: Request,
    *,
    links: str,
    query: str | None,
    parameters: tuple[str, ...],
    columns: str,
    industries: str,
    essential: str | None,
    market: str,
    top: int,
    firms: str | None,
    eps: float,
    revenue: str | None,
    costs: str | None,
    weights: str | None,
    upstream: bool,
    store: str | None,
    engine: Kind,
    scheduler: str | None,
) -> Sheet:
    """Rank firms by how much of all output is lost when they close: their systemic risk (ESRI).

    LINKS says who buys from whom for how much: a CSV or Parquet file, or a DuckDB, SQLite or PostgreSQL
    database with a --query. Tables that go with it are CSV or Parquet. Of the riskiest --top firms only
    those are closed that may be among them; --top 0 closes all. With --store the command may be killed;
    the same command goes on where it was.
    """
    del request
    from chainnet.linkfiles import read_by_firm, read_essential

    # A large table takes long to read: what cannot be asked is told before.
    if upstream and (costs or essential or firms or store):
        raise UsageError("--upstream takes neither --essential, --costs, --firms nor --store.")
    if not upstream and essential is None:
        raise UsageError("say what is essential to whom (--essential FILE), or ask for --upstream.")
    kinds = read_by_firm(industries, "industry")
    amounts: dict[str, Any] = {
        name: None if file is None else read_by_firm(file, column)
        for name, file, column in (
            ("revenue", revenue, "revenue"),
            ("costs", costs, "costs"),
            ("weights", weights, "weight"),
        )
    }
    if essential is not None:
        amounts["essential"] = read_essential(essential)
    if market not in {"industry", "none"}:
        amounts["market"] = read_by_firm(market, "market")
    elif market == "none":
        amounts["market"] = None
    closed = None if firms is None else _lines(firms)
    table = _read(links, query, parameters, columns)
    if upstream:
        lost = {name: amounts[name] for name in ("revenue", "weights")}
        ranked = cn.upstream_risk(table, list(kinds.index), **lost)
        return _ranking(ranked, "upstream", kinds, top, _about(table))
    asked = "of the closures that are needed, and of finer stops"
    with (
        opened_engine(engine, scheduler) as workers,
        watched("Closing firms"),
        telling_what_is_kept(store, asked),
    ):
        ranked = cn.systemic_risk(
            table,
            kinds,
            firms=closed,
            top=top or None,
            drift_of=_DRIFT_OF,
            eps=eps,
            store=store,
            engine=workers,
            **amounts,
        )
    return _ranking(ranked, "esri", kinds, top, [*_about(table), *_closed(ranked, eps)])


def _lines(file: str) -> list[str]:
    try:
        lines = Path(file).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ChainnetError(f"cannot read {file!r}: {error}") from error
    return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _ranking(risks: pd.DataFrame, by: str, industries: pd.Series[Any], top: int, notes: list[str]) -> Sheet:
    """Return the firms of the largest risk first; equal ones in the order of their table."""
    ranked = risks.sort_values(by, ascending=False, kind="stable")
    ranked = ranked.head(top) if top else ranked
    ranked.insert(0, "industry", industries.loc[ranked.index])
    return Sheet(ranked.rename_axis("firm").reset_index(), notes=notes)


def _closed(risks: pd.DataFrame, eps: float) -> list[str]:
    told = []
    if "closed" in risks.attrs:
        told.append(f"{risks.attrs['closed']} firms were closed: no other can be among the first.")
    drift = risks["drift"].dropna()
    if len(drift):
        told.append(
            f"The cascades were stopped at {eps:g}; at 1e-06 the index of {len(drift)} of these firms "
            f"would be larger by {drift.median():.2g} in the median, {drift.max():.2g} at most (drift)."
        )
    return told


@command("import links economy/links.csv -o clean.csv")
@_with_links
@click.option("-o", "--output", metavar="FILE", required=True, help="Where: .csv or .parquet.")
def import_links(
    *, links: str, query: str | None, parameters: tuple[str, ...], columns: str, output: str
) -> None:
    """Make a clean link table: supplier, buyer and value, each pair once, in the order of the names.

    LINKS is a CSV or Parquet file, or a DuckDB or SQLite database with a --query; after --allow-network
    also such a file at https://… or a server, postgresql://HOST/DATABASE. Rows of one pair are summed;
    rows that are no links (no name, a firm to itself, nothing or less, no number) are left out and
    told. `chainnet risk`, `links` and `centrality --links` read the file as they would LINKS.
    """
    ending = Path(output).suffix.lower()
    if ending not in (".csv", ".parquet"):
        raise UsageError(f"cannot write links to {output!r}; end its name in .csv or .parquet.")
    table = _read(links, query, parameters, columns)
    clean = table.groupby(["supplier", "buyer"], observed=True, sort=True, as_index=False)["value"].sum()
    clean = clean.assign(**{side: clean[side].astype(str) for side in ("supplier", "buyer")})
    clean.attrs = {}  # what was read is told below, and is no text for a file
    if ending == ".csv":
        save(Path(output), clean.to_csv(index=False, lineterminator="\n"))
    else:
        held = io.BytesIO()
        clean.to_parquet(held, index=False)
        save(Path(output), held.getvalue())
    for line in _about(table):
        click.echo(told_of(line), err=True)
    click.echo(f"{len(clean)} links written.", err=True)


import_links.name = "links"


@command("links economy/links.csv --industries economy/industries.csv")
@_with_links
@click.option("--industries", type=_FILE, help="A table of firm, industry.")
@prints()
def links(
    request: Request,
    *,
    links: str,
    query: str | None,
    parameters: tuple[str, ...],
    columns: str,
    industries: str | None,
) -> Sheet:
    """Tell what a link table looks like: degrees, tails, concentration, components.

    The measures by which the firm networks of countries are compared: to see how yours differs, or
    whether an economy that was drawn (synth) is like it.
    """
    del request
    from chainnet.linkfiles import read_by_firm

    table = _read(links, query, parameters, columns)
    kinds = None if industries is None else read_by_firm(industries, "industry")
    return Sheet(cn.link_statistics(table, kinds).reset_index(), notes=_about(table))


@command("synth --firms 1000 -o economy")
@click.option("--firms", type=click.IntRange(4), required=True, help="How many firms.")
@click.option("--links", type=click.IntRange(1), help="How many pairs trade.  [default: 5 for each firm]")
@click.option("--industries", type=click.IntRange(1), default=64, help="How many industries.")
@click.option("--seed", type=click.IntRange(0), default=0, help="The same seed writes the same bytes.")
@click.option("--format", "kind", type=click.Choice(["csv", "parquet"]), default="csv", help="Of the files.")
@click.option("-o", "--output", metavar="DIR", required=True, help="A folder; it is made.")
def synth(*, firms: int, links: int | None, industries: int, seed: int, kind: str, output: str) -> None:
    """Draw an economy at random: who buys from whom, industries, what is essential, revenue.

    For trying commands where real data is confidential. Few firms have many links, few have most of
    the sales, few industries most of the firms; it is nobody's economy. `chainnet links` compares it with
    real tables.
    """
    economy = cn.synthetic_economy(firms, links, industries=industries, seed=seed)
    folder = Path(output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ChainnetError(f"cannot make {output!r}: {error.strerror or error}") from error
    tables = {
        "links": economy.links,
        "industries": economy.industries.reset_index(),
        "essential": economy.essential.reset_index(),
        "revenue": economy.revenue.reset_index(),
    }
    files = {name: folder / f"{name}.{kind}" for name in tables}
    for name, table in tables.items():
        save(files[name], _bytes(table, kind))
    words = [f"chainnet risk {files['links']}", *(f"--{name} {files[name]}" for name in list(tables)[1:])]
    click.echo(f"Next: {' '.join(words)}", err=True)


def _bytes(table: pd.DataFrame, kind: str) -> bytes:
    table.columns = table.columns.astype(str)
    if kind == "csv":
        return table.to_csv(index=False, lineterminator="\n").encode()
    out = io.BytesIO()
    try:
        table.to_parquet(out, engine="pyarrow", index=False)
    except ImportError as error:
        raise ChainnetError("Parquet needs pyarrow: pip install 'chainnet[links]'.") from error
    return out.getvalue()
