"""Statements over many rows, and the few that the two databases spell apart."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from storage.models import Base
from storage.types import instant_text

T = TypeVar("T")

CHUNK = 500
"""How many values one IN list holds; SQLite allows some thousands."""


def insert_new(connection: Connection, model: type[Base], row: dict[str, Any]) -> Any:
    """Insert a row unless a unique constraint says it is there.

    Returns:
        the new id, or None.
    """
    table = cast("Table", model.__table__)
    build = postgresql.insert if _is_postgresql(connection) else sqlite.insert
    statement = build(table).values(row).on_conflict_do_nothing()
    return connection.execute(statement.returning(table.c.id)).scalar()


def insert_missing(
    connection: Connection, model: type[Base], rows: Sequence[dict[str, Any]]
) -> None:
    """Insert rows, passing over those that are there."""
    if not rows:
        return
    build = postgresql.insert if _is_postgresql(connection) else sqlite.insert
    statement = build(cast("Table", model.__table__)).on_conflict_do_nothing()
    connection.execute(statement, rows)


class Insert:
    """An INSERT of many rows, given as tuples.

    The driver's own executemany is called with ready rows: going through the
    statement compiler cost four times as much on a backfill, half of its time.

    Args:
        model: the table.
        columns: its columns, in the order of the tuples.
    """

    def __init__(self, model: type[Base], *columns: str) -> None:
        table = cast("Table", model.__table__)
        known = set(table.c.keys())
        if not known.issuperset(columns):
            raise ValueError(f"{model.__name__} has no {set(columns) - known}")
        marks = ", ".join("{0}" for _ in columns)
        names = ", ".join(columns)
        self._sql = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"

    def __call__(self, connection: Connection, rows: list[tuple[Any, ...]]) -> None:
        """Insert the rows; instants in them must be `instants(connection)`'s."""
        if rows:
            mark = "%s" if _is_postgresql(connection) else "?"
            connection.exec_driver_sql(self._sql.format(mark), rows)


def instants(connection: Connection) -> Callable[[datetime | None], Any]:
    """How this database's driver takes an instant."""
    if _is_postgresql(connection):
        return lambda value: value
    return lambda value: None if value is None else instant_text(value)


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values in lists of at most `size`."""
    chunk: list[T] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"
