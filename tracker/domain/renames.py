"""Whether a key that vanished came back under another name."""

from collections import defaultdict
from collections.abc import Mapping
from difflib import SequenceMatcher

from tracker.domain.ratecard import KeyCard

SIMILAR = 0.6
"""How alike two model names must be (1 is equal). Renames in the litellm series
add or drop a date, a vendor prefix or a `-preview`; they stay above this."""


def rename_candidates(
    gone: Mapping[str, KeyCard], born: Mapping[str, KeyCard]
) -> dict[str, str]:
    """For each vanished key, the one new key that may be its new name.

    Same provider and region, a similar name, the same card, and exactly one such key;
    otherwise nothing is said.
    """
    by_card: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for key, card in born.items():
        if card.rates:
            by_card[_signature(card)].append(key)
    found = {}
    for key, card in gone.items():
        model = card.offer.model
        alike = [
            other
            for other in (by_card.get(_signature(card), []) if card.rates else [])
            if _similar(model, born[other].offer.model)
        ]
        if len(alike) == 1:
            found[key] = alike[0]
    return found


def _signature(card: KeyCard) -> tuple[object, ...]:
    return (
        card.offer.provider,
        card.offer.region,
        tuple(sorted((m, r) for m, r in _plain(card))),
    )


def _plain(card: KeyCard) -> list[tuple[str, tuple[int, str]]]:
    return [(m, (r.price_nano, r.currency)) for m, r in card.rates.items()]


def _similar(one: str, other: str) -> bool:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= SIMILAR and matcher.ratio() >= SIMILAR
