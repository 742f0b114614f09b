"""The layered picture: stages from left to right, a box for each product, its makers in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainnet.cascade import Outcome
from chainnet.errors import UsageError
from chainnet.figures.canvas import Canvas, Face, Mark, Pen, Rect, text_width, wrap
from chainnet.figures.looks import (
    ACCENT,
    ALARM,
    GREY,
    INK,
    MARKS,
    NAME,
    SEEN,
    SUB,
    exposed,
    lost_of,
    name_of,
    pen_of,
    step_of,
)
from chainnet.figures.planning import LINE, MOST, PAD, ROW, Plan, ports
from chainnet.figures.telling import tell_card, tell_link, tell_rest, tell_row
from chainnet.figures.views import Card, Direction, Row, View, pick
from chainnet.figures.words import FONTS, Lang, hedged, minus, percent, say
from chainnet.network import SupplyNetwork

if TYPE_CHECKING:
    import plotly.graph_objects as go


def layers(
    network: SupplyNetwork,
    *,
    focus: str | None = None,
    depth: int | None = None,
    direction: Direction = "both",
    outcome: Outcome | None = None,
    lang: Lang = "en",
) -> go.Figure:
    """Draw the chain from raw material to end use, left to right.

    Each box is a product, in the column of its stage; lines lead from an input to what needs it.
    A picture with a focus or an outcome lists the makers in the boxes, those with the largest
    share of the world's output first; the picture of everything counts them. A firm in focus is
    one box with all that it makes.

    Parameters
    ----------
    network
        The network.
    focus
        A firm or product, by its identifier or a name in any language: only what lies around it is
        drawn.
    depth
        How many steps from the focus: 1 is its inputs and its users. None is 1 around a firm, 2
        around a product.
    direction
        ``up`` (what the focus needs), ``down`` (what needs it) or ``both``.
    outcome
        What a shock does, from :func:`chainnet.disrupt`: colours show the output lost, and
        without a focus only what is hit, and the direct surroundings of the shock, are drawn.
    lang
        ``en``, ``ja`` or ``ko``.

    Returns
    -------
    plotly.graph_objects.Figure
        A figure of fixed size, one unit a pixel; all text in it is escaped.

    Raises
    ------
    UsageError
        There is too much to draw, or nothing; the error says what to ask for instead.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> outcome = cn.disrupt(net, cn.Scenario.parse("JPN:photoresist_all"))
    >>> cn.figures.layers(net, outcome=outcome, lang="ko").layout.meta["lang"]
    'ko'
    """
    return draw(pick(network, focus=focus, depth=depth, direction=direction, outcome=outcome, lang=lang))


def draw(view: View) -> go.Figure:
    """Draw a picked part of a network.

    Parameters
    ----------
    view
        What to show.

    Returns
    -------
    plotly.graph_objects.Figure
        See :func:`layers`.

    Examples
    --------
    >>> import chainnet as cn
    >>> view = pick(cn.load("japan-korea"), focus="euv_scanner", depth=1)
    >>> draw(view).layout.width >= 640
    True
    """
    too_many = len(view.cards) > MOST or len(view.links) > 4 * MOST
    if too_many or not view.cards:
        what = f"{len(view.cards):,} products and {len(view.links):,} needs"
        raise UsageError(
            f"{what} make no readable picture (at most {MOST:,} and {4 * MOST:,}). "
            "Draw what lies around one of them: --focus NAME --depth 1."
            if too_many
            else "there is nothing to draw: the network has no products."
        )
    plan = Plan(view)
    canvas = Canvas()
    _Painter(plan, canvas).paint()
    return sheet(canvas, (plan.width, plan.height), view.lang)


def sheet(canvas: Canvas, size: tuple[float, float], lang: Lang) -> go.Figure:
    """Return the figure of a canvas: of fixed size, without axes.

    Parameters
    ----------
    canvas
        What is drawn.
    size
        Width and height in pixels.
    lang
        Language, for the fonts and the page.

    Returns
    -------
    plotly.graph_objects.Figure
        The figure.
    """
    import plotly.graph_objects as go

    width, height = map(round, size)
    figure = go.Figure(canvas.traces())
    hidden = {"visible": False, "fixedrange": True}
    figure.update_layout(
        template="none",
        width=width,
        height=height,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        xaxis={**hidden, "range": [0, width]},
        yaxis={**hidden, "range": [height, 0]},
        font={"family": FONTS[lang], "size": 12, "color": INK},
        paper_bgcolor="#ffffff",
        plot_bgcolor="#ffffff",
        showlegend=False,
        dragmode=False,
        hovermode="closest",
        hoverdistance=22,
        hoverlabel={
            "align": "left",
            "bgcolor": "#ffffff",
            "bordercolor": GREY,
            "font": {"size": 12, "color": INK},
        },
        meta={"lang": lang},
        shapes=[_band(rect) for rect in canvas.bands],
    )
    return figure


def _band(rect: Rect) -> dict[str, object]:
    place = {"x0": rect.left, "x1": rect.right, "y0": rect.top, "y1": rect.bottom}
    return {"type": "rect", "layer": "below", "fillcolor": "#f4f6f8", "line": {"width": 0}, **place}


class _Painter:
    """Puts a plan on a canvas."""

    def __init__(self, plan: Plan, canvas: Canvas) -> None:
        self.plan, self.canvas, self.view = plan, canvas, plan.view
        self.lang = plan.view.lang

    def paint(self) -> None:
        """Draw it all."""
        self._stages()
        self._legend()
        self._lines()
        for card in self.view.cards:
            if self.plan.dense:
                self._dot(card)
            else:
                self._card(card)

    def _stages(self) -> None:
        plan = self.plan
        face = Face(13, GREY, "center", bold=True)
        for c, (stages, _) in enumerate(plan.columns):
            own = [lane for lane, (column, _) in enumerate(plan.lanes) if column == c]
            left, right = plan.left(own[0]), plan.left(own[-1]) + plan.box
            self.canvas.bands.append(Rect(left - 8, plan.top - 32, right + 8, plan.height - 4))
            words = " · ".join(say(stage, self.lang) for stage in stages)
            self.canvas.text((left + right) / 2, plan.top - 18, wrap(words, right - left, face, 1)[0], face)

    def _legend(self) -> None:
        for number, line in enumerate(self.plan.key):
            y = 12 + 20.0 * number
            for kind, words, x in line:
                self._sample(kind, x, y)
                self.canvas.text(x + (0 if kind == "words" else 32), y, words, Face(11, GREY))

    def _sample(self, kind: str, x: float, y: float) -> None:
        rect = Rect(x + 4, y - 6, x + 28, y + 6)
        if kind.startswith("step"):
            most = int(kind.removeprefix("step")) / 100
            self.canvas.box(rect, step_of(most)[0], Pen(GREY, 1))
        elif kind in ("closed", "held"):
            self.canvas.marks[MARKS[kind]].append((x + 16, y))
        elif kind in ("focus", "sole"):
            self.canvas.box(rect, "#ffffff", Pen(ACCENT, 3) if kind == "focus" else Pen(ALARM, 2))
        elif kind != "words":
            status = kind.removeprefix("line-") if kind.startswith("line-") else "observed"
            use = "capital" if kind == "capital" else "consumed"
            self.canvas.lines[pen_of(use, status, live=kind == "live", crowded=False)].append(
                [(x, y), (x + 28, y)]
            )

    def _lines(self) -> None:
        ends = ports(self.plan)
        for link in sorted(self.view.links, key=lambda link: (link.live, link.use == "consumed")):
            start, end, way = ends[link.source, link.target]
            if self.plan.dense:
                self.canvas.lines[Pen("#00224e", 1.2) if link.live else Pen("#e1e5e9", 0.6)].append(
                    [start, end]
                )
                continue
            pen = pen_of(link.use, link.status, live=link.live, crowded=len(self.view.links) > 120)
            loop = 0.75 * self.plan.gap if way == "loop" else 0.0
            middle = self.canvas.curve(start, end, pen, loop=loop)
            symbol = "triangle-right" if way == "on" else "triangle-left"
            size = 9 if link.live else 6
            tip = end[0] - size / 3 if way == "on" else end[0] + size / 3
            self.canvas.arrows[Mark(symbol, size, pen.color, pen.color)].append((round(tip, 1), end[1]))
            told = tell_link(self.view, link)
            for x, y in (middle, (tip, end[1])):
                self.canvas.tell(Rect(x - 2, y, x + 2, y), told)

    def _dot(self, card: Card) -> None:
        rect = self.plan.rects[card.key]
        fill = step_of(card.loss)[0] if self.view.outcome else GREY
        self.canvas.marks[Mark("circle", 7, fill, GREY)].append((rect.left + 4, rect.middle))
        self.canvas.tell(rect, tell_card(self.view, card))
        if card.key in self.plan.labelled:
            words = wrap(card.label, self.plan.box - 14, NAME, 1)[0]
            self.canvas.text(rect.left + 10, rect.middle, words, NAME)

    def _card(self, card: Card) -> None:
        plan, canvas = self.plan, self.canvas
        rect = plan.rects[card.key]
        head = Rect(rect.left, rect.top, rect.right, rect.top + plan.head_of(card))
        fill, ink = step_of(card.loss)
        pen = Pen(ACCENT, 3) if card.focus else Pen(ALARM, 2) if card.sole else Pen("#9aa4ae", 1)
        canvas.box(rect, "#ffffff", pen)
        if fill != "#ffffff":
            canvas.box(Rect(head.left + 1, head.top + 1, head.right - 1, head.bottom - 1), fill, Pen(fill, 0))
        y = head.top + PAD + LINE / 2
        for line in plan.title(card):
            canvas.text(head.left + 4, y, line, Face(12, ink, bold=True))
            y += LINE
        number = lost_of(card)
        if number:
            canvas.text(head.right - 3, head.top + PAD + LINE / 2, number, Face(12, ink, "right", bold=True))
        counted = plan.rows == 0 and not card.firm
        if counted:
            canvas.text(head.left + 4, y, self._sub(card), Face(10, ink if number else GREY))
        if card.held or (card.closed and counted):
            canvas.marks[MARKS["held" if card.held else "closed"]].append((head.left, head.top))
        canvas.tell(head, tell_card(self.view, card))
        if not counted:
            self._rows(card, Rect(rect.left, head.bottom, rect.right, rect.bottom))

    def _sub(self, card: Card) -> str:
        if card.sole:
            words = say("sole", self.lang, name=name_of(card.sole, self.lang))
        elif not card.rows:
            words = say("no_makers", self.lang)
        else:
            words = say("maker" if len(card.rows) == 1 else "makers", self.lang, n=len(card.rows))
        if exposed(card):
            words = f"{say('tools', self.lang, value=percent(card.exposure))} · {words}"
        return wrap(words, self.plan.box - 10, SUB, 1)[0]

    def _rows(self, card: Card, rect: Rect) -> None:
        listed = self.plan.listed(card)
        y = rect.top
        for row in listed:
            self._row(card, row, Rect(rect.left, y, rect.right, y + ROW))
            y += ROW
        rest = card.rows[len(listed) :]
        if rest and self.plan.rows:
            line = Rect(rect.left, y, rect.right, y + ROW)
            words = say("more", self.lang, n=len(rest))
            self.canvas.text(line.left + 18, line.middle, words, Face(10, GREY))
            self.canvas.tell(line, tell_rest(self.view, card, rest))

    def _row(self, card: Card, row: Row, line: Rect) -> None:
        lost = row.loss > SEEN
        wide = self.plan.box >= 185
        fill = step_of(row.loss)[0] if self.view.outcome else {"observed": GREY}.get(row.status, "#ffffff")
        mark = MARKS["closed"] if row.closed else Mark("circle", 7, fill, GREY)
        self.canvas.marks[mark].append((line.left + 10, line.middle))
        right = line.right - 4
        if lost:
            self.canvas.text(right, line.middle, minus(row.loss), Face(11, INK, "right", bold=True))
            right -= 47
        if not lost or wide:
            shown = hedged(row.share, row.status) if row.share > SEEN else "–"
            if exposed(row):
                shown = say("tools", self.lang, value=percent(row.exposure))
            self.canvas.text(right, line.middle, shown, Face(11, GREY, "right"))
            right -= text_width(shown, 11) + 4
        face = Face(11, INK, bold=row.named)
        name = name_of(row, self.lang)
        place = (
            ""
            if not row.countries
            else f" {row.countries[0]}" + (f"+{len(row.countries) - 1}" if len(row.countries) > 1 else "")
        )
        room = right - line.left - 20
        with_place = text_width(name + place, 11, bold=face.bold) <= room and row.label and not card.firm
        name = name + place if with_place else wrap(name, room, face, 1)[0]
        self.canvas.text(line.left + 18, line.middle, name, face)
        self.canvas.tell(line, tell_row(self.view, card, row))
