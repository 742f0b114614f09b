"""Many cases of one question, on any engine, into a store.

A study is a pure function of a block of cases and what they have in common (a network, a link
table). Engines are executors: threads, processes, a Dask cluster. Whichever runs it, and however the
cases are cut into blocks, the results are the same bits; what they have in common goes to each
worker once.
"""

from __future__ import annotations

import math
import os
import signal
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from threading import Lock, Thread
from typing import Any, Literal, Protocol, TypeGuard, TypeVar, cast

from chainnet._version import __version__
from chainnet.errors import ChainnetError, DataError, Fault, UsageError
from chainnet.parallel import WATCH
from chainnet.stores import Case, Row, Store

_T = TypeVar("_T")
#: Studies that a worker has at hand: what they hold may be large.
_MOST_KNOWN = 2
_known: OrderedDict[str, Study] = OrderedDict()
#: Blocks in flight for each worker: one at work, one waiting.
_AHEAD = 2
#: Blocks in flight on an executor that does not tell how many workers it has.
_UNKNOWN_WORKERS = 32
#: How often a pool of processes is opened anew while no block comes back from it.
_MOST_DEATHS = 3
_KEPT = "what was done is kept in the store, and the same run again goes on from there."
#: What is most likely wrong where no worker ever did anything.
_MAIN = " A script that uses processes must do so under `if __name__ == '__main__':`."
_lock = Lock()


@dataclass(frozen=True)
class Study:
    """A question asked of many cases.

    Parameters
    ----------
    kind, data
        What is asked, and a digest of the data.
    options
        Everything else that results depend on, by name, as text.
    work
        A function of a module (workers find it by its name): from ``context`` and the inputs of some
        cases, as text, to a list of numbers for each. A case's numbers must not depend on the others.
    context
        What the cases have in common.
    block
        How many cases go to a worker at a time.
    """

    kind: str
    data: str
    options: Mapping[str, str]
    work: Callable[[Any, Sequence[str]], Sequence[Sequence[float]]]
    context: Any
    block: int

    @property
    def identity(self) -> dict[str, str]:
        """What tells the study from others, by name."""
        return {"kind": self.kind, "data": self.data, "version": __version__, **self.options}


class Executor(Protocol):
    """What an engine must be able to do; those of ``concurrent.futures`` and of Dask are."""

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Future[Any]:  # noqa: ANN401, as theirs
        """Run a function somewhere, and return where its result will be."""
        ...


class Cluster(Protocol):
    """What a cluster's client must be able to do; Dask's is."""

    def get_executor(self, **options: Any) -> Executor:  # noqa: ANN401, as theirs
        """Return an executor that runs functions there."""
        ...

    def scatter(self, data: object, *, broadcast: bool, hash: bool) -> object:  # noqa: A002, as theirs
        """Send data to all workers, and return what stands for it."""
        ...

    def ncores(self) -> dict[str, int]:
        """Return how many things each worker can do at once."""
        ...


Engine = Executor | Cluster | Literal["threads", "processes"] | None


def answer(
    study: Study, cases: Iterable[str], store: Store, engine: Engine = None, *, total: int = 0
) -> None:
    """Run the cases that a store lacks, and keep each block of results as it comes.

    Cases are taken from their iterable only as workers get free, so there may be any number of them.

    Parameters
    ----------
    study
        What is asked.
    cases
        Inputs as text.
    store
        Where results are, and go.
    engine
        ``"threads"`` (None is the same) or ``"processes"`` on this machine, an executor, or the client
        of a Dask cluster.
    total
        How many cases there are, for who watches; 0 where nobody knows.

    Raises
    ------
    ChainnetError
        Workers died again and again, or the executor's did once; what was done is kept.
    """
    with hired(study, engine) as (ask, _):
        ask(cases, store, total=total, block=study.block)


class Asking(Protocol):
    """What :func:`hired` gives: as :func:`answer`, on workers that stay."""

    def __call__(self, cases: Iterable[str], store: Store, *, total: int, block: int) -> None:
        """Run the cases that the store lacks, so many of them at a time, and keep the results."""
        ...


@contextmanager
def hired(study: Study, engine: Engine) -> Iterator[tuple[Asking, int]]:
    """Open an engine for several lists of cases of one study, of which one hangs on the results of another.

    Parameters
    ----------
    study, engine
        As for :func:`answer`.

    Yields
    ------
    ask : callable
        Runs cases: see :class:`Asking`.
    room : int
        How many blocks are handed out at once.
    """
    with _at_hand(study, engine) as workers:

        def ask(cases: Iterable[str], store: Store, *, total: int, block: int) -> None:
            done = WATCH.get()(_done_one_by_one(workers, _blocks(iter(cases), block), store, block), total)
            for _ in done:
                pass

        yield ask, workers.room


def _done_one_by_one(
    workers: _Workers, blocks: Iterator[list[str]], store: Store, size: int
) -> Iterator[None]:
    """Yield once for each case that is dealt with."""
    try:
        for specs in blocks:
            mine = store.ask(specs)
            yield from [None] * (len(specs) - len(mine))
            yield from workers.take(mine, store)
        yield from workers.finish(store)
        # What other runs took and did not finish: they were killed, or are slower.
        while store.waiting:
            yield from workers.take(store.left(size), store)
        yield from workers.finish(store)
    finally:
        store.release()


def _blocks(items: Iterator[_T], size: int) -> Iterator[list[_T]]:
    while block := list(islice(items, size)):
        yield block


# --- workers -----------------------------------------------------------------------------------


class _Workers:
    """An open engine, and the blocks that are in flight on it."""

    def __init__(self, study: Study, engine: Engine) -> None:
        self._study = study
        self._engine = engine
        self._digest = repr(sorted(study.identity.items()))
        self._flight: dict[Future[Any], list[Case]] = {}
        self._deaths = 0
        self._came = False
        #: What stands for the study where a cluster holds it.
        self._sent: object = None
        self._executor = self._opened()

    def _opened(self) -> Executor:
        if self._engine in (None, "threads"):
            return ThreadPoolExecutor(os.cpu_count())
        if self._engine == "processes":
            from multiprocessing import get_context

            return ProcessPoolExecutor(
                os.cpu_count(),
                # A fork would copy threads' locks in whatever state they are.
                mp_context=get_context("spawn"),
                initializer=_begin,
                initargs=(self._digest, self._study),
            )
        if isinstance(self._engine, str):
            raise UsageError(f"no engine {self._engine!r}; use threads, processes, or an executor.")
        if _is_cluster(self._engine):
            self._sent = self._engine.scatter(self._study, broadcast=True, hash=False)
            return self._engine.get_executor(pure=False)
        return cast("Executor", self._engine)

    @property
    def room(self) -> int:
        """How many blocks may be in flight."""
        if _is_cluster(self._engine):
            # Asked each time: workers come and go.
            return _AHEAD * max(1, sum(self._engine.ncores().values()))
        return _AHEAD * ((os.cpu_count() or 1) if self._own else _UNKNOWN_WORKERS)

    @property
    def _own(self) -> bool:
        return self._engine is None or isinstance(self._engine, str)

    def take(self, cases: list[Case], store: Store) -> Iterator[None]:
        """Hand out a block; first keep what is ready, and wait until there is room."""
        while len(self._flight) >= self.room or any(future.done() for future in self._flight):
            yield from self._collect(store)
        if cases:
            self._send(cases)

    def finish(self, store: Store) -> Iterator[None]:
        """Wait for all blocks."""
        while self._flight:
            yield from self._collect(store)

    def close(self) -> None:
        """Give up what has not begun, and end workers that were opened here."""
        for future in self._flight:
            future.cancel()
        if self._own and isinstance(self._executor, ThreadPoolExecutor | ProcessPoolExecutor):
            self._executor.shutdown(cancel_futures=True)

    def _send(self, cases: list[Case], study: object = None) -> None:
        specs = [case.spec for case in cases]
        try:
            future = self._executor.submit(_work, self._digest, __version__, specs, study or self._sent)
        except BrokenExecutor as error:
            # Another block has found out, or will: this one is redone with those in flight.
            future = Future()
            future.set_exception(error)
        self._flight[future] = cases

    def _collect(self, store: Store) -> Iterator[None]:
        """Keep the blocks that are ready, and wait for one if none is."""
        ready, _ = wait(self._flight, return_when=FIRST_COMPLETED)
        for future in ready:
            cases = self._flight[future]
            try:
                rows = future.result()
            except BrokenExecutor as error:
                self._reopen(error)
                return
            except ChainnetError:
                raise
            except (Exception, CancelledError) as error:
                raise ChainnetError(f"the engine failed: {_told(error)}; {_KEPT}") from error
            del self._flight[future]
            if rows is None:
                # A worker that has not seen the study yet.
                self._send(cases, self._study)
                continue
            store.keep(cases, rows)
            self._deaths, self._came = 0, True
            yield from [None] * len(cases)

    def _reopen(self, error: BrokenExecutor) -> None:
        """Open a pool of which a worker died anew, and do again what was in flight."""
        self._deaths += 1
        if self._engine != "processes" or self._deaths > _MOST_DEATHS:
            hint = "" if self._came else _MAIN
            raise ChainnetError(f"a worker died (killed, or out of memory); {_KEPT}{hint}") from error
        self.close()
        again = list(self._flight.values())
        self._flight = {}
        self._executor = self._opened()
        for cases in again:
            self._send(cases)


def _is_cluster(engine: Engine) -> TypeGuard[Cluster]:
    return hasattr(engine, "scatter") and hasattr(engine, "get_executor")


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")


@contextmanager
def _at_hand(study: Study, engine: Engine) -> Iterator[_Workers]:
    """Open an engine; threads, and processes forked from here, find the study without being sent it."""
    workers = _Workers(study, engine)
    _remember(workers._digest, study)  # noqa: SLF001, one module
    try:
        yield workers
    finally:
        workers.close()
        _known.pop(workers._digest, None)  # noqa: SLF001


def _begin(digest: str, study: Study) -> None:
    """Begin a worker: Ctrl-C is for the run that it works for, and it ends when that run is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_run, daemon=True).start()
    _remember(digest, study)


def _end_with_run() -> None:
    from multiprocessing import parent_process

    run = parent_process()
    if run is not None:
        run.join()
        os._exit(1)


def _remember(digest: str, study: Study) -> None:
    with _lock:
        _known[digest] = study
        while len(_known) > _MOST_KNOWN:
            _known.popitem(last=False)


def _work(digest: str, version: str, specs: list[str], study: Study | None) -> list[Row] | None:
    """Do a block in a worker; None if the study has yet to be sent there."""
    if version != __version__:
        message = f"a worker has chainnet {__version__}, and this is {version}"
        raise DataError([Fault("worker-version", message, remedy="Install the same version on all of them.")])
    if study is not None:
        _remember(digest, study)
    known = _known.get(digest)
    if known is None:
        return None
    try:
        return [Row(tuple(_plain(x) for x in numbers)) for numbers in known.work(known.context, specs)]
    except Exception:  # noqa: BLE001, found out one by one
        return [_one(known, spec) for spec in specs]


def _one(study: Study, spec: str) -> Row:
    """Do a case by itself; whatever goes wrong is its result."""
    try:
        (numbers,) = study.work(study.context, [spec])
        return Row(tuple(_plain(x) for x in numbers))
    except Exception as error:  # noqa: BLE001, kept in the store
        return Row(None, _told(error), traceback.format_exc())


def _plain(value: float) -> float | None:
    """Return a number that JSON can hold; None for NaN."""
    number = float(value)
    if math.isinf(number):
        raise ValueError("a result is infinite")
    return None if math.isnan(number) else number
