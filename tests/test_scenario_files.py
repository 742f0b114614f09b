"""Scenario files: what they say, what is wrong with them, and that the command line means the same."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from draw import draw
from hypothesis import given
from hypothesis import strategies as st

import chainnet as cn
from chainnet import (
    Control,
    DataError,
    Scenario,
    Selector,
    Shock,
    UnknownNameError,
    UsageError,
    disrupt,
    simulate,
)
from chainnet.economy import compile_network
from chainnet.scenarios import Share, level_at

NET = """
    resist => dram
    tok@JPN -> resist 0.6
    dup@USA -> resist 0.4
    fab@KOR/Gyeonggi -> dram 0.7
    mu@USA  -> dram 0.3
"""
WHOLE = """
id = "fire-2021"
name = "Fire"
start = 2021-03-19
days = 270
refs = ["test"]
note = "drawn"

[[shock]]
firm = "tok"
product = "resist"
capacity = [[0, 0.34], [30, 0.4], [90, 1.0]]
wip_lost = 0.5

[[control]]
exporter = "JPN"
importer = "KOR"
products = ["resist"]
announced = -3
start = 0
fraction = 0.5
permits = [[0, 0.0], [50, 0.0], [60, 1.0]]

[[demand]]
product = "dram"
path = [[0, 0.9], [90, 1.0]]

[[share]]
product = "resist"
supplier = "tok"
share = 0.3
year = 2021
ref = "test"

[policy]
detection_days = 3
rationing = "own_first"
"""


@pytest.fixture
def net():
    return draw(NET)


def read(folder: Path, net, text: str) -> Scenario:
    path = folder / "event.toml"
    path.write_text(text, encoding="utf-8")
    return Scenario.read(path, net)


def faults(folder: Path, net, text: str) -> list[tuple[str, str]]:
    with pytest.raises(DataError) as caught:
        read(folder, net, text)
    assert all(fault.file == "event.toml" for fault in caught.value.faults)
    assert caught.value.exit_code == 3
    return [(fault.code, fault.column) for fault in caught.value.faults]


def test_a_file_is_read_as_a_whole(tmp_path, net):
    found = read(tmp_path, net, WHOLE)
    assert (found.id, found.name, found.date, found.days) == ("fire-2021", "Fire", "2021-03-19", 270)
    assert found.refs == ("test",)
    assert found.policy == cn.scenarios.Policy(3, "own_first")
    assert found.shares == (Share("resist", "tok", 0.3, ref="test"),)
    (shock,), (control,), (demand,) = found.shocks, found.controls, found.demands
    assert shock.selector == Selector((("product", "resist"), ("firm", "tok")))
    assert (shock.capacity, shock.start, shock.wip_lost) == (0.34, 0, 0.5)
    assert shock.levels(-1, 2) == [1.0, 0.34, pytest.approx(0.342)]
    assert (control.passes, control.announced, control.product) == (0.5, -3, "resist")
    assert control.levels(49, 62) == pytest.approx([0.5, 0.5, *(0.5 + 0.05 * k for k in range(1, 11)), 1.0])
    assert demand.path == ((0.0, 0.9), (90.0, 1.0))
    assert hash(found) == hash(read(tmp_path, net, WHOLE))
    assert len(simulate(net, found).output) == 270


def test_a_file_means_what_the_command_line_means(tmp_path, net):
    text = """
        [[shock]]
        firm = "tok"
        capacity = 0.2
        start = 5
        days = 30

        [[control]]
        exporter = "USA"
        importer = "KOR"
        products = ["resist"]
        start = 10
        days = 20
    """
    file, line = (
        read(tmp_path, net, text),
        Scenario.parse("tok=0.2@5+30", "USA>KOR:resist@10+20").resolve(net),
    )
    assert (file.shocks, file.controls) == (line.shocks, line.controls)
    one, two = (simulate(net, scenario, days=100).output for scenario in (file, line))
    assert (one == two).all().all()


def test_a_path_is_linear_between_its_days():
    assert [level_at(((2, 0.0), (4, 1.0), (8, 0.5)), day) for day in (1, 2, 3, 4, 6, 8, 99)] == [
        1.0,
        0.0,
        0.5,
        1.0,
        0.75,
        0.5,
        0.5,
    ]


def test_the_structural_model_takes_the_lowest_level_of_a_path(tmp_path, net):
    found = read(tmp_path, net, '[[shock]]\nfirm = "tok"\ncapacity = [[0, 0.8], [10, 0.25], [20, 1]]')
    assert disrupt(net, found).loss["tok-resist"] == 0.75
    assert disrupt(net, found).loss["fab-dram"] == pytest.approx(0.45)


def test_shares_of_the_time_replace_the_figures_of_their_product(net):
    shares = (Share("resist", "tok", 0.2), Share("resist", "DEU", 0.5))
    table = compile_network(net, "2015", shares).table.set_index("plant")["share"]
    assert table["tok-resist"] == 0.2
    assert table.filter(like="deu").sum() == pytest.approx(0.5)
    assert table["dup-resist"] < 0.3  # unknown: it takes a part of what is left
    assert table["fab-dram"] == 0.7
    hit = Scenario.parse("tok")
    then = Scenario(hit.name, hit.shocks, date="2015", shares=shares)
    assert disrupt(net, then).loss["fab-dram"] == pytest.approx(0.2)
    assert disrupt(net, hit).loss["fab-dram"] == pytest.approx(0.6)


def test_a_share_of_a_buyer_is_one_of_its_purchases(net):
    hit = Scenario.parse("tok")
    then = Scenario("then", hit.shocks, shares=(Share("resist", "tok", 0.1, "fab"),))
    assert disrupt(net, then).loss["fab-dram"] == pytest.approx(0.1, abs=0.05)


SHOCK = '[[shock]]\nfirm = "tok"\n'
CONTROL = '[[control]]\nexporter = "JPN"\nimporter = "KOR"\nproducts = ["resist"]\n'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[[shocks]]\nfirm = 'tok'", [("unknown-key", "shocks")]),
        (SHOCK + "capcity = 0.5", [("unknown-key", "shock[1].capcity")]),
        (SHOCK + "capacity = 1.5", [("out-of-range", "shock[1].capacity")]),
        (SHOCK + "capacity = [[0, -0.1], [5, 1]]", [("out-of-range", "shock[1].capacity")]),
        (SHOCK + "capacity = [[0, 0.1], [5, nan]]", [("not-a-path", "shock[1].capacity")]),
        (SHOCK + "capacity = 'low'", [("not-a-path", "shock[1].capacity")]),
        (SHOCK + "capacity = [[5, 0.1], [5, 1]]", [("days-not-rising", "shock[1].capacity")]),
        (SHOCK + "capacity = [[9, 0.1], [5, 1]]", [("days-not-rising", "shock[1].capacity")]),
        (SHOCK + "capacity = [[0, 0.1], [99999, 1]]", [("out-of-range", "shock[1].capacity")]),
        (SHOCK + "days = -4", [("out-of-range", "shock[1].days")]),
        (SHOCK + "days = 2.5", [("not-a-number", "shock[1].days")]),
        (SHOCK + "days = 1e9", [("out-of-range", "shock[1].days")]),
        (SHOCK + "wip_lost = 2", [("out-of-range", "shock[1].wip_lost")]),
        (SHOCK + "days = 4\ncapacity = [[0, 0], [5, 1]]", [("path-and-days", "shock[1].")]),
        ("[[shock]]\ncapacity = 0.5", [("no-selector", "shock[1]")]),
        ("[[shock]]\nfirm = 'tock'", [("unknown-name", "shock[1]")]),
        ("[[shock]]\nregion = 'Atlantis'", [("unknown-name", "shock[1]")]),
        ("[shock]\nfirm = 'tok'", [("not-a-table", "shock")]),
        ("days = 0\n" + SHOCK, [("out-of-range", "days")]),
        ("start = '2021'\n" + SHOCK, [("bad-date", "start")]),
        ("id = '../up'\n" + SHOCK, [("bad-id", "id")]),
        ("name = 5\n" + SHOCK, [("not-text", "name")]),
        ("[[shock]]\ncountry = 1", [("not-text", "shock[1].country")]),
        (
            "[[shock]]\nfirm = ['tok']\nregion = {a = 1}",
            [("not-text", "shock[1].firm"), ("not-text", "shock[1].region")],
        ),
        (
            "[[shock]]\nfirm = ['tok']\ncapacity = [1]",
            [("not-text", "shock[1].firm"), ("not-a-path", "shock[1].capacity")],
        ),
        (SHOCK + "[partnerships]\nwith = [{a = 1}]", [("not-a-list", "partnerships.with")]),
        (SHOCK + "[partnerships]\nwithout = [['a']]", [("not-a-list", "partnerships.without")]),
        (SHOCK + f"days = {'9' * 400}", [("broken-toml", "")]),
        (SHOCK + f"days = {'9' * 5000}", [("broken-toml", "")]),
        (SHOCK + f"capacity = [[0x{'f' * 5000}, 1]]", [("broken-toml", "")]),
        ("x = " + "[" * 100_000, [("too-deep", "")]),
        ("x = " + "[" * 400 + "]" * 400 + "\n" + SHOCK, [("unknown-key", "x")]),
        (SHOCK + "[policy]\ndetection_days = -1", [("out-of-range", "policy.detection_days")]),
        (SHOCK + "[policy]\nrationing = 'friends'", [("unknown-rule", "policy.rationing")]),
        (CONTROL + "announced = 3", [("announced-late", "control[1].announced")]),
        (CONTROL + "fraction = 3", [("out-of-range", "control[1].fraction")]),
        (CONTROL + "start = 5\npermits = [[0, 0], [9, 1]]", [("early-licence", "control[1].permits")]),
        (CONTROL.replace("resist", "resit"), [("unknown-name", "control[1].products")]),
        ("[[control]]\nexporter = 'JPN'", [("missing-key", "control[1].importer")]),
        (CONTROL + "days = 20\n" + CONTROL + "start = 10", [("overlapping-licences", "control")]),
        ("[[demand]]\nproduct = 'dram'", [("missing-key", "demand[1].path")]),
        ("[[share]]\nproduct = 'dram'\nsupplier = 'fab'", [("missing-key", "share[1].share")]),
        ("[[shock]", [("broken-toml", "")]),
        (
            "nam = 'x'\n" + SHOCK + "capacity = 2\n[[demand]]\nproduct = 'drum'\npath = [[0, 1]]",
            [
                ("unknown-key", "nam"),
                ("out-of-range", "shock[1].capacity"),
                ("unknown-name", "demand[1].product"),
            ],
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_key(tmp_path, net, text, found):
    assert faults(tmp_path, net, text) == found


def test_controls_one_after_the_other_do_not_overlap(tmp_path, net):
    text = CONTROL + "days = 20\n" + CONTROL + "start = 20\ndays = 10"
    assert [c.levels(19, 21) for c in read(tmp_path, net, text).controls] == [[0.0, 1.0], [1.0, 0.0]]


def test_a_file_that_cannot_be_read_is_said(tmp_path, net):
    with pytest.raises(DataError, match="unreadable"):
        Scenario.read(tmp_path / "none.toml", net)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match="broken-toml"):
        Scenario.read(tmp_path / "bytes.toml", net)
    (tmp_path / "huge.toml").write_bytes(b"#" * (2**20 + 1))
    with pytest.raises(DataError, match="too-large"):
        Scenario.read(tmp_path / "huge.toml", net)


def test_every_recorded_event_can_be_run():
    net = cn.load("japan-korea")
    for name in cn.events():
        assert cn.event(name, net).id == name
    with pytest.raises(UnknownNameError):
        cn.event("2019-export-control")


def test_scenarios_are_values():
    text = "tok"
    assert Shock(Selector((("firm", text),))) == Shock(Selector((("firm", text),)))
    here, there = Selector((("country", "JPN"),)), Selector((("country", "KOR"),))
    assert str(Control(here, there, "resist", 0.0, 0, 90)) == "JPN>KOR:resist@0+90"


# --- writing -----------------------------------------------------------------------------------


def written(folder: Path, net, scenario: Scenario) -> Scenario:
    scenario.write(folder / "again.toml")
    return Scenario.read(folder / "again.toml", net)


def test_a_file_that_is_written_means_the_same(tmp_path, net):
    found = read(tmp_path, net, WHOLE)
    assert written(tmp_path, net, found) == found


@pytest.mark.parametrize("name", cn.events())
def test_recorded_events_survive_being_written(tmp_path, name):
    network = cn.load("japan-korea")
    event = cn.event(name, network)
    assert written(tmp_path, network, event) == event


LEVELS = st.floats(0, 1)
DAYS = st.one_of(st.none(), st.integers(1, 3650))
PATHS = st.dictionaries(st.integers(-365, 3650), LEVELS, min_size=1, max_size=4).map(
    lambda path: tuple((float(day), path[day]) for day in sorted(path))
)
TERMS = st.fixed_dictionaries(
    {},
    optional={
        "firm": st.sampled_from(["tok", "fab"]),
        "product": st.sampled_from(["resist", "dram"]),
        "country": st.sampled_from(["JPN", "KOR"]),
        "hq": st.sampled_from(["JPN", "USA"]),
        "region": st.just("Gyeonggi"),
    },
).filter(bool)
PLAIN = st.builds(
    lambda terms, level, start, days: Shock(Selector(tuple(terms.items())), level, start, days),
    TERMS,
    LEVELS,
    st.integers(-365, 3650),
    DAYS,
)
PATHED = st.builds(
    lambda terms, path, lost: Shock(
        Selector(tuple(terms.items())), min(level for _, level in path), int(path[0][0]), None, path, lost
    ),
    TERMS,
    PATHS,
    LEVELS,
)
CONTROLLED = st.builds(
    lambda product, level, start, days: Control(
        Selector((("country", "JPN"),)), Selector((("hq", "KOR"),)), product, level, start, days
    ),
    st.sampled_from([None, "resist"]),
    LEVELS,
    st.integers(-365, 3650),
    DAYS,
)


@given(
    name=st.text(min_size=1).filter(lambda text: text.encode("utf-8", "ignore").decode() == text),
    shocks=st.lists(st.one_of(PLAIN, PATHED), max_size=3),
    controls=st.lists(CONTROLLED, max_size=1),
    days=DAYS,
)
def test_whatever_is_written_is_read_again(tmp_path_factory, name, shocks, controls, days):
    net = draw(NET)
    scenario = Scenario(name, tuple(shocks), tuple(controls), days=days, id="x").resolve(net)
    folder = tmp_path_factory.mktemp("files")
    assert written(folder, net, scenario) == scenario


def test_names_that_were_not_looked_up_cannot_be_written(tmp_path):
    with pytest.raises(UsageError, match="yet to be looked up"):
        Scenario.parse("JPN:resist").write(tmp_path / "x.toml")
    with pytest.raises(UsageError, match="full date"):
        Scenario("x", date="2021").write(tmp_path / "x.toml")


# --- partnerships ------------------------------------------------------------------------------

PARTNERED = """
name = "With and without"
[[shock]]
product = "resist"
country = "JPN"
[partnerships]
with = ["joint"]
without = ["old"]
"""


@pytest.fixture
def partnered():
    about = {"parties": "fab", "type": "supply", "state": "actual"}
    effect = {"effect": "qualify", "buyer": "fab", "product": "resist", "share": "0.5", "year": "2025"}
    return draw(
        NET + "fab <- dup resist 0.4 2025",
        partnerships=[
            {"partnership": "joint", "name": "Joint", **about},
            {"partnership": "old", "name": "Old", **about},
        ],
        effects=[
            {"partnership": "joint", "firm": "tok", **effect},
            {"partnership": "old", "firm": "dup", **effect},
        ],
    )


def test_a_file_names_partnerships_that_are_put_in_and_taken_out(tmp_path, partnered):
    found = read(tmp_path, partnered, PARTNERED)
    assert (found.added, found.removed) == (("joint",), ("old",))
    assert written(tmp_path, partnered, found) == found
    network, scenario = cn.arranged(partnered, found)
    assert (scenario.added, scenario.removed) == ((), ())
    expected = cn.with_partnerships(cn.without_partnerships(partnered, ["old"]), ["joint"])
    assert network.digest == expected.digest != partnered.digest
    assert cn.arranged(partnered, scenario)[0] is partnered


def test_a_model_refuses_a_scenario_whose_partnerships_are_not_in_the_network(tmp_path, partnered):
    found = read(tmp_path, partnered, PARTNERED)
    for model in (disrupt, simulate):
        with pytest.raises(UsageError, match=r"names partnerships \(joint, old\).*chainnet.arranged"):
            model(partnered, found)


def test_what_is_wrong_with_the_partnerships_of_a_file_is_told(tmp_path, partnered):
    text = '[partnerships]\nwith = ["jointt"]\nwithout = "old"\nboth = 1'
    assert faults(tmp_path, partnered, text) == [
        ("unknown-key", "partnerships.both"),
        ("unknown-name", "partnerships.with"),
        ("not-a-list", "partnerships.without"),
    ]
    assert faults(tmp_path, partnered, "partnerships = 3") == [("not-a-table", "partnerships")]
    both = Scenario("x", added=("old",), removed=("old",))
    with pytest.raises(UsageError, match="with and without old"):
        cn.arranged(partnered, both)


def test_a_scenario_keeps_what_a_generator_gave_and_refuses_what_is_one_text() -> None:
    net = draw("""
        tok@JPN -> resist 1.0
        fab@KOR -> dram 1.0
        resist => dram
    """)
    once = cn.Scenario("once", (shock for shock in cn.Scenario.parse("tok").shocks))  # type: ignore[arg-type]
    assert [cn.disrupt(net, once).loss["fab-dram"] for _ in range(2)] == [1.0, 1.0]
    with pytest.raises(cn.UsageError, match="'tok' is one text"):
        cn.Scenario("text", "tok")  # type: ignore[arg-type]
    with pytest.raises(cn.UsageError, match="no 'frim'"):
        cn.Selector((("frim", "tok"),))


def test_a_year_may_be_a_number_and_a_timestamp_is_no_date() -> None:
    net = draw("tok@JPN -> resist 1.0")
    assert cn.concentration(net, date=2019).equals(cn.concentration(net, date="2019"))  # type: ignore[arg-type]
    with pytest.raises(cn.UsageError, match="is not a date"):
        cn.concentration(net, date=pd.Timestamp("2019-01-01"))  # type: ignore[arg-type]
