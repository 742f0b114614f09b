"""Every measure and model keeps the contract of chainnet.testing, and the contract catches who does not."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

import chainnet as cn
from chainnet.testing import check_measure, check_model, drawn_network

#: Centralities that hang on a node's own component alone.
LOCAL = ("in_degree", "out_strength", "upstreamness", "reach", "dominated", "weak_component")
MEASURES = {
    "concentration by firm": (lambda net: cn.concentration(net, by="firm"), True),
    "concentration by country": (lambda net: cn.concentration(net, by="country"), True),
    "concentration by head office": (lambda net: cn.concentration(net, by="hq"), True),
    "dependence": (cn.dependence, True),
    "dependence on countries": (lambda net: cn.dependence(net, by="country"), True),
    "single_sourced": (cn.single_sourced, True),
    "stopping_firms": (cn.stopping_firms, True),
    **{
        f"centrality: {measure}, {on}": (
            lambda net, measure=measure, on=on: cn.centrality(net, measures=[measure], on=on),
            measure in LOCAL,
        )
        for measure, on in itertools.product(
            (*LOCAL, "betweenness", "pagerank", "katz", "hubs", "harmonic"),
            ("full", "product", "firm"),
        )
    },
}


def structural(net, scenario) -> pd.Series:
    plants = cn.disrupt(net, scenario).plants
    return (plants["loss"] * plants["share"]).groupby(plants["product"]).sum()


def structural_market(net, scenario) -> pd.Series:
    plants = cn.disrupt(net, scenario, replaceability="market").plants
    return (plants["loss"] * plants["share"]).groupby(plants["product"]).sum()


def daily(net, scenario) -> pd.Series:
    return 1 - cn.simulate(net, scenario, days=120).by("product").mean()


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_keeps_the_contract(name) -> None:
    measure, local = MEASURES[name]
    check_measure(measure, local=local, seeds=range(4))


@pytest.mark.parametrize("model", [structural, structural_market, daily])
def test_every_model_keeps_the_contract(model) -> None:
    check_model(model, seeds=range(4))


def test_drawn_networks_are_drawn_by_their_seed_and_the_rest_of_them_is_the_same() -> None:
    assert drawn_network(3).digest == drawn_network(3).digest != drawn_network(4).digest
    one, more = drawn_network(3), drawn_network(3, beside=True)
    assert one.plants.equals(more.plants.head(len(one.plants)))


# --- the contract catches ----------------------------------------------------------------------

CALLS = itertools.count()


@pytest.mark.parametrize(
    ("measure", "local", "words"),
    [
        (lambda _: pd.Series({"x": float(next(CALLS))}), False, "asked twice"),
        (lambda _: pd.Series({"x": float("inf")}), False, "infinite"),
        (lambda net: net.plants[["plant"]].head(1), False, "order of rows"),
        (lambda net: net.plants.sort_values("plant")[["plant"]].head(1), False, "identifiers"),
        (lambda net: net.products.assign(n=len(net.products))[["product", "n"]], True, "nothing joins"),
    ],
)
def test_a_measure_that_breaks_the_contract_is_told_how(measure, local, words) -> None:
    with pytest.raises(AssertionError, match=words):
        check_measure(measure, local=local, seeds=[1, 2])


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (lambda net, sc: structural(net, sc) + 0.1, "next to nothing happens"),
        (lambda net, sc: structural(net, sc) * 40, "above 1"),
        (lambda net, sc: structural(net, sc) * (sc.shocks[0].capacity > 0.1), "loses less"),
        (lambda net, sc: daily(net, sc) + 0.2 * (len(net.products) > 6), "nothing joins"),
    ],
)
def test_a_model_that_breaks_the_contract_is_told_how(model, words) -> None:
    with pytest.raises(AssertionError, match=words):
        check_model(model, seeds=range(4))
