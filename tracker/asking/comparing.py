"""Models side by side: rates, limits, capabilities, and the cheapest one alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from storage.reading import offering
from storage.unit_of_work import Connection, Store
from tracker.asking.assortment import Sold, assortment
from tracker.asking.cheapest import Mix, Ranked, Wanted, cheapest
from tracker.domain.errors import UsageError
from tracker.domain.money import in_units
from tracker.domain.offers import Offer

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation to price: tokens in and out."""

    input: int = 600
    output: int = 200

    def cost(self, sold: Sold) -> Decimal | None:
        """What it costs in dollars; None where a price that it needs is missing."""
        per_million = sold.blended(self.mix)
        total = self.input + self.output
        return None if per_million is None else per_million * total / MILLION

    @property
    def mix(self) -> Mix:
        """Its parts of input and output."""
        return Decimal(self.input), Decimal(self.output)


@dataclass(frozen=True, slots=True)
class Rate:
    """A price today: dollars (None in another currency), or as it is stated."""

    meter: str
    usd: Decimal | None
    price_nano: int
    currency: str
    per: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """The newest real change: when it was seen, and the meters it moved."""

    at: datetime
    steps: tuple[tuple[str, Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One model of a comparison.

    Attributes:
        sold: its card.
        rates: every rate it has today, by meter.
        talk: what the conversation costs, in dollars.
        ratio: output price over input price.
        move: its newest real change; None if it never moved.
        alike: how many offers of its mode can all that it can, with no less context.
        place: its place among them by the price of the conversation, from 1.
        rival: the cheapest of them, and what the conversation costs there; None if
            it is the cheapest itself.
    """

    sold: Sold
    rates: tuple[Rate, ...]
    talk: Decimal | None
    ratio: Decimal | None
    move: Move | None
    alike: int
    place: int | None
    rival: tuple[Sold, Decimal] | None


def compare(
    store: Store,
    offers: Sequence[Offer],
    talk: Talk,
    *,
    today: date,
    known: Sequence[Sold] | None = None,
) -> list[Compared]:
    """The offers side by side, in the order given.

    Args:
        store: the database.
        offers: what is compared.
        talk: the conversation to price.
        today: offers that have ended by then are no rivals.
        known: everything that is sold, where that was read before.

    Raises:
        UsageError: one of them has no price today.
    """
    every = list(known) if known is not None else assortment(store)
    by_offer = {sold.offer: sold for sold in every}
    for offer in offers:
        if offer not in by_offer:
            raise UsageError(
                f"{offer.text} has no price today; its past: "
                f"pricetrail history {offer.text}"
            )
    found = []
    with store.reading() as connection:
        for offer in offers:
            said = stated(connection, offer)
            found.append(_compared(by_offer[offer], every, talk, today, said))
    return found


def stated(connection: Connection, offer: Offer) -> tuple[list[Rate], Move | None]:
    """Every rate that an offer has today, and its newest real change."""
    rates = [_rate(row) for row in offering.rates(connection, offer)]
    return rates, _move(offering.last_moves(connection, offer))


def _compared(
    sold: Sold,
    every: list[Sold],
    talk: Talk,
    today: date,
    said: tuple[list[Rate], Move | None],
) -> Compared:
    rates, move = said
    ratio = sold.output / sold.input if sold.input and sold.output is not None else None
    place, alike, first = _placed(sold, every, talk, today)
    rival = None if first is None or place == 1 else first.sold
    cost = talk.cost(rival) if rival is not None else None
    return Compared(
        sold,
        tuple(rates),
        talk.cost(sold),
        ratio,
        move,
        alike,
        place,
        (rival, cost) if rival is not None and cost is not None else None,
    )


def _placed(
    sold: Sold, every: list[Sold], talk: Talk, today: date
) -> tuple[int | None, int, Ranked | None]:
    """Its place among its like, how many there are, and the first of them."""
    wanted = Wanted(
        mode=sold.mode,
        needs=sold.can - {"open"},
        mix=talk.mix,
        context=sold.context or 0,
    )
    others = [other for other in every if other.offer != sold.offer]
    ranked = cheapest(others, wanted, today=today).paid
    mine = sold.blended(talk.mix)
    if mine is None or not sold.mode:
        return None, len(ranked), None
    place = 1 + sum(one.blended < mine for one in ranked)
    return place, len(ranked) + 1, ranked[0] if ranked else None


def _rate(row: dict[str, Any]) -> Rate:
    usd = in_units(row["price_nano"]) if row["currency"] == "USD" else None
    return Rate(row["meter"], usd, row["price_nano"], row["currency"], row["per"])


def _move(rows: list[dict[str, Any]]) -> Move | None:
    """The steps of the newest day on which one was seen."""
    if not rows:
        return None
    at = rows[0]["observed_at"]
    steps = {
        row["meter"]: (row["meter"], row["old_usd"], row["new_usd"])
        for row in rows
        if row["observed_at"] == at
    }
    return Move(at, tuple(steps[meter] for meter in sorted(steps)))
