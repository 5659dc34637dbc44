"""Which state a database is in, told without reading what is in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from storage.types import text_instant

_COUNTED = (
    *("runs", "source_runs", "captures", "rates", "facts", "price_changes"),
    *("verdicts", "beliefs", "holds", "decisions", "source_keys"),
)
_NEWEST = {
    "runs": "COALESCE(finished_at, started_at)",
    "decisions": "decided_at",
    "verdicts": "judged_at",
}
_HIGHEST = ", ".join(f"(SELECT MAX(id) FROM {name}) AS {name}" for name in _COUNTED)
_SWITCHES = (
    "(SELECT SUM(rebuilds) FROM sources) AS rebuilds, "
    "(SELECT COUNT(*) FROM sources WHERE stale) AS stale"
)
_INSTANTS = ", ".join(
    f"(SELECT {what} FROM {name} ORDER BY id DESC LIMIT 1) AS {name}_at"
    for name, what in _NEWEST.items()
)
_STAMP = text(f"SELECT {_HIGHEST}, {_SWITCHES}, {_INSTANTS}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """Two stamps are equal only if nothing that is shown has changed between them.

    Attributes:
        marks: the newest row of each table, and what is switched in place.
        at: when the newest of them was written; None of an empty database.
    """

    marks: tuple[int, ...]
    at: datetime | None


def stamp(connection: Connection) -> Stamp:
    """The state of the database; a dozen look-ups by key, whatever its size."""
    row = connection.execute(_STAMP).mappings().one()
    marks = tuple(int(row[name] or 0) for name in (*_COUNTED, "rebuilds", "stale"))
    found = (row[f"{name}_at"] for name in _NEWEST)
    instants = [text_instant(at) if isinstance(at, str) else at for at in found if at]
    return Stamp(marks, max(instants, default=None))
