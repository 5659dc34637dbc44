"""Mistral's pages that list the prices of many models, in their three layouts.

Tables (since autumn 2026) have a column per kind of token, with the unit above the
table or in each cell. Cards (summer 2026) have labels and a price as data under each.
Before that the page carried a list `apis` in its data. Cards and entries without the
name of a model are other products, whose labels may be those of models.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from parsel import Selector

from crawler.pages import amounts, html
from crawler.pages import mistral_units as units
from crawler.pages.grid import Cell, Table, columns_of, plain
from crawler.pages.listing import Book
from crawler.pages.mistral_units import Stated
from crawler.pages.next_flight import Number, text_of
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import Meter

_COLUMNS = {
    "model": "",
    "input": "input",
    "cached input": "cache_read",
    "output": "output",
}
_ABOVE = re.compile(
    r"\bprices (?P<per>/m tokens|/m chars|/min|/1000 pages|as marked)\b"
)
_AS_MARKED = "as marked"
_OTHER_MODE = re.compile(r"·\s?(?:batch|priority)|\([+-]\d{1,3}%\)")
_PAGE_OF_MODEL = re.compile(
    r"(?:https://docs\.mistral\.ai)?/(?:en/|fr/)?models/(?:model-cards/)?([a-z0-9-]+)"
)
_DECORATION = re.compile(r"↗|\bsale price\b", re.IGNORECASE)
_CARDS = (".model-item[data-name]", "mistral-block-card-model")
_BEFORE_LIST, _BEFORE_SALE = "original price:", "sale price:"
_TAGS = re.compile(r"<[^<>]{0,200}>")


def slug_of(link: str) -> str:
    """The last part of the address of a model's page; empty if it is none."""
    address = re.split(r"[#?]", link, maxsplit=1)[0]
    found = _PAGE_OF_MODEL.fullmatch(address.rstrip("/"))
    return found[1] if found else ""


def tables(book: Book, tree: Selector, keys: Mapping[str, str]) -> bool:
    """Read the tables of prices.

    Args:
        book: what is read goes here.
        tree: the page.
        keys: the key of a model by the last part of its page's address, where known.

    Returns:
        Whether there was such a table.

    Raises:
        UnreadableBody: a table of prices is not understood.
    """
    found = html.tables(tree, what=book.what)
    priced = [t for t in found if t.columns[0] == "model" and "input" in t.columns]
    for table in found:
        if table in priced:
            _table(book, table, keys)
        elif any(
            amounts.moneys(c.text) for row in (table.header, *table.rows) for c in row
        ):
            raise UnreadableBody(
                f"{book.what}: the table under {table.place} with the columns "
                f"{', '.join(map(repr, table.columns))} holds prices and is not known"
            )
    return bool(priced)


def _table(book: Book, table: Table, keys: Mapping[str, str]) -> None:
    sides = columns_of(table, _COLUMNS, what=book.what, in_order=True)
    above = _ABOVE.search(plain(table.before))
    if not {"input", "output"} <= set(sides) or above is None:
        raise UnreadableBody(
            f"{book.what}: columns or unit of the table under {table.place} are not "
            f"understood: {table.before[:80]!r}"
        )
    if _OTHER_MODE.search(plain(table.before)):
        raise UnreadableBody(
            f"{book.what}: the table under {table.place} is not in the standard mode"
        )
    for row in table.rows:
        key = _key(book, row[0], keys)
        for side, cell in list(zip(sides, row, strict=True))[1:]:
            _cell(book, key, side, cell, above["per"])


def _key(book: Book, name: Cell, keys: Mapping[str, str]) -> str:
    slugs = [slug for link in name.links if (slug := slug_of(link))]
    text = " ".join(_DECORATION.sub(" ", name.text).split())
    key = keys.get(slugs[0], "") if slugs else ""
    return units.offered(book, key or units.key_of_slug(slugs[0] if slugs else text))


def _cell(book: Book, key: str, side: str, cell: Cell, above: str) -> None:
    """One price, its unit in the cell or above the table."""
    where = f"{book.what}: {side} of {key}"
    state = amounts.state_of(cell.text)
    if state == amounts.NOT_STATED and cell.text:
        return
    if state == amounts.FREE:
        _free(book, key, side, above)
        return
    amount, listed, per = _amounts(cell, where)
    if above != _AS_MARKED and per:
        raise UnreadableBody(f"{where} has a unit of its own: {cell.text[:60]!r}")
    per = per if above == _AS_MARKED else above
    stated = Stated(side, amount, per, f"table › {side}", cell.text, listed=listed)
    read = amounts.per_of(per)
    if side == "cache_read" and read and read.unit != "token":
        # The page takes a tenth of any input; no page or minute is cached.
        book.note(f"cached input of {key} per {read.unit} is left out")
        return
    units.add(book, key, stated)


def _free(book: Book, key: str, side: str, above: str) -> None:
    if above == _AS_MARKED:
        book.state(key, Meter(side), amounts.FREE)
    else:
        units.add(book, key, Stated(side, "0", above, f"table › {side}", "Free"))


def _amounts(cell: Cell, where: str) -> tuple[str, str, str]:
    """A cell's price, its list price if there is one, and the unit if it says one."""
    found = amounts.moneys(cell.text)
    struck = [m for text in cell.struck for m in amounts.moneys(text)]
    if len(found) == 2 and plain(found[0].before) == _BEFORE_LIST:
        struck, found = [found[0], *struck], found[1:]
    if len(found) != 1 or len({m.amount for m in struck}) > 1:
        raise UnreadableBody(f"{where}: {len(found)} prices in {cell.text[:80]!r}")
    price = found[0]
    before = plain(price.before).removeprefix(_BEFORE_LIST).strip()
    if {m.currency for m in (price, *struck)} != {"USD"}:
        raise UnreadableBody(f"{where} is not in dollars: {cell.text[:80]!r}")
    if before not in ("", _BEFORE_SALE):
        raise UnreadableBody(f"{where}: {cell.text[:80]!r} is not understood")
    return price.amount, struck[0].amount if struck else "", price.after


def cards(book: Book, tree: Selector) -> bool:
    """Read the cards of models; whether there was one.

    Raises:
        UnreadableBody: a price on a card of a model is not understood.
    """
    kind = next((k for k in _CARDS if tree.css(k)), _CARDS[0])
    if tree.css(f"{kind} {kind}"):
        raise UnreadableBody(f"{book.what}: a card of a model within another")
    found = tree.css(kind)
    for card in found:
        name = " ".join((card.attrib.get("data-name") or html.text_of(card)).split())
        texts = card.css("mistral-atom-button-copy-clipboard::attr(data-text)").getall()
        ids = [text for text in texts if units.API_NAME.fullmatch(text)]
        if len(ids) != 1:
            book.ignore(name[:60])
            continue
        key = units.offered(book, ids[0])
        for atom in card.css("mistral-atom-text-price"):
            label = " ".join(map(html.text_of, atom.xpath("preceding-sibling::p[1]")))
            _card_price(book, key, label, atom.attrib.get("data-prices", ""))
    return bool(found)


def _card_price(book: Book, key: str, label: str, data: str) -> None:
    where = f"{book.what}: {label[:60]!r} of {key}"
    try:
        prices = json.loads(data, parse_float=Number, parse_int=Number)
    except (ValueError, RecursionError):
        prices = None
    fields = prices if isinstance(prices, dict) else {}
    dollars, euros = fields.get("priceUsd"), fields.get("priceEur")
    said = units.labelled(label, text_of(fields.get("suffix")))
    if not isinstance(dollars, Number) or said is None or fields.get("prefix"):
        raise UnreadableBody(f"{where} is not understood: {data[:80]!r}")
    side, per = said
    stated = Stated(
        side=side,
        amount=str(dollars),
        per=per,
        field=label,
        text=f"{label} ${dollars}",
        euros=str(euros) if isinstance(euros, Number) else "",
    )
    units.add(book, key, stated)


def apis(book: Book, values: list[Any]) -> bool:
    """Read the entries of `apis` in a page's data; whether there was one.

    Raises:
        UnreadableBody: a price of a model is not understood.
    """
    found = [v for v in values if isinstance(v, dict) and _is_priced(v.get("price"))]
    for entry in found:
        name = text_of(entry.get("api_endpoint") or entry.get("api"))
        if not units.API_NAME.fullmatch(name):
            book.ignore(text_of(entry.get("name"))[:60] or "an entry without a name")
            continue
        key = units.offered(book, name)
        for price in entry["price"]:
            _api_price(book, key, price)
    return bool(found)


def _is_priced(value: Any) -> bool:
    return isinstance(value, list) and any(
        isinstance(part, dict) and "price_dollar" in part for part in value
    )


def _api_price(book: Book, key: str, price: Any) -> None:
    fields = price if isinstance(price, dict) else {}
    label = text_of(fields.get("value"))
    where = f"{book.what}: {label[:60]!r} of {key}"
    said = units.labelled(label)
    if said is None:
        raise UnreadableBody(f"{where} is not understood")
    text = " ".join(_TAGS.sub(" ", text_of(fields.get("price_dollar"))).split())
    state = amounts.state_of(text)
    if state == amounts.NOT_STATED:
        return
    amount = "0" if state == amounts.FREE else ""
    if not amount:
        money = amounts.only_money(text, where=where)
        if money.before or money.after or money.currency != "USD":
            raise UnreadableBody(f"{where} is {text[:60]!r}, which is not understood")
        amount = money.amount
    euros = amounts.moneys(_TAGS.sub(" ", text_of(fields.get("price_euro"))))
    stated = Stated(
        side=said[0],
        amount=amount,
        per=said[1],
        field=label,
        text=f"{label} {text}",
        euros=euros[0].amount if len(euros) == 1 else "",
    )
    units.add(book, key, stated)
