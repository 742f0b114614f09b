"""Networks with some of a set of partnerships, read once each, and which partnerships interact."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import combinations

from chainnet.network import SupplyNetwork
from chainnet.objectives import Objective
from chainnet.partnerships import effects_of, with_partnerships, without_partnerships

#: Any function of a network that should be low.
Reading = Callable[[SupplyNetwork], float]
#: Less than this is rounding.
DUST = 1e-12


def coalition(network: SupplyNetwork, names: Iterable[str], members: Collection[str]) -> SupplyNetwork:
    """Return the network in which, of some partnerships, the members work and the others do not.

    Parameters
    ----------
    network
        The network.
    names
        Ids of the partnerships that are in question.
    members
        Those of them that work: proposed ones are put in. The others are taken away where they are in
        force.

    Returns
    -------
    SupplyNetwork
        A new network, checked.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> coalition(net, ["jasm-1"], ["jasm-1"]) is net
    True
    """
    chosen = list(names)
    without = without_partnerships(network, [name for name in chosen if name not in members])
    return with_partnerships(without, [name for name in chosen if name in members], lapsed=True)


def known_partnerships(
    network: SupplyNetwork, names: Iterable[str] | None, *, lapsed: bool = False
) -> list[str]:
    """Return the ids of partnerships, each once.

    Parameters
    ----------
    network
        The network.
    names
        Their ids; None is all that have not lapsed.
    lapsed
        Allow lapsed ones.

    Returns
    -------
    list of str
        The ids, in the order given.

    Raises
    ------
    UnknownNameError
        There is no such partnership.
    UsageError
        It has lapsed, and ``lapsed`` is not given.

    Examples
    --------
    >>> import chainnet as cn
    >>> known_partnerships(cn.load("japan-korea"), ["jasm-1", "jasm-1"])
    ['jasm-1']
    """
    table = network.partnerships
    if names is None:
        return list(table.loc[table["state"] != "lapsed", "partnership"])
    chosen = list(dict.fromkeys(names))
    effects_of(network, chosen, lapsed=lapsed, together=False)
    return chosen


class Game:
    """An objective on the sets of some partnerships; each set is worked out once.

    Parameters
    ----------
    build
        The network in which just these work.
    reading
        What to lower. What an :class:`~chainnet.objectives.Objective` counts is what the network
        with none of them holds.
    """

    def __init__(self, build: Callable[[Collection[str]], SupplyNetwork], reading: Reading) -> None:
        self._build = build
        self._reading = reading.among(build(())) if isinstance(reading, Objective) else reading
        self._parts: dict[frozenset[str], dict[tuple[str, ...], float]] = {}

    def parts(self, members: Iterable[str]) -> dict[tuple[str, ...], float]:
        """Return what the objective is the sum of; of any other function that is the value alone."""
        key = frozenset(members)
        if key not in self._parts:
            network = self._build(key)
            read = self._reading
            self._parts[key] = read.parts(network) if isinstance(read, Objective) else {("",): read(network)}
        return self._parts[key]

    def value(self, members: Iterable[str]) -> float:
        """Return the objective's value."""
        return math.fsum(self.parts(members).values())

    @property
    def divides(self) -> bool:
        """Whether the objective is a sum of parts."""
        return isinstance(self._reading, Objective)

    @property
    def seen(self) -> dict[frozenset[str], float]:
        """Values of the sets worked out so far."""
        return {members: self.value(members) for members in self._parts}

    def groups(self, players: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the groups of partnerships that touch no part in common; each adds its own effect.

        That a part answers to one group alone is checked on all of them together: if any part is then
        not what its group makes of it, all are one group.

        Parameters
        ----------
        players
            The partnerships.

        Returns
        -------
        list of tuple
            The groups, in the order of their first members.
        """
        usual = self.parts(())
        touched = {name: self._moved(usual, self.parts((name,))) for name in players}
        groups: list[tuple[str, ...]] = []
        for name in players:
            linked = [group for group in groups if any(touched[name] & touched[other] for other in group)]
            merged = (*(other for group in linked for other in group), name)
            groups = [group for group in groups if group not in linked] + [merged]
        groups = [tuple(name for name in players if name in group) for group in groups]
        groups.sort(key=lambda group: players.index(group[0]))
        expected = dict(usual)
        for group in groups:
            own = self.parts(group)
            expected |= {key: own[key] for key in self._moved(usual, own)}
        whole = self.parts(players)
        return [tuple(players)] if self._moved(expected, whole) and players else groups

    @staticmethod
    def _moved(
        before: dict[tuple[str, ...], float], after: dict[tuple[str, ...], float]
    ) -> set[tuple[str, ...]]:
        return {key for key, value in before.items() if abs(after[key] - value) > DUST}


def subsets(names: Sequence[str], most: int | None = None) -> Iterable[tuple[str, ...]]:
    """Return the subsets of some names, smallest first.

    Parameters
    ----------
    names
        The names.
    most
        Largest size; None is all.

    Returns
    -------
    iterable of tuple
        The subsets, the empty one first.

    Examples
    --------
    >>> list(subsets(["a", "b"]))
    [(), ('a',), ('b',), ('a', 'b')]
    """
    sizes = range(min(len(names), len(names) if most is None else most) + 1)
    return (chosen for size in sizes for chosen in combinations(names, size))
