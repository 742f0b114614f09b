"""Link tables from a PostgreSQL server: one query, in a transaction that can only read.

The driver is ADBC's (``adbc-driver-postgresql``, Apache-2.0, Apache Arrow): rows come as Arrow, like
those of a Parquet file. DuckDB's own extension for PostgreSQL is fetched when it is first used, and so
is not used here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from chainnet.addresses import without_secrets
from chainnet.errors import DataError, Fault

_SECONDS = 10
_HIDDEN = "it does not say why without the password: look at the address, the user and the password"


def ask_postgres(address: str, query: str, parameters: Sequence[object]) -> Any:  # noqa: ANN401, pyarrow bears no types
    """Ask a query of a PostgreSQL server.

    Parameters
    ----------
    address
        ``postgresql://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE``, as libpq reads it. Better than in the
        address the password stands in ``PGPASSWORD`` or in libpq's password file.
    query
        One SELECT.
    parameters
        Values for its ``$1``, ``$2`` …

    Returns
    -------
    pyarrow.Table
        What it answers; types that Arrow does not have (``numeric``) are text.

    Raises
    ------
    DataError
        The server cannot be reached, or the query fails.

    Examples
    --------
    >>> ask_postgres("postgresql://127.0.0.1:1/none", "select 1", ())
    Traceback (most recent call last):
    chainnet.errors.DataError: 1 fault:
      postgresql://127.0.0.1:1/none: [no-answer] ... Connection refused...
    """
    import pyarrow as pa
    from adbc_driver_postgresql import dbapi

    soon = (
        "" if "connect_timeout=" in address else f"{'&' if '?' in address else '?'}connect_timeout={_SECONDS}"
    )
    with (
        _telling(address, dbapi.Error),
        dbapi.connect(address + soon) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("set transaction read only")
        cursor.execute(query, list(parameters) or None)
        table = cursor.fetch_arrow_table()
    for at, kind in enumerate(table.schema.types):
        if isinstance(kind, pa.BaseExtensionType):
            table = table.set_column(at, table.column_names[at], table.column(at).cast(kind.storage_type))
    return table


@contextmanager
def _telling(address: str, kind: type[Exception]) -> Iterator[None]:
    """Tell what the server says as a fault, without the password."""
    try:
        yield
    except kind as error:
        first = str(error).strip().splitlines()[0]
        said = _HIDDEN if any(secret in first for secret in _secrets(address)) else first
        remedy = "Is the server there, and does the query run in psql?"
        raise DataError(
            [Fault("no-answer", f"PostgreSQL says: {said}", without_secrets(address), remedy=remedy)]
        ) from None


def _secrets(address: str) -> set[str]:
    """Return what may be a password in an address, or a part of one that was not escaped."""
    rest = address.partition("://")[2]
    login = rest.rpartition("@")[0].partition(":")[2]
    values = [part.partition("=")[2] for part in rest.partition("?")[2].split("&")]
    parts = [login, *re.split(r"[@:/]", login), *values]
    return {spelled for part in parts for spelled in (part, unquote(part))} - {""}
