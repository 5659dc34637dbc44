"""How long prices last: flaps, launches, and plain moves."""

from datetime import datetime, timedelta

from tracker.domain.chronicle import Period, price_at
from tracker.domain.families import ROUTERS, is_alias
from tracker.domain.rules.case import Case, Finding, correction
from tracker.domain.rules.copies import TOGETHER

FLAP = timedelta(days=56)
"""A value left for another and taken again within this time: 94 fields of the
series do that; real promotions run longer."""

ROUTED_STAY = timedelta(days=8)
"""A routed price that is gone again by the next weekly capture never settled."""

BIRTH = timedelta(days=23)
"""As long as a launch is repaired: two weeks, and the week in which it was first
seen, counted from the last time it was not there."""


def flap(case: Case) -> Finding | None:
    """A value left for another and taken again within eight weeks: both legs."""
    step, was, now = case.step, case.was, case.now
    routed = case.provider in ROUTERS
    if case.place >= 2:
        first = case.series[case.place - 2]
        joined = first.end == was.start and was.end == step.at
        short = step.at - was.start <= FLAP
        back = joined and short and first.nano == step.new
        if back and (routed or not _shown(case, step.old, was.start, step.at)):
            return _flap("back", was.start)
    later = case.next
    if later is not None and now.end == later.start and later.nano == step.old:
        short = later.start - now.start <= FLAP
        if short and (routed or not _shown(case, step.new, now.start, later.start)):
            return _flap("undone", later.start)
    return _routed_flap(case) if routed else None


def _flap(leg: str, at: datetime) -> Finding:
    return Finding("flap", "flap", 0.85, {leg: at.date().isoformat()})


def _routed_flap(case: Case) -> Finding | None:
    """A router's price between two visits of one value, or gone within days."""
    step = case.step
    earlier = [p for p in case.series[: case.place] if _ended_within(p, step.at)]
    later = case.series[case.place :] if case.hindsight else (case.now,)
    near = {p.nano for p in later if p.start - step.at <= FLAP}
    if any(p.nano in near for p in earlier):
        return Finding("flap", "flap", 0.75, {"routed": "visited before and after"})
    end = case.now.end if case.hindsight else None
    if end is not None and end - case.now.start <= ROUTED_STAY:
        return Finding("flap", "flap", 0.6, {"routed": "gone by the next capture"})
    return None


def _ended_within(period: Period, at: datetime) -> bool:
    return period.end is not None and at - period.end <= FLAP


def _shown(case: Case, nano: int, start: datetime, end: datetime) -> bool:
    """Whether a source that speaks of this very offer showed a value then.

    What it said last vouches for nothing after its last capture.
    """
    heard = case.book.last_at
    return any(
        p.nano == nano and p.start < end and (p.end or heard.get(w.source, end)) > start
        for w in case.witnesses
        if w.direct
        for p in w.series
    )


def launch_fix(case: Case) -> Finding | None:
    """A key's first weeks: its launch is repaired, unless the model's other
    sellers moved alike or its name is an alias.
    """
    step = case.step
    age = case.book.age(step.source, step.key, step.at)
    if age is None or age > BIRTH or is_alias(step.key):
        return None
    if case.moved_alike(case.book.peers(step), TOGETHER, BIRTH):
        return None
    return correction("launch_fix", 0.6, age=f"{age.days} days")


def move(case: Case) -> Finding:
    """The default: the price moved. Surer the longer it has stood."""
    newest = case.book.last_at.get(case.step.source, case.step.at)
    end = case.now.end or newest
    weeks = min((end - case.now.start).days // 7, 8) if case.hindsight else 0
    agree = {
        w.source
        for w in case.witnesses
        if price_at(w.series, case.step.at) == case.step.new
    }
    confidence = min(0.95, 0.5 + 0.03 * weeks + 0.15 * len(agree))
    shown = {"stood": f"{weeks} weeks"}
    if agree:
        shown["confirmed_by"] = ", ".join(sorted(agree))
    return Finding("move", "", round(confidence, 2), shown)
