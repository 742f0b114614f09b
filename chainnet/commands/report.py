"""The command that writes a report."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

import chainnet as cn
from chainnet.commands._output import Request, command, save
from chainnet.commands._sources import Source
from chainnet.commands.completing import nodes


@command(
    "report --focus samsung -o report.html",
    "report --focus sk_hynix --scenario 'JPN>KOR:hf_liquid@0+90' --lang ko",
    "report --scenario 2019-export-controls-hf",
)
@click.option(
    "--focus",
    metavar="NAME",
    shell_complete=nodes,
    help="A firm, a product or a country.  [default: everything]",
)
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    type=Source(),
    metavar="SHOCK|EVENT|FILE",
    help="What happens: shocks (may be repeated), a recorded event, or a scenario file.",
)
@click.option("--lang", type=click.Choice(["en", "ko", "ja"]), default="en", help="Language of the report.")
@click.option("-o", "--output", metavar="FILE", default="chainnet-report.html", help="The HTML file.")
def report(
    *, focus: str | None, scenarios: tuple[str, ...], lang: Literal["en", "ko", "ja"], output: str
) -> None:
    """Write a report that can be mailed: the answer in five sentences, pictures, tables, sources.

    Without a scenario it tells on whom NAME depends and what would stop it; with one, what NAME
    loses, and when. One HTML file, which needs no network and prints well. How a shock is written
    is told by `chainnet disrupt --help`.
    """
    request: Request = click.get_current_context().obj
    network, what = request.situation(scenarios) if scenarios else (request.network, None)
    save(Path(output), cn.report(network, focus=focus, scenario=what, lang=lang))
