"""The day-by-day model: by hand, against a plain second implementation, and by its properties."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from draw import draw, drawn_tables
from hypothesis import given, settings
from hypothesis import strategies as st
from plaindays import plain_days

import chainnet as cn
from chainnet import Parameters, Run, Scenario, SupplyNetwork, UsageError, simulate
from chainnet import dayarrays as setup
from chainnet import dayvalues as kernel
from chainnet import simulation as model
from chainnet.scenarios import Policy

#: Round times, so that results can be worked out by hand; everything made is used in the network.
PLAIN = Parameters().having(
    cover_days=20,
    lead_days=1,
    transit_days=0,
    finished_days=0,
    slack=0,
    detection_days=5,
    sticky=0,
    outside_share=0,
)
NEVER = Scenario("nothing happens")


def run(network: SupplyNetwork, *shocks: str, days: int = 300, parameters: Parameters | None = None) -> Run:
    return simulate(network, Scenario.parse(*shocks), days=days, parameters=parameters)


def lost(found: Run, plant: str) -> float:
    return float(found.loss[plant].sum())


#   tok (JPN) 0.6 ─┐
#   dup (USA) 0.4 ─┴─ resist ─── fab (KOR) dram ── stack (TWN) hbm
CHAIN = """
    resist => dram
    dram   => hbm
    tok@JPN -> resist 0.6
    dup@USA -> resist 0.4
    fab@KOR -> dram 1.0
    stack@TWN -> hbm 1.0
"""
LINE = """
    acid   => resist
    resist => dram
    acme@DEU -> acid 1.0
    tok@JPN  -> resist 1.0
    fab@KOR  -> dram 1.0
"""


# --- nothing happens ---------------------------------------------------------------------------


@pytest.mark.parametrize("parameters", [None, PLAIN])
def test_without_a_shock_nothing_ever_moves(parameters):
    found = simulate(draw(CHAIN), NEVER, days=1000, parameters=parameters)
    assert np.abs(found.output - 1).max().max() < 1e-9
    assert np.abs(found.stocks - found.stocks.iloc[0]).max().max() < 1e-9


def test_without_a_shock_the_bundled_graph_never_moves():
    found = simulate(cn.load("japan-korea"), NEVER, days=1000)
    assert np.abs(found.output - 1).max().max() < 1e-9
    assert np.abs(found.stocks - found.stocks.iloc[0]).max().max() < 1e-9


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_order_of_the_rows_does_not_matter(seed):
    tables = drawn_tables(CHAIN)
    mixed = {
        name: frame.sample(frac=1, random_state=seed).set_axis(frame.index) for name, frame in tables.items()
    }
    one = run(SupplyNetwork(tables), "tok@5+90")
    two = run(SupplyNetwork(mixed), "tok@5+90")
    assert np.abs(one.output - two.output[one.output.columns]).max().max() < 1e-9
    assert np.abs(simulate(SupplyNetwork(mixed), NEVER).output - 1).max().max() < 1e-9


def test_a_component_that_is_not_touched_never_moves():
    net = draw(CHAIN + "\n gas => laser\n qat@QAT -> gas 1.0\n cym@USA -> laser 1.0")
    found = run(net, "tok@5+200")
    assert (found.output[["qat-gas", "cym-laser"]] == 1).all().all()
    assert lost(found, "fab-dram") > 1


# --- by hand -----------------------------------------------------------------------------------


def test_a_line_loses_the_days_beyond_its_cover():
    # 20 days of resist at the fab, and no slack to catch up: 50 days closed, 30 days lost.
    found = run(draw(LINE), "tok@10+50", parameters=PLAIN)
    dram = found.output["fab-dram"]
    # Work of a day is finished on the next, so what stops on day 10 + 20 is seen on day 31.
    assert dram[:31].eq(1).all()
    assert dram[31:61].abs().max() == 0
    assert dram[61:].sub(1).abs().max() < 1e-9
    row = found.summary("plant").set_index("name").loc["fab-dram"]
    assert row["time_to_survive"] == 31
    assert row["time_to_recover"] == 30
    assert row["peak_loss"] == 1
    assert row["days_lost"] == pytest.approx(30)


def test_half_a_supplier_drains_the_stock_half_as_fast():
    # 20 days of stock last 40 days at half the supply; then output is half until the end.
    dram = run(draw(LINE), "tok=0.5@10", days=100, parameters=PLAIN).output["fab-dram"]
    assert dram[:51].sub(1).abs().max() < 1e-9
    assert dram[52:].sub(0.5).abs().max() < 1e-9


def test_finished_goods_and_transit_put_off_what_is_lost():
    net = draw(LINE)
    assert lost(run(net, "tok@10+50", parameters=PLAIN), "fab-dram") == pytest.approx(30)
    more = PLAIN.having(finished_days=10)
    # Ten days at the supplier; the fab's own ten days go to its customers, and do not raise output.
    assert lost(run(net, "tok@10+50", parameters=more), "fab-dram") == pytest.approx(20)


def test_a_diamond_loses_what_its_scarcer_branch_loses():
    net = draw("""
        sand => left
        sand => right
        left  => chip
        right => chip
        pit@AUS -> sand 1.0
        one@JPN -> left 1.0
        two@KOR -> right 1.0
        fab@TWN -> chip 1.0
    """)
    cover = PLAIN.having(cover_days=10)
    # The pit's stop reaches both branches together: ten days at each of the two steps.
    assert lost(run(net, "pit@5+50", parameters=cover), "fab-chip") == pytest.approx(30)
    # One branch alone: its own stop, less the fab's ten days.
    assert lost(run(net, "two@5+30", parameters=cover), "fab-chip") == pytest.approx(20)
    # The sand that the closed branch does not buy is not dug.
    upstream = run(net, "two@5+30", parameters=cover)
    assert upstream.output["pit-sand"][10:15].sub(0.5).abs().max() < 0.01


def test_an_important_input_costs_its_impact():
    net = draw("gas => dram 0.3\n qat@QAT -> gas 1.0\n fab@KOR -> dram 1.0")
    dram = run(net, "qat@0", days=100, parameters=PLAIN).output["fab-dram"]
    assert dram[30:].sub(0.7).abs().max() < 1e-9


def test_the_slack_of_present_suppliers_comes_in_when_the_shortage_is_noticed():
    at_once = PLAIN.having(slack=1.0, ramp_days=1, detection_days=0, cover_days=5)
    late = at_once.having(detection_days=40)
    net = draw(CHAIN)
    # dup doubles its 0.4: 0.8 of what the fab needs.
    tail = run(net, "tok@10", days=200, parameters=at_once).output["fab-dram"][100:]
    assert tail.sub(0.8).abs().max() < 1e-6
    assert lost(run(net, "tok@10+60", parameters=late), "fab-dram") > lost(
        run(net, "tok@10+60", parameters=at_once), "fab-dram"
    )


def test_another_site_of_the_supplier_comes_before_another_supplier():
    text = """
        resist => dram
        tok@JPN -> resist 0.5
        tok@USA -> resist 0.2
        dup@DEU -> resist 0.3
        fab@KOR -> dram 1.0
        fab <- tok resist 1.0
    """
    quick = PLAIN.having(slack=3.0, ramp_days=1, detection_days=0, same_site_days=20, qualification_days=2000)
    found = run(draw(text), "JPN:resist@10", days=200, parameters=quick).flows("resist")
    last = found[found["month"] == 5].set_index("exporter")["share"]
    assert last["USA"] > 0.9
    assert "JPN" not in last.index or last["JPN"] == 0


def test_the_users_of_a_device_outside_the_network_keep_its_maker_at_work():
    found = run(draw(CHAIN), "stack@5", days=200)
    # 80 % of the memory goes elsewhere (assumed).
    assert found.output["fab-dram"].min() == pytest.approx(0.8, abs=0.01)


def test_a_supplier_that_is_short_serves_whom_the_rule_says_first():
    # tok makes half of what its three customers need, each a third of the market.
    net = draw("""
        resist => dram
        tok@JPN -> resist 1.0
        tok@KOR -> dram 0.3333333333
        near@JPN -> dram 0.3333333333
        far@USA -> dram 0.3333333333
    """)
    expected = {"proportional": (0.5, 0.5, 0.5), "own_first": (1.0, 0.5, 0.0), "network_first": (0.5,) * 3}
    for rule, levels in expected.items():
        scenario = replace(Scenario.parse("tok:resist=0.5@0").resolve(net), policy=Policy(rationing=rule))
        output = simulate(net, scenario, days=200, parameters=PLAIN).output.iloc[-1]
        assert output[["tok-dram", "near-dram", "far-dram"]].tolist() == pytest.approx(levels, abs=1e-6)


def test_customers_outside_the_network_wait_where_the_network_goes_first():
    # Half of the memory goes to the stacker, the other half outside; the fab makes half of it.
    net = draw("dram => hbm\n fab@KOR -> dram 1.0\n stack@TWN -> hbm 1.0")
    half = PLAIN.having(outside_share=0.5)
    shock = Scenario.parse("fab=0.5@0").resolve(net)
    for rule, level in (("proportional", 0.5), ("network_first", 1.0)):
        scenario = replace(shock, policy=Policy(rationing=rule))
        output = simulate(net, scenario, days=200, parameters=half).output["stack-hbm"]
        assert output.iloc[-1] == pytest.approx(level, abs=1e-6)


def test_customers_outside_the_network_hold_stock_too():
    net = draw(CHAIN)
    found = run(net, "stack@0+30", days=400)
    # What they took from their stock is made afterwards, as far as there is slack.
    assert found.output["stack-hbm"].iloc[30:].max() > 1.05
    assert found.loss["stack-hbm"].sum() < 30


def test_work_in_progress_that_is_destroyed_is_missing_later():
    net = draw(LINE)
    lead = PLAIN.having(lead_days=30)
    path = Scenario.parse("tok=0.999@10+1").resolve(net).shocks[0]
    spared = simulate(net, Scenario("spared", (path,)), days=200, parameters=lead)
    burnt = cn.Shock(path.selector, path.capacity, path.start, path.days, wip_lost=0.5)
    found = simulate(net, Scenario("burnt", (burnt,)), days=200, parameters=lead)
    assert lost(spared, "tok-resist") < 0.01
    assert lost(found, "tok-resist") == pytest.approx(15, abs=0.6)


def test_a_stop_of_tools_is_not_felt_while_there_are_spare_parts():
    net = draw("scanner => dram capital\n asml@NLD -> scanner 1.0\n fab@KOR -> dram 1.0")
    assert lost(run(net, "asml@0+90", days=365), "fab-dram") == pytest.approx(0, abs=1e-9)
    worn = run(net, "asml@0", days=800, parameters=Parameters().having(slack=0)).output["fab-dram"]
    assert worn.iloc[-1] == pytest.approx(0.9, abs=1e-6)


def test_a_shock_shorter_than_every_cover_loses_nothing_downstream():
    net = draw(CHAIN)
    for shock in ("tok@7+19", "dup@0+20", "tok=0.5@3+20"):
        found = run(net, shock, parameters=PLAIN)
        assert found.loss[["fab-dram", "stack-hbm"]].max().max() < 1e-9


# --- controls ----------------------------------------------------------------------------------


def test_a_control_cuts_the_flow_and_other_origins_rise():
    net = draw(CHAIN)
    found = run(net, "JPN>KOR:resist@30+120", days=360)
    flows = found.flows("resist").pivot_table(index="month", columns="exporter", values="share")
    assert flows.loc[0, "JPN"] == pytest.approx(0.6)
    assert flows.loc[2:3, "JPN"].max() == 0
    assert flows.loc[3, "USA"] == pytest.approx(1)
    assert 0 < flows.loc[10, "JPN"] < 0.6  # a part of what moved stays
    assert found.stocks["fab-dram", "resist"].min() < 30


def test_buyers_who_know_of_a_control_order_more_before_it():
    net = draw(CHAIN)
    plain = Scenario.parse("JPN>KOR:resist@30+60").resolve(net).controls[0]
    told = cn.Control(plain.exporter, plain.importer, "resist", 0.0, 30, 60, announced=20)
    before = simulate(net, Scenario("told", controls=(told,)), days=30)
    assert before.stocks["fab-dram", "resist"].iloc[-1] > 31
    calm = simulate(net, Scenario("not told", controls=(plain,)), days=30)
    assert calm.stocks["fab-dram", "resist"].iloc[-1] == pytest.approx(30)


def test_a_controlled_exporter_does_not_reach_the_importer_as_another_maker():
    # All of the world's slack is in Japan: nobody can step in.
    net = draw("resist => dram\n a@JPN -> resist 0.5\n b@JPN -> resist 0.5\n fab@KOR -> dram 1.0")
    found = run(net, "JPN>KOR:resist@0", days=200)
    assert found.output["fab-dram"].iloc[-1] == 0
    assert found.flows("resist").query("importer == 'KOR'")["volume"].sum() == 0


def test_demand_moves_output():
    net = draw(LINE)
    less = Scenario("less", demands=(cn.scenarios.Demand("dram", ((10, 0.5), (60, 0.5), (61, 1.0))),))
    found = simulate(net, less, days=200, parameters=PLAIN)
    assert found.output["fab-dram"][12:60].max() < 0.75


# --- books and properties ----------------------------------------------------------------------


def generated(draw_from: st.DataObject) -> str:
    """Four layers of two products with one to three makers each."""
    share = st.floats(0.1, 1.0)
    lines = []
    for layer in range(4):
        for k in range(2):
            sizes = draw_from.draw(st.lists(share, min_size=1, max_size=3))
            known = draw_from.draw(st.floats(0.7, 1.0)) / sum(sizes)
            for maker, size in enumerate(sizes):
                place = ("JPN", "KOR", "USA")[maker]
                lines.append(f"f{layer}{k}{maker}@{place} -> p{layer}{k} {size * known:.3f}")
            for other in range(2) if layer else ():
                if draw_from.draw(st.booleans()):
                    impact = draw_from.draw(st.sampled_from(["", "", " 0.3", " 0.8"]))
                    lines.append(f"p{layer - 1}{other} => p{layer}{k}{impact}")
    return "\n".join(lines)


@settings(max_examples=40)
@given(st.data())
def test_stocks_and_books_are_sound_whatever_happens(data):
    net = draw(generated(data))
    start, days = data.draw(st.integers(0, 40)), data.draw(st.integers(1, 150))
    shocks = data.draw(st.sampled_from([("f000",), ("f000=0.3", "f010"), ("KOR=0.2",), ("JPN>JPN",)]))
    try:
        found = run(net, *(f"{shock}@{start}+{days}" for shock in shocks), days=250)
    except UsageError:  # nobody there, or no such flow
        return
    assert (found.stocks >= 0).all().all()
    assert found.output.min().min() >= 0
    books, finished = found.books, 15.0
    assert (books["shipped"] <= books["made"] + finished + 1e-9).all()
    assert (books["made"] + finished - books["shipped"] - books["left"]).abs().max() < 1e-8
    assert (books["shipped"] <= books["ordered"] + 1e-8).all()


@settings(max_examples=20)
@given(st.data())
def test_what_is_shipped_is_received(data):
    net = draw(generated(data))
    within = Parameters().having(outside_share=0)
    days = 240
    for shock in ("f000@5+90", "f000=0.2@5", "JPN>KOR@5+60"):
        try:
            found = run(net, shock, days=days, parameters=within)
        except UsageError:  # no such flow
            continue
        plants, _, groups = setup.arrays_of(found.economy, setup.Frozen(within))
        volume = dict(zip(found.books.index, plants.volume, strict=True))
        bought = {product for group in groups for product in group.products}
        for product in bought:
            makers = found.economy.table.query("product == @product")["plant"]
            shipped = sum(found.books.loc[plant, "shipped"] * volume[plant] for plant in makers)
            received = found.flows(product)["volume"].sum() * days / (days // 30)
            assert received == pytest.approx(shipped, rel=1e-9)


#: By then all stocks are back.
SETTLED = 1500


def totals(
    net: SupplyNetwork, shock: str, parameters: Parameters | None = None, days: int = 300
) -> np.ndarray:
    return run(net, shock, days=days, parameters=parameters).by("product").sum()


def stopped_by(firm: str, text: str) -> list[str]:
    """Return what a firm of a generated network makes, and all that is made of it."""
    hit = f"p{firm[1:3]}"
    made_of = nx.DiGraph(line.split(" ")[:3:2] for line in text.splitlines() if "=>" in line)
    made_of.add_node(hit)
    return [hit, *nx.descendants(made_of, hit)]


@settings(max_examples=60)
@given(st.data())
def test_a_worse_shock_never_raises_the_total_of_what_it_stops(data):
    """Nor of what is made of it. What goes into it may gain: those who step in may use more of it."""
    text = generated(data)
    net = draw(text)
    firm = data.draw(st.sampled_from(["f000", "f010", "f100"]))
    stopped = stopped_by(firm, text)
    days, left = data.draw(st.integers(1, 150)), data.draw(st.sampled_from([0.2, 0.5, 0.8]))
    known = totals(net, f"{firm}={left}@5+{days}", days=SETTLED)[stopped]
    assert (known <= SETTLED + 1e-6).all()
    worse = {
        "deeper": totals(net, f"{firm}=0@5+{days}", days=SETTLED),
        "longer": totals(net, f"{firm}={left}@5+{days + 40}", days=SETTLED),
    }
    for word, found in worse.items():
        assert (found[stopped] <= known + 1e-6).all(), word


@settings(max_examples=30)
@given(st.data())
def test_less_cover_or_slower_qualification_never_raises_the_total_of_what_is_stopped(data):
    text = generated(data)
    net, stopped = draw(text), stopped_by("f000", text)
    shock = f"f000=0.3@5+{data.draw(st.integers(1, 150))}"
    # Long enough for all stocks to be back: until then larger ones are still being refilled.
    known = totals(net, shock, days=SETTLED)[stopped]
    for worse in ({"cover_days": 0.5}, {"qualification_days": 2.0}):
        found = totals(net, shock, Parameters().scaled(**worse), days=SETTLED)[stopped]
        assert (found <= known + 1e-6).all(), worse


# --- a second implementation -------------------------------------------------------------------


@pytest.mark.parametrize(
    "shocks",
    [
        (),
        ("tok@5+60",),
        ("tok=0.4@5+200", "dup=0.7@30+40"),
        ("JPN>KOR:resist@10+70",),
        ("JPN>KOR:resist=0.3@10+70", "USA>KOR@20+50", "fab=0.5@90+20"),
        ("fab@3+30",),
    ],
)
@pytest.mark.parametrize("name", ["chain", "sites", "mixed"])
@pytest.mark.parametrize("rule", cn.scenarios.RATIONINGS)
def test_a_plain_implementation_says_the_same(shocks, name, rule):
    text = {
        "chain": CHAIN,
        "sites": CHAIN.replace("dup@USA -> resist 0.4", "tok@USA -> resist 0.2\n dup@USA -> resist 0.2"),
        "mixed": CHAIN
        + """
            gas => dram 0.4
            scanner => dram capital
            qat@QAT -> gas 0.5
            usa@USA -> gas 0.3
            asml@NLD -> scanner 1.0
            new@JPN -> resist
            fab <- new resist qualified
        """,
    }[name]
    net = draw(text)
    scenario = replace(Scenario.parse(*shocks).resolve(net), policy=Policy(rationing=rule))
    parameters = Parameters().having(cover_days=12, lead_days=9, transit_days=3, finished_days=4, sticky=0.4)
    for chosen in (parameters, Parameters()):
        found = simulate(net, scenario, days=220, parameters=chosen)
        economy = model.compile_network(net, scenario.date)
        plants, needs, _ = setup.arrays_of(economy, setup.Frozen(chosen))
        events, needs = setup.happenings_of(economy, scenario, needs, (0, 220), chosen)
        needs, outside_rank = setup.with_policy(economy, scenario.policy, needs, chosen)
        rules = kernel.Rules(chosen.value("refill_days"), chosen.value("ramp_days"), outside_rank)
        plain = np.array(plain_days(plants, needs, rules, events, 220))
        assert np.abs(found.output.to_numpy() - plain).max() < 1e-12


# --- requests ----------------------------------------------------------------------------------


def test_what_makes_no_sense_is_said():
    net = draw(CHAIN)
    with pytest.raises(UsageError, match="days"):
        simulate(net, NEVER, days=20_000)
    with pytest.raises(UsageError, match="cuts no flow"):
        run(net, "TWN>KOR:resist")
    with pytest.raises(UsageError, match="no parameter"):
        Parameters().having(cover=3)
    with pytest.raises(UsageError, match="add up"):
        run(net, "tok", days=10).by("region")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no product"):
        run(net, "tok", days=10).flows("chips")


def test_no_days_are_refused_and_not_taken_for_a_year() -> None:
    with pytest.raises(UsageError, match="cannot look at 0 days"):
        simulate(draw("tok@JPN -> resist 1.0"), "tok", days=0)
