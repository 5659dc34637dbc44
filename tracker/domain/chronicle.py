"""All that was ever said, arranged so that the judge can ask about it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from tracker.domain.families import (
    MAKERS,
    family_of,
    listed_by_router,
)
from tracker.domain.offers import Offer


@dataclass(frozen=True, slots=True)
class Period:
    """A price that one key of a source stated in `[start, end)`.

    `earliest` is the last time the source was seen without it: the price may be
    that old. None if the source was never seen before.
    """

    nano: int
    currency: str
    start: datetime
    end: datetime | None
    earliest: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it stood at an instant."""
        return self.start <= at and (self.end is None or at < self.end)

    def held_before(self, at: datetime) -> bool:
        """Whether it stood just before an instant."""
        return self.start < at and (self.end is None or at <= self.end)


Series = tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A changed price: which key and meter, from what to what, when."""

    id: int
    source: str
    key: str
    meter: str
    old: int
    new: int
    currency: str
    since: datetime | None
    at: datetime

    @property
    def ratio(self) -> float:
        """New to old; infinite from zero."""
        return self.new / self.old if self.old else float("inf")


@dataclass(frozen=True, slots=True)
class Witness:
    """What another source says of the same meter.

    `direct` if it speaks of this very offer, and not of the maker's list price.
    """

    source: str
    series: Series
    direct: bool


NONE: Series = ()


@dataclass
class Chronicle:
    """The series of every key and meter of every source.

    Attributes:
        series: by (source, key) and meter.
        offers: what each (source, key) sells.
        steps: every changed price, oldest first.
        last_at: the newest capture of each source.
    """

    series: Mapping[tuple[str, str], Mapping[str, Series]]
    offers: Mapping[tuple[str, str], Offer]
    steps: tuple[Step, ...]
    last_at: Mapping[str, datetime] = field(default_factory=dict)

    def of(self, source: str, key: str, meter: str) -> Series:
        """One meter's series; empty if it was never stated."""
        return self.series.get((source, key), {}).get(meter, NONE)

    def card(self, source: str, key: str, at: datetime) -> dict[str, int]:
        """All prices of a key at an instant."""
        meters = self.series.get((source, key), {})
        found = {m: _at(s, at) for m, s in meters.items()}
        return {m: nano for m, nano in found.items() if nano is not None}

    def card_before(self, source: str, key: str, at: datetime) -> dict[str, int]:
        """All prices of a key just before an instant."""
        meters = self.series.get((source, key), {})
        found = {m: _before(s, at) for m, s in meters.items()}
        return {m: nano for m, nano in found.items() if nano is not None}

    def age(self, source: str, key: str, at: datetime) -> timedelta | None:
        """How old a key was at an instant, at the most.

        None if it was there when its source was first seen: it may be any age.
        """
        first = min((s[0] for s in self.series[source, key].values()), key=_start)
        return None if first.earliest is None else at - first.earliest

    @cached_property
    def by_family(self) -> Mapping[tuple[str, str], list[str]]:
        """Keys by (source, family)."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for (source, key), offer in self.offers.items():
            found[source, family_of(offer.model)].append(key)
        return found

    @cached_property
    def by_provider(self) -> Mapping[tuple[str, str], list[str]]:
        """Keys by (source, provider)."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for (source, key), offer in self.offers.items():
            found[source, offer.provider].append(key)
        return found

    @cached_property
    def by_offer(self) -> Mapping[Offer, list[tuple[str, str]]]:
        """(source, key) by offer."""
        found: dict[Offer, list[tuple[str, str]]] = defaultdict(list)
        for place, offer in self.offers.items():
            found[offer].append(place)
        return found

    @cached_property
    def listings(self) -> Mapping[tuple[str, str], list[tuple[str, str]]]:
        """A router's entries for makers' models, by (maker, family)."""
        found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for (source, key), offer in self.offers.items():
            maker, slash, name = offer.model.partition("/")
            if source == "openrouter" and slash and ":" not in name:
                found[maker, family_of(offer.model)].append((source, key))
        return found

    @cached_property
    def steps_of(self) -> Mapping[tuple[str, str, str], list[Step]]:
        """Steps by (source, key, meter)."""
        found: dict[tuple[str, str, str], list[Step]] = defaultdict(list)
        for step in self.steps:
            found[step.source, step.key, step.meter].append(step)
        return found

    @cached_property
    def priced_alike(self) -> Mapping[tuple[str, str, str, int], list[str]]:
        """Keys that ever had a price, by (source, provider, meter, price)."""
        found: dict[tuple[str, str, str, int], list[str]] = defaultdict(list)
        for (source, key), meters in self.series.items():
            provider = self.offers[source, key].provider
            for meter, series in meters.items():
                for nano in {period.nano for period in series}:
                    found[source, provider, meter, nano].append(key)
        return found

    def peers(self, step: Step) -> list[str]:
        """Other keys of the same source for the same model."""
        family = family_of(self.offers[step.source, step.key].model)
        return [k for k in self.by_family[step.source, family] if k != step.key]

    def makers_peers(self, step: Step) -> list[str]:
        """Those of them that are the maker's own."""
        return [
            key
            for key in self.peers(step)
            if self.offers[step.source, key].provider in MAKERS
        ]

    def moved_alike(
        self,
        step: Step,
        keys: Iterable[str],
        *,
        within: timedelta,
        age: timedelta,
        hindsight: bool = True,
    ) -> bool:
        """Whether one of these keys moved by the same ratio around that day, at an
        age at which a launch is no longer repaired.
        """
        for key in keys:
            for other in self.steps_of.get((step.source, key, step.meter), ()):
                alike = abs(other.ratio - step.ratio) <= 0.004 * step.ratio
                grown = self.age(step.source, key, other.at)
                old = grown is None or grown > age
                told = hindsight or other.at <= step.at
                if alike and old and told and abs(other.at - step.at) <= within:
                    return True
        return False

    def witnesses(self, step: Step) -> list[Witness]:
        """What other sources say of the offer, or of its list price."""
        offer = self.offers[step.source, step.key]
        found = [
            Witness(source, self.of(source, key, step.meter), direct=True)
            for source, key in self.by_offer[offer]
            if source != step.source
        ]
        place = listed_by_router(offer)
        if place is not None and step.source != "openrouter":
            found += [
                Witness(source, self.of(source, key, step.meter), direct=False)
                for source, key in self.listings.get(place, ())
            ]
        return [w for w in found if w.series and w.series[-1].currency == step.currency]


def _start(period: Period) -> datetime:
    return period.start


def _at(series: Series, at: datetime) -> int | None:
    for period in series:
        if period.holds(at):
            return period.nano
    return None


def _before(series: Series, at: datetime) -> int | None:
    for period in series:
        if period.held_before(at):
            return period.nano
    return None


def price_at(series: Series, at: datetime) -> int | None:
    """The price at an instant, None if there was none."""
    return _at(series, at)


def price_before(series: Series, at: datetime) -> int | None:
    """The price just before an instant."""
    return _before(series, at)
