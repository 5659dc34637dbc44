"""What the gate asks of the database about a provider."""

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from storage.bulk import chunks
from storage.models import Meter, Offer, Rate, SourceKey


def offers_of(connection: Connection, source_id: int, provider: str) -> int:
    """How many offers of a provider a source prices today."""
    query = (
        select(func.count(func.distinct(SourceKey.offer_id)))
        .join(Offer, Offer.id == SourceKey.offer_id)
        .where(
            SourceKey.source_id == source_id,
            Offer.provider == provider,
            SourceKey.withdrawn_at.is_(None),
            select(Rate.id)
            .where(Rate.source_key_id == SourceKey.id, Rate.valid_to.is_(None))
            .exists(),
        )
    )
    return connection.execute(query).scalar() or 0


def highest(
    connection: Connection, source_id: int, providers: Collection[str]
) -> dict[tuple[str, str], int]:
    """The highest USD price ever stated, by (provider, meter key)."""
    found: dict[tuple[str, str], int] = {}
    for chunk in chunks(providers):
        query = (
            select(Offer.provider, Meter.key, func.max(Rate.price_nano))
            .join(Offer, Offer.id == Rate.offer_id)
            .join(Meter, Meter.id == Rate.meter_id)
            .where(
                Rate.source_id == source_id,
                Rate.currency == "USD",
                Offer.provider.in_(chunk),
            )
            .group_by(Offer.provider, Meter.key)
        )
        for provider, meter, nano in connection.execute(query):
            found[provider, meter] = nano
    return found


def sellers_above(
    connection: Connection, source_id: int, provider: str, meter: str, nano: int
) -> int:
    """How many other providers ever stated so high a USD price on a meter."""
    query = (
        select(func.count(func.distinct(Offer.provider)))
        .join(Rate, Rate.offer_id == Offer.id)
        .join(Meter, Meter.id == Rate.meter_id)
        .where(
            Rate.source_id == source_id,
            Rate.currency == "USD",
            Meter.key == meter,
            Rate.price_nano >= nano,
            Offer.provider != provider,
        )
    )
    return connection.execute(query).scalar() or 0
