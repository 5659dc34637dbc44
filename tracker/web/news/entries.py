"""What the feeds tell: real moves as stories, and those that were taken back.

An entry's name is made of what happened, not of what is thought of it: of source,
seller, day and ratio. So it stays through a rebuild, and a story whose verdict changed
is the same entry with a later date, which a reader shows anew.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.reading import telling
from storage.reading.news import change_name
from storage.reading.telling import Turn
from storage.unit_of_work import Connection
from tracker.domain.judge import REASONS
from tracker.reports.atom import OURS
from tracker.reports.wording import counted, short, step
from tracker.web.news.headlines import SAME, Move, once
from tracker.web.news.telling import extremes, ratio, standing, story_id

Row = Mapping[str, Any]

ENTRIES = 50
"""How many of the newest entries a feed holds."""
FEW = 2
"""So many meters are named in a title."""
MOVES = (600, 5_000, 1_000_000)
"""So many of the newest moves are looked at, until they make enough entries."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A story for subscribers.

    Attributes:
        id: the same for as long as the story is told.
        title: who moved what by how much, and whether it still stands.
        published: when it was seen.
        updated: when it was taken back, or else when it was seen.
        because: what is to be known besides.
        moves: what moved, as it stands now.
        back: what was called a move, and is none.
        page, story: the page of the month, and the element on it.
    """

    id: str
    title: str
    published: datetime
    updated: datetime
    because: tuple[str, ...]
    moves: tuple[Move, ...]
    back: tuple[Move, ...]
    page: str
    story: str

    @property
    def providers(self) -> tuple[str, ...]:
        """Who sells it."""
        found = (move.offer.provider for move in (*self.moves, *self.back))
        return tuple(dict.fromkeys(found))


def entries(connection: Connection, until: datetime) -> list[Entry]:
    """The newest entries, those first that were seen or taken back last."""
    turns = _told_turns(connection)
    found: list[Entry] = []
    for count in MOVES:
        rows = _rows(connection, turns, count, until)
        found = list(_entries(rows, turns))
        every = sum(row["verdict"] == "move" for row in rows) < count
        if every or len(found) >= ENTRIES:
            break
    found.sort(key=_age)
    return found[: -ENTRIES - 1 : -1]


def _age(entry: Entry) -> tuple[Any, ...]:
    """Later is newer; on one day makers are, before resellers."""
    place = -standing(entry.providers[0])
    return entry.updated, entry.published, place, entry.id


def _rows(
    connection: Connection, turns: Mapping[str, Turn], count: int, until: datetime
) -> list[Row]:
    """The changes since the so-many-th newest move, and older ones that turned."""
    since = telling.newest_moves(connection, count) or until
    turned = {turn.observed_at for turn in turns.values()}
    older = telling.seen_at(connection, {at for at in turned if at < since})
    return [*older, *telling.seen(connection, since, until, judged=True)]


def _told_turns(connection: Connection) -> dict[str, Turn]:
    """The newest turn of each change whose verdict was news when it was given; what
    was never told, such as history filled in later, needs no taking back.
    """
    every = reversed(telling.turns(connection))
    return {t.change: t for t in every if t.told_at - t.observed_at <= SAME}


def _entries(rows: list[Row], turns: Mapping[str, Turn]) -> Iterable[Entry]:
    moves: dict[str, list[Move]] = defaultdict(list)
    back: dict[str, list[Move]] = defaultdict(list)
    for move in once(rows):
        moves[_group(move.row)].append(move)
    for row in rows:
        turn = turns.get(change_name(row))
        if turn is not None and turn.was == "move" and row["verdict"] != "move":
            back[_group(row)].append(Move(row))
    for group in dict.fromkeys((*moves, *back)):
        yield _entry(group, moves[group], back[group], turns)


def _group(row: Row) -> str:
    """What a change is told with, whatever its verdict."""
    story = row["story"] or ""
    if "/to " in story:
        return str(story)
    old, new = row["old_price_nano"] or 0, row["new_price_nano"] or 0
    far = f"x{float(ratio(old, new)):.3g}" if old else "new"
    day = f"{row['observed_at']:%Y-%m-%d}"
    return f"{row['source']}/{row['provider']}/{day}/{far}"


def _entry(
    group: str, moves: list[Move], back: list[Move], turns: Mapping[str, Turn]
) -> Entry:
    every = [*moves, *back]
    first = (moves or back)[0].row
    published = min(move.row["observed_at"] for move in every)
    turned = [t for m in every if (t := turns.get(change_name(m.row)))]
    return Entry(
        id=OURS + hashlib.sha256(group.encode("utf-8", "replace")).hexdigest()[:32],
        title=_title(moves, back),
        published=published,
        updated=max((turn.at for turn in turned), default=published),
        because=tuple(_because(moves, back, turns)),
        moves=tuple(moves),
        back=tuple(back),
        page=f"changes/{published:%Y-%m}/",
        story=story_id(f"{first['story']}|{first['verdict']}"),
    )


def _title(moves: list[Move], back: list[Move]) -> str:
    told = moves or back
    steps = " … ".join(step(*ends) for ends in extremes(move.row for move in told))
    what = f"{_name(told)} {steps}"
    if not moves:
        return f"Taken back: {what} was no price move"
    gone = f", {counted(len(back), 'change')} of it taken back" if back else ""
    return what + gone


def _name(told: list[Move]) -> str:
    """The offer and its meters, or how many offers of whom."""
    offers = list(dict.fromkeys(move.offer for move in told))
    meters = sorted({move.meter for move in told})
    which = f" {', '.join(short(m, 40) for m in meters)}" if len(meters) <= FEW else ""
    if len(offers) == 1:
        return short(offers[0].text) + which
    sellers = {offer.provider for offer in offers}
    who = f"{short(sellers.pop(), 40)} " if len(sellers) == 1 else ""
    return f"{len(offers)} {who}offers{which}"


def _because(
    moves: list[Move], back: list[Move], turns: Mapping[str, Turn]
) -> Iterable[str]:
    if back:
        verdict, reason = back[0].row["verdict"], back[0].row["reason"] or ""
        when = turns[change_name(back[0].row)].at
        words = REASONS.get(reason, "")
        yield (
            f"Taken back on {when:%Y-%m-%d}: what was called a move is a "
            f"{verdict} ({words})."
        )
    for move in moves[:1]:
        turn = turns.get(change_name(move.row))
        if turn is not None:
            yield f"First called a {turn.was}; a move since {turn.at:%Y-%m-%d}."
        yield from _seen(move)


def _seen(move: Move) -> Iterable[str]:
    row = move.row
    after, at = row["previous_seen_at"], row["observed_at"]
    since = f" after {after:%Y-%m-%d}" if after else ""
    yield f"Seen by {row['source']} on {at:%Y-%m-%d}{since}."
    if row["effective_at"]:
        yield f"In force since {row['effective_at']:%Y-%m-%d}."
    if move.also:
        yield f"Also seen by {', '.join(move.also)}."
