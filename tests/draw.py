"""Networks drawn in text, so that a test shows its network before its numbers.

Each line is one fact:

    tok@JPN -> resist 0.6        a firm with its country makes a product: share of the world
    tok@JPN -> resist            the same, share unknown; `/Fukushima` after the country: a region
    tok@JPN -> resist 0.6 hq     the share is booked by head office
    *@JPN -> resist 0.9          a country's own total
    resist => dram               making dram takes resist: critical, consumed
    gas => dram 0.3              important: output falls by 0.3 without it
    scanner => dram capital      a capital good
    resist in all_resist         a member of a family
    fab <- tok resist 0.5 2024   a purchase: share and year; without share: listed
    fab <- tok resist qualified  any of active, qualified, candidate, lapsed, imports
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import pandas as pd

from chainnet.network import SupplyNetwork
from chainnet.schema import TABLES
from chainnet.tables import empty_frame, typed_frame

YEAR = "2025"


def _is_number(word: str) -> bool:
    return bool(re.fullmatch(r"[0-9.]+", word))


def draw(text: str, **extra: list[dict[str, str]]) -> SupplyNetwork:
    """Build a checked network from a drawing; ``extra`` gives further rows by table."""
    return SupplyNetwork(drawn_tables(text, **extra), name="drawn") if extra else _drawn(text)


@lru_cache(maxsize=64)
def _drawn(text: str) -> SupplyNetwork:
    """A network never changes, so that a drawing is drawn once."""
    return SupplyNetwork(drawn_tables(text), name="drawn")


def drawn_tables(text: str, **extra: list[dict[str, str]]) -> dict[str, pd.DataFrame]:
    """Return the tables of a drawing."""
    rows: dict[str, list[dict[str, str]]] = {name: [] for name in TABLES}
    firms: dict[str, str] = {}
    products: dict[str, str] = {}
    for line in filter(None, (line.split("#")[0].strip() for line in text.splitlines())):
        if " -> " in line:
            _supply(line, rows, firms, products)
        elif " => " in line:
            _need(line, rows, products)
        elif " in " in line:
            member, family = line.split(" in ")
            products[member.strip()] = family.strip()
            products.setdefault(family.strip(), "")
        elif " <- " in line:
            _purchase(line, rows)
        else:
            raise ValueError(f"cannot read the line {line!r}")
    rows["firms"] = [{"firm": firm, "name": firm, "country": c, "kind": "idm"} for firm, c in firms.items()]
    rows["products"] = [
        {"product": p, "name": p, "family": family, "class": "device", "stage": "device", "definition": p}
        for p, family in products.items()
    ]
    rows["references"] = [{"ref": "test", "citation": "drawn in a test", "url": "judgement"}]
    for name, added in extra.items():
        rows[name] += added
    return {name: _frame(name, found) for name, found in rows.items()}


def _frame(name: str, rows: list[dict[str, str]]) -> pd.DataFrame:
    table = TABLES[name]
    if not rows:
        return _without_rows(name).copy()
    filled = []
    for row in rows:
        cells = dict.fromkeys(table.by_name, "")
        cells |= {column: "test" for column in ("ref",) if column in cells and name != "references"}
        cells |= {"status": "observed"} if "status" in cells else {}
        filled.append({**cells, **row})
    frame, faults = typed_frame([(k + 2, row) for k, row in enumerate(filled)], table)
    assert not faults, faults
    return frame


@cache
def _without_rows(name: str) -> pd.DataFrame:
    return empty_frame(TABLES[name])


def _supply(
    line: str, rows: dict[str, list[dict[str, str]]], firms: dict[str, str], products: dict[str, str]
) -> None:
    who, what = line.split(" -> ")
    firm, place = who.strip().split("@")
    country, _, region = place.partition("/")
    product, *words = what.split()
    products.setdefault(product, "")
    if firm != "*":
        firms.setdefault(firm, country)
    share = next((word for word in words if _is_number(word)), "")
    figure = {
        "share": share,
        "share_of": "hq" if "hq" in words else "location",
        "basis": "revenue",
        "year": YEAR,
    }
    start = next((word.removeprefix("from") for word in words if word.startswith("from")), "")
    name = f"{firm if firm != '*' else country.lower()}-{product}"
    number = sum(row["plant"].split("+")[0] == name for row in rows["plants"])
    row = {
        "plant": f"{name}+{number}".replace("+", ".") if number else name,
        "firm": firm if firm != "*" else "",
        "product": product,
        "country": country,
        "region": region,
        "role": next((word for word in words if word in ("rd", "service", "planned")), "production"),
        "start": start,
    }
    rows["plants"].append(row | (figure if share else {}))


def _need(line: str, rows: dict[str, list[dict[str, str]]], products: dict[str, str]) -> None:
    source, target = line.split(" => ")
    product, *words = target.split()
    products.setdefault(source.strip(), "")
    products.setdefault(product, "")
    impact = next((word for word in words if _is_number(word)), "")
    rows["needs"].append(
        {
            "product": product,
            "input": source.strip(),
            "importance": "important" if impact else "critical",
            "impact": impact,
            "use": "capital" if "capital" in words else "consumed",
            "group": next((word.removeprefix("group:") for word in words if word.startswith("group:")), ""),
            "applies_to": next((word.removeprefix("for:") for word in words if word.startswith("for:")), ""),
        }
    )


def _purchase(line: str, rows: dict[str, list[dict[str, str]]]) -> None:
    buyer, what = line.split(" <- ")
    supplier, product, *words = what.split()
    numbers = [word for word in words if _is_number(word)]
    share = next((number for number in numbers if not re.fullmatch(r"(19|20)\d\d", number)), "")
    year = next((number for number in numbers if re.fullmatch(r"(19|20)\d\d", number)), YEAR)
    rows["sourcing"].append(
        {
            "buyer": buyer.strip(),
            "product": product,
            "supplier": supplier,
            "share": share,
            "basis": "imports" if "imports" in words else "purchases",
            "state": next((w for w in words if w in ("qualified", "candidate", "lapsed")), "active"),
            "year": year,
        }
    )
