"""What the sheets of OpenAI's page say: which column of which table is what price."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.pages import amounts
from crawler.pages.grid import Cell, columns_of, plain, squeezed
from crawler.pages.listing import Book, Price
from crawler.pages.openai_cells import (
    PROVIDER,
    Column,
    Name,
    entry,
    name_of,
    put,
    slug,
)
from crawler.pages.openai_outline import WHAT, Sheet
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import Meter, tokens_number
from tracker.domain.offers import Offer

_MODEL, _MODALITY, _ESTIMATE, _TRAINING, _OTHER = (
    "model",
    "modality",
    "estimate",
    "training",
    "",
)
_SHORT, _LONG = "short", "long"


@dataclass(frozen=True, slots=True)
class _Rate:
    """A column of prices of tokens."""

    component: str
    context: str = ""


_RATES = {
    "input": "input",
    "cached input": "cache_read",
    "cache writes": "cache_write",
    "output": "output",
}
_TOKENS: dict[str, _Rate | str] = {
    "category": _OTHER,
    "model": _MODEL,
    "modality": _MODALITY,
    "use case": _OTHER,
    "training": _TRAINING,
    **{name: _Rate(what) for name, what in _RATES.items()},
    "output / cost": _Rate("output"),
    **{
        f"{context} context {name}": _Rate(what, context)
        for context in (_SHORT, _LONG)
        for name, what in _RATES.items()
    },
    "estimated cost": _ESTIMATE,
    "cost": _ESTIMATE,
}
_VIDEO = ("model", "size", "portrait", "landscape", "price per second")
_SESSION = ("model", "price per minute")
_TOOL = ("tool", "details", "detail", "pricing", "cost")
_PICTURE = ("model", "quality")

_UNITS = {"text": "token", "audio": "audio_token", "image": "image_token"}
_KIND = re.compile(r"(text|audio|image) tokens")
_FINE_TUNING = re.compile(r"fine-? ?tun")
_PIXELS = re.compile(r"(\d{2,5}) ?x ?(\d{2,5})")
_QUALITY = re.compile(r"[a-z]{1,20}")
_LINES = re.compile(r"\d{3,4}p|\dk")

_LONG_SAID = (
    re.compile(r"long context:\s{0,3}>\s{0,3}(\d{1,5}[km]) input tokens"),
    re.compile(r'"long context"\W{1,20}tooltip[^a-z>]{1,20}>\s?(\d{1,5}[km]) input'),
)

Shared = tuple[tuple[str, str], ...]


def long_context(text: str, sheets: Iterable[Sheet]) -> int:
    """From how many tokens on a prompt pays for long context; 0 if nothing tells.

    The page says it in a note, or beside the names of some models, as a limit that
    the column "Short context" has for all of them.
    """
    folded = text.replace("&quot;", '"').replace("&gt;", ">").casefold()
    said = {found[1] for pattern in _LONG_SAID for found in pattern.finditer(folded)}
    limits = {tokens_number(number) for number in said}
    if not limits:
        names = (row[0].text for sheet in sheets for row in sheet.table.rows)
        limits = {name_of(name).below for name in names} - {0}
    return limits.pop() if len(limits) == 1 else 0


def read(book: Book, sheet: Sheet, beyond: int) -> None:
    """Write a sheet's prices into the book.

    Args:
        book: of the page.
        sheet: one table.
        beyond: what `long_context` says.

    Raises:
        UnreadableBody: a column, a row or a cell is not understood.
    """
    columns = set(sheet.table.columns)
    if "tool" in columns:
        _tools(book, sheet)
    elif "quality" in columns:
        _pictures(book, sheet)
    elif "price per second" in columns:
        _videos(book, sheet)
    elif "price per minute" in columns:
        _sessions(book, sheet)
    else:
        _Tokens(book, sheet, beyond).read()


class _Tokens:
    """A table of prices per million tokens, by model and kind of token."""

    def __init__(self, book: Book, sheet: Sheet, beyond: int) -> None:
        self.book = book
        self.sheet = sheet
        self.beyond = beyond
        self.columns = columns_of(sheet.table, _TOKENS, what=WHAT, in_order=True)
        self.titles = [cell.text for cell in sheet.table.header]
        self.tuned = bool(_FINE_TUNING.search(plain(sheet.table.place)))

    def read(self) -> None:
        """All rows."""
        self._check()
        for row in self.sheet.table.rows:
            name = name_of(row[self.columns.index(_MODEL)].text)
            key = entry(self.book, name, prefix="ft:" if self.tuned else "")
            if name.shared and not self.tuned:
                self.book.hold(key, "unread_note")
            self._row(key, name, row)

    def _check(self) -> None:
        """Whether it is a table of that kind."""
        rated = any(isinstance(column, _Rate) for column in self.columns)
        if _MODEL not in self.columns:
            raise _odd(self.sheet, "has no column of models")
        if self.tuned != (_TRAINING in self.columns):
            raise _odd(self.sheet, "may be of fine-tuned models or may not")
        if not rated and _ESTIMATE not in self.columns:
            raise _odd(self.sheet, "has no column of prices")
        if rated and not self.sheet.per and not self.sheet.own_tier:
            raise _odd(self.sheet, "does not say what its prices are per")
        if rated:
            _expect(self.sheet, "1m tokens")

    def _row(self, key: str, name: Name, row: Sequence[Cell]) -> None:
        unit, priced = self._unit(row), False
        for column, title, cell in zip(self.columns, self.titles, row, strict=True):
            where = Column(self.sheet, title)
            if isinstance(column, _Rate):
                meter = self._meter(name, column, unit)
                priced |= put(self.book, key, where, cell, meter)
            elif column == _TRAINING:
                # Training has no tiers: the tab for batches repeats it.
                meter = Meter("training", qualifiers=_shared(name))
                put(self.book, key, where, cell, meter)
            elif column == _ESTIMATE and priced and cell.text:
                self.book.fact(key, "estimated_cost", cell.text)
            elif column == _ESTIMATE:
                # What has no price of tokens costs just that.
                where = Column(self.sheet, title, own_unit=True)
                meter = Meter("input", tier=self.sheet.tier)
                put(self.book, key, where, cell, meter)

    def _meter(self, name: Name, column: _Rate, unit: str) -> Meter:
        tier, above, more = self.sheet.tier, name.above, _shared(name)
        if column.context == _LONG:
            above = name.below or self.beyond
            # Where nothing tells how long is long, it is called that.
            more = more if above else (("context", _LONG), *more)
        return Meter(column.component, unit, tier, above, more)

    def _unit(self, row: Sequence[Cell]) -> str:
        """The kind of token, from its own column or from the heading."""
        if _MODALITY in self.columns:
            kind = plain(row[self.columns.index(_MODALITY)].text)
            if kind not in _UNITS:
                raise _odd(self.sheet, f"has a kind of token not known: {kind!r}")
            return _UNITS[kind]
        named = _KIND.search(plain(self.sheet.table.place))
        return _UNITS[named[1]] if named else "token"


def _videos(book: Book, sheet: Sheet) -> None:
    _exactly(sheet, _VIDEO)
    _expect(sheet, "second")
    for model, size, _, _, price in sheet.table.rows:
        lines = plain(size.text)
        if not _LINES.fullmatch(lines):
            raise _odd(sheet, f"has a size not known: {lines!r}")
        meter = Meter("output", "video_second", sheet.tier, 0, (("resolution", lines),))
        key = entry(book, name_of(model.text))
        put(book, key, Column(sheet, _VIDEO[-1], per=1), price, meter)


def _sessions(book: Book, sheet: Sheet) -> None:
    """Voice sessions by the minute, billed by the second."""
    _exactly(sheet, _SESSION)
    for model, price in sheet.table.rows:
        key = entry(book, name_of(model.text))
        meter = Meter("input", "second", sheet.tier)
        put(book, key, Column(sheet, _SESSION[-1], per=60), price, meter)


def _pictures(book: Book, sheet: Sheet) -> None:
    """Prices of a picture by quality and size; the sizes change on the way down."""
    _expect(sheet, "image")
    sizes = _sizes(sheet, sheet.table.header)
    for row in sheet.table.rows:
        if plain(row[0].text) == _MODEL:
            sizes = _sizes(sheet, row)
        elif any(cell.text for cell in row):
            _picture(book, sheet, sizes, row)


def _sizes(sheet: Sheet, header: Sequence[Cell]) -> list[str]:
    """The sizes that a header row names, from the smallest on."""
    if [plain(cell.text) for cell in header[:2]] != list(_PICTURE):
        raise _odd(sheet, "does not begin with model and quality")
    found = [_PIXELS.fullmatch(plain(cell.text)) for cell in header[2:]]
    sides = [(int(size[1]), int(size[2])) for size in found if size]
    order = [(wide * high, wide) for wide, high in sides]
    if not all(found) or order != sorted(set(order)):
        raise _odd(sheet, "has columns that are no sizes, or in another order")
    return [f"{wide}x{high}" for wide, high in sides]


def _picture(
    book: Book, sheet: Sheet, sizes: Sequence[str], row: Sequence[Cell]
) -> None:
    if not _QUALITY.fullmatch(plain(row[1].text)) or not all(c.text for c in row):
        raise _odd(sheet, f"has a row that is not whole: {row[0].text!r}")
    key = entry(book, name_of(row[0].text))
    for size, cell in zip(sizes, row[2:], strict=True):
        drawn = (("quality", plain(row[1].text)), ("size", size))
        meter = Meter("output", "image", sheet.tier, 0, drawn)
        put(book, key, Column(sheet, size, per=1), cell, meter)


def _tools(book: Book, sheet: Sheet) -> None:
    """What is sold beside the models; a price that is not understood is listed."""
    columns_of(sheet.table, dict.fromkeys(_TOOL), what=WHAT, in_order=True)
    title = sheet.table.header[-1].text
    if plain(title) not in _TOOL[-2:]:
        raise _odd(sheet, "has no column of prices")
    for row in sheet.table.rows:
        name = _tool_name(row[:-1])
        prices = list(_tool_prices(plain(name), row[-1].text))
        if not prices:
            book.ignore(f"{sheet.table.place} › {name}")
            continue
        # Examples behind a comma come and go: "(reasoning models, including ...)".
        key = f"tools/{slug(re.sub(r',[^()]*[)]', ')', name))}"
        book.offer(key, Offer(PROVIDER, key))
        field = Column(sheet, title).place
        for meter, money, per in prices:
            price = Price(meter, money.amount, per, money.currency, row[-1].text, field)
            book.price(key, price)


def _tool_name(cells: Sequence[Cell]) -> str:
    """Tool and detail as one, or the detail alone where it names the tool."""
    texts = [cell.text for cell in cells]
    whole = plain(" ".join(texts[1:]))
    named = texts[1:] if texts[1:] and plain(texts[0]) in whole else texts
    return squeezed(_TOOL_NOTE.sub("", " ".join(named)))


_TOOL_NOTE = re.compile(r"\[\d{1,3}\]| Responses API only$")
_CALLS = re.compile(r"/ 1k calls\b")
_GB_DAY = re.compile(r"/ gb(?: per |-)day\b")
_SESSIONS = re.compile(r"per 20-minute session")
_MEMORY = re.compile(r"(?:, )?(\d{1,4}) gb")


def _tool_prices(name: str, text: str) -> Iterable[tuple[Meter, amounts.Money, int]]:
    """Meter, amount, and how many units the amount is for."""
    found = amounts.moneys(text)
    after = plain(found[-1].after) if found else ""
    files = "file search" in name
    if len(found) == 1 and _CALLS.match(after) and files:
        yield Meter("file_search", "call"), found[0], 1000
    elif len(found) == 1 and _CALLS.match(after) and "web search" in name:
        yield Meter("search", "query"), found[0], 1000
    elif len(found) == 1 and _GB_DAY.match(after):
        yield Meter("file_search" if files else "storage", "gb_day"), found[0], 1
    elif found and _SESSIONS.match(after):
        sizes = [_MEMORY.fullmatch(plain(money.before)) for money in found]
        for size, money in zip(sizes, found, strict=True):
            if size and all(sizes):
                memory = (("memory", f"{size[1]}gb"),)
                meter = Meter("code_interpreter", "session", qualifiers=memory)
                yield meter, money, 1


def _shared(name: Name) -> Shared:
    """Whoever shares the data pays less: another meter, never the model's price."""
    return (("data_sharing", "true"),) if name.shared else ()


def _expect(sheet: Sheet, unit: str) -> None:
    """Refuse a table whose prices are said to be per something else."""
    if sheet.per not in ("", unit):
        raise _odd(sheet, f"has prices per {sheet.per!r} instead of {unit!r}")


def _exactly(sheet: Sheet, columns: Sequence[str]) -> None:
    if sheet.table.columns != tuple(columns):
        raise _odd(sheet, f"has the columns {', '.join(sheet.table.columns)}")


def _odd(sheet: Sheet, what: str) -> UnreadableBody:
    return UnreadableBody(f"{WHAT}: the table under {sheet.place} {what}")
