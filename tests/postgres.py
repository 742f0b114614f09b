"""A PostgreSQL server of a test's own: a new cluster on 127.0.0.1 that ends with the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

#: The password has what an address must escape, and what a message must not tell.
USER, PASSWORD, ESCAPED = "analyst", "hush@hush", "hush%40hush"


def binaries() -> Path | None:
    """Where the server's programs are; Debian keeps them off the path."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((place for place in places if (place / "initdb").is_file()), None)


def _as_nobody(words: Sequence[str]) -> list[str]:
    """The server refuses to run as root."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *words] if root else [*words]


def _run(words: Sequence[str], text: str | None = None) -> None:
    subprocess.run(_as_nobody(words), check=True, capture_output=True, text=True, input=text, cwd="/")


@contextmanager
def server(sql: str) -> Iterator[str]:
    """Start a server, run SQL in it, and yield its host, port and database, as in an address."""
    programs = binaries()
    assert programs is not None
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        secret = folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        data = str(folder / "data")
        begin = ["-D", data, "-U", USER, "-E", "UTF8", "--no-locale", "--no-sync", "-A", "scram-sha-256"]
        _run([str(programs / "initdb"), *begin, f"--pwfile={secret}"])
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        options = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
        }
        words = [str(programs / "postgres"), "-D", data]
        words += [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        with subprocess.Popen(
            _as_nobody(words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as running:
            try:
                address = f"127.0.0.1:{port}/postgres"
                _wait(port, running)
                _run(
                    [
                        str(programs / "psql"),
                        "-v",
                        "ON_ERROR_STOP=1",
                        f"postgresql://{USER}:{ESCAPED}@{address}",
                    ],
                    sql,
                )
                yield address
            finally:
                running.terminate()


def _wait(port: int, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and running.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not start")
