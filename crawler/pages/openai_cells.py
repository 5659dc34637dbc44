"""Cells of OpenAI's tables: names of models, and prices with or without a unit."""

import re
from dataclasses import dataclass

from crawler.pages import amounts
from crawler.pages.grid import Cell, plain
from crawler.pages.listing import Book, Price
from crawler.pages.openai_outline import WHAT, Sheet
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import MILLION, Meter, tokens_number
from tracker.domain.offers import Offer

PROVIDER = "openai"

_NAME = re.compile(
    r"(?P<name>[^()]+?)(?: \((?P<note>[^()]+)\)| (?P<tail>with data sharing|legacy))?"
)
_CONTEXT = re.compile(r"(?P<sign>[<≤>≥])=?(?P<number>\d{1,5}[km]) context length")
_MODEL_ID = re.compile(r"[a-z0-9][a-z0-9._:-]*")

# Three models go by the name of the product; every other name is the id, or a
# spelling of it.
_PRODUCTS = {"whisper": "whisper-1", "tts": "tts-1", "tts-hd": "tts-1-hd"}


@dataclass(frozen=True, slots=True)
class Name:
    """A model's cell.

    Attributes:
        model: its id.
        below, above: tokens of context for which the row's prices hold, 0 if always.
        legacy: whether it is marked so.
        shared: whether the price is for those who share their data.
        odd: whether something beside the name was not understood.
    """

    model: str
    below: int = 0
    above: int = 0
    legacy: bool = False
    shared: bool = False
    odd: bool = False


def name_of(text: str) -> Name:
    """Take a model's cell apart."""
    found = _NAME.fullmatch(plain(text))
    if found is None:
        return Name(slug(text), odd=True)
    note = found["note"] or found["tail"] or ""
    model = _model(found["name"])
    if context := _CONTEXT.fullmatch(note):
        limit = tokens_number(context["number"])
        short = context["sign"] in "<≤"
        return Name(model, below=limit if short else 0, above=0 if short else limit)
    if note in ("", "legacy"):
        return Name(model, legacy=bool(note))
    if note in ("data sharing", "with data sharing"):
        return Name(model, shared=True)
    return Name(slug(text), odd=True)


def slug(text: str) -> str:
    """A text as part of a key."""
    return re.sub(r"[^a-z0-9.]+", "-", text.casefold()).strip("-.")


def entry(book: Book, name: Name, prefix: str = "") -> str:
    """The key of a model, made known to the book."""
    key = prefix + name.model if name.model else ""
    book.offer(key, Offer(PROVIDER, key))
    if name.legacy:
        book.fact(key, "status", "legacy")
    if name.below:
        book.fact(key, "short_context_tokens", str(name.below))
    if name.odd:
        book.hold(key, "unread_note")
    return key


@dataclass(frozen=True, slots=True)
class Column:
    """Where a cell stands.

    Attributes:
        sheet: the table.
        title: its column.
        per: units of the meter that a price is for that names no unit itself.
        own_unit: whether it must name one.
    """

    sheet: Sheet
    title: str
    per: int = MILLION
    own_unit: bool = False

    @property
    def place(self) -> str:
        """For messages, and as a price's field."""
        return f"{self.sheet.place} › {self.title}"


def put(book: Book, key: str, column: Column, cell: Cell, meter: Meter) -> bool:
    """Take one cell into the book; whether it states a price.

    Raises:
        UnreadableBody: it is neither a price nor a known word in place of one.
    """
    state = amounts.state_of(cell.text)
    if state == amounts.NOT_STATED:
        return False
    if state not in (None, amounts.FREE):
        book.state(key, meter, str(state))
        return False
    money = _money(column, cell, free=state == amounts.FREE)
    per = column.per
    if money.after or (column.own_unit and state is None):
        meter, per = _own_unit(column, money, meter)
    book.price(
        key, Price(meter, money.amount, per, money.currency, cell.text, column.place)
    )
    for old in (old for struck in cell.struck for old in amounts.moneys(struck)):
        book.list_price(key, meter, old.amount, old.currency)
    return True


def _money(column: Column, cell: Cell, *, free: bool) -> amounts.Money:
    """The amount of a cell; where the page draws the dollar sign it is not there."""
    if free:
        return amounts.Money("0", "USD", "", "")
    where = f"{WHAT}: {column.place}"
    if column.sheet.bare and "$" not in cell.text:
        number = amounts.bare_number(cell.text, where=where)
        return amounts.Money(number, "USD", "", "")
    money = amounts.only_money(cell.text, where=where)
    if money.before:
        raise UnreadableBody(f"{where}: {cell.text[:80]!r} is no plain price")
    return money


def _own_unit(column: Column, money: amounts.Money, meter: Meter) -> tuple[Meter, int]:
    """`$0.034 / minute`, `$15.00 / 1M characters`, `$100.00 / hour`."""
    per = amounts.per_of(money.after)
    if per is None or not money.after.startswith("/"):
        raise UnreadableBody(
            f"{WHAT}: {column.place}: a price per {money.after[:40]!r} is not known"
        )
    component = meter.component
    if per.unit == "second" and component == "output":
        component = "input"  # by the length of what is heard, wherever it stands
    return Meter(component, per.unit, meter.tier, 0, meter.qualifiers), per.count


def _model(name: str) -> str:
    """The id of a model: `gpt-5.4` as it is, `GPT Image 1.5`, `DALL·E 3` as ids."""
    model = name if _MODEL_ID.fullmatch(name) else slug(name)
    return _PRODUCTS.get(model, model)
