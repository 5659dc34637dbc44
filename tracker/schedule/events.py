"""Structured logs: an event in words and its fields, a line each.

2026-11-22T04:55:02Z slot done  kind=scheduled slot=2026-11-22T04:55:00Z read=19
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

Tell = Callable[..., None]
"""Called with the event's sentence and its fields by name."""

_BARE = re.compile(r"[A-Za-z0-9_.:/@+,%-]+")


def line(at: datetime, event: str, **fields: Any) -> str:
    """An event as a line; a field of None is left out.

    Values come from pages that anyone may edit: whatever is not plain is quoted, with
    its odd characters escaped, so that no value can forge a line or a field.
    """
    said = [f"{name}={text(v)}" for name, v in fields.items() if v is not None]
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return "  ".join(filter(None, (f"{stamp} {event}", " ".join(said))))


def text(value: Any) -> str:
    """A field's value."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}s"
    if isinstance(value, list | tuple):
        value = ",".join(map(str, value))
    plain = str(value)
    return plain if _BARE.fullmatch(plain) else json.dumps(plain)
