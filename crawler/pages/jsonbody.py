"""Reading JSON bodies that nobody vouches for: bounded, exact, one clear error."""

import json
import re
from typing import Any

import orjson

from tracker.domain.errors import UnreadableBody

_ZERO = b"\\u0000"
"""A zero byte as JSON writes it; PostgreSQL's texts cannot hold one."""

_TINY = (re.compile(rb"e-[0-9]{3}"), re.compile(rb"E-[0-9]{3}"))
"""What may end a number so small that reading it as a float makes it zero, which is a
price. A pattern that begins with letters is looked for ten times as quickly as one
that begins with a digit, so the digit is looked at afterwards."""

SHOWN = 60
"""Characters of a body that an error message quotes at the most."""


def load(body: bytes, *, what: str) -> Any:
    """Parse a body as JSON.

    Python's own reader takes over where the quick one refuses, because it reads
    `NaN` and numbers without bound: one such value must cost one rate, not the
    whole body.

    Args:
        body: the raw bytes.
        what: how the error message names the document.

    Raises:
        UnreadableBody: empty, not JSON, or nested beyond reason.
    """
    if not body.strip():
        raise UnreadableBody(f"{what}: the body is empty")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        value = _load_leniently(body, what, fault)
    if _ZERO in body or _may_be_tiny(body):
        value = json.loads(body, object_pairs_hook=_texts, parse_float=_float)
    return value


def _may_be_tiny(body: bytes) -> bool:
    ends = (found.start() for pattern in _TINY for found in pattern.finditer(body))
    return any(body[at - 1 : at].isdigit() for at in ends)


def _load_leniently(body: bytes, what: str, fault: orjson.JSONDecodeError) -> Any:
    try:
        return json.loads(
            body, parse_int=_integer, parse_float=_float, object_pairs_hook=_texts
        )
    except RecursionError:
        raise UnreadableBody(f"{what}: nested too deeply to be a price list") from None
    except (ValueError, UnicodeDecodeError):
        start = body[:SHOWN].decode("utf-8", "replace").split("\n")[0].strip()
        raise UnreadableBody(
            f"{what}: not JSON ({fault.msg} at line {fault.lineno} column "
            f"{fault.colno}; it starts with {start!r})"
        ) from None


def _float(text: str) -> float | str:
    """A number; as its text where a float would be zero and the text is not."""
    number = float(text)
    mantissa = text.lower().partition("e")[0]
    return number if number or not mantissa.strip("-0.") else text


def _integer(text: str) -> int | float:
    """A whole number, without bound if it is too long for one."""
    return int(text) if len(text) <= 400 else float(text)


def _texts(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Texts that can be stored: half a character and a zero byte are replaced."""
    return {_text(k): _text(v) for k, v in pairs}


def _text(value: Any) -> Any:
    if isinstance(value, list):
        return [_text(v) for v in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    return value


def as_object(value: Any, *, what: str) -> dict[str, Any]:
    """The value if it is a JSON object with something in it.

    Raises:
        UnreadableBody: it is a list, a text, empty, ...
    """
    if not isinstance(value, dict):
        kind = {list: "a list", str: "a text", type(None): "null"}.get(type(value))
        raise UnreadableBody(f"{what}: expected an object, found {kind or 'a number'}")
    if not value:
        raise UnreadableBody(f"{what}: the object is empty")
    return value


def canonical(value: Any) -> str:
    """A fact's value as text: JSON with sorted keys; texts and numbers bare.

    A NUL, which PostgreSQL's texts cannot hold, is replaced.
    """
    if isinstance(value, str):
        return value.replace("\0", "\ufffd") if "\0" in value else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        return json.dumps(value, sort_keys=True)
