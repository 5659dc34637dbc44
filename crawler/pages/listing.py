"""What the pages of providers say, once their tables are understood.

A page's module writes each price it reads into a `Book`; the book makes the
document, and `flatten` turns its entries into statements. Nothing is decided here
about what a column means.
"""

import re
from dataclasses import dataclass
from datetime import date

from crawler.pages.collector import Collector
from tracker.domain.errors import UnreadableBody
from tracker.domain.fields import PriceField
from tracker.domain.meters import Meter
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document, Entry, Statement

MAX_PRICES = 2000
"""Prices of one entry; the most on any page seen is below a hundred."""

_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Price:
    """One price as it stands on a page.

    Attributes:
        meter: what is billed.
        amount: the number as decimal text, in whole units of the currency.
        per: units of the meter that it is for: 1,000,000 where a page says "per 1M
            tokens", 3,600 where it says "per hour" and the meter counts seconds.
        currency: ISO code.
        text: the cell it was read from.
        field: the table and column.
        effective_from, effective_to: the days it is stated for, the last not
            included.
    """

    meter: Meter
    amount: str
    per: int
    currency: str = "USD"
    text: str = ""
    field: str = ""
    effective_from: date | None = None
    effective_to: date | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """All that a page says of one name; equal listings say equal things."""

    offer: Offer
    prices: tuple[Price, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


class Book:
    """Filled while a page is read.

    Args:
        what: how errors name the page.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._offers: dict[str, Offer] = {}
        self._prices: dict[str, dict[Price, None]] = {}
        self._facts: dict[str, dict[str, str]] = {}
        self._held: dict[str, str] = {}
        self._notes: dict[str, None] = {}
        self._ignored: dict[str, None] = {}

    def offer(self, key: str, offer: Offer) -> None:
        """Name what a key sells; before anything else is said of it.

        Raises:
            UnreadableBody: no name, or the key sells something else already.
        """
        if not key or not offer.model:
            raise UnreadableBody(f"{self.what}: a row without a model's name")
        if self._offers.setdefault(key, offer) != offer:
            raise UnreadableBody(
                f"{self.what}: {key!r} would be both {offer.text} and "
                f"{self._offers[key].text}"
            )
        self._prices.setdefault(key, {})
        self._facts.setdefault(key, {})

    def knows(self, key: str) -> bool:
        """Whether a key was named."""
        return key in self._offers

    def price(self, key: str, price: Price) -> None:
        """Take a price; said twice it counts once.

        Raises:
            UnreadableBody: more prices than any page has, or one that is for no
                number of units or in no known currency.
        """
        if price.per < 1 or not _CURRENCY.fullmatch(price.currency):
            raise UnreadableBody(
                f"{self.what}: {price.text[:80]!r} of {key!r} is for {price.per} in "
                f"{price.currency!r}, which is no price"
            )
        self._prices[key][price] = None
        if len(self._prices[key]) > MAX_PRICES:
            raise UnreadableBody(f"{self.what}: over {MAX_PRICES} prices of {key!r}")

    def state(self, key: str, meter: Meter, state: str) -> None:
        """What stands in a price's place: `contact_sales`, `not_available`, ..."""
        self.fact(key, f"pricing:{meter.key}", state)

    def list_price(self, key: str, meter: Meter, amount: str, currency: str) -> None:
        """A price that is struck through: what it costs without the discount."""
        self.fact(key, f"list_price:{meter.key}", f"{amount} {currency}".rstrip())

    def fact(self, key: str, name: str, value: str) -> None:
        """What the page says of a key besides prices."""
        self._facts[key][name] = value

    def hold(self, key: str, reason: str) -> None:
        """Believe nothing that the page says of a key."""
        self._held[key] = reason

    def note(self, text: str) -> None:
        """What a person should know of this page."""
        self._notes[text] = None

    def ignore(self, name: str) -> None:
        """A table or row that holds no price of a model; counted, not dropped."""
        self._ignored[name] = None

    def document(self, *, complete: bool = True) -> Document:
        """What was read.

        Raises:
            UnreadableBody: not one price.
        """
        if not any(self._prices.values()):
            raise UnreadableBody(f"{self.what}: no price in it")
        entries: dict[str, Entry] = {
            key: Listing(offer, tuple(self._prices[key]), self._sorted_facts(key))
            for key, offer in self._offers.items()
        }
        return Document(
            entries=entries,
            held_keys=self._held,
            ignored=tuple(self._ignored),
            notes=tuple(self._notes),
            complete=complete,
        )

    def _sorted_facts(self, key: str) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self._facts[key].items()))


def flatten(key: str, entry: Entry) -> Statement:
    """The statement of one listing.

    Two different prices of one meter for the same days are held as a conflict.

    Raises:
        TypeError: the entry is not a listing of a `Book`.
    """
    if not isinstance(entry, Listing):
        raise TypeError(f"{key} is no listing")
    found = Collector()
    for name, value in entry.facts:
        found.fact(name, value)
    for price in entry.prices:
        read = PriceField(price.meter, per=price.per, currency=price.currency)
        found.price(
            price.field,
            price.amount,
            price.meter,
            read,
            text=price.text,
            days=(price.effective_from, price.effective_to),
        )
    return found.statement(entry.offer)
