"""Whether a price moved, since when it stands, and how often that was confirmed."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from tracker.reports.wording import counted, day, short
from tracker.web.model.naming import titled
from tracker.web.model.today import Card

Row = dict[str, Any]
Reads = Mapping[str, Sequence[datetime]]
"""When each source was read well, in order."""

LINES = ("input", "output")
MOST = 3


@dataclass(frozen=True, slots=True)
class Steady:
    """How a price has stood.

    Attributes:
        meter, words: its meter, as a key and in words.
        nano, currency: the price of today.
        since: since when it stands.
        before: the price before it; None if it never moved.
        first: whether it stands since it was first seen.
        source: who is followed.
        reads: how often that source was read since then and before this month.
    """

    meter: str
    words: str
    nano: int
    currency: str
    since: datetime
    before: int | None
    first: bool
    source: str
    reads: int


def steadiness(
    card: Card, beliefs: Iterable[Row], reads: Reads, month: datetime
) -> tuple[Steady, ...]:
    """How the main prices of an offer have stood, input and output first.

    Args:
        card: what it costs.
        beliefs: rows of `storage.reading.dossier.beliefs`, in the order of their
            periods.
        reads: when its sources were read.
        month: reads from here on are not counted: a page that shows them need not
            change with every sync.
    """
    if card.ended:
        return ()
    every = list(beliefs)
    wanted = [meter for meter in LINES if meter in card.lines]
    if not any(card.lines[meter].nano for meter in wanted):
        wanted = [line.meter for line in card.main] or wanted
    found = []
    for meter in wanted[:MOST]:
        rows = [row for row in every if row["meter"] == meter]
        if rows and rows[-1]["valid_to"] is None:
            found.append(_steady(rows, reads, month))
    return tuple(found)


def all_steady(found: Sequence[Steady]) -> bool:
    """Whether none of the prices ever moved."""
    return bool(found) and all(steady.first for steady in found)


def confirmed(found: Sequence[Steady], month: datetime) -> list[str]:
    """Who confirms it and how often, in sentences; alike ones are said once."""
    told: dict[tuple[int, str], list[str]] = {}
    for one in found:
        told.setdefault((one.reads, one.source), []).append(one.words.lower())
    sentences = []
    for (reads, source), words in told.items():
        what = "" if len(told) == 1 else f" for {', '.join(words)}"
        who, until = short(source, 40), day(month)
        if reads:
            says = "says" if reads == 1 else "say"
            read = counted(reads, "read")
            sentences.append(f"{read} of {who} before {until} {says} so{what}.")
        else:
            sentences.append(f"No read of {who} before {until} said so yet{what}.")
    return sentences


def _steady(rows: list[Row], reads: Reads, month: datetime) -> Steady:
    last = rows[-1]
    since, before = rows[0]["valid_from"], None
    for old, new in pairwise(rows):
        if _price(old) != _price(new) or old["valid_to"] != new["valid_from"]:
            since = new["valid_from"]
            same = old["currency"] == new["currency"]
            before = old["price_nano"] if same else None
    seen = reads.get(last["source"], ())
    count = bisect_left(seen, month) - bisect_left(seen, since)
    first = all(_price(row) == _price(last) for row in rows)
    return Steady(
        last["meter"],
        titled(last["meter"]),
        *_price(last),
        since,
        None if first else before,
        first,
        last["source"],
        max(count, 0),
    )


def _price(row: Row) -> tuple[int, str]:
    return row["price_nano"], row["currency"]
