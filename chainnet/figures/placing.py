"""Where things stand in a layered picture: orders, levels and heights, computed from the links.

Nothing here knows of supply chains or of Plotly: keys, links and heights in, places out. Results
depend on keys and links only, not on the order in which they are given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import networkx as nx

Link = tuple[str, str]
_SWEEPS = 12


def order_groups(groups: Sequence[str], weights: Mapping[Link, int]) -> list[str]:
    """Order groups so that the fewest links run backwards; where that leaves a choice, as given.

    Parameters
    ----------
    groups
        Up to about a dozen names, in the order to prefer.
    weights
        Number of links by (from, to) group.

    Returns
    -------
    list of str
        The groups, ordered.

    Examples
    --------
    >>> order_groups(["chip", "box", "sand"], {("sand", "chip"): 3, ("chip", "box"): 1})
    ['sand', 'chip', 'box']
    """
    n = len(groups)

    def cost(last: int, before: int) -> int:
        """Cost of putting ``last`` behind all groups of the set ``before``."""
        others = [i for i in range(n) if before >> i & 1]
        backward = sum(weights.get((groups[last], groups[i]), 0) for i in others)
        return backward * n * n + sum(i > last for i in others)

    best: list[tuple[int, list[int]]] = [(0, [])] * (1 << n)
    for chosen in range(1, 1 << n):
        options = [
            (best[chosen ^ 1 << i][0] + cost(i, chosen ^ 1 << i), [*best[chosen ^ 1 << i][1], i])
            for i in range(n)
            if chosen >> i & 1
        ]
        best[chosen] = min(options)
    return [groups[i] for i in best[-1][1]]


def levels(keys: Collection[str], links: Collection[Link]) -> dict[str, int]:
    """Return how many links deep each key lies, by the longest way; a cycle lies at one depth.

    Parameters
    ----------
    keys
        Nodes.
    links
        Pairs of keys; pairs with others are left out.

    Returns
    -------
    dict
        Level by key, from 0.

    Examples
    --------
    >>> levels(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")])
    {'a': 0, 'b': 1, 'c': 2}
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted(keys))
    graph.add_edges_from(sorted(link for link in links if link[0] in graph and link[1] in graph))
    knots = nx.condensation(graph)
    depth: dict[int, int] = {}
    for knot in nx.topological_sort(knots):
        depth[knot] = 1 + max((depth[before] for before in knots.predecessors(knot)), default=-1)
    return {key: depth[knots.graph["mapping"][key]] for key in sorted(keys)}


def _neighbours(columns: Sequence[Sequence[str]], links: Collection[Link]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {key: [] for column in columns for key in column}
    for source, target in sorted(set(links)):
        if source in found and target in found and source != target:
            found[source].append(target)
            found[target].append(source)
    return found


def order(columns: Sequence[Collection[str]], links: Collection[Link]) -> list[list[str]]:
    """Order each column by the mean place of what its members are linked to (barycentre sweeps).

    Parameters
    ----------
    columns
        Keys by column, left to right.
    links
        Pairs of keys.

    Returns
    -------
    list of list of str
        The columns, each from top to bottom: of all sweeps the one whose links are shortest.

    Examples
    --------
    >>> order([["a", "b"], ["x", "y"]], [("a", "y"), ("b", "x")])
    [['b', 'a'], ['x', 'y']]
    """
    found = [sorted(column) for column in columns]
    near = _neighbours(found, links)
    place = {key: (i + 0.5) / len(column) for column in found for i, key in enumerate(column)}

    def length() -> float:
        return sum(abs(place[key] - place[other]) for key, others in near.items() for other in others)

    best, shortest = [list(column) for column in found], length()
    for sweep in range(_SWEEPS):
        forward = range(len(found)) if sweep % 2 == 0 else range(len(found) - 1, -1, -1)
        for c in forward:
            middle = {
                key: sum(place[other] for other in near[key]) / len(near[key]) if near[key] else place[key]
                for key in found[c]
            }
            found[c].sort(key=lambda key: (round(middle[key], 9), key))
            place |= {key: (i + 0.5) / len(found[c]) for i, key in enumerate(found[c])}
        if length() < shortest - 1e-9:
            best, shortest = [list(column) for column in found], length()
    return best


def stack(
    columns: Sequence[Sequence[str]],
    heights: Mapping[str, float],
    links: Collection[Link],
    *,
    gap: float,
) -> tuple[dict[str, float], float]:
    """Give each key its top edge: in the order of its column, apart, level with what it is linked to.

    Parameters
    ----------
    columns
        Keys by column, each from top to bottom.
    heights
        Height of each key.
    links
        Pairs of keys.
    gap
        Least distance between two keys of a column.

    Returns
    -------
    tops : dict
        Top edge by key, at least 0.
    height : float
        Height of the tallest column; nothing reaches below it.

    Examples
    --------
    >>> tops, height = stack([["a", "b"], ["x"]], {"a": 10, "b": 10, "x": 10}, [("b", "x")], gap=5)
    >>> tops["x"] == tops["b"] == 15, height
    (True, 25)
    """
    total = {c: sum(heights[k] for k in col) + gap * max(len(col) - 1, 0) for c, col in enumerate(columns)}
    height = max(total.values(), default=0)
    near = _neighbours(columns, links)
    top: dict[str, float] = {}
    for c, column in enumerate(columns):
        y = (height - total[c]) / 2
        for key in column:
            top[key] = y
            y += heights[key] + gap
    for sweep in range(_SWEEPS):
        forward = range(len(columns)) if sweep % 2 == 0 else range(len(columns) - 1, -1, -1)
        for c in forward:
            wanted = []
            for key in columns[c]:
                middles = [top[other] + heights[other] / 2 for other in near[key]]
                wanted.append(sum(middles) / len(middles) - heights[key] / 2 if middles else top[key])
            placed = _apart(wanted, [heights[key] + gap for key in columns[c]], height - total[c])
            top |= dict(zip(columns[c], placed, strict=True))
    return top, height


def _apart(wanted: Sequence[float], steps: Sequence[float], room: float) -> list[float]:
    """Return the places nearest to those wanted (least squares) that keep order and distance."""
    blocks: list[tuple[float, int]] = []
    offsets = [0.0]
    for step in steps[:-1]:
        offsets.append(offsets[-1] + step)
    for want, offset in zip(wanted, offsets, strict=False):
        total, count = want - offset, 1
        # Whoever would overlap the block above joins it.
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / count:
            total, count = total + blocks[-1][0], count + blocks[-1][1]
            blocks.pop()
        blocks.append((total, count))
    free = [min(max(total / count, 0.0), room) for total, count in blocks for _ in range(count)]
    return [base + offset for base, offset in zip(free, offsets, strict=False)]
