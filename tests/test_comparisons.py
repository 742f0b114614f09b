"""Comparisons over scenarios: days lost and time to survive, by hand, with intervals and by buyer."""

from __future__ import annotations

import pytest
from draw import draw
from test_effects import NET, partnered

import chainnet as cn
from chainnet import Scenario, SupplyNetwork, compare, compare_partnerships

DAYS = "mean days of device output lost"
LASTS = "mean days until device output falls below 95%"
#: Round times: 20 days of stock, no slack, nothing sold before it is made.
ROUND = {
    "cover_days": 20,
    "lead_days": 1,
    "transit_days": 0,
    "finished_days": 0,
    "slack": 0,
    "sticky": 0,
    "outside_share": 0,
    "detection_days": 5,
}


def rounded(net: SupplyNetwork) -> SupplyNetwork:
    rows = [
        {"parameter": name, "product": "", "value": str(value), "unit": "days", "status": "assumed"}
        for name, value in ROUND.items()
    ]
    return net.replace(parameters=draw(NET, parameters=rows).parameters)


SHOCK = Scenario.parse("tok:resist@10+50")


def test_a_stockpile_saves_its_days_and_a_licence_saves_nothing_in_a_fire():
    table = compare_partnerships(rounded(partnered()), ["stock", "list"], [SHOCK]).set_index(
        ["partnership", "measure"]
    )
    # dram: two makers of a half each lose 30 days, fab 18 of them with 12 more days of stock. resist
    # counts too, here: 50 days. Mean over both products.
    assert table.loc[("stock", DAYS), ["before", "after"]].tolist() == pytest.approx([40, 37], abs=0.01)
    assert table.loc[("list", DAYS), "change"] == 0
    # Output of dram falls at day 31 with and without: the other half has no stockpile.
    assert table.loc[("stock", LASTS), "change"] == 0


def test_by_buyer_the_saving_is_that_of_its_holder():
    table = compare_partnerships(rounded(partnered()), ["stock"], [SHOCK], buyers=True)
    table = table[table["measure"] == DAYS].set_index("buyer")
    assert table.loc["fab", ["before", "after"]].tolist() == pytest.approx([30, 18], abs=0.01)
    assert table.loc["far", "change"] == 0
    last = compare_partnerships(rounded(partnered()), ["stock"], [SHOCK], buyers=True)
    last = last[last["measure"] == LASTS].set_index("buyer")
    assert last.loc["fab", "change"] == 12


def test_only_counts_output_made_there():
    table = compare_partnerships(rounded(partnered()), ["stock"], [SHOCK], only="KOR").set_index("measure")
    assert table.loc[DAYS, ["before", "after"]].tolist() == pytest.approx([30, 18], abs=0.01)


def test_the_interval_is_drawn_from_the_ranges_and_repeats():
    net = rounded(partnered())
    one = compare_partnerships(net, ["stock"], [SHOCK], only="KOR", n=12, seed=3).set_index("measure")
    # 12 days of stock, 0 to 24: what is saved lies between none and 24 days.
    low, high = one.loc[DAYS, ["low", "high"]]
    assert -24 <= low < -12 < high <= 0
    again = compare_partnerships(net, ["stock"], [SHOCK], only="KOR", n=12, seed=3).set_index("measure")
    assert one.equals(again)
    after = cn.with_partnerships(net, ["stock"])
    drawn = compare(net, after, [SHOCK], only="KOR", n=12, seed=3).set_index("measure")
    assert drawn.loc[DAYS, ["low", "high"]].tolist() == pytest.approx([low, high])


def test_one_network_beside_itself_changes_nothing_with_drawings_too():
    net = rounded(partnered())
    table = compare(net, net, [SHOCK], n=3)
    assert (table[["change", "low", "high"]] == 0).all().all()


def test_a_shock_to_what_was_taken_away_costs_nothing():
    net = draw(
        "tok@JPN -> resist 0.6\n dup@USA -> resist 0.4",
        partnerships=[{"partnership": "p", "name": "p", "type": "plant", "state": "actual"}],
        effects=[
            {
                "partnership": "p",
                "effect": "add_plant",
                "firm": "dup",
                "product": "resist",
                "plant": "dup-resist",
                "share": "0.4",
                "status": "assumed",
            }
        ],
    )
    table = compare_partnerships(net, ["p"], [Scenario.parse("dup@0+30")]).set_index("measure")
    assert table.loc[DAYS, "before"] == 0
    assert table.loc[DAYS, "after"] > 0


def test_recorded_shocks_come_today_and_closures_are_all_there():
    net = cn.load("japan-korea")
    assert all(scenario.date is None and not scenario.shares for scenario in cn.recorded_shocks(net))
    names = {scenario.name for scenario in cn.every_closure(net)}
    assert {"tel", "photoresist_euv", "JPN:photoresist_euv"} <= names
