"""The threats of a tool that reads other people's files, one by one: what must happen, and the test of it.

| | threat | what must happen |
| --- | --- | --- |
| T1 | scripts, markup, beacons in names | shown as text; pages ask nobody for anything |
| T2 | formulas in exports | text stays text |
| T3 | XML bombs, deep XML | refused with a code |
| T4 | pickle | nothing reads or writes it |
| T5 | paths out of their folder, archives | refused with a code |
| T6 | bombs, huge files | read up to a limit, then refused |
| T7 | NaN, negative, too large, double, dangling | a fault with file, row and value |
| T8 | twins in Unicode, foreign encodings | one name, or a warning; the encoding is guessed and asked for |
| T9 | blow-up of an algorithm | limits; a dense circle of needs is answered |
| T10 | a kill | the old result or the new one; sweeps end in the same bytes |
| T11 | two runs on one store | the same table |
| T12 | open ports | this machine only |
| T13 | escapes for the terminal | taken out |
| T14 | libraries and what is bundled | pinned, and known by its hash |
| T15 | data dropped silently | rows in = rows used + rows reported |
| T16 | results without their assumptions | limits, year, status and bounds stand in the output |
| T17 | secrets, and the network | none are read, told or written; nobody is asked unless told to |
"""

from __future__ import annotations

import ast
import itertools
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from draw import draw

import chainnet as cn
from chainnet.commands import main

ROOT = Path(__file__).parents[1]

TESTS = {
    "T1": [
        "test_explorer::test_hostile_names_are_text_and_nobody_is_asked",
        "test_figures::test_hostile_names_are_shown_as_text_and_do_nothing",
        "test_figures::test_every_text_of_a_figure_is_escaped",
        "test_nodelinks::test_every_text_of_a_figure_is_escaped",
    ],
    "T2": ["test_exchange::test_text_in_a_workbook_is_never_a_formula_or_a_link"],
    "T3": ["test_hostile::test_hostile_xml_is_refused"],
    "T4": ["test_hostile::test_a_pickle_is_not_opened_whatever_its_name", "test_trust::test_no_pickle"],
    "T5": ["test_hostile::test_a_hostile_archive_is_refused", "test_bad_input::test_load_takes_names_only"],
    "T6": [
        "test_hostile::test_a_bomb_does_not_fill_the_memory",
        "test_hostile::test_many_members_may_not_grow_too_large_together",
        "test_hostile::test_a_file_that_is_too_large_is_not_read",
        "test_bad_input::test_a_file_too_large_is_not_read",
    ],
    "T7": [
        "test_bad_input::test_a_fault_is_named_with_its_place",
        "test_tables::test_what_a_column_refuses_becomes_unknown",
    ],
    "T8": [
        "test_names::test_the_form_of_unicode_does_not_matter",
        "test_names::test_latin_letters_with_look_alikes_among_them",
        "test_bad_input::test_a_foreign_encoding_is_guessed",
    ],
    "T9": ["test_trust::test_a_dense_circle_of_needs_is_answered"],
    "T10": [
        "test_kills::test_a_result_is_the_old_one_or_the_new_one",
        "test_kills::test_a_graph_is_whole_or_says_that_it_is_not",
        "test_sweeps::test_killed_again_and_again_a_sweep_ends_in_the_same_bytes",
    ],
    "T11": ["test_sweeps::test_two_runs_on_one_store_share_the_work_and_end_in_the_same_table"],
    "T12": [
        "test_explorer::test_it_listens_on_this_machine_only_and_ends_when_told",
        "test_explorer::test_only_this_machine_is_served_under_its_own_names",
    ],
    "T13": ["test_commands::test_nothing_printed_can_command_a_terminal"],
    "T14": ["test_project::test_the_pins_are_names_and_versions_only"],
    "T15": ["test_tables::test_a_row_of_another_width_is_reported_and_the_others_are_read"],
    "T16": ["test_trust::test_what_a_what_if_rests_on_stands_in_its_output"],
    "T17": [
        "test_trust::test_no_secret_is_read_or_written",
        "test_fetching::test_an_address_is_refused_and_nobody_is_asked",
        "test_fetching::test_no_password_is_told_whatever_it_is_made_of",
        "test_linkservers::test_no_password_is_told",
    ],
}


@pytest.mark.parametrize("threat", TESTS)
def test_every_threat_has_a_test(threat) -> None:
    assert f"| {threat} |" in (__doc__ or "")
    for place in TESTS[threat]:
        file, _, name = place.partition("::")
        source = (ROOT / "tests" / f"{file}.py").read_text(encoding="utf-8")
        assert re.search(rf"^def {name}\b", source, re.MULTILINE), place


def test_all_seventeen_are_here() -> None:
    assert list(TESTS) == [f"T{number}" for number in range(1, 18)]


def modules() -> list[tuple[Path, ast.Module]]:
    return [
        (path, ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted((ROOT / "chainnet").rglob("*.py"))
    ]


def test_no_pickle() -> None:
    wrong = ("pickle", "cPickle", "dill", "shelve", "marshal", "joblib", "yaml")
    for path, tree in modules():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & set(wrong), path
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("read_pickle", "to_pickle", "read_gpickle"), path
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant), path
                assert node.value.value is False, path


def test_a_dense_circle_of_needs_is_answered() -> None:
    # Ten products that all need each other hold over a million circles.
    goods = [f"g{number}" for number in range(10)]
    lines = [f"f{number}@JPN -> {good} 1.0" for number, good in enumerate(goods)]
    lines += [f"{one} => {two}" for one, two in itertools.permutations(goods, 2)]
    net = draw("\n".join(lines))
    assert len(cn.centrality(net, measures=None)) == 20
    assert cn.disrupt(net, "f0").loss.max() > 0.8
    assert len(cn.cut_sets(net, "g9", size=2)) >= 1
    assert cn.simulate(net, "f0@0+10", days=30).output.to_numpy().min() >= 0
    assert cn.figures.layers(net, focus="g0", depth=1).layout.width > 0


def test_what_a_what_if_rests_on_stands_in_its_output() -> None:
    done = CliRunner().invoke(main, ["disrupt", "JPN:photoresist_euv"], catch_exceptions=False)
    for words in ("Year ", "nobody steps in", "not what will be lost", "assumed", "parameters.csv"):
        assert words in done.stdout + done.stderr
    page = cn.report(cn.load("japan-korea"), focus="samsung", scenario="JPN:photoresist_euv@0+30")
    for words in ("assumed", "5 % of drawings", "At least", "japan-korea"):
        assert words in page


def test_no_secret_is_read_or_written(tmp_path, monkeypatch) -> None:
    """Only a browser's path is read from the environment; no manifest tells of the environment."""
    asked = set()
    for _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
                asked.add(ast.literal_eval(node.args[0]))
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                asked.add(ast.unparse(node.slice))
    assert asked <= {"BROWSER_PATH"}
    monkeypatch.setenv("COMTRADE_KEY", "hush-hush")
    CliRunner().invoke(main, ["concentration", "-o", str(tmp_path / "c.csv")], catch_exceptions=False)
    told = (tmp_path / "c.csv.manifest.json").read_text(encoding="utf-8")
    assert "hush" not in told
    assert "environ" not in json.loads(told)
