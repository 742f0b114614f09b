"""Progress of long work: a bar on stderr, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Timer
from typing import TypeVar

import click

from chainnet.parallel import WATCH

_T = TypeVar("_T")
#: Work that takes less, in seconds, shows no bar.
_SOON = 2.0
#: What is read from its cache is there by then, in seconds.
_COMPILING = 4.0
_KERNELS = {"chainnet.daykernel": "run_lanes", "chainnet.riskkernel": "run_cascades"}


def tracked(items: Iterable[_T], total: int, *, words: str) -> Iterator[_T]:
    """Hand on items, and show how many of them are done once it takes long, how fast, and how long yet.

    Parameters
    ----------
    items
        The items; one counts as done when the next is asked for.
    total
        How many there are; 0 where nobody knows.
    words
        What is done, such as ``Comparing``.

    Yields
    ------
    object
        The items.
    """
    if total == 1 or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        *Progress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(words, total=total or None, rate="")
    start = Timer(_SOON, bar.start)
    start.daemon = True
    start.start()
    try:
        for item in items:
            yield item
            speed = bar.tasks[0].speed
            bar.update(task, advance=1, rate=f"{speed:,.0f}/s" if speed else "")
    finally:
        start.cancel()
        start.join()
        bar.stop()


@contextmanager
def watched(words: str) -> Iterator[None]:
    """Show how far the library is with what it does on all cores.

    Parameters
    ----------
    words
        What is done, such as ``Drawing``.
    """
    token = WATCH.set(partial(tracked, words=words))
    try:
        yield
    finally:
        WATCH.reset(token)


@contextmanager
def told_of_compiling() -> Iterator[None]:
    """Say on a terminal why nothing happens while a model is compiled, which is once after installing it."""
    if not sys.stderr.isatty():
        yield
        return
    timer = Timer(_COMPILING, _tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _tell() -> None:
    kernels = [getattr(sys.modules[name], kernel) for name, kernel in _KERNELS.items() if name in sys.modules]
    if any(not kernel.signatures for kernel in kernels):
        click.echo("Compiling the model: half a minute or so, once after chainnet is installed.", err=True)
