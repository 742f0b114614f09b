"""Centrality: which firms and products stand where in the graph.

A centrality is a reading of the drawn graph, not a forecast: who loses what when something stops
is answered by :func:`chainnet.disrupt` and :func:`chainnet.exposure`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Literal

import networkx as nx
import numpy as np
import pandas as pd

from chainnet.digraphs import Digraph, digraph_of_links, digraph_of_pairs
from chainnet.errors import UsageError
from chainnet.graphmeasures import MEASURES as OF_ANY_SIZE
from chainnet.graphmeasures import sampled_betweenness
from chainnet.kernels import FloatArray, IntArray
from chainnet.markets import markets
from chainnet.network import SupplyNetwork

View = Literal["firm", "product", "full"]

#: Katz: what a chain counts less for each step, where cycles allow it.
_ATTENUATION = 0.5
#: Singular values this near to each other, relatively, are equal.
_TIED = 1e-9


def centrality(
    network: SupplyNetwork | pd.DataFrame,
    *,
    measures: Iterable[str] | None = ("betweenness", "pagerank"),
    on: View = "full",
    weighted: bool = True,
    samples: int | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Measure the place of each firm and product in the graph, or of each firm of a link table.

    Edges lead from the supplier to the user. Parallel edges count as one. On the full graph a
    firm leads to what it makes, and a product to the firms that need it: a step from firm to firm
    is two edges there.

    Parameters
    ----------
    network
        The network; or a link table: one row a purchase, with columns ``supplier``, ``buyer`` (firms)
        and ``value`` (0 or more, any unit). Its rows of one pair are summed, rows of value 0 are no
        links, and a firm that supplies itself is a fault.
    measures
        Any of the names below, in the order of the columns; None is all of them.
    on
        The graph: ``full`` (firms and products), ``firm`` (makers of an input to the firms that
        need it) or ``product`` (inputs to what is made of them); see
        :meth:`SupplyNetwork.projection`.
    weighted
        Whether edges weigh differently. A firm's edges weigh its share of the world's output of
        what it supplies, as :mod:`chainnet.markets` has it: published, else assumed. A product's
        edges weigh, on the full graph, the user's share of the world's output of what it makes of
        it; on the product graph, the number of firms that make it. A link weighs its value.
    samples
        From how many nodes, drawn at random, the ways of ``betweenness`` begin; None is from each,
        whose time grows with the square of the graph: from some 50,000 links on, draw.
    seed
        Which nodes are drawn.

    Returns
    -------
    DataFrame
        One row a node, isolated ones too, highest in the first measure first: ``node, kind,
        name`` and a column a measure. ``attrs`` says on which ``graph``, whether ``weighted``,
        and how many of the firms' shares are ``assumed_shares``, that is, not published. Of a link
        table there are ``node`` and the measures, and ``attrs`` counts ``summed_rows``, which went into
        others, and ``zero_rows``, of value 0.

        Places and steps; weights play no part:

        - ``betweenness``: how often it lies on the shortest way from one node to another, as a
          fraction of the pairs of others: a broker through whom much must pass. A share is no
          distance, so ways are counted in steps. From ``samples`` it is an estimate without bias, and
          ``betweenness_error`` its standard error, 0 where all are drawn. A few ways count for much:
          two errors hold the exact value not for 95 nodes in 100 but for about 70 where a twentieth of
          a sparse graph is drawn, and 85 to 90 where half is; and an error of 0 may say that no way
          drawn passed here.
        - ``closeness``, ``harmonic``: how few steps away those are that supply it, directly or
          not: high for the users at the end of many short chains. Harmonic adds 1/steps over all
          of them; closeness is the fraction that reaches it, over their mean distance.
        - ``in_degree``, ``out_degree``: direct suppliers and direct users.
        - ``reach``: how many others it leads to, directly or not: all that are downstream of it.
        - ``dominated``: how many others goods reach through it alone. Every chain that leads to these
          from a first supplier passes here, so that they are single-sourced on it, at whatever tier
          (its subtree in the tree of dominators). First suppliers are those whom nobody supplies;
          of a circle that nobody outside supplies, each member counts as one. A node of whose inputs
          only one comes through here is not dominated: ask :func:`chainnet.cut_sets`, which knows
          what is critical.
        - ``weak_component``: the size of the part of the graph that it hangs together with, whichever
          way edges lead. ``strong_component``: of how many nodes, itself counted, each leads to each
          other: 1 where it lies on no circle.

        Flows; by weight. Not of link tables are ``katz``, which would hang on the currency's unit, and
        ``hubs`` and ``authorities``, which are found from the table of all pairs:

        - ``in_strength``, ``out_strength``: the same with weights added up.
        - ``pagerank``: where goods gather that are followed downstream from user to user at
          random (damping 0.85): high for large users. ``reverse_pagerank``: the same walk
          upstream, from user to supplier: high for the suppliers on whom much rests.
        - ``katz``: 1 for itself and a part a of the Katz centrality of each supplier: how many
          chains end here, long ones counting less; a = 0.5 / max(1, r), r the largest eigenvalue
          of the weights, which only cycles raise above 0. Eigenvector centrality is not offered:
          a graph without cycles has none, and a graph with few shows these few alone.
        - ``hubs``, ``authorities``: good hubs supply good authorities, and these are supplied by
          good hubs: the two sides of the densest part of the graph (HITS), and 0 elsewhere. Each
          adds up to 1. On the full graph that part lies between products and firms in one
          direction only: the firm and the product graph say more.
        - ``upstreamness``: mean number of steps to final use, 1 for what goes there directly:
          U_i = 1 + sum_j b_ij U_j, b_ij the part of i's outgoing weight that goes to j. What
          nobody in the graph uses counts as final; what somebody uses counts as used by nobody
          else, so U is too high where most goes to buyers outside the graph. NaN where goods may
          enter a circle that leads to no final use: the mean is infinite.

    Raises
    ------
    UsageError
        A measure or graph that does not exist; the nearest names are suggested. Fewer than 2 samples,
        or samples without betweenness.
    DataError
        A link table that cannot be used; all faults are listed.
    ConvergenceError
        Upstreamness where goods go round in circles that next to nothing leaves.

    References
    ----------
    Freeman (1977), Sociometry 40(1), 35, doi:10.2307/3033543 (betweenness). Brandes (2001), Journal
    of Mathematical Sociology 25(2), 163, doi:10.1080/0022250X.2001.9990249 (how it is found). Brandes &
    Pich (2007), International Journal of Bifurcation and Chaos 17(7), 2303,
    doi:10.1142/S0218127407018403 (samples). Boldi & Vigna (2014),
    Internet Mathematics 10(3-4), 222, doi:10.1080/15427951.2013.865686 (harmonic). Brin & Page
    (1998), Computer Networks 30, 107, doi:10.1016/S0169-7552(98)00110-X (PageRank). Katz (1953),
    Psychometrika 18(1), 39, doi:10.1007/BF02289026. Kleinberg (1999), Journal of the ACM 46(5),
    604, doi:10.1145/324133.324140 (HITS). Lengauer & Tarjan (1979), ACM Transactions on Programming
    Languages and Systems 1(1), 121, doi:10.1145/357062.357071 (dominators). Allesina & Bodini (2004),
    Journal of Theoretical Biology 230(3), 351, doi:10.1016/j.jtbi.2004.05.009 (dominators as
    bottlenecks, of food webs). Antràs, Chor, Fally & Hillberry (2012), American
    Economic Review 102(3), 412, doi:10.1257/aer.102.3.412 (upstreamness).

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.centrality(cn.load("japan-korea"), measures=["upstreamness"], on="product")
    >>> steps = table.set_index("node")["upstreamness"]
    >>> bool(steps["euv_optics"] > steps["euv_scanner"] > steps["hbm"])
    True

    A link table: all that reaches the fab comes through the smelter.

    >>> import pandas as pd
    >>> links = pd.DataFrame(
    ...     [("mine", "smelter", 20), ("scrap", "smelter", 10), ("smelter", "fab", 40)],
    ...     columns=["supplier", "buyer", "value"],
    ... )
    >>> cn.centrality(links, measures=["dominated", "reach", "in_strength"])
          node  dominated  reach  in_strength
    0  smelter          1      1         30.0
    1      fab          0      0         40.0
    2     mine          0      2          0.0
    3    scrap          0      2          0.0
    """
    if on not in ("firm", "product", "full"):
        raise UsageError(f"no graph {on!r} to measure centrality on; use firm, product or full.")
    if isinstance(network, SupplyNetwork):
        names = _asked_for(measures, MEASURES, samples)
        shares, assumed = _shares(network)
        nodes, kinds, graph = _drawn(network, on, shares, weighted=weighted)
        columns: dict[str, Any] = {
            "node": nodes,
            "kind": kinds,
            "name": [network.label(node) for node in nodes],
        }
        about: dict[Hashable, Any] = {"graph": on, "weighted": weighted, "assumed_shares": assumed}
    else:
        if on == "product":
            raise UsageError("a link table has no products; leave out on, or use firm.")
        names = _asked_for(measures, OF_ANY_SIZE, samples)
        graph, firms, (summed, empty) = digraph_of_links(network, weighted=weighted)
        columns = {"node": firms}
        about = {"graph": "links", "weighted": weighted, "summed_rows": summed, "zero_rows": empty}
    for name in names:
        columns |= _measured(graph, name, samples, seed)
    table = pd.DataFrame(columns)
    if names:
        table = table.sort_values(names[0], ascending=False, kind="stable", ignore_index=True)
    table.attrs = about if samples is None else about | {"samples": min(samples, graph.n), "seed": seed}
    return table


def _measured(graph: Digraph, name: str, samples: int | None, seed: int) -> dict[str, FloatArray | IntArray]:
    """Return the columns of a measure."""
    if name != "betweenness" or samples is None:
        return {name: MEASURES[name](graph) if graph.n else np.zeros(0)}
    # Sorted, since sums hang on the order to the last digit.
    pivots = np.sort(np.random.default_rng(seed).permutation(graph.n)[:samples])
    values, error = sampled_betweenness(graph, pivots)
    return {name: values, f"{name}_error": error}


def _asked_for(measures: Iterable[str] | None, offered: Mapping[str, Any], samples: int | None) -> list[str]:
    names = [measures] if isinstance(measures, str) else list(offered if measures is None else measures)
    for name in names:
        if name in offered:
            continue
        if name in MEASURES:
            raise UsageError(f"no {name} of a link table. Measures: {', '.join(offered)}.")
        near = get_close_matches(name, offered, n=3, cutoff=0.6)
        hint = f"Did you mean {' or '.join(near)}? " if near else ""
        if name == "eigenvector":
            use = "katz" if "katz" in offered else "pagerank"
            hint = f"A supply graph with few cycles has none that says much: use {use}. "
        raise UsageError(f"no measure {name!r}. {hint}Measures: {', '.join(offered)}.")
    if samples is not None and samples < 2:
        raise UsageError(f"{samples} samples have no standard error; give 2 or more.")
    if samples is not None and "betweenness" not in names:
        raise UsageError("samples are for betweenness, which is not among the measures; leave them out.")
    return list(dict.fromkeys(names))


def _shares(network: SupplyNetwork) -> tuple[dict[tuple[str, str], float], int]:
    """Share of each firm in the world's output of each product that it makes, and how many are assumed."""
    at = markets(network)
    shares: dict[tuple[str, str], float] = {}
    published: set[tuple[str, str]] = set()
    for product in network.products["product"]:
        for maker in at.market(product).makers:
            key = (maker.firm, product)
            shares[key] = shares.get(key, 0.0) + maker.share
            if maker.step == "figure":
                published.add(key)
    made = [(u, v) for u, v, key in network.graph.edges(keys=True) if key == "supplies"]
    return shares, sum(pair not in published for pair in made)


def _drawn(
    network: SupplyNetwork, on: View, shares: Mapping[tuple[str, str], float], *, weighted: bool
) -> tuple[list[str], list[str], Digraph]:
    """Return the nodes in the order of their names, their kinds, and the graph."""
    source: nx.Graph[str] = network.graph if on == "full" else network.projection(on)
    nodes = sorted(source)
    weights: dict[tuple[str, str], float] = {}
    if on == "product":
        weights = {(u, v): float(about["weight"]) for u, v, about in source.edges(data=True)}
    elif on == "firm":
        for u, v, about in source.edges(data=True):
            weights[u, v] = sum(shares.get((u, product), 0.0) for product in about["inputs"])
    else:
        for u, v, key in sorted(network.graph.edges(keys=True)):
            pair = (u, v) if key == "supplies" else (v, key)
            weights[u, v] = weights.get((u, v), 0.0) + shares.get(pair, 0.0)
    if not weighted:
        weights = dict.fromkeys(weights, 1.0)
    return nodes, [source.nodes[node]["kind"] for node in nodes], digraph_of_pairs(nodes, weights)


def _katz(graph: Digraph) -> FloatArray:
    from scipy.sparse import eye_array
    from scipy.sparse.linalg import spsolve

    n = graph.n
    part = _ATTENUATION / max(1.0, _largest_eigenvalue(graph))
    solved: FloatArray = spsolve((eye_array(n) - part * graph.weights.T).tocsc(), np.ones(n))
    return solved


def _largest_eigenvalue(graph: Digraph) -> float:
    """Largest eigenvalue of the weights: that of the cycles, component by component."""
    from scipy.sparse.csgraph import connected_components

    largest = 0.0
    _, label = connected_components(graph.weights, connection="strong")
    for circle in np.flatnonzero(np.bincount(label) > 1):
        inside = np.flatnonzero(label == circle)
        block = graph.weights[inside][:, inside].toarray()
        largest = max(largest, float(np.abs(np.linalg.eigvals(block)).max()))
    return largest


def _hubs(graph: Digraph) -> FloatArray:
    return _hits(graph)[0]


def _authorities(graph: Digraph) -> FloatArray:
    return _hits(graph)[1]


def _hits(graph: Digraph) -> tuple[FloatArray, FloatArray]:
    """Limit of Kleinberg's iteration from equal hubs, which is unique also where networkx's is not."""
    matrix = graph.weights.toarray()
    if not matrix.any():
        return np.zeros(len(matrix)), np.zeros(len(matrix))
    values, vectors = np.linalg.eigh(matrix @ matrix.T)
    leading = vectors[:, values >= values[-1] * (1 - _TIED)]
    hubs = np.maximum(leading @ leading.sum(axis=0), 0.0)
    authorities = matrix.T @ hubs
    return hubs / hubs.sum(), authorities / authorities.sum()


#: Every measure by its name.
MEASURES: Mapping[str, Callable[[Digraph], FloatArray | IntArray]] = {
    **OF_ANY_SIZE,
    "katz": _katz,
    "hubs": _hubs,
    "authorities": _authorities,
}
