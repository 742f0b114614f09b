"""The explorer: states, answers, and a click through a what-if in a browser without a network."""

from __future__ import annotations

import csv
import io
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from test_figures import CHROMIUM, FLAGS, needs_chromium, read_png, rgb, staged

import chainnet as cn
from chainnet.commands import main
from chainnet.datasets import write
from chainnet.errors import ChainnetError, UsageError
from chainnet.explorer import State, answers, app, read_query
from chainnet.explorer.choices import chosen
from chainnet.explorer.files import report_file, scenario_file
from chainnet.explorer.panels import FIELDS, toggles
from chainnet.explorer.sections import answered, spread_out
from chainnet.explorer.states import Draft, drafted, examples
from chainnet.explorer.words import word
from chainnet.figures.words import LANGS

ROOT = Path(__file__).resolve().parents[1]


@lru_cache(maxsize=1)
def bundled():
    return cn.load("japan-korea")


@lru_cache(maxsize=1)
def small():
    return staged()


@pytest.fixture
def net():
    return bundled()


# --- states ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state",
    [
        State(),
        State(shocks=("JPN:photoresist_euv@0+90", "JPN>KOR:hf_liquid=0.2@3"), days=120),
        State(event="2011-thai-floods-hdd", focus="KOR", lang="ja"),
        State(shocks=("region/Kumamoto@0+60",), added=("joint-stockpile",), removed=("jasm-1",), lang="ko"),
    ],
)
def test_a_state_survives_its_address(net, state) -> None:
    assert read_query(state.query(), net) == state


def test_names_in_an_address_may_be_of_any_language(net) -> None:
    state = read_query("?shock=일본:EUV 포토레지스트&focus=삼성전자", net)
    assert state == State(shocks=("JPN:photoresist_euv",), focus="samsung")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?shock=nobody", "nobody"),
        ("?shock=tel=2", "is not a capacity"),
        ("?shock=JPN:photoresist_euv@0%2B0", "lasts 0 days"),
        ("?with=jasm-9", "jasm-9"),
        ("?without=<script>", "script"),
        ("?event=../../etc/passwd", "etc/passwd"),
        ("?event=2011-thai-floods-hdd&shock=tel", "choose one"),
        ("?days=0", "days from 1"),
        ("?days=1e9", "days from 1"),
        ("?days=٣", "days from 1"),
        ("?days=90&days=91", "more than once"),
        ("?focus=nobody", "nobody"),
        ("?lang=fr", "fr"),
        ("?graph=/etc", "'graph' is nothing"),
        ("?" + "&".join(["shock=tel"] * 21), "21 shocks"),
        ("?shock=" + "a" * 9000, "9,007 characters"),
    ],
)
def test_an_address_that_was_tampered_with_is_refused_in_words(net, query, words) -> None:
    with pytest.raises(ChainnetError, match=re.escape(words)):
        read_query(query, net)


@given(st.text(max_size=60))
def test_no_address_ends_in_anything_but_a_state_or_a_refusal(text) -> None:
    try:
        state = read_query(text, small())
    except ChainnetError:
        return
    assert read_query(state.query(), small()) == state


DRAFTS = st.builds(
    Draft,
    firm=st.sampled_from(["", "tel"]),
    product=st.sampled_from(["", "dram", "hf_liquid"]),
    country=st.sampled_from(["", "JPN"]),
    region=st.sampled_from(["", "Kumamoto"]),
    importer=st.sampled_from(["", "KOR", "samsung"]),
    left=st.integers(0, 100),
    start=st.integers(0, 400),
    days=st.one_of(st.none(), st.integers(1, 3650)),
)


@given(DRAFTS.filter(lambda d: d.names_something and (d.firm or d.country or d.region or not d.importer)))
def test_the_fields_of_a_shock_survive_its_words(draft) -> None:
    found = drafted(draft.text(), bundled())
    assert found is not None
    assert found.left == pytest.approx(draft.left)
    assert found == Draft(**{**vars(draft), "left": found.left})


def test_a_control_needs_to_know_from_whom() -> None:
    with pytest.raises(UsageError, match="from whom"):
        Draft(product="dram", importer="KOR").text()


# --- the form ----------------------------------------------------------------------------------

BLANK = dict.fromkeys(("event", *FIELDS, "focus", "days", "another"))


def form(net, **changes):
    asked = {**BLANK, "held": list(toggles(net).held), "put": [], "kept": [], "drops": [], "lang": "en"}
    return {**asked, "left": "0", "start": "0", "lasts": "90", **changes}


def test_what_is_chosen_becomes_the_address(net) -> None:
    found = chosen(net, form(net, product="photoresist_euv", country="JPN", lasts=""), "country")
    assert found["address"] == "?shock=JPN:photoresist_euv"
    held = [name for name in toggles(net).held if name != "dongwoo-iksan"]
    found = chosen(net, form(net, firm="tel", held=held, put=["joint-stockpile"]), "held")
    assert read_query(found["state"], net) == State(
        shocks=("tel@0+90",), added=("joint-stockpile",), removed=("dongwoo-iksan",)
    )


def test_shocks_are_added_and_taken_out(net) -> None:
    found = chosen(net, form(net, firm="tel"), "another")
    assert found["kept"] == ["tel@0+90"]
    assert found["firm"] is None
    found = chosen(net, form(net, kept=["tel@0+90", "asml"], drops=[1, None]), {"type": "drop", "index": 0})
    assert (found["kept"], found["address"]) == (["asml"], "?shock=asml")


def test_an_event_takes_the_place_of_shocks_and_the_other_way_round(net) -> None:
    found = chosen(net, form(net, event="2011-thai-floods-hdd", firm="tel", kept=["asml"]), "event")
    assert found["address"] == "?event=2011-thai-floods-hdd"
    assert (found["firm"], found["kept"]) == (None, [])
    found = chosen(net, form(net, event="2011-thai-floods-hdd", firm="tel"), "firm")
    assert (found["event"], found["address"]) == (None, "?shock=tel@0%2B90")


@pytest.mark.parametrize(
    ("name", "value"), [("left", "101"), ("left", "x"), ("lasts", "0"), ("days", "4000")]
)
def test_a_number_out_of_range_is_told_and_changes_nothing(net, name, value) -> None:
    from dash import no_update

    found = chosen(net, form(net, firm="tel", **{name: value}), name)
    assert value in str(found["trouble"].children)
    assert found["address"] is no_update


# --- answers -----------------------------------------------------------------------------------


def texts(component) -> list[str]:
    """All texts of components, in their order."""
    if isinstance(component, str):
        return [component]
    if isinstance(component, list | tuple):
        return [text for part in component for text in texts(part)]
    children = getattr(component, "children", None)
    return texts(children) if children is not None else []


@pytest.mark.parametrize("lang", LANGS)
def test_every_language_has_an_answer(net, lang) -> None:
    query = State(shocks=("JPN:photoresist_euv@0+90",), removed=("tok-songdo",), days=200, lang=lang).query()
    answer, timeline, losses, chain, told = answered(net, query)
    assert told == query
    assert all(texts(part) for part in (answer, timeline, losses, chain))
    assert texts(spread_out(net, query)[0]) != texts(answer)


def test_a_shock_that_hits_nothing_says_so(net) -> None:
    answer, *rest = answered(net, "?shock=NLD:dram")
    assert "no plant" in texts(answer)[0]
    assert rest == [[], [], [], None]


def test_partnerships_that_contradict_each_other_say_so(net) -> None:
    table = net.partnerships[net.partnerships["excludes"] != ""]
    one, other = table["partnership"].iloc[0], table["excludes"].iloc[0].split(";")[0]
    query = State(shocks=("tel",), added=(one, other)).query()
    try:
        read_query(query, net)
    except ChainnetError:
        return  # one of them has lapsed, and cannot be chosen
    assert "contradict" in texts(answered(net, query)[0])[0]


def test_the_days_of_a_state_are_those_of_its_scenario_file(net, tmp_path) -> None:
    state = State(
        shocks=("JPN:photoresist_arf@0+120",), added=("joint-stockpile",), removed=("dongwoo-iksan",)
    )
    name, content = scenario_file(net, state)
    (tmp_path / name).write_text(content, encoding="utf-8")
    command = ["run", str(tmp_path / name), "--format", "csv"]
    rows = csv.DictReader(io.StringIO(CliRunner().invoke(main, command, catch_exceptions=False).stdout))
    printed = {row["name"]: float(row["days_lost"]) for row in rows}
    run = answers.situation(net, state).run
    assert printed == pytest.approx(dict(run.summary().set_index("name")["days_lost"]), abs=1e-9)
    plain = cn.simulate(net, "JPN:photoresist_arf@0+120").summary().set_index("name")["days_lost"]
    assert printed["dram"] != pytest.approx(plain["dram"], abs=0.01)


def test_the_report_is_on_the_same_state(net) -> None:
    state = State(shocks=("JPN:photoresist_arf@0+120",), focus="samsung", lang="ko")
    name, text = report_file(net, state)
    assert name.endswith(".html")
    assert '<html lang="ko">' in text
    assert "ArF 포토레지스트" in text


def test_nothing_and_too_much_make_no_file(net) -> None:
    with pytest.raises(UsageError):
        scenario_file(net, State())
    twice = State(shocks=("JPN>KOR:hf_liquid@0+90", "JPN>KOR:hf_liquid@10+90"))
    with pytest.raises(ChainnetError, match="controlled twice"):
        scenario_file(net, twice)


def test_the_examples_have_answers(net) -> None:
    for state in examples(net):
        assert answered(net, state.query())[-1] is not None


# --- the server --------------------------------------------------------------------------------


def test_only_this_machine_is_served_under_its_own_names(net) -> None:
    client = app(net).server.test_client()
    assert client.get("/", headers={"Host": "127.0.0.1:8050"}).status_code == 200
    assert client.get("/", headers={"Host": "localhost:8050"}).status_code == 200
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 403
    page = client.get("/", headers={"Host": "127.0.0.1:8050"})
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'sha256-" in policy
    outside = re.findall(r"(?:src|href)=.(https?:)?//", page.get_data(as_text=True))
    assert outside == []


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = CliRunner().invoke(main, ["explore", "--no-browser", "--port", str(port)])
    assert done.exit_code == 1
    assert f"port {port} is taken" in done.stderr
    assert "--port" in done.stderr


def test_without_dash_the_command_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "dash", None)
    done = CliRunner().invoke(main, ["explore", "--no-browser"])
    assert done.exit_code == 2
    assert "chainnet[explore]" in done.stderr


class Served:
    """The explorer as its command serves it."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "cli.py", *options, "explore", "--no-browser", "--port", "0"]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        for line in self.process.stderr:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
            if found:
                self.address, self.port = found[0], int(found[1])
                return
        raise AssertionError("the explorer ended before it was there")

    def end(self, how: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(how)
        told = self.process.communicate(timeout=300)[1]
        return self.process.returncode, told


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_listens_on_this_machine_only_and_ends_when_told(how) -> None:
    served = Served()
    try:
        lines = subprocess.run(
            ["ss", "-ltnH"], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        ours = [line.split()[3] for line in lines if line.split()[3].endswith(f":{served.port}")]
        assert ours == [f"127.0.0.1:{served.port}"]
    except FileNotFoundError:
        with pytest.raises(OSError):
            socket.create_connection((socket.gethostname(), served.port), timeout=2).close()
    finally:
        code, told = served.end(how)
    assert code == 0
    assert "Ended." in told
    assert "Traceback" not in told


# --- in a browser ------------------------------------------------------------------------------

#: A page that takes longer, in milliseconds, hangs.
HANGS = 120_000


@pytest.fixture(scope="module")
def browser():
    needs_chromium()
    from playwright.sync_api import expect, sync_playwright

    flags = [
        flag for flag in FLAGS if not flag.startswith(("--headless", "--virtual-time", "--host-resolver"))
    ]
    with sync_playwright() as played:
        expect.set_options(timeout=HANGS)
        opened = played.chromium.launch(executable_path=str(CHROMIUM), args=flags, timeout=HANGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def served():
    needs_chromium()
    found = Served()
    yield found
    found.end(signal.SIGINT)


class Page:
    """A page that notes what goes wrong in it, and what it asks of anybody else."""

    def __init__(self, browser, address: str, **size: int) -> None:
        self.page = browser.new_page(viewport={"width": 1400, "height": 900, **size})
        self.page.set_default_timeout(HANGS)
        self.trouble: list[str] = []
        self.page.on("console", lambda line: self.trouble.append(line.text) if line.type == "error" else None)
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("request", self._asked)
        self.address = address

    def _asked(self, request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.trouble.append(request.url)

    def cells(self, section: str) -> list[list[str]]:
        rows = self.page.locator(f"#{section} tbody tr").all()
        return [row.locator("td").all_inner_texts() for row in rows]


def choose(page, field: str, words: str, label: str) -> None:
    """Choose in a list by keyboard alone; the next key comes when there is something that takes it."""
    from playwright.sync_api import expect

    button, found = page.locator(f"#{field}"), page.locator(".dash-dropdown-content")
    options = found.get_by_role("option")
    button.focus()
    page.keyboard.press("Enter")
    # What is typed before is lost: the list moves the focus by and by.
    expect(found.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type(words)
    expect(options).to_have_text([label])
    # The only one that is left; a list that is still being sorted out may take the focus from it again.
    page.keyboard.press("Enter")
    # A list that closes gives the focus back to where it came from.
    expect(button).to_be_focused()
    expect(button).to_have_text(label)


@pytest.mark.browser
def test_a_click_through_a_what_if_gives_the_numbers_of_the_command_line(browser, served, tmp_path) -> None:
    seen = Page(browser, served.address)
    page = seen.page
    page.goto(served.address)
    choose(page, "product", "photoresist_arf", "ArF photoresist")
    choose(page, "country", "JPN", "Japan")
    page.wait_for_url("**/?shock=JPN:photoresist_arf@0%2B90")
    page.locator("#held label", has_text="ArF immersion resist, Iksan").first.click()
    page.wait_for_url("**without=dongwoo-iksan**")
    page.wait_for_selector("#compare h2")
    # The interval comes after the rest.
    last = page.locator("#losses tbody tr:first-child td:last-child")
    last.filter(has_text=re.compile(r"\d")).wait_for()
    page.wait_for_selector("#compare .scatterlayer .point")
    with page.expect_download() as waiting:
        page.click("#save")
    file = tmp_path / "what-if.toml"
    waiting.value.save_as(file)
    done = CliRunner().invoke(main, ["run", str(file), "--format", "csv"], catch_exceptions=False)
    printed = {row["name"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    network = bundled()
    names = {network.label(key): key for key in printed}
    shown = seen.cells("losses")
    assert len(shown) > 3
    for cells in shown:
        row = printed[names[cells[0]]]
        assert float(cells[5]) == pytest.approx(float(row["days_lost"]), abs=0.051)
        assert cells[2] == ("–" if not row["time_to_survive"] else str(int(float(row["time_to_survive"]))))
    colours = Counter(pixel for row in read_png(page.screenshot(full_page=True)) for pixel in row)
    assert colours[rgb("#0072b2")] > 200
    assert colours[rgb("#5f6a75")] > 200
    page.reload()
    page.wait_for_selector("#compare .scatterlayer .point")
    assert page.locator("#country").inner_text().strip() == "Japan"
    assert seen.trouble == []
    page.close()


PAYLOADS = {
    "dram": "</script><script>window.PWN_2=1</script>",
    "fab": "<img src=x onerror=window.PWN_1=1>",
    "tok": '<a href="https://evil.example">TSMC (verified)</a><br><b>HHI: 0.01</b>',
    "shin": '<span style="background-image:url(https://evil.example/x.png)">Shin</span>',
}


@pytest.mark.browser
def test_hostile_names_are_text_and_nobody_is_asked(browser, tmp_path) -> None:
    network = staged(names={key: {"name": name} for key, name in PAYLOADS.items()})
    write(network, tmp_path / "graph")
    served = Served("--graph", str(tmp_path / "graph"))
    try:
        seen = Page(browser, served.address)
        seen.page.goto(f"{served.address}?shock=JPN:resist@0%2B90")
        seen.page.wait_for_selector("#chain .main-svg")
        seen.page.wait_for_selector("#losses td")
        assert "<script>window.PWN_2" in seen.page.locator("#losses").inner_text()
        assert seen.page.evaluate("Object.keys(window).filter(k => k.startsWith('PWN'))") == []
        assert seen.page.locator("a[href*=evil]").count() == 0
        assert seen.trouble == []
        seen.page.close()
    finally:
        served.end(signal.SIGINT)


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["ko", "ja"])
def test_an_address_that_cannot_be_read_is_left_aside_with_words(browser, served, lang) -> None:
    seen = Page(browser, served.address, width=400)
    seen.page.goto(f"{served.address}?lang={lang}&shock=nobody")
    seen.page.wait_for_selector("[role=alert]")
    told = seen.page.locator("[role=alert]").inner_text()
    assert told == word("bad_address", lang, why=told.partition("：" if lang == "ja" else ": ")[2])
    assert "nobody" in told
    seen.page.wait_for_selector("#chain .main-svg")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 400
    assert seen.trouble == []
    seen.page.close()
