"""What is held for review: why, since when, and how it ends."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.decisions import HeldRow
from storage.reading import telling, upkeep
from tracker.domain.gate import NOT_BY_REPETITION
from tracker.domain.offers import Offer
from tracker.judging import review
from tracker.judging.review import Held
from tracker.sources.registry import SOURCES
from tracker.web.news.telling import Line, lines_of
from tracker.web.pages import NoPage, Query
from tracker.web.rendering import Content, page
from tracker.web.view import View

PATH = "review/"
DECISIONS = 30
"""How many decisions are shown."""

STATUS = {
    "released": "a later reading said the same",
    "accepted": "a person accepted it",
    "rejected": "a person rejected it; it stays out while the source repeats it",
    "lapsed": "the source says something else now",
    "pending": "none of these yet",
}
"""How holds end, in words."""

_LATER = (
    "let in when the source says the same in a body with other bytes, a day later or "
    "more; the same bytes again confirm nothing"
)
_ELSEWHERE = (
    "let in when another source states the same price, or a person accepts it: what a "
    "parser of ours may have misread, it would misread again"
)
_REPLACED = "gone when the source says something that can be read as a price"
_NEVER = "waits for a person: too few offers are no list, however often they come"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A value, an entry or a body that waits.

    Attributes:
        held: what is held; `held.name` is what it is called on the command line.
        offer: what is sold, if it is about one.
        old: the price that stands meanwhile, in nano-units; None if there is none.
        ends: how it will be let in, or go.
        decidable: whether a person can accept it.
    """

    held: Held
    offer: Offer | None
    old: int | None
    old_currency: str
    ends: str
    decidable: bool

    @property
    def row(self) -> HeldRow:
        """What is held."""
        return self.held.row


@dataclass(frozen=True, slots=True)
class Group:
    """What waits of one source, the newest first."""

    source: str
    waiting: tuple[Waiting, ...]

    @property
    def ends(self) -> str:
        """How all of it ends, if that is the same for all."""
        every = {one.ends for one in self.waiting}
        return every.pop() if len(every) == 1 else ""


def paths(_view: View) -> list[str]:
    """Its one page."""
    return [PATH]


def made(view: View, path: str, _query: Query) -> Content:
    """The page.

    Raises:
        NoPage: another path.
    """
    if path != PATH:
        raise NoPage
    pending = review.held(view.store)
    with view.store.reading() as connection:
        standing = upkeep.standing(connection)
        decided = upkeep.decided(connection, DECISIONS)
        endings = upkeep.endings(connection)
        doubted = telling.doubted(connection)
    given = {
        "groups": list(_groups(pending, standing)),
        "count": len(pending),
        "decided": [_named(row) for row in decided],
        "endings": _ended(endings),
        "words": STATUS,
        "doubted": _doubted(doubted),
    }
    return page(view, path, "review.html", given)


def _groups(
    pending: list[Held], standing: dict[tuple[str, str, str], Any]
) -> Iterable[Group]:
    found: dict[str, list[Waiting]] = defaultdict(list)
    for held in reversed(pending):
        row = held.row
        known = standing.get((row.source, row.key, row.meter))
        found[row.source].append(_waiting(held, known))
    for source in sorted(found):
        yield Group(source, tuple(found[source]))


def _waiting(held: Held, known: dict[str, Any] | None) -> Waiting:
    row = held.row
    offer = known and Offer(known["provider"], known["model"], known["region"])
    unreadable = row.scope == "rate" and row.price_nano is None
    return Waiting(
        held,
        offer or None,
        known["price_nano"] if known else None,
        (known["currency"] if known else None) or row.currency or "USD",
        _ends(row, unreadable=unreadable),
        decidable=not unreadable,
    )


def _ends(row: HeldRow, *, unreadable: bool) -> str:
    """How a hold ends unless a person decides, by its reason and its source."""
    if unreadable or row.scope == "key":
        return _REPLACED
    if row.reason == "few_offers":
        return _NEVER
    spec = SOURCES.get(row.source)
    is_page = spec is not None and not spec.is_map
    return _ELSEWHERE if is_page and row.reason in NOT_BY_REPETITION else _LATER


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """A decision with its value as a price."""
    nano, _, currency = row["value"].partition(" ")
    price = (int(nano), currency) if nano.isdigit() else None
    return {**row, "price": price}


def _ended(rows: Iterable[dict[str, Any]]) -> list[tuple[str, int]]:
    """How many holds ended how, in the order of the words for it."""
    found = dict.fromkeys(STATUS, 0)
    for row in rows:
        found[row["status"]] = found.get(row["status"], 0) + row["n"]
    return [(status, count) for status, count in found.items() if count]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Steps that the judge holds: they were stored, and are not believed."""

    line: Line
    source: str
    reason: str
    at: datetime


def _doubted(rows: list[dict[str, Any]]) -> list[Doubt]:
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        place = (row["provider"], row["model"], row["region"])
        why = (row["source"], row["reason"], row["observed_at"])
        groups[place + why].append(row)
    return [
        Doubt(line, row["source"], row["reason"] or "", row["observed_at"])
        for members in groups.values()
        for row in members[:1]
        for line in lines_of(members)
    ]
