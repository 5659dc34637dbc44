"""Slots of the scheduler in the table `runs`: claimed once, whoever asks.

The table is the truth. A slot is claimed by inserting its row; the unique pair of kind
and slot lets one process do that. A claim is a lease: a process that died keeps it no
longer than that, and another one takes the slot over.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, not_, or_, select, update

from storage.bulk import insert_new
from storage.models import Capture, Hold, Run, Source, SourceRun
from storage.runs import note_source
from storage.sources import find
from tracker.domain.slots import Standing

SCHEDULED = "scheduled"
CONFIRM = "confirm"
MISSED = "missed"
"""The outcome of a slot that nobody worked on; the next one stood in for it."""
WELL = ("applied", "unchanged")
"""Outcomes of a source that was read and believed."""
_TROUBLED = ("failed", "held")
_IN_TURN = (SCHEDULED, "manual")
_REMEMBERED = timedelta(days=21)
"""How far back runs may call for a second look."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A slot that is ours for as long as the lease lasts.

    Attributes:
        holder: who works on it, as `host:process`.
        tries: how often it was begun, this time included.
    """

    run_id: int
    kind: str
    slot: datetime
    holder: str
    tries: int

    @property
    def mark(self) -> str:
        """What the run's note says while it is worked on."""
        return f"try {self.tries} by {self.holder}"


def newest(connection: Connection, now: datetime) -> datetime | None:
    """The newest scheduled slot that was taken, not counting those in the future: a
    clock that was once wrong must not silence the schedule for years.
    """
    query = select(func.max(Run.slot)).where(
        Run.kind == SCHEDULED, Run.slot <= now, not_(_missed_ahead(now))
    )
    return _instant(connection, query)


def future(connection: Connection, now: datetime) -> datetime | None:
    """The newest slot that lies in the future, if one does: a clock was wrong."""
    query = select(func.max(Run.slot)).where(Run.kind == SCHEDULED, Run.slot > now)
    return _instant(connection, query)


def began(connection: Connection) -> datetime | None:
    """When the first run of all began, backfills aside: the first in the table, since
    a clock that was once behind dates a later one before it.
    """
    query = select(Run.started_at).where(Run.kind != "backfill").order_by(Run.id)
    return _instant(connection, query.limit(1))


def last_begun(connection: Connection) -> datetime | None:
    """When the schedule began the newest of its runs, by the clock of that time."""
    query = select(func.max(Run.started_at)).where(Run.kind.in_((SCHEDULED, CONFIRM)))
    return _instant(connection, query)


def claim(
    connection: Connection,
    kind: str,
    slot: datetime,
    *,
    holder: str,
    now: datetime,
    lease: timedelta,
) -> Claim | None:
    """Claim a slot; None if somebody has it already."""
    mine = Claim(0, kind, slot, holder, 1)
    row = {
        "kind": kind,
        "slot": slot,
        "started_at": now,
        "lease_until": now + lease,
        "note": mine.mark,
    }
    run_id: int | None = insert_new(connection, Run, row)
    if run_id is None:
        again = update(Run).where(
            Run.kind == kind, Run.slot == slot, _missed_ahead(now)
        )
        values = {**row, "finished_at": None, "outcome": None}
        run_id = connection.execute(again.values(values).returning(Run.id)).scalar()
    return None if run_id is None else Claim(run_id, kind, slot, holder, 1)


def any_abandoned(connection: Connection, now: datetime) -> bool:
    """Whether a slot was begun by a process that died."""
    query = select(Run.id).where(_abandoned(now), Run.slot <= now).limit(1)
    return connection.execute(query).first() is not None


def take_over(
    connection: Connection, *, holder: str, now: datetime, lease: timedelta
) -> Claim | None:
    """Claim the newest slot whose holder let its lease expire; None if there is none,
    or another process was quicker.
    """
    query = (
        select(Run.id, Run.kind, Run.slot, Run.note, Run.lease_until)
        .where(_abandoned(now), Run.slot <= now)
        .order_by(Run.slot.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    mine = Claim(row.id, row.kind, row.slot, holder, _tries(row.note) + 1)
    values = {"started_at": now, "lease_until": now + lease, "note": mine.mark}
    same = (Run.id == row.id) & (Run.lease_until == row.lease_until)
    taken = connection.execute(
        update(Run).where(same, Run.finished_at.is_(None)).values(**values)
    )
    return mine if taken.rowcount else None


def renew(connection: Connection, mine: Claim, until: datetime) -> bool:
    """Make the lease longer; False if the slot was taken over meanwhile."""
    done = connection.execute(
        update(Run).where(_held_by(mine)).values(lease_until=until)
    )
    return bool(done.rowcount)


def settle(
    connection: Connection, mine: Claim, *, at: datetime, outcome: str, note: str | None
) -> None:
    """Record how a claimed slot ended, unless it was taken over meanwhile."""
    connection.execute(
        update(Run)
        .where(Run.id == mine.run_id, Run.note == mine.mark)
        .values(finished_at=at, outcome=outcome, note=note, lease_until=None)
    )


def passed_over(
    connection: Connection, slots: Sequence[datetime], into: datetime, *, now: datetime
) -> None:
    """Record slots that nobody worked on; the one at `into` stands in for them. Those
    that were begun and never ended are closed.
    """
    note = f"missed; done together with {into:%Y-%m-%dT%H:%M:%SZ}"
    for slot in slots:
        row = {"kind": SCHEDULED, "slot": slot, "started_at": now, "finished_at": now}
        insert_new(connection, Run, {**row, "outcome": MISSED, "note": note})
    connection.execute(
        update(Run)
        .where(_abandoned(now), Run.kind == SCHEDULED, Run.slot < into)
        .values(
            finished_at=now,
            lease_until=None,
            outcome="failed",
            note=Run.note + f"; stopped in the middle, {note}",
        )
    )


def refuse(connection: Connection, mine: Claim, names: Sequence[str], why: str) -> None:
    """Note of each source that a claimed slot could not read it, and why."""
    for name in names:
        row = find(connection, name)
        if row is not None:
            note_source(connection, mine.run_id, row.id, outcome="failed", note=why)


def running(connection: Connection) -> list[tuple[str, datetime, str | None]]:
    """Slots that were begun and have not ended: kind, slot, and who works on them."""
    query = (
        select(Run.kind, Run.slot, Run.note)
        .where(Run.kind.in_((SCHEDULED, CONFIRM)), Run.finished_at.is_(None))
        .order_by(Run.slot)
    )
    return [(row.kind, row.slot, row.note) for row in connection.execute(query)]


def noted(connection: Connection, run_id: int) -> dict[str, str]:
    """The sources that a run has dealt with, and how each came out."""
    query = (
        select(Source.name, SourceRun.outcome)
        .join(Source, Source.id == SourceRun.source_id)
        .where(SourceRun.run_id == run_id)
    )
    return {row.name: row.outcome for row in connection.execute(query)}


def last_good(connection: Connection, now: datetime) -> dict[str, datetime]:
    """By source: when it was last read well by a run, as far as `now`."""
    query = (
        select(Source.name, func.max(Run.started_at))
        .join(SourceRun, SourceRun.source_id == Source.id)
        .join(Run, Run.id == SourceRun.run_id)
        .where(SourceRun.outcome.in_(WELL), Run.started_at <= now)
        .group_by(Source.name)
    )
    return {name: at for name, at in connection.execute(query) if at is not None}


def standings(connection: Connection, now: datetime) -> list[Standing]:
    """How each source came out of its last run, for those that were read lately."""
    query = (
        select(Source.id, Source.name, Run.kind, Run.started_at, SourceRun.outcome)
        .join(SourceRun, SourceRun.source_id == Source.id)
        .join(Run, Run.id == SourceRun.run_id)
        .where(Run.started_at <= now, Run.started_at > now - _REMEMBERED)
        .order_by(Run.started_at, Run.id)
    )
    held = _held_since(connection)
    runs: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        runs[row.id, row.name].append(row)
    found = (_standing(name, mine, held.get(id_)) for (id_, name), mine in runs.items())
    return [standing for standing in found if standing is not None]


def _standing(name: str, runs: list[Any], held: datetime | None) -> Standing | None:
    last = next(
        (n for n in reversed(range(len(runs))) if runs[n].kind in _IN_TURN), None
    )
    if last is None:
        return None
    at = runs[last].started_at
    since = held is not None and held >= at
    looks = sum(run.kind == CONFIRM for run in runs[last:])
    return Standing(name, at, looks, since or runs[-1].outcome in _TROUBLED)


def _held_since(connection: Connection) -> dict[int, datetime]:
    """By source: when the newest body was read of which something is held."""
    values = (
        select(Hold.source_id, func.max(Capture.fetched_at))
        .join(Capture, Capture.id == Hold.capture_id)
        .where(Hold.status == "pending")
        .group_by(Hold.source_id)
    )
    whole = (
        select(Capture.source_id, func.max(Capture.fetched_at))
        .where(Capture.status == "held")
        .group_by(Capture.source_id)
    )
    found: dict[int, datetime] = {}
    for query in (values, whole):
        for source_id, at in connection.execute(query):
            found[source_id] = max(at, found.get(source_id, at))
    return found


def _abandoned(now: datetime) -> Any:
    return (
        Run.kind.in_((SCHEDULED, CONFIRM))
        & Run.finished_at.is_(None)
        & or_(Run.lease_until.is_(None), Run.lease_until <= now)
    )


def _missed_ahead(now: datetime) -> Any:
    """Told as missed by a clock that was ahead: it has yet to come."""
    return (func.coalesce(Run.outcome, "") == MISSED) & (Run.started_at > now)


def _held_by(mine: Claim) -> Any:
    same = (Run.id == mine.run_id) & (Run.note == mine.mark)
    return same & Run.finished_at.is_(None)


def _tries(note: str | None) -> int:
    words = (note or "").split()
    return int(words[1]) if words[:1] == ["try"] and words[1].isdigit() else 1


def _instant(connection: Connection, query: Select[Any]) -> datetime | None:
    found: datetime | None = connection.execute(query).scalar()
    return found
