"""Slots: the planned instants at which sources are read.

All in UTC, where no hour is missing in spring and none comes twice in autumn. A slot
is a place on a grid that is counted from a fixed instant, so that every process works
out the same ones, whenever it was started.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

WEEK = timedelta(days=7)
DAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
_A_MONDAY = datetime(2001, 1, 1, tzinfo=UTC)

PATIENCE = 1.5
"""How many of its cadences a source may be silent before somebody is told."""
SECOND_LOOK = timedelta(days=1)
"""How long after the first look at a held value the second one follows: most holds are
released only by other bytes that are at least a day younger."""
LOOKS = 2
"""How often a source is read again after a hold or a failure, besides its slots."""
MOST_MISSED = 1000
"""How many missed slots are told one by one."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When sources are read.

    Attributes:
        anchor: an instant of the weekly slot; every grid runs through it.
        cadences: how often each source is read, by its name.
    """

    anchor: datetime
    cadences: Mapping[str, timedelta]

    @property
    def shortest(self) -> timedelta:
        """How often anything is read."""
        return min(self.cadences.values(), default=WEEK)

    def latest(self, cadence: timedelta, until: datetime) -> datetime:
        """The last slot of a cadence that is not after `until`."""
        return self.anchor + (until - self.anchor) // cadence * cadence

    def between(self, after: datetime, until: datetime) -> list[datetime]:
        """Every slot in `(after, until]`, the newest `MOST_MISSED` at most."""
        found: set[datetime] = set()
        for cadence in set(self.cadences.values()):
            slot = self.latest(cadence, until)
            while slot > after and (until - slot) // cadence < MOST_MISSED:
                found.add(slot)
                slot -= cadence
        return sorted(found)[-MOST_MISSED:]

    def due(self, slot: datetime, read: Mapping[str, datetime]) -> list[str]:
        """The sources whose turn it is at a slot.

        Args:
            slot: the instant that was planned.
            read: when each source was last read well; those never read are not in it.
        """
        return sorted(
            name
            for name, cadence in self.cadences.items()
            if name not in read or read[name] < self.latest(cadence, slot)
        )

    def coming(self, after: datetime, count: int) -> list[tuple[datetime, list[str]]]:
        """The next slots after an instant, with the sources of each."""
        found: list[tuple[datetime, list[str]]] = []
        while self.cadences and len(found) < count:
            ahead = {n: self.latest(c, after) + c for n, c in self.cadences.items()}
            after = min(ahead.values())
            found.append((after, sorted(n for n, at in ahead.items() if at == after)))
        return found


def calendar(day: str, at: time, cadences: Mapping[str, timedelta]) -> Calendar:
    """The calendar with its weekly slot on this day of the week (`sunday`), UTC."""
    midnight = _A_MONDAY + timedelta(days=DAYS.index(day))
    anchor = midnight + timedelta(hours=at.hour, minutes=at.minute)
    return Calendar(anchor, dict(cadences))


@dataclass(frozen=True, slots=True)
class Due:
    """A slot to be worked on now, and those that were missed before it: what they
    would have read is read once, with it.
    """

    slot: datetime
    missed: tuple[datetime, ...] = ()


def due(plan: Calendar, newest: datetime | None, now: datetime) -> Due | None:
    """The slot that is due.

    Args:
        plan: the calendar.
        newest: the newest slot up to `now` that anybody has taken; None if there is
            none: then the last slot before `now` is due, so that a first start reads.
        now: this instant.
    """
    if not plan.cadences:
        return None
    if newest is None:
        return Due(max(plan.latest(c, now) for c in plan.cadences.values()))
    waiting = plan.between(newest, now)
    return Due(waiting[-1], tuple(waiting[:-1])) if waiting else None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source came out of the last run in its turn, or by hand.

    Attributes:
        run_at: when that run began.
        looks: how often it was read again since.
        troubled: whether it could not be read, or something of it is held since.
    """

    source: str
    run_at: datetime
    looks: int
    troubled: bool


def confirmations(
    standings: Iterable[Standing], after: timedelta
) -> dict[datetime, list[str]]:
    """When troubled sources are to be read again, apart from their turns.

    Args:
        standings: how the sources stand.
        after: how long after the run that held something; the second look is a day
            later than that.
    """
    found: dict[datetime, list[str]] = {}
    for each in standings:
        if each.troubled and each.looks < LOOKS:
            slot = each.run_at + after + each.looks * SECOND_LOOK
            found.setdefault(slot, []).append(each.source)
    return {slot: sorted(found[slot]) for slot in sorted(found)}


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing good was heard for longer than a slot and a half.

    Attributes:
        source: of which; empty if of none at all.
        since: when something was last read well; None if never.
    """

    source: str
    since: datetime | None


def silences(
    plan: Calendar,
    read: Mapping[str, datetime],
    *,
    began: datetime | None,
    now: datetime,
) -> list[Silence]:
    """What has been silent for too long: all sources together, and each.

    Args:
        plan: the calendar.
        read: when each source was last read well.
        began: when the first run of all was; what was never read is measured from
            there. None if there was none: then nothing is expected yet.
        now: this instant.
    """
    if began is None:
        return []
    found = []
    newest = _newest(read[name] for name in plan.cadences if name in read)
    if now - (newest or began) > PATIENCE * plan.shortest:
        found.append(Silence("", newest))
    for name, cadence in sorted(plan.cadences.items()):
        if now - read.get(name, began) > PATIENCE * cadence:
            found.append(Silence(name, read.get(name)))
    return found


def _newest(instants: Iterable[datetime]) -> datetime | None:
    return max(instants, default=None)
