"""Prices that a source states for certain days: which holds, and what is ahead.

An announced price is not a price: it is kept as a fact with its dates, and becomes
a rate on its first day, if the source still says so then. The fact
`schedule:<meter>` holds all of it, past and future, as a list of
`{"price", "currency", "from", "to"}` in the order of the days; `to` is the first
day on which it holds no more.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from tracker.domain.money import plain
from tracker.domain.quotes import Quote, Statement

PREFIX = "schedule:"
"""What the names of facts about scheduled prices begin with."""


def in_effect(said: Statement, at: datetime) -> Statement:
    """The statement as it holds on the day of `at` (UTC).

    Of each dated meter the quote of that day is taken, or none where no day fits;
    the whole schedule becomes a fact.
    """
    if not said.dated:
        return said
    quotes, facts = dict(said.quotes), dict(said.facts)
    for meter, stated in said.dated.items():
        facts[f"{PREFIX}{meter}"] = _written(stated)
        current = [quote for quote in stated if holds(quote, at.date())]
        if current:
            quotes[meter] = current[-1]
    return replace(said, quotes=quotes, facts=facts, dated={})


def holds(quote: Quote, day: date) -> bool:
    """Whether a quote is stated for that day."""
    begun = quote.effective_from is None or quote.effective_from <= day
    return begun and (quote.effective_to is None or day < quote.effective_to)


def turns_between(facts: Mapping[str, str], since: datetime, until: datetime) -> bool:
    """Whether a scheduled price begins or ends after `since`, `until` included."""
    texts = (v for name, v in facts.items() if name.startswith(PREFIX))
    low, high = since.date().isoformat(), until.date().isoformat()
    return any(low < day <= high for text in texts for day in _ends(text))


def _ends(text: str) -> Iterator[str]:
    """The days on which a schedule turns; none in a fact that is no schedule, since a
    source may call a field of its own by any name.
    """
    try:
        steps = json.loads(text)
    except (ValueError, RecursionError):
        return
    for step in steps if isinstance(steps, list) else ():
        days = (step.get("from"), step.get("to")) if isinstance(step, dict) else ()
        yield from (day for day in days if isinstance(day, str))


def _written(stated: tuple[Quote, ...]) -> str:
    steps = [
        {
            "currency": quote.currency,
            "from": _day(quote.effective_from),
            "price": plain(quote.price_nano),
            "to": _day(quote.effective_to),
        }
        for quote in stated
    ]
    return json.dumps(steps, sort_keys=True)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
