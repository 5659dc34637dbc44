"""Whether a whole offer came or went with a rate, or only the rate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from storage.reading.queries import change_filter, rows

Place = tuple[str, str, datetime]
"""A source, one of its keys, and an instant."""


@dataclass(frozen=True, slots=True)
class Presence:
    """What is known of a key around an instant.

    Attributes:
        ever: it had a price at some time before.
        was_there: it had one just before.
        is_there: it has one from then on.
        ends_on: the date that its source gave for its end, as it wrote it.
    """

    ever: bool
    was_there: bool
    is_there: bool
    ends_on: str | None


_AROUND = """
SELECT t.source, t.source_key, t.observed_at,
  EXISTS (SELECT 1 FROM rates r WHERE r.source_key_id = k.id
    AND r.valid_from < t.observed_at) AS ever,
  EXISTS (SELECT 1 FROM rates r WHERE r.source_key_id = k.id
    AND r.valid_from < t.observed_at
    AND (r.valid_to IS NULL OR r.valid_to >= t.observed_at)) AS was_there,
  EXISTS (SELECT 1 FROM rates r WHERE r.source_key_id = k.id
    AND r.valid_from <= t.observed_at
    AND (r.valid_to IS NULL OR r.valid_to > t.observed_at)) AS is_there,
  (SELECT MAX(f.value) FROM facts f WHERE f.source_key_id = k.id
    AND f.name = 'deprecation_date' AND f.valid_from < t.observed_at
    AND (f.valid_to IS NULL OR f.valid_to >= t.observed_at)) AS ends_on
FROM (SELECT DISTINCT source, source_key, observed_at FROM price_timeline
      WHERE kind <> 'changed' AND {where}) t
JOIN sources s ON s.name = t.source
JOIN source_keys k ON k.source_id = s.id AND k.key = t.source_key
"""

_RENAMED = """
SELECT s.name AS source, k.key AS old, k.renamed_to AS new,
  COALESCE(k.withdrawn_at, k.missing_since) AS observed_at
FROM source_keys k JOIN sources s ON s.id = k.source_id
WHERE k.renamed_to IS NOT NULL
"""


def around(connection: Connection, filters: Mapping[str, Any]) -> dict[Place, Presence]:
    """The presence of every key to which something other than a step happened.

    Args:
        connection: the transaction.
        filters: as `storage.reading.queries.changes` takes them.
    """
    where, given = change_filter(filters)
    found = rows(connection, _AROUND.format(where=where), given)
    return {
        (row["source"], row["source_key"], row["observed_at"]): Presence(
            ever=bool(row["ever"]),
            was_there=bool(row["was_there"]),
            is_there=bool(row["is_there"]),
            ends_on=row["ends_on"],
        )
        for row in found
    }


def renames(connection: Connection) -> dict[Place, str]:
    """What keys that are away may be called now, by their old place."""
    return {
        (row["source"], row["old"], row["observed_at"]): row["new"]
        for row in rows(connection, _RENAMED)
    }
