"""From what is chosen in the form to the state, and back to the form."""

from __future__ import annotations

from typing import Any

from chainnet.errors import ChainnetError, UsageError
from chainnet.explorer.panels import FIELDS, kept_shocks, toggles, tongues
from chainnet.explorer.sections import trouble
from chainnet.explorer.states import Draft, State, read_query
from chainnet.explorer.words import word
from chainnet.figures.words import Lang
from chainnet.network import SupplyNetwork
from chainnet.scenarios.files import MOST_DAYS


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
