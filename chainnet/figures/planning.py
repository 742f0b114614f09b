"""Where everything in a view stands, in pixels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

from chainnet.figures import placing
from chainnet.figures.canvas import Rect, text_width, wrap
from chainnet.figures.legends import entries
from chainnet.figures.looks import HEAD, lost_of
from chainnet.figures.views import Card, Link, Row, View
from chainnet.network import SupplyNetwork
from chainnet.schema import STAGES
from chainnet.tables import records

#: Above this many nodes only the best linked ones are labelled, and arrows are left out.
LABELLED = 300
#: Above this many nodes nothing is drawn; nor above four times as many links.
MOST = 5000
TOP = 60
_WIDTH, _MARGIN = 1352.0, 10.0
#: Lanes and columns that fit; two columns with so few boxes may stand as one.
_LANES, _COLUMNS, _FEW = 7, 6, 12
LINE, ROW, PAD, _GAP = 15.0, 16.0, 5.0, 10.0
T = TypeVar("T")


def columns_of(
    network: SupplyNetwork, stages: Mapping[str, str], pairs: Collection[tuple[str, str]]
) -> list[tuple[tuple[str, ...], list[str]]]:
    """Return the stages, and what stands in them, left to right.

    Stages stand in the order in which the fewest needs of the whole network run backwards. Where
    there are many, neighbours with little in them, and nothing between them, stand in one.

    Parameters
    ----------
    network
        The network.
    stages
        Stage by key, in the order in which keys are listed.
    pairs
        Links between keys.

    Returns
    -------
    list
        Stages and keys of each column.
    """
    stage_of = {row["product"]: row["stage"] for row in records(network.products)}
    weights: dict[tuple[str, str], int] = defaultdict(int)
    for need in records(network.needs):
        weights[stage_of[need["input"]], stage_of[need["product"]]] += 1
    members: dict[str, list[str]] = {stage: [] for stage in placing.order_groups(STAGES, weights)}
    for key, stage in stages.items():
        members[stage].append(key)
    found: list[tuple[tuple[str, ...], list[str]]] = []
    found += [((stage,), keys) for stage, keys in members.items() if keys]
    while len(found) > _COLUMNS:
        merged = [
            (len(one + two), i)
            for i, ((names, one), (more, two)) in enumerate(pairwise(found))
            if len(names + more) == 2 and not any(source in one and target in two for source, target in pairs)
        ]
        size, i = min(merged, default=(_FEW + 1, 0))
        if size > _FEW:
            break
        found[i : i + 2] = [(found[i][0] + found[i + 1][0], found[i][1] + found[i + 1][1])]
    return found


@dataclass(frozen=True)
class Plan:
    """Where everything in a view stands, in pixels.

    Parameters
    ----------
    view
        What is shown.
    """

    view: View

    @cached_property
    def by_product(self) -> dict[str, Card]:
        """Cards by product."""
        return {card.key: card for card in self.view.cards}

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """Needs as pairs of products."""
        return [(link.source, link.target) for link in self.view.links]

    @property
    def dense(self) -> bool:
        """Whether there is room for dots only."""
        return len(self.view.cards) > LABELLED

    @cached_property
    def columns(self) -> list[tuple[tuple[str, ...], list[str]]]:
        """Stages, and the products in them, left to right."""
        return columns_of(self.view.network, {card.key: card.stage for card in self.view.cards}, self.pairs)

    @cached_property
    def lanes(self) -> list[tuple[int, list[str]]]:
        """Column and products of each lane, left to right, ordered top to bottom.

        While there is room, a column whose products go into one another takes several lanes.
        """
        keys = [members for _, members in self.columns]
        depth = [placing.levels(members, self.pairs) for members in keys]
        count = [1] * len(keys)
        while sum(count) < _LANES:
            waiting = [c for c in range(len(keys)) if count[c] <= max(depth[c].values())]
            if not waiting:
                break
            count[max(waiting, key=lambda c: (len(keys[c]) / count[c], c))] += 1
        lanes = [
            (c, [key for key in keys[c] if min(depth[c][key], count[c] - 1) == level])
            for c in range(len(keys))
            for level in range(count[c])
        ]
        ordered = placing.order([members for _, members in lanes], self.pairs)
        return [(c, members) for (c, _), members in zip(lanes, ordered, strict=True)]

    @cached_property
    def gap(self) -> float:
        """Distance between lanes."""
        return 56.0 if len(self.lanes) <= 5 else 40.0

    @cached_property
    def box(self) -> float:
        """Width of a lane."""
        return min(max((_WIDTH - self._between) / len(self.lanes), 124.0), 224.0)

    @cached_property
    def _between(self) -> float:
        """Width of all that is not a lane."""
        # Lines between two boxes of the last lane run out to its right.
        last = set(self.lanes[-1][1])
        loops = any(one in last and two in last for one, two in self.pairs)
        return 2 * _MARGIN + (len(self.lanes) - 1 + loops) * self.gap

    @property
    def width(self) -> float:
        """Width of the picture."""
        return max(len(self.lanes) * self.box + self._between, 640.0)

    def left(self, lane: int) -> float:
        """Left edge of a lane."""
        return _MARGIN + lane * (self.box + self.gap)

    @cached_property
    def rows(self) -> int:
        """How many makers a box lists at most: as many as keep the picture readable."""
        if self.dense or (self.view.focus is None and self.view.outcome is None):
            return 0
        highest = 1500 if self.view.focus is None else 2200
        for most in (10, 8, 6, 5, 4, 3, 2):
            nodes = sum(1 + min(len(card.rows), most) for card in self.view.cards)
            if nodes <= LABELLED and self._tallest(most) <= highest:
                return most
        return 0

    def _tallest(self, most: int) -> float:
        return max(
            sum(self.height_of(self.by_product[k], most) + _GAP for k in keys) for _, keys in self.lanes
        )

    def listed(self, card: Card, most: int | None = None) -> tuple[Row, ...]:
        """Return the makers that a box lists; what is left over stands in one more line."""
        most = self.rows if most is None else most
        whole = card.firm or len(card.rows) <= most
        return card.rows if whole else card.rows[: max(most - 1, 0)]

    def title(self, card: Card) -> list[str]:
        """Return the name of a product in the lines of its box."""
        told = lost_of(card)
        return wrap(card.label, self.box - 12 - (text_width(told, 12, bold=True) + 6 if told else 0), HEAD)

    def head_of(self, card: Card, most: int | None = None) -> float:
        """Height of the upper part of a box."""
        counted = (self.rows if most is None else most) == 0 and not card.firm
        return 2 * PAD + LINE * len(self.title(card)) + (13 if counted else 0)

    def height_of(self, card: Card, most: int | None = None) -> float:
        """Height of a box."""
        most = self.rows if most is None else most
        shown = len(self.listed(card, most))
        shown += most > 0 and shown < len(card.rows)
        return self.head_of(card, most) + ROW * shown + (4 if shown else 0)

    @cached_property
    def key(self) -> list[list[tuple[str, str, float]]]:
        """Legend, line by line: what each entry shows, its words, its left edge."""
        named = TOP if self.dense else None
        return in_lines(entries(self.view, self.rows, named=named), self.width, "words")

    @property
    def top(self) -> float:
        """Where the lanes begin."""
        return 20.0 * len(self.key) + 44.0

    @cached_property
    def rects(self) -> dict[str, Rect]:
        """The box of each product."""
        if self.dense:
            return self._dots()
        heights = {card.key: self.height_of(card) for card in self.view.cards}
        columns = [keys for _, keys in self.lanes]
        tops, _ = placing.stack(columns, heights, self.pairs, gap=_GAP)
        return {
            key: Rect(
                self.left(lane),
                round(self.top + tops[key], 1),
                self.left(lane) + self.box,
                round(self.top + tops[key] + heights[key], 1),
            )
            for lane, keys in enumerate(columns)
            for key in keys
        }

    @cached_property
    def labelled(self) -> frozenset[str]:
        """The best linked products, which bear their names."""
        degree: dict[str, int] = defaultdict(int)
        for source, target in self.pairs:
            degree[source] += 1
            degree[target] += 1
        return frozenset(sorted(self.by_product, key=lambda key: (-degree[key], key))[:TOP])

    def _dots(self) -> dict[str, Rect]:
        """Places of dots: a line for each product with a name, lines of dots for those between."""
        found: dict[str, Rect] = {}
        for lane, (_, keys) in enumerate(self.lanes):
            y, x = self.top, self.left(lane)
            for key in keys:
                if key in self.labelled:
                    y += 9 if x > self.left(lane) else 0
                    found[key] = Rect(self.left(lane), y, self.left(lane) + 8, y + 14)
                    x, y = self.left(lane), y + 15
                    continue
                found[key] = Rect(x, y, x + 8, y + 8)
                x += 9
                if x + 8 > self.left(lane) + self.box:
                    x, y = self.left(lane), y + 9
        return found

    @property
    def height(self) -> float:
        """Height of the picture."""
        return max(rect.bottom for rect in self.rects.values()) + 14


def in_lines(entries: Iterable[tuple[T, str]], width: float, bare: T) -> list[list[tuple[T, str, float]]]:
    """Break the entries of a legend into lines: what each shows, its words, its left edge.

    Parameters
    ----------
    entries
        What each shows, and its words.
    width
        Width of the picture.
    bare
        What shows nothing, and takes no room.

    Returns
    -------
    list
        Lines.
    """
    lines: list[list[tuple[T, str, float]]] = [[]]
    x = _MARGIN
    for shows, words in entries:
        wide = (0 if shows == bare else 32) + text_width(words, 11) + 18
        if x + wide > width and lines[-1]:
            lines.append([])
            x = _MARGIN
        lines[-1].append((shows, words, x))
        x += wide
    return lines


#: On which sides a line leaves and arrives: on to a later lane, in a loop within one, or back.
_SIDES = {"on": ("right", "left"), "loop": ("right", "right"), "back": ("left", "right")}
_End = tuple[tuple[float, float], tuple[float, float], str]


def ports(plan: Plan) -> dict[tuple[str, str], _End]:
    """Return where each line leaves, where it arrives, and its way (on, loop or back).

    Lines are spread over the side of a box in the order of their other ends.
    """
    lane = {key: i for i, (_, keys) in enumerate(plan.lanes) for key in keys}
    sides: dict[tuple[str, str], list[tuple[float, Link, bool]]] = defaultdict(list)
    ways: dict[tuple[str, str], str] = {}
    for link in plan.view.links:
        step = lane[link.target] - lane[link.source]
        way = "on" if step > 0 else "loop" if step == 0 else "back"
        ways[link.source, link.target] = way
        leaves, arrives = _SIDES[way]
        sides[link.source, leaves].append((plan.rects[link.target].middle, link, True))
        sides[link.target, arrives].append((plan.rects[link.source].middle, link, False))
    found: dict[tuple[str, str, bool], tuple[float, float]] = {}
    for (key, side), ends in sides.items():
        rect = plan.rects[key]
        ends.sort(key=lambda end: (end[0], end[1].source, end[1].target, end[2]))
        top, room = rect.top + 6, max(rect.bottom - rect.top - 12, 0.0)
        for place, (_, link, leaving) in zip(_even(len(ends), top, room), ends, strict=True):
            x = rect.right if side == "right" else rect.left
            found[link.source, link.target, leaving] = (round(x, 1), round(place, 1))
    return {pair: (found[*pair, True], found[*pair, False], way) for pair, way in ways.items()}


def _even(n: int, top: float, room: float) -> list[float]:
    """Return the places of n line ends on a side: together in its middle, spread where there are many."""
    step = min(7.0, room / max(n - 1, 1))
    first = top + (room - step * (n - 1)) / 2
    return [first + step * k for k in range(n)]
