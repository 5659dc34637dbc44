"""The page of one model in Mistral's documentation, from the data it carries.

The object `pricing` has lists of input and output prices, each with its unit ("/M
Tokens"), in dollars and in euros, and what it costs without a discount. It occurs
once as a whole; its second place on the page refers to the first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crawler.pages import mistral_units as units
from crawler.pages.listing import Book
from crawler.pages.mistral_units import Stated
from crawler.pages.next_flight import Number, text_of
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import tokens_number
from tracker.domain.money import NotAPrice, as_decimal

_TITLE = "currentModelName"
_STATUSES = {
    "GA": "ga",
    "Public Preview": "public_preview",
    "Deprecated": "deprecated",
    "Retired": "retired",
}
_KNOWN = ("price", "priceEur", "originalPrice", "originalPriceEur")
_SIDES = ("input", "inputEur", "output", "outputEur")
_LABELS = {"input": ("input", "cache_read"), "output": ("output",)}
"""What the entries of a list may be called."""

_SOON = 12
"""Texts between a caption and its value: names of styles, at the most."""


@dataclass
class ModelPage:
    """What a model's own page says.

    Attributes:
        names: what the API calls it, its own name first.
        title: what people call it.
        pricing: the object with its prices; None if the page has none.
        facts: what else it says.
    """

    names: tuple[str, ...] = ()
    title: str = ""
    pricing: dict[str, Any] | None = None
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def is_one(self) -> bool:
        """Whether the page is a model's at all."""
        return bool(self.title)


def found_in(values: list[Any], *, what: str) -> ModelPage:
    """Find a model's names, prices and state in the data of its page.

    Raises:
        UnreadableBody: two that differ, so that it cannot be told which is meant, or
            prices of no model.
    """
    titles = [text_of(v[_TITLE]) for v in values if _has(v, _TITLE)]
    priced = [v for v in values if _has(v, "pricing", "isRetired")]
    if priced and not titles:
        raise UnreadableBody(f"{what}: prices, and no title of a model")
    if not titles:
        return ModelPage()
    lists = [_names(v["names"]) for v in values if _has(v, "names", "maxVisible")]
    objects = [v["pricing"] for v in priced if isinstance(v["pricing"], dict)]
    page = ModelPage(
        names=_only(lists, f"{what}: names of the model") or (),
        title=_only(titles, f"{what}: titles of the model"),
        pricing=_only(objects, f"{what}: lists of prices"),
    )
    badges = [text_of(v.get("children")) for v in values if _has(v, "data-badge-type")]
    states = [_STATUSES[badge] for badge in badges if badge in _STATUSES]
    if any(v["isRetired"] is True for v in priced):
        page.facts["status"] = "retired"
    elif states:
        page.facts["status"] = states[0]
    if context := _context(values):
        page.facts["max_input_tokens"] = context
    return page


def _has(value: Any, *names: str) -> bool:
    return isinstance(value, dict) and all(name in value for name in names)


def _names(value: Any) -> tuple[str, ...]:
    texts = map(text_of, value) if isinstance(value, list) else ()
    return tuple(text for text in texts if units.API_NAME.fullmatch(text))


def _only(found: list[Any], where: str) -> Any:
    """The one of them that there is, however often; None if there is none."""
    if any(other != found[0] for other in found[1:]):
        raise UnreadableBody(f"{where}: {len(found)} that differ")
    return found[0] if found else None


def _context(values: list[Any]) -> str:
    """The count of tokens ("128k") soon after the caption "Context"."""
    left = 0
    for value in values:
        if value == "Context":
            left = _SOON
        elif left and isinstance(value, str):
            left -= 1
            if value[-1:] in ("k", "M") and value[:-1].isdecimal() and len(value) < 7:
                return str(tokens_number(value))
    return ""


def add(book: Book, key: str, page: ModelPage) -> None:
    """Take what a model's page says into the book.

    Raises:
        UnreadableBody: a part of its prices is not understood.
    """
    units.offered(book, key)
    for name, value in page.facts.items():
        book.fact(key, name, value)
    for name in page.names:
        if name != key:
            book.fact(key, f"alias:{name}", key)
    stated = list(_stated(page.pricing or {}, f"{book.what}: prices of {key}"))
    if not stated:
        book.note(f"the page of {key} states no price")
    for price in stated:
        units.add(book, key, price)


def _stated(pricing: dict[str, Any], where: str) -> Iterator[Stated]:
    """The prices of an object `pricing`, which is of one of three kinds."""
    if not pricing:
        return
    kind, free = pricing.get("type"), pricing.get("free") is True
    _no_other_numbers(pricing, (*_KNOWN, *_SIDES), where)
    if kind == "custom" and _in_order(pricing):
        stated = [
            _entry(entry, side, f"pricing.{side}.{n}", where, free=free)
            for side in ("input", "output")
            for n, entry in enumerate(pricing[side])
        ]
        _cache_is_cheaper(stated, where)
        yield from stated
    elif kind == "flat":
        yield _entry(pricing, "input", "pricing", where, free=free)
    elif kind == "range" and _in_order(pricing):
        for side in ("input", "output"):
            entry = {**pricing, "price": pricing[side]}
            entry["priceEur"] = pricing.get(f"{side}Eur")
            yield _entry(entry, side, f"pricing.{side}", where, free=free)
    else:
        raise UnreadableBody(f"{where} are of an unknown kind: {str(kind)[:40]!r}")


def _in_order(pricing: dict[str, Any]) -> bool:
    """Whether input stands before output; names that changed places do not."""
    return [name for name in pricing if name in ("input", "output")] == [
        "input",
        "output",
    ] and all(
        isinstance(pricing[side], list) == (pricing["type"] == "custom")
        for side in ("input", "output")
    )


def _no_other_numbers(
    fields: dict[str, Any], known: tuple[str, ...], where: str
) -> None:
    """Check that no number has a name that is not known: it may be a price."""
    for name, value in fields.items():
        if isinstance(value, Number) and name not in known:
            raise UnreadableBody(f"{where} have {name[:40]!r}, which is not understood")


def _entry(entry: Any, side: str, place: str, where: str, *, free: bool) -> Stated:
    """One price with its unit. What is free for a while has its price listed."""
    fields = entry if isinstance(entry, dict) else {}
    _no_other_numbers(fields, (*_KNOWN, *_SIDES), where)
    price, per = fields.get("price"), text_of(fields.get("denominator"))
    label = text_of(fields.get("label"))
    if label and not label.startswith("$"):
        named = units.SIDES.get(label.casefold(), "")
        if named not in _LABELS[side]:
            raise UnreadableBody(
                f"{where}: {label[:40]!r} at {place} is not understood"
            )
        side = named
    if not isinstance(price, Number) or not per:
        raise UnreadableBody(f"{where}: no price or no unit at {place}")
    listed, euros = fields.get("originalPrice"), fields.get("priceEur")
    return Stated(
        side=side,
        amount="0" if free else str(price),
        per=per,
        field=place,
        text=f"{'free, ' if free else ''}${price} {per}",
        euros=str(euros) if isinstance(euros, Number) and not free else "",
        listed=_listed(price if free else listed),
    )


def _listed(value: Any) -> str:
    return str(value) if isinstance(value, Number) and value.strip("0.") else ""


def _cache_is_cheaper(stated: list[Stated], where: str) -> None:
    """Check that what is read from a cache does not cost more than what is not."""
    inputs = {price.per: price.amount for price in stated if price.side == "input"}
    for price in stated:
        if price.side != "cache_read":
            continue
        try:
            dearer = as_decimal(price.amount) > as_decimal(inputs.get(price.per, "inf"))
        except NotAPrice:
            continue  # such a price is held by itself
        if dearer:
            raise UnreadableBody(f"{where}: cached input costs more than input")
