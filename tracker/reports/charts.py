"""Step charts of the models in a digest's headlines, as pictures.

They are decoration: without the extra that draws them a digest says the same.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from storage import queries
from storage.unit_of_work import Connection
from tracker.domain.errors import UsageError
from tracker.domain.money import in_units
from tracker.reports.digest import Digest
from tracker.reports.layout import Picture
from tracker.reports.moves import Card
from tracker.reports.wording import day, price, short

HEADLINES = 3
"""How many models are drawn."""
METERS = 3
"""How many meters a picture holds."""
SIZE = {"width": 420, "height": 190}
"""The size of a picture, less what stands around it: readable in a column."""
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
        try:
            png = _png(card, histories.get(card.offer, []), now)
        except (ImportError, UsageError):
            return drawn
        if png:
            drawn[card.offer] = Picture(png, _alt(card))
    return drawn


def _png(card: Card, periods: list[Row], now: datetime) -> bytes:
    from tracker import charts

    lines = [
        line
        for move in card.moves
        if (line := _series(card, move.meter, periods, now)) is not None
    ]
    currencies = {line.currency for line in lines}
    if not lines or len(currencies) > 1:
        return b""
    began = min(line.steps[0].since for line in lines)
    # A price that begins at the chart's end would not be seen.
    end = now + max((now - began) / 25, timedelta(days=2))
    drawn = charts.spec(lines, now=end, title=short(card.offer, 60))
    return charts.png({**drawn, **SIZE}, scale=1.8)


def _series(card: Card, meter: str, periods: list[Row], now: datetime) -> Any:
    from tracker import charts

    start = now - BACK
    mine = [
        row
        for row in periods
        if row["meter"] == meter
        and row["valid_from"] <= now
        and (row["valid_to"] is None or row["valid_to"] > start)
    ]
    if not mine:
        return None
    steps = tuple(
        charts.Step(
            max(row["valid_from"], start), _ended(row, now), in_units(row["price_nano"])
        )
        for row in mine
    )
    per = mine[0]["per"] or "unit"
    marks = tuple(_marks(card, meter, charts))
    name = short(card.offer, 60)
    return charts.Series(name, meter, per, steps, marks, mine[0]["currency"])


def _ended(row: Row, now: datetime) -> datetime | None:
    ended: datetime | None = row["valid_to"]
    return ended if ended is not None and ended <= now else None


def _marks(card: Card, meter: str, charts: Any) -> Iterable[Any]:
    for move in card.moves:
        if move.meter == meter:
            at = move.last["effective_at"] or move.last["observed_at"]
            old: Decimal | None = in_units(move.old)
            yield charts.Mark(at, old, in_units(move.new), "move")


def _alt(card: Card) -> str:
    """What the picture shows, in words."""
    told = [
        f"{short(m.meter)} {price(m.old, m.currency)}"
        f"{f' since {day(m.since)}' if m.since else ''}, then "
        f"{price(m.new, m.currency)}"
        for m in card.moves[:METERS]
    ]
    return f"{short(card.offer)}: {'; '.join(told)}"
