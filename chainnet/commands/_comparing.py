"""What `partnerships compare` and `plot compare` share: their options, and the comparison itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

import chainnet as cn
from chainnet.commands._progress import tracked

if TYPE_CHECKING:
    import pandas as pd


def comparing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a comparison, which `plot compare` shares."""
    for option in reversed(_COMPARING):
        function = option(function)
    return function


_COMPARING = (
    click.argument("partnership", nargs=-1, metavar="[ID]..."),
    click.option("--shock", multiple=True, help="Compare losses under this shock only; may be repeated."),
    click.option(
        "--over",
        type=click.Choice(["events", "closures", "both", "nothing"]),
        default="events",
        show_default=True,
        help="Days lost over the recorded events, or each closure of a firm or product.",
    ),
    click.option("--only", type=click.Choice(["JPN", "KOR"]), help="Count only this country's buyers."),
    click.option("--together", is_flag=True, help="All at once instead of one by one."),
    click.option("--buyers", is_flag=True, help="A line for each buyer."),
    click.option(
        "--runs",
        type=click.IntRange(0, 10_000),
        help="Drawings for the interval.  [default: 8 over events with ID, else 0]",
    ),
    click.option("--seed", type=int, default=0, help="Of the random numbers."),
    click.option("--lapsed", is_flag=True, help="Allow partnerships that have lapsed."),
)


def compared(  # noqa: PLR0913, one argument an option
    network: cn.SupplyNetwork,
    *,
    partnership: tuple[str, ...],
    shock: tuple[str, ...],
    over: str,
    runs: int | None,
    seed: int,
    together: bool,
    lapsed: bool,
    **options: Any,  # noqa: ANN401, those of cn.compare_partnerships
) -> tuple[pd.DataFrame, list[str]]:
    """Return a comparison, and what it assumes in words."""
    from chainnet.coalitions import known_partnerships

    every = list(network.partnerships["partnership"]) if lapsed else None
    chosen = known_partnerships(network, partnership or every, lapsed=lapsed)
    scenarios: list[cn.Scenario] = [cn.Scenario.parse(text) for text in shock]
    if not shock:
        scenarios += cn.recorded_shocks(network) if over in ("events", "both") else ()
        scenarios += cn.every_closure(network) if over in ("closures", "both") else ()
    few = partnership and (shock or over == "events")
    n = runs if runs is not None else 8 if few else 0
    sets = [chosen] if together else [[name] for name in chosen]
    table = _concat(
        cn.compare_partnerships(network, names, scenarios, together=together, n=n, seed=seed, **options)
        for names in tracked(sets, len(sets), words="Comparing")
    )
    notes = (
        [f"{len(scenarios)} scenarios, {n} drawings of all that is assumed, seed {seed}."]
        if scenarios
        else []
    )
    return table, [*notes, *assumed(network, chosen)]


def _concat(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    found = list(frames)
    columns = ["partnership", "measure", "before", "after", "change", "low", "high"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def assumed(network: cn.SupplyNetwork, names: Sequence[str]) -> list[str]:
    """Say what partnerships are taken to do that is not observed; of many only which."""
    told = [text for text in cn.assumptions(network, names) if not text.endswith("observed")]
    if not told:
        return []
    if len(told) > _MOST_TOLD:
        of = dict.fromkeys(text.partition(":")[0] for text in told)
        return [f"Effects not observed: {len(told)}, of {', '.join(of)}. See `chainnet show ID`."]
    return ["Taken to be so, and not observed:", *(f"  {text}" for text in told)]


#: More effects than this are told by name only.
_MOST_TOLD = 16
