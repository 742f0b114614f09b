"""What levers on time do: each by hand, in any order, and never more than nothing where nothing is put in."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st
from test_simulation import PLAIN

from chainnet import Scenario, SupplyNetwork, UsageError, simulate, with_partnerships, without_partnerships
from chainnet.effects import licensed
from chainnet.levers import Lever

#  tok (JPN) ── resist ──┬─ fab (KOR) dram
#                        └─ far (USA) dram      nobody else makes resist, 20 days of stock each
NET = """
    resist => dram
    tok@JPN -> resist 1.0
    fab@KOR -> dram 0.5
    far@USA -> dram 0.5
"""
RIVAL = NET.replace(
    "tok@JPN -> resist 1.0",
    "tok@JPN -> resist 0.5\n dup@DEU -> resist 0.5\n fab <- tok resist 1.0\n far <- dup resist 1.0",
)


def held(effect: str, value: float, **about: str) -> Lever:
    return Lever("p", effect, value, value, value, "assumed", **about)


def lost(net: SupplyNetwork, shock: str, *levers: Lever, plant: str = "fab-dram", **values: float) -> float:
    parameters = PLAIN.having(**values) if values else PLAIN
    found = simulate(net.with_levers(levers), Scenario.parse(shock), days=400, parameters=parameters)
    return float(found.loss[plant].sum())


def test_no_lever_changes_nothing_to_the_bit():
    net, shock = draw(NET), Scenario.parse("tok@10+50")
    plain = simulate(net, shock, days=200).output
    assert simulate(net.with_levers(()), shock, days=200).output.equals(plain)
    idle = [
        held("stockpile", 0.0),
        held("qualification", 1.0),
        held("alert", 0.0, buyer="KOR", country="JPN"),
    ]
    assert simulate(net.with_levers(idle), shock, days=200).output.equals(plain)


def test_a_stockpile_lasts_as_many_days_longer():
    net = draw(NET)
    # 50 days closed, 20 of stock and no slack: 30 days lost; 12 more days of stock: 18.
    assert lost(net, "tok@10+50") == pytest.approx(30)
    more = held("stockpile", 12.0, buyer="KOR", product="resist")
    assert lost(net, "tok@10+50", more) == pytest.approx(18)
    assert lost(net, "tok@10+50", more, plant="far-dram") == pytest.approx(30)
    assert lost(net, "tok@10+50", held("stockpile", 12.0, buyer="KOR", product="dram")) == pytest.approx(30)


def test_a_licence_ends_a_control_after_its_days():
    net = draw(NET)
    # Within half a day: tok's line runs slower while it sells less, and has to start up again.
    # 100 days held back, 20 of stock: 80 lost; a licence after 30 days leaves 10.
    assert lost(net, "JPN>KOR:resist@10+100") == pytest.approx(80, abs=0.5)
    assert lost(
        net, "JPN>KOR:resist@10+100", held("licence", 30.0, country="JPN", buyer="KOR")
    ) == pytest.approx(10, abs=0.5)
    other_way = held("licence", 30.0, country="KOR", buyer="JPN")
    assert lost(net, "JPN>KOR:resist@10+100", other_way) == pytest.approx(80, abs=0.5)


def test_a_licence_follows_the_path_until_it_takes_over():
    control = Scenario.parse("JPN>KOR:resist@10+100").controls[0]
    assert licensed(control, 0) is None
    assert licensed(control, 100) is control
    levels = licensed(control, 30).levels(0, 200)
    assert levels == [1.0] * 10 + [0.0] * 30 + [1.0] * 160


def test_quicker_qualification_brings_the_rival_in_sooner():
    net = draw(RIVAL)
    slow = {"slack": 1.0, "ramp_days": 1, "detection_days": 0, "qualification_days": 200}
    before = lost(net, "tok@10+150", **slow)
    after = lost(net, "tok@10+150", held("qualification", 0.5, product="resist", buyer="fab"), **slow)
    whole = lost(net, "tok@10+150", **(slow | {"qualification_days": 100}))
    assert after == pytest.approx(whole)
    assert after < before - 1
    # For one supplier only: dup is half of the makers, so half of the time saved.
    part = lost(net, "tok@10+150", held("qualification", 0.5, product="resist", firm="dup"), **slow)
    assert part == pytest.approx(lost(net, "tok@10+150", **(slow | {"qualification_days": 150})))


def test_an_alert_cuts_the_days_until_a_shortage_is_noticed():
    net = draw(RIVAL)
    late = {"slack": 1.0, "ramp_days": 1, "detection_days": 40, "qualification_days": 20}
    told = held("alert", 25.0, country="JPN", buyer="KOR")
    assert lost(net, "tok@10+90", told, **late) == pytest.approx(
        lost(net, "tok@10+90", **(late | {"detection_days": 15}))
    )
    elsewhere = held("alert", 25.0, country="KOR", buyer="JPN")
    assert lost(net, "tok@10+90", elsewhere, **late) == lost(net, "tok@10+90", **late)


def test_an_alert_gives_time_to_build_up_stocks_before_a_control():
    net = draw(NET)
    told = held("alert", 20.0, country="JPN", buyer="KOR")
    assert (
        lost(net, "JPN>KOR:resist@40+60", told, finished_days=15)
        < lost(net, "JPN>KOR:resist@40+60", finished_days=15) - 1
    )


LEVERS = [
    held("stockpile", 5.0, product="resist", buyer="KOR"),
    held("stockpile", 7.0, product="resist", buyer="fab"),
    held("qualification", 0.5, product="resist"),
    held("qualification", 0.7, product="resist", country="KOR"),
    held("licence", 40.0, country="JPN", buyer="KOR"),
    held("alert", 3.0, country="JPN", buyer="KOR"),
]


@settings(max_examples=15)
@given(st.permutations(LEVERS), st.sampled_from(["tok@10+90", "JPN>KOR:resist@10+90"]))
def test_the_order_of_levers_does_not_matter(levers, shock):
    net = draw(RIVAL)
    parameters = PLAIN.having(slack=0.5, ramp_days=5)
    one, two = (
        simulate(net.with_levers(chosen), Scenario.parse(shock), days=250, parameters=parameters).output
        for chosen in (LEVERS, levers)
    )
    assert np.abs(one - two).max().max() < 1e-12
    assert one.max().max() <= 1.5 + 1e-9  # slack is slack, with levers too


@settings(max_examples=20)
@given(st.integers(1, 120), st.integers(0, 5))
def test_a_lever_never_costs_output_of_those_it_is_for(days, which):
    net = draw(RIVAL)
    values = {"slack": 0.5, "ramp_days": 5, "detection_days": 10}
    for shock in (f"tok@10+{days}", f"JPN>KOR:resist@10+{days}"):
        assert lost(net, shock, LEVERS[which], **values) <= lost(net, shock, **values) + 1e-6


def partnered() -> SupplyNetwork:
    states = {"stock": "proposed", "list": "actual", "removal": "lapsed"}
    rows = [{"partnership": p, "name": p, "type": "framework", "state": s} for p, s in states.items()]
    rows[1]["excludes"], rows[2]["excludes"] = "removal", "list"
    effects = [
        {"effect": "stockpile", "partnership": "stock", "buyer": "KOR", "product": "resist", "days": "12"},
        {"effect": "licence", "partnership": "list", "buyer": "KOR", "country": "JPN", "days": "7"},
        {"effect": "licence", "partnership": "removal", "buyer": "KOR", "country": "JPN", "days": "90"},
    ]
    effects[0] |= {"low": "0", "high": "24"}
    return draw(NET, partnerships=rows, effects=[{**row, "status": "assumed"} for row in effects])


def test_partnerships_put_their_levers_in_and_take_them_out():
    net = partnered()
    stocked = with_partnerships(net, ["stock"])
    assert lost(stocked.plain, "tok@10+50", *stocked.levers) == pytest.approx(18)
    assert stocked.plain is net
    assert stocked.digest != net.digest
    assert with_partnerships(stocked, ["stock"]).levers == stocked.levers
    assert without_partnerships(stocked, ["stock"]).levers == ()
    low = with_partnerships(net, ["stock"], at={"stock": 0.0})
    assert low.levers[0].value == 0
    both = [with_partnerships(net, names).levers for names in permutations(["stock", "list"])]
    assert both[0] == both[1]
    assert "12 more days of stock of resist at KOR (0 to 24), assumed" in str(stocked.levers[0])


def test_contradictions_are_refused():
    with pytest.raises(UsageError, match="contradicts"):
        with_partnerships(partnered(), ["list", "removal"], lapsed=True)
    with pytest.raises(UsageError, match="lapsed"):
        with_partnerships(partnered(), ["removal"])
