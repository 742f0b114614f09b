"""Reading GraphML, GEXF and node-link JSON that somebody else wrote, within caps.

XML is parsed as it streams in, by defusedxml: a document type, and so an entity, ends it; so does
a depth, a number of elements or of nodes that no graph of this kind has. Nothing is fetched.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NoReturn

from chainnet.errors import DataError, Fault
from chainnet.exchange.flats import FlatGraph, Value
from chainnet.exchange.graphfiles import TABLES_KEY
from chainnet.exchange.sources import refuse

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_DEPTH = 100
MAX_ELEMENTS = 2_000_000
MAX_NODES = 100_000
#: Nodes and edges as they were written: id and attributes; source, target and attributes.
_Nodes = list[tuple[str, dict[str, Value]]]
_Edges = list[tuple[str, str, dict[str, Value]]]


def read_graph(data: bytes, kind: str, file: str) -> FlatGraph:
    """Read a graph file.

    Parameters
    ----------
    data
        Its content.
    kind
        ``graphml``, ``gexf`` or ``node-link``.
    file
        Its name, for the faults.

    Returns
    -------
    FlatGraph
        Nodes and edges with the attributes that they have, as text and numbers.

    Raises
    ------
    DataError
        What is wrong with it: not well-formed, a document type, too deep, too large, nodes twice,
        edges to nodes that are not there.

    Examples
    --------
    >>> read_graph(b'{"nodes": [{"id": "a"}], "links": []}', "node-link", "x.json").nodes
    {'a': {}}
    """
    if b"\0" in data:
        # UTF-16 as well: XML in it is as rare as it is hard to check.
        refuse("nul-byte", "holds a NUL byte", file, "Is it a text file? Save it as UTF-8.")
    if kind == "node-link":
        return _checked(*_node_link(data, file), file)
    return _checked(*(_graphml(data, file) if kind == "graphml" else _gexf(data, file)), file)


def _checked(nodes: _Nodes, edges: _Edges, about: tuple[str, str], file: str) -> FlatGraph:
    found: dict[str, dict[str, Value]] = {}
    faults = []
    for node, values in nodes:
        if not node or node in found:
            message = "is the id of two nodes" if node else "is no id of a node"
            faults.append(Fault("bad-node", message, file, None, "id", node, "Give each node its own."))
        found[node] = values
    for source, target, _ in edges:
        faults += [
            Fault("unknown-node", "is no node of the graph", file, None, "edge", end, "Add the node.")
            for end in (source, target)
            if end not in found
        ]
    if not nodes:
        faults.append(Fault("no-nodes", "holds no node", file, remedy="Is it a graph of this format?"))
    if faults:
        raise DataError(faults)
    return FlatGraph(found, tuple(edges), about[0], about[1])


# XML


def _elements(data: bytes, file: str) -> Iterator[tuple[str, Element]]:
    """Yield the start and end of each element while the file is parsed; raise at the first danger."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    depth = count = nodes = 0
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            if event == "start":
                depth, count = depth + 1, count + 1
                nodes += _tag(element) == "node"
                if depth > MAX_DEPTH:
                    refuse("too-deep", f"is nested deeper than {MAX_DEPTH} levels", file, _NOT_OURS)
                if nodes > MAX_NODES or count > MAX_ELEMENTS:
                    message = f"has more than {MAX_NODES:,} nodes or {MAX_ELEMENTS:,} elements"
                    refuse("too-large", message, file, "Take a part of it.")
            else:
                depth -= 1
            yield event, element
    except DefusedXmlException:
        refuse("xml-dtd", "declares a document type or an entity", file, "Remove the DOCTYPE.")
    except (ParseError, LookupError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        refuse("bad-xml", f"is not well-formed XML: {error}", file, "Export it again.")


_NOT_OURS = "Graph files have a handful of levels."


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element: Element, tag: str) -> Iterator[Element]:
    return (child for child in element if _tag(child) == tag)


def _graphml(data: bytes, file: str) -> tuple[_Nodes, _Edges, tuple[str, str]]:
    names: dict[str, str] = {}
    nodes: _Nodes = []
    edges: _Edges = []
    name = tables = ""
    outer: list[str] = []
    for event, element in _elements(data, file):
        tag = _tag(element)
        if event == "start":
            outer.append(tag)
            name = element.get("id", "") if tag == "graph" and outer.count("graph") == 1 else name
            continue
        outer.pop()
        if tag == "key":
            names[element.get("id", "")] = element.get("attr.name", element.get("id", ""))
        elif tag == "data" and outer[-1:] == ["graph"] and names.get(element.get("key", "")) == TABLES_KEY:
            tables = element.text or ""
        elif tag in ("node", "edge"):
            values: dict[str, Value] = {
                names.get(each.get("key", ""), each.get("key", "")): each.text or ""
                for each in _children(element, "data")
            }
            if tag == "node":
                nodes.append((element.get("id", ""), values))
            else:
                edges.append((element.get("source", ""), element.get("target", ""), values))
            element.clear()
    return nodes, edges, (name, tables)


def _gexf(data: bytes, file: str) -> tuple[_Nodes, _Edges, tuple[str, str]]:
    titles: dict[tuple[str, str], str] = {}
    place = "node"
    nodes: _Nodes = []
    edges: _Edges = []
    tables = ""
    for event, element in _elements(data, file):
        tag = _tag(element)
        if event == "start":
            place = element.get("class", "node") if tag == "attributes" else place
        elif tag == "attribute":
            titles[place, element.get("id", "")] = element.get("title", "")
        elif tag == "description" and (element.text or "").startswith('{"chainnet"'):
            tables = element.text or ""
        elif tag in ("node", "edge"):
            values: dict[str, Value] = {
                titles.get((tag, each.get("for", "")), each.get("for", "")): each.get("value", "")
                for held in _children(element, "attvalues")
                for each in _children(held, "attvalue")
            }
            if tag == "node":
                label = element.get("label", "")
                nodes.append((element.get("id", ""), {"name": label, **values} if label else values))
            else:
                edges.append((element.get("source", ""), element.get("target", ""), values))
            element.clear()
    return nodes, edges, ("", tables)


# JSON


def _not_a_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _node_link(data: bytes, file: str) -> tuple[_Nodes, _Edges, tuple[str, str]]:
    try:
        held = json.loads(data.decode("utf-8-sig"), parse_constant=_not_a_number)
    except UnicodeDecodeError:
        refuse("encoding", "is not UTF-8", file, "Save it as UTF-8.")
    except RecursionError:
        refuse("too-deep", "is nested too deeply", file, _NOT_OURS)
    except ValueError as error:
        refuse("bad-json", f"is not JSON: {error}", file, "Export it again.")
    if not isinstance(held, dict) or not isinstance(held.get("nodes"), list):
        refuse("bad-json", "has no list of nodes", file, "Node-link JSON holds nodes, and edges or links.")
    # networkx writes `edges` since 3.4, and `links` before; read by the wrong name a graph has none.
    lists = [held[key] for key in ("edges", "links") if isinstance(held.get(key), list)]
    if len(lists) != 1:
        what = "both edges and links" if lists else "neither edges nor links"
        refuse("bad-json", f"has {what}", file, "Keep the one that holds the edges.")
    if len(held["nodes"]) > MAX_NODES:
        refuse("too-large", f"has more than {MAX_NODES:,} nodes", file, "Take a part of it.")
    _only_objects([*held["nodes"], *lists[0]], file)
    nodes: _Nodes = [(_id(node.get("id")), _flat(node, ("id",))) for node in held["nodes"]]
    skipped = ("source", "target", "key")
    edges: _Edges = [
        (_id(edge.get("source")), _id(edge.get("target")), _flat(edge, skipped)) for edge in lists[0]
    ]
    about = held.get("graph")
    about = about if isinstance(about, dict) else {}
    tables = about.get(TABLES_KEY)
    name = about.get("name")
    name = name if isinstance(name, str) else ""
    return nodes, edges, (name, json.dumps(tables) if tables is not None else "")


def _only_objects(rows: Iterable[object], file: str) -> None:
    if not all(isinstance(row, dict) for row in rows):
        refuse("bad-json", "has a node or an edge that is no object", file, "Export it again.")


def _id(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _flat(about: Mapping[str, object], without: tuple[str, ...]) -> dict[str, Value]:
    """Keep text and numbers; several texts are joined; what is nested has no meaning here."""
    found: dict[str, Value] = {}
    for name, value in about.items():
        if name in without or isinstance(value, bool):
            continue
        if isinstance(value, str) or (isinstance(value, int | float) and math.isfinite(value)):
            found[name] = value if isinstance(value, str) else float(value)
        elif isinstance(value, list) and all(isinstance(part, str) for part in value):
            found[name] = ";".join(value)
    return found
