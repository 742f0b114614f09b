"""The node-link picture: firms and products as nodes, supplies and needs as arrows, stages left to right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from chainnet.cascade import Outcome
from chainnet.figures.canvas import Canvas, Face, Mark, Pen, Rect, wrap
from chainnet.figures.drawing import sheet
from chainnet.figures.looks import GREY, MARKS, NAME
from chainnet.figures.netlegends import edge_pen, keys_of
from chainnet.figures.netplans import FAINT
from chainnet.figures.nodes import Edge, Node
from chainnet.figures.nodetelling import tell_edge, tell_node
from chainnet.figures.planning import in_lines
from chainnet.figures.scenes import Scene, scene
from chainnet.figures.views import Direction, pick
from chainnet.figures.words import Lang, say
from chainnet.network import SupplyNetwork

if TYPE_CHECKING:
    import plotly.graph_objects as go

_LIVE = "#00224e"
#: A name hides the lines behind it.
_HALO = "rgba(247,249,250,0.9)"


def network(  # noqa: PLR0913, as many as there are things to say of a node
    network: SupplyNetwork,
    *,
    focus: str | None = None,
    depth: int | None = None,
    direction: Direction = "both",
    color: str | pd.Series[Any] | None = None,
    size: str | pd.Series[Any] | None = None,
    label: str | pd.Series[Any] | None = None,
    lang: Lang = "en",
) -> go.Figure:
    """Draw firms and products as nodes, and what they supply and need as arrows.

    An arrow leads from a firm to each product that it makes, and from an input to what needs it. A
    firm in focus stands between what it needs and what it makes. Stages run from left to right;
    in a small picture makers stand to the left of what they make, in a large one beneath it, and minor
    makers of one product are drawn as one where they would not fit. Above 300 nodes there are
    dots with the names of the most important ones, and lines without arrows.

    Parameters
    ----------
    network
        The network.
    focus, depth, direction, lang
        As for :func:`chainnet.figures.layers`.
    color, size, label
        What is put on the nodes: the name of an attribute (``kind``, ``country``, ``business``,
        ``class``, ``family``, ``stage``, ``id``, ``name``, ``lead_days``, ``transit_days``,
        ``utilisation``, ``finished_days``), of a measure of :func:`chainnet.centrality`, or values
        by node (a column of a result, indexed by firm or product). Numbers are drawn in steps:
        those of a share where the column bears the name of one (``loss``, ``exposure``, ``share``,
        ``hhi`` …), otherwise steps with equally many nodes. What is unknown is grey. ``size`` takes
        numbers from 0; areas grow with them.

    Returns
    -------
    plotly.graph_objects.Figure
        A figure of fixed size, one unit a pixel; all text in it is escaped.

    Raises
    ------
    UsageError
        There is no such attribute, or too much to draw (above 5,000 nodes), or nothing; the error
        says what to ask for instead.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> figure = cn.figures.network(net, focus="asml", depth=1, color="country", lang="ja")
    >>> figure.layout.meta["lang"]
    'ja'
    >>> loss = cn.exposure(net, "samsung:dram", by="firm").set_index("closure")["loss"]
    >>> figure = cn.figures.network(net, focus="samsung", color=loss)
    """
    view = pick(network, focus=focus, depth=depth, direction=direction, lang=lang)
    return draw_scene(scene(view, color=color, size=size, label=label))


def cascade(
    network: SupplyNetwork,
    outcome: Outcome,
    *,
    focus: str | None = None,
    depth: int | None = None,
    direction: Direction = "both",
    lang: Lang = "en",
) -> go.Figure:
    """Draw what a shock does to firms and products, and the way on which the loss travels.

    The picture of :func:`chainnet.figures.network` with the loss on it: colours are steps of the
    output lost (of a firm: of what it loses most of), crosses what the shock itself hits, dark
    arrows what carries the loss. Firms that lose nothing are left out. Pointing at a node tells how
    many needs lie between it and the shock.

    Parameters
    ----------
    network
        The network.
    outcome
        What happens, from :func:`chainnet.disrupt`.
    focus, depth, direction, lang
        As for :func:`chainnet.figures.layers`.

    Returns
    -------
    plotly.graph_objects.Figure
        See :func:`chainnet.figures.network`.

    Raises
    ------
    UsageError
        There is too much to draw, or nothing.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> outcome = cn.disrupt(net, cn.Scenario.parse("JPN:photoresist_all"))
    >>> cn.figures.cascade(net, outcome, lang="ko").layout.meta["lang"]
    'ko'
    """
    view = pick(network, focus=focus, depth=depth, direction=direction, outcome=outcome, lang=lang)
    return draw_scene(scene(view))


def draw_scene(scene: Scene) -> go.Figure:
    """Draw nodes and edges with what is put on them.

    Parameters
    ----------
    scene
        From :func:`chainnet.figures.scene`.

    Returns
    -------
    plotly.graph_objects.Figure
        See :func:`chainnet.figures.network`.

    Examples
    --------
    >>> import chainnet as cn
    >>> view = cn.figures.pick(cn.load("japan-korea"), focus="asml")
    >>> draw_scene(cn.figures.scene(view)).layout.width >= 640
    True
    """
    canvas = Canvas()
    painter = _Painter(scene, canvas)
    painter.paint()
    return sheet(canvas, (scene.plan.width, painter.top + scene.plan.height + 8), scene.lang)


class _Painter:
    """Puts a scene on a canvas."""

    def __init__(self, scene: Scene, canvas: Canvas) -> None:
        self.scene, self.canvas, self.plan, self.lang = scene, canvas, scene.plan, scene.lang
        self.key = in_lines(keys_of(scene), self.plan.width, None)
        self.top = 20.0 * len(self.key) + 46.0

    def paint(self) -> None:
        """Draw it all."""
        self._stages()
        for number, line in enumerate(self.key):
            for sample, words, x in line:
                self._sample(sample, words, x, 12 + 20.0 * number)
        edges = sorted(self.scene.web.edges, key=lambda e: (e.live, e.use == "consumed", e.use != "supplies"))
        for edge in edges:
            self._edge(edge)
        for node in self.scene.web.nodes.values():
            self._node(node)

    def _stages(self) -> None:
        face = Face(13, GREY, "center", bold=True)
        for c, (stages, _) in enumerate(self.plan.columns):
            own = [i for i, lane in enumerate(self.plan.lanes) if lane.column == c]
            left, right = self.plan.left(own[0]), self.plan.left(own[-1]) + self.plan.box
            bottom = self.top + self.plan.height + 4
            self.canvas.bands.append(Rect(left - 7, self.top - 34, right + 3, bottom))
            words = " · ".join(say(stage, self.lang) for stage in stages)
            self.canvas.text((left + right) / 2, self.top - 20, wrap(words, right - left, face, 1)[0], face)

    def _sample(self, sample: Mark | Pen | None, words: str, x: float, y: float) -> None:
        if isinstance(sample, Mark):
            self.canvas.marks[sample].append((x + 16, y))
        elif sample is not None:
            self.canvas.lines[sample].append([(x, y), (x + 28, y)])
        self.canvas.text(x + (0 if sample is None else 32), y, words, Face(11, GREY))

    def _spot(self, key: str) -> tuple[float, float]:
        x, y = self.plan.spots[key]
        return x, self.top + y

    def _edge(self, edge: Edge) -> None:
        if self.plan.dense:
            faint = len(self.scene.web.nodes) > FAINT
            pen = (
                Pen(_LIVE, 1.2)
                if edge.live
                else Pen("#e3e7eb" if faint else "#d3dae0", 0.4 if faint else 0.5)
            )
            self.canvas.lines[pen].append([self._spot(edge.source), self._spot(edge.target)])
            return
        lanes = self.plan.lane_of
        step = lanes[edge.target] - lanes[edge.source]
        pen = edge_pen(edge, crowded=len(self.scene.web.edges) > 150)
        supplies = edge.use == "supplies"
        if step == 0 and supplies:
            middle, tip, symbol = self._within(edge, pen)
        else:
            middle, tip, symbol = self._across(edge, pen, step)
        size = 8 if edge.live else 6
        self.canvas.arrows[Mark(symbol, size, pen.color, pen.color)].append(tip)
        told = tell_edge(self.scene.view, edge)
        self.canvas.tell(Rect(middle[0] - 2, middle[1], middle[0] + 2, middle[1]), told)

    def _within(self, edge: Edge, pen: Pen) -> tuple[tuple[float, float], tuple[float, float], str]:
        """Draw from a maker to what it makes in the same lane: up from beneath, or around on the left."""
        (x0, y0), (x1, y1) = self._spot(edge.source), self._spot(edge.target)
        r0, r1 = self.plan.sizes[edge.source] / 2, self.plan.sizes[edge.target] / 2
        if edge.source in self.scene.web.leaves.get(edge.target, ()):
            tip = (x1, round(y1 + r1 + 3, 1))
            self.canvas.lines[pen].append([(x0 - r0, y0), (x1, y0), tip])
            return (x1, y0), tip, "triangle-up"
        tip = (round(x1 - r1 - 3, 1), y1)
        bow = min(36.0, 12 + abs(y1 - y0) / 12)
        middle = self.canvas.curve((x0 - r0, y0), (tip[0] - 2, y1), pen, loop=-bow)
        return middle, tip, "triangle-right"

    def _across(
        self, edge: Edge, pen: Pen, step: int
    ) -> tuple[tuple[float, float], tuple[float, float], str]:
        """Draw to another lane, or around on the right to another product of the same lane.

        A line bends beside where it starts, to the height of where it ends, and crosses the lanes
        between them between their rows: lines to the same end run together.
        """
        plan, lane = self.plan, self.plan.lane_of
        source, target = plan.rect(edge.source, self.top), plan.rect(edge.target, self.top)
        on = step > 0
        if step < 0:
            start = out = (source.left - 1, source.middle)
        else:
            start = (source.right + 1, source.middle)
            out = (max(self._right(lane[edge.source]), start[0]), source.middle)
        if on:
            tip = (round(target.left - 4, 1), target.middle)
            end = (tip[0] - 2, tip[1])
        else:
            tip = (round(target.right + 4, 1), target.middle)
            end = (max(self._right(lane[edge.target]), tip[0] + 2), tip[1])
        way = self._way(lane[edge.source], lane[edge.target], target.middle)
        loop = 10 + min(abs(source.middle - target.middle) / 14, 20.0) if step == 0 else 0.0
        if out != start:
            self.canvas.lines[pen].append([start, out])
        first = way[0] if way else end
        middle = self.canvas.curve(out, first, pen, loop=loop)
        rest = [*way, end, tip]
        if len(rest) > 2 or not on:
            self.canvas.lines[pen].append(rest)
        return middle, tip, "triangle-right" if on else "triangle-left"

    def _right(self, lane: int) -> float:
        return self.plan.left(lane) + self.plan.box

    def _way(self, source: int, target: int, y: float) -> list[tuple[float, float]]:
        """Return the points at which a line enters and leaves the lanes between two lanes."""
        step = 1 if target > source else -1
        way: list[tuple[float, float]] = []
        for lane in range(source + step, target, step):
            at = self.top + self.plan.between(lane, y - self.top)
            sides = (self.plan.left(lane) - 6, at), (self._right(lane) + 2, at)
            way += sides[::step]
        return way

    def _node(self, node: Node) -> None:
        x, y = self._spot(node.key)
        mark = self.scene.mark(node)
        if node.focus:
            self.canvas.marks[Mark("circle-open", mark.size + 8, mark.line, mark.line)].append((x, y))
        self.canvas.marks[mark].append((x, y))
        if node.closed or node.held:
            sign = MARKS["held" if node.held else "closed"]
            self.canvas.marks[sign._replace(size=7)].append((x, y))
        told = tell_node(self.scene, node)
        rect = self.plan.rect(node.key, self.top)
        text = self.plan.written.get(node.key, "")
        self.canvas.tell(Rect(x - 2, y, x + 2, y), told)
        if not text:
            return
        left = x + self.plan.radius + 4
        self.canvas.box(Rect(left - 2, y - 7, rect.right + 1, y + 7), _HALO, Pen("rgba(0,0,0,0)", 0))
        face = self.plan.face(node.key)
        self.canvas.text(left, y, text, face._replace(color=GREY) if node.kind == "more" else face)
        if self.plan.tails.get(node.key):
            right = NAME._replace(anchor="right", bold=True)
            self.canvas.text(rect.right, y, self.plan.tails[node.key], right)
        self.canvas.tell(Rect(left, y, rect.right, y), told)
