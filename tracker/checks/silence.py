"""The dead man's switch: what should have been heard of, and was not."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from storage import slots as slot_rows
from storage.unit_of_work import Store
from tracker.checks import clock
from tracker.checks.clock import Ahead
from tracker.domain import slots

if TYPE_CHECKING:
    from tracker.config.model import Config

SILENT, CLOCK = "silent", "clock"
"""What the names of notices begin with."""
NEVER = "never"
"""What stands after the @ if a source was never read well."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should know, apart from prices.

    Attributes:
        key: the same for as long as it lasts: `silent` or `silent:openai`, and since
            when; or `clock`. What was told once under a key need not be told again.
        source: of which source; empty if of all.
        since: when it was last read well; None if never.
        text: one line, with what to do.
        fault: whether nothing can be done before a person did something.
    """

    key: str
    source: str
    since: datetime | None
    text: str
    fault: bool = False


def notices(store: Store, now: datetime, config: "Config") -> list[Notice]:
    """A notice for all sources, and for each, that was not read well for longer than
    a slot and a half. By a clock that is wrong nobody can tell, and that is told.
    """
    behind = clock.behind(store, now)
    if behind is not None:
        return [_of_clock(behind)]
    return silent_for(store, now, config)


def silent_for(store: Store, now: datetime, config: "Config") -> list[Notice]:
    """A notice for each silence, by a clock that is taken to be right."""
    plan = config.schedule.calendar()
    with store.reading() as connection:
        read = slot_rows.last_good(connection, now)
        began = slot_rows.began(connection)
    return [_notice(s, now) for s in slots.silences(plan, read, began=began, now=now)]


def _of_clock(behind: Ahead) -> Notice:
    todo = (
        "nothing is read before it is set right; if it is right now, it was ahead "
        "then: restore a backup from before"
    )
    key = f"{CLOCK}@{stamp(behind.at)}"
    return Notice(key, "", behind.at, f"{behind.said}; {todo}", fault=True)


def _notice(silence: slots.Silence, now: datetime) -> Notice:
    what = silence.source or "no source"
    since = silence.since
    if since is None:
        said = f"{what} was never read well"
    else:
        verb = "was not read well" if silence.source else "was read well"
        said = f"{what} {verb} since {since:%Y-%m-%d}, {(now - since).days} d ago"
    todo = (
        f"see pricetrail sources, then try: pricetrail sync --source {silence.source}"
        if silence.source
        else "does pricetrail schedule run, and is the network there?"
    )
    key = f"{SILENT}:{silence.source}" if silence.source else SILENT
    when = stamp(since) if since else NEVER
    return Notice(f"{key}@{when}", silence.source, since, f"{said}; {todo}")


def stamp(at: datetime) -> str:
    """An instant as it stands in the name of a notice; sorts by time."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
