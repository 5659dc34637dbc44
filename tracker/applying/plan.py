"""What a capture would do: worked out before the gate, judged as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from storage.captures import StoredCapture
from tracker.domain import gate
from tracker.domain.diff import Step
from tracker.domain.quotes import Document, Statement
from tracker.domain.ratecard import KeyCard
from tracker.domain.timeline import past_deprecation


@dataclass(frozen=True, slots=True)
class Plan:
    """What a capture would do, before the gate.

    Attributes:
        capture: which.
        document: its parsed body.
        statements: what it says of keys that are new, differ or wait for release.
        cards: what is known of all keys it may change.
        proposals: the steps it would take, by key.
        novel: entries with fields that the last document did not know.
    """

    capture: StoredCapture
    document: Document
    statements: Mapping[str, Statement]
    cards: Mapping[str, KeyCard]
    proposals: Mapping[str, list[Step]]
    novel: int


def completed(document: Document, before: Document | None) -> Document:
    """A document that is only a part, with what was known of the rest."""
    if document.complete or before is None:
        return document
    return replace(document, entries={**before.entries, **document.entries})


def changed_keys(before: Document | None, document: Document) -> set[str]:
    """Keys whose entries are new or differ, and those that were doubtful."""
    known = before.entries if before else {}
    doubtful = before.held_keys.keys() if before else ()
    return {
        key
        for key, entry in document.entries.items()
        if key not in known or known[key] != entry or key in doubtful
    }


def census_of(before: Document, plan: Plan) -> gate.Census:
    """A capture beside the last document, in counts."""
    at = plan.capture.observed_at
    gone = before.entries.keys() - plan.document.entries.keys()
    lost = [k for k in gone if k in plan.cards]
    changed = [
        (plan.cards[key], step)
        for key, steps in plan.proposals.items()
        for step in steps
        if step.kind == "changed" and _counts(plan.cards[key], step)
    ]
    return gate.Census(
        before=len(before.entries),
        lost=sum(1 for key in lost if not past_deprecation(plan.cards[key], at)),
        entries=len(plan.document.entries),
        novel=plan.novel,
        changed=len(changed),
        gone_back=sum(1 for card, step in changed if gate.gone_back(step, card)),
    )


def _counts(card: KeyCard, step: Step) -> bool:
    """Whether a step tells of this capture: not if it repeats a value that is held
    already, or takes back one that was.
    """
    held = card.held.get(step.meter)
    waits = held is not None and held.rate == step.new
    return not (waits or gate.undone(step, card))


def says_the_same(first: Plan, later: Plan) -> bool:
    """Whether most of what the first capture would do, the later would do too."""
    did, does = _effects(first), _effects(later)
    return bool(did) and len(did & does) >= gate.THRESHOLDS.same_share * len(did)


def _effects(plan: Plan) -> set[tuple[str, str, object]]:
    """The keys that a capture leaves out, and the values it brings."""
    present = plan.document.entries.keys()
    known = [key for key, card in plan.cards.items() if card.withdrawn_at is None]
    lost = {(key, "", None) for key in known if key not in present}
    steps = ((key, step) for key, steps in plan.proposals.items() for step in steps)
    return lost | {(k, s.meter, s.new) for k, s in steps if s.new is not None}
