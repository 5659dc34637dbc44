"""Stories as pages tell them: who, what moved and how far, and every change of it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import groupby
from typing import Any

from storage.reading.news import change_name
from storage.reading.telling import Turn
from tracker.asking.stories import Story
from tracker.domain.addresses import story_anchor
from tracker.domain.families import PLATFORMS
from tracker.domain.judge import REASONS
from tracker.domain.offers import FIRST_PARTY, Offer
from tracker.reports.wording import step
from tracker.web.model.anchors import anchor_of

Row = Mapping[str, Any]

EACH = 40
"""Up to so many changes of a story each are a link of their own; of a larger story the
offers are, to the first of their changes, so that a page stays small.
"""
FEW = 6
"""Up to so many changes are shown at once."""
NAMED = 3
"""How many models a story's line names; the rest is counted."""

PHRASES = {
    "new": "listed for the first time",
    "first seen": "there at this source's first reading",
    "withdrawn": "no longer listed",
    "retired": "past their last day and gone",
    "renamed": "renamed?",
    "returned": "listed again",
    "rates added": "with rates they did not have",
    "rates dropped": "with rates gone",
    "rates back": "with rates back",
}
"""What happened, after how many offers it happened to."""

FAMILIES = {
    "gpt": "openai",
    "chatgpt": "openai",
    "claude": "anthropic",
    "gemini": "gemini",
    "deepseek": "deepseek",
    "grok": "xai",
    "mistral": "mistral",
    "qwen": "dashscope",
    "kimi": "moonshot",
    "glm": "zai",
    "zai": "zai",
    "llama": "meta",
    "minimax": "minimax",
}
"""Who makes the models whose names begin like this; makers sell each other's, too."""

_ORDER = (
    *("move", "new", "renamed", "retired", "withdrawn", "returned", "held"),
    *("correction", "flap", "rates dropped", "rates added", "rates back"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One change: prices in nano-units, None where there is none; `anchor` is where
    it stands on the page of its model, empty if it is no link.
    """

    meter: str
    kind: str
    old: int | None
    new: int | None
    currency: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Line:
    """The changes of one offer in a story, under one of its source's names.

    `key` is that name where the story has several of one offer, else empty.
    """

    offer: Offer
    key: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A story on a page.

    Attributes:
        id: its element; the same after a rebuild.
        at: when it was seen, and `since` when the state before it was.
        source: who says so.
        what: `changed`, `new`, ... as `tracker.asking.stories.Plot` has it.
        kind: of its changes, as the timeline has it.
        verdict: what the judge makes of it; empty for what came and went.
        because: what it means.
        shown_on: the day from which the prices held, if another source shows it.
        providers: who sells the offers, the one with most of them first.
        names: of models, a few.
        unnamed: how many more there are.
        extremes: the smallest and the largest step, as old and new price.
        lines: every change, by offer.
        linked: whether each change is a link of its own.
        was: the verdict before this one, if it was taken back, and when: `back_at`.
    """

    id: str
    at: datetime
    since: datetime | None
    source: str
    what: str
    kind: str
    verdict: str
    because: str
    shown_on: datetime | None
    providers: tuple[str, ...]
    names: tuple[str, ...]
    unnamed: int
    extremes: tuple[tuple[int, int], ...]
    lines: tuple[Line, ...]
    linked: bool
    was: str = ""
    back_at: datetime | None = None

    @property
    def seller(self) -> str:
        """Who sells the offers; empty if there are several."""
        return self.providers[0] if len(self.providers) == 1 else ""

    @property
    def offers(self) -> int:
        """How many offers it is about."""
        return len({line.offer for line in self.lines})

    @property
    def changes(self) -> int:
        """How many changes it is made of."""
        return sum(len(line.steps) for line in self.lines)

    @property
    def few(self) -> bool:
        """Whether its changes can stand where they are, without a click."""
        return self.changes <= FEW

    @property
    def phrase(self) -> str:
        """What happened, for a story that is no step between prices."""
        return PHRASES.get(self.what, "")


def card_of(story: Story, turns: Mapping[str, Turn]) -> Card:
    """A story as a page shows it.

    Args:
        story: the story.
        turns: verdicts that were taken back, by the change's name.
    """
    first = story.rows[0]
    names = story.names
    back = _taken_back(story.rows, turns) if story.verdict else None
    linked = len(story.rows) <= EACH or bool(story.verdict)
    return Card(
        id=story_id(story.plot.name),
        at=story.at,
        since=first["previous_seen_at"],
        source=story.source,
        what=story.plot.what,
        kind=first["kind"],
        verdict=story.verdict,
        because=_because(story),
        shown_on=first["effective_at"] if story.verdict == "move" else None,
        providers=tuple(story.providers),
        names=tuple(names[:NAMED]),
        unnamed=max(0, len(names) - NAMED),
        extremes=extremes(story.rows) if story.verdict else (),
        lines=tuple(lines_of(story.rows, linked=linked)),
        linked=linked,
        was=back.was if back else "",
        back_at=back.at if back else None,
    )


def _because(story: Story) -> str:
    """What it means, where that is not said anyway."""
    plain = story.plot.what in PHRASES or story.because == REASONS[""]
    return "" if plain else story.because[:1].upper() + story.because[1:]


def story_id(name: str) -> str:
    """The id of a story's element, the same for the same story."""
    return story_anchor(name)


def _taken_back(rows: Sequence[Row], turns: Mapping[str, Turn]) -> Turn | None:
    """The newest turn of any of these changes that led to the verdict they have."""
    if not turns:
        return None
    found = [turns[n] for row in rows if (n := change_name(row)) in turns]
    return max(found, key=lambda turn: turn.at, default=None)


def lines_of(rows: Iterable[Row], *, linked: bool = True) -> Iterable[Line]:
    """Changes by offer, in the order of their names.

    Args:
        rows: the changes.
        linked: whether each is a link of its own; else the first of an offer is.
    """
    ordered = sorted(rows, key=_by_key)
    keys = Counter(offer for offer, _ in {_by_key(row) for row in ordered})
    for (offer, key), members in groupby(ordered, key=_by_key):
        steps = tuple(
            _step(row, anchored=linked or not n) for n, row in enumerate(members)
        )
        yield Line(Offer(*offer), key if keys[offer] > 1 else "", steps)


def _by_key(row: Row) -> tuple[tuple[str, str, str], str]:
    return (row["provider"], row["model"], row["region"]), row["source_key"]


def _step(row: Row, *, anchored: bool) -> Step:
    return Step(
        row["meter"],
        row["kind"],
        row["old_price_nano"],
        row["new_price_nano"],
        row["currency"],
        anchor_of(row) if anchored else "",
    )


def extremes(rows: Iterable[Row]) -> tuple[tuple[int, int], ...]:
    """The smallest and the largest step as old and new price; one if they agree."""
    found = {
        (row["old_price_nano"] or 0, row["new_price_nano"])
        for row in rows
        if row["new_price_nano"] is not None
    }
    ordered = sorted(found, key=lambda ends: (ratio(*ends), ends))
    if not ordered:
        return ()
    least, most = ordered[0], ordered[-1]
    return (least,) if step(*least) == step(*most) else (least, most)


def ratio(old: int, new: int) -> Fraction:
    """New by old; a thousand where it was free before, as digests count it."""
    return Fraction(new, old) if old else Fraction(1000 if new else 1)


def by_weight(card: Card) -> tuple[Any, ...]:
    """The order within a day: moves first, makers before resellers, many first."""
    known = card.verdict or card.what
    place = _ORDER.index(known) if known in _ORDER else len(_ORDER)
    seller = card.providers[0]
    return place, standing(seller), -card.offers, seller, card.id


def is_own(offer: Offer) -> bool:
    """Whether its seller made it, as far as the names tell."""
    if offer.provider not in FIRST_PARTY or offer.provider in PLATFORMS:
        return False
    if "/" in offer.model:
        return False
    family = re.match(r"[a-z]*", offer.model.lower())
    made_by = FAMILIES.get(family[0] if family else "", offer.provider)
    return made_by == offer.provider


def standing(provider: str) -> int:
    """Who sells what it makes comes first, in the order in which names are read."""
    made = provider in FIRST_PARTY
    return FIRST_PARTY.index(provider) if made else len(FIRST_PARTY)
