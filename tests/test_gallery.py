"""The gallery: its pictures say what its commands draw today."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from test_figures import needs_chromium

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))

from gallery import commands, draw  # noqa: E402


def texts(picture: Path) -> list[str]:
    """What is written in a picture, in its order."""
    tree = ET.parse(picture)  # noqa: S314, our own pictures
    return ["".join(node.itertext()) for node in tree.iter("{http://www.w3.org/2000/svg}text")]


def test_every_kind_of_picture_is_in_the_gallery_once_drawn() -> None:
    from chainnet.commands.plot import plot

    assert {command.split()[1] for command in commands()} == set(plot.commands)
    page = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    drawn = {command.rpartition("/")[2] for command in commands()}
    assert set(re.findall(r"\]\(images/(.+?)\)", page)) == drawn
    assert all((ROOT / "docs" / "images" / name).is_file() for name in drawn)


def test_the_picture_of_the_readme_is_of_the_gallery() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[.*?\]\(docs/images/(.+?)\)", readme)
    assert shown
    assert set(shown) <= {command.rpartition("/")[2] for command in commands()}


@pytest.mark.browser
@pytest.mark.parametrize("command", commands())
def test_a_picture_says_what_its_command_draws(command, tmp_path) -> None:
    needs_chromium()
    kept = ROOT / "docs" / "images" / command.rpartition("/")[2]
    found = texts(draw(command, tmp_path))
    assert len(found) > 5
    assert found == texts(kept), "the picture is out of date: run `make gallery`"
