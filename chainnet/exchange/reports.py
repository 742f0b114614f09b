"""What became of every row that came in: used, or named with the reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from chainnet.network import SupplyNetwork

_COLUMNS = ["file", "row", "code", "value", "message"]


@dataclass(frozen=True)
class Imported:
    """A graph made of other people's data, and what became of each of its rows.

    Parameters
    ----------
    network
        The checked graph.
    report
        ``file, row, code, value, message``: one row for each row that was not used, and for each
        that was used in another way than written (``code`` begins with ``used-``).
    rows
        How many rows came in, by file.
    notes
        What was assumed, in sentences.
    """

    network: SupplyNetwork
    report: pd.DataFrame
    rows: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> pd.DataFrame:
        """Rows by file: in, used, not used; ``rows = used + reported``."""
        left = self.report[~self.report["code"].str.startswith("used-")]
        reported = left.groupby("file")["row"].nunique()
        table = pd.DataFrame({"file": list(self.rows), "rows": list(self.rows.values())})
        table["reported"] = [int(reported.get(name, 0)) for name in self.rows]
        table["used"] = table["rows"] - table["reported"]
        return table[["file", "rows", "used", "reported"]]


class Ledger:
    """Collects what is said of rows while they are read."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, int, str, str, str]] = []

    def say(self, place: tuple[str, int], code: str, value: str, message: str) -> None:
        """Note something of a row: its file and line, a short code, the value and the reason."""
        self._rows.append((*place, code, value, message))

    def table(self) -> pd.DataFrame:
        """Return what was said, by file and line."""
        return report_table(self._rows)


def report_table(rows: Iterable[tuple[str, int, str, str, str]]) -> pd.DataFrame:
    """Return notes on rows as a table, sorted by file and line.

    Parameters
    ----------
    rows
        File, line, code, value and message of each.

    Returns
    -------
    DataFrame
        ``file, row, code, value, message``.

    Examples
    --------
    >>> report_table([("b.csv", 2, "no-id", "x", "is unknown")])["code"].tolist()
    ['no-id']
    """
    table = pd.DataFrame(sorted(rows), columns=_COLUMNS)
    return table.astype({"row": "int64"}) if len(table) else table
