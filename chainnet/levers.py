"""Levers on time: what a partnership changes in when a shock bites, and not in who makes or buys what.

A network may carry levers (:attr:`chainnet.SupplyNetwork.levers`); the day-by-day model reads them
there. They act only when they are put in, by :func:`chainnet.with_partnerships`: the recorded
events carry the stocks and licences of their day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chainnet.ranges import triangle

#: Effects that act on time; those on cost are :data:`COSTS`, all others change the tables.
TIMES = ("stockpile", "qualification", "licence", "alert")
COSTS = ("tariff", "exchange_rate")


@dataclass(frozen=True)
class Lever:
    """One effect on time.

    Parameters
    ----------
    partnership, effect
        Whose, and which: ``stockpile``, ``qualification``, ``licence`` or ``alert``.
    value, low, high
        Days, or the factor of a qualification; and its range.
    status
        How the value is known.
    product
        Of which product or family; blank: of all.
    firm
        The supplier whose qualification is meant; blank: any.
    buyer, country
        The buyer, and where it is; of a licence or an alert the importer or who is told, and the
        exporter or where it happens. Blank: any.
    """

    partnership: str
    effect: str
    value: float
    low: float
    high: float
    status: str
    product: str = ""
    firm: str = ""
    buyer: str = ""
    country: str = ""

    def at(self, quantile: float) -> Lever:
        """Return the lever at a quantile of its range."""
        return replace(self, value=triangle(self.low, self.value, self.high, quantile))

    def __str__(self) -> str:
        """Return what is assumed, in words."""
        of = f" of {self.product}" if self.product else ""
        by = f" from {self.firm}" if self.firm else ""
        words = {
            "stockpile": f"{self.value:g} more days of stock{of} at {self.buyer or self.country or 'all'}",
            "qualification": f"qualification{of}{by} takes {self.value:g} of its time"
            + (f" at {self.buyer or self.country}" if self.buyer or self.country else ""),
            "licence": f"a licence{of} from {self.country} to {self.buyer} takes {self.value:g} days at most",
            "alert": f"{self.buyer} learns of a shock in {self.country} {self.value:g} days sooner",
        }
        ranged = f" ({self.low:g} to {self.high:g})" if self.low < self.high else ""
        return f"{words[self.effect]}{ranged}, {self.status}"


def lever(row: Mapping[str, Any]) -> Lever:
    """Read a lever from a row of effects.csv.

    Parameters
    ----------
    row
        The row.

    Returns
    -------
    Lever
        Its effect on time.

    Examples
    --------
    >>> row = {"partnership": "p", "effect": "alert", "days": 15.0, "low": 3.0, "high": 30.0}
    >>> text = dict.fromkeys(("product", "firm"), "") | {"buyer": "KOR", "country": "JPN"}
    >>> print(lever(row | text | {"status": "assumed", "factor": float("nan")}))
    KOR learns of a shock in JPN 15 days sooner (3 to 30), assumed
    """
    value = float(row["factor"] if row["effect"] == "qualification" else row["days"])
    low, high = float(row["low"]), float(row["high"])
    low, high = value if math.isnan(low) else low, value if math.isnan(high) else high
    text = {name: str(row[name]) for name in ("product", "firm", "buyer", "country")}
    return Lever(str(row["partnership"]), str(row["effect"]), value, low, high, str(row["status"]), **text)
