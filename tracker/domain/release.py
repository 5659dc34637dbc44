"""What passes the gate, what waits, and what is let go after waiting."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from tracker.domain.diff import Step
from tracker.domain.quotes import Problem, Statement
from tracker.domain.ratecard import Held, KeyCard, Rate

Decided = Literal["accept", "reject"]
Ending = Literal["released", "accepted", "rejected", "lapsed"]
Status = Literal["pending", "rejected"]


@dataclass(frozen=True, slots=True)
class Hold:
    """A value held back: on one meter, or (`meter` empty) on the whole key."""

    meter: str
    reason: str
    raw: str
    field: str
    rate: Rate | None = None
    previous_at: datetime | None = None
    status: Status = "pending"


@dataclass(frozen=True, slots=True)
class Resolved:
    """How the hold on a meter ended: the value was confirmed by a later capture,
    accepted or rejected by a person, or it lapsed because the source says
    something else now.
    """

    meter: str
    ending: Ending


@dataclass(frozen=True, slots=True)
class Sieve:
    """What the gate decided on one capture.

    Attributes:
        at: the capture's instant.
        reasons: why a step is held, by (key, meter).
        decided: what a person decided for exactly this value.
        confirms: whether this capture releases a hold that it repeats.
    """

    at: datetime | None = None
    reasons: Mapping[tuple[str, str], str] = field(default_factory=dict)
    decided: Callable[[str, str, Rate], Decided | None] = lambda *_: None
    confirms: Callable[[Held], bool] = lambda _: True


@dataclass
class Sifted:
    """The steps of one key, sorted.

    Attributes:
        steps: those that pass.
        dated: by meter, when a released value was first said, and the sighting
            before that.
        held: what waits after this capture.
        holds: what is newly held.
        resolved: holds that ended.
    """

    steps: list[Step] = field(default_factory=list)
    dated: dict[str, tuple[datetime | None, datetime]] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    holds: list[Hold] = field(default_factory=list)
    resolved: list[Resolved] = field(default_factory=list)


def sift(
    key: str,
    known: KeyCard,
    said: Statement,
    proposed: list[Step],
    *,
    sieve: Sieve,
    previous_at: datetime | None,
) -> Sifted:
    """Sort the steps that a statement proposes for one key."""
    sorter = _Sorter(key, known, said, sieve=sieve, previous_at=previous_at)
    for step in proposed:
        sorter.take(step)
    for problem in said.problems:
        sorter.take_problem(problem)
    return sorter.done()


class _Sorter:
    def __init__(
        self,
        key: str,
        known: KeyCard,
        said: Statement,
        *,
        sieve: Sieve,
        previous_at: datetime | None,
    ) -> None:
        self._key, self._known, self._said = key, known, said
        self._sieve, self._previous_at = sieve, previous_at
        self._out = Sifted()

    def take(self, step: Step) -> None:
        """A step that withdraws passes; one that sets a price may be held."""
        if step.new is None:
            self._out.steps.append(step)
            return
        pending = self._known.held.get(step.meter)
        repeated = pending if pending and pending.rate == step.new else None
        decided = self._sieve.decided(self._key, step.meter, step.new)
        reason = self._sieve.reasons.get((self._key, step.meter))
        if decided == "reject":
            self._hold(step, repeated, reason or "rejected", "rejected")
        elif decided == "accept":
            self._pass(step, repeated, "accepted")
        elif repeated and (reason is None or self._sieve.confirms(repeated)):
            self._pass(step, repeated, "released")
        elif reason is not None:
            self._hold(step, repeated, reason, "pending")
        else:
            self._out.steps.append(step)

    def take_problem(self, problem: Problem) -> None:
        """A value that cannot be read as a price waits until another one comes."""
        meter = problem.meter.key if problem.meter else ""
        before = self._known.held.get(meter)
        since = self._seen_before(meter)
        now = Held(problem.reason, problem.raw, previous_at=since)
        if before is not None and (before.reason, before.raw) == (now.reason, now.raw):
            self._out.held[meter] = before
            return
        hold = Hold(meter, problem.reason, problem.raw, problem.field)
        self._begin(replace(hold, previous_at=now.previous_at), now)

    def done(self) -> Sifted:
        """What waited and was neither repeated nor replaced has lapsed."""
        ended = {resolved.meter for resolved in self._out.resolved}
        left = self._known.held.keys() - self._out.held.keys() - ended
        self._out.resolved += [Resolved(meter, "lapsed") for meter in sorted(left)]
        return self._out

    def _pass(self, step: Step, repeated: Held | None, ending: Ending) -> None:
        self._out.steps.append(step)
        if repeated is not None:
            self._out.resolved.append(Resolved(step.meter, ending))
            if repeated.since is not None:
                self._out.dated[step.meter] = (repeated.previous_at, repeated.since)

    def _hold(
        self, step: Step, repeated: Held | None, reason: str, status: Status
    ) -> None:
        """Keep waiting, or begin to."""
        if repeated is not None:
            self._out.held[step.meter] = repeated
            if status == "rejected":
                self._out.resolved.append(Resolved(step.meter, "rejected"))
            return
        quote, rate = self._said.quotes[step.meter], step.new
        since = self._seen_before(step.meter)
        now = Held(reason, quote.raw, rate, self._sieve.at, since)
        hold = Hold(step.meter, reason, quote.raw, quote.field, rate, status=status)
        self._begin(replace(hold, previous_at=since), now)

    def _seen_before(self, meter: str) -> datetime | None:
        """When the price that stands was last seen; a hold before this one has
        hidden it since.
        """
        before = self._known.held.get(meter)
        hidden = before.previous_at if before else None
        return hidden or self._previous_at

    def _begin(self, hold: Hold, now: Held) -> None:
        if hold.meter in self._known.held:
            self._out.resolved.append(Resolved(hold.meter, "lapsed"))
        self._out.held[hold.meter] = now
        self._out.holds.append(hold)
