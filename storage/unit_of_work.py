"""A store, and the units of work done in it: each rolls back unless committed."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from storage.engine import exists, explained, let_go, masked, open_engine
from storage.keeping.upgrade import refuse_newer, revision_of, upgrade
from storage.schema import HEAD
from tracker.domain.errors import StorageError

__all__ = ["Connection", "Rehearsal", "Store", "UnitOfWork", "revision"]


class UnitOfWork:
    """One transaction. What it did is undone unless `commit` is called."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._transaction = connection.begin()

    def commit(self) -> None:
        """Make what was done last."""
        self._transaction.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._transaction.is_active:
            self._transaction.rollback()


class Store:
    """A database of Pricetrail, brought up to date when it is first opened.

    Args:
        db: a URL, or the path of an SQLite file.

    Raises:
        StorageError: it cannot be opened, or is not ours.
    """

    def __init__(self, db: str) -> None:
        self.db = db
        self._engine = open_engine(db)
        with self.told():
            self._ensure_schema()

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn the database's errors into lines that say what to do."""
        try:
            yield
        except SQLAlchemyError as fault:
            raise explained(fault, self.db) from fault

    @contextmanager
    def writing(self) -> Iterator[UnitOfWork]:
        """A transaction that writes; on SQLite it holds the write lock."""
        with (
            self.told(),
            self._engine.connect() as connection,
            UnitOfWork(connection) as work,
        ):
            yield work

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads one state of the database."""
        with self.told(), self._engine.connect() as connection:
            reader = connection.execution_options(pricetrail_reads=True)
            with reader.begin():
                yield reader

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction that sees one state throughout, whatever is written."""
        with self.told(), self._engine.connect() as connection:
            options: dict[str, Any] = {"pricetrail_reads": True}
            if connection.dialect.name == "postgresql":
                options["isolation_level"] = "REPEATABLE READ"
            reader = connection.execution_options(**options)
            with reader.begin():
                yield reader

    @contextmanager
    def refilling(self) -> Iterator[UnitOfWork]:
        """A transaction that replaces everything: references are not checked row by
        row on SQLite, so check them before it is committed.
        """
        with self.told(), self._engine.connect() as connection:
            driver = connection.connection.driver_connection
            if connection.dialect.name == "sqlite" and driver is not None:
                driver.execute("PRAGMA foreign_keys = OFF")
            try:
                with UnitOfWork(connection) as work:
                    yield work
            finally:
                connection.invalidate()

    def pages_into(self, path: Path) -> None:
        """Copy an SQLite database page by page into a file, in one state of it.

        Raises:
            sqlite3.Error: the file cannot be written.
        """
        import sqlite3

        with (
            self.told(),
            self._engine.connect() as connection,
            closing(sqlite3.connect(path)) as copy,
        ):
            driver = connection.connection.driver_connection
            if driver is not None:
                driver.backup(copy)

    @property
    def name(self) -> str:
        """The database's address, fit to be shown."""
        return masked(self.db)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is an SQLite file, and no server."""
        return self._engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Let go of the database."""
        let_go(self._engine)

    def _ensure_schema(self) -> None:
        with self._engine.connect() as connection:
            reader = connection.execution_options(pricetrail_reads=True)
            with reader.begin():
                at = revision_of(reader)
        if at == HEAD:
            return
        if at is None:
            with self._engine.begin() as connection:
                upgrade(connection)
            return
        refuse_newer(at)
        # SQLite alters a table by making it anew, which references to it forbid.
        try:
            with self.refilling() as work:
                upgrade(work.connection)
                work.commit()
        except StorageError as fault:
            raise StorageError(
                f"{fault}; the schema is still {at}, nothing was changed"
            ) from fault


def revision(db: str) -> str | None:
    """The schema that a database is at; None if there is none yet.

    Raises:
        StorageError: it cannot be opened, or is not ours.
    """
    if not exists(db):
        return None
    engine = open_engine(db)
    try:
        with engine.connect() as connection:
            reader = connection.execution_options(pricetrail_reads=True)
            return revision_of(reader)
    except SQLAlchemyError as fault:
        raise explained(fault, db) from fault
    finally:
        let_go(engine)


class Rehearsal(Store):
    """A store in which nothing lasts: for a dry run of the same code.

    All its units of work are one transaction that is rolled back at the end. An
    SQLite file that does not exist is not made; the rehearsal is in memory then.
    """

    def __init__(self, db: str) -> None:
        super().__init__(db if exists(db) else "sqlite://")
        self._shared = self._engine.connect()
        self._whole = self._shared.begin()

    @contextmanager
    def writing(self) -> Iterator[UnitOfWork]:
        """A unit of work whose commit is not the last word."""
        with self.told():
            yield _Rehearsed(self._shared)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """What was rehearsed so far."""
        with self.told():
            yield self._shared

    def close(self) -> None:
        """Undo everything."""
        self._whole.rollback()
        self._shared.close()
        super().close()


class _Rehearsed(UnitOfWork):
    """Part of a transaction that will be rolled back as a whole."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def commit(self) -> None:
        """Leave it to the end, which undoes it."""

    def __exit__(self, *_: object) -> None:
        """Leave it to the end."""
