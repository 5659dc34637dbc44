"""Where the parts meet: which store, which finder of bodies, which clock."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from storage.captures import Captures
from storage.engine import exists, masked
from storage.unit_of_work import Rehearsal, Store
from storage.watched import Watched
from tracker import config, fetching
from tracker.checks import clock
from tracker.domain.errors import SourceError, StorageError, UsageError
from tracker.sources.registry import SOURCES, SourceSpec, source_named
from tracker.sync import SyncReport, sync

if TYPE_CHECKING:
    from storage.runs import Validators
    from storage.slots import Claim
    from tracker.applying.projector import Applied
    from tracker.backfill import BackfillReport, Progress
    from tracker.checks.clock import Ahead
    from tracker.keeping.thinning import Keep, Pruned
    from tracker.sync import Fetch, FoundBody


def database_url(db: str | None) -> str:
    """The database asked for, else that of the environment or of the configuration,
    else a file in this folder.
    """
    return config.database_url(db)


@contextmanager
def opened(
    db: str | None,
    *,
    rehearse: bool = False,
    fresh: bool = False,
    watched: bool = False,
) -> Iterator[Store]:
    """The store, closed at the end; a rehearsal leaves no trace.

    Args:
        db: the database asked for.
        rehearse: store nothing in the end.
        fresh: make a new SQLite file where there is none; questions do not.
        watched: notice if the file is another one, or gone.
    """
    url = database_url(db)
    if not (fresh or rehearse or exists(url)):
        raise UsageError(f"no database at {masked(url)} yet; run: pricetrail sync")
    store = (Rehearsal if rehearse else Watched if watched else Store)(url)
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


def instant_if_any(text: str | None) -> datetime | None:
    """The same, or None where nothing was written. An empty text, as from a variable
    of a script that is not set, is no date and never means today.

    Raises:
        UsageError: it is neither.
    """
    return None if text is None else instant(text)


def span(since: str | None, until: str | None) -> dict[str, datetime | None]:
    """Two dates as the bounds of a query.

    Raises:
        UsageError: no dates, or nothing can lie between them.
    """
    start, end = instant_if_any(since), instant_if_any(until)
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
    if request.at is None:
        clock_goes_on(store, specs, now())
    fetch = fetching.fetcher(request.file, offline=request.offline, progress=progress)
    return sync(store, specs, fetch, kind="manual", now=request.at or now())


def clock_goes_on(store: Store, specs: list[SourceSpec], at: datetime) -> None:
    """Refuse a clock that was set back: what is read would be filed in the past.

    Raises:
        StorageError: a source was read later than the clock says it is now.
    """
    for ahead in clock.read_ahead(store, [spec.name for spec in specs], at).values():
        raise StorageError(
            f"{ahead.said} already; set the clock right, or name the instant with --at"
        )


def run_claimed(
    store: Store, claim: "Claim", names: list[str], fetch: "Fetch", now: datetime
) -> SyncReport:
    """The sync of a slot that was claimed. A source that was read later than the clock
    says it is now is not asked; it failed, and the others go on.

    Args:
        store: the database.
        claim: the slot, and the run that stands for it.
        names: the sources that are due.
        fetch: how their bodies are had.
        now: when they are read, which may be long after the slot.
    """
    specs = [source_named(name) for name in names]
    ahead = clock.read_ahead(store, names, now)
    in_turn = _without(fetch, ahead) if ahead else fetch
    return sync(store, specs, in_turn, kind=claim.kind, now=now, claimed=claim.run_id)


def _without(fetch: "Fetch", ahead: "dict[str, Ahead]") -> "Fetch":
    """The same, less the sources whose newest body lies in the future."""

    def fetched(
        specs: list[SourceSpec], known: "Mapping[str, Validators]"
    ) -> "Callable[[SourceSpec], FoundBody]":
        asked = [spec for spec in specs if spec.name not in ahead]
        find = fetch(asked, known) if asked else None

        def found(spec: SourceSpec) -> "FoundBody":
            if find is None or spec.name in ahead:
                raise SourceError(f"{ahead[spec.name].said} already; see the clock")
            return find(spec)

        return found

    return fetched


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
    from tracker.applying.catchup import rebuild
    from tracker.judging.judgement import judge_all

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


KEPT_WEEKS = 8
"""How many weeks of bodies are kept where only samples are asked for: as long as a
flap may take, so that none is judged without its bodies."""


def kept(*, weeks: int | None, weekly: int, monthly: int) -> "Keep":
    """What a pruning keeps, as it is asked for."""
    from tracker.keeping.thinning import Keep

    return Keep(weeks or KEPT_WEEKS, weekly, monthly)


def run_prune(
    store: Store, source: str | None, keep: "Keep", *, dry_run: bool
) -> "list[Pruned]":
    """Thin the bodies of one source, or of all."""
    from tracker.keeping.thinning import prune

    specs = [source_named(source)] if source else all_sources()
    at = now()
    found = (prune(store, spec, keep, now=at, dry_run=dry_run) for spec in specs)
    return [pruned for pruned in found if pruned is not None]
