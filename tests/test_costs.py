"""Costs: tariffs and exchange rates through the purchases, against numbers worked by hand and matrices."""

from __future__ import annotations

import re

import numpy as np
import pytest
from click.testing import CliRunner, Result
from draw import draw
from hypothesis import given
from hypothesis import strategies as st
from toy import write_toy

import chainnet as cn
from chainnet.commands import main
from chainnet.costs import PASS_THROUGH, PASS_THROUGH_HIGH, PASS_THROUGH_LOW
from chainnet.costshares import REST, cost_shares

LINE = "ore => resist\nresist => chip\nmine@JPN -> ore 1\ntok@JPN -> resist 1\nfab@KOR -> chip 1"
DIAMOND = """
ore => acid
ore => gas
acid => chip
gas => chip
mine@USA -> ore 1
tok@JPN -> acid 1
sun@KOR -> gas 1
fab@KOR -> chip 1
"""
CYCLE = """
a => b
b => c
c => a
a => c
one@JPN -> a 1
two@KOR -> b 1
three@USA -> c 1
"""
RESISTS = """
arf in resists
krf in resists
arf => chip
krf => chip
resists => panel
tok@JPN -> arf 1
tok@JPN -> krf 0.7
sun@KOR -> krf 0.3
fab@KOR -> chip 1
glass@KOR -> panel 1
"""
TARIFFS = st.floats(0, 10)
SHARES = st.floats(0, 0.3)


def costing(product: str, used: str, share: float, *ends: float, status: str = "observed") -> dict[str, str]:
    low, high = ends or (share, share)
    names = {"product": product, "input": used, "status": status}
    return names | {"share": repr(share), "low": repr(low), "high": repr(high)}


def network(text: str, *rows: dict[str, str]) -> cn.SupplyNetwork:
    return draw(text, cost_shares=list(rows))


def change(net: cn.SupplyNetwork, *what: str, column: str = "change") -> dict[str, float]:
    """Changes by product of tariffs and swings as they are written on the command line."""
    tariffs = [cn.Tariff.parse(text) for text in what if ">" in text]
    swings = [cn.Swing.parse(text) for text in what if ">" not in text]
    return cn.cost_effects(net, tariffs, swings).set_index("product")[column].to_dict()


# --- worked by hand --------------------------------------------------------------------------------

ROWS = (costing("resist", "ore", 0.5), costing("chip", "resist", 0.2))


def test_a_tariff_is_paid_on_the_part_of_the_cost_that_it_concerns():
    # A tenth more on a fifth of the cost; the maker of resist pays nothing.
    assert change(network(LINE, *ROWS), "JPN>KOR:resist=0:0.1") == pytest.approx(
        {"chip": 0.02, "resist": 0, "ore": 0}
    )
    # From 6.5 % to nothing the price falls by 0.065/1.065.
    lifted = change(network(LINE, *ROWS), "JPN>KOR:resist=0.065:0")
    assert lifted["chip"] == pytest.approx(-0.2 * 0.065 / 1.065)


def test_a_swing_is_passed_on_in_part():
    net = network(LINE, *ROWS)
    # The yen rises by a tenth: the fab pays it on a fifth; ore and resist are paid in yen.
    dear = {column: change(net, "JPY=0.1", column=column)["chip"] for column in ("change", "low", "high")}
    parts = {"change": PASS_THROUGH, "low": PASS_THROUGH_LOW, "high": PASS_THROUGH_HIGH}
    assert dear == pytest.approx({name: 0.2 * 0.1 * part for name, part in parts.items()})
    # The won falls by a tenth: a yen costs 1/0.9 of what it did.
    assert change(net, "KRW=-0.1")["chip"] == pytest.approx(0.2 * PASS_THROUGH * (1 / 0.9 - 1))
    assert change(net, "KRW=-0.1")["resist"] == 0


def test_a_diamond_adds_up_both_ways():
    net = network(
        DIAMOND,
        costing("acid", "ore", 0.5),
        costing("gas", "ore", 0.4),
        costing("chip", "acid", 0.3),
        costing("chip", "gas", 0.2),
    )
    left, right = "USA>JPN:ore=0:0.2", "USA>KOR:ore=0:0.2"
    # Acid + 0.5 x 0.2, gas + 0.4 x 0.2; chips + 0.3 x 0.1 and + 0.2 x 0.08.
    assert change(net, left)["chip"] == pytest.approx(0.03)
    assert change(net, left, right) == pytest.approx({"acid": 0.1, "gas": 0.08, "chip": 0.046, "ore": 0})
    # A tariff on the acid is paid on its new price too: 1.1 x 1.1.
    assert change(net, left, "JPN>KOR:acid=0:0.1")["chip"] == pytest.approx(0.3 * 0.21)
    table = cn.cost_effects(net, [cn.Tariff.parse(left), cn.Tariff.parse(right)]).set_index("product")
    assert table["input"].to_dict() == {"acid": "ore", "gas": "ore", "chip": "acid", "ore": ""}


def test_what_is_nobodys_in_particular_carries_no_tariff():
    net = network(LINE.replace("resist 1", "resist 0.6").replace("chip 1", "chip 0.5"), *ROWS)
    # 0.6 of the resist is known to come from Japan, and half of the chips to be made in Korea.
    tariff = [cn.Tariff.parse("JPN>KOR:resist=0:0.1")]
    assert change(net, str(tariff[0]))["chip"] == pytest.approx(0.2 * 0.6 * 0.1 * 0.5)
    for level, name in (("country", "KOR"), ("firm", "fab")):
        table = cn.cost_effects(net, tariff, level=level).set_index([level, "product"])
        assert table.loc[(name, "chip"), "change"] == pytest.approx(0.2 * 0.6 * 0.1)


def test_tools_count_as_depreciation_and_come_later():
    net = network(
        LINE + "\nscanner => chip capital\nlith@JPN -> scanner 1", *ROWS, costing("chip", "scanner", 0.3)
    )
    both = ("JPN>KOR:scanner=0:0.1", "JPN>KOR:resist=0:0.1")
    assert change(net, *both)["chip"] == pytest.approx(0.05)
    assert change(net, *both, column="at_once")["chip"] == pytest.approx(0.02)
    # All products of the drawing are of one class.
    assert change(net, "JPN>KOR:device=0:0.1") == pytest.approx(change(net, *both))


def test_how_much_rests_on_assumptions():
    net = network(
        DIAMOND,
        costing("acid", "ore", 0.5),
        costing("gas", "ore", 0.4),
        costing("chip", "acid", 0.3),
        costing("chip", "gas", 0.2, status="assumed"),
    )
    both = ("USA>JPN:ore=0:0.2", "USA>KOR:ore=0:0.2")
    assumed = change(net, *both, column="assumed")
    assert assumed == pytest.approx({"acid": 0, "gas": 0, "ore": 0, "chip": 0.016 / 0.046})


def test_the_range_is_that_of_the_cost_shares():
    net = network(LINE, costing("resist", "ore", 0.5, 0.2, 0.6), costing("chip", "resist", 0.2, 0.1, 0.4))
    up = {
        column: change(net, "JPN>KOR:resist=0:0.1", column=column)["chip"]
        for column in ("low", "change", "high")
    }
    assert up == pytest.approx({"low": 0.01, "change": 0.02, "high": 0.04})
    down = {
        column: change(net, "JPN>KOR:resist=0.25:0", column=column)["chip"]
        for column in ("low", "change", "high")
    }
    assert down == pytest.approx({"low": -0.08, "change": -0.04, "high": -0.02})


# --- against matrices ------------------------------------------------------------------------------


@given(
    shares=st.lists(SHARES, min_size=4, max_size=4),
    after=st.lists(st.floats(0, 0.5), min_size=3, max_size=3),
    swing=st.floats(-0.4, 0.4),
)
def test_a_cycle_agrees_with_the_inverse(shares, after, swing):
    edges = [("b", "a"), ("c", "b"), ("a", "c"), ("c", "a")]
    net = network(CYCLE, *(costing(*edge, share) for edge, share in zip(edges, shares, strict=True)))
    flows = {("b", "a"): "JPN>KOR:a", ("c", "b"): "KOR>USA:b", ("a", "c"): "USA>JPN:c"}
    tariffs = [f"{flow}=0.1:{rate!r}" for flow, rate in zip(flows.values(), after, strict=True)]
    taxed = {edge: (1 + rate) / 1.1 for edge, rate in zip(flows, after, strict=True)}
    value = {"a": 1 + swing, "b": 1.0, "c": 1.0}  # a is made in Japan
    paid, spent = np.zeros((3, 3)), np.zeros((3, 3))
    for (made, used), share in zip(edges, shares, strict=True):
        moved = 1 + PASS_THROUGH * (value[used] / value[made] - 1)
        spent["abc".index(made), "abc".index(used)] = share
        paid["abc".index(made), "abc".index(used)] = share * taxed.get((made, used), 1.0) * moved
    price = np.linalg.solve(np.eye(3) - paid, 1 - spent.sum(axis=1))
    expected = dict(zip("abc", price - 1, strict=True))
    assert change(net, *tariffs, f"JPN={swing!r}") == pytest.approx(expected, abs=1e-12)


def test_costs_that_grow_without_end_are_refused():
    # Each round trip multiplies by 0.8 x 11 x 0.8 x 11 x 0.8 x 11.
    net = network(CYCLE, *(costing(*edge, 0.8) for edge in [("b", "a"), ("c", "b"), ("a", "c")]))
    high = ["JPN>KOR:a=0:10", "KOR>USA:b=0:10", "USA>JPN:c=0:10"]
    with pytest.raises(cn.ConvergenceError, match="without end"):
        change(net, *high)


# --- properties ------------------------------------------------------------------------------------


HALF = network(DIAMOND, costing("device", "device", 0.5, 0.1, 0.9))


@given(rate=TARIFFS, swing=st.floats(-0.9, 10))
def test_nothing_new_changes_nothing_to_the_bit(rate, swing):
    for what in ([], [f"USA>KOR:ore={rate!r}:{rate!r}"]):
        assert set(change(HALF, *what).values()) == {0.0}
    # Nobody is worse off against anybody when all currencies move alike.
    alike = [f"{country}={swing!r}" for country in ("JPN", "KOR", "USA")]
    for column in ("change", "low", "high"):
        assert set(change(HALF, *alike, column=column).values()) == {0.0}


@given(before=TARIFFS, rates=st.tuples(TARIFFS, TARIFFS), share=SHARES)
def test_a_higher_tariff_never_lowers_a_cost(before, rates, share):
    net = network(DIAMOND, costing("device", "device", share, share / 2, 0.3))
    less, more = (
        cn.cost_effects(net, [cn.Tariff("KOR", "USA", "ore", before, rate)]).set_index("product")
        for rate in sorted(rates)
    )
    for column in ("low", "change", "high"):
        assert (more[column] >= less.loc[more.index, column] - 1e-12).all()
    assert (more["low"] <= more["change"] + 1e-12).all()
    assert (more["change"] <= more["high"] + 1e-12).all()


LINED = network(LINE, *ROWS)


@given(rate=st.floats(0, 5), factor=st.floats(0, 2))
def test_one_tier_is_proportional_to_the_tariff(rate, factor):
    once, more = (change(LINED, f"JPN>KOR:resist=0:{r!r}")["chip"] for r in (rate, rate * factor))
    assert more == pytest.approx(once * factor, abs=1e-12)


FAMILY = network(RESISTS, costing("chip", "resists", 0.3))


@given(before=TARIFFS, after=TARIFFS)
def test_a_tariff_on_a_family_is_one_on_each_of_its_members(before, after):
    rates = f"{before!r}:{after!r}"
    members = [f"JPN>KOR:{member}={rates}" for member in ("arf", "krf")]
    assert change(FAMILY, f"JPN>KOR:resists={rates}") == change(FAMILY, *members)


def test_a_tariff_on_a_member_goes_before_that_on_its_family():
    net = network(RESISTS, costing("chip", "resists", 0.3))
    both = change(net, "JPN>KOR:resists=0:0.1", "JPN>KOR:krf=0:0.2")
    assert both["chip"] == pytest.approx(0.15 * 0.1 + 0.15 * 0.7 * 0.2)
    assert both == change(net, "JPN>KOR:krf=0:0.2", "JPN>KOR:resists=0:0.1")


# --- cost shares -----------------------------------------------------------------------------------


def test_the_nearest_row_counts():
    net = network(
        RESISTS,
        costing("device", "device", 0.4),
        costing("device", "arf", 0.1),
        costing("chip", "resists", 0.3),
    )
    slots = [("arf",), ("krf",)]
    # The chip's own row on the family goes before its class's row on the member.
    assert [part.share for part in cost_shares(net, "chip", slots)] == [0.15, 0.15]
    # The class's row on the member goes before that on the class, which is left to the other.
    assert [part.share for part in cost_shares(net, "panel", slots)] == [0.1, 0.4]
    assert [part.assumed for part in cost_shares(net, "panel", slots)] == [False, False]
    assert [part.assumed for part in cost_shares(net, "chip", slots)] == [True, True]


def test_inputs_without_a_row_share_a_part_of_what_the_rows_leave():
    net = network(RESISTS, costing("chip", "arf", 0.4))
    arf, *rest = cost_shares(net, "chip", [("arf",), ("krf",), ("resists",)])
    assert (arf.share, arf.assumed) == (0.4, False)
    for part in rest:
        assert (part.share, part.low, part.high) == pytest.approx(
            tuple(0.6 / 2 * end for end in (REST.share, REST.low, REST.high))
        )
        assert part.assumed


def test_inputs_are_never_the_whole_cost():
    wide = network(RESISTS, costing("chip", "arf", 0.5, 0.3, 0.9), costing("chip", "krf", 0.2, 0.1, 0.6))
    parts = cost_shares(wide, "chip", [("arf",), ("krf",)])
    assert sum(part.high for part in parts) == pytest.approx(0.95)
    assert [part.share for part in parts] == [0.5, 0.2]
    full = network(RESISTS, costing("chip", "arf", 0.8), costing("device", "krf", 0.8))
    parts = cost_shares(full, "chip", [("arf",), ("krf",)])
    assert [part.share for part in parts] == pytest.approx([0.475, 0.475])
    assert all(part.low <= part.share <= part.high for part in parts)


def test_inputs_that_replace_each_other_are_one_slot():
    net = network(
        "arf => chip group:resist\nkrf => chip group:resist\ngas => chip\n"
        "tok@JPN -> arf 1\ntok@JPN -> krf 1\nsun@JPN -> gas 1\nfab@KOR -> chip 1",
        costing("chip", "device", 0.4),
    )
    assert change(net, "JPN>KOR:arf=0:0.1")["chip"] == pytest.approx(0.2 * 0.5 * 0.1)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([costing("chip", "resist", 0.2, 0.3, 0.4)], "bad-range"),
        ([costing("chip", "resist", 0.2, 0.1, 0.15)], "bad-range"),
        ([costing("chip", "resits", 0.2)], "unknown-id"),
        ([costing("gadget", "resist", 0.2)], "unknown-id"),
        ([costing("chip", "resist", 0.7), costing("chip", "ore", 0.4)], "shares-above-one"),
        ([costing("chip", "resist", 0.2), costing("chip", "resist", 0.3)], "duplicate-key"),
    ],
)
def test_a_table_that_makes_no_sense_is_said(rows, code):
    with pytest.raises(cn.DataError) as error:
        network(LINE, *rows)
    assert [fault.code for fault in error.value.faults] == [code]


# --- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("JPN>KOR:resist=0.1:nan", "no tariff"),
        ("JPN>KOR:resist=-0.1:0", "no tariff"),
        ("JPN>KOR:resist=0:10.5", "no tariff"),
        ("JPN>KOR:resist=inf:0", "no tariff"),
        ("JPN>KOR:resist=6.5%:0", "no number"),
        ("JPN>KOR:resist=0.065", "cannot read"),
        ("JPN:resist=0:0.1", "no number"),
        ("JPN>JPN:resist=0:0.1", "on itself"),
        ("JPX>KOR:resist=0:0.1", "no country or currency 'JPX'"),
        ("JPN>KOR:resits=0:0.1", "Did you mean resist"),
        ("KRW=-1", "no change of a currency"),
        ("KRW=nan", "no change of a currency"),
        ("KRW=ten", "no number"),
        ("KRW", "cannot read"),
        ("KRX=0.1", "Did you mean .*KRW"),
    ],
)
def test_what_makes_no_sense_is_refused(text, message):
    with pytest.raises(cn.UsageError, match=message):
        change(network(LINE, *ROWS), text)


def test_two_of_one_are_refused():
    net = network(LINE, *ROWS)
    with pytest.raises(cn.UsageError, match="two tariffs on one flow"):
        change(net, "JPN>KOR:resist=0:0.1", "일본>한국:resist=0:0.2")
    with pytest.raises(cn.UsageError, match="two swings"):
        change(net, "KRW=0.1", "KOR=0.2")
    with pytest.raises(cn.UsageError, match="cannot add up"):
        cn.cost_effects(net, level="planet")


def test_the_euro_is_one_currency():
    net = network(LINE.replace("JPN", "DEU").replace("fab@KOR", "fab@NLD"), *ROWS)
    assert change(net, "EUR=0.1")["chip"] == 0
    assert change(net, "NLD=0.1") == change(net, "EUR=0.1") == change(net, "DEU=0.1")
    with pytest.raises(cn.UsageError, match="two swings"):
        change(net, "EUR=0.1", "DEU=0.1")


# --- the bundled graph and the command line --------------------------------------------------------


def test_the_bundled_figures_are_of_a_believable_size():
    net = cn.load("japan-korea")
    assert (net.cost_shares.query("ref.str.contains('judgement')")["status"] == "assumed").all()

    def korean_dram(*what: str) -> dict[str, float]:
        tariffs = [cn.Tariff.parse(text) for text in what if ">" in text]
        swings = [cn.Swing.parse(text) for text in what if ">" not in text]
        table = cn.cost_effects(net, tariffs, swings, level="country")
        return table.set_index(["country", "product"]).loc[("KOR", "dram")].to_dict()

    # Resist is about 0.7 % of a chip's cost, and most of it comes from Japan: 6.5 % of that.
    resist = korean_dram("JPN>KOR:photoresist_all=0.065:0")
    assert -0.0007 < resist["low"] < resist["change"] < resist["high"] < -0.00005
    # Tools are about a third of the cost, and a third or more of them come from Japan.
    tools = korean_dram("JPN>KOR:equipment=0.08:0")
    assert -0.31 * 0.6 * 0.08 < tools["change"] < -0.31 * 0.2 * 0.08
    assert tools["at_once"] == 0
    weak_won = korean_dram("JPY=0.111")
    assert 0.001 < weak_won["at_once"] < 0.01 < weak_won["change"] < 0.03


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_toy(tmp_path_factory.mktemp("graphs") / "toy")


@pytest.fixture
def run(folder):
    def invoke(words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["--graph", str(folder), "costs", *words.split()])
        assert result.exit_code == code, result.output
        return result

    return invoke


def test_the_command_tells_per_cent_and_what_it_assumes(run):
    result = run("--tariff JPN>KOR:resist_all=0:0.1 --tariff USA>JPN:acid=0:0.1 --by firm")
    header, first, *rest = (re.split(r" {2,}", line) for line in result.stdout.splitlines())
    assert header == ["firm", "product", "change %", "low %", "high %", "at once %", "input", "assumed"]
    # Resist is 0.02 [0.01, 0.04] of the cost; of han's, 0.8 + 0.05 come from Japan.
    assert first == ["han", "chip", "0.170", "0.085", "0.340", "0.170", "resist_euv", "1.000"]
    assert rest == []
    assert "20 to 100 %, assumed" in result.stderr
    assert "Touches no purchase: USA>JPN:acid=0:0.1." in result.stderr


def test_the_command_refuses_what_makes_no_sense(run):
    assert "nothing changes" in run("", 2).stderr
    assert "Did you mean resist" in run("--tariff JPN>KOR:resist_evu=0:0.1", 2).stderr
    assert "no change of a currency" in run("--swing KRW=-3", 2).stderr


def test_a_partnership_spares_the_part_of_a_fall_that_it_prevents() -> None:
    effects = [
        {
            "effect": "tariff",
            "country": "JPN",
            "buyer": "KOR",
            "product": "resist",
            "before": "0.05",
            "after": "0",
        },
        {"effect": "exchange_rate", "country": "KOR", "buyer": "JPN", "before": "0.1", "after": "0.07"},
    ]
    net = draw(
        "resist => dram\n tok@JPN -> resist 1.0\n fab@KOR -> dram 1.0",
        partnerships=[{"partnership": "p", "name": "p", "type": "framework", "state": "proposed"}],
        effects=[{**row, "partnership": "p", "status": "assumed"} for row in effects],
    )
    tariffs, swings = cn.costs_of_partnerships(net, ["p"])
    assert [str(tariff) for tariff in tariffs] == ["JPN>KOR:resist=0.05:0"]
    # 0.93 of its value instead of 0.90: 3.3 % more.
    assert swings[0].country == "KOR"
    assert swings[0].change == pytest.approx(0.93 / 0.90 - 1)
    cost = cn.cost_effects(net, tariffs, swings).set_index("product")
    assert cost.loc["dram", "change"] < 0
