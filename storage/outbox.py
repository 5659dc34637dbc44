"""The outbox: one row for each digest and recipient, and what became of it.

A row is pending until it is sent or failed for good. Whoever delivers it first claims
it by moving its next attempt into the future: two that deliver at once never take the
same row, and a claim that nobody finished runs out by itself.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, select, update

from storage.models import Delivery, Digest


@dataclass(frozen=True, slots=True)
class Letter:
    """A digest for one recipient. `status` is pending, sent or failed."""

    id: int
    digest_id: int
    subscription: str
    recipient: str
    message_id: str
    subject: str
    status: str
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    note: str | None


def _letters() -> Select[*tuple[object, ...]]:
    return select(
        Delivery.id,
        Delivery.digest_id,
        Digest.subscription,
        Delivery.recipient,
        Delivery.message_id,
        Digest.subject,
        Delivery.status,
        Delivery.attempts,
        Digest.created_at,
        Delivery.next_attempt_at,
        Delivery.sent_at,
        Delivery.note,
    ).join(Digest, Digest.id == Delivery.digest_id)


def letters(connection: Connection, *, every: bool = False) -> list[Letter]:
    """Letters that are not sent, oldest first; or all."""
    query = _letters().order_by(Delivery.id)
    if not every:
        query = query.where(Delivery.status != "sent")
    return [Letter(*row) for row in connection.execute(query)]  # type: ignore[arg-type]


def letter(connection: Connection, id_: int) -> Letter | None:
    """One letter by its number."""
    row = connection.execute(_letters().where(Delivery.id == id_)).first()
    return Letter(*row) if row else None  # type: ignore[arg-type]


def content(connection: Connection, digest_id: int) -> bytes:
    """The message of a digest, less what differs by recipient."""
    query = select(Digest.content).where(Digest.id == digest_id)
    return connection.execute(query).scalar_one()


def due(connection: Connection, now: datetime) -> list[int]:
    """The letters to be tried now, those that wait longest first."""
    query = (
        select(Delivery.id)
        .where(Delivery.status == "pending", Delivery.next_attempt_at <= now)
        .order_by(Delivery.next_attempt_at, Delivery.id)
    )
    return list(connection.execute(query).scalars())


def claim(connection: Connection, id_: int, *, now: datetime, until: datetime) -> bool:
    """Take a letter that is due, so that nobody else tries it before `until`."""
    taken = connection.execute(
        update(Delivery)
        .where(
            Delivery.id == id_,
            Delivery.status == "pending",
            Delivery.next_attempt_at <= now,
        )
        .values(next_attempt_at=until, attempts=Delivery.attempts + 1)
    )
    return taken.rowcount == 1


def sent(connection: Connection, id_: int, *, now: datetime, note: str) -> None:
    """Record that a letter was taken over by whoever delivers it further."""
    values = {"status": "sent", "sent_at": now, "next_attempt_at": None, "note": note}
    connection.execute(update(Delivery).where(Delivery.id == id_).values(**values))


def put_off(connection: Connection, id_: int, *, until: datetime, note: str) -> None:
    """Record that a letter is to be tried again later, and why."""
    values = {"next_attempt_at": until, "note": note}
    connection.execute(update(Delivery).where(Delivery.id == id_).values(**values))


def failed(connection: Connection, id_: int, *, note: str) -> None:
    """Record that a letter cannot be delivered."""
    values = {"status": "failed", "next_attempt_at": None, "note": note}
    connection.execute(update(Delivery).where(Delivery.id == id_).values(**values))


def again(connection: Connection, ids: list[int], *, now: datetime) -> None:
    """Have letters tried anew, with all the time they had at first."""
    values = {"status": "pending", "next_attempt_at": now, "attempts": 0}
    connection.execute(update(Delivery).where(Delivery.id.in_(ids)).values(**values))
