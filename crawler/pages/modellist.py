"""Lists of models in one JSON object: `{"data": [{"id": ..., ...}, ...]}`.

OpenAI's list, which most sellers answer with, each with price cards of their own.
Here is what is the same in all of them: the list, ids that occur twice, signs that it
goes on elsewhere, and facts that are texts, numbers or lists of words.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from crawler.pages import jsonbody
from crawler.pages.collector import Collector
from tracker.domain.errors import UnreadableBody
from tracker.domain.quotes import Document, Entry

Named = Sequence[tuple[str, Any]]
"""Keys with their entries, in the order of the list; an empty key is no offer."""


LEAVES = 1000
"""Values inside one value not understood that are kept; no list seen has any."""

_NAME = 400
"""Characters of a nested value's name that are kept."""


@dataclass(frozen=True, slots=True)
class Models:
    """A list as it came.

    Attributes:
        top: the object around the list.
        listed: its elements.
    """

    top: dict[str, Any]
    listed: list[Any]


def load(body: bytes, *, what: str) -> Models:
    """Find the list in a body.

    Raises:
        UnreadableBody: not a JSON object with a list in it.
    """
    top = unwrapped(jsonbody.load(body, what=what), what=what)
    listed = top.get("data")
    if not isinstance(listed, list) or not listed:
        raise UnreadableBody(f"{what}: no list of models under 'data'")
    return Models(top, listed)


def unwrapped(top: Any, *, what: str) -> dict[str, Any]:
    """The object itself, also where a capturer put it into `{url, body: {...}}`."""
    fields = jsonbody.as_object(top, what=what)
    body = fields.get("body")
    return body if "data" not in fields and isinstance(body, dict) else fields


def id_of(model: Any) -> str:
    """The model's id; empty if it has none."""
    key = model.get("id") if isinstance(model, dict) else None
    return key if isinstance(key, str) else ""


def document(models: Models, named: Named, *, ignored: Sequence[str] = ()) -> Document:
    """The entries of a list, and whether it is the whole of it."""
    entries, held, notes = keyed(named)
    cut = _cut_short(models)
    return Document(
        entries=entries,
        held_keys=held,
        ignored=tuple(ignored),
        notes=(*notes, *cut),
        complete=not cut,
    )


def keyed(named: Named) -> tuple[dict[str, Entry], dict[str, str], list[str]]:
    """Entries by key, the keys that occur twice and differ, and notes about both."""
    entries: dict[str, Entry] = {key: entry for key, entry in named if key}
    twice = _stated_twice(named, entries)
    held = {key: "duplicate_key" for key, same in twice.items() if not same}
    return entries, held, [f"id {key!r} occurs twice" for key in sorted(twice)]


def nameless(models: Models) -> list[str]:
    """Where elements stand that have no id, so sell nothing."""
    return [f"data.{n}" for n, model in enumerate(models.listed) if not id_of(model)]


def _stated_twice(named: Named, entries: dict[str, Entry]) -> dict[str, bool]:
    """Keys that occur twice or more, with whether all say the same."""
    twice: dict[str, bool] = {}
    if sum(1 for key, _ in named if key) == len(entries):
        return twice
    times = Counter(key for key, _ in named)
    for key, entry in named:
        if key and times[key] > 1:
            twice[key] = twice.get(key, True) and _same(entry, entries[key])
    return twice


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except RecursionError:
        return False


def _cut_short(models: Models) -> list[str]:
    """Signs that the list goes on elsewhere, so that its silence proves nothing."""
    links, total = models.top.get("links"), models.top.get("total_count")
    notes = []
    if isinstance(links, dict) and links.get("next"):
        notes.append("the list goes on on another page")
    if isinstance(total, int) and total > len(models.listed):
        notes.append(f"{len(models.listed)} of {total} models listed")
    return notes


def inner(fields: Any, name: str) -> dict[str, Any]:
    """The object under a name; empty if there is none."""
    value = fields.get(name) if isinstance(fields, dict) else None
    return value if isinstance(value, dict) else {}


def fact(found: Collector, name: str, value: Any) -> None:
    """An empty text or a zero is how a list says that it does not know."""
    if isinstance(value, str | int) and value:
        found.fact(name, value)


def words(found: Collector, name: str, value: Any) -> None:
    """A list of words, sorted, so that a new order is not a change."""
    texts = [w for w in value if isinstance(w, str)] if isinstance(value, list) else []
    if texts:
        found.fact(name, sorted(texts))


def leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every value inside a value that is none of a container, with its dotted name.

    After `LEAVES` of them it ends: so much in one place is no price list.
    """
    return islice(_leaves(name, value), LEAVES)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    waiting = [iter([(name, value)])]
    while waiting:
        part = next(waiting[-1], None)
        if part is None:
            waiting.pop()
        elif isinstance(part[1], dict | list):
            waiting.append(_parts(*part))
        else:
            yield part


def _parts(name: str, value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    return ((f"{name}.{part}"[:_NAME], inside) for part, inside in parts)
