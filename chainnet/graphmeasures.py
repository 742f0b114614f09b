"""Measures of a compiled graph: numbers by node, the same for a hundred nodes and for a million.

What each measure is, is told by :func:`chainnet.centralities.centrality`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from chainnet.digraphs import Digraph, Neighbours, Sparse
from chainnet.errors import ConvergenceError
from chainnet.kernels import BoolArray, FloatArray, IntArray
from chainnet.parallel import in_parallel

#: The usual chance, in PageRank, of going on to a next node rather than starting anew.
_DAMPING = 0.85
#: PageRank is done when all ranks together move by no more than this.
_STILL = 1e-12
#: In how many parts work is cut at most, however many cores there are: sums do not depend on these.
_PARTS = 16
#: So many searches times nodes are a part: less is done before another core has begun.
_PART = 2**22
#: Upstreamness may be off by this part of itself at most.
_EXACT = 1e-11
#: By more where it is so large that numbers are not exact enough; by more than this, it is none.
_ROUNDED = 1e-6


def pagerank(graph: Digraph) -> FloatArray:
    """Where goods gather that are followed from user to user at random."""
    return _walk(graph.weights, graph.backward)


def reverse_pagerank(graph: Digraph) -> FloatArray:
    """Where a walk from user to supplier leads."""
    return _walk(graph.backward, graph.weights)


def _walk(forward: Sparse, backward: Sparse) -> FloatArray:
    n = forward.shape[0]
    total = forward.sum(axis=1)
    per_weight = np.divide(1.0, total, out=np.zeros(n), where=total > 0)
    lost = total <= 0
    rank = np.full(n, 1 / n)
    moved = np.inf
    while moved > _STILL:
        # Who leads nowhere leads anywhere.
        start = (1 - _DAMPING + _DAMPING * rank[lost].sum()) / n
        new = start + _DAMPING * (backward @ (rank * per_weight))
        # Rounding must not add up.
        new /= new.sum()
        moved = float(np.abs(new - rank).sum())
        rank = new
    return rank


def upstreamness(graph: Digraph) -> FloatArray:
    """Mean steps to final use; NaN where goods may enter a circle that leads to none."""
    flows = _allocation(graph.weights)
    result = np.full(graph.n, np.nan)
    finite = ~_trapped(flows)
    if finite.any():
        inside = flows[finite][:, finite]
        total = inside.sum(axis=1)
        inside.data /= np.repeat(total, np.diff(inside.indptr))
        result[finite] = _steps(inside)
    return result


def _allocation(weights: Sparse) -> Sparse:
    """Flows out of each node; where all of its weights are 0, equal ones."""
    flows = weights.copy()
    none_known = weights.sum(axis=1) == 0
    flows.data[np.repeat(none_known, np.diff(weights.indptr))] = 1.0
    flows.eliminate_zeros()
    return flows


def _trapped(flows: Sparse) -> BoolArray:
    """Which nodes lead to a circle that nothing leaves."""
    from scipy.sparse.csgraph import connected_components

    from chainnet.graphkernel import led_to

    count, circle = connected_components(flows, connection="strong")
    supplier = np.repeat(np.arange(flows.shape[0]), np.diff(flows.indptr))
    left = np.zeros(count, dtype=np.bool_)
    left[circle[supplier[circle[supplier] != circle[flows.indices]]]] = True
    ends = np.diff(flows.indptr) == 0
    traps = np.flatnonzero(~left[circle] & ~ends)
    backward = Digraph(flows).suppliers
    trapped: BoolArray = led_to(*backward, traps)
    return trapped


def _steps(parts: Sparse) -> FloatArray:
    """Solve U = 1 + parts @ U."""
    from scipy.sparse.linalg import LinearOperator, bicgstab

    from chainnet.graphkernel import substituted

    n = parts.shape[0]
    order = _condensed(Digraph(parts)).order()
    parts = parts[order][:, order]

    def upper(right: FloatArray) -> FloatArray:
        # Users come after suppliers, but in circles: without these, this is the solution.
        found: FloatArray = substituted(*Digraph(parts).users, parts.data, right)
        return found

    system = LinearOperator((n, n), lambda x: x - parts @ x)
    guess = LinearOperator((n, n), upper)
    steps = upper(np.ones(n))
    for _ in range(5):
        rest = 1.0 - system @ steps
        # The steps are what the inverse makes of ones: no node is off by more than this part of itself.
        rounding = 8 * np.finfo(np.float64).eps * steps.max()
        if rounding <= _ROUNDED and np.abs(rest).max() <= max(_EXACT, rounding):
            result = np.empty(n)
            result[order] = steps
            return result
        steps = steps + bicgstab(system, rest, M=guess, rtol=1e-9, atol=0.0, maxiter=500)[0]
    raise ConvergenceError(
        "upstreamness does not settle: goods go round in circles that next to nothing leaves. "
        "Leave out upstreamness, or the links of no weight in these circles"
    )


class _Condensed(NamedTuple):
    """A graph with each circle as one node; links lead from lower to higher numbers."""

    circle: IntArray
    size: IntArray
    links: Neighbours

    def order(self) -> IntArray:
        """All nodes, suppliers before users, but in circles."""
        return np.argsort(self.circle, kind="stable")


def _condensed(graph: Digraph) -> _Condensed:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    from chainnet.graphkernel import downstream_order

    count, circle = connected_components(_drawn(graph.weights), connection="strong")
    supplier = circle[np.repeat(np.arange(graph.n), np.diff(graph.weights.indptr))]
    user = circle[graph.weights.indices]
    between = supplier != user
    ones = np.ones(int(between.sum()), dtype=np.bool_)

    def joined(number: IntArray) -> Digraph:
        ends = (number[supplier[between]], number[user[between]])
        return Digraph(coo_array((ones, ends), shape=(count, count)).tocsr())

    number = np.empty(count, dtype=np.int32)
    number[downstream_order(*joined(np.arange(count, dtype=np.int32)).users)] = np.arange(count)
    circle = number[circle]
    return _Condensed(circle, np.bincount(circle, minlength=count), joined(number).users)


def _drawn(weights: Sparse) -> Sparse:
    """Return the edges, those of weight 0 too, each of weight 1."""
    from scipy.sparse import csr_array

    return csr_array((np.ones(weights.nnz), weights.indices, weights.indptr), shape=weights.shape)


def _cut(work: IntArray, cost: int) -> list[IntArray]:
    """Cut pieces of work, each of a cost, into parts of some size; none where there is no work."""
    parts = min(_PARTS, len(work), 1 + len(work) * cost // _PART)
    return np.array_split(work, parts) if parts else []


def betweenness(graph: Digraph) -> FloatArray:
    """Part of the pairs of others between which a node lies."""
    return sampled_betweenness(graph, np.arange(graph.n))[0]


def sampled_betweenness(graph: Digraph, pivots: IntArray) -> tuple[FloatArray, FloatArray]:
    """Estimate the betweenness from the ways that begin at some nodes, and its standard error.

    Parameters
    ----------
    graph
        The graph.
    pivots
        Nodes drawn without replacement; all of them make it exact.

    Returns
    -------
    tuple of ndarray
        (n,) the estimate and its standard error, both without bias (the latter squared): pivots are a
        simple random sample, of whose mean the variance is estimated with the correction for a finite
        population.
    """
    from chainnet.graphkernel import passing

    n, k = graph.n, len(pivots)
    total, square = np.zeros(n), np.zeros(n)

    def part(some: IntArray) -> tuple[FloatArray, FloatArray]:
        sums = np.zeros(n), np.zeros(n)
        passing(*graph.users, some, *sums)
        return sums

    for found, squares in in_parallel(part, _cut(pivots, n)):
        total += found
        square += squares
    pairs = max(1, (n - 1) * (n - 2))
    mean = total / max(1, k)
    spread = np.maximum(0.0, square - k * mean**2) / max(1, k - 1)
    return mean * (n / pairs), np.sqrt(spread * (1 - k / max(1, n)) / max(1, k)) * (n / pairs)


def closeness(graph: Digraph) -> FloatArray:
    """Part of the others that leads here, over their mean steps."""
    count, far, _ = _nearness(graph)
    return np.divide(count * count, far * max(1, graph.n - 1), out=np.zeros(graph.n), where=far > 0)


def harmonic(graph: Digraph) -> FloatArray:
    """Sum of 1 / steps over all that lead here."""
    return _nearness(graph)[2]


def _nearness(graph: Digraph) -> tuple[FloatArray, FloatArray, FloatArray]:
    from chainnet.graphkernel import BITS, nearness

    n = graph.n

    def part(block: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        sums = np.zeros(n), np.zeros(n), np.zeros(n)
        nearness(*graph.users, block[0], min(n, block[-1] + BITS), sums)
        return sums

    result = [np.zeros(n), np.zeros(n), np.zeros(n)]
    for sums in in_parallel(part, _cut(np.arange(0, n, BITS), BITS * n)):
        for k, found in enumerate(sums):
            result[k] += found
    return result[0], result[1], result[2]


def reach(graph: Digraph) -> IntArray:
    """How many others a node leads to."""
    from chainnet.graphkernel import BITS, reached

    whole = _condensed(graph)
    targets = np.unique(whole.links[1])
    count = whole.size - 1

    def part(block: IntArray) -> IntArray:
        found = np.zeros_like(count)
        reached(*whole.links, whole.size, targets[block[0] : block[-1] + BITS], found)
        return found

    for found in in_parallel(part, _cut(np.arange(0, len(targets), BITS), BITS * len(count))):
        count = count + found
    return count[whole.circle]


def dominated(graph: Digraph) -> IntArray:
    """How many others goods reach through a node alone."""
    from chainnet.graphkernel import dominating

    whole = _condensed(graph)
    fed = np.zeros(len(whole.size), dtype=np.bool_)
    fed[whole.links[1]] = True
    result: IntArray = dominating(graph.users, graph.suppliers, np.flatnonzero(~fed[whole.circle]))
    return result


def weak_component(graph: Digraph) -> IntArray:
    """How many nodes hang together with a node, itself counted."""
    return _sizes(graph, "weak")


def strong_component(graph: Digraph) -> IntArray:
    """How many nodes a node goes round with in circles, itself counted."""
    return _sizes(graph, "strong")


def _sizes(graph: Digraph, connection: str) -> IntArray:
    from scipy.sparse.csgraph import connected_components

    _, label = connected_components(_drawn(graph.weights), connection=connection)
    sizes: IntArray = np.bincount(label)[label]
    return sizes


def in_strength(graph: Digraph) -> FloatArray:
    """Weights of what is bought."""
    return np.asarray(graph.weights.sum(axis=0), dtype=np.float64)


def out_strength(graph: Digraph) -> FloatArray:
    """Weights of what is supplied."""
    return np.asarray(graph.weights.sum(axis=1), dtype=np.float64)


def in_degree(graph: Digraph) -> FloatArray:
    """How many supply a node."""
    return _counts(graph.backward)


def out_degree(graph: Digraph) -> FloatArray:
    """How many a node supplies."""
    return _counts(graph.weights)


def _counts(matrix: Sparse) -> FloatArray:
    counts: FloatArray = np.diff(matrix.indptr).astype(np.float64)
    return counts


#: Every measure that is made for graphs of any size, by its name.
MEASURES: dict[str, Callable[[Digraph], FloatArray | IntArray]] = {
    "betweenness": betweenness,
    "pagerank": pagerank,
    "reverse_pagerank": reverse_pagerank,
    "upstreamness": upstreamness,
    "in_degree": in_degree,
    "out_degree": out_degree,
    "in_strength": in_strength,
    "out_strength": out_strength,
    "closeness": closeness,
    "harmonic": harmonic,
    "reach": reach,
    "dominated": dominated,
    "weak_component": weak_component,
    "strong_component": strong_component,
}
