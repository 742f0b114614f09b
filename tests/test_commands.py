"""The command line on the toy (drawn in toy.py): what it prints, where, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from threading import Timer
from types import SimpleNamespace

import click
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from smalleto import write_small_eto, zip_small_eto
from toy import toy, write_toy

import chainnet as cn
from chainnet.commands import main, policy
from chainnet.commands._output import Request, printable, text_lines
from chainnet.commands._progress import told_of_compiling

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_toy(tmp_path_factory.mktemp("graphs") / "toy")


@pytest.fixture
def run(folder):
    def invoke(words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["--graph", str(folder), *shlex.split(words)])
        unplanned = result.exception is not None and not isinstance(result.exception, SystemExit)
        assert not unplanned, result.exception
        assert result.exit_code == code, result.output
        return result

    return invoke


def process(*words: str, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "cli.py"), *words]
    return subprocess.run(command, check=False, text=True, encoding="utf-8", **options)


def lines(text: str) -> list[list[str]]:
    """Words of the lines of a table of text, as far as two blanks tell them apart."""
    return [re.split(r" {2,}", line.strip()) for line in text.strip().splitlines()]


# --- help ----------------------------------------------------------------------------------------


def every_command() -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []

    def walk(name: str, command: click.Command) -> None:
        if isinstance(command, click.Group):
            context = click.Context(command)
            for each in command.list_commands(context):
                below = command.get_command(context, each)
                assert below is not None, each
                walk(f"{name} {each}".strip(), below)
        else:
            found.append((name, command))

    walk("", main)
    return found


COMMANDS = every_command()
#: The explorer serves until it is stopped: see tests/test_explorer.py.
EXAMPLES = [
    example
    for name, command in COMMANDS
    for example in re.findall(r"chainnet (.+)", command.epilog or "")
    if name != "explore"
]


def test_all_commands_are_there() -> None:
    names = [name for name, _ in COMMANDS if not name.startswith("plot")]
    assert names == [
        "info",
        "validate",
        "show",
        "search",
        "diff",
        "centrality",
        "concentration",
        "dependence",
        "exposure",
        "cutsets",
        "disrupt",
        "run",
        "events",
        "backtest",
        "uncertainty",
        "sensitivity",
        "survive",
        "sweep",
        "risk",
        "links",
        "synth",
        "partnerships attribute",
        "partnerships compare",
        "partnerships findings",
        "partnerships list",
        "partnerships match",
        "partnerships optimise",
        "partnerships rewire",
        "costs",
        "report",
        "explore",
        "import eto",
        "import gexf",
        "import graphml",
        "import links",
        "import node-link",
        "import parquet",
        "export",
        "trade",
        "doctor",
        "cite",
        "completion",
    ]


@pytest.mark.parametrize("words", ["", "import", "partnerships", "plot", *(name for name, _ in COMMANDS)])
def test_every_help_ends_with_an_example(words) -> None:
    short, long = (CliRunner().invoke(main, [*words.split(), flag]) for flag in ("-h", "--help"))
    assert short.exit_code == long.exit_code == 0
    assert short.stdout == long.stdout
    assert f"Examples:\n    chainnet {words}".rstrip() in short.stdout


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_in_the_help_run(example, tmp_path, monkeypatch) -> None:
    if "partnerships findings" in example:
        pytest.skip("takes minutes; tests/test_answers.py makes the page of a small network")
    monkeypatch.chdir(tmp_path)
    write_toy(tmp_path / "my-graph")
    (tmp_path / "baci.csv").write_text(
        "t,i,j,k,v,q\n2019,392,410,281111,46.0,2\n2019,156,410,281111,54.0,2\n"
    )
    (tmp_path / "my-rows").mkdir()
    (tmp_path / "my-rows/references.csv").write_text("ref,citation,url\nmine,Our survey,judgement\n")
    write_small_eto(tmp_path / "downloads/eto")
    zip_small_eto(tmp_path / "eto.zip")
    for kind, place in (("graphml", ".graphml"), ("gexf", ".gexf"), ("node-link", ".json")):
        cn.export(toy(), kind, tmp_path / f"my-graph{place}")
    cn.export(toy(), "parquet", tmp_path / "my-parquet")
    if "economy/" in example:
        assert CliRunner().invoke(main, ["synth", "--firms", "300", "-o", "economy"]).exit_code == 0
    (tmp_path / "fire.toml").write_text('[[shock]]\ncountry = "JPN"\ndays = 30\n')
    result = CliRunner().invoke(main, shlex.split(example), catch_exceptions=False)
    assert result.exit_code == 0, result.output


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom chainnet.commands import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\nprint(*sys.modules)"
    )
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    assert "chainnet.commands.what_if" in loaded
    assert not {"pandas", "numpy", "networkx", "scipy", "plotly", "pycountry", "rich"} & set(loaded)


def test_the_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).stdout == f"chainnet, version {cn.__version__}\n"


# --- what is printed -----------------------------------------------------------------------------


def test_info_counts(run) -> None:
    result = run("info")
    printed = lines(result.stdout)
    for row in (["name", "toy"], ["year", "2025"], ["firms", "6"], ["plants: assumed", "1"]):
        assert row in printed
    assert ["Toy Institute", "29"] in printed
    assert ["licence", "not stated in datapackage.json"] in printed


def test_info_names_the_licence(run, folder) -> None:
    package = folder / "datapackage.json"
    text = package.read_text()
    package.write_text(text.replace('"licenses": []', '"licenses": [{"name": "CC0-1.0"}]'))
    assert ["licence", "CC0-1.0"] in lines(run("info").stdout)
    package.write_text("{")
    assert ["licence", "not stated in datapackage.json"] in lines(run("info").stdout)
    package.write_text(text)


def test_concentration(run) -> None:
    printed = lines(run("concentration --top 2").stdout)
    assert printed[0][:6] == ["product", "hhi", "low", "high", "n_eff", "cr1"]
    assert printed[1][:4] == ["scanner", "1.000", "1.000", "1.000"]
    # 0.7² = 0.49; the unknown 0.3 in one further hand adds 0.09.
    assert printed[2][:4] == ["gas", "0.490", "0.490", "0.580"]
    assert printed[3] == ["(3 more rows; --top 0 shows all)"]
    assert "more rows" not in run("concentration").stdout


@pytest.mark.parametrize("buyer", ["han", "한빛반도체", "ハンビット", "'Hanbit Semiconductor'"])
def test_dependence_of_a_buyer_in_any_script(run, buyer) -> None:
    printed = lines(run(f"dependence {buyer}").stdout)
    header, resist, _, scanner = [" ".join(line) for line in printed]
    assert header == "makes input supplier share low high source importance use step ref"
    assert resist == "chip resist_euv tok 0.800 0.800 0.800 critical consumed 1 toy-report"
    assert scanner == "chip scanner lith 1.000 1.000 1.000 sole critical capital 5 toy-report"


def test_dependence_on_one_with_sources(run) -> None:
    text = run("dependence --single --sources").stdout
    table, sources = text.split("\n\n")
    assert [row[:4] for row in lines(table)[1:]] == [
        ["han", "chip", "scanner", "lith"],
        ["nag", "chip", "scanner", "lith"],
    ]
    source = ["toy-report", "https://example.org/toy", "Toy Institute, Chips of a small world"]
    assert lines(sources) == [["Sources"], ["ref", "url", "citation"], source]
    (row, *_) = json.loads(run("dependence han --sources --format json").stdout)
    assert row["url"] == "https://example.org/toy"


def test_dependence_by_country_and_tiers(run) -> None:
    printed = lines(run("dependence han --by country --tiers 2").stdout)
    assert ["resist_euv", "acid", "JPN"] in [row[:3] for row in printed]
    assert "tier" in printed[0]


def test_exposure_and_cut_sets(run) -> None:
    # resist from tok 0.8, sun 0.125, unknown the rest; gas 0.7 × 0.3; tools only expose.
    assert lines(run("exposure han:chip").stdout)[1:] == [
        ["tok", "0.800", "0.000"],
        ["airco", "0.210", "0.000"],
        ["sun", "0.125", "0.000"],
        ["lith", "0.000", "1.000"],
    ]
    assert lines(run("exposure han:chip --include-capital --top 1").stdout)[1] == ["lith", "1.000", "1.000"]
    assert run("cutsets han:chip --size 2").stdout == "(none)\n"


def test_disrupt_says_what_it_assumes_and_keeps_tools_apart(run) -> None:
    result = run("disrupt lith airco --by firm")
    losses, tools, days, _ = result.stdout.split("\n\n")
    assert days.startswith("Day by day, 365 days")
    assert [row[:3] for row in lines(losses)] == [
        ["firm", "product", "loss"],
        ["airco", "gas", "1.000"],
        ["lith", "scanner", "1.000"],
        ["han", "chip", "0.210"],
        ["nag", "chip", "0.210"],
    ]
    assert lines(tools)[0][0].endswith("Output goes on.")
    assert lines(tools)[2:] == [["han", "chip", "1.000"], ["nag", "chip", "1.000"]]
    assert "nobody steps in" in result.stderr
    assert "no time: no stocks, no repair" in result.stderr
    assert "rest on purchases that are: 3 estimated" in result.stderr


def test_disrupt_says_where_the_share_of_what_closes_is_assumed(run) -> None:
    told = run("disrupt sun tok --days 0").stderr
    assert "is assumed for resist_euv (1 of 2 plants)" in told
    assert "is assumed for" not in run("disrupt tok --days 0").stderr


def test_disrupt_says_of_a_shock_that_starts_too_late(run) -> None:
    assert (
        "Starts after the 30 days looked at, so that nothing happens: tok@30."
        in run("disrupt tok@30 airco@29 --days 30").stderr
    )
    assert "Starts after" not in run("disrupt tok@29 --days 30").stderr


def test_disrupt_with_tools_as_if_consumed(run) -> None:
    result = run("disrupt lith --include-capital --replaceability market")
    assert ["chip", "0.900", "0.000"] in lines(result.stdout)
    assert "tools count as if they were consumed" in result.stderr
    assert "the rest of the market steps in" in result.stderr


def test_disrupt_by_plant_says_through_what(run) -> None:
    printed = lines(run("disrupt JPN:resist_euv --by plant").stdout)
    han = "han-chip han KOR chip 0.600 0.850 resist_euv 1 estimated toy-report"
    assert han in [" ".join(line) for line in printed]
    assert any("closed by the shock" in row for row in printed)


def test_centrality(run) -> None:
    result = run("centrality --measures in_degree --on firm --top 1")
    assert lines(result.stdout)[0] == ["node", "kind", "name", "in_degree"]
    assert "assumed" in result.stderr
    assert "betweenness" in run("centrality").stdout


def test_partnerships(run) -> None:
    printed = lines(run("partnerships list").stdout)
    assert printed[1][:2] == ["han-in-japan", "Hanbit builds in Miyagi"]
    assert "1 add_plant, 1 qualify" in printed[1]

    every = run("partnerships compare --lapsed --over nothing")
    table, below = every.stdout.split("\n\n")
    # han 0.6, nag 0.3 make room for a tenth more, which is han's: 0.54 + 0.1, 0.27.
    hhi = {row[1]: row[2:] for row in lines(table)[1:]}["mean HHI by firm"]
    assert hhi == ["0.462", "0.468", "0.007"]
    assert below == "Nothing changes yet: old-talks.\n"
    assert "han makes 0.1 of the world's chip in JPN" in every.stderr

    shocked = run("partnerships compare han-in-japan --shock JPN:resist_euv --only JPN").stdout
    loss = next(line.split() for line in shocked.splitlines() if "loss of JPN:chip" in line)
    # Of sun, a candidate, nag buys nothing before: 0.8 of the 0.9 that is left is Japan's.
    assert loss[-5:-2] == ["0.889", "0.684", "-0.205"]
    assert "mean days of device output lost" in shocked
    assert len(json.loads(run("partnerships compare --over nothing --format json").stdout)) == 9
    words = "partnerships compare han-in-japan old-talks --together --lapsed --over closures"
    together = run(words).stdout
    assert "han-in-japan + old-talks" in together


def test_matches(run) -> None:
    result = run("partnerships match")
    printed = [" ".join(line) for line in lines(result.stdout)]
    # nag buys from the world: tok 0.6, other makers in Japan 0.2, sun and nobody 0.1 each.
    assert printed[2:] == [
        "nag JPN chip resist_euv sun (candidate) tok JPN 0.67 (5) 0.67>0.47 0.89>0.69 0.00 365 unknown"
    ]
    assert "takes 20% of the buyer's purchases" in result.stderr
    (row,) = json.loads(run("partnerships match 한국 일본 --share 0.3 --format json").stdout)
    assert row["loss_removed"] == pytest.approx(0.3)
    nothing = run("partnerships match --product gas")
    assert nothing.stdout == "(none)\n"
    assert "Try a lower --min-share" in nothing.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("JPN", "between two countries"),
        ("JPN Japan", "both countries are JPN"),
        ("JPN Koria", "Did you mean korea?"),
        ("JPN BRA", "no plant of this graph stands in BRA"),
        ("--min-share 1.1", "min_share = 1.1"),
        ("--share 0", "share = 0.0"),
        ("--buyer nagg", "Did you mean nag?"),
        ("--product resist_eu", "Did you mean resist_euv"),
    ],
)
def test_matches_that_make_no_sense_are_refused(run, words, told) -> None:
    assert told in run(f"partnerships match {words}", 2).stderr


def test_attribute(run) -> None:
    result = run("partnerships attribute --objective hhi")
    table, below = result.stdout.split("\n\n")
    # One alone: its value is its effect.
    (_, (name, value, error, alone)) = lines(table)
    assert (name, error, value) == ("han-in-japan", "0.000", alone)
    assert float(value) < 0
    assert below.startswith("Without any of them 0.")
    assert result.stderr.startswith("hhi: concentration by country")
    assert "han makes 0.1 of the world's chip in JPN" in result.stderr
    both = run("partnerships attribute han-in-japan old-talks --lapsed --objective cut_sets").stdout
    assert both.endswith("No effect on it: han-in-japan, old-talks.\n")


def test_optimise(run) -> None:
    result = run("partnerships optimise --objective hhi")
    assert lines(result.stdout)[1][:3] == ["han-in-japan", "Hanbit builds in Miyagi", "proposed"]
    assert "the best there is (enumeration, 2 sets of 1 worked out)." in result.stdout
    (row,) = json.loads(run("partnerships optimise --objective hhi --format json").stdout)
    assert row["after"] == row["bound"] < row["before"]
    none = run("partnerships optimise --objective hhi --budget 5 --currency usd")
    assert "stays: the best there is" in none.stdout
    assert "without a cost in USD: han-in-japan" in none.stderr


def test_optimise_by_days_lost_needs_shocks_that_hit(run) -> None:
    result = run("partnerships optimise --shock tok@0+300 --only KOR")
    assert "days_lost: days of normal output lost" in result.stderr
    for words, message in {
        "--shock JPN:scanner": "means no plant",
        "--shock nobody": "nobody",
        "--max-n 0 --objective hhi": "holds nothing",
        "--objective hhi --budget 0": "buys nothing",
        "--objective hhi --shock tok": "looks at no scenarios",
        # None of the recorded events hits the toy.
        "": "needs scenarios (--shock)",
        "nobody --objective hhi": "no partnership 'nobody'",
        "old-talks --objective hhi": "lapsed",
    }.items():
        assert message in run(f"partnerships optimise {words}", code=2).stderr


def test_rewire(run) -> None:
    result = run("partnerships rewire --steps 50")
    assert "The largest changes." in result.stdout
    assert re.search(r"Mean ESRI 0\.\d+ falls to 0\.\d+: -?\d+\.\d %", result.stdout)
    assert "Ecuador and Hungary: 16 to 50 % less" in result.stdout
    assert "not whom to buy from" in result.stderr
    assert list(json.loads(run("partnerships rewire --steps 0 --format json").stdout)[0]) == [
        "input",
        "supplier",
        "buyer",
        "before",
        "after",
    ]


def test_a_file_says_what_of_it_means_nothing(run, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    flow = '[[control]]\nexporter = "{}"\nimporter = "JPN"\nproducts = ["resist_euv"]\n'
    (tmp_path / "none.toml").write_text(flow.format("ZMB"))
    error = run("run none.toml", 3).stderr
    assert "none.toml: [no-such-flow]" in error
    assert "control = 'ZMB>JPN:resist_euv'" in error
    (tmp_path / "place.toml").write_text('[[shock]]\ncountry = "ZMB"\n')
    assert "place.toml: [no-such-plant]" in run("run place.toml", 3).stderr
    # Beside something that does happen it is a note.
    (tmp_path / "one.toml").write_text(flow.format("ZMB") + '[[shock]]\nfirm = "tok"\n')
    assert "[no-such-flow]" in run("run one.toml").stderr


def test_a_lapsed_partnership_is_compared_only_when_it_is_allowed(run) -> None:
    assert "--lapsed" in run("partnerships compare old-talks", 2).stderr
    found = run("partnerships compare old-talks --lapsed --over nothing")
    assert "Nothing changes yet: old-talks." in found.stdout
    assert "Did you mean han-in-japan?" in run("partnerships compare han-in-japn", 2).stderr


@pytest.mark.parametrize(
    ("node", "holds"),
    [
        (
            "東京レジスト",
            [
                ["name_ko", "도쿄레지스트"],
                [
                    "resist_euv",
                    "tok-resist_euv, Fukushima, JPN",
                    "0.600",
                    "0.600",
                    "0.600",
                    "figure",
                    "estimated",
                ],
                ["acid", "for resist_euv, critical, consumed", "observed", "toy-report"],
                ["resist_euv", "to han, active", "0.800", "2024", "estimated", "toy-report"],
                ["old-talks", "Talks that ended, lapsed", "toy-report"],
            ],
        ),
        (
            "resist_euv",
            [
                ["definition", "Drawn for a test."],
                ["family", "resist_all"],
                [
                    "other makers (JPN)",
                    "jpn-resist_euv+other, JPN",
                    "0.200",
                    "0.200",
                    "0.200",
                    "other makers",
                ],
                ["sun", "sun-resist_euv, KOR", "0.100", "0.000", "0.200", "equal split", "assumed"],
                ["unknown", "0.100"],
                ["acid", "critical, consumed", "observed", "toy-report"],
                [
                    "chip",
                    "critical, consumed, 30 days of stock, 365 days to qualify",
                    "observed",
                    "toy-report",
                ],
                ["resist_euv", "nag from sun, candidate", "2025", "estimated", "toy-report"],
            ],
        ),
        ("photoresist", [["Members"], ["resist_euv", "EUV photoresist"]]),
        ("chip", [["Not in production"], ["han", "han_jp-chip, Miyagi, JPN, planned, from 2030", "assumed"]]),
        (
            "일본",
            [
                ["code", "JPN"],
                ["resist_euv", "tok, other makers", "0.800", "estimated", "toy-report"],
                ["nag", "Nagai Devices, idm", "toy-report"],
                ["acid", "to KOR, active, share of imports", "0.900", "2025", "estimated", "toy-report"],
            ],
        ),
        ("region/kumamoto", [["chip", "nag-chip, Kumamoto, JPN, from 2001", "0.300"]]),
        (
            "han-in-japan",
            [["parties", "han;sun"], ["qualify", "firm sun, buyer nag, product resist_euv", "0.300"]],
        ),
    ],
)
def test_show(run, node, holds) -> None:
    text = run(f"show '{node}'").stdout
    printed = lines(text)
    for row in holds:
        assert any(line[: len(row)] == row for line in printed), (row, text)
    assert ["toy-report", "https://example.org/toy", "Toy Institute, Chips of a small world"] in printed


def test_show_in_json_has_the_parts_as_a_column(run) -> None:
    rows = json.loads(run("show tok --format json").stdout)
    assert {row["part"] for row in rows} == {"firm", "makes", "needs", "sells", "partnerships", "sources"}
    assert next(row for row in rows if row["part"] == "needs")["share"] is None
    assert "one firm" in run("show tok:resist_euv", 2).stderr


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("한빛", ["han"]),
        ("レジスト", ["tok", "resist_all"]),
        ("ＲＥＳＩＳＴ", ["tok", "resist_all", "resist_euv"]),
        ("trc", ["tok"]),
        ("japan", ["han-in-japan", "JPN"]),
        ("miya", ["han-in-japan", "region/Miyagi"]),
        ("toky resist", []),
    ],
)
def test_search(run, text, ids) -> None:
    assert [row["id"] for row in json.loads(run(f"search '{text}' --format json").stdout)] == ids


def test_search_suggests_what_it_did_not_find(run) -> None:
    result = run("search 'Tokyo Rezist'")
    assert result.stdout == "(none)\n"
    assert "Did you mean Tokyo Resist?" in result.stderr
    assert "no letter" in run("search '!'", 2).stderr


def test_a_date_says_which_plants_supply(run) -> None:
    assert "nag" not in run("show chip --date 2000").stdout.split("Not in production")[0]
    assert "han_jp-chip" in run("show chip --date 2031").stdout
    assert "not a date" in run("dependence --date soon", 2).stderr


def test_without_eto(folder) -> None:
    result = CliRunner().invoke(main, ["--graph", str(folder), "--without", "eto", "info"])
    assert result.exit_code == 0
    assert CliRunner().invoke(main, ["--without", "all", "info"]).exit_code == 2


# --- formats and files ---------------------------------------------------------------------------


def test_the_three_formats_hold_the_same(run) -> None:
    table = cn.concentration(toy()).sort_values("hhi", ascending=False, kind="stable")
    rows = list(csv.DictReader(io.StringIO(run("concentration --format csv").stdout)))
    records = json.loads(run("concentration --format json").stdout)
    assert list(rows[0]) == list(records[0]) == list(table.columns)
    assert [float(row["hhi"]) for row in rows] == [row["hhi"] for row in records] == list(table["hhi"])
    # acid: nobody is known to make it, so the effective number is unknown.
    assert rows[-1]["n_eff"] == ""
    assert records[-1]["n_eff"] is None


def test_data_holds_all_rows_unless_asked_otherwise(run) -> None:
    assert len(json.loads(run("exposure han:chip --format json").stdout)) == 4
    assert len(json.loads(run("exposure han:chip --top 2 --format json").stdout)) == 2


@pytest.mark.parametrize(
    ("name", "kind"), [("a.csv", "csv"), ("a.JSON", "json"), ("a.txt", "table"), ("a", "table")]
)
def test_a_file_gets_what_would_be_printed(run, tmp_path, name, kind) -> None:
    target = tmp_path / name
    result = run(f"dependence -o '{target}'")
    assert result.stdout == ""
    assert result.stderr == f"Wrote {target}.\n"
    assert target.read_bytes().decode() == run(f"dependence --format {kind}").stdout
    assert run("dependence -o -").stdout == run("dependence").stdout


@pytest.mark.parametrize("name", ["missing/a.csv", "taken", "n" * 300])
def test_a_file_that_cannot_be_written(run, tmp_path, name) -> None:
    (tmp_path / "taken").mkdir()
    result = run(f"info -o '{tmp_path / name}'", 1)
    assert result.stdout == ""
    assert result.stderr.startswith("Error: cannot write ")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_failed_command_leaves_the_old_file(run, tmp_path) -> None:
    target = tmp_path / "old.csv"
    target.write_text("old")
    run(f"exposure nobody:chip -o '{target}'", 2)
    assert target.read_text() == "old"


def test_text_columns_line_up_with_wide_letters() -> None:
    import pandas as pd

    table = pd.DataFrame(
        {"name": ["東京", "tok", "가"], "n": [1.0, 20.0, float("nan")], "blank": ["", "", ""]}
    )
    assert text_lines(table) == ["name   n", "東京   1", "tok   20", "가"]


@pytest.mark.parametrize(
    ("number", "cell"),
    [
        (0.92345, "0.923"),
        (0.0, "0.000"),
        (0.00012345, "0.000123"),
        (2.702703, "2.703"),
        (1234.5, "1234"),
        (123.45, "123"),
    ],
)
def test_numbers_in_text(number, cell) -> None:
    import pandas as pd

    assert text_lines(pd.DataFrame({"x": [number, 0.5]}))[1].strip() == cell


def test_nothing_printed_can_command_a_terminal(run) -> None:
    assert printable("a\x1b]0;b\x07c\u202e\ud800\nd") == "a]0;bc\nd"
    assert "\x1b" not in run("show 'to\x1b[31mk'", 2).stderr


# --- how it ends ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("show tokio_resist", 2, "Error: no firm, product or country 'tokio_resist' in this graph."),
        ("show tokyo-resits", 2, "Did you mean Tokyo Resist"),
        ("dependence nobody", 2, "Error: no firm or country 'nobody'"),
        ("disrupt tok=1.5", 2, "Error: '1.5' in 'tok=1.5' is not a capacity."),
        ("disrupt KOR:gas", 2, "means no plant"),
        ("exposure KOR", 2, "Error: 'KOR' makes"),
        ("cutsets han:chip --size 3", 2, "Usage:"),
        ("disrupt", 2, "Missing argument 'SHOCK...'"),
        ("nonsense", 2, "No such command"),
        ("dependence --format xml", 2, "Usage:"),
        ("centrality --measures betweeness", 2, "betweenness"),
    ],
)
def test_a_request_that_makes_no_sense_ends_with_2(run, words, code, says) -> None:
    result = run(words, code)
    assert result.stdout == ""
    assert says in result.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (cn.ChainnetError("it failed"), 1),
        (cn.UsageError("it failed"), 2),
        (cn.DataError([cn.Fault("code", "it failed")]), 3),
        (cn.ConvergenceError("it failed"), 4),
        (OSError(5, "it failed"), 1),
    ],
)
def test_an_error_is_a_line_and_an_exit_code(run, monkeypatch, error, code) -> None:
    def fail(*_args, **_options):
        raise error

    monkeypatch.setattr(cn, "disrupt", fail)
    result = run("disrupt tok", code)
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert "it failed" in result.stderr


def test_an_interrupt_ends_with_130(run, monkeypatch) -> None:
    def interrupt(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(cn, "disrupt", interrupt)
    assert run("disrupt tok", 130).stderr == "Interrupted.\n"


def test_a_closed_pipe_is_quiet(folder) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = process("--graph", str(folder), "dependence", stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_said(folder) -> None:
    with Path("/dev/full").open("w") as full:
        done = process("--graph", str(folder), "dependence", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr == "Error: [Errno 28] No space left on device\n"


@pytest.mark.parametrize("encoding", ["cp949", "cp932", "ascii"])
def test_a_pipe_gets_utf_8_whatever_the_machine_says(folder, encoding) -> None:
    surroundings = {**os.environ, "PYTHONIOENCODING": encoding}
    done = process("--graph", str(folder), "search", "東京", capture_output=True, env=surroundings)
    assert done.returncode == 0
    assert "도쿄레지스트" in done.stdout


class Elapsed(Timer):
    """A timer for which all time has passed at once."""

    def start(self) -> None:
        self.function()


@pytest.mark.parametrize(("signatures", "told"), [([], True), (["float64()"], False)])
def test_a_model_that_is_being_compiled_is_told_of_once(monkeypatch, capsys, signatures, told) -> None:
    kernel = SimpleNamespace(run_lanes=SimpleNamespace(signatures=signatures))
    monkeypatch.setitem(sys.modules, "chainnet.daykernel", kernel)
    monkeypatch.delitem(sys.modules, "chainnet.riskkernel", raising=False)
    monkeypatch.setattr("chainnet.commands._progress.Timer", Elapsed)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with told_of_compiling():
        pass
    assert ("Compiling the model" in capsys.readouterr().err) == told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("partnerships compare --lapsed --over nothing", "Comparing"),
        ("sensitivity tok:resist_euv@0+60 --of chip --runs 4 --days 90", "Running"),
        ("sweep --close firm --days 60", "Sweeping"),
    ],
)
def test_progress_of_long_work_shows_on_a_terminal_only(folder, words, told) -> None:
    def shown(seconds: float) -> str:
        code = f"from chainnet.commands import _progress, main; _progress._SOON = {seconds}; main()"
        command = [sys.executable, "-c", code, "--graph", str(folder), *words.split()]
        ours, theirs = pty.openpty()
        surroundings = {**os.environ, "TERM": "xterm"}
        done = subprocess.run(
            command, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=theirs, env=surroundings
        )
        os.close(theirs)
        os.set_blocking(ours, False)
        try:
            text = os.read(ours, 100_000).decode(errors="replace")  # a full terminal cuts anywhere
        except BlockingIOError:
            text = ""
        os.close(ours)
        assert done.returncode == 0
        return text

    pty = pytest.importorskip("pty")
    assert told in shown(0)
    assert told not in shown(60)
    assert told not in process("--graph", str(folder), *words.split(), capture_output=True).stderr


# --- day by day ----------------------------------------------------------------------------------


def test_disrupt_shows_the_structure_first_and_then_the_days(run):
    shown = run("disrupt JPN:resist_euv@0+200 --days 300").stdout
    first, _, second = shown.partition("Day by day, 300 days")
    assert "loss" in first
    assert "days_lost" in second
    assert "Day by day" not in run("disrupt JPN:resist_euv --days 0").output
    rows = list(csv.DictReader(io.StringIO(run("disrupt JPN:resist_euv --format csv").stdout)))
    assert {"loss", "time_to_survive", "peak_loss", "time_to_recover", "days_lost"} <= set(rows[0])


def test_disrupt_ends_with_a_rule_of_thumb_on_prices(run, tmp_path):
    # The toy records an output without a value and no price.
    words = "disrupt JPN:resist_euv --days 300"
    assert "Price pressure: this graph records no prices of lost supply." in run(words).stdout
    assert "Price pressure" not in run("disrupt JPN:resist_euv --days 0").output
    assert "Price pressure" not in run("disrupt JPN:resist_euv@0+1 --days 90").output  # out of stock
    seen = {"event": "stop", "selector": "chip", "unit": "share"}
    observations = [
        {**seen, "series": "Chips", "quantity": "output", "period": "2020-01", "value": "0.9"},
        {**seen, "series": "Chip price", "quantity": "price", "period": "2020-01", "value": "1.25"},
        {**seen, "event": "scare", "series": "Chip price", "quantity": "price", "value": "1.5"},
    ]
    folder = write_toy(tmp_path / "priced", observations=observations)
    result = run(f"--graph {folder} {words}")
    known, beyond, feared = result.stdout.splitlines()[-3:]
    assert known.startswith("Price pressure, a rule of thumb: 1.25 to 1.25 times the price before")
    assert beyond.startswith(
        "At least that for resist_euv, chip: their loss is deeper than any on record (0.10 "
    )
    assert feared.startswith("Where supply was only feared for: 1.50 to 1.50 times")
    # Within a month no fab lacks spare parts: only the tool itself is short.
    rows = csv.DictReader(io.StringIO(run(f"--graph {folder} disrupt lith --days 30 --format csv").stdout))
    prices = {row["product"]: (row["price_low"], row["price_high"]) for row in rows}
    assert prices == {"scanner": ("1.25", "1.25"), "chip": ("", "")}
    assert "price_low" not in run(f"--graph {folder} {words} --by firm --format csv").stdout


def test_run_takes_a_file_and_says_what_is_wrong_with_it(run, tmp_path):
    file = tmp_path / "stop.toml"
    file.write_text('name = "Stop"\ndays = 120\n[[shock]]\ncountry = "JPN"\n', encoding="utf-8")
    done = run(f"run {file}")
    assert "days_lost" in done.stdout
    assert "Stop, no date: 120 days." in done.stderr
    paths = list(csv.DictReader(io.StringIO(run(f"run {file} --paths --format csv").stdout)))
    assert len(paths) == 120
    assert next(iter(paths[0])) == "day"
    file.write_text('[[shock]]\ncountry = "JPN"\ncapcity = 0.5\n', encoding="utf-8")
    assert "stop.toml: [unknown-key]" in run(f"run {file}", 3).stderr
    assert "no event" in run("run no-such-event", 2).stderr


def test_events_are_listed(run):
    assert run("events --format csv").stdout.startswith("event,start,days,name,refs\n")


def test_sensitivity_names_the_assumptions_and_their_ranges(run):
    words = "sensitivity JPN:resist_euv@0+200 --of KOR:chip --runs 4 --days 300"
    done = run(words)
    header, cover = (line.split() for line in done.stdout.splitlines())
    assert header == ["parameter", "value", "low", "high", "unit", "ranged", "first", "total"]
    assert cover[:6] == ["cover_days", "30", "20", "90", "days", "1"]
    # One parameter: 4 × (1 + 2) runs and 4 for scipy's sake, or 4 × (1 + 1).
    assert "Days of KOR:chip lost, in 16 runs of the model: base sample 4, seed 0." in done.stderr
    done = run(f"{words} --method morris --format csv")
    (row,) = csv.DictReader(io.StringIO(done.stdout))
    assert float(row["mu_star"]) > 0
    assert "in 8 runs of the model: starting points 4, seed 0." in done.stderr


def test_sensitivity_says_where_there_is_nothing_to_explain(run):
    assert "nothing to explain" in run("sensitivity sun@0+1 --of KOR:chip --runs 2 --days 20").stderr
    assert "no power of two" in run("sensitivity sun --of KOR:chip --runs 3", 2).stderr
    assert "did you mean" in run("sensitivity sun --of KOR:chp", 2).stderr.casefold()


def test_an_event_is_known_by_its_name_wherever_shocks_are_asked_for():
    network = cn.load("japan-korea")
    request = Request("japan-korea", date="2020")
    assert request.situation(["renesas-naka-2021"])[1] == cn.event("renesas-naka-2021", network)
    assert request.situation(["tok", "jsr"])[1] == cn.Scenario.parse("tok", "jsr", date="2020")


def test_compare_says_where_a_change_lies_outside_its_interval() -> None:
    numbers = [(1.0, 0.0, 2.0), (2.0, 2.5, 3.0), (3.0, float("nan"), float("nan"))]
    table = pd.DataFrame(numbers, columns=["change", "low", "high"])
    assert policy._beside_their_range(table)[0].startswith("1 of 3 changes lie outside their interval")
    assert policy._beside_their_range(table.head(1)) == []
