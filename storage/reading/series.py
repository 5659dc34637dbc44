"""The history as columns: whole tables of numbers, and the names they stand for.

A row of a view repeats its names thousands of times. Here the long tables come as
columns of numbers, and what their ids mean comes beside them, once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text

from storage.reading.queries import _like
from storage.types import UtcDateTime
from tracker.domain.offers import Offer

NONE = -(2**62)
"""What stands for null in a column of whole numbers."""

Columns = dict[str, Sequence[Any]]
"""Values by column; all columns are equally long."""

_UTC = UtcDateTime()


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows are wanted; what is empty or None does not narrow them.

    Attributes:
        offers: of these offers.
        model: of offers or source keys like this glob.
        provider, source, meter, verdict, kind: of these names.
        since, until: for periods, those that overlap `[since, until)`; for changes,
            those that were observed in it.
        at: periods that hold at this instant.
    """

    offers: tuple[Offer, ...] = ()
    model: str | None = None
    provider: str | None = None
    source: str | None = None
    meter: str | None = None
    verdict: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    at: datetime | None = None


@dataclass
class _Where:
    """Conditions, and the values they bind."""

    clauses: list[str] = field(default_factory=lambda: ["1 = 1"])
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, clause: str, **values: Any) -> None:
        """One more condition."""
        self.clauses.append(clause)
        self.values.update(values)


_NAMES = {
    "offer": "SELECT id, provider, model, region FROM offers",
    "source": "SELECT id, name FROM sources",
    "source_key": "SELECT id, key FROM source_keys",
    "meter": "SELECT id, key, component, unit, tier, context_above, quantum "
    "FROM meters",
}
FEW = 400
"""So many names are looked up one by one; for more of them all are read."""


def names(connection: Connection, found: Columns) -> dict[str, Columns]:
    """What the ids in columns of rows mean: names of offers, sources, source keys and
    meters, by id.
    """
    read = {}
    for name, sql in _NAMES.items():
        wanted = set(found.get(f"{name}_id", ()))
        where = ""
        if len(wanted) <= FEW:
            where = f" WHERE id IN ({', '.join(map(str, sorted(wanted))) or '0'})"
        read[name] = _columns(connection, f"{sql}{where} ORDER BY id")
    return read


def rates(connection: Connection, choice: Choice) -> Columns:
    """Periods as sources stated them."""
    where = _narrowed(choice, keyed=True)
    _periods(where, choice)
    start, end = _epoch(connection, "valid_from"), _epoch(connection, "valid_to")
    return _columns(
        connection,
        "SELECT offer_id, source_id, source_key_id, meter_id, price_nano, currency, "
        f"{start} AS valid_from, {end} AS valid_to FROM rates r WHERE "
        + " AND ".join(where.clauses),
        where.values,
    )


def beliefs(
    connection: Connection, choice: Choice, *, known_at: datetime | None = None
) -> Columns:
    """Periods as they are believed, or were at an instant."""
    where = _narrowed(choice, keyed=False)
    _periods(where, choice)
    if known_at is None:
        where.add("known_to IS NULL")
    else:
        where.add(
            "known_from <= :known AND (known_to IS NULL OR known_to > :known)",
            known=known_at,
        )
    ends = ("valid_from", "valid_to", "known_from")
    instants = ", ".join(f"{_epoch(connection, name)} AS {name}" for name in ends)
    return _columns(
        connection,
        "SELECT offer_id, source_id, meter_id, price_nano, currency, basis, "
        f"{instants} FROM beliefs r WHERE " + " AND ".join(where.clauses),
        where.values,
    )


def changes(connection: Connection, choice: Choice) -> Columns:
    """Price changes with their verdicts."""
    where = _narrowed(choice, keyed=True)
    for name in ("verdict", "kind"):
        if getattr(choice, name):
            where.add(f"{name} = :{name}", **{name: getattr(choice, name)})
    if choice.since:
        where.add("observed_at >= :since", since=choice.since)
    if choice.until:
        where.add("observed_at < :until", until=choice.until)
    seen = ("previous_seen_at", "observed_at", "effective_at")
    instants = ", ".join(f"{_epoch(connection, name)} AS {name}" for name in seen)
    return _columns(
        connection,
        "SELECT offer_id, source_id, source_key_id, meter_id, kind, currency, "
        f"COALESCE(old_price_nano, {NONE}) AS old_nano, "
        f"COALESCE(new_price_nano, {NONE}) AS new_nano, {instants}, "
        "verdict, reason, confidence, story FROM price_changes r WHERE "
        + " AND ".join(where.clauses),
        where.values,
    )


def _narrowed(choice: Choice, *, keyed: bool) -> _Where:
    """Conditions on what a row is about, by id."""
    where = _Where()
    _add_offers(where, choice, keyed=keyed)
    if choice.source:
        named = "SELECT id FROM sources WHERE name = :source"
        where.add(f"r.source_id IN ({named})", source=choice.source)
    if choice.meter:
        named = "SELECT id FROM meters WHERE key = :meter"
        where.add(f"r.meter_id IN ({named})", meter=choice.meter)
    return where


def _add_offers(where: _Where, choice: Choice, *, keyed: bool) -> None:
    if choice.offers:
        same: list[str] = []
        values: dict[str, Any] = {}
        for n, offer in enumerate(choice.offers):
            same.append(f"(provider = :p{n} AND model = :m{n} AND region = :r{n})")
            values |= {
                f"p{n}": offer.provider,
                f"m{n}": offer.model,
                f"r{n}": offer.region,
            }
        found = f"SELECT id FROM offers WHERE {' OR '.join(same)}"
        where.add(f"r.offer_id IN ({found})", **values)
    if choice.provider:
        sold = "SELECT id FROM offers WHERE provider = :provider"
        where.add(f"r.offer_id IN ({sold})", provider=choice.provider)
    if choice.model:
        like = "LIKE :model ESCAPE '!'"
        clause = (
            "r.offer_id IN (SELECT id FROM offers WHERE "
            f"LOWER(model) {like} OR LOWER(provider || '/' || model) {like} "
            "OR (region <> '' AND "
            f"LOWER(provider || '/' || model || '@' || region) {like}))"
        )
        if keyed:
            clause += (
                " OR r.source_key_id IN "
                f"(SELECT id FROM source_keys WHERE LOWER(key) {like})"
            )
        where.add(f"({clause})", model=_like(choice.model.lower()))


def _periods(where: _Where, choice: Choice) -> None:
    """Conditions on when a period holds."""
    if choice.since:
        where.add("(valid_to IS NULL OR valid_to > :since)", since=choice.since)
    if choice.until:
        where.add("valid_from < :until", until=choice.until)
    if choice.at:
        where.add(
            "valid_from <= :at AND (valid_to IS NULL OR valid_to > :at)", at=choice.at
        )


def _epoch(connection: Connection, column: str) -> str:
    """An instant as whole seconds since 1970; `NONE` for null."""
    if connection.dialect.name == "postgresql":
        seconds = f"CAST(EXTRACT(EPOCH FROM {column}) AS BIGINT)"
    else:
        seconds = f"CAST(strftime('%s', {column}) AS INTEGER)"
    return f"COALESCE({seconds}, {NONE})"


def _columns(
    connection: Connection, sql: str, values: Mapping[str, Any] | None = None
) -> Columns:
    given = dict(values or {})
    instants = [name for name, v in given.items() if isinstance(v, datetime)]
    statement = text(sql).bindparams(*(bindparam(n, type_=_UTC) for n in instants))
    found = connection.execute(statement, given)
    columns = list(found.keys())
    rows = found.fetchall()
    if not rows:
        return dict.fromkeys(columns, ())
    return dict(zip(columns, zip(*rows, strict=True), strict=True))
