"""The arrays of the day-by-day kernel: plants, what they need, what happens, and what comes out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chainnet.kernels import BoolArray, FloatArray, IntArray


class Plants(NamedTuple):
    """Nodes, (n,) arrays. Volumes are shares of the world's use of a product; time is in days.

    Parameters
    ----------
    product, maker, country
        Numbers of the product, of the firm with its product, and of the country.
    volume
        What a plant makes on a normal day.
    outside
        Part of it that is sold outside the network.
    lead, finished
        Days from start to finish (at least 1), and finished goods in stock, in days of output.
    slack
        Output above normal that it can ramp up to, as a share of normal output.
    held
        Days of stock at its customers outside the network.
    """

    product: IntArray
    maker: IntArray
    country: IntArray
    volume: FloatArray
    outside: FloatArray
    lead: IntArray
    finished: FloatArray
    slack: FloatArray
    held: FloatArray


class Needs(NamedTuple):
    """Groups (G,) sorted by buyer, and their edges (m,): group g holds start[g]:start[g + 1].

    Parameters
    ----------
    start, buyer
        Where the edges of each group start (G + 1,), and the node that buys.
    critical, impact
        Whether nothing is made without it; output lost when an important one is gone.
    cover, transit, detection, qualification, same_site
        Days of stock and of transport; days until a shortage is noticed; days to qualify a new
        supplier, and another site of a present one.
    sticky
        The part of what was moved to others that stays with them.
    volume, product, zone
        What it uses on a normal day; the number of the product that others would step in with;
        the number of the set of controls that it lies behind.
    nobody
        Share of the purchases that is nobody's in particular, and always arrives.
    supplier, weight, path, rank
        Of each edge: the node, its share of the purchases (0: qualified only), the row of the
        permits that hold for it, -1 for none, and its rank at a supplier that is short: 0 is served
        first, those of one rank in proportion to their orders.
    """

    start: IntArray
    buyer: IntArray
    critical: BoolArray
    impact: FloatArray
    cover: FloatArray
    transit: IntArray
    detection: FloatArray
    qualification: FloatArray
    same_site: FloatArray
    sticky: FloatArray
    volume: FloatArray
    product: IntArray
    zone: IntArray
    nobody: FloatArray
    supplier: IntArray
    weight: FloatArray
    path: IntArray
    rank: IntArray


class Rules(NamedTuple):
    """Days in which stocks are refilled and slack is ramped up; the rank of customers outside the network."""

    refill: float
    ramp: float
    outside_rank: int


class Happenings(NamedTuple):
    """What happens, by day.

    Parameters
    ----------
    hit, capacity, lost_work
        (n,) row of ``capacity`` (k, days) of a shocked node, -1 for others; (k,) the share of
        its work in progress that is destroyed on the first day.
    permits, rush
        (c, days) what passes of a flow, and by how much buyers order more before it stops.
    zone_paths
        (z, n) the row of ``permits`` for the deliveries of a node into a zone, -1 for none.
    demand
        (n, days) or (1, days) outside demand relative to normal.
    """

    hit: IntArray
    capacity: FloatArray
    lost_work: FloatArray
    permits: FloatArray
    rush: FloatArray
    zone_paths: IntArray
    demand: FloatArray


class Lanes(NamedTuple):
    """What happens in scenarios side by side, (…, lanes); see :mod:`chainnet.daylanes`.

    Parameters
    ----------
    node, lane, capacity, lost_work
        Of each shocked node of each lane, in the order of the nodes: which, where, its capacity by
        day (h, days), and the share of its work in progress that is destroyed on the first day.
    path, permits, rush
        (m,) the row of each edge, -1 for none; by row · days + day, what passes in each lane and by
        how much its buyers order more.
    zone, lane_zone, some, zone_paths, crossed
        (G,) the region of the buyer; which zone of each lane a region is
        (r, lanes); a region of each zone (z, lanes); the row for deliveries of a node into a region
        (r, n); and whether there is any.
    bought, demand
        (n,) the row of each node's demand; by row · days + day, the demand relative to normal.
    kind, detection
        Of each lane, the row of ``detection`` (k, G): days until a shortage is noticed.
    """

    node: IntArray
    lane: IntArray
    capacity: FloatArray
    lost_work: FloatArray
    path: IntArray
    permits: FloatArray
    rush: FloatArray
    zone: IntArray
    lane_zone: IntArray
    some: IntArray
    zone_paths: IntArray
    crossed: bool
    bought: IntArray
    demand: FloatArray
    kind: IntArray
    detection: FloatArray


class Blocks(NamedTuple):
    """Plants and groups in blocks that trade with each other alone; see :mod:`chainnet.dayblocks`.

    Parameters
    ----------
    plants, groups
        Where the plants and the groups of each block start (blocks + 1,).
    place, group
        Where each plant stands (n,); which group stands where (G,).
    """

    plants: IntArray
    groups: IntArray
    place: IntArray
    group: IntArray


class State(NamedTuple):
    """What the kernel works in: rows of lanes, all zero.

    Parameters
    ----------
    plants, using, done
        Eight rows of each node, in the order of the kernel's names; what it plans to use; its output.
    stock, coming
        Of each group, what is in stock, and what is under way.
    line, moving
        Each plant's and each group's own ring: what was begun lead days ago stands at the head.
    wishes, fills
        Of the block at work: two rows of each node and rank: orders of what is used, and of what
        refills a stock; and the part of each that is met.
    free
        Of the block at work: the part of all orders that a node meets; and, where others step in, what
        it can make above normal.
    stay
        Of each edge, the part that others have taken over.
    clock
        Of each group, for how many days it has lacked something.
    orders, got, lacking, since, seekers
        Of the block at work, of groups that lack something: what they ordered, got and lack, and for
        how many days they know; by lane, which of them seek others.
    books
        Of each node, what it made, what was ordered, and the goods left (3 · n, lanes); of length 0,
        none are kept, nor stocks.
    """

    plants: FloatArray
    using: FloatArray
    done: FloatArray
    stock: FloatArray
    coming: FloatArray
    line: FloatArray
    moving: FloatArray
    wishes: FloatArray
    fills: FloatArray
    free: FloatArray
    stay: FloatArray
    clock: FloatArray
    orders: FloatArray
    got: FloatArray
    lacking: FloatArray
    since: FloatArray
    seekers: npt.NDArray[np.int32]
    books: FloatArray


class Found(NamedTuple):
    """What comes out, by lane: see :func:`run_days`. Flows and stocks of length 0 are not kept."""

    output: FloatArray
    rest: FloatArray
    stocks: FloatArray
    flows: FloatArray
