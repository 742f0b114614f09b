"""Measures of link tables: worked by hand, against networkx, and the same however the work is cut."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainnet import ConvergenceError, DataError, UsageError, centrality, graphmeasures, load
from chainnet.digraphs import digraph
from chainnet.graphmeasures import MEASURES, sampled_betweenness


def table(*rows):
    """A link table of words such as ``mine>smelter``, each of value 1, or of triples."""
    triples = [(*row.split(">"), 1.0) if isinstance(row, str) else row for row in rows]
    return pd.DataFrame(triples, columns=["supplier", "buyer", "value"])


def values(links, measure, **options):
    found = centrality(links, measures=[measure], **options)
    return dict(zip(found["node"], found[measure], strict=True))


# --- by hand -----------------------------------------------------------------------------------

#  mine ──┬── smelter ── wire ──┐
#  scrap ─┘         └─── foil ──┴── maker ── shop          sand ── glass ── maker
WORKS = table(
    "mine>smelter",
    "scrap>smelter",
    "smelter>wire",
    "smelter>foil",
    "wire>maker",
    "foil>maker",
    "maker>shop",
    "sand>glass",
    "glass>maker",
)
#  a ── b ── c ── a, in a circle that d feeds and e leaves; f and g stand apart
CIRCLE = table("a>b", "b>c", "c>a", "d>a", "c>e", "f>g")


def test_what_all_goods_pass_dominates():
    # wire and foil come through the smelter alone; the maker has two sources, and dominates the shop.
    # The smelter has two mines: neither dominates it.
    found = values(WORKS, "dominated")
    assert {node: n for node, n in found.items() if n} == {"smelter": 2, "maker": 1, "sand": 1}


def test_of_a_single_source_all_tiers_are_dominated():
    links = table("mine>smelter", "smelter>wire", "smelter>foil", "wire>maker", "foil>maker")
    assert values(links, "dominated") == {"mine": 4, "smelter": 3, "wire": 0, "foil": 0, "maker": 0}


def test_reach_counts_all_downstream():
    assert values(WORKS, "reach") == {
        "mine": 5,
        "scrap": 5,
        "smelter": 4,
        "sand": 3,
        "wire": 2,
        "foil": 2,
        "glass": 2,
        "maker": 1,
        "shop": 0,
    }


def test_a_circle_reaches_itself_and_is_dominated_by_what_feeds_it():
    assert values(CIRCLE, "reach") == {"a": 3, "b": 3, "c": 3, "d": 4, "e": 0, "f": 1, "g": 0}
    # d feeds a, which leads to b, c and e one after the other.
    assert values(CIRCLE, "dominated") == {"d": 4, "a": 3, "b": 2, "c": 1, "e": 0, "f": 1, "g": 0}
    assert values(CIRCLE, "strong_component") == {"a": 3, "b": 3, "c": 3, "d": 1, "e": 1, "f": 1, "g": 1}
    assert values(CIRCLE, "weak_component") == {"a": 5, "b": 5, "c": 5, "d": 5, "e": 5, "f": 2, "g": 2}


def test_each_of_a_circle_that_nobody_feeds_is_a_source():
    # Goods may begin at a, b or c: none of them stands before another, but all that leaves comes from c.
    found = values(table("a>b", "b>c", "c>a", "c>e", "e>f"), "dominated")
    assert found == {"c": 2, "e": 1, "a": 0, "b": 0, "f": 0}


def test_a_long_two_way_chain_takes_no_time():
    # An iteration to a fixed point takes the cube of the length here.
    n = 20_000
    chain = np.arange(n)
    back = chain[n // 2 :]
    graph = digraph(
        np.append(chain[:-1], back[1:]), np.append(chain[1:], back[:-1]), np.ones(n - 1 + len(back) - 1), n
    )
    assert (MEASURES["dominated"](graph) == n - 1 - chain).all()
    assert MEASURES["reach"](graph)[[0, n // 2 - 1, n // 2, n - 1]].tolist() == [
        n - 1,
        n // 2,
        n // 2 - 1,
        n // 2 - 1,
    ]


def test_weights_are_values_and_rows_of_a_pair_are_summed():
    links = table(("a", "b", 2), ("a", "b", 3), ("a", "c", 15), ("d", "a", 0))
    assert values(links, "out_strength") == {"a": 20, "b": 0, "c": 0, "d": 0}
    assert values(links, "out_strength", weighted=False) == {"a": 2, "b": 0, "c": 0, "d": 0}
    found = centrality(links, measures=["in_degree"])
    assert found["node"].tolist() == ["b", "c", "a", "d"]
    assert found.attrs == {"graph": "links", "weighted": True, "summed_rows": 1, "zero_rows": 1}
    # Three times as much goes to c as to b.
    assert values(links, "pagerank")["c"] > values(links, "pagerank")["b"]


# --- the table ---------------------------------------------------------------------------------


def test_a_link_table_has_nodes_and_measures_alone():
    found = centrality(WORKS, measures=None)
    assert list(found.columns) == ["node", *MEASURES]
    assert len(found) == 9
    assert list(centrality(WORKS, measures=[]).columns) == ["node"]
    for measure in MEASURES:
        assert f"``{measure}``" in centrality.__doc__


def test_the_order_of_rows_does_not_matter_and_names_may_be_numbers():
    links = table((10, 9, 0.1), (9, 100, 0.2), (10, 100, 0.3), (9, 100, 0.7))
    one = centrality(links, measures=None)
    pd.testing.assert_frame_equal(centrality(links.iloc[::-1], measures=None), one, check_exact=True)
    assert centrality(links, measures=[])["node"].tolist() == [9, 10, 100]
    mixed = table(("b", 2, 1.0), (2, "a", 1.0))
    assert sorted(map(str, centrality(mixed)["node"])) == ["2", "a", "b"]


def test_names_may_be_categories():
    alike = pd.CategoricalDtype(sorted({*WORKS["supplier"], *WORKS["buyer"]}, reverse=True))
    for kind in (alike, "category"):
        links = WORKS.astype({"supplier": kind, "buyer": kind})
        pd.testing.assert_frame_equal(centrality(links, measures=None), centrality(WORKS, measures=None))


@pytest.mark.parametrize(
    ("links", "words"),
    [
        (table("a>b").drop(columns="buyer"), "no such column: buyer"),
        (table("a>b").drop(columns=["supplier", "buyer"]), "no such column: supplier"),
        (table("a>b", "b>b"), "supplies itself"),
        (table("a>b", ("a", None, 1.0), ("a", "c", -1)), r"(?s)not an amount.*links:3: \[no-name\]"),
        (table(("a", "b", 0.0)), "no link has a value above 0"),
        (table(), "no link has a value above 0"),
    ],
)
def test_the_faults_of_a_link_table_are_told(links, words):
    with pytest.raises(DataError, match=words):
        centrality(links)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"on": "product"}, "has no products"),
        ({"measures": "katz"}, "no katz of a link table"),
        ({"measures": "reech"}, "Did you mean reach"),
        ({"measures": "eigenvector"}, "use pagerank"),
        ({"samples": 1}, "give 2 or more"),
        ({"samples": 5, "measures": "reach"}, "samples are for betweenness"),
    ],
)
def test_what_makes_no_sense_is_refused(options, words):
    with pytest.raises(UsageError, match=words):
        centrality(WORKS, **options)


def test_a_network_and_the_link_table_of_its_firms_have_the_same_numbers():
    network = load("japan-korea")
    firms = network.projection("firm")
    links = pd.DataFrame([(u, v, 1.0) for u, v in firms.edges], columns=["supplier", "buyer", "value"])
    ours = centrality(links, measures=None).set_index("node")
    theirs = centrality(network, measures=None, on="firm", weighted=False).set_index("node")
    for measure in set(MEASURES) - {"pagerank", "reverse_pagerank", "betweenness", "closeness"}:
        # These four count the firms without links, which a link table does not name.
        np.testing.assert_allclose(ours[measure], theirs[measure][ours.index], rtol=1e-9)


def test_flows_that_hardly_leave_a_circle_do_not_settle():
    with pytest.raises(ConvergenceError, match="upstreamness does not settle"):
        centrality(table(("a", "b", 1e12), ("b", "a", 1e12), ("b", "c", 1.0)), measures="upstreamness")
    # One part in a thousand: each goes round a thousand times, two steps each.
    found = values(table(("a", "b", 999.0), ("b", "a", 999.0), ("b", "c", 1.0)), "upstreamness")
    assert found == pytest.approx({"a": 2001, "b": 2000, "c": 1}, rel=1e-9)


# --- against networkx --------------------------------------------------------------------------


@st.composite
def edges(draw, most=14, links=30):
    """How many nodes, and edges of some weight between them: circles, ties, parts, nodes to themselves."""
    n = draw(st.integers(1, most))
    node = st.integers(0, n - 1)
    weight = st.sampled_from([0.0, 1.0, 2.0, 7.0])
    return n, draw(st.dictionaries(st.tuples(node, node), weight, max_size=links))


def compiled(n, weights):
    ends = np.array(list(weights), dtype=np.int64).reshape(-1, 2)
    return digraph(ends[:, 0], ends[:, 1], np.array(list(weights.values())), n)


def drawn(n, weights):
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from((u, v, weight) for (u, v), weight in weights.items())
    return graph


def dominated_by_networkx(graph):
    fed = graph.copy()
    circles = nx.condensation(graph)
    first = (v for c in circles if not circles.in_degree(c) for v in circles.nodes[c]["members"])
    fed.add_edges_from(("root", v) for v in first)
    above = nx.immediate_dominators(fed, "root")
    count = dict.fromkeys(graph, 0)
    for node in graph:
        up = above[node]
        while up != "root":
            count[up] += 1
            up = above[up]
    return count


def ranks(graph):
    return nx.pagerank(graph, tol=1e-14 / len(graph), max_iter=10_000)


def sizes(parts):
    return {v: len(part) for part in parts for v in part}


ORACLES = {
    "betweenness": nx.betweenness_centrality,
    "pagerank": ranks,
    "reverse_pagerank": lambda graph: ranks(graph.reverse()),
    "in_degree": lambda graph: dict(graph.in_degree()),
    "out_degree": lambda graph: dict(graph.out_degree()),
    "in_strength": lambda graph: dict(graph.in_degree(weight="weight")),
    "out_strength": lambda graph: dict(graph.out_degree(weight="weight")),
    "closeness": nx.closeness_centrality,
    "harmonic": nx.harmonic_centrality,
    "reach": lambda graph: {v: len(nx.descendants(graph, v)) for v in graph},
    "dominated": dominated_by_networkx,
    "weak_component": lambda graph: sizes(nx.weakly_connected_components(graph)),
    "strong_component": lambda graph: sizes(nx.strongly_connected_components(graph)),
}


def agree(n, weights, names):
    graph, ours = drawn(n, weights), compiled(n, weights)
    for name in names:
        expected = ORACLES[name](graph)
        np.testing.assert_allclose(
            MEASURES[name](ours), [expected[v] for v in range(n)], rtol=1e-10, atol=1e-10, err_msg=name
        )


@settings(max_examples=100)
@given(edges())
def test_all_measures_are_those_of_networkx(given_edges):
    agree(*given_edges, ORACLES)
    assert set(MEASURES) - set(ORACLES) == {"upstreamness"}  # test_centralities sums it term by term


@pytest.mark.parametrize("links", [900, 1500, 2500])
def test_graphs_of_many_blocks_are_those_of_networkx(links, monkeypatch):
    # More than 512 nodes, targets and sources; work is cut into 16 parts.
    monkeypatch.setattr(graphmeasures, "_PART", 1)
    rng = np.random.default_rng(links)
    ends = rng.integers(0, 1300, (links, 2))
    # Mostly from lower to higher numbers: many small circles and long ways.
    ends = np.where(rng.random((links, 1)) < 0.95, np.sort(ends, axis=1), ends)
    weights = {(int(u), int(v)): float(k % 5) for k, (u, v) in enumerate(ends)}
    agree(1300, weights, set(ORACLES) - {"closeness", "betweenness", "harmonic"})
    few = {pair: weight for pair, weight in weights.items() if max(pair) < 600}
    agree(600, few, ORACLES)


@settings(max_examples=20)
@given(edges(), st.integers(2, 14))
def test_cores_do_not_matter(given_edges, samples):
    graph = compiled(*given_edges)
    pivots = np.arange(min(samples, graph.n))
    found = []
    for cores in (1, 4):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(graphmeasures, "_PART", 1)
            patch.setattr("os.cpu_count", lambda: cores)  # noqa: B023
            found.append([*sampled_betweenness(graph, pivots), *(MEASURES[name](graph) for name in MEASURES)])
    for one, four in zip(*found, strict=True):
        assert one.tobytes() == four.tobytes()


# --- samples -----------------------------------------------------------------------------------


@settings(max_examples=30)
@given(edges(most=7), st.integers(2, 7))
def test_over_all_samples_the_estimate_and_its_error_have_no_bias(given_edges, samples):
    graph = compiled(*given_edges)
    samples = min(samples, graph.n)
    if samples < 2:
        return
    exact = MEASURES["betweenness"](graph)
    each = [sampled_betweenness(graph, np.array(some)) for some in combinations(range(graph.n), samples)]
    estimates, errors = (np.array(column) for column in zip(*each, strict=True))
    np.testing.assert_allclose(estimates.mean(axis=0), exact, atol=1e-12)
    np.testing.assert_allclose((errors**2).mean(axis=0), estimates.var(axis=0), atol=1e-12)


def test_three_errors_hold_the_exact_one_as_often_as_chebyshev_says():
    rng = np.random.default_rng(1)
    n, samples, seeds = 400, 100, 60
    pairs = rng.integers(0, n, (2400, 2))
    graph = compiled(n, {(int(u), int(v)): 1.0 for u, v in pairs if u != v})
    exact = MEASURES["betweenness"](graph)
    # What the error estimates: the spread over all pivots, one by one, of a mean of so many of them.
    alone = np.array([sampled_betweenness(graph, np.array([pivot]))[0] for pivot in range(n)])
    spread = alone.std(axis=0, ddof=1) * np.sqrt((1 - samples / n) / samples)
    found = [
        sampled_betweenness(graph, np.random.default_rng(seed).permutation(n)[:samples])
        for seed in range(seeds)
    ]
    estimates, errors = (np.array(column) for column in zip(*found, strict=True))
    within = np.abs(estimates - exact) <= 3 * spread
    assert within[:, exact > 0].mean() >= 8 / 9
    # Over seeds, the squares come to what they estimate, a tenth of it apart at most.
    assert (errors**2).sum() == pytest.approx((spread**2).sum() * seeds, rel=0.1)
    assert ((estimates - exact) ** 2).sum() == pytest.approx((spread**2).sum() * seeds, rel=0.1)


def test_samples_are_drawn_by_seed_and_all_of_them_are_exact():
    columns = ["node", "betweenness", "betweenness_error"]
    one = centrality(WORKS, measures="betweenness", samples=4, seed=3)
    assert list(one.columns) == columns
    assert one.attrs["samples"] == 4
    assert one.attrs["seed"] == 3
    pd.testing.assert_frame_equal(
        one, centrality(WORKS, measures="betweenness", samples=4, seed=3), check_exact=True
    )
    others = [centrality(WORKS, measures="betweenness", samples=4, seed=seed) for seed in range(10)]
    assert any(not other.equals(one) for other in others)
    whole = centrality(WORKS, measures="betweenness", samples=1000)
    assert (whole["betweenness_error"] == 0).all()
    assert whole.attrs["samples"] == 9
    pd.testing.assert_series_equal(whole["betweenness"], centrality(WORKS)["betweenness"])
    drawn_too = centrality(load("japan-korea"), samples=50)
    assert list(drawn_too.columns) == ["node", "kind", "name", *columns[1:], "pagerank"]
