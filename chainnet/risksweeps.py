"""The systemic risk of all firms of a link table, in blocks: it may be killed, and many may work on it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from chainnet.errors import UsageError
from chainnet.linktables import Series
from chainnet.stores import opened
from chainnet.studies import Engine, Study, answer
from chainnet.systemic import systemic_risk

_COLUMNS = ("esri", "downstream", "upstream", "rounds", "drift")
#: Firms of a block: the table is compiled once for each.
_BLOCK = 512
#: What a store is not of: one firm closes at a time.
_NOT_HERE = ("shocks", "shocks_up", "firms")


class Economy(NamedTuple):
    """What all closures have in common: the arguments of :func:`chainnet.systemic_risk`."""

    links: pd.DataFrame
    industries: Series
    options: Mapping[str, Any]


def sweep_risk(
    links: pd.DataFrame,
    industries: Series,
    *,
    firms: Sequence[str | int] | None = None,
    store: str | Path | None = None,
    engine: Engine = None,
    **options: Any,  # noqa: ANN401, those of systemic_risk
) -> pd.DataFrame:
    """Compute the systemic risk index of firms in blocks, kept in a store, on any engine.

    Parameters
    ----------
    links, industries
        As for :func:`chainnet.systemic_risk`.
    firms
        The firms to close, one at a time, named by texts or whole numbers; None is each.
    store, engine
        As for :func:`chainnet.sweep`.
    **options
        Those of :func:`chainnet.systemic_risk`, ``essential`` among them; not ``shocks``.

    Returns
    -------
    DataFrame
        What :func:`chainnet.systemic_risk` returns, to the last bit, and ``error``: why a firm has no
        numbers (a cascade that did not settle), else blank.

    Raises
    ------
    DataError
        A table cannot be used, or the store is of other tables, options or another version.
    UsageError
        An option makes no sense.

    Examples
    --------
    >>> import pandas as pd
    >>> links = pd.DataFrame({"supplier": ["mine"], "buyer": ["smelter"], "value": [20.0]})
    >>> kinds = ["ore", "metal"]
    >>> essential = pd.DataFrame(2, index=kinds, columns=kinds)
    >>> industries = pd.Series({"mine": "ore", "smelter": "metal"})
    >>> sweep_risk(links, industries, essential=essential)["esri"].tolist()
    [1.0, 1.0]
    """
    for name in _NOT_HERE:
        if name in options:
            raise UsageError(f"{name} cannot be swept; use systemic_risk.")
    # Tells all that is wrong with the tables, before anything is begun.
    none = systemic_risk(links, industries, firms=[], **options)
    closed = pd.Index(industries.index if firms is None else list(firms))
    if not closed.is_unique:
        raise UsageError("firms names one twice; close each once.")
    economy = Economy(links, industries, options)
    study = Study("systemic risk", _digest(economy), _settings(options), risks, economy, _BLOCK)
    specs = (json.dumps(_name(firm), ensure_ascii=False) for firm in closed)
    with opened(store, study.identity) as kept:
        answer(study, specs, kept, engine, total=len(closed))
        rows = [row for _, row in kept.rows()]
    numbers = [[math.nan if x is None else x for x in row.result or [None] * len(_COLUMNS)] for row in rows]
    table = pd.DataFrame(numbers, index=closed.rename("firm"), columns=list(_COLUMNS))
    if all(row.result for row in rows):
        table["rounds"] = table["rounds"].astype(np.int64)
    table["error"] = [row.error for row in rows]
    table.attrs = none.attrs
    return table


def risks(economy: Economy, specs: Sequence[str]) -> list[list[float]]:
    """Answer a block of closures; a pure function, called by workers.

    Parameters
    ----------
    economy
        What all have in common.
    specs
        Firms, as JSON.

    Returns
    -------
    list
        ``esri``, ``downstream``, ``upstream``, ``rounds``, ``drift`` of each.
    """
    firms = [json.loads(spec) for spec in specs]
    table = systemic_risk(economy.links, economy.industries, firms=firms, **economy.options)
    return [list(map(float, row)) for row in table[list(_COLUMNS)].to_numpy()]


def _name(firm: object) -> str | int:
    if isinstance(firm, str):
        return firm
    if isinstance(firm, int | np.integer):
        return int(firm)
    raise UsageError(f"firms are named by texts or whole numbers, not by {firm!r}.")


def _digest(economy: Economy) -> str:
    """SHA-256 of the tables, in the order of their rows."""
    found = hashlib.sha256()
    tables = {"links": economy.links, "industries": economy.industries, **economy.options}
    for name, table in sorted(tables.items()):
        if isinstance(table, pd.DataFrame | pd.Series):
            head = [name, *(map(str, table.columns) if isinstance(table, pd.DataFrame) else [])]
            found.update(json.dumps(head).encode())
            found.update(pd.util.hash_pandas_object(table).to_numpy().tobytes())
    return found.hexdigest()


def _settings(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the options that are no tables, and which tables there are."""
    return {
        name: "a table" if isinstance(value, pd.DataFrame | pd.Series) else json.dumps(value)
        for name, value in sorted(options.items())
    }
