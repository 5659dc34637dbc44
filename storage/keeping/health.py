"""What a database can be checked for: its file, its schema, its rows, its bodies."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import zstandard
from sqlalchemy import Connection, inspect, text

from storage.keeping.copying import tables
from storage.keeping.pruning import floors
from storage.types import UtcDateTime
from storage.views import VIEWS

SOME = 3
"""How many examples of one kind of fault are named."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check found.

    Attributes:
        what: what is so.
        advice: what to do about it.
        fault: whether it is wrong; else it merely waits.
    """

    what: str
    advice: str
    fault: bool = True


_DAMAGE = "restore a backup: pricetrail db restore FILE --force"
_ANEW = "derive it anew: pricetrail rebuild"

_OVERLAPS = """
SELECT COUNT(*) FROM (
  SELECT valid_to, LEAD(valid_from) OVER (
    PARTITION BY source_key_id, meter_id ORDER BY valid_from) AS following
  FROM rates) p
WHERE following IS NOT NULL AND (valid_to IS NULL OR valid_to > following)
"""
_UNTOLD = """
SELECT COUNT(*) FROM rates r WHERE NOT EXISTS (
  SELECT 1 FROM price_changes c WHERE c.source_key_id = r.source_key_id
  AND c.meter_id = r.meter_id AND c.observed_at = r.valid_from
  AND c.new_price_nano = r.price_nano)
"""
_BELIEFS = """
SELECT COUNT(*) FROM (
  SELECT valid_to, LEAD(valid_from) OVER (
    PARTITION BY offer_id, meter_id ORDER BY valid_from) AS following
  FROM beliefs WHERE known_to IS NULL) p
WHERE following IS NOT NULL AND (valid_to IS NULL OR valid_to > following)
"""
_INVARIANTS = {
    _OVERLAPS: "periods of a price overlap",
    _UNTOLD: "periods of a price begin without a change in the timeline",
    _BELIEFS: "periods of what is believed overlap",
}
_WAITING = {
    "SELECT COUNT(*) FROM captures WHERE status = 'pending'": "captures wait",
    "SELECT COUNT(*) FROM sources WHERE rebuild": "sources wait to be replayed",
    "SELECT COUNT(*) FROM sources WHERE unjudged": "sources wait to be judged",
}


def findings(connection: Connection) -> Iterator[Finding]:
    """Everything there is to find, the worst first."""
    if connection.dialect.name == "sqlite":
        yield from _file(connection)
    yield from _schema(connection)
    if connection.dialect.name == "postgresql":
        yield from _sequences(connection)
    yield from _rows(connection)
    yield from _bodies(connection)
    for sql, what in _WAITING.items():
        if count := connection.execute(text(sql)).scalar_one():
            yield Finding(f"{count:,} {what}", "the next sync does that", fault=False)


def _file(connection: Connection) -> Iterator[Finding]:
    for (said,) in connection.exec_driver_sql(f"PRAGMA integrity_check({SOME})"):
        if said != "ok":
            yield Finding(f"the file is damaged: {said}", _DAMAGE)
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(SOME)
    for table, row, parent, _ in found:
        yield Finding(f"row {row} of {table} refers to no row of {parent}", _DAMAGE)


def _schema(connection: Connection) -> Iterator[Finding]:
    there = inspect(connection)
    for table in tables():
        columns = {column["name"] for column in there.get_columns(table.name)}
        for name in sorted({column.name for column in table.columns} - columns):
            yield Finding(f"{table.name}.{name} is missing", _DAMAGE)
    for view in sorted(set(VIEWS) - set(there.get_view_names())):
        yield Finding(f"the view {view} is missing", _DAMAGE)


def _sequences(connection: Connection) -> Iterator[Finding]:
    for table in tables():
        name = connection.execute(
            text(f"SELECT pg_get_serial_sequence('{table.name}', 'id')")
        ).scalar_one()
        behind = connection.execute(
            text(
                f"SELECT (SELECT MAX(id) FROM {table.name}) >= "
                f"(SELECT last_value + is_called::int FROM {name})"
            )
        ).scalar_one()
        if behind:
            advice = "copy the database anew: pricetrail db copy --to URL"
            yield Finding(f"new rows of {table.name} would get ids in use", advice)


def _rows(connection: Connection) -> Iterator[Finding]:
    for sql, what in _INVARIANTS.items():
        if count := connection.execute(text(sql)).scalar_one():
            yield Finding(f"{count:,} {what}", _ANEW)


def _bodies(connection: Connection) -> Iterator[Finding]:
    """Each stored body can be unpacked and is what it was; each needed one is there."""
    pruned = floors(connection)
    bad: list[str] = []
    for name, day, sha256, size, body in _stored(connection):
        if not _is_whole(body, sha256, size):
            bad.append(f"{name} of {day}")
    for name in bad[:SOME]:
        yield Finding(f"the body of {name} is damaged", _DAMAGE)
    if len(bad) > SOME:
        yield Finding(f"{len(bad) - SOME:,} more bodies are damaged", _DAMAGE)
    bodiless = text(_BODILESS).columns(newest=UtcDateTime())
    for name, sha256, at in connection.execute(bodiless):
        floor = pruned.get(name)
        if floor is None or at >= floor:
            yield Finding(f"no body {sha256[:12]} of {name} is stored", _DAMAGE)


_BODILESS = """
SELECT s.name, c.sha256, MAX(c.observed_at) AS newest FROM captures c
JOIN sources s ON s.id = c.source_id
GROUP BY s.name, c.sha256 HAVING COUNT(c.body) = 0
ORDER BY s.name, c.sha256
"""


def _stored(connection: Connection) -> Any:
    return connection.execution_options(yield_per=20).execute(
        text(
            "SELECT s.name, c.observed_at, c.sha256, c.size, c.body FROM captures c "
            "JOIN sources s ON s.id = c.source_id WHERE c.body IS NOT NULL"
        )
    )


def _is_whole(body: bytes, sha256: str, size: int) -> bool:
    try:
        raw = zstandard.ZstdDecompressor().decompress(body, max_output_size=size + 1)
    except zstandard.ZstdError:
        return False
    return hashlib.sha256(raw).hexdigest() == sha256
