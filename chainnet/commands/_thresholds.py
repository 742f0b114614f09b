"""Thresholds: a command that ends with code 5 where a number crosses one, for scripts and alarms."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from chainnet.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

#: The exit code of a command whose result crosses a threshold.
CROSSED = 5
_MOST_TOLD = 5
_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}
_THRESHOLD = re.compile(r"\s*(?P<column>\w+)\s*(?P<sign>>=|<=|==|!=|>|<)\s*(?P<number>[-+.\deE]+)\s*")


def crossed(table: pd.DataFrame, thresholds: Iterable[str]) -> list[str]:
    """Say which rows of a table cross thresholds.

    Parameters
    ----------
    table
        The data of a command.
    thresholds
        Such as ``hhi>0.4``: a column, a sign and a number. What is unknown crosses nothing.

    Returns
    -------
    list of str
        A line for each threshold that is crossed.

    Raises
    ------
    UsageError
        A threshold is malformed, or of a column that is not there or holds no numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> crossed(pd.DataFrame({"product": ["a", "b"], "hhi": [0.9, 0.2]}), ["hhi>0.4"])
    ['hhi>0.4 in 1 of 2 rows: a']
    """
    told = []
    for threshold in thresholds:
        found = _THRESHOLD.fullmatch(threshold)
        number = _number(found["number"]) if found else None
        if found is None or number is None:
            raise UsageError(f"{threshold!r} is no threshold. Write COLUMN>NUMBER, such as 'hhi>0.4'.")
        values = _column(table, found["column"])
        rows = table[_SIGNS[found["sign"]](values, number) & values.notna()]
        if len(rows):
            names = [":".join(map(str, row)) for row in rows[_keys(table)].itertuples(index=False, name=None)]
            more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
            words = ", ".join(names[:_MOST_TOLD])
            told.append(f"{threshold} in {len(rows)} of {len(table)} rows: {words}{more}")
    return told


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _column(table: pd.DataFrame, name: str) -> pd.Series[float]:
    import pandas as pd

    numeric = [str(column) for column in table.columns if pd.api.types.is_numeric_dtype(table[column])]
    if name not in numeric:
        near = get_close_matches(name, numeric, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(f"there is no column of numbers {name!r}. {hint}Columns: {', '.join(numeric)}.")
    return table[name]


def _keys(table: pd.DataFrame) -> list[Any]:
    """Return the columns that tell rows apart: the first ones that hold text."""
    import pandas as pd

    texts = [column for column in table.columns if not pd.api.types.is_numeric_dtype(table[column])]
    return texts[:2] or list(table.columns[:1])
