"""What reads a file from outside: by name a valid file, and its reader. See test_hostile.py and fuzz.py."""

from __future__ import annotations

import io
import sqlite3
import sys
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from smalleto import FILES, write_small_eto
from toy import toy

import chainnet as cn
from chainnet.exchange.exports import export
from chainnet.exchange.flats import FlatGraph, flatten
from chainnet.exchange.graphfiles import gexf, graphml, node_link
from chainnet.exchange.tablefiles import import_parquet, parquet
from chainnet.linkfiles import read_by_firm

TOY = toy()
SCENARIO = """name = "Fire"
start = 2021-03-19
days = 90
[[shock]]
country = "JPN"
product = "resist_euv"
capacity = [[0, 0.34], [29, 0.4], [97, 1.0]]
[[control]]
exporter = "JPN"
importer = "KOR"
products = ["resist_euv"]
start = 0
permits = [[0, 0.0], [57, 0.1]]
[[demand]]
product = "resist_euv"
path = [[0, 0.95], [90, 1.0]]
[policy]
detection_days = 7
"""


class Reader(NamedTuple):
    """A valid file, and what reads a file of its kind."""

    seed: Callable[[], bytes]
    read: Callable[[Path], object]


def _bare() -> FlatGraph:
    """The graph as other programs would write it: without chainnet's tables."""
    return replace(flatten(TOY), tables="")


def _zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as held:
        for name, text in FILES.items():
            held.writestr(name, text)
    return out.getvalue()


def _in_eto(path: Path) -> object:
    folder = write_small_eto(path.parent / "eto")
    (folder / "provision.csv").write_bytes(path.read_bytes())
    return cn.read_eto(folder)


def _in_graph(path: Path) -> object:
    folder = path.parent / "graph"
    if not folder.exists():
        cn.write(TOY, folder)
    (folder / "plants.csv").write_bytes(path.read_bytes())
    return cn.read(folder)


def _plants() -> bytes:
    lines = TOY.plants.to_csv(index=False, lineterminator="\n")
    return lines.encode()


def _overlay(path: Path) -> object:
    folder = path.parent / "mine"
    folder.mkdir(exist_ok=True)
    (folder / "plants.csv").write_bytes(path.read_bytes())
    (folder / "references.csv").write_text("ref,citation,url\nmine,x,judgement\n")
    return cn.overlay(TOY, folder)


def _in_parquet(path: Path) -> object:
    folder = path.parent / "tables"
    if not folder.exists():
        export(TOY, "parquet", folder)
    (folder / "plants.parquet").write_bytes(path.read_bytes())
    return import_parquet(folder)


def _links_parquet() -> bytes:
    import pandas as pd

    out = io.BytesIO()
    pd.DataFrame({"supplier": ["a", "b"], "buyer": ["b", "c"], "value": [1.0, 2.0]}).to_parquet(out)
    return out.getvalue()


def _links_sqlite() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("create table links (supplier, buyer, value)")
            connection.execute("insert into links values ('a', 'b', 1), ('b', 7, 2.5), (null, x'00', 'x')")
            connection.commit()
        return path.read_bytes()


def _ask_sqlite(path: Path) -> object:
    return cn.read_links(path, query="select supplier, buyer, value from links")


def _as(ending: str, read: Callable[[Path], object]) -> Callable[[Path], object]:
    """Read the file under another name: some readers look at the ending."""

    def reading(path: Path) -> object:
        other = path.with_name(f"y{ending}")
        other.write_bytes(path.read_bytes())
        return read(other)

    return reading


READERS: Mapping[str, Reader] = {
    "graphml": Reader(lambda: graphml(flatten(TOY)), lambda path: cn.import_graph(path, "graphml")),
    "gexf": Reader(lambda: gexf(flatten(TOY)), lambda path: cn.import_graph(path, "gexf")),
    "node-link": Reader(lambda: node_link(flatten(TOY)), lambda path: cn.import_graph(path, "node-link")),
    "graphml-bare": Reader(lambda: graphml(_bare()), lambda path: cn.import_graph(path, "graphml")),
    "gexf-bare": Reader(lambda: gexf(_bare()), lambda path: cn.import_graph(path, "gexf")),
    "node-link-bare": Reader(lambda: node_link(_bare()), lambda path: cn.import_graph(path, "node-link")),
    "comtrade": Reader(
        lambda: b"period,reporterCode,flowCode,partnerCode,cmdCode,primaryValue\n2018,410,M,392,281111,46\n",
        cn.read_trade,
    ),
    "korea": Reader(
        "기간,국가,HS코드,수입 금액\n총계,총계,-,20\n2018.01,일본,2811111000,20\n".encode, cn.read_trade
    ),
    "japan": Reader(
        lambda: b"Exp or Imp,Year,HS,Country,Value-Year,Value-Jan\n2,2019,'281111000',103,30,10\n",
        cn.read_trade,
    ),
    "trade": Reader(
        lambda: b"period,exporter,importer,hs,value\n2019,JPN,KOR,281111,46\n2019,CHN,KOR,281111,54\n",
        cn.read_trade,
    ),
    "eto-archive": Reader(_zipped, cn.read_eto),
    "eto-folder": Reader(FILES["provision.csv"].encode, _in_eto),
    "graph": Reader(_plants, _in_graph),
    "overlay": Reader(lambda: b"plant,share,ref,drop\ntok-resist_euv,0.5,mine,\n", _overlay),
    "scenario": Reader(SCENARIO.encode, lambda path: cn.Scenario.read(path, TOY)),
    "parquet": Reader(lambda: parquet(TOY)["plants.parquet"], _in_parquet),
    "links": Reader(lambda: b"supplier,buyer,value\na,b,1\nb,c,2\n", _as(".csv", cn.read_links)),
    "links-parquet": Reader(_links_parquet, _as(".parquet", cn.read_links)),
    "links-sqlite": Reader(_links_sqlite, _as(".db", _ask_sqlite)),
    "industries": Reader(
        lambda: b"firm,industry\na,x\nb,y\n", _as(".csv", lambda path: read_by_firm(path, "industry"))
    ),
}

if __name__ == "__main__":
    sys.stdout.write(" ".join(READERS))  # for `make fuzz`
