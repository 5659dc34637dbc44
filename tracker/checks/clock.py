"""The clock against what is stored: one that was set back must file nothing.

What is read now is dated now. Dated before what was read already, it would pass for
history, and what is in force would not change any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storage import slots as slot_rows
from storage.captures import Captures
from storage.sources import find
from storage.unit_of_work import Store

TOLERANCE = timedelta(hours=1)
"""How far a clock may be behind: two machines never agree to the second."""
FLOOR = datetime(2023, 1, 1, tzinfo=UTC)
"""Earlier than this it never was: what a machine says that lost its battery."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """Something that is stored lies in what the clock takes for the future.

    Attributes:
        what: what it is, in words.
        at: its instant.
        now: what the clock says.
    """

    what: str
    at: datetime
    now: datetime

    @property
    def said(self) -> str:
        """One line, without what to do."""
        return f"the clock says {_minute(self.now)}, but {self.what} {_minute(self.at)}"


def behind(store: Store, now: datetime) -> Ahead | None:
    """Whether the clock is behind the schedule's own last run; None if it is not.

    Slots are begun at the clock's own time. What a person dates with --at is no sign.
    """
    if now < FLOOR:
        return Ahead("this program was made after", FLOOR, now)
    with store.reading() as connection:
        last = slot_rows.last_begun(connection)
    if last is None or now >= last - TOLERANCE:
        return None
    return Ahead("the schedule worked at", last, now)


def read_ahead(store: Store, sources: Iterable[str], now: datetime) -> dict[str, Ahead]:
    """By name: the sources that were read later than the clock says it is now."""
    found = {}
    with store.reading() as connection:
        for name in sources:
            row = find(connection, name)
            newest = Captures(connection, row.id).newest_at() if row else None
            if newest is not None and now < newest - TOLERANCE:
                found[name] = Ahead(f"{name} was read at", newest, now)
    return found


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%MZ}"
