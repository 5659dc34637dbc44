"""The front page: what moved, what is new, what ends, and how fresh all of it is."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from storage import decisions
from storage.reading import news, telling
from storage.reading.telling import Month, Row, Turn
from storage.unit_of_work import Connection
from tracker.domain.judge import REASONS
from tracker.domain.offers import Offer
from tracker.web import upkeep
from tracker.web.model.anchors import anchor_of
from tracker.web.news.headlines import Alike, Piece, once, pieces
from tracker.web.news.telling import is_own, standing
from tracker.web.pages import NoPage, Query
from tracker.web.rendering import Content, page
from tracker.web.view import View

WINDOW = timedelta(days=30)
"""What counts as recent, counted back from the newest reading."""
ENDING = timedelta(days=60)
"""How far ahead retirements are told."""
MOVES = 600
"""So many of the newest moves are looked at, however long ago they were."""
OWN, OTHERS, BIGGEST, TURNS = 7, 6, 6, 6
"""How many pieces of makers and of others, steps and changes of mind are shown."""
LOOKED_AT = 60
"""So many of the newest changes of mind are looked at."""
PER_SELLER = 2
"""How many of the biggest steps may be one seller's."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Offers of one seller that nobody had before, at their prices of today in
    nano-units, which they share: names of one model, mostly.

    `rates` are meter, price and currency; input and output come first.
    """

    offers: tuple[Offer, ...]
    at: datetime
    rates: tuple[tuple[str, int, str], ...]

    @property
    def is_own(self) -> bool:
        """Whether their seller made them."""
        return is_own(self.offers[0])


@dataclass(frozen=True, slots=True)
class Ending:
    """What one seller retires on one day, as its source says it."""

    day: date
    provider: str
    offers: tuple[Offer, ...]
    days: int


@dataclass(frozen=True, slots=True)
class Mind:
    """A verdict taken back, for one offer or several of one seller."""

    was: str
    verdict: str
    because: str
    at: datetime
    offers: tuple[Offer, ...]
    seen: datetime
    anchor: str


@dataclass(frozen=True, slots=True)
class Step:
    """One of the biggest steps: what moved, whose, and when."""

    group: Alike
    piece: Piece


@dataclass(frozen=True, slots=True)
class Window:
    """The time that counts as recent, and what was put right in it.

    Attributes:
        since, until: its ends; the newest reading is the later one.
        corrections, flaps: changes with this verdict.
        reasons: why, in words, with how often; the commonest first.
    """

    since: datetime
    until: datetime
    corrections: int
    flaps: int
    reasons: tuple[tuple[str, int], ...]


def paths(_view: View) -> list[str]:
    """Its one page."""
    return [""]


def made(view: View, path: str, _query: Query) -> Content:
    """The page.

    Raises:
        NoPage: another path.
    """
    if path:
        raise NoPage
    with view.store.reading() as connection:
        read = upkeep.freshness(connection)
        newest = max((one.read for one in read if one.read), default=None)
        given: dict[str, object] = {"read": read, "never": upkeep.never_read(read)}
        given |= {"silence": upkeep.silence(newest, view.now)}
        if newest:
            given |= _told(connection, view, newest)
        else:
            given |= {"window": None, "held": len(decisions.holds(connection))}
    return page(view, path, "home.html", given)


def _told(connection: Connection, view: View, newest: datetime) -> dict[str, object]:
    since = newest - WINDOW
    oldest = telling.newest_moves(connection, MOVES) or since
    until = view.now + timedelta(days=1)
    rows = telling.seen(connection, min(since, oldest), until, judged=True)
    recent = [row for row in rows if row["observed_at"] >= since]
    every = pieces(once(rows))
    down, up = _biggest(piece for piece in every if piece.day >= f"{since:%Y-%m-%d}")
    new = _arrivals(telling.arrivals(connection, since))
    return {
        "window": _window(recent, since, newest),
        "own": [piece for piece in every if piece.is_own][:OWN],
        "others": [piece for piece in every if not piece.is_own][:OTHERS],
        "down": down,
        "up": up,
        "new": [one for one in new if one.is_own],
        "listed": Counter(o.provider for n in new if not n.is_own for o in n.offers),
        "endings": _endings(_ending_rows(connection, view), view.now.date()),
        "minds": _minds(connection),
        "extent": telling.extent(connection),
        "first": telling.first_seen(connection),
        **_sums(telling.months(connection)),
    }


def _sums(months: list[Month]) -> dict[str, object]:
    return {
        "changes": sum(month.changes for month in months),
        "moved": sum(month.moves for month in months),
        "corrected": sum(month.corrections for month in months),
    }


def _window(rows: list[Row], since: datetime, until: datetime) -> Window:
    reasons = Counter(
        REASONS.get(row["reason"], str(row["reason"]))
        for row in rows
        if row["verdict"] == "correction"
    )
    flaps = sum(row["verdict"] == "flap" for row in rows)
    told = tuple(reasons.most_common(4))
    return Window(since, until, reasons.total(), flaps, told)


def _biggest(recent: Iterable[Piece]) -> tuple[list[Step], list[Step]]:
    """The largest cuts and the largest rises of plain prices, a few of each seller."""
    steps = [Step(g, piece) for piece in recent for g in piece.groups if g.is_plain]
    steps = [step for step in steps if step.group.lead.old]
    steps.sort(key=lambda step: step.group.lead.size, reverse=True)
    return (
        _few(s for s in steps if s.group.lead.new < s.group.lead.old),
        _few(s for s in steps if s.group.lead.new > s.group.lead.old),
    )


def _few(steps: Iterable[Step]) -> list[Step]:
    sellers: Counter[str] = Counter()
    chosen = []
    for step in steps:
        sellers[step.piece.provider] += 1
        if sellers[step.piece.provider] <= PER_SELLER:
            chosen.append(step)
    return chosen[:BIGGEST]


def _arrivals(rows: Iterable[Row]) -> list[Arrival]:
    """By card, as its best source has it; the newest first, makers before others."""
    cards: dict[Offer, list[Row]] = defaultdict(list)
    for row in rows:
        card = cards[Offer(row["provider"], row["model"], row["region"])]
        if not card or row["source_key"] == card[0]["source_key"]:
            card.append(row)
    alike: dict[tuple[Any, ...], list[Offer]] = defaultdict(list)
    for offer, card in cards.items():
        alike[offer.provider, card[0]["observed_at"], _rates(card)].append(offer)
    found = [
        Arrival(tuple(sorted(offers, key=lambda o: (len(o.model), o))), at, rates)
        for (_, at, rates), offers in alike.items()
    ]
    found.sort(key=lambda one: (standing(one.offers[0].provider), one.offers[0]))
    return sorted(found, key=lambda one: one.at, reverse=True)


def _rates(card: list[Row]) -> tuple[tuple[str, int, str], ...]:
    order = {"input": 0, "output": 1}
    card = sorted(card, key=lambda row: (order.get(row["meter"], 2), row["meter"]))
    return tuple((row["meter"], row["price_nano"], row["currency"]) for row in card)


def _ending_rows(connection: Connection, view: View) -> list[Row]:
    first = view.now.date()
    last = first + ENDING
    return news.deprecations(connection, view.now, first.isoformat(), last.isoformat())


def _endings(rows: Iterable[Row], today: date) -> list[Ending]:
    """By day and seller; what the best source says of an offer counts."""
    days: dict[Offer, date] = {}
    for row in rows:
        offer = Offer(row["provider"], row["model"], row["region"])
        if (day := _date(row["value"])) is not None:
            days.setdefault(offer, day)
    told = sorted(days, key=lambda o: (days[o], standing(o.provider), o))
    groups = groupby(told, key=lambda o: (days[o], o.provider))
    return [
        Ending(day, provider, tuple(offers), (day - today).days)
        for (day, provider), offers in groups
    ]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:  # a source may write anything; the gate has said so
        return None


def _minds(connection: Connection) -> list[Mind]:
    """The verdicts taken back last; those of one seller that turned alike as one."""
    turns = telling.turns(connection, most=LOOKED_AT)
    rows = telling.seen_at(connection, {turn.observed_at for turn in turns})
    known = {news.change_name(row): row for row in rows}
    groups: dict[tuple[str, ...], list[tuple[Turn, Row]]] = defaultdict(list)
    for turn in turns:
        if (row := known.get(turn.change)) is not None:
            place = (row["provider"], turn.was, turn.verdict, row["reason"] or "")
            groups[place].append((turn, row))
    return [_mind(members) for members in groups.values()][:TURNS]


def _mind(members: list[tuple[Turn, Row]]) -> Mind:
    turn, row = members[0]
    offers = (Offer(r["provider"], r["model"], r["region"]) for _, r in members)
    return Mind(
        was=turn.was,
        verdict=turn.verdict,
        because=REASONS.get(row["reason"] or "", ""),
        at=turn.at,
        offers=tuple(dict.fromkeys(offers)),
        seen=row["observed_at"],
        anchor=anchor_of(row),
    )
