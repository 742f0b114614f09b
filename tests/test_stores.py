"""Stores and studies: what is kept, who does what, and what becomes of failures and killed workers."""

from __future__ import annotations

import os
import signal
import sqlite3
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainnet.errors import ChainnetError, DataError, Fault, UnknownNameError, UsageError
from chainnet.parallel import WATCH
from chainnet.stores import Row, count, opened
from chainnet.studies import Study, answer

WHAT = {"kind": "squares", "data": "d", "version": "1"}


def square(context: float, specs) -> list[list[float]]:
    return [[context * float(spec) ** 2, float("nan")] for spec in specs]


def die_once(folder: str, specs) -> list[list[float]]:
    """Kill the worker that comes first to case 7; the file says that it has happened."""
    if "7" in specs:
        try:
            (Path(folder) / "died").touch(exist_ok=False)
        except FileExistsError:
            pass
        else:
            os.kill(os.getpid(), signal.SIGKILL)
    return square(1.0, specs)


def die_always(_context: object, specs) -> list[list[float]]:
    if "7" in specs:
        os.kill(os.getpid(), signal.SIGKILL)
    return square(1.0, specs)


def study(work=square, context: object = 1.0, block: int = 3) -> Study:
    return Study("squares", "d", {"power": "2"}, work, context, block)


def answered(specs, path=None, engine=None, asked=None):
    asked = study() if asked is None else asked
    with opened(path, asked.identity) as store:
        answer(asked, specs, store, engine)
        return list(store.rows())


# --- the store ---------------------------------------------------------------------------------


def test_rows_come_in_the_order_asked_for_and_each_once(tmp_path) -> None:
    rows = answered(["2", "1", "2", "3"], tmp_path / "s")
    assert rows == [("2", Row((4.0, None))), ("1", Row((1.0, None))), ("3", Row((9.0, None)))]
    # Another list on the same store: its own order, and only its own cases.
    assert [spec for spec, _ in answered(["3", "5", "1"], tmp_path / "s")] == ["3", "5", "1"]
    assert count(tmp_path / "s") == 4


@settings(max_examples=30)
@given(first=st.lists(st.integers(-9, 9)), second=st.lists(st.integers(-9, 9)))
def test_a_store_that_knows_some_of_the_cases_gives_the_same_rows_as_a_new_one(
    tmp_path_factory, first, second
) -> None:
    path = tmp_path_factory.mktemp("stores") / "s"
    answered(map(str, first), path)
    assert answered(map(str, second), path) == answered(map(str, second))


def test_numbers_come_back_to_the_last_bit(tmp_path) -> None:
    specs = ["0.1", "1e-300", "3.3333333333333335", "12345678.9"]
    assert [row.result[0] for _, row in answered(specs, tmp_path / "s")] == [float(s) ** 2 for s in specs]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"data": "e"}, "store-data"),
        ({"version": "2"}, "store-version"),
        ({"days": "5"}, "store-days"),
        ({"kind": "cubes"}, "store-kind"),
    ],
)
def test_a_store_of_another_study_is_refused_and_left_as_it_was(tmp_path, changed, code) -> None:
    path = tmp_path / "s"
    with opened(path, WHAT) as store:
        store.keep(store.ask(["1"]), [Row((1.0,))])
    before = path.read_bytes()
    with pytest.raises(DataError, match="Nothing was changed") as error, opened(path, {**WHAT, **changed}):
        pass
    assert [fault.code for fault in error.value.faults] == [code]
    assert path.read_bytes() == before


def a_text(path: Path) -> None:
    path.write_text("case,loss\n" * 200)


def a_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE firms (name TEXT)")
    connection.close()


def a_later_store(path: Path) -> None:
    with opened(path, WHAT):
        pass
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize("make", [a_text, a_database, a_later_store])
def test_a_file_that_is_no_store_is_refused_and_left_as_it_was(tmp_path, make) -> None:
    path = tmp_path / "s"
    make(path)
    before = path.read_bytes()
    with pytest.raises(DataError, match="store-format"), opened(path, WHAT):
        pass
    assert path.read_bytes() == before


def test_a_store_that_cannot_be_made_says_so(tmp_path) -> None:
    with pytest.raises(ChainnetError, match="cannot use the store"), opened(tmp_path / "no" / "s", WHAT):
        pass


def test_two_open_runs_take_different_cases_and_the_second_waits_for_none(tmp_path) -> None:
    with opened(tmp_path / "s", WHAT) as one, opened(tmp_path / "s", WHAT) as two:
        mine = one.ask(["1", "2"])
        theirs = two.ask(["1", "2", "3"])
        assert [case.spec for case in mine] == ["1", "2"]
        assert [case.spec for case in theirs] == ["3"]
        one.keep(mine[:1], [Row((1.0,))])
        # Case 2 is still not there: the other run was killed, or is slow. It is done here, then.
        assert two.waiting
        assert [case.spec for case in two.left(9)] == ["2"]
        assert not two.waiting
        # Whoever comes second changes nothing.
        two.keep(mine, [Row((8.0,)), Row((2.0,))])
        one.keep(mine, [Row((9.0,)), Row((9.0,))])
        assert [row.result for _, row in one.rows()] == [(1.0,), (2.0,)]


def test_a_result_replaces_a_failure_and_a_failure_replaces_no_result(tmp_path) -> None:
    with opened(tmp_path / "s", WHAT) as store:
        cases = store.ask(["1"])
        store.keep(cases, [Row(None, "MemoryError", "Traceback")])
        store.keep(cases, [Row((1.0,))])
        store.keep(cases, [Row(None, "MemoryError", "Traceback")])
        assert [row for _, row in store.rows()] == [Row((1.0,))]


# --- failures ----------------------------------------------------------------------------------


def test_a_failing_case_keeps_its_input_and_traceback_and_the_others_go_on(tmp_path) -> None:
    rows = answered(["1", "two", "3", "4"], tmp_path / "s")
    assert [row.result for _, row in rows] == [(1.0, None), None, (9.0, None), (16.0, None)]
    spec, failed = rows[1]
    assert spec == "two"
    assert failed.error == "ValueError: could not convert string to float: 'two'"
    assert failed.traceback.startswith("Traceback")
    assert "in square" in failed.traceback
    assert count(tmp_path / "s") == 3


def test_a_case_that_failed_is_tried_again(tmp_path) -> None:
    def fail(_context: object, _specs):
        raise MemoryError

    assert [row.error for _, row in answered(["1"], tmp_path / "s", asked=study(fail))] == ["MemoryError"]
    assert [row.result for _, row in answered(["1"], tmp_path / "s")] == [(1.0, None)]


def test_an_infinite_result_is_a_failure_and_not_a_number() -> None:
    rows = answered(["1e200", "1"], asked=study(lambda _, specs: [[float(s) * 1e200] for s in specs]))
    assert [row.error for _, row in rows] == ["ValueError: a result is infinite", ""]


# --- engines -----------------------------------------------------------------------------------


def test_cases_are_taken_only_as_they_are_needed() -> None:
    taken = 0
    most = 0

    def cases():
        nonlocal taken
        for number in range(20_000):
            taken += 1
            yield str(number)

    def watch(results, _total):
        nonlocal most
        for number, result in enumerate(results):
            most = max(most, taken - number)
            yield result

    token = WATCH.set(watch)
    try:
        rows = answered(cases(), asked=study(block=500))
    finally:
        WATCH.reset(token)
    assert len(rows) == taken == 20_000
    # What is in flight, and never the whole.
    assert most <= 500 * (2 * (os.cpu_count() or 1) + 2)


def test_every_engine_returns_the_same_rows() -> None:
    specs = [str(k / 7) for k in range(40)] + ["none"]
    plain = answered(specs)
    with ThreadPoolExecutor(1) as one, ProcessPoolExecutor(2, get_context("spawn")) as pool:
        assert answered(specs, engine=one) == plain
        # Its workers have never seen the study, and are sent it.
        assert answered(specs, engine=pool) == plain
    assert answered(specs, engine="processes") == plain


def test_what_cases_have_in_common_is_not_sent_with_every_block() -> None:
    sent = []

    class Counting(ThreadPoolExecutor):
        def submit(self, fn, /, *args) -> Future:
            sent.append(args[-1])
            return super().submit(fn, *args)

    with Counting(2) as pool:
        answered(map(str, range(60)), engine=pool)
    assert len(sent) == 20
    assert sent.count(None) == 20


def test_an_engine_that_is_not_known_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no engine 'gpu'"):
        answered(["1"], engine="gpu")


def test_a_killed_process_costs_nothing(tmp_path) -> None:
    specs = list(map(str, range(30)))
    asked = study(die_once, str(tmp_path))
    assert answered(specs, engine="processes", asked=asked) == answered(specs)
    assert (tmp_path / "died").exists()


def test_a_case_that_always_kills_its_worker_ends_the_run_and_the_rest_is_kept(tmp_path) -> None:
    with pytest.raises(ChainnetError, match=r"a worker died .* kept in the store"):
        answered(map(str, range(9)), tmp_path / "s", "processes", study(die_always))
    rows = answered(map(str, range(9)), tmp_path / "s")
    assert rows == answered(map(str, range(9)))


def test_a_worker_that_dies_in_a_pool_of_the_callers_is_an_error_and_what_was_done_is_kept(tmp_path) -> None:
    specs = [*map(str, range(8, 20)), "7"]
    with (
        ProcessPoolExecutor(1, get_context("spawn")) as pool,
        pytest.raises(ChainnetError, match="a worker died"),
    ):
        answered(specs, tmp_path / "s", pool, study(die_always))
    assert count(tmp_path / "s") >= 3


@pytest.mark.parametrize(
    "error",
    [
        DataError([Fault("share-range", "too much", "plants.csv", 3), Fault("no-ref", "no reference")]),
        UnknownNameError("tokio", ["tokyo", "kyoto", "seoul"], "city", "on the map"),
        UsageError("no"),
    ],
)
def test_errors_come_whole_from_another_process(error) -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        sent = pool.submit(same, error).result()
    assert type(sent) is type(error)
    assert str(sent) == str(error)
    assert getattr(sent, "faults", None) == getattr(error, "faults", None)


def same(error: Exception) -> Exception:
    return error


def test_a_worker_of_another_version_is_refused(monkeypatch) -> None:
    monkeypatch.setattr("chainnet.studies.__version__", "0.0.0")
    told = pytest.raises(DataError, match=r"worker-version.*this is 0\.0\.0")
    with ProcessPoolExecutor(1, get_context("spawn")) as pool, told:
        answered(["1"], engine=pool)
