"""What was measured on: the machine, the versions, and what else it did."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("chainnet", "numpy", "numba", "scipy", "pandas", "networkx")
#: A load of others that is more, for each core, makes a measurement doubtful.
BUSY = 0.5


def machine() -> str:
    """Return processor, cores, memory and system."""
    cores = os.cpu_count() or 1
    memory = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB"
    return f"{_processor()}, {cores} cores, {memory}; {platform.system()}"


def _processor() -> str:
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def versions() -> str:
    """Return the versions of Python and of the libraries."""
    return ", ".join(
        [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in LIBRARIES)]
    )


def load(loads: list[float], cores: int) -> str:
    """Tell the load at the start, after each block, and whether something else ran.

    Once it has begun, one of the load is the benchmark's own.
    """
    others = max(loads[0], max(loads[1:], default=1.0) - 1)
    words = "busy with something else" if others > BUSY * cores else "idle otherwise"
    return (
        f"load average {loads[0]:.1f} at the start, {loads[-1]:.1f} at the end, {max(loads):.1f} at most"
        f" ({cores} cores, one of them the benchmark's): {words}"
    )
