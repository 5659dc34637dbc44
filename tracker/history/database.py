"""Which database is asked, and how its names and dates are read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path

from storage.engine import exists, masked
from storage.unit_of_work import Store
from tracker.domain.errors import UsageError

When = str | date | datetime
"""A date, an instant, or a text that is one."""


@contextmanager
def opened(db: str | Path | None) -> Iterator[Store]:
    """The database asked for, else PRICETRAIL_DB, else a file in this folder.

    Raises:
        UsageError: there is none yet.
    """
    asked = str(db or os.environ.get("PRICETRAIL_DB") or "sqlite:///pricetrail.db")
    if not exists(asked):
        raise UsageError(f"no database at {masked(asked)} yet; run: pricetrail sync")
    store = Store(asked)
    try:
        yield store
    finally:
        store.close()


def instant(when: When | None) -> datetime | None:
    """A date as its first moment, a text as what it says; in UTC where none is named.

    Raises:
        UsageError: it is no date.
    """
    if when is None:
        return None
    try:
        found = datetime.fromisoformat(when) if isinstance(when, str) else when
    except ValueError:
        raise UsageError(
            f"{when!r} is no date; write 2025-06-14 or 2025-06-14T06:00:00Z"
        ) from None
    if not isinstance(found, datetime):
        found = datetime.combine(found, time())
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    utc = aware.astimezone(UTC)
    return datetime(*utc.timetuple()[:6], tzinfo=UTC)
