"""Two sources state two prices for one thing: by how much, and what may be the cause.

A cause is a hint with a reason a person can check, never a verdict on who is right.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tracker.domain.families import PLATFORMS, is_alias
from tracker.domain.meters import parse_meter
from tracker.domain.money import NANO, plain
from tracker.domain.offers import Offer

JUMP = 30
"""Prices this far apart differ by a unit, not by a sale."""

UPLIFTS = (105, 110, 120, 125)
"""What clouds add for a region or a data zone, in per cent of the plain price."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What one source states for one meter of an offer.

    Attributes:
        source: who.
        key: its own name for the offer.
        nano: the price, in nano-units per quantum.
        currency: of the price.
        since: when it was first seen there.
        earlier: prices it stated before, with the instants at which they ended.
        card: its prices on the other meters of the same offer.
    """

    source: str
    key: str
    nano: int
    currency: str
    since: datetime
    earlier: Sequence[tuple[int, datetime]] = ()
    card: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pair:
    """The best source's price of a meter, and another's that differs."""

    offer: Offer
    meter: str
    best: Stated
    other: Stated

    @property
    def pct(self) -> float | None:
        """By how many per cent the other one differs; None from zero."""
        if not self.best.nano:
            return None
        return 100 * (self.other.nano - self.best.nano) / self.best.nano

    @property
    def values(self) -> str:
        """The exact pair of values, as acknowledgements remember it."""
        said = (self.best, self.other)
        return " | ".join(f"{s.source}={plain(s.nano)} {s.currency}" for s in said)

    @property
    def name(self) -> str:
        """What people call it by: another pair of values has another name."""
        text = f"{self.offer.text}|{self.meter}|{self.values}"
        return hashlib.sha256(text.encode()).hexdigest()[:8]


def cause(pair: Pair) -> str:
    """What may be behind it, in words; empty if nothing points anywhere."""
    for rule in (_rounded, _lagging, _free, _unit, _other_meter, _alias, _uplift):
        found = rule(pair)
        if found:
            return found
    return ""


def _rounded(pair: Pair) -> str:
    """One is the other to the cent, or to the tenth of it."""
    for one, other in ((pair.other, pair.best), (pair.best, pair.other)):
        for step in (NANO // 100, NANO // 1000):
            if (
                one.nano
                and one.nano % step == 0
                and abs(one.nano - other.nano) * 2 <= step
            ):
                return f"{one.source} rounds"
    return ""


def _lagging(pair: Pair) -> str:
    """One says what the other said before."""
    for one, other in ((pair.other, pair.best), (pair.best, pair.other)):
        ended = [at for nano, at in other.earlier if nano == one.nano]
        if ended:
            day = max(ended).date().isoformat()
            return f"{one.source} still says what {other.source} said until {day}"
    return ""


def _free(pair: Pair) -> str:
    free = [s.source for s in (pair.best, pair.other) if s.nano == 0]
    return f"free at {free[0]}, paid at the other" if free else ""


def _unit(pair: Pair) -> str:
    low, high = sorted((pair.best.nano, pair.other.nano))
    return "a unit: over 30 times apart" if high >= JUMP * low else ""


def _other_meter(pair: Pair) -> str:
    """One states here what the other states on a sibling meter."""
    component = parse_meter(pair.meter).component
    for one, other in ((pair.other, pair.best), (pair.best, pair.other)):
        for meter, nano in sorted(other.card.items()):
            sibling = meter != pair.meter and parse_meter(meter).component == component
            if sibling and nano == one.nano:
                return f"{one.source} states the price of {meter}"
    return ""


def _alias(pair: Pair) -> str:
    keys = (pair.best.key, pair.other.key, pair.offer.model)
    return (
        "a moving alias: it may point at two models" if any(map(is_alias, keys)) else ""
    )


def _uplift(pair: Pair) -> str:
    if pair.offer.provider not in PLATFORMS:
        return ""
    low, high = sorted((pair.best.nano, pair.other.nano))
    for percent in UPLIFTS:
        if 100 * high == percent * low:
            return f"{percent - 100} % apart: a region or a data zone?"
    return ""
