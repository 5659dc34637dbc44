"""The timeline, a page for each month, told as stories by day."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby

from storage.reading import presence, telling
from storage.reading.telling import Month, Turn
from storage.unit_of_work import Connection
from tracker.asking.stories import told
from tracker.web.news.telling import Card, by_weight, card_of
from tracker.web.pages import NoPage, Query
from tracker.web.rendering import Content, page
from tracker.web.view import View

PATH = "changes/"
VERDICTS = ("move", "correction", "flap", "held")
KINDS = ("changed", "introduced", "withdrawn", "returned")
NARROWED = ("verdict", "kind", "provider")

_MONTH = re.compile(rf"{PATH}(\d{{4}}-(?:0[1-9]|1[0-2]))/", re.ASCII)


@dataclass(frozen=True, slots=True)
class Seller:
    """The stories of one provider on one day, those that matter most first; the name
    is empty for stories of several providers.
    """

    name: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """The stories of one day, by provider: who moved prices first, makers before
    resellers.
    """

    name: str
    sellers: tuple[Seller, ...]

    @property
    def changes(self) -> int:
        """How many changes they are made of."""
        return sum(card.changes for seller in self.sellers for card in seller.cards)

    @property
    def counts(self) -> dict[str, int]:
        """How many changes have each verdict."""
        found: Counter[str] = Counter()
        for seller in self.sellers:
            for card in seller.cards:
                found[card.verdict] += card.changes
        return {verdict: found[verdict] for verdict in VERDICTS if found[verdict]}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page was asked to show; empty for everything."""

    verdict: str = ""
    kind: str = ""
    provider: str = ""

    def fits(self, card: Card) -> bool:
        """Whether a story is asked for."""
        return (
            self.verdict in ("", card.verdict)
            and self.kind in ("", card.kind)
            and (not self.provider or self.provider in card.providers)
        )


def paths(view: View) -> list[str]:
    """The newest month, and every month with a change."""
    return [PATH, *(_path(month.name) for month in _months(view))]


def marks(view: View) -> dict[str, str]:
    """For each month what its page is made from, in short."""
    with view.store.reading() as connection:
        months = telling.months(connection)
        marked = telling.marks(connection)
    names = [month.name for month in months]
    found = {}
    for before, name, after in zip(["", *names], names, [*names[1:], ""], strict=False):
        said = f"{before} {marked[name]} {after}"
        found[_path(name)] = hashlib.sha256(said.encode()).hexdigest()[:20]
    every = " ".join([*found.values(), str(months)])
    found[PATH] = hashlib.sha256(every.encode()).hexdigest()[:20]
    return found


def asks(path: str) -> Collection[str]:
    """What narrows the stories of a month."""
    return NARROWED if path == PATH or _MONTH.fullmatch(path) else ()


def made(view: View, path: str, query: Query) -> Content:
    """The page of a month.

    Raises:
        NoPage: no change was seen in it, or the path is another one.
    """
    named = _MONTH.fullmatch(path)
    if path != PATH and named is None:
        raise NoPage
    months = _months(view)
    names = [month.name for month in months]
    if named is None and not names:
        return page(view, path, "changes.html", {"month": None})
    name = named[1] if named else names[-1]
    if name not in names:
        raise NoPage(f"no change was seen in {name}")
    return page(view, path, "changes.html", _shown(view, months, name, query))


def _shown(
    view: View, months: list[Month], name: str, query: Query
) -> Mapping[str, object]:
    place = [month.name for month in months].index(name)
    asked = _asked(query) if view.live else Asked()
    cards = _cards(view, name)
    shown = [card for card in cards if asked.fits(card)]
    return {
        "month": months[place],
        "before": months[place - 1].name if place else None,
        "after": months[place + 1].name if place + 1 < len(months) else None,
        "years": list(_by_year(months)),
        "most": max(month.moves for month in months) or 1,
        "days": list(_days(shown)),
        "stories": len(cards),
        "shown": len(shown),
        "asked": asked,
        "verdicts": VERDICTS,
        "kinds": KINDS,
        "sellers": sorted({name for card in cards for name in card.providers}),
    }


def _asked(query: Query) -> Asked:
    return Asked(**{name: query.get(name, [""])[0] for name in NARROWED})


def _months(view: View) -> list[Month]:
    with view.store.reading() as connection:
        return telling.months(connection)


def _path(month: str) -> str:
    return f"{PATH}{month}/"


def bounds(month: str) -> tuple[datetime, datetime]:
    """The first moments of a month and of the next."""
    year, number = map(int, month.split("-"))
    start = datetime(year, number, 1, tzinfo=UTC)
    return start, start.replace(year=year + number // 12, month=number % 12 + 1)


@lru_cache(maxsize=2)
def _cards(view: View, month: str) -> list[Card]:
    """The stories of a month: whatever is asked of them, they are read once."""
    since, until = bounds(month)
    with view.store.reading() as connection:
        rows = telling.seen(connection, since, until)
        around = presence.around(connection, {"since": since, "until": until})
        renames = presence.renames(connection)
        turns = turns_of(connection)
    return [card_of(story, turns) for story in told(rows, around, renames)]


def turns_of(connection: Connection) -> dict[str, Turn]:
    """The last verdict that was taken back, by the change's name."""
    return {turn.change: turn for turn in reversed(telling.turns(connection))}


def _days(cards: Iterable[Card]) -> Iterable[Day]:
    """By day, the newest first."""
    newest = sorted(cards, key=_day_of, reverse=True)
    for name, members in groupby(newest, key=_day_of):
        yield Day(name, tuple(_by_seller(members)))


def _by_seller(cards: Iterable[Card]) -> Iterable[Seller]:
    found: dict[str, list[Card]] = defaultdict(list)
    for card in sorted(cards, key=by_weight):
        found[card.seller].append(card)
    for name, members in found.items():
        yield Seller(name, tuple(members))


def _day_of(card: Card) -> str:
    return f"{card.at:%Y-%m-%d}"


def _by_year(months: list[Month]) -> Iterable[tuple[str, list[Month]]]:
    newest = reversed(months)
    for year, members in groupby(newest, key=lambda month: month.name[:4]):
        yield year, list(members)
