"""Making digests: for a look, or to be sent.

    read ─► compose ─► draw, render ─► one transaction: still the same? store, address

Nothing is drawn or rendered while a transaction is open. What the selection rests on
is read with it and again within the transaction that stores the digest: where another
process told something meanwhile, all is done anew.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from storage import digests
from storage import sources as source_rows
from storage.digests import NewDigest
from storage.unit_of_work import Store
from tracker.domain.errors import StorageError
from tracker.reports import charts
from tracker.reports.digest import Digest, compose
from tracker.reports.links import Links
from tracker.reports.page import Picture
from tracker.reports.rendering import Rendered, rendered
from tracker.reports.selecting import FIRST, Window, select
from tracker.reports.settings import Mail, Subscription

TRIES = 5
"""How often a digest is made anew because something else was told meanwhile."""

DAYS = (
    *("monday", "tuesday", "wednesday", "thursday"),
    *("friday", "saturday", "sunday"),
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A digest with its forms, and the pictures in it."""

    digest: Digest
    rendered: Rendered
    pictures: dict[str, Picture]


@dataclass(frozen=True, slots=True)
class Queued:
    """What became of one subscription: `kind` is digest, immediate, nothing (to tell)
    or waiting (for its day); `recipients` counts those it is addressed to; `unmatched`
    says what it names and is nowhere.
    """

    subscription: str
    kind: str
    subject: str = ""
    recipients: int = 0
    unmatched: tuple[str, ...] = ()


def preview(
    store: Store,
    subscription: Subscription,
    mail: Mail,
    window: Window | None,
    now: datetime,
    *,
    url: str = "",
) -> Prepared:
    """What would be told; nothing is remembered.

    Args:
        store: the database.
        subscription: who would be told.
        mail: whom it is from.
        window: what to tell regardless of what was told; None for what is due.
        now: the instant.
        url: of the web page; empty if there is none.
    """
    _, prepared = _prepared(store, subscription, _How(mail, Links(url)), window, now)
    return prepared


def queue_due(
    store: Store,
    subscriptions: Iterable[Subscription],
    mail: Mail,
    *,
    now: datetime,
    url: str = "",
) -> list[Queued]:
    """Make the digests that are due, each in a transaction of its own, and address
    them to their recipients; delivery is the outbox's business.

    Args:
        store: the database.
        subscriptions: who is told.
        mail: whom it is from.
        now: the instant.
        url: of the web page; empty if there is none.
    """
    return [queue(store, one, mail, now=now, url=url) for one in subscriptions]


def queue(
    store: Store,
    subscription: Subscription,
    mail: Mail,
    *,
    now: datetime,
    url: str = "",
    only_after_runs: bool = False,
) -> Queued:
    """Make one subscription's digest if it is due.

    Args:
        store: the database.
        subscription: who is told.
        mail: whom it is from.
        now: the instant.
        url: of the web page; empty if there is none.
        only_after_runs: do not look again before another run has ended.

    Raises:
        StorageError: others kept telling it something meanwhile.
    """
    due, asked = _due(store, subscription, now, only_after_runs=only_after_runs)
    if due == "waiting":
        return Queued(subscription.name, due)
    how = _How(mail, Links(url))
    for _ in range(TRIES):
        seen, prepared = _prepared(store, asked, how, None, now)
        told = prepared.digest.is_news or (subscription.empty and due == "digest")
        kind = due if told else "nothing" if due == "digest" else "checked"
        if _stored(store, subscription, mail, _Made(prepared, kind, seen), now):
            return Queued(
                subscription.name,
                kind if told else "nothing",
                prepared.rendered.page.subject if told else "",
                len(subscription.recipients) if told else 0,
                prepared.digest.unmatched,
            )
    raise StorageError(
        f"the digest of {subscription.name} could not be stored: something else kept "
        "writing; run again"
    )


def _due(
    store: Store, subscription: Subscription, now: datetime, *, only_after_runs: bool
) -> tuple[str, Subscription]:
    """Which digest is due (digest, immediate or waiting), and what it may speak of."""
    with store.reading() as connection:
        last = digests.last_regular(connection, subscription.name)
        looked = digests.looked_at(connection, subscription.name)
        newest = digests.newest_run(connection)
    rested = only_after_runs and looked is not None and looked == newest
    weekly = subscription.digest == "weekly"
    if weekly and (last is None or last < _week_begin(subscription, now)):
        return "digest", subscription
    if rested:
        return "waiting", subscription
    if not weekly:
        return "digest", subscription
    if subscription.immediate:
        return "immediate", _at_once(subscription)
    return "waiting", subscription


def _at_once(subscription: Subscription) -> Subscription:
    """The subscription for the models that do not wait."""
    return subscription.model_copy(update={"models": subscription.immediate})


def _week_begin(subscription: Subscription, now: datetime) -> datetime:
    """The first moment of the subscription's newest day, UTC."""
    back = (now.weekday() - DAYS.index(subscription.weekday)) % 7
    day = (now.astimezone(UTC) - timedelta(days=back)).date()
    return datetime.combine(day, time(), UTC)


@dataclass(frozen=True, slots=True)
class _How:
    """How a digest is made: whom it is from, and where the web page is."""

    mail: Mail
    links: Links


def _prepared(
    store: Store,
    subscription: Subscription,
    how: _How,
    window: Window | None,
    now: datetime,
) -> tuple[tuple[Any, ...], Prepared]:
    """A digest in all its forms, and the state of the database it rests on."""
    with store.reading() as connection:
        seen = digests.state(connection, subscription.name)
        begun = digests.begun(connection, subscription.name)
        last = digests.last_regular(connection, subscription.name)
        chosen = window or Window(_begin(subscription, begun, now), now, last=last)
        digest = compose(select(connection, subscription, chosen), subscription)
        cards = charts.headlines(digest) if how.mail.charts else []
        histories = charts.histories(connection, cards)
    pictures = charts.pictures(cards, histories, chosen.until)
    made = rendered(digest, subscription, how.mail, pictures, how.links)
    return seen, Prepared(digest, made, pictures)


def _begin(
    subscription: Subscription, begun: datetime | None, now: datetime
) -> datetime:
    """What a subscription's digest looks back to: its first one, a week; later ones as
    far as that did; none before the day that the subscriber named.
    """
    named = subscription.since
    asked = datetime.combine(named, time(), UTC) if named else None
    if begun is not None:
        return max(begun, asked) if asked else begun
    return asked or now - FIRST


def _stored(
    store: Store, subscription: Subscription, mail: Mail, made: "_Made", now: datetime
) -> bool:
    """Store a digest with what it tells and its deliveries; False if what it rests on
    is not the same any more.
    """
    digest, told = made.prepared.digest, made.kind in ("digest", "immediate")
    with store.writing() as work:
        connection = work.connection
        # Sources are locked so that two processes do not tell the same thing.
        source_rows.lock_all(connection)
        if digests.state(connection, subscription.name) != made.seen:
            return False
        begun = digests.begun(connection, subscription.name)
        row = NewDigest(
            subscription=subscription.name,
            kind=made.kind,
            since=begun or digest.since,
            created_at=now,
            subject=made.prepared.rendered.page.subject if told else "",
            content=made.prepared.rendered.content if told else b"",
        )
        items = digest.items if told else list(digest.quiet)
        id_ = digests.store(connection, row, items, digest.amendments if told else ())
        names = {r: message_id(mail, row, id_, r) for r in subscription.recipients}
        digests.address(connection, id_, names if told else {})
        work.commit()
    return True


@dataclass(frozen=True, slots=True)
class _Made:
    """A digest of a kind, and the state of the database it rests on."""

    prepared: Prepared
    kind: str
    seen: tuple[Any, ...]


def message_id(mail: Mail, digest: NewDigest, digest_id: int, to: str) -> str:
    """A message's name: the same whenever this digest is sent to this recipient."""
    made = digest.created_at.isoformat()
    parts = (digest.subscription, str(digest_id), made, to)
    name = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
    return f"<{name}@{mail.domain}>"
