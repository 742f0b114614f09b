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
country; 5. the world's makers, rescaled to what is left, without those that a row calls a candidate
or lapsed.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from chainnet.errors import UsageError
from chainnet.ladder import Ladder, Purchase
from chainnet.makers import (
    TINY,
    Maker,
    Market,
    equal_parts,
    firm_shares,
    in_proportion,
    inherit,
    others,
    spread,
    weakest,
    with_figures,
)
from chainnet.network import SupplyNetwork
from chainnet.schema import DATE_PATTERN
from chainnet.tables import records


@lru_cache(maxsize=8)
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
        # A year may be given as a number.
        self.date = str(date or as_of(network))
        if not re.fullmatch(DATE_PATTERN, self.date):
            raise UsageError(f"{date!r} is not a date. Write a text: YYYY, YYYY-MM or YYYY-MM-DD.")
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

    def state(self, firm: str, country: str, product: str, supplier: str) -> str:
        """Return the state of the link to a supplier, as the rows of a firm or its country tell it.

        Empty where no row names the supplier: a row for all makers of a country names none of them.
        """
        rows = [*self._rows_of(firm, product), *self._rows_of(country, product)]
        return next((str(row["state"]) for row in rows if row["supplier"] == supplier), "")

    # World output

    def _work_out(self, product: str) -> Market:
        rows = self._rows.get(product, [])
        family = self.market(self._family[product]) if self._family.get(product) else None
        makers = with_figures(rows, self.network.home)
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
        makers += equal_parts(makers, blank, self.network.home)
        if not rows and family is not None:
            makers = [inherit(maker, product) for maker in family.makers]
        left = 1 - math.fsum(maker.share for maker in makers)
        # Rounded percentages add up to 1.01 at times; the market is the whole.
        if left < 0:
            makers = [
                replace(m, share=m.share / (1 - left), low=m.low / (1 - left), high=m.high / (1 - left))
                for m in makers
            ]
        return Market(product, tuple(makers), left if left > TINY else 0.0)

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
        weights = firm_shares(family.makers) if family else {}

        def inside(total: dict[str, Any], firm: str, place: str) -> bool:
            return bool(
                (home.get(firm, firm[1:]) if total["share_of"] == "hq" else place) == total["country"]
            )

        def rest_of(total: dict[str, Any]) -> float:
            known = sum(m.share for m in makers if inside(total, m.firm, m.country))
            return max(0.0, float(total["share"]) - known)

        # Rounded percentages add up to 1.02 at times: all totals give way, none the whole of it.
        room = max(0.0, 1 - sum(maker.share for maker in makers))
        wanted = sum(map(rest_of, totals))
        scale = room / wanted if wanted > room + TINY else 1.0
        found: list[Maker] = []
        for total in totals:
            rest = scale * rest_of(total)
            if rest <= TINY:
                continue
            firms = [
                firm for firm, own in blank.items() if all(inside(total, firm, row["country"]) for row in own)
            ]
            if firms:
                parts = in_proportion(firms, weights)
                for firm in firms:
                    own = spread(blank.pop(firm), home, rest * parts[firm], rest, "country rest")
                    found += [replace(maker, total=total["share_of"]) for maker in own]
            else:
                found.append(others(total, product, rest))
        return found

    def _family_figures(
        self, makers: Sequence[Maker], blank: dict[str, list[dict[str, Any]]], family: Market | None
    ) -> list[Maker]:
        if family is None:
            return []
        weights = {firm: share for firm, share in firm_shares(family.makers).items() if firm in blank}
        room = max(0.0, 1 - sum(maker.share for maker in makers))
        scale = min(1.0, room / sum(weights.values())) if weights else 0.0
        found: list[Maker] = []
        for firm, share in weights.items():
            parts = spread(blank.pop(firm), self.network.home, share * scale, room, "family")
            found += [replace(maker, status=weakest([maker.status, "estimated"])) for maker in parts]
        return found

    # Purchases

    def _rows_of(self, buyer: str, product: str) -> list[dict[str, Any]]:
        """Rows of a buyer for a product, else for its family."""
        return self._sourcing.get((buyer, product)) or self._sourcing.get(
            (buyer, self._family.get(product, "")), []
        )

    def _climb(self, firm: str, country: str, product: str) -> tuple[Purchase, ...]:
        ladder = Ladder(self.market(product))
        own_rows = self._rows_of(firm, product) if firm else []
        country_rows = [row for row in self._rows_of(country, product) if row["supplier"] != firm]
        ladder.numeric(own_rows, 1)
        ladder.listed(own_rows, 3, firm)
        ladder.imports(country_rows, country)
        ladder.numeric(country_rows, 4)
        ladder.listed(country_rows, 4)
        ladder.pool(firm, [*own_rows, *country_rows])
        return tuple(part for part in ladder.parts if part.high > TINY)


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
