"""A store for programs that run for weeks: its file may be gone, or be another one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from storage.unit_of_work import Store
from tracker.domain.errors import StorageError


class Watched(Store):
    """A store whose SQLite file may be moved away, deleted, or put back from a copy.

    A connection that is kept open would go on reading the old file, and a new one
    would make an empty file where there is none.

    Args:
        db: a URL, or the path of an SQLite file.

    Raises:
        StorageError: it cannot be opened, or is not ours.
    """

    def __init__(self, db: str) -> None:
        super().__init__(db)
        named = self._engine.url.database if self.is_sqlite else None
        self._file = Path(named) if named and named != ":memory:" else None
        self._seen = self._identity()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads one state of the file that is there now.

        Raises:
            StorageError: there is none.
        """
        self._look()
        with super().reading() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """The same, and it sees one state throughout.

        Raises:
            StorageError: there is no file.
        """
        self._look()
        with super().snapshot() as connection:
            yield connection

    def _look(self) -> None:
        found = self._identity()
        if found != self._seen:
            self._engine.dispose()
            self._seen = found
        if found is None and self._file is not None:
            raise StorageError(f"database {self.name}: it is not there any more")

    def _identity(self) -> tuple[int, int] | None:
        if self._file is None:
            return None
        try:
            about = self._file.stat()
        except OSError:
            return None
        return about.st_dev, about.st_ino
