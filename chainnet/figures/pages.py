"""One offline page around a figure: a file that can be mailed, and that asks the network for nothing."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

import pandas as pd

from chainnet._version import __version__
from chainnet.figures.words import FONTS, LANGS, Lang, say

if TYPE_CHECKING:
    import plotly.graph_objects as go

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; worker-src blob:"
)
_STYLE = """
  body { margin: 0 auto; padding: 16px; max-width: 1384px; box-sizing: border-box; color: #1a1a1a;
    background: #fff; font: 15px/1.5 FONTS; }
  h1 { font-size: 22px; line-height: 1.3; margin: 0 0 12px; }
  h2 { font-size: 17px; margin: 28px 0 8px; }
  .wide { overflow-x: auto; }
  .wide .plotly-graph-div { margin: 0 auto; }
  .swipe { display: none; color: #5b6570; font-size: 13px; margin: 0 0 6px; }
  .note { max-width: 860px; font-size: 14px; color: #333; }
  .note p { margin: 6px 0; overflow-wrap: anywhere; }
  table { border-collapse: collapse; font-size: 13px; }
  th { text-align: left; white-space: nowrap; background: #f4f6f8; }
  th, td { padding: 3px 8px 3px 4px; border-bottom: 1px solid #dfe4e8; vertical-align: top; }
  td.number { text-align: right; white-space: nowrap; }
  tbody tr:hover { background: #f9fafb; }
  @media (max-width: 1000px) { .swipe { display: block; } }
  @media (max-width: 600px) { body { padding: 10px; } h1 { font-size: 18px; } }
  @media print { .swipe { display: none; } .wide { overflow: visible; } }
"""


def page(figure: go.Figure, *, title: str, note: str, table: pd.DataFrame | None = None) -> str:
    r"""Return one offline HTML page with a figure, a note and a table.

    The page holds all that it needs (some 5 MB, nearly all of it plotly.js) and carries a policy
    that forbids any request. Same input, same bytes.

    Parameters
    ----------
    figure
        The figure; its texts must have been escaped by its maker, as those of chainnet are. A
        language in ``layout.meta["lang"]`` is the language of the page.
    title
        Title, as plain text.
    note
        What is shown and how it is to be read, as plain text, a paragraph a line.
    table
        The figures, put beneath; cells are plain text.

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
    meta = figure.layout.meta
    lang: Lang = next(
        (known for known in LANGS if isinstance(meta, dict) and meta.get("lang") == known), "en"
    )
    drawn = figure.to_html(
        full_html=False,
        include_plotlyjs=True,
        div_id="chainnet-figure",
        config={"displaylogo": False, "displayModeBar": False, "responsive": False},
    )
    lines = [*filter(None, note.splitlines()), say("made_with", lang, version=__version__)]
    width = figure.layout.width
    swipe = f'<p class="swipe">{html.escape(say("swipe", lang))}</p>\n' if width and width > 400 else ""
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{lang}">',
            '<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(title)}</title>",
            f"<style>{_STYLE.replace('FONTS', FONTS[lang])}</style>",
            "</head>\n<body>",
            f"<h1>{html.escape(title)}</h1>",
            f'{swipe}<div class="wide" role="img" aria-label="{html.escape(title)}">{drawn}</div>',
            '<div class="note">',
            *(f"<p>{html.escape(line)}</p>" for line in lines),
            "</div>",
            *([] if table is None or table.empty else _table(table, lang)),
            "</body>\n</html>\n",
        ]
    )


def _table(table: pd.DataFrame, lang: Lang) -> list[str]:
    heads = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in table.columns)
    rows = [
        "<tr>" + "".join(_cell(value) for value in row) + "</tr>"
        for row in table.itertuples(index=False, name=None)
    ]
    return [
        f"<h2>{html.escape(say('table', lang))}</h2>",
        f'<div class="wide"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>',
        *rows,
        "</tbody>\n</table></div>",
    ]


def _cell(value: object) -> str:
    text = "" if isinstance(value, float) and math.isnan(value) else str(value)
    number = isinstance(value, (int, float)) or text.endswith(" %") or text == "–"
    return f'<td class="number">{html.escape(text)}</td>' if number else f"<td>{html.escape(text)}</td>"
