"""Where the parts meet: which store, which finder of bodies, which clock."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from storage.captures import Captures
from storage.engine import exists, masked
from storage.unit_of_work import Rehearsal, Store
from tracker import fetching
from tracker.domain.errors import UsageError
from tracker.sources.registry import SOURCES, SourceSpec, source_named
from tracker.sync import SyncReport, sync

if TYPE_CHECKING:
    from tracker.backfill import BackfillReport, Progress
    from tracker.projector import Applied

DEFAULT_DB = "sqlite:///pricetrail.db"


def database_url(db: str | None) -> str:
    """The database asked for, else PRICETRAIL_DB, else a file in this folder."""
    return db or os.environ.get("PRICETRAIL_DB") or DEFAULT_DB


@contextmanager
def opened(
    db: str | None, *, rehearse: bool = False, fresh: bool = False
) -> Iterator[Store]:
    """The store, closed at the end; a rehearsal leaves no trace.

    Args:
        db: the database asked for.
        rehearse: store nothing in the end.
        fresh: make a new SQLite file where there is none; questions do not.
    """
    url = database_url(db)
    if not (fresh or rehearse or exists(url)):
        raise UsageError(f"no database at {masked(url)} yet; run: pricetrail sync")
    store = (Rehearsal if rehearse else Store)(url)
    try:
        yield store
    finally:
        store.close()


def now() -> datetime:
    """This instant, to the second; the only place that asks the clock."""
    return datetime.now(UTC).replace(microsecond=0)


def instant(text: str) -> datetime:
    """A date or an instant as people write it; a date is its first moment, UTC.

    Raises:
        UsageError: it is neither.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{text!r} is no date; write 2025-06-14 or 2025-06-14T06:00:00Z"
        ) from None


def span(since: str | None, until: str | None) -> dict[str, datetime | None]:
    """Two dates as the bounds of a query.

    Raises:
        UsageError: no dates, or nothing can lie between them.
    """
    start = instant(since) if since else None
    end = instant(until) if until else None
    if start is not None and start > now():
        raise UsageError(f"--since {since} lies in the future; nothing was seen there")
    if start is not None and end is not None and end <= start:
        raise UsageError(f"nothing lies between --since {since} and --until {until}")
    return {"since": start, "until": end}


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """What to sync: the sources named, or all there are.

    Attributes:
        sources: names; none means all, or offline those that are installed.
        offline: use only what is installed.
        at: the instant of the slot; None for now.
        file: a body to take for the one source named.
    """

    sources: list[str]
    offline: bool = False
    at: datetime | None = None
    file: Path | None = None


def run_sync(store: Store, request: SyncRequest, progress: "Progress") -> SyncReport:
    """One sync now, or as of the request's instant.

    Raises:
        UsageError: the request makes no sense; the message says why.
    """
    if request.at is not None and request.at > now() + timedelta(days=366):
        raise UsageError(f"--at {request.at:%Y-%m-%d} lies far in the future")
    if request.file is not None and len(request.sources) != 1:
        raise UsageError("--file needs one --source, to say whose body it is")
    regular = [name for name in sorted(SOURCES) if not SOURCES[name].on_demand]
    every = ["litellm"] if request.offline else regular
    specs = [source_named(n) for n in dict.fromkeys(request.sources or every)]
    fetch = fetching.fetcher(request.file, offline=request.offline, progress=progress)
    return sync(store, specs, fetch, kind="manual", now=request.at or now())


def known_source(name: str) -> None:
    """Refuse a name that no source has, with the names there are."""
    source_named(name)


def all_sources() -> list[SourceSpec]:
    """Every source there is, by name."""
    return [SOURCES[name] for name in sorted(SOURCES)]


@dataclass(frozen=True, slots=True)
class BackfillRequest:
    """What to fetch: a source's releases or a folder, all or one a week."""

    source: str
    folder: Path | None
    weekly: bool
    since: datetime | None
    until: datetime | None


def run_backfill(
    store: Store, request: BackfillRequest, progress: "Progress"
) -> "BackfillReport":
    """Fill in history from before now."""
    from tracker import backfill_plan
    from tracker.backfill import backfill

    spec = source_named(request.source)
    with backfill_plan.made(spec, request.folder, weekly=request.weekly) as plan:
        wanted, notes = plan.between(request.since, request.until)
        report = backfill(
            store, spec, wanted, progress, now=now(), connections=plan.connections
        )
    report.notes[:0] = notes
    return report


def run_rebuild(
    store: Store, source: str | None, progress: "Progress"
) -> "dict[str, list[Applied]]":
    """Replay one source, or all that were ever read."""
    from storage import sources as source_rows
    from tracker.catchup import rebuild
    from tracker.judgement import judge_all

    specs = [source_named(source)] if source else all_sources()
    done = {}
    for spec in specs:
        with store.reading() as connection:
            row = source_rows.find(connection, spec.name)
            count = Captures(connection, row.id).count() if row else 0
        if row is None:
            continue
        progress.stage(spec.name, count)
        done[spec.name] = rebuild(
            store, spec, lambda a: progress.step(a.capture.version or "")
        )
    if not done:
        raise UsageError("nothing was captured yet; run: pricetrail sync")
    judge_all(store, now=now())
    return done
