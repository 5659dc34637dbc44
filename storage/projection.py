"""Writing what a capture changed, and reading back what is known of a key."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, insert, select, update

from storage.batch import Batch
from storage.bulk import chunks
from storage.captures import StoredCapture
from storage.dimensions import Dimensions
from storage.models import (
    Fact,
    Hold,
    Meter,
    Offer,
    PriceChange,
    Rate,
    SourceKey,
)
from tracker.domain.offers import Offer as OfferValue
from tracker.domain.ratecard import Absence, Held, KeyCard
from tracker.domain.ratecard import Rate as RateValue
from tracker.domain.schedule import PREFIX
from tracker.domain.timeline import KeyChange


@dataclass(frozen=True, slots=True)
class Written:
    """What one capture did, by the row; `missing` names keys that are newly absent,
    with the name they may have now.
    """

    keys_new: int = 0
    keys_withdrawn: int = 0
    introduced: int = 0
    changed: int = 0
    withdrawn: int = 0
    returned: int = 0
    facts: int = 0
    held: int = 0
    missing: tuple[str, ...] = ()


class Projection:
    """The projection of one source.

    Args:
        source_id: whose.
    """

    def __init__(self, source_id: int) -> None:
        self._source_id = source_id
        self._ids = Dimensions(source_id)

    def write(
        self, connection: Connection, changes: Collection[KeyChange], capture_id: int
    ) -> Written:
        """Record the changes that a capture brings."""
        if not changes:
            return Written()
        for change in changes:
            if change.remapped:
                self._ids.remap(connection, change.key, change.card.offer)
        batch = Batch(connection, self._source_id, capture_id)
        batch.keys = self._ids.source_keys(
            connection, {c.key: c.card.offer for c in changes}
        )
        batch.offers = self._ids.offers(connection, {c.card.offer for c in changes})
        batch.meters = self._ids.meters(connection, _meters_of(changes))
        for change in changes:
            batch.take(change)
        batch.execute()
        return _counted(changes)

    def forget(self, connection: Connection) -> None:
        """Drop the source's projection; its captures and decisions stay."""
        for table in (PriceChange, Rate, Fact, Hold):
            connection.execute(delete(table).where(table.source_id == self._source_id))
        connection.execute(
            delete(SourceKey).where(SourceKey.source_id == self._source_id)
        )
        self._ids = Dimensions(self._source_id)

    def hold_capture(
        self, connection: Connection, capture: StoredCapture, reason: str, note: str
    ) -> None:
        """Record that a capture is held as a whole."""
        row = {
            "source_id": self._source_id,
            "scope": "capture",
            "reason": reason,
            "raw": note,
            "field": "",
            "capture_id": capture.id,
            "held_at": capture.observed_at,
            "status": "pending",
        }
        connection.execute(insert(Hold), [row])

    def settle_capture_hold(
        self, connection: Connection, capture_id: int, status: str, at: datetime
    ) -> None:
        """Record how the hold on a capture ended."""
        connection.execute(
            update(Hold)
            .where(
                Hold.capture_id == capture_id,
                Hold.scope == "capture",
                Hold.resolved_at.is_(None),
            )
            .values(status=status, resolved_at=at)
        )

    def missing_keys(self, connection: Connection) -> set[str]:
        """Keys that are absent but not yet withdrawn."""
        query = select(SourceKey.key).where(
            SourceKey.source_id == self._source_id,
            SourceKey.missing_since.is_not(None),
            SourceKey.withdrawn_at.is_(None),
        )
        return {key for (key,) in connection.execute(query)}

    def waiting_keys(self, connection: Connection) -> set[str]:
        """Keys with a value that a later capture may release."""
        query = (
            select(SourceKey.key)
            .join(Hold, Hold.source_key_id == SourceKey.id)
            .where(
                Hold.source_id == self._source_id,
                Hold.resolved_at.is_(None),
                Hold.price_nano.is_not(None),
            )
        )
        return {key for (key,) in connection.execute(query)}

    def dated_keys(self, connection: Connection) -> set[str]:
        """Keys with a price that is stated for certain days only."""
        query = (
            select(SourceKey.key)
            .join(Fact, Fact.source_key_id == SourceKey.id)
            .where(
                Fact.source_id == self._source_id,
                Fact.name.startswith(PREFIX, autoescape=True),
                Fact.valid_to.is_(None),
            )
        )
        return {key for (key,) in connection.execute(query)}

    def load(self, connection: Connection, keys: Collection[str]) -> dict[str, KeyCard]:
        """What is known of these keys; a key never met is not in the answer."""
        cards: dict[str, KeyCard] = {}
        for chunk in chunks(keys):
            cards.update(_load_chunk(connection, self._source_id, chunk))
        return cards


def _meters_of(changes: Iterable[KeyChange]) -> set[str]:
    found = {step.meter for change in changes for step in change.steps}
    for change in changes:
        found.update(hold.meter for hold in change.holds if hold.meter)
        found.update(resolved.meter for resolved in change.resolved if resolved.meter)
    return found


def _counted(changes: Iterable[KeyChange]) -> Written:
    kinds = {"introduced": 0, "changed": 0, "withdrawn": 0, "returned": 0}
    born = gone = facts = held = 0
    for change in changes:
        for step in change.steps:
            kinds[step.kind] += 1
        born += change.born
        gone += change.card.withdrawn_at is not None
        facts += len(change.facts_opened)
        held += len(change.holds)
    return Written(
        keys_new=born,
        keys_withdrawn=gone,
        introduced=kinds["introduced"],
        changed=kinds["changed"],
        withdrawn=kinds["withdrawn"],
        returned=kinds["returned"],
        facts=facts,
        held=held,
        missing=tuple(_missed(change) for change in changes if _is_missing(change)),
    )


def _is_missing(change: KeyChange) -> bool:
    return change.presence and change.card.absence is not None


def _missed(change: KeyChange) -> str:
    name = change.card.renamed_to
    return f"{change.key} (renamed to {name}?)" if name else change.key


def _load_chunk(
    connection: Connection, source_id: int, keys: list[str]
) -> dict[str, KeyCard]:
    rows = connection.execute(
        select(
            SourceKey.id,
            SourceKey.key,
            SourceKey.missing_since,
            SourceKey.last_seen_at,
            SourceKey.withdrawn_at,
            SourceKey.renamed_to,
            Offer.provider,
            Offer.model,
            Offer.region,
        )
        .join(Offer, Offer.id == SourceKey.offer_id)
        .where(SourceKey.source_id == source_id, SourceKey.key.in_(keys))
    ).all()
    ids = [row.id for row in rows]
    open_rates, earlier = _load_rates(connection, ids)
    doubted = _load_doubted(connection, ids)
    facts = _load_facts(connection, ids)
    held = _load_held(connection, ids)
    return {
        row.key: KeyCard(
            offer=OfferValue(row.provider, row.model, row.region),
            rates=open_rates.get(row.id, {}),
            earlier=earlier.get(row.id, {}),
            doubted=frozenset(doubted.get(row.id, ())),
            facts=facts.get(row.id, {}),
            held=held.get(row.id, {}),
            absence=_absence(row.missing_since, row.last_seen_at, row.withdrawn_at),
            withdrawn_at=row.withdrawn_at,
            renamed_to=row.renamed_to,
        )
        for row in rows
    }


def _absence(
    since: datetime | None, last_seen: datetime | None, withdrawn: datetime | None
) -> Absence | None:
    if since is None or withdrawn is not None:
        return None
    return Absence(since, last_seen)


Rates = dict[int, dict[str, RateValue]]
Earlier = dict[int, dict[str, tuple[RateValue, ...]]]


def _load_rates(connection: Connection, ids: list[int]) -> tuple[Rates, Earlier]:
    query = (
        select(
            Rate.source_key_id,
            Meter.key,
            Rate.price_nano,
            Rate.currency,
            Rate.valid_to,
        )
        .join(Meter, Meter.id == Rate.meter_id)
        .where(Rate.source_key_id.in_(ids))
        .order_by(Rate.valid_from)
    )
    open_rates: Rates = {}
    earlier: Earlier = {}
    for key_id, meter, nano, currency, valid_to in connection.execute(query):
        rate = RateValue(nano, currency)
        if valid_to is None:
            open_rates.setdefault(key_id, {})[meter] = rate
        else:
            had = earlier.setdefault(key_id, {})
            had[meter] = (*had.get(meter, ()), rate)
    return open_rates, earlier


def _load_doubted(connection: Connection, ids: list[int]) -> dict[int, list[str]]:
    """The meters whose open rate was released after a hold, by source key."""
    query = (
        select(Hold.source_key_id, Meter.key)
        .join(Meter, Meter.id == Hold.meter_id)
        .join(
            Rate,
            and_(
                Rate.source_key_id == Hold.source_key_id,
                Rate.meter_id == Hold.meter_id,
                Rate.valid_from == Hold.held_at,
            ),
        )
        .where(
            Hold.source_key_id.in_(ids),
            Hold.status == "released",
            Rate.valid_to.is_(None),
        )
    )
    doubted: dict[int, list[str]] = {}
    for key_id, meter in connection.execute(query):
        doubted.setdefault(key_id or 0, []).append(meter)
    return doubted


def _load_facts(connection: Connection, ids: list[int]) -> dict[int, dict[str, str]]:
    query = select(Fact.source_key_id, Fact.name, Fact.value).where(
        Fact.source_key_id.in_(ids), Fact.valid_to.is_(None)
    )
    facts: dict[int, dict[str, str]] = {}
    for key_id, name, value in connection.execute(query):
        facts.setdefault(key_id, {})[name] = value
    return facts


def _load_held(connection: Connection, ids: list[int]) -> dict[int, dict[str, Held]]:
    query = (
        select(
            Hold.source_key_id,
            Meter.key,
            Hold.reason,
            Hold.raw,
            Hold.price_nano,
            Hold.currency,
            Hold.held_at,
            Hold.previous_seen_at,
        )
        .outerjoin(Meter, Meter.id == Hold.meter_id)
        .where(Hold.source_key_id.in_(ids), Hold.resolved_at.is_(None))
    )
    held: dict[int, dict[str, Held]] = {}
    for key_id, meter, reason, raw, nano, currency, at, before in connection.execute(
        query
    ):
        rate = None if nano is None else RateValue(nano, currency or "")
        since = None if rate is None else at
        value = Held(reason, raw, rate, since, before)
        held.setdefault(key_id or 0, {})[meter or ""] = value
    return held
