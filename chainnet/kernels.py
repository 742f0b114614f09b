"""The arithmetic of a cascade: numbers in, numbers out.

One economy is a set of flat arrays (:class:`Links`). Two steps make up the structural what-if of a
graph: what share of an input is lost (:func:`lost_shares`), and what output that leaves
(:func:`downstream`). Lost demand runs through the same steps with the roles of supplier and buyer
exchanged (:func:`orders`). :mod:`chainnet.riskkernel` runs the same two steps for the systemic risk
of a link table, for many closures at once.

After Diem, Borsos, Reisch, Kertész & Thurner 2022, doi:10.1038/s41598-022-11522-z.

Arrays of nodes have shape (n,), or (n, B) for B scenarios at once; those of edges (m,) or (m, B),
those of groups (G,) or (G, B). A scenario's numbers are the same, to the last bit, whatever else is
in its batch. Nothing is checked here: callers hand over capacities in [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chainnet.errors import ConvergenceError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

#: Replaceability of each edge's supplier, given the present output.
Replaceability = Callable[[FloatArray], FloatArray]


class Links(NamedTuple):
    """One compiled economy: edges sorted by group, groups sorted by buyer.

    Parameters
    ----------
    n
        How many nodes.
    supplier
        (m,) the node that supplies each edge.
    weight
        (m,) its share of the buyer's purchases of the group's product, in [0, 1]. What no edge
        of a group covers is nobody's in particular, and never lost.
    group_start
        (G + 1,) the edges of group g are ``group_start[g]:group_start[g + 1]``, at least one.
    group_buyer
        (G,) the node that buys.
    group_critical
        (G,) True: of these only the scarcest counts. False, *important*: they count together.
    group_impact
        (G,) output lost when an important input is wholly gone; 1, and not used, for a critical one.
    compound
        How important losses count together. False: they add up, as published, where the impacts of a
        node are parts of one whole. True: each takes its part of what the others leave.
    """

    n: int
    supplier: IntArray
    weight: FloatArray
    group_start: IntArray
    group_buyer: IntArray
    group_critical: BoolArray
    group_impact: FloatArray
    compound: bool = False


def lost_shares(
    links: Links, h: FloatArray, passes: FloatArray | None = None, sigma: FloatArray | None = None
) -> FloatArray:
    """Return the share of each group's input that does not arrive.

    The share of group g that is lost is the sum over its edges of
    weight × sigma × (1 − passes × h of the supplier).

    Parameters
    ----------
    links
        The economy.
    h
        (n,) or (n, B) output of each node, in [0, 1].
    passes
        (m,) or (m, B) share of each flow that is let through; None is all of it.
    sigma
        (m,) or (m, B) part of each edge's loss that nobody else makes up for; None is all of it.

    Returns
    -------
    numpy.ndarray
        (G,) or (G, B) lost shares.

    Examples
    --------
    A buyer (node 2) has 60 % of its only input from node 0 and the rest from node 1.

    >>> import numpy as np
    >>> links = Links(3, np.array([0, 1]), np.array([0.6, 0.4]), np.array([0, 2]),
    ...               np.array([2]), np.array([True]), np.array([1.0]))
    >>> lost_shares(links, np.array([0.5, 1.0, 1.0])).tolist()
    [0.3]
    """
    # Transposed, a scenario's numbers lie side by side, which is where numpy adds fast; a
    # transposed vector is itself, so one scenario and many take the same path, and the same bits.
    arriving = h.T.take(links.supplier, axis=-1)
    if passes is not None:
        arriving = arriving * passes.T
    lost = (1.0 - arriving) * links.weight
    if sigma is not None:
        lost = lost * sigma.T
    shares: FloatArray = np.add.reduceat(lost, links.group_start[:-1], axis=-1)
    return shares.T


def downstream(links: Links, lost: FloatArray, psi: FloatArray) -> FloatArray:
    """Return the output that lost inputs leave.

    A node's output is bounded by its capacity, by what its scarcest critical input leaves, and by
    what its important inputs leave together: 1 less the sum of impact × lost share, or the product
    of 1 less each where they compound.

    Parameters
    ----------
    links
        The economy.
    lost
        (G,) or (G, B) lost share of each group's input.
    psi
        (n,) or (n, B) capacity of each node, in [0, 1].

    Returns
    -------
    numpy.ndarray
        (n,) or (n, B) output of each node, in [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> links = Links(3, np.array([0, 1]), np.ones(2), np.array([0, 1, 2]),
    ...               np.array([2, 2]), np.array([True, False]), np.array([1.0, 0.5]))
    >>> downstream(links, np.array([0.25, 1.0]), np.ones(3)).tolist()
    [1.0, 1.0, 0.5]
    """
    first = np.flatnonzero(np.diff(links.group_buyer, prepend=-1))
    buyer = links.group_buyer[first]
    each = lost.T
    scarcest = np.maximum.reduceat(np.where(links.group_critical, each, 0.0), first, axis=-1)
    harm = np.where(links.group_critical, 0.0, links.group_impact * each)
    if links.compound:
        together = 1.0 - np.multiply.reduceat(1.0 - harm, first, axis=-1)
    else:
        together = np.add.reduceat(harm, first, axis=-1)
    h = np.array(np.broadcast_to(psi.T, (*each.shape[:-1], links.n)))
    left = np.minimum(h[..., buyer], 1.0 - np.maximum(scarcest, together))
    h[..., buyer] = np.maximum(0.0, left)
    return h.T


def settle(
    links: Links,
    psi: FloatArray,
    *,
    passes: FloatArray | None = None,
    sigma: Replaceability | None = None,
    tol: float = 1e-6,
    max_rounds: int = 10_000,
) -> tuple[FloatArray, int | IntArray]:
    """Let lost inputs run downstream until output settles.

    Every node starts at its capacity; each round computes all outputs from those of the round
    before. Without ``sigma`` no output ever rises, and so the cascade must come to rest.

    Parameters
    ----------
    links
        The economy.
    psi
        (n,) or (n, B) capacity that remains of each node, in [0, 1].
    passes
        (m,) or (m, B) share of each flow that is let through; None is all of it.
    sigma
        Given the present output, in the shape of what is returned, the part of each edge's loss that
        nobody makes up for, (m,) or (m, B); asked each round. None: nobody ever steps in.
    tol
        A scenario has settled once no output moves by more than this in a round. Where a cycle
        loses nothing on its way round, a loss creeps, and stops creeping only when its steps
        are this small: what is left to lose may be many times ``tol``.
    max_rounds
        Give up after this many rounds.

    Returns
    -------
    h : numpy.ndarray
        Output, in the shape of ``psi``; (n, B) also where only ``passes`` has B scenarios.
    rounds : int or numpy.ndarray
        Rounds until each scenario settled: an int for (n,), an array (B,) for (n, B).

    Raises
    ------
    ConvergenceError
        Some scenario still moved after ``max_rounds``.

    Examples
    --------
    A line: node 0 supplies node 1, which supplies node 2.

    >>> import numpy as np
    >>> links = Links(3, np.array([0, 1]), np.ones(2), np.array([0, 1, 2]),
    ...               np.array([1, 2]), np.array([True, True]), np.ones(2))
    >>> h, rounds = settle(links, np.array([0.5, 1.0, 1.0]))
    >>> h.tolist(), rounds
    ([0.5, 0.5, 0.5], 3)
    """
    one = psi.ndim == 1 and (passes is None or passes.ndim == 1)
    many = psi if psi.ndim == 2 or passes is None else passes
    width = 1 if one else many.shape[1]
    capacity = np.broadcast_to(psi.T, (width, links.n))
    h = np.array(capacity, dtype=np.float64)
    rounds = np.zeros(width, dtype=np.int64)
    moving = np.arange(width)
    for round_ in range(1, max_rounds + 1):
        stand_in = None if sigma is None else sigma(h[0] if one else h.T)
        lost = lost_shares(links, h[moving].T, _columns(passes, moving), _columns(stand_in, moving))
        new = downstream(links, lost, capacity[moving].T).T
        # Written so that a NaN never counts as settled.
        still = ~(np.abs(new - h[moving]).max(axis=-1, initial=0.0) <= tol)
        h[moving], rounds[moving] = new, round_
        moving = moving[still]
        if not moving.size:
            return (h[0], int(rounds[0])) if one else (h.T, rounds)
    raise ConvergenceError(
        f"{moving.size} of {width} scenarios still moved by more than {tol:g} a round after "
        f"{max_rounds} rounds. Raise tol or max_rounds"
    )


def _columns(values: FloatArray | None, kept: IntArray) -> FloatArray | None:
    """Scenarios that are kept; what has no scenarios holds for all."""
    return values if values is None or values.ndim == 1 else values[:, kept]


def orders(n: int, supplier: IntArray, buyer: IntArray, share: FloatArray) -> tuple[Links, IntArray]:
    """Exchange the roles of supplier and buyer: who loses sales when a customer stops.

    A seller's sales are one important input of impact 1, "supplied" by its customers; so
    :func:`lost_shares` and :func:`downstream` compute lost demand, too.

    Parameters
    ----------
    n
        How many nodes.
    supplier, buyer
        (m,) the two ends of each edge, in any order.
    share
        (m,) share of the supplier's sales that go through the edge, in [0, 1].

    Returns
    -------
    links : Links
        The economy of orders.
    order : numpy.ndarray
        (m,) which of the given edges stands where in it.

    Examples
    --------
    >>> import numpy as np
    >>> links, order = orders(3, np.array([1, 0]), np.array([2, 2]), np.array([0.25, 1.0]))
    >>> order.tolist(), links.supplier.tolist(), links.group_buyer.tolist(), links.weight.tolist()
    ([1, 0], [2, 2], [0, 1], [1.0, 0.25])
    """
    order = np.lexsort((buyer, supplier)).astype(np.int64)
    seller = supplier[order]
    first = np.flatnonzero(np.diff(seller, prepend=-1))
    groups = len(first)
    links = Links(
        n=n,
        supplier=buyer[order],
        weight=share[order],
        group_start=np.append(first, len(seller)).astype(np.int64),
        group_buyer=seller[first],
        group_critical=np.zeros(groups, dtype=np.bool_),
        group_impact=np.ones(groups),
    )
    return links, order


def upstream(
    links: Links,
    share: FloatArray,
    psi: FloatArray,
    *,
    passes: FloatArray | None = None,
    tol: float = 1e-6,
    max_rounds: int = 10_000,
) -> tuple[FloatArray, int | IntArray]:
    """Let lost demand run upstream until output settles.

    A node's output is bounded by its capacity and by 1 less the sum, over its customers, of
    share × (1 − passes × output of the customer). Sales that go through no edge are never lost.

    Parameters
    ----------
    links
        The economy.
    share
        (m,) share of the supplier's sales that go through each edge of ``links``, in [0, 1].
    psi
        (n,) or (n, B) capacity that remains of each node, in [0, 1].
    passes
        (m,) or (m, B) share of each flow that is let through; None is all of it.
    tol, max_rounds
        As for :func:`settle`.

    Returns
    -------
    h : numpy.ndarray
        Output, in the shape of ``psi``.
    rounds : int or numpy.ndarray
        As for :func:`settle`.

    Raises
    ------
    ConvergenceError
        Some scenario still moved after ``max_rounds``.

    Examples
    --------
    Node 0 sells 80 % of its output to node 1, which closes.

    >>> import numpy as np
    >>> links = Links(2, np.array([0]), np.ones(1), np.array([0, 1]),
    ...               np.array([1]), np.array([True]), np.ones(1))
    >>> h, rounds = upstream(links, np.array([0.8]), np.array([1.0, 0.0]))
    >>> h.round(12).tolist(), rounds
    ([0.2, 0.0], 2)
    """
    buyer = np.repeat(links.group_buyer, np.diff(links.group_start))
    turned, order = orders(links.n, links.supplier, buyer, share)
    through = None if passes is None else passes[order]
    return settle(turned, psi, passes=through, tol=tol, max_rounds=max_rounds)
