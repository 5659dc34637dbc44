"""What is not paid by the token, in a few words: `$0.04 per image`."""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

from tracker.domain.meters import STANDARD
from tracker.domain.offers import Offer
from tracker.reports.wording import price
from tracker.web.model.naming import (
    group_of,
    group_place,
    meter_of,
    meter_place,
    per_words,
)

Row = dict[str, Any]

_NAME = itemgetter("provider", "model", "region")


def tariffs(rows: Iterable[Row]) -> dict[Offer, str]:
    """The price of each offer that says most: of what it makes, else of what it takes.

    Args:
        rows: of `storage.reading.selling.otherwise`.
    """
    return {
        Offer(*name): _tariff(list({row["meter"]: row for row in own}.values()))
        for name, own in groupby(rows, _NAME)
    }


def _tariff(rows: list[Row]) -> str:
    """The first of some rates; the lowest of its kind where it is one of several that
    depend on size, quality and the like.
    """
    first = min(rows, key=_place)
    alike = [row for row in rows if _kind(row) == _kind(first)]
    least = min(row["price_nano"] for row in alike)
    several = len({row["price_nano"] for row in alike}) > 1
    per = per_words(first["quantum"], first["unit"])
    return f"{'from ' * several}{price(least, first['currency'])} per {per}"


def _place(row: Row) -> tuple[Any, ...]:
    """What is free last, and other service tiers; what is made first, then as on the
    page of the model.
    """
    key, meter = row["meter"], meter_of(row["meter"])
    plain = (not row["price_nano"], meter.tier != STANDARD, meter.component != "output")
    return *plain, group_place(group_of(key)), meter_place(key)


def _kind(row: Row) -> tuple[str, str, str, str]:
    meter = meter_of(row["meter"])
    return meter.component, meter.tier, row["unit"], row["currency"]
