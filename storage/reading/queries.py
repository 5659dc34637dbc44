"""Reading: questions to the views, answered as plain rows.

A row is a dict with the view's column names; instants are aware, dollars exact
decimals made from the stored whole numbers.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, text

from storage.types import UtcDateTime, text_instant
from tracker.domain.money import in_units
from tracker.domain.offers import Offer

Row = dict[str, Any]

_INSTANTS = (
    "valid_from",
    "valid_to",
    "known_from",
    "previous_seen_at",
    "observed_at",
    "effective_at",
    "since",
    "last_capture_at",
)
_DOLLARS = ("usd", "old_usd", "new_usd")


def rows(
    connection: Connection, sql: str, values: Mapping[str, Any] | None = None
) -> list[Row]:
    """Run a query with bound values and return its rows."""
    statement = text(sql)
    given = dict(values or {})
    instants = [name for name, v in given.items() if isinstance(v, datetime)]
    statement = statement.bindparams(*(bindparam(n, type_=_UTC) for n in instants))
    found = connection.execute(statement, given)
    return [_row(dict(row)) for row in found.mappings()]


_UTC = UtcDateTime()


def _row(row: Row) -> Row:
    for name in _INSTANTS:
        if isinstance(row.get(name), str):
            row[name] = text_instant(row[name])
    for name in _DOLLARS:
        value = row.get(name)
        if value is None:
            continue
        nano = row.get("price_nano") if name == "usd" else None
        row[name] = in_units(nano if nano is not None else round(value * 1e9))
    if isinstance(row.get("pct"), float):
        row["pct"] = Decimal(f"{row['pct']:.2f}")
    return row


def _offer_filter(
    offers: Iterable[Offer], table: str = ""
) -> tuple[str, dict[str, Any]]:
    clauses, values = [], {}
    t = f"{table}." if table else ""
    for n, offer in enumerate(offers):
        same = f"{t}provider = :p{n} AND {t}model = :m{n} AND {t}region = :r{n}"
        clauses.append(f"({same})")
        parts = {"p": offer.provider, "m": offer.model, "r": offer.region}
        values.update({f"{name}{n}": value for name, value in parts.items()})
    return "(" + " OR ".join(clauses) + ")", values


def prices_of(
    connection: Connection,
    offers: list[Offer],
    *,
    view: str,
    at: datetime | None = None,
) -> list[Row]:
    """Periods of these offers: those open now, or those that held at an instant."""
    where, values = _offer_filter(offers)
    held = "valid_to IS NULL"
    if at is not None:
        held = "valid_from <= :at AND (valid_to IS NULL OR valid_to > :at)"
        values = {**values, "at": at}
    sql = f"SELECT * FROM {_view(view)} WHERE {where} AND {held} ORDER BY meter, source"
    return rows(connection, sql, values)


def believed_as_known(
    connection: Connection, offer: Offer, *, at: datetime, known_at: datetime
) -> list[Row]:
    """What was believed at one time to have held at another.

    Args:
        connection: the transaction.
        offer: whose prices.
        at: the instant the prices are asked for.
        known_at: the instant whose belief counts.
    """
    where, values = _offer_filter([offer], "o")
    sql = (
        "SELECT o.provider, o.model, o.region, m.key AS meter, "
        "CASE WHEN b.currency = 'USD' THEN 1 END AS usd, b.price_nano, "
        "CASE WHEN m.quantum = 1000000 THEN '1M ' || m.unit "
        "WHEN m.quantum = 1 THEN m.unit END AS per, "
        "b.currency, b.valid_from, b.valid_to, b.basis, s.name AS source, "
        "b.known_from FROM beliefs b JOIN offers o ON o.id = b.offer_id "
        "JOIN meters m ON m.id = b.meter_id JOIN sources s ON s.id = b.source_id "
        f"WHERE {where} AND b.known_from <= :known "
        "AND (b.known_to IS NULL OR b.known_to > :known) AND b.valid_from <= :at "
        "AND (b.valid_to IS NULL OR b.valid_to > :at) ORDER BY m.key"
    )
    return rows(connection, sql, {**values, "at": at, "known": known_at})


def first_sightings(
    connection: Connection, offer: Offer, *, view: str, at: datetime
) -> list[Row]:
    """Periods that began unseen around an instant: their source was last seen
    without them before it, and first seen with them after it.
    """
    where, values = _offer_filter([offer])
    sql = (
        f"SELECT p.* FROM {_view(view)} p WHERE {where} AND p.valid_from > :at "
        "AND EXISTS (SELECT 1 FROM price_timeline t WHERE t.provider = p.provider "
        "AND t.model = p.model AND t.region = p.region AND t.meter = p.meter "
        "AND t.source = p.source AND t.kind = 'introduced' "
        "AND t.observed_at = p.valid_from AND t.previous_seen_at <= :at)"
    )
    return rows(connection, sql, {**values, "at": at})


def history_of(
    connection: Connection,
    offers: list[Offer],
    *,
    view: str,
    source: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Row]:
    """Periods of these offers that overlap `[since, until)`, oldest first."""
    where, values = _offer_filter(offers)
    given: dict[str, Any] = dict(values)
    if source:
        where += " AND source = :source"
        given["source"] = source
    if since:
        where += " AND (valid_to IS NULL OR valid_to > :since)"
        given["since"] = since
    if until:
        where += " AND valid_from < :until"
        given["until"] = until
    sql = (
        f"SELECT * FROM {_view(view)} WHERE {where} ORDER BY meter, valid_from, source"
    )
    return rows(connection, sql, given)


def changes(connection: Connection, filters: Mapping[str, Any]) -> list[Row]:
    """The timeline, oldest first.

    Args:
        connection: the transaction.
        filters: any of since, until (instants), model, provider, source, meter,
            verdict (texts; `model` may hold `*` and `?`).
    """
    where, given = change_filter(filters)
    sql = (
        f"SELECT * FROM price_timeline WHERE {where} "
        "ORDER BY observed_at, provider, model, region, source, source_key, meter, kind"
    )
    return rows(connection, sql, given)


def change_filter(filters: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A condition on the timeline's columns, and the values it binds."""
    given = {name: value for name, value in filters.items() if value}
    clauses = [_CHANGE_FILTERS[name] for name in given]
    if "model" in given:
        given["model"] = _like(given["model"].lower())
    return " AND ".join(clauses) or "1 = 1", given


def steps_of(
    connection: Connection, offer: Offer, *, source: str | None = None
) -> list[Row]:
    """The steps behind an offer's periods: when each was seen, and how large."""
    where, values = _offer_filter([offer])
    if source:
        where += " AND source = :source"
        values = {**values, "source": source}
    sql = (
        "SELECT source, meter, kind, previous_seen_at, observed_at, "
        "old_usd, new_usd, "
        f"pct FROM price_timeline WHERE {where} AND kind <> 'withdrawn' "
        "ORDER BY observed_at"
    )
    return rows(connection, sql, values)


_CHANGE_FILTERS = {
    "since": "observed_at >= :since",
    "until": "observed_at < :until",
    "model": "(LOWER(model) LIKE :model ESCAPE '!' "
    "OR LOWER(source_key) LIKE :model ESCAPE '!' "
    "OR LOWER(provider || '/' || model) LIKE :model ESCAPE '!' "
    "OR (region <> '' AND LOWER(provider || '/' || model || '@' || region) "
    "LIKE :model ESCAPE '!'))",
    "provider": "provider = :provider",
    "source": "source = :source",
    "meter": "meter = :meter",
    "verdict": "verdict = :verdict",
    "kind": "kind = :kind",
}


def _like(glob: str) -> str:
    """A glob as a LIKE pattern: `*` any text, `?` one character, rest as it is."""
    escaped = glob.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return escaped.replace("*", "%").replace("?", "_")


def models(connection: Connection, filters: Mapping[str, str | None]) -> list[Row]:
    """The catalogue: offers with their best card today."""
    clauses, given = [], {}
    if provider := filters.get("provider"):
        clauses.append("provider = :provider")
        given["provider"] = provider
    if query := filters.get("query"):
        pattern = query if set(query) & {"*", "?"} else f"*{query}*"
        clauses.append(
            "(LOWER(provider || '/' || model) LIKE :query ESCAPE '!' "
            "OR (region <> '' AND LOWER(provider || '/' || model || '@' || region) "
            "LIKE :query ESCAPE '!'))"
        )
        given["query"] = _like(pattern.lower())
    if mode := filters.get("mode"):
        clauses.append(
            "EXISTS (SELECT 1 FROM facts f JOIN source_keys k ON k.id = "
            "f.source_key_id JOIN offers o ON o.id = k.offer_id WHERE f.name = 'mode' "
            "AND f.value = :mode AND f.valid_to IS NULL AND o.provider = p.provider "
            "AND o.model = p.model AND o.region = p.region)"
        )
        given["mode"] = mode
    where = " AND ".join(clauses) or "1 = 1"
    sql = f"SELECT * FROM model_prices p WHERE {where} ORDER BY provider, model, region"
    return rows(connection, sql, given)


def modes(connection: Connection) -> set[str]:
    """Every kind of model that a source speaks of today: chat, embedding, ..."""
    sql = "SELECT DISTINCT value FROM facts WHERE name = 'mode' AND valid_to IS NULL"
    return {row["value"] for row in rows(connection, sql)}


def source_health(connection: Connection) -> list[Row]:
    """One row per source: how much it states, and when it was last heard."""
    return rows(connection, _HEALTH)


_HEALTH = """
SELECT s.name AS source,
  (SELECT COUNT(*) FROM captures c WHERE c.source_id = s.id) AS captures,
  (SELECT MAX(c.observed_at) FROM captures c WHERE c.source_id = s.id
     AND c.status IN ('applied', 'unchanged')) AS last_capture_at,
  (SELECT c.version FROM captures c WHERE c.source_id = s.id
     AND c.status IN ('applied', 'unchanged')
     ORDER BY c.observed_at DESC LIMIT 1) AS version,
  (SELECT COUNT(DISTINCT k.offer_id) FROM source_keys k WHERE k.source_id = s.id
     AND EXISTS (SELECT 1 FROM rates r WHERE r.source_key_id = k.id
                 AND r.valid_to IS NULL)) AS offers,
  (SELECT COUNT(*) FROM source_keys k JOIN rates r ON r.source_key_id = k.id
     WHERE k.source_id = s.id AND r.valid_to IS NULL) AS rates,
  (SELECT COUNT(*) FROM holds h WHERE h.source_id = s.id
     AND h.status = 'pending') AS held,
  (SELECT COUNT(*) FROM source_keys k WHERE k.source_id = s.id
     AND k.missing_since IS NOT NULL AND k.withdrawn_at IS NULL) AS missing,
  (SELECT r.outcome FROM source_runs r WHERE r.source_id = s.id
     ORDER BY r.id DESC LIMIT 1) AS last_outcome,
  (SELECT r.note FROM source_runs r WHERE r.source_id = s.id
     ORDER BY r.id DESC LIMIT 1) AS note
FROM sources s ORDER BY s.name
"""


def offers_named(
    connection: Connection,
    *,
    model: str | None = None,
    key: str | None = None,
    exact: Offer | None = None,
) -> list[Offer]:
    """Offers by their model's name, by a source's own key, or exactly."""
    if exact is not None:
        where, values = _offer_filter([exact])
        sql = f"SELECT provider, model, region FROM offers WHERE {where}"
    elif key is not None:
        values = {"key": key}
        sql = (
            "SELECT DISTINCT o.provider, o.model, o.region FROM source_keys k "
            "JOIN offers o ON o.id = k.offer_id WHERE k.key = :key"
        )
    else:
        values = {"model": model or ""}
        sql = "SELECT provider, model, region FROM offers WHERE model = :model"
    found = rows(connection, sql + " ORDER BY 1, 2, 3", values)
    return [Offer(**row) for row in found]


def is_listed(connection: Connection, name: str) -> bool:
    """Whether any offer, model or source's own key is called so, in any case."""
    sql = (
        "SELECT 1 AS found FROM offers o LEFT JOIN source_keys k ON k.offer_id = o.id "
        "WHERE LOWER(o.model) = :name OR LOWER(k.key) = :name "
        "OR LOWER(o.provider || '/' || o.model) = :name "
        "OR LOWER(o.provider || '/' || o.model || '@' || o.region) = :name LIMIT 1"
    )
    return bool(rows(connection, sql, {"name": name.lower()}))


def offer_names(connection: Connection) -> Iterator[Offer]:
    """Every offer, to find the nearest names of one that is not there."""
    sql = "SELECT provider, model, region FROM offers ORDER BY provider, model, region"
    return (Offer(**row) for row in rows(connection, sql))


def facts_of(connection: Connection, offer: Offer) -> dict[str, str]:
    """What is said of an offer today besides prices; the first key's word counts."""
    where, values = _offer_filter([offer], "o")
    sql = (
        "SELECT f.name, f.value FROM facts f "
        "JOIN source_keys k ON k.id = f.source_key_id "
        "JOIN sources s ON s.id = f.source_id JOIN offers o ON o.id = k.offer_id "
        f"WHERE {where} AND f.valid_to IS NULL ORDER BY s.precedence DESC, k.key DESC"
    )
    return {row["name"]: row["value"] for row in rows(connection, sql, values)}


def totals(connection: Connection) -> Row:
    """How much there is, for a sync's summary."""
    (row,) = rows(
        connection,
        """
        SELECT (SELECT COUNT(DISTINCT offer_id) FROM rates WHERE valid_to IS NULL)
                 AS offers,
               (SELECT COUNT(*) FROM rates WHERE valid_to IS NULL) AS rates,
               (SELECT COUNT(DISTINCT meter_id) FROM rates WHERE valid_to IS NULL)
                 AS meters,
               (SELECT COUNT(*) FROM rates r JOIN meters m ON m.id = r.meter_id
                 WHERE r.valid_to IS NULL AND m.unit = 'unknown') AS unknown,
               (SELECT COUNT(*) FROM facts WHERE valid_to IS NULL) AS facts,
               (SELECT COUNT(*) FROM price_changes) AS changes,
               (SELECT COUNT(*) FROM holds WHERE status = 'pending') AS held
        """,
    )
    return row


VIEWS = ("price_history", "current_prices", "believed_prices")


def _view(name: str) -> str:
    if name not in VIEWS:
        raise ValueError(f"no such view: {name}")
    return name
