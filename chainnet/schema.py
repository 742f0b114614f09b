"""The tables of a graph, their columns, units and meanings.

This one description drives the checks (:mod:`chainnet.checks`), the ``datapackage.json`` beside
the tables (Frictionless Data) and the documentation. What is not written here is not a column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

#: Identifiers: they name rows and files, so they cannot leave a folder or hide a character.
ID_PATTERN = r"[a-z0-9][a-z0-9_.\-]{0,63}"
#: A date as far as it is known: year, year-month or year-month-day.
DATE_PATTERN = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"

STATUSES = ("observed", "estimated", "assumed")
CLASSES = ("raw_material", "material", "equipment", "component", "device", "service", "process")
STAGES = ("raw", "material", "equipment", "design", "mask", "device", "packaging", "end_use")
ROLES = ("production", "rd", "service", "planned")
IMPORTANCES = ("critical", "important", "minor")
EFFECT_KINDS = (
    "add_plant",
    "qualify",
    "stockpile",
    "qualification",
    "licence",
    "alert",
    "tariff",
    "exchange_rate",
)
#: Numbers of the day-by-day model, and their value where a graph says nothing: assumed.
PARAMETER_DEFAULTS: Mapping[str, float] = MappingProxyType(
    {
        "cover_days": 30.0,
        "qualification_days": 270.0,
        "same_site_days": 90.0,
        "lead_days": 30.0,
        "transit_days": 7.0,
        "finished_days": 15.0,
        "slack": 0.1,
        "refill_days": 60.0,
        "ramp_days": 30.0,
        "detection_days": 7.0,
        "sticky": 0.3,
        "stock_building": 2.0,
        "spare_parts_days": 180.0,
        "spare_impact": 0.1,
        "outside_share": 0.8,
    }
)


@dataclass(frozen=True)
class Column:
    """One column of a table.

    ``kind`` is one of ``id, text, country, number, share, year, date``; ``to`` names the tables
    that the identifiers of this column must be found in, beside ``countries`` (their codes) and
    ``classes`` (of products); ``many`` allows several, joined by ``;``; a file may lack an
    ``optional`` column, whose values are then unknown.
    """

    name: str
    kind: str
    description: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    many: bool = False
    unit: str = ""
    optional: bool = False

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers."""
        return self.kind in ("number", "share", "year")


@dataclass(frozen=True)
class Table:
    """One table: its key, its columns in order, whether a graph can do without it."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    optional: bool = False
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the columns by name."""
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})

    @property
    def file(self) -> str:
        """The table's file name."""
        return f"{self.name}.csv"


def _status() -> Column:
    return Column("status", "text", "How far the figure is known.", required=True, allowed=STATUSES)


def _ref() -> Column:
    return Column(
        "ref",
        "id",
        "Where it comes from: keys of references.csv.",
        required=True,
        to=("references",),
        many=True,
    )


def _name(language: str, label: str) -> Column:
    return Column(f"name_{language}", "text", f"Name in {label}, written by the makers of this graph.")


_NOTE = Column("note", "text", "How the figure was made, what it covers, what is doubtful.")

FIRMS = Table(
    "firms",
    "Firms, research institutes and laboratories, by head office.",
    ("firm",),
    (
        Column("firm", "id", "Identifier.", required=True),
        Column("name", "text", "Name in English, without legal form.", required=True),
        _name("ja", "Japanese"),
        _name("ko", "Korean"),
        Column("aliases", "text", "Other names, joined by ';'.", many=True),
        Column("country", "country", "Country of the head office.", required=True),
        Column("kind", "text", "Line of business.", required=True),
        Column("hq_city", "text", "City of the head office."),
        _ref(),
    ),
)

PRODUCTS = Table(
    "products",
    "Anything supplied: materials, equipment, components, devices, services, processes.",
    ("product",),
    (
        Column("product", "id", "Identifier.", required=True),
        Column("name", "text", "Name in English.", required=True),
        _name("ja", "Japanese"),
        _name("ko", "Korean"),
        Column("family", "id", "The wider product that this one is a member of.", to=("products",)),
        Column("class", "text", "Kind of product.", required=True, allowed=CLASSES),
        Column("stage", "text", "Place in the chain, raw to end use.", required=True, allowed=STAGES),
        Column("hs", "text", "Harmonised System code of the customs line that holds it."),
        Column("lead_days", "number", "Time from start to finished product.", unit="days"),
        Column("transit_days", "number", "Time in transport.", unit="days"),
        Column("utilisation", "share", "Normal use of capacity."),
        Column("finished_days", "number", "Finished stock at the makers.", unit="days"),
        Column("definition", "text", "What it is and what it is for.", required=True),
        _ref(),
    ),
)

PLANTS = Table(
    "plants",
    "A firm making one product in one place; a row without firm holds a country's own total.",
    ("plant",),
    (
        Column("plant", "id", "Identifier.", required=True),
        Column("firm", "id", "The maker; blank: the row holds the country's own total.", to=("firms",)),
        Column("product", "id", "What is made.", required=True, to=("products",)),
        Column("country", "country", "Where it is made.", required=True),
        Column("region", "text", "Prefecture, province or state."),
        Column("site", "text", "Name of the site."),
        Column("lat", "number", "Latitude, town level.", unit="degrees north"),
        Column("lon", "number", "Longitude, town level.", unit="degrees east"),
        Column("role", "text", "Only production supplies.", required=True, allowed=ROLES),
        Column("share", "share", "Share of the product's world output; blank: unknown."),
        Column(
            "share_of",
            "text",
            "location: the figure is for this place; hq: booked by head office, and placed by assumption.",
            allowed=("location", "hq"),
        ),
        Column("basis", "text", "What the share counts.", allowed=("revenue", "capacity", "volume")),
        Column("capacity", "number", "Capacity as published.", unit="capacity_unit"),
        Column("capacity_unit", "text", "Unit of the capacity."),
        Column("start", "date", "Start of production; blank: before this record begins."),
        Column("end", "date", "End of production; blank: it goes on.", optional=True),
        Column("year", "year", "Year of the figure."),
        _status(),
        _ref(),
        _NOTE,
    ),
)

NEEDS = Table(
    "needs",
    "What is needed to make a product.",
    ("product", "input", "applies_to"),
    (
        Column("product", "id", "What is made.", required=True, to=("products",)),
        Column("input", "id", "What it takes.", required=True, to=("products",)),
        Column(
            "importance",
            "text",
            "critical: nothing is made without it; important: output falls by impact; minor: no effect soon.",
            required=True,
            allowed=IMPORTANCES,
        ),
        Column("impact", "share", "Output lost when an important input is gone."),
        Column("impact_low", "share", "Lower end of the impact."),
        Column("impact_high", "share", "Upper end of the impact."),
        Column(
            "use",
            "text",
            "consumed: output stops when it runs out; capital: the installed base goes on without new ones.",
            required=True,
            allowed=("consumed", "capital"),
        ),
        Column("group", "id", "Inputs of one group replace each other."),
        Column("applies_to", "id", "Only these makers need it; blank: all.", to=("firms",), many=True),
        Column("cover_days", "number", "Stock that makers hold, in days of use.", unit="days"),
        Column("qualification_days", "number", "Time to qualify a new supplier.", unit="days"),
        _status(),
        _ref(),
        _NOTE,
    ),
)

SOURCING = Table(
    "sourcing",
    "Who buys what from whom.",
    ("buyer", "product", "supplier", "year"),
    (
        Column(
            "buyer", "id", "A firm, or a country for its makers.", required=True, to=("firms", "countries")
        ),
        Column("product", "id", "What is bought.", required=True, to=("products",)),
        Column(
            "supplier", "id", "A firm, or a country for its makers.", required=True, to=("firms", "countries")
        ),
        Column("share", "share", "Share of the buyer's purchases; blank: listed, amount unknown."),
        Column("low", "share", "Lower end of the share, where it is assumed.", optional=True),
        Column("high", "share", "Upper end of the share, where it is assumed.", optional=True),
        Column(
            "basis",
            "text",
            "purchases: of all that is bought; imports: of the country's imports.",
            allowed=("purchases", "imports"),
        ),
        Column(
            "state",
            "text",
            "active ships; qualified may ship; candidate is under test; lapsed no longer ships.",
            required=True,
            allowed=("active", "qualified", "candidate", "lapsed"),
        ),
        Column("year", "year", "Year of the figure.", required=True),
        _status(),
        _ref(),
        _NOTE,
    ),
)

PARTNERSHIPS = Table(
    "partnerships",
    "Partnerships between firms and governments, in force, proposed or lapsed.",
    ("partnership",),
    (
        Column("partnership", "id", "Identifier.", required=True),
        Column("name", "text", "What it is.", required=True),
        Column("parties", "id", "Firms that take part.", to=("firms",), many=True),
        Column("countries", "country", "Countries of the parties.", many=True),
        Column("type", "text", "Form of the partnership.", required=True),
        Column(
            "state", "text", "Whether it exists.", required=True, allowed=("actual", "proposed", "lapsed")
        ),
        Column("announced", "date", "First announced."),
        Column("operational", "date", "In operation since, or expected."),
        Column("cost", "number", "Amount invested or planned.", unit="currency"),
        Column("currency", "text", "Currency of the cost."),
        Column("subsidy", "text", "Public money in it."),
        Column(
            "excludes",
            "id",
            "Partnerships that it contradicts: not to be put in together.",
            to=("partnerships",),
            many=True,
            optional=True,
        ),
        Column("source_claim", "text", "What the source paper says of it, with its slips corrected."),
        _ref(),
    ),
    optional=True,
)

EFFECTS = Table(
    "effects",
    "What a partnership changes in the graph.",
    ("partnership", "effect", "firm", "buyer", "product", "country", "region"),
    (
        Column("partnership", "id", "Whose effect.", required=True, to=("partnerships",)),
        Column("effect", "text", "Kind of effect.", required=True, allowed=EFFECT_KINDS),
        Column("firm", "id", "Maker or supplier.", to=("firms",)),
        Column("buyer", "id", "Who gains a supplier or a stock.", to=("firms", "countries")),
        Column(
            "product",
            "id",
            "Product or family concerned; of a tariff also a class.",
            to=("products", "classes"),
        ),
        Column("country", "country", "Country concerned."),
        Column("region", "text", "Region concerned."),
        Column("plant", "id", "Row of plants.csv that an added plant stands for."),
        Column(
            "replaces",
            "id",
            "Whose part of the buyer's purchases it takes: a firm or a country.",
            to=("firms", "countries"),
            optional=True,
        ),
        Column("share", "share", "Share of world output (add_plant) or of the buyer's purchases (qualify)."),
        Column("low", "number", "Lower end of the figure."),
        Column("high", "number", "Upper end of the figure."),
        Column("days", "number", "Days of stock, of licence or of notice.", unit="days"),
        Column("factor", "number", "Multiplier of the qualification time."),
        Column("before", "number", "Tariff, or swing of the exchange rate, without it.", optional=True),
        Column("after", "number", "Tariff, or swing of the exchange rate, with it.", optional=True),
        Column("start", "date", "In effect since, or expected."),
        _status(),
        _ref(),
        _NOTE,
    ),
    optional=True,
)

PARAMETERS = Table(
    "parameters",
    "Times and rates of the day-by-day model, with their ranges.",
    ("parameter", "product"),
    (
        Column("parameter", "text", "Which number.", required=True, allowed=tuple(PARAMETER_DEFAULTS)),
        Column("product", "id", "Of which product or family; blank: of all.", to=("products",)),
        Column("value", "number", "The number used.", required=True),
        Column("low", "number", "Lower end of its range."),
        Column("high", "number", "Upper end of its range."),
        Column("unit", "text", "Unit of the number.", required=True),
        _status(),
        _ref(),
        _NOTE,
    ),
    optional=True,
)

COST_SHARES = Table(
    "cost_shares",
    "What part of the cost of making a product is spent on an input.",
    ("product", "input"),
    (
        Column(
            "product",
            "id",
            "What is made: a product, a family or a class.",
            required=True,
            to=("products", "classes"),
        ),
        Column(
            "input",
            "id",
            "What it takes; a family or a class: all its inputs without a nearer row, together.",
            required=True,
            to=("products", "classes"),
        ),
        Column(
            "share",
            "share",
            "Share of the cost of sales; of a capital good: its depreciation.",
            required=True,
        ),
        Column("low", "share", "Lower end of its range.", required=True),
        Column("high", "share", "Upper end of its range.", required=True),
        Column("year", "year", "Year of the figure."),
        _status(),
        _ref(),
        _NOTE,
    ),
    optional=True,
)

OBSERVATIONS = Table(
    "observations",
    "What was recorded of the events: what a model may be scored on, what it is told, and context.",
    ("event", "series", "quantity", "selector", "exporter", "importer", "period"),
    (
        Column("event", "id", "Event: a file of the folder events.", required=True),
        Column("series", "text", "What was counted.", required=True),
        Column(
            "role",
            "text",
            "target: a model may be scored on it; input: it is part of the shock; context: neither.",
            required=True,
            allowed=("target", "input", "context"),
        ),
        Column(
            "quantity",
            "text",
            "Kind of quantity.",
            required=True,
            allowed=("output", "shipment", "stock", "price", "date"),
        ),
        Column("selector", "text", "Plants or product, in the syntax of shocks."),
        Column("exporter", "country", "From where, of a shipment."),
        Column("importer", "country", "To where, of a shipment."),
        Column("period", "text", "Month, months or day that the value holds for."),
        Column("value", "number", "Value."),
        Column("unit", "text", "Its unit; share: of the baseline."),
        Column("baseline", "text", "What counts as normal."),
        Column("coverage", "text", "What it covers; of a price its kind: spot, contract, retail."),
        _status(),
        _ref(),
        _NOTE,
    ),
    optional=True,
)

REFERENCES = Table(
    "references",
    "Where the facts come from.",
    ("ref",),
    (
        Column("ref", "id", "Identifier.", required=True),
        Column("citation", "text", "Who said what.", required=True),
        Column("url", "text", "Page; 'judgement' where there is none.", required=True),
        Column("publisher", "text", "Publisher."),
        Column("year", "year", "Year of the page."),
        Column("licence", "text", "Licence of the source, where it limits use."),
    ),
)

#: Every table of a graph, in the order in which they are checked and documented.
TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        FIRMS,
        PRODUCTS,
        PLANTS,
        NEEDS,
        SOURCING,
        PARTNERSHIPS,
        EFFECTS,
        PARAMETERS,
        COST_SHARES,
        OBSERVATIONS,
        REFERENCES,
    )
}

_FRICTIONLESS_TYPES = {"number": "number", "share": "number", "year": "integer"}


def _frictionless_field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if column.allowed:
        constraints["enum"] = list(column.allowed)
    if column.kind == "share":
        constraints |= {"minimum": 0, "maximum": 1}
    if column.kind == "id" and not column.many:
        # Countries stand in these columns too: their codes are capitals.
        constraints["pattern"] = rf"({ID_PATTERN}|[A-Z]{{3}})" if "countries" in column.to else ID_PATTERN
    if column.kind == "country" and not column.many:
        constraints["pattern"] = "[A-Z]{3}"
    if column.kind == "date":
        constraints["pattern"] = DATE_PATTERN
    described = column.description + (f" Unit: {column.unit}." if column.unit else "")
    result: dict[str, Any] = {
        "name": column.name,
        "type": _FRICTIONLESS_TYPES.get(column.kind, "string"),
        "description": described,
    }
    return result | ({"constraints": constraints} if constraints else {})


def _frictionless_resource(table: Table) -> dict[str, Any]:
    keys = [
        {"fields": [c.name], "reference": {"resource": c.to[0], "fields": list(TABLES[c.to[0]].key)}}
        for c in table.columns
        if len(c.to) == 1 and not c.many
    ]
    schema: dict[str, Any] = {
        "fields": [_frictionless_field(column) for column in table.columns],
        "missingValues": [""],
    }
    if all(table.by_name[name].required for name in table.key):
        schema["primaryKey"] = list(table.key)
    if keys:
        schema["foreignKeys"] = keys
    return {
        "name": table.name,
        "path": table.file,
        "description": table.description,
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "schema": schema,
    }


def datapackage(name: str, title: str, licences: list[dict[str, str]], tables: list[str]) -> dict[str, Any]:
    """Describe a graph folder as a Frictionless data package.

    Parameters
    ----------
    name, title
        Name (a slug) and title of the package.
    licences
        Licences of the data, each with ``name``, ``title`` and ``path``.
    tables
        Names of the tables that the folder holds.

    Returns
    -------
    dict
        The content of ``datapackage.json``.

    Examples
    --------
    >>> package = datapackage("toy", "A toy", [], ["firms"])
    >>> package["resources"][0]["path"]
    'firms.csv'
    """
    return {
        "profile": "tabular-data-package",
        "name": name,
        "title": title,
        "licenses": licences,
        "resources": [_frictionless_resource(TABLES[table]) for table in TABLES if table in tables],
    }
