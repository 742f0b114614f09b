"""Files fetched from the network, once, where that is allowed.

Only ``https`` is fetched (and ``http`` of this machine itself), to a file, up to a size.
"""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.client import HTTPException, HTTPResponse
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, quote, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from chainnet._version import __version__
from chainnet.addresses import without_secrets
from chainnet.errors import DataError, Fault

_OWN = frozenset({"127.0.0.1", "::1", "localhost"})
_CHUNK = 1 << 20
_SECONDS = 30
_LONGEST_REASON = 200


class Fetched(NamedTuple):
    """A file that was fetched: where from (as it may be told), where to, and what it holds."""

    address: str
    path: Path
    sha256: str
    size: int


def fetched(address: str, folder: Path, *, most: int) -> Fetched:
    """Fetch a file.

    Parameters
    ----------
    address
        ``https://…``; of this machine itself ``http://127.0.0.1…`` as well.
    folder
        Where to put it; the last part of the address is the name.
    most
        How many bytes at most.

    Returns
    -------
    Fetched
        The file and its SHA-256.

    Raises
    ------
    DataError
        Another scheme, a user or password in the address, a redirection to anything but ``https``,
        more bytes than allowed, or whatever else goes wrong on the way.

    Examples
    --------
    >>> fetched("ftp://example.org/links.csv", Path(), most=1000)
    Traceback (most recent call last):
    chainnet.errors.DataError: 1 fault:
      ftp://example.org/links.csv: [network-scheme] is no https:// address. Download it first.
    """
    with _telling(address):
        parts = urlsplit(address)
        own = parts.scheme == "http" and parts.hostname in _OWN
        if parts.scheme != "https" and not own:
            _refuse("network-scheme", "is no https:// address", address, "Download it first.")
        if parts.username is not None or parts.password is not None:
            _refuse("network-login", "holds a user or a password", address, "Download it first.")
        path = folder / _name(parts)
        with _opened(parts, own=own) as response, path.open("wb") as file:
            size, digest = _copied(response, file, address, most)
    return Fetched(without_secrets(address), path, digest, size)


def _refuse(code: str, message: str, address: str, remedy: str) -> NoReturn:
    raise DataError([Fault(code, message, without_secrets(address), remedy=remedy)])


@contextmanager
def _telling(address: str) -> Iterator[None]:
    """Tell what goes wrong on the way as a fault of the address."""
    try:
        yield
    except DataError:
        raise
    except HTTPError as error:
        error.close()
        _failed(address, f"the server says {error.code} {error.reason}")
    except URLError as error:
        _failed(address, str(error.reason))
    except OSError as error:
        _failed(address, str(error) or type(error).__name__)
    except (HTTPException, ValueError) as error:  # what these say may quote the address
        _failed(address, type(error).__name__)


def _failed(address: str, why: str) -> NoReturn:
    shown = without_secrets(" ".join(why.split()))[:_LONGEST_REASON]
    _refuse("network-failed", f"cannot be fetched: {shown}", address, "Try again, or download it first.")


def _name(parts: SplitResult) -> str:
    """Return a name of letters that no file system minds; its ending says what the file is."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", PurePosixPath(parts.path).name)[-64:]
    return name.lstrip(".") or "download"


class _ToHttpsOnly(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme != "https":
            fp.close()
            message = f"leads to {without_secrets(newurl)}, which is no https:// address"
            _refuse("network-scheme", message, req.full_url, "Download it first.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _opened(parts: SplitResult, *, own: bool) -> HTTPResponse:
    opener = OpenerDirector()
    for handler in (
        ProxyHandler({} if own else None),
        HTTPHandler(),
        HTTPSHandler(context=ssl.create_default_context()),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
        _ToHttpsOnly(),
    ):
        opener.add_handler(handler)
    url = parts._replace(
        path=quote(parts.path, safe="/%:@!$&'()*+,;=~"), query=quote(parts.query, safe="=&%/?:@!$'()*+,;~")
    )
    headers = {"User-Agent": f"chainnet/{__version__}", "Accept-Encoding": "identity"}
    request = Request(url._replace(fragment="").geturl(), headers=headers)  # noqa: S310, looked at by fetched
    response: HTTPResponse = opener.open(request, timeout=_SECONDS)
    return response


def _copied(response: HTTPResponse, file: IO[bytes], address: str, most: int) -> tuple[int, str]:
    """Copy the answer to a file, piece by piece: what its header says of its size may be a lie."""
    told = response.headers.get("Content-Length", "")
    expected = int(told) if told.isascii() and told.isdigit() else None
    size = 0
    digest = hashlib.sha256()
    while size <= most and (expected is None or expected <= most) and (piece := response.read(_CHUNK)):
        size += len(piece)
        digest.update(piece)
        file.write(piece)
    if max(size, expected or 0) > most:
        _refuse("too-large", f"has more than {most:,} bytes", address, "Take the part of it that you need.")
    if expected is not None and size < expected:
        _failed(address, f"it ended after {size:,} of {expected:,} bytes")
    return size, digest.hexdigest()
