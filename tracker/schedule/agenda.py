"""What the schedule has before it: under way, due, and to come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import slots as slot_rows
from storage.slots import CONFIRM, SCHEDULED
from storage.unit_of_work import Store
from tracker.domain import slots
from tracker.domain.slots import Calendar


@dataclass(frozen=True, slots=True)
class Planned:
    """A slot; `state` is `due`, `planned`, or says who works on it."""

    slot: datetime
    kind: str
    state: str
    sources: list[str]


def agenda(
    store: Store | None,
    plan: Calendar,
    *,
    confirm_after: timedelta,
    now: datetime,
    ahead: int,
) -> list[Planned]:
    """The slots under way, due and to come, in their order.

    Args:
        store: the database; None if there is none yet.
        plan: when sources are read.
        confirm_after: how long after a hold or a failure a source is read again.
        now: this instant.
        ahead: how many slots to come.
    """
    found = _taken(store, plan, confirm_after, now) if store else _due(plan, None, now)
    found += [Planned(at, SCHEDULED, "planned", s) for at, s in plan.coming(now, ahead)]
    return sorted(found, key=lambda planned: (planned.slot, planned.kind))


def _taken(
    store: Store, plan: Calendar, after: timedelta, now: datetime
) -> list[Planned]:
    """What the table of runs adds to the calendar."""
    with store.reading() as connection:
        newest = slot_rows.newest(connection, now)
        read = slot_rows.last_good(connection, now)
        looks = slot_rows.standings(connection, now)
        running = slot_rows.running(connection)
    found = [Planned(slot, kind, note or "", []) for kind, slot, note in running]
    found += _due(plan, newest, now, read)
    mine = [each for each in looks if each.source in plan.cadences]
    for slot, names in slots.confirmations(mine, after).items():
        found.append(Planned(slot, CONFIRM, "due" if slot <= now else "planned", names))
    return found


def _due(
    plan: Calendar,
    newest: datetime | None,
    now: datetime,
    read: dict[str, datetime] | None = None,
) -> list[Planned]:
    due = slots.due(plan, newest, now)
    if due is None:
        return []
    return [Planned(due.slot, SCHEDULED, "due", plan.due(due.slot, read or {}))]
