"""What people were told: reading and writing."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from storage.bulk import chunks
from storage.models import (
    Delivery,
    Digest,
    DigestItem,
    PriceChange,
    Run,
    Verdict,
)
from storage.reading.queries import rows

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """Something told.

    Attributes:
        change: its name, once per subscription.
        offer, meter: what it is about, where it is a price.
        price_nano, currency: the value the subscriber has in mind from now on.
        verdict: what was told of it; only changes of prices have one.
    """

    change: str
    offer: str | None = None
    meter: str | None = None
    price_nano: int | None = None
    currency: str | None = None
    verdict: str | None = None


@dataclass(frozen=True, slots=True)
class NewDigest:
    """A digest to be stored.

    Attributes:
        kind: digest, immediate, nothing or checked.
        since: nothing seen before is news to this subscription.
    """

    subscription: str
    kind: str
    since: datetime
    created_at: datetime
    subject: str = ""
    content: bytes = b""


def begun(connection: Connection, subscription: str) -> datetime | None:
    """Since when there is news for a subscription; None before its first digest."""
    query = select(Digest.since).where(Digest.subscription == subscription)
    return connection.execute(query.order_by(Digest.id).limit(1)).scalar()


def last_regular(connection: Connection, subscription: str) -> datetime | None:
    """When its last regular digest was made, or found to be empty."""
    query = select(func.max(Digest.id)).where(
        Digest.subscription == subscription, Digest.kind.in_(("digest", "nothing"))
    )
    last = connection.execute(query).scalar()
    if last is None:
        return None
    return connection.execute(
        select(Digest.created_at).where(Digest.id == last)
    ).scalar_one()


def looked_at(connection: Connection, subscription: str) -> int | None:
    """The run after which a subscription's news were looked at last."""
    query = select(Digest.run_id).where(Digest.subscription == subscription)
    return connection.execute(query.order_by(Digest.id.desc()).limit(1)).scalar()


def newest_run(connection: Connection) -> int | None:
    """The newest run that has ended."""
    query = select(func.max(Run.id)).where(Run.finished_at.is_not(None))
    return connection.execute(query).scalar()


def state(connection: Connection, subscription: str) -> tuple[Any, ...]:
    """What a selection depends on: if it is the same, so is the selection."""
    queries = (
        select(func.max(Digest.id)).where(Digest.subscription == subscription),
        select(func.max(Verdict.id)),
        select(func.max(PriceChange.id)),
        select(func.count()).select_from(PriceChange),
        select(func.max(Run.id)),
    )
    return tuple(connection.execute(query).scalar() for query in queries)


def told_names(connection: Connection, subscription: str) -> set[str]:
    """The names of everything a subscription was told."""
    query = select(DigestItem.change).where(DigestItem.subscription == subscription)
    return set(connection.execute(query).scalars())


def told_values(
    connection: Connection, subscription: str
) -> dict[tuple[str, str], tuple[int, str]]:
    """The value told last, with its currency, by offer and meter."""
    query = (
        select(
            DigestItem.offer,
            DigestItem.meter,
            DigestItem.price_nano,
            DigestItem.currency,
        )
        .where(
            DigestItem.subscription == subscription, DigestItem.price_nano.is_not(None)
        )
        .order_by(DigestItem.id)
    )
    return {
        (offer or "", meter or ""): (nano or 0, currency or "")
        for offer, meter, nano, currency in connection.execute(query)
    }


_AMENDED = """
SELECT i.change, i.offer, i.meter, i.price_nano, i.currency, i.verdict AS told,
  v.verdict, v.reason, v.evidence, d.created_at AS observed_at
FROM digest_items i
JOIN digests d ON d.id = COALESCE(i.amended_id, i.digest_id)
JOIN verdicts v ON v.change = i.change
WHERE i.subscription = :subscription AND i.verdict IS NOT NULL
  AND v.verdict <> i.verdict
  AND v.id = (SELECT MAX(x.id) FROM verdicts x WHERE x.change = i.change)
ORDER BY i.id
"""


def amended(connection: Connection, subscription: str) -> list[Row]:
    """Changes that were told with a verdict that is not ours any more; `observed_at`
    is when they were told.
    """
    return rows(connection, _AMENDED, {"subscription": subscription})


def store(
    connection: Connection,
    digest: NewDigest,
    items: Collection[Item],
    amendments: Collection[Item],
) -> int:
    """Store a digest with what it tells, and what it takes back.

    Raises:
        IntegrityError: something of it was told by another process meanwhile.
    """
    row = {**asdict(digest), "run_id": newest_run(connection)}
    statement = insert(Digest).values(row).returning(Digest.id)
    id_: int = connection.execute(statement).scalar_one()
    shared = {"digest_id": id_, "subscription": digest.subscription}
    for chunk in chunks(items):
        connection.execute(
            insert(DigestItem), [{**shared, **asdict(item)} for item in chunk]
        )
    for item in amendments:
        connection.execute(
            update(DigestItem)
            .where(
                DigestItem.subscription == digest.subscription,
                DigestItem.change == item.change,
            )
            .values(
                verdict=item.verdict,
                price_nano=item.price_nano,
                currency=item.currency,
                amended_id=id_,
            )
        )
    return id_


def address(connection: Connection, digest_id: int, to: Mapping[str, str]) -> None:
    """Put a digest into the outbox for its recipients.

    Args:
        connection: the transaction.
        digest_id: which.
        to: Message-IDs by recipient.
    """
    created = connection.execute(
        select(Digest.created_at).where(Digest.id == digest_id)
    ).scalar_one()
    fresh = {"status": "pending", "attempts": 0, "next_attempt_at": created}
    found = [
        {"digest_id": digest_id, "recipient": recipient, "message_id": name, **fresh}
        for recipient, name in to.items()
    ]
    if found:
        connection.execute(insert(Delivery), found)
