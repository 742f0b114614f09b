"""The manifest beside each result: from what, with what and how it was made."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click

from chainnet._version import __version__
from chainnet.addresses import POSTGRES, without_secrets
from chainnet.commands._sources import fetched_files

#: Libraries that a number may depend on.
_LIBRARIES = ("networkx", "numpy", "scipy", "pandas", "plotly", "numba")
_META = "chainnet.arguments"
#: What a manifest is called after the name of the result.
ENDING = ".manifest.json"


def remember(ctx: click.Context, arguments: list[str]) -> None:
    """Keep the words of the command line, for the manifest."""
    ctx.meta[_META] = arguments


def manifest(ctx: click.Context, path: Path, content: bytes) -> str:
    """Return the manifest of a result as JSON: the same inputs, the same bytes.

    Parameters
    ----------
    ctx
        Of the command that made it.
    path
        The result's file.
    content
        What is in it.

    Returns
    -------
    str
        Versions, the graph with its digest, the words of the command line with the options that were
        left to their defaults (the seed among them), SHA-256 of the files that were named or fetched, and of
        the result. An address has neither user nor password, nor the values of its query.
    """
    there = fetched_files(ctx)
    addresses = {str(file.path): file.address for file in there}
    arguments: list[str] = ctx.meta.get(_META, [])
    named = [word for word in arguments if Path(word).is_file() and Path(word).resolve() != path.resolve()]
    told = {
        "chainnet": __version__,
        "python": platform.python_version(),
        "libraries": {name: found for name in _LIBRARIES if (found := version_of(name))},
        "graph": _graph(ctx),
        "arguments": [without_secrets(word) for word in arguments],
        "options": {name: _plain(value, addresses) for name, value in sorted(ctx.params.items())},
        "inputs": [
            *({"file": word, "sha256": _digest(Path(word).read_bytes())} for word in named),
            *({"address": file.address, "sha256": file.sha256, "bytes": file.size} for file in there),
            *({"address": without_secrets(word)} for word in arguments if word.startswith(POSTGRES)),
        ],
        "result": {"file": path.name, "sha256": _digest(content)},
    }
    return json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _graph(ctx: click.Context) -> dict[str, str | None] | None:
    """Return the graph that was read; None where the command needed none."""
    request = ctx.obj
    network = vars(request).get("network") if request is not None else None
    if network is None:
        return None
    return {"name": network.name, "digest": network.digest, "without": request.without}


def version_of(name: str) -> str:
    """Return the version of an installed library; blank where it is not."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _plain(value: object, addresses: Mapping[str, str]) -> Any:  # noqa: ANN401, whatever an option may hold
    if isinstance(value, tuple | list):
        return [_plain(each, addresses) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return addresses.get(str(value)) or without_secrets(str(value))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
