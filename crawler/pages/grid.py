"""Tables as the readers of Markdown and HTML give them: cells of plain text.

What a table's columns mean is said by each page's own module; a column or row that
it does not know fails the page, because a guess could pass for a price.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from tracker.domain.errors import UnreadableBody

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        text: what a person reads in it, white space collapsed; without what is
            struck through and without footnote marks.
        struck: what is struck through, such as a list price under a discount.
        links: the addresses it links to.
        notes: its footnote marks.
    """

    text: str
    struck: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One table, every row as wide as the widest.

    Attributes:
        path: the headings and tabs it stands under, outermost first.
        header: the names of its columns; of several header rows, their distinct
            texts joined by " / ".
        rows: the rest.
        before: what a person reads between the last heading or table and this one,
            such as "Prices per 1M tokens."
        hidden: whether the page shows it only on demand, as a tab not chosen.
    """

    path: tuple[str, ...]
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    before: str = ""
    hidden: bool = False

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return " › ".join(self.path) or "the top of the page"

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns as `plain` gives them."""
        return tuple(plain(cell.text) for cell in self.header)


def plain(text: str) -> str:
    """A name for comparison: lower case, white space collapsed."""
    return " ".join(text.casefold().split())


def squeezed(text: str) -> str:
    """White space collapsed, invisible characters gone; a NUL, which no database
    takes, as the sign for what could not be read.
    """
    return " ".join(_INVISIBLE.sub("", text).replace("\0", "\ufffd").split())


_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Soft hyphens, joiners of no width, marks of direction, byte order marks."""


STRUCK, NOTE = "struck", "note"
"""What sets a piece of a cell apart from what it says."""


class Gathered:
    """A cell while its pieces go by, in the order in which they stand."""

    def __init__(self) -> None:
        self.links: list[str] = []
        self._shown: list[str] = []
        self._apart: dict[str, list[list[str]]] = {STRUCK: [], NOTE: []}
        self._open: list[tuple[object, str, list[str]]] = []

    def add(self, text: str) -> None:
        """Take a piece of text."""
        (self._open[-1][2] if self._open else self._shown).append(text)

    def open(self, key: object, kind: str = "") -> None:
        """Begin an element; of one struck through inside another, it is one text.

        Args:
            key: what `close` knows it by.
            kind: `STRUCK`, `NOTE`, or nothing special.
        """
        apart, into = self._open[-1][1:] if self._open else ("", self._shown)
        if kind and (not apart or (kind, apart) == (NOTE, STRUCK)):
            apart, into = kind, []
            self._apart[kind].append(into)
        self._open.append((key, apart, into))

    def close(self, key: object) -> None:
        """End an element and those left open in it; unknown ones are not heeded."""
        if any(known == key for known, _, _ in self._open):
            while self._open.pop()[0] != key:
                pass

    def cell(self) -> Cell:
        """What was gathered."""
        struck, notes = (
            tuple(filter(None, (squeezed("".join(texts)) for texts in listed)))
            for listed in self._apart.values()
        )
        return Cell(squeezed("".join(self._shown)), struck, tuple(self.links), notes)


def columns_of(
    table: Table, known: Mapping[str, T], *, what: str, in_order: bool = False
) -> list[T]:
    """What each column means.

    Args:
        table: whose columns.
        known: by the column's name, as `plain` gives it.
        what: how the error names the page.
        in_order: whether columns must come in the order of `known`, each once; two
            names that changed places are noticed then.

    Raises:
        UnreadableBody: a column is not among them, or is out of order.
    """
    for name in table.columns:
        if name not in known:
            raise UnreadableBody(
                f"{what}: the column {name!r} of the table under {table.place} is "
                f"not understood; known are {', '.join(map(repr, known))}"
            )
    places = [list(known).index(name) for name in table.columns]
    if in_order and places != sorted(set(places)):
        raise UnreadableBody(
            f"{what}: the columns of the table under {table.place} are "
            f"{', '.join(map(repr, table.columns))}, not in the order "
            f"{', '.join(map(repr, known))}"
        )
    return [known[name] for name in table.columns]


def widened(rows: list[list[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """Rows of one width, filled up with empty cells."""
    width = max((len(row) for row in rows), default=0)
    return tuple((*row, *[_EMPTY] * (width - len(row))) for row in rows)


def merged_header(rows: tuple[tuple[Cell, ...], ...]) -> tuple[Cell, ...]:
    """One header row out of several: in each column the distinct texts, joined."""
    if len(rows) == 1:
        return rows[0]
    return tuple(
        Cell(" / ".join(dict.fromkeys(c.text for c in column if c.text)))
        for column in zip(*rows, strict=True)
    )


def under(tables: list[Table], chosen: Callable[[Table], bool]) -> Iterator[Table]:
    """The tables that are chosen, in order."""
    return (table for table in tables if chosen(table))


_EMPTY = Cell("")
