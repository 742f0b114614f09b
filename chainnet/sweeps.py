"""Many what-ifs of one network: every closure, every pair of them, any list of scenarios.

One row a case, in the order of the cases. With a store a sweep may be killed at any moment and goes
on where it was; see :mod:`chainnet.stores`. Threads, processes or a cluster do the work, and return
the same bits; see :mod:`chainnet.studies`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from itertools import combinations, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from chainnet.cascade import must_hit
from chainnet.closures import Closure, closing, selector_of
from chainnet.economy import Economy, compile_network
from chainnet.errors import UsageError
from chainnet.kernels import FloatArray, settle
from chainnet.network import SupplyNetwork
from chainnet.parameters import parameters_of
from chainnet.responses import STAGES
from chainnet.scenarios import Scenario, Share, Shock, parse_selector
from chainnet.scenarios.texts import scenario_of, scenario_text, scenario_words
from chainnet.simulation import SURVIVES, Level, days_lost, outputs_by, sums_of
from chainnet.stores import Row, opened
from chainnet.studies import Engine, Study, answer
from chainnet.survival import RECOVER_DAYS

_SEEN = 1e-9
#: Cases of a block: a second or so of work.
_BLOCK, _BLOCK_OF_DAYS = 256, 16
_ROWS = 10_000


class Target(NamedTuple):
    """Whose output is looked at: a name at a level, as :meth:`chainnet.Run.by` has it."""

    level: Level
    name: str


class Question(NamedTuple):
    """What a sweep asks of each case."""

    network: SupplyNetwork
    targets: tuple[Target, ...]
    days: int | None


@dataclass(frozen=True)
class Closures:
    """The closures of a kind, or all pairs of them, made one by one when they are asked for.

    Parameters
    ----------
    names
        What closes.
    by
        What kind of thing it is.
    size
        How many close at once.
    date
        A year or date; None is the graph's own year.
    """

    names: tuple[str, ...]
    by: Closure
    size: int
    date: str | None = None

    def __len__(self) -> int:
        """Return how many there are."""
        return math.comb(len(self.names), self.size)

    def __iter__(self) -> Iterator[Scenario]:
        """Make them."""
        shocks = {name: Shock(selector_of(name, self.by), 0.0, 0, RECOVER_DAYS) for name in self.names}
        for names in combinations(self.names, self.size):
            yield Scenario(" + ".join(names), tuple(shocks[name] for name in names), (), self.date)


def closure_cases(
    network: SupplyNetwork, by: Closure = "firm", *, size: int = 1, date: str | None = None
) -> Closures:
    """Return the closure of each plant, firm, country or product, or of all pairs, for a sweep.

    Each lasts for 90 days (assumed), which matters only where days are looked at one by one.

    Parameters
    ----------
    network
        The network.
    by
        What closes: ``plant``, ``firm``, ``country``, ``product`` or ``country-product``.
    size
        How many close at once: 1 or 2.
    date
        A year or date; None is the graph's own year.

    Returns
    -------
    Closures
        An iterable of scenarios, which knows how many they are.

    Raises
    ------
    UsageError
        There is no such kind or size.

    Examples
    --------
    >>> import chainnet as cn
    >>> pairs = cn.closure_cases(cn.load("japan-korea"), "country", size=2)
    >>> "JPN + KOR" in {scenario.name for scenario in pairs}
    True
    """
    if size not in (1, 2):
        raise UsageError(f"closures of {size} at once are not offered; use 1 or 2.")
    return Closures(tuple(closing(compile_network(network.plain, date), by)), by, size, date)


def sweep(
    network: SupplyNetwork,
    scenarios: Iterable[Scenario] | Mapping[str, Scenario],
    *,
    days: int | None = None,
    targets: Sequence[str] = (),
    store: str | Path | None = None,
    engine: Engine = None,
) -> pd.DataFrame:
    """Ask many what-ifs of one network: one row a case, in their order.

    A case that fails does not stop the others: its row says why. Scenarios are taken one by one as
    they are needed, so that a generator of a million of them is never held as a whole.

    Parameters
    ----------
    network
        The network.
    scenarios
        What happens: scenarios, or scenarios by the name to give them; see :func:`closure_cases`. A
        case that comes twice (same name, same content) has one row.
    days
        How many days to look at, one by one; None asks only who depends (the structural model).
    targets
        Whose output: products, or firms' or countries' makers of one, such as ``dram``,
        ``samsung:dram``, ``KOR:dram``. None given: each product of the stages device, packaging and
        end use.
    store
        A file that keeps results (SQLite); with it the sweep may be killed, and goes on where it was.
        Cases that failed are tried again. Several runs may share one.
    engine
        Who works: ``"threads"`` (None is the same) or ``"processes"`` on this machine, any executor
        of ``concurrent.futures``, or a Dask client. The results are the same, to the last bit.

    Returns
    -------
    DataFrame
        ``case``, ``shocks``; ``plants``: how many in production lose output in the structural
        model; ``loss``: mean
        over the targets, each alike; ``worst`` and ``worst_loss``: the target that loses most. With
        days: ``days_lost``: mean over the targets of the days of normal output lost, a gain counting
        0; ``most_days_of`` and ``most_days``: the target that loses most; ``first_day``: the first on
        which a target's output is below 95 %. Then ``loss TARGET`` and ``days_lost TARGET`` of each;
        ``error`` and ``traceback`` of cases that failed. ``attrs["failed"]`` counts these.

    Raises
    ------
    DataError
        The store is another sweep's: made from other data, with other options, or by another version.
        Nothing of it is changed.
    UsageError
        A target or a number of days makes no sense.
    ChainnetError
        A worker died; what was done is kept.

    Examples
    --------
    >>> import chainnet as cn
    >>> net = cn.load("japan-korea")
    >>> table = cn.sweep(net, cn.closure_cases(net, "country"), targets=["KOR:dram"])
    >>> float(table.set_index("case").loc["KOR", "loss KOR:dram"])
    1.0
    """
    study = study_of(network, targets, days)
    cases = (scenario_text(scenario) for scenario in _named(scenarios))
    total = len(scenarios) if isinstance(scenarios, Sized) else 0
    with opened(store, study.identity) as kept:
        answer(study, cases, kept, engine, total=total)
        return _table(study.context, kept.rows())


def _named(scenarios: Iterable[Scenario] | Mapping[str, Scenario]) -> Iterator[Scenario]:
    if isinstance(scenarios, Mapping):
        return (replace(scenario, name=name) for name, scenario in scenarios.items())
    return iter(scenarios)


def study_of(network: SupplyNetwork, targets: Sequence[str], days: int | None) -> Study:
    """Return what a sweep asks; see :func:`sweep`.

    Parameters
    ----------
    network, targets, days
        As for :func:`sweep`.

    Returns
    -------
    chainnet.studies.Study
        The question, for :func:`chainnet.studies.answer`.
    """
    if days is not None and not 1 <= days <= 10_000:
        raise UsageError(f"cannot look at {days} days; give 1 to 10000.")
    question = Question(network, _targets(network, targets), days)
    options = {
        "days": "none" if days is None else str(days),
        "targets": ", ".join(target.name for target in question.targets),
    }
    block = _BLOCK if days is None else _BLOCK_OF_DAYS
    return Study("network", network.digest, options, outcomes, question, block)


def _targets(network: SupplyNetwork, asked: Sequence[str]) -> tuple[Target, ...]:
    economy = compile_network(network.plain)
    if not asked:
        products = network.products
        counted = set(products.loc[products["stage"].isin(STAGES), "product"])
        found = [Target("product", name) for name in sums_of(economy, "product").names if name in counted]
        if not found:
            raise UsageError("no product is of the stages device, packaging or end use; name targets.")
        return tuple(found)
    targets = []
    for text in asked:
        terms = dict(parse_selector(text).resolve(network).terms)
        kinds = tuple(sorted(terms))
        levels: dict[tuple[str, ...], Level] = {
            ("product",): "product",
            ("firm", "product"): "firm",
            ("country", "product"): "country",
        }
        level = levels.get(kinds)
        name = ":".join(terms[kind] for kind in kinds)
        if level is None or name not in sums_of(economy, level).names:
            raise UsageError(
                f"{text!r} is no target: name a product that is made, or a firm or country and what it makes."
            )
        targets.append(Target(level, name))
    return tuple(dict.fromkeys(targets))


# --- the work ----------------------------------------------------------------------------------


def outcomes(question: Question, texts: Sequence[str]) -> list[list[float]]:
    """Answer a block of cases; a pure function, called by workers.

    Parameters
    ----------
    question
        What is asked.
    texts
        The cases; see :func:`chainnet.scenarios.texts.scenario_text`.

    Returns
    -------
    list
        Of each case: plants that lose output, structural loss of each target; with days: the first
        day, days lost of each target.
    """
    scenarios = [scenario_of(text).resolve(question.network) for text in texts]
    structural = _structural(question, scenarios)
    if question.days is None:
        return structural
    levels, parameters = _levels(question), parameters_of(question.network)
    runs = outputs_by(question.network, scenarios, levels, days=question.days, parameters=parameters)
    return [[*losses, *_by_day(question, paths)] for losses, paths in zip(structural, runs, strict=True)]


def _structural(question: Question, scenarios: Sequence[Scenario]) -> list[list[float]]:
    """Run cascades that share an economy all at once."""
    together: dict[tuple[str | None, tuple[Share, ...]], list[int]] = {}
    for k, scenario in enumerate(scenarios):
        together.setdefault((scenario.date, scenario.shares), []).append(k)
    found: list[list[float]] = [[] for _ in scenarios]
    for (date, shares), numbers in together.items():
        economy = compile_network(question.network.plain, date, shares)
        for k in numbers:
            must_hit(economy, scenarios[k])
        values = _settled(economy, [scenarios[k] for k in numbers])
        shown = [i for i, node in enumerate(economy.nodes) if node.step != "planned"]
        for k, output in zip(numbers, values.T, strict=True):
            paths = [_output(economy, level, output[shown]) for level in _levels(question)]
            losses = [1 - float(x[0]) for x in _chosen(question, paths)]
            found[k] = [float((output[shown] < 1 - _SEEN).sum()), *map(_rounded, losses)]
    return found


def _settled(economy: Economy, scenarios: Sequence[Scenario]) -> FloatArray:
    links = economy.links
    psi = np.column_stack([economy.capacity(scenario) for scenario in scenarios])
    flows = [economy.passes(scenario, links) for scenario in scenarios]
    passes = None
    if any(through is not None for through in flows):
        free = np.ones(len(links.supplier))
        passes = np.column_stack([free if through is None else through for through in flows])
    return settle(links, psi, passes=passes)[0]


def _output(economy: Economy, level: Level, output: FloatArray) -> tuple[tuple[str, ...], FloatArray]:
    sums = sums_of(economy, level)
    # One case at a time: the sum of a matrix product may hang on what else is in the matrix.
    rest = np.ones((1, 1 + int(sums.products.max(initial=0))))
    return sums.names, sums.of(output[None, :], rest)


def _by_day(question: Question, paths: Sequence[tuple[tuple[str, ...], FloatArray]]) -> list[float]:
    values = np.column_stack(_chosen(question, paths))
    below = (values < SURVIVES).any(axis=1)
    first = float(below.argmax()) if below.any() else math.nan
    return [first, *(float(lost) for lost in days_lost(values))]


def _levels(question: Question) -> list[Level]:
    return list(dict.fromkeys(target.level for target in question.targets))


def _chosen(question: Question, paths: Sequence[tuple[tuple[str, ...], FloatArray]]) -> list[FloatArray]:
    """Return the paths of the targets; NaN for one that nobody makes at the scenario's date."""
    length = len(paths[0][1])
    found = {
        (level, name): values[:, k]
        for level, (names, values) in zip(_levels(question), paths, strict=True)
        for k, name in enumerate(names)
    }
    return [found.get(target, np.full(length, math.nan)) for target in question.targets]


def _rounded(value: float) -> float:
    return 0.0 if abs(value) < _SEEN else value


# --- the table ---------------------------------------------------------------------------------


def _table(question: Question, rows: Iterator[tuple[str, Row]]) -> pd.DataFrame:
    names = [target.name for target in question.targets]
    columns = ["case", "shocks", "plants", "loss", "worst", "worst_loss"]
    if question.days is not None:
        columns += ["days_lost", "most_days_of", "most_days", "first_day"]
    columns += [f"loss {name}" for name in names]
    columns += [f"days_lost {name}" for name in names] if question.days is not None else []
    columns += ["error", "traceback"]
    frames = []
    failed = 0
    while some := list(islice(rows, _ROWS)):
        failed += sum(row.result is None for _, row in some)
        frames.append(pd.DataFrame([_line(question, names, *each) for each in some], columns=columns))
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    table.attrs["failed"] = failed
    return table


def _line(question: Question, names: Sequence[str], text: str, row: Row) -> list[object]:
    scenario = scenario_of(text)
    about: list[object] = [scenario.name, scenario_words(scenario)]
    many = len(names)
    width = 1 + many + (0 if question.days is None else 1 + many)
    numbers = [math.nan if x is None else x for x in row.result or [None] * width]
    losses = numbers[1 : 1 + many]
    line = [*about, numbers[0], _mean(losses), *_worst(names, losses)]
    if question.days is not None:
        first, lost = numbers[1 + many], numbers[2 + many :]
        line += [_mean([max(x, 0.0) for x in lost]), *_worst(names, lost), first]
        losses = [*losses, *lost]
    return [*line, *losses, row.error, row.traceback]


def _mean(values: Sequence[float]) -> float:
    known = [x for x in values if not math.isnan(x)]
    return math.fsum(known) / len(known) if known else math.nan


def _worst(names: Sequence[str], values: Sequence[float]) -> tuple[str, float]:
    """Return who loses most, and how much; nobody where nothing is lost."""
    known = [(x, -k) for k, x in enumerate(values) if not math.isnan(x)]
    if not known:
        return "", math.nan
    most, k = max(known)
    return (names[-k], most) if most > _SEEN else ("", 0.0)
