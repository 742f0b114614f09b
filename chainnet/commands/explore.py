"""The command that opens the explorer."""

from __future__ import annotations

import click

import chainnet as cn
from chainnet.commands._output import Request, command


@command("explore", "explore --port 8051 --no-browser")
@click.option("--port", type=click.IntRange(0, 65535), default=8050, help="Where it is served; 0: any free.")
@click.option("--browser/--no-browser", default=True, help="Open it in the browser.")
def explore(*, port: int, browser: bool) -> None:
    """Open the explorer in the browser: choose a shock and partnerships, and see what stops, when.

    It is served to this machine only, until Ctrl-C. The state stands in the address; it can be saved
    as a scenario file that `chainnet run` runs to the same numbers, and as a report to mail.
    """
    import webbrowser

    from chainnet.explorer import app, serve

    request: Request = click.get_current_context().obj
    network = request.network
    made = app(network)
    click.echo("Getting ready; the very first time takes about half a minute.", err=True)
    # Compiled code is made, or read from its cache, before the first click.
    cn.simulate(network, cn.Scenario("nothing happens"), days=2)

    def ready(address: str) -> None:
        click.echo(f"The explorer is at {address} (for this machine only). Ctrl-C ends it.", err=True)
        if browser:
            webbrowser.open(address)

    serve(made.server, port, ready)
    click.echo("Ended.", err=True)
