"""Moonshot's pricing pages: one for all models, or an index and one per family.

Their tables are components whose columns and rows are attributes. The international
site states dollars, the Chinese one yuan for the same models; what is sold for yuan
is an offer of its own, in the region `cn`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.pages import amounts, moonshot_layouts, periods
from crawler.pages.bundle import Part, unpack
from crawler.pages.grid import Cell, Table, columns_of, plain
from crawler.pages.listing import Book, Price, flatten
from crawler.pages.moonshot_layouts import WHAT
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import Meter
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document

__all__ = ["flatten", "parse"]

_PROVIDER = "moonshot"
_FAMILIES = ("kimi-", "moonshot-")

_MODEL, _UNIT, _CONTEXT = "model", "unit", "context"
_HOUR = Meter("cache_write", qualifiers=(("ttl", "1h"),))
_COLUMNS: dict[str, Meter | str] = {
    "model": _MODEL,
    "模型": _MODEL,
    "unit": _UNIT,
    "计费单位": _UNIT,
    "cache write price (ttl 5min)": Meter("cache_write"),
    "缓存写入（ttl 5min）": Meter("cache_write"),
    "cache write price (ttl 1h)": _HOUR,
    "缓存写入（ttl 1h）": _HOUR,
    "cached input price": Meter("cache_read"),
    "input price (cache hit)": Meter("cache_read"),
    "输入价格（缓存命中）": Meter("cache_read"),
    "input price (cache miss)": Meter("input"),
    "input price": Meter("input"),
    "输入价格（缓存未命中）": Meter("input"),
    "输入价格": Meter("input"),
    "output price": Meter("output"),
    "输出价格": Meter("output"),
    "context window": _CONTEXT,
    "上下文窗口": _CONTEXT,
}
"""In the order of the page, in both languages."""

_NAME = re.compile(r"(?P<model>[^()（）]+?) ?(?:[(（](?P<note>[^()（）]+)[)）])?")
_STATUS = ("beta", "preview", "deprecated", "discontinued", "retired")
_TOKENS = re.compile(r"([\d,]{1,12}) tokens")
_SITES = {"USD": "", "CNY": "cn"}
"""The region in which a currency is taken."""

_OVERVIEWS = ("model inference pricing explanation", "模型推理定价说明")
_HEADING = re.compile(r"^# (.{1,200})$|<h1\b[^>]{0,500}>(.{1,500}?)</h1>", re.MULTILINE)
_STARTS_WITHIN = 200_000
_NOTE_BELOW = "1M = 1,000,000"
_FAMILY = re.compile(r"/pricing/chat-[\w.-]{1,60}")
_ENDING = re.compile(
    r"`(?P<series>[\w.-]{1,60})` series models will be (?:officially )?discontinued on "
    r"(?:\*\*)?(?P<day>[A-Z][a-z]{2,8} \d{1,2}, 20\d\d)"
)


def parse(body: bytes) -> Document:
    """Read the page, or the pages of a bundle.

    It is the whole list if the page of all models or the index is among them, and no
    page lacks its end or its prices.

    Raises:
        UnreadableBody: another page, no prices, or a table is not understood.
    """
    bundle = unpack(body)
    book, said = Book(WHAT), _Said([], [])
    for part in bundle.parts:
        _page(book, part, said)
    if not said.keys:
        raise UnreadableBody(
            f"{WHAT}: no table of prices; it may be the index of the families' pages"
        )
    if not any(key.removeprefix("cn/").startswith(_FAMILIES) for key in said.keys):
        raise UnreadableBody(f"{WHAT}: prices, but of no model of Moonshot's")
    lacks = [*said.lacks, *_families_lacking(bundle.parts)]
    if not any(map(_is_overview, bundle.parts)):
        lacks.append("a family's page without the overview")
    for lack in lacks:
        book.note(lack)
    return book.document(complete=not (bundle.missing or lacks))


@dataclass(frozen=True, slots=True)
class _Said:
    """What was met so far.

    Attributes:
        keys: of models with a row.
        lacks: what pages should have and do not.
    """

    keys: list[str]
    lacks: list[str]


def _page(book: Book, part: Part, said: _Said) -> None:
    text = part.body.decode("utf-8", "replace").replace("\0", "\ufffd")
    tables = moonshot_layouts.tables(text)
    named = part.url or "the page"
    if not tables and not _is_overview(part):
        said.lacks.append(f"no table in {named}")
    for table, _ in tables:
        if _MODEL in [_COLUMNS.get(name) for name in table.columns]:
            said.keys.extend(_Rows(book, table).read())
        else:
            _other(book, table)
    if tables and _NOTE_BELOW not in tables[-1][1]:
        said.lacks.append(f"the note below the tables is not in {named}")
    _endings(book, text, said.keys)


def _other(book: Book, table: Table) -> None:
    if any(amounts.moneys(cell.text) for row in table.rows for cell in row):
        raise UnreadableBody(
            f"{WHAT}: the table under {table.place} with the columns "
            f"{', '.join(map(repr, table.columns)) or 'that have no names'} holds "
            "prices and is not known"
        )
    book.ignore(table.place)


def _is_overview(part: Part) -> bool:
    """Whether it is the page of all models, or their index."""
    text = part.body[:_STARTS_WITHIN].decode("utf-8", "replace")
    heads = ("".join(found) for found in _HEADING.findall(text))
    names = {plain(re.sub(r"<[^<>]*>", "", head)) for head in heads}
    return part.url.endswith("/pricing/chat.md") or not names.isdisjoint(_OVERVIEWS)


def _families_lacking(parts: Sequence[Part]) -> list[str]:
    """The families' pages that the overview links to and that are not there."""
    overviews = (p.body.decode("utf-8", "replace") for p in parts if _is_overview(p))
    linked = dict.fromkeys(
        name.rstrip(".") for text in overviews for name in _FAMILY.findall(text)
    )
    there = [part.url.removesuffix(".md") for part in parts]
    return [
        f"{name} is linked to and not there"
        for name in (name.removesuffix(".md") for name in linked)
        if not any(url.endswith(name) for url in there)
    ]


def _endings(book: Book, text: str, keys: Sequence[str]) -> None:
    """The day from which a series is sold no more."""
    for found in _ENDING.finditer(text):
        day = periods.dated(f"from {found['day']}", where=WHAT).effective_from
        series = found["series"].casefold() + "-"
        for key in keys:
            if day and key.removeprefix("cn/").startswith(series):
                book.fact(key, "deprecation_date", day.isoformat())


class _Rows:
    """A table with a column per kind of token."""

    def __init__(self, book: Book, table: Table) -> None:
        self.book = book
        self.table = table
        self.columns = columns_of(table, _COLUMNS, what=WHAT, in_order=True)
        needed = {_MODEL, _UNIT, Meter("input"), Meter("output")}
        if len(set(self.columns)) < len(self.columns) or needed - set(self.columns):
            raise UnreadableBody(
                f"{WHAT}: the table under {table.place} needs a model, a unit, input "
                f"and output, each once; it has {', '.join(table.columns)}"
            )
        self.currency = self._currency()

    def read(self) -> list[str]:
        """Take all rows; their keys."""
        return [self._row(row) for row in self.table.rows]

    def _currency(self) -> str:
        """The one currency of the table."""
        found = {
            money.currency
            for row in self.table.rows
            for cell in row
            for money in amounts.moneys(cell.text)
        }
        if len(found) != 1 or not found <= set(_SITES):
            raise UnreadableBody(
                f"{WHAT}: the table under {self.table.place} is in "
                f"{', '.join(sorted(found)) or 'no currency'}"
            )
        return found.pop()

    def _row(self, row: Sequence[Cell]) -> str:
        key, tier = self._named(row[self.columns.index(_MODEL)].text)
        unit = row[self.columns.index(_UNIT)].text
        per = amounts.per_of(unit)
        if per is None or per.unit != "token":
            raise UnreadableBody(
                f"{WHAT}: the unit {unit!r} of {key} under {self.table.place} is not "
                "understood"
            )
        for column, head, cell in zip(
            self.columns, self.table.header, row, strict=True
        ):
            if isinstance(column, Meter):
                meter = Meter(column.component, "token", tier, 0, column.qualifiers)
                field = f"{self.table.place} › {head.text}"
                self._price(key, cell, meter, per.count, field)
            elif column == _CONTEXT and (window := _TOKENS.fullmatch(cell.text)):
                self.book.fact(key, "max_input_tokens", window[1].replace(",", ""))
        return key

    def _named(self, text: str) -> tuple[str, str]:
        """The key of a row and the tier that its prices are for."""
        found = _NAME.fullmatch(plain(text))
        if found is None:
            raise UnreadableBody(
                f"{WHAT}: {text[:80]!r} under {self.table.place} is no model's name"
            )
        model = re.sub(r"[^a-z0-9._]+", "-", found["model"]).strip("-")
        note = found["note"]
        region = _SITES[self.currency]
        key = f"{region}/{model}" if region and model else model
        self.book.offer(key, Offer(_PROVIDER, model, region))
        if note in _STATUS:
            self.book.fact(key, "status", note)
        elif note not in (None, "batch"):
            self.book.hold(key, "unread_note")
        return key, "batch" if note == "batch" else "standard"

    def _price(self, key: str, cell: Cell, meter: Meter, per: int, field: str) -> None:
        state = amounts.state_of(cell.text)
        if state == amounts.NOT_STATED:
            return
        if state == amounts.FREE:
            amount = "0"
        elif state:
            self.book.state(key, meter, state)
            return
        else:
            money = amounts.only_money(cell.text, where=f"{WHAT}: {field} of {key}")
            amount = money.amount
            if money.before or money.after:
                raise UnreadableBody(
                    f"{WHAT}: {field} of {key}: {cell.text[:80]!r} is no plain price"
                )
        price = Price(meter, amount, per, self.currency, cell.text, field)
        self.book.price(key, price)
        for listed in (old for struck in cell.struck for old in amounts.moneys(struck)):
            self.book.list_price(key, meter, listed.amount, listed.currency)
