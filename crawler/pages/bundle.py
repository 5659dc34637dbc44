"""Several bodies of one source kept as one capture: index and pages, page by page.

A source whose prices stand on many pages is one capture all the same, or it could
not be said what is missing from it. The parts are ordered by address, so that the
same pages give the same bytes, and a page that could not be had is named.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from tracker.domain.errors import UnreadableBody

_MARK = b'{"bundle":"pricetrail'
_FORMAT = "pricetrail/1"


@dataclass(frozen=True, slots=True)
class Part:
    """One body; `url` is empty where a saved file does not tell."""

    url: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """The bodies of one capture.

    Attributes:
        parts: what was read, ordered by address.
        missing: addresses that could not be read, so that what is not in the
            parts proves nothing.
    """

    parts: tuple[Part, ...]
    missing: tuple[str, ...] = ()


def pack(parts: Iterable[Part], missing: Iterable[str] = ()) -> bytes:
    """The bytes of a bundle; the same parts in any order give the same bytes."""
    listed = [_packed(part) for part in sorted(parts, key=lambda p: (p.url, p.body))]
    whole = {"bundle": _FORMAT, "missing": sorted({*missing}), "parts": listed}
    return orjson.dumps(whole)


def unpack(body: bytes) -> Bundle:
    """The parts of a body; one that is no bundle is its own only part.

    Raises:
        UnreadableBody: it begins as a bundle does and is none.
    """
    parts, missing = opened(body)
    return Bundle(tuple(parts), missing)


def opened(body: bytes) -> tuple[Iterator[Part], tuple[str, ...]]:
    """As `unpack`, for big bundles: the text of a part is freed once it was read.

    Returns:
        the parts, to be gone through once, and what is missing.

    Raises:
        UnreadableBody: it begins as a bundle does and is none; going through the
            parts may raise it, too.
    """
    if not body.startswith(_MARK):
        return iter((Part("", body),)), ()
    try:
        whole = orjson.loads(body)
        packed = list(whole.pop("parts"))
        known = whole["bundle"] == _FORMAT
        missing = tuple(_text(url) for url in whole["missing"])
    except (ValueError, KeyError, TypeError):
        raise _damaged() from None
    if not known:
        raise UnreadableBody("the bundle of pages is of a kind that is not known")
    if not packed:
        raise UnreadableBody("the bundle holds no page")
    packed.reverse()
    return _parts(packed), missing


def _parts(packed: list[Any]) -> Iterator[Part]:
    while packed:
        try:
            part = _unpacked(packed.pop())
        except (ValueError, KeyError, TypeError, binascii.Error):
            raise _damaged() from None
        yield part


def _damaged() -> UnreadableBody:
    return UnreadableBody("the bundle of pages is damaged")


def _packed(part: Part) -> dict[str, str]:
    try:
        return {"url": part.url, "text": part.body.decode()}
    except UnicodeDecodeError:
        return {"url": part.url, "base64": base64.b64encode(part.body).decode()}


def _unpacked(part: dict[str, Any]) -> Part:
    url = _text(part["url"])
    if "text" in part:
        return Part(url, _text(part["text"]).encode("utf-8", "replace"))
    return Part(url, base64.b64decode(part["base64"], validate=True))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a bundle holds texts")
    return value
