"""Commands that bring other people's data in, and take a graph out for other programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

import chainnet as cn
from chainnet.commands._output import Request, Sheet, command, emit, printable
from chainnet.commands._sources import Source
from chainnet.commands.linking import import_links
from chainnet.errors import ChainnetError

if TYPE_CHECKING:
    import pandas as pd

    from chainnet.exchange.exports import Format
    from chainnet.exchange.reports import Imported


@click.group("import", epilog="\b\nExamples:\n  chainnet import eto downloads/eto/ -o eto-graph/")
def import_() -> None:
    """Make a graph's folder of other people's data, or a clean link table.

    A folder is checked, and every command reads it by --graph. Rows that were not used are
    listed with the reason, here and in import-report.csv in the folder.
    """


def _imports(function: Callable[..., Imported]) -> Callable[..., None]:
    """Give an import its options, write its graph, and tell what became of the rows."""

    @click.option("-o", "--output", metavar="FOLDER", required=True, help="Where to write the graph.")
    @click.option(
        "--format",
        "kind",
        type=click.Choice(["table", "csv", "json"]),
        default="table",
        help="Of the report.",
    )
    @click.pass_context
    def run(_ctx: click.Context, *, source: str, output: str, kind: str) -> None:
        found = function(source)
        _write(found, Path(output))
        sheet = Sheet(found.report, [("Rows", found.counts), ("Not used as written", _by_code(found))])
        emit(sheet, kind, None, None)
        for note in found.notes:
            click.echo(printable(note), err=True)
        click.echo(f"Wrote {printable(output)}: {found.network!r}.", err=True)

    run.__doc__ = function.__doc__
    run.__name__ = function.__name__
    return run


def _write(found: Imported, folder: Path) -> None:
    from chainnet.commands._output import as_csv, written
    from chainnet.datasets import write

    try:
        write(found.network, folder)
        written(folder / "import-report.csv", as_csv(found.report).encode("utf-8"))
    except OSError as error:
        raise ChainnetError(f"cannot write {str(folder)!r}: {error.strerror or error}") from error


def _by_code(found: Imported) -> pd.DataFrame:
    groups = found.report.groupby(["file", "code", "message"], sort=True).size()
    table = groups.rename("rows").reset_index()
    return table[["file", "code", "rows", "message"]]


@command("import eto downloads/eto/ -o eto-graph/", "import eto eto.zip -o eto-graph/ --format json")
@click.argument("source", metavar="DIR|ZIP", type=Source())
@_imports
def eto(source: str) -> Imported:
    """Read the chip supply chain dataset of the Emerging Technology Observatory.

    DIR or ZIP is the download from eto.tech (CC BY-NC 4.0: no commercial use), with
    inputs, providers, provision, sequence and stages as CSV. Shares that it does not give stay
    unknown; what it does not say is assumed, and marked so.
    """
    return cn.read_eto(source)


import_.add_command(eto)


_ANY_GRAPH = """A file that chainnet exported gives back the same tables, unless the graph was changed
    since. Any other needs nodes with an attribute kind (firm or product), firms with a country, and
    edges: firm to product (makes it; share and year), product to product (goes into it)."""


def _graph(kind: str, example: str, what: str) -> click.Command:
    @_imports
    def read(source: str) -> Imported:
        return cn.import_graph(source, kind)

    read.__doc__ = f"Read a graph from {what}.\n\n    {_ANY_GRAPH}"
    made = command(f"import {kind} {example} -o my-graph-2/")(
        click.argument("source", metavar="FILE", type=Source())(read)
    )
    made.name = kind
    return made


import_.add_command(_graph("graphml", "my-graph.graphml", "GraphML (networkx, yEd, Gephi)"))
import_.add_command(_graph("gexf", "my-graph.gexf", "GEXF (Gephi)"))
import_.add_command(_graph("node-link", "my-graph.json", "node-link JSON (networkx, d3)"))


@command("import parquet my-parquet/ -o my-graph-2/")
@click.argument("source", metavar="DIR")
@_imports
def parquet(source: str) -> Imported:
    """Read a graph's tables from Parquet files, as export writes them."""
    from chainnet.exchange.tablefiles import import_parquet

    return import_parquet(source)


import_.add_command(parquet)
import_.add_command(import_links)


@command("export graphml -o my.graphml", "export csv -o my-lists/", "export xlsx -o my.xlsx")
@click.argument(
    "kind", metavar="FORMAT", type=click.Choice(["graphml", "gexf", "node-link", "csv", "parquet", "xlsx"])
)
@click.option(
    "-o", "--output", metavar="FILE|DIR", required=True, help="Where; a folder for csv and parquet."
)
@click.pass_obj
def export(request: Request, *, kind: str, output: str) -> None:
    """Write the graph for other programs.

    FORMAT is graphml, gexf (Gephi), node-link (networkx, d3), csv (nodes.csv and edges.csv),
    parquet (a file a table) or xlsx (a sheet a table; text is never a formula). What a format
    cannot hold is said. graphml, gexf and node-link carry the tables along: import reads them back.
    """
    try:
        losses = cn.export(request.network, cast("Format", kind), output)
    except OSError as error:
        raise ChainnetError(f"cannot write {output!r}: {error.strerror or error}") from error
    click.echo(f"Wrote {printable(output)}.", err=True)
    for loss in losses:
        click.echo(printable(loss), err=True)
