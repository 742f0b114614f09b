"""Graphs by name and by folder: what loads, what is refused, what is left out, what describes it."""

from __future__ import annotations

import csv
import json
import socket

import pandas as pd
import pytest
from draw import draw
from toy import toy, toy_tables, write_toy

import chainnet
from chainnet import (
    DataError,
    SupplyNetwork,
    UnknownNameError,
    UsageError,
    available,
    inspect,
    load,
    read,
    write,
)
from chainnet.bundled import graphs_folder
from chainnet.datasets import package_text
from chainnet.schema import TABLES
from chainnet.tables import table_csv

BUNDLED = graphs_folder() / "japan-korea"


@pytest.fixture(scope="module")
def bundled():
    return load("japan-korea")


# --- by name -----------------------------------------------------------------------------------


def test_the_bundled_graph_loads_by_name(bundled):
    assert "japan-korea" in available()
    assert bundled.name == "japan-korea"
    assert load().digest == bundled.digest == read(BUNDLED).digest == chainnet.load().digest
    assert len(bundled.firms) > 100
    assert {"JPN", "KOR"} <= set(bundled.firms["country"])


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        load("japan-corea")
    assert caught.value.suggestions == ("japan-korea",)
    assert str(caught.value) == "no graph 'japan-corea' is bundled. Did you mean japan-korea?"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "..",
            ".",
            "",
            "../japan-korea",
            "japan-korea/../japan-korea",
            "/etc",
            "japan-korea/",
            "japan-korea\n",
        ),
        *("https://example.org/graph", "file:///etc", "C:\\graphs", "Japan-Korea", "japan-korea\0", "~"),
    ],
)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(UsageError, match="not a graph's name"):
        load(name)


# --- by folder ---------------------------------------------------------------------------------


def test_a_folder_is_read_and_named_after_itself(tmp_path):
    net = read(write_toy(tmp_path / "small"))
    assert net.name == "small"
    assert net.digest == toy().digest
    assert read(str(tmp_path / "small")).digest == net.digest


@pytest.mark.parametrize("address", ["https://example.org/graph", "s3://bucket/graph", "file:///etc"])
def test_an_address_is_not_fetched(address, monkeypatch):
    def no_network(*_args, **_kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", no_network)
    with pytest.raises(DataError) as caught:
        read(address)
    assert [fault.code for fault in caught.value.faults] == ["network"]


def test_what_holds_no_graph_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    for path, code in [
        (tmp_path / "no", "no-folder"),
        (tmp_path / "file", "no-folder"),
        (tmp_path, "not-a-graph"),
    ]:
        network, faults = inspect(path)
        assert network is None
        assert [fault.code for fault in faults] == [code]
        with pytest.raises(DataError):
            read(path)


@pytest.mark.parametrize("name", TABLES)
def test_only_optional_tables_may_be_missing(tmp_path, name):
    folder = write_toy(tmp_path / "small")
    (folder / f"{name}.csv").unlink()
    if name == "partnerships":
        (folder / "effects.csv").unlink()
    network, faults = inspect(folder)
    if TABLES[name].optional:
        assert network is not None
        assert len(network.table(name)) == 0
    else:
        assert network is None
        assert [(fault.code, fault.file) for fault in faults] == [("missing-table", f"{name}.csv")]


def test_all_faults_of_all_tables_are_said_at_once(tmp_path):
    folder = write_toy(tmp_path / "small", needs=[{"product": "chip", "input": "nothing"}])
    lines = (folder / "firms.csv").read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace(",JPN,", ",JAP,")
    (folder / "firms.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _, faults = inspect(folder)
    found = {(fault.place, fault.code) for fault in faults}
    assert {("firms.csv:2", "unknown-country"), ("needs.csv:6", "unknown-id")} <= found


def test_a_warning_does_not_stop_a_load(tmp_path):
    folder = write_toy(tmp_path / "small")
    firms = folder / "firms.csv"
    firms.write_text("\ufeff" + firms.read_text(encoding="utf-8"), encoding="utf-8")
    network, faults = inspect(folder)
    assert network is not None
    assert [(fault.code, fault.warning) for fault in faults] == [("byte-order-mark", True)]


def test_what_is_written_reads_back_and_is_written_the_same(tmp_path):
    net = toy()
    write(net, tmp_path / "one")
    write(read(tmp_path / "one"), tmp_path / "two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == sorted([*(f"{name}.csv" for name in TABLES), "datapackage.json"])
    for name in names:
        one, two = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two"))
        assert one == two or name == "datapackage.json"  # which bears the network's name
    assert read(tmp_path / "two").digest == net.digest


def test_writing_over_a_graph_replaces_it(tmp_path):
    write(toy(), tmp_path)
    write(draw("tok@JPN -> resist 0.6"), tmp_path)
    assert list(read(tmp_path).firms["firm"]) == ["tok"]
    assert len(list(tmp_path.iterdir())) == len(TABLES) + 1


# --- without the figures of ETO ----------------------------------------------------------------


def eto_toy():
    """The toy with figures of ETO: a firm's, a country's, a buyer's, and one that another source shares."""
    eto = {"ref": "eto-1", "citation": "ETO", "url": "https://example.org/eto", "licence": "CC BY-NC 4.0"}
    tables = toy_tables(references=[eto])
    plants = tables["plants"].set_index("plant", drop=False)
    plants.loc["tok-resist_euv", ["ref", "note"]] = "eto-1", "37 % in the table of ETO"
    plants.loc["jpn-resist_euv", "ref"] = "eto-1"
    plants.loc["lith-scanner", "ref"] = "toy-report;eto-1"
    tables["sourcing"].loc[2, ["ref", "note"]] = "eto-1", "World share of tok used for the buyer."
    tables["plants"] = plants.set_index(tables["plants"].index)
    return SupplyNetwork(tables, name="toy")


def test_without_eto_its_figures_are_unknown_and_its_makers_stay(tmp_path):
    write(eto_toy(), tmp_path)
    net = read(tmp_path, without="eto")
    plants = net.plants.set_index("plant")
    assert "jpn-resist_euv" not in plants.index
    tok = plants.loc["tok-resist_euv"]
    assert tok[["share", "year"]].isna().all()
    assert tok[["share_of", "basis", "note", "ref", "status"]].tolist() == [
        "",
        "",
        "",
        "judgement",
        "assumed",
    ]
    assert plants.loc["lith-scanner", "ref"] == "toy-report"
    assert plants["share"].isna()["lith-scanner"]
    # That tok supplies han is no figure: it is listed.
    purchase = net.sourcing.iloc[0]
    assert purchase[["buyer", "supplier", "state"]].tolist() == ["han", "tok", "active"]
    assert pd.isna(purchase["share"])
    assert purchase[["note", "ref", "status"]].tolist() == ["", "judgement", "assumed"]
    # What is not ETO's is as it was.
    assert plants.loc["han-chip", "share"] == 0.6
    assert "eto-1" not in net.references["ref"].tolist()
    assert read(tmp_path).plants.set_index("plant").loc["tok-resist_euv", "share"] == 0.6


def test_no_figure_of_eto_is_left_in_the_bundled_graph(bundled):
    left = load(without="eto")
    text = "".join(table_csv(left.table(name), TABLES[name]) for name in TABLES)
    assert "eto-" not in text
    assert load(without="eto").digest == left.digest != bundled.digest
    # Its figures are shares: of the world's output, and of purchases where nothing else is known.
    for name in ("sourcing", "effects"):
        of_eto = bundled.table(name)["ref"].str.contains(r"(?:^|;)eto-")
        assert left.table(name).loc[of_eto, "share"].isna().all()
    before = bundled.plants.set_index("plant")
    of_eto = before.index[before["ref"].str.contains(r"(?:^|;)eto-")]
    after = left.plants.set_index("plant")
    assert len(of_eto) > 0
    kept = after.index.intersection(of_eto)
    assert after.loc[kept, "share"].isna().all()
    assert set(of_eto) - set(kept) == set(before.index[(before["firm"] == "") & before.index.isin(of_eto)])
    others = before.index.difference(of_eto)
    assert after.loc[others, "share"].equals(before.loc[others, "share"])


# --- the description ---------------------------------------------------------------------------


def test_the_description_is_what_the_schema_says():
    text = (BUNDLED / "datapackage.json").read_text(encoding="utf-8")
    assert text == package_text("japan-korea")
    package = json.loads(text)
    assert [licence["name"] for licence in package["licenses"]] == ["CC-BY-NC-4.0"]
    assert "CC BY-NC 4.0" in (BUNDLED / "LICENSE").read_text(encoding="utf-8")
    for resource in package["resources"]:
        with (BUNDLED / resource["path"]).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        assert header == [each["name"] for each in resource["schema"]["fields"]]


@pytest.mark.parametrize("name", TABLES)
def test_nothing_of_the_bundled_tables_is_lost_in_reading(bundled, name):
    table = TABLES[name]
    with (BUNDLED / table.file).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    read_rows = bundled.table(name).to_dict("records")
    assert len(read_rows) == len(rows)
    for row, cells in zip(read_rows, rows, strict=True):
        for column in table.columns:
            cell = cells[column.name]
            # Numbers in any spelling; text to the letter, but for spaces at its ends.
            written = float(cell) if column.numeric and cell else cell.strip()
            found = "" if pd.isna(row[column.name]) else row[column.name]
            assert found == written, (column.name, cells)


def frictionless_errors(folder, monkeypatch):
    """What Frictionless, which knows nothing of chainnet, finds wrong with a folder."""
    from frictionless import Package, system

    def no_network(*_args, **_kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    with system.use_context(trusted=False):
        report = Package(str(folder / "datapackage.json")).validate()
    return [message for (message,) in report.flatten(["message"])]


@pytest.mark.filterwarnings("ignore")  # its own
def test_frictionless_finds_nothing_wrong_with_the_bundled_graph(monkeypatch):
    assert frictionless_errors(BUNDLED, monkeypatch) == []


@pytest.mark.filterwarnings("ignore")
def test_frictionless_finds_what_is_wrong(tmp_path, monkeypatch):
    folder = write_toy(tmp_path / "small")
    assert frictionless_errors(folder, monkeypatch) == []
    plants = folder / "plants.csv"
    wrong = plants.read_text(encoding="utf-8").replace("airco-gas,airco,gas", "airco-gas,airco,glass")
    plants.write_text(wrong, encoding="utf-8")
    (error,) = frictionless_errors(folder, monkeypatch)
    assert "glass" in error
