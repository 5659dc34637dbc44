"""Mistral's prices: a bundle of the index of models and a page for each, or one page
with the prices of many.

Which is which is told by what a page holds, never by where it was. Only data, tables
and cards are read: the questions and answers on these pages quote old prices.
"""

import re
from dataclasses import dataclass
from typing import Any

from parsel import Selector

from crawler.pages import bundle, html, mistral_lists, mistral_model, next_flight
from crawler.pages import mistral_units as units
from crawler.pages.listing import Book, flatten
from tracker.domain.errors import UnreadableBody
from tracker.domain.quotes import Document

__all__ = ["flatten", "parse"]

_WHAT = "mistral pricing"
_LINK = re.compile(r'href="(?:https://docs\.mistral\.ai)?/models/([a-z0-9-]+)"')
_LINKS_OF_AN_INDEX = 3

_MODEL, _LIST, _INDEX, _NOTHING = "model", "list", "index", "nothing"
"""What a page can be: a model's, one with prices of many, one that links to them, and
one that should have prices and has none.
"""


@dataclass(frozen=True)
class _Page:
    """One page of the bundle, opened.

    Attributes:
        name: how errors name it: the last part of its address.
        text: as it came.
        tree: as HTML.
        values: what its data holds.
        model: what it says of a model, if it is a model's.
    """

    name: str
    text: str
    tree: Selector
    values: list[Any]
    model: mistral_model.ModelPage


def parse(body: bytes) -> Document:
    """Read a bundle of pages, or a single one.

    Raises:
        UnreadableBody: no page with prices, or one that is not understood.
    """
    parts = bundle.unpack(body)
    pages = [_opened(part) for part in parts.parts]
    book = Book(_WHAT)
    keys = {page.name: _key(page) for page in pages if page.model.is_one}
    read = {_MODEL: 0, _LIST: 0, _INDEX: 0, _NOTHING: 0}
    for page in pages:
        read[_read(book, page, keys)] += 1
    if read[_INDEX] == len(pages):
        raise UnreadableBody(
            f"{_WHAT}: only the index of models, which states no prices; each model's "
            "page states its own"
        )
    listed = bool(read[_INDEX] or read[_LIST])
    return book.document(complete=listed and not parts.missing and not read[_NOTHING])


def _opened(part: bundle.Part) -> _Page:
    name = part.url.rstrip("/").rpartition("/")[2]
    what = f"{_WHAT}: the page {name}" if name else _WHAT
    html.whole(part.body, what=what)
    tree = html.page(part.body, what=what)
    text = part.body.decode("utf-8", "replace")
    rows = next_flight.rows(text, what=what) if next_flight.has_data(text) else []
    values = list(next_flight.values(rows, what=what))
    model = mistral_model.found_in(values, what=what)
    return _Page(name, text, tree, values, model)


def _key(page: _Page) -> str:
    """What the API calls the page's model; else what the page's address calls it."""
    if page.model.names:
        return page.model.names[0]
    return units.key_of_slug(page.name or page.model.title)


def _read(book: Book, page: _Page, keys: dict[str, str]) -> str:
    """Read a page; gives what it was.

    Raises:
        UnreadableBody: none of them, such as a page that asks whether one is human.
    """
    if page.model.is_one:
        mistral_model.add(book, _key(page), page.model)
        return _MODEL if page.model.pricing is not None else _NOTHING
    listed = mistral_lists.apis(book, page.values)
    listed = mistral_lists.cards(book, page.tree) or listed
    if mistral_lists.tables(book, page.tree, keys) or listed:
        return _LIST
    links = set(_LINK.findall(page.text))
    if len(links) >= _LINKS_OF_AN_INDEX and page.name in ("", "models"):
        return _INDEX
    if page.values and page.name:
        book.note(f"the page {page.name} states no price")
        return _NOTHING
    raise UnreadableBody(
        f"{_WHAT}: the page {page.name or 'given'} holds neither prices nor models"
    )
