"""Where a list goes on: the place of the row that was told last.

A cursor holds what the rows are ordered by, not a number of rows or an id, so rows
that are added meanwhile move nothing. It belongs to one question, whose mark it bears.
It is no secret: whoever makes one up gets a place in the list, or a problem.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson

from storage.types import instant_text, text_instant
from tracker.web.api.problems import Problem, of_parameter

LONGEST = 900
"""Bytes of a place that a cursor holds; of a longer one it holds a hash."""

Place = tuple[Any, ...]


def written(question: str, place: Sequence[Any]) -> str:
    """The cursor of a place.

    Args:
        question: what was asked, whichever page of it.
        place: texts, numbers and instants; the first one is short.
    """
    plain = [_plain(part) for part in place]
    body = orjson.dumps([_mark(question), *plain])
    if len(body) > LONGEST:
        body = orjson.dumps([_mark(question), plain[0], {"is": _hash(plain)}])
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def read(
    question: str,
    text: str,
    form: Sequence[Callable[[Any], Any]],
    candidates: Callable[[Any], Iterable[Place]],
) -> Place:
    """The place that a cursor stands for.

    Args:
        question: what is asked now.
        text: the cursor.
        form: what reads each part of a place; it raises ValueError for another one.
        candidates: the places that begin with a value, for cursors that hold a hash.

    Raises:
        Problem: it is no cursor for this question, or its row is gone.
    """
    mark, *parts = _unpacked(text)
    if mark != _mark(question):
        raise _wrong("it belongs to a question with other parameters")
    try:
        if len(parts) == 2 and isinstance(parts[1], dict):
            return _found(candidates(form[0](parts[0])), parts[1].get("is"))
        pairs = zip(form, parts, strict=True)
        return tuple(reads(part) for reads, part in pairs)
    except ValueError:
        raise _wrong("it is none of ours") from None


def as_text(value: Any) -> str:
    """A part that is a text.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    return value


def as_number(value: Any) -> int | None:
    """A part that is a whole number, or nothing.

    Raises:
        ValueError: it is something else.
    """
    if value is None or type(value) is int:
        return value
    raise ValueError(value)


def as_instant(value: Any) -> datetime:
    """A part that is an instant.

    Raises:
        ValueError: it is something else.
    """
    return text_instant(as_text(value))


def _found(candidates: Iterable[Place], hashed: Any) -> Place:
    for place in candidates:
        if _hash([_plain(part) for part in place]) == hashed:
            return place
    raise _wrong("the row that it stands for is gone")


def _wrong(why: str) -> Problem:
    return of_parameter(
        "cursor", f"{why}; begin again without it", kind="invalid-cursor"
    )


def _unpacked(text: str) -> list[Any]:
    try:
        body = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        found = orjson.loads(body)
    except (binascii.Error, ValueError):
        raise _wrong("it is none of ours") from None
    if not isinstance(found, list) or not found:
        raise _wrong("it is none of ours")
    return found


def _plain(part: Any) -> Any:
    return instant_text(part) if isinstance(part, datetime) else part


def _hash(plain: Sequence[Any]) -> str:
    return hashlib.sha256(orjson.dumps(plain)).hexdigest()[:32]


def _mark(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()[:8]
