"""The text of a cell or paragraph in Markdown, with the HTML that may stand in it."""

import re
from collections.abc import MutableMapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token

from crawler.pages.grid import NOTE, STRUCK, Cell, Gathered, squeezed

References = MutableMapping[str, Any]
"""Addresses that links name by a label, as the Markdown reader wants them."""

_READER = MarkdownIt("commonmark").enable(["strikethrough"])
# Typographic replacements and links made of bare text stay off.

_PLAIN = re.compile(r"[^\\`*_~<>&\[\]]*")
_REFERENCE = re.compile(
    r"\[(?P<label>[^\]^][^\]]{0,200})\]:[ \t]*<?(?P<href>[^\s<>]+)>?"
    r"(?:[ \t]+[\"'(].*[\"')])?"
)
_EXPRESSION = re.compile(r"""\{\s?(?:"([^"{}]{0,80})"|'([^'{}]{0,80})')\s?\}""")
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w-]*)")
_VOID = ("br", "hr", "img", "input", "wbr")
_APART = {"del": STRUCK, "s": STRUCK, "strike": STRUCK, "sup": NOTE}
_OWN_LINE = ("br", "div", "hr", "li", "ol", "p", "ul")


def read(text: str, references: References) -> Cell:
    """One cell or paragraph."""
    text = plain_expressions(text)
    if _PLAIN.fullmatch(text):
        return Cell(squeezed(text))
    gathered = Gathered()
    for token in _READER.parseInline(text, references)[0].children or []:
        _take(gathered, token)
    return gathered.cell()


def references(text: str) -> References:
    """What the links of a page may refer to; its lines are what `is_reference` says."""
    known: dict[str, Any] = {}
    for line in re.split(r"[\r\n]+", text):
        if found := _REFERENCE.fullmatch(line.strip()):
            label = normalizeReference(found["label"])
            known.setdefault(label, {"title": "", "href": found["href"]})
    return {"references": known}


def plain_expressions(text: str) -> str:
    """`{"$"}1.40` as `$1.40`: what stands in quotes in the braces of a component."""
    return _EXPRESSION.sub(lambda found: found[1] or found[2] or "", text)


def is_reference(line: str) -> bool:
    """Whether a line says where links go, which is not shown."""
    return _REFERENCE.fullmatch(line) is not None


def _take(gathered: Gathered, token: Token) -> None:
    if token.type in ("text", "code_inline"):
        gathered.add(token.content)
    elif token.type in ("softbreak", "hardbreak"):
        gathered.add(" ")
    elif token.type == "s_open":
        gathered.open(token.markup, STRUCK)
    elif token.type == "s_close":
        gathered.close(token.markup)
    elif token.type == "link_open":
        gathered.links.append(str(token.attrGet("href") or ""))
    elif token.type == "html_inline" and (found := _TAG.match(token.content)):
        _html(
            gathered, found["name"].lower(), token.content, close=bool(found["close"])
        )


def _html(gathered: Gathered, name: str, tag: str, *, close: bool) -> None:
    """`<del>`, `<s>` and `<sup>` set their content apart; `<br>` is a space."""
    if name in _OWN_LINE:
        gathered.add(" ")
    if close:
        gathered.close(name)
    elif name not in _VOID and not tag.endswith("/>"):
        through = STRUCK if "line-through" in tag else ""
        gathered.open(name, _APART.get(name, through))
