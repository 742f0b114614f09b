"""The arithmetic of a cascade: drawn networks worked by hand, properties, a second implementation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainnet.errors import ConvergenceError
from chainnet.kernels import Links, downstream, lost_shares, orders, settle, upstream

# --- drawing -----------------------------------------------------------------------------------


class Drawn:
    """A network drawn in lines such as ``mine -> fab: ore 0.6``, the share of the buyer's ore.

    A product is critical; with a number at its end, as in ``ore 0.6 x0.3``, it is important, and
    the number is its impact.
    """

    def __init__(self, text):
        groups: dict[tuple[str, str], list[tuple[str, float]]] = {}
        impacts = {}
        names: dict[str, None] = {}
        for line in filter(None, map(str.strip, text.splitlines())):
            ends, what = line.split(":")
            supplier, buyer = (end.strip() for end in ends.split("->"))
            product, share, *impact = what.split()
            groups.setdefault((buyer, product), []).append((supplier, float(share)))
            impacts[buyer, product] = float(impact[0].strip("x")) if impact else None
            names |= {supplier: None, buyer: None}
        self.number = {name: i for i, name in enumerate(names)}
        keys = sorted(groups, key=lambda key: self.number[key[0]])
        edges = [edge for key in keys for edge in groups[key]]
        self.links = Links(
            n=len(names),
            supplier=np.array([self.number[supplier] for supplier, _ in edges]),
            weight=np.array([share for _, share in edges]),
            group_start=np.cumsum([0, *(len(groups[key]) for key in keys)]),
            group_buyer=np.array([self.number[buyer] for buyer, _ in keys]),
            group_critical=np.array([impacts[key] is None for key in keys]),
            group_impact=np.array([1.0 if impacts[key] is None else impacts[key] for key in keys]),
        )

    def capacity(self, **left):
        psi = np.ones(self.links.n)
        for name, value in left.items():
            psi[self.number[name]] = value
        return psi

    def named(self, h):
        return {name: pytest.approx(h[i], abs=1e-9) for name, i in self.number.items()}


# --- worked by hand ----------------------------------------------------------------------------

#     mine ──1.0──▶ smelter ──0.6──▶ fab ──1.0──▶ phone
#                    rival ───0.4────┘
LINE = """
    mine    -> smelter: ore   1.0
    smelter -> fab:     metal 0.6
    rival   -> fab:     metal 0.4
    fab     -> phone:   chip  1.0
"""


def test_a_loss_runs_down_a_line_in_proportion_to_the_shares():
    line = Drawn(LINE)
    h, rounds = settle(line.links, line.capacity(mine=0.5))
    assert line.named(h) == {"mine": 0.5, "smelter": 0.5, "fab": 0.7, "phone": 0.7, "rival": 1.0}
    assert rounds == 4  # one for each step down, one to see that nothing moves


#              ┌─1.0─▶ left ──gas 1.0──┐
#     source ──┤                       ├──▶ fab       gas and acid are both critical
#              └─0.5─▶ right ─acid 1.0─┘
DIAMOND = """
    source -> left:  feed 1.0
    source -> right: feed 0.5
    left   -> fab:   gas  1.0
    right  -> fab:   acid 1.0
"""


@pytest.mark.parametrize(("gas", "acid", "fab"), [("", "", 0.2), ("", "x0.5", 0.2), ("x0.5", "x0.5", 0.4)])
def test_critical_inputs_bound_and_important_ones_add_up(gas, acid, fab):
    # source at 0.2 leaves left 0.2 and right 0.6: of gas 0.8 is lost, of acid 0.4.
    drawing = DIAMOND.replace("gas  1.0", f"gas 1.0 {gas}").replace("acid 1.0", f"acid 1.0 {acid}")
    diamond = Drawn(drawing)
    h, _ = settle(diamond.links, diamond.capacity(source=0.2))
    assert diamond.named(h) == {"source": 0.2, "left": 0.2, "right": 0.6, "fab": fab}


def test_a_flow_that_is_held_back_counts_as_lost_for_its_buyer_alone():
    diamond = Drawn(DIAMOND)
    buyers = np.repeat(diamond.links.group_buyer, np.diff(diamond.links.group_start))
    passes = np.where(buyers == diamond.number["right"], 0.5, 1.0)
    h, _ = settle(diamond.links, diamond.capacity(), passes=passes)
    assert diamond.named(h) == {"source": 1.0, "left": 1.0, "right": 0.75, "fab": 0.75}


def test_what_no_edge_covers_is_never_lost():
    part = Drawn("a -> b: x 0.3")
    assert part.named(settle(part.links, part.capacity(a=0.0))[0]) == {"a": 0.0, "b": 0.7}


def test_a_node_keeps_no_more_than_its_capacity():
    line = Drawn(LINE)
    h, _ = settle(line.links, line.capacity(mine=0.5, fab=0.1))
    assert line.named(h)["phone"] == 0.1


def test_losses_never_push_output_below_zero():
    pair = Drawn("a -> b: x 1.0 x0.8\na -> b: y 1.0 x0.8")
    assert pair.named(settle(pair.links, pair.capacity(a=0.0))[0]) == {"a": 0.0, "b": 0.0}


def test_lost_demand_runs_up_a_line():
    line = Drawn(LINE)
    # In the order of the edges: to smelter, to fab from smelter and rival, to phone.
    assert [list(line.number)[i] for i in line.links.supplier] == ["mine", "smelter", "rival", "fab"]
    sales = np.array([0.5, 1.0, 0.25, 1.0])
    h, rounds = upstream(line.links, sales, line.capacity(fab=0.2))
    assert line.named(h) == {"mine": 0.6, "smelter": 0.2, "rival": 0.8, "fab": 0.2, "phone": 1.0}
    assert rounds == 3
    # What cannot leave is a sale lost, too.
    h, _ = upstream(line.links, sales, line.capacity(), passes=np.array([1.0, 1.0, 0.5, 1.0]))
    assert line.named(h)["rival"] == 0.875


#     alloy ──0.99──▶ fab ──chip 1.0──▶ alloy    a cycle: 99 % of the fab's metal is made with its chips
#     small ──0.01──▶ fab
CYCLE = """
    alloy -> fab:   metal 0.99
    small -> fab:   metal 0.01
    fab   -> alloy: chip  1.0
"""


def test_a_cycle_that_leaks_nothing_drains_where_nobody_steps_in():
    cycle = Drawn(CYCLE)
    h, rounds = settle(cycle.links, cycle.capacity(small=0.0), tol=1e-9)
    # Each turn loses 1 % more of what is left, until there is nothing.
    assert h.max() < 1e-3
    assert rounds > 100


def test_a_cycle_holds_where_the_market_steps_in():
    cycle = Drawn(CYCLE)
    volume = cycle.capacity(alloy=0.99, small=0.01)
    metal = [cycle.number["alloy"], cycle.number["small"]]

    def market(h):
        left = np.full(len(h), 1e-12)
        left[metal] = (volume * h)[metal].sum()
        left[cycle.number["fab"]] = h[cycle.number["fab"]]
        return np.minimum(1.0, volume / left)[cycle.links.supplier]

    h, _ = settle(cycle.links, cycle.capacity(small=0.0), sigma=market, tol=1e-12)
    # The loss L solves L = 0.99 L + 0.01 × 0.01 / (0.99 (1 − L)).
    loss = (1 - np.sqrt(1 - 4 * 0.01 / 0.99)) / 2
    assert cycle.named(1 - h) == {"alloy": loss, "small": 1.0, "fab": loss}
    assert loss == pytest.approx(0.0102, abs=1e-4)


# --- coming to rest ----------------------------------------------------------------------------


def test_a_cascade_that_still_moves_after_the_last_round_is_an_error():
    cycle = Drawn(CYCLE)
    with pytest.raises(ConvergenceError, match=r"1 of 1 scenarios still moved .* after 5 rounds"):
        settle(cycle.links, cycle.capacity(small=0.0), max_rounds=5)
    with pytest.raises(ConvergenceError):
        upstream(cycle.links, np.ones(3), cycle.capacity(fab=0.5, small=0.0), max_rounds=1)


def test_a_number_that_is_none_never_settles():
    line = Drawn(LINE)
    with pytest.raises(ConvergenceError):
        settle(line.links, line.capacity(mine=np.nan), max_rounds=50)


def test_without_links_everyone_keeps_its_capacity():
    nothing = np.zeros(0, dtype=np.int64)
    alone = Links(2, nothing, np.zeros(0), np.zeros(1, np.int64), nothing, nothing.astype(bool), np.zeros(0))
    h, rounds = settle(alone, np.array([0.5, 1.0]))
    assert (h.tolist(), rounds) == ([0.5, 1.0], 1)
    turned, order = orders(2, nothing, nothing, np.zeros(0))
    assert len(order) == 0
    assert settle(turned, np.ones((2, 3)))[0].shape == (2, 3)
    assert settle(turned, np.ones((2, 0)))[0].shape == (2, 0)


# --- properties --------------------------------------------------------------------------------


def made(seed, n=8, *, acyclic=False, largest=5):
    """Random links: some inputs covered in part, critical and important ones, cycles unless not wanted."""
    rng = np.random.default_rng(seed)
    buyers = np.sort(rng.integers(1, n, rng.integers(1, 2 * n)))
    sizes = rng.integers(1, largest + 1, len(buyers))
    start = np.concatenate([[0], np.cumsum(sizes)])
    top = np.repeat(buyers, sizes) if acyclic else n
    raw = rng.random(start[-1])
    total = np.add.reduceat(raw, start[:-1]) * rng.choice([1.0, 1.3], len(buyers))
    critical = rng.random(len(buyers)) < 0.5
    return Links(
        n=n,
        supplier=rng.integers(0, top, start[-1]),
        weight=raw / np.repeat(total, sizes),
        group_start=start,
        group_buyer=buyers,
        group_critical=critical,
        group_impact=np.where(critical, 1.0, rng.random(len(buyers))),
    )


def made_shocks(seed, links, width):
    rng = np.random.default_rng(seed + 1)
    psi = np.where(rng.random((links.n, width)) < 0.3, rng.random((links.n, width)), 1.0)
    passes = np.where(rng.random((len(links.supplier), width)) < 0.2, rng.random(width), 1.0)
    return psi, passes


def market(links, h):
    """Some replaceability: less of a loss counts while the first two nodes produce."""
    return np.broadcast_to(1.0 - (h[0] + h[1]) / 4, (len(links.supplier), *h.shape[1:]))


def plain(links, psi, passes, rounds):
    """The equations as they are written, one number at a time."""
    h = list(psi)
    for _ in range(rounds):
        new = list(psi)
        for node in range(links.n):
            scarcest, together = 0.0, 0.0
            for g in range(len(links.group_buyer)):
                if links.group_buyer[g] == node:
                    lost = 0.0
                    for e in range(links.group_start[g], links.group_start[g + 1]):
                        lost += links.weight[e] * (1 - passes[e] * h[links.supplier[e]])
                    if links.group_critical[g]:
                        scarcest = max(scarcest, lost)
                    else:
                        together += links.group_impact[g] * lost
            new[node] = max(0.0, min(psi[node], 1 - scarcest, 1 - together))
        h = new
    return np.array(h)


seeds = st.integers(0, 2**32)


@given(seeds)
def test_no_shock_no_loss(seed):
    links = made(seed)
    h, rounds = settle(links, np.ones(links.n))
    assert (h == 1).all()
    assert rounds == 1


@given(seeds)
def test_output_stays_between_zero_and_capacity_and_never_rises(seed):
    links = made(seed)
    psi, passes = made_shocks(seed, links, 3)
    h = psi
    for _ in range(30):
        new = downstream(links, lost_shares(links, h, passes), psi)
        assert ((new >= 0) & (new <= h)).all()
        h = new


@given(seeds, st.floats(0, 1))
def test_less_capacity_never_means_more_output(seed, factor):
    links = made(seed, acyclic=True)
    psi, passes = made_shocks(seed, links, 3)
    more, _ = settle(links, psi, passes=passes, tol=0)
    less, _ = settle(
        links, psi * np.where(np.arange(links.n) % 2, factor, 1.0)[:, None], passes=passes, tol=0
    )
    held, _ = settle(links, psi, passes=passes * factor, tol=0)
    assert (less <= more).all()
    assert (held <= more).all()


@given(seeds)
def test_the_order_of_groups_and_edges_does_not_matter(seed):
    links = made(seed)
    rng = np.random.default_rng(seed)
    groups = np.lexsort((rng.random(len(links.group_buyer)), links.group_buyer))
    edges = [rng.permutation(np.arange(links.group_start[g], links.group_start[g + 1])) for g in groups]
    other = Links(
        n=links.n,
        supplier=links.supplier[np.concatenate(edges)],
        weight=links.weight[np.concatenate(edges)],
        group_start=np.cumsum([0, *map(len, edges)]),
        group_buyer=links.group_buyer[groups],
        group_critical=links.group_critical[groups],
        group_impact=links.group_impact[groups],
    )
    psi, _ = made_shocks(seed, links, 3)
    assert settle(other, psi)[0] == pytest.approx(settle(links, psi)[0], abs=1e-9)


@given(seeds)
def test_settled_output_agrees_with_a_plain_implementation(seed):
    links = made(seed)
    psi, passes = made_shocks(seed, links, 2)
    h, rounds = settle(links, psi, passes=passes)
    for k in range(2):
        assert h[:, k] == pytest.approx(plain(links, psi[:, k], passes[:, k], rounds[k]), abs=1e-12)


@given(seeds)
def test_lost_demand_is_what_the_equation_says(seed):
    links = made(seed)
    psi, passes = (each[:, 0] for each in made_shocks(seed, links, 1))
    buyer = np.repeat(links.group_buyer, np.diff(links.group_start))
    share = np.random.default_rng(seed).random(len(buyer))
    # A tenth is sold outside: in a closed circle demand dies out too slowly for any limit of rounds.
    share = 0.9 * share / np.maximum(1.0, np.bincount(links.supplier, share, links.n))[links.supplier]
    h, rounds = upstream(links, share, psi, passes=passes)
    wanted = psi
    for _ in range(rounds):
        lost = np.bincount(links.supplier, share * (1 - passes * wanted[buyer]), links.n)
        wanted = np.maximum(0.0, np.minimum(psi, 1 - lost))
    assert h == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("replaced", [False, True])
@pytest.mark.parametrize(("n", "largest"), [(8, 5), (60, 20), (300, 300)])
def test_a_scenario_does_not_depend_on_its_batch(n, largest, replaced):
    links = made(n, n=n, largest=largest)
    psi, passes = made_shocks(n, links, 7)
    psi[:, 3] = 1.0
    passes[:, 3] = 1.0  # settles at once, beside others that do not

    def sigma(h):
        return market(links, h)

    rule = sigma if replaced else None
    h, rounds = settle(links, psi, passes=passes, sigma=rule)
    assert rounds[3] == 1
    assert rounds.max() > 2
    for k in range(7):
        one, steps = settle(links, psi[:, k], passes=passes[:, k], sigma=rule)
        assert (one == h[:, k]).all()
        assert steps == rounds[k]
        # The layout in memory does not matter, either.
        again, _ = settle(links, np.asfortranarray(psi[:, k:]), passes=passes[:, k:], sigma=rule)
        assert (again[:, 0] == one).all()


def test_capacities_or_controls_alone_may_come_in_batches():
    line = Drawn(LINE)
    held = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    h, rounds = settle(line.links, line.capacity(), passes=held)
    assert h[line.number["phone"]].tolist() == pytest.approx([1.0, 0.4])
    assert rounds.tolist() == [1, 4]
    psi = np.stack([line.capacity(), line.capacity(rival=0.0)], axis=1)
    h, _ = settle(line.links, psi, passes=held[:, 1])
    assert h[line.number["phone"]].tolist() == pytest.approx([0.4, 0.0])
