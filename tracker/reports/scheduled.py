"""Prices announced for a day to come: which a subscriber was not told, and which that
were told are announced no longer.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from tracker.domain.schedule import PREFIX
from tracker.reports.news import Row
from tracker.reports.watching import offer_text

BEGINS, ENDS = "from", "until"
CANCELLED = "no longer announced from"
_GONE = "not-"


def announced(
    stated: Iterable[Row],
    known: Collection[str],
    at: datetime,
    wanted: Callable[[Row], bool],
) -> list[Row]:
    """What is ahead and was not told, then what was told and is ahead no longer.

    Args:
        stated: facts `schedule:<meter>` as they stand.
        known: the names of what was told.
        at: the instant.
        wanted: whether a fact is watched.
    """
    ahead: dict[str, Row] = {}
    for row in stated:
        for one in steps_of_schedule(row, at):
            told = (offer_text(row), row["name"], one["on"], one["price"])
            name = "|".join((_KEYS[one["what"]], *told, one["currency"]))
            ahead.setdefault(name, {**one, "change": name})
    fresh = [row for name, row in ahead.items() if name not in known and wanted(row)]
    return fresh + [
        row
        for name in sorted(known)
        if name not in ahead
        and name.startswith(f"{_KEYS[BEGINS]}|")
        and f"{_GONE}{name}" not in known
        and (row := _cancelled(name))["on"] > at.date().isoformat()
    ]


_KEYS = {BEGINS: "ahead", ENDS: "until"}


def _cancelled(name: str) -> dict[str, Any]:
    """An announcement that was told, from its name."""
    begun, meter, day, price, currency = name.rsplit("|", 4)
    offer = begun.partition("|")[2]
    provider, _, rest = offer.partition("/")
    model, _, region = rest.partition("@")
    return {
        "change": f"{_GONE}{name}",
        "what": CANCELLED,
        "on": day,
        "name": meter,
        "price": price,
        "currency": currency,
        "source": "",
        "provider": provider,
        "model": model,
        "region": region,
    }


def steps_of_schedule(row: Row, after: datetime) -> Iterator[dict[str, Any]]:
    """The prices of a schedule that begin after an instant, and the one that ends
    without another; none if it is no schedule, since a source may call a field of its
    own by any name.
    """
    try:
        stated = json.loads(row["value"])
    except (ValueError, RecursionError):
        return
    steps = [one for one in stated if _is_step(one)] if isinstance(stated, list) else []
    today = after.date().isoformat()
    begins = {one.get("from") for one in steps}
    for one in steps:
        begin, end = one.get("from"), one.get("to")
        if isinstance(begin, str) and begin > today:
            yield _step(row, one, BEGINS, begin)
        if isinstance(end, str) and end > today and end not in begins:
            yield _step(row, one, ENDS, end)


def _is_step(one: Any) -> bool:
    days = ("from", "to")
    return (
        isinstance(one, dict)
        and isinstance(one.get("price"), str | int | float)
        and all(isinstance(one.get(day), str | None) for day in days)
    )


def _step(row: Row, one: Mapping[str, Any], what: str, on: str) -> dict[str, Any]:
    unit = str(one.get("currency") or "USD")
    said = {"what": what, "on": on[:10], "price": str(one["price"]), "currency": unit}
    return {**row, **said, "meter": row["name"].removeprefix(PREFIX)}
