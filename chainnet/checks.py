"""The checks that hold between the rows and tables of a graph.

Each check is a small function from the tables to faults; :func:`check_tables` runs them all, so
that one look shows everything that is wrong.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

import networkx as nx
import pandas as pd

from chainnet.errors import Fault
from chainnet.names import country_codes, fold
from chainnet.schema import TABLES, Column, Table

Tables = Mapping[str, pd.DataFrame]

#: Rounded percentages may add up to a little more than the whole.
SHARE_TOLERANCE = 0.02


def check_tables(tables: Tables) -> list[Fault]:
    """Return every fault and warning between the rows and tables of a graph.

    Parameters
    ----------
    tables
        The tables by name, each indexed by its line in the file.

    Returns
    -------
    list of Fault
        In the order of the checks; empty when the graph is sound.
    """
    return [fault for check in _CHECKS for fault in check(tables)]


def family_members(products: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return the members of each family.

    Parameters
    ----------
    products
        The products table.

    Returns
    -------
    dict
        Members by the id of their family.
    """
    members: dict[str, list[str]] = defaultdict(list)
    for product, family in zip(products["product"], products["family"], strict=True):
        if family:
            members[family].append(product)
    return {family: tuple(products) for family, products in members.items()}


def _rows(tables: Tables, name: str) -> Iterator[tuple[int, dict[str, object]]]:
    frame = tables[name]
    for row, values in zip(frame.index, frame.to_dict("records"), strict=True):
        yield int(row), {str(key): value for key, value in values.items()}


def _number(values: Mapping[str, object], column: str) -> float:
    value = values[column]
    return value if isinstance(value, float) else float("nan")


def _duplicate_keys(tables: Tables) -> Iterator[Fault]:
    for table in TABLES.values():
        seen: dict[tuple[object, ...], int] = {}
        for row, values in _rows(tables, table.name):
            key = tuple(values[name] for name in table.key)
            if key in seen:
                shown = ", ".join(str(part) for part in key if part != "")
                remedy = f"The same key stands in line {seen[key]}: remove one or tell them apart."
                yield Fault("duplicate-key", "repeats a key", table.file, row, table.key[0], shown, remedy)
            seen.setdefault(key, row)


def _known(tables: Tables, target: str) -> set[str]:
    if target == "countries":
        return set(country_codes())
    return set(tables[target][TABLES[target].key[0]])


def _unknown_ids(tables: Tables) -> Iterator[Fault]:
    for table in TABLES.values():
        for column in table.columns:
            if column.to:
                known = set().union(*(_known(tables, target) for target in column.to))
                yield from _unknown_in_column(tables, table, column, known)


def _unknown_in_column(tables: Tables, table: Table, column: Column, known: set[str]) -> Iterator[Fault]:
    cells = tables[table.name][column.name]
    for row, cell in zip(cells.index, cells, strict=True):
        for part in cell.split(";") if column.many else [cell]:
            if part.strip() and part.strip() not in known:
                where = " or ".join(f"{target}" for target in column.to)
                remedy = f"Add it to {where} or correct it."
                yield Fault(
                    "unknown-id", f"is not in {where}", table.file, int(row), column.name, part, remedy
                )


def _shared_names(tables: Tables) -> Iterator[Fault]:
    bearer: dict[str, tuple[str, str, str]] = {}
    for kind, table in (("firm", "firms"), ("product", "products")):
        for row, values in _rows(tables, table):
            identifier = str(values[kind])
            spelled = [str(values[c]) for c in ("name", "name_ja", "name_ko")] + [identifier]
            if kind == "firm":
                spelled += str(values["aliases"]).split(";")
            for name in spelled:
                if not fold(name):
                    continue
                other = bearer.setdefault(fold(name), (kind, identifier, name))
                if other[:2] != (kind, identifier):
                    text = f"is also a name of the {other[0]} {other[1]!r} ({other[2]!r})"
                    remedy = "Names that differ only in case, width, spaces or legal form count as the same."
                    yield Fault("name-clash", text, TABLES[table].file, row, "name", name, remedy)


def _families(tables: Tables) -> Iterator[Fault]:
    family_of = dict(zip(tables["products"]["product"], tables["products"]["family"], strict=True))
    for row, values in _rows(tables, "products"):
        product, family = str(values["product"]), str(values["family"])
        if family and (family == product or family_of.get(family)):
            remedy = "A family has members, and is not itself a member."
            yield Fault(
                "nested-family",
                "names a family that is a member",
                "products.csv",
                row,
                "family",
                family,
                remedy,
            )


def _self_needs(tables: Tables) -> Iterator[Fault]:
    for row, values in _rows(tables, "needs"):
        if values["product"] == values["input"]:
            yield Fault(
                "self-need",
                "needs itself",
                "needs.csv",
                row,
                "input",
                str(values["input"]),
                "Remove the row.",
            )


def _makers_needing(values: Mapping[str, object]) -> set[str]:
    return {firm for firm in str(values["applies_to"]).split(";") if firm}


def _overlap(one: set[str], two: set[str]) -> bool:
    return not one or not two or bool(one & two)


def _family_beside_members(tables: Tables) -> Iterator[Fault]:
    family_of = dict(zip(tables["products"]["product"], tables["products"]["family"], strict=True))
    needs: dict[str, list[tuple[int, str, set[str]]]] = defaultdict(list)
    for row, values in _rows(tables, "needs"):
        needs[str(values["product"])].append((row, str(values["input"]), _makers_needing(values)))
    for rows in needs.values():
        for one, two in combinations(rows, 2):
            for (row, member, by), (other, family, also_by) in ((one, two), (two, one)):
                if family_of.get(member) == family and _overlap(by, also_by):
                    remedy = f"Line {other} holds its family {family!r}: keep the family or the members."
                    yield Fault(
                        "family-beside-member", "is needed twice", "needs.csv", row, "input", member, remedy
                    )


def _needs_complete(tables: Tables) -> Iterator[Fault]:
    for row, values in _rows(tables, "needs"):
        impact, low, high = (_number(values, c) for c in ("impact", "impact_low", "impact_high"))
        if values["importance"] == "important" and math.isnan(impact):
            remedy = "Say what part of the output is lost when it is gone, with low and high."
            yield Fault("missing-impact", "has no impact", "needs.csv", row, "impact", "", remedy)
        if values["importance"] != "important" and not math.isnan(impact):
            remedy = "Only an important need has an impact."
            yield Fault("stray-impact", "has an impact", "needs.csv", row, "impact", str(impact), remedy)
        if low > impact or impact > high:
            yield Fault(
                "bad-range",
                "lies outside its range",
                "needs.csv",
                row,
                "impact",
                str(impact),
                "low ≤ impact ≤ high.",
            )


def _made_by(tables: Tables) -> dict[str, set[str]]:
    """Firms that make each product in a production plant, families with their members' makers."""
    family_of = dict(zip(tables["products"]["product"], tables["products"]["family"], strict=True))
    plants = tables["plants"]
    made: dict[str, set[str]] = defaultdict(set)
    makes = plants[plants["role"].isin(["production", "planned"])]
    for product, firm, country in zip(makes["product"], makes["firm"], makes["country"], strict=True):
        for level in (product, family_of.get(product, "")):
            if level:
                made[level] |= {firm or f"other:{country}", country}
    return made


def _no_maker(tables: Tables) -> Iterator[Fault]:
    made = _made_by(tables)
    family_of = dict(zip(tables["products"]["product"], tables["products"]["family"], strict=True))
    for row, values in _rows(tables, "needs"):
        wanted = str(values["input"])
        # A member without makers of its own is supplied by the makers of its family.
        if not made.get(wanted) and not made.get(family_of.get(wanted, "")):
            remedy = "Add a plant that makes it, or a country's total."
            yield Fault(
                "no-maker", "is needed but nobody makes it", "needs.csv", row, "input", wanted, remedy
            )


def _sourcing_makes_sense(tables: Tables) -> Iterator[Fault]:
    made = _made_by(tables)
    family_of = dict(zip(tables["products"]["product"], tables["products"]["family"], strict=True))
    users: dict[str, set[str]] = defaultdict(set)
    for _, values in _rows(tables, "needs"):
        only = _makers_needing(values)
        makers = made.get(str(values["product"]), set())
        countries = {maker for maker in makers if maker.isupper()}
        wanted = str(values["input"])
        for level in (wanted, family_of.get(wanted, "")):
            users[level] |= (makers & only | countries) if only else makers
    members = family_members(tables["products"])
    for row, values in _rows(tables, "sourcing"):
        buyer, product, supplier = (str(values[c]) for c in ("buyer", "product", "supplier"))
        wanted_as = {product, family_of.get(product, ""), *members.get(product, ())} - {""}
        if buyer == supplier:
            yield Fault(
                "self-supply",
                "buys from itself",
                "sourcing.csv",
                row,
                "supplier",
                supplier,
                "Remove the row.",
            )
        if not any(buyer in users[level] for level in wanted_as):
            remedy = "Add the need and the plant that has it, or remove the row."
            yield Fault(
                "buyer-without-need",
                f"makes nothing that needs {product}",
                "sourcing.csv",
                row,
                "buyer",
                buyer,
                remedy,
            )
        ships = values["state"] in ("active", "qualified")
        if ships and not any(supplier in made.get(level, ()) for level in wanted_as):
            remedy = "Add the plant, with an empty share if it is unknown."
            yield Fault(
                "supplier-without-plant",
                f"makes no {product}",
                "sourcing.csv",
                row,
                "supplier",
                supplier,
                remedy,
            )


def _purchases_add_up(tables: Tables) -> Iterator[Fault]:
    sums: dict[tuple[object, ...], float] = defaultdict(float)
    first: dict[tuple[object, ...], int] = {}
    for row, values in _rows(tables, "sourcing"):
        share = _number(values, "share")
        if not math.isnan(share) and values["state"] == "active":
            key = tuple(values[column] for column in ("buyer", "product", "year", "basis"))
            sums[key] += share
            first.setdefault(key, row)
    for key, total in sums.items():
        if total > 1 + SHARE_TOLERANCE:
            text = f"buys {total:.3f} of its {key[1]} in {key[2]}"
            yield Fault(
                "shares-above-one",
                text,
                "sourcing.csv",
                first[key],
                "share",
                f"{total:.3f}",
                "The shares of one year add up to 1 at most.",
            )


def _output_adds_up(tables: Tables) -> Iterator[Fault]:
    """Shares of a product's world output: firms against their country's total, and all against 1."""
    plants = tables["plants"]
    known = plants[plants["share"].notna() & plants["role"].isin(["production", "planned"])]
    hq = dict(zip(tables["firms"]["firm"], tables["firms"]["country"], strict=True))
    for product, rows in known.groupby("product", sort=True):
        totals = rows[rows["firm"] == ""]
        named = rows[rows["firm"] != ""]
        world = float(totals["share"].sum())
        counted: set[object] = set()
        for row, total in zip(totals.index, totals.to_dict("records"), strict=True):
            home = named["firm"].map(hq) if total["share_of"] == "hq" else named["country"]
            own = named[home == total["country"]]
            counted |= set(own.index)
            if own["share"].sum() > total["share"] + SHARE_TOLERANCE:
                text = f"is less than its firms' {own['share'].sum():.3f} of {product}"
                remedy = "Do not mix years or bases; correct one of them."
                yield Fault(
                    "firms-above-country", text, "plants.csv", int(row), "share", str(total["share"]), remedy
                )
        world += float(named[~named.index.isin(list(counted))]["share"].sum())
        if world > 1 + SHARE_TOLERANCE:
            remedy = "Use one coherent set of figures."
            text = f"all makers of {product} add up to {world:.3f}"
            yield Fault(
                "shares-above-one", text, "plants.csv", int(rows.index[0]), "share", f"{world:.3f}", remedy
            )


def _places(tables: Tables) -> Iterator[Fault]:
    for column, limit in (("lat", 90.0), ("lon", 180.0)):
        cells = tables["plants"][column]
        for row, value in zip(cells.index, cells, strict=True):
            if abs(value) > limit:
                yield Fault("bad-place", "is not on Earth", "plants.csv", int(row), column, str(value))


def _figures_have_years(tables: Tables) -> Iterator[Fault]:
    for row, values in _rows(tables, "plants"):
        share, year = _number(values, "share"), _number(values, "year")
        if not math.isnan(share) and (math.isnan(year) or not values["share_of"] or not values["basis"]):
            remedy = "A figure needs year, share_of and basis."
            yield Fault(
                "bare-figure",
                "is a figure without year, share_of or basis",
                "plants.csv",
                row,
                "share",
                str(values["share"]),
                remedy,
            )


def _effect_ranges(tables: Tables) -> Iterator[Fault]:
    for row, values in _rows(tables, "effects"):
        for column in ("share", "days", "factor"):
            value, low, high = (_number(values, c) for c in (column, "low", "high"))
            if low > value or value > high:
                yield Fault(
                    "bad-range",
                    "lies outside its range",
                    "effects.csv",
                    row,
                    column,
                    str(value),
                    "low ≤ value ≤ high.",
                )


def _critical_cycles(tables: Tables) -> Iterator[Fault]:
    needs = tables["needs"]
    drawn = needs[(needs["importance"] == "critical") & (needs["use"] == "consumed")]
    graph = nx.DiGraph(list(zip(drawn["input"], drawn["product"], strict=True)))
    for component in nx.strongly_connected_components(graph):
        if len(component) > 1:
            inside = drawn[drawn["input"].isin(component) & drawn["product"].isin(component)]
            text = f"is part of a cycle of critical needs: {', '.join(sorted(component))}"
            remedy = "With replaceability 'none' any loss inside drains the whole cycle."
            yield Fault(
                "critical-cycle",
                text,
                "needs.csv",
                int(inside.index[0]),
                "input",
                str(inside["input"].iloc[0]),
                remedy,
                warning=True,
            )


def _unused(tables: Tables) -> Iterator[Fault]:
    used = Counter(
        part
        for name in TABLES
        if name != "references"
        for cell in tables[name]["ref"]
        for part in cell.split(";")
    )
    for row, values in _rows(tables, "references"):
        if not used[str(values["ref"])]:
            yield Fault(
                "unused-reference",
                "is cited by no row",
                "references.csv",
                row,
                "ref",
                str(values["ref"]),
                "Remove it.",
                warning=True,
            )


_CHECKS: tuple[Callable[[Tables], Iterator[Fault]], ...] = (
    _duplicate_keys,
    _unknown_ids,
    _shared_names,
    _families,
    _self_needs,
    _family_beside_members,
    _needs_complete,
    _no_maker,
    _sourcing_makes_sense,
    _purchases_add_up,
    _output_adds_up,
    _places,
    _figures_have_years,
    _effect_ranges,
    _critical_cycles,
    _unused,
)
