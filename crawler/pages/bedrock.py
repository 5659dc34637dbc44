"""Amazon Bedrock's prices: two offers of the AWS price list, a file for each region.

`products[sku].attributes` says what a price is for (`bedrock_usage`) and of which
model (`bedrock_models`), `terms.OnDemand[sku]` what it costs. Read are text tokens on
demand and in batches. All else is counted in notes by the reason, each with an example:
custom models, reserved and provisioned capacity, images, products that have no price
and prices that have no product (nothing but the product tells their model).

**Offers.** litellm has a region (`bedrock/us-east-1/...`) where a price is for requests
that stay there, and a profile (`us.anthropic...`, `global.anthropic...`) where they may
be sent on. The price list has a word for the second only:

- *Global* (`_Global`, `-cross-region-global`): `global`. In the lists of 2026-08 it
  costs the same from all 33 regions for Claude (opus-4-7 5.0, as litellm's `global.`).
- *Geo* (`Regional CRIS`, `-cross-region-geo`): the profile of the row's region.
- *Neither*: where the same model has a Global price in this region, it cannot be had
  within the region alone, and the row is the profile's: what litellm has as
  `us.anthropic.claude-opus-4-7`, 5.5, is `InputTokenCount` and `input_tokens_standard`
  of us-east-1, us-east-2 and us-west-2 alike. Else it is the AWS region's.
- Amazon's own models cost what they cost in the region that a request comes from,
  profile or not (Nova 2 Lite, Global: 0.30 from us-east-1, 0.36 from ap-northeast-1).
  litellm's `global.` and `us.` have the prices from us-east-1, its `jp.` those from
  Tokyo. The others are offers of their own: `global.eu-west-1`.

Rows that are one offer and state different prices are a conflict, which holds the rate.

**Days.** `effectiveDate` is the first of a recent month and moves on with the lists, so
it counts only if it lies after the file's own `publicationDate`: then the price is one
that is ahead. Otherwise the price is simply in effect.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from crawler.pages import bundle, jsonbody
from crawler.pages.bedrock_rows import REGION, Row, RowError, day, member, product_rows
from crawler.pages.bedrock_usage import GEO, GLOBAL
from crawler.pages.listing import Book, Price, flatten
from crawler.pages.tally import Tally
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import Meter
from tracker.domain.money import NotAPrice, as_decimal
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document

__all__ = ["flatten", "parse"]

_WHAT = "the price list of Amazon Bedrock"
_OFFER_CODE = "AmazonBedrock"

_HOMES = {"us": "us-east-1", GLOBAL: "us-east-1", "jp": "ap-northeast-1"}
"""The regions whose prices litellm has for profiles of Amazon's own models."""

_PROFILES = {
    "ap-northeast-1": "jp",
    "ap-northeast-3": "jp",
    "ap-south-1": "in",
    "ap-south-2": "in",
    "ap-southeast-2": "au",
    "ap-southeast-4": "au",
}
_AREAS = {"ap": "apac", "ca": "ca", "eu": "eu", "us": "us", "us-gov": "us-gov"}

_ADDRESS = re.compile(r"/aws/(AmazonBedrock\w*)/[^/]+/([a-z0-9-]+)/index\.json")

MAX_PRODUCTS = 400_000
"""Products of all files."""


def parse(body: bytes) -> Document:
    """Read the files of a bundle, or one file.

    Raises:
        UnreadableBody: a file that is no such list, or not one price that is
            understood.
    """
    parts, missing = bundle.opened(body)
    files = _Files()
    rows = [row for part in parts for row in files.rows_of(part)]
    book = Book(_WHAT)
    for key, (offer, meters) in sorted(_offered(rows).items()):
        book.offer(key, offer)
        for meter in sorted(meters, key=lambda m: m.key):
            for price in _prices(meter, meters[meter]):
                book.price(key, price)
    for note in files.notes():
        book.note(note)
    return book.document(complete=not missing)


class _Files:
    """Goes through the files, and counts what is not read in them."""

    def __init__(self) -> None:
        self._tally = Tally(_WHAT, "rows")
        self._left = MAX_PRODUCTS
        self._listed: set[tuple[str, str]] = set()
        self._read: set[tuple[str, str]] = set()

    def rows_of(self, part: bundle.Part) -> Iterator[Row]:
        """The prices of one file.

        Raises:
            UnreadableBody: it is no file of this list, or too much of one.
        """
        where = f"{_WHAT}, {part.url}" if part.url else _WHAT
        whole = jsonbody.as_object(jsonbody.load(part.body, what=where), what=where)
        if isinstance(whole.get("regions"), dict):
            self._listed |= set(_ADDRESS.findall(_addresses(whole["regions"])))
            return
        products, terms = member(whole, "products"), member(whole, "terms")
        code = whole.get("offerCode", _OFFER_CODE)
        if not str(code).startswith(_OFFER_CODE) or not (products or terms):
            raise UnreadableBody(f"{where}: no products and terms of {_OFFER_CODE}")
        self._left -= len(products)
        if self._left < 0:
            raise UnreadableBody(f"{_WHAT}: over {MAX_PRODUCTS} products")
        self._read |= set(_ADDRESS.findall(part.url))
        published = day(whole.get("publicationDate"))
        yield from self._priced(products, member(terms, "OnDemand"), published)
        self._count_others(products, terms)

    def _priced(
        self, products: dict[str, Any], terms: dict[str, Any], published: date | None
    ) -> Iterator[Row]:
        for sku, product in products.items():
            attributes = member(product, "attributes")
            try:
                yield from product_rows(attributes, member(terms, sku), published)
            except RowError as fault:
                example = attributes.get("usagetype", sku)
                self._tally.add(str(fault), jsonbody.canonical(example))

    def _count_others(self, products: dict[str, Any], terms: dict[str, Any]) -> None:
        """Terms without a product, and terms of another kind than on demand."""
        for kind in terms:
            for sku in member(terms, kind):
                if kind != "OnDemand":
                    self._tally.add(f"terms of the kind {kind!r}", sku)
                elif sku not in products:
                    self._tally.add("a price without its product", sku)

    def notes(self) -> list[str]:
        """What was not read."""
        lines = self._tally.notes()
        absent = sorted(self._listed - self._read) if self._read else []
        if absent:
            names = ", ".join(f"{code} {region}" for code, region in absent[:9])
            lines.append(f"{_WHAT}: {len(absent)} files not in the bundle: {names}")
        return lines


def _addresses(regions: dict[str, Any]) -> str:
    return "\n".join(
        str(member(regions, name).get("currentVersionUrl")) for name in regions
    )


_Offered = dict[str, tuple[Offer, dict[Meter, list[Row]]]]


def _offered(rows: list[Row]) -> _Offered:
    """The rows by offer and meter."""
    everywhere = {row.place[:3] for row in rows if row.place.scope == GLOBAL}
    said_geo = {(*r.place[:3], r.meter) for r in rows if r.place.scope == GEO}
    found: _Offered = {}
    for row in rows:
        sold = row.place[:3]
        travels = sold in everywhere and (*sold, row.meter) not in said_geo
        scope = row.place.scope or (GEO if travels else "")
        provider, model, region = sold
        offer = Offer(provider, model, _offer_region(model, region, scope))
        key = offer.text.removeprefix("bedrock/")
        found.setdefault(key, (offer, {}))[1].setdefault(row.meter, []).append(row)
    return found


def _offer_region(model: str, region: str, scope: str) -> str:
    """The region of an offer: AWS's, a profile, or a profile as seen from one."""
    if not scope:
        return region
    profile = GLOBAL if scope == GLOBAL else _profile(region)
    by_region = model.startswith("amazon.") and _HOMES.get(profile) != region
    return f"{profile}.{region}" if by_region and profile != region else profile


def _profile(region: str) -> str:
    """The geographic profile that requests from a region use; itself if none."""
    area = REGION.fullmatch(region)
    return _PROFILES.get(region) or _AREAS.get(area[1] if area else "", region)


def _prices(meter: Meter, rows: list[Row]) -> Iterator[Price]:
    """Each price of a meter once, however many regions state it."""
    stated: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows, key=_order):
        stated.setdefault((_worth(row), row.currency, row.begins, row.ends), row)
    for row in stated.values():
        amount = jsonbody.canonical(row.amount)
        yield Price(
            meter,
            amount=amount,
            per=row.per,
            currency=row.currency,
            text=f"{amount} {row.currency} / {row.unit}",
            field=row.field,
            effective_from=row.begins,
            effective_to=row.ends,
        )


def _order(row: Row) -> tuple[Any, ...]:
    days = (row.begins or date.min, row.ends or date.max)
    return (*days, row.field, jsonbody.canonical(row.amount), row.unit, row.currency)


def _worth(row: Row) -> Decimal | str:
    """The price of a token, to compare rows by; what is no number is its own text."""
    try:
        return as_decimal(row.amount) / row.per
    except NotAPrice:
        return jsonbody.canonical(row.amount)
