"""The economic systemic risk index (ESRI) of the firms of a link table.

The published index of Diem, Borsos, Reisch, Kertész & Thurner 2022, "Quantifying firm-level
economic systemic risk from nation-wide supply networks", Scientific Reports 12, 7719,
doi:10.1038/s41598-022-11522-z: a plant is a firm, its product is its industry, and who buys from
whom, for how much, is known. The tables are read by :mod:`chainnet.linktables`, compiled by
:mod:`chainnet.riskarrays`, and run by :mod:`chainnet.assessments`; with a store, or on other
machines, by :mod:`chainnet.risksweeps`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from chainnet.assessments import (
    Assessing,
    EmptyMarket,
    Rule,
    Stop,
    assess,
    chosen_losses,
    closures,
    losses_of,
    riskiest,
)
from chainnet.errors import ConvergenceError, DataError, Fault, UnknownNameError, UsageError
from chainnet.kernels import FloatArray, IntArray
from chainnet.linktables import Series, as_numbers, faults_of_cells, faults_of_names
from chainnet.riskarrays import Compiled, compiled
from chainnet.riskbounds import most_lost
from chainnet.studies import Engine

if TYPE_CHECKING:
    from chainnet.riskkernel import Losses

#: An unknown firm's name is compared with so many.
_COMPARED = 10_000


def systemic_risk(  # noqa: PLR0913 - the published index has this many inputs; options are keywords
    links: pd.DataFrame,
    industries: Series,
    *,
    essential: pd.DataFrame,
    market: Series | Literal["industry"] | None = "industry",
    firms: Sequence[Any] | None = None,
    top: int | None = None,
    shocks: pd.DataFrame | None = None,
    shocks_up: pd.DataFrame | None = None,
    eps: float = 1e-2,
    rule: Rule = "absolute",
    weights: Series | None = None,
    revenue: Series | None = None,
    costs: Series | None = None,
    empty_market: EmptyMarket = "gone",
    drift_eps: float | None = 1e-6,
    drift_of: int | None = 256,
    max_rounds: int = 10_000,
    store: str | Path | None = None,
    engine: Engine = None,
) -> pd.DataFrame:
    """Compute how much of all output is lost when a firm closes: its systemic risk index.

    A closed firm's customers lose inputs: of essential products the scarcest bounds their output,
    losses of non-essential ones add up, in proportion to all that they buy. A lost supplier counts
    less while its market has other volume. Its suppliers lose sales. Both cascades run in rounds,
    each from the round before, until they settle; the index is the sum over firms of weight ×
    (1 − the smaller of the two outputs). The closed firm's own share is in it.

    Two things differ from the published programs. Where nothing is left of a market, a lost
    supplier counts in full; there, the market's size becomes 1 (see ``empty_market``), so that
    results hang on the currency's unit and some cascades never end. And the index depends on when
    the cascade is stopped: a network that leaks nothing goes on losing for long. ``revenue`` and
    ``costs`` say how much leaks; the column ``drift`` says how much the index would still grow.

    Parameters
    ----------
    links
        One row a purchase, with columns ``supplier``, ``buyer`` (firms) and ``value`` (0 or
        more, any unit). Rows of one pair are summed; a firm that supplies itself is a fault.
    industries
        Industry by firm, which is the product that it supplies. Its order is the result's; firms
        without links belong here, too.
    essential
        Product's industry (row) × buying industry (column): 2 essential, 1 not essential,
        0 negligible in the short run.
    market
        By firm, within what its lost output can be replaced; ``"industry"`` is by others of its
        industry, None by nobody.
    firms
        The firms to close, one at a time; None is each.
    top
        Return only so many firms, those of the largest ``esri``, the largest first; of equal ones the
        first of ``industries``. Firms are closed in the order of a bound of what each can cost, and
        no more once the bound of all others is below the smallest of the top: the result is that of
        closing each, and ``attrs["closed"]`` says how many were.
    shocks
        In place of ``firms``: scenario × firm, share of output lost, in [0, 1]; 1 is closed.
        Firms without a column lose nothing.
    shocks_up
        The same for lost demand, where it differs from ``shocks``.
    eps, rule
        When to stop. ``"absolute"`` (published rule 1): no output falls by more than ``eps`` in a
        round; ``"relative"`` (rule 2): the total loss grows by no more than the factor 1 + eps.
    weights
        Weight of each firm's loss; None is its sales in ``links``. They are scaled to sum to 1.
    revenue, costs
        All sales and all costs by firm, where known: what is beyond ``links`` cannot be lost.
        A firm without a number sells and buys nothing beyond them.
    empty_market
        ``"gone"``; or ``"published"``, the programs' rule, to reproduce their numbers.
    drift_eps
        Where the cascade is stopped for ``drift``; None leaves it out, which saves its rounds.
    drift_of
        For how many scenarios, spread evenly over all, there is a ``drift``; None is each. A cascade
        may take a hundred times as many rounds to the finer stop, so that a sample tells cheaply
        how far the numbers of a large table would move.
    max_rounds
        Give up after this many rounds.
    store
        A file that keeps the index of each closure (SQLite): with it the run may be killed at any
        moment, and the same call goes on where it was. Several runs may share one.
    engine
        Who works, as for :func:`chainnet.sweep`: ``"threads"`` (None is the same), ``"processes"``, any
        executor, or a Dask client. The compiled table is sent to each worker once. The result is the
        same, to the last bit.

    Returns
    -------
    pandas.DataFrame
        By firm (or by scenario of ``shocks``): ``esri``; ``downstream`` and ``upstream``, the
        same of one direction alone, all in [0, 1]; ``rounds``; ``drift``, esri where no output
        falls by more than ``drift_eps`` a round, less esri; NaN for scenarios that are not among
        the ``drift_of``, and where it is not known after ``max_rounds``. ``attrs`` counts the
        ``summed_rows`` and ``zero_rows`` of ``links``.

    Raises
    ------
    DataError
        A table cannot be used, all faults are listed; or the store is of other tables, of another
        ``empty_market`` or ``max_rounds``, or of another version, and nothing of it is changed.
    UsageError
        Options that make no sense, or a firm of ``firms`` that is not in ``industries``.
    ConvergenceError
        A cascade had not settled after ``max_rounds``.
    ChainnetError
        A worker died; what was done is kept in the store.

    References
    ----------
    Diem et al. (2022), Scientific Reports 12, 7719. doi:10.1038/s41598-022-11522-z

    Examples
    --------
    A mine supplies a smelter; the smelter and its rival supply a fab. The rival's closure costs
    the fab little, since the smelter, three times as large, makes up for part of it.

    >>> import pandas as pd
    >>> links = pd.DataFrame(
    ...     [("mine", "smelter", 20), ("smelter", "fab", 60), ("rival", "fab", 20), ("fab", "user", 100)],
    ...     columns=["supplier", "buyer", "value"],
    ... )
    >>> industry = {"mine": "ore", "smelter": "metal", "rival": "metal", "fab": "chips", "user": "cars"}
    >>> kinds = ["ore", "metal", "chips", "cars"]
    >>> essential = pd.DataFrame(2, index=kinds, columns=kinds)
    >>> risk = systemic_risk(links, pd.Series(industry), essential=essential)
    >>> risk[["esri", "downstream", "upstream", "rounds"]].round(3)
              esri  downstream  upstream  rounds
    firm
    mine     0.775       0.775       0.1       4
    smelter  0.775       0.675       0.4       3
    rival    0.142       0.142       0.1       3
    fab      1.000       0.500       1.0       3
    user     1.000       0.000       1.0       4
    """
    stop = Stop(eps, rule, empty_market, max_rounds)
    _check_options(stop, market, drift_eps)
    _check_scenarios(firms, top, shocks, shocks_up)
    if shocks is not None and not (store is None and engine is None):
        raise UsageError("store and engine are for closures; leave them out for shocks")
    economy = compiled(
        links,
        industries,
        essential=essential,
        market=market,
        weights=weights,
        revenue=revenue,
        costs=costs,
    )
    index, at, losses = _scenarios(economy, firms, shocks, shocks_up)
    closed = len(index)
    with _assessor(economy, losses, stop, store, engine) as run:
        if top is None:
            found = run(at, stop)
        else:
            chosen, found, closed = riskiest(
                most_lost(economy.table)[at], top, stop, lambda some, stop: run(at[some], stop)
            )
            index, at = index[chosen], at[chosen]
        if not found.settled.all():
            raise ConvergenceError(
                f"{(~found.settled).sum()} of {len(index)} scenarios had not settled after {max_rounds} "
                f"rounds. Raise eps or max_rounds"
            )
        drift = _drift(run, at, found.esri, stop, (drift_eps, drift_of))
    columns = dict(zip(("esri", "downstream", "upstream", "rounds"), found[:4], strict=True))
    result = pd.DataFrame({**columns, "drift": drift}, index=index)
    result.attrs = {"summed_rows": economy.summed_rows, "zero_rows": economy.zero_rows}
    if top is not None:
        result.attrs["closed"] = closed
    return result


@contextmanager
def _assessor(
    economy: Compiled, losses: Losses | None, stop: Stop, store: str | Path | None, engine: Engine
) -> Iterator[Assessing]:
    """Give what assesses: closures by the place of the firm, here or in a store; shocks by their number."""
    if losses is not None:
        shocks = losses
        yield lambda at, stop: assess(economy.table, chosen_losses(shocks, at), stop)
    elif store is None and engine is None:
        yield lambda at, stop: assess(economy.table, closures(at), stop)
    else:
        from chainnet.risksweeps import sweeping

        with sweeping(economy, stop, store, engine) as run:
            yield run


def _drift(
    run: Assessing, at: IntArray, esri: FloatArray, stop: Stop, finer: tuple[float | None, int | None]
) -> FloatArray:
    """Return what a finer stop adds to the index of scenarios spread evenly over all; NaN elsewhere."""
    drift, (eps, of) = np.full(len(esri), np.nan), finer
    if eps is None or not len(esri):
        return drift
    count = len(esri) if of is None else min(of, len(esri))
    some = np.arange(count) * len(esri) // max(1, count)
    later = run(at[some], stop._replace(eps=eps, rule="absolute"))
    # The relative rule may have stopped later than the finer one does.
    drift[some] = np.where(later.settled, np.maximum(0.0, later.esri - esri[some]), np.nan)
    return drift


# --- scenarios ---------------------------------------------------------------------------------


def _check_scenarios(
    firms: Sequence[Any] | None,
    top: int | None,
    shocks: pd.DataFrame | None,
    shocks_up: pd.DataFrame | None,
) -> None:
    if top is not None and shocks is not None:
        raise UsageError("top is for closures: leave it out, and sort the result of the shocks")
    if top is not None and top < 1:
        raise UsageError(f"top is {top}; give 1 or more")
    if firms is not None and shocks is not None:
        raise UsageError("give either firms to close or shocks, not both")
    if shocks_up is not None and shocks is None:
        raise UsageError("shocks_up goes with shocks: the same scenarios, other losses")
    if shocks is not None and shocks_up is not None and not shocks.index.equals(shocks_up.index):
        raise UsageError("shocks and shocks_up must have the same scenarios as rows, in the same order")


def _scenarios(
    economy: Compiled,
    firms: Sequence[Any] | None,
    shocks: pd.DataFrame | None,
    shocks_up: pd.DataFrame | None,
) -> tuple[pd.Index[Any], IntArray, Losses | None]:
    """Return the result's index, what is assessed (firms by place, or all shocks), and the shocks."""
    every = economy.firms
    if shocks is None:
        closed = every if firms is None else pd.Index(list(firms), dtype=every.dtype)
        at = every.get_indexer(closed)
        if (at < 0).any():
            unknown = closed[at < 0][0]
            # To look for a name that is alike takes long among many.
            alike = map(str, every if len(every) <= _COMPARED else every[:0])
            raise UnknownNameError(str(unknown), alike, "firm", "in industries")
        return closed.rename("firm"), at.astype(np.int64), None
    both = [_shock_array(every, shocks, "shocks")]
    if shocks_up is not None:
        both.append(_shock_array(every, shocks_up, "shocks_up"))
    faults = [fault for _, found in both for fault in found]
    if faults:
        raise DataError(faults)
    losses = losses_of(both[0][0], both[-1][0])
    return shocks.index.rename("scenario"), np.arange(len(shocks)), losses


def _shock_array(firms: pd.Index[Any], shocks: pd.DataFrame, name: str) -> tuple[FloatArray, list[Fault]]:
    at = firms.get_indexer(shocks.columns)
    lost = as_numbers(shocks)
    faults = faults_of_names(name, shocks.columns[at < 0], "unknown-firm", "not in industries")
    faults += faults_of_names(
        name, shocks.columns[shocks.columns.duplicated()], "duplicate-firm", "stands twice"
    )
    faults += faults_of_cells(
        name,
        shocks,
        ~((lost >= 0) & (lost <= 1)),
        "shock-range",
        "not a share lost",
        "Give 0 to 1; 1 is closed.",
    )
    dense = np.zeros((len(shocks), len(firms)))
    if not faults:
        dense[:, at] = lost
    return dense, faults


def _check_options(stop: Stop, market: object, drift_eps: float | None) -> None:
    if stop.rule not in get_args(Rule):
        raise UsageError(f"no stop rule {stop.rule!r}; there are {', '.join(get_args(Rule))}")
    if stop.empty_market not in get_args(EmptyMarket):
        raise UsageError(
            f"no empty_market {stop.empty_market!r}; there are {', '.join(get_args(EmptyMarket))}"
        )
    if isinstance(market, str) and market != "industry":
        raise UsageError(f"market is {market!r}; give 'industry', a Series by firm, or None")
    for name, value in (("eps", stop.eps), ("drift_eps", drift_eps)):
        if value is not None and not 0 <= value < np.inf:
            raise UsageError(f"{name} is {value}; give a number, 0 or more")
