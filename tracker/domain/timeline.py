"""How a source's history advances by one capture.

Given what is known of each key and what a capture states, `advance` says what
changes: rates that open and close, price changes, facts, absences, holds. It
decides nothing about belief beyond what the gate holds back; a later pass judges.

A key that is not in a *complete* capture is missing; missing twice in a row, or
once at its deprecation date, it is withdrawn as of the first time.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from tracker.domain.diff import Step, apply, diff
from tracker.domain.offers import Offer
from tracker.domain.quotes import Quote, Statement
from tracker.domain.ratecard import Absence, Held, KeyCard, Rate
from tracker.domain.release import Hold, Resolved, Sieve, Sifted, sift
from tracker.domain.renames import rename_candidates

_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
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
        statements: by key, for entries that are new or differ, and for those
            with a value that waits for release.
        present: every key in the body, whether its entry differs or not.
        held_keys: keys that contradict themselves, with the reason.
    """

    statements: Mapping[str, Statement]
    present: Collection[str]
    held_keys: Mapping[str, str]


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
        since: the start of the interval in which the steps happened.
        at: its end; what opens is valid from then.
        dated: the same two by meter, for values released after a hold: they
            happened when they were first said.
        facts_opened: names and values that are new or differ.
        facts_closed: names whose open value ended.
        holds: values newly held back.
        resolved: holds that ended, and how.
        presence: whether the key came, went missing, came back or was given up.
    """

    key: str
    card: KeyCard
    born: bool = False
    remapped: bool = False
    steps: tuple[Step, ...] = ()
    quotes: Mapping[str, Quote] = field(default_factory=dict)
    since: datetime | None = None
    at: datetime | None = None
    dated: Mapping[str, tuple[datetime | None, datetime]] = field(default_factory=dict)
    facts_opened: Mapping[str, str] = field(default_factory=dict)
    facts_closed: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()
    resolved: tuple[Resolved, ...] = ()
    presence: bool = False


def propose(
    cards: Mapping[str, KeyCard], statements: Mapping[str, Statement]
) -> dict[str, list[Step]]:
    """What the statements would change, before the gate.

    A value that cannot be read as a price proposes nothing: the old rate stands.
    """
    return {
        key: _proposed(cards.get(key) or KeyCard(said.offer), said)
        for key, said in statements.items()
    }


def advance(
    cards: Mapping[str, KeyCard],
    reading: Reading,
    stamp: Stamp,
    *,
    proposals: Mapping[str, list[Step]] | None = None,
    sieve: Sieve | None = None,
) -> list[KeyChange]:
    """Work out what a capture changes.

    Args:
        cards: what is known, at least of every key that is in the reading's
            statements or held keys, and of every key that was there before and
            is not now.
        reading: what the capture says.
        stamp: when, and how complete.
        proposals: the same as `propose` gives, if it was called already.
        sieve: what the gate holds and what was decided; None lets all through.

    Returns:
        one change per key that changed, ordered by key.
    """
    proposed = proposals or propose(cards, reading.statements)
    passing = sieve or Sieve()
    changes = [
        _stated(key, cards.get(key), said, stamp, (proposed[key], passing))
        for key, said in reading.statements.items()
        if key not in reading.held_keys
    ]
    for key, reason in reading.held_keys.items():
        statement = reading.statements.get(key)
        changes += _held_key(key, cards.get(key), statement, reason, stamp)
    if stamp.complete:
        missing = _missing(cards, reading, stamp)
        born = {c.key: c.card for c in changes if c.born}
        names = rename_candidates({c.key: cards[c.key] for c in missing}, born)
        changes += [_named(change, names) for change in missing]
    return sorted(changes, key=lambda change: change.key)


def _proposed(known: KeyCard, said: Statement) -> list[Step]:
    after = {
        meter: Rate(quote.price_nano, quote.currency)
        for meter, quote in said.quotes.items()
    }
    for problem in said.problems:
        meter = problem.meter.key if problem.meter else WHOLE_KEY
        if meter in known.rates:
            after[meter] = known.rates[meter]
    return diff(known.rates, after, known.earlier)


def _stated(
    key: str,
    card: KeyCard | None,
    said: Statement,
    stamp: Stamp,
    gate: tuple[list[Step], Sieve],
) -> KeyChange:
    """A key that the capture has something new to say of."""
    known = card or KeyCard(said.offer)
    proposed, sieve = gate
    since = known.absence.last_seen if known.absence else stamp.previous_at
    sifted = sift(key, known, said, proposed, sieve=sieve, previous_at=since)
    steps = sifted.steps
    opened = {n: v for n, v in said.facts.items() if known.facts.get(n) != v}
    return KeyChange(
        key=key,
        card=KeyCard(
            offer=said.offer,
            rates=apply(known.rates, steps),
            earlier=_earlier(known.earlier, steps),
            doubted=_doubted(known.doubted, steps, sifted),
            facts=said.facts,
            held=sifted.held,
        ),
        born=card is None,
        remapped=card is not None and card.offer != said.offer,
        steps=tuple(steps),
        quotes=said.quotes,
        since=since,
        at=stamp.observed_at,
        dated={**_hidden(known, sifted.steps, stamp), **sifted.dated},
        facts_opened=opened,
        facts_closed=tuple(n for n, v in known.facts.items() if said.facts.get(n) != v),
        holds=tuple(sifted.holds),
        resolved=tuple(sifted.resolved),
        presence=known.absence is not None or known.withdrawn_at is not None,
    )


def _hidden(
    known: KeyCard, steps: list[Step], stamp: Stamp
) -> dict[str, tuple[datetime | None, datetime]]:
    """Steps of meters whose old price a hold has hidden for some captures."""
    found: dict[str, tuple[datetime | None, datetime]] = {}
    for step in steps:
        held = [known.held.get(WHOLE_KEY), known.held.get(step.meter)]
        seen = [h.previous_at for h in held if h is not None and h.previous_at]
        if seen and step.old is not None:
            found[step.meter] = (min(seen), stamp.observed_at)
    return found


def _doubted(
    doubted: frozenset[str], steps: list[Step], sifted: Sifted
) -> frozenset[str]:
    """The meters whose rate came out of a hold, with those that do now."""
    moved = {step.meter for step in steps}
    released = {r.meter for r in sifted.resolved if r.ending == "released"}
    return (doubted - moved) | (released & moved)


def _earlier(
    earlier: Mapping[str, tuple[Rate, ...]], steps: list[Step]
) -> Mapping[str, tuple[Rate, ...]]:
    """The former prices, with those that these steps end."""
    ended = {s.meter: s.old for s in steps if s.old and s.kind != "returned"}
    if not ended:
        return earlier
    return {**earlier, **{m: (*earlier.get(m, ()), r) for m, r in ended.items()}}


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
    if before is not None and before.reason == reason and known.absence is None:
        return []
    hold = Hold(WHOLE_KEY, reason, key, key, previous_at=stamp.previous_at)
    held = {**known.held, WHOLE_KEY: Held(reason, key, previous_at=stamp.previous_at)}
    after = replace(known, held=held, absence=None, renamed_to=None)
    return [
        KeyChange(
            key=key,
            card=after,
            born=card is None,
            at=stamp.observed_at,
            holds=() if before is not None and before.reason == reason else (hold,),
            presence=known.absence is not None,
        )
    ]


def _named(change: KeyChange, names: Mapping[str, str]) -> KeyChange:
    if change.key not in names:
        return change
    return replace(change, card=replace(change.card, renamed_to=names[change.key]))


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
    if first and not past_deprecation(card, stamp.observed_at):
        return KeyChange(key, replace(card, absence=absence), presence=True)
    steps = diff(card.rates, {})
    return KeyChange(
        key=key,
        card=KeyCard(
            offer=card.offer,
            earlier=_earlier(card.earlier, steps),
            withdrawn_at=absence.since,
            renamed_to=card.renamed_to,
        ),
        steps=tuple(steps),
        since=absence.last_seen,
        at=absence.since,
        facts_closed=tuple(card.facts),
        resolved=tuple(Resolved(meter, "lapsed") for meter in card.held),
        presence=True,
    )


def past_deprecation(card: KeyCard, at: datetime) -> bool:
    """Whether the date that the source gave for a model's end has come."""
    return has_come(card.facts.get("deprecation_date", ""), at)


def has_come(date: str, at: datetime) -> bool:
    """Whether a date, as a source writes it, is not after an instant's day."""
    found = _DATE.match(date)
    return found is not None and tuple(map(int, found.groups())) <= (
        at.year,
        at.month,
        at.day,
    )
