"""Statements over many rows, and the few that the two databases spell apart."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Table

from storage.base import Base
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
    build = _insert_builder(connection)
    statement = build(table).values(row).on_conflict_do_nothing()
    return connection.execute(statement.returning(table.c.id)).scalar()


class Insert:
    """An INSERT of many rows, given as tuples.

    The driver's own executemany is called with ready rows: going through the
    statement compiler cost four times as much on a backfill, half of its time.

    Args:
        model: the table.
        columns: its columns, in the order of the tuples.
        or_ignore: pass over rows that are there already.
    """

    def __init__(
        self, model: type[Base], *columns: str, or_ignore: bool = False
    ) -> None:
        table = cast("Table", model.__table__)
        known = set(table.c.keys())
        if not known.issuperset(columns):
            raise ValueError(f"{model.__name__} has no {set(columns) - known}")
        marks = ", ".join("{0}" for _ in columns)
        names = ", ".join(columns)
        known_rows = " ON CONFLICT DO NOTHING" if or_ignore else ""
        self._sql = f"INSERT INTO {table.name} ({names}) VALUES ({marks}){known_rows}"

    def __call__(self, connection: Connection, rows: list[tuple[Any, ...]]) -> None:
        """Insert the rows; instants in them must be `instants(connection)`'s."""
        if rows:
            mark = "%s" if _is_postgresql(connection) else "?"
            connection.exec_driver_sql(self._sql.format(mark), rows)


class Prepared:
    """A statement of our own for many rows, given as tuples; `{0}` marks a value.

    As with `Insert`, the driver's own executemany gets ready rows.
    """

    def __init__(self, sql: str) -> None:
        self._sql = " ".join(sql.split())

    def __call__(self, connection: Connection, rows: list[tuple[Any, ...]]) -> None:
        """Run it; instants in the rows must be `instants(connection)`'s."""
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


def _insert_builder(connection: Connection) -> Any:
    """The dialect's own insert, which knows ON CONFLICT; the other dialect is not
    imported.
    """
    if _is_postgresql(connection):
        from sqlalchemy.dialects import postgresql

        return postgresql.insert
    from sqlalchemy.dialects import sqlite

    return sqlite.insert


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"
