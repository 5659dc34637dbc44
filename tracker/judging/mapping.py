"""Names that meet no other source's: kept, listed, and each with its likeliest twin."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from storage import agreement
from storage.unit_of_work import Store
from tracker.domain.families import family_of, words_of
from tracker.domain.offers import Offer

ALIKE = 0.5
"""The share of words that two names have in common before one is worth a look."""


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A source's name for something that no other source states.

    `near` is a name of the same provider that another source alone has, and that
    shares most words with it; empty if none does.
    """

    source: str
    key: str
    offer: Offer
    near: str


def unmapped(store: Store, *, provider: str | None = None) -> list[Unmapped]:
    """Every name that stands alone, of providers that two sources or more speak of."""
    with store.reading() as connection:
        alone = agreement.standing_alone(connection, provider)
    pool: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in alone:
        pool[row["provider"]][row["source"]].add(row["model"])
    return [
        Unmapped(
            source=row["source"],
            key=row["source_key"],
            offer=Offer(row["provider"], row["model"], row["region"]),
            near=_nearest(row["model"], _others(pool[row["provider"]], row["source"])),
        )
        for row in alone
    ]


def _others(by_source: dict[str, set[str]], source: str) -> set[str]:
    return set().union(*(names for who, names in by_source.items() if who != source))


def _nearest(model: str, names: Iterable[str]) -> str:
    mine = words_of(family_of(model))
    scored = ((_likeness(mine, words_of(family_of(name))), name) for name in names)
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= ALIKE else ""


def _likeness(mine: frozenset[str], its: frozenset[str]) -> float:
    return len(mine & its) / (len(mine | its) or 1)
