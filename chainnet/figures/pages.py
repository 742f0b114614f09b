"""One offline page around figures: a file that can be mailed, and that asks the network for nothing."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import pandas as pd

from chainnet._version import __version__
from chainnet.figures.styles import SCRIPT, STYLE
from chainnet.figures.words import FONTS, LANGS, Lang, say

if TYPE_CHECKING:
    import plotly.graph_objects as go

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; worker-src blob:"
)
#: What fits on a sheet of A4 with its heading: width and height in pixels, upright and across.
_UPRIGHT, _ACROSS = (703, 940), (1031, 620)
#: A figure that shrinks to less than this is laid across, if it is larger there.
_LEGIBLE = 0.65
#: plotly.js with the traces of plots in a plane, from the npm package plotly.js-cartesian-dist-min 4.1.1.
BUNDLE = "plotly-cartesian.min.js"
_BUNDLED = {"scatter", "bar", "heatmap"}
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")


@dataclass(frozen=True)
class Section:
    """A part of a page; whatever it lacks is left out.

    Parameters
    ----------
    heading
        Its heading, as plain text.
    figure
        A figure; its texts must have been escaped by its maker, as those of chainnet are.
    note
        What is to be read with it, as plain text, a paragraph a line.
    points
        A list, as plain text.
    table
        A table; cells are plain text.
    addresses
        Name of the table's column that holds web addresses: they become links, which nothing
        follows unless a reader does.
    """

    heading: str = ""
    figure: go.Figure | None = None
    note: str = ""
    points: tuple[str, ...] = ()
    table: pd.DataFrame | None = None
    addresses: str = ""


def page(
    figure: go.Figure | None,
    *,
    title: str,
    note: str,
    table: pd.DataFrame | None = None,
    sections: Sequence[Section] = (),
    lang: Lang | None = None,
) -> str:
    r"""Return one offline HTML page with a figure, a note and a table, and sections of more.

    The page holds all that it needs (some 2 MB if there is a figure, most of it plotly.js; 5 MB
    with a figure beyond lines, bars and heatmaps) and carries a policy that forbids any request.
    Tables can be sorted and copied; on paper figures are as wide as the sheet. Same input, same
    bytes.

    Parameters
    ----------
    figure
        The figure, or none; its texts must have been escaped by its maker, as those of chainnet
        are.
    title
        Title, as plain text.
    note
        What is shown and how it is to be read, as plain text, a paragraph a line.
    table
        The figures, put beneath; cells are plain text.
    sections
        What comes below.
    lang
        Language of the page; None is that of the figure, in its ``layout.meta["lang"]``.

    Returns
    -------
    str
        The content of an HTML file.

    Examples
    --------
    >>> import plotly.graph_objects as go
    >>> text = page(go.Figure(), title="A & B", note="Nothing.\nMuch.")
    >>> "<title>A &amp; B</title>" in text, "<p>Much.</p>" in text
    (True, True)
    """
    parts = [Section(figure=figure, note=note, table=table), *sections]
    lang = lang or _language(parts)
    figures = [part.figure for part in parts if part.figure is not None]
    numbers = iter(range(1, len(figures) + 1))
    body = [line for part in parts for line in _section(part, lang, title, numbers)]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{lang}">',
            '<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(title)}</title>",
            f"<style>{STYLE.replace('FONTS', FONTS[lang])}</style>",
            *(_library(figures) if figures else []),
            "</head>\n<body>",
            f"<h1>{html.escape(title)}</h1>",
            *body,
            f'<p class="made">{html.escape(say("made_with", lang, version=__version__))}</p>',
            f"<script>{SCRIPT}</script>",
            "</body>\n</html>\n",
        ]
    )


def _language(parts: Sequence[Section]) -> Lang:
    metas = [part.figure.layout.meta for part in parts if part.figure is not None]
    told = [meta["lang"] for meta in metas if isinstance(meta, dict) and "lang" in meta]
    return next((known for known in LANGS if known in told[:1]), "en")


def _library(figures: Sequence[go.Figure]) -> list[str]:
    """Return plotly.js for some figures: the bundle of a third of the size, if it draws all of them."""
    from plotly.offline import get_plotlyjs

    traces = {trace.type for figure in figures for trace in figure.data}
    code = (
        resources.files("chainnet.figures").joinpath(BUNDLE).read_text("utf-8") if traces <= _BUNDLED else ""
    )
    settings = "window.PlotlyConfig = {MathJaxConfig: 'local'};"
    return [f"<script>{settings}</script>", f"<script>{code or get_plotlyjs()}</script>"]


def _section(part: Section, lang: Lang, title: str, numbers: Iterator[int]) -> list[str]:
    """Return the lines of a section; ``numbers`` counts the figures of the page."""
    name = part.heading or title
    lines = [f"<h2>{html.escape(part.heading)}</h2>"] if part.heading else []
    if part.figure is not None:
        shape = "shown across" if _paper(part.figure)[1] else "shown"
        lines = [f'<div class="{shape}">', *lines, *_figure(part.figure, name, lang, next(numbers)), "</div>"]
    if part.note:
        told = [f"<p>{_prose(line)}</p>" for line in part.note.splitlines() if line]
        lines += ['<div class="note">', *told, "</div>"]
    if part.points:
        told = [f"<li>{_prose(point)}</li>" for point in part.points]
        lines += ['<ol class="points">', *told, "</ol>"]
    if part.table is not None and not part.table.empty:
        level = "h3" if part.heading else "h2"
        lines += [f"<{level}>{html.escape(say('table', lang))}</{level}>"] if part.figure is not None else []
        lines += _table(part.table, name, lang, part.addresses)
    return ["<section>", *lines, "</section>"]


def _prose(text: str) -> str:
    """Return a text whose numbers stay on one line with their sign of percent."""
    return html.escape(text).replace(" %", "\u00a0%")


def _figure(figure: go.Figure, name: str, lang: Lang, number: int) -> list[str]:
    drawn = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        div_id=f"chainnet-figure-{number}" if number > 1 else "chainnet-figure",
        config={"displaylogo": False, "displayModeBar": False, "responsive": False},
    )
    width, height = _size(figure)
    shrink = _paper(figure)[0]
    paper = f"--shrink:{shrink:.4f};--broad:{width * shrink:.0f}px;--tall:{height * shrink:.0f}px"
    swipe = [f'<p class="swipe">{html.escape(say("swipe", lang))}</p>'] if width > 400 else []
    label = html.escape(name)
    return [*swipe, f'<div class="wide" role="img" aria-label="{label}" style="{paper}">{drawn}</div>']


def _size(figure: go.Figure) -> tuple[float, float]:
    return figure.layout.width or 700, figure.layout.height or 450


def _paper(figure: go.Figure) -> tuple[float, bool]:
    """Return by how much a figure shrinks on paper, and whether the sheet lies across."""
    upright, across = (
        min(1.0, *(room / side for room, side in zip(sheet, _size(figure), strict=True)))
        for sheet in (_UPRIGHT, _ACROSS)
    )
    return (across, True) if upright < min(_LEGIBLE, across) else (upright, False)


def _table(table: pd.DataFrame, name: str, lang: Lang, addresses: str) -> list[str]:
    heads = "".join(f'<th scope="col" tabindex="0">{html.escape(str(name))}</th>' for name in table.columns)
    links = [column == addresses for column in table.columns]
    rows = [
        "<tr>" + "".join(map(_cell, row, links)) + "</tr>" for row in table.itertuples(index=False, name=None)
    ]
    copy, done, sort = (html.escape(say(key, lang)) for key in ("copy", "copied", "sort"))
    return [
        f'<p class="tools"><button type="button" class="copy" data-done="{done}">{copy}</button> {sort}</p>',
        f'<div class="rows"><table aria-label="{html.escape(name)}">',
        f"<thead><tr>{heads}</tr></thead>\n<tbody>",
        *rows,
        "</tbody>\n</table></div>",
    ]


def _cell(value: object, link: bool) -> str:  # noqa: FBT001, mapped over two columns
    text = "" if isinstance(value, float) and math.isnan(value) else str(value)
    shown = html.escape(text)
    if link and _ADDRESS.fullmatch(text):
        return f'<td><a href="{shown}" rel="noopener noreferrer">{shown}</a></td>'
    number = isinstance(value, (int, float)) or text.endswith(" %") or text == "–"
    return f'<td class="number">{shown}</td>' if number else f"<td>{shown}</td>"
