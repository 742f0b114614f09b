"""Feed readers of files with what atheris makes of valid ones: nothing but chainnet's own faults may escape.

    python tests/fuzz.py SECONDS [READER…]

Without names all readers take turns: the first byte chooses. What breaks a reader is written to a file
crash-… in the folder in which this runs; give it to the reader again by `python tests/fuzz.py FILE READER`.
Needs atheris (Linux): pip install -e '.[test,fuzz]'.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

PARTS = ["chainnet", "csv", "defusedxml", "json", "tomllib", "xml", "zipfile"]
#: What breaks readers, beside the words of valid files.
ODD = ["nan", "inf", "-1", "1e999", "1_0", "9999-12-31", "2019-02-30", "\0", "\xff", "\ufeff", "\u202e"]

with atheris.instrument_imports(include=PARTS), TemporaryDirectory() as held:
    from readers import READERS, Reader

    import chainnet as cn

    for each in READERS.values():  # chainnet imports what it needs when it needs it
        (Path(held) / "x.bin").write_bytes(each.seed())
        each.read(Path(held) / "x.bin")


def one(reader: Reader, path: Path, content: bytes) -> None:
    """Read; a fault of the file is no fault of the reader."""
    path.write_bytes(content)
    try:
        reader.read(path)
    except cn.ChainnetError as error:
        if error.exit_code != 3:
            raise


def words(readers: list[Reader]) -> str:
    """Return the words of valid files as libFuzzer reads them."""
    found = {word for reader in readers for word in re.findall(rb"[\w.:/-]{2,40}", reader.seed())}
    found |= {word.encode() for word in ODD}
    return "\n".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"' for word in sorted(found))


def main(what: str, names: list[str]) -> None:
    readers = [READERS[name] for name in names or READERS]
    many = len(readers) > 1
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.bin"

        def target(content: bytes) -> None:
            if not many:
                one(readers[0], path, content)
            elif content:
                one(readers[content[0] % len(readers)], path, content[1:])

        if Path(what).is_file():
            target(Path(what).read_bytes())
            return
        seeds = Path(folder) / "seeds"
        seeds.mkdir()
        for number, reader in enumerate(readers):
            (seeds / str(number)).write_bytes((bytes([number]) if many else b"") + reader.seed())
        (Path(folder) / "words").write_text(words(readers))
        limits = [f"-max_total_time={what}", "-timeout=20", "-rss_limit_mb=3000", "-max_len=16384"]
        given = [f"-dict={folder}/words", "-print_final_stats=1", str(seeds)]
        atheris.Setup([sys.argv[0], *limits, *given], target)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
