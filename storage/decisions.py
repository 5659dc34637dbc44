"""Decisions: what a person released or rejected, remembered for exactly that value."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, insert, select, update
from sqlalchemy.orm import aliased

from storage.models import Capture, Decision, Hold, Meter, Rate, Source, SourceKey


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A hold as it is shown for review."""

    source: str
    scope: str
    key: str
    meter: str
    reason: str
    raw: str
    price_nano: int | None
    currency: str | None
    held_at: datetime
    status: str
    sha256: str


@dataclass(frozen=True, slots=True)
class DecidedValue:
    """A decision: on a capture (by its hash) or on a value of a meter of a key."""

    scope: str
    key: str
    meter: str
    value: str
    decision: str


def holds(connection: Connection, *, status: str | None = "pending") -> list[HeldRow]:
    """Holds, oldest first: those of a status, or all."""
    query = _held().order_by(Hold.held_at, Hold.id)
    if status:
        query = query.where(Hold.status == status)
    return [
        HeldRow(source, scope, key or "", meter or "", *rest)
        for source, scope, key, meter, *rest in connection.execute(query)
    ]


def _held() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Source.name,
            Hold.scope,
            SourceKey.key,
            Meter.key,
            Hold.reason,
            Hold.raw,
            Hold.price_nano,
            Hold.currency,
            Hold.held_at,
            Hold.status,
            Capture.sha256,
        )
        .select_from(Hold)
        .join(Source, Source.id == Hold.source_id)
        .join(Capture, Capture.id == Hold.capture_id)
        .outerjoin(SourceKey, SourceKey.id == Hold.source_key_id)
        .outerjoin(Meter, Meter.id == Hold.meter_id)
    )


def settled(connection: Connection) -> list[HeldRow]:
    """What people decided on, oldest first, with the last decision as its status.

    A replay leaves no hold of what was accepted, and none of a rejected capture; the
    decision remembers what it was about.
    """
    query = (
        select(Source.name, Decision.decision, Decision.evidence)
        .join(Source, Source.id == Decision.source_id)
        .where(Decision.evidence.is_not(None))
        .order_by(Decision.id)
    )
    found: dict[str, HeldRow] = {}
    for source, decision, evidence in connection.execute(query):
        said = json.loads(evidence or "{}")
        said["held_at"] = datetime.fromisoformat(said["held_at"])
        found[f"{source} {evidence}"] = HeldRow(
            source=source, status=f"{decision}ed", **said
        )
    return list(found.values())


def stated_elsewhere(
    connection: Connection, reasons: Collection[str]
) -> list[tuple[HeldRow, str]]:
    """Values held for one of these reasons that another source states now, with its
    name; one that is stale does not count.
    """
    query = (
        _held()
        .add_columns(func.min(_OTHER.name))
        .join(Rate, and_(*_SAME_VALUE))
        .join(_OTHER, and_(_OTHER.id == Rate.source_id, _OTHER.stale.is_(False)))
        .where(Hold.status == "pending", Hold.reason.in_(reasons))
        .group_by(Hold.id, Source.id, Capture.id, SourceKey.id, Meter.id)
    )
    return [
        (HeldRow(source, scope, key or "", meter or "", *rest), other)
        for source, scope, key, meter, *rest, other in connection.execute(query)
    ]


_OTHER = aliased(Source)
_SAME_VALUE = (
    Rate.offer_id == SourceKey.offer_id,
    Rate.meter_id == Hold.meter_id,
    Rate.source_id != Hold.source_id,
    Rate.price_nano == Hold.price_nano,
    Rate.currency == Hold.currency,
    Rate.valid_to.is_(None),
)


def decide(
    connection: Connection,
    hold: HeldRow,
    decision: str,
    *,
    at: datetime,
    note: str,
    by: str = "person",
) -> None:
    """Remember a decision on a hold, and mark its source for a replay.

    Args:
        connection: the transaction.
        hold: what was decided on.
        decision: accept or reject.
        at: the instant.
        note: why.
        by: who decided: a person, or the name of an independent source.
    """
    source_id = connection.execute(
        select(Source.id).where(Source.name == hold.source)
    ).scalar_one()
    row: dict[str, Any] = {
        "source_id": source_id,
        "scope": hold.scope,
        "key": hold.sha256 if hold.scope == "capture" else hold.key,
        "meter": hold.meter,
        "value": value_text(hold.price_nano, hold.currency),
        "decision": decision,
        "decided_at": at,
        "decided_by": by,
        "note": note or None,
        "evidence": _evidence(hold),
    }
    connection.execute(insert(Decision), [row])
    connection.execute(
        update(Source).where(Source.id == source_id).values(rebuild=True)
    )


def _evidence(hold: HeldRow) -> str:
    """What was decided on, as JSON: the hold, less what a decision changes."""
    said = {**asdict(hold), "held_at": hold.held_at.isoformat()}
    del said["source"], said["status"]
    return json.dumps(said, sort_keys=True)


def decided(connection: Connection, source_id: int) -> list[DecidedValue]:
    """All decisions on a source, in the order they were made; the last counts."""
    query = (
        select(
            Decision.scope,
            Decision.key,
            Decision.meter,
            Decision.value,
            Decision.decision,
        )
        .where(Decision.source_id == source_id)
        .order_by(Decision.id)
    )
    return [DecidedValue(*row) for row in connection.execute(query)]


def value_text(price_nano: int | None, currency: str | None) -> str:
    """A value as decisions remember it."""
    return "" if price_nano is None else f"{price_nano} {currency}"
