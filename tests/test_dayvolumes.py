"""Volumes that agree: an order that moves is as large where it goes as where it comes from."""

from __future__ import annotations

import numpy as np
import pytest
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st

import chainnet as cn
from chainnet import Parameters, SupplyNetwork
from chainnet.dayarrays import Frozen, arrays_of
from chainnet.dayvolumes import trade_of
from chainnet.economy import compile_network
from chainnet.parameters import parameters_of
from chainnet.scenarios import Scenario
from chainnet.simulation import outputs_by

#: Round times; everything made is used in the network, and others step in at once.
QUICK = Parameters().having(
    cover_days=5,
    lead_days=1,
    transit_days=0,
    finished_days=0,
    slack=0.5,
    ramp_days=1,
    detection_days=0,
    qualification_days=1,
    sticky=0,
    outside_share=0,
)


def volumes(network: SupplyNetwork, parameters: Parameters) -> tuple[dict[str, float], dict[str, float]]:
    """Return what plants make, and what part of it is sold outside."""
    economy = compile_network(network.plain)
    plants = arrays_of(economy, Frozen(parameters))[0]
    names = [node.plant for node in economy.nodes]
    return dict(zip(names, plants.volume, strict=True)), dict(zip(names, plants.outside, strict=True))


# fab buys from small alone what half of the world's memory takes; other buys what the world has to sell.
#
#   big (JPN) 0.9 ───────────── other (USA) 0.5 ─┐
#       small (KOR) 0.1 ─┴───── fab (KOR) 0.5 ───┴─ dram
SMALL = """
    resist => dram
    big@JPN -> resist 0.9
    small@KOR -> resist 0.1
    fab@KOR -> dram 0.5
    other@USA -> dram 0.5
    fab <- small resist 1.0
"""


def test_where_more_is_bought_than_a_sourced_share_the_network_is_taken_to_use_less():
    # Of the world's resist small would sell 0.5 to fab and 0.1 · 0.5 to other, and makes 0.1: all use is
    # 0.1 / 0.55 of what it would be, and big sells 0.9 · 0.5 of that, of its 0.9.
    made, outside = volumes(draw(SMALL), QUICK)
    assert (made["big-resist"], made["small-resist"]) == (0.9, 0.1)
    assert outside["small-resist"] == pytest.approx(0, abs=1e-12)
    assert outside["big-resist"] == pytest.approx(1 - 0.5 * 0.1 / 0.55)


def test_an_order_that_moves_to_a_large_maker_does_not_grow():
    # The orders of small, 0.1 of the world's output, go to big, which makes 1.11 of what it made.
    found = cn.simulate(draw(SMALL), "small@0", days=2000, parameters=QUICK)
    assert found.output["big-resist"].iloc[-1] == pytest.approx(1 + 0.1 / 0.9)
    assert found.by("product")["resist"].iloc[-1] == pytest.approx(1)
    assert found.by("product")["dram"].iloc[-1] == pytest.approx(1)
    assert found.summary().set_index("name").loc["resist", "days_lost"] >= 0
    # Until others step in, what is missing is its share of the world's output.
    assert found.summary().set_index("name").loc["resist", "peak_loss"] == pytest.approx(0.1)


def test_a_share_that_is_assumed_gives_way_to_what_is_bought():
    # small's share is unknown: half of what big leaves, 0.05, is a guess. It sells 0.5 + 0.05 · 0.5.
    network = draw(SMALL.replace("small@KOR -> resist 0.1", "small@KOR -> resist"))
    made, outside = volumes(network, QUICK)
    assert made["small-resist"] == pytest.approx(0.525)
    assert outside["small-resist"] == pytest.approx(0, abs=1e-12)
    assert outside["big-resist"] == pytest.approx(0.5)
    # Beside the 0.9 of big and the 0.05 that is nobody's in particular.
    found = cn.simulate(network, "small@0", days=1, parameters=QUICK.having(qualification_days=500))
    assert found.by("product")["resist"].iloc[0] == pytest.approx(1 - 0.525 / 1.475)


def test_of_a_device_the_network_takes_what_is_not_sold_outside():
    # One fifth of 0.525 is more than the 0.05 that is assumed; of big, one fifth of one half.
    network = draw(SMALL.replace("small@KOR -> resist 0.1", "small@KOR -> resist"))
    made, outside = volumes(network, QUICK.having(outside_share=0.8))
    assert made["small-resist"] == pytest.approx(0.105)
    assert outside["big-resist"] == pytest.approx(0.9)


def test_inputs_that_replace_each_other_are_each_used_up():
    made, outside = volumes(
        draw("""
            left => chip group:gas
            right => chip group:gas
            one@JPN -> left 1.0
            two@USA -> right 1.0
            fab@KOR -> chip 1.0
        """),
        QUICK,
    )
    assert (made["one-left"], made["two-right"]) == (1, 1)
    assert outside["one-left"] == outside["two-right"] == pytest.approx(0, abs=1e-12)


# Tools need chips and chips need tools: small, of unknown share, sells to the toolmaker alone.
CYCLE = """
    tool => chip capital
    chip => tool
    tools@NLD -> tool 1.0
    big@TWN -> chip 0.6
    small@KOR -> chip
    tools <- small chip 1.0
    small <- tools tool 1.0
"""


@pytest.mark.parametrize("text", [SMALL, SMALL.replace("resist 0.1", "resist"), CYCLE])
@pytest.mark.parametrize("parameters", [None, QUICK])
def test_volumes_balance_and_without_a_shock_nothing_ever_moves(text, parameters):
    network = draw(text)
    found = cn.simulate(network, Scenario("nothing happens"), days=1000, parameters=parameters)
    assert np.abs(found.output - 1).max().max() < 1e-12
    plants, needs, _ = arrays_of(found.economy, Frozen(found.parameters))
    trade = trade_of(found.economy)
    sold = np.bincount(needs.supplier, needs.weight * needs.volume[trade.group], len(plants.volume))
    assert np.abs(sold + plants.outside * plants.volume - plants.volume).max() < 1e-12


# --- no total rises ------------------------------------------------------------------------------


def generated(drawn: st.DataObject) -> str:
    """Three layers of two products whose makers are all known, and purchases that disagree with shares."""
    lines, makers = [], {}
    for layer in range(3):
        for k in range(2):
            cuts = sorted(drawn.draw(st.lists(st.integers(1, 15), max_size=2, unique=True)))
            shares = np.diff([0, *cuts, 16]) / 16
            product, own = f"p{layer}{k}", [f"f{layer}{k}{number}" for number in range(len(shares))]
            makers[product] = own
            for number, (firm, share) in enumerate(zip(own, shares, strict=True)):
                place = ("JPN", "KOR", "USA")[number]
                # Of what is made of nothing, shares may be unknown.
                unknown = not layer and drawn.draw(st.booleans())
                lines.append(f"{firm}@{place} -> {product}" + ("" if unknown else f" {share}"))
            for other in range(2) if layer else ():
                if drawn.draw(st.booleans()):
                    of = f"p{layer - 1}{other}"
                    lines.append(f"{of} => {product}{drawn.draw(st.sampled_from(['', '', ' 0.3']))}")
                    for firm in own if len(makers[of]) > 1 else ():
                        part = drawn.draw(st.sampled_from(["none", "", " 0.25", " 0.5", " 1.0"]))
                        if part != "none":
                            supplier = drawn.draw(st.sampled_from(makers[of]))
                            lines.append(f"{firm} <- {supplier} {of}{part}")
    return "\n".join(lines)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_stop_ever_ends_above_normal(data):
    network = draw(generated(data))
    parameters = data.draw(st.sampled_from([Parameters(), Parameters().having(outside_share=0), QUICK]))
    who = data.draw(st.sampled_from([*network.firms["firm"], "JPN", "KOR"]))
    length = data.draw(st.integers(1, 200))
    left = data.draw(st.sampled_from([0, 0.5]))
    # Long enough for all stocks to be back: until then some makers hold goods that are not yet asked for.
    names, output = cn.simulation.output_by(
        network, f"{who}={left}@0+{length}", "product", days=1500, parameters=parameters
    )
    gain = dict(zip(names, (output - 1).sum(axis=0), strict=True))
    assert max(gain.values()) < 1e-6, gain


#: Of the bundled graph, what only some makers are taken to need, or what is made for them; and what is
#: used by makers beside those that are nobody's in particular.
SOME = {"cryo_etch_tool", "muf_underfill", "ncf_film", "sic_ring", "yttrium_oxide", "mass_flow_controller"}
BESIDE = {"fluorinated_pi", "fluorspar", "gallium", "silicon_metal"}


def test_of_the_bundled_graph_what_is_hit_never_ends_above_normal():
    network = cn.load("japan-korea")
    economy = compile_network(network.plain)
    table = economy.table.query("step != 'planned'")
    stops = {*table["firm"], *(f"region/{name}" for name in table["region"] if name)} - {""}
    shocks = [Scenario.parse(f"{name}@0+90").resolve(network) for name in sorted(stops)]
    rising: set[str] = set()
    for shock, [(names, output)] in zip(
        shocks, outputs_by(network, shocks, ["product"], days=365), strict=True
    ):
        gain = (output - 1).sum(axis=0)
        closed = np.flatnonzero(economy.mask(shock.shocks[0].selector))
        hit = np.isin(names, [economy.nodes[i].product for i in closed])
        assert gain[hit].max(initial=0.0) < 1e-6, shock
        rising |= {names[k] for k in np.flatnonzero(gain > 0.5)}
    assert rising <= SOME | BESIDE


def test_of_the_bundled_graph_sourced_shares_are_what_plants_make():
    network = cn.load("japan-korea")
    economy = compile_network(network.plain)
    made = arrays_of(economy, Frozen(parameters_of(network)))[0].volume
    for node, volume in zip(economy.nodes, made, strict=True):
        if node.status != "assumed" and node.share > 1e-6:
            assert volume == node.share
        else:
            assert volume >= node.share
