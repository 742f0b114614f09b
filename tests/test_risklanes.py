"""Lanes: sums over links, and what is left when some lanes go."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainnet.risklanes import gather, narrowed


def test_two_suppliers_of_a_firm():
    """Firm 0 ── .5 ──▶ buyer ◀── .25 ── firm 2, in two scenarios."""
    lost = np.array([[1.0, 0.0], [9.0, 9.0], [0.4, 1.0]])
    out = np.full(2, np.nan)
    gather(out, lost, np.array([0, 2], dtype=np.int32), np.array([0.5, 0.25]), 0, 2)
    assert out.tolist() == [0.6, 0.25]


@given(st.integers(0, 40), st.integers(0, 8), st.sampled_from([1, 3, 8, 17]), st.integers(0, 99))
def test_a_lane_is_the_sum_of_its_links_in_their_order_whatever_lies_beside_it(links, begin, lanes, seed):
    """To the last bit: what is fetched ahead of its use, beyond the last link too, changes nothing."""
    rng = np.random.default_rng(seed)
    x, of, weight = (
        rng.random((5, lanes)),
        rng.integers(0, 5, links + begin + 3),
        rng.random(links + begin + 3),
    )
    out, alone = np.full(lanes, np.nan), np.full(1, np.nan)
    gather(out, x, of.astype(np.int32), weight, begin, begin + links)
    for b in range(lanes):
        total = 0.0
        for e in range(begin, begin + links):
            total += weight[e] * x[of[e], b]
        gather(alone, x[:, b : b + 1].copy(), of.astype(np.int32), weight, begin, begin + links)
        assert out[b] == alone[0]
        assert out[b] == pytest.approx(total, rel=1e-14)


@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_lanes_that_stay_keep_their_numbers(n, lanes, data):
    kept = sorted(data.draw(st.sets(st.integers(0, lanes - 1), min_size=1)))
    width = data.draw(st.integers(len(kept), lanes))
    before = np.random.default_rng(0).random((n, lanes))
    after = narrowed(before.copy(), np.array(kept), width)
    assert after.shape == (n, width)
    assert (after[:, : len(kept)] == before[:, kept]).all()
    assert (after[:, len(kept) :] == 0).all()
