"""The sheets of OpenAI's page in Markdown, with and without components.

Until the summer of 2026 the Markdown had the components' source in it, and what
exported it cut some of them off in the middle (at the first `/>` in a text): then
the rows after the cut are left without the beginning of their table. Since then it
has pipe tables, under labels that stand as paragraphs of one line.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from crawler.pages import amounts, html, jsx, markdown, openai_tables
from crawler.pages.grid import Cell, plain
from crawler.pages.openai_outline import WHAT, Outline
from tracker.domain.errors import UnreadableBody

MAX_LINES = 50_000
"""The page has five hundred."""

_PANE = re.compile(r'data-content-switcher-pane[^>]{0,200}?data-value="(\w{1,40})"')
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_HEADING = re.compile(r"(#{1,6})\s+(\S.*)")
_HTML_TABLE = re.compile(r"<table[\s>]")
_HTML_TABLE_END = "</table>"
_NOT_A_LINE = re.compile(r"[^\n]")
_CUT_GROUP = re.compile(r"\{\s*model:\s*[\"']")

_CUT_HEADERS = {
    "tools": ("Tool", "Details", "Pricing"),
    "specialized models": ("Category", "Model", "Input", "Cached input", "Output"),
}
"""The columns of tables that have been cut: their header is what was lost. They are
those that the same tables had in HTML at the time."""


def read(text: str) -> Outline:
    """The sheets of the page.

    Raises:
        UnreadableBody: a table is not understood, or cut off.
    """
    if text.count("\n") > MAX_LINES:
        raise UnreadableBody(f"{WHAT}: too many lines to be the page")
    outline = Outline()
    text = jsx.uncommented(text, what=WHAT)
    for step in sorted(_steps(text), key=lambda step: step.start):
        step.take(outline)
    outline.end()
    return outline


@dataclass(frozen=True, slots=True)
class _Step:
    """Something met on the way down the page."""

    start: int
    take: Callable[[Outline], None]


def _steps(text: str) -> Iterator[_Step]:
    """Everything that matters, each kind in order."""
    found = jsx.elements(text, [*openai_tables.COMPONENTS, "style"], what=WHAT)
    rest = _without(text, [(element.start, element.end) for element in found])
    for element in found:
        if element.name != "style":
            yield _Step(element.start, partial(_component, element))
    tables = list(_html_tables(rest))
    for start, end in tables:
        yield _Step(start, partial(_html_table, text[start:end]))
    rest = _without(rest, tables)
    at = 0
    while opening := _CUT_GROUP.search(rest, at):
        group, at = jsx.literal(rest, opening.start(), what=WHAT)
        yield _Step(opening.start(), partial(_cut_group, group))
    yield from _lines(rest)


def _html_tables(text: str) -> Iterator[tuple[int, int]]:
    """Where each `<table>` begins and ends."""
    at = 0
    while opening := _HTML_TABLE.search(text, at):
        end = text.find(_HTML_TABLE_END, opening.end())
        if end < 0:
            raise UnreadableBody(f"{WHAT}: a table does not end; the page is cut off")
        at = end + len(_HTML_TABLE_END)
        yield opening.start(), at


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with white space in these places, lines and offsets as they were."""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], _NOT_A_LINE.sub(" ", text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def _lines(text: str) -> Iterator[_Step]:
    """Panes, headings, pipe tables and paragraphs of one line."""
    at, block, start = 0, list[str](), 0
    for line in [*text.split("\n"), ""]:
        if pane := _PANE.search(line):
            yield _Step(at, partial(Outline.pane, tier=pane[1]))
        piped = line.lstrip().startswith("|")
        shown = line.strip() if piped else _TAG.sub("", line).strip()
        alone = bool(_HEADING.match(shown)) or plain(shown).startswith("prices per ")
        if block and (not shown or alone or piped != block[0].startswith("|")):
            yield _Step(start, partial(_block, list(block)))
            block.clear()
        if alone:
            yield _Step(at, partial(_block, [shown]))
        elif shown:
            start = start if block else at
            block.append(shown)
        at += len(line) + 1


def _block(lines: list[str], outline: Outline) -> None:
    """A pipe table, or a paragraph."""
    if lines[0].startswith("|"):
        _pipe_table("\n".join(lines), outline)
    elif heading := _HEADING.fullmatch(lines[0]):
        outline.heading(len(heading[1]), markdown.cell(heading[2]).text)
    elif len(lines) == 1:
        outline.line(lines[0])


def _pipe_table(text: str, outline: Outline) -> None:
    if "$" not in text and not amounts.moneys(text):
        return  # no prices: features, limits
    for line in text.split("\n"):
        if not line.endswith("|") or line.endswith("\\|"):
            raise UnreadableBody(f"{WHAT}: a row that does not end: {line[-60:]!r}")
    tables = markdown.tables(text, what=f"{WHAT}: under {outline.section!r}")
    if len(tables) != 1 or len(tables[0].rows) != text.count("\n") - 1:
        raise UnreadableBody(
            f"{WHAT}: not a table, under {outline.section!r}: {text[:60]!r}"
        )
    outline.add(tables[0].header, tables[0].rows, bare=False)


def _component(found: jsx.Element, outline: Outline) -> None:
    openai_tables.add(outline, found.name, found.attributes)


def _html_table(source: str, outline: Outline) -> None:
    tree = html.page(source.encode(), what=WHAT)
    for table in html.tables(tree, what=WHAT):
        outline.add(table.header, table.rows, bare=False)


def _cut_group(group: jsx.Value, outline: Outline) -> None:
    """A group of a table whose beginning was lost."""
    header = _CUT_HEADERS.get(plain(outline.section))
    where = f"a table cut off under {outline.section!r}"
    if header is None:
        raise UnreadableBody(f"{WHAT}: {where}")
    rows = openai_tables.even(openai_tables.grouped([group], where), len(header), where)
    outline.extend([Cell(name) for name in header], rows)
