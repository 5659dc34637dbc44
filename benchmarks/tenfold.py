"""Ten times the data: a database and nine renamed copies of all that it derives.

Each copy is as if another source stated other providers' models: its source,
offers, keys, rates, price changes and facts are rows of their own, the meters are
shared. What is asked for keeps its own rows, in number and content.
"""

import sqlite3
from pathlib import Path

from benchmarks.setting import opened, tables

COPIES = 9
STEP = 10_000_000
"""What is added to ids, once for each copy; more than any table has rows."""

_IDS = {
    "sources": ("id",),
    "offers": ("id",),
    "source_keys": ("id", "source_id", "offer_id"),
    "rates": ("id", "source_id", "source_key_id", "offer_id"),
    "price_changes": ("id", "source_id", "source_key_id", "offer_id"),
    "facts": ("id", "source_id", "source_key_id"),
    "verdicts": ("id", "price_change_id", "amends_id"),
}
_NAMES = {
    "sources": ("name", "provider"),
    "offers": ("provider", "model"),
    "source_keys": ("key", "renamed_to"),
}


def multiply(db: Path) -> None:
    """Add nine copies to a database, in place."""
    with opened(db) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN")
        there = set(tables(connection))
        for n in range(1, COPIES + 1):
            for table in _IDS:
                if table in there:
                    connection.execute(_copying(connection, table), {"n": n})
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def analyse(db: Path) -> None:
    """Let SQLite gather statistics for its planner."""
    with opened(db) as connection:
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _copying(connection: sqlite3.Connection, table: str) -> str:
    """Copy the original rows (those below the first step) under new ids and names."""
    info = connection.execute(f"PRAGMA table_info({table})")
    columns = [row[1] for row in info]
    values = [_value(table, column) for column in columns]
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "
        f"SELECT {', '.join(values)} FROM {table} WHERE id < {STEP}"
    )


def _value(table: str, column: str) -> str:
    if column in _IDS[table]:
        return f"{column} + :n * {STEP}"
    if column in _NAMES.get(table, ()):
        return f"{column} || '~' || :n"
    return column
