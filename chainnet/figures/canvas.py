"""A drawing surface in pixels on a Plotly figure: boxes, curves, marks, texts and what is told on hover.

One unit of both axes is one pixel, y runs downwards. Whatever is given as text is plain text: it
is escaped here, and only here, before it reaches Plotly, which reads tags in every text.
"""

from __future__ import annotations

import html
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Anchor = Literal["left", "center", "right"]


class Rect(NamedTuple):
    """A rectangle by its left, top, right and bottom edges."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return (self.top + self.bottom) / 2


class Pen(NamedTuple):
    """How a line looks."""

    color: str
    width: float
    dash: str = "solid"


class Face(NamedTuple):
    """How a text looks."""

    size: float
    color: str
    anchor: Anchor = "left"
    bold: bool = False


class Mark(NamedTuple):
    """How a mark looks."""

    symbol: str
    size: float
    fill: str
    line: str


def safe(text: str) -> str:
    """Escape plain text for Plotly, which reads tags and entities but no quotes.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        Text that is shown as it was.

    Examples
    --------
    >>> safe('<b>"A&B"</b>')
    '&lt;b&gt;"A&amp;B"&lt;/b&gt;'
    """
    return html.escape(text, quote=False)


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimate the width of a text in pixels, on the safe side.

    Parameters
    ----------
    text
        Plain text.
    size
        Size of the letters in pixels.
    bold
        Whether they are bold.

    Returns
    -------
    float
        Width; Chinese, Japanese and Korean letters are as wide as they are high.

    Examples
    --------
    >>> text_width("반도체", 10), text_width("abc", 10) < 20
    (30.0, True)
    """
    ems = sum(_ems(letter) for letter in text)
    return ems * size * (1.06 if bold else 1.0)


def _ems(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return 1.0
    if letter in "ijl.,:;|'!()[] ·":
        return 0.32
    if letter.isupper() or letter in "mw%≈@":
        return 0.7 if letter not in "mw%@≈W" else 0.9
    return 0.58


def wrap(text: str, width: float, face: Face, lines: int = 2) -> list[str]:
    """Break a text into lines that fit, with … where it must be cut.

    Parameters
    ----------
    text
        Plain text.
    width
        Room in pixels.
    face
        How it is written.
    lines
        At most so many lines.

    Returns
    -------
    list of str
        At least one line.

    Examples
    --------
    >>> wrap("Extreme ultraviolet scanner", 80, Face(12, "black"))
    ['Extreme', 'ultraviolet…']
    """

    def fits(part: str) -> bool:
        return text_width(part, face.size, bold=face.bold) <= width

    def most(part: str, tail: str = "") -> int:
        return next((n for n in range(len(part), 1, -1) if fits(part[:n].rstrip() + tail)), 1)

    done: list[str] = []
    rest = " ".join(text.split())
    while len(done) < lines - 1 and most(rest) < len(rest):
        cut = _break(rest, most(rest))
        done.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest and most(rest) < len(rest):
        rest = f"{rest[: most(rest, '…')].rstrip()}…"
    done += [rest] if rest else []
    return done or [""]


def _break(text: str, most: int) -> int:
    """Where to break a line of at most so many letters: after a space, a hyphen or a slash if need be.

    Japanese and Korean may break anywhere.
    """
    cut = max(text.rfind(" ", 0, most + 1), *(text.rfind(sign, 0, most) + 1 for sign in "-/"))
    wide = any(unicodedata.east_asian_width(letter) == "W" for letter in text[max(cut, 0) : most])
    return cut if cut > 0 and not (wide and cut < most / 2) else most


@dataclass
class Canvas:
    """What is drawn, gathered by look, so that each look becomes one Plotly trace."""

    lines: dict[Pen, list[Sequence[tuple[float, float]]]] = field(default_factory=lambda: defaultdict(list))
    boxes: dict[tuple[str, Pen], list[Rect]] = field(default_factory=lambda: defaultdict(list))
    arrows: dict[Mark, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    marks: dict[Mark, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    texts: dict[Face, list[tuple[float, float, str]]] = field(default_factory=lambda: defaultdict(list))
    told: list[tuple[float, float, str]] = field(default_factory=list)
    bands: list[Rect] = field(default_factory=list)

    def text(self, x: float, y: float, words: str, face: Face) -> None:
        """Write plain text, its middle at height y."""
        written = f"<b>{safe(words)}</b>" if face.bold else safe(words)
        self.texts[face].append((x, y, written))

    def box(self, rect: Rect, fill: str, pen: Pen) -> None:
        """Draw a box that hides the lines behind it."""
        self.boxes[fill, pen].append(rect)

    def tell(self, rect: Rect, lines: Iterable[str]) -> None:
        """Tell something where a rectangle is pointed at: plain text, the first line in bold."""
        head, *rest = [safe(line) for line in lines]
        words = "<br>".join([f"<b>{head}</b>", *rest])
        steps = max(1, round((rect.right - rect.left) / 36))
        for k in range(steps):
            x = rect.left + (rect.right - rect.left) * (k + 0.5) / steps
            self.told.append((round(x, 1), round(rect.middle, 1), words))

    def curve(
        self, start: tuple[float, float], end: tuple[float, float], pen: Pen, *, loop: float = 0.0
    ) -> tuple[float, float]:
        """Draw a curve that leaves and arrives level, and return its middle; ``loop``: out and back."""
        (x0, y0), (x1, y1) = start, end
        reach = (x1 - x0) / 2
        a, b = (x0 + loop, x1 + loop) if loop else (x0 + reach, x1 - reach)
        points = []
        steps = 2 * max(6, min(20, round((abs(x1 - x0) + abs(y1 - y0)) / 30)))
        for k in range(steps + 1):
            t = k / steps
            p, q, r, s = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            points.append((round(p * x0 + q * a + r * b + s * x1, 1), round((p + q) * y0 + (r + s) * y1, 1)))
        self.lines[pen].append(points)
        return points[steps // 2]

    def traces(self) -> list[Any]:
        """Return the Plotly traces, what lies behind first."""
        import plotly.graph_objects as go

        quiet: dict[str, Any] = {"hoverinfo": "skip", "showlegend": False}
        made: list[Any] = []
        for pen, lines in self.lines.items():
            made.append(go.Scatter(**_strung(lines), mode="lines", line=_line(pen), **quiet))
        made += [_dots(mark, points, quiet) for mark, points in self.arrows.items()]
        for (fill, pen), rects in self.boxes.items():
            outline = _strung([_corners(rect) for rect in rects])
            look = {"fill": "toself", "fillcolor": fill, "line": _line(pen)}
            made.append(go.Scatter(**outline, mode="lines", **look, **quiet))
        made += [_dots(mark, points, quiet) for mark, points in self.marks.items()]
        for face, texts in self.texts.items():
            side = {"left": "middle right", "right": "middle left", "center": "middle center"}[face.anchor]
            at: dict[str, Any] = dict(
                zip(("x", "y", "text"), map(list, zip(*texts, strict=True)), strict=True)
            )
            font = {"size": face.size, "color": face.color}
            made.append(go.Scatter(**at, mode="text", textposition=side, textfont=font, **quiet))
        if self.told:
            made.append(
                go.Scatter(
                    x=[t[0] for t in self.told],
                    y=[t[1] for t in self.told],
                    hovertext=[t[2] for t in self.told],
                    hovertemplate="%{hovertext}<extra></extra>",
                    mode="markers",
                    marker={"size": 12, "opacity": 0, "color": "#ffffff"},
                    showlegend=False,
                )
            )
        return made


def _line(pen: Pen) -> dict[str, object]:
    return {"color": pen.color, "width": pen.width, "dash": pen.dash}


def _corners(rect: Rect) -> list[tuple[float, float]]:
    left, top, right, bottom = rect
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def _strung(lines: Iterable[Sequence[tuple[float, float]]]) -> dict[str, list[float | None]]:
    """Join lines into one, with a gap between them."""
    x: list[float | None] = []
    y: list[float | None] = []
    for points in lines:
        x += [*(point[0] for point in points), None]
        y += [*(point[1] for point in points), None]
    return {"x": x[:-1], "y": y[:-1]}


def _dots(mark: Mark, points: Sequence[tuple[float, float]], quiet: dict[str, Any]) -> Any:  # noqa: ANN401
    import plotly.graph_objects as go

    look = {"symbol": mark.symbol, "size": mark.size, "color": mark.fill}
    look["line"] = {"color": mark.line, "width": 1.2}
    return go.Scatter(
        x=[p[0] for p in points], y=[p[1] for p in points], mode="markers", marker=look, **quiet
    )
