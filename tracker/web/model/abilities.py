"""What a model can, who says so and since when, and what was added or lost."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from tracker.judging.witnessing import rank
from tracker.web.model.naming import titled

Row = dict[str, Any]

IN, OUT = "supported_modalities", "supported_output_modalities"
LIMITS: Mapping[str, tuple[str, ...]] = {
    "Context window": ("max_input_tokens",),
    "Max output": ("max_output_tokens", "max_tokens"),
}
"""Numbers of tokens, and the facts that state them, the best first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A capability: the facts that state it, and lists that may hold it.

    Attributes:
        name: what people call it.
        facts: names of facts that are true or false.
        lists: a fact that lists words, with the words that mean it.
        closed: whether such a list without it means that there is none.
        note: what it is derived from, if it is not stated itself.
    """

    name: str
    facts: tuple[str, ...] = ()
    lists: tuple[str, frozenset[str]] | None = None
    closed: bool = False
    note: str = ""


_SCHEMA = ("supports_response_schema", "supports_native_structured_output")
_DERIVED = "derived from JSON schema: what can follow a schema can write JSON"
ASKED = (
    Asked("Tools (function calling)", ("supports_function_calling",)),
    Asked("Parallel tools", ("supports_parallel_function_calling",)),
    Asked(
        "Vision (image input)",
        ("supports_vision", "supports_image_input"),
        (IN, frozenset({"image"})),
        closed=True,
    ),
    Asked("PDF input", ("supports_pdf_input",), (IN, frozenset({"pdf", "file"}))),
    Asked("JSON mode", _SCHEMA, note=_DERIVED),
    Asked("JSON schema", _SCHEMA),
    Asked("Prompt caching", ("supports_prompt_caching",)),
    Asked("Reasoning", ("supports_reasoning",)),
    Asked(
        "Audio input",
        ("supports_audio_input",),
        (IN, frozenset({"audio"})),
        closed=True,
    ),
    Asked(
        "Audio output",
        ("supports_audio_output",),
        (OUT, frozenset({"audio"})),
        closed=True,
    ),
    Asked(
        "Video input",
        ("supports_video_input",),
        (IN, frozenset({"video"})),
        closed=True,
    ),
    Asked("Web search", ("supports_web_search",)),
    Asked("Computer use", ("supports_computer_use",)),
)
_TEXTUAL = frozenset({"", "chat", "responses", "completion", "realtime"})


@dataclass(frozen=True, slots=True)
class Word:
    """What one source says: `value` is yes, no, or a number; `how` if it is derived."""

    source: str
    value: str
    since: datetime
    how: str = ""
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Ability:
    """A capability or a limit.

    Attributes:
        name: what people call it.
        words: what the sources say, the one that is believed first at the front.
        note: how it is derived, if it is.
    """

    name: str
    words: tuple[Word, ...]
    note: str = ""

    @property
    def value(self) -> str:
        """What is believed: `yes`, `no`, a number, or `not stated`."""
        return self.words[0].value if self.words else "not stated"

    @property
    def agreeing(self) -> tuple[Word, ...]:
        """The sources that say what is believed."""
        return tuple(word for word in self.words if word.value == self.value)

    @property
    def differing(self) -> tuple[Word, ...]:
        """The sources that say something else."""
        return tuple(word for word in self.words if word.value != self.value)


@dataclass(frozen=True, slots=True)
class Statement:
    """Any fact as a source states it now."""

    name: str
    value: str
    source: str
    key: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Abilities:
    """All that is said of an offer besides its prices.

    Attributes:
        rows: capabilities, in a fixed order.
        limits: numbers of tokens.
        others: every other fact of today, by name.
        told: plain facts by name, each by the source that is believed first.
    """

    rows: tuple[Ability, ...]
    limits: tuple[Ability, ...]
    others: tuple[Statement, ...]
    told: Mapping[str, str]

    @property
    def known(self) -> int:
        """How many capabilities anybody speaks of."""
        return sum(bool(row.words) for row in self.rows)

    def limit(self, name: str) -> int | None:
        """A limit as it is believed; None if nobody states it."""
        for row in self.limits:
            if row.name == name and row.words:
                return int(row.words[0].value.replace(",", ""))
        return None


def abilities_of(
    provider: str, facts: Iterable[Row], priced: Mapping[str, Word]
) -> Abilities:
    """What the facts of an offer say.

    Args:
        provider: who sells it: its own page counts first.
        facts: rows of `storage.reading.dossier.facts`.
        priced: who states a price that only what can do it has, by capability.
    """
    every = sorted(facts, key=lambda row: _order(row, provider))
    now = [row for row in every if row["valid_to"] is None]
    by_name: dict[str, list[Row]] = defaultdict(list)
    for row in now:
        by_name[row["name"]].append(row)
    rows = [_ability(asked, by_name, priced.get(asked.name)) for asked in ASKED]
    told = {name: found[0]["value"] for name, found in by_name.items()}
    limits = tuple(_limit(name, names, by_name) for name, names in LIMITS.items())
    used = {name for asked in ASKED for name in asked.facts} | {"name"}
    used |= {name for names in LIMITS.values() for name in names}
    return Abilities(
        tuple(rows),
        limits,
        tuple(_statement(row) for row in now if row["name"] not in used),
        told,
    )


def shows_capabilities(mode: str) -> bool:
    """Whether models of a mode are expected to call tools, see and read."""
    return mode in _TEXTUAL


def _order(row: Row, provider: str) -> tuple[Any, ...]:
    place = rank(row["source"], provider)
    return bool(row["stale"]), place, row["source_key"], row["name"], row["valid_from"]


def _ability(
    asked: Asked, by_name: Mapping[str, list[Row]], priced: Word | None
) -> Ability:
    words: dict[str, Word] = {}
    for name in asked.facts:
        for row in by_name.get(name, ()):
            if row["value"] in ("true", "false"):
                words.setdefault(row["source"], _plain(row))
    for word in _listed(asked, by_name):
        words.setdefault(word.source, word)
    if priced is not None:
        words.setdefault(priced.source, priced)
    return Ability(asked.name, _by_order(words.values()), asked.note)


def _by_order(words: Iterable[Word]) -> tuple[Word, ...]:
    """What is stated outright before what is derived; stale sources last."""
    return tuple(sorted(words, key=lambda word: (word.stale, bool(word.how))))


def _plain(row: Row) -> Word:
    value = "yes" if row["value"] == "true" else "no"
    return Word(row["source"], value, row["valid_from"], stale=bool(row["stale"]))


def _listed(asked: Asked, by_name: Mapping[str, list[Row]]) -> list[Word]:
    if asked.lists is None:
        return []
    name, meant = asked.lists
    found = []
    for row in by_name.get(name, ()):
        words = words_in(row["value"])
        there = bool(meant & words)
        if there or (asked.closed and words):
            told = ", ".join(sorted(words))
            how = f"its {'inputs' if name == IN else 'outputs'} are listed as {told}"
            value = "yes" if there else "no"
            stale = bool(row["stale"])
            found.append(Word(row["source"], value, row["valid_from"], how, stale))
    return found


def words_in(value: str) -> frozenset[str]:
    """A fact that is a list of words; nothing where a source wrote something else."""
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return frozenset()
    known = found if isinstance(found, list) else ()
    return frozenset(word for word in known if isinstance(word, str))


def _limit(
    name: str, names: tuple[str, ...], by_name: Mapping[str, list[Row]]
) -> Ability:
    words: dict[str, Word] = {}
    for fact in names:
        for row in by_name.get(fact, ()):
            number = number_in(row["value"])
            if number:
                word = Word(
                    row["source"], number, row["valid_from"], stale=bool(row["stale"])
                )
                words.setdefault(row["source"], word)
    return Ability(name, _by_order(words.values()))


def number_in(value: str) -> str:
    """A limit with its thousands set apart; empty if it is none."""
    whole = value.removesuffix(".0")
    plain = whole.isascii() and whole.isdigit() and len(whole) <= 15
    return f"{int(whole):,}" if plain and int(whole) else ""


def _statement(row: Row) -> Statement:
    key = (row["source"], row["source_key"])
    return Statement(row["name"], row["value"], *key, row["valid_from"])


def priced_states(facts: Iterable[Row]) -> list[tuple[str, str]]:
    """Meters that a source says have a price that cannot be told, and what it says
    instead: `-1` of a router.
    """
    return [
        (titled(row["name"].removeprefix("pricing:")), row["value"])
        for row in facts
        if row["valid_to"] is None and row["name"].startswith("pricing:")
    ]
