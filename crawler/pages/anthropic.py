"""Anthropic's price page: Markdown with a table for each feature.

What a table is for is told by its columns (the list prices, the batch prices) or by
its heading (fast mode). Models are called by their display names there; litellm calls
them by the ids of the API, which follow from the names by a rule.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from crawler.pages import amounts, markdown
from crawler.pages.anthropic_names import (
    LENGTH,
    Names,
    above,
    id_of,
    mentioned,
    names_of,
    tokens_of,
    unmarked,
)
from crawler.pages.grid import Cell, Table, columns_of, plain
from crawler.pages.listing import Book, Price, flatten
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import MILLION, Meter, tokens_text
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document

__all__ = ["flatten", "parse"]

_WHAT = "anthropic pricing"
_PROVIDER = "anthropic"

_MODEL = None
_LIST = {
    "model": _MODEL,
    "base input tokens": Meter("input"),
    "5m cache writes": Meter("cache_write"),
    "1h cache writes": Meter("cache_write", qualifiers=(("ttl", "1h"),)),
    "cache hits & refreshes": Meter("cache_read"),
    "cache hits and refreshes": Meter("cache_read"),
    "output tokens": Meter("output"),
}
_BATCH = {
    "model": _MODEL,
    "batch input": Meter("input", tier="batch"),
    "batch output": Meter("output", tier="batch"),
}
_CONTEXT = "context window"
_FAST = {
    "model": _MODEL,
    _CONTEXT: _MODEL,
    "input": Meter("input", tier="fast"),
    "output": Meter("output", tier="fast"),
}

_NOT_PRICED = frozenset(
    {
        ("cache operation", "multiplier", "duration"),
        ("concept", "details"),
        ("line item", "calculation", "cost"),
        ("model", "additional input tokens"),
        ("model", "input tokens per tool definition"),
        ("model", "tool choice", "tool use system prompt token count"),
        ("modifier", "why it doesn't apply"),
        ("sku", "rate", "metering"),
        ("tool", "additional input tokens"),
    }
)
"""Tables about tokens, multipliers, worked examples, marketplaces and the running
time of agents: no price of a model."""

# From the cheapest kind of token to the dearest, as it has been for every model:
# a row that does not rise is an exception, a table that does not has its columns
# named wrongly.
_RISING = ("cache_read", "input", "cache_write", "cache_write;ttl=1h", "output")

_SAID = re.compile(r"(?P<what>input|output): ?")


@dataclass(slots=True)
class _Reading:
    """The book, and what the list prices are."""

    book: Book
    listed: dict[tuple[str, str], str] = field(default_factory=dict)
    """The amount of each model's list price by meter."""

    models: dict[str, None] = field(default_factory=dict)
    batch: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a table: whose it is, and what its cells say.

    Attributes:
        names: what its first cell says.
        prices: those of the other cells.
        struck: prices that are struck through, beside the one that holds.
        states: what stands in a price's place.
    """

    names: Names
    prices: tuple[Price, ...] = ()
    struck: tuple[Price, ...] = ()
    states: tuple[tuple[Meter, str], ...] = ()


_Read = Callable[["_Reading", Table, tuple[str, ...]], None]


def parse(body: bytes) -> Document:
    """Read the page.

    Raises:
        UnreadableBody: it is none, or one of its tables is not understood.
    """
    text = body.decode("utf-8", "replace").replace("\0", "\ufffd")
    sections = markdown.checked(text, what=_WHAT)
    reading = _Reading(Book(_WHAT))
    for section in sections:
        said: list[str] = []
        for block in section.blocks:
            if isinstance(block, Cell):
                said.append(block.text)
            else:
                _reader(block)(reading, block, tuple(said))
                said.clear()
    if not reading.listed:
        raise UnreadableBody(f"{_WHAT}: no table with the column 'Base input tokens'")
    _check_end(reading, sections)
    return reading.book.document()


def _reader(table: Table) -> _Read:
    columns = table.columns
    if "base input tokens" in columns:
        return _list_prices
    if any(name.startswith("batch ") for name in columns):
        return _batch_prices
    if any(LENGTH.fullmatch(name) for name in columns):
        return _long_prices
    if "fast mode" in plain(table.path[-1] if table.path else ""):
        return _fast_prices
    return _other


def _list_prices(reading: _Reading, table: Table, _: tuple[str, ...]) -> None:
    rows = _rows(table, _LIST)
    for row in rows:
        for model in row.names.models:
            reading.book.offer(model, Offer(_PROVIDER, id_of(model)))
            reading.models[model] = None
            if row.names.status:
                reading.book.fact(model, "status", row.names.status)
            if not row.names.above:
                listed = {(model, p.meter.key): p.amount for p in row.prices}
                reading.listed.update(listed)
        _put(reading, row)
    _check_order(table, rows, _RISING)


def _batch_prices(reading: _Reading, table: Table, _: tuple[str, ...]) -> None:
    rows = _rows(table, _BATCH)
    for row in rows:
        reading.batch.update(dict.fromkeys(row.names.models))
        _put(reading, row)
    _check_order(table, rows, ("input+batch", "output+batch"))


def _fast_prices(reading: _Reading, table: Table, said: tuple[str, ...]) -> None:
    rows = _rows(table, _FAST, _models_of(reading, table, said))
    for row in rows:
        _put(reading, row)
    _check_order(table, rows, ("input+fast", "output+fast"))


def _models_of(
    reading: _Reading, table: Table, said: tuple[str, ...]
) -> tuple[str, ...]:
    """Whose prices a table holds, if none of its columns says so."""
    if "model" in table.columns:
        return ()
    return mentioned(said, reading.models.keys(), where=_place(table))


def _long_prices(reading: _Reading, table: Table, said: tuple[str, ...]) -> None:
    """Prices by the length of the prompt, in columns; those for short prompts are the
    list prices again.
    """
    names = Names(_models_of(reading, table, said))
    rows = []
    for row in table.rows:
        cells = dict(zip(table.columns, row, strict=True))
        if "model" in cells and cells["model"].text:
            names = names_of(cells["model"].text, where=_place(table))
        prices = [
            _length_price(table, header, cell)
            for header, cell in zip(table.header, row, strict=True)
            if plain(header.text) != "model"
        ]
        for price in prices:
            if not price.meter.context_above:
                _check_listed(reading, table, names, price)
        rows.append(_Row(names, tuple(p for p in prices if p.meter.context_above)))
        _put(reading, rows[-1])
    tokens = {p.meter.context_above for row in rows for p in row.prices}
    for rising in ((f"input@>{n}", f"output@>{n}") for n in map(tokens_text, tokens)):
        _check_order(table, rows, rising)


def _length_price(table: Table, header: Cell, cell: Cell) -> Price:
    found = LENGTH.fullmatch(plain(header.text))
    where = f"{_place(table)}: {header.text}"
    if found is None:
        raise UnreadableBody(f"{where}: the column is not understood")
    said = _SAID.match(plain(cell.text))
    if (said is None) == (found["what"] is None):
        raise UnreadableBody(f"{where}: {cell.text!r} is neither input nor output")
    component = found["what"] or (said["what"] if said else "")
    text = cell.text[said.end() :] if said else cell.text
    price = _price(table, header, Meter(component), text)
    return _above(price, tokens_of(found))


def _other(reading: _Reading, table: Table, _: tuple[str, ...]) -> None:
    if table.columns not in _NOT_PRICED:
        for row in (table.header, *table.rows):
            for cell in row:
                if amounts.moneys(cell.text):
                    raise UnreadableBody(
                        f"{_place(table)}: a table of prices that is not known, with "
                        f"the columns {', '.join(map(repr, table.columns))}"
                    )
    reading.book.ignore(table.place)


def _rows(
    table: Table, known: dict[str, Meter | None], models: tuple[str, ...] = ()
) -> list[_Row]:
    """The rows of a table with a meter in each column.

    Args:
        table: which.
        known: its columns.
        models: whose prices they are, if no column says so.
    """
    meters = columns_of(table, known, what=_WHAT)
    components = {meter.component for meter in meters if meter}
    if len({*table.columns}) != len(meters) or not {"input", "output"} <= components:
        raise UnreadableBody(f"{_place(table)}: not one column for input and output")
    if ("model" in table.columns) == bool(models):
        raise UnreadableBody(f"{_place(table)}: no column tells the model")
    return [_row(table, meters, row, models) for row in table.rows]


def _row(
    table: Table,
    meters: list[Meter | None],
    row: tuple[Cell, ...],
    models: tuple[str, ...],
) -> _Row:
    cells = dict(zip(table.columns, row, strict=True))
    names = Names(models)
    if "model" in cells:
        names = names_of(cells["model"].text, where=_place(table))
    if _CONTEXT in cells:
        tokens = above(cells[_CONTEXT].text, where=_place(table))
        names = replace(names, above=tokens)
    prices, struck, states = [], [], []
    for meter, header, cell in zip(meters, table.header, row, strict=True):
        if meter is None:
            continue
        struck += [_price(table, header, meter, text) for text in cell.struck]
        state = amounts.state_of(cell.text) if cell.text else None
        if state is None:
            prices.append(_price(table, header, meter, cell.text))
        elif state == amounts.FREE:
            prices.append(Price(meter, "0", MILLION, text=cell.text))
        elif state:
            states.append((meter, state))
    return _Row(names, tuple(prices), tuple(struck), tuple(states))


def _price(table: Table, header: Cell, meter: Meter, text: str) -> Price:
    """The price in a cell."""
    where = f"{_place(table)}: {header.text}"
    money = amounts.only_money(unmarked(text), where=where)
    per = amounts.per_of(money.after)
    if money.before or per is None or per.unit != "token":
        raise UnreadableBody(f"{where}: {text[:80]!r} is no price per tokens")
    return Price(
        meter,
        money.amount,
        per.count,
        money.currency,
        text=text,
        field=f"{table.path[-1] if table.path else ''} › {header.text}",
    )


def _put(reading: _Reading, row: _Row) -> None:
    book, names = reading.book, row.names
    for model in names.models:
        if model not in reading.models:
            raise UnreadableBody(f"{_WHAT}: {model!r} is not among the list prices")
        for price in row.prices:
            dated = replace(
                _above(price, names.above) if names.above else price,
                effective_from=names.days.effective_from,
                effective_to=names.days.effective_to,
            )
            book.price(model, dated)
        for price in row.struck:
            book.list_price(model, price.meter, price.amount, price.currency)
        for meter, state in row.states:
            book.state(model, meter, state)


def _above(price: Price, tokens: int) -> Price:
    return replace(price, meter=replace(price.meter, context_above=tokens))


def _check_order(table: Table, rows: list[_Row], rising: tuple[str, ...]) -> None:
    stated = [{price.meter.key: price.amount for price in row.prices} for row in rows]
    ordered = [[row[key] for key in rising if key in row] for row in stated]
    if not amounts.mostly_rising(ordered):
        raise UnreadableBody(
            f"{_place(table)}: the columns seem to be mixed up; most rows do not rise "
            f"in the order {', '.join(rising)}"
        )


def _check_listed(reading: _Reading, table: Table, names: Names, price: Price) -> None:
    for model in names.models:
        listed = reading.listed.get((model, price.meter.key))
        if listed is None or Decimal(listed) != Decimal(price.amount):
            raise UnreadableBody(
                f"{_place(table)}: {price.text!r} for short prompts of {model} is not "
                f"its list price {listed}"
            )


def _check_end(reading: _Reading, sections: list[markdown.Section]) -> None:
    """A page that ends with the batch prices of only the first models is cut off."""
    last = sections[-1].blocks[-1] if sections and sections[-1].blocks else None
    if not isinstance(last, Table) or _reader(last) is not _batch_prices:
        return
    batch, models = tuple(reading.batch), tuple(reading.models)
    if batch and batch == models[: len(batch)] != models:
        raise UnreadableBody(f"{_WHAT}: cut off after {batch[-1]!r}")


def _place(table: Table) -> str:
    return f"{_WHAT}: {table.place}"
