"""Who holds how much of a product's world output, by country or firm, as the pictures of shares show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from chainnet.figures.looks import SEEN
from chainnet.figures.sources import years
from chainnet.figures.words import Lang, country_name, say
from chainnet.makers import Maker, weakest
from chainnet.markets import markets
from chainnet.network import SupplyNetwork

Holder = Literal["country", "firm"]


@dataclass(frozen=True)
class Holding:
    """What one country or firm holds of a product's world output.

    Parameters
    ----------
    key, label
        Who, and the name in the picture's language; the key of a country's makers without a name is
        the country's.
    share, low, high
        Share of the world's output and its bounds.
    known
        False where no figure stands behind the share: it is an equal part of what is left, or nothing.
    status, year, refs
        How far it is known, the newest year of its figures (blank: none), and from where.
    """

    key: str
    label: str
    share: float
    low: float
    high: float
    known: bool
    status: str
    year: str
    refs: tuple[str, ...]


def holdings(
    network: SupplyNetwork, product: str, by: Holder = "country", lang: Lang = "en"
) -> tuple[Holding, ...]:
    """Return who holds how much of a product's world output, largest first.

    Parameters
    ----------
    network
        The network.
    product
        Its id.
    by
        Who: the ``country`` where it is made, or the ``firm``.
    lang
        Language of the labels.

    Returns
    -------
    tuple of Holding
        What is nobody's in particular is left out.

    Examples
    --------
    >>> import chainnet as cn
    >>> [(one.key, one.share) for one in holdings(cn.load("japan-korea"), "euv_scanner")]
    [('NLD', 1.0)]
    """
    together: dict[str, list[Maker]] = defaultdict(list)
    makers = markets(network).market(product).makers
    for maker in makers:
        together[maker.country if by == "country" else maker.firm or maker.country].append(maker)
    places: dict[str, set[str]] = defaultdict(set)
    for maker in makers:
        places[maker.firm or maker.plant].add(maker.country if by == "country" else maker.firm)
    found = [_holding(network, key, own, (by, lang), places) for key, own in together.items()]
    return tuple(sorted(found, key=lambda one: (not one.known, -round(one.share, 9), one.key)))


def split(maker: Maker) -> bool:
    """Tell whether a plant's share is an even part of a figure of its firm, which is not its own."""
    return maker.step == "figure" and maker.high - maker.low > SEEN


def _holding(
    network: SupplyNetwork,
    key: str,
    own: list[Maker],
    words: tuple[Holder, Lang],
    places: dict[str, set[str]],
) -> Holding:
    by, lang = words
    low, high = _bounds(own, places)
    named = by == "firm" and own[0].firm
    country = country_name(key, lang)
    label = network.label(key, lang) if named else country
    return Holding(
        key=key,
        label=label if by == "country" or named else f"{say('others', lang)}, {country}",
        share=min(1.0, sum(maker.share for maker in own)),
        low=low,
        high=high,
        known=any(maker.share > SEEN and maker.step != "equal split" for maker in own),
        # How a firm's figure is split over countries is assumed, however well the figure is known.
        status="assumed"
        if any(split(m) and len(places[m.firm or m.plant]) > 1 for m in own)
        else weakest(maker.status for maker in own),
        year=", ".join(map(str, years(network, own)[-1:])),
        refs=tuple(sorted({ref for maker in own for ref in maker.ref.split(";")})),
    )


def _bounds(own: Iterable[Maker], places: dict[str, set[str]]) -> tuple[float, float]:
    """Bounds of a holder's share: a firm's own figure is exact where all of its plants are the holder's."""
    firms: dict[str, list[Maker]] = defaultdict(list)
    for maker in own:
        firms[maker.firm or maker.plant].append(maker)
    low = high = 0.0
    for name, makers in firms.items():
        exact = len(places[name]) == 1 and all(maker.step == "figure" for maker in makers)
        share = sum(maker.share for maker in makers)
        low += share if exact else sum(maker.low for maker in makers)
        high += share if exact else max(maker.high for maker in makers)
    return min(1.0, low), min(1.0, high)
