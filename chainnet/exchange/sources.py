"""Bytes from outside: local files, folders and ZIP archives, within caps.

A path is a path, never an address. An archive is never unpacked to the disk; its members are read
one by one, and a member that would grow beyond the caps stops the reading, not the machine.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import NoReturn

from chainnet.addresses import is_address, refuse_address
from chainnet.errors import DataError, Fault

#: No file from outside is larger, and no archive grows larger.
MAX_BYTES = 64 * 2**20
#: Text shrinks to a tenth at best; what grows more is a bomb.
MAX_RATIO = 200
_MAX_MEMBERS = 1_000
_CHUNK = 1 << 20
_ARCHIVES = (".zip", ".gz", ".bz2", ".xz", ".tar", ".tgz", ".7z", ".zst")
#: What zipfile raises when it reads what is no archive.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
)
_REFUSED = {
    ".pickle": "A pickle runs code when it is opened",
    ".pkl": "A pickle runs code when it is opened",
    ".yaml": "YAML reads NO as false and grows by aliases",
    ".yml": "YAML reads NO as false and grows by aliases",
}


def refuse(code: str, message: str, file: str, remedy: str) -> NoReturn:
    """Raise the error of a file that cannot be used.

    Parameters
    ----------
    code, message, file, remedy
        As for :class:`chainnet.errors.Fault`.
    """
    raise DataError([Fault(code, message, file, remedy=remedy)])


def local(path: str | Path) -> Path:
    """Return a path that lies on this machine and can be read safely.

    Parameters
    ----------
    path
        A file or folder.

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    DataError
        An address, a pickle, YAML, or nothing there.

    Examples
    --------
    >>> local("https://example.org/graph.graphml")
    Traceback (most recent call last):
    chainnet.errors.DataError: 1 fault:
      https://example.org/graph.graphml: [network] is an address, not a file. ...
    """
    text = str(path)
    if is_address(text):
        refuse_address(text)
    if "\0" in text:
        refuse("nul-byte", "holds a NUL byte", text.replace("\0", "?"), "Give the path of a file.")
    why = _REFUSED.get(Path(text).suffix.lower())
    if why:
        refuse("refused-format", "is of a format that is never read", text, f"{why}: save it as CSV or JSON.")
    found = Path(text)
    if not found.exists():
        refuse("no-file", "does not exist", text, "Give the path of a file or folder.")
    return found


def read_file(path: str | Path) -> bytes:
    """Return the bytes of a local file within the cap of 64 MB.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    bytes
        Its content.

    Raises
    ------
    DataError
        It is none, too large, or cannot be read.
    """
    found = local(path)
    if not found.is_file():
        refuse("no-file", "is not a file", str(path), "Give the path of a file.")
    try:
        size = found.stat().st_size
        if size > MAX_BYTES:
            remedy = "Take the part of it that you need."
            refuse("too-large", f"has {size:,} bytes, more than {MAX_BYTES:,}", str(path), remedy)
        return found.read_bytes()
    except OSError as error:
        refuse("unreadable", f"cannot be read: {error.strerror}", str(path), "Look at its permissions.")


def read_members(path: str | Path, names: Iterable[str]) -> dict[str, bytes]:
    """Return files by name from a folder or a ZIP archive.

    Parameters
    ----------
    path
        A folder that holds the files, or an archive that holds them at any depth.
    names
        The files' names.

    Returns
    -------
    dict
        Bytes by name, of those that are there.

    Raises
    ------
    DataError
        Neither a folder nor an archive; an archive that holds another, leads out of itself,
        holds links, or grows beyond the caps.
    """
    found = local(path)
    if found.is_dir():
        return {name: read_file(found / name) for name in names if (found / name).exists()}
    read_file(found)  # within the cap, before it is opened
    try:
        with zipfile.ZipFile(found) as archive:
            return _members(archive, set(names), str(path))
    except DataError:
        raise
    except _BROKEN as error:
        refuse(
            "bad-archive", f"is no ZIP archive that can be read: {error}", str(path), "Unpack it yourself."
        )
    except OSError as error:
        refuse("unreadable", f"cannot be read: {error.strerror}", str(path), "Look at its permissions.")


def _members(archive: zipfile.ZipFile, names: set[str], file: str) -> dict[str, bytes]:
    infos = archive.infolist()
    if len(infos) > _MAX_MEMBERS:
        message = f"holds {len(infos):,} files, more than {_MAX_MEMBERS:,}"
        refuse("too-large", message, file, "Unpack what you need.")
    for info in infos:
        _check_member(info, file)
    result: dict[str, bytes] = {}
    left = MAX_BYTES
    for info in infos:
        name = PurePosixPath(info.filename).name
        if name not in names or info.is_dir():
            continue
        if name in result:
            refuse("duplicate-file", f"holds {name} twice", file, "Keep one of them.")
        result[name] = _inflated(archive, info, left, file)
        left -= len(result[name])
    return result


def _check_member(info: zipfile.ZipInfo, file: str) -> None:
    name = info.filename
    path = PurePosixPath(name.replace("\\", "/"))
    shown = f"{file}/{name}"
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        refuse("path-traversal", "leads out of the archive", shown, "Do not open archives of this origin.")
    if stat.S_ISLNK(info.external_attr >> 16):
        refuse("symlink", "is a link, not a file", shown, "Pack the file itself.")
    if path.suffix.lower() in _ARCHIVES:
        refuse("nested-archive", "is an archive inside an archive", shown, "Unpack it yourself.")


def _inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int, file: str) -> bytes:
    """Read a member piece by piece: what its header says of its size may be a lie."""
    most = min(left, max(_CHUNK, MAX_RATIO * info.compress_size))
    pieces: list[bytes] = []
    size = 0
    with archive.open(info) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            if size > most:
                message = f"grows to more than {most:,} bytes from {info.compress_size:,}"
                refuse("zip-bomb", message, f"{file}/{info.filename}", "Do not open it.")
            pieces.append(piece)
    return b"".join(pieces)
