"""What a chart needs besides the believed prices: changes, and when one looked."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from storage.reading.queries import rows
from tracker.domain.offers import Offer

Row = dict[str, Any]

_OF = "o.provider = :provider AND o.model = :model AND o.region = :region"

_LOOKED = f"""
SELECT DISTINCT s.name AS source, c.observed_at AS observed_at
FROM captures c JOIN sources s ON s.id = c.source_id
WHERE c.status IN ('applied', 'unchanged') AND c.source_id IN (
  SELECT k.source_id FROM source_keys k JOIN offers o ON o.id = k.offer_id
  WHERE {_OF})
ORDER BY source, observed_at
"""

_READS = """
SELECT DISTINCT c.observed_at AS observed_at
FROM captures c JOIN sources s ON s.id = c.source_id
WHERE s.name = :source AND c.status IN ('applied', 'unchanged')
ORDER BY c.observed_at
"""

_CHANGES = """
SELECT source, meter, kind, old_usd, new_usd, observed_at, effective_at, verdict, reason
FROM price_timeline o
WHERE {of} AND kind IN ('changed', 'returned') AND new_usd IS NOT NULL
ORDER BY observed_at, source, source_key, meter
"""


def looked_at(connection: Connection, offer: Offer) -> dict[str, list[datetime]]:
    """When the sources that know the offer were read, by source, in order."""
    found: dict[str, list[datetime]] = {}
    for row in rows(connection, _LOOKED, _named(offer)):
        found.setdefault(row["source"], []).append(row["observed_at"])
    return found


def changes_of(connection: Connection, offer: Offer) -> list[Row]:
    """Every change of an offer's prices in dollars, the oldest first."""
    return rows(connection, _CHANGES.format(of=_OF), _named(offer))


def reads_of(connection: Connection, source: str) -> list[datetime]:
    """When a source was read, in order."""
    found = rows(connection, _READS, {"source": source})
    return [row["observed_at"] for row in found]


def _named(offer: Offer) -> dict[str, str]:
    return {
        "provider": offer.provider,
        "model": offer.model,
        "region": offer.region,
    }
