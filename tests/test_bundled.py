"""The bundled graph: what it must hold, what an expert expects of it, and its golden tables."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import chainnet as cn
from chainnet.commands import main

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def net() -> cn.SupplyNetwork:
    return cn.load("japan-korea")


def loss(net: cn.SupplyNetwork, *shocks: str) -> pd.Series:
    return cn.disrupt(net, cn.Scenario.parse(*shocks)).by("product").set_index("product")["loss"]


# What it holds


def test_it_is_as_large_as_it_says(net: cn.SupplyNetwork) -> None:
    plants = net.plants
    named = plants[plants["firm"] != ""]
    assert len(net.firms) >= 135
    assert len(net.products) >= 88
    assert len(named) >= 230
    assert named["lat"].notna().sum() >= 81
    assert len(net.needs) >= 230
    assert len(net.sourcing) >= 150
    assert len(net.partnerships) == 53
    assert net.warnings == ()


@pytest.mark.parametrize(
    ("name", "firm"),
    [
        ("Samsung", "samsung"),
        ("삼성전자", "samsung"),
        ("SK하이닉스", "sk_hynix"),
        ("東京エレクトロン株式会社", "tel"),
        ("TSMC", "tsmc"),
        ("JASM", "jasm"),
        ("ラピダス", "rapidus"),
        ("IBM", "ibm"),
        ("Sony Semiconductor Solutions", "sony_sss"),
        ("デンソー", "denso"),
        ("Panasonic", "panasonic"),
        ("Toshiba", "toshiba"),
        ("キオクシア", "kioxia"),
        ("(주)솔브레인", "soulbrain"),
    ],
)
def test_every_firm_of_the_source_paper_is_found_by_its_names(
    net: cn.SupplyNetwork, name: str, firm: str
) -> None:
    assert net.names.resolve(name, ["firm"]) == ("firm", firm)


def test_names_in_three_scripts(net: cn.SupplyNetwork) -> None:
    firms = net.firms
    own = firms[firms["country"].isin(["JPN", "KOR"])]
    assert (own[["name_ja", "name_ko"]] != "").all(axis=None)
    assert (net.products[["name_ja", "name_ko"]] != "").all(axis=None)


def test_every_row_leads_to_its_source(net: cn.SupplyNetwork) -> None:
    references = net.references.set_index("ref")["url"]
    for name, table in net.tables.items():
        if "ref" in table and name != "references":
            urls = {references[ref] for cell in table["ref"] for ref in cell.split(";")}
            assert all(url == "judgement" or url.startswith(("http://", "https://")) for url in urls), name


def test_what_rests_on_judgement_alone_is_assumed(net: cn.SupplyNetwork) -> None:
    plants = net.plants
    figures = plants[plants["share"].notna() & (plants["ref"] == "judgement")]
    assert set(figures["status"]) <= {"assumed"}
    sourcing = net.sourcing
    figures = sourcing[sourcing["share"].notna() & (sourcing["ref"] == "judgement")]
    assert set(figures["status"]) <= {"assumed"}


def test_without_eto_no_figure_is_etos() -> None:
    free = cn.load("japan-korea", without="eto")
    for table in free.tables.values():
        if "ref" in table:
            assert not table["ref"].str.contains("eto-").any()
    tracks = free.plants.query("product == 'coater_developer'")["share"]
    assert tracks.isna().all()


# What an expert expects


def test_a_tool_maker_does_not_stop_todays_chips(net: cn.SupplyNetwork) -> None:
    asml = cn.disrupt(net, cn.Scenario.parse("asml"))
    by_product = asml.by("product").set_index("product")
    assert by_product.loc["dram", "loss"] == 0
    assert by_product.loc["dram", "capital_exposure"] > 0.9


def test_a_buyers_only_supplier_is_lost_whole(net: cn.SupplyNetwork) -> None:
    outcome = cn.disrupt(net, cn.Scenario.parse("namics")).by("firm").set_index(["firm", "product"])
    assert outcome.loc[("sk_hynix", "hbm"), "loss"] == 1
    assert ("samsung", "hbm") not in outcome.index


def test_a_family_reaches_the_chips(net: cn.SupplyNetwork) -> None:
    assert loss(net, "JPN:photoresist_all")["dram"] > 0.5


def test_a_control_on_a_flow_cuts_something(net: cn.SupplyNetwork) -> None:
    control = cn.disrupt(net, cn.Scenario.parse("JPN>KOR:hf_liquid"))
    assert control.by("country").set_index(["country", "product"]).loc[("KOR", "dram"), "loss"] > 0
    assert "hf_liquid" not in set(control.by("product")["product"])


def test_a_regions_laboratories_supply_nobody(net: cn.SupplyNetwork) -> None:
    assert "dram" not in loss(net, "region/Kumamoto").loc[lambda lost: lost > 0].index


@pytest.mark.parametrize("buyer", ["samsung", "sk_hynix"])
def test_dependence_reads_as_an_expert_expects(net: cn.SupplyNetwork, buyer: str) -> None:
    table = cn.dependence(net, buyer=buyer).set_index(["makes", "input"])
    scanner = table.loc[("dram", "euv_scanner")]
    assert (scanner["supplier"], scanner["source"], scanner["use"]) == ("asml", "sole", "capital")
    track = table.loc[("dram", "coater_developer")]
    assert (track["supplier"], track["source"]) == ("tel", "single")
    blank = table.loc[("photomask_euv", "mask_blank_euv")]
    assert blank["supplier"] == "agc / hoya"
    by_owner = cn.dependence(net, buyer=buyer, by="hq").set_index(["makes", "input"])
    assert by_owner.loc[("photomask_euv", "mask_blank_euv"), "supplier"] == "JPN"


def test_partnerships_that_change_nothing_yet_say_so(net: cn.SupplyNetwork) -> None:
    nothing = cn.compare_partnerships(net, ["samsung-yokohama", "tel-hwaseong"])
    assert (nothing["change"] == 0).all()


def test_localisation_softens_the_shock_that_it_was_made_for(net: cn.SupplyNetwork) -> None:
    shock = cn.Scenario.parse("JPN>KOR:hf_liquid")
    change = cn.compare_partnerships(net, ["soulbrain-gongju"], [shock], only="KOR").set_index("measure")[
        "change"
    ]
    assert change["loss of KOR:dram under JPN>KOR:hf_liquid"] < -0.1


def test_the_newest_year_before_the_scenario_counts(net: cn.SupplyNetwork) -> None:
    old = cn.dependence(net, buyer="samsung", date="2019").set_index(["makes", "input"])
    assert old.loc[("dram", "hf_gas"), ["supplier", "share"]].tolist() == ["resonac", 1.0]


def test_a_product_that_ends_above_normal_is_named() -> None:
    done = CliRunner().invoke(main, ["disrupt", "sk_hynix@0+90"], catch_exceptions=False)
    assert "Ends above normal, by days of output: cryo_etch_tool 6.5" in done.stderr
    done = CliRunner().invoke(main, ["disrupt", "region/Kumamoto@0+60"], catch_exceptions=False)
    assert "Ends above normal" not in done.stderr
    done = CliRunner().invoke(main, ["disrupt", "tel@0+90"], catch_exceptions=False)
    assert "Ends above normal" not in done.stderr


# Golden tables: what changes here changes for every reader

TABLES: dict[str, Callable[[cn.SupplyNetwork], pd.DataFrame]] = {
    "concentration_firm": cn.concentration,
    "concentration_country": lambda net: cn.concentration(net, by="country"),
    "dependence_samsung": lambda net: cn.dependence(net, buyer="samsung"),
    "dependence_sk_hynix": lambda net: cn.dependence(net, buyer="sk_hynix"),
    "exposure_samsung_dram": lambda net: cn.exposure(net, "samsung:dram"),
    "cut_sets_sk_hynix_hbm": lambda net: cn.cut_sets(net, "sk_hynix:hbm", size=2),
    "disrupt_jpn_photoresist": lambda net: cn.disrupt(net, cn.Scenario.parse("JPN:photoresist_all")).by(
        "country"
    ),
    "lost_sales_kor_dram": lambda net: cn.lost_sales(cn.disrupt(net, "KOR:dram")),
    "partnerships": cn.partnership_table,
}


@pytest.mark.parametrize("name", TABLES)
def test_golden(net: cn.SupplyNetwork, name: str) -> None:
    """Set CHAINNET_GOLDEN=write to write the tables anew, and read the difference before you commit it."""
    text = TABLES[name](net).to_csv(index=False, float_format="%.6g", lineterminator="\n")
    path = GOLDEN / f"{name}.csv"
    if os.environ.get("CHAINNET_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")
