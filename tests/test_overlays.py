"""A user's rows over a graph: added, changed, taken out, sourced; and what differs between two graphs."""

from __future__ import annotations

import json
import math

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import toy, toy_tables, write_toy

import chainnet as cn
from chainnet import SupplyNetwork
from chainnet.commands import main
from chainnet.schema import TABLES
from chainnet.tables import append_row

OWN = "ref,citation,url\nmine,Our own survey,judgement\n"


def folder_of(tmp_path, references: str = OWN, **tables: str):
    folder = tmp_path / "mine"
    folder.mkdir(exist_ok=True)
    for name, text in {"references": references, **tables}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def faults_of(tmp_path, **tables: str) -> list[tuple[str, str]]:
    with pytest.raises(cn.DataError) as error:
        cn.overlay(toy(), folder_of(tmp_path, **tables))
    return [(fault.code, fault.place) for fault in error.value.faults]


# --- rows ------------------------------------------------------------------------------------------


def test_a_row_with_a_known_key_changes_the_columns_that_its_file_has(tmp_path):
    net = cn.overlay(toy(), folder_of(tmp_path, plants="plant,share,ref\ntok-resist_euv,0.5,mine\n"))
    before, after = (n.plants.set_index("plant").loc["tok-resist_euv"] for n in (toy(), net))
    assert (before["share"], after["share"]) == (0.6, 0.5)
    assert after["ref"] == "mine"
    same = [name for name in before.index if name not in ("share", "ref")]
    assert before[same].fillna("").equals(after[same].fillna(""))
    assert net.plants["plant"].tolist() == toy().plants["plant"].tolist()


def test_a_blank_cell_makes_a_figure_unknown(tmp_path):
    net = cn.overlay(toy(), folder_of(tmp_path, plants="plant,share,ref\ntok-resist_euv,,mine\n"))
    assert math.isnan(net.plants.set_index("plant").loc["tok-resist_euv", "share"])


def test_a_row_with_a_new_key_is_added(tmp_path):
    rows = "firm,name,country,kind,ref\nnewco,New Company,KOR,material,mine\n"
    plants = "plant,firm,product,country,role,status,ref\n"
    plants += "newco-resist_euv,newco,resist_euv,KOR,production,observed,mine\n"
    net = cn.overlay(toy(), folder_of(tmp_path, firms=rows, plants=plants))
    assert net.graph.has_edge("newco", "resist_euv")
    assert net.name == "toy + mine" or net.name.endswith("+ mine")


def test_a_key_of_several_columns_is_met_whatever_the_spelling_of_its_number(tmp_path):
    sourcing = "buyer,product,supplier,year,share,ref\nhan,resist_euv,tok,2024.0,0.7,mine\n"
    net = cn.overlay(toy(), folder_of(tmp_path, sourcing=sourcing))
    assert len(net.sourcing) == len(toy().sourcing)
    row = net.sourcing.query("buyer == 'han' and supplier == 'tok'")
    assert row["share"].tolist() == [0.7]


def test_a_row_is_taken_out_by_drop(tmp_path):
    net = cn.overlay(
        toy(), folder_of(tmp_path, sourcing="buyer,product,supplier,year,drop\nhan,resist_euv,tok,2024,yes\n")
    )
    assert len(net.sourcing) == len(toy().sourcing) - 1


def test_overlays_lie_one_upon_the_other(tmp_path):
    first = folder_of(tmp_path, plants="plant,share,ref\ntok-resist_euv,0.5,mine\n")
    (tmp_path / "b").mkdir()
    second = folder_of(tmp_path / "b", plants="plant,share,ref\ntok-resist_euv,0.4,mine\n")
    net = cn.overlay(cn.overlay(toy(), first), second)
    assert net.plants.set_index("plant").loc["tok-resist_euv", "share"] == 0.4


def test_levers_stay(tmp_path):
    net = cn.with_partnerships(toy(), ["han-in-japan"])
    assert cn.overlay(net, folder_of(tmp_path)).levers == net.levers


# --- what is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tables", "fault"),
    [
        ({"plants": "plant,share\ntok-resist_euv,0.5\n"}, ("no-own-reference", "mine/plants.csv:2")),
        ({"plants": "plant,ref\ntok-resist_euv,toy-report\n"}, ("no-own-reference", "mine/plants.csv:2")),
        ({"plants": "plant,share,ref\nnobody,0.5,mine\n"}, ("missing-value", "mine/plants.csv:2")),
        ({"plants": "plant,share,ref\ntok-resist_euv,50,mine\n"}, ("share-range", "mine/plants.csv:2")),
        ({"plants": "plant,drop\nnobody,yes\n"}, ("nothing-to-drop", "mine/plants.csv:2")),
        ({"plants": "plant,drop\ntok-resist_euv,no\n"}, ("not-allowed", "mine/plants.csv:2")),
        ({"plants": "plant,shares,ref\ntok-resist_euv,0.5,mine\n"}, ("unknown-column", "mine/plants.csv:1")),
        ({"plants": "share,ref\n0.5,mine\n"}, ("missing-column", "mine/plants.csv:1")),
        ({"plants": "plant,ref\na,mine\na,mine\n"}, ("duplicate-key", "mine/plants.csv:3")),
        ({"plants": "plant,ref\na\n"}, ("row-width", "mine/plants.csv:2")),
        ({"plant": "plant,ref\na,mine\n"}, ("unknown-table", "mine/plant.csv")),
        ({"plants": "\xff"}, ("missing-column", "mine/plants.csv:1")),
        # The whole is checked: Japan's total of 0.8 is less than what its firms then have.
        ({"plants": "plant,share,ref\n\ntok-resist_euv,0.9,mine\n"}, ("firms-above-country", "plants.csv:3")),
        ({"plants": "plant,firm,ref\ntok-resist_euv,nobody,mine\n"}, ("unknown-id", "mine/plants.csv:2")),
    ],
)
def test_a_faulty_overlay_is_refused_with_its_own_lines(tmp_path, tables, fault):
    assert fault in faults_of(tmp_path, **tables)


def test_a_folder_without_tables_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    for place, code in (("empty", "no-table"), ("none", "no-folder")):
        with pytest.raises(cn.DataError, match=code):
            cn.overlay(toy(), tmp_path / place)


# --- differences ---------------------------------------------------------------------------------------


def test_differences_by_hand():
    tables = toy_tables()
    tables["firms"] = append_row(
        tables["firms"],
        {
            **dict(tables["firms"].iloc[0]),
            "firm": "new",
            "name": "New",
            "name_ja": "",
            "name_ko": "",
            "aliases": "",
        },
    )
    tables["plants"].loc[tables["plants"]["plant"] == "tok-resist_euv", "share"] = float("nan")
    tables["sourcing"] = tables["sourcing"].iloc[1:]
    gone = toy_tables()["sourcing"].iloc[0]
    key = f"{gone['buyer']} {gone['product']} {gone['supplier']} {gone['year']:.0f}"
    assert cn.difference(toy(), SupplyNetwork(tables)).to_numpy().tolist() == [
        ["firms", "new", "added", "", "", ""],
        ["plants", "tok-resist_euv", "changed", "share", "0.6", ""],
        ["sourcing", key, "removed", "", "", ""],
    ]


@settings(max_examples=20)
@given(st.data())
def test_an_overlay_made_of_the_differences_turns_one_graph_into_the_other(tmp_path_factory, data):
    """Shares of some plants change, and some purchases go: the rows that differ are the overlay."""
    before, tables = toy(), toy_tables()
    plants = tables["plants"]
    for index in plants.index[plants["share"].notna() & (plants["firm"] != "")]:
        plants.loc[index, "share"] *= data.draw(st.sampled_from([0.5, 0.9, 1.0]))
    plants["ref"] = "mine"
    kept = data.draw(
        st.lists(st.booleans(), min_size=len(tables["sourcing"]), max_size=len(tables["sourcing"]))
    )
    gone = tables["sourcing"][[not keep for keep in kept]]
    tables["sourcing"] = tables["sourcing"][kept]
    tables["references"] = append_row(
        tables["references"], {"ref": "mine", "citation": "Our own survey", "url": "judgement"}
    )
    after = SupplyNetwork(tables)
    rows = "".join(
        f"{row.plant},{'' if math.isnan(row.share) else repr(row.share)},mine\n"
        for row in plants.itertuples()
    )
    drops = "".join(f"{r.buyer},{r.product},{r.supplier},{r.year:.0f},yes\n" for r in gone.itertuples())
    folder = folder_of(
        tmp_path_factory.mktemp("overlay"),
        plants=f"plant,share,ref\n{rows}",
        sourcing=f"buyer,product,supplier,year,drop\n{drops}",
    )
    laid = cn.overlay(before, folder)
    assert laid.digest == after.digest
    assert cn.difference(laid, after).empty


# --- the commands --------------------------------------------------------------------------------------


def test_the_overlay_holds_for_every_command(tmp_path):
    graph = write_toy(tmp_path / "toy")
    mine = folder_of(tmp_path, plants="plant,share,ref\ntok-resist_euv,0.5,mine\n")
    words = ["--graph", str(graph), "--overlay", str(mine)]
    done = CliRunner().invoke(main, [*words, "diff", str(graph), "--format", "json"])
    assert done.exit_code == 0, done.output
    changed = {
        (row["table"], row["key"], row["change"], row["column"]): row["after"]
        for row in json.loads(done.stdout)
    }
    assert changed["plants", "tok-resist_euv", "changed", "share"] == "0.5"
    assert changed["references", "mine", "added", ""] == ""
    assert "1 added, 0 removed, 1 changed" in done.stderr
    info = CliRunner().invoke(main, [*words, "info"])
    assert "toy + mine" in info.stdout
    bad = CliRunner().invoke(main, ["--overlay", str(tmp_path / "none"), "info"])
    assert bad.exit_code == 3


def test_a_graph_under_an_overlay_can_be_written_as_a_package(tmp_path):
    net = cn.overlay(toy(), folder_of(tmp_path))
    package = json.loads((cn.write(net, tmp_path / "out") / "datapackage.json").read_text(encoding="utf-8"))
    assert " " not in package["name"]
    assert set(TABLES) == {resource["name"] for resource in package["resources"]}
