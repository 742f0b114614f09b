"""From whom a buyer buys a product: the ladder of :mod:`chainnet.markets`, rung by rung."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from chainnet.makers import TINY, Maker, Market, weakest

#: Rung of the ladder, status and references of a part of the purchases.
_Found = tuple[int, str, str]


@dataclass(frozen=True)
class Purchase:
    """A part of a buyer's purchases of one product.

    Parameters
    ----------
    maker
        Where it comes from; None for what is unattributed.
    share, low, high
        Share of the buyer's purchases and its bounds.
    step
        The rung of the ladder, 1 to 5.
    status, ref
        How far it is known, and from where.
    least
        What the supplier sells the buyer at least from all its plants; ``high`` holds for all of
        them together too.
    """

    maker: Maker | None
    share: float
    low: float
    high: float
    step: int
    status: str
    ref: str
    least: float = 0.0


class Ladder:
    """The purchases of one buyer of one product, filled rung by rung until nothing is left."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.parts: list[Purchase] = []
        self.left = 1.0
        self.settled: set[str] = set()

    def _suppliers(self, supplier: str) -> list[Maker]:
        if not supplier.isupper():
            return [maker for maker in self.market.makers if maker.firm == supplier]
        # What a firm sells the buyer is known already where it has a row of its own.
        return [m for m in self.market.makers if m.country == supplier and m.firm not in self.settled]

    def _allot(
        self, makers: Sequence[Maker], share: float, bounds: tuple[float, float], found: _Found
    ) -> None:
        """Split a share of the purchases over a supplier's plants, in proportion to their output."""
        step, status, ref = found
        if not makers:
            # A supplier that does not produce yet, or no longer: its part is nobody's in particular.
            self.parts.append(Purchase(None, share, *bounds, step, status, ref))
            return
        total = sum(maker.share for maker in makers)
        for maker in makers:
            weight = maker.share / total if total > TINY else 1 / len(makers)
            low, high = bounds if len(makers) == 1 else (0.0, bounds[1])
            self.parts.append(Purchase(maker, share * weight, low, high, step, status, ref, bounds[0]))

    def numeric(self, rows: Iterable[dict[str, Any]], step: int) -> None:
        """Apply the numeric rows of the newest year: of the firm (rung 1) or of its country (4)."""
        figures = _newest(r for r in rows if r["basis"] != "imports" and r["supplier"] not in self.settled)
        total = sum(row["share"] for row in figures)
        scale = self.left / max(total, 1.0)
        left = self.left
        for row in figures:
            share = row["share"] * scale
            self.settled.add(row["supplier"])
            # A country's figure says little of one buyer in it, and an assumed one nothing for sure.
            status = row["status"] if step == 1 else weakest([row["status"], "estimated"])
            bounds = (share, share) if step == 1 and status != "assumed" else (0.0, left)
            if step == 1 and not math.isnan(row["low"] + row["high"]):
                bounds = (row["low"], row["high"])
            self._allot(self._suppliers(row["supplier"]), share, bounds, (step, status, row["ref"]))
        self.left = max(0.0, left - total * scale)

    def listed(self, rows: Iterable[dict[str, Any]], step: int, firm: str = "") -> None:
        """Give own plants, and suppliers listed without a share, a part each; keep one for the rest."""
        left = self.left
        own = [m for m in self.market.makers if firm and m.firm == firm and firm not in self.settled]
        listed = {
            row["supplier"]: row["ref"]
            for row in rows
            if math.isnan(row["share"]) and row["state"] == "active" and row["basis"] != "imports"
            if row["supplier"] not in self.settled and self._suppliers(row["supplier"])
        }
        if left <= TINY or not (listed or own):
            return
        # Whoever makes the input itself, and lists nobody, buys none of it.
        part = left / (len(listed) + bool(own) + bool(listed))
        if own:
            self._allot(own, part, (0.0, left), (2, "assumed", "judgement"))
        for supplier, ref in listed.items():
            self._allot(self._suppliers(supplier), part, (0.0, left), (step, "assumed", ref))
        self.left = part if listed else 0.0

    def imports(self, rows: Sequence[dict[str, Any]], country: str) -> None:
        """Apply the import shares of the newest year to what the country does not make itself."""
        figures = _newest(r for r in rows if r["basis"] == "imports" and r["supplier"] not in self.settled)
        stated = any(row["basis"] != "imports" and not math.isnan(row["share"]) for row in rows)
        if not figures or self.left <= TINY or stated:
            return
        left = self.left
        domestic = self._suppliers(country)
        # How much a country buys at home is not published: its share of the world is the guess.
        home = left * sum(maker.share for maker in domestic)
        if domestic:
            self._allot(domestic, home, (0.0, left), (4, "assumed", "judgement"))
        total = sum(row["share"] for row in figures)
        scale = (left - home) / max(total, 1.0)
        for row in figures:
            found = (4, weakest([row["status"], "estimated"]), row["ref"])
            self._allot(self._suppliers(row["supplier"]), row["share"] * scale, (0.0, left), found)
        self.settled |= {country, *(row["supplier"] for row in figures)}
        self.left = max(0.0, left - home - total * scale)

    def pool(self, firm: str, rows: Iterable[dict[str, Any]] = ()) -> None:
        """Rescale the world's other makers to what is left, without those whom rows say not to ship."""
        left, nobody = self.left, self.market.unattributed
        states: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            states[row["supplier"]].add(row["state"])
        barred = {supplier for supplier, told in states.items() if told <= {"candidate", "lapsed"}}
        makers = [
            maker
            for maker in self.market.makers
            if not {maker.firm, maker.country} & (self.settled | barred) and (not firm or maker.firm != firm)
        ]
        total = sum(maker.share for maker in makers) + nobody
        if left <= TINY:
            return
        if total <= TINY:
            self.parts.append(Purchase(None, left, 0.0, left, 5, "assumed", "judgement"))
            return
        for maker in makers:
            status = weakest([maker.status, "estimated"])
            self.parts.append(Purchase(maker, left * maker.share / total, 0.0, left, 5, status, maker.ref))
        if nobody > TINY:
            self.parts.append(Purchase(None, left * nobody / total, 0.0, left, 5, "assumed", "judgement"))


def _newest(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Numeric active rows of the newest year that has any."""
    numeric = [row for row in rows if not math.isnan(row["share"]) and row["state"] == "active"]
    newest = max((row["year"] for row in numeric), default=0.0)
    return [row for row in numeric if row["year"] == newest]
