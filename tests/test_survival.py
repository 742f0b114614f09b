"""Time to survive and exposure index: by hand, and against a linear programme on small networks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from draw import draw
from scipy.optimize import linprog

import chainnet as cn
from chainnet.parameters import Parameters

#  tok 0.6, dup 0.4 ── resist ── fab: dram
NET = """
    resist => dram
    tok@JPN -> resist 0.6
    dup@USA -> resist 0.4
    fab@KOR -> dram 1.0
"""
STIFF = Parameters().having(
    cover_days=20,
    transit_days=5,
    lead_days=10,
    finished_days=0,
    slack=0,
    qualification_days=10_000,
    detection_days=10_000,
    outside_share=0,
)


def programme(lost: float, stock: float) -> float:
    """Longest time without loss: use up the stock while the rest still arrives (Simchi-Levi's LP).

    max t  s.t.  t ≤ made,  made ≤ stock + (1 - lost) t,  0 ≤ t ≤ 10,000
    """
    found = linprog(
        c=[-1, 0],
        A_ub=[[1, -1], [-(1 - lost), 1]],
        b_ub=[0, stock],
        bounds=[(0, 10_000), (0, None)],
        method="highs",
    )
    assert found.success
    return float(found.x[0])


@pytest.mark.parametrize(("closed", "lost"), [("tok", 0.6), ("dup", 0.4)])
def test_the_time_to_survive_is_that_of_the_linear_programme(closed, lost):
    table = cn.time_to_survive(draw(NET), "fab:dram", days=400, parameters=STIFF).set_index("closure")
    # What is in the fab's stock and on the way; then what is in its line still comes out.
    expected = programme(lost, stock=20 + 5 * lost) + 10
    assert table.loc[closed, "time_to_survive"] == pytest.approx(expected, abs=3)


def test_the_index_is_relative_to_the_worst():
    table = cn.time_to_survive(draw(NET), "fab:dram", recover=60, days=400, parameters=STIFF).set_index(
        "closure"
    )
    assert table["exposure_index"].max() == 1
    assert table.loc["tok", "days_lost"] > table.loc["dup", "days_lost"]
    ratio = table.loc["dup", "days_lost"] / table.loc["tok", "days_lost"]
    assert table.loc["dup", "exposure_index"] == pytest.approx(ratio)


def test_a_closure_shorter_than_the_stock_exposes_to_nothing():
    table = cn.time_to_survive(draw(NET), "fab:dram", recover=5, days=300, parameters=STIFF)
    assert table["days_lost"].max() == pytest.approx(0, abs=1e-9)
    assert (table["exposure_index"] == 0).all() or np.isfinite(table["exposure_index"]).all()


def test_longer_covers_never_shorten_the_time():
    times = []
    for cover in (5, 20, 60):
        table = cn.time_to_survive(draw(NET), "fab:dram", days=400, parameters=STIFF.having(cover_days=cover))
        times.append(table.set_index("closure").loc["tok", "time_to_survive"])
    assert times == sorted(times)


def test_a_time_that_is_never_reached_is_unknown():
    table = cn.time_to_survive(draw(NET), "fab:dram", recover=5, days=8, parameters=STIFF)
    assert all(math.isnan(value) for value in table["time_to_survive"])


@pytest.mark.parametrize("wrong", [{"recover": 0}, {"recover": 500}])
def test_senseless_days_are_refused(wrong):
    with pytest.raises(cn.UsageError):
        cn.time_to_survive(draw(NET), "fab:dram", **wrong)
