"""Groq's list of models: Markdown tables of what is in production, in preview, ...

A cell says what it is for: `$0.15 input$0.60 output` are prices per million tokens,
as the column's title has it, while `$0.111 per hour` and `$40.00 per 1M characters`
stand in the same column. A model's name runs into its badge and its id, so the id is
taken from the link and checked against the end of the name.
"""

import re

from crawler.pages import amounts, markdown
from crawler.pages.grid import Cell, Table, columns_of
from crawler.pages.listing import Book, Price, flatten
from tracker.domain import litellm_keys
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import MILLION, Meter
from tracker.domain.quotes import Document

__all__ = ["flatten", "parse"]

_WHAT = "groq models"
_PROVIDER = "groq"

_NAME, _PRICE, _NOTHING = "name", "price", ""
_COLUMNS = {
    "model id": _NAME,
    "speed (t/sec)": _NOTHING,
    "price per 1m tokens": _PRICE,
    "rate limits (developer plan)": _NOTHING,
    "context window (tokens)": "max_input_tokens",
    "max completion tokens": "max_output_tokens",
    "max file size": _NOTHING,
}

_PER_MILLION = {
    "input": Meter("input"),
    "cached input": Meter("cache_read"),
    "output": Meter("output"),
}
"""Words after an amount that is for what the column's title says."""

_PER_OTHER = {
    "second": Meter("input", "second"),
    "character": Meter("input", "character"),
}
"""Units that a cell states itself: of the audio that goes in, of the text."""

_MODEL = re.compile(r"(?:https://console\.groq\.com)?/docs/model/([\w./-]{1,100})")
_SYSTEM = re.compile(
    r"(?:https://console\.groq\.com)?/docs/compound/systems/([\w.-]{1,100})"
)
_ENTERPRISE = "Enterprise"
_STATUSES = ("production", "preview", "deprecated")


def parse(body: bytes) -> Document:
    """Read the page.

    Raises:
        UnreadableBody: another page, or a cell of this one is not understood.
    """
    book = Book(_WHAT)
    for section in markdown.checked(body.decode("utf-8", "replace"), what=_WHAT):
        for block in section.blocks:
            if isinstance(block, Table):
                _table(book, block)
    return book.document()


def _table(book: Book, table: Table) -> None:
    if table.columns[0] != "model id":
        _other(book, table)
        return
    meanings = columns_of(table, _COLUMNS, what=_WHAT, in_order=True)
    if _PRICE not in meanings:
        raise UnreadableBody(f"{_WHAT}: no column of prices under {table.place}")
    heading = table.path[-1].casefold() if table.path else ""
    status = next((s for s in _STATUSES if heading.startswith(s)), "")
    for row in table.rows:
        cells = dict(zip(meanings, row, strict=True))
        key = _key(book, cells[_NAME])
        if status:
            book.fact(key, "status", status)
        _limits(book, key, cells)
        _prices(book, key, cells[_PRICE].text, f"{table.place} › price")


def _other(book: Book, table: Table) -> None:
    """A table of something else; not one of ours whose header has changed."""
    cells = [cell for row in (table.header, *table.rows) for cell in row]
    if any(amounts.moneys(c.text) or any(map(_linked, c.links)) for c in cells):
        raise UnreadableBody(
            f"{_WHAT}: the table under {table.place} with the columns "
            f"{', '.join(map(repr, table.columns))} holds models and is not known"
        )
    book.ignore(table.place)


def _key(book: Book, name: Cell) -> str:
    """The id in the name's link, which is also the end of the name."""
    ids = [found for link in name.links if (found := _linked(link))]
    if len(ids) != 1 or not name.text.endswith(ids[0]):
        raise UnreadableBody(f"{_WHAT}: no id of a model in {name.text[:80]!r}")
    key = ids[0]
    book.offer(key, litellm_keys.read_key(key, _PROVIDER)[0])
    if name.text.removesuffix(key).endswith(_ENTERPRISE):
        book.fact(key, "availability", _ENTERPRISE.lower())
    return key


def _linked(link: str) -> str:
    if found := _MODEL.fullmatch(link):
        return found[1]
    if found := _SYSTEM.fullmatch(link):
        return f"groq/{found[1]}"
    return ""


def _limits(book: Book, key: str, cells: dict[str, Cell]) -> None:
    for name, cell in cells.items():
        if name.startswith("max_") and cell.text.replace(",", "").isdecimal():
            book.fact(key, name, cell.text.replace(",", ""))


def _prices(book: Book, key: str, text: str, field: str) -> None:
    where = f"{_WHAT}: the price of {key}"
    state = amounts.state_of(text)
    if state == amounts.NOT_STATED and text:
        return
    if state in (amounts.CONTACT, amounts.NOT_AVAILABLE):
        book.state(key, Meter("input"), state)
        return
    found = amounts.moneys(text)
    if not found or found[0].before:
        raise UnreadableBody(f"{where} is not understood: {text[:80]!r}")
    for money in found:
        meter, per = _meant(money.after, where)
        book.price(
            key, Price(meter, money.amount, per, money.currency, text=text, field=field)
        )


def _meant(words: str, where: str) -> tuple[Meter, int]:
    """What the words after an amount say that it is for."""
    if words in _PER_MILLION:
        return _PER_MILLION[words], MILLION
    per = amounts.per_of(words) if words.startswith(("per ", "/")) else None
    if per is None or per.unit not in _PER_OTHER:
        raise UnreadableBody(f"{where} is for {words[:60]!r}, which is not understood")
    return _PER_OTHER[per.unit], per.count
