"""Draw the pictures of the gallery anew: every command of docs/gallery.md that writes one."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner

from chainnet.commands import main

ROOT = Path(__file__).parents[1]
_COMMAND = re.compile(r"^chainnet (plot .+ -o docs/images/\S+)$", re.MULTILINE)


def commands() -> list[str]:
    """Return the commands of the gallery, without the name of the program."""
    return _COMMAND.findall((ROOT / "docs" / "gallery.md").read_text(encoding="utf-8"))


def draw(command: str, folder: Path) -> Path:
    """Draw one picture into a folder instead of docs/images, and return its file."""
    *words, _, output = shlex.split(command)
    file = folder / Path(output).name
    CliRunner().invoke(main, [*words, "-o", str(file)], catch_exceptions=False)
    return file


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        for each in commands():
            drawn = draw(each, Path(folder))
            # Without the manifest, which tells of the machine.
            (ROOT / "docs" / "images" / drawn.name).write_bytes(drawn.read_bytes())
            print(drawn.name)
