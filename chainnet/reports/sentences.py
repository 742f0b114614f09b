"""The answer of a report: five sentences made from the numbers."""

from __future__ import annotations

import re
from typing import Literal

import pandas as pd

from chainnet.figures.words import Lang, country_name, minus, percent, say
from chainnet.network import SupplyNetwork
from chainnet.reports.facts import Days, Subject, half_in_one_country, reliance, stops
from chainnet.reports.words import listed, tell
from chainnet.tables import records

_OTHERS = re.compile(r"other makers \((\w+)\)")
_ALIKE = re.compile(r"(\d+) alike")


def subject_name(subject: Subject, lang: Lang) -> str:
    """Return what the subject of a report is called.

    Parameters
    ----------
    subject
        Whom it is about.
    lang
        Language.

    Returns
    -------
    str
        Plain text.
    """
    if subject.kind == "all":
        return tell("everything", lang)
    return path_name(subject.network, subject.name, lang)


def path_name(network: SupplyNetwork, path: str, lang: Lang, *, of: str = "") -> str:
    """Return what a target or path such as ``samsung:dram`` is called.

    Parameters
    ----------
    network
        The network.
    path
        Firms, countries and products, joined by colons.
    lang
        Language.
    of
        The part that goes without saying.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> import chainnet as cn
    >>> path_name(cn.load("japan-korea"), "KOR:dram", "ja", of="KOR")
    'DRAM'
    """
    parts = [part for part in path.split(":") if part != of]
    return " ".join(
        country_name(part, lang) if part.isupper() else network.label(part, lang) for part in parts
    )


def supplier_name(network: SupplyNetwork, supplier: str, lang: Lang) -> str:
    """Return what a supplier in a row of :func:`chainnet.dependence` is called.

    Parameters
    ----------
    network
        The network.
    supplier
        Such as ``tok``, ``agc / hoya``, ``4 alike`` or ``other makers (JPN)``.
    lang
        Language.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> import chainnet as cn
    >>> supplier_name(cn.load("japan-korea"), "agc / hoya", "en")
    'AGC / HOYA'
    """
    alike = _ALIKE.fullmatch(supplier)
    if alike:
        return tell("alike", lang, n=alike[1])
    return " / ".join(_seller(network, part, lang) for part in supplier.split(" / "))


def _seller(network: SupplyNetwork, name: str, lang: Lang) -> str:
    others = _OTHERS.fullmatch(name)
    if others:
        return f"{say('others', lang)}, {country_name(others[1], lang)}"
    return network.label(name, lang)


def answer(subject: Subject, lang: Lang, what: tuple[pd.DataFrame, Days] | None = None) -> tuple[str, ...]:
    """Return the answer in five sentences; in fewer, if it needs nothing.

    Parameters
    ----------
    subject
        Whom it is about.
    lang
        Language.
    what
        With a scenario: what :func:`chainnet.reports.facts.losses` and
        :func:`chainnet.reports.facts.days` say.

    Returns
    -------
    tuple of str
        Sentences, plain text.

    Examples
    --------
    >>> import chainnet as cn
    >>> from chainnet.reports.facts import subject_of
    >>> net = cn.load("japan-korea")
    >>> answer(subject_of(net, "sk_hynix"), "en")[1]
    'With nobody stepping in, ... of SK hynix (95 % of output or more): NAMICS (HBM).'
    """
    happens = [] if what is None else [depends(subject, what[0], lang), day_by_day(subject, what[1], lang)]
    if subject.rows.empty:
        return (*happens, tell("no_inputs", lang, name=subject_name(subject, lang)))
    always = [] if happens else [concentrated(subject, lang), stopped(subject, "country", lang)]
    alone, firms = single(subject, lang), stopped(subject, "firm", lang)
    sentences = (*happens, alone, firms, *always, unknown(subject, lang))
    # A name of the data is written as it is; "the chain as a whole" begins a sentence with a capital.
    return tuple(text[0].upper() + text[1:] if subject.kind == "all" else text for text in sentences)


def single(subject: Subject, lang: Lang) -> str:
    """Say on whom it is known to rely alone."""
    name, network = subject_name(subject, lang), subject.network
    found = reliance(subject.rows)
    names = []
    for row in records(found.known):
        marks = [supplier_name(network, row["supplier"], lang)]
        marks += [tell("sole", lang)] if row["source"] == "sole" else [percent(row["share"])]
        marks += [tell("tool", lang)] if row["use"] == "capital" else []
        names.append(f"{network.label(row['input'], lang)} ({', '.join(marks)})")
    key = "single" if names else "single_none"
    told = {"name": name, "n": found.inputs, "k": len(names), "m": found.maybe}
    return tell(key, lang, names=listed(names, lang), **told)


def stopped(subject: Subject, by: Literal["firm", "country"], lang: Lang) -> str:
    """Say whose closure alone stops what it makes."""
    found = stops(subject, by)
    network, name = subject.network, subject_name(subject, lang)

    def closes(closure: str) -> str:
        return country_name(closure, lang) if by == "country" else network.label(closure, lang)

    def target(path: str) -> str:
        return path_name(network, path, lang, of=subject.name if subject.kind != "product" else "")

    one = "_one" if subject.kind == "product" and found.targets == 1 else ""
    if found.found:
        names = [
            closes(closure)
            if one
            else f"{closes(closure)} {len(targets)}"
            if by == "country"
            else f"{closes(closure)} ({listed([target(path) for path in targets], lang, 3)})"
            for closure, targets in found.found.items()
        ]
        return tell(f"stops_{by}{one}", lang, name=name, n=found.targets, names=listed(names, lang))
    if found.worst is None:
        key = "stops_firm_all_none" if (subject.kind, by) == ("all", "firm") else "untouched"
        return tell(key, lang, name=name)
    closure, path, loss = found.worst
    told = {"name": name, "n": found.targets, "loss": percent(loss), "product": target(path)}
    return tell(f"stops_{by}{one}_none", lang, closure=closes(closure), **told)


def concentrated(subject: Subject, lang: Lang) -> str:
    """Say how far the world's output of its inputs comes from one country."""
    inputs = sorted(set(subject.rows["input"]))
    n, leaders = half_in_one_country(subject.network, inputs)
    if not leaders:
        return tell("half_none", lang, n=n)
    ordered = sorted(leaders.items(), key=lambda item: (-item[1], item[0]))
    names = [f"{country_name(code, lang)} {count}" for code, count in ordered]
    return tell("half", lang, n=n, k=sum(leaders.values()), names=listed(names, lang))


def depends(subject: Subject, losses: pd.DataFrame, lang: Lang) -> str:
    """Say what the scenario takes if nobody steps in."""
    name = subject_name(subject, lang)
    if losses.empty:
        return tell("depends_none", lang, name=name)
    names = [
        f"{path_name(subject.network, row['name'], lang, of=_own(subject))} {minus(row['loss'])}"
        for row in records(losses)
    ]
    return tell("depends", lang, name=name, names=listed(names, lang, 5))


def _own(subject: Subject) -> str:
    """Return what goes without saying in the names of what a subject makes."""
    return subject.name if subject.kind in ("firm", "country") else ""


def day_by_day(subject: Subject, days: Days, lang: Lang) -> str:
    """Say what the scenario takes day by day."""
    told = {"name": subject_name(subject, lang), "days": days.run.days, "n": len(days.drawn)}
    if days.lost.empty:
        return tell("days_none", lang, falling=days.falling, **told)
    falls = days.lost[days.lost["time_to_survive"].notna()]
    row = records(falls if len(falls) else days.lost)[0]
    told |= {
        "product": path_name(subject.network, row["name"], lang, of=_own(subject)),
        "peak": minus(row["peak_loss"]),
    }
    told |= {
        key: f"{row[column]:.1f}" for key, column in (("lost", "days_lost"), ("low", "low"), ("high", "high"))
    }
    if falls.empty:
        return tell("days_mild", lang, **told)
    return tell("days_hit", lang, day=f"{row['time_to_survive']:.0f}", **told)


def unknown(subject: Subject, lang: Lang) -> str:
    """Say how much of who supplies whom is not known."""
    rows = subject.rows
    counts = {
        "own": int((rows["step"] == 1).sum()),
        "world": int((rows["step"] == 5).sum()),
        "assumed": int((rows["status"] == "assumed").sum()),
    }
    return tell("unknown", lang, n=len(rows), **counts)
