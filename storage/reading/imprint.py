"""Everything stored of all offers at once, as plain rows: to tell which of them have
changed since somebody looked. Ids are put into words, since a rebuild may change them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from storage.types import instant_text
from tracker.domain.offers import Offer

Piece = tuple[int, tuple[Any, ...]]
"""An offer's id, and something that is stored of it."""

_KEYS = """
SELECT k.id, k.offer_id, s.name, k.key, k.missing_since, k.last_seen_at,
       k.withdrawn_at, k.renamed_to, o.provider, o.model, o.region
FROM source_keys k JOIN sources s ON s.id = k.source_id
LEFT JOIN source_keys n ON n.source_id = k.source_id AND n.key = k.renamed_to
LEFT JOIN offers o ON o.id = n.offer_id
"""
_RATES = """
SELECT offer_id, source_key_id, meter_id, price_nano, currency, exact, raw, field,
       valid_from, valid_to
FROM rates
"""
_BELIEFS = """
SELECT offer_id, source_id, meter_id, price_nano, currency, valid_from, valid_to,
       basis, known_from
FROM beliefs WHERE known_to IS NULL
"""
_CHANGES = """
SELECT offer_id, source_key_id, meter_id, capture_id, kind, observed_at, verdict,
       old_price_nano, new_price_nano, currency, previous_seen_at, effective_at,
       stated_at, reason, confidence, evidence, story
FROM price_changes
"""
_CAPTURES = """
SELECT id, observed_at, fetched_at, url, origin, version, sha256, size, status, note
FROM captures
"""
_VERDICTS = """
SELECT change, verdict, reason, confidence, evidence, judged_at FROM verdicts
"""
_HOLDS = """
SELECT source_key_id, meter_id, scope, reason, raw, field, price_nano, currency,
       previous_seen_at, held_at, status, resolved_at
FROM holds WHERE source_key_id IS NOT NULL
"""
_FACTS = "SELECT source_key_id, name, value, valid_from, valid_to FROM facts"
_NAMES = "SELECT id, {name} FROM {table}"


def pieces(connection: Connection) -> Iterator[Piece]:
    """Every piece that the page of an offer is made from, in no order."""
    owners: dict[int, int] = {}
    names: dict[int, str] = {}
    for id_, offer, source, key, *state in _all(connection, _KEYS):
        owners[id_], names[id_] = offer, f"{source}|{key}"
        yield offer, ("key", names[id_], *state)
    meters = _named(connection, "meters", "key")
    sources = _named(connection, "sources", "name")
    for offer, key, meter, *said in _all(connection, _RATES):
        yield offer, ("rate", names[key], meters[meter], *said)
    for offer, source, meter, *said in _all(connection, _BELIEFS):
        yield offer, ("belief", sources[source], meters[meter], *said)
    yield from _changes(connection, names, meters)
    for key, *said in _all(connection, _FACTS):
        yield owners[key], ("fact", names[key], *said)
    for key, meter, *said in _all(connection, _HOLDS):
        yield owners[key], ("hold", names[key], meters.get(meter), *said)


def _changes(
    connection: Connection, names: Mapping[int, str], meters: Mapping[int, str]
) -> Iterator[Piece]:
    """Changes, each with the body that showed it, and what was found of them."""
    bodies = {id_: body for id_, *body in _all(connection, _CAPTURES)}
    judged: dict[str, int] = {}
    for offer, key, meter, capture, kind, at, verdict, *said in _all(
        connection, _CHANGES
    ):
        what = (names[key], meters[meter], kind)
        yield offer, ("change", *what, at, verdict, *bodies[capture], *said)
        if verdict is not None:
            seen = at if isinstance(at, str) else instant_text(at)
            judged["|".join((*what, seen))] = offer
    for change, *found in _all(connection, _VERDICTS):
        if change in judged:
            yield judged[change], ("verdict", change, *found)


def offers(connection: Connection) -> dict[int, Offer]:
    """Every offer ever met, by id."""
    found = _all(connection, "SELECT id, provider, model, region FROM offers")
    return {id_: Offer(*offer) for id_, *offer in found}


def standings(connection: Connection) -> dict[str, tuple[Any, ...]]:
    """By its name whether a source is too old to have a voice, and its rank."""
    found = _all(connection, "SELECT name, stale, precedence, provider FROM sources")
    return {name: (bool(flag), *rank) for name, flag, *rank in found}


def speakers(connection: Connection) -> Iterable[tuple[int, str]]:
    """Which sources have a name for which offer."""
    found = _all(
        connection,
        "SELECT DISTINCT k.offer_id, s.name FROM source_keys k "
        "JOIN sources s ON s.id = k.source_id ORDER BY k.offer_id, s.name",
    )
    return ((offer, name) for offer, name in found)


def _named(connection: Connection, table: str, name: str) -> dict[int, str]:
    return dict(_all(connection, _NAMES.format(table=table, name=name)))


def _all(connection: Connection, sql: str) -> Sequence[Any]:
    """The driver's own tuples: there are hundreds of thousands."""
    cursor = connection.exec_driver_sql(sql).cursor
    return [] if cursor is None else cursor.fetchall()
