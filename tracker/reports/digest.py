"""A digest as a value: what one subscriber is told, and in which order. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from storage.digests import Item
from tracker.reports.lines import Section
from tracker.reports.moves import Card, Group, Move, Sorted, groups_of, sort_steps
from tracker.reports.news import News, Row
from tracker.reports.sections import sections_of
from tracker.reports.settings import Subscription
from tracker.reports.watching import offer_text


@dataclass(frozen=True, slots=True)
class Digest:
    """What one subscriber is told.

    Attributes:
        since, until: what it covers.
        last: when the subscriber was told last: small moves before that may count too.
        groups: real moves by provider.
        sections: everything else, in the order it is told.
        small: how many moves are below what was asked for.
        opposite: how many go where the subscriber does not look.
        unmatched: what was asked for and is nowhere, in words.
        amendments: items told earlier, as they stand now.
        quiet: items that are known without words: the subscriber has that value in
            mind already.
        only_moves: whether nothing else is worth a mail.
    """

    subscription: str
    since: datetime
    until: datetime
    last: datetime | None = None
    groups: tuple[Group, ...] = ()
    sections: tuple[Section, ...] = ()
    small: int = 0
    opposite: int = 0
    unmatched: tuple[str, ...] = ()
    amendments: tuple[Item, ...] = ()
    quiet: tuple[Item, ...] = ()
    only_moves: bool = False

    @property
    def cards(self) -> list[Card]:
        """Every offer that moved, the ones that matter most first."""
        found = [card for group in self.groups for card in group.all]
        return sorted(found, key=lambda c: (c.weight, c.offer), reverse=True)

    @property
    def effects(self) -> dict[str, Decimal]:
        """What a month of the subscriber's mix costs more or less, by currency; empty
        if no move concerns it.
        """
        found: dict[str, Decimal] = {}
        for card in self.cards:
            for currency, effect in card.effects.items():
                found[currency] = found.get(currency, Decimal(0)) + effect
        return found

    @property
    def is_news(self) -> bool:
        """Whether there is anything worth a mail."""
        if self.groups or self.amendments:
            return True
        return not self.only_moves and any(s.news for s in self.sections)

    @property
    def items(self) -> list[Item]:
        """Everything that is told, once each."""
        moved = [item for card in self.cards for item in told_of(card)]
        lines = [line for section in self.sections for line in section.lines]
        rest = [item for line in lines for item in line.items]
        return list({i.change: i for i in [*moved, *rest, *self.quiet]}.values())


def told_of(card: Card) -> list[Item]:
    """What is remembered of a card's moves."""
    return [
        _item(row, move.new, move.currency) for move in card.moves for row in move.rows
    ]


def _item(row: Row, nano: int | None, currency: str) -> Item:
    return Item(
        change=row["change"],
        offer=offer_text(row),
        meter=row["meter"],
        price_nano=nano,
        currency=currency if nano is not None else None,
        verdict=row["verdict"],
    )


def compose(news: News, subscription: Subscription) -> Digest:
    """Put what there is to tell in order.

    Args:
        news: what was read.
        subscription: who is told.
    """
    found = sort_steps(news, subscription)
    sections = sections_of(news, subscription, found)
    return Digest(
        subscription=subscription.name,
        since=news.since,
        until=news.until,
        last=news.last,
        groups=groups_of(found.moves, subscription, news.sellers),
        sections=tuple(section for section in sections if section.lines),
        small=found.small,
        opposite=found.opposite,
        unmatched=tuple(news.unmatched),
        amendments=tuple(_amendment(row) for row in news.amended),
        quiet=tuple(_quiet(found, news)),
        only_moves=subscription.only_moves,
    )


def _quiet(found: Sorted, news: News) -> list[Item]:
    told = {(m.offer, m.meter): m for m in found.moves}
    items = [_known(row, news) for row in found.known]
    # Steps of sources that confirm a move are told with it.
    for row in news.steps:
        move: Move | None = told.get((offer_text(row), row["meter"]))
        if not move or row["verdict"] != "move":
            continue
        if row["change"] not in {mine["change"] for mine in move.rows}:
            items.append(_item(row, move.new, move.currency))
    return items


def _known(row: Row, news: News) -> Item:
    told = news.told.get((offer_text(row), row["meter"]))
    nano, currency = told or (row["new_price_nano"], row["currency"])
    return _item(row, nano, currency)


def _amendment(row: Row) -> Item:
    """What was told, as it stands now."""
    kept = (row["price_nano"], row["currency"])
    if row["believed_nano"] is not None:
        kept = (row["believed_nano"], row["believed_currency"])
    return Item(
        change=row["change"],
        offer=row["offer"],
        meter=row["meter"],
        price_nano=kept[0],
        currency=kept[1],
        verdict=row["verdict"],
    )
