"""The timeline: what it draws, and what it refuses."""

from __future__ import annotations

import pytest
from draw import draw

import chainnet as cn
from chainnet import figures

NET = """
    resist => dram
    tok@JPN -> resist 0.6
    dup@USA -> resist 0.4
    fab@KOR -> dram 1.0
"""


def test_lines_are_the_worst_hit_and_start_at_normal():
    net = draw(NET)
    figure = figures.timeline(net, "tok@10+200", level="firm", n=0, days=300)
    names = [trace.name for trace in figure.data]
    assert names[0] == "tok, resist"
    assert figure.data[0].y[0] == pytest.approx(100)
    assert min(figure.data[0].y) == pytest.approx(0)


def test_the_table_counts_the_days_drawn_and_no_others():
    net, shock = draw(NET), "tok@10+200"
    short = figures.timeline_table(net, shock, level="firm", days=60)
    long = figures.timeline_table(net, shock, level="firm", days=300)
    assert short.loc[short["name"] == "tok, resist", "days_lost"].item() == pytest.approx(50, abs=0.5)
    assert long.loc[long["name"] == "tok, resist", "days_lost"].item() > 150


def test_bands_hold_the_drawings():
    net = cn.load("japan-korea")
    figure = figures.timeline(net, "JPN:photoresist_arf@0+90", level="product", top=2, n=3, days=120)
    assert sum(trace.fill == "toself" for trace in figure.data) == 2


def test_recorded_targets_are_drawn_with_their_line():
    net = cn.load("japan-korea")
    figure = figures.timeline(net, cn.event("2011-thai-floods-hdd", net), level="product", n=0)
    assert any(trace.name and trace.name.startswith("recorded: Hard disks") for trace in figure.data)


def test_names_are_escaped():
    tables = draw(NET)
    firms = tables.firms
    firms.loc[firms["firm"] == "tok", "name"] = "<b>tok</b>"
    figure = figures.timeline(tables.replace(firms=firms), "tok@0+200", level="firm", n=0, days=250)
    assert figure.data[0].name == "&lt;b&gt;tok&lt;/b&gt;, resist"


@pytest.mark.parametrize(("shock", "top"), [("tok=1@0+5", 3), ("tok@0+90", 0), ("tok@0+90", 7)])
def test_nothing_to_draw_and_too_many_lines_are_refused(shock, top):
    with pytest.raises(cn.UsageError):
        figures.timeline(draw(NET), shock, top=top, n=0)
