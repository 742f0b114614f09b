"""Firms and products as nodes: where they stand, what is put on them, and that names stay text."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from itertools import pairwise

import pandas as pd
import pytest
from click.testing import CliRunner
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st
from test_figures import (
    CHAIN,
    OURS,
    PAYLOADS,
    Elements,
    browse,  # noqa: F401, a fixture
    hostile,
    many,
    rgb,
    shown_texts,
    staged,
    strings,
)

import chainnet as cn
from chainnet import UnknownNameError, UsageError, datasets, figures
from chainnet.commands import main
from chainnet.figures.charts import UNKNOWN
from chainnet.figures.looks import ALARM, COUNTRIES, OTHER, STEPS
from chainnet.figures.netplans import FAINT
from chainnet.figures.planning import LABELLED, MOST
from chainnet.figures.scenes import Scene
from chainnet.figures.shades import shades_of, steps_of, values_of
from chainnet.markets import markets


def scene(network: cn.SupplyNetwork, *, color=None, size=None, label=None, **view) -> Scene:
    return figures.scene(figures.pick(network, **view), color=color, size=size, label=label)


def pairs(network: cn.SupplyNetwork, **view) -> set[tuple[str, str]]:
    return set(scene(network, **view).whole.pairs)


def fills(figure) -> Counter[str]:
    """How many marks are filled with each colour."""
    found: Counter[str] = Counter()
    for trace in figure.data:
        if trace.mode == "markers" and trace.hovertext is None and "triangle" not in trace.marker.symbol:
            found[trace.marker.color] += len(trace.x)
    return found


def told(figure) -> list[str]:
    return [text for trace in figure.data for text in trace.hovertext or ()]


# --- what is shown -----------------------------------------------------------------------------


def test_firms_lead_to_what_they_make_and_inputs_to_what_needs_them():
    assert pairs(staged()) == {
        ("a", "acid"),
        ("tok", "resist"),
        ("dup", "resist"),
        ("asml", "scanner"),
        ("fab", "dram"),
        ("fab", "hbm"),
        ("box", "server"),
        ("acid", "resist"),
        ("resist", "dram"),
        ("scanner", "dram"),
        ("dram", "hbm"),
        ("hbm", "server"),
    }


def test_the_edges_of_the_bundled_graph_are_its_makers_and_its_needs():
    network = cn.load("japan-korea")
    web = scene(network).whole
    families = set(figures.pick(network).families)
    made = {
        (maker.firm, product)
        for product in set(network.products["product"]) - families
        for maker in markets(network).market(product).makers
        if maker.firm
    }
    assert {(edge.source, edge.target) for edge in web.edges if edge.use == "supplies"} == made
    assert {key for key, node in web.nodes.items() if node.kind == "firm"} == {firm for firm, _ in made}
    needs = {(row.input, row.product) for row in network.needs.itertuples()}
    drawn = {(edge.source, edge.target) for edge in web.edges if edge.use != "supplies"}
    assert drawn == {pair for pair in needs if not families & {*pair}}


def test_a_firm_in_focus_stands_between_what_it_needs_and_what_it_makes():
    assert pairs(staged(), focus="fab") == {
        ("tok", "resist"),
        ("dup", "resist"),
        ("asml", "scanner"),
        ("box", "server"),
        ("resist", "fab"),
        ("scanner", "fab"),
        ("fab", "dram"),
        ("fab", "hbm"),
        ("dram", "hbm"),
        ("hbm", "server"),
    }
    found = scene(staged(), focus="fab")
    lanes = found.plan.lane_of
    assert lanes["resist"] < lanes["fab"] < lanes["dram"]
    assert pairs(staged(), focus="fab", direction="down", depth=0) == {
        ("fab", "dram"),
        ("fab", "hbm"),
        ("dram", "hbm"),
    }


def test_a_focus_may_be_named_in_any_language():
    network = staged(names={"dram": {"name_ko": "디램"}})
    assert pairs(network, focus="디램", depth=1) == pairs(network, focus="dram", depth=1)
    with pytest.raises(UnknownNameError, match="dram"):
        scene(network, focus="drm")


# --- where things stand ------------------------------------------------------------------------


@st.composite
def networks(draw_from):
    """Drawings of up to 40 products in three stages, and of who makes them."""
    n = draw_from(st.integers(1, 40))
    needs = draw_from(st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=30))
    makers = draw_from(st.sets(st.tuples(st.integers(0, 15), st.integers(0, n - 1)), max_size=60))
    lines = [f"f{p % 3}@JPN -> p{p} 0.4" for p in range(n)]
    lines += [f"f{f}@JPN -> p{p}" for f, p in sorted(makers) if f != p % 3]
    lines += [f"p{a} => p{b}" for a, b in sorted(needs) if a < b]
    return lines


def drawn(lines: list[str]) -> cn.SupplyNetwork:
    network = draw("\n".join(lines))
    products = network.products
    products["stage"] = [("raw", "material", "device")[int(name[1:]) % 3] for name in products["product"]]
    return network.replace(products=products)


@settings(max_examples=15)
@given(networks(), st.sampled_from([None, "out_degree"]), st.booleans())
def test_no_two_nodes_and_no_two_names_overlap_and_the_order_of_rows_does_not_matter(lines, size, focus):
    where = {"focus": "f0"} if focus else {}
    network = drawn(lines)
    found = scene(network, size=size, **where)
    plan = found.plan
    rects = [plan.rect(key, 0.0) for key in plan.spots]
    for i, one in enumerate(rects):
        assert one.left >= 0
        assert one.right <= plan.width
        for two in rects[:i]:
            beside = one.right <= two.left or two.right <= one.left
            assert beside or one.bottom <= two.top + 0.2 or two.bottom <= one.top + 0.2
    for edge in found.web.edges:
        one, two = plan.lane_of[edge.source], plan.lane_of[edge.target]
        for lane in range(min(one, two) + 1, max(one, two)):
            y = plan.between(lane, plan.spots[edge.target][1])
            assert all(abs(y - plan.spots[k][1]) > 7 for k in plan.spots if plan.lane_of[k] == lane)
    again = drawn(lines[::-1])
    assert (
        figures.draw_scene(scene(again, size=size, **where)).to_json() == figures.draw_scene(found).to_json()
    )


def test_stages_run_from_left_to_right_and_arrows_with_them():
    plan = scene(staged()).plan
    lanes = plan.lane_of
    assert lanes["acid"] < lanes["resist"] < lanes["scanner"] < lanes["dram"] < lanes["server"]
    figure = figures.network(staged())
    symbols = {trace.marker.symbol for trace in figure.data if trace.mode == "markers"}
    assert "triangle-right" in symbols


def test_makers_of_one_product_that_do_not_fit_are_drawn_as_one_and_listed():
    lines = [f"m{p}x{i}@JPN -> p{p} 0.0{i + 1}" for p in range(13) for i in range(8)]
    found = scene(draw("\n".join([*lines, "p0 => p1"])))
    more = [node for node in found.web.nodes.values() if node.kind == "more"]
    assert more
    assert len(more) + sum(node.kind == "firm" for node in found.web.nodes.values()) < 104
    drawn_firms = {key for key, node in found.web.nodes.items() if node.kind == "firm"}
    folded = {made.row.key for node in more for made in node.made}
    assert len(drawn_firms | folded) == 104
    assert not drawn_firms & folded
    assert "m0x7" in drawn_firms  # the largest keep their names
    assert set(figures.node_table(found)["Name"]) >= folded
    assert f"{len(folded)} makers of one product each are drawn together" in figures.scene_note(found)
    assert found.plan.height < 1700


def test_names_that_begin_alike_stay_apart():
    names = {f"p{i}": {"name": f"Semiconductor-grade speciality chemical number {i}"} for i in range(9)}
    network = staged("\n".join(f"f@JPN -> p{i} 0.1" for i in range(9)), names=names)
    written = scene(network).plan.written
    assert len({written[key] for key in names}) == 9


# --- sizes -------------------------------------------------------------------------------------


def test_large_pictures_have_dots_fainter_lines_and_fewer_names():
    found = {n: figures.network(many(n)) for n in (LABELLED - 10, LABELLED + 50, FAINT + 50)}
    for n, figure in found.items():
        arrows = any("triangle" in str(trace.marker.symbol) for trace in figure.data)
        names = sum(bool(re.fullmatch(r"f|p\d+", text)) for text in shown_texts(figure))
        assert arrows == (n < LABELLED)
        assert names == (n + 1 if n < LABELLED else 60 if n < FAINT else 36)
        assert sum(fills(figure).values()) >= n
    lines = [
        next(t.line.width for t in found[n].data if t.mode == "lines" and t.fill is None)
        for n in (LABELLED + 50, FAINT + 50)
    ]
    assert lines[0] > lines[1]


def test_dots_do_not_lie_on_one_another():
    plan = scene(many(LABELLED + 400)).plan
    assert len(set(plan.spots.values())) == LABELLED + 401


def test_too_much_or_nothing_is_refused_with_a_hint():
    with pytest.raises(UsageError, match=r"5,002 nodes .*--focus"):
        scene(many(MOST + 1))
    with pytest.raises(UsageError, match="nothing to draw"):
        scene(draw(""))


def test_the_largest_bear_their_names_where_not_all_can():
    values = pd.Series({f"p{i}": float(i) for i in range(LABELLED + 50)}, name="mass")
    found = scene(many(LABELLED + 50), size=values)
    assert {f"p{i}" for i in range(LABELLED + 50 - 60, LABELLED + 50)} == found.plan.labelled


# --- what is put on the nodes ------------------------------------------------------------------


def test_countries_have_their_colours_and_the_rest_is_grey():
    figure = figures.network(staged(CHAIN + "zzz@AUT -> acid 0.1"), color="country")
    found = fills(figure)
    # One of each is the sample in the legend.
    assert found[COUNTRIES["JPN"]] == 2
    assert found[COUNTRIES["USA"]] == 3
    assert found[OTHER] == 2
    # Products have no head office: they are left white, and nothing is unknown.
    assert UNKNOWN not in found
    symbols = {t.marker.color: t.marker.symbol for t in figure.data if t.mode == "markers"}
    assert len({symbols[COUNTRIES[code]] for code in ("JPN", "USA", "KOR", "TWN", "NLD")}) == 5


def test_a_measure_is_drawn_in_steps_with_equally_many_nodes():
    found = scene(staged(), color="out_degree")
    table = cn.centrality(staged(), measures=["out_degree"]).set_index("node")["out_degree"]
    assert found.shades is not None
    values = sorted(set(table))
    assert [words for _, _, words in found.shades.keys] == [f"{value:.3g}" for value in values]
    by_fill = {
        fill: {table[key] for key, own in found.shades.fill.items() if own == fill}
        for fill, _, _ in found.shades.keys
    }
    assert all(len(own) == 1 for own in by_fill.values())


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_steps_hold_all_values_and_none_is_empty(values):
    ends = steps_of(values)
    assert 1 <= len(ends) <= len(STEPS)
    assert ends[-1] == max(values)
    assert all(low < high for low, high in pairwise(ends))
    lows = [-math.inf, *ends[:-1]]
    assert all(any(low < v <= high for v in values) for low, high in zip(lows, ends, strict=True))


def test_what_is_unknown_is_grey_and_never_zero():
    loss = pd.Series({"tok": 0.0, "dup": float("nan"), "fab": 0.97}, name="loss")
    figure = figures.network(staged(), color=loss)
    found = fills(figure)
    assert found[STEPS[4][1]] == 2  # fab, and the sample
    # dup, the firms that the result does not tell of, and the sample.
    assert found[UNKNOWN] == 5
    text = next(text for text in told(figure) if text.startswith("<b>dup</b>"))
    assert "loss: unknown" in text
    assert "loss: 0 %" in next(text for text in told(figure) if text.startswith("<b>tok</b>"))
    assert "unknown" in shown_texts(figure)


def test_numbers_of_the_data_have_their_unit_and_source():
    network = staged()
    products = network.products
    products.loc[products["product"] == "dram", "lead_days"] = 90.0
    figure = figures.network(network.replace(products=products), color="lead_days", size="lead_days")
    text = next(text for text in told(figure) if text.startswith("<b>dram</b>"))
    assert text.split("<br>")[1:3] == ["Lead time: 90 days", "Source: judgement of the authors"]
    assert "90 days" in shown_texts(figure)


def test_sizes_grow_with_the_value_and_labels_tell_it():
    values = pd.Series({"dram": 4.0, "hbm": 1.0, "resist": 0.0}, name="mass")
    found = scene(staged(), size=values, label=values)
    sizes = found.plan.sizes
    assert sizes["dram"] > sizes["hbm"] > sizes["resist"] == sizes["tok"]
    assert found.plan.written["dram"] == "dram · 4"
    assert found.plan.written["acid"] == "acid · unknown"
    assert found.plan.written["fab"] == "fab"
    assert scene(staged(), label="id").plan.written["dram"] == "dram"


def test_values_that_make_no_sense_are_refused():
    network = staged()
    with pytest.raises(UsageError, match=r"no attribute 'contry'\. Did you mean country"):
        figures.network(network, color="contry")
    with pytest.raises(UsageError, match="Did you mean pagerank"):
        figures.network(network, size="page_rank")
    with pytest.raises(UsageError, match="no number"):
        figures.network(network, size="country")
    with pytest.raises(UsageError, match="falls to -1"):
        figures.network(network, size=pd.Series({"fab": -1.0}, name="x"))
    with pytest.raises(UsageError, match=r"1 of 2 rows are of no firm or product.*fab:dram"):
        figures.network(network, color=pd.Series({"fab:dram": 1.0, "fab": 2.0}))
    with pytest.raises(UsageError, match="more than one value for fab"):
        figures.network(network, color=pd.Series([1.0, 2.0], index=["fab", "fab"]))
    with pytest.raises(UsageError, match="set_index"):
        figures.network(network, color=cn.centrality(network))  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["en", "ko", "ja"])
def test_every_attribute_can_be_put_on_every_node(lang):
    network = cn.load("japan-korea")
    kinds = {key: node.kind for key, node in scene(network).web.nodes.items()}
    for name in ("kind", "country", "business", "class", "family", "stage", "id", "name", "utilisation"):
        shades = shades_of(values_of(network, name, lang), kinds, lang)
        assert shades.fill, name
        words = [key[2] for key in shades.keys]
        assert not any("_" in text for text in words) or name in ("id", "family"), (name, words)


# --- a shock -----------------------------------------------------------------------------------


def test_a_cascade_shows_the_losses_the_closed_and_the_way():
    network = staged()
    outcome = cn.disrupt(network, "JPN:resist")
    found = scene(network, outcome=outcome)
    nodes = found.whole.nodes
    assert set(nodes) == {"tok", "fab", "box", "acid", "resist", "dram", "hbm", "server"}
    assert {key for key, node in nodes.items() if node.closed} == {"tok", "resist"}
    assert nodes["fab"].loss == pytest.approx(0.8)
    assert {edge[:2] for edge in found.whole.edges if edge.live} == {
        ("tok", "resist"),
        ("resist", "dram"),
        ("dram", "hbm"),
        ("hbm", "server"),
    }
    assert found.whole.steps == {"resist": 0, "tok": 0, "dram": 1, "fab": 1, "hbm": 2, "server": 3, "box": 3}
    figure = figures.cascade(network, outcome)
    assert shown_texts(figure).count("−80 %") == 2
    assert fills(figure)[ALARM] == 3
    (text,) = {text for text in told(figure) if text.startswith("<b>hbm</b>")}
    assert "the loss arrives in step 2 from the shock" in text
    table = figures.node_table(found)
    # box loses 0.4 · 0.8 of what it makes; its share is unknown, and assumed to be half.
    assert table.loc[table["Name"] == "server", ["Kind", "Output lost", "Step"]].to_numpy().tolist() == [
        ["product", "−16 %", "3"]
    ]


def test_a_cascade_around_a_firm_leads_through_it():
    network = staged()
    found = scene(network, outcome=cn.disrupt(network, "JPN:resist"), focus="fab")
    assert found.whole.nodes["dram"].loss == pytest.approx(0.8)
    assert {edge[:2] for edge in found.whole.edges if edge.live} == {
        ("tok", "resist"),
        ("resist", "fab"),
        ("fab", "dram"),
        ("fab", "hbm"),
        ("dram", "hbm"),
        ("hbm", "server"),
    }
    assert found.whole.steps["fab"] == found.whole.steps["dram"] == 1
    assert found.whole.steps["server"] == 2


def test_a_cascade_of_a_control_starts_at_the_flow():
    network = staged()
    found = scene(network, outcome=cn.disrupt(network, "JPN>KOR:resist"))
    assert found.whole.nodes["resist"].held
    assert found.whole.steps["dram"] == 1
    assert "flows held back" in shown_texts(figures.draw_scene(found))


def test_a_tool_maker_exposes_and_stops_nobody():
    network = staged()
    figure = figures.cascade(network, cn.disrupt(network, "asml"))
    assert "tools 100 %" in shown_texts(figure)


# --- nothing in the data is more than text -----------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"focus": "dram"}, {"focus": "fab", "lang": "ko"}])
def test_every_text_of_a_figure_is_escaped(options):
    series = pd.Series({"fab": PAYLOADS[0], "tok": PAYLOADS[1]}, name=PAYLOADS[2])
    figure = figures.network(hostile(), color=series, label=series, **options)
    for text in strings(json.loads(figure.to_json())["data"]):
        assert not re.search("[<>]", OURS.sub("", text)), text
    outcome = cn.disrupt(hostile(), "JPN:resist")
    for text in strings(json.loads(figures.cascade(hostile(), outcome, **options).to_json())["data"]):
        assert not re.search("[<>]", OURS.sub("", text)), text


def hostile_page() -> str:
    series = pd.Series({"fab": PAYLOADS[0], "tok": PAYLOADS[1]}, name=PAYLOADS[2])
    found = scene(hostile(), color=series, label=series)
    return figures.page(
        figures.draw_scene(found),
        title=figures.scene_title(found) + PAYLOADS[0],
        note=figures.scene_note(found),
        table=figures.node_table(found),
    )


def test_a_page_holds_no_tag_that_is_not_ours():
    text = hostile_page()
    around = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert not set(re.findall(r"<(/?\w+)", around)) & {"script", "img", "a", "span", "/script", "b"}
    for payload in PAYLOADS[:6]:
        assert payload not in text


# --- notebooks ---------------------------------------------------------------------------------


def tags(text: str) -> set[str]:
    elements = Elements()
    elements.feed(text)
    return {tag for tag, _ in elements.found}


def test_cards_tell_the_counts_and_are_escaped():
    network = cn.SupplyNetwork(hostile().tables, name=PAYLOADS[0])
    text = network._repr_html_()
    for words in ("firms: 6", "products: 6", "years of the shares: 2025", "shares known: 6 observed"):
        assert words in text
    assert tags(text) == {"div", "b"}
    outcome = cn.disrupt(network, "JPN:resist")
    assert "80.0%" in outcome._repr_html_()
    run = cn.simulate(network, "JPN:resist@0+200", days=200)
    assert "first day below 95 %" in run._repr_html_()
    for card in (outcome._repr_html_(), run._repr_html_()):
        assert tags(card) <= {"div", "b", "table", "thead", "tbody", "tr", "th", "td"}
        assert "&lt;br&gt;&lt;b&gt;" in card or "&lt;a href" in card
    assert tags(draw("")._repr_html_()) == {"div", "b"}


def test_a_network_plots_itself():
    options = {"focus": "fab", "depth": 1, "color": "country", "size": "pagerank", "lang": "ja"}
    assert staged().plot(**options).to_json() == figures.network(staged(), **options).to_json()


# --- commands ----------------------------------------------------------------------------------


def test_plot_network_and_plot_cascade_write_pages_with_their_tables(tmp_path, monkeypatch):
    datasets.write(staged(), tmp_path / "graph")
    monkeypatch.chdir(tmp_path)

    def run(*words: str):
        return CliRunner().invoke(main, ["--graph", str(tmp_path / "graph"), "plot", *words])

    done = run("network", "fab", "--depth", "1", "--size", "betweenness", "--lang", "ja")
    assert (done.exit_code, done.stdout) == (0, "")
    text = (tmp_path / "chainnet-network.html").read_text(encoding="utf-8")
    assert '<html lang="ja">' in text
    assert all(f">{head}</th>" in text for head in ("名称", "種別", "本社所在国", "betweenness", "出典"))
    done = run("cascade", "JPN:resist", "-o", "c.html")
    assert done.exit_code == 0, done.stderr
    text = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert "What depends on: Japan · resist" in text
    assert ">Step</th>" in text
    for words, hint in [
        (("network", "--color", "contry"), "Did you mean country"),
        (("network", "fob"), "Did you mean fab"),
        (("network", "--size", "country"), "no number"),
        (("cascade",), "Missing argument"),
    ]:
        done = run(*words)
        assert done.exit_code == 2, words
        assert hint in done.stderr


# --- in a browser ------------------------------------------------------------------------------


@pytest.mark.browser
def test_a_cascade_is_drawn_offline_with_its_colours_and_crosses(browse):  # noqa: F811, the fixture
    network = staged()
    found = scene(network, outcome=cn.disrupt(network, "JPN:resist"))
    text = figures.page(figures.draw_scene(found), title="", note="")
    seen = Counter(pixel for row in browse(text) for pixel in row)
    for _, color, _ in STEPS:
        assert seen[rgb(color)] > 30, color
    assert seen[rgb(ALARM)] > 20
    assert seen[rgb("#00224e")] > 300


@pytest.mark.browser
def test_marks_are_drawn_where_the_plan_has_them(browse):  # noqa: F811, the fixture
    found = scene(staged(), color="country", focus="dram")
    figure = figures.draw_scene(found)
    rows = browse(figures.page(figure, title="", note=""))
    width = figure.layout.width
    left = (1400 - width) // 2
    first = next(y for y, row in enumerate(rows) if rgb("#f4f6f8") in row)
    for key, code in (("tok", "JPN"), ("dup", "USA"), ("fab", "KOR")):
        x, y = found.plan.spots[key]
        at = first + 34 + round(y)
        near = Counter(
            pixel for row in rows[at - 6 : at + 7] for pixel in row[left + round(x) - 6 : left + round(x) + 7]
        )
        assert near[rgb(COUNTRIES[code])] > 10, key


@pytest.mark.browser
def test_hostile_names_do_nothing(browse):  # noqa: F811, the fixture
    pixels = Counter(pixel for row in browse(hostile_page()) for pixel in row)
    assert (255, 0, 255) not in pixels
    assert pixels[255, 255, 255] > 100_000
