"""How concentrated the makers of a product are, with what is unknown as a range."""

from __future__ import annotations

from collections import defaultdict
from typing import Literal

import numpy as np
import pandas as pd

from chainnet.errors import UsageError
from chainnet.makers import Maker, Market, weakest
from chainnet.markets import markets
from chainnet.network import SupplyNetwork

Level = Literal["firm", "country", "hq", "region"]
_SEEN = 1e-9
#: Which kind of a country's total tells of whose shares.
_TOTAL_OF = {"country": "location", "hq": "hq"}


def concentration(network: SupplyNetwork, *, by: Level = "firm", date: str | None = None) -> pd.DataFrame:
    """Concentration of the world's output of each product.

    Parameters
    ----------
    network
        The network.
    by
        Whose shares: ``firm``, ``country`` (where it is made), ``hq`` (country of the head
        office) or ``region``.
    date
        A year or date; None is the network's own year.

    Returns
    -------
    DataFrame
        One row a product, in the order of the table:

        - ``hhi``: Herfindahl-Hirschman index in [0, 1] of the shares used; ``low`` takes what is
          unknown as finely split, ``high`` as all in the largest hand that may hold it: one
          further maker, or, of places, the largest one whose own total is not known;
        - ``n_eff``: effective number of suppliers, 1/HHI;
        - ``cr1``, ``cr3``: share of the largest one and three; ``leader``: the largest
          (up to three that no figure tells apart are joined by a slash);
        - ``to_75``: how many it takes to reach 75 % (the rule of the ETO dataset); 0: unknown;
        - ``unknown``: share whose holder is unknown; ``status``, ``ref``: of the leader's share.

    References
    ----------
    Herfindahl (1950); Hirschman (1964), American Economic Review 54(5), 761.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.concentration(cn.load("japan-korea")).set_index("product")
    >>> float(table.loc["euv_scanner", "hhi"]), table.loc["euv_scanner", "leader"]
    (1.0, 'asml')
    """
    if by not in ("firm", "country", "hq", "region"):
        raise UsageError(f"cannot measure concentration by {by!r}; use firm, country, hq or region.")
    at = markets(network, date)
    rows = [_concentration(at.market(product), by) for product in network.products["product"]]
    return pd.DataFrame([row for row in rows if row])


def _holder(maker: Maker, by: Level) -> str:
    return {"firm": maker.firm, "country": maker.country, "hq": maker.home, "region": maker.region}[by]


def _concentration(market: Market, by: Level) -> dict[str, object]:
    if not market.makers:
        return {}
    places: dict[str, set[str]] = defaultdict(set)
    for maker in market.makers:
        places[maker.firm or maker.plant].add(_holder(maker, by))
    used: dict[str, float] = defaultdict(float)
    known: dict[str, float] = defaultdict(float)
    whole, guessed = set(), set()
    for maker in market.makers:
        holder = _holder(maker, by)
        if holder:
            used[holder] += maker.share
        # A country's total is known although its makers are not.
        in_total = maker.total == _TOTAL_OF.get(by)
        figure = maker.step == "figure" and maker.status != "assumed"
        if holder and (figure or in_total) and len(places[maker.firm or maker.plant]) == 1:
            known[holder] += maker.share
            whole |= {holder} if in_total else set()
        else:
            guessed.add(holder)
    unknown = max(0.0, 1 - sum(known.values()))
    squares = sum(share**2 for share in known.values())
    # A firm's figures are all of it, and a country's total is; more of the rest may be in other places.
    may_grow = guessed if by == "firm" else (set(known) - whole) | guessed
    largest = max((known[holder] for holder in may_grow if holder in known), default=0.0)
    ranked = sorted(used.items(), key=lambda item: (-item[1], item[0]))
    shares = [share for _, share in ranked]
    leader = ranked[0][0] if ranked else ""
    alike = [holder for holder, share in ranked if ranked[0][1] - share <= _SEEN]
    own = [maker for maker in market.makers if _holder(maker, by) == leader]
    hhi = sum(share**2 for share in shares)
    enough = int(np.searchsorted(np.cumsum(shares), 0.75 - _SEEN)) + 1
    return {
        "product": market.product,
        "hhi": hhi,
        "low": squares,
        "high": squares + unknown**2 + 2 * unknown * largest,
        "n_eff": 1 / hhi if hhi > 0 else float("nan"),
        "cr1": shares[0] if shares else float("nan"),
        "cr3": sum(shares[:3]),
        "leader": " / ".join(alike) if len(alike) <= 3 else f"{len(alike)} alike",
        "to_75": enough if sum(shares) >= 0.75 - _SEEN else 0,
        "unknown": unknown,
        "status": weakest(maker.status for maker in own),
        "ref": ";".join(sorted({ref for maker in own for ref in maker.ref.split(";")})),
    }
