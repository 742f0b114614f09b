"""A small graph with one of everything, for tests that read files or print; `draw` draws the others.

jpn 0.9 ── acid ── resist_euv ──────────────┐          resist_euv is a member of resist_all
           jpn 0.8: tok 0.6, rest 0.2 ──────┤
           sun (KOR, unknown) ──────────────┤
airco (USA) 0.7 ── gas (important, 0.3) ────┼── chip: han (KOR) 0.6, nag (JPN) 0.3,
lith (NLD) 1.0 ── scanner (capital) ────────┘         han_jp (JPN, planned)

han <- tok resist_euv 0.8 2024      numeric        nag <- sun resist_euv   candidate
han <- sun resist_euv               listed         KOR <- JPN acid 0.9     imports

han-in-japan (proposed): adds han_jp with 0.1 of the chips, qualifies sun at nag with 0.3
old-talks (lapsed): changes nothing
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from chainnet.datasets import package_text
from chainnet.network import SupplyNetwork
from chainnet.schema import TABLES
from chainnet.tables import table_csv, typed_frame

Rows = list[dict[str, str]]

FIRMS: Rows = [
    {
        "firm": "tok",
        "name": "Tokyo Resist",
        "name_ja": "東京レジスト",
        "name_ko": "도쿄레지스트",
        "aliases": "TRC;トーレジ",
        "country": "JPN",
        "kind": "material",
        "hq_city": "Kawasaki",
    },
    {"firm": "sun", "name": "Sun Chemical", "name_ko": "선케미칼", "country": "KOR", "kind": "material"},
    {"firm": "airco", "name": "Air Company", "country": "USA", "kind": "material"},
    {"firm": "lith", "name": "Lithograaf", "country": "NLD", "kind": "equipment"},
    {
        "firm": "han",
        "name": "Hanbit Semiconductor",
        "name_ja": "ハンビット",
        "name_ko": "한빛반도체",
        "country": "KOR",
        "kind": "idm",
    },
    {"firm": "nag", "name": "Nagai Devices", "name_ja": "永井デバイス", "country": "JPN", "kind": "idm"},
]

PRODUCTS: Rows = [
    {"product": "acid", "name": "Generator acid", "class": "raw_material", "stage": "raw"},
    {"product": "resist_all", "name": "Photoresist", "name_ja": "フォトレジスト", "class": "material"},
    {
        "product": "resist_euv",
        "name": "EUV photoresist",
        "name_ko": "EUV 포토레지스트",
        "family": "resist_all",
        "class": "material",
    },
    {"product": "gas", "name": "Etching gas", "class": "material"},
    {"product": "scanner", "name": "Scanner", "class": "equipment", "stage": "equipment"},
    {"product": "chip", "name": "Chip", "class": "device", "stage": "device", "utilisation": "0.9"},
]

PLANTS: Rows = [
    {"plant": "jpn-acid", "product": "acid", "country": "JPN", "share": "0.9"},
    {"plant": "jpn-resist_euv", "product": "resist_euv", "country": "JPN", "share": "0.8"},
    {
        "plant": "tok-resist_euv",
        "firm": "tok",
        "product": "resist_euv",
        "country": "JPN",
        "region": "Fukushima",
        "lat": "37.4",
        "lon": "140.4",
        "share": "0.6",
        "status": "estimated",
    },
    {"plant": "sun-resist_euv", "firm": "sun", "product": "resist_euv", "country": "KOR"},
    {"plant": "airco-gas", "firm": "airco", "product": "gas", "country": "USA", "share": "0.7"},
    {"plant": "lith-scanner", "firm": "lith", "product": "scanner", "country": "NLD", "share": "1"},
    {
        "plant": "han-chip",
        "firm": "han",
        "product": "chip",
        "country": "KOR",
        "region": "Gyeonggi",
        "share": "0.6",
    },
    {
        "plant": "nag-chip",
        "firm": "nag",
        "product": "chip",
        "country": "JPN",
        "region": "Kumamoto",
        "share": "0.3",
        "start": "2001",
    },
    {
        "plant": "han_jp-chip",
        "firm": "han",
        "product": "chip",
        "country": "JPN",
        "region": "Miyagi",
        "role": "planned",
        "start": "2030",
        "status": "assumed",
        "ref": "judgement",
    },
]

NEEDS: Rows = [
    {"product": "resist_euv", "input": "acid"},
    {"product": "chip", "input": "resist_euv", "cover_days": "30", "qualification_days": "365"},
    {
        "product": "chip",
        "input": "gas",
        "importance": "important",
        "impact": "0.3",
        "impact_low": "0.2",
        "impact_high": "0.5",
        "status": "assumed",
        "ref": "judgement",
    },
    {"product": "chip", "input": "scanner", "use": "capital"},
]

SOURCING: Rows = [
    {"buyer": "han", "product": "resist_euv", "supplier": "tok", "share": "0.8", "year": "2024"},
    {"buyer": "han", "product": "resist_euv", "supplier": "sun"},
    {"buyer": "nag", "product": "resist_euv", "supplier": "sun", "state": "candidate"},
    {"buyer": "KOR", "product": "acid", "supplier": "JPN", "share": "0.9", "basis": "imports"},
]

PARTNERSHIPS: Rows = [
    {
        "partnership": "han-in-japan",
        "name": "Hanbit builds in Miyagi",
        "parties": "han;sun",
        "countries": "KOR;JPN",
        "type": "investment",
        "state": "proposed",
        "announced": "2025-03",
    },
    {
        "partnership": "old-talks",
        "name": "Talks that ended",
        "parties": "tok;nag",
        "countries": "JPN",
        "type": "rd",
        "state": "lapsed",
    },
]

EFFECTS: Rows = [
    {
        "partnership": "han-in-japan",
        "effect": "add_plant",
        "firm": "han",
        "product": "chip",
        "country": "JPN",
        "region": "Miyagi",
        "plant": "han_jp-chip",
        "share": "0.1",
        "low": "0.05",
        "high": "0.15",
    },
    {
        "partnership": "han-in-japan",
        "effect": "qualify",
        "firm": "sun",
        "buyer": "nag",
        "product": "resist_euv",
        "share": "0.3",
    },
]

PARAMETERS: Rows = [{"parameter": "cover_days", "value": "30", "low": "20", "high": "90", "unit": "days"}]

COST_SHARES: Rows = [
    {"product": "chip", "input": "resist_all", "share": "0.02", "low": "0.01", "high": "0.04"}
]

REFERENCES: Rows = [
    {
        "ref": "toy-report",
        "citation": "Toy Institute, Chips of a small world",
        "url": "https://example.org/toy",
        "publisher": "Toy Institute",
        "year": "2025",
    },
    {"ref": "judgement", "citation": "The makers of this graph", "url": "judgement"},
]

#: What a row holds unless it says otherwise.
_USUAL: dict[str, dict[str, str]] = {
    "firms": {"ref": "toy-report"},
    "products": {"stage": "material", "definition": "Drawn for a test.", "ref": "toy-report"},
    "plants": {"role": "production", "status": "observed", "ref": "toy-report"},
    "needs": {"importance": "critical", "use": "consumed", "status": "observed", "ref": "toy-report"},
    "sourcing": {
        "state": "active",
        "basis": "purchases",
        "year": "2025",
        "status": "estimated",
        "ref": "toy-report",
    },
    "partnerships": {"ref": "toy-report"},
    "effects": {"status": "assumed", "ref": "judgement"},
    "parameters": {"status": "assumed", "ref": "judgement"},
    "cost_shares": {"status": "assumed", "ref": "judgement"},
    "observations": {"status": "observed", "ref": "judgement", "role": "context"},
    "references": {},
}
_FIGURE = {"share_of": "location", "basis": "revenue", "year": "2025"}

TOY: dict[str, Rows] = {
    "firms": FIRMS,
    "products": PRODUCTS,
    "plants": PLANTS,
    "needs": NEEDS,
    "sourcing": SOURCING,
    "partnerships": PARTNERSHIPS,
    "effects": EFFECTS,
    "parameters": PARAMETERS,
    "cost_shares": COST_SHARES,
    "observations": [{"event": "stop", "series": "Chips", "quantity": "output", "selector": "chip"}],
    "references": REFERENCES,
}


def toy_tables(**extra: Rows) -> dict[str, pd.DataFrame]:
    """Return the tables of the toy; ``extra`` adds rows by table, such as ``firms=[{…}]``."""
    return {name: _frame(name, [*rows, *extra.get(name, [])]) for name, rows in TOY.items()}


def toy(**extra: Rows) -> SupplyNetwork:
    """Return the toy, checked."""
    return SupplyNetwork(toy_tables(**extra), name="toy")


def write_toy(folder: Path, **extra: Rows) -> Path:
    """Write the toy as a graph folder, unchecked beyond its cells, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in toy_tables(**extra).items():
        (folder / f"{name}.csv").write_text(table_csv(frame, TABLES[name]), encoding="utf-8", newline="")
    (folder / "datapackage.json").write_text(package_text("toy"), encoding="utf-8")
    return folder


def _frame(name: str, rows: Rows) -> pd.DataFrame:
    filled = []
    for row in rows:
        cells = dict.fromkeys(TABLES[name].by_name, "") | _USUAL[name]
        cells |= _FIGURE if name == "plants" and row.get("share") else {}
        filled.append({**cells, **row})
    frame, faults = typed_frame(enumerate(filled, start=2), TABLES[name])
    assert not faults, faults
    return frame
