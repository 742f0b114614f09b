"""A contract that every measure and model of chainnet keeps, and that one of your own can be run through.

A measure takes a network and returns a table or a series; a model takes a network and a scenario and
returns what share of each product's output is lost. Each check draws small networks at random and says in
words, by an :class:`AssertionError`, what does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, pairwise, product
from typing import Any

import numpy as np
import pandas as pd

from chainnet.network import SupplyNetwork
from chainnet.scenarios import Scenario
from chainnet.schema import TABLES
from chainnet.tables import typed_frame

Measure = Callable[[SupplyNetwork], "pd.DataFrame | pd.Series[Any]"]
Model = Callable[[SupplyNetwork, Scenario], "pd.Series[float]"]
_Rows = dict[str, list[dict[str, str]]]

_COUNTRIES = ("JPN", "KOR", "USA", "TWN")
#: Results are as good as equal: sums in another order differ in their last digits.
_NEAR = 1e-9


def drawn_network(seed: int, *, beside: bool = False) -> SupplyNetwork:
    """Draw a small network: three layers of goods, each with some makers, needs and a few purchases.

    Parameters
    ----------
    seed
        Of the random numbers.
    beside
        Whether to put a second chain beside it that nothing joins to the first.

    Returns
    -------
    SupplyNetwork
        A network, checked; with ``beside`` the same and more.

    Examples
    --------
    >>> len(drawn_network(0).products), len(drawn_network(0, beside=True).products)
    (6, 8)
    """
    rng = np.random.default_rng(seed)
    rows: _Rows = {name: [] for name in TABLES}
    rows["references"] = [{"ref": "drawn", "citation": "drawn at random", "url": "judgement"}]
    layers = [["good_00", "good_01"], ["good_02", "good_03"], ["good_04", "good_05"]]
    for good in chain(*layers):
        makers = rng.choice(9, rng.integers(1, 4), replace=False)
        _make(rows, rng, good, [f"firm_{k:02d}" for k in makers])
    for before, after in pairwise(layers):
        for source, good in product(before, after):
            if rng.random() < 0.8:
                _need(rows, rng, source, good)
    _buy_some(rows, rng)
    if beside:
        _make(rows, rng, "good_06", ["firm_20"])
        _make(rows, rng, "good_07", ["firm_21", "firm_22"])
        _need(rows, rng, "good_06", "good_07")
    return _network(rows)


def _make(rows: _Rows, rng: np.random.Generator, good: str, firms: Iterable[str]) -> None:
    number = int(good[-2:])
    stage = ("raw", "material", "device", "end_use")[number // 2]
    about = {"class": "device" if stage in ("device", "end_use") else "material", "stage": stage}
    rows["products"].append({"product": good, "name": good, "definition": "drawn", **about})
    firms = list(firms)
    known = float(rng.uniform(0.8, 1.0))
    for firm, share in zip(firms, rng.dirichlet(np.ones(len(firms))) * known, strict=True):
        if firm not in {row["firm"] for row in rows["firms"]}:
            country = _COUNTRIES[int(firm[-2:]) % len(_COUNTRIES)]
            rows["firms"].append({"firm": firm, "name": firm, "country": country, "kind": "idm"})
        plant = {"plant": f"{firm}-{good}", "firm": firm, "product": good, "share": f"{share:.6f}"}
        place = {"country": str(rng.choice(_COUNTRIES)), "role": "production", "share_of": "location"}
        rows["plants"].append({**plant, **place, "basis": "volume", "year": "2025"})


def _need(rows: _Rows, rng: np.random.Generator, source: str, good: str) -> None:
    importance = str(rng.choice(["critical", "important"]))
    impact = {"impact": f"{rng.uniform(0.1, 0.9):.3f}"} if importance == "important" else {}
    rows["needs"].append(
        {"product": good, "input": source, "importance": importance, "use": "consumed", **impact}
    )


def _buy_some(rows: _Rows, rng: np.random.Generator) -> None:
    """Let some makers of the last layer say from whom they buy how much of an input."""
    last = [row for row in rows["plants"] if row["product"] in ("good_04", "good_05")]
    pairs = {
        (plant["firm"], need["input"])
        for plant in last
        for need in rows["needs"]
        if need["product"] == plant["product"]
    }
    for buyer, good in sorted(pairs):
        others = [row["firm"] for row in rows["plants"] if row["product"] == good and row["firm"] != buyer]
        if others and rng.random() < 0.3:
            known = {"share": f"{rng.uniform(0.1, 0.9):.3f}", "state": "active", "year": "2025"}
            rows["sourcing"].append(
                {"buyer": buyer, "product": good, "supplier": str(rng.choice(others)), **known}
            )


def _network(rows: _Rows) -> SupplyNetwork:
    tables = {}
    for name, table in TABLES.items():
        usual = {"ref": "drawn"} if name != "references" else {}
        cells = dict.fromkeys(table.by_name, "")
        cells |= {key: value for key, value in {**usual, "status": "observed"}.items() if key in cells}
        filled = [(k + 2, {**cells, **row}) for k, row in enumerate(rows[name])]
        frame, faults = typed_frame(filled, table)
        assert not faults, faults  # noqa: S101, our own rows
        tables[name] = frame
    return SupplyNetwork(tables, name="drawn")


def check_measure(measure: Measure, *, local: bool = False, seeds: Iterable[int] = range(6)) -> None:
    """Check that a measure keeps the contract.

    The same network gives the same result, and stays as it was; the order of the rows of its tables does
    not matter; identifiers carry no meaning; no number is infinite; and what is ``local`` does not move
    when a chain is put beside the network that nothing joins to it.

    Parameters
    ----------
    measure
        Takes a network, returns a table or a series; firms and products are named in it by their
        identifiers, in the index or in cells (also joined, as in ``firm_01:good_02``).
    local
        Whether the measure of a node hangs on its own component alone. PageRank, for one, does not.
    seeds
        Of the networks.

    Raises
    ------
    AssertionError
        What does not hold, and on which network.

    Examples
    --------
    >>> import chainnet as cn
    >>> check_measure(cn.concentration, local=True)
    >>> check_measure(lambda network: network.plants[["plant", "share"]] * 1, seeds=[0])
    >>> check_measure(lambda network: network.plants["share"].cumsum(), seeds=[0])
    Traceback (most recent call last):
    ...
    AssertionError: seed 0: the order of rows matters: ...
    """
    for seed in seeds:
        network = drawn_network(seed)
        digest, first = network.digest, _frame(measure(network))
        _same(first, _frame(measure(network)), f"seed {seed}: asked twice, it gives two results")
        _must(network.digest == digest, f"seed {seed}: the network was changed")
        numbers = first.select_dtypes("number").to_numpy(dtype=np.float64)
        _must(not np.isinf(numbers).any(), f"seed {seed}: a number is infinite")
        _same(first, _frame(measure(_shuffled(network, seed))), f"seed {seed}: the order of rows matters")
        names = _new_names(network)
        renamed = _renamed(_frame(measure(_relabelled(network, names))), {v: k for k, v in names.items()})
        _same(first, renamed, f"seed {seed}: the identifiers matter")
        if local:
            more = _frame(measure(drawn_network(seed, beside=True)))
            apart = more[~_mentions(more, ("good_06", "good_07", "firm_20", "firm_21", "firm_22"))]
            _same(first, apart, f"seed {seed}: a chain that nothing joins to the network moves it")


def check_model(model: Model, *, seeds: Iterable[int] = range(6)) -> None:
    """Check that a model of disruptions keeps the contract.

    Where nothing happens, nothing is lost; no loss is above 1 or unknown; a deeper shock never loses less
    of any product in total; a chain that nothing joins to what is hit does not move; the same question has
    the same answer; neither the order of rows nor identifiers matter.

    Parameters
    ----------
    model
        Takes a network and a scenario, returns the share of its normal output that each product loses:
        a series by product.
    seeds
        Of the networks.

    Raises
    ------
    AssertionError
        What does not hold, and on which network.

    Examples
    --------
    >>> import chainnet as cn
    >>> def share_closed(network, scenario):
    ...     loss = cn.disrupt(network, scenario).plants
    ...     return (loss["loss"] * loss["share"]).groupby(loss["product"]).sum()
    >>> check_model(share_closed, seeds=[0, 1])
    """
    for seed in seeds:
        network = drawn_network(seed)
        firm = str(network.plants["firm"].iloc[0])
        lost = [model(network, Scenario.parse(f"{firm}={left}")) for left in (0.999999, 0.5, 0.0)]
        _must(bool((lost[0].abs() < 1e-4).all()), f"seed {seed}: next to nothing happens, and much is lost")
        for one in lost:
            sound = one.notna().all() and (one <= 1 + _NEAR).all()
            _must(bool(sound), f"seed {seed}: a loss above 1, or unknown")
        for mild, deep in pairwise(lost):
            less = deep.sub(mild, fill_value=0) < -_NEAR
            _must(not less.any(), f"seed {seed}: a deeper shock to {firm} loses less")
        again = _frame(model(network, Scenario.parse(firm)))
        _same(_frame(lost[2]), again, f"seed {seed}: asked twice, it differs")
        mixed = model(_shuffled(network, seed), Scenario.parse(firm))
        _same(_frame(lost[2]), _frame(mixed), f"seed {seed}: the order of rows matters")
        names = _new_names(network)
        other = model(_relabelled(network, names), Scenario.parse(names[firm]))
        back = _renamed(_frame(other), {v: k for k, v in names.items()})
        _same(_frame(lost[2]), back, f"seed {seed}: the identifiers matter")
        more = model(drawn_network(seed, beside=True), Scenario.parse(firm))
        apart = more[more.index.isin(["good_06", "good_07"])]
        _must(bool((apart.abs() < _NEAR).all()), f"seed {seed}: a chain that nothing joins to {firm} moves")


# --- what is compared --------------------------------------------------------------------------


def _must(holds: bool, words: str) -> None:  # noqa: FBT001, the question itself
    if not holds:
        raise AssertionError(words)


def _frame(result: pd.DataFrame | pd.Series[Any]) -> pd.DataFrame:
    """Return a result as a table, with its index as columns unless that only counts the rows."""
    table = result.to_frame("value") if isinstance(result, pd.Series) else result
    plain = isinstance(table.index, pd.RangeIndex) or pd.api.types.is_integer_dtype(table.index.dtype)
    return table.reset_index(drop=plain)


def _same(one: pd.DataFrame, other: pd.DataFrame, words: str) -> None:
    _must(list(one.columns) == list(other.columns), f"{words}: other columns")
    texts = [name for name in one.columns if not pd.api.types.is_numeric_dtype(one[name])]
    numbers = [name for name in one.columns if name not in texts]
    _must(len(one) == len(other), f"{words}: {len(one)} rows, then {len(other)}")
    left, right = (
        table.assign(**{name: table[name].astype(str) for name in texts})
        .sort_values([*texts, *numbers], kind="stable")
        .reset_index(drop=True)
        for table in (one, other)
    )
    for name in texts:
        wrong = left.index[left[name] != right[name]][:1]
        _must(not len(wrong), f"{words}: {name} {left[name][wrong].tolist()}, {right[name][wrong].tolist()}")
    for name in numbers:
        a, b = (side[name].to_numpy(dtype=np.float64) for side in (left, right))
        near = np.isclose(a, b, rtol=_NEAR, atol=_NEAR, equal_nan=True)
        _must(bool(near.all()), f"{words}: {name} {a[~near][:1].tolist()}, {b[~near][:1].tolist()}")


def _shuffled(network: SupplyNetwork, seed: int) -> SupplyNetwork:
    tables = {name: network.table(name).sample(frac=1, random_state=seed) for name in TABLES}
    return network.replace(**{name: table.reset_index(drop=True) for name, table in tables.items()})


def _new_names(network: SupplyNetwork) -> dict[str, str]:
    """Return other identifiers, in another order."""
    keys = [*network.firms["firm"], *network.products["product"]]
    return {key: f"{'maker' if key.startswith('firm') else 'thing'}_{99 - int(key[-2:]):02d}" for key in keys}


def _relabelled(network: SupplyNetwork, names: Mapping[str, str]) -> SupplyNetwork:
    return network.replace(**{name: _renamed(network.table(name), names) for name in TABLES})


def _renamed(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    parts = re.compile("|".join(map(re.escape, names)))

    def renamed(cell: object) -> object:
        return parts.sub(lambda found: names[found[0]], cell) if isinstance(cell, str) else cell

    texts = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    return table.assign(**{name: table[name].map(renamed) for name in texts})


def _mentions(table: pd.DataFrame, names: Iterable[str]) -> pd.Series[bool]:
    parts = re.compile("|".join(map(re.escape, names)))
    rows = table.itertuples(index=False, name=None)
    found = [any(isinstance(cell, str) and bool(parts.search(cell)) for cell in row) for row in rows]
    return pd.Series(found, index=table.index, dtype=bool)
