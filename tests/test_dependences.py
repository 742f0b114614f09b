"""Concentration, dependence, exposure and cut sets, by hand and by brute force."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st

from chainnet import (
    Scenario,
    UnknownNameError,
    UsageError,
    concentration,
    cut_sets,
    dependence,
    disrupt,
    exposure,
    single_sourced,
    stopping_firms,
)


def test_concentration_by_hand() -> None:
    net = draw("""
        tok@JPN -> resist 0.5
        jsr@JPN -> resist 0.3
        dup@USA -> resist 0.1
    """)
    row = concentration(net).set_index("product").loc["resist"]
    assert row["hhi"] == pytest.approx(0.25 + 0.09 + 0.01)
    assert row["low"] == pytest.approx(0.35)
    assert row["high"] == pytest.approx(0.35 + 0.1**2)  # the unknown tenth in one further hand
    assert row["n_eff"] == pytest.approx(1 / 0.35)
    assert (row["cr1"], row["cr3"], row["leader"], row["to_75"]) == (0.5, pytest.approx(0.9), "tok", 2)
    by_country = concentration(net, by="country").set_index("product").loc["resist"]
    assert by_country["hhi"] == pytest.approx(0.64 + 0.01)
    assert (by_country["leader"], by_country["to_75"]) == ("JPN", 1)


def test_a_countrys_total_is_known_though_its_makers_are_not() -> None:
    net = draw("""
        *@JPN   -> resist 0.9
        tok@JPN -> resist 0.5
        jsr@JPN -> resist
    """)
    firm = concentration(net).set_index("product").loc["resist"]
    assert firm["unknown"] == pytest.approx(0.5)
    assert (firm["low"], firm["high"]) == (pytest.approx(0.25), pytest.approx(0.5))
    assert firm["low"] <= firm["hhi"] <= firm["high"]
    country = concentration(net, by="country").set_index("product").loc["resist"]
    assert country["unknown"] == pytest.approx(0.1)


def test_a_firms_plants_in_two_countries_leave_the_country_unknown() -> None:
    net = draw("""
        tok@JPN -> resist 0.6 hq
        tok@KOR -> resist
        dup@USA -> resist 0.4
    """)
    assert concentration(net).set_index("product").loc["resist", "unknown"] == pytest.approx(0)
    assert concentration(net, by="country").set_index("product").loc["resist", "unknown"] == pytest.approx(
        0.6
    )
    assert concentration(net, by="hq").set_index("product").loc["resist", "cr1"] == pytest.approx(0.6)


@settings(deadline=None)
@given(st.lists(st.integers(1, 100), min_size=1, max_size=8), st.integers(0, 100))
def test_hhi_lies_between_its_bounds_and_falls_when_a_maker_is_split(parts: list[int], rest: int) -> None:
    total = sum(parts) + rest
    lines = [f"m{k}@JPN -> gas {part / total:.6f}" for k, part in enumerate(parts)]
    row = concentration(draw("\n".join(lines))).iloc[0]
    assert row["low"] - 1e-9 <= row["hhi"] <= row["high"] + 1e-9 <= 1 + 1e-4
    half = parts[0] / total / 2
    split = [f"h1@JPN -> gas {half:.6f}", f"h2@JPN -> gas {half:.6f}", *lines[1:]]
    assert concentration(draw("\n".join(split))).iloc[0]["hhi"] < row["hhi"] + 1e-9
    # Splitting within a country does not change the country's share.
    one, two = (concentration(draw("\n".join(text)), by="country").iloc[0]["hhi"] for text in (lines, split))
    assert one == pytest.approx(two, abs=1e-4)


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


def test_exposure_is_the_loss_of_each_closure() -> None:
    net = draw(NET)
    table = exposure(net, "fab:dram").set_index("closure")
    for closure in ("tok", "dup", "namics", "pag", "asml"):
        outcome = disrupt(net, Scenario.parse(net, closure))
        assert table.loc[closure, "loss"] == pytest.approx(outcome.loss["fab-dram"])
    assert table.loc["asml", "capital_exposure"] == 1
    assert "other" not in table.index
    assert "fab" not in table.index


def test_a_target_is_plants_of_one_product() -> None:
    net = draw(NET + "fab@KOR -> hbm 1.0\n dram => hbm")
    with pytest.raises(UsageError, match="say which"):
        exposure(net, "fab")
    with pytest.raises(UsageError):
        cut_sets(net, "fab:hbm", loss=0)


def test_cut_sets_by_hand() -> None:
    cuts = cut_sets(draw(NET), "fab:dram", size=2, loss=0.95)
    assert cuts.values.tolist() == [[1, "namics", 1.0], [1, "pag", 0.95], [2, "dup + tok", 1.0]]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_cut_sets_equal_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = ["fab@KOR -> dram 1.0"]
    for k in range(3):
        lines.append(f"in{k} => dram" + ("" if rng.random() < 0.7 else " 0.6"))
        shares = rng.dirichlet(np.ones(3))
        lines += [
            f"m{m}@JPN -> in{k} {share:.3f}"
            for m, share in zip(rng.choice(6, 3, replace=False), shares, strict=True)
        ]
    net = draw("\n".join(lines))
    firms = sorted(set(net.plants["firm"]) - {"fab"})
    stops = {}
    for size in (1, 2):
        for closed in combinations(firms, size):
            stops[closed] = float(disrupt(net, Scenario.parse(net, *closed)).loss["fab-dram"])
    single = {c for c, v in stops.items() if len(c) == 1 and v >= 0.5 - 1e-9}
    double = {
        c
        for c, v in stops.items()
        if len(c) == 2 and v >= 0.5 - 1e-9 and not any((firm,) in single for firm in c)
    }
    found = cut_sets(net, "fab:dram", size=2, loss=0.5)
    assert {tuple(name.split(" + ")) for name in found["closures"]} == single | double


def test_stopping_firms_are_the_single_cut_sets_of_every_device() -> None:
    cuts = stopping_firms(draw(NET))
    own = cuts[cuts["target"] == "fab:dram"]
    assert set(own["closure"]) == {"namics", "pag"}
