"""xAI's prices: its price page in Markdown, and the catalogue inside its HTML.

Both may come in one bundle; what one says of a model must not contradict the other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from crawler.pages import amounts, bundle, markdown, xai_catalogue
from crawler.pages.grid import Cell, Table, plain
from crawler.pages.listing import Book, Price, flatten
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import Meter, tokens_number
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document

__all__ = ["flatten", "parse"]

_WHAT = "xai pricing"

_COLUMN = re.compile(
    r"(?:(?P<before>short|long) context )?(?P<what>cached input|input|output)"
    r"(?: \((?:(?P<after>short|long) context)\))? ?/ ?1m tokens"
)
_COMPONENTS = {"input": "input", "cached input": "cache_read", "output": "output"}
_RISING = ("cache_read", "input", "output")

_MODEL = re.compile(
    r"(?P<id>[a-z0-9]+(?:[-.][a-z0-9]+)*)"
    r"(?: \((?P<op><=|≤|<|>=|≥|>) ?(?P<count>\d{1,9}[km]?) prompt tokens\))?"
    r"(?: (?:[—–-] |\()(?P<status>deprecated|legacy|beta|preview|retired)\)?)?"
)
_TOKENS = re.compile(r"\d{1,9}[km]?")
_PERCENT_OFF = re.compile(r"(?P<percent>\d{1,2})% off standard rates")
_LONG_FROM = re.compile(r"(?:≥|>|above|over|exceed[a-z]*|reach[a-z]*) ?(\d{1,9}[km])\b")

_VOICE = re.compile(
    r"(?P<mode>speech to speech|speech to text|text to speech)"
    r"(?: \((?P<id>[a-z0-9.-]{1,80})\))?"
    r"(?: (?:[—–-] |\()(?P<status>deprecated|legacy|beta|preview|retired)\)?)?"
)
_SAID = re.compile(
    r"(?P<per>/ ?(?:min|hr|sec|image|text input|1m chars))"
    r"(?: \((?P<mode>rest|streaming)\))?(?:[,.)( ]|audio)*"
)
_PER = {
    "min": Meter("input", "second"),
    "hr": Meter("input", "second"),
    "text input": Meter("input", "message"),
    "1m chars": Meter("input", "character"),
}
_MINUTE, _HOUR = 60, 3600

_NOT_PRICED = frozenset(
    {
        ("", "real-time api", "batch api"),
        ("", "standard", "priority"),
        ("resource", "rate"),
        ("tool", "tool name", "description", "cost / 1k calls"),
        ("tool", "description", "cost / 1k calls", "tool name"),
    }
)
"""Tables about tools, storage and how requests are served: no price of a model."""


@dataclass(slots=True)
class _Table:
    """A table with what is said beside it, and the book that it is entered into."""

    book: Book
    table: Table
    said: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        """For messages."""
        return f"{_WHAT}: {self.table.place}"


def parse(body: bytes) -> Document:
    """Read a page, or a bundle of pages.

    Raises:
        UnreadableBody: it is none, or something in it is not understood.
    """
    whole = bundle.unpack(body)
    book = Book(_WHAT)
    for part in whole.parts:
        text = part.body.decode("utf-8", "replace").replace("\0", "\ufffd")
        if xai_catalogue.MARK in text:
            xai_catalogue.read(book, text)
        else:
            _page(book, text)
    return book.document(complete=not whole.missing)


def _page(book: Book, text: str) -> None:
    sections = markdown.checked(text, what=_WHAT)
    tables = [*_tables(book, sections)]
    for found in tables:
        columns = found.table.columns
        if "model" in columns and any(_COLUMN.fullmatch(name) for name in columns):
            _language(found)
        elif columns == ("model", "cost"):
            _media(found)
        elif columns == ("mode", "cost"):
            _voice(found)
        else:
            _other(found)
    if not any("model" in found.table.columns for found in tables):
        raise UnreadableBody(f"{_WHAT}: no table with the column 'Model'")
    for section in sections:
        _discounts(book, section)


def _tables(book: Book, sections: list[markdown.Section]) -> Iterator[_Table]:
    for section in sections:
        said = [b.text for b in section.blocks if isinstance(b, Cell)]
        for block in section.blocks:
            if isinstance(block, Table):
                yield _Table(book, block, said)


def _language(found: _Table) -> None:
    meters = _meters(found)
    if not {"input", "output"} <= {meter.component for meter in meters if meter}:
        raise UnreadableBody(f"{found.where}: not one column for input and output")
    rows = []
    for row in found.table.rows:
        cells = dict(zip(found.table.columns, row, strict=True))
        key, above = _model(found, cells["model"])
        prices = []
        for meter, header, cell in zip(meters, found.table.header, row, strict=True):
            price = _price(found, key, meter, header, cell) if meter else None
            if price and above and price.meter.context_above:
                raise UnreadableBody(f"{found.where}: {key}: two lengths of a prompt")
            if price:
                prices.append(_above(price, above) if above else price)
        _context(found, key, cells)
        for price in prices:
            found.book.price(key, price)
        rows.append(prices)
    _check_order(found, rows)


def _meters(found: _Table) -> list[Meter | None]:
    """What each column holds; None for the model and the length of its context."""
    meters: list[Meter | None] = []
    for name in found.table.columns:
        column = _COLUMN.fullmatch(name)
        if column is None and name not in ("model", "context"):
            raise UnreadableBody(
                f"{found.where}: the column {name!r} is not understood"
            )
        meter = Meter(_COMPONENTS[column["what"]]) if column else None
        if meter and column and "long" in (column["before"], column["after"]):
            meter = replace(meter, context_above=_threshold(found))
        meters.append(meter)
    stated = [meter for meter in meters if meter]
    if len({*stated}) != len(stated) or len({*found.table.columns}) != len(meters):
        raise UnreadableBody(f"{found.where}: two columns for one thing")
    return meters


def _threshold(found: _Table) -> int:
    """Where long prompts begin, which the text around the table must tell."""
    lengths = {
        tokens_number(text)
        for said in found.said
        for text in _LONG_FROM.findall(plain(said))
    }
    if len(lengths) != 1:
        raise UnreadableBody(f"{found.where}: where long context begins is not told")
    return lengths.pop()


def _model(found: _Table, cell: Cell) -> tuple[str, int]:
    """A model's id and the length of prompts from which the row holds.

    A prompt of exactly that many tokens costs the higher price already; the meter
    is the same as that of sources which say "above".
    """
    name = _MODEL.fullmatch(plain(cell.text))
    if name is None or len(name["id"]) > 80:
        raise UnreadableBody(f"{found.where}: {cell.text[:80]!r} is no model's name")
    _offer(found.book, name["id"], name["status"])
    over = name["op"] is not None and name["op"][0] in ">≥"
    return name["id"], tokens_number(name["count"]) if over else 0


def _offer(book: Book, key: str, status: str | None) -> None:
    book.offer(key, Offer(xai_catalogue.PROVIDER, key))
    if status:
        book.fact(key, "status", status)


def _context(found: _Table, key: str, cells: dict[str, Cell]) -> None:
    text = plain(cells["context"].text) if "context" in cells else ""
    if _TOKENS.fullmatch(text):
        found.book.fact(key, "max_input_tokens", str(tokens_number(text)))
    elif amounts.state_of(text) != amounts.NOT_STATED:
        raise UnreadableBody(f"{found.where}: {text[:80]!r} is no length of a context")


def _price(
    found: _Table, key: str, meter: Meter, header: Cell, cell: Cell
) -> Price | None:
    """The price per million tokens in a cell, which may say that there is none."""
    where = f"{found.where}: {key}: {header.text}"
    state = amounts.state_of(cell.text) if cell.text else None
    if state == amounts.FREE:
        return Price(meter, "0", meter.quantum, text=cell.text)
    if state is not None:
        if state:
            found.book.state(key, meter, state)
        return None
    money = amounts.only_money(cell.text, where=where)
    if money.before or money.after:
        raise UnreadableBody(f"{where}: {cell.text[:80]!r} is not understood")
    place = f"{found.table.path[-1] if found.table.path else ''} › {header.text}"
    return Price(
        meter, money.amount, meter.quantum, money.currency, cell.text, field=place
    )


def _above(price: Price, tokens: int) -> Price:
    return replace(price, meter=replace(price.meter, context_above=tokens))


def _check_order(found: _Table, rows: list[list[Price]]) -> None:
    stated = [{price.meter.component: price.amount for price in row} for row in rows]
    ordered = [[row[name] for name in _RISING if name in row] for row in stated]
    if not amounts.mostly_rising(ordered):
        raise UnreadableBody(
            f"{found.where}: the columns seem to be mixed up; most rows do not rise in "
            f"the order {', '.join(_RISING)}"
        )


def _media(found: _Table) -> None:
    """Pictures by the piece, films by the second."""
    for row in found.table.rows:
        key, _ = _model(found, row[0])
        where = f"{found.where}: {key}"
        money = amounts.only_money(row[1].text, where=where)
        per = amounts.per_of(money.after)
        if per is None or per.unit not in ("image", "second") or money.before:
            raise UnreadableBody(f"{where}: {row[1].text[:80]!r} is not understood")
        meter = Meter("output", per.unit)
        place = f"{found.table.path[-1] if found.table.path else ''} › Cost"
        found.book.price(
            key,
            Price(
                meter, money.amount, per.count, money.currency, row[1].text, field=place
            ),
        )


def _voice(found: _Table) -> None:
    for row in found.table.rows:
        mode = _VOICE.fullmatch(plain(row[0].text))
        if mode is None:
            raise UnreadableBody(f"{found.where}: {row[0].text[:80]!r} is not known")
        key = mode["id"] or mode["mode"].replace(" ", "-")
        _offer(found.book, key, mode["status"])
        for price in _spoken(found, row[1].text, f"{found.where}: {key}"):
            found.book.price(key, price)


def _spoken(found: _Table, text: str, where: str) -> Iterator[Price]:
    """`$0.08 / min ($4.80 / hr) audio $0.004 / text input`: hours restate minutes."""
    minutes: dict[Meter, Decimal] = {}
    for money in amounts.moneys(text) or [amounts.only_money(text, where=where)]:
        said = _SAID.fullmatch(plain(money.after))
        unit = said["per"].removeprefix("/").strip() if said else ""
        if said is None or unit not in _PER:
            raise UnreadableBody(f"{where}: {text[:80]!r} is not understood")
        meter = _PER[unit]
        if said["mode"] == "streaming":
            meter = replace(meter, qualifiers=(("mode", "streaming"),))
        per = {"min": _MINUTE, "hr": _HOUR}.get(unit, meter.quantum)
        if unit == "hr" and meter in minutes:
            if minutes[meter] * _HOUR != Decimal(money.amount) * _MINUTE:
                raise UnreadableBody(f"{where}: {text[:80]!r} contradicts itself")
            continue
        if unit == "min":
            minutes[meter] = Decimal(money.amount)
        place = f"{found.table.path[-1] if found.table.path else ''} › Cost"
        yield Price(meter, money.amount, per, money.currency, text, field=place)


def _other(found: _Table) -> None:
    table = found.table
    if table.columns not in _NOT_PRICED:
        for row in (table.header, *table.rows):
            for cell in row:
                if amounts.moneys(cell.text):
                    raise UnreadableBody(
                        f"{found.where}: a table of prices that is not known, with the "
                        f"columns {', '.join(map(repr, table.columns))}"
                    )
    found.book.ignore(table.place)


def _discounts(book: Book, section: markdown.Section) -> None:
    """`20% off standard rates`, then the models that it holds for in batches."""
    percent = ""
    for block in section.blocks:
        text = block.text if isinstance(block, Cell) else ""
        off = _PERCENT_OFF.fullmatch(plain(text))
        if off:
            percent = off["percent"]
        elif percent and book.knows(text):
            book.fact(text, "batch_discount_percent", percent)
        else:
            percent = ""
