"""The sync: one run for one slot, source by source.

    fetch all ─► per source: store the body ─► apply what waits ─► note how it went

A source that fails leaves the others alone and witnesses nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from storage import runs
from storage import sources as source_rows
from storage.captures import Captures, NewCapture, StoredCapture, sha256_of
from storage.projection import Projection
from storage.runs import Validators
from storage.slots import noted
from storage.unit_of_work import Connection, Store
from tracker.applying.catchup import catch_up, ensure_source
from tracker.applying.corroboration import release_confirmed
from tracker.applying.projector import Applied
from tracker.domain.errors import SourceError
from tracker.judging import freshness
from tracker.judging.judgement import Judged, judge_if_due
from tracker.sources.admission import Admission, Known, admit
from tracker.sources.mainline import newest
from tracker.sources.registry import SourceSpec


@dataclass(frozen=True, slots=True)
class FoundBody:
    """A body that a sync found, before it is decided whether to take it.

    Attributes:
        body: the bytes; None if the source answered that they are the same as
            those it was asked about.
        origin: package, live or file.
        observed_at: when the source said it, None if that is to be decided.
        uploaded_at: when its release was uploaded, None if unknown.
        complete: whether it is all that the source says.
        shortfall: what was not to be had, in words; empty if nothing.
        etag, last_modified: what the source calls this state of the body.
    """

    body: bytes | None
    origin: str
    url: str
    version: str | None = None
    observed_at: datetime | None = None
    uploaded_at: Callable[[], datetime | None] = lambda: None
    complete: bool = True
    shortfall: str = ""
    etag: str | None = None
    last_modified: str | None = None

    @property
    def validators(self) -> Validators:
        """What the source calls this state of the body."""
        return Validators(self.etag, self.last_modified)


Find = Callable[[SourceSpec], FoundBody]
"""Give a source's newest body. Raises SourceError."""

Fetch = Callable[[list[SourceSpec], Mapping[str, Validators]], Find]
"""Fetch the bodies of several sources, given what is known of each by name: what
they called the body that was read last. Failures are raised by `Find`, so that one
source leaves the others alone.
"""


@dataclass(frozen=True, slots=True)
class SourceOutcome:
    """How one source came out of a sync.

    `outcome` is applied, unchanged, skipped, held, rejected or failed; `note` says
    why. `applied` is what became of this sync's captures; `replayed` counts those
    before them, where history had to be told anew. `shortfall` tells what was not
    to be had of the source.
    """

    source: str
    outcome: str
    note: str = ""
    version: str | None = None
    observed_at: datetime | None = None
    applied: tuple[Applied, ...] = ()
    replayed: int = 0
    shortfall: str = ""

    @property
    def new_holds(self) -> int:
        """How many values this sync newly held back."""
        return sum(applied.written.held for applied in self.applied)


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did.

    `untold` counts by source what a run held back that was stopped before it could
    tell of it; this one tells instead.
    """

    outcomes: list[SourceOutcome] = field(default_factory=list)
    judged: Judged | None = None
    untold: Mapping[str, int] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 done, 1 partly, 3 nothing could be done."""
        outcomes = [outcome.outcome for outcome in self.outcomes]
        if outcomes and set(outcomes) == {"failed"}:
            return 3
        bad = {"failed", "held", "rejected"} & set(outcomes)
        doubtful = any(o.new_holds or o.shortfall for o in self.outcomes)
        return 1 if bad or doubtful or self.untold else 0


def sync(
    store: Store,
    specs: list[SourceSpec],
    fetch: Fetch,
    *,
    kind: str,
    now: datetime,
    claimed: int | None = None,
) -> SyncReport:
    """Run one sync.

    Args:
        store: the database.
        specs: the sources that are due.
        fetch: how their newest bodies are had.
        kind: manual, scheduled or confirm.
        now: the instant of the slot; of a claimed run that of the reading, which
            may be long after the slot.
        claimed: the run that was claimed for it, if one was; its end is recorded by
            who claimed it.
    """
    run_id = _begun(store, kind, now) if claimed is None else claimed
    with store.reading() as connection:
        left = runs.untold(connection)
        unjudged = source_rows.any_unjudged(connection)
    outcomes = _read(store, specs, fetch, run_id, now)
    if unjudged or any(outcome.outcome == "applied" for outcome in outcomes):
        release_confirmed(store, now=now)
    judged = judge_if_due(store, now=now)
    with store.writing() as work:
        mine = noted(work.connection, run_id)
        untold = {name: held for name, held in left.items() if name in mine}
        report = SyncReport(outcomes, judged, untold)
        outcome = {0: "done", 1: "partly", 3: "failed"}[report.exit_code]
        freshness.mark(work.connection)
        if claimed is None:
            runs.finish(work.connection, run_id, at=now, outcome=outcome)
        work.commit()
    return report


def _read(
    store: Store, specs: list[SourceSpec], fetch: Fetch, run_id: int, now: datetime
) -> list[SourceOutcome]:
    """Each source that is due: fetched together, taken one after the other."""
    if not specs:
        return []
    find = fetch(specs, _validators(store, specs))
    return [_sync_source(store, spec, find, run_id, now) for spec in specs]


def _begun(store: Store, kind: str, slot: datetime) -> int:
    """A new run's row."""
    with store.writing() as work:
        run_id = runs.start(work.connection, kind, slot)
        work.commit()
    return run_id


def _sync_source(
    store: Store, spec: SourceSpec, find: Find, run_id: int, now: datetime
) -> SourceOutcome:
    """One source: its body found, stored and applied, its outcome noted."""
    found = None
    try:
        found = _with_body(store, spec, find(spec))
    except SourceError as fault:
        outcome = SourceOutcome(spec.name, "failed", str(fault))
    else:
        outcome = _take(store, spec, found, now)
    with store.writing() as work:
        row = ensure_source(work, spec)
        capture = outcome.applied[-1].capture if outcome.applied else None
        named = found is not None and capture is not None and _is_of(capture, found)
        runs.note_source(
            work.connection,
            run_id,
            row.id,
            outcome=outcome.outcome,
            capture_id=capture.id if capture else None,
            note="; ".join(filter(None, (outcome.note, outcome.shortfall))) or None,
            validators=found.validators if found and named else None,
        )
        work.commit()
    return outcome


def _is_of(capture: StoredCapture, found: FoundBody) -> bool:
    return capture.sha256 == sha256_of(found.body or b"")


def _validators(store: Store, specs: list[SourceSpec]) -> dict[str, Validators]:
    """What each source called the body that stands, where one stands."""
    known: dict[str, Validators] = {}
    with store.reading() as connection:
        for spec in specs:
            row = source_rows.find(connection, spec.name)
            head = Captures(connection, row.id).head() if row else None
            if row and head:
                found = runs.validators(connection, row.id, head.sha256)
                known[spec.name] = found
    return known


def _with_body(store: Store, spec: SourceSpec, found: FoundBody) -> FoundBody:
    """What was found; where the source says "not modified", with the stored bytes.

    Raises:
        SourceError: there are none.
    """
    if found.body is not None:
        return found
    with store.reading() as connection:
        row = source_rows.find(connection, spec.name)
        captures = Captures(connection, row.id) if row else None
        head = captures.head() if captures else None
        if captures is None or head is None:
            raise SourceError("answered that nothing changed, but nothing is stored")
        return replace(found, body=captures.body(head))


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
        return SourceOutcome(
            spec.name,
            "skipped",
            admission.refusal,
            found.version,
            shortfall=found.shortfall,
        )
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
    digest = sha256_of(found.body or b"")
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
            and row.reader == spec.version
            and not captures.pending(1)
            and not captures.held()
            and not (found.origin != "package" and _missing(connection, row.id))
            and not (spec.dated and _dated(connection, row.id)),
            known=known,
            newest_at=captures.newest_at(),
        )


def _missing(connection: Connection, source_id: int) -> bool:
    """Whether a second look would show that keys are gone."""
    return bool(Projection(source_id).missing_keys(connection))


def _dated(connection: Connection, source_id: int) -> bool:
    """Whether prices are known that the same bytes may begin or end by now."""
    return bool(Projection(source_id).dated_keys(connection))


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
            body=found.body or b"",
            url=found.url,
            version=found.version,
            complete=found.complete,
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
        shortfall=found.shortfall,
    )
