"""What commands share that run many cases: who works, and what is kept when they are stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from chainnet.studies import Engine

Kind = Literal["threads", "processes", "dask"]


def with_engine(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options ``--store``, ``--engine`` and ``--scheduler``.

    Parameters
    ----------
    command
        The command.

    Returns
    -------
    callable
        The command with the options.
    """
    options = (
        click.option("--store", metavar="FILE", help="Keep results here (SQLite), and go on from it."),
        click.option(
            "--engine",
            type=click.Choice(["threads", "processes", "dask"]),
            default="threads",
            help="Who works.",
        ),
        click.option(
            "--scheduler", metavar="ADDRESS", help="A Dask cluster that runs, such as tls://10.0.0.1:8786."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@contextmanager
def opened_engine(kind: Kind, scheduler: str | None) -> Iterator[Engine]:
    """Open what works: a cluster where one is asked for.

    Parameters
    ----------
    kind, scheduler
        As the options have them.

    Yields
    ------
    object
        An engine for the library.
    """
    if scheduler is None and kind != "dask":
        yield kind
        return
    from chainnet.clusters import cluster

    with cluster(scheduler) as client:
        yield client


@contextmanager
def telling_what_is_kept(store: str | None, asked: str) -> Iterator[None]:
    """When the run is interrupted, say on stderr what of it is kept.

    Parameters
    ----------
    store
        The store's file, if there is one.
    asked
        What was asked for, in words.
    """
    try:
        yield
    except KeyboardInterrupt:
        from chainnet.stores import count

        if store is None or not Path(store).exists():
            click.echo("Nothing is kept; with --store FILE what is done would be.", err=True)
        else:
            told = f"{count(store)} results are kept in {store} ({asked})."
            click.echo(f"{told} The same command goes on from there.", err=True)
        raise
