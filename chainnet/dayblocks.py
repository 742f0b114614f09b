"""The order in which the day-by-day kernel works: plants that compete for the same orders stand together.

Who makes a product and who buys it trade with each other alone, so that most of a day can be done product
by product, in blocks small enough to stay near the processor. Products that replace each other as inputs
are in one block, and small ones share a block.
"""

from __future__ import annotations

import numpy as np

from chainnet.dayvalues import Blocks, Lanes, Needs, Plants
from chainnet.kernels import IntArray

_OF_EDGES = {"supplier", "weight", "path", "rank"}
#: Plants and groups of a block, at least: what is smaller fits into any cache.
_LEAST = 2_000


def in_blocks(plants: Plants, needs: Needs, lanes: Lanes) -> tuple[Plants, Needs, Lanes, Blocks]:
    """Put plants and groups into the order of their blocks.

    Parameters
    ----------
    plants, needs, lanes
        The economy, and what happens.

    Returns
    -------
    tuple
        The same in that order, and the blocks.
    """
    n, groups, sizes = len(plants.product), len(needs.buyer), np.diff(needs.start)
    of = _block_of_product(plants, needs, sizes)
    plant = np.argsort(of[plants.product], kind="stable")
    group = np.argsort(of[needs.product], kind="stable")
    numbers = np.arange(1 + of.max())
    blocks = Blocks(
        plants=np.append(np.searchsorted(of[plants.product][plant], numbers), n),
        groups=np.append(np.searchsorted(of[needs.product][group], numbers), groups),
        place=np.argsort(plant),
        group=group,
    )
    if len(numbers) == 1:
        return plants, needs, lanes, blocks
    start = np.concatenate([[0], np.cumsum(sizes[group])])
    edge = np.repeat(needs.start[group] - start[:-1], sizes[group]) + np.arange(start[-1])
    plants = plants._replace(**{name: column[plant] for name, column in plants._asdict().items()})
    columns = {
        name: column[edge if name in _OF_EDGES else group]
        for name, column in needs._asdict().items()
        if name != "start"
    }
    columns["buyer"] = blocks.place[columns["buyer"]]
    columns["supplier"] = blocks.place[columns["supplier"]]
    node = blocks.place[lanes.node]
    hits = np.argsort(node, kind="stable")
    lanes = lanes._replace(
        node=node[hits],
        lane=lanes.lane[hits],
        capacity=lanes.capacity[hits],
        lost_work=lanes.lost_work[hits],
        path=lanes.path[edge],
        zone=lanes.zone[group],
        zone_paths=lanes.zone_paths[:, plant],
        bought=lanes.bought[plant],
        detection=lanes.detection[:, group],
    )
    return plants, Needs(start=start, **columns), lanes, blocks


def _block_of_product(plants: Plants, needs: Needs, sizes: IntArray) -> IntArray:
    """Return the number of the block of each product."""
    bought, made = np.repeat(needs.product, sizes), plants.product[needs.supplier]
    # A firm's plants are all of one product, but nothing here would hold without it.
    first = np.unique(plants.maker, return_index=True)[1][np.unique(plants.maker, return_inverse=True)[1]]
    products = 1 + int(max(plants.product.max(initial=0), needs.product.max(initial=0)))
    pairs = np.concatenate(
        [np.column_stack([bought, made]), np.column_stack([plants.product[first], plants.product])]
    )
    root = list(range(products))
    for a, b in np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).tolist():
        low, high = sorted((root[a], root[b]))
        root = [low if own == high else own for own in root]
    size = np.bincount(np.array(root)[plants.product], minlength=products)
    size += np.bincount(np.array(root)[needs.product], minlength=products)
    block = np.zeros(products, dtype=np.int64)
    number = held = 0
    for product, rows in enumerate(size.tolist()):
        if root[product] == product:
            block[product] = number
            held += rows
            if held >= _LEAST:
                number, held = number + 1, 0
    return block[root]
