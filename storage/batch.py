"""The rows that one capture writes, gathered and then written table by table."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, case, update

from storage.bulk import Insert, instants
from storage.models import Fact, Hold, PriceChange, Rate, SourceKey
from tracker.domain.offers import Offer
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
    *("previous_seen_at", "observed_at"),
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
        self._updates: dict[Any, list[dict[str, Any]]] = {
            _CLOSE_RATE: [],
            _CLOSE_FACT: [],
            _RELEASE_HOLD: [],
            _SET_STATE: [],
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
        for statement, rows in self._updates.items():
            if rows:
                self._connection.execute(statement, rows)
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
            since, at, ended = before, now, change.at
            if step.meter in change.dated:
                since, ended = change.dated[step.meter]
                since, at = self._instant(since), self._instant(ended)
            self._steps.append(
                (source_id, key_id, offer_id, meter_id, step.kind)
                + (old and old.price_nano, new and new.price_nano)
                + (rate.currency if rate else "", capture_id, since, at)
            )
            if step.kind in ("changed", "withdrawn"):
                row = {"k": key_id, "m": meter_id, "at": ended}
                self._updates[_CLOSE_RATE].append(row)
            if new is not None:
                quote = change.quotes[step.meter]
                self._opened.append(
                    (source_id, key_id, offer_id, meter_id, new.price_nano)
                    + (new.currency, quote.exact, quote.raw, quote.field)
                    + (capture_id, at)
                )

    def _take_facts(self, change: KeyChange, key_id: int, at: Any) -> None:
        self._updates[_CLOSE_FACT] += [
            {"k": key_id, "n": name, "at": change.at} for name in change.facts_closed
        ]
        source_id, capture_id = self._source_id, self._capture_id
        self._facts += [
            (source_id, key_id, name, value, _as_number(value), capture_id, at)
            for name, value in change.facts_opened.items()
        ]

    def _take_holds(self, change: KeyChange, key_id: int, at: Any) -> None:
        self._updates[_RELEASE_HOLD] += [
            {
                "k": key_id,
                "m": self.meters.get(resolved.meter),
                "now": resolved.ending,
                "at": None if resolved.ending == "rejected" else change.at,
            }
            for resolved in change.resolved
        ]
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
        absence = change.card.absence
        self._updates[_SET_STATE].append(
            {
                "k": key_id,
                "missing": absence.since if absence else None,
                "seen": absence.last_seen if absence else None,
                "withdrawn": change.card.withdrawn_at,
                "renamed": change.card.renamed_to,
            }
        )


_CLOSE_RATE = (
    update(Rate)
    .where(
        Rate.source_key_id == bindparam("k"),
        Rate.meter_id == bindparam("m"),
        Rate.valid_to.is_(None),
    )
    .values(valid_to=bindparam("at"))
)
_CLOSE_FACT = (
    update(Fact)
    .where(
        Fact.source_key_id == bindparam("k"),
        Fact.name == bindparam("n"),
        Fact.valid_to.is_(None),
    )
    .values(valid_to=bindparam("at"))
)
_RELEASE_HOLD = (
    update(Hold)
    .where(
        Hold.source_key_id == bindparam("k"),
        Hold.meter_id.is_not_distinct_from(bindparam("m")),
        Hold.resolved_at.is_(None),
    )
    .values(
        status=case((Hold.status == "rejected", "rejected"), else_=bindparam("now")),
        resolved_at=bindparam("at"),
    )
)
_SET_STATE = (
    update(SourceKey)
    .where(SourceKey.id == bindparam("k"))
    .values(
        missing_since=bindparam("missing"),
        last_seen_at=bindparam("seen"),
        withdrawn_at=bindparam("withdrawn"),
        renamed_to=bindparam("renamed"),
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
