"""One product of Amazon Bedrock's price list: its attributes, terms and prices.

A product is `{"attributes": {"usagetype", "feature", "regionCode", ...}}`; its terms
are `{term: {"effectiveDate", "priceDimensions": {rate: {"unit", "description",
"beginRange", "endRange", "pricePerUnit": {"USD"}}}}}`: one term with one rate in all
lists that were seen.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from crawler.pages.bedrock_models import model_id
from crawler.pages.bedrock_usage import Said, Unread, Usage, agreed, said, usage
from tracker.domain.meters import STANDARD, Meter

_FEATURES = {
    "": Said(),
    "ondemandinference": Said(),
    "batchinference": Said(tier="batch"),
}
_UNITS = {
    **dict.fromkeys(("1k tokens", "1k token"), 1000),
    **dict.fromkeys(("1m tokens", "1m token"), 1_000_000),
}

_LONG = (
    ("openai.gpt-", 272_000),
    ("anthropic.claude-sonnet-4", 200_000),
    ("anthropic.claude-haiku-5-5", 100_000),
)
"""Tokens from which the prices of long contexts hold, by model. The list does not name
them; these are litellm's, whose 61 entries of Bedrock with such prices agree in them
(2026-11-12)."""

REGION = re.compile(r"((?:us-gov|[a-z]{2}))-[a-z]{4,12}-[0-9]")
"""An AWS region, its area first."""

_SAID_PRICE = re.compile(r"\$([0-9]{1,9}(?:\.[0-9]{1,12})?) per ")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Place(NamedTuple):
    """What is sold, and from where: an AWS region, and how far requests may go."""

    provider: str
    model: str
    region: str
    scope: str


class Row(NamedTuple):
    """One price, before it is known which offer it belongs to."""

    place: Place
    meter: Meter
    amount: Any
    unit: str
    per: int
    currency: str
    begins: date | None
    ends: date | None
    field: str


class RowError(Exception):
    """Why a row is not read; it is counted."""


def product_rows(
    attributes: dict[str, Any], terms: dict[str, Any], published: date | None
) -> list[Row]:
    """The prices of one product.

    Raises:
        RowError: it has none that can be read.
    """
    texts = {name: v for name, v in attributes.items() if isinstance(v, str)}
    used = _usage(texts)
    known = _known(agreed(_by_feature(texts), used.said, *_stated(attributes, texts)))
    region = _aws_region(texts)
    provider, model = _sold(used, texts)
    if not terms:
        raise RowError("a product without a price on demand")
    found = []
    for stated, begins, ends in _dimensions(terms, published):
        whole = known if used.name else _described(known, stated)
        meter, field = _meter(whole, model), texts.get("usagetype", "")
        unit, per = _unit(stated)
        currency, amount = _amount(stated)
        _compare(stated, amount)
        place = Place(provider, model, region, whole.scope)
        found.append(
            Row(place, meter, amount, unit, per, currency, begins, ends, field)
        )
    return found


def _described(known: Said, stated: dict[str, Any]) -> Said:
    """What the marketplace's description adds, of which the last part counts."""
    about = str(stated.get("description", "")).rpartition("|")[2]
    return _known(agreed(known, said(about)))


def _usage(texts: dict[str, str]) -> Usage:
    """The usage type; one of the marketplace names no model."""
    called = texts.get("model") or texts.get("titanModel") or ""
    return usage(texts.get("usagetype", ""), called)


def _by_feature(texts: dict[str, str]) -> Said | Unread:
    feature = texts.get("feature", "")
    known = _FEATURES.get(re.sub(r"[\s-]", "", feature).lower())
    return known if known is not None else Unread(f"the feature {feature!r}")


def _stated(attributes: dict[str, Any], texts: dict[str, str]) -> list[Said | Unread]:
    """What other attributes say of what a product is for."""
    by_mark = Said(tier="batch") if attributes.get("batch") else Said()
    return [by_mark, *(said(texts.get(name, "")) for name in _PLACES)]


_PLACES = ("inferenceType", "service_tier", "serviceTier")


def _known(whole: Said | Unread) -> Said:
    if isinstance(whole, Unread):
        raise RowError(whole.reason)
    return whole


def _aws_region(texts: dict[str, str]) -> str:
    region = texts.get("regionCode", "")
    if texts.get("locationType", "AWS Region") != "AWS Region":
        raise RowError(f"a location of the type {texts['locationType']!r}")
    if not REGION.fullmatch(region):
        raise RowError(f"the region {region!r}")
    return region


def _sold(used: Usage, texts: dict[str, str]) -> tuple[str, str]:
    """The provider and the model, as litellm has them."""
    if used.mantle:
        return "bedrock_mantle", used.name
    name = used.name or texts.get("servicename", "")
    called = texts.get("model") or texts.get("titanModel")
    if called and "-" not in name:
        name = called
    model = model_id(name, texts.get("provider", ""))
    if not model:
        raise RowError("no model's name")
    return "bedrock", model


def _dimensions(
    terms: dict[str, Any], published: date | None
) -> Iterator[tuple[dict[str, Any], date | None, date | None]]:
    """Each price of a product with its days, where it is not simply in effect."""
    stated = []
    for name in terms:
        term = member(terms, name)
        begins = day(term.get("effectiveDate"))
        dimensions = member(term, "priceDimensions")
        if begins is None or len(dimensions) != 1:
            raise RowError("a term without a day, or without one price")
        stated.append((begins, member(dimensions, next(iter(dimensions)))))
    starts = sorted({begins for begins, _ in stated})
    following = dict(zip(starts, [*starts[1:], None], strict=True))
    for begins, dimension in stated:
        ends = following[begins]
        if published is None or ends is None or ends > published:
            ahead = published is None or begins > published
            yield dimension, begins if ahead else None, ends


def _unit(stated: dict[str, Any]) -> tuple[str, int]:
    """The unit, and how many tokens it is."""
    unit, about = str(stated.get("unit")), str(stated.get("description", "")).lower()
    millions = "million" in about or "per 1m" in about
    per = _UNITS.get(unit.strip().lower(), 0)
    if unit == "Units" and millions:
        per = 1_000_000
    if not per:
        raise RowError(f"the unit {unit!r}")
    if (per == 1000 and millions) or (per != 1000 and "per 1k" in about):
        raise RowError("its description and its unit contradict each other")
    if stated.get("beginRange", "0") != "0" or stated.get("endRange", "Inf") != "Inf":
        raise RowError("a price for certain volumes")
    return unit, per


def _amount(stated: dict[str, Any]) -> tuple[str, Any]:
    prices = member(stated, "pricePerUnit")
    if len(prices) != 1 or not _CURRENCY.fullmatch(currency := next(iter(prices))):
        raise RowError("not one price in one currency")
    return currency, prices[currency]


def _compare(stated: dict[str, Any], amount: Any) -> None:
    """Refuse a price that is far from the one of its description, which is rounded."""
    about = _SAID_PRICE.match(str(stated.get("description", "")))
    try:
        described, price = float(about[1]) if about else 0.0, float(amount)
    except (TypeError, ValueError, OverflowError):
        return  # what is no number is held later
    if described and not described / 5 < price < described * 5:
        raise RowError("its description and its price contradict each other")


def _meter(whole: Said, model: str) -> Meter:
    above = 0
    if whole.context:
        above = next((n for name, n in _LONG if model.startswith(name)), 0)
        if not above:
            raise RowError("long contexts of a length that is not known")
    default = ("", "5m", "30m") if model.startswith("openai.") else ("", "5m")
    ttl = () if whole.ttl in default else (("ttl", whole.ttl),)
    return Meter(whole.component, "token", whole.tier or STANDARD, above, ttl)


def day(text: Any) -> date | None:
    """The day of an instant; None if it is none."""
    try:
        return date.fromisoformat(text[:10]) if isinstance(text, str) else None
    except ValueError:
        return None


def member(holder: Any, name: str) -> dict[str, Any]:
    """The object of that name; an empty one if there is none."""
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, dict) else {}
