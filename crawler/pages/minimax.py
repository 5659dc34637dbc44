"""MiniMax's pay-as-you-go page: tables for text, speech, video, music, images, tools.

Text models have a column per kind of token, under a tab per service tier, and a row
per length of the prompt. All others have one price, whose unit stands in its cell;
what the length of a video costs is told by resolution.
"""

import re
from collections.abc import Sequence

from crawler.pages import amounts, markdown
from crawler.pages.grid import Cell, Table, columns_of, plain
from crawler.pages.listing import Book, Price, flatten
from crawler.pages.minimax_cells import Name, material_prices, meter_of, name_of
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import Meter
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document

__all__ = ["flatten", "parse"]

_WHAT = "minimax pricing"
_PROVIDER = "minimax"
_FAMILY = "minimax-"

_NAMES = ("model", "model / api", "server tool", "api")
"""Columns of names, the one that counts first."""

_PRICES = ("price", "list price", "input price")
_TOKENS = {
    "model": None,
    "model / api": None,
    "input": Meter("input"),
    "input price": Meter("input"),
    "output": Meter("output"),
    "output price": Meter("output"),
    "prompt caching read": Meter("cache_read"),
    "prompt caching write": Meter("cache_write"),
}
_SINGLE = frozenset(
    {
        ("api", "endpoint", "description", "price"),
        ("api", "model", "description", "price"),
        ("api", "model", "price"),
        ("api", "description", "price"),
        ("api", "description", "price", "notes"),
        ("model", "description", "price"),
        ("model", "price"),
        ("model", "input price"),
        ("model / api", "resolution", "billing rules", "list price"),
        ("model / api", "resolution", "billing rules", "price"),
        ("server tool", "description", "price"),
    }
)
"""The columns of tables with one price for each name."""

_MATERIAL = ("model / api", "material type", "billing rules")
_TOOL, _ALL = "server tool", "all models"

_TIERS = ("standard", "priority", "batch", "flex", "fast")
_LEGACY = "legacy models"
_SECTIONS = ("llm", "audio", "video", "image")
"""What the page sells; without one of them it is taken for a part of the page."""

_ANNOUNCED = re.compile(r"\b(?:effective|starting|from) .{1,80}\bprices?\b")
_SHOWN = 160


def parse(body: bytes) -> Document:
    """Read the page.

    Raises:
        UnreadableBody: another page, one that is cut off, or a table of it is not
            understood.
    """
    text = body.decode("utf-8", "replace").replace("\0", "\ufffd")
    _check_components(text)
    book, priced = Book(_WHAT), list[str]()
    for section in markdown.checked(text, what=_WHAT):
        for block in section.blocks:
            if isinstance(block, Table):
                _table(book, block)
                priced += [plain(part) for part in section.path[1:2]]
            elif amounts.moneys(block.text) and _ANNOUNCED.search(plain(block.text)):
                book.note(f"in words: {block.text[:_SHOWN]}")
    lacking = [name for name in _SECTIONS if name not in priced]
    for name in lacking:
        book.note(f"no table under {name!r}")
    document = book.document(complete=not lacking)
    if not any(key.startswith(_FAMILY) for key in document.entries):
        raise UnreadableBody(f"{_WHAT}: prices, but of no model of MiniMax's")
    return document


def _check_components(text: str) -> None:
    """Refuse a tab or fold whose beginning or end is lost: it tells whose prices."""
    for name in ("Tab", "Tabs", "Accordion"):
        opened = text.count(f"<{name}>") + text.count(f"<{name} ")
        if opened != text.count(f"</{name}>"):
            raise UnreadableBody(f"{_WHAT}: <{name}> and </{name}> are not in pairs")


def _table(book: Book, table: Table) -> None:
    columns = {name.removesuffix(" price") for name in table.columns}
    if table.columns in _SINGLE:
        _single(book, table)
    elif {"input", "output"} <= columns:
        _tokens(book, table)
    elif table.columns == _MATERIAL:
        _materials(book, table)
    elif any(amounts.moneys(cell.text) for row in table.rows for cell in row):
        raise UnreadableBody(
            f"{_WHAT}: the table under {table.place} with the columns "
            f"{', '.join(map(repr, table.columns))} holds prices and is not known"
        )
    else:
        book.ignore(table.place)


def _tokens(book: Book, table: Table) -> None:
    """A table with a column per kind of token."""
    meters = columns_of(table, _TOKENS, what=_WHAT, in_order=True)
    if meters.count(None) != 1 or len(set(meters)) < len(meters):
        raise UnreadableBody(
            f"{_WHAT}: the table under {table.place} needs one column of models and no "
            f"two of one kind; it has {', '.join(map(repr, table.columns))}"
        )
    tier = _tier(table, sure=True)
    for row in table.rows:
        name = name_of(row[meters.index(None)], is_id=True)
        key = _entry(book, name, table)
        for meter, cell, column in zip(meters, row, table.columns, strict=True):
            if meter is not None:
                full = Meter(meter.component, "token", tier, name.above)
                _token_price(book, key, full, cell, f"{table.place} › {column}")


def _token_price(book: Book, key: str, meter: Meter, cell: Cell, field: str) -> None:
    where = f"{_WHAT}: {field} of {key}"
    state = amounts.state_of(cell.text)
    if state == amounts.NOT_STATED:
        return
    if state == amounts.FREE:
        book.price(key, Price(meter, "0", 1, "USD", cell.text, field))
        return
    if state:
        book.state(key, meter, state)
        return
    money = amounts.only_money(cell.text, where=where)
    per = amounts.per_of(money.after) if money.after.startswith("/") else None
    if money.before or per is None or per.unit != "token":
        raise UnreadableBody(f"{where}: {cell.text[:80]!r} is no price per token")
    _put(book, key, meter, money, per=per.count, cell=cell, field=field)


def _single(book: Book, table: Table) -> None:
    """A table with one price for each name."""
    columns = table.columns
    at = next(columns.index(name) for name in _NAMES if name in columns)
    price = next(columns.index(name) for name in _PRICES if name in columns)
    lines = columns.index("resolution") if "resolution" in columns else None
    for row in table.rows:
        cell = row[0] if plain(row[at].text) == _ALL else row[at]
        for part in cell.text.split(" / "):
            name = name_of(Cell(part))
            key = _entry(book, name, table, "tools/" if columns[at] == _TOOL else "")
            resolution = None if lines is None else row[lines].text
            _single_price(book, key, table, row[price], resolution)


def _single_price(
    book: Book, key: str, table: Table, cell: Cell, lines: str | None
) -> None:
    state = amounts.state_of(cell.text)
    if state == amounts.NOT_STATED:
        return
    if state:
        book.fact(key, "pricing", state)
        return
    where = f"{_WHAT}: the price of {key} under {table.place}"
    money = amounts.only_money(cell.text, where=where)
    found = meter_of(money.after, lines=lines, heard="endpoint" in table.columns)
    if money.before or found is None:
        raise UnreadableBody(f"{where}: {cell.text[:80]!r} is for something not known")
    meter, per = found
    if table.columns[0] == _TOOL and meter == Meter("input", "request"):
        if "search" not in key:
            raise UnreadableBody(f"{where}: what a request of it does is not known")
        meter = Meter("search", "query")
    tier = _tier(table, sure=False)
    meter = Meter(meter.component, meter.unit, tier, 0, meter.qualifiers)
    _put(book, key, meter, money, per=per, cell=cell, field=f"{table.place} › price")


def _materials(book: Book, table: Table) -> None:
    """What goes into a video; rules that are not understood are listed."""
    for model, kind, rules in table.rows:
        key = _entry(book, name_of(model), table)
        field = f"{table.place} › {kind.text}"
        found = list(material_prices(plain(kind.text), rules.text))
        for meter, text in found:
            money = amounts.only_money(text, where=f"{_WHAT}: {field} of {key}")
            _put(book, key, meter, money, per=1, cell=rules, field=field)
        if not found and amounts.moneys(rules.text):
            book.ignore(f"{field} › {key}: {rules.text[:_SHOWN]}")
        elif rules.text:
            book.fact(key, f"input:{plain(kind.text)}", rules.text)


def _put(
    book: Book,
    key: str,
    meter: Meter,
    money: amounts.Money,
    *,
    per: int,
    cell: Cell,
    field: str,
) -> None:
    price = Price(meter, money.amount, per, money.currency, cell.text, field)
    book.price(key, price)
    for old in (old for struck in cell.struck for old in amounts.moneys(struck)):
        book.list_price(key, meter, old.amount, old.currency)


def _entry(book: Book, name: Name, table: Table, prefix: str = "") -> str:
    """The key of a model, made known to the book."""
    key = prefix + name.model.casefold() if name.model else ""
    if not book.knows(key):
        book.offer(key, Offer(_PROVIDER, prefix + name.model))
    if name.status or _LEGACY in map(plain, table.path):
        book.fact(key, "status", name.status or "legacy")
    if name.below:
        book.fact(key, "short_context_tokens", str(name.below))
    if name.discount:
        book.fact(key, "discount", name.discount)
    if name.odd:
        book.hold(key, "unread_note")
    return key


def _tier(table: Table, *, sure: bool) -> str:
    """The service tier of the tab that a table stands in.

    Raises:
        UnreadableBody: it must be told, and stands under something that is not known.
    """
    parts: Sequence[str] = [plain(part).rstrip("*") for part in table.path]
    unknown = [part for part in parts[2:] if part not in (*_TIERS, _LEGACY)]
    if sure and unknown:
        raise UnreadableBody(
            f"{_WHAT}: whose prices the table under {table.place} has is not known"
        )
    return next((part for part in parts if part in _TIERS), "standard")
