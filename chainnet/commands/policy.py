"""Commands about partnerships: list and compare."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

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


partnerships.add_command(list_, "list")
partnerships.add_command(compare, "compare")


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
