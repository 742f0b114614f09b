"""Work on all cores, in order: the kernel of the day-by-day model runs outside Python's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def _unwatched(results: Iterator[_Out], _total: int) -> Iterator[_Out]:
    return results


#: Hands on results as they come, and may tell how many of all are there: a command shows a bar.
WATCH: ContextVar[Callable[[Iterator[Any], int], Iterator[Any]]] = ContextVar("WATCH", default=_unwatched)


def in_parallel(
    work: Callable[[_In], _Out], items: Iterable[_In], threads: int | None = None
) -> Iterator[_Out]:
    """Do one thing with each of some items, on as many threads as there are cores.

    Parameters
    ----------
    work
        What to do; it must not depend on what is done with the others.
    items
        The items.
    threads
        How many; None is one for each core.

    Yields
    ------
    object
        The results in the order of the items, whichever is ready first.

    Examples
    --------
    >>> list(in_parallel(abs, [-2, 1]))
    [2, 1]
    """
    every = list(items)
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        yield from WATCH.get()(pool.map(work, every), len(every))
