"""Tables in HTML, spans filled in, with the headings they stand under.

Built on parsel (lxml underneath). A hidden tab's table is in the page like any
other; the path of headings and tab names tells one from the next, and `hidden` which
of them the page shows only on demand.
"""

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from lxml import etree
from parsel import Selector

from crawler.pages.amounts import moneys
from crawler.pages.grid import (
    NOTE,
    STRUCK,
    Cell,
    Gathered,
    Table,
    merged_header,
    squeezed,
    widened,
)
from tracker.domain.errors import UnreadableBody

MAX_CELLS = 200_000
"""Cells of one table after its spans are filled in; more is an attack."""

MAX_SPAN = 1000
"""The most columns that browsers let a cell span."""

_CHARSET = re.compile(
    rb"<meta\b[^>]{0,200}?charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE
)
_HEADING = re.compile(r"h([1-6])")
_STRUCK = frozenset({"del", "s", "strike"})
_UNSEEN = frozenset({"script", "style", "template", "noscript", "head", "textarea"})
_BLOCK = re.compile(
    "address|article|blockquote|br|d[dlt]|div|fig(?:ure|caption)|footer|h[1-6r]|header"
    "|li|main|nav|[ou]l|p|pre|section|t(?:able|body|d|h|head|r)"
)
"""What stands on lines of its own, so that two of them are never one word."""

_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SHOWN_SOMEWHERE = re.compile(r":(?:block|contents|flex|grid|inline|table)\b")
"""Class names that show on some screens what `hidden` hides: `md:block`."""

_EVENTS = ("start", "end", "comment", "pi")


def page(body: bytes, *, what: str) -> Selector:
    """The page as a tree.

    Raises:
        UnreadableBody: empty, or no HTML that can be read as UTF-8 to its end.
    """
    text = _decoded(body, what).replace("\0", "\ufffd")
    if not text.strip():
        raise UnreadableBody(f"{what}: the body is empty")
    parser = etree.HTMLParser(recover=True, huge_tree=True, encoding="utf-8")
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError) as fault:
        raise UnreadableBody(f"{what}: not HTML ({fault})") from None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise UnreadableBody(f"{what}: nested too deeply to be a page")
    if root is None:
        raise UnreadableBody(f"{what}: not HTML")
    return Selector(root=root, type="html")


def _decoded(body: bytes, what: str) -> str:
    """The text; bytes that are not UTF-8 in a page that says so are left as marks."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        said = _CHARSET.search(body[:4096])
        charset = said[1].decode().lower() if said else "utf-8"
        if charset not in ("utf-8", "utf8") or body[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise UnreadableBody(f"{what}: not UTF-8; it says {charset}") from None
        return body.decode("utf-8", "replace")


def tables(tree: Selector, *, what: str) -> list[Table]:
    """Every table of a page that holds no other table, in order.

    Raises:
        UnreadableBody: a table is larger than any page's, cells lie over each other,
            or a table around others holds prices of its own.
    """
    reading = _Reading(what)
    walk = etree.iterwalk(tree.root, events=_EVENTS)
    for event, node in walk:
        if event == "start" and not reading.enter(node):
            walk.skip_subtree()
        elif event != "start":
            reading.leave(node)
    return [table for table in reading.found if table.header]


@dataclass(slots=True)
class _Reading:
    """What stands above the place that has been reached."""

    what: str
    heads: dict[int, str] = field(default_factory=dict)
    panes: list[tuple[Any, str]] = field(default_factory=list)
    hiding: list[Any] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    found: list[Table] = field(default_factory=list)
    tabs: dict[str, Any] = field(default_factory=dict)

    def enter(self, node: Any) -> bool:
        """Take an element; whether to go on inside it."""
        if node.tag in ("script", "style", "head"):
            return False
        if _is_hidden(node):
            self.hiding.append(node)
        if node.get("role") == "tabpanel":
            self.panes.append((node, self._tab_of(node)))
        if heading := _HEADING.fullmatch(node.tag):
            level = int(heading[1])
            self.heads = {n: t for n, t in self.heads.items() if n < level}
            self.heads[level] = _cell(node).text
            self.before.clear()
            return False
        if node.tag == "table" and next(node.iterdescendants("table"), None) is None:
            self.found.append(self._table(node))
            self.before.clear()
            return False
        if node.tag == "table" and moneys(_text_beside(node, ("table",))):
            raise UnreadableBody(f"{self.what}: prices in a table around another table")
        self.before.append(node.text or "")
        return True

    def leave(self, node: Any) -> None:
        """Take what follows an element."""
        if self.hiding and self.hiding[-1] is node:
            self.hiding.pop()
        if self.panes and self.panes[-1][0] is node:
            self.panes.pop()
        self.before.append(node.tail or "")

    def _tab_of(self, pane: Any) -> str:
        """What a tab is called whose pane this is."""
        if not self.tabs:
            self.tabs = {
                n.get("id"): n for n in pane.getroottree().iterfind(".//*[@id]")
            }
        tab = self.tabs.get(pane.get("aria-labelledby"))
        return (
            squeezed(pane.get("aria-label") or "") if tab is None else _cell(tab).text
        )

    def _table(self, node: Any) -> Table:
        heads = (text for _, text in sorted(self.heads.items()))
        captions = (_cell(caption).text for caption in node.iterchildren("caption"))
        path = tuple(t for t in (*heads, *(n for _, n in self.panes), *captions) if t)
        where = f"{self.what}: the table under {' › '.join(path)}"
        if moneys(_text_beside(node, ("td", "th", "caption"))):
            raise UnreadableBody(f"{where} has prices beside its cells")
        header, rows = _grid(node, where)
        before = squeezed(" ".join(self.before))
        return Table(path, header, rows, before, hidden=bool(self.hiding))


def _is_hidden(node: Any) -> bool:
    names = (node.get("class") or "").split()
    return (
        node.tag in _UNSEEN
        or node.get("hidden") is not None
        or ("hidden" in names and not any(map(_SHOWN_SOMEWHERE.search, names)))
        or bool(_NOT_SHOWN.search(node.get("style") or ""))
    )


def _text_beside(table: Any, tags: tuple[str, ...]) -> str:
    """The text of a table without that of some of the elements in it."""
    walk, texts = etree.iterwalk(table, events=_EVENTS), list[str]()
    for event, node in walk:
        if event != "start":
            texts.append((node.tail or "") if node is not table else "")
        elif node.tag in _UNSEEN or (node.tag in tags and node is not table):
            walk.skip_subtree()
        else:
            texts.append(node.text or "")
    return squeezed(" ".join(texts))


def whole(body: bytes, *, what: str) -> None:
    """Check that a body was not cut off, which may halve a number in a cell.

    Raises:
        UnreadableBody: it opens a table or the page itself and does not close it.
    """
    low = body.lower()
    for tag in (b"html", b"table"):
        opened = len(re.findall(rb"<" + tag + rb"[\s>]", low))
        if opened > low.count(b"</" + tag + b">"):
            raise UnreadableBody(f"{what}: cut off before </{tag.decode()}>")


def text_of(node: Selector) -> str:
    """What a person reads of a node, without what is struck through."""
    return cell_of(node).text


def cell_of(node: Selector) -> Cell:
    """A node as a cell."""
    return _cell(node.root)


def _cell(root: Any) -> Cell:
    gathered, walk = Gathered(), etree.iterwalk(root, events=_EVENTS)
    for event, node in walk:
        if event == "start":
            if node is not root and _is_hidden(node):
                walk.skip_subtree()
                continue
            _begin(gathered, node)
            continue
        if event == "end":
            _end(gathered, node)
        if node is not root:
            gathered.add(node.tail or "")
    return gathered.cell()


def _begin(gathered: Gathered, node: Any) -> None:
    if _BLOCK.fullmatch(node.tag):
        gathered.add(" ")
    if node.tag == "a" and node.get("href") is not None:
        gathered.links.append(node.get("href"))
    if _is_struck(node):
        gathered.open(node, STRUCK)
    elif node.tag == "sup":
        gathered.open(node, NOTE)
    gathered.add(node.text or "")


def _end(gathered: Gathered, node: Any) -> None:
    gathered.close(node)
    if _BLOCK.fullmatch(node.tag):
        gathered.add(" ")


def _is_struck(node: Any) -> bool:
    return (
        node.tag in _STRUCK
        or "line-through" in (node.get("class") or "").split()
        or "line-through" in (node.get("style") or "")
    )


Rows = tuple[tuple[Cell, ...], ...]


def _grid(table: Any, where: str) -> tuple[tuple[Cell, ...], Rows]:
    """The header and the rows of a table that holds no other.

    A span ends with its group of rows (`<thead>`, `<tbody>`), as in a browser; so
    does a header that is a group.
    """
    groups = [list(rows) for _, rows in groupby(table.iter("tr"), key=_group_of)]
    first = next((rows for rows in groups if _group_of(rows[0]).tag == "thead"), [])
    groups.sort(key=lambda rows: (rows is not first, _group_of(rows[0]).tag == "tfoot"))
    filled = [line for rows in groups for line in _filled(rows, where)]
    width = max(map(len, filled), default=0)
    if width * len(filled) > MAX_CELLS:
        raise UnreadableBody(f"{where} has more than {MAX_CELLS} cells")
    grid = widened(filled)
    if not width:
        return (), ()
    head = len(first) or _heads(groups[0], width)
    if not head and any(moneys(cell.text) for cell in grid[0]):
        return (_EMPTY,) * width, grid  # a row of prices is no header
    return merged_header(grid[: head or 1]), grid[head or 1 :]


def _group_of(row: Any) -> Any:
    return row.getparent()


def _heads(rows: list[Any], width: int) -> int:
    """How many rows at the top are of nothing but `<th>`.

    A lone `<th>` over the whole width, below others, is a title within the table.
    """
    count = 0
    for row in rows:
        cells = list(row.iterdescendants("th", "td"))
        title = len(cells) == 1 < width and count > 0
        if not cells or title or any(cell.tag == "td" for cell in cells):
            break
        count += 1
    return count


def _filled(rows: list[Any], where: str) -> list[list[Cell]]:
    """The cells of each row, those that span several repeated in each place."""
    grid: list[list[Cell]] = []
    down: dict[int, tuple[int, Cell]] = {}
    count = 0
    for left, row in zip(range(len(rows), 0, -1), rows, strict=True):
        line = {place: cell for place, (_, cell) in down.items()}
        down = {place: (n - 1, cell) for place, (n, cell) in down.items() if n > 1}
        at = 0
        for node in row.iterdescendants("th", "td"):
            while at in line:
                at += 1
            cell, wide, high = _cell(node), _span(node, "col"), _span(node, "row")
            for place in range(at, at + min(max(wide, 1), MAX_SPAN)):
                if place in line:
                    raise UnreadableBody(f"{where} has cells that lie over each other")
                line[place] = cell
                if high != 1 and left > 1:
                    down[place] = ((high or left) - 1, cell)
                at = place + 1
        count += len(line)
        if count > MAX_CELLS:
            raise UnreadableBody(f"{where} has more than {MAX_CELLS} cells")
        grid.append(
            [line.get(place, _EMPTY) for place in range(max(line, default=-1) + 1)]
        )
    return grid


def _span(node: Any, kind: str) -> int:
    """How many rows or columns a cell takes; 0 rows are all that are left."""
    stated = (node.get(f"{kind}span") or "1").strip(" {}\t\r\n")
    return min(int(stated), MAX_CELLS) if _DIGITS.fullmatch(stated) else 1


_DIGITS = re.compile(r"[0-9]{1,9}")
_EMPTY = Cell("")
