"""Files that a command reads: of this machine, or fetched once where ``--allow-network`` says so."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from chainnet.addresses import POSTGRES, is_address, refuse_address

if TYPE_CHECKING:
    from chainnet.fetching import Fetched

#: A file that is no table of millions of rows: what the readers of graphs and archives take.
_MOST = 64 * 2**20
_META = "chainnet.fetched"


class Source(click.ParamType):  # type: ignore[type-arg]  # click 8.1 has no arguments for it
    """An argument that names a file: an address is refused, or fetched.

    Parameters
    ----------
    most
        How many bytes are fetched at most.
    servers
        Whether the command itself asks a server of a database.
    path
        What is asked of a path.
    """

    name = "file"

    def __init__(self, *, most: int = _MOST, servers: bool = False, path: click.Path | None = None) -> None:
        self.most, self.servers, self.path = most, servers, path

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401, as in click
        """Return a path, or the address of a server."""
        if ctx is not None and ctx.resilient_parsing:  # a shell asks how the line may go on
            return value
        if is_address(value):
            if not network_allowed():
                refuse_address(value)
            if self.servers and value.startswith(POSTGRES):
                return value
            value = str(_here(value, self.most))
        return self.path.convert(value, param, ctx) if self.path else value


def network_allowed() -> bool:
    """Tell whether the command line allows the network."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and bool(ctx.find_root().params.get("allow_network"))


def fetched_files(ctx: click.Context) -> tuple[Fetched, ...]:
    """Return what was fetched for a command, in the order in which it was named."""
    return tuple(ctx.meta.get(_META, {}).values())


def told_of(text: str) -> str:
    """Return a message that names addresses, where it named the files to which they were fetched."""
    ctx = click.get_current_context(silent=True)
    for file in () if ctx is None else fetched_files(ctx):
        text = text.replace(str(file.path), file.address)
    return text


def _here(address: str, most: int) -> Path:
    """Fetch a file to a folder that goes when the command ends; the same address once."""
    from chainnet.fetching import fetched

    ctx = click.get_current_context()
    known: dict[str, Fetched] = ctx.meta.setdefault(_META, {})
    if address not in known:
        folder = ctx.find_root().with_resource(TemporaryDirectory(prefix="chainnet-"))
        known[address] = fetched(address, Path(folder), most=most)
    return known[address].path
