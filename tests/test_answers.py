"""The finding: the page of a small network, and that the page in docs is the one of the bundled graph."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from draw import draw

import chainnet as cn

#  tok (JPN) ── resist ─┬─ fab (KOR) dram       pre (KOR) ── precursor ── kio (JPN) nand
#  new (KOR) would too ─┘
NET = """
    resist => dram
    precursor => nand
    dram => phone 0.5
    tok@JPN -> resist 0.9
    new@KOR -> resist 0.1
    pre@KOR -> precursor 1.0
    fab@KOR -> dram 1.0
    kio@JPN -> nand 1.0
    app@USA -> phone 1.0
    fab <- tok resist 1.0
"""


def network() -> cn.SupplyNetwork:
    about = {"countries": "JPN;KOR", "type": "framework"}
    rows = [
        {"partnership": "stock", "name": "stock", "state": "proposed", **about},
        {"partnership": "list", "name": "list", "state": "actual", **about},
        {"partnership": "talk", "name": "talk", "state": "proposed", **about},
    ]
    effects = [
        {"partnership": "stock", "effect": "stockpile", "buyer": "KOR", "product": "resist", "days": "30"},
        {"partnership": "list", "effect": "licence", "buyer": "KOR", "country": "JPN", "days": "7"},
    ]
    cover = {"parameter": "cover_days", "value": "20", "low": "10", "high": "30", "unit": "days"}
    return draw(
        NET,
        partnerships=rows,
        effects=[{**row, "status": "assumed"} for row in effects],
        parameters=[{**cover, "status": "assumed"}],
    )


def test_the_page_tells_the_numbers_of_its_network():
    net = network()
    page = cn.findings(net, n=2)
    assert net.digest[:12] in page
    assert "None." in page  # nobody there rests on a third country
    stops = cn.every_closure(net, ["country-product"])
    resist = next(stop for stop in stops if stop.name == "JPN:resist")
    days = cn.device_outcomes(net, [resist], level="country", only="KOR")["days_lost"].mean()
    assert f"| JPN:resist | Korea | {days:.4g} |" in page
    # The stockpile is the only one that helps against a stop, and is told with what it is taken to be.
    assert re.search(r"\| stock \| -\d", page)
    assert "- stock: 30 more days of stock of resist at KOR, assumed" in page
    assert "the best three for Korea's days lost are stock" in page
    assert "No effect in this graph is known of talk." in page
    assert cn.findings(net, n=2) == page


def test_a_graph_without_the_question_says_so():
    with pytest.raises(cn.UsageError, match="costs the other one any output"):
        cn.findings(draw("a@USA -> dram 1.0"), n=0)


def test_the_page_in_docs_is_the_one_of_the_bundled_graph():
    page = (Path(__file__).parents[1] / "docs" / "findings.md").read_text(encoding="utf-8")
    assert cn.load("japan-korea").digest[:12] in page, (
        "make it anew: chainnet partnerships findings -o docs/findings.md"
    )
