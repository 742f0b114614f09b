"""What a node-link picture tells on hover, in its note and in its table: plain text, escaped elsewhere."""

from __future__ import annotations

import pandas as pd

from chainnet.figures.looks import SEEN
from chainnet.figures.nodes import Edge, Made, Node
from chainnet.figures.scenes import Scene
from chainnet.figures.shades import Values
from chainnet.figures.sources import data_line, years
from chainnet.figures.telling import publishers, tell_card, tell_link, tell_rest, tell_row, title
from chainnet.figures.views import View
from chainnet.figures.words import country_name, hedged, minus, percent, say

_LISTED = 12


def tell_edge(view: View, edge: Edge) -> list[str]:
    """Return what is told of an edge, line by line."""
    if isinstance(edge.about, Made):
        return tell_row(view, edge.about.card, edge.about.row)
    return tell_link(view, edge.about)


def tell_node(scene: Scene, node: Node) -> list[str]:
    """Return what is told of a node, line by line: its name first, then what is put on it."""
    view, lang = scene.view, scene.lang
    if node.kind == "more":
        return tell_rest(view, node.made[0].card, [made.row for made in node.made])
    if node.kind == "product":
        head, *rest = tell_card(view, node.card) if node.card else tell_row(view, *node.made[0])
    else:
        head, *rest = _firm(scene, node)
    own = [line for values in _put(scene) for line in values.told(view.network, node.key, lang)]
    if view.outcome is not None and node.key in scene.whole.steps:
        step = scene.whole.steps[node.key]
        own.append(say("step_0", lang) if step == 0 else say("steps_from", lang, n=step))
    return [head, *own, *rest]


def _put(scene: Scene) -> list[Values]:
    """Return what is put on the nodes, each once."""
    put = [values for values in (scene.color, scene.size, scene.label) if values is not None]
    return list({values.name: values for values in put if values.name != "name"}.values())


def _firm(scene: Scene, node: Node) -> list[str]:
    view, lang = scene.view, scene.lang
    english = view.network.label(node.key, "en")
    lines = [node.label, *([english] if english != node.label else [])]
    lines.append(country_name(view.network.home[node.key], lang))
    for made in node.made[:_LISTED]:
        shown = [hedged(made.row.share, made.row.status) if made.row.share > SEEN else say("unknown", lang)]
        shown += [say(made.row.status, lang)] if made.row.share > SEEN else []
        shown += [say("year", lang, value=year) for year in years(view.network, made.row.makers)[-1:]]
        shown += [say("loss", lang, value=percent(made.row.loss))] if made.row.loss > SEEN else []
        lines.append(f"{made.card.label}: {', '.join(shown)}")
    rest = len(node.made) - _LISTED
    return [*lines, *([f"… (+{rest})"] if rest > 0 else [])]


def node_table(scene: Scene) -> pd.DataFrame:
    """Return the nodes of a picture as a table, those drawn as one each in a row of its own.

    Parameters
    ----------
    scene
        From :func:`chainnet.figures.scene`.

    Returns
    -------
    DataFrame
        Name, kind, head office, stage, what is put on the nodes, loss and step if there is a shock, what a
        firm makes, source. Columns are named in the language of the picture.

    Examples
    --------
    >>> import chainnet as cn
    >>> view = cn.figures.pick(cn.load("japan-korea"), focus="asml", depth=1)
    >>> list(node_table(cn.figures.scene(view, color="out_degree")).columns)
    ['Name', 'Kind', 'Head office', 'Stage', 'out degree', 'Makes', 'Source']
    """
    lang = scene.lang
    nodes = sorted(scene.whole.nodes.values(), key=lambda node: (-node.loss, node.kind, node.label, node.key))
    rows = [_row(scene, node) for node in nodes]
    put = [f"put{n}" for n, values in enumerate(_put(scene)) if values.name not in _COLUMNS]
    columns = ["name", "kind", "country", "stage", *put]
    columns += ["loss", "exposure", "step"] if scene.view.outcome is not None else []
    columns += ["makes", "source"]
    heads = {f"put{n}": values.title for n, values in enumerate(_put(scene))}
    return pd.DataFrame(rows, columns=columns).rename(
        columns={name: heads.get(name) or say(_HEADS.get(name, f"col_{name}"), lang) for name in columns}
    )


_COLUMNS = ("kind", "country", "stage", "name")
_HEADS = {"country": "by_country", "kind": "by_kind", "name": "by_name"}


def _row(scene: Scene, node: Node) -> dict[str, str]:
    view, lang, firm = scene.view, scene.lang, node.kind == "firm"
    refs = sorted({ref for made in node.made for ref in made.row.refs})
    refs = refs or (node.card.ref.split(";") if node.card else [])
    row = {
        "name": node.label,
        "kind": say(node.kind, lang),
        "country": country_name(view.network.home[node.key], lang) if firm else "",
        "stage": say(node.stage, lang),
        "loss": minus(node.loss) if node.loss > SEEN else "–",
        "exposure": percent(node.exposure) if node.exposure > SEEN else "–",
        "step": str(scene.whole.steps.get(node.key, "")),
        "makes": ", ".join(_made(made) for made in node.made) if firm else "",
        "source": publishers(view.network, refs, lang),
    }
    return row | {f"put{n}": values.written(node.key, lang) for n, values in enumerate(_put(scene))}


def _made(made: Made) -> str:
    share = f" ({hedged(made.row.share, made.row.status)})" if made.row.share > SEEN else ""
    return made.card.label + share


def scene_note(scene: Scene) -> str:
    """Return what a reader must know of a node-link picture, a paragraph a line.

    Parameters
    ----------
    scene
        From :func:`chainnet.figures.scene`.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> import chainnet as cn
    >>> view = cn.figures.pick(cn.load("japan-korea"), focus="asml", depth=1)
    >>> scene_note(cn.figures.scene(view)).startswith("Shown: ")
    True
    """
    view, lang, nodes = scene.view, scene.lang, scene.whole.nodes.values()
    lines = []
    if view.outcome is not None:
        worst = sorted(
            (node for node in nodes if node.kind == "product" and node.loss > SEEN),
            key=lambda node: (-node.loss, node.key),
        )
        names = ", ".join(f"{node.label} {minus(node.loss)}" for node in worst[:6])
        lines += [say("largest", lang, names=names)] if names else []
        lines.append(say("structural", lang))
    firms = sum(node.kind == "firm" for node in nodes)
    lines.append(
        say("shown_nodes", lang, firms=firms, products=len(nodes) - firms, edges=len(scene.whole.edges))
    )
    hidden = sum(len(node.made) for node in scene.web.nodes.values() if node.kind == "more")
    lines += [say("drawn_as_one", lang, n=hidden)] if hidden else []
    if view.families:
        names = ", ".join(view.network.label(family, lang) for family in view.families)
        lines.append(say("families", lang, names=names))
    lines += [say("statuses", lang), data_line(view.network, lang)]
    return "\n".join(lines)


def scene_title(scene: Scene) -> str:
    """Return the title of a node-link picture.

    Parameters
    ----------
    scene
        From :func:`chainnet.figures.scene`.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> import chainnet as cn
    >>> scene_title(cn.figures.scene(cn.figures.pick(cn.load("japan-korea"), focus="asml")))
    'ASML: what it needs, and who needs it'
    """
    view = scene.view
    return say("title_web", view.lang) if view.focus is None and view.outcome is None else title(view)
