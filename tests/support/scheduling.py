"""A schedule on a clock of our own, that reads bodies of our own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from storage.unit_of_work import Store
from tests.support import maps
from tracker.domain.errors import SourceError
from tracker.domain.slots import Calendar, calendar
from tracker.schedule.due import Done, Work, tick
from tracker.sync import FoundBody

SUNDAY = datetime(2026, 1, 4, 4, 55, tzinfo=UTC)
"""A slot of the usual calendar."""
MINUTE, HOUR, DAY, WEEK = (timedelta(minutes=n) for n in (1, 60, 1440, 10080))


def usual(**cadences: timedelta) -> Calendar:
    """Sundays at 04:55; litellm every week unless others are named."""
    return calendar("sunday", time(4, 55), cadences or {"litellm": WEEK})


@dataclass
class Feed:
    """What sources say when they are asked, and when they were asked.

    Attributes:
        says: a source's body now, given its name; None for one that fails.
        asked: source and instant of every reading.
    """

    clock: Callable[[], datetime]
    says: Callable[[str], Any] = lambda _: maps.small_map()
    asked: list[tuple[str, datetime]] = field(default_factory=list)

    def __call__(self, _specs: Any, _known: Any) -> Callable[[Any], FoundBody]:
        """As a sync fetches."""

        def find(spec: Any) -> FoundBody:
            self.asked.append((spec.name, self.clock()))
            said = self.says(spec.name)
            if said is None:
                raise SourceError("the server is on holiday")
            body = said if isinstance(said, bytes) else maps.body(said)
            return FoundBody(body=body, origin="live", url="https://example.org")

        return find


@dataclass
class Bench:
    """One scheduler: its database, its clock, what it reads and what it tells."""

    url: str
    now: datetime = SUNDAY
    plan: Calendar = field(default_factory=usual)
    holder: str = "here:1"
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    hooks: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.feed = Feed(lambda: self.now)
        self._store: Store | None = None

    def close(self) -> None:
        """Let go of the database."""
        if self._store is not None:
            self._store.close()

    def clock(self) -> datetime:
        """What time it is."""
        return self.now

    def tell(self, event: str, **fields: Any) -> None:
        """Note an event."""
        self.told.append((event, fields))

    @property
    def work(self) -> Work:
        """What a tick needs."""
        return Work(
            calendar=self.plan,
            confirm_after=6 * HOUR,
            fetch=self.feed,
            holder=self.holder,
            clock=self.clock,
            tell=self.tell,
            hooks=self.hooks,
        )

    def tick(self, at: datetime | None = None) -> list[Done]:
        """One tick, at an instant if one is given."""
        self.now = at or self.now
        self._store = self._store or Store(self.url)
        return tick(self._store, self.work, self.now)

    def live(self, until: datetime, every: timedelta = HOUR) -> list[Done]:
        """Tick regularly until an instant."""
        done = []
        while self.now < until:
            done += self.tick()
            self.now += every
        return done

    def events(self, name: str) -> list[dict[str, Any]]:
        """The fields of every event of that name."""
        return [fields for event, fields in self.told if event == name]
