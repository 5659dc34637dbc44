"""Databases that a round begins with: copies of a prepared state."""

import hashlib
import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.soak.victims import NOW
from tests.support.tables import _NAMES, Tables

UNTOLD = frozenset({"alembic_version", "runs", "source_runs"})
"""Tables left out: a killed run is rightly on record as a run."""
ASIDE = frozenset({"id", "rebuilds", "reader"})
_NOWADAYS = re.compile(rf"{NOW:%Y-%m-%d}T1[2-4]:[0-9]{{2}}(:[0-9]{{2}})?Z")
"""Instants within three hours of `NOW`."""
LINKS = ("amends_id", "run_id", "digest_id", "renamed_id", "amended_id")


class SqliteHome:
    """SQLite files in a folder."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = f"sqlite:///{folder / 'trail.db'}"

    def keep(self, name: str) -> None:
        """Remember the present state under a name."""
        file = self._folder / "trail.db"
        if file.exists():
            shutil.copy(file, self._folder / f"{name}.kept")

    def begin(self, name: str) -> None:
        """Put a remembered state in place."""
        self.clear()
        kept = self._folder / f"{name}.kept"
        if kept.exists():
            shutil.copy(kept, self._folder / "trail.db")

    def clear(self) -> None:
        """No database at all."""
        for suffix in ("", "-wal", "-shm"):
            (self._folder / f"trail.db{suffix}").unlink(missing_ok=True)

    def locks(self) -> int:
        """How many locks remain: 0 or 1; and the file is sound."""
        path = self._folder / "trail.db"
        if not path.exists():
            return 0
        with closing(sqlite3.connect(path, timeout=0)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return 1
            connection.execute("ROLLBACK")
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise AssertionError(f"the file is damaged: {found}")
        return 0


class PostgresHome:
    """Databases of one server, made from templates."""

    kind = "postgresql"

    def __init__(self, server: str) -> None:
        self._server = server
        self._kept: set[str] = set()
        self.url = server.replace("/postgres?", "/soak?").replace(
            "postgresql://", "postgresql+psycopg://"
        )

    def _admin(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self._server, autocommit=True) as admin:
            for statement in statements:
                admin.execute(statement)

    def keep(self, name: str) -> None:
        """Remember the present state under a name."""
        kept = _database(name)
        drop = f"DROP DATABASE IF EXISTS {kept} WITH (FORCE)"
        self._admin(drop, f"CREATE DATABASE {kept} TEMPLATE soak")

    def begin(self, name: str) -> None:
        """Put a remembered state in place."""
        drop = "DROP DATABASE IF EXISTS soak WITH (FORCE)"
        self._admin(drop, f"CREATE DATABASE soak TEMPLATE {_database(name)}")

    def clear(self) -> None:
        """An empty database."""
        drop = "DROP DATABASE IF EXISTS soak WITH (FORCE)"
        self._admin(drop, "CREATE DATABASE soak")

    def locks(self) -> int:
        """How many sessions of others remain in the database after five seconds."""
        import psycopg

        sql = (
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = 'soak' "
            "AND backend_type = 'client backend'"
        )
        with psycopg.connect(self._server, autocommit=True) as admin:
            for _ in range(100):
                row = admin.execute(sql).fetchone()
                left = int(row[0]) if row else 0
                if not left:
                    return 0
                admin.execute("SELECT pg_sleep(0.05)")
        return left


def _database(name: str) -> str:
    return "kept_" + name.replace(" ", "_")


def state(
    url: str, ignored: frozenset[str], aside: frozenset[str] = frozenset()
) -> dict[str, list[str]]:
    """Every row of every table, ids replaced by what they stand for.

    Args:
        url: the database.
        ignored: tables that are left out.
        aside: columns that are left out, where it matters when something was done: of
            instants it then counts only that they are of the time of the round.
    """
    tables = Tables(url)
    names: dict[str, dict[Any, Any]] = {
        column: {row["id"]: list(row.values())[1] for row in tables.rows(sql)}
        for column, sql in _NAMES.items()
    }
    names["amends_id"] = {
        row["id"]: f"{row['change']} {row['verdict']} {row['reason']}"
        for row in tables.rows("SELECT * FROM verdicts")
    }
    found = {}
    for table in sorted(_tables() - UNTOLD - ignored):
        rows = tables.rows(f"SELECT * FROM {table}")
        lines = [_line(row, names, aside) for row in rows]
        found[table] = sorted(_NOWADAYS.sub("now", x) if aside else x for x in lines)
    return found


def _tables() -> set[str]:
    import storage.models

    return set(storage.models.Base.metadata.tables)


def _line(
    row: dict[str, Any], names: dict[str, dict[Any, Any]], aside: frozenset[str]
) -> str:
    said = {}
    for column, value in row.items():
        if column in ASIDE | aside or (column in LINKS and column not in names):
            continue
        known = names.get(column)
        said[column] = known.get(value) if known is not None else _plain(value)
    return json.dumps(said, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    return value


def differences(expected: dict[str, list[str]], found: dict[str, list[str]]) -> list:
    """Rows that are only in one of two states."""
    told = []
    for table, rows in expected.items():
        lost = set(rows) - set(found[table])
        gained = set(found[table]) - set(rows)
        told += [f"{table} lost {row}" for row in sorted(map(str, lost))]
        told += [f"{table} gained {row}" for row in sorted(map(str, gained))]
        if not (lost or gained) and len(rows) != len(found[table]):
            told.append(f"{table} has {len(found[table])} rows, not {len(rows)}")
    return told


__all__ = ["NOW", "PostgresHome", "SqliteHome", "differences", "state"]
