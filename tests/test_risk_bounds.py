"""Bounds of what a closure costs, the search for the riskiest, and lost demand in closed form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainnet.assessments import Stop, assess, closures
from chainnet.errors import ConvergenceError, DataError, UsageError
from chainnet.riskarrays import compiled
from chainnet.riskbounds import most_lost
from chainnet.systemic import systemic_risk
from chainnet.upstreams import upstream_risk

COLUMNS = ["supplier", "buyer", "value"]
#: Firms of which each buys from a few, in markets of many: there the bounds are below 1.
FIRMS, KINDS = 120, 4


def drawn(seed, *, leak=1.3, market="industry"):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, FIRMS))
    supplier, buyer = rng.integers(0, n, (2, 3 * n))
    pairs = pd.DataFrame({"supplier": supplier, "buyer": buyer})[supplier != buyer].drop_duplicates()
    links = pairs.assign(value=rng.lognormal(0, 1, len(pairs)))
    sold = links.groupby("supplier")["value"].sum()
    return {
        "links": links,
        "industries": pd.Series(rng.integers(0, KINDS, n)),
        "essential": pd.DataFrame(rng.integers(0, 3, (KINDS, KINDS))),
        "market": market,
        "revenue": sold * leak,
    }


seeds = st.integers(0, 2**32)
some = settings(max_examples=40)


@some
@given(seeds, st.sampled_from(["industry", None]), st.sampled_from([1.2345e-2, 1e-9]))
def test_no_closure_costs_more_than_its_bound(seed, market, eps):
    table = compiled(**drawn(seed, market=market)).table
    found = assess(table, closures(np.arange(len(table.sales))), Stop(eps=eps))
    assert (found.esri <= most_lost(table)).all()


@some
@given(seeds, st.integers(1, 20), st.sampled_from(["industry", None]))
def test_the_top_is_that_of_closing_each(seed, top, market):
    given = drawn(seed, market=market)
    whole = systemic_risk(**given, drift_eps=None)
    found = systemic_risk(**given, drift_eps=None, top=top)
    expected = whole.sort_values("esri", ascending=False, kind="stable")[:top]
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert min(top, len(whole)) <= found.attrs["closed"] <= len(whole)


def ring(n):
    """Firms of one industry, each of which supplies the next two."""
    firm = np.arange(n)
    links = [(i, (i + step) % n, 1.0 + (i % 7)) for i in firm for step in (1, 2)]
    return {
        "links": pd.DataFrame(links, columns=COLUMNS),
        "industries": pd.Series(0, index=firm),
        "essential": pd.DataFrame([[2]]),
        "revenue": pd.Series(30.0, index=firm),
    }


def test_a_search_ends_before_every_firm_is_closed():
    given = ring(5000)
    found = systemic_risk(**given, top=10)
    assert found.attrs["closed"] < 2500
    whole = systemic_risk(**given, drift_eps=None).sort_values("esri", ascending=False, kind="stable")
    pd.testing.assert_frame_equal(found.drop(columns="drift"), whole[:10].drop(columns="drift"))


@pytest.mark.parametrize(
    "wrong", [{"top": 0}, {"top": 3, "shocks": pd.DataFrame({0: [1.0]})}], ids=["none", "shocks"]
)
def test_a_search_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(UsageError, match="top is"):
        systemic_risk(**ring(10), **wrong)


# --- lost demand ---------------------------------------------------------------------------------


@some
@given(seeds)
def test_lost_demand_is_that_of_a_cascade_that_is_never_stopped(seed):
    given = drawn(seed)
    cascade = systemic_risk(**given, eps=1e-15, drift_eps=None)["upstream"]
    firms, tables = given["industries"].index, (given["links"], given["revenue"])
    risk = upstream_risk(tables[0], firms, revenue=tables[1])
    assert (risk["upstream"] >= cascade - 1e-12).all()
    assert (risk["upstream"] - risk["error"] <= cascade + 1e-12).all()
    # The closed form itself, by a dense inverse.
    table = compiled(**given).table
    n = len(table.sales)
    spread = np.zeros((n, n))
    spread[np.repeat(np.arange(n), np.diff(table.customers)), table.customer] = table.share
    inverse = np.linalg.inv(np.eye(n) - spread)
    assert cascade.to_numpy() == pytest.approx(table.weights @ inverse / np.diag(inverse), abs=1e-12)


#     a ──half──▶ b ──half──▶ a      the rest of both goes elsewhere
def test_returns_within_four_steps_are_exact():
    links = pd.DataFrame([("a", "b", 1.0), ("b", "a", 1.0)], columns=COLUMNS)
    risk = upstream_risk(links, ["a", "b"], revenue=pd.Series({"a": 2.0, "b": 2.0}))
    assert risk["upstream"].tolist() == pytest.approx([0.75, 0.75], abs=1e-12)
    assert (risk["error"] < 0.05).all()


def test_sales_that_never_leave_have_no_end():
    links = pd.DataFrame([("a", "b", 1.0), ("b", "a", 1.0)], columns=COLUMNS)
    with pytest.raises(ConvergenceError, match="Give revenue"):
        upstream_risk(links, ["a", "b"])


def test_losses_may_be_weighed_by_other_numbers():
    links = pd.DataFrame([("a", "b", 1.0)], columns=COLUMNS)
    risk = upstream_risk(links, ["a", "b"], weights=pd.Series({"a": 1.0, "b": 3.0}))
    assert risk["upstream"].tolist() == pytest.approx([0.25, 1.0])
    assert risk["error"].tolist() == pytest.approx([0.0, 0.0], abs=1e-12)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"firms": ["a", "b", "b"]}, "duplicate-firm"),
        ({"firms": ["a"]}, "unknown-firm"),
        ({"revenue": pd.Series({"a": 0.5})}, "revenue-short"),
        ({"weights": pd.Series({"a": 1.0})}, "no-weight"),
    ],
)
def test_wrong_tables_are_faults(wrong, code):
    given = {"links": pd.DataFrame([("a", "b", 1.0)], columns=COLUMNS), "firms": ["a", "b"]}
    with pytest.raises(DataError) as raised:
        upstream_risk(**given | wrong)
    assert [fault.code for fault in raised.value.faults] == [code]
