"""What may be wrong, and how it is said.

Every error of chainnet derives from :class:`ChainnetError` and carries the exit code of the
command line. A message says what is wrong, with the value, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class ChainnetError(Exception):
    """Base of all errors that chainnet raises on purpose."""

    exit_code = 1


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in some input.

    Parameters
    ----------
    code
        A short fixed word for the kind of fault, such as ``share-range``.
    message
        What is wrong, in words.
    file, row, column, value
        Where: the file, its line (1 is the header), the column and the value found there.
    remedy
        What to do about it.
    warning
        True for what is odd but usable; a warning never stops a load.
    """

    code: str
    message: str
    file: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    remedy: str = ""
    warning: bool = False

    @property
    def place(self) -> str:
        """File and line, such as ``plants.csv:12``, as far as they are known."""
        return f"{self.file}:{self.row}" if self.row is not None else self.file

    def __str__(self) -> str:
        """One line: place, code, what is wrong, the value, the remedy."""
        where = f"{self.place}: " if self.place else ""
        what = f" ({self.column} = {self.value!r})" if self.column else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{where}[{self.code}] {self.message}{what}.{remedy}"


class DataError(ChainnetError, ValueError):
    """Data that cannot be used; it lists all faults at once.

    Parameters
    ----------
    faults
        Everything that is wrong, in the order of the files and rows.
    """

    exit_code = 3

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        noun = "fault" if len(self.faults) == 1 else "faults"
        super().__init__(f"{len(self.faults)} {noun}:\n" + "\n".join(f"  {fault}" for fault in self.faults))

    def __reduce__(self) -> tuple[type[DataError], tuple[tuple[Fault, ...]]]:
        """Cross to another process with the faults (an exception by itself would take its message)."""
        return type(self), (self.faults,)


class UsageError(ChainnetError, ValueError):
    """A request that makes no sense: a malformed selector, an option out of range."""

    exit_code = 2


class UnknownNameError(UsageError, KeyError):
    """A name that is not in the graph.

    Parameters
    ----------
    name
        The name asked for.
    known
        The names that exist; the nearest ones are suggested.
    what
        What was looked for, such as ``firm or product``.
    where
        Where it was looked for.
    """

    def __init__(
        self, name: str, known: Iterable[str] = (), what: str = "name", where: str = "in this graph"
    ) -> None:
        self.name = name
        self.suggestions = tuple(get_close_matches(name, sorted(set(known)), n=3, cutoff=0.6))
        hint = f" Did you mean {' or '.join(self.suggestions)}?" if self.suggestions else ""
        self.message = f"no {what} {name!r} {where}.{hint}"
        super().__init__(self.message)
        self._told = (name, self.suggestions, what, where)

    def __reduce__(self) -> tuple[type[UnknownNameError], tuple[object, ...]]:
        """Cross to another process with what was asked for."""
        return type(self), self._told

    def __str__(self) -> str:
        """Return the message (``KeyError`` would quote it)."""
        return self.message


class ConvergenceError(ChainnetError, RuntimeError):
    """A cascade that still moved after the last round allowed."""

    exit_code = 4
