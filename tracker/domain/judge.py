"""The judge: what to make of each price change.

Raw changes are easy; people need to know which of them are true. The rules
(`tracker.domain.rules`) look at one change each; here their findings are put
together, because a card is judged, not a field: what is found of one rate holds
for the others that moved with it by the same ratio on the same day.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from tracker.domain.chronicle import Chronicle, Step, price_at, price_before
from tracker.domain.gate import THRESHOLDS
from tracker.domain.rules import RULES, Case, Finding
from tracker.domain.rules.lifetimes import FLAP

_ORDER = {"held": 0, "correction": 1, "flap": 2, "move": 3}

_ONE_STORY = frozenset({"unit_error", "placeholder_filled", "rounding"})

MANY = 3
"""So many cards that become one other's on a day are a redirect, not repairs."""

_DOUBTFUL = frozenset({"launch_fix", "column_slip", "contradicted", "unit_error"})

_SHARED = frozenset({"contradicted", "launch_fix", "late", "flap", "copied"})
"""Reasons that rest on the whole card; a slip in one field is its own."""

Card = tuple[str, str, datetime]
"""A source, a key, and an instant at which its card changed."""

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
    "one_ratio": "half of a provider moved by one ratio; held until it lasts",
    "denied": "two other sources still state the old price; held until one follows",
    "to_zero": "dropped to zero: free, or not known any more; nobody confirms it",
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
    _redirected(book, chosen, found)
    _unsettled_slices(book, chosen, found)
    return found


def _unsettled_slices(
    book: Chronicle, chosen: list[Step], found: dict[int, Finding]
) -> None:
    """Half of a provider moved by one ratio: its Batch tab may have been read.

    That is held for as long as a flap may undo it, unless another source agrees.
    """
    slices: dict[tuple[str, str, datetime, str], list[Step]] = defaultdict(list)
    for step in chosen:
        if found[step.id].verdict == "move" and step.old:
            provider = book.offers[step.source, step.key].provider
            ratio = f"{step.ratio:.4g}"
            slices[step.source, provider, step.at, ratio].append(step)
    for (source, provider, _, _), members in slices.items():
        offers = {book.offers[step.source, step.key] for step in members}
        priced = {book.offers[source, k] for k in book.by_provider[source, provider]}
        few = len(offers) < THRESHOLDS.slice_offers
        if few or len(offers) < THRESHOLDS.slice_share * len(priced):
            continue
        _hold_slice(book, members, found)


def _hold_slice(
    book: Chronicle, members: list[Step], found: dict[int, Finding]
) -> None:
    first = members[0]
    if book.last_at.get(first.source, first.at) - first.at >= FLAP:
        return
    if any("confirmed_by" in found[step.id].evidence for step in members):
        return
    shown = {"offers": str(len(members))}
    for step in members:
        found[step.id] = Finding("held", "one_ratio", 0.3, shown)


def _redirected(book: Chronicle, chosen: list[Step], found: dict[int, Finding]) -> None:
    """Models that are now served by another at its price: that is a move."""
    targets = redirects(book)
    counts = Counter((at, target) for (_, _, at), target in targets.items())
    for step in chosen:
        target = targets.get((step.source, step.key, step.at))
        doubtful = found[step.id].reason in _DOUBTFUL
        if target and doubtful and counts[step.at, target] >= MANY:
            shown = {"redirected_to": target}
            found[step.id] = Finding("move", "", 0.7, shown)


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


def stories(book: Chronicle, found: Mapping[int, Finding]) -> dict[int, str]:
    """Which story each step belongs to, by the step's id.

    Steps of one provider, day and ratio are one story, and all its unit errors of a
    day, whatever their factors; so are the cards that
    became one other offer's card on one day (retired models served by another).
    """
    targets = redirects(book)
    return {step.id: _story(book, step, targets, found) for step in book.steps}


def _story(
    book: Chronicle,
    step: Step,
    targets: Mapping[Card, str],
    found: Mapping[int, Finding],
) -> str:
    provider = book.offers[step.source, step.key].provider
    day = step.at.date().isoformat()
    target = targets.get((step.source, step.key, step.at))
    if target is not None:
        return f"{step.source}/{provider}/{day}/to {target}"
    ratio = f"{step.ratio:.3g}" if step.old else "new"
    if found[step.id].reason in _ONE_STORY:
        return f"{step.source}/{provider}/{day}/{found[step.id].reason}"
    return f"{step.source}/{provider}/{day}/x{ratio}"


def redirects(book: Chronicle) -> dict[Card, str]:
    """Cards that became another offer's card: by (source, key, instant), its key.

    Input and output must both have moved, to those of a key of the same provider
    that had them before; a target counts where two cards or more came to it.
    """
    moved: dict[Card, set[str]] = defaultdict(set)
    for step in book.steps:
        moved[step.source, step.key, step.at].add(step.meter)
    found: dict[Card, str] = {}
    for (source, key, at), meters in moved.items():
        if {"input", "output"} <= meters:
            target = _target(book, source, key, at)
            if target is not None:
                found[source, key, at] = target
    counts = Counter((at, target) for (_, _, at), target in found.items())
    return {k: target for k, target in found.items() if counts[k[2], target] > 1}


def _target(book: Chronicle, source: str, key: str, at: datetime) -> str | None:
    card = book.card(source, key, at)
    provider = book.offers[source, key].provider
    place = (source, provider, "input", card.get("input", -1))
    for other in sorted(book.priced_alike.get(place, ())):
        its = [
            (price_before(series, at), price_at(series, at))
            for series in (book.of(source, other, m) for m in ("input", "output"))
        ]
        wanted = [(card.get(m), card.get(m)) for m in ("input", "output")]
        if other != key and its == wanted:
            return other
    return None
