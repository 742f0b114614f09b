"""Arrays with a lane for each scenario of systemic risk, as many as there are.

A firm's numbers in all lanes lie next to each other, (n, lanes), so that a link is read once for all of
them, and what is fetched is used whole. Sums go over links in their order and never over lanes: a
lane's numbers are the same, to the last bit, however many there are. Nothing is checked here.
"""

from __future__ import annotations

import numba as nb

from chainnet.lanes import fetch_line

#: Links ahead of the one at work whose rows are fetched, and numbers of a line of the cache.
_AHEAD, _LINE = 8, 8


@nb.njit(cache=True, nogil=True)
def gather(out, x, of, weight, begin, end):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, C901
    """Write Σ weight × x over some links, lane by lane, four links at a time."""
    lanes = out.shape[0]
    for k in range(begin + _AHEAD, min(end + _AHEAD, of.shape[0])):
        row = of[k]
        for b in range(0, lanes, _LINE):
            fetch_line(x, row, b)
    e = begin
    left = (end - begin) % 4
    if left == 0:
        for b in range(lanes):
            out[b] = 0.0
    elif left == 1:
        w0, x0 = weight[e], x[of[e]]
        for b in range(lanes):
            out[b] = w0 * x0[b]
    elif left == 2:
        w0, x0, w1, x1 = weight[e], x[of[e]], weight[e + 1], x[of[e + 1]]
        for b in range(lanes):
            out[b] = w0 * x0[b] + w1 * x1[b]
    else:
        w0, x0, w1, x1 = weight[e], x[of[e]], weight[e + 1], x[of[e + 1]]
        w2, x2 = weight[e + 2], x[of[e + 2]]
        for b in range(lanes):
            out[b] = w0 * x0[b] + w1 * x1[b] + w2 * x2[b]
    e += left
    while e < end:
        w0, x0, w1, x1 = weight[e], x[of[e]], weight[e + 1], x[of[e + 1]]
        w2, x2, w3, x3 = weight[e + 2], x[of[e + 2]], weight[e + 3], x[of[e + 3]]
        for b in range(lanes):
            out[b] = out[b] + w0 * x0[b] + w1 * x1[b] + w2 * x2[b] + w3 * x3[b]
        e += 4


@nb.njit(cache=True, nogil=True)
def narrowed(array, kept, lanes):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Move some lanes of an array to its front, in place; return it with so many lanes, the others 0."""
    n, before = array.shape
    flat = array.reshape(n * before)
    for i in range(n):
        for b in range(kept.shape[0]):
            flat[i * lanes + b] = flat[i * before + kept[b]]
        for b in range(kept.shape[0], lanes):
            flat[i * lanes + b] = 0.0
    return flat[: n * lanes].reshape(n, lanes)
