"""Heatmaps: which cells, in which colours, and what is unknown or left out."""

from __future__ import annotations

import json
import math
import re
from collections import Counter

import pytest
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st
from test_figures import PAYLOADS, browse, hostile, rgb, strings  # noqa: F401, a fixture

from chainnet import UsageError, figures
from chainnet.figures.looks import STEPS
from chainnet.tables import records

#   tok makes 60 % of resist in Japan; a Korean maker without a figure gets an equal part of the rest.
NET = """
    resist => dram
    tok@JPN -> resist 0.6
    dup@KOR -> resist
    dup@USA -> resist 0.1
    fab@KOR -> dram 0.7
    mic@USA -> dram 0.3
"""


def cells_of(text: str, kind: str = "output", **options) -> dict[tuple[str, str], dict]:
    table = figures.heatmap_table(draw(text), kind, **options)
    return {(cell["row"], cell["column"]): cell for cell in records(table)}


def test_output_is_known_where_a_figure_says_so_and_else_unknown_never_nothing():
    cells = cells_of(NET.replace("dup@USA", "usa@USA"))
    assert cells["resist", "JPN"]["value"] == pytest.approx(0.6)
    unknown = cells["resist", "KOR"]
    # 0.3 is left: half for the maker without a figure, half for everyone else.
    assert math.isnan(unknown["value"])
    assert (unknown["low"], unknown["high"]) == (0, pytest.approx(0.3))
    assert unknown["told"] == "The models use 15 %."
    assert ("resist", "NLD") not in cells
    assert (cells["dram", "KOR"]["year"], cells["dram", "KOR"]["source"]) == (
        "2025",
        "judgement of the authors",
    )


def test_an_hq_figure_over_two_countries_is_exact_for_neither():
    cells = cells_of("a@JPN -> x 0.8 hq\n a@KOR -> x\n b@USA -> x 0.2")
    assert [(c["value"], c["low"], c["high"]) for c in (cells["x", "JPN"], cells["x", "KOR"])] == [
        (0.4, 0, 0.8)
    ] * 2
    assert (cells["x", "JPN"]["status"], cells["x", "USA"]["status"]) == ("assumed", "observed")
    assert cells["x", "USA"]["low"] == cells["x", "USA"]["high"] == 0.2


def test_members_stand_for_their_family():
    cells = cells_of("arf in resist\n tok@JPN -> arf 0.6\n tok@JPN -> resist 0.5")
    assert {row for row, _ in cells} == {"arf"}


def test_purchases_show_the_largest_supplier_of_each_buyer():
    cells = cells_of(NET + "fab <- tok resist 0.9", "purchases")
    assert cells["resist", "fab"]["value"] == pytest.approx(0.9)
    assert cells["resist", "fab"]["told"] == "tok (for dram)"


def test_losses_are_those_of_closing_one_firm():
    cells = cells_of(NET + "fab <- tok resist 0.9", "losses")
    # fab buys 0.9 from tok and the rest elsewhere; mic buys from the world, 0.6 of it tok's.
    assert cells["tok", "fab:dram"]["value"] == pytest.approx(0.9)
    assert cells["tok", "mic:dram"]["value"] == pytest.approx(0.6)
    assert not any(row == target.split(":")[0] for row, target in cells)


@settings(max_examples=20)
@given(st.lists(st.sampled_from([0.0, 0.03, 0.12, 0.4, 0.8, 1.0]), min_size=2, max_size=8))
def test_colours_are_the_steps_and_rows_fall_from_the_largest(values):
    text = "\n".join(f"f{k}@JPN -> p{k} {value}" for k, value in enumerate(values))
    cells = figures.heatmap_table(draw(text))
    figure = figures.heatmap(cells, top=99)
    drawn = [row[0] for row in figure.data[0].z]
    known = sorted((v for v in values if v), reverse=True)
    assert drawn[: len(known)] == [
        1 + next(k for k, (most, _, _) in enumerate(STEPS) if v <= most) for v in known
    ]
    assert drawn[len(known) :] == [len(STEPS) + 1] * (len(values) - len(known))


def test_what_is_left_out_is_counted_and_the_table_holds_it():
    text = "\n".join(f"f{k}@{c} -> p{k} 0.{k + 1}" for k, c in enumerate(("JPN", "KOR", "USA", "DEU")))
    cells = figures.heatmap_table(draw(text))
    figure = figures.heatmap(cells, top=2)
    (note,) = figure.layout.annotations
    assert note.text.startswith("Not drawn: 2 more rows and 2 more columns.")
    assert list(figure.layout.yaxis.ticktext) == ["p3", "p2"]
    assert list(figure.layout.xaxis.ticktext) == ["Germany", "United States"]
    assert len(cells) == 4


def test_requests_that_make_no_sense_are_refused():
    with pytest.raises(UsageError, match="no heatmap of 'x'"):
        figures.heatmap_table(draw(NET), "x")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="nothing to draw"):
        figures.heatmap(figures.heatmap_table(draw("")))
    with pytest.raises(UsageError, match="0 rows"):
        figures.heatmap(figures.heatmap_table(draw(NET)), top=0)


@pytest.mark.parametrize("kind", ["output", "purchases", "losses"])
def test_every_name_is_text_and_the_same_network_gives_the_same_bytes(kind):
    network = hostile()
    figure = figures.heatmap(figures.heatmap_table(network, kind), kind)
    assert figure.to_json() == figures.heatmap(figures.heatmap_table(network, kind), kind).to_json()
    texts = strings(json.loads(figure.to_json()))
    assert any("&lt;" in text for text in texts)
    for text in texts:
        assert not re.search("[<>]", re.sub(r"</?b>|<br>|%\{hovertext\}<extra></extra>", "", text)), text


@pytest.mark.browser
def test_the_steps_and_the_unknown_are_drawn_and_names_do_nothing(browse):  # noqa: F811
    text = NET.replace("dup@USA", "usa@USA") + "".join(
        f"m{k}@JPN -> q{k} {share}\n" for k, share in enumerate((0.04, 0.12, 0.3, 1.0))
    )
    pages = [
        figures.page(figures.heatmap(figures.heatmap_table(net)), title=PAYLOADS[0], note=PAYLOADS[1])
        for net in (draw(text), hostile())
    ]
    seen, hurt = (Counter(pixel for row in browse(page) for pixel in row) for page in pages)
    for colour in (*(fill for _, fill, _ in STEPS), "#d9d9d9"):
        assert seen[rgb(colour)] > 300, colour
    assert (255, 0, 255) not in hurt
    assert hurt[rgb(STEPS[3][1])] > 500
