"""What a sync, a backfill or a rebuild did, in lines for a person."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from storage import queries
from storage.unit_of_work import Store
from tracker.backfill import BackfillReport
from tracker.cli.output import counted, day
from tracker.projector import Applied
from tracker.sync import SourceOutcome, SyncReport

SYNC_COLUMNS = (
    *("source", "outcome", "version", "observed_at", "keys", "new", "introduced"),
    *("changed", "withdrawn", "returned", "held", "unknown", "note"),
)
SHOWN = 5
"""How many notes or failures are spelled out; the rest is counted."""


def sync_rows(report: SyncReport) -> list[dict[str, Any]]:
    """One row per source."""
    return [_row(outcome) for outcome in report.outcomes]


def sync_lines(store: Store, report: SyncReport, *, dry_run: bool) -> list[str]:
    """A line per source, what changed, and what there is now."""
    lines = []
    for outcome in report.outcomes:
        row = _row(outcome)
        release = f" {outcome.version}" if outcome.version else ""
        when = f", as of {day(outcome.observed_at)}" if outcome.observed_at else ""
        note = f": {outcome.note}" if outcome.note else ""
        lines.append(f"{outcome.source}{release}: {outcome.outcome}{when}{note}")
        if outcome.applied and outcome.outcome != "unchanged":
            lines.append("  " + _changes(row))
        for applied in outcome.applied:
            gone = [f"  missing: {text}" for text in applied.written.missing]
            lines += _few(gone) + [f"  {note}" for note in _few(applied.notes)]
    lines += _totals(store)
    if dry_run:
        lines.append("dry run: nothing was stored")
    return lines


def backfill_lines(store: Store, report: BackfillReport) -> list[str]:
    """What was fetched, what could not be, and what there is now."""
    lines = list(report.notes)
    lines.append(
        f"{report.wanted} bodies wanted, {report.known} captured before, "
        f"{report.fetched} fetched, {len(report.failed)} not to be had"
    )
    lines += [f"  {text}" for text in _few(report.failed)]
    if report.without:
        names = ", ".join(report.without[:SHOWN])
        lines.append(f"{len(report.without)} hold no price map: {names}")
    return lines + _applied(report.applied) + _totals(store)


def rebuild_lines(store: Store, done: Mapping[str, list[Applied]]) -> list[str]:
    """What was replayed, by source."""
    lines = []
    for source, applied in done.items():
        lines.append(f"{source}: {len(applied)} captures replayed")
        lines += _applied(applied)
    return lines + _totals(store)


def _applied(done: list[Applied]) -> list[str]:
    final = {a.capture.id: a for a in done}
    counts = Counter(a.status for a in final.values())
    if not counts:
        return ["nothing new to apply"]
    lines = ["captures: " + ", ".join(f"{n} {s}" for s, n in sorted(counts.items()))]
    waited = [a for a in done if a.status == "held" and final[a.capture.id] is not a]
    lines += _few(f"  {_held(a)}, then confirmed by the next" for a in waited)
    troubled = [a for a in final.values() if a.status not in ("applied", "unchanged")]
    lines += _few(f"  {_held(a)}" for a in troubled)
    notes = Counter(note for a in done for note in a.notes)
    lines += _few(
        f"  {note} ({counted(n, 'capture')})" for note, n in notes.most_common()
    )
    return lines


def _held(applied: Applied) -> str:
    day_of = day(applied.capture.observed_at)
    return f"{day_of} {applied.status}: {applied.note}"


def _row(outcome: SourceOutcome) -> dict[str, Any]:
    written = [a.written for a in outcome.applied]
    last = outcome.applied[-1] if outcome.applied else None
    return {
        "source": outcome.source,
        "outcome": outcome.outcome,
        "version": outcome.version,
        "observed_at": outcome.observed_at,
        "keys": last.keys if last else 0,
        "new": sum(w.keys_new for w in written),
        "introduced": sum(w.introduced for w in written),
        "changed": sum(w.changed for w in written),
        "withdrawn": sum(w.withdrawn for w in written),
        "returned": sum(w.returned for w in written),
        "held": sum(w.held for w in written),
        "unknown": sum(a.unknown for a in outcome.applied),
        "note": outcome.note,
    }


def _changes(row: dict[str, Any]) -> str:
    parts = [f"{row['new']:,} new models", f"{row['introduced']:,} rates introduced"]
    parts += [f"{row[name]:,} {name}" for name in ("changed", "withdrawn", "returned")]
    if row["held"]:
        parts.append(f"{row['held']:,} newly held")
    return ", ".join([*parts, f"{row['unknown']:,} unknown fields"])


def _totals(store: Store) -> list[str]:
    with store.reading() as connection:
        row = queries.totals(connection)
    text = (
        f"now {row['offers']:,} offers with {row['rates']:,} rates on "
        f"{row['meters']:,} meters ({row['unknown']:,} of unknown meaning), "
        f"{row['facts']:,} facts; {row['changes']:,} price changes on record"
    )
    held = f"; {row['held']:,} values held for review" if row["held"] else ""
    return [text + held]


def _few(lines: Iterable[str]) -> list[str]:
    """The first lines, and how many more there are."""
    found = list(lines)
    more = len(found) - SHOWN
    return found[:SHOWN] + ([f"  ... and {more} more"] if more > 0 else [])
