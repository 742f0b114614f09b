"""Addresses where a file is expected: refused; where allowed fetched once, within limits, and told."""

from __future__ import annotations

import hashlib
import json
import shutil
import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from smalleto import zip_small_eto

import chainnet as cn
from chainnet.addresses import is_address, without_secrets
from chainnet.commands import main
from chainnet.commands._sources import Source
from chainnet.exchange import sources
from chainnet.fetching import fetched

LINKS = b"supplier,buyer,value\nmine,smelter,20\nsmelter,fab,60\n"
TRADE = b"period,exporter,importer,hs,value\n2019,JPN,KOR,281111,46\n2019,CHN,KOR,281111,54\n"
FIRE = (
    b'name = "Fire"\n[[shock]]\ncountry = "JPN"\nproduct = "photoresist_euv"\ncapacity = [[0, 0], [30, 1]]\n'
)


class Served(NamedTuple):
    """What a server holds by path, where it leads, and how often it was asked."""

    address: str
    pages: dict[str, bytes]
    leads: dict[str, str]
    asked: Counter[str]


class Handler(BaseHTTPRequestHandler):
    held: Served

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.held.asked[path] += 1
        page = self.held.pages.get(path)
        self.send_response(302 if path in self.held.leads else 404 if page is None else 200)
        if path in self.held.leads:
            self.send_header("Location", self.held.leads[path])
        if path == "/short.csv":
            self.send_header("Content-Length", "1000")
        elif path != "/endless.csv":
            self.send_header("Content-Length", str(len(page or b"")))
        self.end_headers()
        self.wfile.write(page or b"")

    def log_message(self, *_args: object) -> None:
        pass


def _serving(context: ssl.SSLContext | None = None) -> Iterator[Served]:
    handler = type("Held", (Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        scheme = "http" if context is None else "https"
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        handler.held = Served(f"{scheme}://127.0.0.1:{server.server_port}", {}, {}, Counter())
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield handler.held
        server.shutdown()
        thread.join()


@pytest.fixture
def served():
    yield from _serving()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of a server of one's own")
    folder = tmp_path_factory.mktemp("certificate")
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    extra = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", *words.split(), *extra, *files], check=True, capture_output=True)
    return folder


@pytest.fixture
def secured(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    yield from _serving(context)


def run(*words: str):
    return CliRunner().invoke(main, list(words), catch_exceptions=False)


def code_of(error: cn.DataError) -> str:
    (fault,) = error.faults
    return fault.code


# --- refused unless allowed -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["import", "links", "{}/x.csv", "-o", "out.csv"],
        ["import", "links", "postgresql://ana:hush@127.0.0.1/x", "--query", "select 1", "-o", "out.csv"],
        ["import", "eto", "{}/x.zip", "-o", "out"],
        ["import", "graphml", "{}/x.graphml", "-o", "out"],
        ["links", "{}/x.csv"],
        ["risk", "links.csv", "--industries", "{}/x.csv", "--upstream"],
        ["centrality", "--links", "{}/x.csv"],
        ["trade", "{}/x.csv", "--importer", "KOR"],
        ["run", "{}/fire.toml"],
        ["sweep", "{}/fire.toml"],
        ["uncertainty", "{}/fire.toml"],
        ["report", "--scenario", "{}/fire.toml"],
    ],
)
def test_an_address_is_refused_and_nobody_is_asked(words, served, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*(word.format(served.address) for word in words))
    assert done.exit_code == 3
    assert "[network] is an address, not a file" in done.stderr
    assert "--allow-network" in done.stderr
    assert "hush" not in done.output
    assert not served.asked
    assert list(tmp_path.iterdir()) == []


def test_a_graph_and_an_overlay_are_folders_whatever_is_allowed(served) -> None:
    for option in ("--graph", "--overlay"):
        done = run("--allow-network", option, f"{served.address}/graph", "info")
        assert done.exit_code == 3
        assert "[network] is an address, not a folder" in done.stderr
    assert not served.asked


def test_the_library_asks_nobody_unless_it_is_told_to(served) -> None:
    served.pages["/l.csv"] = LINKS
    address = f"{served.address}/l.csv?key=hush"
    readers = (cn.read_links, cn.read_trade, cn.read_eto, cn.Scenario.read)
    for read in (*readers, lambda path: cn.import_graph(path, "gexf")):
        with pytest.raises(cn.DataError, match=r"l\.csv\?key=…: \[network\]"):
            read(address)
    assert not served.asked
    links = cn.read_links(address, allow_network=True)
    assert links["value"].tolist() == [60.0, 20.0]
    assert served.asked == {"/l.csv": 1}


def test_completing_a_line_asks_nobody(served) -> None:
    served.pages["/t.csv"] = TRADE
    line = ["--allow-network", "trade", f"{served.address}/t.csv"]
    ShellComplete(main, {}, "chainnet", "_CHAINNET_COMPLETE").get_completions(line, "--im")
    assert not served.asked


# --- fetched -----------------------------------------------------------------------------------------


def test_links_are_fetched_once_and_written_down(served, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    served.pages["/down/l.csv"] = LINKS
    (tmp_path / "l.csv").write_bytes(LINKS)
    address = f"{served.address}/down/l.csv"
    assert run("import", "links", "l.csv", "-o", "here.csv").exit_code == 0
    words = ["--allow-network", "import", "links", f"{address}?key=hush", "-o", "there.csv"]
    done = run(*words)
    assert done.exit_code == 0, done.stderr
    assert "2 rows read, 2 used." in done.stderr
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
    text = (tmp_path / "there.csv.manifest.json").read_text(encoding="utf-8")
    assert "hush" not in text
    told = json.loads(text)
    digest = hashlib.sha256(LINKS).hexdigest()
    assert told["inputs"] == [{"address": f"{address}?key=…", "sha256": digest, "bytes": len(LINKS)}]
    assert told["options"]["links"] == f"{address}?key=…"
    # The same command writes the same bytes: no name of a temporary file is in them.
    assert run(*words).exit_code == 0
    assert (tmp_path / "there.csv.manifest.json").read_text(encoding="utf-8") == text
    assert served.asked == {"/down/l.csv": 2}


def test_a_file_that_is_named_twice_is_fetched_once_and_goes_afterwards(
    served, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    firms = b"firm,industry,revenue\nmine,a,99\nsmelter,b,90\nfab,c,9\n"
    served.pages.update({"/l.csv": LINKS, "/f.csv": firms})
    kinds = f"{served.address}/f.csv"
    words = ["risk", f"{served.address}/l.csv", "--industries", kinds, "--revenue", kinds, "--upstream"]
    done = run("--allow-network", *words, "--format", "json")
    assert done.exit_code == 0, done.stderr
    assert {row["firm"] for row in json.loads(done.stdout)} == {"mine", "smelter", "fab"}
    assert served.asked == {"/l.csv": 1, "/f.csv": 1}
    assert list(tmp_path.iterdir()) == []


def test_every_reader_reads_what_was_fetched(served, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    graph = tmp_path / "g.gexf"
    assert run("export", "gexf", "-o", str(graph)).exit_code == 0
    served.pages.update(
        {
            "/t.csv": TRADE,
            "/e.zip": zip_small_eto(tmp_path / "e.zip").read_bytes(),
            "/g.gexf": graph.read_bytes(),
            "/fire.toml": FIRE,
        }
    )
    for words, told in (
        (["trade", "/t.csv", "--importer", "KOR", "--partners"], "JPN"),
        (["run", "/fire.toml", "--days", "5"], "Fire"),
        (["sweep", "/fire.toml"], "1 cases"),
        (["import", "gexf", "/g.gexf", "-o", "g"], "Wrote g"),
        (["import", "eto", "/e.zip", "-o", "e"], "Wrote e"),
    ):
        given = [served.address + word if word.startswith("/") else word for word in words]
        done = run("--allow-network", *given)
        assert done.exit_code == 0, done.stderr
        assert told in done.output
    beside = json.loads((tmp_path / "e/import-report.csv.manifest.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(served.pages["/e.zip"]).hexdigest()
    assert [(each["address"], each["sha256"]) for each in beside["inputs"]] == [
        (f"{served.address}/e.zip", digest)
    ]


def test_a_message_names_the_address(served, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    served.pages.update({"/x.csv": b"a,b\n1,2\n", "/l.csv": LINKS + b"fab,fab,1\n"})
    done = run("--allow-network", "links", f"{served.address}/x.csv")
    assert done.exit_code == 3
    assert f"{served.address}/x.csv: [missing-column]" in done.stderr
    address = f"{served.address}/l.csv"
    for words in (["import", "links", address, "-o", "l.csv"], ["links", address]):
        done = run("--allow-network", *words)
        assert f"{address}:4: [self-link]" in done.stderr


def test_letters_of_an_address_are_escaped_and_its_name_is_safe(served, tmp_path) -> None:
    served.pages["/%E8%A1%A8/../..%2F%E8%A1%A8%201.csv"] = LINKS
    got = fetched(f"{served.address}/表/../..%2F表 1.csv", tmp_path, most=1000)
    assert got.path.parent == tmp_path
    assert got.path.suffix == ".csv"
    assert got.path.read_bytes() == LINKS


# --- what goes wrong on the way ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://example.org/l.csv", "network-scheme"),
        ("http://127.0.0.1.example.org/l.csv", "network-scheme"),
        ("http://127.0.0.1@example.org/l.csv", "network-scheme"),
        ("ftp://example.org/l.csv", "network-scheme"),
        ("file:///etc/passwd", "network-scheme"),
        ("s3://bucket/l.csv", "network-scheme"),
        ("data://x", "network-scheme"),
        ("://", "network-scheme"),
        ("https://ana:hush@example.org/l.csv", "network-login"),
        ("https://ana:hu#sh@example.org/l.csv", "network-failed"),
        ("https://[::1/l.csv", "network-failed"),
        ("https:///l.csv", "network-failed"),
        ("http://127.0.0.1:1/l.csv", "network-failed"),
    ],
)
def test_other_schemes_and_addresses_are_refused(address, code, tmp_path) -> None:
    with pytest.raises(cn.DataError) as told:
        fetched(address, tmp_path, most=1000)
    assert code_of(told.value) == code
    assert "hu" not in str(told.value)
    assert list(tmp_path.iterdir()) == []
    done = run("--allow-network", "links", address)
    assert done.exit_code == 3
    assert f"[{code}]" in done.stderr


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("/none.csv", "network-failed", "404"),
        ("/short.csv", "network-failed", "ended after 52 of 1,000 bytes"),
        ("/large.csv", "too-large", "more than 1,000 bytes"),
        ("/endless.csv", "too-large", "more than 1,000 bytes"),
        ("/plain.csv", "network-scheme", "which is no https:// address"),
        ("/file.csv", "network-failed", "file:"),
        ("/round.csv", "network-scheme", "which is no https:// address"),
    ],
)
def test_what_a_server_does_wrong_is_told(path, code, words, served, tmp_path) -> None:
    served.pages.update({"/short.csv": LINKS, "/large.csv": b"0" * 1001, "/endless.csv": b"0" * 5000})
    served.leads.update(
        {
            "/plain.csv": "http://example.org/x.csv?key=hush",
            "/file.csv": "file:///etc/passwd",
            "/round.csv": "/round.csv",
        }
    )
    with pytest.raises(cn.DataError, match=words) as told:
        fetched(served.address + path, tmp_path, most=1000)
    assert code_of(told.value) == code
    assert "hush" not in str(told.value)


def test_no_more_is_fetched_than_is_read() -> None:
    assert Source().most == sources.MAX_BYTES


def test_a_certificate_is_looked_at(secured, certificate, tmp_path, monkeypatch) -> None:
    secured.pages["/l.csv"] = LINKS
    secured.leads.update({"/more.csv": "/l.csv", "/down.csv": "http://127.0.0.1:1/l.csv"})
    with pytest.raises(cn.DataError, match=r"network-failed.*(?i:certificate)"):
        fetched(f"{secured.address}/l.csv", tmp_path, most=1000)
    assert not secured.asked
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    for path in ("/l.csv", "/more.csv"):
        assert fetched(secured.address + path, tmp_path, most=1000).path.read_bytes() == LINKS
    with pytest.raises(cn.DataError, match="network-scheme"):
        fetched(f"{secured.address}/down.csv", tmp_path, most=1000)


# --- what is told ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://example.org/a@b/c.csv?year=2019&key=x#top", "https://example.org/a@b/c.csv?year=…&key=…"),
        ("https://ana:hush@example.org:8080/c.csv", "https://example.org:8080/c.csv"),
        ("https://ana:hu#sh@example.org/", "https://…"),
        ("https://[::1]:80/x", "https://[::1]:80/x"),
        ("postgresql://ana:hu#s?h/@db:5432/x?password=p", "postgresql://db:5432/x?password=…"),
        ("--links=https://u:p@h/x", "--links=https://h/x"),
        ("select 1", "select 1"),
    ],
)
def test_nothing_told_of_an_address_is_secret(text, told) -> None:
    assert without_secrets(text) == told
    assert without_secrets(told) == told


@given(
    st.text(
        st.characters(exclude_characters="/?#@ \t\n\r\x0b\x0c", exclude_categories=["C", "Z"]), min_size=1
    )
)
def test_no_password_is_told_whatever_it_is_made_of(password) -> None:
    for scheme in ("https", "postgresql"):
        address = f"{scheme}://ana:{password}@example.org/x"
        assert is_address(address)
        assert without_secrets(address) == f"{scheme}://example.org/x"
