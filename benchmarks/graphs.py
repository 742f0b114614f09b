"""How long measures of a graph take, from a hundred firms to a million, and what networkx takes.

Link tables are those of the other benchmarks: few firms with many links, 5 links a firm, drawn at random;
firms bear names such as ``F0000001``. The compiler has done its work before. What is counted are seconds of
the processor, the shortest of several runs: of all threads together, so that what two cores gain is not
counted. They are not longer for waiting where something else runs, but may be for a cache and a memory that
are shared.

Both are given the graph: ours compiled from the table, networkx's built of its rows. networkx is measured up
to a thousand firms, PageRank at the tolerance of ours; where it has no such function, by what its users
would write: dominators and a walk up the tree, one search a node for reach. Numbers are
compared in the same run, and the largest difference is told. Measures that look from each node to each
other grow with the square, and are measured up to 10,000 firms; betweenness beyond that from 256 nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import networkx as nx
import numpy as np
import pandas as pd
from measuring import Block, Plan, peak, shortest

from chainnet.digraphs import Digraph, digraph_of_links
from chainnet.graphmeasures import MEASURES, sampled_betweenness
from chainnet.synthetic import synthetic_economy

LINKS, PIVOTS = 5, 256
#: Up to how many firms networkx is measured; above, its slower measures take minutes and more.
OTHERS = 1_000
#: Measures whose time grows with the square of the firms, and up to how many firms they are measured.
SQUARE, LARGEST = ("closeness", "harmonic", "betweenness"), 10_000
MILLION = 1_000_000
#: Seconds for a million firms; in MB, memory.
GOALS = {"compiling": "10", "pagerank": "1", "dominated": "3", "reach": "10", "memory": "4096"}


def blocks(plan: Plan) -> list[Block]:
    """Return a block a size."""
    return [
        Block(
            f"Measures of graphs: {firms:,} firms, {LINKS * firms:,} links",
            lines(firms),
            measuring,
            (firms, plan.runs),
            (GOALS if firms >= MILLION else {}) | {f"{name} gap": "1e-10" for name in THEIRS},
            firms,
        )
        for firms in plan.sizes
    ]


def lines(firms: int) -> dict[str, str]:
    """Return what is told of a size."""
    told = {"table": "memory with the table alone, MB", "compiling": "table to graph, s"}
    for name in measures(firms):
        told[name] = f"{name}, s"
        if firms <= OTHERS and name in THEIRS:
            told[f"{name} ratio"] = f"{name}: networkx / ours"
            told[f"{name} gap"] = f"{name}: largest difference"
    told["sampled"] = f"betweenness from {min(PIVOTS, firms)} firms, s"
    if firms <= LARGEST:
        told["held"] = "of the 100 largest, within 2 errors, %"
    return told | {"memory": "peak memory of all of it, MB"}


def measures(firms: int) -> list[str]:
    """Return the names of what is measured of a size."""
    return [name for name in (*THEIRS, "upstreamness") if name not in SQUARE or firms <= LARGEST]


def named_links(firms: int) -> pd.DataFrame:
    """Draw a link table whose firms bear names."""
    links = synthetic_economy(firms, LINKS * firms).links
    names = np.array([f"F{number:07}" for number in range(firms)], dtype=object)
    return links.assign(supplier=names[links["supplier"]], buyer=names[links["buyer"]])


def built(links: pd.DataFrame) -> nx.DiGraph:
    """Build the graph of networkx."""
    graph = nx.DiGraph()
    graph.add_weighted_edges_from(links.itertuples(index=False, name=None))
    return graph


def _ranks(graph: nx.DiGraph) -> Mapping[str, float]:
    return nx.pagerank(graph, tol=1e-12 / len(graph), max_iter=1000)


def _dominated(graph: nx.DiGraph) -> Mapping[str, int]:
    circles = nx.condensation(graph)
    fed = graph.copy()
    first = (v for c in circles if not circles.in_degree(c) for v in circles.nodes[c]["members"])
    fed.add_edges_from(("root", v) for v in first)
    above = nx.immediate_dominators(fed, "root")
    children: dict[str, list[str]] = {}
    for node, up in above.items():
        if node not in ("root", up):
            children.setdefault(up, []).append(node)
    count = dict.fromkeys(graph, 0)
    for node in reversed(list(_downward(children))):
        if above[node] != "root":
            count[above[node]] += count[node] + 1
    return count


def _downward(children: Mapping[str, list[str]]) -> list[str]:
    order = list(children.get("root", []))
    for node in order:
        order += children.get(node, [])
    return order


def _sizes(parts: object) -> Mapping[str, int]:
    return {v: len(part) for part in parts for v in part}  # type: ignore[attr-defined]


#: What users of networkx write.
THEIRS: Mapping[str, Callable[[nx.DiGraph], Mapping[str, float]]] = {
    "pagerank": _ranks,
    "strong_component": lambda graph: _sizes(nx.strongly_connected_components(graph)),
    "weak_component": lambda graph: _sizes(nx.weakly_connected_components(graph)),
    "dominated": _dominated,
    "reach": lambda graph: {v: len(nx.descendants(graph, v)) for v in graph},
    "closeness": nx.closeness_centrality,
    "harmonic": nx.harmonic_centrality,
    "betweenness": nx.betweenness_centrality,
}


def measuring(firms: int, runs: int) -> dict[str, str]:
    """Time all measures of a link table of so many firms."""
    small = digraph_of_links(named_links(100))[0]
    for name in MEASURES:
        MEASURES[name](small)
    links = named_links(firms)
    before = peak()
    compiling = shortest(lambda: digraph_of_links(links), runs if firms < MILLION else 1)
    graph, index, _ = digraph_of_links(links)
    shortest(lambda: graph.backward, 1)
    told = {"table": f"{before:.0f}", "compiling": f"{compiling:.3f}"}
    theirs = built(links) if firms <= OTHERS else None
    for name in measures(firms):
        ours = shortest(lambda: MEASURES[name](graph), runs)  # noqa: B023
        told[name] = f"{ours:.4f}"
        if theirs is not None and name in THEIRS:
            took = shortest(lambda: THEIRS[name](theirs), 1)  # noqa: B023
            found = THEIRS[name](theirs)
            gap = np.abs(MEASURES[name](graph) - np.array([found[v] for v in index])).max()
            told |= {f"{name} ratio": f"{took / ours:.0f}", f"{name} gap": f"{gap:.0e}"}
    return told | sampled(graph, runs) | {"memory": f"{peak():.0f}"}


def sampled(graph: Digraph, runs: int) -> dict[str, str]:
    """Time the sampled betweenness, and count where it holds the exact one, where that is known."""
    pivots = np.random.default_rng(0).permutation(graph.n)[:PIVOTS]
    seconds = shortest(lambda: sampled_betweenness(graph, pivots), runs if graph.n < MILLION else 1)
    told = {"sampled": f"{seconds:.3f}"}
    if graph.n <= LARGEST:
        exact = MEASURES["betweenness"](graph)
        found, error = sampled_betweenness(graph, pivots)
        top = np.argsort(-exact)[:100]
        held = (np.abs(found - exact) <= 2 * error)[top].mean()
        told["held"] = f"{100 * held:.0f}"
    return told
