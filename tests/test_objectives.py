"""What a partnership should lower: each objective by hand, and against the models that it reads."""

from __future__ import annotations

import dataclasses
import math

import pytest
from draw import draw, drawn_tables

import chainnet as cn
from chainnet.markets import markets
from chainnet.network import SupplyNetwork
from chainnet.objectives import Objective

#  tok (JPN) 1.0 of the fab's resist; gas half from JPN, a fifth from USA, the rest is nobody's.
NET = """
    resist => dram
    gas => dram 0.4
    tok@JPN -> resist 0.6
    dup@USA -> resist 0.4
    air@JPN -> gas 0.5
    usg@USA -> gas 0.2
    fab@KOR -> dram 1.0
    fab <- tok resist 1.0
"""


def network() -> SupplyNetwork:
    """The drawing, in which only DRAM is a device."""
    tables = drawn_tables(NET)
    products = tables["products"]
    products.loc[products["product"] != "dram", ["class", "stage"]] = "material"
    return SupplyNetwork(tables, name="drawn")


def test_hhi_is_the_mean_over_the_inputs_of_device_makers() -> None:
    # resist 1² = 1; gas 0.5² + 0.2² = 0.29, what is nobody's counts as finely split.
    assert cn.objective("hhi")(network()) == pytest.approx((1 + 0.29) / 2, abs=1e-12)


def test_pairs_and_cut_sets_count() -> None:
    net = network()
    # The gas is not known to come from one firm; without it 60 % of the output goes on.
    assert cn.objective("pairs")(net) == 1
    assert cn.objective("cut_sets")(net) == 1
    assert (cn.objective("pairs", only="JPN")(net), cn.objective("cut_sets", only="JPN")(net)) == (0, 0)
    assert cn.objective("pairs")(net) == len(cn.single_sourced(net).query("step <= 4 or source == 'sole'"))


def test_days_lost_are_those_of_the_model() -> None:
    net = network()
    scenarios = [cn.Scenario.parse("tok@0+300"), cn.Scenario.parse("air@0+200")]
    by_hand = []
    for scenario in scenarios:
        summary = cn.simulate(net, scenario).summary("product").set_index("name")["days_lost"]
        by_hand.append(max(0.0, float(summary["dram"])))
    assert min(by_hand) > 1
    assert cn.objective("days_lost", scenarios=scenarios)(net) == pytest.approx(sum(by_hand) / 2, abs=1e-9)
    korean = cn.objective("days_lost", scenarios=scenarios, only="KOR")(net)
    # All DRAM is made in Korea.
    assert korean == pytest.approx(sum(by_hand) / 2, abs=1e-9)


def test_a_scenario_that_hits_nothing_costs_nothing() -> None:
    net = network()
    hits, misses = cn.Scenario.parse("tok@0+300"), cn.Scenario.parse("JPN:dram@0+300")
    one = cn.objective("days_lost", scenarios=[hits])(net)
    assert cn.objective("days_lost", scenarios=[hits, misses])(net) == pytest.approx(one / 2)
    assert cn.objective("days_lost", scenarios=[misses])(net) == 0
    with pytest.raises(cn.UnknownNameError, match="Did you mean"):
        cn.objective("days_lost", scenarios=[cn.Scenario.parse("tokk@0+300")])(net)


def test_an_objective_adds_up_and_counts_what_it_is_told_to() -> None:
    net = network()
    bigger = draw(NET.replace("dram 1.0", "dram 0.8") + "new@JPN -> dram 0.2\n new <- tok resist 1.0")
    for objective in (cn.objective("hhi"), cn.objective("pairs"), cn.objective("cut_sets")):
        assert math.fsum(objective.parts(net).values()) == objective(net)
        assert objective.among(net)(net) == objective(net)
    pairs = cn.objective("pairs")
    # The newcomer's own dependence makes nobody else depend more.
    assert (pairs(bigger), pairs.among(net)(bigger)) == (2, 1)


def test_wrong_requests_are_refused() -> None:
    with pytest.raises(cn.UnknownNameError, match="days_lost, hhi, pairs, cut_sets"):
        cn.objective("loss")
    with pytest.raises(cn.UsageError, match="needs scenarios"):
        cn.objective("days_lost")
    with pytest.raises(cn.UsageError, match="looks at no scenarios"):
        cn.objective("hhi", scenarios=[cn.Scenario.parse("tok")])
    with pytest.raises(cn.UsageError, match="no country 'Ruritania'"):
        cn.objective("pairs", only="Ruritania")
    assert cn.objective("pairs", only="한국") == cn.objective("pairs", only="KOR")
    with pytest.raises(cn.UsageError, match="in TWN"):
        cn.objective("hhi", only="TWN")(network())


def test_recorded_shocks_come_today() -> None:
    net = cn.load("japan-korea")
    shocks = cn.recorded_shocks(net)
    assert {shock.id for shock in shocks} <= set(cn.events())
    assert len(shocks) >= 25
    assert all(shock.date is None and not shock.shares for shock in shocks)
    past = cn.event("2019-export-controls-hf")
    (today,) = [shock for shock in shocks if shock.id == past.id]
    assert today == dataclasses.replace(past, date=None, shares=())
    # None of them names what a small graph holds.
    assert cn.recorded_shocks(network()) == ()


def test_hhi_of_the_bundled_graph_again_from_the_purchases() -> None:
    net = cn.load("japan-korea")
    parts = Objective("hhi").parts(net)
    at, bought = markets(net), {}
    for purchase in at.purchases("kioxia", "JPN", "hf_liquid"):
        if purchase.maker:
            country = purchase.maker.country
            bought[country] = bought.get(country, 0.0) + purchase.share
    plants = net.plants.query("firm == 'kioxia' and product == 'nand' and role == 'production'")
    assert set(plants["country"]) == {"JPN"}
    expected = sum(share**2 for share in bought.values())
    assert parts["kioxia", "nand", "hf_liquid"] * len(parts) == pytest.approx(expected, abs=1e-12)
