"""The rows of `sources`: one for each source that was ever read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from storage.bulk import insert_new
from storage.models import Capture, Source


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as the database knows it."""

    id: int
    name: str
    reader: int
    rebuild: bool


def find(connection: Connection, name: str) -> SourceRow | None:
    """A source's row, if it was ever read."""
    row = connection.execute(_row(name)).first()
    return SourceRow(row.id, row.name, row.reader, bool(row.rebuild)) if row else None


def ensure(
    connection: Connection,
    name: str,
    *,
    precedence: int,
    provider: str | None,
    reader: int,
) -> SourceRow:
    """A source's row, made on first use, its standing kept up to date."""
    found = find(connection, name)
    if found is None:
        values = {
            "name": name,
            "precedence": precedence,
            "provider": provider,
            "reader": reader,
            "rebuild": False,
            "unjudged": False,
            "rebuilds": 0,
            "stale": False,
        }
        insert_new(connection, Source, values)
        found = find(connection, name)
    if found is None:
        raise LookupError(f"source {name} vanished while it was made")
    return found


def lock(connection: Connection, source_id: int) -> None:
    """Let one process at a time apply captures of a source.

    SQLite has one writer at a time in any case.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(
            select(Source.id).where(Source.id == source_id).with_for_update()
        )


def rebuilds(connection: Connection, source_id: int) -> int:
    """How often a source's history was replayed."""
    query = select(Source.rebuilds).where(Source.id == source_id)
    return connection.execute(query).scalar_one()


def lock_all(connection: Connection) -> None:
    """Keep captures from being applied while they are judged, and the other way."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(Source.id).order_by(Source.id).with_for_update())


def mark_unjudged(connection: Connection, source_id: int) -> None:
    """Changes were recorded that the judge has yet to see."""
    connection.execute(
        update(Source).where(Source.id == source_id).values(unjudged=True)
    )


def last_read(connection: Connection) -> dict[str, tuple[int, bool, datetime | None]]:
    """By name: a source's row, whether it is marked stale, and when its last good
    capture was made.
    """
    newest = (
        select(func.max(Capture.observed_at))
        .where(
            Capture.source_id == Source.id,
            Capture.status.in_(("applied", "unchanged")),
        )
        .scalar_subquery()
    )
    # In the order in which `lock_all` takes them, for those who then mark some.
    query = select(Source.name, Source.id, Source.stale, newest).order_by(Source.id)
    return {name: (id_, bool(s), at) for name, id_, s, at in connection.execute(query)}


def mark_stale(connection: Connection, source_id: int, *, stale: bool) -> None:
    """Whether a source counts in what is best today."""
    connection.execute(update(Source).where(Source.id == source_id).values(stale=stale))


def any_unjudged(connection: Connection) -> bool:
    """Whether a judging pass is due."""
    query = select(Source.id).where(Source.unjudged.is_(True))
    return connection.execute(query.limit(1)).first() is not None


def all_judged(connection: Connection) -> None:
    """A judging pass has seen everything."""
    connection.execute(update(Source).values(unjudged=False))


def rebuilt(connection: Connection, source_id: int, reader: int) -> None:
    """History was replayed with this version of the parser."""
    connection.execute(
        update(Source)
        .where(Source.id == source_id)
        .values(rebuild=False, reader=reader, rebuilds=Source.rebuilds + 1)
    )


def _row(name: str) -> Select[*tuple[Any, ...]]:
    return select(Source.id, Source.name, Source.reader, Source.rebuild).where(
        Source.name == name
    )
