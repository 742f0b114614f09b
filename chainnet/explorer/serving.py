"""The server of the explorer: for this machine only, with an end when it is told to."""

from __future__ import annotations

import errno
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from chainnet.errors import ChainnetError

if TYPE_CHECKING:
    from flask import Flask

#: Nobody but this machine is served.
HOST = "127.0.0.1"


def serve(server: Flask, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted (Ctrl-C) or terminated; only to this machine.

    Parameters
    ----------
    server
        The server of what :func:`chainnet.explorer.app` returned.
    port
        The port; 0 takes one that is free.
    ready
        Called with the address once it is served.

    Raises
    ------
    ChainnetError
        The port is taken, or may not be used.
    """
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log_request(self, *_: object) -> None:
            """Say nothing of each request."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _listening(port) as listening:
        number = listening.getsockname()[1]
        http = make_server(HOST, number, server, True, 1, Quiet, fd=listening.fileno())  # noqa: FBT003
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        before = signal.signal(signal.SIGTERM, stop)
        try:
            thread.start()
            ready(f"http://{HOST}:{number}/")
            while thread.is_alive():
                thread.join(1.0)
        except KeyboardInterrupt:
            pass
        finally:
            signal.signal(signal.SIGTERM, before)
            http.shutdown()
            http.server_close()


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            words = f"cannot use port {port}: {error.strerror or error}. Choose another with --port."
            raise ChainnetError(words) from error
        raise ChainnetError(
            f"port {port} is taken: perhaps by another explorer, at http://{HOST}:{port}/. "
            f"Stop that, or choose another: chainnet explore --port {port + 1 if port < 65535 else 8050}."
        ) from error
