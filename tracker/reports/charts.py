"""Step charts of the models in a digest's headlines, as pictures.

They are decoration: without the extra that draws them a digest says the same.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from storage.reading import queries
from storage.unit_of_work import Connection
from tracker.charts.series import Step
from tracker.domain.money import NANO, in_units
from tracker.reports import drawing
from tracker.reports.digest import Digest
from tracker.reports.drawing import Curve
from tracker.reports.moves import Card, Move
from tracker.reports.page import Picture
from tracker.reports.wording import day, price, short

HEADLINES = 3
"""How many models are drawn."""
METERS = 3
"""How many meters a picture holds."""
BACK = timedelta(days=540)
"""How much of the past is drawn."""

Row = Mapping[str, Any]


def headlines(digest: Digest) -> list[Card]:
    """The cards that are drawn: those that matter most and stand by themselves."""
    alone = {family[0].offer for group in digest.groups for family in group.families}
    drawn = [card for card in digest.cards if card.plain and card.offer in alone]
    return drawn[:HEADLINES]


def histories(connection: Connection, cards: Iterable[Card]) -> dict[str, list[Row]]:
    """What the offers of some cards are believed to have cost, by offer."""
    from tracker.domain.offers import Offer

    found: dict[str, list[Row]] = {}
    for card in cards:
        last = card.moves[0].last
        offer = Offer(last["provider"], last["model"], last["region"])
        meters = [move.meter for move in card.moves if _alike(move.last, last)][:METERS]
        periods = queries.history_of(connection, [offer], view="believed_prices")
        found[card.offer] = [row for row in periods if row["meter"] in meters]
    return found


def _alike(one: Row, other: Row) -> bool:
    keys = ("unit", "quantum", "currency")
    return all(one[key] == other[key] for key in keys)


def pictures(
    cards: Iterable[Card], histories: Mapping[str, list[Row]], now: datetime
) -> dict[str, Picture]:
    """Draw the cards; none where charts are not installed.

    Args:
        cards: what is drawn.
        histories: the periods of each, by offer.
        now: where the charts end.
    """
    drawn: dict[str, Picture] = {}
    for card in cards:
        curves = list(_curves(card, histories.get(card.offer, []), now))
        if not curves:
            continue
        began = min(curve.steps[0].since for curve in curves)
        # The new price is to be seen too, even if it began just now.
        end = now + max((now - began) / 12, timedelta(days=2))
        try:
            dollars = card.moves[0].currency == "USD"
            png = drawing.png(curves, start=began, end=end, dollars=dollars)
        except ImportError:
            return drawn
        drawn[card.offer] = Picture(png, _alt(card))
    return drawn


def _curves(card: Card, periods: list[Row], now: datetime) -> Iterable[Curve]:
    """What is drawn of a card: the first meters that share a scale."""
    first = card.moves[0].last
    for move in [m for m in card.moves if _alike(m.last, first)][:METERS]:
        steps = tuple(_steps(move.meter, periods, now))
        if steps:
            last = price(int(steps[-1].price * NANO), move.currency)
            name = f"{short(move.meter, 24)} {last}"
            yield Curve(name, steps, ((_at(move), in_units(move.new)),))


def _steps(meter: str, periods: list[Row], now: datetime) -> Iterable[Step]:
    start = now - BACK
    for row in periods:
        until: datetime | None = row["valid_to"]
        seen = row["valid_from"] <= now and (until is None or until > start)
        if row["meter"] == meter and seen:
            ended = until if until is not None and until <= now else None
            since = max(row["valid_from"], start)
            yield Step(since, ended, in_units(row["price_nano"]))


def _at(move: Move) -> datetime:
    """When it moved, as far as a source says so; else when that was seen."""
    at: datetime = move.last["effective_at"] or move.last["observed_at"]
    return at


def _alt(card: Card) -> str:
    """What the picture shows, in words."""
    told = [
        f"{short(m.meter)} {price(m.old, m.currency)}"
        f"{f' since {day(m.since)}' if m.since else ''}, then "
        f"{price(m.new, m.currency)}"
        for m in card.moves[:METERS]
    ]
    return f"{short(card.offer)}: {'; '.join(told)}"
