"""Decisions: what a person released or rejected, remembered for exactly that value."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from storage.models import Capture, Decision, Hold, Meter, Source, SourceKey


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
    query = (
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
        .join(Source, Source.id == Hold.source_id)
        .join(Capture, Capture.id == Hold.capture_id)
        .outerjoin(SourceKey, SourceKey.id == Hold.source_key_id)
        .outerjoin(Meter, Meter.id == Hold.meter_id)
        .order_by(Hold.held_at, Hold.id)
    )
    if status:
        query = query.where(Hold.status == status)
    return [
        HeldRow(source, scope, key or "", meter or "", *rest)
        for source, scope, key, meter, *rest in connection.execute(query)
    ]


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


def decide(
    connection: Connection, hold: HeldRow, decision: str, *, at: datetime, note: str
) -> None:
    """Remember a person's decision on a hold, and mark its source for a replay."""
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
        "decided_by": "person",
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
