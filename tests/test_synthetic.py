"""Economies drawn at random have what was asked for, and the shape that they claim."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainnet as cn
from chainnet.linkmeasures import fitted_tail


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), firms=st.integers(13, 300), industries=st.integers(1, 9))
def test_a_drawn_economy_has_what_was_asked_for(seed, firms, industries) -> None:
    drawn = cn.synthetic_economy(firms, 3 * firms, industries=industries, seed=seed)
    assert len(drawn.links) == 3 * firms
    assert not drawn.links.duplicated(["supplier", "buyer"]).any()
    assert (drawn.links["supplier"] != drawn.links["buyer"]).all()
    assert drawn.links[["supplier", "buyer"]].isin(drawn.industries.index).all(axis=None)
    assert drawn.industries.isin(drawn.essential.index).all()
    sold = drawn.links.groupby("supplier")["value"].sum()
    np.testing.assert_allclose(drawn.revenue[sold.index] * 0.8, sold, rtol=1e-12)


def test_tails_are_as_told() -> None:
    drawn = cn.synthetic_economy(20_000, seed=3)
    found = cn.link_statistics(drawn.links, drawn.industries)["value"]
    # The standard errors of these tails are below 0.05; counts are a little noisier than propensities.
    assert found["customers_tail"] == pytest.approx(1.4, abs=0.15)
    assert found["suppliers_tail"] == pytest.approx(1.4, abs=0.15)
    assert found["sales_tail"] < found["customers_tail"]
    assert found["largest_component"] > 0.99
    sizes = drawn.industries.value_counts().to_numpy()
    assert sizes[0] / sizes[1] == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"firms": 3}, "4 firms"),
        ({"firms": 10, "links": 90}, "1 to 22"),
        ({"firms": 10, "links": 0}, "1 to 22"),
        ({"firms": 100, "industries": 0}, "1 industry"),
    ],
)
def test_what_cannot_be_drawn_is_a_usage_error(given, words) -> None:
    with pytest.raises(cn.UsageError, match=words):
        cn.synthetic_economy(**given)


# --- measures ------------------------------------------------------------------------------------


def test_a_table_measured_by_hand() -> None:
    """Two firms that sell to each other, and to a third, which buys from a fourth; a zero is no link."""
    rows = [
        ("a", "b", 6.0),
        ("b", "a", 2.0),
        ("a", "c", 1.0),
        ("b", "c", 2.0),
        ("d", "c", 1.0),
        ("a", "e", 0.0),
    ]
    links = pd.DataFrame(rows, columns=["supplier", "buyer", "value"])
    kinds = pd.Series({"a": "x", "b": "x", "c": "x", "d": "y", "e": "z"})
    found = cn.link_statistics(links, kinds)["value"]
    expected = {
        "firms": 4,
        "links": 5,
        "links_per_firm": 1.25,
        "customers_median": 1.5,
        "customers_most": 2,
        "suppliers_median": 1,
        "suppliers_most": 3,
        "sales_top_1%": 7 / 12,
        "sales_hhi": (49 + 16 + 1) / 144,
        "purchases_hhi": (4 + 36 + 16) / 144,
        "link_median": 2,
        "reciprocity": 2 / 5,
        "largest_component": 1,
        "strong_component": 2 / 4,
        "industries": 2,
        "industry_median": 2,
        "industry_largest": 3 / 4,
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value), name
    # Too few firms for a tail.
    assert found[["customers_tail", "sales_tail"]].isna().all()


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(5, 40))
def test_measures_agree_with_networkx(seed, firms) -> None:
    rng = np.random.default_rng(seed)
    ends = rng.integers(0, firms, (3 * firms, 2))
    ends = ends[ends[:, 0] != ends[:, 1]]
    links = pd.DataFrame(ends, columns=["supplier", "buyer"]).assign(value=1.0)
    graph = nx.DiGraph(list(map(tuple, ends)))
    found = cn.link_statistics(links)["value"]
    assert found["links"] == graph.number_of_edges()
    assert found["reciprocity"] == pytest.approx(nx.overall_reciprocity(graph))
    weak, strong = nx.weakly_connected_components(graph), nx.strongly_connected_components(graph)
    assert found["largest_component"] == max(map(len, weak)) / len(graph)
    assert found["strong_component"] == max(map(len, strong)) / len(graph)


@settings(max_examples=15)
@given(st.integers(0, 1000), st.floats(0.8, 2.5))
def test_the_exponent_of_a_power_law_is_found_above_where_it_begins(seed, exponent) -> None:
    rng = np.random.default_rng(seed)
    tail = 10 * (1 - rng.random(4000)) ** (-1 / exponent)
    values = np.concatenate([tail, rng.uniform(0, 10, 16_000)])
    found = fitted_tail(values, whole=False)
    # Five standard errors, of the firms that it was fitted to.
    assert found.exponent == pytest.approx(exponent, rel=5 / np.sqrt(found.firms))
    # The estimator of Hill, written out, of the same firms.
    largest = np.sort(values)[-found.firms :]
    assert found.exponent == pytest.approx(1 / np.log(largest / found.begins).mean())


def test_no_tail_of_what_is_all_alike() -> None:
    assert fitted_tail(np.full(1000, 3.0), whole=True) is None
    assert fitted_tail(np.arange(20.0), whole=True) is None
