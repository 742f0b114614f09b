"""The manual in docs/: its Python runs, it is complete, and it builds without a warning or a network."""

from __future__ import annotations

import doctest
import importlib.util
import inspect
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest

import chainnet
from chainnet import figures

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ROLE = re.compile(r"\{py:func\}`chainnet\.(\w+)`")

#: Public functions that measure nothing: they load, write, name what happens, or run others many times.
NO_MEASURE = {
    "arranged",
    "available",
    "closure_cases",
    "difference",
    "event",
    "events",
    "every_closure",
    "export",
    "findings",
    "import_graph",
    "inspect",
    "load",
    "overlay",
    "partnership_table",
    "read",
    "read_eto",
    "read_links",
    "read_trade",
    "recorded_shocks",
    "report",
    "synthetic_economy",
    "write",
}


def _generated():
    spec = importlib.util.spec_from_file_location("generated", DOCS / "generated.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generated = _generated()


# --- its Python --------------------------------------------------------------------------------


def python_of(page: Path) -> str:
    return "\n".join(_PYTHON.findall(page.read_text(encoding="utf-8")))


WITH_PYTHON = [page for page in PAGES if python_of(page)]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_the_python_of_a_page_prints_what_it_shows(page, tmp_path, monkeypatch):
    shutil.copytree(DOCS / "example", tmp_path / "docs/example")
    monkeypatch.chdir(tmp_path)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    test = doctest.DocTestParser().get_doctest(python_of(page), {"__name__": "page"}, str(page), None, None)
    result = doctest.DocTestRunner(optionflags=flags).run(test)
    assert result.attempted > 0
    assert result.failed == 0


def test_every_block_of_python_is_run():
    for page in PAGES:
        for block in _PYTHON.findall(page.read_text(encoding="utf-8")):
            assert block.lstrip().startswith(">>> "), f"{page}: {block}"


def test_the_example_graph_is_written_as_chainnet_writes(tmp_path):
    network = chainnet.read(DOCS / "example")
    chainnet.write(network, tmp_path / "example")
    for written in (tmp_path / "example").iterdir():
        assert (DOCS / "example" / written.name).read_bytes() == written.read_bytes(), written.name


# --- it is complete ----------------------------------------------------------------------------


def test_every_measure_has_a_page_that_is_linked():
    measures = {name for name in chainnet.__all__ if inspect.isfunction(getattr(chainnet, name))} - NO_MEASURE
    index = (DOCS / "numbers/index.md").read_text(encoding="utf-8")
    listed = [DOCS / "numbers" / f"{line}.md" for line in re.findall(r"^[a-z]+$", index, re.MULTILINE)]
    told = {name for page in listed for name in _ROLE.findall(page.read_text(encoding="utf-8"))}
    assert measures - told == set()
    assert {page for page in (DOCS / "numbers").glob("*.md") if page.name != "index.md"} == set(listed)


def test_what_measures_nothing_exists():
    assert set(chainnet.__all__) >= NO_MEASURE


def test_every_page_of_a_measure_has_a_formula_a_worked_example_and_a_source():
    for page in (DOCS / "numbers").glob("*.md"):
        if page.name != "index.md":
            text = page.read_text(encoding="utf-8")
            missing = [
                word
                for word in ("In words", "Formula", "By hand", "Where", "Source")
                if f"**{word}" not in text
            ]
            assert missing == [], page
            assert page in WITH_PYTHON


def test_every_public_name_is_in_the_reference():
    library = (DOCS / "reference/library.md").read_text(encoding="utf-8")
    told = [name for kind, names in generated.places(library) if kind == "library" for name in names]
    assert sorted(told) == sorted(set(chainnet.__all__) - {"__version__"})
    assert all(f"chainnet.figures.{name}\n" in generated.pictures() for name in figures.__all__)


def test_every_command_is_in_the_reference():
    def names(command: click.Command, words: str) -> list[str]:
        under = command.commands if isinstance(command, click.Group) else {}
        found = command.list_commands(click.Context(command)) if isinstance(command, click.Group) else under
        children = [command.get_command(click.Context(command), name) for name in found]
        return [words] + [
            word
            for child, name in zip(children, found, strict=True)
            for word in names(child, f"{words} {name}")
        ]

    text = generated.commands()
    every = names(generated.main, "chainnet")
    assert len(every) > 30
    assert [words for words in every if f"# {words}\n\n```text\nUsage: {words}" not in text] == []


def test_every_column_is_in_the_reference():
    text = generated.schema()
    tables = generated.TABLES.values()
    assert all(f"## {table.file}\n" in text for table in tables)
    assert text.count("\n| `") == sum(len(table.columns) for table in tables)


def test_every_source_is_on_the_data_page():
    net = chainnet.load("japan-korea")
    text = generated.sources()
    assert all(f"`{ref}`" in text for ref in net.references["ref"])
    assert text.count("\n") == len(net.references) + 1
    assert f"| `plants` | {len(net.plants)} |" in generated.counts()


# --- it builds ---------------------------------------------------------------------------------


class _Requests(HTMLParser):
    """What a page fetches when it is opened: not what a reader may click on."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        fetched = given.get("src") or (given.get("href") if tag == "link" else None)
        if fetched and re.match(r"(https?:)?//", fetched):
            self.found.append(fetched)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    if importlib.util.find_spec("sphinx") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Sphinx is not installed: pip install 'chainnet[docs]'")
        pytest.skip("Sphinx is not installed: pip install 'chainnet[docs]'")
    folder = tmp_path_factory.mktemp("manual")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-n", "--keep-going"]
    command += ["-d", str(folder / "trees"), str(DOCS), str(folder / "html")]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "html"


def test_the_manual_builds_without_a_warning(built):
    for page in PAGES:
        assert (built / page.relative_to(DOCS).with_suffix(".html")).is_file()


def test_the_manual_asks_no_network(built):
    asked = {}
    for page in built.rglob("*.html"):
        parser = _Requests()
        parser.feed(page.read_text(encoding="utf-8"))
        if parser.found:
            asked[page.name] = parser.found
    assert asked == {}
    sheets = "".join(sheet.read_text(encoding="utf-8") for sheet in built.rglob("*.css"))
    assert re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)\s]+", sheets) == []


def test_the_built_reference_holds_the_code(built):
    library = (built / "reference/library.html").read_text(encoding="utf-8")
    assert all(f'id="chainnet.{name}"' in library for name in chainnet.__all__ if name != "__version__")
