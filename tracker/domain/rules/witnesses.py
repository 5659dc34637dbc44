"""What other sources, or the maker's own key, say about a change."""

from datetime import datetime

from tracker.domain.chronicle import Period
from tracker.domain.families import MAKERS, PLATFORMS, ROUTERS, VERTEX, is_alias
from tracker.domain.rules.case import Case, Finding, correction

SAME = 0.02
"""Two sources state one price if they are this close: 0.31 and 0.3125."""


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
