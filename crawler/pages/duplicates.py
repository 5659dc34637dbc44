"""Finds keys that a JSON object states twice, which parsers pass over in silence.

A second full parse would cost several times the first, so the names in front of
each `{` are counted in the bytes, and only names that occur more than once are
looked at closely. What that cannot settle for certain goes the slow, exact way.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

_OPENS = re.compile(rb'"\s*:\s*\{')
_ROOM = 100_000
"""Bytes of one entry that are decoded; a longer one is left to the exact way."""


def keys_stated_twice(body: bytes, entries: Mapping[str, Any]) -> dict[str, bool]:
    """Top-level keys that occur twice or more, with whether all say the same.

    Args:
        body: the JSON text of an object whose values are objects.
        entries: the same, parsed (of a repeated key it holds the last).
    """
    pieces = _OPENS.split(body)
    names = Counter([piece[piece.rfind(b'"') + 1 :] for piece in pieces[:-1]])
    try:
        plain = names.keys() >= set(map(str.encode, entries))
    except UnicodeEncodeError:
        plain = False
    if not plain or any(b"\\" in name for name in names):
        return _exactly(body)
    repeated = (name.decode() for name, count in names.items() if count > 1)
    suspects = [name for name in repeated if name in entries]
    if not suspects:
        return {}
    inner = set(_inner_names(list(entries.values())))
    stated = {key: _values_of(body, key) for key in suspects if key not in inner}
    if len(stated) < len(suspects) or None in stated.values():
        return _exactly(body)
    return {key: all(v == vs[0] for v in vs) for key, vs in stated.items() if vs}


def _inner_names(level: list[Any]) -> Iterator[str]:
    """Names of objects below the top level."""
    while level:
        dicts = [value for value in level if type(value) is dict]
        below = [value for value in level if type(value) is list]
        for value in dicts:
            yield from (name for name, v in value.items() if type(v) is dict)
        parts = [v for value in dicts for v in value.values() if type(v) in _NESTED]
        parts += [v for value in below for v in value if type(v) in _NESTED]
        level = parts


_NESTED = (dict, list)


def _values_of(body: bytes, key: str) -> list[Any] | None:
    """Each object behind the key's name; None if one could not be decoded."""
    name = json.dumps(key, ensure_ascii=False).encode("utf-8", "replace")
    decoder, values = json.JSONDecoder(), []
    for found in re.finditer(re.escape(name) + rb"\s*:\s*(?=\{)", body):
        text = body[found.end() : found.end() + _ROOM].decode("utf-8", "ignore")
        try:
            values.append(decoder.raw_decode(text)[0])
        except ValueError:
            return None
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
