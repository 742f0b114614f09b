"""Commands about partnerships: list, compare and match."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, cast

import click

import chainnet as cn
from chainnet.commands._output import Request, Sheet, command, prints

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
    "partnerships compare jasm-1",
    "partnerships compare jasm-1 --shock JPN:photoresist_euv --only JPN",
    "partnerships compare jasm-1 samsung-yokohama --together",
)
@click.argument("partnership", nargs=-1, metavar="[ID]...")
@click.option("--shock", multiple=True, help="Also compare the losses under this shock; may be repeated.")
@click.option("--only", type=click.Choice(["JPN", "KOR"]), help="Count only buyers with this head office.")
@click.option("--together", is_flag=True, help="All at once instead of one by one.")
@click.option("--lapsed", is_flag=True, help="Allow partnerships that have lapsed.")
@prints()
def compare(
    request: Request,
    *,
    partnership: tuple[str, ...],
    shock: tuple[str, ...],
    only: Literal["JPN", "KOR"] | None,
    together: bool,
    lapsed: bool,
) -> Sheet:
    """Compare dependence without and with each.

    Each counts as if it worked today. Without ID all that have not lapsed are compared, and only
    what changes is shown.
    """
    network = request.network
    chosen = _chosen(network, partnership, lapsed=lapsed)
    scenarios = [cn.Scenario.parse(text) for text in shock]
    sets = [chosen] if together else [[name] for name in chosen]
    table = _concat(
        cn.compare_partnerships(network, names, scenarios, only=only, together=together)
        for names in _tracked(sets)
    )
    text = _with_counts(table)
    moves = text[table["change"].abs() > _SEEN]
    idle = [name for name in dict.fromkeys(table["partnership"]) if name not in set(moves["partnership"])]
    below = [f"No structural change yet: {', '.join(idle)}."] if idle else []
    return Sheet(table, [("", text if partnership else moves)], below, notes=_assumed(network, chosen))


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


partnerships.add_command(list_, "list")
partnerships.add_command(compare, "compare")
partnerships.add_command(match, "match")

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


def _chosen(network: cn.SupplyNetwork, names: Sequence[str], *, lapsed: bool) -> list[str]:
    state = dict(zip(network.partnerships["partnership"], network.partnerships["state"], strict=True))
    for name in names:
        if name not in state:
            raise cn.UnknownNameError(name, state, "partnership")
        if state[name] == "lapsed" and not lapsed:
            raise cn.UsageError(f"{name} has lapsed; allow it with --lapsed.")
    return list(dict.fromkeys(names)) or [name for name in state if lapsed or state[name] != "lapsed"]


def _concat(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    empty = pd.DataFrame({"partnership": [], "measure": [], "before": [], "after": [], "change": []})
    found = list(frames)
    return pd.concat(found, ignore_index=True) if found else empty


def _with_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose rows of counts hold whole numbers."""
    numbers = ["before", "after", "change"]
    counts = (table[numbers] % 1 == 0).all(axis=1) & (table[numbers].abs() > 1).any(axis=1)
    whole = table[numbers].astype(object)
    whole[counts] = table.loc[counts, numbers].astype(int).astype(object)
    return table.assign(**{name: whole[name] for name in numbers})


def _tracked(sets: list[list[str]]) -> Iterable[list[str]]:
    """Show progress on stderr, on a terminal only."""
    if len(sets) < 2 or not sys.stderr.isatty():
        return sets
    from rich.console import Console
    from rich.progress import track

    return track(sets, "Comparing", console=Console(stderr=True), transient=True)


def _assumed(network: cn.SupplyNetwork, names: Sequence[str]) -> list[str]:
    table = cn.partnership_table(network)
    rows = table[table["partnership"].isin(names) & table["status"].str.contains("assumed")]
    if rows.empty:
        return []
    return [f"Effects assumed, not published: {', '.join(rows['partnership'])}."]
