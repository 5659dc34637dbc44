"""What is and was believed of one offer, ready to be billed by."""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from storage.reading import cards
from tracker.domain import billing
from tracker.domain.billing import Bill, Card, Line, Rate, Terms
from tracker.domain.meters import parse_meter
from tracker.domain.offers import Offer


@dataclass(frozen=True, slots=True)
class Revision:
    """A line of a bill that is another one than it was.

    Attributes:
        part, tokens: the line.
        was: the rate that was believed, or published, before.
        now: the rate that is believed.
        was_usd, now_usd: the line at the one and at the other.
        why: what put it right, in words.
    """

    part: str
    tokens: int
    was: Rate
    now: Rate
    was_usd: Decimal
    now_usd: Decimal
    why: str


@dataclass(frozen=True)
class Evidence:
    """What sources said of an offer, and which of it was put right.

    Attributes:
        published: prices as the sources stated them.
        put_right: the changes that were judged to be no plain moves.
    """

    published: list[cards.PublishedPeriod]
    put_right: list[cards.PutRight]

    def said(self, rate: Rate, at: datetime) -> cards.PublishedPeriod | None:
        """What the source of a believed rate said itself at an instant."""
        key = rate.meter.key
        for period in self.published:
            mine = (period.source, period.meter) == (rate.source, key)
            if mine and period.start <= at and (not period.end or at < period.end):
                return period
        return None

    def why(self, rate: Rate, at: datetime) -> str:
        """Which judged change put a rate right: the next one, else the last."""
        mine = [
            change
            for change in self.put_right
            if (change.source, change.meter) == (rate.source, rate.meter.key)
        ]
        later = [change for change in mine if change.at > at]
        chosen = later[0] if later else mine[-1] if mine else None
        if chosen is None:
            return ""
        reason = (
            f", {chosen.reason}" if chosen.reason not in ("", chosen.verdict) else ""
        )
        return f"{chosen.verdict}{reason}, seen {chosen.at:%Y-%m-%d}"


@dataclass
class Book:
    """What is and was believed of one offer, as cards by instant.

    Attributes:
        offer: whose prices.
        every: all periods that are or were believed.
        facts: what multiplies rates, or opens a cheaper window.
        known_at: whose belief counts: that of this instant; ours if None.
        look: reads the evidence, when a bill asks for it.
    """

    offer: Offer
    every: list[cards.BelievedPeriod]
    facts: list[cards.StatedFact]
    known_at: datetime | None
    look: Callable[[], Evidence]
    _cards: dict[int, Card] = field(default_factory=dict)

    @cached_property
    def periods(self) -> list[cards.BelievedPeriod]:
        """The periods that count: ours, or those believed at `known_at`."""
        known = self.known_at
        if known is None:
            return [p for p in self.every if p.known_to is None]
        return [
            p
            for p in self.every
            if p.known_from <= known and (p.known_to is None or known < p.known_to)
        ]

    @cached_property
    def reaching(self) -> bool:
        """Whether long-context rates hold from their threshold on."""
        return self.offer.provider in billing.REACHING

    @cached_property
    def _steps(self) -> list[datetime]:
        ends = {p.end for p in self.periods if p.end is not None}
        return sorted({p.start for p in self.periods} | ends)

    @cached_property
    def _evidence(self) -> Evidence:
        return self.look()

    def card(self, at: datetime) -> Card:
        """The rates of an instant."""
        place = bisect_right(self._steps, at)
        if place not in self._cards:
            self._cards[place] = billing.card(
                _rate(p) for p in self.periods if _holds(p.start, p.end, at)
            )
        return self._cards[place]

    def silence(self, at: datetime) -> str:
        """Why there is no price at an instant."""
        if not self.periods:
            return (
                f"nothing was known of it on {self.known_at:%Y-%m-%d %H:%M}Z"
                if self.known_at
                else "no price on record"
            )
        others = {
            parse_meter(p.meter).unit
            for p in self.periods
            if _holds(p.start, p.end, at)
        }
        if others:
            return f"not sold by the token but by: {', '.join(sorted(others))}"
        first = self._steps[0]
        known = f"; the first one is of {first:%Y-%m-%d}" if at < first else ""
        return f"no price on record on {at:%Y-%m-%d}{known}"

    def fact(self, name: str, at: datetime) -> Any:
        """What was said of the offer besides prices, read from JSON."""
        value = None
        for said in self.facts:
            known = self.known_at is None or said.fetched_at <= self.known_at
            if said.name == name and known and _holds(said.start, said.end, at):
                value = said.value
        try:
            return None if value is None else json.loads(value)
        except ValueError:
            return value

    def factor(self, region: str, at: datetime) -> Decimal | None:
        """What a region multiplies every rate by."""
        low = region.lower()
        stated = self.fact(f"regional_processing_uplift_multiplier_{low}", at)
        if stated is None and low != "global":
            stated = self.fact("regional_endpoint_uplift_multiplier", at)
        return _decimal(stated) or self.mode(low, at)

    def mode(self, word: str, at: datetime) -> Decimal | None:
        """What a mode or a place of inference multiplies every rate by."""
        entry = self.fact("provider_specific_entry", at)
        return _decimal(entry.get(word)) if isinstance(entry, Mapping) else None

    def revisions(self, bill: Bill, at: datetime, terms: Terms) -> Iterator[Revision]:
        """The lines of a bill whose rate was believed, or published, otherwise."""
        for line in bill.lines:
            was = self._first_belief(line.rate, at)
            if not _differs(was, line.rate) and line.rate.basis != "published":
                said = self._evidence.said(line.rate, at)
                was = Rate(line.rate.meter, said.nano, said.currency) if said else None
            if was is not None and _differs(was, line.rate):
                yield self._revision(line, was, at, terms)

    def _revision(self, line: Line, was: Rate, at: datetime, terms: Terms) -> Revision:
        now = line.rate
        why = self._evidence.why(now, at) if now.basis != "published" else ""
        if not why:
            followed = was.source and was.source != now.source
            why = f"{now.source} is followed" if followed else now.basis
        before = billing.dollars(was, line.tokens, terms.factor)
        return Revision(line.part, line.tokens, was, now, before, line.usd, why)

    def _first_belief(self, rate: Rate, at: datetime) -> Rate | None:
        """What was believed first of a rate that is believed otherwise now."""
        key = rate.meter.key
        former = [
            p
            for p in self.every
            if p.meter == key and p.known_to is not None and _holds(p.start, p.end, at)
        ]
        return _rate(min(former, key=lambda p: p.known_from)) if former else None


def _differs(was: Rate | None, now: Rate) -> bool:
    """Whether a line was billed otherwise; only dollars are billed."""
    return was is not None and was.currency == now.currency and was.nano != now.nano


def _rate(period: cards.BelievedPeriod) -> Rate:
    return Rate(
        meter=parse_meter(period.meter),
        nano=period.nano,
        currency=period.currency,
        since=period.start,
        basis=period.basis,
        source=period.source,
    )


def _holds(start: datetime, end: datetime | None, at: datetime) -> bool:
    return start <= at and (end is None or at < end)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and found > 0 else None
