"""Writing a network for other programs, whatever the format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, get_args

from chainnet.errors import UsageError
from chainnet.exchange.flats import FlatGraph, flatten
from chainnet.exchange.graphfiles import gexf, graphml, node_link
from chainnet.exchange.tablefiles import node_and_edge_lists, parquet, workbook
from chainnet.network import SupplyNetwork
from chainnet.tables import write_bytes

Format = Literal["graphml", "gexf", "node-link", "csv", "parquet", "xlsx"]
FORMATS: tuple[str, ...] = get_args(Format)
_WRITERS: Mapping[str, Callable[[FlatGraph], bytes]] = {
    "graphml": graphml,
    "gexf": gexf,
    "node-link": node_link,
}


def export(network: SupplyNetwork, kind: Format, target: str | Path) -> tuple[str, ...]:
    """Write a network for other programs.

    Parameters
    ----------
    network
        The network.
    kind
        ``graphml``, ``gexf`` or ``node-link``: firms and products as nodes, with the tables as an
        attribute, so that :func:`import_graph` gives back the same network; ``csv``: a folder with
        ``nodes.csv`` and ``edges.csv``; ``parquet``: a folder with a file a table (extra
        ``links``); ``xlsx``: a sheet a table, in which text is never a formula (extra ``excel``).
    target
        The file, or the folder; each file is replaced as a whole.

    Returns
    -------
    tuple of str
        What the format does not hold, in sentences.

    Raises
    ------
    UsageError
        No such format.
    ChainnetError
        The library that writes it is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     losses = cn.export(net, "graphml", f"{folder}/net.graphml")
    ...     cn.import_graph(f"{folder}/net.graphml", "graphml").network.digest == net.digest
    True
    """
    if kind not in FORMATS:
        raise UsageError(f"cannot export {kind!r}; use {', '.join(FORMATS)}.")
    target = Path(target)
    if kind == "parquet":
        _write(target, parquet(network))
        return ()
    if kind == "xlsx":
        content, losses = workbook(network)
        write_bytes(target, content)
        return losses
    flat = flatten(network)
    if kind == "csv":
        nodes, edges = node_and_edge_lists(flat)
        _write(target, {"nodes.csv": nodes.encode(), "edges.csv": edges.encode()})
    else:
        write_bytes(target, _WRITERS[kind](flat))
    return flat.losses


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_bytes(folder / name, content)
