"""The kernels of graph measures: who lies between, who is near, who is behind whom.

A graph is two arrays: those whom node i supplies are ``ends[starts[i]:starts[i + 1]]``. Nothing is
checked here. :mod:`chainnet.graphmeasures` cuts the work into parts that run side by side; a part's
numbers are the same, to the last bit, whatever runs beside it.
"""

from __future__ import annotations

import numba as nb
import numpy as np

#: Sources that are searched from at once are the bits of so many words: a line of a cache.
WORDS = 8
#: How many sources or targets that is.
BITS = 64 * WORDS


@nb.njit(cache=True, nogil=True)
def passing(starts, ends, pivots, total, square):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Add, for each pivot, to how many nodes the shortest ways from it lead through each node.

    Where there are several ways, each counts in part (Brandes 2001); ``square`` adds the squares.
    """
    n = starts.shape[0] - 1
    steps = np.full(n, -1, np.int32)
    ways, part, queue = np.zeros(n), np.zeros(n), np.empty(n, np.int32)
    for pivot in pivots:
        queue[0], steps[pivot], ways[pivot] = pivot, 0, 1.0
        head, found = 0, 1
        while head < found:
            v = queue[head]
            head += 1
            for e in range(starts[v], starts[v + 1]):
                w = ends[e]
                if steps[w] < 0:
                    steps[w] = steps[v] + 1
                    queue[found] = w
                    found += 1
                if steps[w] == steps[v] + 1:
                    ways[w] += ways[v]
        for k in range(found - 1, 0, -1):
            v = queue[k]
            behind = 0.0
            for e in range(starts[v], starts[v + 1]):
                if steps[ends[e]] == steps[v] + 1:
                    behind += part[ends[e]]
            through = ways[v] * behind
            total[v] += through
            square[v] += through * through
            part[v] = (1.0 + through) / ways[v]
        for k in range(found):
            steps[queue[k]], ways[queue[k]] = -1, 0.0


@nb.njit(cache=True, nogil=True)
def _ones(word):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Count the bits that are set; compilers make one instruction of it."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    pairs = np.uint64(0x3333333333333333)
    word = (word & pairs) + ((word >> np.uint64(2)) & pairs)
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@nb.njit(cache=True, nogil=True)
def nearness(starts, ends, first, last, result):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, C901
    """Add, for each node, over the sources ``first`` to ``last`` that lead to it.

    Their number, their steps and 1 / steps. Many sources are searched from at once, each a bit (Then et
    al. 2014, doi:10.14778/2735496.2735507).
    """
    count, far, near = result
    n = starts.shape[0] - 1
    seen, front = np.zeros((n, WORDS), np.uint64), np.zeros((n, WORDS), np.uint64)
    coming = np.zeros((n, WORDS), np.uint64)
    active, touched, marked = np.empty(n, np.int32), np.empty(n, np.int32), np.zeros(n, np.bool_)
    for base in range(first, last, BITS):
        seen[:] = 0
        number = min(BITS, last - base)
        for k in range(number):
            bit = np.uint64(1) << np.uint64(k % 64)
            active[k] = base + k
            seen[base + k, k // 64] = bit
            front[base + k, k // 64] = bit
        steps = 0
        while number > 0:
            steps += 1
            reached = 0
            for k in range(number):
                v = active[k]
                for e in range(starts[v], starts[v + 1]):
                    w = ends[e]
                    for b in range(WORDS):
                        coming[w, b] |= front[v, b]
                    if not marked[w]:
                        marked[w] = True
                        touched[reached] = w
                        reached += 1
                front[v] = 0
            number = 0
            for k in range(reached):
                w = touched[k]
                marked[w] = False
                new = 0
                for b in range(WORDS):
                    bits = coming[w, b] & ~seen[w, b]
                    coming[w, b] = 0
                    front[w, b] = bits
                    seen[w, b] |= bits
                    new += _ones(bits)
                if new > 0:
                    active[number] = w
                    number += 1
                    count[w] += new
                    far[w] += new * steps
                    near[w] += new / steps


@nb.njit(cache=True, nogil=True)
def led_to(starts, ends, given):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Tell which nodes some given ones lead to; these themselves belong to them."""
    found = np.zeros(starts.shape[0] - 1, np.bool_)
    queue = np.empty(starts.shape[0] - 1, np.int32)
    known = 0
    for v in given:
        if not found[v]:
            found[v], queue[known] = True, v
            known += 1
    head = 0
    while head < known:
        v = queue[head]
        head += 1
        for e in range(starts[v], starts[v + 1]):
            w = ends[e]
            if not found[w]:
                found[w], queue[known] = True, w
                known += 1
    return found


@nb.njit(cache=True, nogil=True)
def downstream_order(starts, ends):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Return the nodes of a graph without circles in an order in which suppliers come first."""
    n = starts.shape[0] - 1
    waits, order = np.zeros(n, np.int32), np.empty(n, np.int32)
    for e in range(ends.shape[0]):
        waits[ends[e]] += 1
    known = 0
    for v in range(n):
        if waits[v] == 0:
            order[known] = v
            known += 1
    head = 0
    while head < known:
        v = order[head]
        head += 1
        for e in range(starts[v], starts[v + 1]):
            waits[ends[e]] -= 1
            if waits[ends[e]] == 0:
                order[known] = ends[e]
                known += 1
    return order


@nb.njit(cache=True, nogil=True)
def substituted(starts, ends, part, right):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Solve x = right + part @ x, the last node first, without what leads to a lower number."""
    x = np.empty(right.shape[0])
    for v in range(right.shape[0] - 1, -1, -1):
        known, own = right[v], 0.0
        for e in range(starts[v], starts[v + 1]):
            if ends[e] > v:
                known += part[e] * x[ends[e]]
            elif ends[e] == v:
                own = part[e]
        x[v] = known / (1.0 - own)
    return x


@nb.njit(cache=True, nogil=True)
def reached(starts, ends, size, targets, count):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, C901, PLR0912
    """Add to each node the sizes of those targets that it leads to, itself left out.

    Links lead from lower to higher numbers, and targets are sorted. Each target of a block is a bit;
    nodes take the bits of those that they supply, the last node first.
    """
    n = starts.shape[0] - 1
    bits, some = np.zeros((n, WORDS), np.uint64), np.zeros(n, np.bool_)
    many = np.zeros(WORDS, np.uint64)
    for base in range(0, targets.shape[0], BITS):
        block = targets[base : base + BITS]
        some[:] = False
        many[:] = 0
        for k in range(block.shape[0]):
            if size[block[k]] > 1:
                many[k // 64] |= np.uint64(1) << np.uint64(k % 64)
        last = block.shape[0] - 1
        for v in range(block[last], -1, -1):
            for e in range(starts[v], starts[v + 1]):
                w = ends[e]
                if not some[w]:
                    continue
                if some[v]:
                    for b in range(WORDS):
                        bits[v, b] |= bits[w, b]
                else:
                    some[v] = True
                    bits[v] = bits[w]
            if some[v]:
                for b in range(WORDS):
                    count[v] += _ones(bits[v, b])
                    rest = bits[v, b] & many[b]
                    k = 64 * b
                    while rest != 0:
                        if rest & np.uint64(1):
                            count[v] += size[block[k]] - 1
                        rest >>= np.uint64(1)
                        k += 1
            if last >= 0 and block[last] == v:
                if not some[v]:
                    some[v] = True
                    bits[v] = 0
                bits[v, last // 64] |= np.uint64(1) << np.uint64(last % 64)
                last -= 1


@nb.njit(cache=True, nogil=True)
def _numbered(starts, ends, sources):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Give the nodes numbers as a search into the depth meets them, 0 to the root that feeds the sources."""
    n = starts.shape[0] - 1
    number, node = np.zeros(n, np.int32), np.empty(n + 1, np.int32)
    parent, position = np.zeros(n + 1, np.int32), np.empty(n, np.int32)
    path = np.empty(n, np.int32)
    known = 0
    for source in sources:
        if number[source] > 0:
            continue
        depth, path[0] = 0, source
        known += 1
        number[source], node[known], position[source] = known, source, starts[source]
        while depth >= 0:
            v = path[depth]
            e = position[v]
            if e == starts[v + 1]:
                depth -= 1
                continue
            position[v] = e + 1
            w = ends[e]
            if number[w] == 0:
                known += 1
                number[w], node[known], position[w] = known, w, starts[w]
                parent[known] = number[v]
                depth += 1
                path[depth] = w
    return number, node, parent, known


@nb.njit(cache=True, nogil=True)
def _least(link, label, semi, v, last, path):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Return the node of least semidominator above v among those after ``last``; shorten the way there."""
    depth = 0
    while link[v] > last:
        path[depth] = v
        depth += 1
        v = link[v]
    # Here v is the highest of them; from there down, each learns what its ancestors know.
    root = link[v]
    for k in range(depth - 1, -1, -1):
        u = path[k]
        if semi[label[v]] < semi[label[u]]:
            label[u] = label[v]
        link[u] = root
        v = u
    return label[v]


@nb.njit(cache=True, nogil=True)
def dominating(out, into, sources):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Return, for each node, how many others lie behind it alone, seen from a root that feeds the sources.

    Semidominators by path compression (Lengauer & Tarjan 1979), and from these the dominators by walking
    up (Georgiadis, Tarjan & Werneck 2006): nearly linear, where an iteration to a fixed point takes the
    cube on long chains.
    """
    starts, ends = out
    before, supplier = into
    number, node, parent, known = _numbered(starts, ends, sources)
    fed = np.zeros(starts.shape[0] - 1, np.bool_)
    for source in sources:
        fed[source] = True
    semi, label = np.empty(known + 1, np.int32), np.empty(known + 1, np.int32)
    for i in range(known + 1):
        semi[i] = label[i] = i
    link, path = parent[: known + 1].copy(), np.empty(known + 1, np.int32)
    for i in range(known, 0, -1):
        best = 0 if fed[node[i]] else parent[i]
        for e in range(before[node[i]], before[node[i] + 1]):
            v = number[supplier[e]]
            if v > i:
                v = semi[_least(link, label, semi, v, i, path)]
            best = min(best, v)
        semi[i] = best
    above = parent[: known + 1].copy()
    for i in range(1, known + 1):
        while above[i] > semi[i]:
            above[i] = above[above[i]]
    behind, result = np.zeros(known + 1, np.int64), np.zeros(starts.shape[0] - 1, np.int64)
    for i in range(known, 0, -1):
        behind[above[i]] += behind[i] + 1
        result[node[i]] = behind[i]
    return result
