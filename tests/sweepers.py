"""What other processes run in the tests of sweeps: small blocks, so that there is much to interrupt."""

from __future__ import annotations

import os
import time
from itertools import count
from pathlib import Path

from toy import toy

import chainnet as cn
from chainnet import studies, sweeps
from chainnet.stores import opened

MANY = 400
DAYS = 60
#: Nothing takes so many seconds, however slow the machine, unless it hangs.
HANGS = 300


def shocks(count: int) -> list[cn.Scenario]:
    """So many shocks of rising capacity to the resist maker of the toy."""
    return [cn.Scenario.parse(f"tok={k / count}@0+40") for k in range(count)]


def swept(path: str, most: int) -> None:
    """Sweep shocks into a store, in so many blocks at most; then hang, and wait to be killed."""
    sweeps._BLOCK = 4
    blocks = count()
    plain = studies._work

    def hanging(*args) -> object:
        if next(blocks) >= most:
            time.sleep(HANGS)
        return plain(*args)

    studies._work = hanging
    cn.sweep(toy(), shocks(MANY), store=path)


def shared(path: str, told: str, together) -> None:
    """Sweep, and tell how many cases were done here; the other has begun before the first is done."""
    sweeps._BLOCK = 4
    begun = count()
    done: list[int] = []
    plain = studies._work

    def counting(*args) -> object:
        if next(begun) == 0:
            together.wait(HANGS)
        rows = plain(*args)
        done.append(len(rows or ()))
        return rows

    studies._work = counting
    table = cn.sweep(toy(), shocks(MANY), store=path)
    Path(told).write_text(f"{sum(done)}\n{table.to_csv()}", encoding="utf-8", newline="")


def asleep(folder: str, _specs) -> list[list[float]]:
    """Note which process this is, and do nothing for long."""
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(HANGS)
    raise AssertionError("it should have ended by now")


def sleeping(folder: str) -> None:
    """Let processes sleep."""
    study = studies.Study("sleep", "d", {}, asleep, folder, 1)
    with opened(None, study.identity) as store:
        studies.answer(study, ["1", "2"], store, "processes")
