"""Pictures: where things stand, what is told, and that nothing in the data is more than text."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from draw import draw, drawn_tables
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from chainnet import Scenario, SupplyNetwork, UnknownNameError, UsageError, datasets, disrupt, figures
from chainnet.commands import main
from chainnet.figures import pages, placing
from chainnet.figures.canvas import Face, text_width, wrap
from chainnet.figures.drawing import layers
from chainnet.figures.looks import STEPS
from chainnet.figures.planning import LABELLED, MOST, Plan

#   acid ── resist (tok 0.6, dup 0.4) ── dram ── hbm ── server
#                   scanner (capital) ───┘
CHAIN = """
    acid    => resist
    resist  => dram
    scanner => dram capital
    dram    => hbm
    hbm     => server 0.4
    a@USA    -> acid 0.9
    tok@JPN  -> resist 0.6
    dup@USA  -> resist 0.4
    asml@NLD -> scanner 1.0
    fab@KOR  -> dram 0.7
    fab@KOR  -> hbm 1.0
    box@TWN  -> server
    fab <- tok resist 0.8
"""
STAGE = {"acid": "raw", "resist": "material", "scanner": "equipment", "server": "end_use"}


def staged(text: str = CHAIN, names: dict[str, dict[str, str]] | None = None, **extra) -> SupplyNetwork:
    """A drawn network whose products stand in their stages; ``names`` changes cells of firms and products."""
    tables = drawn_tables(text, **extra)
    products = tables["products"]
    products["stage"] = [STAGE.get(product, "device") for product in products["product"]]
    for key, cells in (names or {}).items():
        for table in (tables["firms"], products):
            for column, value in cells.items():
                table.loc[table.iloc[:, 0] == key, column] = value
    return SupplyNetwork(tables, name="drawn")


def plan_of(network: SupplyNetwork, **options) -> Plan:
    return Plan(figures.pick(network, **options))


def strings(value: object) -> list[str]:
    """Every string of a figure that came from data or words: whatever is shown as text."""
    if isinstance(value, dict):
        return [s for v in value.values() for s in strings(v)]
    if isinstance(value, list):
        return [s for v in value for s in strings(v)]
    return [value] if isinstance(value, str) else []


def shown_texts(figure) -> list[str]:
    """Texts written in the picture, without the escaping."""
    texts = [text for trace in figure.data if trace.mode == "text" for text in trace.text]
    return [
        re.sub("</?b>", "", text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        for text in texts
    ]


# --- where things stand ------------------------------------------------------------------------


def test_stages_are_ordered_so_that_least_runs_backwards():
    groups = ["device", "packaging", "raw"]
    assert placing.order_groups(groups, {}) == groups
    assert placing.order_groups(groups, {("packaging", "device"): 5, ("device", "packaging"): 1}) == [
        "packaging",
        "device",
        "raw",
    ]


def test_a_cycle_lies_at_one_level():
    links = [("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")]
    assert placing.levels("abcd", links) == {"a": 0, "b": 1, "c": 1, "d": 2}


def test_crossings_that_can_be_avoided_are():
    left, right = [f"l{i}" for i in range(8)], [f"r{i}" for i in range(8)]
    found = placing.order([left, right], [(f"l{i}", f"r{7 - i}") for i in range(8)])
    assert [key[1] for key in found[0]] == [str(7 - int(key[1])) for key in found[1]]


@st.composite
def layered(draw_from):
    sizes = draw_from(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    columns = [[f"{c}.{i}" for i in range(n)] for c, n in enumerate(sizes)]
    keys = [key for column in columns for key in column]
    links = draw_from(st.lists(st.tuples(st.sampled_from(keys), st.sampled_from(keys)), max_size=20))
    heights = {key: draw_from(st.integers(5, 90)) for key in keys}
    return columns, links, heights


@given(layered(), st.randoms(use_true_random=False))
def test_boxes_never_overlap_and_the_order_of_the_rows_does_not_matter(case, chance):
    columns, links, heights = case
    ordered = placing.order(columns, links)
    tops, height = placing.stack(ordered, heights, links, gap=7)
    for column in ordered:
        edges = [(tops[key], tops[key] + heights[key]) for key in column]
        assert all(one[1] + 7 <= two[0] + 1e-6 for one, two in pairwise(edges))
        assert edges[0][0] >= -1e-6
        assert edges[-1][1] <= height + 1e-6
    shuffled = [chance.sample(column, len(column)) for column in columns]
    mixed = chance.sample(links, len(links))
    assert placing.order(shuffled, mixed) == ordered
    assert placing.stack(ordered, heights, mixed, gap=7)[0] == tops


def test_every_box_stands_in_the_column_of_its_stage_and_flows_run_right():
    plan = plan_of(staged(), focus="dram", depth=9)
    bands = {
        stages: [k for k, (c, _) in enumerate(plan.lanes) if c == n]
        for n, (stages, _) in enumerate(plan.columns)
    }
    for card in plan.view.cards:
        lanes = next(lanes for stages, lanes in bands.items() if card.stage in stages)
        rect = plan.rects[card.key]
        assert plan.left(lanes[0]) <= rect.left
        assert rect.right <= plan.left(lanes[-1]) + plan.box <= plan.width
        assert plan.top <= rect.top < rect.bottom < plan.height
    assert all(plan.rects[link.source].right < plan.rects[link.target].left for link in plan.view.links)


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_the_same_network_gives_the_same_picture_whatever_the_order_of_its_rows(chance):
    lines = [line for line in CHAIN.splitlines() if line.strip()]
    mixed = "\n".join(chance.sample(lines, len(lines)))
    for options in ({}, {"focus": "dram"}, {"focus": "fab"}):
        assert layers(staged(mixed), **options).to_json() == layers(staged(), **options).to_json()


def test_texts_stay_inside_their_boxes():
    names = {
        key: {"name": "Extraordinarily long-winded name of a thing / " + key}
        for key in ("dram", "tok", "resist")
    }
    plan = plan_of(staged(names=names), focus="dram")
    for card in plan.view.cards:
        assert all(text_width(line, 12, bold=True) <= plan.box - 12 for line in plan.title(card))


@given(st.text(max_size=60), st.integers(30, 200), st.integers(1, 3))
def test_wrapped_lines_fit(text, width, lines):
    found = wrap(text, width, Face(12, "black"), lines)
    assert 1 <= len(found) <= lines
    assert all(text_width(line, 12) <= width or len(line) <= 2 for line in found)


# --- what is shown -----------------------------------------------------------------------------


def products(network: SupplyNetwork, **options) -> set[str]:
    return {card.key for card in figures.pick(network, **options).cards}


def test_the_whole_picture_holds_every_product_and_counts_the_makers():
    network = staged()
    assert products(network) == set(network.products["product"])
    texts = shown_texts(layers(network))
    assert "2 makers" in texts
    assert "only maker: asml" in texts


def test_a_focus_shows_what_lies_around_it():
    network = staged()
    assert products(network, focus="dram", depth=1) == {"resist", "scanner", "dram", "hbm"}
    assert products(network, focus="dram", depth=1, direction="up") == {"resist", "scanner", "dram"}
    assert products(network, focus="dram", depth=2, direction="down") == {"dram", "hbm", "server"}
    assert products(network, focus="dram", depth=0) == {"dram"}


def test_a_firm_in_focus_is_one_box_with_what_it_makes():
    view = figures.pick(staged(), focus="fab")
    (firm,) = [card for card in view.cards if card.firm]
    assert [row.key for row in firm.rows] == ["hbm", "dram"]
    assert {card.key for card in view.cards} == {"fab", "resist", "scanner", "server"}
    assert {(link.source, link.target) for link in view.links} == {
        ("resist", "fab"),
        ("scanner", "fab"),
        ("fab", "server"),
    }
    (resist,) = [card for card in view.cards if card.key == "resist"]
    assert {row.key: row.named for row in resist.rows} == {"tok": True, "dup": False}


def test_what_only_other_makers_need_is_no_input_of_the_firm_in_focus():
    gas = "gas => dram for:rival\n rival@JPN -> dram 0.2\n g@JPN -> gas 1.0\n"
    network = staged(CHAIN + gas)
    assert "gas" not in products(network, focus="fab")
    assert "gas" in products(network, focus="rival")
    assert "gas" in products(network, focus="dram")
    links = figures.pick(staged(CHAIN + gas + "gas => hbm"), focus="fab").links
    assert [need["product"] for link in links if link.source == "gas" for need in link.needs] == ["hbm"]


def test_a_family_that_nothing_needs_gives_way_to_its_members_and_is_named():
    network = staged(CHAIN + "resist in resist_all\n tok@JPN -> resist_all 0.5")
    view = figures.pick(network)
    assert "resist_all" not in {card.key for card in view.cards}
    assert "resist_all" in figures.note(view)
    assert "resist" in products(network, focus="resist_all", depth=0)


def test_a_shock_shows_what_it_hits_and_its_surroundings():
    network = staged(CHAIN + "sand => glass\n s@DEU -> sand 1.0\n g@DEU -> glass 1.0")
    view = figures.pick(network, outcome=disrupt(network, Scenario.parse("JPN:resist")))
    cards = {card.key: card for card in view.cards}
    assert set(cards) == {"acid", "resist", "dram", "hbm", "server"}
    assert {key for key, card in cards.items() if card.closed} == {"resist"}
    # fab buys 80 % of its resist from tok.
    assert cards["hbm"].loss == pytest.approx(0.8)
    assert {(link.source, link.target) for link in view.links if link.live} == {
        ("resist", "dram"),
        ("dram", "hbm"),
        ("hbm", "server"),
    }
    figure = figures.draw(view)
    assert "−80 %" in shown_texts(figure)
    assert STEPS[3][1] in {trace.fillcolor for trace in figure.data}
    assert "x" in {trace.marker.symbol for trace in figure.data if trace.marker.symbol}
    assert "−80 %" in figures.note(view)


def test_a_shock_to_a_tool_maker_shows_exposure_and_no_loss():
    network = staged()
    view = figures.pick(network, outcome=disrupt(network, Scenario.parse("asml")))
    assert {card.key: card.loss for card in view.cards}["dram"] == 0
    assert "tools 100 %" in shown_texts(figures.draw(view))


def test_a_control_marks_the_flow_that_it_holds_back():
    network = staged()
    view = figures.pick(network, outcome=disrupt(network, Scenario.parse("JPN>KOR:resist")))
    assert {card.key for card in view.cards if card.held} == {"resist"}
    assert "flows held back" in shown_texts(figures.draw(view))
    assert figures.title(view) == "What depends on: Japan → Korea: resist"


def test_observed_estimated_and_assumed_differ_and_capital_goods_differ_from_consumed():
    network = staged()
    needs = network.needs
    needs["status"] = ["observed", "estimated", "observed", "assumed", "observed"]
    figure = layers(network.replace(needs=needs), focus="dram", depth=9)
    lines = {(t.line.dash, t.line.color) for t in figure.data if t.mode == "lines" and t.fill is None}
    assert {dash for dash, _ in lines} == {"solid", "dash", "dot"}
    assert len({color for _, color in lines}) == 2
    texts = shown_texts(figure)
    assert {"60 %", "50 %?"} <= set(texts)


def test_names_are_in_the_language_asked_for():
    names = {
        "dram": {"name": "DRAM", "name_ko": "디램", "name_ja": "ディーラム"},
        "tok": {"name_ko": "도쿄레지스트"},
    }
    network = staged(names=names)
    korean, japanese = (shown_texts(layers(network, focus="dram", lang=lang)) for lang in ("ko", "ja"))
    assert {"디램", "도쿄레지스트 JPN", "소재"} <= set(korean)
    assert {"ディーラム", "材料"} <= set(japanese)
    told = [text for trace in layers(network, focus="dram", lang="ko").data for text in trace.hovertext or ()]
    assert any(text.startswith("<b>디램</b><br>DRAM<br>") for text in told)


def test_a_hover_tells_the_number_its_year_its_status_and_its_source():
    told = [text for trace in layers(staged(), focus="dram").data for text in trace.hovertext or ()]
    (tok,) = {text for text in told if text.startswith("<b>tok – resist</b>")}
    assert tok.split("<br>")[1:] == [
        "made in Japan",
        "share of world output: 60 %, observed, by revenue, year 2025",
        "Source: judgement of the authors",
    ]


def test_every_language_says_everything():
    from chainnet.figures.words import _WORDS, LANGS

    for key, phrases in _WORDS.items():
        assert len(phrases) == len(LANGS), key
        fields = [sorted(re.findall(r"\{(\w+)", phrase)) for phrase in phrases]
        assert all(phrases), key
        assert fields[0] == fields[1] == fields[2], key


# --- too much, too little ----------------------------------------------------------------------


def many(n: int) -> SupplyNetwork:
    tables = drawn_tables("p0 => p1\n f@JPN -> p1 1.0\n f@JPN -> p0 1.0")
    row = tables["products"].iloc[[0]]
    import pandas as pd

    rows = pd.concat([row] * n, ignore_index=True)
    rows["product"] = rows["name"] = [f"p{i}" for i in range(n)]
    tables["products"] = rows
    return SupplyNetwork(tables)


def test_a_large_network_gets_dots_with_a_few_names_and_no_arrows():
    figure = layers(many(LABELLED + 100))
    assert not any("triangle" in str(trace.marker.symbol) for trace in figure.data)
    written = [text for text in shown_texts(figure) if re.fullmatch(r"p\d+", text)]
    assert 20 <= len(written) <= 100
    assert {"p0", "p1"} <= set(written)
    places = [
        (x, y)
        for t in figure.data
        if t.mode == "markers" and t.marker.size == 7
        for x, y in zip(t.x, t.y, strict=True)
    ]
    assert len(places) == len(set(places)) == LABELLED + 100


def test_too_large_a_network_is_refused_with_a_hint():
    assert layers(many(MOST)).layout.height < 20_000
    with pytest.raises(UsageError, match=r"5,001 products .*--focus"):
        layers(many(MOST + 1))


def test_requests_that_make_no_sense_are_refused():
    network = staged(CHAIN + "lab@JPN -> resist rd")
    with pytest.raises(UnknownNameError, match="dram"):
        layers(network, focus="drm")
    with pytest.raises(UsageError, match="depth"):
        layers(network, focus="dram", depth=-1)
    with pytest.raises(UsageError, match="sideways"):
        layers(network, focus="dram", direction="sideways")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="lab makes nothing"):
        layers(network, focus="lab")
    with pytest.raises(UsageError, match="nothing to draw"):
        layers(draw(""))


# --- nothing in the data is more than text -----------------------------------------------------

_PINK = "document.body.style.background='#ff00ff'"
PAYLOADS = [
    f"<script>{_PINK}</script>",
    f'<img src=x onerror="{_PINK}">',
    '<a href="https://evil.example/">TSMC (verified)</a>',
    '<span style="background-image:url(https://evil.example/x)">x</span>',
    f"</script><script>{_PINK}</script>",
    "<br><b>HHI: 0.01 (low)</b>",
    "%{x} ${y} $\\alpha$ &lt;b&gt; \u2028 '\"><",
]
#: The only tags and names in braces that chainnet itself writes.
OURS = re.compile(r"</?b>|<br>|%\{hovertext\}<extra></extra>")


def hostile() -> SupplyNetwork:
    keys = ["tok", "dup", "resist", "dram", "fab", "hbm", "acid"]
    names = {key: {"name": payload, "name_ko": payload} for key, payload in zip(keys, PAYLOADS, strict=True)}
    network = staged(names=names)
    products, references = network.products, network.references
    products["definition"] = PAYLOADS[1]
    references["citation"], references["url"], references["licence"] = (
        PAYLOADS[0],
        "https://x.example",
        PAYLOADS[1],
    )
    return network.replace(products=products, references=references)


def hostile_page(**options) -> str:
    view = figures.pick(hostile(), **options)
    return figures.page(
        figures.draw(view),
        title=figures.title(view) + PAYLOADS[0],
        note=figures.note(view),
        table=figures.listing(view),
    )


@pytest.mark.parametrize(
    "options", [{}, {"focus": "dram"}, {"focus": "fab"}, {"focus": "dram", "lang": "ko"}]
)
def test_every_text_of_a_figure_is_escaped(options):
    network = hostile()
    figure = json.loads(layers(network, **options).to_json())
    for text in strings(figure["data"]):
        assert not re.search("[<>]", OURS.sub("", text)), text


def test_a_page_holds_no_tag_that_is_not_ours():
    text = hostile_page(focus="dram")
    # plotly's settings, plotly, the figure, and what sorts and copies tables.
    assert text.count("<script") == text.count("</script") == 4
    around = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert "&lt;img src=x" in around
    tags = set(re.findall(r"<(/?\w+)", around))
    assert not tags & {"script", "img", "a", "span", "/script", "b"}
    for payload in PAYLOADS[:6]:
        assert payload not in text


def test_plotly_comes_in_the_smallest_bundle_that_draws_the_figures():
    import plotly.graph_objects as go

    bundle = (Path(pages.__file__).parent / pages.BUNDLE).read_bytes()
    known = "79542150855a52c567260e3137095dbe2b744e6d702a5cabe67da246942fba7a"
    assert hashlib.sha256(bundle).hexdigest() == known
    assert b"v4.1.1\n" in bundle[:100]
    small = figures.page(go.Figure(go.Scatter(y=[1, 2])), title="", note="")
    large = figures.page(go.Figure(go.Sankey()), title="", note="")
    assert len(small) < 1_600_000
    assert len(large) > 4_000_000
    both = figures.page(
        None, title="", note="", sections=[figures.Section(figure=go.Figure(go.Scatter(y=[1, 2])))] * 2
    )
    assert len(both) - len(small) < 10_000
    assert re.findall(r'id="(chainnet-figure\S*)"', both) == ["chainnet-figure", "chainnet-figure-2"]


@pytest.mark.parametrize(
    ("size", "shrink", "across"),
    [
        ((640, 300), 1.0, False),
        ((1000, 520), 0.703, False),
        ((1406, 400), 1031 / 1406, True),
        ((1352, 2209), 940 / 2209, False),
    ],
)
def test_a_figure_fits_on_a_sheet(size, shrink, across):
    import plotly.graph_objects as go

    figure = go.Figure(layout={"width": size[0], "height": size[1]})
    text = figures.page(figure, title="", note="")
    assert f"--shrink:{shrink:.4f}" in text
    assert ('class="shown across"' in text) == across


def test_a_page_without_a_figure_brings_no_plotly_and_links_only_addresses():
    import pandas as pd

    table = pd.DataFrame({"name": ["https://evil.example/"], "where": ["https://good.example/a?b=1&c=2"]})
    bad = pd.DataFrame({"name": ["x", "y"], "where": ["javascript:alert(1)", 'https://a" onclick="b']})
    sections = [figures.Section("Sources", table=each, addresses="where") for each in (table, bad)]
    text = figures.page(None, title="T", note="", sections=sections, lang="ko")
    assert len(text) < 20_000
    assert '<html lang="ko">' in text
    (link,) = re.findall("<a [^>]*>", text)
    assert link == '<a href="https://good.example/a?b=1&amp;c=2" rel="noopener noreferrer">'
    assert "onclick=&quot;b" in text


def test_a_page_is_the_same_bytes_each_time_carries_its_policy_and_names_no_address():
    text = hostile_page(focus="dram")
    assert text == hostile_page(focus="dram")
    assert "default-src 'none'; script-src 'unsafe-inline'" in text
    assert text.count('id="chainnet-figure"') == 1
    around = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert re.findall(r"(?:src|href)\s*=\s*[\"']?https?:", around) == []
    assert '<html lang="en">' in text


def test_plot_layers_writes_a_page_and_says_where(tmp_path, monkeypatch):
    datasets.write(staged(), tmp_path / "graph")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(
        main, ["--graph", str(tmp_path / "graph"), "plot", "layers", "JPN:resist", "--lang", "ja"]
    )
    assert (done.exit_code, done.stdout) == (0, "")
    assert "chainnet-layers.html" in done.stderr
    text = (tmp_path / "chainnet-layers.html").read_text(encoding="utf-8")
    assert '<html lang="ja">' in text
    assert "日本 · resistに依存するもの" in text
    done = CliRunner().invoke(
        main, ["--graph", str(tmp_path / "graph"), "plot", "layers", "--focus", "nobody"]
    )
    assert done.exit_code == 2


# --- in a browser ------------------------------------------------------------------------------

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--virtual-time-budget=6000",
]


def read_png(data: bytes) -> list[list[tuple[int, int, int]]]:
    """Rows of pixels of a picture, without its transparency."""
    with Image.open(io.BytesIO(data)) as picture:
        width, reds_greens_blues = picture.width, picture.convert("RGB").tobytes()
    pixels = list(zip(*(reds_greens_blues[k::3] for k in range(3)), strict=True))
    return [pixels[start : start + width] for start in range(0, len(pixels), width)]


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its texts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)


def needs_chromium() -> None:
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("there is no Chromium, and CI must have one")
        pytest.skip("there is no Chromium at /usr/bin/chromium")


@pytest.fixture
def browse(tmp_path):
    """Open a page in a headless browser without a network: its pixels, or its elements."""
    needs_chromium()

    def run(text: str, *, width: int = 1400, height: int = 900, elements: bool = False):
        page, picture, profile = tmp_path / "page.html", tmp_path / "page.png", tmp_path / "profile"
        page.write_text(text, encoding="utf-8")
        picture.unlink(missing_ok=True)
        what = ["--dump-dom"] if elements else [f"--screenshot={picture}"]
        command = [
            str(CHROMIUM),
            *FLAGS,
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
            *what,
        ]
        done = subprocess.run([*command, page.as_uri()], check=True, capture_output=True, timeout=300)
        return done.stdout.decode("utf-8") if elements else read_png(picture.read_bytes())

    return run


def page_of(network: SupplyNetwork, *shocks: str, **options) -> tuple[str, Plan]:
    outcome = disrupt(network, Scenario.parse(*shocks)) if shocks else None
    view = figures.pick(network, outcome=outcome, **options)
    text = figures.page(figures.draw(view), title=figures.title(view), note=figures.note(view))
    return text, Plan(view)


def rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))


@pytest.mark.browser
def test_a_picture_is_drawn_offline_with_the_colours_of_its_losses(browse):
    text, _ = page_of(staged(), "JPN:resist")
    seen = Counter(pixel for row in browse(text) for pixel in row)
    for _, color, _ in STEPS:
        assert seen[rgb(color)] > 100, color
    assert seen[rgb("#b8460a")] > 20
    assert seen[255, 255, 255] > 100_000
    assert len(seen) > 100


@pytest.mark.browser
def test_a_narrow_window_shows_the_left_of_the_picture_and_lets_it_be_moved(browse):
    text, _ = page_of(staged(), "JPN:resist")
    quoted = text.replace("&", "&amp;").replace('"', "&quot;")
    frame = f'<iframe style="border:0;width:400px;height:800px" srcdoc="{quoted}"></iframe>'
    rows = browse(f"<body style='margin:0'>{frame}", width=600, height=800)
    inside = Counter(pixel for row in rows for pixel in row[:400])
    assert inside[rgb("#5b6570")] > 50
    assert inside[rgb("#f4f6f8")] > 10_000
    assert {pixel for row in rows for pixel in row[400:]} == {(255, 255, 255)}


@pytest.mark.browser
@pytest.mark.parametrize(
    ("lang", "names"), [("ko", ("한빛반도체", "삼성전자부")), ("ja", ("東京応化", "信越化学"))]
)
def test_korean_and_japanese_letters_are_drawn(browse, lang, names):
    crops = []
    for name in names:
        text, plan = page_of(staged(names={"dram": {f"name_{lang}": name}}), focus="dram", lang=lang)
        rows = browse(text)
        rect = plan.rects["dram"]
        # The picture stands below the title; its box is found by the colour of its frame.
        top = next(y for y, row in enumerate(rows) if row.count(rgb("#0072b2")) > plan.box - 4)
        at = rows[top].index(rgb("#0072b2"))
        crop = [row[at + 3 : at + int(plan.box) - 3] for row in rows[top + 4 : top + 20]]
        assert sum(sum(pixel) < 300 for row in crop for pixel in row) > 60
        assert rect.bottom - rect.top > 20
        crops.append(crop)
    # Letters that a font lacks are all drawn as the same empty box.
    assert crops[0] != crops[1]


@pytest.mark.browser
def test_hostile_names_are_shown_as_text_and_do_nothing(browse):
    # Point at everything that tells something, as a reader's mouse would.
    point = """<script>
      const d = document.getElementById('chainnet-figure');
      const c = d.data.findIndex(t => t.hovertext), seen = new Set();
      d.data[c].hovertext.forEach((t, i) => {
        if (seen.has(t)) return;
        seen.add(t);
        Plotly.Fx.hover(d, [{curveNumber: c, pointNumber: i}]);
        const label = d.querySelector('.hoverlayer');
        const copy = document.createElement('pre');
        copy.className = 'told';
        copy.append(label.cloneNode(true));
        document.body.append(copy);
      });
    </script>"""
    text = hostile_page(focus="dram").replace("</body>", f"{point}</body>")
    found = browse(text, elements=True)
    assert found.count('class="told"') > 10
    elements = Elements()
    elements.feed(found)
    assert "<img src=x onerror" in "".join(elements.texts)
    tags = [tag for tag, _ in elements.found]
    assert not {"img", "a", "iframe", "object"} & set(tags)
    # plotly's settings, plotly, the figure, and the pointing above.
    assert tags.count("script") == text.count("<script")
    for tag, attributes in elements.found:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name not in ("aria-label", "data-unformatted"):
                assert not re.search(r"evil|ff00ff", value or ""), (tag, name, value)
    pixels = Counter(pixel for row in browse(text) for pixel in row)
    assert (255, 0, 255) not in pixels
    assert pixels[255, 255, 255] > 100_000


@pytest.mark.browser
def test_a_page_that_runs_a_script_would_be_seen(browse):
    assert browse(f"<body><script>{_PINK}</script>", width=500, height=100)[50][50] == (255, 0, 255)
