"""What a chart shows: the steps of a price, their changes, and when nobody looked."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Step:
    """A price that held in `[since, until)`; `until` is None while it holds."""

    since: datetime
    until: datetime | None
    price: Decimal
    source: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A change: when, from what to what, and what we make of it.

    `old` is None where a price came back. `place` is the believed price of the time
    where the change itself is not believed (an error, a flap); it is marked there.
    """

    at: datetime
    old: Decimal | None
    new: Decimal
    verdict: str | None = None
    reason: str | None = None
    place: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """What one meter of one offer cost: steps oldest first, and their changes.

    In its `gaps` nobody looked; they are in order and do not overlap.
    """

    name: str
    meter: str
    per: str
    steps: tuple[Step, ...]
    marks: tuple[Mark, ...] = ()
    currency: str = "USD"
    gaps: "tuple[Gap, ...]" = ()

    @property
    def model(self) -> str:
        """The name without who sells it."""
        return self.name.partition("/")[2] or self.name

    @property
    def stable(self) -> bool:
        """Whether the price never moved while it was on record."""
        return not self.moves

    @property
    def moves(self) -> list[datetime]:
        """When the price became another."""
        return [b.since for a, b in pairwise(self.steps) if a.price != b.price]


Gap = tuple[datetime, datetime]
"""A stretch in which nobody looked."""
