"""DeepSeek's page of models and prices: one table whose columns are the models.

It has had three layouts in five months: discounts with the list price struck
through, plain prices, and prices per window of the day. Labels are in English with
dollars or in Chinese with yuan. Announced prices stand in a table of their own inside
a footnote, with models as rows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from crawler.pages import amounts, deepseek_notes, html
from crawler.pages.grid import Cell, Table
from crawler.pages.listing import Book, Price, flatten
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import MILLION, Meter, tokens_number
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document

__all__ = ["flatten", "parse"]

_WHAT = "deepseek pricing"
_PROVIDER = "deepseek"
_FAMILY = "deepseek-"

_HEADS = ("model", "模型")
_ROLES = {
    "1minputtokens(cachehit)": "cache_read",
    "1minputtokens(cachemiss)": "input",
    "1moutputtokens": "output",
    "百万tokens输入(缓存命中)": "cache_read",
    "百万tokens输入(缓存未命中)": "input",
    "百万tokens输出": "output",
}
"""What a million tokens of a row are, in the order of the page."""

_WINDOWS = {
    "off-peak": "off_peak",
    "空闲时段": "off_peak",
    "peak": "peak",
    "高峰时段": "peak",
}
_PRICING = ("pricing", "价格")
_FACTS = {
    "modelversion": "version",
    "模型版本": "version",
    "contextlength": "max_input_tokens",
    "上下文长度": "max_input_tokens",
    "maxoutput": "max_output_tokens",
    "输出长度": "max_output_tokens",
    "featurestoolcalls": "supports_function_calling",
    "功能toolcalls": "supports_function_calling",
    "featuresvision": "supports_vision",
    "功能vision": "supports_vision",
}
_YES = ("✓", "✔", "支持")
_COUNT = re.compile(r"\b(\d{1,6}[KM])\b")
_MARK = re.compile(r"\s?\(\d{1,2}\)$")
_DISCOUNT = re.compile(r"[(（][^()（）]{1,40}[)）]")


@dataclass(frozen=True)
class _Stated:
    """One price of the page before its days are known.

    Attributes:
        key: the model.
        meter: what is billed.
        cell: the cell as it stands.
        money: the amount in it.
        ends: the first day on which it holds no more, if its footnote says so.
    """

    key: str
    meter: Meter
    cell: Cell
    money: amounts.Money
    ends: date | None = None


def parse(body: bytes) -> Document:
    """Read the page.

    Raises:
        UnreadableBody: another page, or a row of this one is not understood.
    """
    html.whole(body, what=_WHAT)
    tree = html.page(body, what=_WHAT)
    tables = html.tables(tree, what=_WHAT)
    own = [t for t in tables if t.columns[0] in _HEADS and not _roles(t)]
    announced = [t for t in tables if t.columns[0] in _HEADS and _roles(t)]
    if len(own) != 1:
        raise UnreadableBody(f"{_WHAT}: {len(own)} tables of models, not one")
    for table in tables:
        if table not in (*own, *announced):
            _other(table)
    book = Book(_WHAT)
    notes = deepseek_notes.footnotes(tree)
    stated = _models(book, own[0], notes)
    _listed(book, stated, _announcements(book, announced))
    return book.document()


def _other(table: Table) -> None:
    if any(
        amounts.moneys(cell.text) for row in (table.header, *table.rows) for cell in row
    ):
        raise UnreadableBody(
            f"{_WHAT}: the table under {table.place} with the columns "
            f"{', '.join(map(repr, table.columns))} holds prices and is not known"
        )


def _models(book: Book, table: Table, notes: dict[str, str]) -> list[_Stated]:
    """The table whose columns are models: its prices; facts go into the book."""
    names = [c for c in table.header if c.text and c.text.casefold() not in _HEADS]
    keys = [_named(book, cell) for cell in names]
    if len(set(keys)) != len(keys):
        raise UnreadableBody(f"{_WHAT}: a model has two columns: {', '.join(keys)}")
    for key, cell in zip(keys, names, strict=True):
        for text in deepseek_notes.of_cell(cell, notes):
            for name in deepseek_notes.other_names(text, set(keys)):
                book.fact(key, f"alias:{name}", key)
    found: dict[Meter, list[_Stated]] = {}
    for label, cells in _split(table, len(keys)):
        meter = _meter(label)
        if meter is None:
            _facts(book, label, dict(zip(keys, cells, strict=True)))
        elif meter in found:
            raise UnreadableBody(f"{_WHAT}: two rows are {meter.key}")
        else:
            rows = zip(keys, cells, strict=True)
            found[meter] = [_stated(book, k, meter, c, notes) for k, c in rows]
    _complete(list(found))
    for key in keys if any(meter.qualifiers for meter in found) else ():
        for window, said in deepseek_notes.hours(notes).items():
            book.fact(key, f"window_hours:{window}", said)
    return [stated for row in found.values() for stated in row]


def _named(book: Book, cell: Cell) -> str:
    key = _MARK.sub("", cell.text).casefold()
    if not key.startswith(_FAMILY) or " " in key:
        raise UnreadableBody(f"{_WHAT}: {cell.text[:60]!r} is no name of a model")
    book.offer(key, Offer(_PROVIDER, key))
    return key


def _split(table: Table, models: int) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """Each row as its label, without spaces, and the cells of the models: the last
    ones, since rows are not equally long.
    """
    for row in table.rows:
        cells = list(row)
        while cells and not cells[-1].text:
            cells.pop()
        texts = [_MARK.sub("", cell.text) for cell in cells[:-models]]
        label = "".join("".join(dict.fromkeys(texts)).split()).casefold()
        label = label.replace("（", "(").replace("）", ")")
        if label:
            yield label, tuple(cells[-models:])
        elif any(amounts.moneys(cell.text) for cell in cells):
            raise UnreadableBody(f"{_WHAT}: a row of prices without a label")


def _meter(label: str) -> Meter | None:
    """What a row's prices are for; None if it is not about prices."""
    priced = label.startswith(_PRICING)
    rest = next((label.removeprefix(p) for p in _PRICING if label.startswith(p)), label)
    for role, component in _ROLES.items():
        if rest == role:
            return Meter(component)
        window = (
            _WINDOWS.get(rest.removeprefix(role)) if rest.startswith(role) else None
        )
        if window:
            return Meter(component, qualifiers=(("window", window),))
    if priced or any(role in rest for role in _ROLES):
        raise UnreadableBody(f"{_WHAT}: the row {label[:80]!r} is not understood")
    return None


def _facts(book: Book, label: str, cells: dict[str, Cell]) -> None:
    name = _FACTS.get(label)
    for key, cell in cells.items():
        if amounts.moneys(cell.text):
            raise UnreadableBody(f"{_WHAT}: the row {label[:80]!r} is not understood")
        if name is None:
            continue
        if name == "version":
            book.fact(key, name, cell.text)
        elif name.startswith("supports_"):
            book.fact(key, name, "true" if cell.text in _YES else "false")
        elif counts := _COUNT.findall(cell.text):
            book.fact(key, name, str(tokens_number(counts[-1])))
    if name == "version":
        _same_columns({key: cell.text.casefold() for key, cell in cells.items()})


def _same_columns(versions: dict[str, str]) -> None:
    """Check names against versions, in case two names changed places."""
    for key, version in versions.items():
        words = set(key.removeprefix(_FAMILY).split("-"))
        strange = [w for w in words if w.isalpha() and w not in version]
        others = [v for other, v in versions.items() if other != key]
        if any(word in other for word in strange for other in others):
            raise UnreadableBody(f"{_WHAT}: {key} is not the model {version[:60]!r}")


def _stated(
    book: Book, key: str, meter: Meter, cell: Cell, notes: dict[str, str]
) -> _Stated:
    """One price; a list price that is struck through goes into the book."""
    where = f"{_WHAT}: {meter.key} of {key}"
    money = amounts.only_money(cell.text, where=where)
    rest = _DISCOUNT.sub("", f"{money.before}{money.after}").strip()
    if rest:
        raise UnreadableBody(f"{where} is for {rest[:60]!r}, which is not understood")
    for struck in cell.struck:
        listed = amounts.only_money(struck, where=where)
        book.list_price(key, meter, listed.amount, listed.currency)
    days = {deepseek_notes.ends(text) for text in deepseek_notes.of_cell(cell, notes)}
    return _Stated(key, meter, cell, money, days.pop() if len(days) == 1 else None)


def _complete(meters: list[Meter]) -> None:
    """Check that every kind of token has its rows, in the order of the page: labels
    that changed places would change prices.
    """
    windows = ["off_peak", "peak"] if any(m.qualifiers for m in meters) else [""]
    expected = [
        Meter(component, qualifiers=(("window", window),) if window else ())
        for component in dict.fromkeys(_ROLES.values())
        for window in windows
    ]
    if meters != expected:
        raise UnreadableBody(
            f"{_WHAT}: prices for {', '.join(m.key for m in meters) or 'nothing'} "
            f"where {', '.join(m.key for m in expected)} are expected"
        )


def _roles(table: Table) -> dict[int, str]:
    """Columns of a table that are kinds of tokens."""
    names = ("".join(name.split()) for name in table.columns)
    plain = (name.replace("（", "(").replace("）", ")") for name in names)
    return {n: _ROLES[name] for n, name in enumerate(plain) if name in _ROLES}


def _announcements(book: Book, tables: list[Table]) -> list[tuple[date, list[_Stated]]]:
    """Tables of prices to come, each with its day."""
    found = []
    for table in tables:
        day = deepseek_notes.begins(table.before)
        if day is None:
            book.note(f"a table of announced prices without a date ({table.place})")
            book.ignore(table.place)
        else:
            found.append((day, [p for row in table.rows for p in _row(table, row)]))
    return found


def _row(table: Table, row: tuple[Cell, ...]) -> Iterator[_Stated]:
    roles = _roles(table)
    key = _MARK.sub("", row[0].text).casefold()
    said = [_WINDOWS.get("".join(c.text.split()).casefold()) for c in row]
    windows = [window for window in said if window]
    labels = [n for n in range(len(row)) if n not in roles]
    if not key.startswith(_FAMILY) or len(labels) != 1 + len(windows):
        raise UnreadableBody(
            f"{_WHAT}: the row {' | '.join(c.text for c in row)[:80]!r} of the "
            "announced prices is not understood"
        )
    for place, component in roles.items():
        meter = Meter(component, qualifiers=tuple(("window", w) for w in windows))
        where = f"{_WHAT}: announced {meter.key} of {key}"
        money = amounts.only_money(row[place].text, where=where)
        if money.before or money.after:
            raise UnreadableBody(f"{where} is {row[place].text[:60]!r}")
        yield _Stated(key, meter, row[place], money)


def _listed(
    book: Book, stated: list[_Stated], announced: list[tuple[date, list[_Stated]]]
) -> None:
    """Prices with their days: those of today end where announced ones begin."""
    today = {(p.key, p.meter): (p.money.amount, p.money.currency) for p in stated}
    begin: dict[str, date] = {}
    for day, prices in announced:
        for price in prices:
            money = (price.money.amount, price.money.currency)
            if today.get((price.key, price.meter)) == money:
                continue
            begin[price.key] = min(day, begin.get(price.key, day))
            book.offer(price.key, Offer(_PROVIDER, price.key))
            book.price(price.key, _price(price, "announced", begins=day))
    for price in stated:
        days = [day for day in (price.ends, begin.get(price.key)) if day]
        last = min(days, default=None)
        book.price(price.key, _price(price, "PRICING", last=last))


def _price(
    stated: _Stated, table: str, *, begins: date | None = None, last: date | None = None
) -> Price:
    return Price(
        meter=stated.meter,
        amount=stated.money.amount,
        per=MILLION,
        currency=stated.money.currency,
        text=" ".join((stated.cell.text, *stated.cell.struck)),
        field=f"{table} › {stated.meter.key}",
        effective_from=begins,
        effective_to=last,
    )
