"""Hostile and broken files: each is refused with a coded message, exit 3, in bounded memory, no traceback."""

from __future__ import annotations

import gzip
import json
import pickle
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from readers import READERS
from smalleto import FILES, zip_small_eto
from toy import toy

import chainnet as cn
from chainnet.commands import main
from chainnet.exchange import sources, tradefiles
from chainnet.schema import TABLES
from chainnet.tables import typed_frame

Maker = Callable[[Path], Path]


def refused(tmp_path: Path, words: list[str], code: str) -> str:
    """Run a command that must end with exit 3 and this code, and write nothing."""
    target = tmp_path / "never"
    result = CliRunner().invoke(main, [*words, "-o", str(target)])
    assert result.exit_code == 3, (result.output, result.exception)
    assert isinstance(result.exception, SystemExit)
    assert f"[{code}]" in result.stderr, result.stderr
    assert "Traceback" not in result.output
    assert not target.exists()
    return result.stderr


# --- archives ------------------------------------------------------------------------------------


def archive(path: Path, members: dict[str, bytes | str], *, link: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as held:
        for name, content in {**FILES, **members}.items():
            held.writestr(name, content)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            held.writestr(info, "/etc/passwd")
    return path


ARCHIVES: dict[str, tuple[Maker, str]] = {
    "a bomb": (lambda p: archive(p / "x.zip", {"stages.csv": b"0" * (300 << 20)}), "zip-bomb"),
    "an archive in it": (lambda p: archive(p / "x.zip", {"more.zip": b"PK"}), "nested-archive"),
    "a way out": (lambda p: archive(p / "x.zip", {"../../stages.csv": "x"}), "path-traversal"),
    "a way out of Windows": (lambda p: archive(p / "x.zip", {"..\\stages.csv": "x"}), "path-traversal"),
    "an absolute path": (lambda p: archive(p / "x.zip", {"/etc/stages.csv": "x"}), "path-traversal"),
    "a drive": (lambda p: archive(p / "x.zip", {"C:/stages.csv": "x"}), "path-traversal"),
    "a link": (lambda p: archive(p / "x.zip", {}, link="notes.csv"), "symlink"),
    "one file twice": (lambda p: archive(p / "x.zip", {"old/stages.csv": "x"}), "duplicate-file"),
    "too many files": (lambda p: archive(p / "x.zip", {f"{n}.txt": "" for n in range(1001)}), "too-large"),
    "no archive": (lambda p: _file(p / "x.zip", b"not a zip"), "bad-archive"),
    "an archive cut short": (lambda p: _cut(zip_small_eto(p / "x.zip")), "bad-archive"),
    "an archive of another kind": (lambda p: _file(p / "x.csv.gz", gzip.compress(b"a,b")), "bad-archive"),
    "a name that is no text": (lambda p: _misnamed(archive(p / "x.zip", {"é.csv": "x"})), "bad-archive"),
    "a damaged member": (lambda p: _damaged(zip_small_eto(p / "x.zip")), "bad-archive"),
}


def _file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _cut(path: Path) -> Path:
    return _file(path, path.read_bytes()[: path.stat().st_size // 2])


def _misnamed(path: Path) -> Path:
    return _file(path, path.read_bytes().replace("é".encode(), b"\xff\xa9"))


def _damaged(path: Path) -> Path:
    content = bytearray(path.read_bytes())
    content[80:120] = bytes(40)
    return _file(path, bytes(content))


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_hostile_archive_is_refused(name, tmp_path):
    make, code = ARCHIVES[name]
    refused(tmp_path, ["import", "eto", str(make(tmp_path))], code)


def test_many_members_may_not_grow_too_large_together(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 2100)
    assert sum(map(len, FILES.values())) > 2100 > max(map(len, FILES.values()))
    refused(tmp_path, ["import", "eto", str(zip_small_eto(tmp_path / "x.zip"))], "zip-bomb")


READ_IT = """
import resource, sys
from chainnet.errors import DataError
from chainnet.exchange.sources import read_members
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_members(sys.argv[1], ["stages.csv"])
except DataError as error:
    print(error.faults[0].code)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base)
"""


def test_a_bomb_does_not_fill_the_memory(tmp_path):
    """In a process of its own: 600 MB of zeros in an archive of 0.6 MB leave it small."""
    path = archive(tmp_path / "x.zip", {"stages.csv": b"0" * (600 << 20)})
    done = subprocess.run(
        [sys.executable, "-c", READ_IT, str(path)], check=True, capture_output=True, text=True
    )
    fault, grown = done.stdout.split()
    assert fault == "zip-bomb"
    assert int(grown) < 300_000  # kilobytes


# --- what is no local file ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("https://example.org/x.zip", "network"),
        ("s3://bucket/x", "network"),
        ("nothing.here", "no-file"),
        (".", "no-file"),
        ("x.pickle", "refused-format"),
        ("x.pkl", "refused-format"),
        ("x.yaml", "refused-format"),
        ("x.yml", "refused-format"),
    ],
)
@pytest.mark.parametrize("command", ["graphml", "gexf", "node-link"])
def test_a_path_that_is_none_is_refused(command, name, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text("a: &a [1]\nb: *a\n")
    refused(tmp_path, ["import", command, name], code)


@pytest.mark.parametrize("words", [["import", "eto"], ["import", "parquet"], ["export", "csv", "--graph"]])
def test_an_address_is_refused_wherever_a_path_is_expected(words, tmp_path):
    if words[0] == "export":
        result = CliRunner().invoke(main, ["--graph", "https://example.org/g/", "info"])
        assert result.exit_code == 3
        assert "[network]" in result.stderr
    else:
        refused(tmp_path, [*words, "https://example.org/x"], "network")
    result = CliRunner().invoke(main, ["trade", "https://example.org/x.csv", "--importer", "KOR"])
    assert result.exit_code == 3
    result = CliRunner().invoke(main, ["--overlay", "https://example.org/x", "info"])
    assert result.exit_code == 3
    assert "[network]" in result.stderr


class Bomb:
    """An object whose pickle leaves a file where it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("command", ["graphml", "gexf", "node-link"])
def test_a_pickle_is_not_opened_whatever_its_name(command, tmp_path):
    path = _file(tmp_path / "x.graphml", pickle.dumps(Bomb(tmp_path / "ran")))
    result = CliRunner().invoke(main, ["import", command, str(path), "-o", str(tmp_path / "out")])
    assert result.exit_code == 3
    assert not (tmp_path / "ran").exists()


# --- XML ------------------------------------------------------------------------------------------

LOL = b'<!DOCTYPE lolz [<!ENTITY a "lol">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(8)
)
XML: dict[str, tuple[bytes, str]] = {
    "a billion laughs": (LOL + b"]><graphml><graph><node id='&i;'/></graph></graphml>", "xml-dtd"),
    "a file of the system": (
        b'<!DOCTYPE g [<!ENTITY x SYSTEM "file:///etc/passwd">]><graphml>&x;</graphml>',
        "xml-dtd",
    ),
    "a document type elsewhere": (
        b'<!DOCTYPE g SYSTEM "https://example.org/g.dtd"><graphml><graph/></graphml>',
        "xml-dtd",
    ),
    "200,000 levels": (
        b"<graphml>" + b"<graph>" * 200_000 + b"</graph>" * 200_000 + b"</graphml>",
        "too-deep",
    ),
    "no XML": (b"graph { a -> b }", "bad-xml"),
    "an undefined entity": (b"<graphml>&nbsp;</graphml>", "bad-xml"),
    "an end that is missing": (b"<graphml><graph><node id='a'/>", "bad-xml"),
    "an unknown encoding": (b"<?xml version='1.0' encoding='klingon'?><graphml/>", "bad-xml"),
    "an encoding of several bytes": (b"<?xml version='1.0' encoding='cp949'?><graphml/>", "bad-xml"),
    "bytes that are not UTF-8": ("<graphml>삼성</graphml>".encode("cp949"), "bad-xml"),
    "a NUL byte": (b"<graphml>\0</graphml>", "nul-byte"),
    "UTF-16": ("<graphml/>".encode("utf-16"), "nul-byte"),
    "nothing": (b"", "bad-xml"),
    "no node": (b"<graphml><graph/></graphml>", "no-nodes"),
    "an edge to nowhere": (b"<x><node id='a'/><edge source='a' target='b'/></x>", "unknown-node"),
    "no kinds": (b"<x><node id='a'/></x>", "no-kind"),
}


@pytest.mark.parametrize("command", ["graphml", "gexf"])
@pytest.mark.parametrize("name", XML)
def test_hostile_xml_is_refused(command, name, tmp_path):
    content, code = XML[name]
    refused(tmp_path, ["import", command, str(_file(tmp_path / "x.xml", content))], code)


def test_a_graph_of_too_many_nodes_is_refused(tmp_path):
    nodes = b"".join(b"<node id='%d'/>" % number for number in range(100_001))
    refused(
        tmp_path, ["import", "graphml", str(_file(tmp_path / "x", b"<g>" + nodes + b"</g>"))], "too-large"
    )
    data = {"nodes": [{"id": number} for number in range(100_001)], "edges": []}
    refused(
        tmp_path, ["import", "node-link", str(_file(tmp_path / "y", json.dumps(data).encode()))], "too-large"
    )


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "x.graphml"
    with path.open("wb") as file:
        file.truncate(sources.MAX_BYTES + 1)
    refused(tmp_path, ["import", "graphml", str(path)], "too-large")


# --- JSON ------------------------------------------------------------------------------------------

JSON: dict[str, tuple[bytes, str]] = {
    "200,000 levels": (b'{"nodes": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "too-deep"),
    "not a number": (b'{"nodes": [{"id": "a", "share": NaN}], "edges": []}', "bad-json"),
    "no JSON": (b"nodes: []", "bad-json"),
    "a list": (b"[]", "bad-json"),
    "nodes that are none": (b'{"nodes": [1], "edges": []}', "bad-json"),
    "edges that are none": (b'{"nodes": [{"id": "a"}], "edges": ["a"]}', "bad-json"),
    "another encoding": ('{"nodes": "삼성"}'.encode("cp949"), "encoding"),
    "a huge number": (b'{"nodes": ' + b"9" * 5000 + b', "edges": []}', "bad-json"),
    "tables that are none": (
        b'{"nodes": [{"id": "a"}], "edges": [], "graph": {"chainnet_tables": {"tables": 1}}}',
        "bad-tables",
    ),
}


@pytest.mark.parametrize("name", JSON)
def test_hostile_json_is_refused(name, tmp_path):
    content, code = JSON[name]
    refused(tmp_path, ["import", "node-link", str(_file(tmp_path / "x.json", content))], code)


# --- Parquet and trade --------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [0, 4, 100, -200, -8, -1])
def test_a_parquet_file_cut_short_is_refused(part, tmp_path):
    cn.export(toy(), "parquet", tmp_path / "x")
    path = tmp_path / "x/plants.parquet"
    path.write_bytes(path.read_bytes()[:part])
    refused(tmp_path, ["import", "parquet", str(tmp_path / "x")], "bad-parquet")


def test_parquet_of_something_else_is_refused(tmp_path):
    cn.export(toy(), "parquet", tmp_path / "x")
    (tmp_path / "x/plants.parquet").write_bytes((tmp_path / "x/firms.parquet").read_bytes())
    refused(tmp_path, ["import", "parquet", str(tmp_path / "x")], "missing-column")
    (tmp_path / "x/plants.parquet").unlink()
    refused(tmp_path, ["import", "parquet", str(tmp_path / "x")], "missing-table")


@pytest.mark.parametrize("part", [0, 4, 100, -200, -8, -1])
def test_links_of_a_parquet_file_cut_short_are_refused(part, tmp_path):
    content = READERS["links-parquet"].seed()
    path = _file(tmp_path / "x.parquet", content[:part])
    refused(tmp_path, ["links", str(path)], "unreadable")
    # The end of the file says where its parts are: one that lies breaks the reader elsewhere.
    refused(tmp_path, ["links", str(_file(path, content[:20] + content[30:]))], "unreadable")


def test_a_line_without_end_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(tradefiles, "_LONGEST_LINE", 1000)
    path = _file(tmp_path / "x.csv", b"t,i,j,k,v,q\n" + b"1" * 5000)
    with pytest.raises(cn.DataError, match="broken-csv"):
        cn.read_trade(path)


def test_a_file_of_nothing_but_faults_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tradefiles, "_MAX_FAULTY", 10)
    path = _file(tmp_path / "x.csv", b"t,i,j,k,v,q\n" + b"x\n" * 11)
    with pytest.raises(cn.DataError, match="too-many-faults"):
        cn.read_trade(path)
    # Totals are no faults, however many there are.
    totals = "period,exporter,importer,hs,value\n" + "2019,World,KOR,2811,1\n" * 11
    assert len(cn.read_trade(_file(path, totals.encode())).report) == 11


# --- any bytes at all ---------------------------------------------------------------------------------


@st.composite
def mutated(draw, whole: bytes) -> bytes:
    """Cut, repeat, swap and overwrite pieces of a valid file."""
    content = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        to = min(len(content), at + draw(st.integers(0, 40)))
        piece = draw(
            st.one_of(
                st.binary(max_size=12),
                st.sampled_from([b"", b"<", b"]]>", b",", b'"', b"\n", b"\xff", b"NaN"]),
            )
        )
        content[at:to] = draw(st.sampled_from([piece, bytes(content[at:to]) * 2]))
    return bytes(content)


@pytest.mark.parametrize("name", READERS)
def test_every_seed_is_read(name, tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(READERS[name].seed())
    READERS[name].read(path)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_only_our_own_errors_escape_from_a_damaged_file(name, tmp_path, data):
    whole = READERS[name].seed()
    content = data.draw(st.one_of(st.binary(max_size=200), mutated(whole)))
    path = tmp_path / "x.bin"
    path.write_bytes(content)
    try:
        READERS[name].read(path)
    except cn.ChainnetError as error:
        told = error
    else:
        return
    assert str(told)
    assert told.exit_code == 3


# --- what a fuzzer found --------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_row_of_blanks_is_told_whatever_its_columns_hold(table):
    """A blank number that must be there once ended in a traceback: sourcing.csv without a year."""
    frame, faults = typed_frame([(2, {})], table)
    needed = [column.name for column in table.columns if column.required]
    assert [(fault.code, fault.column) for fault in faults] == [("missing-value", name) for name in needed]
    assert frame.select_dtypes("number").isna().all(axis=None)


def test_a_purchase_without_a_year_is_a_fault_of_its_row(tmp_path):
    cn.write(toy(), tmp_path / "mine")
    path = tmp_path / "mine/sourcing.csv"
    path.write_text(path.read_text().replace(",active,2025,", ",active,,"))
    result = CliRunner().invoke(main, ["validate", str(tmp_path / "mine")], catch_exceptions=False)
    assert result.exit_code == 3
    assert "missing-value" in result.stdout
