"""The legend of a node-link picture: all that is drawn in it, and nothing else."""

from __future__ import annotations

from itertools import pairwise

from chainnet.figures.canvas import Mark, Pen
from chainnet.figures.looks import ACCENT, DASH, MARKS, STEPS, exposed, pen_of
from chainnet.figures.nodes import Edge
from chainnet.figures.scenes import Scene
from chainnet.figures.shades import SHAPES
from chainnet.figures.words import say
from chainnet.schema import STATUSES

Key = tuple[Mark | Pen | None, str]
_LINE = "#4a545e"


def keys_of(scene: Scene) -> list[Key]:
    """Return the entries of the legend: what each shows, and its words.

    Parameters
    ----------
    scene
        The picture.

    Returns
    -------
    list of (Mark, Pen or None, str)
        Entries.
    """
    return [*_nodes(scene), *_values(scene), *_edges(scene)]


def _nodes(scene: Scene) -> list[Key]:
    lang = scene.lang
    kinds = {node.kind for node in scene.web.nodes.values()}
    plain = scene.shades is None and scene.view.outcome is None
    firm = Mark("circle", 10, "#8894a0" if plain else "#ffffff", _LINE)
    keys: list[Key] = [(firm, say("key_firm", lang))] if "firm" in kinds else []
    keys += [(Mark("square", 10, "#ffffff", _LINE), say("key_product", lang))] if "product" in kinds else []
    keys += [(Mark("circle-open-dot", 10, _LINE, _LINE), say("key_more", lang))] if "more" in kinds else []
    focused = any(node.focus for node in scene.web.nodes.values())
    keys += [(Mark("circle-open", 16, ACCENT, ACCENT), say("key_focus", lang))] if focused else []
    if scene.plan.dense:
        n = len(scene.plan.labelled)
        named = "key_ranked" if scene.size is None else "key_largest"
        keys.append((None, say(named, lang, n=n)))
    return keys


def _values(scene: Scene) -> list[Key]:
    lang = scene.lang
    keys: list[Key] = []
    if scene.view.outcome is not None:
        ends = [0, *(round(100 * most) for most, _, _ in STEPS)]
        keys += [(None, say("key_loss", lang)), (Mark("square", 11, "#ffffff", _LINE), say("key_none", lang))]
        keys += [
            (Mark("square", 11, fill, _LINE), f"{low}–{high} %")
            for (low, high), (_, fill, _) in zip(pairwise(ends), STEPS, strict=True)
        ]
        nodes = scene.web.nodes.values()
        keys += [(MARKS["closed"], say("key_shock", lang))] if any(n.closed for n in nodes) else []
        keys += [(MARKS["held"], say("key_control", lang))] if any(n.held for n in nodes) else []
        keys += [(None, say("key_tools", lang))] if any(exposed(n) for n in nodes) else []
    if scene.color is not None and scene.shades is not None:
        keys.append((None, f"{scene.color.title}:"))
        kinds = {node.kind for key, node in scene.web.nodes.items() if key in scene.shades.fill}
        shapes = SHAPES["firm" if kinds == {"firm"} else "product"]
        keys += [(Mark(shapes[shape], 11, fill, _LINE), words) for fill, shape, words in scene.shades.keys]
    return [*keys, *_sizes(scene)]


def _sizes(scene: Scene) -> list[Key]:
    size = scene.size
    if size is None:
        return []
    keys: list[Key] = [(None, say("key_size", scene.lang, name=size.title))]
    known = sorted((float(size.of[key]), key) for key in scene.web.nodes if size.known_of(key))
    for key in dict.fromkeys(key for _, key in [*known[:1], *known[-1:]]):
        mark = Mark("circle", scene.plan.sizes[key], "#ffffff", _LINE)
        keys.append((mark, size.written(key, scene.lang)))
    return keys


def _edges(scene: Scene) -> list[Key]:
    lang, edges = scene.lang, scene.web.edges
    live = any(edge.live for edge in edges)
    if scene.plan.dense:
        return [(Pen("#00224e", 1.2), say("key_live", lang))] if live else []

    def pen(use: str, status: str) -> Pen:
        return edge_pen(Edge("", "", use, status, live=False, about=edges[0].about), crowded=len(edges) > 150)

    uses = {edge.use for edge in edges if not edge.live}
    words = {"supplies": "key_supplies", "consumed": "key_need", "capital": "key_capital"}
    keys: list[Key] = [(pen(u, "observed"), say(w, lang)) for u, w in words.items() if u in uses]
    keys += [(Pen("#00224e", 2.4), say("key_live", lang))] if live else []
    statuses = {edge.status for edge in edges}
    keys += [(Pen("#7f8b97", 1.2, DASH[s]), say(s, lang)) for s in STATUSES if s in statuses]
    return keys


def edge_pen(edge: Edge, *, crowded: bool) -> Pen:
    """Return how an edge looks.

    Parameters
    ----------
    edge
        The edge.
    crowded
        Whether there are many.

    Returns
    -------
    Pen
        Colour, width, dashes.
    """
    if edge.use != "supplies":
        return pen_of(edge.use, edge.status, live=edge.live, crowded=crowded)
    if edge.live:
        return Pen("#00224e", 1.2, DASH[edge.status])
    return Pen("#9cc3de" if crowded else "#7fb2d6", 0.9 if crowded else 1.1, DASH[edge.status])
