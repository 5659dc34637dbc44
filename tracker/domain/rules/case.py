"""One change with its surroundings, and what can be found of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from tracker.domain.chronicle import Chronicle, Period, Series, Step, Witness
from tracker.domain.meters import Meter, parse_meter


@dataclass(frozen=True)
class Case:
    """A change with its surroundings.

    Attributes:
        step: the change.
        book: everything that was said.
        hindsight: whether what came after it may be looked at.
    """

    step: Step
    book: Chronicle
    hindsight: bool = True

    @cached_property
    def series(self) -> Series:
        """The meter's periods."""
        return self.book.of(self.step.source, self.step.key, self.step.meter)

    @cached_property
    def place(self) -> int:
        """Where in the series the new price begins."""
        starts = [period.start for period in self.series]
        return starts.index(self.step.at)

    @property
    def now(self) -> Period:
        """The period the change opened."""
        return self.series[self.place]

    @property
    def was(self) -> Period:
        """The period it closed."""
        return self.series[self.place - 1]

    @property
    def next(self) -> Period | None:
        """The period after it, if that may be known."""
        later = self.series[self.place + 1 : self.place + 2]
        return later[0] if later and self.hindsight else None

    @cached_property
    def before(self) -> dict[str, int]:
        """The key's card just before."""
        step = self.step
        return self.book.card_before(step.source, step.key, step.at)

    @cached_property
    def after(self) -> dict[str, int]:
        """The key's card from then on."""
        return self.book.card(self.step.source, self.step.key, self.step.at)

    @cached_property
    def meter(self) -> Meter:
        """The meter, taken apart."""
        return parse_meter(self.step.meter)

    @cached_property
    def provider(self) -> str:
        """Who sells it."""
        return self.book.offers[self.step.source, self.step.key].provider

    @cached_property
    def witnesses(self) -> list[Witness]:
        """What other sources say."""
        return self.book.witnesses(self.step)

    def moved_alike(
        self, keys: Iterable[str], within: timedelta, age: timedelta
    ) -> bool:
        """Whether one of these keys moved by the same ratio around that day."""
        return self.book.moved_alike(
            self.step, keys, within=within, age=age, hindsight=self.hindsight
        )

    def twin(self, **parts: object) -> str:
        """The key of the same meter with some parts changed."""
        meter = self.meter
        given = {
            "component": meter.component,
            "unit": meter.unit,
            "tier": meter.tier,
            "context_above": meter.context_above,
            "qualifiers": meter.qualifiers,
        }
        return Meter(**{**given, **parts}).key  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict, its reason, what it rests on, and since when the price held.

    `new_is_wrong` says of a correction that the old value stands: an error came
    in, where mostly one is put right.
    """

    verdict: str
    reason: str = ""
    confidence: float = 0.6
    evidence: Mapping[str, str] = field(default_factory=dict)
    effective_at: datetime | None = None
    new_is_wrong: bool = False


Rule = Callable[[Case], Finding | None]


def correction(
    reason: str, confidence: float, *, new_is_wrong: bool = False, **evidence: str
) -> Finding:
    """A finding that the old value was never right, or the new one is not."""
    return Finding(
        "correction", reason, confidence, evidence, new_is_wrong=new_is_wrong
    )
