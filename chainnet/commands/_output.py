"""What every command shares: its request, its options, and the one place that prints."""

from __future__ import annotations

import csv
import io
import json
import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import click

import chainnet as cn
from chainnet.commands._sources import told_of
from chainnet.commands._thresholds import CROSSED, crossed
from chainnet.errors import ChainnetError, UsageError

if TYPE_CHECKING:
    import pandas as pd

_Decorated = Callable[..., None]


@dataclass(frozen=True)
class Request:
    """What was asked of every command: which graph, at which date.

    Parameters
    ----------
    graph
        Name of a bundled graph, or a folder.
    without
        Dataset to leave out.
    date
        A year or date; None is the graph's own year.
    overlays
        Folders of tables to lay over the graph, one after the other.
    """

    graph: str
    without: str | None = None
    date: str | None = None
    overlays: tuple[str, ...] = ()

    @cached_property
    def folder(self) -> str | None:
        """The folder asked for; None where a bundled graph is asked for by its name."""
        is_path = any(sign in self.graph for sign in "/\\") or (self.graph and Path(self.graph).is_dir())
        return self.graph if is_path else None

    @cached_property
    def network(self) -> cn.SupplyNetwork:
        """The graph, loaded when it is first needed."""
        without = cast('Literal["eto"] | None', self.without)
        if self.folder is None:
            network = cn.load(self.graph, without=without)
        else:
            network = cn.read(self.folder, without=without)
        for folder in self.overlays:
            network = cn.overlay(network, folder)
        return network

    def situation(self, words: Sequence[str]) -> tuple[cn.SupplyNetwork, cn.Scenario]:
        """Return the network, and what happens to it.

        That is a scenario file, whose partnerships the network then has; the recorded event of that
        name; else shocks at the date asked for.
        """
        if len(words) == 1 and is_file(words[0]):
            return cn.arranged(self.network, cn.Scenario.read(words[0], self.network))
        if len(words) == 1 and words[0] in cn.events():
            return self.network, cn.event(words[0], self.network)
        return self.network, cn.Scenario.parse(*words, date=self.date)


def is_file(words: str) -> bool:
    """Tell whether a scenario is asked for by its file."""
    return words.endswith(".toml") or Path(words).is_file()


@dataclass(frozen=True)
class Sheet:
    """What a command prints.

    Parameters
    ----------
    table
        The data, as csv and json show it.
    parts
        Titles and tables that the text view shows instead of the table.
    below
        Lines below the text view.
    notes
        Lines on stderr: what was assumed, what to try next.
    exit_code
        How the command ends.
    """

    table: pd.DataFrame
    parts: Sequence[tuple[str, pd.DataFrame]] = ()
    below: Sequence[str] = ()
    notes: Sequence[str] = field(default=(), kw_only=True)
    exit_code: int = field(default=0, kw_only=True)


def command(*examples: str) -> Callable[[Callable[..., object]], click.Command]:
    """Make a command whose help ends with examples.

    Parameters
    ----------
    *examples
        What to write after ``chainnet``.

    Returns
    -------
    callable
        The decorator.
    """
    lines = "\n".join(f"  chainnet {example}" for example in examples)
    return click.command(epilog=f"\b\nExamples:\n{lines}")


def prints(
    *, date: bool = False, top: int | None = None
) -> Callable[[Callable[..., Sheet]], Callable[..., None]]:
    """Give a command its output options, and print the sheet that it returns.

    Parameters
    ----------
    date
        Whether the command looks at a date (``--date``).
    top
        How many rows its text view shows (``--top``): 0 is all; None leaves the option out.

    Returns
    -------
    callable
        The decorator.
    """

    def decorate(show: Callable[..., Sheet]) -> Callable[..., None]:
        @wraps(show)
        def run(
            *,
            kind: str | None,
            output: str | None,
            date: str | None = None,
            rows: int | None = None,
            fail_if: tuple[str, ...] = (),
            **options: object,
        ) -> None:
            ctx = click.get_current_context()
            ctx.obj = request = replace(ctx.obj, date=date)
            sheet = show(request, **options)
            sheet = replace(sheet, notes=[*sheet.notes, *_about_date(request)])
            kind = kind or _kind_of(output)
            # A file of data holds everything unless it is asked not to.
            shown = rows if rows is not None else top if kind == "table" else None
            over = crossed(sheet.table, fail_if)
            emit(replace(sheet, notes=[*sheet.notes, *over]), kind, output, shown or None)
            ctx.exit(sheet.exit_code or (CROSSED if over else 0))

        decorated: Callable[..., None] = run
        for option in _output_options(date=date, top=top):
            decorated = option(decorated)
        return decorated

    return decorate


def _about_date(request: Request) -> list[str]:
    """Say what a date does not change."""
    from chainnet.markets import as_of

    if request.date is None or request.date[:4] >= as_of(request.network):
        return []
    note = f"Plants and purchases are those of {request.date}; shares of output are the newest there are."
    return [note]


def _output_options(*, date: bool, top: int | None) -> list[Callable[[_Decorated], _Decorated]]:
    options: list[Callable[[_Decorated], _Decorated]] = [
        click.option("-o", "--output", metavar="FILE", help="Write to a file instead."),
        click.option(
            "--format",
            "kind",
            type=click.Choice(["table", "csv", "json"]),
            help="csv and json hold every column in full precision.  [default: by FILE's ending, or table]",
        ),
    ]
    if top is not None:
        text = "End with code 5 if a row crosses this, such as 'hhi>0.4'; may be repeated."
        options.append(click.option("--fail-if", multiple=True, metavar="COLUMN>NUMBER", help=text))
        usual = f"{top} in tables, all in csv and json" if top else "all"
        text = f"Only the first rows; 0 is all.  [default: {usual}]"
        options.append(click.option("--top", "rows", type=click.IntRange(min=0), metavar="N", help=text))
    if date:
        text = "A year or date.  [default: the graph's own year]"
        options.append(click.option("--date", metavar="DATE", callback=_check_date, help=text))
    return options


def _kind_of(output: str | None) -> str:
    return {".csv": "csv", ".json": "json"}.get(Path(output or "").suffix.lower(), "table")


def _check_date(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    import re

    from chainnet.schema import DATE_PATTERN

    if value is not None and not re.fullmatch(DATE_PATTERN, value):
        raise UsageError(f"{value!r} is not a date. Write YYYY, YYYY-MM or YYYY-MM-DD.")
    return value


def emit(sheet: Sheet, kind: str, output: str | None, top: int | None) -> None:
    """Print a sheet, or write it to a file as a whole.

    Parameters
    ----------
    sheet
        What to print.
    kind
        ``table``, ``csv`` or ``json``.
    output
        The file; None and ``-`` are standard output.
    top
        How many rows to show of each table; None is all.
    """
    table = sheet.table if top is None else sheet.table.head(top)
    text = as_text(sheet, top) if kind == "table" else as_csv(table) if kind == "csv" else as_json(table)
    if output in (None, "-"):
        click.echo(text, nl=False)
    else:
        save(Path(str(output)), text)
    for note in sheet.notes:
        click.echo(told_of(printable(note)), err=True)


def save(path: Path, content: str | bytes) -> None:
    """Write a file as a whole with its manifest beside it, and say so on stderr.

    Parameters
    ----------
    path
        Where.
    content
        What; text becomes UTF-8.
    """
    try:
        written(path, content.encode("utf-8") if isinstance(content, str) else content)
    except OSError as error:
        raise ChainnetError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
    click.echo(f"Wrote {printable(str(path))}.", err=True)


def written(path: Path, data: bytes) -> None:
    """Write a result, and its manifest beside it.

    Parameters
    ----------
    path
        Where.
    data
        What.
    """
    from chainnet.commands._manifests import ENDING, manifest
    from chainnet.tables import write_bytes

    write_bytes(path, data)
    ctx = click.get_current_context(silent=True)
    if ctx is not None and path.is_file():
        write_bytes(path.with_name(path.name + ENDING), manifest(ctx, path, data).encode("utf-8"))


def printable(text: str) -> str:
    r"""Return text without control characters, which a terminal would obey.

    Parameters
    ----------
    text
        Any text; line feeds stay.

    Returns
    -------
    str
        The text that may be printed.

    Examples
    --------
    >>> printable("Sam\x1b[31msung")
    'Sam[31msung'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(ch for ch in text if ch == "\n" or unicodedata.category(ch) not in ("Cc", "Cf", "Cs"))


def as_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV in full precision, unknown cells empty."""
    from chainnet.tables import format_cell

    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.itertuples(index=False):
        writer.writerow([printable(format_cell(_plain(value))) if _known(value) else "" for value in row])
    return out.getvalue()


def as_json(table: pd.DataFrame) -> str:
    """Return a table as a JSON list of records, unknown numbers null."""
    from chainnet.tables import records

    rows = [
        {key: _plain(value) if _known(value) else None for key, value in row.items()}
        for row in records(table)
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_text(sheet: Sheet, top: int | None = None) -> str:
    """Return a sheet as aligned text: no cell is cut off, columns without any value are left out.

    Parameters
    ----------
    sheet
        The sheet.
    top
        How many rows to show of each table; None is all.

    Returns
    -------
    str
        The text.
    """
    blocks = []
    for title, table in sheet.parts or [("", sheet.table)]:
        shown = table if top is None else table.head(top)
        more = len(table) - len(shown)
        lines = [title] if title else []
        lines += text_lines(shown)
        lines += [f"({more} more rows; --top 0 shows all)"] if more else []
        blocks.append("\n".join(lines))
    if sheet.below:
        blocks.append("\n".join(printable(line) for line in sheet.below))
    return "\n\n".join(blocks) + "\n"


def text_lines(table: pd.DataFrame) -> list[str]:
    """Return a table as aligned lines of text.

    Parameters
    ----------
    table
        The table.

    Returns
    -------
    list of str
        A header and a line for each row.

    Examples
    --------
    >>> import pandas as pd
    >>> text_lines(pd.DataFrame({"firm": ["tel"], "share": [0.92345]}))
    ['firm  share', 'tel   0.923']
    """
    if table.empty:
        return ["(none)"]
    columns = [_text_column(str(name), table[name].tolist()) for name in table.columns]
    columns = [column for column in columns if any(column[1:])]
    lines = zip(*columns, strict=True)
    return ["  ".join(cells).rstrip() for cells in lines]


def _text_column(name: str, values: Sequence[object]) -> list[str]:
    numbers = [value for value in values if isinstance(value, int | float) and _known(value)]
    whole = all(float(number).is_integer() for number in numbers) and any(abs(n) > 1 for n in numbers)
    cells = [_text_cell(value, whole=whole) if _known(value) else "" for value in values]
    if not any(cells):
        return ["", *cells]
    width = max(_width(cell) for cell in [name, *cells])
    if numbers:
        return [" " * (width - _width(cell)) + cell for cell in [name, *cells]]
    return [cell + " " * (width - _width(cell)) for cell in [name, *cells]]


def _text_cell(value: object, *, whole: bool) -> str:
    value = _plain(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return printable(str(value)).replace("\n", " ")
    if whole or isinstance(value, int):
        return f"{value:.0f}"
    # Three decimals; very small numbers keep their three digits, large ones need no decimals.
    if value == 0 or 0.001 <= abs(value) < 100:
        return f"{value:.3f}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def _known(value: object) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def _plain(value: object) -> object:
    """Return a numpy scalar as a Python one."""
    return value.item() if hasattr(value, "item") else value


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(ch) else 2 if unicodedata.east_asian_width(ch) in "WF" else 1
        for ch in text
    )


def cited(network: cn.SupplyNetwork, refs: Iterable[str]) -> pd.DataFrame:
    """Return the references behind some cells, in the order in which they come.

    Parameters
    ----------
    network
        The network.
    refs
        Cells of a ``ref`` column.

    Returns
    -------
    DataFrame
        ``ref, url, citation``.
    """
    keys = list(dict.fromkeys(part for cell in refs for part in cell.split(";") if part))
    table = network.references.set_index("ref")[["url", "citation"]].reindex(keys).fillna("")
    return table.rename_axis("ref").reset_index()


def with_sources(network: cn.SupplyNetwork, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with what its references are, joined by `` | `` where there are several.

    Parameters
    ----------
    network
        The network.
    table
        A table with a ``ref`` column.

    Returns
    -------
    DataFrame
        The table with ``citation`` and ``url``.
    """
    known = network.references.set_index("ref")
    extra = {
        name: [
            " | ".join(str(known.loc[part, name]) for part in cell.split(";") if part in known.index)
            for cell in table["ref"]
        ]
        for name in ("citation", "url")
    }
    return table.assign(**extra)
