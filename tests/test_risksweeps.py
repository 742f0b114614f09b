"""The systemic risk of many firms in blocks is that of all at once, to the last bit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import chainnet as cn
from chainnet import risksweeps
from chainnet.stores import count


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


def risk(given, **options) -> pd.DataFrame:
    return cn.systemic_risk(**given, **options)


@pytest.mark.parametrize("engine", ["threads", "processes"])
@pytest.mark.parametrize("numbers", [False, True])
def test_blocks_are_the_whole(tmp_path, monkeypatch, engine, numbers) -> None:
    for bound in ("_LEAST", "_MOST"):
        monkeypatch.setattr(risksweeps, bound, 7)
    given = economy(numbers=numbers)
    whole = risk(given, drift_of=7)
    swept = risk(given, drift_of=7, store=tmp_path / "s", engine=engine)
    pd.testing.assert_frame_equal(swept, whole, check_exact=True)
    assert swept.attrs == whole.attrs
    # 60 closures, and the 7 of the drift.
    assert count(tmp_path / "s") == 67
    # Some of them again: from the store, in the order asked for.
    some = list(whole.index[[5, 3]])
    again = risk(given, store=tmp_path / "s", firms=some, drift_eps=None)
    pd.testing.assert_frame_equal(again.iloc[:, :4], whole.loc[some].iloc[:, :4], check_exact=True)
    assert count(tmp_path / "s") == 67


def test_a_cluster_is_sent_the_table_once() -> None:
    class Cluster(ThreadPoolExecutor):
        def __init__(self):
            super().__init__(2)
            self.sent = []

        def scatter(self, data, *, broadcast, hash):  # noqa: A002
            assert broadcast
            assert not hash
            self.sent.append(data)
            return data

        def get_executor(self, **_options):
            return self

        def ncores(self):
            return {"one": 2}

    given = economy()
    with Cluster() as cluster:
        swept = risk(given, engine=cluster)
        assert [sent.context.table.sales.shape for sent in cluster.sent] == [(60,)]
    pd.testing.assert_frame_equal(swept, risk(given), check_exact=True)


@pytest.mark.parametrize("top", [1, 5])
def test_the_riskiest_are_found_in_a_store_too(tmp_path, top) -> None:
    given = economy(300, 500)
    whole = risk(given, top=top)
    swept = risk(given, top=top, store=tmp_path / "s")
    pd.testing.assert_frame_equal(swept, whole, check_exact=True)
    assert swept.attrs == whole.attrs
    pd.testing.assert_frame_equal(risk(given, top=top, store=tmp_path / "s"), whole, check_exact=True)


def test_one_store_serves_several_stops(tmp_path) -> None:
    given = economy()
    for options in ({}, {"eps": 1e-3}, {"rule": "relative"}, {"eps": 1e-6, "drift_eps": 1e-6}):
        swept = risk(given, store=tmp_path / "s", **options)
        pd.testing.assert_frame_equal(swept, risk(given, **options), check_exact=True)


def test_a_firm_that_is_named_twice_is_closed_once(tmp_path) -> None:
    given = economy()
    twice = risk(given, firms=["firm 1", "firm 2", "firm 1"], drift_eps=None, store=tmp_path / "s")
    assert list(twice.index) == ["firm 1", "firm 2", "firm 1"]
    assert twice["esri"].iloc[0] == twice["esri"].iloc[2]
    assert count(tmp_path / "s") == 2


@pytest.mark.parametrize(
    "what", ["value", "industry", "essential", "weights", "name", "market", "max_rounds"]
)
def test_a_store_of_other_tables_or_options_is_refused(tmp_path, what) -> None:
    given = economy()
    given["weights"] = pd.Series(1.0, given["industries"].index)
    risk(given, store=tmp_path / "s")
    if what == "value":
        given["links"] = given["links"].assign(value=given["links"]["value"] ** 2)
    elif what == "industry":
        given["industries"] = given["industries"].replace("ore", "metal")
    elif what == "essential":
        given["essential"] = given["essential"] * 0 + 2
    elif what == "weights":
        given["weights"] = given["weights"].where(given["weights"].index != "firm 1", 2.0)
    elif what == "name":
        given["links"] = given["links"].replace("firm 7", "firm 1000")
        for name in ("industries", "weights"):
            given[name] = given[name].rename({"firm 7": "firm 1000"})
    elif what == "market":
        given["market"] = None
    else:
        given["max_rounds"] = 9_999
    with pytest.raises(cn.DataError, match="store-max_rounds" if what == "max_rounds" else "store-data"):
        risk(given, store=tmp_path / "s")


def test_the_order_and_the_splitting_of_links_do_not_make_another_study(tmp_path) -> None:
    given = economy()
    links = given["links"] = given["links"].drop_duplicates(["supplier", "buyer"])
    first = risk(given, store=tmp_path / "s")
    halves = pd.concat([links.assign(value=links["value"] / 2)] * 2).iloc[::-1]
    again = risk({**given, "links": halves}, store=tmp_path / "s")
    pd.testing.assert_frame_equal(again, first, check_exact=True)
    assert again.attrs["summed_rows"] == len(links)


def test_a_cascade_that_does_not_settle_is_an_error_after_the_others_are_kept(tmp_path) -> None:
    given = economy()
    most = int(risk(given)["rounds"].median())
    with pytest.raises(cn.ConvergenceError, match=f"had not settled after {most} rounds"):
        risk(given, max_rounds=most, drift_eps=None, store=tmp_path / "s")
    assert count(tmp_path / "s") == 60


def test_wrong_tables_are_told_before_anything_is_begun(tmp_path) -> None:
    given = economy()
    given["links"] = given["links"].assign(value=-1.0)
    with pytest.raises(cn.DataError, match="value-range"):
        risk(given, store=tmp_path / "s")
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("options", [{"store": "s"}, {"engine": "threads"}])
def test_shocks_are_not_kept(options) -> None:
    with pytest.raises(cn.UsageError, match="for closures"):
        risk(economy(), shocks=pd.DataFrame({"firm 1": [1.0]}), **options)
