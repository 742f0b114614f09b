"""The parts of the manual that are made from the code and from the graph, so that they cannot go stale.

A page says where one stands: a line ``<!-- made: commands -->`` is replaced when the manual is built.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import click
import pandas as pd

import chainnet
from chainnet import figures
from chainnet import scenarios as parts
from chainnet.commands import main
from chainnet.schema import TABLES, Column

_GRAPH = Path(__file__).parents[1] / "graphs" / "japan-korea"
_PLACE = re.compile(r"^<!-- made: ([\w-]+) ?(.*?) -->$", re.MULTILINE)
#: What stays as it is in an address; brackets would end a link of Markdown.
_OF_A_URL = "%/:?=&#;,+@!$*~"
#: Tables of which each row has a status.
_WITH_STATUS = [table.name for table in TABLES.values() if "status" in table.by_name]


def filled(text: str) -> str:
    """Return a page with all its places filled."""
    return _PLACE.sub(lambda place: _MAKERS[place[1]](*place[2].split()), text)


def places(text: str) -> list[tuple[str, list[str]]]:
    """Return what a page asks for: what is to be made, and of what."""
    return [(kind, words.split()) for kind, words in _PLACE.findall(text)]


# --- commands ----------------------------------------------------------------------------------


def walk(command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Context]]:
    """Go through a command and all under it: its words, and its context."""
    yield context.command_path, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is None:
                raise LookupError(name)
            yield from walk(found, click.Context(found, parent=context, info_name=name))


def top() -> click.Context:
    """Return the context of ``chainnet`` itself."""
    return click.Context(main, info_name="chainnet", terminal_width=96, max_content_width=96)


def commands() -> str:
    """Every command with its help, as the command line prints it."""
    parts = []
    for words, context in walk(main, top()):
        context.terminal_width = context.max_content_width = 96
        context.help_option_names = ["-h", "--help"]
        depth = "#" * min(words.count(" ") + 2, 3)
        parts.append(f"{depth} {words}\n\n```text\n{context.command.get_help(context)}\n```")
    return "\n\n".join(parts)


# --- tables ------------------------------------------------------------------------------------


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def grid(head: list[str], rows: list[list[object]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


_KINDS = {
    "id": "identifier",
    "text": "text",
    "country": "country code (ISO 3166, three letters)",
    "number": "number",
    "share": "number in [0, 1]",
    "year": "year",
    "date": "date (YYYY, YYYY-MM or YYYY-MM-DD)",
}


def _content(column: Column) -> str:
    words = [_KINDS[column.kind]]
    if column.many:
        words.append("several, joined by `;`")
    if column.unit:
        words.append(f"unit: {column.unit}")
    if column.to:
        words.append("found in " + " or ".join(column.to))
    if column.allowed:
        words.append("one of " + ", ".join(f"`{word}`" for word in column.allowed))
    return "; ".join(words)


def schema() -> str:
    """Every table of a graph, with its columns, units and meanings."""
    parts = []
    for table in TABLES.values():
        rows: list[list[object]] = [
            [
                f"`{column.name}`",
                "yes" if column.required else "column may be missing" if column.optional else "no",
                _content(column),
                column.description,
            ]
            for column in table.columns
        ]
        parts.append(
            f"## {table.file}\n\n{table.description} One row a {', '.join(f'`{k}`' for k in table.key)}."
            f"{' A graph can do without this table.' if table.optional else ''}\n\n"
            + grid(["column", "required", "holds", "meaning"], rows)
        )
    return "\n\n".join(parts)


# --- data --------------------------------------------------------------------------------------


def counts() -> str:
    """How much of each table is observed, estimated and assumed."""
    tables = chainnet.load("japan-korea").tables
    rows: list[list[object]] = []
    for name, frame in tables.items():
        known = frame["status"].value_counts() if name in _WITH_STATUS else {}
        rows.append(
            [
                f"`{name}`",
                len(frame),
                *(
                    known.get(status, 0) if len(known) else ""
                    for status in ("observed", "estimated", "assumed")
                ),
            ]
        )
    return grid(["table", "rows", "observed", "estimated", "assumed"], rows)


def doubts() -> str:
    """Return what the graph's own README says of conflicts between sources, and of what is missing."""
    text = (_GRAPH / "README.md").read_text(encoding="utf-8")
    chapters = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    wanted = ("## Conflicts between sources", "## What is missing or doubtful")
    found = [chapter for chapter in chapters if chapter.startswith(wanted)]
    if len(found) != len(wanted):
        raise LookupError(f"{_GRAPH / 'README.md'} lacks one of {wanted}.")
    kept = "\n".join(found[::-1]).partition("To correct a figure, ")
    return kept[0] + kept[2].partition("\n")[2]


def _uses(tables: dict[str, pd.DataFrame]) -> Counter[str]:
    """Count who cites each source: rows of tables, and events."""
    files = sorted(_GRAPH.glob("events/*.toml"))
    cited = Counter(
        ref for file in files for ref in set(_refs(tomllib.loads(file.read_text(encoding="utf-8"))))
    )
    return cited + Counter(
        ref
        for name, frame in tables.items()
        if name != "references" and "ref" in frame
        for cell in frame["ref"].dropna()
        for ref in str(cell).split(";")
        if ref
    )


def sources() -> str:
    """Every source of the bundled graph: publisher, year, licence, address, and rows that cite it."""
    tables = dict(chainnet.load("japan-korea").tables)
    uses = _uses(tables)
    found = sorted(
        ([_told(row[column]) for column in ("publisher", "year", "citation", "url", "licence", "ref")])
        for row in tables["references"].to_dict("records")
    )
    found.sort(key=lambda row: (row[0].casefold(), row[1], row[-1]))
    rows: list[list[object]] = [
        [publisher, year, _link(citation, url), licence, f"`{ref}`", uses[ref]]
        for publisher, year, citation, url, licence, ref in found
    ]
    return grid(["publisher", "year", "source", "licence", "ref", "cited"], rows)


def _refs(part: object) -> Iterator[str]:
    """Return the references of an event, and of its shocks, controls and shares."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from value if key == "refs" else _refs(value)
    elif isinstance(part, list):
        for value in part:
            yield from _refs(value)


def _told(value: object) -> str:
    """Return a cell as it is printed: nothing where it is unknown, a year without decimals."""
    if pd.isna(value):
        return ""
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def _bare(text: str) -> str:
    return re.sub(r"([\[\]*_`<])", r"\\\1", text)


def _link(text: str, url: str) -> str:
    """Link to a page; a judgement has none."""
    return f"[{_bare(text)}]({quote(url, safe=_OF_A_URL)})" if "://" in url else _bare(text)


# --- the library -------------------------------------------------------------------------------


def _documented(module: str, thing: object, name: str) -> str:
    if isinstance(thing, type):
        options = "   :members:\n" if not issubclass(thing, Exception) else ""
        return f".. autoclass:: {module}.{name}\n{options}"
    return f".. autofunction:: {module}.{name}\n"


def library(*names: str) -> str:
    """Names of chainnet, with their docstrings."""
    return _blocks("chainnet", chainnet, names)


def scenarios(*names: str) -> str:
    """Names of chainnet.scenarios, with their docstrings."""
    return _blocks("chainnet.scenarios", parts, names)


def pictures() -> str:
    """Every name of chainnet.figures, with its docstring."""
    return _blocks("chainnet.figures", figures, tuple(figures.__all__))


def _blocks(module: str, holder: object, names: tuple[str, ...]) -> str:
    inner = "\n".join(_documented(module, getattr(holder, name), name) for name in names)
    return f"```{{eval-rst}}\n{inner}```"


_MAKERS: dict[str, Callable[..., str]] = {
    "commands": commands,
    "schema": schema,
    "counts": counts,
    "doubts": doubts,
    "sources": sources,
    "library": library,
    "scenarios": scenarios,
    "pictures": pictures,
}
