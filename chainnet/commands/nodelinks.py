"""Commands that draw firms and products as nodes: network, cascade."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import click

import chainnet as cn
from chainnet.commands._output import Request, command
from chainnet.commands._pictures import in_language, into, put
from chainnet.commands._sources import Source
from chainnet.commands.completing import nodes

if TYPE_CHECKING:
    from chainnet.figures import Scene


def around(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of what lies around a focus, and of the language."""
    options: tuple[Any, ...] = (
        click.option(
            "--depth",
            type=click.IntRange(min=0),
            metavar="N",
            help="Steps from the focus.  [default: 1 around a firm, 2 around a product]",
        ),
        click.option(
            "--direction",
            type=click.Choice(["both", "up", "down"]),
            default="both",
            help="up: what the focus needs; down: what needs it.",
        ),
        in_language,
    )
    for option in reversed(options):
        function = option(function)
    return function


@command(
    "plot network",
    "plot network asml --color country --size pagerank -o asml.html",
)
@click.argument("name", required=False, shell_complete=nodes)
@around
@click.option("--color", metavar="WHAT", default="country", help="What colours the nodes.")
@click.option("--size", metavar="WHAT", help="What makes them large.")
@click.option("--label", metavar="WHAT", help="What is written beside their names; id: instead of them.")
@into("network")
def network(
    *,
    name: str | None,
    color: str,
    size: str | None,
    label: str | None,
    output: str,
    **view: Any,  # noqa: ANN401
) -> None:
    """Draw firms and products as nodes, what they supply and need as arrows, raw material at the left.

    NAME is a firm or product: only what lies around it is drawn. WHAT is an attribute (kind,
    country, business, class, family, stage, id, lead_days, transit_days, utilisation,
    finished_days) or a measure of `chainnet centrality`.
    """
    from chainnet import figures

    request: Request = click.get_current_context().obj
    seen = figures.pick(request.network, focus=name, **view)
    _put(output, figures.scene(seen, color=color, size=size, label=label))


@command(
    "plot cascade JPN:photoresist_all -o photoresist.html",
    "plot cascade JPN:hf_gas --focus samsung --lang ko",
)
@click.argument("shocks", nargs=-1, type=Source(), shell_complete=nodes, required=True, metavar="SHOCK...")
@click.option(
    "--focus", metavar="NAME", shell_complete=nodes, help="Draw only what lies around a firm or product."
)
@around
@into("cascade")
def cascade(
    *,
    shocks: tuple[str, ...],
    focus: str | None,
    depth: int | None,
    direction: Literal["both", "up", "down"],
    lang: Literal["en", "ko", "ja"],
    output: str,
) -> None:
    """Draw which firms and products lose output when something stops, and how the loss gets there.

    How a shock is written is told by `chainnet disrupt --help`.
    """
    from chainnet import figures

    request: Request = click.get_current_context().obj
    network, what = request.situation(shocks)
    outcome = cn.disrupt(network, what)
    view = figures.pick(network, focus=focus, depth=depth, direction=direction, outcome=outcome, lang=lang)
    _put(output, figures.scene(view))


def _put(output: str, scene: Scene) -> None:
    from chainnet import figures

    put(
        output,
        figures.draw_scene(scene),
        title=figures.scene_title(scene),
        note=figures.scene_note(scene),
        table=figures.node_table(scene),
    )
