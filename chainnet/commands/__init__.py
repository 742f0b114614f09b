"""The command line: ``chainnet [--graph NAME|DIR] COMMAND``.

Commands parse, call the library and print. Their modules are imported when they are asked for,
and the libraries behind them when a command runs, so that ``chainnet --help`` answers at once.
"""

from __future__ import annotations

import errno
import sys
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click

from chainnet._version import __version__
from chainnet.commands._manifests import remember
from chainnet.commands._output import Request, printable
from chainnet.commands._progress import told_of_compiling
from chainnet.commands._sources import told_of
from chainnet.errors import ChainnetError

#: Where each command lives, in the order in which they are listed.
_HOME = {
    "info": "graph",
    "validate": "graph",
    "show": "graph",
    "search": "graph",
    "diff": "graph",
    "centrality": "readings",
    "concentration": "readings",
    "dependence": "readings",
    "exposure": "readings",
    "cutsets": "readings",
    "disrupt": "what_if",
    "run": "what_if",
    "events": "what_if",
    "backtest": "record",
    "uncertainty": "record",
    "sensitivity": "record",
    "survive": "record",
    "sweep": "sweeping",
    "risk": "linking",
    "links": "linking",
    "synth": "linking",
    "partnerships": "policy",
    "costs": "costs",
    "plot": "plot",
    "report": "report",
    "explore": "explore",
    "import": "exchange",
    "export": "exchange",
    "trade": "trade",
    "doctor": "checkup",
    "cite": "citing",
    "completion": "completing",
}
#: A graph with a thousand faults does not flood the screen; `validate` lists them all.
_MOST_LINES = 21


class _Commands(click.Group):
    """Commands imported when they are asked for, whose errors become exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_HOME)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _HOME:
            return None
        module = import_module(f"chainnet.commands.{_HOME[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name)
        return command

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401, those of click.Context
    ) -> click.Context:
        words = list(args)  # click takes away what it has read
        ctx = super().make_context(info_name, args, parent, **extra)
        remember(ctx, words)
        return ctx

    def invoke(self, ctx: click.Context) -> object:
        try:
            with told_of_compiling():
                return super().invoke(ctx)
        except ChainnetError as error:
            click.echo(f"Error: {told_of(_message(error))}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(130)
        except OSError as error:
            if error.errno == errno.EPIPE:  # click ends quietly when nobody reads on
                raise
            click.echo(f"Error: {_message(error)}", err=True)
            ctx.exit(1)


def _message(error: Exception) -> str:
    lines = printable(str(error)).splitlines()
    more = len(lines) - _MOST_LINES
    if more > 0:
        lines[_MOST_LINES:] = [f"  and {more} more: see `chainnet validate DIR`"]
    return "\n".join(lines)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True, "max_content_width": 100},
    epilog="\b\nExamples:\n  chainnet dependence samsung --single\n  chainnet disrupt JPN:photoresist_all",
)
@click.option(
    "--graph", metavar="NAME|DIR", default="japan-korea", help="A bundled graph, or a folder with one."
)
@click.option(
    "--without", type=click.Choice(["eto"]), help="Leave out the figures of the ETO dataset (CC BY-NC 4.0)."
)
@click.option(
    "--overlay",
    "overlays",
    metavar="DIR",
    multiple=True,
    help="Lay your own tables over it. May be repeated.",
)
@click.option(
    "--allow-network",
    is_flag=True,
    help="Fetch an https:// address where a file is expected; ask a postgresql:// server for links.",
)
@click.version_option(__version__, "--version", prog_name="chainnet")
@click.pass_context
def main(
    ctx: click.Context, *, graph: str, without: str | None, overlays: tuple[str, ...], allow_network: bool
) -> None:
    """Show who is single-sourced on what, what stops if something stops, and what would help.

    Data goes to standard output, everything else to standard error. Names may be English,
    Japanese or Korean. Exit codes: 0 done, 1 failed, 2 usage or unknown name, 3 invalid data,
    4 no convergence, 5 a threshold of --fail-if is crossed, 130 interrupted.
    """
    del allow_network  # read where an argument names a file: see _sources
    for stream in (sys.stdout, sys.stderr):
        # A pipe on Windows is cp932 or cp949: names would end the command.
        if not stream.isatty() and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    ctx.obj = Request(graph, without, overlays=overlays)
