"""Commands about partnerships: list, compare and match, and those of :mod:`chainnet.commands.portfolio`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

import chainnet as cn
from chainnet.commands._comparing import compared, comparing
from chainnet.commands._output import Request, Sheet, command, prints, save
from chainnet.commands._progress import watched
from chainnet.commands.portfolio import attribute, optimise, rewire

if TYPE_CHECKING:
    import pandas as pd

_SEEN = 1e-9


@click.group(epilog="\b\nExamples:\n  chainnet partnerships compare jasm-1")
def partnerships() -> None:
    """Tell what partnerships change."""


@command("partnerships list", "partnerships list --format json")
@prints()
def list_(request: Request) -> Sheet:
    """List partnerships and what each changes."""
    return Sheet(cn.partnership_table(request.network))


@command(
    "partnerships compare jasm-1 --over nothing",
    "partnerships compare soulbrain-gongju --shock 'JPN>KOR:hf_liquid@0+90' --runs 2",
    "partnerships compare jasm-1 samsung-yokohama --together --over nothing",
)
@comparing
@prints()
def compare(request: Request, **asked: Any) -> Sheet:  # noqa: ANN401, those of `comparing`
    """Compare dependence and days lost without and with each.

    Each counts as if it worked today, and the recorded events as if they came today. Without ID all
    that have not lapsed are compared, and only what changes is shown. low and high: 90 % interval of
    the change over the ranges of all that is assumed.
    """
    table, told = compared(request.network, **asked)
    text = _with_counts(table)
    moves = text[table[["change", "low", "high"]].abs().max(axis=1) > _SEEN]
    idle = [name for name in dict.fromkeys(table["partnership"]) if name not in set(moves["partnership"])]
    below = [f"Nothing changes yet: {', '.join(idle)}."] if idle else []
    active = text[~text["partnership"].isin(idle)]
    shown = active if asked["partnership"] and not asked["buyers"] else moves
    if table["low"].isna().all():
        shown = shown.drop(columns=["low", "high"])
    return Sheet(table, [("", shown)], below, notes=[*told, *_beside_their_range(table)])


def _beside_their_range(table: pd.DataFrame) -> list[str]:
    """Say how many changes lie outside the interval that stands beside them."""
    beside = (table["change"] < table["low"] - _SEEN) | (table["change"] > table["high"] + _SEEN)
    if not beside.any():
        return []
    many = f"{beside.sum()} of {len(table)} changes lie outside their interval"
    why = "they are at the usual values, near one end of lopsided ranges, or the drawings are few"
    return [f"{many}: {why}. Read the interval."]


@command(
    "partnerships match",
    "partnerships match JPN TWN --min-share 0.7",
    "partnerships match --share 0.3 -o matches.csv",
)
@click.argument("countries", nargs=-1, metavar="[COUNTRY COUNTRY]")
@click.option("--product", help="Only this input, or the members of this family.")
@click.option("--buyer", help="Only what this firm buys.")
@click.option(
    "--min-share", type=float, default=0.5, help="At least, of the leading supplier.", show_default=True
)
@click.option("--share", type=float, default=0.2, help="What the new one takes: assumed.", show_default=True)
@prints(top=20)
def match(
    request: Request,
    *,
    countries: tuple[str, ...],
    product: str | None,
    buyer: str | None,
    min_share: float,
    share: float,
) -> Sheet:
    """Rank the links to build next between two countries.

    Makers in one country are tried as suppliers of firms with plants in the other that take most of
    an input from one hand. Without COUNTRY: Japan and Korea.
    """
    pair = cast("tuple[str, str]", countries or ("JPN", "KOR"))
    table = cn.match(request.network, pair, product=product, buyer=buyer, min_share=min_share, share=share)
    if table.empty:
        return Sheet(table, notes=[_NOTHING.format(share=min_share)])
    tools = table["use"] == "capital"
    parts = [
        (title, _matches_as_text(rows, tools=is_tool))
        for title, rows, is_tool in ((_LOST, table[~tools], False), (_EXPOSED, table[tools], True))
        if len(rows)
    ]
    return Sheet(table, parts, notes=[_MOVE.format(share=share), _GUESSED])


@command("partnerships findings --runs 2 -o findings.md")
@click.option(
    "--runs", type=click.IntRange(0, 1000), default=10, show_default=True, help="Drawings for the intervals."
)
@click.option("--seed", type=int, default=0, help="Of the random numbers.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead.")
def findings(*, runs: int, seed: int, output: str | None) -> None:
    """Say how far Japan-Korea partnerships reduce dependence, on one page of Markdown.

    It takes some minutes. docs/findings.md is this page for the bundled graph.
    """
    request: Request = click.get_current_context().obj
    with watched("Working out"):
        text = cn.findings(request.network, n=runs, seed=seed)
    if output is None:
        click.echo(text, nl=False)
    else:
        save(Path(output), text)


partnerships.add_command(list_, "list")
partnerships.add_command(compare, "compare")
partnerships.add_command(match, "match")
partnerships.add_command(attribute, "attribute")
partnerships.add_command(optimise, "optimise")
partnerships.add_command(rewire, "rewire")
partnerships.add_command(findings, "findings")

_LOST = "Loss of the buyer's output, before > after, if the leader closes, and if its whole country does."
_EXPOSED = (
    "Tools: no output is lost today. Share of them, before > after, that the leader and its country hold."
)
_NOTHING = (
    "No link to build: no such buyer takes {share:.0%} or more of such an input from one other firm and has a"
    " maker of it in the other country that does not supply it yet. Try a lower --min-share."
)
_MOVE = (
    "Assumed: the new supplier takes {share:.0%} of the buyer's purchases of the input from the leader, and"
    " nobody else steps in. A link that no row of sourcing.csv names counts as not built."
)
_GUESSED = (
    "share (step): what the leader sells the buyer; step 5 is guessed from the world's shares. today: what"
    " the proposed supplier may sell it already. days: until qualified, 0 if it is. capacity: the supplier's."
)


def _matches_as_text(table: pd.DataFrame, *, tools: bool) -> pd.DataFrame:
    """Return the columns of matches that fit a terminal."""
    import pandas as pd

    firm, country = ("share", "country_share") if tools else ("firm_loss", "country_loss")
    # That it is qualified already is told by its days: none.
    state = table["state"].replace("qualified", "").where(table["link"] == "new", table["link"])
    return pd.DataFrame(
        {
            "buyer": table["buyer"] + " " + table["country"],
            "makes": [_first(made) for made in table["makes"]],
            "input": table["input"],
            "supplier": table["supplier"] + [f" ({word})" if word else "" for word in state],
            "leader": table["leader"] + " " + table["leader_country"],
            "share": _two(table["share"]) + [f" ({step})" for step in table["step"]],
            "if_firm": _two(table[firm]) + ">" + _two(table[f"{firm}_after"]),
            "if_country": _two(table[country]) + ">" + _two(table[f"{country}_after"]),
            "today": _two(table["sold_today"]),
            "days": table["qualification_days"].astype(int),
            "capacity": table["capacity"],
            "events": [len(names.split(";")) if names else None for names in table["events"]],
        }
    )


def _two(numbers: pd.Series[float]) -> pd.Series[str]:
    return numbers.map("{:.2f}".format)


def _first(made: str) -> str:
    """Name the first of some products, and count the others."""
    first, *others = made.split(";")
    return f"{first} +{len(others)}" if others else first


def _with_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose rows of counts hold whole numbers."""
    numbers = ["before", "after", "change"]
    counts = (table[numbers] % 1 == 0).all(axis=1) & (table[numbers].abs() > 1).any(axis=1)
    whole = table[numbers].astype(object)
    whole[counts] = table.loc[counts, numbers].astype(int).astype(object)
    return table.assign(**{name: whole[name] for name in numbers})
