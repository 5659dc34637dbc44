"""All that is stored of one offer, for the page that shows it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from storage.bulk import chunks
from storage.models import (
    Belief,
    Capture,
    Fact,
    Hold,
    Meter,
    Offer,
    PriceChange,
    Rate,
    Source,
    SourceKey,
    Verdict,
)
from storage.reading.queries import rows
from storage.views import ranked
from tracker.domain.offers import Offer as OfferName

Row = dict[str, Any]

_METER = (Meter.key.label("meter"), Meter.unit, Meter.quantum)
_CAPTURE = (
    Capture.observed_at.label("stated_in"),
    Capture.fetched_at,
    Capture.url,
    Capture.origin,
    Capture.version,
    Capture.sha256,
    Capture.size,
    Capture.status,
    Capture.note,
)
READ = ("applied", "unchanged")
"""Statuses of captures that were read well."""


def offer_id(connection: Connection, offer: OfferName) -> int | None:
    """The row of an offer; None if it was never met."""
    query = select(Offer.id).where(
        Offer.provider == offer.provider,
        Offer.model == offer.model,
        Offer.region == offer.region,
    )
    return connection.execute(query).scalar()


def keys(connection: Connection, offer: int) -> list[Row]:
    """The names that sources have for it, whether they are still there, and what
    they may be called now.
    """
    query = (
        select(
            SourceKey.id,
            Source.name.label("source"),
            Source.stale,
            SourceKey.key.label("source_key"),
            SourceKey.missing_since,
            SourceKey.last_seen_at,
            SourceKey.withdrawn_at,
            SourceKey.renamed_to,
            SourceKey.source_id,
        )
        .join(Source, Source.id == SourceKey.source_id)
        .where(SourceKey.offer_id == offer)
        .order_by(Source.precedence, Source.name, SourceKey.key)
    )
    return _rows(connection, query)


def offers_keyed(
    connection: Connection, source_id: int, names: Collection[str]
) -> dict[str, OfferName]:
    """The offers that keys of a source stand for."""
    query = (
        select(SourceKey.key, Offer.provider, Offer.model, Offer.region)
        .join(Offer, Offer.id == SourceKey.offer_id)
        .where(SourceKey.source_id == source_id, SourceKey.key.in_(sorted(names)))
    )
    found = connection.execute(query)
    return {key: OfferName(*offer) for key, *offer in found}


def periods(connection: Connection, offer: int) -> list[Row]:
    """Its prices as each source stated them, with the capture each is from."""
    query = (
        select(
            Source.name.label("source"),
            Source.stale,
            SourceKey.key.label("source_key"),
            *_METER,
            Rate.price_nano,
            Rate.currency,
            Rate.exact,
            Rate.raw,
            Rate.field,
            Rate.valid_from,
            Rate.valid_to,
        )
        .join(Source, Source.id == Rate.source_id)
        .join(SourceKey, SourceKey.id == Rate.source_key_id)
        .join(Meter, Meter.id == Rate.meter_id)
        .where(Rate.offer_id == offer)
        .order_by(Meter.key, Source.name, SourceKey.key, Rate.valid_from)
    )
    return _rows(connection, query)


def beliefs(connection: Connection, offer: int) -> list[Row]:
    """Its prices as they are believed now."""
    query = (
        select(
            Source.name.label("source"),
            *_METER,
            Belief.price_nano,
            Belief.currency,
            Belief.valid_from,
            Belief.valid_to,
            Belief.basis,
            Belief.known_from,
        )
        .join(Source, Source.id == Belief.source_id)
        .join(Meter, Meter.id == Belief.meter_id)
        .where(Belief.offer_id == offer, Belief.known_to.is_(None))
        .order_by(Meter.key, Belief.valid_from)
    )
    return _rows(connection, query)


def changes(connection: Connection, offer: int) -> list[Row]:
    """Every change of its prices, newest first, with the capture that showed it."""
    query = (
        select(
            Source.name.label("source"),
            SourceKey.key.label("source_key"),
            *_METER,
            PriceChange.kind,
            PriceChange.old_price_nano,
            PriceChange.new_price_nano,
            PriceChange.currency,
            PriceChange.previous_seen_at,
            PriceChange.observed_at,
            PriceChange.effective_at,
            PriceChange.stated_at,
            PriceChange.verdict,
            PriceChange.reason,
            PriceChange.confidence,
            PriceChange.evidence,
            PriceChange.story,
            *_CAPTURE,
        )
        .join(Source, Source.id == PriceChange.source_id)
        .join(SourceKey, SourceKey.id == PriceChange.source_key_id)
        .join(Meter, Meter.id == PriceChange.meter_id)
        .join(Capture, Capture.id == PriceChange.capture_id)
        .where(PriceChange.offer_id == offer)
        .order_by(
            PriceChange.observed_at.desc(),
            Source.precedence,
            Source.name,
            SourceKey.key,
            Meter.key,
            PriceChange.kind,
        )
    )
    return _rows(connection, query)


def verdicts(connection: Connection, names: Collection[str]) -> list[Row]:
    """Everything that was ever found of some changes, oldest first.

    Args:
        connection: the transaction.
        names: of changes, as `storage.reading.news.change_name` writes them.
    """
    found: list[Row] = []
    for chunk in chunks(sorted(names)):
        query = (
            select(
                Verdict.id,
                Verdict.amends_id,
                Verdict.change,
                Verdict.verdict,
                Verdict.reason,
                Verdict.confidence,
                Verdict.evidence,
                Verdict.judged_at,
            )
            .where(Verdict.change.in_(chunk))
            .order_by(Verdict.id)
        )
        found += _rows(connection, query)
    return found


def facts(connection: Connection, key_ids: Collection[int]) -> list[Row]:
    """What is and was said besides prices under some keys; the sources that are
    believed first come first, and what they said first.
    """
    query = (
        select(
            Source.name.label("source"),
            Source.stale,
            SourceKey.key.label("source_key"),
            Fact.name,
            Fact.value,
            Fact.valid_from,
            Fact.valid_to,
        )
        .join(Source, Source.id == Fact.source_id)
        .join(SourceKey, SourceKey.id == Fact.source_key_id)
        .where(Fact.source_key_id.in_(sorted(key_ids)))
        .order_by(
            Source.stale, Source.precedence, SourceKey.key, Fact.name, Fact.valid_from
        )
    )
    return _rows(connection, query)


def holds(connection: Connection, key_ids: Collection[int]) -> list[Row]:
    """What was held back of some keys, newest first."""
    query = (
        select(
            Source.name.label("source"),
            SourceKey.key.label("source_key"),
            Meter.key.label("meter"),
            Hold.scope,
            Hold.reason,
            Hold.raw,
            Hold.field,
            Hold.price_nano,
            Hold.currency,
            Hold.previous_seen_at,
            Hold.held_at,
            Hold.status,
            Hold.resolved_at,
        )
        .join(Source, Source.id == Hold.source_id)
        .join(SourceKey, SourceKey.id == Hold.source_key_id)
        .join(Meter, Meter.id == Hold.meter_id, isouter=True)
        .where(Hold.source_key_id.in_(sorted(key_ids)))
        .order_by(Hold.held_at.desc(), Source.name, SourceKey.key, Meter.key)
    )
    return _rows(connection, query)


def reads(connection: Connection) -> dict[str, list[datetime]]:
    """When each source was read well, in order."""
    query = (
        select(Source.name, Capture.observed_at)
        .join(Source, Source.id == Capture.source_id)
        .where(Capture.status.in_(READ))
        .distinct()
        .order_by(Source.name, Capture.observed_at)
    )
    found: dict[str, list[datetime]] = {}
    for name, at in connection.execute(query):
        found.setdefault(name, []).append(at)
    return found


# The best source's word comes last, so that it is the one that is kept.
_RATES_ON = f"""
SELECT o.provider, o.model, o.region, m.key AS meter, r.price_nano
FROM rates r
JOIN offers o ON o.id = r.offer_id
JOIN sources s ON s.id = r.source_id
JOIN source_keys k ON k.id = r.source_key_id
JOIN meters m ON m.id = r.meter_id
WHERE r.valid_to IS NULL AND r.currency = 'USD' AND m.key IN ({{meters}})
ORDER BY {ranked("s")} DESC, s.name DESC, k.key DESC
"""


def rates_on(connection: Connection, meters: Collection[str]) -> list[Row]:
    """Today's prices on some meters, in dollars, of every offer that has them; of two
    words on one the better source's comes last.
    """
    given = {f"m{n}": meter for n, meter in enumerate(sorted(meters))}
    sql = _RATES_ON.format(meters=", ".join(f":{name}" for name in given))
    return rows(connection, sql, given)


def _rows(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[Row]:
    return [dict(row) for row in connection.execute(query).mappings()]
