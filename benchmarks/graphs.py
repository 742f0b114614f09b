"""How long measures of a graph take, from a hundred firms to a million, and what networkx takes.

Run it with the Python that chainnet is installed in: ``python benchmarks/graphs.py``; for a million firms
add ``--firms 1000000``. Link tables are those of the other benchmarks: few firms with many links, 5
links a firm, drawn at random; firms bear names such as ``F0000001``. Each size runs in a process of its
own, after the compiler has done its work. What is counted are seconds of the processor, the shortest of
``--runs``: of all threads together, so that what two cores gain is not counted. They are not longer for
waiting where something else runs, but may be for a cache and a memory that are shared.

Both are given the graph: ours compiled from the table, networkx's built of its rows. networkx is
measured up to ``--others`` firms, PageRank at the tolerance of ours; where it has no such function, by
what its users would write: dominators and a walk up the tree, one search a node for reach. Numbers are
compared in the same run, and the largest difference is told. Measures that look from each node to each
other grow with the square, and are measured up to 10,000 firms; betweenness beyond that from 256 nodes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

import networkx as nx
import numpy as np
import pandas as pd
from days import fresh, shortest
from rich.console import Console
from rich.table import Table
from risk import peak

from chainnet.digraphs import Digraph, digraph_of_links
from chainnet.graphmeasures import MEASURES, sampled_betweenness
from chainnet.synthetic import synthetic_economy

LINKS, PIVOTS = 5, 256
SIZES = (1_000, 10_000, 100_000)
#: Up to how many firms networkx is measured; above, its slower measures take minutes and more.
OTHERS = 1_000
#: Measures whose time grows with the square of the firms, and up to how many firms they are measured.
SQUARE, LARGEST = ("closeness", "harmonic", "betweenness"), 10_000
#: Seconds for a million firms; in MB, memory.
GOALS = {"compiling": "10", "pagerank": "1", "dominated": "3", "reach": "10", "memory": "4096"}
MILLION = 1_000_000

Rows = list[tuple[str, ...]]


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


def measuring(firms: int, others: int, runs: int) -> Rows:
    """Time all measures of a link table of so many firms."""
    small = digraph_of_links(named_links(100))[0]
    for name in MEASURES:
        MEASURES[name](small)
    links = named_links(firms)
    before = peak()
    compiling = shortest(lambda: digraph_of_links(links), runs if firms < MILLION else 1)
    graph, index, _ = digraph_of_links(links)
    shortest(lambda: graph.backward, 1)
    goal = GOALS if firms >= MILLION else {}
    rows: Rows = [
        (f"{firms:,} firms, {len(links):,} links", "", ""),
        ("  memory with the table alone, MB", f"{before:.0f}", ""),
        ("  table to graph, s", f"{compiling:.3f}", "", goal.get("compiling", "")),
    ]
    theirs = built(links) if firms <= others else None
    for name in (*THEIRS, "upstreamness"):
        if name in SQUARE and firms > LARGEST:
            continue
        ours = shortest(lambda: MEASURES[name](graph), runs)  # noqa: B023
        row = (f"  {name}, s", f"{ours:.4f}")
        if theirs is not None and name in THEIRS:
            row += (f"{shortest(lambda: THEIRS[name](theirs), 1) / ours:.0f}",)  # noqa: B023
            found = THEIRS[name](theirs)
            gap = np.abs(MEASURES[name](graph) - np.array([found[v] for v in index])).max()
            rows += [(*row, goal.get(name, "")), (f"  {name}, largest difference", f"{gap:.0e}", "", "1e-10")]
        else:
            rows.append((*row, "", goal.get(name, "")))
    rows += sampled(graph, runs)
    rows.append(("  peak memory of all of it, MB", f"{peak():.0f}", "", goal.get("memory", "")))
    return rows


def sampled(graph: Digraph, runs: int) -> Rows:
    """Time the sampled betweenness, and count where it holds the exact one, where that is known."""
    pivots = np.random.default_rng(0).permutation(graph.n)[:PIVOTS]
    seconds = shortest(lambda: sampled_betweenness(graph, pivots), runs if graph.n < MILLION else 1)
    rows: Rows = [(f"  betweenness from {len(pivots)} firms, s", f"{seconds:.3f}", "")]
    if graph.n <= LARGEST:
        exact = MEASURES["betweenness"](graph)
        found, error = sampled_betweenness(graph, pivots)
        top = np.argsort(-exact)[:100]
        held = (np.abs(found - exact) <= 2 * error)[top].mean()
        rows.append(("  of the 100 largest, within 2 errors, %", f"{100 * held:.0f}", ""))
    return rows


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--firms", type=int, nargs="+", default=SIZES, help="sizes; a million takes minutes")
    parser.add_argument("--others", type=int, default=OTHERS, help="up to how many firms networkx runs, too")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    table = Table(
        "what", "measured", "networkx / ours", "goal", title="Measures of graphs", title_justify="left"
    )
    for firms in given.firms:
        for row in fresh(measuring, firms, given.others, given.runs):
            table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
