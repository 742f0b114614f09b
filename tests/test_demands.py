"""Lost demand: who sells less when customers stop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st

import chainnet as cn
from chainnet.dayarrays import Frozen, arrays_of
from chainnet.parameters import parameters_of
from chainnet.testing import drawn_network

#: Nothing is sold outside the network.
WITHIN = cn.Parameters().having(outside_share=0)


def lost(network: cn.SupplyNetwork, *shocks: str, by="firm", parameters=WITHIN) -> pd.DataFrame:
    return cn.lost_sales(cn.disrupt(network, cn.Scenario.parse(*shocks)), by, parameters=parameters)


def sales_lost(network: cn.SupplyNetwork, *shocks: str, by="firm") -> dict[str, float]:
    table = lost(network, *shocks, by=by)
    return {f"{row[by]}-{row['product']}": round(row["sales_lost"], 9) for _, row in table.iterrows()}


#   ore (AUS) 1.0 ─── tok (JPN) 0.6 ─┐             resist goes into dram and logic, alike
#                     dup (USA) 0.4 ─┴─ resist ─┬─ dram: fab (KOR) 0.7, others unknown
#                                               └─ logic: foundry (TWN) 1.0
#   asml (NLD) 1.0 ── scanner (capital) ────────── dram
CHAIN = """
    ore     => resist
    resist  => dram
    resist  => logic
    scanner => dram capital
    mine@AUS    -> ore 1.0
    tok@JPN     -> resist 0.6
    dup@USA     -> resist 0.4
    asml@NLD    -> scanner 1.0
    fab@KOR     -> dram 0.7
    foundry@TWN -> logic 1.0
"""


def test_a_supplier_loses_what_its_customers_do_not_take_and_its_suppliers_in_turn() -> None:
    # Half of the resist goes into DRAM, 0.7 of it to the fab; a tool maker's sales are not in it.
    expected = {"tok-resist": 0.35, "dup-resist": 0.35, "mine-ore": 0.35}
    assert sales_lost(draw(CHAIN), "fab") == expected
    assert sales_lost(draw(CHAIN), "fab=0.5") == {name: lost / 2 for name, lost in expected.items()}
    assert sales_lost(draw(CHAIN), "fab", by="country") == {
        "AUS-ore": 0.35,
        "JPN-resist": 0.35,
        "USA-resist": 0.35,
    }


def test_the_range_is_that_of_all_sold_to_one_product() -> None:
    table = lost(draw(CHAIN), "fab").set_index("firm")
    # All to logic: nothing is lost. All to DRAM: what the fab took of it.
    assert table.loc["tok", ["low", "high"]].tolist() == pytest.approx([0.0, 0.7])
    assert table.loc["tok", "customer"] == "fab:dram"
    assert table.loc["mine", "customer"] == "tok:resist"


def test_customers_that_are_short_of_an_input_buy_less_of_others_too() -> None:
    # The resist maker that closes sells nothing; its rival, whose own output is whole, loses customers.
    found = sales_lost(draw(CHAIN), "tok")
    assert found["dup-resist"] == pytest.approx(0.5 * 0.7 * 0.6 + 0.5 * 0.6)
    assert "tok-resist" not in found


def test_a_flow_that_is_held_back_is_a_sale_lost() -> None:
    # The fab makes 0.4: it takes 0.4 of dup's part, and nothing of tok's.
    found = sales_lost(draw(CHAIN), "JPN>KOR:resist")
    assert found["tok-resist"] == pytest.approx(0.35)
    assert found["dup-resist"] == pytest.approx(0.35 * 0.6)


def test_what_is_sold_outside_the_network_is_not_lost() -> None:
    half = cn.Parameters().having(outside_share=0.5)
    assert lost(draw(CHAIN), "fab", parameters=half)["sales_lost"].tolist() == pytest.approx(
        [0.175, 0.175, 0.0875]
    )


def test_nothing_is_lost_where_nobody_takes_less() -> None:
    assert sales_lost(draw(CHAIN), "asml") == {}
    with pytest.raises(cn.UsageError, match="cannot add up by 'town'"):
        lost(draw(CHAIN), "fab", by="town")


def plainly(outcome: cn.Outcome) -> np.ndarray:
    """Return what is left of each plant's sales, link by link, without the kernel."""
    economy = outcome.economy
    plants, needs, groups = arrays_of(economy, Frozen(parameters_of(economy.network)))
    made: dict[int, float] = {}
    for product, node in zip(plants.product.tolist(), economy.nodes, strict=True):
        made[product] = made.get(product, 0.0) + node.share
    left = outcome.output.to_numpy().copy()
    for _ in range(2000):
        new = outcome.output.to_numpy().copy()
        gone = np.zeros(len(left))
        for g, group in enumerate(groups):
            if group.capital:
                continue
            known = min(1.0, made[int(plants.product[needs.buyer[g]])])
            for e in range(needs.start[g], needs.start[g + 1]):
                i = needs.supplier[e]
                part = needs.volume[g] * needs.weight[e] * known / plants.volume[i]
                gone[i] += part * (1 - left[needs.buyer[g]])
        new = np.maximum(0.0, np.minimum(new, 1 - gone))
        if np.abs(new - left).max() < 1e-12:
            break
        left = new
    return left


@settings(max_examples=15)
@given(st.integers(0, 400), st.floats(0, 1))
def test_properties_and_a_plain_second_way(seed: int, capacity: float) -> None:
    network = drawn_network(seed)
    plant = network.plants.query("role == 'production'")["plant"].iloc[seed % 3]
    whole, part = (cn.disrupt(network, f"{plant}={left}") for left in (0.0, capacity))
    tables = [cn.lost_sales(outcome, "plant").set_index("plant") for outcome in (whole, part)]
    plain = 1 - plainly(whole)
    names = whole.economy.table["plant"]
    for table in tables:
        assert (table["sales_lost"] > table["output_lost"]).all()
        assert table["sales_lost"].between(table["low"] - 1e-5, table["high"] + 1e-5).all()
        assert table["sales_lost"].between(0, 1 + 1e-12).all()
    for name, share in tables[0]["sales_lost"].items():
        assert share == pytest.approx(plain[names[names == name].index[0]], abs=1e-5)
    # What is left of more is never less.
    both = tables[1]["sales_lost"].to_frame("part").join(tables[0]["sales_lost"]).fillna(1.0)
    assert (both["part"] <= both["sales_lost"] + 1e-5).all()
