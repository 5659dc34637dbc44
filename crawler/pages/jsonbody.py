"""Reading JSON bodies that nobody vouches for: bounded, exact, one clear error."""

import json
from typing import Any

import orjson

from tracker.domain.errors import UnreadableBody

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
        return orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        return _load_leniently(body, what, fault)


def _load_leniently(body: bytes, what: str, fault: orjson.JSONDecodeError) -> Any:
    try:
        return json.loads(body)
    except RecursionError:
        raise UnreadableBody(f"{what}: nested too deeply to be a price list") from None
    except (ValueError, UnicodeDecodeError):
        start = body[:SHOWN].decode("utf-8", "replace").split("\n")[0].strip()
        raise UnreadableBody(
            f"{what}: not JSON ({fault.msg} at line {fault.lineno} column "
            f"{fault.colno}; it starts with {start!r})"
        ) from None


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
    """A fact's value as text: JSON with sorted keys; texts and numbers bare."""
    if isinstance(value, str):
        return value
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        return json.dumps(value, sort_keys=True)
