"""What there is to tell people: changes with all that a digest says of them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from storage.bulk import chunks
from storage.reading.queries import rows

Row = dict[str, Any]

_CHANGES = """
SELECT o.provider, o.model, o.region, s.name AS source, k.key AS source_key,
  m.key AS meter, m.unit, m.quantum, c.kind, c.old_price_nano, c.new_price_nano,
  c.currency, c.previous_seen_at, c.observed_at, c.effective_at, c.verdict, c.reason,
  c.confidence, c.evidence, c.story, c.offer_id, c.meter_id,
  r.valid_from AS since, p.url, p.version, p.sha256,
  CASE WHEN s.provider = o.provider THEN 0 ELSE s.precedence END AS place
FROM price_changes c
JOIN offers o ON o.id = c.offer_id
JOIN sources s ON s.id = c.source_id
JOIN source_keys k ON k.id = c.source_key_id
JOIN meters m ON m.id = c.meter_id
JOIN captures p ON p.id = c.capture_id
LEFT JOIN rates r ON r.source_key_id = c.source_key_id AND r.meter_id = c.meter_id
  AND r.valid_to = c.observed_at
WHERE c.observed_at >= :since AND c.observed_at <= :until
ORDER BY c.observed_at, place, s.name, k.key, m.key, c.kind
"""


def changes(connection: Connection, since: datetime, until: datetime) -> list[Row]:
    """Every change seen in a time, both ends included, oldest first; each with its
    name as in `verdicts`, and `since`, when the price before it began.
    """
    found = rows(connection, _CHANGES, {"since": since, "until": until})
    for row in found:
        row["change"] = change_name(row)
    return found


def change_name(row: Mapping[str, Any]) -> str:
    """A change's name, which a rebuild keeps."""
    at = row["observed_at"].strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = (row["source"], row["source_key"], row["meter"], row["kind"], at)
    return "|".join(parts)


_BELIEVED = """
SELECT b.offer_id, b.meter_id, b.price_nano, b.currency, s.name AS source
FROM beliefs b JOIN sources s ON s.id = b.source_id
WHERE b.known_to IS NULL AND b.valid_from <= :at
  AND (b.valid_to IS NULL OR b.valid_to > :at) AND b.offer_id IN ({ids})
"""
_BELIEVED_NAMES = """
SELECT x.offer, m.key AS meter, b.price_nano, b.currency FROM beliefs b
JOIN (SELECT id, provider || '/' || model
        || CASE WHEN region = '' THEN '' ELSE '@' || region END AS offer FROM offers) x
  ON x.id = b.offer_id
JOIN meters m ON m.id = b.meter_id
WHERE b.known_to IS NULL AND b.valid_from <= :at
  AND (b.valid_to IS NULL OR b.valid_to > :at) AND x.offer IN ({names})
"""
_STATED = """
SELECT r.offer_id, r.meter_id, r.price_nano, r.currency, s.name AS source
FROM rates r JOIN sources s ON s.id = r.source_id
WHERE r.valid_from <= :at AND (r.valid_to IS NULL OR r.valid_to > :at)
  AND r.offer_id IN ({ids})
ORDER BY s.precedence, s.name
"""
_FIRST = """
SELECT r.offer_id, MIN(r.valid_from) AS since FROM rates r
WHERE r.offer_id IN ({ids}) GROUP BY r.offer_id
"""


def believed(
    connection: Connection, offers: Collection[int], at: datetime
) -> list[Row]:
    """What these offers are believed to cost at an instant."""
    return _of_offers(connection, _BELIEVED, offers, {"at": at})


def believed_by_name(
    connection: Connection, offers: Collection[str], at: datetime
) -> dict[tuple[str, str], tuple[int, str]]:
    """The same by the offers' and meters' names: nano-units and their currency."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for chunk in chunks(sorted(offers)):
        given = {f"o{n}": name for n, name in enumerate(chunk)}
        sql = _BELIEVED_NAMES.format(names=", ".join(f":{n}" for n in given))
        for row in rows(connection, sql, {**given, "at": at}):
            found[row["offer"], row["meter"]] = (row["price_nano"], row["currency"])
    return found


def stated(connection: Connection, offers: Collection[int], at: datetime) -> list[Row]:
    """What each source states for these offers at an instant."""
    return _of_offers(connection, _STATED, offers, {"at": at})


def first_seen(connection: Connection, offers: Collection[int]) -> dict[int, datetime]:
    """When any source first stated a price of these offers."""
    found = _of_offers(connection, _FIRST, offers, {})
    return {row["offer_id"]: row["since"] for row in found}


def _of_offers(
    connection: Connection, sql: str, offers: Collection[int], values: Row
) -> list[Row]:
    found: list[Row] = []
    for chunk in chunks(sorted(offers)):
        ids = ", ".join(str(int(id_)) for id_ in chunk)
        found += rows(connection, sql.format(ids=ids), values)
    return found


def sellers(connection: Connection) -> dict[str, int]:
    """How many providers sell each model: what it is known by, roughly."""
    sql = "SELECT model, COUNT(DISTINCT provider) AS sold FROM offers GROUP BY model"
    return {row["model"]: row["sold"] for row in rows(connection, sql)}


_FACT = """
SELECT s.name AS source, k.key AS source_key, o.provider, o.model, o.region,
  f.name, {columns}
FROM facts f
JOIN source_keys k ON k.id = f.source_key_id
JOIN sources s ON s.id = f.source_id
JOIN offers o ON o.id = k.offer_id
"""
_KNOWN = "(f.name LIKE 'supports!_%' ESCAPE '!' OR f.name IN ({names}))"
_PRICED = "EXISTS (SELECT 1 FROM rates r WHERE r.source_key_id = k.id AND {when})"
_NEW_FACT = (
    _FACT.format(
        columns="p.value AS old, f.value AS new, f.valid_from AS observed_at, "
        "s.precedence AS place"
    )
    + "LEFT JOIN facts p ON p.source_key_id = f.source_key_id AND p.name = f.name "
    "AND p.valid_to = f.valid_from "
    "WHERE f.valid_from >= :since AND f.valid_from <= :until AND "
    + _PRICED.format(when="r.valid_from < f.valid_from")
)
_LOST_FACT = (
    _FACT.format(
        columns="f.value AS old, NULL AS new, f.valid_to AS observed_at, "
        "s.precedence AS place"
    )
    + "WHERE f.valid_to >= :since AND f.valid_to <= :until AND NOT EXISTS "
    "(SELECT 1 FROM facts n WHERE n.source_key_id = f.source_key_id "
    "AND n.name = f.name AND n.valid_from = f.valid_to) AND "
    + _PRICED.format(
        when="r.valid_from < f.valid_to AND "
        "(r.valid_to IS NULL OR r.valid_to > f.valid_to)"
    )
)


def capabilities(
    connection: Connection, since: datetime, until: datetime, names: Collection[str]
) -> list[Row]:
    """What entries that were there before say otherwise now, besides prices.

    Args:
        connection: the transaction.
        since: from when on it was seen.
        until: until when, included.
        names: facts that count, beside `supports_*`.
    """
    given = {f"n{n}": name for n, name in enumerate(sorted(names))}
    known = _KNOWN.format(names=", ".join(f":{n}" for n in given))
    values = {**given, "since": since, "until": until}
    found: list[Row] = []
    for sql in (_NEW_FACT, _LOST_FACT):
        found += rows(connection, f"{sql} AND {known}", values)
    key = ("observed_at", "place", "source", "source_key", "name")
    return sorted(found, key=lambda row: [row[k] for k in key])


_STANDING = (
    _FACT.format(columns="f.value, s.precedence AS place")
    + "WHERE {name} AND f.valid_from <= :at "
    "AND (f.valid_to IS NULL OR f.valid_to > :at) AND "
    + _PRICED.format(
        when="r.valid_from <= :at AND (r.valid_to IS NULL OR r.valid_to > :at)"
    )
    + " ORDER BY s.precedence, s.name, k.key, f.name"
)


def deprecations(
    connection: Connection, at: datetime, first: str, last: str
) -> list[Row]:
    """Offers that are still sold and whose sources give an end between two days."""
    name = "f.name = 'deprecation_date' AND f.value >= :first AND f.value <= :last"
    values = {"at": at, "first": first, "last": last}
    return rows(connection, _STANDING.format(name=name), values)


def schedules(connection: Connection, at: datetime) -> list[Row]:
    """The scheduled prices of offers that are sold."""
    name = "f.name LIKE 'schedule:%'"
    return rows(connection, _STANDING.format(name=name), {"at": at})


_HELD = """
SELECT s.name AS source, h.scope, k.key AS source_key, m.key AS meter, h.reason,
  h.raw, h.price_nano, h.currency, h.held_at, o.provider, o.model, o.region
FROM holds h
JOIN sources s ON s.id = h.source_id
LEFT JOIN source_keys k ON k.id = h.source_key_id
LEFT JOIN offers o ON o.id = k.offer_id
LEFT JOIN meters m ON m.id = h.meter_id
WHERE h.held_at <= :at
  AND (h.status = 'pending' OR h.resolved_at > :at)
ORDER BY h.held_at DESC, s.name, k.key, m.key
"""


def holds(connection: Connection, at: datetime) -> list[Row]:
    """What was held back at an instant, newest first."""
    found = rows(connection, _HELD, {"at": at})
    for row in found:
        if isinstance(row["held_at"], str):
            row["held_at"] = datetime.fromisoformat(row["held_at"])
    return found


def meter_keys(connection: Connection) -> set[str]:
    """Every meter that ever had a price."""
    return {row["key"] for row in rows(connection, "SELECT key FROM meters")}


def stale_sources(connection: Connection) -> set[str]:
    """The sources that the last run found too long unread."""
    sql = "SELECT name FROM sources WHERE stale"
    return {row["name"] for row in rows(connection, sql)}
