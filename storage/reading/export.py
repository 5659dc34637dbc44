"""The views as streams of rows, in an order that stays the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text

from storage.types import UtcDateTime, instant_text

CHUNK = 20_000
"""Rows that are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a view is exported.

    Attributes:
        order: columns that rows are sorted by; together they tell rows apart.
        since: when a row belongs to an increment; None if all rows always do.
        year_of: the instant by whose year it is partitioned; else it is by source.
    """

    order: tuple[str, ...]
    since: str | None = None
    year_of: str | None = None


_PERIOD = ("provider", "model", "region", "meter", "source_key", "valid_from")
_STEPPED = "valid_from >= :since OR valid_to >= :since"

LAYOUTS = {
    "price_history": Layout(("source", *_PERIOD), _STEPPED),
    "current_prices": Layout(("source", *_PERIOD), "valid_from >= :since"),
    "believed_prices": Layout(
        ("source", "provider", "model", "region", "meter", "valid_from"),
        f"{_STEPPED} OR known_from >= :since",
    ),
    "price_timeline": Layout(
        ("observed_at", "source", "provider", "model", "region", "source_key")
        + ("meter", "kind"),
        "observed_at >= :since",
        "observed_at",
    ),
    "model_prices": Layout(
        ("source", "provider", "model", "region"), "since >= :since"
    ),
    "best_prices": Layout(("source", "provider", "model", "region", "meter")),
}
_TEXTS = {"source", "provider", "model", "region", "source_key", "meter", "kind"}


def stream(
    connection: Connection,
    view: str,
    columns: Sequence[str],
    *,
    since: datetime | None = None,
) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows of a view, a chunk at a time; instants are ISO 8601 text.

    Args:
        connection: the transaction; all views of one are of one state.
        view: a name of `LAYOUTS`.
        columns: which columns, in which order.
        since: only rows that changed at or after this instant.
    """
    layout = LAYOUTS[view]
    server = connection.dialect.name == "postgresql"
    order = ", ".join(_sortable(name, server=server) for name in layout.order)
    chosen, values = "1 = 1", dict[str, Any]()
    if since is not None and layout.since is not None:
        chosen, values = layout.since, {"since": since}
    sql = text(
        f"SELECT {', '.join(columns)} FROM {view} WHERE {chosen} ORDER BY {order}"
    )
    if values:
        sql = sql.bindparams(bindparam("since", type_=UtcDateTime()))
    found = connection.execute(sql, values, execution_options={"stream_results": True})
    for rows in found.partitions(CHUNK):
        yield [tuple(map(_plain, row)) for row in rows] if server else rows


def steady(connection: Connection) -> None:
    """See one state of the database in all questions of a transaction.

    SQLite does so anyway; PostgreSQL has to be told before the first one.
    """
    if connection.dialect.name == "postgresql":
        level = "ISOLATION LEVEL REPEATABLE READ READ ONLY"
        connection.exec_driver_sql(f"SET TRANSACTION {level}")


def columns_of(connection: Connection, view: str) -> list[str]:
    """The columns of a view, in its own order."""
    return list(connection.execute(text(f"SELECT * FROM {view} LIMIT 0")).keys())


def _sortable(name: str, *, server: bool) -> str:
    """Text is sorted by its code points, whatever the database's own order is."""
    return f'{name} COLLATE "C"' if server and name in _TEXTS else name


def _plain(value: Any) -> Any:
    return instant_text(value) if isinstance(value, datetime) else value


def newest_captures(connection: Connection) -> list[dict[str, Any]]:
    """What each source was last seen to say, and when; by name."""
    sql = text(
        "SELECT s.name AS source, c.observed_at, c.version, c.sha256 FROM captures c "
        "JOIN sources s ON s.id = c.source_id WHERE c.id IN ("
        "SELECT MAX(n.id) FROM captures n JOIN ("
        "SELECT source_id, MAX(observed_at) AS at FROM captures "
        "WHERE status IN ('applied', 'unchanged') GROUP BY source_id) newest "
        "ON newest.source_id = n.source_id AND newest.at = n.observed_at "
        "WHERE n.status IN ('applied', 'unchanged') GROUP BY n.source_id"
        ") ORDER BY s.name"
    )
    found = connection.execute(sql).mappings()
    return [{name: _plain(value) for name, value in row.items()} for row in found]
