"""Closures of a compiled link table in blocks, kept in a store, on any engine: they may be killed and go on.

The table is compiled once, by who asks, and sent to each worker once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from chainnet.assessments import Assessed, Assessing, EmptyMarket, Stop, assess, closures
from chainnet.errors import ChainnetError
from chainnet.kernels import IntArray
from chainnet.riskarrays import Compiled
from chainnet.stores import opened
from chainnet.studies import Engine, Study, hired

if TYPE_CHECKING:
    from chainnet.riskkernel import LinkTable

#: Closures of a block, and links that it reads in a round. Large ones keep the kernel's lanes busy: with
#: 512 a closure takes up to a third longer than with 2048. Of large tables a block takes minutes.
_LEAST, _MOST, _WORK = 512, 2048, 1_000_000_000


class Economy(NamedTuple):
    """What all closures have in common: the compiled table, and what the cascades end with."""

    table: LinkTable
    empty_market: EmptyMarket
    max_rounds: int


@contextmanager
def sweeping(economy: Compiled, stop: Stop, store: str | Path | None, engine: Engine) -> Iterator[Assessing]:
    """Open a store and workers for closures of one table.

    A closure is known by its firm and by when its cascade is stopped, so that one store holds those of
    several stops.

    Parameters
    ----------
    economy
        The compiled table.
    stop
        Its ``empty_market`` and ``max_rounds`` are those of all closures.
    store, engine
        As for :func:`chainnet.systemic_risk`.

    Yields
    ------
    callable
        Assesses the closures of some firms, given by place, up to a stop.
    """
    context = Economy(economy.table, stop.empty_market, stop.max_rounds)
    options = {"empty_market": stop.empty_market, "max_rounds": str(stop.max_rounds)}
    block = max(_LEAST, min(_MOST, _WORK // (1 + len(economy.table.customer))))
    study = Study("systemic risk", _digest(economy), options, risks, context, block)
    with opened(store, study.identity) as kept, hired(study, engine) as (ask, room):

        def run(at: IntArray, stop: Stop) -> Assessed:
            before = kept.asked
            names = map(str, economy.firms[at])
            specs = (_spec(place, name, stop) for place, name in zip(at.tolist(), names, strict=True))
            # Few closures are cut finer, so that all workers have some.
            ask(specs, kept, total=len(at), block=max(1, min(block, -(-len(at) // room))))
            found = np.zeros((5, len(economy.firms)))
            for spec, row in kept.rows(before):
                if row.result is None:
                    raise ChainnetError(f"the closure {spec} failed: {row.error}")
                found[:, json.loads(spec)[0]] = row.result
            index = found[:, at]
            return Assessed(index[0], index[1], index[2], index[3].astype(np.int64), index[4] > 0)

        yield run


def _spec(place: int, name: str, stop: Stop) -> str:
    return json.dumps([place, name, stop.eps, stop.rule], ensure_ascii=False)


def risks(economy: Economy, specs: Sequence[str]) -> list[list[float]]:
    """Answer a block of closures on one core; a pure function, called by workers.

    Parameters
    ----------
    economy
        What all have in common.
    specs
        Closures as JSON: the firm's place and name, eps and rule of the stop.

    Returns
    -------
    list
        ``esri``, ``downstream``, ``upstream``, ``rounds`` of each, and 1 if it settled.
    """
    asked = [json.loads(spec) for spec in specs]
    found = np.zeros((len(asked), 5))
    for eps, rule in dict.fromkeys((eps, rule) for _, _, eps, rule in asked):
        some = [k for k, case in enumerate(asked) if case[2:] == [eps, rule]]
        at = np.array([asked[k][0] for k in some])
        stop = Stop(eps, rule, economy.empty_market, economy.max_rounds)
        found[some] = np.column_stack(assess(economy.table, closures(at), stop, cores=1))
    numbers: list[list[float]] = found.tolist()
    return numbers


def _digest(economy: Compiled) -> str:
    """SHA-256 of the compiled table and of the firms' names: the order of the links does not matter."""
    found = hashlib.sha256()
    arrays: dict[str, npt.NDArray[Any]] = economy.table._asdict()
    arrays["firms"] = pd.util.hash_array(economy.firms.astype(str).to_numpy(dtype=object))
    for name, array in arrays.items():
        found.update(f"{name} {array.dtype} {len(array)}\n".encode())
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()
