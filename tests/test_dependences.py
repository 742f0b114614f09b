"""Dependence of buyers, by hand."""

from __future__ import annotations

import pytest
from draw import draw, drawn_tables

from chainnet import (
    SupplyNetwork,
    UnknownNameError,
    UsageError,
    dependence,
    single_sourced,
)
from chainnet.tables import append_row

#  asml 1.0 ── scanner (capital) ─┐
#  tok 0.6, dup 0.4 ── resist ────┼── fab: dram
#  pag 0.95 ── acid ── resist     │
#  namics 0.3 ── muf (all of it) ─┘
NET = """
    acid => resist
    resist => dram
    scanner => dram capital
    muf => dram
    asml@NLD -> scanner 1.0
    pag@JPN -> acid 0.95
    tok@JPN -> resist 0.6
    dup@USA -> resist 0.4
    namics@JPN -> muf 0.3
    other@USA -> muf 0.7
    fab@KOR -> dram 1.0
    fab <- namics muf 1.0
"""


def test_sole_and_single_sources_are_told_apart() -> None:
    table = dependence(draw(NET), buyer="fab").set_index("input")
    assert table["source"].to_dict() == {"resist": "", "scanner": "sole", "muf": "single"}
    assert table["supplier"].to_dict() == {"resist": "tok", "scanner": "asml", "muf": "namics"}
    assert table["use"].to_dict() == {"resist": "consumed", "scanner": "capital", "muf": "consumed"}
    assert table.loc["muf", ["step", "low", "high"]].tolist() == [1, 1.0, 1.0]
    assert table.loc["resist", ["step", "low", "high"]].tolist() == [5, 0.0, 1.0]


def test_a_supplier_listed_without_a_share_may_be_the_only_one() -> None:
    net = draw("""
        gas => dram
        a@JPN -> gas 0.2
        b@USA -> gas 0.8
        fab@KOR -> dram 1.0
        fab <- a gas
    """)
    row = dependence(net, buyer="fab").iloc[0]
    assert (row["supplier"], row["source"], row["low"], row["high"]) == ("a", "possible", 0.0, 1.0)
    assert row["share"] == pytest.approx(0.5 + 0.5 * 0.2)


def test_tiers_follow_the_purchases_upstream() -> None:
    table = dependence(draw(NET), buyer="fab", tiers=2).set_index(["tier", "input"])
    assert table.loc[(2, "acid"), "makes"] == "resist"
    assert table.loc[(2, "acid"), "share"] == pytest.approx(0.95)
    assert table.loc[(2, "acid"), "source"] == "single"


def test_dependence_of_a_country_and_of_everybody() -> None:
    net = draw(NET)
    assert set(dependence(net, buyer="한국")["buyer"]) == {"KOR"}
    assert set(dependence(net)["buyer"]) == {"fab", "tok", "dup"}
    assert dependence(net, buyer="fab", by="country").set_index("input").loc["resist", "supplier"] == "JPN"


@pytest.mark.parametrize(("buyer", "error"), [("fap", UnknownNameError), ("FRA", UsageError)])
def test_a_buyer_must_exist_and_make_something(buyer: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        dependence(draw(NET), buyer=buyer)


def test_single_sourced_pairs() -> None:
    pairs = single_sourced(draw(NET))
    assert set(zip(pairs["buyer"], pairs["input"], strict=True)) == {
        ("fab", "scanner"),
        ("fab", "muf"),
        ("tok", "acid"),
        ("dup", "acid"),
    }


def test_a_figure_of_the_buyer_is_exact_for_the_firm_and_open_for_the_country() -> None:
    net = draw("""
        resist => dram
        tok@JPN -> resist 0.4 hq
        tok@KOR -> resist
        dup@USA -> resist 0.6
        fab@KOR -> dram 1.0
        fab <- tok resist 0.8
        fab <- dup resist 0.2
    """)
    firm = dependence(net, buyer="fab").iloc[0]
    assert firm[["supplier", "share", "low", "high"]].tolist() == ["tok", 0.8, 0.8, 0.8]
    country = dependence(net, buyer="fab", by="country").iloc[0]
    assert country[["supplier", "low", "high"]].tolist() == ["JPN / KOR", 0.0, 0.8]
    assert country["share"] == pytest.approx(0.4)
    owner = dependence(net, buyer="fab", by="hq").iloc[0]
    assert owner[["supplier", "low", "high"]].tolist() == ["JPN", 0.8, 0.8]


def test_a_share_is_as_good_as_its_weakest_part_and_names_every_source() -> None:
    tables = drawn_tables("""
        gas => dram
        a@JPN -> gas 0.5
        b@JPN -> gas 0.3
        c@USA -> gas 0.2
        fab@KOR -> dram 1.0
    """)
    for name in ("one", "two", "three"):
        source = {"ref": name, "citation": name, "url": "judgement"}
        tables["references"] = append_row(tables["references"], source)
    gas = tables["plants"]["product"] == "gas"
    tables["plants"].loc[gas, "ref"] = ["two", "one", "three"]
    tables["plants"].loc[gas, "status"] = ["observed", "assumed", "observed"]
    turned = tables | {"plants": tables["plants"].iloc[::-1].reset_index(drop=True)}
    for rows in (tables, turned):
        row = dependence(SupplyNetwork(rows), by="country").iloc[0]
        assert (row["supplier"], row["share"]) == ("JPN", pytest.approx(0.8))
        assert (row["step"], row["status"], row["ref"]) == (5, "assumed", "one;two")


def test_the_rung_told_is_the_one_that_most_of_the_share_stands_on() -> None:
    net = draw("""
        gas => dram
        a@JPN -> gas 0.2
        b@JPN -> gas 0.8
        fab@KOR -> dram 1.0
        fab <- a gas 0.4 2024
    """)
    row = dependence(net, by="country").iloc[0]
    # 0.4 from a is a figure of the buyer's (rung 1); the other 0.6 are the world's rest (rung 5).
    assert (row["supplier"], row["share"], row["step"]) == ("JPN", pytest.approx(1.0), 5)


def test_a_name_of_another_kind_is_not_proposed() -> None:
    with pytest.raises(UnknownNameError) as raised:
        dependence(draw(NET), buyer="resist")
    assert "resist" not in raised.value.suggestions


def test_makers_without_a_name_are_no_sole_source() -> None:
    net = draw("""
        gas => dram
        *@CHN -> gas 1.0
        fab@KOR -> dram 1.0
    """)
    row = dependence(net).iloc[0]
    assert (row["supplier"], row["share"], row["source"]) == ("other makers (CHN)", 1.0, "")
    assert dependence(net, by="country").iloc[0]["source"] == "sole"
    assert single_sourced(net).empty
