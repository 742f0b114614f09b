"""What a picture tells on hover, in its note and in the table beneath: plain text, escaped elsewhere."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence

import pandas as pd

from chainnet.figures.sources import cited, data_line, references, rows_of, years
from chainnet.figures.views import Card, Link, Row, View
from chainnet.figures.words import Lang, country_name, hedged, minus, percent, say
from chainnet.network import SupplyNetwork
from chainnet.scenarios import Control, Scenario, Selector, Shock

_WIDE, _SOURCES = 62, 3
_ORDER = ("country", "hq", "region", "plant", "firm", "product")


def tell_card(view: View, card: Card) -> list[str]:
    """Return what is told of a product, line by line."""
    lang = view.lang
    lines = [card.label, *_original(view, card.key, card.label)]
    lines += textwrap.wrap(card.definition, _WIDE)[:4]
    if card.firm:
        home = country_name(view.network.home[card.key], lang)
        return [*lines, home, *(f"{row.label}: {hedged(row.share, row.status)}" for row in card.rows[:20])]
    if card.sole:
        lines.append(say("sole", lang, name=card.sole.label or country_name(card.sole.key, lang)))
    elif card.rows:
        lines.append(say("maker" if len(card.rows) == 1 else "makers", lang, n=len(card.rows)))
    else:
        lines.append(say("no_makers", lang))
    return [*lines, *_harm(view, card.loss, card.exposure), *_sources(view, card.ref.split(";"))]


def tell_row(view: View, card: Card, row: Row) -> list[str]:
    """Return what is told of a maker of a product, line by line."""
    lang = view.lang
    name = row.label or f"{say('others', lang)}, {country_name(row.key, lang)}"
    lines = [f"{name} – {card.label}", *(_original(view, row.key, row.label) if row.label else [])]
    if row.countries:
        places = ", ".join(country_name(code, lang) for code in row.countries)
        lines.append(say("made_in", lang, value=places))
    lines += _figure(view, row)
    if row.named and view.focus:
        lines.append(say("named", lang, name=view.network.label(view.focus[1], lang)))
    lines += _harm(view, row.loss, row.exposure)
    if row.closed:
        lines.append(say("closed", lang))
    elif row.loss > 1e-9:
        lines += _because(view, row)
    return [*lines, *_sources(view, row.refs)]


def tell_rest(view: View, card: Card, rest: Sequence[Row]) -> list[str]:
    """Return what is told of the makers for which a box has no line."""
    lang = view.lang
    names = [
        f"{row.label or say('others', lang)} ({', '.join(row.countries)}) {hedged(row.share, row.status)}"
        + (f", {minus(row.loss)}" if row.loss > 1e-9 else "")
        for row in rest
    ]
    more = [f"… {say('more', lang, n=len(names) - 15)}"] if len(names) > 15 else []
    return [f"{card.label}: {say('more', lang, n=len(rest))}", *names[:15], *more]


def tell_link(view: View, link: Link) -> list[str]:
    """Return what is told of a need, line by line."""
    lang, network = view.lang, view.network
    lines = [f"{network.label(link.source, lang)} → {network.label(link.target, lang)}"]
    for need in link.needs[:5]:
        words = ", ".join(say(need[key], lang) for key in ("importance", "use", "status"))
        whole = (need["input"], need["product"]) == (link.source, link.target)
        what = (
            say("need", lang)
            if whole
            else " → ".join(network.label(need[k], lang) for k in ("input", "product"))
        )
        lines.append(f"{what}: {words}")
        if not math.isnan(need["impact"]):
            lines.append(say("impact", lang, value=percent(need["impact"])))
        if not math.isnan(need["cover_days"]):
            lines.append(say("cover", lang, value=need["cover_days"]))
        if need["applies_to"]:
            names = ", ".join(network.label(firm, lang) for firm in need["applies_to"].split(";"))
            lines += textwrap.wrap(say("only", lang, value=names), _WIDE)[:3]
    lines += [f"… (+{len(link.needs) - 5})"] if len(link.needs) > 5 else []
    refs = sorted({ref for need in link.needs for ref in need["ref"].split(";")})
    return [*lines, *_sources(view, refs)]


def _original(view: View, node: str, label: str) -> list[str]:
    """Return the English name, where the label is not it."""
    english = view.network.label(node, "en")
    return [english] if english != label else []


def _figure(view: View, row: Row) -> list[str]:
    lang = view.lang
    if row.share <= 1e-9:
        return [say("share", lang, value=say("unknown", lang))]
    words = [hedged(row.share, row.status), say(row.status, lang)]
    bases = {facts["basis"] for facts in rows_of(view.network, row.makers) if facts["basis"]}
    words += [say(f"basis_{basis}", lang) for basis in sorted(bases)]
    words += [say("year", lang, value=year) for year in years(view.network, row.makers)[-1:]]
    lines = [say("share", lang, value=", ".join(words))]
    if row.high - row.low > 1e-9:
        lines.append(say("bounds", lang, low=percent(row.low), high=percent(row.high)))
    steps = sorted({maker.step for maker in row.makers} - {"figure", "other makers"})
    lines += [say(f"step_{step}", lang) for step in steps]
    if any(not maker.placed for maker in row.makers):
        lines.append(say("placed", lang))
    return lines


def _sources(view: View, refs: Iterable[str]) -> list[str]:
    known = references(view.network)
    found = [known[ref] for ref in refs if ref in known]
    lines = []
    for row in found[:_SOURCES]:
        judged = row["url"] == "judgement"
        words = say("judgement", view.lang) if judged else str(row["citation"])
        lines += textwrap.wrap(
            say("source", view.lang, value=textwrap.shorten(words, 150, placeholder=" …")), _WIDE
        )
    return lines


def _harm(view: View, loss: float, exposure: float) -> list[str]:
    if view.outcome is None:
        return []
    lines = [say("loss", view.lang, value=percent(loss))]
    if exposure > 1e-9:
        lines.append(say("exposure", view.lang, value=percent(exposure)))
    return lines


def _because(view: View, row: Row) -> list[str]:
    if view.outcome is None:
        return []
    plants = view.outcome.plants
    own = plants[plants["plant"].isin([maker.plant for maker in row.makers]) & plants["through"].ne("")]
    names = [view.network.label(name, view.lang) for name in sorted(set(own["through"]))]
    return [say("through", view.lang, value=", ".join(names))] if names else []


def listing(view: View, *, brief: bool = False) -> pd.DataFrame:
    """Return the figures of a picture as a table, a row for each maker of each product.

    Parameters
    ----------
    view
        What is shown.
    brief
        Name the publishers of the sources only: for a page that has the sources elsewhere.

    Returns
    -------
    DataFrame
        Columns are named in the language of the view; what a shock does is there if there is one.

    Examples
    --------
    >>> import chainnet as cn
    >>> from chainnet.figures.views import pick
    >>> view = pick(cn.load("japan-korea"), focus="euv_scanner", depth=1)
    >>> list(listing(view).columns)[:3]
    ['Stage', 'Product', 'Maker']
    """
    columns = ["stage", "product", "maker", "country"]
    columns += ["loss", "exposure"] if view.outcome is not None else []
    columns += ["share", "low", "high", "status", "year", "source"]
    cards = sorted(view.cards, key=lambda card: (-card.loss, -card.exposure, card.label))
    rows = [_listed(view, card, row, brief=brief) for card in cards for row in card.rows]
    table = pd.DataFrame(rows, columns=columns)
    return table.rename(columns={name: say(f"col_{name}", view.lang) for name in columns})


def _listed(view: View, card: Card, row: Row, *, brief: bool) -> dict[str, str]:
    lang = view.lang
    maker = row.label or say("others", lang)
    known = row.share > 1e-9
    return {
        "stage": say(card.stage, lang),
        "product": maker if card.firm else card.label,
        "maker": card.label if card.firm else maker,
        "country": ", ".join(country_name(code, lang) for code in row.countries),
        "loss": percent(row.loss),
        "exposure": percent(row.exposure),
        "share": percent(row.share) if known else "–",
        "low": percent(row.low) if known else "–",
        "high": percent(row.high) if known else "–",
        "status": say(row.status, lang),
        "year": ", ".join(str(year) for year in years(view.network, row.makers)[-1:]),
        "source": publishers(view.network, row.refs, lang)
        if brief
        else "; ".join(cited(view.network, row.refs, lang)),
    }


def publishers(network: SupplyNetwork, refs: Iterable[str], lang: Lang) -> str:
    """Return who published some references; what they are, where nobody is named.

    Parameters
    ----------
    network
        The network.
    refs
        References.
    lang
        Language.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> import chainnet as cn
    >>> publishers(cn.load("japan-korea"), ["judgement", "agc-multimaterial-0bc98b"], "en")
    'judgement of the authors; AGC'
    """
    known = references(network)
    rows = [known[ref] for ref in refs if ref in known]
    names = [
        say("judgement", lang) if row["url"] == "judgement" else row["publisher"] or row["citation"]
        for row in rows
    ]
    return "; ".join(dict.fromkeys(names))


def note(view: View) -> str:
    """Return what a reader must know of a picture, a paragraph a line.

    Parameters
    ----------
    view
        What is shown.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> import chainnet as cn
    >>> from chainnet.figures.views import pick
    >>> view = pick(cn.load("japan-korea"), focus="euv_scanner", depth=1)
    >>> note(view).startswith("Shown: ")
    True
    """
    lang, network = view.lang, view.network
    lines = []
    if view.outcome is not None:
        worst = sorted(
            (card for card in view.cards if card.loss > 1e-9), key=lambda card: (-card.loss, card.key)
        )
        names = ", ".join(f"{card.label} {minus(card.loss)}" for card in worst[:6])
        lines += [say("largest", lang, names=names)] if names else []
        lines.append(say("structural", lang))
    shown = {
        "products": len(view.cards),
        "all": len(network.products),
        "needs": len(view.links),
        "rows": sum(len(card.rows) for card in view.cards),
    }
    lines.append(say("shown", lang, **shown))
    if view.families:
        lines.append(say("families", lang, names=", ".join(network.label(f, lang) for f in view.families)))
    lines.append(say("statuses", lang))
    lines.append(data_line(network, lang))
    return "\n".join(lines)


def title(view: View) -> str:
    """Return the title of a picture.

    Parameters
    ----------
    view
        What is shown.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> import chainnet as cn
    >>> from chainnet.figures.views import pick
    >>> view = pick(cn.load("japan-korea"), focus="euv_scanner", depth=1)
    >>> title(view).endswith("what it needs, and who needs it")
    True
    """
    if view.outcome is not None:
        return say("title_shock", view.lang, name=happening(view.network, view.outcome.scenario, view.lang))
    if view.focus is not None:
        return say("title_focus", view.lang, name=view.network.label(view.focus[1], view.lang))
    return say("title_all", view.lang)


def happening(network: SupplyNetwork, scenario: Scenario, lang: Lang) -> str:
    """Return what happens in a scenario, in words.

    Parameters
    ----------
    network
        The network.
    scenario
        The scenario, with its names looked up.
    lang
        ``en``, ``ja`` or ``ko``.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> happening(net, cn.Scenario.parse("JPN>KOR:hf_liquid", "tel=0.5").resolve(net), "en")
    'Tokyo Electron (−50 %) + Japan → Korea: Semiconductor-grade hydrofluoric acid'
    """
    events: list[Shock | Control] = [*scenario.shocks, *scenario.controls]
    return " + ".join(_event(network, event, lang) for event in events)


def _event(network: SupplyNetwork, event: Shock | Control, lang: Lang) -> str:
    if isinstance(event, Shock):
        left = f" ({minus(1 - event.capacity)})" if event.capacity else ""
        return _selector(network, event.selector, lang) + left
    product = f": {network.label(event.product, lang)}" if event.product else ""
    sides = (_selector(network, side, lang) for side in (event.exporter, event.importer))
    left = f" ({minus(1 - event.passes)})" if event.passes else ""
    return " → ".join(sides) + product + left


def _selector(network: SupplyNetwork, selector: Selector, lang: Lang) -> str:
    terms = sorted(selector.terms, key=lambda term: _ORDER.index(term[0]))
    return " · ".join(_term(network, kind, name, lang) for kind, name in terms)


def _term(network: SupplyNetwork, kind: str, name: str, lang: Lang) -> str:
    if kind in ("country", "hq"):
        return country_name(name, lang) + (" (HQ)" if kind == "hq" else "")
    return network.label(name, lang) if kind in ("firm", "product") else name
