"""OpenAI's pricing page, in the layouts it has had since the beginning of 2026.

    Markdown with components    numbers as properties of the components; parts cut off
    Markdown with pipe tables   all of it
    HTML                        the properties of the components as JSON

Tables for batches, flexible, fast (once priority) processing, audio, images, video,
transcription, fine-tuned models and tools stand beside those for text; all are read.
That regional endpoints cost a tenth more is said in a note only and is not a price.
"""

import re
from dataclasses import replace
from datetime import date

from crawler.pages import openai_html, openai_markdown, openai_prices, periods
from crawler.pages.listing import Book, Listing, flatten
from crawler.pages.openai_outline import WHAT
from tracker.domain.errors import UnreadableBody
from tracker.domain.quotes import Document

__all__ = ["flatten", "parse"]

_HTML = ("<!doctype", "<html")
_BILLED = re.compile(
    r"\bBilling for (?:<code[^>]{0,200}>|`)(?P<model>[\w.:-]{1,60})(?:</code>|`) "
    r"begins on (?P<day>[A-Z][a-z]{2,8} \d{1,2}, 20\d\d)"
)


def parse(body: bytes) -> Document:
    """Read the page.

    A document is incomplete if a section announces prices and has no table.

    Raises:
        UnreadableBody: not that page, or a table of it is not understood.
    """
    text = body.decode("utf-8", "replace").replace("\0", "\ufffd")
    if not text.strip():
        raise UnreadableBody(f"{WHAT}: the body is empty")
    is_html = text.lstrip("\ufeff \t\r\n")[:200].casefold().startswith(_HTML)
    outline = openai_html.read(body) if is_html else openai_markdown.read(text)
    beyond = openai_prices.long_context(text, outline.sheets)
    book = Book(WHAT)
    for sheet in outline.sheets:
        openai_prices.read(book, sheet, beyond)
    for section in outline.missing:
        book.note(f"no prices, or not all of them, under {section!r}")
    document = book.document(complete=not outline.missing)
    if not any(_is_ours(key) for key in document.entries):
        raise UnreadableBody(f"{WHAT}: prices, but of no model of OpenAI's")
    return _from_day(document, _billed(text))


def _billed(text: str) -> dict[str, date]:
    """The models that are listed before they cost anything, and their first days."""
    days = {}
    for found in _BILLED.finditer(text):
        said = periods.dated(f"starting {found['day']}", where=WHAT)
        if said.effective_from:
            days[found["model"].casefold()] = said.effective_from
    return days


def _from_day(document: Document, days: dict[str, date]) -> Document:
    """The document with the prices of these models from their first days on."""
    entries = dict(document.entries)
    for key, day in days.items():
        listing = entries.get(key)
        if isinstance(listing, Listing):
            prices = tuple(replace(p, effective_from=day) for p in listing.prices)
            entries[key] = replace(listing, prices=prices)
    return replace(document, entries=entries)


def _is_ours(key: str) -> bool:
    return key.removeprefix("ft:").startswith(("gpt-", "o1", "o3", "o4"))
