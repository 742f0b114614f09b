"""The explorer as a Dash app: the address holds the state, every answer is made from the state alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chainnet.errors import ChainnetError, UsageError
from chainnet.explorer import answers
from chainnet.explorer.panels import FIELDS, form, kept_shocks, named, toggles, tongues
from chainnet.explorer.sections import (
    answer_section,
    chain_section,
    compare_section,
    losses_section,
    reading_section,
    timeline_section,
    trouble,
)
from chainnet.explorer.states import Draft, State, drafted, language, read_query
from chainnet.explorer.styles import PAGE
from chainnet.explorer.words import word
from chainnet.figures.words import Lang
from chainnet.network import SupplyNetwork
from chainnet.reports import report
from chainnet.reports.facts import DRAWINGS, days
from chainnet.scenarios.files import MOST_DAYS, scenario_in
from chainnet.scenarios.writing import as_toml

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
                dcc.Store(id="kept-shocks", data=_kept(network, state)),
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


def _kept(network: SupplyNetwork, state: State) -> list[str]:
    """Return the shocks of a state but for the one that the form's fields hold."""
    held = bool(state.shocks) and drafted(state.shocks[-1], network) is not None
    return list(state.shocks[: len(state.shocks) - held])


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


def chosen(network: SupplyNetwork, asked: dict[str, Any], by: object) -> dict[str, Any]:
    """Return what the form becomes after something was chosen in it.

    Parameters
    ----------
    network
        The network.
    asked
        The values of the form's parts, the shocks kept (``kept``) and the language.
    by
        Which part was changed.

    Returns
    -------
    dict
        By part, its new value; parts that stay as they are are ``no_update``.
    """
    from dash import no_update

    stays: dict[str, Any] = dict.fromkeys(
        ("address", "written", "state", "kept", "list", "tongues", "trouble", "event", *FIELDS), no_update
    )
    fields: dict[str, Any] = {}
    kept, event = list(asked["kept"] or ()), asked["event"] or ""
    try:
        draft = drafted_in(asked)
        if isinstance(by, dict):
            # A button that has just been drawn was not pressed.
            if not any(asked["drops"]):
                return stays
            kept = [text for number, text in enumerate(kept) if number != by["index"]]
        if by == "event" and event:
            draft, kept, fields = Draft(), [], _blank()
        elif event and (draft.names_something or kept):
            event, fields = "", {"event": None}
        if by == "another" and draft.names_something:
            kept, draft, fields = [*kept, draft.text()], Draft(), _blank()
        held, put = set(asked["held"] or ()), set(asked["put"] or ())
        state = State(
            shocks=tuple(filter(None, [*kept, draft.text()])),
            event=event,
            added=tuple(name for name in toggles(network).possible if name in put),
            removed=tuple(name for name in toggles(network).held if name not in held),
            days=whole(asked["days"], "days", asked["lang"], 1),
            focus=asked["focus"] or "",
            lang=asked["lang"],
        )
        query = read_query(state.query(), network).query()
    except ChainnetError as error:
        return stays | {"trouble": trouble(word("cannot", asked["lang"], why=str(error)))}
    told = {"address": query, "written": query, "state": query, "kept": kept, "trouble": []}
    return stays | told | fields | {"list": kept_shocks(kept, asked["lang"]), "tongues": tongues(state)}


def _blank() -> dict[str, Any]:
    return {**dict.fromkeys(FIELDS), "left": "0", "start": "0", "lasts": "90"}


def drafted_in(asked: dict[str, Any]) -> Draft:
    """Return the shock that the fields of the form hold.

    Parameters
    ----------
    asked
        The values of the fields, and ``lang``.

    Returns
    -------
    Draft
        The shock.

    Raises
    ------
    UsageError
        A number is none, or out of range.
    """
    lang = asked["lang"]
    names = {kind: asked[kind] or "" for kind in ("firm", "product", "country", "region", "importer")}
    left = whole(asked["left"], "left", lang, 0, 100)
    start = whole(asked["start"], "start", lang, 0)
    return Draft(**names, left=left or 0, start=start or 0, days=whole(asked["lasts"], "lasts", lang, 1))


def whole(text: object, name: str, lang: Lang, least: int, most: int = MOST_DAYS) -> int | None:
    """Return the whole number that a field holds, None where it is blank.

    Parameters
    ----------
    text
        What the field holds.
    name, lang
        The field and the language, to say where something is wrong.
    least, most
        What is allowed.

    Returns
    -------
    int or None
        The number.

    Raises
    ------
    UsageError
        It is no whole number, or out of range.

    Examples
    --------
    >>> whole(" 90 ", "lasts", "en", 1), whole("", "lasts", "en", 1)
    (90, None)
    """
    written = "" if text is None else str(text).strip()
    if not written:
        return None
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 6 else -1
    if not least <= number <= most:
        raise UsageError(f"{word(name, lang)}: {written!r}; {least}–{most}.")
    return number


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


def answered(network: SupplyNetwork, query: str | None) -> list[Any]:
    """Return what the models say of a state, and the state once that is known: for four sections and a store.

    Parameters
    ----------
    network
        The network of the explorer.
    query
        The state; None where there is none yet.

    Returns
    -------
    list
        Components of four sections; the query, None where it has no answer.
    """
    if query is None:
        return [[], [], [], [], None]
    state = read_query(query, network)
    try:
        found = answers.situation(network, state)
        told = None if found.run is None else days(answers.subject(found, state), found.run, 0)
        parts = [part(found, state, told) for part in (answer_section, timeline_section, losses_section)]
        return [*parts, chain_section(found, state), query]
    except ChainnetError as error:
        return [[trouble(word("cannot", state.lang, why=str(error)))], [], [], [], None]


def spread_out(network: SupplyNetwork, query: str | None) -> list[Any]:
    """Return the sections that show the spread over the parameters' ranges.

    Parameters
    ----------
    network
        The network of the explorer.
    query
        The state; None where there is nothing to show.

    Returns
    -------
    list
        Components of three sections, or ``no_update``.
    """
    from dash import no_update

    state = read_query(query or "", network)
    found = answers.situation(network, state) if query is not None else None
    if found is None or found.run is None:
        return [no_update] * 3
    drawn = days(answers.subject(found, state), found.run, DRAWINGS)
    return [part(found, state, drawn) for part in (answer_section, timeline_section, losses_section)]


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


def scenario_file(network: SupplyNetwork, state: State) -> tuple[str, str]:
    """Return the name and the content of the scenario file of a state.

    Parameters
    ----------
    network
        The network of the explorer.
    state
        What is asked.

    Returns
    -------
    name, content : str
        A file that ``chainnet run`` runs to the numbers of the explorer.

    Raises
    ------
    ChainnetError
        Nothing happens, or the shocks cannot stand in one file.

    Examples
    --------
    >>> import chainnet as cn
    >>> name, content = scenario_file(cn.load("japan-korea"), State(shocks=("JPN:photoresist_euv@0+90",)))
    >>> name, "photoresist_euv" in content
    ('what-if.toml', True)
    """
    what = state.scenario(network)
    if what is None:
        raise UsageError(word("nothing_yet", state.lang))
    name, content = f"{what.id or 'what-if'}.toml", as_toml(what)
    # What a file may not say (two controls of one flow at once) is told now, not on the command line.
    scenario_in(content.encode("utf-8"), name, network)
    return name, content


def report_file(network: SupplyNetwork, state: State) -> tuple[str, str]:
    """Return the name and the content of the report on a state.

    Parameters
    ----------
    network
        The network of the explorer.
    state
        What is asked.

    Returns
    -------
    name, content : str
        One HTML file, as :func:`chainnet.report` writes it.
    """
    found = answers.situation(network, state)
    text = report(found.network, focus=state.focus or None, scenario=found.scenario, lang=state.lang)
    return "chainnet-report.html", text
