"""Copying a whole database into another one, of the same kind or the other.

Every table, every row, ids kept. Rows travel in one form: as SQLite holds them,
with instants as text and true and false as 1 and 0. What was read and what stands
in the target are counted and hashed in that form, before the target is committed.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Connection, LargeBinary, Table, text
from sqlalchemy.engine import make_url

from storage.models import Base
from storage.types import UtcDateTime, instant_text, text_instant
from storage.unit_of_work import Store
from tracker.domain.errors import StorageError, UsageError

Row = tuple[Any, ...]
Told = Callable[[str], None]

BATCH, BODIES = 2000, 50
"""Rows read at a time, and rows with whole bodies in them."""


@dataclass(frozen=True, slots=True)
class Copied:
    """One table, as it stands in both databases: how many rows, and their hash."""

    table: str
    rows: int
    sha256: str


class _Digest:
    """Counts and hashes rows as they pass."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = hashlib.sha256()

    def passing(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows, seen."""
        for row in rows:
            self.rows += 1
            self._hash.update(repr(row).encode("utf-8", "surrogatepass"))
            yield row

    def of(self, table: Table) -> Copied:
        """What was seen."""
        return Copied(table.name, self.rows, self._hash.hexdigest())


def tables() -> list[Table]:
    """Every table, those that are referred to before those that refer to them."""
    import storage.models  # noqa: F401 - every model is to be known

    return Base.metadata.sorted_tables


def copy(
    source: Store,
    target: Store,
    *,
    force: bool = False,
    told: Told = lambda _: None,
) -> list[Copied]:
    """Copy all rows of one database into another, in one transaction of each.

    Args:
        source: read in one state, however much is written to it meanwhile.
        target: its schema is made already.
        force: replace what the target holds.
        told: called with the name of each table that was copied.

    Raises:
        UsageError: the target holds something, or is the source itself.
        StorageError: it does not hold in the end what was read; nothing is changed.
    """
    with source.snapshot() as reading:
        if _place(reading) == _identity(target):
            raise UsageError("that is the same database; name another one")
        with target.refilling() as work:
            _make_room(work.connection, target, force=force)
            done = []
            for table in tables():
                done.append(_copy_table(reading, work.connection, table))
                told(table.name)
            _finish(work.connection)
            work.commit()
    return done


def counted(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: connection.execute(
            text(f"SELECT COUNT(*) FROM {table.name}")
        ).scalar_one()
        for table in tables()
    }


def rows_of(connection: Connection, table: Table) -> Iterator[Row]:
    """The rows of a table by their ids, in the form they travel in."""
    columns = list(table.columns)
    names = ", ".join(_quoted(column.name) for column in columns)
    order = ", ".join(column.name for column in table.primary_key.columns)
    has_bodies = any(isinstance(c.type, LargeBinary) for c in columns)
    found = connection.execution_options(
        yield_per=BODIES if has_bodies else BATCH
    ).exec_driver_sql(f"SELECT {names} FROM {_quoted(table.name)} ORDER BY {order}")
    if connection.dialect.name != "postgresql":
        yield from map(tuple, found)
        return
    forms = [_plain_form(column.type) for column in columns]
    for row in found:
        yield tuple(
            value if value is None or form is None else form(value)
            for value, form in zip(row, forms, strict=True)
        )


def _copy_table(reading: Connection, writing: Connection, table: Table) -> Copied:
    seen = _Digest()
    _insert(writing, table, seen.passing(rows_of(reading, table)))
    there = _Digest()
    for _ in there.passing(rows_of(writing, table)):
        pass
    read, stands = seen.of(table), there.of(table)
    if read != stands:
        raise StorageError(
            f"{table.name}: {read.rows} rows were read, and {stands.rows} rows that "
            "are not the same stand in the target; nothing was changed there"
        )
    return stands


def _insert(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    columns = list(table.columns)
    names = ", ".join(_quoted(column.name) for column in columns)
    if connection.dialect.name == "postgresql":
        forms = [_server_form(column.type) for column in columns]
        _stream(connection, f"COPY {table.name} ({names}) FROM STDIN", rows, forms)
        return
    marks = ", ".join("?" * len(columns))
    sql = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"
    for part in _parts(rows):
        connection.exec_driver_sql(sql, part)


def _stream(
    connection: Connection, sql: str, rows: Iterable[Row], forms: list[Any]
) -> None:
    """COPY takes a tenth of the time that INSERTs take."""
    from psycopg import Error

    driver = connection.connection.driver_connection
    if driver is None:
        raise StorageError("the connection to the server was lost")
    try:
        with driver.cursor() as cursor, cursor.copy(sql) as stream:
            for row in rows:
                stream.write_row(
                    tuple(
                        value if value is None or form is None else form(value)
                        for value, form in zip(row, forms, strict=True)
                    )
                )
    except Error as fault:
        raise StorageError(f"the server took no more rows: {_first(fault)}") from fault


def _make_room(connection: Connection, target: Store, *, force: bool) -> None:
    held = {name: rows for name, rows in counted(connection).items() if rows}
    if held and not force:
        some = ", ".join(f"{name}: {rows:,}" for name, rows in list(held.items())[:3])
        raise UsageError(
            f"{target.name} is not empty ({some}, ...); --force replaces all of it"
        )
    if not held:
        return
    if connection.dialect.name == "postgresql":
        every = ", ".join(table.name for table in tables())
        connection.execute(text(f"TRUNCATE {every}"))
        return
    for table in reversed(tables()):
        connection.execute(text(f"DELETE FROM {table.name}"))


def _finish(connection: Connection) -> None:
    """References hold, and new rows get ids above those that were copied."""
    if connection.dialect.name != "postgresql":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise StorageError(
                f"row {broken[1]} of {broken[0]} refers to a row of {broken[2]} "
                "that is not there; see: pricetrail db check"
            )
        return
    for table in tables():
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                f"COALESCE(MAX(id), 1), MAX(id) IS NOT NULL) FROM {table.name}"
            )
        )


def _identity(store: Store) -> tuple[str, ...]:
    with store.reading() as connection:
        return _place(connection)


def _place(connection: Connection) -> tuple[str, ...]:
    """Which database this is, by whatever address it was reached."""
    if connection.dialect.name == "postgresql":
        found = connection.execute(
            text("SELECT pg_postmaster_start_time(), current_database()")
        ).one()
        return ("postgresql", *map(str, found))
    file = make_url(connection.engine.url).database or ""
    return ("sqlite", str(Path(file).resolve()))


def _parts(rows: Iterable[Row]) -> Iterator[list[Row]]:
    part: list[Row] = []
    for row in rows:
        part.append(row)
        if len(part) == BATCH:
            yield part
            part = []
    if part:
        yield part


def _plain_form(kind: Any) -> Callable[[Any], Any] | None:
    """From what the server's driver gives to the form that rows travel in."""
    if isinstance(kind, UtcDateTime):
        return instant_text
    return int if isinstance(kind, Boolean) else None


def _server_form(kind: Any) -> Callable[[Any], Any] | None:
    if isinstance(kind, UtcDateTime):
        return text_instant
    return bool if isinstance(kind, Boolean) else None


def _quoted(name: str) -> str:
    return f'"{name}"'


def _first(fault: BaseException) -> str:
    return str(fault).strip().split("\n")[0]
