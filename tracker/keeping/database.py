"""Keeping the database: checked, backed up, moved, restored."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from storage.keeping import backup as backups
from storage.keeping import copying, health
from storage.keeping.backup import Backup
from storage.keeping.copying import Copied
from storage.keeping.health import Finding
from storage.schema import HEAD
from storage.unit_of_work import Store, revision

__all__ = ["Backup", "Copied", "Finding", "Upgraded"]


class Progress(Protocol):
    """How long work tells how far it is."""

    def stage(self, name: str, total: int) -> None:
        """A stage begins."""

    def step(self, label: str) -> None:
        """One more of it is done."""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """From which schema to which; `before` is None if there was no database."""

    before: str | None
    after: str


def upgrade(db: str) -> Upgraded:
    """Make the database, or bring its schema up to date; one process at a time.

    Raises:
        StorageError: it cannot be, with what to do.
    """
    before = revision(db)
    Store(db).close()
    return Upgraded(before, HEAD)


def check(store: Store) -> list[Finding]:
    """What is wrong with the database, and what merely waits."""
    with store.snapshot() as connection:
        return list(health.findings(connection))


def counted(store: Store) -> dict[str, int]:
    """How many rows each table has."""
    with store.snapshot() as connection:
        return copying.counted(connection)


def backup(store: Store, path: Path, progress: Progress, *, force: bool) -> Backup:
    """One file of one state, while others may write.

    Raises:
        StorageError: the file is there already, or cannot be written.
    """
    told = _steps(progress, "backup")
    return backups.backup(store, path, force=force, told=told)


def restore(
    store: Store, path: Path, progress: Progress, *, force: bool
) -> list[Copied]:
    """A backup's rows, put into the database; all of them or none.

    Raises:
        StorageError: no backup, or the database holds something.
    """
    told = _steps(progress, "restore")
    return backups.restore(path, store, force=force, told=told)


def copy(
    store: Store, target: Store, progress: Progress, *, force: bool
) -> list[Copied]:
    """Everything, into another database of either kind; compared in the end.

    Raises:
        StorageError: the target holds something, or is this database.
    """
    told = _steps(progress, "copy")
    return copying.copy(store, target, force=force, told=told)


def _steps(progress: Progress, name: str) -> copying.Told:
    progress.stage(name, len(copying.tables()))
    return progress.step


def faults(found: list[Finding]) -> Iterator[Finding]:
    """Of what was found, what is wrong."""
    return (finding for finding in found if finding.fault)
