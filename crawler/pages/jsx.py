"""Literals in the attributes of JSX components: `rows={[["gpt-5.4", 2.5, null]]}`.

Documentation in MDX keeps its tables as JavaScript literals that a component draws.
They are read here as values, never run: what is no literal is kept as its source
(`Opaque`), a call by its name and arguments (`Call`). Time is linear in the text;
depth, length and number of values are bounded.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crawler.pages import html
from crawler.pages.grid import Cell, squeezed
from crawler.pages.jsxtext import Broken, Call, Markup, Number, Opaque, Reader, Value
from tracker.domain.errors import UnreadableBody

__all__ = [
    "Call",
    "Element",
    "Markup",
    "Number",
    "Opaque",
    "Value",
    "cell",
    "elements",
    "literal",
    "markup_cell",
    "uncommented",
]

_COMMENT = re.compile(r"<!--|\{\s{0,20}/\*")
_NOT_A_LINE = re.compile(r"[^\n]")

SHOWN = 60
"""Characters of the text that an error quotes."""


@dataclass(frozen=True, slots=True)
class Element:
    """A component with its attributes, from `start` to `end` of the text."""

    name: str
    attributes: Mapping[str, Value]
    start: int
    end: int


def elements(text: str, names: Sequence[str], *, what: str) -> list[Element]:
    """Every component of these names, in order; those inside another are not seen.

    Args:
        text: the page.
        names: of components.
        what: how errors name the page.

    Raises:
        UnreadableBody: a component does not end, or is nested beyond reason.
    """
    listed = "|".join(map(re.escape, names))
    opening = re.compile(rf"<(?P<name>{listed})(?=[\s/>]|\Z)")
    found, at = [], 0
    while start := opening.search(text, at):
        reader = Reader(text, start.end())
        try:
            attributes = reader.attributes()
        except Broken as fault:
            raise _told(fault, text, what) from None
        at = reader.at
        found.append(Element(start["name"], attributes, start.start(), at))
    return found


def uncommented(text: str, *, what: str) -> str:
    """The page with white space for its comments; every place is where it was.

    A table that is commented out is not shown, and its prices are old ones.

    Raises:
        UnreadableBody: a comment does not end.
    """
    parts, at = [], 0
    while opening := _COMMENT.search(text, at):
        closing = "-->" if opening[0] == "<!--" else "*/"
        end = text.find(closing, opening.end())
        if end < 0:
            raise _told(Broken("a comment does not end", opening.start()), text, what)
        parts += [text[at : opening.start()]]
        # Of `{/* ... */}` the braces stay: they draw nothing.
        first = opening.start() + (opening[0] != "<!--")
        at = end + len(closing)
        parts += [text[opening.start() : first], _NOT_A_LINE.sub(" ", text[first:at])]
    return "".join([*parts, text[at:]])


def literal(text: str, at: int, *, what: str) -> tuple[Value, int]:
    """The value that begins at a place, and where it ends.

    Raises:
        UnreadableBody: there is no literal.
    """
    reader = Reader(text, at)
    try:
        return reader.value(), reader.at
    except Broken as fault:
        raise _told(fault, text, what) from None


def cell(value: Value) -> Cell | None:
    """A value as the cell of a table; None if it is no text or number.

    What does not draw anything (`null`, `false`) is an empty cell.
    """
    if value is None or value is False:
        return Cell("")
    if isinstance(value, Number):
        return Cell(value.text)
    if isinstance(value, str):
        return Cell(squeezed(value))
    if isinstance(value, Markup):
        return markup_cell(value.source)
    return None


def markup_cell(source: str) -> Cell:
    """A piece of HTML as a cell."""
    if "<" not in source and "&" not in source:
        return Cell(squeezed(source))
    tree = html.page(f"<div>{source}</div>".encode(), what="a cell")
    return html.cell_of(tree)


def _told(fault: Broken, text: str, what: str) -> UnreadableBody:
    """The error in one line: what was wrong and where."""
    line = text.count("\n", 0, fault.at) + 1
    here = text[fault.at : fault.at + SHOWN].split("\n", maxsplit=1)[0]
    return UnreadableBody(f"{what}: line {line}: {fault}, at {here!r}")
