"""The node-link picture: what is in it, and what is put on its nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from chainnet.errors import UsageError
from chainnet.figures.canvas import Mark
from chainnet.figures.looks import ACCENT, exposed, lost, step_of
from chainnet.figures.netplans import NetPlan
from chainnet.figures.nodes import Node, Web, web_of
from chainnet.figures.planning import MOST
from chainnet.figures.shades import SHAPES, Shades, Values, shades_of, values_of
from chainnet.figures.views import View
from chainnet.figures.words import Lang, percent, say

_HIGHEST = 1500.0
#: Diameters of marks: plain, least, most; of dots where there is no room.
_PLAIN, _LEAST, _LARGEST = 10.0, 6.0, 20.0
_DOT, _DOTS = 6.0, 14.0


@dataclass(frozen=True)
class Scene:
    """A picture of nodes and edges before it is drawn.

    Parameters
    ----------
    view
        What is shown.
    color, size, label
        What is put on the nodes.
    """

    view: View
    color: Values | None = None
    size: Values | None = None
    label: Values | None = None

    @property
    def lang(self) -> Lang:
        """Language of the picture."""
        return self.view.lang

    @cached_property
    def whole(self) -> Web:
        """All nodes and edges, as the table lists them."""
        return web_of(self.view)

    @cached_property
    def web(self) -> Web:
        """The nodes and edges that are drawn; minor makers as one where they would not fit."""
        for most in (30, 8, 5, 3, 2):
            web = self.whole.folded(most)
            if self._plan(self.whole).dense:
                return self.whole
            if self._plan(web).tallest <= _HIGHEST:
                return web
        return self.whole.folded(1)

    @cached_property
    def plan(self) -> NetPlan:
        """Where everything stands."""
        return self._plan(self.web)

    def _plan(self, web: Web) -> NetPlan:
        texts = {key: self._text(node) for key, node in web.nodes.items()}
        sizes = self._sizes(web)
        rank: Mapping[str, float] = web.degree
        if self.size is not None:
            rank = {key: float(self.size.of[key]) for key in web.nodes if self.size.known_of(key)}
        tails = {key: self._tail(node) for key, node in web.nodes.items() if self.view.outcome is not None}
        return NetPlan(web, texts, sizes, rank, tails)

    def _text(self, node: Node) -> str:
        if self.label is None or node.kind == "more" or node.key not in self.label.of:
            return node.label
        value = self.label.written(node.key, self.lang)
        return value if self.label.name in ("id", "name") else f"{node.label} · {value}"

    def _tail(self, node: Node) -> str:
        """Return what a shock does to a node, to stand behind its name."""
        return say("tools", self.lang, value=percent(node.exposure)) if exposed(node) else lost(node.loss)

    def _sizes(self, web: Web) -> dict[str, float]:
        many = len(web.nodes) > 300
        plain, least, largest = (_DOT, 4.0, _DOTS) if many else (_PLAIN, _LEAST, _LARGEST)
        if self.size is None:
            return dict.fromkeys(web.nodes, plain)
        top = self.top_size
        return {
            key: round(least + (largest - least) * (float(self.size.of[key]) / top) ** 0.5, 1)
            if self.size.known_of(key) and top > 0
            else least
            for key in web.nodes
        }

    @cached_property
    def top_size(self) -> float:
        """The largest value that a size stands for."""
        if self.size is None:
            return 0.0
        return max((float(self.size.of[k]) for k in self.whole.nodes if self.size.known_of(k)), default=0.0)

    @cached_property
    def shades(self) -> Shades | None:
        """Colours and shapes of the nodes, if something is put on them by colour."""
        if self.color is None:
            return None
        return shades_of(self.color, {key: node.kind for key, node in self.web.nodes.items()}, self.lang)

    def mark(self, node: Node) -> Mark:
        """Return how a node looks."""
        shape = SHAPES["product" if node.kind == "product" else "firm"]
        size = self.plan.sizes[node.key]
        line = ACCENT if node.focus else "#4a545e"
        if node.kind == "more":
            return Mark("circle-open-dot", size, line, line)
        if self.view.outcome is not None:
            return Mark(shape[0], size, step_of(node.loss)[0], line)
        if self.shades is None or node.key not in self.shades.fill:
            return Mark(shape[0], size, "#ffffff" if node.kind == "product" else "#8894a0", line)
        return Mark(shape[self.shades.shape.get(node.key, 0)], size, self.shades.fill[node.key], line)


def scene(
    view: View,
    *,
    color: str | pd.Series[Any] | None = None,
    size: str | pd.Series[Any] | None = None,
    label: str | pd.Series[Any] | None = None,
) -> Scene:
    """Put values on the nodes of a picked part of a network.

    Parameters
    ----------
    view
        What to show.
    color, size, label
        As for :func:`chainnet.figures.network`.

    Returns
    -------
    Scene
        What :func:`chainnet.figures.draw_scene`, ``node_table`` and ``scene_note`` take.

    Raises
    ------
    UsageError
        There is no such attribute, a size is no number, or there is too much to draw, or nothing.

    Examples
    --------
    >>> import chainnet as cn
    >>> view = cn.figures.pick(cn.load("japan-korea"), focus="asml")
    >>> scene(view, size="pagerank").size.title
    'pagerank'
    """
    found = [
        None if what is None else values_of(view.network, what, view.lang) for what in (color, size, label)
    ]
    made = Scene(view, *found)
    if made.size is not None:
        if not made.size.numbers:
            raise UsageError(f"{made.size.name} is no number and gives no size; use it as a colour or label.")
        least = min((v for k, v in made.size.of.items() if made.size.known(k)), default=0.0)
        if least < 0:
            raise UsageError(f"{made.size.name} falls to {least:g}: a size stands for nothing below 0.")
    nodes, edges = len(made.whole.nodes), len(made.whole.edges)
    if nodes > MOST or edges > 4 * MOST:
        raise UsageError(
            f"{nodes:,} nodes and {edges:,} edges make no readable picture (at most {MOST:,} and "
            f"{4 * MOST:,}). Draw what lies around one of them: --focus NAME --depth 1."
        )
    if not nodes:
        raise UsageError("there is nothing to draw: the network has no products.")
    return made
