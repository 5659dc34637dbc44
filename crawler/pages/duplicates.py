"""Finds keys that a JSON object states twice, which parsers pass over in silence.

A second full parse would cost several times the first, so the names in front of
each `{` are counted in the bytes, and only names that occur more than once are
looked at closely. A body in an unusual layout goes the slow, exact way.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

_OPENS = b'": {'
_FEW = 200


def keys_stated_twice(body: bytes, entries: Mapping[str, Any]) -> dict[str, bool]:
    """Top-level keys that occur twice or more, with whether all say the same.

    Args:
        body: the JSON text of an object whose values are objects.
        entries: the same, parsed (of a repeated key it holds the last).
    """
    pieces = body.split(_OPENS)
    counts = Counter([piece[piece.rfind(b'"') + 1 :] for piece in pieces[:-1]])
    unseen = [key for key in entries if key.encode() not in counts]
    if len(unseen) > _FEW:
        return _exactly(body)
    suspects = [name.decode() for name, n in counts.items() if n > 1]
    twice = {}
    for key in [key for key in suspects if key in entries] + unseen:
        stated = _values_of(body, key)
        if len(stated) > 1:
            twice[key] = all(value == stated[0] for value in stated)
    return twice


def _values_of(body: bytes, key: str) -> list[Any]:
    """Each object that stands behind the key's name, anywhere in the body."""
    name = json.dumps(key, ensure_ascii=False).encode("utf-8", "surrogatepass")
    decoder, values = json.JSONDecoder(), []
    for found in re.finditer(re.escape(name) + rb"\s*:\s*(?=\{)", body):
        end = min(len(body), found.end() + 100_000)
        text = body[found.end() : end].decode("utf-8", "ignore")
        try:
            values.append(decoder.raw_decode(text)[0])
        except ValueError:
            values.append(None)
    return values


def _exactly(body: bytes) -> dict[str, bool]:
    """The same from a full parse that keeps every pair."""
    last: list[list[tuple[str, Any]]] = [[]]

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        last[0] = pairs
        return dict(pairs)

    json.loads(body, object_pairs_hook=keep)
    stated: dict[str, list[Any]] = {}
    for key, value in last[0]:
        stated.setdefault(key, []).append(value)
    return {
        key: all(value == values[0] for value in values)
        for key, values in stated.items()
        if len(values) > 1
    }
