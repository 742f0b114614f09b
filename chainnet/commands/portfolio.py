"""Commands that weigh partnerships against each other: attribute, optimise and rewire."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Literal

import click

import chainnet as cn
from chainnet.commands._comparing import assumed
from chainnet.commands._output import Request, Sheet, command, prints

if TYPE_CHECKING:
    from chainnet.objectives import Objective

_NAMES = ["days_lost", "hhi", "pairs", "cut_sets"]
#: Work that lasts longer than this, in seconds, says how far it is.
_PATIENCE = 2.0
#: Groups of partnerships that interact: all subsets of small ones, at most 64; larger ones are sampled.
_EXACT_UP_TO = 6
_SEEN = 1e-9


@dataclass(frozen=True)
class _Goal:
    """What is to be lowered, as the options say."""

    name: str
    shocks: tuple[str, ...]
    only: Literal["JPN", "KOR"] | None
    lapsed: bool

    def objective(self, network: cn.SupplyNetwork, tick: Callable[[], None]) -> Objective:
        """Return the objective, which ticks each time it is worked out."""
        from chainnet.objectives import Objective

        @dataclass(frozen=True)
        class Ticking(Objective):
            def parts(self, network: cn.SupplyNetwork) -> dict[tuple[str, ...], float]:
                tick()
                return super().parts(network)

        given = tuple(cn.Scenario.parse(shock) for shock in self.shocks)
        for scenario in given:
            # A shock that hits nothing is a mistake here; of the recorded ones some may.
            cn.disrupt(network, scenario)
        if self.name == "days_lost":
            given = given or cn.recorded_shocks(network)
        plain = cn.objective(self.name, scenarios=given, only=self.only)
        return Ticking(plain.name, plain.scenarios, plain.only)

    @property
    def words(self) -> str:
        """What the numbers are."""
        from chainnet.objectives import MEANINGS

        where = f", {self.only} only" if self.only else ""
        return f"{self.name}: {MEANINGS[self.name]}{where}. Lower is better."


def _goal(run: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say what to lower, as one argument ``goal``."""

    @wraps(run)
    def with_goal(
        *,
        objective: str,
        shock: tuple[str, ...],
        only: Literal["JPN", "KOR"] | None,
        lapsed: bool,
        **options: object,
    ) -> None:
        run(goal=_Goal(objective, shock, only, lapsed), **options)

    decorated: Callable[..., None] = with_goal
    for option in (
        click.option("--lapsed", is_flag=True, help="Allow partnerships that have lapsed."),
        click.option(
            "--only", type=click.Choice(["JPN", "KOR"]), help="Count only buyers, or output, of this country."
        ),
        click.option(
            "--shock",
            multiple=True,
            help="For days_lost; may be repeated.  [default: the recorded events, as if they came today]",
        ),
        click.option("--objective", type=click.Choice(_NAMES), default="days_lost", help="What to lower."),
    ):
        decorated = option(decorated)
    return decorated


@contextmanager
def _progress(text: str, patience: float = _PATIENCE) -> Iterator[Callable[[], None]]:
    """Count what is worked out on stderr: on a terminal, and once it takes long."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}"))
    bar = Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True)
    task = bar.add_task(text, total=None)
    begun = time.monotonic()

    def tick() -> None:
        bar.advance(task)
        if time.monotonic() - begun > patience:
            bar.start()

    if not patience:
        bar.start()
    try:
        yield tick
    finally:
        bar.stop()


@command(
    "partnerships attribute jasm-1 jasm-2 rapidus-state --objective hhi",
    "partnerships attribute sk-materials-hf-gas soulbrain-gongju --shock 'JPN>KOR:hf_gas@0+90' --only KOR",
)
@click.argument("partnership", nargs=-1, metavar="[ID]...")
@_goal
@click.option("--samples", type=click.IntRange(min=4), default=40, help="Orders drawn where many interact.")
@click.option("--seed", type=int, default=0, help="Of the random numbers.")
@prints(top=0)
def attribute(
    request: Request,
    *,
    partnership: tuple[str, ...],
    goal: _Goal,
    samples: int,
    seed: int,
) -> Sheet:
    """Share the effect of several out among them.

    The Shapley value of each: what it changes when it is put in after some of the others, averaged
    over all orders. The values add up to the effect of all. Each counts as if it worked today. Without
    ID all that have not lapsed are weighed; by days_lost that takes some minutes.
    """
    from chainnet.coalitions import known_partnerships

    network = request.network
    names = known_partnerships(network, partnership or None, lapsed=goal.lapsed)
    with _progress("Networks worked out") as tick:
        reading = goal.objective(network, tick)
        table = cn.attribute(network, names, reading, exact_up_to=_EXACT_UP_TO, samples=samples, seed=seed)
    moves = table[(table["value"].abs() > _SEEN) | (table["alone"].abs() > _SEEN)]
    idle = [name for name in names if name not in set(moves["partnership"])]
    before, after = table.attrs["before"], table.attrs["after"]
    below = [f"Without any of them {before:.6g}, with all {after:.6g}: {after - before:+.3g}."]
    below += [f"No effect on it: {', '.join(idle)}."] if idle else []
    shown = moves.sort_values("value", kind="stable")
    return Sheet(table, [("", shown)], below, notes=[goal.words, *assumed(network, names)])


@command(
    "partnerships optimise samsung-tel tok-pyeongtaek --objective hhi --only KOR",
    "partnerships optimise jasm-2 rapidus-state --objective hhi --budget 3e12 --currency JPY",
)
@click.argument("partnership", nargs=-1, metavar="[ID]...")
@_goal
@click.option("--max-n", type=int, default=5, help="How many at most.")
@click.option("--budget", type=float, help="What they may cost together.")
@click.option("--currency", default="JPY", help="Of the budget; costs in others are not converted.")
@prints()
def optimise(
    request: Request,
    *,
    partnership: tuple[str, ...],
    goal: _Goal,
    max_n: int,
    budget: float | None,
    currency: str,
) -> Sheet:
    """Find the set that helps most.

    Partnerships in force are there already; each that is chosen counts as if it worked today. Without
    ID all that have not lapsed may be chosen.
    """
    network = request.network
    with _progress("Networks worked out") as tick:
        best = cn.optimise(
            network,
            partnership or None,
            objective=goal.objective(network, tick),
            budget=None if budget is None else (budget, currency.upper()),
            max_n=max_n,
            lapsed=goal.lapsed,
        )
    about = network.partnerships.set_index("partnership").loc[list(best.chosen)]
    shown = about[["name", "state", "cost", "currency"]].reset_index()
    facts = {"before": best.before, "after": best.after, "bound": best.bound}
    table = shown.assign(**facts, proven=best.proven, method=best.method)
    return Sheet(
        table,
        [("", shown)],
        _verdict(best),
        notes=[goal.words, *best.notes, *assumed(network, best.chosen)],
    )


def _verdict(best: cn.Portfolio) -> list[str]:
    if best.proven:
        tight = "the best there is"
    else:
        tight = f"not proven to be the best; with all {len(best.moves)} at once {best.bound:.6g}"
    what = f"{best.before:.6g} falls to {best.after:.6g}" if best.chosen else f"{best.before:.6g} stays"
    return [f"{what}: {tight} ({best.method}, {best.evaluated} sets of {len(best.moves)} worked out)."]


@command("partnerships rewire --steps 500")
@click.option("--steps", type=click.IntRange(0, 10_000_000), default=20_000, help="Exchanges to try.")
@click.option("--seed", type=int, default=0, help="Of the random numbers.")
@prints(top=10)
def rewire(request: Request, *, steps: int, seed: int) -> Sheet:
    """Show how low systemic risk could go if buyers exchanged suppliers.

    Every buyer keeps its purchases and every supplier its sales. The risk is the mean ESRI: what share
    of the world's output of devices is lost when one firm closes, and nobody steps in.
    """
    from chainnet.rewirings import PUBLISHED

    network = request.network
    with _progress("Exchanging suppliers", patience=0.0):
        found = cn.rewire(network, steps=steps, seed=seed)
    change = found.flows["after"] - found.flows["before"]
    moved = found.flows.assign(change=change)
    moved = moved[moved["change"].abs() > _SEEN].sort_values("change", key=abs, ascending=False)
    low, high = PUBLISHED
    fall = f"Mean ESRI {found.before:.4f} falls to {found.after:.4f}: {found.change:.1f} %"
    published = f"Published for parts of Ecuador and Hungary: {low} to {high} % less"
    guess = f"{found.assumed:.0%} of the volume starts from the world market's shares, for want of purchases"
    below = [
        f"{fall}, {found.moved:.0%} of the volume exchanged ({found.kept} of {found.steps} exchanges kept).",
        f"{published} (doi:10.1038/s41598-026-42549-1).",
    ]
    notes = [
        f"Of the risk {found.own:.4f} is what closed firms make themselves: no exchange takes it away.",
        f"{guess}, and all volumes are assumed: it shows what the structure allows, not whom to buy from.",
        "Contracts, qualification and quality are not in it, and a longer search may find more.",
    ]
    return Sheet(found.flows, [("The largest changes.", moved)], below, notes=notes)
