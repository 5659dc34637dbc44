"""What a chart shows, in words."""

from collections.abc import Sequence
from datetime import datetime

from tracker.charts.scale import money
from tracker.charts.series import Series


def sentence(series: Sequence[Series]) -> str:
    """The unit, and in how many steps the price came to be what it is."""
    return f"{unit(series)} · {state(series)}"


def unit(series: Sequence[Series]) -> str:
    """`USD per 1M tokens`; more than one, if they differ."""
    units = dict.fromkeys(f"{one.currency} per {many(one.per)}" for one in series)
    return ", ".join(units)


def state(series: Sequence[Series]) -> str:
    """Since when it is stable, or how often it changed."""
    since = f"{min(one.steps[0].since for one in series):%Y-%m-%d}"
    names = {one.name for one in series}
    moved = {one.name for one in series if not one.stable}
    if not moved:
        return _unmoved(series, since)
    if len(names) > 1:
        return f"{len(names - moved)} of {len(names)} stable since {since}"
    days = sorted({at for one in series for at in one.moves})
    last = f"{days[-1]:%Y-%m-%d}"
    if len(days) == 1:
        return f"changed once, on {last}; first seen on {since}"
    return f"changed {len(days)} times since {since}, last on {last}"


def line(one: Series, *, named: bool = False) -> str:
    """One line as a sentence, for those who don't see it.

    Args:
        one: the line.
        named: whether it is called by its offer, too.
    """
    name = f"{one.name} {one.meter}" if named else one.meter
    first, last = one.steps[0], one.steps[-1]
    price = money(last.price, one.currency)
    until = f" until {last.until:%Y-%m-%d}" if last.until else ""
    if one.stable:
        return f"{name}: {price} from {first.since:%Y-%m-%d}{until or ' on'}, stable."
    began = f"{money(first.price, one.currency)} on {first.since:%Y-%m-%d}"
    times = len(one.moves)
    steps = "one change" if times == 1 else f"{times} changes"
    ended = f"{price} since {last.since:%Y-%m-%d}{until}"
    return f"{name}: from {began}, after {steps}, to {ended}."


def _unmoved(series: Sequence[Series], since: str) -> str:
    ends = [one.steps[-1].until for one in series]
    ended = [end for end in ends if end is not None]
    if len(ended) == len(ends):
        return f"stable from {since} until {_last(ended)}, when it was withdrawn"
    return f"stable since it was first seen on {since}"


def _last(ends: Sequence[datetime]) -> str:
    return f"{max(ends):%Y-%m-%d}"


def many(per: str) -> str:
    """`1M tokens`."""
    return f"{per.replace('_', ' ')}s" if per.startswith("1M ") else per
