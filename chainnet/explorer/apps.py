"""The explorer as a Dash app: the address holds the state, every answer is made from the state alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chainnet.errors import ChainnetError, UsageError
from chainnet.explorer import answers
from chainnet.explorer.choices import chosen
from chainnet.explorer.files import report_file, scenario_file
from chainnet.explorer.panels import FIELDS, form, named, tongues
from chainnet.explorer.sections import answered, compare_section, reading_section, spread_out, trouble
from chainnet.explorer.states import State, language, parted, read_query
from chainnet.explorer.styles import PAGE
from chainnet.explorer.words import word
from chainnet.network import SupplyNetwork

if TYPE_CHECKING:
    from dash import Dash
    from flask import Flask, Response

#: Names under which this machine reaches itself: a page elsewhere cannot pass for the explorer.
_OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")


def app(network: SupplyNetwork) -> Dash:
    """Return the explorer of a network as a Dash app, which is not served yet.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    dash.Dash
        The app. Its pages ask only the server that they come from, under a policy that says so.

    Raises
    ------
    UsageError
        Dash is not installed.

    Examples
    --------
    >>> import chainnet as cn
    >>> app(cn.load("japan-korea")).title
    'chainnet explorer'
    """
    try:
        import dash
    except ImportError as error:
        raise UsageError("the explorer needs Dash: pip install 'chainnet[explore]'.") from error
    from dash import dcc, html

    made = dash.Dash(
        __name__,
        title=word("title", "en"),
        update_title="",
        index_string=PAGE,
        suppress_callback_exceptions=True,
        enable_mcp=False,
        assets_folder="",
        include_assets_files=False,
    )
    made.layout = html.Div(
        [dcc.Location(id="address", refresh=False), dcc.Store(id="written"), html.Div(id="page")]
    )
    _pages(made, network)
    _choices(made, network)
    _answers(made, network)
    _files(made, network)
    _guard(made.server, made.csp_hashes())
    return made


def _guard(server: Flask, hashes: Sequence[str]) -> None:
    """Serve only pages of this machine, and let them ask nobody else."""
    from flask import abort, request

    scripts = " ".join(hashes)
    policy = (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )

    @server.before_request
    def own_names_only() -> None:
        if request.host.rpartition(":")[0] not in _OWN_NAMES and request.host not in _OWN_NAMES:
            abort(403)

    @server.after_request
    def with_policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


def _pages(made: Dash, network: SupplyNetwork) -> None:
    """Write the page anew when its address is not what its own form wrote."""
    from dash import Input, Output, dcc, html, no_update
    from dash import State as Held

    @made.callback(Output("page", "children"), Input("address", "search"), Held("written", "data"))
    def write(query: str | None, written: str | None) -> Any:  # noqa: ANN401
        if (query or "") == written:
            return no_update
        told: list[Any] = []
        try:
            state = read_query(query or "", network)
        except ChainnetError as error:
            state = State(lang=language(query or ""))
            told = [trouble(word("bad_address", state.lang, why=str(error)))]
        lang = state.lang
        return html.Div(
            [
                html.A(word("skip", lang), href="#answer", className="skip"),
                html.Header(
                    [
                        html.H1(word("title", lang)),
                        html.P(word("lead", lang)),
                        html.Nav(tongues(state), id="tongues", **named(word("language", lang))),
                    ]
                ),
                dcc.Store(id="lang", data=lang),
                dcc.Store(id="state"),
                dcc.Store(id="answered"),
                dcc.Store(id="kept-shocks", data=list(parted(state, network)[0])),
                html.Div([*form(network, state), html.Div(id="form-trouble")], role="form", className="form"),
                html.Main(
                    [
                        *told,
                        *(html.Section(id=name) for name in ("answer", "timeline", "losses", "compare")),
                    ]
                ),
                html.Section(id="chain", className="across"),
                html.Section(reading_section(network, lang), className="across"),
                dcc.Download(id="download"),
            ],
            lang=lang,
            className="explorer",
        )


def _choices(made: Dash, network: SupplyNetwork) -> None:
    """Turn what is chosen into the state, and the state into the address."""
    from dash import ALL, Input, Output, ctx
    from dash import State as Held

    outputs = {
        "address": Output("address", "search"),
        "written": Output("written", "data"),
        "state": Output("state", "data"),
        "kept": Output("kept-shocks", "data"),
        "list": Output("kept", "children"),
        "tongues": Output("tongues", "children"),
        "trouble": Output("form-trouble", "children"),
        **{name: Output(name, "value") for name in ("event", *FIELDS)},
    }
    inputs = {
        **{name: Input(name, "value") for name in ("event", *FIELDS, "held", "put", "focus", "days")},
        "another": Input("another", "n_clicks"),
        "drops": Input({"type": "drop", "index": ALL}, "n_clicks"),
    }

    held = {"kept": Held("kept-shocks", "data"), "lang": Held("lang", "data")}

    @made.callback(output=outputs, inputs=inputs, state=held)
    def choose(**asked: Any) -> dict[str, Any]:  # noqa: ANN401
        return chosen(network, asked, ctx.triggered_id)


def _answers(made: Dash, network: SupplyNetwork) -> None:
    """Make every answer from the state: at once what the models say, then its spread and what changes."""
    from dash import Input, Output

    @made.callback(
        *(Output(name, "children") for name in ("answer", "timeline", "losses", "chain")),
        Output("answered", "data"),
        Input("state", "data"),
    )
    def answer(query: str | None) -> Any:  # noqa: ANN401
        return answered(network, query)

    @made.callback(
        *(Output(name, "children", allow_duplicate=True) for name in ("answer", "timeline", "losses")),
        Input("answered", "data"),
        prevent_initial_call="initial_duplicate",
    )
    def spread(query: str | None) -> Any:  # noqa: ANN401
        return spread_out(network, query)

    @made.callback(Output("compare", "children"), Input("answered", "data"))
    def compare(query: str | None) -> Any:  # noqa: ANN401
        if query is None:
            return []
        state = read_query(query, network)
        return compare_section(network, answers.situation(network, state), state)


def _files(made: Dash, network: SupplyNetwork) -> None:
    """Hand out the scenario and the report."""
    from dash import Input, Output, ctx, no_update
    from dash import State as Held

    @made.callback(
        Output("download", "data"),
        Output("form-trouble", "children", allow_duplicate=True),
        Input("save", "n_clicks"),
        Input("mail", "n_clicks"),
        Held("state", "data"),
        prevent_initial_call=True,
    )
    def hand_out(save: int | None, mail: int | None, query: str) -> Any:  # noqa: ANN401
        if not (save or mail):
            return no_update, no_update
        state = read_query(query, network)
        make = scenario_file if ctx.triggered_id == "save" else report_file
        try:
            name, content = make(network, state)
        except ChainnetError as error:
            return no_update, trouble(word("cannot", state.lang, why=str(error)))
        return {"filename": name, "content": content}, []
