"""Parameters: where a number comes from, and how it is varied."""

from __future__ import annotations

import pytest
from draw import draw

from chainnet import DataError, Parameters, Scenario, UsageError, simulate
from chainnet.parameters import parameters_of

NET = "resist in resists\nresist => dram\ntok@JPN -> resist 1.0\nfab@KOR -> dram 1.0"


def row(name: str, value: str, product: str = "", **more: str) -> dict[str, str]:
    return {
        "parameter": name,
        "product": product,
        "value": value,
        "unit": "days",
        "status": "assumed",
        **more,
    }


def test_the_nearest_number_is_used():
    net = draw(NET, parameters=[row("cover_days", "5"), row("cover_days", "7", "resists")])
    used = parameters_of(net)
    assert used.value("cover_days", "dram") == 5
    assert used.value("cover_days", "resist", "resists") == 7
    assert used.value("cover_days", "resist", "resists", known=9) == 9
    assert used.value("detection_days") == Parameters().value("detection_days")
    assert simulate(net, Scenario("none"), days=1).stocks["fab-dram", "resist"].iloc[0] == 7


def test_a_need_goes_before_the_table():
    tables = draw(NET, parameters=[row("cover_days", "5")]).tables
    needs = tables["needs"]
    needs["cover_days"] = 11.0
    net = draw(NET).replace(needs=needs, parameters=tables["parameters"])
    assert simulate(net, Scenario("none"), days=1).stocks["fab-dram", "resist"].iloc[0] == 11
    twice = parameters_of(net).scaled(cover_days=2)
    assert simulate(net, Scenario("none"), days=1, parameters=twice).stocks.iloc[0, 0] == 22


def test_parameters_are_values():
    one = Parameters()
    two = one.scaled(slack=2).scaled(slack=3).having(slack=0.2)
    assert one.value("slack") == 0.1
    assert two.value("slack") == pytest.approx(1.2)
    with pytest.raises(UsageError, match="no parameter 'slak'"):
        one.scaled(slak=2)
    with pytest.raises(UsageError, match="0 or more"):
        one.having(slack=-1)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (row("cover_days", "5", low="6"), "bad-range"),
        (row("cover_days", "5", high="4"), "bad-range"),
        (row("cover_days", "-5"), "negative"),
        (row("cover_days", "5", "resits"), "unknown-id"),
    ],
)
def test_a_table_that_makes_no_sense_is_said(bad, code):
    with pytest.raises(DataError, match=code):
        draw(NET, parameters=[bad])
