"""The backtest: how a period, a prediction and a verdict are worked out, and what the record must show."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import chainnet as cn
from chainnet.backtests import _verdict, period_days


@pytest.fixture(scope="module")
def net() -> cn.SupplyNetwork:
    return cn.load("japan-korea")


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2019-07", -3, 27),
        ("2019-08/2019-09", 28, 88),
        ("2019-07-04", 0, 0),
        ("2019-07-10/2019-07-20", 6, 16),
        ("2019", -184, 180),
    ],
)
def test_periods_are_days_from_the_events_start(period, first, last):
    days = period_days(period, cn.Scenario("x", date="2019-07-04"), 365)
    assert (days[0], days[-1]) == (first, last)


def test_days_beyond_the_run_are_left_out():
    assert len(period_days("2021", cn.Scenario("x", date="2019-07-04"), 365)) == 0


@pytest.mark.parametrize(
    ("observed", "predicted", "interval", "verdict"),
    [
        (1.0, 0.90, (0.8, 1.0), "inside"),
        (1.0, 0.996, (0.99, 0.992), "inside"),  # half a point is rounding
        (0.9, 0.82, (0.8, 0.85), "near"),  # within 10 points
        (0.5, 0.7, (0.68, 0.72), "near"),  # 0.3 against 0.5 lost: within a factor of 2
        (0.5, 0.9, (0.88, 0.92), "miss"),
        (1.0, 0.8, (0.7, 0.9), "miss"),  # a loss where there was none
        (0.9, math.nan, (math.nan, math.nan), "miss"),
    ],
)
def test_verdicts(observed, predicted, interval, verdict):
    assert _verdict(observed, predicted, interval, is_date=False) == verdict


def test_a_date_may_be_wrong_by_a_factor_of_two():
    assert _verdict(100, 160, (150, 170), is_date=True) == "near"
    assert _verdict(100, 260, (250, 270), is_date=True) == "miss"


def test_a_quiet_event_and_a_loud_one(net):
    table = cn.backtest(net, names=["2021-fukushima-quake", "2011-thai-floods-hdd"], n=3)
    quiet = table[table["event"] == "2021-fukushima-quake"].iloc[0]
    assert quiet["predicted"] == pytest.approx(1.0, abs=1e-3)
    loud = table[table["series"] == "Hard disks, world"]
    assert (loud["predicted"] < 0.95).all()
    assert (table["low"] <= table["high"]).all()
    # The rival that knows no stocks and nobody who steps in always loses at least as much.
    assert (loud["share_times_days"] <= loud["predicted"] + 0.02).all()


def test_the_controls_of_2019_show_what_the_record_shows(net):
    run = cn.simulate(net, cn.event("2019-export-controls-hf", net))
    flows = run.flows("hf_liquid")
    korea = (
        flows[flows["importer"] == "KOR"]
        .pivot_table(index="month", columns="exporter", values="volume")
        .fillna(0)
    )
    others = korea.drop(columns="JPN").sum(axis=1)
    assert korea["JPN"].loc[2:3].max() < 0.1 * korea["JPN"].loc[8:].max()  # collapses, and returns
    assert others.loc[2:4].max() > others.loc[0]  # other origins rise
    lost = run.summary("country").set_index("name")["days_lost"]
    assert lost["KOR:dram"] < 8  # days of the two years
    assert lost["KOR:nand"] < 8


def test_summary_adds_up():
    table = pd.DataFrame(
        {
            "quantity": ["output"] * 3 + ["date"],
            "observed": [1.0, 1.0, 0.8, 50.0],
            "predicted": [1.0, 0.9, 0.7, 60.0],
            "verdict": ["inside", "miss", "near", "near"],
            "share_times_days": [0.5, 0.5, 0.6, math.nan],
            "nothing": [1.0, 1.0, 1.0, math.nan],
        }
    )
    summary = cn.backtest_summary(table).set_index("kind")
    assert summary.loc["all", ["targets", "inside", "near", "miss"]].tolist() == [4, 1, 2, 1]
    assert summary.loc["all", "error"] == pytest.approx(0.2 / 3)
    assert summary.loc["all", "skill_share_times_days"] == pytest.approx(1 - 0.2 / 1.2)
    assert summary.loc["loss", "skill_nothing"] == pytest.approx(0.5)


def test_unknown_events_are_refused(net):
    with pytest.raises(cn.UnknownNameError):
        cn.backtest(net, names=["2019-export-control-hf"], n=0)
