"""The systemic risk of many firms in blocks is that of all at once, to the last bit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import chainnet as cn
from chainnet import risksweeps


def economy(firms: int = 60, links: int = 200, *, numbers: bool = False) -> dict[str, object]:
    """Random firms of four industries, each link with a value."""
    rng = np.random.default_rng(0)
    names = list(range(firms)) if numbers else [f"firm {k}" for k in range(firms)]
    supplier = rng.integers(0, firms, links)
    buyer = (supplier + rng.integers(1, firms, links)) % firms
    kinds = ["ore", "metal", "chips", "cars"]
    return {
        "links": pd.DataFrame(
            {
                "supplier": [names[k] for k in supplier],
                "buyer": [names[k] for k in buyer],
                "value": rng.random(links),
            }
        ),
        "industries": pd.Series([kinds[k] for k in rng.integers(0, 4, firms)], names),
        "essential": pd.DataFrame(rng.integers(0, 3, (4, 4)), kinds, kinds),
    }


@pytest.mark.parametrize("engine", ["threads", "processes"])
@pytest.mark.parametrize("numbers", [False, True])
def test_blocks_are_the_whole(tmp_path, monkeypatch, engine, numbers) -> None:
    monkeypatch.setattr(risksweeps, "_BLOCK", 7)
    given = economy(numbers=numbers)
    whole = cn.systemic_risk(**given)
    swept = cn.sweep_risk(**given, store=tmp_path / "s", engine=engine)
    assert swept["error"].tolist() == [""] * 60
    pd.testing.assert_frame_equal(swept.drop(columns="error"), whole, check_exact=True)
    # Some of them again: from the store, in the order asked for.
    some = list(whole.index[[5, 3]])
    again = cn.sweep_risk(**given, store=tmp_path / "s", firms=some)
    pd.testing.assert_frame_equal(again.drop(columns="error"), whole.loc[some], check_exact=True)


@pytest.mark.parametrize("what", ["value", "industry", "essential", "weights", "eps"])
def test_a_store_of_other_tables_or_options_is_refused(tmp_path, what) -> None:
    given = economy()
    weights = pd.Series(1.0, given["industries"].index)
    cn.sweep_risk(**given, weights=weights, store=tmp_path / "s")
    if what == "value":
        given["links"] = given["links"].assign(value=given["links"]["value"] * 2)
    elif what == "industry":
        given["industries"] = given["industries"].replace("ore", "metal")
    elif what == "essential":
        given["essential"] = given["essential"] * 0 + 2
    elif what == "weights":
        weights = weights.where(weights.index != "firm 1", 2.0)
    options = {"eps": 1e-3} if what == "eps" else {}
    code = "store-eps" if what == "eps" else "store-data"
    with pytest.raises(cn.DataError, match=code):
        cn.sweep_risk(**given, weights=weights, store=tmp_path / "s", **options)


def test_a_cascade_that_does_not_settle_is_the_error_of_its_row() -> None:
    given = economy()
    rounds = cn.systemic_risk(**given)["rounds"]
    most = int(rounds.median())
    swept = cn.sweep_risk(**given, max_rounds=most, drift_eps=None)
    assert ((swept["error"] != "") == (rounds > most)).all()
    assert swept.loc[rounds > most, "error"].str.startswith("ConvergenceError").all()
    assert swept["esri"].notna().sum() == (rounds <= most).sum()


def test_wrong_tables_are_told_before_anything_is_begun(tmp_path) -> None:
    given = economy()
    given["links"] = given["links"].assign(value=-1.0)
    with pytest.raises(cn.DataError, match="value-range"):
        cn.sweep_risk(**given, store=tmp_path / "s")
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [({"shocks": pd.DataFrame()}, "shocks"), ({"firms": ["firm 1", "firm 1"]}, "twice")],
)
def test_what_cannot_be_swept_is_a_usage_error(options, words) -> None:
    with pytest.raises(cn.UsageError, match=words):
        cn.sweep_risk(**economy(), **options)
