"""How a source's history advances by one capture.

Given what is known of each key and what a capture states, `advance` says what
changes: rates that open and close, price changes, facts, absences, holds. It
decides nothing about belief; a later pass judges the changes.

A key that is not in a *complete* capture is missing; missing twice in a row, or
once at its deprecation date, it is withdrawn as of the first time.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.domain.diff import Step, apply, diff
from tracker.domain.offers import Offer
from tracker.domain.quotes import Quote, Statement
from tracker.domain.ratecard import Absence, Held, KeyCard, Rate
from tracker.domain.renames import rename_candidates

WHOLE_KEY = ""
"""The name under which a hold of a whole key is kept, beside those of meters."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a capture was made and what its silence proves.

    Attributes:
        observed_at: when the source said this.
        previous_at: when the source was last seen before, if ever.
        complete: whether a key that is not in it may be taken for gone.
    """

    observed_at: datetime
    previous_at: datetime | None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """What a capture says, less the entries that are equal to the last ones.

    Attributes:
        statements: by key, for entries that are new or differ.
        present: every key in the body, whether its entry differs or not.
        held_keys: keys that contradict themselves, with the reason.
    """

    statements: Mapping[str, Statement]
    present: Collection[str]
    held_keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Hold:
    """A value held back: on one meter, or (`meter` empty) on the whole key."""

    meter: str
    reason: str
    raw: str
    field: str


@dataclass(frozen=True, slots=True)
class KeyChange:
    """All that a capture changes on one key.

    Attributes:
        key: the source's own name.
        card: the state after it.
        born: the key was never seen before.
        remapped: its offer is another than before.
        steps: what happened to its meters.
        quotes: the quotes behind the steps that open a rate, by meter key.
        closed_at: when closed rates and facts ended.
        since: the start of the interval in which the steps happened.
        at: its end; what opens is valid from then.
        facts_opened: names and values that are new or differ.
        facts_closed: names whose open value ended.
        holds: values newly held back.
        released: meters whose hold ended because a readable value came.
        presence: whether the key came, went missing, came back or was given up.
        renamed_to: a key that may be its new name.
    """

    key: str
    card: KeyCard
    born: bool = False
    remapped: bool = False
    steps: tuple[Step, ...] = ()
    quotes: Mapping[str, Quote] | None = None
    since: datetime | None = None
    at: datetime | None = None
    facts_opened: Mapping[str, str] | None = None
    facts_closed: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()
    released: tuple[str, ...] = ()
    presence: bool = False
    renamed_to: str | None = None


def advance(
    cards: Mapping[str, KeyCard], reading: Reading, stamp: Stamp
) -> list[KeyChange]:
    """Work out what a capture changes.

    Args:
        cards: what is known, at least of every key that is in the reading's
            statements or held keys, and of every key that was there before and
            is not now.
        reading: what the capture says.
        stamp: when, and how complete.

    Returns:
        one change per key that changed, ordered by key.
    """
    changes = [
        _stated(key, cards.get(key), statement, stamp)
        for key, statement in reading.statements.items()
        if key not in reading.held_keys
    ]
    for key, reason in reading.held_keys.items():
        said = reading.statements.get(key)
        changes += _held_key(key, cards.get(key), said, reason, stamp)
    if stamp.complete:
        missing = _missing(cards, reading, stamp)
        born = {c.key: c.card for c in changes if c.born}
        names = rename_candidates({c.key: cards[c.key] for c in missing}, born)
        changes += [replace(c, renamed_to=names.get(c.key)) for c in missing]
    return sorted((c for c in changes if c is not None), key=lambda c: c.key)


def _stated(key: str, card: KeyCard | None, said: Statement, stamp: Stamp) -> KeyChange:
    """A key that the capture has something new to say of."""
    known = card or KeyCard(said.offer)
    holds = _holds(said)
    after = {
        meter: Rate(quote.price_nano, quote.currency)
        for meter, quote in said.quotes.items()
    }
    for hold in holds:
        if hold.meter in known.rates:
            after[hold.meter] = known.rates[hold.meter]
    steps = diff(known.rates, after, known.past)
    held = {hold.meter: Held(hold.reason, hold.raw) for hold in holds}
    opened = {n: v for n, v in said.facts.items() if known.facts.get(n) != v}
    return KeyChange(
        key=key,
        card=KeyCard(
            offer=said.offer,
            rates=apply(known.rates, steps),
            past=_past(known.past, steps),
            facts=said.facts,
            held=held,
        ),
        born=card is None,
        remapped=card is not None and card.offer != said.offer,
        steps=tuple(steps),
        quotes=said.quotes,
        since=known.absence.last_seen if known.absence else stamp.previous_at,
        at=stamp.observed_at,
        facts_opened=opened,
        facts_closed=tuple(n for n, v in known.facts.items() if said.facts.get(n) != v),
        holds=tuple(h for h in holds if known.held.get(h.meter) != held[h.meter]),
        released=tuple(m for m in known.held if m not in held),
        presence=_away(known),
    )


def _away(card: KeyCard) -> bool:
    return card.absence is not None or card.withdrawn_at is not None


def _holds(said: Statement) -> list[Hold]:
    return [
        Hold(p.meter.key if p.meter else WHOLE_KEY, p.reason, p.raw, p.field)
        for p in said.problems
    ]


def _past(past: Mapping[str, Rate], steps: list[Step]) -> Mapping[str, Rate]:
    gone = {s.meter: s.old for s in steps if s.new is None and s.old is not None}
    back = {s.meter for s in steps if s.new is not None}
    if not gone and not (back & past.keys()):
        return past
    return {m: r for m, r in {**past, **gone}.items() if m not in back}


def _held_key(
    key: str,
    card: KeyCard | None,
    said: Statement | None,
    reason: str,
    stamp: Stamp,
) -> list[KeyChange]:
    """A key whose entries contradict each other: nothing of it is believed."""
    if card is None and said is None:
        return []
    known = card or KeyCard(said.offer if said else Offer("unknown", key))
    before = known.held.get(WHOLE_KEY)
    if before is not None and before.reason == reason:
        return []
    hold = Hold(WHOLE_KEY, reason, key, key)
    held = {**known.held, WHOLE_KEY: Held(reason, key)}
    after = replace(known, held=held, absence=None)
    return [
        KeyChange(
            key=key,
            card=after,
            born=card is None,
            at=stamp.observed_at,
            holds=(hold,),
            presence=known.absence is not None,
        )
    ]


def _missing(
    cards: Mapping[str, KeyCard], reading: Reading, stamp: Stamp
) -> list[KeyChange]:
    absent = [
        (key, card)
        for key, card in cards.items()
        if key not in reading.present and card.withdrawn_at is None
    ]
    return [_absent(key, card, stamp) for key, card in absent]


def _absent(key: str, card: KeyCard, stamp: Stamp) -> KeyChange:
    """First absence: noted. Second, or at its deprecation date: withdrawn."""
    first = card.absence is None
    absence = card.absence or Absence(stamp.observed_at, stamp.previous_at)
    if first and not _past_deprecation(card, stamp.observed_at):
        return KeyChange(key, replace(card, absence=absence), presence=True)
    steps = diff(card.rates, {})
    return KeyChange(
        key=key,
        card=KeyCard(
            offer=card.offer, past=_past(card.past, steps), withdrawn_at=absence.since
        ),
        steps=tuple(steps),
        since=absence.last_seen,
        at=absence.since,
        facts_closed=tuple(card.facts),
        released=tuple(card.held),
        presence=True,
    )


def _past_deprecation(card: KeyCard, at: datetime) -> bool:
    date = card.facts.get("deprecation_date", "")
    return bool(date) and date[:10] <= at.date().isoformat() and date[:4].isdigit()
