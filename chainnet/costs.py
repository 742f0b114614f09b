"""Who pays how much more: tariffs and exchange rates through the purchases of the graph.

A Leontief price model. The cost of a plant, in its own currency and relative to normal, is

    p_j = 1 + Σ_k c_jk Σ_i x_ij ((1 + τ_ijk)(1 + φ e_ij) p_i − 1)

with c_jk the share of input k in its cost (:mod:`chainnet.costshares`), x_ij the share of its
purchases of k that comes from plant i (:mod:`chainnet.markets`), 1 + τ the tariff after over the
tariff before, e_ij the change of the exchange rate of i's country against j's, and φ the part of it
that sellers pass on. Nothing else changes: nobody buys elsewhere, and a seller's margin grows with
its cost. What is nobody's in particular carries no tariff, and minor needs cost nothing. A capital
good counts as its depreciation, which changes as the installed base is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from chainnet.costflows import KEYS, Flows, by_level, flows_of, largest_inputs, settle
from chainnet.errors import UnknownNameError, UsageError
from chainnet.kernels import FloatArray
from chainnet.names import country_codes, find_country
from chainnet.network import SupplyNetwork
from chainnet.partnerships import effects_of
from chainnet.schema import CLASSES

#: Part of a change of the exchange rate that sellers pass on: assumed, with its range. Into Japan
#: 0.75 of it is passed on where the seller's currency is invoiced and 0.19 where the yen is
#: (Yoshimi et al. 2024, doi:10.3386/w32910); into Korea all of it in the long run (Lee 2009,
#: Korean Journal of Economic Studies 57(4)).
PASS_THROUGH, PASS_THROUGH_LOW, PASS_THROUGH_HIGH = 0.75, 0.2, 1.0
#: A tariff or swing above this is a slip of the decimal point.
_MOST = 10.0
#: Currencies by what their users write; countries that share one swing together.
_CURRENCIES = {
    "JPY": "JPN",
    "KRW": "KOR",
    "USD": "USA",
    "TWD": "TWN",
    "CNY": "CHN",
    "GBP": "GBR",
    "EUR": "AUT BEL CYP DEU ESP EST FIN FRA GRC HRV IRL ITA LTU LUX LVA MLT NLD PRT SVK SVN",
}


@dataclass(frozen=True)
class Tariff:
    """A tariff that changes.

    Parameters
    ----------
    importer, exporter
        Codes or names of two countries.
    product
        A product of the graph; a family means its members too, and a class, such as ``equipment``,
        all products of it.
    before, after
        The tariff as a share of the price: 0.065 is 6.5 %. From 0 to 10.

    Examples
    --------
    >>> print(Tariff("korea", "JPN", "photoresist_all", 0.065, 0))
    JPN>KOR:photoresist_all=0.065:0
    """

    importer: str
    exporter: str
    product: str
    before: float
    after: float

    def __post_init__(self) -> None:
        """Look the countries up, and refuse what is no tariff."""
        object.__setattr__(self, "importer", _country(self.importer))
        object.__setattr__(self, "exporter", _country(self.exporter))
        if self.importer == self.exporter:
            raise UsageError(f"a tariff of {self.importer} on itself; give two countries.")
        for value in (self.before, self.after):
            if not 0 <= value <= _MOST:
                raise UsageError(f"{value!r} is no tariff. It lies in [0, {_MOST:g}]: 0.065 is 6.5 %.")

    def __str__(self) -> str:
        """Return the tariff as it is written on the command line."""
        return f"{self.exporter}>{self.importer}:{self.product}={self.before:g}:{self.after:g}"

    @staticmethod
    def parse(text: str) -> Tariff:
        """Read ``EXPORTER>IMPORTER:PRODUCT=BEFORE:AFTER``.

        Raises
        ------
        UsageError
            The text says something else.

        Examples
        --------
        >>> Tariff.parse("JPN>KOR:hf_liquid=0.055:0").after
        0.0
        """
        found = re.fullmatch(r"([^>=:]+)>([^>=:]+):([^>=]+)=([^:=]+):([^:=]+)", text.strip())
        if not found:
            raise UsageError(f"cannot read the tariff {text!r}. Write JPN>KOR:photoresist_all=0.065:0.")
        exporter, importer, product = (part.strip() for part in found.groups()[:3])
        return Tariff(importer, exporter, product, _number(found[4], text), _number(found[5], text))


@dataclass(frozen=True)
class Swing:
    """A change of the value of a currency against all others.

    Parameters
    ----------
    country
        A code or name of a country, or the code of its currency. Countries that share the euro
        swing together.
    change
        Relative change of its value: −0.1 is a loss of 10 %. Above −1, up to 10.

    Examples
    --------
    >>> print(Swing("JPY", -0.1))
    JPN=-0.1
    """

    country: str
    change: float

    def __post_init__(self) -> None:
        """Look the country up, and refuse what is no change."""
        zone = _CURRENCIES.get(self.country.strip().upper())
        object.__setattr__(self, "country", zone[:3] if zone else _country(self.country))
        if not -1 < self.change <= _MOST:
            raise UsageError(
                f"{self.change!r} is no change of a currency. It lies above -1 and up to {_MOST:g}."
            )

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries that use the currency."""
        zone = next((zone for zone in _CURRENCIES.values() if self.country in zone), self.country)
        return tuple(zone.split())

    def __str__(self) -> str:
        """Return the swing as it is written on the command line."""
        return f"{self.country}={self.change:g}"

    @staticmethod
    def parse(text: str) -> Swing:
        """Read ``COUNTRY=CHANGE`` or ``CURRENCY=CHANGE``.

        Raises
        ------
        UsageError
            The text says something else.

        Examples
        --------
        >>> Swing.parse("KRW=-0.10").country
        'KOR'
        """
        country, sign, change = text.partition("=")
        if not sign:
            raise UsageError(f"cannot read the swing {text!r}. Write KRW=-0.10.")
        return Swing(country.strip(), _number(change, text))


def costs_of_partnerships(
    network: SupplyNetwork, partnerships: Iterable[str]
) -> tuple[list[Tariff], list[Swing]]:
    """Return the tariffs that partnerships change, and the part of swings that they spare.

    Of a currency that would fall by 10 %, and falls by 7 % with the partnership, the part spared is
    the rise from one to the other: what it lowers in costs is saved.

    Parameters
    ----------
    network
        The network.
    partnerships
        Their ids.

    Returns
    -------
    tariffs : list of Tariff
        From before to after.
    swings : list of Swing
        From a fall as it would be to the one that is left.

    Examples
    --------
    >>> import chainnet as cn
    >>> costs_of_partnerships(cn.load("japan-korea"), ["jasm-1"])
    ([], [])
    """
    tariffs, swings = [], []
    for row in effects_of(network, partnerships, lapsed=True):
        if row["effect"] == "tariff":
            about = (row["buyer"], row["country"], row["product"], row["before"], row["after"])
            tariffs.append(Tariff(*about))
        elif row["effect"] == "exchange_rate":
            swings.append(Swing(row["country"], (1 - row["after"]) / (1 - row["before"]) - 1))
    return tariffs, swings


def _country(text: str) -> str:
    code = find_country(text)
    if code is None:
        raise UnknownNameError(text, [*country_codes(), *_CURRENCIES], "country or currency", "is known")
    return code


def _number(text: str, whole: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{text!r} is no number, in {whole!r}. Write 0.065 for 6.5 %.") from None


def cost_effects(
    network: SupplyNetwork,
    tariffs: Sequence[Tariff] = (),
    swings: Sequence[Swing] = (),
    *,
    level: Literal["product", "firm", "country"] = "product",
) -> pd.DataFrame:
    """Say how the cost of making each product changes with tariffs and exchange rates.

    Each plant pays the change on the part of its purchases that it concerns, and passes its own
    change of cost on to its buyers. Costs are in the plant's own currency; capital goods count as
    depreciation, so that their part comes as tools are replaced. Duty drawback and quota tariffs are
    not known to the graph: give the tariff that is really paid. Where chips are priced in dollars,
    as memory is, buyers abroad see less of a swing of the maker's currency than is told here.

    Parameters
    ----------
    network
        The network.
    tariffs
        Tariffs that change. A tariff on a product goes before one on its family, and that before
        one on its class.
    swings
        Currencies that change their value against all others.
    level
        ``product`` (mean of the world's makers), ``firm`` or ``country`` (with its products). Plants
        weigh as much as their share of the world's output.

    Returns
    -------
    DataFrame
        One row a maker or product, largest change first. ``change``: relative change of the cost;
        ``low, high``: its range over those of the cost shares and of the pass-through;
        ``at_once``: the change before any tool is replaced; ``input``: which input brings most of
        it; ``assumed``: the part of it that rests on assumed cost shares, purchases or places.
        ``attrs["idle"]`` lists the tariffs and swings that touch no purchase.

    Raises
    ------
    UnknownNameError
        There is no such product.
    UsageError
        Two tariffs on the same flow, two swings of the same currency, or no such level.
    ConvergenceError
        Tariffs in a cycle of purchases so high that costs grow without end.

    References
    ----------
    Leontief (1986), Input-Output Economics, 2nd ed., Oxford University Press, ch. 2; Miller & Blair
    (2009), Input-Output Analysis, ch. 2.6, doi:10.1017/CBO9780511626982

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> cut = cn.Tariff("KOR", "JPN", "photoresist_all", 0.065, 0)
    >>> table = cn.cost_effects(net, [cut], level="country").set_index(["country", "product"])
    >>> bool(-0.001 < table.loc[("KOR", "dram"), "change"] < 0)
    True
    """
    if level not in KEYS:
        raise UsageError(f"cannot add up by {level!r}; use {', '.join(KEYS)}.")
    flows = flows_of(network)
    taxed, idle_tariffs = _tariff_factors(network, flows, tariffs)
    moved, idle_swings = _exchange(flows, swings)
    nodes, parts = _changes(flows, taxed, moved)
    table = by_level(flows, nodes, level)
    table["input"] = largest_inputs(flows, parts, level).reindex(table.set_index(KEYS[level]).index).array
    table["input"] = table["input"].fillna("")
    order = table["change"].abs().sort_values(ascending=False, kind="stable").index
    table = table.loc[order, [*KEYS[level], "change", "low", "high", "at_once", "input", "assumed"]]
    table = table.reset_index(drop=True)
    table.attrs["idle"] = [*idle_tariffs, *idle_swings]
    return table


def _changes(flows: Flows, taxed: FloatArray, moved: FloatArray) -> tuple[pd.DataFrame, FloatArray]:
    """Return the changes of each plant's cost, and what each purchase adds to its buyer's."""
    n = len(flows.economy.nodes)
    factor = taxed * (1 + PASS_THROUGH * moved)
    ends = [taxed * (1 + part * moved) for part in (PASS_THROUGH_LOW, PASS_THROUGH_HIGH)]

    def rise(change: FloatArray, by: FloatArray = factor) -> FloatArray:
        dearer: FloatArray = by * (1 + change[flows.supplier]) - 1
        return dearer

    def settled(weight: FloatArray) -> FloatArray:
        return settle(lambda d: flows.add_up(weight * rise(d)), n)

    def extreme(pick: Callable[[FloatArray, FloatArray], FloatArray]) -> FloatArray:
        by = pick(*ends)
        return settle(lambda d: flows.add_up(pick(flows.low * rise(d, by), flows.high * rise(d, by))), n)

    def gross(weight: FloatArray) -> FloatArray:
        # Without signs: what goes up and what goes down may rest on different assumptions.
        return settle(lambda d: flows.add_up(weight * (np.abs(factor - 1) + factor * d[flows.supplier])), n)

    change = settled(flows.weight)
    measures = {
        "change": change,
        "low": extreme(np.minimum),
        "high": extreme(np.maximum),
        "at_once": settled(np.where(flows.capital, 0.0, flows.weight)),
        "gross": gross(flows.weight),
        "sure": gross(np.where(flows.assumed, 0.0, flows.weight)),
    }
    return pd.DataFrame(measures), flows.weight * rise(change)


def _tariff_factors(
    network: SupplyNetwork, flows: Flows, tariffs: Sequence[Tariff]
) -> tuple[FloatArray, list[str]]:
    """Return by how much tariffs change the price of each purchase, and the tariffs that touch none."""
    factor = np.ones(len(flows.buyer))
    found: dict[tuple[str, str, str], tuple[int, Tariff, frozenset[str]]] = {}
    for tariff in tariffs:
        name, width, members = _members(network, tariff.product)
        key = (tariff.importer, tariff.exporter, name)
        if key in found:
            raise UsageError(f"two tariffs on one flow: {found[key][1]} and {tariff}.")
        found[key] = (width, tariff, members)
    exporters, importers = flows.countries
    idle = []
    # The widest first: a tariff on a product overwrites that on its family.
    for _, tariff, members in sorted(found.values(), key=lambda each: -each[0]):
        hit = (importers == tariff.importer) & (exporters == tariff.exporter)
        hit &= np.isin(flows.product, list(members))
        factor[hit] = (1 + tariff.after) / (1 + tariff.before)
        idle += [] if hit.any() else [str(tariff)]
    return factor, idle


def _members(network: SupplyNetwork, text: str) -> tuple[str, int, frozenset[str]]:
    """Return what a tariff is on, how wide that is (product, family, class), and its products."""
    products = network.products
    if text in CLASSES and text not in set(products["product"]):
        return text, 2, frozenset(products.loc[products["class"] == text, "product"])
    name = network.names.resolve(text, ["product"])[1]
    return name, int(name in network.families), network.with_members(name)


def _exchange(flows: Flows, swings: Sequence[Swing]) -> tuple[FloatArray, list[str]]:
    """Return the change of the suppliers' currencies against the buyers', and the swings that touch none."""
    value: dict[str, float] = {}
    for swing in swings:
        if swing.country in value:
            raise UsageError(f"two swings of the currency of {swing.country}; give one.")
        value |= dict.fromkeys(swing.countries, swing.change)
    exporters, importers = flows.countries
    paid, own = (
        np.array([1 + value.get(country, 0.0) for country in countries], dtype=np.float64)
        for countries in (exporters, importers)
    )
    abroad = exporters != importers
    idle = [
        str(swing)
        for swing in swings
        if not (abroad & (np.isin(exporters, swing.countries) | np.isin(importers, swing.countries))).any()
    ]
    return paid / own - 1, idle
