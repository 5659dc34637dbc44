"""The data that a Next.js page carries in its scripts.

A page pushes texts, `self.__next_f.push([1,"26:[...]"])`, that joined together are
rows of one line: an id in hexadecimal, a colon, and JSON. Numbers stay texts, so that
a price is read as it was written.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

from tracker.domain.errors import UnreadableBody

_PUSH = "__next_f.push("
_ROW = re.compile(r"([0-9a-f]{1,12}):")
_TEXT = re.compile(r"T([0-9a-f]{1,8}),")

MAX_NODES = 2_000_000
"""Values of one page that are looked at; a page has some ten thousand."""


class Number(str):
    """A number as it was written."""

    __slots__ = ()


def has_data(page: str) -> bool:
    """Whether a page carries data this way."""
    return _PUSH in page


def rows(page: str, *, what: str) -> list[Any]:
    """The values of the rows that are JSON, in order.

    Raises:
        UnreadableBody: a script is cut off, or nested beyond reason.
    """
    try:
        return [value for _, value in _read(_joined(page, what))]
    except RecursionError:
        raise UnreadableBody(f"{what}: nested too deeply to be a page") from None


def _joined(page: str, what: str) -> str:
    """All pushed texts, one after another."""
    decoder = json.JSONDecoder()
    texts: list[str] = []
    at = page.find(_PUSH)
    while at >= 0:
        at += len(_PUSH)
        try:
            pushed, at = decoder.raw_decode(page, at)
        except ValueError:
            raise UnreadableBody(f"{what}: a script of data is cut off") from None
        if isinstance(pushed, list) and pushed[:1] == [1] and len(pushed) > 1:
            texts.append(str(pushed[1]))
        at = page.find(_PUSH, at)
    return "".join(texts)


def _read(data: str) -> Iterator[tuple[str, Any]]:
    """Each row that is JSON. A row of plain text is as long as it says, in bytes; of
    the others the line is the row.
    """
    decoder = json.JSONDecoder(
        parse_float=Number, parse_int=Number, parse_constant=Number
    )
    at = 0
    while at < len(data):
        start = _ROW.match(data, at)
        text = _TEXT.match(data, start.end()) if start else None
        if text:
            at = _after_text(data, text)
            continue
        line_end = data.find("\n", at)
        line_end = len(data) if line_end < 0 else line_end
        if start and data[start.end() : start.end() + 1] in ("[", "{"):
            # What does not parse is no row of data, or was cut when it was saved.
            with contextlib.suppress(ValueError):
                yield start[1], decoder.decode(data[start.end() : line_end])
        at = line_end + 1


def _after_text(data: str, text: re.Match[str]) -> int:
    """Where a text of so many bytes ends."""
    size = int(text[1], 16)
    piece = data[text.end() : text.end() + size]
    kept = piece.encode("utf-8", "replace")[:size].decode("utf-8", "ignore")
    return text.end() + len(kept)


def values(rows: list[Any], *, what: str) -> Iterator[Any]:
    """Every value of the rows, outermost first, in the order of the page.

    Raises:
        UnreadableBody: more values than any page has.
    """
    left = list(reversed(rows))
    seen = 0
    while left:
        value = left.pop()
        seen += 1
        if seen > MAX_NODES:
            raise UnreadableBody(f"{what}: more data than a page has")
        yield value
        if isinstance(value, dict):
            left.extend(reversed(value.values()))
        elif isinstance(value, list):
            left.extend(reversed(value))


def text_of(value: Any) -> str:
    """A text of the data: a leading `$` is written twice, since one is a reference."""
    if not isinstance(value, str):
        return ""
    return value[1:] if value.startswith("$$") else value
