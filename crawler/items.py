"""What a spider yields: bodies and what is missing, or rows for a person to read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tracker.domain.meters import per_text
from tracker.domain.money import plain
from tracker.domain.quotes import Document, Entry, Quote, Statement

CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class Fetched:
    """One page as it came, whole.

    Attributes:
        url: the address that was asked for, whatever it was redirected or rerouted to.
        body: decompressed, as long as the server said it was.
        etag, last_modified: what to ask with next time; empty if it gave none.
        fetched_at: ISO 8601, UTC.
    """

    url: str
    body: bytes
    status: int
    content_type: str
    etag: str
    last_modified: str
    fetched_at: str


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says that the page is the one that was fetched before."""

    url: str
    etag: str
    last_modified: str


@dataclass(frozen=True, slots=True)
class Missed:
    """One page that could not be had.

    Attributes:
        reason: a stable word: http_403, timeout, dns, robots, too_large, ...
        text: the same for a person, in one line.
    """

    url: str
    reason: str
    text: str


Page = Fetched | NotModified | Missed
"""What becomes of a page that was asked for."""


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """One quote as a row of a feed, as `pricetrail sources test` prints it, too.

    Attributes:
        usd: an exact decimal; None where the currency is another.
        per: what the price is for: `1M token`, `image`.
        effective_from, effective_to: ISO dates; None where none is stated.
        text: the cell or number that it was read from.
    """

    provider: str
    model: str
    region: str
    meter: str
    usd: str | None
    per: str
    currency: str
    effective_from: str | None
    effective_to: str | None
    text: str


def quote_rows(
    document: Document, flatten: Callable[[str, Entry], Statement]
) -> Iterator[QuoteRow]:
    """What a document says: its entries in their order, their quotes by meter."""
    for key, entry in document.entries.items():
        said = flatten(key, entry)
        quotes = [*said.quotes.values(), *(q for qs in said.dated.values() for q in qs)]
        for quote in sorted(quotes, key=lambda q: (q.meter.key, str(q.effective_from))):
            yield _row(said, quote)


def _row(statement: Statement, quote: Quote) -> QuoteRow:
    offer, meter = statement.offer, quote.meter
    begins, ends = quote.effective_from, quote.effective_to
    return QuoteRow(
        provider=offer.provider,
        model=offer.model,
        region=offer.region,
        meter=meter.key,
        usd=plain(quote.price_nano) if quote.currency == CURRENCY else None,
        per=per_text(meter.quantum, meter.unit),
        currency=quote.currency,
        effective_from=begins.isoformat() if begins else None,
        effective_to=ends.isoformat() if ends else None,
        text=quote.raw,
    )
