"""The import of ETO's dataset: what is used, what is reported, and that its own figures come out."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from pathlib import Path

import pytest
from click.testing import CliRunner
from smalleto import FILES, PROVISION, rows_of, write_small_eto, zip_small_eto

import chainnet as cn
from chainnet.commands import main
from chainnet.exchange.eto import read_eto
from chainnet.names import country_codes

#: The download, where somebody has put it beside the checkout or above it.
REAL = next(
    (found for folder in Path(__file__).resolve().parents if (found := folder / "shared/data/eto").is_dir()),
    Path("shared/data/eto"),
)
real = pytest.mark.skipif(not (REAL / "provision.csv").is_file(), reason="needs a download of ETO's dataset")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return read_eto(write_small_eto(tmp_path_factory.mktemp("eto")))


@pytest.fixture(scope="module")
def whole():
    return read_eto(REAL)


def shares(network, product):
    plants = network.plants[network.plants["product"] == product]
    return dict(zip(plants["plant"], plants["share"], strict=True))


# --- the small dataset, by hand --------------------------------------------------------------------


def test_shares_come_in_once_whatever_the_aliases(small):
    assert shares(small.network, "scanner_tools") == {
        "kumo_works-scanner_tools": 0.6,
        "haneul_tools-scanner_tools": 0.301,
        "jpn-scanner_tools": 0.62,
        "kor-scanner_tools": 0.38,
    }
    # 62 % of Japan less Kumo's 60, 38 % of Korea less Haneul's 30.1; what "various" have is theirs already.
    table = cn.concentration(small.network, by="hq").set_index("product")
    assert table.loc["scanner_tools", "hhi"] == pytest.approx(0.62**2 + 0.38**2)


def test_a_provider_is_found_by_id_under_all_its_names(small):
    firm = small.network.firms.set_index("firm").loc["kumo_works"]
    assert firm["aliases"] == "Kumo Old Name;Kumo Older Name;ETO P10"
    assert shares(small.network, "euv_scanners")["kumo_works-euv_scanners"] == 1.0


def test_an_alias_that_is_anothers_name_is_left_out_and_reported(small):
    assert small.network.firms.set_index("firm").loc["baram", "aliases"] == "ETO P13"
    told = small.report[small.report["code"] == "used-without-alias"]
    assert told["value"].tolist() == ["Haneul Tools"]


def test_unknown_shares_stay_unknown(small):
    assert all(math.isnan(share) for share in shares(small.network, "laser_writers").values())
    # Korea is listed for silicon without a firm of its own; Japan says no more than Kumo does.
    assert set(shares(small.network, "silicon")) == {"kumo_works-silicon", "kor-silicon"}


def test_a_wider_kind_with_figures_is_no_family(small):
    family = small.network.products.set_index("product")["family"]
    assert family["euv_scanners"] == family["laser_writers"] == ""
    assert family["memory_testers"] == "testers"
    assert (
        "A kind of Scanner tools (N4)."
        in small.network.products.set_index("product").loc["euv_scanners", "definition"]
    )


def test_the_sequence_is_the_needs(small):
    needs = small.network.needs.set_index(["product", "input"])["use"].to_dict()
    assert needs == {
        ("wafer_step", "silicon"): "consumed",
        ("wafer_step", "scanner_tools"): "capital",
        ("packaging_step", "wafer_step"): "consumed",
        ("packaging_step", "testers"): "capital",
        ("chip", "packaging_step"): "consumed",
    }
    assert set(small.network.needs["status"]) == {"assumed"}


def test_steps_without_providers_stand_where_their_stage_is(small):
    assert shares(small.network, "wafer_step") == {"jpn-wafer_step": 0.4, "kor-wafer_step": 0.5}
    assert shares(small.network, "chip") == {"kor-chip": 0.7}
    assert set(small.network.plants.query("product == 'chip'")["status"]) == {"assumed"}


def test_every_row_is_used_or_reported(small):
    counts = small.counts.set_index("file")
    assert (counts["rows"] == counts["used"] + counts["reported"]).all()
    assert counts["rows"].to_dict() == {name: len(rows_of(text)) for name, text in FILES.items()}
    # EUR, various countries and companies: three providers and their three rows; Japan's blank silicon.
    assert counts["reported"].to_dict() == {
        "inputs.csv": 0,
        "providers.csv": 3,
        "provision.csv": 4,
        "sequence.csv": 0,
        "stages.csv": 0,
    }
    lines = small.report.query("file == 'provision.csv' and code == 'no-country'")["row"].tolist()
    text = PROVISION.splitlines()
    assert [text[line - 1].split(",")[1] for line in lines] == ["P12", "P4", "P3"]


def test_years_are_kept_and_said(small):
    assert set(small.network.plants["year"].dropna()) == {2019, 2022, 2025}
    assert any("2019, 2022, 2025 stand side by side" in note for note in small.notes)


def test_an_archive_gives_the_same_graph(small, tmp_path):
    assert read_eto(zip_small_eto(tmp_path / "eto.zip")).network.digest == small.network.digest


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"provision": PROVISION.replace(",N5,", ",N55,")}, "unknown-id"),
        ({"provision": PROVISION.replace("share_provided", "share")}, "missing-column"),
        ({"sequence": ""}, "empty-file"),
        ({"providers": FILES["providers.csv"].replace(",P10,", ",")}, "row-width"),
    ],
)
def test_a_damaged_dataset_is_refused(tmp_path, changed, code):
    with pytest.raises(cn.DataError) as error:
        read_eto(write_small_eto(tmp_path, **changed))
    assert code in {fault.code for fault in error.value.faults}


def test_a_share_that_is_none_is_unknown_and_reported(tmp_path):
    found = read_eto(write_small_eto(tmp_path, provision=PROVISION.replace("100.0,2025", "212.5,2025", 1)))
    assert math.isnan(shares(found.network, "euv_scanners")["kumo_works-euv_scanners"])
    assert found.report.query("code == 'used-without-share'")["value"].tolist() == ["212.5"]


def test_a_file_that_is_missing_is_named(tmp_path):
    (write_small_eto(tmp_path) / "stages.csv").unlink()
    with pytest.raises(cn.DataError, match=r"stages\.csv: \[missing-file\]"):
        read_eto(tmp_path)


# --- the command -------------------------------------------------------------------------------------


def test_the_command_writes_a_graph_that_validates(tmp_path):
    source, target = write_small_eto(tmp_path / "eto"), tmp_path / "graph"
    done = CliRunner().invoke(main, ["import", "eto", str(source), "-o", str(target)])
    assert done.exit_code == 0, done.output
    assert "provision.csv" in done.stdout
    assert "CC BY-NC 4.0" in done.stderr
    assert CliRunner().invoke(main, ["validate", str(target)]).exit_code == 0
    assert cn.read(target).digest == read_eto(source).network.digest
    with (target / "import-report.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(read_eto(source).report)
    assert '"CC-BY-NC-4.0"' in (target / "datapackage.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ("concentration",),
        ("dependence",),
        ("cutsets", "chip"),
        ("disrupt", "kumo_works"),
        ("disrupt", "JPN:silicon"),
        ("exposure", "chip"),
        ("survive", "chip"),
        ("centrality",),
        ("info",),
    ],
)
def test_everything_runs_on_it(tmp_path, words):
    target = cn.write(read_eto(write_small_eto(tmp_path / "eto")).network, tmp_path / "graph")
    done = CliRunner().invoke(main, ["--graph", str(target), *words])
    assert done.exit_code == 0, done.output


def test_the_day_by_day_model_runs_on_it_with_assumed_parameters(small):
    run = cn.simulate(small.network, cn.Scenario.parse("JPN:silicon@0+200"), days=200)
    assert run.summary()["days_lost"].max() > 0


# --- the real dataset ----------------------------------------------------------------------------------


@real
def test_all_of_the_real_dataset_is_used_or_reported(whole):
    counts = whole.counts.set_index("file")
    assert counts["rows"].tolist() == [126, 403, 1300, 139, 3]
    assert (counts["rows"] == counts["used"] + counts["reported"]).all()
    assert len(whole.network.products) == 126
    assert len(whole.network.needs) == 53
    assert whole.network.warnings == ()


def country_rows() -> dict[str, dict[str, float | None]]:
    """The countries' shares of each input, read anew: by id, in per cent, None where not given."""
    with (REAL / "providers.csv").open(encoding="utf-8", newline="") as file:
        kinds = {
            row["provider_id"]: (row["provider_type"], row["provider_name"]) for row in csv.DictReader(file)
        }
    found: dict[str, dict[str, float | None]] = defaultdict(dict)
    with (REAL / "provision.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            kind, name = kinds[row["provider_id"]]
            if kind == "country":
                share = row["share_provided"]
                found[row["provided_id"]][name] = float(share) if share else None
    return found


def countries_to_75(shares: dict[str, float | None]) -> int:
    """ETO's own rule: the fewest countries that together hold 75 % of the market."""
    total = 0.0
    for count, share in enumerate(sorted(filter(None, shares.values()), reverse=True), start=1):
        total += share
        if total >= 75:
            return count
    return 0


@real
def test_the_countries_to_75_percent_are_those_of_etos_own_rule(whole):
    products = whole.network.products
    key = dict(
        zip(products["product"], products["definition"].str.extract(r"\(ETO (N\d+)\)$")[0], strict=True)
    )
    table = cn.concentration(whole.network, by="hq").set_index("product")
    rows = country_rows()
    compared = 0
    for product, eto in key.items():
        given = rows.get(eto, {})
        # Where much is of "various countries" the two must differ: they are no country here.
        known = {name: share for name, share in given.items() if name in country_codes()}
        if not given or None in given.values() or sum(known.values()) < 97:
            continue
        compared += 1
        assert table.loc[product, "to_75"] == countries_to_75(known), product
        expected = sum((share / 100) ** 2 for share in known.values())
        # Rounded shares add up to 102 % at most: what is too much is taken from one country, so that
        # the sum of squares moves by twice that; firms' own rounding (0.1 % each) moves it less.
        excess = max(0.0, sum(known.values()) / 100 - 1)
        assert table.loc[product, "hhi"] == pytest.approx(expected, abs=0.01 + 2 * excess), product
    assert compared >= 80


@real
def test_what_eto_labels_without_a_share_is_unknown_here(whole):
    """Of inputs whose countries bear no share ETO's explorer says: two at most are much, three are little.

    That rule (less what it calls negligible, which the published files do not tell) is not used:
    photoresists would be "not concentrated". Here nothing is known of them: the index may be 0 or 1.
    """
    products = whole.network.products
    key = dict(
        zip(products["definition"].str.extract(r"\(ETO (N\d+)\)$")[0], products["product"], strict=True)
    )
    table = cn.concentration(whole.network, by="hq").set_index("product")
    blank = {eto: given for eto, given in country_rows().items() if not any(given.values())}
    assert len(blank) == 17
    assert {eto for eto, given in blank.items() if len(given) < 3} == {"N1", "N2", "N3"}
    assert len(blank["N31"]) == 4  # photoresists
    for eto in blank:
        row = table.loc[key[eto]]
        assert (row["unknown"], row["low"], row["high"], row["status"]) == (1, 0, 1, "assumed"), eto


@real
def test_no_supplier_is_counted_twice_in_the_real_dataset(whole):
    plants = whole.network.plants
    firms = plants[(plants["firm"] != "") & (plants["status"] != "assumed")]
    assert not firms.duplicated(["firm", "product"]).any()
    assert firms.groupby("product")["share"].sum().max() < 1.01


@real
def test_no_share_of_the_real_dataset_is_made_up(whole):
    """Shares in the graph are shares of the dataset, and of its blank rows none has one."""
    with (REAL / "provision.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(not row["share_provided"] for row in rows) == 246
    plants = whole.network.plants
    stated = plants[plants["status"] == "observed"]
    lines = set(whole.report.query("file == 'provision.csv' and not code.str.startswith('used-')")["row"])
    used = [
        row for line, row in enumerate(rows, start=2) if line not in lines and row["provided_id"][0] == "N"
    ]
    assert len(stated) == len(used)
    assert int(stated["share"].isna().sum()) == sum(not row["share_provided"] for row in used)
    given = sum(float(row["share_provided"] or 0) for row in used)
    assert float(stated["share"].sum()) * 100 == pytest.approx(given)


@real
def test_the_model_runs_on_the_real_dataset(whole):
    network = whole.network
    loss = (
        cn.disrupt(network, cn.Scenario.parse("JPN:photoresists")).by("product").set_index("product")["loss"]
    )
    assert 0 < loss["finished_logic_chip"] <= 1
    run = cn.simulate(network, cn.Scenario.parse("JPN:photoresists@0+60"), days=90)
    assert len(run.output) == 90
    assert cn.report(network).startswith("<!DOCTYPE html>")
