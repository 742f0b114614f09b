"""A graph as arrays: who supplies whom, and by how much, for measures of millions of links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from chainnet.errors import DataError
from chainnet.kernels import FloatArray, IntArray
from chainnet.linktables import faults_of_cells, read_trades

#: scipy bears no types.
Sparse = Any
#: The neighbours of node i are ``ends[starts[i]:starts[i + 1]]``.
Neighbours = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]


@dataclass(frozen=True)
class Digraph:
    """A directed graph, compiled.

    Parameters
    ----------
    weights
        (n, n), a sparse array by rows: from the supplier (row) to the user (column). An edge of weight
        0 is an edge.
    """

    weights: Sparse

    @property
    def n(self) -> int:
        """How many nodes."""
        return int(self.weights.shape[0])

    @cached_property
    def backward(self) -> Sparse:
        """The same edges by user: from the user (row) to the supplier (column)."""
        return self.weights.T.tocsr()

    @property
    def users(self) -> Neighbours:
        """Whom each node supplies."""
        return _neighbours(self.weights)

    @property
    def suppliers(self) -> Neighbours:
        """Who supplies each node."""
        return _neighbours(self.backward)


def _neighbours(matrix: Sparse) -> Neighbours:
    return matrix.indptr.astype(np.int32, copy=False), matrix.indices.astype(np.int32, copy=False)


def digraph(supplier: IntArray, user: IntArray, weight: FloatArray, n: int) -> Digraph:
    """Compile edges between n nodes, given by number, each pair once, in any order."""
    from scipy.sparse import coo_array

    # By rows, and by columns within each: twice transposed is sorted.
    pairs = coo_array((weight, (supplier.astype(np.int32), user.astype(np.int32))), shape=(n, n))
    return Digraph(pairs.tocsc().tocsr())


def digraph_of_pairs(nodes: Sequence[str], weights: Mapping[tuple[str, str], float]) -> Digraph:
    """Compile the edges of a small graph, given by name."""
    number = {node: i for i, node in enumerate(nodes)}
    ends = np.array([(number[u], number[v]) for u, v in weights], dtype=np.int64).reshape(-1, 2)
    return digraph(ends[:, 0], ends[:, 1], np.fromiter(weights.values(), np.float64), len(number))


def digraph_of_links(
    links: pd.DataFrame, *, weighted: bool = True
) -> tuple[Digraph, pd.Index[Any], tuple[int, int]]:
    """Compile a link table.

    Parameters
    ----------
    links
        One row a purchase, with columns ``supplier``, ``buyer`` (firms) and ``value`` (0 or more, any
        unit). Rows of one pair are summed, and those of value 0 are no links.
    weighted
        Whether a link weighs its value, or 1.

    Returns
    -------
    tuple
        The graph; the firms, sorted, those too that have no link of value; how many rows were summed
        into others, and how many were of value 0.

    Raises
    ------
    DataError
        The table cannot be used; all faults are listed.
    """
    names = [name for name in ("supplier", "buyer") if name in links.columns]
    number, firms = _sorted(*pd.factorize(pd.concat([links[name] for name in names] or [pd.Series()])))
    # Read by number, since names have been looked up already; only faults are told by name.
    count = pd.RangeIndex(len(firms))
    numbered = links.assign(**{name: number[k * len(links) :][: len(links)] for k, name in enumerate(names)})
    trades, rows, faults = read_trades(numbered, count)
    if faults or trades is None:
        faults = [fault for fault in read_trades(links, firms)[2] if fault.code != "unknown-firm"]
        bare = links[names].isna().to_numpy()
        raise DataError(
            faults + faults_of_cells("links", links[names], bare, "no-name", "names no firm", "Give a name.")
        )
    weight = trades.value if weighted else np.ones_like(trades.value)
    return digraph(trades.supplier, trades.buyer, weight, len(firms)), firms, rows


def _sorted(number: IntArray, firms: pd.Index[Any]) -> tuple[IntArray, pd.Index[Any]]:
    """Give firms numbers in the order of their names; -1 is none."""
    names = firms.tolist()
    try:
        # Python compares texts faster than numpy does.
        order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
    except TypeError:
        order = np.array(sorted(range(len(names)), key=lambda i: str(names[i])), dtype=np.int64)
    rank = np.full(len(names) + 1, -1, dtype=np.int64)
    rank[order] = np.arange(len(names))
    # Names of a table that was read are categories, of which the result is none.
    return rank[number], pd.Index(np.asarray(firms)[order])
