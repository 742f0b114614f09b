"""Prices: how the record is read, and what rule of thumb comes of it."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from draw import draw
from hypothesis import given, settings
from hypothesis import strategies as st

import chainnet as cn
from chainnet.network import SupplyNetwork

#: One maker of each: what is closed is lost in full, and nobody steps in.
DRAWING = """
    tok@JPN -> resist 1
    han@KOR -> dram 1
    far@USA -> disk 1
    resist => dram
"""


def seen(event: str, quantity: str, selector: str, value: float, **cells: str) -> dict[str, str]:
    """One observation; its series is named after its kind."""
    row = {"event": event, "series": f"{selector} {quantity} {cells.get('coverage', '')}", "role": "context"}
    row |= {"quantity": quantity, "selector": selector, "value": str(value), "unit": "share"}
    return row | cells


RECORD = [
    # A fifth of the world's DRAM was lost in the worse of two months.
    seen("flood", "output", "dram", 0.9, period="2011-10"),
    seen("flood", "output", "dram", 0.8, period="2011-11"),
    seen("flood", "price", "dram", 1.9, period="2011-10", coverage="retail"),
    seen("flood", "price", "dram", 1.5, period="2011-11", coverage="retail"),
    seen("flood", "price", "dram", 1.1, period="2011-11", coverage="contract"),
    # Resist burned, no DRAM was lost: its price doubled and more.
    seen("fire", "output", "resist", 0.4),
    seen("fire", "output", "KOR:dram", 1.0),
    seen("fire", "price", "dram", 2.5, coverage="spot"),
    # Exports of resist, in tonnes, fell to nothing; at home in Japan it piled up.
    seen("ban", "shipment", "resist", 0.0, exporter="JPN", unit="t"),
    seen("ban", "price", "resist", 1.4, coverage="spot"),
    seen("ban", "price", "JPN:resist", 0.9, coverage="spot"),
    # A price and nothing else.
    seen("tremor", "price", "disk", 1.0, coverage="spot"),
]


def recorded(*rows: dict[str, str]) -> SupplyNetwork:
    return draw(DRAWING, observations=list(rows))


def test_the_record_is_read_series_by_series():
    table = cn.price_responses(recorded(*RECORD))
    shown = table[["event", "product", "kind", "supply", "peak", "lowest"]]
    assert shown.to_numpy().tolist() == [
        ["flood", "dram", "retail", "lost", 1.9, 1.5],
        ["flood", "dram", "contract", "lost", 1.1, 1.1],
        ["fire", "dram", "spot", "feared", 2.5, 2.5],
        ["ban", "resist", "spot", "lost", 1.4, 1.4],
        ["ban", "resist", "spot", "feared", 0.9, 0.9],  # in Japan nothing was lost
        ["tremor", "disk", "spot", "feared", 1.0, 1.0],
    ]
    # 1 - 0.8; nothing of it; what part of the world the ban held back is not recorded, nor the tremor's.
    assert table["lost"].tolist() == pytest.approx([0.2, 0.2, 0, math.nan, math.nan, math.nan], nan_ok=True)
    assert set(table["refs"]) == {"test"}


@pytest.mark.parametrize(
    ("unit", "value", "supply"),
    [
        ("share", 0.98, "lost"),
        ("share", 0.995, "feared"),  # half a point is rounding
        ("share of imports", 0.2, "feared"),  # a part, not a fall
        ("t", 0.3, "feared"),  # of what is not said
        ("t", 0.0, "lost"),
    ],
)
def test_what_counts_as_lost(unit, value, supply):
    net = recorded(seen("x", "shipment", "dram", value, unit=unit), seen("x", "price", "dram", 1.2))
    assert cn.price_responses(net)["supply"].tolist() == [supply]


def test_losses_of_other_events_products_and_quantities_do_not_count():
    net = recorded(
        seen("x", "price", "dram", 1.2),
        seen("y", "output", "dram", 0.5),
        seen("x", "output", "disk", 0.5),
        seen("x", "stock", "dram", 0.5),
    )
    assert cn.price_responses(net)["supply"].tolist() == ["feared"]


def test_one_range_for_all_that_runs_short_and_a_mark_beyond_the_record():
    net = recorded(*RECORD)
    run = cn.simulate(net, cn.Scenario.parse("tok@0+400"), days=400)
    table = cn.price_pressure(net, run)
    # Lost were the series with peaks 1.9, 1.1 and 1.4; the fear of 2.5 and the 0.9 at home are no loss.
    assert sorted(table["product"]) == ["dram", "resist"]
    assert (table[["price_low", "price_high", "records"]] == [1.1, 1.9, 3]).all(axis=None)
    # For a year nothing of either is made, and at most 0.2 is on record.
    assert table["beyond"].all()
    mild = cn.price_pressure(net, cn.simulate(net, cn.Scenario.parse("far@0+9"), days=90))
    # Nine days of ninety are a tenth at most, less what is made up for: the record holds more.
    assert mild["product"].tolist() == ["disk"]
    assert 0.05 < mild.loc[0, "loss"] <= 0.1
    assert not mild["beyond"].any()


def test_the_loss_is_the_mean_of_the_worst_ninety_days():
    net = recorded(*RECORD)
    run = cn.simulate(net, cn.Scenario.parse("tok@30+60"), days=300)
    output = run.by("product").to_numpy()
    names = list(run.by("product").columns)
    for row in cn.price_pressure(net, run).itertuples():
        path = output[:, names.index(row.product)]
        assert row.loss == pytest.approx(max(1 - path[day : day + 90].mean() for day in range(211)))


def test_who_only_sells_less_is_not_short():
    net = recorded(*RECORD)
    run = cn.simulate(net, cn.Scenario.parse("han@0+200"), days=200)
    assert run.by("product")["resist"].min() < 0.9
    assert cn.price_pressure(net, run)["product"].tolist() == ["dram"]


def test_what_a_control_holds_back_is_short():
    net = recorded(*RECORD)
    run = cn.simulate(net, cn.Scenario.parse("JPN>KOR:resist@0+200"), days=200)
    assert set(cn.price_pressure(net, run)["product"]) == {"dram", "resist"}


def test_a_fab_without_spare_parts_is_short():
    net = draw("lith@NLD -> scanner 1\n han@KOR -> dram 1\n scanner => dram capital")
    run = cn.simulate(net, cn.Scenario.parse("lith@0+900"), days=900)
    assert cn.price_pressure(net, run)["product"].tolist() == ["scanner", "dram"]


def test_without_a_record_there_is_no_range():
    net = recorded()
    assert cn.price_responses(net).empty
    table = cn.price_pressure(net, cn.simulate(net, cn.Scenario.parse("han@0+200"), days=200))
    assert table["product"].tolist() == ["dram"]
    assert table[["price_low", "price_high"]].isna().all(axis=None)
    assert table["records"].tolist() == [0]
    assert table["beyond"].all()


def test_where_nothing_is_lost_nothing_is_said():
    net = recorded(*RECORD)
    run = cn.simulate(net, cn.Scenario.parse("tok@0+1"), days=90)
    assert "dram" not in cn.price_pressure(net, run)["product"].tolist()


@given(st.lists(st.tuples(st.booleans(), st.floats(0.1, 9)), max_size=6))
@settings(max_examples=30)
def test_the_range_is_that_of_the_peaks_of_lost_supply(record):
    rows = []
    for number, (is_lost, peak) in enumerate(record):
        rows.append(seen(f"e{number}", "output", "dram", 0.9 if is_lost else 1.0))
        rows.append(seen(f"e{number}", "price", "dram", peak))
    net = recorded(*rows)
    table = cn.price_pressure(net, cn.simulate(net, cn.Scenario.parse("han@0+30"), days=30))
    peaks = [peak for is_lost, peak in record if is_lost]
    expected = [min(peaks), max(peaks)] if peaks else [math.nan, math.nan]
    assert table.loc[0, ["price_low", "price_high"]].tolist() == pytest.approx(expected, nan_ok=True)


@pytest.fixture(scope="module")
def responses() -> pd.DataFrame:
    return cn.price_responses(cn.load("japan-korea"))


def test_the_bundled_record_holds_what_sources_say(responses):
    peaks = responses.set_index(["event", "product", "kind"])["peak"]
    # AP, 21 July and 4 August 1993: 33 USD to 70 USD.
    assert peaks["1993-sumitomo-niihama-resin", "dram", "spot"] == pytest.approx(70 / 33, abs=0.005)
    # IHS: 51 USD to 66 USD, "up 28 percent"; MyCE: 65 USD to 150 USD.
    assert peaks["2011-thai-floods-hdd", "hdd", "average of all sales"] == pytest.approx(66 / 51, abs=0.02)
    assert peaks["2011-thai-floods-hdd", "hdd", "retail"] == pytest.approx(150 / 65, abs=0.005)
    # DRAMeXchange: 3.03 USD on 5 July 2019 to 3.74 USD on 19 July; contracts fell.
    assert peaks["2019-export-controls-hf", "dram", "spot"] == pytest.approx(3.74 / 3.03, abs=0.005)
    assert peaks["2019-export-controls-hf", "dram", "contract"] < 1
    assert peaks["2022-fukushima-quake", "nand", "spot"] == 1
    # Argus, middle of the ranges.
    assert responses["peak"][responses["series"] == "Germanium, fob China"].tolist() == pytest.approx(
        [2630 / 1160], abs=0.005
    )


def test_every_bundled_price_says_its_kind_and_its_product(responses):
    assert (responses[["kind", "product", "refs"]] != "").all(axis=None)
    lost = responses[responses["supply"] == "lost"]
    assert set(lost["product"]) == {
        "dram",
        "silicon_wafer",
        "hdd",
        "nand",
        "hydrogen_fluoride",
        "gallium",
        "germanium",
    }
    assert lost["lost"].max() == pytest.approx(1 - 0.704)
