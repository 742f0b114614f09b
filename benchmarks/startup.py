"""How long a user waits: whole commands, and the first calls of the library.

Seconds of the clock, the shortest of several runs.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

from measuring import Block, Plan, shortest

import chainnet
from chainnet.explorer.panels import toggles
from chainnet.explorer.sections import answered

SHOCK = "JPN:photoresist_all"
TARGET = "samsung:hbm"
LINES = {
    "python": "process: python -c pass, s",
    "import": "process: python -c 'import chainnet', s",
    "help": "process: chainnet --help, s",
    "disrupt": f"process: chainnet disrupt {SHOCK}, s",
    "load": "call: load the graph, s",
    "shock": "call: the explorer's answer, another shock, s",
    "partnership": "call: the explorer's answer, another partnership, s",
    "call": f"call: disrupt {SHOCK}, s",
    "report": "call: report on Samsung, s",
    "control": "call: report on SK hynix under a control, s",
    "cuts": f"call: cut sets of {TARGET}, size 2, s",
}
GOALS = {
    "help": "0.4",
    "disrupt": "1.5",
    "load": "0.15",
    "shock": "1",
    "partnership": "1",
    "call": "0.005",
    "report": "10",
    "control": "10",
    "cuts": "10",
}


def blocks(plan: Plan) -> list[Block]:
    """Return one block."""
    return [Block("Waiting, by the clock", LINES, measuring, (plan.runs,), GOALS)]


def measuring(runs: int) -> dict[str, str]:
    """Time all cases."""
    return {key: f"{shortest(work, runs, clock=time.perf_counter):.4f}" for key, work in cases().items()}


def command(*words: str) -> Callable[[], object]:
    """Return a process to run from start to end; one that fails is an error, not a time."""
    return lambda: subprocess.run(words, check=True, capture_output=True)


def cases() -> dict[str, Callable[[], object]]:
    """Return what is timed."""
    script = str(Path(sysconfig.get_path("scripts")) / "chainnet")
    network = chainnet.load("japan-korea")
    scenario = chainnet.Scenario.parse(SHOCK)

    def cut_sets() -> object:
        return chainnet.cut_sets(network, TARGET, size=2, by="firm")

    def report() -> object:
        return chainnet.report(network, focus="sk_hynix", scenario="JPN>KOR:hf_liquid@0+90", lang="ko")

    days = iter(range(100, 365))

    def explored() -> object:
        # Another question each time: nothing is known of it beforehand.
        return answered(network, f"?shock={SHOCK}@0%2B90&days={next(days)}")

    def arranged() -> object:
        return answered(network, f"?shock={SHOCK}@0%2B90&days={next(days)}&without={next(gone)}")

    gone = iter(toggles(network).held)
    return {
        "python": command(sys.executable, "-c", "pass"),
        "import": command(sys.executable, "-c", "import chainnet"),
        "help": command(script, "--help"),
        "disrupt": command(script, "disrupt", SHOCK),
        "load": lambda: chainnet.load("japan-korea"),
        "shock": explored,
        "partnership": arranged,
        "call": lambda: chainnet.disrupt(network, scenario),
        "report": lambda: chainnet.report(network, focus="samsung"),
        "control": report,
        "cuts": cut_sets,
    }
