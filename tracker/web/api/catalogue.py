"""The catalogue of one state: read once, then narrowed and sorted in memory.

A page of it by price needs the best card of every offer, which takes the database
some tenths of a second. So all cards are read when the first reader asks for a state.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import islice
from threading import Lock
from typing import Any

from storage.reading import portrait, queries
from tracker.asking.assortment import abilities, exact_card
from tracker.domain.offers import Offer
from tracker.web.view import View

Row = dict[str, Any]
Place = tuple[Any, ...]

SORTS: Mapping[str, str | None] = {
    "name": None,
    "input": "input_usd",
    "output": "output_usd",
    "context": "max_input_tokens",
    "since": "since",
}
"""The column behind each way to sort."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for.

    Attributes:
        provider: only what it sells.
        mode: only of this kind.
        query: a part of the name, or a pattern with `*` and `?`.
        can: words of CAPABILITIES.
        context: the fewest input tokens.
    """

    provider: str | None = None
    mode: str | None = None
    query: str | None = None
    can: frozenset[str] = frozenset()
    context: int = 0

    def by(self, entry: "Entry", glob: "Glob | None") -> bool:
        """Whether an entry is what is looked for; `glob` is the query, ready-made."""
        row = entry.row
        return (
            (self.provider is None or row["provider"] == self.provider)
            and (self.mode is None or self.mode in entry.modes)
            and self.context <= (row["max_input_tokens"] or 0)
            and self.can <= entry.can
            and (glob is None or glob.matches(entry.name))
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """An offer that has a price.

    Attributes:
        row: of `model_prices`, with exact decimals.
        name: `provider/model` in lower case.
        can: what it can, in words of CAPABILITIES.
        modes: the kinds that some source says it is of.
    """

    row: Row
    name: str
    can: frozenset[str]
    modes: frozenset[str]

    def place(self, sort: str) -> Place:
        """Where it stands: the value it is sorted by, and its name."""
        row = self.row
        return (_value(row, sort), row["provider"], row["model"], row["region"])

    def order(self, sort: str) -> Place:
        """What it is sorted by."""
        return comparable(self.place(sort), sort)


@dataclass(frozen=True)
class Catalogue:
    """All that has a price, by name.

    Attributes:
        entries: one for each offer.
        sorted: the same in other orders; made when they are asked for.
    """

    entries: list[Entry]
    sorted: dict[str, list[Entry]] = field(default_factory=dict)

    @cached_property
    def modes(self) -> frozenset[str]:
        """The kinds there are."""
        return frozenset(mode for entry in self.entries for mode in entry.modes)

    def matching(
        self, wanted: Wanted, sort: str, after: Place | None
    ) -> Iterator[Entry]:
        """What is looked for, behind a place, in order.

        Args:
            wanted: what is looked for.
            sort: a key of SORTS, with `-` before it to turn it around.
            after: the place of the entry before the first; None to begin there.
        """
        if sort not in self.sorted:
            self.sorted[sort] = sorted(self.entries, key=lambda e: e.order(sort))
        entries = self.sorted[sort]
        start = 0
        if after is not None:
            mark = comparable(after, sort)
            start = bisect_right(entries, mark, key=lambda e: e.order(sort))
        glob = Glob(wanted.query.lower()) if wanted.query else None
        return (e for e in islice(entries, start, None) if wanted.by(e, glob))


_reading = Lock()


def catalogue(view: View) -> Catalogue:
    """The catalogue of a state; who asks while it is read waits for it."""
    with _reading:
        return _read(view)


@lru_cache(maxsize=1)
def _read(view: View) -> Catalogue:
    with view.store.reading() as connection:
        rows = queries.models(connection, {})
        able = abilities(connection, rows)
        stated = portrait.modes(connection)
    modes: dict[Offer, set[str]] = {}
    for row in stated:
        modes.setdefault(_offer(row), set()).add(row["mode"])
    return Catalogue(
        [
            Entry(
                exact_card(row),
                f"{row['provider']}/{row['model']}".lower(),
                can,
                frozenset(modes.get(_offer(row), ())),
            )
            for row, can in zip(rows, able, strict=True)
        ]
    )


def comparable(place: Place, sort: str) -> Place:
    """A place as it compares; what has no value comes last, whichever way it goes."""
    value, *name = place
    if value is None:
        return (True, 0, *name)
    return (False, -value if sort.startswith("-") else value, *name)


def _offer(row: Row) -> Offer:
    return Offer(row["provider"], row["model"], row["region"])


def _value(row: Row, sort: str) -> int | None:
    """What a row is sorted by, as a whole number."""
    column = SORTS[sort.removeprefix("-")]
    value = row[column] if column else 0
    if isinstance(value, Decimal):
        return round(value * 10**9)
    if isinstance(value, datetime):
        return int(value.timestamp())
    return None if value is None else int(value)


class Glob:
    """A text to be found in names, or a pattern: `*` any text, `?` one character.

    Args:
        text: without `*` and `?` it may stand anywhere.
    """

    def __init__(self, text: str) -> None:
        whole = text if set(text) & {"*", "?"} else f"*{text}*"
        pieces = [re.escape(p).replace(r"\?", ".") for p in re.split(r"\*+", whole)]
        self._parts = [re.compile(piece, re.DOTALL) for piece in pieces]
        self._last = re.compile(f"(?:{pieces[-1]})\\Z", re.DOTALL)

    def matches(self, name: str) -> bool:
        """Whether a name is like it; the leftmost place for each piece will do, so
        the time is bounded, however many stars there are.
        """
        first, *others = self._parts
        if not others:
            return first.fullmatch(name) is not None
        found = first.match(name)
        for part in others[:-1]:
            found = found and part.search(name, found.end())
        return found is not None and self._last.search(name, found.end()) is not None
