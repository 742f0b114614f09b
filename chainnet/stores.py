"""A store of cases that outlives the run that fills it: one SQLite file, one row a case.

Rows are written in small transactions (write-ahead log), so a run that is killed loses what it was
at, and no more. Cases are told apart by a hash of their input and of the study that they belong to
(data, options, version of the code): a store of another study is refused, and never written to.
Several runs may fill one store at once; each takes first what no other has taken.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from chainnet.errors import ChainnetError, DataError, Fault

#: What SQLite's header says of the file: a store of chainnet ("CHNT"), and the layout of its tables.
_APPLICATION, _FORMAT = 0x43484E54, 1
#: Seconds to wait for another run that writes at this moment.
_PATIENCE = 30.0
_TABLES = """
CREATE TABLE study (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE cases (key TEXT PRIMARY KEY, spec TEXT NOT NULL, result TEXT, error TEXT, traceback TEXT);
CREATE TABLE claims (key TEXT PRIMARY KEY, owner TEXT NOT NULL);
"""


class Case(NamedTuple):
    """One case to run: its key, and its input as text."""

    key: str
    spec: str


class Row(NamedTuple):
    """What became of a case: numbers, or an error and where it came from."""

    result: tuple[float | None, ...] | None
    error: str = ""
    traceback: str = ""


class Store:
    """An open store; see :func:`opened`.

    Parameters
    ----------
    connection
        The database.
    identity
        The study: its data, version and options by name.
    """

    def __init__(self, connection: sqlite3.Connection, identity: Mapping[str, str]) -> None:
        self._connection = connection
        self._owner = uuid4().hex
        self._study = hashlib.sha256(json.dumps(dict(sorted(identity.items()))).encode()).hexdigest()
        # What this run was asked, in its order; kept by SQLite, which moves it to disk when it grows.
        connection.execute(
            "CREATE TEMP TABLE asked (number INTEGER PRIMARY KEY, key TEXT NOT NULL, spec TEXT)"
        )
        connection.execute("CREATE INDEX temp.waiting ON asked (number) WHERE spec IS NOT NULL")
        self._asked = 0

    def ask(self, specs: Sequence[str]) -> list[Case]:
        """Note cases that are asked for, and return those that this run should do now.

        Done ones are left out, and those that another run is at: :meth:`left` returns them in the
        end. A case that failed in an earlier run is tried again.
        """
        cases = [Case(self._key(spec), spec) for spec in specs]
        with self._writing():
            mine = set(self._claim(cases))
            done = self._done(cases)
            rows = []
            for case in cases:
                self._asked += 1
                waits = case.key not in mine and case.key not in done
                rows.append((self._asked, case.key, case.spec if waits else None))
            self._connection.executemany("INSERT INTO temp.asked VALUES (?, ?, ?)", rows)
        return [case for case in {case.key: case for case in cases}.values() if case.key in mine]

    def left(self, most: int) -> list[Case]:
        """Return cases that other runs took and have not finished; whoever is first has done them."""
        with self._writing():
            found = self._connection.execute(
                "SELECT number, key, spec FROM temp.asked WHERE spec IS NOT NULL ORDER BY number LIMIT ?",
                (most,),
            ).fetchall()
            numbers = [(number,) for number, _, _ in found]
            self._connection.executemany("UPDATE temp.asked SET spec = NULL WHERE number = ?", numbers)
            cases = [Case(key, spec) for _, key, spec in found]
            done = self._done(cases)
        return [case for case in {case.key: case for case in cases}.values() if case.key not in done]

    @property
    def waiting(self) -> bool:
        """Whether cases are left that other runs took."""
        query = "SELECT 1 FROM temp.asked WHERE spec IS NOT NULL LIMIT 1"
        return self._connection.execute(query).fetchone() is not None

    def keep(self, cases: Sequence[Case], rows: Sequence[Row]) -> None:
        """Write what became of some cases; a result replaces a failure, and nothing replaces a result."""
        values = [
            (
                case.key,
                case.spec,
                None if row.result is None else json.dumps(row.result, allow_nan=False),
                row.error or None,
                row.traceback or None,
            )
            for case, row in zip(cases, rows, strict=True)
        ]
        with self._writing():
            self._connection.executemany(
                "INSERT INTO cases VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE"
                " SET result = excluded.result, error = excluded.error, traceback = excluded.traceback"
                " WHERE cases.result IS NULL",
                values,
            )
            self._connection.executemany("DELETE FROM claims WHERE key = ?", [(case.key,) for case in cases])

    @property
    def asked(self) -> int:
        """How many cases were asked for so far."""
        return self._asked

    def rows(self, after: int = 0) -> Iterator[tuple[str, Row]]:
        """Return what was asked, in its order, with what became of it; what is not done is left out.

        Parameters
        ----------
        after
            Leave out so many that were asked for first: :attr:`asked` before the others were.
        """
        query = (
            "SELECT spec, result, error, traceback FROM (SELECT key, min(number) AS number FROM temp.asked"
            " WHERE number > ? GROUP BY key) JOIN cases USING (key) ORDER BY number"
        )
        for spec, result, error, traceback in self._connection.execute(query, (after,)):
            numbers = None if result is None else tuple(json.loads(result))
            yield spec, Row(numbers, error or "", traceback or "")

    def _key(self, spec: str) -> str:
        return hashlib.sha256(f"{self._study}\n{spec}".encode()).hexdigest()

    def _done(self, cases: Iterable[Case]) -> set[str]:
        """Return the keys of cases that have a result."""
        keys = [case.key for case in cases]
        marks = ",".join("?" * len(keys))
        query = f"SELECT key FROM cases WHERE result IS NOT NULL AND key IN ({marks})"  # noqa: S608, marks only
        return {key for (key,) in self._connection.execute(query, keys)}

    def _claim(self, cases: Iterable[Case]) -> list[str]:
        """Take the cases that are not done and that nobody has taken."""
        done = self._done(cases)
        mine = []
        for case in cases:
            if case.key in done:
                continue
            took = self._connection.execute(
                "INSERT OR IGNORE INTO claims VALUES (?, ?)", (case.key, self._owner)
            )
            if took.rowcount == 1:
                mine.append(case.key)
        return mine

    def release(self) -> None:
        """Give back what this run took and did not finish."""
        with self._writing():
            self._connection.execute("DELETE FROM claims WHERE owner = ?", (self._owner,))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with _transaction(self._connection):
            yield


def count(path: str | Path) -> int:
    """Return how many results a store holds.

    Parameters
    ----------
    path
        Its file.

    Returns
    -------
    int
        Cases that did not fail.
    """
    with closing(_connect(path)) as connection:
        (found,) = connection.execute("SELECT count(*) FROM cases WHERE result IS NOT NULL").fetchone()
    return int(found)


@contextmanager
def opened(path: str | Path | None, identity: Mapping[str, str]) -> Iterator[Store]:
    """Open a store, or make it.

    Parameters
    ----------
    path
        Its file; None is a temporary one, which is gone afterwards.
    identity
        The study: ``data``, ``version`` and whatever else tells it from others, by name.

    Yields
    ------
    Store
        The store.

    Raises
    ------
    DataError
        The file is no store, or one of another study: ``store-format``, ``store-data``, …; nothing is
        written.
    ChainnetError
        The file cannot be written, or the disk is full.

    Examples
    --------
    >>> with opened(None, {"data": "d", "version": "v"}) as store:
    ...     store.keep(store.ask(["one", "two"]), [Row((1.0,)), Row(None, "ValueError: no")])
    ...     [(spec, row.result, row.error) for spec, row in store.rows()]
    [('one', (1.0,), ''), ('two', None, 'ValueError: no')]
    """
    try:
        with closing(_connect(path)) as connection:
            if path is not None:
                _must_be_store(connection, str(path))
            _prepare(connection, identity, str(path))
            yield Store(connection, identity)
    except sqlite3.OperationalError as error:
        raise ChainnetError(f"cannot use the store {str(path)!r}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise DataError([_no_store(str(path), str(error))]) from error


def _connect(path: str | Path | None) -> sqlite3.Connection:
    return sqlite3.connect("" if path is None else path, timeout=_PATIENCE, isolation_level=None)


def _must_be_store(connection: sqlite3.Connection, path: str) -> None:
    """Refuse a file that holds something else, before anything is written to it."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (application, layout) == (_APPLICATION, _FORMAT) or (tables == 0 and application == 0):
        return
    words = f"its layout is number {layout}" if application == _APPLICATION else "another program's database"
    raise DataError([_no_store(path, words)])


def _no_store(path: str, why: str) -> Fault:
    remedy = "Give the name of a new file."
    return Fault("store-format", f"no store of this version of chainnet: {why}", path, remedy=remedy)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _prepare(connection: sqlite3.Connection, identity: Mapping[str, str], path: str) -> None:
    with _transaction(connection):
        fresh = connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        if fresh:
            for statement in _TABLES.strip().split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {_FORMAT}")
            connection.executemany("INSERT INTO study VALUES (?, ?)", sorted(identity.items()))
    known = dict(connection.execute("SELECT name, value FROM study"))
    differ = [name for name in sorted({*known, *identity}) if known.get(name) != identity.get(name)]
    if differ:
        raise DataError([_other(path, name, known.get(name, ""), identity.get(name, "")) for name in differ])
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = NORMAL")


def _other(path: str, name: str, stored: str, asked: str) -> Fault:
    message = f"made with another {name} than asked for now, {asked!r}"
    remedy = "Nothing was changed. Give another file, or go on with what it was made with."
    return Fault(f"store-{name}", message, path, None, name, stored, remedy)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log: while another run does so SQLite refuses at once, without waiting."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return
