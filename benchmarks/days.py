"""How long a year takes, day by day: the bundled graph, a national economy, and others beside it.

Economies are drawn at random: firms of 100 industries, each buying from three industries on average; and
input-output tables of regions × sectors. Times are those of one run after the compiler has done its
work; nobody's setting up is counted. All run on one core, but for what says otherwise.

*Together* are 16 scenarios of one economy: other firms close in each, some are shorter, and some have a
control. They run in two blocks of eight, which is one for each core of the machine. Plain numpy follows the
same rules without the parts that only a shortage needs (other sites, other makers, sticky parts), so that
it has less to do. BoARIO is another model, of the same table and shock, with settings that come nearest;
what stays different is that it aims at the stock that today's demand asks for and not at the normal one,
reaches slack in proportion to what is short, and ships on the day of production. The table says how far the
two paths of total output lie apart. It is compared when it is there: ``pip install boario pymrio
progressbar2``.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from time import perf_counter

import numpy as np
from economies import DAYS, SHOCK, Economy, drawn_firms, drawn_table, economy
from measuring import MISSING, NONE, Block, Plan, fresh, peak, shortest
from peers import boario, plain

import chainnet
from chainnet.daylanes import WIDTH, Case, run_days, run_together
from chainnet.parallel import in_parallel

#: Scenarios that run together.
TOGETHER = 16
#: Seconds and MB, by firms and links.
GOALS = {
    100_000: {"seconds": "10", "memory": "1024", "cores": "2"},
    1_000_000: {"seconds": "180"},
}
LINKS = 5
BUNDLED = {"first": "first run of a process, s", "again": "again, s"}
FIRMS = {
    "seconds": "a year, s",
    "memory": "peak memory of the process, MB",
    "numpy": "plain numpy without substitution, s",
    "numpy ratio": "plain numpy / kernel",
}
SIDE_BY_SIDE = {
    "each": f"{TOGETHER} scenarios together, a scenario, s",
    "gain": "alone / together",
    "cores": "the same on all cores, a scenario, s",
    "all": "peak memory of the process of them, MB",
}
#: More firms than this do not run together: the output of all of them would not fit into the memory.
MOST_TOGETHER = 100_000
REGIONS = {
    "seconds": "a year, s",
    "boario": "BoARIO, s",
    "boario ratio": "BoARIO / kernel",
    "gap": "largest gap of total output, of normal",
    "lost": "days of output lost: kernel, BoARIO",
}
SMALL = (4, 5, 5, 4)
#: Regions, sectors, and from how many sectors, and regions of each, an industry buys.
TABLES = ((20, 25, 25, 20), (40, 25, 10, 3))


def blocks(plan: Plan) -> list[Block]:
    """Return a block for the bundled graph, for each size, and for each table of regions and sectors."""
    year = f"{DAYS} days"
    made = [Block(f"{year}: bundled graph", BUNDLED, bundled, (plan.runs,), {"again": "0.050"})]
    for firms in plan.sizes:
        links = LINKS * firms
        lines = FIRMS | SIDE_BY_SIDE if firms <= MOST_TOGETHER else FIRMS
        title = f"{year}: {firms:,} firms, {links:,} links"
        made.append(
            Block(title, lines, firms_and_links, (firms, links, plan.runs), GOALS.get(firms, {}), firms)
        )
    for shape in (SMALL,) if plan.quick else TABLES:
        regions, sectors, inputs, sources = shape
        size = f"{regions} regions × {sectors} sectors, {regions * sectors * inputs * sources:,} links"
        made.append(Block(f"{year}: {size}", REGIONS, regions_and_sectors, (shape, plan.runs)))
    return made


def kernel(parts: Economy) -> np.ndarray:
    """Return the output by day and plant."""
    return run_days(*parts, days=DAYS, keep=False, months=np.zeros(0, dtype=np.int64))[0]


def bundled(runs: int) -> dict[str, str]:
    """Time the bundled graph."""
    network = chainnet.load("japan-korea")
    scenario = chainnet.Scenario.parse("JPN>KOR:hf_liquid@0+90")
    first = shortest(lambda: chainnet.simulate(network, scenario, days=DAYS), 1)
    again = shortest(lambda: chainnet.simulate(network, scenario, days=DAYS), 5 * runs)
    return {"first": f"{first:.3f}", "again": f"{again:.3f}"}


def kernel_of_firms(firms: int, links: int, runs: int) -> tuple[float, float]:
    """Return seconds, and the peak memory of this process in MB."""
    kernel(drawn_firms(100, 500))
    parts = drawn_firms(firms, links)
    return shortest(lambda: kernel(parts), runs), peak()


def different(parts: Economy, number: int) -> Case:
    """Return one of many scenarios: other firms close, some runs are shorter, some have a control."""
    plants, needs, _, events = parts
    rng = np.random.default_rng(number)
    firms, days = len(plants.product), DAYS - 30 * (number % 3)
    hit = np.full(firms, -1)
    hit[rng.choice(firms, max(1, firms // 1000), replace=False)] = 0
    events = events._replace(hit=hit)
    if number % 4 == 1:
        permits = np.ones((1, DAYS))
        permits[0, slice(*SHOCK)] = 0.0
        events = events._replace(permits=permits)
        needs = needs._replace(path=np.where(rng.random(len(needs.supplier)) < 0.01, 0, -1))
    return Case(needs, events, days)


def together_of_firms(firms: int, links: int, runs: int) -> tuple[float, float, float, float]:
    """Return seconds of a scenario alone, among many, and among many on all cores; and the peak memory in MB.

    The shortest of at least two runs: the first is also the first to touch the memory of its results.
    """
    for size in ((100, 500), (firms, links)):
        parts = drawn_firms(*size)
        cases = [different(parts, number) for number in range(TOGETHER)]
        if size == (100, 500):
            kernel(parts)
            together(parts, cases)
    alone = shortest(lambda: kernel(parts), runs)
    each = shortest(lambda: together(parts, cases), max(2, runs)) / TOGETHER
    blocks = [cases[k : k + WIDTH] for k in range(0, TOGETHER, WIDTH)]
    cores = shortest(
        lambda: list(in_parallel(partial(together, parts), blocks)), max(2, runs), clock=perf_counter
    )
    return alone, each, cores / TOGETHER, peak()


def together(parts: Economy, cases: list[Case]) -> None:
    """Run scenarios side by side, and drop what comes out."""
    deque(run_together(parts[0], parts[2], cases), maxlen=0)


def numpy_of_firms(firms: int, links: int, runs: int) -> float:
    """Return seconds."""
    parts = drawn_firms(firms, links)
    return shortest(lambda: plain(*parts), runs)


def firms_and_links(firms: int, links: int, runs: int) -> dict[str, str]:
    """Time the kernel, plain numpy beside it, and many scenarios together."""
    seconds, memory = fresh(kernel_of_firms, firms, links, runs)
    numpy = fresh(numpy_of_firms, firms, links, runs)
    found = {
        "seconds": f"{seconds:.2f}",
        "memory": f"{memory:.0f}",
        "numpy": f"{numpy:.2f}",
        "numpy ratio": f"{numpy / seconds:.1f}",
    }
    if firms > MOST_TOGETHER:
        return found
    alone, each, cores, memory = fresh(together_of_firms, firms, links, runs)
    times = {"each": f"{each:.2f}", "gain": f"{alone / each:.1f}", "cores": f"{cores:.2f}"}
    return found | times | {"all": f"{memory:.0f}"}


def regions_and_sectors(shape: tuple[int, int, int, int], runs: int) -> dict[str, str]:
    """Time the kernel, and BoARIO beside it; say how far their total outputs lie apart."""
    table = drawn_table(*shape)
    parts = economy(table)
    kernel(parts)
    seconds = shortest(lambda: kernel(parts), 5 * runs)
    found = dict.fromkeys(REGIONS, NONE) | {"seconds": f"{seconds:.3f}"}
    try:
        peers = [boario(table) for _ in range(runs)]
    except ImportError:
        return found | {"boario": MISSING}
    peer = min(took for took, _ in peers)
    ours, theirs = kernel(parts) @ table.output, peers[0][1].sum(axis=1)
    normal = table.output.sum()
    lost = [f"{DAYS - path.sum() / normal:.2f}" for path in (ours, theirs)]
    return found | {
        "boario": f"{peer:.3f}",
        "boario ratio": f"{peer / seconds:.1f}",
        "gap": f"{np.abs(ours - theirs).max() / normal:.1%}",
        "lost": ", ".join(lost),
    }
