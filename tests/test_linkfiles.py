"""Link tables from files and databases are the same links, and no row is dropped silently."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections import Counter

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chainnet as cn
from chainnet.linkfiles import read_by_firm, read_essential

ROWS = [
    ("mine", "smelter", 20.0),
    ("smelter", "fab", 60.0),
    ("mine", "smelter", 5.0),
    ("fab", "fab", 1.0),
    ("rival", "fab", 0.0),
    ("rival", "fab", -3.0),
    ("rival", "fab", float("nan")),
    ("", "fab", 2.0),
]
SELECT = "select supplier, buyer, value from links"
KINDS = ["csv", "parquet", "parquet query", "duckdb", "sqlite"]


def stored(folder, kind: str, rows):
    """Write rows to a file of a kind; return what is asked of read_links."""
    table = pd.DataFrame(rows, columns=["supplier", "buyer", "value"])
    path = folder / f"links.{kind.split(maxsplit=1)[0]}"
    path.unlink(missing_ok=True)
    if kind == "csv":
        table.to_csv(path, index=False)
    elif kind.startswith("parquet"):
        table.to_parquet(path)
    elif kind == "duckdb":
        with duckdb.connect(str(path)) as connection:
            connection.register("given", table)
            connection.execute("create table links as select * from given")
    else:
        connection = sqlite3.connect(path)
        table.to_sql("links", connection, index=False)
        connection.close()
    return (path, {"query": SELECT}) if kind in {"parquet query", "duckdb", "sqlite"} else (path, {})


def read(folder, kind, rows) -> pd.DataFrame:
    path, options = stored(folder, kind, rows)
    return cn.read_links(path, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_all_kinds_hold_the_same_links(tmp_path, kind) -> None:
    links = read(tmp_path, kind, ROWS)
    # Firms by name: fab, mine, smelter.
    assert links.to_numpy().tolist() == [["smelter", "fab", 60.0], ["mine", "smelter", 25.0]]
    assert list(links["supplier"].cat.categories) == ["fab", "mine", "smelter"]
    assert links.attrs["left_out"] == {"no-name": 1, "self-link": 1, "no-number": 1, "not-positive": 2}
    assert (links.attrs["rows"], links.attrs["used_rows"], links.attrs["summed_rows"]) == (8, 3, 1)
    assert [fault.code for fault in links.attrs["faults"]] == list(links.attrs["left_out"])
    self_link = links.attrs["faults"][1]
    assert (self_link.row, self_link.value, self_link.warning) == (5, "fab", True)


firm = st.sampled_from(["a", "b", "c", "é", "007", "7", "x,y", 'q"', " s"])
amount = st.sampled_from([0.0, -1.0, 0.1, 0.2, 0.3, 1e-300, 1e17, float("nan")])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(firm, firm, amount), min_size=1, max_size=12), st.randoms(), st.sampled_from(KINDS))
def test_rows_in_are_rows_used_and_rows_told(tmp_path, rows, random, kind) -> None:
    sums: Counter[tuple[str, str]] = Counter()
    for supplier, buyer, value in sorted(rows, key=lambda row: row[2] if row[2] == row[2] else 0):
        if supplier != buyer and value > 0:
            sums[supplier, buyer] += value
    if not sums:
        with pytest.raises(cn.DataError, match="no-links"):
            read(tmp_path, kind, rows)
        return
    links = read(tmp_path, kind, rows)
    found = {(supplier, buyer): value for supplier, buyer, value in links.itertuples(index=False)}
    assert found == dict(sums)
    assert links.attrs["rows"] == len(rows)
    assert links.attrs["used_rows"] + sum(links.attrs["left_out"].values()) == len(rows)
    assert links.attrs["used_rows"] - links.attrs["summed_rows"] == len(links)
    # Neither the order of rows nor the kind of file changes a bit.
    shuffled = random.sample(rows, len(rows))
    for other in KINDS[:3]:
        pd.testing.assert_frame_equal(read(tmp_path, other, shuffled), links, check_exact=True)


def test_names_are_text_whatever_they_were(tmp_path) -> None:
    numbers = [(1, 2, 10), (2, 30, 20)]
    for kind in KINDS:
        links = read(tmp_path, kind, numbers)
        assert links[["supplier", "buyer"]].to_numpy().tolist() == [["1", "2"], ["2", "30"]], kind
        assert links["supplier"].cat.codes.dtype.itemsize <= 4
    dictionary = tmp_path / "dictionary.parquet"
    table = pd.DataFrame(ROWS[:2], columns=["supplier", "buyer", "value"])
    table.astype({"supplier": "category", "value": "str"}).to_parquet(dictionary)
    assert cn.read_links(dictionary)["value"].tolist() == [60.0, 20.0]


@pytest.mark.parametrize("kind", KINDS)
def test_columns_may_have_other_names(tmp_path, kind) -> None:
    table = pd.DataFrame(ROWS[:2], columns=["value", "from", "eur"])
    path = tmp_path / f"links.{kind.split(maxsplit=1)[0]}"
    query = 'select value, "from", eur from links' if kind not in {"csv", "parquet"} else None
    if kind == "csv":
        table.to_csv(path, index=False)
    elif kind.startswith("parquet"):
        table.to_parquet(path)
    elif kind == "duckdb":
        with duckdb.connect(str(path)) as connection:
            connection.register("given", table)
            connection.execute("create table links as select * from given")
    else:
        connection = sqlite3.connect(path)
        table.to_sql("links", connection, index=False)
        connection.close()
    links = cn.read_links(path, query=query, columns=("value", "from", "eur"))
    assert links.to_numpy().tolist() == [["smelter", "fab", 60.0], ["mine", "smelter", 20.0]]
    with pytest.raises(cn.DataError, match=r"missing-column.*there are value, from, eur: supplier"):
        cn.read_links(path, query=query)


@pytest.mark.parametrize("kind", KINDS[2:])
def test_parameters_of_a_query_are_bound(tmp_path, kind) -> None:
    path, _ = stored(tmp_path, kind, ROWS)
    query = f"{SELECT} where supplier = ? and value > ?"
    links = cn.read_links(path, query=query, parameters=["mine", 10])
    assert links.to_numpy().tolist() == [["mine", "smelter", 20.0]]
    with pytest.raises(cn.DataError, match="no-links"):
        cn.read_links(path, query=query, parameters=["mine' or 1=1 --", 10])


@pytest.mark.parametrize("kind", KINDS[2:])
@pytest.mark.parametrize(
    "query",
    [
        "drop table links",
        "delete from links",
        "select 1 as supplier; drop table links",
        "select * from read_csv('{other}')",
        "select * from '{other}'",
        "select * from read_parquet('{parquet}')",
        "copy links to '{new}'",
        "attach '{new}' as n",
        "attach '{sqlite}' as n",
        "install httpfs",
        "pragma table_info('links')",
        "set enable_external_access = true",
        "select supplier, buyer, value from nothing",
        "select supplier, buyer, value from table_of_python",
        "this is no query",
    ],
)
def test_a_query_reads_its_source_and_nothing_else(tmp_path, kind, query) -> None:
    table_of_python = pd.DataFrame(ROWS, columns=["supplier", "buyer", "value"])
    path, options = stored(tmp_path, kind, ROWS)
    names = {"other": "other.csv", "parquet": "other.parquet", "sqlite": "other.sqlite", "new": "new.csv"}
    files = {name: tmp_path / file for name, file in names.items()}
    table_of_python.to_csv(files["other"], index=False)
    table_of_python.to_parquet(files["parquet"])
    sqlite3.connect(files["sqlite"]).close()
    before = path.read_bytes()
    with pytest.raises((cn.DataError, cn.UsageError)):
        cn.read_links(path, query=query.format(**files))
    assert path.read_bytes() == before
    assert not files["new"].exists()
    assert len(cn.read_links(path, **options)) == 2


def broken(folder, what):
    whole, _ = stored(folder, "parquet", ROWS)
    texts = {
        "nul.csv": b"supplier,buyer,value\na,b\0,1\n",
        "latin.csv": "supplier,buyer,value\nMüller,b,1\n".encode("latin-1"),
        "empty.csv": b"",
        "header.csv": b"supplier,buyer,value\n",
        "column.csv": b"supplier,buyer,amount\na,b,1\n",
        "truncated.parquet": whole.read_bytes()[:-40],
        "csv.parquet": b"supplier,buyer,value\na,b,1\n",
        "text.duckdb": b"no database" * 1000,
        "text.sqlite": b"no database" * 1000,
    }
    tables = {
        "nul.parquet": {"supplier": ["a\0"], "buyer": ["b"], "value": [1.0]},
        "column.parquet": {"supplier": ["a"], "value": [1.0]},
        "list.parquet": {"supplier": [["a"]], "buyer": ["b"], "value": [1.0]},
    }
    if what in texts:
        (folder / what).write_bytes(texts[what])
    elif what in tables:
        pd.DataFrame(tables[what]).to_parquet(folder / what)
    return folder / what


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("nul.csv", "nul-byte"),
        ("latin.csv", "unreadable"),
        ("empty.csv", "unreadable"),
        ("header.csv", "no-links"),
        ("column.csv", "missing-column"),
        ("truncated.parquet", "unreadable"),
        ("csv.parquet", "unreadable"),
        ("nul.parquet", "nul-byte"),
        ("column.parquet", "missing-column"),
        ("list.parquet", "unreadable"),
        ("text.duckdb", "unreadable"),
        ("text.sqlite", "unreadable"),
        ("none.csv", "no-file"),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_a_code(tmp_path, what, code) -> None:
    path = broken(tmp_path, what)
    query = SELECT if what.startswith("text") else None
    with pytest.raises(cn.DataError) as told:
        cn.read_links(path, query=query)
    assert [fault.code for fault in told.value.faults] == [code]
    assert told.value.faults[0].file == str(path)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("links.xlsx", {}, "cannot read .xlsx"),
        ("links.csv", {"query": SELECT}, "takes no query"),
        ("links.duckdb", {}, "say with a query"),
        ("links.csv", {"parameters": [1]}, "for a query"),
        ("links.csv", {"columns": ["a", "b"]}, "name three"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(tmp_path, monkeypatch, name, options, words) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).touch()
    with pytest.raises(cn.UsageError, match=words):
        cn.read_links(name, **options)


def test_without_the_extra_csv_and_sqlite_still_work(tmp_path) -> None:
    for kind in ("csv", "sqlite", "parquet", "duckdb"):
        stored(tmp_path, kind, ROWS)
    code = f"""
import sys
sys.modules.update(pyarrow=None, duckdb=None)
import chainnet as cn
assert len(cn.read_links("links.csv")) == len(cn.read_links("links.sqlite", query="{SELECT}")) == 2
for file, query, library in (
    ("links.parquet", None, "pyarrow"),
    ("links.parquet", "{SELECT}", "duckdb"),
    ("links.duckdb", "{SELECT}", "duckdb"),
):
    try:
        cn.read_links(file, query=query)
    except cn.ChainnetError as error:
        assert str(error) == f"{{file}} needs {{library}}: pip install 'chainnet[links]'.", error
    else:
        raise AssertionError(file)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, cwd=tmp_path)


def test_links_that_were_read_have_the_risk_of_a_plain_table(tmp_path) -> None:
    rng = np.random.default_rng(0)
    ends = rng.integers(0, 40, (300, 2))
    rows = [(f"f{i}", f"f{j}", value) for (i, j), value in zip(ends, rng.random(300), strict=True) if i != j]
    kinds = pd.Series([f"k{k % 3}" for k in range(40)], [f"f{k}" for k in range(40)])
    essential = pd.DataFrame(2, index=["k0", "k1", "k2"], columns=["k0", "k1", "k2"])
    plain = pd.DataFrame(rows, columns=["supplier", "buyer", "value"])
    whole = cn.systemic_risk(plain, kinds, essential=essential)
    for kind in KINDS:
        links = read(tmp_path, kind, rows)
        found = cn.systemic_risk(links, kinds, essential=essential)
        pd.testing.assert_frame_equal(found, whole, check_exact=True)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tables_that_go_with_links(tmp_path, kind) -> None:
    def written(name, table):
        path = tmp_path / f"{name}.{kind}"
        (table.to_csv if kind == "csv" else table.to_parquet)(path, index=False)
        return path

    firms = pd.DataFrame({"firm": [7, 8], "industry": [1, 2], "revenue": [1.5, np.nan]})
    path = written("firms", firms)
    assert read_by_firm(path, "industry").to_dict() == {"7": "1", "8": "2"}
    revenue = read_by_firm(path, "revenue")
    assert float(revenue["7"]) == 1.5
    assert revenue.isna().tolist() == [False, True]
    with pytest.raises(cn.DataError, match=r"missing-column.*there are firm, industry, revenue: market"):
        read_by_firm(path, "market")
    codes = read_essential(written("essential", pd.DataFrame({"product": [1, 2], "1": [2, 1], "2": [0, 2]})))
    pd.testing.assert_frame_equal(
        codes.astype(int),
        pd.DataFrame([[2, 0], [1, 2]], ["1", "2"], ["1", "2"]),
        check_names=False,
        check_index_type=False,
        check_column_type=False,
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_a_pipe_is_no_file(tmp_path) -> None:
    os.mkfifo(tmp_path / "links.csv")
    with pytest.raises(cn.DataError, match="no-file"):
        cn.read_links(tmp_path / "links.csv")
