"""The tables. DESIGN's names are public: people write SQL against them.

Three rooms: what was fetched (`sources`, `captures`, `runs`, `source_runs`), what
follows from it (`offers` to `holds`; `rebuild` can make all of it anew), and what
people decided or were told (`decisions`, `digests`, `digest_items`, `deliveries`).
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, key, reference

__all__ = [
    "Base",
    "Belief",
    "Capture",
    "Decision",
    "Delivery",
    "Digest",
    "DigestItem",
    "Fact",
    "Hold",
    "Meter",
    "Offer",
    "PriceChange",
    "Rate",
    "Run",
    "Source",
    "SourceKey",
    "SourceRun",
    "Verdict",
]


class Source(Base):
    """A place prices are read from.

    `precedence` ranks sources that state one price (lower is better), and the
    one that speaks for the `provider` of an offer comes first. `reader` is the
    version of the parser the projection was made with; `rebuild` says that
    history has to be replayed before it is added to, `unjudged` that changes
    were recorded that no judging pass has seen. `rebuilds` counts replays: after
    one, ids that a process remembers may mean something else. `stale` says that
    the last run found it too long unread: it loses its place and its voice in what
    is best today.
    """

    __tablename__ = "sources"
    id: Mapped[int] = key()
    name: Mapped[str] = mapped_column(unique=True)
    precedence: Mapped[int]
    provider: Mapped[str | None]
    reader: Mapped[int]
    rebuild: Mapped[bool] = mapped_column(default=False)
    unjudged: Mapped[bool] = mapped_column(default=False)
    rebuilds: Mapped[int] = mapped_column(default=0)
    stale: Mapped[bool] = mapped_column(default=False)


class Capture(Base):
    """One raw body, zstd-compressed; `body` is null if an earlier row of the same
    source holds the same bytes, or if there was none worth keeping.
    """

    __tablename__ = "captures"
    constraints = (UniqueConstraint("source_id", "observed_at", "sha256"),)
    id: Mapped[int] = key()
    source_id: Mapped[int] = reference("sources.id")
    observed_at: Mapped[datetime]
    fetched_at: Mapped[datetime]
    url: Mapped[str | None]
    origin: Mapped[str]
    version: Mapped[str | None]
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]
    body: Mapped[bytes | None]
    complete: Mapped[bool] = mapped_column(default=True)
    status: Mapped[str]
    note: Mapped[str | None]


class Run(Base):
    """One run for one slot."""

    __tablename__ = "runs"
    constraints = (UniqueConstraint("kind", "slot"),)
    id: Mapped[int] = key()
    kind: Mapped[str]
    slot: Mapped[datetime]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    outcome: Mapped[str | None]
    note: Mapped[str | None]


class SourceRun(Base):
    """What one run found at one source; also failures and gaps without a body."""

    __tablename__ = "source_runs"
    constraints = (UniqueConstraint("run_id", "source_id"),)
    id: Mapped[int] = key()
    run_id: Mapped[int] = reference("runs.id")
    source_id: Mapped[int] = reference("sources.id", index=True)
    outcome: Mapped[str]
    capture_id: Mapped[int | None] = reference("captures.id", null=True)
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    note: Mapped[str | None]


class Offer(Base):
    """What is sold; `region` is empty where none is named."""

    __tablename__ = "offers"
    constraints = (UniqueConstraint("provider", "model", "region"),)
    id: Mapped[int] = key()
    provider: Mapped[str]
    model: Mapped[str] = mapped_column(index=True)
    region: Mapped[str]


class SourceKey(Base):
    """A source's own name for an offer, and whether it is still there."""

    __tablename__ = "source_keys"
    constraints = (UniqueConstraint("source_id", "key"),)
    id: Mapped[int] = key()
    source_id: Mapped[int] = reference("sources.id")
    key: Mapped[str] = mapped_column(index=True)
    offer_id: Mapped[int] = reference("offers.id", index=True)
    missing_since: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    renamed_to: Mapped[str | None]


class Meter(Base):
    """What is billed; `qualifiers` is JSON, `quantum` the units of one price."""

    __tablename__ = "meters"
    id: Mapped[int] = key()
    key: Mapped[str] = mapped_column(unique=True)
    component: Mapped[str]
    unit: Mapped[str]
    tier: Mapped[str]
    context_above: Mapped[int]
    qualifiers: Mapped[str]
    quantum: Mapped[int]


class Rate(Base):
    """A period `[valid_from, valid_to)` in which a source stated one price."""

    __tablename__ = "rates"
    constraints = (
        CheckConstraint("price_nano >= 0", name="price_not_negative"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="period"),
        UniqueConstraint("source_key_id", "meter_id", "valid_from"),
        Index(
            "uq_rates_open",
            "source_key_id",
            "meter_id",
            unique=True,
            sqlite_where=text("valid_to IS NULL"),
            postgresql_where=text("valid_to IS NULL"),
        ),
        Index("ix_rates_offer_id_meter_id", "offer_id", "meter_id", "valid_from"),
    )
    id: Mapped[int] = key()
    source_id: Mapped[int] = reference("sources.id")
    source_key_id: Mapped[int] = reference("source_keys.id")
    offer_id: Mapped[int] = reference("offers.id")
    meter_id: Mapped[int] = reference("meters.id")
    price_nano: Mapped[int]
    currency: Mapped[str]
    exact: Mapped[bool]
    raw: Mapped[str]
    field: Mapped[str]
    capture_id: Mapped[int] = reference("captures.id")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class PriceChange(Base):
    """A step of the timeline; the current verdict is repeated here.

    `effective_at` is since when the new price holds: what a witness shows who had
    it earlier, else `stated_at`, the day that the source itself names.
    """

    __tablename__ = "price_changes"
    constraints = (
        UniqueConstraint("source_key_id", "meter_id", "observed_at", "kind"),
        Index("ix_price_changes_offer_id_observed_at", "offer_id", "observed_at"),
        Index("ix_price_changes_observed_at", "observed_at", "source_id"),
    )
    id: Mapped[int] = key()
    source_id: Mapped[int] = reference("sources.id")
    source_key_id: Mapped[int] = reference("source_keys.id")
    offer_id: Mapped[int] = reference("offers.id")
    meter_id: Mapped[int] = reference("meters.id")
    kind: Mapped[str]
    old_price_nano: Mapped[int | None]
    new_price_nano: Mapped[int | None]
    currency: Mapped[str]
    capture_id: Mapped[int] = reference("captures.id")
    previous_seen_at: Mapped[datetime | None]
    observed_at: Mapped[datetime]
    effective_at: Mapped[datetime | None]
    stated_at: Mapped[datetime | None]
    verdict: Mapped[str | None]
    reason: Mapped[str | None]
    confidence: Mapped[float | None]
    evidence: Mapped[str | None]
    story: Mapped[str | None]


class Verdict(Base):
    """A judgement on a change; a later one amends it and links to it.

    `change` names the change by source, key, meter, kind and instant, which a
    rebuild keeps, where row ids may differ.
    """

    __tablename__ = "verdicts"
    id: Mapped[int] = key()
    source_id: Mapped[int] = reference("sources.id")
    change: Mapped[str] = mapped_column(index=True)
    amends_id: Mapped[int | None] = reference("verdicts.id", null=True)
    verdict: Mapped[str]
    reason: Mapped[str | None]
    confidence: Mapped[float | None]
    evidence: Mapped[str | None]
    judged_at: Mapped[datetime]


class Belief(Base):
    """A price as it is believed in `[valid_from, valid_to)`, and since when we
    believe so; `known_to` is null for what is believed now.
    """

    __tablename__ = "beliefs"
    constraints = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="period"),
        Index("ix_beliefs_offer_id_meter_id", "offer_id", "meter_id", "valid_from"),
    )
    id: Mapped[int] = key()
    offer_id: Mapped[int] = reference("offers.id")
    meter_id: Mapped[int] = reference("meters.id")
    source_id: Mapped[int] = reference("sources.id")
    price_nano: Mapped[int]
    currency: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    basis: Mapped[str]
    known_from: Mapped[datetime]
    known_to: Mapped[datetime | None]


class Fact(Base):
    """A capability, limit or date as a period: what an entry says besides prices.

    `value` is text, or JSON; `number` is the same where it is a number.
    """

    __tablename__ = "facts"
    constraints = (
        UniqueConstraint("source_key_id", "name", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="period"),
    )
    id: Mapped[int] = key()
    source_id: Mapped[int] = reference("sources.id")
    source_key_id: Mapped[int] = reference("source_keys.id")
    name: Mapped[str]
    value: Mapped[str]
    number: Mapped[float | None]
    capture_id: Mapped[int] = reference("captures.id")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class Hold(Base):
    """A stated value, or a whole capture, kept out until it is released.

    `status` is pending, released, accepted, rejected or lapsed; a rejected one
    keeps being held, without `resolved_at`, for as long as its source repeats it.
    """

    __tablename__ = "holds"
    id: Mapped[int] = key()
    source_id: Mapped[int] = reference("sources.id", index=True)
    source_key_id: Mapped[int | None] = reference("source_keys.id", null=True)
    meter_id: Mapped[int | None] = reference("meters.id", null=True)
    scope: Mapped[str]
    reason: Mapped[str]
    raw: Mapped[str]
    field: Mapped[str]
    capture_id: Mapped[int] = reference("captures.id")
    price_nano: Mapped[int | None]
    currency: Mapped[str | None]
    previous_seen_at: Mapped[datetime | None]
    held_at: Mapped[datetime]
    status: Mapped[str]
    resolved_at: Mapped[datetime | None]


class Decision(Base):
    """What a person, or an independent source, released or rejected; never dropped."""

    __tablename__ = "decisions"
    id: Mapped[int] = key()
    source_id: Mapped[int] = reference("sources.id", index=True)
    scope: Mapped[str]
    key: Mapped[str]
    meter: Mapped[str]
    value: Mapped[str]
    decision: Mapped[str]
    decided_at: Mapped[datetime]
    decided_by: Mapped[str]
    note: Mapped[str | None]
    evidence: Mapped[str | None]


class Digest(Base):
    """What one subscription was told at once.

    `kind` is digest or immediate; nothing and checked stand for times when there was
    nothing to tell. Nothing that was seen before `since` is news to the subscription.
    `content` is the message as it is delivered, less what differs by recipient.
    """

    __tablename__ = "digests"
    id: Mapped[int] = key()
    subscription: Mapped[str] = mapped_column(index=True)
    run_id: Mapped[int | None] = reference("runs.id", null=True)
    kind: Mapped[str]
    since: Mapped[datetime]
    created_at: Mapped[datetime]
    subject: Mapped[str]
    content: Mapped[bytes]


class DigestItem(Base):
    """A change told to a subscription; a change is told once.

    `change` names the change as in `verdicts`; other news (a hold, a deprecation
    date, a capability) is named alike. `price_nano` is the value that the subscriber
    has in mind since then, `verdict` what was told of it last, and `amended_id` the
    digest that took an earlier verdict back.
    """

    __tablename__ = "digest_items"
    constraints = (
        UniqueConstraint("subscription", "change"),
        Index("ix_digest_items_told", "subscription", "offer", "meter"),
    )
    id: Mapped[int] = key()
    digest_id: Mapped[int] = reference("digests.id", index=True)
    subscription: Mapped[str]
    change: Mapped[str]
    offer: Mapped[str | None]
    meter: Mapped[str | None]
    price_nano: Mapped[int | None]
    currency: Mapped[str | None]
    verdict: Mapped[str | None]
    amended_id: Mapped[int | None] = reference("digests.id", null=True)


class Delivery(Base):
    """One digest for one recipient, sent at least once."""

    __tablename__ = "deliveries"
    constraints = (UniqueConstraint("digest_id", "recipient"),)
    id: Mapped[int] = key()
    digest_id: Mapped[int] = reference("digests.id")
    recipient: Mapped[str]
    message_id: Mapped[str]
    status: Mapped[str]
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    note: Mapped[str | None]
