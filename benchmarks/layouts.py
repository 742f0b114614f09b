"""How long it takes to say where the nodes of a picture stand: our layout, and networkx's beside it.

Networks are drawn at random: firms and products of six stages, each product made by at least one firm and
needed in its own stage or one of the next two. Counted are seconds of the processor, the shortest of
several runs: of chainnet from the nodes and edges to the places of all nodes, of networkx from its graph,
without parallel edges, to the same. The layouts are not the same thing: networkx's multipartite has
our columns, in no order that spares crossings; spring and Kamada-Kawai have no columns at all. Where
that can be compared the table tells how many pairs of lines between the same two columns cross.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Mapping
from itertools import groupby

import networkx as nx
import numpy as np
import pandas as pd
from measuring import Block, Plan, shortest

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
#: networkx's layouts, by key. Kamada-Kawai takes minutes where there are many nodes.
PEERS = {"multipartite": "multipartite", "spring": f"spring, {SPRING} iterations", "kamada": "Kamada-Kawai"}
FEW = 250


def blocks(plan: Plan) -> list[Block]:
    """Return a block a network: the bundled graph, and drawn ones."""
    shapes = SHAPES[:1] if plan.quick else SHAPES
    titles = [f"{firms + products:,} nodes, {s + n:,} edges" for firms, products, s, n in shapes]
    return [
        Block(
            f"Where nodes stand: {title}",
            lines(nodes),
            measuring,
            (shape, plan.runs),
            {"ours": GOALS.get(nodes, "")},
        )
        for title, shape in zip(["bundled graph", *titles], [None, *shapes], strict=True)
        for nodes in [sum(shape[:2]) if shape else 0]
    ]


def lines(nodes: int) -> dict[str, str]:
    """Return what is told of a network."""
    told = {"size": "nodes, edges", "ours": "chainnet, s"}
    for peer in peers(nodes):
        told[peer] = f"networkx {PEERS[peer]}, s"
        told[f"{peer} ratio"] = f"networkx {PEERS[peer]} / chainnet"
    return told | {"crossings": "crossings: chainnet, multipartite"}


def peers(nodes: int) -> list[str]:
    """Return the keys of the layouts of a network of so many nodes; 0 is the bundled graph, of more."""
    return [peer for peer in PEERS if peer != "kamada" or 0 < nodes <= FEW]


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


def measuring(shape: tuple[int, int, int, int] | None, runs: int) -> dict[str, str]:
    """Time the layout of a network, and networkx's beside it; None is the bundled graph."""
    network = drawn_network(*shape) if shape else chainnet.load("japan-korea")
    web = Scene(figures.pick(network)).whole
    scene = places(web)
    ours = shortest(lambda: places(web), runs)
    graph = graph_of(scene.web, scene.plan.lane_of)
    layouts: dict[str, Callable[[], object]] = {
        "multipartite": lambda: nx.multipartite_layout(graph),
        "spring": lambda: nx.spring_layout(graph, iterations=SPRING, seed=0),
        "kamada": lambda: nx.kamada_kawai_layout(graph),
    }
    told = {"size": f"{len(web.nodes):,}, {len(web.edges):,}", "ours": f"{ours:.3f}"}
    for peer in peers(sum(shape[:2]) if shape else 0):
        theirs = shortest(layouts[peer], 1 if peer != "multipartite" else runs)
        told |= {peer: f"{theirs:.3f}", f"{peer} ratio": f"{theirs / ours:.2f}"}
    flat = {key: (0.0, float(at[1])) for key, at in nx.multipartite_layout(graph).items()}
    lanes = scene.plan.lane_of
    counts = [crossings(scene.plan.spots, lanes, scene.web), crossings(flat, lanes, scene.web)]
    return told | {"crossings": ", ".join(f"{count:,}" for count in counts)}
