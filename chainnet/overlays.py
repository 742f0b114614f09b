"""A user's own rows laid over a graph, and what differs between two graphs.

An overlay is a folder with some of the tables of a graph. Its rows take precedence by key:

- a row whose key is new is added; it needs every column that a graph's row needs;
- a row whose key is in the graph changes the columns that its file has; what the file leaves out
  stays, and a blank cell makes the value unknown;
- a row with ``yes`` in the column ``drop`` takes the graph's row of its key out.

Whoever changes a figure says on whose word: each row that adds or changes something cites a
reference of the overlay's own ``references.csv``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from chainnet.addresses import is_address, refuse_address
from chainnet.errors import DataError, Fault
from chainnet.network import SupplyNetwork
from chainnet.schema import TABLES, Table
from chainnet.tables import MAX_BYTES, clean, empty_frame, format_cell, parse_csv, records, typed_frame

_DROP = "drop"
Key = tuple[str, ...]
Cells = dict[str, str]
#: Rows of an overlay's file by key, with their lines.
_Rows = dict[Key, tuple[int, Cells]]


def overlay(network: SupplyNetwork, folder: str | Path) -> SupplyNetwork:
    r"""Lay a user's tables over a network.

    Parameters
    ----------
    network
        The network.
    folder
        A folder with some of the tables of a graph as CSV, each with its key columns, any of the
        others, and ``drop`` (yes, or blank) where rows are to be taken out.

    Returns
    -------
    SupplyNetwork
        The network with the rows added, changed and taken out, checked as a whole.

    Raises
    ------
    DataError
        Everything that is wrong with the overlay, by its own files and lines; or with the whole.

    Examples
    --------
    >>> import tempfile
    >>> import chainnet as cn
    >>> rows = {"plants": "plant,share,year,ref\nasml_veldhoven-euv_scanner,0.9,2026,mine",
    ...         "references": "ref,citation,url\nmine,Our own survey,judgement"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in rows.items():
    ...         _ = Path(folder, f"{name}.csv").write_text(text)
    ...     mine = cn.overlay(cn.load("japan-korea"), folder)
    >>> float(mine.plants.set_index("plant").loc["asml_veldhoven-euv_scanner", "share"])
    0.9
    """
    if is_address(folder):
        refuse_address(folder, "folder", "Download it first.")
    folder = Path(folder)
    files, faults = _read(folder)
    own = {key[0] for key, (_, row) in files.get("references", {}).items() if not row.get(_DROP)}
    faults += [fault for name, rows in files.items() for fault in _unsourced(TABLES[name], rows, own)]
    if faults:
        raise DataError([_inside(folder, fault) for fault in faults])
    tables: dict[str, pd.DataFrame] = {}
    lines: dict[tuple[str, int], int] = {}
    for name, rows in files.items():
        tables[name], found, placed = _laid(network.table(name), TABLES[name], rows)
        faults += found
        lines |= {(TABLES[name].file, index): line for index, line in placed.items()}
    if faults:
        raise DataError([_inside(folder, fault) for fault in faults])
    try:
        laid = network.replace(**tables)
    except DataError as error:
        raise DataError([_traced(folder, fault, lines) for fault in error.faults]) from error
    named = SupplyNetwork(laid.tables, name=f"{network.name} + {folder.resolve().name}")
    return named.with_levers(network.levers) if network.levers else named


def _inside(folder: Path, fault: Fault) -> Fault:
    return replace(fault, file=f"{folder.name}/{fault.file}" if fault.file else str(folder))


def _traced(folder: Path, fault: Fault, lines: Mapping[tuple[str, int], int]) -> Fault:
    """Say in which line of the overlay a faulty row of the whole stands."""
    line = lines.get((fault.file, fault.row)) if fault.row is not None else None
    return fault if line is None else _inside(folder, replace(fault, row=line))


def _read(folder: Path) -> tuple[dict[str, _Rows], list[Fault]]:
    if not folder.is_dir():
        raise DataError(
            [Fault("no-folder", "is not a folder", str(folder), remedy="Give an overlay's folder.")]
        )
    found = {path.name: path for path in sorted(folder.glob("*.csv"))}
    known = {table.file: table for table in TABLES.values()}
    faults = [
        Fault("unknown-table", "is no table of a graph", name, remedy=f"Tables: {', '.join(known)}.")
        for name in found
        if name not in known
    ]
    if not set(found) & set(known):
        faults.append(Fault("no-table", "holds no table of a graph", remedy=f"Tables: {', '.join(known)}."))
    files: dict[str, _Rows] = {}
    for file, table in known.items():
        if file in found:
            files[table.name], wrong = _read_rows(found[file], table)
            faults += wrong
    return files, faults


def _read_rows(path: Path, table: Table) -> tuple[_Rows, list[Fault]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            return {}, [Fault("too-large", f"has more than {MAX_BYTES:,} bytes", table.file)]
        parsed, faults = parse_csv(path.read_bytes(), table.file)
    except OSError as error:
        return {}, [Fault("unreadable", f"cannot be read: {error.strerror}", table.file)]
    faults = [fault for fault in faults if not fault.warning]
    header = parsed[0][1] if parsed else []
    faults += _header_faults(header, table) if parsed else []
    if faults:
        return {}, faults
    rows: _Rows = {}
    for line, cells in parsed[1:]:
        if len(cells) != len(header):
            text = f"has {len(cells)} cells where the header has {len(header)}"
            faults.append(Fault("row-width", text, table.file, line))
            continue
        row = dict(zip(header, map(clean, cells), strict=True))
        key = _key(row, table)
        if key in rows:
            shown = ", ".join(filter(None, key))
            faults.append(Fault("duplicate-key", "repeats a key", table.file, line, table.key[0], shown))
        if row.get(_DROP, "") not in ("", "yes"):
            message, remedy = "is neither yes nor blank", "Write yes, or leave it blank."
            faults.append(Fault("not-allowed", message, table.file, line, _DROP, row[_DROP], remedy))
        rows[key] = (line, row)
    return rows, faults


def _header_faults(header: list[str], table: Table) -> list[Fault]:
    remedy = f"Columns: {', '.join([*table.by_name, _DROP])}."
    unknown = [name for name in header if name not in table.by_name and name != _DROP]
    missing = [name for name in table.key if table.by_name[name].required and name not in header]
    faults = [
        Fault(code, f"has {what} {name!r}", table.file, 1, remedy=remedy)
        for code, what, names in (
            ("unknown-column", "the unknown column", unknown),
            ("missing-column", "no column", missing),
        )
        for name in names
    ]
    if len(set(header)) < len(header):
        faults.append(Fault("duplicate-column", "has a column twice", table.file, 1))
    return faults


def _key(row: Mapping[str, str], table: Table) -> Key:
    return tuple(_plain(row.get(name, ""), numeric=table.by_name[name].numeric) for name in table.key)


def _plain(cell: str, *, numeric: bool) -> str:
    """Return a cell of a key in the one way in which it is compared: 2024 is 2024.0."""
    try:
        return format_cell(float(cell)) if numeric and cell else cell
    except ValueError:
        return cell


def _unsourced(table: Table, rows: _Rows, own: Iterable[str]) -> list[Fault]:
    known = set(own)
    remedy = "Cite a reference of the overlay's own references.csv."
    return [
        Fault(
            "no-own-reference",
            "does not say on whose word",
            table.file,
            line,
            "ref",
            row.get("ref", ""),
            remedy,
        )
        for line, row in rows.values()
        if "ref" in table.by_name and not row.get(_DROP)
        if not known & {part.strip() for part in row.get("ref", "").split(";")}
    ]


def _laid(frame: pd.DataFrame, table: Table, rows: _Rows) -> tuple[pd.DataFrame, list[Fault], dict[int, int]]:
    """Return a table with an overlay's rows, what is wrong with these, and their lines by index."""
    texts = [{name: format_cell(value) for name, value in row.items()} for row in records(frame)]
    at = {_key(row, table): (int(index), row) for index, row in zip(frame.index, texts, strict=True)}
    faults: list[Fault] = []
    gone: list[int] = []
    merged: dict[int, tuple[int, Cells]] = {}
    new = int(frame.index.max()) + 1 if len(frame) else 2
    for key, (line, row) in rows.items():
        index, old = at.get(key, (new, {}))
        given = {name: cell for name, cell in row.items() if name != _DROP}
        if not row.get(_DROP):
            merged[index] = (line, {**old, **given})
            new += not old
        elif old:
            gone.append(index)
        else:
            shown = ", ".join(filter(None, key))
            remedy = "Its key must be one of the graph's."
            faults.append(
                Fault("nothing-to-drop", "is not in the graph", table.file, line, table.key[0], shown, remedy)
            )
    if not merged:
        return frame.drop(index=gone), faults, {}
    changed, wrong = typed_frame(merged.values(), table)
    added = {line for index, (line, _) in merged.items() if index not in frame.index}
    faults += [
        replace(f, remedy="No row of the graph has this key: a new row needs it.") if f.row in added else f
        for f in wrong
        if not f.warning
    ]
    changed.index = pd.Index(list(merged), dtype="int64", name="row")
    kept = frame.drop(index=[*gone, *(index for index in merged if index in frame.index)])
    whole = pd.concat([kept, changed]) if len(kept) else changed
    return whole.sort_index(), faults, {index: line for index, (line, _) in merged.items()}


def difference(a: SupplyNetwork, b: SupplyNetwork) -> pd.DataFrame:
    """Tell in which rows and cells two networks differ.

    Parameters
    ----------
    a, b
        The networks: before and after.

    Returns
    -------
    DataFrame
        ``table, key, change, column, before, after``: one row for each row that was ``added`` or
        ``removed``, and one for each cell that was ``changed``; values as the tables write them,
        the parts of a key joined by blanks.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> table = cn.difference(net, cn.load("japan-korea", without="eto"))
    >>> table.query("table == 'plants' and change == 'removed'").empty
    False
    >>> cn.difference(net, net).empty
    True
    """
    found: list[tuple[str, str, str, str, str, str]] = []
    for name, table in TABLES.items():
        before, after = (_by_key(network.table(name), table) for network in (a, b))
        for key in [*before, *(key for key in after if key not in before)]:
            shown = " ".join(filter(None, key))
            if key not in after:
                found.append((name, shown, "removed", "", "", ""))
            elif key not in before:
                found.append((name, shown, "added", "", "", ""))
            else:
                old, new = before[key], after[key]
                found += [
                    (name, shown, "changed", column, old[column], new[column])
                    for column in table.by_name
                    if old[column] != new[column]
                ]
    return pd.DataFrame(found, columns=["table", "key", "change", "column", "before", "after"])


def _by_key(frame: pd.DataFrame, table: Table) -> dict[Key, Cells]:
    frame = frame if len(frame) else empty_frame(table)
    texts = [{name: format_cell(value) for name, value in row.items()} for row in records(frame)]
    return {_key(row, table): row for row in texts}
