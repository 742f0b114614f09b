"""Addresses where a path is expected, and what may be told of them.

What is told of an address has no user, no password and no values of its query: a key may stand there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NoReturn

from chainnet.errors import DataError, Fault

#: Servers of databases, which are asked and not fetched.
POSTGRES = ("postgresql://", "postgres://")
#: A table from outside has no more bytes: the yearly files of BACI have some 300 MB.
MOST_OF_A_TABLE = 4 * 2**30
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S*")
_DOWNLOAD = "Download it first, or let chainnet fetch it: --allow-network."


def is_address(source: str | Path) -> bool:
    """Tell whether an address stands where a path is expected.

    Parameters
    ----------
    source
        What was given.

    Returns
    -------
    bool
        True where it names a scheme.

    Examples
    --------
    >>> is_address("https://example.org/links.csv"), is_address("links.csv")
    (True, False)
    """
    return "://" in str(source)


def refuse_address(source: str | Path, what: str = "file", remedy: str = _DOWNLOAD) -> NoReturn:
    """Raise the error of an address where a path is expected.

    Parameters
    ----------
    source
        The address.
    what
        What is expected: a file, or a folder.
    remedy
        What to do.
    """
    raise DataError(
        [Fault("network", f"is an address, not a {what}", without_secrets(source), remedy=remedy)]
    )


def without_secrets(text: str | Path) -> str:
    """Return a text whose addresses have no user, no password and no values in their query.

    Parameters
    ----------
    text
        An address, or a text with addresses in it.

    Returns
    -------
    str
        What may be told and written down.

    Examples
    --------
    >>> without_secrets("postgresql://ana:hush@db.example.org/trade?sslmode=require")
    'postgresql://db.example.org/trade?sslmode=…'
    >>> without_secrets("links.csv")
    'links.csv'
    """
    return _ADDRESS.sub(lambda found: _plain(found[0]), str(text))


def _plain(address: str) -> str:
    scheme, _, rest = address.partition("://")
    # An @ in the path of a page is a letter like others; a password may hold any, if it was not escaped.
    place = rest.rpartition("@")[2] if address.startswith(POSTGRES) else rest
    place, mark, query = place.partition("#")[0].partition("?")
    authority, slash, path = place.partition("/")
    host = authority.rpartition("@")[2]
    if not re.fullmatch(r"(\[[0-9A-Fa-f:.]*\]|[^:]*)(:[0-9]*)?", host):
        host = "…"
    names = "&".join(f"{part.partition('=')[0]}=…" for part in query.split("&") if part)
    return f"{scheme}://{host}{slash}{path}{mark and '?'}{names}"
