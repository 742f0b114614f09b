"""The tables of a report, in its language."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from chainnet._version import __version__
from chainnet.concentrations import concentration
from chainnet.figures.telling import publishers
from chainnet.figures.words import Lang, country_name, percent, say
from chainnet.network import SupplyNetwork
from chainnet.reports.facts import DRAWINGS, LEAST_DAYS, Days, Subject
from chainnet.reports.sentences import path_name, supplier_name
from chainnet.reports.words import tell
from chainnet.scenarios import Scenario
from chainnet.tables import records

#: What matters most stands on top of the table of suppliers.
_ORDER = {"sole": 0, "single": 1, "possible": 2, "own": 3, "": 4}


def _titled(rows: Iterable[Mapping[str, object]], columns: Sequence[str], lang: Lang) -> pd.DataFrame:
    table = pd.DataFrame(list(rows), columns=list(columns), dtype="object")
    return table.rename(columns={name: tell(f"col_{name}", lang) for name in columns})


def suppliers(subject: Subject, lang: Lang) -> pd.DataFrame:
    """Return who supplies each input, and how far that is known.

    Parameters
    ----------
    subject
        Whom the report is about.
    lang
        Language.

    Returns
    -------
    DataFrame
        A row for each product and input; sole and single sources first.
    """
    network = subject.network
    world = concentration(network, by="country").set_index("product")
    rows = subject.rows
    order = rows.assign(rank=rows["source"].map(_ORDER), less=-rows["low"])
    order = order.sort_values(["rank", "less", "makes", "input"], kind="stable")
    columns = ["buyer", "makes", "input", "supplier", "share", "low", "high", "alone", "importance", "use"]
    columns += ["country", "world", "step", "status", "source"]
    cells = []
    for row in records(order):
        leader = world.loc[row["input"]] if row["input"] in world.index else None
        cells.append(
            {
                "buyer": path_name(network, row["buyer"], lang),
                "makes": network.label(row["makes"], lang),
                "input": network.label(row["input"], lang),
                "supplier": supplier_name(network, row["supplier"], lang),
                **{key: percent(row[key]) for key in ("share", "low", "high")},
                "alone": tell(f"is_{row['source']}", lang) if row["source"] else "",
                "importance": say(row["importance"], lang),
                "use": tell(row["use"], lang),
                "country": _countries(str(leader["leader"]), lang) if leader is not None else "",
                "world": percent(float(leader["cr1"])) if leader is not None else "–",
                "step": row["step"],
                "status": say(row["status"], lang),
                "source": publishers(network, row["ref"].split(";"), lang),
            }
        )
    if subject.kind in ("firm", "country"):
        columns.remove("buyer")
    return _titled(cells, columns, lang)


def _countries(leader: str, lang: Lang) -> str:
    if leader.endswith(" alike"):
        return tell("alike", lang, n=leader.removesuffix(" alike"))
    return " / ".join(country_name(code, lang) for code in leader.split(" / "))


def day_sheet(subject: Subject, losses: pd.DataFrame, days: Days, lang: Lang) -> pd.DataFrame:
    """Return what a scenario takes from a subject, product by product.

    Parameters
    ----------
    subject
        Whom the report is about.
    losses, days
        What the two models say.
    lang
        Language.

    Returns
    -------
    DataFrame
        A row for each of its products that loses something in either model, or may.
    """
    structural = dict(zip(losses["name"], losses["loss"], strict=True))
    columns = ["name", "loss", "day", "peak", "back", "lost", "lost_low", "lost_high"]
    # Adding 0.0 makes a rounded -0.0 plain.
    cells = [
        {
            "name": path_name(subject.network, row["name"], lang),
            "loss": percent(structural.get(row["name"], 0.0)),
            "day": _whole(row["time_to_survive"]),
            "peak": percent(row["peak_loss"]),
            "back": _whole(row["time_to_recover"]),
            "lost": round(row["days_lost"], 1) + 0.0,
            "lost_low": round(row["low"], 1) + 0.0,
            "lost_high": round(row["high"], 1) + 0.0,
        }
        for row in records(days.table)
        if row["name"] in structural or max(abs(row["days_lost"]), abs(row["high"])) > LEAST_DAYS
    ]
    return _titled(cells, columns, lang)


def _whole(number: float) -> object:
    return "–" if math.isnan(number) else int(number)


def parameter_rows(network: SupplyNetwork, products: Iterable[str]) -> pd.DataFrame:
    """Return the times and rates that the days of some products rest on.

    Parameters
    ----------
    network
        The network.
    products
        Products that are hit: what is told of others is left out.

    Returns
    -------
    DataFrame
        Rows of the table of parameters.
    """
    hit = {"", *products}
    hit |= {family for family, members in network.families.items() if hit & set(members)}
    table = network.parameters
    return table[table["product"].isin(hit)]


def parameter_sheet(network: SupplyNetwork, rows: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Return the times and rates that the days rest on, in words.

    Parameters
    ----------
    network
        The network.
    rows
        What :func:`parameter_rows` returned.
    lang
        Language.

    Returns
    -------
    DataFrame
        A row for each.
    """
    columns = ["parameter", "of", "value", "low", "high", "unit", "status", "source"]
    cells = [
        {
            "parameter": tell(row["parameter"], lang),
            "of": network.label(row["product"], lang),
            **{key: "–" if math.isnan(row[key]) else f"{row[key]:g}" for key in ("value", "low", "high")},
            "unit": tell("days", lang) if row["unit"] == "days" else row["unit"],
            "status": say(row["status"], lang),
            "source": publishers(network, row["ref"].split(";"), lang),
        }
        for row in records(rows)
    ]
    return _titled(cells, columns, lang)


def source_sheet(network: SupplyNetwork, refs: Iterable[str], lang: Lang) -> pd.DataFrame:
    """Return the references of a report.

    Parameters
    ----------
    network
        The network.
    refs
        Cells of columns ``ref``.
    lang
        Language.

    Returns
    -------
    DataFrame
        Source, publisher, year and address of each, by their names.
    """
    used = {ref for cell in refs for ref in cell.split(";")}
    cells = [
        {
            "source": row["citation"],
            "publisher": row["publisher"],
            "year": _whole(row["year"]),
            "address": say("judgement", lang) if row["url"] == "judgement" else row["url"],
        }
        for row in records(network.references)
        if row["ref"] in used
    ]
    return _titled(cells, ["source", "publisher", "year", "address"], lang)


def manifest(subject: Subject, scenario: Scenario | None, lang: Lang) -> pd.DataFrame:
    """Return how a report was made: the same gives the same.

    Parameters
    ----------
    subject
        Whom it is about.
    scenario
        What happens; None: nothing.
    lang
        Language.

    Returns
    -------
    DataFrame
        Two columns, item and value.
    """
    network = subject.network
    licences = sorted({row["licence"] for row in records(network.references) if row["licence"]})
    items = {
        "graph": network.name,
        "sha256": network.digest,
        "version": __version__,
        "focus": subject.name or tell("none", lang),
        "scenario": _written(scenario) if scenario else tell("none", lang),
        "lang": lang,
        "seed": f"{DRAWINGS}, 0" if scenario else tell("none", lang),
        "licence": "; ".join(licences) or say("licence_none", lang),
    }
    cells = [{"item": tell(f"m_{key}", lang), "value": value} for key, value in items.items()]
    return _titled(cells, ["item", "value"], lang)


def _written(scenario: Scenario) -> str:
    """Return a scenario as it is asked for: its identifier, or its shocks."""
    return scenario.id or " ".join(str(event) for event in (*scenario.shocks, *scenario.controls))
