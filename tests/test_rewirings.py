"""Exchanging suppliers: a network by hand, and what must never change."""

from __future__ import annotations

import pytest
from draw import draw, drawn_tables
from hypothesis import given, settings
from hypothesis import strategies as st

import chainnet as cn
from chainnet import SupplyNetwork, rewire

#  x and y make resist and gas, half each. Each fab takes one from x and the other from y, so that
#  either stops both.
CROSSED = """
    resist => dram
    gas => dram
    x@JPN -> resist 0.5
    y@USA -> resist 0.5
    x@JPN -> gas 0.5
    y@USA -> gas 0.5
    one@KOR -> dram 0.5
    two@KOR -> dram 0.5
    one <- x resist 1.0
    one <- y gas 1.0
    two <- y resist 1.0
    two <- x gas 1.0
"""


def network(drawing: str) -> SupplyNetwork:
    """A drawing in which only DRAM is a device."""
    tables = drawn_tables(drawing)
    products = tables["products"]
    products.loc[products["product"] != "dram", ["class", "stage"]] = "material"
    return SupplyNetwork(tables, name="drawn")


def test_uncrossing_two_fabs_by_hand() -> None:
    # Closing x or y stops both fabs, closing a fab half the output: (1 + 1 + 0.5 + 0.5) / 4. Once each
    # fab takes both inputs from the same firm, every closure costs a half.
    result = rewire(network(CROSSED), steps=20)
    assert (result.before, result.after, result.own) == pytest.approx((0.75, 0.5, 0.25), abs=1e-12)
    assert result.change == pytest.approx(-100 / 3, abs=1e-9)
    assert (result.kept, result.steps, result.assumed) == (1, 20, 0.0)
    # One of two inputs changed hands.
    assert result.moved == pytest.approx(0.5, abs=1e-12)
    after = result.flows.query("after > 0")
    makers = {buyer: {s.split("-")[0] for s in own["supplier"]} for buyer, own in after.groupby("buyer")}
    assert {buyer: len(own) for buyer, own in makers.items()} == {"one-dram": 1, "two-dram": 1}


def test_the_mean_is_that_of_closing_firm_by_firm() -> None:
    net = network(CROSSED.replace("two <- x gas 1.0", "two <- x gas 0.3"))
    losses = []
    for firm in ("x", "y", "one", "two"):
        table = cn.disrupt(net, firm).by("product").set_index("product")["loss"]
        losses.append(float(table.get("dram", 0.0)))
    assert rewire(net, steps=0).before == pytest.approx(sum(losses) / 4, abs=1e-9)


def test_no_steps_change_nothing() -> None:
    result = rewire(network(CROSSED), steps=0)
    assert (result.before, result.moved, result.kept, result.change) == (result.after, 0, 0, 0)
    assert result.flows["before"].equals(result.flows["after"])


def test_nothing_can_be_exchanged_with_one_supplier() -> None:
    result = rewire(network("resist => dram\n x@JPN -> resist 1.0\n one@KOR -> dram 1.0"), steps=5)
    assert (result.before, result.after, result.kept) == (1, 1, 0)
    assert result.assumed == 1


def test_what_a_firm_makes_for_itself_stays() -> None:
    # The crossed fabs again, but x is also the first fab: only the gas could be exchanged, and x makes its
    # own resist whatever happens.
    own = CROSSED.replace("one@KOR", "x@KOR").replace("one <- x resist 1.0", "").replace("one <-", "x <-")
    result = rewire(network(own), steps=50)
    inside = result.flows.query("supplier == 'x-resist' and buyer == 'x-dram'")
    assert inside[["before", "after"]].to_numpy().tolist() == [[0.5, 0.5]]


SHARES = st.floats(0.05, 0.95)


@settings(max_examples=15)
@given(st.lists(SHARES, min_size=8, max_size=8), st.integers(0, 5))
def test_purchases_and_sales_stay_and_risk_never_rises(shares: list[float], seed: int) -> None:
    a, b, c, d, *bought = shares
    net = draw(f"""
        resist => dram
        gas => dram 0.4
        acid => resist
        resist => logic
        x@JPN -> resist {a}
        y@USA -> resist {1 - a}
        x@JPN -> gas {b}
        z@KOR -> gas {1 - b}
        y@USA -> acid {c}
        w@TWN -> acid {1 - c}
        one@KOR -> dram {d}
        two@JPN -> dram {1 - d}
        one@KOR -> logic 0.5
        fab@TWN -> logic 0.5
        one <- x resist {bought[0]}
        two <- y resist {bought[1]}
        one <- z gas {bought[2]}
        x <- w acid {bought[3]}
    """)
    result = rewire(net, steps=60, seed=seed)
    assert result.own <= result.after <= result.before
    assert (result.flows[["before", "after"]] >= 0).all(axis=None)
    for end in ("buyer", "supplier"):
        sums = result.flows.groupby(["input", end])[["before", "after"]].sum()
        assert (sums["before"] - sums["after"]).abs().max() <= 1e-12
    again = rewire(net, steps=60, seed=seed)
    assert (again.after, again.kept) == (result.after, result.kept)
    assert again.flows.equals(result.flows)


def test_the_bundled_graph_keeps_its_volumes() -> None:
    result = rewire(cn.load("japan-korea"), steps=1500)
    assert 0 < result.own < result.after < result.before < 1
    assert 0 < result.moved < 1
    assert 0.5 < result.assumed < 0.8
    for end in ("buyer", "supplier"):
        sums = result.flows.groupby(["input", end])[["before", "after"]].sum()
        assert (sums["before"] - sums["after"]).abs().max() <= 1e-12


def test_wrong_requests_are_refused() -> None:
    with pytest.raises(cn.UsageError, match="-1 exchanges"):
        rewire(network(CROSSED), steps=-1)
    with pytest.raises(cn.UsageError, match="nothing can be lost"):
        rewire(draw("x@JPN -> resist planned"))
