"""The benchmarks run, and compare what they say they compare."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
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
    from economies import DAYS, SHOCK, drawn_firms, drawn_table, economy
    from layouts import crossings, drawn_network, places
    from peers import plain
    from risk import limit, read
    from riskpeers import matrices, scattered
    from riskpeers import plain as plain_risk

    from graphs import THEIRS, built, named_links


def output(parts):
    return run_days(*parts, days=DAYS, keep=False, months=np.zeros(0, dtype=np.int64))[0]


def test_the_benchmark_of_the_days_runs_end_to_end():
    command = [sys.executable, "benchmarks/days.py", "--firms", "2000", "--links", "8000", "--runs", "1"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    for words in (
        "bundled graph, s",
        "2,000 firms, 8,000 links",
        "plain numpy / kernel",
        "16 scenarios together",
        "BoARIO",
    ):
        assert words in done.stdout


def test_the_benchmark_of_the_layouts_runs_end_to_end():
    command = [sys.executable, "benchmarks/layouts.py", "--small", "--runs", "1"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    for words in ("bundled graph", "200 nodes, 600 edges", "multipartite", "spring, 50", "Kamada-Kawai"):
        assert words in done.stdout


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


def test_the_benchmark_of_the_sweeps_runs_end_to_end():
    few = ["--cases", "60", "--day-cases", "3", "--runs", "1"]
    command = [sys.executable, "benchmarks/sweeps.py", *few]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    for words in ("60 pairs of firms, structural", "3 pairs of firms, 365 days", "going on / doing"):
        assert words in done.stdout


@settings(deadline=None, max_examples=10)
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


@settings(deadline=None, max_examples=10)
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


def test_the_benchmark_of_the_risk_runs_end_to_end():
    command = [sys.executable, "benchmarks/risk.py", "--firms", "300", "--runs", "1"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    for words in (
        "300 firms, 1,500 links",
        "a closure (mean of 256), ms",
        "scattered / ours",
        "closure / limit of memory",
    ):
        assert words in done.stdout


@pytest.mark.parametrize(("seed", "firms"), [(0, 20), (1, 150), (2, 600)])
def test_all_layouts_give_the_same_risk_in_as_many_rounds(seed, firms):
    drawn = synthetic_economy(firms, 4 * firms, seed=seed)
    at, eps = np.arange(firms), 1.2345e-2
    ours = np.transpose(assess(read(drawn).table, closures(at), Stop(eps))[:4])
    m = matrices(drawn)
    for theirs in (plain_risk(m, at, eps).to_numpy(), scattered(m, at, eps)):
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-12)


def test_the_limit_of_memory_is_that_of_the_published_estimate():
    # 100,000 firms, 5 links each, 4 rounds, 24 GB/s: 2.4 ms a closure.
    assert limit(100_000, 500_000, 4.0, 24e9) == pytest.approx(2.4e-3, rel=0.05)


def test_the_benchmark_of_the_graphs_runs_end_to_end():
    command = [sys.executable, "benchmarks/graphs.py", "--firms", "200", "--runs", "1"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    for words in ("200 firms, 1,000 links", "networkx / ours", "dominated, s", "betweenness from 200 firms"):
        assert words in done.stdout


@pytest.mark.parametrize("measure", THEIRS)
def test_what_users_of_networkx_write_gives_the_same_measures(measure):
    links = named_links(150)
    graph, firms, _ = digraph_of_links(links)
    theirs = THEIRS[measure](built(links))
    np.testing.assert_allclose(MEASURES[measure](graph), [theirs[v] for v in firms], rtol=0, atol=1e-10)
