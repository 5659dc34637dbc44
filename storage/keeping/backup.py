"""Backups: one file that is itself an SQLite database, whatever it is a backup of.

It can be asked like any other, and restored into either kind of database.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.keeping.copying import Copied, Told, copy
from storage.schema import HEAD
from storage.unit_of_work import Store
from tracker.domain.errors import StorageError, UsageError


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made and found whole: its file, size in bytes, and rows."""

    path: Path
    size: int
    rows: dict[str, int]


def backup(
    store: Store, path: Path, *, force: bool = False, told: Told = lambda _: None
) -> Backup:
    """Write one state of a database into a file, while others may write to it.

    The file appears when it is whole; until then it has another name.

    Raises:
        UsageError: there is such a file already, or it can be none.
        StorageError: it cannot be written.
    """
    if path.exists() and not force:
        raise UsageError(f"{path} is there already; --force replaces it")
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(f"{path} cannot be a file; name one in a folder that exists")
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with _told(path):
            if store.is_sqlite:
                store.pages_into(part)
            else:
                _rows_into(part, store, told)
            rows = _checked(part)
            part.replace(path)
            _settle(path.parent)
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            part.with_name(part.name + suffix).unlink(missing_ok=True)
    return Backup(path, path.stat().st_size, rows)


def restore(
    path: Path, target: Store, *, force: bool = False, told: Told = lambda _: None
) -> list[Copied]:
    """Put a backup's rows into a database, all of them or none.

    The backup stays as it is, and may be of an older schema.

    Raises:
        UsageError: there is no such file, or the target holds something.
        StorageError: the file is no backup.
    """
    if not path.is_file():
        raise UsageError(f"there is no backup at {path}")
    with tempfile.TemporaryDirectory(prefix="pricetrail-") as folder, _told(path):
        unpacked = Path(folder) / "backup.db"
        with (
            closing(_opened(path)) as connection,
            closing(sqlite3.connect(unpacked)) as scratch,
        ):
            if _revision(connection) is None:
                raise StorageError(f"{path} is no backup of Pricetrail")
            connection.backup(scratch)
        source = Store(str(unpacked))
        try:
            return copy(source, target, force=force, told=told)
        finally:
            source.close()


def _rows_into(part: Path, store: Store, told: Told) -> None:
    """A server's rows, read in one REPEATABLE READ transaction."""
    target = Store(str(part))
    try:
        copy(store, target, told=told)
    finally:
        target.close()


def _checked(part: Path) -> dict[str, int]:
    """Make the file one without companions, and look through it.

    Raises:
        StorageError: it is damaged, which tells of a damaged disk or database.
    """
    with closing(sqlite3.connect(part)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        found = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
        if found != ["ok"]:
            raise StorageError(
                f"the copy is damaged ({'; '.join(found)}); see: pricetrail db check"
            )
        names = connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        rows = {
            name: connection.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]
            for (name,) in names.fetchall()
        }
    _settle(part)
    return {name: count for name, count in rows.items() if name != "alembic_version"}


def _settle(path: Path) -> None:
    """Wait until the disk has it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _opened(path: Path) -> sqlite3.Connection:
    """The backup, opened so that nothing is written beside it."""
    address = f"{path.resolve().as_uri()}?mode=ro"
    wal = path.with_name(path.name + "-wal")
    if not (wal.exists() and wal.stat().st_size):
        address += "&immutable=1"
    return sqlite3.connect(address, uri=True)


def _revision(connection: sqlite3.Connection) -> str | None:
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if not {"alembic_version", "captures", "sources"} <= names:
        return None
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if found and found[0] > HEAD:
        raise StorageError(
            f"the backup has schema {found[0]}, newer than this Pricetrail knows "
            f"({HEAD}); upgrade Pricetrail"
        )
    return found[0] if found else None


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn SQLite's and the disk's errors into a line."""
    try:
        yield
    except sqlite3.Error as fault:
        raise StorageError(f"{path}: {fault}; is it whole, is the disk full?") from (
            fault
        )
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise StorageError(f"{path}: {reason}; name another file") from fault
