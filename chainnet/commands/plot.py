"""Commands that draw: layers."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

import chainnet as cn
from chainnet.commands._output import Request, command, save


@click.group(epilog="\b\nExamples:\n  chainnet plot layers JPN:photoresist_all -o photoresist.html")
def plot() -> None:
    """Draw pictures: one HTML file each, which needs no network and can be mailed."""


@command(
    "plot layers",
    "plot layers JPN:photoresist_all -o photoresist.html",
    "plot layers --focus 삼성전자 --direction up --lang ko",
)
@click.argument("shocks", nargs=-1, metavar="[SHOCK]...")
@click.option("--focus", metavar="NAME", help="Draw only what lies around a firm or product.")
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    metavar="N",
    help="Steps from the focus.  [default: 1 around a firm, 2 around a product]",
)
@click.option(
    "--direction",
    type=click.Choice(["both", "up", "down"]),
    default="both",
    help="up: what the focus needs; down: what needs it.",
)
@click.option("--lang", type=click.Choice(["en", "ko", "ja"]), default="en", help="Language of the picture.")
@click.option("-o", "--output", metavar="FILE", default="chainnet-layers.html", help="The HTML file.")
def layers(
    *,
    shocks: tuple[str, ...],
    focus: str | None,
    depth: int | None,
    direction: Literal["both", "up", "down"],
    lang: Literal["en", "ko", "ja"],
    output: str,
) -> None:
    """Draw the chain from raw material to end use: products, their makers, and what needs what.

    With SHOCK the picture shows what depends on it, coloured by the output lost; how a shock is
    written is told by `chainnet disrupt --help`.
    """
    from chainnet import figures

    request: Request = click.get_current_context().obj
    network = request.network
    view = figures.pick(
        network,
        focus=network.names.resolve(focus)[1] if focus else None,
        depth=depth,
        direction=direction,
        outcome=cn.disrupt(network, cn.Scenario.parse(*shocks)) if shocks else None,
        lang=lang,
    )
    page = figures.page(
        figures.draw(view),
        title=figures.title(view),
        note=figures.note(view),
        table=figures.listing(view),
    )
    save(Path(output), page)


plot.add_command(layers)
