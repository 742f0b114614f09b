"""What the legend of a picture says."""

from __future__ import annotations

from itertools import pairwise

from chainnet.figures.looks import STEPS, exposed
from chainnet.figures.views import View
from chainnet.figures.words import hedged, say
from chainnet.schema import STATUSES


def entries(view: View, rows: int, *, named: int | None = None) -> list[tuple[str, str]]:
    """Return the entries of the legend: what each shows, and its words; only what the picture holds.

    Parameters
    ----------
    view
        What is shown.
    rows
        How many makers a box lists.
    named
        How many bear their names, where there is room for dots only.

    Returns
    -------
    list of (kind, words)
        Kinds are those that the painter knows.
    """
    lang, cards, links = view.lang, view.cards, view.links
    used = {(link.use, link.status) for link in links}
    if named is not None:
        losses = _of_losses(view) if view.outcome is not None else []
        return [entry for entry in [*losses, ("words", say("key_dots", lang, n=named))] if entry[0]]
    lined = [status for status in STATUSES if ("consumed", status) in used]
    # Without a shock the mark of a maker tells the status too.
    marks = {status: "" if view.outcome else "● " if status == "observed" else "○ " for status in STATUSES}
    figures = " · ".join(f"{marks[s]}{hedged(0.27, s)} {say(s, lang)}" for s in STATUSES)
    bold = rows and any(row.named for card in cards for row in card.rows)
    name = view.network.label(view.focus[1], lang) if view.focus else ""
    entries = [
        *(_of_losses(view) if view.outcome is not None else []),
        *((f"line-{status}", say("key_line", lang, status=say(status, lang))) for status in lined),
        ("capital" if any(use == "capital" for use, _ in used) else "", say("key_capital", lang)),
        ("words" if rows else "", f"{say('key_share', lang)} {figures}"),
        ("focus" if view.focus else "", say("key_focus", lang)),
        ("words" if bold else "", say("key_named", lang, name=name)),
        ("sole" if any(card.sole for card in cards) else "", say("key_sole", lang)),
    ]
    return [(kind, words) for kind, words in entries if kind]


def _of_losses(view: View) -> list[tuple[str, str]]:
    lang, cards = view.lang, view.cards
    ends = [0, *(round(100 * most) for most, _, _ in STEPS)]
    steps = [(f"step{high}", f"{low}–{high} %") for low, high in pairwise(ends)]
    return [
        ("words", say("key_loss", lang)),
        ("step0", say("key_none", lang)),
        *steps,
        ("closed" if any(card.closed for card in cards) else "", say("key_shock", lang)),
        ("held" if any(card.held for card in cards) else "", say("key_control", lang)),
        ("live" if any(link.live for link in view.links) else "", say("key_live", lang)),
        ("words" if any(exposed(card) for card in cards) else "", say("key_tools", lang)),
    ]
