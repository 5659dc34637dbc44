"""Where a benchmark works: the data, a temporary folder, databases made once."""

import lzma
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.measure import Usage, run

PRICETRAIL = (sys.executable, "-m", "tracker")
HELD = 1
"""The exit code where something is held for review, as in any real history."""


@dataclass
class Setting:
    """What the benchmarks share.

    Attributes:
        maps: the folder of litellm's maps, one a week.
        work: a temporary folder; files in it may come and go.
        runs: how often each thing is measured.
    """

    maps: Path
    work: Path
    runs: int

    @cached_property
    def history(self) -> Path:
        """A database of all the maps; copy it before it is written to."""
        db = self.work / "history.db"
        backfill(self.maps, db)
        return db


def program(*arguments: str | Path, db: Path) -> list[str | Path]:
    """The command line of Pricetrail on a database."""
    return [*PRICETRAIL, *arguments, "--db", f"sqlite:///{db}"]


def backfill(folder: Path, db: Path) -> Usage:
    """Fill a new database from a folder; its file is left closed and complete."""
    forget(db)
    command = program("backfill", "litellm", "--from-dir", folder, db=db)
    usage = run(command, may_exit=(0, HELD))
    with opened(db) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return usage


def forget(db: Path) -> None:
    """Delete a database and what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        db.with_name(db.name + suffix).unlink(missing_ok=True)


def copied(db: Path, name: str) -> Path:
    """A copy of a closed database, beside it."""
    copy = db.with_name(name)
    forget(copy)
    shutil.copyfile(db, copy)
    return copy


@contextmanager
def opened(db: Path) -> Iterator[sqlite3.Connection]:
    """A plain connection, in autocommit, closed at the end."""
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        yield connection


def tables(connection: sqlite3.Connection) -> list[str]:
    """The names of the tables."""
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    )
    return [name for (name,) in found if not name.startswith("sqlite_")]


def rows_in(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table holds."""
    counted = {}
    for name in tables(connection):
        (counted[name],) = connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()
    return counted


def unpacked(paths: list[Path], folder: Path) -> Path:
    """A folder that holds these maps as plain JSON."""
    folder.mkdir(exist_ok=True)
    for path in paths:
        (folder / path.stem).write_bytes(lzma.decompress(path.read_bytes()))
    return folder
