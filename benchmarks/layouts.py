"""How long it takes to say where the nodes of a picture stand: our layout, and networkx's beside it.

Run it with the Python that chainnet is installed in: ``python benchmarks/layouts.py``. Networks
are drawn at random: firms and products of six stages, each product made by at least one firm and
needed in its own stage or one of the next two. Counted are seconds of the processor, the shortest of
``--runs``: of chainnet from the nodes and edges to the places of all nodes, of networkx from its graph,
without parallel edges, to the same. The layouts are not the same thing: networkx's multipartite has
our columns, in no order that spares crossings; spring and Kamada-Kawai have no columns at all. Where
that can be compared the table tells how many pairs of lines between the same two columns cross.
"""

from __future__ import annotations

import argparse
import time
from bisect import bisect_right, insort
from collections.abc import Callable, Mapping
from itertools import groupby

import networkx as nx
import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

import chainnet
from chainnet import figures
from chainnet.figures.nodes import Web
from chainnet.figures.scenes import Scene
from chainnet.schema import TABLES
from chainnet.tables import typed_frame

STAGES = ("raw", "material", "equipment", "device", "packaging", "end_use")
#: Firms, products, supplies and needs.
SHAPES = ((140, 60, 400, 200), (1_400, 600, 4_000, 2_000))
#: Seconds, by nodes; the first is that of the bundled graph.
GOALS = {0: "0.30", 2_000: "1.50"}
SPRING = 50

Rows = list[tuple[str, ...]]


def drawn_network(
    firms: int, products: int, supplies: int, needs: int, seed: int = 0
) -> chainnet.SupplyNetwork:
    """Draw a network; each firm makes something, and a few products have many makers."""
    rng = np.random.default_rng(seed)
    stage = np.sort(rng.integers(0, len(STAGES), products))
    makers = {(int(rng.integers(firms)), product) for product in range(products)}
    makers |= {(firm, int(rng.integers(products))) for firm in range(firms)}
    favour = rng.permutation(1 / np.arange(1, products + 1) ** 0.6)
    while len(makers) < supplies:
        makers.add((int(rng.integers(firms)), int(rng.choice(products, p=favour / favour.sum()))))
    inputs: set[tuple[int, int]] = set()
    while len(inputs) < needs:
        one, two = sorted(map(int, rng.integers(0, products, 2)))
        if one != two and stage[two] - stage[one] <= 2:
            inputs.add((one, two))
    test = {"ref": "drawn", "status": "observed"}
    rows: dict[str, list[dict[str, str]]] = {
        "firms": [
            {"firm": f"f{i}", "name": f"Firm {i}", "country": country, "kind": "idm", **test}
            for i, country in enumerate(rng.choice(["JPN", "KOR", "USA", "TWN", "CHN", "FRA"], firms))
        ],
        "products": [
            {"product": f"p{i}", "name": f"Product {i}", "class": "device", "stage": STAGES[s], **test}
            | {"definition": "drawn"}
            for i, s in enumerate(stage)
        ],
        "plants": [
            {"plant": f"f{f}-p{p}", "firm": f"f{f}", "product": f"p{p}", "country": "JPN", **test}
            | {"role": "production"}
            for f, p in sorted(makers)
        ],
        "needs": [
            {"product": f"p{b}", "input": f"p{a}", "importance": "critical", "use": "consumed", **test}
            for a, b in sorted(inputs)
        ],
        "references": [{"ref": "drawn", "citation": "drawn at random", "url": "judgement"}],
    }
    return chainnet.SupplyNetwork({name: _frame(name, found) for name, found in rows.items()}, name="drawn")


def _frame(name: str, rows: list[dict[str, str]]) -> pd.DataFrame:
    columns = TABLES[name].by_name
    cells = [
        (i + 2, dict.fromkeys(columns, "") | {key: value for key, value in row.items() if key in columns})
        for i, row in enumerate(rows)
    ]
    frame, faults = typed_frame(cells, TABLES[name])
    if faults:
        raise chainnet.DataError(faults)
    return frame


def shortest(work: Callable[[], object], runs: int) -> float:
    """Return the seconds of the processor of the shortest of several runs."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def places(web: Web) -> Scene:
    """Say where all nodes stand."""
    scene = Scene(web.view)
    vars(scene)["whole"] = web
    vars(scene)["spots"] = scene.plan.spots
    return scene


def graph_of(web: Web, columns: Mapping[str, int]) -> nx.DiGraph:
    """Return the same nodes and edges for networkx, with their columns."""
    graph = nx.DiGraph()
    for key in web.nodes:
        graph.add_node(key, subset=columns[key])
    graph.add_edges_from(web.pairs)
    return graph


def crossings(places: Mapping[str, tuple[float, float]], lanes: Mapping[str, int], web: Web) -> int:
    """Count how many pairs of straight lines between the same two columns cross each other."""
    found: dict[tuple[int, int], list[tuple[tuple[float, ...], tuple[float, ...]]]] = {}
    for pair in web.pairs:
        one, two = sorted(pair, key=lanes.__getitem__)
        if lanes[one] < lanes[two]:
            # By height; dots of one line stand from left to right.
            ends = (places[one][::-1], places[two][::-1])
            found.setdefault((lanes[one], lanes[two]), []).append(ends)
    count = 0
    for lines in found.values():
        before: list[tuple[float, ...]] = []
        for _, same in groupby(sorted(lines), key=lambda line: line[0]):
            ends = [end for _, end in same]
            count += sum(len(before) - bisect_right(before, end) for end in ends)
            for end in ends:
                insort(before, end)
    return count


def measured(title: str, network: chainnet.SupplyNetwork, runs: int, goal: str = "") -> Rows:
    """Time the layout of a network, and networkx's beside it."""
    web = Scene(figures.pick(network)).whole
    scene = places(web)
    ours = shortest(lambda: places(web), runs)
    graph = graph_of(scene.web, scene.plan.lane_of)
    peers: dict[str, Callable[[], object]] = {
        "multipartite": lambda: nx.multipartite_layout(graph),
        f"spring, {SPRING} iterations": lambda: nx.spring_layout(graph, iterations=SPRING, seed=0),
    }
    if len(graph) <= 250:
        peers["Kamada-Kawai"] = lambda: nx.kamada_kawai_layout(graph)
    rows: Rows = [(f"{title}: {len(web.nodes):,} nodes, {len(web.edges):,} edges, s", f"{ours:.3f}", goal)]
    for name, peer in peers.items():
        theirs = shortest(peer, 1 if name != "multipartite" else runs)
        rows.append((f"  networkx {name}, s", f"{theirs:.3f}"))
        rows.append((f"  networkx {name} / chainnet", f"{theirs / ours:.2f}"))
    flat = {key: (0.0, float(at[1])) for key, at in nx.multipartite_layout(graph).items()}
    lanes = scene.plan.lane_of
    counts = [crossings(scene.plan.spots, lanes, scene.web), crossings(flat, lanes, scene.web)]
    return [*rows, ("  crossings: chainnet, multipartite", ", ".join(f"{count:,}" for count in counts))]


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--small", action="store_true", help="leave out the largest network")
    given = parser.parse_args()
    rows = measured("bundled graph", chainnet.load("japan-korea"), given.runs, GOALS[0])
    for shape in SHAPES[:1] if given.small else SHAPES:
        rows += measured("drawn", drawn_network(*shape), given.runs, GOALS.get(sum(shape[:2]), ""))
    table = Table("what", "measured", "goal", title="Where nodes stand", title_justify="left")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
