"""What other sources, or the maker's own key, say about a change."""

from datetime import datetime, timedelta

from tracker.domain.chronicle import Period, Witness
from tracker.domain.families import MAKERS, PLATFORMS, ROUTERS, VERTEX, is_alias
from tracker.domain.rules.case import Case, Finding, correction

SAME = 0.02
"""Two sources state one price if they are this close: 0.31 and 0.3125."""

ENOUGH = 2
"""So many independent sources that stand by the old price outweigh one that left it."""

FOLLOWS = timedelta(days=21)
"""How long a source may take to follow a real move before its silence counts: half
of the announced moves that litellm followed took it six days, and three weeks are
three looks at a weekly source."""


def contradicted(case: Case) -> Finding | None:
    """A witness that covered the old value's whole life never said it, and said
    the new one.
    """
    born = case.was.earliest
    if born is None:
        return None
    for witness in case.witnesses:
        said = [p for p in witness.series if p.start <= case.step.at]
        if not said or said[0].start > born or _says(said, case.step.old):
            continue
        if _within_its_range(case, said) or not _says(said, case.step.new, exact=True):
            continue
        return correction("contradicted", 0.8, by=witness.source)
    return _contradicted_by_maker(case, born)


def _says(series: list[Period], nano: int, *, exact: bool = False) -> bool:
    if exact:
        return any(period.nano == nano for period in series)
    return any(abs(period.nano - nano) <= SAME * nano for period in series)


def _within_its_range(case: Case, said: list[Period]) -> bool:
    """A router passes through values between two looks at it."""
    if case.provider not in ROUTERS:
        return False
    low, high = min(p.nano for p in said), max(p.nano for p in said)
    return 0.67 * low <= case.step.old <= 1.5 * high


def _contradicted_by_maker(case: Case, born: datetime) -> Finding | None:
    """On a cloud that sells at list price: the maker's own key in the same source
    never had the old price and had the new one.
    """
    step = case.step
    if case.provider not in PLATFORMS or is_alias(step.key):
        return None
    for key in case.book.peers(step):
        seller = case.book.offers[step.source, key].provider
        if seller not in MAKERS and seller != VERTEX:
            continue
        said = [
            p for p in case.book.of(step.source, key, step.meter) if p.start <= step.at
        ]
        never = said and said[0].start <= born and not _says(said, step.old)
        if never and _says(said, step.new, exact=True):
            return correction("contradicted", 0.65, by=key)
    return None


def denied(case: Case) -> Finding | None:
    """Two sources or more were read long after, and all still state the old price;
    none ever stated the new one. It is held until one of them follows.
    """
    direct = [w for w in case.witnesses if w.direct] if case.hindsight else []
    step = case.step
    watching = {w.source for w in direct if _watched(case, w)}
    if len(watching) < ENOUGH:
        return None
    for witness in direct:
        if witness.source in watching and not _stands_by(witness, step.old, step.new):
            return None
    return Finding("held", "denied", 0.35, {"by": ", ".join(sorted(watching))})


def _watched(case: Case, witness: Witness) -> bool:
    """Whether the source stated a price then, and was read long enough after."""
    seen = case.book.last_at.get(witness.source)
    stated = any(period.held_before(case.step.at) for period in witness.series)
    return stated and seen is not None and seen - case.step.at >= FOLLOWS


def _stands_by(witness: Witness, old: int, new: int) -> bool:
    last = witness.series[-1]
    same = last.end is None and abs(last.nano - old) <= SAME * old
    return same and all(period.nano != new for period in witness.series)


def late(case: Case) -> Finding | None:
    """A witness left the old price for the new one before: the move is that old."""
    dates = []
    for witness in case.witnesses:
        said = [p for p in witness.series if p.start <= case.step.at]
        old = [p for p in said if abs(p.nano - case.step.old) <= SAME * case.step.old]
        new = [p for p in said if p.nano == case.step.new]
        if old and new and old[0].start < new[-1].start:
            dates.append((new[-1].start, witness.source))
    if not dates:
        return None
    when, source = min(dates)
    shown = {"by": source, "on": when.date().isoformat()}
    lead = case.step.since is None or when <= case.step.since
    reason = "late" if lead else ""
    return Finding("move", reason, 0.85, shown, when if lead else None)
