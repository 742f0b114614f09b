"""What ``info``, ``show`` and ``search`` say, as tables."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from chainnet.bundled import graphs_folder
from chainnet.commands._output import cited
from chainnet.errors import UsageError
from chainnet.makers import Maker, weakest
from chainnet.markets import as_of, markets
from chainnet.names import find_country, fold
from chainnet.network import SupplyNetwork
from chainnet.scenarios import parse_selector
from chainnet.schema import STATUSES
from chainnet.tables import records

_CARD = ["part", "item", "detail", "share", "low", "high", "year", "how", "status", "ref", "url"]
_NUMBERS = ["share", "low", "high", "year"]

_Row = dict[str, Any]


def info_table(network: SupplyNetwork, folder: str | None) -> pd.DataFrame:
    """Return what a graph holds.

    Parameters
    ----------
    network
        The graph.
    folder
        Its folder; None is the bundled graph of that name.

    Returns
    -------
    DataFrame
        ``part, item, value``; parts are graph, table, status and publisher.
    """
    tables = network.tables
    rows: list[tuple[str, str, object]] = [
        ("graph", "name", network.name),
        ("graph", "year", as_of(network)),
        (
            "graph",
            "licence",
            _licence(Path(folder) if folder else graphs_folder() / network.name.partition(" + ")[0]),
        ),
        ("graph", "sha256", network.digest),
    ]
    rows += [("table", name, len(table)) for name, table in tables.items()]
    for name, table in tables.items():
        if "status" in table.columns:
            counts = table["status"].value_counts()
            rows += [("status", f"{name}: {word}", int(counts.get(word, 0))) for word in STATUSES]
    publishers = network.references.set_index("ref")["publisher"]
    cites = [
        publishers.get(ref) or "no publisher named"
        for name, table in tables.items()
        if "ref" in table.columns and name != "references"
        for cell in table["ref"]
        for ref in cell.split(";")
    ]
    counted = (
        pd.Series(cites, dtype="str").value_counts().sort_index().sort_values(ascending=False, kind="stable")
    )
    rows += [("publisher", str(name), int(count)) for name, count in counted.items()]
    return pd.DataFrame(rows, columns=["part", "item", "value"])


def _licence(folder: Path) -> str:
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        names = [str(each.get("title") or each["name"]) for each in package["licenses"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        names = []
    return "; ".join(names) or "not stated in datapackage.json"


def found(network: SupplyNetwork, text: str) -> pd.DataFrame:
    """Return what bears a name that holds some text.

    Parameters
    ----------
    network
        The graph.
    text
        Part of a name or id, in any script.

    Returns
    -------
    DataFrame
        ``kind, id, name, name_ja, name_ko, also``: firms, products, partnerships, countries, regions.
    """
    wanted = fold(text)
    if not wanted:
        raise UsageError(f"{text!r} holds no letter or digit to look for.")
    columns = ["kind", "id", "name", "name_ja", "name_ko", "also"]
    rows = []
    for kind, table in (
        ("firm", network.firms),
        ("product", network.products),
        ("partnership", network.partnerships),
    ):
        for row in records(table):
            names = [row["name"], row.get("name_ja", ""), row.get("name_ko", ""), row.get("aliases", "")]
            if any(wanted in fold(name) for cell in (row[kind], *names) for name in cell.split(";")):
                rows.append((kind, row[kind], *names))
    code = find_country(text)
    rows += [("country", code, "", "", "", "")] if code else []
    regions = sorted({region for region in network.plants["region"] if wanted in fold(region)} - {""})
    rows += [("region", f"region/{region}", "", "", "", "") for region in regions]
    return pd.DataFrame(rows, columns=columns)


def card(network: SupplyNetwork, node: str, date: str | None) -> pd.DataFrame:
    """Return all about one thing in the graph, with its sources.

    Parameters
    ----------
    network
        The graph.
    node
        A firm, product, country, region, plant or partnership.
    date
        A year or date; None is the graph's own year.

    Returns
    -------
    DataFrame
        ``part, item, detail, share, low, high, year, how, status, ref, url``.

    Raises
    ------
    UnknownNameError
        Nothing bears that name.
    """
    rows = _Card(network, date).of(node)
    refs = [row["detail"] if row["item"] == "ref" else row.get("ref", "") for row in rows]
    rows += [
        {"part": "sources", "item": row["ref"], "detail": row["citation"], "url": row["url"]}
        for row in records(cited(network, refs))
    ]
    blank = {name: math.nan if name in _NUMBERS else "" for name in _CARD}
    return pd.DataFrame([{**blank, **row} for row in rows])


class _Card:
    """The rows of a card, before its sources."""

    def __init__(self, network: SupplyNetwork, date: str | None) -> None:
        self.network = network
        self.at = markets(network, date)

    def of(self, node: str) -> list[_Row]:
        if node in set(self.network.partnerships["partnership"]):
            return self._partnership(node)
        terms = parse_selector(node).resolve(self.network).terms
        if len(terms) > 1:
            raise UsageError(f"{node!r} is more than one thing. Show one firm, product, country or region.")
        kind, name = terms[0]
        kinds: dict[str, Callable[[str], list[_Row]]] = {
            "firm": self._firm,
            "product": self._product,
            "country": self._country,
            "hq": self._country,
        }
        return kinds[kind](name) if kind in kinds else self._plants(self._where("plants", kind, name))

    def _where(self, table: str, column: str, value: str) -> list[_Row]:
        frame = self.network.table(table)
        return records(frame[frame[column] == value])

    def _about(self, part: str, row: _Row) -> list[_Row]:
        """Return every filled cell of a row as a line."""
        facts = [(key, value) for key, value in row.items() if _filled(value)]
        return [{"part": part, "item": key, "detail": _short(value)} for key, value in facts]

    def _firm(self, firm: str) -> list[_Row]:
        plants = self._where("plants", "firm", firm)
        made = [product for product in self.network.products["product"] if product in _made(plants)]
        return [
            *self._about("firm", self._where("firms", "firm", firm)[0]),
            *self._plants(plants),
            *(need for product in made for need in self._needs("product", product, firm)),
            *self._trade("buys", self._where("sourcing", "buyer", firm)),
            *self._trade("sells", self._where("sourcing", "supplier", firm)),
            *self._partnerships("parties", firm),
        ]

    def _product(self, product: str) -> list[_Row]:
        about = self._about("product", self._where("products", "product", product)[0])
        members = self.network.families.get(product, ())
        market = self.at.market(product)
        makers = [
            self._maker("makers", maker, maker.firm or f"other makers ({maker.country})", maker.plant)
            for maker in sorted(market.makers, key=lambda maker: (-maker.share, maker.plant))
        ]
        if makers and market.unattributed > 0:
            makers.append({"part": "makers", "item": "unknown", "share": market.unattributed})
        makes = {maker.plant for maker in market.makers}
        others = [
            row
            for row in self._where("plants", "product", product)
            if row["plant"] not in makes and row["firm"]
        ]
        return [
            *about,
            *(
                {"part": "members", "item": member, "detail": self.network.label(member)}
                for member in members
            ),
            *makers,
            *self._plants(others, "not in production"),
            *self._needs("product", product),
            *self._needs("input", product),
            *self._trade("trade", self._where("sourcing", "product", product)),
        ]

    def _country(self, code: str) -> list[_Row]:
        rows: list[_Row] = [{"part": "country", "item": "code", "detail": code}]
        for product in self.network.products["product"]:
            here = [maker for maker in self.at.market(product).makers if maker.country == code]
            if here:
                rows.append(
                    {
                        "part": "makes",
                        "item": product,
                        "detail": ", ".join(dict.fromkeys(maker.firm or "other makers" for maker in here)),
                        "share": sum(maker.share for maker in here),
                        "status": weakest(maker.status for maker in here),
                        "ref": ";".join(dict.fromkeys(r for maker in here for r in maker.ref.split(";"))),
                    }
                )
        rows += [
            {
                "part": "firms",
                "item": row["firm"],
                "detail": f"{row['name']}, {row['kind']}",
                "ref": row["ref"],
            }
            for row in self._where("firms", "country", code)
        ]
        rows += self._trade("buys", self._where("sourcing", "buyer", code))
        rows += self._trade("sells", self._where("sourcing", "supplier", code))
        return rows + self._partnerships("countries", code)

    def _partnership(self, name: str) -> list[_Row]:
        effects = [
            {
                "part": "effects",
                "item": row["effect"],
                "detail": ", ".join(
                    f"{key} {_short(row[key])}"
                    for key in (
                        "firm",
                        "buyer",
                        "product",
                        "country",
                        "region",
                        "plant",
                        "days",
                        "factor",
                        "start",
                    )
                    if _filled(row[key])
                ),
                **{key: row[key] for key in ("share", "low", "high", "status", "ref")},
            }
            for row in self._where("effects", "partnership", name)
        ]
        return [*self._about("partnership", self._where("partnerships", "partnership", name)[0]), *effects]

    def _plants(self, rows: Iterable[_Row], part: str = "makes") -> list[_Row]:
        lines = []
        for row in rows:
            made = {maker.plant: maker for maker in self.at.market(row["product"]).makers}
            place = [row["plant"], row["site"] or row["region"], row["country"]]
            place += [row["role"]] if row["role"] != "production" else []
            place += [f"from {row['start']}"] if row["start"] else []
            detail = ", ".join(word for word in place if word)
            item = row["firm"] if part != "makes" else row["product"]
            if row["plant"] in made:
                lines.append(self._maker(part, made[row["plant"]], item, detail))
            else:
                known = {key: row[key] for key in ("share", "year", "status", "ref")}
                lines.append({"part": part, "item": item, "detail": detail, **known})
        return lines

    def _maker(self, part: str, maker: Maker, item: str, detail: str) -> _Row:
        where = detail if maker.country in detail.split(", ") else f"{detail}, {maker.country}"
        known = {"share": maker.share, "low": maker.low, "high": maker.high, "how": maker.step}
        return {
            "part": part,
            "item": item,
            "detail": where,
            **known,
            "status": maker.status,
            "ref": maker.ref,
        }

    def _needs(self, side: str, product: str, firm: str = "") -> list[_Row]:
        """Return what a product takes (side ``product``), or what it goes into (side ``input``)."""
        part, item = ("needs", "input") if side == "product" else ("goes into", "product")
        return [
            {
                "part": part,
                "item": row[item],
                "detail": _need(row, firm),
                "status": row["status"],
                "ref": row["ref"],
            }
            for row in self._where("needs", side, product)
            if not (firm and row["applies_to"]) or firm in row["applies_to"].split(";")
        ]

    def _trade(self, part: str, rows: Iterable[_Row]) -> list[_Row]:
        sides = {"buys": "from {supplier}", "sells": "to {buyer}", "trade": "{buyer} from {supplier}"}
        lines = []
        for row in rows:
            detail = f"{sides[part].format(**row)}, {row['state']}"
            detail += ", share of imports" if row["basis"] == "imports" else ""
            known = {key: row[key] for key in ("share", "year", "status", "ref")}
            lines.append({"part": part, "item": row["product"], "detail": detail, **known})
        return lines

    def _partnerships(self, column: str, name: str) -> list[_Row]:
        return [
            {
                "part": "partnerships",
                "item": row["partnership"],
                "detail": f"{row['name']}, {row['state']}",
                "ref": row["ref"],
            }
            for row in records(self.network.partnerships)
            if name in row[column].split(";")
        ]


def _need(row: _Row, firm: str) -> str:
    words = [f"for {row['product']}"] if firm else []
    words += [row["importance"] + (f" ({row['impact']:g})" if _filled(row["impact"]) else ""), row["use"]]
    words += [f"only {row['applies_to'].replace(';', ', ')}"] if row["applies_to"] and not firm else []
    words += [f"{row['cover_days']:g} days of stock"] if _filled(row["cover_days"]) else []
    words += [f"{row['qualification_days']:g} days to qualify"] if _filled(row["qualification_days"]) else []
    return ", ".join(words)


def _made(plants: Iterable[_Row]) -> set[str]:
    return {row["product"] for row in plants if row["role"] in ("production", "planned")}


def _filled(value: object) -> bool:
    return value != "" and not (isinstance(value, float) and math.isnan(value))


def _short(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)
