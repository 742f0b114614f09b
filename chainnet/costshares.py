"""What part of a plant's cost is spent on each input: the table of a graph, and what fills its gaps.

The nearest row counts: of the product before that of its family and its class, and within these of
the input before that of its family and its class. A row of a family or class is the total of all
inputs of it that have no nearer row, which divide it evenly. Inputs without any row divide
:data:`REST` of what the rows leave. Even splits and :data:`REST` are assumed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from chainnet.network import SupplyNetwork
from chainnet.tables import records


@dataclass(frozen=True)
class CostShare:
    """The part of the cost of making a product that is spent on an input.

    Parameters
    ----------
    share, low, high
        Share of the cost, and its range.
    assumed
        Whether it rests on an assumption.
    """

    share: float
    low: float
    high: float
    assumed: bool


#: What inputs without a row cost together, as a share of what the rows leave.
REST = CostShare(0.1, 0.02, 0.3, assumed=True)
#: Inputs are never all of the cost: some value is added.
_MOST = 0.95

_Key = tuple[str, str]
_Rows = Mapping[_Key, CostShare]


def cost_shares(network: SupplyNetwork, product: str, slots: Sequence[tuple[str, ...]]) -> list[CostShare]:
    """Return what the inputs of a plant cost.

    Parameters
    ----------
    network
        The network.
    product
        What the plant makes.
    slots
        The inputs that it needs; those that replace each other stand together and count as one.

    Returns
    -------
    list of CostShare
        One a slot. Together they stay below the whole cost: shares above that are scaled down, and
        ranges are narrowed towards their shares.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> wafer, resist = cost_shares(net, "dram", [("silicon_wafer_300",), ("photoresist_arf",)])
    >>> wafer.share > resist.share
    True
    """
    rows, levels = _table(network)
    keys = [_nearest(rows, levels, product, inputs) for inputs in slots]
    counts = Counter(keys)
    left = max(0.0, 1 - sum(rows[key].share for key in counts if key is not None))
    rest = CostShare(REST.share * left, REST.low * left, REST.high * left, assumed=True)
    found = []
    for key in keys:
        total, n = (rest, counts[None]) if key is None else (rows[key], counts[key])
        found.append(CostShare(total.share / n, total.low / n, total.high / n, total.assumed or n > 1))
    return _within_the_whole(found)


@lru_cache(maxsize=8)
def _table(network: SupplyNetwork) -> tuple[_Rows, Mapping[str, tuple[str, ...]]]:
    rows = {
        (row["product"], row["input"]): CostShare(
            row["share"], row["low"], row["high"], assumed=row["status"] == "assumed"
        )
        for row in records(network.cost_shares)
    }
    return rows, {row["product"]: _levels(row) for row in records(network.products)}


def _levels(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(level for level in (row["product"], row["family"], row["class"]) if level)


def _nearest(
    rows: _Rows, levels: Mapping[str, tuple[str, ...]], product: str, inputs: Sequence[str]
) -> _Key | None:
    for made in levels[product]:
        for used in inputs:
            for level in levels[used]:
                if (made, level) in rows:
                    return made, level
    return None


def _within_the_whole(found: Sequence[CostShare]) -> list[CostShare]:
    total = sum(part.share for part in found)
    if total > _MOST:
        scale = _MOST / total
        found = [
            replace(part, share=part.share * scale, low=part.low * scale, high=part.high * scale)
            for part in found
        ]
        total = _MOST
    most = sum(part.high for part in found)
    if most <= _MOST:
        return list(found)
    narrow = (_MOST - total) / (most - total)
    return [replace(part, high=part.share + (part.high - part.share) * narrow) for part in found]
