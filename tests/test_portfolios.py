"""The best set of partnerships: against all sets, greedy by hand, and under a budget."""

from __future__ import annotations

from itertools import combinations

import pytest
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st

from chainnet import SupplyNetwork, UnknownNameError, UsageError, objective, optimise, with_partnerships

INPUTS = [f"k{number}" for number in range(7)]
MOVES = [f"m{number}" for number in range(7)]


def network(inputs: list[str] = INPUTS, costs: list[str] | None = None) -> SupplyNetwork:
    """A fab that buys each of its inputs from tok; move number n brings dup as a maker of input n."""
    lines = [
        f"{name} => dram\n tok@JPN -> {name} 0.5\n dup@USA -> {name} 0.5\n fab <- tok {name} 1.0"
        for name in sorted(set(inputs))
    ]
    rows = [
        {"partnership": move, "name": move, "type": "rd", "state": "proposed", "cost": cost, "currency": unit}
        for move, (cost, unit) in zip(MOVES, [(c, "JPY") for c in costs or [""] * 7], strict=True)
    ]
    effects = [
        {"partnership": move, "effect": "qualify", "firm": "dup", "buyer": "fab", "product": name}
        for move, name in zip(MOVES, inputs, strict=True)
    ]
    more = [{"partnership": name, "name": name, "type": "rd"} for name in ("old", "talk")]
    return draw(
        "\n".join([*lines, "fab@KOR -> dram 1.0"]),
        partnerships=[*rows, more[0] | {"state": "lapsed"}, more[1] | {"state": "actual"}],
        effects=[effect | {"share": "0.2", "status": "assumed"} for effect in effects],
    )


NET = network()
PAIRS = objective("pairs")


def at_work(net: SupplyNetwork) -> frozenset[str]:
    bought = set(net.sourcing.loc[net.sourcing["supplier"] == "dup", "product"])
    return frozenset(move for move, name in zip(MOVES, INPUTS, strict=True) if name in bought)


def sets(moves: list[str], most: int) -> list[frozenset[str]]:
    return [frozenset(chosen) for n in range(most + 1) for chosen in combinations(moves, n)]


@settings(max_examples=6)
@given(st.lists(st.integers(-9, 9), min_size=16, max_size=16), st.integers(1, 4))
def test_few_sets_are_all_worked_out(numbers: list[int], max_n: int) -> None:
    moves = MOVES[:4]
    values = dict(zip(sets(moves, 4), map(float, numbers), strict=True))
    best = optimise(NET, moves, objective=lambda net: values[at_work(net)], max_n=max_n)
    assert best.after == values[frozenset(best.chosen)] == min(values[s] for s in sets(moves, max_n))
    assert best.bound == best.after
    assert best.before == values[frozenset()]
    assert (best.method, best.proven) == ("enumeration", True)


@settings(max_examples=4)
@given(st.lists(st.integers(1, 9), min_size=7, max_size=7), st.integers(2, 30), st.integers(2, 6))
def test_a_budget_is_spent_as_brute_force_would(costs: list[int], budget: int, max_n: int) -> None:
    # m0 and m1 open the same input, so that one of them is in vain; the others are worth one pair each.
    inputs = ["k1", *INPUTS[1:]]
    net = network(inputs, [str(cost) for cost in costs])
    price = dict(zip(MOVES, costs, strict=True))
    worth = dict(zip(MOVES, inputs, strict=True))
    allowed = [s for s in sets(MOVES, max_n) if sum(price[m] for m in s) <= budget]
    best = optimise(net, objective=PAIRS, budget=(budget, "JPY"), max_n=max_n)
    assert frozenset(best.chosen) in allowed
    assert best.before - best.after == max(len({worth[m] for m in s}) for s in allowed)
    assert best.proven
    # Nothing that is in vain is bought.
    assert len(best.chosen) == best.before - best.after


def test_independent_moves_are_left_to_the_solver() -> None:
    best = optimise(NET, objective=PAIRS, max_n=4)
    assert (best.method, best.proven, best.before, best.after) == ("milp", True, 7, 3)
    assert len(best.chosen) == 4
    # None, each alone, all, and the chosen four.
    assert best.evaluated == 10


def test_what_interacts_is_searched_greedily() -> None:
    # Seven moves of worth 1 to 7 each, of which the two best are worth no more together than one.
    worth = {move: float(k + 1) for k, move in enumerate(MOVES)}

    def reading(net: SupplyNetwork) -> float:
        own = at_work(net)
        return -sum(worth[m] for m in own) + (6.0 if {"m5", "m6"} <= own else 0.0)

    best = optimise(NET, objective=reading, max_n=4)
    assert best.method == "greedy"
    assert best.chosen == ("m2", "m3", "m4", "m6")
    assert (best.before, best.after, best.bound) == (0, -19, -22)
    assert not best.proven
    assert "never harmed" in best.notes[-1]


def test_a_bound_is_not_called_one_where_adding_harms() -> None:
    def reading(net: SupplyNetwork) -> float:
        own = at_work(net)
        return float(len(own) ** 2 - 4 * len(own)) - len(own & {"m0"})

    best = optimise(NET, objective=reading, max_n=5)
    assert (best.method, best.chosen[0], len(best.chosen), best.after) == ("greedy", "m0", 2, -5)
    assert not best.proven
    assert "not proven" in best.notes[-1]


@settings(max_examples=5)
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_optimise_beats_every_single_move(seed: int, max_n: int) -> None:
    def reading(net: SupplyNetwork) -> float:
        own = sorted(at_work(net))
        # A hash of the set: as rough a function as there is.
        return float(hash((seed, *map(MOVES.index, own))) % 1000)

    best = optimise(NET, objective=reading, max_n=max_n)
    singles = [reading(with_partnerships(NET, [move])) for move in MOVES]
    assert best.after <= min(best.before, *singles)
    assert best.after == reading(with_partnerships(NET, best.chosen))
    assert len(best.chosen) <= max_n


def test_an_empty_portfolio_changes_nothing_to_the_bit() -> None:
    for moves in ([], ["talk"]):
        best = optimise(NET, moves, objective=objective("hhi"))
        assert best.chosen == ()
        assert best.before == best.after == best.bound == objective("hhi")(NET)
    harm = optimise(NET, MOVES[:3], objective=lambda net: float(len(at_work(net))))
    assert (harm.chosen, harm.before, harm.after) == ((), 0, 0)


def test_what_is_at_work_or_too_dear_is_said() -> None:
    net = network(costs=["5", "7", "", "100", "", "", ""])
    best = optimise(net, ["m0", "m1", "m2", "m3", "talk"], objective=PAIRS, budget=(12, "JPY"))
    assert best.chosen == ("m0", "m1")
    assert best.notes[:2] == (
        "1 of 5 are at work already or change nothing in the models: talk.",
        "Above the budget, or without a cost in JPY: m2, m3.",
    )
    none = optimise(net, objective=PAIRS, budget=(12, "USD"))
    assert (none.chosen, none.moves) == ((), ())


@pytest.mark.parametrize("budget", [(0, "JPY"), (-1, "JPY"), (float("nan"), "JPY"), (float("inf"), "JPY")])
def test_a_budget_that_buys_nothing_is_refused(budget: tuple[float, str]) -> None:
    with pytest.raises(UsageError, match="buys nothing"):
        optimise(NET, objective=PAIRS, budget=budget)


def test_wrong_requests_are_refused() -> None:
    with pytest.raises(UsageError, match="holds nothing"):
        optimise(NET, objective=PAIRS, max_n=0)
    with pytest.raises(UnknownNameError):
        optimise(NET, ["m9"], objective=PAIRS)
    with pytest.raises(UsageError, match="lapsed"):
        optimise(NET, ["old"], objective=PAIRS)
    assert optimise(NET, ["old"], objective=PAIRS, lapsed=True).chosen == ()
