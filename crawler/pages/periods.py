"""Dates in a cell: `through August 31, 2026`, `starting September 1, 2026`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.domain.errors import UnreadableBody

_MONTHS = (
    *("jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?"),
    *("july?", "aug(?:ust)?", "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?"),
    "dec(?:ember)?",
)
_MONTH = rf"(?:{'|'.join(_MONTHS)})\b\.?"
_NUMBER = r"\d{1,2}(?:st|nd|rd|th)?(?![\d:])"
_DAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?"
    rf"(?:{_MONTH}\s+{_NUMBER}(?:,?\s+20\d\d\b)?"
    rf"|{_NUMBER}\s+(?:of\s+)?{_MONTH}(?:,?\s+20\d\d\b)?"
    r"|20\d\d-\d\d-\d\d|20\d\d/\d{1,2}/\d{1,2}|\d{1,2}/\d{1,2}/(?:20)?\d\d)(?!\d)"
    r"(?:(?:T|,?\s+(?:at\s+)?)\d{1,2}:\d\d(?::\d\d)?(?:\s*(?:Z|UTC|GMT|[PECM][SD]?T)\b)?)?"
)
"""A day as people write it; of a time of day no notice is taken."""

_LAST = r"(?:valid\s+)?(?:through|thru|until|till|end(?:s|ing)?(?:\s+on)?|up\s+to)"
_ENDED = r"before|prior\s+to"
_FIRST = r"(?:starting|effective|beginning|from|as\s+of|since)(?:\s+(?:on|from))?"
_PAST = r"after"
_SAID = re.compile(
    rf"[\[(]?\b(?P<word>{_LAST}|{_ENDED}|{_FIRST}|{_PAST})\s+(?P<day>{_DAY})"
    rf"(?:\s*(?:to|through|until|till|[-–—])\s*(?P<last>{_DAY}))?[\])]?[.,;]?",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    rf"\b(?:{_LAST}|{_ENDED}|{_FIRST}|{_PAST})\s+(?:in\s+)?"
    rf"(?-i:(?=[A-Z])){_MONTH}(?!\s*[-\w])(?!\s+\d)"
    r"|\b(?:through|until|till|starting|beginning|effective)\s+(?:in\s+)?"
    r"(?:the\s+)?(?:(?:start|beginning|middle|end|close)\s+of\b|next\s+(?:week|month|"
    rf"quarter|year)\b|(?:early|mid|late)[-\s](?:20\d\d|{_MONTH})|Q[1-4]\b"
    r"|20[23]\d\b(?![-/]))"
    rf"|\b(?:{_LAST}|{_ENDED}|{_FIRST}|{_PAST})\s+(?:in\s+)?{_MONTH},?\s+20\d\d\b",
    re.IGNORECASE,
)
_OF_THE_MODEL = re.compile(
    r"\b(?:deprecated|retire[ds]?|retiring|shut(?:s|ting)?\s+down|sunset|removed"
    r"|available|released|launched|updated|cut-?off|knowledge|legacy)[,:]?\s*[\[(]?$",
    re.IGNORECASE,
)
"""What is said of a model's life, not of its price."""


_FIRST_YEAR = 2000


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

    "through August 31, 2026" ends with that day, so `effective_to` is the next; so does
    "until", while "before" ends with the day before. What is said of the model and not
    of the price ("deprecated since May 1, 2026") stays in the text.

    Raises:
        UnreadableBody: a date without a year or a day, one that no calendar has, or two
            that do not fit each other: which price holds cannot be told then.
    """
    found = [said for said in _SAID.finditer(text) if not _of_the_model(text, said)]
    rest = _without(text, found) if found else text
    vague = [said for said in _VAGUE.finditer(rest) if not _of_the_model(rest, said)]
    if vague:
        raise _untold(where, vague[0][0])
    days = [day for said in found for day in _days_of(said, where)]
    firsts = {day for day, is_first in days if is_first}
    lasts = {day for day, is_first in days if not is_first}
    first, last = min(firsts, default=None), min(lasts, default=None)
    if len(firsts) > 1 or len(lasts) > 1 or (first and last and first >= last):
        raise _untold(where, " … ".join(said[0] for said in found))
    return Dated(rest, first, last)


def _of_the_model(text: str, said: re.Match[str]) -> bool:
    before = text[max(said.start() - 40, 0) : said.start()]
    return _OF_THE_MODEL.search(before) is not None


def _without(text: str, found: list[re.Match[str]]) -> str:
    parts, at = [], 0
    for said in found:
        parts += [text[at : said.start()], " "]
        at = said.end()
    return " ".join("".join([*parts, text[at:]]).split())


def _days_of(said: re.Match[str], where: str) -> Iterator[tuple[date, bool]]:
    """The days that are named, each with whether it is the first."""
    day, word = _day_of(said["day"], where), said["word"]
    after = timedelta(days=1)
    if re.fullmatch(_LAST, word, re.IGNORECASE):
        yield day + after, False
    elif re.fullmatch(_ENDED, word, re.IGNORECASE):
        yield day, False
    else:
        yield (day + after if word.lower() == _PAST else day), True
    if said["last"]:
        yield _day_of(said["last"], where) + after, False


def _day_of(text: str, where: str) -> date:
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    month = next(
        (
            number
            for number, name in enumerate(_MONTHS, start=1)
            if re.search(rf"\b{name}\b", text, re.IGNORECASE)
        ),
        None,
    )
    try:
        year, month, day = (
            numbers[:3] if month is None else (numbers[1], month, numbers[0])
        )
        return date(year if year >= _FIRST_YEAR else 0, month, day)
    except (TypeError, ValueError, IndexError):
        raise _untold(where, text) from None


def _untold(where: str, said: str) -> UnreadableBody:
    return UnreadableBody(
        f"{where}: {said[:80]!r} is no full date, so it cannot be told which price "
        "holds"
    )
