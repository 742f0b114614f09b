"""Commands that draw the chain, output over time and what partnerships change; the charts are beside."""

from __future__ import annotations

from typing import Any, Literal

import click

import chainnet as cn
from chainnet.commands._comparing import compared, comparing
from chainnet.commands._output import Request, command
from chainnet.commands._pictures import in_language, into, put
from chainnet.commands._sources import Source
from chainnet.commands.charts import concentration, cutsets, heatmap, sankey, treemap, world_map
from chainnet.commands.completing import nodes
from chainnet.commands.nodelinks import around, cascade, network


@click.group(epilog="\b\nExamples:\n  chainnet plot layers JPN:photoresist_all -o photoresist.html")
def plot() -> None:
    """Draw pictures: one HTML file each, which needs no network and can be mailed; or an image."""


@command(
    "plot layers",
    "plot layers JPN:photoresist_all -o photoresist.html",
    "plot layers --focus 삼성전자 --direction up --lang ko",
)
@click.argument("shocks", nargs=-1, shell_complete=nodes, metavar="[SHOCK]...")
@click.option(
    "--focus", metavar="NAME", shell_complete=nodes, help="Draw only what lies around a firm or product."
)
@around
@into("layers")
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
        focus=focus,
        depth=depth,
        direction=direction,
        outcome=cn.disrupt(network, cn.Scenario.parse(*shocks)) if shocks else None,
        lang=lang,
    )
    put(
        output,
        figures.draw(view),
        title=figures.title(view),
        note=figures.note(view),
        table=figures.listing(view),
    )


@command(
    "plot timeline 2019-export-controls-hf",
    "plot timeline JPN:photoresist_arf@0+120 --by firm -o timeline.html",
)
@click.argument(
    "shocks", nargs=-1, type=Source(), shell_complete=nodes, required=True, metavar="SHOCK...|EVENT"
)
@click.option("--by", type=click.Choice(["product", "firm", "country", "plant"]), default="country")
@click.option("--top", type=click.IntRange(1, 6), default=5, help="How many lines.")
@click.option("--runs", type=click.IntRange(0, 1000), default=20, help="Drawings for the bands.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days to look at.  [default: the event's, or 365]")
@in_language
@into("timeline")
def timeline(  # noqa: PLR0913, one argument an option
    *,
    shocks: tuple[str, ...],
    by: Literal["product", "firm", "country", "plant"],
    top: int,
    runs: int,
    days: int | None,
    lang: Literal["en", "ko", "ja"],
    output: str,
) -> None:
    """Draw output by day of what is hit worst, with its spread and the event's recorded figures."""
    from chainnet import figures
    from chainnet.figures.words import say

    request: Request = click.get_current_context().obj
    network, what = request.situation(shocks)
    table = figures.timeline_table(network, what, level=by, days=days, lang=lang)
    put(
        output,
        figures.timeline(network, what, level=by, top=top, n=runs, days=days, lang=lang),
        title=say("title_timeline", lang, what=what.label(lang)),
        note=say("note_timeline", lang, n=runs) + "\n" + figures.data_line(network, lang),
        table=table.rename(columns=lambda name: say(f"col_{name}", lang)),
    )


@command(
    "plot compare soulbrain-gongju joint-stockpile --runs 0 -o compare.html",
    "plot compare jasm-1 jasm-2 --over nothing --only JPN",
)
@comparing
@in_language
@into("compare")
def compare(*, output: str, lang: Literal["en", "ko", "ja"], **asked: Any) -> None:  # noqa: ANN401, those of `comparing`
    """Draw what partnerships change, before and after: a panel a measure, a line a partnership.

    The options are those of `chainnet partnerships compare`.
    """
    from chainnet import figures
    from chainnet.figures.dumbbells import measure_name
    from chainnet.figures.words import say

    request: Request = click.get_current_context().obj
    table, told = compared(request.network, **asked)
    moved = figures.moved(table).round(4)
    moved["measure"] = [measure_name(name, lang, request.network) for name in moved["measure"]]
    put(
        output,
        figures.compare(table, network=request.network, lang=lang),
        title=say("title_compare", lang),
        note="\n".join([say("note_compare", lang), *told, figures.data_line(request.network, lang)]),
        table=moved.rename(columns=lambda name: say(f"col_{name}", lang)),
    )


plot.add_command(layers)
plot.add_command(timeline)
plot.add_command(compare)
for chart in (network, cascade, heatmap, concentration, sankey, treemap, cutsets):
    plot.add_command(chart)
plot.add_command(world_map, "map")
