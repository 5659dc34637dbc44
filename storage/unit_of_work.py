"""A store, and the units of work done in it: each rolls back unless committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from storage.engine import exists, explained, open_engine
from storage.schema import HEAD
from storage.upgrade import revision_of, upgrade

__all__ = ["Connection", "Rehearsal", "Store", "UnitOfWork"]


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

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _ensure_schema(self) -> None:
        with self._engine.connect() as connection:
            reader = connection.execution_options(pricetrail_reads=True)
            with reader.begin():
                ready = revision_of(reader) == HEAD
        if not ready:
            with self._engine.begin() as connection:
                upgrade(connection)


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
