"""Writing a network as GraphML, GEXF or node-link JSON, for Gephi, yEd, networkx and others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from chainnet.exchange.flats import EDGE_ATTRIBUTES, NODE_ATTRIBUTES, FlatGraph, Value

GRAPHML = "http://graphml.graphdrawing.org/xmlns"
GEXF = "http://www.gexf.net/1.2draft"
#: Under this name the tables travel in the graph's own attributes.
TABLES_KEY = "chainnet_tables"


def graphml(flat: FlatGraph) -> bytes:
    """Return a flat graph as GraphML.

    Parameters
    ----------
    flat
        The graph; its tables become an attribute of it.

    Returns
    -------
    bytes
        XML in UTF-8: the same graph gives the same bytes.

    Examples
    --------
    >>> graphml(FlatGraph({"tel": {"kind": "firm"}}, ())).count(b"<node")
    1
    """
    root = Element("graphml", {"xmlns": GRAPHML})
    keys: dict[tuple[str, str], str] = {}
    for place, known in (("node", NODE_ATTRIBUTES), ("edge", EDGE_ATTRIBUTES)):
        for name, number in known.items():
            keys[place, name] = f"d{len(keys)}"
            about = {"id": keys[place, name], "for": place, "attr.name": name}
            SubElement(root, "key", {**about, "attr.type": "double" if number else "string"})
    about = {"id": "tables", "for": "graph", "attr.name": TABLES_KEY, "attr.type": "string"}
    SubElement(root, "key", about)
    graph = SubElement(root, "graph", {"id": flat.name or "chainnet", "edgedefault": "directed"})
    if flat.tables:
        SubElement(graph, "data", {"key": "tables"}).text = flat.tables
    for node, values in flat.nodes.items():
        element = SubElement(graph, "node", {"id": node})
        for name, value in values.items():
            SubElement(element, "data", {"key": keys["node", name]}).text = spelled(value)
    for count, (source, target, values) in enumerate(flat.edges):
        ends = {"id": str(count), "source": source, "target": target}
        element = SubElement(graph, "edge", ends)
        for name, value in values.items():
            SubElement(element, "data", {"key": keys["edge", name]}).text = spelled(value)
    return _xml(root)


def gexf(flat: FlatGraph) -> bytes:
    """Return a flat graph as GEXF 1.2, which Gephi opens as it is.

    Parameters
    ----------
    flat
        The graph; its tables become the description of the file.

    Returns
    -------
    bytes
        XML in UTF-8, without date: the same graph gives the same bytes.

    Examples
    --------
    >>> b'label="Tokyo Electron"' in gexf(FlatGraph({"tel": {"name": "Tokyo Electron"}}, ()))
    True
    """
    root = Element("gexf", {"xmlns": GEXF, "version": "1.2"})
    meta = SubElement(root, "meta")
    SubElement(meta, "creator").text = "chainnet"
    if flat.tables:
        SubElement(meta, "description").text = flat.tables
    graph = SubElement(root, "graph", {"defaultedgetype": "directed", "mode": "static"})
    keys: dict[tuple[str, str], str] = {}
    for place, known in (("node", NODE_ATTRIBUTES), ("edge", EDGE_ATTRIBUTES)):
        attributes = SubElement(graph, "attributes", {"class": place, "mode": "static"})
        for name, number in known.items():
            keys[place, name] = str(len(keys))
            kind = "double" if number else "string"
            SubElement(attributes, "attribute", {"id": keys[place, name], "title": name, "type": kind})
    nodes = SubElement(graph, "nodes")
    for node, values in flat.nodes.items():
        label = str(values.get("name", node))
        _with_values(SubElement(nodes, "node", {"id": node, "label": label}), "node", values, keys)
    edges = SubElement(graph, "edges")
    for count, (source, target, values) in enumerate(flat.edges):
        ends = {"id": str(count), "source": source, "target": target}
        _with_values(SubElement(edges, "edge", ends), "edge", values, keys)
    return _xml(root)


def _with_values(
    element: Element, place: str, values: Mapping[str, Value], keys: Mapping[tuple[str, str], str]
) -> None:
    if values:
        held = SubElement(element, "attvalues")
        for name, value in values.items():
            SubElement(held, "attvalue", {"for": keys[place, name], "value": spelled(value)})


def node_link(flat: FlatGraph) -> bytes:
    """Return a flat graph as node-link JSON, as ``networkx.node_link_graph(data, edges="edges")`` reads it.

    Parameters
    ----------
    flat
        The graph; its tables become an attribute of it.

    Returns
    -------
    bytes
        JSON in UTF-8.

    Examples
    --------
    >>> import json
    >>> json.loads(node_link(FlatGraph({"tel": {"kind": "firm"}}, ())))["nodes"]
    [{'id': 'tel', 'kind': 'firm'}]
    """
    about: dict[str, object] = {"name": flat.name}
    if flat.tables:
        about[TABLES_KEY] = json.loads(flat.tables)
    data = {
        "directed": True,
        "multigraph": True,
        "graph": about,
        "nodes": [{"id": node, **values} for node, values in flat.nodes.items()],
        "edges": list(_edges(flat)),
    }
    return (json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _edges(flat: FlatGraph) -> Iterator[dict[str, object]]:
    for number, (source, target, values) in enumerate(flat.edges):
        yield {"source": source, "target": target, "key": number, **values}


def spelled(value: Value) -> str:
    """Return a value as text; numbers as the shortest text that reads back as the same number.

    Parameters
    ----------
    value
        Text or a number.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> spelled(0.1), spelled("x")
    ('0.1', 'x')
    """
    return value if isinstance(value, str) else repr(float(value))


def _xml(root: Element) -> bytes:
    indent(root, space=" ")
    declaration = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    return declaration + tostring(root, encoding="unicode").encode() + b"\n"
