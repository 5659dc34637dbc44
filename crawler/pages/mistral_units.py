"""What Mistral's pages call models, units and prices, in all of their layouts."""

import re
from dataclasses import dataclass

from crawler.pages import amounts
from crawler.pages.listing import Book, Price
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import Meter
from tracker.domain.offers import Offer

PROVIDER = "mistral"

API_NAME = re.compile(r"[a-z][a-z0-9]{0,40}(?:[.-][a-z0-9]{1,40}){1,12}")
"""What the API calls a model; names of products and tools have spaces or capitals."""

SIDES = {"input": "input", "output": "output", "cached input": "cache_read"}

_LABELS = {
    **SIDES,
    "audio input": "input",
    "audio output": "output",
    "ocr": "input",
    "annotations": "annotation",
}
_LABEL = re.compile(
    r"(?P<what>[^()/]{1,60})(?:\((?P<per>[^()]{1,40})\)|(?P<slash>/[^()]{1,40}))?"
)
_ANNOTATED = re.compile(r"\bannotated\s", re.IGNORECASE)
_SLUG_DATE = re.compile(r"(?P<name>[a-z0-9-]{1,80})-(?P<year>2\d)-(?P<month>[01]\d)")


@dataclass(frozen=True)
class Stated:
    """One price as a page states it.

    Attributes:
        side: `input`, `cache_read`, `output` or `annotation`.
        amount: dollars.
        per: the unit, in the page's words.
        field: where it stood.
        text: the cell, or the amount and its unit.
        euros: the same in euros, if the page says so.
        listed: dollars without a discount, if it is struck through.
    """

    side: str
    amount: str
    per: str
    field: str
    text: str
    euros: str = ""
    listed: str = ""


def add(book: Book, key: str, stated: Stated) -> None:
    """Take a price into the book; euros and list prices are facts.

    Raises:
        UnreadableBody: its unit is not understood.
    """
    where = f"{book.what}: {stated.field} of {key}"
    meter, per = meter_of(stated.side, stated.per, where=where)
    book.price(
        key, Price(meter, stated.amount, per, text=stated.text, field=stated.field)
    )
    if stated.euros:
        book.fact(key, f"price_eur:{meter.key}", f"{stated.euros} {stated.per}")
    if stated.listed:
        book.list_price(key, meter, stated.listed, "USD")


def meter_of(side: str, per: str, *, where: str) -> tuple[Meter, int]:
    """What is billed, and how many of it a price is for.

    Raises:
        UnreadableBody: a unit that is not known, or one that the side does not have.
    """
    plain = _ANNOTATED.sub("", per)
    read = amounts.per_of(plain)
    unit = read.unit if read else ""
    if read and unit == "token" and side != "annotation":
        return Meter(side), read.count
    if read and unit in ("character", "second") and side in ("input", "output"):
        return Meter(side, unit), read.count
    if read and unit == "page" and side in ("input", "annotation"):
        annotated = plain != per or side == "annotation"
        return Meter("annotation" if annotated else "ocr", "page"), read.count
    raise UnreadableBody(f"{where}: {side} per {per[:40]!r} is not understood")


def labelled(label: str, suffix: str = "") -> tuple[str, str] | None:
    """`Input (/M tokens)` as the side and the unit; None if it is neither."""
    found = _LABEL.fullmatch(label.strip())
    side = _LABELS.get(found["what"].strip().casefold()) if found else None
    if found is None or side is None:
        return None
    return side, found["per"] or found["slash"] or suffix


def offered(book: Book, key: str) -> str:
    """Name the offer of a key, which is what the API calls the model."""
    book.offer(key, Offer(PROVIDER, key))
    return key


def key_of_slug(slug: str) -> str:
    """What the API calls the model whose page has this name, as far as there is a
    rule: `mistral-small-4-0-26-03` is `mistral-small-2603`, and the family of `ocr-4-1`
    is `mistral-ocr`.
    """
    name = re.sub(r"[^a-z0-9]+", "-", slug.casefold()).strip("-")
    if dated := _SLUG_DATE.fullmatch(name):
        words = [w for w in dated["name"].split("-") if not w.isdecimal()]
        name = "-".join((*words, f"{dated['year']}{dated['month']}"))
    return f"mistral-{name}" if name.split("-")[0] == "ocr" else name
