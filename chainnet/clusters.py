"""A Dask cluster as an engine: on this machine, or one that is there already."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any

from chainnet.errors import ChainnetError, UsageError

#: Seconds to wait for a scheduler to answer, and for its first worker.
_PATIENCE = 5


@contextmanager
def cluster(scheduler: str | None = None) -> Iterator[Any]:
    """Open a Dask cluster for :func:`chainnet.sweep`.

    Parameters
    ----------
    scheduler
        The address of one that runs, such as ``tls://10.0.0.1:8786``; certificates are those of
        Dask's own configuration (``distributed.comm.tls``). None starts one on this machine, which
        only this machine can reach.

    Yields
    ------
    dask.distributed.Client
        Its client.

    Raises
    ------
    UsageError
        The extra ``cluster`` is not installed.
    ChainnetError
        ``no-scheduler``: nobody answers at the address, or not with these certificates;
        ``no-workers``: it has no workers.

    Examples
    --------
    >>> import chainnet as cn
    >>> with cluster() as client:  # doctest: +SKIP
    ...     table = cn.sweep(net, cn.closure_cases(net, "plant", size=2), engine=client)
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise UsageError(
            "the engine dask needs the extra 'cluster': pip install 'chainnet[cluster]'."
        ) from error
    if scheduler is None:
        with _deaf_to_interrupts():
            # Dask's own default shows the dashboard to the whole network.
            local = LocalCluster(
                n_workers=os.cpu_count(),
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
            )
        with local, Client(local) as client:
            yield client
        return
    try:
        client = Client(scheduler, timeout=_PATIENCE)
    except (OSError, ValueError, TypeError) as error:
        told = str(error).partition("\n")[0]
        raise ChainnetError(
            f"[no-scheduler] no Dask scheduler answers at {scheduler!r} ({told}). Is it running there, and"
            " are the certificates those of its cluster?"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError as error:
            raise ChainnetError(
                f"[no-workers] the scheduler at {scheduler!r} has no workers. Start some:"
                f" dask worker {scheduler}"
            ) from error
        yield client


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Begin processes that leave Ctrl-C to this one, which ends them."""
    if current_thread() is not main_thread():
        yield
        return
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
