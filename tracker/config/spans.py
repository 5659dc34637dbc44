"""Spans of time as people write them in a file: `6h`, `1d`, `90s`, `2w`."""

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
_MOST = 10_000_000_000.0


def span(said: object) -> timedelta:
    """A span of time from a text, or from a number of seconds.

    Raises:
        ValueError: it is neither; the message shows how it is written.
    """
    if isinstance(said, timedelta):
        return said
    if isinstance(said, int | float) and not isinstance(said, bool):
        return _of(float(said), "s", said)
    found = _SPAN.fullmatch(said.strip().lower()) if isinstance(said, str) else None
    if found is None:
        raise ValueError(f'takes a span of time such as "6h" or "1d", not {said!r:.40}')
    return _of(float(found[1]), found[2], said)


def _of(number: float, unit: str, said: object) -> timedelta:
    if not 0 <= number <= _MOST:
        raise ValueError(f"{said!r:.40} is no span of time")
    try:
        return timedelta(**{_UNITS[unit]: number})
    except OverflowError:
        raise ValueError(f"{said!r:.40} is too long") from None


def written(value: timedelta) -> str:
    """A span in its largest whole unit: `1w`, `36h`, `90s`; the inverse of `span`."""
    seconds = value.total_seconds()
    for unit, size in (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size:.0f}{unit}"
    return f"{seconds:.12g}s"
