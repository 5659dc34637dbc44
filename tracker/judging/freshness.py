"""Which sources are too old to count: marked at the end of each run.

A source that was last read well long before the others still says what it said,
and its history stays; but what is best today is not for it to say. Age is measured
against the source that was read last, not against the clock: where nothing was read
for months, none is worse than the others.
"""

from datetime import datetime, timedelta

from storage import sources as source_rows
from storage.unit_of_work import Connection
from tracker.sources.registry import SOURCES

GRACE = 2.5
"""How many of its cadences a source may lag behind: two slots missed in a row are an
outage, and half a slot is for runs that came late."""


def is_stale(last: datetime | None, newest: datetime, cadence: timedelta) -> bool:
    """Whether a source that was last read well at `last` no longer counts.

    Args:
        last: when it was read well; None if never.
        newest: when any source was.
        cadence: how often it is read.
    """
    return last is None or newest - last > GRACE * cadence


def mark(connection: Connection) -> None:
    """Bring the marks up to date."""
    known = source_rows.last_read(connection)
    newest = max((at for _, _, at in known.values() if at), default=None)
    if newest is None:
        return
    for name, (id_, marked, last) in known.items():
        spec = SOURCES.get(name)
        stale = spec is None or is_stale(last, newest, spec.cadence)
        if stale != marked:
            source_rows.mark_stale(connection, id_, stale=stale)
