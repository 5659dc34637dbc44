"""The sync: one run for one slot, source by source.

    find the body ─► store it ─► apply what waits ─► note how it went

A source that fails leaves the others alone and witnesses nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from storage import runs
from storage import sources as source_rows
from storage.captures import Captures, NewCapture, StoredCapture, sha256_of
from storage.projection import Projection
from storage.unit_of_work import Connection, Store
from tracker.catchup import catch_up, ensure_source
from tracker.domain.errors import SourceError
from tracker.judgement import Judged, judge_if_due
from tracker.projector import Applied
from tracker.sources.admission import Admission, Known, admit
from tracker.sources.mainline import newest
from tracker.sources.registry import SourceSpec


@dataclass(frozen=True, slots=True)
class FoundBody:
    """A body that a sync found, before it is decided whether to take it.

    Attributes:
        origin: package, live or file.
        observed_at: when the source said it, None if that is to be decided.
        uploaded_at: when its release was uploaded, None if unknown.
    """

    body: bytes
    origin: str
    url: str
    version: str | None = None
    observed_at: datetime | None = None
    uploaded_at: Callable[[], datetime | None] = lambda: None


Find = Callable[[SourceSpec], FoundBody]
"""Find a source's newest body. Raises SourceError."""


@dataclass(frozen=True, slots=True)
class SourceOutcome:
    """How one source came out of a sync.

    `outcome` is applied, unchanged, skipped, held, rejected or failed; `note` says
    why. `applied` is what became of this sync's captures; `replayed` counts those
    before them, where history had to be told anew.
    """

    source: str
    outcome: str
    note: str = ""
    version: str | None = None
    observed_at: datetime | None = None
    applied: tuple[Applied, ...] = ()
    replayed: int = 0

    @property
    def new_holds(self) -> int:
        """How many values this sync newly held back."""
        return sum(applied.written.held for applied in self.applied)


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did."""

    outcomes: list[SourceOutcome] = field(default_factory=list)
    judged: Judged | None = None

    @property
    def exit_code(self) -> int:
        """0 done, 1 partly, 3 nothing could be done."""
        outcomes = [outcome.outcome for outcome in self.outcomes]
        if outcomes and set(outcomes) == {"failed"}:
            return 3
        bad = {"failed", "held", "rejected"} & set(outcomes)
        return 1 if bad or any(o.new_holds for o in self.outcomes) else 0


def sync(
    store: Store, specs: list[SourceSpec], find: Find, *, kind: str, now: datetime
) -> SyncReport:
    """Run one sync.

    Args:
        store: the database.
        specs: the sources that are due.
        find: how a source's newest body is found.
        kind: manual, scheduled or confirm.
        now: the instant of the slot.
    """
    with store.writing() as work:
        run_id = runs.start(work.connection, kind, now)
        work.commit()
    outcomes = [_sync_source(store, spec, find, run_id, now) for spec in specs]
    judged = judge_if_due(store, now=now)
    report = SyncReport(outcomes, judged)
    with store.writing() as work:
        outcome = {0: "done", 1: "partly", 3: "failed"}[report.exit_code]
        runs.finish(work.connection, run_id, at=now, outcome=outcome)
        work.commit()
    return report


def _sync_source(
    store: Store, spec: SourceSpec, find: Find, run_id: int, now: datetime
) -> SourceOutcome:
    """One source: its body found, stored and applied, its outcome noted."""
    try:
        found = find(spec)
    except SourceError as fault:
        outcome = SourceOutcome(spec.name, "failed", str(fault))
    else:
        outcome = _take(store, spec, found, now)
    with store.writing() as work:
        row = ensure_source(work, spec)
        capture = outcome.applied[-1].capture.id if outcome.applied else None
        runs.note_source(
            work.connection,
            run_id,
            row.id,
            outcome=outcome.outcome,
            capture_id=capture,
            note=outcome.note or None,
        )
        work.commit()
    return outcome


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is known before a body is taken; read in a transaction of its own,
    because none may be open while the network is asked for an upload time.
    """

    current: bool
    settled: bool
    known: Known
    newest_at: datetime | None = None


def _take(
    store: Store, spec: SourceSpec, found: FoundBody, now: datetime
) -> SourceOutcome:
    """Store a found body, if it says anything new, and apply what waits."""
    standing = _standing(store, spec, found)
    if standing.current or found.origin != "package":
        admission = Admission(found.observed_at or now)
    else:
        uploaded = found.uploaded_at()
        admission = admit(found.version or "", uploaded, standing.known, now)
    if admission.observed_at is None:
        return SourceOutcome(spec.name, "skipped", admission.refusal, found.version)
    newest_at = standing.newest_at
    in_turn = newest_at is None or admission.observed_at > newest_at
    at_rest = standing.current and standing.settled and in_turn
    status = "unchanged" if at_rest else "pending"
    stored = _store_capture(
        store, spec, found, observed_at=admission.observed_at, now=now, status=status
    )
    if at_rest and stored is not None:
        return _outcome(spec, found, [Applied(stored, "unchanged")], stored)
    return _outcome(spec, found, catch_up(store, spec), stored)


def _standing(store: Store, spec: SourceSpec, found: FoundBody) -> _Standing:
    digest = sha256_of(found.body)
    with store.reading() as connection:
        row = source_rows.find(connection, spec.name)
        if row is None:
            return _Standing(current=False, settled=False, known=Known())
        captures = Captures(connection, row.id)
        head = captures.head()
        known = Known(
            newest_at=head.observed_at if head else None,
            newest_version=newest(captures.versions("applied", "unchanged")),
            all_versioned=not captures.unversioned_applied(),
        )
        return _Standing(
            current=head is not None and head.sha256 == digest,
            settled=not row.rebuild
            and row.reader == spec.reader
            and not captures.pending(1)
            and not captures.held()
            and not (found.origin != "package" and _missing(connection, row.id)),
            known=known,
            newest_at=captures.newest_at(),
        )


def _missing(connection: Connection, source_id: int) -> bool:
    """Whether a second look would show that keys are gone."""
    return bool(Projection(source_id).missing_keys(connection))


def _store_capture(
    store: Store,
    spec: SourceSpec,
    found: FoundBody,
    *,
    observed_at: datetime,
    now: datetime,
    status: str,
) -> StoredCapture | None:
    """Store the capture; None if this very capture is there already."""
    with store.writing() as work:
        row = ensure_source(work, spec)
        captures = Captures(work.connection, row.id)
        capture = NewCapture(
            source_id=row.id,
            observed_at=observed_at,
            fetched_at=now,
            origin=found.origin,
            body=found.body,
            url=found.url,
            version=found.version,
        )
        added = captures.add(capture, status=status)
        if status == "unchanged" and found.origin != "package":
            source_rows.mark_unjudged(work.connection, row.id)
        stored = captures.get(added) if added else None
        work.commit()
    return stored


def _outcome(
    spec: SourceSpec,
    found: FoundBody,
    done: list[Applied],
    stored: StoredCapture | None,
) -> SourceOutcome:
    mine = [a for a in done if stored is not None and a.capture.id == stored.id]
    last = mine[-1] if mine else None
    # A replay tells all of history anew; of that only this capture is news.
    fresh = [a for a in done if not a.replayed or a in mine]
    return SourceOutcome(
        source=spec.name,
        outcome=last.status if last else "unchanged",
        note=(last.note or "") if last else "this capture is known already",
        version=found.version,
        observed_at=stored.observed_at if stored else None,
        applied=tuple(fresh),
        replayed=len(done) - len(fresh),
    )
