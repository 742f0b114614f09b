"""Loading the bundled graphs, reading and writing graph folders."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

import pandas as pd

from chainnet.addresses import is_address, without_secrets
from chainnet.bundled import graphs_folder
from chainnet.checks import unused_references
from chainnet.errors import DataError, Fault, UnknownNameError, UsageError
from chainnet.network import SupplyNetwork
from chainnet.schema import ID_PATTERN, TABLES, datapackage
from chainnet.tables import empty_frame, read_table, table_csv, write_text


def available() -> tuple[str, ...]:
    """Return the names of the bundled graphs.

    Returns
    -------
    tuple of str
        Names that :func:`load` takes.

    Examples
    --------
    >>> "japan-korea" in available()
    True
    """
    return tuple(sorted(path.parent.name for path in graphs_folder().glob("*/datapackage.json")))


def load(name: str = "japan-korea", *, without: Literal["eto"] | None = None) -> SupplyNetwork:
    """Load a bundled graph.

    Parameters
    ----------
    name
        Its name; see :func:`available`.
    without
        ``"eto"`` leaves out every figure of the ETO dataset, whose licence (CC BY-NC 4.0)
        forbids commercial use: its shares become unknown.

    Returns
    -------
    SupplyNetwork
        The checked network.

    Raises
    ------
    UsageError
        The name is not a graph's name.

    Examples
    --------
    >>> load("japan-korea").name
    'japan-korea'
    """
    if not re.fullmatch(ID_PATTERN, name):
        bundled = ", ".join(available())
        raise UsageError(f"{name!r} is not a graph's name; read a folder by its path. Bundled: {bundled}.")
    if name not in available():
        raise UnknownNameError(name, available(), "graph", "is bundled")
    return read(graphs_folder() / name, without=without)


def read(folder: str | Path, *, without: Literal["eto"] | None = None) -> SupplyNetwork:
    """Read a graph folder.

    Parameters
    ----------
    folder
        A folder with the tables of a graph as CSV files.
    without
        ``"eto"`` leaves out every figure of the ETO dataset; see :func:`load`.

    Returns
    -------
    SupplyNetwork
        The checked network, named after the folder.

    Raises
    ------
    DataError
        Everything that is wrong with it, at once.

    Examples
    --------
    >>> read(graphs_folder() / "japan-korea").name
    'japan-korea'
    """
    network, faults = inspect(folder)
    if network is None:
        raise DataError([fault for fault in faults if not fault.warning])
    if without is None:
        return network
    if without != "eto":
        raise UsageError(f"cannot leave out {without!r}; only the figures of 'eto' can be left out.")
    return _without_eto(network)


#: Stands in a graph's folder while it is written.
_UNFINISHED = ".unfinished"


def inspect(folder: str | Path) -> tuple[SupplyNetwork | None, list[Fault]]:
    """Read a graph folder and say everything that is wrong or odd in it.

    Parameters
    ----------
    folder
        The folder.

    Returns
    -------
    network : SupplyNetwork or None
        None when there are faults that are more than warnings.
    faults : list of Fault
        Faults and warnings, in the order of the tables.

    Examples
    --------
    >>> network, faults = inspect("no/such/folder")
    >>> network, faults[0].code
    (None, 'no-folder')
    """
    refused = _refused(folder)
    if refused is not None:
        return None, [refused]
    folder = Path(folder)
    tables: dict[str, pd.DataFrame] = {}
    faults: list[Fault] = []
    for table in TABLES.values():
        path = folder / table.file
        if path.is_file():
            frame, found = read_table(path, table)
            faults += found
            if frame is not None:
                tables[table.name] = frame
        elif not table.optional:
            faults.append(
                Fault("missing-table", "is missing", table.file, remedy=f"A graph has {table.file}.")
            )
        else:
            tables[table.name] = empty_frame(table)
    if len(tables) < len(TABLES):
        # Without a whole table every reference to it would count as wrong.
        return None, faults
    try:
        network = SupplyNetwork(tables, name=folder.resolve().name)
    except DataError as error:
        return None, faults + list(error.faults)
    texts = (path.read_text(encoding="utf-8", errors="replace") for path in folder.glob("events/*.toml"))
    cited = (ref for text in texts for ref in re.findall(rf'"({ID_PATTERN})"', text))
    faults += [*network.warnings, *unused_references(tables, cited)]
    return (None if any(not fault.warning for fault in faults) else network), faults


def _refused(folder: str | Path) -> Fault | None:
    """Say why something cannot be the folder of a graph at all."""
    where = str(folder)
    if is_address(where):
        told = without_secrets(where)
        return Fault("network", "is an address, not a folder", told, remedy="Download it first.")
    folder = Path(folder)
    if not folder.is_dir():
        return Fault("no-folder", "is not a folder", where, remedy="Give the path of a graph's folder.")
    required = [table.file for table in TABLES.values() if not table.optional]
    if not any((folder / file).is_file() for file in required):
        return Fault(
            "not-a-graph", "holds no table of a graph", where, remedy=f"It needs {', '.join(required)}."
        )
    if (folder / _UNFINISHED).exists():
        remedy = f"Write it again, or remove {_UNFINISHED} if its tables are known to be whole."
        return Fault("unfinished", "was being written when that was stopped", where, remedy=remedy)
    return None


def write(network: SupplyNetwork, folder: str | Path) -> Path:
    """Write a network as a graph folder with its ``datapackage.json``.

    Parameters
    ----------
    network
        What to write.
    folder
        Where; it is made if need be, and each file is replaced as a whole. A folder whose writing was
        stopped on the way is not read as a graph.

    Returns
    -------
    pathlib.Path
        The folder.

    Examples
    --------
    >>> import tempfile
    >>> network = load("japan-korea")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     read(write(network, folder)).digest == network.digest
    True
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    # Tables of two networks must never pass for one: whoever is stopped on the way leaves the mark.
    mark = folder / _UNFINISHED
    write_text(mark, "Being written; if nobody is at it, it was stopped on the way.\n")
    for name, table in TABLES.items():
        write_text(folder / table.file, table_csv(network.table(name), table))
    bound = network.references["licence"].eq("CC BY-NC 4.0").any()
    # A network under an overlay is called "graph + overlay"; a package's name is one word.
    name = re.sub(r"[^a-z0-9._-]+", "-", (network.name or folder.name).lower()).strip("-")
    text = package_text(name, noncommercial=bool(bound))
    write_text(folder / "datapackage.json", text)
    mark.unlink()
    return folder


def package_text(name: str, *, noncommercial: bool = False) -> str:
    """Return the ``datapackage.json`` of a graph as text.

    Parameters
    ----------
    name
        The graph's name; the bundled graphs are licensed CC BY-NC 4.0.
    noncommercial
        Whether another graph is bound by that licence, through one of its sources.

    Returns
    -------
    str
        JSON.

    Examples
    --------
    >>> "tabular-data-package" in package_text("toy")
    True
    """
    licence = {
        "name": "CC-BY-NC-4.0",
        "title": "Creative Commons Attribution-NonCommercial 4.0",
        "path": "https://creativecommons.org/licenses/by-nc/4.0/",
    }
    titles = {"japan-korea": "Semiconductor supply chain of Japan and Korea"}
    licences = [licence] if noncommercial or name in titles else []
    package = datapackage(name, titles.get(name, name), licences, list(TABLES))
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


def _without_eto(network: SupplyNetwork) -> SupplyNetwork:
    tables = {
        name: _table_without_eto(frame, name)
        if "ref" in TABLES[name].by_name and name != "references"
        else frame
        for name, frame in network.tables.items()
    }
    references = tables["references"]
    tables["references"] = references[~references["ref"].str.startswith("eto-")]
    return SupplyNetwork(tables, name=network.name)


def _table_without_eto(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    cites = frame["ref"].str.split(";").map(lambda refs: any(ref.startswith("eto-") for ref in refs))
    if name == "plants":
        frame = frame[~(cites & (frame["firm"] == ""))]
        cites = cites[frame.index]
        frame.loc[cites, "year"] = float("nan")
        frame.loc[cites, ["share_of", "basis"]] = ""
    if "share" in frame.columns:
        frame.loc[cites, "share"] = float("nan")
        frame.loc[cites, "note"] = ""
    if "status" in frame.columns:
        frame.loc[cites, "status"] = "assumed"
    # That a firm makes a product is general knowledge; only the figure was ETO's.
    frame.loc[cites, "ref"] = frame.loc[cites, "ref"].map(_other_refs)
    return frame


def _other_refs(refs: str) -> str:
    return ";".join(ref for ref in refs.split(";") if not ref.startswith("eto-")) or "judgement"
