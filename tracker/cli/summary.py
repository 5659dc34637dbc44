"""What a sync, a backfill or a rebuild did, in lines for a person."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from storage.reading import queries
from storage.unit_of_work import Store
from tracker.applying.projector import Applied
from tracker.backfill import BackfillReport
from tracker.cli.output import counted, day
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


def sync_lines(
    store: Store, report: SyncReport, *, now: datetime, dry_run: bool
) -> list[str]:
    """A line per source, what a person should know of it, and what there is now."""
    with store.reading() as connection:
        health = {row["source"]: row for row in queries.source_health(connection)}
    lines = []
    for outcome in report.outcomes:
        last = health.get(outcome.source, {}).get("last_capture_at")
        lines.append(_source_line(outcome, last, now))
        for applied in outcome.applied:
            gone = [f"  missing: {text}" for text in applied.written.missing]
            lines += _few(gone) + [f"  {note}" for note in _few(applied.notes)]
    lines += [_untold(name, held) for name, held in sorted(report.untold.items())]
    lines += _totals(store)
    if dry_run:
        lines.append("dry run: nothing was stored")
    return lines


def _untold(source: str, held: int) -> str:
    said = f"{counted(held, 'value')} held by a run that was stopped"
    return f"{source}: {said}; see: pricetrail review"


def _source_line(
    outcome: SourceOutcome, last_good: datetime | None, now: datetime
) -> str:
    """How a source came out: what is new, or what failed and how old it is now."""
    release = f" {outcome.version}" if outcome.version else ""
    when = f", as of {day(outcome.observed_at)}" if outcome.observed_at else ""
    parts = [f"{outcome.source}{release}: {outcome.outcome}{when}"]
    parts += [text for text in (outcome.note, outcome.shortfall) if text]
    if outcome.outcome == "applied" or outcome.new_holds:
        parts.append(_changes(_row(outcome)))
    if outcome.outcome in ("failed", "held", "rejected"):
        parts.append(_age(last_good, now))
    return ": ".join(parts[:2]) + "".join(f"; {part}" for part in parts[2:])


def _age(last_good: datetime | None, now: datetime) -> str:
    if last_good is None:
        return "never read yet"
    return f"last read well on {day(last_good)}, {(now - last_good).days} d ago"


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
    from storage.keeping.pruning import floors

    with store.reading() as connection:
        pruned = floors(connection)
    lines = []
    for source, applied in done.items():
        lines.append(f"{source}: {len(applied)} captures replayed")
        if source in pruned:
            lines[-1] += (
                f"; bodies before {pruned[source]:%Y-%m-%d} were pruned, and what was "
                "derived from them stays as it is"
            )
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
        "note": "; ".join(filter(None, (outcome.note, outcome.shortfall))),
    }


def _changes(row: dict[str, Any]) -> str:
    counts = {
        "new models": row["new"],
        "rates introduced": row["introduced"],
        **{name: row[name] for name in ("changed", "withdrawn", "returned")},
        "newly held": row["held"],
        "unknown fields": row["unknown"],
    }
    said = [f"{number:,} {name}" for name, number in counts.items() if number]
    return ", ".join(said) or "no price changed"


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
