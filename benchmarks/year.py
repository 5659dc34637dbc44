"""A year of the schedule in a minute: real maps as live sources, the clock wound on.

    python -m benchmarks.year [--shared DIR] [--until DATE] [--db URL]

The scheduler ticks once an hour for a year, on a clock of its own: litellm every week,
OpenRouter every day. Whoever asks a source gets the newest body of the recorded series
that was there by then. The machine is down three times (for three weeks, for eight
days, and for the night before a slot), and once its clock is set back by three hours.

Printed is what became of the slots and how large the database is, and whether

- every slot of the calendar is in the table once, and no source was read twice for one;
- after each time down the first tick read what was missed;
- the timeline equals the one that a rebuild makes of the same captures.
"""

import argparse
import os
import sys
import tempfile
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

from storage.unit_of_work import Store
from tracker import wiring
from tracker.domain import slots
from tracker.domain.errors import SourceError
from tracker.schedule.daemon import Silent
from tracker.schedule.due import Done, Work, tick
from tracker.sources.folder import BodyFile, list_bodies, read_body
from tracker.sources.registry import SourceSpec
from tracker.sync import FoundBody

YEAR, HOUR, DAY = timedelta(days=364), timedelta(hours=1), timedelta(days=1)
PLAN = slots.calendar(
    "sunday", time_of_day(4, 55), {"litellm": slots.WEEK, "openrouter": DAY}
)
DOWN = (
    (timedelta(days=86), timedelta(days=20)),
    (timedelta(days=174, hours=19), timedelta(hours=11)),
    (timedelta(days=240), timedelta(days=8)),
)
"""When the machine is down, counted from the start, and for how long."""
SET_BACK = timedelta(days=300, hours=1)
"""When its clock is set back by three hours."""
TIMELINE = """
SELECT s.name, k.key, m.key, c.kind, c.old_price_nano, c.new_price_nano, c.observed_at,
  c.previous_seen_at, c.verdict, c.reason
FROM price_changes c JOIN sources s ON s.id = c.source_id
JOIN source_keys k ON k.id = c.source_key_id JOIN meters m ON m.id = c.meter_id
ORDER BY 1, 2, 3, 7, 4
"""


@dataclass
class World:
    """The recorded series, a clock, and who asked for what when."""

    shared: Path
    now: datetime
    asked: list[tuple[str, datetime]] = field(default_factory=list)
    series: dict[str, list[BodyFile]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in PLAN.cadences:
            found, _ = list_bodies(self.shared / "data" / name)
            self.series[name] = sorted(found, key=lambda body: body.observed_at)

    def fetch(self, _specs: Any, _known: Any) -> Any:
        """What the network is to a sync."""

        def find(spec: SourceSpec) -> FoundBody:
            self.asked.append((spec.name, self.now))
            series = self.series[spec.name]
            at = bisect_right([b.observed_at for b in series], self.now) - 1
            if at < 0:
                raise SourceError("nothing was recorded yet")
            body = read_body(series[at].path, max_bytes=spec.max_bytes)
            return FoundBody(body=body, origin="live", url=spec.home)

        return find


@dataclass
class Year:
    """What happened."""

    start: datetime
    end: datetime
    done: list[Done] = field(default_factory=list)
    caught_up: list[tuple[datetime, list[Done]]] = field(default_factory=list)
    ticks: int = 0
    events: Counter[str] = field(default_factory=Counter)


def simulate(url: str, world: World, start: datetime) -> Year:
    """Let the schedule run for a year from `start`."""
    year = Year(start, start + YEAR)
    work = Work(
        calendar=PLAN,
        confirm_after=6 * HOUR,
        fetch=world.fetch,
        holder="year:1",
        clock=lambda: world.now,
        tell=lambda event, **_: year.events.update([event]),
    )
    outages = [(start + at, start + at + length) for at, length in DOWN]
    turned_back, store = False, Store(url)
    while world.now < year.end:
        back = next((end for begin, end in outages if begin <= world.now < end), None)
        if back is not None:
            store.close()
            world.now, store = back, Store(url)
        found = tick(store, work, world.now)
        if back is not None:
            year.caught_up.append((back, found))
        year.done += found
        year.ticks += 1
        world.now += HOUR
        if not turned_back and world.now >= start + SET_BACK:
            world.now, turned_back = world.now - 3 * HOUR, True
    store.close()
    return year


def rows(url: str, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query; instants as text."""
    with closing(Store(url)) as store, store.reading() as connection:
        found = connection.exec_driver_sql(sql).fetchall()
    return [tuple(map(_plain, row)) for row in found]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value


def counted(url: str, sql: str) -> str:
    """Counts by name, as `3 done, 1 failed`."""
    return ", ".join(f"{n:,} {name}" for name, n in rows(url, sql)) or "none"


def checked(url: str, world: World, year: Year) -> dict[str, bool]:
    """What has to hold."""
    planned = [_plain(slot) for slot in PLAN.between(year.start, year.end)]
    table = rows(url, "SELECT slot FROM runs WHERE kind = 'scheduled' ORDER BY slot")
    before = rows(url, TIMELINE)
    with closing(Store(url)) as store:
        wiring.run_rebuild(store, None, Silent())
    reads = Counter(world.asked)
    return {
        "every slot is in the table once": [s for (s,) in table[-len(planned) :]]
        == planned,
        "no source was read twice at one instant": max(reads.values()) == 1,
        "the first tick after each time down read": all(d for _, d in year.caught_up),
        "a rebuild makes the same timeline": before == rows(url, TIMELINE),
    }


def told(url: str, world: World, year: Year, took: float) -> dict[str, str]:
    """The table: what, and how much."""
    by = "FROM runs WHERE kind = '{}' GROUP BY outcome ORDER BY 2 DESC"
    asked: Mapping[str, int] = Counter(name for name, _ in world.asked)
    caught = [f"{at:%m-%d}: {d[0].slot:%m-%d}" for at, d in year.caught_up if d]
    return {
        "from, to": f"{year.start:%Y-%m-%d}, {year.end:%Y-%m-%d}",
        "ticks": f"{year.ticks:,}",
        "slots": counted(url, "SELECT outcome, COUNT(*) " + by.format("scheduled")),
        "second looks": counted(
            url, "SELECT outcome, COUNT(*) " + by.format("confirm")
        ),
        "readings": ", ".join(f"{n} of {name}" for name, n in sorted(asked.items())),
        "back on, and the slot caught up": "; ".join(caught),
        "captures": counted(
            url, "SELECT status, COUNT(*) FROM captures GROUP BY 1 ORDER BY 2 DESC"
        ),
        "price changes": counted(
            url, "SELECT kind, COUNT(*) FROM price_changes GROUP BY 1 ORDER BY 2 DESC"
        ),
        "verdicts": counted(
            url,
            "SELECT verdict, COUNT(*) FROM price_changes GROUP BY 1 ORDER BY 2 DESC",
        ),
        "values held": counted(
            url, "SELECT status, COUNT(*) FROM holds GROUP BY 1 ORDER BY 2 DESC"
        ),
        "database": f"{_size(url) / 1e6:.1f} MB",
        "bodies in it": f"{rows(url, _BODIES)[0][0] / 1e6:.1f} MB packed",
        "took": f"{took:.0f} s",
    }


_BODIES = "SELECT SUM(LENGTH(body)) FROM captures"


def _size(url: str) -> int:
    """How many bytes the database takes."""
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///")).stat().st_size
    found: int = rows(url, "SELECT pg_database_size(current_database())")[0][0]
    return found


def main() -> int:
    """Live through the year and print the table; 1 if something does not hold."""
    root = Path(__file__).parents[2]
    shared = Path(os.environ.get("PRICETRAIL_SHARED", root / "shared"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks.year")
    parser.add_argument("--shared", type=Path, default=shared)
    parser.add_argument("--until", default="2026-11-22")
    parser.add_argument("--db", help="an empty database; else a file of its own")
    asked = parser.parse_args()
    if not (asked.shared / "data" / "litellm").is_dir():
        print(f"no maps below {asked.shared}; name the folder with --shared")
        return 2
    end = datetime.fromisoformat(asked.until).replace(tzinfo=UTC)
    with tempfile.TemporaryDirectory(prefix="pricetrail-year-") as folder:
        url = asked.db or f"sqlite:///{Path(folder) / 'year.db'}"
        world = World(asked.shared, end - YEAR)
        began = time.perf_counter()
        year = simulate(url, world, world.now)
        lines = told(url, world, year, time.perf_counter() - began)
        checks = checked(url, world, year)
    for name, text in lines.items():
        print(f"{name:34}{text}")
    for name, holds in checks.items():
        print(f"{'yes' if holds else 'NO':34}{name}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
