"""What a source says: quotes, facts, and what could not be read of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from tracker.domain.meters import Meter
from tracker.domain.offers import Offer

Entry = object
"""One entry of a document as its parser found it; compared by equality only."""


@dataclass(frozen=True, slots=True)
class Quote:
    """One rate as a source states it.

    Attributes:
        meter: what is billed.
        price_nano: nano-units of the currency per quantum of the meter's unit.
        currency: ISO code, or the name of a unit of account (`DBU`).
        exact: whether the stated number fits whole nano-units.
        raw: the number, or the cell of a table, as the source wrote it.
        field: where in the entry it stood.
        effective_from, effective_to: the days (UTC) for which the source states
            it, the last one not included; None where it names no such end.
    """

    meter: Meter
    price_nano: int
    currency: str
    exact: bool
    raw: str
    field: str
    effective_from: date | None = None
    effective_to: date | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A stated value that cannot be believed as it stands; it is held.

    Attributes:
        reason: a stable code: negative, not_a_number, too_small, conflict, ...
        meter: the meter it was for, or None if the whole key is meant.
        raw: what the source wrote.
        field: where it stood.
    """

    reason: str
    meter: Meter | None
    raw: str
    field: str


@dataclass(frozen=True, slots=True)
class Statement:
    """All that one capture says of one key of a source.

    `quotes` is keyed by meter key, and so is `dated`: the quotes of meters whose
    price the source states for certain days only, in their order; which of them
    holds depends on the day (`tracker.domain.schedule`). `unknown` counts price
    fields that the grammar could not read; they are quotes all the same, on
    `unknown` meters.
    """

    offer: Offer
    quotes: Mapping[str, Quote] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unknown: int = 0
    dated: Mapping[str, tuple[Quote, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed body: entries by the source's own key, not yet flattened.

    Attributes:
        entries: what each key says; equal entries say equal things.
        held_keys: keys whose entries contradict each other, with the reason.
        ignored: keys that are in the body but sell nothing.
        notes: what a person should know of this body.
        complete: whether it is the whole list; of a part, the silence on a key
            proves nothing.
    """

    entries: Mapping[str, Entry]
    held_keys: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    complete: bool = True


Parse = Callable[[bytes], Document]
"""Read a body. Raises UnreadableBody, whose message tells why."""

Flatten = Callable[[str, Entry], Statement]
"""Read one entry of a document into quotes and facts."""
