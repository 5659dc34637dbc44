"""Who sells what, and since when: what the catalogue and its providers are made of."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from storage.reading.offering import Key
from storage.reading.queries import rows
from storage.views import ranked
from tracker.domain.offers import Offer

Row = dict[str, Any]

_FIRST = """
SELECT o.provider, o.model, o.region, f.since
FROM (SELECT offer_id, MIN(valid_from) AS since FROM rates GROUP BY offer_id) f
JOIN offers o ON o.id = f.offer_id
"""

_READERS = """
SELECT DISTINCT o.provider, s.name AS source
FROM (SELECT DISTINCT offer_id, source_id FROM rates WHERE valid_to IS NULL) r
JOIN offers o ON o.id = r.offer_id
JOIN sources s ON s.id = r.source_id
ORDER BY o.provider, s.name
"""

# The best source's step comes first, should several tell of the same one.
_MOVES = """
SELECT provider, model, region, meter, observed_at, old_price_nano, new_price_nano,
       currency, per, source
FROM (
  SELECT o.provider, o.model, o.region, m.key AS meter, c.observed_at,
         c.old_price_nano, c.new_price_nano, c.currency, s.name AS source,
         CASE WHEN m.quantum = 1000000 THEN '1M ' || m.unit
              WHEN m.quantum = 1 THEN m.unit END AS per,
         CASE WHEN s.provider = o.provider THEN 0 ELSE s.precedence END AS rank,
         ROW_NUMBER() OVER (PARTITION BY o.provider
           ORDER BY c.observed_at DESC, o.model, o.region, m.key, s.name) AS place
  FROM price_changes c
  JOIN offers o ON o.id = c.offer_id
  JOIN sources s ON s.id = c.source_id
  JOIN meters m ON m.id = c.meter_id
  WHERE c.verdict = 'move' AND c.kind IN ('changed', 'returned')
    AND c.old_price_nano IS NOT NULL AND c.new_price_nano IS NOT NULL
    AND c.old_price_nano <> c.new_price_nano
) steps WHERE place <= :most
ORDER BY provider, observed_at DESC, model, region, rank, source, meter
"""

# The best source's word comes last, so that it is the one that is kept.
_OTHERWISE = f"""
SELECT o.provider, o.model, o.region, m.key AS meter, m.unit, m.quantum,
       r.price_nano, r.currency
FROM rates r
JOIN offers o ON o.id = r.offer_id
JOIN sources s ON s.id = r.source_id
JOIN source_keys k ON k.id = r.source_key_id
JOIN meters m ON m.id = r.meter_id
WHERE r.valid_to IS NULL AND r.offer_id NOT IN (
  SELECT x.offer_id FROM rates x JOIN meters y ON y.id = x.meter_id
  WHERE x.valid_to IS NULL AND y.key IN ('input', 'output'))
ORDER BY o.provider, o.model, o.region, {ranked("s")} DESC, s.name DESC, k.key DESC
"""

_KEYED = """
SELECT DISTINCT k.key, o.provider, o.model, o.region
FROM source_keys k JOIN offers o ON o.id = k.offer_id
ORDER BY k.key, o.provider, o.model, o.region
"""

_GONE = """
SELECT o.provider, o.model, o.region, MAX(r.valid_to) AS valid_to
FROM rates r JOIN offers o ON o.id = r.offer_id
GROUP BY o.provider, o.model, o.region
HAVING COUNT(*) = COUNT(r.valid_to)
ORDER BY o.provider, o.model, o.region
"""


def keyed(connection: Connection) -> list[tuple[str, Offer]]:
    """The offers of every source's own names, by name and offer."""
    return [(row.pop("key"), Offer(**row)) for row in rows(connection, _KEYED)]


def first_seen(connection: Connection) -> dict[Key, datetime]:
    """When any source first stated a price of each offer."""
    return {
        (row["provider"], row["model"], row["region"]): row["since"]
        for row in rows(connection, _FIRST)
    }


def readers(connection: Connection) -> dict[str, list[str]]:
    """The sources that state a price of a provider today, by provider."""
    found: dict[str, list[str]] = {}
    for row in rows(connection, _READERS):
        found.setdefault(row["provider"], []).append(row["source"])
    return found


def latest_moves(connection: Connection, *, most: int) -> list[Row]:
    """The newest real steps of each provider, newest first, on any meter.

    Args:
        connection: the transaction.
        most: how many steps of each.
    """
    return rows(connection, _MOVES, {"most": most})


def otherwise(connection: Connection) -> list[Row]:
    """Today's rates of what is paid neither by the input token nor by the output
    token, offer by offer; of those on one meter the best source's comes last.
    """
    return rows(connection, _OTHERWISE)


def gone(connection: Connection) -> list[Row]:
    """Offers that have no price any more, and when the last one ended."""
    return rows(connection, _GONE)
