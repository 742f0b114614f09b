"""The commands of the README and of the manual, run as written: what they show is what chainnet prints."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from chainnet import load
from chainnet.commands import main

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: A file that a page shows, after a line with its name.
_FILE = re.compile(r"^`([\w./-]+)`:\n\n```(?:toml|text)\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: What a page writes under a command that ends with another exit code than 0.
_EXIT = re.compile(r"\n?\[exit code (\d+)\]\Z")


def examples(document: Path) -> list[tuple[str, str, dict[str, str]]]:
    """Commands, the output that the document shows for each, and the files that it shows before."""
    found = []
    text = document.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        files = dict(_FILE.findall(text[: block.start()]))
        for part in re.split(r"^\$ ", block[1], flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output.strip("\n"), files))
    return found


CASES = [
    pytest.param(document, command, output, files, id=f"{document.name}: {command}")
    for document in DOCUMENTS
    for command, output, files in examples(document)
]


def test_the_readme_has_examples() -> None:
    assert len(examples(ROOT / "README.md")) >= 5


def written_anew(output: str, printed: str) -> str:
    """Return what a document shows of what is printed: where it leaves lines out, as many at both ends."""
    if "\n…" not in output:
        return printed
    head, tail = output.split("\n…", 1)
    first, last = head.count("\n") + 1, len(tail.strip("\n").splitlines())
    lines = printed.split("\n")
    return "\n".join([*lines[:first], "…", *lines[len(lines) - last :]])


@pytest.mark.parametrize(("document", "command", "output", "files"), CASES)
def test_a_document_shows_what_is_printed(
    document: Path,
    command: str,
    output: str,
    files: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Set CHAINNET_GOLDEN=write to write the documents anew, and read the difference before you commit it."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "docs/example", tmp_path / "docs/example")
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    program, *words = shlex.split(command)
    assert program == "chainnet"
    result = CliRunner().invoke(main, words, catch_exceptions=False)
    code = _EXIT.search(output)
    output = _EXIT.sub("", output)
    assert result.exit_code == (int(code[1]) if code else 0), result.output
    printed = "\n".join(line.rstrip() for line in result.stdout.strip("\n").splitlines())
    if os.environ.get("CHAINNET_GOLDEN") == "write":
        text, shown = document.read_text(encoding="utf-8"), written_anew(output, printed)
        text = text.replace(f"$ {command}\n{output}\n", f"$ {command}\n{shown}\n", 1)
        document.write_text(text, encoding="utf-8", newline="\n")
        output = shown
    # A line of '…' in the document stands for lines that it leaves out.
    if "\n…" in output:
        head, tail = output.split("\n…", 1)
        assert printed.startswith(head)
        assert printed.endswith(tail.strip("\n"))
    else:
        assert printed == output


@pytest.mark.parametrize("document", [ROOT / "README.md", ROOT / "graphs/japan-korea/README.md"])
def test_the_counts_are_those_of_the_graph(document: Path) -> None:
    text = " ".join(document.read_text(encoding="utf-8").split())
    tables = load("japan-korea").tables
    words = {
        "firms": "firms",
        "products": "products",
        "plants": "plants",
        "needs": "needs",
        "sourcing": "purchases",
    }
    for table, word in words.items():
        assert f"{len(tables[table])} {word}" in text


def test_the_readmes_python_runs() -> None:
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert result.attempted >= 5
    assert result.failed == 0
