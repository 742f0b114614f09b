"""Pictures as image files: PNG, SVG and PDF, with the title above and the note below."""

from __future__ import annotations

import textwrap
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from chainnet.errors import UsageError
from chainnet.figures.canvas import safe, text_width

if TYPE_CHECKING:
    import plotly.graph_objects as go

Image = Literal["png", "svg", "pdf"]
IMAGES: tuple[Image, ...] = ("png", "svg", "pdf")
_TITLE, _NOTE, _LINE = 20, 12, 17
_HOW = (
    "Install both: `pip install 'chainnet[export]'` for Kaleido, and a browser, such as"
    " `apt-get install chromium fonts-noto-cjk`; `chainnet doctor` tells what is missing."
    " A page (.html) needs neither."
)


def image(figure: go.Figure, kind: Image, *, title: str, note: str = "") -> bytes:
    """Return a picture as an image file.

    Parameters
    ----------
    figure
        The figure, as for :func:`page`.
    kind
        ``png`` (twice as fine as on the screen), ``svg`` or ``pdf``.
    title, note
        Plain texts, put above and below; a paragraph a line.

    Returns
    -------
    bytes
        The content of the file.

    Raises
    ------
    UsageError
        There is no such kind, or Kaleido or a Chromium browser is missing.

    Examples
    --------
    >>> import plotly.graph_objects as go
    >>> image(go.Figure(), "gif", title="Nothing")
    Traceback (most recent call last):
    ...
    chainnet.errors.UsageError: cannot draw an image of kind 'gif'; use png, svg, pdf.
    """
    if kind not in IMAGES:
        raise UsageError(f"cannot draw an image of kind {kind!r}; use {', '.join(IMAGES)}.")
    try:
        kaleido = import_module("kaleido")
    except ImportError as error:
        raise UsageError(f"a .{kind} file needs Kaleido, which is not installed. {_HOW}") from error
    drawn = labelled(figure, title, note).to_dict()
    size = {side: drawn["layout"][side] for side in ("width", "height")}
    options = {"format": kind, "scale": 2 if kind == "png" else 1, **size}
    try:
        # Kaleido would fetch MathJax from the network, which names with a dollar sign could then use.
        made: bytes = kaleido.calc_fig_sync(drawn, opts=options, kopts={"mathjax": False})
    except RuntimeError as error:
        raise UsageError(
            f"a .{kind} file needs a Chromium browser, and Kaleido could not start one. {_HOW}"
        ) from error
    return made


def labelled(figure: go.Figure, title: str, note: str) -> go.Figure:
    """Return a copy of a figure with its title above and its note below.

    Parameters
    ----------
    figure
        The figure, with its size and margins.
    title, note
        Plain texts.

    Returns
    -------
    plotly.graph_objects.Figure
        The copy, higher by what was added.

    Examples
    --------
    >>> import plotly.graph_objects as go
    >>> figure = go.Figure(layout={"width": 500, "height": 300, "margin": {"t": 10, "b": 10}})
    >>> labelled(figure, "A & B", "").layout.title.text
    'A &amp; B'
    """
    import plotly.graph_objects as go

    copy = go.Figure(figure)
    layout = copy.layout
    width, height = layout.width or 700, layout.height or 450
    above = layout.margin.t if layout.margin.t is not None else 100
    below = layout.margin.b if layout.margin.b is not None else 80
    heads = _broken(title, width - 40, _TITLE)
    lines = [part for line in note.splitlines() for part in _broken(line, width - 40, _NOTE)]
    top, bottom = 30 + 26 * len(heads), 16 + _LINE * len(lines)
    copy.update_layout(
        width=width,
        height=height + top + bottom,
        margin={"t": above + top, "b": below + bottom},
        title={
            "text": "<br>".join(map(safe, heads)),
            "x": 20 / width,
            "xanchor": "left",
            "y": 1 - 16 / (height + top + bottom),
            "yanchor": "top",
            "font": {"size": _TITLE},
        },
    )
    if lines:
        copy.add_annotation(
            text="<br>".join(map(safe, lines)),
            xref="paper",
            yref="paper",
            x=0,
            y=0,
            xshift=20 - (layout.margin.l if layout.margin.l is not None else 80),
            yshift=-below,
            xanchor="left",
            yanchor="top",
            align="left",
            showarrow=False,
            font={"size": _NOTE, "color": "#333333"},
        )
    return copy


def _broken(text: str, width: float, size: float) -> list[str]:
    """Break a text into lines of a width in pixels."""
    letters = int(width * len(text) / max(text_width(text, size), 1.0))
    return textwrap.wrap(text, max(letters, 10))
