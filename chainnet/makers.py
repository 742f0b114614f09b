"""Makers of a product and their shares of the world's output: the values, and how gaps are filled.

The rules are told in :mod:`chainnet.markets`, which applies them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

#: Weakest last: a result is as good as its weakest part.
_WEAKNESS = {"observed": 0, "estimated": 1, "assumed": 2}
#: Below this a share is rounding.
TINY = 1e-12


@dataclass(frozen=True)
class Maker:
    """A plant as a supplier of a product in the world market.

    Parameters
    ----------
    plant
        Its id; ``jpn-PRODUCT+other`` are a country's makers without a name.
    firm, product, country, region, home
        Who (blank: other makers), what, where, and the country of the head office.
    share, low, high
        Share of the world's output: the figure used, and its bounds.
    status
        How far the share is known.
    step
        How it was found: figure, country rest, family, equal split, or other makers.
    placed
        False where the place is assumed, because the figure is booked by head office and the
        firm makes the product in several places.
    ref
        References of the row.
    total
        Of a part of a country's total: whether that counts plants there (``location``) or head
        offices (``hq``); empty else.
    """

    plant: str
    firm: str
    product: str
    country: str
    region: str
    home: str
    share: float
    low: float
    high: float
    status: str
    step: str
    placed: bool
    ref: str
    total: str = ""


@dataclass(frozen=True)
class Market:
    """The makers of a product and the share that is nobody's in particular."""

    product: str
    makers: tuple[Maker, ...]
    unattributed: float

    @property
    def sole_maker(self) -> str | None:
        """The firm that alone makes the product, or None.

        A lone known maker whose share is unknown, or leaves something over, is not a sole one.
        """
        firms = {maker.firm or maker.country for maker in self.makers}
        known = sum(maker.share for maker in self.makers if maker.step == "figure")
        return next(iter(firms)) if len(firms) == 1 and known >= 0.98 else None


def weakest(statuses: Iterable[str]) -> str:
    """Return the weakest of some statuses.

    Parameters
    ----------
    statuses
        Words among observed, estimated, assumed.

    Returns
    -------
    str
        The weakest; ``observed`` of nothing.

    Examples
    --------
    >>> weakest(["observed", "assumed", "estimated"])
    'assumed'
    """
    return max(statuses, key=_WEAKNESS.__getitem__, default="observed")


def firm_shares(makers: Iterable[Maker]) -> dict[str, float]:
    """Return the share of each firm that has one, over all its plants."""
    shares: dict[str, float] = defaultdict(float)
    for maker in makers:
        if maker.firm:
            shares[maker.firm] += maker.share
    return {firm: share for firm, share in shares.items() if share > TINY}


def in_proportion(firms: Sequence[str], weights: dict[str, float]) -> dict[str, float]:
    """Return the part of each firm, in proportion to their weights; the parts add up to 1."""
    known = [weights[firm] for firm in firms if firm in weights]
    # A maker that the family does not know weighs as much as the smallest that it knows.
    smallest = min(known, default=1.0)
    total = sum(weights.get(firm, smallest) for firm in firms)
    return {firm: weights.get(firm, smallest) / total for firm in firms}


def _maker(row: dict[str, Any], home: dict[str, str], share: float, bounds: tuple[float, float]) -> Maker:
    firm = row["firm"]
    return Maker(
        plant=row["plant"],
        firm=firm,
        product=row["product"],
        country=row["country"],
        region=row["region"],
        home=home.get(firm, row["country"]),
        share=share,
        low=bounds[0],
        high=bounds[1],
        status=row["status"],
        step="figure",
        placed=row["share_of"] == "location",
        ref=row["ref"],
    )


def with_figures(rows: Iterable[dict[str, Any]], home: dict[str, str]) -> list[Maker]:
    """Plants with a figure; a firm's total is spread evenly over its plants without their own."""
    by_firm: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["firm"]:
            by_firm[row["firm"]].append(row)
    makers: list[Maker] = []
    for own in by_firm.values():
        figures = [row for row in own if not math.isnan(row["share"])]
        booked = [row for row in figures if row["share_of"] == "hq"]
        makers += [
            _maker(row, home, row["share"], (row["share"],) * 2) for row in figures if row["share_of"] != "hq"
        ]
        if booked:
            spread_over = booked + [row for row in own if math.isnan(row["share"])]
            total = sum(row["share"] for row in booked)
            status = weakest(row["status"] for row in booked)
            ref = str(booked[0]["ref"])
            alone = len(spread_over) == 1
            even = len(spread_over) > len(booked)
            for row in spread_over:
                share = total / len(spread_over) if even else row["share"]
                low, high = (share, share) if alone else (0.0, total)
                placed = alone and len(figures) == 1
                makers.append(
                    replace(_maker(row, home, share, (low, high)), status=status, ref=ref, placed=placed)
                )
    return makers


def spread(
    rows: Sequence[dict[str, Any]], home: dict[str, str], share: float, most: float, step: str
) -> list[Maker]:
    """Give a firm without a figure a share, evenly over its plants: assumed, from 0 to ``most``."""
    found = [_maker(row, home, share / len(rows), (0.0, most)) for row in rows]
    # The row says that the firm makes it; how much is our guess.
    return [replace(m, status="assumed", step=step, placed=len(rows) == 1, ref=_judged(m.ref)) for m in found]


def _judged(ref: str) -> str:
    return ref if "judgement" in ref.split(";") else f"{ref};judgement"


def equal_parts(
    makers: Sequence[Maker], blank: dict[str, list[dict[str, Any]]], home: dict[str, str]
) -> list[Maker]:
    """One part for each remaining maker without a figure, and one for everyone else."""
    room = 1 - sum(maker.share for maker in makers)
    # Sums of floats leave crumbs, which are nobody's share.
    room = room if room > TINY else 0.0
    part = room / (len(blank) + 1)
    return [maker for rows in blank.values() for maker in spread(rows, home, part, room, "equal split")]


def others(total: dict[str, Any], product: str, rest: float) -> Maker:
    """Return the makers without a name of a country, who hold what its total leaves."""
    country = total["country"]
    return Maker(
        plant=f"{country.lower()}-{product}+other",
        firm="",
        product=product,
        country=country,
        region="",
        home=country,
        share=rest,
        low=rest,
        high=rest,
        status=weakest([total["status"], "estimated"]),
        step="other makers",
        placed=total["share_of"] == "location",
        ref=total["ref"],
        total=total["share_of"],
    )


def inherit(maker: Maker, product: str) -> Maker:
    """Turn a maker of a family into a maker of a member that nobody is known to make."""
    return replace(
        maker,
        plant=f"{maker.plant}@{product}",
        product=product,
        status=weakest([maker.status, "estimated"]),
        step="family",
        total="",
    )
