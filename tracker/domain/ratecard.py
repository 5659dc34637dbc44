"""What is known of one key of a source before the next capture is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tracker.domain.offers import Offer


@dataclass(frozen=True, slots=True)
class Rate:
    """A price that stands: nano-units of a currency per quantum of its meter."""

    price_nano: int
    currency: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A key that its source left out: since which capture, and when last seen."""

    since: datetime
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """A value that waits for release.

    Attributes:
        reason: a code of `tracker.domain.gate.REASONS`.
        raw: what the source wrote.
        rate: the price it would be, None if it cannot be read as one.
        since: the instant of the capture that first said it.
        previous_at: when the source was seen before that.
    """

    reason: str
    raw: str
    rate: Rate | None = None
    since: datetime | None = None
    previous_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyCard:
    """The state of one key.

    Attributes:
        offer: what the key sells.
        rates: open rates by meter key.
        earlier: the prices that each meter had before, oldest first; for a meter
            without an open rate the last of them is what it cost when it went.
        doubted: meters whose open rate was held before it was believed.
        facts: open facts by name.
        held: pending holds by meter key (`""` for the whole key).
        absence: set while the key is missing and not yet withdrawn.
        withdrawn_at: since when the source has given the key up.
        renamed_to: the key that may be its new name, while it is away.
    """

    offer: Offer
    rates: Mapping[str, Rate] = field(default_factory=dict)
    earlier: Mapping[str, tuple[Rate, ...]] = field(default_factory=dict)
    doubted: frozenset[str] = frozenset()
    facts: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, Held] = field(default_factory=dict)
    absence: Absence | None = None
    withdrawn_at: datetime | None = None
    renamed_to: str | None = None
