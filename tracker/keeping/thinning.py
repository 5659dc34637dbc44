"""Pruning: which bodies are kept, proved by a replay before any is dropped.

Kept are all bodies of the last weeks, so that their history can be derived anew,
and one a week or a month before that, to be read. A place to begin is believed only
if what is derived from there on is, row for row, what stands already.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import sources as source_rows
from storage.keeping import pruning
from storage.keeping.pruning import BodyRow
from storage.unit_of_work import Store, UnitOfWork
from tracker.applying.projector import Projector
from tracker.domain.errors import StorageError
from tracker.sources.registry import SourceSpec

TRIES = 5
"""How many places to begin are tried, the newest first."""


@dataclass(frozen=True, slots=True)
class Keep:
    """What is kept: all bodies of the last `weeks`; before those the newest body of
    each of so many weeks and months that have one.
    """

    weeks: int
    weekly: int = 0
    monthly: int = 0


@dataclass(frozen=True, slots=True)
class Pruned:
    """What pruning a source does, or would do.

    Attributes:
        source: which.
        floor: since when its history can be derived anew; None if it stays as it was.
        captures, kept: how many there are, and how many bodies of them stay.
        dropped, freed: how many bodies go, and how many stored bytes.
    """

    source: str
    floor: datetime | None
    captures: int
    kept: int
    dropped: int = 0
    freed: int = 0


def prune(
    store: Store, spec: SourceSpec, keep: Keep, *, now: datetime, dry_run: bool
) -> Pruned | None:
    """Thin the bodies of one source; None if it was never read.

    Raises:
        StorageError: history cannot be derived the same without the bodies; none
            was dropped.
    """
    with store.writing() as work:
        row = source_rows.find(work.connection, spec.name)
        if row is None:
            return None
        source_rows.lock(work.connection, row.id)
        rows = pruning.bodies(work.connection, row.id)
        stored = [b for b in rows if b.packed is not None]
        floor = _floor(work, spec, row.id, rows, now - timedelta(weeks=keep.weeks))
        if floor is None:
            return Pruned(spec.name, None, len(rows), len(stored))
        gone = droppable(rows, floor, keep)
        done = Pruned(
            source=spec.name,
            floor=floor.observed_at,
            captures=len(rows),
            kept=len(stored) - len(gone),
            dropped=len(gone),
            freed=sum(body.packed or 0 for body in gone),
        )
        if gone and not dry_run:
            pruning.drop(work.connection, [body.id for body in gone])
            note = f"{len(gone)} bodies dropped, {done.freed} bytes"
            pruning.record(work.connection, row.id, floor, at=now, note=note)
            work.commit()
    return done


def droppable(rows: Sequence[BodyRow], floor: BodyRow, keep: Keep) -> list[BodyRow]:
    """The stored bodies that no rebuild from the floor on needs, less the samples."""
    order = (floor.observed_at, floor.id)
    needed = {b.sha256 for b in rows if (b.observed_at, b.id) >= order}
    older = [b for b in rows if (b.observed_at, b.id) < order]
    samples = {
        *_newest_of_each(older, "%G-%V", keep.weekly),
        *_newest_of_each(older, "%Y-%m", keep.monthly),
    }
    needed |= samples
    return [b for b in older if b.packed is not None and b.sha256 not in needed]


def _newest_of_each(rows: Sequence[BodyRow], form: str, number: int) -> list[str]:
    """The hashes of the newest body of each of the last so many weeks or months."""
    newest = {b.observed_at.strftime(form): b.sha256 for b in rows}
    return list(newest.values())[len(newest) - min(number, len(newest)) :]


def _floor(
    work: UnitOfWork,
    spec: SourceSpec,
    source_id: int,
    rows: Sequence[BodyRow],
    until: datetime,
) -> BodyRow | None:
    """The newest place up to an instant from which history is derived the same.

    Raises:
        StorageError: there are some, but none will do.
    """
    before = pruning.floor_of(work.connection, source_id)
    places = [
        body
        for body in rows
        if body.status == "applied"
        and body.complete
        and body.observed_at <= until
        and (before is None or body.observed_at > before)
    ]
    if not places:
        return None
    row = source_rows.find(work.connection, spec.name)
    if row is None or row.rebuild or row.reader != spec.version:
        raise StorageError(f"{spec.name} waits to be replayed; run: pricetrail rebuild")
    for place in places[-1 : -TRIES - 1 : -1]:
        if _derives_the_same(work, spec, source_id, place):
            return place
    raise StorageError(
        f"{spec.name}: no body was dropped, because without the older ones its history "
        "would be derived differently; keep more weeks"
    )


def _derives_the_same(
    work: UnitOfWork, spec: SourceSpec, source_id: int, place: BodyRow
) -> bool:
    """Derive all that came after a place anew, compare, and undo it."""
    trial = work.connection.begin_nested()
    try:
        before = pruning.derived(work.connection, source_id)
        projector = Projector(spec, source_id)
        projector.rewind(work, place.observed_at)
        projector.replay(work)
        return pruning.derived(work.connection, source_id) == before
    finally:
        trial.rollback()
