"""Bad input, through `validate` and the loader: named with its place, all at once, without traceback."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from toy import write_toy

import chainnet as cn
from chainnet import tables
from chainnet.commands import main

Damage = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path) -> Path:
    return write_toy(tmp_path / "toy")


def run(*words: str) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    unplanned = result.exception is not None and not isinstance(result.exception, SystemExit)
    assert not unplanned, result.exception
    assert "Traceback" not in result.output
    return result


# --- ways to spoil a graph -----------------------------------------------------------------------


def cell(table: str, key: str, column: str, value: str) -> Damage:
    """Write a value into the first row whose first cells, joined by a blank, begin with the key."""

    def damage(folder: Path) -> None:
        path = folder / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        next(row for row in rows if " ".join(row.values()).startswith(key))[column] = value
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    return damage


def data(table: str, change: Callable[[bytes], bytes]) -> Damage:
    """Change the bytes of a table."""

    def damage(folder: Path) -> None:
        path = folder / f"{table}.csv"
        path.write_bytes(change(path.read_bytes()))

    return damage


def swap(table: str, old: str, new: str) -> Damage:
    return data(table, lambda text: text.replace(old.encode(), new.encode(), 1))


def recoded(table: str, encoding: str) -> Damage:
    return data(table, lambda text: text.decode().encode(encoding, "ignore"))


def last_line(table: str, line: str) -> Damage:
    return data(table, lambda text: text + line.encode() + b"\n")


FAULTS: dict[str, tuple[Damage, str, str]] = {
    "empty file": (data("firms", lambda _: b""), "empty-file", "firms.csv:1"),
    "no such column": (swap("firms", "hq_city", "city"), "missing-column", "firms.csv:1"),
    "a column too many": (swap("firms", "hq_city", "city"), "unknown-column", "firms.csv:1"),
    "a column twice": (swap("firms", "hq_city", "hq_city,hq_city"), "duplicate-column", "firms.csv:1"),
    "cp949": (recoded("firms", "cp949"), "encoding", "firms.csv:2"),
    "cp932": (recoded("firms", "cp932"), "encoding", "firms.csv:2"),
    "utf-16": (recoded("firms", "utf-16"), "encoding", "firms.csv:1"),
    "NUL byte": (swap("firms", "Lithograaf", "Litho\0graaf"), "nul-byte", "firms.csv:5"),
    "broken quotes": (swap("firms", "Lithograaf", '"Litho"graaf'), "broken-csv", "firms.csv:5"),
    "open quotes": (swap("firms", "Lithograaf", '"Lithograaf'), "broken-csv", "firms.csv:5"),
    "a cell too long": (swap("firms", "Lithograaf", "L" * 200_000), "broken-csv", "firms.csv:5"),
    "row too wide": (swap("firms", "Lithograaf", "Litho,graaf"), "row-width", "firms.csv:5"),
    "row too short": (last_line("firms", "x,X"), "row-width", "firms.csv:8"),
    "no such table": (lambda folder: (folder / "needs.csv").unlink(), "missing-table", "needs.csv"),
    "duplicate id": (cell("firms", "nag", "firm", "han"), "duplicate-key", "firms.csv:7"),
    "an observation twice": (
        data("observations", lambda text: text + text.splitlines(keepends=True)[-1]),
        "duplicate-key",
        "observations.csv:3",
    ),
    "capitals in an id": (cell("firms", "nag", "firm", "Nag"), "bad-id", "firms.csv:7"),
    "a path as an id": (cell("firms", "nag", "firm", "../nag"), "bad-id", "firms.csv:7"),
    "share of 1.2": (cell("plants", "airco", "share", "1.2"), "share-range", "plants.csv:6"),
    "share of -0.1": (cell("plants", "airco", "share", "-0.1"), "share-range", "plants.csv:6"),
    "NaN": (cell("plants", "airco", "share", "NaN"), "not-a-number", "plants.csv:6"),
    "inf": (cell("plants", "airco", "share", "inf"), "not-a-number", "plants.csv:6"),
    "overflow": (cell("plants", "airco", "capacity", "1e999"), "not-a-number", "plants.csv:6"),
    "1_000": (cell("plants", "airco", "capacity", "1_000"), "not-a-number", "plants.csv:6"),
    "1,000": (cell("plants", "airco", "capacity", "1,000"), "not-a-number", "plants.csv:6"),
    "a word for a number": (cell("plants", "airco", "share", "most"), "not-a-number", "plants.csv:6"),
    "year 25": (cell("plants", "airco", "year", "25"), "bad-year", "plants.csv:6"),
    "days below 0": (cell("needs", "chip resist_euv", "cover_days", "-1"), "negative", "needs.csv:3"),
    "month 13": (cell("plants", "nag", "start", "2001-13"), "bad-date", "plants.csv:9"),
    "unknown word": (cell("plants", "nag", "role", "assembly"), "not-allowed", "plants.csv:9"),
    "off the map": (cell("plants", "tok", "lat", "91"), "bad-place", "plants.csv:4"),
    "dangling id": (cell("needs", "chip gas", "input", "unobtainium"), "unknown-id", "needs.csv:4"),
    "unknown firm of many": (
        cell("partnerships", "han", "parties", "han;moon"),
        "unknown-id",
        "partnerships.csv:2",
    ),
    "self-need": (cell("needs", "resist_euv acid", "input", "resist_euv"), "self-need", "needs.csv:2"),
    "unknown country": (cell("firms", "nag", "country", "JAP"), "unknown-country", "firms.csv:7"),
    "full-width twin": (
        cell("firms", "nag", "name", "Ｔokyo　Ｒesist"),
        "name-clash",
        "firms.csv:7",
    ),
    "NFD twin": (
        cell("firms", "nag", "name_ko", unicodedata.normalize("NFD", "도쿄레지스트")),
        "name-clash",
        "firms.csv:7",
    ),
    "legal-form twin": (cell("firms", "nag", "name_ja", "㈱東京レジスト"), "name-clash", "firms.csv:7"),
    "invisible twin": (cell("firms", "nag", "name", "Tok\u200byo Resist"), "name-clash", "firms.csv:7"),
    "buyer without need": (cell("sourcing", "nag", "buyer", "airco"), "buyer-without-need", "sourcing.csv:4"),
    "supplier without plant": (
        cell("sourcing", "han resist_euv sun", "supplier", "lith"),
        "supplier-without-plant",
        "sourcing.csv:3",
    ),
    "supplies itself": (cell("sourcing", "nag", "supplier", "nag"), "self-supply", "sourcing.csv:4"),
    "family beside member": (
        cell("needs", "chip gas", "input", "resist_all"),
        "family-beside-member",
        "needs.csv:3",
    ),
    "family within a family": (
        cell("products", "resist_all", "family", "resist_euv"),
        "nested-family",
        "products.csv:4",
    ),
    "firms above their country": (
        cell("plants", "jpn-resist_euv", "share", "0.5"),
        "firms-above-country",
        "plants.csv:3",
    ),
    "more than the world": (cell("plants", "nag", "share", "0.5"), "shares-above-one", "plants.csv:8"),
    "more than all purchases": (
        cell("sourcing", "han resist_euv sun", "share", "0.9"),
        "",  # another year: the newest counts, so this one is sound
        "",
    ),
    "figure without year": (cell("plants", "airco", "year", ""), "bare-figure", "plants.csv:6"),
    "no impact": (cell("needs", "chip gas", "impact", ""), "missing-impact", "needs.csv:4"),
    "impact outside its range": (cell("needs", "chip gas", "impact", "0.6"), "bad-range", "needs.csv:4"),
    "nobody makes it": (cell("plants", "airco", "product", "chip"), "no-maker", "needs.csv:4"),
    "missing ref": (cell("plants", "airco", "ref", ""), "missing-value", "plants.csv:6"),
    "unknown ref": (cell("plants", "airco", "ref", "toy-report;hearsay"), "unknown-id", "plants.csv:6"),
}


@pytest.mark.parametrize(("damage", "code", "place"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_with_its_place(folder, damage, code, place) -> None:
    damage(folder)
    result = run("validate", folder, "--format", "json")
    faults = [(row["code"], row["place"]) for row in json.loads(result.stdout) if row["kind"] == "fault"]
    if not code:
        assert (result.exit_code, faults) == (0, [])
        return
    assert result.exit_code == 3
    assert (code, place) in faults, faults
    with pytest.raises(cn.DataError) as caught:
        cn.read(folder)
    assert (code, place) in [(fault.code, fault.place) for fault in caught.value.faults]
    # Every other command says the same in short.
    stopped = run("--graph", folder, "info")
    assert stopped.exit_code == 3
    assert f"[{code}]" in stopped.stderr
    assert stopped.stdout == ""


WARNINGS: dict[str, tuple[Damage, str, str]] = {
    "byte order mark": (data("firms", lambda text: b"\xef\xbb\xbf" + text), "byte-order-mark", "firms.csv:1"),
    "NA as a name": (cell("firms", "airco", "name", "NA"), "looks-missing", "firms.csv:4"),
    "null among aliases": (cell("firms", "airco", "aliases", "Air;null"), "looks-missing", "firms.csv:4"),
    "Cyrillic in a Latin name": (cell("firms", "airco", "name", "Аir"), "mixed-script", "firms.csv:4"),
    "a reference nobody cites": (
        last_line("references", "spare,Spare,judgement,,,"),
        "unused-reference",
        "references.csv:4",
    ),
}


@pytest.mark.parametrize(("damage", "code", "place"), WARNINGS.values(), ids=WARNINGS)
def test_a_warning_stops_nothing(folder, damage, code, place) -> None:
    damage(folder)
    result = run("validate", folder, "--format", "json")
    assert result.exit_code == 0
    assert [(row["kind"], row["code"], row["place"]) for row in json.loads(result.stdout)] == [
        ("warning", code, place)
    ]
    assert result.stderr == f"{folder}: 0 faults, 1 warning.\n"
    assert run("--graph", folder, "dependence").exit_code == 0


def test_a_name_that_looks_missing_is_kept(folder) -> None:
    cell("firms", "airco", "name", "NA")(folder)
    assert cn.read(folder).label("airco") == "NA"
    assert "NA" in run("--graph", folder, "show", "airco").stdout


def test_a_byte_order_mark_changes_nothing(folder) -> None:
    digest = cn.read(folder).digest
    data("firms", lambda text: b"\xef\xbb\xbf" + text)(folder)
    assert cn.read(folder).digest == digest


@pytest.mark.parametrize("encoding", ["cp949", "cp932", "utf-16"])
def test_a_foreign_encoding_is_guessed(folder, encoding) -> None:
    recoded("firms", encoding)(folder)
    (fault,) = cn.inspect(folder)[1]
    assert encoding in fault.remedy
    assert "UTF-8" in fault.remedy


def test_control_characters_do_not_get_in(folder) -> None:
    cell("firms", "airco", "name", "Air\x1b]0;owned\x07 Company\u202e")(folder)
    assert cn.read(folder).label("airco") == "Air]0;owned Company"


def test_a_file_too_large_is_not_read(folder, monkeypatch) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 100)
    assert "too-large" in {fault.code for fault in cn.inspect(folder)[1]}


def test_validate_lists_all_faults_at_once(folder) -> None:
    cell("plants", "airco", "share", "1.2")(folder)
    cell("plants", "tok", "country", "JAP")(folder)
    cell("needs", "chip gas", "input", "unobtainium")(folder)
    swap("sourcing", "tok", "moon")(folder)
    recoded("partnerships", "utf-8-sig")(folder)
    result = run("validate", folder)
    assert result.exit_code == 3
    for code in ("share-range", "unknown-country", "unknown-id", "byte-order-mark"):
        assert code in result.stdout
    for place in ("plants.csv:6", "plants.csv:4", "needs.csv:4", "sourcing.csv:2", "partnerships.csv:1"):
        assert place in result.stdout
    header = result.stdout.splitlines()[0].split()
    assert header == ["kind", "code", "place", "column", "value", "message", "remedy"]
    assert "1 warning." in result.stderr


def test_a_thousand_faults_do_not_flood_the_screen(folder) -> None:
    last_line("references", "\n".join(f"R{k},Spare,judgement,,," for k in range(1000)))(folder)
    result = run("--graph", folder, "info")
    assert result.exit_code == 3
    assert len(result.stderr.splitlines()) == 22
    assert "and 980 more: see `chainnet validate DIR`" in result.stderr
    assert len(json.loads(run("validate", folder, "--format", "json").stdout)) == 1000


# --- what is no graph at all ---------------------------------------------------------------------


def test_a_folder_that_is_not_a_graph(tmp_path) -> None:
    (tmp_path / "note.txt").write_text("hello")
    for words in (["validate", tmp_path], ["--graph", tmp_path, "info"]):
        result = run(*words)
        assert result.exit_code == 3
        assert "not-a-graph" in result.output
        assert "needs.csv" in result.output
    for nothing in (tmp_path / "missing", tmp_path / "note.txt"):
        assert run("validate", nothing).exit_code == 3
        assert "no-folder" in run("--graph", nothing, "info").stderr


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("japan-koera", 2, "Did you mean japan-korea?"),
        ("Japan Korea", 2, "is not a graph's name"),
        ("..", 3, "not-a-graph"),
        ("../japan-korea", 3, "no-folder"),
        ("a..b", 2, "no graph 'a..b' is bundled"),
        ("..\\japan-korea", 3, "no-folder"),
        ("/etc/passwd", 3, "no-folder"),
        ("https://example.org/graph", 3, "is an address"),
        ("file:///tmp", 3, "is an address"),
        ("", 2, "is not a graph's name"),
        ("a\0b", 2, "is not a graph's name"),
    ],
)
def test_a_name_that_is_no_graph(name, code, says, tmp_path, monkeypatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    result = run("--graph", name, "info")
    assert result.exit_code == code
    assert says in result.stderr


@pytest.mark.parametrize("address", ["https://example.org/graph", "s3://bucket/graph"])
def test_nothing_is_fetched(address) -> None:
    assert run("validate", address).exit_code == 3
    with pytest.raises(cn.DataError, match="is an address"):
        cn.read(address)


@pytest.mark.parametrize("name", ["../x", "/etc", "a/b", "", ".hidden", "a" * 65, "https://example.org"])
def test_load_takes_names_only(name) -> None:
    with pytest.raises(cn.UsageError):
        cn.load(name)


def test_an_unknown_node_on_the_command_line(folder) -> None:
    result = run("--graph", folder, "disrupt", "JPN:resist_euw")
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "Error: no firm, product or country 'resist_euw' in this graph. Did you mean resist_euv"
    )
