"""The benchmarks run, and compare what they say they compare."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainnet import figures
from chainnet.assessments import Stop, assess, closures
from chainnet.daylanes import run_days
from chainnet.digraphs import digraph_of_links
from chainnet.figures.nodes import Web
from chainnet.figures.scenes import Scene
from chainnet.graphmeasures import MEASURES
from chainnet.synthetic import synthetic_economy

ROOT = Path(__file__).resolve().parents[1]

with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(str(ROOT / "benchmarks"))
    import rpeers
    from economies import DAYS, SHOCK, drawn_firms, drawn_table, economy
    from layouts import crossings, drawn_network, places
    from machines import load
    from measuring import Block, Plan, Row, measured
    from peers import plain
    from risk import limit, read
    from riskpeers import matrices, scattered
    from riskpeers import plain as plain_risk
    from sections import BEGIN, END, SECTIONS, asked, growth, lines, parser, put, told

    from graphs import THEIRS, built, named_links


def rows_of(command):
    """What the command prints: the words and the goal of each row."""
    wanted = asked(parser().parse_args(shlex.split(command)))
    blocks = {name: SECTIONS[name](wanted.plan) for name in wanted.sections}
    found = {name: [dict.fromkeys(block.lines, "1") for block in each] for name, each in blocks.items()}
    grown = [(row.what, row.goal) for row in growth(blocks, found)]
    return grown + [
        row
        for each in blocks.values()
        for block in each
        for row in [
            (block.title, ""),
            *((words, block.goals.get(key, "")) for key, words in block.lines.items()),
        ]
    ]


def test_one_command_runs_all_benchmarks_and_writes_the_table_of_what_it_says_it_measures(tmp_path):
    file = tmp_path / "table.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    command = [sys.executable, "benchmarks", "--quick", "--runs", "1", "-o", str(file)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    text = file.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    asked_for, found = told(text)
    assert asked_for == "--quick --runs 1"
    assert found == rows_of(asked_for)
    for what, _ in found:
        assert what in done.stdout
    for words in ("Python 3.", "load average", "numpy"):
        assert words in text


def test_the_table_in_the_manual_has_the_rows_and_goals_that_its_command_prints():
    text = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    command, found = told(text)
    wanted = asked(parser().parse_args(shlex.split(command)))
    assert wanted.sections == tuple(SECTIONS)
    assert not wanted.plan.quick
    assert found == rows_of(command)


def test_a_block_that_measures_something_else_than_it_says_is_an_error():
    with pytest.raises(KeyError, match="others"):
        measured(Block("a block", {"some": "some, s"}, dict, ([("others", "1")],)))


def test_growth_is_told_of_what_was_measured_by_size():
    plan = Plan((300, 100_000), 1)
    blocks = {"risk": SECTIONS["risk"](plan)}
    found = {"risk": [{"closure": "0.1", "each": "2", "plain ratio": "4"}, {"closure": "7", "each": "3"}]}
    assert growth(blocks, found)[:3] == [
        Row("Growth: 300, 100,000 firms"),
        Row("a closure, ms", "0.1, 7"),
        Row("a closure and firm, ns", "2, 3"),
    ]
    assert Row("plain scipy.sparse / ours", "4, –") in growth(blocks, found)
    assert growth({"sweeps": SECTIONS["sweeps"](plan)}, {"sweeps": [{}, {}]}) == []


@pytest.mark.parametrize(
    ("loads", "busy"),
    [([0.2, 1.1, 1.0], False), ([1.2, 1.0], True), ([0.1, 2.2, 1.0], True), ([0.9, 2.0], False)],
)
def test_a_machine_is_busy_where_others_load_it_by_more_than_half_a_core_each(loads, busy):
    assert ("busy" in load(loads, 2)) == busy


def test_a_table_is_put_between_the_marks_and_nowhere_else():
    made = lines([Row("a block"), Row("a row, s", "0.1", "2")], ["`python benchmarks --only risk`"])
    text = put(f"one\n{BEGIN}\n{END}\ntwo\n", made)
    assert put(text, made) == text
    assert told(text) == ("--only risk", [("a block", ""), ("a row, s", "2")])
    with pytest.raises(ValueError, match="no lines"):
        put("one\ntwo\n", made)


def output(parts):
    return run_days(*parts, days=DAYS, keep=False, months=np.zeros(0, dtype=np.int64))[0]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20, unique=True))
def test_crossings_are_counted_as_pair_by_pair(lines):
    places = {f"{side}{i}": (0.0, float(i)) for side in "ab" for i in range(6)}
    lanes = {key: int(key[0] == "b") for key in places}
    web = Web(None, {}, ())  # type: ignore[arg-type]
    vars(web)["pairs"] = [(f"a{i}", f"b{j}") for i, j in lines]
    crossed = sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(lines, 2))
    assert crossings(places, lanes, web) == crossed


def test_drawn_networks_are_as_large_as_asked_for_and_layouts_place_all_of_it():
    network = drawn_network(140, 60, 400, 200)
    again = drawn_network(140, 60, 400, 200)
    assert network.digest == again.digest
    scene = Scene(figures.pick(network))
    uses = [edge.use for edge in scene.whole.edges]
    assert (uses.count("supplies"), len(uses)) == (400, 600)
    assert set(places(scene.whole).plan.spots) == {*network.firms["firm"], *network.products["product"]}


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), firms=st.integers(1, 300), links=st.integers(2, 1500))
def test_firms_and_links_are_as_many_as_asked_for_and_sell_what_is_needed(seed, firms, links):
    plants, needs, _, events = drawn_firms(firms, links, seed)
    assert len(plants.product) == firms
    assert len(needs.supplier) == links
    assert np.diff(needs.start).min() >= 1
    assert needs.start[-1] == links
    assert (np.diff(needs.buyer) >= 0).all()
    group = np.repeat(np.arange(len(needs.buyer)), np.diff(needs.start))
    assert (plants.product[needs.supplier] == needs.product[group]).all()
    assert np.bincount(group, needs.weight) == pytest.approx(1.0)
    sold = np.bincount(needs.supplier, needs.weight * needs.volume[group], firms)
    assert sold + plants.outside * plants.volume == pytest.approx(plants.volume)
    assert (events.hit == 0).sum() == max(1, firms // 1000)


@pytest.mark.parametrize("seed", range(3))
def test_plain_numpy_follows_the_rules_of_the_kernel_when_nobody_steps_in(seed):
    plants, needs, rules, events = drawn_firms(2000, 8000, seed)
    parts = (plants, needs._replace(detection=np.full(len(needs.buyer), np.inf)), rules, events)
    ours = output(parts)
    assert ours.min() == 0.0  # the shock bites
    np.testing.assert_allclose(plain(*parts), ours, rtol=0, atol=1e-12)


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), inputs=st.integers(1, 4), sources=st.integers(1, 5))
def test_a_table_is_the_same_economy_as_plants_and_needs(seed, inputs, sources):
    table = drawn_table(5, 4, inputs, sources, seed)
    # What is sold is what is made, and half of it is inputs.
    np.testing.assert_allclose(table.flows.sum(axis=1) + table.final, table.output, rtol=1e-12)
    np.testing.assert_allclose(table.flows.sum(axis=0), table.output / 2, rtol=1e-12)
    plants, needs, rules, events = economy(table)
    assert len(needs.buyer) == 20 * inputs
    assert len(needs.supplier) == 20 * inputs * sources
    group = np.repeat(np.arange(len(needs.buyer)), np.diff(needs.start))
    flows = np.zeros((20, 20))
    np.add.at(flows, (needs.supplier, needs.buyer[group]), needs.weight * needs.volume[group])
    np.testing.assert_allclose(flows, table.flows, rtol=1e-12)
    quiet = events._replace(hit=np.full(20, -1))
    np.testing.assert_allclose(output((plants, needs, rules, quiet)), 1.0, rtol=0, atol=1e-12)


def test_the_first_region_is_hit_during_the_days_of_the_shock():
    table = drawn_table(5, 4, 4, 5)
    ours = output(economy(table))
    start, end = SHOCK
    assert ours[:start] == pytest.approx(1.0)
    # Capacity falls to a fifth at once, and slack comes back little by little: at most a quarter on top.
    hit = ours[start:end, : table.sectors]
    assert hit[0] == pytest.approx(table.left)
    assert (hit <= table.left * (1 + table.slack)).all()
    assert (ours[end, : table.sectors] > 0.5).all()


def test_boario_is_hit_on_the_same_days_by_as_much():
    pytest.importorskip("boario.simulation", reason="pip install boario pymrio progressbar2")
    from peers import boario

    table = drawn_table(5, 4, 4, 5)
    theirs = boario(table)[1] / table.output
    start, end = SHOCK
    assert theirs[:start] == pytest.approx(1.0)
    hit = theirs[start:end, : table.sectors]
    assert hit[0] == pytest.approx(table.left)
    assert (hit <= table.left * (1 + table.slack)).all()
    assert (theirs[end, : table.sectors] > 0.5).all()


@pytest.mark.parametrize(("seed", "firms"), [(0, 20), (1, 150), (2, 600)])
def test_all_layouts_give_the_same_risk_in_as_many_rounds(seed, firms):
    drawn = synthetic_economy(firms, 4 * firms, seed=seed)
    at, eps = np.arange(firms), 1.2345e-2
    ours = np.transpose(assess(read(drawn).table, closures(at), Stop(eps))[:4])
    m = matrices(drawn)
    for theirs in (plain_risk(m, at, eps).to_numpy(), scattered(m, at, eps)):
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-12)


def test_fastcascade_is_given_the_same_network(tmp_path):
    drawn = synthetic_economy(40, 150, industries=5, seed=1)
    rpeers.write(drawn, np.array([3, 7]), tmp_path)
    links = pd.read_csv(tmp_path / "links.csv")
    assert (links[["supplier", "buyer"]] - 1).equals(drawn.links[["supplier", "buyer"]])
    np.testing.assert_allclose(links["value"], drawn.links["value"] * 1e6)
    assert pd.read_csv(tmp_path / "closed.csv")["firm"].tolist() == [4, 8]
    assert (pd.read_csv(tmp_path / "industries.csv")["industry"] - 1).tolist() == drawn.industries.tolist()
    np.testing.assert_array_equal(pd.read_csv(tmp_path / "essential.csv"), drawn.essential)


def test_where_r_is_not_installed_fastcascade_is_not_run(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert rpeers.fastcascade(synthetic_economy(40, 150), np.array([3]), 1e-2) is None


#: In place of the packages: each closed firm's own share of all sales.
STAND_IN = """
GL_cascade <- function(W, p, p_market, ess_mat_sec, h_weights, psi_mat, eps, conv_type, ...) {
  stopifnot(identical(rownames(ess_mat_sec), sort(unique(p))), identical(p, p_market), eps == 0.01)
  lost <- as.numeric(crossprod(psi_mat, rowSums(W)) / sum(h_weights))
  names <- c("ESRI_weight_1", "ESRI_d_weight_1", "ESRI_u_weight_1")
  list(ESRI = matrix(lost, length(lost), 3, dimnames = list(NULL, names)),
       ESRI_conv = cbind(seq_along(lost), 0, 4))
}
"""


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="needs R and its package Matrix")
def test_the_script_in_r_reads_what_is_written_and_writes_what_is_read(tmp_path, monkeypatch):
    library = tmp_path / "library"
    library.mkdir()
    for name, code in {"GLcascade": STAND_IN, "fastcascade": "found <- TRUE\n"}.items():
        (tmp_path / name / "R").mkdir(parents=True)
        about = {"Package": name, "Version": "0.1", "Title": "T", "Description": "D.", "License": "GPL-3"}
        about |= {"Author": "A", "Maintainer": "A <a@example.com>", "Imports": "Matrix"}
        text = "".join(f"{key}: {value}\n" for key, value in about.items())
        (tmp_path / name / "DESCRIPTION").write_text(text)
        (tmp_path / name / "NAMESPACE").write_text('import(Matrix)\nexportPattern("^[GT]|^f")\n')
        (tmp_path / name / "R" / "code.R").write_text(code)
        install = [
            "R",
            "CMD",
            "INSTALL",
            "--no-byte-compile",
            "--no-docs",
            "--no-test-load",
            "-l",
            str(library),
            str(tmp_path / name),
        ]
        subprocess.run(install, check=True, capture_output=True)
    drawn = synthetic_economy(40, 150, industries=5, seed=1)
    closed = np.array([3, 7, 9, 20])
    assert rpeers.fastcascade(drawn, closed, 1e-2) is None  # the packages are not where R looks for them
    monkeypatch.setenv("R_LIBS", str(library))
    answer = rpeers.fastcascade(drawn, closed, 1e-2)
    sales = drawn.links.groupby("supplier")["value"].sum().reindex(range(40), fill_value=0.0)
    np.testing.assert_allclose(answer.esri, (sales / sales.sum())[closed], rtol=1e-12)
    assert answer.rounds.tolist() == [4] * 4


def test_the_limit_of_memory_is_that_of_the_published_estimate():
    # 100,000 firms, 5 links each, 4 rounds, 24 GB/s: 2.4 ms a closure.
    assert limit(100_000, 500_000, 4.0, 24e9) == pytest.approx(2.4e-3, rel=0.05)


@pytest.mark.parametrize("measure", THEIRS)
def test_what_users_of_networkx_write_gives_the_same_measures(measure):
    links = named_links(150)
    graph, firms, _ = digraph_of_links(links)
    theirs = THEIRS[measure](built(links))
    np.testing.assert_allclose(MEASURES[measure](graph), [theirs[v] for v in firms], rtol=0, atol=1e-10)
