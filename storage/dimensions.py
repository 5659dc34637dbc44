"""Ids of offers, meters and source keys: looked up, made where missing, remembered."""

import json
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select, text, update

from storage.bulk import Insert, chunks
from storage.models import Meter, Offer, PriceChange, Rate, SourceKey
from tracker.domain.meters import parse_meter
from tracker.domain.offers import Offer as OfferValue

_INSERT_METERS = Insert(
    Meter,
    *("key", "component", "unit", "tier", "context_above", "qualifiers", "quantum"),
    or_ignore=True,
)
_INSERT_OFFERS = Insert(Offer, "provider", "model", "region", or_ignore=True)
_INSERT_KEYS = Insert(SourceKey, "source_id", "key", "offer_id", or_ignore=True)

_LOCK = 7_431_882_116
"""The PostgreSQL advisory lock under which names that sources share are made."""


class Dimensions:
    """The ids that rows of one source refer to.

    Kept for as long as one process applies captures; `connection` is given to
    each call, because each capture is a transaction of its own.
    """

    def __init__(self, source_id: int) -> None:
        self._source_id = source_id
        self._offers: dict[OfferValue, int] = {}
        self._meters: dict[str, int] = {}
        self._keys: dict[str, int] = {}

    def meters(self, connection: Connection, keys: Collection[str]) -> dict[str, int]:
        """Ids by meter key."""
        missing = [key for key in keys if key not in self._meters]
        if missing:
            _one_at_a_time(connection)
            _INSERT_METERS(connection, [_meter_row(key) for key in missing])
            self._find_meters(connection, missing)
        return self._meters

    def offers(
        self, connection: Connection, offers: Collection[OfferValue]
    ) -> dict[OfferValue, int]:
        """Ids by offer."""
        missing = [offer for offer in offers if offer not in self._offers]
        if missing:
            _one_at_a_time(connection)
            rows = [(o.provider, o.model, o.region) for o in missing]
            _INSERT_OFFERS(connection, rows)
            self._find_offers(connection, missing)
        return self._offers

    def source_keys(
        self, connection: Connection, offers: Mapping[str, OfferValue]
    ) -> dict[str, int]:
        """Ids by the source's own key; new keys are made for their offer."""
        missing = [key for key in offers if key not in self._keys]
        if missing:
            ids = self.offers(connection, {offers[key] for key in missing})
            rows = [(self._source_id, key, ids[offers[key]]) for key in missing]
            _INSERT_KEYS(connection, rows)
            self._find_keys(connection, missing)
        return self._keys

    def remap(self, connection: Connection, key: str, offer: OfferValue) -> None:
        """Let a key, and all that was recorded under it, mean another offer."""
        offer_id = self.offers(connection, {offer})[offer]
        key_id = self.source_keys(connection, {key: offer})[key]
        for table in (Rate, PriceChange):
            connection.execute(
                update(table)
                .where(table.source_key_id == key_id)
                .values(offer_id=offer_id)
            )
        connection.execute(
            update(SourceKey).where(SourceKey.id == key_id).values(offer_id=offer_id)
        )

    def _find_meters(self, connection: Connection, keys: Collection[str]) -> None:
        for chunk in chunks(keys):
            rows = connection.execute(
                select(Meter.key, Meter.id).where(Meter.key.in_(chunk))
            )
            self._meters.update((key, id_) for key, id_ in rows)

    def _find_offers(
        self, connection: Connection, offers: Collection[OfferValue]
    ) -> None:
        for chunk in chunks({offer.model for offer in offers}):
            rows = connection.execute(
                select(Offer.id, Offer.provider, Offer.model, Offer.region).where(
                    Offer.model.in_(chunk)
                )
            )
            self._offers.update(
                (OfferValue(provider, model, region), id_)
                for id_, provider, model, region in rows
            )

    def _find_keys(self, connection: Connection, keys: Collection[str]) -> None:
        for chunk in chunks(keys):
            rows = connection.execute(
                select(SourceKey.key, SourceKey.id).where(
                    SourceKey.source_id == self._source_id, SourceKey.key.in_(chunk)
                )
            )
            self._keys.update((key, id_) for key, id_ in rows)


def _one_at_a_time(connection: Connection) -> None:
    """Let one transaction at a time make offers and meters, which sources share: two
    that make the same ones in another order would wait for each other for ever.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _LOCK})


def _meter_row(key: str) -> tuple[object, ...]:
    meter = parse_meter(key)
    qualifiers = json.dumps(dict(meter.qualifiers), sort_keys=True)
    counted = (meter.component, meter.unit, meter.tier, meter.context_above)
    return (key, *counted, qualifiers, meter.quantum)
