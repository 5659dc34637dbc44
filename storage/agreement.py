"""What the sources state for one thing, side by side; what people acknowledged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from storage.models import Decision, Source
from storage.reading.queries import rows

Row = Mapping[str, Any]

SCOPE = "disagreement"
"""The scope of decisions that acknowledge one."""

_OPEN = "{r}.valid_to IS NULL"
_AT = "{r}.valid_from <= :at AND ({r}.valid_to IS NULL OR {r}.valid_to > :at)"

# An offer and meter on which two sources differ; the rates of both are then read.
_STATED = """
SELECT o.provider, o.model, o.region, m.key AS meter, s.name AS source,
       k.key AS source_key, r.price_nano, r.currency, r.valid_from, r.source_key_id,
       CASE WHEN s.provider = o.provider THEN 0 ELSE s.precedence END AS place
FROM rates r
JOIN sources s ON s.id = r.source_id
JOIN offers o ON o.id = r.offer_id
JOIN source_keys k ON k.id = r.source_key_id
JOIN meters m ON m.id = r.meter_id
WHERE {held} AND {fresh} AND {provider}
  AND EXISTS (
    SELECT 1 FROM rates x JOIN sources xs ON xs.id = x.source_id
    WHERE x.offer_id = r.offer_id AND x.meter_id = r.meter_id
      AND x.source_id <> r.source_id AND x.currency = r.currency
      AND x.price_nano <> r.price_nano AND {held_other} AND {fresh_other})
ORDER BY o.provider, o.model, o.region, m.key, place, s.name, k.key
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which statements are compared.

    Attributes:
        provider: only what it sells; all if None.
        at: as the sources stated it then; now if None. Sources that are stale have
            no voice in what is now.
    """

    provider: str | None = None
    at: datetime | None = None


def differing(connection: Connection, asked: Asked) -> list[dict[str, Any]]:
    """Every statement on an offer and meter that sources differ on, the best source
    of each first.
    """
    held = _OPEN if asked.at is None else _AT
    fresh = "NOT {s}.stale" if asked.at is None else "1 = 1"
    sql = _STATED.format(
        held=held.format(r="r"),
        held_other=held.format(r="x"),
        fresh=fresh.format(s="s"),
        fresh_other=fresh.format(s="xs"),
        provider="o.provider = :provider" if asked.provider else "1 = 1",
    )
    values: dict[str, Any] = {}
    if asked.at is not None:
        values["at"] = asked.at
    if asked.provider:
        values["provider"] = asked.provider
    return rows(connection, sql, values)


def series_of(connection: Connection, key_ids: list[int]) -> list[dict[str, Any]]:
    """All periods of some keys."""
    if not key_ids:
        return []
    marks = ", ".join(str(int(key_id)) for key_id in key_ids)
    sql = (
        "SELECT r.source_key_id, m.key AS meter, r.price_nano, r.valid_from, r.valid_to"
        f" FROM rates r JOIN meters m ON m.id = r.meter_id"
        f" WHERE r.source_key_id IN ({marks}) ORDER BY r.valid_from"
    )
    return rows(connection, sql)


def acknowledged(connection: Connection) -> dict[tuple[str, str, str], str]:
    """Notes by offer, meter and exact pair of values; the last one counts."""
    query = (
        select(Decision.key, Decision.meter, Decision.value, Decision.note)
        .where(Decision.scope == SCOPE)
        .order_by(Decision.id)
    )
    found = connection.execute(query)
    return {(key, meter, value): note or "" for key, meter, value, note in found}


def acknowledge(
    connection: Connection,
    source: str,
    about: tuple[str, str, str],
    *,
    at: datetime,
    note: str,
) -> None:
    """Remember that a person knows of exactly this pair of values.

    Args:
        connection: the transaction.
        source: the one that differs.
        about: the offer, the meter, the pair of values.
        at: the instant.
        note: why.
    """
    source_id = connection.execute(
        select(Source.id).where(Source.name == source)
    ).scalar_one()
    offer, meter, value = about
    row = {
        "source_id": source_id,
        "scope": SCOPE,
        "key": offer,
        "meter": meter,
        "value": value,
        "decision": "acknowledge",
        "decided_at": at,
        "decided_by": "person",
        "note": note or None,
        "evidence": None,
    }
    connection.execute(insert(Decision), [row])


_ALONE = """
SELECT s.name AS source, k.key AS source_key, o.provider, o.model, o.region
FROM source_keys k
JOIN sources s ON s.id = k.source_id
JOIN offers o ON o.id = k.offer_id
WHERE k.withdrawn_at IS NULL AND {provider}
  AND NOT EXISTS (SELECT 1 FROM source_keys x
                  WHERE x.offer_id = k.offer_id AND x.source_id <> k.source_id)
  AND o.provider IN (
    SELECT yo.provider FROM source_keys y JOIN offers yo ON yo.id = y.offer_id
    GROUP BY yo.provider HAVING COUNT(DISTINCT y.source_id) > 1)
ORDER BY o.provider, o.model, o.region, s.name, k.key
"""


def standing_alone(
    connection: Connection, provider: str | None
) -> list[dict[str, Any]]:
    """Names whose offer no other source ever stated, of providers that several
    sources speak of.
    """
    sql = _ALONE.format(provider="o.provider = :provider" if provider else "1 = 1")
    return rows(connection, sql, {"provider": provider} if provider else {})
