"""Runs: one for each slot of each kind, and what it found at each source."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from storage.bulk import insert_new
from storage.models import Run, SourceRun

TRIES = 600
"""How many seconds past its own a manual run looks for a free slot."""


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
) -> None:
    """Record what a run found at a source."""
    row = {
        "run_id": run_id,
        "source_id": source_id,
        "outcome": outcome,
        "capture_id": capture_id,
        "note": note,
    }
    insert_new(connection, SourceRun, row)
