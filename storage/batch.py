"""The rows that one capture writes, gathered and then written table by table."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from storage.bulk import Insert, Prepared, instants
from storage.models import Fact, Hold, PriceChange, Rate
from tracker.domain.offers import Offer
from tracker.domain.quotes import Quote
from tracker.domain.timeline import KeyChange

Row = tuple[Any, ...]

_INSERT_RATES = Insert(
    Rate,
    *("source_id", "source_key_id", "offer_id", "meter_id", "price_nano"),
    *("currency", "exact", "raw", "field", "capture_id", "valid_from"),
)
_INSERT_CHANGES = Insert(
    PriceChange,
    *("source_id", "source_key_id", "offer_id", "meter_id", "kind"),
    *("old_price_nano", "new_price_nano", "currency", "capture_id"),
    *("previous_seen_at", "observed_at", "effective_at", "stated_at"),
)
_INSERT_FACTS = Insert(
    Fact,
    *("source_id", "source_key_id", "name", "value", "number", "capture_id"),
    "valid_from",
)
_INSERT_HOLDS = Insert(
    Hold,
    *("source_id", "source_key_id", "meter_id", "scope", "reason", "raw"),
    *("field", "capture_id", "held_at", "status", "price_nano", "currency"),
    "previous_seen_at",
)

_CLOSE_RATES = Prepared(
    """UPDATE rates SET valid_to = {0}
    WHERE source_key_id = {0} AND meter_id = {0} AND valid_to IS NULL"""
)
_CLOSE_FACTS = Prepared(
    """UPDATE facts SET valid_to = {0}
    WHERE source_key_id = {0} AND name = {0} AND valid_to IS NULL"""
)
_RESOLVE_RATE_HOLDS = Prepared(
    """UPDATE holds SET resolved_at = {0},
      status = CASE status WHEN 'rejected' THEN 'rejected' ELSE {0} END
    WHERE source_key_id = {0} AND meter_id = {0} AND resolved_at IS NULL"""
)
_RESOLVE_KEY_HOLDS = Prepared(
    """UPDATE holds SET resolved_at = {0},
      status = CASE status WHEN 'rejected' THEN 'rejected' ELSE {0} END
    WHERE source_key_id = {0} AND meter_id IS NULL AND resolved_at IS NULL"""
)
_SET_STATES = Prepared(
    """UPDATE source_keys SET missing_since = {0}, last_seen_at = {0},
      withdrawn_at = {0}, renamed_to = {0} WHERE id = {0}"""
)


class Batch:
    """What one capture changes, as rows.

    Args:
        connection: the transaction.
        source_id: whose capture.
        capture_id: which.

    `keys`, `offers` and `meters` hold the ids of all that `take` will meet.
    """

    def __init__(self, connection: Connection, source_id: int, capture_id: int) -> None:
        self._connection = connection
        self._source_id = source_id
        self._capture_id = capture_id
        self._instant = instants(connection)
        self.keys: Mapping[str, int] = {}
        self.offers: Mapping[Offer, int] = {}
        self.meters: Mapping[str, int] = {}
        self._opened: list[Row] = []
        self._steps: list[Row] = []
        self._facts: list[Row] = []
        self._holds: list[Row] = []
        self._updates: dict[Prepared, list[Row]] = {
            _CLOSE_RATES: [],
            _CLOSE_FACTS: [],
            _RESOLVE_RATE_HOLDS: [],
            _RESOLVE_KEY_HOLDS: [],
            _SET_STATES: [],
        }

    def take(self, change: KeyChange) -> None:
        """Add one key's changes."""
        key_id = self.keys[change.key]
        at = self._instant(change.at)
        self._take_steps(change, key_id, at)
        self._take_facts(change, key_id, at)
        self._take_holds(change, key_id, at)
        self._take_state(change, key_id)

    def execute(self) -> None:
        """Write; closing comes before opening, which the unique indexes need."""
        for update, rows in self._updates.items():
            update(self._connection, rows)
        _INSERT_RATES(self._connection, self._opened)
        _INSERT_CHANGES(self._connection, self._steps)
        _INSERT_FACTS(self._connection, self._facts)
        _INSERT_HOLDS(self._connection, self._holds)

    def _take_steps(self, change: KeyChange, key_id: int, now: Any) -> None:
        source_id, capture_id = self._source_id, self._capture_id
        offer_id = self.offers[change.card.offer]
        before = self._instant(change.since)
        for step in change.steps:
            meter_id, old, new = self.meters[step.meter], step.old, step.new
            rate = new or old
            since, at = before, now
            if step.meter in change.dated:
                since, at = map(self._instant, change.dated[step.meter])
            self._steps.append(
                (source_id, key_id, offer_id, meter_id, step.kind)
                + (old and old.price_nano, new and new.price_nano)
                + (rate.currency if rate else "", capture_id, since, at)
                + 2 * (self._stated(change.quotes.get(step.meter), change.at),)
            )
            if step.kind in ("changed", "withdrawn"):
                self._updates[_CLOSE_RATES].append((at, key_id, meter_id))
            if new is not None:
                quote = change.quotes[step.meter]
                self._opened.append(
                    (source_id, key_id, offer_id, meter_id, new.price_nano)
                    + (new.currency, quote.exact, quote.raw, quote.field)
                    + (capture_id, at)
                )

    def _stated(self, quote: Quote | None, seen: datetime | None) -> Any:
        """Since when the source itself says that it charges this, if it says so."""
        day = quote.effective_from if quote else None
        if day is None or seen is None or day > seen.date():
            return None
        return self._instant(datetime(day.year, day.month, day.day, tzinfo=UTC))

    def _take_facts(self, change: KeyChange, key_id: int, at: Any) -> None:
        self._updates[_CLOSE_FACTS] += [
            (at, key_id, name) for name in change.facts_closed
        ]
        source_id, capture_id = self._source_id, self._capture_id
        self._facts += [
            (source_id, key_id, name, value, _as_number(value), capture_id, at)
            for name, value in change.facts_opened.items()
        ]

    def _take_holds(self, change: KeyChange, key_id: int, at: Any) -> None:
        for resolved in change.resolved:
            ended = None if resolved.ending == "rejected" else at
            meter_id = self.meters.get(resolved.meter)
            if meter_id is None:
                row = (ended, resolved.ending, key_id)
                self._updates[_RESOLVE_KEY_HOLDS].append(row)
            else:
                held = (ended, resolved.ending, key_id, meter_id)
                self._updates[_RESOLVE_RATE_HOLDS].append(held)
        self._holds += [
            (self._source_id, key_id, self.meters.get(hold.meter))
            + ("rate" if hold.meter else "key", hold.reason, hold.raw, hold.field)
            + (self._capture_id, at, hold.status)
            + (
                (hold.rate.price_nano, hold.rate.currency)
                if hold.rate
                else (None, None)
            )
            + (self._instant(hold.previous_at),)
            for hold in change.holds
        ]

    def _take_state(self, change: KeyChange, key_id: int) -> None:
        if not change.presence:
            return
        absence, at = change.card.absence, self._instant
        self._updates[_SET_STATES].append(
            (
                at(absence.since if absence else None),
                at(absence.last_seen if absence else None),
                at(change.card.withdrawn_at),
                change.card.renamed_to,
                key_id,
            )
        )


def _as_number(value: str) -> float | None:
    """The value as a number, if it is one; texts and JSON are not."""
    if not value or value[0] not in "-0123456789" or len(value) > 32:
        return None
    try:
        return float(value)
    except ValueError:
        return None
