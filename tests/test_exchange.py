"""Graph and table files out and in again: what comes back, what is lost, what other programs see."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections import Counter

import networkx as nx
import openpyxl
import pytest
from click.testing import CliRunner
from defusedxml import ElementTree
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import toy, toy_tables

import chainnet as cn
from chainnet import SupplyNetwork
from chainnet.commands import main
from chainnet.datasets import graphs_folder
from chainnet.exchange.exports import FORMATS
from chainnet.exchange.flats import flatten
from chainnet.exchange.graphfiles import gexf, graphml, node_link
from chainnet.exchange.tablefiles import import_parquet, workbook
from chainnet.schema import TABLES
from chainnet.tables import format_cell, read_table, typed_frame

GRAPHS = ("graphml", "gexf", "node-link")


def read_back(data: bytes, kind: str, tmp_path) -> cn.SupplyNetwork:
    path = tmp_path / f"graph.{kind}"
    path.write_bytes(data)
    return cn.import_graph(path, kind).network


def written(network, kind, tmp_path):
    path = tmp_path / f"written.{kind}"
    cn.export(network, kind, path)
    return path


# --- what comes back -----------------------------------------------------------------------------

names = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), min_size=1, max_size=12
)
shares = st.floats(0, 0.2).map(repr)


@st.composite
def networks(draw_):
    """Networks of up to four firms and three products, with names in any script and odd characters."""
    lines = []
    for maker in range(draw_(st.integers(1, 4))):
        for product in ("acid", "resist", "chip"):
            if draw_(st.booleans()):
                place = draw_(st.sampled_from(["JPN", "KOR"]))
                lines.append(f"f{maker}@{place} -> {product} {draw_(st.sampled_from(['', '0.1', '0.2']))}")
    lines += [
        "f9@USA -> acid 0.1",
        "f9@USA -> resist",
        "f9@USA -> chip 0.123456789012345",
        "*@JPN -> acid",
    ]
    if draw_(st.booleans()):
        lines += ["acid => resist 0.3", "resist => chip for:f9"]
    tables = draw("\n".join(dict.fromkeys(lines))).tables
    for name, column in (
        ("firms", "hq_city"),
        ("products", "definition"),
        ("plants", "note"),
        ("plants", "site"),
    ):
        rows = [
            (int(line), {key: format_cell(value) for key, value in row.items()})
            for line, row in tables[name].iterrows()
        ]
        for _, row in rows:
            row[column] = draw_(
                st.one_of(names, st.sampled_from(["=1+1", "a\tb", "x\x1by", "NA", "007", "<&>\"'", "\ufffe"]))
            )
            row[column] = row[column] or "-"
        tables[name] = typed_frame(rows, TABLES[name])[0]
        if column == "definition":
            tables[name].loc[tables[name]["definition"] == "", "definition"] = "-"
    return SupplyNetwork(tables, name="drawn")


@settings(max_examples=12)
@given(networks())
def test_a_graph_file_gives_back_the_same_network(tmp_path_factory, network):
    folder = tmp_path_factory.mktemp("graphs")
    flat = flatten(network)
    for kind, writer in (("graphml", graphml), ("gexf", gexf), ("node-link", node_link)):
        assert read_back(writer(flat), kind, folder).digest == network.digest, kind


@settings(max_examples=8)
@given(networks())
def test_parquet_gives_back_the_same_network(tmp_path_factory, network):
    folder = tmp_path_factory.mktemp("tables")
    cn.export(network, "parquet", folder)
    assert import_parquet(folder).network.digest == network.digest


@settings(max_examples=10)
@given(networks())
def test_a_workbook_holds_every_cell_but_what_excel_forbids(network):
    content, losses = workbook(network)
    book = openpyxl.load_workbook(io.BytesIO(content))
    changed = 0
    for name, table in TABLES.items():
        rows = list(book[name].iter_rows(values_only=True))
        assert rows[0] == tuple(table.by_name)
        frame = network.table(name)
        for row, cells in zip(frame[list(table.by_name)].itertuples(index=False), rows[1:], strict=True):
            for wanted, cell in zip(row, cells, strict=True):
                if isinstance(wanted, float):
                    assert (
                        cell is None
                        if math.isnan(wanted)
                        else float(cell) == pytest.approx(wanted, rel=1e-15)
                    )
                else:
                    changed += (cell or "") != wanted
    assert changed == (int(losses[0].split()[0]) if losses else 0)


@pytest.mark.parametrize("kind", GRAPHS)
def test_the_bundled_graph_comes_back_whole(kind, tmp_path):
    network = cn.load("japan-korea")
    found = cn.import_graph(written(network, kind, tmp_path), kind)
    assert found.network.digest == network.digest
    assert found.report.empty


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_network_gives_the_same_bytes(kind, tmp_path):
    for place in ("a", "b"):
        cn.export(toy(), kind, tmp_path / place)
    if (tmp_path / "a").is_dir():
        pairs = [(path, tmp_path / "b" / path.name) for path in (tmp_path / "a").iterdir()]
    else:
        pairs = [(tmp_path / "a", tmp_path / "b")]
    assert all(one.read_bytes() == two.read_bytes() for one, two in pairs)


def test_what_is_lost_is_said(tmp_path):
    tables = toy_tables()
    tables["firms"].loc[tables["firms"]["firm"] == "tok", "name_ja"] = "東\x07京"
    network = SupplyNetwork(tables)
    losses = cn.export(network, "graphml", tmp_path / "x.graphml")
    assert any("1 texts lost characters" in loss for loss in losses)
    assert b"\x07" not in (tmp_path / "x.graphml").read_bytes()
    levered = (
        cn.with_partnerships(toy(), ["han-in-japan"])
        if "han-in-japan" in set(toy().partnerships["partnership"])
        else toy()
    )
    assert any("countries' totals" in loss for loss in cn.export(levered, "csv", tmp_path / "lists"))


# --- what other programs see -------------------------------------------------------------------------


#: The schema of GEXF 1.2 (github.com/gephi/gexf, 1.2/gexf.xsd and data.xsd) as far as static graphs go:
#: children in their order, attributes that must be there, those that may be.
GEXF_SCHEMA = {
    "gexf": (["meta", "graph"], {"version"}, set()),
    "meta": (["creator", "description"], set(), set()),
    "creator": ([], set(), set()),
    "description": ([], set(), set()),
    "graph": (["attributes", "nodes", "edges"], set(), {"defaultedgetype", "mode"}),
    "attributes": (["attribute"], {"class"}, {"mode"}),
    "attribute": ([], {"id", "title", "type"}, set()),
    "nodes": (["node"], set(), set()),
    "node": (["attvalues"], {"id"}, {"label"}),
    "edges": (["edge"], set(), set()),
    "edge": (["attvalues"], {"id", "source", "target"}, {"type", "label", "weight"}),
    "attvalues": (["attvalue"], set(), set()),
    "attvalue": ([], {"for", "value"}, set()),
}
GEXF_WORDS = {
    "version": {"1.2"},
    "defaultedgetype": {"directed", "undirected", "mutual"},
    "mode": {"static", "dynamic"},
    "class": {"node", "edge"},
    "type": {"integer", "long", "double", "float", "boolean", "liststring", "string", "anyURI"},
}
#: Columns that Gephi has itself: an attribute of that title would be taken for them.
GEPHIS_OWN = {"id", "label", "weight", "interval", "timeset", "source", "target", "type", "kind of edge"}


def gexf_faults(data: bytes) -> list[str]:
    """What in a GEXF file is not as its schema, or Gephi, wants it."""
    root = ElementTree.fromstring(data)
    faults = []
    for element in root.iter():
        space, _, tag = element.tag.rpartition("}")
        children, needed, allowed = GEXF_SCHEMA.get(tag, ([], set(), set()))
        names = [child.tag.rpartition("}")[2] for child in element]
        ordered = sorted(names, key=lambda name: children.index(name) if name in children else -1)
        wrong = needed - set(element.attrib) | set(element.attrib) - needed - allowed
        odd = [name for name, words in GEXF_WORDS.items() if element.get(name, *list(words)[:1]) not in words]
        if (
            space != "{http://www.gexf.net/1.2draft"
            or names != ordered
            or set(names) - set(children)
            or wrong
            or odd
        ):
            faults.append(f"{tag} {element.attrib}")
    tags = {tag: list(root.iter(f"{{http://www.gexf.net/1.2draft}}{tag}")) for tag in GEXF_SCHEMA}
    for tag in ("node", "edge", "attribute"):
        ids = [element.get("id") for element in tags[tag]]
        faults += [f"{tag} {name} twice" for name, count in Counter(ids).items() if count > 1]
    nodes = {node.get("id") for node in tags["node"]}
    faults += [f"edge {e.attrib}" for e in tags["edge"] if {e.get("source"), e.get("target")} - nodes]
    for held in tags["attributes"]:
        kinds = {each.get("id"): each.get("type") for each in held}
        titles = [str(each.get("title")) for each in held]
        faults += [
            f"title {title}" for title in titles if title.lower() in GEPHIS_OWN or titles.count(title) > 1
        ]
        for element in tags.get(str(held.get("class")), []):
            for value in element.iter("{http://www.gexf.net/1.2draft}attvalue"):
                kind = kinds.get(value.get("for"), "")
                number = kind != "double" or re.fullmatch(
                    r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?", str(value.get("value"))
                )
                faults += [] if kind and number else [f"{element.get('id')} {value.attrib}"]
    return faults


def test_gexf_keeps_to_its_schema():
    for network in (toy(), cn.load("japan-korea")):
        assert gexf_faults(gexf(flatten(network))) == []
    whole = gexf(flatten(toy())).decode()
    for old, new in (
        ('version="1.2"', 'version="1.9"'),
        ("1.2draft", "1.4"),
        ('title="share"', 'title="weight"'),
        ('<node id="sun"', '<node id="tok"'),
        ('source="sun"', 'source="nobody"'),
        ('class="edge"', 'class="arrow"'),
        ('value="0.6"', 'value="much"'),
        ('for="11"', 'for="99"'),
        ("<nodes>", "<nodes size='1'>"),
        ("<creator>", "<author/><creator>"),
    ):
        assert old in whole, old
        assert gexf_faults(whole.replace(old, new, 1).encode()), new


@settings(max_examples=20)
@given(networks())
def test_gexf_keeps_to_its_schema_whatever_the_names(network):
    assert gexf_faults(gexf(flatten(network))) == []


def test_networkx_reads_what_is_written(tmp_path):
    network = toy()
    graphs = {
        "graphml": nx.read_graphml(written(network, "graphml", tmp_path), force_multigraph=True),
        "gexf": nx.read_gexf(written(network, "gexf", tmp_path)),
        "node-link": nx.node_link_graph(
            json.loads(written(network, "node-link", tmp_path).read_text()), edges="edges"
        ),
    }
    want = network.graph
    for kind, graph in graphs.items():
        assert graph.is_directed(), kind
        assert set(graph.nodes) == set(want.nodes), kind
        assert sorted(graph.edges()) == sorted(want.edges()), kind
        assert graph.nodes["tok"]["name"] == "Tokyo Resist", kind
        assert graph.nodes["tok"]["name_ko"] == "도쿄레지스트", kind
        (supply,) = (
            graph.get_edge_data("tok", "resist_euv").values()
            if graph.is_multigraph()
            else [graph["tok"]["resist_euv"]]
        )
        assert supply["share"] == 0.6, kind
        (unknown,) = (
            graph.get_edge_data("sun", "resist_euv").values()
            if graph.is_multigraph()
            else [graph["sun"]["resist_euv"]]
        )
        assert "share" not in unknown, kind


def test_the_lists_hold_every_node_and_edge(tmp_path):
    network = toy()
    cn.export(network, "csv", tmp_path)
    with (tmp_path / "nodes.csv").open(encoding="utf-8", newline="") as file:
        nodes = {row["id"]: row for row in csv.DictReader(file)}
    with (tmp_path / "edges.csv").open(encoding="utf-8", newline="") as file:
        edges = list(csv.DictReader(file))
    assert set(nodes) == set(network.graph.nodes)
    assert sorted((row["source"], row["target"]) for row in edges) == sorted(network.graph.edges())
    assert next(row for row in edges if row["source"] == "tok")["share"] == "0.6"


def test_text_in_a_workbook_is_never_a_formula_or_a_link():
    tables = toy_tables()
    firms = tables["firms"]
    for firm, name in {"tok": '=cmd|"/c calc"!A0', "sun": "@SUM(1)", "lith": "https://example.org"}.items():
        firms.loc[firms["firm"] == firm, "name"] = name
    book = openpyxl.load_workbook(io.BytesIO(workbook(SupplyNetwork(tables))[0]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert {'=cmd|"/c calc"!A0', "@SUM(1)", "https://example.org"} <= {cell.value for cell in cells}


# --- graphs of other programs, and changed ones ------------------------------------------------------


def node_link_file(tmp_path, key: str = "edges", **changed: object):
    data = {
        "directed": True,
        "nodes": [
            {"id": "Tokyo Resist", "kind": "firm", "country": "JPN"},
            {"id": "P/1", "kind": "product", "name": "Resist"},
            {"id": "chip", "kind": "product"},
            {"id": "han", "kind": "firm", "country": "KOR"},
            {"id": "thing"},
        ],
        key: [
            {"source": "Tokyo Resist", "target": "P/1", "share": 0.6, "year": 2024},
            {"source": "P/1", "target": "chip", "importance": "critical"},
            {"source": "han", "target": "chip"},
            {"source": "Tokyo Resist", "target": "han"},
            {"source": "thing", "target": "chip"},
        ],
    }
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({**data, **changed}), encoding="utf-8")
    return path


@pytest.mark.parametrize("key", ["edges", "links"])
def test_anothers_graph_becomes_tables(key, tmp_path):
    found = cn.import_graph(node_link_file(tmp_path, key), "node-link")
    plants = found.network.plants.set_index("plant")
    assert plants.loc["tokyo_resist-resist", ["share", "year"]].tolist() == [0.6, 2024]
    assert math.isnan(plants.loc["han-chip", "share"])
    assert found.network.needs[["product", "input"]].to_numpy().tolist() == [["chip", "resist"]]
    assert found.report[["file", "row", "code"]].to_numpy().tolist() == [
        ["edges", 4, "no-meaning"],
        ["edges", 5, "no-kind"],
        ["nodes", 5, "no-kind"],
    ]
    assert found.counts["used"].tolist() == [4, 3]


def test_edges_and_links_at_once_are_refused(tmp_path):
    with pytest.raises(cn.DataError, match="both edges and links"):
        cn.import_graph(node_link_file(tmp_path, links=[]), "node-link")
    with pytest.raises(cn.DataError, match="neither edges nor links"):
        cn.import_graph(node_link_file(tmp_path, edges=None), "node-link")


@pytest.mark.parametrize("kind", GRAPHS)
def test_a_graph_that_was_changed_is_read_from_its_nodes_and_edges(kind, tmp_path):
    path = written(toy(), kind, tmp_path)
    path.write_bytes(
        path.read_bytes()
        .replace(b"Tokyo Resist", b"Osaka Resist")
        .replace(b"Osaka Resist,", b"Tokyo Resist,")
    )
    found = cn.import_graph(path, kind)
    assert "was changed" in found.notes[0]
    firms = found.network.firms.set_index("firm")
    assert firms.loc["tok", "name"] == "Osaka Resist"
    shares = found.network.plants.set_index("plant")["share"]
    assert shares["tok-resist_euv"] == 0.6


def test_faults_of_a_graph_are_told_at_once(tmp_path):
    nodes = [{"id": "a", "kind": "firm", "country": "Nowhere"}, {"id": "a"}, {"id": ""}]
    path = node_link_file(tmp_path, nodes=nodes, edges=[{"source": "a", "target": "b"}])
    with pytest.raises(cn.DataError) as error:
        cn.import_graph(path, "node-link")
    assert sorted(fault.code for fault in error.value.faults) == ["bad-node", "bad-node", "unknown-node"]


# --- the commands ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "file"),
    [("graphml", "a.graphml"), ("gexf", "a.gexf"), ("node-link", "a.json"), ("parquet", "a")],
)
def test_export_and_import_by_command(kind, file, tmp_path):
    out, back = tmp_path / file, tmp_path / "back"
    done = CliRunner().invoke(main, ["export", kind, "-o", str(out)])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(main, ["import", kind, str(out), "-o", str(back)])
    assert done.exit_code == 0, done.output
    assert cn.read(back).digest == cn.load("japan-korea").digest
    assert read_table(back / "firms.csv", TABLES["firms"])[1] == []
    assert (graphs_folder() / "japan-korea/firms.csv").is_file()
