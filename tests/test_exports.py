"""Pictures as image files: what they hold, and what is said where they cannot be made."""

from __future__ import annotations

import sys
from collections import Counter

import pytest
from click.testing import CliRunner
from test_figures import needs_chromium, page_of, read_png, rgb, staged

from chainnet import UsageError, disrupt, figures
from chainnet.commands import main
from chainnet.figures.exports import labelled
from chainnet.figures.looks import STEPS
from chainnet.scenarios import Scenario


def picture():
    network = staged()
    return figures.draw(figures.pick(network, outcome=disrupt(network, Scenario.parse("JPN:resist"))))


def test_title_and_note_are_added_as_text_and_the_figure_stays_as_it_was():
    figure = picture()
    before = figure.to_json()
    copy = labelled(figure, "<b>A</b> " * 60, "one <i>note</i>\ntwo")
    assert figure.to_json() == before
    assert copy.layout.title.text.startswith("&lt;b&gt;A&lt;/b&gt;")
    # Three lines of a title of 24 + 26 pixels each, and two of the note: the picture keeps its own height.
    lines = copy.layout.title.text.count("<br>") + 1
    assert lines > 1
    assert copy.layout.height - figure.layout.height == 30 + 26 * lines + 16 + 17 * 2
    assert copy.layout.annotations[-1].text == "one &lt;i&gt;note&lt;/i&gt;<br>two"


def test_without_kaleido_both_things_needed_are_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "kaleido", None)
    with pytest.raises(UsageError, match=r"needs Kaleido.*chainnet\[export\].*chromium"):
        figures.image(picture(), "png", title="x")


def test_without_a_browser_both_things_needed_are_named(monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "/nowhere")
    with pytest.raises(UsageError, match=r"needs a Chromium browser.*chainnet\[export\].*chromium"):
        figures.image(picture(), "svg", title="x")


def test_nothing_is_fetched_to_draw_an_image(monkeypatch):
    import kaleido

    asked = {}
    monkeypatch.setattr(kaleido, "calc_fig_sync", lambda _, **options: asked.update(options) or b"")
    figures.image(picture(), "png", title="x")
    # Left to itself it loads MathJax from a server; Plotly is in the package.
    assert asked["kopts"] == {"mathjax": False}
    assert asked["opts"]["scale"] == 2


def test_an_ending_that_means_nothing_is_refused_before_the_work():
    done = CliRunner().invoke(main, ["plot", "heatmap", "-o", "picture.gif"])
    assert done.exit_code == 2
    assert ".html, .png, .svg or .pdf" in done.stderr


@pytest.mark.browser
def test_a_png_shows_what_the_page_shows():
    needs_chromium()
    data = figures.image(picture(), "png", title="What depends on it", note="A note.")
    rows = read_png(data)
    _, plan = page_of(staged(), "JPN:resist")
    assert len(rows[0]) == 2 * plan.width
    seen = Counter(pixel for row in rows for pixel in row)
    for _, colour, _ in STEPS:
        assert seen[rgb(colour)] > 100, colour
    # The title stands above the picture.
    assert sum(sum(pixel) < 200 for row in rows[:100] for pixel in row) > 500


@pytest.mark.browser
def test_a_pdf_and_an_svg_are_what_they_say(tmp_path):
    needs_chromium()
    for ending, head in (("pdf", b"%PDF-"), ("svg", b"<svg ")):
        path = tmp_path / f"picture.{ending}"
        done = CliRunner().invoke(main, ["plot", "heatmap", "--top", "3", "-o", str(path)])
        assert done.exit_code == 0, done.output
        assert path.read_bytes().startswith(head)
