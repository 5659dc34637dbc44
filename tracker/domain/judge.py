"""The judge: what to make of each price change.

Raw changes are easy; people need to know which of them are true. The rules
(`tracker.domain.rules`) look at one change each; here their findings are put
together, because a card is judged, not a field: what is found of one rate holds
for the others that moved with it by the same ratio on the same day.
"""

from collections import defaultdict
from collections.abc import Iterable

from tracker.domain.chronicle import Chronicle, Step
from tracker.domain.rules import RULES, Case, Finding

_ORDER = {"correction": 0, "flap": 1, "move": 2}

_SHARED = frozenset({"contradicted", "launch_fix", "late", "flap", "copied"})
"""Reasons that rest on the whole card; a slip in one field is its own."""

REASONS = {
    "unit_error": "a unit error corrected; it never cost that",
    "placeholder_filled": "the first price that is not zero; zero stood for unknown",
    "rounding": "the same price, written with more or fewer digits",
    "column_slip": "a number in the wrong field, put right or put wrong",
    "copied": "the price of a sibling or another region, replaced",
    "guessed": "a tier's price that had been derived, replaced by the listed one",
    "launch_fix": "repaired in its first two weeks; it never cost that",
    "contradicted": "another source watched all the time and never saw the old price",
    "flap": "left and taken again within eight weeks; nothing moved",
    "late": "moved earlier, as another source shows; noticed only now",
    "": "the price moved",
}
"""What a reason means, in words a person understands."""


def judge(
    book: Chronicle, steps: Iterable[Step] | None = None, *, hindsight: bool = True
) -> dict[int, Finding]:
    """A finding for each step, by its id.

    Args:
        book: all that was ever said.
        steps: which to judge; all if None. Steps of one card must come together.
        hindsight: whether what came after a step may be used.
    """
    chosen = list(book.steps if steps is None else steps)
    found = {step.id: _first(Case(step, book, hindsight)) for step in chosen}
    cards: dict[tuple[object, ...], list[Step]] = defaultdict(list)
    for step in chosen:
        cards[step.source, step.key, step.at, f"{step.ratio:.4g}"].append(step)
    for members in cards.values():
        _share(members, found)
    return found


def _first(case: Case) -> Finding:
    for rule in RULES:
        finding = rule(case)
        if finding is not None:
            return finding
    raise AssertionError("the last rule always finds")


def _share(members: list[Step], found: dict[int, Finding]) -> None:
    """Rates of one card that moved alike share what rests on the whole card."""
    strongest = min((found[step.id] for step in members), key=_strength)
    if strongest.reason not in _SHARED:
        return
    for step in members:
        if _strength(strongest) < _strength(found[step.id]):
            found[step.id] = strongest


def _strength(finding: Finding) -> tuple[int, int]:
    return _ORDER[finding.verdict], 0 if finding.reason else 1


def story_of(step: Step, provider: str) -> str:
    """Which story a step belongs to: one provider, day and ratio."""
    ratio = f"{step.ratio:.4g}" if step.old else "new"
    return f"{step.source}/{provider}/{step.at.date().isoformat()}/x{ratio}"
