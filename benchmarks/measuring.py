"""How it is measured: seconds of the processor, memory, in processes of their own; and blocks of a table."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

#: What stands for a number where a peer is not there.
MISSING, NONE = "not installed", "–"


class Row(NamedTuple):
    """A line of the table; one without a measured number is the head of a block."""

    what: str
    measured: str = ""
    goal: str = ""


class Plan(NamedTuple):
    """What is asked for.

    Parameters
    ----------
    sizes
        Numbers of firms.
    runs
        Of how many runs the shortest counts.
    quick
        Small sizes, to see that all of it runs.
    """

    sizes: tuple[int, ...]
    runs: int
    quick: bool = False


class Block(NamedTuple):
    """What is measured together, in a process of its own.

    Parameters
    ----------
    title
        The head of its lines.
    lines
        What is told, in the order of the table: words by key.
    work, arguments
        Returns what was measured, by key.
    goals
        By key.
    firms
        How many there are, where the block is one of several sizes.
    """

    title: str
    lines: Mapping[str, str]
    work: Callable[..., Mapping[str, str]]
    arguments: tuple[object, ...]
    goals: Mapping[str, str] = {}
    firms: int = 0


def measured(block: Block) -> Mapping[str, str]:
    """Return what a block measures, by key."""
    found = fresh(block.work, *block.arguments)
    if found.keys() != block.lines.keys():
        raise KeyError(f"{block.title}: {sorted(found.keys() ^ block.lines.keys())}")
    return found


def rows(block: Block, found: Mapping[str, str]) -> list[Row]:
    """Return the lines of a block."""
    told = (Row(words, found[key], block.goals.get(key, "")) for key, words in block.lines.items())
    return [Row(block.title), *told]


def fresh(work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Return what the work returns in a new process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments, **options).result()


def shortest(
    work: Callable[[], object], runs: int, *, clock: Callable[[], float] = time.process_time
) -> float:
    """Return the seconds, by the processor's clock or another, of the shortest of several runs."""
    times = []
    for _ in range(runs):
        start = clock()
        work()
        times.append(clock() - start)
    return min(times)


def peak() -> float:
    """Return the peak memory of this process in MB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (2**20 if sys.platform == "darwin" else 2**10)
