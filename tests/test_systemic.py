"""The economic systemic risk index: published numbers, networks worked by hand, a second implementation."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainnet import assessments
from chainnet.assessments import Stop, assess, closures, losses_of
from chainnet.errors import ConvergenceError, DataError, UnknownNameError, UsageError
from chainnet.riskarrays import compiled
from chainnet.systemic import systemic_risk

PUBLISHED = json.loads((Path(__file__).parent / "data/esri_cases.json").read_text(encoding="utf-8"))
RULES = {1: "absolute", 2: "relative"}
INDEX = ["esri", "downstream", "upstream"]


def case(name):
    return next(each for each in PUBLISHED["cases"] if each["name"] == name)


def inputs(given, unit=1.0):
    """The arguments for a stored case, with all amounts multiplied by ``unit``."""
    firms = [f"firm {i:02}" for i in range(given["n"])]

    def amounts(values):
        return None if values is None else pd.Series(values, firms, dtype=float) * unit

    def lost(values):
        return None if values is None else pd.DataFrame(values, columns=firms)

    return {
        "links": pd.DataFrame(
            {
                "supplier": [firms[i] for i in given["src"]],
                "buyer": [firms[i] for i in given["dst"]],
                "value": np.array(given["w"]) * unit,
            }
        ),
        "industries": pd.Series(given["industry"], firms),
        "essential": pd.DataFrame(given["ess"]),
        "market": None if given["market"] is None else pd.Series(given["market"], firms),
        "shocks": lost(given["shocks"]),
        "shocks_up": lost(given["shocks_up"]),
        "eps": given["eps"],
        "rule": RULES[given["conv_type"]],
        "revenue": amounts(given["revenue"]),
        "costs": amounts(given["costs"]),
    }


# --- published numbers -------------------------------------------------------------------------

#: Scenarios in which a market empties and the programs take 1 for its size, which is more than its
#: firms ever sold: there, and nowhere else, the published numbers need the published rule.
UNIT_DEPENDENT = {"random4": [12], "random20": [1, 4]}


@pytest.mark.parametrize("name", [each["name"] for each in PUBLISHED["cases"]])
def test_the_published_programs_are_reproduced(name):
    stored = case(name)
    risk = systemic_risk(**inputs(stored["input"]), empty_market="published", drift_eps=None)
    assert risk[INDEX].to_numpy() == pytest.approx(np.array(stored["expected"]["esri"]), abs=1e-9)
    assert risk["rounds"].tolist() == stored["expected"]["steps"]


@pytest.mark.parametrize("name", [each["name"] for each in PUBLISHED["cases"]])
def test_the_default_differs_only_where_the_programs_depend_on_the_unit(name):
    stored = case(name)
    risk = systemic_risk(**inputs(stored["input"]), drift_eps=None)
    moved = np.abs(risk[INDEX].to_numpy() - stored["expected"]["esri"]).max(axis=1) > 1e-9
    assert np.flatnonzero(moved).tolist() == UNIT_DEPENDENT.get(name, [])
    # In a unit so small that every firm sells more than 1, both rules are one.
    small = systemic_risk(**inputs(stored["input"], 1e9), empty_market="published", drift_eps=None)
    assert risk[INDEX].to_numpy() == pytest.approx(small[INDEX].to_numpy(), abs=1e-12)
    assert risk["rounds"].tolist() == small["rounds"].tolist()


@pytest.mark.parametrize("unit", [1.0, 1e6])
def test_a_cascade_on_which_the_programs_hang_settles(unit):
    risk = systemic_risk(**inputs(PUBLISHED["hang_case"], unit))
    assert risk["rounds"].tolist() == [12]
    assert risk["esri"].tolist() == pytest.approx([0.460623], abs=1e-6)


def test_a_cascade_that_never_ends_is_an_error():
    with pytest.raises(ConvergenceError, match="1 of 1 scenarios had not settled after 500 rounds"):
        systemic_risk(**inputs(PUBLISHED["hang_case"]), empty_market="published", max_rounds=500)


# --- worked by hand ----------------------------------------------------------------------------


def risk_of(rows, industries, **options):
    """The risk of a small network: rows ``supplier buyer value``, everything essential unless told."""
    cells = [row.split() for row in rows.strip().splitlines()]
    links = pd.DataFrame(
        [(supplier, buyer, float(value)) for supplier, buyer, value in cells],
        columns=["supplier", "buyer", "value"],
    )
    kinds = sorted(set(industries.values()))
    essential = options.pop("essential", pd.DataFrame(2, index=kinds, columns=kinds))
    return systemic_risk(links, pd.Series(industries), essential=essential, **options)


#     mine ──20──▶ smelter ──60──▶ fab ──100──▶ user       sales: 20, 60, 20, 100, 0 of 200
#                   rival ──20──┘
LINE = """
    mine    smelter  20
    smelter fab      60
    rival   fab      20
    fab     user    100
"""
LINE_INDUSTRIES = {"mine": "ore", "smelter": "metal", "rival": "metal", "fab": "chips", "user": "cars"}


def test_a_lost_supplier_counts_less_while_its_market_has_other_volume():
    risk = risk_of(LINE, LINE_INDUSTRIES)
    # rival: the fab loses 1/4 × 20/60 of its metal; with itself, (20 + 100/12) / 200.
    assert risk.loc["rival", "downstream"] == pytest.approx((20 + 100 / 12) / 200)
    # smelter: its volume is larger than what is left, so all of its 3/4 counts.
    assert risk.loc["smelter", "downstream"] == pytest.approx((60 + 75) / 200)
    # The mine's sales are all to the smelter.
    assert risk.loc["smelter", "upstream"] == pytest.approx((60 + 20) / 200)
    assert risk.loc["smelter", "esri"] == pytest.approx((60 + 20 + 75) / 200)
    assert risk.index.name == "firm"


def test_without_a_market_nobody_steps_in():
    assert risk_of(LINE, LINE_INDUSTRIES, market=None).loc["rival", "downstream"] == pytest.approx(45 / 200)


def test_the_only_firm_of_a_market_counts_in_full():
    risk = risk_of(LINE, LINE_INDUSTRIES)
    assert risk.loc["mine", "downstream"] == pytest.approx((20 + 60 + 75) / 200)


#     gas ──30──▶ fab ──100──▶ user      sales: 30, 10, 100 of 140
#     box ──10──▶
TWO_INPUTS = """
    gas fab   30
    box fab   10
    fab user 100
"""
KINDS = ["box", "cars", "chips", "gas"]
TWO_INDUSTRIES = {"gas": "gas", "box": "box", "fab": "chips", "user": "cars"}


def codes(box, gas):
    table = pd.DataFrame(2, index=KINDS, columns=KINDS)
    table.loc["box", "chips"] = box
    table.loc["gas", "chips"] = gas
    return table


@pytest.mark.parametrize(
    ("box", "gas", "fab_without_box", "fab_without_gas"),
    [
        (2, 2, 1.0, 1.0),
        (1, 2, 0.25, 1.0),  # of all purchases: 10 of 40
        (1, 1, 0.25, 0.75),
        (0, 1, 0.0, 0.75),  # a negligible product counts among the purchases all the same
    ],
)
def test_codes_say_what_an_input_is_worth(box, gas, fab_without_box, fab_without_gas):
    risk = risk_of(TWO_INPUTS, TWO_INDUSTRIES, essential=codes(box, gas))
    assert risk.loc["box", "downstream"] == pytest.approx((10 + 100 * fab_without_box) / 140)
    assert risk.loc["gas", "downstream"] == pytest.approx((30 + 100 * fab_without_gas) / 140)


def test_rows_of_the_codes_are_products_and_columns_are_buyers():
    turned = codes(box=0, gas=0).T
    assert risk_of(TWO_INPUTS, TWO_INDUSTRIES, essential=turned).loc["gas", "downstream"] == pytest.approx(
        130 / 140
    )


def test_known_costs_and_sales_beyond_the_links_cannot_be_lost():
    risk = risk_of(
        TWO_INPUTS,
        TWO_INDUSTRIES,
        essential=codes(box=1, gas=2),
        costs=pd.Series({"fab": 80.0, "user": np.nan}),
        revenue=pd.Series({"gas": 60.0}),
    )
    assert risk.loc["gas", "downstream"] == pytest.approx((30 + 100 / 2) / 140)
    assert risk.loc["box", "downstream"] == pytest.approx((10 + 100 / 8) / 140)
    assert risk.loc["fab", "upstream"] == pytest.approx((100 + 10 + 30 / 2) / 140)


def test_losses_may_be_weighed_by_other_numbers():
    jobs = pd.Series({"user": 3.0, "fab": 1.0, "gas": 0.0, "box": 0.0})
    risk = risk_of(TWO_INPUTS, TWO_INDUSTRIES, weights=jobs)
    assert risk.loc["user", ["esri", "downstream", "upstream"]].tolist() == pytest.approx([1.0, 0.75, 1.0])


#     alloy ──99──▶ fab ──100──▶ alloy    a cycle: 99 % of the fab's metal is made with its chips
#     small ───1──▶
CYCLE = """
    alloy fab   99
    small fab    1
    fab   alloy 100
"""
CYCLE_INDUSTRIES = {"alloy": "metal", "small": "metal", "fab": "chips"}


def test_a_small_supplier_does_not_stop_a_cycle_while_its_market_steps_in():
    leaks = pd.Series({"alloy": 200.0, "small": 2.0, "fab": 200.0})
    options = {"firms": ["small"], "eps": 1e-9, "revenue": leaks}
    trapped = risk_of(CYCLE, CYCLE_INDUSTRIES, market=None, **options)
    assert trapped.loc["small", "downstream"] > 0.999
    risk = risk_of(CYCLE, CYCLE_INDUSTRIES, **options)
    # The loss L solves L = 0.99 L + 0.01 × 1 / (99 (1 − L)).
    loss = (1 - math.sqrt(1 - 4 / 99)) / 2
    assert risk.loc["small", "downstream"] == pytest.approx((1 + 199 * loss) / 200, abs=1e-6)
    assert loss < 0.0103


def test_drift_is_what_a_finer_stop_would_still_add():
    coarse = risk_of(CYCLE, CYCLE_INDUSTRIES, market=None)
    fine = risk_of(CYCLE, CYCLE_INDUSTRIES, market=None, eps=1e-6)
    assert coarse.loc["small", "drift"] > 0.9
    assert (coarse["esri"] + coarse["drift"]).tolist() == pytest.approx(fine["esri"].tolist(), abs=1e-12)
    assert risk_of(CYCLE, CYCLE_INDUSTRIES, drift_eps=None)["drift"].isna().all()


def test_a_drift_that_is_not_known_is_empty():
    unknown = risk_of(CYCLE, CYCLE_INDUSTRIES, market=None, firms=["small"], eps=0.1, max_rounds=3)
    assert unknown["drift"].isna().all()
    assert unknown["esri"].notna().all()


def test_a_firm_that_sells_nothing_may_close_under_the_relative_rule():
    risk = risk_of(LINE, LINE_INDUSTRIES, rule="relative", firms=["user"])
    assert risk["upstream"].tolist() == [1.0]


# --- rows of links -----------------------------------------------------------------------------


def test_rows_of_one_pair_are_summed_and_counted_and_empty_ones_left_out():
    whole = risk_of(LINE, LINE_INDUSTRIES)
    split = risk_of(LINE.replace("60", "25") + "smelter fab 35\nfab mine 0\n", LINE_INDUSTRIES)
    pd.testing.assert_frame_equal(split, whole, check_exact=True)
    assert split.attrs == {"summed_rows": 1, "zero_rows": 1}
    assert whole.attrs == {"summed_rows": 0, "zero_rows": 0}


def test_a_firm_without_links_is_in_the_result():
    risk = risk_of(LINE, LINE_INDUSTRIES | {"idle": "ore"})
    assert risk.loc["idle", [*INDEX, "rounds"]].tolist() == [0, 0, 0, 1]


# --- properties, and a second implementation ---------------------------------------------------


def made(seed):
    """A random link table with cycles, other totals, and its own markets or none."""
    rng = np.random.default_rng(seed)
    n, kinds = int(rng.integers(3, 12)), int(rng.integers(1, 5))
    pairs = [(i, j) for i in range(n) for j in range(n) if i != j and rng.random() < 0.25] or [(0, 1)]
    firms = [f"f{i}" for i in range(n)]
    links = pd.DataFrame(
        [(firms[i], firms[j], rng.lognormal(0, 2)) for i, j in pairs], columns=["supplier", "buyer", "value"]
    )
    market = ["industry", None, pd.Series(rng.integers(0, 4, n), firms)][rng.integers(3)]
    sold, bought = (
        links.groupby(end)["value"].sum().reindex(firms).fillna(0) for end in ("supplier", "buyer")
    )
    return {
        "links": links,
        "industries": pd.Series(rng.integers(0, kinds, n), firms),
        "essential": pd.DataFrame(rng.integers(0, 3, (kinds, kinds))),
        "market": market,
        "shocks": pd.DataFrame(np.where(rng.random((3, n)) < 0.3, rng.random((3, n)), 0.0), columns=firms),
        "shocks_up": pd.DataFrame(np.where(rng.random((3, n)) < 0.3, rng.random((3, n)), 0.0), columns=firms),
        "revenue": sold * 1.3 + 1.0 if rng.random() < 0.5 else None,
        "costs": bought * 1.2 + 1.0 if rng.random() < 0.5 else None,
        "eps": float(rng.choice([1.234567e-2, 1.234567e-4])),
        "rule": str(rng.choice(["absolute", "relative"])),
    }


def plain_risk(given, scenario):  # noqa: C901 - equations in the order of the paper
    """The index as its equations are written, one firm at a time."""
    industry, code = given["industries"].to_dict(), given["essential"].to_numpy()
    firms = list(industry)
    value = {(row.supplier, row.buyer): row.value for row in given["links"].itertuples()}
    sold, bought, bought_of = dict.fromkeys(firms, 0.0), dict.fromkeys(firms, 0.0), {}
    for (i, j), w in value.items():
        sold[i] += w
        bought[j] += w
        bought_of[j, industry[i]] = bought_of.get((j, industry[i]), 0.0) + w
    revenue = sold if given["revenue"] is None else given["revenue"].to_dict()
    costs = bought if given["costs"] is None else given["costs"].to_dict()
    market = industry if isinstance(given["market"], str) else given["market"]
    start_down = {f: 1 - given["shocks"].loc[scenario, f] for f in firms}
    start_up = {f: 1 - given["shocks_up"].loc[scenario, f] for f in firms}
    down, up = start_down, start_up

    def loss(down, up):
        return sum(sold[f] * (1 - min(down[f], up[f])) for f in firms) / sum(sold.values())

    for step in range(1, 10_000):
        sigma = dict.fromkeys(firms, 1.0)
        if market is not None:
            for i in firms:
                left = sum(sold[f] * down[f] for f in firms if market[f] == market[i])
                sigma[i] = min(1.0, sold[i] / left) if left > 0 else 1.0
        new_down, new_up = {}, {}
        for j in firms:
            lost = {}
            for i in firms:
                if (i, j) in value and code[industry[i], industry[j]]:
                    k = industry[i]
                    base = bought_of[j, k] if code[k, industry[j]] == 2 else bought[j]
                    part = value[i, j] / base * (bought[j] / costs[j])
                    lost[k] = lost.get(k, 0.0) + part * sigma[i] * (1 - down[i])
            worst = max((x for k, x in lost.items() if code[k, industry[j]] == 2), default=0.0)
            added = sum(x for k, x in lost.items() if code[k, industry[j]] == 1)
            new_down[j] = max(0.0, min(start_down[j], 1 - worst, 1 - added))
            missed = sum(value[j, b] / revenue[j] * (1 - up[b]) for b in firms if (j, b) in value)
            new_up[j] = max(0.0, min(start_up[j], 1 - missed))
        if given["rule"] == "absolute":
            done = max(max(down[f] - new_down[f], up[f] - new_up[f]) for f in firms) <= given["eps"]
        else:
            done = loss(new_down, new_up) <= (1 + given["eps"]) * loss(down, up)
        down, up = new_down, new_up
        if done:
            return [loss(down, up), loss(down, down), loss(up, up)], step
    raise AssertionError("the plain implementation did not settle")


seeds = st.integers(0, 2**32)
slow = settings(max_examples=60)


@slow
@given(seeds)
def test_the_index_agrees_with_a_plain_implementation(seed):
    given = made(seed)
    risk = systemic_risk(**given, drift_eps=None)
    for scenario in given["shocks"].index:
        index, rounds = plain_risk(given, scenario)
        assert risk.loc[scenario, INDEX].tolist() == pytest.approx(index, abs=1e-12)
        assert risk.loc[scenario, "rounds"] == rounds


@slow
@given(seeds)
def test_no_shock_no_loss(seed):
    given = made(seed) | {"shocks_up": None}
    risk = systemic_risk(**given | {"shocks": given["shocks"] * 0.0})
    assert (risk[[*INDEX, "drift"]] == 0).all(axis=None)
    assert (risk["rounds"] == 1).all()
    assert risk.index.name == "scenario"


@slow
@given(seeds)
def test_the_index_lies_between_zero_and_one_and_its_parts_are_no_larger(seed):
    risk = systemic_risk(**made(seed))
    assert ((risk[INDEX] >= 0) & (risk[INDEX] <= 1 + 1e-12)).all(axis=None)
    assert (risk["esri"] >= risk[["downstream", "upstream"]].max(axis=1)).all()
    assert (risk["esri"] <= risk["downstream"] + risk["upstream"] + 1e-12).all()
    assert not (risk["drift"] < 0).any()


@slow
@given(seeds, st.floats(0, 1))
def test_a_larger_shock_never_costs_less(seed, factor):
    given = made(seed)
    tables = {
        name: given[name] for name in ("links", "industries", "essential", "market", "revenue", "costs")
    }
    table = compiled(**tables).table
    large = given["shocks"].to_numpy()
    for rounds in range(1, 21):
        stop = Stop(eps=0.0, max_rounds=rounds)
        more, less = (assess(table, losses_of(part, part), stop) for part in (large, factor * large))
        for name in INDEX:
            assert (getattr(less, name) <= getattr(more, name) + 1e-12).all()


@slow
@given(seeds)
def test_the_order_of_rows_does_not_matter(seed):
    given = made(seed)
    parts = [given["links"].assign(value=given["links"]["value"] * part) for part in (0.1, 0.2, 0.7)]
    links = pd.concat(parts, ignore_index=True)
    risks = [
        systemic_risk(**given | {"links": each})
        for each in (links, links[::-1], links.sample(frac=1, random_state=1))
    ]
    pd.testing.assert_frame_equal(risks[1], risks[0], check_exact=True)
    pd.testing.assert_frame_equal(risks[2], risks[0], check_exact=True)


@slow
@given(seeds)
def test_the_unit_does_not_matter(seed):
    given = made(seed)
    grown = {name: None if given[name] is None else given[name] * 1000 for name in ("revenue", "costs")}
    links = given["links"].assign(value=given["links"]["value"] * 1000)
    risk, other = systemic_risk(**given), systemic_risk(**given | grown | {"links": links})
    assert other["rounds"].tolist() == risk["rounds"].tolist()
    assert other[INDEX].to_numpy() == pytest.approx(risk[INDEX].to_numpy(), abs=1e-12)


@slow
@given(seeds)
def test_each_scenario_alone_gives_the_same_bits(seed):
    given = made(seed)
    risk = systemic_risk(**given)
    for q in given["shocks"].index:
        alone = {name: given[name].loc[[q]] for name in ("shocks", "shocks_up")}
        pd.testing.assert_frame_equal(systemic_risk(**given | alone), risk.loc[[q]], check_exact=True)


@settings(max_examples=20)
@given(seeds, st.integers(1, 5), st.integers(1, 9))
def test_neither_blocks_nor_lanes_nor_what_runs_beside_it_change_a_bit(seed, block, lanes):
    given = made(seed)
    shocked = risk_in(given, _BLOCK=block, _LANES=lanes)
    pd.testing.assert_frame_equal(shocked, systemic_risk(**given), check_exact=True)
    closed = given | {"shocks": None, "shocks_up": None}
    whole = systemic_risk(**closed)
    pd.testing.assert_frame_equal(risk_in(closed, _BLOCK=block, _LANES=lanes), whole, check_exact=True)
    some = closed | {"firms": whole.index[::-2]}
    pd.testing.assert_frame_equal(risk_in(some, _LANES=lanes), whole[::-2], check_exact=True)


@pytest.mark.parametrize("cores", [1, 3])
def test_the_number_of_cores_does_not_change_a_bit(monkeypatch, cores):
    given = made(12) | {"shocks": None, "shocks_up": None}
    whole = systemic_risk(**given)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    pd.testing.assert_frame_equal(systemic_risk(**given), whole, check_exact=True)


@slow
@given(seeds)
def test_a_scenario_by_itself_and_in_a_lane_are_the_same(seed):
    given = made(seed)
    lane, alone = risk_in(given, _NEAR=0.0), risk_in(given, _NEAR=np.inf)
    assert alone["rounds"].tolist() == lane["rounds"].tolist()
    assert alone[INDEX].to_numpy() == pytest.approx(lane[INDEX].to_numpy(), abs=1e-12)


def risk_in(given, **settings):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setattr(assessments, name, value)
        return systemic_risk(**given)


def test_a_compiled_table_can_be_saved_and_mapped(tmp_path):
    given = made(7)
    tables = {
        name: given[name] for name in ("links", "industries", "essential", "market", "revenue", "costs")
    }
    table = compiled(**tables).table
    for name, array in table._asdict().items():
        np.save(tmp_path / f"{name}.npy", array)
    mapped = table._make(np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in table._fields)
    every = closures(np.arange(len(table.sales)))
    for ours, theirs in zip(assess(table, every, Stop()), assess(mapped, every, Stop()), strict=True):
        assert (ours == theirs).all()


def test_closures_are_shocks_of_one():
    given = inputs(case("random8")["input"]) | {"shocks": None}
    shocked = given | {"shocks": inputs(case("random8")["input"])["shocks"]}
    assert (systemic_risk(**shocked)[INDEX].to_numpy() == systemic_risk(**given)[INDEX].to_numpy()).all()


def test_drift_is_known_of_scenarios_spread_over_all():
    whole = risk_of(CYCLE, CYCLE_INDUSTRIES, market=None)
    some = risk_of(CYCLE, CYCLE_INDUSTRIES, market=None, drift_of=2)
    assert some["drift"].notna().tolist() == [True, True, False]
    pd.testing.assert_frame_equal(some[:2], whole[:2], check_exact=True)
    assert risk_of(CYCLE, CYCLE_INDUSTRIES, market=None, drift_of=0)["drift"].isna().all()


def test_nothing_to_close_gives_an_empty_table():
    assert risk_of(LINE, LINE_INDUSTRIES, firms=[]).shape == (0, 5)
    assert risk_of(LINE, LINE_INDUSTRIES, shocks=pd.DataFrame(columns=["mine"])).shape == (0, 5)


# --- faults ------------------------------------------------------------------------------------

LINKS = pd.DataFrame([("a", "b", 1.0), ("b", "c", 2.0)], columns=["supplier", "buyer", "value"])
GOOD = {
    "links": LINKS,
    "industries": pd.Series({"a": "x", "b": "y", "c": "x"}),
    "essential": pd.DataFrame(2, index=["x", "y"], columns=["x", "y"]),
}


def row(*cells):
    return pd.concat([LINKS, pd.DataFrame([cells], columns=LINKS.columns)], ignore_index=True)


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        ({"links": row("a", "z", 1.0)}, [("unknown-firm", "links", 4, "buyer", "z")]),
        ({"links": row(None, "a", 1.0)}, [("unknown-firm", "links", 4, "supplier", "None")]),
        ({"links": row("a", "c", -1.0)}, [("value-range", "links", 4, "value", "-1.0")]),
        ({"links": row("a", "c", math.nan)}, [("value-range", "links", 4, "value", "nan")]),
        ({"links": row("a", "c", math.inf)}, [("value-range", "links", 4, "value", "inf")]),
        ({"links": row("a", "c", "many")}, [("value-range", "links", 4, "value", "many")]),
        ({"links": row("a", "a", 1.0)}, [("self-link", "links", 4, "supplier", "a")]),
        ({"links": LINKS[["buyer", "value"]]}, [("missing-column", "links", None, "", "supplier")]),
        ({"links": LINKS.assign(value=0)}, [("no-links", "links", None, "", "")]),
        (
            {"industries": pd.Series({"a": "x", "b": None, "c": "x"})},
            [("no-label", "industries", None, "", "b")],
        ),
        (
            {"industries": pd.Series(list("xyx"), list("abb"))},
            [("duplicate-firm", "industries", None, "", "b")],
        ),
        ({"market": pd.Series({"a": 1, "b": 1})}, [("no-label", "market", None, "", "c")]),
        ({"market": pd.Series([1, 1, 1, 1], list("abca"))}, [("duplicate-firm", "market", None, "", "a")]),
        ({"essential": pd.DataFrame(2, ["x", "y"], ["x"])}, [("essential-shape", "essential", None, "", "")]),
        ({"essential": pd.DataFrame(2, ["x"], ["x"])}, [("essential-industry", "essential", None, "", "y")]),
        (
            {"essential": pd.DataFrame([[2, 3], [None, 1]], list("xy"), list("xy"))},
            [("essential-code", "essential", 2, "y", "3"), ("essential-code", "essential", 3, "x", "nan")],
        ),
        (
            {"shocks": pd.DataFrame({"a": [0.5, 1.5], "b": [-0.1, math.nan]})},
            [
                ("shock-range", "shocks", 2, "b", "-0.1"),
                ("shock-range", "shocks", 3, "a", "1.5"),
                ("shock-range", "shocks", 3, "b", "nan"),
            ],
        ),
        ({"shocks": pd.DataFrame({"z": [1.0]})}, [("unknown-firm", "shocks", None, "", "z")]),
        (
            {"shocks": pd.DataFrame([[1.0, 0.0]], columns=["a", "a"])},
            [("duplicate-firm", "shocks", None, "", "a")],
        ),
        (
            {"shocks": pd.DataFrame({"a": [1.0]}), "shocks_up": pd.DataFrame({"a": [2.0]})},
            [("shock-range", "shocks_up", 2, "a", "2.0")],
        ),
        ({"revenue": pd.Series({"a": -1.0})}, [("revenue-range", "revenue", 2, "revenue", "-1.0")]),
        ({"revenue": pd.Series({"b": 1.9})}, [("revenue-short", "revenue", None, "", "b")]),
        ({"costs": pd.Series({"b": 0.9})}, [("costs-short", "costs", None, "", "b")]),
        ({"costs": pd.Series({"z": 9.0})}, [("unknown-firm", "costs", None, "", "z")]),
        ({"costs": pd.Series([9.0, 9.0], list("aa"))}, [("duplicate-firm", "costs", None, "", "a")]),
        ({"weights": pd.Series({"a": 1.0, "b": 1.0})}, [("no-weight", "weights", None, "", "c")]),
        ({"weights": pd.Series({"a": 0.0, "b": 0.0, "c": 0.0})}, [("no-weight", "weights", None, "", "")]),
    ],
)
def test_wrong_tables_are_faults_with_their_place(wrong, faults):
    with pytest.raises(DataError) as raised:
        systemic_risk(**GOOD | wrong)
    found = [(fault.code, fault.file, fault.row, fault.column, fault.value) for fault in raised.value.faults]
    assert found == faults


def test_all_faults_are_told_at_once_and_many_of_a_kind_are_counted():
    links = pd.concat([LINKS] + [row("q", "b", -1.0).tail(1)] * 30, ignore_index=True)
    with pytest.raises(DataError) as raised:
        systemic_risk(**GOOD | {"links": links, "market": pd.Series({"a": 1, "b": 1})})
    told = [fault.code for fault in raised.value.faults]
    assert {code: told.count(code) for code in told} == {"no-label": 1, "unknown-firm": 21, "value-range": 21}
    assert "and 10 more like this" in str(raised.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rule": "sometimes"},
        {"empty_market": "full"},
        {"market": "sector"},
        {"eps": -1.0},
        {"eps": math.nan},
        {"drift_eps": math.inf},
        {"firms": ["a"], "shocks": pd.DataFrame({"a": [1.0]})},
        {"shocks_up": pd.DataFrame({"a": [1.0]})},
        {"shocks": pd.DataFrame({"a": [1.0]}), "shocks_up": pd.DataFrame({"a": [1.0, 1.0]})},
    ],
)
def test_options_that_make_no_sense_are_refused(wrong):
    with pytest.raises(UsageError):
        systemic_risk(**GOOD | wrong)


def test_a_firm_that_does_not_exist_cannot_close():
    with pytest.raises(UnknownNameError, match="Did you mean mine"):
        risk_of(LINE, LINE_INDUSTRIES, firms=["mien"])
