"""The command that looks at the machine."""

from __future__ import annotations

import json
import sys

from click.testing import CliRunner
from test_figures import needs_chromium

from chainnet.commands import main
from chainnet.commands.checkup import _EXTRAS


def looked(*options: str) -> tuple[int, dict[str, dict[str, str]], str]:
    done = CliRunner().invoke(main, [*options, "doctor", "--format", "json"], catch_exceptions=False)
    return done.exit_code, {row["what"]: row for row in json.loads(done.stdout)}, done.stderr


def test_what_is_there_is_found() -> None:
    needs_chromium()
    code, found, told = looked()
    assert code == 0
    assert {row["state"] for row in found.values()} <= {"ok", "unknown"}
    assert "japan-korea" in found["graph"]["found"]
    assert "Nothing is missing" in told


def test_what_is_missing_is_told_with_what_to_do(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    monkeypatch.setattr("chainnet.commands.checkup._APPS", ())
    monkeypatch.setattr("chainnet.commands.checkup.find_spec", lambda _: None)
    code, found, told = looked()
    assert code == 0
    browser = next(row for what, row in found.items() if "browser" in what)
    assert (browser["state"], "chromium" in browser["remedy"]) == ("missing", True)
    assert found["chainnet explore"]["remedy"] == "pip install 'chainnet[explore]'"
    assert next(row for what, row in found.items() if "letters" in what)["state"] == "unknown"
    # The browser, and every library beyond the core.
    assert f"Missing: {len(_EXTRAS) + 1}." in told


def test_a_browser_that_is_named_and_is_not_there_is_told(monkeypatch) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    row = next(row for what, row in looked()[1].items() if "browser" in what)
    assert (row["state"], "/nowhere/chrome" in row["remedy"]) == ("missing", True)


def test_a_graph_that_cannot_be_read_is_a_failure(tmp_path) -> None:
    code, found, _ = looked("--graph", str(tmp_path / "none"))
    assert code == 1
    assert found["graph"]["state"] == "missing"


def test_the_libraries_named_are_those_of_the_extras() -> None:
    import tomllib
    from pathlib import Path

    extras = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    for name, _, extra in _EXTRAS:
        assert any(
            line.startswith(name.replace("_", "-")) for line in extras["optional-dependencies"][extra]
        ), name
        assert name in sys.modules or __import__(name)
