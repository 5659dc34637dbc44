"""Runs: one for each slot of each kind, and what it found at each source."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, text, update

from storage.bulk import insert_new
from storage.models import Capture, Run, SourceRun

TRIES = 600
"""How many seconds past its own a manual run looks for a free slot."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a source calls the state of its body: sent back, it may answer that
    nothing changed.
    """

    etag: str | None = None
    last_modified: str | None = None


def start(connection: Connection, kind: str, slot: datetime) -> int:
    """Record that a run has begun.

    Two runs begun by hand within one second get slots a second apart.

    Raises:
        LookupError: no free slot, which would take hundreds of runs a second.
    """
    for second in range(TRIES):
        at = slot + timedelta(seconds=second)
        row = {"kind": kind, "slot": at, "started_at": slot}
        found: int | None = insert_new(connection, Run, row)
        if found is not None:
            return found
    raise LookupError(f"no free slot for a {kind} run at {slot}")


def finish(connection: Connection, run_id: int, *, at: datetime, outcome: str) -> None:
    """Record how a run ended."""
    connection.execute(
        update(Run).where(Run.id == run_id).values(finished_at=at, outcome=outcome)
    )


def note_source(
    connection: Connection,
    run_id: int,
    source_id: int,
    *,
    outcome: str,
    capture_id: int | None = None,
    note: str | None = None,
    validators: Validators | None = None,
) -> None:
    """Record what a run found at a source."""
    named = validators or Validators()
    row = {
        "run_id": run_id,
        "source_id": source_id,
        "outcome": outcome,
        "capture_id": capture_id,
        "note": note,
        "etag": named.etag,
        "last_modified": named.last_modified,
    }
    insert_new(connection, SourceRun, row)


def validators(connection: Connection, source_id: int, sha256: str) -> Validators:
    """What the source called the body with these bytes, if it was the last one that
    any run read of it; else nothing.
    """
    query = (
        select(SourceRun.etag, SourceRun.last_modified, Capture.sha256)
        .join(Capture, Capture.id == SourceRun.capture_id)
        .where(SourceRun.source_id == source_id)
        .order_by(SourceRun.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None or row.sha256 != sha256:
        return Validators()
    return Validators(row.etag, row.last_modified)


_UNTOLD = """
SELECT s.name, COUNT(*) AS held
FROM holds h JOIN captures c ON c.id = h.capture_id JOIN sources s ON s.id = h.source_id
WHERE h.status = 'pending' AND NOT EXISTS (
  SELECT 1 FROM source_runs n JOIN runs r ON r.id = n.run_id
  WHERE n.source_id = h.source_id AND r.outcome IN ('done', 'partly')
  AND (n.capture_id >= h.capture_id
    OR (n.capture_id IS NULL AND r.started_at >= c.fetched_at)))
GROUP BY s.name
"""


def untold(connection: Connection) -> dict[str, int]:
    """By source: how many held values no run that came to its end has told of.

    A run that is killed after it applied a body has told nobody what it held; a run
    that ends tells of everything held in the bodies up to the one it notes.
    """
    return {row.name: row.held for row in connection.execute(text(_UNTOLD))}
