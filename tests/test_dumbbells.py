"""Dumbbells: what is drawn of a comparison, and what is not."""

from __future__ import annotations

import pandas as pd
import pytest

from chainnet import UsageError, figures

NAN = float("nan")
TABLE = pd.DataFrame(
    [
        ("p", "pairs", 5.0, 3.0, -2.0, -3.0, -1.0),
        ("q", "pairs", 5.0, 5.0, 0.0, NAN, NAN),
        ("q", "days", 2.0, 2.0, 0.0, -0.5, 0.0),
        ("<b>r</b>", "days", 2.0, 1.5, -0.5, NAN, NAN),
    ],
    columns=["partnership", "measure", "before", "after", "change", "low", "high"],
)


def test_a_panel_a_measure_and_a_line_a_partnership_that_moves():
    figure = figures.compare(TABLE)
    assert [note.text for note in figure.layout.annotations] == ["pairs", "change", "days", "change"]
    after = [trace for trace in figure.data if trace.name == "after"]
    assert [list(trace.y) for trace in after] == [["p"], ["q", "&lt;b&gt;r&lt;/b&gt;"]]
    assert after[0].x[0] == 3
    change = next(trace for trace in figure.data if trace.marker.symbol == "diamond")
    # The interval of the change: -3 to -1, around -2.
    assert (change.x[0], change.error_x.arrayminus[0], change.error_x.array[0]) == (-2, 1, 1)


def test_a_comparison_of_two_networks_has_one_line():
    figure = figures.compare(TABLE.head(1).drop(columns="partnership"))
    assert list(figure.data[1].y) == ["after"]


def test_nothing_that_changes_is_nothing_to_draw():
    with pytest.raises(UsageError, match="nothing changes"):
        figures.compare(TABLE.iloc[1:2])
