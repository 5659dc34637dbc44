"""The subject of a digest: the news in a line."""

from tracker.reports.digest import Digest
from tracker.reports.moves import Card, Weight
from tracker.reports.wording import counted, short, step

LONG = 120
"""About how long a subject may be."""

_SAID = {
    "amendments": "taken back",
    "new": "new",
    "gone": "withdrawn",
    "back": "back again",
    "ending": "ending soon",
    "ahead": "scheduled",
    "held": "held for review",
    "corrections": "corrected",
    "flaps": "flapped",
    "facts": "with other limits",
    "rates": "with other rates",
    "elsewhere": "said elsewhere",
}


def subject_of(digest: Digest) -> str:
    """The news in a line: how many prices changed, and whose first."""
    cards = digest.cards
    if not cards:
        return _quiet_subject(digest)
    begin = counted(len(cards), "price change")
    names = list(dict.fromkeys(_headlines(digest)))
    told: list[str] = []
    for name in names:
        if told and len(begin) + sum(map(len, told)) + len(name) > LONG:
            break
        told.append(name)
    more = ", …" if len(told) < len(names) else ""
    return f"{begin}: {', '.join(told)}{more}"


def _headlines(digest: Digest) -> list[str]:
    """Each card by its model, each fan by its provider; what matters most first.

    A model is named once, whoever sells it: resellers put its maker before its name.
    """
    found: list[tuple[Weight, str]] = []
    for group in digest.groups:
        first = [family[0] for family in group.families]
        found += [(c.weight, f"{short(c.bare, 40)} {badge(c)}") for c in first]
        for fan in group.fans:
            name = f"{len(fan)} {short(group.provider, 30)} models {badge(fan[0])}"
            found.append((max(card.weight for card in fan), name))
    return [name for _, name in sorted(found, reverse=True)]


def _quiet_subject(digest: Digest) -> str:
    told = [
        f"{section.counted} {_SAID[section.key]}"
        for section in digest.sections
        if section.key in _SAID and section.news
    ]
    if not told:
        return "No price changes"
    return f"No price moved; {', '.join(told[:3])}{', …' if told[3:] else ''}"


def badge(card: Card) -> str:
    """How far a card moved; where its meters differ, from least to most."""
    plain_moves = [m for m in card.moves if m.meter in ("input", "output")]
    moves = sorted(plain_moves or card.moves, key=lambda m: m.ratio)
    steps = list(dict.fromkeys(step(m.old, m.new) for m in (moves[0], moves[-1])))
    if len(steps) == 1:
        return steps[0]
    if moves[-1].ratio < 1:
        steps.reverse()
    return " … ".join(steps)
