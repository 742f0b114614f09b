"""Reading and writing one table: bytes to typed columns, with every fault named.

Text is read as text: ``NA`` is a name, ``007`` keeps its zeros, an empty cell is unknown.
Writing goes through a temporary file, so that an interrupted write leaves the old file whole.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from chainnet.errors import Fault
from chainnet.names import country_codes, mixed_scripts
from chainnet.schema import DATE_PATTERN, ID_PATTERN, Column, Table

#: No table of a graph is larger than this; a larger file is a mistake or an attack.
MAX_BYTES = 64 * 2**20
#: Words that other programs take for a missing value.
_LONGEST_CELL = 100_000
_LOOKS_MISSING = frozenset({"na", "n/a", "nan", "null", "none", "nil", "#n/a"})

_IDENTIFIER = re.compile(ID_PATTERN)
_BREAKS = re.compile(r"[\t\n\v\f\r]+")
_DATE = re.compile(DATE_PATTERN)
_COUNTRY = re.compile("[A-Z]{3}")


def read_table(path: Path, table: Table) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Read one table of a graph folder.

    Parameters
    ----------
    path
        The CSV file.
    table
        What it should hold.

    Returns
    -------
    frame : DataFrame or None
        The rows that could be read, indexed by their line in the file; numbers as float64 with
        NaN for unknown, text as str with "" for unknown. None when the file as a whole is none.
    faults : list of Fault
        What is wrong with it; empty when all is well.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        return None, [Fault("unreadable", f"cannot be read: {error.strerror}", table.file)]
    if size > MAX_BYTES:
        return None, [Fault("too-large", f"has {size:,} bytes, more than {MAX_BYTES:,}", table.file)]
    rows, faults = parse_csv(data, table.file)
    if not rows:
        return None, faults
    header_faults = _check_header(rows[0][1], table)
    if header_faults:
        return None, faults + header_faults
    records, width_faults = _records(rows, table)
    frame, cell_faults = typed_frame(records, table)
    return frame, faults + width_faults + cell_faults


def parse_csv(data: bytes, file: str) -> tuple[list[tuple[int, list[str]]], list[Fault]]:
    r"""Split the bytes of a CSV file into rows with their line numbers.

    Parameters
    ----------
    data
        The file's content: UTF-8, with or without byte order mark.
    file
        Its name, for the faults.

    Returns
    -------
    rows : list of (line, cells)
        Blank lines left out.
    faults : list of Fault
        Encoding, NUL bytes, broken quotes, an empty file.

    Examples
    --------
    >>> parse_csv(b"a,b\n1,2\n", "x.csv")[0]
    [(1, ['a', 'b']), (2, ['1', '2'])]
    """
    faults: list[Fault] = []
    if data.startswith(b"\xef\xbb\xbf"):
        faults.append(
            Fault(
                "byte-order-mark",
                "starts with a byte order mark",
                file,
                1,
                remedy="It was skipped; save as UTF-8 without BOM.",
                warning=True,
            )
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [*faults, _encoding_fault(data, error, file)]
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        return [], [*faults, Fault("nul-byte", "holds a NUL byte", file, line, remedy="Is it a text file?")]
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            # Python's own limit belongs to the whole process: other libraries raise it.
            if any(len(cell) > _LONGEST_CELL for cell in cells):
                raise csv.Error(f"a cell is longer than {_LONGEST_CELL:,} letters")  # noqa: TRY301
            if cells:
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        remedy = "Check the quotes of this line."
        return [], [
            *faults,
            Fault("broken-csv", f"is not well-formed CSV: {error}", file, line, remedy=remedy),
        ]
    if not rows:
        faults.append(Fault("empty-file", "is empty", file, 1, remedy="It needs at least its header line."))
    return rows, faults


def _encoding_fault(data: bytes, error: UnicodeDecodeError, file: str) -> Fault:
    line = data[: error.start].count(b"\n") + 1
    guesses = [name for name in ("cp949", "cp932", "utf-16") if _decodes(data, name)]
    guess = (
        f"It may be {' or '.join(guesses)}: open it with that encoding and save it as UTF-8."
        if guesses
        else ""
    )
    return Fault(
        "encoding",
        f"is not UTF-8: byte 0x{data[error.start]:02x} cannot be read",
        file,
        line,
        remedy=guess or "Save it as UTF-8.",
    )


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True


def _check_header(header: list[str], table: Table) -> list[Fault]:
    expected = list(table.by_name)
    faults = [
        Fault(
            "missing-column",
            f"has no column {name!r}",
            table.file,
            1,
            remedy=f"Columns: {', '.join(expected)}.",
        )
        for name in expected
        if name not in header and not table.by_name[name].optional
    ]
    faults += [
        Fault(
            "unknown-column",
            f"has a column {name!r} that no graph has",
            table.file,
            1,
            remedy="Remove or rename it.",
        )
        for name in header
        if name not in table.by_name
    ]
    twice = sorted({name for name in header if header.count(name) > 1})
    faults += [Fault("duplicate-column", f"has the column {name!r} twice", table.file, 1) for name in twice]
    return faults


def _records(
    rows: list[tuple[int, list[str]]], table: Table
) -> tuple[list[tuple[int, dict[str, str]]], list[Fault]]:
    header = rows[0][1]
    found: list[tuple[int, dict[str, str]]] = []
    faults: list[Fault] = []
    for line, cells in rows[1:]:
        if len(cells) == len(header):
            found.append((line, dict(zip(header, cells, strict=True))))
        else:
            text = f"has {len(cells)} cells where the header has {len(header)}"
            faults.append(
                Fault("row-width", text, table.file, line, remedy="A cell with a comma needs quotes.")
            )
    return found, faults


def typed_frame(
    records: Iterable[tuple[int, dict[str, str]]], table: Table
) -> tuple[pd.DataFrame, list[Fault]]:
    """Turn rows of text into typed columns.

    Parameters
    ----------
    records
        Pairs of line number and cells by column name.
    table
        The table they belong to.

    Returns
    -------
    frame : DataFrame
        Indexed by line number.
    faults : list of Fault
        Cells that are not what their column holds; such a cell becomes unknown.
    """
    records = list(records)
    lines = [line for line, _ in records]
    faults: list[Fault] = []
    columns: dict[str, list[str | float]] = {}
    for column in table.columns:
        cells = [clean(cells.get(column.name, "")) for _, cells in records]
        parse = _parser(column)
        values = []
        for line, cell in zip(lines, cells, strict=True):
            value, problem = parse(cell)
            values.append(value)
            if problem is not None:
                code, message, remedy, warning = problem
                faults.append(Fault(code, message, table.file, line, column.name, cell, remedy, warning))
        columns[column.name] = values
    index = pd.Index(lines, dtype="int64", name="row")
    frame = pd.DataFrame(
        {
            name: pd.Series(values, index=index, dtype="float64" if table.by_name[name].numeric else "str")
            for name, values in columns.items()
        }
    )
    return frame, faults


def empty_frame(table: Table) -> pd.DataFrame:
    """Return a table without rows."""
    return typed_frame([], table)[0]


_Problem = tuple[str, str, str, bool]


def clean(cell: str) -> str:
    r"""Return a cell's text composed (NFC), on one line, without control or invisible characters.

    Parameters
    ----------
    cell
        Text as read.

    Returns
    -------
    str
        The text that is kept, trimmed; terminal escapes and zero-width characters are gone, line
        breaks and tabs are spaces.

    Examples
    --------
    >>> clean(" Sam\u200bsung\x1b ")
    'Samsung'
    """
    if cell.isascii() and cell.isprintable():
        return cell.strip()
    shown = "".join(ch for ch in _BREAKS.sub(" ", cell) if unicodedata.category(ch) not in ("Cc", "Cf"))
    # Composed last: an invisible character may stand between a letter and its accent.
    return unicodedata.normalize("NFC", shown).strip()


def _parser(column: Column) -> Callable[[str], tuple[str | float, _Problem | None]]:
    read = _parse_number if column.numeric else _parse_text

    def parse(cell: str) -> tuple[str | float, _Problem | None]:
        if cell:
            return read(cell, column)
        nothing = math.nan if column.numeric else ""
        problem = ("missing-value", "needs a value", "Fill it in.", False) if column.required else None
        return nothing, problem

    return parse


def _parse_number(cell: str, column: Column) -> tuple[float, _Problem | None]:
    try:
        # float() reads 1_000 and 'nan' too: neither is a number in a table.
        value = float(cell) if "_" not in cell else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        remedy = "Write it with a point and without thousands separators; leave it empty if unknown."
        return math.nan, ("not-a-number", "is not a number", remedy, False)
    if column.kind == "share" and not 0 <= value <= 1:
        return math.nan, (
            "share-range",
            "is not a share",
            "A share lies in [0, 1]: write 0.12 for 12 %.",
            False,
        )
    if column.kind == "year" and not (value.is_integer() and 1900 <= value <= 2200):
        return math.nan, ("bad-year", "is not a year", "Write it with four digits.", False)
    if column.unit == "days" and value < 0:
        return math.nan, ("negative", "is negative", "Days are 0 or more.", False)
    return value, None


def _parse_text(cell: str, column: Column) -> tuple[str, _Problem | None]:
    parts = [part.strip() for part in cell.split(";")] if column.many else [cell]
    problem = _wrong(cell, parts, column)
    if problem is not None:
        return "", problem
    return cell, _odd(parts) if column.name.startswith(("name", "aliases")) else None


def _wrong(cell: str, parts: Sequence[str], column: Column) -> _Problem | None:
    if column.allowed and cell not in column.allowed:
        return "not-allowed", "is not one of the words allowed", f"Use {', '.join(column.allowed)}.", False
    if column.kind == "country" and any(part not in country_codes() for part in parts):
        return "unknown-country", "is not an ISO 3166 alpha-3 code", "Use codes such as JPN or KOR.", False
    if column.kind == "date" and not _DATE.fullmatch(cell):
        return "bad-date", "is not a date", "Write YYYY, YYYY-MM or YYYY-MM-DD.", False
    if column.kind == "id" and not all(_is_id(part, column) for part in parts):
        remedy = "Use lower-case letters, digits, '_', '-' and '.', starting with a letter or digit."
        return "bad-id", "is not an identifier", remedy, False
    return None


def _odd(names: Sequence[str]) -> _Problem | None:
    if any(name.casefold() in _LOOKS_MISSING for name in names):
        remedy = "It was kept as a name; leave the cell empty if the name is unknown."
        return "looks-missing", "looks like a missing value", remedy, True
    if any(mixed_scripts(name) for name in names):
        remedy = "It was kept; look at its letters one by one."
        return "mixed-script", "mixes Latin with Cyrillic or Greek letters", remedy, True
    return None


def _is_id(part: str, column: Column) -> bool:
    if _IDENTIFIER.fullmatch(part):
        return True
    return "countries" in column.to and bool(_COUNTRY.fullmatch(part))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as dictionaries by column name.

    Parameters
    ----------
    frame
        A table.

    Returns
    -------
    list of dict
        One a row.

    Examples
    --------
    >>> records(pd.DataFrame({"firm": ["tel"]}))
    [{'firm': 'tel'}]
    """
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def append_row(frame: pd.DataFrame, row: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table with one more row; cells that are not given are unknown.

    Parameters
    ----------
    frame
        A table.
    row
        Cells by column.

    Returns
    -------
    DataFrame
        The rows of the table and the new one, at the next line.

    Examples
    --------
    >>> append_row(pd.DataFrame({"firm": ["tel"], "share": [0.9]}, index=[2]), {"firm": "screen"})
         firm  share
    2     tel    0.9
    3  screen    NaN
    """
    blank = {str(name): float("nan") if kind == "float64" else "" for name, kind in frame.dtypes.items()}
    new = {name: row.get(name, empty) for name, empty in blank.items()}
    line = int(frame.index.max()) + 1 if len(frame) else 2
    return pd.concat([frame, pd.DataFrame([new], index=[line]).astype(frame.dtypes.to_dict())])


def format_cell(value: object) -> str:
    """Write a value as a cell: the shortest text that reads back as the same value.

    Parameters
    ----------
    value
        Text or a number; NaN is unknown.

    Returns
    -------
    str
        The cell.

    Examples
    --------
    >>> format_cell(0.1), format_cell(2024.0), format_cell(float("nan"))
    ('0.1', '2024', '')
    """
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return str(value)


def table_csv(frame: pd.DataFrame, table: Table) -> str:
    """Return a table as the text of its CSV file (UTF-8, line feeds).

    Parameters
    ----------
    frame
        The rows.
    table
        Its columns, in order.

    Returns
    -------
    str
        The file's content.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.by_name)
    for row in frame[list(table.by_name)].itertuples(index=False):
        writer.writerow([format_cell(float(v) if isinstance(v, float) else v) for v in row])
    return out.getvalue()


def write_text(path: Path, text: str) -> None:
    """Write a file as a whole or not at all.

    Parameters
    ----------
    path
        Where; an existing file is replaced in one step.
    text
        What, as UTF-8.
    """
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all.

    Parameters
    ----------
    path
        Where; an existing file is replaced in one step, and where a link stands it is the file that the
        link leads to. A device or a pipe is written to: root could put a file in its place.
    data
        What.
    """
    path = path.resolve()
    if path.exists() and not path.is_file() and not path.is_dir():
        path.write_bytes(data)
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes private files; a result is as readable as any other new file.
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
