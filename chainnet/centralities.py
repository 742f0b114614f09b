"""Centrality: which firms and products stand where in the graph.

A centrality is a reading of the drawn graph, not a forecast: who loses what when something stops
is answered by :func:`chainnet.disrupt` and :func:`chainnet.exposure`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Literal

import networkx as nx
import numpy as np
import pandas as pd

from chainnet.errors import UsageError
from chainnet.markets import markets
from chainnet.network import SupplyNetwork

View = Literal["firm", "product", "full"]

#: The usual chance, in PageRank, of going on to a next node rather than starting anew.
_DAMPING = 0.85
#: Katz: what a chain counts less for each step, where cycles allow it.
_ATTENUATION = 0.5
#: Singular values this near to each other, relatively, are equal.
_TIED = 1e-9

FloatArray = np.ndarray[Any, np.dtype[np.float64]]


def centrality(
    network: SupplyNetwork,
    *,
    measures: Iterable[str] | None = ("betweenness", "pagerank"),
    on: View = "full",
    weighted: bool = True,
) -> pd.DataFrame:
    """Measure the place of each firm and product in the graph.

    Edges lead from the supplier to the user. Parallel edges count as one. On the full graph a
    firm leads to what it makes, and a product to the firms that need it: a step from firm to firm
    is two edges there.

    Parameters
    ----------
    network
        The network.
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
        it; on the product graph, the number of firms that make it.

    Returns
    -------
    DataFrame
        One row a node, isolated ones too, highest in the first measure first: ``node, kind,
        name`` and a column a measure. ``attrs`` says on which ``graph``, whether ``weighted``,
        and how many of the firms' shares are ``assumed_shares``, that is, not published.

        Places and steps; weights play no part:

        - ``betweenness``: how often it lies on the shortest way from one node to another, as a
          fraction of the pairs of others: a broker through whom much must pass. A share is no
          distance, so ways are counted in steps.
        - ``closeness``, ``harmonic``: how few steps away those are that supply it, directly or
          not: high for the users at the end of many short chains. Harmonic adds 1/steps over all
          of them; closeness is the fraction that reaches it, over their mean distance.
        - ``in_degree``, ``out_degree``: direct suppliers and direct users.

        Flows; by weight:

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
        A measure or graph that does not exist; the nearest names are suggested.

    References
    ----------
    Freeman (1977), Sociometry 40(1), 35, doi:10.2307/3033543 (betweenness). Boldi & Vigna (2014),
    Internet Mathematics 10(3-4), 222, doi:10.1080/15427951.2013.865686 (harmonic). Brin & Page
    (1998), Computer Networks 30, 107, doi:10.1016/S0169-7552(98)00110-X (PageRank). Katz (1953),
    Psychometrika 18(1), 39, doi:10.1007/BF02289026. Kleinberg (1999), Journal of the ACM 46(5),
    604, doi:10.1145/324133.324140 (HITS). Antràs, Chor, Fally & Hillberry (2012), American
    Economic Review 102(3), 412, doi:10.1257/aer.102.3.412 (upstreamness).

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.centrality(cn.load("japan-korea"), measures=["upstreamness"], on="product")
    >>> steps = table.set_index("node")["upstreamness"]
    >>> bool(steps["euv_optics"] > steps["euv_scanner"] > steps["hbm"])
    True
    """
    names = _asked_for(measures)
    if on not in ("firm", "product", "full"):
        raise UsageError(f"no graph {on!r} to measure centrality on; use firm, product or full.")
    shares, assumed = _shares(network)
    view = _View(_drawn(network, on, shares), weighted=weighted)
    nodes = view.graph.nodes
    columns: dict[str, Any] = {
        "node": list(nodes),
        "kind": [data["kind"] for _, data in nodes(data=True)],
        "name": [network.label(node) for node in nodes],
    }
    columns |= {name: MEASURES[name](view) if nodes else np.zeros(0) for name in names}
    table = pd.DataFrame(columns)
    if names:
        table = table.sort_values(names[0], ascending=False, kind="stable", ignore_index=True)
    table.attrs = {"graph": on, "weighted": weighted, "assumed_shares": assumed}
    return table


def _asked_for(measures: Iterable[str] | None) -> list[str]:
    names = [measures] if isinstance(measures, str) else list(MEASURES if measures is None else measures)
    for name in names:
        if name not in MEASURES:
            near = get_close_matches(name, MEASURES, n=3, cutoff=0.6)
            hint = f"Did you mean {' or '.join(near)}? " if near else ""
            if name == "eigenvector":
                hint = "A supply graph with few cycles has none that says much: use katz. "
            raise UsageError(f"no measure {name!r}. {hint}Measures: {', '.join(MEASURES)}.")
    return list(dict.fromkeys(names))


@dataclass(frozen=True)
class _View:
    """The graph that is measured, its nodes in the order of their names."""

    graph: nx.DiGraph[str]
    weighted: bool

    @property
    def weight(self) -> str | None:
        """Name of the attribute that weighs, for networkx."""
        return "weight" if self.weighted else None

    @cached_property
    def matrix(self) -> Any:  # noqa: ANN401 - scipy bears no types
        """Weights as a sparse array: from row to column."""
        return _matrix(self.graph, self.weight)

    def column(self, values: Mapping[str, float]) -> FloatArray:
        """Return values by node as an array in the order of the nodes."""
        return np.array([values[node] for node in self.graph], dtype=np.float64)


def _matrix(graph: nx.DiGraph[str], weight: str | None) -> Any:  # noqa: ANN401 - scipy bears no types
    return nx.to_scipy_sparse_array(graph, weight=weight, format="csr").astype(np.float64)


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


def _drawn(network: SupplyNetwork, on: View, shares: Mapping[tuple[str, str], float]) -> nx.DiGraph[str]:
    source: nx.Graph[str] = network.graph if on == "full" else network.projection(on)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from((node, {"kind": source.nodes[node]["kind"]}) for node in sorted(source))
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
    graph.add_weighted_edges_from((u, v, weight) for (u, v), weight in sorted(weights.items()))
    return graph


def _betweenness(view: _View) -> FloatArray:
    return view.column(nx.betweenness_centrality(view.graph))


def _closeness(view: _View) -> FloatArray:
    return view.column(nx.closeness_centrality(view.graph))


def _harmonic(view: _View) -> FloatArray:
    # networkx adds up in the order of a set, which is another in every run.
    upstream = view.graph.reverse(copy=False)
    nearness: dict[str, float] = {}
    for node in view.graph:
        found = Counter(nx.single_source_shortest_path_length(upstream, node).values())
        nearness[node] = sum(count / steps for steps, count in sorted(found.items()) if steps)
    return view.column(nearness)


def _pagerank(view: _View) -> FloatArray:
    return _walk(view, view.graph)


def _reverse_pagerank(view: _View) -> FloatArray:
    return _walk(view, view.graph.reverse(copy=False))


def _walk(view: _View, graph: nx.DiGraph[str]) -> FloatArray:
    # networkx stops at n * tol, and its 100 rounds are too few for this tolerance.
    tol = 1e-8 / len(graph)
    return view.column(nx.pagerank(graph, alpha=_DAMPING, tol=tol, max_iter=1000, weight=view.weight))


def _katz(view: _View) -> FloatArray:
    from scipy.sparse import eye_array
    from scipy.sparse.linalg import spsolve

    n = len(view.graph)
    part = _ATTENUATION / max(1.0, _largest_eigenvalue(view))
    solved: FloatArray = spsolve((eye_array(n) - part * view.matrix.T).tocsc(), np.ones(n))
    return solved


def _largest_eigenvalue(view: _View) -> float:
    """Largest eigenvalue of the weights: that of the cycles, component by component."""
    number = {node: i for i, node in enumerate(view.graph)}
    largest = 0.0
    for component in nx.strongly_connected_components(view.graph):
        if len(component) > 1:
            inside = sorted(number[node] for node in component)
            block = view.matrix[inside][:, inside].toarray()
            largest = max(largest, float(np.abs(np.linalg.eigvals(block)).max()))
    return largest


def _hubs(view: _View) -> FloatArray:
    return _hits(view)[0]


def _authorities(view: _View) -> FloatArray:
    return _hits(view)[1]


def _hits(view: _View) -> tuple[FloatArray, FloatArray]:
    """Limit of Kleinberg's iteration from equal hubs, which is unique also where networkx's is not."""
    matrix = view.matrix.toarray()
    if not matrix.any():
        return np.zeros(len(matrix)), np.zeros(len(matrix))
    values, vectors = np.linalg.eigh(matrix @ matrix.T)
    leading = vectors[:, values >= values[-1] * (1 - _TIED)]
    hubs = np.maximum(leading @ leading.sum(axis=0), 0.0)
    authorities = matrix.T @ hubs
    return hubs / hubs.sum(), authorities / authorities.sum()


def _upstreamness(view: _View) -> FloatArray:
    from scipy.sparse import diags_array, eye_array
    from scipy.sparse.linalg import spsolve

    flows = _allocation(view)
    graph = nx.from_scipy_sparse_array(flows, create_using=nx.DiGraph)
    finite = np.ones(len(view.graph), dtype=np.bool_)
    for component in nx.attracting_components(graph):
        if len(component) > 1:
            finite[list(component | nx.ancestors(graph, next(iter(component))))] = False
    result = np.full(len(view.graph), np.nan)
    if finite.any():
        inside = flows[finite][:, finite]
        total = inside.sum(axis=1)
        parts = diags_array(1 / np.where(total > 0, total, 1.0)) @ inside
        count = int(finite.sum())
        result[finite] = spsolve((eye_array(count) - parts).tocsc(), np.ones(count))
    return result


def _allocation(view: _View) -> Any:  # noqa: ANN401 - scipy bears no types
    """Flows out of each node; where all of its weights are 0, equal ones."""
    from scipy.sparse import diags_array

    drawn = _matrix(view.graph, None)
    none_known = (view.matrix.sum(axis=1) == 0).astype(np.float64)
    flows = (view.matrix + diags_array(none_known) @ drawn).tocsr()
    flows.eliminate_zeros()
    return flows


#: Every measure by its name.
MEASURES: Mapping[str, Callable[[_View], FloatArray]] = {
    "betweenness": _betweenness,
    "pagerank": _pagerank,
    "reverse_pagerank": _reverse_pagerank,
    "upstreamness": _upstreamness,
    "in_degree": lambda view: view.column(dict(view.graph.in_degree())),
    "out_degree": lambda view: view.column(dict(view.graph.out_degree())),
    "in_strength": lambda view: view.column(dict(view.graph.in_degree(weight=view.weight))),
    "out_strength": lambda view: view.column(dict(view.graph.out_degree(weight=view.weight))),
    "closeness": _closeness,
    "harmonic": _harmonic,
    "katz": _katz,
    "hubs": _hubs,
    "authorities": _authorities,
}
