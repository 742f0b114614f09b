"""Exposure and cut sets, by hand and by brute force."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st

import chainnet as cn
from chainnet import (
    Scenario,
    UsageError,
    cut_sets,
    disrupt,
    exposure,
    exposure_matrix,
    stopping_firms,
)
from chainnet.closures import selector_of, stopping_pairs

#  asml 1.0 ── scanner (capital) ─┐
#  tok 0.6, dup 0.4 ── resist ────┼── fab: dram
#  pag 0.95 ── acid ── resist     │
#  namics 0.3 ── muf (all of it) ─┘
NET = """
    acid => resist
    resist => dram
    scanner => dram capital
    muf => dram
    asml@NLD -> scanner 1.0
    pag@JPN -> acid 0.95
    tok@JPN -> resist 0.6
    dup@USA -> resist 0.4
    namics@JPN -> muf 0.3
    other@USA -> muf 0.7
    fab@KOR -> dram 1.0
    fab <- namics muf 1.0
"""


def test_exposure_is_the_loss_of_each_closure() -> None:
    net = draw(NET)
    table = exposure(net, "fab:dram").set_index("closure")
    for closure in ("tok", "dup", "namics", "pag", "asml"):
        outcome = disrupt(net, Scenario.parse(closure))
        assert table.loc[closure, "loss"] == pytest.approx(outcome.loss["fab-dram"])
    assert table.loc["asml", "capital_exposure"] == 1
    assert "other" not in table.index
    assert "fab" not in table.index


def test_a_target_is_plants_of_one_product() -> None:
    net = draw(NET + "fab@KOR -> hbm 1.0\n dram => hbm")
    with pytest.raises(UsageError, match="say which"):
        exposure(net, "fab")
    with pytest.raises(UsageError):
        cut_sets(net, "fab:hbm", loss=0)


def test_cut_sets_by_hand() -> None:
    cuts = cut_sets(draw(NET), "fab:dram", size=2, loss=0.95)
    assert cuts.values.tolist() == [[1, "namics", 1.0], [1, "pag", 0.95], [2, "dup + tok", 1.0]]


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_cut_sets_equal_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = ["fab@KOR -> dram 1.0"]
    for k in range(3):
        lines.append(f"in{k} => dram" + ("" if rng.random() < 0.7 else " 0.6"))
        shares = rng.dirichlet(np.ones(3))
        lines += [
            f"m{m}@JPN -> in{k} {share:.3f}"
            for m, share in zip(rng.choice(6, 3, replace=False), shares, strict=True)
        ]
    net = draw("\n".join(lines))
    firms = sorted(set(net.plants["firm"]) - {"fab"})
    stops = {}
    for size in (1, 2):
        for closed in combinations(firms, size):
            stops[closed] = float(disrupt(net, Scenario.parse(*closed)).loss["fab-dram"])
    single = {c for c, v in stops.items() if len(c) == 1 and v >= 0.5 - 1e-9}
    double = {
        c
        for c, v in stops.items()
        if len(c) == 2 and v >= 0.5 - 1e-9 and not any((firm,) in single for firm in c)
    }
    found = cut_sets(net, "fab:dram", size=2, loss=0.5)
    assert {tuple(name.split(" + ")) for name in found["closures"]} == single | double


def test_stopping_firms_are_the_single_cut_sets_of_every_device() -> None:
    cuts = stopping_firms(draw(NET))
    own = cuts[cuts["target"] == "fab:dram"]
    assert set(own["closure"]) == {"namics", "pag"}


def test_pairs_for_all_makers_at_once_are_those_of_each_maker() -> None:
    net = cn.load("japan-korea")
    together = stopping_pairs(net)
    for target in ("samsung:dram", "nvidia:ai_accelerator", "kioxia:nand", "tsmc:logic_advanced"):
        alone = cut_sets(net, target, size=2)
        alone = alone[alone["size"] == 2].set_index("closures")["loss"]
        found = together[together["target"] == target].set_index("closures")["loss"]
        assert found.index.tolist() == alone.index.tolist()
        assert found.to_numpy() == pytest.approx(alone.to_numpy())


def test_two_firms_of_a_half_each_stop_a_maker_together() -> None:
    net = draw("resist => dram\n a@JPN -> resist 0.5\n b@JPN -> resist 0.5\n fab@KOR -> dram 1.0")
    assert stopping_pairs(net)[["target", "closures"]].to_numpy().tolist() == [["fab:dram", "a + b"]]
    assert stopping_firms(net).empty


def test_the_matrix_holds_every_loss_of_every_closure() -> None:
    net = draw(NET)
    for by in ("plant", "firm", "country", "product"):
        closures, plants, loss = exposure_matrix(net, by)
        dense = loss.toarray()
        assert dense.shape == (len(closures), len(plants))
        assert list(closures) == sorted(closures)
        for name, row in zip(closures, dense, strict=True):
            scenario = cn.Scenario(name, (cn.Shock(selector_of(name, by)),))
            np.testing.assert_allclose(row, cn.disrupt(net, scenario).loss[list(plants)], atol=1e-9)
        # Nothing that is nothing takes room.
        assert loss.nnz == np.count_nonzero(dense)
