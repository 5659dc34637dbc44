"""What was added to a model's abilities, or lost, and when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.web.model.abilities import ASKED, IN, OUT, number_in, words_in

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """Something added, lost or changed on a day: `new` is None if it is gone, `old`
    if there was nothing before.
    """

    at: datetime
    source: str
    name: str
    old: str | None
    new: str | None


_TOLD: Mapping[str, str] = {
    **{name: a.name for a in ASKED if not a.note for name in a.facts},
    "max_input_tokens": "context window",
    "max_output_tokens": "max output",
    "deprecation_date": "last day",
    "mode": "mode",
    IN: "inputs",
    OUT: "outputs",
    "supports_tool_choice": "tool choice",
    "supports_system_messages": "system messages",
    "supports_native_streaming": "streaming",
}
"""Facts whose turns are worth telling, in words."""


def turns_of(every: Iterable[Row]) -> tuple[Turn, ...]:
    """What came, went and changed after a key was first seen and before it went."""
    keys: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in every:
        keys[row["source"], row["source_key"]].append(row)
    found = [turn for rows in keys.values() for turn in _of_key(rows)]
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda t: (t.at, t.source, t.name), reverse=True))


def _of_key(rows: list[Row]) -> list[Turn]:
    born = min(row["valid_from"] for row in rows)
    open_now = any(row["valid_to"] is None for row in rows)
    gone = None if open_now else max(row["valid_to"] for row in rows)
    named: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["name"] in _TOLD:
            named[row["name"]].append(row)
    found: list[Turn] = []
    for name, members in named.items():
        ordered = sorted(members, key=lambda row: row["valid_from"])
        found += _of_name(name, ordered, (born, gone))
    return found


def _of_name(
    name: str, rows: list[Row], life: tuple[datetime, datetime | None]
) -> list[Turn]:
    born, gone = life
    found: list[Turn] = []
    ended: Row | None = None
    for row in rows:
        at, joined = row["valid_from"], ended and ended["valid_to"] == row["valid_from"]
        if ended is not None and not joined:
            found.append(_turn(ended["valid_to"], name, ended, None))
        if at != born:
            found.append(_turn(at, name, ended if joined else None, row))
        ended = row
    if ended is not None and ended["valid_to"] not in (None, gone):
        found.append(_turn(ended["valid_to"], name, ended, None))
    return found


def _turn(at: datetime, name: str, old: Row | None, new: Row | None) -> Turn:
    source = (new or old or {})["source"]
    before, after = (_value(row) if row else None for row in (old, new))
    return Turn(at, source, _TOLD[name], before, after)


def _value(row: Row) -> str:
    if row["value"] in ("true", "false"):
        return "yes" if row["value"] == "true" else "no"
    return (
        number_in(row["value"])
        or ", ".join(sorted(words_in(row["value"])))
        or str(row["value"])
    )
