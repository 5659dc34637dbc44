"""Hours in which a cheaper rate holds, as litellm's map writes them.

    {"hours_utc": "16:30-00:30"}
    {"windows": [{"hours_utc": ["00:00-01:00"], "weekdays": [1, 2, 3, 4, 5]}],
     "weekday_timezone": "Asia/Shanghai"}

A window holds its start and not its end, may go on past midnight, and is the whole
day where both are the same. Hours are UTC; weekdays (1 is Monday) are read on the
calendar that the rule names. A rule that cannot be read opens no window: the dearer
rate holds.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_WINDOW = re.compile(r"\s*([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_off_peak(rule: Mapping[str, Any], at: datetime) -> bool:
    """Whether an instant lies in one of the rule's windows.

    Args:
        rule: the fact `off_peak_pricing` without its prices.
        at: an aware instant.
    """
    now = at.astimezone(UTC)
    if _within(rule.get("hours_utc"), now):
        return True
    today = now.astimezone(_calendar(rule.get("weekday_timezone"))).isoweekday()
    return any(
        _on(part.get("weekdays"), today) and _within(part.get("hours_utc"), now)
        for part in _parts(rule.get("windows"))
    )


def _parts(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (part for part in value if isinstance(part, Mapping))


def _within(hours: Any, now: datetime) -> bool:
    texts = [hours] if isinstance(hours, str) else hours
    if not isinstance(texts, list):
        return False
    minute = now.hour * 60 + now.minute
    return any(isinstance(text, str) and _holds(text, minute) for text in texts)


def _holds(text: str, minute: int) -> bool:
    found = _WINDOW.fullmatch(text.rstrip())
    if found is None:
        return False
    start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if start < end:
        return start <= minute < end
    return minute >= start or minute < end


def _on(weekdays: Any, today: int) -> bool:
    """Whether a rule holds on a weekday; one that names none holds on all."""
    if weekdays is None:
        return True
    return isinstance(weekdays, list) and today in {_number(day) for day in weekdays}


def _number(day: Any) -> int | None:
    if isinstance(day, str) and day.strip()[:3].lower() in _DAYS:
        return _DAYS.index(day.strip()[:3].lower()) + 1
    return day if isinstance(day, int) else None


def _calendar(name: Any) -> tzinfo:
    try:
        return ZoneInfo(name.strip()) if isinstance(name, str) and name else UTC
    except (ValueError, ZoneInfoNotFoundError):
        return UTC
