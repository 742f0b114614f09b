"""Completion in the shell: the command that sets it up, and the names of nodes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import click
from click.shell_completion import CompletionItem, get_completion_class

from chainnet.bundled import graphs_folder
from chainnet.commands._output import command
from chainnet.errors import ChainnetError

_HOW = {
    "bash": 'eval "$(chainnet completion bash)"   in ~/.bashrc',
    "zsh": 'eval "$(chainnet completion zsh)"   in ~/.zshrc',
    "fish": "chainnet completion fish | source   in ~/.config/fish/config.fish",
}
#: A folder may be anybody's: files larger than this are not read for a list of names.
_MOST_BYTES = 5_000_000


@command("completion bash", "completion fish")
@click.argument("shell", type=click.Choice(list(_HOW)))
def completion(shell: Literal["bash", "zsh", "fish"]) -> None:
    """Print what makes the shell complete commands, options and the names of firms and products."""
    made = get_completion_class(shell)
    if made is None:  # click knows all of _HOW
        raise ChainnetError(f"click knows no completion for {shell}.")
    root = click.get_current_context().find_root().command
    click.echo(made(root, {}, "chainnet", "_CHAINNET_COMPLETE").source())
    click.echo(f"To have it in every shell: {_HOW[shell]}", err=True)


def nodes(ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the name of a firm or product: by its id, or by a name in any language.

    Parameters
    ----------
    ctx
        Of the command line as far as it is written.
    begun
        What is written of the name.

    Returns
    -------
    list of CompletionItem
        Ids, with names as help; a name that was begun in another script is completed as that name.
    """
    start = begun.casefold()
    found = []
    for key, names in _named(ctx.find_root().params.get("graph") or "japan-korea"):
        told = next((name for name in (key, *names) if name.casefold().startswith(start)), None)
        if told is not None:
            found.append(CompletionItem(key if told.isascii() else told, help=names[0] if names else ""))
    return found


def _named(graph: str) -> Iterator[tuple[str, list[str]]]:
    """Read ids and names straight from the tables: a shell does not wait for a check of the graph."""
    folder = Path(graph) if Path(graph).is_dir() else graphs_folder() / Path(graph).name
    for table, key in (("firms", "firm"), ("products", "product")):
        path = folder / f"{table}.csv"
        if path.is_file() and path.stat().st_size <= _MOST_BYTES:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                for row in csv.DictReader(file):
                    yield row.get(key) or "", [row[n] for n in ("name", "name_ja", "name_ko") if row.get(n)]
