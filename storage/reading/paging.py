"""The timeline in pages: each goes on after a change, whatever was added since.

A page begins behind the place of a change in the order of the timeline. That place is
made of what the change is (when, of which offer, who said so, on which meter), not of
row ids, which a rebuild gives anew: what was there all the while is read exactly once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from storage.reading.queries import _like, rows
from storage.views import VIEWS

Row = dict[str, Any]
Place = tuple[Any, ...]
"""Where a change stands: the values of PLACE."""

_ORDER = {
    "observed_at": "c.observed_at",
    "provider": "o.provider",
    "model": "o.model",
    "region": "o.region",
    "source": "s.name",
    "source_key": "k.key",
    "meter": "m.key",
    "kind": "c.kind",
}
PLACE = tuple(_ORDER)
"""The columns that the timeline is ordered by; no two changes share all of them."""

# Ids are looked up first, so that only the changes of a page are joined with names.
_FILTERS = {
    "since": "c.observed_at >= :since",
    "until": "c.observed_at < :until",
    "provider": "c.offer_id IN (SELECT id FROM offers WHERE provider = :provider)",
    "source": "c.source_id = (SELECT id FROM sources WHERE name = :source)",
    "meter": "c.meter_id = (SELECT id FROM meters WHERE key = :meter)",
    "verdict": "c.verdict = :verdict",
    "kind": "c.kind = :kind",
    "model": "c.source_key_id IN (SELECT k.id FROM source_keys k "
    "JOIN offers o ON o.id = k.offer_id "
    "WHERE LOWER(o.model) LIKE :model ESCAPE '!' "
    "OR LOWER(k.key) LIKE :model ESCAPE '!' "
    "OR LOWER(o.provider || '/' || o.model) LIKE :model ESCAPE '!' "
    "OR (o.region <> '' AND LOWER(o.provider || '/' || o.model || '@' || o.region) "
    "LIKE :model ESCAPE '!'))",
    "least": "c.old_price_nano > 0 AND c.new_price_nano IS NOT NULL AND "
    "ABS(100.0 * (CAST(c.new_price_nano AS DOUBLE PRECISION) - c.old_price_nano) "
    "/ c.old_price_nano) >= :least",
}


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the timeline is read.

    Attributes:
        newest: whether the newest changes come first, not the oldest.
        after: the place of the change before the first; None to begin at the end.
        limit: how many changes at most.
    """

    newest: bool
    after: Place | None
    limit: int


def changes(
    connection: Connection, filters: Mapping[str, Any], page: Page
) -> list[Row]:
    """Changes in the order of the timeline.

    Args:
        connection: the transaction.
        filters: any of since, until (instants), model (may hold `*` and `?`),
            provider, source, meter, verdict, kind, and `least`, a step in per cent,
            up or down.
        page: which of them.
    """
    given = {name: value for name, value in filters.items() if value is not None}
    clauses = [_FILTERS[name] for name in given]
    if "model" in given:
        given["model"] = _like(given["model"].lower())
    if page.after is not None:
        clauses.append(_behind(newest=page.newest))
        given |= {f"at_{name}": v for name, v in zip(PLACE, page.after, strict=True)}
    way = " DESC" if page.newest else ""
    order = ", ".join(f"{column}{way}" for column in _ORDER.values())
    sql = (
        f"{VIEWS['price_timeline']} WHERE {' AND '.join(clauses) or '1 = 1'} "
        f"ORDER BY {order} LIMIT :most"
    )
    return rows(connection, sql, {**given, "most": page.limit})


def at(connection: Connection, instant: datetime) -> list[Row]:
    """Every change that was seen at an instant."""
    sql = f"{VIEWS['price_timeline']} WHERE c.observed_at = :instant"
    return rows(connection, sql, {"instant": instant})


def _behind(*, newest: bool) -> str:
    """The condition of what comes after a place; its first part leads to an index."""
    sign = "<" if newest else ">"
    columns = ", ".join(_ORDER.values())
    values = ", ".join(f":at_{name}" for name in PLACE)
    return f"c.observed_at {sign}= :at_observed_at AND ({columns}) {sign} ({values})"
