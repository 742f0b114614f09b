"""The numbers of a report: whom it is about, on whom that depends, what stops it, what is not known."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pandas as pd

from chainnet.cascade import Outcome
from chainnet.closures import STOPPED, exposure, stopping_firms
from chainnet.concentrations import concentration
from chainnet.dependences import SINGLE, dependence
from chainnet.economy import Economy, compile_network
from chainnet.figures.timelines import drawings
from chainnet.markets import markets
from chainnet.names import find_country
from chainnet.network import SupplyNetwork
from chainnet.simulation import SURVIVES, Run
from chainnet.uncertainties import QUANTILES

Kind = Literal["firm", "product", "country", "all"]
#: Drawings of the parameters for the interval.
DRAWINGS = 20
#: Fewer days of normal output lost than this are none.
LEAST_DAYS = 0.05
_SEEN = 1e-9
#: Where chips and what is made of them stand: what a report on everything looks at.
_CHIPS = ("device", "packaging", "end_use")


@dataclass(frozen=True)
class Subject:
    """Whom a report is about.

    Parameters
    ----------
    network
        The network.
    kind, name
        A ``firm``, a ``product`` or a ``country``, and its identifier; or ``all``.
    """

    network: SupplyNetwork
    kind: Kind = "all"
    name: str = ""

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Who supplies it, as :func:`chainnet.dependence` tells."""
        if self.kind in ("firm", "country"):
            return dependence(self.network, buyer=self.name)
        rows = dependence(self.network)
        if self.kind == "product":
            rows = rows[rows["makes"].isin(self.network.with_members(self.name))]
        return rows.reset_index(drop=True)

    @property
    def level(self) -> Literal["firm", "country", "product"]:
        """What is simulated of it."""
        return "firm" if self.kind == "firm" else "country" if self.kind == "country" else "product"

    @cached_property
    def economy(self) -> Economy:
        """The network of its own year."""
        return compile_network(self.network)

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """What may stop, as selectors: what a firm makes, the devices of a country, a product's members."""
        products = self.network.products
        devices = set(products.loc[products["class"] == "device", "product"])
        nodes = [node for node in self.economy.nodes if node.step != "planned"]
        if self.kind == "firm":
            made = {node.product for node in nodes if node.firm == self.name}
        elif self.kind == "country":
            made = {node.product for node in nodes if node.country == self.name} & devices
        else:
            members = self.network.with_members(self.name) if self.kind == "product" else devices
            made = {node.product for node in nodes} & members
        # A family stands for its members: it is a target only where no member is one.
        made = {product for product in made if not made & set(self.network.families.get(product, ()))}
        whose = f"{self.name}:" if self.kind in ("firm", "country") else ""
        return tuple(f"{whose}{product}" for product in sorted(made))

    def has(self, path: str) -> bool:
        """Tell whether a path of a run, such as ``samsung:dram``, is one of its own."""
        if self.kind in ("firm", "country"):
            return path.startswith(f"{self.name}:")
        return path in self._shown

    @cached_property
    def _shown(self) -> frozenset[str]:
        if self.kind == "product":
            return self.network.with_members(self.name)
        products = self.network.products
        return frozenset(products.loc[products["stage"].isin(_CHIPS), "product"])


def subject_of(network: SupplyNetwork, focus: str | None) -> Subject:
    """Look up whom a report is about.

    Parameters
    ----------
    network
        The network.
    focus
        A firm, a product or a country, in any language; None is everything.

    Returns
    -------
    Subject
        Whom.

    Raises
    ------
    UnknownNameError
        Nothing bears that name.

    Examples
    --------
    >>> import chainnet as cn
    >>> subject = subject_of(cn.load("japan-korea"), "삼성전자")
    >>> subject.kind, subject.name
    ('firm', 'samsung')
    """
    if focus is None:
        return Subject(network)
    code = find_country(focus)
    if code is not None and not network.names.find(focus):
        return Subject(network, "country", code)
    kind, name = network.names.resolve(focus)
    return Subject(network, "firm" if kind == "firm" else "product", name)


@dataclass(frozen=True)
class Reliance:
    """On whom it is known to rely.

    Parameters
    ----------
    inputs
        How many inputs there are.
    known
        Rows of :func:`chainnet.dependence`, one an input: 90 % or more from one supplier, at least.
    maybe
        How many more inputs may, for all that is published.
    """

    inputs: int
    known: pd.DataFrame
    maybe: int


def reliance(rows: pd.DataFrame) -> Reliance:
    """Count on whom it is known to rely.

    Parameters
    ----------
    rows
        Rows of :func:`chainnet.dependence`.

    Returns
    -------
    Reliance
        The sole sources first, what is consumed before tools.

    Examples
    --------
    >>> import chainnet as cn
    >>> found = reliance(cn.dependence(cn.load("japan-korea"), buyer="sk_hynix"))
    >>> found.known["input"].iloc[0], found.known["supplier"].iloc[0]
    ('muf_underfill', 'namics')
    """
    alone = rows["source"].isin(["sole", "single"])
    sure = rows[alone & (rows["low"] >= SINGLE - _SEEN)]
    sure = sure.assign(tool=sure["use"] == "capital", shared=sure["source"] != "sole", less=-sure["share"])
    sure = sure.sort_values(["tool", "shared", "less", "input"], kind="stable").drop_duplicates("input")
    perhaps = set(rows.loc[alone | (rows["source"] == "possible"), "input"]) - set(sure["input"])
    return Reliance(rows["input"].nunique(), sure.drop(columns=["tool", "shared", "less"]), len(perhaps))


@dataclass(frozen=True)
class Stops:
    """Whose closure stops what, with nobody stepping in.

    Parameters
    ----------
    found
        What each stops, those that stop most first.
    targets
        How many things may stop.
    worst
        Closure, target and loss of the largest loss that is no stop; None where there is none.
    """

    found: Mapping[str, tuple[str, ...]]
    targets: int
    worst: tuple[str, str, float] | None = None


def stops(subject: Subject, by: Literal["firm", "country"]) -> Stops:
    """Find whose closure alone stops what the subject makes.

    Parameters
    ----------
    subject
        Whom it is about. Its own closure does not count, nor its own country's.
    by
        What closes.

    Returns
    -------
    Stops
        Who stops what.
    """
    network = subject.network
    if subject.kind == "all" and by == "firm":
        table = stopping_firms(network)
        return Stops(_grouped(zip(table["closure"], table["target"], strict=True)), table["target"].nunique())
    own = _own(subject, by)
    hits: list[tuple[str, str, float]] = []
    for target in subject.targets:
        table = exposure(network, target, by=by)
        hits += [(c, target, loss) for c, loss in zip(table["closure"], table["loss"], strict=True)]
        if by == "firm" and subject.kind == "product":
            sole = markets(network).market(target).sole_maker
            hits += [(sole, target, 1.0)] if sole in network.home else []
    hits = [hit for hit in hits if hit[0] not in own and hit[2] > _SEEN]
    full = [(closure, target) for closure, target, loss in hits if loss >= STOPPED - _SEEN]
    worst = min(hits, key=lambda hit: (-round(hit[2], 9), hit[0], hit[1]), default=None)
    return Stops(_grouped(full), len(subject.targets), worst if not full else None)


def _own(subject: Subject, by: Literal["firm", "country"]) -> set[str]:
    if subject.kind == "firm" and by == "country":
        return {node.country for node in subject.economy.nodes if node.firm == subject.name}
    return {subject.name}


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for closure, target in pairs:
        found[closure].append(target)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return {closure: tuple(targets) for closure, targets in ordered}


def half_in_one_country(network: SupplyNetwork, inputs: Sequence[str]) -> tuple[int, Counter[str]]:
    """Count the inputs of which one country makes half or more of the world's output.

    Parameters
    ----------
    network
        The network.
    inputs
        Products.

    Returns
    -------
    measured : int
        Of how many inputs somebody is known to make something.
    leaders : Counter
        How many of them each country leads with half or more.

    Examples
    --------
    >>> import chainnet as cn
    >>> half_in_one_country(cn.load("japan-korea"), ["euv_scanner"])
    (1, Counter({'NLD': 1}))
    """
    table = concentration(network, by="country")
    table = table[table["product"].isin(inputs)]
    return len(table), Counter(table.loc[table["cr1"] >= 0.5 - _SEEN, "leader"])


@dataclass(frozen=True)
class Days:
    """What a run says of the subject.

    Parameters
    ----------
    run, drawn
        The run, and the same with other parameters.
    table
        Rows of :meth:`chainnet.simulation.Run.summary` that are the subject's, with ``low`` and
        ``high`` of the days lost.
    falling
        In how many of the drawings something of it falls below 95 %.
    """

    run: Run
    drawn: Sequence[pd.DataFrame]
    table: pd.DataFrame
    falling: int

    @property
    def lost(self) -> pd.DataFrame:
        """The rows that lose something."""
        return self.table[(self.table["days_lost"] > LEAST_DAYS) | self.table["time_to_survive"].notna()]


def days(subject: Subject, run: Run, n: int = DRAWINGS) -> Days:
    """Gather what a run says of a subject.

    Parameters
    ----------
    subject
        Whom it is about.
    run
        The run.
    n
        Drawings of the parameters; with none the spread is not known.

    Returns
    -------
    Days
        It, with its spread.
    """
    summary = run.summary(subject.level)
    own = summary[summary["name"].map(subject.has).astype(bool)].reset_index(drop=True)
    drawn = [
        paths[own["name"].tolist()] for paths in drawings(subject.network, run, level=subject.level, n=n)
    ]
    own = own.assign(low=math.nan, high=math.nan)
    if drawn and len(own):
        lost = pd.DataFrame([(1 - paths).sum() for paths in drawn])
        low, _, high = (lost.quantile(q)[own["name"]].to_numpy() for q in QUANTILES)
        own = own.assign(low=low, high=high)
    falling = sum(bool((paths < SURVIVES).to_numpy().any()) for paths in drawn)
    return Days(run, drawn, own, falling)


def losses(subject: Subject, outcome: Outcome) -> pd.DataFrame:
    """Return what the structural model takes from a subject.

    Parameters
    ----------
    subject
        Whom it is about.
    outcome
        What :func:`chainnet.disrupt` returned.

    Returns
    -------
    DataFrame
        ``name`` (such as ``samsung:dram``), ``loss``, ``assumed``; largest first.
    """
    table = outcome.by(subject.level)
    keys = [key for key in ("firm", "country", "product") if key in table.columns]
    table = table.assign(name=table[keys].agg(":".join, axis=1) if len(table) else "")
    own = table[table["name"].map(subject.has).astype(bool) & (table["loss"] > _SEEN)]
    return own[["name", "loss", "assumed"]].reset_index(drop=True)
