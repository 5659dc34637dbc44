"""The tables of Moonshot's pricing pages: components in Markdown, or HTML."""

import re
from collections.abc import Iterator

from crawler.pages import amounts, html, jsx, markdown
from crawler.pages.grid import Cell, Table
from tracker.domain.errors import UnreadableBody

WHAT = "moonshot pricing"

_COMPONENT = "DocTable"
_HEADING = re.compile(r"^(#{1,6}) (.{1,200})$", re.MULTILINE)
_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_CHALLENGE = ("challenge-error-text", "challenge-platform", "Just a moment...")


def tables(text: str) -> list[tuple[Table, str]]:
    """Every table of a page, and what stands below it up to the end.

    Raises:
        UnreadableBody: the page is empty or cut off, or it is a challenge.
    """
    if not text.strip():
        raise UnreadableBody(f"{WHAT}: the body is empty")
    if _PAGE.match(text):
        return _drawn(text)
    text = _without_code(jsx.uncommented(text, what=WHAT))
    found = jsx.elements(text, [_COMPONENT], what=WHAT)
    rest, at = [], 0
    for element in found:
        rest.append(text[at : element.start])
        at = element.end
    _nothing_else("".join([*rest, text[at:]]))
    heads = list(_headings(text))
    return [
        (_table(element, _path(heads, element.start)), text[element.end :])
        for element in found
    ]


def _drawn(text: str) -> list[tuple[Table, str]]:
    """The page as browsers get it."""
    if any(mark in text for mark in _CHALLENGE):
        raise UnreadableBody(f"{WHAT}: a challenge for browsers instead of the page")
    body = text.encode()
    html.whole(body, what=WHAT)
    found = html.tables(html.page(body, what=WHAT), what=WHAT)
    # What is whole has its end, so the whole text stands for what is below.
    return [(table, text) for table in found]


def _without_code(text: str) -> str:
    """The page without the components that it defines, lines as they were.

    Raises:
        UnreadableBody: such a definition does not end.
    """
    kept, inside = list[str](), ""
    for line in text.split("\n"):
        if not inside and line.startswith("export "):
            inside = "" if line.rstrip().endswith(";") else line
            kept.append("")
        elif inside:
            inside = "" if line.startswith("}") else inside
            kept.append("")
        else:
            kept.append(line)
    if inside:
        raise UnreadableBody(f"{WHAT}: cut off in the code after {inside[:60]!r}")
    return "\n".join(kept)


def _nothing_else(text: str) -> None:
    """Refuse tables of another make: their prices would be passed over."""
    others = markdown.tables(text, what=WHAT)
    cells = [cell.text for table in others for row in table.rows for cell in row]
    if any(map(amounts.moneys, cells)):
        raise UnreadableBody(
            f"{WHAT}: prices in a table under {others[0].place} that is no {_COMPONENT}"
        )


def _headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each heading stands, its level and its text."""
    for found in _HEADING.finditer(text):
        yield found.start(), len(found[1]), markdown.cell(found[2]).text


def _path(heads: list[tuple[int, int, str]], at: int) -> tuple[str, ...]:
    """The headings that a place stands under."""
    path: dict[int, str] = {}
    for start, level, text in heads:
        if start > at:
            break
        path = {n: t for n, t in path.items() if n < level} | {level: text}
    return tuple(path[level] for level in sorted(path))


def _table(element: jsx.Element, path: tuple[str, ...]) -> Table:
    where = f"{WHAT}: the table under {' › '.join(path)}"
    columns = element.attributes.get("columns", [])
    rows = element.attributes.get("rows", [])
    if not isinstance(columns, list) or not isinstance(rows, list):
        raise UnreadableBody(f"{where} has columns or rows that are no list")
    header = tuple(_title(column, where) for column in columns)
    read = tuple(_row(row, where) for row in rows)
    for row in read:
        if header and len(row) != len(header):
            raise UnreadableBody(
                f"{where} has a row of {len(row)} cells under {len(header)} columns: "
                f"{', '.join(cell.text for cell in row)[:80]!r}"
            )
    if not read:
        raise UnreadableBody(f"{where} has no rows")
    return Table(path, header, read)


def _title(column: jsx.Value, where: str) -> Cell:
    title = jsx.cell(column.get("title")) if isinstance(column, dict) else None
    if title is None:
        raise UnreadableBody(f"{where} has a column without a title")
    return title


def _row(row: jsx.Value, where: str) -> tuple[Cell, ...]:
    if not isinstance(row, list):
        raise UnreadableBody(f"{where} has a row that is no list")
    cells = [jsx.cell(value) for value in row]
    if not all(cells):
        raise UnreadableBody(f"{where} has a cell that is no text")
    return tuple(cell for cell in cells if cell is not None)
