"""The published implementation of the index, where it is installed: fastcascade, called through R.

fastcascade and GLcascade 0.9.3.1 (doi:10.1038/s41598-022-11522-z, doi:10.1093/pnasnexus/pgae064) are under
the GPL, no part of chainnet, and no Python: what they need is written to files, ``fastcascade.R`` reads
them, and what it writes is read. ``docs/performance.md`` says how to install them.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from chainnet.synthetic import SyntheticEconomy

SCRIPT = Path(__file__).with_name("fastcascade.R")
#: An empty market counts as one unit of volume in fastcascade, whatever the unit is, and with links below
#: one unit it may never return. Values are given in a unit so small that one of it is nothing.
UNIT = 1e-6
#: Seconds after which it is given up.
LONGEST = 3600
#: What the script ends with where a package is not installed.
NO_PACKAGE = 3


class Answer(NamedTuple):
    """What fastcascade found.

    Parameters
    ----------
    seconds
        Of the processor for a closure, without what is done once.
    esri, downstream, upstream, rounds
        By closed firm.
    """

    seconds: float
    esri: np.ndarray
    downstream: np.ndarray
    upstream: np.ndarray
    rounds: np.ndarray


def fastcascade(drawn: SyntheticEconomy, closed: np.ndarray, eps: float) -> Answer | None:
    """Close firms one by one in fastcascade; None where R or the packages are not installed."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        write(drawn, closed, Path(folder))
        command = [rscript, "--vanilla", str(SCRIPT), folder, repr(eps)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=LONGEST)
        if done.returncode == NO_PACKAGE:
            return None
        if done.returncode:
            raise RuntimeError(f"{SCRIPT.name} failed: {done.stderr.strip()}")
        seconds = pd.read_csv(Path(folder) / "seconds.csv")
        found = pd.read_csv(Path(folder) / "esri.csv")
    # Two calls, of few firms and of all: what both do once is in neither.
    each = np.diff(seconds["seconds"])[0] / np.diff(seconds["closed"])[0]
    return Answer(each, *(found[name].to_numpy() for name in Answer._fields[1:]))


def write(drawn: SyntheticEconomy, closed: np.ndarray, folder: Path) -> None:
    """Write what the script reads; numbers of firms and industries begin with 1."""
    links = drawn.links.assign(value=drawn.links["value"] / UNIT)
    links[["supplier", "buyer"]] += 1
    links.to_csv(folder / "links.csv", index=False)
    (drawn.industries + 1).to_csv(folder / "industries.csv", index=False)
    drawn.essential.to_csv(folder / "essential.csv", index=False)
    pd.Series(closed + 1, name="firm").to_csv(folder / "closed.csv", index=False)
