"""The tables of a network for other programs: node and edge lists, Parquet, Excel.

Parquet and Excel hold every table; a folder of CSV files is what :func:`chainnet.write` makes.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chainnet.errors import ChainnetError, DataError, Fault
from chainnet.exchange.flats import EDGE_ATTRIBUTES, NODE_ATTRIBUTES, FlatGraph, Value, flat_text
from chainnet.exchange.graphfiles import spelled
from chainnet.exchange.reports import Imported, Ledger
from chainnet.exchange.sources import MAX_BYTES, local, read_file, refuse
from chainnet.network import SupplyNetwork
from chainnet.schema import TABLES
from chainnet.tables import empty_frame, format_cell, typed_frame

#: Excel holds no longer text in a cell.
_LONGEST = 32_767
_MAX_ROWS = 5_000_000


def node_and_edge_lists(flat: FlatGraph) -> tuple[str, str]:
    r"""Return a flat graph as two CSV texts, of its nodes and of its edges.

    Parameters
    ----------
    flat
        The graph.

    Returns
    -------
    nodes, edges : str
        With the columns ``id`` and ``source, target``, and one for each attribute.

    Examples
    --------
    >>> node_and_edge_lists(FlatGraph({"tel": {"kind": "firm"}}, ()))[0].splitlines()[1]
    'tel,firm,,,,,,,,,'
    """
    nodes = [[node, *_cells(values, NODE_ATTRIBUTES)] for node, values in flat.nodes.items()]
    edges = [[source, target, *_cells(values, EDGE_ATTRIBUTES)] for source, target, values in flat.edges]
    return _csv(["id", *NODE_ATTRIBUTES], nodes), _csv(["source", "target", *EDGE_ATTRIBUTES], edges)


def _cells(values: Mapping[str, Value], known: Mapping[str, bool]) -> list[str]:
    return [spelled(values[name]) if name in values else "" for name in known]


def _csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


# Parquet


def parquet(network: SupplyNetwork) -> dict[str, bytes]:
    """Return every table of a network as a Parquet file.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    dict
        The content of each file by its name; unknown numbers are null, unknown text is empty.

    Raises
    ------
    ChainnetError
        pyarrow is not installed.
    """
    pa, pq = _pyarrow()
    files = {}
    for name, table in TABLES.items():
        frame = network.table(name)
        columns = {
            column.name: pa.array(
                [
                    None if isinstance(cell, float) and math.isnan(cell) else cell
                    for cell in frame[column.name]
                ],
                type=pa.float64() if column.numeric else pa.string(),
            )
            for column in table.columns
        }
        out = io.BytesIO()
        pq.write_table(pa.table(columns), out, compression="zstd")
        files[f"{name}.parquet"] = out.getvalue()
    return files


def import_parquet(folder: str | Path) -> Imported:
    """Read a network from a folder of Parquet files, one a table.

    Parameters
    ----------
    folder
        The folder, as :func:`parquet` made it.

    Returns
    -------
    Imported
        The network; every row is used.

    Raises
    ------
    DataError
        Files that are missing, cut short or no Parquet; rows that are faulty.
    ChainnetError
        pyarrow is not installed.
    """
    found = local(folder)
    if not found.is_dir():
        refuse("no-folder", "is not a folder", str(folder), "Give the folder that holds the Parquet files.")
    frames, faults, counts = {}, [], {}
    for name, table in TABLES.items():
        path = found / f"{name}.parquet"
        if not path.exists():
            if not table.optional:
                faults.append(Fault("missing-table", "is missing", path.name, remedy="Export it again."))
            frames[name] = empty_frame(table)
            continue
        rows = read_parquet(path, list(table.by_name))
        counts[path.name] = len(rows)
        frames[name], wrong = typed_frame(enumerate(rows, start=2), table)
        faults += [fault for fault in wrong if not fault.warning]
    if faults:
        raise DataError(faults)
    return Imported(SupplyNetwork(frames, name=found.resolve().name), Ledger().table(), counts)


def read_parquet(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of a Parquet file as text.

    Parameters
    ----------
    path
        The file.
    columns
        The columns that it must have; others are a fault.

    Returns
    -------
    list of dict
        Cells by column; null is an empty cell.

    Raises
    ------
    DataError
        It is cut short, no Parquet file, too large, or has other columns.
    """
    pa, pq = _pyarrow()
    data = read_file(path)
    try:
        held = pq.ParquetFile(pa.BufferReader(data))
        sizes = [held.metadata.row_group(k).total_byte_size for k in range(held.metadata.num_row_groups)]
        if held.metadata.num_rows > _MAX_ROWS or sum(sizes) > 4 * MAX_BYTES:
            refuse("too-large", "grows too large when it is unpacked", path.name, "Take a part of it.")
        names = held.schema_arrow.names
        if names != list(columns):
            remedy = f"Columns: {', '.join(columns)}."
            refuse("missing-column", f"has the columns {', '.join(names)}", path.name, remedy)
        rows: list[dict[str, Any]] = held.read().to_pylist()
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        if isinstance(error, DataError):
            raise
        message = f"is no whole Parquet file: {str(error).splitlines()[0] if str(error) else 'unreadable'}"
        refuse("bad-parquet", message, path.name, "It may be cut short: fetch or export it again.")
    return [{name: "" if cell is None else format_cell(cell) for name, cell in row.items()} for row in rows]


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ChainnetError("Parquet needs pyarrow: pip install 'chainnet[links]'.") from error
    return pa, pq


# Excel


def workbook(network: SupplyNetwork) -> tuple[bytes, tuple[str, ...]]:
    """Return the tables of a network as an Excel workbook, a sheet each, in which text is never a formula.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    content : bytes
        The same network gives the same bytes.
    losses : tuple of str
        What a cell could not hold.

    Raises
    ------
    ChainnetError
        xlsxwriter is not installed.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise ChainnetError("Excel needs xlsxwriter: pip install 'chainnet[excel]'.") from error
    out = io.BytesIO()
    cut: list[str] = []
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, {**options, "strings_to_numbers": False, "nan_inf_to_errors": False})
    book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
    bold = book.add_format({"bold": True})
    for name, table in TABLES.items():
        frame = network.table(name)
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        for number, column in enumerate(table.by_name):
            sheet.write_string(0, number, column, bold)
            for row, cell in enumerate(frame[column], start=1):
                _write_cell(sheet, (row, number), cell, cut)
    book.close()
    losses = [f"{len(cut)} cells lost characters, or letters beyond {_LONGEST:,}."] if cut else []
    return out.getvalue(), tuple(losses)


def _write_cell(sheet: Any, place: tuple[int, int], cell: object, cut: list[str]) -> None:  # noqa: ANN401
    if isinstance(cell, float):
        if not math.isnan(cell):
            sheet.write_number(*place, cell)
        return
    text = flat_text(str(cell), cut)
    if len(text) > _LONGEST:
        cut.append(text)
    if text:
        sheet.write_string(*place, text[:_LONGEST])
