"""Making many pages at once, in several processes.

Charts are what takes the time, and one process draws only one at a time.
"""

import gzip
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from multiprocessing.connection import wait

from storage.stamp import Stamp
from storage.unit_of_work import Store
from tracker.domain.errors import StorageError
from tracker.web import pages
from tracker.web.pages import NoPage
from tracker.web.view import View

CHUNK = 8
"""Pages that a process makes before it hands them over."""
WORTH_IT = 48
"""Fewer pages are made sooner than other processes have started."""
AHEAD = 3
"""Chunks that wait for each process, so that none is idle and few are in memory."""
PACKED_FROM = 860
"""Bytes; smaller files fit one packet anyway."""


@dataclass(frozen=True, slots=True)
class State:
    """What a process needs to make the same pages from the same state.

    Attributes:
        db: the database's address.
        now: see `View`.
        stamp: see `View`.
        url: see `View`.
        packs: whether pages are wanted compressed, too.
    """

    db: str
    now: datetime
    stamp: Stamp
    url: str
    packs: bool

    def view(self, store: Store) -> View:
        """The state as pages see it that are written as files."""
        return View(store, self.now, self.stamp, live=False, url=self.url)


@dataclass(frozen=True, slots=True)
class Made:
    """A page.

    Attributes:
        path: where it is, from the site's root.
        body: its bytes; none if there is no such page any more.
        packed: the same, compressed, where that was asked for and is worth it.
    """

    path: str
    body: bytes | None
    packed: bytes | None = None


def made(view: View, state: State, paths: Sequence[str], jobs: int) -> Iterator[Made]:
    """The pages of these paths, in any order.

    Args:
        view: the state, for this process.
        state: the same, for others.
        paths: of the pages.
        jobs: how many processes make them at most.

    Raises:
        StorageError: the database cannot be read, or a process was killed.
    """
    if jobs == 1 or len(paths) < WORTH_IT:
        yield from (_made(view, path, packs=state.packs) for path in paths)
        return
    chunks = iter(paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK))
    with _pool(state, min(jobs, len(paths) // CHUNK)) as pool:
        waiting: deque[Future[list[Made]]] = deque(
            pool.submit(_chunk, chunk) for chunk in islice(chunks, AHEAD * jobs)
        )
        while waiting:
            yield from _result(waiting.popleft())
            waiting += (pool.submit(_chunk, chunk) for chunk in islice(chunks, 1))


def packed(body: bytes) -> bytes | None:
    """The bytes compressed, if that is worth it; the same for the same bytes."""
    return gzip.compress(body, mtime=0) if len(body) >= PACKED_FROM else None


def _made(view: View, path: str, *, packs: bool) -> Made:
    try:
        body = pages.made(view, path, {}).body
    except NoPage:
        return Made(path, None)
    return Made(path, body, packed(body) if packs else None)


def _result(future: Future[list[Made]]) -> list[Made]:
    try:
        return future.result()
    except BrokenProcessPool:
        raise StorageError(
            "a process that made pages was killed (is there memory enough for "
            "--jobs?); what was written stays, run again to go on"
        ) from None


@contextmanager
def _pool(state: State, jobs: int) -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, _begin, (state,))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


_state: State | None = None
"""In a process that makes pages: what from."""


def _begin(state: State) -> None:
    """Make a process ready: it ends when it is told to, or with its parent."""
    global _state  # noqa: PLW0603 - a process of a pool has no other place for it
    _state = state
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    """End with the process that asks for pages, however that ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


@cache
def _begun() -> tuple[State, View]:
    """The state, read once in each process."""
    if _state is None:
        raise AssertionError("the process was not begun")
    return _state, _state.view(Store(_state.db))


def _chunk(paths: Sequence[str]) -> list[Made]:
    state, view = _begun()
    return [_made(view, path, packs=state.packs) for path in paths]
