"""Link tables from files and databases: CSV, Parquet, DuckDB, SQLite, PostgreSQL.

Who supplies whom, for how much, goes from the file into arrays: names become numbers once, so that a
table of millions of rows takes seconds. CSV and SQLite need nothing that chainnet does not install;
the others need the extra ``links``. Files are read, never written; a query sees the one file or database
that is asked for, and no other. The network is used only where that is allowed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pandas as pd

from chainnet.addresses import MOST_OF_A_TABLE, POSTGRES, is_address, refuse_address, without_secrets
from chainnet.errors import ChainnetError, DataError, Fault, UsageError
from chainnet.kernels import BoolArray, FloatArray, IntArray
from chainnet.linkservers import ask_postgres
from chainnet.linktables import Series, faults_of_names, summed

#: Endings by what reads them.
_PARQUET, _DUCKDB, _SQLITE = (".parquet", ".pq"), (".duckdb", ".ddb"), (".sqlite", ".sqlite3", ".db")
_CHUNK = 1 << 24
_FETCHED = 100_000
#: What a query of SQLite may do: select, read a column, call a function, and recur.
_ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
#: What is asked of DuckDB: nothing but the database it is given.
_CLOSED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "lock_configuration": "true",
}


Ids = npt.NDArray[np.int32]


class _Rows(NamedTuple):
    """All rows of a source: names in the order of their text, and numbers of names (−1: none)."""

    names: list[str]
    supplier: Ids
    buyer: Ids
    value: FloatArray


def read_links(
    source: str | Path,
    *,
    query: str | None = None,
    parameters: Sequence[object] = (),
    columns: Sequence[str] = ("supplier", "buyer", "value"),
    allow_network: bool = False,
) -> pd.DataFrame:
    r"""Read who buys from whom, for how much, from a file or a database.

    Names are text, whatever their type is in the source: 7 is read as ``"7"``. Rows of one pair are
    summed. Rows that cannot be links are left out and counted: those without a supplier or a buyer, firms
    that supply themselves, values that are no numbers, and values of 0 or less.

    Parameters
    ----------
    source
        A file of this machine: ``.csv``; ``.parquet``; ``.duckdb``, or SQLite's ``.sqlite`` and ``.db``
        with a query. Where the network is allowed also such a file at ``https://…``, which is fetched
        once, or with a query a PostgreSQL server, ``postgresql://HOST/DATABASE``. All but CSV and SQLite
        need ``pip install 'chainnet[links]'``.
    query
        One SELECT, of a database; of a Parquet file, which it sees as the table ``links``. It can read
        nothing else, and write nothing.
    parameters
        Values for the question marks of the query; with PostgreSQL for ``$1``, ``$2`` …
    columns
        What the columns of supplier, buyer and value are called.
    allow_network
        Whether an address may be given. Nothing is asked of the network otherwise.

    Returns
    -------
    pandas.DataFrame
        ``supplier``, ``buyer`` (categories: a number a row) and ``value``, one row a pair, by buyer and
        supplier. ``attrs`` has ``rows``, how many were read; ``used_rows``; ``summed_rows``, those that a
        row above was summed into; ``left_out``, how many by reason; ``faults``, the same in words, with
        the first of each. ``rows`` is ``used_rows`` and all that are left out.

    Raises
    ------
    DataError
        The file cannot be read, lacks a column or holds no link; or the query fails; or an address is
        given and the network is not allowed, or does not answer.
    UsageError
        An unknown kind of file, a query where none can be asked, none where one must be.
    ChainnetError
        The extra ``links`` is not installed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "links.csv"
    ...     _ = file.write_text("supplier,buyer,value\nmine,smelter,20\nmine,smelter,5\nmine,mine,1\n")
    ...     links = read_links(file)
    >>> links.to_numpy().tolist()
    [['mine', 'smelter', 25.0]]
    >>> links.attrs["rows"], links.attrs["used_rows"], links.attrs["left_out"]
    (3, 2, {'self-link': 1})
    """
    if len(columns) != 3:
        raise UsageError(f"columns are {', '.join(columns)}; name three: supplier, buyer and value.")
    if query is None and parameters:
        raise UsageError("parameters are for a query.")
    if not is_address(source):
        path = _file(source)
        with _telling(str(path)):
            return _links(_rows(path, query, parameters, columns), str(path), columns)
    if not allow_network:
        refuse_address(source)
    told = without_secrets(source)
    if str(source).startswith(POSTGRES):
        if query is None:
            raise UsageError(f"{told} is a database: say with a query which rows of it are links.")
        with _telling(told):
            return _links(
                _from_arrow(ask_postgres(str(source), query, parameters), told, columns), told, columns
            )
    from chainnet.fetching import fetched

    with TemporaryDirectory(prefix="chainnet-") as folder:
        path = fetched(str(source), Path(folder), most=MOST_OF_A_TABLE).path
        with _telling(told):
            return _links(_rows(path, query, parameters, columns), told, columns)


def _rows(path: Path, query: str | None, parameters: Sequence[object], columns: Sequence[str]) -> _Rows:
    kind = path.suffix.lower()
    database = kind in _DUCKDB + _SQLITE
    if database and query is None:
        raise UsageError(f"{path} is a database: say with a query which rows of it are links.")
    if query is not None and not database and kind not in _PARQUET:
        raise UsageError(f"{path} takes no query; databases and Parquet files do.")
    if kind in _SQLITE:
        return _from_sqlite(path, str(query), parameters, columns)
    if kind in _DUCKDB + _PARQUET:
        return _from_arrow(_arrow(path, query, parameters, columns), str(path), columns)
    if kind in {".csv", ".txt"}:
        return _from_csv(path, columns)
    raise UsageError(f"{path}: cannot read {kind or 'a file without an ending'}; give {_kinds()}.")


def _kinds() -> str:
    return ", ".join(chain([".csv"], _PARQUET, _DUCKDB, _SQLITE))


def _file(source: str | Path) -> Path:
    if is_address(source):
        refuse_address(source)
    path = Path(source)
    if not path.is_file():
        raise DataError([Fault("no-file", "no such file", str(path))])
    return path


@contextmanager
def _telling(path: str) -> Iterator[None]:
    """Tell what a library says of a file as a fault of the file."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise _unreadable(path, f"not UTF-8 at byte {error.start}", "Save it as UTF-8.") from error
    except sqlite3.Error as error:
        raise _unreadable(path, f"SQLite says: {error}") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _unreadable(path, f"not a table: {str(error).strip()}") from error
    except ImportError as error:
        name = error.name or "pyarrow"
        raise ChainnetError(f"{path} needs {name}: pip install 'chainnet[links]'.") from error
    except OSError as error:  # pyarrow's, too, of a file cut short
        raise _unreadable(path, f"{str(error).splitlines()[0]}") from error
    except Exception as error:
        if type(error).__module__.split(".")[0] not in {"duckdb", "_duckdb", "pyarrow"}:
            raise
        raise _unreadable(path, f"{str(error).splitlines()[0]}") from error


def _unreadable(path: str, message: str, remedy: str = "") -> DataError:
    return DataError([Fault("unreadable", message, path, remedy=remedy)])


def _must_have(path: str | Path, found: Sequence[str], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in found]
    if missing:
        there = f"no such column; there are {', '.join(found)}"
        raise DataError(faults_of_names(str(path), missing, "missing-column", there))


# --- kinds of source -----------------------------------------------------------------------------


def _from_csv(path: Path, columns: Sequence[str]) -> _Rows:
    table = _csv(path, columns)
    supplier, buyer, value = (table[name] for name in columns)
    codes, names = pd.factorize(pd.concat([supplier, buyer], ignore_index=True))
    return _ordered(list(names), codes, pd.to_numeric(value, errors="coerce"))


def _csv(path: Path, columns: Sequence[str] | None) -> pd.DataFrame:
    """Read columns of a CSV file: all as text but the last, which may be numbers."""
    _must_hold_no_nul(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = [str(name) for name in pd.read_csv(file, nrows=0).columns]
    wanted = head if columns is None else columns
    _must_have(path, head, wanted)
    return pd.read_csv(
        path,
        usecols=list(wanted),
        dtype=dict.fromkeys(wanted[:-1], str),
        keep_default_na=False,
        encoding="utf-8-sig",
        low_memory=False,
    )


def _must_hold_no_nul(path: Path) -> None:
    at = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if (found := chunk.find(b"\0")) >= 0:
                message = f"a NUL byte at byte {at + found}"
                raise DataError([Fault("nul-byte", message, str(path), remedy="This is no text.")])
            at += len(chunk)


def _from_sqlite(path: Path, query: str, parameters: Sequence[Any], columns: Sequence[str]) -> _Rows:
    known: dict[str, int] = {}
    codes: list[IntArray] = []
    values: list[FloatArray] = []

    def number(name: object) -> int:
        return known.setdefault(str(name), len(known)) if isinstance(name, str | int | float) else -1

    def may(action: int, *_about: str | None) -> int:
        return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY

    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        connection.set_authorizer(may)
        cursor = connection.execute(query, tuple(parameters))
        found = [about[0] for about in cursor.description]
        _must_have(path, found, columns)
        at = [found.index(name) for name in columns]
        while rows := cursor.fetchmany(_FETCHED):
            codes.append(np.array([[number(row[k]) for k in at[:2]] for row in rows]).T)
            values.append(_numbers(pd.Series([row[at[2]] for row in rows], dtype=object)))
    ends = np.concatenate([np.zeros((2, 0), dtype=np.int64), *codes], axis=1)
    return _ordered(list(known), ends.ravel(), np.concatenate([np.zeros(0), *values]))


def _numbers(values: Series) -> FloatArray:
    numbers: FloatArray = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def _arrow(path: Path, query: str | None, parameters: Sequence[object], columns: Sequence[str] | None) -> Any:  # noqa: ANN401, pyarrow bears no types
    """Read a Parquet file, or ask a query of it or of a DuckDB database."""
    if query is None:
        from pyarrow import parquet

        with parquet.ParquetFile(path) as file:
            _must_have(path, file.schema_arrow.names, columns or [])
            return file.read(columns=None if columns is None else list(columns))
    import duckdb

    told = duckdb.extract_statements(query)
    if len(told) != 1 or told[0].type != duckdb.StatementType.SELECT:
        raise UsageError("a query is one SELECT.")
    if path.suffix.lower() in _DUCKDB:
        connection = duckdb.connect(str(path), read_only=True, config=dict(_CLOSED))
    else:
        from pyarrow import dataset

        connection = duckdb.connect(config=dict(_CLOSED))
        connection.register("links", dataset.dataset(path, format="parquet"))
    with connection:
        return connection.sql(query, params=list(parameters)).to_arrow_table()


def _from_arrow(table: Any, path: str, columns: Sequence[str]) -> _Rows:  # noqa: ANN401
    import pyarrow as pa

    _must_have(path, table.column_names, columns)
    supplier, buyer, value = (table.column(name) for name in columns)
    ends = [part for end in (supplier, buyer) for part in end.cast(pa.large_string()).chunks]
    encoded = pa.chunked_array(ends, pa.large_string()).dictionary_encode().combine_chunks()
    try:
        numbers = value.cast(pa.float64(), safe=False).to_numpy()
    except pa.ArrowInvalid:
        numbers = _numbers(value.to_pandas())
    return _ordered(encoded.dictionary.to_pylist(), encoded.indices.fill_null(-1).to_numpy(), numbers)


def _ordered(names: list[str], codes: IntArray, value: Any) -> _Rows:  # noqa: ANN401
    """Return names and numbers in the order of the names' text; the blank one is no name."""
    order = sorted(range(len(names)), key=names.__getitem__)
    if order and not names[order[0]]:
        order = order[1:]
    number = np.full(len(names) + 1, -1, dtype=np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    # The last one is that of −1.
    supplier, buyer = number[codes].reshape(2, -1)
    return _Rows([names[k] for k in order], supplier, buyer, np.asarray(value, dtype=np.float64))


# --- rows that are links -------------------------------------------------------------------------


def _links(rows: _Rows, source: str, columns: Sequence[str]) -> pd.DataFrame:
    bad = [name for name in rows.names if "\0" in name]
    if bad:
        raise DataError(faults_of_names(source, map(repr, bad), "nul-byte", "a NUL in a name"))
    left_out, faults, used = _left_out(rows, source, columns)
    if not used.any():
        no_links = Fault("no-links", f"none of {len(used)} rows is a link of a value above 0", source)
        raise DataError([no_links, *faults])
    supplier, buyer, value = rows.supplier[used], rows.buyer[used], rows.value[used]
    trades = summed(supplier.astype(np.int64), buyer.astype(np.int64), value, len(rows.names))
    seen = np.zeros(len(rows.names), dtype=bool)
    seen[supplier] = seen[buyer] = True
    number = (np.cumsum(seen) - 1).astype(np.int32)
    names = pd.Index(np.array(rows.names, dtype=object)[seen], dtype=str)
    links = pd.DataFrame(
        {
            "supplier": pd.Categorical.from_codes(number[trades.supplier], names),
            "buyer": pd.Categorical.from_codes(number[trades.buyer], names),
            "value": trades.value,
        }
    )
    links.attrs = {
        "rows": len(used),
        "used_rows": int(used.sum()),
        "summed_rows": int(used.sum()) - len(links),
        "left_out": left_out,
        "faults": faults,
    }
    return links


def _left_out(
    rows: _Rows, source: str, columns: Sequence[str]
) -> tuple[dict[str, int], list[Fault], BoolArray]:
    """Count the rows that are no links, each by the first reason that holds, and tell the first of each."""
    _, supplier, buyer, value = rows
    used = np.ones(len(value), dtype=bool)
    reasons: tuple[tuple[str, str, str, Callable[[], BoolArray]], ...] = (
        ("no-name", "have no supplier or no buyer", columns[0], lambda: (supplier < 0) | (buyer < 0)),
        ("self-link", "are of firms that supply themselves", columns[0], lambda: supplier == buyer),
        ("no-number", "have a value that is no number", columns[2], lambda: ~np.isfinite(value)),
        ("not-positive", "have a value of 0 or less", columns[2], lambda: value <= 0),
    )
    counts: dict[str, int] = {}
    faults = []
    for code, words, column, holds in reasons:
        wrong = used & holds()
        if wrong.any():
            first = int(wrong.argmax())
            counts[code] = int(wrong.sum())
            name = rows.names[supplier[first]] if supplier[first] >= 0 else ""
            shown = name if column == columns[0] else str(value[first])
            message = f"{counts[code]} rows {words}, this is the first"
            faults.append(
                Fault(code, message, source, first + 2, column, shown, "They are left out.", warning=True)
            )
            used &= ~wrong
    return counts, faults, used


# --- tables that go with links -------------------------------------------------------------------


def read_by_firm(source: str | Path, column: str) -> Series:
    """Read an attribute of firms: a column of a CSV or Parquet file with a column ``firm``.

    Parameters
    ----------
    source
        The file.
    column
        What is read: ``industry``, ``market`` (text), ``revenue``, ``costs``, ``weight`` (numbers).

    Returns
    -------
    pandas.Series
        By firm, named by text: cells as they stand in the file; a blank one is missing.

    Raises
    ------
    DataError
        The file cannot be read, or lacks a column.
    """
    table = _table(source, ("firm", column))
    values = table[column].replace("", None)
    if column in {"industry", "market"}:
        values = values.astype(str).where(values.notna())
    return pd.Series(values.to_numpy(), pd.Index(table["firm"].astype(str), name="firm"), name=column)


def read_essential(source: str | Path) -> pd.DataFrame:
    """Read what is essential to whom: a CSV or Parquet file, products by row, buyers by column.

    Parameters
    ----------
    source
        The file. Its first column names the industries.

    Returns
    -------
    pandas.DataFrame
        2 essential, 1 not, 0 negligible: see :func:`chainnet.systemic_risk`.

    Raises
    ------
    DataError
        The file cannot be read.
    """
    table = _table(source, None)
    codes = table.set_index(table.columns[0])
    codes.index = codes.index.astype(str)
    codes.columns = codes.columns.astype(str)
    return codes


def _table(source: str | Path, columns: Sequence[str] | None) -> pd.DataFrame:
    path = _file(source)
    with _telling(str(path)):
        if path.suffix.lower() in _PARQUET:
            table: pd.DataFrame = _arrow(path, None, (), columns).to_pandas()
            return table
        return _csv(path, columns)
