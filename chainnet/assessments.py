"""Blocks of scenarios of a compiled link table, assessed on all cores.

A table is compiled once (:func:`chainnet.riskarrays.compiled`), and any block of closures or shocks
can then be assessed by itself, here or in another process: what comes out for a scenario is the same,
to the last bit, whatever else is in its block.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from chainnet.kernels import BoolArray, FloatArray, IntArray
from chainnet.parallel import in_parallel

if TYPE_CHECKING:
    from chainnet.riskkernel import Ids, LinkTable, Losses

Rule = Literal["absolute", "relative"]
EmptyMarket = Literal["gone", "published"]

#: Scenarios that run side by side, the most numbers of one array of theirs (0.5 GB), and how many arrays.
_LANES, _LANES_SIZE, _ARRAYS = 64, 64_000_000, 4
#: Losses take no more than this part of the memory, on all cores together.
_MEMORY = 1 / 2
#: Scenarios of one piece of work.
_BLOCK = 2048
#: A scenario runs by itself while a round takes no more than this part of all links.
_NEAR = 1 / 8


class Stop(NamedTuple):
    """When a cascade is stopped, and what an empty market counts for: see :func:`chainnet.systemic_risk`."""

    eps: float = 1e-2
    rule: Rule = "absolute"
    empty_market: EmptyMarket = "gone"
    max_rounds: int = 10_000


class Assessed(NamedTuple):
    """By scenario: the index, its two directions, the rounds, and whether it settled within them."""

    esri: FloatArray
    downstream: FloatArray
    upstream: FloatArray
    rounds: IntArray
    settled: BoolArray

    @classmethod
    def joined(cls, parts: Sequence[Assessed]) -> Assessed:
        """Return the scenarios of several."""
        return cls(
            np.concatenate([part.esri for part in parts]),
            np.concatenate([part.downstream for part in parts]),
            np.concatenate([part.upstream for part in parts]),
            np.concatenate([part.rounds for part in parts]),
            np.concatenate([part.settled for part in parts]),
        )

    def of(self, at: IntArray) -> Assessed:
        """Return some of the scenarios."""
        return Assessed(
            self.esri[at], self.downstream[at], self.upstream[at], self.rounds[at], self.settled[at]
        )


def closures(at: IntArray | Ids) -> Losses:
    """Return the scenarios in which one firm each, given by its place, closes."""
    from chainnet.riskkernel import Losses

    whole = np.ones(len(at))
    return Losses(np.arange(len(at) + 1), at.astype(np.int32), whole, whole)


def losses_of(down: FloatArray, up: FloatArray) -> Losses:
    """Return the scenarios that take these shares, (scenarios, n), of output and of demand."""
    from chainnet.riskkernel import Losses

    scenario, firm = np.nonzero((down > 0) | (up > 0))
    start = np.searchsorted(scenario, np.arange(len(down) + 1))
    return Losses(start.astype(np.int64), firm.astype(np.int32), down[scenario, firm], up[scenario, firm])


def chosen_losses(losses: Losses, at: IntArray) -> Losses:
    """Return some of the scenarios."""
    size = losses.start[at + 1] - losses.start[at]
    start = np.append(0, np.cumsum(size))
    entry = np.arange(start[-1]) + np.repeat(losses.start[at] - start[:-1], size)
    return type(losses)(start, losses.firm[entry], losses.down[entry], losses.up[entry])


def assess(table: LinkTable, losses: Losses, stop: Stop, *, cores: int | None = None) -> Assessed:
    """Compute the index of each scenario.

    What comes out for a scenario is the same, to the last bit, in whatever block it is assessed,
    and however many cores there are.

    Parameters
    ----------
    table
        The compiled links: ``compiled(…).table``.
    losses
        The scenarios, such as ``closures(places)``.
    stop
        When to stop.
    cores
        How many threads to use; None is one for each core.

    Returns
    -------
    Assessed
        By scenario; where it had not settled after the most rounds, as it stood then.
    """
    from chainnet.riskkernel import Rules, run_cascades

    count = len(losses.start) - 1
    empty = np.inf if stop.empty_market == "gone" else 1.0
    rules = Rules(stop.rule == "relative", stop.eps, stop.max_rounds, empty)
    block = max(1, min(_BLOCK, -(-count // (cores or os.cpu_count() or 1))))
    size = min(_LANES_SIZE, int(_MEMORY * _memory()) // (8 * _ARRAYS * (os.cpu_count() or 1)))
    lanes = max(1, min(_LANES, block, size // len(table.sales) // 8 * 8))
    links = len(table.supplier) + len(table.customer)
    # As of a mapped file, or sent from elsewhere: the kernel is compiled for arrays like these alone.
    fixed = type(table)(*(_read_only(array) for array in table))
    most = int(min(_NEAR * links, links))

    def run(begin: int) -> tuple[FloatArray, BoolArray]:
        some = chosen_losses(losses, np.arange(begin, min(begin + block, count)))
        found: tuple[FloatArray, BoolArray] = run_cascades(
            fixed, some, rules, np.zeros((_ARRAYS, len(table.sales), lanes)), most
        )
        return found

    begins = range(0, count, block)
    parts = list(map(run, begins) if cores == 1 else in_parallel(run, begins, cores))
    index = np.concatenate([np.zeros((4, 0)), *(part for part, _ in parts)], axis=1)
    settled = np.concatenate([np.ones(0, dtype=np.bool_), *(done for _, done in parts)])
    return Assessed(index[0], index[1], index[2], index[3].astype(np.int64), settled)


def _memory() -> int:
    """Return the memory of this machine in bytes; 8 GB where it does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 8 * 2**30


def _read_only(array: Any) -> Any:  # noqa: ANN401 - an array of any type
    view = array.view()
    view.flags.writeable = False
    return view


#: Assesses scenarios, given by number, up to a stop: here, or in a store and on other machines.
Assessing = Callable[[IntArray, Stop], Assessed]


def riskiest(bound: FloatArray, top: int, stop: Stop, run: Assessing) -> tuple[IntArray, Assessed, int]:
    """Find the closures of the largest index without assessing all of them.

    Parameters
    ----------
    bound
        What the index of each does not exceed: see :func:`chainnet.riskbounds.most_lost`.
    top
        How many to find.
    stop
        When to stop.
    run
        Assesses some of them.

    Returns
    -------
    places : numpy.ndarray
        Which they are, the largest first.
    found : Assessed
        What is known of them.
    closed : int
        How many were assessed. What was not settled among them comes first.
    """
    order = np.argsort(-bound, kind="stable")
    parts, closed, least = [run(order[:0], stop)], 0, -np.inf
    while closed < len(order) and top > 0 and bound[order[closed]] >= least:
        # The more the fewer: a block keeps the lanes busy, and little is closed in vain.
        some = order[closed : closed + max(top, _LANES, closed // 4)]
        parts.append(run(some, stop))
        closed += len(some)
        known = Assessed.joined(parts).esri
        least = -np.inf if closed < top else np.partition(known, -top)[-top]
    every = Assessed.joined(parts)
    chosen = np.lexsort((order[:closed], -every.esri, every.settled))[:top]
    return order[chosen], every.of(chosen), closed
