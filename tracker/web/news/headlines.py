"""Moves as the front page and the feeds tell them: once, whoever else saw them, and
together where a seller moved many offers alike.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log
from typing import Any

from tracker.domain.offers import Offer
from tracker.reports.wording import step
from tracker.web.model.anchors import anchor_of
from tracker.web.news.telling import is_own, ratio, standing, story_id

Row = Mapping[str, Any]

SAME = timedelta(days=60)
"""The same price of the same offer within so long is the same move, seen again."""
PLAIN = ("input", "output")
"""What most people pay; it is told first."""


@dataclass(frozen=True, slots=True)
class Move:
    """A change that was judged to be a move.

    Attributes:
        row: as its first source has it; the best one of that day.
        also: other sources that saw it, then or later.
    """

    row: Row
    also: tuple[str, ...] = ()

    @property
    def offer(self) -> Offer:
        """What is sold."""
        return Offer(self.row["provider"], self.row["model"], self.row["region"])

    @property
    def meter(self) -> str:
        """What is billed."""
        return str(self.row["meter"])

    @property
    def old(self) -> int:
        """Nano-units before."""
        return self.row["old_price_nano"] or 0

    @property
    def new(self) -> int:
        """Nano-units after."""
        return self.row["new_price_nano"] or 0

    @property
    def currency(self) -> str:
        """What the prices are in."""
        return str(self.row["currency"])

    @property
    def anchor(self) -> str:
        """Where it stands on the page of its model."""
        return anchor_of(self.row)

    @property
    def size(self) -> float:
        """How far it went, the same for a half as for a double."""
        found = ratio(self.old, self.new)
        return abs(log(found)) if found else log(1000)


def once(rows: Iterable[Row]) -> list[Move]:
    """Each move once, oldest first.

    Args:
        rows: the judged changes of some time; those of other verdicts are left out.
    """
    moves = [row for row in rows if row["verdict"] == "move"]
    moves.sort(key=lambda row: (_day(row), row["place"], row["observed_at"]))
    first: dict[tuple[Any, ...], Row] = {}
    also: dict[int, dict[str, None]] = defaultdict(dict)
    for row in moves:
        known = first.get(_value(row))
        if known is not None and _again(row, known):
            also[id(known)][row["source"]] = None
        else:
            first[_value(row)] = row
            also[id(row)] = {}
    return [
        Move(row, tuple(name for name in also[id(row)] if name != row["source"]))
        for row in moves
        if id(row) in also
    ]


def _again(row: Row, known: Row) -> bool:
    """Whether it is told of a move that is known: by another source, or under another
    name at the same instant.
    """
    since: timedelta = row["observed_at"] - known["observed_at"]
    return since <= SAME if row["source"] != known["source"] else not since


def _value(row: Row) -> tuple[Any, ...]:
    names = ("provider", "model", "region", "meter", "new_price_nano", "currency")
    return tuple(row[name] for name in names)


def _day(row: Row) -> str:
    return f"{row['observed_at']:%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class Alike:
    """Offers of one seller whose rates moved alike on one day.

    Attributes:
        offers: which.
        moves: those of the first of them, plain input and output first.
        story: the element on the page of the month.
    """

    offers: tuple[Offer, ...]
    moves: tuple[Move, ...]
    story: str

    @property
    def lead(self) -> Move:
        """The move that stands for it: the larger one of input and output, if either
        moved.
        """
        plain = [move for move in self.moves if move.meter in PLAIN]
        return max(plain or self.moves, key=lambda move: move.size)

    @property
    def is_plain(self) -> bool:
        """Whether input or output moved."""
        return self.lead.meter in PLAIN

    @property
    def shown(self) -> tuple[Move, ...]:
        """The moves worth a line of their own: input and output, else the first."""
        plain = tuple(move for move in self.moves if move.meter in PLAIN)
        return plain or self.moves[:1]

    @property
    def weight(self) -> tuple[bool, float, int]:
        """What matters most is largest."""
        return self.is_plain, self.lead.size, len(self.offers)


@dataclass(frozen=True, slots=True)
class Piece:
    """What one seller moved on one day.

    Attributes:
        provider: who.
        day: when it was seen.
        sources: who says so, the first of them first.
        groups: what moved, that matters most first.
    """

    provider: str
    day: str
    sources: tuple[str, ...]
    groups: tuple[Alike, ...]

    @property
    def is_own(self) -> bool:
        """Whether a maker moved a price of what it makes."""
        return any(is_own(offer) for group in self.groups for offer in group.offers)

    @property
    def at(self) -> datetime:
        """When it was seen first."""
        found: list[datetime] = [
            move.row["observed_at"] for group in self.groups for move in group.moves
        ]
        return min(found)

    @property
    def month(self) -> str:
        """The month that it was seen in."""
        return self.day[:7]

    @property
    def offers(self) -> int:
        """How many offers moved."""
        return len({offer for group in self.groups for offer in group.offers})

    @property
    def order(self) -> tuple[Any, ...]:
        """Makers before resellers; what moved plain prices, and further, first."""
        plain, size, _ = self.groups[0].weight
        return standing(self.provider), not plain, -size, self.provider


def pieces(moves: Iterable[Move]) -> list[Piece]:
    """Moves by day and seller, the newest day first."""
    found: dict[tuple[str, str], list[Move]] = defaultdict(list)
    for move in moves:
        found[_day(move.row), move.offer.provider].append(move)
    every = [_piece(*place, members) for place, members in found.items()]
    every.sort(key=lambda piece: piece.order)
    return sorted(every, key=lambda piece: piece.day, reverse=True)


def _piece(day: str, provider: str, moves: list[Move]) -> Piece:
    sources: dict[str, None] = {}
    for move in moves:
        sources.update(dict.fromkeys((move.row["source"], *move.also)))
    groups = sorted(_alike(moves), key=lambda group: group.weight, reverse=True)
    return Piece(provider, day, tuple(sources), tuple(groups))


def _alike(moves: Iterable[Move]) -> Iterable[Alike]:
    by_offer: dict[Offer, list[Move]] = defaultdict(list)
    for move in moves:
        by_offer[move.offer].append(move)
    found: dict[tuple[Any, ...], list[Offer]] = defaultdict(list)
    for offer, mine in by_offer.items():
        steps = (f"{m.meter} {step(m.old, m.new)} {m.currency}" for m in mine)
        found[tuple(sorted(steps))].append(offer)
    for offers in found.values():
        ordered = sorted(offers, key=lambda offer: (len(offer.text), offer))
        shown = sorted(by_offer[ordered[0]], key=_by_meter)
        yield Alike(tuple(ordered), tuple(shown), _story_of(shown[0].row))


def _by_meter(move: Move) -> tuple[int, str]:
    plain = move.meter in PLAIN
    return PLAIN.index(move.meter) if plain else len(PLAIN), move.meter


def _story_of(row: Row) -> str:
    return story_id(f"{row['story']}|{row['verdict']}")
