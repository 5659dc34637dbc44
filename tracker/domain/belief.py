"""What a thing cost, as we believe it now.

`rates` is what a source said, when. Believed is: corrections applied backwards
over the wrong stretch, flaps left out, a late move dated by the witness who had
it first, and of several sources the best one for each stretch of time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.domain.chronicle import Period
from tracker.domain.rules import Finding

PUBLISHED = "published"
CORRECTED = "corrected"
DATED = "dated"


@dataclass(frozen=True, slots=True)
class Belief:
    """A price believed in `[start, end)`.

    `basis` is published (as its source said it), corrected (an error of that
    time put right) or dated (a move that another source showed earlier).
    """

    nano: int
    currency: str
    start: datetime
    end: datetime | None
    basis: str
    source: str


@dataclass(frozen=True, slots=True)
class Stream:
    """One key's series on a meter, with what was found of its steps by the
    instant at which they happened; a lower rank is believed first.
    """

    rank: tuple[int, str, str]
    source: str
    periods: Sequence[Period]
    findings: Mapping[datetime, Finding]


def believe(streams: Iterable[Stream]) -> list[Belief]:
    """The believed periods of one (offer, meter), oldest first, without overlap."""
    found: list[Belief] = []
    for stream in sorted(streams, key=lambda stream: stream.rank):
        mine = _of_stream(stream)
        found += mine if not found else _uncovered(mine, found)
    return sorted(found, key=lambda belief: belief.start)


def _of_stream(stream: Stream) -> list[Belief]:
    periods = stream.periods
    beliefs = [
        Belief(p.nano, p.currency, p.start, p.end, PUBLISHED, stream.source)
        for p in periods
    ]
    if not stream.findings:
        return beliefs
    opened = [stream.findings.get(period.start) for period in periods]
    _leave_out_flaps(beliefs, opened)
    _correct(beliefs, opened)
    _date_moves(beliefs, opened)
    return _merged(beliefs)


def _leave_out_flaps(beliefs: list[Belief], opened: list[Finding | None]) -> None:
    """Between two flapping steps the price before the first of them is believed."""
    for n in range(1, len(beliefs) - 1):
        into, out_of = opened[n], opened[n + 1]
        if _is(into, "flap") and _is(out_of, "flap") and _joined(beliefs, n):
            before = beliefs[n - 1]
            if before.currency == beliefs[n].currency:
                nano = before.nano
                beliefs[n] = replace(beliefs[n], nano=nano, basis=CORRECTED)


def _correct(beliefs: list[Belief], opened: list[Finding | None]) -> None:
    """What a correction replaced never was; the value after it was all along.

    Where an error came in, the value before it goes on instead.
    """
    for n in range(1, len(beliefs)):
        alike = beliefs[n].currency == beliefs[n - 1].currency
        if _error_came_in(opened[n]) and _joined(beliefs, n) and alike:
            nano = beliefs[n - 1].nano
            beliefs[n] = replace(beliefs[n], nano=nano, basis=CORRECTED)
    for n in range(len(beliefs) - 1, 0, -1):
        put_right = _is(opened[n], "correction") and not _error_came_in(opened[n])
        if put_right and _joined(beliefs, n):
            later = beliefs[n]
            if later.currency == beliefs[n - 1].currency:
                nano = later.nano
                beliefs[n - 1] = replace(beliefs[n - 1], nano=nano, basis=CORRECTED)


def _date_moves(beliefs: list[Belief], opened: list[Finding | None]) -> None:
    """A late move began when its witness showed it, but not before the period it
    ended.
    """
    for n in range(1, len(beliefs)):
        finding = opened[n]
        if finding is None or finding.effective_at is None or not _joined(beliefs, n):
            continue
        at = finding.effective_at
        if beliefs[n - 1].start < at < beliefs[n].start:
            beliefs[n - 1] = replace(beliefs[n - 1], end=at)
            beliefs[n] = replace(beliefs[n], start=at, basis=DATED)


def _error_came_in(finding: Finding | None) -> bool:
    return finding is not None and finding.new_is_wrong


def _is(finding: Finding | None, verdict: str) -> bool:
    return finding is not None and finding.verdict == verdict


def _joined(beliefs: list[Belief], n: int) -> bool:
    return beliefs[n - 1].end == beliefs[n].start


def _merged(beliefs: list[Belief]) -> list[Belief]:
    """Neighbours of one price as one period; it is corrected if a part of it is."""
    merged: list[Belief] = []
    for belief in beliefs:
        last = merged[-1] if merged else None
        same = last is not None and (last.nano, last.currency, last.end) == (
            belief.nano,
            belief.currency,
            belief.start,
        )
        if last is not None and same:
            basis = last.basis if last.basis != PUBLISHED else belief.basis
            merged[-1] = replace(last, end=belief.end, basis=basis)
        else:
            merged.append(belief)
    return merged


def _uncovered(mine: list[Belief], taken: list[Belief]) -> list[Belief]:
    """The parts of these beliefs that no better source speaks of."""
    parts = mine
    for other in taken:
        parts = [piece for part in parts for piece in _without(part, other)]
    return parts


def _without(part: Belief, other: Belief) -> list[Belief]:
    if other.end is not None and other.end <= part.start:
        return [part]
    if part.end is not None and part.end <= other.start:
        return [part]
    pieces = []
    if part.start < other.start:
        pieces.append(replace(part, end=other.start))
    if other.end is not None and (part.end is None or other.end < part.end):
        pieces.append(replace(part, start=other.end))
    return pieces
