"""Scales of a chart: round ends, dates that fit, labels that do not overlap."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

_ROUND = ("1", "1.2", "1.6", "2", "2.5", "3", "4", "5", "6", "8", "10")
_TICKS = {"1.2": 4, "1.6": 4, "2": 4, "2.5": 5, "3": 3, "4": 4, "6": 3, "8": 4}
_AIR = Decimal("1.08")
"""Room above the highest line for what is written over it."""


def ceiling(highest: Decimal) -> Decimal:
    """The round number that a scale from zero ends with; 1 if all is free."""
    if highest <= 0:
        return Decimal(1)
    wanted = highest * _AIR
    power = Decimal(10) ** wanted.adjusted()
    return next(Decimal(n) * power for n in _ROUND if Decimal(n) * power >= wanted)


def ticks(top: Decimal) -> list[float]:
    """Where a scale from zero to a `ceiling` is marked: round numbers too."""
    digits = format(top.scaleb(-top.adjusted()).normalize(), "f")
    steps = _TICKS.get(digits, 5)
    return [float(top * n / steps) for n in range(steps + 1)]


def money(price: Decimal, currency: str = "USD") -> str:
    """A price for a person: `$0.40`, or in its own currency."""
    whole, _, fraction = format(price.normalize(), "f").partition(".")
    text = f"{int(whole):,}.{fraction.ljust(2, '0')}"
    return f"${text}" if currency == "USD" else f"{text} {currency}"


def spread(places: Sequence[float], *, least: float, top: float) -> list[float]:
    """The places of labels, moved apart until each is `least` from the next.

    Args:
        places: where each would stand, from zero up.
        least: the distance that two need.
        top: the end of the scale, which none is moved above.
    """
    order = sorted(range(len(places)), key=lambda n: places[n])
    found = [0.0] * len(places)
    floor = 0.0
    for n in order:
        found[n] = max(places[n], floor)
        floor = found[n] + least
    limit = top
    for n in reversed(order):
        found[n] = min(found[n], limit)
        limit = found[n] - least
    return found


def axis_of_time(start: datetime, end: datetime, *, labels: bool) -> Json:
    """A time axis: years and quarters, months, or days, whichever fits the span."""
    days = (end - start).days
    if days > 60:
        step = next((n for n, most in _MONTHS if days < most), 12)
        marks: Json = {"interval": "month", "step": step}
        text = _YEAR_OR_MONTH
    else:
        marks, text = {"interval": "day", "step": max(1, days // 6)}, _DAY
    axis: Json = {"title": None, "tickCount": marks, "labelExpr": text}
    return {**axis, "labels": labels, "labelOverlap": True}


_MONTHS = ((1, 250), (2, 500), (3, 1300), (6, 2600))
"""A mark every so many months for spans of up to so many days."""
_YEAR_OR_MONTH = (
    "utcFormat(datum.value, utcFormat(datum.value, '%m') == '01' ? '%Y' : '%b')"
)
_DAY = "utcFormat(datum.value, '%d %b')"
