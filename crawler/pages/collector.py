"""Gathers the quotes, facts and problems of one entry, one meter at most once."""

from datetime import date
from typing import Any

from crawler.pages import jsonbody
from tracker.domain.fields import PriceField
from tracker.domain.meters import Meter, unknown_meter
from tracker.domain.money import NotAPrice, amount
from tracker.domain.offers import Offer
from tracker.domain.quotes import Problem, Quote, Statement

FACT_LIMIT = 4000
"""Characters of a fact's value that are kept; longer ones end in an ellipsis and
their length, so that the cut is never silent."""

RAW_LIMIT = 200
"""Characters kept of a value that is no price, and of a cell that holds one."""

Days = tuple[date | None, date | None]
"""From the first day to the first on which it holds no more; None is no end."""


class Collector:
    """Built up while an entry is read, then turned into a statement.

    Args:
        qualifiers: what the entry's key says of all its meters.
    """

    def __init__(self, qualifiers: tuple[tuple[str, str], ...] = ()) -> None:
        self._qualifiers = qualifiers
        self._quotes: dict[str, Quote] = {}
        self._facts: dict[str, str] = {}
        self._problems: list[Problem] = []
        self._unknown = 0
        self._dated: dict[str, list[Quote]] = {}

    def price(
        self,
        field: str,
        value: Any,
        meter: Meter | None,
        read: PriceField | None = None,
        *,
        text: str = "",
        days: Days = (None, None),
    ) -> None:
        """Take one stated number; None is the same as not stated.

        Args:
            field: where it stood, dotted.
            value: what stood there.
            meter: what it is for; None if the name could not be read.
            read: how the number counts (per 1000, other currency), if not plainly.
            text: the cell it was read from, if it was one.
            days: for which it is stated, if for certain ones only.
        """
        if value is None:
            return
        if meter is None:
            if isinstance(value, dict | list):
                self._inside(field, value)
                return
            if not isinstance(value, int | float) or isinstance(value, bool):
                self.fact(field, value)
                return
            meter = unknown_meter(field)
            self._unknown += 1
        if self._qualifiers:
            meter = meter.qualified(self._qualifiers)
        try:
            read_as = amount(value, quantum=meter.quantum, per=read.per if read else 1)
        except NotAPrice as fault:
            self._problem(fault.reason, meter, text or value, field)
            return
        currency = read.currency if read else "USD"
        raw = text[:RAW_LIMIT] or _number(value)
        self._put(
            Quote(meter, read_as.nano, currency, read_as.exact, raw, field, *days)
        )

    def _inside(self, field: str, value: dict[str, Any] | list[Any]) -> None:
        """Numbers below a name that could not be read are unread prices, too."""
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for part, inner in parts:
            self.price(f"{field}.{part}", inner, None)

    def quote(self, quote: Quote) -> None:
        """Take a number that was read already."""
        self._put(quote)

    def fact(self, name: str, value: Any) -> None:
        """Keep what an entry says besides prices; null says nothing."""
        if value is None:
            return
        text = jsonbody.canonical(value)
        if len(text) > FACT_LIMIT:
            text = f"{text[:FACT_LIMIT]}… ({len(text)} characters)"
        self._facts[name] = text

    def hold(self, reason: str, field: str, raw: str) -> None:
        """Hold the whole key."""
        self._problems.append(Problem(reason, None, raw, field))

    def statement(self, offer: Offer) -> Statement:
        """What was gathered."""
        return Statement(
            offer=offer,
            quotes=self._quotes,
            facts=self._facts,
            problems=tuple(self._problems),
            unknown=self._unknown,
            dated={key: tuple(quotes) for key, quotes in self._dated.items()},
        )

    def _put(self, quote: Quote) -> None:
        """Two fields that mean one meter: one row if equal, held if they differ."""
        key = quote.meter.key
        if self._problems and any(
            p.meter is not None and p.meter.key == key for p in self._problems
        ):
            return
        if quote.effective_from or quote.effective_to:
            self._put_dated(key, quote)
            return
        other = self._quotes.get(key)
        if other is None:
            self._quotes[key] = quote
        elif not _same_price(other, quote):
            self._conflict(other, quote)

    def _put_dated(self, key: str, quote: Quote) -> None:
        """Prices for certain days lie beside each other, in order; two for one day
        are held if they differ, and one said twice counts once.
        """
        known = self._dated.setdefault(key, [])
        for other in known:
            if _overlap(other, quote) and not _same_price(other, quote):
                self._conflict(other, quote)
                return
            if _same_price(other, quote) and _days(other) == _days(quote):
                return
        known.append(quote)
        known.sort(key=lambda q: (*_days(q), q.price_nano, q.currency))

    def _conflict(self, one: Quote, other: Quote) -> None:
        self._drop(other.meter)
        raw = f"{one.field}={one.raw}, {other.field}={other.raw}"
        self._problems.append(Problem("conflict", other.meter, raw, other.field))

    def _problem(self, reason: str, meter: Meter, value: Any, field: str) -> None:
        raw = _number(value)[:RAW_LIMIT]
        self._drop(meter)
        if any(
            p.meter is not None and p.meter.key == meter.key for p in self._problems
        ):
            return
        self._problems.append(Problem(reason, meter, raw, field))

    def _drop(self, meter: Meter) -> None:
        """Of a meter that is held nothing is stated, for no day."""
        self._quotes.pop(meter.key, None)
        self._dated.pop(meter.key, None)


def _same_price(one: Quote, other: Quote) -> bool:
    return (one.price_nano, one.currency) == (other.price_nano, other.currency)


def _overlap(one: Quote, other: Quote) -> bool:
    """Whether there is a day for which both are stated."""
    (begins, ends), (other_begins, other_ends) = _days(one), _days(other)
    return max(begins, other_begins) < min(ends, other_ends)


def _days(quote: Quote) -> tuple[date, date]:
    return quote.effective_from or date.min, quote.effective_to or date.max


def _number(value: Any) -> str:
    """The text of a number: as it stood where the source wrote text, else the
    shortest text that reads back as the same number.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, float | int):
        return repr(value)
    return jsonbody.canonical(value)
