"""The pages as files, for any host that serves a folder.

Only what changed is made and written: a section that can tell what its pages are made
from has those skipped that were made from the same; the others are made and compared.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Protocol

from storage.stamp import stamp
from storage.unit_of_work import Store
from tracker.web import pages, rendering
from tracker.web.edition import edition
from tracker.web.site import workers
from tracker.web.site.extras import extras
from tracker.web.site.folder import Counts, File, Folder, claimed
from tracker.web.site.workers import State, packed

ROUNDS = 3
"""How often a site is gone over if the database does not stand still meanwhile."""
NAMED = "named for its content"
"""The mark of files that are other files once they change."""
BATCH_FILES, BATCH_BYTES = 128, 16 * 2**20
"""What is held in memory before it is written."""


class Progress(Protocol):
    """Is told how far the work is."""

    def stage(self, name: str, total: int) -> None:
        """A stage of `total` steps begins."""

    def step(self, label: str) -> None:
        """One more step is done."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is built, and how.

    Attributes:
        folder: where to.
        url: where readers reach it, with a slash at its end; may be empty.
        jobs: how many processes make pages; 0 for as many as there are cores.
        packs: whether a compressed copy (`.gz`) is put beside each file.
        anew: whether pages are made that need not be.
    """

    folder: Path
    url: str = ""
    jobs: int = 0
    packs: bool = False
    anew: bool = False


def build(
    store: Store, job: Job, clock: Callable[[], datetime], progress: Progress
) -> Counts:
    """Bring a folder up to date with the database.

    Raises:
        UsageError: the folder holds something else.
        StorageError: it cannot be written to, or the database cannot be read.
    """
    counts = Counts()
    with claimed(job.folder) as folder:
        for _ in range(ROUNDS):
            state = _state(store, job, clock())
            counts = Counts(counts.written, 0, counts.deleted, counts.foreign)
            _go_over(folder, job, _Made(store, job, state), counts, progress)
            if _state(store, job, state.now).stamp == state.stamp:
                break
    return counts


def _state(store: Store, job: Job, now: datetime) -> State:
    with store.reading() as connection:
        found = stamp(connection)
    return State(store.db, now, found, job.url, packs=job.packs)


class _Made:
    """What belongs into the folder, in one state of the database."""

    def __init__(self, store: Store, job: Job, state: State) -> None:
        self._job = job
        self._state = state
        self._view = state.view(store)

    def marks(self) -> dict[str, str]:
        """Every page's path, with what tells whether it has to be made again."""
        found: dict[str, str] = {}
        for section in pages.sections():
            tell = getattr(section, "marks", None)
            told: Mapping[str, str] = tell(self._view) if tell else {}
            for path in section.paths(self._view):
                found.setdefault(path, self.mark(told.get(path, "")))
        return found

    def pages(self, due: Mapping[str, str], progress: Progress) -> Iterator[File]:
        """The pages of these paths as files, with their marks."""
        jobs = self._job.jobs or os.cpu_count() or 1
        progress.stage("pages", len(due))
        for one in workers.made(self._view, self._state, [*due], jobs):
            if one.body is not None:
                name, mark = file_name(one.path), due[one.path]
                yield File(name, one.body, mark)
                if one.packed is not None:
                    yield File(f"{name}.gz", one.packed, mark)
            progress.step(one.path)

    def loaded(self) -> dict[str, str]:
        """What pages load, by its name as a file; the names change with the content."""
        return {name: plain for plain, name in rendering.statics().items()}

    def beside(self, due: Mapping[str, str], paths: Iterable[str]) -> Iterator[File]:
        """What pages load, and what hosts look for."""
        found = ((name, rendering.static(plain).body) for name, plain in due.items())
        for name, body in chain(found, extras(self._job.url, paths)):
            mark = NAMED if name in due else ""
            yield File(name, body, mark)
            small = packed(body) if self._job.packs else None
            if small is not None:
                yield File(f"{name}.gz", small, mark)

    def mark(self, told: str) -> str:
        """What a file was made from, in this edition of the program."""
        if not told:
            return ""
        whole = f"{edition()}\n{self._job.url}\n{told}"
        return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def file_name(path: str) -> str:
    """The file of a page, from the folder: an address with a slash is a folder."""
    return path if path and not path.endswith("/") else f"{path}index.html"


def _go_over(
    folder: Folder, job: Job, made: _Made, counts: Counts, progress: Progress
) -> None:
    """Write what changed, styles before the pages that load them; delete the rest."""
    wanted: set[str] = set()

    def current(path: str, mark: str) -> bool:
        names = _names(path, packs=job.packs)
        if job.anew or not mark or not folder.current(names, mark):
            return False
        wanted.update(names)
        counts.unchanged += len(names)
        return True

    marks = made.marks()
    due = {path: mark for path, mark in marks.items() if not current(path, mark)}
    loaded = {
        name: plain for name, plain in made.loaded().items() if not current(name, NAMED)
    }
    for files in (made.beside(loaded, marks), made.pages(due, progress)):
        for batch in _batches(files):
            folder.put(batch, counts)
            wanted.update(one.name for one in batch)
    folder.keep_only(wanted, counts)


def _names(path: str, *, packs: bool) -> list[str]:
    """A page's file, and its compressed copy."""
    name = file_name(path)
    return [name, f"{name}.gz"] if packs else [name]


def _batches(files: Iterable[File]) -> Iterator[list[File]]:
    """The files in parts that fit the memory."""
    batch: list[File] = []
    size = 0
    for one in files:
        batch.append(one)
        size += len(one.body)
        if len(batch) >= BATCH_FILES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
