"""Real moves: what a subscriber has in mind, and what it is now.

A move is told against the value that was told last, so that slow drift adds up until
it is worth telling; several steps in one digest are one move. What a source says that
is not followed is no move: it is listed apart.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import log, sqrt
from typing import Any

from tracker.reports.baseline import baseline, chained
from tracker.reports.news import News, Row
from tracker.reports.settings import Subscription
from tracker.reports.watching import offer_text

FAN = 4
"""From so many offers of one provider on, what moved alike is told as one."""

Weight = tuple[Decimal, bool, float, bool]

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
    def steps(self) -> int:
        """In how many steps: several keys of a source may be one offer."""
        return len({row["observed_at"] for row in self.rows})

    @property
    def up(self) -> bool:
        """Whether it is dearer now."""
        return self.new > self.old

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
        effects: what it does to a month of the subscriber's own mix, by currency;
            empty without one.
        sellers: how many providers sell the model.
    """

    moves: tuple[Move, ...]
    effects: Mapping[str, Decimal] = field(default_factory=dict)
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
    def bare(self) -> str:
        """The model's name less what resellers put before it: its maker."""
        return bare_name(self.model)

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
        far it moved and how widely the model is sold; of two that are alike, the one
        that is not resold.
        """
        far = max(abs(log(m.ratio)) if m.ratio else log(1000) for m in self.moves)
        money = max((abs(e) for e in self.effects.values()), default=Decimal(0))
        widely = round(far * sqrt(self.sellers), 6)
        return money, self.plain, widely, self.bare == self.model


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
            mark = card.offer if card.effects and card.steps in found else ""
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
        opposite: how many go where the subscriber does not look.
    """

    moves: list[Move] = field(default_factory=list)
    elsewhere: list[Row] = field(default_factory=list)
    known: list[Row] = field(default_factory=list)
    small: int = 0
    opposite: int = 0


def sort_steps(news: News, subscription: Subscription) -> Sorted:
    """Sort the steps that were judged to be moves."""
    found = Sorted()
    places: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in news.steps if "move" in subscription.verdicts else ():
        places[offer_text(row), row["meter"]].append(row)
    for (offer, meter), steps in places.items():
        move = _move(offer, meter, steps, news, found)
        if move is None:
            continue
        if abs(move.pct) < subscription.min_pct:
            found.small += 1
        elif subscription.directions not in ("both", "up" if move.up else "down"):
            found.opposite += 1
        else:
            found.moves.append(move)
    return found


def _move(
    offer: str, meter: str, steps: list[Row], news: News, found: Sorted
) -> Move | None:
    """The move that the steps of one offer and meter amount to, if any."""
    rows = [row for row in steps if row["verdict"] == "move"]
    if not rows:
        return None
    best = min(row["place"] for row in rows)
    lead = tuple(row for row in rows if row["place"] == best)
    place = (lead[0]["offer_id"], lead[0]["meter_id"])
    told = news.told.get((offer, meter))
    now = news.believed.get(place)
    nano, currency = _now(lead[-1], now)
    lead = tuple(row for row in lead if row["currency"] == currency)
    if not lead:
        found.elsewhere += rows
        return None
    in_mind = told[0] if told and told[1] == currency else None
    old = baseline(in_mind, chained(steps, best, currency), nano)
    reached = {row["new_price_nano"] for row in rows}
    followed = now is None or now["source"] in {row["source"] for row in rows}
    if not followed and told is None and nano in reached:
        found.known += rows
    elif not followed and nano not in reached:
        found.elsewhere += rows
    elif nano == old:
        (found.known if nano in reached else found.elsewhere).extend(rows)
    else:
        stated = (nano, currency)
        agreeing, differing = _others(news, place, lead[-1]["source"], stated)
        return Move(offer, meter, old, nano, lead, agreeing, differing)
    return None


def _now(last: Row, now: Row | None) -> tuple[int, str]:
    stated = now or {**last, "price_nano": last["new_price_nano"]}
    return stated["price_nano"], stated["currency"]


def _others(
    news: News, place: tuple[int, int], source: str, stated: tuple[int, str]
) -> tuple[tuple[str, ...], tuple[tuple[str, int, str], ...]]:
    """Which other sources say the same today, and what the rest says."""
    agreeing: dict[str, None] = {}
    differing: dict[str, tuple[str, int, str]] = {}
    for row in news.stated.get(place, ()):
        name = row["source"]
        if name == source:
            continue
        if (row["price_nano"], row["currency"]) == stated:
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
        sold = sellers.get(bare_name(ordered[0].last["model"]), 1)
        card = Card(ordered, _effects(ordered, subscription), sold)
        by_provider[card.provider].append(card)
    groups = [_group(provider, cards) for provider, cards in by_provider.items()]
    return tuple(sorted(groups, key=_group_weight, reverse=True))


def _group_weight(group: Group) -> tuple[Any, ...]:
    return (*max(card.weight for card in group.all), group.provider)


def _group(provider: str, cards: list[Card]) -> Group:
    alike: dict[tuple[str, ...], list[Card]] = defaultdict(list)
    for card in sorted(cards, key=lambda card: (card.weight, card.offer), reverse=True):
        alike[(card.offer,) if card.effects else card.alike].append(card)
    fans = tuple(tuple(many) for many in alike.values() if len(many) >= FAN)
    single = [card for many in alike.values() if len(many) < FAN for card in many]
    ordered = sorted(single, key=lambda card: (card.weight, card.offer), reverse=True)
    return Group(provider, tuple(ordered), fans)


def _effects(moves: tuple[Move, ...], subscription: Subscription) -> dict[str, Decimal]:
    """What the moves make of the subscriber's bill in a month, by currency: nothing
    is converted.
    """
    amounts = subscription.mix.get(moves[0].offer, {})
    found: dict[str, Decimal] = {}
    for move in moves:
        if move.meter in amounts:
            apart = Decimal(move.new - move.old) / 10**9
            used = apart * amounts[move.meter] / int(move.last["quantum"])
            found[move.currency] = found.get(move.currency, Decimal(0)) + used
    return found


def bare_name(model: str) -> str:
    """A model's name less the maker's that resellers put before it."""
    return model.rpartition("/")[2] or model
