"""Centrality: worked by hand on drawn networks, closed forms, and second implementations."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import deque
from itertools import permutations, product
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from draw import draw, drawn_tables
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import toy

from chainnet import SupplyNetwork, UsageError, centrality
from chainnet.centralities import MEASURES

ROOT = Path(__file__).resolve().parents[1]

#  ore ── resist ── dram        one firm each: gas_co, tok, fab
LINE = """
    ore => resist
    resist => dram
    gas_co@USA -> ore    1.0
    tok@JPN    -> resist 1.0
    fab@KOR    -> dram   1.0
"""
#  tok ──┐
#  jsr ──┼── resist ── fab
#  dup ──┘
STAR = """
    resist => dram
    tok@JPN -> resist 0.5
    jsr@JPN -> resist 0.3
    dup@USA -> resist 0.2
    fab@KOR -> dram   1.0
"""
#         ┌── left ───┐
#  ore ───┤           ├─── dram
#         └── right ──┘
DIAMOND = """
    ore => left
    ore => right
    left  => dram
    right => dram
    top@USA -> ore   1.0
    l@JPN   -> left  1.0
    r@JPN   -> right 1.0
    fab@KOR -> dram  1.0
"""
#  tok, jsr ── resist ──┬── dram: fab, mem      every maker supplies every user
#       lith ── tool ───┘
LAYERS = """
    resist => dram
    tool   => dram capital
    tok@JPN  -> resist 0.7
    jsr@JPN  -> resist 0.3
    lith@NLD -> tool   1.0
    fab@KOR  -> dram   0.6
    mem@USA  -> dram   0.4
"""
#  a ── p ── b ── q ── a        each makes what the other needs; x and its maker go into the circle
CIRCLE = """
    p => q
    q => p
    x => p
    a@JPN -> p 1.0
    b@KOR -> q 1.0
    c@USA -> x 1.0
"""


def values(net, measure, on="firm", *, weighted=True):
    table = centrality(net, measures=[measure], on=on, weighted=weighted)
    return dict(zip(table["node"], table[measure], strict=True))


# --- by hand -----------------------------------------------------------------------------------


def test_the_middle_of_a_line_is_between_its_ends():
    # One of the two ordered pairs of the others passes through tok; nothing flows back.
    assert values(draw(LINE), "betweenness") == {"gas_co": 0, "tok": 0.5, "fab": 0}


def test_a_line_of_firms_on_the_full_graph():
    # gas_co, ore, tok, resist, fab, dram: the k-th has k - 1 before it and 6 - k behind, of 5 * 4 pairs.
    line = ["gas_co", "ore", "tok", "resist", "fab", "dram"]
    expected = {node: (k - 1) * (6 - k) / 20 for k, node in enumerate(line, start=1)}
    assert values(draw(LINE), "betweenness", "full") == pytest.approx(expected)
    assert values(draw(LINE), "upstreamness", "full") == pytest.approx(
        {node: 7 - k for k, node in enumerate(line, start=1)}
    )


def test_how_near_the_suppliers_are_on_a_line():
    # fab: tok is 1 step away, gas_co 2. Closeness: all of the other 2 reach it, mean distance 1.5.
    assert values(draw(LINE), "harmonic") == {"gas_co": 0, "tok": 1, "fab": 1.5}
    assert values(draw(LINE), "closeness") == pytest.approx({"gas_co": 0, "tok": 1 / 2, "fab": 2 / 3})


def test_a_product_between_three_makers_and_their_user():
    # resist: 3 makers before it, fab and dram behind: 6 of the 5 * 4 pairs; fab: 4 before, dram behind.
    found = values(draw(STAR), "betweenness", "full")
    assert found == pytest.approx({"resist": 6 / 20, "fab": 4 / 20, "tok": 0, "jsr": 0, "dup": 0, "dram": 0})


def test_degrees_count_and_strengths_add_shares():
    assert values(draw(STAR), "in_degree") == {"fab": 3, "tok": 0, "jsr": 0, "dup": 0}
    assert values(draw(STAR), "out_degree") == {"fab": 0, "tok": 1, "jsr": 1, "dup": 1}
    assert values(draw(STAR), "in_strength") == pytest.approx({"fab": 1, "tok": 0, "jsr": 0, "dup": 0})
    assert values(draw(STAR), "out_strength") == pytest.approx({"fab": 0, "tok": 0.5, "jsr": 0.3, "dup": 0.2})
    unweighted = values(draw(STAR), "out_strength", weighted=False)
    assert unweighted == {"fab": 0, "tok": 1, "jsr": 1, "dup": 1}


def test_a_products_edges_weigh_what_is_made_of_it():
    # tok 0.7 and jsr 0.3 of the resist; it goes to fab (0.6 of the dram) and mem (0.4).
    assert values(draw(LAYERS), "in_strength", "full")["resist"] == pytest.approx(1)
    assert values(draw(LAYERS), "in_strength", "full")["mem"] == pytest.approx(0.4 + 0.4)
    # One edge of the product graph weighs two firms that make dram of it.
    assert values(draw(LAYERS), "out_strength", "product") == {"resist": 2, "tool": 2, "dram": 0}


def test_both_ways_round_a_diamond_share_what_passes():
    # Of the 3 * 2 pairs only top to fab passes, half of it each way.
    found = values(draw(DIAMOND), "betweenness")
    assert found == pytest.approx({"top": 0, "l": 1 / 12, "r": 1 / 12, "fab": 0})


def test_upstreamness_is_the_mean_distance_to_final_use():
    # ore goes to sand (used at once) with 1 firm and to glass, then chip, with 1: 1 + (1 + 2) / 2.
    net = draw("""
        ore => sand
        ore => glass
        glass => chip
        a@JPN -> ore   1.0
        b@JPN -> sand  1.0
        c@JPN -> glass 1.0
        d@JPN -> chip  1.0
    """)
    expected = {"sand": 1, "chip": 1, "glass": 2, "ore": 2.5}
    assert values(net, "upstreamness", "product") == pytest.approx(expected)


def test_upstreamness_follows_the_larger_flow():
    # tok sells to fab (final) and, through part, to fab again: weights are tok's shares 0.8 and 0.2.
    net = draw("""
        resist => dram
        gas  => part
        part => dram
        tok@JPN  -> resist 0.8
        tok@JPN  -> gas    0.2
        mid@JPN  -> part   1.0
        fab@KOR  -> dram   1.0
    """)
    # resist is tok's only 0.8; the rest of both products is nobody's in particular.
    assert values(net, "upstreamness")["tok"] == pytest.approx(1 + 0.8 * 1 + 0.2 * 2)
    assert values(net, "upstreamness", weighted=False)["tok"] == pytest.approx(1 + 0.5 * 1 + 0.5 * 2)


def test_goods_that_circle_for_ever_reach_no_final_use():
    found = values(draw(CIRCLE), "upstreamness")
    assert all(np.isnan(found[firm]) for firm in "abc")


def test_a_circle_with_a_way_out_is_a_geometric_series():
    # Each time at q, one of two goes out to dram: U(q) = 1 + (U(p) + 1) / 2, U(p) = 1 + U(q).
    net = draw(CIRCLE + "q => dram\nfab@KOR -> dram 1.0")
    assert values(net, "upstreamness", "product") == pytest.approx({"q": 4, "p": 5, "x": 6, "dram": 1})


def test_katz_counts_chains_each_step_by_half():
    # Without cycles a = 1/2: 1, 1 + 1/2, 1 + 1/2 + 1/4.
    assert values(draw(LINE), "katz") == pytest.approx({"gas_co": 1, "tok": 1.5, "fab": 1.75})
    assert values(draw(DIAMOND), "katz") == pytest.approx({"top": 1, "l": 1.5, "r": 1.5, "fab": 2.5})


def test_katz_of_a_circle_is_finite():
    # Largest eigenvalue 1, a = 1/2: the two of the circle feed each other; a gets c's goods on top.
    found = values(draw(CIRCLE), "katz")
    assert found["c"] == pytest.approx(1)
    assert found["b"] == pytest.approx(1 + found["a"] / 2)
    assert found["a"] == pytest.approx(1 + (found["b"] + found["c"]) / 2)


def test_hubs_supply_what_authorities_take():
    # Every maker supplies both users: hubs in proportion to their shares, authorities alike.
    assert values(draw(LAYERS), "hubs") == pytest.approx(
        {"tok": 0.35, "jsr": 0.15, "lith": 0.5, "fab": 0, "mem": 0}
    )
    assert values(draw(LAYERS), "authorities") == pytest.approx(
        {"fab": 0.5, "mem": 0.5, "tok": 0, "jsr": 0, "lith": 0}
    )


def test_of_two_equal_parts_neither_is_preferred():
    # networkx takes whichever of the tied vectors the solver meets first.
    net = draw("""
        p => q
        x => y
        a@JPN -> p 1.0
        b@JPN -> q 1.0
        c@JPN -> x 1.0
        d@JPN -> y 1.0
    """)
    assert values(net, "hubs") == pytest.approx({"a": 0.5, "c": 0.5, "b": 0, "d": 0})
    assert values(net, "authorities") == pytest.approx({"b": 0.5, "d": 0.5, "a": 0, "c": 0})


def test_pagerank_of_a_line_in_closed_form():
    # r, r (1 + d), r (1 + d + d^2), where r is the restart that makes them add up to 1.
    d = 0.85
    parts = np.array([1, 1 + d, 1 + d + d**2])
    expected = dict(zip(["gas_co", "tok", "fab"], parts / parts.sum(), strict=True))
    assert values(draw(LINE), "pagerank") == pytest.approx(expected, abs=1e-8)
    reverse = dict(zip(["fab", "tok", "gas_co"], parts / parts.sum(), strict=True))
    assert values(draw(LINE), "reverse_pagerank") == pytest.approx(reverse, abs=1e-8)


def test_upstream_the_larger_supplier_ranks_higher():
    found = values(draw(STAR), "reverse_pagerank")
    assert found["tok"] > found["jsr"] > found["dup"]
    equal = values(draw(STAR), "reverse_pagerank", weighted=False)
    assert equal["tok"] == pytest.approx(equal["dup"])


def test_an_unknown_share_is_not_nothing():
    # tok is known to make 0.6; sun's share is unknown: an equal part of the rest is assumed.
    net = draw("""
        resist => dram
        tok@JPN -> resist 0.6
        sun@KOR -> resist
        fab@KOR -> dram   1.0
    """)
    table = centrality(net, measures=["out_strength"], on="firm")
    found = dict(zip(table["node"], table["out_strength"], strict=True))
    assert found == pytest.approx({"tok": 0.6, "sun": 0.2, "fab": 0})
    assert table.attrs["assumed_shares"] == 1


# --- the table ---------------------------------------------------------------------------------


def test_the_table_names_every_node_and_says_on_which_graph():
    net = toy()
    full = centrality(net)
    assert list(full.columns) == ["node", "kind", "name", "betweenness", "pagerank"]
    assert sorted(full["node"]) == sorted([*net.firms["firm"], *net.products["product"]])
    assert full.attrs == {"graph": "full", "weighted": True, "assumed_shares": 1}
    firms = centrality(net, measures=["pagerank"], on="firm", weighted=False)
    assert sorted(firms["node"]) == sorted(net.firms["firm"])
    assert set(firms["kind"]) == {"firm"}
    assert firms.attrs["graph"] == "firm"
    assert not firms.attrs["weighted"]
    assert set(centrality(net, on="product")["node"]) == set(net.products["product"])
    assert dict(zip(full["node"], full["name"], strict=True))["han"] == "Hanbit Semiconductor"


def test_the_highest_come_first_and_ties_by_name():
    table = centrality(draw(DIAMOND), measures=["betweenness"], on="firm")
    assert table["node"].tolist() == ["l", "r", "fab", "top"]


def test_isolated_nodes_are_included():
    # The toy's family bears no edge: its member does.
    for measure in MEASURES:
        found = values(toy(), measure, "full")
        assert not np.isnan(found["resist_all"])
    assert values(toy(), "in_degree", "full")["resist_all"] == 0


def test_none_is_every_measure_and_a_word_is_one():
    net = draw(LINE)
    assert list(centrality(net, measures=None).columns[3:]) == list(MEASURES)
    assert list(centrality(net, measures="katz").columns[3:]) == ["katz"]
    assert list(centrality(net, measures=["katz", "hubs", "katz"]).columns[3:]) == ["katz", "hubs"]
    assert list(centrality(net, measures=[]).columns) == ["node", "kind", "name"]


@pytest.mark.parametrize("on", ["full", "firm", "product"])
def test_a_graph_without_edges_or_nodes_has_a_table_too(on):
    alone = draw("tok@JPN -> resist planned")
    table = centrality(alone, measures=None, on=on).set_index("node")
    assert (table[["betweenness", "in_strength", "hubs", "authorities", "harmonic"]] == 0).all(axis=None)
    assert (table[["upstreamness", "katz"]] == 1).all(axis=None)
    assert table["pagerank"].sum() == pytest.approx(1)
    assert centrality(draw(""), measures=None, on=on).empty


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("betweeness", "Did you mean betweenness"),
        ("page_rank", "Did you mean pagerank"),
        ("eigenvector", "use katz"),
        ("xyz", "Measures: betweenness, pagerank"),
    ],
)
def test_an_unknown_measure_is_answered_with_the_nearest(asked, words):
    with pytest.raises(UsageError, match=words):
        centrality(toy(), measures=["pagerank", asked])


def test_an_unknown_graph_is_refused():
    with pytest.raises(UsageError, match="use firm, product or full"):
        centrality(toy(), on="plants")


def test_the_same_graph_gives_the_same_bytes_in_every_run():
    # The order of a set of names differs from run to run, and with it the last digit of a sum.
    code = """
import chainnet
net = chainnet.load()
for on in ("full", "firm", "product"):
    print(chainnet.centrality(net, measures=None, on=on).to_csv())
"""
    command = [sys.executable, "-c", code]
    found = set()
    for seed in ("1", "2"):
        env = os.environ | {"PYTHONHASHSEED": seed}
        found.add(subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True).stdout)
    assert len(found) == 1


def test_every_measure_is_explained():
    for measure in MEASURES:
        assert f"``{measure}``" in centrality.__doc__


# --- second implementations --------------------------------------------------------------------

FIRMS = ["ant", "bee", "cat", "dog", "eel", "fox"]
GOODS = ["ale", "bar", "cup", "die", "egg"]
GRAPHS = st.sampled_from(["full", "firm", "product"])


@st.composite
def drawings(draw_from):
    """Random networks, with cycles and isolated parts; every need has a maker."""
    lines = []
    for good in GOODS:
        makers = draw_from(st.lists(st.sampled_from(FIRMS), min_size=1, max_size=3, unique=True))
        for maker in makers:
            share = draw_from(st.sampled_from(["", "0.1", "0.2", "0.3"]))
            lines.append(f"{maker}@JPN -> {good} {share}")
    pairs = [(a, b) for a, b in product(GOODS, GOODS) if a != b]
    needs = draw_from(st.lists(st.sampled_from(pairs), max_size=8, unique=True))
    return "\n".join([*lines, *(f"{a} => {b}" for a, b in needs)])


def projected(net, on):
    return nx.DiGraph(net.graph) if on == "full" else net.projection(on)


def power_iteration(matrix, damping=0.85):
    n = len(matrix)
    totals = matrix.sum(axis=1, keepdims=True)
    steps = np.where(totals > 0, matrix / np.where(totals > 0, totals, 1), 1 / n)
    rank = np.full(n, 1 / n)
    for _ in range(500):
        rank = (1 - damping) / n + damping * rank @ steps
    return rank


def shortest_paths(graph, source, target):
    """Every shortest path, by enumeration."""
    found, length = [], None
    queue = deque([[source]])
    while queue:
        path = queue.popleft()
        if length is not None and len(path) > length:
            break
        if path[-1] == target:
            found.append(path)
            length = len(path)
        else:
            queue += [[*path, follower] for follower in graph[path[-1]] if follower not in path]
    return found


def betweenness_by_enumeration(graph):
    n = len(graph)
    counts = dict.fromkeys(graph, 0.0)
    for source, target in permutations(graph, 2):
        paths = shortest_paths(graph, source, target)
        for path in paths:
            for node in path[1:-1]:
                counts[node] += 1 / len(paths)
    return {node: count / ((n - 1) * (n - 2)) if n > 2 else 0.0 for node, count in counts.items()}


def steps_to_final_use(matrix, rounds=4000):
    """Mean steps to a node without a way out, term by term; rising for ever where there is none."""
    totals = matrix.sum(axis=1, keepdims=True)
    parts = np.where(totals > 0, matrix / np.where(totals > 0, totals, 1), 0)
    steps = np.ones(len(matrix))
    for _ in range(rounds):
        steps = 1 + parts @ steps
    return steps


@settings(max_examples=40)
@given(drawings(), GRAPHS)
def test_against_second_implementations(text, on):
    net = draw(text)
    graph = projected(net, on)
    nodes = sorted(graph)
    table = centrality(net, measures=None, on=on, weighted=False).set_index("node").loc[nodes]
    matrix = np.array([[float(graph.has_edge(u, v)) for v in nodes] for u in nodes])
    assert table["betweenness"].to_dict() == pytest.approx(betweenness_by_enumeration(graph))
    assert table["pagerank"].to_numpy() == pytest.approx(power_iteration(matrix), abs=1e-7)
    assert table["reverse_pagerank"].to_numpy() == pytest.approx(power_iteration(matrix.T), abs=1e-7)
    assert table["harmonic"].to_dict() == pytest.approx(nx.harmonic_centrality(graph))
    assert table["closeness"].to_dict() == pytest.approx(nx.closeness_centrality(graph))
    assert table["in_degree"].to_numpy() == pytest.approx(matrix.sum(axis=0))
    assert table["out_strength"].to_numpy() == pytest.approx(matrix.sum(axis=1))
    largest = float(np.abs(np.linalg.eigvals(matrix)).max())
    part = 0.5 / max(1, largest)
    chains = np.ones(len(nodes))
    for _ in range(200):
        chains = 1 + part * matrix.T @ chains
    assert table["katz"].to_numpy() == pytest.approx(chains)
    steps = steps_to_final_use(matrix)
    finite = table["upstreamness"].notna().to_numpy()
    assert table["upstreamness"].to_numpy()[finite] == pytest.approx(steps[finite], rel=1e-6)
    assert (steps[~finite] > 50).all()


@settings(max_examples=25)
@given(drawings(), GRAPHS, st.booleans())
def test_hubs_and_authorities_make_each_other(text, on, weighted):
    net = draw(text)
    table = centrality(net, measures=["hubs", "authorities", "in_strength"], on=on, weighted=weighted)
    if table["in_strength"].sum() == 0:
        assert (table[["hubs", "authorities"]] == 0).all(axis=None)
        return
    assert table["hubs"].sum() == pytest.approx(1)
    assert table["authorities"].sum() == pytest.approx(1)
    if weighted and on != "product":
        return  # these weights are of test_markets
    graph = projected(net, on)
    nodes = table["node"].tolist()
    weight = "weight" if weighted else None
    matrix = nx.to_numpy_array(nx.DiGraph(graph), nodelist=nodes, weight=weight, multigraph_weight=max)
    hubs = table["hubs"].to_numpy()
    again = matrix @ (matrix.T @ hubs)
    assert again / again.sum() == pytest.approx(hubs, abs=1e-6)
    # It is the largest of all such pairs.
    assert np.linalg.norm(again) / np.linalg.norm(hubs) == pytest.approx(np.linalg.norm(matrix, 2) ** 2)


@settings(max_examples=25)
@given(drawings(), GRAPHS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(text, on, rng: random.Random):
    tables = drawn_tables(text)
    shuffled = {
        name: frame.iloc[rng.sample(range(len(frame)), len(frame))] if len(frame) else frame
        for name, frame in tables.items()
    }
    one = centrality(SupplyNetwork(tables), measures=None, on=on).set_index("node")
    two = centrality(SupplyNetwork(shuffled), measures=None, on=on).set_index("node").loc[one.index]
    for measure in MEASURES:
        assert two[measure].to_numpy() == pytest.approx(one[measure].to_numpy(), abs=1e-7, nan_ok=True)


@settings(max_examples=40)
@given(
    drawings(), st.sampled_from(["full", "firm", "product"]), st.permutations(FIRMS), st.permutations(GOODS)
)
def test_names_do_not_matter(text, on, firms, goods):
    new = dict(zip([*FIRMS, *GOODS], [*firms, *goods], strict=True))
    words = [[new.get(word.split("@")[0], word) for word in line.split(" ")] for line in text.splitlines()]
    renamed = "\n".join(
        " ".join(f"{word}@JPN" if k == 0 and line[1] == "->" else word for k, word in enumerate(line))
        for line in words
    )
    one = centrality(draw(text), measures=None, on=on).set_index("node")
    two = centrality(draw(renamed), measures=None, on=on).set_index("node")
    two = two.loc[[new[node] for node in one.index]]
    for measure in MEASURES:
        assert two[measure].to_numpy() == pytest.approx(one[measure].to_numpy(), abs=1e-7, nan_ok=True)


@settings(max_examples=25)
@given(drawings(), GRAPHS, st.booleans())
def test_ranges(text, on, weighted):
    table = centrality(draw(text), measures=None, on=on, weighted=weighted)
    assert table["betweenness"].between(0, 1).all()
    assert table["pagerank"].sum() == pytest.approx(1)
    assert table["reverse_pagerank"].sum() == pytest.approx(1)
    assert (table["katz"] >= 1 - 1e-12).all()
    assert (table["upstreamness"].dropna() >= 1 - 1e-12).all()
    last = table["out_degree"] == 0
    assert table.loc[last, "upstreamness"].to_numpy() == pytest.approx(1)
    assert (table["harmonic"] >= table["in_degree"] - 1e-12).all()
