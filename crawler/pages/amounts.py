"""Prices as people write them in a cell: `$1.25`, `¥0.5`, `$5 / MTok`, `Free`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from crawler.pages.grid import plain, squeezed
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import MILLION

FREE = "free"
CONTACT = "contact_sales"
NOT_AVAILABLE = "not_available"
DYNAMIC = "dynamic"
NOT_STATED = ""
"""An empty cell or a dash: nothing is said."""

_STATES = {
    "free": FREE,
    "free of charge": FREE,
    "limited-time free": FREE,
    "no charge": FREE,
    "contact sales": CONTACT,
    "contactsales": CONTACT,
    "contact us": CONTACT,
    "talk to sales": CONTACT,
    "custom": CONTACT,
    "not available": NOT_AVAILABLE,
    "not supported": NOT_AVAILABLE,
    "unavailable": NOT_AVAILABLE,
    "dynamic": DYNAMIC,
    "variable": DYNAMIC,
    **dict.fromkeys(
        (
            *("", "-", "--", "–", "—", "―", "‒", "−", "\\", "/"),
            "n/a",
            "na",
            "none",
            "null",
        ),
        NOT_STATED,
    ),
}

UNKNOWN = ""
"""In place of a currency's code: what stands there does not tell it."""

_CODES = "USD|CNY|EUR|GBP|JPY|HKD|CAD|AUD|SGD|NZD|TWD|MXN|BRL|INR|KRW|RMB"
_CURRENCIES = {code: code for code in _CODES.split("|")} | {
    **dict.fromkeys(("$", "US$", "USD$"), "USD"),
    **dict.fromkeys(("¥", "￥", "CN¥", "RMB", "RMB¥", "元"), "CNY"),
    **dict.fromkeys(("C$", "CA$", "CAD$"), "CAD"),
    **dict.fromkeys(("A$", "AU$", "AUD$"), "AUD"),
    **dict.fromkeys(("S$", "SG$", "SGD$"), "SGD"),
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₩": "KRW",
    "JP¥": "JPY",
    "HK$": "HKD",
    "NZ$": "NZD",
    "NT$": "TWD",
    "MX$": "MXN",
    "R$": "BRL",
}
"""By sign. A yen sign is a yuan: no maker of models prices in yen."""

_SHARED = {
    "$": ("USD", "CAD", "AUD", "HKD", "SGD", "NZD", "TWD", "MXN"),
    "¥": ("CNY", "RMB", "JPY"),
}
"""Signs that a code after the number makes plain."""

_NUMBER = (
    r"(?P<number>[0-9]{1,3}(?:,[0-9]{3}){1,4}(?:\.[0-9]{1,20})?"
    r"|[0-9]{1,15}(?:\.[0-9]{1,20})?|\.[0-9]{1,20})"
)
_BARE = re.compile(_NUMBER)
_READ = re.compile(rf"[-−]?{_NUMBER}(?:e[-+]?[0-9]{{1,2}})?", re.IGNORECASE)
_STATED = (
    r"(?:[0-9]{1,3}(?:\s[0-9]{3}){1,4}(?![0-9A-Za-z])(?:[.,][0-9]{1,20})?"
    r"|\.?[0-9](?:[0-9.,'’_]{0,60}[0-9])?(?:[eE][-+]?[0-9]{1,3})?"
    r"(?:[kKmMbB](?![A-Za-z]))?)(?![0-9])"
)
"""A number as it stands, well written or not: what is not must not be read in part."""

_AMOUNT = re.compile(
    r"(?P<less>(?<![^\s(\[])[-−])?"
    r"(?P<mark>(?:(?<![A-Za-z])[A-Z]{1,3})?[$¥￥]{1,2}"
    rf"|(?<![A-Za-z])(?i:{_CODES})\s|[€£₹₩￠¢₽₺฿₫₴₦＄])"
    rf"\s?(?P<number>[-−]?{_STATED})(?:\s?(?P<code>{_CODES})\b)?"
    rf"|(?<![0-9.,])(?P<bare>{_STATED})\s?"
    rf"(?P<after>元|(?:[€£¢]|(?i:{_CODES})\b)(?!\s?[0-9.]))"
)
_TO_MORE = re.compile(
    r"\+|(?:[-–—~/]|to\b)\s*\$?\s*(?:[0-9]*\.[0-9]|[0-9]+(?:$|[\s)]*$))|[0-9]"
    r"|(?:[-–—~]|to\b)\s*[0-9]|(?:or\s+(?:more|less)|and\s+up|off(?!-)|discount|credits?)\b",
    re.IGNORECASE,
)
"""What makes the amount before it an end of a range, or no price."""

_FROM_LESS = re.compile(
    r"(?:[~≈<>≤≥±0-9]|\b(?:from|up to|starting at|as low as|about|approx\.?|around"
    r"|over|under|min\.?|max\.?|minimum|maximum|save|saves|minus))$",
    re.IGNORECASE,
)
"""The same of the amount after it."""


@dataclass(frozen=True, slots=True)
class Money:
    """One amount in a text.

    Attributes:
        amount: the number as decimal text, without separators; one that is not
            written as a number is (`1.000,50`, `2k`) as it stands, so that it is held
            and not read in part.
        currency: its ISO code, or `UNKNOWN`.
        before: the text between the amount before it, or the start, and this one.
        after: the text from it to the next amount, or the end.
    """

    amount: str
    currency: str
    before: str
    after: str


def state_of(text: str) -> str | None:
    """What a cell says instead of a price: one of the constants above, else None."""
    return _STATES.get(plain(text))


def moneys(text: str) -> list[Money]:
    """Every amount with a currency in a text, in order."""
    found = list(_AMOUNT.finditer(text))
    if not found:
        return []
    ends = [*(f.start() for f in found[1:]), len(text)]
    starts = [0, *(f.end() for f in found[:-1])]
    return [
        Money(
            amount=_number(match),
            currency=_currency(match),
            before=text[start : match.start()].strip(),
            after=text[match.end() : end].strip(),
        )
        for match, start, end in zip(found, starts, ends, strict=True)
    ]


def only_money(text: str, *, where: str) -> Money:
    """The one amount of a cell.

    Raises:
        UnreadableBody: there is none, or more than one; it is a range, a limit or a
            rebate; its number or currency is not understood. The message says where.
    """
    found = moneys(text)
    if len(found) != 1:
        count = "no price" if not found else f"{len(found)} prices"
        raise UnreadableBody(f"{where}: {count} in {text[:80]!r}")
    money = found[0]
    if money.currency == UNKNOWN or not _READ.fullmatch(money.amount):
        raise UnreadableBody(f"{where}: {text[:80]!r} is not understood as a price")
    if (
        "\ufffd" in text
        or _FROM_LESS.search(money.before[-40:])
        or _TO_MORE.match(money.after)
    ):
        raise UnreadableBody(f"{where}: {text[:80]!r} is not one price")
    return money


def mostly_rising(rows: Iterable[Sequence[str]]) -> bool:
    """Whether at least half of the rows rise from left to right.

    What a page states of a model rises in a known order (a cache read costs less
    than input, input less than output), so a table that does not rise had its
    columns' names mixed up. A single row may be an exception.
    """
    rising = [_rises([Decimal(text) for text in row]) for row in rows]
    return 2 * sum(rising) >= len(rising)


def _rises(row: list[Decimal]) -> bool:
    return all(low <= high for low, high in pairwise(row))


def bare_number(text: str, *, where: str) -> str:
    """The number of a cell that holds nothing else.

    Raises:
        UnreadableBody: it is no plain number.
    """
    found = _BARE.fullmatch(text.strip())
    if found is None:
        raise UnreadableBody(f"{where}: {text[:80]!r} is no number")
    return found["number"].replace(",", "")


_COUNTS = {"k": 1000, "thousand": 1000, "m": MILLION, "million": MILLION, "": 1}
_UNITS = {
    "tok": ("token", 1),
    "token": ("token", 1),
    "character": ("character", 1),
    "char": ("character", 1),
    "image": ("image", 1),
    "page": ("page", 1),
    "request": ("request", 1),
    "query": ("query", 1),
    "querie": ("query", 1),
    "prompt": ("request", 1),
    "call": ("request", 1),
    "search": ("query", 1),
    "searche": ("query", 1),
    "second": ("second", 1),
    "sec": ("second", 1),
    "minute": ("second", 60),
    "min": ("second", 60),
    "hour": ("second", 3600),
    "hr": ("second", 3600),
    "video": ("video", 1),
    "song": ("song", 1),
    "session": ("session", 1),
}
_PER = re.compile(
    r"(?:/|\bper\b)? ?(?P<count>[0-9]{1,3}(?:,[0-9]{3}){0,4}|[0-9]{1,12})? ?"
    r"(?:(?P<scale>k|m|thousand|million)(?= |tok|char))? ?"
    r"(?:(?:input|output|text|generated) )?(?P<unit>[a-z]{2,12}?)(?P<many>s?)",
    re.IGNORECASE,
)
_SIZED = ("image", "video")
"""What `1K` before one of them tells the size of, not the number."""


@dataclass(frozen=True, slots=True)
class Per:
    """What a price is for: `count` units, as meters count them (an hour is 3,600
    seconds).
    """

    unit: str
    count: int


def per_of(text: str) -> Per | None:
    """`/ MTok`, `per 1M tokens`, `/1K characters`, `per hour`; None if it is none.

    "per 1K image" is a picture of that size and "per 1K images" a thousand of them, so
    only the latter is one.
    """
    found = (
        _PER.fullmatch(squeezed(text[:100]).rstrip(".")) if len(text) <= 100 else None
    )
    if found is None or found["unit"].lower() not in _UNITS:
        return None
    name, times = _UNITS[found["unit"].lower()]
    scale = (found["scale"] or "").lower()
    count = int((found["count"] or "1").replace(",", "")) * _COUNTS[scale] * times
    if not count or (scale and name in _SIZED and not found["many"]):
        return None
    return Per(name, count)


def _number(match: re.Match[str]) -> str:
    stated: str = match["number"] or match["bare"]
    if _READ.fullmatch(stated):
        stated = stated.replace(",", "").replace("−", "-")
    return f"-{stated}" if match["less"] else stated


def _currency(match: re.Match[str]) -> str:
    if match["after"]:
        return _CURRENCIES.get(match["after"].upper(), UNKNOWN)
    mark = match["mark"].strip().upper().replace("￥", "¥")
    mark = mark[:-1] if mark.endswith(("$$", "¥¥")) else mark
    sign = _CURRENCIES.get(mark, UNKNOWN)
    code = _CURRENCIES.get(match["code"] or "", sign)
    return code if code == sign or code in _SHARED.get(mark, ()) else UNKNOWN
