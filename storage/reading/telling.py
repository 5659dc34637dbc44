"""What stories are told from: changes of a time, by month, and verdicts taken back."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from storage.bulk import chunks
from storage.models import Verdict
from storage.reading.presence import renames
from storage.reading.queries import rows
from storage.types import text_instant

Row = dict[str, Any]

_ROWS = """
SELECT o.provider, o.model, o.region, s.name AS source, k.key AS source_key,
  m.key AS meter, m.quantum, c.kind, c.old_price_nano, c.new_price_nano, c.currency,
  c.previous_seen_at, c.observed_at, c.effective_at, c.verdict, c.reason,
  c.confidence, c.evidence, c.story,
  CASE WHEN s.provider = o.provider THEN 0 ELSE s.precedence END AS place
FROM price_changes c
JOIN offers o ON o.id = c.offer_id
JOIN sources s ON s.id = c.source_id
JOIN source_keys k ON k.id = c.source_key_id
JOIN meters m ON m.id = c.meter_id
WHERE {where}
ORDER BY c.observed_at, place, s.name, o.provider, o.model, o.region, k.key, m.key,
  c.kind
"""
_BETWEEN = "c.observed_at >= :since AND c.observed_at < :until"


def seen(
    connection: Connection, since: datetime, until: datetime, *, judged: bool = False
) -> list[Row]:
    """The changes seen in `[since, until)`, oldest first and the best source first.

    Args:
        connection: the transaction.
        since: from when.
        until: until when.
        judged: only steps that have a verdict.
    """
    where = _BETWEEN + (" AND c.verdict IS NOT NULL" if judged else "")
    return rows(connection, _ROWS.format(where=where), {"since": since, "until": until})


def seen_at(connection: Connection, instants: Collection[datetime]) -> list[Row]:
    """The judged changes of some instants."""
    found: list[Row] = []
    for chunk in chunks(sorted(instants)):
        given = {f"t{n}": at for n, at in enumerate(chunk)}
        names = ", ".join(f":{name}" for name in given)
        where = f"c.observed_at IN ({names}) AND c.verdict IS NOT NULL"
        found += rows(connection, _ROWS.format(where=where), given)
    return found


@dataclass(frozen=True, slots=True)
class Month:
    """A month with changes, and how many there are of each kind.

    Attributes:
        name: `2026-11`.
        changes: all of them.
        moves, corrections, flaps, held: those with this verdict.
    """

    name: str
    changes: int
    moves: int
    corrections: int
    flaps: int
    held: int


_PLURAL = {
    "move": "moves",
    "correction": "corrections",
    "flap": "flaps",
    "held": "held",
}
# Two questions that each an index answers, rather than one that reads every row.
_COUNTS = "SELECT observed_at, COUNT(*) AS n FROM price_changes GROUP BY observed_at"
_JUDGED = (
    "SELECT observed_at, verdict, COUNT(*) AS n FROM price_changes "
    "WHERE verdict IS NOT NULL GROUP BY observed_at, verdict"
)


def months(connection: Connection) -> list[Month]:
    """The months with any change, oldest first."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows(connection, _COUNTS):
        found[f"{row['observed_at']:%Y-%m}"]["changes"] += row["n"]
    for row in rows(connection, _JUDGED):
        found[f"{row['observed_at']:%Y-%m}"][_PLURAL[row["verdict"]]] += row["n"]
    names = ("changes", *_PLURAL.values())
    return [Month(m, **{n: found[m][n] for n in names}) for m in sorted(found)]


def first_seen(connection: Connection) -> datetime | None:
    """When the first of all changes was seen; None if there is none."""
    sql = "SELECT MIN(observed_at) AS observed_at FROM price_changes"
    at: datetime | None = rows(connection, sql)[0]["observed_at"]
    return at


def newest_moves(connection: Connection, count: int) -> datetime | None:
    """The instant of the so-many-th newest change that was judged to be a move, or
    of the oldest if there are fewer; None if there is none.
    """
    sql = (
        "SELECT observed_at FROM price_changes WHERE verdict = 'move' "
        "ORDER BY observed_at DESC LIMIT :count"
    )
    found = rows(connection, sql, {"count": count})
    return found[-1]["observed_at"] if found else None


@dataclass(frozen=True, slots=True)
class Turn:
    """A verdict that took another one back.

    Attributes:
        change: the change's name.
        was: the verdict before.
        verdict: the verdict after.
        at: when it was taken back.
        told_at: when the one before was given.
    """

    change: str
    was: str
    verdict: str
    at: datetime
    told_at: datetime

    @property
    def observed_at(self) -> datetime:
        """When the change was seen, as its name says."""
        return text_instant(self.change.rpartition("|")[2])


def turns(connection: Connection, *, most: int | None = None) -> list[Turn]:
    """Verdicts that were taken back, newest first; a reason that changed is none.

    Args:
        connection: the transaction.
        most: how many; all of them if None.
    """
    before = aliased(Verdict)
    query = (
        select(
            Verdict.change,
            before.verdict,
            Verdict.verdict,
            Verdict.judged_at,
            before.judged_at,
        )
        .join(before, before.id == Verdict.amends_id)
        .where(Verdict.verdict != before.verdict)
        .order_by(Verdict.id.desc())
        .limit(most)
    )
    return [Turn(*row) for row in connection.execute(query)]


_ARRIVED = """
SELECT o.provider, o.model, o.region, s.name AS source, k.key AS source_key,
  m.key AS meter, c.kind, c.observed_at, r.price_nano, r.currency,
  CASE WHEN s.provider = o.provider THEN 0 ELSE s.precedence END AS place
FROM price_changes c
JOIN rates r ON r.source_key_id = c.source_key_id AND r.meter_id = c.meter_id
  AND r.valid_to IS NULL
JOIN offers o ON o.id = c.offer_id
JOIN sources s ON s.id = c.source_id
JOIN source_keys k ON k.id = c.source_key_id
JOIN meters m ON m.id = c.meter_id
WHERE c.observed_at >= :since AND c.kind = 'introduced'
  AND c.previous_seen_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM rates e WHERE e.offer_id = c.offer_id
    AND e.valid_from < c.observed_at)
ORDER BY c.observed_at DESC, place, s.name, o.provider, o.model, o.region, k.key, m.key
"""


def arrivals(connection: Connection, since: datetime) -> list[Row]:
    """The rates of offers that no source had before an instant, as they are now;
    the newest offers first. What was there when its source was first read is no news.
    """
    return rows(connection, _ARRIVED, {"since": since})


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is today."""

    offers: int
    providers: int
    meters: int
    rates: int


_EXTENT = """
SELECT COUNT(DISTINCT r.offer_id) AS offers, COUNT(DISTINCT o.provider) AS providers,
  COUNT(DISTINCT r.meter_id) AS meters, COUNT(*) AS rates
FROM rates r JOIN offers o ON o.id = r.offer_id WHERE r.valid_to IS NULL
"""


def extent(connection: Connection) -> Extent:
    """How many offers, their providers, meters and rates have a price today."""
    (row,) = rows(connection, _EXTENT)
    return Extent(**row)


_MARKED = """
SELECT c.observed_at, s.name, k.key, o.provider, o.model, o.region, m.key, c.kind,
  c.old_price_nano, c.new_price_nano, c.currency, c.previous_seen_at, c.verdict,
  c.reason, c.story, c.effective_at
FROM price_changes c
JOIN sources s ON s.id = c.source_id
JOIN source_keys k ON k.id = c.source_key_id
JOIN offers o ON o.id = c.offer_id
JOIN meters m ON m.id = c.meter_id
ORDER BY c.observed_at, c.id
"""
_STANDINGS = "SELECT name, precedence, provider, rebuilds FROM sources ORDER BY name"


def marks(connection: Connection) -> dict[str, str]:
    """For each month with a change a text that differs whenever what is told of it
    does. It holds names, no ids, which may mean something else in a backup that was
    put back; after a replay of a source all differ.
    """
    said = repr(rows(connection, _STANDINGS)).encode()
    found: dict[str, Any] = defaultdict(lambda: hashlib.sha256(said))
    for row in connection.exec_driver_sql(_MARKED):
        plain = repr(tuple(row)).encode("utf-8", "surrogatepass")
        found[_month(row[0])].update(plain)
    for turn in turns(connection):
        found[f"{turn.observed_at:%Y-%m}"].update(repr(turn).encode())
    for place, name in sorted(renames(connection).items()):
        found[f"{place[2]:%Y-%m}"].update(repr((place, name)).encode())
    return {month: said.hexdigest() for month, said in found.items()}


def _month(at: datetime | str) -> str:
    return at[:7] if isinstance(at, str) else f"{at.astimezone(UTC):%Y-%m}"


def doubted(connection: Connection) -> list[Row]:
    """The steps that the judge holds: stored as the source said them, and not
    believed; the newest first.
    """
    found = rows(connection, _ROWS.format(where="c.verdict = 'held'"))
    return found[::-1]


_PROPER = """
SELECT {columns} FROM (
  SELECT {columns}, ROW_NUMBER() OVER (
    PARTITION BY verdict, reason ORDER BY CASE WHEN provider IN ({makers}) THEN 0
      ELSE 1 END, CASE WHEN meter IN ('input', 'output') THEN 0 ELSE 1 END,
      observed_at DESC, source, source_key, meter, kind) AS example
  FROM ({rows}) every) ranked
WHERE example = 1
"""
_COLUMNS = (
    "provider, model, region, source, source_key, meter, quantum, kind, "
    "old_price_nano, new_price_nano, currency, previous_seen_at, observed_at, "
    "effective_at, verdict, reason, confidence, evidence, story, place"
)


def examples(connection: Connection, makers: Collection[str]) -> list[Row]:
    """The newest change of each verdict and reason; one of a maker, of what most
    people pay, rather than another.

    Args:
        connection: the transaction.
        makers: providers whose examples people know.
    """
    given = {f"p{n}": name for n, name in enumerate(sorted(makers))}
    inner = _ROWS.format(where="c.verdict IS NOT NULL").partition("ORDER BY")[0]
    names = ", ".join(f":{name}" for name in given)
    sql = _PROPER.format(columns=_COLUMNS, makers=names, rows=inner)
    return rows(connection, sql, given)


_TALLY = """
SELECT verdict, reason, COUNT(*) AS n, COUNT(DISTINCT story) AS stories
FROM price_changes WHERE verdict IS NOT NULL GROUP BY verdict, reason
"""


def tally(connection: Connection) -> list[Row]:
    """How many changes, and stories, have each verdict and reason; most first."""
    found = rows(connection, _TALLY)
    return sorted(found, key=lambda row: (-row["n"], row["verdict"], row["reason"]))
