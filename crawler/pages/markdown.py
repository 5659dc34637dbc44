"""Tables in Markdown and MDX, with the headings and tabs they stand under.

Documentation indents its tables inside components, where plain Markdown would see a
block of code or of HTML and no table. So tables are found here line by line, wherever
they stand, and only the text of a cell is read by a Markdown reader. Nothing that
looks like a row with a price is left out in silence: it is in a table, or the page
fails.
"""

import re
from dataclasses import dataclass, field, replace

from crawler.pages import html, mdcells, mdlines
from crawler.pages.amounts import moneys
from crawler.pages.grid import Cell, Table, squeezed
from crawler.pages.mdlines import Closed, Item, Line, Markup, Opened
from tracker.domain.errors import UnreadableBody

MAX_LINES = mdlines.MAX_LINES

MAX_CELL = 5000
"""Characters of one cell; a Markdown reader's time may grow with their square."""

MAX_DEPTH = 200
"""How deep components may lie in each other."""

_HTML = re.compile(r"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_PIPE = re.compile(r"(?<!\\)\|")
_LOOSE = re.compile(r"(?<![\\|])\|(?!\|)")
_DASHES = re.compile(r"\s*:?-+:?\s*")
_HEADING = re.compile(r"(?P<marks>#{1,6})(?:[ \t]+(?P<text>.*))?")
_HEADING_END = re.compile(r"(?:(?:^|[ \t]+)#+)?[ \t]*(?:\{#[\w-]{1,200}\})?[ \t]*$")
_UNDERLINE = re.compile(r"=+|-+")
_DIVIDER = re.compile(r"([-*_])(?:[ \t]*\1){2,}")
_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]+(?=\S)")
_NO_ROW = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]|[><]")

Block = Cell | Table
"""A paragraph (or an item of a list), or a table."""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one path of headings and tabs, up to the next.

    Attributes:
        path: the headings and tabs it stands under, outermost first.
        blocks: its paragraphs and tables, in order.
    """

    path: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def heading(self) -> str:
        """The innermost heading or tab."""
        return self.path[-1] if self.path else ""


def tables(text: str, *, what: str) -> list[Table]:
    """Every table of a page, in order.

    Args:
        text: the page.
        what: how errors name it.

    Raises:
        UnreadableBody: as `sections` does.
    """
    found = sections(text, what=what)
    return [b for section in found for b in section.blocks if isinstance(b, Table)]


def sections(text: str, *, what: str) -> list[Section]:
    """The page by its headings and tabs, with what is said between the tables.

    Args:
        text: the page.
        what: how errors name it.

    Raises:
        UnreadableBody: too long to be a page; something in it does not end; a row of a
            table is longer or shorter than its header, or stands in no table; a
            tab does not end, so that it is open what stands in it.
    """
    reading = _Reading(what, mdcells.references(text))
    for item in mdlines.read(text, what=what):
        reading.take(item)
    return reading.end()


def checked(text: str, *, what: str) -> list[Section]:
    """The sections of a page that is whole, as far as its text can tell.

    Raises:
        UnreadableBody: it is empty or HTML, it ends within a row, or what `sections`
            refuses.
    """
    if not text.strip():
        raise UnreadableBody(f"{what}: the body is empty")
    if _HTML.match(text):
        raise UnreadableBody(f"{what}: an HTML page where Markdown was asked for")
    lines = text.rstrip().splitlines()
    if _is_cut(*(line.strip() for line in ["", *lines][-2:])):
        raise UnreadableBody(f"{what}: cut off in the row {lines[-1][:60]!r}")
    return sections(text, what=what)


def cell(text: str) -> Cell:
    """One line of Markdown as a cell; one that is too long to be a cell is taken as
    it stands.
    """
    squeezed_text = squeezed(text)
    if len(squeezed_text) > MAX_CELL:
        return Cell(squeezed_text)
    return mdcells.read(squeezed_text, {})


def _is_cut(row_before: str, row: str) -> bool:
    """Whether a page's last row lacks its end, or cells that the one before has."""
    if not row.startswith("|") or not row_before.startswith("|"):
        return False
    whole = row.endswith("|") and not row.endswith("\\|")
    return not whole or row.count("|") < row_before.count("|")


def _no_table(what: str, line: str) -> UnreadableBody:
    return UnreadableBody(
        f"{what}: no table, since header and rows do not fit: {line[:60]!r}"
    )


@dataclass(slots=True)
class _Level:
    """A heading, or a component that has begun: those have a name."""

    text: str
    level: int = 0
    name: str = ""
    number: int = 0


class _Outline:
    """The headings and components that the reading stands in, outermost first."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._levels: list[_Level] = []

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(level.text for level in self._levels if level.text)

    def head(self, level: int, text: str) -> None:
        """A heading ends those of its level and below, as far as its tab reaches."""
        start = 1 + max(
            (n for n, known in enumerate(self._levels) if known.name and known.text),
            default=-1,
        )
        self._levels[start:] = [
            known for known in self._levels[start:] if known.name or known.level < level
        ]
        self._levels.append(_Level(text, level))

    def open(self, item: Opened) -> None:
        if len(self._levels) > MAX_DEPTH:
            raise UnreadableBody(f"{self._what}: components nested too deeply")
        self._levels.append(_Level(item.title, 0, item.name, item.number))

    def summary(self, text: str) -> None:
        if self._levels and self._levels[-1].name and not self._levels[-1].text:
            self._levels[-1].text = text

    def close(self, name: str) -> None:
        """The headings within a tab end with it."""
        place = next(
            (
                n
                for n in reversed(range(len(self._levels)))
                if self._levels[n].name == name
            ),
            None,
        )
        if place is None:
            return
        self._check_closed(self._levels[place + 1 :])
        within = self._levels[place + 1 :]
        kept = [] if self._levels[place].text else [k for k in within if not k.name]
        self._levels[place:] = kept

    def end(self) -> None:
        self._check_closed(self._levels)

    def _check_closed(self, levels: list[_Level]) -> None:
        for level in levels:
            if level.name and level.text:
                raise UnreadableBody(
                    f"{self._what}: <{level.name}> {level.text!r} of line "
                    f"{level.number} does not end; what stands in it is not clear"
                )


@dataclass(slots=True)
class _Open:
    """A table that is being read."""

    header: tuple[Cell, ...]
    rows: list[tuple[Cell, ...]] = field(default_factory=list)


class _Reading:
    """What was read, and the paragraph or table that has begun."""

    def __init__(self, what: str, references: mdcells.References) -> None:
        self._what = what
        self._references = references
        self._outline = _Outline(what)
        self._found: list[tuple[tuple[str, ...], list[Block]]] = []
        self._lines: list[Line] = []
        self._table: _Open | None = None
        self._quoted = self._listed = False

    def take(self, item: Item) -> None:
        if isinstance(item, Line):
            self._line(item)
            return
        self._flush()
        if isinstance(item, Opened):
            self._outline.open(item)
        elif isinstance(item, Closed):
            self._outline.close(item.name)
        elif isinstance(item, Markup):
            self._markup(item)
        else:
            self._outline.summary(self._cell(item.text).text)

    def end(self) -> list[Section]:
        self._flush()
        self._outline.end()
        return [Section(path, tuple(blocks)) for path, blocks in self._found]

    def _line(self, line: Line) -> None:
        if self._table and self._row(line.text):
            return
        text = self._unquoted(line.text)
        heading = _HEADING.fullmatch(text)
        if not text:
            self._flush()
        elif heading:
            self._flush()
            self._head(len(heading["marks"]), heading["text"] or "")
        elif _dashes(text):
            self._begin_table(text)
        elif _UNDERLINE.fullmatch(text) and self._lines and not self._listed:
            self._head(1 if text[0] == "=" else 2, self._paragraph())
            self._flush()
        elif _DIVIDER.fullmatch(text):
            self._flush()
        else:
            self._add_line(Line(line.number, text))

    def _unquoted(self, text: str) -> str:
        """Without the marks of a quotation, which is no part of what is around it."""
        quoted = text.startswith(">")
        if quoted != self._quoted:
            self._flush()
        self._quoted = quoted
        return text.lstrip("> \t") if quoted else text

    def _head(self, level: int, text: str) -> None:
        text = _HEADING_END.sub("", text)
        self._outline.head(level, self._cell(text).text)
        self._found.append((self._outline.path, []))

    def _begin_table(self, rule: str) -> None:
        header = self._lines.pop() if self._lines else Line(0, "")
        cells = _cells(header.text)
        if not header.text or len(cells) != len(_cells(rule)):
            raise _no_table(self._what, header.text or rule)
        quoted = self._quoted
        self._flush()
        self._quoted = quoted
        self._table = _Open(tuple(map(self._cell, cells)))

    def _row(self, text: str) -> bool:
        """Take a row of the table that is being read; False if it ends before."""
        table = self._table
        if self._quoted:
            text = text.lstrip("> \t") if text.startswith(">") else ""
        if table is None or not text or _HEADING.fullmatch(text):
            ended = True
        else:
            piped = _PIPE.search(text) is not None
            ended = not piped and bool(_NO_ROW.match(text) or _DIVIDER.fullmatch(text))
        if ended or table is None:
            self._flush()
            return False
        cells = _cells(text)
        if len(cells) != len(table.header) or _dashes(text):
            place = " › ".join(self._outline.path) or "the top of the page"
            raise UnreadableBody(
                f"{self._what}: a row of the table under {place} is not as wide as it "
                f"and does not have its {len(table.header)} cells: {text[:80]!r}"
            )
        table.rows.append(tuple(map(self._cell, cells)))
        return True

    def _add_line(self, line: Line) -> None:
        item = _ITEM.match(line.text)
        if item:
            self._flush()
            self._listed = True
            line = Line(line.number, line.text[item.end() :])
        if self._lines or not mdcells.is_reference(line.text):
            self._lines.append(line)

    def _markup(self, item: Markup) -> None:
        source = mdcells.plain_expressions(item.source).encode("utf-8", "replace")
        tree = html.page(source, what=self._what)
        for table in html.tables(tree, what=f"{self._what}: line {item.number}"):
            drawn = "=>" in item.source and not _priced(table)
            if drawn:
                continue  # the source of a component, whose rows are elsewhere
            path, before = (*self._outline.path, *table.path), self._before()
            self._add(replace(table, path=path, before=before))

    def _flush(self) -> None:
        """End the paragraph or table that has begun."""
        if self._table:
            path, before = self._outline.path, self._before()
            rows = tuple(self._table.rows)
            self._add(Table(path, self._table.header, rows, before))
        text = self._paragraph()
        if text:
            plain = len(text) > MAX_CELL
            self._add(Cell(squeezed(text)) if plain else self._cell(text))
        self._table = None
        self._quoted = self._listed = False

    def _paragraph(self) -> str:
        """The lines of the paragraph, which is over; rows would be lost in it."""
        for line in self._lines:
            priced = _LOOSE.search(line.text) and moneys(line.text)
            if priced or mdlines.is_row(line.text):
                raise UnreadableBody(
                    f"{self._what}: line {line.number}: a row outside of any table: "
                    f"{line.text[:80]!r}"
                )
        text = "\n".join(line.text for line in self._lines)
        self._lines = []
        return text

    def _add(self, block: Block) -> None:
        path = self._outline.path
        if not self._found or self._found[-1][0] != path:
            self._found.append((path, []))
        self._found[-1][1].append(block)

    def _before(self) -> str:
        """What is said since the last heading, tab or table."""
        said: list[str] = []
        if self._found and self._found[-1][0] == self._outline.path:
            for block in reversed(self._found[-1][1]):
                if isinstance(block, Table):
                    break
                said.append(block.text)
        return " ".join(reversed(said))

    def _cell(self, text: str) -> Cell:
        if len(text) > MAX_CELL:
            raise UnreadableBody(
                f"{self._what}: a cell of {len(text)} characters: {text[:60]!r}"
            )
        return mdcells.read(text, self._references)


def _priced(table: Table) -> bool:
    return any(moneys(cell.text) for row in (table.header, *table.rows) for cell in row)


def _cells(row: str) -> list[str]:
    """The cells of a row, with or without pipes at its ends."""
    row = row.removeprefix("|")
    if row.endswith("|") and not row.endswith("\\|"):
        row = row[:-1]
    return [part.strip().replace("\\|", "|") for part in _PIPE.split(row)]


def _dashes(text: str) -> bool:
    """Whether a line stands between the header and the rows of a table."""
    return mdlines.is_rule(text) and all(map(_DASHES.fullmatch, _cells(text)))
