"""What holds for all tests: examples are drawn alike on every machine, and no clock decides."""

from __future__ import annotations

import signal
from functools import lru_cache, wraps
from pathlib import Path

from hypothesis import settings

from chainnet import datasets

# Without a time limit, and with the same examples every time: what fails, fails for everybody.
# Others are drawn by `make test PYTEST_ARGS=--hypothesis-profile=drawn`.
settings.register_profile("drawn", settings.get_profile("ci"), derandomize=False)
settings.load_profile("ci")

# A shell that runs the tests in the background has them ignore Ctrl-C, and whatever they start too.
signal.signal(signal.SIGINT, signal.default_int_handler)


def read_once():
    """Have a bundled graph read once by each process of tests: a network never changes."""
    plain = datasets.read

    @lru_cache(maxsize=4)
    def bundled(folder, without):
        return plain(folder, without=without)

    @wraps(plain)
    def read(folder, *, without=None):
        path = Path(folder)
        known = path.parent == datasets.graphs_folder() and path.name in datasets.available()
        return bundled(path, without) if known else plain(folder, without=without)

    return read


datasets.read = read_once()
