"""The economic systemic risk index (ESRI) of the firms of a link table.

The published index of Diem, Borsos, Reisch, Kertész & Thurner 2022, "Quantifying firm-level
economic systemic risk from nation-wide supply networks", Scientific Reports 12, 7719,
doi:10.1038/s41598-022-11522-z, on the arithmetic of :mod:`chainnet.kernels`: a plant is a firm,
its product is its industry, and who buys from whom, for how much, is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from chainnet.errors import ConvergenceError, DataError, Fault, UnknownNameError, UsageError
from chainnet.kernels import BoolArray, FloatArray, IntArray, Links, downstream, lost_shares, orders

Rule = Literal["absolute", "relative"]
EmptyMarket = Literal["gone", "published"]
Series = pd.Series  # of numbers or names by firm

#: Numbers of one array of a batch: 32 MB of them.
_BATCH_SIZE = 4_000_000
#: Faults of one kind that are told one by one.
_TOLD = 20
#: Sales and costs may fall short of the links' sum by this, relatively: sums round.
_ROUNDING = 1e-9
#: What is wrong with a cell that should hold an amount, and what to do.
_AMOUNT = ("not an amount", "Give a number, 0 or more.")


class _Table(NamedTuple):
    """A link table compiled: both directions, and what weighs the losses."""

    firms: pd.Index[Any]
    down: Links
    up: Links
    sales: FloatArray
    weights: FloatArray
    market: IntArray | None
    empty_market: EmptyMarket
    summed_rows: int
    zero_rows: int


class _Trades(NamedTuple):
    """Links with numbers for names: one for each pair of firms, none of value 0."""

    supplier: IntArray
    buyer: IntArray
    value: FloatArray


class _State(NamedTuple):
    """Output of every firm in both directions, (n, B)."""

    down: FloatArray
    up: FloatArray

    def keep(self, scenarios: IntArray | BoolArray) -> _State:
        return _State(self.down[:, scenarios], self.up[:, scenarios])


#: Tells which scenarios have settled, given the states before and after a round.
_Stop = Callable[[_State, _State], BoolArray]


def systemic_risk(  # noqa: PLR0913 - the published index has this many inputs; options are keywords
    links: pd.DataFrame,
    industries: Series,
    *,
    essential: pd.DataFrame,
    market: Series | Literal["industry"] | None = "industry",
    firms: Sequence[Any] | None = None,
    shocks: pd.DataFrame | None = None,
    shocks_up: pd.DataFrame | None = None,
    eps: float = 1e-2,
    rule: Rule = "absolute",
    weights: Series | None = None,
    revenue: Series | None = None,
    costs: Series | None = None,
    empty_market: EmptyMarket = "gone",
    drift_eps: float | None = 1e-6,
    max_rounds: int = 10_000,
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
    max_rounds
        Give up after this many rounds.

    Returns
    -------
    pandas.DataFrame
        By firm (or by scenario of ``shocks``): ``esri``; ``downstream`` and ``upstream``, the
        same of one direction alone, all in [0, 1]; ``rounds``; ``drift``, esri where no output
        falls by more than ``drift_eps`` a round, less esri, NaN where that is not known after
        ``max_rounds``. ``attrs`` counts the ``summed_rows`` and ``zero_rows`` of ``links``.

    Raises
    ------
    DataError
        A table cannot be used; all faults are listed.
    UsageError
        Options that make no sense, or a firm of ``firms`` that is not in ``industries``.
    ConvergenceError
        A cascade had not settled after ``max_rounds``.

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
    _check_options(rule, eps, market, empty_market, drift_eps)
    _check_scenarios(firms, shocks, shocks_up)
    table = _compile(links, industries, essential, market, (weights, revenue, costs), empty_market)
    index, batches = _scenarios(table, firms, shocks, shocks_up)
    stop = _absolute(eps) if rule == "absolute" else _relative(table.weights, eps)
    parts = [_assess(table, start, stop, drift_eps, max_rounds) for start in batches]
    columns = ("esri", "downstream", "upstream", "rounds", "drift")
    data = {name: np.concatenate([part[k] for part in parts]) for k, name in enumerate(columns)}
    result = pd.DataFrame(data, index=index)
    result.attrs = {"summed_rows": table.summed_rows, "zero_rows": table.zero_rows}
    return result


# --- the cascade -------------------------------------------------------------------------------


def _assess(
    table: _Table, start: _State, stop: _Stop, drift_eps: float | None, max_rounds: int
) -> tuple[FloatArray, FloatArray, FloatArray, IntArray, FloatArray]:
    """Return esri, its two directions, rounds and drift of each scenario of a batch."""
    state, rounds, settled = _cascade(table, start, start, stop, max_rounds)
    if not settled.all():
        raise ConvergenceError(
            f"{(~settled).sum()} of {len(settled)} scenarios had not settled after {max_rounds} rounds. "
            f"Raise eps or max_rounds"
        )
    esri = _loss(table.weights, np.minimum(state.down, state.up))
    drift = np.full(len(esri), np.nan)
    if drift_eps is not None:
        further, _, known = _cascade(table, start, state, _absolute(drift_eps), max_rounds)
        later = _loss(table.weights, np.minimum(further.down, further.up))
        drift[known] = (later - esri)[known]
    return esri, _loss(table.weights, state.down), _loss(table.weights, state.up), rounds, drift


def _cascade(
    table: _Table, capacity: _State, start: _State, stop: _Stop, max_rounds: int
) -> tuple[_State, IntArray, BoolArray]:
    """Run both directions, together, from a start until each scenario is told to stop.

    A scenario that has stopped keeps its state. Returns the states, the rounds, and which
    scenarios did stop.
    """
    state = _State(start.down.copy(), start.up.copy())
    width = start.down.shape[1]
    rounds, moving = np.zeros(width, dtype=np.int64), np.arange(width)
    for round_ in range(1, max_rounds + 1):
        old = state.keep(moving)
        new = _round(table, capacity.keep(moving), old)
        state.down[:, moving], state.up[:, moving], rounds[moving] = new.down, new.up, round_
        moving = moving[~stop(old, new)]
        if not moving.size:
            break
    settled = np.ones(width, dtype=np.bool_)
    settled[moving] = False
    return state, rounds, settled


def _round(table: _Table, capacity: _State, old: _State) -> _State:
    sigma = None
    if table.market is not None:
        sigma = _replaceability(table, table.market, old.down)[table.down.supplier]
    lost = lost_shares(table.down, old.down, sigma=sigma)
    return _State(
        downstream(table.down, lost, capacity.down),
        downstream(table.up, lost_shares(table.up, old.up), capacity.up),
    )


def _replaceability(table: _Table, market: IntArray, h: FloatArray) -> FloatArray:
    """Return what counts of each firm's lost output: its normal share of its market's volume now.

    Where less is left of the market than the firm's own normal volume, nobody can make up for any
    of it; an empty market is the plainest case of that.
    """
    order = np.argsort(market, kind="stable")
    first = np.flatnonzero(np.diff(market[order], prepend=-1))
    volume = (table.sales[:, None] * h).T[:, order]
    left = np.add.reduceat(volume, first, axis=-1)
    if table.empty_market == "published":
        left[left == 0] = 1.0
    total = left.T[market]
    own = np.broadcast_to(table.sales[:, None], total.shape)
    return np.divide(own, total, out=np.ones_like(total), where=total > own)


def _loss(weights: FloatArray, h: FloatArray) -> FloatArray:
    """Weigh the losses of each scenario; added in the same order whatever the batch."""
    lost = (weights[:, None] * (1.0 - h)).T
    loss: FloatArray = np.add.reduceat(lost, [0], axis=-1)[:, 0]
    return loss


def _absolute(eps: float) -> _Stop:
    def stop(old: _State, new: _State) -> BoolArray:
        fall = np.maximum(old.down - new.down, old.up - new.up)
        settled: BoolArray = fall.max(axis=0) <= eps
        return settled

    return stop


def _relative(weights: FloatArray, eps: float) -> _Stop:
    def stop(old: _State, new: _State) -> BoolArray:
        before, after = (_loss(weights, np.minimum(state.down, state.up)) for state in (old, new))
        # Not as a quotient: a closed firm that sells nothing has lost nothing at first.
        return after <= (1.0 + eps) * before

    return stop


# --- scenarios ---------------------------------------------------------------------------------


def _check_scenarios(
    firms: Sequence[Any] | None, shocks: pd.DataFrame | None, shocks_up: pd.DataFrame | None
) -> None:
    if firms is not None and shocks is not None:
        raise UsageError("give either firms to close or shocks, not both")
    if shocks_up is not None and shocks is None:
        raise UsageError("shocks_up goes with shocks: the same scenarios, other losses")
    if shocks is not None and shocks_up is not None and not shocks.index.equals(shocks_up.index):
        raise UsageError("shocks and shocks_up must have the same scenarios as rows, in the same order")


def _scenarios(
    table: _Table,
    firms: Sequence[Any] | None,
    shocks: pd.DataFrame | None,
    shocks_up: pd.DataFrame | None,
) -> tuple[pd.Index[Any], Iterator[_State]]:
    """Return the result's index, and the capacities of the scenarios, some at a time."""
    width = max(1, _BATCH_SIZE // max(len(table.firms), len(table.up.supplier)))
    if shocks is None:
        closed = table.firms if firms is None else pd.Index(list(firms), dtype=table.firms.dtype)
        at = table.firms.get_indexer(closed)
        if (at < 0).any():
            unknown = closed[at < 0][0]
            raise UnknownNameError(str(unknown), map(str, table.firms), "firm")
        return closed.rename("firm"), _closures(len(table.firms), at, width)
    both = [_shock_array(table.firms, shocks, "shocks")]
    if shocks_up is not None:
        both.append(_shock_array(table.firms, shocks_up, "shocks_up"))
    faults = [fault for _, found in both for fault in found]
    if faults:
        raise DataError(faults)
    capacity = [(1.0 - lost).T for lost, _ in both]
    starts = range(0, max(1, len(shocks)), width)
    batches = (_State(capacity[0][:, k : k + width], capacity[-1][:, k : k + width]) for k in starts)
    return shocks.index.rename("scenario"), batches


def _closures(n: int, closed: IntArray, width: int) -> Iterator[_State]:
    for k in range(0, max(1, len(closed)), width):
        batch = closed[k : k + width]
        capacity = np.ones((len(batch), n))
        capacity[np.arange(len(batch)), batch] = 0.0
        yield _State(capacity.T, capacity.T)


def _shock_array(firms: pd.Index[Any], shocks: pd.DataFrame, name: str) -> tuple[FloatArray, list[Fault]]:
    at = firms.get_indexer(shocks.columns)
    lost = _coded(shocks)
    faults = _named(name, shocks.columns[at < 0], "unknown-firm", "not in industries")
    faults += _named(name, shocks.columns[shocks.columns.duplicated()], "duplicate-firm", "stands twice")
    faults += _cells(
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


# --- tables to arrays --------------------------------------------------------------------------


def _check_options(rule: str, eps: float, market: object, empty_market: str, drift_eps: float | None) -> None:
    if rule not in get_args(Rule):
        raise UsageError(f"no stop rule {rule!r}; there are {', '.join(get_args(Rule))}")
    if empty_market not in get_args(EmptyMarket):
        raise UsageError(f"no empty_market {empty_market!r}; there are {', '.join(get_args(EmptyMarket))}")
    if isinstance(market, str) and market != "industry":
        raise UsageError(f"market is {market!r}; give 'industry', a Series by firm, or None")
    for name, value in (("eps", eps), ("drift_eps", drift_eps)):
        if value is not None and not 0 <= value < np.inf:
            raise UsageError(f"{name} is {value}; give a number, 0 or more")


def _compile(
    links: pd.DataFrame,
    industries: Series,
    essential: pd.DataFrame,
    market: Series | str | None,
    numbers: tuple[Series | None, Series | None, Series | None],
    empty_market: EmptyMarket,
) -> _Table:
    """Check all tables, raise all faults at once, and turn the tables into arrays."""
    firms = pd.Index(industries.index)
    industry, kinds, faults = _partition(firms, industries, "industries")
    codes, found = _essential_codes(essential, kinds)
    faults += found
    place = industry
    if market is not None and not isinstance(market, str):
        place, _, found = _partition(firms, market, "market")
        faults += found
    trades, counts, found = _trades(links, firms)
    faults += found
    if faults or trades is None:
        raise DataError(faults)
    sales = _sums(len(firms), trades.supplier, trades.value)
    bought = _sums(len(firms), trades.buyer, trades.value)
    weights, faults = _weights(firms, numbers[0], sales)
    revenue, found_revenue = _at_least(firms, numbers[1], sales, "revenue")
    costs, found_costs = _at_least(firms, numbers[2], bought, "costs")
    if faults := faults + found_revenue + found_costs:
        raise DataError(faults)
    share = trades.value / revenue[trades.supplier]
    return _Table(
        firms=firms,
        down=_inputs(trades, industry, codes, bought, costs),
        up=orders(len(firms), trades.supplier, trades.buyer, share)[0],
        sales=sales,
        weights=weights,
        market=None if market is None else place,
        empty_market=empty_market,
        summed_rows=counts[0],
        zero_rows=counts[1],
    )


def _sums(n: int, node: IntArray, value: FloatArray) -> FloatArray:
    return np.bincount(node, value, n).astype(np.float64)


def _inputs(
    trades: _Trades, industry: IntArray, codes: IntArray, bought: FloatArray, costs: FloatArray
) -> Links:
    """Group each firm's purchases by industry, and weigh them as the index does."""
    code = codes[industry[trades.supplier], industry[trades.buyer]]
    kept = np.flatnonzero(code > 0)
    kept = kept[np.lexsort((trades.supplier[kept], industry[trades.supplier[kept]], trades.buyer[kept]))]
    supplier, buyer, value = trades.supplier[kept], trades.buyer[kept], trades.value[kept]
    new = np.diff(buyer, prepend=-1) != 0
    new |= np.diff(industry[supplier], prepend=-1) != 0
    first = np.flatnonzero(new)
    group, buyer = np.cumsum(new) - 1, buyer[first]
    product = np.add.reduceat(value, first)
    critical = code[kept][first] == 2
    # Known costs dilute essential products, too: this is the published calibration.
    within = np.where(critical, bought[buyer] / costs[buyer], 1.0)
    return Links(
        n=len(industry),
        supplier=supplier,
        weight=value / product[group] * within[group],
        group_start=np.append(first, len(supplier)).astype(np.int64),
        group_buyer=buyer,
        group_critical=critical,
        group_impact=np.where(critical, 1.0, product / costs[buyer]),
    )


def _trades(links: pd.DataFrame, firms: pd.Index[Any]) -> tuple[_Trades | None, tuple[int, int], list[Fault]]:
    """Return the links as numbers, how many rows were summed and how many were 0, and the faults."""
    names = ["supplier", "buyer", "value"]
    missing = [name for name in names if name not in links.columns]
    if missing or not firms.is_unique:
        return None, (0, 0), _named("links", missing, "missing-column", "no such column")
    supplier, buyer = (firms.get_indexer(pd.Index(links[name])) for name in names[:2])
    value = _coded(links[["value"]])[:, 0]
    ends = np.column_stack([supplier, buyer])
    own = (supplier == buyer) & (supplier >= 0)
    table = links[names]
    faults = [
        *_cells("links", table[names[:2]], ends < 0, "unknown-firm", "not in industries", "Add it there."),
        *_cells("links", table[["supplier"]], own[:, None], "self-link", "supplies itself", "Leave it out."),
        *_cells("links", table[["value"]], ~_is_amount(value)[:, None], "value-range", *_AMOUNT),
    ]
    some = np.flatnonzero(value > 0)
    if not faults and not len(some):
        faults = [Fault("no-links", "no link has a value above 0", file="links")]
    if faults:
        return None, (0, 0), faults
    # Sorted by value, too, so that sums do not depend on the order of rows.
    some = some[np.lexsort((value[some], supplier[some], buyer[some]))]
    supplier, buyer = supplier[some].astype(np.int64), buyer[some].astype(np.int64)
    first = np.flatnonzero(np.diff(buyer * len(firms) + supplier, prepend=-1))
    trades = _Trades(supplier[first], buyer[first], np.add.reduceat(value[some], first))
    return trades, (len(some) - len(first), len(value) - len(some)), []


def _partition(
    firms: pd.Index[Any], labels: Series, name: str
) -> tuple[IntArray, pd.Index[Any], list[Fault]]:
    """Return the part that each firm belongs to, as a number, and the names of the parts."""
    nothing = np.zeros(len(firms), dtype=np.int64)
    twice = labels.index[labels.index.duplicated()].unique()
    if len(twice):
        return nothing, pd.Index([]), _named(name, twice, "duplicate-firm", "stands twice")
    aligned = labels.reindex(firms)
    bare = firms[aligned.isna()]
    if len(bare):
        return nothing, pd.Index([]), _named(name, bare, "no-label", "no label for the firm")
    number, kinds = pd.factorize(aligned)
    return number.astype(np.int64), pd.Index(kinds), []


def _essential_codes(essential: pd.DataFrame, kinds: pd.Index[Any]) -> tuple[IntArray, list[Fault]]:
    """Return the codes, product × buying industry, in the order of the industries."""
    nothing = np.zeros((len(kinds), len(kinds)), dtype=np.int64)
    rows, columns = essential.index, essential.columns
    if not (rows.is_unique and columns.is_unique and set(rows) == set(columns)):
        message = f"{len(rows)} rows and {len(columns)} columns do not name the same industries, each once"
        return nothing, [Fault("essential-shape", message, file="essential")]
    codes = _coded(essential)
    wrong = ~np.isin(codes, (0.0, 1.0, 2.0))
    faults = [
        *_named("essential", kinds[~kinds.isin(rows)], "essential-industry", "no codes for the industry"),
        *_cells("essential", essential, wrong, "essential-code", "no such class", "Give 2, 1 or 0."),
    ]
    if faults:
        return nothing, faults
    return codes[np.ix_(rows.get_indexer(kinds), columns.get_indexer(kinds))].astype(np.int64), []


def _weights(
    firms: pd.Index[Any], weights: Series | None, sales: FloatArray
) -> tuple[FloatArray, list[Fault]]:
    if weights is None:
        return sales / sales.sum(), []
    values, faults = _numbers(firms, weights, "weights")
    faults += _named("weights", firms[np.isnan(values)], "no-weight", "no number for the firm")
    if not faults and not values.sum() > 0:
        faults = [Fault("no-weight", "the weights sum to 0", file="weights")]
    return values / values.sum() if not faults else values, faults


def _at_least(
    firms: pd.Index[Any], given: Series | None, least: FloatArray, name: str
) -> tuple[FloatArray, list[Fault]]:
    """Return each firm's total, no less than what its links sum to; that sum where it is unknown."""
    if given is None:
        return least, []
    values, faults = _numbers(firms, given, name)
    short = firms[(values >= 0) & (values < least * (1 - _ROUNDING))]
    faults += _named(name, short, f"{name}-short", "less than the firm's links sum to")
    return np.where(np.isnan(values), least, values), faults


def _numbers(firms: pd.Index[Any], given: Series, name: str) -> tuple[FloatArray, list[Fault]]:
    """Align numbers with firms; NaN where there is none."""
    if not given.index.is_unique:
        twice = given.index[given.index.duplicated()].unique()
        return np.full(len(firms), np.nan), _named(name, twice, "duplicate-firm", "stands twice")
    table = given.to_frame(name)
    values = _coded(table)
    wrong = ~_is_amount(values) & given.notna().to_numpy()[:, None]
    faults = [
        *_named(name, given.index[~given.index.isin(firms)], "unknown-firm", "not in industries"),
        *_cells(name, table, wrong, f"{name}-range", *_AMOUNT),
    ]
    at = given.index.get_indexer(firms)
    return np.where(at >= 0, values[:, 0].take(at, mode="clip"), np.nan), faults


def _coded(table: pd.DataFrame) -> FloatArray:
    """Read a table's cells as numbers; NaN where a cell is none."""
    columns = [pd.to_numeric(table.iloc[:, k], errors="coerce") for k in range(table.shape[1])]
    cells = np.full(table.shape, np.nan)
    for k, column in enumerate(columns):
        cells[:, k] = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return cells


def _is_amount(value: FloatArray) -> BoolArray:
    amount: BoolArray = np.isfinite(value) & (value >= 0)
    return amount


# --- faults ------------------------------------------------------------------------------------


def _cells(
    file: str, table: pd.DataFrame, wrong: BoolArray, code: str, message: str, remedy: str
) -> list[Fault]:
    """Tell of the cells of a table that are wrong."""
    cells = np.argwhere(wrong)
    told = [
        Fault(code, message, file, int(i) + 2, str(table.columns[k]), str(table.iloc[i, k]), remedy)
        for i, k in cells[:_TOLD]
    ]
    return told + _rest(len(cells), code, file)


def _named(file: str, names: Iterable[Any], code: str, message: str) -> list[Fault]:
    """Tell of firms, industries or columns by name."""
    names = list(names)
    told = [Fault(code, f"{message}: {name}", file, value=str(name)) for name in names[:_TOLD]]
    return told + _rest(len(names), code, file)


def _rest(found: int, code: str, file: str) -> list[Fault]:
    """One fault for all that are not told one by one."""
    return [Fault(code, f"and {found - _TOLD} more like this", file)] if found > _TOLD else []
