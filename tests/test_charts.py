"""Bars, flows, treemaps and cut sets: their numbers, what they leave out, and that names stay text."""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict

import pytest
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st
from test_figures import CHAIN, PAYLOADS, browse, hostile, rgb, staged, strings  # noqa: F401, a fixture

import chainnet as cn
from chainnet import UnknownNameError, UsageError, figures
from chainnet.figures.charts import PATTERNS, UNKNOWN
from chainnet.figures.looks import COUNTRIES
from chainnet.tables import records

# --- concentration -----------------------------------------------------------------------------


def test_bars_stand_in_order_with_their_bounds_and_the_largest():
    # One maker of all of z: 1. x: 0.6² + 0.1², and 0.3 unknown: at most 0.3² more. Of y nothing is known.
    net = draw("a@JPN -> x 0.6\n b@KOR -> x 0.1\n c@USA -> y\n d@NLD -> z 1.0")
    table = figures.concentration_table(net)
    assert table["product"].tolist()[:2] == ["z", "x"]
    figure = figures.concentration(table)
    bars, assumed = figure.data
    assert bars.x == (1.0, pytest.approx(0.37))
    # Half to the maker without a figure, half to everyone else: 0.5², from nothing to all.
    assert (assumed.x[0], assumed.error_x.arrayminus[0], assumed.error_x.array[0]) == (0.25, 0.25, 0.75)
    assert bars.error_x.array[1] == pytest.approx(0.09)
    assert bars.error_x.arrayminus[1] == pytest.approx(0)
    assert [note.text for note in figure.layout.annotations][:2] == ["d 100 %", "a 60 %"]
    assert "largest: a, 60 %, observed, year 2025" in bars.hovertext[1]


def test_bars_that_rest_on_assumptions_look_different():
    text = "a@JPN -> x 0.6\n b@JPN -> y 0.7\n c@JPN -> z 0.8"
    network = draw(text)
    plants = network.plants
    plants["status"] = ["observed", "estimated", "assumed"]
    figure = figures.concentration(figures.concentration_table(network.replace(plants=plants)))
    assert [(bar.name, bar.marker.pattern.shape) for bar in figure.data] == list(PATTERNS.items())


def test_bars_left_out_are_counted():
    net = draw("\n".join(f"a{k}@JPN -> p{k} 0.{k + 1}" for k in range(5)))
    figure = figures.concentration(figures.concentration_table(net, by="country"), top=2)
    assert list(figure.layout.yaxis.ticktext) == ["p4", "p3"]
    assert figure.layout.annotations[-1].text.startswith("Not drawn: 3 more.")
    assert figure.layout.annotations[0].text == "Japan 50 %"
    with pytest.raises(UsageError, match="0 bars"):
        figures.concentration(figures.concentration_table(net), top=0)
    with pytest.raises(UsageError, match="no share is known"):
        figures.concentration(figures.concentration_table(draw("*@JPN -> x")))


# --- flows -------------------------------------------------------------------------------------

# fab's two plants make 3/4 and 1/4 of its dram, and each buys as fab does: 0.8 from tok, the rest elsewhere.
FLOWS = """
    resist => dram
    gas => dram
    tok@JPN -> resist 0.6
    dup@USA -> resist 0.4
    air@FRA -> gas 0.5
    fab@KOR -> dram 0.7
    mic@USA -> dram 0.3
    fab <- tok resist 0.8 2023
"""


def flows_of(name: str, text: str = FLOWS, **options) -> dict[tuple[str, str], float]:
    table = figures.flow_table(draw(text), name, **options)
    return {(row["supplier"], row["to"]): round(row["value"], 9) for row in records(table)}


def test_a_firms_inputs_and_their_suppliers():
    assert flows_of("fab") == {
        ("tok", "resist"): 0.8,
        ("dup", "resist"): 0.2,
        ("air", "gas"): 0.5,
        ("", "gas"): 0.5,
    }


def test_buyers_of_a_product_by_country_the_largest_first():
    table = figures.flow_table(draw(FLOWS), "resist", by="country")
    assert table[["supplier_name", "to_name"]].values.tolist() == [
        ["Japan", "Korea"],
        ["United States", "Korea"],
        ["Japan", "United States"],
        ["United States", "United States"],
    ]
    assert table["value"].round(9).tolist() == [0.8, 0.2, 0.6, 0.4]
    # The year is that of the purchase where there is one, else that of the world market's figures.
    assert table["year"].tolist() == ["2023", "2025", "2025", "2025"]


def test_plants_weigh_as_they_do_in_what_the_buyer_makes():
    # A quarter of fab's dram is made in Japan, where makers buy all from dup.
    text = """
        resist => dram
        tok@JPN -> resist 0.6
        dup@USA -> resist 0.4
        fab@KOR -> dram 0.6
        fab@JPN -> dram 0.2
        JPN <- dup resist 1.0
        KOR <- tok resist 1.0
    """
    assert flows_of("fab", text) == {("tok", "resist"): 0.75, ("dup", "resist"): 0.25}


@settings(max_examples=20)
@given(st.integers(1, 14), st.integers(1, 12))
def test_flows_add_up_and_are_at_most_forty(makers, buyers):
    text = "x => y\n" + "".join(f"m{k}@JPN -> x {1 / (2 * makers):.4f}\n" for k in range(makers))
    text += "".join(f"b{k}@KOR -> y {1 / (2 * buyers):.4f}\n" for k in range(buyers))
    table = figures.flow_table(draw(text), "x")
    assert table.groupby("to")["value"].sum().tolist() == pytest.approx([1.0] * buyers)
    figure = figures.sankey(table)
    link, labels = figure.data[0].link, figure.data[0].node.label
    assert len(link.value) <= 40
    into: dict[int, float] = defaultdict(float)
    for target, value in zip(link.target, link.value, strict=True):
        into[target] += value
    assert list(into.values()) == pytest.approx([1.0] * min(buyers, 8))
    # Half is nobody's; of each buyer three makers are named, the others are one.
    assert sum(label.startswith("m") for label in labels) == min(makers, 3)
    assert (f"others ({makers - 3})" in labels) == (makers > 3)
    notes = [note.text for note in figure.layout.annotations]
    assert notes == ([f"Not drawn: {buyers - 8} more. The table holds them all."] if buyers > 8 else [])


def test_flows_of_nothing_are_refused():
    with pytest.raises(UnknownNameError):
        figures.flow_table(draw(FLOWS), "nobody")
    with pytest.raises(UsageError, match="tok buys nothing"):
        figures.flow_table(draw(FLOWS), "tok")
    with pytest.raises(UsageError, match="nobody buys dram"):
        figures.flow_table(draw(FLOWS), "dram")
    with pytest.raises(UsageError, match="9 names"):
        figures.sankey(figures.flow_table(draw(FLOWS), "fab"), top=9)


# --- treemap -----------------------------------------------------------------------------------


def test_a_treemap_gives_each_product_one_whole_and_hatches_what_is_unknown():
    net = draw("a@JPN -> x 0.6\n b@KOR -> x\n c@USA -> z 1.0")
    table = figures.treemap_table(net, "device", by="firm")
    tiles = figures.treemap(table).data[0]
    looks = zip(tiles.values, tiles.marker.colors, tiles.marker.pattern.shape, strict=True)
    sizes = dict(zip(tiles.ids, looks, strict=True))
    assert sizes["x/a"] == (0.6, COUNTRIES["JPN"], "")
    # What b makes is unknown: it is within the 0.4 that nobody's figures cover.
    assert "x/b" not in sizes
    assert sizes["x/?"] == (pytest.approx(0.4), UNKNOWN, "/")
    assert sizes["z/c"][0] == 1.0
    assert "z/?" not in sizes
    assert math.isnan(table.set_index("holder").loc["b", "value"])
    with pytest.raises(UsageError, match="no stage 'x'"):
        figures.treemap_table(net, "x")
    with pytest.raises(UsageError, match="nobody makes anything"):
        figures.treemap_table(net, "raw")


# --- cut sets ----------------------------------------------------------------------------------


def test_cut_sets_are_dots_joined_in_columns():
    # key alone stops dram; tok and dup only together, for each holds a part of resist.
    net = draw(
        "resist => dram\n part => dram\n key@NLD -> part 1.0\n tok@JPN -> resist 0.6\n"
        "dup@USA -> resist 0.4\n fab@KOR -> dram 1.0"
    )
    table = figures.cutset_table(net, "fab:dram")
    assert table[["set", "closure"]].values.tolist() == [[1, "key"], [2, "dup"], [2, "tok"]]
    figure = figures.cutsets(table)
    assert list(figure.layout.yaxis.ticktext) == ["key", "dup", "tok"]
    assert [list(trace.y) for trace in figure.data] == [[0], [1, 2]]
    assert figure.data[1].hovertext == "<b>dup + tok</b><br>output lost: 100 %"
    few = figures.cutsets(table, top=1)
    assert any(note.text.startswith("Not drawn: 1 more") for note in few.layout.annotations)
    with pytest.raises(UsageError, match="nothing to draw"):
        figures.cutsets(table.iloc[:0])
    by_country = figures.cutset_table(net, "fab:dram", by="country")
    assert by_country["name"].tolist() == ["Netherlands", "Japan", "United States"]


def test_the_sets_are_those_of_the_library():
    net = cn.load("japan-korea")
    table = figures.cutset_table(net, "samsung:smartphone", lang="ko")
    found = cn.cut_sets(net, "samsung:smartphone", size=2)
    assert [" + ".join(own["closure"]) for _, own in table.groupby("set")] == found["closures"].tolist()


# --- all of them -------------------------------------------------------------------------------


def charts(network):
    return [
        figures.concentration(figures.concentration_table(network)),
        figures.sankey(figures.flow_table(network, "fab")),
        figures.sankey(figures.flow_table(network, "resist", by="country")),
        figures.treemap(figures.treemap_table(network, "material", by="firm")),
        figures.cutsets(figures.cutset_table(network, "fab:dram")),
    ]


def test_every_name_is_text_and_the_same_network_gives_the_same_bytes():
    ours = re.compile(r"</?b>|<br>|%\{(hovertext|customdata)\}<extra></extra>")
    for one, two in zip(charts(hostile()), charts(hostile()), strict=True):
        assert one.to_json() == two.to_json()
        texts = strings(json.loads(one.to_json()))
        assert any("&lt;" in text for text in texts)
        for text in texts:
            assert not re.search("[<>]", ours.sub("", text)), text


def test_names_are_in_the_language_asked_for():
    network = staged(names={"dram": {"name_ko": "디램"}, "tok": {"name_ko": "도쿄"}})
    labels = figures.sankey(figures.flow_table(network, "fab", lang="ko"), lang="ko").data[0].node.label
    assert "도쿄" in labels
    assert figures.concentration(figures.concentration_table(network, lang="ko"), lang="ko").layout.meta == {
        "lang": "ko"
    }


@pytest.mark.browser
def test_charts_are_drawn_offline_in_their_colours_and_names_do_nothing(browse):  # noqa: F811
    colours = [
        ["#0072b2"],
        [COUNTRIES["JPN"]],
        [COUNTRIES["JPN"]],
        [COUNTRIES["JPN"], COUNTRIES["USA"]],
        ["#1a1a1a"],
    ]
    hurt = charts(hostile())
    for figure, wanted, bad in zip(charts(staged(CHAIN)), colours, hurt, strict=True):
        seen = Counter(p for row in browse(figures.page(figure, title="A", note="B")) for p in row)
        for colour in wanted:
            assert seen[rgb(colour)] > 100, (figure.data[0].type, colour)
        page = figures.page(bad, title=PAYLOADS[0], note=PAYLOADS[1])
        pixels = Counter(p for row in browse(page) for p in row)
        assert (255, 0, 255) not in pixels
        assert pixels[255, 255, 255] > 100_000
