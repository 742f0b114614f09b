"""Lists of scenarios: files, folders of files, and CSV files with a row a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chainnet.errors import DataError, Fault, UsageError
from chainnet.network import SupplyNetwork
from chainnet.scenarios import Scenario
from chainnet.scenarios.files import read_scenario
from chainnet.tables import parse_csv


@dataclass(frozen=True)
class Listed:
    """Scenarios of lists, parsed when they are asked for.

    Parameters
    ----------
    scenarios
        Those of files of their own.
    rows
        Names and shocks of those of CSV files.
    date
        A year or date for the latter; None is the graph's own year.
    """

    scenarios: tuple[Scenario, ...]
    rows: tuple[tuple[str, str], ...]
    date: str | None

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.scenarios) + len(self.rows)

    def __iter__(self) -> Iterator[Scenario]:
        """Make them."""
        yield from self.scenarios
        for name, shocks in self.rows:
            yield _parsed(name, shocks, self.date)


def read_scenarios(
    paths: Sequence[str | Path], network: SupplyNetwork | None = None, *, date: str | None = None
) -> Listed:
    r"""Read many scenarios.

    Parameters
    ----------
    paths
        Scenario files (TOML), folders of them, and CSV files. These have a column ``shocks``: one or
        more in the syntax of the command line, joined by ``;``; and may have a column ``case``, the
        name. Other columns say nothing here, so that the result of a sweep may be read again.
    network
        The network whose names may be used in TOML files; None is the bundled one.
    date
        A year or date for those of CSV files; None is the graph's own year.

    Returns
    -------
    Listed
        An iterable of scenarios, which knows how many they are.

    Raises
    ------
    DataError
        Everything that is wrong with all of the files, at once.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "cases.csv"
    ...     _ = file.write_text("case,shocks\nboth,tok@0+90; sumco=0.5\n")
    ...     [(scenario.name, len(scenario.shocks)) for scenario in read_scenarios([file])]
    [('both', 2)]
    """
    scenarios: list[Scenario] = []
    rows: list[tuple[str, str]] = []
    faults: list[Fault] = []
    for path in [file for each in paths for file in _files(Path(each), faults)]:
        try:
            if path.suffix.lower() == ".csv":
                rows += _read_rows(path, date)
            else:
                scenarios.append(read_scenario(path, network))
        except DataError as error:
            faults += error.faults
    if faults:
        raise DataError(faults)
    return Listed(tuple(scenarios), tuple(rows), date)


def _files(path: Path, faults: list[Fault]) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(path.glob("*.toml"))
    if not found:
        faults.append(Fault("no-scenarios", "the folder holds no *.toml", str(path)))
    return found


def _read_rows(path: Path, date: str | None) -> list[tuple[str, str]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        words = f"cannot be read: {error.strerror or error}"
        raise DataError([Fault("unreadable", words, str(path))]) from error
    lines, faults = parse_csv(data, path.name)
    faults = [fault for fault in faults if not fault.warning]
    if faults:
        raise DataError(faults)
    header = lines[0][1] if lines else []
    if "shocks" not in header:
        raise DataError([Fault("missing-column", "no such column", path.name, 1, "shocks")])
    rows = []
    for number, cells in lines[1:]:
        row = dict(zip(header, cells, strict=False))
        shocks = row.get("shocks", "")
        try:
            scenario = _parsed(row.get("case", ""), shocks, date)
            rows.append((scenario.name, shocks))
        except UsageError as error:
            faults.append(Fault("no-shock", str(error).rstrip("."), path.name, number, "shocks", shocks))
    if faults:
        raise DataError(faults)
    return rows


def _parsed(name: str, shocks: str, date: str | None) -> Scenario:
    texts = [text.strip() for text in shocks.split(";")]
    scenario = Scenario.parse(*texts, date=date)
    return replace(scenario, name=name) if name else scenario
