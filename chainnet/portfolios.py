"""Which partnerships to choose, under a number of them or a budget."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from chainnet.coalitions import DUST, Game, Reading, known_partnerships, subsets
from chainnet.errors import UsageError
from chainnet.network import SupplyNetwork
from chainnet.partnerships import with_partnerships
from chainnet.tables import records

#: So many sets are worked out one by one; beyond, the search is split or greedy.
MOST_SETS = 64
#: HiGHS stops at an absolute gap of 1e-6: gains are scaled so that this means nothing.
_SCALE = 1e4
#: The value of a union of independent sets is found again up to rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class _Limits:
    """How much may be chosen; the costs are those of the moves that can be paid."""

    most: int
    budget: float
    costs: Mapping[str, float]

    def allow(self, chosen: Collection[str]) -> bool:
        return len(chosen) <= self.most and sum(self.costs[name] for name in chosen) <= self.budget


@dataclass(frozen=True)
class Portfolio:
    """The best set of partnerships found.

    Parameters
    ----------
    chosen
        Their ids; empty where nothing helps.
    before, after
        The objective without and with them.
    bound
        No allowed set gets below this, if it is proven.
    proven
        Whether ``chosen`` is proven to be best (within 1e-9), and ``bound`` to be a bound.
    method
        ``enumeration``: every allowed set was worked out; ``milp``: the moves fall into groups
        that touch no part of the objective in common, all subsets of each group were worked out, and
        HiGHS chose among them; ``greedy``: one by one, each time the one that helps most.
    moves
        What was chosen from.
    evaluated
        How many sets were worked out.
    notes
        What was left out, and how far to trust the bound, in words.
    """

    chosen: tuple[str, ...]
    before: float
    after: float
    bound: float
    proven: bool
    method: str
    moves: tuple[str, ...]
    evaluated: int
    notes: tuple[str, ...]


def optimise(
    network: SupplyNetwork,
    moves: Iterable[str] | None = None,
    *,
    objective: Reading,
    budget: tuple[float, str] | None = None,
    max_n: int = 5,
    lapsed: bool = False,
) -> Portfolio:
    """Return the set of partnerships that lowers an objective most.

    Partnerships in force are there already and are not chosen; each chosen one counts as if it worked
    today. Sets are worked out one by one where there are at most 64 of them; else, if the moves fall
    into independent groups, HiGHS finds the best union of their subsets; else the search is greedy.

    Parameters
    ----------
    network
        The network.
    moves
        Ids of partnerships to choose from; None is all that have not lapsed.
    objective
        What to lower: see :func:`objective`; or any function of a network.
    budget
        An amount and its currency, such as ``(1e12, "JPY")``. Costs are those of partnerships.csv; a
        move without a cost in that currency is not affordable, since no exchange rates are stated.
    max_n
        How many at most.
    lapsed
        Allow lapsed ones.

    Returns
    -------
    Portfolio
        The set, the objective before and after, the method, and how tight the result is.

    Raises
    ------
    UnknownNameError
        There is no such partnership.
    UsageError
        One has lapsed, or the budget or ``max_n`` allows nothing.

    References
    ----------
    Greedy with stale gains tried first: Minoux (1978), doi:10.1007/BFb0006528. HiGHS: Huangfu &
    Hall (2018), doi:10.1007/s12532-017-0130-5.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> best = cn.optimise(net, ["samsung-tel", "jasm-2"], objective=cn.objective("pairs"))
    >>> best.chosen, best.after - best.before, best.method
    (('samsung-tel',), -1.0, 'enumeration')
    """
    if max_n < 1:
        raise UsageError(f"a portfolio of at most {max_n} partnerships holds nothing; give 1 or more.")
    if budget is not None and not (budget[0] > 0 and math.isfinite(budget[0])):
        raise UsageError(f"a budget of {budget[0]:g} {budget[1]} buys nothing; give a number above 0.")
    names = known_partnerships(network, moves, lapsed=lapsed)
    idle = [name for name in names if with_partnerships(network, [name], lapsed=True) is network]
    useful = [name for name in names if name not in idle]
    costs = _costs(network, useful, budget[1]) if budget else dict.fromkeys(useful, 0.0)
    limits = _Limits(max_n, budget[0] if budget else 1.0, costs)
    open_ = [name for name in useful if name in costs and limits.allow((name,))]
    which = f": {', '.join(idle)}" if idle and moves is not None else ""
    notes = [f"{len(idle)} of {len(names)} are at work already or change nothing in the models{which}."]
    if len(open_) < len(useful) and budget:
        dear = ", ".join(name for name in useful if name not in open_)
        notes.append(f"Above the budget, or without a cost in {budget[1]}: {dear}.")
    game = Game(lambda members: with_partnerships(network, members, lapsed=True), objective)
    chosen, method, bound, words = _search(game, open_, limits)
    return Portfolio(
        chosen=tuple(name for name in open_ if name in chosen),
        before=game.value(()),
        after=game.value(chosen),
        bound=bound,
        proven=method != "greedy",
        method=method,
        moves=tuple(open_),
        evaluated=len(game.seen),
        notes=(*notes, words),
    )


def _costs(network: SupplyNetwork, names: Sequence[str], currency: str) -> dict[str, float]:
    return {
        row["partnership"]: row["cost"]
        for row in records(network.partnerships)
        if row["partnership"] in names and row["currency"] == currency and row["cost"] >= 0
    }


def _search(game: Game, moves: Sequence[str], limits: _Limits) -> tuple[tuple[str, ...], str, float, str]:
    """Return what to choose, by which method, the bound, and how far to trust it."""
    allowed = (chosen for chosen in subsets(moves, limits.most) if limits.allow(chosen))
    few = list(islice(allowed, MOST_SETS + 1))
    if len(few) <= MOST_SETS:
        best = _best(game, few)
        return best, "enumeration", game.value(best), f"All {len(few)} allowed sets were worked out."
    groups = game.groups(moves) if game.divides else [tuple(moves)]
    if sum(2 ** len(group) for group in groups if len(group) > 1) <= MOST_SETS:
        best, expected = _union(game, groups, limits)
        if limits.allow(best) and abs(game.value(best) - expected) <= _ROUNDING:
            sizes = ", ".join(str(len(group)) for group in groups)
            words = (
                "touch no part of the objective in common: checked on each, on all and on the chosen ones."
            )
            return best, "milp", game.value(best), f"{len(groups)} groups of moves (of {sizes}) {words}"
    best = _greedy(game, moves, limits)
    bound = min(game.value(best), game.value(moves))
    return best, "greedy", bound, _trust(game)


def _trust(game: Game) -> str:
    seen = game.seen
    if any(seen[more] > seen[less] + DUST for less in seen for more in seen if less < more):
        return "In the sets tried, adding a partnership harms at times: the bound is not proven."
    return (
        f"Adding never harmed in the {len(seen)} sets tried; if it never does, no set gets below the bound,"
        " the value of all moves together."
    )


def _best(game: Game, sets: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the best set, the smallest of those that are alike."""
    best: tuple[str, ...] = ()
    for chosen in sets:
        if game.value(chosen) < game.value(best) - DUST:
            best = chosen
    return best


def _greedy(game: Game, moves: Sequence[str], limits: _Limits) -> tuple[str, ...]:
    """Add the move that helps most, again and again.

    A move's gain of an earlier round stands until the move comes to the top, and is then worked out
    anew: where gains only shrink, that is the greedy choice with fewer sets.
    """
    chosen: tuple[str, ...] = ()
    gains = {name: game.value(()) - game.value((name,)) for name in moves}
    fresh = set(moves)
    while True:
        left = [name for name in moves if name not in chosen and limits.allow((*chosen, name))]
        top = max(left, key=gains.__getitem__, default=None)
        if top is None or gains[top] <= DUST:
            return chosen
        if top in fresh:
            chosen, fresh = (*chosen, top), set()
        else:
            gains[top] = game.value(chosen) - game.value((*chosen, top))
            fresh.add(top)


def _union(game: Game, groups: Sequence[tuple[str, ...]], limits: _Limits) -> tuple[tuple[str, ...], float]:
    """Return the best union of one subset of each group, and the value to be expected of it."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    before = game.value(())
    choices: list[tuple[int, tuple[str, ...], float]] = []
    for number, group in enumerate(groups):
        kept: list[tuple[tuple[str, ...], float]] = []
        for chosen in filter(limits.allow, subsets(group, limits.most)):
            gain = game.value(chosen) - before
            # A set that is no better than a part of it is never needed.
            if all(gain < other - DUST for part, other in kept if {*part} < {*chosen}):
                kept.append((chosen, gain))
        choices += [(number, chosen, gain) for chosen, gain in kept]
    gains = np.array([gain for _, _, gain in choices])
    one_each = np.arange(len(groups))[:, None] == np.array([number for number, _, _ in choices])
    sizes = [float(len(chosen)) for _, chosen, _ in choices]
    costs = [sum(limits.costs[name] for name in chosen) / limits.budget for _, chosen, _ in choices]
    least = [1.0] * len(groups) + [0.0, 0.0]
    most = [1.0] * len(groups) + [limits.most, 1.0]
    found = milp(
        gains * _SCALE / max(np.abs(gains).max(), DUST),
        integrality=np.ones(len(choices)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(np.vstack([one_each, sizes, costs]), least, most),
        options={"mip_rel_gap": 0.0},
    )
    taken = np.flatnonzero(found.x > 0.5)
    union = tuple(name for k in taken for name in choices[k][1])
    return union, before + math.fsum(gains[taken])
