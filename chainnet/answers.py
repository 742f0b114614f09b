"""The finding: how far partnerships between Japan and Korea reduce dependence, as one page of Markdown.

Every number is worked out from the network when the page is made. The words stand in
``templates/findings.md``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Any

import pandas as pd

from chainnet._version import __version__
from chainnet.attributions import attribute
from chainnet.comparisons import Country, compare_partnerships
from chainnet.costs import cost_effects, costs_of_partnerships
from chainnet.dependences import SINGLE, dependence
from chainnet.errors import UsageError
from chainnet.matches import match
from chainnet.network import SupplyNetwork
from chainnet.objectives import objective
from chainnet.partnerships import assumptions, effects_of
from chainnet.portfolios import Portfolio, optimise
from chainnet.responses import device_outcomes, every_closure, recorded_shocks
from chainnet.rewirings import rewire
from chainnet.scenarios import Scenario
from chainnet.sensitivities import sensitivity
from chainnet.survival import RECOVER_DAYS
from chainnet.tables import records

PAIR: tuple[Country, Country] = ("KOR", "JPN")
_NAMES: Mapping[Country, str] = {"JPN": "Japan", "KOR": "Korea"}
_PEOPLE: Mapping[Country, str] = {"JPN": "Japanese", "KOR": "Korean"}
#: A change of days below this is told as none.
_WORTH = 5e-4
#: A change of cost below this is told as none.
_SMALL = 5e-6
_PLACES, _DAYS = "pairs of buyer and input taken to rest on one foreign", "mean days of device output lost"
_DEVICES = ("dram", "nand", "logic_advanced")


@dataclass(frozen=True, eq=False)
class _Study:
    """The network, and what is worked out of it once."""

    network: SupplyNetwork
    n: int
    seed: int

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Who leads each buyer's purchases of each input, by country."""
        table = dependence(self.network, by="country")
        return table.assign(home=table["buyer"].map(self.network.home))

    @cached_property
    def days_of_stops(self) -> dict[Country, pd.Series[float]]:
        """Days of device output that a country loses when a product of the other one stops, if any."""
        # A stop of an end product takes no input from anybody: it takes customers.
        products = self.network.products
        inputs = set(products.loc[products["stage"] != "end_use", "product"])
        every = [
            stop
            for stop in every_closure(self.network, ["country-product"])
            if stop.name.partition(":")[2] in inputs
        ]
        found = {}
        for buyer in PAIR:
            stops = [stop for stop in every if stop.name.startswith(f"{_other(buyer)}:")]
            table = device_outcomes(self.network, stops, level="country", only=buyer)
            days = table.groupby("scenario")["days_lost"].mean()
            named = days.set_axis([stops[int(k)].name for k in days.index])
            found[buyer] = named[named > _WORTH].sort_values(ascending=False, kind="stable")
        return found

    @cached_property
    def stops(self) -> dict[Country, tuple[Scenario, ...]]:
        """The stops of a country's products that cost the other one anything."""
        every = {stop.name: stop for stop in every_closure(self.network, ["country-product"])}
        return {
            _other(buyer): tuple(every[str(name)] for name in days.index)
            for buyer, days in self.days_of_stops.items()
        }

    @cached_property
    def joint(self) -> dict[str, list[str]]:
        """Partnerships that join both countries and have an effect, by state."""
        found: dict[str, list[str]] = {"actual": [], "proposed": []}
        for row in records(self.network.partnerships):
            joins = set(PAIR) <= set(row["countries"].split(";"))
            if joins and row["state"] in found and effects_of(self.network, [row["partnership"]]):
                found[row["state"]].append(row["partnership"])
        return found

    @cached_property
    def local(self) -> list[str]:
        """What Korean firms built by themselves."""
        table = self.network.partnerships
        own = table[(table["countries"] == "KOR") & (table["state"] == "actual")]
        return [str(name) for name in own["partnership"] if effects_of(self.network, [name])]

    @cached_property
    def hardest(self) -> tuple[str, str]:
        """The stop that costs Korea most, and the device that loses most by it."""
        worst = self.stops["JPN"][0]
        table = device_outcomes(self.network, [worst], level="country", only="KOR")
        days = table.set_index("name")["days_lost"]
        return f"{worst.name}@0+{RECOVER_DAYS}", str(days.idxmax())

    @cached_property
    def best(self) -> Portfolio:
        """The three of all that is proposed that lower Korea's days lost most."""
        aim = objective("days_lost", scenarios=self.stops["JPN"], only="KOR")
        return optimise(self.network, self.joint["proposed"], objective=aim, max_n=3)

    def change(
        self, names: Sequence[str], buyer: Country, scenarios: Sequence[Scenario] = ()
    ) -> pd.DataFrame:
        """Return what partnerships together change for a country."""
        chosen = scenarios or self.stops[_other(buyer)]
        options: dict[str, Any] = {"only": buyer, "together": True, "n": self.n, "seed": self.seed}
        table = compare_partnerships(self.network, names, chosen, **options)
        return table.drop(columns="partnership")


def _other(place: Country) -> Country:
    return PAIR[1 - PAIR.index(place)]


def findings(network: SupplyNetwork, *, n: int = 10, seed: int = 0) -> str:
    """Say how far partnerships between Japan and Korea reduce single-source dependence.

    Parameters
    ----------
    network
        The network.
    n, seed
        Drawings of all that is assumed for the intervals, and their seed.

    Returns
    -------
    str
        One page of Markdown: the answer, what is in force, what is proposed, each one's part, what to
        build next, how much is possible, what it costs, what is robust, and what is assumed.

    Raises
    ------
    UsageError
        No stop in one country costs the other one anything: there is no question to answer.

    Examples
    --------
    For the bundled graph it takes some minutes: ``print(cn.findings(cn.load("japan-korea")))``. Where
    nobody needs anything there is no question:

    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> cn.findings(net.replace(needs=net.needs.iloc[:0], sourcing=net.sourcing.iloc[:0]))
    Traceback (most recent call last):
    chainnet.errors.UsageError: no product of Japan or Korea costs the other one any output in this graph.
    """
    from jinja2 import Environment, StrictUndefined

    text = resources.files("chainnet").joinpath("templates/findings.md").read_text(encoding="utf-8")
    # Markdown, and no page: what is told is text of the graph's own tables.
    page = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701
    study = _Study(network, n, seed)
    if not all(study.stops.values()):
        raise UsageError("no product of Japan or Korea costs the other one any output in this graph.")
    return page.from_string(text).render(_told(study)).rstrip("\n") + "\n"


def _told(study: _Study) -> dict[str, Any]:
    network, joint = study.network, study.joint
    sides = [_side(study, buyer) for buyer in PAIR]
    rewired = rewire(network, seed=study.seed)
    shock, of = study.hardest
    drivers = sensitivity(network, shock, of, n=8, seed=study.seed, days=365)
    told = study.pairs[study.pairs["home"].isin(PAIR)]
    links = _links(study)
    return {
        "runs": study.n,
        "seed": study.seed,
        "version": __version__,
        "graph": network.name,
        "digest": network.digest[:12],
        "stop_days": RECOVER_DAYS,
        "sides": sides,
        "today": _markdown(pd.DataFrame([side["row"] for side in sides])),
        "worst": _markdown(pd.DataFrame([row for side in sides for row in side["stops"]])),
        "in_force": joint["actual"],
        "proposed": joint["proposed"],
        "local": study.local,
        "local_table": _changes(study.change(study.local, "KOR")),
        "controls": _changes(study.change(joint["proposed"], "KOR", _controls(network))),
        "links": _markdown(links),
        "top_link": next(
            (f"{row['buyer']} buying {row['input']} from {row['from']}" for row in records(links)), "none"
        ),
        "best": study.best,
        "best_names": ", ".join(study.best.chosen) or "none",
        "rewired": rewired,
        "rewired_percent": f"{1 - rewired.after / rewired.before:.1%}",
        "rewired_assumed": f"{rewired.assumed:.0%}",
        "costs": _markdown(_costs(network)),
        "guessed": f"{(told['step'] == 5).mean():.0%}",
        "known": f"{(told['step'] <= 2).mean():.0%}",
        "shock": shock,
        "of": of,
        "drivers": ", ".join(f"{row['parameter']} ({row['total']:.2f})" for row in records(drivers.head(5))),
        "thirds": _markdown(_thirds(study)),
        "idle": _idle(network),
        "assumed": assumptions(network, [*joint["actual"], *joint["proposed"]]),
    }


def _controls(network: SupplyNetwork) -> list[Scenario]:
    return [shock for shock in recorded_shocks(network) if shock.id.startswith("2019-export-controls")]


def _side(study: _Study, buyer: Country) -> dict[str, Any]:
    own = study.pairs[study.pairs["home"] == buyer]
    led = own[own["supplier"] == _other(buyer)]
    most, single = int((led["share"] >= 0.5).sum()), int((led["share"] >= SINGLE).sum())
    days = study.days_of_stops[buyer]
    row = {
        "buyers in": _NAMES[buyer],
        "pairs": len(own),
        "led by the other country": len(led),
        "half or more": most,
        f"{SINGLE:.0%} or more": single,
        "led by guess (rung 5)": int((led["step"] == 5).sum()),
        "stops that cost days": len(days),
        "days lost, mean of these": _short(days.mean()),
    }
    stops = [
        {"stop": name, "days lost in": _NAMES[buyer], "days": _short(value)}
        for name, value in days.head(6).items()
    ]
    return {
        "name": _NAMES[buyer],
        "people": _PEOPLE[buyer],
        "other": _NAMES[_other(buyer)],
        "pairs": len(own),
        "most": most,
        "single": single,
        "costly": len(days),
        "mean_stop": f"{days.mean():.2f}",
        "worst": str(days.index[0]).partition(":")[2],
        "worst_days": f"{days.iloc[0]:.1f}",
        "row": row,
        "stops": stops,
        "force": _sum(study.change(study.joint["actual"], buyer)),
        "plans": _sum(study.change(study.joint["proposed"], buyer)),
        "shapley": _shapley(study, buyer),
    }


def _sum(table: pd.DataFrame) -> dict[str, str]:
    """Return a comparison as a table, and its two main lines in words."""
    rows = table.set_index("measure").T.to_dict()
    pairs = next(row for name, row in rows.items() if str(name).startswith(_PLACES))
    days = rows[_DAYS]
    spread = f" (change {days['low']:+.3f} to {days['high']:+.3f})" if pd.notna(days["low"]) else ""
    return {
        "table": _changes(table),
        "pairs": f"{pairs['before']:.0f} to {pairs['after']:.0f}",
        "days": f"{days['before']:.3f} to {days['after']:.3f}{spread}",
    }


def _changes(table: pd.DataFrame) -> str:
    numbers = ("before", "after", "change", "low", "high")
    return _markdown(table.assign(**{name: [_short(value) for value in table[name]] for name in numbers}))


def _shapley(study: _Study, buyer: Country) -> str:
    names = [*study.joint["actual"], *study.joint["proposed"]]
    aim = objective("days_lost", scenarios=study.stops[_other(buyer)], only=buyer)
    table = attribute(study.network, names, aim, exact_up_to=4, samples=4, seed=study.seed)
    table = table[table["value"].abs() > _WORTH].sort_values("value", kind="stable")
    numbers = ("value", "error", "alone")
    return _markdown(table.assign(**{name: [_short(value) for value in table[name]] for name in numbers}))


def _links(study: _Study) -> pd.DataFrame:
    table = match(study.network, PAIR)
    table = table[table["use"] == "consumed"].head(10)
    return pd.DataFrame(
        {
            "buyer": table["buyer"],
            "input": table["input"],
            "from": table["supplier"] + " (" + table["supplier_country"] + ")",
            "instead of": table["leader"],
            "its share": [_short(value) for value in table["share"]],
            "rung": table["step"],
            "loss removed": [_short(value) for value in table["loss_removed"]],
            "days to qualify": table["qualification_days"].astype(int),
            "capacity": table["capacity"],
        }
    )


def _costs(network: SupplyNetwork) -> pd.DataFrame:
    rows = []
    for row in records(network.partnerships):
        tariffs, swings = costs_of_partnerships(network, [row["partnership"]])
        if row["state"] == "lapsed" or not (tariffs or swings):
            continue
        table = cost_effects(network, tariffs, swings, level="country")
        table = table[table["country"].isin(PAIR) & table["product"].isin(_DEVICES)]
        for cost in records(table.sort_values(["country", "product"])):
            numbers = {key: f"{cost[key]:+.3%}" for key in ("change", "low", "high", "at_once")}
            about = {"partnership": row["partnership"], "state": row["state"]}
            if abs(cost["change"]) > _SMALL:
                rows.append(about | {"of": f"{cost['country']}:{cost['product']}"} | numbers)
    return pd.DataFrame(rows)


def _thirds(study: _Study) -> pd.DataFrame:
    rows = []
    for buyer in PAIR:
        own = study.pairs[(study.pairs["home"] == buyer) & (study.pairs["share"] >= SINGLE)]
        other = own[~own["supplier"].isin([*PAIR, ""])]
        for place, of in other.groupby("supplier"):
            inputs = ", ".join(sorted(set(of["input"])))
            rows.append({"buyers in": _NAMES[buyer], "rest on": place, "pairs": len(of), "for": inputs})
    return pd.DataFrame(rows)


def _idle(network: SupplyNetwork) -> list[str]:
    return [
        str(row["partnership"])
        for row in records(network.partnerships)
        if row["state"] != "lapsed"
        and set(PAIR) <= set(row["countries"].split(";"))
        and not effects_of(network, [row["partnership"]])
    ]


def _short(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.4g}"


def _markdown(table: pd.DataFrame) -> str:
    if table.empty:
        return "None."
    rows = [[str(name) for name in table.columns], ["---"] * len(table.columns)]
    rows += [[str(cell) for cell in row] for row in table.itertuples(index=False, name=None)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
