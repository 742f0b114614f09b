"""How the pictures look: colours, letters, lines, marks, and the few words in the boxes."""

from __future__ import annotations

from typing import Protocol

from chainnet.figures.canvas import Face, Mark, Pen
from chainnet.figures.views import Card, Row
from chainnet.figures.words import Lang, minus, say

#: Upper end of each step of loss, its fill and the colour of letters on it: cividis, dark for much.
STEPS = (
    (0.05, "#f7efc6", "#1a1a1a"),
    (0.20, "#e2cf73", "#1a1a1a"),
    (0.50, "#ada370", "#1a1a1a"),
    (0.95, "#5f6a75", "#ffffff"),
    (1.00, "#00224e", "#ffffff"),
)
#: A loss or a share below this is none.
SEEN = 1e-9
INK, GREY, PALE = "#1a1a1a", "#5b6570", "#cfd5db"
ALARM, ACCENT = "#b8460a", "#0072b2"
DASH = {"observed": "solid", "estimated": "dash", "assumed": "dot"}
HEAD, SUB, NAME = Face(12, INK, bold=True), Face(10, GREY), Face(11, INK)

MARKS = {
    "closed": Mark("x", 9, ALARM, ALARM),
    "held": Mark("octagon", 12, ALARM, "#ffffff"),
}


class Harmed(Protocol):
    """Whatever a shock may do something to."""

    @property
    def loss(self) -> float:
        """Output lost."""

    @property
    def exposure(self) -> float:
        """Capital exposure."""


def step_of(loss: float) -> tuple[str, str]:
    """Return the colour of a loss, and that of letters on it.

    Parameters
    ----------
    loss
        Share of the output that is lost.

    Returns
    -------
    fill, ink : str
        Colours.

    Examples
    --------
    >>> step_of(0.0), step_of(0.97)
    (('#ffffff', '#1a1a1a'), ('#00224e', '#ffffff'))
    """
    if loss <= SEEN:
        return "#ffffff", INK
    return next((fill, ink) for most, fill, ink in STEPS if loss <= most + SEEN)


def pen_of(use: str, status: str, *, live: bool, crowded: bool) -> Pen:
    """Return how the line of a need looks.

    Parameters
    ----------
    use, status
        consumed or capital; observed, estimated or assumed.
    live, crowded
        Whether a loss runs through it; whether there are many lines.

    Returns
    -------
    Pen
        Colour, width, dashes.

    Examples
    --------
    >>> pen_of("consumed", "assumed", live=False, crowded=False).dash
    'dot'
    """
    if live:
        return Pen("#00224e", 2.4, DASH[status])
    if use == "capital":
        return Pen(PALE, 0.9, DASH[status])
    return Pen("#a3adb7", 0.9, DASH[status]) if crowded else Pen("#7f8b97", 1.2, DASH[status])


def lost_of(card: Card) -> str:
    """Return what stands at the right of a product's name: what is lost of it, or nothing."""
    return lost(card.loss)


def lost(loss: float) -> str:
    """Return a loss in words; nothing where there is none."""
    return minus(loss) if loss > SEEN else ""


def exposed(thing: Harmed) -> bool:
    """Tell whether only the suppliers of its tools are hit."""
    return thing.exposure > 0.005 and thing.loss <= SEEN


def name_of(row: Row, lang: Lang) -> str:
    """Return the name of a maker; of a country's makers without a name, the country's code first."""
    return row.label or f"{row.key}, {say('others', lang)}"


#: A country has the same colour in every picture: Okabe and Ito's, which the colour-blind can tell apart.
COUNTRIES = {
    "JPN": "#0072b2",
    "KOR": "#d55e00",
    "USA": "#56b4e9",
    "TWN": "#009e73",
    "CHN": "#cc79a7",
    "NLD": "#e69f00",
    "DEU": "#f0e442",
}
OTHER = "#b9c2ca"
