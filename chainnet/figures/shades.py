"""What is put on the nodes of a picture: an attribute, a centrality, any result by node; and its colours."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from chainnet.centralities import MEASURES, centrality
from chainnet.errors import UsageError
from chainnet.figures.charts import UNKNOWN
from chainnet.figures.looks import COUNTRIES, OTHER, STEPS, step_of
from chainnet.figures.sources import cited
from chainnet.figures.words import Lang, country_name, percent, say, spoken
from chainnet.network import SupplyNetwork
from chainnet.schema import TABLES
from chainnet.tables import records

#: Columns of firms and products that can be put on their nodes, and the numbers among them.
_TEXTS = ("kind", "country", "business", "class", "family", "stage", "id", "name")
_NUMBERS = ("lead_days", "transit_days", "utilisation", "finished_days")
#: Results that are parts of a whole: drawn in the steps of a share, and written in percent.
_PARTS = {"loss", "world_loss", "share", "exposure", "capital_exposure", "hhi", "cr1", "cr3", "utilisation"}
_MOST = 7
#: Firms are round and products have corners; a second sign of a category, beside its colour.
SHAPES = {
    "firm": ("circle", "circle-dot", "circle-x", "circle-cross", "hexagon", "hexagon-dot", "octagon"),
    "product": (
        "square",
        "square-dot",
        "square-x",
        "square-cross",
        "diamond",
        "diamond-dot",
        "diamond-cross",
    ),
}


@dataclass(frozen=True)
class Values:
    """One value a node.

    Parameters
    ----------
    name, title
        What it is: its name, and the words for it.
    of
        Values by node: numbers (NaN: unknown) or texts. A node that is not in it has no such value.
    numbers, part
        Whether they are numbers; whether these are parts of a whole.
    unit
        Their unit.
    refs
        References by node, where they are numbers of the data.
    """

    name: str
    title: str
    of: Mapping[str, Any]
    numbers: bool
    part: bool = False
    unit: str = ""
    refs: Mapping[str, str] = field(default_factory=dict)

    def known(self, key: str) -> bool:
        """Tell whether the value of a node is known."""
        value = self.of.get(key, "")
        return not math.isnan(value) if isinstance(value, float) else value != ""

    def known_of(self, key: str) -> bool:
        """Tell whether a node has such a value, and it is known."""
        return key in self.of and self.known(key)

    def written(self, key: str, lang: Lang) -> str:
        """Return the value of a node in words; empty where it has none."""
        if key not in self.of:
            return ""
        if not self.known(key):
            return say("unknown", lang)
        value = self.of[key]
        if not self.numbers:
            return _spoken(self.name, str(value), lang)
        return percent(value) if self.part else f"{value:.3g}{' ' if self.unit else ''}{self.unit}"

    def told(self, network: SupplyNetwork, key: str, lang: Lang) -> list[str]:
        """Return what is told of the value of a node, with its source where it has one."""
        if key not in self.of:
            return []
        sources = cited(network, self.refs.get(key, "").split(";"), lang) if self.known(key) else []
        return [
            f"{self.title}: {self.written(key, lang)}",
            *(say("source", lang, value=source) for source in sources[:2]),
        ]


def values_of(network: SupplyNetwork, what: str | pd.Series[Any], lang: Lang = "en") -> Values:
    """Return the values by node that are asked for.

    Parameters
    ----------
    network
        The network.
    what
        A name, or values by node, as for :func:`chainnet.figures.network`.
    lang
        Language of the words.

    Returns
    -------
    Values
        One a node.

    Raises
    ------
    UsageError
        There is no such attribute or measure, or a row is of no node.

    Examples
    --------
    >>> import chainnet as cn
    >>> values_of(cn.load("japan-korea"), "country").of["samsung"]
    'KOR'
    """
    if not isinstance(what, str):
        return _given(network, what)
    if what in MEASURES:
        table = centrality(network, measures=[what])
        measured = dict(zip(table["node"], table[what].astype(float), strict=True))
        return Values(what, what.replace("_", " "), measured, numbers=True)
    if what not in (*_TEXTS, *_NUMBERS):
        every = [*_TEXTS, *_NUMBERS, *MEASURES]
        near = get_close_matches(what, every, n=3, cutoff=0.6)
        hint = f"Did you mean {' or '.join(near)}? " if near else ""
        raise UsageError(
            f"no attribute {what!r}. {hint}Attributes: {', '.join(_TEXTS + _NUMBERS)}; "
            f"measures: {', '.join(MEASURES)}."
        )
    return _attribute(network, what, lang)


def _attribute(network: SupplyNetwork, what: str, lang: Lang) -> Values:
    column = {"business": "kind", "id": ""}.get(what, what)
    of: dict[str, Any] = {}
    refs: dict[str, str] = {}
    for kind, table in (("firm", network.firms), ("product", network.products)):
        for row in records(table):
            key = row[kind]
            if what == "kind":
                of[key] = kind
            elif what in ("id", "name"):
                of[key] = key if what == "id" else network.label(key, lang)
            elif column in row and (kind == "product" or what != "kind"):
                of[key] = row[column]
                refs[key] = row["ref"]
    numbers = what in _NUMBERS
    unit = next((c.unit for c in TABLES["products"].columns if c.name == column), "") if numbers else ""
    title = say(f"by_{what}", lang)
    return Values(what, title, of, numbers, what in _PARTS, unit, refs if numbers else {})


def _given(network: SupplyNetwork, what: pd.Series[Any]) -> Values:
    if not isinstance(what, pd.Series):
        raise UsageError(
            f"cannot put a {type(what).__name__} on the nodes; give a name, or one column by node, "
            "such as table.set_index('node')['pagerank']."
        )
    known = {*network.firms["firm"], *network.products["product"]}
    foreign = [str(key) for key in what.index if key not in known]
    if foreign:
        more = f" and {len(foreign) - 5} more" if len(foreign) > 5 else ""
        raise UsageError(
            f"{len(foreign)} of {len(what)} rows are of no firm or product of this network: "
            f"{', '.join(foreign[:5])}{more}. Index the column by node."
        )
    if not what.index.is_unique:
        twice = sorted({str(key) for key in what.index[what.index.duplicated()]})
        raise UsageError(f"more than one value for {', '.join(twice[:5])}; give one a node.")
    name = str(what.name) if what.name is not None else "value"
    numbers = pd.api.types.is_numeric_dtype(what.dtype) and not pd.api.types.is_bool_dtype(what.dtype)
    values = [
        (math.nan if pd.isna(v) or math.isinf(v) else float(v)) if numbers else "" if pd.isna(v) else str(v)
        for v in what
    ]
    of = dict(zip((str(key) for key in what.index), values, strict=True))
    # Of a result that tells of some, the others are unknown.
    missing: float | str = math.nan if numbers else ""
    kinds = [set(network.firms["firm"]), set(network.products["product"])]
    told = set().union(*(kind for kind in kinds if kind & of.keys()))
    of = {key: of.get(key, missing) for key in sorted(told)}
    return Values(name, name.replace("_", " "), of, numbers=bool(numbers), part=name in _PARTS)


def _spoken(name: str, value: str, lang: Lang) -> str:
    if name == "country":
        return country_name(value, lang)
    return spoken({"class": f"class_{value}", "business": f"business_{value}"}.get(name, value), value, lang)


@dataclass(frozen=True)
class Shades:
    """The fill of each node, its shape, and the keys of the legend: fill, shape number, words."""

    fill: Mapping[str, str]
    shape: Mapping[str, int]
    keys: tuple[tuple[str, int, str], ...]


def shades_of(values: Values, nodes: Mapping[str, str], lang: Lang) -> Shades:
    """Return the colours for the nodes drawn: steps of a number, or categories.

    Parameters
    ----------
    values
        The values.
    nodes
        Kind by node.
    lang
        Language.

    Returns
    -------
    Shades
        Colours, shapes, legend.
    """
    drawn = sorted(key for key in nodes if key in values.of)
    unknown = [key for key in drawn if not values.known(key)]
    known = [key for key in drawn if values.known(key)]
    last = ((UNKNOWN, 0, say("unknown", lang)),) if unknown else ()
    found = (_in_steps if values.numbers else _in_categories)(values, known, lang)
    return Shades({**found.fill, **dict.fromkeys(unknown, UNKNOWN)}, found.shape, (*found.keys, *last))


def _in_steps(values: Values, known: list[str], lang: Lang) -> Shades:
    numbers = {key: float(values.of[key]) for key in known}
    if values.part and all(0 <= value <= 1 + 1e-9 for value in numbers.values()):
        ends = [0, *(round(100 * most) for most, _, _ in STEPS)]
        keys = [
            (fill, 0, f"{low}–{high} %")
            for (low, high), (_, fill, _) in zip(pairwise(ends), STEPS, strict=True)
        ]
        none = [("#ffffff", 0, say("key_none", lang))]
        return Shades({key: step_of(min(v, 1.0))[0] for key, v in numbers.items()}, {}, (*none, *keys))
    ends_of = steps_of(list(numbers.values()))
    fills = [STEPS[round(4 * (k + 1) / len(ends_of))][1] for k in range(len(ends_of))]
    number = {key: int(np.searchsorted(ends_of, value, side="left")) for key, value in numbers.items()}
    keys = []
    for k, fill in enumerate(fills):
        own = [value for key, value in numbers.items() if number[key] == k]
        low, high = f"{min(own):.3g}", f"{max(own):.3g}"
        keys.append((fill, 0, (low if low == high else f"{low}–{high}") + f" {values.unit}".rstrip()))
    return Shades({key: fills[k] for key, k in number.items()}, {}, tuple(keys))


def steps_of(values: list[float]) -> list[float]:
    """Return the upper ends of at most five steps that hold equally many values each.

    Parameters
    ----------
    values
        Numbers.

    Returns
    -------
    list of float
        Ends, increasing; each step holds some value.

    Examples
    --------
    >>> steps_of([1.0, 2.0, 2.0, 3.0]), steps_of([float(k) for k in range(1, 11)])
    ([1.0, 2.0, 3.0], [2.0, 4.0, 6.0, 8.0, 10.0])
    """
    if len(set(values)) <= len(STEPS):
        return sorted(set(values))
    parts = np.quantile(values, [0.2, 0.4, 0.6, 0.8, 1.0], method="inverted_cdf")
    return sorted({float(end) for end in parts})


def _in_categories(values: Values, known: list[str], lang: Lang) -> Shades:
    counts = Counter(str(values.of[key]) for key in known)
    named = sorted(counts, key=lambda word: (-counts[word], word))
    if values.name == "country":
        colours = {code: colour for code, colour in COUNTRIES.items() if code in counts}
    else:
        colours = dict(zip(named[:_MOST], COUNTRIES.values(), strict=False))
    fixed = list(COUNTRIES.values())
    shape = {word: fixed.index(colour) for word, colour in colours.items()}
    rest = [word for word in named if word not in colours]
    keys = [(colour, shape[word], _spoken(values.name, word, lang)) for word, colour in colours.items()]
    keys += [(OTHER, 0, say("others_n", lang, n=len(rest)))] if rest else []
    return Shades(
        {key: colours.get(str(values.of[key]), OTHER) for key in known},
        {key: shape.get(str(values.of[key]), 0) for key in known},
        tuple(keys),
    )
