"""Writers that are killed at any moment: nothing half-written passes for a result."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import chainnet as cn
from chainnet.datasets import inspect, write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")

#: Starts a child that writes without end, kills it after some milliseconds, has a look; again and again.
KILLER = """
import os, random, signal, sys, time
sys.path[:0] = [{tests!r}]
from test_kills import {setup} as setup, {once} as once, {look} as look
folder = {folder!r}
setup(folder)
chance = random.Random(0)
for k in range({kills}):
    child = os.fork()
    if not child:
        while True:
            for number in range(10):
                once(folder, number)
    time.sleep(chance.uniform(0.0, {longest}))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    look(folder)
"""


def killed(folder: Path, kind: str, *, kills: int, longest: float) -> None:
    about = {name: f"{name}_{kind}" for name in ("setup", "once", "look")}
    tests = str(Path(__file__).parent)
    code = KILLER.format(tests=tests, folder=str(folder), kills=kills, longest=longest, **about)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- one file ----------------------------------------------------------------------------------


def content(number: int) -> bytes:
    return bytes([48 + number]) * 300_000


def setup_file(folder: str) -> None:
    once_file(folder, 0)


def once_file(folder: str, number: int) -> None:
    from chainnet.tables import write_bytes

    write_bytes(Path(folder) / "result.csv", content(number))


def look_file(folder: str) -> None:
    found = (Path(folder) / "result.csv").read_bytes()
    assert found in [content(number) for number in range(10)]


def test_a_result_is_the_old_one_or_the_new_one(tmp_path) -> None:
    killed(tmp_path, "file", kills=50, longest=0.02)
    assert (tmp_path / "result.csv").stat().st_size == 300_000


# --- a result with its manifest ----------------------------------------------------------------


def setup_command(folder: str) -> None:
    once_command(folder, 1)


def once_command(folder: str, number: int) -> None:
    from click.testing import CliRunner

    from chainnet.commands import main

    CliRunner().invoke(main, ["concentration", "--top", str(number + 1), "-o", f"{folder}/out.csv"])


def look_command(folder: str) -> None:
    lines = (Path(folder) / "out.csv").read_text(encoding="utf-8").splitlines()
    assert 2 <= len(lines) <= 11
    assert all(line.count(",") >= 11 for line in lines)


def test_a_command_leaves_a_whole_result(tmp_path) -> None:
    killed(tmp_path, "command", kills=20, longest=0.4)


# --- a graph -----------------------------------------------------------------------------------


def variants():
    """The toy, and the same with another name for a firm in every table that has names."""
    from toy import toy_tables

    from chainnet.network import SupplyNetwork

    found = []
    for name in ("Tokyo Resist", "Resist of Tokyo"):
        tables = toy_tables()
        tables["firms"].loc[tables["firms"]["firm"] == "tok", "name"] = name
        tables["products"].loc[tables["products"]["product"] == "acid", "name"] = f"Acid of {name}"
        found.append(SupplyNetwork(tables, name="toy"))
    return found


VARIANTS = variants()
DIGESTS = {network.digest for network in VARIANTS}


def setup_graph(folder: str) -> None:
    write(VARIANTS[0], folder)


def once_graph(folder: str, number: int) -> None:
    write(VARIANTS[number % 2], folder)


def look_graph(folder: str) -> None:
    network, faults = inspect(folder)
    if network is None:
        assert [fault.code for fault in faults] == ["unfinished"]
    else:
        assert network.digest in DIGESTS


def test_a_graph_is_whole_or_says_that_it_is_not(tmp_path) -> None:
    killed(tmp_path, "graph", kills=50, longest=0.1)
    write(VARIANTS[1], tmp_path)
    assert cn.read(tmp_path).digest == VARIANTS[1].digest


def test_a_graph_that_was_stopped_on_the_way_is_told_with_what_to_do(tmp_path) -> None:
    write(VARIANTS[0], tmp_path)
    (tmp_path / ".unfinished").write_text("")
    with pytest.raises(cn.DataError, match=r"\[unfinished\].*Write it again"):
        cn.read(tmp_path)


# --- a scenario --------------------------------------------------------------------------------


def setup_scenario(folder: str) -> None:
    once_scenario(folder, 0)


def once_scenario(folder: str, number: int) -> None:
    shocks = [f"tok@{number}+{day}" for day in range(1, 40)]
    cn.Scenario.parse(*shocks).resolve(VARIANTS[0]).write(f"{folder}/x.toml")


def look_scenario(folder: str) -> None:
    found = cn.Scenario.read(f"{folder}/x.toml", VARIANTS[0])
    assert len(found.shocks) == 39
    assert len({shock.start for shock in found.shocks}) == 1


def test_a_scenario_file_is_whole(tmp_path) -> None:
    killed(tmp_path, "scenario", kills=50, longest=0.03)
