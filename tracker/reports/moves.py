"""Real moves: what a subscriber has in mind, and what it is now.

A move is told against the value that was told last, so that slow drift adds up until
it is worth telling; several steps in one digest are one move. What a source says that
is not followed is no move: it is listed apart.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import log, sqrt
from typing import Any

from tracker.reports.news import News, Row
from tracker.reports.settings import Subscription
from tracker.reports.watching import offer_text

FAN = 4
"""From so many offers of one provider on, what moved alike is told as one."""

Weight = tuple[Decimal, bool, float]

_ORDER = ("input", "output", "cache_read", "cache_write")


@dataclass(frozen=True, slots=True)
class Move:
    """One meter of one offer: from the value told last to what is believed now.

    Attributes:
        rows: the steps that led there, oldest first; the last is the evidence.
        old, new: nano-units per quantum.
        agreeing: other sources that state the new price.
        differing: other sources, each with what it states instead.
    """

    offer: str
    meter: str
    old: int
    new: int
    rows: tuple[Row, ...]
    agreeing: tuple[str, ...] = ()
    differing: tuple[tuple[str, int, str], ...] = ()

    @property
    def last(self) -> Row:
        """The newest step."""
        return self.rows[-1]

    @property
    def currency(self) -> str:
        """What the prices are in."""
        return str(self.last["currency"])

    @property
    def ratio(self) -> Decimal:
        """New by old; 1000 where it was free before."""
        return Decimal(self.new) / self.old if self.old else Decimal(1000)

    @property
    def pct(self) -> float:
        """How far it moved; infinite where it was free before."""
        return float(self.ratio - 1) * 100 if self.old else float("inf")

    @property
    def since(self) -> datetime | None:
        """Since when the old price held, as far as its source shows."""
        began: datetime | None = self.rows[0]["since"]
        return began

    @property
    def evidence(self) -> dict[str, str]:
        """What the verdict rests on."""
        found = json.loads(self.last["evidence"] or "{}")
        return found if isinstance(found, dict) else {}

    @property
    def rank(self) -> tuple[int, str]:
        """The plain meters first."""
        place = _ORDER.index(self.meter) if self.meter in _ORDER else len(_ORDER)
        return place, self.meter


@dataclass(frozen=True, slots=True)
class Card:
    """What moved of one offer.

    Attributes:
        effect: dollars a month on the subscriber's own mix; None without one.
        sellers: how many providers sell the model.
    """

    moves: tuple[Move, ...]
    effect: Decimal | None = None
    sellers: int = 1

    @property
    def offer(self) -> str:
        """The offer's name."""
        return self.moves[0].offer

    @property
    def provider(self) -> str:
        """Who sells it."""
        return str(self.moves[0].last["provider"])

    @property
    def model(self) -> str:
        """The model's name."""
        return str(self.moves[0].last["model"])

    @property
    def alike(self) -> tuple[str, ...]:
        """The ratios that it moved by: offers with the same moved alike."""
        return tuple(sorted({f"{move.ratio:.3g}" for move in self.moves}))

    @property
    def plain(self) -> bool:
        """Whether what most people pay moved: tokens in or out."""
        return any(move.meter in ("input", "output") for move in self.moves)

    @property
    def steps(self) -> tuple[tuple[str, int, int], ...]:
        """What it did, whatever it is called."""
        return tuple((move.meter, move.old, move.new) for move in self.moves)

    @property
    def weight(self) -> Weight:
        """How much it matters: the subscriber's money, whether tokens moved, then how
        far it moved and how widely the model is sold.
        """
        far = max(abs(log(m.ratio)) if m.ratio else log(1000) for m in self.moves)
        money = abs(self.effect or Decimal(0))
        return money, self.plain, far * sqrt(self.sellers)


@dataclass(frozen=True, slots=True)
class Group:
    """What one provider's offers did: cards, and fans of cards that moved alike."""

    provider: str
    cards: tuple[Card, ...] = ()
    fans: tuple[tuple[Card, ...], ...] = ()

    @property
    def families(self) -> list[tuple[Card, ...]]:
        """The cards; those that did the very same together: names of one model."""
        found: dict[tuple[object, ...], list[Card]] = defaultdict(list)
        for card in self.cards:
            mark = card.offer if card.effect and card.steps in found else ""
            found[(*card.steps, mark) if mark else card.steps].append(card)
        return [tuple(cards) for cards in found.values()]

    @property
    def all(self) -> list[Card]:
        """Every card of the group."""
        return [*self.cards, *(card for fan in self.fans for card in fan)]


@dataclass
class Sorted:
    """Steps by what becomes of them.

    Attributes:
        moves: to be told.
        elsewhere: steps of sources that are not followed there.
        known: steps that lead to what the subscriber has in mind already.
        small: how many moves are below what the subscriber asked for.
    """

    moves: list[Move] = field(default_factory=list)
    elsewhere: list[Row] = field(default_factory=list)
    known: list[Row] = field(default_factory=list)
    small: int = 0


def sort_steps(news: News, subscription: Subscription) -> Sorted:
    """Sort the steps that were judged to be moves."""
    found = Sorted()
    places: dict[tuple[str, str], list[Row]] = defaultdict(list)
    wanted = "move" in subscription.verdicts
    for row in news.steps:
        if wanted and row["verdict"] == "move":
            places[offer_text(row), row["meter"]].append(row)
    for (offer, meter), rows in places.items():
        move = _move(offer, meter, rows, news, found)
        if move is None:
            continue
        if _wanted(move, subscription):
            found.moves.append(move)
        else:
            found.small += 1
    return found


def _wanted(move: Move, subscription: Subscription) -> bool:
    if abs(move.pct) < subscription.min_pct:
        return False
    up = move.new > move.old
    return subscription.directions in ("both", "up" if up else "down")


def _move(
    offer: str, meter: str, rows: list[Row], news: News, found: Sorted
) -> Move | None:
    """The move that the steps of one offer and meter amount to, if any."""
    best = min(row["place"] for row in rows)
    lead = tuple(row for row in rows if row["place"] == best)
    place = (lead[0]["offer_id"], lead[0]["meter_id"])
    told = news.told.get((offer, meter))
    now = news.believed.get(place)
    nano, currency = _now(lead[-1], now)
    old = told[0] if told and told[1] == currency else lead[0]["old_price_nano"]
    reached = {row["new_price_nano"] for row in rows}
    followed = now is None or now["source"] in {row["source"] for row in rows}
    if not followed and told is None and nano in reached:
        found.known += rows
    elif not followed and nano not in reached:
        found.elsewhere += rows
    elif nano == old:
        (found.known if nano in reached else found.elsewhere).extend(rows)
    else:
        agreeing, differing = _others(news, place, lead[-1]["source"], nano)
        return Move(offer, meter, old or 0, nano, lead, agreeing, differing)
    return None


def _now(last: Row, now: Row | None) -> tuple[int, str]:
    stated = now or {**last, "price_nano": last["new_price_nano"]}
    return stated["price_nano"], stated["currency"]


def _others(
    news: News, place: tuple[int, int], source: str, nano: int
) -> tuple[tuple[str, ...], tuple[tuple[str, int, str], ...]]:
    """Which other sources say the same today, and what the rest says."""
    agreeing: dict[str, None] = {}
    differing: dict[str, tuple[str, int, str]] = {}
    for row in news.stated.get(place, ()):
        name = row["source"]
        if name == source:
            continue
        if row["price_nano"] == nano:
            agreeing[name] = None
        else:
            differing.setdefault(name, (name, row["price_nano"], row["currency"]))
    rest = tuple(told for name, told in differing.items() if name not in agreeing)
    return tuple(agreeing), rest


def groups_of(
    moves: Iterable[Move], subscription: Subscription, sellers: Any
) -> tuple[Group, ...]:
    """The moves by provider, those that matter most first."""
    offers: dict[str, list[Move]] = defaultdict(list)
    for move in moves:
        offers[move.offer].append(move)
    by_provider: dict[str, list[Card]] = defaultdict(list)
    for mine in offers.values():
        ordered = tuple(sorted(mine, key=lambda move: move.rank))
        model = ordered[0].last["model"]
        card = Card(ordered, _effect(ordered, subscription), sellers.get(model, 1))
        by_provider[card.provider].append(card)
    groups = [_group(provider, cards) for provider, cards in by_provider.items()]
    return tuple(sorted(groups, key=_group_weight, reverse=True))


def _group_weight(group: Group) -> tuple[Any, ...]:
    return (*max(card.weight for card in group.all), group.provider)


def _group(provider: str, cards: list[Card]) -> Group:
    alike: dict[tuple[str, ...], list[Card]] = defaultdict(list)
    for card in sorted(cards, key=lambda card: (card.weight, card.offer), reverse=True):
        alike[(card.offer,) if card.effect else card.alike].append(card)
    fans = tuple(tuple(many) for many in alike.values() if len(many) >= FAN)
    single = [card for many in alike.values() if len(many) < FAN for card in many]
    ordered = sorted(single, key=lambda card: (card.weight, card.offer), reverse=True)
    return Group(provider, tuple(ordered), fans)


def _effect(moves: tuple[Move, ...], subscription: Subscription) -> Decimal | None:
    """What the moves make of the subscriber's bill, in dollars a month."""
    amounts = subscription.mix.get(moves[0].offer)
    if not amounts:
        return None
    used = [
        (Decimal(m.new - m.old) / 10**9) * amounts[m.meter] / int(m.last["quantum"])
        for m in moves
        if m.meter in amounts and m.currency == "USD"
    ]
    return sum(used, Decimal(0)) if used else None
