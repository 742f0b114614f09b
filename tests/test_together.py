"""Scenarios side by side: each has the numbers, to the last bit, that it has alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st
from plaindays import plain_days

import chainnet as cn
from chainnet import dayblocks, daylanes, simulation
from chainnet.daylanes import WIDTH, Case, run_days, run_together
from chainnet.dayvalues import Happenings, Needs, Plants, Rules
from chainnet.scenarios import Policy, Scenario

DAYS = 70
NO_FLOWS = np.zeros(0, dtype=np.int64)


def economies() -> st.SearchStrategy[tuple[Plants, Needs, Rules]]:
    return st.integers(0, 10**6).map(economy)


def economy(seed: int) -> tuple[Plants, Needs, Rules]:
    """Draw plants and needs with all that the model knows: ranks, transit, sites, qualified suppliers."""
    rng = np.random.default_rng(seed)
    n, groups = int(rng.integers(3, 14)), int(rng.integers(2, 20))
    product = np.arange(n) % 3
    of = rng.integers(0, 3, groups)
    sizes = np.minimum(rng.integers(1, 4, groups), np.bincount(product)[of])
    # Once in a while products replace each other as inputs.
    other = np.where(rng.random(groups) < rng.choice([0.0, 0.2]), rng.integers(0, 3, groups), of)
    chosen = [
        rng.permutation(np.flatnonzero((product == a) | (product == b)))[:size]
        for a, b, size in zip(of, other, sizes, strict=True)
    ]
    supplier = np.concatenate(chosen)
    part = rng.uniform(0.1, 1.0, sizes.sum()) * (rng.random(sizes.sum()) < 0.8)
    whole = np.bincount(np.repeat(np.arange(groups), sizes), part)
    nobody = np.where(whole == 0, 1.0, rng.choice([0.0, 0.3], groups))
    weight = part / np.repeat(np.maximum(whole, 1e-9), sizes) * np.repeat(1 - nobody, sizes)
    ranks = int(rng.integers(1, 4))
    use = rng.uniform(0.1, 1.0, groups)
    bought = np.bincount(supplier, weight * np.repeat(use, sizes), n)
    plants = Plants(
        product=product,
        maker=product + 3 * rng.integers(0, 2, n),
        country=rng.integers(0, 3, n),
        volume=bought * 1.25 + 0.1,
        outside=(bought * 0.25 + 0.1) / (bought * 1.25 + 0.1),
        lead=rng.integers(1, 9, n),
        finished=rng.uniform(0, 5, n),
        slack=rng.choice([0.0, 0.2, 0.5], n),
        held=rng.uniform(0, 9, n),
    )
    needs = Needs(
        start=np.concatenate([[0], np.cumsum(sizes)]),
        buyer=np.sort(rng.integers(0, n, groups)),
        critical=rng.random(groups) < 0.5,
        impact=rng.uniform(0.1, 1.0, groups),
        cover=rng.uniform(0, 9, groups),
        transit=rng.integers(0, 5, groups),
        detection=np.zeros(groups),
        qualification=rng.uniform(1, 60, groups),
        same_site=rng.uniform(1, 30, groups),
        sticky=rng.choice([0.0, 0.4], groups),
        volume=use,
        product=of,
        zone=np.zeros(groups, dtype=np.int64),
        nobody=nobody,
        supplier=supplier,
        weight=weight,
        path=np.full(sizes.sum(), -1),
        rank=rng.integers(0, ranks, sizes.sum()),
    )
    return plants, needs, Rules(9.0, 5.0, ranks - 1)


def case(plants: Plants, needs: Needs, seed: int) -> Case:
    """Draw what happens: shocks that destroy work, controls with a rush before them, demand."""
    rng = np.random.default_rng(seed)
    n, days = len(plants.product), int(rng.integers(1, DAYS))
    shocks, rows, zones = int(rng.integers(0, n)), int(rng.integers(0, 3)), int(rng.integers(1, 3))
    hit = np.full(n, -1)
    hit[rng.permutation(n)[:shocks]] = np.arange(shocks)
    capacity = np.ones((max(1, shocks), days))
    capacity[:, days // 5 : days // 2] = rng.choice([0.0, 0.4, 1.3], (max(1, shocks), 1))
    permits, rush = np.ones((max(1, rows), days)), np.ones((max(1, rows), days))
    permits[:, days // 4 :] = rng.choice([0.0, 0.5], (max(1, rows), 1))
    rush[:, : days // 4] = rng.choice([1.0, 1.6])
    demand = (
        rng.choice([0.5, 1.0, 1.5], (n, 1)) * np.ones((n, days)) if rng.random() < 0.3 else np.ones((1, days))
    )
    changed = needs._replace(
        path=rng.integers(-1, rows, len(needs.supplier)) if rows else needs.path,
        zone=rng.integers(0, zones, len(needs.buyer)),
        detection=np.full(len(needs.buyer), rng.choice([0.0, 2.0, 7.0])),
    )
    zone_paths = rng.integers(-1, rows, (zones, n)) if rows else np.full((zones, n), -1)
    lost = rng.choice([0.0, 0.5, 1.0], max(1, shocks))
    return Case(changed, Happenings(hit, capacity, lost, permits, rush, zone_paths, demand), days)


@contextmanager
def blocks_of(least: int) -> Iterator[None]:
    """Let a block have that many plants and groups, at least."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dayblocks, "_LEAST", least)
        yield


@settings(max_examples=60, deadline=None)
@given(economies(), st.lists(st.integers(0, 10**6), min_size=2, max_size=2 * WIDTH + 1), st.randoms())
def test_a_scenario_is_the_same_to_the_last_bit_whatever_runs_beside_it(drawn, seeds, random):
    plants, needs, rules = drawn
    cases = [case(plants, needs, seed) for seed in seeds]
    with blocks_of(random.choice([1, 10, 2_000])):
        alone = [
            run_days(plants, one.needs, rules, one.events, days=one.days, keep=False, months=NO_FLOWS)[:2]
            for one in cases
        ]
        order = list(range(len(cases)))
        random.shuffle(order)
        for numbers in (range(len(cases)), order, order[:2]):
            found = run_together(plants, rules, [cases[k] for k in numbers])
            for k, outcome in zip(numbers, found, strict=True):
                assert all(np.array_equal(a, b) for a, b in zip(alone[k], outcome, strict=True))


@settings(max_examples=40, deadline=None)
@given(economies(), st.integers(0, 10**6), st.sampled_from([1, 10, 2_000]))
def test_a_plain_implementation_says_the_same(drawn, seed, least):
    plants, needs, rules = drawn
    one = case(plants, needs, seed)
    plain = np.array(plain_days(plants, one.needs, rules, one.events, one.days))
    with blocks_of(least):
        ((output, _),) = run_together(plants, rules, [one])
    np.testing.assert_allclose(output, plain, rtol=0, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(economies(), st.integers(0, 10**6), st.sampled_from([1, 10]))
def test_blocks_trade_with_each_other_alone(drawn, seed, least):
    plants, needs, _ = drawn
    lanes = daylanes._lanes([case(plants, needs, seed)], 1, DAYS)
    with blocks_of(least):
        sorted_plants, sorted_needs, _, blocks = dayblocks.in_blocks(plants, needs, lanes)
    place, group = blocks.place, blocks.group
    for old, new in zip(plants, sorted_plants, strict=True):
        assert np.array_equal(old, new[place])
    assert np.array_equal(needs.volume[group], sorted_needs.volume)
    assert np.array_equal(place[needs.buyer[group]], sorted_needs.buyer)
    for g in range(len(group)):
        own, old = slice(*sorted_needs.start[g : g + 2]), slice(*needs.start[group[g] : group[g] + 2])
        assert np.array_equal(sorted_needs.supplier[own], place[needs.supplier[old]])
        assert np.array_equal(sorted_needs.weight[own], needs.weight[old])
        block = np.searchsorted(blocks.groups, g, side="right") - 1
        makers = np.flatnonzero(sorted_plants.product == sorted_needs.product[g])
        for plant in (*sorted_needs.supplier[own], *makers):
            assert blocks.plants[block] <= plant < blocks.plants[block + 1]


@settings(max_examples=15, deadline=None)
@given(economies(), st.integers(0, 10**6), st.sampled_from([1, 2_000]))
def test_what_is_kept_of_a_run_changes_nothing(drawn, seed, least):
    plants, needs, rules = drawn
    one = case(plants, needs, seed)
    months = np.arange(one.days) // 30
    with blocks_of(least):
        bare = run_days(plants, one.needs, rules, one.events, days=one.days, keep=False, months=NO_FLOWS)
        whole = run_days(plants, one.needs, rules, one.events, days=one.days, keep=True, months=months)
    assert np.array_equal(bare[0], whole[0])
    assert np.array_equal(bare[1], whole[1])


def test_scenarios_of_different_years_and_ways_of_rationing_run_in_blocks_of_their_own():
    net = cn.load("japan-korea")
    plain = Scenario.parse("JPN:photoresist_arf@0+60")
    told = cn.event("2019-export-controls-hf", net)
    scenarios = [
        plain,
        replace(plain, policy=Policy(rationing="own_first")),
        replace(plain, policy=Policy(detection_days=1)),
        told,
        Scenario.parse("JPN>KOR:hf_liquid@0+90"),
        "tok:photoresist_euv@3+10",
    ]
    found = simulation.outputs_by(net, scenarios, ["firm", "product"], days=120)
    for scenario, levels in zip(scenarios, found, strict=True):
        run = cn.simulate(net, scenario, days=120)
        for level, (names, output) in zip(("firm", "product"), levels, strict=True):
            assert list(names) == list(run.by(level).columns)
            assert np.array_equal(output, run.by(level).to_numpy())


def test_a_case_that_makes_no_sense_is_said_as_alone():
    net = draw("fab@KOR -> dram 1.0\nresist => dram\ntok@JPN -> resist 1.0")
    with pytest.raises(cn.UsageError, match="days"):
        simulation.outputs_by(net, ["tok@0+10", "fab@0+10"], ["product"], days=20_000)
