"""Readers under atheris for some seconds; `make fuzz` takes longer over each. See fuzz.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).with_name("fuzz.py")


def test_nothing_but_our_own_faults_escapes_from_what_a_fuzzer_makes(tmp_path):
    pytest.importorskip("atheris", reason="atheris is for Linux: pip install -e '.[fuzz]'")
    command = [sys.executable, str(FUZZ), "8"]
    done = subprocess.run(
        command, cwd=tmp_path, check=False, capture_output=True, text=True, errors="replace"
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert "stat::number_of_executed_units" in done.stderr
    assert list(tmp_path.glob("crash-*")) == []
