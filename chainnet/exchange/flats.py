"""A network as flat nodes and edges: text and numbers only, as graph files hold them.

What has no flat form is left out or spelled out: an unknown number is an attribute that is not
there, several values are joined by ``;``, and characters that XML forbids are gone, and counted.
The tables themselves travel along as text, so that a graph file that nobody has changed gives
back the same network.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

from chainnet.errors import DataError, Fault
from chainnet.network import SupplyNetwork
from chainnet.schema import TABLES
from chainnet.tables import parse_csv, records, table_csv, typed_frame

Value = str | float
#: Attributes of nodes and edges, in order, and whether they are numbers.
NODE_ATTRIBUTES: Mapping[str, bool] = dict.fromkeys(
    ("kind", "name", "name_ja", "name_ko", "country", "line", "family", "class", "stage", "hs"), False
)
EDGE_ATTRIBUTES: Mapping[str, bool] = {
    "relation": False,
    "share": True,
    "year": True,
    "status": False,
    "countries": False,
    "plants": False,
    "makes": False,
    "importance": False,
    "use": False,
    "impact": True,
}
_ONLY_IN_TABLES = (
    "Nodes and edges show firms, products, who makes what and what is needed; countries' totals,"
    " purchases, partnerships and sources stand in the tables only."
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAKS = re.compile(r"[\t\n\r]+")


@dataclass(frozen=True)
class FlatGraph:
    """Nodes and edges with text and numbers.

    Parameters
    ----------
    nodes
        Attributes of each node by its id.
    edges
        Source, target and attributes of each edge.
    name
        The graph's name.
    tables
        The tables behind it as JSON; empty where there are none.
    losses
        What the flat form does not hold, in sentences.
    """

    nodes: Mapping[str, Mapping[str, Value]]
    edges: tuple[tuple[str, str, Mapping[str, Value]], ...]
    name: str = ""
    tables: str = ""
    losses: tuple[str, ...] = ()


def flatten(network: SupplyNetwork) -> FlatGraph:
    """Return a network as flat nodes and edges.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    FlatGraph
        Firms and products; what supplies what, and what is needed for what.

    Examples
    --------
    >>> import chainnet as cn
    >>> flat = flatten(cn.load("japan-korea"))
    >>> flat.nodes["asml"]["country"]
    'NLD'
    """
    cut: list[str] = []
    details = {
        row[kind]: {key: value for key, value in row.items() if key in NODE_ATTRIBUTES and key != "kind"}
        for kind, table in (("firm", network.firms), ("product", network.products))
        for row in records(table)
    }
    nodes = {
        str(node): _attributes({**details[node], **about}, NODE_ATTRIBUTES, cut)
        for node, about in network.graph.nodes(data=True)
    }
    plants = network.plants
    years = plants[plants["share"].notna()].groupby(["firm", "product"])["year"].max().to_dict()
    edges = []
    for source, target, key, about in network.graph.edges(keys=True, data=True):
        supplied = {"relation": "supplies", "year": years.get((source, target))}
        relation = supplied if key == "supplies" else {"relation": "needs", "makes": key}
        edges.append((str(source), str(target), _attributes({**relation, **about}, EDGE_ATTRIBUTES, cut)))
    losses = [_ONLY_IN_TABLES]
    losses += [f"{len(cut)} texts lost characters that XML forbids."] if cut else []
    losses += [f"{len(network.levers)} levers of partnerships are not in it."] if network.levers else []
    return FlatGraph(nodes, tuple(edges), network.name, pack(network), tuple(losses))


def _attributes(about: Mapping[str, object], known: Mapping[str, bool], cut: list[str]) -> dict[str, Value]:
    """Keep what is known: unknown values are left out, several are joined, numbers stay numbers."""
    found: dict[str, Value] = {}
    for name, number in known.items():
        value = about.get(name)
        if isinstance(value, tuple | list):
            value = ";".join(str(part) for part in value)
        if number:
            if _is_number(value):
                found[name] = float(value)
        elif value not in (None, ""):
            found[name] = flat_text(str(value), cut)
    return found


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, float | int) and math.isfinite(value)


def flat_text(text: str, cut: list[str]) -> str:
    r"""Return text that every format can hold: on one line, without what XML forbids.

    Parameters
    ----------
    text
        Any text.
    cut
        Texts that were changed are added to it.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> cut = []
    >>> flat_text("Tokyo\x07 Resist", cut), cut
    ('Tokyo Resist', ['Tokyo\x07 Resist'])
    """
    plain = _BREAKS.sub(" ", _NOT_XML.sub("", text))
    if plain != text:
        cut.append(text)
    return plain


def pack(network: SupplyNetwork) -> str:
    """Return all tables of a network as one text.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    str
        JSON in ASCII; no reader changes a letter of it.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> unpack(pack(net)).digest == net.digest
    True
    """
    tables = {name: table_csv(network.table(name), table) for name, table in TABLES.items()}
    return json.dumps({"chainnet": 1, "name": network.name, "tables": tables})


def unpack(text: str, file: str = "tables") -> SupplyNetwork:
    """Return the network whose tables a text holds.

    Parameters
    ----------
    text
        What :func:`pack` returned.
    file
        Its file, for the faults.

    Returns
    -------
    SupplyNetwork
        The network, checked anew.

    Raises
    ------
    DataError
        It is no such text, or the tables have faults.
    """
    try:
        held = json.loads(text)
        tables = {name: str(held["tables"][name]) for name in TABLES}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        remedy = "Export the graph again."
        fault = Fault("bad-tables", "holds tables that cannot be read", file, remedy=remedy)
        raise DataError([fault]) from error
    frames, faults = {}, []
    for name, table in TABLES.items():
        rows, found = parse_csv(tables[name].encode("utf-8", "replace"), table.file)
        header = rows[0][1] if rows else []
        if header != list(table.by_name):
            faults.append(Fault("bad-tables", "has other columns than this version", table.file))
            continue
        cells = [(line, dict(zip(header, row, strict=False))) for line, row in rows[1:]]
        frames[name], wrong = typed_frame(cells, table)
        faults += [fault for fault in [*found, *wrong] if not fault.warning]
    if faults:
        raise DataError(faults)
    return SupplyNetwork(frames, name=str(held.get("name", "")))
