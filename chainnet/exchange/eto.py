"""The ETO Advanced Semiconductor Supply Chain Dataset as a graph of chainnet.

Source: Emerging Technology Observatory, Center for Security and Emerging Technology, Georgetown
University, https://eto.tech/dataset-docs/chipexplorer, licensed CC BY-NC 4.0. It is not part of
chainnet: whoever has downloaded it reads it from there.

What it does not say is assumed, and marked so: that every step needs its inputs (critical), that
tools and design resources are capital and materials are consumed, and that a process without
providers is carried out where the countries' shares of its stage are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from chainnet.errors import DataError, Fault
from chainnet.exchange.identifiers import identifiers
from chainnet.exchange.reports import Imported, Ledger
from chainnet.exchange.sources import read_members
from chainnet.names import country_codes, fold
from chainnet.network import SupplyNetwork
from chainnet.schema import TABLES
from chainnet.tables import clean, parse_csv, typed_frame

#: The files of the dataset and the columns that are read.
_FILES: Mapping[str, tuple[str, ...]] = {
    "inputs.csv": ("input_id", "input_name", "type", "stage_id", "description"),
    "providers.csv": ("provider_id", "provider_name", "alias", "provider_type", "country"),
    "provision.csv": ("provider_id", "provided_id", "share_provided", "year", "source"),
    "sequence.csv": ("input_id", "goes_into_id", "is_type_of_id"),
    "stages.csv": ("stage_id", "stage_name"),
}
#: Class and stage of the types of ETO; a process has the stage of its own.
_KINDS = {
    "tool_resource": ("equipment", "equipment"),
    "material_resource": ("material", "material"),
    "design_resource": ("service", "design"),
    "process": ("process", "device"),
    "ultimate_output": ("device", "end_use"),
}
_STAGES = {"S1": "design", "S2": "device", "S3": "packaging"}
_LINES = {"tool_resource": "equipment", "material_resource": "material", "design_resource": "design"}
_CITATION = "ETO Advanced Semiconductor Supply Chain Dataset"
_URL = "https://eto.tech/dataset-docs/chipexplorer"
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]*)[^)]*\)")

Row = tuple[int, dict[str, str]]
Rows = Mapping[str, list[Row]]
Cells = list[dict[str, str]]


@dataclass(frozen=True)
class _Dataset:
    """The rows of the dataset, what they are called here, and what was said of them."""

    rows: Rows
    ledger: Ledger
    products: Mapping[str, str]
    firms: Mapping[str, str]
    countries: Mapping[str, str]
    family: Mapping[str, str]

    def types(self) -> dict[str, str]:
        return {row["input_id"]: row["type"] for _, row in self.rows["inputs.csv"]}


def read_eto(source: str | Path) -> Imported:
    """Read the ETO chip supply chain dataset as a graph.

    Rows are joined on ids, never on names; the rows of one provider's aliases count once. A
    provision without share stays unknown. Shares keep their years, which are mixed. A wider kind
    of product (``is_type_of``) keeps its own figures: they are never added to those of its
    members, nor taken for them; where it has none, it is their family. Countries' shares are
    countries' own totals; those of ``EUR`` and ``Various countries`` are of no country and remain
    unattributed.

    Parameters
    ----------
    source
        The folder or ZIP archive with ``inputs, providers, provision, sequence, stages`` as CSV.

    Returns
    -------
    Imported
        The graph and what became of every row.

    Raises
    ------
    DataError
        Files, columns or ids that are missing; all at once.

    References
    ----------
    Khan, Mann & Peterson (2021), The Semiconductor Supply Chain, doi:10.51593/20190016.

    Examples
    --------
    >>> read_eto("no/such/download")
    Traceback (most recent call last):
    chainnet.errors.DataError: 1 fault:
      no/such/download: [no-file] does not exist. Give the path of a file or folder.
    """
    rows = _read(source)
    data = _named(rows)
    tables: dict[str, Cells] = {name: [] for name in TABLES}
    references = _references(rows["provision.csv"])
    tables["references"] = list(references.values())
    tables["products"] = _products(data)
    tables["plants"] = [*_plants(data, references), *_stand_ins(data)]
    tables["firms"] = _firms(data, tables["plants"])
    tables["needs"] = _needs(data)
    frames, faults = {}, []
    for name, table in TABLES.items():
        frames[name], found = typed_frame(enumerate(tables[name], start=2), table)
        faults += [fault for fault in found if not fault.warning]
    if faults:
        raise DataError(faults)
    network = SupplyNetwork(frames, name="eto")
    counts = {file: len(rows[file]) for file in _FILES}
    return Imported(network, data.ledger.table(), counts, _notes(data))


# Reading


def _read(source: str | Path) -> Rows:
    found = read_members(source, _FILES)
    rows: dict[str, list[Row]] = {}
    faults: list[Fault] = []
    for file, columns in _FILES.items():
        if file not in found:
            remedy = f"The dataset has {', '.join(_FILES)}."
            faults.append(Fault("missing-file", "is not there", file, remedy=remedy))
            continue
        parsed, wrong = parse_csv(found[file], file)
        faults += [fault for fault in wrong if not fault.warning]
        header = [clean(name) for name in parsed[0][1]] if parsed else []
        missing = [name for name in columns if parsed and name not in header]
        faults += [Fault("missing-column", f"has no column {name!r}", file, 1) for name in missing]
        width = len(header)
        faults += [
            Fault("row-width", f"has {len(cells)} cells where the header has {width}", file, line)
            for line, cells in parsed[1:]
            if len(cells) != width
        ]
        rows[file] = [
            (line, {name: clean(cell) for name, cell in zip(header, cells, strict=True)})
            for line, cells in parsed[1:]
            if len(cells) == width
        ]
    faults = faults or _dangling(rows)
    if faults:
        raise DataError(faults)
    return rows


def _dangling(rows: Rows) -> list[Fault]:
    inputs = {row["input_id"] for _, row in rows["inputs.csv"]}
    known = {
        "provider_id": {row["provider_id"] for _, row in rows["providers.csv"]},
        "provided_id": inputs | {row["stage_id"] for _, row in rows["stages.csv"]},
        "input_id": inputs,
        "goes_into_id": inputs | {""},
        "is_type_of_id": inputs | {""},
    }
    return [
        Fault(
            "unknown-id", "is not in the dataset", file, line, column, row[column], "Get the whole dataset."
        )
        for file in ("provision.csv", "sequence.csv")
        for line, row in rows[file]
        for column in known
        if column in row and row[column] not in known[column]
    ]


def _named(rows: Rows) -> _Dataset:
    """Give every input and firm an id of its own, and every country row its code."""
    ledger = Ledger()
    seen: set[str] = set()
    for line, row in rows["inputs.csv"]:
        if row["input_id"] in seen:
            ledger.say(("inputs.csv", line), "repeated", row["input_id"], "its id stands above already")
        seen.add(row["input_id"])
    firms: dict[str, str] = {}
    countries: dict[str, str] = {}
    for line, row in rows["providers.csv"]:
        key, place = row["provider_id"], ("providers.csv", line)
        if row["provider_type"] == "country":
            if row["provider_name"] in country_codes():
                countries[key] = row["provider_name"]
            else:
                ledger.say(place, "no-country", row["provider_name"], "is no single country")
        elif row["country"] not in country_codes():
            ledger.say(place, "no-country", row["country"], f"{row['provider_name']} is of no single country")
        elif key not in firms:
            firms[key] = row["provider_name"]
    inputs = [(row["input_id"], row["input_name"]) for _, row in rows["inputs.csv"]]
    named = identifiers([*inputs, *firms.items()])
    products = {key: named[key] for key, _ in inputs}
    firms = {key: named[key] for key in firms}
    return _Dataset(rows, ledger, products, firms, countries, _families(rows, ledger))


# Tables


def _references(provision: list[Row]) -> dict[str, dict[str, str]]:
    """One reference for the dataset, one for each source that it names, one for our own judgement."""
    shared = {"publisher": "Emerging Technology Observatory, CSET", "licence": "CC BY-NC 4.0"}
    result = {"": {"ref": "eto-chipexplorer", "citation": _CITATION, "url": _URL, **shared}}
    for source in sorted({row["source"] for _, row in provision} - {""}):
        link = _LINK.search(source)
        cited = f"{_CITATION}: " + _LINK.sub(r"\1", source)
        result[source] = {
            "ref": f"eto-source-{len(result)}",
            "citation": cited,
            "url": link[2] if link else _URL,
            **shared,
        }
    why = "Assumed when the ETO dataset was imported: it does not say so"
    result["judgement"] = {"ref": "judgement", "citation": why, "url": "judgement", "publisher": "chainnet"}
    return result


def _parents(data: _Dataset) -> dict[str, list[str]]:
    parents: dict[str, list[str]] = defaultdict(list)
    for _, row in data.rows["sequence.csv"]:
        if row["is_type_of_id"]:
            parents[row["input_id"]].append(row["is_type_of_id"])
    return parents


def _families(rows: Rows, ledger: Ledger) -> dict[str, str]:
    """Return the family of each member: a wider kind without figures of its own, nor a family itself."""
    figures = {row["provided_id"] for _, row in rows["provision.csv"] if row["share_provided"]}
    kinds = [(line, row["input_id"], row["is_type_of_id"]) for line, row in rows["sequence.csv"]]
    wide = {kind for _, _, kind in kinds if kind not in figures} - {""}
    family: dict[str, str] = {}
    for line, member, kind in kinds:
        if kind in wide and member not in wide and member not in family:
            family[member] = kind
        elif kind:
            why = "told in the definition only: as a family its figures would fill its members' gaps"
            ledger.say(("sequence.csv", line), "used-as-text", f"{member} is type of {kind}", why)
    return family


def _products(data: _Dataset) -> Cells:
    parents = _parents(data)
    names = {row["input_id"]: row["input_name"] for _, row in data.rows["inputs.csv"]}
    into = {
        row["input_id"]: row["goes_into_id"] for _, row in data.rows["sequence.csv"] if row["goes_into_id"]
    }
    stage_of = {row["input_id"]: row["stage_id"] for _, row in data.rows["inputs.csv"]}
    found: dict[str, dict[str, str]] = {}
    for _, row in data.rows["inputs.csv"]:
        key = row["input_id"]
        if key in found:
            continue
        kind, stage = _KINDS.get(row["type"], ("service", "device"))
        stage = _STAGES.get(row["stage_id"], stage)
        if row["type"] != "process" and stage_of.get(into.get(key, "")) == "S1":
            kind, stage = "service", "design"  # design software and intellectual property
        kinds = [f"A kind of {names[wider]} ({wider})." for wider in parents.get(key, [])]
        text = _LINK.sub(r"\1", row["description"]) or row["input_name"]
        found[key] = {
            "product": data.products[key],
            "name": row["input_name"],
            "family": data.products.get(data.family.get(key, ""), ""),
            "class": kind,
            "stage": stage,
            "definition": " ".join([text, *kinds, f"(ETO {key})"]),
            "ref": "eto-chipexplorer",
        }
    return list(found.values())


def _plants(data: _Dataset, references: Mapping[str, Mapping[str, str]]) -> Cells:
    home = {row["provider_id"]: row["country"] for _, row in data.rows["providers.csv"]}
    plants: dict[str, dict[str, str]] = {}
    stages = {row["stage_id"] for _, row in data.rows["stages.csv"]}
    named = {
        (row["provided_id"], home[row["provider_id"]])
        for _, row in data.rows["provision.csv"]
        if row["provider_id"] in data.firms
    }
    for line, row in data.rows["provision.csv"]:
        provider, product = row["provider_id"], data.products.get(row["provided_id"], "")
        place = ("provision.csv", line)
        firm, country = data.firms.get(provider, ""), data.countries.get(provider, "")
        if not (firm or country):
            why = "its provider is no single country, nor of one: its share stays unattributed"
            data.ledger.say(place, "no-country", f"{provider} {row['share_provided']}", why)
            continue
        if row["provided_id"] in stages:
            continue  # see _stand_ins
        if country and not row["share_provided"] and (row["provided_id"], country) in named:
            why = "has no share and says no more than the firms of that country: no further maker"
            data.ledger.say(place, "told-by-firms", f"{provider} {row['provided_id']}", why)
            continue
        name = _plant_id(firm or country.lower(), product)
        if name in plants:
            data.ledger.say(place, "repeated", f"{provider} {row['provided_id']}", "stands above already")
            continue
        plants[name] = {
            "plant": name,
            "firm": firm,
            "product": product,
            "country": country or home[provider],
            **_figure(row, data.ledger, place),
            "ref": references[row["source"]]["ref"],
            "note": "Placed at the head office (assumed)." if firm else "The country's own total.",
        }
    return list(plants.values())


def _figure(row: Mapping[str, str], ledger: Ledger, place: tuple[str, int]) -> dict[str, str]:
    """Return the cells of a share in per cent; blank stays unknown."""
    result = {"role": "production", "status": "observed", "year": row["year"]}
    if not row["share_provided"]:
        return result
    try:
        share = float(row["share_provided"]) / 100
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1 or not row["year"]:
        ledger.say(place, "used-without-share", row["share_provided"], "is no share, or of no year: unknown")
        return result
    # Per cent with one decimal: what dividing by a hundred adds in the 17th digit is nobody's figure.
    return {**result, "share": repr(round(share, 12)), "share_of": "hq", "basis": "revenue"}


def _plant_id(maker: str, product: str) -> str:
    """Return an id of at most 64 letters that keeps two long names apart."""
    return f"{maker[:29]}-{product[:34]}" if len(maker) + len(product) > 63 else f"{maker}-{product}"


def _stand_ins(data: _Dataset) -> Cells:
    """Countries that carry out the processes, which have no providers: their shares of the stage."""
    provided = {row["provided_id"] for _, row in data.rows["provision.csv"]}
    families = set(data.family.values())
    shares: dict[str, list[Row]] = defaultdict(list)
    for line, row in data.rows["provision.csv"]:
        if row["provider_id"] in data.countries:
            shares[row["provided_id"]].append((line, row))
    missing = {key: stage for key, stage in _stage_of_all(data).items() if key not in provided | families}
    return [_stand_in(data, key, stage, row) for key, stage in missing.items() for row in shares[stage]]


def _stand_in(data: _Dataset, key: str, stage: str, share: Row) -> dict[str, str]:
    line, row = share
    country = data.countries[row["provider_id"]]
    cells = _figure(row, data.ledger, ("provision.csv", line))
    if "share" in cells and stage != "S1":
        cells |= {"share_of": "location", "basis": "capacity"}
    return {
        "plant": _plant_id(country.lower(), data.products[key]),
        "product": data.products[key],
        "country": country,
        **cells,
        "status": "assumed",
        "ref": "eto-chipexplorer;judgement",
        "note": f"The country's share of the stage {stage} stands for this step (assumed).",
    }


def _stage_of_all(data: _Dataset) -> dict[str, str]:
    """Return the stage of each step in the chain: its own, else that of what it is next to."""
    own = {row["input_id"]: row["stage_id"] for _, row in data.rows["inputs.csv"]}
    links = [(row["input_id"], row["goes_into_id"]) for _, row in data.rows["sequence.csv"]]
    found: dict[str, str] = {}
    for key, stage in own.items():
        near = [own[b] for a, b in links if a == key and b] + [own[a] for a, b in links if b == key]
        near = [stage, *near] if any(key in link for link in links if link[1]) else []
        nearest = next((name for name in near if name), "")
        if nearest:
            found[key] = nearest
    return found


def _firms(data: _Dataset, plants: Cells) -> Cells:
    types, keys = data.types(), {slug: key for key, slug in data.products.items()}
    makes: dict[str, list[str]] = defaultdict(list)
    for plant in plants:
        makes[plant.get("firm", "")].append(types[keys[plant["product"]]])
    bearer = {
        fold(row["input_name"]): key for key, row in _first(data.rows["inputs.csv"], "input_id").items()
    }
    firms: dict[str, dict[str, str]] = {}
    aliases: dict[str, list[str]] = defaultdict(list)
    organisations = [
        (line, row) for line, row in data.rows["providers.csv"] if row["provider_id"] in data.firms
    ]
    for line, row in organisations:
        key = row["provider_id"]
        if key not in firms:
            name = row["provider_name"]
            if bearer.setdefault(fold(name), key) != key:
                data.ledger.say(("providers.csv", line), "used-renamed", name, "is the name of another too")
                name = f"{name} ({key})"
            slug = data.firms[key]
            lines = [_LINES.get(kind, "other") for kind in makes[slug]]
            kind = max(sorted(set(lines)), key=lines.count, default="other")
            firms[key] = {"firm": slug, "name": name, "country": row["country"], "kind": kind}
            firms[key]["ref"] = "eto-chipexplorer"
    for line, row in organisations:
        key, place = row["provider_id"], ("providers.csv", line)
        for alias in filter(None, (part.strip() for part in row["alias"].split(";"))):
            if bearer.setdefault(fold(alias), key) != key:
                data.ledger.say(place, "used-without-alias", alias, "is a name of another too")
            elif fold(alias) != fold(row["provider_name"]):
                aliases[key].append(alias)
    return [{**firm, "aliases": ";".join([*aliases[key], f"ETO {key}"])} for key, firm in firms.items()]


def _first(rows: Iterable[Row], column: str) -> dict[str, dict[str, str]]:
    result: dict[str, dict[str, str]] = {}
    for _, row in rows:
        result.setdefault(row[column], row)
    return result


def _needs(data: _Dataset) -> Cells:
    types, stage_of = data.types(), _stage_of_all(data)
    needs: dict[tuple[str, str], dict[str, str]] = {}
    for line, row in data.rows["sequence.csv"]:
        made, source = row["goes_into_id"], row["input_id"]
        if not made:
            continue
        if (made, source) in needs or made == source:
            why = "goes into itself" if made == source else "stands above already"
            data.ledger.say(("sequence.csv", line), "repeated", f"{source} {made}", why)
            continue
        capital = types[source] == "tool_resource" or stage_of.get(made) == "S1"
        needs[made, source] = {
            "product": data.products[made],
            "input": data.products[source],
            "importance": "critical",
            "use": "capital" if capital else "consumed",
            "status": "assumed",
            "ref": "eto-chipexplorer;judgement",
            "note": "That it goes into it is ETO's; that nothing is made without it is assumed.",
        }
    return list(needs.values())


def _notes(data: _Dataset) -> tuple[str, ...]:
    provision = [row for _, row in data.rows["provision.csv"]]
    years = sorted({row["year"] for row in provision} - {""})
    blank = sum(not row["share_provided"] for row in provision)
    many = len(data.rows["providers.csv"]) - len(_first(data.rows["providers.csv"], "provider_id"))
    return (
        "ETO Advanced Semiconductor Supply Chain Dataset, CC BY-NC 4.0: no commercial use.",
        f"Figures of {', '.join(years)} stand side by side; {blank} rows have no share and stay unknown.",
        f"{many} rows of providers.csv are further aliases of a provider that stands above.",
        "Assumed: every input is critical; tools and what goes into design are capital.",
        "Assumed: firms make things where their head office is, and processes stand where their stage is.",
    )
