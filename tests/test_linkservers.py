"""Links from a PostgreSQL server are those of a file; nothing is written there, and no password is told."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from postgres import ESCAPED, PASSWORD, USER, binaries, server

import chainnet as cn
from chainnet.commands import main

SQL = """
create table links (supplier text, buyer text, value numeric(12, 2), plain double precision, day date);
insert into links values
    ('mine', 'smelter', 20, 20, '2024-01-01'), ('smelter', 'fab', 60, 60, null),
    ('mine', 'smelter', 5, 5, null),
    ('fab', 'fab', 1, 1, null), ('rival', 'fab', 0, 0, null), ('rival', 'fab', 'NaN', null, null),
    ('rival', 'fab', null, null, null), (null, 'fab', 2, 2, null);
create table firms (id bigint, name text);
insert into firms values (7, 'mine');
create function written() returns int language sql
    as $$ insert into links values ('x', 'y', 9, 9, null); select 1 $$;
"""
SELECT = "select supplier, buyer, value from links"


@pytest.fixture(scope="module")
def postgres():
    """The address of a server without its user, and with."""
    if binaries() is None:
        pytest.skip("PostgreSQL's initdb is not on this machine")
    pytest.importorskip("adbc_driver_postgresql", reason="the driver is not installed")
    with server(SQL) as place:
        yield place, f"postgresql://{USER}:{ESCAPED}@{place}"


def ask(address: str, query: str = SELECT, **options):
    return cn.read_links(address, query=query, allow_network=True, **options)


def test_the_links_are_those_of_a_file(postgres) -> None:
    links = ask(postgres[1])
    assert links.to_numpy().tolist() == [["smelter", "fab", 60.0], ["mine", "smelter", 25.0]]
    assert links.attrs["left_out"] == {"no-name": 1, "self-link": 1, "no-number": 2, "not-positive": 1}
    assert (links.attrs["rows"], links.attrs["used_rows"]) == (8, 3)
    assert {fault.file for fault in links.attrs["faults"]} == {f"postgresql://{postgres[0]}"}
    plain = ask(postgres[1], "select supplier, buyer, plain as value from links")
    assert plain.to_numpy().tolist() == links.to_numpy().tolist()


def test_numbers_are_names_and_parameters_are_values(postgres) -> None:
    query = "select f.id as supplier, l.buyer, l.value from links l join firms f on f.name = l.supplier"
    assert ask(postgres[1], query)["supplier"].tolist() == ["7"]
    query = SELECT + " where supplier = $1 and value > $2::numeric"
    assert ask(postgres[1], query, parameters=["mine", "10"])["value"].tolist() == [20.0]
    hostile = "mine' or 'a' = 'a"
    with pytest.raises(cn.DataError, match="no-links"):
        ask(postgres[1], query, parameters=[hostile, "10"])


@pytest.mark.parametrize(
    "query",
    [
        "drop table links",
        "select written(), supplier, buyer, value from links",
        "insert into links values ('x', 'y', 9, 9, null) returning supplier, buyer, value",
        f"{SELECT}; drop table links",
        f"{SELECT}) to stdout; drop table links; --",
        "select set_config('transaction_read_only', 'off', false), written()",
        "set transaction read write",
        "select nothing from nowhere",
        "select day as supplier, buyer, value from links where pg_sleep('x')",
        "",
    ],
)
def test_a_query_can_only_read(query, postgres) -> None:
    with pytest.raises(cn.DataError) as told:
        ask(postgres[1], query)
    (fault, *_) = told.value.faults
    assert fault.code in {"no-answer", "missing-column"}
    assert fault.file == f"postgresql://{postgres[0]}"
    assert ask(postgres[1]).attrs["rows"] == 8


@pytest.mark.parametrize(
    ("login", "more"),
    [
        (f"{USER}:wrong-hush", ""),
        (USER, "?password=wrong-hush"),
        ("nobody:hush", ""),
        (f"{USER}:hush%zz", ""),
        (f"{USER}:hu@sh@ush", ""),
        (f"{USER}:hu/sh", ""),
        (f"{USER}:{ESCAPED}", "?hush=hush"),
        (f"{USER}:{ESCAPED}", "?sslmode=hush"),
    ],
)
def test_no_password_is_told(login, more, postgres, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    with pytest.raises(cn.DataError, match="no-answer") as told:
        ask(f"postgresql://{login}@{postgres[0]}{more}")
    for part in ("hush=h", "wrong", "hu@", "sh@", "ush'", "hu/", "zz"):
        assert part not in str(told.value)


def test_the_command_says_where_it_asked_and_not_as_whom(postgres, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["import", "links", postgres[1], "--query", SELECT, "-o", "links.csv"]
    refused = CliRunner().invoke(main, words)
    assert refused.exit_code == 3
    assert "[network]" in refused.stderr
    done = CliRunner().invoke(main, ["--allow-network", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    assert (
        tmp_path / "links.csv"
    ).read_text() == "supplier,buyer,value\nmine,smelter,25.0\nsmelter,fab,60.0\n"
    told = json.loads((tmp_path / "links.csv.manifest.json").read_text(encoding="utf-8"))
    assert told["inputs"] == [{"address": f"postgresql://{postgres[0]}"}]
    assert told["options"]["query"] == SELECT
    for secret in (USER, ESCAPED, PASSWORD):
        assert secret not in json.dumps(told) + done.output + refused.output


def test_the_password_may_stand_in_the_environment(postgres, monkeypatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert ask(f"postgres://{USER}@{postgres[0]}").attrs["rows"] == 8


def test_a_server_takes_a_query_and_a_file_takes_none() -> None:
    with pytest.raises(cn.UsageError, match="say with a query"):
        cn.read_links("postgresql://ana:hush@127.0.0.1/x", allow_network=True)
    with pytest.raises(cn.DataError, match=r"\[network\]"):
        cn.read_links("postgresql://127.0.0.1/x", query=SELECT)
