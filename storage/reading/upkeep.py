"""What is known of the upkeep of sources: runs, captures, and names that are away."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from storage.reading.queries import rows
from storage.types import text_instant

Row = dict[str, Any]

_RUNS = """
SELECT source, kind, slot, started_at, finished_at, outcome, note, version, status
FROM (
  SELECT s.name AS source, r.kind, r.slot, r.started_at, r.finished_at, x.outcome,
    x.note, c.version, c.status, x.id,
    ROW_NUMBER() OVER (PARTITION BY x.source_id ORDER BY x.id DESC) AS place
  FROM source_runs x
  JOIN runs r ON r.id = x.run_id
  JOIN sources s ON s.id = x.source_id
  LEFT JOIN captures c ON c.id = x.capture_id
) t WHERE place <= :most ORDER BY source, id DESC
"""
# The few are found by an index first: the columns behind a body are far away.
_CAPTURES = """
SELECT s.name AS source, c.observed_at, c.fetched_at, c.origin, c.version, c.size,
  c.status, c.sha256, c.url, c.note
FROM captures c JOIN sources s ON s.id = c.source_id
WHERE c.id IN (
  SELECT id FROM (
    SELECT id, ROW_NUMBER() OVER (
      PARTITION BY source_id ORDER BY observed_at DESC, id DESC) AS place
    FROM captures) t
  WHERE place <= :most)
ORDER BY s.name, c.observed_at DESC, c.id DESC
"""
_MISSING = """
SELECT s.name AS source, k.key AS source_key, k.missing_since, k.renamed_to,
  o.provider, o.model, o.region
FROM source_keys k
JOIN sources s ON s.id = k.source_id
JOIN offers o ON o.id = k.offer_id
WHERE k.missing_since IS NOT NULL AND k.withdrawn_at IS NULL
ORDER BY s.name, k.key
"""
_INSTANTS = (
    *("slot", "started_at", "finished_at", "fetched_at", "missing_since"),
    *("decided_at", "held_at", "resolved_at"),
)


def runs(connection: Connection, most: int) -> list[Row]:
    """The last runs of each source, newest first."""
    return _read(connection, _RUNS, {"most": most})


def captures(connection: Connection, most: int) -> list[Row]:
    """The last captures of each source, newest first, without their bodies."""
    return _read(connection, _CAPTURES, {"most": most})


def missing(connection: Connection) -> list[Row]:
    """Keys that the newest complete capture of their source does not have, and that
    are not taken for gone yet.
    """
    return _read(connection, _MISSING, {})


def _read(connection: Connection, sql: str, values: Row) -> list[Row]:
    found = rows(connection, sql, values)
    for row in found:
        for name in _INSTANTS:
            if isinstance(row.get(name), str):
                row[name] = text_instant(row[name])
    return found


_STANDING = """
SELECT s.name AS source, k.key AS source_key, m.key AS meter, r.price_nano,
  r.currency, r.valid_from, h.previous_seen_at, o.provider, o.model, o.region
FROM holds h
JOIN sources s ON s.id = h.source_id
JOIN source_keys k ON k.id = h.source_key_id
JOIN offers o ON o.id = k.offer_id
LEFT JOIN meters m ON m.id = h.meter_id
LEFT JOIN rates r ON r.source_key_id = h.source_key_id AND r.meter_id = h.meter_id
  AND r.valid_from <= h.held_at AND (r.valid_to IS NULL OR r.valid_to > h.held_at)
WHERE h.status IN ('pending', 'rejected')
"""
_DECIDED = """
SELECT s.name AS source, d.scope, d.key, d.meter, d.value, d.decision, d.decided_at,
  d.decided_by, d.note
FROM decisions d JOIN sources s ON s.id = d.source_id
ORDER BY d.id DESC LIMIT :most
"""
_ENDED = """
SELECT h.status, h.reason, COUNT(*) AS n FROM holds h GROUP BY h.status, h.reason
"""


def standing(connection: Connection) -> dict[tuple[str, str, str], Row]:
    """By source, key and meter (empty for a whole key): what is held of it, and the
    price that stands meanwhile, if there is one.
    """
    found = _read(connection, _STANDING, {})
    return {(r["source"], r["source_key"], r["meter"] or ""): r for r in found}


def decided(connection: Connection, most: int) -> list[Row]:
    """What people and independent sources decided, the newest first."""
    return _read(connection, _DECIDED, {"most": most})


def endings(connection: Connection) -> list[Row]:
    """How many holds there are, by status and reason."""
    return _read(connection, _ENDED, {})


_READINGS = """
SELECT s.name AS source, c.observed_at FROM captures c
JOIN sources s ON s.id = c.source_id
WHERE c.status IN ('applied', 'unchanged') ORDER BY s.name, c.observed_at
"""


def readings(connection: Connection) -> dict[str, list[datetime]]:
    """When each source was read well, oldest first."""
    found: dict[str, list[datetime]] = {}
    for row in rows(connection, _READINGS):
        found.setdefault(row["source"], []).append(row["observed_at"])
    return found
