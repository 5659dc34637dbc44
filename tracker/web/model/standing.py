"""Where an offer stands: still sold, to be retired, gone, perhaps renamed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tracker.domain.offers import Offer
from tracker.domain.schedule import PREFIX
from tracker.domain.timeline import has_come
from tracker.reports.wording import day
from tracker.web.model.naming import titled

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """A line on the state of an offer; `about` is the offer that it may be now.

    `grave` is what a reader must not miss.
    """

    words: str
    grave: bool = False
    about: Offer | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """A price that its source announces for certain days.

    Attributes:
        words: the meter in words.
        price, currency: as the source states them, per the meter's unit.
        since, until: the days, ISO; `until` is the first on which it holds no more.
    """

    words: str
    price: str
    currency: str
    since: str | None
    until: str | None


def standing(
    keys: Sequence[Row],
    told: Mapping[str, str],
    renamed: Mapping[str, Offer],
    now: datetime,
) -> tuple[Note, ...]:
    """What there is to know about an offer's state, the gravest first.

    Args:
        keys: rows of `storage.reading.dossier.keys`.
        told: its facts by name.
        renamed: the offers that its keys may be called by now.
        now: the instant.
    """
    notes = [*_gone(keys, renamed), *_retired(told, now)]
    if keys and all(row["stale"] for row in keys if row["withdrawn_at"] is None):
        names = _names(row for row in keys if row["withdrawn_at"] is None)
        if names:
            words = f"known only from {names}, not read for long: it may be outdated"
            notes.append(Note(words))
    if told.get("status") in ("deprecated", "alpha", "beta"):
        notes.append(Note(f"marked as {told['status']}"))
    return tuple(sorted(notes, key=lambda note: not note.grave))


def _gone(keys: Sequence[Row], renamed: Mapping[str, Offer]) -> list[Note]:
    """Who no longer lists it, and who missed it once."""
    gone = [row for row in keys if row["withdrawn_at"] is not None]
    here = [row for row in keys if row["withdrawn_at"] is None]
    away = [_away(row, renamed) for row in here if row["missing_since"] is not None]
    still = {row["source"] for row in here}
    left = [row for row in gone if row["source"] not in still]
    if not left:
        return away
    last = day(max(row["withdrawn_at"] for row in left))
    words = f"no longer listed by {_names(left)} since {last}"
    if here:
        return [Note(f"{words}; {_names(here)} still has it"), *away]
    about = next((renamed[n] for r in gone if (n := r["renamed_to"]) in renamed), None)
    return [Note(words + ("; renamed?" if about else ""), grave=True, about=about)]


def _away(row: Row, renamed: Mapping[str, Offer]) -> Note:
    since = day(row["missing_since"])
    words = f"not listed by {row['source']} when it was read on {since}"
    about = renamed.get(row["renamed_to"] or "")
    return Note(f"{words}; gone if it stays away", grave=True, about=about)


def _names(rows: Iterable[Row]) -> str:
    return ", ".join(sorted({row["source"] for row in rows}))


def _retired(told: Mapping[str, str], now: datetime) -> list[Note]:
    last = told.get("deprecation_date")
    if not last:
        return []
    if has_come(last, now):
        return [Note(f"retired: its last day was {last}", grave=True)]
    return [Note(f"to be retired on {last}")]


def ahead(told: Mapping[str, str], today: date) -> tuple[Ahead, ...]:
    """The announced prices that have not begun, the next one first."""
    found = [
        step
        for name, value in told.items()
        if name.startswith(PREFIX)
        for step in _steps(titled(name.removeprefix(PREFIX)), value)
        if step.since and step.since > today.isoformat()
    ]
    return tuple(sorted(found, key=lambda step: (step.since or "", step.words)))


def _steps(words: str, value: str) -> list[Ahead]:
    """A schedule; none in a fact that a source calls so and that is something else."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return []
    steps = found if isinstance(found, list) else []
    return [
        Ahead(
            words,
            str(row.get("price", "")),
            str(row.get("currency", "")),
            *(_day(row.get(end)) for end in ("from", "to")),
        )
        for row in steps
        if isinstance(row, dict)
    ]


def _day(value: Any) -> str | None:
    return value if isinstance(value, str) else None
