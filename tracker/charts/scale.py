"""Scales of a chart: round ends, dates that fit, labels that do not overlap."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
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


def marks(values: Sequence[float], *, dollars: bool) -> list[str]:
    """How the marks of a price axis are labelled."""
    sign = "$" if dollars else ""
    return [f"{sign}{value:,.{places(values)}f}" for value in values]


def places(values: Sequence[float]) -> int:
    """Decimal places of a price axis: cents at least where its numbers are small."""
    texts = (format(value, ".6g") for value in values)
    most = max(len(text.partition(".")[2]) for text in texts)
    return max(most, 2) if most else 0


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


def axis_of_time(
    start: datetime, end: datetime, *, labels: bool, room: float = 1
) -> Json:
    """A time axis: years and quarters, months, or days, whichever fits the span.

    Args:
        start: where it begins.
        end: where it ends.
        labels: whether its marks are named.
        room: how wide it is; 1 has room for eight names or so.
    """
    unit, step = _interval(start, end, room)
    text = _YEAR_OR_MONTH if unit == "month" else _DAY
    marks = {"interval": unit, "step": step}
    axis: Json = {"title": None, "tickCount": marks, "labelExpr": text}
    return {**axis, "labels": labels, "labelOverlap": True}


def dates(start: datetime, end: datetime, *, room: float) -> dict[datetime, str]:
    """The marks of a time axis and how they are labelled.

    Args:
        start: where it begins.
        end: where it ends.
        room: how wide it is; 1 has room for eight names or so.
    """
    unit, step = _interval(start, end, room)
    day = start.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "day":
        first = day if day == start else day + timedelta(days=1)
        numbers = range(0, (end - first).days + 1, step)
        days = [first + timedelta(days=number) for number in numbers]
        return {at: f"{at:%d} {_NAMES[at.month - 1]}" for at in days}
    first_month = start.year * 12 + start.month - 1
    months = range(-(-first_month // step) * step, end.year * 12 + end.month, step)
    firsts = [day.replace(year=n // 12, month=n % 12 + 1, day=1) for n in months]
    seen = [at for at in firsts if start <= at <= end]
    return {at: _NAMES[at.month - 1] if at.month > 1 else f"{at:%Y}" for at in seen}


def said(labels: Mapping[float, str]) -> Json:
    """The marks of an axis, labelled with these very texts. Both are expressions: one
    that makes a date of a number is read otherwise where code from text is forbidden.
    """
    values, texts = json.dumps(list(labels)), json.dumps(list(labels.values()))
    label = f"{texts}[indexof({values}, +datum.value)]"
    return {"values": {"expr": values}, "labelExpr": label}


def labels_of(axis: Json) -> dict[float, str]:
    """The marks and labels that `said` said."""
    texts = json.loads(axis["labelExpr"].partition("[indexof(")[0])
    return dict(zip(json.loads(axis["values"]["expr"]), texts, strict=True))


def _interval(start: datetime, end: datetime, room: float) -> tuple[str, int]:
    days = (end - start).days
    if days > 60:
        return "month", next((n for n, most in _MONTHS if days / room < most), 12)
    return "day", max(1, int(days / 6 / room))


_NAMES = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_MONTHS = ((1, 250), (2, 500), (3, 1300), (6, 2600))
"""A mark every so many months for spans of up to so many days."""
_YEAR_OR_MONTH = (
    "utcFormat(datum.value, utcFormat(datum.value, '%m') == '01' ? '%Y' : '%b')"
)
_DAY = "utcFormat(datum.value, '%d %b')"
