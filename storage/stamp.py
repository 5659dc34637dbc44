"""Which state a database is in, told without reading what is in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from storage.types import instant_text, text_instant

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
_ENDED = "(SELECT COUNT(finished_at) FROM runs) AS ended"
_INSTANTS = ", ".join(
    f"(SELECT {what} FROM {name} ORDER BY id DESC LIMIT 1) AS {name}_at"
    for name, what in _NEWEST.items()
)
_STAMP = text(f"SELECT {_HIGHEST}, {_ENDED}, {_INSTANTS}")
# What is altered in place raises no number: every pass over a source's rows, by the
# projector, the judge or the marks of age, alters its own row or its newest body's,
# too. Which of them it is counts, not how many: one may be marked where another one
# is not marked any more. The body tells a database from its backup that went on
# otherwise.
_SOURCES = text(
    """SELECT s.name, s.precedence, s.provider, s.rebuild, s.unjudged, s.rebuilds,
      s.stale, c.sha256, c.status
    FROM sources s LEFT JOIN captures c ON c.id = (
      SELECT n.id FROM captures n WHERE n.source_id = s.id
      ORDER BY n.observed_at DESC, n.sha256 DESC LIMIT 1)
    ORDER BY s.name"""
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Two stamps are equal only if nothing that is shown has changed between them.

    Attributes:
        marks: the newest row of each table, and what is altered in place.
        at: when the newest of them was written; None of an empty database.
    """

    marks: tuple[int | str, ...]
    at: datetime | None


def stamp(connection: Connection) -> Stamp:
    """The state of the database; look-ups by key, and a row for each source and each
    run, whatever its size.
    """
    row = connection.execute(_STAMP).mappings().one()
    found = [row[f"{name}_at"] for name in _NEWEST]
    instants = [text_instant(at) if isinstance(at, str) else at for at in found]
    marks: list[int | str] = [int(row[name] or 0) for name in (*_COUNTED, "ended")]
    marks += [instant_text(at) if at else "" for at in instants]
    marks += [_plain(value) for one in connection.execute(_SOURCES) for value in one]
    return Stamp(tuple(marks), max((at for at in instants if at), default=None))


def _plain(value: Any) -> int | str:
    """The same of both databases."""
    return int(value) if isinstance(value, int) else str(value or "")
