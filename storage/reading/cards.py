"""All that is believed, was believed and is said of one offer, to bill it by."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select

from storage.models import (
    Belief,
    Capture,
    Fact,
    Meter,
    Offer,
    PriceChange,
    Rate,
    Source,
    SourceKey,
)
from tracker.domain.offers import Offer as OfferValue


@dataclass(frozen=True, slots=True)
class BelievedPeriod:
    """A believed price, and when it was our belief; `known_to` is None if it is."""

    meter: str
    nano: int
    currency: str
    start: datetime
    end: datetime | None
    basis: str
    source: str
    known_from: datetime
    known_to: datetime | None


@dataclass(frozen=True, slots=True)
class PublishedPeriod:
    """A price as a source stated it."""

    source: str
    meter: str
    nano: int
    currency: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class PutRight:
    """A change that was judged to be no plain move, or dated otherwise."""

    source: str
    meter: str
    at: datetime
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class StatedFact:
    """What an entry said besides prices, and when it was fetched that it does."""

    name: str
    value: str
    start: datetime
    end: datetime | None
    fetched_at: datetime


def _of(offer: OfferValue) -> ColumnElement[bool]:
    return and_(
        Offer.provider == offer.provider,
        Offer.model == offer.model,
        Offer.region == offer.region,
    )


def beliefs(connection: Connection, offer: OfferValue) -> list[BelievedPeriod]:
    """What is and was believed of an offer's prices, oldest period first."""
    query = (
        select(
            Meter.key,
            Belief.price_nano,
            Belief.currency,
            Belief.valid_from,
            Belief.valid_to,
            Belief.basis,
            Source.name,
            Belief.known_from,
            Belief.known_to,
        )
        .join(Offer, Offer.id == Belief.offer_id)
        .join(Meter, Meter.id == Belief.meter_id)
        .join(Source, Source.id == Belief.source_id)
        .where(_of(offer))
        .order_by(Belief.valid_from, Meter.key, Belief.known_from, Belief.id)
    )
    return [BelievedPeriod(*row) for row in connection.execute(query)]


def published(connection: Connection, offer: OfferValue) -> list[PublishedPeriod]:
    """What the sources said of an offer's prices, oldest period first."""
    query = (
        select(
            Source.name,
            Meter.key,
            Rate.price_nano,
            Rate.currency,
            Rate.valid_from,
            Rate.valid_to,
        )
        .join(Offer, Offer.id == Rate.offer_id)
        .join(Meter, Meter.id == Rate.meter_id)
        .join(Source, Source.id == Rate.source_id)
        .where(_of(offer))
        .order_by(Rate.valid_from, Rate.id)
    )
    return [PublishedPeriod(*row) for row in connection.execute(query)]


def put_right(connection: Connection, offer: OfferValue) -> list[PutRight]:
    """The changes of an offer that were judged to be no plain moves."""
    query = (
        select(
            Source.name,
            Meter.key,
            PriceChange.observed_at,
            PriceChange.verdict,
            PriceChange.reason,
        )
        .join(Offer, Offer.id == PriceChange.offer_id)
        .join(Meter, Meter.id == PriceChange.meter_id)
        .join(Source, Source.id == PriceChange.source_id)
        .where(_of(offer), _judged())
        .order_by(PriceChange.observed_at, PriceChange.id)
    )
    found = connection.execute(query)
    return [PutRight(s, m, at, v or "", why or "") for s, m, at, v, why in found]


def _judged() -> ColumnElement[bool]:
    special = PriceChange.verdict.in_(("correction", "flap"))
    return special | PriceChange.effective_at.is_not(None)


FACTS = (
    *("off_peak_pricing", "provider_specific_entry"),
    *("regional_endpoint_uplift_multiplier",),
    *("regional_processing_uplift_multiplier_eu",),
    *("regional_processing_uplift_multiplier_us",),
)
"""Facts that a bill hangs on."""


def facts(connection: Connection, offer: OfferValue) -> list[StatedFact]:
    """What multiplies an offer's prices or opens a cheaper window; the best last."""
    query = (
        select(
            Fact.name, Fact.value, Fact.valid_from, Fact.valid_to, Capture.fetched_at
        )
        .join(SourceKey, SourceKey.id == Fact.source_key_id)
        .join(Offer, Offer.id == SourceKey.offer_id)
        .join(Source, Source.id == Fact.source_id)
        .join(Capture, Capture.id == Fact.capture_id)
        .where(_of(offer), Fact.name.in_(FACTS))
        .order_by(Source.precedence.desc(), SourceKey.key.desc(), Fact.valid_from)
    )
    return [StatedFact(*row) for row in connection.execute(query)]


def regions(connection: Connection, offer: OfferValue) -> list[str]:
    """The regions in which a provider sells a model, as offers of their own."""
    query = select(Offer.region).where(
        Offer.provider == offer.provider, Offer.model == offer.model
    )
    return sorted(region for (region,) in connection.execute(query))
