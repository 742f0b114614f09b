"""Thresholds, manifests, citations and completion: what scripts and reviewers need of the command line."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import chainnet as cn
from chainnet.commands import main
from chainnet.commands._thresholds import crossed

ROOT = Path(__file__).parents[1]


def run(*words: str):
    return CliRunner().invoke(main, list(words), catch_exceptions=False)


# --- thresholds --------------------------------------------------------------------------------


def test_a_threshold_that_is_crossed_is_told_and_ends_with_its_code() -> None:
    done = run("concentration", "--fail-if", "hhi>=0.999", "--top", "1")
    assert done.exit_code == 5
    assert "hhi>=0.999 in 5 of 109 rows: pellicle_euv:mitsui_chem" in done.stderr
    assert done.stdout.startswith("product")


def test_a_threshold_that_is_not_crossed_changes_nothing() -> None:
    plain, asked = run("concentration"), run("concentration", "--fail-if", "hhi>1.5", "--fail-if", "cr1<0")
    assert (asked.exit_code, asked.stdout) == (0, plain.stdout)


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        ("hh>0.4", "Did you mean hhi?"),
        ("leader>3", "no column of numbers 'leader'"),
        ("hhi", "is no threshold"),
        ("hhi>many", "is no threshold"),
        ("hhi=>0.4", "is no threshold"),
        ("hhi>1e-", "is no threshold"),
        ("", "is no threshold"),
    ],
)
def test_a_threshold_that_means_nothing_is_a_usage_error(threshold, words) -> None:
    done = run("concentration", "--fail-if", threshold)
    assert done.exit_code == 2
    assert words in done.stderr


@given(
    values=st.lists(st.one_of(st.none(), st.integers(-3, 3)), min_size=1, max_size=8),
    number=st.integers(-3, 3),
    sign=st.sampled_from([">", "<", ">=", "<=", "==", "!="]),
)
def test_rows_cross_as_python_compares_and_the_unknown_crosses_nothing(values, number, sign) -> None:
    table = pd.DataFrame({"row": [f"r{i}" for i in range(len(values))], "x": values}).astype({"x": float})
    meant = {
        ">": lambda x: x > number,
        "<": lambda x: x < number,
        ">=": lambda x: x >= number,
        "<=": lambda x: x <= number,
        "==": lambda x: x == number,
        "!=": lambda x: x != number,
    }
    hits = [f"r{i}" for i, value in enumerate(values) if value is not None and meant[sign](value)]
    told = crossed(table, [f"x{sign}{number}"])
    assert bool(told) == bool(hits)
    if told:
        words = ", ".join(hits[:5]) + (f" and {len(hits) - 5} more" if len(hits) > 5 else "")
        assert told == [f"x{sign}{number} in {len(hits)} of {len(values)} rows: {words}"]


# --- manifests ---------------------------------------------------------------------------------


def test_beside_each_result_stands_from_what_and_how_it_was_made(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fire.toml").write_text('name = "Fire"\n[[shock]]\nfirm = "tel"\ndays = 30\n')
    words = ["run", "fire.toml", "--days", "40", "-o", "fire.csv"]
    assert run(*words).exit_code == 0
    beside = tmp_path / "fire.csv.manifest.json"
    told = json.loads(beside.read_text(encoding="utf-8"))
    network = cn.load("japan-korea")
    assert told["graph"] == {"name": "japan-korea", "digest": network.digest, "without": None}
    assert (told["chainnet"], told["arguments"]) == (cn.__version__, words)
    assert (told["options"]["days"], told["options"]["rationing"]) == (40, None)
    assert told["inputs"] == [
        {"file": "fire.toml", "sha256": hashlib.sha256((tmp_path / "fire.toml").read_bytes()).hexdigest()}
    ]
    assert told["result"]["sha256"] == hashlib.sha256((tmp_path / "fire.csv").read_bytes()).hexdigest()
    before = beside.read_bytes()
    run(*words)
    assert beside.read_bytes() == before


def test_the_seed_that_was_left_to_its_default_is_in_the_manifest(tmp_path) -> None:
    file = tmp_path / "spread.csv"
    run("uncertainty", "tel@0+30", "--runs", "2", "--days", "40", "-o", str(file))
    assert json.loads(Path(f"{file}.manifest.json").read_text())["options"]["seed"] == 0


def test_pictures_and_reports_have_theirs(tmp_path) -> None:
    for words, name in ((("plot", "sankey", "hf_liquid"), "flows.html"), (("report",), "report.html")):
        run(*words, "-o", str(tmp_path / name))
        told = json.loads((tmp_path / f"{name}.manifest.json").read_text())
        assert told["graph"]["name"] == "japan-korea"


# --- citations ---------------------------------------------------------------------------------


def test_the_software_the_graph_and_every_source_are_cited() -> None:
    rows = list(csv.DictReader(io.StringIO(run("cite", "--format", "csv").stdout)))
    network = cn.load("japan-korea")
    assert [row["what"] for row in rows[:3]] == ["software", "graph", "source"]
    assert network.digest[:12] in rows[1]["citation"]
    assert cn.__version__ in rows[0]["citation"]
    used = {
        ref
        for name in ("firms", "products", "plants", "needs", "sourcing", "partnerships", "effects")
        for cell in network.table(name)["ref"]
        for ref in cell.split(";")
    }
    known = network.references.set_index("ref").loc[sorted(used), "citation"]
    assert set(known) <= {row["citation"] for row in rows}
    counts = [int(row["uses"]) for row in rows[2:]]
    assert counts == sorted(counts, reverse=True)
    assert min(counts) > 0


def test_the_name_in_citation_cff_is_the_name_cited() -> None:
    title = 'title: "chainnet: dependence, disruption and partnerships in the semiconductor supply chain"'
    assert title in (ROOT / "CITATION.cff").read_text()
    assert title.split('"')[1] in run("cite", "--format", "csv").stdout


# --- completion --------------------------------------------------------------------------------


def completed(*words: str) -> list[str]:
    about = {"_CHAINNET_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(["chainnet", *words])}
    environment = {**os.environ, **about, "COMP_CWORD": str(len(words)), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", "from chainnet.commands import main; main(prog_name='chainnet')"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


def test_names_are_completed_in_three_scripts() -> None:
    assert {"samsung", "samsung_em"} <= set(completed("show", "sams"))
    assert "삼성전자" in completed("show", "삼성")
    assert "東京エレクトロン" in completed("dependence", "東京エ")
    assert completed("report", "--focus", "photoresist_k") == ["photoresist_krf", "photoresist_krf_thick"]
    assert "concentration" in completed("conc")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell) -> None:
    done = run("completion", shell)
    assert "_CHAINNET_COMPLETE" in done.stdout
    assert "completion" in done.stderr


def test_a_folder_that_is_no_graph_completes_nothing(tmp_path) -> None:
    assert completed("--graph", str(tmp_path), "show", "sams") == []
