"""How fresh the sources are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import sources as source_rows
from storage.unit_of_work import Connection
from tracker.judging.freshness import GRACE
from tracker.sources.registry import SOURCES

WEEK = timedelta(days=7)
"""How often sources are read."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """When a source was last read well.

    Attributes:
        source: its name.
        read: when; None if never.
        stale: whether it has lost its voice: the others were read long after it.
    """

    source: str
    read: datetime | None
    stale: bool

    def age(self, now: datetime) -> str:
        """`today`, `yesterday`, `11 days ago`, `never`."""
        return ago(self.read, now)


def freshness(connection: Connection) -> list[Freshness]:
    """Every source that was ever read, the one read last first."""
    known = source_rows.last_read(connection)
    found = [Freshness(name, at, stale) for name, (_, stale, at) in known.items()]
    return sorted(found, key=_newest_first)


def never_read(read: Iterable[Freshness]) -> list[str]:
    """The sources that could be read and that nobody tried to."""
    known = {one.source for one in read}
    return sorted(SOURCES.keys() - known)


def _newest_first(one: Freshness) -> tuple[bool, float, str]:
    return one.stale, -one.read.timestamp() if one.read else 0.0, one.source


def silence(newest: datetime | None, now: datetime) -> str:
    """How long ago anything at all was read, in words; empty while that is not so long
    that what is shown may be wrong.
    """
    silent = newest is not None and now - newest > GRACE * WEEK
    return ago(newest, now) if silent else ""


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago it was, in days."""
    if at is None:
        return "never"
    days = (now.date() - at.date()).days
    if days <= 0:
        return "today"
    return "yesterday" if days == 1 else f"{days:,} days ago"
