"""Who deserves which part of what several partnerships do together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from chainnet.coalitions import Game, Reading, coalition, known_partnerships, subsets
from chainnet.errors import UsageError
from chainnet.network import SupplyNetwork

#: Days of output that are nothing but rounding.
_SAME = 1e-12


def attribute(
    network: SupplyNetwork,
    partnerships: Iterable[str] | None,
    objective: Reading,
    *,
    exact_up_to: int = 12,
    samples: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Share the effect of several partnerships out among them: the Shapley value of each.

    From the network without any of them to the one with all, each is put in after some of the others;
    its value is what it changes then, averaged over all orders. Where two do the same, or one needs
    the other, they share it. The values add up to the whole effect.

    Partnerships that change nothing in the network get 0. Where the objective is a sum (see
    :func:`objective`), the others fall into groups that touch no part of it in common, which is checked
    on each and on all together; under any other function they are one group. Of a group all subsets
    are worked out, or, of a larger one, orders are drawn in pairs, each with its reverse.

    Parameters
    ----------
    network
        The network.
    partnerships
        Their ids; None is all that have not lapsed.
    objective
        What they should lower: see :func:`objective`; or any function of a network.
    exact_up_to
        Largest group of which all subsets are worked out: 2 to the power of its size.
    samples
        Orders drawn for a larger group; an odd number is rounded up.
    seed
        Of the random numbers.

    Returns
    -------
    DataFrame
        ``partnership``; ``value``: its part of the change in the objective, below zero where it helps;
        ``error``: standard error, 0 where exact; ``alone``: the change that it makes without the
        others. ``attrs`` holds the objective ``before`` (with none) and ``after`` (with all).

    Raises
    ------
    UnknownNameError
        There is no such partnership.
    UsageError
        A number is out of range.

    References
    ----------
    Shapley (1953), A value for n-person games, doi:10.1515/9781400881970-018; drawing orders with
    their reverse: Mitchell et al. (2022), Journal of Machine Learning Research 23(43).

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> table = cn.attribute(net, ["jasm-1", "lstc"], cn.objective("hhi", only="JPN"))
    >>> table["partnership"].tolist(), float(table["value"][1])
    (['jasm-1', 'lstc'], 0.0)
    """
    if exact_up_to < 0 or samples < 4:
        raise UsageError(
            f"cannot draw {samples} orders of groups above {exact_up_to}; draw 4 or more, of groups above 0."
        )
    names = known_partnerships(network, partnerships, lapsed=True)
    game = Game(lambda members: coalition(network, names, members), objective)
    active = [name for name in names if _changes(network, name)]
    rng = np.random.default_rng(seed)
    found: dict[str, tuple[float, float]] = {}
    for group in game.groups(active) if game.divides else [tuple(active)]:
        exact = len(group) <= exact_up_to
        found |= _exact(game, group) if exact else _sampled(game, group, (samples + 1) // 2, rng)
    before, after = game.value(()), game.value(active)
    table = pd.DataFrame(
        {
            "partnership": names,
            "value": [found.get(name, (0.0, 0.0))[0] for name in names],
            "error": [found.get(name, (0.0, 0.0))[1] for name in names],
            "alone": [game.value((name,)) - before if name in found else 0.0 for name in names],
        }
    )
    table.attrs |= {"before": before, "after": after}
    return table


def _changes(network: SupplyNetwork, name: str) -> bool:
    return coalition(network, [name], [name]) is not coalition(network, [name], [])


def _exact(game: Game, group: Sequence[str]) -> dict[str, tuple[float, float]]:
    n = len(group)
    # Orders in which just these, or just as many, come before a member.
    weight = [math.factorial(size) * math.factorial(n - 1 - size) / math.factorial(n) for size in range(n)]
    return {
        name: (
            math.fsum(
                weight[len(before)] * (game.value((*before, name)) - game.value(before))
                for before in subsets([other for other in group if other != name])
            ),
            0.0,
        )
        for name in group
    }


def _sampled(
    game: Game, group: Sequence[str], pairs: int, rng: np.random.Generator
) -> dict[str, tuple[float, float]]:
    gains = np.zeros((pairs, len(group)))
    for pair in range(pairs):
        order = rng.permutation(len(group))
        # With its reverse, an interaction of two is met once in each order: half to each, exactly.
        for way in (order, order[::-1]):
            values = [game.value(group[i] for i in way[:size]) for size in range(len(group) + 1)]
            gains[pair, way] += np.diff(values) / 2
    error = gains.std(axis=0, ddof=1) / math.sqrt(pairs)
    # The same gain every time has none: what is left is rounding.
    error[np.ptp(gains, axis=0) < _SAME] = 0.0
    return {
        name: (float(value), float(deviation))
        for name, value, deviation in zip(group, gains.mean(axis=0), error, strict=True)
    }
