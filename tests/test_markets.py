"""World output and purchases: each rule on a network small enough to work out by hand."""

from __future__ import annotations

import pytest
from draw import draw
from hypothesis import given
from hypothesis import strategies as st

from chainnet.errors import UsageError
from chainnet.ladder import Purchase
from chainnet.makers import weakest
from chainnet.markets import Markets, as_of, markets
from chainnet.network import SupplyNetwork


def shares(network: SupplyNetwork, product: str, date: str | None = None) -> dict[str, float]:
    return {m.plant: round(m.share, 12) for m in markets(network, date).market(product).makers}


def bought(network: SupplyNetwork, firm: str, country: str, product: str) -> dict[str, float]:
    """Share of purchases by plant; '' for what is nobody's in particular."""
    found: dict[str, float] = {}
    for part in markets(network).purchases(firm, country, product):
        name = part.maker.plant if part.maker else ""
        found[name] = round(found.get(name, 0.0) + part.share, 12)
    return found


def steps(parts: tuple[Purchase, ...]) -> dict[str, int]:
    return {part.maker.plant: part.step for part in parts if part.maker}


def test_figures_stand_and_the_rest_is_nobodys() -> None:
    net = draw("""
        tok@JPN -> resist 0.6
        dup@USA -> resist 0.3
    """)
    assert shares(net, "resist") == {"tok-resist": 0.6, "dup-resist": 0.3}
    assert markets(net).market("resist").unattributed == pytest.approx(0.1)


def test_a_countrys_rest_goes_to_its_makers_without_a_figure() -> None:
    # Japan makes 0.9, tok 0.5 of it: jsr and fuji hold 0.4 between them.
    net = draw("""
        *@JPN   -> resist 0.9
        tok@JPN -> resist 0.5
        jsr@JPN -> resist
        fuji@JPN -> resist
    """)
    assert shares(net, "resist") == {"tok-resist": 0.5, "jsr-resist": 0.2, "fuji-resist": 0.2}
    jsr = next(m for m in markets(net).market("resist").makers if m.firm == "jsr")
    assert (jsr.low, jsr.high, jsr.status) == (0.0, pytest.approx(0.4), "assumed")


def test_a_countrys_rest_goes_to_other_makers_where_all_are_known() -> None:
    net = draw("""
        *@JPN   -> resist 0.9
        tok@JPN -> resist 0.5
    """)
    assert shares(net, "resist") == {"tok-resist": 0.5, "jpn-resist+other": 0.4}


@pytest.mark.parametrize(
    "order",
    [("*@JPN -> resist 0.6", "*@KOR -> resist 0.42"), ("*@KOR -> resist 0.42", "*@JPN -> resist 0.6")],
)
def test_totals_above_the_whole_all_give_way(order) -> None:
    market = markets(draw("\n".join([*order, "resist => dram", "fab@KOR -> dram"]))).market("resist")
    shares = {maker.country: maker.share for maker in market.makers}
    assert shares == pytest.approx({"JPN": 0.6 / 1.02, "KOR": 0.42 / 1.02})
    assert market.unattributed == 0


def test_a_total_by_head_office_counts_plants_abroad() -> None:
    # jsr is Japanese and makes resist in Belgium: by head office it is part of Japan's 0.9.
    net = draw("""
        jsr@JPN -> gas
        *@JPN   -> resist 0.9 hq
        tok@JPN -> resist 0.5
        jsr@BEL -> resist
    """)
    assert shares(net, "resist") == {"tok-resist": 0.5, "jsr-resist": 0.4}


def test_a_firms_total_is_spread_over_its_plants() -> None:
    net = draw("""
        tok@JPN -> resist 0.6 hq
        tok@KOR -> resist
    """)
    assert shares(net, "resist") == {"tok-resist": 0.3, "tok-resist.1": 0.3}
    assert not any(m.placed for m in markets(net).market("resist").makers)


def test_makers_without_any_figure_get_a_part_each_and_one_is_nobodys() -> None:
    net = draw("""
        a@JPN -> gas
        b@KOR -> gas
    """)
    third = round(1 / 3, 12)
    assert shares(net, "gas") == {"a-gas": third, "b-gas": third}
    assert markets(net).market("gas").sole_maker is None


def test_a_country_without_a_figure_counts_as_a_maker() -> None:
    net = draw("""
        big@CHN -> acid 0.1
        *@JPN -> acid
    """)
    assert shares(net, "acid") == {"big-acid": 0.1, "jpn-acid": 0.45}


def test_a_family_is_the_prior_of_a_member_without_makers() -> None:
    net = draw("""
        krf in resist
        tok@JPN -> resist 0.6
        krf => dram
        fab@KOR -> dram 1.0
    """)
    assert shares(net, "krf") == {"tok-resist@krf": 0.6}


def test_a_family_total_bounds_a_members_makers() -> None:
    # Japan makes 0.9 of all resist and tok 0.4 of KrF: Japan's KrF makers hold 0.5 more.
    net = draw("""
        krf in resist
        *@JPN   -> resist 0.9
        tok@JPN -> krf 0.4
        jsr@JPN -> krf
        dup@USA -> krf
    """)
    got = shares(net, "krf")
    assert got["tok-krf"] == 0.4
    assert got["jsr-krf"] == 0.5
    assert got["dup-krf"] == pytest.approx(0.05)  # one of two parts of what is left


def test_a_maker_without_a_figure_takes_its_share_of_the_family() -> None:
    net = draw("""
        wafer300 in wafer
        a@JPN -> wafer 0.5
        b@JPN -> wafer 0.3
        a@JPN -> wafer300
        b@JPN -> wafer300
    """)
    assert shares(net, "wafer300") == {"a-wafer300": 0.5, "b-wafer300": 0.3}


def test_only_plants_that_have_started_and_produce_supply() -> None:
    net = draw("""
        a@JPN -> chip 0.5
        b@JPN -> chip 0.2 from2030
        c@JPN -> chip rd
        d@JPN -> chip planned
    """)
    assert set(shares(net, "chip")) == {"a-chip"}
    assert set(shares(net, "chip", "2031")) == {"a-chip", "b-chip"}


# Purchases

FAB = """
    resist => dram
    tok@JPN -> resist 0.6
    jsr@JPN -> resist 0.2
    dup@USA -> resist 0.1
    fab@KOR -> dram 0.7
"""


def test_without_rows_a_buyer_buys_from_the_worlds_makers() -> None:
    assert bought(draw(FAB), "fab", "KOR", "resist") == {
        "tok-resist": 0.6,
        "jsr-resist": 0.2,
        "dup-resist": 0.1,
        "": 0.1,
    }


def test_numeric_rows_come_first_and_the_rest_is_bought_from_others() -> None:
    got = bought(draw(FAB + "fab <- tok resist 0.8"), "fab", "KOR", "resist")
    # 0.2 is left for jsr 0.2, dup 0.1, nobody 0.1: halves and quarters of it.
    assert got == {"tok-resist": 0.8, "jsr-resist": 0.1, "dup-resist": 0.05, "": 0.05}


def test_a_whole_purchase_leaves_nothing_to_others() -> None:
    assert bought(draw(FAB + "fab <- dup resist 1.0"), "fab", "KOR", "resist") == {"dup-resist": 1.0}


def test_the_newest_year_counts() -> None:
    net = draw(FAB + "fab <- tok resist 1.0 2019\n fab <- dup resist 1.0 2024")
    assert bought(net, "fab", "KOR", "resist") == {"dup-resist": 1.0}
    old = Markets(net, "2020").purchases("fab", "KOR", "resist")
    assert [part.maker.firm for part in old if part.maker] == ["tok"]


def test_a_listed_supplier_counts_as_one_part_and_everyone_else_as_one() -> None:
    net = draw(FAB + "fab <- dup resist")
    got = bought(net, "fab", "KOR", "resist")
    assert got["dup-resist"] == pytest.approx(0.5 + 0.5 * 0.1)
    assert got["tok-resist"] == pytest.approx(0.5 * 0.6)
    listed = next(p for p in markets(net).purchases("fab", "KOR", "resist") if p.step == 3)
    assert (listed.low, listed.high, listed.status) == (0.0, 1.0, "assumed")


def test_a_qualified_supplier_ships_no_more_than_the_world_market_says() -> None:
    assert bought(draw(FAB + "fab <- dup resist qualified"), "fab", "KOR", "resist") == bought(
        draw(FAB), "fab", "KOR", "resist"
    )


def test_a_maker_of_its_own_input_buys_none() -> None:
    net = draw("""
        dram => hbm
        a@KOR -> dram 0.4
        b@USA -> dram 0.6
        a@KOR -> hbm 1.0
    """)
    assert bought(net, "a", "KOR", "dram") == {"a-dram": 1.0}


def test_a_country_row_serves_buyers_without_rows_of_their_own() -> None:
    net = draw(FAB + "KOR <- dup resist 0.9")
    assert bought(net, "fab", "KOR", "resist")["dup-resist"] == 0.9
    own = draw(FAB + "KOR <- dup resist 0.9\n fab <- tok resist 1.0")
    assert bought(own, "fab", "KOR", "resist") == {"tok-resist": 1.0}


def test_import_shares_apply_to_what_the_country_does_not_make() -> None:
    # Korea makes 0.2 of the world's resist: 0.8 is imported, 0.9 of it from Japan.
    net = draw("""
        resist => dram
        tok@JPN -> resist 0.6
        dj@KOR  -> resist 0.2
        dup@USA -> resist 0.2
        fab@KOR -> dram 1.0
        KOR <- JPN resist 0.9 imports
    """)
    assert bought(net, "fab", "KOR", "resist") == {
        "dj-resist": 0.2,
        "tok-resist": pytest.approx(0.72),
        "dup-resist": pytest.approx(0.08),
    }


def test_rungs_are_told() -> None:
    net = draw(FAB + "fab <- tok resist 0.5\n fab <- jsr resist\n KOR <- dup resist 0.5")
    assert steps(markets(net).purchases("fab", "KOR", "resist")) == {
        "tok-resist": 1,
        "dup-resist": 4,
        "jsr-resist": 5,
    }
    three = [p for p in markets(net).purchases("fab", "KOR", "resist") if p.step == 3]
    assert [p.maker.firm for p in three if p.maker] == ["jsr"]


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=1, max_size=6),
    st.lists(st.one_of(st.none(), st.integers(0, 50)), min_size=0, max_size=2),
)
def test_every_market_and_every_purchase_adds_up_to_the_whole(
    makers: list[int | None], rows: list[int | None]
) -> None:
    total = sum(share or 0 for share in makers)
    scale = max(total, 100)
    drawing = ["resist => dram", "fab@KOR -> dram 0.7"]
    for k, share in enumerate(makers):
        figure = "" if share is None else f"{share / scale:.4f}"
        drawing.append(f"m{k}@JPN -> resist {figure}")
    for k, share in enumerate(rows[: len(makers)]):
        drawing.append(f"fab <- m{k} resist {'' if share is None else share / 100}")
    net = draw("\n".join(drawing))
    market = markets(net).market("resist")
    assert sum(m.share for m in market.makers) + market.unattributed == pytest.approx(1)
    assert all(-1e-12 <= m.low <= m.share + 1e-9 and m.share <= m.high + 1e-9 for m in market.makers)
    parts = markets(net).purchases("fab", "KOR", "resist")
    assert sum(part.share for part in parts) == pytest.approx(1)
    assert all(part.low <= part.share + 1e-9 <= part.high + 2e-9 for part in parts)


def test_the_year_of_a_network_is_that_of_its_newest_figure() -> None:
    assert as_of(draw("a@JPN -> chip 0.5")) == "2025"
    assert as_of(draw("a@JPN -> chip")) == "9999"


def test_the_weakest_status_counts() -> None:
    assert weakest(["observed", "estimated"]) == "estimated"
    assert weakest([]) == "observed"


def test_a_plant_that_has_ended_supplies_no_more() -> None:
    net = draw("""
        old@UKR -> neon 0.5
        new@KOR -> neon 0.1
    """)
    plants = net.plants
    plants.loc[plants["firm"] == "old", "end"] = "2022-03"
    net = net.replace(plants=plants)
    assert set(shares(net, "neon")) == {"new-neon"}
    assert set(shares(net, "neon", "2022-02")) == {"old-neon", "new-neon"}
    assert set(shares(net, "neon", "2022-04")) == {"new-neon"}


def test_a_supplier_with_a_row_is_not_counted_again_in_its_country() -> None:
    net = draw(FAB + "fab <- tok resist 0.5\n KOR <- JPN resist 1.0")
    assert bought(net, "fab", "KOR", "resist") == {"tok-resist": 0.5, "jsr-resist": 0.5}


def test_a_malformed_date_is_refused() -> None:
    with pytest.raises(UsageError):
        markets(draw(FAB), "yesterday")


@pytest.mark.parametrize("state", ["candidate", "lapsed"])
def test_who_does_not_ship_to_a_buyer_sells_it_nothing(state: str) -> None:
    net = draw(f"""
        gas => dram
        a@JPN -> gas 0.5
        b@USA -> gas 0.3
        fab@KOR -> dram 0.6
        mem@USA -> dram 0.4
        fab <- a gas {state}
    """)
    # Without a, b's 0.3 and the 0.2 that is nobody's in particular are what is left.
    sold = {part.maker.firm: part.share for part in markets(net).purchases("fab", "KOR", "gas") if part.maker}
    assert sold == {"b": pytest.approx(0.6)}
    others = {part.maker.firm for part in markets(net).purchases("mem", "USA", "gas") if part.maker}
    assert others == {"a", "b"}
