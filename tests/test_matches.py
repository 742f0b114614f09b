"""Links to build next: by hand, and a second time through the tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st

import chainnet as cn
from chainnet import prospects
from chainnet.buyings import buyings, moved
from chainnet.economy import compile_network
from chainnet.markets import markets

#  tok (JPN) 0.5 ─┐                           nag (JPN) 0.4 buys all of it from tok
#  jsr (JPN) 0.2 ─┼─ resist ────────────┐
#  dup (USA) 0.2 ─┤                     ├── chip
#  sun (KOR) 0.1 ─┘                     │
#  lin (JPN), odo (KOR) ── gas (0.5) ───┤     nag buys all of it from lin
#  lith (NLD) 0.9, sem (KOR) ── tool ───┘     fab (KOR) 0.6 buys resist from tok 0.8, dup 0.2
NET = """
    resist => chip
    gas => chip 0.5
    tool => chip capital
    tok@JPN -> resist 0.5
    jsr@JPN -> resist 0.2
    dup@USA -> resist 0.2
    sun@KOR -> resist 0.1
    lin@JPN -> gas
    odo@KOR -> gas
    lith@NLD -> tool 0.9
    sem@KOR -> tool 0.1
    nag@JPN -> chip 0.4
    fab@KOR -> chip 0.6
    nag <- tok resist 1.0
    nag <- lin gas 1.0
    nag <- sun resist candidate
    fab <- tok resist 0.8
    fab <- dup resist 0.2
    fab <- odo gas 1.0
"""


def by_link(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index(["buyer", "supplier"])


def test_what_a_link_removes_by_hand() -> None:
    row = by_link(cn.match(draw(NET))).loc[("nag", "sun")]
    assert row[["input", "leader", "leader_country"]].tolist() == ["resist", "tok", "JPN"]
    assert row[["share", "step", "status"]].tolist() == [1.0, 1, "observed"]
    # All of the resist comes from tok in Japan; a fifth of it from Korea goes on coming.
    assert row[["firm_loss", "country_loss"]].tolist() == [1.0, 1.0]
    assert row[["firm_loss_after", "country_loss_after"]].tolist() == pytest.approx([0.8, 0.8])
    assert row["loss_removed"] == pytest.approx(0.2)
    # nag makes 0.4 of the world's chips.
    assert row["world_loss_removed"] == pytest.approx(0.08)
    assert row[["hhi_firm", "hhi_country"]].tolist() == [1.0, 1.0]
    assert row[["hhi_firm_after", "hhi_country_after"]].tolist() == pytest.approx([0.68, 0.68])
    assert row["state"] == "candidate"


def test_a_second_supplier_in_the_leaders_country_helps_against_the_firm_alone() -> None:
    row = by_link(cn.match(draw(NET))).loc[("fab", "jsr")]
    assert row[["firm_loss", "firm_loss_after"]].tolist() == pytest.approx([0.8, 0.6])
    assert row[["country_loss", "country_loss_after"]].tolist() == pytest.approx([0.8, 0.8])
    assert row["loss_removed"] == pytest.approx(0.1)
    # tok 0.8, dup 0.2; then tok 0.6, dup 0.2, jsr 0.2.
    assert row[["hhi_firm", "hhi_firm_after"]].tolist() == pytest.approx([0.68, 0.44])
    assert row[["hhi_country", "hhi_country_after"]].tolist() == pytest.approx([0.68, 0.68])


def test_a_new_supplier_takes_no_more_than_the_leader_sells() -> None:
    row = by_link(cn.match(draw(NET), share=1)).loc[("fab", "jsr")]
    assert row[["share", "share_after"]].tolist() == pytest.approx([0.8, 0.0])
    assert row["firm_loss_after"] == pytest.approx(0.0)
    # jsr now sells the 0.8 from Japan.
    assert row["country_loss_after"] == pytest.approx(0.8)


def test_an_important_input_counts_by_its_impact_and_a_tool_by_exposure_alone() -> None:
    table = by_link(cn.match(draw(NET)))
    gas = table.loc[("nag", "odo")]
    assert gas[["firm_loss", "firm_loss_after"]].tolist() == pytest.approx([0.5, 0.4])
    tool = table.loc[("nag", "sem")]
    assert tool["use"] == "capital"
    assert tool[["loss_removed", "firm_loss", "country_loss"]].tolist() == [0.0, 0.0, 0.0]
    assert tool[["share", "share_after"]].tolist() == pytest.approx([0.9, 0.7])
    assert tool[["country_share", "country_share_after"]].tolist() == pytest.approx([0.9, 0.7])


def test_the_order_is_by_loss_then_concentration() -> None:
    table = cn.match(draw(NET))
    order = list(zip(table["buyer"], table["supplier"], strict=True))
    # 0.2; then 0.1 twice, of which all from one hand and one country comes first (gas); tools last.
    # fab's gas: all of it from odo, all in Korea, as nag's, but fab makes more of the world's chips.
    assert order == [("nag", "sun"), ("fab", "lin"), ("nag", "odo"), ("fab", "jsr"), ("nag", "sem")]


def test_capacity_is_a_bound_and_unknown_where_shares_are() -> None:
    table = by_link(cn.match(draw(NET)))
    # A fifth of what 0.4 of the world's chips need, out of 0.1 of the world's resist.
    assert table.loc[("nag", "sun"), "takes_at_most"] == pytest.approx(0.8)
    assert table.loc[("nag", "sun"), "capacity"] == "maybe not"
    assert np.isnan(table.loc[("nag", "odo"), "takes_at_most"])
    assert table.loc[("nag", "odo"), "capacity"] == "unknown"
    # One unknown among what the buyer makes is enough not to know.
    mixed = NET + "\nresist => cell\nnag@JPN -> cell\nfab@KOR -> cell 0.5"
    assert by_link(cn.match(draw(mixed))).loc[("nag", "sun"), "capacity"] == "unknown"
    small = by_link(cn.match(draw(NET), share=0.01))
    assert small.loc[("nag", "sun"), "capacity"] == "enough"


def test_what_is_linked_is_not_proposed_and_what_is_qualified_takes_no_time() -> None:
    linked = draw(NET.replace("resist candidate", "resist active"))
    assert ("nag", "sun") not in by_link(cn.match(linked)).index
    country = draw(NET.replace("nag <- sun resist candidate", "JPN <- sun resist"))
    assert ("nag", "sun") not in by_link(cn.match(country)).index
    qualified = draw(NET.replace("resist candidate", "resist qualified"))
    row = by_link(cn.match(qualified)).loc[("nag", "sun")]
    assert (row["state"], row["qualification_days"]) == ("qualified", 0.0)
    assert by_link(cn.match(draw(NET))).loc[("nag", "sun"), "qualification_days"] > 0


def test_another_site_of_the_leader_helps_against_its_country_alone() -> None:
    net = draw("""
        resist => chip
        tok@JPN -> resist 0.6
        tok@KOR -> resist 0.2
        dup@USA -> resist 0.2
        nag@JPN -> chip 1.0
        nag <- tok resist 1.0
    """)
    table = cn.match(net)
    assert table["link"].tolist() == ["other site"]
    row = table.iloc[0]
    # tok's plants deliver in proportion to their output: three quarters come from Japan.
    assert row[["firm_loss", "firm_loss_after"]].tolist() == pytest.approx([1.0, 1.0])
    assert row[["country_loss", "country_loss_after"]].tolist() == pytest.approx([0.75, 0.55])
    assert row["hhi_firm_after"] == pytest.approx(1.0)
    # Within one country another site is no help.
    assert cn.match(net, ("JPN", "USA"))["supplier"].tolist() == ["dup"]


def test_losses_of_what_is_made_of_an_input_count_alike() -> None:
    net = draw("""
        resist => chip
        resist => cell 0.5
        tok@JPN -> resist 0.5
        sun@KOR -> resist 0.5
        nag@JPN -> chip 0.9
        nag@JPN -> cell 0.1
        nag <- tok resist 1.0
    """)
    row = by_link(cn.match(net)).loc[("nag", "sun")]
    assert row["makes"] == "cell;chip"
    # The chip loses all, the cell half: 0.75; after it 0.8 and 0.4.
    assert row[["firm_loss", "firm_loss_after"]].tolist() == pytest.approx([0.75, 0.6])
    assert row["world_loss_removed"] == pytest.approx(0.2 * 0.9)


def test_inputs_that_replace_each_other_move_in_their_part() -> None:
    net = draw("""
        neon => chip group:gas
        argon => chip group:gas
        ukr@JPN -> neon 1.0
        kor@KOR -> neon
        air@USA -> argon 1.0
        nag@JPN -> chip 1.0
        nag <- ukr neon 1.0
    """)
    row = by_link(cn.match(net)).loc[("nag", "kor")]
    # Neon is half of the need; a fifth of it moves.
    assert row[["share", "share_after"]].tolist() == pytest.approx([1.0, 0.8])
    assert row[["firm_loss", "firm_loss_after"]].tolist() == pytest.approx([0.5, 0.4])


def test_events_count_that_hit_the_leader_and_not_the_new_supplier(monkeypatch) -> None:
    record = {
        "leader": "tok",
        "both": "hq:JPN hq:KOR",
        "flow": "JPN>JPN:resist",
        "other-flow": "JPN>KOR:resist",
        "other-product": "JPN>JPN:gas",
        "passes": "tok=1",
    }
    monkeypatch.setattr(prospects, "events", lambda: tuple(record))
    monkeypatch.setattr(
        prospects, "event", lambda name, net: cn.Scenario.parse(*record[name].split()).resolve(net)
    )
    table = by_link(cn.match(draw(NET)))
    assert table.loc[("nag", "sun"), "events"] == "leader;flow"
    # jsr sits where tok sits: what holds tok's flow back holds its own.
    assert table.loc[("fab", "jsr"), "events"] == "leader"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"countries": ("JPN",)}, cn.UsageError),
        ({"countries": ("JPN", "日本")}, cn.UsageError),
        ({"countries": ("JPN", "FRA")}, cn.UsageError),
        ({"countries": ("JPN", "Atlantis")}, cn.UnknownNameError),
        ({"min_share": -0.1}, cn.UsageError),
        ({"min_share": float("nan")}, cn.UsageError),
        ({"share": 0.0}, cn.UsageError),
        ({"share": 1.5}, cn.UsageError),
        ({"product": "resit"}, cn.UnknownNameError),
        ({"buyer": "nagg"}, cn.UnknownNameError),
    ],
)
def test_what_makes_no_sense_is_refused(options, error) -> None:
    with pytest.raises(error):
        cn.match(draw(NET), **options)


def test_filters_keep_rows_of_the_whole() -> None:
    net = draw(NET)
    whole = cn.match(net)
    assert cn.match(net, ("KOR", "JPN")).equals(whole)
    assert set(cn.match(net, buyer="nag")["supplier"]) == set(whole.query("buyer == 'nag'")["supplier"])
    assert set(cn.match(net, product="gas")["supplier"]) == {"odo", "lin"}
    assert cn.match(net, min_share=0.9).equals(whole[whole["share"] >= 0.9].reset_index(drop=True))
    empty = cn.match(net, product="resist", buyer="fab", min_share=1)
    assert empty.empty
    assert list(empty.columns) == list(whole.columns)


# --- drawn by chance -----------------------------------------------------------------------------

SHARES = st.integers(1, 10).map(lambda n: n / 10)


@st.composite
def networks(draw_one):
    """Buyers in two countries, whose suppliers buy from each other, round in a circle."""
    a, b, c, d = (draw_one(SHARES) for _ in range(4))
    critical, closing, mixed = (draw_one(st.booleans()) for _ in range(3))
    rows = [
        "acid => resist" + ("" if critical else f" {b}"),
        "resist => chip" + (" group:coat" if mixed else ""),
        *(["film => chip group:coat", "nit@USA -> film 1.0"] if mixed else []),
        *(["chip => acid 0.5"] if closing else []),
        f"tok@JPN -> resist {a / 3}",
        f"tok@KOR -> resist {b / 3}",
        f"sun@KOR -> resist {c / 3}",
        "jsr@JPN -> resist",
        f"pag@JPN -> acid {d}",
        "sol@KOR -> acid",
        f"nag@JPN -> chip {a / 2}",
        "fab@KOR -> chip 0.5",
        f"nag <- tok resist {b}",
        f"fab <- {draw_one(st.sampled_from(['tok', 'jsr', 'sun']))} resist {c}",
        *draw_one(st.sampled_from([[], ["tok <- sol acid"], ["sun <- pag acid 0.9"]])),
    ]
    return draw("\n".join(rows))


@settings(max_examples=60)
@given(networks(), st.floats(0, 1), st.floats(0.01, 1))
def test_a_link_never_adds_a_loss_and_is_never_there_already(net, least, share) -> None:
    table = cn.match(net, min_share=least, share=share)
    assert (table["loss_removed"] >= 0).all()
    assert (table["firm_loss_after"] <= table["firm_loss"]).all()
    assert (table["country_loss_after"] <= table["country_loss"]).all()
    assert (table["share"] >= least - 1e-9).all()
    assert (table["buyer"] != table["supplier"]).all()
    assert (table["country"] != table["supplier_country"]).all()
    assert not set(zip(table["buyer"], table["input"], table["supplier"], strict=True)) & linked(net, table)


def linked(net: cn.SupplyNetwork, table: pd.DataFrame) -> set[tuple[str, str, str]]:
    """Buyer, input and supplier of the rows at work, without other sites of a leader."""
    rows = net.sourcing.query("state == 'active'")
    sites = table[table["link"] == "other site"]
    return set(zip(rows["buyer"], rows["product"], rows["supplier"], strict=True)) - set(
        zip(sites["buyer"], sites["input"], sites["supplier"], strict=True)
    )


@settings(max_examples=40)
@given(networks(), st.floats(0, 1))
def test_a_move_of_nothing_changes_no_bit_and_any_move_keeps_the_sums(net, share) -> None:
    economy = compile_network(net)
    for buying in buyings(economy, ["JPN", "KOR"]):
        node = next(iter(buying.shares), None)
        if node is None:
            continue
        nothing = moved(buying, {node: 0.0}, {node: 0.0})
        assert all(np.array_equal(new, old) for new, old in zip(nothing, economy.links, strict=True))
        part = share * buying.shares[node]
        links = moved(buying, {node: part}, {0: part / 2, len(economy.nodes) - 1: part / 2})
        sums = [np.add.reduceat(each.weight, each.group_start[:-1]) for each in (links, economy.links)]
        assert sums[0] == pytest.approx(sums[1], abs=1e-12)
        # Nobody else's purchases move.
        mine = np.isin(links.group_buyer, [group.buyer for group in buying.groups])
        before, after = (np.diff(each.group_start)[~mine] for each in (economy.links, links))
        assert (before == after).all()


# --- the bundled graph ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def net() -> cn.SupplyNetwork:
    return cn.load("japan-korea")


@pytest.fixture(scope="module")
def table(net) -> pd.DataFrame:
    return cn.match(net)


def test_no_listed_pair_is_linked_already(net, table) -> None:
    assert len(table) > 50
    assert not set(zip(table["buyer"], table["input"], table["supplier"], strict=True)) & linked(net, table)
    assert "active" not in set(table["state"])
    assert set(table["country"]) == {"JPN", "KOR"}


def loss(net: cn.SupplyNetwork, row, shock: str) -> float:
    """Loss of what a buyer makes of an input in a country: the mean over its products."""
    outcome = cn.disrupt(net, shock, tol=1e-9)
    means = []
    for made in row.makes.split(";"):
        own = [
            node
            for node in outcome.economy.nodes
            if (node.firm, node.country, node.product) == (row.buyer, row.country, made)
            and node.step != "planned"
        ]
        weights = [node.share for node in own] if sum(node.share for node in own) > 0 else None
        means.append(np.average([outcome.loss[node.plant] for node in own], weights=weights))
    return float(np.mean(means))


def test_losses_before_are_those_of_a_what_if(net, table) -> None:
    rows = table[table["use"] == "consumed"].drop_duplicates(["buyer", "country", "input"])
    for row in rows[::4].itertuples():
        assert loss(net, row, f"{row.leader}:{row.input}") == pytest.approx(row.firm_loss, abs=1e-7)
        assert loss(net, row, f"{row.leader_country}:{row.input}") == pytest.approx(
            row.country_loss, abs=1e-7
        )


def through_the_tables(net: cn.SupplyNetwork, row) -> cn.SupplyNetwork:
    """Write the purchases after a move into the tables, as shares of every firm that sells."""
    sold: dict[str, float] = {}
    for purchase in markets(net).purchases(row.buyer, row.country, row.input):
        if purchase.maker and purchase.maker.firm:
            sold[purchase.maker.firm] = sold.get(purchase.maker.firm, 0.0) + purchase.share
    amount = min(0.2, sold[row.leader])
    sold[row.leader] -= amount
    sold[row.supplier] = sold.get(row.supplier, 0.0) + amount
    sourcing = net.sourcing
    sourcing = sourcing[~((sourcing["buyer"] == row.buyer) & (sourcing["product"] == row.input))]
    about = {"buyer": row.buyer, "product": row.input, "basis": "purchases", "state": "active"}
    about |= {"year": 2026.0, "status": "assumed", "ref": "judgement", "note": ""}
    rows = [{**about, "supplier": firm, "share": share} for firm, share in sold.items() if share > 0]
    new = pd.DataFrame(rows).reindex(columns=sourcing.columns)
    new = new.astype({name: kind for name, kind in sourcing.dtypes.items() if name != "share"})
    return net.replace(sourcing=pd.concat([sourcing, new], ignore_index=True))


def test_the_same_move_through_the_tables_gives_the_same_losses(net, table) -> None:
    """Where nobody has plants in two countries and no row of a country speaks, the tables can say it."""
    at = compile_network(net)
    places: dict[tuple[str, str], set[str]] = {}
    for node in at.nodes:
        places.setdefault((node.firm, node.product), set()).add(node.country)
    rows = table[(table["use"] == "consumed") & table["step"].isin([1, 3, 5])]
    alone = [
        len(places[row.leader, row.input]) == len(places[row.supplier, row.input]) == 1
        and net.sourcing.query(f"buyer == '{row.country}' and product == '{row.input}'").empty
        for row in rows.itertuples()
    ]
    rows = rows[alone].drop_duplicates(["input", "loss_removed"])[::2]
    assert set(rows["step"]) == {1, 3, 5}
    for row in rows.itertuples():
        after = through_the_tables(net, row)
        assert loss(after, row, f"{row.leader}:{row.input}") == pytest.approx(row.firm_loss_after, abs=1e-7)
        assert loss(after, row, f"{row.leader_country}:{row.input}") == pytest.approx(
            row.country_loss_after, abs=1e-7
        )


def test_the_only_maker_of_a_grade_comes_first(table) -> None:
    first = table.iloc[0]
    assert first[["buyer", "input", "leader"]].tolist() == ["samsung", "photoresist_krf_thick", "dongjin"]
    assert first["step"] == 1


def test_the_kashima_quake_is_softened_where_peroxide_comes_from_japan(table) -> None:
    rows = table.query("input == 'h2o2' and leader == 'mgc' and link == 'new' and country == 'JPN'")
    assert len(rows)
    assert (rows["events"].str.split(";").map(lambda ids: "2011-tohoku-kashima-h2o2" in ids)).all()
