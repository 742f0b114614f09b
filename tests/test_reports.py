"""Reports: sentences from numbers worked by hand, tables, and one file that is text and nothing more."""

from __future__ import annotations

import re
import subprocess
from collections import Counter

import pytest
import test_figures as pictures
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from test_figures import CHAIN, PAYLOADS, hostile, staged

import chainnet as cn
from chainnet import datasets, figures
from chainnet.commands import main
from chainnet.parameters import DEFAULTS
from chainnet.reports.facts import days, half_in_one_country, losses, reliance, stops, subject_of
from chainnet.reports.sentences import answer
from chainnet.reports.words import _WORDS, tell

browse = pictures.browse
#   acid ── resist (tok 0.6, dup 0.4) ── dram ── hbm ── server
#                   scanner (capital) ───┘
# fab makes dram and hbm, and buys 0.8 of its resist from tok; the rest is dup's.
SHOCK = "JPN:resist@0+90"


def told(network: cn.SupplyNetwork, focus: str | None, shock: str = "", lang: str = "en") -> tuple[str, ...]:
    subject = subject_of(network, focus)
    if not shock:
        return answer(subject, lang)
    scenario = cn.Scenario.parse(shock).resolve(network)
    what = losses(subject, cn.disrupt(network, scenario)), days(subject, cn.simulate(network, scenario), n=2)
    return answer(subject, lang, what)


def bundled() -> cn.SupplyNetwork:
    return cn.load("japan-korea")


# --- the answer --------------------------------------------------------------------------------


def test_the_answer_on_a_firm_has_five_sentences_worked_by_hand():
    # Inputs: resist (tok 80 %, no single source), scanner (asml makes all of it), dram (its own).
    # a makes 90 % of the acid of every resist: its closure takes 90 % of resist, so of dram, hbm.
    # Plants in the USA: a and dup; tok's 0.8 falls to a tenth, dup's 0.2 to nothing: 92 % is lost.
    alone, firms, half, countries, unknown = told(staged(), "fab")
    assert alone == (
        "fab is known to take 1 of its 3 inputs almost wholly (90 % or more) from one supplier: scanner "
        "(asml, only maker, tool). For 0 more this may be so, but who supplies them is not published."
    )
    assert firms == (
        "No single firm would stop one of the 2 products of fab, even with nobody stepping in; the largest "
        "loss is 90 % of dram, from a."
    )
    assert half == (
        "Of the 3 inputs whose makers are known, one country makes half or more of the world's output for 3: "
        "Japan 1, Korea 1, Netherlands 1."
    )
    assert countries == (
        "The closure of all plants of one other country would stop none of the 2 products of fab; the "
        "largest loss is 92 % of dram, from United States."
    )
    assert unknown == (
        "What is not known: of the 3 shares of leading suppliers, the buyer's own figure is published for 1; "
        "the world market's stands in for 1, because purchases are not published; and 1 in all rest on "
        "assumption."
    )


def test_the_answer_names_who_alone_stops_it():
    network = staged(CHAIN.replace("acid 0.9", "acid 1.0"))
    _, firms, _, countries, _ = told(network, "fab")
    assert firms.endswith("would stop products of fab (95 % of output or more): a (dram, hbm).")
    assert countries.endswith("so many of the 2 products of fab would stop: United States 2.")
    # dram itself: all of it stops with a, and with the only country that makes acid.
    _, firms, _, countries, _ = told(network, "dram")
    assert firms.endswith("would stop dram (95 % or more): a.")
    assert countries.endswith("dram would stop: United States.")


def test_an_only_maker_stops_a_product():
    assert told(staged(), "hbm")[1].endswith("would stop hbm (95 % or more): fab.")


def test_the_answer_on_a_scenario_tells_both_models():
    network = staged()
    depends, day_by_day, *rest = told(network, "fab", SHOCK)
    # tok stops: 80 % of the resist of fab, so of its dram and hbm.
    assert depends.endswith("fab would lose output of: dram −80 %, hbm −80 %.")
    row = cn.simulate(network, SHOCK).summary("firm").set_index("name").loc["fab:dram"]
    lost = f"{row['days_lost']:.1f}"
    # Without a table of parameters nothing has a range: the interval is the point.
    day, peak = f"{row['time_to_survive']:.0f}", f"{100 * row['peak_loss']:.0f}"
    assert day_by_day == (
        "Day by day (365 days; stocks, slack and requalification counted), dram is hit worst: below 95 % "
        f"from day {day}, by −{peak} % at the deepest, {lost} days of normal output lost ({lost} to {lost} "
        "in nine tenths of 2 drawings of what is assumed)."
    )
    assert len(rest) == 3


#: A chain of its own, which the shock does not reach.
APART = CHAIN + "sand => glass\n s@DEU -> sand 1.0\n g@DEU -> glass 1.0"


def test_a_scenario_that_takes_nothing_says_so():
    depends, day_by_day, *_ = told(staged(APART), "g", SHOCK)
    assert depends.endswith("g would lose no output.")
    assert day_by_day.endswith(
        "g loses no output; in 0 of 2 drawings of what is assumed something of it falls below 95 %."
    )


def test_who_needs_nothing_gets_fewer_sentences():
    assert told(staged(), "a") == ("a needs no input in this graph.",)
    assert len(told(staged(), "a", SHOCK)) == 3


def test_everything_and_a_country_have_an_answer():
    assert told(staged(), None)[0].startswith("The chain as a whole is known to take 2 of its 5 inputs")
    assert told(staged(), None)[1] == tell("stops_firm_all_none", "en")
    assert told(staged(), "한국")[0].startswith("Korea is known to take 1 of its 3 inputs")
    assert "Netherlands" not in told(staged(), "KOR", SHOCK)[0]


def test_halves_are_counted_by_country():
    n, leaders = half_in_one_country(staged(), ["acid", "resist", "scanner", "server"])
    # The share of the server's maker is unknown, and its country has all that is known of it.
    assert (n, leaders) == (4, Counter({"USA": 1, "JPN": 1, "NLD": 1, "TWN": 1}))


def test_who_stops_a_firm_agrees_with_cut_sets():
    network = bundled()
    for firm in ("samsung", "sk_hynix", "kioxia"):
        subject = subject_of(network, firm)
        sets = {
            (closure, target)
            for target in subject.targets
            for closure in cn.cut_sets(network, target, size=1)["closures"]
        }
        found = {
            (closure, target) for closure, all_ in stops(subject, "firm").found.items() for target in all_
        }
        assert found == sets


def test_whom_it_relies_on_agrees_with_the_table_of_dependence():
    network = bundled()
    rows = cn.dependence(network, buyer="sk_hynix")
    known = reliance(rows).known
    sure = rows[rows["source"].isin(["sole", "single"]) & (rows["low"] >= 0.9)]
    assert set(known["input"]) == set(sure["input"])
    assert {"muf_underfill", "euv_scanner"} <= set(known["input"])
    assert "coater_developer" not in set(known["input"])  # listed only: it may


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(chance):
    lines = [line for line in CHAIN.splitlines() if line.strip()]
    mixed = staged("\n".join(chance.sample(lines, len(lines))))
    assert told(mixed, "fab", SHOCK) == told(staged(), "fab", SHOCK)


def test_every_language_says_everything():
    for key, phrases in _WORDS.items():
        fields = [sorted(set(re.findall(r"\{(\w+)", phrase))) for phrase in phrases]
        assert all(phrases), key
        assert fields[0] == fields[1] == fields[2], key


@pytest.mark.parametrize(
    ("lang", "name", "words"),
    [
        ("ko", "디램", "의존도: 대체도 재고도 없다면 fab의 생산 손실: 디램 −80 %, hbm −80 %."),
        ("ja", "ディーラム", "依存度：代替も在庫もなければ、fabが失う生産は ディーラム −80 %、hbm −80 %。"),
    ],
)
def test_the_answer_is_in_the_language_asked_for(lang, name, words):
    network = staged(names={"dram": {f"name_{lang}": name}})
    assert told(network, "fab", SHOCK, lang)[0] == words


# --- the file ----------------------------------------------------------------------------------


def report_of(network: cn.SupplyNetwork, **options) -> str:
    return cn.report(network, **options)


def headings(text: str) -> list[str]:
    return re.findall("<h2>(.*?)</h2>", text)


def test_a_report_holds_what_was_asked_the_answer_figures_tables_and_sources():
    text = report_of(staged(), focus="fab", scenario=SHOCK)
    assert headings(text) == [
        "The answer",
        "Day by day",
        "fab: what it needs, and who needs it",
        "All that the scenario reaches",
        "fab: who supplies each input",
        "What is assumed",
        "Sources",
        "How this was made",
    ]
    assert "<h1>fab under a stop of Japan · resist (day 0 to 90)</h1>" in text
    assert text.count("<li>") == 5 + 6
    assert text.count('class="plotly-graph-div"') == 3
    assert text.count("<h3>The figures in the picture</h3>") == 3
    assert f"<td>{staged().digest}</td>" in text
    assert f"<td>{SHOCK}</td>" in text


def test_a_report_without_a_scenario_tells_of_dependence_alone():
    text = report_of(staged(), focus="fab")
    assert "Day by day" not in text
    assert text.count('class="plotly-graph-div"') == 1
    assert headings(report_of(staged(), focus="KOR"))[:2] == ["The answer", "Korea: who supplies each input"]
    assert "<h1>The chain as a whole: on whom" in report_of(staged())


def test_nothing_lost_is_told_instead_of_drawn():
    text = report_of(staged(APART), focus="g", scenario=SHOCK)
    assert "Nothing is drawn: nothing of g loses output in these 365 days." in text


def test_the_table_of_suppliers_says_how_far_each_share_is_known():
    text = report_of(staged(), focus="fab")
    row = re.search(r"<tr><td>dram</td><td>resist</td>.*?</tr>", text)
    assert row
    cells = re.findall("<td[^>]*>(.*?)</td>", row[0])
    assert cells[2:6] == ["tok", "80 %", "80 %", "80 %"]
    assert cells[7:] == ["critical", "consumed", "Japan", "60 %", "1", "observed", "judgement of the authors"]


def test_a_report_is_the_same_bytes_each_time():
    for options in ({"focus": "fab", "scenario": SHOCK}, {"focus": "dram", "lang": "ko"}):
        assert report_of(staged(), **options) == report_of(staged(), **options)


@pytest.mark.parametrize(
    "options",
    [
        {"focus": "samsung", "scenario": "JPN:photoresist_all@0+120"},
        {"focus": "tokyo_electron", "lang": "ja"},
    ],
)
def test_a_report_on_the_bundled_graph_is_small_enough_to_mail(options):
    text = report_of(bundled(), **options)
    assert len(text.encode()) <= 6_000_000
    assert text.count("<li>") >= 5
    # Every source shown is linked, and nothing else is.
    links = re.findall(r'<a href="(https?://[^"]*)" rel="noopener noreferrer">(.*?)</a>', text)
    assert len(links) == text.count("<a ") > 20
    assert all(one == two for one, two in links)


def test_an_event_of_the_record_has_a_report_under_its_own_name():
    network = bundled()
    text = report_of(network, focus="sk_hynix", scenario=cn.event("2019-export-controls-hf", network))
    assert "SK hynix under “Japan licenses hydrogen fluoride to Korea one by one”" in text
    assert "<td>2019-export-controls-hf</td>" in text


def test_requests_that_make_no_sense_are_refused():
    network = staged(CHAIN + "lab@JPN -> resist rd")
    with pytest.raises(cn.UnknownNameError, match="dram"):
        report_of(network, focus="drm")
    with pytest.raises(cn.UsageError, match="lab makes nothing"):
        report_of(network, focus="lab")
    with pytest.raises(cn.UsageError, match="means no plant"):
        report_of(network, focus="fab", scenario="TWN:resist")
    with pytest.raises(cn.UsageError, match="no language 'fr'"):
        report_of(network, focus="fab", lang="fr")


@pytest.mark.parametrize("options", [{"focus": "fab", "scenario": SHOCK}, {"focus": "dram", "lang": "ko"}])
def test_hostile_names_are_text(options):
    text = report_of(hostile(), **options)
    drawn = text.count('class="plotly-graph-div"')
    # plotly's settings, plotly, the figures, and what sorts and copies tables.
    assert text.count("<script") == text.count("</script") == 2 + drawn + 1
    for payload in PAYLOADS[:6]:
        assert payload not in text
    around = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    tags = set(re.findall(r"<(/?\w+)", around))
    assert not tags & {"script", "img", "span", "iframe", "/script", "b"}
    assert set(re.findall('href="(.*?)"', around)) == {"https://x.example"}


# --- the command -------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch):
    datasets.write(staged(), tmp_path / "graph")
    (tmp_path / "fire.toml").write_text('name = "Fire"\n[[shock]]\nfirm = "tok"\ndays = 30\n')
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, ["--graph", str(tmp_path / "graph"), "report", *words])


def test_the_command_writes_a_report_and_says_where(run, tmp_path):
    done = run("--focus", "fab", "--scenario", "tok@0+90", "--scenario", "dup=0.5@0+90", "--lang", "ja")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "chainnet-report.html" in done.stderr
    text = (tmp_path / "chainnet-report.html").read_text(encoding="utf-8")
    assert "<h1>fab：tok + dup (−50 %)の停止 (0～90日目)の場合</h1>" in text
    assert run("--scenario", "fire.toml", "-o", "fire.html").exit_code == 0
    assert (tmp_path / "fire.html").is_file()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--focus", "nobody"], 2, "nobody"),
        (["--scenario", "TWN:resist"], 2, "means no plant"),
        (["--scenario", "missing.toml"], 3, "missing.toml"),
    ],
)
def test_the_command_says_what_is_wrong(run, words, code, message):
    done = run(*words)
    assert done.exit_code == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


# --- in a browser ------------------------------------------------------------------------------


def console(folder, text: str) -> list[str]:
    """What the browser has to complain of when it opens a page, without a network."""
    page = folder / "page.html"
    page.write_text(text, encoding="utf-8")
    words = [str(pictures.CHROMIUM), *pictures.FLAGS, "--enable-logging=stderr"]
    words += [f"--user-data-dir={folder / 'other'}", "--dump-dom", page.as_uri()]
    done = subprocess.run(words, check=True, capture_output=True, timeout=300)
    lines = done.stderr.decode("utf-8", "replace").splitlines()
    # A name with $ in it is no formula here, and plotly says that it will not be set as one.
    return [line for line in lines if "CONSOLE" in line and "MathJax is not loaded" not in line]


@pytest.mark.browser
@pytest.mark.usefixtures("browse")
def test_a_report_asks_for_nothing_and_the_browser_has_nothing_to_complain_of(tmp_path):
    text = report_of(hostile(), focus="fab", scenario=SHOCK)
    assert console(tmp_path, text) == []
    asks = text.replace("</body>", '<img src="https://evil.example/x.png"></body>')
    (complaint,) = console(tmp_path, asks)
    assert "Content Security Policy" in complaint


@pytest.mark.browser
def test_the_figures_of_a_report_are_drawn(browse):
    seen = Counter(
        pixel
        for row in browse(report_of(staged(), focus="fab", scenario=SHOCK), height=2600)
        for pixel in row
    )
    line, frame, lost = ("#0072b2", "#b8460a", "#5f6a75")
    assert all(seen[pictures.rgb(color)] > 50 for color in (line, frame, lost))
    assert (255, 0, 255) not in seen
    assert seen[255, 255, 255] > 1_000_000


@pytest.mark.browser
@pytest.mark.parametrize(("lang", "names"), [("ko", ("한빛", "삼성")), ("ja", ("東京", "信越"))])
def test_korean_and_japanese_headings_are_drawn(browse, lang, names):
    heads = []
    for name in names:
        text = report_of(staged(names={"fab": {f"name_{lang}": name}}), focus="fab", lang=lang)
        head = [row[16:64] for row in browse(text, height=400)[16:48]]
        assert sum(sum(pixel) < 300 for row in head for pixel in row) > 60
        heads.append(head)
    # Letters that a font lacks are all drawn as the same empty box.
    assert heads[0] != heads[1]


@pytest.mark.browser
def test_a_table_is_sorted_by_its_headings(browse):
    import pandas as pd

    table = pd.DataFrame({"name": ["b", "=c", "a", "d", "e"], "share": ["9 %", "<1 %", "–", "10 %", ">99 %"]})
    text = figures.page(None, title="T", note="", sections=[figures.Section("Table", table=table)])

    def order(clicks: str) -> list[str]:
        act = f"<script>const heads = document.querySelectorAll('th'); {clicks}</script>"
        found = browse(text.replace("</body>", f"{act}</body>"), elements=True)
        return re.findall(r"<tr><td>(.*?)</td>", found)

    assert order("heads[0].click()") == ["=c", "a", "b", "d", "e"]
    assert order("heads[1].click()") == ["=c", "b", "d", "e", "a"]
    assert order("heads[1].click(); heads[1].click()") == ["e", "d", "b", "=c", "a"]
    copy = (
        "document.execCommand = () => { const box = document.querySelector('textarea');"
        " document.title = box.value; return true; }; document.querySelector('.copy').click()"
    )
    found = browse(text.replace("</body>", f"<script>{copy}</script></body>"), elements=True)
    # What a spreadsheet would take for a formula is copied as text.
    (title,) = re.findall("<title>(.*?)</title>", found, flags=re.DOTALL)
    assert title.split() == [
        "name",
        "share",
        "b",
        "9",
        "%",
        "'=c",
        "&lt;1",
        "%",
        *["a", "–", "d", "10", "%", "e"],
        "&gt;99",
        "%",
    ]
    assert ">Copied</button>" in found


def test_every_parameter_that_a_graph_may_state_has_a_name_in_each_language():
    for lang in ("en", "ja", "ko"):
        assert all(tell(name, lang) for name in DEFAULTS)


def test_a_shock_that_takes_nothing_is_told_and_not_refused():
    text = cn.report(staged(), scenario="tok=1")
    assert "would lose no output" in text
    assert tell("cascade", "en") not in text
