"""Z.AI's page of prices, as Markdown and as the HTML that it is shown in.

Tables of tokens have a column per kind of token; the others have one price, whose
unit stands in the sentence above the table ("Prices per image.") or in the cell
("$0.03 / MTok"). A price per token that is not split into input and output is on a
meter of its own, `usage`.
"""

import re
from collections.abc import Iterator

from crawler.pages import amounts, html, markdown, periods
from crawler.pages.amounts import Per
from crawler.pages.grid import Cell, Table, columns_of, plain
from crawler.pages.listing import Book, Price, flatten
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import Meter
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document

__all__ = ["flatten", "parse"]

_WHAT = "zai pricing"
_PROVIDER = "zai"
_FAMILY = "glm-"
"""What its own models are called; a list without one is someone else's."""

_COLUMNS = {
    "model": None,
    "input": Meter("input"),
    "cached input": Meter("cache_read"),
    "cached input storage": Meter("storage"),
    "output": Meter("output"),
}
_SINGLE = {("model", "price"), ("agent", "price"), ("tool", "cost")}

_UNITS = {
    "token": Meter("usage"),
    "image": Meter("output", "image"),
    "video": Meter("output", "video"),
    "second": Meter("input", "second"),
}
"""What a single price is for, by its unit."""

_SAID_ABOVE = re.compile(r"\bprices?\s+(?P<per>per\s[a-z0-9 ]{1,40})")
_ROUGHLY = re.compile(r"\(equivalent to[^()]*\)", re.IGNORECASE)
_STATUS = re.compile(
    r"\s*\((?P<status>beta|deprecated|preview|retired)\)$", re.IGNORECASE
)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)
_STARTS_WITHIN = 4000


def parse(body: bytes) -> Document:
    """Read the page.

    Raises:
        UnreadableBody: another page, or a part of this one is not understood.
    """
    book = Book(_WHAT)
    keys: set[str] = set()
    for table in _tables(body):
        if "input" in table.columns or "output" in table.columns:
            keys.update(_tokens(book, table))
        elif table.columns in _SINGLE:
            _single(book, table)
        else:
            _other(book, table)
    if not any(key.startswith(_FAMILY) for key in keys):
        raise UnreadableBody(f"{_WHAT}: no table with the token prices of a GLM model")
    return book.document()


def _tables(body: bytes) -> list[Table]:
    if _PAGE.search(body[:_STARTS_WITHIN]):
        html.whole(body, what=_WHAT)
        return html.tables(html.page(body, what=_WHAT), what=_WHAT)
    found = markdown.checked(body.decode("utf-8", "replace"), what=_WHAT)
    return [b for section in found for b in section.blocks if isinstance(b, Table)]


def _tokens(book: Book, table: Table) -> Iterator[str]:
    """A table with a column per kind of token; gives the models' keys."""
    meters = columns_of(table, _COLUMNS, what=_WHAT, in_order=True)
    per = _said_above(table)
    missing = {"model", "input", "output"} - set(table.columns)
    if missing:
        raise UnreadableBody(
            f"{_WHAT}: the table under {table.place} has no column {min(missing)!r}"
        )
    if per is None or per.unit != "token":
        raise UnreadableBody(
            f"{_WHAT}: the unit of the table under {table.place} is not understood: "
            f"{table.before[:80]!r}"
        )
    for row in table.rows:
        key = _named(book, row[0])
        for meter, cell, name in zip(meters, row, table.columns, strict=True):
            if meter is not None:
                _cell(book, key, cell, units={"token": meter}, above=per, column=name)
        yield key


def _single(book: Book, table: Table) -> None:
    """A table with one price for each name."""
    above = _said_above(table)
    for row in table.rows:
        key = _named(book, row[0])
        units = _tool_units(key) if table.columns[0] == "tool" else _UNITS
        column = table.columns[1]
        _cell(book, key, row[1], units=units, above=above, column=column)


def _tool_units(key: str) -> dict[str, Meter]:
    """What the use of a tool is called."""
    if key == "web-search":
        return {"use": Meter("search", "query")}
    return {"use": Meter(key.replace("-", "_").replace(".", "_"), "call")}


def _other(book: Book, table: Table) -> None:
    if any(
        amounts.moneys(cell.text) for row in (table.header, *table.rows) for cell in row
    ):
        raise UnreadableBody(
            f"{_WHAT}: the table under {table.place} with the columns "
            f"{', '.join(map(repr, table.columns))} holds prices and is not known"
        )
    book.ignore(table.place)


def _said_above(table: Table) -> Per | None:
    found = _SAID_ABOVE.search(plain(table.before))
    return amounts.per_of(found["per"]) if found else None


def _named(book: Book, name: Cell) -> str:
    """The key of a row: the model as its API spells it, in lower case."""
    status = _STATUS.search(name.text)
    text = name.text[: status.start()] if status else name.text
    key = re.sub(r"[^a-z0-9.]+", "-", text.casefold()).strip("-")
    book.offer(key, Offer(_PROVIDER, key))
    if status:
        book.fact(key, "status", status["status"].casefold())
    return key


def _cell(
    book: Book,
    key: str,
    cell: Cell,
    *,
    units: dict[str, Meter],
    above: Per | None,
    column: str,
) -> None:
    """One price, or what stands in its place."""
    where = f"{_WHAT}: {column} of {key}"
    said = periods.dated(cell.text, where=where)
    text = _ROUGHLY.sub("", said.text).strip()
    state = amounts.state_of(text)
    if state == amounts.NOT_STATED and text:
        return
    if state in (None, amounts.NOT_STATED):
        money = amounts.only_money(text, where=where)
        amount, currency = money.amount, money.currency
        meter, per = _meant(money.before, money.after, units, above, where)
    else:
        amount, currency = "0", "USD"
        meter, per = _meant("", "", units, above, where)
        if state != amounts.FREE:
            book.state(key, meter, str(state))
            return
    for struck in cell.struck:
        listed = amounts.only_money(struck, where=where)
        book.list_price(key, meter, listed.amount, listed.currency)
    days = (said.effective_from, said.effective_to)
    book.price(key, Price(meter, amount, per, currency, cell.text, column, *days))


def _meant(
    before: str, after: str, units: dict[str, Meter], above: Per | None, where: str
) -> tuple[Meter, int]:
    """What a price is for: said in the cell, or else above the table."""
    per = above
    if after:
        per = Per("use", 1) if plain(after) == "/ use" else amounts.per_of(after)
    if before or per is None or per.unit not in units:
        raise UnreadableBody(
            f"{where} is for {f'{before} … {after}'!r}, which is not understood"
        )
    return units[per.unit], per.count
