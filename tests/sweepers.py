"""What other processes run in the tests of sweeps: small blocks, so that there is much to interrupt."""

from __future__ import annotations

import os
import time
from pathlib import Path

from toy import toy

import chainnet as cn
from chainnet import studies, sweeps
from chainnet.stores import opened

MANY = 400
DAYS = 60


def shocks(count: int) -> list[cn.Scenario]:
    """So many shocks of rising capacity to the resist maker of the toy."""
    return [cn.Scenario.parse(f"tok={k / count}@0+40") for k in range(count)]


def swept(path: str) -> None:
    """Sweep all shocks into a store."""
    sweeps._BLOCK = 4
    cn.sweep(toy(), shocks(MANY), store=path)


def shared(path: str, told: str, together) -> None:
    """Sweep, and tell how many cases were done here."""
    sweeps._BLOCK = 4
    done = 0
    plain = studies._work

    def counting(*args) -> object:
        nonlocal done
        rows = plain(*args)
        done += len(rows or ())
        return rows

    studies._work = counting
    together.wait(60)
    table = cn.sweep(toy(), shocks(MANY), store=path)
    Path(told).write_text(f"{done}\n{table.to_csv()}", encoding="utf-8", newline="")


def asleep(folder: str, _specs) -> list[list[float]]:
    """Note which process this is, and do nothing for long."""
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(60)
    raise AssertionError("it should have ended by now")


def sleeping(folder: str) -> None:
    """Let processes sleep."""
    study = studies.Study("sleep", "d", {}, asleep, folder, 1)
    with opened(None, study.identity) as store:
        studies.answer(study, ["1", "2"], store, "processes")
