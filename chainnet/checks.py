"""The checks that hold between the rows and tables of a graph.

Each check is a small function from the rows to faults; :func:`check_tables` runs them all, so
that one look shows everything that is wrong.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import networkx as nx
import pandas as pd

from chainnet.errors import Fault
from chainnet.names import country_codes, fold
from chainnet.schema import CLASSES, TABLES
from chainnet.tables import records

#: Rows of each table with their lines in the file.
Row = tuple[int, Mapping[str, Any]]
Rows = Mapping[str, Sequence[Row]]

#: Rounded percentages may add up to a little more than the whole.
SHARE_TOLERANCE = 0.02


def check_tables(tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
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
    rows = _rows(tables)
    return [fault for check in _CHECKS for fault in check(rows)]


def _rows(tables: Mapping[str, pd.DataFrame]) -> Rows:
    return {
        name: list(zip(map(int, frame.index), records(frame), strict=True)) for name, frame in tables.items()
    }


def stranded_purchases(tables: Mapping[str, pd.DataFrame]) -> list[int]:
    """Return the lines of sourcing whose supplier makes no such thing, or whose buyer needs none.

    Parameters
    ----------
    tables
        The tables by name.

    Returns
    -------
    list of int
        Index of the rows, ascending.
    """
    return sorted({fault.row for fault in _sourcing_makes_sense(_rows(tables)) if fault.row is not None})


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
    return {family: tuple(names) for family, names in members.items()}


class _Table:
    """Makes the faults of one table."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.file = TABLES[name].file

    def fault(
        self,
        code: str,
        message: str,
        row: int,
        cell: tuple[str, object],
        remedy: str,
        *,
        warning: bool = False,
    ) -> Fault:
        """Return a fault of the cell (column and value) in a line."""
        return Fault(code, message, self.file, row, cell[0], str(cell[1]), remedy, warning)


_FIRMS, _PRODUCTS, _PLANTS = _Table("firms"), _Table("products"), _Table("plants")
_PARAMETERS, _COST_SHARES = _Table("parameters"), _Table("cost_shares")
_NEEDS, _SOURCING, _EFFECTS, _REFERENCES = (
    _Table("needs"),
    _Table("sourcing"),
    _Table("effects"),
    _Table("references"),
)


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _family_of(rows: Rows) -> dict[str, str]:
    return {values["product"]: values["family"] for _, values in rows["products"]}


# Keys, identifiers and names


def _duplicate_keys(rows: Rows) -> Iterator[Fault]:
    for name, table in TABLES.items():
        seen: dict[tuple[object, ...], int] = {}
        for row, values in rows[name]:
            key = tuple(values[column] for column in table.key)
            if not values[table.key[0]]:
                continue  # a cell that could not be read is a fault of its own
            if key in seen:
                shown = ", ".join(str(part) for part in key if part != "")
                remedy = f"The same key stands in line {seen[key]}: remove one or tell them apart."
                yield _Table(name).fault("duplicate-key", "repeats a key", row, (table.key[0], shown), remedy)
            seen.setdefault(key, row)


def _unknown_ids(rows: Rows) -> Iterator[Fault]:
    known = {name: {values[table.key[0]] for _, values in rows[name]} for name, table in TABLES.items()}
    known |= {"countries": set(country_codes()), "classes": set(CLASSES)}
    for name, table in TABLES.items():
        for column in (column for column in table.columns if column.to):
            where = " or ".join(column.to)
            allowed = set().union(*(known[target] for target in column.to))
            for row, values in rows[name]:
                for part in _parts(values[column.name]):
                    if part not in allowed:
                        message, remedy = f"is not in {where}", f"Add it to {where} or correct it."
                        yield _Table(name).fault("unknown-id", message, row, (column.name, part), remedy)


def _shared_names(rows: Rows) -> Iterator[Fault]:
    bearer: dict[str, tuple[str, str, str]] = {}
    for kind, table in (("firm", _FIRMS), ("product", _PRODUCTS)):
        for row, values in rows[table.name]:
            spelled = [values[column] for column in (kind, "name", "name_ja", "name_ko")]
            for name in [*spelled, *_parts(values.get("aliases", ""))]:
                folded = fold(name)
                other = bearer.setdefault(folded, (kind, values[kind], name))
                if folded and other[:2] != (kind, values[kind]):
                    message = f"is also a name of the {other[0]} {other[1]!r} ({other[2]!r})"
                    remedy = "Names that differ only in case, width, spaces or legal form count as the same."
                    yield table.fault("name-clash", message, row, ("name", name), remedy)


def _families(rows: Rows) -> Iterator[Fault]:
    family_of = _family_of(rows)
    for row, values in rows["products"]:
        family = values["family"]
        if family and (family == values["product"] or family_of.get(family)):
            remedy = "A family has members, and is not itself a member."
            yield _PRODUCTS.fault(
                "nested-family", "names a member as family", row, ("family", family), remedy
            )


def unused_references(tables: Mapping[str, pd.DataFrame], cited: Iterable[str] = ()) -> list[Fault]:
    """Return a warning for each reference that nothing cites.

    Parameters
    ----------
    tables
        The tables by name.
    cited
        References that are cited elsewhere, as in the files of events.

    Returns
    -------
    list of Fault
        Warnings, in the order of the references.
    """
    rows = _rows(tables)
    cells = (values["ref"] for name in TABLES if name != "references" for _, values in rows[name])
    used = {part for cell in cells for part in _parts(cell)} | set(cited)
    remedy = "Remove it."
    return [
        _REFERENCES.fault("unused-reference", "is cited by no row", row, ("ref", ref), remedy, warning=True)
        for row, ref in ((row, values["ref"]) for row, values in rows["references"])
        if ref and ref not in used
    ]


# Needs


def _self_needs(rows: Rows) -> Iterator[Fault]:
    for row, values in rows["needs"]:
        if values["product"] == values["input"]:
            yield _NEEDS.fault(
                "self-need", "needs itself", row, ("input", values["input"]), "Remove the row."
            )


def _family_beside_members(rows: Rows) -> Iterator[Fault]:
    family_of = _family_of(rows)
    by_product: dict[str, list[Row]] = defaultdict(list)
    for need in rows["needs"]:
        by_product[need[1]["product"]].append(need)
    for needs in by_product.values():
        for pair in combinations(needs, 2):
            for (row, member), (other, family) in (pair, pair[::-1]):
                if family_of.get(member["input"]) == family["input"] and _same_makers(member, family):
                    remedy = (
                        f"Line {other} holds its family {family['input']!r}: keep the family or the members."
                    )
                    yield _NEEDS.fault(
                        "family-beside-member", "is needed twice", row, ("input", member["input"]), remedy
                    )


def _same_makers(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:
    first, second = set(_parts(one["applies_to"])), set(_parts(two["applies_to"]))
    return not first or not second or bool(first & second)


def _needs_complete(rows: Rows) -> Iterator[Fault]:
    for row, values in rows["needs"]:
        impact, cell = values["impact"], ("impact", values["impact"])
        if values["importance"] == "important" and math.isnan(impact):
            remedy = "Say what part of the output is lost when it is gone, with low and high."
            yield _NEEDS.fault("missing-impact", "has no impact", row, ("impact", ""), remedy)
        if values["importance"] != "important" and not math.isnan(impact):
            yield _NEEDS.fault("stray-impact", "has an impact", row, cell, "Only an important need has one.")
        if values["impact_low"] > impact or impact > values["impact_high"]:
            yield _NEEDS.fault("bad-range", "lies outside its range", row, cell, "low ≤ impact ≤ high.")


def _critical_cycles(rows: Rows) -> Iterator[Fault]:
    drawn = [
        row for row in rows["needs"] if row[1]["importance"] == "critical" and row[1]["use"] == "consumed"
    ]
    graph = nx.DiGraph([(values["input"], values["product"]) for _, values in drawn])
    for component in nx.strongly_connected_components(graph):
        if len(component) > 1:
            row, values = next(
                r for r in drawn if r[1]["input"] in component and r[1]["product"] in component
            )
            message = f"is part of a cycle of critical needs: {', '.join(sorted(component))}"
            remedy = "With replaceability 'none' any loss inside drains the whole cycle."
            yield _NEEDS.fault(
                "critical-cycle", message, row, ("input", values["input"]), remedy, warning=True
            )


def _makers(rows: Rows) -> dict[str, set[str]]:
    """Firms and countries that make each product, or will; a family's with those of its members."""
    family_of = _family_of(rows)
    made: dict[str, set[str]] = defaultdict(set)
    for _, values in rows["plants"]:
        if values["role"] in ("production", "planned"):
            for level in {values["product"], family_of.get(values["product"], "")} - {""}:
                made[level] |= {values["firm"], values["country"]} - {""}
    return made


def _no_maker(rows: Rows) -> Iterator[Fault]:
    made, family_of = _makers(rows), _family_of(rows)
    for row, values in rows["needs"]:
        # A member without makers of its own is supplied by the makers of its family.
        if not made[values["input"]] and not made[family_of.get(values["input"], "")]:
            remedy = "Add a plant that makes it, or a country's total."
            yield _NEEDS.fault(
                "no-maker", "is needed but nobody makes it", row, ("input", values["input"]), remedy
            )


# Sourcing


def _sourcing_makes_sense(rows: Rows) -> Iterator[Fault]:
    made, users, family_of = _makers(rows), _users(rows), _family_of(rows)
    for row, values in rows["sourcing"]:
        buyer, product, supplier = values["buyer"], values["product"], values["supplier"]
        levels = [
            product,
            family_of.get(product, ""),
            *(m for m, family in family_of.items() if family == product),
        ]
        if buyer == supplier:
            yield _SOURCING.fault(
                "self-supply", "buys from itself", row, ("supplier", supplier), "Remove the row."
            )
        if not any(buyer in users[level] for level in levels):
            remedy = "Add the need and the plant that has it, or remove the row."
            message = f"makes nothing that needs {product}"
            yield _SOURCING.fault("buyer-without-need", message, row, ("buyer", buyer), remedy)
        ships = values["state"] in ("active", "qualified")
        if ships and not any(supplier in made[level] for level in levels if level):
            remedy = "Add the plant, with an empty share if it is unknown."
            yield _SOURCING.fault(
                "supplier-without-plant", f"makes no {product}", row, ("supplier", supplier), remedy
            )


def _users(rows: Rows) -> dict[str, set[str]]:
    """Firms and countries that need each product."""
    made, family_of = _makers(rows), _family_of(rows)
    users: dict[str, set[str]] = defaultdict(set)
    for _, values in rows["needs"]:
        makers, only = made[values["product"]], set(_parts(values["applies_to"]))
        countries = {maker for maker in makers if maker.isupper()}
        for level in {values["input"], family_of.get(values["input"], "")} - {""}:
            users[level] |= (makers & only | countries) if only else makers
    return users


def _purchases_add_up(rows: Rows) -> Iterator[Fault]:
    sums: dict[tuple[Any, ...], float] = defaultdict(float)
    first: dict[tuple[Any, ...], int] = {}
    for row, values in rows["sourcing"]:
        if not math.isnan(values["share"]) and values["state"] == "active":
            key = tuple(values[column] for column in ("buyer", "product", "year", "basis"))
            sums[key] += values["share"]
            first.setdefault(key, row)
    for key, total in sums.items():
        if total > 1 + SHARE_TOLERANCE:
            message = f"{key[0]} buys {total:.3f} of its {key[1]} in {key[2]:.0f}"
            cell, remedy = ("share", f"{total:.3f}"), "The shares of one year add up to 1 at most."
            yield _SOURCING.fault("shares-above-one", message, first[key], cell, remedy)


# Plants and figures


def _output_adds_up(rows: Rows) -> Iterator[Fault]:
    """Check the shares of world output: firms against their country's total, and all against 1."""
    home = {values["firm"]: values["country"] for _, values in rows["firms"]}
    by_product: dict[str, list[Row]] = defaultdict(list)
    for row, values in rows["plants"]:
        if not math.isnan(values["share"]) and values["role"] in ("production", "planned"):
            by_product[values["product"]].append((row, values))
    for product, known in by_product.items():
        counted: set[int] = set()
        for row, total in known:
            if total["firm"]:
                continue
            by_home = total["share_of"] == "hq"
            own = [r for r in known if _inside(r[1], total["country"], home if by_home else None)]
            counted |= {line for line, _ in own}
            made = _sum(own)
            if made > total["share"] + SHARE_TOLERANCE:
                message = f"is less than its firms' {made:.3f} of {product}"
                remedy = "Do not mix years or bases; correct one of them."
                yield _PLANTS.fault("firms-above-country", message, row, ("share", total["share"]), remedy)
        world = _sum(row for row in known if row[0] not in counted)
        if world > 1 + SHARE_TOLERANCE:
            message, cell = f"all makers of {product} add up to {world:.3f}", ("share", f"{world:.3f}")
            remedy = "Use one coherent set of figures."
            yield _PLANTS.fault("shares-above-one", message, known[0][0], cell, remedy)


def _inside(plant: Mapping[str, Any], country: str, home: Mapping[str, str] | None) -> bool:
    """Whether a firm's plant is part of a country's total, by head office or by place."""
    place = plant["country"] if home is None else home.get(plant["firm"])
    return bool(plant["firm"]) and place == country


def _sum(rows: Iterable[Row]) -> float:
    return float(sum(values["share"] for _, values in rows))


def _places(rows: Rows) -> Iterator[Fault]:
    for row, values in rows["plants"]:
        for column, limit in (("lat", 90.0), ("lon", 180.0)):
            if abs(values[column]) > limit:
                remedy = "Latitudes lie in [-90, 90], longitudes in [-180, 180]."
                yield _PLANTS.fault("bad-place", "is not on Earth", row, (column, values[column]), remedy)


def _figures_have_years(rows: Rows) -> Iterator[Fault]:
    for row, values in rows["plants"]:
        known = not math.isnan(values["year"]) and values["share_of"] and values["basis"]
        if not math.isnan(values["share"]) and not known:
            message, cell = "is a figure without year, share_of or basis", ("share", values["share"])
            yield _PLANTS.fault(
                "bare-figure", message, row, cell, "Say of which year, what it is a share of, how counted."
            )


def _purchase_ranges(rows: Rows) -> Iterator[Fault]:
    for row, values in rows["sourcing"]:
        if values["low"] > values["share"] or values["share"] > values["high"]:
            cell = ("share", values["share"])
            yield _SOURCING.fault("bad-range", "lies outside its range", row, cell, "low ≤ share ≤ high.")


def _effect_ranges(rows: Rows) -> Iterator[Fault]:
    for row, values in rows["effects"]:
        for column in ("share", "days", "factor"):
            if values["low"] > values[column] or values[column] > values["high"]:
                cell = (column, values[column])
                yield _EFFECTS.fault("bad-range", "lies outside its range", row, cell, "low ≤ value ≤ high.")


def _parameter_ranges(rows: Rows) -> Iterator[Fault]:
    for row, values in rows["parameters"]:
        value, cell = values["value"], ("value", values["value"])
        if values["low"] > value or value > values["high"]:
            yield _PARAMETERS.fault("bad-range", "lies outside its range", row, cell, "low ≤ value ≤ high.")
        if value < 0:
            yield _PARAMETERS.fault("negative", "is negative", row, cell, "Times and rates are 0 or more.")


def _cost_shares(rows: Rows) -> Iterator[Fault]:
    totals: dict[str, float] = defaultdict(float)
    for row, values in rows["cost_shares"]:
        product, share = values["product"], values["share"]
        if values["low"] > share or share > values["high"]:
            remedy = "low ≤ share ≤ high."
            yield _COST_SHARES.fault("bad-range", "lies outside its range", row, ("share", share), remedy)
        before = totals[product]
        totals[product] += share if share > 0 else 0.0
        if before <= 1 < totals[product]:
            message = f"brings the cost shares of {product} to {totals[product]:.3f}"
            remedy = "They are parts of one cost, of which value added is a part too."
            yield _COST_SHARES.fault("shares-above-one", message, row, ("share", share), remedy)


_CHECKS: tuple[Callable[[Rows], Iterator[Fault]], ...] = (
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
    _purchase_ranges,
    _output_adds_up,
    _places,
    _figures_have_years,
    _effect_ranges,
    _parameter_ranges,
    _cost_shares,
    _critical_cycles,
)
