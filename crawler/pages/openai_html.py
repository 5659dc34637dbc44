"""The sheets of OpenAI's page in HTML.

Astro keeps the properties of every component beside the HTML it drew, as JSON whose
values are wrapped: `[0, x]` is x, `[1, [...]]` a list. They hold all rows, while the
tables show a few until somebody asks for all; but only the tables show what a prompt
beyond the short context costs, so the tables of text tokens are read as well.
"""

import json
from typing import Any

from parsel import Selector

from crawler.pages import html, jsx, openai_tables
from crawler.pages.grid import Cell, plain
from crawler.pages.openai_outline import WHAT, Outline
from tracker.domain.errors import UnreadableBody

MAX_DEPTH = 40
"""How deep the properties may lie in each other."""

_NODES = (
    "//h1|//h2|//h3|//h4|//astro-island[@component-export]"
    "|//*[contains(@class,'pricing-switcher-meta')]"
    "|//*[contains(@class,'pricing-section-meta')]"
)
_PANE = "string(ancestor::*[@data-content-switcher-pane][1]/@data-value)"
_CHALLENGE = ("challenge-error-text", "challenge-platform", "Just a moment...")


def read(body: bytes) -> Outline:
    """The sheets of the page.

    Raises:
        UnreadableBody: no such page, or one that is cut off.
    """
    text = body.decode("utf-8", "replace")
    if any(mark in text for mark in _CHALLENGE):
        raise UnreadableBody(f"{WHAT}: a challenge for browsers instead of the page")
    if "</html>" not in text[-2000:]:
        raise UnreadableBody(f"{WHAT}: the HTML does not end; the page is cut off")
    outline = Outline()
    for node in html.page(body, what=WHAT).xpath(_NODES):
        _take(node, outline)
    outline.end()
    if not outline.sheets:
        raise UnreadableBody(f"{WHAT}: an HTML page without price tables")
    return outline


def _take(node: Selector, outline: Outline) -> None:
    tag = str(node.root.tag)
    if tag == "astro-island":
        _island(node, outline)
    elif tag in ("h1", "h2", "h3", "h4"):
        outline.heading(2, html.text_of(node))
    else:
        outline.unit(html.text_of(node))


def _island(node: Selector, outline: Outline) -> None:
    name = _attribute(node, "component-export")
    if name not in openai_tables.COMPONENTS:
        if "pricing" in name.casefold():
            raise UnreadableBody(f"{WHAT}: the component {name!r} is not known")
        return
    outline.pane(plain(node.xpath(_PANE).get() or ""))
    properties = _properties(_attribute(node, "props"), name)
    openai_tables.add(outline, name, properties)
    if name == openai_tables.TEXT:
        tier = str(properties["tier"])
        for table in html.tables(html.page(node.get().encode(), what=WHAT), what=WHAT):
            # Markdown writes the two header rows as one, without a mark between.
            header = [Cell(cell.text.replace(" / ", " ")) for cell in table.header]
            if not all(cell.text for row in table.rows for cell in row):
                raise UnreadableBody(f"{WHAT}: an empty cell under {outline.section!r}")
            outline.add(header, table.rows, bare=False, tier=tier)


def _attribute(node: Selector, name: str) -> str:
    return node.xpath(f"string(@{name})").get() or ""


def _properties(text: str, name: str) -> openai_tables.Properties:
    try:
        wrapped = json.loads(
            text, parse_int=jsx.Number, parse_float=jsx.Number, parse_constant=str
        )
    except (ValueError, RecursionError):
        raise UnreadableBody(f"{WHAT}: the properties of {name} are no JSON") from None
    if not isinstance(wrapped, dict):
        raise UnreadableBody(f"{WHAT}: {name} has no properties")
    return {key: _unwrapped(value, 0) for key, value in wrapped.items()}


def _unwrapped(value: Any, depth: int) -> jsx.Value:
    """`[0, x]` and `[1, [...]]`; other kinds (dates, sets) are nothing of ours."""
    if depth > MAX_DEPTH:
        raise UnreadableBody(f"{WHAT}: properties nested too deeply to be a table")
    if not isinstance(value, list) or len(value) != 2:
        return None  # `[0]` is undefined
    kind, inner = value
    if kind == jsx.Number("1") and isinstance(inner, list):
        return [_unwrapped(part, depth + 1) for part in inner]
    if kind != jsx.Number("0") or isinstance(inner, list):
        return jsx.Opaque("")
    if isinstance(inner, dict):
        return {key: _unwrapped(part, depth + 1) for key, part in inner.items()}
    if isinstance(inner, str):
        # Half a character and a zero byte cannot be stored.
        return inner.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    other: jsx.Value = inner
    return other
