"""Spread and sensitivity: against a serial loop, known indices, effects added up anew, and by hand."""

from __future__ import annotations

import math
import os
import sys

import numpy as np
import pandas as pd
import pytest
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st

import chainnet as cn
from chainnet.sensitivities import morris, sobol
from chainnet.uncertainties import QUANTILES, draw_parameters

RESIST = "tok:photoresist_euv@0+60"
#: acid ── resist ── dram: one maker each. Nothing softens a loss but the stock of resist at the fab.
LINE = """
    acid   => resist
    resist => dram
    acme@DEU -> acid 1.0
    tok@JPN  -> resist 1.0
    fab@KOR  -> dram 1.0
"""
STIFF = {
    "lead_days": "1",
    "transit_days": "0",
    "finished_days": "0",
    "slack": "0",
    "detection_days": "5",
    "sticky": "0",
    "outside_share": "0",
}


@pytest.fixture(scope="module")
def net() -> cn.SupplyNetwork:
    return cn.load("japan-korea")


def row(name: str, value: str, low: str = "", high: str = "") -> dict[str, str]:
    ends = {"low": low, "high": high}
    return {"parameter": name, "value": value, "unit": "days", "status": "assumed", **ends}


def line() -> cn.SupplyNetwork:
    stiff = [row(name, value) for name, value in STIFF.items()]
    return draw(LINE, parameters=[row("cover_days", "30", "20", "40"), *stiff])


# --- drawings and their spread -------------------------------------------------------------------


def test_drawings_stay_in_their_ranges(net):
    rows = net.parameters.set_index(["parameter", "product"])
    for parameters in draw_parameters(net, n=30, seed=3):
        for (name, product), about in rows.iterrows():
            value = parameters.value(name, product)
            assert about["low"] - 1e-9 <= value <= about["high"] + 1e-9


@pytest.mark.parametrize("level", ["product", "firm", "country", "plant"])
def test_the_spread_is_that_of_runs_one_by_one(net, level):
    table = cn.uncertainty(net, RESIST, n=4, seed=5, days=120, level=level).set_index("name")
    usual = cn.simulate(net, RESIST, days=120).summary(level).set_index("name").loc[table.index]
    runs = [
        cn.simulate(net, RESIST, days=120, parameters=p).summary(level).set_index("name").loc[table.index]
        for p in draw_parameters(net, n=4, seed=5)
    ]
    assert table["days_lost"].to_numpy() == pytest.approx(usual["days_lost"].to_numpy(), abs=1e-12)
    low, median, high = np.quantile([one["days_lost"] for one in runs], QUANTILES, axis=0)
    for name, expected in {"low": low, "median": median, "high": high}.items():
        assert table[name].to_numpy() == pytest.approx(expected, abs=1e-12)
    hit = np.mean([one["time_to_survive"].notna() for one in runs], axis=0)
    assert table["hit"].tolist() == hit.tolist()
    assert table["high"].max() > 1


def test_the_number_of_threads_does_not_matter(net, monkeypatch):
    tables = []
    for cores in (1, 3, 1):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        tables.append(cn.uncertainty(net, RESIST, n=5, seed=1, days=120))
    pd.testing.assert_frame_equal(tables[0], tables[1], check_exact=True)
    pd.testing.assert_frame_equal(tables[0], tables[2], check_exact=True)


def test_no_drawings_are_refused(net):
    with pytest.raises(cn.UsageError):
        cn.uncertainty(net, "tok", n=0)


# --- indices of functions that are known -----------------------------------------------------------


def test_sobol_indices_of_ishigami_and_homma_are_the_analytic_ones():
    # sin x1 + 7 sin² x2 + 0.1 x3⁴ sin x1 on [-π, π]³ (1990, doi:10.1109/ISUMA.1990.151285).
    a, b = 7, 0.1

    def model(at):
        x = math.pi * (2 * at - 1)
        return np.sin(x[0]) + a * np.sin(x[1]) ** 2 + b * x[2] ** 4 * np.sin(x[0])

    one = (1 + b * math.pi**4 / 5) ** 2 / 2
    two = a**2 / 8
    together = b**2 * math.pi**8 * (1 / 18 - 1 / 50)
    whole = one + two + together
    found = sobol(model, 3, n=2**13, seed=0)
    # The error of a mean of 8,192 points is of the order of 1/√8192 = 0.011.
    assert found["first"] == pytest.approx(np.array([one, two, 0]) / whole, abs=0.022)
    assert found["total"] == pytest.approx(np.array([one + together, two, together]) / whole, abs=0.022)


def test_a_constant_has_no_indices():
    for method in (sobol, morris):
        found = method(lambda at: np.full(at.shape[1], 3.0), 2, n=4, seed=0)
        assert all((value == 0).all() for value in found.values())


@settings(max_examples=25)
@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.integers(0, 1000))
def test_effects_of_a_straight_line_are_its_slopes(slopes, seed):
    found = morris(lambda at: np.array(slopes) @ at + 5, len(slopes), n=3, seed=seed)
    assert found["mu_star"] == pytest.approx(np.abs(slopes), abs=1e-9)
    assert found["sigma"] == pytest.approx(0, abs=1e-9)


def test_effects_of_a_curve_are_those_worked_out_from_its_points():
    seen = []

    def model(at):
        seen.append(at.T)
        return at[0] * at[1] - 2 * at[2] ** 2

    found = morris(model, 3, n=6, seed=2)
    (points,) = seen
    assert len(points) == 6 * 4
    effects = {0: [], 1: [], 2: []}
    for start in range(0, len(points), 4):
        for one, two in zip(points[start : start + 3], points[start + 1 : start + 4], strict=True):
            (k,) = np.flatnonzero(one != two)  # one input moves at a time
            before, after = (x[0] * x[1] - 2 * x[2] ** 2 for x in (one, two))
            effects[int(k)].append((after - before) / (two[k] - one[k]))
    for k, values in effects.items():
        mean = sum(abs(value) for value in values) / 6
        middle = sum(values) / 6
        assert found["mu_star"][k] == pytest.approx(mean)
        assert found["sigma"][k] == pytest.approx(
            math.sqrt(sum((value - middle) ** 2 for value in values) / 5)
        )


# --- which assumption drives the days lost -----------------------------------------------------------


def test_a_day_more_of_cover_is_a_day_less_lost():
    # tok stops for 60 days, so the fab loses 60 - cover. At 5 % of the triangle 20-30-40 cover is
    # 20 + √(0.05·20·10) = 23.16, at 65 % it is 40 - √(0.35·20·10) = 31.63: over these two thirds of
    # the way, or over the mirrored ones from 35 % to 95 %, the slope is (31.63 - 23.16) / (2/3) = 12.71.
    table = cn.sensitivity(line(), "tok@10+60", "fab:dram", method="morris", n=4, days=200)
    assert table.columns.tolist() == [
        "parameter",
        "value",
        "low",
        "high",
        "unit",
        "ranged",
        "mu_star",
        "sigma",
    ]
    first = table.iloc[0]
    assert first[["parameter", "value", "low", "high", "unit", "ranged"]].tolist() == [
        "cover_days",
        30,
        20,
        40,
        "days",
        1,
    ]
    assert first["mu_star"] == pytest.approx(1.5 * (20 - math.sqrt(70) - math.sqrt(10)), abs=1e-8)
    assert (table["mu_star"].iloc[1:] == 0).all()


def test_the_only_range_explains_everything():
    table = cn.sensitivity(line(), "tok@10+60", "KOR:dram", n=64, days=200)
    assert table.loc[0, ["parameter", "ranged"]].tolist() == ["cover_days", 1]
    # The error of a mean of 64 points is of the order of 1/√64.
    assert table.loc[0, "first"] == pytest.approx(1, abs=0.125)
    assert table.loc[0, "total"] == pytest.approx(1, abs=0.125)
    assert (table.loc[1:, ["first", "total"]] == 0).all(axis=None)


def test_the_assumption_that_matters_has_the_largest_index(net):
    # How long a stop of resist is survived hangs on the covers and on who else is qualified when.
    table = cn.sensitivity(net, "JPN:photoresist_arf@0+120", "KOR:dram", n=8, days=250)
    assert set(table["parameter"]) == set(net.parameters["parameter"])
    assert table["total"].iloc[0] > 0.2
    assert table["total"].is_monotonic_decreasing
    assert table["parameter"].iloc[0] in {
        "cover_days",
        "slack",
        "finished_days",
        "qualification_days",
        "lead_days",
    }


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_the_same_seed_gives_the_same(net, method):
    one, two, other = (
        cn.sensitivity(net, "JPN:resist_pag@0+90", "photoresist_euv", method=method, n=2, seed=seed, days=200)
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert not one.equals(other)


@pytest.mark.parametrize(
    "asked",
    [
        {"of": "KOR:dram", "n": 3},
        {"of": "KOR:dram", "n": 1, "method": "morris"},
        {"of": "KOR:dram", "method": "fast"},
        {"of": "KOR:drm"},
        {"of": "KOR"},
        {"of": "samsung:KOR:dram"},
        {"of": "NLD:dram"},
    ],
)
def test_senseless_sensitivities_are_refused(net, asked):
    with pytest.raises(cn.UsageError):
        cn.sensitivity(net, "tok", days=20, **{"n": 4, **asked})


def test_without_parameters_there_is_nothing_to_vary():
    with pytest.raises(cn.UsageError, match="nothing to vary"):
        cn.sensitivity(draw(LINE), "tok@10+60", "KOR:dram")


def test_without_the_extra_the_way_to_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib.analyze.morris", None)
    with pytest.raises(cn.UsageError, match=r"pip install 'chainnet\[sensitivity\]'"):
        morris(lambda at: at[0], 1, n=2, seed=0)
