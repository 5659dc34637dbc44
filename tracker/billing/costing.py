"""What usage cost: bills at the rates of their own day, and what changed them since.

A bill reads what is believed: an error of that time, put right since, is billed as
put right, and the correction is named. With `known_at` it reads what was believed at
that instant, so that a closed month keeps its bill.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from storage.reading import cards
from storage.unit_of_work import Store
from tracker.asking.catalogue import find_offer
from tracker.billing.ledger import Book, Evidence, Revision
from tracker.billing.usage import UsageRow
from tracker.domain import billing
from tracker.domain.billing import Bill, Card, NoPrice, Terms, Unbillable, Usage
from tracker.domain.errors import UsageError
from tracker.domain.meters import STANDARD, per_text
from tracker.domain.money import in_units
from tracker.domain.offers import Offer
from tracker.domain.windows import is_off_peak

_DEFAULT_TIERS = ("", "default", STANDARD)
"""What providers call the tier that nobody asked for."""

_Factors = tuple[tuple[Decimal, str], ...]
"""What multiplies every rate, and what for."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be billed.

    Attributes:
        model: as people write it, or the offer itself.
        usage: the tokens.
        at: the instant of the request.
        hourly: whether its hour is known; without it, no off-peak rate is used.
        tier, region: empty for the standard tier and no region.
    """

    model: str | Offer
    usage: Usage
    at: datetime
    hourly: bool = True
    tier: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Billed:
    """A bill, and what is to be known about it.

    Attributes:
        offer: what was billed.
        bill: its lines.
        revisions: the lines that a correction changed.
        notes: what the bill could not take into account.
    """

    offer: Offer
    bill: Bill
    revisions: tuple[Revision, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BilledRow:
    """A row of a usage file with its bill, or why it has none."""

    row: UsageRow
    billed: Billed | None
    fault: str = ""

    @property
    def usd(self) -> Decimal | None:
        """The exact sum; None if the row, or a part of it, has no price."""
        return self.billed.bill.usd if self.billed else None

    @property
    def faults(self) -> tuple[str, ...]:
        """Why the row has no sum."""
        if self.billed is None:
            return (self.fault,)
        return tuple(
            f"{m.tokens:,} {m.part}: {m.why}" for m in self.billed.bill.missing
        )


def bill_rows(billed: Billed, at: datetime) -> Iterator[dict[str, Any]]:
    """A bill line by line, for programs: what has no rate is there, with no sum."""
    offer = billed.offer
    about = {"provider": offer.provider, "model": offer.model, "region": offer.region}
    was = {revision.part: revision.was_usd for revision in billed.revisions}
    for line in billed.bill.lines:
        rate, meter = line.rate, line.rate.meter
        yield {
            **about,
            "at": at,
            "part": line.part,
            "tokens": line.tokens,
            "meter": meter.key,
            "rate_usd": in_units(rate.nano),
            "per": per_text(meter.quantum, meter.unit),
            "usd": line.usd,
            "was_usd": was.get(line.part, line.usd),
            "source": rate.source,
            "basis": rate.basis,
            "valid_from": rate.since,
            "note": line.note,
        }
    for gap in billed.bill.missing:
        part = {"part": gap.part, "tokens": gap.tokens, "note": gap.why}
        yield {**about, "at": at, **part}


class Biller:
    """Bills usage, and remembers the offers it met.

    Args:
        store: the database.
        known_at: whose belief counts: that of this instant; ours if None.
    """

    def __init__(self, store: Store, *, known_at: datetime | None = None) -> None:
        self._store = store
        self._known_at = known_at
        self._found: dict[str, Offer | str] = {}
        self._books: dict[Offer, Book] = {}

    def rows(self, rows: Iterable[UsageRow]) -> Iterator[BilledRow]:
        """Bill the rows of a usage file, one after the other."""
        for row in rows:
            if row.usage is None or row.at is None:
                yield BilledRow(row, None, row.fault)
                continue
            asked = Request(
                row.model, row.usage, row.at, row.hourly, row.tier, row.region
            )
            try:
                yield BilledRow(row, self.bill(asked))
            except (UsageError, Unbillable) as fault:
                yield BilledRow(row, None, str(fault))

    def bill(self, request: Request) -> Billed:
        """Bill one request.

        Raises:
            UsageError: no such model.
            NoPrice: no price on record at that instant.
            Unbillable: no such tier or region.
        """
        offer, factors = self._sold(self._offer(request.model), request)
        book = self._book(offer)
        card = book.card(request.at)
        if not card.rates and not card.foreign:
            raise NoPrice(f"{offer.text}: {book.silence(request.at)}")
        terms, notes = _terms(book, card, request, factors)
        try:
            made = billing.bill(request.usage, card, terms)
        except Unbillable as fault:
            raise Unbillable(
                f"{offer.text} on {request.at:%Y-%m-%d}: {fault}"
            ) from None
        revised = (
            () if self._known_at else tuple(book.revisions(made, request.at, terms))
        )
        return Billed(offer, made, revised, notes)

    def _offer(self, text: str | Offer) -> Offer:
        if isinstance(text, Offer):
            return text
        if text not in self._found:
            try:
                self._found[text] = find_offer(self._store, text).offer
            except UsageError as fault:
                self._found[text] = str(fault)
        found = self._found[text]
        if isinstance(found, str):
            raise UsageError(found)
        return found

    def _sold(self, offer: Offer, request: Request) -> tuple[Offer, _Factors]:
        """The offer of the region asked for; where the region only multiplies the
        rates of the one without a region, that one and the factor.
        """
        region = request.region
        if not region or region == offer.region:
            return offer, ()
        there = replace(offer, region=region)
        if self._book(there).card(request.at).rates:
            return there, ()
        factor = self._book(offer).factor(region, request.at)
        if factor is not None:
            return offer, ((factor, f"in {region}"),)
        if self._book(there).periods:
            return there, ()  # to be told that there is no price on that day
        with self._store.reading() as connection:
            sold = [name for name in cards.regions(connection, offer) if name]
        has = f"it has: {', '.join(sold)}" if sold else "it is sold without regions"
        raise Unbillable(f"{offer.text}: no region {region!r}; {has}")

    def _book(self, offer: Offer) -> Book:
        if offer not in self._books:
            with self._store.reading() as connection:
                self._books[offer] = Book(
                    offer=offer,
                    every=cards.beliefs(connection, offer),
                    facts=cards.facts(connection, offer),
                    known_at=self._known_at,
                    look=partial(self._evidence, offer),
                )
        return self._books[offer]

    def _evidence(self, offer: Offer) -> Evidence:
        with self._store.reading() as connection:
            return Evidence(
                cards.published(connection, offer), cards.put_right(connection, offer)
            )


def _terms(
    book: Book, card: Card, request: Request, factors: _Factors
) -> tuple[Terms, tuple[str, ...]]:
    """The conditions of a request, and what is not known of them."""
    tier = STANDARD if request.tier in _DEFAULT_TIERS else request.tier
    if tier != STANDARD and tier not in card.tiers:
        factor = book.mode(tier, request.at)
        if factor is not None:
            factors, tier = (*factors, (factor, tier)), STANDARD
    notes = []
    windowed = any(off_peak for _, _, _, off_peak in card.rates)
    rule = book.fact("off_peak_pricing", request.at) if windowed else None
    if windowed and not request.hourly:
        notes.append("it has off-peak rates; without an hour the full rates are billed")
    open_ = isinstance(rule, Mapping) and is_off_peak(rule, request.at)
    product = Decimal(1)
    for factor, _ in factors:
        product *= factor
    terms = Terms(
        tier=tier,
        off_peak=open_ and request.hourly,
        factor=product,
        why=", ".join(why for _, why in factors),
        reaching=book.reaching,
    )
    return terms, tuple(notes)
