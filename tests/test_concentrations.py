"""Concentration and its bounds, by hand and on generated markets."""

from __future__ import annotations

import pytest
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st

from chainnet import (
    concentration,
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


def test_what_is_unknown_may_all_be_in_the_largest_place() -> None:
    net = draw("""
        tok@JPN -> resist 0.5
        jsr@JPN -> resist 0.3 hq
        jsr@KOR -> resist
    """)
    row = concentration(net, by="country").set_index("product").loc["resist"]
    assert row["unknown"] == pytest.approx(0.5)
    assert row["hhi"] == pytest.approx(0.65**2 + 0.15**2)
    assert (row["low"], row["high"]) == (pytest.approx(0.25), pytest.approx(1.0))
    # By head office 0.8 are Japan's; the fifth that is nobody's may be, too.
    home = concentration(net, by="hq").set_index("product").loc["resist"]
    assert (home["low"], home["high"]) == (pytest.approx(0.64), pytest.approx(1.0))


def test_a_total_of_head_offices_does_not_tell_where_it_is_made() -> None:
    net = draw("""
        *@JPN   -> resist 0.8 hq
        tok@JPN -> resist
        jsr@KOR -> resist
        jsr@JPN -> acid 1
    """)
    row = concentration(net, by="hq").set_index("product").loc["resist"]
    assert row["unknown"] == pytest.approx(0.2)
    # All that Japan's firms make is in the total.
    assert row["high"] == pytest.approx(0.64 + 0.2**2)
    assert concentration(net, by="country").set_index("product").loc["resist", "unknown"] == pytest.approx(1)


@settings(max_examples=25)
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
