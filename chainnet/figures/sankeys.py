"""Flows: from whom a buyer gets its inputs, or who buys a product from whom."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from chainnet.economy import Economy, Group, compile_network
from chainnet.errors import UsageError
from chainnet.figures.canvas import safe
from chainnet.figures.charts import HIDDEN, UNKNOWN, beneath, figure_lines, frame, keys_of_countries, told
from chainnet.figures.holdings import Holder
from chainnet.figures.looks import COUNTRIES, OTHER, SEEN
from chainnet.figures.sources import cited, years
from chainnet.figures.words import Lang, country_name, say
from chainnet.ladder import Purchase
from chainnet.makers import Maker, weakest
from chainnet.network import SupplyNetwork
from chainnet.tables import records

if TYPE_CHECKING:
    import plotly.graph_objects as go

_COLUMNS = ["supplier", "supplier_name", "country", "to", "to_name"]
_COLUMNS += ["value", "status", "year", "source"]
#: Most names at the right, and suppliers of each: with its others and what is unknown at most 40 flows.
_MOST, _NAMED = 8, 3
#: The key of the suppliers that are not named; the rung of the world market.
_OTHERS, _WORLD = "*", 5
_DEPTH = {"observed": 0.75, "estimated": 0.5, "assumed": 0.25}


class _Part(NamedTuple):
    """A purchase of a product by a plant, with that plant's weight."""

    weight: float
    buyer: Maker
    product: str
    purchase: Purchase

    @property
    def share(self) -> float:
        return self.weight * self.purchase.share


def flow_table(network: SupplyNetwork, name: str, *, by: Holder = "firm", lang: Lang = "en") -> pd.DataFrame:
    """Return the flows into a buyer's inputs, or of one product.

    Parameters
    ----------
    network
        The network.
    name
        A firm, for the flows of its inputs; or a product (a family with its members), for who buys it.
    by
        Suppliers, and buyers of a product: each ``firm``, or the makers in each ``country``.
    lang
        Language of the names.

    Returns
    -------
    DataFrame
        One row a flow: ``supplier`` (empty: nobody knows) with its name and ``country``, ``to`` (an
        input, or a buyer) with its name, ``value``: share of what arrives there, ``status, year,
        source``. Shares of each ``to`` add up to 1. A buyer's plants weigh as they do in the world's
        output of what they make, and all that it makes weighs alike. Buyers that make most, or inputs
        from the fewest hands, come first.

    Raises
    ------
    UnknownNameError
        No firm or product bears that name.
    UsageError
        It buys nothing, or nobody buys it.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.figures.flow_table(cn.load("japan-korea"), "euv_scanner", by="country")
    >>> table.loc[table["to"] == "KOR", ["supplier_name", "value"]].values.tolist()
    [['Netherlands', 1.0]]
    """
    kind, key = network.names.resolve(name)
    economy = compile_network(network)
    products = network.with_members(key) if kind == "product" else frozenset()
    found: dict[str, list[_Part]] = defaultdict(list)
    made: dict[str, dict[int, float]] = defaultdict(dict)
    for to, group, weight in _wanted(economy, kind, (key, products), by):
        node = economy.nodes[group.buyer]
        for product, (_, purchase) in zip(group.products, group.purchases, strict=True):
            if kind == "firm" or product in products:
                found[to or product].append(_Part(weight, node, product, purchase))
        made[to][group.buyer] = node.share
    every = {to: _flows(network, to, parts, (by, lang)) for to, parts in found.items()}
    rows = {to: flows for to, flows in every.items() if flows}
    if not rows:
        raise UsageError(f"{key} buys nothing in this graph." if kind == "firm" else f"nobody buys {key}.")
    largest = {
        to: max((row["value"] for row in flows if row["supplier"]), default=0.0) for to, flows in rows.items()
    }
    # What a firm makes itself is the least of its dependences.
    own = {to for to, flows in rows.items() if kind == "firm" and flows[0]["supplier"] == key}
    order = sorted(
        rows,
        key=lambda to: (to in own, -round(sum(made.get(to, {}).values()), 9), -round(largest[to], 9), to),
    )
    return pd.DataFrame([row for to in order for row in rows[to]], columns=_COLUMNS)


def _wanted(
    economy: Economy, kind: str, what: tuple[str, frozenset[str]], by: Holder
) -> Iterable[tuple[str, Group, float]]:
    """Needs that count, with the buyer and the weight of its plant among those that make the same."""
    key, products = what
    groups = [
        group
        for group in economy.groups
        if (economy.nodes[group.buyer].firm == key if kind == "firm" else products & set(group.products))
    ]
    named = [(_buyer(economy, group, kind, by), group) for group in groups]
    totals: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for to, group in named:
        node = economy.nodes[group.buyer]
        totals[to, node.product][group.buyer] = node.share
    for to, group in named:
        if to or kind == "firm":
            own = totals[to, economy.nodes[group.buyer].product]
            total = sum(own.values())
            yield to, group, own[group.buyer] / total if total > SEEN else 1 / len(own)


def _buyer(economy: Economy, group: Group, kind: str, by: Holder) -> str:
    node = economy.nodes[group.buyer]
    if kind == "firm":
        return ""
    return node.country if by == "country" else node.firm


def _flows(
    network: SupplyNetwork, to: str, parts: Iterable[_Part], words: tuple[Holder, Lang]
) -> list[dict[str, Any]]:
    """Return the flows to one name, the largest first, what nobody knows last."""
    by, lang = words
    together: dict[str, list[_Part]] = defaultdict(list)
    for part in parts:
        maker = part.purchase.maker
        key = "" if maker is None else maker.country if by == "country" else maker.firm or maker.country
        together[key].append(part)
    whole = sum(part.share for own in together.values() for part in own)
    rows = [
        {
            "supplier": key,
            "supplier_name": _supplier(network, key, by, lang),
            "country": network.home.get(key, key),
            "to": to,
            "to_name": country_name(to, lang) if to.isupper() else network.label(to, lang),
            "value": sum(part.share for part in own) / whole,
            "status": weakest(part.purchase.status for part in own),
            "year": _year(network, own),
            "source": "; ".join(cited(network, _refs(own), lang)),
        }
        for key, own in together.items()
        if sum(part.share for part in own) > SEEN
    ]
    return sorted(rows, key=lambda row: (not row["supplier"], -round(row["value"], 9), row["supplier"]))


def _supplier(network: SupplyNetwork, key: str, by: Holder, lang: Lang) -> str:
    if not key:
        return say("unknown", lang)
    if key in network.home:
        return network.label(key, lang)
    name = country_name(key, lang)
    return f"{say('others', lang)}, {name}" if by == "firm" else name


@lru_cache(maxsize=4)
def _bought(network: SupplyNetwork) -> dict[tuple[str, str, str], int]:
    """Return the newest year in which a buyer's purchases from a supplier are recorded."""
    found: dict[tuple[str, str, str], int] = {}
    for row in records(network.sourcing):
        key = (row["buyer"], row["product"], row["supplier"])
        if not math.isnan(row["year"]):
            found[key] = max(found.get(key, 0), int(row["year"]))
    return found


def _year(network: SupplyNetwork, own: Iterable[_Part]) -> str:
    """Return the newest year of some purchases: of the buyer's own figures, else of the world market's."""
    families = dict(zip(network.products["product"], network.products["family"], strict=True))
    newest = 0
    for part in own:
        maker = part.purchase.maker
        if maker and part.purchase.step == _WORLD:
            newest = max([newest, *years(network, [maker])])
        elif maker:
            newest = max(
                _bought(network).get((buyer, product, supplier), newest)
                for buyer in (part.buyer.firm, part.buyer.country)
                for product in (part.product, families[part.product])
                for supplier in (maker.firm, maker.country)
            )
    return str(newest) if newest else ""


def _refs(own: Iterable[_Part]) -> list[str]:
    return sorted({ref for part in own for ref in part.purchase.ref.split(";")})


def sankey(table: pd.DataFrame, *, top: int = 8, lang: Lang = "en") -> go.Figure:
    """Draw flows: suppliers at the left, inputs or buyers at the right, each of them one whole.

    Parameters
    ----------
    table
        What :func:`flow_table` returned.
    top
        How many names stand at the right, 1 to 8, so that at most 40 flows are drawn: from the
        three largest suppliers of each, and from its others as one. The rest is counted below.
    lang
        Language.

    Returns
    -------
    plotly.graph_objects.Figure
        Coloured by the supplier's country: strong where observed, pale where assumed.

    Raises
    ------
    UsageError
        ``top`` is out of range.

    Examples
    --------
    >>> import chainnet as cn
    >>> table = cn.figures.flow_table(cn.load("japan-korea"), "samsung")
    >>> len(cn.figures.sankey(table).data[0].link.value) <= 40
    True
    """
    import plotly.graph_objects as go

    if not 1 <= top <= _MOST:
        raise UsageError(f"cannot draw {top} names; give 1 to {_MOST}.")
    names = list(dict.fromkeys(table["to"]))[:top]
    flows = [flow for to in names for flow in _drawn(records(table[table["to"] == to]))]
    others = {key for flow in flows for key in flow["others"]}
    nodes: dict[str, dict[str, Any]] = {}
    for flow in flows:
        nodes.setdefault(f"<{flow['supplier']}", _left(flow, len(others), lang))
    for flow in flows:
        nodes.setdefault(f">{flow['to']}", {"name": flow["to_name"], "colour": "#4a545e"})
    place = {key: k for k, key in enumerate(nodes)}
    figure = go.Figure(
        go.Sankey(
            arrangement="fixed",
            node={
                "label": [safe(node["name"]) for node in nodes.values()],
                "color": [node["colour"] for node in nodes.values()],
                "customdata": [safe(node["name"]) for node in nodes.values()],
                "hovertemplate": "%{customdata}<extra></extra>",
                "pad": 14,
                "thickness": 16,
                "line": {"width": 0},
            },
            link={
                "source": [place[f"<{flow['supplier']}"] for flow in flows],
                "target": [place[f">{flow['to']}"] for flow in flows],
                "value": [flow["value"] for flow in flows],
                "color": [_colour(flow) for flow in flows],
                "customdata": [_told(flow, len(others), lang) for flow in flows],
                "hovertemplate": "%{customdata}<extra></extra>",
            },
        )
    )
    held = {flow["country"] for flow in flows if flow["country"]}
    for trace in keys_of_countries(held, lang, unknown=any(not flow["supplier"] for flow in flows)):
        figure.add_trace(trace)
    rest = table["to"].nunique() - len(names)
    if rest:
        figure.add_annotation(**beneath(say("not_drawn", lang, n=rest), shift=-44))
    high = max(80 * len(names), 22 * len(nodes), 160)
    return frame(
        figure,
        (1100, high + 90),
        lang,
        margin={"l": 20, "r": 20, "t": 20, "b": 70},
        xaxis=HIDDEN,
        yaxis=HIDDEN,
        legend={"orientation": "h", "x": 0, "y": -14 / high, "yanchor": "top", "itemclick": False},
    )


def _drawn(own: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the flows to one name as drawn: from its largest, from all others, from nobody knows whom."""
    named = [row for row in own if row["supplier"]]
    first, rest = named[:_NAMED], named[_NAMED:]
    if len(rest) == 1 and len(named) == len(own):
        first, rest = named, []
    flows = [{**row, "others": ()} for row in first]
    if rest:
        flows.append(
            {
                **rest[0],
                "supplier": _OTHERS,
                "supplier_name": "; ".join(row["supplier_name"] for row in rest),
                "others": tuple(row["supplier"] for row in rest),
                "country": "",
                "year": "",
                "source": "",
                "value": sum(row["value"] for row in rest),
                "status": weakest(row["status"] for row in rest),
            }
        )
    return flows + [{**row, "others": ()} for row in own if not row["supplier"]]


def _left(flow: dict[str, Any], others: int, lang: Lang) -> dict[str, Any]:
    if flow["supplier"] == _OTHERS:
        return {"name": say("others_n", lang, n=others), "colour": OTHER}
    colour = COUNTRIES.get(flow["country"], OTHER) if flow["supplier"] else UNKNOWN
    return {"name": flow["supplier_name"], "colour": colour}


def _colour(flow: dict[str, Any]) -> str:
    if not flow["supplier"]:
        return UNKNOWN
    colour = COUNTRIES.get(flow["country"], OTHER)
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red},{green},{blue},{_DEPTH[flow['status']]})"


def _told(flow: dict[str, Any], others: int, lang: Lang) -> str:
    name = _left(flow, others, lang)["name"]
    more = flow["supplier_name"] if flow["supplier"] == _OTHERS else ""
    row = flow if flow["supplier"] else {**flow, "status": "", "source": "", "year": ""}
    what = say("share_of_purchases", lang)
    return told([f"{name} → {flow['to_name']}", more, *figure_lines(row, what, lang)])
