"""Commands that draw: layers, timeline."""

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


@command(
    "plot timeline 2019-export-controls-hf",
    "plot timeline JPN:photoresist_arf@0+120 --by firm -o timeline.html",
)
@click.argument("shocks", nargs=-1, required=True, metavar="SHOCK...|EVENT")
@click.option("--by", type=click.Choice(["product", "firm", "country", "plant"]), default="country")
@click.option("--top", type=click.IntRange(1, 6), default=5, help="How many lines.")
@click.option("--runs", type=click.IntRange(0, 1000), default=20, help="Drawings for the bands.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days to look at.  [default: the event's, or 365]")
@click.option("-o", "--output", metavar="FILE", default="chainnet-timeline.html", help="The HTML file.")
def timeline(
    *,
    shocks: tuple[str, ...],
    by: Literal["product", "firm", "country", "plant"],
    top: int,
    runs: int,
    days: int | None,
    output: str,
) -> None:
    """Draw output by day of what is hit worst, with its spread and the event's recorded figures."""
    from chainnet import figures

    request: Request = click.get_current_context().obj
    network = request.network
    is_event = len(shocks) == 1 and shocks[0] in cn.events()
    what = cn.event(shocks[0], network) if is_event else cn.Scenario.parse(*shocks)
    page = figures.page(
        figures.timeline(network, what, level=by, top=top, n=runs, days=days),
        title=f"Output day by day: {what.name}",
        note=_ABOUT.format(runs=runs, name=network.name, digest=network.digest[:12]),
        table=figures.timeline_table(network, what, level=by, days=days),
    )
    save(Path(output), page)


_ABOUT = (
    "Lines: the model with its own parameters. Bands: 5 % to 95 % of {runs} drawings over the parameters'"
    " ranges. Diamonds: what was recorded.\n"
    "Stocks, slack, requalification and licences are counted; many of their numbers are assumed.\n"
    "Data: graph {name} ({digest}). Licences of sources: CC BY-NC 4.0."
)

plot.add_command(layers)
plot.add_command(timeline)
