"""The raw timeline of an offer: every change of every source, with its evidence."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from storage.reading.news import change_name
from tracker.domain.judge import REASONS
from tracker.web.model.anchors import anchor_of
from tracker.web.model.naming import meter_place, per_words, titled

Row = dict[str, Any]

OPEN = 30
"""So many changes are listed at once; the rest can be unfolded."""
MOST = 1000
"""More rows of a kind are not on a page: an entry with thousands of fields, say, would
make it one that no browser shows.
"""

_SENTENCES: Mapping[str, str] = {
    "stood": "it has stood for {}",
    "confirmed_by": "confirmed by {}",
    "redirected_to": "the model is served by {} now, at its price",
    "factor": "by a factor of {}",
    "digits": "the same number, written with {} digits",
    "difference": "they differ by {}",
    "before": "the price before it was {}",
    "beside": "it stood beside the price of {}",
    "upside_down": "the card was upside down: {}",
    "column": "it was the price of {}",
    "text_price": "it was the text price, that of {}",
    "swapped_with": "swapped with {}",
    "seen_at": "as {} shows",
    "surcharge": "a region's surcharge of {}",
    "of": "the price had been that of {}",
    "age": "the entry was {} old",
    "undone": "undone on {}",
    "back": "it had been left on {}",
    "routed": "a routed price: {}",
    "unmoved": "{} stood still",
    "offers": "{} prices moved by the same ratio",
    "zero": "zero may mean {}",
    "wrong": "what is wrong is {}",
    "by": "the witness is {}",
    "on": "it was on {}",
}
"""What a verdict's evidence says, by its name; others are shown as they are."""


@dataclass(frozen=True, slots=True)
class Capture:
    """The body that showed a change, and where it came from."""

    stated_in: datetime
    fetched_at: datetime
    url: str | None
    origin: str
    version: str | None
    sha256: str
    size: int
    status: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict: what was found, why, how sure, and when; `shown` in sentences."""

    verdict: str
    reason: str
    why: str
    confidence: float | None
    shown: tuple[str, ...]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A change of one meter, as a source showed it.

    Attributes:
        anchor: the id of its element.
        meter, words: its meter, as a key and in words.
        kind: changed, introduced, withdrawn, returned.
        old, new, currency, per: the prices.
        seen_before: when the source was last seen before it.
        at: when the change was seen.
        effective_at: since when it holds, where that is known better.
        stated_at: the day that the source itself names.
        raw: the source's own number and the field that it stood in: the new one, or
            the old one of what is gone.
        raw_old: the same of the price before it.
        judged: the verdict; None for what came and went.
        earlier: verdicts that it amended, newest first.
        story: the changes it belongs together with.
    """

    anchor: str
    meter: str
    words: str
    kind: str
    old: int | None
    new: int | None
    currency: str
    per: str
    seen_before: datetime | None
    at: datetime
    effective_at: datetime | None
    stated_at: datetime | None
    raw: tuple[str, str] | None
    raw_old: tuple[str, str] | None
    judged: Judged | None
    earlier: tuple[Judged, ...]
    story: str | None

    @property
    def stepped(self) -> bool:
        """Whether it went from one price to another."""
        both = self.old is not None and self.new is not None
        return both and self.old != self.new


@dataclass(frozen=True, slots=True)
class Day:
    """What one body of a source changed under one of its keys."""

    at: datetime
    source: str
    key: str
    seen_before: datetime | None
    capture: Capture
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Every change, newest first: those that are listed at once, and the rest; `left`
    are too many for a page.
    """

    days: tuple[Day, ...]
    older: tuple[Day, ...]
    left: int = 0

    @property
    def count(self) -> int:
        """How many changes there are."""
        shown = sum(len(day.events) for day in (*self.days, *self.older))
        return shown + self.left

    @property
    def most(self) -> int:
        """How many rows of a kind a page holds."""
        return MOST

    @property
    def hidden(self) -> int:
        """How many of them have to be unfolded."""
        return sum(len(day.events) for day in self.older)


def timeline_of(
    changes: list[Row], verdicts: Iterable[Row], periods: Iterable[Row]
) -> Timeline:
    """The timeline of an offer.

    Args:
        changes: rows of `storage.reading.dossier.changes`, newest first.
        verdicts: rows of `storage.reading.dossier.verdicts`, oldest first.
        periods: rows of `storage.reading.dossier.periods`.
    """
    found: dict[str, list[Row]] = defaultdict(list)
    for row in verdicts:
        found[row["change"]].append(row)
    raws = _raws(periods)
    told = groupby(changes[:MOST], key=_day_key)
    days = [_day(list(rows), found, raws) for _, rows in told]
    shown, count = 0, 0
    while shown < len(days) and count < OPEN:
        count += len(days[shown].events)
        shown += 1
    left = max(0, len(changes) - MOST)
    return Timeline(tuple(days[:shown]), tuple(days[shown:]), left)


_Raws = tuple[dict[tuple[Any, ...], tuple[str, str]], ...]


def _raws(periods: Iterable[Row]) -> _Raws:
    """The numbers as sources wrote them, by where their periods begin and end."""
    begin: dict[tuple[Any, ...], tuple[str, str]] = {}
    end: dict[tuple[Any, ...], tuple[str, str]] = {}
    for row in periods:
        place = (row["source"], row["source_key"], row["meter"])
        begin[*place, row["valid_from"]] = (row["raw"], row["field"])
        if row["valid_to"] is not None:
            end[*place, row["valid_to"]] = (row["raw"], row["field"])
    return begin, end


def _day_key(row: Row) -> tuple[Any, ...]:
    return row["observed_at"], row["source"], row["source_key"], row["sha256"]


def _day(rows: list[Row], found: Mapping[str, list[Row]], raws: _Raws) -> Day:
    first = rows[0]
    ordered = sorted(rows, key=lambda r: (_weight(r), meter_place(r["meter"])))
    events = tuple(
        _event(row, found.get(change_name(row), []), raws) for row in ordered
    )
    capture = Capture(**{name: first[name] for name in Capture.__dataclass_fields__})
    seen = min((e.seen_before for e in events if e.seen_before), default=None)
    key = (first["source"], first["source_key"])
    return Day(first["observed_at"], *key, seen, capture, events)


def _weight(row: Row) -> int:
    """Steps between prices first, then what came, went and came back."""
    return ("changed", "returned", "introduced", "withdrawn").index(row["kind"])


def _event(row: Row, verdicts: list[Row], raws: _Raws) -> Event:
    place = (row["source"], row["source_key"], row["meter"], row["observed_at"])
    begin, end = raws
    new, old = begin.get(place), end.get(place)
    gone = row["kind"] == "withdrawn"
    judged = _judged(row) if row["verdict"] else None
    if judged and verdicts:
        judged = _judged(row, at=verdicts[-1]["judged_at"])
    return Event(
        anchor_of(row),
        row["meter"],
        titled(row["meter"]),
        row["kind"],
        row["old_price_nano"],
        row["new_price_nano"],
        row["currency"],
        per_words(row["quantum"], row["unit"]),
        row["previous_seen_at"],
        row["observed_at"],
        row["effective_at"],
        row["stated_at"],
        old if gone else new,
        None if gone else old,
        judged,
        tuple(_judged(v, at=v["judged_at"]) for v in reversed(verdicts[:-1])),
        row["story"],
    )


def _judged(row: Row, at: datetime | None = None) -> Judged:
    reason = row["reason"] or ""
    why = REASONS.get(reason, reason) if row["verdict"] != "held" else held(reason)
    shown = tuple(shown_by(row["evidence"]))
    return Judged(row["verdict"], reason, why, row["confidence"], shown, at)


def held(reason: str) -> str:
    """Why something is held back, in words."""
    return REASONS.get(reason) or HELD.get(reason, reason)


HELD: Mapping[str, str] = {
    "jump": "moved by a factor of 30 or more",
    "tenfold": "moved by exactly ten",
    "swapped": "input and output swapped",
    "cache_upside_down": "a cached price that is not below the plain one",
    "dear_newcomer": "far dearer than anything its provider ever charged",
    "conflict": "two fields mean one meter and differ",
    "negative": "below zero",
    "not_a_number": "no number",
    "infinite": "no finite number",
    "too_small": "not zero, but too small to be kept",
    "too_large": "more than can be kept",
    "duplicate_key": "the entry occurs twice, with different contents",
    "no_id": "no id beside the model's name",
    "unread_note": "a note beside the name that is not understood",
    "not_a_date": "a date that no calendar has",
    "clusters_differ": "one model at two prices, by where it runs",
}
"""Why the gate holds a value back, in words."""


def shown_by(evidence: str | None) -> Iterable[str]:
    """The evidence of a verdict as sentences."""
    try:
        found = json.loads(evidence or "{}")
    except ValueError:
        return [str(evidence)]
    if not isinstance(found, dict):
        return [str(evidence)]
    if {"by", "on"} <= found.keys():
        found = {"by": f"{found['by']} had it on {found['on']}", **_but(found)}
        return [found.pop("by"), *(_sentence(*pair) for pair in found.items())]
    return [_sentence(*pair) for pair in found.items()]


def _but(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said for name, said in found.items() if name not in ("by", "on")}


def _sentence(name: str, said: Any) -> str:
    text = "1 week" if said == "1 weeks" else str(said)
    return _SENTENCES.get(name, f"{name.replace('_', ' ')}: {{}}").replace("{}", text)
