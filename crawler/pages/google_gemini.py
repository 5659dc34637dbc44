"""Google's price page of the Gemini API, in Markdown.

A section for each model or family, with a line of the models' ids under its heading,
and under it a table for each service tier. A row is a kind of use; the columns are the
free and the paid tier, and the paid one's header says what its prices are for.
"""

import re
from dataclasses import dataclass, field

from crawler.pages import amounts, google_gemini_rows, markdown, periods
from crawler.pages.google_gemini_cells import unmarked
from crawler.pages.google_gemini_rows import Place
from crawler.pages.grid import Cell, Table, plain
from crawler.pages.listing import Book, flatten
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import STANDARD
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document

__all__ = ["flatten", "parse"]

_WHAT = "google gemini pricing"
_PROVIDER = "gemini"

_TIERS = {
    "standard": STANDARD,
    "batch": "batch",
    "flex": "flex",
    "priority": "priority",
}
_FREE_COLUMN = "free tier"
_PAID_COLUMN = re.compile(r"paid tier, per (?P<unit>[a-z0-9, ]{1,30}) in usd")

_NOT_MODELS = ("pricing for tools", "pricing for agents", "notes")
"""Sections about other things: tools and agents are billed as the models they use."""

MAX_IDS = 50
"""Models of one section; the most seen is four."""

_ID = r"[a-z][a-z0-9]*(?:[-.][a-z0-9]+)+"
_IDS = re.compile(rf"{_ID}(?:(?:,|,? and) {_ID})*")
_SHUT_DOWN = re.compile(r"shut down (?:on )?(?P<day>[A-Z][a-z]{2,8} \d{1,2}, 20\d\d)")


@dataclass(slots=True)
class _Reading:
    """The book, and which tables were read.

    Attributes:
        depth: how deep the headings of models are.
        ids: of the section that is being read.
        tables: ids and tiers of the tables read.
        priced: ids of the sections that have a table.
        whole: whether every section with prices could be told a model.
    """

    book: Book
    depth: int
    ids: tuple[str, ...] = ()
    tables: set[tuple[tuple[str, ...], str]] = field(default_factory=set)
    priced: set[tuple[str, ...]] = field(default_factory=set)
    whole: bool = True


def parse(body: bytes) -> Document:
    """Read the page.

    Raises:
        UnreadableBody: it is none, or one of its tables is not understood.
    """
    text = body.decode("utf-8", "replace").replace("\0", "\ufffd")
    sections = markdown.checked(text, what=_WHAT)
    depths = [len(section.path) for section in sections if _ids_of(section)]
    if not depths or not min(depths):
        raise UnreadableBody(f"{_WHAT}: no line of model ids under a heading")
    reading = _Reading(Book(_WHAT), min(depths))
    for section in sections:
        _section(reading, section)
    _check_priced(reading)
    return reading.book.document(complete=reading.whole)


def _section(reading: _Reading, section: markdown.Section) -> None:
    if len(section.path) <= reading.depth:
        _check_priced(reading)
        reading.ids = _ids_of(section)
        _named(reading, section)
    tables = [block for block in section.blocks if isinstance(block, Table)]
    for table in tables:
        if reading.ids:
            _table(reading, section, table)
        else:
            _unnamed(reading, section, table)


def _ids_of(section: markdown.Section) -> tuple[str, ...]:
    """The ids in the lines that hold nothing else."""
    found: dict[str, None] = {}
    for block in section.blocks:
        if isinstance(block, Cell) and _IDS.fullmatch(block.text):
            found.update(dict.fromkeys(re.findall(_ID, block.text)))
    if len(found) > MAX_IDS:
        raise UnreadableBody(f"{_WHAT}: {len(found)} ids under {section.heading!r}")
    return tuple(found)


def _named(reading: _Reading, section: markdown.Section) -> None:
    """Enter a section's models, and what its text says of them all."""
    names = re.split(r", and |, | and ", section.heading)
    if reading.ids and len(names) > len(reading.ids):
        reading.book.note(f"{section.heading}: fewer ids than names")
        reading.whole = False
    for key in reading.ids:
        reading.book.offer(key, Offer(_PROVIDER, key))
        for block in section.blocks:
            found = isinstance(block, Cell) and _SHUT_DOWN.search(block.text)
            day = found and periods.dated(f"from {found['day']}", where=_WHAT)
            if day and day.effective_from:
                reading.book.fact(key, "status", "deprecated")
                reading.book.fact(key, "deprecation_date", str(day.effective_from))


def _check_priced(reading: _Reading) -> None:
    """A section that names models and has no table is where a page was cut off."""
    if reading.ids and reading.ids not in reading.priced:
        raise UnreadableBody(f"{_WHAT}: no table of prices for {reading.ids[0]}")


def _unnamed(reading: _Reading, section: markdown.Section, table: Table) -> None:
    """A table under a heading without ids; its models are held, never guessed."""
    heading = section.path[: reading.depth][-1] if section.path else ""
    if plain(heading) in _NOT_MODELS or not _has_amounts(table.rows):
        reading.book.ignore(table.place)
        return
    key = "-".join(plain(unmarked(heading)).split()) or "unnamed"
    reading.book.offer(key, Offer(_PROVIDER, key))
    reading.book.hold(key, "no_id")
    reading.book.note(f"{table.place}: prices without a line of ids; held")
    reading.whole = False


def _has_amounts(rows: tuple[tuple[Cell, ...], ...]) -> bool:
    return any(amounts.moneys(cell.text) for row in rows for cell in row)


def _table(reading: _Reading, section: markdown.Section, table: Table) -> None:
    heading = section.path[reading.depth - 1]
    tier = _tier(reading, section)
    if (reading.ids, tier) in reading.tables:
        raise UnreadableBody(
            f"{_WHAT}: two tables under {table.place}; which is which?"
        )
    reading.tables.add((reading.ids, tier))
    reading.priced.add(reading.ids)
    unit, per = _columns(table)
    for row in table.rows:
        label, free, paid = _in_order(table, row)
        place = Place(
            _WHAT, heading, reading.ids, tier, unit, per, unmarked(label.text)
        )
        if amounts.moneys(free.text):
            raise UnreadableBody(f"{place.where}: a price in the column 'Free Tier'")
        google_gemini_rows.read(reading.book, place, unmarked(paid.text))
        _free_tier(reading, place, plain(unmarked(free.text)))


def _tier(reading: _Reading, section: markdown.Section) -> str:
    below = [plain(name) for name in section.path[reading.depth :]]
    if not below:
        return STANDARD
    if len(below) > 1 or below[0] not in _TIERS:
        raise UnreadableBody(
            f"{_WHAT}: {' › '.join(section.path)}: the tier is not known; known are "
            f"{', '.join(_TIERS)}"
        )
    return _TIERS[below[0]]


def _columns(table: Table) -> tuple[str, int]:
    """What the paid prices are for."""
    if len(table.columns) == 3 and "" in table.columns:
        for name in table.columns:
            found = _PAID_COLUMN.fullmatch(name)
            per = amounts.per_of(f"per {found['unit']}") if found else None
            if per is not None and _FREE_COLUMN in table.columns:
                return per.unit, per.count
    raise UnreadableBody(
        f"{_WHAT}: the columns {', '.join(map(repr, table.columns))} under "
        f"{table.place} are not understood; expected are '', 'Free Tier' and "
        "'Paid Tier, per ... in USD'"
    )


def _in_order(table: Table, row: tuple[Cell, ...]) -> tuple[Cell, Cell, Cell]:
    """The label, the free and the paid cell of a row."""
    label, free = table.columns.index(""), table.columns.index(_FREE_COLUMN)
    return row[label], row[free], row[3 - label - free]


def _free_tier(reading: _Reading, place: Place, free: str) -> None:
    said = {"free of charge": "true", "not available": "false"}.get(free)
    if place.tier == STANDARD and said and plain(place.label).startswith("input price"):
        for key in place.ids:
            reading.book.fact(key, "free_tier", said)
