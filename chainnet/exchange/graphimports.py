"""A graph file as a graph of chainnet.

A file that chainnet wrote, and that nobody changed, gives back the same network. Any other needs
nodes whose attribute ``kind`` says firm or product, and firms with a ``country``. Its edges mean:

- firm → product: makes it; ``share`` in [0, 1] of the world's output, with its ``year``;
- product → product: goes into it; product → firm with ``makes``: the firm needs it for that;
  ``importance`` (critical where not given), ``use`` (consumed where not given), ``impact``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from chainnet.errors import DataError, Fault, UsageError
from chainnet.exchange.flats import EDGE_ATTRIBUTES, FlatGraph, Value, flatten, unpack
from chainnet.exchange.graphfiles import spelled
from chainnet.exchange.graphreads import read_graph
from chainnet.exchange.identifiers import identifiers
from chainnet.exchange.reports import Imported, Ledger
from chainnet.exchange.sources import read_file
from chainnet.network import SupplyNetwork
from chainnet.schema import TABLES
from chainnet.tables import typed_frame

Cells = list[dict[str, str]]
_REF = "imported"


def import_graph(path: str | Path, kind: str) -> Imported:
    """Read a graph file as a graph.

    Parameters
    ----------
    path
        The file.
    kind
        ``graphml``, ``gexf`` or ``node-link``.

    Returns
    -------
    Imported
        The graph, and what became of each node and edge (numbered in the order of the file).

    Raises
    ------
    DataError
        What is wrong with the file or between its nodes and edges, all at once.

    Examples
    --------
    >>> import tempfile
    >>> text = '''{"nodes": [{"id": "tel", "kind": "firm", "country": "JPN"},
    ...                    {"id": "coater", "kind": "product"}],
    ...          "edges": [{"source": "tel", "target": "coater"}]}'''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "mine.json").write_text(text)
    ...     import_graph(Path(folder, "mine.json"), "node-link").network
    <SupplyNetwork '': 1 firms, 1 products, 1 plants, 0 needs>
    """
    if kind not in ("graphml", "gexf", "node-link"):
        raise UsageError(f"cannot read {kind!r}; use graphml, gexf or node-link.")
    file = Path(path).name
    flat = read_graph(read_file(path), kind, file)
    rows = {"nodes": len(flat.nodes), "edges": len(flat.edges)}
    note = ""
    if flat.tables:
        network = unpack(flat.tables, file)
        if _same(flatten(network), flat):
            return Imported(network, Ledger().table(), rows, ("The tables in the file were used.",))
        note = "The graph was changed since chainnet wrote it: the tables in it were left out."
    network, ledger = _build(flat, file)
    notes = [note] if note else []
    notes.append(
        "Assumed where the file does not say so: needs are critical and consumed, products components."
    )
    return Imported(network, ledger.table(), rows, tuple(notes))


def _same(one: FlatGraph, two: FlatGraph) -> bool:
    """Whether two graphs hold the same nodes and edges; numbers may be spelled as text."""

    def plain(values: Mapping[str, Value]) -> dict[str, str]:
        known = {name: value for name, value in values.items() if value != ""}
        return {name: spelled(value) for name, value in known.items()}

    return {node: plain(values) for node, values in one.nodes.items()} == {
        node: plain(values) for node, values in two.nodes.items()
    } and sorted((a, b, sorted(plain(values).items())) for a, b, values in one.edges) == sorted(
        (a, b, sorted(plain(values).items())) for a, b, values in two.edges
    )


def _build(flat: FlatGraph, file: str) -> tuple[SupplyNetwork, Ledger]:
    ledger = Ledger()
    kinds = {node: str(values.get("kind", "")) for node, values in flat.nodes.items()}
    names = {node: str(values.get("name", values.get("label", node))) for node, values in flat.nodes.items()}
    odd = [node for node, kind in kinds.items() if kind not in ("firm", "product")]
    if len(odd) == len(kinds):
        remedy = "Give every node an attribute kind: firm or product."
        raise DataError([Fault("no-kind", "no node says what it is", file, remedy=remedy)])
    for number, node in enumerate(flat.nodes, start=1):
        if node in odd:
            ledger.say(("nodes", number), "no-kind", node, "is neither a firm nor a product by its kind")
    ids = identifiers((node, names[node]) for node in flat.nodes if node not in set(odd))
    tables: dict[str, Cells] = {name: [] for name in TABLES}
    reference = {"ref": _REF, "citation": f"Imported from {file}", "url": "judgement"}
    tables["references"] = [reference]
    for node, own in ids.items():
        about = {name: spelled(value) for name, value in flat.nodes[node].items()}
        table = "firms" if kinds[node] == "firm" else "products"
        tables[table].append({**_node(about, kinds[node], names[node]), kinds[node]: own, "ref": _REF})
    members = {row["product"] for row in tables["products"]}
    for row in tables["products"]:
        family = ids.get(row["family"], row["family"])
        row["family"] = family if family in members else ""
    supplies, needs = _edges(flat, kinds, ids, ledger)
    needs = _with_makers(
        needs, supplies, {row["product"]: row["family"] for row in tables["products"]}, ledger
    )
    country = {row["firm"]: row["country"] for row in tables["firms"]}
    tables["plants"] = [row for edge, about in supplies.items() for row in _plants(edge, about, country)]
    tables["needs"] = _needs(needs, supplies)
    frames, faults = {}, []
    for name, table_ in TABLES.items():
        frames[name], found = typed_frame(enumerate(tables[name], start=1), table_)
        faults += [fault for fault in found if not fault.warning]
    if faults:
        raise DataError(faults)
    return SupplyNetwork(frames, name=""), ledger


def _node(about: Mapping[str, str], kind: str, name: str) -> dict[str, str]:
    shared = {"name": name, "name_ja": about.get("name_ja", ""), "name_ko": about.get("name_ko", "")}
    if kind == "firm":
        return {**shared, "country": about.get("country", ""), "kind": about.get("line", "") or "other"}
    return {
        **shared,
        "family": about.get("family", ""),
        "class": about.get("class", "") or "component",
        "stage": about.get("stage", "") or "device",
        "hs": about.get("hs", ""),
        "definition": about.get("definition", "") or name,
    }


_Edge = tuple[str, str]
_Needs = dict[_Edge, dict[str, dict[str, str]]]


def _edges(
    flat: FlatGraph, kinds: Mapping[str, str], ids: Mapping[str, str], ledger: Ledger
) -> tuple[dict[_Edge, dict[str, str]], _Needs]:
    """Sort the edges into who makes what, and what is needed for what by whom ("" is all makers)."""
    supplies: dict[_Edge, dict[str, str]] = {}
    needs: _Needs = defaultdict(dict)
    products = {own for node, own in ids.items() if kinds[node] == "product"}
    for number, (source, target, values) in enumerate(flat.edges, start=1):
        about = {name: spelled(value) for name, value in values.items() if name in EDGE_ATTRIBUTES}
        about["number"] = str(number)
        place, ends = ("edges", number), (kinds[source], kinds[target])
        made = ids.get(about.get("makes", ""), "")
        if source not in ids or target not in ids:
            ledger.say(place, "no-kind", f"{source} -> {target}", "leads to a node that is not used")
        elif ends == ("firm", "product"):
            if supplies.setdefault((ids[source], ids[target]), about) is not about:
                ledger.say(place, "repeated", f"{source} -> {target}", "stands above already")
        elif ends == ("product", "product"):
            needs[ids[target], ids[source]][""] = about
        elif ends == ("product", "firm") and made in products:
            needs[made, ids[source]][ids[target]] = about
        else:
            why = "says neither who makes what nor what is needed for what"
            ledger.say(place, "no-meaning", f"{source} -> {target}", why)
    return supplies, needs


def _with_makers(
    needs: _Needs, supplies: Mapping[_Edge, object], family: Mapping[str, str], ledger: Ledger
) -> _Needs:
    """Leave out, and report, needs of what nobody makes: such a graph could not be calculated with."""
    made = {product for _, product in supplies}
    made |= {family[product] for product in made}
    kept: _Needs = {}
    for (product, source), by_firm in needs.items():
        if source in made or family[source] in made - {""}:
            kept[product, source] = by_firm
            continue
        for about in by_firm.values():
            why = "is needed, but no firm of the graph makes it"
            ledger.say(("edges", int(about["number"])), "no-maker", source, why)
    return kept


def _plants(edge: _Edge, about: Mapping[str, str], country: Mapping[str, str]) -> Cells:
    firm, product = edge
    places = [place for place in about.get("countries", "").split(";") if place] or [country[firm]]
    share = about.get("share", "")
    rows = []
    for number, place in enumerate(places):
        name = f"{firm}-{product}" if len(firm) + len(product) < 60 else f"{firm[:29]}-{product[:29]}"
        row = {
            "plant": f"{name}.{number}" if number else name,
            "firm": firm,
            "product": product,
            "country": place,
            "role": "production",
            "status": about.get("status", "") or "assumed",
            "ref": _REF,
        }
        # A firm's figure for several places is booked once; where it is made is not told.
        figure = {"share": share, "share_of": "hq", "basis": "revenue", "year": about.get("year", "")}
        rows.append({**row, **(figure if share and not number else {})})
    return rows


def _needs(needs: _Needs, supplies: Mapping[_Edge, object]) -> Cells:
    rows = []
    for (made, source), by_firm in needs.items():
        makers = {firm for firm, product in supplies if product == made}
        everyone = "" in by_firm or makers <= set(by_firm)
        about = next(iter(by_firm.values()))
        rows.append(
            {
                "product": made,
                "input": source,
                "importance": about.get("importance", "") or "critical",
                "impact": about.get("impact", ""),
                "use": about.get("use", "") or "consumed",
                "applies_to": "" if everyone else ";".join(sorted(by_firm)),
                "status": about.get("status", "") or "assumed",
                "ref": _REF,
            }
        )
    return rows
