"""Where the nodes of a picture stand, in pixels: stages left to right, makers beside what they make."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from chainnet.figures import placing
from chainnet.figures.canvas import Face, Rect, text_width, wrap
from chainnet.figures.looks import NAME
from chainnet.figures.nodes import Web
from chainnet.figures.planning import LABELLED, columns_of

#: Above this many nodes lines are fainter still, and fewer nodes bear their names.
FAINT = 2000
_WIDTH, _MARGIN, _INDENT, _BETWEEN = 1352.0, 10.0, 13.0, 7.0
#: So many lanes have room for names; more of them, and makers stand under what they make.
_LANES = 8
_LOOP, _STRETCH = 34.0, 2.5
#: How far what stands behind a text may reach out of its lane.
_OVER = 14.0


class Lane(NamedTuple):
    """A lane: its column, and blocks of nodes from top to bottom; the first of each heads it."""

    column: int
    blocks: list[tuple[str, ...]]


@dataclass(frozen=True)
class NetPlan:
    """Where everything stands.

    Parameters
    ----------
    web
        The nodes and edges.
    texts
        What is written at each node.
    sizes
        Diameter of each mark.
    rank
        What decides who is labelled where not all are, by node.
    tails
        What stands behind the text of a node, and is never cut.
    """

    web: Web
    texts: Mapping[str, str]
    sizes: Mapping[str, float]
    rank: Mapping[str, float]
    tails: Mapping[str, str]

    @property
    def dense(self) -> bool:
        """Whether there is room for dots and a few names only."""
        return len(self.web.nodes) > LABELLED

    @cached_property
    def columns(self) -> list[tuple[tuple[str, ...], list[str]]]:
        """Stages, and the nodes in them, left to right."""
        nodes = self.web.nodes
        stages = {key: node.stage for key, node in nodes.items() if node.kind == "product"}
        found = columns_of(self.web.view.network, stages, self.web.pairs)
        makers = [(key, node.stage) for key, node in nodes.items() if node.kind != "product"]
        return [(names, [*keys, *(key for key, stage in makers if stage in names)]) for names, keys in found]

    @cached_property
    def apart(self) -> bool:
        """Whether the makers of a stage stand in a lane of their own."""
        return self.dense or 2 * len(self.columns) <= _LANES

    @cached_property
    def lanes(self) -> list[Lane]:
        """Lanes from left to right, ordered so that lines are short."""
        lanes: list[Lane] = []
        for column, (_, keys) in enumerate(self.columns):
            lanes += [Lane(column, blocks) for blocks in self._blocks(keys) if blocks]
        head = {key: block[0] for lane in lanes for block in lane.blocks for key in block}
        pairs = [(head[source], head[target]) for source, target in self.web.pairs]
        block = {block[0]: block for lane in lanes for block in lane.blocks}
        ordered = placing.order([[b[0] for b in lane.blocks] for lane in lanes], pairs)
        return [
            Lane(lane.column, [block[key] for key in keys]) for lane, keys in zip(lanes, ordered, strict=True)
        ]

    def _blocks(self, keys: list[str]) -> list[list[tuple[str, ...]]]:
        """Return the lanes of a column: makers first; or a lane of products with their makers beneath."""
        nodes = self.web.nodes
        if self.apart:
            makers: list[tuple[str, ...]] = [(key,) for key in keys if nodes[key].kind != "product"]
            return [makers, [(key,) for key in keys if nodes[key].kind == "product"]]
        beneath = {key for leaves in self.web.leaves.values() for key in leaves}
        first: list[tuple[str, ...]] = [
            (key,) for key in keys if nodes[key].focus and nodes[key].kind == "firm"
        ]
        blocks = [
            (key, *self.web.leaves.get(key, ())) for key in keys if key not in beneath and (key,) not in first
        ]
        return [first, blocks]

    @property
    def tallest(self) -> float:
        """Height of the fullest lane."""
        lanes = [blocks for _, keys in self.columns for blocks in self._blocks(keys)]
        return max(sum(self.row * len(block) + _BETWEEN for block in blocks) for blocks in lanes)

    @cached_property
    def lane_of(self) -> dict[str, int]:
        """Lane of each node."""
        return {key: i for i, lane in enumerate(self.lanes) for block in lane.blocks for key in block}

    @cached_property
    def gap(self) -> float:
        """Distance between lanes."""
        return 18.0 if self.dense else 60.0 if len(self.lanes) <= 6 else 44.0

    @cached_property
    def box(self) -> float:
        """Width of a lane."""
        return min(max((_WIDTH - self._between) / len(self.lanes), 60.0), 210.0)

    @cached_property
    def _between(self) -> float:
        """Width of all that is not a lane."""
        # Lines between two products of the last lane run out to its right.
        last = len(self.lanes) - 1
        loops = any(self.lane_of[one] == self.lane_of[two] == last for one, two in self.web.pairs)
        return self._first + _MARGIN + last * self.gap + (_LOOP if loops else 0.0)

    @cached_property
    def _first(self) -> float:
        """Left edge of the first lane: lines from its makers to what they make run out to its left."""
        leaves = {key for keys in self.web.leaves.values() for key in keys}
        outside = any(
            edge.use == "supplies"
            and edge.source not in leaves
            and self.lane_of[edge.source] == self.lane_of[edge.target] == 0
            for edge in self.web.edges
        )
        return _MARGIN + (_LOOP if outside else 0.0)

    @property
    def width(self) -> float:
        """Width of the picture."""
        return max(len(self.lanes) * self.box + self._between, 640.0)

    def left(self, lane: int) -> float:
        """Left edge of a lane."""
        return self._first + lane * (self.box + self.gap)

    @cached_property
    def row(self) -> float:
        """Height of a line."""
        return max(16.0, max(self.sizes.values(), default=0.0) + 3)

    @cached_property
    def radius(self) -> float:
        """Half the room of a mark."""
        return max(self.sizes.values(), default=10.0) / 2

    @cached_property
    def written(self) -> dict[str, str]:
        """What is written at each node that bears a text, cut to the room."""
        room = self.box - 2 * self.radius - 4
        keys = self.labelled if self.dense else self.web.nodes
        rooms = {key: room - self._indents[key] - max(self.tail(key) - _OVER, 0.0) for key in keys}
        found = {key: wrap(self.texts[key], rooms[key], self.face(key), 1)[0] for key in sorted(keys)}
        alike = Counter(found.values())
        return {
            key: pinch(self.texts[key], rooms[key], self.face(key)) if alike[text] > 1 else text
            for key, text in found.items()
        }

    def face(self, key: str) -> Face:
        """Return how a node's text is written: products, and what is in focus, in bold."""
        node = self.web.nodes[key]
        return NAME._replace(bold=node.focus or node.kind == "product")

    def tail(self, key: str) -> float:
        """Return the room of what stands behind a text."""
        return text_width(self.tails[key], NAME.size, bold=True) + 5 if self.tails.get(key) else 0.0

    @cached_property
    def _indents(self) -> dict[str, float]:
        under = {key for lane in self.lanes for block in lane.blocks for key in block[1:]}
        return {key: _INDENT if key in under else 0.0 for key in self.web.nodes}

    @cached_property
    def labelled(self) -> frozenset[str]:
        """Who bears a name where there is no room for all: the highest in rank, some of each lane."""
        most = 60 if len(self.web.nodes) <= FAINT else 36
        order = sorted(self.web.nodes, key=lambda key: (-self.rank.get(key, 0.0), key))
        return frozenset(order[:most])

    @cached_property
    def spots(self) -> dict[str, tuple[float, float]]:
        """The middle of each mark, counted from the top of the lanes."""
        return self._dots() if self.dense else self._rows()

    def _rows(self) -> dict[str, tuple[float, float]]:
        columns = [[block[0] for block in lane.blocks] for lane in self.lanes]
        heights = {
            b[0]: self.row * len(b) + (3 if len(b) > 1 else 0) for lane in self.lanes for b in lane.blocks
        }
        head = {key: block[0] for lane in self.lanes for block in lane.blocks for key in block}
        pairs = [(head[source], head[target]) for source, target in self.web.pairs]
        gap = _BETWEEN if any(len(b) > 1 for lane in self.lanes for b in lane.blocks) else 3.0
        tops, _ = placing.stack(columns, heights, pairs, gap=gap)
        found = {}
        for i, lane in enumerate(self.lanes):
            for block in lane.blocks:
                for n, key in enumerate(block):
                    x = self.left(i) + self._indents[key] + self.radius
                    found[key] = (round(x, 1), round(tops[block[0]] + self.row * (n + 0.5), 1))
        return found

    def _dots(self) -> dict[str, tuple[float, float]]:
        """Places of dots: a line for each node with a name, lines of dots for those between.

        Short lanes are stretched, so that lines run less steeply.
        """
        lanes = [self._lane_of_dots(i, lane) for i, lane in enumerate(self.lanes)]
        bottoms = [max(y for _, y in lane.values()) for lane in lanes]
        return {
            key: (x, round(y * min(max(bottoms) / bottom, _STRETCH), 1))
            for lane, bottom in zip(lanes, bottoms, strict=True)
            for key, (x, y) in lane.items()
        }

    def _lane_of_dots(self, i: int, lane: Lane) -> dict[str, tuple[float, float]]:
        found: dict[str, tuple[float, float]] = {}
        step = max(9.0, 2 * self.radius + 2)
        left, x, y = self.left(i), self.left(i), 0.0
        for key, *_ in lane.blocks:
            if key in self.labelled:
                y += step if x > left else 0
                found[key] = (left + step / 2, y + self.row / 2)
                x, y = left, y + self.row
                continue
            found[key] = (round(x + step / 2, 1), y + step / 2)
            x += step
            if x + step > left + self.box:
                x, y = left, y + step
        return found

    @cached_property
    def _rows_of(self) -> list[list[float]]:
        """Heights of the rows of each lane, from top to bottom."""
        rows: list[list[float]] = [[] for _ in self.lanes]
        for key, (_, y) in self.spots.items():
            rows[self.lane_of[key]].append(y)
        return [sorted(each) for each in rows]

    def between(self, lane: int, y: float) -> float:
        """Return the height nearest to ``y`` at which a line can cross a lane between its rows."""
        rows, half = self._rows_of[lane], self.row / 2

        def free(at: float) -> bool:
            i = bisect_left(rows, at)
            return all(abs(at - row) >= half - 0.2 for row in rows[max(i - 1, 0) : i + 1])

        if free(y):
            return y
        i = bisect_left(rows, y)
        for reach in range(1, len(rows) + 1):
            near = [row + side for row in rows[max(i - reach, 0) : i + reach] for side in (-half, half)]
            found = [at for at in near if free(at)]
            if found:
                return min((abs(at - y), round(at, 1)) for at in found)[1]
        return y

    def rect(self, key: str, top: float) -> Rect:
        """Return the room of a node with its text, below ``top``."""
        x, y = self.spots[key]
        text = self.written.get(key, "")
        radius = self.sizes[key] / 2
        bold = self.face(key).bold
        wide = self.radius + 4 + text_width(text, NAME.size, bold=bold) + self.tail(key) if text else radius
        return Rect(x - radius, top + y - self.row / 2, x + wide, top + y + self.row / 2)

    @cached_property
    def height(self) -> float:
        """Height of the lanes."""
        return max(y for _, y in self.spots.values()) + self.row


def pinch(text: str, width: float, face: Face) -> str:
    """Cut a text in its middle, so that names that begin alike can be told apart.

    Parameters
    ----------
    text
        Plain text.
    width
        Room in pixels.
    face
        How it is written.

    Returns
    -------
    str
        One line: the text itself where it fits.

    Examples
    --------
    >>> pinch("Semiconductor-grade hydrogen peroxide", 130, NAME)
    'Semiconduct…peroxide'
    """

    def fits(part: str) -> bool:
        return text_width(part, face.size, bold=face.bold) <= width

    if fits(text):
        return text
    # The last word whole, where that leaves six letters before it; else as much of both ends.
    last = text.rpartition(" ")[2]
    tails = [last] if len(last) < len(text) else []
    for head in range(len(text) // 2, 0, -1):
        for tail in (*tails, text[len(text) - head :].lstrip()):
            part = f"{text[:head].rstrip()}…{tail}"
            if head >= min(len(tail), 6) and fits(part):
                return part
    return wrap(text, width, face, 1)[0]
