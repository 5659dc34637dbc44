"""Reading the tables around the program, through the drivers themselves."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Row = dict[str, Any]

PROJECTION = ("source_keys", "rates", "price_changes", "facts", "holds")
"""What a rebuild makes anew; offers and meters are compared through these."""

JUDGEMENT = ("verdict", "reason", "confidence", "evidence", "story", "effective_at")
"""What the judge makes of a change, which may hang on when it was asked."""

_NAMES = {
    "source_id": "SELECT id, name FROM sources",
    "offer_id": "SELECT id, provider || '/' || model || '@' || region FROM offers",
    "source_key_id": "SELECT id, key FROM source_keys",
    "meter_id": "SELECT id, key FROM meters",
    "capture_id": "SELECT id, sha256 FROM captures",
}


class Tables:
    """The tables of one database.

    Args:
        url: as the program takes it.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def is_sqlite(self) -> bool:
        """Whether it is an SQLite file."""
        return self.url.startswith("sqlite")

    def connect(self) -> Any:
        """A connection of the driver's own."""
        if self.is_sqlite:
            return sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=30)
        import psycopg

        return psycopg.connect(self.url.replace("+psycopg", ""))

    def execute(self, sql: str) -> None:
        """Run a statement and commit it."""
        with closing(self.connect()) as connection:
            connection.execute(sql)
            connection.commit()

    def rows(self, sql: str) -> list[Row]:
        """The rows of a query, the same on both databases."""
        with closing(self.connect()) as connection:
            found = connection.execute(sql)
            names = [column[0] for column in found.description]
            return [
                {n: _plain(v) for n, v in zip(names, row, strict=True)} for row in found
            ]

    def column(self, sql: str) -> list[Any]:
        """The first column of a query."""
        return [next(iter(row.values())) for row in self.rows(sql)]

    def one(self, sql: str) -> Any:
        """The one value of a query."""
        (value,) = self.column(sql)
        return value

    def counts(self, *tables: str) -> dict[str, int]:
        """How many rows some tables have."""
        return {table: self.one(f"SELECT COUNT(*) FROM {table}") for table in tables}

    def names(self) -> set[str]:
        """The tables and views there are."""
        if self.is_sqlite:
            sql = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        else:
            sql = (
                "SELECT table_name FROM information_schema.tables "
                "WHERE table_schema = 'public'"
            )
        return set(self.column(sql))

    def projection(self) -> dict[str, list[str]]:
        """Every row that a rebuild makes anew, ids replaced by what they stand for."""
        names = {
            column: {row["id"]: list(row.values())[1] for row in self.rows(sql)}
            for column, sql in _NAMES.items()
        }
        return {
            table: sorted(_named(row, names) for row in self.rows(_all_of(table)))
            for table in PROJECTION
        }

    def history(self) -> dict[str, list[str]]:
        """The projection without what the judge made of it."""
        whole = self.projection()
        changes = [json.loads(row) for row in whole["price_changes"]]
        raw = [
            json.dumps({k: v for k, v in row.items() if k not in JUDGEMENT})
            for row in changes
        ]
        return {**whole, "price_changes": sorted(raw)}

    def believed(self) -> dict[str, list[str]]:
        """The part of the projection that a bad body must leave untouched."""
        whole = self.projection()
        return {name: whole[name] for name in ("rates", "price_changes", "facts")}

    def steps(self, at: str | None = None) -> list[tuple[Any, ...]]:
        """The timeline as (key, meter, kind, old, new) in dollars, of one instant."""
        where = f"WHERE observed_at = '{at}'" if at else ""
        found = self.rows(
            "SELECT source_key, meter, kind, old_usd, new_usd FROM price_timeline "
            f"{where} ORDER BY observed_at, source_key, meter, kind"
        )
        return [tuple(row.values()) for row in found]

    def standing(self, key: str) -> dict[str, float]:
        """The open rates of a source's key, in dollars by meter."""
        found = self.rows(
            f"SELECT meter, usd FROM current_prices WHERE source_key = '{key}'"
        )
        return {row["meter"]: row["usd"] for row in found}

    def statuses(self) -> Counter[str]:
        """What became of the captures."""
        return Counter(self.column("SELECT status FROM captures"))


def _all_of(table: str) -> str:
    return f"SELECT * FROM {table}"


def _named(row: Row, names: dict[str, dict[int, str]]) -> str:
    said: Row = {}
    for column, value in row.items():
        if column in names:
            said[column.removesuffix("_id")] = names[column].get(value)
        elif column != "id" and not column.endswith("_id"):
            said[column] = value
    return json.dumps(said, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value
