"""Thinning stored bodies, and the floor: since when history can be derived anew.

The floor is an applied, complete capture whose body is kept with all later ones.
What was derived from earlier ones stays as it is; a rebuild takes back what later
captures did (`rewind`) and replays those.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update

from storage.bulk import chunks
from storage.models import Capture, Decision, Source
from storage.types import UtcDateTime

SCOPE = "bodies"
"""The scope of a decision to prune; its key is the floor's hash, its value when."""


@dataclass(frozen=True, slots=True)
class BodyRow:
    """A capture as pruning looks at it; `packed` is what its own row stores."""

    id: int
    observed_at: datetime
    sha256: str
    status: str
    complete: bool
    packed: int | None


def floors(connection: Connection) -> dict[str, datetime]:
    """By source: the instant before which bodies were pruned away."""
    query = (
        select(Source.name, Decision.value)
        .join(Source, Source.id == Decision.source_id)
        .where(Decision.scope == SCOPE)
        .order_by(Decision.id)
    )
    found: dict[str, datetime] = {}
    for name, value in connection.execute(query):
        at = datetime.fromisoformat(value)
        found[name] = max(at, found.get(name, at))
    return found


def floor_of(connection: Connection, source_id: int) -> datetime | None:
    """A source's floor; None if all of its bodies were kept."""
    query = select(Decision.value).where(
        Decision.scope == SCOPE, Decision.source_id == source_id
    )
    found = [datetime.fromisoformat(value) for (value,) in connection.execute(query)]
    return max(found, default=None)


def bodies(connection: Connection, source_id: int) -> list[BodyRow]:
    """The captures of a source, oldest first."""
    query = text(
        "SELECT id, observed_at, sha256, status, complete, LENGTH(body) "
        "FROM captures WHERE source_id = :source ORDER BY observed_at, id"
    ).columns(observed_at=UtcDateTime())
    rows = connection.execute(query, {"source": source_id})
    return [
        BodyRow(id_, at, sha256, status, bool(whole), packed)
        for id_, at, sha256, status, whole, packed in rows
    ]


def drop(connection: Connection, ids: Collection[int]) -> None:
    """Drop the bodies of these captures; their rows stay."""
    for part in chunks(ids):
        connection.execute(
            update(Capture).where(Capture.id.in_(part)).values(body=None)
        )


def record(
    connection: Connection, source_id: int, floor: BodyRow, *, at: datetime, note: str
) -> None:
    """Remember the floor; a decision is never dropped."""
    row = {
        "source_id": source_id,
        "scope": SCOPE,
        "key": floor.sha256,
        "meter": "",
        "value": floor.observed_at.isoformat(),
        "decision": "prune",
        "decided_at": at,
        "decided_by": "person",
        "note": note,
    }
    connection.execute(insert(Decision), [row])


_LATER = "(SELECT id FROM captures WHERE source_id = :source AND observed_at > :floor)"
_WITHDRAWN_LATER = f"""EXISTS (SELECT 1 FROM price_changes c
  WHERE c.source_key_id = source_keys.id AND c.kind = 'withdrawn'
  AND c.observed_at = source_keys.withdrawn_at AND c.capture_id IN {_LATER})"""

_REWIND = (
    f"DELETE FROM rates WHERE source_id = :source AND capture_id IN {_LATER}",
    # What a later capture closed is open again, at whatever instant it was closed.
    f"""UPDATE rates SET valid_to = NULL WHERE source_id = :source
    AND EXISTS (SELECT 1 FROM price_changes c
      WHERE c.source_key_id = rates.source_key_id AND c.meter_id = rates.meter_id
      AND c.observed_at = rates.valid_to AND c.kind IN ('changed', 'withdrawn')
      AND c.capture_id IN {_LATER})""",
    f"DELETE FROM facts WHERE source_id = :source AND capture_id IN {_LATER}",
    f"""UPDATE facts SET valid_to = NULL WHERE source_id = :source
    AND valid_to IS NOT NULL AND (valid_to > :floor OR EXISTS (
      SELECT 1 FROM source_keys WHERE source_keys.id = facts.source_key_id
      AND source_keys.withdrawn_at = facts.valid_to AND {_WITHDRAWN_LATER}))""",
    # Given up later, but missing since then: it was missing once.
    f"""UPDATE source_keys SET missing_since = withdrawn_at, withdrawn_at = NULL,
    last_seen_at = (SELECT MAX(c.previous_seen_at) FROM price_changes c
      WHERE c.source_key_id = source_keys.id AND c.kind = 'withdrawn'
      AND c.observed_at = source_keys.withdrawn_at)
    WHERE source_id = :source AND withdrawn_at <= :floor AND {_WITHDRAWN_LATER}""",
    """UPDATE source_keys SET missing_since = NULL, withdrawn_at = NULL,
    last_seen_at = NULL, renamed_to = NULL
    WHERE source_id = :source AND (missing_since > :floor OR withdrawn_at > :floor)""",
    f"DELETE FROM price_changes WHERE source_id = :source AND capture_id IN {_LATER}",
    f"DELETE FROM holds WHERE source_id = :source AND capture_id IN {_LATER}",
    """UPDATE holds SET status = 'pending', resolved_at = NULL
    WHERE source_id = :source AND resolved_at > :floor""",
    # Back since, but gone then.
    """UPDATE source_keys SET withdrawn_at = (SELECT MAX(p.ended) FROM (
      SELECT valid_to AS ended, source_key_id AS id FROM rates
      UNION ALL SELECT valid_to, source_key_id FROM facts) p
      WHERE p.id = source_keys.id)
    WHERE source_id = :source AND withdrawn_at IS NULL AND missing_since IS NULL
    AND NOT EXISTS (SELECT 1 FROM rates r WHERE r.source_key_id = source_keys.id
      AND r.valid_to IS NULL)
    AND NOT EXISTS (SELECT 1 FROM facts f WHERE f.source_key_id = source_keys.id
      AND f.valid_to IS NULL)""",
    """DELETE FROM source_keys WHERE source_id = :source
    AND NOT EXISTS (SELECT 1 FROM rates r WHERE r.source_key_id = source_keys.id)
    AND NOT EXISTS (SELECT 1 FROM facts f WHERE f.source_key_id = source_keys.id)
    AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.source_key_id = source_keys.id)
    AND NOT EXISTS (SELECT 1 FROM price_changes c
      WHERE c.source_key_id = source_keys.id)""",
    """UPDATE captures SET status = 'pending'
    WHERE source_id = :source AND observed_at > :floor""",
    """UPDATE captures SET status = 'rejected', note = 'belongs before the bodies '
    || 'that were pruned' WHERE source_id = :source AND status = 'pending'
    AND observed_at <= :floor""",
)


def rewind(connection: Connection, source_id: int, floor: datetime) -> None:
    """Take back what the captures after an instant did; they wait again."""
    at = bindparam("floor", floor, UtcDateTime())
    for sql in _REWIND:
        statement = text(sql)
        if ":floor" in sql:
            statement = statement.bindparams(at)
        connection.execute(statement, {"source": source_id})


_DERIVED = {
    "source_keys": "SELECT k.key, k.offer_id, k.missing_since, k.last_seen_at, "
    "k.withdrawn_at, k.renamed_to FROM source_keys k WHERE k.source_id = :source",
    "rates": "SELECT k.key, t.meter_id, t.offer_id, t.price_nano, t.currency, t.exact, "
    "t.raw, t.field, t.capture_id, t.valid_from, t.valid_to FROM rates t "
    "JOIN source_keys k ON k.id = t.source_key_id WHERE t.source_id = :source",
    "price_changes": "SELECT k.key, t.meter_id, t.offer_id, t.kind, t.old_price_nano, "
    "t.new_price_nano, t.currency, t.capture_id, t.previous_seen_at, t.observed_at, "
    "t.stated_at FROM price_changes t "
    "JOIN source_keys k ON k.id = t.source_key_id WHERE t.source_id = :source",
    "facts": "SELECT k.key, t.name, t.value, t.capture_id, t.valid_from, t.valid_to "
    "FROM facts t JOIN source_keys k ON k.id = t.source_key_id "
    "WHERE t.source_id = :source",
    "holds": "SELECT k.key, t.meter_id, t.scope, t.reason, t.raw, t.field, "
    "t.capture_id, t.price_nano, t.currency, t.previous_seen_at, t.held_at, t.status, "
    "t.resolved_at FROM holds t LEFT JOIN source_keys k ON k.id = t.source_key_id "
    "WHERE t.source_id = :source",
    "captures": "SELECT id, status, note FROM captures WHERE source_id = :source",
}


def derived(connection: Connection, source_id: int) -> dict[str, str]:
    """A hash of all that was derived of a source, table by table, ids aside."""
    found = {}
    for table, sql in _DERIVED.items():
        rows = connection.execute(text(sql), {"source": source_id})
        found[table] = _hash(sorted(repr(tuple(row)) for row in rows))
    return found


def _hash(rows: list[Any]) -> str:
    return hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()
