"""OpenAI's pricing page as a list of sheets: tables, and what is said around them.

The page says above its tables whose prices they are, for which service tier and per
what, in labels of their own. An `Outline` is told the labels as they come, in
whichever layout, and gives each table what holds for it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from crawler.pages.grid import Cell, Table, plain
from tracker.domain.errors import UnreadableBody

WHAT = "openai pricing"

TIERS = ("standard", "batch", "flex", "priority", "fast", "ultrafast")

_TIER_LABEL = re.compile(rf"({'|'.join(TIERS)})(?: mode)?")
_TIER_HEADING = re.compile(r"(\w{1,40}) pricing data")
_ANY_TABLE = re.compile(r"(?:grouped )?pricing table data")
_UNIT = re.compile(r"prices per (.{1,40}?)(?: unless noted)?\.?")
_LABEL = re.compile(r"[A-Z][\w&/()+ -]{1,60}")
_LABEL_WORDS = 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table and what holds for it.

    Attributes:
        table: its path is the section, and the part of it if it has parts.
        tier: the service tier it is for.
        own_tier: whether the table names the tier itself.
        per: what the page says that the prices are per, as `plain` text.
        bare: whether its numbers stand without a currency, which the page draws.
    """

    table: Table
    tier: str
    own_tier: bool
    per: str
    bare: bool

    @property
    def place(self) -> str:
        """Where it stands, for messages and for a price's field."""
        return f"{self.table.place} › {self.tier}"


class Outline:
    """Where in the page one is, and the sheets met so far."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.missing: list[str] = []
        self.section = ""
        self._part = ""
        self._tier = ""
        self._stated = ""
        self._per = ""
        self._filled = True
        self._seen: set[tuple[tuple[str, ...], str, tuple[str, ...]]] = set()

    def line(self, text: str) -> bool:
        """A line of its own: a unit, a tier or the title of a section, or neither."""
        if self.unit(text):
            return True
        if not _LABEL.fullmatch(text) or len(text.split()) > _LABEL_WORDS:
            return False
        tier = _TIER_LABEL.fullmatch(plain(text))
        if tier:
            self.pane(tier[1])
        elif not text.startswith("Our "):  # a subtitle: "Our latest models"
            self._enter(text)
        return True

    def heading(self, level: int, text: str) -> None:
        """A heading of the page's own, or one that its Markdown has for a table."""
        name = plain(text)
        named = _TIER_HEADING.fullmatch(name) or _TIER_LABEL.fullmatch(name)
        if named:
            self._stated, self._part = named[1], ""
        elif _ANY_TABLE.fullmatch(name):
            self._stated = self._part = ""
        elif level <= 3:
            self._enter(text)
        else:
            self._stated, self._part = "", text

    def pane(self, tier: str) -> None:
        """The tab of a tier."""
        self._tier, self._stated = tier, ""

    def unit(self, text: str) -> bool:
        """What prices are per, if the text says it: `Prices per 1M tokens`.

        It stands before the tabs, so the tier of a tab before it holds no more.
        """
        found = _UNIT.fullmatch(plain(text))
        if found:
            self._leave()
            self._per, self._filled = found[1], False
            self._tier = self._stated = ""
        return found is not None

    def lack(self) -> None:
        """The section's table is there in part only."""
        if self.section not in self.missing:
            self.missing.append(self.section)

    def add(
        self,
        header: Sequence[Cell],
        rows: Sequence[Sequence[Cell]],
        *,
        bare: bool,
        tier: str = "",
    ) -> None:
        """A table.

        Args:
            header: the names of its columns.
            rows: as wide as the header.
            bare: see `Sheet`.
            tier: the one it names itself, if it does.

        Raises:
            UnreadableBody: it names another tier than the tab it stands in, or there
                was such a table already.
        """
        path = tuple(part for part in (self.section, self._part) if part)
        table = Table(path, tuple(header), tuple(tuple(row) for row in rows))
        stated = tier or self._stated
        if stated and self._tier and stated != self._tier:
            raise UnreadableBody(
                f"{WHAT}: a table for {stated!r} in the tab {self._tier!r} under "
                f"{table.place}"
            )
        sheet = Sheet(
            table, stated or self._tier or "standard", bool(stated), self._per, bare
        )
        seen = (path, sheet.tier, table.columns)
        if seen in self._seen:
            raise UnreadableBody(f"{WHAT}: two tables of one kind under {sheet.place}")
        self._seen.add(seen)
        self._filled = True
        self.sheets.append(sheet)

    def extend(self, header: Sequence[Cell], rows: Sequence[Sequence[Cell]]) -> None:
        """Rows of a table whose beginning the section lacks."""
        self.lack()
        names = tuple(plain(cell.text) for cell in header)
        for number, sheet in enumerate(self.sheets):
            if (sheet.table.path, sheet.table.columns) == ((self.section,), names):
                more = tuple(tuple(row) for row in rows)
                table = replace(sheet.table, rows=(*sheet.table.rows, *more))
                self.sheets[number] = replace(sheet, table=table)
                return
        self.add(header, rows, bare=True)

    def end(self) -> None:
        """The page is over."""
        self._leave()

    def _enter(self, section: str) -> None:
        self._leave()
        self.section = section
        self._part = self._tier = self._stated = self._per = ""

    def _leave(self) -> None:
        """A section that names its unit should have had a table."""
        if not self._filled:
            self.lack()
        self._filled = True
