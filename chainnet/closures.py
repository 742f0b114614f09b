"""What closures do to a target: exposure, cut sets, and the firms that alone stop a maker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd

from chainnet.economy import Economy, compile_network
from chainnet.errors import UsageError
from chainnet.kernels import FloatArray, IntArray, Links, lost_shares, settle
from chainnet.makers import Maker
from chainnet.network import SupplyNetwork
from chainnet.scenarios import Selector, parse_selector

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Closure = Literal["plant", "firm", "country", "product", "country-product"]

#: A target whose output falls by at least this much is stopped.
STOPPED = 0.95
_SEEN = 1e-9


def selector_of(name: str, by: Closure) -> Selector:
    """Return the selector of a closure.

    Parameters
    ----------
    name
        What closes, such as ``tok`` or ``JPN:photoresist_euv``.
    by
        What kind of thing it is.

    Returns
    -------
    chainnet.Selector
        The plants that close.

    Examples
    --------
    >>> print(selector_of("JPN:dram", "country-product"))
    JPN:dram
    """
    if by == "country-product":
        country, product = name.split(":")
        return Selector((("country", country), ("product", product)))
    return Selector(((by, name),))


def closing(economy: Economy, by: Closure) -> dict[str, IntArray]:
    """Return the nodes of every closure of a kind, by its name in the syntax of shocks.

    Parameters
    ----------
    economy
        The economy.
    by
        What closes.

    Returns
    -------
    dict
        Numbers of the nodes by name.

    Raises
    ------
    UsageError
        There is no such kind.
    """
    parts: dict[str, Callable[[Maker], str]] = {
        "plant": lambda node: node.plant if node.firm else "",
        "firm": lambda node: node.firm,
        "country": lambda node: node.country,
        "product": lambda node: node.product,
        "country-product": lambda node: f"{node.country}:{node.product}",
    }
    if by not in parts:
        raise UsageError(f"cannot close by {by!r}; use {', '.join(parts)}.")
    sets: dict[str, list[int]] = defaultdict(list)
    for i, node in enumerate(economy.nodes):
        name = parts[by](node)
        if name and node.step != "planned":
            sets[name].append(i)
    return {name: np.array(nodes) for name, nodes in sorted(sets.items())}


def _target(network: SupplyNetwork, economy: Economy, target: str) -> FloatArray:
    """Weights of a target's plants: their shares of its output."""
    weights = economy.weights(parse_selector(target).resolve(network))
    if not weights.any():
        raise UsageError(f"{target!r} means no plant in production in {economy.date}.")
    products = {economy.nodes[i].product for i in np.flatnonzero(weights)}
    if len(products) > 1:
        made = ", ".join(sorted(products))
        raise UsageError(f"{target!r} makes {made}: say which, as in {target}:{min(products)}.")
    return weights


_BATCH = 256


def _losses(links: Links, closed: Sequence[IntArray], weights: FloatArray) -> FloatArray:
    """Loss at a target, or at each of several, for each set of closed nodes."""
    losses = [np.zeros((*weights.shape[:-1], 0))]
    losses += [weights @ (1 - output) for output in _outputs(links, closed)]
    return np.concatenate(losses, axis=-1)


def _outputs(links: Links, closed: Sequence[IntArray]) -> Iterator[FloatArray]:
    """Output of every node, for some sets of closed nodes at a time: nodes × sets."""
    for start in range(0, len(closed), _BATCH):
        batch = closed[start : start + _BATCH]
        psi = np.ones((links.n, len(batch)))
        for k, nodes in enumerate(batch):
            psi[nodes, k] = 0.0
        yield settle(links, psi)[0]


def exposure(
    network: SupplyNetwork,
    target: str,
    *,
    by: Closure = "firm",
    include_capital: bool = False,
    date: str | None = None,
) -> pd.DataFrame:
    """Who upstream hurts a target, and how much: the target's loss when each closes.

    Parameters
    ----------
    network
        The network.
    target
        Plants of one product, such as ``samsung:dram`` or ``KOR:hbm``.
    by
        What closes: every ``plant``, ``firm``, ``country``, ``product`` or ``country-product``.
    include_capital
        Treat capital goods as if they were consumed.
    date
        A year or date; None is the network's own year.

    Returns
    -------
    DataFrame
        ``closure``, ``loss`` of the target's output (with nobody stepping in), and
        ``capital_exposure``: share of the target's tool suppliers that is hit; largest first,
        without those that do nothing.

    Raises
    ------
    UsageError
        The target is not plants of one product.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.exposure(cn.load("japan-korea"), "samsung:dram").set_index("closure")
    >>> float(table.loc["asml", "loss"]), float(table.loc["asml", "capital_exposure"]) > 0.9
    (0.0, True)
    """
    economy = compile_network(network, date)
    weights = _target(network, economy, target)
    closures = closing(economy, by)
    # Closing the target itself says nothing about its suppliers.
    own = set(np.flatnonzero(weights))
    closures = {name: nodes for name, nodes in closures.items() if not own <= set(nodes)}
    links = economy.links_with_capital if include_capital else economy.links
    losses = _losses(links, list(closures.values()), weights)
    capital = economy.capital_links
    tools = []
    for nodes in closures.values():
        hit = np.ones(capital.n)
        hit[nodes] = 0.0
        at = np.zeros(capital.n)
        if len(capital.supplier):
            np.maximum.at(at, capital.group_buyer, lost_shares(capital, hit))
        tools.append(float(weights @ at))
    table = pd.DataFrame({"closure": list(closures), "loss": losses, "capital_exposure": tools})
    table = table[(table["loss"] > _SEEN) | (table["capital_exposure"] > _SEEN)]
    return table.sort_values(
        ["loss", "capital_exposure", "closure"], ascending=[False, False, True], ignore_index=True
    )


class Exposures(NamedTuple):
    """Who loses how much when what closes; see :func:`exposure_matrix`.

    Parameters
    ----------
    closures, plants
        What the rows and the columns of ``loss`` are of.
    loss
        Share of its output that a plant loses when a closure happens; what is not stored is 0.
    """

    closures: tuple[str, ...]
    plants: tuple[str, ...]
    loss: csr_array


def exposure_matrix(network: SupplyNetwork, by: Closure = "firm", *, date: str | None = None) -> Exposures:
    """Show every exposure at once: the loss of each plant when each thing closes, as a sparse matrix.

    A row's sum, weighted by what plants are worth to the reader, is the criticality of a closure; a
    column is the exposure of a plant. What closes loses all: its own plants are in its row.

    Parameters
    ----------
    network
        The network.
    by
        What closes: every ``plant``, ``firm``, ``country``, ``product`` or ``country-product``.
    date
        A year or date; None is the network's own year.

    Returns
    -------
    Exposures
        ``closures``, ``plants`` (also planned ones, which buy) and ``loss``, closures × plants, a
        :class:`scipy.sparse.csr_array`; with nobody stepping in.

    Raises
    ------
    UsageError
        There is no such kind of closure.

    Examples
    --------
    >>> import chainnet as cn
    >>> closures, plants, loss = cn.exposure_matrix(cn.load("japan-korea"), "country")
    >>> loss.shape == (len(closures), len(plants)), loss.nnz < loss.shape[0] * loss.shape[1]
    (True, True)
    """
    from scipy.sparse import csr_array, vstack

    economy = compile_network(network, date)
    closures = closing(economy, by)
    parts = [csr_array((0, len(economy.nodes)))]
    for output in _outputs(economy.links, list(closures.values())):
        lost = 1 - output.T
        parts.append(csr_array(np.where(lost > _SEEN, lost, 0.0)))
    plants = tuple(node.plant for node in economy.nodes)
    return Exposures(tuple(closures), plants, vstack(parts, format="csr"))


def cut_sets(
    network: SupplyNetwork,
    target: str,
    *,
    size: Literal[1, 2] = 1,
    by: Literal["plant", "firm", "country"] = "firm",
    loss: float = STOPPED,
    date: str | None = None,
) -> pd.DataFrame:
    """Smallest sets of closures that stop a target, exactly.

    Only sets of which no part stops the target by itself are listed. Pairs are found by trying
    every pair whose single losses add up to ``loss``: with nobody stepping in, a pair never
    loses more than its parts together, so no other pair can stop the target. (Lost shares add up,
    and the more of one input is lost, the less another loss can add.)

    Parameters
    ----------
    network
        The network.
    target
        Plants of one product, such as ``samsung:hbm``.
    size
        Largest size of a set, 1 or 2.
    by
        What closes: a ``plant``, a ``firm`` or a ``country``.
    loss
        The target is stopped when it loses at least this share of its output.
    date
        A year or date; None is the network's own year.

    Returns
    -------
    DataFrame
        ``size``, ``closures`` (joined by a plus sign), ``loss``; singles first, largest loss first.

    Raises
    ------
    UsageError
        The target is not plants of one product, or a number is out of range.

    Examples
    --------
    >>> import chainnet as cn
    >>> cuts = cn.cut_sets(cn.load("japan-korea"), "sk_hynix:hbm")
    >>> "namics" in set(cuts["closures"])
    True
    """
    if size not in (1, 2):
        raise UsageError(f"cut sets of size {size} are not offered; use 1 or 2.")
    if not 0 < loss <= 1:
        raise UsageError(f"a loss of {loss} stops nothing; give a share in (0, 1].")
    economy = compile_network(network, date)
    weights = _target(network, economy, target)
    own = set(np.flatnonzero(weights))
    closures = {name: nodes for name, nodes in closing(economy, by).items() if not own & set(nodes)}
    names = list(closures)
    alone = _losses(economy.links, list(closures.values()), weights)
    rows = [
        (1, name, float(value)) for name, value in zip(names, alone, strict=True) if value >= loss - _SEEN
    ]
    if size == 2:
        rest = [k for k in range(len(names)) if _SEEN < alone[k] < loss - _SEEN]
        pairs = [(a, b) for a, b in combinations(rest, 2) if alone[a] + alone[b] >= loss - _SEEN]
        both = [np.concatenate([closures[names[a]], closures[names[b]]]) for a, b in pairs]
        values = _losses(economy.links, both, weights)
        rows += [
            (2, f"{names[a]} + {names[b]}", float(value))
            for (a, b), value in zip(pairs, values, strict=True)
            if value >= loss - _SEEN
        ]
    table = pd.DataFrame(rows, columns=["size", "closures", "loss"])
    return table.sort_values(["size", "loss", "closures"], ascending=[True, False, True], ignore_index=True)


def stopping_firms(network: SupplyNetwork, *, loss: float = STOPPED, date: str | None = None) -> pd.DataFrame:
    """Firms that alone stop a maker of a device: cut sets of size 1 for every firm and device.

    Parameters
    ----------
    network
        The network.
    loss
        A maker is stopped when it loses at least this share of its output.
    date
        A year or date; None is the network's own year.

    Returns
    -------
    DataFrame
        ``target`` (firm:product), ``closure`` (the firm closed), ``loss``.

    Examples
    --------
    >>> import chainnet as cn
    >>> cuts = stopping_firms(cn.load("japan-korea"))
    >>> bool((cuts["closure"] == "asml").any())
    False
    """
    economy = compile_network(network, date)
    targets, weights = _device_makers(network, economy)
    closures = closing(economy, "firm")
    lost = _losses(economy.links, list(closures.values()), weights)
    rows = [
        (target, closure, float(lost[k, c]))
        for k, target in enumerate(targets)
        for c, closure in enumerate(closures)
        if lost[k, c] >= loss - _SEEN and target.partition(":")[0] != closure
    ]
    table = pd.DataFrame(rows, columns=["target", "closure", "loss"])
    return table.sort_values(["target", "loss", "closure"], ascending=[True, False, True], ignore_index=True)


def stopping_pairs(network: SupplyNetwork, *, loss: float = STOPPED, date: str | None = None) -> pd.DataFrame:
    """Pairs of firms that together stop a maker of a device, and neither alone: cut sets of size 2.

    Every pair whose single losses add up to ``loss`` for some maker is tried, for all makers at
    once; as in :func:`cut_sets` no other pair can stop one.

    Parameters
    ----------
    network
        The network.
    loss
        A maker is stopped when it loses at least this share of its output.
    date
        A year or date; None is the network's own year.

    Returns
    -------
    DataFrame
        ``target`` (firm:product), ``closures`` (joined by a plus sign), ``loss``.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> pairs = stopping_pairs(net)
    >>> one = cn.cut_sets(net, "samsung:dram", size=2)
    >>> len(one[one["size"] == 2]) == sum(pairs["target"] == "samsung:dram")
    True
    """
    economy = compile_network(network, date)
    targets, weights = _device_makers(network, economy)
    closures = closing(economy, "firm")
    names, nodes = list(closures), list(closures.values())
    alone = _losses(economy.links, nodes, weights)
    makers = [target.partition(":")[0] for target in targets]
    enough = loss - _SEEN
    rest = (alone > _SEEN) & (alone < enough) & (np.array(makers)[:, None] != np.array(names))
    mine = [
        [(a, b) for a, b in combinations(np.flatnonzero(rest[k]), 2) if alone[k, a] + alone[k, b] >= enough]
        for k in range(len(targets))
    ]
    every = sorted({pair for pairs in mine for pair in pairs})
    number = {pair: p for p, pair in enumerate(every)}
    lost = _losses(economy.links, [np.concatenate([nodes[a], nodes[b]]) for a, b in every], weights)
    rows = []
    for k, pairs in enumerate(mine):
        found = lost[k, [number[pair] for pair in pairs]]
        rows += [
            (targets[k], f"{names[a]} + {names[b]}", float(value))
            for (a, b), value in zip(pairs, found, strict=True)
            if value >= enough
        ]
    table = pd.DataFrame(rows, columns=["target", "closures", "loss"])
    order = ["target", "loss", "closures"]
    return table.sort_values(order, ascending=[True, False, True], ignore_index=True)


def _device_makers(network: SupplyNetwork, economy: Economy) -> tuple[list[str], FloatArray]:
    """Return every firm and device that it makes, and the weights of its plants."""
    devices = set(network.products.loc[network.products["class"] == "device", "product"])
    targets: dict[str, list[int]] = defaultdict(list)
    for i, node in enumerate(economy.nodes):
        if node.firm and node.product in devices and node.step != "planned":
            targets[f"{node.firm}:{node.product}"].append(i)
    weights = np.zeros((len(targets), len(economy.nodes)))
    for k, nodes in enumerate(targets.values()):
        shares = np.array([economy.nodes[i].share for i in nodes])
        weights[k, nodes] = shares / shares.sum() if shares.sum() > 0 else 1 / len(nodes)
    return list(targets), weights
