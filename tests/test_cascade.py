"""The structural what-if on networks small enough to work out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from draw import draw
from hypothesis import given
from hypothesis import strategies as st

from chainnet import Scenario, SupplyNetwork, UsageError, disrupt
from chainnet.cascade import Replaceability


def loss(network: SupplyNetwork, *shocks: str, **options: object) -> dict[str, float]:
    """Loss by plant, those above zero."""
    found = disrupt(network, Scenario.parse(*shocks), **options).loss  # type: ignore[arg-type]
    return {str(plant): round(float(value), 9) for plant, value in found.items() if value > 1e-9}


#   tok (JPN) 0.6 ─┐
#   dup (USA) 0.4 ─┴─ resist ─── fab (KOR) dram 0.7 ── hbm
#   asml (NLD) 1.0 ── scanner (capital) ─┘
#   gas (QAT) 1.0 ── helium, important 0.3 ─┘
CHAIN = """
    resist  => dram
    scanner => dram capital
    helium  => dram 0.3
    dram    => hbm
    tok@JPN  -> resist 0.6
    dup@USA  -> resist 0.4
    asml@NLD -> scanner 1.0
    qat@QAT  -> helium 1.0
    fab@KOR  -> dram 0.7
    fab@KOR  -> hbm 1.0
"""


def test_a_fab_loses_the_share_of_its_scarcest_critical_input() -> None:
    assert loss(draw(CHAIN), "tok") == {"tok-resist": 1.0, "fab-dram": 0.6, "fab-hbm": 0.6}
    assert loss(draw(CHAIN), "tok=0.5") == {"tok-resist": 0.5, "fab-dram": 0.3, "fab-hbm": 0.3}


def test_losses_of_important_inputs_add_up_and_do_not_add_to_the_critical_ones() -> None:
    assert loss(draw(CHAIN), "helium")["fab-dram"] == 0.3
    assert loss(draw(CHAIN), "helium", "tok")["fab-dram"] == 0.6


def test_capital_goods_do_not_stop_a_fab_but_are_reported() -> None:
    net = draw(CHAIN)
    outcome = disrupt(net, Scenario.parse("asml"))
    assert outcome.loss["fab-dram"] == 0
    fab = outcome.by("firm").set_index(["firm", "product"]).loc[("fab", "dram")]
    assert (fab["loss"], fab["capital_exposure"]) == (0, 1)
    assert loss(net, "asml", include_capital=True)["fab-dram"] == 1.0


def test_a_buyers_one_supplier_is_lost_whole_however_small_its_market_share() -> None:
    # namics holds a quarter of the world, but is all that the fab buys.
    net = draw("""
        muf => hbm
        namics@JPN -> muf 0.25
        other@USA  -> muf 0.75
        fab@KOR    -> hbm 1.0
        fab <- namics muf 1.0
    """)
    assert loss(net, "namics")["fab-hbm"] == 1.0
    rest: tuple[Literal["qualified", "market"], ...] = ("qualified", "market")
    for replaceability in rest:
        assert loss(net, "namics", replaceability=replaceability)["fab-hbm"] == 1.0


def test_a_family_closes_with_its_members() -> None:
    net = draw("""
        krf in resist
        krf => dram
        tok@JPN -> krf 0.8
        tok@JPN -> resist 0.5
        fab@KOR -> dram 1.0
    """)
    assert loss(net, "JPN:resist")["fab-dram"] == 0.8
    assert loss(net, "JPN:krf")["fab-dram"] == 0.8


def test_a_control_holds_back_a_flow_and_closes_nobody() -> None:
    #  tok (JPN) ──┬── fab (KOR)
    #              └── us (USA)
    net = draw("""
        resist => dram
        tok@JPN -> resist 0.6
        dup@USA -> resist 0.4
        fab@KOR -> dram 0.5
        us@USA  -> dram 0.5
    """)
    assert loss(net, "JPN>KOR:resist") == {"fab-dram": 0.6}
    assert loss(net, "JPN>KOR:resist=0.5") == {"fab-dram": 0.3}
    with pytest.raises(UsageError, match="cuts no flow"):
        loss(net, "KOR>JPN:resist")


def test_research_centres_and_planned_plants_supply_nobody() -> None:
    net = draw("""
        resist => dram
        tok@JPN/Kumamoto -> resist rd
        jsr@JPN -> resist 1.0
        fab@KOR -> dram 1.0
    """)
    with pytest.raises(UsageError, match="no plant in production"):
        loss(net, "region/Kumamoto")


def test_place_and_head_office_are_told_apart() -> None:
    net = draw("""
        resist => dram
        jsr@JPN -> gas
        jsr@BEL -> resist 0.3
        tok@JPN -> resist 0.7
        fab@KOR -> dram 1.0
    """)
    assert loss(net, "JPN:resist")["fab-dram"] == 0.7
    assert loss(net, "hq:JPN:resist")["fab-dram"] == 1.0


def test_inputs_of_one_group_replace_each_other() -> None:
    net = draw("""
        film => hbm group:fill
        paste => hbm group:fill
        a@JPN -> film 1.0
        b@KOR -> paste 1.0
        fab@KOR -> hbm 1.0
    """)
    assert loss(net, "a")["fab-hbm"] == 0.5
    assert loss(net, "a", "b")["fab-hbm"] == 1.0


def test_the_market_replaces_a_lost_supplier_by_its_share_of_what_is_left() -> None:
    net = draw(CHAIN)
    # dup closed: sigma = 0.4 / 0.6, lost share = 0.4 * 2/3.
    assert loss(net, "dup", replaceability="market")["fab-dram"] == pytest.approx(0.4 * 0.4 / 0.6)
    # Both closed: the market is empty, nobody steps in.
    assert loss(net, "resist", replaceability="market")["fab-dram"] == 1.0


def test_qualified_suppliers_step_in_with_their_slack() -> None:
    # tok lost: 0.6 of the world; dup is qualified with a slack of 0.1 of its 0.4.
    net = draw(CHAIN + "fab <- dup resist qualified")
    assert loss(net, "tok", replaceability="qualified")["fab-dram"] == pytest.approx(0.6 * (1 - 0.04 / 0.6))
    assert loss(draw(CHAIN), "tok", replaceability="qualified")["fab-dram"] == 0.6


#   a 0.99 ─┐
#   b 0.01 ─┴─ chip ─── maker ── tool ──> a, b need the tool (consumed): a cycle
CYCLE = """
    chip => tool
    tool => chip
    a@JPN -> chip 0.99
    b@KOR -> chip 0.01
    maker@USA -> tool 1.0
"""


def test_a_small_supplier_in_a_cycle_does_not_zero_the_network_where_others_step_in() -> None:
    net = draw(CYCLE)
    assert [w.code for w in net.warnings] == ["critical-cycle"]
    assert loss(net, "b", replaceability="market")["maker-tool"] < 0.02
    assert loss(net, "b")["maker-tool"] == pytest.approx(1.0, abs=1e-3)


def test_adding_up_weighs_plants_by_their_share() -> None:
    net = draw("""
        resist => dram
        tok@JPN -> resist 1.0
        big@KOR -> dram 0.6
        small@KOR -> dram 0.2
        us@USA -> dram 0.1
        small <- tok resist 1.0
    """)
    outcome = disrupt(net, Scenario.parse("big:dram=0.5"))
    product = outcome.by("product").set_index("product").loc["dram"]
    assert product["loss"] == pytest.approx(0.3)
    country = outcome.by("country").set_index(["country", "product"]).loc[("KOR", "dram")]
    assert (country["loss"], country["world_loss"]) == (pytest.approx(0.375), pytest.approx(0.3))


def test_the_reason_is_told() -> None:
    net = draw(CHAIN)
    reasons = disrupt(net, Scenario.parse("tok")).plants.set_index("plant")
    assert reasons.loc["tok-resist", "through"] == "closed by the shock"
    assert reasons.loc["fab-dram", ["through", "step", "status"]].tolist() == ["resist", 5, "estimated"]
    assert reasons.loc["fab-hbm", "through"] == "dram"


@pytest.mark.parametrize(
    "text", ["nosuch", "JPN::resist", "tok=1.2", "tok=-0.1", "tok=x", "tok@0+0", "JPN:KOR", ""]
)
def test_malformed_shocks_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        disrupt(draw(CHAIN), Scenario.parse(text))


SHOCKS = ["tok", "dup", "asml", "qat", "resist", "helium", "fab:dram", "JPN>KOR:resist"]


@given(
    st.sampled_from(SHOCKS),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from(["none", "market", "qualified"]),
)
def test_less_capacity_never_gives_more_output_and_no_shock_no_loss(
    shock: str, one: float, two: float, replaceability: Literal["none", "market", "qualified"]
) -> None:
    net = draw(CHAIN)
    deep, mild = (
        disrupt(net, Scenario.parse(f"{shock}={left:.6f}"), replaceability=replaceability).output
        for left in sorted((one, two))
    )
    if replaceability == "none":
        assert (deep <= mild + 1e-9).all()
    assert deep.between(0, 1).all()
    assert (disrupt(net, Scenario.parse(f"{shock}=1")).loss == 0).all()


def test_an_independent_part_is_never_hit_and_row_order_does_not_matter() -> None:
    apart = "x@DEU -> widget 1.0\n y@FRA -> thing 1.0\n widget => thing\n"
    net, turned = draw(CHAIN + apart), draw(apart + "\n".join(reversed(CHAIN.splitlines())))
    assert not {"x-widget", "y-thing"} & set(loss(net, "resist", "helium"))
    assert loss(net, "tok", "helium") == loss(turned, "tok", "helium")


def test_important_losses_compound_and_small_ones_are_no_stop() -> None:
    #  twelve inputs with an impact of 0.5 each, a tenth of each lost: 1 - 0.95 ** 12
    lines = ["fab@KOR -> dram 1.0"]
    for k in range(12):
        lines += [f"in{k} => dram 0.5", f"x@JPN -> in{k} 0.1", f"y@USA -> in{k} 0.9"]
    assert loss(draw("\n".join(lines)), "x")["fab-dram"] == pytest.approx(1 - 0.95**12)


def test_a_capacity_outside_0_and_1_is_refused_wherever_it_comes_from() -> None:
    shock = Scenario.parse("tok").shocks[0]
    for wrong in (-1.0, 1.2, float("nan")):
        with pytest.raises(UsageError):
            replace(shock, capacity=wrong)


def test_a_shock_may_be_given_as_text() -> None:
    net = draw(CHAIN)
    assert disrupt(net, "tok").output.equals(disrupt(net, Scenario.parse("tok")).output)


def test_a_country_that_makes_something_of_which_the_figures_leave_it_nothing_is_a_maker_without_output():
    """Japan's total is all of the masks; that somebody in China makes some too is known, not how much."""
    net = draw("""
        mask => chip
        *@JPN -> mask 1.0
        *@CHN -> mask
        fab@KOR -> chip 1.0
    """)
    assert disrupt(net, Scenario.parse("CHN:mask")).loss["fab-chip"] == 0
    assert disrupt(net, Scenario.parse("JPN:mask")).loss["fab-chip"] == 1


@pytest.mark.parametrize("replaceability", ["none", "qualified", "market"])
def test_a_firm_is_as_hard_to_replace_however_many_plants_it_has(replaceability: Replaceability) -> None:
    rest = """
        gas => dram
        b@USA -> gas 0.5
        fab@KOR -> dram 1.0
    """
    one = draw("a@JPN -> gas 0.4" + rest)
    two = draw("a@JPN -> gas 0.2\n a@JPN -> gas 0.2" + rest)
    losses = [disrupt(net, "a", replaceability=replaceability).loss["fab-dram"] for net in (one, two)]
    assert losses[0] == pytest.approx(losses[1])
    if replaceability == "market":
        # Of the 0.6 that the market still makes, the lost 0.4 are two thirds.
        assert losses[0] == pytest.approx(0.4 * 0.4 / 0.6)
