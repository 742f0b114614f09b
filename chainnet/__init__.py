"""chainnet: semiconductor supply chains as a directed graph of firms and materials.

Who is single-sourced on what, what stops if something stops, and how far partnerships reduce the
dependence; every number with its source. Start with :func:`load`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from chainnet._version import __version__

if TYPE_CHECKING:
    from chainnet.answers import findings
    from chainnet.attributions import attribute
    from chainnet.backtests import backtest, backtest_summary
    from chainnet.cascade import Outcome, disrupt
    from chainnet.centralities import centrality
    from chainnet.closures import cut_sets, exposure, exposure_matrix, stopping_firms
    from chainnet.comparisons import compare, compare_partnerships
    from chainnet.concentrations import concentration
    from chainnet.costs import Swing, Tariff, cost_effects, costs_of_partnerships
    from chainnet.datasets import available, inspect, load, read, write
    from chainnet.demands import lost_sales
    from chainnet.dependences import dependence, single_sourced
    from chainnet.errors import (
        ChainnetError,
        ConvergenceError,
        DataError,
        Fault,
        UnknownNameError,
        UsageError,
    )
    from chainnet.exchange.eto import read_eto
    from chainnet.exchange.exports import export
    from chainnet.exchange.graphimports import import_graph
    from chainnet.exchange.tradefiles import read_trade
    from chainnet.exchange.trades import trade_dependence
    from chainnet.linkfiles import read_links
    from chainnet.linkmeasures import link_statistics
    from chainnet.matches import match
    from chainnet.network import SupplyNetwork
    from chainnet.objectives import objective
    from chainnet.overlays import difference, overlay
    from chainnet.parameters import Parameters
    from chainnet.partnerships import (
        arranged,
        assumptions,
        partnership_table,
        with_partnerships,
        without_partnerships,
    )
    from chainnet.portfolios import Portfolio, optimise
    from chainnet.prices import price_pressure, price_responses
    from chainnet.reports import report
    from chainnet.responses import device_outcomes, every_closure, recorded_shocks
    from chainnet.rewirings import Rewired, rewire
    from chainnet.scenarios import Control, Scenario, Selector, Shock
    from chainnet.scenarios.files import event, events
    from chainnet.sensitivities import sensitivity
    from chainnet.simulation import Run, simulate
    from chainnet.survival import time_to_survive
    from chainnet.sweeps import closure_cases, sweep
    from chainnet.synthetic import SyntheticEconomy, synthetic_economy
    from chainnet.systemic import systemic_risk
    from chainnet.uncertainties import uncertainty
    from chainnet.upstreams import upstream_risk

# Importing chainnet only learns where its names live: the command line stays quick to start.
_HOME = {
    "findings": "answers",
    "attribute": "attributions",
    "backtest": "backtests",
    "backtest_summary": "backtests",
    "sensitivity": "sensitivities",
    "uncertainty": "uncertainties",
    "upstream_risk": "upstreams",
    "Outcome": "cascade",
    "disrupt": "cascade",
    "centrality": "centralities",
    "available": "datasets",
    "inspect": "datasets",
    "load": "datasets",
    "read": "datasets",
    "write": "datasets",
    "concentration": "concentrations",
    "Swing": "costs",
    "Tariff": "costs",
    "cost_effects": "costs",
    "costs_of_partnerships": "costs",
    "closure_cases": "sweeps",
    "sweep": "sweeps",
    "cut_sets": "closures",
    "dependence": "dependences",
    "lost_sales": "demands",
    "exposure": "closures",
    "exposure_matrix": "closures",
    "single_sourced": "dependences",
    "stopping_firms": "closures",
    "ChainnetError": "errors",
    "ConvergenceError": "errors",
    "DataError": "errors",
    "Fault": "errors",
    "UnknownNameError": "errors",
    "UsageError": "errors",
    "export": "exchange.exports",
    "import_graph": "exchange.graphimports",
    "read_eto": "exchange.eto",
    "read_trade": "exchange.tradefiles",
    "trade_dependence": "exchange.trades",
    "link_statistics": "linkmeasures",
    "read_links": "linkfiles",
    "match": "matches",
    "SupplyNetwork": "network",
    "compare": "comparisons",
    "compare_partnerships": "comparisons",
    "arranged": "partnerships",
    "assumptions": "partnerships",
    "partnership_table": "partnerships",
    "with_partnerships": "partnerships",
    "without_partnerships": "partnerships",
    "difference": "overlays",
    "overlay": "overlays",
    "Parameters": "parameters",
    "objective": "objectives",
    "Portfolio": "portfolios",
    "optimise": "portfolios",
    "Rewired": "rewirings",
    "rewire": "rewirings",
    "report": "reports",
    "device_outcomes": "responses",
    "every_closure": "responses",
    "recorded_shocks": "responses",
    "price_pressure": "prices",
    "price_responses": "prices",
    "event": "scenarios.files",
    "events": "scenarios.files",
    "Control": "scenarios",
    "Scenario": "scenarios",
    "Selector": "scenarios",
    "Shock": "scenarios",
    "Run": "simulation",
    "simulate": "simulation",
    "SyntheticEconomy": "synthetic",
    "synthetic_economy": "synthetic",
    "systemic_risk": "systemic",
    "time_to_survive": "survival",
}

__all__ = [
    "ChainnetError",
    "Control",
    "ConvergenceError",
    "DataError",
    "Fault",
    "Outcome",
    "Parameters",
    "Portfolio",
    "Rewired",
    "Run",
    "Scenario",
    "Selector",
    "Shock",
    "SupplyNetwork",
    "Swing",
    "SyntheticEconomy",
    "Tariff",
    "UnknownNameError",
    "UsageError",
    "__version__",
    "arranged",
    "assumptions",
    "attribute",
    "available",
    "backtest",
    "backtest_summary",
    "centrality",
    "closure_cases",
    "compare",
    "compare_partnerships",
    "concentration",
    "cost_effects",
    "costs_of_partnerships",
    "cut_sets",
    "dependence",
    "device_outcomes",
    "difference",
    "disrupt",
    "event",
    "events",
    "every_closure",
    "export",
    "exposure",
    "exposure_matrix",
    "findings",
    "import_graph",
    "inspect",
    "link_statistics",
    "load",
    "lost_sales",
    "match",
    "objective",
    "optimise",
    "overlay",
    "partnership_table",
    "price_pressure",
    "price_responses",
    "read",
    "read_eto",
    "read_links",
    "read_trade",
    "recorded_shocks",
    "report",
    "rewire",
    "sensitivity",
    "simulate",
    "single_sourced",
    "stopping_firms",
    "sweep",
    "synthetic_economy",
    "systemic_risk",
    "time_to_survive",
    "trade_dependence",
    "uncertainty",
    "upstream_risk",
    "with_partnerships",
    "without_partnerships",
    "write",
]


def __getattr__(name: str) -> object:
    """Import a public name, or a module such as ``figures``, when it is first asked for."""
    if name in _HOME:
        module = import_module(f"chainnet.{_HOME[name]}")
        value = getattr(module, name)
        # Importing a module named like the function would otherwise shadow it.
        globals()[name] = value
        return value
    if name == "figures":
        return import_module("chainnet.figures")
    raise AttributeError(f"module 'chainnet' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
