"""Shapley values: a game by hand, games at random against all orders, and sampling."""

from __future__ import annotations

import math
from itertools import permutations

import pytest
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st

from chainnet import SupplyNetwork, UnknownNameError, UsageError, attribute, objective, without_partnerships
from chainnet.coalitions import Game, coalition

NAMES = ["a", "b", "c", "d"]
#  The fab buys all resist and all gas from tok. a and b each bring it another maker of resist, c of gas;
#  d is in words alone.
NET = """
    resist => dram
    gas => dram
    tok@JPN -> resist 0.5
    dup@USA -> resist 0.3
    dj@KOR  -> resist 0.2
    tok@JPN -> gas 0.5
    dup@USA -> gas 0.5
    fab@KOR -> dram 1.0
    fab <- tok resist 1.0
    fab <- tok gas 1.0
"""
NEW = {"a": ("dup", "resist"), "b": ("dj", "resist"), "c": ("dup", "gas")}


def network(in_force: str = "") -> SupplyNetwork:
    """The drawing, with a and b in force if asked for."""
    drawing = NET.replace("tok resist 1.0", f"tok resist {1 - 0.2 * len(in_force):.1f}")
    drawing += "\n".join(f"fab <- {NEW[name][0]} {NEW[name][1]} 0.2" for name in in_force)
    return draw(
        drawing,
        partnerships=[
            {"partnership": name, "name": name, "type": "rd", "state": state}
            for name, state in {**dict.fromkeys(NAMES, "proposed"), "old": "lapsed"}.items()
        ],
        effects=[
            {
                "partnership": name,
                "effect": "qualify",
                "firm": firm,
                "buyer": "fab",
                "product": product,
                "replaces": "tok",
                "share": "0.2",
                "status": "assumed",
            }
            for name, (firm, product) in NEW.items()
        ],
    )


def members(net: SupplyNetwork) -> frozenset[str]:
    """Which of the partnerships work, read from the purchases."""
    rows = set(zip(net.sourcing["supplier"], net.sourcing["product"], strict=True))
    return frozenset(name for name, row in NEW.items() if row in rows)


def test_a_coalition_holds_its_members_alone() -> None:
    for net in (network(), network("ab")):
        for chosen in ([], ["a"], ["b", "c"], ["a", "b", "c"]):
            assert members(coalition(net, NAMES, chosen)) == set(chosen)
    assert coalition(network("a"), ["b"], []).digest == network("a").digest
    net = network()
    assert coalition(net, [], []) is net


def test_three_players_with_an_overlap_by_hand() -> None:
    # Two pairs rest on one firm. Either of a and b frees the first, c the second:
    # a is the one that does it in half of the orders, and so is b; c in all.
    table = attribute(network(), NAMES, objective("pairs"))
    assert table["partnership"].tolist() == NAMES
    assert table["value"].tolist() == [-0.5, -0.5, -1.0, 0.0]
    assert table["alone"].tolist() == [-1.0, -1.0, -1.0, 0.0]
    assert table["error"].tolist() == [0.0] * 4
    assert table.attrs == {"before": 2.0, "after": 0.0}


def test_partnerships_in_force_are_taken_away_first() -> None:
    table = attribute(network("ab"), ["a", "b"], objective("pairs"))
    assert table["value"].tolist() == [-0.5, -0.5]
    assert table.attrs["before"] == objective("pairs")(without_partnerships(network("ab"), ["a", "b"]))


def test_groups_are_those_that_touch_the_same() -> None:
    net = network()
    game = Game(lambda chosen: coalition(net, NAMES, chosen), objective("pairs"))
    assert game.groups(["a", "b", "c"]) == [("a", "b"), ("c",)]
    # By a sum of one part everything that does anything touches the same.
    whole = Game(lambda chosen: coalition(net, NAMES, chosen), lambda each: float(len(members(each))))
    assert whole.groups(["a", "b", "c"]) == [("a", "b", "c")]
    # What two do only together is found on all of them.
    both = Game(lambda chosen: coalition(net, NAMES, chosen), lambda each: float({"a", "b"} <= members(each)))
    assert both.groups(["a", "b", "c"]) == [("a", "b", "c")]


def by_all_orders(values: dict[frozenset[str], float], names: list[str]) -> dict[str, float]:
    """The definition of Shapley (1953), order by order."""
    sums = dict.fromkeys(names, 0.0)
    for order in permutations(names):
        for k, name in enumerate(order):
            sums[name] += values[frozenset(order[: k + 1])] - values[frozenset(order[:k])]
    return {name: total / math.factorial(len(names)) for name, total in sums.items()}


SETS = [frozenset(s for k, s in enumerate("abc") if mask >> k & 1) for mask in range(8)]
GAMES = st.lists(st.floats(-10, 10), min_size=8, max_size=8).map(lambda v: dict(zip(SETS, v, strict=True)))
FRESH = network()


@settings(max_examples=8)
@given(GAMES)
def test_exact_values_are_those_of_all_orders(values: dict[frozenset[str], float]) -> None:
    table = attribute(FRESH, NAMES, lambda net: values[members(net)]).set_index("partnership")["value"]
    expected = by_all_orders(values, ["a", "b", "c"])
    assert table[["a", "b", "c"]].to_dict() == pytest.approx(expected, abs=1e-12)
    assert table["d"] == 0
    whole = values[frozenset("abc")] - values[frozenset()]
    assert table.sum() == pytest.approx(whole, abs=1e-12)


@settings(max_examples=5)
@given(GAMES, st.integers(0, 9))
def test_sampled_values_add_up_and_their_errors_hold(values: dict[frozenset[str], float], seed: int) -> None:
    reading = lambda net: values[members(net)]  # noqa: E731
    table = attribute(FRESH, NAMES, reading, exact_up_to=0, samples=40, seed=seed)
    assert table["value"].sum() == pytest.approx(values[frozenset("abc")] - values[frozenset()], abs=1e-9)
    again = attribute(FRESH, NAMES, reading, exact_up_to=0, samples=40, seed=seed)
    assert table.equals(again)
    expected = by_all_orders(values, ["a", "b", "c"])
    # 20 pairs of orders: six standard errors leave less than one case in ten thousand.
    for name, value, error in table.set_index("partnership")[["value", "error"]].itertuples():
        assert abs(value - expected.get(name, 0.0)) <= 6 * error + 1e-9


def test_two_orders_that_are_each_others_reverse_are_exact_where_only_pairs_interact() -> None:
    alone = {"a": -1.0, "b": 2.0, "c": -4.0}

    def reading(net: SupplyNetwork) -> float:
        own = members(net)
        return sum(alone[name] for name in own) + 3.0 * ({"a", "b"} <= own) - 5.0 * ({"b", "c"} <= own)

    table = attribute(FRESH, NAMES, reading, exact_up_to=0, samples=4)
    assert table["value"].tolist() == [0.5, 1.0, -6.5, 0.0]
    assert table["error"].tolist() == [0.0] * 4


def test_each_set_is_worked_out_once() -> None:
    seen: list[frozenset[str]] = []

    def reading(net: SupplyNetwork) -> float:
        seen.append(members(net))
        return float(len(seen[-1]))

    attribute(FRESH, None, reading)
    # d changes nothing, and costs nothing.
    assert sorted(seen, key=sorted) == sorted(SETS, key=sorted)


def test_wrong_requests_are_refused() -> None:
    with pytest.raises(UnknownNameError):
        attribute(FRESH, ["z"], objective("pairs"))
    with pytest.raises(UsageError, match="cannot draw 2 orders"):
        attribute(FRESH, NAMES, objective("pairs"), samples=2)
    assert attribute(FRESH, ["old"], objective("pairs"))["value"].tolist() == [0.0]
    assert attribute(FRESH, [], objective("pairs")).empty
