"""The commands for link tables: an economy is drawn, ranked, killed, and ends in the same table."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import chainnet as cn
from chainnet.commands import main
from chainnet.stores import count

RISK = ["risk", "links.csv", "--industries", "industries.csv", "--essential", "essential.csv"]
#: A command whose blocks take their time, so that there is something to interrupt.
SLOWLY = """
import time
from chainnet import risksweeps
from chainnet.commands import _progress, main
_progress._SOON, plain = 0, risksweeps.assess
risksweeps._LEAST = risksweeps._MOST = 20
def slow(*given, **options):
    time.sleep({seconds})
    return plain(*given, **options)
risksweeps.assess = slow
main()
"""


def run(*words: str):
    return CliRunner().invoke(main, list(words), catch_exceptions=False)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("economy")
    for kind in ("csv", "parquet"):
        done = run("synth", "--firms", "400", "--industries", "8", "--format", kind, "-o", str(folder))
        assert done.exit_code == 0
    return folder


@pytest.fixture
def economy(drawn, tmp_path, monkeypatch) -> Path:
    """The folder of an economy, in which commands run."""
    for path in drawn.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def whole(**options) -> pd.DataFrame:
    given = cn.synthetic_economy(400, industries=8)
    return cn.systemic_risk(given.links, given.industries, essential=given.essential, **options)


def ranked(*words: str) -> pd.DataFrame:
    done = run(*RISK, *words, "--format", "json")
    assert done.exit_code == 0, done.output
    return pd.DataFrame(json.loads(done.stdout)).set_index("firm")


def agree(table: pd.DataFrame, risks: pd.DataFrame) -> None:
    """The table has these firms in the order of their index, and these numbers."""
    expected = risks.sort_values("esri", ascending=False, kind="stable")
    assert list(table.index) == [str(firm) for firm in expected.index]
    for name in ("esri", "downstream", "upstream", "rounds"):
        assert table[name].tolist() == expected[name].tolist()


# --- drawing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_same_seed_writes_the_same_bytes(economy, kind) -> None:
    words = ["synth", "--firms", "400", "--industries", "8", "--format", kind]
    assert (
        run(*words, "-o", "again/deep").exit_code == run(*words, "--seed", "1", "-o", "other").exit_code == 0
    )
    for name in ("links", "industries", "essential", "revenue"):
        file = f"{name}.{kind}"
        assert (economy / file).read_bytes() == (economy / "again/deep" / file).read_bytes()
        changes = (economy / file).read_bytes() != (economy / "other" / file).read_bytes()
        assert changes == (name != "essential")


def test_what_cannot_be_drawn_is_a_usage_error(economy) -> None:
    assert run("synth", "--firms", "10", "--links", "90", "-o", "x").exit_code == 2
    (economy / "taken").touch()
    assert run("synth", "--firms", "10", "-o", "taken").exit_code == 1


@pytest.mark.usefixtures("economy")
def test_the_printed_next_command_runs() -> None:
    done = run("synth", "--firms", "50", "-o", "e")
    words = done.stderr.strip().splitlines()[-1].removeprefix("Next: chainnet ").split()
    assert run(*words).exit_code == 0


# --- ranking -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("economy")
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_ranking_is_that_of_the_library(kind) -> None:
    files = [word.replace(".csv", f".{kind}") for word in RISK]
    done = run(*files, "--top", "0", "--format", "json")
    agree(pd.DataFrame(json.loads(done.stdout)).set_index("firm"), whole())
    assert "2000 rows read, 2000 used." in done.stderr
    assert "at 1e-06 the index of 16 of these firms would be larger by" in done.stderr


def test_options_reach_the_library(economy) -> None:
    given = cn.synthetic_economy(400, industries=8)
    agree(ranked("--top", "7"), whole(top=7))
    revenue = {"revenue": given.revenue}
    agree(ranked("--top", "0", "--revenue", "revenue.csv", "--eps", "0.001"), whole(eps=1e-3, **revenue))
    agree(ranked("--top", "0", "--market", "none"), whole(market=None))
    (economy / "some.txt").write_text("12\n\n7\n12\n", encoding="utf-8")
    agree(ranked("--firms", "some.txt"), whole(firms=[12, 7]))
    tables = {
        "market": pd.Series(given.industries.index % 3, given.industries.index),
        "weight": pd.Series(1.0, given.industries.index),
        "costs": given.links.groupby("buyer")["value"].sum() * 2,
    }
    for name, table in tables.items():
        table.rename(name).rename_axis("firm").to_csv(f"{name}.csv")
    words = ["--market", "market.csv", "--weights", "weight.csv", "--costs", "costs.csv"]
    expected = whole(market=tables["market"], weights=tables["weight"], costs=tables["costs"])
    agree(ranked("--top", "0", *words), expected)


@pytest.mark.usefixtures("economy")
def test_lost_demand_alone() -> None:
    given = cn.synthetic_economy(400, industries=8)
    words = ["--upstream", "--revenue", "revenue.csv", "--format", "json", "--top", "9"]
    done = run(*RISK[:4], *words)
    found = pd.DataFrame(json.loads(done.stdout))
    risks = cn.upstream_risk(given.links, list(range(400)), revenue=given.revenue)["upstream"]
    risks = risks.sort_values(ascending=False, kind="stable").head(9)
    assert found["firm"].tolist() == [str(firm) for firm in risks.index]
    assert found["upstream"].tolist() == risks.tolist()


@pytest.mark.usefixtures("economy")
def test_a_query_of_a_database() -> None:
    links = pd.read_csv("links.csv")
    with closing(sqlite3.connect("trade.db")) as connection:
        links.assign(year=2024).to_sql("trade", connection, index=False)
        links.assign(year=2023, value=1.0).to_sql("trade", connection, index=False, if_exists="append")
    query = "select supplier as a, buyer as b, value as c from trade where year = cast(? as integer)"
    words = ["--query", query, "--parameter", "2024", "--columns", "a,b,c"]
    done = run("risk", "trade.db", *RISK[2:], *words, "--top", "0", "--format", "json")
    agree(pd.DataFrame(json.loads(done.stdout)).set_index("firm"), whole())


@pytest.mark.usefixtures("economy")
def test_rows_that_are_no_links_are_told() -> None:
    with Path("links.csv").open("a") as file:
        file.write("3,3,1\n4,,1\n5,6,-1\n5,6,x\n")
    done = run("links", "links.csv")
    assert done.exit_code == 0
    assert "2004 rows read, 2000 used" in done.stderr
    assert "links.csv:2002: [self-link] 1 rows" in done.stderr
    assert "[not-positive]" in done.stderr


@pytest.mark.usefixtures("economy")
@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (RISK[:4], 2, "--essential"),
        ([*RISK, "--upstream"], 2, "takes neither"),
        (["risk", "absent.csv", *RISK[2:], "--upstream"], 2, "takes neither"),  # before a table is read
        (["risk", "https://example.com/l.csv", *RISK[2:]], 3, "--allow-network"),
        (["risk", "none.csv", *RISK[2:]], 3, "no-file"),
        (["risk", "industries.csv", *RISK[2:]], 3, "missing-column"),
        ([*RISK[:3], "revenue.csv", *RISK[4:]], 3, "missing-column"),
        ([*RISK, "--firms", "revenue.csv"], 2, "in industries"),
        ([*RISK, "--firms", "none"], 1, "cannot read"),
        ([*RISK, "--store", "links.csv"], 3, "store-format"),
    ],
)
def test_what_cannot_be_done_is_said(words, code, told) -> None:
    done = run(*words)
    assert done.exit_code == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("economy")
def test_statistics() -> None:
    done = run("links", "links.csv", "--industries", "industries.csv", "--format", "json")
    found = pd.DataFrame(json.loads(done.stdout)).set_index("measure")["value"]
    given = cn.synthetic_economy(400, industries=8)
    expected = cn.link_statistics(given.links, given.industries)["value"]
    pd.testing.assert_series_equal(found.astype(float), expected, rtol=1e-12)


# --- interrupted ---------------------------------------------------------------------------------


def begun(folder: Path) -> subprocess.Popen[str]:
    """Begin a ranking of all firms that takes some seconds; return once something is kept, and not all."""
    words = [*RISK, "--top", "0", "--store", "s", "-o", "out.csv"]
    process = subprocess.Popen(
        [sys.executable, "-c", SLOWLY.format(seconds=0.5), *words],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 300
    while time.monotonic() < end and process.poll() is None:
        if (folder / "s").exists():
            try:
                if 0 < count(folder / "s") < 300:
                    return process
            except (cn.ChainnetError, sqlite3.Error):
                pass
        time.sleep(0.02)
    process.kill()
    raise AssertionError(process.communicate()[1])


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system kills in another way")
def test_killed_and_resumed_it_ends_in_the_same_table(economy) -> None:
    assert run(*RISK, "--top", "0", "-o", "plain.csv").exit_code == 0
    process = begun(economy)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept = count(economy / "s")
    assert 0 < kept < 400
    assert not (economy / "out.csv").exists()
    assert run(*RISK, "--top", "0", "--store", "s", "-o", "out.csv").exit_code == 0
    assert (economy / "out.csv").read_bytes() == (economy / "plain.csv").read_bytes()
    # 400 closures, 16 of them once more to the finer stop.
    assert count(economy / "s") == 416


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system interrupts in another way")
def test_an_interrupt_says_what_is_kept(economy) -> None:
    process = begun(economy)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=300)[1]
    assert process.returncode == 130
    assert f"{count(economy / 's')} results are kept in s" in told


@pytest.mark.usefixtures("economy")
def test_progress_shows_rate_and_time_on_a_terminal() -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", SLOWLY.format(seconds=0.1), *RISK, "--top", "0"],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
    )
    os.close(theirs)
    text = b""
    try:
        # Read as it comes: a terminal that nobody reads is full soon.
        while more := os.read(ours, 4096):
            text += more
    except OSError:
        # Linux says so when the other end is closed.
        pass
    os.close(ours)
    assert process.wait() == 0
    for words in (b"Closing firms", b"/400", b"/s", b"0:00:"):
        assert words in text


def test_the_place_of_firms_in_a_link_table_is_measured(tmp_path) -> None:
    file = tmp_path / "links.csv"
    file.write_text("supplier,buyer,value\na,b,3\nb,c,2\nc,d,1\na,c,-1\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["centrality", "--links", str(file), "--measures", "dominated,reach"])
    assert done.exit_code == 0
    assert done.stdout.split()[3:12] == ["a", "3", "3", "b", "2", "2", "c", "1", "1"]
    assert "4 rows read, 3 used." in done.stderr
    assert "not-positive" in done.stderr


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_link_table_is_made_clean_and_what_was_left_out_is_told(tmp_path, ending) -> None:
    file, clean = tmp_path / "raw.csv", tmp_path / f"clean.{ending}"
    file.write_text("from,to,eur\nb,c,2\na,b,1\na,b,0.5\na,a,9\nc,d,-1\n,d,1\nc,d,NA\n", encoding="utf-8")
    words = ["import", "links", str(file), "--columns", "from,to,eur", "-o", str(clean)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.stderr
    assert "7 rows read, 3 used" in done.stderr
    assert "2 links written" in done.stderr
    links = cn.read_links(clean)
    assert list(links.astype({"supplier": str, "buyer": str}).itertuples(index=False, name=None)) == [
        ("a", "b", 1.5),
        ("b", "c", 2.0),
    ]
    before = clean.read_bytes()
    CliRunner().invoke(main, words)
    assert clean.read_bytes() == before


def test_links_are_not_written_to_just_any_file(tmp_path) -> None:
    done = CliRunner().invoke(main, ["import", "links", "x.csv", "-o", str(tmp_path / "links.xls")])
    assert done.exit_code == 2
    assert ".csv or .parquet" in done.stderr
