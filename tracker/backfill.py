"""The backfill: history from before Pricetrail was there.

    list what there is ─► leave out what is captured ─► fetch, several at a time
      ─► store each as it comes ─► apply all in order

Interrupted at any point it goes on where it was: captures are kept as they come,
and what is captured is not fetched again.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Protocol

from storage import runs
from storage import sources as source_rows
from storage.captures import Captures, NewCapture
from storage.unit_of_work import Store
from tracker.applying.catchup import catch_up, ensure_source
from tracker.applying.projector import Applied
from tracker.domain.errors import NothingThere, SourceError
from tracker.judging import freshness
from tracker.judging.judgement import Judged, judge_if_due
from tracker.sources.mainline import MainLine
from tracker.sources.registry import SourceSpec

AHEAD = 2
"""Bodies fetched ahead of the one being stored, per connection; bounds memory."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A body to be fetched.

    Attributes:
        label: what it is called in messages.
        observed_at: when its source said it.
        version: the release that carried it, if one did.
        url: where it comes from.
        read: fetches it; raises SourceError.
    """

    label: str
    observed_at: datetime
    version: str | None
    url: str
    read: Callable[[], bytes]


@dataclass
class BackfillReport:
    """What a backfill did; `without` names places that never held a body."""

    wanted: int = 0
    known: int = 0
    fetched: int = 0
    without: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    applied: list[Applied] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    judged: Judged | None = None

    @property
    def outcomes(self) -> dict[int, str]:
        """What became of each capture in the end: one that was held may have been
        released by a later one.
        """
        return {a.capture.id: a.status for a in self.applied}

    @property
    def exit_code(self) -> int:
        """0 done, 1 partly, 3 nothing could be done."""
        broken = {"failed", "held"} & set(self.outcomes.values())
        if self.failed and not self.fetched and not self.known:
            return 3
        return 1 if self.failed or broken else 0


class Progress(Protocol):
    """How a backfill tells how far it is."""

    def stage(self, name: str, total: int) -> None:
        """A stage begins."""

    def step(self, label: str) -> None:
        """One more of it is done."""


def backfill(
    store: Store,
    spec: SourceSpec,
    wanted: list[Wanted],
    progress: Progress,
    *,
    now: datetime,
    connections: int = 1,
) -> BackfillReport:
    """Fetch and store what is wanted and not yet captured, then apply it.

    Args:
        store: the database.
        spec: the source.
        wanted: bodies, oldest first, on the main line.
        progress: told of each body.
        now: the instant of the run.
        connections: how many bodies are fetched at once.
    """
    report = BackfillReport(wanted=len(wanted))
    with store.writing() as work:
        run_id = runs.start(work.connection, "backfill", now)
        work.commit()
    missing = _not_captured(store, spec, wanted)
    report.known = len(wanted) - len(missing)
    progress.stage("fetch", len(missing))
    for want, body in _fetched(missing, connections):
        progress.step(want.label)
        if isinstance(body, NothingThere):
            report.without.append(want.label)
        elif isinstance(body, SourceError):
            report.failed.append(f"{want.label}: {body}")
        else:
            _store(store, spec, want, body, now)
            report.fetched += 1
    progress.stage("apply", _waiting(store, spec))
    report.applied = catch_up(
        store, spec, lambda a: progress.step(a.capture.version or "")
    )
    progress.stage("judge", 1)
    report.judged = judge_if_due(store, now=now)
    progress.step("")
    _finish(store, spec, run_id, report, now)
    return report


def on_main_line(wanted: Iterable[Wanted]) -> tuple[list[Wanted], list[Wanted]]:
    """Split into what is on the main line of releases, and back-ports."""
    line = MainLine()
    kept: list[Wanted] = []
    left: list[Wanted] = []
    for want in wanted:
        (left if line.leaves_out(want.version) else kept).append(want)
        line = line.after(want.version)
    return kept, left


def _not_captured(store: Store, spec: SourceSpec, wanted: list[Wanted]) -> list[Wanted]:
    with store.reading() as connection:
        row = source_rows.find(connection, spec.name)
        if row is None:
            return wanted
        captures = Captures(connection, row.id)
        versions, instants = captures.versions(), captures.instants()
    return [
        want
        for want in wanted
        if want.observed_at not in instants
        and (want.version is None or want.version not in versions)
    ]


def _fetched(
    wanted: list[Wanted], connections: int
) -> Iterator[tuple[Wanted, bytes | SourceError]]:
    """Fetch several at a time, with a bounded number held in memory."""
    if connections == 1:
        yield from ((want, _read(want)) for want in wanted)
        return
    queue = iter(wanted)
    with ThreadPoolExecutor(connections) as pool:
        try:
            ahead = islice(queue, connections * AHEAD)
            under_way = {pool.submit(_read, want): want for want in ahead}
            while under_way:
                done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    want = under_way.pop(future)
                    yield want, future.result()
                    _submit_next(pool, queue, under_way)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _submit_next(
    pool: ThreadPoolExecutor,
    queue: Iterator[Wanted],
    under_way: dict[Future[bytes | SourceError], Wanted],
) -> None:
    for want in islice(queue, 1):
        under_way[pool.submit(_read, want)] = want


def _read(want: Wanted) -> bytes | SourceError:
    try:
        return want.read()
    except SourceError as fault:
        return fault


def _store(
    store: Store, spec: SourceSpec, want: Wanted, body: bytes, now: datetime
) -> None:
    with store.writing() as work:
        row = ensure_source(work, spec)
        capture = NewCapture(
            source_id=row.id,
            observed_at=want.observed_at,
            fetched_at=now,
            origin="backfill",
            body=body,
            url=want.url,
            version=want.version,
        )
        Captures(work.connection, row.id).add(capture)
        work.commit()


def _waiting(store: Store, spec: SourceSpec) -> int:
    with store.reading() as connection:
        row = source_rows.find(connection, spec.name)
        return len(Captures(connection, row.id).pending()) if row else 0


def _finish(
    store: Store, spec: SourceSpec, run_id: int, report: BackfillReport, now: datetime
) -> None:
    outcome = {0: "done", 1: "partly", 3: "failed"}[report.exit_code]
    note = f"{report.fetched} fetched, {len(report.failed)} failed"
    with store.writing() as work:
        row = ensure_source(work, spec)
        runs.note_source(work.connection, run_id, row.id, outcome=outcome, note=note)
        freshness.mark(work.connection)
        runs.finish(work.connection, run_id, at=now, outcome=outcome)
        work.commit()
