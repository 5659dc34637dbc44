"""What a folder holds that is ours: each file, its content and what it was made from.

A file's row is emptied before the file is written and filled in after it, so that the
manifest never claims what is not there, whenever the program is killed. It is locked
for as long as it is open.
"""

import sqlite3
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tracker.domain.errors import StorageError, UsageError

NAME = ".pricetrail-site"
"""The file that makes a folder a site of ours."""
LAYOUT = 1
"""Rises when older manifests cannot be read any more."""
OURS = 0x70747369
"""Tells our file from other SQLite files."""

_OWN = tuple(f"{NAME}{end}" for end in ("", "-journal", "-wal", "-shm", ".part"))
"""What is written beside the pages: by SQLite, which would follow links, and by us."""
_NEVER = (".git", *_OWN)
"""What is in the folder and never a page: no row may name it."""

_MAKE = """
CREATE TABLE files (
    name TEXT PRIMARY KEY, mark TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER
) STRICT, WITHOUT ROWID
"""
_PUT = "INSERT OR REPLACE INTO files (name, mark, sha256, size) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it was written.

    Attributes:
        mark: what it was made from; empty if that is not known.
        sha256: of its content; empty while it is being written.
        size: bytes.
    """

    mark: str
    sha256: str
    size: int


UNSURE = Kept("", "", -1)
"""A file that is ours, and may be whatever a killed run left."""


class Manifest:
    """The files of a folder, by name.

    Args:
        connection: to the manifest's own file, locked.

    Raises:
        DatabaseError: it holds what we never wrote.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        found = connection.execute("SELECT name, mark, sha256, size FROM files")
        self._files = {name: Kept(*rest) for name, *rest in found}
        if not all(_is_ours(*row) for row in self._files.items()):
            raise sqlite3.DatabaseError("malformed: a row that we never wrote")

    @property
    def files(self) -> Mapping[str, Kept]:
        """Every file that is ours, by its name."""
        return self._files

    def note(self, files: Mapping[str, Kept]) -> None:
        """Note what is known of some files, in one transaction."""
        if files:
            rows = ((n, k.mark, k.sha256, k.size) for n, k in files.items())
            with self._connection:
                self._connection.executemany(_PUT, rows)
            self._files.update(files)

    def forget(self, names: Iterable[str]) -> None:
        """These files are not there any more."""
        gone = [(name,) for name in names]
        with self._connection:
            self._connection.executemany("DELETE FROM files WHERE name = ?", gone)
        for (name,) in gone:
            self._files.pop(name, None)


def _is_ours(name: object, kept: Kept) -> bool:
    """Whether a row may be one of ours: it names a file in the folder, and no other."""
    if not isinstance(name, str) or "\0" in name:
        return False
    first, *others = name.split("/")
    outside = first in _NEVER or {"", ".", ".."} & {first, *others}
    told = isinstance(kept.mark, str) and isinstance(kept.sha256, str)
    return not outside and told and isinstance(kept.size, int)


@contextmanager
def opened(folder: Path) -> Iterator[Manifest]:
    """The manifest of a folder, locked until the end; a new one if it is empty.

    Raises:
        UsageError: the folder holds something else.
        StorageError: another program builds there, or the manifest cannot be used.
    """
    path = folder / NAME
    _refuse_links(folder)
    new = not path.exists()
    if new and any(entry.name != ".git" for entry in folder.iterdir()):
        raise UsageError(
            f"{folder} holds something else; name a new or an empty folder"
        )
    try:
        with closing(sqlite3.connect(path, timeout=1)) as connection:
            _lock(connection)
            _prepare(connection, folder)
            yield Manifest(connection)
    except sqlite3.Error as fault:
        raise _told(fault, folder) from fault


def _refuse_links(folder: Path) -> None:
    """What is a link, or no file at all, is none of ours, whatever it is called."""
    for path in (folder / name for name in _OWN):
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(mode):
            raise UsageError(
                f"{path} is no file of ours; delete it or name a new folder"
            )


def _lock(connection: sqlite3.Connection) -> None:
    """Keep others out; the lock ends with the process, however it ends."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = DELETE")
    with connection:
        connection.execute("BEGIN EXCLUSIVE")


def _prepare(connection: sqlite3.Connection, folder: Path) -> None:
    ((ours,),) = connection.execute("PRAGMA application_id")
    ((layout,),) = connection.execute("PRAGMA user_version")
    if not ours and not connection.execute("SELECT 1 FROM sqlite_master").fetchall():
        with connection:
            connection.execute("BEGIN")
            connection.execute(_MAKE)
            connection.execute(f"PRAGMA application_id = {OURS}")
            connection.execute(f"PRAGMA user_version = {LAYOUT}")
    elif (ours, layout) != (OURS, LAYOUT):
        raise UsageError(
            f"{folder / NAME} was made by another program, or a newer Pricetrail; "
            "name a new or an empty folder"
        )


_ADVICE = {
    "locked": "another Pricetrail builds there; try again when it is done",
    "full": "the disk is full; free some space and run again, what was written stays",
    "readonly": "it may not be written to; give it write permission",
    "unable to open": "it may not be written to; give it write permission",
    "no such": "its manifest is damaged; name a new folder",
    "decode": "its manifest is damaged; name a new folder",
    "malformed": "its manifest is damaged; name a new folder",
    "not a database": "its manifest is damaged; name a new folder",
}


def _told(fault: sqlite3.Error, folder: Path) -> StorageError:
    cause = str(fault)
    known = (words for sign, words in _ADVICE.items() if sign in cause)
    return StorageError(f"{folder}: {next(known, cause)}")
