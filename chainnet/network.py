"""The supply network: the tables of a graph, checked once and frozen, and its networkx view."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import networkx as nx
import numpy as np
import pandas as pd

from chainnet.cards import card
from chainnet.checks import check_tables, family_members
from chainnet.errors import DataError, Fault, UsageError
from chainnet.levers import Lever
from chainnet.names import NameIndex, build_index
from chainnet.schema import TABLES
from chainnet.tables import empty_frame, records, table_csv

if TYPE_CHECKING:
    import plotly.graph_objects as go


class SupplyNetwork:
    """Firms and products as a directed graph, with the source of every number.

    A network is its tables (see :mod:`chainnet.schema`), checked once. It never changes: the
    tables that it hands out are copies, and whatever changes a network returns a new one.

    Parameters
    ----------
    tables
        Tables by name: DataFrames with the columns of the schema. Those that the schema
        calls optional may be missing.
    name
        A short name, shown in results.

    Raises
    ------
    UsageError
        There is no table of such a name.
    DataError
        A column is missing or holds the wrong kind of values, or something is wrong between the
        rows; the error lists all of it.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> net.graph.has_edge("asml", "euv_scanner")
    True
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame], *, name: str = "") -> None:
        _must_be_tables(tables)
        self._name = name
        self._levers: tuple[Lever, ...] = ()
        self._tables = {
            table: (tables[table] if table in tables else empty_frame(TABLES[table])).copy()
            for table in TABLES
        }
        faults = check_tables(self._tables)
        self._warnings = tuple(fault for fault in faults if fault.warning)
        errors = [fault for fault in faults if not fault.warning]
        if errors:
            raise DataError(errors)

    @property
    def name(self) -> str:
        """Short name of the network."""
        return self._name

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What is odd in the tables but usable."""
        return self._warnings

    @property
    def levers(self) -> tuple[Lever, ...]:
        """What partnerships change in time (stocks, qualification, licences, alerts)."""
        return self._levers

    @cached_property
    def plain(self) -> SupplyNetwork:
        """The same tables without levers."""
        return self

    def with_levers(self, levers: Iterable[Lever]) -> SupplyNetwork:
        """Return a network of the same tables with these levers instead of its own."""
        changed = copy(self.plain)
        vars(changed).pop("digest", None)
        vars(changed).update(_levers=tuple(levers), plain=self.plain)
        return changed

    def table(self, name: str) -> pd.DataFrame:
        """Return a copy of a table by its name, such as ``plants``."""
        return self._tables[name].copy()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Copies of all tables by name."""
        return {name: self.table(name) for name in self._tables}

    @property
    def firms(self) -> pd.DataFrame:
        """Firms by head office."""
        return self.table("firms")

    @property
    def products(self) -> pd.DataFrame:
        """Anything supplied."""
        return self.table("products")

    @property
    def plants(self) -> pd.DataFrame:
        """Firm, product and place; and countries' own totals."""
        return self.table("plants")

    @property
    def needs(self) -> pd.DataFrame:
        """What is needed to make what."""
        return self.table("needs")

    @property
    def sourcing(self) -> pd.DataFrame:
        """Who buys what from whom."""
        return self.table("sourcing")

    @property
    def partnerships(self) -> pd.DataFrame:
        """Partnerships, in force, proposed or lapsed."""
        return self.table("partnerships")

    @property
    def effects(self) -> pd.DataFrame:
        """What partnerships change."""
        return self.table("effects")

    @property
    def parameters(self) -> pd.DataFrame:
        """Times and rates of the day-by-day model."""
        return self.table("parameters")

    @property
    def cost_shares(self) -> pd.DataFrame:
        """What part of the cost of making a product is spent on an input."""
        return self.table("cost_shares")

    @property
    def observations(self) -> pd.DataFrame:
        """What was recorded of the events."""
        return self.table("observations")

    @property
    def references(self) -> pd.DataFrame:
        """Where the facts come from."""
        return self.table("references")

    def replace(self, **tables: pd.DataFrame) -> SupplyNetwork:
        """Return a network with some tables replaced, checked anew; levers are kept."""
        changed = SupplyNetwork({**self._tables, **tables}, name=self._name)
        return changed.with_levers(self._levers) if self._levers else changed

    @cached_property
    def families(self) -> dict[str, tuple[str, ...]]:
        """Members of each family of products."""
        return family_members(self._tables["products"])

    def with_members(self, product: str) -> frozenset[str]:
        """Return a product and, if it is a family, its members."""
        return frozenset({product, *self.families.get(product, ())})

    @cached_property
    def home(self) -> dict[str, str]:
        """Country of the head office of each firm."""
        firms = self._tables["firms"]
        return dict(zip(firms["firm"], firms["country"], strict=True))

    @cached_property
    def names(self) -> NameIndex:
        """Index of all names, in English, Japanese and Korean."""
        entries = []
        for kind, table in (("firm", self._tables["firms"]), ("product", self._tables["products"])):
            for row in records(table):
                spelled = [row["name"], row["name_ja"], row["name_ko"]]
                spelled += row.get("aliases", "").split(";")
                entries.append((kind, row[kind], spelled))
        return build_index(entries)

    def label(self, node: str, lang: Literal["en", "ja", "ko"] = "en") -> str:
        """Return the name of a firm or product; the English one where there is no other."""
        return self._labels[lang].get(node) or self._labels["en"].get(node, node)

    @cached_property
    def _labels(self) -> dict[str, dict[str, str]]:
        labels: dict[str, dict[str, str]] = {"en": {}, "ja": {}, "ko": {}}
        for kind, table in (("firm", self._tables["firms"]), ("product", self._tables["products"])):
            for lang, column in (("en", "name"), ("ja", "name_ja"), ("ko", "name_ko")):
                labels[lang] |= dict(zip(table[kind], table[column], strict=True))
        return labels

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the tables' content and the levers; the same network gives the same digest."""
        text = "".join(f"{name}\n{table_csv(self._tables[name], TABLES[name])}" for name in TABLES)
        text += "".join(f"{lever!r}\n" for lever in self._levers)
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def graph(self) -> nx.MultiDiGraph[str]:
        """Firms and products as a networkx graph, frozen.

        A firm points to each product that it makes (key ``supplies``; ``share`` of the world's
        output, None where unknown; ``status``; ``countries``). A product points to each firm
        that needs it (key: what the firm makes of it; ``importance``, ``use``, ``impact``).
        Only production plants count; what a country's unnamed makers supply is not a node.
        """
        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=self._name)
        for row in records(self._tables["firms"]):
            graph.add_node(
                row["firm"], kind="firm", name=row["name"], country=row["country"], line=row["kind"]
            )
        for row in records(self._tables["products"]):
            about = {key: row[key] for key in ("name", "family", "class", "stage")}
            graph.add_node(row["product"], kind="product", **about)
        plants = self._tables["plants"]
        made = plants[(plants["firm"] != "") & (plants["role"] == "production")]
        for (firm, product), rows in made.groupby(["firm", "product"], sort=True):
            graph.add_edge(str(firm), str(product), key="supplies", **_supply(rows))
        makers = made.groupby("product")["firm"].agg(lambda firms: sorted(set(firms))).to_dict()
        for row in records(self._tables["needs"]):
            only = {firm for firm in row["applies_to"].split(";") if firm}
            about = {key: row[key] for key in ("importance", "use", "impact", "status")}
            for firm in makers.get(row["product"], []):
                if not only or firm in only:
                    graph.add_edge(row["input"], firm, key=row["product"], **about)
        nx.freeze(graph)
        return graph

    def projection(self, kind: Literal["firm", "product"]) -> nx.DiGraph[str]:
        """Return the one-mode graph of firms (who supplies whom) or products (what goes into what).

        Parameters
        ----------
        kind
            ``firm``: an edge leads from each maker of an input to each firm that needs it;
            ``weight`` adds the maker's shares of the inputs' world output (unknown shares count
            0) and ``inputs`` lists them. ``product``: an edge leads from an input to what is
            made of it; ``weight`` counts the firms that make it.

        Returns
        -------
        networkx.DiGraph
            The projection.

        Examples
        --------
        >>> import chainnet as cn
        >>> cn.load("japan-korea").projection("product").has_edge("abf_film", "abf_substrate")
        True
        """
        if kind not in ("firm", "product"):
            raise UsageError(f"no projection {kind!r}; use firm or product.")
        full = self.graph
        result: nx.DiGraph[str] = nx.DiGraph(name=self._name)
        result.add_nodes_from((n, data) for n, data in full.nodes(data=True) if data["kind"] == kind)
        if kind == "product":
            for source, firm, made in sorted(
                (u, v, k) for u, v, k in full.edges(keys=True) if full.nodes[u]["kind"] == "product"
            ):
                inputs = result.get_edge_data(source, made, {"weight": 0, "firms": []})
                result.add_edge(source, made, weight=inputs["weight"] + 1, firms=[*inputs["firms"], firm])
            return result
        for maker, product, supply in sorted(full.edges(data=True), key=lambda edge: edge[:2]):
            if full.nodes[maker]["kind"] != "firm":
                continue
            for buyer in sorted(set(full.successors(product))):
                if buyer != maker:
                    found = result.get_edge_data(maker, buyer, {"weight": 0.0, "inputs": []})
                    weight = found["weight"] + (supply["share"] or 0.0)
                    result.add_edge(maker, buyer, weight=weight, inputs=[*found["inputs"], product])
        return result

    def plot(  # noqa: PLR0913, those of figures.network
        self,
        *,
        focus: str | None = None,
        depth: int | None = None,
        direction: Literal["both", "up", "down"] = "both",
        color: str | pd.Series[Any] | None = None,
        size: str | pd.Series[Any] | None = None,
        label: str | pd.Series[Any] | None = None,
        lang: Literal["en", "ja", "ko"] = "en",
    ) -> go.Figure:
        """Draw the network, or what lies around a firm or product.

        Parameters
        ----------
        focus, depth, direction, color, size, label, lang
            As for :func:`chainnet.figures.network`, which this calls.

        Returns
        -------
        plotly.graph_objects.Figure
            The picture.

        Examples
        --------
        >>> import chainnet as cn
        >>> cn.load("japan-korea").plot(focus="asml", color="country").layout.meta["lang"]
        'en'
        """
        from chainnet import figures

        return figures.network(
            self,
            focus=focus,
            depth=depth,
            direction=direction,
            color=color,
            size=size,
            label=label,
            lang=lang,
        )

    def _repr_html_(self) -> str:
        """Return a card for notebooks: counts, years, statuses and licences."""
        plants, references = self._tables["plants"], self._tables["references"]
        years = plants["year"].dropna()
        span = sorted({int(years.min()), int(years.max())}) if len(years) else []
        counts = plants.loc[plants["share"].notna(), "status"].value_counts()
        order = [word for word in ("observed", "estimated", "assumed") if word in counts]
        facts = {name: f"{len(self._tables[name]):,}" for name in ("firms", "products", "plants", "needs")}
        facts["years of the shares"] = "–".join(str(year) for year in span)
        facts["shares known"] = ", ".join(f"{counts[word]:,} {word}" for word in order)
        facts["licences of sources"] = "; ".join(sorted(set(references["licence"]) - {""}))
        return card(f"SupplyNetwork {self._name}".strip(), facts)

    def __repr__(self) -> str:
        """Return a line with the counts."""
        counts = ", ".join(
            f"{len(self._tables[name])} {name}" for name in ("firms", "products", "plants", "needs")
        )
        return f"<SupplyNetwork {self._name!r}: {counts}>"


def _must_be_tables(tables: Mapping[str, pd.DataFrame]) -> None:
    """Refuse tables that the schema does not know, or that lack its columns: files are read with both."""
    unknown = sorted(set(tables) - set(TABLES))
    if unknown:
        raise UsageError(f"there is no table {', '.join(unknown)}; use {', '.join(TABLES)}.")
    faults = []
    for name, given in tables.items():
        for column, kind in empty_frame(TABLES[name]).dtypes.items():
            file, where = f"{name}.csv", str(column)
            if column not in given:
                faults.append(Fault("missing-column", f"has no column {where}", file, column=where))
            elif kind == np.float64 and not pd.api.types.is_numeric_dtype(given[column]):
                held = f"holds values of type {given[column].dtype}, not numbers"
                faults.append(Fault("not-numbers", held, file, column=where))
    if faults:
        raise DataError(faults)


def _supply(rows: pd.DataFrame) -> dict[str, Any]:
    known = rows["share"].dropna()
    statuses = set(rows["status"])
    return {
        "share": float(known.sum()) if len(known) else None,
        "status": next(word for word in ("assumed", "estimated", "observed") if word in statuses),
        "countries": tuple(sorted(set(rows["country"]))),
        "plants": tuple(sorted(rows["plant"])),
    }
