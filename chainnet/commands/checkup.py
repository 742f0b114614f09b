"""The command that looks at the machine: doctor."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import chainnet as cn
from chainnet.commands._manifests import version_of
from chainnet.commands._output import Request, Sheet, command, prints

#: Libraries beyond the core: what they are for, and the extra that brings them.
_EXTRAS = (
    ("kaleido", "pictures as .png, .svg, .pdf", "export"),
    ("dash", "chainnet explore", "explore"),
    ("SALib", "chainnet sensitivity --method morris", "sensitivity"),
    ("xlsxwriter", "tables as Excel workbook", "excel"),
    ("distributed", "chainnet sweep --engine dask", "cluster"),
    ("pyarrow", "tables and links as .parquet", "links"),
    ("duckdb", "links from .duckdb, --query", "links"),
    ("adbc_driver_postgresql", "links from postgresql://", "links"),
)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_FONTS = ("Noto Sans CJK", "Noto Sans KR", "Noto Sans JP", "Malgun Gothic", "Yu Gothic", "Apple SD Gothic")


class Finding(NamedTuple):
    """Something that was looked at: its state is ``ok``, ``missing`` or ``unknown``."""

    what: str
    state: str
    found: str
    remedy: str


@command("doctor", "doctor --format json")
@prints()
def doctor(request: Request) -> Sheet:
    """Look at this machine: what chainnet can do here, and what to install for the rest.

    Nothing that is missing here is needed for numbers, tables and pages. The exit code is 1 where the
    graph itself cannot be read.
    """
    import pandas as pd

    findings = [*_python(), _graph(request), *_libraries(), _browser(), _fonts()]
    broken = any(finding.what == "graph" and finding.state != "ok" for finding in findings)
    missing = sum(finding.state == "missing" for finding in findings)
    note = "Nothing is missing." if not missing else f"Missing: {missing}. The last column says what to do."
    return Sheet(pd.DataFrame(findings), notes=[note], exit_code=1 if broken else 0)


def _python() -> list[Finding]:
    core = ("networkx", "numpy", "scipy", "pandas", "plotly", "numba")
    versions = ", ".join(f"{name} {version_of(name) or '?'}" for name in core)
    told = f"Python {sys.version.split()[0]}, {versions}"
    return [Finding("chainnet", "ok", cn.__version__, ""), Finding("core libraries", "ok", told, "")]


def _graph(request: Request) -> Finding:
    try:
        network = request.network
    except (cn.ChainnetError, OSError) as error:
        return Finding(
            "graph", "missing", str(error).splitlines()[0], "chainnet validate DIR tells all faults"
        )
    return Finding("graph", "ok", f"{network.name}, {network.digest[:12]}", "")


def _libraries() -> list[Finding]:
    return [
        Finding(what, "ok", f"{name} {version_of(name)}", "")
        if find_spec(name) is not None
        else Finding(what, "missing", "", f"pip install 'chainnet[{extra}]'")
        for name, what, extra in _EXTRAS
    ]


def _browser() -> Finding:
    what, remedy = "a Chromium browser, for .png, .svg, .pdf", "apt-get install chromium, or set BROWSER_PATH"
    named = os.environ.get("BROWSER_PATH")
    if named:
        found = named if Path(named).is_file() else None
        remedy = f"BROWSER_PATH names {named}, which is no file"
    else:
        found = next(filter(None, map(shutil.which, _BROWSERS)), None)
        found = found or next((path for path in _APPS if Path(path).is_file()), None)
    return Finding(what, "ok", found, "") if found else Finding(what, "missing", "", remedy)


def _fonts() -> Finding:
    what = "Japanese and Korean letters, in images"
    listing = shutil.which("fc-list")
    if listing is None:
        return Finding(what, "unknown", "there is no fc-list here", "")
    done = subprocess.run([listing, ":", "family"], check=False, capture_output=True, text=True, timeout=60)  # noqa: S603
    found = next((name for name in _FONTS if name in done.stdout), None)
    if found:
        return Finding(what, "ok", found, "")
    return Finding(what, "missing", "", "apt-get install fonts-noto-cjk")
