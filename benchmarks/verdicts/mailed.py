"""The stories that a subscriber to some providers is mailed, month by month."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from benchmarks.verdicts.scoring import Call
from tracker.domain.chronicle import Chronicle, Step

PROVIDERS = ("openai", "anthropic", "gemini", "deepseek", "mistral", "xai")
"""Six that sell what they make."""


def stories_by_month(
    book: Chronicle, stories: Mapping[int, str], calls: Iterable[Call]
) -> dict[str, list[int]]:
    """How many stories each month brings: all of them, then by what is called a move.

    litellm's alone, so that one event counts once.

    Args:
        book: all that was said.
        stories: each step's story, by its id.
        calls: judges; a story is mailed if one of its steps is called a move.
    """
    mailed: dict[str, list[set[str]]] = {}
    judges = [_everything, *calls]
    for step in book.steps:
        if _subscribed(book, step):
            month = mailed.setdefault(f"{step.at:%Y-%m}", [set() for _ in judges])
            for told, call in zip(month, judges, strict=True):
                if call(step) == "move":
                    told.add(stories[step.id])
    return {month: [len(told) for told in mailed[month]] for month in sorted(mailed)}


def by_year(months: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """The months of a year added up."""
    found: dict[str, list[int]] = defaultdict(list)
    for month, counts in months.items():
        before = found[month[:4]] or [0] * len(counts)
        found[month[:4]] = [a + b for a, b in zip(before, counts, strict=True)]
    return dict(found)


def _everything(_: Step) -> str:
    return "move"


def _subscribed(book: Chronicle, step: Step) -> bool:
    offer = book.offers[step.source, step.key]
    return step.source == "litellm" and offer.provider in PROVIDERS
