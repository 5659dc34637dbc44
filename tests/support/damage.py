"""Bodies that arrived damaged, and what a page's parser made of a body."""

import random
from collections.abc import Iterator
from types import ModuleType

from tracker.domain.errors import UnreadableBody
from tracker.domain.money import plain
from tracker.domain.quotes import Document, Statement

Card = dict[str, str]
"""Prices by meter, in whole units of the currency."""


def card(said: Statement) -> Card:
    """The prices that hold without a date."""
    return {key: plain(quote.price_nano) for key, quote in said.quotes.items()}


def statements(page: ModuleType, document: Document) -> dict[str, Statement]:
    """All that a document says, by key."""
    return {key: page.flatten(key, e) for key, e in document.entries.items()}


def cards(page: ModuleType, body: bytes) -> dict[str, Card]:
    """The prices of a body, by key."""
    said = statements(page, page.parse(body))
    return {key: card(statement) for key, statement in said.items()}


def read(page: ModuleType, body: bytes) -> dict[str, Card] | None:
    """The prices of a body; None if it is refused, in one line."""
    try:
        return cards(page, body)
    except UnreadableBody as fault:
        if not str(fault) or "\n" in str(fault):
            raise AssertionError(f"not one line: {fault}") from fault
        return None


def cut(body: bytes, times: int) -> Iterator[bytes]:
    """The body cut off at so many places, evenly spread, and near its end."""
    places = {len(body) * n // times for n in range(times)}
    places |= {len(body) - n for n in range(1, min(40, len(body)))}
    return (body[:place] for place in sorted(places))


def flipped(body: bytes, times: int) -> Iterator[bytes]:
    """The body with one to three bytes changed, so many times, always the same."""
    dice = random.Random(20261122)  # noqa: S311  # not for secrets
    for _ in range(times):
        changed = bytearray(body)
        for _ in range(dice.randint(1, 3)):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        yield bytes(changed)


def is_part_of(found: dict[str, Card] | None, whole: dict[str, Card]) -> bool:
    """Whether every price that was read is one of the whole body's."""
    return found is None or all(
        whole.get(key, {}).get(meter) == price
        for key, prices in found.items()
        for meter, price in prices.items()
    )
