"""Dates in a cell: `through August 31, 2026`, `starting September 1, 2026`."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.domain.errors import UnreadableBody

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_DAY = (
    r"(?:(?P<month>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?"
    r"(?:,?\s+(?P<year>20\d\d))?|(?P<iso>20\d\d-\d\d-\d\d))"
)
_LAST = r"(?:valid\s+)?(?:through|thru|until|till|ends?(?:\s+on)?|up\s+to)"
_FIRST = r"(?:starting|effective|beginning|from|as\s+of|since)(?:\s+(?:on|from))?"
_SAID = re.compile(
    rf"[\[(]?\b(?P<word>{_LAST}|{_FIRST})\s+{_DAY}[\])]?[.,;]?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Dated:
    """A text and the days it is said for.

    Attributes:
        text: without the words about dates.
        effective_from: the first day, None if none is named.
        effective_to: the first day on which it holds no more, None likewise.
    """

    text: str
    effective_from: date | None = None
    effective_to: date | None = None


def dated(text: str, *, where: str) -> Dated:
    """Take the dates out of a text.

    "through August 31, 2026" ends with that day, so `effective_to` is the next.

    Raises:
        UnreadableBody: a date without a year, or one that no calendar has: which
            price holds cannot be told then.
    """
    first = last = None
    for found in _SAID.finditer(text):
        if found["month"] and found["month"].lower()[:3] not in _SHORT:
            continue
        day = _day_of(found, where)
        if re.fullmatch(_LAST, found["word"], re.IGNORECASE):
            last = day + timedelta(days=1)
        else:
            first = day
    if first is None and last is None:
        return Dated(text)
    return Dated(" ".join(_SAID.sub(" ", text).split()), first, last)


_SHORT = {month[:3]: number for number, month in enumerate(_MONTHS, start=1)}


def _day_of(found: re.Match[str], where: str) -> date:
    try:
        if found["iso"]:
            return date.fromisoformat(found["iso"])
        month = _SHORT[found["month"].lower()[:3]]
        return date(int(found["year"]), month, int(found["day"]))
    except (TypeError, ValueError):
        raise UnreadableBody(
            f"{where}: {found[0]!r} is no full date, so it cannot be told which price "
            "holds"
        ) from None
