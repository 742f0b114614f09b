"""The network: frozen, drawn as a networkx graph, projected, and told from others by its digest."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from draw import draw, drawn_tables
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import toy, toy_tables

from chainnet import DataError, SupplyNetwork, UsageError
from chainnet.schema import TABLES

#  tok 0.6 ──┐
#  jsr  ?  ──┴─ resist ──┬── dram: fab, mem         fab makes resist too, and buys none from itself
#  fab 0.1 ──┘           │
#  lith ─── scanner ─────┘── logic: fab             scanner for fab only
NET = """
    resist  => dram
    resist  => logic 0.5
    scanner => dram capital for:fab
    tok@JPN  -> resist 0.3
    tok@KOR  -> resist 0.3
    jsr@JPN  -> resist
    fab@KOR  -> resist 0.1
    lith@NLD -> scanner 1.0
    fab@KOR  -> dram 0.6
    mem@USA  -> dram 0.4
    fab@KOR  -> logic 1.0
    mem@JPN  -> logic planned
    *@JPN    -> resist 0.5
"""

# --- frozen ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_changing_a_table_that_was_handed_out_changes_nothing(name):
    net = toy()
    before = net.digest
    for table in (net.table(name), net.tables[name], getattr(net, name)):
        assert len(table)
        table.iloc[0, 0] = "changed"
        table.loc[table.index[0], table.columns[-1]] = "changed"
        table["new"] = 1
        del table[table.columns[0]]
    assert list(net.table(name).columns) == list(TABLES[name].by_name)
    assert SupplyNetwork(net.tables).digest == before


def test_the_numbers_behind_a_table_cannot_be_written_through():
    net = toy()
    shares = net.plants["share"].to_numpy()
    try:
        shares[:] = 0.5
    except ValueError:
        assert not shares.flags.writeable
    assert SupplyNetwork(net.tables).digest == toy().digest
    assert not np.all(net.plants["share"] == 0.5)


def test_changing_the_tables_that_a_network_was_made_of_changes_nothing():
    tables = toy_tables()
    net = SupplyNetwork(tables)
    tables["plants"].loc[:, "share"] = 0.0
    del tables["firms"]["name"]
    assert SupplyNetwork(net.tables).digest == toy().digest


def test_what_a_network_has_cannot_be_set():
    net = toy()
    for name in ("name", "firms", "tables", "warnings"):
        with pytest.raises(AttributeError):
            setattr(net, name, None)


def test_the_graph_is_frozen():
    graph = toy().graph
    assert nx.is_frozen(graph)
    for change in (
        lambda: graph.add_node("new"),
        lambda: graph.add_edge("tok", "chip"),
        lambda: graph.remove_node("tok"),
        lambda: graph.remove_edge("tok", "resist_euv"),
        graph.clear,
    ):
        with pytest.raises(nx.NetworkXError, match=r"(?i)frozen"):
            change()
    assert nx.MultiDiGraph(graph).number_of_nodes() == graph.number_of_nodes()


def test_a_projection_is_ones_own():
    net = toy()
    mine = net.projection("firm")
    mine.remove_node("han")
    mine.nodes["tok"]["name"] = "mine"
    mine["tok"]["nag"]["inputs"].clear()
    assert net.projection("firm").nodes["tok"]["name"] == net.graph.nodes["tok"]["name"] == "Tokyo Resist"
    assert net.projection("firm")["tok"]["nag"]["inputs"] == ["resist_euv"]


# --- the graph ---------------------------------------------------------------------------------


def test_firms_point_to_what_they_make_and_products_to_who_needs_them():
    graph = draw(NET).graph
    edges = {(u, v, key): data for u, v, key, data in graph.edges(keys=True, data=True)}
    supplies = {(u, v): data["share"] for (u, v, key), data in edges.items() if key == "supplies"}
    assert supplies == {
        ("tok", "resist"): pytest.approx(0.6),  # two plants
        ("jsr", "resist"): None,  # unknown is not 0
        ("fab", "resist"): 0.1,
        ("lith", "scanner"): 1.0,
        ("fab", "dram"): 0.6,
        ("mem", "dram"): 0.4,
        ("fab", "logic"): 1.0,
    }
    needs = {edge: data for edge, data in edges.items() if edge[2] != "supplies"}
    assert set(needs) == {
        ("resist", "fab", "dram"),
        ("resist", "mem", "dram"),
        ("resist", "fab", "logic"),
        ("scanner", "fab", "dram"),
    }
    assert needs["resist", "fab", "logic"]["importance"] == "important"
    assert needs["resist", "fab", "logic"]["impact"] == 0.5
    assert needs["scanner", "fab", "dram"]["use"] == "capital"
    assert graph["tok"]["resist"]["supplies"]["countries"] == ("JPN", "KOR")
    assert graph["tok"]["resist"]["supplies"]["plants"] == ("tok-resist", "tok-resist.1")


def test_every_firm_and_product_is_a_node():
    net = toy()
    kinds = nx.get_node_attributes(net.graph, "kind")
    assert {node for node, kind in kinds.items() if kind == "firm"} == set(net.firms["firm"])
    assert {node for node, kind in kinds.items() if kind == "product"} == set(net.products["product"])


def test_firms_supply_firms():
    graph = draw(NET).projection("firm")
    edges = {(u, v): (data["weight"], data["inputs"]) for u, v, data in graph.edges(data=True)}
    assert edges == {
        ("tok", "fab"): (pytest.approx(0.6), ["resist"]),
        ("tok", "mem"): (pytest.approx(0.6), ["resist"]),
        ("jsr", "fab"): (0.0, ["resist"]),
        ("jsr", "mem"): (0.0, ["resist"]),
        ("fab", "mem"): (0.1, ["resist"]),
        ("lith", "fab"): (1.0, ["scanner"]),
    }


def test_a_firm_that_supplies_two_inputs_has_one_edge():
    net = draw("""
        resist => dram
        gas    => dram
        tok@JPN -> resist 0.6
        tok@JPN -> gas    0.3
        fab@KOR -> dram   1.0
    """)
    (edge,) = net.projection("firm").edges(data=True)
    assert edge[:2] == ("tok", "fab")
    assert edge[2]["weight"] == pytest.approx(0.9)
    assert edge[2]["inputs"] == ["gas", "resist"]


def test_products_go_into_products():
    edges = {
        (u, v): (w["weight"], w["firms"]) for u, v, w in draw(NET).projection("product").edges(data=True)
    }
    assert edges == {
        ("resist", "dram"): (2, ["fab", "mem"]),
        ("resist", "logic"): (1, ["fab"]),
        ("scanner", "dram"): (1, ["fab"]),
    }


def test_there_are_two_projections():
    with pytest.raises(UsageError, match="use firm or product"):
        draw(NET).projection("plant")


def test_projections_keep_isolated_nodes_and_what_is_known_of_them():
    net = toy()
    firms, products = net.projection("firm"), net.projection("product")
    assert set(firms) == set(net.firms["firm"])
    assert set(products) == set(net.products["product"])
    assert products.nodes["resist_all"]["name"] == "Photoresist"
    assert all("kind" in data for _, data in [*firms.nodes(data=True), *products.nodes(data=True)])


ALGORITHMS = {
    "weak components": lambda g: list(nx.weakly_connected_components(g)),
    "strong components": lambda g: list(nx.strongly_connected_components(g)),
    "condensation": lambda g: nx.condensation(nx.DiGraph(g)),
    "shortest paths": lambda g: dict(nx.all_pairs_shortest_path_length(g)),
    "ancestors": lambda g: nx.ancestors(g, "chip"),
    "descendants": lambda g: nx.descendants(g, "acid"),
    "topological order": lambda g: list(nx.topological_sort(g)),
    "dominators": lambda g: nx.immediate_dominators(g, "acid"),
    "pagerank": nx.pagerank,
    "betweenness": nx.betweenness_centrality,
    "closeness": nx.closeness_centrality,
    "degree centrality": nx.degree_centrality,
    "node cut": lambda g: nx.minimum_node_cut(nx.DiGraph(g), "acid", "chip"),
    "simple paths": lambda g: list(nx.all_simple_paths(g, "acid", "chip")),
    "articulation points": lambda g: list(nx.articulation_points(g.to_undirected())),
    "core number": lambda g: nx.core_number(nx.Graph(g)),
    "communities": lambda g: nx.community.louvain_communities(g, seed=1),
    "node-link": nx.node_link_data,
    "adjacency": lambda g: nx.to_scipy_sparse_array(g).nnz,
    "layout": lambda g: nx.spring_layout(g, seed=1),
    "edge list": lambda g: list(nx.generate_edgelist(g, data=False)),
}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_algorithms_of_networkx_run_on_the_graph(name):
    net = toy()
    edges = list(net.graph.edges(keys=True))
    assert ALGORITHMS[name](net.graph)
    assert list(net.graph.edges(keys=True)) == edges


def test_a_cut_of_the_graph_is_what_one_sees():
    # Everything of the acid goes through the resist; then through both makers of chips.
    graph = nx.DiGraph(toy().graph)
    assert nx.minimum_node_cut(graph, "acid", "chip") == {"resist_euv"}
    assert nx.node_connectivity(graph, "resist_euv", "chip") == 2


# --- the digest --------------------------------------------------------------------------------


def test_the_same_tables_have_the_same_digest():
    net = toy()
    assert net.digest == toy().digest == net.replace().digest == net.replace(firms=net.firms).digest
    assert SupplyNetwork(net.tables, name="another").digest == net.digest
    # Line numbers are no content.
    assert net.replace(firms=net.firms.reset_index(drop=True)).digest == net.digest


CHANGES = [
    ("firms", "name_ko", "다른"),
    ("products", "definition", "Another."),
    ("plants", "share", 0.01),
    ("plants", "note", "Another."),
    ("needs", "cover_days", 31.0),
    ("sourcing", "year", 2023.0),
    ("partnerships", "announced", "2025-04"),
    ("effects", "high", 0.9),
    ("references", "publisher", "Another"),
]


@pytest.mark.parametrize(("name", "column", "value"), CHANGES)
def test_one_cell_changes_the_digest(name, column, value):
    net = toy()
    table = net.table(name)
    table.loc[table.index[0], column] = value
    assert net.replace(**{name: table}).digest != net.digest


@settings(max_examples=30)
@given(st.floats(0, 1), st.floats(0, 1))
def test_digests_are_equal_when_shares_are(one, two):
    def digest(share):
        return draw(f"tok@JPN -> resist {share:.17f}").digest

    assert (digest(one) == digest(two)) == (float(f"{one:.17f}") == float(f"{two:.17f}"))


# --- the rest ----------------------------------------------------------------------------------


def test_a_faulty_network_says_all_that_is_wrong():
    tables = drawn_tables("tok@JPN -> resist 0.6")
    tables["plants"].loc[:, "product"] = "nothing"
    tables["firms"].loc[:, "ref"] = "nobody"
    with pytest.raises(DataError) as caught:
        SupplyNetwork(tables)
    assert {(fault.file, fault.code) for fault in caught.value.faults} == {
        ("firms.csv", "unknown-id"),
        ("plants.csv", "unknown-id"),
    }
    assert "2 faults" in str(caught.value)


def test_replacing_checks_anew():
    net = toy()
    with pytest.raises(DataError, match="duplicate-key"):
        net.replace(firms=net.firms.loc[[2, 2, 3, 4, 5, 6, 7]])


def test_partnerships_and_effects_may_be_missing():
    tables = {name: table for name, table in toy_tables().items() if name not in ("partnerships", "effects")}
    net = SupplyNetwork(tables)
    assert len(net.partnerships) == len(net.effects) == 0
    assert list(net.effects.columns) == list(TABLES["effects"].by_name)


def test_labels_are_english_where_there_is_no_other():
    net = toy()
    assert [net.label("tok", lang) for lang in ("en", "ja", "ko")] == [
        "Tokyo Resist",
        "東京レジスト",
        "도쿄레지스트",
    ]
    assert net.label("airco", "ja") == "Air Company"
    assert net.label("resist_euv", "ko") == "EUV 포토레지스트"
    assert net.label("nobody") == "nobody"


def test_families_and_homes():
    net = toy()
    assert net.families == {"resist_all": ("resist_euv",)}
    assert net.home["han"] == "KOR"
    assert repr(net) == "<SupplyNetwork 'toy': 6 firms, 6 products, 9 plants, 4 needs>"


def test_tables_of_another_name_or_shape_are_refused_and_not_passed_over() -> None:
    net = toy()
    with pytest.raises(UsageError, match="there is no table plant; use firms"):
        net.replace(plant=net.plants)
    with pytest.raises(DataError) as raised:
        net.replace(plants=net.plants.drop(columns=["country"]).astype({"share": str}))
    assert [(fault.code, fault.column) for fault in raised.value.faults] == [
        ("missing-column", "country"),
        ("not-numbers", "share"),
    ]
