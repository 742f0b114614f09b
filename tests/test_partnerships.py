"""Partnerships as counterfactuals: what is put in, what is taken away, what changes."""

from __future__ import annotations

import pytest
from draw import draw

from chainnet import (
    Scenario,
    SupplyNetwork,
    UnknownNameError,
    UsageError,
    compare,
    compare_partnerships,
    partnership_table,
    with_partnerships,
    without_partnerships,
)
from chainnet.markets import markets

#  tok (JPN) 0.6 ─┐
#  dup (USA) 0.4 ─┴─ resist ── fab (KOR) buys all of it from tok; dj (KOR) could make it
NET = """
    resist => dram
    tok@JPN -> resist 0.6
    dup@USA -> resist 0.4
    dj@KOR  -> resist planned
    fab@KOR -> dram 1.0
    fab <- tok resist 1.0
    fab <- dup resist qualified
"""
STATES = {"new": "proposed", "second": "proposed", "force": "actual", "talk": "actual", "old": "lapsed"}


def effect(partnership: str, kind: str, **cells: str) -> dict[str, str]:
    return {"partnership": partnership, "effect": kind, "status": "assumed", **cells}


def network() -> SupplyNetwork:
    return draw(
        NET,
        partnerships=[{"partnership": p, "name": p, "type": "rd", "state": s} for p, s in STATES.items()],
        effects=[
            effect(
                "new", "add_plant", firm="dj", product="resist", country="KOR", plant="dj-resist", share="0.2"
            ),
            effect("second", "qualify", firm="dup", buyer="fab", product="resist", share="0.25"),
            effect("force", "qualify", firm="tok", buyer="fab", product="resist", share="1.0"),
            effect("talk", "qualification", product="resist", factor="0.8"),
            effect("old", "qualify", firm="dup", buyer="fab", product="resist", share="0"),
        ],
    )


def shares(net: SupplyNetwork) -> dict[str, float]:
    return {m.firm: round(m.share, 9) for m in markets(net).market("resist").makers}


def bought(net: SupplyNetwork) -> dict[str, float]:
    return {
        p.maker.firm: round(p.share, 9) for p in markets(net).purchases("fab", "KOR", "resist") if p.maker
    }


def test_the_table_says_what_is_in_force() -> None:
    table = partnership_table(network()).set_index("partnership")
    assert table["in_force"].to_dict() == {
        "new": "no",
        "second": "no",
        "force": "yes",
        "talk": "",
        "old": "yes",
    }


def test_an_empty_portfolio_changes_nothing() -> None:
    net = network()
    assert with_partnerships(net, []) is net
    assert without_partnerships(net, []) is net
    # Talk changes nothing in who makes or buys what.
    assert with_partnerships(net, ["talk"]).plain is net


def test_a_new_plant_takes_its_share_from_all_others() -> None:
    net = with_partnerships(network(), ["new"])
    assert shares(net) == {"tok": 0.48, "dup": 0.32, "dj": 0.2}
    assert shares(network()) == {"tok": 0.6, "dup": 0.4}


def test_a_new_plant_of_a_known_total_only_moves_it() -> None:
    net = draw(
        "tok@JPN -> resist 0.6 hq\n tok@KOR -> resist planned\n dup@USA -> resist 0.4",
        partnerships=[{"partnership": "local", "name": "local", "type": "plant", "state": "actual"}],
        effects=[
            effect("local", "add_plant", firm="tok", product="resist", plant="tok-resist.1", share="0.2")
        ],
    )
    moved = {
        m.plant: round(m.share, 9) for m in markets(with_partnerships(net, ["local"])).market("resist").makers
    }
    assert moved == {"tok-resist": 0.4, "dup-resist": 0.4, "tok-resist.1": 0.2}


def test_a_new_supplier_takes_its_share_of_the_purchases() -> None:
    net = network()
    assert bought(net) == {"tok": 1.0}
    assert bought(with_partnerships(net, ["second"])) == {"tok": 0.75, "dup": 0.25}
    table = compare(net, with_partnerships(net, ["second"])).set_index("measure")["change"]
    assert table["pairs of buyer and input taken to rest on one firm (90% or more)"] == -1
    assert table["single firms that stop a device maker (loss of 95% or more)"] == -1


def test_a_supplier_qualified_without_a_share_changes_nothing_where_nobody_steps_in() -> None:
    net = draw(
        NET.replace("fab <- dup resist qualified", ""),
        partnerships=[{"partnership": "zero", "name": "z", "type": "rd", "state": "proposed"}],
        effects=[effect("zero", "qualify", firm="dup", buyer="fab", product="resist", share="0")],
    )
    other = with_partnerships(net, ["zero"])
    assert bought(other) == bought(net)
    table = compare(net, other, [Scenario.parse("tok")])
    # Day by day it may step in, once the shortage is noticed.
    structural = ~table["measure"].str.startswith("mean days")
    assert (table.loc[structural, "change"] == 0).all()


def test_taking_a_partnership_away_removes_its_rows() -> None:
    net = without_partnerships(network(), ["force"])
    # No row is left: the fab buys from the world's makers.
    assert bought(net) == {"tok": 0.6, "dup": 0.4}


def test_what_a_removed_plant_made_is_made_by_the_others() -> None:
    net = draw(
        "tok@JPN -> resist 0.6\n dup@USA -> resist 0.4",
        partnerships=[{"partnership": "p", "name": "p", "type": "plant", "state": "actual"}],
        effects=[effect("p", "add_plant", firm="dup", product="resist", plant="dup-resist", share="0.4")],
    )
    without = without_partnerships(net, ["p"])
    assert shares(without) == {"tok": 1.0}
    # Adding it again is the same as never having taken it away.
    assert shares(with_partnerships(without, ["p"])) == {"tok": 0.6, "dup": 0.4}


def test_unknown_and_lapsed_partnerships_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean force"):
        with_partnerships(network(), ["forse"])
    with pytest.raises(UsageError, match="lapsed"):
        with_partnerships(network(), ["old"])
    assert with_partnerships(network(), ["old"], lapsed=True) is not None


def test_compare_says_which_change_nothing_yet() -> None:
    table = compare_partnerships(network())
    assert "old" not in set(table["partnership"])
    moves = table[table["change"] != 0]
    assert "talk" not in set(moves["partnership"])
    net = network()
    silent = net.replace(effects=net.effects[net.effects["partnership"] != "talk"])
    assert compare_partnerships(silent, ["talk"])["measure"].tolist() == ["no known effect"]
    both = compare_partnerships(network(), ["new", "second"], together=True)
    assert set(both["partnership"]) == {"new + second"}


def test_compare_counts_only_buyers_of_one_country() -> None:
    net = network()
    korea = compare(net, net, only="KOR").set_index("measure")["before"]
    japan = compare(net, net, only="JPN").set_index("measure")["before"]
    pairs = "pairs of buyer and input taken to rest on one firm (90% or more)"
    assert (korea[pairs], japan[pairs]) == (1, 0)


def test_a_partnership_may_stand_for_a_part_of_a_plant() -> None:
    net = draw(
        "tok@JPN -> resist 0.6\n dup@USA -> resist 0.4",
        partnerships=[{"partnership": "p", "name": "p", "type": "plant", "state": "actual"}],
        effects=[effect("p", "add_plant", firm="tok", product="resist", plant="tok-resist", share="0.1")],
    )
    assert shares(without_partnerships(net, ["p"])) == {"tok": round(5 / 9, 9), "dup": round(4 / 9, 9)}


def test_what_a_removed_supplier_sold_goes_back_to_whom_it_replaced() -> None:
    net = draw(
        NET.replace("fab <- tok resist 1.0", "fab <- tok resist 0.3\n fab <- dup resist 0.7").replace(
            "fab <- dup resist qualified", ""
        ),
        partnerships=[{"partnership": "p", "name": "p", "type": "rd", "state": "actual"}],
        effects=[
            effect("p", "qualify", firm="dup", buyer="fab", product="resist", share="0.7", replaces="tok")
        ],
    )
    assert bought(without_partnerships(net, ["p"])) == {"tok": 1.0}
