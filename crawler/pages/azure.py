"""Azure's retail price list: pages of `{"Items": [{meterName, retailPrice, ...}]}`.

One row is a price of one meter in one of Azure's regions; what it is for stands in the
meter's name alone (`azure_meters`). Read are the token meters of Azure OpenAI; every
other row is counted in a note, with an example.

**Offers.** A meter says where the model runs, and that is the offer's region:

- *Global* (`Gl`): no region, as litellm's `azure/gpt-5.4`. In the list of 2026-08-11
  each such meter has one price in all 24 to 28 regions outside the government's, and
  litellm's plain keys of 2026-08-16 have that price, not a zone's (gpt-5.4 2.5 and
  2.75, gpt-4.1 2 and 2.2); the exceptions are three models of 2024
  (gpt-4o-2024-11-20, gpt-4o-mini-2024-07-18, o1-mini), whose plain keys have the
  zone's. Its few keys `azure/global/...` and `azure/global-standard/...` have it, too.
- *Data zone* (`Dz`): the zone of the row's region, `us`, `eu` or `apac`, as litellm's
  `azure/us/...`. One meter has different prices in different zones: 10 % above Global
  in `us` and `eu`, 20 % in `apac`, and from GPT-6 on 20 % in `eu`, too.
- *Regional* (`regnl`): the row's region (`eastus`).
- The government's regions (`usgovvirginia`, ...) are one region `us-gov`, as litellm
  has them, whatever the scope: where a zone and a regional meter exist for one model
  there, they agree (2026-08-11: gpt-4.1-mini, gpt-4o-2024-11-20, gpt-4o-mini).

Regions that are one offer and state different prices for the same day are a conflict,
which holds the rate.

**Days.** `effectiveStartDate` may lie ahead, and a superseded row may stand beside its
successor (2026-08: nine meters of 27,005). Nothing here knows what day it is, so each
price carries its days and `tracker.domain.schedule` takes the one that holds.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import unquote

from crawler.pages import azure_meters, bundle, jsonbody
from crawler.pages.azure_meters import GLOBAL, ZONE, Sold, Unread
from crawler.pages.listing import Book, Price, flatten
from crawler.pages.tally import Tally
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import Meter
from tracker.domain.money import NotAPrice, as_decimal
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document

__all__ = ["flatten", "parse"]

_WHAT = "azure retail prices"
_PRODUCTS = "Azure OpenAI"

_US = """centralus eastus eastus2 northcentralus southcentralus westcentralus westus
    westus2 westus3"""
_EU = """austriaeast belgiumcentral denmarkeast finlandcentral francecentral francesouth
    germanynorth germanywestcentral greececentral italynorth northeurope polandcentral
    spaincentral swedencentral swedensouth westeurope"""
_APAC = """australiacentral australiaeast australiasoutheast centralindia eastasia
    indonesiacentral japaneast japanwest jioindiawest koreacentral koreasouth
    malaysiawest newzealandnorth southeastasia southindia westindia"""
_ZONES = {
    region: zone
    for zone, regions in (("us", _US), ("eu", _EU), ("apac", _APAC))
    for region in regions.split()
}
_GOVERNMENT = "us-gov"
_REGION = re.compile(r"[a-z]{2,30}[0-9]?")

_UNITS = {"1K": 1000, "1M": 1_000_000}
_CURRENCY = re.compile(r"[A-Z]{3}")
_LAST_SECOND = "T23:59:59"

MAX_ROWS = 400_000
"""Rows of all pages; the list of Azure's models had 27,005 in 2026-08."""


class _Row(NamedTuple):
    """One row that is a price of a model's tokens."""

    arm_region: str
    primary: bool
    begins: date
    ends: date | None
    amount: Any
    unit: str
    currency: str
    name: str


@dataclass(slots=True)
class _Offered:
    """What is gathered for one offer: rows by meter."""

    offer: Offer
    rows: dict[Meter, list[_Row]]


def parse(body: bytes) -> Document:
    """Read the pages of the list.

    Raises:
        UnreadableBody: a page that is none of this list, or not one price that is
            understood.
    """
    whole = bundle.unpack(body)
    tally = Tally(_WHAT, "rows")
    gathered: dict[str, _Offered] = {}
    pages = _Pages(len(whole.parts))
    for part in whole.parts:
        for row in pages.rows_of(part):
            _take(gathered, tally, row)
    book = Book(_WHAT)
    for key in sorted(gathered):
        _list(book, key, gathered[key])
    for note in [*pages.notes, *tally.notes()]:
        book.note(note)
    return book.document(complete=not (whole.missing or pages.notes))


class _Pages:
    """Goes through the pages, and watches whether they are all there.

    Args:
        count: how many there are.
    """

    def __init__(self, count: int) -> None:
        self._left = MAX_ROWS
        self._read: set[str] = set()
        self._next: set[str] = set()
        self._count = count
        self._short = 0

    def rows_of(self, part: bundle.Part) -> Iterator[Any]:
        """The rows of one page.

        Raises:
            UnreadableBody: it is no page of this list, or there are too many rows.
        """
        where = f"{_WHAT}, {part.url}" if part.url else _WHAT
        page = jsonbody.as_object(jsonbody.load(part.body, what=where), what=where)
        rows = page.get("Items")
        if not isinstance(rows, list):
            raise UnreadableBody(f"{where}: no list of prices under 'Items'")
        self._left -= len(rows)
        if self._left < 0:
            raise UnreadableBody(f"{_WHAT}: over {MAX_ROWS} rows")
        self._read.add(_address(part.url))
        if isinstance(page.get("NextPageLink"), str) and page["NextPageLink"]:
            self._next.add(_address(page["NextPageLink"]))
        count = page.get("Count")
        self._short += isinstance(count, int) and count != len(rows)
        yield from rows

    @property
    def notes(self) -> list[str]:
        """Signs that rows are missing, so that their silence proves nothing."""
        found = []
        if self._next - self._read:
            found.append(f"{_WHAT}: the list goes on after the {self._count} pages")
        if self._short:
            found.append(f"{_WHAT}: {self._short} pages have not as many rows as said")
        return found


def _address(url: str) -> str:
    """An address in one spelling; the API adds its port and escapes as it likes."""
    return unquote(url).replace(":443/", "/").lower()


def _take(gathered: dict[str, _Offered], tally: Tally, row: Any) -> None:
    """Put a row where it belongs, or count it."""
    fields = row if isinstance(row, dict) else {}
    name, product = fields.get("meterName"), fields.get("productName")
    if not (isinstance(name, str) and isinstance(product, str)):
        tally.add("a row without a meter's name", jsonbody.canonical(row))
        return
    refusal = _refused(fields, product)
    sold = Unread(refusal) if refusal else azure_meters.read(product, name)
    where = fields.get("armRegionName")
    region = _region(sold, where) if isinstance(sold, Sold) else None
    if isinstance(sold, Unread):
        tally.add(sold.reason, name)
    elif region is None:
        tally.add(f"no {sold.scope} of the region {where!r} is known", name)
    elif isinstance(found := _row(fields, sold), str):
        tally.add(found, name)
    else:
        _place(gathered, sold, region, found)


def _refused(fields: dict[str, Any], product: str) -> str:
    """Why a row is not the pay-as-you-go price of an OpenAI model, or ""."""
    if not product.startswith(_PRODUCTS):
        return f"the product {product!r}"
    if fields.get("type") != "Consumption":
        return f"the type {fields.get('type')!r}"
    if fields.get("tierMinimumUnits") not in (0, None):
        return "a price for large volumes"
    return ""


def _region(sold: Sold, arm_region: Any) -> str | None:
    """The offer's region; None if the row's region is not known to have one."""
    region = arm_region.lower() if isinstance(arm_region, str) else ""
    if region.startswith("usgov"):
        return _GOVERNMENT
    if sold.scope == GLOBAL:
        return ""
    if sold.scope == ZONE:
        return _ZONES.get(region)
    return region if _REGION.fullmatch(region) and region != "global" else None


def _row(fields: dict[str, Any], sold: Sold) -> _Row | str:
    """The row's price, or why it cannot be taken."""
    unit = str(fields.get("unitOfMeasure"))
    if unit not in _UNITS:
        return f"the unit {unit!r}"
    if sold.per not in (0, _UNITS[unit]):
        return "its name and its unit of measure contradict each other"
    amount, unit_price = fields.get("retailPrice"), fields.get("unitPrice")
    if unit_price is not None and unit_price != amount:
        return "retailPrice and unitPrice differ"
    currency = fields.get("currencyCode")
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        return f"the currency {currency!r}"
    begins = _day(fields.get("effectiveStartDate"))
    ends = _day(fields.get("effectiveEndDate"))
    if begins is None or (ends is None and fields.get("effectiveEndDate")):
        return "a day that is none"
    return _Row(
        arm_region=str(fields.get("armRegionName")),
        primary=fields.get("isPrimaryMeterRegion") is not False,
        begins=begins,
        ends=ends,
        amount=amount,
        unit=unit,
        currency=currency,
        name=str(fields["meterName"]),
    )


def _day(text: Any) -> date | None:
    """The day of an instant; the last second of a day is the next day's beginning."""
    if not isinstance(text, str):
        return None
    try:
        day = date.fromisoformat(text[:10])
        late = text[10:].startswith(_LAST_SECOND)
        return day + timedelta(days=1) if late else day
    except (ValueError, OverflowError):
        return None


def _place(gathered: dict[str, _Offered], sold: Sold, region: str, row: _Row) -> None:
    offer = Offer(sold.provider, sold.model, region)
    key = f"{sold.model}@{region}" if region else sold.model
    if sold.provider != "azure":
        key = f"{sold.provider}/{key}"
    offered = gathered.setdefault(key, _Offered(offer, {}))
    offered.rows.setdefault(sold.meter, []).append(row)


def _list(book: Book, key: str, offered: _Offered) -> None:
    book.offer(key, offered.offer)
    for meter in sorted(offered.rows, key=lambda m: m.key):
        rows = offered.rows[meter]
        primary = [row for row in rows if row.primary]
        for price in _prices(meter, primary or rows):
            book.price(key, price)


class _Span(NamedTuple):
    """Days for which a row is stated; no end is the last of days."""

    begins: date
    ends: date


def _prices(meter: Meter, rows: list[_Row]) -> Iterator[Price]:
    """Each price of a meter with its days, regions that agree being one."""
    stated: dict[tuple[Any, str], list[tuple[_Span, _Row]]] = {}
    for span, row in _spans(rows):
        amount = (_worth(row), row.currency)
        stated.setdefault(amount, []).append((span, row))
    found = [
        joined
        for spans in stated.values()
        for joined in _joined(sorted(spans, key=_order))
    ]
    for span, row in sorted(found, key=_order):
        yield Price(
            meter,
            amount=_text(row.amount),
            per=_UNITS[row.unit],
            currency=row.currency,
            text=f"{_text(row.amount)} / {row.unit}",
            field=row.name,
            effective_from=span.begins,
            effective_to=None if span.ends == date.max else span.ends,
        )


def _order(item: tuple[_Span, _Row]) -> tuple[Any, ...]:
    """By days; what is equal in these is ordered by what would be shown."""
    span, row = item
    return (*span, row.name, row.unit, _text(row.amount), row.currency)


def _spans(rows: list[_Row]) -> Iterator[tuple[_Span, _Row]]:
    """The days of each row: until its region's next row of the meter begins."""
    by_region: dict[tuple[str, str], list[_Row]] = {}
    for row in rows:
        by_region.setdefault((row.arm_region, row.currency), []).append(row)
    for here in by_region.values():
        starts = sorted({row.begins for row in here})
        following = dict(zip(starts, [*starts[1:], date.max], strict=True))
        for row in here:
            ends = min(following[row.begins], row.ends or date.max)
            if row.begins < ends:
                yield _Span(row.begins, ends), row


def _joined(
    spans: list[tuple[_Span, _Row]],
) -> Iterator[tuple[_Span, _Row]]:
    """Spans of one price that touch as one; `spans` are in order."""
    (begins, ends), first = spans[0]
    for span, row in spans[1:]:
        if span.begins <= ends:
            ends = max(ends, span.ends)
        else:
            yield _Span(begins, ends), first
            (begins, ends), first = span, row
    yield _Span(begins, ends), first


def _worth(row: _Row) -> Decimal | str:
    """The price of a token, to compare rows by; what is no number is its own text."""
    try:
        return as_decimal(row.amount) / _UNITS[row.unit]
    except NotAPrice:
        return _text(row.amount)


def _text(amount: Any) -> str:
    number = isinstance(amount, int | float) and not isinstance(amount, bool)
    return repr(amount) if number else jsonbody.canonical(amount)
