"""What a move is measured against: the value in the subscriber's mind, put right where
it was wrong.

A price that was told as 1000, was a unit error and is 1 since, and then moves to 1.1,
moved by 10 %: not down by 99.9 %. The correction may be told beside it, or not be asked
for; it is no part of the move either way.
"""

from collections.abc import Iterable
from itertools import dropwhile

from tracker.reports.news import Row

NO_MOVES = ("correction", "flap")


def baseline(told: int | None, chain: Iterable[Row], nano: int) -> int:
    """The value that a move starts from, in nano-units.

    Args:
        told: the value told last; None if there is none in this currency.
        chain: every judged step of the source that is followed, oldest first, at
            least one of them a move; without a told value, from the first move on.
        nano: what is believed now.
    """
    rows = list(chain)
    if told is None:
        rows = list(dropwhile(lambda row: row["verdict"] in NO_MOVES, rows))
        start: int = rows[0]["old_price_nano"]
    else:
        rows = list(dropwhile(lambda row: row["old_price_nano"] != told, rows))
        start = told
    reached = [n for n, row in enumerate(rows) if row["new_price_nano"] == nano]
    for row in rows[: reached[-1] + 1] if reached else ():
        if row["verdict"] in NO_MOVES:
            old, new = row["old_price_nano"], row["new_price_nano"]
            start = round(start * new / old) if start and old else new
    return start


def chained(rows: Iterable[Row], place: int, currency: str) -> list[Row]:
    """Steps in one currency of the sources of one rank, each once: several keys of a
    source may be one offer.
    """
    found: dict[tuple[object, ...], Row] = {}
    for row in rows:
        if (row["place"], row["currency"]) == (place, currency):
            prices = (row["old_price_nano"], row["new_price_nano"])
            found.setdefault((row["observed_at"], *prices), row)
    return list(found.values())
