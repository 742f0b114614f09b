"""Sweeps of networks: what they say, and that nothing changes it: engine, kill, resume, company."""

from __future__ import annotations

import json
import math
import os
import random
import re
import signal
import subprocess
import sys
import time
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from sweepers import DAYS, HANGS, MANY, shared, shocks, sleeping, swept
from toy import toy, write_toy

import chainnet as cn
from chainnet.commands import main
from chainnet.scenarios import Control, Demand, Policy, Selector, Share, Shock
from chainnet.scenarios.lists import read_scenarios
from chainnet.scenarios.texts import scenario_of, scenario_text

ROOT = Path(__file__).parents[1]

# --- what a row says ---------------------------------------------------------------------------


def test_a_row_says_what_disrupt_and_simulate_say() -> None:
    net = toy()
    cases = [*cn.closure_cases(net, "firm"), cn.Scenario.parse("tok=0.5@0+30", "JPN>KOR:acid")]
    table = cn.sweep(net, cases, days=DAYS, targets=["chip", "han:chip", "KOR:chip"])
    assert list(table["case"]) == [case.name for case in cases]
    for row, case in zip(table.to_dict("records"), cases, strict=True):
        outcome, run = cn.disrupt(net, case), cn.simulate(net, case, days=DAYS)
        working = (outcome.economy.table["step"] != "planned").to_numpy()
        assert row["plants"] == (outcome.loss[working] > 1e-9).sum()
        paths = {"chip": "product", "han:chip": "firm", "KOR:chip": "country"}
        for target, level in paths.items():
            losses = outcome.by(level)
            keys = [name for name in ("firm", "country", "product") if name in losses.columns]
            lost = losses.assign(name=losses[keys].agg(":".join, axis=1)).set_index("name")["loss"]
            assert row[f"loss {target}"] == pytest.approx(lost.get(target, 0.0), abs=1e-12)
            days = run.summary(level).set_index("name")["days_lost"]
            assert row[f"days_lost {target}"] == pytest.approx(days[target], abs=1e-12)
        assert row["loss"] == pytest.approx(np.mean([row[f"loss {target}"] for target in paths]))
        assert row["worst_loss"] == max(row[f"loss {target}"] for target in paths)
        below = np.column_stack([run.by(level)[target] for target, level in paths.items()]) < 0.95
        first = float(below.any(axis=1).argmax()) if below.any() else math.nan
        assert row["first_day"] == pytest.approx(first, nan_ok=True)


def test_pairs_are_all_pairs_and_lose_no_less_than_each_alone() -> None:
    net = toy()
    one = cn.sweep(net, cn.closure_cases(net, "plant")).set_index("case")["loss"]
    pairs = cn.closure_cases(net, "plant", size=2)
    table = cn.sweep(net, pairs).set_index("case")["loss"]
    assert len(pairs) == len(table) == math.comb(len(one), 2)
    for a, b in combinations(one.index, 2):
        both = table[f"{a} + {b}"]
        assert both >= max(one[a], one[b]) - 1e-12


def test_the_bundled_graph_is_swept_by_everything_that_closes() -> None:
    net = cn.load("japan-korea")
    for by in ("plant", "firm", "country", "product"):
        cases = cn.closure_cases(net, by)
        table = cn.sweep(net, cases)
        assert len(table) == len(cases) > 20
        assert table.attrs["failed"] == 0
        assert table["loss"].between(0, 1).all()
    # ASML stops nobody: its tools go on working.
    firms = cn.sweep(net, cn.closure_cases(net, "firm")).set_index("case")
    assert firms.loc["asml", "loss"] == 0


def test_scenarios_may_be_named_by_a_mapping() -> None:
    table = cn.sweep(toy(), {"fire": cn.Scenario.parse("tok")})
    assert list(table["case"]) == ["fire"]
    assert list(table["shocks"]) == ["tok"]


def test_no_case_is_an_empty_table() -> None:
    table = cn.sweep(toy(), [])
    assert len(table) == table.attrs["failed"] == 0
    assert {"case", "loss", "error"} <= set(table.columns)


def test_a_case_that_hits_nothing_says_why_and_the_others_go_on(tmp_path) -> None:
    cases = [cn.Scenario.parse(text) for text in ("tok", "nobody", "han")]
    table = cn.sweep(toy(), cases, store=tmp_path / "s")
    assert table.attrs["failed"] == 1
    assert table["loss"].notna().tolist() == [True, False, True]
    assert "nobody" in table.loc[1, "error"]
    assert table.loc[1, "traceback"].startswith("Traceback")
    assert table.loc[[0, 2], "error"].tolist() == ["", ""]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"days": 0}, "0 days"),
        ({"targets": ["han"]}, "no target"),
        ({"targets": ["tok:chip"]}, "no target"),
        ({"targets": ["nothing"]}, "nothing"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error_and_makes_no_store(tmp_path, options, words) -> None:
    with pytest.raises(cn.UsageError, match=words):
        cn.sweep(toy(), shocks(2), store=tmp_path / "s", **options)
    assert not (tmp_path / "s").exists()


def test_three_closures_at_once_are_not_offered() -> None:
    with pytest.raises(cn.UsageError, match="3 at once"):
        cn.closure_cases(toy(), "firm", size=3)


# --- scenarios as text -------------------------------------------------------------------------

levels = st.lists(st.tuples(st.floats(0, 99), st.floats(0, 1)), max_size=3).map(tuple)
selectors = st.lists(st.tuples(st.sampled_from(["", "firm", "hq"]), st.text(max_size=5)), min_size=1).map(
    lambda terms: Selector(tuple(terms))
)
maybe = st.none() | st.integers(1, 99)
scenarios = st.builds(
    cn.Scenario,
    st.text(max_size=9),
    st.lists(
        st.builds(Shock, selectors, st.floats(0, 1), st.integers(0, 9), maybe, levels, st.floats(0, 1))
    ).map(tuple),
    st.lists(
        st.builds(
            Control,
            selectors,
            selectors,
            st.none() | st.just("acid"),
            st.floats(0, 1),
            st.integers(0, 9),
            maybe,
            levels,
            maybe,
        )
    ).map(tuple),
    st.none() | st.just("2024"),
    demands=st.lists(st.builds(Demand, st.just("chip"), levels), max_size=2).map(tuple),
    shares=st.lists(st.builds(Share, st.just("chip"), st.just("han"), st.floats(0, 1)), max_size=2).map(
        tuple
    ),
    policy=st.builds(Policy, st.none() | st.floats(0, 9), st.sampled_from(["proportional", "own_first"])),
    days=maybe,
    id=st.text(max_size=3),
    refs=st.lists(st.text(max_size=3), max_size=2).map(tuple),
)


@settings(max_examples=60)
@given(scenarios)
def test_a_scenario_comes_back_from_its_text(scenario) -> None:
    assert scenario_of(scenario_text(scenario)) == scenario
    assert json.loads(scenario_text(scenario))["name"] == scenario.name


def test_recorded_events_come_back_from_their_text() -> None:
    net = cn.load("japan-korea")
    for event in (cn.event(name, net) for name in cn.events()):
        assert scenario_of(scenario_text(event)) == event


# --- lists of scenarios ------------------------------------------------------------------------


def test_the_result_of_a_sweep_can_be_swept_again(tmp_path) -> None:
    first = cn.sweep(toy(), [cn.Scenario.parse("tok=0.25@0+30", "JPN>KOR:acid"), *shocks(3)], days=DAYS)
    first.to_csv(tmp_path / "first.csv", index=False)
    again = cn.sweep(toy(), read_scenarios([tmp_path / "first.csv"], toy()), days=DAYS)
    pd.testing.assert_frame_equal(again, first)


def test_all_that_is_wrong_with_lists_is_said_at_once(tmp_path) -> None:
    (tmp_path / "a.csv").write_text("case,shocks\none,tok\ntwo,tok=7\nthree,\n")
    (tmp_path / "b.csv").write_text("case\none\n")
    (tmp_path / "c.toml").write_text("name = ")
    (tmp_path / "empty").mkdir()
    paths = [tmp_path / name for name in ("a.csv", "b.csv", "c.toml", "empty", "missing.csv")]
    with pytest.raises(cn.DataError) as error:
        read_scenarios(paths, toy())
    found = sorted((fault.code, fault.row) for fault in error.value.faults if fault.code != "broken-toml")
    assert found == [
        ("missing-column", 1),
        ("no-scenarios", None),
        ("no-shock", 3),
        ("no-shock", 4),
        ("unreadable", None),
    ]
    assert any(fault.code == "broken-toml" for fault in error.value.faults)


def test_a_folder_is_its_scenario_files_by_name(tmp_path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.toml").write_text(f'name = "{name}"\n[[shock]]\nfirm = "tok"\n')
    found = read_scenarios([tmp_path], toy())
    assert [scenario.name for scenario in found] == ["a", "b"]
    assert len(found) == 2


# --- killed, resumed, shared -------------------------------------------------------------------


@pytest.fixture(scope="module")
def quick():
    """Processes that begin at once: their server has imported everything."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["sweepers", "chainnet.sweeps"])
    return context


def test_killed_again_and_again_a_sweep_ends_in_the_same_bytes(tmp_path, quick) -> None:
    whole = cn.sweep(toy(), shocks(MANY)).to_csv()
    path = tmp_path / "s"
    rng = random.Random(0)  # noqa: S311, moments
    kept = [0]
    for _ in range(10):
        # At most 8 blocks of 4 cases each time: the last run finds something left to do.
        child = quick.Process(target=swept, args=(str(path), 8))
        child.start()
        # Until it has written something new, and then a moment longer.
        wait(lambda: results(path) > kept[-1])
        time.sleep(rng.random() * 0.02)
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        kept.append(results(path))
    assert kept == sorted(set(kept))
    assert kept[-1] < MANY
    assert cn.sweep(toy(), shocks(MANY), store=path).to_csv() == whole
    # With everything there nothing is done again: not even the network is looked at.
    assert cn.sweep(toy(), shocks(MANY), store=path, engine=_Idle()).to_csv() == whole


class _Idle:
    def submit(self, *_args: object):
        raise AssertionError("nothing was left to do")


def wait(until) -> None:
    """Wait until something holds; where it never does, what is tested hangs."""
    end = time.monotonic() + HANGS / 2
    while not until():
        assert time.monotonic() < end
        time.sleep(0.002)


def results(path: Path) -> int:
    import sqlite3

    if not path.exists():
        return 0
    connection = sqlite3.connect(path, timeout=30)
    try:
        return connection.execute("SELECT count(*) FROM cases").fetchone()[0]
    except sqlite3.OperationalError:
        return 0  # it has no tables yet
    finally:
        connection.close()


def test_workers_end_with_a_run_that_is_killed(tmp_path, quick) -> None:
    child = quick.Process(target=sleeping, args=(str(tmp_path),))
    child.start()
    wait(lambda: len(list(tmp_path.iterdir())) >= min(2, os.cpu_count() or 1))
    workers = [int(file.name) for file in tmp_path.iterdir()]
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    wait(lambda: not any(map(runs, workers)))


def runs(process: int) -> bool:
    """Whether a process is there, and is not only waiting to be collected."""
    state = Path(f"/proc/{process}/stat")
    try:
        return state.read_text().rpartition(") ")[2][0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_two_runs_on_one_store_share_the_work_and_end_in_the_same_table(tmp_path, quick) -> None:
    files = [tmp_path / "one", tmp_path / "two"]
    together = quick.Barrier(2)
    children = [
        quick.Process(target=shared, args=(str(tmp_path / "s"), str(file), together)) for file in files
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(HANGS)
    assert [child.exitcode for child in children] == [0, 0]
    found = [file.read_text().partition("\n") for file in files]
    done = [int(text) for text, _, _ in found]
    whole = cn.sweep(toy(), shocks(MANY)).to_csv()
    assert [table for _, _, table in found] == [whole, whole]
    # Every case once, and what was in flight at the end at most twice.
    in_flight = 4 * 2 * (os.cpu_count() or 1)
    assert MANY <= sum(done) <= MANY + in_flight
    assert min(done) > 0


# --- engines -----------------------------------------------------------------------------------


def test_threads_and_processes_return_the_same_bytes() -> None:
    cases = [*shocks(40), cn.Scenario.parse("nobody")]
    table = cn.sweep(toy(), cases, days=DAYS).to_csv()
    assert cn.sweep(toy(), cases, days=DAYS, engine="processes").to_csv() == table


def test_dask_returns_the_same_bytes_though_a_worker_is_killed(tmp_path) -> None:
    pytest.importorskip("distributed", reason="pip install 'chainnet[cluster]'")
    # In a process of its own: what Dask leaves behind ends with it.
    code = f"""
import os, signal, sys
sys.path.insert(0, {str(ROOT / "tests")!r})
import chainnet as cn
from chainnet.clusters import cluster
from chainnet.parallel import WATCH
from sweepers import DAYS, shocks, toy

def watch(results, total):
    for number, result in enumerate(results):
        if number == 16:
            pid = client.run(os.getpid)
            os.kill(min(pid.values()), signal.SIGKILL)
        yield result

if __name__ == "__main__":
    plain = cn.sweep(toy(), shocks(96), days=DAYS).to_csv()
    with cluster() as client:
        dashboard = client.cluster.dashboard_link
        WATCH.set(watch)
        assert cn.sweep(toy(), shocks(96), days=DAYS, engine=client).to_csv() == plain
    print("the same", dashboard)
"""
    script = tmp_path / "run.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        check=False,
        capture_output=True,
        text=True,
        timeout=HANGS,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"the same http://127\.0\.0\.1:\d+/", done.stdout)


# --- the command -------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path):
    folder = write_toy(tmp_path / "toy")

    def invoke(*words: str, code: int = 0):
        result = CliRunner().invoke(main, ["--graph", str(folder), "sweep", *words])
        assert result.exit_code == code, result.output
        return result

    return invoke


def test_the_command_shows_the_largest_losses_first_and_writes_cases_in_order(run, tmp_path) -> None:
    run("--close", "firm", "--store", str(tmp_path / "s"), "-o", str(tmp_path / "t.csv"))
    table = pd.read_csv(tmp_path / "t.csv", keep_default_na=False)
    assert list(table["case"]) == [case.name for case in cn.closure_cases(toy(), "firm")]
    shown = run("--close", "firm", "--store", str(tmp_path / "s")).stdout.splitlines()
    order = table[table["loss"] > 0].sort_values("loss", ascending=False, kind="stable")["case"]
    assert [line.split()[0] for line in shown[1:]] == list(order)


def test_the_command_reads_lists_and_fails_where_a_case_fails(run, tmp_path) -> None:
    (tmp_path / "c.csv").write_text("case,shocks\nfire,tok@0+30\nwrong,nobody\n")
    result = run(str(tmp_path / "c.csv"), "--days", "30", code=1)
    assert "Failed: 1 cases." in result.stdout
    assert "no firm, product or country 'nobody'" in result.stdout
    assert "tries them again" in result.stderr


def test_the_command_wants_either_closures_or_files(run, tmp_path) -> None:
    run(code=2)
    run("--close", "firm", str(tmp_path), code=2)


def test_the_command_refuses_a_store_of_other_days(run, tmp_path) -> None:
    store = str(tmp_path / "s")
    run("--close", "firm", "--store", store)
    result = run("--close", "firm", "--store", store, "--days", "30", code=3)
    assert "[store-days]" in result.stderr
    assert "Nothing was changed." in result.stderr


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "tls://127.0.0.1:9", "nonsense"])
def test_a_scheduler_that_is_not_there_is_told_before_dask_would(run, address, monkeypatch) -> None:
    dask = pytest.importorskip("dask", reason="pip install 'chainnet[cluster]'")
    pytest.importorskip("distributed", reason="pip install 'chainnet[cluster]'")
    monkeypatch.setattr("chainnet.clusters._PATIENCE", 1)
    start = time.monotonic()
    with dask.config.set({"distributed.comm.timeouts.connect": 2 * HANGS}):
        result = run("--close", "firm", "--scheduler", address, code=1)
    assert "[no-scheduler]" in result.stderr
    assert time.monotonic() - start < HANGS


#: The command, with blocks that take their time: there is something left to interrupt.
SLOWLY = """
import time
from chainnet import studies
from chainnet.commands import main
plain = studies._work
def slow(*given):
    time.sleep(0.5)
    return plain(*given)
studies._work = slow
main()
"""


def test_an_interrupted_command_says_what_is_kept_and_ends_with_130(tmp_path) -> None:
    store = tmp_path / "s"
    command = [sys.executable, "-c", SLOWLY, "sweep", "--close", "plant", "--days", "300"]
    child = subprocess.Popen(
        [*command, "--store", str(store)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    wait(lambda: results(store) > 0 or child.poll() is not None)
    child.send_signal(signal.SIGINT)
    _, stderr = child.communicate(timeout=HANGS)
    assert child.returncode == 130
    kept = results(store)
    assert 0 < kept < 395
    assert f"{kept} results are kept in {store} (395 cases were asked for)." in stderr
    assert "Traceback" not in stderr
