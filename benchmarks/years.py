"""What :mod:`days` measures, as blocks of the table: the bundled graph, firms, regions and sectors."""

from __future__ import annotations

import days
from measuring import MISSING, NONE, Block, Plan

LINKS = 5
BUNDLED = {"first": "first run of a process, s", "again": "again, s"}
FIRMS = {
    "seconds": "a year, s",
    "memory": "peak memory of the process, MB",
    "numpy": "plain numpy without substitution, s",
    "numpy ratio": "plain numpy / kernel",
}
REGIONS = {
    "seconds": "a year, s",
    "boario": "BoARIO, s",
    "boario ratio": "BoARIO / kernel",
    "gap": "largest gap of total output, of normal",
    "lost": "days of output lost: kernel, BoARIO",
}
SMALL = (4, 5, 5, 4)


def blocks(plan: Plan) -> list[Block]:
    """Return a block for the bundled graph, for each size, and for each table of regions and sectors."""
    year = f"{days.DAYS} days"
    made = [Block(f"{year}: bundled graph", BUNDLED, bundled, (plan.runs,), {"again": "0.050"})]
    for firms in plan.sizes:
        links = LINKS * firms
        goals = dict(zip(("seconds", "memory"), days.GOALS.get((firms, links), ()), strict=False))
        title = f"{year}: {firms:,} firms, {links:,} links"
        made.append(Block(title, FIRMS, firms_and_links, (firms, links, plan.runs), goals, firms))
    for shape in (SMALL,) if plan.quick else days.TABLES:
        regions, sectors, inputs, sources = shape
        size = f"{regions} regions × {sectors} sectors, {regions * sectors * inputs * sources:,} links"
        made.append(Block(f"{year}: {size}", REGIONS, regions_and_sectors, (shape, plan.runs)))
    return made


def bundled(runs: int) -> dict[str, str]:
    """Time the bundled graph."""
    return _keyed(BUNDLED, days.bundled(runs))


def firms_and_links(firms: int, links: int, runs: int) -> dict[str, str]:
    """Time the kernel, and plain numpy beside it."""
    return _keyed(FIRMS, days.firms_and_links(firms, links, runs))


def regions_and_sectors(shape: tuple[int, int, int, int], runs: int) -> dict[str, str]:
    """Time the kernel, and BoARIO beside it, where it is installed."""
    found = days.regions_and_sectors(shape, runs)
    if len(found) < len(REGIONS):  # BoARIO is not there
        return dict.fromkeys(REGIONS, NONE) | {"seconds": found[0][1], "boario": MISSING}
    return _keyed(REGIONS, found)


def _keyed(lines: dict[str, str], found: days.Rows) -> dict[str, str]:
    return {key: row[1] for key, row in zip(lines, found, strict=True)}
