"""The structural what-if: what stops, and how far, when plants close or flows are held back.

After the economic systemic risk index of Diem, Borsos, Reisch, Kertész & Thurner 2022
(doi:10.1038/s41598-022-11522-z): a plant's output is bounded by its own capacity and by its
scarcest critical input, and each important one takes its part of what the others leave (the
published index adds them up, as parts of all purchases; here each impact is judged by itself, and
the small losses of many inputs are no stop). Only consumed inputs stop a
plant; capital goods (tools, software, licences) are reported beside it as *capital exposure*.
There is no time in this model: stocks, qualification and repair are not in it, so it says who
depends, not what will be lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from chainnet.cards import card
from chainnet.economy import Economy, compile_network
from chainnet.errors import UsageError
from chainnet.kernels import BoolArray, FloatArray, IntArray, Links, lost_shares, settle
from chainnet.markets import markets
from chainnet.network import SupplyNetwork
from chainnet.parameters import spare_of
from chainnet.scenarios import Control, Scenario, Shock
from chainnet.tables import records

Replaceability = Literal["none", "qualified", "market"]
#: Spare output of a plant in normal use where the product's utilisation is unknown: assumed.
SLACK = 0.1
_SEEN = 1e-9
#: Rows of the card that a notebook shows.
_CARD = 8


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a scenario does to each plant.

    Parameters
    ----------
    economy, scenario
        What was run.
    values
        Output of each node, as a share of normal output.
    exposure
        Capital exposure of each node: share of the suppliers of its installed tools, and so of
        any expansion, that is hit.
    passes
        What controls let through of each edge, None where there is none.
    rounds
        Rounds until nothing moved.
    """

    economy: Economy
    scenario: Scenario
    values: FloatArray
    exposure: FloatArray
    passes: FloatArray | None
    rounds: int

    @property
    def output(self) -> pd.Series[float]:
        """Output of each plant, share of normal, by plant id."""
        return pd.Series(self.values, index=self.economy.table["plant"], name="output")

    @property
    def loss(self) -> pd.Series[float]:
        """Loss of each plant, 1 − output, by plant id."""
        return (1 - self.output).rename("loss")

    @cached_property
    def plants(self) -> pd.DataFrame:
        """The plants hit, with loss, whether shocked themselves, through which input, and how that is known.

        ``through`` is the input that binds; ``step`` and ``status`` are those of the largest part
        of the purchases that is lost (rung 1 to 5 of the ladder of :mod:`chainnet.markets`).
        """
        table = self.economy.table.drop(columns=["low", "high", "placed"]).rename(
            columns={"status": "share_status"}
        )
        table = table.drop(columns="step").assign(loss=1 - self.values, capital_exposure=self.exposure)
        reasons = pd.DataFrame(self._reasons, columns=["through", "step", "status", "ref"], index=table.index)
        hit = (table["loss"] > _SEEN) | (table["capital_exposure"] > _SEEN)
        table = pd.concat([table, reasons], axis=1)[hit]
        return _largest_first(table, ["plant"])

    @cached_property
    def _reasons(self) -> list[tuple[str, int, str, str]]:
        links, psi = self.economy.links, self.economy.capacity(self.scenario)
        lost = lost_shares(links, self.values, passes=self.passes)
        harm = lost * links.group_impact
        worst: dict[int, int] = {}
        for g in np.flatnonzero(harm > _SEEN):
            buyer = int(links.group_buyer[g])
            if buyer not in worst or harm[g] > harm[worst[buyer]]:
                worst[buyer] = int(g)
        groups = [
            group
            for group in self.economy.groups
            if not group.capital and any(i >= 0 for i, _ in group.purchases)
        ]
        return [self._reason(i, psi, worst, groups) for i in range(links.n)]

    def _reason(
        self, i: int, psi: FloatArray, worst: dict[int, int], groups: list[Any]
    ) -> tuple[str, int, str, str]:
        if psi[i] < 1 and abs(self.values[i] - psi[i]) <= _SEEN:
            return "closed by the shock", 0, "", ""
        if i not in worst:
            return "", 0, "", ""
        g = worst[i]
        links = self.economy.links
        edges = range(int(links.group_start[g]), int(links.group_start[g + 1]))
        through = self.passes if self.passes is not None else np.ones(len(links.supplier))
        parts = [links.weight[e] * (1 - through[e] * self.values[links.supplier[e]]) for e in edges]
        bought = [purchase for node, purchase in groups[g].purchases if node >= 0]
        largest = bought[int(np.argmax(parts))]
        made = largest.maker.product if largest.maker else groups[g].inputs[0]
        return made, largest.step, largest.status, largest.ref

    def _repr_html_(self) -> str:
        """Return a card for notebooks: what happens, and what is lost of the products hit worst."""
        table = self.by("product")
        facts = {"products hit": f"{len(table):,}", "plants hit": f"{len(self.plants):,}"}
        label = self.economy.network.label
        rows = [
            (label(row["product"]), f"{row['loss']:.1%}", f"{row['capital_exposure']:.1%}")
            for row in records(table.head(_CARD))
        ]
        heads = ("product", "output lost", "capital exposure")
        return card(f"Outcome: {self.scenario.name}", facts, heads=heads, rows=rows)

    def by(self, level: Literal["firm", "product", "country"]) -> pd.DataFrame:
        """Losses by product and firm, by product, or by product and country, largest first.

        Each plant weighs as much as its share of the product's world output; what is
        unattributed goes on. Output of different products is never added up.

        Parameters
        ----------
        level
            ``firm``, ``product`` or ``country``.

        Returns
        -------
        DataFrame
            ``loss`` of the normal output; by firm and country also ``world_loss``, the same as a
            share of the world's output of the product; ``assumed``: the part of the loss that
            hangs on assumed purchases; and ``capital_exposure``.
        """
        columns = {"firm": ["firm", "product"], "product": ["product"], "country": ["country", "product"]}
        if level not in columns:
            raise UsageError(f"cannot add up by {level!r}; use {', '.join(columns)}.")
        guessed = [float(status == "assumed") for _, _, status, _ in self._reasons]
        table = self.economy.table.assign(loss=1 - self.values, exposure=self.exposure, guessed=guessed)
        if level == "firm":
            table = table[table["firm"] != ""]
        table = table[table["step"] != "planned"]
        table = table.assign(lost=table["loss"] * table["share"], exposed=table["exposure"] * table["share"])
        table["guessed"] *= table["lost"]
        sums = table.groupby(columns[level], sort=True).agg(
            share=("share", "sum"),
            lost=("lost", "sum"),
            exposed=("exposed", "sum"),
            guessed=("guessed", "sum"),
            loss=("loss", "mean"),
            exposure=("exposure", "mean"),
        )
        if level == "product":
            # Of a whole product also the part that is nobody's in particular counts: it goes on.
            sums["share"] += pd.Series(self.economy.unattributed).reindex(sums.index)
        known = sums["share"] > _SEEN
        # A maker that holds no share of the world's output: its plants count alike.
        sums["loss"] = (sums["lost"] / sums["share"]).where(known, sums["loss"])
        sums["capital_exposure"] = (sums["exposed"] / sums["share"]).where(known, sums["exposure"])
        sums["assumed"] = (sums["guessed"] / sums["lost"]).where(sums["lost"] > _SEEN, 0.0)
        measures = ["loss", *(["world_loss"] if level != "product" else []), "assumed", "capital_exposure"]
        sums = sums.rename(columns={"lost": "world_loss"})[measures].reset_index()
        sums = sums[(sums["loss"] > _SEEN) | (sums["capital_exposure"] > _SEEN)]
        return _largest_first(sums, columns[level])


def _largest_first(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Sort by loss, then by capital exposure, then by name; what differs by rounding alone is equal."""
    measures = ["loss", "capital_exposure"]
    order = table[measures].round(9).assign(**{name: table[name] for name in names})
    order = order.sort_values([*measures, *names], ascending=[False, False, *[True] * len(names)])
    return table.loc[order.index].reset_index(drop=True)


def disrupt(
    network: SupplyNetwork,
    scenario: Scenario | str,
    *,
    replaceability: Replaceability = "none",
    include_capital: bool = False,
    tol: float = 1e-6,
) -> Outcome:
    """Say what stops when plants close or flows are held back, and how far.

    The lost share of an input adds up what does not arrive: each supplier's share of the
    purchases times what it, or the control on the flow, takes away. Output falls to what the
    scarcest critical input allows, and to the product, over the important inputs, of 1 less impact
    times lost share.

    Parameters
    ----------
    network
        The network.
    scenario
        Shocks and controls, or one of them as text; their days do not matter here.
    replaceability
        Who steps in. ``none``: nobody, which shows who depends. ``qualified``: suppliers
        qualified at the buyer, with their slack (10 % of output, assumed, where the product's
        utilisation is unknown). ``market``: the rest of the market, as published: a lost supplier
        counts as its share of what the market still makes. A sole source is never replaced.
    include_capital
        Treat capital goods as if they were consumed: the closure of a tool maker then stops the
        fabs that own its tools.
    tol
        Settled once no output moves by more than this in a round.

    Returns
    -------
    Outcome
        Output and loss by plant, firm, product and country.

    Raises
    ------
    UsageError
        The scenario hits nothing in this network.
    ConvergenceError
        Output still moved after the last round.

    References
    ----------
    Diem et al. (2022), Scientific Reports 12, 7719. doi:10.1038/s41598-022-11522-z

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> outcome = cn.disrupt(net, cn.Scenario.parse("asml"))
    >>> bool((outcome.by("product").query("product == 'dram'")["loss"] == 0).all())
    True
    """
    if replaceability not in ("none", "qualified", "market"):
        raise UsageError(f"no replaceability {replaceability!r}; use none, qualified or market.")
    scenario = (Scenario.parse(scenario) if isinstance(scenario, str) else scenario).resolve(network)
    economy = compile_network(network, scenario.date, scenario.shares)
    psi = economy.capacity(scenario)
    links = economy.links_with_capital if include_capital else economy.links
    passes = economy.passes(scenario, links)
    must_hit(economy, scenario)
    sigma = _sigma(economy, links, passes, replaceability)
    values, rounds = settle(links, psi, passes=passes, sigma=sigma, tol=tol)
    plain = passes if not include_capital else economy.passes(scenario, economy.links)
    return Outcome(
        economy, scenario, values, _capital_exposure(economy, scenario, values), plain, int(rounds)
    )


def must_hit(economy: Economy, scenario: Scenario) -> None:
    """Raise where a shock or a control of a scenario means nothing in an economy.

    Parameters
    ----------
    economy
        The economy.
    scenario
        What should happen to it.

    Raises
    ------
    UsageError
        A shock means no plant, or a control that was asked for by hand no flow.
    """
    for shock in idle_shocks(economy, scenario):
        raise UsageError(
            f"{shock.selector} means no plant in production in {economy.date}; see `chainnet show`."
        )
    if scenario.id:
        # A recorded event may control flows that a graph does not have: it then does nothing there.
        return
    for control in idle_controls(economy, scenario):
        raise UsageError(f"{control} cuts no flow in {economy.date}: nobody there buys it from there.")


def idle_shocks(economy: Economy, scenario: Scenario) -> list[Shock]:
    """Return the shocks of a resolved scenario that mean no plant of an economy."""
    return [shock for shock in scenario.shocks if not economy.mask(shock.selector).any()]


def idle_controls(economy: Economy, scenario: Scenario) -> list[Control]:
    """Return the controls of a resolved scenario that hold back what nobody there buys from there."""
    every = economy.links_with_capital

    def cuts_nothing(control: Control) -> bool:
        one = economy.passes(Scenario("", controls=(control,)), every)
        return control.passes < 1 and one is not None and bool((one == 1).all())

    return [control for control in scenario.controls if cuts_nothing(control)]


def _capital_exposure(economy: Economy, scenario: Scenario, values: FloatArray) -> FloatArray:
    links = economy.capital_links
    exposure = np.zeros(links.n)
    if len(links.supplier):
        passes = economy.passes(scenario, links)
        np.maximum.at(exposure, links.group_buyer, lost_shares(links, values, passes=passes))
    return exposure


def _sigma(
    economy: Economy,
    links: Links,
    passes: FloatArray | None,
    replaceability: Replaceability,
) -> Callable[[FloatArray], FloatArray] | None:
    """Return the replaceability of each edge as a function of the nodes' output."""
    if replaceability == "none":
        return None
    of = np.unique([economy.nodes[i].product for i in links.supplier], return_inverse=True)
    names, product = of[0], of[1]
    group = np.repeat(np.arange(len(links.group_buyer)), np.diff(links.group_start))
    sole = _sole_source(economy, links, group)
    number = {name: k for k, name in enumerate(names)}
    node_product = np.array([number.get(node.product, -1) for node in economy.nodes])
    share = np.array([node.share for node in economy.nodes])
    nobody = np.array([economy.unattributed.get(name, 0.0) for name in names])
    through = np.ones(len(links.supplier)) if passes is None else passes
    made = node_product >= 0
    # A supplier is a firm with all its plants, as in the published index: however a firm's output is
    # spread over plants, it is as hard to replace.
    sellers = [f"{node.firm or node.plant}:{node.product}" for node in economy.nodes]
    seller = np.unique(sellers, return_inverse=True)[1]
    held = np.bincount(seller, weights=share)[seller]

    def market(h: FloatArray) -> FloatArray:
        alive = nobody.copy()
        np.add.at(alive, node_product[made], (share * h)[made])
        # What a control keeps from this buyer is not part of the market that it can reach.
        out_of_reach = np.zeros(len(links.group_buyer))
        np.add.at(out_of_reach, group, (1 - through) * (share * h)[links.supplier])
        reach = np.maximum(alive[product] - out_of_reach[group], 0.0)
        sigma = np.ones(len(reach))
        np.divide(held[links.supplier], reach, out=sigma, where=reach > _SEEN)
        return np.where(sole, 1.0, np.minimum(1.0, sigma))

    if replaceability == "market":
        return market
    slack, able = _slack_of_qualified(economy, links, group)

    def qualified(h: FloatArray) -> FloatArray:
        spare = able @ (share * slack * h)
        lost = np.zeros(len(names))
        np.add.at(lost, node_product[made], (share * (1 - h))[made])
        kept = np.zeros(len(links.group_buyer))
        np.add.at(kept, group, (1 - through) * (share * h)[links.supplier])
        gone = lost[product] + kept[group]
        sigma = np.ones(len(gone))
        np.divide(gone - spare[group], gone, out=sigma, where=gone > _SEEN)
        return np.where(sole, 1.0, np.clip(sigma, 0.0, 1.0))

    return qualified


def _sole_source(economy: Economy, links: Links, group: IntArray) -> BoolArray:
    """Edges whose buyer relies on one firm alone for the input."""
    firm = np.unique([node.firm or node.plant for node in economy.nodes], return_inverse=True)[1]
    alone = np.zeros(len(links.group_buyer), dtype=bool)
    for g, (start, end) in enumerate(zip(links.group_start[:-1], links.group_start[1:], strict=True)):
        whole = links.weight[start:end].sum() > 1 - 1e-6
        alone[g] = whole and len(set(firm[links.supplier[start:end]])) == 1
    edges: BoolArray = alone[group]
    return edges


def _slack_of_qualified(economy: Economy, links: Links, group: IntArray) -> tuple[FloatArray, FloatArray]:
    """Slack of each node, and which nodes are qualified for each group (as a matrix)."""
    at = markets(economy.network, economy.date)
    products = economy.network.products
    used = dict(zip(products["product"], products["utilisation"], strict=True))
    slack = np.array([spare_of(used.get(node.product, float("nan")), SLACK) for node in economy.nodes])
    makers: dict[str, list[int]] = {}
    for i, node in enumerate(economy.nodes):
        if node.step != "planned":
            makers.setdefault(node.product, []).append(i)
    able = np.zeros((len(links.group_buyer), links.n))
    first = {int(g): int(e) for e, g in reversed(list(enumerate(group)))}
    for g, buyer in enumerate(links.group_buyer):
        node = economy.nodes[int(buyer)]
        product = economy.nodes[int(links.supplier[first[g]])].product
        names = at.qualified(node.firm, node.country, product)
        for i in makers.get(product, []):
            able[g, i] = bool(names & {economy.nodes[i].firm, economy.nodes[i].country})
    return slack, able
