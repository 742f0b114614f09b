"""Who makes how much of a product, and who buys it from whom.

Published shares rarely add up to 1, and few purchases are published at all. The rules by which
the rest is filled are here, and every share carries the step that it comes from, its status and
its bounds. What nobody is known to make stays *unattributed*: of no country, never hit.

World output of a product, in this order:

1. the figure of a plant or of its firm;
2. a country's own total minus its known firms, to that country's makers without a figure (in
   proportion to their share of the family, else equally), else to *other makers* there;
3. what a maker without a figure holds of the family (a family is the prior of its members);
4. the remaining makers without a figure: one equal part each, and one part for everyone else.

Purchases of a plant, in this order:

1. numeric rows of its firm; 2. its firm's own plants, and 3. suppliers listed without a share:
one equal part each, and one part for the rest (own plants alone take it all); 4. rows of its
country; 5. the world's makers, rescaled to what is left.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from chainnet.errors import UsageError
from chainnet.network import SupplyNetwork
from chainnet.schema import DATE_PATTERN
from chainnet.tables import records

#: Weakest last: a result is as good as its weakest part.
_WEAKNESS = {"observed": 0, "estimated": 1, "assumed": 2}
_TINY = 1e-12
#: Rung of the ladder, status and references of a part of the purchases.
_Found = tuple[int, str, str]


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


def as_of(network: SupplyNetwork) -> str:
    """Return the year that a network describes: the newest year among its figures of output.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    str
        A year, or ``9999`` for a network without any.

    Examples
    --------
    >>> import chainnet as cn
    >>> as_of(cn.load("japan-korea")).isdigit()
    True
    """
    plants = network.plants
    years = plants.loc[(plants["role"] == "production") & plants["share"].notna(), "year"]
    return str(int(years.max())) if len(years) else "9999"


def _by(date: str) -> str:
    """Return the last day that a date may mean."""
    return date + "9999-12-31"[len(date) :]


def _at_work(row: Mapping[str, Any], date: str) -> bool:
    """Whether a plant has started by a date, and not ended before it."""
    return (not row["start"] or row["start"] <= _by(date)) and (not row["end"] or _by(row["end"]) >= date)


class Markets:
    """The markets of a network at a date, worked out when they are asked for.

    Parameters
    ----------
    network
        The network.
    date
        A year or date: plants that start later or have ended do not supply, and later purchases
        are not used; shares of output are the ones that the tables hold, of whatever year. None is
        the network's own year.
    """

    def __init__(self, network: SupplyNetwork, date: str | None = None) -> None:
        self.network = network
        self.date = date or as_of(network)
        if not re.fullmatch(DATE_PATTERN, self.date):
            raise UsageError(f"{date!r} is not a date. Write YYYY, YYYY-MM or YYYY-MM-DD.")
        products = network.products
        self._family = dict(zip(products["product"], products["family"], strict=True))
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in records(network.plants):
            if row["role"] == "production" and _at_work(row, self.date):
                self._rows[row["product"]].append(row)
        self._sourcing: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in _latest(network, float(self.date[:4])):
            self._sourcing[row["buyer"], row["product"]].append(row)
        self._market = lru_cache(maxsize=None)(self._work_out)
        self._purchases = lru_cache(maxsize=None)(self._climb)

    def market(self, product: str) -> Market:
        """Return the makers of a product and their shares of the world's output."""
        return self._market(product)

    def purchases(self, firm: str, country: str, product: str) -> tuple[Purchase, ...]:
        """Return from whom a plant of a firm in a country buys a product."""
        return self._purchases(firm, country, product)

    def qualified(self, firm: str, country: str, product: str) -> frozenset[str]:
        """Return the suppliers that may ship a product to a firm: active or qualified ones."""
        rows = self._rows_of(firm, product) or self._rows_of(country, product)
        return frozenset(row["supplier"] for row in rows if row["state"] in ("active", "qualified"))

    # World output

    def _work_out(self, product: str) -> Market:
        rows = self._rows.get(product, [])
        family = self.market(self._family[product]) if self._family.get(product) else None
        makers = _with_figures(rows, self.network.home)
        # A firm's figures are all of it: what is blank beside them holds no share of its own.
        named = {maker.firm for maker in makers}
        blank: dict[str, list[dict[str, Any]]] = defaultdict(list)
        totals = {row["country"] for row in rows if not row["firm"] and not math.isnan(row["share"])}
        for row in rows:
            # A country row without a figure says that somebody there makes it.
            unnamed = not row["firm"] and row["country"] not in totals
            if unnamed or (row["firm"] and row["firm"] not in named):
                blank[row["firm"] or f"*{row['country']}"].append(row)
        makers += self._country_rests(product, rows, makers, blank, family)
        makers += self._family_figures(makers, blank, family)
        makers += _equal_parts(makers, blank, self.network.home)
        if not rows and family is not None:
            makers = [_inherit(maker, product) for maker in family.makers]
        left = 1 - math.fsum(maker.share for maker in makers)
        # Rounded percentages add up to 1.01 at times; the market is the whole.
        if left < 0:
            makers = [
                replace(m, share=m.share / (1 - left), low=m.low / (1 - left), high=m.high / (1 - left))
                for m in makers
            ]
        return Market(product, tuple(makers), left if left > _TINY else 0.0)

    def _country_rests(
        self,
        product: str,
        rows: Sequence[dict[str, Any]],
        makers: Sequence[Maker],
        blank: dict[str, list[dict[str, Any]]],
        family: Market | None,
    ) -> list[Maker]:
        home = self.network.home
        totals = [row for row in rows if not row["firm"] and not math.isnan(row["share"])]
        have = {row["country"] for row in totals}
        if family is not None:
            totals += [
                {**row, "status": "estimated"}
                for row in self._rows.get(family.product, [])
                if not row["firm"] and not math.isnan(row["share"]) and row["country"] not in have
            ]
        weights = _firm_shares(family.makers) if family else {}
        found: list[Maker] = []
        for total in totals:
            country, by_home = total["country"], total["share_of"] == "hq"

            def inside(firm: str, place: str, *, here: str = country, by_head: bool = by_home) -> bool:
                return (home.get(firm, firm[1:]) if by_head else place) == here

            known = sum(m.share for m in makers if inside(m.firm, m.country))
            room = 1 - sum(m.share for m in [*makers, *found])
            rest = min(total["share"] - known, room)
            if rest <= _TINY:
                continue
            firms = [firm for firm, own in blank.items() if all(inside(firm, row["country"]) for row in own)]
            if firms:
                parts = _in_proportion(firms, weights)
                for firm in firms:
                    found += _spread(blank.pop(firm), home, rest * parts[firm], rest, "country rest")
            else:
                found.append(_others(total, product, rest))
        return found

    def _family_figures(
        self, makers: Sequence[Maker], blank: dict[str, list[dict[str, Any]]], family: Market | None
    ) -> list[Maker]:
        if family is None:
            return []
        weights = {firm: share for firm, share in _firm_shares(family.makers).items() if firm in blank}
        room = max(0.0, 1 - sum(maker.share for maker in makers))
        scale = min(1.0, room / sum(weights.values())) if weights else 0.0
        found: list[Maker] = []
        for firm, share in weights.items():
            spread = _spread(blank.pop(firm), self.network.home, share * scale, room, "family")
            found += [replace(maker, status=weakest([maker.status, "estimated"])) for maker in spread]
        return found

    # Purchases

    def _rows_of(self, buyer: str, product: str) -> list[dict[str, Any]]:
        """Rows of a buyer for a product, else for its family."""
        return self._sourcing.get((buyer, product)) or self._sourcing.get(
            (buyer, self._family.get(product, "")), []
        )

    def _climb(self, firm: str, country: str, product: str) -> tuple[Purchase, ...]:
        ladder = _Ladder(self.market(product))
        own_rows = self._rows_of(firm, product) if firm else []
        country_rows = [row for row in self._rows_of(country, product) if row["supplier"] != firm]
        ladder.numeric(own_rows, 1)
        ladder.listed(own_rows, 3, firm)
        ladder.imports(country_rows, country)
        ladder.numeric(country_rows, 4)
        ladder.listed(country_rows, 4)
        ladder.pool(firm)
        return tuple(part for part in ladder.parts if part.high > _TINY)


class _Ladder:
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
            weight = maker.share / total if total > _TINY else 1 / len(makers)
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
        if left <= _TINY or not (listed or own):
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
        if not figures or self.left <= _TINY or stated:
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

    def pool(self, firm: str) -> None:
        """Rescale the world's other makers to what is left."""
        left, nobody = self.left, self.market.unattributed
        makers = [
            maker
            for maker in self.market.makers
            if not {maker.firm, maker.country} & self.settled and (not firm or maker.firm != firm)
        ]
        total = sum(maker.share for maker in makers) + nobody
        if left <= _TINY:
            return
        if total <= _TINY:
            self.parts.append(Purchase(None, left, 0.0, left, 5, "assumed", "judgement"))
            return
        for maker in makers:
            status = weakest([maker.status, "estimated"])
            self.parts.append(Purchase(maker, left * maker.share / total, 0.0, left, 5, status, maker.ref))
        if nobody > _TINY:
            self.parts.append(Purchase(None, left * nobody / total, 0.0, left, 5, "assumed", "judgement"))


@lru_cache(maxsize=8)
def _markets(network: SupplyNetwork, date: str) -> Markets:
    return Markets(network, date)


def markets(network: SupplyNetwork, date: str | None = None) -> Markets:
    """Return the markets of a network at a date, worked out once.

    Parameters
    ----------
    network
        The network.
    date
        A year or date; None is the network's own year.

    Returns
    -------
    Markets
        Asked for a product's makers or a buyer's purchases.

    Examples
    --------
    >>> import chainnet as cn
    >>> markets(cn.load("japan-korea")).market("euv_scanner").sole_maker
    'asml'
    """
    return _markets(network, date or as_of(network))


def _latest(network: SupplyNetwork, year: float) -> list[dict[str, Any]]:
    """Return the newest row of each buyer, product and supplier, not later than a year."""
    latest: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in records(network.sourcing):
        key = (row["buyer"], row["product"], row["supplier"])
        if row["year"] <= year and (key not in latest or row["year"] > latest[key]["year"]):
            latest[key] = row
    return list(latest.values())


def _newest(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Numeric active rows of the newest year that has any."""
    numeric = [row for row in rows if not math.isnan(row["share"]) and row["state"] == "active"]
    newest = max((row["year"] for row in numeric), default=0.0)
    return [row for row in numeric if row["year"] == newest]


def _firm_shares(makers: Iterable[Maker]) -> dict[str, float]:
    shares: dict[str, float] = defaultdict(float)
    for maker in makers:
        if maker.firm:
            shares[maker.firm] += maker.share
    return {firm: share for firm, share in shares.items() if share > _TINY}


def _in_proportion(firms: Sequence[str], weights: dict[str, float]) -> dict[str, float]:
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


def _with_figures(rows: Iterable[dict[str, Any]], home: dict[str, str]) -> list[Maker]:
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


def _spread(
    rows: Sequence[dict[str, Any]], home: dict[str, str], share: float, most: float, step: str
) -> list[Maker]:
    """Give a firm without a figure a share, evenly over its plants: assumed, from 0 to ``most``."""
    found = [_maker(row, home, share / len(rows), (0.0, most)) for row in rows]
    # The row says that the firm makes it; how much is our guess.
    return [
        replace(m, status="assumed", step=step, placed=len(rows) == 1, ref=f"{m.ref};judgement")
        for m in found
    ]


def _equal_parts(
    makers: Sequence[Maker], blank: dict[str, list[dict[str, Any]]], home: dict[str, str]
) -> list[Maker]:
    """One part for each remaining maker without a figure, and one for everyone else."""
    room = max(0.0, 1 - sum(maker.share for maker in makers))
    part = room / (len(blank) + 1)
    return [maker for rows in blank.values() for maker in _spread(rows, home, part, room, "equal split")]


def _others(total: dict[str, Any], product: str, rest: float) -> Maker:
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
    )


def _inherit(maker: Maker, product: str) -> Maker:
    """Turn a maker of a family into a maker of a member that nobody is known to make."""
    return replace(
        maker,
        plant=f"{maker.plant}@{product}",
        product=product,
        status=weakest([maker.status, "estimated"]),
        step="family",
    )
