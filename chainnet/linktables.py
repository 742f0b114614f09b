"""The tables of a systemic risk: read, checked, and turned into numbers.

Who buys from whom for how much, the firms' industries, what is essential to whom, and amounts by
firm. All faults of a table are told, each with its place. See :mod:`chainnet.systemic`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from chainnet.errors import Fault
from chainnet.kernels import BoolArray, FloatArray, IntArray

Series = pd.Series  # of numbers or names by firm

#: Faults of one kind that are told one by one.
_TOLD = 20
#: Sales and costs may fall short of the links' sum by this, relatively: sums round.
_ROUNDING = 1e-9
#: What is wrong with a cell that should hold an amount, and what to do.
_AMOUNT = ("not an amount", "Give a number, 0 or more.")


class Trades(NamedTuple):
    """Links with numbers for names, by buyer and supplier: one for each pair, none of value 0."""

    supplier: IntArray
    buyer: IntArray
    value: FloatArray


def read_trades(
    links: pd.DataFrame, firms: pd.Index[Any]
) -> tuple[Trades | None, tuple[int, int], list[Fault]]:
    """Return the links as numbers, how many rows were summed and how many were 0, and the faults."""
    names = ["supplier", "buyer", "value"]
    missing = [name for name in names if name not in links.columns]
    if missing or not firms.is_unique:
        return None, (0, 0), faults_of_names("links", missing, "missing-column", "no such column")
    supplier, buyer = (firms.get_indexer(pd.Index(links[name])) for name in names[:2])
    value = as_numbers(links[["value"]])[:, 0]
    ends = np.column_stack([supplier, buyer])
    own = (supplier == buyer) & (supplier >= 0)
    table = links[names]
    faults = [
        *faults_of_cells(
            "links", table[names[:2]], ends < 0, "unknown-firm", "not in industries", "Add it there."
        ),
        *faults_of_cells(
            "links", table[["supplier"]], own[:, None], "self-link", "supplies itself", "Leave it out."
        ),
        *faults_of_cells("links", table[["value"]], ~_is_amount(value)[:, None], "value-range", *_AMOUNT),
    ]
    some = np.flatnonzero(value > 0)
    if not faults and not len(some):
        faults = [Fault("no-links", "no link has a value above 0", file="links")]
    if faults:
        return None, (0, 0), faults
    trades = summed(supplier[some].astype(np.int64), buyer[some].astype(np.int64), value[some], len(firms))
    return trades, (len(some) - len(trades.value), len(value) - len(some)), []


def summed(supplier: IntArray, buyer: IntArray, value: FloatArray, firms: int) -> Trades:
    """Sort by buyer and supplier, and add up what stands twice."""
    pair = buyer * firms + supplier
    order = np.argsort(pair, kind="stable")
    pair = pair[order]
    new = np.diff(pair, prepend=-1) != 0
    if not new.all():
        # By value, too, so that sums do not depend on the order of rows.
        order = np.lexsort((value, supplier, buyer))
    first = np.flatnonzero(new)
    buyer, supplier = np.divmod(pair[first], firms)
    return Trades(supplier, buyer, np.add.reduceat(value[order], first))


def read_partition(
    firms: pd.Index[Any], labels: Series, name: str
) -> tuple[IntArray, pd.Index[Any], list[Fault]]:
    """Return the part that each firm belongs to, as a number, and the names of the parts."""
    nothing = np.zeros(len(firms), dtype=np.int64)
    twice = labels.index[labels.index.duplicated()].unique()
    if len(twice):
        return nothing, pd.Index([]), faults_of_names(name, twice, "duplicate-firm", "stands twice")
    aligned = labels.reindex(firms)
    bare = firms[aligned.isna()]
    if len(bare):
        return nothing, pd.Index([]), faults_of_names(name, bare, "no-label", "no label for the firm")
    number, kinds = pd.factorize(aligned)
    return number.astype(np.int64), pd.Index(kinds), []


def read_codes(essential: pd.DataFrame, kinds: pd.Index[Any]) -> tuple[IntArray, list[Fault]]:
    """Return the codes, product × buying industry, in the order of the industries."""
    nothing = np.zeros((len(kinds), len(kinds)), dtype=np.int64)
    rows, columns = essential.index, essential.columns
    if not (rows.is_unique and columns.is_unique and set(rows) == set(columns)):
        message = f"{len(rows)} rows and {len(columns)} columns do not name the same industries, each once"
        return nothing, [Fault("essential-shape", message, file="essential")]
    codes = as_numbers(essential)
    wrong = ~np.isin(codes, (0.0, 1.0, 2.0))
    faults = [
        *faults_of_names(
            "essential", kinds[~kinds.isin(rows)], "essential-industry", "no codes for the industry"
        ),
        *faults_of_cells("essential", essential, wrong, "essential-code", "no such class", "Give 2, 1 or 0."),
    ]
    if faults:
        return nothing, faults
    return codes[np.ix_(rows.get_indexer(kinds), columns.get_indexer(kinds))].astype(np.int64), []


def read_weights(
    firms: pd.Index[Any], weights: Series | None, sales: FloatArray
) -> tuple[FloatArray, list[Fault]]:
    """Return each firm's weight, scaled to sum to 1; its sales where none are given."""
    if weights is None:
        return sales / sales.sum(), []
    values, faults = _numbers(firms, weights, "weights")
    faults += faults_of_names("weights", firms[np.isnan(values)], "no-weight", "no number for the firm")
    if not faults and not values.sum() > 0:
        faults = [Fault("no-weight", "the weights sum to 0", file="weights")]
    return values / values.sum() if not faults else values, faults


def read_totals(
    firms: pd.Index[Any], given: Series | None, least: FloatArray, name: str
) -> tuple[FloatArray, list[Fault]]:
    """Return each firm's total, no less than what its links sum to; that sum where it is unknown."""
    if given is None:
        return least, []
    values, faults = _numbers(firms, given, name)
    short = firms[(values >= 0) & (values < least * (1 - _ROUNDING))]
    faults += faults_of_names(name, short, f"{name}-short", "less than the firm's links sum to")
    return np.where(np.isnan(values), least, values), faults


def _numbers(firms: pd.Index[Any], given: Series, name: str) -> tuple[FloatArray, list[Fault]]:
    """Align numbers with firms; NaN where there is none."""
    if not given.index.is_unique:
        twice = given.index[given.index.duplicated()].unique()
        return np.full(len(firms), np.nan), faults_of_names(name, twice, "duplicate-firm", "stands twice")
    table = given.to_frame(name)
    values = as_numbers(table)
    wrong = ~_is_amount(values) & given.notna().to_numpy()[:, None]
    faults = [
        *faults_of_names(name, given.index[~given.index.isin(firms)], "unknown-firm", "not in industries"),
        *faults_of_cells(name, table, wrong, f"{name}-range", *_AMOUNT),
    ]
    at = given.index.get_indexer(firms)
    return np.where(at >= 0, values[:, 0].take(at, mode="clip"), np.nan), faults


def as_numbers(table: pd.DataFrame) -> FloatArray:
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


def faults_of_cells(
    file: str, table: pd.DataFrame, wrong: BoolArray, code: str, message: str, remedy: str
) -> list[Fault]:
    """Tell of the cells of a table that are wrong."""
    cells = np.argwhere(wrong)
    told = [
        Fault(code, message, file, int(i) + 2, str(table.columns[k]), str(table.iloc[i, k]), remedy)
        for i, k in cells[:_TOLD]
    ]
    return told + _rest(len(cells), code, file)


def faults_of_names(file: str, names: Iterable[Any], code: str, message: str) -> list[Fault]:
    """Tell of firms, industries or columns by name."""
    names = list(names)
    told = [Fault(code, f"{message}: {name}", file, value=str(name)) for name in names[:_TOLD]]
    return told + _rest(len(names), code, file)


def _rest(found: int, code: str, file: str) -> list[Fault]:
    """One fault for all that are not told one by one."""
    return [Fault(code, f"and {found - _TOLD} more like this", file)] if found > _TOLD else []
